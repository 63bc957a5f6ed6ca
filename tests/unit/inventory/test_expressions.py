# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which expressions are remembered, and by what."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.readiness.plugins.plugin_utils.inventory_expressions import Memory, names_in


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("vm_cluster", ("vm_cluster",)),
        ("vm_a == 'x' and vm_b is defined", ("vm_a", "vm_b")),
        ("vm_a | default('x') | upper", ("vm_a",)),
        ("vm_name.startswith('erp')", ("vm_name",)),
        ("vm_a | regex_replace('x', vm_b) | ansible.builtin.ternary(1, 2)", ("vm_a", "vm_b")),
        ("vm_a is ansible.builtin.version('1', '>')", ("vm_a",)),
        ("vm_a | random", None),
        ("vm_a | somebody.elses.filter", None),
        ("lookup('ansible.builtin.env', 'HOME') ~ vm_a", None),
        ("now().year", None),
        ("vars['vm_a']", None),
        ("self.x", None),
        ("vm_a ==", None),
        ("true", ()),
    ],
)
def test_names_of_an_expression_are_all_that_it_rests_on(expression: str, expected: tuple[str, ...] | None) -> None:
    assert names_in(expression) == expected


def test_values_that_are_equal_but_differ_in_kind_are_kept_apart() -> None:
    memory = Memory()
    keys = {memory.key("x", variables) for variables in ({"x": 1}, {"x": True}, {"x": 1.0}, {"x": "1"}, {"x": None}, {})}
    assert len(keys) == 6


def test_result_is_remembered_and_one_that_may_change_is_not() -> None:
    memory = Memory()
    key = memory.key("x", {"x": 1, "y": 2})
    assert memory.recall("x", key) is memory.MISSING
    memory.keep("x", key, None)
    assert memory.recall("x", memory.key("x", {"x": 1, "y": 3})) is None
    memory.keep("now()", memory.key("now()", {}), 5)
    assert memory.recall("now()", memory.key("now()", {})) is memory.MISSING
