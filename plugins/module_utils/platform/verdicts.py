# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings of checks in their usual forms: it holds, it does not, nobody knows, it was not asked for."""

from __future__ import annotations

from typing import Any

from ..common.findings import CheckFinding, Evidence
from ..common.write_findings import CHANGED, FAIL, IN_STEP, NOT_APPLICABLE, NOT_EVALUATED, PASS
from ..target.model import NOT_SERVED
from .checks import Check

UNKNOWN_REMEDY = "give the account the right to read it, or see why it could not be read"
ABSENT_REMEDY = "install what brings it, if it is meant to be there"


def remedy_of(reason: str) -> str:
    """What helps where nobody knows for that reason, as a reading puts it."""
    return ABSENT_REMEDY if reason.startswith(NOT_SERVED) else UNKNOWN_REMEDY


def passed(check: Check, subject: str, path: str = "", message: str = "") -> CheckFinding:
    """It holds."""
    return check.finding(subject, IN_STEP, PASS, path=path, message=message, remedy="", refuses=False)


def failed(check: Check, subject: str, message: str, path: str = "", state: str = CHANGED, **more: Any) -> CheckFinding:
    """It does not hold; `more` are further fields of the finding."""
    return check.finding(subject, state, FAIL, message=message, path=path, **more)


def unknown(check: Check, subject: str, reason: str, path: str = "", remedy: str | None = None) -> CheckFinding:
    """Nobody knows, and why; the remedy is that of the reason unless one is given."""
    helps = remedy_of(reason) if remedy is None else remedy
    return check.finding(subject, NOT_EVALUATED, NOT_EVALUATED, message=reason, path=path, remedy=helps, refuses=False)


def not_asked(check: Check, subject: str = "cluster", message: str = "the document does not ask for it") -> CheckFinding:
    """It does not apply."""
    return check.finding(subject, IN_STEP, NOT_APPLICABLE, message=message, remedy="", refuses=False)


def seen(object_text: str, field: str, observed: object, expected: object) -> tuple[Evidence, ...]:
    """One piece of evidence, with the values as text."""
    return (Evidence(object_text, field, str(observed), str(expected)),)
