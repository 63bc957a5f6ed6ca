# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a plan has to be refused: a cycle of dependencies that nothing untangles, or a limit that no VM at all can meet."""

from __future__ import annotations

from datetime import timedelta

from .pace import WARM, Path
from .states import expected_state, migrated_on_target
from .times import slots
from .world import World, groups


def has_cycle(world: World) -> bool:
    """Whether dependencies lead in a circle, VMs that have to move together taken as one."""
    if world.wishes.together:
        return False
    moved = _moved(world)
    planned = _planned(world, moved)
    joined = groups(world, planned)
    waits: dict[str, set[str]] = {}
    for vm in world.vms.values():
        for other in vm.record.get("depends_on", ()):
            if vm.id in moved or other in moved:
                continue
            if other == vm.id:
                return True
            if joined.root(other) != joined.root(vm.id):
                waits.setdefault(joined.root(vm.id), set()).add(joined.root(other))
    return _circular(waits)


def _circular(waits: dict[str, set[str]]) -> bool:
    left = {one: set(others) for one, others in waits.items()}
    while left:
        free = [one for one, others in left.items() if not any(other in left for other in others)]
        if not free:
            return True
        for one in free:
            del left[one]
    return False


def unmet(world: World) -> set[str]:
    """The settings that no VM can meet, whatever else keeps it out."""
    planned = [world.vms[vm_id] for vm_id in sorted(_planned(world, _moved(world)))]
    path, limit = Path(world), world.wishes.limits["bytes"]
    openings = [window.slot(world.wishes.start, world.wishes.zone) for window in world.wishes.windows]
    longest = max(end - begin for begin, end in openings)
    found = set()
    if planned and limit is not None and min(vm.copy_bytes for vm in planned) > int(limit):
        found.add("plan_limits.tib")
    # Cold or warm is not known of a plan that was refused: right is a refusal where no VM is quick enough both ways.
    if planned and all(timedelta(minutes=max(path.alone(vm, "cold").down_p90, path.alone(vm, WARM).down_p90)) > longest for vm in planned):
        found.add("plan_windows")
    return found


def no_slot(world: World) -> bool:
    """Whether windows, freezes and the last day leave no slot at all."""
    return not slots(world.wishes, 1)


def _moved(world: World) -> set[str]:
    previous = world.evidence.previous
    before = {str(vm["id"]) for vm in previous.kind("vm").values() if vm.get("state") == "moved"} if previous else set[str]()
    return migrated_on_target(world) | before


def _planned(world: World, moved: set[str]) -> set[str]:
    return {vm.id for vm in world.vms.values() if expected_state(world, vm, moved) == "planned"}
