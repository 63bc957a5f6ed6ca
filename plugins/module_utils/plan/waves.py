# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups into waves: what every wave keeps to, how early the last one ends, and why each VM stands where it stands.

Kept without exception: a group is in one wave; what has to move before is in an earlier wave; no wave has all VMs of a spread; the
limits; the window is as long as the wave takes (p90), and begins when the first copies of its warm moves can be done, beside those of
other waves and the windows before it; windows, freezes and owners' windows; the last day; the first wave is the pilots' alone. High
risk is kept out of the first and the last wave from three waves on, finished ones among them, as long as there are groups without high
risk for those ends and an arrangement that gives as many VMs a wave; named pilots are the user's word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from .diagnosis import Diagnosis
from .drafts import BegunWave, Draft, homes, link, make_case, make_drafts
from .explain import Explainer, Roles
from .hindrances import WindowCheck, for_each_vm, in_cycle, not_placed, over_limits, too_late, waived_by
from .model import Constraint, Group, MethodChoice, Order, PlanVm, Risk, Schedule, Slot, Spread, Wave
from .openings import Profiles
from .pilots import choose_pilots, named_vms
from .placement import Board, Case, ClockFactory, NoCopies
from .settings import PlanSettings
from .solver import Arrangement, solve
from .standing import Numbering, numbering


@dataclass(frozen=True, slots=True)
class _Past:
    """What an earlier plan has done: finished waves, those that have begun, VMs that moved with the wave of each, where that is known."""

    waves: tuple[Wave, ...]
    begun: tuple[Wave, ...]
    gone: frozenset[str]
    wave_of: Mapping[str, int]

    @property
    def last_number(self) -> int:
        return max((wave.number for wave in self.waves), default=0)


def schedule(
    vms: Sequence[PlanVm],
    groups: Sequence[Group],
    orders: Sequence[Order],
    spreads: Sequence[Spread],
    moves: Mapping[str, tuple[MethodChoice, Risk]],
    settings: PlanSettings,
    clock: ClockFactory,
    previous: Sequence[Wave] = (),
    first_copies: ClockFactory = NoCopies,
    now: datetime | None = None,
    begun: Sequence[BegunWave] = (),
) -> Schedule:
    """The waves of the groups, after those of `previous` that are finished; others of `previous` are planned anew.

    `vms` may hold more VMs than the groups do: their names are used. `moves` has the method and the risk of each VM of a group,
    `clock` makes the clock of a wave, `first_copies` that of the copies which its warm moves make before it.
    Nothing begins before `now`. `begun` are waves of `previous` that stand as they are, in the order of their windows.
    A VM that depends on one that is in no group and has not moved gets no wave.
    """
    past = _past(settings, previous, [entry.wave for entry in begun])
    ends = [wave.slot.end for wave in past.waves]
    profiles = Profiles(settings, max(ends) if ends else None, now)
    numbers = numbering(profiles.openings, past.begun, past.last_number)
    by_id = {vm.id: vm for vm in vms}
    drafts = make_drafts(by_id, groups, moves, past.gone, profiles, clock, first_copies)
    home = homes(drafts)
    names = {vm.id: vm.name or vm.id for vm in vms}
    orders = sorted(set(orders), key=lambda order: (order.after, order.before, order.reason))
    late = _bounded(drafts, orders, home, past, names)
    orders = [order for order in orders if order.after in home]
    link(drafts, orders, home)
    _find_hindrances(drafts, settings, profiles)
    placeable = _placeable(drafts, orders, home, past.gone, names)
    count = len(past.waves) + len(past.begun)
    case = make_case(drafts, placeable, spreads, home, settings.limits, profiles, clock, count, first_copies, begun, numbers.closed)
    arranged = _arrange(case, drafts, tuple(sorted(placeable)), settings)
    return _Result(past, profiles, drafts, home, orders, names, spreads, arranged, settings, numbers, late).schedule(placeable)


def _past(settings: PlanSettings, previous: Sequence[Wave], begun: Sequence[Wave]) -> _Past:
    waves = tuple(sorted((wave for wave in previous if wave.finished), key=lambda wave: wave.number))
    wave_of = {vm_id: wave.number for wave in (*waves, *begun) for vm_id in wave.vm_ids}
    return _Past(waves, tuple(begun), frozenset(settings.finished) | frozenset(wave_of), wave_of)


def _bounded(
    drafts: Sequence[Draft], orders: Sequence[Order], home: Mapping[str, int], past: _Past, names: Mapping[str, str]
) -> dict[int, Constraint]:
    """Notes what waves that have begun leave to drafts that depend on them or on which they depend.

    The result says of drafts that have to move before such a wave why they are kept out, if they are.
    """
    begun = {vm_id: wave for wave in past.begun for vm_id in wave.vm_ids}
    late: dict[int, tuple[datetime, Constraint]] = {}
    for order in orders:
        if order.before in begun and order.after in home:
            draft, end = drafts[home[order.after]], begun[order.before].slot.end
            draft.not_before = end if draft.not_before is None else max(end, draft.not_before)
        if order.after in begun and order.before in home:
            number, wave = home[order.before], begun[order.after]
            if number not in late or wave.slot.start < late[number][0]:
                late[number] = wave.slot.start, too_late(drafts[number], order, wave.number, names)
    for number, (start, _constraint) in late.items():
        drafts[number].not_after = start
    return {number: constraint for number, (_start, constraint) in late.items()}


def _find_hindrances(drafts: Sequence[Draft], settings: PlanSettings, profiles: Profiles) -> None:
    """What keeps groups out by themselves."""
    check = WindowCheck(profiles)
    for draft in drafts:
        for word, constraint in over_limits(draft, settings.limits):
            draft.waived.add(word)
            draft.hindrances.append(("", constraint))
        unreadable = list(check.unreadable(draft))
        draft.hindrances += unreadable
        if not unreadable:
            for constraint in check.no_slot(draft):
                draft.waived |= waived_by(constraint)
                draft.hindrances.append(("", constraint))


def _placeable(
    drafts: Sequence[Draft], orders: Sequence[Order], home: Mapping[str, int], gone: frozenset[str], names: Mapping[str, str]
) -> frozenset[int]:
    """Drafts that nothing keeps out by itself, and that depend on nothing that is kept out."""
    for order in orders:
        if order.before not in home and order.before not in gone:
            drafts[home[order.after]].hindrances.append((order.after, not_placed(order, names, False)))
    waiting = [len(draft.before) for draft in drafts]
    ready = [number for number, draft in enumerate(drafts) if not waiting[number]]
    sequence: list[int] = []
    while ready:
        number = ready.pop()
        sequence.append(number)
        for other in drafts[number].after:
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    for number, draft in enumerate(drafts):
        if waiting[number]:
            draft.hindrances.append(("", in_cycle(draft)))
    by_after = _by_after(orders)
    for number in sequence:
        for vm in drafts[number].vms:
            _await(drafts, by_after.get(vm.id, ()), home, names)
    return frozenset(number for number in sequence if not drafts[number].hindrances)


def _await(drafts: Sequence[Draft], orders: Sequence[Order], home: Mapping[str, int], names: Mapping[str, str]) -> None:
    """Notes at a VM which of the VMs that it has to follow are kept out."""
    for order in orders:
        before, after = home.get(order.before), home[order.after]
        if before is not None and before != after and drafts[before].hindrances:
            drafts[after].hindrances.append((order.after, not_placed(order, names, True)))


def _by_after(orders: Sequence[Order]) -> dict[str, list[Order]]:
    found: dict[str, list[Order]] = {}
    for order in orders:
        found.setdefault(order.after, []).append(order)
    return found


def _arrange(case: Case, drafts: Sequence[Draft], placeable: tuple[int, ...], settings: PlanSettings) -> Arrangement:
    pilots, slot = choose_pilots(case, drafts, placeable, settings.pilots)
    return solve(case, placeable, pilots, slot)


class _Result:
    """Makes the schedule of a finished board."""

    def __init__(
        self,
        past: _Past,
        profiles: Profiles,
        drafts: Sequence[Draft],
        home: Mapping[str, int],
        orders: Sequence[Order],
        names: Mapping[str, str],
        spreads: Sequence[Spread],
        arranged: Arrangement,
        settings: PlanSettings,
        numbers: Numbering,
        late: Mapping[int, Constraint],
    ) -> None:
        self._late = late
        self._past, self._profiles, self._drafts, self._home = past, profiles, drafts, home
        self._orders, self._names = orders, names
        self._arranged, self._settings = arranged, settings
        board = arranged.board
        self._numbers = numbers.numbers(board.opened)
        self._explainer = Explainer(board, profiles, drafts, names, self._numbers, spreads)

    def schedule(self, placeable: frozenset[int]) -> Schedule:
        board = self._arranged.board
        self._diagnose(board, placeable)
        unplaced: dict[str, tuple[Constraint, ...]] = {}
        for number, draft in enumerate(self._drafts):
            if board.slot_of[number] < 0:
                unplaced.update(for_each_vm(draft, self._names))
        ahead = sorted([*self._past.begun, *(self._wave(board, slot) for slot in board.opened)], key=lambda wave: wave.slot.start)
        return Schedule((*self._past.waves, *ahead), self._reasons(board), dict(sorted(unplaced.items())))

    def _wave(self, board: Board, slot: int) -> Wave:
        load, opening = board.loads[slot], board.case.openings.at(slot)
        items = [board.case.items[number] for number in load.items]
        moves = sorted((move for item in items for move in item.moves), key=lambda move: move[0].id)
        p50, p90, bottleneck = board.case.clock().minutes_with(moves)
        return Wave(
            number=self._numbers[slot],
            slot=Slot(opening.slot.window if opening is not None else "", load.start, load.end),
            group_ids=tuple(sorted(item.id for item in items)),
            vm_ids=tuple(vm.id for vm, _method in moves),
            bytes=load.bytes,
            elapsed_p50_minutes=p50,
            elapsed_p90_minutes=p90,
            bottleneck=bottleneck,
        )

    def _diagnose(self, board: Board, placeable: frozenset[int]) -> None:
        """Adds to each group without a wave what keeps it out."""
        first_slot = board.slot_of[self._arranged.pilots[0]] + 1 if self._arranged.pilots else 0
        begun = [wave.slot for wave in self._past.begun]
        diagnosis = Diagnosis(board, self._profiles, self._drafts, first_slot, self._explainer, begun)
        crowded = {number for number in placeable if board.slot_of[number] < 0}
        for order in self._orders:
            before, after = self._home.get(order.before), self._home[order.after]
            if before in crowded and after in crowded and before != after:
                self._drafts[after].hindrances.append((order.after, not_placed(order, self._names, True)))
        for number in range(len(self._drafts)):
            if board.slot_of[number] < 0 and number in self._late:
                self._drafts[number].hindrances.append(("", self._late[number]))
            elif board.slot_of[number] < 0:
                diagnosis.complete(number, number in crowded)

    def _reasons(self, board: Board) -> dict[str, tuple[str, ...]]:
        wave_of = dict(self._past.wave_of)
        for slot in board.opened:
            for number in board.loads[slot].items:
                wave_of.update((vm.id, self._numbers[slot]) for vm in self._drafts[number].vms)
        by_after = _by_after(self._orders)
        earlier = len(self._past.waves) + len(self._past.begun)
        ruled = len(board.opened) + earlier >= 3
        pilots = frozenset(self._arranged.pilots)
        named = named_vms(self._drafts, self._settings.pilots)
        roles = Roles(pilots, named, self._arranged.relaxed, ruled, not pilots and not earlier)
        found: dict[str, tuple[str, ...]] = {}
        for wave in self._past.waves:
            found.update((vm_id, (f"moved already in wave {wave.number}",)) for vm_id in wave.vm_ids)
        for number, slot in enumerate(board.slot_of):
            if slot >= 0:
                for vm_id, texts in self._explainer.reasons(number, by_after, wave_of, roles).items():
                    found[vm_id] = tuple(texts)
        return dict(sorted(found.items()))
