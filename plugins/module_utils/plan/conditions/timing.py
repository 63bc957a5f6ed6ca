# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditions of time: whether warm moves can begin early enough, whom they disturb, and how long VMs stand still in their wave."""

from __future__ import annotations

from datetime import datetime

from ..model import Wave
from ..openings import begin_of
from .answers import NOT_APPLICABLE, Answer, Open, judges, passes
from .context import Scene
from .views import MigrationView, PlanView, VmEntry

_NO_WAVE = "the wave of its plan is not known"


def _wave_of(plan: PlanView | None, scene: Scene) -> Wave | None:
    return scene.waves.get(plan.wave) if plan is not None and plan.wave is not None else None


def _shown(moment: datetime, scene: Scene) -> str:
    return f"{moment.astimezone(scene.settings.zone):%Y-%m-%d %H:%M %Z}"


@judges("own.first_copy_late")
def first_copy_in_time(migration: MigrationView, scene: Scene) -> Answer:
    plan = migration.plan
    if plan is not None and not plan.warm:
        return NOT_APPLICABLE
    wave = _wave_of(plan, scene)
    if wave is None or wave.first_copy is None:
        return Open(_NO_WAVE)
    begins = begin_of(scene.settings, scene.now)
    copy = wave.first_copy
    hours = f"{copy.p90_minutes / 60:.1f} h (p90)"
    observed = (
        f"the first copies of wave {wave.number} take {hours} and share the path: they had to begin by {_shown(copy.start_by, scene)}"
    )
    remedy = "let fewer VMs move warm, allow later days, or raise the rates in plan_rates where more was measured"
    return passes(copy.start_by >= begins, observed, f"a time from {_shown(begins, scene)} on", remedy)


@judges("own.window_shared")
def window_has_its_link(plan: PlanView, scene: Scene) -> Answer:
    wave = _wave_of(plan, scene)
    if wave is None:
        return Open(_NO_WAVE)
    if not wave.shared_minutes:
        return NOT_APPLICABLE
    wanted = wave.elapsed_p90_minutes + wave.shared_minutes
    observed = (
        f"the wave takes {wave.elapsed_p90_minutes:.0f} min (p90), and first copies of later waves take up to "
        f"{wave.shared_minutes:.0f} min of its path in its window"
    )
    remedy = "begin those copies after this window, or leave the window more room"
    return passes(wanted <= wave.slot.minutes, observed, f"{wave.slot.minutes:.0f} min or less in all", remedy)


@judges("own.downtime_tolerance")
def down_no_longer_than_tolerated(entry: VmEntry, scene: Scene) -> Answer:
    vm = entry.vm
    if vm is None:
        return Open("the VM is not in the estate")
    tolerance = scene.settings.method.tolerance(vm)
    if tolerance is None:
        return NOT_APPLICABLE
    minutes = scene.given.downtimes.get(vm.id)
    if minutes is None:
        return Open("how long it stands still in its wave is not known")
    wave = scene.waves.get(scene.wave_of.get(vm.id, -1))
    if wave is not None and minutes <= tolerance < minutes + wave.shared_minutes:
        return Open(f"{minutes:.0f} min (p90), and first copies of later waves may take up to {wave.shared_minutes:.0f} min of its path")
    remedy = "agree on a longer downtime with its owner, make its wave smaller, or move it warm where that is possible"
    return passes(minutes <= tolerance, f"it stands still for {minutes:.0f} min (p90)", f"{tolerance} min or less", remedy)
