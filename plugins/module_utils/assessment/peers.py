# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts that several VMs share: gathered in one pass over the estate, looked up in a second one.

The first pass keeps one number per value, not the value, so that an estate of 100,000 VMs fits in some tens of
megabytes and each look-up takes constant time.

Sharing is excluded only when nobody else can hold the value: a VM whose values are unknown (a *blind* one) may hold
any value of its vCenter, or, for a disk's file, any file on the datastores that it uses. VMs that vCenter cannot read
(`out_of_scope: inaccessible …`) and placeholders of Site Recovery Manager hold no file open and count for nothing;
one of which it is not known whether it is such a VM can exclude no sharing, and prove none. What nobody saw counts as
well: VMs that a source may hide may hold anything of their vCenter, and a blind VM whose list of datastores comes from
a live server may use every datastore that the server did not show.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..common.artifact import JsonRecord
from ..estate.scope import PEER_FACTS, undecided
from .sight import Listing, Sight

WITHIN: Final = ("vcenter", "estate")
"""How far a value is compared: among the VMs of one vCenter (or standalone host), or of the whole estate."""

_WHOLE_ESTATE: Final = "estate"
_NO_PEER: Final = ("inaccessible", "SRM placeholder")
_NAMES_SHOWN: Final = 5
_SEVERAL: Final = -1
# Marks beside the names of scopes and places; no such name begins with NUL.
_EVERY_SCOPE: Final = "\0every"
_ALL_PLACES: Final = "\0all"
_SOME_PLACE: Final = "\0some"
_NOT_SHOWN: Final = "\0not shown by "


@dataclass(frozen=True, slots=True)
class SharedKey:
    """What is compared between VMs: a fact of the VM, or of the parts in its list `part`."""

    part: str
    name: str
    within: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value can lie, which narrows down what a blind VM may hold.

    The place of a known value is the first group of `pattern`; that of an unknown one is the part's fact `part_fact`,
    else one of those in the VM's fact `vm_fact` or one that the VM's live source did not show, else anywhere.
    """

    pattern: re.Pattern[str]
    part_fact: str
    vm_fact: str


PLACES: Final[Mapping[tuple[str, str], Place]] = {
    ("disks", "path"): Place(re.compile(r"\[([^\]]+)\]"), "datastore", "datastores"),
}
"""Part and fact to the place of its values."""


def scope_of(vm: Mapping[str, Any], within: str) -> str | None:
    """The name space of a VM's values: its vCenter, or the host when that stands alone; None when it is unknown."""
    if within == "estate":
        return _WHOLE_ESTATE
    vcenter: str | None = vm.get("vcenter")
    if vcenter:
        return vcenter
    host = vm.get("host")
    return f"host {host}" if vcenter == "" and host else None


def _number(value: str) -> int:
    # Not hash(): its seed differs between processes, and equal inputs have to give equal results even if two values collide.
    return int.from_bytes(hashlib.blake2b(value.encode(), digest_size=8).digest(), "big")


def _texts(value: str | Sequence[str]) -> Sequence[str]:
    return (value,) if isinstance(value, str) else value


class PeerIndex:
    """The values of one key over all VMs of an estate.

    Call `add` for every VM in order, then `close`; then `enter` for each VM that is looked at, with its number in that
    order, and `shared` for its values. Before, `shared` says that nothing is: which is true of every VM for which
    `concerns` is false in the end. `sight` says how far the sources could see.
    """

    def __init__(self, key: SharedKey, sight: Sight | None = None) -> None:
        self.key = key
        self._sight = sight or Sight()
        self._place = PLACES.get((key.part, key.name))
        self._scopes: list[str | None] = []
        self._names: list[str] = []
        self._first: dict[int, int] = {}
        self._holders: dict[int, list[int]] = {}
        self._groups: dict[int, dict[str | None, list[tuple[str, int]]]] = {}
        self._blind: dict[tuple[str | None, str], int] = {}
        self._listings: dict[Listing, str] = {}
        self._not_shown: set[tuple[Listing, str]] = set()
        self._suspects: set[int] = set()
        self._unsure: set[int] = set()
        self._ordinal = -1
        self._scope: str | None = None
        self._vm: Mapping[str, Any] = {}
        # Most VMs hold nothing that another one holds: for them no value has to be looked up. So it is taken for all, until
        # the first pass has ended.
        self._clear = True

    def add(self, vm: JsonRecord) -> None:
        """Takes in the next VM, in scope or not."""
        ordinal = len(self._names)
        scope = scope_of(vm, self.key.within)
        self._names.append(vm.get("name") or vm["id"])
        if self._sight.may_hide_vms(vm):
            self._note(scope, (_ALL_PLACES, _SOME_PLACE), _SEVERAL)
        if str(vm.get("out_of_scope", "")).startswith(_NO_PEER):
            self._scopes.append(scope)
            return
        if undecided(vm, PEER_FACTS):
            # A holder of which nobody can say whether it counts is one of which nobody can say where it counts.
            self._unsure.add(ordinal)
        self._scopes.append(None if ordinal in self._unsure else scope)
        first = self._first
        listings = self._sight.listings(vm) if self._place is not None else ()
        for value in self._known_values(vm, ordinal, scope):
            if listings:
                self._note_not_shown(value, listings)
            number = _number(value)
            if first.setdefault(number, ordinal) != ordinal:
                holders = self._holders.setdefault(number, [first[number]])
                if holders[-1] != ordinal:
                    holders.append(ordinal)

    def _known_values(self, vm: JsonRecord, ordinal: int, scope: str | None) -> Iterator[str]:
        name, part = self.key.name, self.key.part
        items: list[JsonRecord] | None = vm.get(part) if part else [vm]
        if items is None:
            self._note_blind(vm, {}, ordinal, scope)
            return
        for item in items:
            value = item.get(name)
            if value is None:
                self._note_blind(vm, item, ordinal, scope)
            else:
                for text in _texts(value):
                    if text:
                        yield text

    def _note_blind(self, vm: JsonRecord, item: JsonRecord, ordinal: int, scope: str | None) -> None:
        places: Sequence[str] = (_ALL_PLACES,)
        if self._place is not None:
            exact, near = item.get(self._place.part_fact), vm.get(self._place.vm_fact)
            if exact is not None:
                places = (exact,) if exact else ()
            elif near is not None:
                # A list of a live server holds no more than its reader may see.
                unseen = {listing: f"{_NOT_SHOWN}{listing}" for listing in self._sight.listings(vm)}
                self._listings.update(unseen)
                places = (*(place for place in near if place), *unseen.values())
        if places:
            self._note(scope, (*places, _SOME_PLACE), ordinal)

    def _note(self, scope: str | None, places: Sequence[str], ordinal: int) -> None:
        """Notes that a VM may hold any value of these places."""
        for place in places:
            for where in (scope, _EVERY_SCOPE):
                if self._blind.setdefault((where, place), ordinal) != ordinal:
                    self._blind[(where, place)] = _SEVERAL

    def _note_not_shown(self, value: str, listings: Iterable[Listing]) -> None:
        """Notes the place of a value where the source did not show it."""
        place = self._place_of(value)
        if place:
            self._not_shown.update((listing, place) for listing in listings if not self._sight.showed(listing, place))

    def _place_of(self, value: str) -> str:
        """The place that a value names; empty where it names none."""
        found = self._place.pattern.match(value) if self._place is not None else None
        return found.group(1) if found is not None else ""

    def close(self) -> None:
        """Ends the first pass: keeps only values that several VMs hold, grouped by vCenter."""
        self._first = {}
        for number, holders in self._holders.items():
            self._suspects.update(holders)
            groups: dict[str | None, list[tuple[str, int]]] = {}
            for ordinal in holders:
                groups.setdefault(self._scopes[ordinal], []).append((self._names[ordinal], ordinal))
            self._groups[number] = {scope: sorted(members) for scope, members in groups.items()}
        self._holders, self._scopes, self._names = {}, [], []

    @property
    def has_blind(self) -> bool:
        """True when a VM's values are not all known, so that no VM can be told apart from it."""
        return bool(self._blind)

    def concerns(self, ordinal: int) -> bool:
        """Whether the VM of that number may share a value with another one."""
        return bool(self._blind) or ordinal in self._suspects

    def enter(self, ordinal: int, vm: JsonRecord) -> None:
        """Turns to one VM of the second pass."""
        self._ordinal = ordinal
        self._clear = not self.concerns(ordinal)
        self._scope = None if self._clear else scope_of(vm, self.key.within)
        self._vm = vm

    def shared(self, value: str | Sequence[str]) -> bool | None:
        """Whether another VM holds a value of the VM that was entered; None when that cannot be excluded."""
        if self._clear:
            return False
        if isinstance(value, str):
            return self._one_shared(value)
        unsure = False
        for text in value:
            shared = self._one_shared(text)
            if shared:
                return True
            unsure = unsure or shared is None
        return None if unsure else False

    def _one_shared(self, value: str) -> bool | None:
        if not value:
            return False
        groups = self._groups.get(_number(value)) if self._ordinal in self._suspects else None
        if groups is not None:
            if self._scope is None:
                return None
            if len(groups.get(self._scope, ())) > 1:
                return True
            if None in groups:
                return None
        return None if self._blind and self._may_be_held_unseen(value) else False

    def _may_be_held_unseen(self, value: str) -> bool:
        place = self._place_of(value)
        places = (place, _ALL_PLACES, *self._lists_without(place)) if place else (_SOME_PLACE,)
        scopes = (_EVERY_SCOPE,) if self._scope is None else (self._scope, None)
        return any(self._blind.get((scope, place), self._ordinal) != self._ordinal for scope in scopes for place in places)

    def _lists_without(self, place: str) -> Iterator[str]:
        """Marks of the lists of places that would not name this one although it is used: no account sees what is not shown to it.

        That is so where the place is not shown in the datacenter of the VM that was entered, or is known to be used and not
        shown in the datacenter of the list.
        """
        if self._listings:
            own = {listing for listing in self._sight.listings(self._vm) if self._sight.showed(listing, place)}
            sources = {listing.source for listing in own}
            for listing, mark in self._listings.items():
                if listing.source not in sources or (listing, place) in self._not_shown:
                    yield mark

    def others(self, value: str | Sequence[str]) -> list[tuple[str, str]]:
        """For evidence: each shared value with the names of the other VMs that hold it, the first few by name."""
        found: list[tuple[str, str]] = []
        for text in _texts(value):
            members = self._groups.get(_number(text), {}).get(self._scope, [])
            shown = [name for name, ordinal in members[: _NAMES_SHOWN + 1] if ordinal != self._ordinal][:_NAMES_SHOWN]
            itself = self._ordinal not in self._unsure
            more = len(members) - itself - len(shown)
            if len(members) > 1:
                found.append((text, ", ".join(shown) + (f" and {more} more" if more else "")))
        return found
