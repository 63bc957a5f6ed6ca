# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MachineConfigs that keep the kernel's own driver off the accelerators of a pool. They restart every node of their role."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import Final

from ...common.findings import CheckFinding
from ...common.owned_fields import ApiObject
from ...common.write_findings import MISSING, NOT_EVALUATED
from ...target.objects import labels_of, maps_at, text_at, texts_at
from ..folding import MODPROBE_FOLDER, MODPROBE_KEY
from ..parts import CLUSTER_WIDE, PartPlan, WantedObject
from .check_list import check
from .pools import MACHINE_CONFIG_GROUP, MACHINE_CONFIG_POOLS, ROLE_LABEL, pool_of_node, pools_with_role
from .resources import AMD, NVIDIA
from .site import Site, wanted

MODULES: Final = {AMD: "amdgpu", NVIDIA: "nouveau"}
"""Vendor to the module of the kernel's own driver."""


def plan_machine_configs(site: Site) -> PartPlan:
    """A MachineConfig for each vendor and role whose pools ask for it."""
    asking = [pool for pool in site.accelerators.pools if pool.driver.blacklist and pool.vendor in MODULES]
    if not asking:
        return PartPlan()
    if not site.snapshot.known(MACHINE_CONFIG_POOLS):
        reason = site.snapshot.why_not(MACHINE_CONFIG_POOLS)
        found = check("restart.known").finding("MachineConfigPools", NOT_EVALUATED, NOT_EVALUATED, message=reason)
        return PartPlan(findings=(found,))
    roles: dict[tuple[str, str], str] = {}
    for pool in asking:
        for role in _roles(site, pool.name):
            roles.setdefault((role, pool.vendor), site.path(pool, "driver.blacklist"))
    objects = tuple(_config(role, vendor, path) for (role, vendor), path in sorted(roles.items()))
    return PartPlan(objects, findings=tuple(_without_role(site, [pool.name for pool in asking])))


def _roles(site: Site, pool: str) -> list[str]:
    """Roles of a pool's nodes: names of the MachineConfigPools that restart them and take MachineConfigs of that role."""
    pools = site.snapshot.all(MACHINE_CONFIG_POOLS)
    names = {pool_of_node(labels_of(node), pools) for node in site.members[pool]}
    return sorted(name for name in names if name and name in pools_with_role(name, pools))


def _without_role(site: Site, pools: list[str]) -> Iterator[CheckFinding]:
    for pool in pools:
        if site.members[pool] and not _roles(site, pool):
            message = "no MachineConfigPool has its nodes, so that the kernel's own driver cannot be kept out by a MachineConfig"
            yield check("restart.known").finding(f"pool {pool}", MISSING, NOT_EVALUATED, message=message)


def _config(role: str, vendor: str, path: str) -> WantedObject:
    module = MODULES[vendor]
    return wanted(blacklist(role, module), path, rank=CLUSTER_WIDE)


def blacklist(role: str, module: str) -> ApiObject:
    """The MachineConfig that keeps a kernel module from being loaded."""
    content = b64encode(f"blacklist {module}\n".encode()).decode()
    file = {
        "path": f"/etc/modprobe.d/{module}-blacklist.conf",
        "mode": 0o644,
        "overwrite": True,
        "contents": {"source": f"data:text/plain;base64,{content}"},
    }
    config = {"ignition": {"version": "3.2.0"}, "storage": {"files": [file]}}
    metadata = {"name": f"99-{role}-{module}-blacklist", "labels": {ROLE_LABEL: role}}
    return {"apiVersion": f"{MACHINE_CONFIG_GROUP}/v1", "kind": "MachineConfig", "metadata": metadata, "spec": {"config": config}}


def modprobe_names(item: ApiObject) -> list[str]:
    """Names of the files in modprobe.d that a MachineConfig writes; what they say is not looked at."""
    paths = (text_at(file, "path") for file in maps_at(item, "spec.config.storage.files"))
    known = texts_at(item, f"spec.config.{MODPROBE_KEY}")
    return sorted({*known, *(path.removeprefix(MODPROBE_FOLDER) for path in paths if path.startswith(MODPROBE_FOLDER))})
