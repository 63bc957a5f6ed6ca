# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tabs and columns of an RVTools export, in RVTools' own order, for versions 4.x and 3.x.

The lists are those of version 4.7. Version 3.x wrote MB and KB for MiB and KiB, prefixed every tab with `tab` and had fewer
columns; `columns_of` derives it. A custom attribute becomes a column of its own behind `Annotation`.
"""

from __future__ import annotations

from collections.abc import Mapping

HEAD = "VM|Powerstate|Template|SRM Placeholder"
PLACE = "Datacenter|Cluster|Host|Folder|OS according to the configuration file|OS according to the VMware Tools"
SDK = "VI SDK Server|VI SDK UUID"
TAIL = f"Annotation|{PLACE}|VM ID|VM UUID|{SDK}"
TAIL_WITH_REF = f"Annotation|{PLACE}|VMRef|VM ID|VM UUID|{SDK}"
WHERE = "Host|Datacenter|Cluster"
TEAMING = "Traffic Shaping|Width|Peak|Burst|Policy|Reverse Policy|Notify Switch|Rolling Order|Offload|TSO|Zero Copy Xmit"

TABS: Mapping[str, tuple[str, ...]] = {
    tab: tuple(columns.split("|"))
    for tab, columns in {
        "vInfo": (
            "VM|Powerstate|Template|SRM Placeholder|Config status|DNS Name|Connection state|Guest state|Heartbeat|"
            "Consolidation Needed|PowerOn|Suspended To Memory|Suspend time|Suspend Interval|Creation date|Change Version|CPUs|"
            "Overall Cpu Readiness|Memory|Active Memory|NICs|Disks|Total disk capacity MiB|Fixed Passthru HotPlug|"
            "min Required EVC Mode Key|Latency Sensitivity|Op Notification Timeout|EnableUUID|CBT|Primary IP Address|Network #1|"
            "Network #2|Network #3|Network #4|Network #5|Network #6|Network #7|Network #8|Num Monitors|Video Ram KiB|Resource pool|"
            "Folder ID|Folder|vApp|DAS protection|FT State|FT Role|FT Latency|FT Bandwidth|FT Sec. Latency|Vm Failover In Progress|"
            "Provisioned MiB|In Use MiB|Unshared MiB|HA Restart Priority|HA Isolation Response|HA VM Monitoring|Cluster rule(s)|"
            "Cluster rule name(s)|Boot Required|Boot delay|Boot retry delay|Boot retry enabled|Boot BIOS setup|Reboot PowerOff|"
            "EFI Secure boot|Firmware|HW version|HW upgrade status|HW upgrade policy|HW target|Path|Log directory|"
            "Snapshot directory|Suspend directory|Annotation|Datacenter|Cluster|Host|OS according to the configuration file|"
            "OS according to the VMware Tools|Customization Info|Guest Detailed Data|VM ID|SMBIOS UUID|VM UUID|VI SDK Server type|"
            "VI SDK API Version|VI SDK Server|VI SDK UUID"
        ),
        "vCPU": (
            f"{HEAD}|CPUs|Sockets|Cores p/s|Max|Overall|Level|Shares|Reservation|Entitlement|DRS Entitlement|Limit|Hot Add|"
            f"Hot Remove|Numa Hotadd Exposed|{TAIL}"
        ),
        "vMemory": (
            f"{HEAD}|Size MiB|Memory Reservation Locked To Max|Overhead|Max|Consumed|Consumed Overhead|Private|Shared|Swapped|"
            f"Ballooned|Active|Entitlement|DRS Entitlement|Level|Shares|Reservation|Limit|Hot Add|{TAIL}"
        ),
        "vDisk": (
            f"{HEAD}|Disk|Disk Key|Disk UUID|Disk Path|Capacity MiB|Raw|Disk Mode|Sharing mode|Thin|Eagerly Scrub|Split|"
            "Write Through|Level|Shares|Reservation|Limit|Controller|Label|SCSI Unit #|Unit #|Shared Bus|Path|Raw LUN ID|"
            f"Raw Comp. Mode|Internal Sort Column|{TAIL}"
        ),
        "vPartition": f"{HEAD}|Disk Key|Disk|Capacity MiB|Consumed MiB|Free MiB|Free %|Internal Sort Column|{TAIL}",
        "vNetwork": (
            f"{HEAD}|NIC label|Adapter|Network|Switch|Connected|Starts Connected|Mac Address|Type|IPv4 Address|IPv6 Address|"
            f"Direct Path IO|Internal Sort Column|{TAIL}"
        ),
        "vCD": f"{HEAD}|Device Node|Connected|Starts Connected|Device Type|{TAIL_WITH_REF}",
        "vUSB": (
            f"{HEAD}|Device Node|Device Type|Connected|Family|Speed|EHCI enabled|Auto connect|Bus number|Unit number|"
            + TAIL_WITH_REF.replace("VMware Tools", "VMware tools")
        ),
        "vSnapshot": f"VM|Powerstate|Name|Description|Date / time|Filename|Size MiB (vmsn)|Size MiB (total)|Quiesced|State|{TAIL}",
        "vTools": (
            f"{HEAD}|VM Version|Tools|Tools Version|Required Version|Upgradeable|Upgrade Policy|Sync time|App status|"
            f"Heartbeat status|Kernel Crash state|Operation Ready|State change support|Interactive Guest|{TAIL_WITH_REF}"
        ),
        "vSource": (
            f"Name|OS type|API type|API version|Version|Patch level|Build|Fullname|Product name|Product version|Product line|Vendor|{SDK}"
        ),
        "vRP": (
            "Resource Pool name|Resource Pool path|Status|# VMs total|# VMs|# vCPUs|CPU limit|CPU overheadLimit|CPU reservation|"
            "CPU level|CPU shares|CPU expandableReservation|CPU maxUsage|CPU overallUsage|CPU reservationUsed|"
            "CPU reservationUsedForVm|CPU unreservedForPool|CPU unreservedForVm|Mem Configured|Mem limit|Mem overheadLimit|"
            "Mem reservation|Mem level|Mem shares|Mem expandableReservation|Mem maxUsage|Mem overallUsage|Mem reservationUsed|"
            "Mem reservationUsedForVm|Mem unreservedForPool|Mem unreservedForVm|QS overallCpuDemand|QS overallCpuUsage|"
            "QS staticCpuEntitlement|QS distributedCpuEntitlement|QS balloonedMemory|QS compressedMemory|QS consumedOverheadMemory|"
            "QS distributedMemoryEntitlement|QS guestMemoryUsage|QS hostMemoryUsage|QS overheadMemory|QS privateMemory|"
            f"QS sharedMemory|QS staticMemoryEntitlement|QS swappedMemory|Object ID|{SDK}"
        ),
        "vCluster": (
            "Name|Config status|OverallStatus|NumHosts|numEffectiveHosts|TotalCpu|NumCpuCores|NumCpuThreads|Effective Cpu|"
            "TotalMemory|Effective Memory|Num VMotions|HA enabled|Failover Level|AdmissionControlEnabled|Host monitoring|"
            "HB Datastore Candidate Policy|Isolation Response|Restart Priority|Cluster Settings|Max Failures|Max Failure Window|"
            "Failure Interval|Min Up Time|VM Monitoring|DRS enabled|DRS default VM behavior|DRS vmotion rate|DPM enabled|"
            f"DPM default behavior|DPM Host Power Action Rate|Object ID|{SDK}"
        ),
        "vHost": (
            f"{WHERE}|Config status|Compliance Check State|in Maintenance Mode|in Quarantine Mode|vSAN Fault Domain Name|CPU Model|"
            "Speed|HT Available|HT Active|# CPU|Cores per CPU|# Cores|CPU usage %|# Memory|Memory Tiering Type|Memory usage %|"
            "Console|# NICs|# HBAs|# VMs total|# VMs|VMs per Core|# vCPUs|vCPUs per Core|vRAM|VM Used memory|VM Memory Swapped|"
            "VM Memory Ballooned|VMotion support|Storage VMotion support|Current EVC|Max EVC|Assigned License(s)|ATS Heartbeat|"
            "ATS Locking|Current CPU power man. policy|Supported CPU power man.|Host Power Policy|ESX Version|Boot time|"
            "DNS Servers|DHCP|Domain|Domain List|DNS Search Order|NTP Server(s)|NTPD running|Time Zone|Time Zone Name|GMT Offset|"
            "Vendor|Model|Serial number|Service tag|OEM specific string|BIOS Vendor|BIOS Version|BIOS Date|Certificate Issuer|"
            "Certificate Start Date|Certificate Expiry Date|Certificate Status|Certificate Subject|Object ID|"
            f"AutoDeploy.MachineIdentity|UUID|{SDK}"
        ),
        "vHBA": f"{WHERE}|Device|Type|Status|Bus|Pci|Driver|Model|WWN|{SDK}",
        "vNIC": f"{WHERE}|Network Device|Driver|Speed|Duplex|MAC|Switch|Uplink port|PCI|WakeOn|{SDK}",
        "vSwitch": f"{WHERE}|Switch|# Ports|Free Ports|Promiscuous Mode|Mac Changes|Forged Transmits|{TEAMING}|MTU|{SDK}",
        "vPort": f"{WHERE}|Port Group|Switch|VLAN|Promiscuous Mode|Mac Changes|Forged Transmits|{TEAMING}|{SDK}",
        "dvSwitch": (
            "Switch|Datacenter|Name|Vendor|Version|Description|Created|Host members|Max Ports|# Ports|# VMs|In Traffic Shaping|"
            "In Avg|In Peak|In Burst|Out Traffic Shaping|Out Avg|Out Peak|Out Burst|CDP Type|CDP Operation|LACP Name|LACP Mode|"
            f"LACP Load Balance Alg.|Max MTU|Contact|Admin Name|Object ID|{SDK}"
        ),
        "dvPort": (
            "Port|Switch|Type|# Ports|VLAN|Speed|Full Duplex|Blocked|Allow Promiscuous|Mac Changes|Active Uplink|Standby Uplink|"
            "Policy|Forged Transmits|In Traffic Shaping|In Avg|In Peak|In Burst|Out Traffic Shaping|Out Avg|Out Peak|Out Burst|"
            "Reverse Policy|Notify Switch|Rolling Order|Check Beacon|Live Port Moving|Check Duplex|Check Error %|Check Speed|"
            "Percentage|Block Override|Config Reset|Shaping Override|Vendor Config Override|Sec. Policy Override|Teaming Override|"
            f"Vlan Override|Object ID|{SDK}"
        ),
        "vSC_VMK": f"{WHERE}|Port Group|Device|Mac Address|DHCP|IP Address|IP 6 Address|Subnet mask|Gateway|IP 6 Gateway|MTU|{SDK}",
        "vDatastore": (
            "Name|Config status|Address|Accessible|Type|# VMs total|# VMs|Capacity MiB|Provisioned MiB|In Use MiB|Free MiB|Free %|"
            "SIOC enabled|SIOC Threshold|# Hosts|Hosts|Cluster name|Cluster capacity MiB|Cluster free space MiB|Block size|"
            f"Max Blocks|# Extents|Major Version|Version|VMFS Upgradeable|MHA|URL|Object ID|{SDK}"
        ),
        "vMultiPath": (
            "Host|Cluster|Datacenter|Datastore|Disk|Display name|Policy|Oper. State|Path 1|Path 1 state|Path 2|Path 2 state|Path 3|"
            "Path 3 state|Path 4|Path 4 state|Path 5|Path 5 state|Path 6|Path 6 state|Path 7|Path 7 state|Path 8|Path 8 state|"
            f"vStorage|Queue depth|Vendor|Model|Revision|Level|Serial #|UUID|Object ID|{SDK}"
        ),
        "vLicense": f"Name|Key|Labels|Cost Unit|Total|Used|Expiration Date|Features|{SDK}",
        "vFileInfo": f"Friendly Path Name|File Name|File Type|File Size in bytes|Path|Internal Sort Column|{SDK}",
        "vHealth": f"Name|Message|Message type|{SDK}",
        "vMetaData": "RVTools major version|RVTools version|xlsx creation datetime|Server",
    }.items()
}
"""Tab to its columns, both in the order of an export."""

ATTRIBUTE_TABS = frozenset(tab for tab, columns in TABS.items() if "Annotation" in columns)
"""Tabs in which every custom attribute of VMs is a column behind `Annotation`."""

NEW_IN_4: Mapping[str, frozenset[str]] = {
    tab: frozenset(columns.split("|"))
    for tab, columns in {
        "vInfo": (
            "SRM Placeholder|Suspended To Memory|Suspend Interval|Creation date|Overall Cpu Readiness|Active Memory|"
            "Total disk capacity MiB|Fixed Passthru HotPlug|min Required EVC Mode Key|Latency Sensitivity|Op Notification Timeout|"
            "EnableUUID|CBT|Primary IP Address|Network #5|Network #6|Network #7|Network #8|Folder ID|FT Role|"
            "Vm Failover In Progress|Reboot PowerOff|EFI Secure boot|Log directory|Snapshot directory|Suspend directory|"
            "Customization Info|Guest Detailed Data|SMBIOS UUID"
        ),
        "vCPU": "SRM Placeholder|Numa Hotadd Exposed|Folder",
        "vMemory": "SRM Placeholder|Memory Reservation Locked To Max|Folder",
        "vDisk": "SRM Placeholder|Disk Key|Disk UUID|Disk Path|Sharing mode|Label|SCSI Unit #|Shared Bus|Internal Sort Column|Folder",
        "vPartition": "SRM Placeholder|Disk Key|Internal Sort Column|Folder",
        "vNetwork": "SRM Placeholder|NIC label|IPv6 Address|Direct Path IO|Internal Sort Column|Folder",
        "vCD": "SRM Placeholder|VMRef",
        "vUSB": "SRM Placeholder|VMRef",
        "vTools": (
            "SRM Placeholder|App status|Heartbeat status|Kernel Crash state|Operation Ready|State change support|"
            "Interactive Guest|VMRef|Folder"
        ),
        "vCluster": "Object ID",
        "vHost": (
            "Compliance Check State|in Maintenance Mode|in Quarantine Mode|vSAN Fault Domain Name|Memory Tiering Type|"
            "Assigned License(s)|Certificate Issuer|Certificate Start Date|Certificate Expiry Date|Certificate Status|"
            "Certificate Subject|AutoDeploy.MachineIdentity|UUID"
        ),
        "vRP": "Mem Configured",
        "vDatastore": "Hosts|Cluster name|Cluster capacity MiB|Cluster free space MiB|Object ID",
        "vFileInfo": "Friendly Path Name|Internal Sort Column",
    }.items()
}
"""Columns that version 3.x did not have."""

TABS_NEW_IN_4 = frozenset({"vUSB", "vSource", "vLicense", "vFileInfo", "vMetaData"})


OLD_NAMES: Mapping[str, str] = {"IPv4 Address": "IP Address"}


def full_columns(tab: str, attributes: tuple[str, ...] = ()) -> list[str]:
    """The columns of a tab in version 4.x, custom attributes among them."""
    columns = list(TABS[tab])
    if tab in ATTRIBUTE_TABS:
        behind = columns.index("Annotation") + 1
        columns[behind:behind] = attributes
    return columns


def columns_of(tab: str, version: str, attributes: tuple[str, ...] = ()) -> list[tuple[str, int]]:
    """Each column that a tab has in this version, with its place among `full_columns`."""
    columns = full_columns(tab, attributes)
    if not version.startswith("3."):
        return [(column, place) for place, column in enumerate(columns)]
    gone = NEW_IN_4.get(tab, frozenset())
    return [(old_name(column), place) for place, column in enumerate(columns) if column not in gone]


def old_name(column: str) -> str:
    """A column's name in version 3.x."""
    return OLD_NAMES.get(column, column.replace("MiB", "MB").replace("KiB", "KB"))


def sheet_title(tab: str, version: str) -> str:
    """The name of the tab's sheet in a workbook."""
    return f"tab{tab}" if version.startswith("3.") else tab


def tabs_of(version: str) -> list[str]:
    """The tabs that an export of this version has."""
    return [tab for tab in TABS if not (version.startswith("3.") and tab in TABS_NEW_IN_4)]
