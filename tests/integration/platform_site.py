# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster on which the parts accelerators and openshift_ai are applied, with the shipped rights, and the operands' statuses played."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.client import ApiConnection
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.reader import connect
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster_arguments import ClusterSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.request import PlatformRequest, PlatformResult
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.stage import Clock, run_platform
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.checks import PARTS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.parse import SourceText, parse
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.rights import HOME, secret_rights
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.shipped import catalogue_from
from ansible_collections.groundwork.readiness.plugins.plugin_utils.platform_files import read_facts

from tests.benchmarks.platform import LABELS
from tests.counterparts.cluster import PLATFORM, Audit, Cluster, cluster, crd_files, crds_available, node, wait_until
from tests.unit.adapters.cluster.conftest import libraries_missing

Json = dict[str, Any]
RIGHTS = Path(__file__).resolve().parents[2] / "roles" / "operators" / "files"
MERGE = "application/merge-patch+json"
REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
WRITER, READER = "writer", "reader"
CATALOGUE = catalogue_from(read_facts())
DIGEST = "sha256:" + "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
GPU_TAINT = {"key": "nvidia.com/gpu", "value": "", "effect": "NoSchedule"}
_LARGE = {"cpu": "128", "memory": "1Ti"}
NODES = tuple(node(f"gpu-{number}", labels=LABELS, capacity={"nvidia.com/gpu": "8"}, taints=[GPU_TAINT], **_LARGE) for number in range(2))
NAMESPACES = ("openshift-nfd", "nvidia-gpu-operator", "redhat-ods-applications", "ai-models", HOME)
DOCUMENT: Json = {
    "schema_version": "1.0",
    "accelerators": {
        "taints": {"nvidia.com/gpu": {"effect": "NoSchedule"}},
        "pools": [{"name": "h100", "nodes": {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"}, "vendor": "nvidia"}],
        "requests": [{"name": "chat", "class": "large-inference", "count": 1}],
    },
    "openshift_ai": {
        "components": {"dashboard": "Managed", "workbenches": "Managed", "kserve": "Managed", "kueue": "Unmanaged"},
        "auth": {"admin_groups": ["rhoai-admins"]},
        "queues": {
            "cohort": "ai",
            "priorities": [{"name": "production", "value": 1000}, {"name": "batch", "value": 100}],
            "frameworks": ["BatchJob", "Pod"],
        },
        "hardware_profiles": [
            {
                "name": "chat",
                "request": "chat",
                "cpu": {"min": 2, "default": 4, "max": 8},
                "memory_gib": {"min": 8, "default": 32, "max": 64},
            }
        ],
        "runtimes": [{"name": "vllm-nvidia", "accelerators": ["nvidia.com/gpu"], "image": f"registry.example.com/ai/vllm@{DIGEST}"}],
        "models": [
            {
                "name": "granite-3-1-8b-instruct",
                "namespace": "ai-models",
                "uri": "oci://registry.example.com/models/granite:1",
                "request": "chat",
                "runtime": "vllm-nvidia",
            }
        ],
    },
}
AROUND: tuple[Json, ...] = (
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kueue"}},
    {
        "apiVersion": "operators.coreos.com/v1alpha1",
        "kind": "ClusterServiceVersion",
        "metadata": {"name": "kueue-operator.v1.4.0", "namespace": "kueue"},
        "spec": {
            "displayName": "Kueue",
            "version": "1.4.0",
            "customresourcedefinitions": {"owned": [{"name": "kueues.kueue.openshift.io", "kind": "Kueue", "version": "v1"}]},
            "install": {"strategy": "deployment", "spec": {"deployments": []}},
        },
        "status": {"phase": "Succeeded"},
    },
)
"""What is there already: the Kueue operator."""

GROUP: Json = {"apiVersion": "user.openshift.io/v1", "kind": "Group", "metadata": {"name": "rhoai-admins"}, "users": []}
READY_NODE = {"conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady", "message": ""}]}
WRITING_PARTS = ("accelerators", "openshift_ai")

_TRUE = {"status": "True", "reason": "Played", "message": "", "lastTransitionTime": "2026-11-22T00:00:00Z"}


def _conditions(*kinds: str, **more: Any) -> Json:
    return {"conditions": [{"type": kind, **_TRUE} for kind in kinds], **more}


OPERANDS: Mapping[str, tuple[str, Json]] = {
    "/apis/nfd.openshift.io/v1/nodefeaturediscoveries": ("nodefeaturediscoveries", _conditions("Available")),
    "/apis/nvidia.com/v1/clusterpolicies": ("clusterpolicies", _conditions("Ready", state="ready")),
    "/apis/dscinitialization.opendatahub.io/v2/dscinitializations": ("dscinitializations", _conditions("Ready", phase="Ready")),
    "/apis/datasciencecluster.opendatahub.io/v2/datascienceclusters": ("datascienceclusters", _conditions("Ready", phase="Ready")),
    "/apis/kueue.openshift.io/v1/kueues": ("kueues", _conditions("Available", "CertManagerAvailable")),
    "/apis/serving.kserve.io/v1beta1/inferenceservices": ("inferenceservices", _conditions("Ready", "PredictorReady", "IngressReady")),
    "/apis/services.platform.opendatahub.io/v1alpha1/auths": ("auths", _conditions("Ready")),
}
"""Lists of operands, and the status that their operators would write."""


@dataclass
class Operands:
    """Plays the operators: whenever somebody waits, every operand becomes ready. No time passes meanwhile."""

    site: Cluster
    now: float = 0.0
    is_idle: bool = False
    """set to have nothing become ready"""

    def sleep(self, seconds: float) -> None:
        """Passes the time at once."""
        self.now += seconds
        if not self.is_idle:
            self.play()

    def play(self) -> None:
        """Writes the statuses."""
        for path, (_plural, status) in OPERANDS.items():
            for item in self.site.client.get(path)["items"]:
                place = f"/namespaces/{item['metadata']['namespace']}" if "namespace" in item["metadata"] else ""
                root, _slash, plural = path.rpartition("/")
                generation = {"observedGeneration": item["metadata"]["generation"]} if plural == "kueues" else {}
                where = f"{root}{place}/{plural}/{item['metadata']['name']}/status"
                body = {"status": {**status, **generation}}
                self.site.client.request("PATCH", where, body, MERGE).checked()

    @property
    def clock(self) -> Clock:
        """The clock that the stage gets."""
        return Clock(lambda: self.now, self.sleep)


@dataclass
class Site:
    """The cluster, its accounts, and where the artifacts go."""

    cluster: Cluster
    tokens: Mapping[str, str]
    folder: Path
    operands: Operands
    document: Json = field(default_factory=lambda: copy.deepcopy(DOCUMENT))
    last: Audit | None = None
    """what the account asked during the last run"""

    def run(self, part: str, mode: str = "apply", account: str = WRITER, **further: Any) -> PlatformResult:
        """One call of the stage."""
        parsed = parse([SourceText("site.yml", self.document)])
        assert parsed.desired is not None, parsed.problems
        parts = PARTS if part == "preflight" else (part,)
        options = {"host": self.cluster.url, "api_key": self.tokens[account], "ca_cert": str(self.cluster.ca_path)}
        usual: Json = {"run_dir": self.folder, "run_id": "run-1", "host": "hub", "today": "2026-11-22", "wait_minutes": 2.0, "diff": True}
        request = PlatformRequest(
            part=part,
            parts=parts,
            dest=self.folder / f"platform-{part}-{mode}.jsonl",
            mode=mode,
            desired=parsed.desired,
            catalogue=CATALOGUE,
            settings=ClusterSettings(options),
            **{**usual, **further},
        )
        mark = self.cluster.mark()
        try:
            return run_platform(request, self.operands.clock)
        finally:
            self.last = self.cluster.audit(mark).by(f"system:serviceaccount:{HOME}:{account}")

    def apply_all(self) -> None:
        """Applies every part that writes, until everything is as the document has it."""
        for part in WRITING_PARTS:
            found = self.run(part)
            assert found.failure is None, found.failure.problems

    def connection(self, account: str = WRITER) -> ApiConnection:
        """A connection of that account."""
        options = {"host": self.cluster.url, "api_key": self.tokens[account], "ca_cert": str(self.cluster.ca_path)}
        return connect(ClusterSettings(options))

    def written(self) -> list[str]:
        """What the account wrote in the last run that is neither Lease nor record."""
        calls = self.last.write_calls if self.last else ()
        return [f"{call.verb} {call.uri}" for call in calls if call.namespace != HOME]

    def live(self, path: str) -> Json:
        """What is at a path."""
        return self.cluster.client.get(path)


def files(*names: str) -> list[Json]:
    """The objects of shipped files of rights."""
    return [item for name in names for item in yaml.safe_load((RIGHTS / name).read_text(encoding="utf-8"))["items"]]


def may(site: Cluster, token: str, verb: str, group: str, resource: str, namespace: str = "") -> bool:
    """Whether an account may do that, by the server's own word."""
    attributes = {"verb": verb, "group": group, "resource": resource, "namespace": namespace}
    review = {"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "spec": {"resourceAttributes": attributes}}
    return bool(site.with_token(token).post(REVIEWS, review)["status"]["allowed"])


def secret_files(account: str) -> list[Json]:
    """The shipped rights to secrets by name, for that account."""
    found = files("secret_rights.yml")
    for item in found:
        for subject in item.get("subjects", ()):
            subject["name"] = account
    return found


def secret_rights_of(account: str, namespace: str, names: Sequence[str]) -> list[Json]:
    """The rights to some secrets of a namespace for one account, beside those of others."""
    rights: list[Json] = [dict(item) for item in secret_rights(namespace, names, account)]
    for item in rights:
        item["metadata"]["name"] += f"-{account}"
    rights[1]["roleRef"]["name"] = rights[0]["metadata"]["name"]
    return rights


@contextmanager
def tried_site(folders: pytest.TempPathFactory, crds: Sequence[str] = PLATFORM) -> Iterator[Site]:
    """The same for a test module, which is skipped where it cannot run."""
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    if crds and not crds_available():
        pytest.skip("no custom resource definitions")
    with platform_site(folders.mktemp("platform"), crds) as found:
        yield found


@contextmanager
def platform_site(folder: Path, crds: Sequence[str] = PLATFORM) -> Iterator[Site]:
    """A cluster with these kinds, two nodes with accelerators, and the shipped rights for two accounts."""
    with cluster(name="platform", crds=crds, kwok=False, scheduler=False, controllers=False) as found:
        found.client.create(NODES)
        for item in NODES:
            where = f"/api/v1/nodes/{item['metadata']['name']}"
            found.client.request("PATCH", f"{where}/status", {"status": READY_NODE}, MERGE).checked()
            # Nodes are born with the taint that a kubelet takes away.
            found.client.request("PATCH", where, {"spec": {"taints": item["spec"]["taints"]}}, MERGE).checked()
        found.client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in NAMESPACES)
        tokens = {name: found.service_account(HOME, name) for name in (WRITER, READER)}
        found.apply(files("verify_role.yml", "apply_rights.yml", "nodes_rights.yml"))
        wait_until("the rights are known", lambda: may(found, tokens[WRITER], "patch", "nvidia.com", "clusterpolicies"))
        wait_until("the rights are known", lambda: may(found, tokens[READER], "list", "", "nodes"))
        if crds:
            _furnish(found)
        yield Site(found, tokens, folder, Operands(found))


def _furnish(found: Cluster) -> None:
    """Puts there what the document takes as given."""
    found.apply([yaml.safe_load(crd_files(["groups.user.openshift.io"])[0].read_text(encoding="utf-8"))])
    wait_until("groups are served", lambda: found.request("GET", "/apis/user.openshift.io/v1/groups").status == 200)
    found.apply([*AROUND, GROUP])
