# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which VMs are planned at all: verdict, open rules, and what has moved already."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .model import BLOCKED, EXCLUDED, MOVED, SETTLE_FIRST, PlanVm
from .settings import PlanSettings

READY, READY_WITH_WORK = "ready", "ready_with_work"
PLANNED_VERDICTS = (READY, READY_WITH_WORK)


@dataclass(frozen=True, slots=True)
class Standing:
    """Why a VM is not planned: its state, the reason in words, and the rules that have to be settled."""

    state: str
    reason: str
    settle: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidates:
    """The VMs to plan, in the order of their ids, and the standing of the others. `accepted` has the open rules of planned VMs."""

    vms: tuple[PlanVm, ...]
    others: Mapping[str, Standing]
    accepted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def candidates_of(vms: Sequence[PlanVm], settings: PlanSettings, moved: Mapping[str, str], running: Collection[str] = ()) -> Candidates:
    """`moved` says of VMs that are on the cluster already how that is known; those whose migration runs are planned whatever they are."""
    planned: list[PlanVm] = []
    others: dict[str, Standing] = {}
    accepted: dict[str, tuple[str, ...]] = {}
    for vm in vms:
        standing = None if vm.id in running and vm.id not in moved else _standing(vm, settings, moved)
        if standing is not None:
            others[vm.id] = standing
            continue
        planned.append(vm)
        if vm.provisional:
            accepted[vm.id] = vm.gaps
    return Candidates(tuple(planned), others, accepted)


def _standing(vm: PlanVm, settings: PlanSettings, moved: Mapping[str, str]) -> Standing | None:
    if vm.id in moved:
        return Standing(MOVED, moved[vm.id])
    if vm.id in settings.finished:
        return Standing(MOVED, f"an earlier plan finished it on {settings.finished[vm.id]:%Y-%m-%d}")
    if vm.verdict not in PLANNED_VERDICTS:
        if vm.verdict == "not_evaluated":
            return Standing(BLOCKED, "too little is known of it to judge: guest OS or disks")
        return Standing(BLOCKED, f"blocked by {', '.join(vm.failed) or 'its verdict'}")
    if not vm.provisional:
        return None
    if not vm.gaps:
        return Standing(SETTLE_FIRST, "nobody knows whether it is in scope")
    open_rules = tuple(rule for rule in vm.gaps if rule not in settings.accept_unknown)
    if open_rules:
        return Standing(
            SETTLE_FIRST, f"its verdict is provisional: {len(open_rules)} of its open rules are not in plan_accept_unknown", open_rules
        )
    return None


def excluded(reason: str) -> Standing:
    """The standing of a VM that is out of scope."""
    return Standing(EXCLUDED, reason)


def moved_vms(vms: Iterable[PlanVm], target: Iterable[Mapping[str, Any]], provider_of: Mapping[str, str]) -> dict[str, str]:
    """VM id to how it is known to be moved: by a finished migration on the cluster.

    `target` holds the `migration_plan` records; `provider_of` the vCenter of each source provider (namespace/name), so that
    equal managed object ids of two vCenters are told apart.
    """
    done: dict[tuple[str, str], str] = {}
    for plan in target:
        vcenter = provider_of.get(plan.get("source_provider", ""))
        for entry in plan.get("vms", ()) if vcenter is not None else ():
            if entry.get("succeeded") and entry.get("moref"):
                done[vcenter or "", entry["moref"]] = (
                    f"plan {plan['id']} of the cluster finished it on {entry.get('completed_at', '')[:10]}"
                )
    return {vm.id: done[vm.vcenter, vm.moref] for vm in vms if (vm.vcenter, vm.moref) in done}
