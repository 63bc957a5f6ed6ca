# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Namespaces that are given up, on a real API server: drained, revoked, taken away, and nothing of theirs left; grants that end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from tests.counterparts.cluster import wait_until
from tests.integration.namespaces_site import CHAT, FRAUD, RIGHTS, SEARCH, Json, NamespacesSite, failures, namespaces_site, words

NAMESPACED = {
    "rbac.authorization.k8s.io/v1": ("rolebindings",),
    "networking.k8s.io/v1": ("networkpolicies",),
    "kueue.x-k8s.io/v1beta2": ("localqueues",),
    "monitoring.coreos.com/v1": ("podmonitors",),
    "v1": ("resourcequotas", "limitranges"),
}
WIDE = {"kueue.x-k8s.io/v1beta2": "clusterqueues", "quota.openshift.io/v1": "clusterresourcequotas"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NamespacesSite]:
    with namespaces_site(tmp_path_factory, "offboarding") as found:
        found.cluster.apply(yaml.safe_load((RIGHTS / "removal_rights.yml").read_text(encoding="utf-8"))["items"])
        yield found


def root(version: str) -> str:
    return "/api/v1" if version == "v1" else f"/apis/{version}"


def left_in(site: NamespacesSite, namespace: str) -> list[str]:
    """What is in a namespace of the kinds that contracts make, but for what every namespace has."""
    return [
        f"{plural}/{item['metadata']['name']}"
        for version, plurals in NAMESPACED.items()
        for plural in plurals
        for item in site.live(f"{root(version)}/namespaces/{namespace}/{plural}")["items"]
    ]


def shared(site: NamespacesSite) -> list[str]:
    """What owners share, by name."""
    return sorted(
        f"{plural}/{item['metadata']['name']}"
        for version, plural in WIDE.items()
        for item in site.live(f"{root(version)}/{plural}")["items"]
    )


def ending(contract: Mapping[str, Any], data: str, **more: str) -> Json:
    return {**contract, "offboarding": {"data": data, **more}}


def holder(site: NamespacesSite, namespace: str) -> None:
    """A pod that holds an accelerator, in no queue."""
    resources = {"limits": {"nvidia.com/gpu": "1"}}
    security = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    container = {"name": "main", "image": "registry.example.com/ai/train:1", "resources": resources, "securityContext": security}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "training", "namespace": namespace},
        "spec": {"nodeName": "gpu-0", "containers": [container]},
    }
    site.cluster.client.create([pod])


def test_namespace_whose_data_is_kept_is_drained_first_and_then_only_its_data_is_left(site: NamespacesSite) -> None:
    teams = [CHAT, SEARCH, FRAUD]
    assert words(site.run(teams, access_proof="never")) == []
    holder(site, "risk-fraud")
    given_up = [CHAT, SEARCH, ending(FRAUD, "keep")]
    draining = site.run(given_up, access_proof="never")
    (told,) = failures(draining)
    assert (told.check, told.part) == ("namespaces.life.gone", "risk-fraud")
    assert "pod training run still" in told.message
    assert not [name for name in left_in(site, "risk-fraud") if name.startswith("rolebindings/")]
    queue = site.live("/apis/kueue.x-k8s.io/v1beta2/namespaces/risk-fraud/localqueues/training")
    assert queue["spec"]["stopPolicy"] == "HoldAndDrain"
    hard = site.live("/api/v1/namespaces/risk-fraud/resourcequotas/readiness-quota")["spec"]["hard"]
    assert (hard["pods"], hard["requests.nvidia.com/gpu"]) == ("0", "0")
    assert site.live("/api/v1/namespaces/risk-fraud/pods/training")["metadata"]["name"] == "training"
    site.cluster.request("DELETE", "/api/v1/namespaces/risk-fraud/pods/training?gracePeriodSeconds=0")
    foreseen = site.run(given_up, "check", access_proof="never")
    gone = site.run(given_up, access_proof="never")
    assert words(gone) == []
    assert gone.counts["deleted"] == foreseen.counts["deleted"] > 0
    assert left_in(site, "risk-fraud") == []
    assert shared(site) == ["clusterqueues/groundwork-readiness-retail", "clusterresourcequotas/groundwork-readiness-retail"]
    assert site.live("/api/v1/namespaces/risk-fraud")["status"]["phase"] == "Active"
    again = site.run(given_up, access_proof="always")
    assert (words(again), again.changed) == ([], False)


def test_data_that_is_handed_over_lets_one_group_in_and_nobody_else(site: NamespacesSite) -> None:
    assert words(site.run([CHAT, SEARCH, FRAUD], access_proof="never")) == []
    given_up = [CHAT, SEARCH, ending(FRAUD, "hand_over", to="risk-ai-owners")]
    assert words(site.run(given_up, access_proof="never")) == []
    assert left_in(site, "risk-fraud") == ["rolebindings/readiness-handed-over"]
    again = site.run(given_up, access_proof="always")
    assert (words(again), again.changed) == ([], False)


def test_namespace_that_goes_leaves_nothing_and_names_the_volumes_that_outlive_it(site: NamespacesSite) -> None:
    assert words(site.run([CHAT, SEARCH], access_proof="never")) == []
    volume = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": "pv-retail-chat"},
        "spec": {
            "capacity": {"storage": "10Gi"},
            "accessModes": ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Retain",
            "claimRef": {"namespace": "retail-chat", "name": "weights"},
            "hostPath": {"path": "/weights"},
        },
    }
    site.cluster.client.create([volume])
    holder(site, "retail-chat")
    given_up = [ending(CHAT, "delete", decision="CHG-77"), ending(SEARCH, "delete")]
    foreseen = site.run(given_up, "check", access_proof="never")
    assert {f"Namespace {name}" for name in ("retail-chat", "retail-search")} <= {
        finding.subject for finding in foreseen.findings if finding.action == "delete"
    }
    done = site.run(given_up, access_proof="never", wait_minutes=1.0)
    assert words(done) == []
    assert done.counts["deleted"] == foreseen.counts["deleted"]
    (kept,) = [finding for finding in done.findings if finding.check == "namespaces.life.retained" and finding.result == "fail"]
    assert "pv-retail-chat (10Gi)" in kept.message
    assert shared(site) == []
    for name in ("retail-chat", "retail-search"):
        assert site.cluster.request("GET", f"/api/v1/namespaces/{name}").status == 404
    again = site.run(given_up)
    assert (words(again), again.changed) == ([], False)


def test_what_somebody_else_left_behind_is_named(site: NamespacesSite) -> None:
    assert words(site.run([FRAUD], access_proof="never")) == []
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
    subject = {"kind": "ServiceAccount", "name": "default", "namespace": "risk-fraud"}
    wide = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "left"}, "roleRef": role}
    local = {**wide, "kind": "RoleBinding", "metadata": {"name": "left", "namespace": "risk-fraud"}}
    site.cluster.client.create([{**item, "subjects": [subject]} for item in (wide, local)])
    told = [each for each in failures(site.run([ending(FRAUD, "keep")])) if each.check == "namespaces.life.gone"]
    assert [("RoleBinding risk-fraud/left" in each.message, "ClusterRoleBinding left" in each.message) for each in told] == [(True, True)]
    for path in ("clusterrolebindings/left", "namespaces/risk-fraud/rolebindings/left"):
        site.cluster.request("DELETE", f"/apis/rbac.authorization.k8s.io/v1/{path}")
    assert words(site.run([ending(FRAUD, "keep")])) == []


def test_grant_that_has_ended_is_drained_by_the_day_of_the_run_and_runs_again_once_it_is_renewed(site: NamespacesSite) -> None:
    path = "/apis/kueue.x-k8s.io/v1beta2/namespaces/risk-fraud/localqueues/training"
    assert words(site.run([FRAUD], access_proof="never")) == []
    warned = {
        day: [
            each.message for each in site.run([FRAUD], "verify", today=day, access_proof="never").findings if "it ends on" in each.message
        ]
        for day in ("2027-02-28", "2027-03-01", "2027-03-17", "2027-03-24", "2027-03-31")
    }
    assert [len(messages) for messages in warned.values()] == [0, 1, 1, 1, 1]
    assert [f"within {days} days" in warned[day][0] for day, days in (("2027-03-01", 30), ("2027-03-17", 14), ("2027-03-24", 7))] == [
        True
    ] * 3
    holder(site, "risk-fraud")
    ended = site.run([FRAUD], today="2027-04-01", access_proof="never")
    (told,) = failures(ended)
    assert told.check == "namespaces.life.expiry"
    assert "training" in told.message
    assert site.live(path)["spec"]["stopPolicy"] == "HoldAndDrain"
    assert site.live("/api/v1/namespaces/risk-fraud/pods/training")["metadata"]["name"] == "training"
    renewed = site.run([{**FRAUD, "expires": "2027-09-30"}], today="2027-04-01", access_proof="never")
    assert words(renewed) == []
    assert site.live(path)["spec"]["stopPolicy"] == "None"


def test_namespace_that_never_was_has_nothing_left(site: NamespacesSite) -> None:
    never = {**SEARCH, "namespace": "never-made", "network": {}}
    done = site.run([ending(never, "delete")], access_proof="never")
    assert (words(done), done.changed) == ([], False)
    wait_until("nothing was made", lambda: site.cluster.request("GET", "/api/v1/namespaces/never-made").status == 404, 5)
