# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subnets and addresses of the estate, read tolerantly: what is no address says nothing."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

IpInterface: TypeAlias = "ipaddress.IPv4Interface | ipaddress.IPv6Interface"
IpNetwork: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"


@lru_cache(maxsize=65536)
def interface_of(text: str) -> IpInterface | None:
    """An address with its prefix length; None for what is none, for one without a prefix, and for link-local and loopback ones.

    The migration controller leaves link-local addresses out as well.
    """
    if "/" not in text:
        return None
    try:
        found = ipaddress.ip_interface(text)
    except ValueError:
        return None
    return None if found.ip.is_link_local or found.ip.is_loopback else found


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
