# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subnets and addresses of the estate, read tolerantly: what is no address says nothing."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

IpAddress: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"
IpNetwork: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"


@dataclass(frozen=True, slots=True)
class Interface:
    """An address and its subnet. Those of one subnet share it: `ipaddress.ip_interface` makes one for each, which takes twice as long."""

    ip: IpAddress
    network: IpNetwork


@lru_cache(maxsize=1 << 17)
def interface_of(text: str) -> Interface | None:
    """An address with its prefix length; None for what is none, for one without a prefix, and for link-local and loopback ones.

    The migration controller leaves link-local addresses out as well.
    """
    address, slash, prefix = text.partition("/")
    if not slash:
        return None
    try:
        ip = ipaddress.ip_address(address)
        mask = ip.max_prefixlen - int(prefix) if prefix.isdecimal() and prefix.isascii() else -1
        network = _network_around(ip.version, int(ip) >> mask, mask) if mask >= 0 else ipaddress.ip_interface(text).network
    except ValueError:
        return None
    return None if ip.is_link_local or ip.is_loopback else Interface(ip, network)


@lru_cache(maxsize=4096)
def _network_around(version: int, head: int, host_bits: int) -> IpNetwork:
    """The subnet of the addresses that begin with these bits, before those of the host."""
    if version == 4:
        return ipaddress.IPv4Network((head << host_bits, 32 - host_bits))
    return ipaddress.IPv6Network((head << host_bits, 128 - host_bits))


@lru_cache(maxsize=4096)
def network_of(text: str) -> IpNetwork | None:
    """A subnet; None for what is none."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def networks_of(texts: Iterable[str]) -> tuple[IpNetwork, ...]:
    """The subnets among these texts."""
    return tuple(found for found in map(network_of, texts) if found is not None)


def within(inner: IpNetwork, outer: Iterable[IpNetwork]) -> bool:
    """Whether one of the outer subnets holds the inner one."""
    return any(_holds(inner, other) for other in outer)


def _holds(inner: IpNetwork, outer: IpNetwork) -> bool:
    if isinstance(inner, ipaddress.IPv4Network):
        return isinstance(outer, ipaddress.IPv4Network) and inner.subnet_of(outer)
    return isinstance(outer, ipaddress.IPv6Network) and inner.subnet_of(outer)
