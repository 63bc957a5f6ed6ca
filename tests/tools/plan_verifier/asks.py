# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What VMs request of the target, reckoned again: pods by KubeVirt's formulas, volumes by Forklift's, devices and CPU baselines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from typing import Any, Final

from .evidence import Record
from .wishes import is_like
from .world import Vm, World

MIB: Final = 1 << 20
GIB: Final = 1 << 30
LAUNCHER: Final = 220 * MIB
PASSTHROUGH: Final = ("VirtualPCIPassthrough", "VirtualSCSIPassthrough")
PAGES: Final = {"2Mi": 2 * MIB, "1Gi": GIB}
INTEL: Final = (
    ("intel-merom", "Conroe"),
    ("intel-penryn", "Penryn"),
    ("intel-nehalem", "Nehalem"),
    ("intel-westmere", "Westmere"),
    ("intel-sandybridge", "SandyBridge"),
    ("intel-ivybridge", "IvyBridge"),
    ("intel-haswell", "Haswell"),
    ("intel-broadwell", "Broadwell"),
    ("intel-skylake", "Skylake-Server"),
    ("intel-cascadelake", "Cascadelake-Server"),
    ("intel-icelake", "Icelake-Server"),
    ("intel-sapphirerapids", "SapphireRapids"),
)
AMD: Final = (
    ("amd-bulldozer", "Opteron_G4"),
    ("amd-piledriver", "Opteron_G5"),
    ("amd-zen", "EPYC"),
    ("amd-zen2", "EPYC-Rome"),
    ("amd-zen3", "EPYC-Milan"),
    ("amd-zen4", "EPYC-Genoa"),
)


@dataclass(frozen=True, slots=True)
class Ask:
    """What a VM requests."""

    cpu: int
    memory: int
    vcpus: int
    dedicated: bool
    numa: int
    vendor: str
    models: tuple[str, ...]
    """models of which its node has to offer one; empty where none is asked for"""
    extra: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume of a VM; `shared` where another VM of the estate has the same disk."""

    storage_class: str
    access_mode: str
    volume_mode: str
    bytes: int
    shared: bool


def baseline(evc: str) -> tuple[str, tuple[str, ...]]:
    """The vendor of an EVC baseline, and the models that meet it: its own and later ones."""
    key = evc.strip().lower()
    for vendor, table in (("Intel", INTEL), ("AMD", AMD)):
        keys = [entry[0] for entry in table]
        if key in keys:
            return vendor, tuple(model for _key, model in table[keys.index(key) :])
    return {"intel": "Intel", "amd": "AMD"}.get(key.partition("-")[0], ""), ()


def ask_of(world: World, vm: Vm) -> Ask | None:
    """What a VM requests; None where its size is not known."""
    record, policy = vm.record, world.wishes.fit
    vcpus, memory = record.get("cpu_count"), record.get("memory_mib")
    if not vcpus or not memory or vcpus < 0 or memory < 0:
        return None
    hco = world.target.one("virtualization") if world.target else {}
    ratio = float(policy.get("cpu_overcommit") or hco.get("cpu_allocation_ratio") or 10)
    percent = (
        round(float(policy["memory_overcommit"]) * 100) if policy.get("memory_overcommit") else hco.get("memory_overcommit_percent") or 100
    )
    numa = len(set(record.get("numa_node_affinity", ())))
    dedicated = record.get("latency_sensitivity", "").lower() == "high" or numa > 0
    page = str(policy.get("hugepages") or "") if numa else ""
    devices = devices_of(world, vm)
    guest = memory * MIB
    cpu = vcpus * 1000 if dedicated else ceil(Fraction(vcpus * 1000) / Fraction(str(ratio)))
    requested = guest if dedicated or page else guest * 100 // percent
    if policy.get("basis") == "p95" and not dedicated and not devices:
        cpu, requested = _p95(record, policy, cpu, requested, ratio)
    overhead = requested // 512 + LAUNCHER + 8 * MIB + 32 * MIB + 8 * MIB * max(vcpus, 1)
    overhead += GIB * bool(devices) + 53 * MIB * (record.get("tpm_present") is True) + 100 * MIB * dedicated
    vendor, models = baseline(record.get("evc_mode_required", "")) if policy.get("cpu_baseline") != "ignore" else ("", ())
    extra = dict(devices)
    if page:
        extra[f"hugepages-{page}"] = ceil(guest / PAGES[page]) * PAGES[page]
    return Ask(cpu, overhead if page else requested + overhead, vcpus, dedicated, numa, vendor, models, extra)


def _p95(record: Record, policy: Mapping[str, Any], cpu: int, requested: int, ratio: float) -> tuple[int, int]:
    used, active = record.get("cpu_usage_p95_mhz"), record.get("active_memory_p95_mib")
    if used is not None:
        core = float(policy.get("core_mhz") or 2400)
        cpu = min(max(ceil(used * 1000 / core), ceil(1000 / ratio)), record["cpu_count"] * 1000)
    if active is not None:
        wanted = max(ceil(active * 120 / 100), ceil(record["memory_mib"] / 4))
        requested = min(wanted, record["memory_mib"]) * MIB
    return cpu, requested


def devices_of(world: World, vm: Vm) -> dict[str, int]:
    """Host devices by resource name, by the user's word or by their own names; those that lead nowhere are left out."""
    hco = world.target.one("virtualization") if world.target else {}
    found: dict[str, int] = {}
    for device in vm.record.get("devices", ()):
        if device.get("kind") not in PASSTHROUGH:
            continue
        backing = str(device.get("backing") or device.get("label") or device["kind"])
        given = world.wishes.fit.get("devices") or {}
        name = next((str(given[key]) for key in sorted(given) if is_like(backing, str(key))), "")
        alike = [one for one in sorted(hco.get("permitted_host_devices", ())) if _plain(one.rpartition("/")[2]) == _plain(backing)]
        name = name or (alike[0] if alike else "")
        if name:
            found[name] = found.get(name, 0) + 1
    return found


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def volumes_of(world: World, vm: Vm) -> list[Volume]:
    """The volumes of a VM's disks, each by the class that the plan's mapping names."""
    found = []
    for disk in vm.disks:
        choice = world.plan.kind("storage").get(world.datastore(vm, disk), {})
        if choice.get("storage_class") and disk.get("capacity_bytes"):
            size = volume_bytes(world, disk["capacity_bytes"], choice)
            modes = choice.get("access_mode", ""), choice.get("volume_mode", "")
            same = (vm.vcenter or f"host {vm.record.get('host', '')}", disk.get("path", ""))
            shared = len(world.shared_disks().get(same, ())) > 1 or (not vm.vcenter and ("", same[1]) in world.shared_disks())
            found.append(Volume(choice["storage_class"], *modes, size, shared))
    return found


def volume_bytes(world: World, capacity: int, choice: Record) -> int:
    """Bytes of a claim: whole MiB, and a file system's overhead where the volume has one."""
    aligned = ceil(capacity / MIB) * MIB
    if choice.get("volume_mode") == "Block":
        return aligned
    toolkit, hco = (world.target.one(name) if world.target else {} for name in ("migration_toolkit", "virtualization"))
    by_class = hco.get("filesystem_overheads", {}).get(choice["storage_class"])
    cdi = Fraction(str(by_class if by_class is not None else hco.get("filesystem_overhead", 0.055)))
    overhead = max(Fraction(toolkit.get("filesystem_overhead_percent", 10), 100), cdi)
    return ceil(aligned / (1 - overhead))
