# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures and times of a plan as a reader sees them, and the plan in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from ..plan.model import BLOCKED, MOVED, PLACED, SETTLE_FIRST, UNPLACED
from .headline import counted, listed
from .plan_view import STATE_WORDS, PlanView, ReleaseStep, WaveView
from .texts import date_text, size

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def local_time(text: str) -> datetime | None:
    """A wave's time on the clock of the plan's time zone; None for a text that is no time."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def minutes(value: float | None) -> str:
    """A span in words: `23 min`, `2 h 38 min`, `1 d 4 h`; empty where nobody knows."""
    if value is None:
        return ""
    whole = int(value + 0.5)
    if whole < 60:
        return f"{whole} min" if whole or not value else "<1 min"
    hours, rest = divmod(whole, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def cores(millicores: int) -> str:
    """CPU in cores: `12.5 cores`."""
    figure = f"{millicores / 1000:,.1f}".removesuffix(".0")
    return f"{figure} {'core' if millicores == 1000 else 'cores'}"


def amount(value: int, unit: str) -> str:
    """An amount with the unit of a shortage: millicores as cores, bytes with their prefix."""
    if unit == "millicores":
        return cores(value)
    return size(value) if unit == "bytes" else f"{value:,} {unit}".rstrip()


def day(text: str) -> str:
    """The day of a wave's time with its weekday: `Sat 5 Dec 2026`."""
    moment = local_time(text)
    return f"{WEEKDAYS[moment.weekday()]} {moment.day} {MONTHS[moment.month - 1]} {moment.year}" if moment else text


def window_text(wave: WaveView) -> str:
    """When a wave runs: `Sat 5 Dec 2026, 22:00 to 06:00`; a later day than the next one is named, and so is a change of the clocks."""
    start, end = local_time(wave.start), local_time(wave.end)
    if start is None or end is None:
        return f"{wave.start} to {wave.end}"
    clock = f"{day(wave.start)}, {start:%H:%M} to "
    text = f"{clock}{end:%H:%M}" if (end - start).days < 1 else f"{clock}{WEEKDAYS[end.weekday()]} {end:%H:%M}"
    length = wave_minutes(wave)
    turned = length - (end - start).total_seconds() / 60
    # What the clock shows is not how long it is.
    return f"{text} ({minutes(length)}, the clocks go {'back' if turned > 0 else 'forward'})" if turned else text


def moment_text(text: str) -> str:
    """A moment: `Fri 4 Dec 2026, 13:00`; empty for none."""
    moment = local_time(text) if text else None
    return text if moment is None else f"{day(text)}, {moment:%H:%M}"


def wave_minutes(wave: WaveView) -> float:
    """Length of a wave's window."""
    try:
        return (datetime.fromisoformat(wave.end) - datetime.fromisoformat(wave.start)).total_seconds() / 60
    except (TypeError, ValueError):
        return 0.0


def plan_headline(plan: PlanView) -> str:
    """What moves when, and what keeps the rest."""
    return " ".join(f"{sentence}." for sentence in _sentences(plan))


def _sentences(plan: PlanView) -> Iterator[str]:
    placed, in_scope = plan.states.get(PLACED, 0), plan.in_scope
    ahead = [wave for wave in plan.waves if not wave.finished]
    if not in_scope:
        yield "The plan holds no VM"
        return
    if ahead and placed:
        first, last = ahead[0].start.partition("T")[0], max(wave.end for wave in ahead).partition("T")[0]
        moves = "moves" if placed == 1 else "move"
        yield (
            f"{placed:,} of {counted(in_scope, 'VM')} {moves} in {counted(len(ahead), 'wave')} from {date_text(first)} to {date_text(last)}"
        )
    else:
        yield f"None of {counted(in_scope, 'VM')} is in a wave that is still to come"
    if rest := _rest(plan):
        yield rest


def _rest(plan: PlanView) -> str:
    """What keeps the VMs that are in no wave."""
    words = (
        (MOVED, "moved already", "moved already"),
        (SETTLE_FIRST, "has facts to be settled first", "have facts to be settled first"),
        (UNPLACED, "is kept out by constraints", "are kept out by constraints"),
        (BLOCKED, "is blocked by its verdict", "are blocked by their verdicts"),
    )
    parts = [f"{plan.states[state]:,} {one if plan.states[state] == 1 else many}" for state, one, many in words if plan.states.get(state)]
    return listed(parts)


def state_word(state: str) -> str:
    """A state of a VM in words."""
    return STATE_WORDS.get(state, state)


def wave_name(number: int | None) -> str:
    """A wave in words; empty for none."""
    return "" if number is None else f"wave {number}"


def plan_lines(plan: PlanView) -> list[str]:
    """The plan in a few sentences for a terminal."""
    lines = [plan.headline]
    if plan.kept_out:
        codes = [f"{entry.code} {entry.vm_count:,}" for entry in plan.kept_out[:4]]
        lines.append(f"Kept out most by {listed(codes)}.")
    lines += [f"Lacking: {amount(entry.needed - entry.available, entry.unit)} of {entry.resource}." for entry in plan.fit.shortages[:1]]
    if preflight := preflight_line(plan):
        lines.append(preflight)
    return lines


def preflight_line(plan: PlanView) -> str:
    """What the preflight and the dry run came to; empty where neither was made."""
    if not plan.conditions:
        return ""
    failed = sum(entry.failed > 0 for entry in plan.conditions)
    left_open = sum(entry.not_evaluated > 0 and not entry.failed for entry in plan.conditions)
    conditions = counted(len(plan.conditions), "condition")
    sentence = f"Preflight: {failed:,} of {conditions} failed, {left_open:,} more could not be evaluated for every object."
    refused = sum(entry.dry_run == "refused" for entry in plan.manifests)
    return f"{sentence} The API server refused {counted(refused, 'manifest')}." if refused else sentence


def released_lines(plan: PlanView) -> Sequence[str]:
    """What the plan sets free in all, in words."""
    last = [release.steps[-1] for release in plan.releases]
    if not last:
        return ()
    hosts, cpu, memory = (sum(getattr(step, name) for step in last) for name in ("hosts", "cores", "memory_mib"))
    return (counted(hosts, "host"), counted(cpu, "core"), f"{size(memory * 1024**2)} memory")


def reuse_line(plan: PlanView) -> str:
    """What the released hosts are good for as worker nodes, for AI workloads among others; unknown is said, never none."""
    last = [release.steps[-1] for release in plan.releases]
    hosts = sum(step.hosts for step in last)
    if not hosts:
        return "No host comes free to be installed anew as a worker node."
    released = listed(list(released_lines(plan)[1:]))
    sentence = f"Installed anew as worker nodes, for AI workloads among others, {'it gives' if hosts == 1 else 'they give'} {released}."
    open_ones = sum(step.hosts if step.cpu_unknown is None else step.cpu_unknown for step in last)
    sentence += f" The CPU model of {hosts - open_ones:,} is known" + (f", of {open_ones:,} not." if open_ones else ".")
    used = _summed(step.devices for step in last)
    seen = f"; VMs on them use {listed(counted_devices(used))}" if used else ""
    return f"{sentence} Which GPUs they have is not known, since the estate has no devices of hosts{seen}."


def counted_devices(devices: Mapping[str, int]) -> list[str]:
    """Things by name and how many: `3 grid_a100-10c`."""
    return [f"{count:,} {name}" for name, count in sorted(devices.items())]


def cpus_text(step: ReleaseStep) -> str:
    """CPU models of the released hosts; unknown ones are counted."""
    if step.cpus is None:
        return "not known" if step.hosts else ""
    unknown = [f"{step.cpu_unknown:,} not known"] if step.cpu_unknown else []
    return ", ".join([*counted_devices(step.cpus), *unknown])


def gpus_text(hosts: int, devices: Mapping[str, int]) -> str:
    """GPUs of released hosts: an estate has no devices of hosts, which is not none."""
    used = ", ".join(counted_devices(devices))
    return "" if not hosts else f"not known; VMs use {used}" if used else "not known"


def _summed(maps: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for entries in maps:
        for name, count in entries.items():
            found[name] = found.get(name, 0) + count
    return found


def plan_data(plan: PlanView) -> dict[str, object]:
    """The plan's figures as data for a workflow."""
    data: dict[str, object] = {
        "headline": plan.headline,
        "states": dict(plan.states),
        "waves": len(plan.waves),
        "shortages": len(plan.fit.shortages),
        "unmapped_networks": sum(not entry.type for entry in plan.networks),
        "unmapped_storage": sum(not entry.storage_class for entry in plan.storage),
        "failed_conditions": sum(entry.failed > 0 for entry in plan.conditions),
        "refused_manifests": sum(entry.dry_run == "refused" for entry in plan.manifests),
    }
    if plan.waves:
        data |= {"start": plan.waves[0].start, "end": max(wave.end for wave in plan.waves)}
    return data
