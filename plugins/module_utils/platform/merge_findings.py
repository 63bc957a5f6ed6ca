# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The findings on entries of objects that no server merges."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ..common.findings import CheckFinding
from ..common.merges import MergeOutcome
from ..common.write_findings import CREATE, DELETE, FAIL, NOT_EVALUATED, UPDATE
from .checks import Check

_WORDS: Final[Mapping[str, str]] = {CREATE: "it is missing", UPDATE: "it differs", DELETE: "it is there, and is wanted no more"}
"""What a verification says of an entry that a run would write."""


def entry_findings(outcome: MergeOutcome, check: Check, subject_of: Callable[[str], str]) -> Iterator[CheckFinding]:
    """One finding for each entry, whose name `subject_of` puts into words; one for the object where nothing is known of its entries."""
    path = outcome.merge.path
    if outcome.finding.result == NOT_EVALUATED or not outcome.entries:
        if outcome.finding.result in (FAIL, NOT_EVALUATED):
            more: dict[str, Any] = {"message": outcome.finding.message, "path": path, "remedy": outcome.finding.remedy or check.remedy}
            yield check.finding(outcome.merge.key.text, outcome.finding.state, outcome.finding.result, **more)
        return
    for entry in outcome.entries:
        more = {
            "message": entry.message or (_WORDS.get(entry.action, "") if entry.result == FAIL else ""),
            "path": path,
            "action": entry.action,
            "fields": entry.fields,
        }
        remedy = entry.remedy or (check.remedy if entry.result == FAIL else "")
        yield check.finding(subject_of(entry.name), entry.state, entry.result, remedy=remedy, **more)
