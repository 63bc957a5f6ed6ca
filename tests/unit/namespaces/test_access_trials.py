# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is tried as tenants: as whom, with which expectation, and what each outcome means."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.access import trials as trials_module
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.access.trials import (
    ADMITTED,
    DENIED,
    NOT_TRIED,
    STOPPED,
    TENANT,
    Trial,
    TrialPlan,
    Tried,
    trial_findings,
    trial_plan,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import PlatformSnapshot

from tests.unit.namespaces.access_scene import PERSONAS, SUBJECTS, matrix_of, scene
from tests.unit.platform.identity.rbac_objects import binding, group, people, role, rule

A = "group a-people as data_scientist in team-a"
QUOTAS = role("quotas", rule("core", "resourcequotas", "create"))


def planned(snapshot: PlatformSnapshot | None = None) -> TrialPlan:
    return trial_plan(matrix_of(snapshot or scene()), PERSONAS)


def as_expected(trial: Trial) -> Tried:
    return Tried(ADMITTED) if trial.granted else Tried(DENIED, 'User "x" cannot create it')


def found(outcome: Callable[[Trial], Tried], snapshot: PlatformSnapshot | None = None) -> dict[str, CheckFinding]:
    seen = snapshot or scene()
    plan = planned(seen)
    findings = trial_findings(matrix_of(seen), plan, [outcome(trial) for trial in plan.trials])
    assert len({finding.id for finding in findings}) == len(findings)
    return {finding.subject: finding for finding in findings}


def test_everybody_tries_what_they_may_make_and_what_they_may_not() -> None:
    tried = {(each.user, *each.groups, each.namespace, each.object["kind"]): each.granted for each in planned().trials}
    assert tried[TENANT, "a-people", "team-a", "ConfigMap"] is True
    assert tried[TENANT, "a-people", "team-a", "RoleBinding"] is False
    assert tried[TENANT, "a-people", "team-a", "ResourceQuota"] is False
    assert tried[TENANT, "a-people", "team-b", "ConfigMap"] is False
    # An engineer of this table makes none.
    assert tried[TENANT, "b-engineers", "team-b", "ConfigMap"] is False
    assert tried["carl", "team-c", "ConfigMap"] is False
    assert tried["system:serviceaccount:team-c:runner", "team-c", "ConfigMap"] is False
    assert len(tried) == len(planned().trials) == 4 * len(SUBJECTS)


def test_user_is_tried_with_the_groups_of_the_cluster_and_no_group_that_the_server_adds() -> None:
    seen = scene(members=(people("b-people", "carl"), people("others", "carl")))
    groups = {each.groups for each in planned(seen).trials if each.user == "carl"}
    assert groups == {("b-people", "others")}


def test_nothing_is_made_under_a_name_that_may_be_taken() -> None:
    assert {tuple(each.object["metadata"]) for each in planned().trials} == {("generateName", "namespace")}


def test_what_comes_out_as_expected_passes_for_each_bearer() -> None:
    outcome = found(as_expected)
    assert {subject: finding.result for subject, finding in outcome.items()} == dict.fromkeys(SUBJECTS, "pass")
    assert outcome[A].part == "team-a"
    assert outcome[A].path == "personas[0].groups"


def test_what_is_let_through_and_should_not_be_names_the_binding() -> None:
    seen = scene(QUOTAS, binding("x", "quotas", group("a-people"), namespace="team-a"))

    def outcome(trial: Trial) -> Tried:
        is_it = trial.groups == ("a-people",) and trial.object["kind"] == "ResourceQuota"
        return Tried(ADMITTED) if is_it else as_expected(trial)

    told = found(outcome, seen)
    assert told[A].result == "fail"
    assert "ResourceQuota in team-a is let through: it may create resourcequotas in team-a: by RoleBinding team-a/x" in told[A].message
    assert {finding.result for subject, finding in told.items() if subject != A} == {"pass"}


def test_what_comes_past_the_rights_counts_as_let_through() -> None:
    told = found(lambda trial: as_expected(trial) if trial.granted else Tried(STOPPED, "exceeded quota"))
    assert {finding.result for finding in told.values()} == {"fail"}


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (
            Tried(STOPPED, "admission webhook refused it"),
            "a ConfigMap in team-a that it may make is not admitted: admission webhook refused",
        ),
        (Tried(DENIED, "User cannot create it"), "a ConfigMap in team-a is refused: it may not create configmaps in team-a: "),
    ],
)
def test_what_is_granted_and_does_not_come_through_is_told(outcome: Tried, words: str) -> None:
    told = found(lambda trial: outcome if trial.granted else as_expected(trial))
    assert words in told[A].message


def test_account_that_may_not_impersonate_leaves_one_finding_a_namespace_with_the_right() -> None:
    told = found(lambda _trial: Tried(NOT_TRIED, "the account may not impersonate users", "impersonate users"))
    assert {subject: finding.result for subject, finding in told.items()} == {
        f"dry runs as tenants of {name}": "not_evaluated" for name in ("team-a", "team-b", "team-c")
    }
    assert all("verb impersonate" in finding.remedy for finding in told.values())


def test_those_beyond_the_limit_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials_module, "MOST_TRIALS", 4)
    told = found(as_expected)
    assert {finding.result for subject, finding in told.items() if subject != A} == {"not_evaluated"}
    assert told[A].result == "pass"
    assert len(planned().trials) == 4
