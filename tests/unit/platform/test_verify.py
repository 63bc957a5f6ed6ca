# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verifier: findings of every kind in one form, one for each subject, and the state of each layer told by them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding, Waiver
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import Finding, ObjectKey
from ansible_collections.groundwork.readiness.plugins.module_utils.platform import cluster_checks
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.catalogue import Catalogue
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.checks import LAYERS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import ClusterWanted, PlatformDesired
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.layers import layer_records, layer_state
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import Context, PartPlan, Step, Wait, WantedObject
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.progress import Progress
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import ClusterFacts, Listed, Named, PlatformSnapshot
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.verify import Verified, cluster_findings, object_named, verify

Json = dict[str, Any]
FLAVOR = {"apiVersion": "kueue.x-k8s.io/v1beta2", "kind": "ResourceFlavor", "metadata": {"name": "h100"}}
KEY = ObjectKey("kueue.x-k8s.io", "ResourceFlavor", "", "h100")
WANTED = WantedObject(FLAVOR, "openshift_ai", "queues", "openshift_ai.queues", 70, awaits="kueue")
REF = Named("kueue.openshift.io/v1", "Kueue", "", "cluster")
WAIT = Wait("Kueue cluster", "openshift_ai", "queues", REF, 10)
FACTS = ClusterFacts("c1", "1.34.4", "4.21.3", "4.22", olm_v0=True)


def context(snapshot: PlatformSnapshot | None = None, **wanted: Any) -> Context:
    desired = PlatformDesired(schema_version="1.0", **wanted)
    return Context(desired, snapshot or PlatformSnapshot({}, cluster=FACTS), Catalogue("1", ""), "2026-11-22")


def verified(compared: Finding | None = None, progress: Progress | None = None, *, plan: PartPlan | None = None, **more: Any) -> Verified:
    found = {"openshift_ai": [compared]} if compared else {}
    waited = {WAIT: progress} if "waited" not in more else more.pop("waited")
    return verify(more.pop("context", context()), plan or PartPlan((WANTED,), (WAIT,)), found, waited, **more)


def one(found: Verified, check: str) -> CheckFinding:
    return next(finding for finding in found.findings if finding.check == check)


def record(found: Verified, kind: str, identity: str) -> Json:
    return next(entry for entry in found.records if (entry["kind"], entry["id"]) == (kind, identity))


def test_object_becomes_a_finding_of_its_part_and_layer_and_a_record() -> None:
    found = verified(Finding(KEY, "openshift_ai.queues", "changed", "pass", "update", "changes spec", fields=("spec",)))
    finding = one(found, "platform.openshift_ai.object")
    assert (finding.subject, finding.part, finding.layer, finding.action) == ("ResourceFlavor h100", "openshift_ai", "queues", "update")
    assert record(found, "object", "ResourceFlavor h100") == {
        "kind": "object",
        "id": "ResourceFlavor h100",
        "name": "h100",
        "part": "openshift_ai",
        "state": "changed",
        "result": "pass",
        "action": "update",
        "fields": ["spec"],
        "path": "openshift_ai.queues",
        "awaits": "",
        "validated": True,
    }


def test_object_whose_kind_is_not_served_yet_is_planned_and_not_validated() -> None:
    planned = Finding(
        KEY, "openshift_ai.queues", "missing", "not_evaluated", "create", "planned, not validated: operator kueue brings its CRD"
    )
    found = record(verified(planned), "object", "ResourceFlavor h100")
    assert (found["awaits"], found["validated"], found["action"]) == ("kueue", False, "create")


def test_object_that_is_not_there_says_so_and_what_to_do() -> None:
    finding = one(verified(Finding(KEY, "openshift_ai.queues", "missing", "fail", "create")), "platform.openshift_ai.object")
    assert (finding.words, finding.remedy) == ("ResourceFlavor h100: not there", "apply the document")
    created = one(verified(Finding(KEY, "openshift_ai.queues", "missing", "pass", "create")), "platform.openshift_ai.object")
    assert (created.message, created.remedy) == ("", "")


def test_message_that_names_its_subject_stands_alone() -> None:
    finding = CheckFinding("x", "openshift_ai", "group admins", "missing", "fail", message="there is no group admins")
    assert finding.words == "there is no group admins"
    assert replace(finding, message="nobody is in it").words == "group admins: nobody is in it"


def test_layer_names_a_critical_failure_before_a_warning() -> None:
    warning = CheckFinding("a", "openshift_ai", "a", "missing", "fail", "warning", "first by name")
    critical = CheckFinding("b", "openshift_ai", "b", "missing", "fail", "critical", "the graver one")
    assert layer_state([warning, critical]) == ("missing", "b: the graver one")


def test_object_that_is_wanted_no_more_belongs_to_the_part_that_applied_it() -> None:
    old = ObjectKey("kueue.x-k8s.io", "Cohort", "", "old")
    finding = one(verified(Finding(old, "", "orphaned", "pass")), "platform.openshift_ai.object")
    assert (finding.part, finding.layer, finding.subject) == ("openshift_ai", "ai_platform", "Cohort old")


@pytest.mark.parametrize(
    ("progress", "result", "state", "layer"),
    [
        (Progress("ready", "Available"), "pass", "in_step", "ready"),
        (Progress("waiting", "NoStatus", "words"), "fail", "missing", "waiting"),
        (Progress("stuck", "CertManagerMissing", "words"), "fail", "changed", "broken"),
        (None, "fail", "missing", "missing"),
    ],
)
def test_what_is_waited_for_is_told_by_how_far_it_has_come(progress: Progress | None, result: str, state: str, layer: str) -> None:
    found = verified(progress=progress)
    finding = one(found, "platform.openshift_ai.ready")
    assert (finding.result, finding.state, finding.layer) == (result, state, "queues")
    assert found.layers["queues"] == layer
    if progress and progress.words:
        assert finding.message == f"{progress.reason}: words"
        assert finding.evidence[0].observed == progress.reason


def test_waived_failure_keeps_the_layer_ready_and_says_who_answers() -> None:
    waiver = Waiver("platform.openshift_ai.ready", "team-platform@example.com", "known", "2026-12-01")
    found = verified(progress=None, context=context(waivers=(waiver,)))
    assert one(found, "platform.openshift_ai.ready").result == "waived"
    assert found.layers["queues"] == "ready"
    assert found.failed() == ()


def test_of_several_findings_with_one_id_the_failure_counts() -> None:
    passing = cluster_checks.READY["operators"].finding("operator nfd", "in_step", "pass")
    failing = cluster_checks.READY["operators"].finding("operator nfd", "changed", "fail", message="why")
    for order in ((passing, failing), (failing, passing)):
        found = verified(further=order, waited={}, plan=PartPlan())
        assert [finding.message for finding in found.findings] == ["why"]


def test_step_says_whether_it_was_taken() -> None:
    step = Step(
        1, "operators", "approve", "InstallPlan ns/install-1", Named("operators.coreos.com/v1alpha1", "InstallPlan", "ns", "install-1")
    )
    plan = PartPlan(steps=(step,))
    identity = "001 operators approve InstallPlan ns/install-1"
    assert record(verified(plan=plan, waited={}), "step", identity)["state"] == "planned"
    assert record(verified(plan=plan, waited={}, done=[step]), "step", identity)["state"] == "done"


def test_records_are_sorted_and_unique_and_name_every_layer() -> None:
    found = verified(Finding(KEY, "p", "in_step", "pass"), Progress("ready"))
    keys = [(entry["kind"], entry["id"]) for entry in found.records]
    assert keys == sorted(set(keys))
    assert [entry["id"] for entry in sorted((e for e in found.records if e["kind"] == "layer"), key=lambda e: e["order"])] == list(LAYERS)
    assert record(found, "cluster", "c1")["kubernetes_version"] == "1.34.4"


def test_lists_that_could_not_be_read_are_records_with_their_cost() -> None:
    forbidden = Listed("forbidden", reason="the account may not list nodes", permission="list nodes")
    snapshot = PlatformSnapshot({"nodes": forbidden, "namespaces": Listed("read")}, cluster=FACTS)
    found = verified(context=context(snapshot), waited={}, plan=PartPlan())
    assert record(found, "reading", "nodes")["costs"] == ["the nodes and their accelerators"]
    assert record(found, "reading", "namespaces")["count"] == 0
    told = cluster_findings(context(snapshot), ["nodes", "namespaces"])
    assert [(finding.subject, finding.result, finding.severity) for finding in told] == [("nodes", "not_evaluated", "warning")]


@pytest.mark.parametrize(
    ("wanted", "facts", "check"),
    [
        (ClusterWanted(id="c1", openshift="4.21"), FACTS, ""),
        (ClusterWanted(id="c2"), FACTS, "platform.cluster.identity"),
        (ClusterWanted(id="c1"), ClusterFacts(), "platform.cluster.identity"),
        (ClusterWanted(openshift="4.2"), FACTS, "platform.cluster.openshift"),
        (ClusterWanted(openshift="4.21"), ClusterFacts("c1"), "platform.cluster.openshift"),
        (ClusterWanted(), ClusterFacts(), ""),
    ],
)
def test_cluster_has_to_be_the_one_that_the_document_is_for(wanted: ClusterWanted, facts: ClusterFacts, check: str) -> None:
    told = cluster_findings(context(PlatformSnapshot({}, cluster=facts), cluster=wanted))
    assert [finding.check for finding in told] == ([check] if check else [])
    assert all(finding.refuses and finding.failed for finding in told)


def finding(
    state: str, result: str, action: str = "none", severity: str = "critical", check: str = "platform.operators.object"
) -> CheckFinding:
    return CheckFinding(check, "operators", "it", state, result, severity, action=action, layer="operators")


LAYER_TABLE = [
    ([], True, "ready"),
    ([finding("in_step", "pass")], True, "ready"),
    ([finding("missing", "pass", "create")], True, "ready"),
    ([finding("missing", "pass", "create")], False, "missing"),
    ([finding("changed", "pass", "update")], True, "ready"),
    ([finding("changed", "pass", "update")], False, "waiting"),
    ([finding("changed", "fail", "update")], False, "waiting"),
    ([finding("changed", "fail")], True, "broken"),
    ([finding("extra", "fail")], True, "broken"),
    ([finding("missing", "fail")], True, "missing"),
    ([finding("missing", "not_evaluated", "create")], True, "missing"),
    ([finding("not_evaluated", "not_evaluated")], True, "not_evaluated"),
    ([finding("changed", "fail", severity="information")], True, "ready"),
    ([finding("changed", "waived")], True, "ready"),
    ([finding("not_evaluated", "not_evaluated"), finding("changed", "fail"), finding("missing", "fail")], True, "broken"),
    ([finding("not_evaluated", "not_evaluated"), finding("missing", "fail")], True, "missing"),
]


@pytest.mark.parametrize(("findings", "applied", "state"), LAYER_TABLE)
def test_layer_is_as_good_as_the_worst_of_its_findings(findings: list[CheckFinding], applied: bool, state: str) -> None:
    assert layer_state(findings, applied=applied)[0] == state
    records = {entry["id"]: entry for entry in layer_records(findings, applied=applied)}
    assert records["operators"]["state"] == state
    assert records["operators"]["wanted"] is bool(findings)
    assert records["queues"]["state"] == "ready"
    assert records["queues"]["wanted"] is False


def test_layer_names_what_keeps_it_from_being_ready() -> None:
    worst = replace(finding("changed", "fail"), subject="operator nfd", message="CSV Failed")
    assert layer_state([finding("in_step", "pass"), worst]) == ("broken", "operator nfd: CSV Failed")


def test_object_is_looked_up_in_the_lists_where_they_are_whole_else_by_name() -> None:
    flavors = Listed("read", (FLAVOR,), "v1beta2")
    snapshot = PlatformSnapshot({"resourceflavors.kueue.x-k8s.io": flavors})
    assert object_named(Named("kueue.x-k8s.io/v1beta2", "ResourceFlavor", "", "h100"), snapshot) == ("read", FLAVOR)
    assert object_named(Named("kueue.x-k8s.io/v1beta2", "ResourceFlavor", "", "other"), snapshot) == ("absent", None)
    assert object_named(Named("apps/v1", "Deployment", "ns", "one"), snapshot)[0] == "failed"
