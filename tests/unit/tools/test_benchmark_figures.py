# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How figures of a benchmark are judged, printed and written. No test asserts on a measured time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmarks.figures import Figure, line_of, number_text, write_figures
from tests.benchmarks.inputs import generator_key
from tests.benchmarks.measure import WorkError, measure
from tests.tools.generate_estate import generate_saved


@pytest.mark.parametrize(
    ("value", "limit", "at_least", "met"),
    [
        (10.0, 10, False, "yes"),
        (10.01, 10, False, "no"),
        (17, 17, True, "yes"),
        (16, 17, True, "no"),
        (5.0, None, False, "–"),
        (None, 5, False, "–"),
    ],
)
def test_goal_is_met_up_to_and_with_its_limit(value: float | None, limit: float | None, at_least: bool, met: str) -> None:
    assert Figure("name", value, "s", limit, at_least).met == met


@pytest.mark.parametrize(("value", "text"), [(2.0, "2"), (0.1234, "0.12"), (123.45, "123.5"), (25796542, "25,796,542"), (1234.5, "1,234")])
def test_numbers_are_printed_with_the_digits_that_help(value: float, text: str) -> None:
    assert number_text(value) == text


def test_row_names_figure_value_unit_goal_and_whether_it_is_met() -> None:
    assert line_of(Figure("read", 1.42, "ratio", 1.5)).split() == ["read", "1.42", "ratio", "at", "most", "1.50", "yes"]


def test_figure_that_could_not_be_measured_says_why(tmp_path: Path) -> None:
    write_figures(tmp_path / "build" / "figures.jsonl", [Figure("row", None, "s", 2, note="no browser"), Figure("time", 1.5, "s")])
    lines = [json.loads(line) for line in (tmp_path / "build" / "figures.jsonl").read_text().splitlines()]
    assert lines[0] == {"name": "row", "unit": "s", "goal": "at most 2", "met": "–", "note": "no browser"}
    assert lines[1] == {"name": "time", "value": 1.5, "unit": "s", "goal": "", "met": "–"}


def test_inputs_are_kept_under_a_key_of_the_generator() -> None:
    assert len(generator_key()) == 12
    assert generator_key() == generator_key()


def test_work_is_measured_in_a_process_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "estate.jsonl"
    generate_saved(path, 20, 1)
    run = measure("assessment_stage", estate=path, dest=tmp_path / "assessment.jsonl")
    assert run.result["vms"] == 20
    assert run.seconds > 0
    assert run.peak_bytes > 1 << 20


def test_work_that_fails_says_what_went_wrong(tmp_path: Path) -> None:
    with pytest.raises(WorkError, match=r"missing\.jsonl"):
        measure("assessment_stage", estate=tmp_path / "missing.jsonl", dest=tmp_path / "assessment.jsonl")
