# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One VM as the property collector would show it, with a device of every sort."""

from __future__ import annotations

from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.objects import ObjectRead, Reference

from .reads import (
    GOLD_POOL,
    HOST,
    NETWORK,
    NFS,
    OTHER_VM,
    PORT_GROUP,
    STORE,
    SWITCH_UUID,
    TEAM_FOLDER,
    VAPP,
    VM,
    allocation,
    an_object,
    data,
    ref,
)

FIRST_SNAPSHOT = ref("VirtualMachineSnapshot", "snapshot-50")
SECOND_SNAPSHOT = ref("VirtualMachineSnapshot", "snapshot-51")


def device(type_name: str, key: int, label: str, **children: Any) -> dict[str, Any]:
    """A device."""
    return data(type_name, key=str(key), deviceInfo=data("Description", label=label, summary=label), **children)


def connectable(connected: str = "true", start: str = "true") -> dict[str, Any]:
    """The state of connection of a device."""
    return data("VirtualDeviceConnectInfo", connected=connected, startConnected=start)


def flat_disk(key: int, label: str, path: str, **backing: Any) -> dict[str, Any]:
    """A disk in a file of its own."""
    children: dict[str, Any] = {
        "fileName": path,
        "datastore": STORE,
        "diskMode": "persistent",
        "thinProvisioned": "true",
        "uuid": "6000C29b-0954-fbc7-f994-59b9f2682100",
    }
    return device(
        "VirtualDisk",
        key,
        label,
        backing=data("VirtualDiskFlatVer2BackingInfo", **{**children, **backing}),
        controllerKey="1000",
        unitNumber=str(key - 2000),
        capacityInKB=str(60 << 20),
        capacityInBytes=str(60 << 30),
    )


def disks() -> list[dict[str, Any]]:
    """An ordinary disk, a raw device mapping, and an encrypted one that several VMs write to."""
    lun = "02000000006000ABCDEF0000000000000000000001414243444546"
    mapping = data(
        "VirtualDiskRawDiskMappingVer1BackingInfo",
        fileName="[nfs-1] erp-db/erp-db_1.vmdk",
        datastore=NFS,
        diskMode="independent_persistent",
        lunUuid=lun,
        deviceName="vml.02000000006000",
        compatibilityMode="physicalMode",
        uuid="6000C29b-0954-fbc7-f994-59b9f2682101",
    )
    raw = device("VirtualDisk", 2001, "Hard disk 2", backing=mapping, controllerKey="1000", unitNumber="1", capacityInKB=str(10 << 20))
    first = flat_disk(2000, "Hard disk 1", "[ds-1] erp-db/erp-db.vmdk", changeId="52 3c/1", eagerlyScrub="false")
    shared = flat_disk(
        2016,
        "Hard disk 3",
        "[ds-1] shared/quorum.vmdk",
        sharing="sharingMultiWriter",
        thinProvisioned="false",
        eagerlyScrub="true",
        keyId=data("CryptoKeyId", keyId="k-1"),
    )
    shared["controllerKey"] = "1001"
    return [{**first, "iofilter": ["VMW_spm_1.0.0"]}, raw, shared]


def adapters() -> list[dict[str, Any]]:
    """An adapter on a distributed port group, one on a standard network, an SR-IOV one."""
    port = data("DistributedVirtualSwitchPortConnection", switchUuid=SWITCH_UUID, portgroupKey=PORT_GROUP.moref, portKey="8")
    distributed = data("VirtualEthernetCardDistributedVirtualPortBackingInfo", port=port)
    standard = data("VirtualEthernetCardNetworkBackingInfo", deviceName="VM Network", network=NETWORK)
    function = data("VirtualSriovEthernetCardSriovBackingInfo", virtualFunctionBacking=data("…", id="0000:5e:02.1"))
    common = {"addressType": "assigned", "connectable": connectable()}
    return [
        device("VirtualVmxnet3", 4000, "Network adapter 1", backing=distributed, macAddress="00:50:56:AA:BB:01", **common),
        device("VirtualE1000e", 4001, "Network adapter 2", backing=standard, macAddress="00:50:56:aa:bb:02", **common),
        device(
            "VirtualSriovEthernetCard",
            4002,
            "SR-IOV network adapter 3",
            backing=distributed,
            macAddress="00:50:56:aa:bb:03",
            sriovBacking=function,
            **common,
        ),
    ]


def devices() -> list[dict[str, Any]]:
    """All devices, as vSphere lists them."""
    passthrough = data("VirtualPCIPassthroughDeviceBackingInfo", id="0000:3b:00.0", deviceName="")
    serial = data("VirtualSerialPortURIBackingInfo", serviceURI="telnet://console.example.com:13370", direction="client")
    iso = data("VirtualCdromIsoBackingInfo", fileName="[ds-1] iso/rhel9.iso", datastore=STORE)
    drive = data("VirtualFloppyRemoteDeviceBackingInfo", deviceName="")
    return [
        device("VirtualIDEController", 200, "IDE 0", busNumber="0"),
        device("VirtualPS2Controller", 300, "PS2 controller 0", busNumber="0", device=["600", "700"]),
        device("VirtualPCIController", 100, "PCI controller 0", busNumber="0"),
        device("VirtualSIOController", 400, "SIO controller 0", busNumber="0"),
        device("VirtualKeyboard", 600, "Keyboard", controllerKey="300", unitNumber="0"),
        device("VirtualPointingDevice", 700, "Pointing device", controllerKey="300", unitNumber="1"),
        device("VirtualMachineVideoCard", 500, "Video card", controllerKey="100", unitNumber="0"),
        device("VirtualMachineVMCIDevice", 12000, "VMCI device", controllerKey="100", unitNumber="17"),
        device("ParaVirtualSCSIController", 1000, "SCSI controller 0", busNumber="0", sharedBus="noSharing", scsiCtlrUnitNumber="7"),
        device("VirtualLsiLogicSASController", 1001, "SCSI controller 1", busNumber="1", sharedBus="physicalSharing"),
        device("VirtualUSBXHCIController", 14000, "USB xHCI controller ", busNumber="0"),
        *disks(),
        *adapters(),
        device("VirtualCdrom", 3000, "CD/DVD drive 1", backing=iso, connectable=connectable("true", "true"), controllerKey="200"),
        device("VirtualFloppy", 8000, "Floppy drive 1", backing=drive, connectable=connectable("false", "false"), controllerKey="400"),
        device("VirtualUSB", 7000, "USB 1", connected="true", controllerKey="14000"),
        device("VirtualPCIPassthrough", 13000, "PCI device 0", backing=passthrough),
        device("VirtualSerialPort", 9000, "Serial port 1", backing=serial, connectable=connectable()),
        device("VirtualTPM", 11000, "Virtual TPM"),
    ]


def snapshots() -> dict[str, Any]:
    """Two snapshots, one below the other, the second one current."""
    second = data(
        "VirtualMachineSnapshotTree",
        snapshot=SECOND_SNAPSHOT,
        name="before release 8",
        description="",
        createTime="2026-01-15T19:30:00.25Z",
        quiesced="false",
    )
    first = data(
        "VirtualMachineSnapshotTree",
        snapshot=FIRST_SNAPSHOT,
        name="before release 7",
        description="kept for the audit",
        createTime="2025-06-20T21:30:00+02:00",
        quiesced="true",
        childSnapshotList=second,
    )
    return data("VirtualMachineSnapshotInfo", currentSnapshot=SECOND_SNAPSHOT, rootSnapshotList=[first])


def layout() -> dict[str, Any]:
    """The files: two for each disk, state of the snapshots, and what was written since each of them."""

    def unit(*keys: str) -> dict[str, Any]:
        return data("VirtualMachineFileLayoutExDiskUnit", fileKey=list(keys))

    def chain(key: str, *units: dict[str, Any]) -> dict[str, Any]:
        return data("VirtualMachineFileLayoutExDiskLayout", key=key, chain=list(units))

    def taken(own: Reference, state: str, memory: str, *units: dict[str, Any]) -> dict[str, Any]:
        return data("VirtualMachineFileLayoutExSnapshotLayout", key=own, dataKey=state, memoryKey=memory, disk=chain("2000", *units))

    sizes = {
        "0": 1,
        "1": 40 << 30,
        "2": 1,
        "3": 10 << 30,
        "4": 1,
        "5": 20 << 30,
        "6": 28672,
        "7": 28673,
        "8": 4 << 30,
        "9": 1,
        "10": 5 << 30,
    }
    base, grown, now = unit("0", "1"), unit("2", "3"), unit("4", "5")
    return {
        "layoutEx__file": [data("VirtualMachineFileLayoutExFileInfo", key=key, size=str(size)) for key, size in sizes.items()],
        "layoutEx__disk": [chain("2000", base, grown, now), chain("2001", unit("9", "10")), chain("2016", unit("9"))],
        "layoutEx__snapshot": [taken(FIRST_SNAPSHOT, "6", "-1", base), taken(SECOND_SNAPSHOT, "7", "8", base, grown)],
    }


def guest() -> dict[str, Any]:
    """What VMware Tools reports."""
    address = data("NetIpConfigInfoIpAddress", ipAddress="192.0.2.10", prefixLength="24", origin="manual", state="preferred")
    link_local = data("NetIpConfigInfoIpAddress", ipAddress="FE80::250:56ff:feaa:bb01", prefixLength="64", origin="linklayer")
    leased = data("NetIpConfigInfoIpAddress", ipAddress="198.51.100.7", prefixLength="25", origin="dhcp")
    first = data(
        "GuestNicInfo",
        macAddress="00:50:56:aa:bb:01",
        deviceConfigId="4000",
        ipAddress=["FE80::250:56ff:feaa:bb01", "192.0.2.10"],
        ipConfig=data("NetIpConfigInfo", ipAddress=[link_local, address]),
    )
    second = data("GuestNicInfo", deviceConfigId="4001", ipAddress="198.51.100.7", ipConfig=data("NetIpConfigInfo", ipAddress=leased))
    third = data("GuestNicInfo", macAddress="00:50:56:AA:BB:03", deviceConfigId="-1", ipConfig=data("NetIpConfigInfo"))
    bridge = data("GuestNicInfo", macAddress="02:42:ac:11:00:01", deviceConfigId="-1", ipAddress=["172.17.0.1"])
    routes = [
        data("NetIpRouteConfigInfoIpRoute", network="0.0.0.0", prefixLength="0", gateway=data("…", ipAddress="192.0.2.1")),
        data("NetIpRouteConfigInfoIpRoute", network="192.0.2.0", prefixLength="24", gateway=data("…")),
    ]
    stack = data(
        "GuestStackInfo",
        dnsConfig=data("NetDnsConfigInfo", ipAddress=["192.0.2.53", "192.0.2.54"]),
        ipRouteConfig=data("NetIpRouteConfigInfo", ipRoute=routes),
    )
    root = data(
        "GuestDiskInfo",
        diskPath="/",
        capacity=str(50 << 30),
        freeSpace=str(20 << 30),
        filesystemType="xfs",
        mappings=[data("GuestInfoVirtualDiskMapping", key="2000")],
    )
    return {
        "guest__guestFullName": "Red Hat Enterprise Linux 9 (64-bit)",
        "guest__hostName": "erp-db.example.com",
        "guest__ipAddress": "192.0.2.10",
        "guest__net": [first, second, third, bridge],
        "guest__ipStack": [stack],
        "guest__disk": [root],
        "guest__toolsStatus": "toolsOk",
        "guest__toolsRunningStatus": "guestToolsRunning",
        "guest__toolsVersionStatus2": "guestToolsCurrent",
        "guest__toolsVersion": "12389",
    }


def settings() -> list[dict[str, Any]]:
    """Advanced settings, and some that must never be kept."""
    shown = {
        "nvram": "erp-db.nvram",
        "disk.EnableUUID": "TRUE",
        "numa.nodeAffinity": "0,1",
        "ctkEnabled": "TRUE",
        "scsi0:0.ctkEnabled": "TRUE",
        "scsi0:1.ctkEnabled": "false",
        "guestinfo.userdata": "c2VjcmV0LXRva2Vu",
        "guestinfo.password": "hunter2",
        "machine.id": "token=abc",
    }
    return [data("OptionValue", key=key, value=value) for key, value in shown.items()]


def machine(found: Reference = VM, **values: Any) -> ObjectRead:
    """The VM; `values` replace what it shows, double underscores standing for dots."""
    place = {"parentVApp": VAPP, "resourcePool": GOLD_POOL, "datastore": [STORE, NFS], "runtime__host": HOST}
    state = {
        "runtime__connectionState": "connected",
        "runtime__powerState": "poweredOn",
        "runtime__bootTime": "2026-05-17T02:10:00.123456Z",
        "runtime__consolidationNeeded": "true",
        "runtime__faultToleranceState": "notConfigured",
        "runtime__minRequiredEVCModeKey": "intel-broadwell",
        "summary__quickStats__overallCpuUsage": "250",
        "summary__quickStats__guestMemoryUsage": "1024",
        "summary__quickStats__hostMemoryUsage": "4096",
        "summary__quickStats__balloonedMemory": "16",
        "summary__storage__committed": str(80 << 30),
        "summary__storage__uncommitted": str(20 << 30),
        "summary__config__tpmPresent": "true",
        "snapshot": snapshots(),
        "customValue": [data("CustomFieldStringValue", key="101", value="team-erp@example.com")],
    }
    config = {
        "config__uuid": "42D10E2A-0d12-72f0-f013-3be893c07e16",
        "config__instanceUuid": "5036E32C-7368-8a58-cc88-b84840278b63",
        "config__version": "vmx-21",
        "config__template": "false",
        "config__managedBy": data("ManagedByInfo", extensionKey="com.vmware.vcDr", type="placeholderVm"),
        "config__createDate": "2023-04-14T08:15:00.5Z",
        "config__annotation": "Order 4711",
        "config__guestId": "rhel9_64Guest",
        "config__guestFullName": "Red Hat Enterprise Linux 9 (64-bit)",
        "config__firmware": "efi",
        "config__bootOptions__efiSecureBootEnabled": "true",
        "config__keyId": data("CryptoKeyId", keyId="k-1", providerId=data("KeyProviderId", id="kms-1")),
        "config__nestedHVEnabled": "true",
        "config__changeTrackingEnabled": "true",
        "config__files__vmPathName": "[ds-1] erp-db/erp-db.vmx",
        "config__hardware__numCPU": "4",
        "config__hardware__numCoresPerSocket": "2",
        "config__hardware__memoryMB": "16384",
        "config__cpuHotAddEnabled": "true",
        "config__cpuHotRemoveEnabled": "true",
        "config__memoryHotAddEnabled": "true",
        "config__memoryReservationLockedToMax": "true",
        "config__cpuAffinity__affinitySet": ["0", "1"],
        "config__latencySensitivity__level": "high",
        "config__extraConfig": settings(),
        "config__hardware__device": devices(),
    }
    shown = {**place, **state, **config, **allocation("config"), **layout(), **guest(), **values}
    return an_object("VirtualMachine", found.moref, "erp%2fdb", None, **shown)


def plain_machine(found: Reference = OTHER_VM, **values: Any) -> ObjectRead:
    """A VM that lies in a folder and has no more than what every VM has."""
    shown = {
        "runtime__host": HOST,
        "resourcePool": GOLD_POOL,
        "runtime__connectionState": "connected",
        "runtime__powerState": "poweredOff",
        "runtime__consolidationNeeded": "false",
        "runtime__faultToleranceState": "notConfigured",
        "config__uuid": "42d10e2a-0d12-72f0-f013-3be893c07e17",
        "config__instanceUuid": "5036e32c-7368-8a58-cc88-b84840278b64",
        "config__version": "vmx-19",
        "config__template": "false",
        "config__guestId": "rhel9_64Guest",
        "config__guestFullName": "Red Hat Enterprise Linux 9 (64-bit)",
        "config__hardware__numCPU": "2",
        "config__hardware__memoryMB": "4096",
        "config__hardware__device": [],
        "config__extraConfig": [],
        "guest__toolsStatus": "toolsNotInstalled",
        **values,
    }
    return an_object("VirtualMachine", found.moref, "plain", TEAM_FOLDER, **shown)
