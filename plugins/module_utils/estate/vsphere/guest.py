# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What VMware Tools reports of a guest: addresses, routes, name servers, file systems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Final

from ...common.artifact import JsonRecord
from . import values
from .leaves import Leaf, worded
from .objects import ObjectRead, many
from .values import count, flag, repeated, text, whole

GUEST_LEAVES: Final = (
    Leaf("guest.guestFullName", "guest_os_tools_name", repeated, ""),
    Leaf("guest.hostName", "guest_hostname", text, ""),
    worded("vm", "guest.toolsStatus", "tools_status"),
    Leaf("guest.toolsRunningStatus", "tools_running_status", repeated),
    Leaf("guest.toolsVersionStatus2", "tools_version_status", repeated),
    Leaf("guest.toolsVersion", "tools_version", repeated, ""),
)
TELLING: Final = ("guest.toolsRunningStatus", "guest.toolsStatus", "guest.toolsVersionStatus2", "guest.toolsVersion")
"""Paths of which at least one has a value whenever the server knows of the guest at all."""

NO_GUEST: Final = "the server has nothing about the guest"
NO_FILE_SYSTEMS: Final = "VMware Tools reports no file systems"
NOT_REPORTED: Final = {
    "cidrs": "VMware Tools reports no prefix lengths",
    "dhcp": "VMware Tools does not report of every adapter where its addresses come from",
}
"""Why a fact of some adapters is unknown though VMware Tools reports addresses."""

_DEFAULTS: Final = (str(IPv4Address(0)), str(IPv6Address(0)))


def guest_absent(read: ObjectRead) -> str:
    """Why nothing is known of the guest; empty when the server tells of it."""
    known = any(path in read.values or path in read.missing for path in TELLING)
    return "" if known or any(path.startswith("guest.") for path in read.values) else NO_GUEST


class Addresses:
    """The addresses of a guest by adapter."""

    __slots__ = ("_by_key", "_by_mac", "everything")

    def __init__(self, adapters: Any) -> None:
        self._by_key: dict[int, list[dict[str, Any]]] = {}
        self._by_mac: dict[str, list[dict[str, Any]]] = {}
        self.everything: list[str] = []
        """all addresses, in the order of the adapters"""
        for adapter in adapters if isinstance(adapters, list) else ():
            if not isinstance(adapter, dict):
                continue
            key, mac = whole(adapter.get("deviceConfigId")), values.lower(adapter.get("macAddress"))
            if key is not None and key >= 0:
                self._by_key.setdefault(key, []).append(adapter)
            elif mac:
                self._by_mac.setdefault(mac, []).append(adapter)
            self.everything += _in_order(_addresses(adapter))

    def fill(self, nic: JsonRecord, lacking: set[str]) -> None:
        """Adds to an adapter what VMware Tools reports of it; notes in `lacking` the facts that it does not report."""
        reported = self._by_key.get(nic.get("key", -1)) or self._by_mac.get(nic.get("mac", "")) or ()
        nic["ips"] = list(dict.fromkeys(_in_order([ip for adapter in reported for ip in _addresses(adapter)])))
        configured = [entry for adapter in reported for entry in _configured(adapter)]
        prefixes = {ip: prefix for ip, prefix, _origin in configured if prefix is not None}
        if all(ip in prefixes for ip in nic["ips"]):
            nic["cidrs"] = [f"{ip}/{prefixes[ip]}" for ip in nic["ips"]]
        else:
            lacking.add("cidrs")
        dynamic = True if any(origin == "dhcp" for _ip, _prefix, origin in configured) else _leased(reported)
        if dynamic is None:
            lacking.add("dhcp")
        else:
            nic["dhcp"] = dynamic


def _addresses(adapter: dict[str, Any]) -> Sequence[str]:
    plain = [ip.lower() for ip in many(adapter, "ipAddress") if isinstance(ip, str)]
    return plain or [ip for ip, _prefix, _origin in _configured(adapter)]


def _configured(adapter: dict[str, Any]) -> Iterable[tuple[str, int | None, str]]:
    """(address, prefix length, origin) of each address that comes with its configuration."""
    for entry in many(adapter.get("ipConfig"), "ipAddress"):
        ip = values.lower(entry.get("ipAddress")) if isinstance(entry, dict) else None
        if ip:
            yield ip, count(entry.get("prefixLength")), text(entry.get("origin")) or ""


def _in_order(ips: Iterable[str]) -> list[str]:
    """IPv4 addresses first, as inventories show them."""
    return sorted(ips, key=lambda ip: ":" in ip)


def _leased(reported: Sequence[dict[str, Any]]) -> bool | None:
    """Whether an adapter without a leased address asks for one by DHCP; None where VMware Tools does not tell."""
    configs = [adapter["ipConfig"] for adapter in reported if isinstance(adapter.get("ipConfig"), dict)]
    for config in configs:
        for version in ("ipv4", "ipv6"):
            if flag(_part(_part(config.get("dhcp"), version), "enable")):
                return True
    return False if configs else None


def guest_ips(read: ObjectRead, addresses: Addresses) -> list[str] | None:
    """All addresses of the guest, the one that it shows first in front; None where they are not known."""
    if "guest.net" in read.missing or "guest.ipAddress" in read.missing:
        return None
    primary = values.lower(read.values.get("guest.ipAddress"))
    return list(dict.fromkeys([*((primary,) if primary else ()), *addresses.everything]))


def gateways(stacks: Any) -> list[str]:
    """The default gateways of the guest's IP stacks."""
    found = []
    for stack in stacks if isinstance(stacks, list) else ():
        for route in many(_part(stack, "ipRouteConfig"), "ipRoute"):
            gateway = values.lower(_part(_part(route, "gateway"), "ipAddress"))
            if gateway and _part(route, "network") in _DEFAULTS and whole(_part(route, "prefixLength")) == 0:
                found.append(gateway)
    return list(dict.fromkeys(found))


def name_servers(stacks: Any) -> list[str]:
    """The name servers of the guest's IP stacks."""
    found = []
    for stack in stacks if isinstance(stacks, list) else ():
        found += [ip.lower() for ip in many(_part(stack, "dnsConfig"), "ipAddress") if isinstance(ip, str)]
    return list(dict.fromkeys(found))


def partitions(disks: Any) -> list[JsonRecord]:
    """The file systems that VMware Tools reports."""
    return [_partition(disk) for disk in disks if isinstance(disk, dict)] if isinstance(disks, list) else []


def _partition(disk: dict[str, Any]) -> JsonRecord:
    facts: JsonRecord = {}
    path, capacity, free = text(disk.get("diskPath")), count(disk.get("capacity")), count(disk.get("freeSpace"))
    for fact, value in (
        ("path", path),
        ("capacity_bytes", capacity),
        ("free_bytes", free),
        ("filesystem", repeated(disk.get("filesystemType"))),
    ):
        if value is not None:
            facts[fact] = value
    keys = [whole(_part(entry, "key")) for entry in many(disk, "mappings")]
    facts["disk_keys"] = [key for key in keys if key is not None]
    return facts


def _part(node: Any, name: str) -> Any:
    return node.get(name) if isinstance(node, dict) else None
