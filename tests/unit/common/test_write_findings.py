# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings: whose objects and fields they are, and what the figures say."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common import write_findings as found

POLICY = found.Policy("plan")
OURS = {"readiness.groundwork.io/stage": "plan"}
Json = dict[str, Any]


def item(labels: Json | None = None, **metadata: Any) -> Json:
    return {
        "apiVersion": "example.com/v1",
        "kind": "Plan",
        "metadata": {"name": "p", "namespace": "mtv", "labels": labels or OURS, **metadata},
    }


def left(live: Json, *, differs: bool = True) -> found.Finding | None:
    return found.left_alone(found.Desired(item(), "p.yaml"), live, POLICY, differs=differs)


def written_by(manager: str, instance: str) -> Json:
    """An object of ours with the label of an instance, to which that manager has written."""
    live = item({**OURS, "app.kubernetes.io/instance": instance})
    return {**live, "metadata": {**live["metadata"], "managedFields": [{"manager": manager, "operation": "Update"}]}}


def test_label_of_an_instance_alone_is_no_sign_of_argo_cd() -> None:
    assert left(written_by("kubectl-create", "default-dsc")) is None


def test_versions_of_a_group_mean_the_same_object() -> None:
    assert found.key_of(item()) == found.key_of({**item(), "apiVersion": "example.com/v2"})
    assert found.key_of(item()).text == "Plan mtv/p"
    assert found.key_of({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}) == found.ObjectKey("", "Namespace", "", "n")


def test_own_object_may_be_written() -> None:
    assert left(item()) is None


@pytest.mark.parametrize("labels", [{"team": "a"}, {"readiness.groundwork.io/stage": "namespaces"}])
def test_object_of_somebody_else_is_left_with_a_way_to_hand_it_over(labels: Json) -> None:
    finding = left(item(labels))
    assert finding is not None
    assert (finding.state, finding.result, finding.action) == ("changed", "fail", "none")
    assert "readiness.groundwork.io/stage=plan" in finding.remedy


@pytest.mark.parametrize(
    ("live", "words"),
    [
        (item(annotations={"argocd.argoproj.io/tracking-id": "shop:example.com/Plan:mtv/p"}), "application shop of Argo CD"),
        (written_by("argocd-controller", "shop"), "application shop (label app.kubernetes.io/instance)"),
        (item({**OURS, "argocd.argoproj.io/instance": "shop"}), "application shop (label argocd.argoproj.io/instance)"),
    ],
)
def test_object_of_an_application_is_left_and_fails_only_where_it_differs(live: Json, words: str) -> None:
    same, other = left(live, differs=False), left(live)
    assert same is not None
    assert other is not None
    assert (same.state, same.result, other.state, other.result) == ("in_step", "pass", "changed", "fail")
    assert words in same.message
    assert words in other.message


def test_object_that_is_being_deleted_is_left_and_says_what_it_waits_for() -> None:
    finding = left(item(deletionTimestamp="2026-11-21T08:00:00Z", finalizers=["example.com/keep"]))
    assert finding is not None
    assert finding.message == "it is being deleted, which waits for example.com/keep"


@pytest.mark.parametrize("claim", [found.ADOPTED, found.SINGLETON, found.FIELDS])
def test_other_claims_than_ownership_need_no_label_and_respect_applications_all_the_same(claim: str) -> None:
    desired = found.Desired(item(), "p.yaml", claim=claim)
    assert found.left_alone(desired, item({"team": "a"}), POLICY, differs=True) is None
    argo = item({"team": "a"}, annotations={"argocd.argoproj.io/tracking-id": "shop:x"})
    for differs, result in ((True, "fail"), (False, "pass")):
        finding = found.left_alone(desired, argo, POLICY, differs=differs)
        assert finding is not None
        assert (finding.result, finding.action) == (result, "none")
    other = found.left_alone(desired, item({"readiness.groundwork.io/stage": "namespaces"}), POLICY, differs=True)
    assert (other is None) is (claim == found.FIELDS)


OWNER = {"manager": "groundwork-readiness", "operation": "Apply", "apiVersion": "example.com/v1", "fieldsV1": {}}


@pytest.mark.parametrize(
    ("claim", "keep", "live", "end"),
    [
        (found.OWN, False, None, ""),
        (found.OWN, False, item(), ""),
        (found.OWN, True, None, "keep"),
        (found.ADOPTED, False, None, ""),
        (found.ADOPTED, False, item({"team": "a"}), "release"),
        (found.SINGLETON, False, item(), "release"),
        (found.SINGLETON, False, item(managedFields=[OWNER]), ""),
        (found.SINGLETON, True, item({"team": "a"}), "keep"),
        # Once it is known that it was there before, another claim does not make it ours to delete.
        (found.OWN, False, item(managedFields=[OWNER], annotations={found.ON_REMOVAL: "release"}), "release"),
    ],
)
def test_what_becomes_of_an_object_stands_on_it(claim: str, keep: bool, live: Json | None, end: str) -> None:
    bare = {**item(), "metadata": {"name": "p", "namespace": "mtv", "annotations": {"a": "b"}}}
    sent = found.to_apply(found.Desired(bare, "p.yaml", claim=claim, keep=keep), live, POLICY)
    assert found.is_ours(sent, POLICY)
    assert found.removal_of(sent) == end
    assert sent["metadata"]["annotations"]["a"] == "b"
    assert "labels" not in bare["metadata"]


def test_somebody_elses_object_gets_no_mark_and_an_odd_one_means_that_it_is_kept() -> None:
    bare = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n", "labels": {"a": "b"}}}
    assert found.to_apply(found.Desired(bare, claim=found.FIELDS), None, POLICY) is bare
    assert found.removal_of(item(annotations={found.ON_REMOVAL: "odd"})) == "keep"


def test_fields_are_taken_back_from_people_and_left_to_those_who_are_respected() -> None:
    conflicts = [
        ("kubectl-edit", ".spec.a"),
        ("argocd-controller", ".spec.b"),
        ("kubectl-edit", ".spec.b"),
        ("forklift-operator", ".spec.c"),
    ]
    contest = found.contest_of(conflicts, POLICY)
    assert contest.taken == (("kubectl-edit", ".spec.a"),)
    assert contest.left_fields == (".spec.b", ".spec.c")
    assert found.owners_in_words(contest.left) == "argocd-controller has .spec.b; forklift-operator has .spec.c; kubectl-edit has .spec.b"
    assert found.contest_of(conflicts, found.Policy("plan", ())).left == ()
    ours = found.Policy("platform-operators").manager_of(found.FIELDS)
    assert ours == "groundwork-readiness-platform-operators"
    assert found.contest_of([(ours, ".spec.a")], POLICY).left == ()


def test_many_names_are_cut() -> None:
    assert found.listed(["a"]) == "a"
    assert found.listed(["a", "b", "c"]) == "a, b and c"
    assert found.listed([str(number) for number in range(10)]) == "0, 1, 2, 3, 4, 5, 6, 7 and 2 more"


def test_figures_count_what_was_done_and_what_failed() -> None:
    key = found.key_of(item())
    tally = found.Tally(
        (
            found.Finding(key, "a", found.IN_STEP, found.PASS),
            found.Finding(key, "b", found.MISSING, found.PASS, found.CREATE),
            found.Finding(key, "c", found.CHANGED, found.FAIL, found.UPDATE),
            found.refused(found.Finding(key, "d", found.MISSING, found.PASS, found.CREATE), "no", "yes"),
            found.Finding(key, "", found.ORPHANED, found.NOT_APPLICABLE),
            found.Finding(key, "", found.ORPHANED, found.PASS, found.DELETE),
            found.Finding(key, "e", found.NOT_EVALUATED, found.NOT_EVALUATED),
        )
    )
    expected = {"objects": 7, "in_step": 1, "created": 1, "updated": 1, "deleted": 1, "orphaned": 1, "failed": 3}
    assert tally.counts() == expected
    assert [finding.path for finding in tally.failed()] == ["c", "d", "e"]
    assert tally.changed
    assert not found.Tally((found.Finding(key, "a", found.IN_STEP, found.PASS),)).changed


def test_finding_as_data_leaves_out_what_is_empty() -> None:
    finding = found.Finding(found.key_of(item()), "p.yaml", found.CHANGED, found.PASS, found.UPDATE, fields=("spec.a",))
    expected = {"object": "Plan mtv/p", "state": "changed", "result": "pass", "action": "update", "path": "p.yaml", "fields": ["spec.a"]}
    assert finding.as_dict() == expected
