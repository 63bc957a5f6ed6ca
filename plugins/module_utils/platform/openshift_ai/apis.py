# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds that the part writes: in which version, and which operator of the document brings them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ...common.findings import CheckFinding
from ..catalogue import Catalogue
from ..desired.keys import PRESENT
from ..desired.model import PlatformDesired
from ..parts import Context
from ..snapshot import PlatformSnapshot
from ..verdicts import failed, seen
from .check_list import CRD

AI_PACKAGES: Final = ("rhods-operator", "opendatahub-operator")
KUEUE_PACKAGES: Final = ("kueue-operator",)
_PATH: Final = "operators.wanted"


@dataclass(frozen=True, slots=True)
class Api:
    """A kind: `versions` are those that are written, the preferred one first; `packages` those of operators that bring it."""

    group: str
    kind: str
    plural: str
    versions: tuple[str, ...]
    packages: tuple[str, ...] = AI_PACKAGES

    @property
    def resource(self) -> str:
        """Id of its list, which is the name of its CRD too."""
        return f"{self.plural}.{self.group}"


_SERVING: Final = "serving.kserve.io"
_KUEUE: Final = "kueue.x-k8s.io"
DSCI: Final = Api("dscinitialization.opendatahub.io", "DSCInitialization", "dscinitializations", ("v2", "v1"))
DSC: Final = Api("datasciencecluster.opendatahub.io", "DataScienceCluster", "datascienceclusters", ("v2", "v1"))
AUTH: Final = Api("services.platform.opendatahub.io", "Auth", "auths", ("v1alpha1",))
PROFILE: Final = Api("infrastructure.opendatahub.io", "HardwareProfile", "hardwareprofiles", ("v1", "v1alpha1"))
REGISTRY: Final = Api("modelregistry.opendatahub.io", "ModelRegistry", "modelregistries", ("v1beta1",))
RUNTIME: Final = Api(_SERVING, "ServingRuntime", "servingruntimes", ("v1alpha1",))
CLUSTER_RUNTIME: Final = Api(_SERVING, "ClusterServingRuntime", "clusterservingruntimes", ("v1alpha1",))
INFERENCE: Final = Api(_SERVING, "InferenceService", "inferenceservices", ("v1beta1",))
LLM_INFERENCE: Final = Api(_SERVING, "LLMInferenceService", "llminferenceservices", ("v1alpha2", "v1alpha1"))
KUEUE: Final = Api("kueue.openshift.io", "Kueue", "kueues", ("v1",), KUEUE_PACKAGES)
FLAVORS: Final = Api(_KUEUE, "ResourceFlavor", "resourceflavors", ("v1beta2", "v1beta1"), KUEUE_PACKAGES)
COHORTS: Final = Api(_KUEUE, "Cohort", "cohorts", ("v1beta2", "v1beta1"), KUEUE_PACKAGES)
PRIORITIES: Final = Api(_KUEUE, "WorkloadPriorityClass", "workloadpriorityclasses", ("v1beta2", "v1beta1"), KUEUE_PACKAGES)
LOCAL_QUEUES: Final = Api(_KUEUE, "LocalQueue", "localqueues", ("v1beta2", "v1beta1"), KUEUE_PACKAGES)


def version_of(api: Api, snapshot: PlatformSnapshot, otherwise: str = "") -> str:
    """The version in which objects are written: the first one that is served, else `otherwise`, else the preferred one."""
    return snapshot.version_of(api.group, api.kind, *api.versions) or otherwise or api.versions[0]


def api_version(api: Api, snapshot: PlatformSnapshot, otherwise: str = "") -> str:
    """Group and version, as objects name them."""
    return f"{api.group}/{version_of(api, snapshot, otherwise)}"


def is_served(api: Api, snapshot: PlatformSnapshot) -> bool:
    """Whether the cluster serves the kind, in whatever version."""
    return bool(snapshot.scope(api.group, api.kind))


def brought_by(api: Api, desired: PlatformDesired, catalogue: Catalogue) -> str:
    """Name of the operator of the document that brings the kind; empty where none does."""
    for wanted in desired.operators.wanted if desired.operators else ():
        facts = catalogue.operators.get(wanted.name)
        package = wanted.package or (facts.package if facts else "")
        if wanted.state == PRESENT and (package in api.packages or (facts and api.resource in facts.crds)):
            return wanted.name
    return ""


def crd_findings(context: Context, apis: Sequence[tuple[Api, str]]) -> list[CheckFinding]:
    """Kinds that nobody brings, and kinds that are served in no version that is known. `apis` are pairs of kind and place."""
    found = []
    for api, path in apis:
        subject, served = f"kind {api.kind}", context.snapshot.served.get((api.group, api.kind))
        if served is not None and not context.snapshot.version_of(api.group, api.kind, *api.versions):
            evidence = seen(
                f"CustomResourceDefinition {api.resource}", "spec.versions", ", ".join(served.versions), ", ".join(api.versions)
            )
            message = f"{api.kind} is served as {', '.join(served.versions)} only; known are {', '.join(api.versions)}"
            found.append(failed(CRD, subject, message, path, evidence=evidence, remedy="use a release of this collection that knows it"))
        elif served is None and not brought_by(api, context.desired, context.catalogue):
            message = f"the cluster does not serve {api.resource}, and no operator of the document brings it"
            found.append(failed(CRD, subject, message, path, "missing", remedy=f"add {' or '.join(api.packages)} to {_PATH}"))
    return found
