# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random clusters against a judge of its own that looks at each thing by itself and shares no code with the part."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from fnmatch import fnmatchcase

from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.plan import plan_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.readings import (
    APPLICATIONS,
    CLUSTER_POLICIES,
    NAMESPACES,
    PIPELINES,
    POLICIES,
    PROJECTS,
    RUNS,
    newest_runs,
    slim_application,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.delivery import (
    ApplicationWanted,
    Delivery,
    GitOpsWanted,
    ImagesWanted,
    PipelineWanted,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.platform.delivery.builders import TODAY, Json, application, findings, image_policy, look, namespace, pipeline, project, run

SPACES = ("ai-a", "ai-b", "web")
NAMES = ("one", "two", "three")
REPOSITORIES = ("r.example.com/ai/x", "r.example.com/ai/y", "r.example.com/z", "quay.io/ai/x", "r.example.com:5000/ai/x")
SCOPES = (
    "r.example.com",
    "r.example.com/ai",
    "r.example.com/ai/x",
    "*.example.com",
    "quay.io/ai",
    "quay.io/a",
    "r.example.com:5000",
    "*.com",
)
DAYS = st.integers(0, 12).map(lambda back: (date.fromisoformat(TODAY) - timedelta(days=back)).isoformat())


# ---- what clusters hold ------------------------------------------------------------------------------------------------

APPLICATION = st.fixed_dictionaries(
    {
        "name": st.sampled_from(NAMES),
        "into": st.sampled_from(SPACES),
        "sync": st.sampled_from(["Synced", "OutOfSync", "Unknown", ""]),
        "health": st.sampled_from(["Healthy", "Degraded", "Missing", "Suspended", "Progressing", ""]),
        "phase": st.sampled_from(["Succeeded", "Failed", "Error", "Running", ""]),
        "day": DAYS,
        "error": st.booleans(),
        "local": st.booleans(),
        "wide": st.booleans(),
    }
)
RUN = st.fixed_dictionaries(
    {
        "of": st.sampled_from(NAMES),
        "home": st.sampled_from(SPACES),
        "status": st.sampled_from(["True", "False", "Unknown", "", "cancelled"]),
        "day": DAYS,
    }
)
POLICY = st.tuples(
    st.lists(st.sampled_from(SCOPES), min_size=1, max_size=2, unique=True), st.sampled_from(["", "ai-a", "ai-b"]), st.booleans()
)
POD = st.tuples(st.sampled_from(SPACES), st.sampled_from(REPOSITORIES), st.sampled_from([":1", "@sha256:" + "0" * 64]))


def application_of(draft: Json) -> Json:
    status = {
        "sync": {"status": draft["sync"]} if draft["sync"] else {},
        "health": {"status": draft["health"]} if draft["health"] else {},
        "operationState": {"phase": draft["phase"]} if draft["phase"] else {},
        "reconciledAt": f"{draft['day']}T03:00:00Z",
        "conditions": [{"type": "SyncError", "message": "no"}] if draft["error"] else [],
    }
    server = "https://kubernetes.default.svc" if draft["local"] else "https://far.example.com"
    spec = {"project": "wide" if draft["wide"] else "ai"}
    return application(draft["name"], into=draft["into"], status=status, server=server, spec=spec)


def run_of(number: int, draft: Json) -> Json:
    status, reason = ("False", "Cancelled") if draft["status"] == "cancelled" else (draft["status"], "")
    return run(f"r{number:03d}", draft["of"], draft["home"], status=status, reason=reason, day=draft["day"])


# ---- the judge ---------------------------------------------------------------------------------------------------------


def judged_application(draft: Json, age: int) -> dict[str, str]:
    """What each check has to say of an application."""
    table = {
        "synced": {"Synced": "pass", "OutOfSync": "fail"},
        "healthy": {"Healthy": "pass", "Progressing": "not_evaluated", "": "not_evaluated"},
    }
    back = (date.fromisoformat(TODAY) - date.fromisoformat(draft["day"])).days
    phases = {"Succeeded": "pass", "Failed": "fail", "Error": "fail", "Running": "not_evaluated", "": "not_applicable"}
    return {
        "synced": "fail" if draft["error"] else table["synced"].get(draft["sync"], "not_evaluated"),
        "healthy": table["healthy"].get(draft["health"], "fail"),
        "operation": phases[draft["phase"]],
        "current": "pass" if back <= age else "fail",
        "project": "fail" if draft["wide"] else "pass",
    }


def judged_pipeline(drafts: list[Json], within: int) -> dict[str, str]:
    """What has to be said of a pipeline, from all of its runs in the order in which they ended, failures after successes of a moment."""
    done = sorted(
        ((each["day"], each["status"] == "False") for each in drafts if each["status"] in ("True", "False")), key=lambda each: each
    )
    successes = [day for day, failed in done if not failed]
    newest = max(successes, default="")
    recent = bool(newest) and (date.fromisoformat(TODAY) - date.fromisoformat(newest)).days <= within
    return {"last_run": "pass" if done and not done[-1][1] else "fail", "fresh": "pass" if recent else "fail"}


def is_covered(repository: str, scopes: list[str]) -> bool:
    """Whether some scope holds a repository, told by comparing texts from their beginning."""
    host = repository.split("/")[0].split(":")[0]
    for scope in scopes:
        if scope.startswith("*."):
            if host.endswith(scope[1:]):
                return True
        elif repository == scope or repository.startswith(f"{scope}/"):
            return True
    return False


def gaps(policies: list[tuple[list[str], str, bool]], pods: list[tuple[str, str, str]]) -> set[tuple[str, str]]:
    """Namespaces that are meant and repositories that run there without a policy."""
    found = set()
    for home, repository, _suffix in pods:
        scopes = [scope for own, place, pending in policies if not pending and place in ("", home) for scope in own]
        if fnmatchcase(home, "ai-*") and not is_covered(repository, scopes):
            found.add((home, repository))
    return found


# ---- the comparison ----------------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(st.lists(APPLICATION, max_size=3, unique_by=lambda draft: draft["name"]), st.integers(0, 5), st.booleans())
def test_applications_are_judged_as_one_by_one(drafts: list[Json], age: int, slim: bool) -> None:
    asked = tuple(ApplicationWanted(name=name, max_age_days=age) for name in NAMES[:2])
    wanted = Delivery(namespaces=("ai-*",), gitops=GitOpsWanted(applications=asked, bounded_projects=True, tracked=True))
    found = [slim_application(item) if slim else item for item in map(application_of, drafts)]
    lists = {APPLICATIONS: found, PROJECTS: [project(), project("wide", into=("*",))], NAMESPACES: [namespace(name) for name in SPACES]}
    told = findings(look(wanted, lists))
    by_name = {draft["name"]: draft for draft in drafts}
    for name in NAMES:
        subject, draft = f"Application openshift-gitops/{name}", by_name.get(name)
        if name in NAMES[:2]:
            assert told["applications.there", subject].result == ("pass" if draft else "fail")
        if draft is None:
            continue
        is_meant = draft["local"] and draft["into"] != "web"
        for check, result in judged_application(draft, age if name in NAMES[:2] else 1).items():
            own = told.get((f"applications.{check}", subject))
            if name in NAMES[:2] or (is_meant and result in ("fail", "not_evaluated")):
                assert own is not None
                assert own.result == result, (check, draft)
            else:
                assert own is None
            if name not in NAMES[:2] and is_meant and result == "pass":
                assert told[f"applications.{check}", "applications meant"].message == "1 seen"
    covered = {draft["into"] for draft in drafts if draft["local"]}
    assert told["applications.tracked", "namespaces"].result == ("pass" if {"ai-a", "ai-b"} <= covered else "fail")


@settings(max_examples=150, deadline=None)
@given(st.lists(RUN, max_size=14), st.integers(0, 12), st.booleans())
def test_pipelines_are_judged_as_from_all_of_their_runs(drafts: list[Json], within: int, folded: bool) -> None:
    runs = [run_of(number, draft) for number, draft in enumerate(drafts)]
    asked = tuple(PipelineWanted(name=name, namespace=home, success_within_days=within) for name in NAMES for home in SPACES)
    lists = {RUNS: newest_runs(runs) if folded else runs, PIPELINES: [pipeline(name, "ai-a") for name in NAMES]}
    told = findings(look(Delivery(pipelines=asked), lists))
    for each in asked:
        subject = f"Pipeline {each.namespace}/{each.name}"
        own = [draft for draft in drafts if (draft["of"], draft["home"]) == (each.name, each.namespace)]
        is_there = bool(own) or each.namespace == "ai-a"
        assert told["pipelines.there", subject].result == ("pass" if is_there else "fail")
        for check, result in judged_pipeline(own, within).items() if is_there else ():
            assert told[f"pipelines.{check}", subject].result == result, own


@settings(max_examples=200, deadline=None)
@given(st.lists(POLICY, max_size=4), st.lists(POD, max_size=8))
def test_images_without_a_policy_are_exactly_those_found_one_by_one(
    policies: list[tuple[list[str], str, bool]], pods: list[tuple[str, str, str]]
) -> None:
    images: dict[str, dict[str, int]] = {}
    for home, repository, suffix in pods:
        images.setdefault(home, {})[f"{repository}{suffix}"] = 1
    objects = [image_policy(f"p{number}", *own, home=home, pending=pending) for number, (own, home, pending) in enumerate(policies)]
    lists: Mapping[str, list[Json]] = {
        CLUSTER_POLICIES: [item for item in objects if item["kind"] == "ClusterImagePolicy"],
        POLICIES: [item for item in objects if item["kind"] == "ImagePolicy"],
    }
    wanted = Delivery(namespaces=("ai-*",), images=ImagesWanted(running_signed=True, by_digest=True))
    seen = look(wanted, lists, images=images)
    told = {subject: finding for (check, subject), finding in findings(seen).items() if check == "images.running"}
    expected = gaps(policies, pods)
    named = {(each.object.rpartition(" in ")[2], each.expected) for finding in told.values() for each in finding.evidence}
    assert named == expected
    assert {finding.result for finding in told.values()} == ({"fail"} if expected else set()) | (
        {"pass"} if not told or any(finding.result == "pass" for finding in told.values()) else set()
    )
    tagged = any(suffix == ":1" and fnmatchcase(home, "ai-*") for home, _repository, suffix in pods)
    assert findings(seen)["images.digest", "images that run"].result == ("fail" if tagged else "pass")


@settings(max_examples=60, deadline=None)
@given(st.lists(APPLICATION, max_size=3, unique_by=lambda draft: draft["name"]), st.lists(RUN, max_size=10), st.lists(POLICY, max_size=3))
def test_what_nobody_asks_for_never_alarms_and_the_order_of_lists_changes_nothing(
    applications: list[Json], drafts: list[Json], policies: list[tuple[list[str], str, bool]]
) -> None:
    runs = [run_of(number, draft) for number, draft in enumerate(drafts)]
    objects = [image_policy(f"p{number}", *own, pending=pending) for number, (own, _home, pending) in enumerate(policies)]
    lists = {APPLICATIONS: list(map(application_of, applications)), RUNS: newest_runs(runs), CLUSTER_POLICIES: objects}
    seen = look(Delivery(), lists, images={"ai-a": {"r.example.com/ai/x:1": 1}})
    assert [finding for finding in plan_of(seen).findings if finding.failed] == []
    assert plan_of(look(Delivery(), {**lists, RUNS: newest_runs(runs[::-1])}, images=seen.images.pods if seen.images else {})) == plan_of(
        seen
    )
