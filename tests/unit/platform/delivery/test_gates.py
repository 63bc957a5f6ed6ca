# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gates: admission policies with and without bindings that deny, sync windows, approvals, and what cannot be judged."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.gates import selects, waits_for
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.plan import plan_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.readings import (
    ADMISSION_BINDINGS,
    ADMISSION_POLICIES,
    APPLICATIONS,
    NAMESPACES,
    PIPELINES,
    PROJECTS,
    slim_pipeline,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.scope import Look
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.windows import in_full
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.delivery import (
    AdmissionGateWanted,
    ApprovalWanted,
    Delivery,
    GatesWanted,
    SyncWindowWanted,
)

from tests.unit.platform.delivery.builders import (
    Json,
    admission,
    alarms,
    application,
    binding,
    findings,
    look,
    namespace,
    pipeline,
    project,
)

POLICY = "ValidatingAdmissionPolicy signed"
SPACES = [namespace("ai-models", {"tier": "prod"}), namespace("ai-train", {"tier": "dev"})]
RULES = admission("signed")["spec"]["matchConstraints"]
PROD = {"namespaceSelector": {"matchLabels": {"tier": "prod"}}}
DEV = {"namespaceSelector": {"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["prod"]}]}}


def gated(**further: Any) -> Delivery:
    return Delivery(namespaces=("ai-*",), gates=GatesWanted(**further))


@pytest.mark.parametrize(
    ("selector", "taken"),
    [
        (None, True),
        ({}, True),
        ({"matchLabels": {"a": "1"}}, True),
        ({"matchLabels": {"a": "2"}}, False),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["1"]}]}, True),
        ({"matchExpressions": [{"key": "b", "operator": "In", "values": ["1"]}]}, False),
        ({"matchExpressions": [{"key": "b", "operator": "NotIn", "values": ["1"]}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}, False),
        ({"matchExpressions": [{"key": "a", "operator": "Gt", "values": ["0"]}]}, False),
    ],
)
def test_selector_takes_labels_as_the_api_does(selector: Any, taken: bool) -> None:
    assert selects(selector, {"a": "1"}) is taken


@pytest.mark.parametrize(
    ("policies", "bindings", "result", "says"),
    [
        ([admission("signed")], [binding("b", "signed")], "pass", "it denies in ai-models and ai-train"),
        ([admission("signed")], [binding("b", "signed", "Warn", "Audit")], "fail", "no binding of it denies"),
        ([admission("signed")], [binding("b", "other")], "fail", "no binding of it denies"),
        ([admission("signed")], [], "fail", "no binding of it denies"),
        ([], [binding("b", "signed")], "fail", f"there is no {POLICY}"),
        ([admission("signed", failurePolicy="Ignore")], [binding("b", "signed")], "fail", "lets through what it cannot evaluate"),
        ([admission("signed")], [binding("b", "signed", matchResources=PROD)], "fail", "it does not deny in ai-train"),
        ([admission("signed")], [binding("b", "signed", matchResources=PROD), binding("c", "signed", matchResources=DEV)], "pass", ""),
        ([admission("signed", matchConstraints=RULES | PROD)], [binding("b", "signed")], "fail", "it does not deny in ai-train"),
        (
            [admission("signed")],
            [binding("b", "signed", paramRef={"name": "keys", "parameterNotFoundAction": "Allow"})],
            "not_evaluated",
            "lets everything through while its parameters are not there",
        ),
        ([admission("signed")], [binding("b", "signed", paramRef={"name": "keys", "parameterNotFoundAction": "Deny"})], "pass", ""),
    ],
)
def test_admission_policy_has_to_deny_in_every_namespace_meant(policies: list[Json], bindings: list[Json], result: str, says: str) -> None:
    lists = {ADMISSION_POLICIES: policies, ADMISSION_BINDINGS: bindings, NAMESPACES: SPACES}
    found = findings(look(gated(admission=(AdmissionGateWanted(name="signed"),)), lists))["gates.admission", POLICY]
    assert found.result == result
    assert says in found.message


def test_admission_policy_has_to_look_at_the_resources_that_are_named() -> None:
    lists = {ADMISSION_POLICIES: [admission("signed")], ADMISSION_BINDINGS: [binding("b", "signed")], NAMESPACES: SPACES}
    for resource, result in (("deployments.apps", "pass"), ("pods", "fail"), ("deployments.other", "fail")):
        wanted = gated(admission=(AdmissionGateWanted(name="signed", resources=(resource,)),))
        assert findings(look(wanted, lists))["gates.admission", POLICY].result == result


AUDITED: Json = {"validations": [], "auditAnnotations": [{"key": "image", "valueExpression": "'x'"}]}


@pytest.mark.parametrize("spec", [AUDITED, {**AUDITED, "validations": None}])
def test_policy_that_only_writes_audit_annotations_denies_nothing(spec: Json) -> None:
    lists = {ADMISSION_POLICIES: [admission("signed", **spec)], ADMISSION_BINDINGS: [binding("b", "signed")], NAMESPACES: SPACES}
    seen = look(gated(admission=(AdmissionGateWanted(name="signed"),)), lists)
    found = findings(seen)["gates.admission", POLICY]
    assert (found.result, found.evidence[0].field) == ("fail", "spec.validations")
    (record,) = [each for each in plan_of(seen).records if each["id"] == POLICY]
    assert record["denies"] is False


@pytest.mark.parametrize(
    ("operations", "resources", "says"),
    [
        ([["UPDATE"]], ("deployments.apps",), "it does not look at CREATE of deployments.apps"),
        ([["CREATE"]], ("deployments.apps",), "it does not look at UPDATE of deployments.apps"),
        ([["DELETE"]], ("deployments.apps",), "it does not look at CREATE of deployments.apps and UPDATE of deployments.apps"),
        ([["UPDATE", "DELETE"]], (), "it does not look at CREATE of any resource"),
        ([["CREATE"], ["UPDATE"]], ("deployments.apps",), ""),
        ([["*"]], ("deployments.apps",), ""),
        ([["CREATE"]], (), ""),
    ],
)
def test_policy_has_to_look_at_creation_and_change(operations: list[list[str]], resources: tuple[str, ...], says: str) -> None:
    rules = [{"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": each, "resources": ["deployments"]} for each in operations]
    policy = admission("signed", matchConstraints={"resourceRules": rules})
    lists = {ADMISSION_POLICIES: [policy], ADMISSION_BINDINGS: [binding("b", "signed")], NAMESPACES: SPACES}
    found = findings(look(gated(admission=(AdmissionGateWanted(name="signed", resources=resources),)), lists))["gates.admission", POLICY]
    assert (found.result, says or found.message) == ("fail" if says else "pass", found.message)


def test_gate_in_namespaces_of_which_none_is_there_does_not_apply() -> None:
    lists = {ADMISSION_POLICIES: [admission("signed")], ADMISSION_BINDINGS: [binding("b", "signed")], NAMESPACES: [namespace("web")]}
    found = findings(look(gated(admission=(AdmissionGateWanted(name="signed"),)), lists))["gates.admission", POLICY]
    assert (found.result, found.message) == ("not_applicable", "no namespace that is meant is there")


def test_what_narrows_a_policy_is_told_and_not_judged() -> None:
    policy = admission("signed", matchConditions=[{"name": "users", "expression": "true"}])
    bindings = [binding("b", "signed", matchResources={"objectSelector": {"matchLabels": {"a": "b"}}}, paramRef={"name": "x"})]
    seen = look(
        gated(admission=(AdmissionGateWanted(name="signed"),)),
        {ADMISSION_POLICIES: [policy], ADMISSION_BINDINGS: bindings, NAMESPACES: SPACES},
    )
    found = findings(seen)["gates.narrowed", POLICY]
    assert (found.result, found.severity, found.failed) == ("not_evaluated", "information", False)
    assert "matchConditions, objectSelector of b and parameters of b" in found.message


def test_without_the_labels_of_namespaces_only_what_takes_all_of_them_passes() -> None:
    wanted = gated(admission=(AdmissionGateWanted(name="signed"),))
    whole = {ADMISSION_POLICIES: [admission("signed")], ADMISSION_BINDINGS: [binding("b", "signed")]}
    assert findings(look(wanted, whole, forbidden=(NAMESPACES,)))["gates.admission", POLICY].result == "pass"
    some = {**whole, ADMISSION_BINDINGS: [binding("b", "signed", matchResources=PROD)]}
    assert findings(look(wanted, some, forbidden=(NAMESPACES,)))["gates.admission", POLICY].result == "not_evaluated"


@pytest.mark.parametrize("hidden", [ADMISSION_POLICIES, ADMISSION_BINDINGS])
def test_admission_lists_that_cannot_be_read_are_not_evaluated(hidden: str) -> None:
    found = findings(look(gated(admission=(AdmissionGateWanted(name="signed"),)), forbidden=(hidden,)))["gates.admission", POLICY]
    assert found.result == "not_evaluated"
    assert f"may not list {hidden}" in found.message


def test_gates_that_nobody_asks_for_do_not_apply() -> None:
    told = findings(look(Delivery()))
    assert {told[check, "gates"].result for check in ("gates.admission", "gates.sync_window", "gates.approval")} == {"not_applicable"}
    assert alarms(look(Delivery(), absent=(ADMISSION_POLICIES, PROJECTS, PIPELINES))) == {}


# ---- sync windows ----------------------------------------------------------------------------------------------------

NIGHT: Json = {"kind": "deny", "schedule": "0 8 * * *", "duration": "10h", "applications": ["*"]}


def of_window(seen: Look) -> CheckFinding:
    """The finding on the window that is asked for."""
    (found,) = [finding for (check, _subject), finding in findings(seen).items() if check == "gates.sync_window"]
    return found


@pytest.mark.parametrize(
    ("windows", "wanted", "result", "says"),
    [
        ([NIGHT], {}, "pass", "over all 1 applications"),
        ([NIGHT], {"schedule": "0 8 * * *", "duration": "10h"}, "pass", ""),
        ([NIGHT], {"schedule": "0 9 * * *"}, "fail", "its schedule is 0 8 * * *"),
        ([NIGHT], {"duration": "8h"}, "fail", "its duration is 10h"),
        ([NIGHT], {"window": "allow"}, "fail", "one of kind deny"),
        ([], {}, "fail", "it has no sync window"),
        ([{**NIGHT, "manualSync": True}], {}, "fail", "it lets people sync nevertheless"),
        ([{**NIGHT, "manualSync": True}], {"manual": True}, "pass", ""),
        ([{**NIGHT, "schedule": "8 o'clock"}], {}, "fail", "has 2 fields instead of five"),
        ([{**NIGHT, "schedule": "0 8 * * §"}], {}, "fail", "has the field"),
        ([{**NIGHT, "duration": "all day"}], {}, "fail", "its duration 'all day' is none"),
        ([{**NIGHT, "applications": ["other-*"]}], {}, "fail", "no such window is over models"),
        ([{**NIGHT, "applications": [], "namespaces": ["ai-*"]}], {}, "pass", ""),
        ([{**NIGHT, "applications": ["other"], "namespaces": ["ai-*"]}], {}, "pass", ""),
        ([{**NIGHT, "applications": ["other"], "namespaces": ["ai-*"], "andOperator": True}], {}, "fail", "no such window"),
        ([{**NIGHT, "applications": []}], {}, "fail", "no such window is over models"),
    ],
)
def test_sync_window_has_to_be_as_asked_and_over_all_applications(windows: list[Json], wanted: Json, result: str, says: str) -> None:
    lists = {PROJECTS: [project(windows=windows)], APPLICATIONS: [application(), application("far", spec={"project": "other"})]}
    found = of_window(look(gated(sync_windows=(SyncWindowWanted(project="ai", **wanted),)), lists))
    assert found.result == result
    assert says in found.message


EVENING: Json = {"kind": "allow", "schedule": "0 22 * * *", "duration": "2h", "applications": ["*"]}
ALL_DAY: Json = {**EVENING, "schedule": "* * * * *", "duration": "24h"}


@pytest.mark.parametrize(
    ("other", "result", "says"),
    [
        (ALL_DAY, "fail", "allow * * * * * 24h lets models be synced at other times"),
        ({**ALL_DAY, "timeZone": "Europe/Berlin"}, "fail", "24h Europe/Berlin lets models be synced"),
        ({**ALL_DAY, "applications": ["mod*"]}, "fail", "lets models be synced"),
        ({**ALL_DAY, "applications": ["others-*"]}, "pass", ""),
        ({**ALL_DAY, "kind": "deny"}, "pass", ""),
        ({**EVENING, "schedule": "0 6 * * 1-5"}, "fail", "lets models be synced"),
        ({**EVENING, "schedule": "30 22 * * MON", "duration": "90m"}, "pass", ""),
        ({**EVENING, "schedule": "30 22 * * MON", "duration": "91m"}, "fail", "lets models be synced"),
        ({**EVENING, "schedule": "0 23 * * *", "duration": "30m", "timeZone": "Europe/Berlin"}, "not_evaluated", "is not worked out"),
        ({**EVENING, "schedule": "0 22 1 * *"}, "pass", ""),
        ({**EVENING, "schedule": "0 6 1 * *"}, "not_evaluated", "is not worked out"),
        ({**EVENING, "schedule": "never"}, "not_evaluated", "is not worked out"),
        ({**EVENING, "manualSync": True}, "pass", ""),
    ],
)
def test_another_window_that_is_open_when_the_one_asked_for_is_closed_lets_syncs_through(other: Json, result: str, says: str) -> None:
    asked = SyncWindowWanted(project="ai", window="allow", schedule="0 22 * * *", duration="2h")
    wanted = gated(sync_windows=(asked,))
    for windows in ([EVENING, other], [other, EVENING]):
        lists = {PROJECTS: [project(windows=windows)], APPLICATIONS: [application()]}
        found = of_window(look(wanted, lists))
        assert (found.result, says in found.message) == (result, True), found.message


def test_without_the_list_of_applications_a_further_window_over_any_is_one_over_all() -> None:
    wanted = gated(sync_windows=(SyncWindowWanted(project="ai", window="allow", schedule="0 22 * * *", duration="2h"),))
    for windows, result in (
        ([EVENING], "pass"),
        ([EVENING, ALL_DAY], "fail"),
        ([EVENING, {**ALL_DAY, "applications": ["m*"]}], "not_evaluated"),
    ):
        seen = look(wanted, {PROJECTS: [project(windows=windows)]}, forbidden=(APPLICATIONS,))
        assert of_window(seen).result == result


def test_sync_window_is_missing_without_its_project_and_unknown_without_the_lists() -> None:
    wanted = gated(sync_windows=(SyncWindowWanted(project="ai"),))
    assert of_window(look(wanted)).state == "missing"
    assert of_window(look(wanted, absent=(PROJECTS,))).state == "missing"
    assert of_window(look(wanted, forbidden=(PROJECTS,))).result == "not_evaluated"
    over_all = {PROJECTS: [project(windows=[NIGHT])]}
    assert of_window(look(wanted, over_all, forbidden=(APPLICATIONS,))).result == "pass"
    over_some = {PROJECTS: [project(windows=[{**NIGHT, "applications": ["m*"]}])]}
    assert of_window(look(wanted, over_some, forbidden=(APPLICATIONS,))).result == "not_evaluated"


# ---- approvals -------------------------------------------------------------------------------------------------------

RELEASE = "Pipeline ai-ci/release"
BUILD: Json = {"name": "build", "taskRef": {"name": "buildah"}}


def approval(count: int | None = None, **further: Any) -> Json:
    params = [{"name": "numberOfApprovalsRequired", "value": str(count)}] if count is not None else []
    reference = {"apiVersion": "openshift-pipelines.org/v1alpha1", "kind": "ApprovalTask"}
    return {"name": "approve", "taskRef": reference, "params": params, "runAfter": ["build"], **further}


def deploy(*after: str, **further: Any) -> Json:
    return {"name": "deploy", "taskRef": {"name": "helm"}, "runAfter": list(after), **further}


@pytest.mark.parametrize(
    ("tasks", "least", "result", "says"),
    [
        ([BUILD, approval(), deploy("approve")], 1, "pass", "deploy waits for approve; who approves is not judged"),
        ([BUILD, approval(2), {"name": "sign", "runAfter": ["approve"]}, deploy("sign")], 2, "pass", ""),
        ([BUILD, approval(), deploy(params=[{"name": "by", "value": "$(tasks.approve.results.by)"}])], 1, "pass", ""),
        ([BUILD, approval(1), deploy("approve")], 2, "fail", "asks too few"),
        ([BUILD, approval(), deploy("build")], 1, "fail", "deploy does not wait for approve"),
        ([BUILD, approval(), deploy()], 1, "fail", "deploy does not wait for approve"),
        ([BUILD, approval(onError="continue"), deploy("approve")], 1, "fail", "lets the run go on when refused"),
        ([BUILD, approval(when=[{"input": "a"}]), deploy("approve")], 1, "fail", "may be skipped"),
        ([BUILD, deploy("build")], 1, "fail", "it has no ApprovalTask"),
        ([BUILD, approval()], 1, "fail", "it has no task deploy"),
    ],
)
def test_tasks_have_to_wait_for_an_approval_that_stops_them(tasks: list[Json], least: int, result: str, says: str) -> None:
    wanted = gated(approvals=(ApprovalWanted(pipeline="release", namespace="ai-ci", before=("deploy",), least_approvals=least),))
    whole = pipeline("release", "ai-ci", *tasks)
    found = findings(look(wanted, {PIPELINES: [whole]}))["gates.approval", RELEASE]
    assert found.result == result
    assert says in found.message
    assert findings(look(wanted, {PIPELINES: [slim_pipeline(whole)]}))["gates.approval", RELEASE] == found


def test_tasks_that_wait_for_one_another_end_the_search() -> None:
    tasks = [{"name": "a", "runAfter": ["b"]}, {"name": "b", "runAfter": ["a"]}]
    assert waits_for(tasks, "a") == {"a", "b"}


def test_pipeline_with_an_approval_that_is_not_there_is_missing_and_unknown_where_it_cannot_be_listed() -> None:
    wanted = gated(approvals=(ApprovalWanted(pipeline="release", namespace="ai-ci", before=("deploy",)),))
    assert findings(look(wanted))["gates.approval", RELEASE].state == "missing"
    assert findings(look(wanted, absent=(PIPELINES,)))["gates.approval", RELEASE].state == "missing"
    assert findings(look(wanted, forbidden=(PIPELINES,)))["gates.approval", RELEASE].result == "not_evaluated"


def test_steps_of_embedded_tasks_are_not_kept() -> None:
    embedded = {"name": "t", "taskSpec": {"steps": [{"script": "echo secret"}]}}
    custom = {"name": "approve", "taskSpec": {"apiVersion": "openshift-pipelines.org/v1alpha1", "kind": "ApprovalTask", "spec": {"a": 1}}}
    slim = slim_pipeline(pipeline("release", "ai-ci", embedded, custom))
    assert "secret" not in repr(slim)
    assert slim_pipeline(slim) == slim
    records = {each["id"]: each for each in plan_of(look(Delivery(), {PIPELINES: [slim]})).records if each["kind"] == "gate"}
    assert records["Pipeline ai-ci/release"]["bindings"] == ["approve"]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "deny 0 8 * * * 10h"),
        ({"timeZone": "Asia/Tokyo"}, "deny 0 8 * * * 10h Asia/Tokyo"),
        ({"applications": ["web-*", "billing"]}, "deny 0 8 * * * 10h over applications web-*, billing"),
        ({"applications": [], "namespaces": ["ai"], "clusters": ["in"]}, "deny 0 8 * * * 10h over namespaces ai or clusters in"),
        ({"applications": []}, "deny 0 8 * * * 10h over nothing"),
    ],
)
def test_windows_are_told_with_what_they_are_over(changes: Json, text: str) -> None:
    assert in_full({**NIGHT, **changes}) == text


def test_records_of_gates_say_whether_they_deny() -> None:
    lists = {
        ADMISSION_POLICIES: [admission("signed"), admission("idle")],
        ADMISSION_BINDINGS: [binding("b", "signed")],
        PROJECTS: [project(windows=[NIGHT])],
    }
    records = {each["id"]: each for each in plan_of(look(gated(admission=(AdmissionGateWanted(name="signed"),)), lists)).records}
    assert (records[POLICY]["denies"], records[POLICY]["standing"]) == (True, "asked")
    assert (records["ValidatingAdmissionPolicy idle"]["denies"], records["ValidatingAdmissionPolicy idle"]["standing"]) == (False, "seen")
    assert records["AppProject openshift-gitops/ai"]["bindings"] == ["deny 0 8 * * * 10h"]
