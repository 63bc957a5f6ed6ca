# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cause of an install that does not come on: what is found, how long it has to stand before it is believed, and whether it passes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from ...common.findings import INFORMATION, SEVERITIES, CheckFinding, Evidence
from ...common.owned_fields import ApiObject
from ...common.write_findings import CHANGED, FAIL
from ...target.objects import id_of, maps_at, text_at
from .check_list import check
from .model import Operator

AT_ONCE: Final = 0.0
CATALOG_SECONDS: Final = 5.0
SETTLE_SECONDS: Final = 8.0
"""How long a sign has to stand: OLM sets some conditions for a moment while it works."""

PULL_REASONS: Final = (
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "ImageInspectError",
    "RegistryUnavailable",
)
"""Reasons for which a container waits because its image cannot be had."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause."""

    finding: CheckFinding
    settle_seconds: float = AT_ONCE
    terminal: bool = True
    """nothing changes until somebody does something; otherwise OLM tries again and may yet succeed"""


def cause(word: str, operator: Operator, words: str, evidence: tuple[Evidence, ...], settle: float, terminal: bool, **more: Any) -> Cause:
    """A cause with OLM's words as they are."""
    finding = check(word).finding(operator.subject, CHANGED, FAIL, message=words, evidence=evidence, path=operator.path, **more)
    return Cause(replace(finding, refuses=False), settle, terminal)


def sign(item: ApiObject, field: str, observed: str, expected: str) -> tuple[Evidence, ...]:
    """What told it: a field of an object."""
    return (Evidence(f"{text_at(item, 'kind') or 'object'} {id_of(item)}", field, observed, expected),)


def condition_of(item: ApiObject | None, kind: str) -> dict[str, Any]:
    """The condition of a type that is True; empty where it is not."""
    return next((each for each in maps_at(item, "status.conditions") if each.get("type") == kind and each.get("status") == "True"), {})


def said(reason: str, message: str) -> str:
    """A reason and the words to it, as OLM gives them."""
    return f"{reason}: {message}" if reason and message else reason or message


def merged(causes: Iterable[Cause]) -> list[Cause]:
    """Worst first, one for each check: what further signs of the same check say is added to the first."""
    found: dict[str, Cause] = {}
    for each in causes:
        known = found.get(each.finding.id)
        found[each.finding.id] = _joined(known, each) if known else each
    order = sorted(found.values(), key=lambda each: (not each.terminal, SEVERITIES.index(each.finding.severity)))
    return sorted(order, key=lambda each: each.finding.severity == INFORMATION)


def _joined(one: Cause, other: Cause) -> Cause:
    words = one.finding.message
    if other.finding.message and other.finding.message not in words:
        words = f"{words}; {other.finding.message}" if words else other.finding.message
    evidence = (*one.finding.evidence, *(each for each in other.finding.evidence if each not in one.finding.evidence))
    finding = replace(one.finding, message=words, evidence=evidence)
    return Cause(finding, min(one.settle_seconds, other.settle_seconds), one.terminal or other.terminal)
