# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conflicts between pools, and between pools and what is there: what the API would take and what nevertheless cannot work.

Each is a finding of its own with the reason; while one of them fails nothing of the document is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ...common.findings import CheckFinding, Evidence
from ...common.owned_fields import ApiObject
from ...common.write_findings import CHANGED, FAIL, IN_STEP, MISSING, NOT_EVALUATED, PASS, Policy, is_ours, listed
from ...target.objects import at, labels_of, map_at, name_of, namespace_of, text_at
from ..desired.model import (
    CONTAINER,
    DRA,
    MIG_MIXED,
    MIG_SINGLE,
    PARTITION,
    TIME_SLICED,
    VM_PASSTHROUGH,
    VM_VGPU,
    WHOLE,
    PoolWanted,
)
from . import amd, nvidia
from .check_list import PART, check
from .nfd import vendors_on
from .pools import has_labels, pools_of
from .resources import AMD, AMD_PARTITIONABLE, MIG_CAPABLE, NVIDIA, is_made_by_operands
from .site import Site, names_of

PCI_FORM: Final = re.compile(r"[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}")
_UNEVEN: Final = "all-balanced"
"""Profile of NVIDIA's own that cuts a device into slices of several sizes."""


def conflicts(site: Site) -> Iterator[CheckFinding]:
    """All conflicts; and for each pool without any that it passed."""
    found = [*_settings(site), *_devices(site), *_nodes(site), *_nvidia(site), *_amd(site)]
    yield from found
    named = {finding.subject for finding in found}
    for pool in site.accelerators.pools:
        if f"pool {pool.name}" not in named:
            yield check("pool.settings").finding(f"pool {pool.name}", IN_STEP, PASS, path=site.path(pool))


def _refused(site: Site, word: str, pool: PoolWanted, message: str, *evidence: Evidence, key: str = "") -> CheckFinding:
    return check(word).finding(f"pool {pool.name}", CHANGED, FAIL, message=message, evidence=evidence, path=site.path(pool, key))


# ---- a pool by itself ------------------------------------------------------------------------------------------------


def _settings(site: Site) -> Iterator[CheckFinding]:
    for pool in site.accelerators.pools:
        problems = list(contradictions(pool))
        if problems:
            evidence = (Evidence(f"pool {pool.name}", key, given, allowed) for key, given, allowed, _message in problems)
            yield _refused(site, "pool.settings", pool, "; ".join(message for *_others, message in problems), *evidence, key=problems[0][0])


def _devices(site: Site) -> Iterator[CheckFinding]:
    """Selectors that have two resource names: only one of the two entries would count. Case makes no difference in PCI ids."""
    first: dict[tuple[str, str], tuple[PoolWanted, str]] = {}
    for pool in site.accelerators.pools:
        for device in pool.host_devices:
            selector = device.selector.upper() if PCI_FORM.fullmatch(device.selector) else device.selector
            other, resource = first.setdefault((pool.workload, selector), (pool, device.resource))
            if resource != device.resource:
                message = f"{device.selector} is {resource} in pool {other.name} and {device.resource} in pool {pool.name}"
                evidence = Evidence(f"pool {pool.name}", "host_devices", device.resource, resource)
                yield _refused(site, "vm.devices", pool, message, evidence, key="host_devices")


def contradictions(pool: PoolWanted) -> Iterator[tuple[str, str, str, str]]:
    """What the document allows and nothing here can set up: key, what it is, what is allowed, and the reason."""
    if pool.mode == DRA and pool.vendor == NVIDIA:
        reason = "NVIDIA's way to claim devices needs a driver that is installed apart from the ClusterPolicy; it is not set up from here"
        yield "mode", pool.mode, f"{WHOLE}, {TIME_SLICED}, {MIG_SINGLE}, {MIG_MIXED}", reason
    for key in sorted(pool.nodes):
        if is_made_by_operands(key, pool.vendor, pool.workload):
            reason = f"label {key} is there only while the vendor's own labeller runs, which such a pool decides about"
            yield "nodes", key, "a label of Node Feature Discovery, or one of your own", reason
    for device in pool.host_devices:
        is_pci = PCI_FORM.fullmatch(device.selector) is not None
        if is_pci != (pool.workload == VM_PASSTHROUGH):
            allowed = "vendor and device id such as 10DE:26B9" if pool.workload == VM_PASSTHROUGH else "name of a mediated device"
            yield "host_devices", device.selector, allowed, f"{device.selector} is not what a pool for {pool.workload} selects devices by"


# ---- pools on the live nodes -----------------------------------------------------------------------------------------


def _nodes(site: Site) -> Iterator[CheckFinding]:
    if not site.snapshot.known("nodes"):
        reason = site.snapshot.why_not("nodes")
        yield check("readable").finding("nodes", NOT_EVALUATED, NOT_EVALUATED, message=reason)
        return
    shared: dict[tuple[str, str, str], list[str]] = {}
    for node in site.snapshot.all("nodes"):
        owners = pools_of(site.accelerators, labels_of(node))
        for word, first, second in _clashes(owners):
            shared.setdefault((word, first.name, second.name), []).append(name_of(node))
    by_name = {pool.name: pool for pool in site.accelerators.pools}
    for (word, one, other), names in sorted(shared.items()):
        pool = by_name[one]
        yield _refused(site, word, pool, f"{listed(sorted(names))} in pool {one} and in pool {other}: {_why(word, pool, by_name[other])}")
    for pool in site.accelerators.pools:
        yield from _of_pool(site, pool)


def _clashes(owners: list[PoolWanted]) -> Iterator[tuple[str, PoolWanted, PoolWanted]]:
    """Pairs of pools on one node, each with the most telling check that they fail."""
    for place, first in enumerate(owners):
        for second in owners[place + 1 :]:
            if first.vendor != second.vendor:
                yield "pool.vendors", first, second
            elif first.workload != second.workload:
                yield "pool.workloads", first, second
            elif DRA in (first.mode, second.mode) and first.mode != second.mode:
                yield "pool.dra", first, second
            elif first.mode != second.mode or first.mig_profile != second.mig_profile or first.replicas != second.replicas:
                yield "pool.modes", first, second
            else:
                yield "pool.overlap", first, second


def _why(word: str, first: PoolWanted, second: PoolWanted) -> str:
    pair = {
        "pool.vendors": (first.vendor, second.vendor),
        "pool.workloads": (first.workload, second.workload),
        "pool.dra": (first.mode, second.mode),
        "pool.modes": (_mode_of(first), _mode_of(second)),
    }.get(word)
    return f"{pair[0]} and {pair[1]} on one node" if pair else "a node has the settings of one pool"


def _mode_of(pool: PoolWanted) -> str:
    detail = pool.mig_profile or pool.partition_profile or (f"{pool.replicas} pods per device" if pool.replicas else "")
    return f"{pool.mode} ({detail})" if detail else pool.mode


def _of_pool(site: Site, pool: PoolWanted) -> Iterator[CheckFinding]:
    nodes = site.members[pool.name]
    if not nodes:
        labels = listed([f"{key}={value if isinstance(value, str) else '|'.join(value)}" for key, value in sorted(pool.nodes.items())])
        yield check("pool.empty").finding(
            f"pool {pool.name}", MISSING, FAIL, message=f"no node of its own has {labels}", path=site.path(pool)
        )
    others = {name_of(node): sorted(vendors_on(node) - {pool.vendor}) for node in nodes}
    if strange := {name: vendors for name, vendors in sorted(others.items()) if vendors}:
        vendors = listed(sorted({vendor for each in strange.values() for vendor in each}))
        yield _refused(site, "pool.vendors", pool, f"{listed(list(strange))} with accelerators of {vendors} in a pool of {pool.vendor}")


# ---- NVIDIA ----------------------------------------------------------------------------------------------------------


def _nvidia(site: Site) -> Iterator[CheckFinding]:
    pools = site.pools(NVIDIA)
    if not pools:
        return
    yield from _policies(site, pools[0])
    mig = [pool for pool in pools if pool.mode in (MIG_SINGLE, MIG_MIXED)]
    if len({pool.mode for pool in mig}) > 1:
        names = listed([f"{pool.name} ({pool.mode})" for pool in mig])
        yield _refused(site, "nvidia.mig_strategy", mig[0], f"pools {names}: the ClusterPolicy has one strategy for all nodes")
    for pool in mig:
        if pool.mode == MIG_SINGLE and pool.mig_profile == _UNEVEN:
            message = f"{_UNEVEN} makes slices of several sizes, and mig_single hands all of them out under one name"
            yield _refused(site, "nvidia.mig_strategy", pool, message, key="mig_profile")
        unable = names_of([node for node in site.members[pool.name] if labels_of(node).get(MIG_CAPABLE) == "false"])
        if unable:
            yield _refused(
                site, "nvidia.mig_capable", pool, f"{listed(unable)} with devices that cannot be partitioned ({MIG_CAPABLE}=false)"
            )
    yield from _drivers(site, pools)
    yield from _taken_over(site, pools[0])


def _taken_over(site: Site, pool: PoolWanted) -> Iterator[CheckFinding]:
    """A ClusterPolicy of others says how all nodes are driven: nodes that the document does not speak of would be driven otherwise."""
    policies = [item for item in site.snapshot.all(nvidia.RESOURCE) if not is_ours(item, Policy(f"platform-{PART}"))]
    nodes = [node for node in site.snapshot.all("nodes") if nvidia.is_driven(node) and not pools_of(site.accelerators, labels_of(node))]
    if policies and nodes:
        message = f"ClusterPolicy {name_of(policies[0])} is not ours and drives {listed(names_of(nodes))} too, which no pool speaks of"
        evidence = Evidence(f"ClusterPolicy {name_of(policies[0])}", "metadata.labels", "not ours", "ours, or every node in a pool")
        yield _refused(site, "nvidia.undeclared", pool, message, evidence)


def _drivers(site: Site, pools: list[PoolWanted]) -> Iterator[CheckFinding]:
    on_containers = [pool for pool in pools if pool.workload == CONTAINER]
    wanted = {(pool.driver.managed, pool.driver.version if pool.driver.managed else "") for pool in on_containers}
    if len(wanted) > 1:
        names = listed([f"{pool.name} ({_driver_of(pool)})" for pool in on_containers])
        yield _refused(site, "nvidia.driver", on_containers[0], f"pools {names}: the ClusterPolicy has one driver for all nodes")
    for pool in pools:
        if pool.workload == VM_VGPU and not all(nvidia.image_parts(pool.driver.image)):
            message = "virtual GPUs need the vGPU manager, whose image only its vendor hands out"
            yield _refused(site, "nvidia.vgpu_manager", pool, message, key="driver.image")


def _driver_of(pool: PoolWanted) -> str:
    return (pool.driver.version or "the operator's default") if pool.driver.managed else "not managed"


def _policies(site: Site, pool: PoolWanted) -> Iterator[CheckFinding]:
    if not site.snapshot.known(nvidia.RESOURCE):
        reason = site.snapshot.why_not(nvidia.RESOURCE)
        yield check("nvidia.single").finding(nvidia.KIND, NOT_EVALUATED, NOT_EVALUATED, message=reason)
        return
    there = site.snapshot.all(nvidia.RESOURCE)
    if len(there) > 1:
        seen = [Evidence(f"{nvidia.KIND} {name_of(item)}", "status.state", text_at(item, "status.state"), "one of them") for item in there]
        names = listed(sorted(name_of(item) for item in there))
        message = f"{names} are there: the operator obeys one and ignores the others"
        yield check("nvidia.single").finding(nvidia.KIND, CHANGED, FAIL, message=message, evidence=tuple(seen), path=site.path(pool))
    for item in there:
        default = text_at(item, "spec.migManager.config.default")
        if default not in ("", nvidia.ALL_DISABLED):
            subject = f"{nvidia.KIND} {name_of(item)}"
            seen_default = Evidence(subject, "spec.migManager.config.default", default, nvidia.ALL_DISABLED)
            message = f"it partitions every node without a label by {default}: to change that would take their partitions away"
            yield check("nvidia.mig_default").finding(
                subject, CHANGED, FAIL, message=message, evidence=(seen_default,), path=site.path(pool)
            )


# ---- AMD -------------------------------------------------------------------------------------------------------------


def _amd(site: Site) -> Iterator[CheckFinding]:
    for pool in site.pools(AMD):
        if pool.mode == PARTITION:
            yield from _partitions(site, pool)
    if site.pools(AMD):
        yield from _other_configs(site)


def _partitions(site: Site, pool: PoolWanted) -> Iterator[CheckFinding]:
    nodes = site.members[pool.name]
    unable = names_of([node for node in nodes if labels_of(node).get(AMD_PARTITIONABLE) == "false"])
    if unable:
        message = f"{listed(unable)} with devices that cannot be partitioned ({AMD_PARTITIONABLE}=false)"
        yield _refused(site, "amd.partitionable", pool, message)
    if not amd.PROFILE_FORM.fullmatch(pool.partition_profile):
        message = f"{pool.partition_profile or 'no profile'} is no profile of the form <compute>_<memory>"
        yield _refused(site, "amd.profile", pool, message, key="partition_profile")
    elif nodes and not amd.devices_per_node(site, pool):
        message = f"its nodes do not have equally many devices, or nobody knows how many: {listed(names_of(nodes))}"
        yield check("amd.profile").finding(
            f"pool {pool.name}", MISSING, NOT_EVALUATED, message=message, path=site.path(pool), refuses=False
        )


def _other_configs(site: Site) -> Iterator[CheckFinding]:
    """DeviceConfigs beside those of the document that select nodes of its pools."""
    if not site.snapshot.known(amd.RESOURCE):
        reason = site.snapshot.why_not(amd.RESOURCE)
        yield check("amd.overlap").finding(amd.KIND, NOT_EVALUATED, NOT_EVALUATED, message=reason)
        return
    _awaits, namespace = site.namespace_of(AMD, amd.RESOURCE, amd.GROUP, amd.KIND, amd.RESOURCE)
    own = {name_of(item) for pool in site.pools(AMD) for item in amd.device_configs(site, pool, namespace)}
    for item in site.snapshot.all(amd.RESOURCE):
        if namespace_of(item) == namespace and name_of(item) in own:
            continue
        selector = {str(key): str(value) for key, value in map_at(item, "spec.selector").items()}
        for pool in site.pools(AMD):
            names = names_of([node for node in site.members[pool.name] if has_labels(labels_of(node), selector)])
            if names:
                yield _overlap(site, pool, item, names)


def _overlap(site: Site, pool: PoolWanted, item: ApiObject, names: list[str]) -> CheckFinding:
    subject = f"{amd.KIND} {namespace_of(item)}/{name_of(item)}"
    claims = bool(at(item, "spec.draDriver.enable"))
    if claims != (pool.mode == DRA):
        ways = ("dynamic resource allocation", "a device plugin")
        mine, theirs = ways if pool.mode == DRA else ways[::-1]
        return _refused(
            site, "pool.dra", pool, f"{subject} hands out the devices of {listed(names)} through {theirs}, the pool through {mine}"
        )
    return _refused(site, "amd.overlap", pool, f"{subject} selects {listed(names)} as well")
