# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the records of a plan say of each VM, and what they say of all of them together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from ..common.artifact import JsonRecord
from ..plan.model import COLD, EXCLUDED, PLACED, RISK_LEVELS, UNPLACED, WARM
from .plan_view import (
    STATES,
    BlockerView,
    CountView,
    KeptOutEntry,
    KeptOutView,
    MethodView,
    PlanSettleView,
    RiskView,
    VmPlanView,
)

Shared = TypeVar("Shared")

MAX_REASONS: Final = 8
"""Reasons that are counted out for a method or a level of risk, the most frequent ones."""

FIGURES: Final = re.compile(r"\d[\d.,]*(?= (?:min|GiB|TiB)\b)")
POINTS: Final = re.compile(r" \(\+\d+\)$")

TEXT_FACTS: Final = ("state", "group", "plan", "method", "risk", "namespace", "namespace_reason", "node", "bottleneck", "reason")
OWN_FACTS: Final = (
    "target_name",
    "wave",
    "risk_points",
    "cpu_millicores",
    "memory_bytes",
    "storage_bytes",
    "copy_bytes",
    "elapsed_p50_minutes",
    "elapsed_p90_minutes",
    "downtime_p50_minutes",
    "downtime_p90_minutes",
    "wave_downtime_p90_minutes",
    "downtime_tolerance_minutes",
    "within_tolerance",
)
SHARED_LISTS: Final = ("risk_reasons", "assumptions", "settle", "accepted")
OWN_LISTS: Final = ("method_reasons", "reasons")
"""Lists with figures of the VM itself: few VMs have the same, so that it does not pay to look for them."""


class PlannedVms:
    """Takes the VMs of a plan one by one. What many have in common is kept once."""

    def __init__(self) -> None:
        self.views: dict[str, VmPlanView] = {}
        """VM id to what the plan makes of it; VMs out of scope are left out"""
        self.names: dict[str, str] = {}
        self._shared: dict[Any, Any] = {}

    def _once(self, value: Shared) -> Shared:
        kept: Shared = self._shared.setdefault(value, value)
        return kept

    def take(self, record: JsonRecord) -> None:
        """Takes a `vm` record."""
        identity, once = record["id"], self._once
        name = self.names[identity] = str(record.get("name") or identity)
        if record.get("state") == EXCLUDED:
            return
        facts: dict[str, Any] = {name: once(record[name]) for name in TEXT_FACTS if name in record}
        facts |= {name: record[name] for name in OWN_FACTS if name in record}
        facts |= {name: once(tuple(record[name])) for name in SHARED_LISTS if record.get(name)}
        facts |= {name: tuple(record[name]) for name in OWN_LISTS if record.get(name)}
        if record.get("blocked_by"):
            facts["blocked_by"] = tuple(once(_blocker(entry, name)) for entry in record["blocked_by"])
        facts.setdefault("state", "")
        self.views[identity] = VmPlanView(**facts)

    def name(self, identity: str) -> str:
        """Name of a VM; its id where the plan has no such VM."""
        return self.names.get(identity, identity)

    def states(self) -> dict[str, int]:
        """VMs in scope by state, those of most progress first."""
        counts = Counter(view.state for view in self.views.values())
        order = [*STATES, *sorted(set(counts).difference(STATES))]
        return {state: counts[state] for state in order if counts[state] or state == PLACED}

    def placed(self) -> list[VmPlanView]:
        """The VMs in waves, in order of id."""
        return [view for view in self.views.values() if view.state == PLACED]

    def kept_out(self) -> tuple[KeptOutView, ...]:
        """Constraints by kind, those first that keep most VMs out."""
        by_code: dict[str, dict[BlockerView, list[str]]] = {}
        vms: dict[str, set[str]] = {}
        alone: Counter[str] = Counter()
        for identity, view in self.views.items():
            if view.state != UNPLACED:
                continue
            codes = {blocker.code for blocker in view.blocked_by}
            alone.update(codes if len(codes) == 1 else ())
            for blocker in dict.fromkeys(view.blocked_by):
                by_code.setdefault(blocker.code, {}).setdefault(blocker, []).append(identity)
                vms.setdefault(blocker.code, set()).add(identity)
        found = [KeptOutView(code, len(vms[code]), alone[code], self._entries(entries)) for code, entries in by_code.items()]
        return tuple(sorted(found, key=lambda entry: (-entry.vm_count, entry.code)))

    def _entries(self, entries: Mapping[BlockerView, Sequence[str]]) -> tuple[KeptOutEntry, ...]:
        ordered = sorted(
            entries.items(), key=lambda item: (-len(item[1]), item[0].object, item[0].message, item[0].remedy, item[0].setting)
        )
        return tuple(
            KeptOutEntry(
                blocker.object,
                blocker.message,
                blocker.remedy,
                blocker.setting,
                tuple(sorted((self.name(identity), identity) for identity in identities)),
            )
            for blocker, identities in ordered
        )

    def settle(self) -> tuple[PlanSettleView, ...]:
        """The rules that VMs wait for, those first that hold up most."""
        waiting: Counter[str] = Counter()
        alone: Counter[str] = Counter()
        for view in self.views.values():
            waiting.update(view.settle)
            alone.update(view.settle if len(view.settle) == 1 else ())
        return tuple(PlanSettleView(rule, count, alone[rule]) for rule, count in ranked(waiting))


def _blocker(entry: Mapping[str, Any], name: str) -> BlockerView:
    """The constraint without the VM's own name before it, so that one that keeps many VMs out is one."""
    code, about, message, remedy, setting = (str(entry.get(key, "")) for key in ("code", "object", "message", "remedy", "setting"))
    return BlockerView(code, about, message.removeprefix(f"{name}: "), remedy, setting)


def ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Texts with their counts, the most frequent first."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def count_views(texts: Iterable[str], limit: int) -> tuple[CountView, ...]:
    """The most frequent texts with their counts."""
    return tuple(CountView(text, count) for text, count in ranked(Counter(texts))[:limit])


def without_figures(text: str) -> str:
    """The text without the minutes and sizes of a single VM, so that equal reasons count together."""
    return FIGURES.sub("…", text)


def methods_of(placed: Iterable[VmPlanView]) -> tuple[MethodView, ...]:
    """Cold and warm moves with their reasons."""
    by_method: dict[str, list[VmPlanView]] = {COLD: [], WARM: []}
    for view in placed:
        by_method.setdefault(view.method, []).append(view)
    return tuple(
        MethodView(
            method,
            len(views),
            sum(view.copy_bytes or 0 for view in views),
            sum(view.within_tolerance is False for view in views),
            count_views((without_figures(method_reason(view)) for view in views), MAX_REASONS),
        )
        for method, views in by_method.items()
        if views or method
    )


def method_reason(view: VmPlanView) -> str:
    """Why a VM moves cold or warm, as one sentence: a reason that ends in a colon leads a list."""
    first, rest = view.method_reasons[:1], view.method_reasons[1:]
    return " ".join(filter(None, (*first, ", ".join(rest))))


def risks_of(placed: Iterable[VmPlanView]) -> tuple[RiskView, ...]:
    """Levels of risk, low first, with what made their points."""
    by_level: dict[str, list[VmPlanView]] = {level: [] for level in RISK_LEVELS}
    for view in placed:
        by_level.setdefault(view.risk, []).append(view)
    return tuple(
        RiskView(
            level,
            len(views),
            count_views((without_figures(POINTS.sub("", reason)) for view in views for reason in view.risk_reasons), MAX_REASONS),
        )
        for level, views in by_level.items()
        if views or level
    )
