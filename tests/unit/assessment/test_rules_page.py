# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about the rules is made from the catalogue and always current."""

from __future__ import annotations

from ansible_collections.groundwork.readiness.plugins.module_utils.assessment.operators import OPERATORS

from tests.tools.rules_page import PAGE, WORDS, catalogue_data, page


def test_page_of_rules_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(catalogue_data()), "run: python -m tests.tools.rules_page"


def test_page_names_every_rule_with_its_condition_once() -> None:
    text = page(catalogue_data())
    assert [rule["id"] for rule in catalogue_data()["rules"] if text.count(f"`{rule['id']}`, version") != 1] == []
    assert text.count("- Fails when ") == len(catalogue_data()["rules"])


def test_page_has_words_for_every_operator() -> None:
    assert set(WORDS) == set(OPERATORS)
