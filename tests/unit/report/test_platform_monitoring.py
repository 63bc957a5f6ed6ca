# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alerts and what is watched in the report: what is in place, whom it reaches, what nobody watches, and what nobody knows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_json import write_json
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_markdown import write_markdown
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_xlsx import write_xlsx
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.checks import Check
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring import watch_checks as checks
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.records import ALERT_STATES, WATCH_STATES
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.verdicts import UNKNOWN_REMEDY
from ansible_collections.groundwork.readiness.plugins.module_utils.report import platform_monitoring as pictures
from ansible_collections.groundwork.readiness.plugins.module_utils.report import platform_monitoring_texts as texts
from ansible_collections.groundwork.readiness.plugins.module_utils.report import platform_texts
from ansible_collections.groundwork.readiness.plugins.module_utils.report.platform_build import platform_report
from ansible_collections.groundwork.readiness.plugins.module_utils.report.platform_page import MAX_ROWS
from ansible_collections.groundwork.readiness.plugins.module_utils.report.platform_view import AlertView, PlatformView
from ansible_collections.groundwork.readiness.plugins.module_utils.report.summary import MAX_LINES, summary_text
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.report import html_reading
from tests.unit.report import people_factory as people
from tests.unit.report import platform_factory as make

PLATFORM = make.platform_of(make.records(), "verify")
ALONE = make.alone_view("verify")


def platform(*records: make.Record) -> PlatformView:
    """A platform of which nothing but these is known."""
    return make.platform_of(records, "verify")


def matrix(alerts: Iterable[AlertView]) -> dict[str, dict[str, dict[str, int]]]:
    """Owner, severity and outcome to a number of alerts, without zeros."""
    return {
        reach.owner: {severity: {outcome: count for outcome, count in counts.items() if count} for severity, counts in reach.counts.items()}
        for reach in texts.reaches(alerts)
    }


def chapter(view: Any) -> str:
    """The chapter of the page."""
    return html_reading.render(view).partition('id="monitoring"')[2].partition('id="delivery"')[0]


# ---- what is said ----------------------------------------------------------------------------------------------------


def test_sentences_tell_what_is_in_place_whom_it_reaches_and_what_nobody_watches() -> None:
    assert texts.alerts_sentences(PLATFORM) == (
        "8 alerts, counted in each place where they stand: 5 in place, 1 missing, 1 left out and 1 not evaluated.",
        f"No alert reaches odd {people.HOSTILE} and speech.",
        "2 do not reach everybody whom they are for.",
        "Of 1 nobody knows whom it reaches.",
    )
    assert texts.watch_line(PLATFORM) == (
        "Of 7 things that people rely on, 3 are watched by nobody, of 1 nobody knows whether it is watched and 3 are watched; "
        "of those that nobody watches 2 have no owner either."
    )
    assert texts.monitoring_brief(PLATFORM) == (
        f"Monitoring: alerts 5 in place, 1 missing, 1 left out, 1 not evaluated; none reaches odd {people.HOSTILE} and speech; "
        "of what people rely on 3 watched by nobody, 1 not known, 3 watched."
    )


def test_nothing_asked_for_is_said_once_and_not_hidden() -> None:
    nothing = platform(make.layer(11, "monitoring", "ready", wanted=False))
    page = pictures.monitoring_page(nothing, 10)
    assert (page.alerts, page.watched, page.coverage, page.owners) == ((texts.NOT_ASKED,), "", None, None)
    assert texts.alerts_line(platform(make.layer(11, "monitoring", "not_evaluated"))) == texts.NOT_LOOKED_AT
    assert texts.monitoring_brief(nothing) == ""
    assert chapter(make.alone_view("verify", [make.layer(11, "monitoring", "ready", wanted=False)])).count(texts.NOT_ASKED) == 1


def test_run_that_was_not_to_look_is_silent() -> None:
    silent = platform_report([], make.header(parts=["operators"]))
    assert (texts.alerts_line(silent), texts.watch_line(silent)) == ("", "")


@pytest.mark.parametrize(
    ("records", "line"),
    [
        ([people.alert("a")], "Each of them has somebody who is told."),
        ([people.alert("a", state="left_out", receivers=[], untold=[])], "leaves out every one of them: nobody is told of anything."),
        ([people.alert("a", receivers=[], untold=["platform"])], "No alert reaches platform. 1 does not reach everybody whom it is for."),
        ([people.alert("a", receivers=[], owner="namespace")], "No alert reaches owners of namespaces."),
        ([people.watch("queue", "q")], "No alert is asked for."),
    ],
)
def test_sentence_on_alerts_claims_no_more_than_is_known(records: list[make.Record], line: str) -> None:
    assert line in texts.alerts_line(platform(*records))


@pytest.mark.parametrize(
    ("records", "line"),
    [
        ([people.watch("queue", "q")], "The one thing that people rely on is watched."),
        ([people.watch("queue", "q"), people.watch("queue", "r")], "All 2 things that people rely on are watched."),
        ([people.alert("a")], "Nothing is seen that people would rely on: no accelerators, models, quotas for them or queues."),
        (
            [people.watch("queue", "q", state="not_evaluated")],
            "Of 1 thing that people rely on, of 1 nobody knows whether it is watched.",
        ),
    ],
)
def test_sentence_on_what_is_watched_keeps_unknown_from_unwatched(records: list[make.Record], line: str) -> None:
    assert texts.watch_line(platform(*records)) == line


# ---- whom alerts reach -----------------------------------------------------------------------------------------------


def test_matrix_counts_what_reaches_each_owner_by_severity() -> None:
    assert matrix(PLATFORM.alerts) == {
        f"odd {people.HOSTILE}": {"warning": {"untold": 1}},
        "speech": {"critical": {"untold": 1}, "warning": {"untold": 1}},
        "platform": {"critical": {"told": 1, "not_evaluated": 1}, "warning": {"missing": 1, "not_evaluated": 1}},
        "vision": {"critical": {"told": 1}, "warning": {"told": 1}},
    }


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"receivers": [], "untold": []}, {"platform": "untold"}),
        ({"receivers": [], "untold": [], "state": "missing"}, {"platform": "missing"}),
        ({"receivers": [], "untold": [], "owner": "namespace"}, {"owners of namespaces": "untold"}),
        ({"receivers": ["a by mail"], "untold": ["b"], "owner": "namespace"}, {"a": "told", "b": "untold"}),
        ({"receivers": ["a by mail"], "untold": ["b"], "state": "not_evaluated"}, {"a": "not_evaluated", "b": "not_evaluated"}),
        ({"receivers": ["a by mail"], "state": "left_out"}, {}),
        ({"unknown": {"receivers": "x", "untold": "x"}}, {"platform": "not_evaluated"}),
        ({"unknown": {"receivers": "x", "untold": "x"}, "state": "missing"}, {"platform": "missing"}),
    ],
)
def test_alert_counts_for_those_whom_it_is_for(facts: dict[str, Any], found: dict[str, str]) -> None:
    assert matrix(platform(people.alert("a", **facts)).alerts) == {owner: {"critical": {outcome: 1}} for owner, outcome in found.items()}


def test_owner_whom_one_alert_may_reach_is_not_called_reached_by_nobody() -> None:
    lost = people.alert("a", receivers=[], untold=["vision"], owner="vision")
    maybe = people.alert("b", receivers=["vision by mail"], owner="vision", state="not_evaluated")
    assert texts.unreached(texts.reaches(platform(lost).alerts)) == ["vision"]
    assert texts.unreached(texts.reaches(platform(lost, maybe).alerts)) == []


OWNERS = st.sets(st.sampled_from(["platform", "a", "b"]))


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(ALERT_STATES), OWNERS, OWNERS, st.booleans()), max_size=8))
def test_nobody_is_called_told_of_what_is_not_in_place_or_not_known(found: list[tuple[str, set[str], set[str], bool]]) -> None:
    records = [
        people.alert(
            f"a{number}",
            state=state,
            receivers=[f"{owner} by mail" for owner in sorted(told)],
            untold=sorted(untold - told),
            unknown=None if known else {"receivers": "x", "untold": "x"},
        )
        for number, (state, told, untold, known) in enumerate(found)
    ]
    for reach in texts.reaches(platform(*records).alerts):
        in_place = sum(state == "in_place" and known and reach.owner in told for state, told, _untold, known in found)
        assert reach.total("told") == in_place


# ---- pictures and tables ---------------------------------------------------------------------------------------------


def test_coverage_tells_each_group_with_who_is_told_and_who_is_not() -> None:
    rows = {row[0]: row[1:] for row in pictures.coverage_rows(PLATFORM.alerts)}
    assert rows == {
        people.FORMULA: ("1", "0", "0", "0", "not known", "not known"),
        "accelerators": ("1", "1", "1", "0", "platform by PagerDuty, platform by mail", ""),
        "queues": ("1", "0", "0", "1", "platform by PagerDuty, platform by mail, vision by webhook", f"odd {people.HOSTILE}; speech"),
        "serving": ("2", "0", "0", "0", "vision by webhook", "speech"),
    }


def test_owner_of_whom_some_alerts_are_lost_is_named_with_their_number() -> None:
    found = platform(people.alert("a", untold=["b"]), people.alert("b", receivers=["b by mail"]))
    assert pictures.coverage_rows(found.alerts)[0][-1] == "b, of 1"


def test_bars_tell_states_apart_by_pattern_and_words() -> None:
    figure = pictures.coverage_figure(PLATFORM.alerts)
    chart = str(figure.chart)
    for look in ("ready", "missing", "unwanted", "not_evaluated"):
        assert f'class="state-bar plate-{look}"' in chart
    assert 'fill="url(#plate-not_evaluated)"' in chart
    assert "accelerators: 1 in place, 1 missing, 1 left out" in chart
    owners = pictures.owners_figure(PLATFORM.watched)
    assert [row[0] for row in owners.rows] == ["nobody is named", "speech", "platform", "vision"]
    assert 'fill="url(#plate-broken)"' in str(owners.chart)
    assert "platform: 1 nobody knows, 2 watched" in str(owners.chart)


def test_pictures_are_bounded_and_their_tables_are_not() -> None:
    many = [people.watch("model", f"m{number:03d}", owner=f"o{number:03d}") for number in range(100)]
    figure = pictures.owners_figure(platform(*many).watched)
    assert str(figure.chart).count('<g class="row">') == pictures.TOP_ROWS
    assert (len(figure.rows), figure.note.endswith("76 more owners in the table.")) == (100, True)


def test_what_nobody_watches_what_nobody_knows_and_what_is_watched_are_apart() -> None:
    tables = {table.title: table for table in pictures.watch_tables(PLATFORM, 100)}
    assert {title: (len(table.rows), table.is_open) for title, table in tables.items()} == {
        "Watched by nobody": (3, True),
        "Nobody knows whether anybody watches": (1, True),
        "Watched": (3, False),
    }
    looks = {row.look for table in tables.values() for row in table.rows}
    assert looks == {"unwatched", "not_evaluated", "watched"}
    first, second, third = tables["Watched by nobody"].rows
    assert [row.name for row in (first, second, third)] == [
        f"InferenceService odd/{people.HOSTILE}",
        "team-x",
        "InferenceService team-speech/asr",
    ]
    assert (third.standing, third.cells[:2], third.cells[3:]) == (
        "model",
        ("speech", "nothing scrapes the pods of asr"),
        ("nothing", "0", "no"),
    )


@pytest.mark.parametrize(
    ("kind", "facts", "lacking"),
    [
        ("accelerators", {"monitors": []}, [checks.EXPORTER]),
        ("accelerators", {"alerts": 0}, [checks.ALERTS]),
        ("model", {"monitors": [], "alerts": 0}, [checks.MODEL, checks.ALERTS]),
        ("model", {"owner": "", "told": False}, [checks.EXCLUDED]),
        ("queue", {"monitors": []}, [checks.QUEUE]),
        ("namespace", {"monitors": [], "owner": "", "told": False}, [checks.OWNER]),
        ("namespace", {"monitors": [], "told": False}, [checks.TOLD]),
        ("namespace", {"monitors": []}, [checks.EXCLUDED]),
    ],
)
def test_remedy_is_that_of_the_checks_on_what_lacks(kind: str, facts: dict[str, Any], lacking: list[Check]) -> None:
    (entry,) = platform(people.watch(kind, "x", state="unwatched", **facts)).watched
    assert entry.remedy == "; ".join(check.remedy for check in lacking)


def test_remedy_of_what_nobody_knows_is_to_find_out_and_what_is_watched_needs_none() -> None:
    found = {entry.state: entry.remedy for entry in PLATFORM.watched}
    assert (found["not_evaluated"], found["watched"]) == (UNKNOWN_REMEDY, "")
    assert set(found) == set(WATCH_STATES)


def test_bare_records_claim_nothing() -> None:
    bare = platform({"kind": "alert", "id": "x"}, {"kind": "watch", "id": "y"})
    (alerts,), (watched,) = pictures.alert_tables(bare, 9), pictures.watch_tables(bare, 9)
    assert {row.look for row in (*alerts.rows, *watched.rows)} == {"not_evaluated"}
    assert set(alerts.rows[0].cells) == {"not known"}
    assert set(watched.rows[0].cells) == {"not known", "", UNKNOWN_REMEDY}
    assert matrix(bare.alerts) == {"owners of namespaces": {"": {"not_evaluated": 1}}}


def test_what_is_not_in_place_comes_first_and_of_it_the_gravest() -> None:
    assert [entry.state for entry in PLATFORM.alerts] == ["missing", "not_evaluated", *["in_place"] * 5, "left_out"]
    in_place = [(bool(entry.untold), entry.severity) for entry in PLATFORM.alerts if entry.state == "in_place"]
    assert in_place == [(True, "critical"), (True, "warning"), *[(False, "critical")] * 3]


# ---- the page and other formats --------------------------------------------------------------------------------------


def test_page_has_coverage_matrix_and_lists_and_foreign_text_stays_text() -> None:
    found = chapter(ALONE)
    for words in ("Whom the alerts reach", "What nobody watches", "no alert reaches it", "1 not told", "none is for it", "told by webhook"):
        assert words in found
    assert "odd &lt;img src=x onerror=alert(1)&gt;" in found
    assert "<img" not in found
    assert not re.search(r"\sstyle=", found)
    for icon in ("i-watched", "i-unwatched"):
        assert f'id="{icon}"' in html_reading.render(ALONE)


def test_long_tables_are_capped_and_name_their_sheet() -> None:
    found = [people.watch("model", f"m{number:04d}") for number in range(MAX_ROWS + 3)]
    found += [people.alert(f"a{number:04d}") for number in range(MAX_ROWS + 2)]
    text = html_reading.render(make.alone_view("verify", found))
    assert "3 more are in report.xlsx, sheet Watched." in text
    assert "2 more are in report.xlsx, sheet Alerts." in text


def test_workbook_keeps_unknown_empty_and_formulas_text(tmp_path: Path) -> None:
    write_xlsx(ALONE, tmp_path / "report.xlsx")
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    watched = {line[0].value: line for line in book["Watched"].iter_rows(min_row=2)}
    assert (watched[people.FORMULA][0].data_type, watched["amd"][4].value) == ("s", None)
    assert (watched["team-x"][3].value, watched["team-x"][6].value) == ("nobody is named", "no")
    alerts = {line[0]: line for line in book["Alerts"].iter_rows(min_row=2, values_only=True)}
    assert alerts["openshift-monitoring/OperatorDown"][5:7] == (None, None)
    assert alerts["team-speech/ModelSlow"][5:7] == ("none", "speech")
    assert book["Alerts"].max_row == len(PLATFORM.alerts) + 1


def test_markdown_has_coverage_and_what_nobody_watches(tmp_path: Path) -> None:
    write_markdown(ALONE, tmp_path / "report.md")
    text = (tmp_path / "report.md").read_text(encoding="utf-8").partition("### Monitoring")[2].partition("### Delivery")[0]
    assert "| serving | 2 | 0 | 0 | 0 | vision by webhook | speech |" in text
    assert "#### Watched by nobody" in text
    assert "| `team-x` | watched by nobody | namespace | nobody is named |" in text
    assert "<img" not in re.sub(r"`[^`]*`", "", text)


def test_json_leaves_out_what_is_unknown_and_keeps_empty_lists(tmp_path: Path) -> None:
    write_json(ALONE, tmp_path / "report.json")
    text = (tmp_path / "report.json").read_text(encoding="utf-8")
    assert '"name":"openshift-monitoring/OperatorDown","state":"in_place"' in text
    down = text.partition("openshift-monitoring/OperatorDown")[2].partition("}")[0]
    assert "receivers" not in down.partition('"unknown"')[0]


def test_terminal_tells_monitoring_alone_and_never_more_than_its_lines() -> None:
    alone = " ".join(summary_text(ALONE, "/tmp/report/index.html").split())
    assert "of what people rely on 3 watched by nobody, 1 not known, 3 watched." in alone
    for view in (ALONE, make.platform_view("check")):
        assert len(summary_text(view, "/tmp/report/index.html").splitlines()) <= MAX_LINES


def test_data_for_a_workflow_has_alerts_and_what_is_watched() -> None:
    data = platform_texts.platform_data(PLATFORM)
    assert data["alerts"] == {"in_place": 5, "missing": 1, "left_out": 1, "not_evaluated": 1}
    assert data["watched"] == {"watched": 3, "unwatched": 3, "not_evaluated": 1}
    assert data["unreached_owners"] == [f"odd {people.HOSTILE}", "speech"]
    assert (data["logins"], data["groups"]) == (
        {"ready": 3, "missing": 1},
        {"ready": 3, "waiting": 1, "missing": 1, "broken": 1},
    )
