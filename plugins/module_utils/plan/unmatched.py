# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of the user that mean nothing of the estate.

One that names a network, datastore or host that the estate does not have is a mistake where the estate has one with a name like it.
Everything else is a warning, since one set of rules may serve several runs, and what it names may be gone: a rule for a vCenter that is
not in the estate, a name like no other, one more of a row of names (gold-04 beside gold-03), what the estate may lack since something was
not read, whatever it is when the plan goes on from an earlier one, and a selector that means no VM.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from ..common.artifact import JsonRecord
from ..common.errors import Problem
from .manifests.providers import SourceProvider, names_of_provider
from .model import PlanVm
from .networks import SETTING as NETWORKS
from .patterns import fits
from .settings import HostRule, NetworkRule, PlanSettings, Selector, StorageRule
from .source_rules import is_called, means, names_by_vcenter, vcenter_names
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
        """Per vCenter what it may be called; the last one is for people."""
        known = {record.get("vcenter") for record in self.vcenters}
        bare = sorted({vm.vcenter for vm in (*self.vms, *self.others)} - known - {""})
        return [names for record in self.vcenters if (names := vcenter_names(record))] + [(uuid,) for uuid in bare]


@dataclass(frozen=True, slots=True)
class _Place:
    """A source: its vCenter's UUID, its name, and its ids."""

    vcenter: str
    name: str
    ids: tuple[str, ...]


def unmatched(
    settings: PlanSettings, inventory: Inventory, providers: Mapping[str, SourceProvider], *, going_on: bool = False
) -> tuple[list[Problem], list[str]]:
    """Rules that mean nothing: those that are mistakes, and warnings.

    `providers` are by the UUID of their vCenter. With `going_on`, from an earlier plan, nothing is a mistake: sources may have gone.
    """
    judge = _Judge(inventory, going_on)
    judge.sources(NETWORKS, NETWORK, settings.networks, _networks(inventory))
    judge.sources(STORAGE, DATASTORE, settings.storage, _datastores(inventory))
    judge.providers(settings)
    judge.hosts(settings.hosts, providers)
    return judge.problems, [*judge.warnings, *_selectors(settings, inventory.vms)]


class _Judge:
    """Gathers what is wrong, and what may be."""

    def __init__(self, inventory: Inventory, going_on: bool) -> None:
        self._inventory = inventory
        self._going_on = going_on
        self._vcenters = inventory.vcenter_names()
        self._called = names_by_vcenter(inventory.vcenters)
        self.problems: list[Problem] = []
        self.warnings: list[str] = []

    def sources(self, setting: str, kind: str, rules: Sequence[NetworkRule | StorageRule], places: Sequence[_Place]) -> None:
        """Rules for networks or datastores."""
        for number, rule in enumerate(rules):
            place = f"{setting}[{number}]"
            if rule.vcenter and not self._is_vcenter(rule.vcenter):
                self._no_vcenter(f"{place}.vcenter", rule.vcenter)
            elif not any(means(rule, self._names(one.vcenter), one.name, one.ids) for one in places):
                within = f" in vCenter {rule.vcenter}" if rule.vcenter else ""
                names = [one.name for one in places if not rule.vcenter or is_called(rule.vcenter, self._names(one.vcenter))]
                self._missing(f"{place}.source {rule.source} means no {kind} of the estate{within}", kind, rule.source, names)

    def providers(self, settings: PlanSettings) -> None:
        """Rules for the providers of vCenters, which are named by patterns."""
        for number, rule in enumerate(settings.providers):
            if not any(fits(rule.vcenter, name) for names in self._vcenters for name in names):
                self._no_vcenter(f"plan_providers[{number}].vcenter", rule.vcenter)

    def hosts(self, rules: Sequence[HostRule], providers: Mapping[str, SourceProvider]) -> None:
        """Rules for ESXi hosts, whose vCenters may be called by their providers as well."""
        places = _hosts(self._inventory)
        called = {vcenter: names_of_provider(provider) for vcenter, provider in providers.items()}
        for number, rule in enumerate(rules):
            place = f"plan_hosts[{number}]"
            if rule.vcenter and not self._is_vcenter(rule.vcenter) and not any(is_called(rule.vcenter, names) for names in called.values()):
                self._no_vcenter(f"{place}.vcenter", rule.vcenter)
                continue
            inside = [
                one
                for one in places
                if not rule.vcenter or is_called(rule.vcenter, (*self._names(one.vcenter), *called.get(one.vcenter, ())))
            ]
            if not any(rule.host in (one.name, *one.ids) for one in inside):
                within = f" in vCenter {rule.vcenter}" if rule.vcenter else ""
                self._missing(f"{place}.host {rule.host} is no host of the estate{within}", HOST, rule.host, [one.name for one in inside])

    def _names(self, vcenter: str) -> tuple[str, ...]:
        return self._called.get(vcenter, (vcenter,))

    def _is_vcenter(self, name: str) -> bool:
        return any(is_called(name, names) for names in self._vcenters)

    def _no_vcenter(self, place: str, name: str) -> None:
        """A rule for a vCenter that is not in the estate: it is for another run."""
        message = f"{place} {name} is no vCenter of the estate"
        if reason := self._inventory.why_unsure(ALL):
            self.warnings.append(f"{message}, which may lack it: {reason}")
            return
        near = _near(name, [called for names in self._vcenters for called in names])
        told = _alike(near) if near else _some([names[-1] for names in self._vcenters])
        self.warnings.append(f"{message}, so that the rule is taken to be for another run; {told}")

    def _missing(self, message: str, kind: str, wanted: str, names: Iterable[str]) -> None:
        there = sorted({name for name in names if name})
        near = _near(wanted, there)
        if reason := self._inventory.why_unsure(kind):
            self.warnings.append(f"{message}, which may lack it: {reason}")
        elif near and not self._going_on and not _is_of_a_row(wanted, there):
            self.problems.append(Problem(message, remedy=_alike(near)))
        else:
            self.warnings.append(f"{message}; {_alike(near) if near else f'correct or remove it; {_some(there)}'}")


def _near(wanted: str, names: Iterable[str]) -> list[str]:
    """The names that are like the one that is wanted."""
    folded = {name.casefold(): name for name in names}
    return [folded[name] for name in get_close_matches(wanted.casefold(), folded, _SHOWN)]


def _is_of_a_row(wanted: str, names: Iterable[str]) -> bool:
    """Whether one of the names differs in its digits alone: the one that is wanted is another of their row, and no typing error."""
    plain = _without_digits(wanted)
    return any(_without_digits(name) == plain for name in names)


def _without_digits(name: str) -> str:
    return "".join(letter for letter in name.casefold() if not letter.isdigit())


def _alike(near: Sequence[str]) -> str:
    return f"names like it are {', '.join(near)}"


def _some(names: Sequence[str]) -> str:
    """Some of what the estate has."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"the estate has {', '.join(names[:_SHOWN])}{more}" if names else "the estate has none"


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
