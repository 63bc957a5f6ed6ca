# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What OpenShift AI of a document cannot mean: what its CRDs take and its controllers and webhooks refuse.

Facts are those of opendatahub-operator at 0c0c9913c (3.6.0-ea.1) and kserve at aaac4e294.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from ..catalogue import Catalogue
from .model import (
    MANAGED,
    REMOVED,
    UNMANAGED,
    Bounds,
    DeviceClass,
    DeviceRequest,
    HardwareProfileWanted,
    ModelWanted,
    OpenShiftAi,
    PlatformDesired,
)
from .rules import Fault, fault, leads_nowhere, of_the_system, used_twice
from .shape import Path

_ROOT: Path = ("openshift_ai",)

COMPONENTS: Final = (
    "aigateway",
    "aipipelines",
    "codeflare",
    "dashboard",
    "datasciencepipelines",
    "feastoperator",
    "kserve",
    "kueue",
    "llamastackoperator",
    "mcplifecycleoperator",
    "mlflowoperator",
    "modelmeshserving",
    "modelregistry",
    "ogx",
    "ray",
    "sparkoperator",
    "trainer",
    "trainingoperator",
    "trustyai",
    "workbenches",
)
"""Components of a DataScienceCluster: properties of spec.components in v1 and v2 of its CRD. Which of them a cluster has, it tells."""

EVERYBODY: Final = "system:authenticated"
SCHEMES: Final = ("oci", "s3", "pvc", "hf")
LLM: Final = "LLMInferenceService"


def ai_faults(desired: PlatformDesired, wanted: OpenShiftAi, catalogue: Catalogue) -> Iterator[Fault]:
    """Every fault of the section."""
    yield from _names_used_twice(wanted)
    yield from _component_faults(wanted)
    yield from _access_faults(wanted)
    yield from _registry_faults(desired, wanted)
    requests = {request.name: request for request in desired.accelerators.requests} if desired.accelerators else {}
    priorities = [priority.name for priority in wanted.queues.priorities] if wanted.queues else None
    for number, profile in enumerate(wanted.hardware_profiles):
        yield from _profile_faults(profile, (*_ROOT, "hardware_profiles", number), requests, priorities)
    classes = {**catalogue.classes, **(desired.accelerators.classes if desired.accelerators else {})}
    runtimes = [runtime.name for runtime in wanted.runtimes]
    for number, model in enumerate(wanted.models):
        path = (*_ROOT, "models", number)
        yield from _model_faults(model, path, requests, runtimes)
        yield from _weights(model, path, requests.get(model.request), classes, catalogue)


def _names_used_twice(wanted: OpenShiftAi) -> Iterator[Fault]:
    profiles = [profile.name for profile in wanted.hardware_profiles]
    runtimes = [runtime.name for runtime in wanted.runtimes]
    for key, names in (("hardware_profiles", profiles), ("runtimes", runtimes)):
        yield from used_twice(((*_ROOT, key, number, "name"), name) for number, name in enumerate(names))
    if wanted.queues:
        place = (*_ROOT, "queues", "priorities")
        yield from used_twice(((*place, number, "name"), entry.name) for number, entry in enumerate(wanted.queues.priorities))
    models = (((*_ROOT, "models", number, "name"), f"{model.namespace}/{model.name}") for number, model in enumerate(wanted.models))
    yield from used_twice(models)


def _component_faults(wanted: OpenShiftAi) -> Iterator[Fault]:
    for name, state in wanted.components.items():
        path = (*_ROOT, "components", name)
        yield from leads_nowhere(path, name, COMPONENTS, "component of a DataScienceCluster")
        if name == "kueue" and state == MANAGED:
            remedy = "write Unmanaged, and put operator kueue into operators.wanted"
            yield fault(path, "is Managed, which the webhook of OpenShift AI denies: Kueue comes with its own operator", remedy)
        elif name != "kueue" and state == UNMANAGED:
            yield fault(path, "is Unmanaged, which kueue alone can be", f"allowed are {MANAGED}, {REMOVED}")
    if wanted.queues and wanted.components.get("kueue") == REMOVED:
        yield fault((*_ROOT, "queues"), "are given, and component kueue is Removed", "let openshift_ai.components.kueue be Unmanaged")


def _access_faults(wanted: OpenShiftAi) -> Iterator[Fault]:
    yield from of_the_system((*_ROOT, "applications_namespace"), wanted.applications_namespace, ())
    if wanted.monitoring is not None:
        yield from of_the_system((*_ROOT, "monitoring", "namespace"), wanted.monitoring.namespace, ())
    if wanted.auth is None:
        return
    path = (*_ROOT, "auth", "admin_groups")
    if not wanted.auth.admin_groups:
        yield fault(path, "is empty, which the CRD of Auth refuses", "name at least one group")
    if EVERYBODY in wanted.auth.admin_groups:
        message = f"makes everybody an administrator ({EVERYBODY}), which the CRD of Auth refuses"
        yield fault((*path, wanted.auth.admin_groups.index(EVERYBODY)), message, "name a group of your own")


def _registry_faults(desired: PlatformDesired, wanted: OpenShiftAi) -> Iterator[Fault]:
    if wanted.registry is None:
        return
    path = (*_ROOT, "registry")
    if desired.prerequisites is None or desired.prerequisites.model_registry_database is None:
        yield fault(path, "has no database", "describe it in prerequisites.model_registry_database, or leave the registry out")
    if wanted.components.get("modelregistry") != MANAGED:
        remedy = "let openshift_ai.components.modelregistry be Managed"
        yield fault(path, "is given, and component modelregistry is not Managed: nobody would run it", remedy)
    yield from of_the_system((*path, "namespace"), wanted.registry.namespace, ())


def _profile_faults(
    profile: HardwareProfileWanted, path: Path, requests: Collection[str], priorities: Sequence[str] | None
) -> Iterator[Fault]:
    yield from leads_nowhere((*path, "request"), profile.request, requests, "request of accelerators.requests")
    for key, bounds in (("cpu", profile.cpu), ("memory_gib", profile.memory_gib)):
        yield from _bounds((*path, key), bounds)
    if profile.priority and not profile.queue:
        yield fault((*path, "priority"), "is given without queue", "name the LocalQueue, or leave the priority out")
    if priorities is not None:
        yield from leads_nowhere((*path, "priority"), profile.priority, priorities, "priority of openshift_ai.queues.priorities")


def _bounds(path: Path, bounds: Bounds) -> Iterator[Fault]:
    if not bounds.min <= bounds.default <= bounds.max:
        message = f"has min {bounds.min:g}, default {bounds.default:g}, max {bounds.max:g}, which the CRD takes and no workload can use"
        yield fault(path, message, "let min be at most default, and default at most max")


def _model_faults(model: ModelWanted, path: Path, requests: Collection[str], runtimes: Collection[str]) -> Iterator[Fault]:
    yield from of_the_system((*path, "namespace"), model.namespace, ())
    yield from leads_nowhere((*path, "request"), model.request, requests, "request of accelerators.requests")
    yield from leads_nowhere((*path, "runtime"), model.runtime, runtimes, "runtime of openshift_ai.runtimes")
    if model.kind != LLM and not model.runtime:
        yield fault((*path, "runtime"), "is missing", "name one of openshift_ai.runtimes")
    scheme, has_scheme, rest = model.uri.partition("://")
    if not has_scheme or not rest or scheme not in SCHEMES:
        yield fault((*path, "uri"), f"is {model.uri!r}", f"allowed are {', '.join(f'{word}://…' for word in SCHEMES)}")
    elif scheme == "hf" and not model.online:
        remedy = "bring the weights into a registry, an object store or a volume of yours, or say online: true"
        yield fault((*path, "uri"), "takes weights from the internet", remedy)
    elif scheme == "s3" and not model.storage_secret:
        yield fault((*path, "storage_secret"), "is missing", "name the Secret of the model's namespace with the access to the object store")


def _weights(
    model: ModelWanted, path: Path, request: DeviceRequest | None, classes: Mapping[str, DeviceClass], catalogue: Catalogue
) -> Iterator[Fault]:
    """A model whose weights alone do not fit into the devices that its request names."""
    facts = catalogue.models.get(model.name)
    asked = classes.get(request.device_class) if request else None
    if facts is None or request is None or asked is None:
        return
    there = asked.memory_gib * request.count
    if there < facts.weights_gib:
        message = f"is {request.name}, at least {there:g} GiB on {request.count} device(s)"
        weights = f"the weights of {model.name} take {facts.weights_gib:g} GiB"
        yield fault((*path, "request"), f"{message}, and {weights}", "ask for more devices, or for a larger class")
