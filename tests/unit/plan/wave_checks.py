# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simple clock, random estates, and a checker of schedules that shares no code with the planner beyond calendar and windows."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.plan import model
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.calendar import Opening, slots
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings import (
    Freeze,
    Pilots,
    PlanSettings,
    Selector,
    WaveLimits,
    WindowRule,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.waves import schedule

from .builders import START, cold, make_disk, make_settings, make_vm, risk, warm

LINK, HOST, FIXED = 0.5, 2.0, 20.0
"""Minutes for a GiB over the link, from one host, and for each wave."""

FIRST = 15.0
"""Minutes (p90) for a GiB of first copies."""


class FakeClock:
    """A wave takes as long as its link or its busiest host, and a fixed time."""

    def __init__(self) -> None:
        self.hosts: Counter[str] = Counter()

    def minutes_with(self, moves: Sequence[tuple[model.PlanVm, str]]) -> tuple[float, float, str]:
        hosts = self.hosts + Counter()
        for vm, _method in moves:
            hosts[vm.host] += vm.copy_bytes
        link = sum(hosts.values()) / model.GIB * LINK
        host = max(hosts.values(), default=0) / model.GIB * HOST
        return max(link, host) + FIXED, 1.5 * (max(link, host) + FIXED), "link" if link >= host else "host"

    def add(self, moves: Sequence[tuple[model.PlanVm, str]]) -> None:
        for vm, _method in moves:
            self.hosts[vm.host] += vm.copy_bytes

    def asked_by(self, moves: Sequence[tuple[model.PlanVm, str]]) -> dict[object, float]:
        return {"link": 1.5 * LINK * sum(vm.copy_bytes for vm, _method in moves) / model.GIB}


class FakeFirstCopies:
    """First copies share the link."""

    def __init__(self) -> None:
        self.bytes = 0

    def minutes_with(self, moves: Sequence[tuple[model.PlanVm, str]]) -> tuple[float, float, str]:
        minutes = (self.bytes + sum(vm.copy_bytes for vm, _method in moves)) / model.GIB * FIRST
        return minutes / 1.5, minutes, "link"

    def add(self, moves: Sequence[tuple[model.PlanVm, str]]) -> None:
        self.bytes += sum(vm.copy_bytes for vm, _method in moves)

    def asked_by(self, moves: Sequence[tuple[model.PlanVm, str]]) -> dict[object, float]:
        return {"link": FIRST * sum(vm.copy_bytes for vm, _method in moves) / model.GIB}


@dataclass
class Estate:
    """What schedule() is given."""

    vms: list[model.PlanVm]
    groups: list[model.Group]
    orders: list[model.Order] = field(default_factory=list)
    spreads: list[model.Spread] = field(default_factory=list)
    moves: dict[str, Any] = field(default_factory=dict)
    settings: PlanSettings = field(default_factory=make_settings)
    previous: Sequence[model.Wave] = ()

    def plan(self, **changes: Any) -> model.Schedule:
        return replace(self, settings=replace(self.settings, **changes)).plan_with()

    def plan_with(self, **more: Any) -> model.Schedule:
        """The schedule with `now`."""
        given = (self.vms, self.groups, self.orders, self.spreads, self.moves, self.settings)
        return schedule(*given, FakeClock, self.previous, FakeFirstCopies, **more)


def tiny(name: str, gib: int = 4, level: str = model.LOW, points: int | None = None, **changes: Any) -> tuple[model.PlanVm, model.Risk]:
    """A VM with id = name and one disk of so many GiB in use, and its risk."""
    disk = make_disk(f"[ds-01] {name}/{name}.vmdk", capacity_bytes=2 * gib * model.GIB, used_bytes=gib * model.GIB)
    return make_vm(name, **{"id": name, "disks": (disk,), "host": f"esx-{name}", **changes}), risk(level, points)


def estate_of(entries: Sequence[tuple[model.PlanVm, model.Risk]], together: Sequence[Sequence[str]] = (), **changes: Any) -> Estate:
    """An estate of these VMs; `together` names those that share a group, `after` pairs of (before, after)."""
    vms = [vm for vm, _risk in entries]
    tied = {vm_id for group in together for vm_id in group}
    groups = [model.Group(f"group-{group[0]}", tuple(group)) for group in together]
    groups += [model.Group(vm.id, (vm.id,)) for vm in vms if vm.id not in tied]
    orders = [model.Order(before, after, f"{after} depends on {before}") for before, after in changes.pop("after", ())]
    spreads = [model.Spread(f"rule-{number}", tuple(members)) for number, members in enumerate(changes.pop("apart", ()))]
    previous = changes.pop("previous", ())
    hot = changes.pop("hot", ())
    moves = {vm.id: (warm() if vm.id in hot else cold(), level) for vm, level in entries}
    changes.setdefault("pilots", Pilots(0))
    return Estate(vms, groups, orders, spreads, moves, make_settings(**changes), previous)


# ---- random estates --------------------------------------------------------------------------------------------------

NIGHT = WindowRule("night", time(20), time(6))
SATURDAY = WindowRule("saturday", time(10), time(18), (5,))
SUNDAY = WindowRule("sunday", time(8), time(16), (6,))
BATCH = WindowRule("batch", time(8), time(12), (2, 4), own=True)


def random_estate(seed: int, most: int = 10) -> Estate:
    """A small estate with a bit of everything."""
    rng = random.Random(seed)
    count = rng.randint(1, most)
    entries = [_random_vm(rng, number) for number in range(count)]
    ids = [vm.id for vm, _risk in entries]
    together: list[list[str]] = []
    rest = ids[:]
    while rest and rng.random() < 0.4:
        lot = sorted(rng.sample(rest, min(len(rest), rng.randint(2, 3))))
        rest = [vm_id for vm_id in rest if vm_id not in lot]
        if len(lot) > 1:
            together.append(lot)
    home = {vm_id: number for number, lot in enumerate(together) for vm_id in lot}
    # Orders lead from a lower number to a higher one, between groups as well, so that there is no cycle.
    rank = {vm_id: min(together[home[vm_id]]) if vm_id in home else vm_id for vm_id in ids}
    pairs = [(a, b) for a in ids for b in ids if rank[a] < rank[b]]
    after = rng.sample(pairs, min(len(pairs), rng.choice((0, 0, 1, 2, 3))))
    apart = [sorted(rng.sample(ids, rng.randint(2, min(3, count)))) for _number in range(rng.choice((0, 0, 1))) if count > 1]
    apart = [lot for lot in apart if len({rank[vm_id] for vm_id in lot}) > 1]
    hot = [vm_id for vm_id in ids if rng.random() < 0.25] if rng.random() < 0.5 else []
    return estate_of(entries, together, after=after, apart=apart, hot=hot, **_random_settings(rng))


def _random_vm(rng: random.Random, number: int) -> tuple[model.PlanVm, model.Risk]:
    level = rng.choice((model.LOW, model.LOW, model.MEDIUM, model.HIGH))
    window = rng.choice(("", "", "", "", "saturday", "sat,sun 08:00-20:00", "daily 21:00-05:00", "batch"))
    if rng.random() < 0.6:
        window = "some time" if rng.random() < 0.03 else ""
    name = f"vm-{number:02d}"
    host, tag = f"esx-{rng.randint(1, 3)}", rng.choice((("env:prod",), ("env:test",)))
    return tiny(name, rng.choice((1, 4, 20, 60, 120)), level, change_window=window, host=host, tags=tag)


def _random_settings(rng: random.Random) -> dict[str, Any]:
    windows = rng.choice(((), (NIGHT, SATURDAY, SUNDAY), (SATURDAY, SUNDAY), (NIGHT, SATURDAY, BATCH), (SATURDAY,)))
    if windows and rng.random() < 0.3:
        windows = (*windows[:-1], replace(windows[-1], selector=Selector(tags=("env:test",))))
    freezes = []
    if rng.random() < 0.4:
        first = START + timedelta(days=rng.randint(0, 6))
        selector = rng.choice((Selector(), Selector(tags=("env:prod",))))
        freezes.append(Freeze("year-end", first, first + timedelta(days=rng.randint(0, 7)), selector))
    limits = WaveLimits(
        vms=rng.choice((None, 1, 2, 3, 5)),
        bytes=rng.choice((None, None, 100 * model.GIB, 200 * model.GIB)),
        vms_per_host=rng.choice((None, None, 1, 2)),
        vms_per_datastore=rng.choice((None, None, None, 3)),
        high_risk_vms=rng.choice((None, None, 1)),
        waves=rng.choice((None, None, 2, 4)),
    )
    last_day: date | None = rng.choice((None, START + timedelta(days=rng.randint(3, 20))))
    pilots = rng.choice((Pilots(0), Pilots(0), Pilots(1), Pilots(2), Pilots(2, Selector(vms=("vm-00", "vm-03")))))
    return {"windows": windows, "freezes": tuple(freezes), "limits": limits, "last_day": last_day, "pilots": pilots}


# ---- the checker -----------------------------------------------------------------------------------------------------


def faults(estate: Estate, plan: model.Schedule) -> list[str]:
    """Everything that a schedule does wrong."""
    found = _wrong_members(estate, plan)
    new = [wave for wave in plan.waves if not wave.finished]
    openings = {(entry.slot.window, entry.slot.start.date()): entry for entry in islice(slots(estate.settings), 200)}
    for wave in new:
        found += [f"wave {wave.number}: {text}" for text in wave_faults(estate, wave, _opening_of(wave, openings))]
    found += too_early(estate, new)
    ends = [wave.slot.end for wave in plan.waves]
    found += ["waves out of order" for one, other in zip(plan.waves, plan.waves[1:], strict=False) if one.slot.end > other.slot.start]
    if estate.settings.limits.waves is not None and len(ends) > max(
        estate.settings.limits.waves, sum(wave.finished for wave in plan.waves)
    ):
        found.append("too many waves")
    return found + _wrong_orders(estate, plan) + _wrong_pilots(estate, plan)


def _opening_of(wave: model.Wave, openings: Mapping[Any, Opening]) -> Opening | None:
    hits = [entry for entry in openings.values() if entry.slot.start <= wave.slot.start and wave.slot.end <= entry.slot.end]
    return hits[0] if hits else None


def _wrong_members(estate: Estate, plan: model.Schedule) -> list[str]:
    placed = [vm_id for wave in plan.waves for vm_id in wave.vm_ids]
    found = [f"{vm_id} is in {count} waves" for vm_id, count in Counter(placed).items() if count > 1]
    gone = set(estate.settings.finished) | {vm_id for wave in estate.previous if wave.finished for vm_id in wave.vm_ids}
    for group in estate.groups:
        members = [vm_id for vm_id in group.vm_ids if vm_id not in gone]
        for vm_id in members:
            if (vm_id in placed) == (vm_id in plan.unplaced):
                found.append(f"{vm_id} is both placed and not, or neither")
            if vm_id in plan.unplaced and not plan.unplaced[vm_id]:
                found.append(f"{vm_id} has no wave and no reason")
        if len({next((wave.number for wave in plan.waves if vm_id in wave.vm_ids), 0) for vm_id in members}) > 1:
            found.append(f"{group.id} is torn apart")
    return found


def wave_faults(estate: Estate, wave: model.Wave, opening: Opening | None) -> list[str]:
    """Everything that one wave does wrong, apart from the order of waves."""
    by_id = {vm.id: vm for vm in estate.vms}
    vms = [by_id[vm_id] for vm_id in wave.vm_ids]
    limits, found = estate.settings.limits, []
    if opening is None:
        return ["not in any slot"]
    clock = FakeClock()
    clock.add([(vm, "cold") for vm in vms])
    checks = (
        ("vms", len(vms), limits.vms),
        ("bytes", sum(vm.copy_bytes for vm in vms), limits.bytes),
        ("host", max(Counter(vm.host for vm in vms).values()), limits.vms_per_host),
        ("datastore", max(Counter(disk.datastore for vm in vms for disk in vm.disks or ()).values(), default=0), limits.vms_per_datastore),
        ("high", sum(estate.moves[vm.id][1].level == model.HIGH for vm in vms), limits.high_risk_vms),
        ("minutes", clock.minutes_with(())[1] - 1e-6, wave.slot.minutes),
    )
    found += [f"{what} {value} over {limit}" for what, value, limit in checks if limit is not None and value > limit]
    for spread in estate.spreads:
        if set(spread.vm_ids) <= set(wave.vm_ids):
            found.append(f"all of {spread.name}")
    for vm in vms:
        found += [f"{vm.id} {text}" for text in _wrong_window(vm, wave, opening, estate.settings)]
    return found


def too_early(estate: Estate, waves: Sequence[model.Wave]) -> list[str]:
    """Waves, in their order, that begin before the first copies of their warm moves are done, after those before and beside no window."""
    by_id, found, asked = {vm.id: vm for vm in estate.vms}, [], 0.0
    begins = datetime.combine(estate.settings.start, time(0), estate.settings.zone)
    for wave in waves:
        vms = [by_id[vm_id] for vm_id in wave.vm_ids]
        warm = sum(vm.copy_bytes for vm in vms if estate.moves[vm.id][0].method == model.WARM)
        asked += warm / model.GIB * FIRST
        if warm and asked - 1e-6 > (wave.slot.start - begins).total_seconds() / 60:
            found.append(f"wave {wave.number} begins before its first copies are done")
        asked += sum(vm.copy_bytes for vm in vms) / model.GIB * 1.5 * LINK
    return found


def _wrong_window(vm: model.PlanVm, wave: model.Wave, opening: Opening, settings: PlanSettings) -> list[str]:
    rule, names = opening.rule, {entry.name for entry in settings.windows} or {"default"}
    found = [f"is frozen by {freeze.name}" for freeze in opening.frozen if freeze.selector.matches(vm)]
    if not rule.selector.matches(vm):
        found.append("is not meant by the window")
    window = vm.change_window.casefold()
    if (window in names or rule.own) and window != rule.name:
        found.append("is in another window than its owner's")
    local = [moment.astimezone(settings.zone) for moment in (wave.slot.start, wave.slot.end)]
    if vm.change_window == "sat,sun 08:00-20:00" and not (local[0].weekday() > 4 and local[0].hour >= 8 and local[1].hour <= 20):
        found.append("is outside its owner's time")
    if vm.change_window == "daily 21:00-05:00" and not (local[0].hour >= 21 or local[1].hour <= 5):
        found.append("is outside its owner's time")
    if vm.change_window == "some time":
        found.append("has a window that nobody can read")
    return found


def _wrong_orders(estate: Estate, plan: model.Schedule) -> list[str]:
    number = {vm_id: wave.number for wave in plan.waves for vm_id in wave.vm_ids}
    return [
        f"{order.after} is not after {order.before}"
        for order in estate.orders
        if order.after in number and order.before not in estate.settings.finished
        if order.before not in number or number[order.before] >= number[order.after]
    ]


def _wrong_pilots(estate: Estate, plan: model.Schedule) -> list[str]:
    if not estate.settings.pilots.count or not plan.waves or plan.waves[0].finished:
        return []
    first = plan.waves[0]
    return [f"{vm_id} is no pilot" for vm_id in first.vm_ids if not any("pilot" in text for text in plan.reasons[vm_id])]


def risky_ends(estate: Estate, plan: model.Schedule) -> list[str]:
    """VMs of high risk in the first or the last wave, where the plan has three waves and groups without high risk for both."""
    if len(plan.waves) < 3:
        return []
    ends = {plan.waves[-1].number} | ({plan.waves[0].number} if not plan.waves[0].finished and not estate.settings.pilots.count else set())
    return [
        vm_id
        for wave in plan.waves
        if wave.number in ends
        for vm_id in wave.vm_ids
        if vm_id in estate.moves and estate.moves[vm_id][1].level == model.HIGH
    ]


# ---- lifting ---------------------------------------------------------------------------------------------------------

_LIMITS = {"vms": "vms", "tib": "bytes", "high_risk_vms": "high_risk_vms", "vms_per_host": "vms_per_host"}
_LIMITS |= {"vms_per_datastore": "vms_per_datastore", "waves": "waves"}
_ANNOTATED = ("change_window_unreadable", "owner_windows_apart", "owner_window_closed", "owner_window_too_short")


def lifted(estate: Estate, group: model.Group, plan: model.Schedule) -> Estate:
    """The estate without what the constraints of a group's VMs name, and with nothing else changed."""
    settings, windows, orders = estate.settings, False, list(estate.orders)
    for vm_id in group.vm_ids:
        for constraint in plan.unplaced[vm_id]:
            windows = windows or constraint.code in _ANNOTATED
            what, _dot, limit = constraint.setting.partition(".")
            if what == "plan_limits":
                settings = replace(settings, limits=replace(settings.limits, **{_LIMITS[limit]: None}))
            elif what == "plan_last_day":
                settings = replace(settings, last_day=None)
            elif what == "plan_freezes":
                settings = replace(settings, freezes=())
            elif what == "plan_windows":
                settings = replace(settings, windows=tuple(_wide(rule) for rule in settings.windows or (NIGHT,)))
            elif constraint.code == "dependency_not_placed":
                orders = [order for order in orders if (order.before, order.after) != (constraint.object, vm_id)]
    vms = [replace(vm, change_window="") if windows and vm.id in group.vm_ids else vm for vm in estate.vms]
    return replace(estate, settings=settings, orders=orders, vms=vms)


def _wide(rule: WindowRule) -> WindowRule:
    return replace(rule, start=time(0), end=time(0), weekdays=(), day=None, selector=Selector(), own=False)
