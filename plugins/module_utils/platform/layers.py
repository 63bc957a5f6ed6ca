# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layers of the stack as findings tell them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from ..common.artifact import JsonRecord
from ..common.findings import CRITICAL, SEVERITIES, CheckFinding, counts
from ..common.write_findings import CREATE, MISSING, NO_ACTION, NOT_APPLICABLE, PASS
from ..common.write_findings import NOT_EVALUATED as NOT_EVALUATED_RESULT
from .checks import LAYERS
from .model import BROKEN, NOT_EVALUATED, READY, WAITING
from .model import MISSING as LAYER_MISSING

READY_WORD: Final = ".ready"
"""What names of checks end with that say whether something has become ready."""


def layer_records(findings: Iterable[CheckFinding], *, applied: bool = True) -> list[JsonRecord]:
    """The layers of the stack with their states, from the ground up. With `applied` False the findings' actions are still to be taken."""
    by_layer: dict[str, list[CheckFinding]] = {}
    for finding in findings:
        by_layer.setdefault(finding.layer, []).append(finding)
    return [_layer(order, name, by_layer.get(name, []), applied) for order, name in enumerate(LAYERS, 1)]


def _layer(order: int, name: str, findings: Sequence[CheckFinding], applied: bool) -> JsonRecord:
    told = [finding for finding in findings if finding.result != NOT_APPLICABLE]
    state, reason = layer_state(told, applied=applied)
    holds = sorted({finding.subject for finding in told if finding.result == PASS and finding.check.endswith((".object", READY_WORD))})
    return {
        "kind": "layer",
        "id": name,
        "name": name.replace("_", " "),
        "order": order,
        "state": state,
        "wanted": bool(told),
        "counts": counts(findings),
        "holds": holds,
        "reason": reason,
    }


def layer_state(findings: Iterable[CheckFinding], *, applied: bool = True) -> tuple[str, str]:
    """State of a layer, and the worst that keeps it from being ready. What a run would change is not there yet, or on its way.

    Warnings are told beside it, and keep nothing from being ready.
    """
    worst: dict[str, str] = {}
    for finding in sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)):
        state = _state_of(finding, applied)
        if state != READY and state not in worst:
            worst[state] = finding.words
    state = next((state for state in (BROKEN, LAYER_MISSING, WAITING, NOT_EVALUATED) if state in worst), READY)
    return state, worst.get(state, "")


def _state_of(finding: CheckFinding, applied: bool) -> str:
    if finding.action != NO_ACTION and not (applied and finding.result == PASS):
        return LAYER_MISSING if finding.action == CREATE else WAITING
    if not finding.failed or finding.severity != CRITICAL:
        return READY
    if finding.result == NOT_EVALUATED_RESULT:
        return NOT_EVALUATED
    if finding.state == MISSING:
        return WAITING if finding.check.endswith(READY_WORD) and finding.evidence else LAYER_MISSING
    return BROKEN
