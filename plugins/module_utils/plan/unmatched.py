# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of the user that mean nothing of the estate.

One that names a network, datastore, vCenter or host that the estate does not have is a mistake; where the estate may lack it, since
something was not read, it is a warning. A selector that means no VM is always a warning: VMs come and go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Final

from ..common.artifact import JsonRecord
from ..common.errors import Problem
from .manifests.providers import SourceProvider, names_of_provider
from .model import PlanVm
from .networks import SETTING as NETWORKS
from .settings import HostRule, NetworkRule, PlanSettings, Selector, StorageRule
from .source_rules import means
from .storage_mapping import SETTING as STORAGE
from .windows import read_owner_window

ALL, NETWORK, DATASTORE, HOST = "", "network", "datastore", "host"
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Inventory:
    """What the estate has. `unsure` says per kind (`ALL`: of everything) why it may have more; a kind that is known whole is not there."""

    vms: Sequence[PlanVm]
    """those in scope"""
    vcenters: Sequence[JsonRecord] = ()
    networks: Sequence[JsonRecord] = ()
    datastores: Sequence[JsonRecord] = ()
    hosts: Sequence[JsonRecord] = ()
    others: Sequence[PlanVm] = ()
    """VMs that are out of scope: what they use is there all the same"""
    unsure: Mapping[str, str] = field(default_factory=dict)

    def why_unsure(self, kind: str) -> str:
        """Why something of a kind may be missing; empty where all is known."""
        return self.unsure.get(ALL) or self.unsure.get(kind, "")

    def vcenter_names(self) -> list[tuple[str, ...]]:
        """Per vCenter what it may be called: instance UUID, name and host name."""
        named = [tuple(str(record.get(fact, "")) for fact in ("vcenter", "name", "hostname")) for record in self.vcenters]
        known = {names[0] for names in named}
        return named + [(uuid,) for uuid in sorted({vm.vcenter for vm in (*self.vms, *self.others)} - known) if uuid]


@dataclass(frozen=True, slots=True)
class _Place:
    """A source: its vCenter's UUID, its name, and its ids."""

    vcenter: str
    name: str
    ids: tuple[str, ...]


def unmatched(settings: PlanSettings, inventory: Inventory, providers: Mapping[str, SourceProvider]) -> tuple[list[Problem], list[str]]:
    """Rules that mean nothing: those that are mistakes, and warnings. `providers` are by the UUID of their vCenter."""
    judge = _Judge(inventory)
    judge.sources(NETWORKS, NETWORK, settings.networks, _networks(inventory))
    judge.sources(STORAGE, DATASTORE, settings.storage, _datastores(inventory))
    judge.providers(settings)
    judge.hosts(settings.hosts, providers)
    return judge.problems, [*judge.warnings, *_selectors(settings, inventory.vms)]


class _Judge:
    """Gathers what is wrong, and what may be."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._vcenters = inventory.vcenter_names()
        self._called = {names[0]: names for names in self._vcenters}
        self.problems: list[Problem] = []
        self.warnings: list[str] = []

    def sources(self, setting: str, kind: str, rules: Sequence[NetworkRule | StorageRule], places: Sequence[_Place]) -> None:
        """Rules for networks or datastores."""
        for number, rule in enumerate(rules):
            place = f"{setting}[{number}]"
            if rule.vcenter and not self._is_vcenter(rule.vcenter):
                self._no_vcenter(f"{place}.vcenter", rule.vcenter)
            elif not any(means(rule, self._called.get(one.vcenter, (one.vcenter,)), one.name, one.ids) for one in places):
                within = f" in vCenter {rule.vcenter}" if rule.vcenter else ""
                names = [one.name for one in places]
                self._missing(f"{place}.source {rule.source} means no {kind} of the estate{within}", kind, rule.source, names)

    def providers(self, settings: PlanSettings) -> None:
        """Rules for the providers of vCenters, which are named by patterns."""
        known = [name.lower() for names in self._vcenters for name in names if name]
        for number, rule in enumerate(settings.providers):
            if not any(fnmatchcase(name, rule.vcenter.lower()) for name in known):
                self._no_vcenter(f"plan_providers[{number}].vcenter", rule.vcenter)

    def hosts(self, rules: Sequence[HostRule], providers: Mapping[str, SourceProvider]) -> None:
        """Rules for ESXi hosts."""
        places = _hosts(self._inventory)
        called = {vcenter: names_of_provider(provider) for vcenter, provider in providers.items()}
        for number, rule in enumerate(rules):
            place = f"plan_hosts[{number}]"
            if rule.vcenter and not self._is_vcenter(rule.vcenter) and not any(rule.vcenter in names for names in called.values()):
                self._no_vcenter(f"{place}.vcenter", rule.vcenter)
                continue
            names = {one.name for one in places if rule.host in (one.name, *one.ids) and self._within(one.vcenter, rule.vcenter, called)}
            if not names:
                within = f" in vCenter {rule.vcenter}" if rule.vcenter else ""
                shown = [one.name for one in places]
                self._missing(f"{place}.host {rule.host} is no host of the estate{within}", HOST, rule.host, shown)

    def _within(self, vcenter: str, wanted: str, called: Mapping[str, Sequence[str]]) -> bool:
        return wanted in ("", *self._called.get(vcenter, (vcenter,)), *called.get(vcenter, ()))

    def _is_vcenter(self, name: str) -> bool:
        return any(name in names for names in self._vcenters)

    def _no_vcenter(self, place: str, name: str) -> None:
        shown = [names[1] or names[0] if len(names) > 1 else names[0] for names in self._vcenters]
        self._missing(f"{place} {name} is no vCenter of the estate", ALL, name, shown)

    def _missing(self, message: str, kind: str, wanted: str, names: Iterable[str]) -> None:
        if reason := self._inventory.why_unsure(kind):
            self.warnings.append(f"{message}, which may lack it: {reason}")
            return
        self.problems.append(Problem(message, remedy=_remedy(wanted, sorted({name for name in names if name}))))


def _remedy(wanted: str, names: Sequence[str]) -> str:
    """The names that are like the one that is wanted, else some of them."""
    lower = {name.lower(): name for name in names}
    near = [lower[name] for name in get_close_matches(wanted.lower(), lower, _SHOWN)]
    if near:
        return f"names like it are {', '.join(near)}"
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"correct or remove it; the estate has {', '.join(names[:_SHOWN])}{more}" if names else "remove it; the estate has none"


def _places(records: Iterable[JsonRecord], used: Iterable[tuple[str, str, str]]) -> list[_Place]:
    """The sources that have records, and those that VMs use by (vCenter, id, name)."""
    found = {
        record["id"]: _Place(
            str(record.get("vcenter", "")), str(record.get("name", "")), tuple(filter(None, (str(record.get("moref", "")), record["id"])))
        )
        for record in records
    }
    more = {(vcenter, name) for vcenter, identity, name in used if name and identity not in found}
    return [*found.values(), *(_Place(vcenter, name, (f"{vcenter}/{name}",)) for vcenter, name in sorted(more))]


def _networks(inventory: Inventory) -> list[_Place]:
    vms = (*inventory.vms, *inventory.others)
    return _places(inventory.networks, ((vm.vcenter, nic.network_id, nic.network) for vm in vms for nic in vm.nics or ()))


def _datastores(inventory: Inventory) -> list[_Place]:
    vms = (*inventory.vms, *inventory.others)
    return _places(inventory.datastores, ((vm.vcenter, disk.datastore_id, disk.datastore) for vm in vms for disk in vm.disks or ()))


def _hosts(inventory: Inventory) -> list[_Place]:
    known = {(str(record.get("vcenter", "")), str(record.get("name", ""))) for record in inventory.hosts}
    running = {(vm.vcenter, vm.host) for vm in (*inventory.vms, *inventory.others)} - known
    return [*_places(inventory.hosts, ()), *(_Place(vcenter, name, ()) for vcenter, name in sorted(running) if name)]


# ---- selectors -------------------------------------------------------------------------------------------------------


def _selectors(settings: PlanSettings, vms: Sequence[PlanVm]) -> Iterator[str]:
    for place, selector in _matches(settings):
        if not selector.empty and not any(selector.matches(vm) for vm in vms):
            yield f"{place} means no VM that is in scope"
    named = _windows_named(settings, vms)
    for number, rule in enumerate(settings.windows):
        if rule.own and rule.name not in named:
            yield f"plan_windows[{number}] ({rule.name}) is for VMs whose annotated window names it, and none in scope does"


def _matches(settings: PlanSettings) -> Iterator[tuple[str, Selector]]:
    lists = {
        "plan_windows": [rule.selector for rule in settings.windows],
        "plan_freezes": [freeze.selector for freeze in settings.freezes],
        "plan_method.overrides": [selector for selector, _method in settings.method.overrides],
        "plan_namespaces": [rule.selector for rule in settings.namespaces],
        "plan_hooks": [rule.selector for rule in settings.hooks],
    }
    for setting, selectors in lists.items():
        for number, selector in enumerate(selectors):
            yield f"{setting}[{number}].match", selector
    yield "plan_pilots.match", settings.pilots.selector


def _windows_named(settings: PlanSettings, vms: Iterable[PlanVm]) -> set[str]:
    """Windows of the plan that annotations name."""
    if not any(rule.own for rule in settings.windows):
        return set()
    texts = {vm.change_window for vm in vms if vm.change_window.strip()}
    read = (read_owner_window(text, settings.windows) for text in sorted(texts))
    return {window.rule for window in read if window is not None and window.rule}
