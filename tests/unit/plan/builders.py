# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of planning are made of: VMs, disks, adapters and settings with sound defaults, each of them changeable."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timezone
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.plan import model
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings import PlanSettings

VCENTER = "6f1e0c52-0000-4000-8000-000000000001"
START = date(2026, 11, 23)
"""A Monday."""

_DISK = model.PlanDisk(
    key=2000,
    path="",
    datastore="ds-01",
    datastore_id=f"{VCENTER}/datastore-11",
    capacity_bytes=40 * model.GIB,
    used_bytes=20 * model.GIB,
    shared=False,
    rdm=False,
    physical_rdm=False,
    independent=False,
    change_tracking=True,
)
_NIC = model.PlanNic(
    network="VM Network",
    network_id=f"{VCENTER}/network-12",
    mac="00:50:56:00:00:01",
    cidrs=("192.0.2.10/24",),
    ips=("192.0.2.10",),
)
_VM = model.PlanVm(
    id="",
    name="",
    vcenter=VCENTER,
    moref="",
    verdict="ready",
    provisional=False,
    gaps=(),
    failed=(),
    power_state="poweredOn",
    cpu_count=2,
    memory_mib=4096,
    disks=(),
    nics=(),
    cluster="cluster-01",
    cluster_id=f"{VCENTER}/domain-c8",
    host="esx-01.example.com",
    folder="/dc-01/vm",
    vapp="",
    tags=(),
    owner="team-web@example.com",
    application="",
    environment="",
    criticality="",
    downtime_tolerance_minutes=None,
    depends_on=(),
    change_window="",
    change_tracking=True,
    snapshot_count=0,
    guest_os="rhel9_64Guest",
    tools_status="toolsOk",
    tools_running_status="guestToolsRunning",
    guest_networks_known=True,
    connection_state="connected",
    firmware="efi",
    cpu_usage_p95_mhz=None,
    active_memory_p95_mib=None,
    disk_write_average_kib_per_s=None,
    disk_write_p95_kib_per_s=None,
    numa_nodes=(),
    cpu_affinity=(),
    latency_sensitivity="",
    memory_locked=False,
    passthrough=(),
    evc_mode="",
    tpm=False,
    consolidation_needed=False,
    host_moref="host-10",
    encrypted=False,
)


def make_disk(path: str = "[ds-01] vm/vm.vmdk", **changes: Any) -> model.PlanDisk:
    """A disk of 40 GiB, 20 GiB of it used, on ds-01."""
    return replace(_DISK, path=path, **changes)


def make_nic(**changes: Any) -> model.PlanNic:
    """An adapter on VM Network with one IPv4 address."""
    return replace(_NIC, **changes)


def make_vm(name: str = "vm-01", **changes: Any) -> model.PlanVm:
    """A ready VM that is on, with one disk of its own and one adapter; its id is `<vCenter>/<moref>`, its moref `vm-<name>`.

    `id` alone may be given as well: `make_vm("web", id="web")`.
    """
    moref = changes.pop("moref", f"vm-{name}")
    values: dict[str, Any] = {
        "id": f"{changes.get('vcenter', VCENTER)}/{moref}",
        "name": name,
        "moref": moref,
        "disks": (make_disk(f"[ds-01] {name}/{name}.vmdk"),),
        "nics": (make_nic(),),
    }
    return replace(_VM, **{**values, **changes})


def make_settings(**changes: Any) -> PlanSettings:
    """Settings that begin on Monday, 23 November 2026, in UTC, with the defaults for all else."""
    return PlanSettings(**{"start": START, **changes})


def cold(*reasons: str) -> model.MethodChoice:
    """The choice of a cold migration."""
    return model.MethodChoice(model.COLD, reasons)


def warm(*reasons: str) -> model.MethodChoice:
    """The choice of a warm migration."""
    return model.MethodChoice(model.WARM, reasons)


def risk(level: str = model.LOW, points: int | None = None) -> model.Risk:
    """A risk of this level; its points are 0, 50 or 100 unless given."""
    default = {model.LOW: 0, model.MEDIUM: 50, model.HIGH: 100}[level]
    return model.Risk(level, default if points is None else points, ())


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment in UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=timezone.utc)
