# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accelerators part: what it wants of the cluster, what it waits for, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...common.artifact import JsonRecord
from ...common.findings import CheckFinding
from ...common.write_findings import CHANGED, FAIL, IN_STEP, MISSING, NOT_EVALUATED, PASS, listed
from ..desired.model import CONTAINER, DRA, DeviceRequest
from ..parts import Context, PartPlan, joined
from .amd import plan_amd
from .check_list import check
from .classes import classes_of
from .closure import closure_findings
from .fleet import fleet_of
from .forecast import forecast, restart_findings
from .gaudi import plan_gaudi
from .host_settings import host_findings
from .intel import plan_intel
from .machine_config import plan_machine_configs
from .model import Fleet, Resolution
from .modes import conflicts
from .nfd import plan_nfd, vendors_on
from .node_labels import held_nodes, plan_node_labels
from .nvidia import plan_nvidia
from .partitions import partition_findings
from .records import forecast_record, group_record, request_record
from .requests import resolved_requests
from .site import PATH, Site, names_of, site_of
from .virtual_machines import plan_virtual_machines

_COMING: Final = "apply the document: the operators of the vendor make the devices known; where they run already, see the nodes of the pool"


def plan_accelerators(context: Context) -> PartPlan:
    """The part's plan; empty where the document has no accelerators."""
    site = site_of(context)
    if site is None:
        return PartPlan()
    refused = tuple(conflicts(site))
    plan = joined(
        plan_nfd(site),
        plan_nvidia(site),
        plan_amd(site),
        plan_intel(site),
        plan_gaudi(site),
        plan_virtual_machines(site),
        plan_machine_configs(site),
        plan_node_labels(site),
    )
    fleet = (
        context.fleet if context.fleet.groups or context.fleet.unknown else fleet_of(context.snapshot, context.desired, context.catalogue)
    )
    found = forecast(plan.objects, context.snapshot)
    resolved = resolved_requests(site, fleet)
    judged = (
        *refused,
        *partition_findings(site),
        *host_findings(site),
        *closure_findings(site, (wanted.object for wanted in plan.objects)),
        *_devices(fleet),
        *_pools_without_devices(site),
        *_requests(site, resolved),
        *restart_findings(found),
    )
    records = (*map(group_record, fleet.groups), *_request_records(site, resolved), *map(forecast_record, found))
    return joined(plan, PartPlan(findings=judged, records=records, held=held_nodes(context.snapshot)))


# ---- findings --------------------------------------------------------------------------------------------------------


def _devices(fleet: Fleet) -> Iterator[CheckFinding]:
    if fleet.unknown:
        yield check("readable").finding("nodes", NOT_EVALUATED, NOT_EVALUATED, message=fleet.unknown)
        return
    for group in fleet.groups:
        subject = f"devices {group.key}"
        hurt = [f"{node.name}: {node.why_not}" for node in group.nodes if node.allocatable < node.capacity]
        if hurt:
            yield check("devices.healthy").finding(subject, CHANGED, FAIL, message=listed(hurt))
        else:
            yield check("devices.healthy").finding(subject, IN_STEP, PASS)
        if group.memory_gib is None:
            names = listed([node.name for node in group.nodes])
            message = f"neither a label nor the document nor the shipped table tells the memory of {group.resource} on {names}"
            yield check("devices.known").finding(subject, MISSING, NOT_EVALUATED, message=message, path=f"{PATH}.devices")
        else:
            yield check("devices.known").finding(subject, IN_STEP, PASS, message=group.memory_source)


def _pools_without_devices(site: Site) -> Iterator[CheckFinding]:
    """Nodes of a pool that give no device while others do: of a vendor that gives none at all yet the waits for its operator speak."""
    giving = {vendor for node in site.snapshot.all("nodes") for vendor in vendors_on(node)}
    for pool in site.accelerators.pools:
        members = site.members[pool.name]
        if not members or pool.workload != CONTAINER or pool.mode == DRA or pool.vendor not in giving:
            continue
        bare = names_of([node for node in members if pool.vendor not in vendors_on(node)])
        subject, path = f"pool {pool.name}", site.path(pool)
        if bare:
            message = f"{listed(bare)} without any device of {pool.vendor} that pods could get"
            yield check("pool.devices").finding(subject, MISSING, FAIL, message=message, path=path)
        else:
            yield check("pool.devices").finding(subject, IN_STEP, PASS, path=path)


def _requests(site: Site, resolved: dict[str, Resolution]) -> Iterator[CheckFinding]:
    for number, request in enumerate(site.accelerators.requests):
        path, found = f"{PATH}.requests[{number}]", resolved[request.name]
        yield from _request(request, found, path)


def _request(request: DeviceRequest, found: Resolution, path: str) -> Iterator[CheckFinding]:
    subject, possible = f"request {request.name}", check("request.possible")
    if found.refused:
        yield possible.finding(subject, MISSING, FAIL, message=found.refused, path=path)
        return
    if not found.choices:
        more = {"remedy": _COMING} if found.coming else {}
        yield possible.finding(subject, MISSING, NOT_EVALUATED, message=found.not_evaluated, path=path, **more)
        return
    beside = f"; not known: {listed(found.unknown_groups)}" if found.unknown_groups else ""
    names = listed([choice.group for choice in found.choices])
    yield possible.finding(subject, IN_STEP, PASS, message=f"served by {names}{beside}", path=path)
    most = max(choice.fits_empty for choice in found.choices)
    if most < request.replicas:
        message = f"{request.replicas} pods are asked for; of no choice more than {most} fit on the nodes even if nothing else runs"
        yield check("request.replicas").finding(subject, CHANGED, FAIL, message=message, path=path)
    else:
        yield check("request.replicas").finding(subject, IN_STEP, PASS, path=path)


def _request_records(site: Site, resolved: dict[str, Resolution]) -> Iterator[JsonRecord]:
    classes = classes_of(site.context.desired, site.context.catalogue)
    for request in site.accelerators.requests:
        yield request_record(request, classes.get(request.device_class), resolved[request.name])
