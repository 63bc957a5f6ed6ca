# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No wave breaks what binds it: ties, orders, spreads, limits, windows, freezes, time, pilots, high risk, and waves that are over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Final, TypeAlias

from .evidence import Record, Violation
from .pace import WARM, Path, against_warm, risk
from .times import admits, covers, days_of, expression, named_window, slot_around, touched
from .wishes import at, names_nothing, selects
from .world import Vm, World, groups, ties

Asked: TypeAlias = Mapping[object, float]
"""part of the path to the minutes that are asked of it"""
Copies: TypeAlias = Sequence[tuple[datetime, datetime, Asked]]
"""begin, end and what is asked in between"""

NEAR: Final = 0.02
"""Minutes that figures may differ by: artifacts have three decimal places, and bytes are whole."""


def moment(text: str) -> datetime:
    """A moment as artifacts write it."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def check_waves(world: World) -> Iterator[Violation]:
    """Violations of the waves."""
    yield from _ties(world)
    yield from _orders(world)
    yield from _spreads(world)
    yield from _figures(world)
    yield from _first_copies(world)
    for wave in world.new_waves:
        yield from _limits(world, wave)
        yield from _window(world, wave)
    yield from _sequence(world)
    yield from _pilots(world)
    yield from _finished(world)
    yield from _stands(world)


# ---- together, before, apart -----------------------------------------------------------------------------------------


def _ties(world: World) -> Iterator[Violation]:
    for kind, name, ids in ties(world, world.free):
        if len({world.wave_of(vm_id) for vm_id in ids}) > 1:
            yield Violation("wave.tie", name, f"{kind}: {', '.join(f'{vm_id} in {world.wave_of(vm_id)}' for vm_id in ids)}")
    for (_place, path), ids in world.shared_disks().items():
        here = [vm_id for vm_id in ids if vm_id in world.free]
        left = [vm_id for vm_id in ids if vm_id not in world.placed | world.moved]
        if here and left:
            yield Violation("wave.shared_disk", path, f"{', '.join(here)} move, {', '.join(left)} stay")


def _orders(world: World) -> Iterator[Violation]:
    joined = groups(world, world.free)
    starts = {wave["number"]: moment(wave["start"]) for wave in world.waves}
    for vm_id in sorted(world.placed):
        for other in sorted(set(world.vms[vm_id].record.get("depends_on", ()))):
            if other in world.moved or (world.wishes.together and other in world.free):
                continue
            if vm_id in world.standing and other not in world.free:
                # Its wave has begun, whatever has become of the other one.
                continue
            before, own = world.wave_of(other), world.wave_of(vm_id)
            if other not in world.placed or before is None or own is None:
                yield Violation("wave.order", vm_id, f"it depends on {other}, which does not move")
            elif starts[before] >= starts[own] and not joined.same(vm_id, other):
                yield Violation("wave.order", vm_id, f"it is in wave {own} and depends on {other} in wave {before}")


def _spreads(world: World) -> Iterator[Violation]:
    if not world.wishes.spread:
        return
    joined = groups(world, world.free)
    planned = {name: set(record["vm_ids"]) for name, record in world.plan.kind("spread").items()}
    for rule in world.evidence.estate.kind("drs_rule").values():
        if rule.get("type") != "anti_affinity" or rule.get("enabled") is False or "vm_ids" not in rule:
            continue
        here = sorted(vm_id for vm_id in set(rule["vm_ids"]) if vm_id in world.free)
        if len(here) < 2 or len({joined.root(vm_id) for vm_id in here}) == 1:
            continue
        if len({world.wave_of(vm_id) for vm_id in here}) > 1:
            continue
        # All that move are in one wave: right only where the plan counts on more VMs of the rule, which have no wave.
        name = str(rule.get("name", rule["id"]))
        if not any(set(here) < ids <= set(rule["vm_ids"]) for key, ids in planned.items() if key.startswith(f"{name} (")):
            yield Violation("wave.spread", name, f"wave {world.wave_of(here[0])} has all of {', '.join(here)}")


# ---- figures ---------------------------------------------------------------------------------------------------------


def _figures(world: World) -> Iterator[Violation]:
    """Risk, durations and bytes against those that the documented formulas give."""
    path = Path(world)
    for vm in world.vms.values():
        if vm.state not in ("placed", "unplaced"):
            continue
        method = str(vm.plan.get("method"))
        times = path.alone(vm, method)
        for key, value in (
            ("copy_bytes", vm.copy_bytes),
            ("elapsed_p50_minutes", times.elapsed_p50),
            ("elapsed_p90_minutes", times.elapsed_p90),
            ("downtime_p50_minutes", times.down_p50),
            ("downtime_p90_minutes", times.down_p90),
        ):
            if abs(vm.plan.get(key, -1) - value) > NEAR:
                yield Violation("figure.vm", vm.id, f"{key} is {vm.plan.get(key)}, and has to be {value:.3f}")
        level, points = risk(world, vm, times)
        if (vm.plan.get("risk"), vm.plan.get("risk_points")) != (level, points):
            yield Violation("figure.risk", vm.id, f"{vm.plan.get('risk')} ({vm.plan.get('risk_points')}), has to be {level} ({points})")
        obstacles = against_warm(world, vm) if method == WARM else []
        if obstacles:
            yield Violation("figure.method", vm.id, f"it is to move warm, yet {obstacles[0]}")
    for wave in world.new_waves:
        members = world.members(wave["number"])
        p50, p90 = path.together([(vm, str(vm.plan["method"])) for vm in members])
        facts = {
            "vm_count": len(members),
            "copy_bytes": sum(vm.copy_bytes for vm in members),
            "warm_count": sum(vm.plan["method"] == WARM for vm in members),
            "high_risk_count": sum(vm.plan["risk"] == "high" for vm in members),
            "elapsed_p50_minutes": p50,
            "elapsed_p90_minutes": p90,
        }
        warm = [vm for vm in members if vm.plan["method"] == WARM]
        if warm:
            first = path.first_copies(warm)
            facts |= {
                "first_copy_bytes": sum(vm.copy_bytes for vm in warm),
                "first_copy_p50_minutes": first[0],
                "first_copy_p90_minutes": first[1],
            }
        for key, value in facts.items():
            if abs(wave.get(key, -1) - value) > NEAR:
                yield Violation("figure.wave", wave["id"], f"{key} is {wave.get(key)}, and has to be {value:.3f}")
        yield from _stands_still(wave, members, path)


def _stands_still(wave: Record, members: list[Vm], path: Path) -> Iterator[Violation]:
    """How long the VMs of a wave are down, against what their owners tolerate."""
    for vm, minutes in zip(members, path.stands_still([(vm, str(vm.plan["method"])) for vm in members]), strict=True):
        if abs(vm.plan.get("wave_downtime_p90_minutes", -1) - minutes) > NEAR:
            yield Violation(
                "figure.downtime", vm.id, f"{vm.plan.get('wave_downtime_p90_minutes')} in {wave['id']}, has to be {minutes:.3f}"
            )
        tolerance = vm.record.get("downtime_tolerance_minutes", vm.plan.get("downtime_tolerance_minutes"))
        if tolerance is not None and abs(minutes - tolerance) > NEAR and vm.plan.get("within_tolerance") != (minutes < tolerance):
            yield Violation(
                "figure.tolerance", vm.id, f"down for {minutes:.1f} of {tolerance} min, and within is {vm.plan.get('within_tolerance')}"
            )


# ---- first copies ----------------------------------------------------------------------------------------------------


def _first_copies(world: World) -> Iterator[Violation]:
    """Warm moves can be begun early enough, and the path has the time for all that is begun when the plan says."""
    path, begins = Path(world), at(world.wishes.start, time(0), world.wishes.zone)
    copies: list[tuple[datetime, datetime, Asked]] = []
    for wave in world.new_waves:
        warm = [vm for vm in world.members(wave["number"]) if vm.plan["method"] == WARM]
        if bool(warm) != ("start_by" in wave):
            yield Violation("first.start", wave["id"], f"{len(warm)} VMs move warm, and it is to be started by {wave.get('start_by')}")
            continue
        if not warm:
            continue
        start, start_by, takes = moment(wave["start"]), moment(wave["start_by"]), wave["first_copy_p90_minutes"]
        if takes > (start - begins).total_seconds() / 60 + NEAR:
            yield Violation("first.early", wave["id"], f"its first copies take {takes} min (p90) and would have to begin before the plan")
        if takes > (start - start_by).total_seconds() / 60 + NEAR:
            yield Violation("first.late", wave["id"], f"its first copies take {takes} min (p90), from {start_by} to {start}")
        copies.append((start_by, start, path.asked([(vm, None) for vm in warm])))
    for wave in world.begun_waves:
        warm = [vm for vm in world.members(wave["number"]) if vm.plan.get("method") == WARM]
        start, left = moment(wave["start"]), _left(wave, begins)
        asked = path.asked([(vm, None) for vm in warm])
        copies += [(begins, start, {part: minutes * left for part, minutes in asked.items()})] if warm and start > begins else []
    busy = []
    for wave in (*world.new_waves, *world.begun_waves):
        lot = [(vm, vm.plan["method"] == WARM) for vm in world.members(wave["number"]) if vm.state == "placed"]
        busy.append((moment(wave["start"]), path.asked(lot)))
    for release, _due, _work in copies:
        for _release, due, _own in copies:
            yield from _within(release, due, copies, busy)


def _left(wave: Record, begins: datetime) -> float:
    """The part of first copies that is left when the plan begins, of a wave whose copies were begun when they had to be."""
    if "start_by" not in wave:
        return 1.0
    start, start_by = moment(wave["start"]), moment(wave["start_by"])
    return max(0.0, (start - max(begins, start_by)).total_seconds()) / max(60.0, (start - start_by).total_seconds())


def _within(release: datetime, due: datetime, copies: Copies, busy: Sequence[tuple[datetime, Asked]]) -> Iterator[Violation]:
    """Whether every part of the path has the time for the copies that are begun and done between two moments."""
    inside = [asked for begin, end, asked in copies if begin >= release and end <= due]
    for part in {part for asked in inside for part in asked}:
        work = sum(asked.get(part, 0.0) for asked in inside)
        taken = 0.0
        for begin, asked in busy:
            end = begin + timedelta(minutes=asked.get(part, 0.0))
            taken += max(0.0, (min(due, end) - max(release, begin)).total_seconds())
        if work > ((due - release).total_seconds() - taken) / 60 + 1:
            yield Violation("first.path", f"{release} to {due}", f"first copies ask for {work:.0f} min of {part}")


# ---- limits and windows ----------------------------------------------------------------------------------------------


def _limits(world: World, wave: Record) -> Iterator[Violation]:
    limits, members = world.wishes.limits, world.members(wave["number"])
    hosts = Counter((vm.vcenter, vm.record.get("host", "")) for vm in members)
    stores = Counter(place for vm in members for place in {(vm.vcenter, world.datastore(vm, disk)) for disk in vm.disks})
    counts = {
        "vms": len(members),
        "bytes": sum(vm.copy_bytes for vm in members),
        "high_risk_vms": sum(vm.plan.get("risk") == "high" for vm in members),
        "vms_per_host": max(hosts.values(), default=0),
        "vms_per_datastore": max(stores.values(), default=0),
    }
    for name, count in counts.items():
        limit = limits[name]
        if limit is not None and count > int(limit):
            yield Violation(f"limit.{name}", wave["id"], f"{count} of {limit}")
    if not members:
        yield Violation("wave.empty", wave["id"], "it has no VM")


def _window(world: World, wave: Record) -> Iterator[Violation]:
    wishes, members = world.wishes, world.members(wave["number"])
    begin, end = moment(wave["start"]), moment(wave["end"])
    room = (end - begin).total_seconds() / 60
    if wave["elapsed_p90_minutes"] > room + NEAR:
        yield Violation("window.time", wave["id"], f"it takes {wave['elapsed_p90_minutes']} min (p90) and has {room:g}")
    window = named_window(wave["window"], wishes.windows)
    found = slot_around(begin, end, window, wishes) if window else None
    if window is None or found is None:
        yield Violation("window.none", wave["id"], f"{begin} to {end} lies in no slot of window {wave['window']!r}")
        return
    day, slot = found
    if day < wishes.start:
        yield Violation("window.early", wave["id"], f"it begins on {day}, before {wishes.start}")
    last = days_of(*slot, wishes)[1]
    if wishes.last_day is not None and last > wishes.last_day:
        yield Violation("window.last_day", wave["id"], f"it ends on {last}, after {wishes.last_day}")
    for freeze in touched(wishes.freezes, *slot, wishes):
        frozen = [vm.id for vm in members if names_nothing(freeze.match) or selects(freeze.match, vm.record)]
        if frozen:
            yield Violation("window.freeze", wave["id"], f"{frozen[0]} is frozen from {freeze.first} to {freeze.last}")
    for vm in members:
        if not admits(window, vm.record, wishes):
            yield Violation("window.selector", vm.id, f"window {window.name} does not admit it ({vm.record.get('change_window', '')!r})")
        yield from _owner(world, vm, begin, end)


def _owner(world: World, vm: Vm, begin: datetime, end: datetime) -> Iterator[Violation]:
    text = vm.record.get("change_window", "").strip()
    if not text or named_window(text, world.wishes.windows):
        return
    spans = expression(text)
    if spans is None:
        yield Violation("window.unreadable", vm.id, f"nobody can read its change window {text!r}, and yet it has a wave")
    elif not covers(spans, begin, end, world.wishes):
        yield Violation("window.owner", vm.id, f"{begin} to {end} is outside its change window {text!r}")


def _sequence(world: World) -> Iterator[Violation]:
    """Numbers, times and slots of the waves."""
    numbers = [wave["number"] for wave in world.waves]
    if len(set(numbers)) != len(numbers):
        yield Violation("wave.number", "waves", f"numbers twice: {numbers}")
    limit = world.wishes.limits["waves"]
    done = len(world.waves) - len(world.new_waves)
    if limit is not None and world.new_waves and len(world.waves) > max(int(limit), done):
        yield Violation("limit.waves", "plan", f"{len(world.waves)} of {limit}")
    past_end = max((moment(wave["end"]) for wave in world.waves if wave.get("finished")), default=None)
    last: Record | None = None
    for wave in sorted((*world.new_waves, *world.begun_waves), key=lambda wave: str(wave["start"])):
        if wave.get("begun"):
            if last is not None and (moment(wave["start"]) < moment(last["end"]) or wave["number"] < last["number"]):
                yield Violation("wave.begun", wave["id"], f"{last['id']} ends at {last['end']}, before one that began for {wave['start']}")
            last = wave
            continue
        if last is not None and wave["number"] < last["number"]:
            yield Violation("wave.number", wave["id"], f"it comes after {last['id']}")
        if past_end is not None and moment(wave["start"]) < past_end:
            yield Violation("wave.past", wave["id"], f"it begins at {wave['start']}, and a finished wave ends at {past_end}")
        if last is not None and moment(wave["start"]) < moment(last["end"]):
            yield Violation("wave.overlap", wave["id"], f"it begins at {wave['start']}, {last['id']} ends at {last['end']}")
        if last is not None and not last.get("begun") and _slot(world, wave) == _slot(world, last):
            yield Violation("wave.slot", wave["id"], f"it has the slot of {last['id']}")
        last = wave


def _slot(world: World, wave: Record) -> object:
    window = named_window(wave["window"], world.wishes.windows)
    found = slot_around(moment(wave["start"]), moment(wave["end"]), window, world.wishes) if window else None
    return (window.name, found[0]) if window and found else wave["id"]


# ---- pilots and high risk --------------------------------------------------------------------------------------------


def _pilots(world: World) -> Iterator[Violation]:
    wishes = world.wishes
    if wishes.pilot_count < 1 or len(world.new_waves) < len(world.waves) or not world.new_waves:
        return
    first = world.new_waves[0]
    joined = groups(world, world.placed)
    lots = _lots(world, first)
    count = sum(map(len, lots.values()))
    if len(lots) > 1 and count > wishes.pilot_count:
        yield Violation("pilot.count", first["id"], f"{count} VMs in {len(lots)} groups, and {wishes.pilot_count} pilots are wanted")
    if names_nothing(wishes.pilot_match):
        return
    named = {joined.root(vm_id) for vm_id in world.placed if selects(wishes.pilot_match, world.vms[vm_id].record)}
    free = {root for root in named if not _follows(world, root)}
    others = [root for root in lots if root not in named]
    if free and others:
        yield Violation("pilot.stranger", first["id"], f"{', '.join(lots[others[0]])} goes first without being named")


def _lots(world: World, wave: Record) -> dict[str, list[str]]:
    joined = groups(world, world.placed)
    lots: dict[str, list[str]] = {}
    for vm in world.members(wave["number"]):
        lots.setdefault(joined.root(vm.id), []).append(vm.id)
    return lots


def _follows(world: World, root: str) -> bool:
    """Whether a group has to follow another one that is placed."""
    joined = groups(world, world.placed)
    return any(
        other in world.placed and not joined.same(other, vm_id)
        for vm_id in world.placed
        if joined.root(vm_id) == root
        for other in world.vms[vm_id].record.get("depends_on", ())
    )


def high_risk_at_ends(world: World) -> list[str]:
    """Waves at the ends of the plan that have VMs of high risk although there are groups without high risk for those ends.

    The rule holds from three waves on. It gives way where no arrangement keeps it that gives as many VMs a wave: that is not
    a violation, and is for the comparison with all arrangements to find out.
    """
    if len(world.waves) < 3 or not world.new_waves:
        return []
    finished = len(world.new_waves) < len(world.waves)
    piloted = world.wishes.pilot_count >= 1 and not finished
    inner = world.new_waves[1:] if piloted else world.new_waves
    tame = sum(1 for wave in inner for lot in _lots(world, wave).values() if not _risky(world, lot))
    first_is_open = not finished and not piloted
    ends = [world.new_waves[0]] if first_is_open and tame >= 1 else []
    if tame >= 1 + first_is_open and inner:
        ends.append(inner[-1])
    return [str(wave["id"]) for wave in ends if any(_risky(world, lot) for lot in _lots(world, wave).values())]


def _risky(world: World, lot: list[str]) -> bool:
    return any(world.vms[vm_id].plan.get("risk") == "high" for vm_id in lot)


# ---- what is over ----------------------------------------------------------------------------------------------------


def _finished(world: World) -> Iterator[Violation]:
    """Waves of which VMs have moved stand as they were, and new ones are numbered after them."""
    previous = world.evidence.previous
    if previous is None:
        if len(world.new_waves) < len(world.waves):
            yield Violation("past.invented", "waves", "a finished wave without an earlier plan")
        return
    over: dict[int, set[str]] = {}
    for vm in previous.kind("vm").values():
        if vm["id"] in world.moved and vm.get("state") in ("placed", "moved") and "wave" in vm:
            over.setdefault(vm["wave"], set()).add(vm["id"])
    earlier = {wave["number"]: wave for wave in previous.kind("wave").values()}
    kept = {wave["number"]: wave for wave in world.waves if wave.get("finished")}
    for wave in world.begun_waves:
        lost = over.pop(wave["number"], set()) - {vm.id for vm in world.members(wave["number"])}
        if lost:
            yield Violation("past.members", wave["id"], f"it has begun, and {sorted(lost)} moved in it")
    if set(kept) != set(over):
        yield Violation("past.lost", "waves", f"finished are {sorted(kept)}, and have to be {sorted(over)}")
    for number, wave in kept.items():
        same = all(earlier.get(number, {}).get(key) == wave.get(key) for key in ("window", "start", "end"))
        if not same:
            yield Violation("past.changed", wave["id"], "it has another window than the earlier plan says")
        if {vm.id for vm in world.members(number)} != over.get(number):
            yield Violation(
                "past.members", wave["id"], f"it has {[vm.id for vm in world.members(number)]}, not {sorted(over.get(number, ()))}"
            )
    made = {str(one["metadata"]["name"]) for one in world.evidence.manifests if one["kind"] in ("Plan", "Migration")}
    for name in sorted(made & world.running):
        yield Violation("begun.plan", name, "it runs, and there is a manifest of that name")
    for wave in world.new_waves:
        if kept and wave["number"] <= max(kept):
            yield Violation("past.number", wave["id"], f"its number is not above {max(kept)}")


def _stands(world: World) -> Iterator[Violation]:
    """VMs that a Plan of the earlier plan moves now keep wave, window, method, place and Plan."""
    previous = world.evidence.previous
    if previous is None:
        return
    earlier = {wave["number"]: wave for wave in previous.kind("wave").values()}
    now = {wave["number"]: wave for wave in world.waves}
    for vm in previous.kind("vm").values():
        if vm.get("state") != "placed" or vm.get("plan") not in world.running or vm["id"] in world.moved:
            continue
        own = world.vms[vm["id"]].plan
        kept = {key: (vm.get(key), own.get(key)) for key in ("state", "wave", "method", "namespace", "target_name", "plan")}
        wave = now.get(own.get("wave", -1), {})
        kept |= {key: (earlier[vm["wave"]][key], wave.get(key)) for key in ("start", "end", "window")}
        changed = [f"{key} was {was} and is {new}" for key, (was, new) in kept.items() if was != new]
        if changed or not wave.get("begun"):
            yield Violation("begun.changed", vm["id"], ", ".join(changed) or "its wave is not said to have begun")
