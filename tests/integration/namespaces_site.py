# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster for namespaces by contract: accelerators on its nodes, groups with people, roles of personas, the shipped rights."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster_arguments import ClusterSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.namespaces.request import NamespacesRequest, known
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.namespaces.result import NamespacesResult
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.namespaces.stage import run_namespaces
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.reading import Placed, read_contracts
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.rules import contract_problems
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.rights import tenant_rights
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.parse import SourceText, parse
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.rights import HOME, READER, WRITER
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.shipped import catalogue_from
from ansible_collections.groundwork.readiness.plugins.plugin_utils.platform_files import read_facts

from tests.counterparts.cluster import Cluster, cluster, crds_available, wait_until
from tests.counterparts.cluster.audit import Audit
from tests.counterparts.cluster.commands import Oidc
from tests.counterparts.cluster.contracts import CRDS, group, persona_roles, shipped_rights
from tests.counterparts.cluster.objects import node
from tests.integration.platform_site import GPU_TAINT, LABELS, may
from tests.unit.adapters.cluster.conftest import libraries_missing

Json = dict[str, Any]
CATALOGUE = catalogue_from(read_facts())
RIGHTS = Path(__file__).resolve().parents[2] / "roles" / "namespaces" / "files"
TODAY = "2026-11-22"
DOCUMENT: Json = {"schema_version": "1.0", "accelerators": {"taints": {"nvidia.com/gpu": {"effect": "NoSchedule"}}}}
PEOPLE: Mapping[str, Sequence[str]] = {
    "retail-ai-owners": ("retail-lead",),
    "retail-ai-engineers": ("retail-engineer-1", "retail-engineer-2"),
    "risk-ai-owners": ("risk-lead",),
    "risk-scientists": ("risk-scientist",),
}
LARGE = {"cpu": "128", "memory": "1Ti", "pods": "250", "ephemeral-storage": "1Ti"}

CHAT: Json = {
    "schema_version": "1.0",
    "namespace": "retail-chat",
    "owner": {"name": "retail", "group": "retail-ai-owners", "cost_centre": "cc-4711", "contact": "retail-ai@example.com"},
    "classification": "confidential",
    "jurisdiction": {"name": "eu", "regions": ["eu-central"]},
    "expires": "2027-06-30",
    "personas": [
        {"persona": "ml_engineer", "groups": ["retail-ai-engineers"]},
        {"persona": "service", "service_accounts": ["delivery"]},
    ],
    "service_accounts": [{"name": "delivery", "pull_secrets": ["registry-pull"]}],
    "accelerators": [{"name": "serving", "class": "large-inference", "count": 2}],
    "quota": {"cpu": 32, "memory_gib": 256, "storage_gib": 512, "models": 2},
    "queue": {"cohort": "ai"},
    "network": {"egress": [{"name": "object-store", "cidrs": ["10.20.0.0/16"], "ports": ["443"]}]},
    "images": {"pull_secrets": ["registry-pull"]},
    "monitoring": {"pods": [{"name": "vllm", "labels": {"app": "vllm"}, "port": "metrics"}]},
    "serving": {"object_store": "models-s3"},
}
SEARCH: Json = {
    "schema_version": "1.0",
    "namespace": "retail-search",
    "owner": {"name": "retail", "group": "retail-ai-owners", "cost_centre": "cc-4711"},
    "classification": "internal",
    "expires": "2027-06-30",
    "personas": [{"persona": "ml_engineer", "groups": ["retail-ai-engineers"]}],
    "quota": {"cpu": 8, "memory_gib": 32},
    "queue": {"cohort": "ai"},
    "network": {"isolation": "own_network", "subnets": ["10.210.0.0/16"]},
}
FRAUD: Json = {
    "schema_version": "1.0",
    "namespace": "risk-fraud",
    "owner": {"name": "risk", "group": "risk-ai-owners", "cost_centre": "cc-2040"},
    "classification": "restricted",
    "expires": "2027-03-31",
    "personas": [{"persona": "data_scientist", "groups": ["risk-scientists"]}],
    "accelerators": [{"name": "training", "class": "training", "count": 4}],
    "quota": {"cpu": 64, "memory_gib": 512, "storage_gib": 1024},
    "queue": {"name": "training", "cohort": "ai", "borrow": True},
    "data_sources": [
        {
            "name": "payments",
            "uri": "s3://payments",
            "owner": "payment-data@example.com",
            "classification": "restricted",
            "lineage": "catalogue/payments-v4",
            "consent": "DPIA-12",
            "retention_days": 180,
        }
    ],
}
TEAMS: tuple[Json, ...] = (CHAT, SEARCH, FRAUD)
"""Three contracts, two of them of one owner."""


def placed_of(contracts: Sequence[Mapping[str, Any]]) -> tuple[Placed, ...]:
    """Contracts as they come out of files without faults."""
    sources = [SourceText(f"{each['namespace']}.yml", copy.deepcopy(dict(each))) for each in contracts]
    found = read_contracts(sources)
    platform = parse([SourceText("platform.yml", DOCUMENT)]).desired
    assert platform is not None
    problems = [*found.problems, *contract_problems(found.placed, known(platform, CATALOGUE))]
    assert problems == [], [problem.text() for problem in problems]
    return found.placed


@dataclass
class NamespacesSite:
    """The cluster, its accounts, and where artifacts go."""

    cluster: Cluster
    tokens: Mapping[str, str]
    folder: Path
    last: Audit | None = None
    """what the account asked during the last run"""

    def run(
        self, contracts: Sequence[Mapping[str, Any]] = TEAMS, mode: str = "apply", account: str = WRITER, url: str = "", **further: Any
    ) -> NamespacesResult:
        """One call of the stage; `url` is another way to the server."""
        platform = parse([SourceText("platform.yml", DOCUMENT)]).desired
        assert platform is not None
        usual: Json = {"run_dir": self.folder, "run_id": "run-1", "host": "hub", "today": TODAY, "diff": True}
        request = NamespacesRequest(
            dest=self.folder / "namespaces.jsonl",
            mode=mode,
            placed=placed_of(contracts),
            platform=platform,
            catalogue=CATALOGUE,
            settings=ClusterSettings(
                {"host": url or self.cluster.url, "api_key": self.tokens[account], "ca_cert": str(self.cluster.ca_path)}
            ),
            **{**usual, **further},
        )
        mark = self.cluster.mark()
        try:
            return run_namespaces(request)
        finally:
            self.last = self.cluster.audit(mark).by(f"system:serviceaccount:{HOME}:{account}")

    def written(self) -> list[str]:
        """What the account wrote in the last run that is neither Lease, record nor dry run."""
        calls = self.last.write_calls if self.last else ()
        return [f"{call.verb} {call.uri}" for call in calls if call.namespace != HOME]

    def live(self, path: str) -> Json:
        """What is at a path."""
        return self.cluster.client.get(path)


def failures(result: NamespacesResult) -> list[CheckFinding]:
    """The critical findings that failed, or that nobody could make."""
    return [finding for finding in result.findings if finding.failed and finding.severity == "critical"]


def words(result: NamespacesResult) -> list[str]:
    """Why a call failed."""
    return [problem.text() for problem in result.failure.problems] if result.failure else []


@contextmanager
def namespaces_site(
    folders: pytest.TempPathFactory,
    name: str = "namespaces",
    crds: Sequence[str] = CRDS,
    *,
    nodes: Sequence[Mapping[str, Any]] = (),
    people: Mapping[str, Sequence[str]] = PEOPLE,
    oidc: Oidc | None = None,
    scheduler: bool = False,
) -> Iterator[NamespacesSite]:
    """The cluster for a test module, which is skipped where it cannot run; without `nodes`, two with whole devices."""
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    if not crds_available():
        pytest.skip("no custom resource definitions")
    labels = {**LABELS, "topology.kubernetes.io/region": "eu-central"}
    usual = [node(f"gpu-{place}", labels=labels, capacity={**LARGE, "nvidia.com/gpu": "8"}, taints=[GPU_TAINT]) for place in range(2)]
    with cluster(name=name, nodes=nodes or usual, crds=crds, scheduler=scheduler, oidc=oidc) as found:
        found.client.create([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}}])
        tokens = {account: found.service_account(HOME, account) for account in (WRITER, READER)}
        found.apply(shipped_rights("verify_role.yml", "apply_rights.yml"))
        found.apply(tenant_rights((), sorted(people), ("delivery",)))
        found.apply(persona_roles())
        found.apply(group(each, users) for each, users in people.items())
        wait_until("the rights are known", lambda: may(found, tokens[WRITER], "patch", "kueue.x-k8s.io", "clusterqueues"))
        wait_until("the rights are known", lambda: may(found, tokens[READER], "list", "", "nodes"))
        yield NamespacesSite(found, tokens, folders.mktemp(name))
