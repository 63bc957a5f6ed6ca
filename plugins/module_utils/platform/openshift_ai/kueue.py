# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kueue: its operator's settings by the version that is installed, the root cohort and the priorities of workloads.

Queues of owners belong to their namespaces. OpenShift AI only knows of Kueue (component kueue, Unmanaged): it brings none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from ...common.findings import WARNING, CheckFinding
from ...common.owned_fields import ApiObject
from ...common.write_findings import MISSING, SINGLETON
from ...target.objects import maps_at, name_of, texts_at
from ..desired.model import REMOVED, UNMANAGED, OpenShiftAi, Queues
from ..parts import OPERANDS, QUEUES, Context, PartPlan, Wait, WantedObject
from ..snapshot import Named
from ..verdicts import failed, passed, seen, unknown
from .apis import COHORTS, KUEUE, PRIORITIES, Api, api_version, brought_by, is_served
from .check_list import (
    COHORT,
    KUEUE_COMPONENT,
    KUEUE_FRAMEWORK,
    KUEUE_OPERATOR,
    KUEUE_VERSION,
    PART,
    PRIORITY,
)
from .check_list import QUEUES as LAYER
from .dsc import state_of
from .objects import NAME_RULE, is_name, meant, metadata_of_name, repeated, wanted_object

CSVS: Final = "clusterserviceversions.operators.coreos.com"
MINUTES: Final = 10.0
_PATH: Final = "openshift_ai.queues"
USUAL: Final = ("BatchJob",)
"""Frameworks of a Kueue that has none yet, where the document names none."""
_CSV: Final = re.compile(r"kueue-operator\.v(\d+)\.(\d+)(?:\..*)?")
_LEAST_VALUE, _LARGEST_VALUE = -(2**31), 2**31 - 1


@dataclass(frozen=True, slots=True)
class Release:
    """What is known of a minor of the Kueue operator."""

    upstream: str
    """Kueue's own minor that it brings"""
    api: str
    """newest version of the queues' API"""
    first_openshift: tuple[int, int] = (4, 18)
    """OpenShift minors that it supports"""
    last_openshift: tuple[int, int] | None = None

    @property
    def openshift(self) -> str:
        """For people: `4.18 and later`."""
        first = _dotted(self.first_openshift)
        return f"{first} to {_dotted(self.last_openshift)}" if self.last_openshift else f"{first} and later"

    def supports(self, openshift: tuple[int, int]) -> bool:
        """Whether it is supported on an OpenShift minor."""
        return self.first_openshift <= openshift and (self.last_openshift is None or openshift <= self.last_openshift)


RELEASES: Final[Mapping[tuple[int, int], Release]] = MappingProxyType(
    {
        (1, 0): Release("0.11", "v1beta1", last_openshift=(4, 19)),
        (1, 1): Release("0.12", "v1beta1"),
        (1, 2): Release("0.14", "v1beta1"),
        (1, 3): Release("0.16", "v1beta2"),
        (1, 4): Release("0.18", "v1beta2"),
    }
)
"""Minors of the operator (release notes of Red Hat build of Kueue, 1.0 to 1.4.1); of a newer one the rules of the last are taken."""

_FROM_THE_START: Final = (
    "AppWrapper BatchJob Deployment JaxJob JobSet LeaderWorkerSet MPIJob PaddleJob Pod PyTorchJob RayCluster RayJob RayService "
    "StatefulSet TFJob XGBoostJob"
)
FRAMEWORKS: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {**dict.fromkeys(_FROM_THE_START.split(), (1, 0)), "TrainJob": (1, 2), "SparkApplication": (1, 4)}
)
"""Frameworks and the first minor of the operator that knows them (CRD of kueue.openshift.io; opendatahub-operator, component kueue)."""

_SUPPORTED_FROM: Final[Mapping[str, tuple[int, int]]] = MappingProxyType({"JobSet": (1, 3), "LeaderWorkerSet": (1, 3)})
"""Frameworks that older minors take as well and are not supported with (release notes of 1.3)."""


def plan_kueue(wanted: OpenShiftAi, context: Context) -> PartPlan:
    """The operator's settings, the root cohort and the priorities."""
    findings = _operator(wanted, context)
    queues = wanted.queues
    if queues is None:
        return PartPlan(findings=tuple(findings))
    minor = minor_of(context)
    findings += [
        _component(wanted, context),
        _version(minor, context),
        *_frameworks(frameworks_of(queues, context), minor),
        _cohort_name(queues),
        *_priorities(queues),
    ]
    objects = (_settings(queues, context), *_queue_objects(queues, context))
    ref = Named(api_version(KUEUE, context.snapshot), KUEUE.kind, "", "cluster")
    return PartPlan(objects, (Wait(ref.text, PART, LAYER, ref, MINUTES),), findings=tuple(findings))


def minor_of(context: Context) -> tuple[int, int] | None:
    """Minor of the Kueue operator that the document pins, else of the one that is installed; None where nobody knows."""
    operator = brought_by(KUEUE, context.desired, context.catalogue)
    wanted = context.desired.operators.wanted if context.desired.operators else ()
    names = [found.version for found in wanted if found.name == operator and found.version]
    names += sorted(name_of(item) for item in context.snapshot.all(CSVS) if _owns_kueue(item))
    for name in names:
        if found := _CSV.fullmatch(name):
            return int(found[1]), int(found[2])
    return None


def queues_version(context: Context) -> str:
    """Version of the queues' API that comes with the operator, where the cluster does not serve it yet."""
    release = _release(minor_of(context))
    return release.api if release else ""


def _owns_kueue(csv: ApiObject) -> bool:
    owned = maps_at(csv, "spec.customresourcedefinitions.owned")
    return any(entry.get("name") == KUEUE.resource for entry in owned)


def _release(minor: tuple[int, int] | None) -> Release | None:
    older = [known for known in RELEASES if minor is not None and known <= minor]
    return RELEASES[max(older)] if older else None


# ---- findings --------------------------------------------------------------------------------------------------------------


def _operator(wanted: OpenShiftAi, context: Context) -> list[CheckFinding]:
    if wanted.queues is None and wanted.components.get("kueue") != UNMANAGED:
        return []
    path, subject = _PATH if wanted.queues else "openshift_ai.components.kueue", "Kueue operator"
    if is_served(KUEUE, context.snapshot) or brought_by(KUEUE, context.desired, context.catalogue):
        return [passed(KUEUE_OPERATOR, subject, path)]
    message = "the cluster does not serve kueues.kueue.openshift.io, and no operator of the document brings it"
    return [failed(KUEUE_OPERATOR, subject, message, path, MISSING)]


def _component(wanted: OpenShiftAi, context: Context) -> CheckFinding:
    state, path = state_of("kueue", wanted, context.snapshot), "openshift_ai.components.kueue"
    if state == UNMANAGED:
        return passed(KUEUE_COMPONENT, "component kueue", path)
    evidence = seen("DataScienceCluster", "spec.components.kueue.managementState", state or REMOVED, UNMANAGED)
    message = f"the component kueue is {state or 'not named'}: OpenShift AI does not send its workloads to queues"
    return failed(KUEUE_COMPONENT, "component kueue", message, path, evidence=evidence)


def _version(minor: tuple[int, int] | None, context: Context) -> CheckFinding:
    subject, release = "Kueue operator", _release(minor)
    if minor is None:
        reason = context.snapshot.why_not(CSVS) or "neither an installed version of the Kueue operator is known nor one that is pinned"
        return unknown(KUEUE_VERSION, subject, reason, _PATH, "pin its version in operators.wanted")
    text, known = _dotted(minor), ", ".join(_dotted(found) for found in sorted(RELEASES))
    if release is None or minor not in RELEASES:
        taken = (
            f"those of {_dotted(max(found for found in RELEASES if found <= minor))} are taken"
            if release
            else f"known are those of {known}"
        )
        evidence = seen("ClusterServiceVersion", "metadata.name", text, known)
        return failed(KUEUE_VERSION, subject, f"the rules of {text} are not known; {taken}", _PATH, evidence=evidence)
    openshift = _minor(context.snapshot.cluster.openshift_version)
    if openshift and not release.supports(openshift):
        evidence = seen("ClusterVersion version", "status.desired.version", _dotted(openshift), release.openshift)
        message = f"{text} supports OpenShift {release.openshift}; this is {_dotted(openshift)}"
        return failed(KUEUE_VERSION, subject, message, _PATH, evidence=evidence, severity=WARNING)
    return passed(KUEUE_VERSION, subject, _PATH, f"{text}, which brings Kueue {release.upstream}")


def supported_versions() -> list[tuple[str, str, str, str]]:
    """The table of supported versions: operator, Kueue, newest API of the queues, OpenShift."""
    return [(_dotted(minor), release.upstream, release.api, release.openshift) for minor, release in sorted(RELEASES.items())]


def _dotted(minor: tuple[int, int]) -> str:
    return f"{minor[0]}.{minor[1]}"


def _minor(version: str) -> tuple[int, int] | None:
    parts = version.split(".")
    return (int(parts[0]), int(parts[1])) if len(parts) > 1 and parts[0].isdigit() and parts[1].isdigit() else None


def frameworks_of(queues: Queues, context: Context) -> tuple[str, ...]:
    """The frameworks that are wanted: where the document does not say, those that Kueue has, else jobs."""
    if queues.frameworks is not None:
        return queues.frameworks
    live = context.snapshot.get(KUEUE.resource, "", "cluster")
    return tuple(texts_at(live, "spec.config.integrations.frameworks")) or USUAL


def _frameworks(wanted: Sequence[str], minor: tuple[int, int] | None) -> list[CheckFinding]:
    path, found = f"{_PATH}.frameworks", []
    if not wanted:
        found.append(failed(KUEUE_FRAMEWORK, "frameworks", "there is none: Kueue would manage nothing", path))
    found += [failed(KUEUE_FRAMEWORK, f"framework {name} (repeated)", f"{name} is named more than once", path) for name in repeated(wanted)]
    for name in dict.fromkeys(wanted):
        first, subject = FRAMEWORKS.get(name), f"framework {name}"
        if first is None:
            message = f"Kueue knows no framework {name}{meant(name, FRAMEWORKS)}"
            found.append(failed(KUEUE_FRAMEWORK, subject, message, path, remedy=f"frameworks are {', '.join(sorted(FRAMEWORKS))}"))
        elif minor is not None and minor < first:
            message = f"{name} came with {_dotted(first)} of the Kueue operator; this is {_dotted(minor)}"
            found.append(failed(KUEUE_FRAMEWORK, subject, message, path))
        elif minor is None and first > min(FRAMEWORKS.values()):
            reason = f"{name} came with {_dotted(first)} of the Kueue operator, whose version is not known"
            found.append(unknown(KUEUE_FRAMEWORK, subject, reason, path, "pin its version in operators.wanted"))
        elif minor is not None and minor < _SUPPORTED_FROM.get(name, minor):
            message = f"{name} is supported from {_dotted(_SUPPORTED_FROM[name])} of the Kueue operator on; this is {_dotted(minor)}"
            found.append(failed(KUEUE_FRAMEWORK, subject, message, path, severity=WARNING, refuses=False))
        else:
            found.append(passed(KUEUE_FRAMEWORK, subject, path))
    return found


def _cohort_name(queues: Queues) -> CheckFinding:
    path, subject = f"{_PATH}.cohort", f"cohort {queues.cohort}"
    if is_name(queues.cohort):
        return passed(COHORT, subject, path)
    return failed(COHORT, subject, f"{queues.cohort!r} is no name: {NAME_RULE}", path)


def _priorities(queues: Queues) -> list[CheckFinding]:
    path = f"{_PATH}.priorities"
    names = [found.name for found in queues.priorities]
    findings = [failed(PRIORITY, f"priority {name} (repeated)", f"{name} stands more than once", path) for name in repeated(names)]
    for wanted in {found.name: found for found in queues.priorities}.values():
        subject = f"priority {wanted.name}"
        if not is_name(wanted.name):
            findings.append(failed(PRIORITY, subject, f"{wanted.name!r} is no name: {NAME_RULE}", path))
        elif not _LEAST_VALUE <= wanted.value <= _LARGEST_VALUE:
            message = f"{wanted.value} is not between {_LEAST_VALUE} and {_LARGEST_VALUE}"
            findings.append(failed(PRIORITY, subject, message, path))
        else:
            findings.append(passed(PRIORITY, subject, path))
    return findings


# ---- objects ---------------------------------------------------------------------------------------------------------------


def _settings(queues: Queues, context: Context) -> WantedObject:
    frameworks = list(dict.fromkeys(frameworks_of(queues, context)))
    spec = {"managementState": "Managed", "config": {"integrations": {"frameworks": frameworks}}}
    path = f"{_PATH}.frameworks"
    return wanted_object(context, KUEUE, {"name": "cluster"}, {"spec": spec}, layer=LAYER, path=path, rank=OPERANDS, claim=SINGLETON)


def _queue_objects(queues: Queues, context: Context) -> list[WantedObject]:
    objects = [_queue_object(context, COHORTS, queues.cohort, {"spec": {}}, f"{_PATH}.cohort")]
    for found in {wanted.name: wanted for wanted in queues.priorities}.values():
        body = {"value": found.value, **({"description": found.description} if found.description else {})}
        objects.append(_queue_object(context, PRIORITIES, found.name, body, f"{_PATH}.priorities"))
    return objects


def _queue_object(context: Context, api: Api, name: str, body: Mapping[str, Any], path: str) -> WantedObject:
    version = queues_version(context)
    return wanted_object(context, api, metadata_of_name(name), body, layer=LAYER, path=path, rank=QUEUES, version=version)


def names_of_priorities(queues: Queues | None, context: Context) -> tuple[str, ...]:
    """Priorities that workloads can have: those of the document and those that are there."""
    wanted = [found.name for found in queues.priorities] if queues else []
    return tuple(sorted({*wanted, *(name_of(item) for item in context.snapshot.all(PRIORITIES.resource))}))
