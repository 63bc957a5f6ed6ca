# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The governance gate's module on a real API server, under the shipped rights: its steps, what it says beforehand, and its end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster_arguments import ClusterSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.namespaces.gate_request import GateRequest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.namespaces.gate_stage import run_gate
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.namespaces.result import NamespacesResult
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.gate import AUDIT, DENY, WARN, Gate, gate_names
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.rights import HOME, WRITER

from tests.counterparts.cluster import Cluster, cluster, crds_available, wait_until
from tests.integration.platform_site import may
from tests.integration.test_governance_gate import GPU, MERGE, namespace, quota, tried
from tests.unit.adapters.cluster.conftest import libraries_missing

ROLES = Path(__file__).resolve().parents[2] / "roles"
RIGHTS = ("namespaces/files/verify_role.yml", "governance_gate/files/gate_rights.yml")
BINDINGS = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"
POLICIES = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"


class Site:
    """The cluster, and calls as the account with the shipped rights."""

    def __init__(self, server: Cluster, token: str, folder: Path) -> None:
        self.server = server
        options = {"host": server.url, "api_key": token, "ca_cert": str(server.ca_path)}
        self.request = GateRequest(
            "run-1", "hub", folder / "gate.jsonl", "apply", "present", Gate(), "2026-11-22", ClusterSettings(options)
        )

    def run(self, action: str = DENY, mode: str = "apply", state: str = "present") -> NamespacesResult:
        """One call of the module's work."""
        gate = Gate(action=action, exempt=("nvidia-gpu-operator",))
        return run_gate(replace(self.request, gate=gate, mode=mode, state=state))

    def actions(self) -> set[tuple[str, ...]]:
        """The actions of all bindings of the gate."""
        return {tuple(self.server.client.get(f"{BINDINGS}/{name}")["spec"]["validationActions"]) for name in gate_names()}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    if not crds_available():
        pytest.skip("no custom resource definitions")
    crds = ("clusterresourcequotas.quota.openshift.io",)
    with cluster(name="gate-stage", crds=crds, kwok=False, scheduler=False, controllers=False) as found:
        spaces = [namespace(HOME, {}, {}), namespace("governed"), namespace("bare", {}, {}), namespace("nvidia-gpu-operator", {}, {})]
        found.client.create(spaces)
        token = found.service_account(HOME, WRITER)
        for path in RIGHTS:
            found.apply(yaml.safe_load((ROLES / path).read_text(encoding="utf-8"))["items"])
        for name in ("bare", "governed", "nvidia-gpu-operator"):
            found.client.create([quota(name, "compute", **{GPU: "2"})])
        wait_until("the rights are known", lambda: may(found, token, "patch", "admissionregistration.k8s.io", POLICIES.rpartition("/")[2]))
        yield Site(found, token, tmp_path_factory.mktemp("gate"))


def broken(result: NamespacesResult) -> list[str]:
    return [finding.subject for finding in result.findings if finding.check == "namespaces.gate.breaks" and finding.result == "fail"]


def test_steps_are_foreseen_taken_and_taken_back_and_each_says_what_it_would_refuse(site: Site) -> None:
    for action, actions in ((AUDIT, {("Audit",)}), (WARN, {("Audit", "Warn")}), (DENY, {("Audit", "Deny")}), (WARN, {("Audit", "Warn")})):
        foreseen = site.run(action, "check")
        assert foreseen.failure is None
        assert foreseen.changed
        done = site.run(action)
        assert done.failure is None, done.failure.problems
        assert (done.counts["created"], done.counts["updated"]) == (foreseen.counts["created"], foreseen.counts["updated"])
        assert site.actions() == actions
        # Of the three quotas one is in a namespace without a contract that is not exempt.
        assert broken(done) == ["ResourceQuota bare/compute"]
        again = site.run(action)
        assert (again.changed, again.failure) == (False, None)


def test_gate_that_denies_refuses_and_a_step_that_somebody_took_back_is_found_and_set_right(site: Site) -> None:
    site.run(DENY)
    wait_until("the gate is in force", lambda: tried(site.server, quota("bare", "more", **{GPU: "1"})) == 403, 60)
    name = gate_names()[0]
    for actions in (["Audit"], ["Warn"], ["Audit", "Warn"]):
        site.server.client.request(
            "PATCH", f"{BINDINGS}/{name}?fieldManager=somebody", {"spec": {"validationActions": actions}}, MERGE
        ).checked()
        seen = site.run(DENY, "verify")
        assert seen.failure is not None
        assert any(name in problem.text() for problem in seen.failure.problems)
        assert site.run(DENY).failure is None
        assert site.actions() == {("Audit", "Deny")}
    assert site.run(DENY, "verify").failure is None


def test_gate_that_is_taken_away_leaves_nothing_and_lets_everything_through(site: Site) -> None:
    site.run(DENY)
    gone = site.run(DENY, state="absent")
    assert gone.failure is None
    assert gone.counts["deleted"] == 2 * len(gate_names())
    assert [item for item in site.server.client.get(POLICIES)["items"] if item["metadata"]["name"] in gate_names()] == []
    wait_until("the gate is gone", lambda: tried(site.server, quota("bare", "more", **{GPU: "1"})) == 201, 60)
    assert not site.run(DENY, state="absent").changed
