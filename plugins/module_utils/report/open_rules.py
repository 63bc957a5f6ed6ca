# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is open for one VM and why, as tables and JSON show it; a large estate has few answers, so each is worked out once."""

from __future__ import annotations

from collections.abc import Iterable

from .reasons import OWN, facts_for
from .tally import unsettled_rules
from .view import ReasonView, ReportView, VmView

OpenRow = tuple[str, str, str, str]
"""(rule, object, facts, reason)"""


def reason_text(reason: ReasonView) -> str:
    """Why facts are not known, with the object unless it is the VM itself: `cluster Production: no permission: …`."""
    return reason.reason if reason.object == OWN or reason.object in reason.reason else f"{reason.object}: {reason.reason}"


def reasons_text(reasons: Iterable[ReasonView], rules: Iterable[str]) -> str:
    """Why these open rules are open, each reason once with the facts that it keeps unknown; the scope's own reasons among them."""
    wanted = frozenset(rules)
    told = (reason for reason in reasons if not reason.rules or not wanted.isdisjoint(reason.rules))
    return "; ".join(dict.fromkeys(f"{reason_text(reason)} ({', '.join(reason.facts)})" for reason in told))


class OpenRules:
    """The open rules of the VMs of one report.

    What is *own* is open for this VM, but not for every VM of one of its sources: that stands at the source, once.
    """

    def __init__(self, view: ReportView) -> None:
        self._categories = {rule.id: rule.category for rule in view.rules}
        self._needs = {rule.id: rule.needs for rule in view.rules}
        self._everywhere = {source.id: frozenset(source.gaps) for source in view.sources}
        self._unsettled: dict[tuple[tuple[str, ...], bool, tuple[ReasonView, ...]], tuple[str, str]] = {}
        self._gaps: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
        self._reasons: dict[tuple[tuple[ReasonView, ...], tuple[str, ...]], tuple[ReasonView, ...]] = {}
        self._rows: dict[tuple[tuple[ReasonView, ...], tuple[str, ...]], tuple[OpenRow, ...]] = {}

    def unsettled(self, vm: VmView) -> tuple[str, str]:
        """The open rules that keep a verdict provisional, and why they are open."""
        if not vm.provisional:
            return "", ""
        key = (vm.gaps, vm.verdict == "ready", vm.reasons)
        found = self._unsettled.get(key)
        if found is None:
            rules = unsettled_rules(vm.verdict, vm.gaps, self._categories)
            found = self._unsettled[key] = ("; ".join(rules), reasons_text(vm.reasons, rules))
        return found

    def own_gaps(self, vm: VmView) -> list[str]:
        """The VM's own open rules."""
        key = (vm.gaps, vm.sources)
        found = self._gaps.get(key)
        if found is None:
            shared = self._shared(vm)
            found = self._gaps[key] = [gap for gap in vm.gaps if gap not in shared]
        return found

    def own_reasons(self, vm: VmView) -> tuple[ReasonView, ...]:
        """Why these are open."""
        key = (vm.reasons, vm.sources)
        found = self._reasons.get(key)
        if found is None:
            shared = self._shared(vm)
            found = self._reasons[key] = tuple(reason for reason in vm.reasons if not reason.rules or not shared.issuperset(reason.rules))
        return found

    def own_rows(self, vm: VmView) -> tuple[OpenRow, ...]:
        """The same rule by rule."""
        key = (vm.reasons, vm.sources)
        found = self._rows.get(key)
        if found is None:
            shared = self._shared(vm)
            found = self._rows[key] = tuple(
                (rule, reason.object, ", ".join(facts_for(reason, self._needs.get(rule, ()))), reason.reason)
                for reason in vm.reasons
                for rule in reason.rules
                if rule not in shared
            )
        return found

    def _shared(self, vm: VmView) -> frozenset[str]:
        return frozenset().union(*(self._everywhere.get(source, frozenset()) for source in vm.sources))
