# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an anonymised export does with every fact of the model.

There is no default: a fact without a policy has no way into an export, and a test fails for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ..vocabulary import WORDS

KEEP: Final = "keep"
"""Numbers and flags stay."""

MOMENT: Final = "moment"
"""ISO 8601 moments stay, or are all moved by the same number of days."""

CLOSED: Final = "closed"
"""Words of a closed vocabulary (`vocabulary.WORDS`) stay; any other leaves the fact unknown."""

OPEN: Final = "open"
"""Words that the API has (`words.OPEN_WORDS`) stay; any other is a name."""

MAKER: Final = "maker"
"""Texts of makers of software and hardware: versions, products, licences, CPU models. Words that are not known are replaced."""

LABEL: Final = "label"
"""Labels of devices; words that are not those of vSphere's English labels are replaced."""

GUEST_OS: Final = "guest_os"
"""Names of guest operating systems; words that are not known are replaced."""

GUEST_OS_ID: Final = "guest_os_id"
"""Identifiers of guest operating systems; those that vSphere does not have are replaced."""

FIGURES: Final = "figures"
"""Texts of digits and signs (VLANs, builds, versions) stay; any other is a name."""

NAME: Final = "name"
"""Names, ids, addresses, paths and what is put together of them: replaced part by part."""

NOTE: Final = "note"
"""Free texts: replaced as a whole."""

ADDRESS: Final = "address"
"""`server:/export`, lists of devices: every part between separators is a name."""

MOUNT: Final = "mount"
"""Mount points and drive letters: the usual ones stay, other parts are names."""

LABELLED: Final = "labelled"
"""Mappings that people make: names and values are replaced."""

SETTINGS: Final = "settings"
"""Advanced settings: keys of known words and values that are numbers or flags stay."""

PARTS: Final = "parts"
"""Lists of parts, whose facts have policies of their own."""


def _policies(**facts: str) -> Mapping[str, str]:
    return MappingProxyType({fact: policy for policy, names in facts.items() for fact in names.split()})


_EVERY: Final = "name vcenter moref"

_VM_NUMBERS: Final = """
template srm_placeholder
cpu_count cores_per_socket memory_mib cpu_hot_add_enabled cpu_hot_remove_enabled memory_hot_add_enabled
cpu_reservation_mhz cpu_limit_mhz cpu_shares memory_reservation_mib memory_limit_mib memory_shares memory_reservation_locked
cpu_affinity numa_node_affinity cpu_usage_mhz active_memory_mib consumed_memory_mib ballooned_memory_mib
performance_days cpu_usage_average_mhz cpu_usage_p95_mhz cpu_usage_peak_mhz
active_memory_average_mib active_memory_p95_mib active_memory_peak_mib
disk_write_average_kib_per_s disk_write_p95_kib_per_s disk_write_peak_kib_per_s
hardware_version secure_boot tpm_present encrypted nested_hv_enabled change_tracking_enabled disk_enable_uuid consolidation_needed
provisioned_bytes used_bytes downtime_tolerance_minutes
"""

_VM_NAMES: Final = """
instance_uuid bios_uuid datacenter cluster cluster_id host folder resource_pool vapp datastores key_provider storage_policy
host_affinity_rules cluster_rules guest_hostname guest_ips guest_gateways guest_dns_servers tags
owner application environment criticality depends_on
"""

POLICIES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "vcenter": _policies(name=f"{_EVERY} hostname", maker="version product license", figures="build", open="api_type"),
        "datacenter": _policies(name=f"{_EVERY} folder"),
        "folder": _policies(name=f"{_EVERY} datacenter path", closed="type"),
        "license": _policies(name="vcenter moref", maker="name edition unit", keep="total_count used_count", moment="expires_at"),
        "cluster": _policies(
            name=f"{_EVERY} datacenter",
            keep="drs_enabled dpm_enabled ha_enabled ha_admission_control_enabled host_count cpu_core_count cpu_thread_count memory_mib",
            closed="drs_behavior",
            open="ha_host_monitoring ha_vm_monitoring ha_restart_priority dpm_behavior",
            maker="evc_mode",
        ),
        "host": _policies(
            name=f"{_EVERY} datacenter cluster cluster_id model uuid",
            maker="vendor version license cpu_model evc_mode evc_mode_possible",
            figures="build",
            closed="connection_state power_state",
            keep="cpu_socket_count cpu_core_count cpu_thread_count cpu_usage_mhz cpu_mhz memory_mib memory_usage_mib vm_count"
            " in_maintenance",
        ),
        "datastore": _policies(
            name=f"{_EVERY} datacenter datastore_cluster hosts",
            open="type maintenance_mode",
            keep="capacity_bytes free_bytes provisioned_bytes accessible multiple_host_access host_count",
            address="address",
        ),
        "network": _policies(
            name=f"{_EVERY} datacenter switch switch_id",
            closed="type",
            figures="vlan",
            keep="uplink promiscuous mac_changes forged_transmits host_count",
        ),
        "switch": _policies(name=f"{_EVERY} datacenter uplinks hosts", figures="version private_vlans", keep="mtu port_count"),
        "resource_pool": _policies(
            name=f"{_EVERY} path cluster",
            keep="cpu_reservation_mhz cpu_limit_mhz cpu_shares cpu_expandable memory_reservation_mib memory_limit_mib memory_shares"
            " memory_expandable",
        ),
        "vapp": _policies(name=f"{_EVERY} datacenter vm_ids", keep="start_orders"),
        "drs_rule": _policies(
            name=f"{_EVERY} cluster_id vm_ids hosts vm_group host_group depends_on_group", closed="type", keep="enabled mandatory affine"
        ),
        "drs_group": _policies(name=f"{_EVERY} cluster_id vm_ids hosts", closed="type"),
        "vm": _policies(
            name=f"{_EVERY} {_VM_NAMES}",
            keep=_VM_NUMBERS,
            closed="connection_state power_state latency_sensitivity firmware fault_tolerance_state tools_status",
            open="ha_restart_priority drs_behavior tools_running_status tools_version_status",
            moment="created_at powered_on_at",
            note="notes change_window",
            maker="evc_mode_required",
            figures="tools_version",
            settings="advanced_settings",
            guest_os="guest_os_config_name guest_os_tools_name",
            guest_os_id="guest_os_id",
            labelled="custom_attributes",
            parts="disks nics controllers devices usb removable_media snapshots partitions",
        ),
        "disks": _policies(
            keep="key capacity_bytes used_bytes thin eagerly_scrub controller_key unit_number rdm change_tracking_enabled encrypted",
            label="label controller",
            name="path datastore lun_id uuid storage_policy io_filters",
            closed="mode sharing bus_sharing bus rdm_compatibility",
        ),
        "nics": _policies(
            keep="key connected start_connected dhcp",
            label="label",
            open="adapter_type",
            closed="mac_type",
            name="mac network network_id switch ips cidrs",
        ),
        "controllers": _policies(keep="key bus_number", label="label", closed="bus bus_sharing", open="type"),
        "devices": _policies(keep="key connected", open="kind", label="label", name="backing"),
        "usb": _policies(label="label", closed="kind", keep="connected"),
        "removable_media": _policies(label="label", closed="kind", keep="connected start_connected", name="backing"),
        "snapshots": _policies(
            name="name parent id parent_id", note="description", moment="created_at", keep="size_bytes quiesced current"
        ),
        "partitions": _policies(mount="path", keep="capacity_bytes free_bytes disk_keys", open="filesystem"),
    }
)
"""Kind of record, or list of parts, to the policy of each of its facts."""

CLOSED_WORDS: Final = WORDS
"""The vocabularies behind `CLOSED`."""
