# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why each VM stands in its wave, in plain words with figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .drafts import Draft
from .groups import AFFINITY_RULE, DEPENDENCY, SHARED_DISK, VAPP
from .lead_account import Refusal
from .model import HIGH, TIB, GroupReason, Order, PlanVm, Spread
from .openings import Profiles
from .placement import BYTES, DATASTORE, HIGH_RISK, HOST, LEAD, OWNER_TIME, SPREAD, VMS, Board, Item

_NAMES_SHOWN: Final = 4
_TIES_SHOWN: Final = 3
_PHRASES: Final = {
    SHARED_DISK: "shares disk {name} with {mates}",
    AFFINITY_RULE: "affinity rule {name} keeps it with {mates}",
    VAPP: "vApp {name} holds it with {mates}",
    DEPENDENCY: "moves together with {mates} ({name})",
}


@dataclass(frozen=True, slots=True)
class Roles:
    """Who was picked for what: pilots (named or not), and whether the rule for high risk had to give way."""

    pilots: frozenset[int]
    named: frozenset[str]
    """ids of VMs that plan_pilots names"""
    relaxed: bool
    ruled: bool
    """the plan has as many waves as the rule for high risk asks for"""
    first_is_open: bool
    """the first wave is neither finished nor the pilots'"""


class Explainer:
    """Knows the finished board and its wave numbers."""

    def __init__(
        self,
        board: Board,
        profiles: Profiles,
        drafts: Sequence[Draft],
        names: Mapping[str, str],
        numbers: Mapping[int, int],
        spreads: Sequence[Spread],
    ) -> None:
        self._board = board
        self._profiles = profiles
        self._drafts = drafts
        self._names = names
        self._numbers = numbers
        self._spreads: dict[str, list[str]] = {}
        for spread in spreads:
            for vm_id in spread.vm_ids:
                self._spreads.setdefault(vm_id, []).append(spread.name)

    def reasons(self, number: int, orders: Mapping[str, Sequence[Order]], waves: Mapping[str, int], roles: Roles) -> dict[str, list[str]]:
        """The reasons of each VM of an item that has a wave. `orders` are by the VM that waits, `waves` by VM, finished ones as well."""
        draft, item = self._drafts[number], self._board.case.items[number]
        place = self._place(item, roles)
        found = {}
        for vm, risk in zip(draft.vms, draft.risks, strict=True):
            texts = self._ties(vm, draft)
            if vm.change_window.strip():
                texts.append(f"window of its owner: {vm.change_window.strip()}")
            texts += [self._after(order, waves) for order in orders.get(vm.id, ())]
            texts += [f"anti-affinity rule {name}: its VMs are not all in one wave" for name in self._spreads.get(vm.id, ())]
            if number in roles.pilots:
                texts.append(self._pilot(vm, draft, roles))
            elif risk.level == HIGH:
                texts += self._high_risk(roles, item)
            found[vm.id] = [*texts, *place]
        return found

    def _ties(self, vm: PlanVm, draft: Draft) -> list[str]:
        ties = [reason for reason in draft.group.reasons if vm.id in reason.vm_ids]
        texts = [self._tie(vm, reason) for reason in ties[:_TIES_SHOWN]]
        if len(ties) > _TIES_SHOWN:
            texts.append(f"{len(ties) - _TIES_SHOWN} more ties to VMs of its group")
        if not ties and len(draft.vms) > 1:
            texts.append(f"moves together with {self._mates(vm.id, [other.id for other in draft.vms])}")
        return texts

    def _tie(self, vm: PlanVm, reason: GroupReason) -> str:
        phrase = _PHRASES.get(reason.kind, "{kind} {name} keeps it with {mates}")
        return phrase.format(kind=reason.kind.replace("_", " "), name=reason.name, mates=self._mates(vm.id, reason.vm_ids))

    def _mates(self, vm_id: str, others: Sequence[str]) -> str:
        mates = [self._names.get(other, other) for other in others if other != vm_id]
        shown = ", ".join(mates[:_NAMES_SHOWN])
        return shown if len(mates) <= _NAMES_SHOWN else f"{shown} and {len(mates) - _NAMES_SHOWN} more"

    def _after(self, order: Order, waves: Mapping[str, int]) -> str:
        wave = waves.get(order.before)
        where = "which has moved already" if wave is None else f"which is in wave {wave}"
        return f"after {self._names.get(order.before, order.before)} ({order.reason}), {where}"

    def _pilot(self, vm: PlanVm, draft: Draft, roles: Roles) -> str:
        if vm.id in roles.named:
            return "pilot: named by plan_pilots"
        named = [other.name or other.id for other in draft.vms if other.id in roles.named]
        return f"pilot: goes with {', '.join(named[:_NAMES_SHOWN])}" if named else "pilot: among the least risky VMs"

    def _high_risk(self, roles: Roles, item: Item) -> list[str]:
        if not roles.ruled:
            return []
        slot, opened = self._board.slot_of[item.number], self._board.opened
        if slot == opened[-1]:
            where = "last"
        elif slot == opened[0] and roles.first_is_open:
            where = "first"
        else:
            return ["high risk: kept out of the first and the last wave"]
        why = "no arrangement was found that keeps it out" if roles.relaxed else "no group without high risk is left for that wave"
        return [f"high risk, yet in the {where} wave: {why}"]

    # ---- why not earlier ---------------------------------------------------------------------------------------------

    def _place(self, item: Item, roles: Roles) -> list[str]:
        """What bounds the wave of an item from before: the wave ahead of it, and why that has no room."""
        slot, opened = self._board.slot_of[item.number], self._board.opened
        ahead = opened[self._index(slot) - 1] if slot != opened[0] else -1
        if ahead < 0 or item.number in roles.pilots:
            return []
        if any(self._board.slot_of[other] >= ahead for other in item.before):
            return ["first wave after what it has to follow"]
        wave = self._numbers[ahead]
        if ahead == opened[0] and roles.pilots:
            return [f"first wave with room: wave {wave} is for pilots alone"]
        if item.profile.span(ahead) is None:
            return [f"first wave with room: {self._barred(item, ahead)}"]
        refusal = self._board.refusal(item, ahead)
        if refusal is None:
            return ["waves are filled evenly, low risk first"]
        return [f"first wave with room: {self._full(item, ahead, refusal)}"]

    def _index(self, slot: int) -> int:
        low, high, opened = 0, len(self._board.opened), self._board.opened
        while low < high:
            middle = (low + high) // 2
            if opened[middle] < slot:
                low = middle + 1
            else:
                high = middle
        return low

    def _barred(self, item: Item, slot: int) -> str:
        opening, wave = self._board.case.openings.at(slot), self._numbers[slot]
        rules, _windows, freezes = item.profile.key
        if opening is not None and (rules is None or opening.rule.name in rules):
            named = [freeze.name for number, freeze in enumerate(self._profiles.settings.freezes) if number in freezes]
            frozen = [freeze.name for freeze in opening.frozen if freeze.name in named]
            if frozen:
                return f"freeze {frozen[0]} keeps it out of wave {wave}"
            return f"wave {wave} is outside its owner's window"
        return f"wave {wave} is in window {opening.rule.name if opening else ''}, which does not admit it"

    def _full(self, item: Item, slot: int, refusal: Refusal) -> str:
        """What a wave lacks for an item."""
        load, limits, wave = self._board.loads[slot], self._board.case.limits, self._numbers[slot]
        what = refusal[0]
        if what == VMS:
            return f"wave {wave} is full by plan_limits.vms ({load.vms} of {limits.vms} VMs)"
        if what == BYTES:
            held, most = load.bytes / TIB, (limits.bytes or 0) / TIB
            return f"wave {wave} is full by plan_limits.tib ({held:.2f} of {most:.2f} TiB)"
        if what == HIGH_RISK:
            return f"wave {wave} is full by plan_limits.high_risk_vms ({load.high} of {limits.high_risk_vms} VMs)"
        if what in (HOST, DATASTORE):
            held_there, most_there, place = (
                (load.hosts, limits.vms_per_host, "host") if what == HOST else (load.stores, limits.vms_per_datastore, "datastore")
            )
            name = str(refusal[1])
            shown = name.rpartition("/")[2] or "not known"
            return f"wave {wave} is full by plan_limits.{what} ({place} {shown}: {held_there.get(name, 0)} of {most_there} VMs)"
        if what == SPREAD:
            return f"wave {wave} has the other VMs of its anti-affinity rule"
        if what == LEAD:
            return f"wave {wave} begins too early for the first copies of so many warm moves"
        if what == OWNER_TIME:
            return f"wave {wave} has too little time within its owner's window"
        return f"wave {wave} has no time left in its window"

    def why_full(self, item: Item, first_slot: int) -> str:
        """Why the last wave that would come into question does not take an item, as the end of a sentence; empty where none would."""
        for slot in reversed(self._board.opened):
            if slot < first_slot or item.profile.span(slot) is None:
                continue
            late = [other for other in item.before if self._board.slot_of[other] >= slot]
            if late:
                return f" (it has to follow {self._drafts[late[0]].words()} in wave {self._numbers[self._board.slot_of[late[0]]]})"
            refusal = self._board.refusal(item, slot)
            return f" ({self._full(item, slot, refusal)})" if refusal is not None else ""
        return ""
