# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents and clusters for the tests of the openshift_ai part. Vendors are mixed on purpose: nothing may hang on one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.model import (
    Choice,
    DeviceGroup,
    Fleet,
    Resolution,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.catalogue import (
    Catalogue,
    ModelFacts,
    OperatorFacts,
    RuntimeFacts,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import (
    Accelerators,
    AiAuth,
    AiMonitoring,
    Bounds,
    DatabaseWanted,
    HardwareProfileWanted,
    ModelWanted,
    OpenShiftAi,
    OperatorsWanted,
    OperatorWanted,
    PlatformDesired,
    Prerequisites,
    PriorityWanted,
    Queues,
    RegistryWanted,
    RuntimeWanted,
    SecretRef,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.openshift_ai import apis
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.openshift_ai.apis import Api
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.openshift_ai.check_list import CHECKS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.openshift_ai.plan import plan_openshift_ai
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import Context, PartPlan
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import (
    ClusterFacts,
    Listed,
    Named,
    NamedRead,
    PlatformSnapshot,
    ServedApi,
)

Json = dict[str, Any]
DIGEST = "sha256:" + "0" * 64
IDS = {check.id for check in CHECKS}
APIS = tuple(value for value in vars(apis).values() if isinstance(value, Api))
CLUSTER_WIDE = frozenset({"DSCInitialization", "DataScienceCluster", "Auth", "Kueue", "ResourceFlavor", "Cohort", "WorkloadPriorityClass"})
GROUPS = "groups.user.openshift.io"
CSVS = "clusterserviceversions.operators.coreos.com"
NAMESPACES = ("ai-models", "team-b")
STORAGE_SECRET = Named("v1", "Secret", "ai-models", "s3")
STORAGE_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_S3_BUCKET", "AWS_S3_ENDPOINT")
DATABASE_SECRET = Named("v1", "Secret", "rhoai-model-registries", "registry-db")


def served(**versions: Sequence[str]) -> dict[tuple[str, str], ServedApi]:
    """All kinds in all versions that the part knows; `versions` are by kind, and () means that the kind is not served."""
    found = {}
    for api in APIS:
        those = tuple(versions.get(api.kind, api.versions))
        if those:
            is_namespaced = api.kind not in CLUSTER_WIDE and api.kind != "ClusterServingRuntime"
            found[(api.group, api.kind)] = ServedApi(those, api.plural, is_namespaced)
    if "Group" not in versions:
        found[("user.openshift.io", "Group")] = ServedApi(("v1",), "groups", False)
    return found


def named(name: str, namespace: str = "", **content: Any) -> Json:
    """An object with a name."""
    return {"metadata": {"name": name, **({"namespace": namespace} if namespace else {})}, **content}


def look(
    objects: Mapping[str, Sequence[Json]] | None = None,
    *,
    kinds: Mapping[tuple[str, str], ServedApi] | None = None,
    forbidden: Iterable[str] = (),
    names: Mapping[Named, NamedRead] | None = None,
    openshift: str = "4.21.3",
) -> PlatformSnapshot:
    """A cluster with these objects, in which every list was read but those that are forbidden."""
    lists: dict[str, Sequence[Json]] = {api.resource: () for api in APIS}
    lists |= {GROUPS: (named("rhoai-admins"),), CSVS: (), "namespaces": tuple(named(name) for name in NAMESPACES)}
    lists |= dict(objects or {})
    listed = {resource: Listed("read", tuple(items)) for resource, items in lists.items()}
    for resource in forbidden:
        listed[resource] = Listed("forbidden", reason=f"the account may not list {resource}")
    reads = {
        STORAGE_SECRET: NamedRead("read", keys=STORAGE_KEYS),
        DATABASE_SECRET: NamedRead("read", keys=("database-password",)),
        **(names or {}),
    }
    facts = ClusterFacts(openshift_version=openshift)
    return PlatformSnapshot(listed, reads, served() if kinds is None else kinds, facts)


# ---- accelerators --------------------------------------------------------------------------------------------------------------


def choice(resource: str, flavor: str, count: int = 1, selector: Json | None = None, taint: str = "") -> Choice:
    """One way to serve a request, in the shape of the resolver's."""
    tolerations = ({"key": taint, "operator": "Exists", "effect": "NoSchedule"},) if taint else ()
    identifier = {
        "identifier": resource,
        "displayName": flavor.upper(),
        "resourceType": "Accelerator",
        "minCount": count,
        "defaultCount": count,
        "maxCount": count,
    }
    labels = {"example.com/product": flavor} if selector is None else selector
    quota = {f"requests.{resource}": count}
    return Choice(flavor, resource, count, flavor, labels, tolerations, {"identifiers": [identifier]}, quota, ("node-1",), 1)


H100 = choice("nvidia.com/gpu", "nvidia-h100", 4, {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"}, "nvidia.com/gpu")
MI300 = choice("amd.com/gpu", "amd-mi300x", 4, {"feature.node.kubernetes.io/amd-gpu": "true"}, "amd.com/gpu")
MIG = choice("nvidia.com/mig-3g.40gb", "nvidia-a100-3g.40gb", 1, {"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB"}, "nvidia.com/gpu")
GAUDI = choice("habana.ai/gaudi", "gaudi-3", 8, {"feature.node.kubernetes.io/gaudi": "true"}, "habana.ai/gaudi")
INTEL = choice("gpu.intel.com/i915", "intel-max", 1, {"intel.feature.node.kubernetes.io/gpu": "true"})
RESOURCES = tuple(sorted(found.resource for found in (H100, MI300, MIG, GAUDI, INTEL)))


def group_of(found: Choice, vendor: str, memory_gib: float | None) -> DeviceGroup:
    """The group behind a choice."""
    return DeviceGroup(
        found.flavor, vendor, found.flavor, found.resource, "whole", "none", "container", memory_gib, "label", found.node_selector, (), ()
    )


FLEET = Fleet(
    (
        group_of(H100, "nvidia", 79.6),
        group_of(MI300, "amd", 192),
        group_of(MIG, "nvidia", 39.5),
        group_of(GAUDI, "gaudi", None),
        group_of(INTEL, "intel", 48),
    ),
    RESOURCES,
)
RESOLVED = {
    "chat": Resolution("chat", (H100, MI300)),
    "small": Resolution("small", (MIG,)),
    "gaudi": Resolution("gaudi", (GAUDI,)),
    "intel": Resolution("intel", (INTEL,)),
    "too-large": Resolution("too-large", refused="no node has 64 devices", nearest="nvidia-h100: the most are 8"),
    "doubtful": Resolution("doubtful", not_evaluated="the memory of gaudi-3 is not known"),
}

CATALOGUE = Catalogue(
    "1",
    "",
    operators={
        "rhoai": OperatorFacts("rhoai", "rhods-operator", "redhat-ods-operator", "redhat-operators", "all"),
        "kueue": OperatorFacts("kueue", "kueue-operator", "openshift-kueue-operator", "redhat-operators", "all"),
    },
    runtimes={"vllm": RuntimeFacts("vllm", ("nvidia", "amd", "gaudi", "intel"), ("vLLM",), ("--model=/mnt/models",), 8080, "test")},
    models={
        "granite-8b": ModelFacts("granite-8b", 8, 16, "apache-2.0", "safetensors", "model card"),
        "large": ModelFacts("large", 405, 800, "open", "safetensors", "model card"),
    },
)
OPERATORS = OperatorsWanted(
    wanted=(
        OperatorWanted(name="rhoai", channel="stable", version="rhods-operator.3.6.1"),
        OperatorWanted(name="kueue", channel="stable-v1.4", version="kueue-operator.v1.4.0"),
    )
)

ACCELERATORS = Accelerators()

# ---- documents -----------------------------------------------------------------------------------------------------------------

COMPONENTS = {"dashboard": "Managed", "kserve": "Managed", "kueue": "Unmanaged", "modelregistry": "Managed", "aipipelines": "Managed"}
CPU, MEMORY = Bounds(min=2, default=4, max=8), Bounds(min=8, default=32, max=64)
DATABASE = DatabaseWanted(host="db.example.com", secret=SecretRef(namespace=DATABASE_SECRET.namespace, name=DATABASE_SECRET.name))


def queues(**changes: Any) -> Queues:
    """Queues with a priority."""
    usual = {"priorities": (PriorityWanted(name="production", value=1000, description="serving"),), "frameworks": ("Pod", "BatchJob")}
    return Queues(**{**usual, **changes})


def profile(name: str = "chat-4", **changes: Any) -> HardwareProfileWanted:
    """A hardware profile of the request chat."""
    return HardwareProfileWanted(**{"name": name, "request": "chat", "cpu": CPU, "memory_gib": MEMORY, **changes})


def runtime(name: str = "vllm-nvidia", *accelerators: str, **changes: Any) -> RuntimeWanted:
    """A serving runtime whose image is pinned."""
    usual = {"name": name, "accelerators": accelerators or ("nvidia.com/gpu",), "image": f"registry.example.com/vllm@{DIGEST}"}
    return RuntimeWanted(**{**usual, **changes})


def model(name: str = "granite-8b", **changes: Any) -> ModelWanted:
    """A model of the request chat, from an image."""
    usual = {
        "name": name,
        "namespace": "ai-models",
        "uri": "oci://registry.example.com/models/granite:1",
        "request": "chat",
        "runtime": "vllm-nvidia",
    }
    return ModelWanted(**{**usual, **changes})


def wanted(**changes: Any) -> OpenShiftAi:
    """The section with components alone; `changes` beat it."""
    return OpenShiftAi(**{"components": COMPONENTS, **changes})


def everything(**changes: Any) -> OpenShiftAi:
    """All that the part can write."""
    runtimes = (
        runtime(),
        runtime("vllm-amd", "amd.com/gpu"),
        runtime("vllm-mig", "nvidia.com/mig-3g.40gb"),
        runtime("vllm-cpu", accelerators=(), args=("--port=8080",)),
    )
    models = (
        model(),
        model("on-amd", runtime="vllm-amd", uri="pvc://weights/on-amd"),
        model("on-slice", runtime="vllm-mig", request="small", uri="s3://models/on-slice", storage_secret="s3"),
        model("on-cpu", runtime="vllm-cpu", request="", uri="hf://example/tiny", online=True),
        model("llm", kind="LLMInferenceService", runtime=""),
        model("llm-slice", kind="LLMInferenceService", runtime="vllm-mig", request="small", uri="s3://models/llm", storage_secret="s3"),
    )
    usual = {
        "applications_namespace": "ai-platform",
        "monitoring": AiMonitoring(storage="20Gi", retention="30d"),
        "auth": AiAuth(admin_groups=("rhoai-admins",)),
        "queues": queues(),
        "hardware_profiles": (
            profile(),
            profile("slice", request="small", queue="default", priority="production"),
            profile("gaudi-8", request="gaudi"),
            profile("cpu-only", request="", cpu=Bounds(min=0.5, default=1, max=1.5), memory_gib=Bounds(min=0.5, default=1, max=2)),
        ),
        "runtimes": runtimes,
        "models": models,
        "registry": RegistryWanted(),
    }
    return wanted(**{**usual, **changes})


def context_of(
    section: OpenShiftAi | None,
    snapshot: PlatformSnapshot | None = None,
    *,
    operators: OperatorsWanted | None = OPERATORS,
    database: DatabaseWanted | None = DATABASE,
    resolved: Mapping[str, Resolution] | None = None,
    fleet: Fleet = FLEET,
    catalogue: Catalogue = CATALOGUE,
    accelerators: Accelerators | None = ACCELERATORS,
) -> Context:
    """All that the part may look at."""
    desired = PlatformDesired(
        schema_version="1.0",
        operators=operators,
        prerequisites=Prerequisites(model_registry_database=database),
        accelerators=accelerators,
        openshift_ai=section,
    )
    found = RESOLVED if resolved is None else resolved
    return Context(desired, look() if snapshot is None else snapshot, catalogue, "2026-11-22", fleet, found)


def plan_of(section: OpenShiftAi | None, snapshot: PlatformSnapshot | None = None, **more: Any) -> PartPlan:
    """The plan, with what holds for every one: known checks, findings told apart, no object twice."""
    plan = plan_openshift_ai(context_of(section, snapshot, **more))
    assert {finding.check for finding in plan.findings} <= IDS
    keys = [finding.id for finding in plan.findings]
    assert len(set(keys)) == len(keys), sorted(key for key in keys if keys.count(key) > 1)
    places = [(item.object["kind"], *(item.object["metadata"].get(part, "") for part in ("namespace", "name"))) for item in plan.objects]
    assert len(set(places)) == len(places)
    assert all(finding.message for finding in plan.findings if finding.result in ("fail", "not_evaluated"))
    assert all(finding.remedy for finding in plan.findings if finding.result in ("fail", "not_evaluated"))
    return plan


def of(plan: PartPlan, word: str) -> list[CheckFinding]:
    """Findings of one check, by the last words of its id."""
    return [finding for finding in plan.findings if finding.check == f"platform.openshift_ai.{word}"]


def one(plan: PartPlan, word: str, subject: str = "") -> CheckFinding:
    """The only finding of a check, on that subject where one is given."""
    found = [finding for finding in of(plan, word) if subject in ("", finding.subject)]
    assert len(found) == 1, [finding.subject for finding in of(plan, word)]
    return found[0]


def objects(plan: PartPlan, kind: str) -> dict[str, Json]:
    """Objects of a kind by their names."""
    return {str(item.object["metadata"]["name"]): dict(item.object) for item in plan.objects if item.object["kind"] == kind}
