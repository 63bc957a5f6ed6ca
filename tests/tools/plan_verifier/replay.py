# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans that were carried out in part: what the target says of them, so that the rest can be planned again."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from .dice import Dice
from .evidence import Record

if TYPE_CHECKING:
    from ..random_estates import Case

TOOLKIT = "openshift-mtv"


def carried_out(case: Case, records: list[Record], manifests: list[Record]) -> Case | None:
    """The case after some waves of its plan: one of them perhaps cancelled half-way, and a later one perhaps begun.

    None where there is nothing to carry out.
    """
    waves = sorted((record for record in records if record["kind"] == "wave"), key=lambda wave: int(wave["number"]))
    if case.target is None or not waves:
        return None
    dice = Dice(case.seed * 7 + 1)
    later = copy.deepcopy(case)
    done = dice.randint(0, len(waves))
    partial = waves[done]["number"] if done < len(waves) else -1
    numbers = {wave["number"] for wave in waves[:done]}
    moved = [
        record["id"]
        for record in records
        if record["kind"] == "vm"
        and record["state"] == "placed"
        and (record["wave"] in numbers or (record["wave"] == partial and dice.often(0.5)))
    ]
    ahead = [wave for wave in waves[done:] if wave["plans"]]
    running = dice.choice(dice.choice(ahead)["plans"]) if ahead and dice.often(0.4) else ""
    if not moved and not running:
        return None
    plans = [one for one in manifests if one["kind"] == "Plan"]
    vms = {record["id"]: record for record in case.estate if record["kind"] == "vm"}
    made = {record["id"]: record for record in records if record["kind"] == "vm"}
    for plan in plans:
        later.target = [
            *(later.target or ()),
            _plan(plan, [vms[vm_id]["moref"] for vm_id in moved if made[vm_id]["plan"] == plan["metadata"]["name"]], running),
        ]
    if running:
        migration = {"kind": "migration", "id": f"{TOOLKIT}/{running}", "plan": f"{TOOLKIT}/{running}", "running": True}
        later.target = [*(later.target or ()), {**migration, "name": running, "namespace": TOOLKIT}]
    if dice.often(0.6):
        later.target = [*(later.target or ()), *(_machine(vms[vm_id], made[vm_id]) for vm_id in moved)]
    if dice.often(0.3):
        later.settings["limits"] = {**later.settings.get("limits", {}), "vms": dice.pick(1, 2, 4)}
    later.target = sorted(later.target or (), key=lambda record: (record["kind"], record["id"]))
    later.previous = copy.deepcopy(records)
    return later


def _plan(plan: Record, moved: list[str], running: str) -> Record:
    """What the target has of a Plan: the VMs that moved succeeded, the others never ran or failed, unless it is the one that runs."""
    spec, name = plan["spec"], plan["metadata"]["name"]
    others = {"phase": "CopyDisks", "started_at": "2026-12-01T00:00:00Z"} if name == running else {"canceled": True}
    entries = [
        {
            "moref": entry["id"],
            "name": entry["name"],
            "target_name": entry["targetName"],
            "completed_at": "2026-12-01T00:00:00Z",
            "succeeded": True,
        }
        if entry["id"] in moved
        else {"moref": entry["id"], "name": entry["name"], "target_name": entry["targetName"], **others}
        for entry in spec["vms"]
    ]
    return {
        "kind": "migration_plan",
        "id": f"{TOOLKIT}/{name}",
        "name": name,
        "namespace": TOOLKIT,
        "labels": dict(plan["metadata"].get("labels", {})),
        "source_provider": f"{TOOLKIT}/{spec['provider']['source']['name']}",
        "target_namespace": spec["targetNamespace"],
        "type": spec["type"],
        "archived": False,
        "vms": entries,
    }


def _machine(vm: Record, made: Record) -> Record:
    return {
        "kind": "virtual_machine",
        "id": f"{made['namespace']}/{made['target_name']}",
        "name": made["target_name"],
        "namespace": made["namespace"],
        "macs": [nic["mac"] for nic in vm.get("nics", ())],
        "source_vm": vm["moref"],
    }
