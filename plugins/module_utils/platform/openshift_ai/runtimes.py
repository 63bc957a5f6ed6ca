# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serving runtimes, each with the accelerators that its image is made for.

Where the cluster serves ClusterServingRuntime they are for all namespaces, else one in each namespace that has a model for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from ...common.findings import CheckFinding
from ...common.write_findings import listed
from ..catalogue import RuntimeFacts
from ..desired.model import MANAGED, OpenShiftAi, RuntimeWanted
from ..parts import RUNTIMES, Context, PartPlan, WantedObject
from ..verdicts import failed, not_asked, passed, seen, unknown
from .apis import CLUSTER_RUNTIME, RUNTIME, is_served
from .check_list import KSERVE, RUNTIME_ACCELERATOR, RUNTIME_ARGS, RUNTIME_IMAGE, RUNTIME_NAME, SERVING
from .dsc import state_of
from .objects import NAME_RULE, is_label, meant, metadata_of_name, repeated, wanted_object

RECOMMENDED: Final = "opendatahub.io/recommended-accelerators"
GPU_TYPES: Final = "serving.kserve.io/gpu-resource-types"
KNOWN_TO_KSERVE: Final = frozenset({"nvidia.com/gpu", "amd.com/gpu", "intel.com/gpu", "habana.ai/gaudi"})
"""Resources that KServe takes for accelerators by itself (kserve, pkg/constants: DefaultGPUResourceTypeList); others it takes for CPU."""

CONTAINER: Final = "kserve-container"
DEFAULT_PORT: Final = 8080
_DIGEST: Final = re.compile(r"[^@\s]+@sha256:[0-9a-f]{64}")
_PATH: Final = "openshift_ai.runtimes"
_DISPLAY: Final = "openshift.io/display-name"


def plan_runtimes(wanted: OpenShiftAi, context: Context) -> PartPlan:
    """The runtimes, and whether KServe is there for them."""
    findings = _kserve(wanted, context)
    findings += [
        failed(RUNTIME_NAME, f"runtime {name} (repeated)", f"{name} stands more than once", _PATH)
        for name in repeated([runtime.name for runtime in wanted.runtimes])
    ]
    objects: list[WantedObject] = []
    known: set[str] = set()
    for number, runtime in enumerate(wanted.runtimes):
        path, facts = f"{_PATH}[{number}]", facts_of(runtime, context)
        findings += [_named(runtime, path), _image(runtime, path), *_accelerators(runtime, context, path), _args(runtime, facts, path)]
        if runtime.name not in known and (runtime.args or facts):
            objects += _runtimes(runtime, facts, wanted, context, path)
        known.add(runtime.name)
    return PartPlan(tuple(objects), findings=tuple(findings))


def is_pinned(image: str) -> bool:
    """Whether an image is named by its digest."""
    return bool(_DIGEST.fullmatch(image))


def gpu_types(resources: Iterable[str]) -> dict[str, str]:
    """The annotation for resources that KServe would take for CPU; empty where there are none."""
    unknown_there = sorted({resource for resource in resources if resource not in KNOWN_TO_KSERVE})
    return {GPU_TYPES: json.dumps(unknown_there)} if unknown_there else {}


def facts_of(runtime: RuntimeWanted, context: Context) -> RuntimeFacts | None:
    """What the shipped catalogue knows of a runtime: by its name, else by its format and the vendor of its accelerators."""
    known = context.catalogue.runtimes
    if runtime.name in known:
        return known[runtime.name]
    vendors = {group.vendor for group in context.fleet.groups if group.resource in runtime.accelerators}
    fitting = [facts for _name, facts in sorted(known.items()) if set(facts.formats) & set(runtime.formats)]
    of_vendor = [facts for facts in fitting if vendors & set(facts.vendors)]
    return next(iter([*of_vendor, *fitting]), None)


# ---- findings --------------------------------------------------------------------------------------------------------------


def _kserve(wanted: OpenShiftAi, context: Context) -> list[CheckFinding]:
    if not wanted.runtimes and not wanted.models:
        return []
    state, path = state_of("kserve", wanted, context.snapshot), "openshift_ai.components.kserve"
    if state == MANAGED:
        return [passed(KSERVE, "component kserve", path)]
    return [failed(KSERVE, "component kserve", f"runtimes and models need KServe, which is {state or 'not named'}", path)]


def _named(runtime: RuntimeWanted, path: str) -> CheckFinding:
    subject = f"runtime {runtime.name}"
    if is_label(runtime.name):
        return passed(RUNTIME_NAME, subject, path)
    return failed(RUNTIME_NAME, subject, f"{runtime.name!r} is no name: {NAME_RULE}", f"{path}.name")


def _image(runtime: RuntimeWanted, path: str) -> CheckFinding:
    subject, place = f"runtime {runtime.name}", f"{path}.image"
    if is_pinned(runtime.image):
        return passed(RUNTIME_IMAGE, subject, place)
    evidence = seen(f"runtime {runtime.name}", "image", runtime.image, "name@sha256:<64 hexadecimal digits>")
    return failed(RUNTIME_IMAGE, subject, "its image is not pinned by a digest", place, evidence=evidence)


def _accelerators(runtime: RuntimeWanted, context: Context, path: str) -> list[CheckFinding]:
    place, found, known = f"{path}.accelerators", [], context.fleet.resources
    for resource in runtime.accelerators:
        subject = f"runtime {runtime.name} {resource}"
        if context.desired.accelerators is None:
            found.append(not_asked(RUNTIME_ACCELERATOR, subject, "the document has no section accelerators"))
            continue
        if resource in known:
            found.append(passed(RUNTIME_ACCELERATOR, subject, place))
        elif context.fleet.unknown or not known:
            reason = context.fleet.unknown or "no accelerator is known"
            found.append(unknown(RUNTIME_ACCELERATOR, subject, reason, place, "see the findings on the accelerators"))
        else:
            message = f"{resource} is no resource of an accelerator that is known{meant(resource, known)}"
            found.append(failed(RUNTIME_ACCELERATOR, subject, message, place, remedy=f"known are {listed(sorted(known))}"))
    return found


def _args(runtime: RuntimeWanted, facts: RuntimeFacts | None, path: str) -> CheckFinding:
    subject, place = f"runtime {runtime.name}", f"{path}.args"
    if runtime.args or facts:
        return passed(RUNTIME_ARGS, subject, place)
    message = f"no arguments are given, and none are known for the formats {listed(list(runtime.formats))}"
    return failed(RUNTIME_ARGS, subject, message, place)


# ---- objects ---------------------------------------------------------------------------------------------------------------


def _runtimes(runtime: RuntimeWanted, facts: RuntimeFacts | None, wanted: OpenShiftAi, context: Context, path: str) -> list[WantedObject]:
    spec = {"spec": _spec(runtime, facts)}
    annotations = {_DISPLAY: runtime.name, **({RECOMMENDED: json.dumps(list(runtime.accelerators))} if runtime.accelerators else {})}
    for_all = is_served(CLUSTER_RUNTIME, context.snapshot) or not is_served(RUNTIME, context.snapshot)
    api, namespaces = (CLUSTER_RUNTIME, [""]) if for_all else (RUNTIME, namespaces_of(runtime.name, wanted))
    return [
        wanted_object(
            context,
            api,
            metadata_of_name(runtime.name, namespace, annotations=annotations),
            spec,
            layer=SERVING,
            path=path,
            rank=RUNTIMES,
        )
        for namespace in namespaces
    ]


def namespaces_of(runtime: str, wanted: OpenShiftAi) -> Sequence[str]:
    """Namespaces with a model that this runtime serves."""
    return sorted({model.namespace for model in wanted.models if model.runtime == runtime})


def _spec(runtime: RuntimeWanted, facts: RuntimeFacts | None) -> dict[str, Any]:
    port = facts.port if facts else DEFAULT_PORT
    annotations = {"prometheus.kserve.io/path": "/metrics", "prometheus.kserve.io/port": str(port), **gpu_types(runtime.accelerators)}
    container = {
        "name": CONTAINER,
        "image": runtime.image,
        "args": list(runtime.args or (facts.args if facts else ())),
        "ports": [{"containerPort": port, "protocol": "TCP"}],
    }
    return {
        "annotations": annotations,
        "multiModel": False,
        "supportedModelFormats": [{"name": name, "autoSelect": True} for name in runtime.formats],
        "containers": [container],
    }
