# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the facts of VMs to inventory hosts: unique names, addresses, groups and variables.

Whoever can rename a VM or its guest writes what is read here. Names are therefore cleaned of all that Ansible, a shell,
a file system or a terminal would take for more than letters, and addresses count only when they are addresses.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from ..module_utils.estate.guest_os import UNKNOWN_FAMILY, os_family
from .inventory_request import ANNOTATION, GROUPINGS, InventoryRequest

Facts = Mapping[str, Any]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

RESERVED: Final = frozenset({"all", "ungrouped", "localhost", "127.0.0.1", "::1"})
"""Names that mean something else to Ansible; a VM of that name gets a suffix."""

SUFFIX_DIGITS: Final = 8
LISTED_NAMES: Final = 5
LINUX_FAMILIES: Final = (
    "RHEL",
    "CentOS",
    "Rocky Linux",
    "AlmaLinux",
    "Oracle Linux",
    "SLES",
    "openSUSE",
    "Ubuntu",
    "Debian",
    "Fedora",
    "Photon OS",
    "Amazon Linux",
    "CoreOS",
    "Other Linux",
)

_UNFIT: Final = re.compile(r"""[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff,:;*?!&|<>$`'"()\[\]{}/\\]|^[-.~@\s]|\s$""")
"""Characters that control a terminal, turn text around or cannot be seen; those of host patterns, templates, paths, shells."""

_HOST_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class OfferedHost:
    """A VM as an inventory host; `variables` are data as the estate has it, not yet marked as such."""

    name: str
    groups: tuple[str, ...]
    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Offer:
    """All hosts, in the order of the VMs' ids, and what the user should know."""

    hosts: Sequence[OfferedHost] = ()
    warnings: list[str] = field(default_factory=list)


def offer_of(vms: Sequence[dict[str, Any]], request: InventoryRequest, group_name: Callable[[str], str]) -> Offer:
    """The hosts of these VMs; `group_name` makes a text a valid name of a group. Derived facts are added to the VMs."""
    addresses = _Addresses(request.address_networks)
    groups = _Groups(request.group_by, group_name)
    for vm in vms:
        _derive(vm, request)
        vm["ip"] = addresses.of(vm)
    names, warnings = _names(vms, request.hostnames)
    always = (group_name(request.vms_group),) if request.vms_group else ()
    wanted = tuple((fact, request.hostvars_prefix + fact) for fact in request.facts)
    hosts = []
    for vm, name in zip(vms, names, strict=True):
        variables = {variable: vm[fact] for fact, variable in wanted if fact in vm}
        address = next((found for kind in request.ansible_host if (found := _address(vm, kind))), "")
        if address:
            variables["ansible_host"] = address
        hosts.append(OfferedHost(name, (*always, *groups.of(vm)), variables))
    return Offer(hosts, [*warnings, *groups.warnings()])


# ---- derived facts --------------------------------------------------------------------------------------------------


def _derive(vm: dict[str, Any], request: InventoryRequest) -> None:
    family = os_family(vm.get("guest_os_config_name", ""), vm.get("guest_os_tools_name", ""), vm.get("guest_os_id", ""))
    if family != UNKNOWN_FAMILY:
        vm["os_family"] = family
        vm["os_type"] = os_type(family)
    owners = owners_of(vm, request.owner_from)
    vm.pop("owner", None)
    if owners:
        vm["owner"] = ", ".join(owners)
        vm["owners"] = owners


@lru_cache(maxsize=1024)
def os_type(family: str) -> str:
    """`windows`, `linux` or `other` for a family of operating systems."""
    if family.startswith("Windows"):
        return "windows"
    return "linux" if family.startswith(LINUX_FAMILIES) else "other"


def owners_of(vm: Facts, places: Iterable[str]) -> list[str]:
    """The owners named at the first of these places that names any: annotation, tag:CATEGORY, attribute:NAME."""
    for place in places:
        kind, _colon, wanted = place.partition(":")
        wanted = wanted.strip().lower()
        if place == ANNOTATION:
            found = [vm.get("owner", "")]
        elif kind == "tag":
            tags = [tag.partition("/") for tag in vm.get("tags", ())]
            found = sorted(name for category, _slash, name in tags if category.lower() == wanted)
        else:
            attributes = vm.get("custom_attributes") or {}
            found = sorted(str(value) for name, value in attributes.items() if name.lower() == wanted)
        owners = [owner.strip() for owner in found if owner.strip()]
        if owners:
            return owners
    return []


# ---- addresses ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Address | None:
    """The address of a text, when it is one by which another machine can be reached."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    unfit = address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified
    return None if unfit or getattr(address, "scope_id", None) else address


class _Addresses:
    """Chooses a VM's address: by the order of the networks that are given, else the first of version 4, else the first."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks: list[Network] = [ipaddress.ip_network(network) for network in networks]

    def of(self, vm: Facts) -> str:
        """The address; empty when none is known, or none lies in the networks."""
        listed = vm.get("guest_ips")
        if listed is None:
            listed = [ip for nic in vm.get("nics", ()) for ip in nic.get("ips", ())]
        return self._within(listed) if self._networks else _first(listed)

    def _within(self, listed: Iterable[str]) -> str:
        addresses = [address for text in listed if (address := _parsed(text))]
        return next((str(address) for network in self._networks for address in addresses if address in network), "")


def _first(listed: Iterable[str]) -> str:
    later = ""
    for text in listed:
        address = _parsed(text)
        if address and address.version == 4:
            return str(address)
        if address:
            later = later or str(address)
    return later


def _address(vm: Facts, kind: str) -> str:
    if kind == "ip":
        return str(vm["ip"])
    name = vm.get("guest_hostname", "")
    return name if _HOST_NAME.fullmatch(name) else ""


# ---- names ----------------------------------------------------------------------------------------------------------


def clean_name(text: str) -> str:
    """The text as a name of a host; an address stays as it is."""
    return text if ":" in text and _parsed(text) else _UNFIT.sub("_", text)


def _names(vms: Sequence[Facts], preference: Sequence[str]) -> tuple[list[str], list[str]]:
    """A unique name for each VM, and warnings. Every VM that shares its name gets a suffix, so that no name depends on an order."""
    plain = [_plain_name(vm, preference) for vm in vms]
    counts = Counter(plain)
    taken = {name for name, count in counts.items() if count == 1 and name not in RESERVED}
    names = []
    for vm, name in zip(vms, plain, strict=True):
        if name not in taken or counts[name] > 1:
            name = _with_suffix(name, vm["id"], taken)
            taken.add(name)
        names.append(name)
    shared = sorted(name for name, count in counts.items() if count > 1)
    reserved = sorted(RESERVED & counts.keys())
    return names, [
        *_listing(shared, "is the name of more than one VM", "are names of more than one VM each"),
        *_listing(reserved, "means something else to Ansible", "mean something else to Ansible"),
    ]


def _plain_name(vm: Facts, preference: Sequence[str]) -> str:
    for kind in (*preference, "id"):
        text = vm.get(kind)
        name = clean_name(text) if isinstance(text, str) else ""
        if name:
            return name
    return ""


def _with_suffix(name: str, identity: str, taken: set[str]) -> str:
    digest = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()
    digits = SUFFIX_DIGITS
    while f"{name}-{digest[:digits]}" in taken and digits < len(digest):
        digits += 1
    return f"{name}-{digest[:digits]}"


def _listing(names: Sequence[str], one: str, many: str) -> list[str]:
    if not names:
        return []
    more = f" and {len(names) - LISTED_NAMES} more" if len(names) > LISTED_NAMES else ""
    listed = ", ".join(names[:LISTED_NAMES]) + more
    return [f"{listed} {one if len(names) == 1 else many}: as hosts, these VMs end in a suffix made from their id"]


# ---- groups ---------------------------------------------------------------------------------------------------------


class _Groups:
    """The groups of each VM; notes when two values end in the same group."""

    def __init__(self, group_by: Sequence[str], group_name: Callable[[str], str]) -> None:
        self._group_by = group_by
        self._group_name = group_name
        self._known: dict[tuple[str, str], str] = {}
        self._values: dict[str, list[str]] = {}

    def of(self, vm: Facts) -> list[str]:
        """Names of its groups; what is unknown or empty makes none."""
        found = []
        for grouping in self._group_by:
            for value in _values(vm, grouping):
                key = (grouping, value)
                group = self._known.get(key)
                found.append(self._new(key) if group is None else group)
        return list(dict.fromkeys(found))

    def _new(self, key: tuple[str, str]) -> str:
        grouping, value = key
        group = self._known[key] = self._group_name(f"{GROUPINGS[grouping]}_{value}")
        self._values.setdefault(group, []).append(f"{grouping} {value!r}")
        return group

    def warnings(self) -> list[str]:
        """A warning when groups hold VMs of several values."""
        shared = [f"{group} ({', '.join(sorted(values))})" for group, values in sorted(self._values.items()) if len(values) > 1]
        if not shared:
            return []
        more = f" and {len(shared) - LISTED_NAMES} more" if len(shared) > LISTED_NAMES else ""
        return [f"groups that hold the VMs of several values, whose names differ only in signs: {'; '.join(shared[:LISTED_NAMES])}{more}"]


def _values(vm: Facts, grouping: str) -> list[str]:
    """The values that put a VM into groups."""
    if grouping == "verdict":
        verdict = vm.get("verdict")
        return [] if not verdict else [f"{verdict}_provisional" if vm.get("provisional") else verdict]
    if grouping == "owner":
        return list(vm.get("owners", ()))
    if grouping == "networks":
        return [nic["network"] for nic in vm.get("nics", ()) if nic.get("network")]
    value = vm.get(grouping)
    if grouping == "vcenter":
        value = vm.get("vcenter_name") or value
    if isinstance(value, list):
        return [entry for entry in value if entry]
    return [] if value in (None, "") else [str(value)]
