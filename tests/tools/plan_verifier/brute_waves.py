# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All arrangements of a few groups in a few slots, tried one by one: what a plan without a target could have been at best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import TypeAlias

from .pace import WARM, Path
from .states import expected_state, migrated_on_target
from .times import admits, expression, named_window, slots, spans_between, touched
from .waves import NEAR, moment
from .wishes import Span, Window, at, names_nothing, selects
from .world import Vm, World, groups

MOST_GROUPS, MOST_SLOTS = 6, 5
RULED_WAVES = 3
"""Waves from which on the rule for high risk holds."""
Value: TypeAlias = tuple[int, bool, float]
"""VMs without a wave, whether the rule for high risk is broken, and the minutes from the first slot to the end of the last one used"""


@dataclass(frozen=True, slots=True)
class Lot:
    """A group."""

    vms: tuple[Vm, ...]
    high: int
    points: int
    named: bool
    before: frozenset[int]
    """groups that have to be in an earlier slot"""
    stuck: bool
    """it has to follow something that never moves, or its owner's window cannot be read"""


@dataclass(slots=True)
class Comparison:
    """The plan beside the best arrangement with its pilots, and beside the best with any pilots that are as good.

    Which VMs go first is settled by their risk before anything is arranged; equal ones, and slots to choose from, are where
    another choice might have been luckier.
    """

    plan: Value
    best: Value
    any_pilots: Value
    lots: int
    slots: int

    @property
    def ratio(self) -> float:
        """Makespan of the plan by that of the best arrangement; 1 where nothing can be placed."""
        return self.plan[2] / self.best[2] if self.best[2] else 1.0


class Brute:
    """Tries everything."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._path = Path(world)
        wishes = world.wishes
        self.slots: list[tuple[Span, Window]] = slots(wishes, MOST_SLOTS + 1)
        self.lots = _lots(world)
        self._fits: dict[tuple[int, frozenset[int]], bool] = {}
        self._minutes: dict[frozenset[int], float] = {}
        self._leads: dict[frozenset[int], float] = {}
        self._asked: dict[frozenset[int], tuple[Mapping[object, float], Mapping[object, float]]] = {}
        self._starts: dict[tuple[int, frozenset[int]], datetime] = {}
        self._begins = at(wishes.start, time(0), wishes.zone)
        self._spreads = self._rules()
        self._best: Value | None = None
        self._least = 0
        self._pilots: Mapping[int, int] | None = None

    @property
    def small(self) -> bool:
        """Whether there are few enough groups and slots."""
        return len(self.lots) <= MOST_GROUPS and len(self.slots) <= MOST_SLOTS

    def _rules(self) -> list[Counter[int]]:
        """Of each anti-affinity rule how many VMs the groups have; rules that one group has whole bind nobody."""
        found = []
        for rule in self._world.evidence.estate.kind("drs_rule").values() if self._world.wishes.spread else ():
            if rule.get("type") == "anti_affinity" and rule.get("enabled") is not False:
                ids = set(rule.get("vm_ids", ()))
                counts = Counter({number: sum(vm.id in ids for vm in lot.vms) for number, lot in enumerate(self.lots)})
                counts = Counter({number: count for number, count in counts.items() if count})
                if len(counts) > 1:
                    found.append(counts)
        return found

    # ---- whether groups can share a slot -----------------------------------------------------------------------------

    def fits(self, slot: int, numbers: frozenset[int]) -> bool:
        """Whether these groups, and no others, can be in a slot."""
        known = self._fits.get((slot, numbers))
        if known is None:
            known = self._fits[slot, numbers] = self._within_limits(numbers) and self._in_time(slot, numbers)
        return known

    def _within_limits(self, numbers: frozenset[int]) -> bool:
        world, limits = self._world, self._world.wishes.limits
        vms = [vm for number in numbers for vm in self.lots[number].vms]
        hosts = Counter((vm.vcenter, vm.record.get("host", "")) for vm in vms)
        stores = Counter(name for vm in vms for name in {(vm.vcenter, world.datastore(vm, disk)) for disk in vm.disks})
        counts = {
            "vms": len(vms),
            "bytes": sum(vm.copy_bytes for vm in vms),
            "high_risk_vms": sum(self.lots[number].high for number in numbers),
            "vms_per_host": max(hosts.values(), default=0),
            "vms_per_datastore": max(stores.values(), default=0),
        }
        if any((limit := limits[name]) is not None and count > int(limit) for name, count in counts.items()):
            return False
        return not any(sum(rule[number] for number in numbers) == rule.total() for rule in self._spreads)

    def _in_time(self, slot: int, numbers: frozenset[int]) -> bool:
        wishes, ((begin, end), window) = self._world.wishes, self.slots[slot]
        frozen = touched(wishes.freezes, begin, end, wishes)
        stretches = [(begin, end)]
        vms = [vm for number in numbers for vm in self.lots[number].vms]
        for vm in vms:
            if not admits(window, vm.record, wishes):
                return False
            if any(names_nothing(freeze.match) or selects(freeze.match, vm.record) for freeze in frozen):
                return False
            text = vm.record.get("change_window", "").strip()
            spans = expression(text) if text and not named_window(text, wishes.windows) else None
            if spans is not None:
                stretches = _common(stretches, spans_between(spans, begin, end, wishes))
        if numbers not in self._minutes:
            self._minutes[numbers] = self._path.together([(vm, str(vm.plan["method"])) for vm in vms])[1]
            self._leads[numbers] = self._path.first_copies([vm for vm in vms if vm.plan["method"] == WARM])[1]
        starts = [
            start
            for start, stop in stretches
            if self._minutes[numbers] <= (stop - start).total_seconds() / 60 + NEAR
            and self._leads[numbers] <= (start - self._begins).total_seconds() / 60 + NEAR
        ]
        self._starts[slot, numbers] = max(starts, default=begin)
        return bool(starts)

    def copied_in_time(self, slot_of: Sequence[int]) -> bool:
        """Whether each part of the path has the time for the first copies of all waves, beside the windows before each."""
        taken: Counter[object] = Counter()
        for slot in sorted(set(slot_of) - {-1}):
            numbers = frozenset(number for number, own in enumerate(slot_of) if own == slot)
            before, within = self._asks(numbers)
            taken.update(before)
            minutes = (self._starts[slot, numbers] - self._begins).total_seconds() / 60
            if any(taken[part] > minutes + NEAR for part in before):
                return False
            taken.update(within)
        return True

    def _asks(self, numbers: frozenset[int]) -> tuple[Mapping[object, float], Mapping[object, float]]:
        """What the groups of a wave ask of each part of the path, before the wave and in it."""
        if numbers not in self._asked:
            vms = [(vm, vm.plan["method"] == WARM) for number in sorted(numbers) for vm in self.lots[number].vms]
            before = self._path.asked([(vm, None) for vm, warm in vms if warm])
            self._asked[numbers] = before, self._path.asked(vms)
        return self._asked[numbers]

    # ---- all arrangements --------------------------------------------------------------------------------------------

    def best(self, least_waves: int = 0, pilots: Mapping[int, int] | None = None) -> Value:
        """The value of the best arrangement that has at least so many waves, with these pilots (and their slot) where they are given."""
        self._best, self._least, self._pilots = None, least_waves, pilots
        self._alone = [any(self.fits(slot, frozenset({number})) for slot in range(len(self.slots))) for number in range(len(self.lots))]
        self._try(self._sequence(), 0, [-1] * len(self.lots), 0)
        return self._best or (sum(len(lot.vms) for lot in self.lots), False, 0.0)

    def _sequence(self) -> list[int]:
        done: list[int] = []
        while len(done) < len(self.lots):
            ready = [number for number, lot in enumerate(self.lots) if number not in done and lot.before <= set(done)]
            if not ready:
                break
            done += ready
        return done

    def _try(self, sequence: Sequence[int], depth: int, slot_of: list[int], out: int) -> None:
        if self._best is not None and out > self._best[0]:
            return
        if depth == len(sequence):
            self._take(slot_of)
            return
        number = sequence[depth]
        lot = self.lots[number]
        before = [slot_of[other] for other in lot.before]
        if not lot.stuck and self._alone[number] and all(slot >= 0 for slot in before):
            for slot in range(max(before, default=-1) + 1, len(self.slots)):
                together = frozenset(other for other, own in enumerate(slot_of) if own == slot) | {number}
                if self.fits(slot, together):
                    slot_of[number] = slot
                    if self.copied_in_time(slot_of):
                        self._try(sequence, depth + 1, slot_of, out)
                    slot_of[number] = -1
        self._try(sequence, depth + 1, slot_of, out + len(lot.vms))

    def _take(self, slot_of: list[int]) -> None:
        limit = self._world.wishes.limits["waves"]
        used = {slot for slot in slot_of if slot >= 0}
        if len(used) < self._least or (limit is not None and len(used) > int(limit)) or not self.pilots_kept(slot_of):
            return
        found = self.value(slot_of)
        if self._best is None or found < self._best:
            self._best = found

    def value(self, slot_of: Sequence[int]) -> Value:
        """How good an arrangement is."""
        out = sum(len(lot.vms) for lot, slot in zip(self.lots, slot_of, strict=True) if slot < 0)
        last = max(slot_of, default=-1)
        minutes = (self.slots[last][0][1] - self.slots[0][0][0]).total_seconds() / 60 if last >= 0 else 0.0
        return out, self._risky_ends(slot_of), minutes

    def _risky_ends(self, slot_of: Sequence[int]) -> bool:
        used = sorted({slot for slot in slot_of if slot >= 0})
        if len(used) < RULED_WAVES:
            return False
        piloted = self._world.wishes.pilot_count >= 1
        inner = [number for number, slot in enumerate(slot_of) if slot >= 0 and not (piloted and slot == used[0])]
        tame = sum(1 for number in inner if not self.lots[number].high)
        ends = [used[0]] if not piloted and tame >= 1 else []
        ends += [used[-1]] if tame >= 1 + (not piloted) else []
        return any(self.lots[number].high and slot_of[number] in ends for number in inner)

    def pilots_kept(self, slot_of: Sequence[int]) -> bool:
        """Whether the first wave has pilots alone: the named ones where there are some, else the least risky that can be in it."""
        wishes, used = self._world.wishes, [slot for slot in slot_of if slot >= 0]
        if wishes.pilot_count < 1 or not used:
            return True
        if self._pilots is not None:
            first_slot = {number: slot for number, slot in enumerate(slot_of) if slot == min(used)}
            return first_slot == self._pilots
        first = [number for number, slot in enumerate(slot_of) if slot == min(used)]
        free = [number for number, lot in enumerate(self.lots) if not lot.before and not lot.stuck and self._alone[number]]
        pool = free
        if any(not self.lots[number].high for number in free):
            pool = [number for number in free if not self.lots[number].high]
        small = [
            number for number in pool if len(self.lots[number].vms) <= wishes.pilot_count and self.fits(min(used), frozenset({number}))
        ]
        if not names_nothing(wishes.pilot_match) and any(self.lots[number].named for number in free):
            pool = [number for number in free if self.lots[number].named]
        elif small:
            pool = small
        if not set(first) <= set(pool) or (len(first) > 1 and sum(len(self.lots[number].vms) for number in first) > wishes.pilot_count):
            return False
        return not any(self._passed_over(number, first, min(used)) for number in pool if number not in first)

    def _passed_over(self, number: int, first: Sequence[int], slot: int) -> bool:
        """Whether a group should have been among these pilots: it is less risky than one of them, and there was room for it."""
        lot, count = self.lots[number], self._world.wishes.pilot_count
        tamer = frozenset(other for other in first if self.lots[other].points <= lot.points)
        if len(tamer) == len(first) or (len(lot.vms) > count and any(len(self.lots[other].vms) <= count for other in first)):
            return False
        held = sum(len(self.lots[other].vms) for other in tamer)
        return (not tamer or held + len(lot.vms) <= count) and self.fits(slot, tamer | {number})

    # ---- the plan ----------------------------------------------------------------------------------------------------

    def planned(self) -> list[int]:
        """The slot of each group in the plan."""
        by_number = {wave["number"]: self._slot(moment(wave["start"]), wave["window"]) for wave in self._world.new_waves}
        return [by_number[lot.vms[0].plan["wave"]] if lot.vms[0].state == "placed" else -1 for lot in self.lots]

    def _slot(self, begin: datetime, name: str) -> int:
        return next(number for number, (span, window) in enumerate(self.slots) if window.name == name and span[0] <= begin < span[1])


def compare(world: World) -> Comparison | None:
    """The plan beside the best arrangement; None where there are too many groups or slots, or none."""
    brute = Brute(world)
    if not brute.small or not brute.lots or not brute.slots:
        return None
    slot_of = brute.planned()
    planned = brute.value(slot_of)
    used = sorted({slot for slot in slot_of if slot >= 0})
    pilots = {number: slot for number, slot in enumerate(slot_of) if used and slot == used[0]}
    best, free = (_best(brute, planned, chosen) for chosen in (pilots if used else None, None))
    return Comparison(planned, best, free, len(brute.lots), len(brute.slots))


def _best(brute: Brute, planned: Value, pilots: Mapping[int, int] | None) -> Value:
    best = brute.best(0, pilots)
    if planned[1] and not best[1] and planned[0] == best[0]:
        # Not better: an arrangement that escapes the rule for high risk by having too few waves for it.
        best = brute.best(RULED_WAVES, pilots)
    return best


def _common(one: Iterable[Span], other: Sequence[Span]) -> list[Span]:
    return [(max(a, c), min(b, d)) for a, b in one for c, d in other if max(a, c) < min(b, d)]


# ---- the groups ------------------------------------------------------------------------------------------------------


def _lots(world: World) -> list[Lot]:
    """The groups that could move, as the rules for verdicts and shared disks leave them."""
    moved = migrated_on_target(world)
    planned = {vm.id for vm in world.vms.values() if expected_state(world, vm, moved) == "planned"}
    planned = whole_groups(world, planned, moved)
    shared = {vm_id for ids in world.shared_disks().values() for vm_id in ids}
    planned = {vm_id for vm_id in planned if not (vm_id in shared and world.vms[vm_id].plan.get("method") == "warm")}
    planned = whole_groups(world, planned, moved)
    joined = groups(world, planned)
    members: dict[str, list[str]] = {}
    for vm_id in sorted(planned):
        members.setdefault(joined.root(vm_id), []).append(vm_id)
    roots = {vm_id: number for number, ids in enumerate(members.values()) for vm_id in ids}
    return [_lot(world, ids, roots, moved) for ids in members.values()]


def whole_groups(world: World, planned: set[str], moved: set[str]) -> set[str]:
    """Without the groups of which a VM shares a disk with one that stays."""
    joined = groups(world, planned)
    broken = {
        joined.root(vm_id)
        for ids in world.shared_disks().values()
        if any(other not in planned and other not in moved for other in ids)
        for vm_id in ids
        if vm_id in planned
    }
    return {vm_id for vm_id in planned if joined.root(vm_id) not in broken}


def _lot(world: World, ids: Sequence[str], roots: Mapping[str, int], moved: set[str]) -> Lot:
    wishes, vms = world.wishes, tuple(world.vms[vm_id] for vm_id in ids)
    before: set[int] = set()
    stuck = False
    for vm in vms:
        text = vm.record.get("change_window", "").strip()
        stuck = stuck or bool(text and not named_window(text, wishes.windows) and expression(text) is None)
        for other in vm.record.get("depends_on", ()):
            if other in moved or (wishes.together and other in roots):
                continue
            if other not in roots:
                stuck = True
            elif roots[other] != roots[vm.id]:
                before.add(roots[other])
    named = not names_nothing(wishes.pilot_match) and any(selects(wishes.pilot_match, vm.record) for vm in vms)
    high, points = sum(vm.plan.get("risk") == "high" for vm in vms), max(int(vm.plan.get("risk_points", 0)) for vm in vms)
    return Lot(vms, high, points, named, frozenset(before), stuck)
