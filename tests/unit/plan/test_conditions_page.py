# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about the conditions of the preflight is made from the catalogue and always current."""

from __future__ import annotations

from ansible_collections.groundwork.readiness.plugins.module_utils.plan.conditions.catalogue import CONDITIONS
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.conditions.entry import ORIGINS, SCOPES
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.model import ADVISORY, CRITICAL, ERROR, WARN

from tests.tools.conditions_page import ABOUT, PAGE, page


def test_page_of_conditions_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.tools.conditions_page"


def test_page_has_a_full_row_for_every_condition() -> None:
    rows = [line.strip("| ").split(" | ") for line in page().splitlines() if line.startswith("| `")]
    listed = [cells for cells in rows if len(cells) == 6]
    assert sorted(cells[0].strip("`") for cells in listed) == sorted(CONDITIONS)
    assert [cells for cells in rows if not all(cell.strip() for cell in cells)] == []


def test_catalogue_uses_known_words_alone() -> None:
    assert tuple(ABOUT) == SCOPES
    for condition in CONDITIONS.values():
        assert condition.category in (CRITICAL, ERROR, WARN, ADVISORY)
        assert condition.origin in ORIGINS
        assert condition.id.startswith("own.") == (condition.origin == "own")
        assert set(condition.scopes) <= set(SCOPES)
