# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passthrough and vGPU devices of vSphere, and the host devices that the target permits for VMs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..target.view import TargetView
from .model import Constraint, PlanVm
from .patterns import fits
from .settings import FitPolicy


def devices_of(vm: PlanVm, policy: FitPolicy, target: TargetView) -> tuple[dict[str, int], tuple[Constraint, ...]]:
    """The host devices that a VM requests, by resource name, and a constraint for each that the target does not offer.

    The user's word goes first (`plan_fit.devices`); else the backing has to name a permitted resource, vendor and
    punctuation apart: the vGPU profile grid_a100-10c is nvidia.com/GRID_A100-10C.
    """
    if not vm.passthrough:
        return {}, ()
    permitted = permitted_devices(target)
    found: dict[str, int] = {}
    missing: list[Constraint] = []
    for backing in vm.passthrough:
        name = _chosen(backing, policy.devices) or _like(backing, permitted or ())
        if not name:
            missing.append(_not_offered(vm, backing, "", permitted))
        elif permitted is not None and name not in permitted:
            missing.append(_not_offered(vm, backing, name, permitted))
        else:
            found[name] = found.get(name, 0) + 1
    return found, tuple(missing)


def permitted_devices(target: TargetView) -> Sequence[str] | None:
    """Resource names that VMs may be given; None where nobody knows."""
    record = target.one("virtualization")
    return None if record is None else record.get("permitted_host_devices")


def _chosen(backing: str, devices: Mapping[str, str]) -> str:
    for pattern, name in devices.items():
        if fits(pattern, backing):
            return name
    return ""


def _like(backing: str, names: Sequence[str]) -> str:
    wanted = _plain(backing)
    for name in sorted(names):
        if wanted and _plain(name.rpartition("/")[2]) == wanted:
            return name
    return ""


def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _not_offered(vm: PlanVm, backing: str, name: str, permitted: Sequence[str] | None) -> Constraint:
    offered = "nobody knows which are permitted" if permitted is None else f"permitted are {', '.join(sorted(permitted)) or 'none'}"
    what = f"{backing} ({name})" if name else backing
    return Constraint(
        "device_not_offered",
        backing,
        f"{vm.name} has the device {what}, which the target does not permit for VMs: {offered}",
        "permit the device (permittedHostDevices of HyperConverged), or name the resource that stands for it",
        "plan_fit.devices",
    )
