# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The DataScienceCluster: the components that are wanted, by the names of the version that is served."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from ...common.findings import CheckFinding
from ...common.owned_fields import ApiObject, applied_fields
from ...common.write_findings import SINGLETON
from ...target.objects import at, name_of, text_at
from ..desired.model import MANAGED, REMOVED, UNMANAGED, OpenShiftAi
from ..parts import OPERANDS, Context, PartPlan, Wait
from ..snapshot import Named, PlatformSnapshot
from ..verdicts import failed, passed, seen
from .apis import DSC, api_version, version_of
from .check_list import AI_PLATFORM, DSC_COMPONENT, DSC_REGISTRIES, DSC_SINGLE, KUEUE_AUTO_QUEUES, PART
from .dsci import single_finding
from .objects import meant, metadata_of_name, wanted_object

DEFAULT_NAME: Final = "default-dsc"
MINUTES: Final = 30.0
_PATH: Final = "openshift_ai.components"
_AUTO: Final = "spec.components.kueue.autoCreateQueues"

_V2: Final = (
    "aigateway aipipelines dashboard feastoperator kserve kueue llamastackoperator mcplifecycleoperator mlflowoperator "
    "modelregistry ogx ray sparkoperator trainer trainingoperator trustyai workbenches"
)
_V1: Final = (
    "codeflare dashboard datasciencepipelines feastoperator kserve kueue llamastackoperator modelmeshserving modelregistry ray "
    "trainingoperator trustyai workbenches"
)
COMPONENTS: Final[Mapping[str, frozenset[str]]] = MappingProxyType({"v2": frozenset(_V2.split()), "v1": frozenset(_V1.split())})
"""Components by version of the API (opendatahub-operator 3.6, CRD of the DataScienceCluster)."""

_RENAMED: Final = (("datasciencepipelines", "aipipelines"),)
"""Components that v1 and v2 name differently: v1's name, v2's name."""

_RETIRED: Final[Mapping[str, str]] = MappingProxyType({"trainingoperator": "use trainer instead"})
"""Components that can stay managed and cannot become it (rules of the CRD and the webhook)."""

_MAY_BE_UNMANAGED: Final = frozenset({"kueue"})


def plan_dsc(wanted: OpenShiftAi, context: Context) -> PartPlan:
    """The DataScienceCluster with the components that are wanted; of the others nothing is said."""
    if not wanted.components:
        return PartPlan()
    snapshot = context.snapshot
    version = version_of(DSC, snapshot)
    live = live_dsc(snapshot)
    findings = (
        single_finding(DSC_SINGLE, DSC.kind, DSC.resource, snapshot),
        *(_component(name, state, version, live) for name, state in sorted(wanted.components.items())),
        *_registries(wanted, live),
        *_auto_queues(live),
    )
    name = name_of(live) if live else DEFAULT_NAME
    spec = {"components": dict(sorted(_sections(wanted, version, live).items()))}
    ref = Named(api_version(DSC, snapshot), DSC.kind, "", name)
    item = wanted_object(
        context, DSC, metadata_of_name(name), {"spec": spec}, layer=AI_PLATFORM, path=_PATH, rank=OPERANDS + 1, claim=SINGLETON
    )
    return PartPlan((item,), (Wait(ref.text, PART, AI_PLATFORM, ref, MINUTES),), findings=findings)


def live_dsc(snapshot: PlatformSnapshot) -> ApiObject | None:
    """The DataScienceCluster that is there."""
    found = snapshot.all(DSC.resource)
    return found[0] if found else None


def state_of(component: str, wanted: OpenShiftAi, snapshot: PlatformSnapshot) -> str:
    """State of a component as the document wants it, or as it is where the document does not say; empty where nobody does."""
    live = live_dsc(snapshot) or {}
    return wanted.components.get(component) or text_at(live, f"spec.components.{component}.managementState")


def name_in(version: str, component: str) -> str:
    """The component's name in a version of the API."""
    for old, new in _RENAMED:
        if component in (old, new):
            return old if version == "v1" else new
    return component


# ---- findings --------------------------------------------------------------------------------------------------------------


def _component(name: str, state: str, version: str, live: ApiObject | None) -> CheckFinding:
    path, subject, known = f"{_PATH}.{name}", f"component {name}", COMPONENTS[version]
    there = name_in(version, name)
    if there not in known:
        message = f"the DataScienceCluster in {version} has no component {name}{meant(name, known)}"
        return failed(DSC_COMPONENT, subject, message, path, remedy=f"components are {', '.join(sorted(known))}")
    allowed = (UNMANAGED, REMOVED) if name in _MAY_BE_UNMANAGED else (MANAGED, REMOVED)
    if state not in allowed:
        message = f"{name} cannot be {state}: it may be {' or '.join(allowed)}"
        remedy = "Kueue comes from its own operator: use Unmanaged" if name == "kueue" else f"use {' or '.join(allowed)}"
        return failed(DSC_COMPONENT, subject, message, path, remedy=remedy)
    if state == MANAGED and there in _RETIRED and text_at(live or {}, f"spec.components.{there}.managementState") != MANAGED:
        return failed(DSC_COMPONENT, subject, f"{name} is obsolete and cannot be enabled any more", path, remedy=_RETIRED[there])
    return passed(DSC_COMPONENT, subject, path)


def _registries(wanted: OpenShiftAi, live: ApiObject | None) -> list[CheckFinding]:
    if wanted.registry is None:
        return []
    path, section = "openshift_ai.registry.namespace", "spec.components.modelregistry"
    there = text_at(live or {}, f"{section}.registriesNamespace")
    is_managed = text_at(live or {}, f"{section}.managementState") == MANAGED
    if is_managed and there and there != wanted.registry.namespace and wanted.components.get("modelregistry", MANAGED) == MANAGED:
        evidence = seen(DSC.kind, f"{section}.registriesNamespace", there, wanted.registry.namespace)
        message = f"it is {there} and cannot become {wanted.registry.namespace} while the component is managed"
        return [failed(DSC_REGISTRIES, "model registry", message, path, evidence=evidence)]
    return [passed(DSC_REGISTRIES, "model registry", path)]


def _auto_queues(live: ApiObject | None) -> list[CheckFinding]:
    if live is None or at(live, _AUTO) is None:
        return []
    if at(live, _AUTO) is True:
        evidence = seen(DSC.kind, _AUTO, "true", "false")
        message = "OpenShift AI makes a ClusterQueue of its own with all that the nodes have, without cohort or quotas of owners"
        return [failed(KUEUE_AUTO_QUEUES, DSC.kind, message, f"{_PATH}.kueue", evidence=evidence)]
    return [passed(KUEUE_AUTO_QUEUES, DSC.kind, f"{_PATH}.kueue")]


# ---- the object --------------------------------------------------------------------------------------------------------------


def _sections(wanted: OpenShiftAi, version: str, live: ApiObject | None) -> dict[str, dict[str, Any]]:
    sections: dict[str, dict[str, Any]] = {}
    for name, state in wanted.components.items():
        sections[name_in(version, name)] = {"managementState": state}
    if wanted.registry is not None and wanted.components.get("modelregistry") == MANAGED:
        sections["modelregistry"]["registriesNamespace"] = wanted.registry.namespace
    if wanted.components.get("kueue") == UNMANAGED and (at(live or {}, _AUTO) is True or _is_ours(live)):
        sections["kueue"]["autoCreateQueues"] = False
    return sections


def _is_ours(live: ApiObject | None) -> bool:
    """Whether the switch was set by this collection: it is not given up then. Older releases do not have it, so it is not set unasked."""
    owned = applied_fields(live) if live else None
    fields: object = owned[1] if owned else None
    for step in _AUTO.split("."):
        fields = fields.get(f"f:{step}") if isinstance(fields, Mapping) else None
    return fields is not None
