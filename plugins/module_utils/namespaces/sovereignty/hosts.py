# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts and networks, and whether they belong to a jurisdiction: what a contract does not name does not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from ..contract.model import Jurisdiction

Ranges: TypeAlias = list[tuple[int, int]]
"""Addresses from first to last on one line of numbers, IPv4 before IPv6; sorted, and none touches another."""

_V6: Final = 2**32
EVERYWHERE: Final[tuple[tuple[int, int], ...]] = ((0, _V6 - 1), (_V6, _V6 + 2**128 - 1))
PRIVATE: Final = (
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
)
"""Networks that are routed nowhere but on the site's own ground (RFC 1918, RFC 6598, RFC 4193 and the link's own)."""

_OWN_SUFFIXES: Final = (".svc", ".svc.cluster.local")


def ranges_of(cidr: str) -> Ranges:
    """The addresses of a network; none for a text that is no network."""
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        return []
    base = _V6 if network.version == 6 else 0
    return [(base + int(network.network_address), base + int(network.broadcast_address))]


def joined(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """The same addresses, each once."""
    found: Ranges = []
    for first, last in sorted(ranges):
        # The lines of IPv4 and IPv6 touch, and are not one.
        if found and first <= found[-1][1] + 1 and first != _V6:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def without(ranges: Iterable[tuple[int, int]], taken: Iterable[tuple[int, int]]) -> Ranges:
    """The addresses that are left when others are taken away."""
    found: Ranges = []
    cuts = joined(taken)
    for first, last in joined(ranges):
        start = first
        for low, high in cuts:
            if high < start or low > last:
                continue
            if low > start:
                found.append((start, low - 1))
            start = high + 1
        if start <= last:
            found.append((start, last))
    return found


def address(number: int) -> str:
    """An address in its usual form."""
    return str(IPv6Address(number - _V6) if number >= _V6 else IPv4Address(number))


def host_of(text: str) -> str:
    """Host of a URL, or of `host:port/path`; empty where there is none. Users and passwords are left out."""
    try:
        found = urlsplit(text if "://" in text else f"//{text}").hostname
    except ValueError:
        return ""
    return (found or "").rstrip(".")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What belongs to a jurisdiction."""

    name: str
    regions: tuple[str, ...]
    names: frozenset[str]
    """hosts"""
    suffixes: tuple[str, ...]
    """what hosts may end in, with the dot that it begins with"""
    own: tuple[tuple[int, int], ...]
    """addresses that the contract names"""
    inside: tuple[tuple[int, int], ...]
    """addresses that may be reached: private ones as well"""

    def holds(self, host: str) -> bool:
        """Whether a host belongs to it: one that is named, and every one of the cluster's own."""
        if host in self.names or host.endswith((*self.suffixes, *_OWN_SUFFIXES)) or host == "localhost":
            return True
        return bool(found := ranges_of(host)) and not without(found, self.own)

    @property
    def hosts_in_words(self) -> str:
        """Its hosts as the contract names them, for evidence."""
        return ", ".join([*sorted(self.names), *(f"*{suffix}" for suffix in self.suffixes)]) or "no host outside the cluster"


def bounds_of(jurisdiction: Jurisdiction) -> Bounds:
    """The bounds that a contract sets. Addresses and networks may stand among its hosts."""
    hosts: Sequence[str] = [host.strip().lower().rstrip(".") for host in jurisdiction.hosts]
    networks = {host: ranges_of(host) for host in hosts}
    own = joined(one for found in networks.values() for one in found)
    private = [one for cidr in PRIVATE for one in ranges_of(cidr)]
    return Bounds(
        jurisdiction.name,
        jurisdiction.regions,
        frozenset(host for host in hosts if not host.startswith("*.")),
        tuple(host[1:] for host in hosts if host.startswith("*.")),
        tuple(own),
        tuple(joined([*own, *private])),
    )
