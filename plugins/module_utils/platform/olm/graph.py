# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How OLM walks through a channel: the order of its entries, and the versions it installs on the way to a pin.

The rules are those of OLM's resolver (pkg/controller/registry/resolver/resolver.go, v0.38.0): a channel is the chain of
`replaces` from its only head, without what another entry skips. From an installed version OLM takes the first entry in
that order that replaces or skips it, or whose skipRange holds its version. Where nothing is installed, it takes the pin.
"""

from __future__ import annotations

from typing import Final

from .model import Channel, Entry, Hops, HopsAnswer, Package, Refusal, Unknowable, Unreachable
from .versions import in_range, version_of

RENDER: Final = "give the rendered catalog in operators.catalogs (opm render), which has the whole upgrade graph"


def ordered(channel: Channel) -> tuple[Entry, ...] | Refusal:
    """The entries in the order in which OLM prefers them, the head first; a Refusal where the channel has none or several."""
    by_name = {entry.name: entry for entry in channel.entries}
    skipped = {skip for entry in channel.entries for skip in entry.skips if skip in by_name}
    followed = skipped | {entry.replaces for entry in channel.entries if entry.replaces in by_name}
    heads = sorted(name for name in by_name if name not in followed)
    if not heads:
        return Refusal(f"channel {channel.name} has no head: every entry is replaced by another one")
    chains = []
    for head in heads:
        chain, entry = [], by_name.get(head)
        seen: set[str] = set()
        while entry is not None:
            if entry.name in seen:
                return Refusal(f"channel {channel.name} has a cycle: {entry.name} comes again after {head}")
            seen.add(entry.name)
            if entry.name not in skipped:
                chain.append(entry)
            entry = by_name.get(entry.replaces)
        chains.append(chain)
    if len(chains) > 1:
        return Refusal(f"channel {channel.name} has {len(chains)} heads: {', '.join(heads)}")
    return tuple(chains[0])


def next_hop(order: tuple[Entry, ...], installed: str, version: str) -> str:
    """The CSV that OLM takes after the one that is installed; empty where there is none or it is the same again."""
    number = version_of(version)
    for entry in order:
        in_skip_range = number is not None and entry.skip_range and in_range(entry.skip_range, number)
        if installed == entry.replaces or installed in entry.skips or in_skip_range:
            return "" if entry.name == installed else entry.name
    return ""


def hops(package: Package, channel_name: str, installed: str, pin: str, installed_version: str = "") -> HopsAnswer:
    """The CSVs that OLM installs on the way from `installed` (empty for none) to the pin.

    `installed_version` is the semantic version that the installed CSV names; without it that of its entry counts.
    """
    channel = package.channels.get(channel_name)
    if channel is None:
        return Unreachable(f"package {package.name} has no channel {channel_name}", channels=package.channels_with(pin))
    if installed == pin:
        return Hops()
    if channel.entry(pin) is None and (channel.edges_known or channel.entries):
        return Unreachable(f"channel {channel_name} of package {package.name} has no {pin}", channels=package.channels_with(pin))
    if not installed:
        return (
            Hops((pin,))
            if channel.entry(pin) or pin == channel.head
            else Unknowable(f"whether {channel_name} has {pin} is not known", RENDER)
        )
    if not channel.edges_known:
        return _without_edges(channel, installed, pin)
    return _walk(package, channel, installed, pin, installed_version)


def _without_edges(channel: Channel, installed: str, pin: str) -> HopsAnswer:
    if pin == channel.head and channel.entry(installed):
        return Hops((pin,), exact=False)
    return Unknowable(f"the way from {installed} to {pin} is not known: PackageManifests do not tell the upgrade graph", RENDER)


def _walk(package: Package, channel: Channel, installed: str, pin: str, installed_version: str) -> HopsAnswer:
    order = ordered(channel)
    if isinstance(order, Refusal):
        return Unreachable(order.message, channels=package.channels_with(pin))
    entry = channel.entry(installed)
    version = installed_version or (entry.version if entry else "")
    if version_of(version) is None and any(each.skip_range for each in order):
        return Unknowable(f"the version of {installed} is not known, and {channel.name} has entries with a skipRange", RENDER)
    path: list[str] = []
    current = installed
    while following := next_hop(order, current, version):
        if following in path or following == installed:
            return _unreachable(package, installed, pin, [*path, following], "OLM goes round in circles")
        path.append(following)
        if following == pin:
            return Hops(tuple(path))
        current = following
        entry = channel.entry(following)
        version = entry.version if entry else ""
    end = "OLM installs nothing further" if not path else f"OLM goes on to {path[-1]}"
    return _unreachable(package, installed, pin, path, end)


def _unreachable(package: Package, installed: str, pin: str, path: list[str], why: str) -> Unreachable:
    return Unreachable(f"{pin} cannot be reached from {installed}: {why}", tuple(path), package.channels_with(pin))
