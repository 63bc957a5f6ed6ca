# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What vendors need of a cluster beside their own objects: AMD's driver the internal registry and no driver of the kernel's own, VMs an
IOMMU. It is looked at and not made, but for the MachineConfigs that `driver.blacklist` asks for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...common.findings import CheckFinding, Evidence
from ...common.owned_fields import ApiObject
from ...common.write_findings import CHANGED, FAIL, IN_STEP, MISSING, NOT_EVALUATED, PASS, listed
from ...target.objects import labels_of, map_at, text_at, texts_at
from ..desired.model import CONTAINER, VM_PASSTHROUGH, PoolWanted
from .check_list import check
from .machine_config import MODULES, modprobe_names
from .pools import MACHINE_CONFIG_POOLS, MACHINE_CONFIGS, configs_of, pool_of_node, pools_with_role
from .resources import AMD
from .site import Site

REGISTRY: Final = "configs.imageregistry.operator.openshift.io"
_MANAGED: Final = "Managed"
_KEPT_OUT: Final = ("modprobe.blacklist=", "module_blacklist=", "rd.driver.blacklist=")
"""Kernel arguments that keep modules from being loaded."""

IOMMU: Final = ("intel_iommu=on", "amd_iommu=on")


def host_findings(site: Site) -> Iterator[CheckFinding]:
    """All of it."""
    building = [pool for pool in site.pools(AMD) if pool.workload == CONTAINER and pool.driver.managed]
    if building:
        yield _registry(site, building[0])
    for pool in building:
        if not pool.driver.blacklist:
            yield from _blacklist(site, pool)
    for pool in site.accelerators.pools:
        if pool.workload == VM_PASSTHROUGH:
            yield from _iommu(site, pool)


def _registry(site: Site, pool: PoolWanted) -> CheckFinding:
    """Driver images are built in the cluster and pushed to its own registry."""
    one, subject, path = check("amd.registry"), "internal image registry", site.path(pool, "driver.managed")
    if not site.snapshot.known(REGISTRY):
        return one.finding(subject, NOT_EVALUATED, NOT_EVALUATED, message=site.snapshot.why_not(REGISTRY), path=path)
    config = site.snapshot.get(REGISTRY, "", "cluster")
    if config is None:
        message = "the cluster has no image registry of its own, and drivers of AMD are built into it"
        return one.finding(subject, MISSING, FAIL, message=message, path=path)
    state = text_at(config, "spec.managementState") or "(empty)"
    storage = sorted(key for key in map_at(config, "spec.storage") if key != "managementState")
    if state == _MANAGED and storage:
        return one.finding(subject, IN_STEP, PASS, path=path)
    evidence = (
        Evidence("Config cluster", "spec.managementState", state, _MANAGED),
        Evidence("Config cluster", "spec.storage", ", ".join(storage) or "none", "an object store or a volume claim"),
    )
    words = f"it is {state}" if state != _MANAGED else "it has no storage"
    return one.finding(subject, CHANGED, FAIL, message=f"{words}, and drivers of AMD are built into it", evidence=evidence, path=path)


# ---- settings of the nodes -------------------------------------------------------------------------------------------


def _blacklist(site: Site, pool: PoolWanted) -> Iterator[CheckFinding]:
    module = MODULES[AMD]
    lacking = [name for name in _machine_pools(site, pool) if name not in _asked_for(site) and not _keeps_out(site, name, module)]
    message = f"no MachineConfig of {listed(lacking)} has a kernel argument or a file in modprobe.d by whose name {module} is kept out"
    yield from _told(site, pool, "amd.blacklist", "driver.blacklist", message if lacking else "")


def _iommu(site: Site, pool: PoolWanted) -> Iterator[CheckFinding]:
    lacking = [
        name
        for name in _machine_pools(site, pool)
        if not any(set(IOMMU) & set(_arguments(item)) for item in configs_of(site.snapshot, name))
    ]
    message = (
        f"no MachineConfig of {listed(lacking)} has {' or '.join(IOMMU)}: it is not made from here, since it restarts the nodes, and what "
        "their firmware has switched on is not looked at"
    )
    yield from _told(site, pool, "vm.iommu", "workload", message if lacking else "")


def _told(site: Site, pool: PoolWanted, word: str, key: str, message: str) -> Iterator[CheckFinding]:
    one, subject, path = check(word), f"pool {pool.name}", site.path(pool, key)
    needed = ("nodes", MACHINE_CONFIG_POOLS, MACHINE_CONFIGS)
    if not site.snapshot.known(*needed):
        yield one.finding(subject, NOT_EVALUATED, NOT_EVALUATED, message=site.snapshot.why_not(*needed), path=path)
    elif message:
        yield one.finding(subject, MISSING, FAIL, message=message, path=path)
    elif _machine_pools(site, pool):
        yield one.finding(subject, IN_STEP, PASS, path=path)
    elif site.members[pool.name]:
        words = "its nodes are in no MachineConfigPool, so that nobody can say what their kernels are told"
        yield one.finding(subject, NOT_EVALUATED, NOT_EVALUATED, message=words, path=path)


def _machine_pools(site: Site, pool: PoolWanted) -> list[str]:
    """MachineConfigPools of a pool's nodes."""
    pools = site.snapshot.all(MACHINE_CONFIG_POOLS)
    return sorted({pool_of_node(labels_of(node), pools) for node in site.members[pool.name]} - {""})


def _asked_for(site: Site) -> set[str]:
    """MachineConfigPools that a MachineConfig of the document itself reaches."""
    pools = site.snapshot.all(MACHINE_CONFIG_POOLS)
    asking = [pool for pool in site.pools(AMD) if pool.driver.blacklist]
    return {name for pool in asking for role in _machine_pools(site, pool) for name in pools_with_role(role, pools)}


def _keeps_out(site: Site, machine_pool: str, module: str) -> bool:
    for item in configs_of(site.snapshot, machine_pool):
        arguments = (words.partition("=")[2].split(",") for words in _arguments(item) if words.startswith(_KEPT_OUT))
        if any(module in names for names in arguments) or any(module in name for name in modprobe_names(item)):
            return True
    return False


def _arguments(item: ApiObject) -> list[str]:
    """Kernel arguments of a MachineConfig, one by one: an entry may hold several."""
    return [word for entry in texts_at(item, "spec.kernelArguments") for word in entry.split()]
