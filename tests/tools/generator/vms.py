# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the sketch of a VM to its record with every fact that a vCenter knows.

A sketch says what is particular about a VM, its `traits` above all; the rest follows from it and from a random
generator that belongs to this VM alone, so that no VM depends on how many others there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from .further import vm_further
from .guests import GUESTS, GuestOs
from .layout import GIB, MIB, ClusterPlan, HostPlan, Record, Site, stable_hex, uuid_of, vm_moref

UNITS_PER_CONTROLLER = 64
TOOLS_VERSION = "12389"


@dataclass(frozen=True, slots=True)
class SharedDisk:
    """A disk that several VMs have: its file, its size, and how it is shared."""

    path: str
    gib: int
    lun_id: str = ""
    bus_sharing: str = "noSharing"
    sharing: str = "sharingMultiWriter"


@dataclass(slots=True)
class Sketch:
    """What is particular about one VM."""

    number: int
    name: str
    guest: str
    cluster: ClusterPlan
    host: HostPlan
    cpu: int = 2
    memory_gib: int = 8
    disks_gib: tuple[int, ...] = (60,)
    networks: tuple[int, ...] = (0,)
    traits: frozenset[str] = frozenset()
    folder: str = "Servers"
    pool: str = "Resources"
    power: str = "poweredOn"
    vapp: str = ""
    hostname: str = ""
    """Host name in the guest; made from the name when empty."""
    notes: str = ""
    created_at: str = "2021-03-09T08:15:00Z"
    powered_on_at: str = "2026-05-17T02:10:00Z"
    shared: tuple[SharedDisk, ...] = ()
    tags: tuple[str, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)
    annotations: Record = field(default_factory=dict)


def tools_state(sketch: Sketch) -> str:
    """What VMware Tools does in this VM."""
    traits = sketch.traits
    if "no_tools" in traits:
        return "toolsNotInstalled"
    if sketch.power != "poweredOn" or "tools_stopped" in traits:
        return "toolsNotRunning"
    return "toolsOld" if "tools_old" in traits else "toolsOk"


def disk_records(sketch: Sketch, guest: GuestOs, rng: Random, store: str) -> list[Record]:
    """The virtual disks, shared ones last."""
    traits = sketch.traits
    tracked = "no_cbt" not in traits
    thin = "thick" not in traits
    encrypted = "encrypted" in traits
    bus = "ide" if "ide" in traits else "scsi"
    first_key, first_controller = (3000, 200) if bus == "ide" else (2000, 1000)
    mode = "independent_persistent" if "independent" in traits else "persistent"
    folder = sketch.name.replace("/", "%2f")
    bits = rng.getrandbits(128)
    disks: list[Record] = []
    for number, gib in enumerate(sketch.disks_gib):
        controller, unit = divmod(number, UNITS_PER_CONTROLLER - 1)
        unit += unit >= 7
        capacity = gib * GIB
        rdm = "rdm" in traits and number == len(sketch.disks_gib) - 1
        own = "" if number == 0 else f"_{number}"
        lost = "no_datastore" in traits and number == len(sketch.disks_gib) - 1
        if "no_capacity" in traits and number == len(sketch.disks_gib) - 1:
            capacity = 0
        disks.append(
            {
                "key": first_key + controller * UNITS_PER_CONTROLLER + unit,
                "label": f"Hard disk {number + 1}",
                "path": f"[] {folder}/{folder}{own}.vmdk" if lost else f"[{store}] {folder}/{folder}{own}.vmdk",
                "datastore": "" if lost else store,
                "capacity_bytes": capacity,
                "used_bytes": capacity * (35 + (bits >> number & 31)) // 100 if thin and not rdm else capacity,
                "thin": thin and not rdm,
                "eagerly_scrub": not thin and number == 0,
                "mode": mode if number else "persistent",
                "sharing": "sharingNone",
                "bus_sharing": "noSharing",
                "bus": bus,
                "controller_key": first_controller + controller,
                "controller": f"{'IDE' if bus == 'ide' else 'SCSI controller'} {controller}",
                "unit_number": unit,
                "rdm": rdm,
                "rdm_compatibility": ("physicalMode" if "rdm_physical" in traits else "virtualMode") if rdm else "",
                "lun_id": f"naa.60002ac0{bits >> 32:024x}"[:36] if rdm else "",
                "uuid": uuid_of(f"6000c29{bits >> 36:023x}{number:02x}"),
                "change_tracking_enabled": tracked and not (number and "disk_no_cbt" in traits),
                "encrypted": encrypted,
            }
        )
    for place, shared in enumerate(sketch.shared):
        disks.append(shared_record(shared, place, len(disks) + 1, tracked))
    return disks


def shared_record(shared: SharedDisk, place: int, number: int, tracked: bool) -> Record:
    """A disk that other VMs have too, on a controller of its own."""
    return {
        "key": 2000 + UNITS_PER_CONTROLLER * 3 + place,
        "label": f"Hard disk {number}",
        "path": shared.path,
        "datastore": shared.path[1 : shared.path.index("]")],
        "capacity_bytes": shared.gib * GIB,
        "used_bytes": shared.gib * GIB,
        "thin": False,
        "eagerly_scrub": True,
        "mode": "independent_persistent" if shared.lun_id else "persistent",
        "sharing": shared.sharing,
        "bus_sharing": shared.bus_sharing,
        "bus": "scsi",
        "controller_key": 1003,
        "controller": "SCSI controller 3",
        "unit_number": place,
        "rdm": bool(shared.lun_id),
        "rdm_compatibility": "physicalMode" if shared.lun_id else "",
        "lun_id": shared.lun_id,
        "uuid": uuid_of("6000c29f" + stable_hex(shared.path)[:24]),
        "change_tracking_enabled": tracked and not shared.lun_id,
        "encrypted": False,
    }


def controller_records(disks: list[Record], guest: GuestOs) -> list[Record]:
    """The disk controllers, worked out from the disks."""
    controllers: dict[int, Record] = {}
    for disk in disks:
        key = disk["controller_key"]
        if key not in controllers:
            kind = (
                "VirtualIDEController"
                if disk["bus"] == "ide"
                else "VirtualLsiLogicSASController"
                if guest.windows
                else "ParaVirtualSCSIController"
            )
            controllers[key] = {
                "key": key,
                "label": disk["controller"],
                "bus": disk["bus"],
                "type": kind,
                "bus_number": key % 100,
                "bus_sharing": disk["bus_sharing"],
            }
    return list(controllers.values())


def nic_records(sketch: Sketch, site: Site, rng: Random, reported: bool) -> list[Record]:
    """The network adapters; addresses only where VMware Tools reports them."""
    number = site.first_number + sketch.number
    on = sketch.power == "poweredOn" and "disconnected" not in sketch.traits
    adapter = "sriov" if "sriov" in sketch.traits else "e1000" if "e1000" in sketch.traits else "vmxnet3"
    nics: list[Record] = []
    for place, index in enumerate(sketch.networks):
        network = sketch.cluster.networks[index % len(sketch.cluster.networks)]
        ips: list[str] = []
        if reported:
            ips = [f"10.{(index * 7 + (number >> 16)) & 255}.{number >> 8 & 255}.{number & 255}"]
            if place == 0 and number % 3 == 0:
                ips.append(f"fe80::250:56ff:fe{number >> 16 & 255:02x}:{number & 65535:x}")
        nics.append(
            {
                "key": 4000 + place,
                "label": f"Network adapter {place + 1}",
                "adapter_type": adapter if place == 0 else "vmxnet3",
                "mac": f"00:50:56:{(number >> 16 & 31) | place << 5:02x}:{number >> 8 & 255:02x}:{number & 255:02x}",
                "mac_type": "assigned",
                "network": network.name,
                "network_id": f"{site.uuid}/{network.moref}",
                "switch": network.switch,
                "connected": on,
                "start_connected": True,
                "ips": ips,
            }
        )
    return nics


def device_records(traits: frozenset[str]) -> list[Record]:
    """Passthrough and other special devices."""
    devices: list[Record] = []
    if "passthrough" in traits:
        devices.append(
            {"key": 13000, "kind": "VirtualPCIPassthrough", "label": "PCI device 0", "backing": "0000:3b:00.0", "connected": True}
        )
    if "vgpu" in traits:
        devices.append(
            {"key": 13001, "kind": "VirtualPCIPassthrough", "label": "PCI device 0", "backing": "grid_a40-8q", "connected": True}
        )
    if "sriov" in traits:
        devices.append(
            {"key": 4000, "kind": "VirtualSriovEthernetCard", "label": "Network adapter 1", "backing": "0000:5e:02.1", "connected": True}
        )
    if "tpm" in traits:
        devices.append({"key": 11000, "kind": "VirtualTPM", "label": "Virtual TPM", "backing": "", "connected": True})
    if "serial" in traits:
        devices.append(
            {
                "key": 9000,
                "kind": "VirtualSerialPort",
                "label": "Serial port 1",
                "backing": "telnet://console.example.com:13370",
                "connected": True,
            }
        )
    return devices


def usb_records(traits: frozenset[str]) -> list[Record]:
    """USB controllers and devices."""
    if "usb" not in traits and "usb_device" not in traits:
        return []
    parts: list[Record] = [{"label": "USB xHCI controller", "kind": "controller", "connected": True}]
    if "usb_device" in traits:
        parts.append({"label": "USB 1", "kind": "device", "connected": True})
    return parts


def media_records(traits: frozenset[str]) -> list[Record]:
    """CD and floppy drives."""
    mounted = "iso" in traits
    media: list[Record] = [
        {
            "label": "CD/DVD drive 1",
            "kind": "cdrom",
            "connected": mounted,
            "start_connected": mounted,
            "backing": "[iso-library] tools/windows.iso" if mounted else "",
        }
    ]
    if "floppy" in traits:
        media.append({"label": "Floppy drive 1", "kind": "floppy", "connected": False, "start_connected": False, "backing": ""})
    return media


def snapshot_records(sketch: Sketch, rng: Random) -> list[Record]:
    """Snapshots: a fresh one of the backup, an old one, or a chain that grew big."""
    traits = sketch.traits
    if "old_snapshot" in traits:
        return [_snapshot("before upgrade", "2024-02-11T21:04:00Z", 48 * GIB)]
    if "big_snapshot" in traits:
        first = _snapshot("before release 7", "2025-06-20T19:30:00Z", 410 * GIB)
        return [first, _snapshot("before release 8", "2026-01-15T19:30:00Z", 260 * GIB, parent="before release 7")]
    if "snapshot" in traits:
        return [_snapshot("Before patching", f"2026-08-{1 + rng.getrandbits(4):02d}T20:00:00Z", (2 + rng.getrandbits(3)) * GIB)]
    return []


def _snapshot(name: str, created_at: str, size: int, parent: str = "") -> Record:
    return {"name": name, "description": "", "created_at": created_at, "size_bytes": size, "quiesced": False, "parent": parent}


def partition_records(sketch: Sketch, guest: GuestOs, disks: list[Record], rng: Random) -> list[Record]:
    """The file systems, as VMware Tools reports them."""
    mapped = "no_disk_keys" not in sketch.traits
    system = disks[0]["capacity_bytes"] if disks else 40 * GIB
    if guest.windows:
        plan = [("C:\\", system, 0)]
        plan += [(f"{chr(67 + number)}:\\", disk["capacity_bytes"], number) for number, disk in enumerate(disks[:20]) if number]
    else:
        plan = [("/boot", GIB, 0), ("/", system // 2, 0), ("/var", system // 4, 0)]
        plan += [(f"/data{number}", disk["capacity_bytes"], number) for number, disk in enumerate(disks[:20]) if number]
    bits = rng.getrandbits(128)
    partitions: list[Record] = []
    for place, (path, size, number) in enumerate(plan):
        capacity = max(size - 64 * MIB, 512 * MIB)
        free = capacity * (14 + (bits >> place & 63)) // 100
        if "full_root" in sketch.traits and path in ("/", "C:\\"):
            free = 61 * MIB
        elif "full_boot" in sketch.traits and path == "/boot":
            free = 38 * MIB
        elif "full_data" in sketch.traits and number and number == len(disks) - 1:
            free = 4 * MIB
        partitions.append(
            {
                "path": path,
                "capacity_bytes": capacity,
                "free_bytes": free,
                "filesystem": guest.filesystem,
                "disk_keys": [disks[number]["key"]] if mapped and disks else [],
            }
        )
    return partitions


def vm_record(sketch: Sketch, site: Site, rng: Random) -> Record:
    """The whole record of a VM."""
    guest = GUESTS[sketch.guest]
    cluster = sketch.cluster
    state = tools_state(sketch)
    reported = state in ("toolsOk", "toolsOld")
    store = cluster.stores[sketch.number % len(cluster.stores)].name
    disks = disk_records(sketch, guest, rng, store)
    nics = nic_records(sketch, site, rng, reported and "no_ip" not in sketch.traits)
    facts: Record = {"id_basis": "moref", "instance_uuid": "50" + uuid_of(f"{rng.getrandbits(128):032x}")[2:]}
    facts["bios_uuid"] = "42" + uuid_of(f"{rng.getrandbits(128):032x}")[2:]
    facts |= place_facts(sketch, site, store, disks)
    facts |= state_facts(sketch)
    facts |= compute_facts(sketch, rng)
    facts |= hardware_facts(sketch, guest)
    facts |= rule_facts_of(sketch, site)
    facts |= guest_facts(sketch, guest, state, reported, nics)
    provisioned = sum(disk["capacity_bytes"] for disk in disks)
    facts["provisioned_bytes"] = provisioned + sketch.memory_gib * GIB
    facts["used_bytes"] = sum(disk["used_bytes"] for disk in disks)
    facts["disks"] = disks
    facts["nics"] = nics
    facts["controllers"] = controller_records(disks, guest)
    facts["devices"] = device_records(sketch.traits)
    facts["usb"] = usb_records(sketch.traits)
    facts["removable_media"] = media_records(sketch.traits)
    facts["snapshots"] = snapshot_records(sketch, rng)
    if reported or "partitions_kept" in sketch.traits:
        facts["partitions"] = partition_records(sketch, guest, disks, rng)
    facts |= vm_further(facts)
    facts["tags"] = list(sketch.tags)
    facts["custom_attributes"] = sketch.attributes
    facts |= sketch.annotations
    record = site.record("vm", vm_moref(sketch.number), sketch.name, facts)
    if "partitions" not in facts:
        record["unknown"] = {"partitions": "VMware Tools does not run in the guest"}
    return record


def place_facts(sketch: Sketch, site: Site, store: str, disks: list[Record]) -> Record:
    """Where the VM is."""
    return {
        "datacenter": sketch.cluster.datacenter,
        "cluster": sketch.cluster.name,
        "cluster_id": f"{site.uuid}/{sketch.cluster.moref}",
        "host": sketch.host.name,
        "folder": sketch.folder,
        "resource_pool": sketch.cluster.pool_path(sketch.pool),
        "vapp": sketch.vapp,
        "datastores": sorted({store, *(disk["datastore"] for disk in disks if disk["datastore"])}),
    }


def state_facts(sketch: Sketch) -> Record:
    """What state the VM is in."""
    traits = sketch.traits
    return {
        "template": "template" in traits,
        "srm_placeholder": "srm" in traits,
        "connection_state": "inaccessible" if "inaccessible" in traits else "disconnected" if "host_lost" in traits else "connected",
        "power_state": sketch.power,
        "created_at": sketch.created_at,
        "powered_on_at": sketch.powered_on_at if sketch.power == "poweredOn" else "",
        "notes": sketch.notes,
    }


def compute_facts(sketch: Sketch, rng: Random) -> Record:
    """CPU and memory: size, reservations, use at capture."""
    traits = sketch.traits
    on = sketch.power == "poweredOn"
    memory = sketch.memory_gib * 1024
    load = rng.getrandbits(7) if on else 0
    reserved = "reserved" in traits
    return {
        "cpu_count": sketch.cpu,
        "cores_per_socket": sketch.cpu if sketch.cpu <= 16 else sketch.cpu // 2,
        "memory_mib": memory,
        "cpu_hot_add_enabled": "hot_add" in traits,
        "cpu_hot_remove_enabled": "hot_remove" in traits,
        "memory_hot_add_enabled": "hot_add" in traits or "memory_hot_add" in traits,
        "cpu_reservation_mhz": sketch.cpu * 1000 if reserved else 0,
        "cpu_limit_mhz": 4000 if "limited" in traits else -1,
        "memory_reservation_mib": memory if reserved else 0,
        "memory_limit_mib": -1,
        "memory_reservation_locked": reserved,
        "cpu_affinity": [0, 1, 2, 3] if "cpu_affinity" in traits else [],
        "numa_node_affinity": [0] if "numa" in traits else [],
        "latency_sensitivity": "high" if "latency" in traits else "normal",
        "cpu_usage_mhz": sketch.cpu * 12 * load,
        "active_memory_mib": memory * load // 400,
        "consumed_memory_mib": memory * (60 + load // 4) // 100 if on else 0,
        "ballooned_memory_mib": 512 if "ballooned" in traits else 0,
    }


def hardware_facts(sketch: Sketch, guest: GuestOs) -> Record:
    """Virtual hardware."""
    traits = sketch.traits
    efi = guest.efi and "bios" not in traits
    return {
        "hardware_version": 8 if "old_hardware" in traits else 21 if guest.efi else 13,
        "firmware": "efi" if efi else "bios",
        "secure_boot": efi and "secure_boot" in traits,
        "tpm_present": "tpm" in traits,
        "encrypted": "encrypted" in traits,
        "nested_hv_enabled": "nested" in traits,
        "evc_mode_required": "intel-broadwell" if sketch.power == "poweredOn" else "",
        "change_tracking_enabled": "no_cbt" not in traits,
        "disk_enable_uuid": "enable_uuid" in traits,
        "consolidation_needed": "consolidate" in traits,
        "fault_tolerance_state": "running" if "fault_tolerant" in traits else "notConfigured",
        "ha_restart_priority": "high" if "important" in traits else "medium",
    }


def rule_facts_of(sketch: Sketch, site: Site) -> Record:
    """The DRS rules that bind the VM."""
    rules = site.rules_by_vm.get(sketch.number, ())
    return {
        "host_affinity_rules": sorted(rule.name for rule in rules if rule.type == "vm_host" and rule.enabled),
        "cluster_rules": sorted(rule.name for rule in rules),
    }


def guest_facts(sketch: Sketch, guest: GuestOs, state: str, reported: bool, nics: list[Record]) -> Record:
    """What is known of the guest; VMware Tools reports names and addresses only while it runs."""
    traits = sketch.traits
    hostname = sketch.hostname or f"{sketch.name.lower()}.example.com"
    if "default_hostname" in traits:
        hostname = "localhost.localdomain"
    elif not reported or "no_hostname" in traits:
        hostname = ""
    return {
        "guest_os_id": guest.id,
        "guest_os_config_name": guest.config_name,
        "guest_os_tools_name": guest.tools_name if reported else "",
        "guest_hostname": hostname,
        "guest_ips": [ip for nic in nics for ip in nic["ips"]],
        "tools_status": state,
        "tools_version": "0" if state == "toolsNotInstalled" else "10346" if state == "toolsOld" else TOOLS_VERSION,
    }
