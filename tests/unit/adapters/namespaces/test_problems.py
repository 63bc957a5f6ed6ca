# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings as the problems of an error: with file and row of the contract that they are about."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.namespaces.artifact import problems_of
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.reading import path_of, read_contracts
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.parse import SourceText
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.shape import path_text
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.namespaces.builders import SMALL

STEPS = st.one_of(st.integers(0, 99), st.from_regex(r"[a-z][a-z0-9_-]{0,9}", fullmatch=True))
ROWS = {"namespace": 3, "personas": 7, "personas[0]": 8, "[1].namespace": 21, "[1].personas": 25}


def finding(part: str, path: str, message: str = "there is no Group x") -> CheckFinding:
    return CheckFinding(
        "namespaces.people.group", part, f"group x of {part}", "missing", "fail", message=message, remedy="mend it", path=path
    )


def told(found: CheckFinding, data: Any) -> tuple[str, int | None, str]:
    """File, row and message of the finding's problem, with contracts of one file."""
    placed = read_contracts([SourceText("teams.yml", data, ROWS)]).placed
    (problem,) = problems_of([found], placed)
    assert problem.remedy == "mend it"
    return problem.file, problem.row, problem.message


@pytest.mark.parametrize(
    ("path", "row", "message"),
    [
        ("personas[0].groups", 8, "personas[0].groups: group x of team-a: there is no Group x"),
        ("personas[ml-engineer]", 7, "personas[ml-engineer]: group x of team-a: there is no Group x"),
        ("quota", None, "quota: group x of team-a: there is no Group x"),
        ("", 3, "namespace: group x of team-a: there is no Group x"),
    ],
)
def test_finding_of_a_contract_has_its_file_and_the_row_of_its_place(path: str, row: int | None, message: str) -> None:
    assert told(finding("team-a", path), {**SMALL, "namespace": "team-a"}) == ("teams.yml", row, message)


def test_finding_of_one_of_several_contracts_in_a_file_has_its_place_among_them() -> None:
    both = [{**SMALL, "namespace": name} for name in ("team-a", "team-b")]
    assert told(finding("team-b", "personas[0].groups"), both) == (
        "teams.yml",
        25,
        "[1].personas[0].groups: group x of team-b: there is no Group x",
    )


def test_finding_of_no_contract_names_the_part_that_it_is_about() -> None:
    assert told(finding("owners.retail", "accelerators"), {**SMALL, "namespace": "team-a"})[0] == "owners.retail: accelerators"


@given(st.from_regex(r"[a-z]{1,9}", fullmatch=True), st.lists(STEPS, max_size=4))
def test_place_in_words_is_the_place(first: str, further: list[str | int]) -> None:
    path = (first, *further)
    assert path_of(path_text(path)) == path
