# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications of Argo CD: each verdict with its cause, what is asked, what is merely seen, and where nobody knows."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.applications import revision_kind
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.plan import plan_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.readings import (
    APPLICATIONS,
    NAMESPACES,
    PROJECTS,
    slim_application,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.delivery import (
    ApplicationWanted,
    Delivery,
    GitOpsWanted,
)

from tests.unit.platform.delivery.builders import (
    TODAY,
    Json,
    alarms,
    application,
    findings,
    look,
    namespace,
    project,
)

MODELS = ApplicationWanted(name="models")
SUBJECT = "Application openshift-gitops/models"
SPACES = [namespace("ai-models"), namespace("ai-train"), namespace("web")]


def asked(**further: Any) -> Delivery:
    return Delivery(gitops=GitOpsWanted(applications=(MODELS,), **further))


def lists(*applications: Json, projects: tuple[Json, ...] = (project(),)) -> dict[str, list[Json]]:
    return {APPLICATIONS: list(applications), PROJECTS: list(projects), NAMESPACES: SPACES}


@pytest.mark.parametrize(
    ("status", "check", "result", "says"),
    [
        ({}, "synced", "pass", ""),
        ({"sync": {"status": "OutOfSync"}}, "synced", "fail", "the cluster differs from its source"),
        ({"sync": {"status": "Unknown"}}, "synced", "not_evaluated", "Argo CD says Unknown"),
        ({"sync": {}}, "synced", "not_evaluated", "has not compared it yet"),
        ({"conditions": [{"type": "ComparisonError", "message": "no such path"}]}, "synced", "fail", "ComparisonError: no such path"),
        ({"conditions": [{"type": "OrphanedResourceWarning", "message": "2"}]}, "synced", "pass", ""),
        ({"health": {"status": "Degraded", "message": "2 pods crash"}}, "healthy", "fail", "it is degraded: 2 pods crash"),
        ({"health": {"status": "Missing"}}, "healthy", "fail", "parts of it are missing"),
        ({"health": {"status": "Suspended"}}, "healthy", "fail", "it is suspended"),
        ({"health": {"status": "Progressing"}}, "healthy", "not_evaluated", "Argo CD says Progressing"),
        ({"health": {}}, "healthy", "not_evaluated", "has not judged it yet"),
        ({"operationState": {"phase": "Failed", "message": "one hook failed"}}, "operation", "fail", "one hook failed"),
        ({"operationState": {"phase": "Error"}}, "operation", "fail", "it ended as Error"),
        ({"operationState": {"phase": "Running"}}, "operation", "not_evaluated", "under way: Running"),
        ({"operationState": {}}, "operation", "not_applicable", "no operation was run"),
        ({"reconciledAt": "2026-11-21T00:00:01Z"}, "current", "pass", ""),
        ({"reconciledAt": "2026-11-20T23:59:59Z"}, "current", "fail", "compared it last on 2026-11-20"),
        ({"reconciledAt": "2026-11-23T00:10:00Z"}, "current", "pass", ""),
        ({"reconciledAt": "2026-12-22T00:10:00Z"}, "current", "not_evaluated", "no moment of the past"),
        ({"reconciledAt": "yesterday"}, "current", "not_evaluated", "no moment of the past"),
        ({"reconciledAt": ""}, "current", "not_evaluated", "has not compared it yet"),
    ],
)
def test_what_argo_cd_says_of_an_application_becomes_a_verdict(status: Json, check: str, result: str, says: str) -> None:
    found = findings(look(asked(), lists(application(status=status))))[f"applications.{check}", SUBJECT]
    assert found.result == result
    assert says in found.message
    assert found.failed == (result in ("fail", "not_evaluated"))
    assert bool(found.evidence) == (result == "fail")


@pytest.mark.parametrize(
    ("policy", "wanted", "result", "says"),
    [
        ({"automated": {"prune": True, "selfHeal": True}}, {"prune": True, "self_heal": True}, "pass", ""),
        ({"automated": {}}, {"automated": True}, "pass", ""),
        ({"automated": {}}, {"prune": True, "self_heal": True}, "fail", "without prune and selfHeal"),
        ({"automated": {"prune": True}}, {"self_heal": True}, "fail", "without selfHeal"),
        ({"automated": {"enabled": False, "prune": True}}, {"automated": True}, "fail", "synced by hand"),
        ({}, {"automated": True}, "fail", "synced by hand"),
    ],
)
def test_automated_sync_is_judged_as_far_as_it_is_asked(policy: Json, wanted: dict[str, bool], result: str, says: str) -> None:
    found = findings(look(asked(**wanted), lists(application(spec={"syncPolicy": policy}))))["applications.automated", SUBJECT]
    assert (found.result, found.severity) == (result, "warning")
    assert says in found.message


@pytest.mark.parametrize(
    ("revision", "kind"),
    [
        ("", "head"),
        ("HEAD", "head"),
        ("main", "name"),
        ("release-1.2", "name"),
        ("refs/heads/main", "branch"),
        ("refs/tags/anything", "tag"),
        ("v1.2.3", "tag"),
        ("1.2.3-rc.1+4", "tag"),
        ("4f3c2a1b" * 5, "commit"),
        ("4f3c2a1", "name"),
        ("1.2.*", "range"),
        (">=1.0 <2", "range"),
        ("^1.2.3", "range"),
        ("1.x", "range"),
    ],
)
def test_revision_is_told_by_its_form_and_a_bare_name_is_no_pin(revision: str, kind: str) -> None:
    assert revision_kind({"targetRevision": revision}) == kind
    source = {"repoURL": "https://git.example.com/ai.git", "targetRevision": revision}
    found = findings(look(asked(pinned=True), lists(application(spec={"source": source}))))["applications.pinned", SUBJECT]
    assert found.result == ("pass" if kind in ("tag", "commit") else "fail")


def test_each_of_several_sources_has_to_be_pinned_and_a_hydrated_one_goes_by_its_dry_source() -> None:
    several = [{"repoURL": "a", "targetRevision": "v1.0.0"}, {"repoURL": "b", "targetRevision": "main"}]
    found = findings(look(asked(pinned=True), lists(application(spec={"sources": several}))))["applications.pinned", SUBJECT]
    assert (found.result, found.evidence[0].observed) == ("fail", "main")
    dry = {"drySource": {"repoURL": "a", "targetRevision": "HEAD", "path": "."}, "syncSource": {"targetBranch": "b", "path": "."}}
    found = findings(look(asked(pinned=True), lists(application(spec={"sourceHydrator": dry}))))["applications.pinned", SUBJECT]
    assert found.result == "fail"


@pytest.mark.parametrize(
    ("projects", "result", "says"),
    [
        ((project(),), "pass", ""),
        ((project(into=("*",)),), "fail", "allows every namespace"),
        ((project("other"),), "fail", "there is no AppProject ai"),
        ((project(home="argocd"),), "pass", ""),
        ((project(home="argocd", into=("*",)), project(home="second")), "fail", "there is no AppProject ai"),
    ],
)
def test_project_has_to_be_there_and_bounded(projects: tuple[Json, ...], result: str, says: str) -> None:
    found = findings(look(asked(bounded_projects=True), lists(application(), projects=projects)))["applications.project", SUBJECT]
    assert found.result == result
    assert says in found.message


def test_application_that_is_asked_for_and_not_there_is_missing() -> None:
    found = findings(look(asked(), lists(application("other"))))["applications.there", SUBJECT]
    assert (found.result, found.state, found.path) == ("fail", "missing", "delivery.gitops.applications[0]")


def test_clean_application_gives_no_alarm_however_much_is_asked() -> None:
    everything = asked(automated=True, prune=True, self_heal=True, pinned=True, bounded_projects=True)
    assert alarms(look(everything, lists(application()))) == {}


def test_sick_application_that_nobody_asked_for_is_told_without_alarm_and_that_of_a_meant_namespace_is_a_warning() -> None:
    sick = application(status={"health": {"status": "Degraded"}})
    seen = findings(look(Delivery(), lists(sick)))["applications.healthy", "applications seen"]
    assert (seen.result, seen.severity, seen.failed) == ("fail", "information", False)
    assert f"1 of 1 do not: {SUBJECT} (it is degraded)" in seen.message
    assert alarms(look(Delivery(), lists(sick))) == {}
    meant = findings(look(Delivery(namespaces=("ai-*",)), lists(sick)))["applications.healthy", SUBJECT]
    assert (meant.result, meant.severity, meant.failed) == ("fail", "warning", True)


def test_application_for_another_cluster_is_in_no_namespace_of_this_one() -> None:
    remote = application(status={"health": {"status": "Degraded"}}, server="https://api.other.example.com:6443")
    assert alarms(look(Delivery(namespaces=("ai-models",)), lists(remote))) == {}


def test_practices_that_nobody_asks_for_are_told_and_no_failure() -> None:
    loose = application(spec={"syncPolicy": {}, "source": {"repoURL": "a"}})
    seen = look(
        Delivery(namespaces=("ai-models",), gitops=GitOpsWanted(applications=(MODELS,))), lists(loose, projects=(project(into=("*",)),))
    )
    told = findings(seen)
    for check in ("automated", "pinned", "project"):
        assert (told[f"applications.{check}", "applications seen"].result, (f"applications.{check}", SUBJECT) in told) == ("fail", False)
    assert alarms(seen) == {}


# ---- the whole of it -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "absent", "applications", "result", "severity", "says"),
    [
        (Delivery(), True, [], "not_applicable", "warning", "has no Argo CD"),
        (Delivery(gitops=GitOpsWanted()), True, [], "fail", "warning", "does not serve Applications"),
        (Delivery(), False, [], "fail", "information", "installed and manages nothing: there is no Application"),
        (Delivery(gitops=GitOpsWanted()), False, [], "fail", "warning", "installed and manages nothing"),
        (Delivery(), False, [application(status={"resources": []})], "fail", "information", "none of its 1 Applications"),
        (Delivery(), False, [application()], "pass", "information", "1 Applications"),
    ],
)
def test_argo_cd_that_is_absent_or_manages_nothing_is_told(
    wanted: Delivery, absent: bool, applications: list[Json], result: str, severity: str, says: str
) -> None:
    seen = look(wanted, lists(*applications), absent=(APPLICATIONS, PROJECTS) if absent else ())
    found = findings(seen)["applications.used", "Argo CD"]
    assert found.result == result
    assert found.failed == (result == "fail" and severity == "warning")
    assert says in found.message


def test_applications_that_cannot_be_listed_are_not_evaluated_with_the_reason() -> None:
    wanted = Delivery(namespaces=("ai-*",), gitops=GitOpsWanted(applications=(MODELS,), tracked=True))
    told = findings(look(wanted, lists(application()), forbidden=(APPLICATIONS,)))
    for key in (("applications.used", "Argo CD"), ("applications.there", SUBJECT), ("applications.tracked", "namespaces")):
        assert told[key].result == "not_evaluated"
        assert "may not list applications.argoproj.io" in told[key].message
    unasked = look(Delivery(), lists(), forbidden=(APPLICATIONS,))
    assert findings(unasked)["applications.used", "Argo CD"].result == "not_evaluated"
    assert alarms(unasked) == {}


def test_projects_that_cannot_be_listed_leave_their_bounds_unknown() -> None:
    found = findings(look(asked(bounded_projects=True), lists(application()), forbidden=(PROJECTS,)))
    assert found["applications.project", SUBJECT].result == "not_evaluated"


@pytest.mark.parametrize(
    ("applications", "spaces", "result", "says"),
    [
        ([application(), application("train", into="ai-train")], SPACES, "pass", "2 of 2"),
        ([application()], SPACES, "fail", "none in ai-train"),
        ([application()], [namespace("ai-models"), namespace("ai-train", **{"argocd.argoproj.io/tracking-id": "x:y"})], "pass", "2 of 2"),
        ([application(), application("far", into="ai-train", server="https://far.example.com")], SPACES, "fail", "none in ai-train"),
        ([application(), application("new", into="ai-train", status={"resources": []})], SPACES, "fail", "none in ai-train"),
        ([application()], [namespace("web")], "not_applicable", "no namespace that is meant is there"),
    ],
)
def test_namespaces_that_no_application_looks_after_are_named(applications: list[Json], spaces: list[Json], result: str, says: str) -> None:
    wanted = Delivery(namespaces=("ai-*",), gitops=GitOpsWanted(tracked=True))
    found = findings(look(wanted, {**lists(*applications), NAMESPACES: spaces}))["applications.tracked", "namespaces"]
    assert found.result == result
    assert says in found.message


def test_pattern_without_a_namespace_is_missing_and_unknown_where_they_cannot_be_listed() -> None:
    wanted = Delivery(namespaces=("ai-*", "edge-*"))
    told = findings(look(wanted, lists()))
    assert told["scope.namespaces", "namespaces ai-*"].result == "pass"
    assert (told["scope.namespaces", "namespaces edge-*"].result, told["scope.namespaces", "namespaces edge-*"].state) == (
        "fail",
        "missing",
    )
    told = findings(look(wanted, lists(), forbidden=(NAMESPACES,)))
    assert told["scope.namespaces", "namespaces ai-*"].result == "not_evaluated"


# ---- records, and what is kept of an Application -----------------------------------------------------------------------


def test_record_tells_what_was_seen_without_users_and_passwords_of_sources() -> None:
    source = {"repoURL": "https://user:" + "x" * 8 + "@git.example.com/ai.git", "targetRevision": "main"}
    (record,) = [
        each for each in plan_of(look(asked(), lists(application(spec={"source": source})))).records if each["kind"] == "application"
    ]
    assert record["id"] == "openshift-gitops/models"
    assert record["sources"] == ["git.example.com/ai.git"]
    assert (record["revision_kinds"], record["namespaces"], record["bounded"], record["state"]) == (["name"], ["ai-models"], True, "ready")
    assert record["standing"] == "asked"


def test_slim_application_is_judged_as_the_whole_one_and_holds_no_values() -> None:
    values = {"helm": {"values": "token: abc", "parameters": [{"name": "p", "value": "q"}]}}
    source = {"repoURL": "https://git.example.com/ai.git", "targetRevision": "v1.2.3", **values}
    status = {
        "sync": {"status": "Synced", "comparedTo": {"source": source, "destination": {}}},
        "history": [{"source": source}],
        "operationState": {"phase": "Succeeded", "operation": {"sync": {"source": source}}, "syncResult": {"source": source}},
        "resources": [
            {"kind": "Namespace", "name": "ai-models"},
            {"kind": "ClusterRole", "group": "rbac.authorization.k8s.io", "name": "r"},
        ],
    }
    whole = application(spec={"source": source}, status=status)
    slim = slim_application(whole)
    assert "token" not in repr(slim)
    assert slim_application(slim) == slim
    wanted = Delivery(namespaces=("ai-*",), gitops=GitOpsWanted(applications=(MODELS,), tracked=True, pinned=True))
    assert plan_of(look(wanted, lists(slim))) == plan_of(look(wanted, lists(whole)))
    assert slim["status"]["reconciledAt"].startswith(TODAY)
