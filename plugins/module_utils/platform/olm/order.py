# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order operators are installed: what an operator needs comes before it, though its bundle does not say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...common.findings import CheckFinding
from ...common.write_findings import FAIL, NOT_EVALUATED
from .check_list import check
from .model import Operator, Refusal


def order_of(operators: Sequence[Operator]) -> tuple[tuple[str, ...], ...] | Refusal:
    """Names of the operators level by level, sorted within each; a Refusal that names a circle in full.

    Needs that no operator of the sequence answers do not count here (see `unmet_needs`).
    """
    needs = _needs(operators)
    levels: list[tuple[str, ...]] = []
    placed: set[str] = set()
    while len(placed) < len(needs):
        level = tuple(sorted(name for name, wanted in needs.items() if name not in placed and placed.issuperset(wanted)))
        if not level:
            circle = _circle({name: wanted - placed for name, wanted in needs.items() if name not in placed})
            return Refusal(f"the operators need each other in a circle: {' needs '.join(circle)}")
        levels.append(level)
        placed.update(level)
    return tuple(levels)


def _needs(operators: Sequence[Operator]) -> dict[str, set[str]]:
    """Operator to those of the sequence that have to be ready before it."""
    names = {operator.name for operator in operators}
    return {operator.name: {need for need in operator.needs if need in names} for operator in operators}


def _circle(needs: Mapping[str, set[str]]) -> list[str]:
    """One circle among operators that all wait: from its first name in the alphabet round to it again."""
    walk: list[str] = []
    name = min(needs)
    while name not in walk:
        walk.append(name)
        name = min(needs[name])
    circle = walk[walk.index(name) :]
    first = circle.index(min(circle))
    return [*circle[first:], *circle[:first], circle[first]]


def removal_order(operators: Sequence[Operator]) -> tuple[tuple[str, ...], ...] | Refusal:
    """Levels in which operators are removed: what others need goes last."""
    levels = order_of(operators)
    return levels if isinstance(levels, Refusal) else tuple(reversed(levels))


def circle_finding(refusal: Refusal) -> CheckFinding:
    """The finding of a circle."""
    return check("order.cycle").finding("operators", NOT_EVALUATED, FAIL, message=refusal.message, path="operators.wanted")


def unmet_needs(operators: Sequence[Operator], there: Mapping[str, bool | None]) -> list[CheckFinding]:
    """Needs that nothing answers. `there` tells of operators outside the document whether they are installed; None or absent is unknown."""
    names = {operator.name for operator in operators if not operator.absent}
    found = []
    for operator in operators:
        for need in operator.needs if not operator.absent else ():
            if need in names or there.get(need):
                continue
            known = there.get(need) is False
            said = (
                "is neither in the document nor on the cluster"
                if known
                else "is not in the document; whether it is on the cluster is not known"
            )
            result = FAIL if known else NOT_EVALUATED
            message = f"{operator.name} needs {need}, which {said}"
            found.append(
                check("order.needs").finding(f"{operator.subject}, {need}", NOT_EVALUATED, result, message=message, path=operator.path)
            )
    return found
