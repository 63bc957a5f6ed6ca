# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdict, score and provisional: the worst that is known decides, and what is unknown is never a pass."""

from __future__ import annotations

import pytest

from .support import Record, catalogue_of, judge, rule_data, vm

FACT_OF = {"critical": "encrypted", "warning": "secure_boot", "information": "tpm_present"}
RULES = [rule_data(id=category, category=category, fail_when={"fact": fact, "is": True}) for category, fact in FACT_OF.items()]
MINIMUM = {"guest_os_id": "rhel9_64Guest", "disks": []}


def verdict(states: str, **facts: object) -> tuple[str, bool, float, float]:
    """States of the critical, warning and information rule: f(ail), p(ass) or g(ap)."""
    flags = {fact: state == "f" for fact, state in zip(FACT_OF.values(), states, strict=True) if state != "g"}
    (result,) = judge(catalogue_of(*RULES), [vm(1, **{**MINIMUM, **flags, **facts})]).values()
    return result.verdict, result.provisional, result.score, result.score_best


@pytest.mark.parametrize(
    ("states", "expected", "provisional"),
    [
        ("ppp", "ready", False),
        ("ppf", "ready", False),
        ("ppg", "ready", False),
        ("pgp", "ready", True),
        ("gpp", "ready", True),
        ("pfp", "ready_with_work", False),
        ("pfg", "ready_with_work", False),
        ("gfp", "ready_with_work", True),
        ("fpp", "blocked", False),
        ("fgg", "blocked", False),
        ("fff", "blocked", False),
    ],
)
def test_verdict_follows_the_worst_rule(states: str, expected: str, provisional: bool) -> None:
    assert verdict(states)[:2] == (expected, provisional)


@pytest.mark.parametrize("fact", ["connection_state", "name", "srm_placeholder", "template"])
def test_verdict_of_a_vm_that_may_be_out_of_scope_is_provisional_unless_it_is_blocked(fact: str) -> None:
    unknown = {fact: "no permission"}
    assert verdict("ppp", unknown=unknown)[:2] == ("ready", True)
    assert verdict("pfp", unknown=unknown)[:2] == ("ready_with_work", True)
    assert verdict("fpp", unknown=unknown)[:2] == ("blocked", False)
    assert verdict("ppp", unknown={"notes": "no permission"})[:2] == ("ready", False)


def test_fact_that_a_whole_source_lacks_leaves_no_scope_open() -> None:
    assert verdict("ppp", sources=["rvtools@1"])[:2] == ("ready", False)


def test_two_critical_rules_of_which_one_is_open_leave_a_blocked_vm_provisional() -> None:
    other = rule_data(id="other", category="critical", fail_when={"fact": "template", "is": True})
    (result,) = judge(catalogue_of(*RULES, other), [vm(1, **MINIMUM, encrypted=True)]).values()
    assert (result.verdict, result.provisional) == ("blocked", True)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"guest_os_id": "x"}, "not_evaluated"),
        ({"disks": []}, "not_evaluated"),
        ({"disks": [], "guest_os_id": ""}, "not_evaluated"),
        ({"disks": [], "guest_os_id": "x"}, "ready"),
    ],
)
def test_vm_without_the_minimum_facts_is_not_evaluated_but_can_be_blocked(facts: Record, expected: str) -> None:
    flags = {"encrypted": False, "secure_boot": False, "tpm_present": False}
    (result,) = judge(catalogue_of(*RULES), [vm(1, **facts, **flags)]).values()
    assert (result.verdict, result.provisional) == (expected, False)
    (blocked,) = judge(catalogue_of(*RULES), [vm(1, **{**facts, **flags, "encrypted": True})]).values()
    assert blocked.verdict == "blocked"


def test_not_evaluated_vm_with_a_failed_warning_stays_not_evaluated() -> None:
    (result,) = judge(catalogue_of(*RULES), [vm(1, secure_boot=True, encrypted=False, tpm_present=False)]).values()
    assert (result.verdict, result.provisional) == ("not_evaluated", False)


@pytest.mark.parametrize(
    ("states", "score", "best"),
    [
        ("ppp", 100.0, 100.0),
        ("fff", 0.0, 0.0),
        ("fpp", 100 * (1 - 20 / 26), 100 * (1 - 20 / 26)),
        ("gpp", 100 * (1 - 20 / 26), 100.0),
        ("gfg", 0.0, 100 * (1 - 5 / 26)),
        ("ppf", 100 * (1 - 1 / 26), 100 * (1 - 1 / 26)),
    ],
)
def test_score_counts_gaps_as_failed_and_best_score_as_passed(states: str, score: float, best: float) -> None:
    assert verdict(states)[2:] == (score, best)


def test_rule_that_does_not_apply_counts_in_no_score() -> None:
    scoped = rule_data(
        id="scoped", category="critical", applies_when={"fact": "template", "is": True}, fail_when={"fact": "encrypted", "is": True}
    )
    catalogue = catalogue_of(scoped, RULES[1])
    (result,) = judge(catalogue, [vm(1, template=False, encrypted=True, secure_boot=True)]).values()
    assert result.not_applicable == ["scoped"]
    assert (result.score, result.score_best) == (0.0, 0.0)
    (alone,) = judge(catalogue_of(scoped), [vm(1, template=False)]).values()
    assert (alone.score, alone.score_best) == (100.0, 100.0)


def test_rule_of_which_nobody_knows_whether_it_applies_is_a_gap() -> None:
    scoped = rule_data(category="critical", applies_when={"fact": "template", "is": True}, fail_when={"fact": "encrypted", "is": True})
    for facts in ({}, {"encrypted": True}, {"encrypted": False}):
        (result,) = judge(catalogue_of(scoped), [vm(1, **facts)]).values()
        assert (result.gap_mask, result.findings, result.score, result.score_best) == (1, [], 0.0, 100.0)


def test_findings_stand_in_the_order_of_rule_ids() -> None:
    rules = [rule_data(id=name, fail_when={"fact": "template", "is": True}) for name in "cab"]
    (result,) = judge(catalogue_of(*rules), [vm(1, template=True)]).values()
    assert [finding["rule"] for finding in result.findings] == ["a", "b", "c"]
