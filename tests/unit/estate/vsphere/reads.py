# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One small vCenter as the property collector would show it, every fact of it known, for tests to take away from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.extras import Performance, StoragePolicies, Tags
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.licenses import AssignedLicenses
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.mapper import LiveEstate
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.objects import TYPE, ObjectRead, Reference
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.performance import FACTS

UUID = "4a0d747a-eae4-a42b-4537-bbaf12a2db40"
HOSTNAME = "vc-north.example.com"
CAPTURED_AT = "2026-11-20T22:00:00Z"
ABOUT = {
    "instance_uuid": UUID.upper(),
    "version": "8.0.3",
    "build": "24322831",
    "full_name": "VMware vCenter Server 8.0.3 build-24322831",
    "api_type": "VirtualCenter",
    "api_version": "8.0.3.0",
    "name": "VMware vCenter Server",
}
SWITCH_UUID = "50 3c 7b"
REFUSED = "no permission: privilege System.Read is missing"
HISTORY = dict.fromkeys(FACTS, 30)


def ref(type_name: str, moref: str) -> Reference:
    """A reference."""
    return Reference(type_name, moref)


def data(type_name: str, **children: Any) -> dict[str, Any]:
    """A data object of a class."""
    return {TYPE: type_name, **children}


def an_object(type_name: str, moref: str, name: str, parent: Reference | None, **values: Any) -> ObjectRead:
    """A managed entity; double underscores in the names of `values` stand for dots."""
    known = {path.replace("__", "."): value for path, value in values.items()}
    if parent is not None:
        known["parent"] = parent
    return ObjectRead(type_name, moref, {"name": name, **known}, {})


ROOT = ref("Folder", "group-d1")
DATACENTER = ref("Datacenter", "datacenter-2")
VM_FOLDER = ref("Folder", "group-v3")
TEAM_FOLDER = ref("Folder", "group-v10")
HOST_FOLDER = ref("Folder", "group-h4")
STORE_FOLDER = ref("Folder", "group-s5")
NETWORK_FOLDER = ref("Folder", "group-n6")
POD = ref("StoragePod", "group-p11")
CLUSTER = ref("ClusterComputeResource", "domain-c8")
COMPUTE = ref("ComputeResource", "domain-s9")
HOST = ref("HostSystem", "host-12")
OTHER_HOST = ref("HostSystem", "host-13")
LONE_HOST = ref("HostSystem", "host-14")
STORE = ref("Datastore", "datastore-15")
NFS = ref("Datastore", "datastore-16")
NETWORK = ref("Network", "network-17")
OPAQUE = ref("OpaqueNetwork", "network-o18")
PORT_GROUP = ref("DistributedVirtualPortgroup", "dvportgroup-19")
UPLINKS = ref("DistributedVirtualPortgroup", "dvportgroup-20")
SWITCH = ref("VmwareDistributedVirtualSwitch", "dvs-21")
ROOT_POOL = ref("ResourcePool", "resgroup-22")
GOLD_POOL = ref("ResourcePool", "resgroup-23")
VAPP = ref("VirtualApp", "resgroup-v24")
VM = ref("VirtualMachine", "vm-42")
OTHER_VM = ref("VirtualMachine", "vm-43")


def folders() -> Iterator[ObjectRead]:
    """The folders."""
    yield an_object("Folder", ROOT.moref, "Datacenters", None, childType=["Folder", "Datacenter"])
    yield an_object("Folder", VM_FOLDER.moref, "vm", DATACENTER, childType=["Folder", "VirtualMachine", "VirtualApp"])
    yield an_object("Folder", TEAM_FOLDER.moref, "team%2ferp", VM_FOLDER, childType=["Folder", "VirtualMachine", "VirtualApp"])
    yield an_object("Folder", HOST_FOLDER.moref, "host", DATACENTER, childType=["Folder", "ComputeResource"])
    yield an_object("Folder", STORE_FOLDER.moref, "datastore", DATACENTER, childType=["Folder", "Datastore", "StoragePod"])
    yield an_object("Folder", NETWORK_FOLDER.moref, "network", DATACENTER, childType=["Folder", "Network", "DistributedVirtualSwitch"])
    yield an_object("StoragePod", POD.moref, "pod-a", STORE_FOLDER)


def cluster() -> ObjectRead:
    """The cluster with its settings, rules and groups."""
    settings = data(
        "ClusterConfigInfoEx",
        drsConfig=data("ClusterDrsConfigInfo", enabled="true", defaultVmBehavior="fullyAutomated"),
        dpmConfigInfo=data("ClusterDpmConfigInfo", enabled="true", defaultDpmBehavior="manual"),
        dasConfig=data(
            "ClusterDasConfigInfo",
            enabled="true",
            admissionControlEnabled="true",
            hostMonitoring="enabled",
            vmMonitoring="vmMonitoringOnly",
            defaultVmSettings=data("ClusterDasVmSettings", restartPriority="medium"),
        ),
        dasVmConfig=data("ClusterDasVmConfigInfo", key=VM, dasSettings=data("ClusterDasVmSettings", restartPriority="highest")),
        drsVmConfig=[
            data("ClusterDrsVmConfigInfo", key=VM, enabled="true", behavior="manual"),
            data("ClusterDrsVmConfigInfo", key=OTHER_VM, enabled="false"),
        ],
        group=[
            data("ClusterVmGroup", name="licensed", vm=VM),
            data("ClusterVmGroup", name="databases", vm=[OTHER_VM]),
            data("ClusterHostGroup", name="oracle-hosts", host=[HOST]),
        ],
        rule=[
            data("ClusterAntiAffinityRuleSpec", key="1", name="apart", enabled="true", mandatory="false", vm=[VM, OTHER_VM]),
            data(
                "ClusterVmHostRuleInfo",
                key="2",
                name="licence",
                enabled="true",
                mandatory="true",
                vmGroupName="licensed",
                affineHostGroupName="oracle-hosts",
            ),
            data("ClusterDependencyRuleInfo", key="3", name="order", enabled="true", vmGroup="licensed", dependsOnVmGroup="databases"),
            data("ClusterAffinityRuleSpec", key="4", name="together", enabled="false", vm=[VM, OTHER_VM]),
        ],
    )
    summary = data(
        "ClusterComputeResourceSummary",
        numHosts="2",
        numCpuCores="64",
        numCpuThreads="128",
        totalMemory=str(1024 << 30),
        currentEVCModeKey="intel-icelake",
    )
    return an_object("ClusterComputeResource", CLUSTER.moref, "cluster-1", HOST_FOLDER, summary=summary, configurationEx=settings)


def host(found: Reference, name: str, parent: Reference, vlan: str = "20") -> ObjectRead:
    """A host with the port group of the standard network."""
    security = data("HostNetworkSecurityPolicy", allowPromiscuous="false", macChanges="true", forgedTransmits="true")
    group = data(
        "HostPortGroup",
        key="key-vim.host.PortGroup-VM Network",
        spec=data("HostPortGroupSpec", name="VM Network", vlanId=vlan, vswitchName="vSwitch0"),
        computedPolicy=data("HostNetworkPolicy", security=security),
    )
    return an_object(
        "HostSystem",
        found.moref,
        name,
        parent,
        vm=[VM, OTHER_VM],
        summary__hardware__vendor="Example Systems",
        summary__hardware__model="R2-740",
        summary__hardware__uuid="4C4C4544-0042-3510-8052-B4C04F463333",
        summary__hardware__cpuModel="Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz",
        summary__hardware__cpuMhz="2000",
        summary__hardware__numCpuPkgs="2",
        summary__hardware__numCpuCores="32",
        summary__hardware__numCpuThreads="64",
        summary__hardware__memorySize=str(512 << 30),
        summary__config__product__fullName="VMware ESXi 8.0.3 build-24022510",
        summary__config__product__build="24022510",
        summary__currentEVCModeKey="intel-icelake",
        summary__maxEVCModeKey="intel-sapphirerapids",
        summary__quickStats__overallCpuUsage="5000",
        summary__quickStats__overallMemoryUsage="200000",
        runtime__connectionState="connected",
        runtime__powerState="poweredOn",
        runtime__inMaintenanceMode="false",
        config__network__portgroup=[group],
    )


def stores() -> Iterator[ObjectRead]:
    """Two datastores, the first one in a datastore cluster."""
    mounts = [
        data("DatastoreHostMount", key=OTHER_HOST, mountInfo=data("HostMountInfo", mounted="true")),
        data("DatastoreHostMount", key=HOST, mountInfo=data("HostMountInfo", mounted="true")),
        data("DatastoreHostMount", key=LONE_HOST, mountInfo=data("HostMountInfo", mounted="false")),
    ]
    space = {
        "summary__capacity": str(16 << 40),
        "summary__freeSpace": str(4 << 40),
        "summary__uncommitted": str(6 << 40),
        "summary__accessible": "true",
        "summary__multipleHostAccess": "true",
        "summary__maintenanceMode": "normal",
    }
    extents = [data("HostScsiDiskPartition", diskName="naa.60002ac0b1", partition="1")]
    vmfs = data("VmfsDatastoreInfo", vmfs=data("HostVmfsVolume", extent=extents))
    nas = data("NasDatastoreInfo", nas=data("HostNasVolume", remoteHost="nfs-01.example.com", remotePath="/vol/nfs-1"))
    yield an_object("Datastore", STORE.moref, "ds-1", POD, host=mounts, info=vmfs, summary__type="VMFS", **space)
    yield an_object("Datastore", NFS.moref, "nfs-1", STORE_FOLDER, host=mounts[:1], info=nas, summary__type="NFS41", **space)


def port_setting(vlan: dict[str, Any]) -> dict[str, Any]:
    """The settings of a distributed port group's ports."""

    def allowed(value: str) -> dict[str, Any]:
        return data("BoolPolicy", inherited="false", value=value)

    security = data("DVSSecurityPolicy", allowPromiscuous=allowed("false"), macChanges=allowed("false"), forgedTransmits=allowed("true"))
    return data("VMwareDVSPortSetting", vlan=vlan, securityPolicy=security)


def networks() -> Iterator[ObjectRead]:
    """A network of each kind, and the switch."""
    on_switch = {"config__distributedVirtualSwitch": SWITCH}
    yield an_object("Network", NETWORK.moref, "VM Network", NETWORK_FOLDER, host=[HOST, OTHER_HOST])
    opaque = data("OpaqueNetworkSummary", opaqueNetworkId="nsx-1", opaqueNetworkType="nsx.LogicalSwitch")
    yield an_object("OpaqueNetwork", OPAQUE.moref, "segment-1", NETWORK_FOLDER, host=[HOST], summary=opaque)
    vlan = data("VmwareDistributedVirtualSwitchVlanIdSpec", vlanId="120")
    yield an_object(
        "DistributedVirtualPortgroup",
        PORT_GROUP.moref,
        "vlan-120",
        NETWORK_FOLDER,
        host=[HOST, OTHER_HOST],
        key=PORT_GROUP.moref,
        config__uplink="false",
        config__defaultPortConfig=port_setting(vlan),
        **on_switch,
    )
    ranges = [data("NumericRange", start="1", end="20"), data("NumericRange", start="30", end="30")]
    trunk = data("VmwareDistributedVirtualSwitchTrunkVlanSpec", vlanId=ranges)
    yield an_object(
        "DistributedVirtualPortgroup",
        UPLINKS.moref,
        "dvs-DVUplinks-21",
        NETWORK_FOLDER,
        host=[HOST, OTHER_HOST],
        key=UPLINKS.moref,
        tag=[data("Tag", key="SYSTEM/DVS.UPLINKPG")],
        config__defaultPortConfig=port_setting(trunk),
        **on_switch,
    )
    members = [data("DistributedVirtualSwitchHostMember", config=data("…", host=found)) for found in (OTHER_HOST, HOST)]
    config = data(
        "VMwareDVSConfigInfo",
        productInfo=data("DistributedVirtualSwitchProductSpec", version="8.0.3"),
        maxMtu="9000",
        numPorts="512",
        uplinkPortPolicy=data("DVSNameArrayUplinkPortPolicy", uplinkPortName=["uplink1", "uplink2"]),
        pvlanConfig=data("VMwareDVSPvlanMapEntry", primaryVlanId="300", secondaryVlanId="301", pvlanType="isolated"),
        host=members,
    )
    yield an_object("VmwareDistributedVirtualSwitch", SWITCH.moref, "dvs-1", NETWORK_FOLDER, uuid=SWITCH_UUID, config=config)


def allocation(prefix: str) -> dict[str, str]:
    """Reservation, limit and shares of a pool or VM."""
    return {
        f"{prefix}__cpuAllocation__reservation": "1000",
        f"{prefix}__cpuAllocation__limit": "-1",
        f"{prefix}__cpuAllocation__shares__shares": "4000",
        f"{prefix}__memoryAllocation__reservation": "2048",
        f"{prefix}__memoryAllocation__limit": "8192",
        f"{prefix}__memoryAllocation__shares__shares": "163840",
    }


def pools() -> Iterator[ObjectRead]:
    """The root resource pool, one below it, and a vApp."""
    expandable = {"config__cpuAllocation__expandableReservation": "true", "config__memoryAllocation__expandableReservation": "false"}
    yield an_object("ResourcePool", ROOT_POOL.moref, "Resources", CLUSTER, owner=CLUSTER, **allocation("config"), **expandable)
    yield an_object("ResourcePool", GOLD_POOL.moref, "Gold", ROOT_POOL, owner=CLUSTER, **allocation("config"), **expandable)
    entities = [data("VAppEntityConfigInfo", key=OTHER_VM, startOrder="1"), data("VAppEntityConfigInfo", key=VM, startOrder="2")]
    yield an_object(
        "VirtualApp",
        VAPP.moref,
        "shop",
        GOLD_POOL,
        owner=CLUSTER,
        parentFolder=TEAM_FOLDER,
        vm=[VM, OTHER_VM],
        vAppConfig__entityConfig=entities,
    )


def services() -> Iterator[ObjectRead]:
    """The service objects."""
    field = data("CustomFieldDef", key="101", name="Owner", managedObjectType="VirtualMachine")
    yield ObjectRead("CustomFieldsManager", "CustomFieldsManager", {"field": [field]}, {})
    edition = data(
        "LicenseManagerLicenseInfo",
        licenseKey="AAAAA-BBBBB-CCCCC-DDDDD-EEEEE",
        editionKey="esx.enterprisePlus.cpuPackageCoreLimited",
        name="vSphere 8 Enterprise Plus",
        total="64",
        used="4",
        costUnit="cpuPackage",
        properties=[data("KeyAnyValue", key="expirationDate", value="2027-06-30T00:00:00Z")],
    )
    yield ObjectRead("LicenseManager", "LicenseManager", {"licenses": [edition]}, {})


def inventory() -> list[ObjectRead]:
    """Everything but VMs."""
    return [
        an_object("Datacenter", DATACENTER.moref, "dc-1", ROOT),
        *folders(),
        cluster(),
        an_object("ComputeResource", COMPUTE.moref, "esx-03.example.com", HOST_FOLDER),
        host(HOST, "esx-01.example.com", CLUSTER),
        host(OTHER_HOST, "esx-02.example.com", CLUSTER),
        host(LONE_HOST, "esx-03.example.com", COMPUTE),
        *stores(),
        *networks(),
        *pools(),
        *services(),
    ]


def extras(live: LiveEstate) -> None:
    """Gives an estate all that is read beside the property collector."""
    live.extras(
        tags=Tags({("VirtualMachine", VM.moref): ["Application/erp"]}),
        policies=StoragePolicies({VM.moref: "gold"}, {(VM.moref, 2000): "gold", (VM.moref, 2001): "silver"}),
        performance=Performance({VM.moref: HISTORY}),
        licenses=AssignedLicenses({HOST.moref: "vSphere 8 Enterprise Plus", UUID: "vCenter Server 8 Standard"}),
    )


def live_estate(reads: Iterable[ObjectRead] | None = None, about: Mapping[str, str] | None = None, with_extras: bool = True) -> LiveEstate:
    """An estate that took in everything but VMs."""
    live = LiveEstate(HOSTNAME, about or ABOUT, CAPTURED_AT)
    for read in inventory() if reads is None else reads:
        live.take(read)
    if with_extras:
        extras(live)
    return live


def without(read: ObjectRead, path: str, reason: str = "") -> ObjectRead:
    """The object with one path refused, or without a value where no reason is given."""
    values = {known: value for known, value in read.values.items() if known != path}
    return replace(read, values=values, missing={**read.missing, path: reason} if reason else read.missing)


def changed(read: ObjectRead, **values: Any) -> ObjectRead:
    """The object with other values; double underscores stand for dots."""
    return replace(read, values={**read.values, **{path.replace("__", "."): value for path, value in values.items()}})
