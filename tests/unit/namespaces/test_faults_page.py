# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about the fault corpus is made from its ground truth and always current, and the corpus is as large as it has to be."""

from __future__ import annotations

from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import STATES
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.catalogue_of_checks import CHECKS_BY_ID

from tests.integration.namespaces_faults.truth import HEALTHY, KINDS, REAL, truths
from tests.tools.namespaces_faults_page import PAGE, checks_named, page


def test_page_of_faults_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.tools.namespaces_faults_page"


def test_corpus_is_as_large_as_it_has_to_be() -> None:
    found = list(truths().values())
    assert len(found) >= 40
    assert sum(each.kind == REAL for each in found) >= 15
    assert sum(each.kind == HEALTHY for each in found) >= 6
    assert sum(len(each.parts) == 2 for each in found) >= 8


def test_truth_uses_known_words_alone() -> None:
    assert checks_named() <= CHECKS_BY_ID.keys()
    for each in truths().values():
        assert each.kind in KINDS
        assert {state for _part, _check, state in each.expects} <= set(STATES)
        assert bool(each.expects) is (each.kind != HEALTHY), each.name


def test_no_two_scenarios_do_the_same() -> None:
    assert len({each.does for each in truths().values()}) == len({each.parts for each in truths().values()}) == len(truths())
