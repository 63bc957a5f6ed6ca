# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices that VMs may use: they have to be permitted in the HyperConverged object, entry by entry beside those of others."""

from __future__ import annotations

from typing import Any, Final

from ...common.owned_fields import ApiObject
from ...common.write_findings import FIELDS, MISSING, NOT_EVALUATED
from ...target.objects import name_of, namespace_of
from ..desired.model import CONTAINER, VM_PASSTHROUGH, PoolWanted
from ..parts import PartPlan
from .check_list import check
from .fleet import HYPERCONVERGED
from .site import PATH, Site, wanted

GROUP, KIND = "hco.kubevirt.io", "HyperConverged"
_PERMITTED: Final = "permittedHostDevices"


def plan_virtual_machines(site: Site) -> PartPlan:
    """The entries of the document's pools in the HyperConverged object that is there."""
    pools = [pool for pool in site.accelerators.pools if pool.workload != CONTAINER]
    if not pools:
        return PartPlan()
    path = site.path(pools[0], "host_devices")
    one = check("vm.permitted")
    if not site.snapshot.known(HYPERCONVERGED):
        reason = site.snapshot.why_not(HYPERCONVERGED)
        return PartPlan(findings=(one.finding(KIND, NOT_EVALUATED, NOT_EVALUATED, message=reason, path=path),))
    there = site.snapshot.all(HYPERCONVERGED)
    version = site.snapshot.version_of(GROUP, KIND, "v1", "v1beta1")
    if not there or not version:
        message = f"no {KIND} is there, so that no VM can be given the devices of pool {pools[0].name}"
        return PartPlan(findings=(one.finding(KIND, MISSING, "fail", message=message, path=path),))
    return PartPlan((wanted(permitted(there[0], version, pools), f"{PATH}.pools", claim=FIELDS),))


def permitted(live: ApiObject, version: str, pools: list[PoolWanted]) -> ApiObject:
    """The HyperConverged with nothing but our entries. Devices are handed out by the plugin of their vendor's operator."""
    lists: dict[str, dict[str, dict[str, Any]]] = {"pciHostDevices": {}, "mediatedDevices": {}}
    for pool in pools:
        key, name = ("pciHostDevices", "pciDeviceSelector") if pool.workload == VM_PASSTHROUGH else ("mediatedDevices", "mdevNameSelector")
        for device in pool.host_devices:
            same = device.selector.upper() if pool.workload == VM_PASSTHROUGH else device.selector
            lists[key][same] = {name: device.selector, "resourceName": device.resource, "externalResourceProvider": True}
    found = {key: [entries[selector] for selector in sorted(entries)] for key, entries in lists.items() if entries}
    spec = {_PERMITTED: found}
    metadata = {"name": name_of(live), "namespace": namespace_of(live)}
    inner = {"virtualization": spec} if version == "v1" else spec
    return {"apiVersion": f"{GROUP}/{version}", "kind": KIND, "metadata": metadata, "spec": inner}
