# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdict and score of one VM, from what its rules gave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .catalogue import MinimumFact

VERDICTS: Final = ("blocked", "not_evaluated", "ready_with_work", "ready")
"""All verdicts, worst first."""


def has_minimum_facts(vm: Mapping[str, Any], minimum: tuple[MinimumFact, ...]) -> bool:
    """Whether enough is known of a VM to judge it. An empty text says nothing about it; an empty list of parts does."""
    for entry in minimum:
        for name in entry.one_of:
            value = vm.get(name)
            if value is not None and value != "":
                break
        else:
            return False
    return True


def verdict_of(*, critical_failed: bool, warning_failed: bool, minimum_known: bool) -> str:
    """The verdict: a failed critical rule blocks, whatever else is unknown."""
    if critical_failed:
        return "blocked"
    if not minimum_known:
        return "not_evaluated"
    return "ready_with_work" if warning_failed else "ready"


def is_provisional(verdict: str, *, critical_open: bool, warning_open: bool, scope_open: bool = False) -> bool:
    """Whether rules that were not evaluated could still make the verdict worse, or nobody knows whether the VM is to be judged at all.

    A block stands whatever the scope: what blocks a VM has been seen.
    """
    return critical_open or (verdict == "ready" and warning_open) or (verdict != "blocked" and scope_open)


def score_of(failed_weight: int, applicable_weight: int) -> float:
    """From 100 (nothing failed, or nothing applies) down to 0 (all that applies failed); not rounded."""
    return 100.0 * (1.0 - failed_weight / applicable_weight) if applicable_weight else 100.0
