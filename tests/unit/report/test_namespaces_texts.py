# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Namespaces in words: headlines, steps, ends, what is written, figures in short."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.model import NOT_IN_TARGET
from ansible_collections.groundwork.readiness.plugins.module_utils.report import namespaces_texts as say
from ansible_collections.groundwork.readiness.plugins.module_utils.report.namespaces_charts import (
    days_figure,
    shares,
    showback_figure,
    urgency,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.report.namespaces_view import (
    AccessView,
    ContractView,
    GrantView,
    HeadroomView,
    OwnerView,
    ProofView,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.report import namespaces_factory as make

FOUND = make.namespaces_of(make.records())


def contracts(*states: str) -> list[ContractView]:
    """Contracts in these states."""
    return [ContractView(f"team-{place}", state) for place, state in enumerate(states)]


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ((), "No contract was looked at"),
        (("ready",), "Namespace team-0 keeps its contract"),
        (("broken",), "Namespace team-0 does not keep its contract"),
        (("not_evaluated",), "Nobody knows yet whether namespace team-0 keeps its contract"),
        (("ready", "ready"), "All 2 namespaces keep their contracts"),
        (("ready", "broken", "missing"), "1 of 3 namespaces keeps its contract and 2 do not"),
        (("ready", "ready", "waiting", "not_evaluated"), "2 of 4 namespaces keep their contracts, 1 does not and of 1 nobody knows"),
        (("broken", "missing"), "None of 2 namespaces keeps its contract"),
        (("broken", "not_evaluated"), "1 of 2 namespaces does not keep its contract and of 1 nobody knows"),
        (("not_evaluated", "not_evaluated"), "Nobody knows yet whether the 2 namespaces keep their contracts"),
    ],
)
def test_verdict_counts_what_is_kept_what_is_not_and_what_nobody_knows(states: tuple[str, ...], words: str) -> None:
    assert say.kept_sentence(contracts(*states)) == words


@given(st.lists(st.sampled_from(sorted(say.CONTRACT_WORDS)), min_size=2, max_size=12))
def test_all_are_called_kept_only_where_all_are_and_what_nobody_knows_is_named(states: list[str]) -> None:
    words = say.kept_sentence(contracts(*states))
    assert words.startswith("All ") is (set(states) == {"ready"})
    assert ("obody knows" in words) is ("not_evaluated" in states)


def test_headline_tells_checks_and_ends() -> None:
    assert FOUND.headline == (
        "1 of 6 namespaces keeps its contract, 4 do not and of 1 nobody knows. 7 checks failed, 2 could not be evaluated, 1 is waived "
        "and 5 passed. 1 grant has ended and 2 grants end within 30 days."
    )


def test_steps_come_with_what_keeps_all_from_being_written_first_and_what_only_tells_last() -> None:
    found = say.steps(FOUND)
    assert (found[0].text, found[0].refuses, found[0].namespaces, found[0].owners) == (
        "Create or sync the group.",
        True,
        ("risk-fraud",),
        ("risk (group risk-owners)",),
    )
    severities = [step.severity for step in found if step.result == "fail"]
    assert severities == sorted(severities)
    assert [step.result for step in found].index("not_evaluated") == len(severities)


def test_findings_with_one_remedy_are_one_step_that_names_all_to_talk_to() -> None:
    step = next(step for step in say.steps(FOUND) if step.result == "not_evaluated")
    assert (step.count, step.namespaces, step.owners) == (2, ("risk-labs",), (say.PLATFORM_TEAM, "risk (group risk-owners)"))


def test_step_tells_of_every_namespace_before_it_tells_of_one_twice() -> None:
    found = make.namespaces_of(make.crowd(21))
    (step,) = say.steps(found)
    assert (step.count, len(step.points)) == (12, 3 + 1)
    assert len({point.subject.partition("/")[0] for point in step.points}) == 3


def test_object_that_is_only_to_be_written_needs_the_playbook() -> None:
    assert any(step.text == "Run the playbook namespaces, which brings it about." for step in say.steps(FOUND))


def test_what_a_saved_target_does_not_tell_needs_a_cluster_and_no_rights() -> None:
    found = make.namespaces_of(make.saved_records())
    (step,) = say.steps(found)
    assert step.text.startswith("Hold the contracts against the cluster itself")
    assert say.namespaces_note(found) == say.SAVED_NOTE
    assert "a saved target does not tell" in say.written_line(found)
    assert step.points[0].text.endswith(NOT_IN_TARGET)


def test_what_is_waived_or_good_to_know_is_no_step() -> None:
    texts = " ".join(point.text for step in say.steps(FOUND) for point in step.points)
    assert "until the nodes are there" not in texts
    assert "nobody has it" not in texts


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("apply", "This run: 1 object created and 1 object put right."),
        ("verify", "Once that is mended: 1 object would be created and 1 object would be put right."),
        ("check", "Once that is mended: 1 object would be created and 1 object would be put right."),
    ],
)
def test_written_line_says_what_was_done_or_would_be(mode: str, words: str) -> None:
    assert say.written_line(replace(FOUND, mode=mode)) == words


def test_run_that_changes_nothing_says_so() -> None:
    kept = make.namespaces_of(make.kept_records())
    assert say.written_line(kept) == "An apply run would change nothing."
    assert say.written_line(replace(kept, mode="apply")) == "Nothing was changed."


def test_refusal_says_that_no_contract_is_applied() -> None:
    assert say.refusal_text(replace(FOUND, mode="apply")).startswith("1 check keeps the contracts from being applied: while it fails")
    assert say.refusal_text(make.namespaces_of(make.kept_records())) == ""


def test_grants_that_end_come_by_their_days() -> None:
    assert [entry.namespace for entry in say.ending(FOUND.contracts)] == ["risk-labs", "risk-fraud", "vision-train"]


@pytest.mark.parametrize(
    ("days", "words", "tone"),
    [
        (None, "not known", ""),
        (-1, "ended 1 day ago", "over"),
        (0, "ends today", "urgent"),
        (1, "1 day left", "urgent"),
        (7, "7 days left", "urgent"),
        (8, "8 days left", "soon"),
        (30, "30 days left", "soon"),
        (31, "31 days left", "later"),
    ],
)
def test_days_say_how_soon_a_grant_ends(days: int | None, words: str, tone: str) -> None:
    assert (say.days_text(days), urgency(days)) == (words, tone)


@pytest.mark.parametrize(
    ("room", "words"),
    [
        (None, "not reckoned"),
        (HeadroomView(3, ("ResourceQuota a/b",)), "3 more, then ResourceQuota a/b binds"),
        (HeadroomView(2, ("quota", "nodes")), "2 more, then quota and nodes bind"),
        (HeadroomView(0, ("nodes",)), "none more: nodes bind"),
        (HeadroomView(None, unknown={"units": "pods were not read"}), "not known: pods were not read"),
        (HeadroomView(None), "not known"),
    ],
)
def test_headroom_is_told_with_what_binds(room: HeadroomView | None, words: str) -> None:
    assert say.headroom_text(room) == words


def test_grant_says_what_it_comes_to_or_why_not() -> None:
    assert say.grant_text(GrantView("a", devices=4, resource="x/y", flavor="f")) == "4 x/y, flavor f"
    assert say.grant_text(GrantView("a", refused_reason="too many")) == "refused: too many"
    assert say.grant_text(GrantView("a", not_evaluated_reason="no nodes")) == "not evaluated: no nodes"
    assert say.grant_text(GrantView("a")) == "not known"


def test_access_is_wrong_right_or_not_known() -> None:
    assert say.wrong_text(AccessView("a", "b", wrong=())) == "nothing"
    assert say.wrong_text(AccessView("a", "b", wrong=("x", "y"))) == "x; y"
    assert say.wrong_text(AccessView("a", "b", unknown={"wrong": "timed out"})) == "not known: timed out"
    assert say.asked_text(AccessView("a", "b", 12, 9, 90, 40)) == "12 allowed and 9 denied rows, 90 requests, 40 more answered alike"


def test_proof_passes_only_by_a_code_that_is_known_to_pass() -> None:
    ran, taint = ProofView("run.succeeded", resource="x/y", devices=1, devices_seen=1), ProofView("scheduling.taint", words="no")
    assert [say.proof_result(proof) for proof in (ran, taint, ProofView("run.newer"))] == ["pass", "fail", "not_evaluated"]
    assert say.proof_text(taint) == "Nodes with the devices have a taint that the pod does not tolerate: no"
    assert (say.seen_text(ran), say.seen_text(taint)) == ("1 of 1 x/y", "not known")


def test_devices_are_told_by_resource_and_none_is_not_unknown() -> None:
    assert [say.devices_text(devices) for devices in (None, {}, {"a/b": 1200, "c": 1})] == ["not known", "none", "1,200 a/b, 1 c"]


# ---- pictures --------------------------------------------------------------------------------------------------------


def owner(granted: dict[str, int] | None, used: dict[str, int] | None, idle: dict[str, int] | None) -> OwnerView:
    return OwnerView("team", granted=granted, used=used, idle=idle)


@pytest.mark.parametrize(
    ("granted", "used", "idle", "words", "parts"),
    [
        ({"gpu": 4}, {"gpu": 3}, {"gpu": 1}, "3 of 4 used, 1 idle", ["Used: 3", "Idle: 1"]),
        ({"gpu": 2}, {"gpu": 5}, {"gpu": 0}, "5 of 2 used, 0 idle", ["Used: 2", "Held beyond the grant: 3"]),
        ({"gpu": 4}, None, None, "4 granted, use not known", ["Granted, use not known: 4"]),
        (None, {"gpu": 3}, None, "3 used, grant not known", ["Used, grant not known: 3"]),
    ],
)
def test_picture_of_a_team_parts_what_is_used_idle_borrowed_and_not_known(
    granted: dict[str, int] | None, used: dict[str, int] | None, idle: dict[str, int] | None, words: str, parts: list[str]
) -> None:
    chart = str(showback_figure([owner(granted, used, idle)], {"team": "team-x"}).chart)
    assert words in chart
    titles = [piece.partition("</title>")[0] for piece in chart.split("<title>")[1:]]
    assert [title for title in titles if title in parts] == parts


def test_owner_without_accelerators_is_in_the_table_and_not_in_the_picture() -> None:
    (share,) = shares([owner({}, {}, {})])
    assert (share.resource, share.cells) == ("", ("0", "0", "0"))
    assert showback_figure([owner({}, {}, {})], {"team": "team-x"}).rows == ()


def test_picture_of_days_has_what_ends_first_on_top_and_a_title_and_description() -> None:
    anchors = {entry.namespace: f"namespace-{entry.namespace}" for entry in FOUND.contracts}
    figure = days_figure(FOUND.contracts, anchors)
    assert [row[0] for row in figure.rows][:3] == ["risk-labs", "risk-fraud", "vision-train"]
    chart = str(figure.chart)
    assert '<title id="chart-ends-title">' in chart
    assert '<desc id="chart-ends-desc">risk-labs · risk: ended 3 days ago' in chart
