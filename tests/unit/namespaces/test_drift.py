# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is drift of a namespace and what is not, beside what the tests on a real API server show."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import (
    IN_STEP,
    NOT_EVALUATED,
    PASS,
    Finding,
    Policy,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.drift import Applied, extras, object_findings
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.objects.pull_secrets import pull_secret_merges
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.plan import Served, plan_namespaces
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.readings import OWNER_QUOTAS, SERVICE_ACCOUNTS
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.vocabulary import differences
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.rights import secret_rights
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, PlatformSnapshot

from tests.unit.namespaces.builders import Json, contract
from tests.unit.namespaces.test_plan import FLEET
from tests.unit.platform.accelerators.support import CLASSES

SPACE = "team-forecast"
POLICY = Policy("namespaces")
RBAC = "rbac.authorization.k8s.io"
PLAN = plan_namespaces([contract()], CLASSES, FLEET, Served("v1beta2", cluster_quotas=True))


def extra_names(*items: Json) -> list[str]:
    listed = {
        f"{plural}.{RBAC}": Listed("read", tuple(item for item in items if item["kind"] == kind))
        for plural, kind in (("roles", "Role"), ("rolebindings", "RoleBinding"))
    }
    return [each.key.text for each in extras([contract()], PLAN, PlatformSnapshot(listed), POLICY)]


def test_right_of_ours_to_read_secrets_by_name_is_nobodys_drift() -> None:
    assert extra_names(*map(dict, secret_rights(SPACE, ["registry-pull"]))) == []


@pytest.mark.parametrize(
    "change",
    [
        {"subjects": [{"kind": "User", "name": "somebody", "apiGroup": RBAC}]},
        {"subjects": [{"kind": "ServiceAccount", "name": "writer", "namespace": "elsewhere"}]},
        {"roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "groundwork-readiness-secrets"}},
        {"roleRef": {"apiGroup": RBAC, "kind": "Role", "name": "another"}},
    ],
)
def test_binding_that_lets_others_read_secrets_is_extra_whatever_its_name(change: Json) -> None:
    given, binds = map(dict, secret_rights(SPACE, ["registry-pull"]))
    assert extra_names(given, {**binds, **change}) == [f"RoleBinding {SPACE}/groundwork-readiness-secrets"]


@pytest.mark.parametrize("change", [{"verbs": ["get", "list"]}, {"resourceNames": []}, {"resources": ["*"]}, {"apiGroups": ["*"]}])
def test_role_that_gives_more_than_single_secrets_is_extra_whatever_its_name(change: Json) -> None:
    given, binds = map(dict, secret_rights(SPACE, ["registry-pull"]))
    wider = {**given, "rules": [{**given["rules"][0], **change}]}
    assert sorted(extra_names(wider, binds)) == [
        f"Role {SPACE}/groundwork-readiness-secrets",
        f"RoleBinding {SPACE}/groundwork-readiness-secrets",
    ]


# ---- quotas to which somebody has added ------------------------------------------------------------------------------


def told(kind: str, lists: dict[str, Sequence[Json]], state: str = IN_STEP) -> CheckFinding:
    wanted = next(each for each in PLAN.objects if each.object["kind"] == kind)
    snapshot = PlatformSnapshot({name: Listed("read", tuple(items)) for name, items in lists.items()})
    found = Finding(wanted.key, wanted.path, state, PASS if state == IN_STEP else NOT_EVALUATED)
    (finding,) = object_findings([found], PLAN, snapshot, Applied({}), POLICY)
    return finding


def live(kind: str) -> Json:
    return dict(next(each.object for each in PLAN.objects if each.object["kind"] == kind))


def test_quota_as_declared_is_in_step() -> None:
    assert told("ClusterResourceQuota", {OWNER_QUOTAS: [live("ClusterResourceQuota")]}).state == IN_STEP
    assert told("ResourceQuota", {"resourcequotas": [live("ResourceQuota")]}).state == IN_STEP


def test_key_that_somebody_adds_to_a_quota_is_told_though_no_apply_takes_it_back() -> None:
    item = live("ResourceQuota")
    item["spec"] = {"hard": {**item["spec"]["hard"], "count/configmaps": "1"}}
    found = told("ResourceQuota", {"resourcequotas": [item]})
    assert (found.state, found.result, found.fields) == ("changed", "fail", ("spec.hard[count/configmaps]",))
    assert "no run takes back" in found.message
    assert "taken out of" in found.remedy


def test_selector_of_an_owners_quota_that_is_narrowed_by_annotations_is_told() -> None:
    item = live("ClusterResourceQuota")
    item["spec"] = {**item["spec"], "selector": {**item["spec"]["selector"], "annotations": {"a": "b"}}}
    assert told("ClusterResourceQuota", {OWNER_QUOTAS: [item]}).fields == ("spec.selector.annotations[a]",)


def test_what_could_not_be_compared_stays_unknown() -> None:
    found = told("ResourceQuota", {"resourcequotas": [live("ResourceQuota")]}, NOT_EVALUATED)
    assert (found.state, found.result) == (NOT_EVALUATED, NOT_EVALUATED)
    assert found.remedy


# ---- lists, and Secrets in them --------------------------------------------------------------------------------------


def test_list_that_is_declared_empty_and_left_out_by_the_server_is_no_difference() -> None:
    assert list(differences({"spec": {"ingress": []}}, {"spec": {}})) == []
    (found,) = differences({"spec": {"ingress": []}}, {"spec": {"ingress": [{}]}})
    assert found.field == "spec.ingress"


def account(name: str, space: str, marks: str = '{"registry-pull":"x"}') -> Json:
    notes = {"readiness.groundwork.io/pull-secrets": marks} if marks else {}
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": name, "namespace": space, "annotations": notes},
        "imagePullSecrets": [{"name": "registry-pull"}],
    }


def space(name: str, stage: str = "namespaces") -> Json:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"readiness.groundwork.io/stage": stage}}}


@pytest.mark.parametrize(("stage", "left"), [("namespaces", ["default"]), ("", [])])
def test_secrets_of_a_contract_that_is_gone_are_let_go_where_the_namespace_is_ours(stage: str, left: list[str]) -> None:
    lists = {"namespaces": (space("kept", stage),), SERVICE_ACCOUNTS: (account("default", "kept"), account("theirs", "kept", ""))}
    snapshot = PlatformSnapshot({name: Listed("read", items) for name, items in lists.items()})
    merges = pull_secret_merges([contract()], snapshot, prune=True)
    assert [each.ref.name for each in merges] == left
    for each in merges:
        merged = each.change.of(lists[SERVICE_ACCOUNTS][0])
        assert merged.object is not None
        assert merged.object["imagePullSecrets"] == []


def test_service_account_that_went_with_its_contract_is_not_made_anew() -> None:
    snapshot = PlatformSnapshot({"namespaces": Listed("read", (space("kept"),)), SERVICE_ACCOUNTS: Listed("read", (account("a", "kept"),))})
    (merge,) = pull_secret_merges([contract()], snapshot, prune=True)
    assert merge.change.of(None).object is None
