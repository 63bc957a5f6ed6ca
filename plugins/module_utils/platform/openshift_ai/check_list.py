# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the openshift_ai part. Those that refuse hold what the CRDs accept and the controllers or their webhooks deny."""

from __future__ import annotations

from typing import Final

from ...common.findings import INFORMATION, OBJECT_CHECK, WARNING
from ..checks import Check

PART: Final = "openshift_ai"
QUEUES, AI_PLATFORM, SERVING, MODELS = "queues", "ai_platform", "serving", "models"

_WEBHOOK: Final = "opendatahub-operator, internal/webhook"
_DSCI_CRD: Final = "dscinitialization.opendatahub.io, rules of the CRD"
_DSC_CRD: Final = "datasciencecluster.opendatahub.io, rules of the CRD"
_DOCUMENT: Final = "document, openshift_ai"


def _check(word: str, layer: str, title: str, remedy: str, source: str, *, severity: str = "critical", refuses: bool = False) -> Check:
    return Check(f"platform.{PART}.{word}", PART, layer, title, remedy, source, severity, refuses)


def _rule(word: str, layer: str, title: str, remedy: str, source: str) -> Check:
    return _check(word, layer, title, remedy, source, refuses=True)


OBJECT: Final = _check(OBJECT_CHECK, AI_PLATFORM, "An object is as desired", "apply the document", "the API server, by a dry run")
CRD: Final = _rule(
    "crd",
    AI_PLATFORM,
    "The cluster serves the kind in a version that is known, or an operator of the document brings it",
    "add the operator that brings the kind to operators.wanted",
    "discovery of the API server",
)
# ---- DSCInitialization and DataScienceCluster -----------------------------------------------------------------------------
DSCI_SINGLE: Final = _rule(
    "dsci.single", AI_PLATFORM, "There is one DSCInitialization at most", "remove all but one", f"{_WEBHOOK}: a second one is denied"
)
DSCI_NAMESPACE: Final = _rule(
    "dsci.applications_namespace",
    AI_PLATFORM,
    "The namespace of the applications stays what it is",
    "write the namespace that the DSCInitialization has into openshift_ai.applications_namespace",
    f"{_DSCI_CRD}: ApplicationsNamespace is immutable",
)
DSCI_MONITORING_NAMESPACE: Final = _rule(
    "dsci.monitoring_namespace",
    AI_PLATFORM,
    "The namespace of the monitoring stays what it is",
    "write the namespace that the DSCInitialization has into openshift_ai.monitoring.namespace",
    f"{_DSCI_CRD}: MonitoringNamespace is immutable",
)
DSCI_STORAGE: Final = _rule(
    "dsci.monitoring_storage",
    AI_PLATFORM,
    "Metrics are stored where they are retained or alerted on, in a volume of a size that can be",
    "give openshift_ai.monitoring.storage a quantity such as 20Gi, or leave out the retention",
    f"{_DSCI_CRD}: alerting requires metrics.storage",
)
DSC_SINGLE: Final = _rule(
    "dsc.single", AI_PLATFORM, "There is one DataScienceCluster at most", "remove all but one", f"{_WEBHOOK}: a second one is denied"
)
DSC_COMPONENT: Final = _rule(
    "dsc.component",
    AI_PLATFORM,
    "Each component is one that the DataScienceCluster has in the version that is served, in a state that it may have",
    "correct openshift_ai.components",
    f"{_DSC_CRD}; {_WEBHOOK}: kueue Managed and retired components are denied",
)
DSC_REGISTRIES: Final = _rule(
    "dsc.registries_namespace",
    AI_PLATFORM,
    "The namespace of the model registries stays what it is while the component is managed",
    "write the namespace that the DataScienceCluster has into openshift_ai.registry.namespace",
    f"{_DSC_CRD}: RegistriesNamespace is immutable",
)
AUTH_GROUPS: Final = _rule(
    "auth.groups",
    AI_PLATFORM,
    "There is an administrators' group, none is empty, and it is not everybody",
    "name groups of administrators in openshift_ai.auth.admin_groups",
    "services.platform.opendatahub.io Auth, rules of the CRD",
)
AUTH_EXISTS: Final = _check(
    "auth.group_exists",
    AI_PLATFORM,
    "The groups that may use or administer OpenShift AI exist",
    "create the group or have it synchronised, or correct openshift_ai.auth",
    "user.openshift.io Group: OpenShift AI binds roles to names and does not look whether they exist",
    severity=WARNING,
)
# ---- queues ---------------------------------------------------------------------------------------------------------------
KUEUE_OPERATOR: Final = _rule(
    "kueue.operator",
    QUEUES,
    "Kueue comes from its own operator, which is there or comes with the document",
    "add the Kueue operator to operators.wanted",
    f"{_WEBHOOK}: kueue Managed is denied; opendatahub-operator needs the operator for kueue Unmanaged",
)
KUEUE_COMPONENT: Final = _check(
    "kueue.component",
    QUEUES,
    "OpenShift AI knows of Kueue where queues are asked for",
    "set openshift_ai.components.kueue to Unmanaged",
    "opendatahub-operator, component kueue",
    severity=WARNING,
)
KUEUE_VERSION: Final = _check(
    "kueue.version",
    QUEUES,
    "The version of the Kueue operator is one whose rules are known, on an OpenShift that it supports",
    "see the table of supported versions in docs/platform.md",
    "release notes of Red Hat build of Kueue, 1.0 to 1.4.1",
    severity=INFORMATION,
)
KUEUE_FRAMEWORK: Final = _rule(
    "kueue.framework",
    QUEUES,
    "Each framework is one that the version of the Kueue operator knows, and is named once",
    "correct openshift_ai.queues.frameworks",
    "kueue.openshift.io Kueue, spec.config.integrations.frameworks",
)
KUEUE_AUTO_QUEUES: Final = _check(
    "kueue.auto_queues",
    QUEUES,
    "OpenShift AI makes no queue of its own with all that the nodes have",
    "apply the document: it sets spec.components.kueue.autoCreateQueues to false",
    "opendatahub-operator, internal/controller/components/kueue: one ClusterQueue with all allocatable capacity",
)
COHORT: Final = _rule(
    "kueue.cohort", QUEUES, "The root cohort has a name that can be", "correct openshift_ai.queues.cohort", "kueue.x-k8s.io Cohort"
)
PRIORITY: Final = _rule(
    "kueue.priority",
    QUEUES,
    "Each priority has a name of its own that can be, and a value of 32 bits",
    "correct openshift_ai.queues.priorities",
    "kueue.x-k8s.io WorkloadPriorityClass, value",
)
FLAVOR: Final = _rule(
    "kueue.flavor",
    QUEUES,
    "Each flavor stands for one set of nodes, with 8 labels and 8 tolerations at most",
    "let the pools of the accelerators differ in fewer labels",
    "kueue.x-k8s.io ResourceFlavor, rules of the CRD",
)
EXTRA: Final = _check(
    "kueue.extra",
    QUEUES,
    "There is no flavor, cohort or priority beside those of the document",
    "remove it where nothing uses it, or waive the finding: it is never removed from here",
    _DOCUMENT,
    severity=WARNING,
)
# ---- hardware profiles ----------------------------------------------------------------------------------------------------
PROFILE_NAME: Final = _rule(
    "profile.name",
    SERVING,
    "Each hardware profile has a name of its own that can be",
    "correct openshift_ai.hardware_profiles",
    "Kubernetes, names of objects",
)
PROFILE_BOUNDS: Final = _rule(
    "profile.bounds",
    SERVING,
    "Of each amount least <= usual <= largest",
    "correct the bounds in openshift_ai.hardware_profiles",
    "infrastructure.opendatahub.io HardwareProfile: the CRD takes any order, and no workload fits then",
)
PROFILE_REQUEST: Final = _check(
    "profile.request",
    SERVING,
    "The request whose accelerators a hardware profile offers can be served",
    "correct the request, or the pools that serve it",
    "accelerators.requests",
)
PROFILE_SCHEDULING: Final = _rule(
    "profile.scheduling",
    SERVING,
    "A priority is given only with a queue, and is one of the document or the cluster",
    "give the profile a queue, or leave out its priority",
    "infrastructure.opendatahub.io HardwareProfile, rules of the CRD",
)
# ---- serving runtimes and models ------------------------------------------------------------------------------------------
RUNTIME_NAME: Final = _rule(
    "runtime.name",
    SERVING,
    "Each serving runtime has a name of its own that can be",
    "correct openshift_ai.runtimes",
    "Kubernetes, names of objects",
)
RUNTIME_IMAGE: Final = _check(
    "runtime.image",
    SERVING,
    "The image of a serving runtime is pinned by its digest",
    "write the image as registry/name@sha256:...",
    f"{_DOCUMENT}.runtimes: a tag means another image tomorrow",
)
RUNTIME_ACCELERATOR: Final = _check(
    "runtime.accelerator",
    SERVING,
    "The accelerators of a serving runtime are resources that are known",
    "correct openshift_ai.runtimes[].accelerators",
    "accelerators: resource names of the fleet",
    severity=WARNING,
)
RUNTIME_ARGS: Final = _rule(
    "runtime.args",
    SERVING,
    "The arguments of a serving runtime's container are given, or known of runtimes for its format",
    "give openshift_ai.runtimes[].args",
    "shipped catalogue, runtimes",
)
KSERVE: Final = _rule(
    "kserve",
    SERVING,
    "KServe is managed where runtimes or models are asked for",
    "set openshift_ai.components.kserve to Managed",
    "opendatahub-operator, component kserve",
)
MODEL_NAME: Final = _rule(
    "model.name",
    MODELS,
    "Each model has a name of its own in its namespace that can be",
    "use lower-case letters, digits and hyphens, with a letter first",
    "KServe, validation of InferenceServices",
)
MODEL_NAMESPACE: Final = _check(
    "model.namespace",
    MODELS,
    "The namespace of a model is there",
    "create the namespace: it belongs to whoever owns the model",
    f"{_DOCUMENT}.models",
)
MODEL_URI: Final = _rule(
    "model.uri",
    MODELS,
    "A model's weights come from oci://, s3:// or pvc://, and from the internet only where that is said",
    "correct openshift_ai.models[].uri",
    "KServe, storage URIs",
)
MODEL_SECRET: Final = _check(
    "model.secret",
    MODELS,
    "The Secret with the access to the object store is in the model's namespace and has its keys",
    "create the Secret with these keys in the namespace of the model",
    "opendatahub-operator, config/connectionAPI; the values are never looked at",
)
MODEL_REQUEST: Final = _check(
    "model.request",
    MODELS,
    "The request of a model can be served by accelerators that its runtime is made for",
    "correct the request or the runtime in openshift_ai.models",
    "accelerators.requests",
)
MODEL_RUNTIME: Final = _rule(
    "model.runtime",
    MODELS,
    "An InferenceService has a runtime, which is one of the document",
    "name one in openshift_ai.models[].runtime",
    "KServe, InferenceService, spec.predictor.model.runtime",
)
MODEL_MEMORY: Final = _check(
    "model.memory",
    MODELS,
    "The weights of a known model fit into the memory of its accelerators",
    "ask for more or larger accelerators",
    "shipped catalogue, models",
)
REGISTRY_DATABASE: Final = _check(
    "registry.database",
    AI_PLATFORM,
    "A model registry has a database, whose Secret is in the registry's namespace",
    "give prerequisites.model_registry_database",
    "modelregistry.opendatahub.io ModelRegistry: passwordSecret is in the namespace of the object",
)
REGISTRY_COMPONENT: Final = _rule(
    "registry.component",
    AI_PLATFORM,
    "The component modelregistry is managed where a registry is asked for",
    "set openshift_ai.components.modelregistry to Managed",
    "opendatahub-operator, component modelregistry",
)
# ---- ready to serve -------------------------------------------------------------------------------------------------------
READY_RUNTIME: Final = _check(
    "serving.runtime",
    SERVING,
    "There is a serving runtime for each kind of accelerator that a namespace may use",
    "add a runtime for it to openshift_ai.runtimes",
    "reference of AI platforms: when a namespace is ready to serve",
)
READY_IMAGE: Final = _check(
    "serving.image",
    SERVING,
    "The images of the runtimes that models of a namespace name are pinned by their digests, also where the namespace has one of its own",
    "remove the namespace's own runtime of that name, or have its owner pin the image",
    "reference of AI platforms: when a namespace is ready to serve",
    severity=WARNING,
)
READY_QUEUE: Final = _check(
    "serving.queue",
    SERVING,
    "The LocalQueue that the profiles of a namespace name is active",
    "see its ClusterQueue",
    "kueue.x-k8s.io LocalQueue, condition Active",
)
READY_ADMITTED: Final = _check(
    "serving.admitted",
    SERVING,
    "An InferenceService of a namespace would be admitted",
    "see what the server says",
    "the API server, by a dry run",
)
READY_WARNINGS: Final = _check(
    "serving.warnings",
    SERVING,
    "Admission has no warning: a hardware profile that cannot be applied is skipped with nothing but one",
    "see what the server says",
    "opendatahub-operator, internal/webhook/hardwareprofile",
)

CHECKS: Final[tuple[Check, ...]] = tuple(value for value in list(globals().values()) if isinstance(value, Check))
