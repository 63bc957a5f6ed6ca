# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary for the terminal: short, aligned, and with the path at its end."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.report import view
from ansible_collections.groundwork.readiness.plugins.module_utils.report.advice import settle_lines
from ansible_collections.groundwork.readiness.plugins.module_utils.report.summary import (
    MAX_LINES,
    MAX_LINES_FAILED,
    MAX_PROBLEMS,
    WIDTH,
    deadline,
    failure_text,
    stage_line,
    summary_data,
    summary_text,
    top_reasons,
)

from tests.unit.report import factory

INDEX = "/srv/readiness/runs/r-1/report/index.html"


def broken(count: int) -> view.ReportView:
    """A report with that many failed hosts, each with many problems."""
    problems = tuple(view.ProblemView(f"problem {number} " + "x" * 120, "a.xlsx, tab vInfo") for number in range(9))
    stages = tuple(view.StageView("estate", f"vc-{number}", "failed", "it cannot be read", "Mend it.", problems) for number in range(count))
    return replace(factory.make_view(200), stages=stages, failed=True)


@pytest.mark.parametrize(
    "report",
    [
        factory.make_view(200),
        factory.make_view(1),
        factory.failed_view(),
        factory.failed_view(40),
        factory.empty_view(),
        broken(1),
        broken(7),
    ],
    ids=["whole", "one", "failed", "partial", "empty", "broken", "all broken"],
)
@pytest.mark.parametrize(
    "failures", [(), tuple(f"the {name} format was not written: disk full" for name in view.FORMATS)], ids=["written", "not written"]
)
def test_summary_fits_a_terminal_and_ends_with_the_path(report: view.ReportView, failures: tuple[str, ...]) -> None:
    lines = summary_text(report, INDEX, failures).splitlines()
    troubled = failures or any(stage.state != "ran" for stage in report.stages)
    assert len(lines) <= (MAX_LINES_FAILED if troubled else MAX_LINES)
    assert max(len(line) for line in lines[:-1]) <= WIDTH
    assert lines[0] == report.title
    assert lines[-1] == f"Report: {INDEX}"


def test_figures_of_the_verdict_table_are_aligned() -> None:
    lines = summary_text(factory.make_view(200), INDEX).splitlines()
    start = next(number for number, line in enumerate(lines) if "settled" in line and "provisional" in line and "total" in line)
    table = lines[start : start + 6]
    assert [line.split("  ")[0] for line in table[1:]] == ["ready", "ready with work", "not evaluated", "blocked", "all in scope"]
    assert len({len(line) for line in table}) == 1


def test_failed_stage_is_named_with_problem_place_and_remedy() -> None:
    text = summary_text(factory.failed_view(), INDEX)
    assert "estate failed: dc1.xlsx cannot be read" in text
    assert "dc1.xlsx, tab vInfo: the column VM is missing" in text
    assert "assessment did not run: There is no estate to assess." in text


def test_problems_are_shown_in_full_with_place_and_remedy_and_the_rest_is_counted() -> None:
    remedy = "Export the tab again with all of its columns, and do not sort or filter it before it is saved as a workbook."
    problems = tuple(view.ProblemView(f"problem {number}", "a.xlsx, tab vInfo", remedy) for number in range(30))
    stages = (view.StageView("estate", "localhost", "failed", "it cannot be read", problems=problems),)
    text = summary_text(replace(factory.failed_view(), stages=stages), INDEX)
    whole = " ".join(text.split())
    assert f"a.xlsx, tab vInfo: problem 0 ({remedy})" in whole
    assert "more problems: see the report" in whole
    assert "…" not in text


def test_failure_lists_twenty_problems_and_ends_with_the_report() -> None:
    lines = failure_text(broken(3), INDEX).splitlines()
    assert sum(line.startswith("  a.xlsx") for line in lines) == MAX_PROBLEMS
    assert "  and 7 more problems: see the report" in lines
    assert lines[-1] == f"Report: {INDEX}"
    assert failure_text(factory.make_view(3), INDEX) == ""


def test_notices_and_conflicts_are_counted() -> None:
    assert "See the report for 2 notices on what was read and 1 conflict between sources." in summary_text(factory.make_view(30), INDEX)


def test_unknown_sizes_are_said_beside_the_sums() -> None:
    counts = (
        view.VerdictCount("blocked", 1, 0, None, None, None, 1, 1, 1),
        *(view.VerdictCount(verdict) for verdict in view.VERDICTS[1:3]),
        view.VerdictCount("ready", 3, 0, 8, 4096, 1 << 40, 0, 0, 2),
    )
    lines = summary_text(replace(factory.make_view(4), verdicts=counts), INDEX).splitlines()
    rows = {line[:12].strip(): line.split() for line in lines if line[:12].strip() in ("ready", "blocked", "all in scope")}
    assert rows["blocked"][4:] == ["unknown", "unknown", "unknown"]
    assert rows["ready"][-3:] == ["1.0", "(2", "unknown)"]
    assert rows["all in scope"][-3:] == ["1.0", "(3", "unknown)"]


def test_every_failed_host_is_named_before_any_detail() -> None:
    text = summary_text(broken(4), INDEX)
    assert [f"estate on vc-{number} failed" in text for number in range(4)] == [True] * 4


def test_format_that_could_not_be_written_is_named() -> None:
    assert "the xlsx format was not written: disk full" in summary_text(
        factory.make_view(9), INDEX, ("the xlsx format was not written: disk full",)
    )


def test_reasons_name_what_blocks_and_what_means_work() -> None:
    categories = [rule.category for rule in top_reasons(factory.make_view(200), 5)]
    assert categories == ["critical", "critical", "critical", "warning", "warning"]


def test_reading_the_vcenter_comes_first_among_what_would_settle() -> None:
    (count, text), *_rest = settle_lines(factory.make_view(200), 3)
    assert count > 0
    assert text.startswith("read vCenter vcenter-fra.example.com live instead of dc1.xlsx")


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (405, "vSphere 8 leaves general support in 405 days, on 2027-10-11."),
        (1, "vSphere 8 leaves general support in 1 day, on 2027-10-11."),
        (0, "vSphere 8 leaves general support today."),
        (-2, "vSphere 8 left general support 2 days ago, on 2027-10-11."),
    ],
)
def test_deadline_is_a_sentence(days: int, sentence: str) -> None:
    assert deadline(replace(factory.make_view(1), days_left=days)) == sentence


@pytest.mark.parametrize(
    ("stage", "line"),
    [
        (view.StageView("estate", "vc-a", "failed", "no\n route"), "estate on vc-a failed: no route"),
        (view.StageView("assessment", "localhost", "stale", "x changed"), "assessment is out of date: x changed"),
        (view.StageView("assessment", "localhost", "skipped"), "assessment did not run"),
    ],
)
def test_stage_is_said_in_one_line(stage: view.StageView, line: str) -> None:
    assert stage_line(stage) == line


def test_data_holds_figures_and_leaves_out_what_is_not_known() -> None:
    whole, failed = summary_data(factory.make_view(30)), summary_data(factory.failed_view())
    assert whole["complete"] is True
    assert set(whole["verdicts"]) == set(view.VERDICTS)
    assert failed["verdicts"] == {}
    assert failed["failed_stages"] == ["estate"]
    assert not {"score_mean", "vms_in_scope", "vms_out_of_scope", "provisional"} & set(failed)
