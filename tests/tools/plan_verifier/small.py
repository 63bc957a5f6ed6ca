# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases that are small enough to try every arrangement, and tight enough for that to matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..random_estates import random_case
from .brute_waves import MOST_SLOTS
from .dice import Dice
from .times import days_of, slots
from .wishes import Wishes

if TYPE_CHECKING:
    from ..random_estates import Case

GIB: Final = 1 << 30
OF_PLACES: Final = ("namespaces", "fit", "networks", "storage", "providers")


def small_schedule(seed: int) -> Case:
    """Few VMs without a target, a handful of slots, and limits that bind."""
    dice = Dice(seed)
    case = random_case(seed * 2 + 1, most=dice.pick(6, 8, 10, 12))
    case.target = None
    for name in (*OF_PLACES, "last_day"):
        case.settings.pop(name, None)
    case.settings["accept_unknown"] = [record["id"] for record in case.assessment if record["kind"] == "rule"]
    for record in case.assessment:
        if record["kind"] == "vm" and dice.often(0.9):
            record["verdict"] = dice.pick("ready", "ready_with_work")
    limits = {name: value for name, value in case.settings.get("limits", {}).items() if name != "tib" or dice.often(0.4)}
    case.settings["limits"] = limits | ({"vms": dice.pick(1, 2, 3)} if dice.often(0.5) else {})
    wishes = Wishes(case.settings, case.settings["start"])
    found = slots(wishes, MOST_SLOTS)
    if found:
        chosen = found[min(len(found), dice.randint(2, MOST_SLOTS)) - 1]
        case.settings["last_day"] = days_of(*chosen[0], wishes)[1].isoformat()
    return case


def small_fit(seed: int) -> Case:
    """Up to ten VMs and a few nodes that have hardly room for them, everything else being ample."""
    dice = Dice(seed)
    number = seed * 2
    case = random_case(number, most=10)
    while case.target is None or any(record["state"] != "read" for record in case.kind("reading") if record["id"] in ("nodes", "pods")):
        number += 1_000_003
        case = random_case(number, most=10)
    case.settings["namespaces"] = [{"namespace": "vms"}]
    case.settings["networks"] = [{"source": "*", "type": "ignored"}]
    nodes = case.kind("node")[: dice.pick(1, 2, 2, 3, 3)]
    vms = [record for record in case.estate if record["kind"] == "vm"]
    memory = sum(vm.get("memory_mib", 0) for vm in vms) << 20
    cpu = sum(vm.get("cpu_count", 0) for vm in vms) * 1000
    for node in nodes:
        node["allocatable_memory_bytes"] = int(memory * dice.uniform(0.6, 1.6) / len(nodes)) + GIB
        node["allocatable_cpu_millicores"] = int(cpu * dice.uniform(0.1, 0.8) / len(nodes)) + 1000
        node["requested_memory_bytes"], node["requested_cpu_millicores"] = dice.pick(0, GIB), dice.pick(0, 500)
    kept = [record for record in case.target or () if record["kind"] != "node"]
    case.target = sorted([*kept, *nodes], key=lambda record: (record["kind"], record["id"]))
    if any(record["id"] == "block" for record in case.kind("storage_class")) and dice.often(0.8):
        case.settings["storage"] = [{"source": "*", "storage_class": "block"}]
    return case
