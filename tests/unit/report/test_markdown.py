# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Markdown summary, rendered: tables that hold, and estate text that stays text."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_markdown import code, prose, write_markdown
from ansible_collections.groundwork.readiness.plugins.module_utils.report import view
from markdown_it import MarkdownIt

from tests.unit.report import factory

HOSTILE = (
    "<script>alert(1)</script>",
    "[click](http://evil.example.com)",
    "![x](http://evil.example.com/x.png)",
    "a|b",
    "a\\|b",
    "`tick`",
    "``two`",
    "**bold** _it_ ~~gone~~ # h",
    "line\nbreak\r\n\r\n# heading",
    "&lt;b&gt;",
    "https://evil.example.com www.evil.example.com",
    "@everyone",
    "<https://evil.example.com>",
)


def text_of(report: view.ReportView, folder: Path) -> str:
    """The file as written."""
    write_markdown(report, folder / "report.md")
    return (folder / "report.md").read_text(encoding="utf-8")


def rendered(text: str) -> str:
    """The HTML that a renderer of GitHub's flavour makes of it."""
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text)


def test_summary_holds_verdict_reasons_settling_and_sources(tmp_path: Path) -> None:
    text = text_of(factory.make_view(200), tmp_path)
    for heading in (
        "## Verdicts",
        "## What blocks VMs",
        "## What means work first",
        "## What would settle provisional verdicts",
        "## Clusters",
        "## Sources",
        "## Not seen",
    ):
        assert heading in text
    assert "What did not go well" not in text


def test_every_table_row_has_the_cells_of_its_header(tmp_path: Path) -> None:
    html = rendered(text_of(factory.make_view(200), tmp_path))
    tables = re.findall(r"<table>.*?</table>", html, re.DOTALL)
    assert len(tables) >= 6
    for table in tables:
        widths = {row.count("<th") + row.count("<td") for row in re.findall(r"<tr>.*?</tr>", table, re.DOTALL)}
        assert len(widths) == 1


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("escape", [prose, code])
def test_foreign_text_in_a_cell_is_shown_as_it_is_and_does_nothing(escape: object, text: str) -> None:
    html = rendered(f"| a | b |\n| --- | --- |\n| {escape(text)} | end |\n")
    assert html.count("<td>") == 2
    assert "<td>end</td>" in html
    assert not re.search(r"<(script|a |img|strong|em|s>|h1|b>)", html)


def test_troubles_of_a_failed_run_come_first(tmp_path: Path) -> None:
    text = text_of(factory.failed_view(), tmp_path)
    assert "## What did not go well" in text
    assert "- estate: dc1.xlsx, tab vInfo, row 7, column CPUs: 'twelve' is not a number (Correct the cell, or empty it.)" in text
    assert "## Verdicts" not in text


def test_clusters_keep_settled_and_provisional_apart(tmp_path: Path) -> None:
    groups = (view.GroupCount("cluster", "c1", 93, (7, 0, 0, 42), (3, 0, 0, 47)),)
    assert "| `c1` | 99 | 42 + 47 | 0 | 0 | 7 + 3 |".replace("99", "93") in text_of(replace(factory.make_view(9), groups=groups), tmp_path)


def test_notices_and_conflicts_have_sections(tmp_path: Path) -> None:
    text = text_of(factory.make_view(9), tmp_path)
    assert "## Notices (2)" in text
    assert "2 cells are not numbers and stay unknown (Correct them in vSphere and export again.)" in text
    assert "## Conflicts between sources" in text


def test_many_problems_are_counted_not_listed(tmp_path: Path) -> None:
    problems = tuple(view.ProblemView(f"problem {number}") for number in range(25))
    report = replace(factory.failed_view(), stages=(view.StageView("estate", "localhost", "failed", "no", problems=problems),))
    text = text_of(report, tmp_path)
    assert "- and 15 more problems" in text
    assert "problem 12" not in text


def test_long_tables_are_cut_and_say_so(tmp_path: Path) -> None:
    base = factory.make_view(60)
    groups = tuple(view.GroupCount("cluster", f"c{number:02d}", 1, (0, 0, 0, 1), (0, 0, 0, 0)) for number in range(13))
    text = text_of(replace(base, groups=groups), tmp_path)
    assert "c09" in text
    assert "c10" not in text
    assert "And 3 more clusters." in text


def test_names_with_backticks_are_fenced_by_more_of_them() -> None:
    assert code("a``b") == "```a``b```"
    assert code("`a") == "`` `a ``"
    assert code("") == ""
