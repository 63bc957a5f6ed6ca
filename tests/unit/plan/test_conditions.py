# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each condition of the preflight: a wrong case, a boundary case that passes, and a missing fact. `pytest -s` prints the table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan import model
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.conditions import preflight
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.conditions.answers import JUDGES
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.conditions.catalogue import CONDITIONS
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.conditions.findings import Counts, Preflight

from tests.unit.plan import conditions_cases_objects, conditions_cases_plans, conditions_cases_silent
from tests.unit.plan.conditions_world import Case, Spoiler, World

CASES: dict[str, Case] = {**conditions_cases_objects.CASES, **conditions_cases_plans.CASES, **conditions_cases_silent.CASES}
MOVING = [name for name, condition in CONDITIONS.items() if not condition.never_evaluated]
LACKING = [name for name, condition in CONDITIONS.items() if not condition.self_contained]


def judged(name: str, spoil: Spoiler) -> Preflight:
    """The preflight of a world that was spoilt."""
    world = World(model.WARM if CASES[name].warm else model.COLD)
    spoil(world)
    return world.run()


def results(name: str, found: Preflight) -> list[model.ConditionResult]:
    """The results of one condition."""
    return [result for result in found.results if result.condition == name]


def test_every_condition_has_exactly_one_function_and_every_function_a_condition() -> None:
    assert len(preflight.MODULES) == 9
    assert sorted(CONDITIONS) == sorted(JUDGES)


def test_every_condition_has_cases() -> None:
    assert sorted(CASES) == sorted(CONDITIONS)
    lacking = [name for name in LACKING if CASES[name].missing is None]
    pointless = [name for name, condition in CONDITIONS.items() if condition.self_contained and CASES[name].missing is not None]
    unanswered = [name for name in MOVING if CASES[name].wrong is None]
    assert (lacking, pointless, unanswered) == ([], [], [])


@pytest.mark.parametrize("name", MOVING)
def test_wrong_case_fails_with_object_observed_expected_and_remedy(name: str) -> None:
    wrong = CASES[name].wrong
    assert wrong is not None
    found = judged(name, wrong)
    failed = [result for result in results(name, found) if result.result == model.FAIL]
    assert failed
    assert all(result.object and result.observed and result.expected and result.remedy for result in failed)
    assert {result.category for result in failed} == {CONDITIONS[name].category}
    assert found.counts[name].failed == len(failed)


@pytest.mark.parametrize("name", MOVING)
def test_boundary_case_passes(name: str) -> None:
    found = judged(name, CASES[name].boundary)
    assert results(name, found) == []
    counts = found.counts[name]
    assert counts.passed >= 1
    assert (counts.failed, counts.not_evaluated) == (0, 0)


@pytest.mark.parametrize("name", LACKING)
def test_missing_fact_is_not_evaluated_and_says_what_is_missing(name: str) -> None:
    missing = CASES[name].missing
    assert missing is not None
    found = judged(name, missing)
    open_results = results(name, found)
    assert open_results
    assert {result.result for result in open_results} == {model.NOT_EVALUATED}
    assert all(result.observed and result.expected for result in open_results)
    assert found.counts[name].failed == 0


@pytest.mark.parametrize("name", [name for name, condition in CONDITIONS.items() if condition.never_evaluated])
def test_what_only_the_cluster_can_tell_is_left_for_later(name: str) -> None:
    missing = CASES[name].missing
    assert missing is not None
    open_results = results(name, judged(name, missing))
    assert open_results
    assert all(result.result == model.NOT_EVALUATED and result.later for result in open_results)


def test_table_of_cases_is_complete() -> None:
    rows = []
    for name, condition in CONDITIONS.items():
        case = CASES[name]
        outcomes = (
            "-" if case.wrong is None else _outcome(judged(name, case.wrong).counts[name]),
            "-" if case.wrong is None else _outcome(judged(name, case.boundary).counts[name]),
            "-" if case.missing is None else _outcome(judged(name, case.missing).counts[name]),
        )
        why = condition.never_evaluated or ("the manifests say it all" if condition.self_contained else "")
        rows.append(f"{name:<40} | {condition.category:<8} | {' | '.join(f'{word:<13}' for word in outcomes)} | {why}")
    print(f"\n{'condition':<40} | category | wrong         | boundary      | missing fact  |")
    print("\n".join(rows))
    assert len(rows) == len(CONDITIONS)


def _outcome(counts: Counts) -> str:
    return "fail" if counts.failed else "not evaluated" if counts.not_evaluated else "pass" if counts.passed else "not applicable"


def test_facts_of_a_vm_that_nobody_read_leave_its_room_open() -> None:
    world = World()
    assert world.fit is not None
    world.put(fit=replace(world.fit, uncertain={world.first: ("its virtual TPM",)}))
    counts = world.run().counts["own.capacity"]
    assert (counts.not_evaluated, counts.passed, counts.failed) == (1, 1, 0)
