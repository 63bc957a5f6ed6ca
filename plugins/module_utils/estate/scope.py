# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which VMs are assessed: what a user includes and excludes, and what is never assessed.

A VM that is out of scope stays in the estate with the reason. Where a fact that the scope asks for is unknown, the
VM stays in scope: to leave out what nobody has looked at would be to pass it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from typing import Any, Final

from ..common.artifact import JsonRecord
from ..common.errors import Problem

DIMENSIONS: Final[Mapping[str, str]] = {
    "vcenters": "vcenter",
    "clusters": "cluster",
    "folders": "folder",
    "tags": "tag",
    "vms": "vm",
}
"""Lists of a scope, in the order in which they are asked, and what one entry is called in a reason."""

ARGUMENT: Final = "readiness_scope"
"""What users call the scope."""

FORM: Final = "{include: {clusters: [A]}, exclude: {folders: [/Lab]}}"

LOST_STATES: Final = ("inaccessible", "invalid", "orphaned")
"""Connection states in which vCenter has lost the VM's files or host."""

AGENT_VM: Final = re.compile(r"vCLS(?:$|-[0-9A-Za-z-]*[0-9][0-9A-Za-z-]*$| ?\([0-9]+\)$)")
"""Names that vSphere gives its cluster services VMs."""

PEER_FACTS: Final = ("connection_state", "srm_placeholder")
"""Facts that tell whether a VM can hold a disk open at all."""

SCOPE_FACTS: Final = ("connection_state", "name", "srm_placeholder", "template")
"""Facts that tell whether a VM is one that is never assessed."""

REASONS: Final = ("template", "vCLS agent VM", "SRM placeholder", "inaccessible (", "excluded by ", "not included by the scope")
"""How every reason begins that this module gives."""

Matches = tuple[int, ...]
"""Positions of the patterns that match a value."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The patterns of one side of a scope, by list."""

    patterns: Mapping[str, tuple[str, ...]]

    @property
    def empty(self) -> bool:
        """True when it names nothing."""
        return not any(self.patterns.values())


@dataclass(frozen=True, slots=True)
class ScopeRequest:
    """What the user asked for. Included is what matches an entry of every list that is given; excluded is what matches any entry."""

    include: Selection = Selection({})
    exclude: Selection = Selection({})


def parse_scope(scope: object, argument: str = ARGUMENT) -> tuple[ScopeRequest, list[Problem]]:
    """The request, and everything that is wrong with it; `argument` is what the user calls the scope.

    `scope` is {include: {vcenters: [], clusters: [], folders: [], tags: [], vms: []}, exclude: {the same}}; None and empty texts
    count as not given.
    """
    if not_given(scope):
        return ScopeRequest(), []
    if not isinstance(scope, Mapping):
        return ScopeRequest(), [Problem(f"{argument} is {word_for(scope)}, not a mapping", remedy=f"write it as {FORM}")]
    problems = unknown_keys(argument, scope, ("include", "exclude"))
    sides = {side: _parse_selection(f"{argument}.{side}", scope.get(side), problems) for side in ("include", "exclude")}
    return ScopeRequest(**sides), problems


def not_given(value: object) -> bool:
    """True for null, and for the empty text that older templating makes of it."""
    return value is None or (isinstance(value, str) and not value.strip())


def word_for(value: object) -> str:
    """What a value is, in the words of YAML."""
    for kind, word in ((bool, "true or false"), (int, "a number"), (float, "a number"), (str, "a text"), (Mapping, "a mapping")):
        if isinstance(value, kind):
            return word
    return "null" if value is None else "a list"


def unknown_keys(place: str, given: Mapping[Any, Any], allowed: Sequence[str]) -> list[Problem]:
    """A problem for every key that is not allowed, with the one that may have been meant."""
    problems = []
    for key in sorted(str(key) for key in given if key not in allowed):
        near = min(allowed, key=lambda word: _distance(key.lower(), word))
        meant = f"did you mean {near}? " if _distance(key.lower(), near) <= max(1, len(near) // 3) else ""
        problems.append(Problem(f"{place}.{key} is not known", remedy=f"{meant}allowed are {', '.join(allowed)}"))
    return problems


def _distance(first: str, second: str) -> int:
    """How many letters have to be put in, taken out or changed to make one word of the other."""
    row = list(range(len(second) + 1))
    for number, letter in enumerate(first[:40], 1):
        diagonal, row[0] = row[0], number
        for place, other in enumerate(second, 1):
            diagonal, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, diagonal + (letter != other))
    return row[-1]


def _parse_selection(place: str, given: object, problems: list[Problem]) -> Selection:
    if not_given(given):
        return Selection({})
    if not isinstance(given, Mapping):
        problems.append(Problem(f"{place} is {word_for(given)}, not a mapping", remedy=f"give it any of {', '.join(DIMENSIONS)}"))
        return Selection({})
    problems += unknown_keys(place, given, tuple(DIMENSIONS))
    patterns: dict[str, tuple[str, ...]] = {}
    for dimension in DIMENSIONS:
        entries = given.get(dimension)
        if entries is None:
            continue
        if isinstance(entries, str):
            entries = [entries]
        faults = _entry_faults(f"{place}.{dimension}", entries)
        problems += faults
        if not faults:
            patterns[dimension] = tuple(dict.fromkeys(entry.strip() for entry in entries))
    return Selection(patterns)


def _entry_faults(place: str, entries: Any) -> list[Problem]:
    if not isinstance(entries, Sequence):
        remedy = "give a list of texts; * and ? are wildcards"
        return [Problem(f"{place} is {word_for(entries)}, not a list of names", remedy=remedy)]
    faults = []
    for position, entry in enumerate(entries):
        if not isinstance(entry, str):
            remedy = "put a name that looks like a number into quotes"
            faults.append(Problem(f"{place}[{position}] is {word_for(entry)}, not a name", remedy=remedy))
        elif not entry.strip():
            faults.append(Problem(f"{place}[{position}] is empty", remedy="give a name, or take the entry out"))
    return faults


class _Patterns:
    """The patterns of one list; what matched is remembered, by value (for speed) and by pattern (to tell which never did)."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self.patterns = patterns
        self.used: set[int] = set()
        self._exact: dict[str, list[int]] = {}
        self._wild: list[tuple[int, re.Pattern[str]]] = []
        for position, pattern in enumerate(patterns):
            self._exact.setdefault(pattern.lower(), []).append(position)
            if any(sign in pattern for sign in "*?["):
                self._wild.append((position, re.compile(translate(pattern.lower()))))
        self._seen: dict[str, Matches] = {}

    def one(self, value: str, *, remember: bool = True) -> Matches:
        """Positions of the patterns that match one value."""
        found = self._seen.get(value)
        if found is None:
            lowered = value.lower()
            positions = set(self._exact.get(lowered, ()))
            positions.update(position for position, pattern in self._wild if pattern.match(lowered))
            found = tuple(sorted(positions))
            self.used.update(found)
            if remember:
                self._seen[value] = found
        return found


def _ancestors(folder: str) -> list[str]:
    """A folder's path and those of all folders above it."""
    parts = folder.strip("/").split("/")
    return ["/".join(parts[: depth + 1]) for depth in range(len(parts))]


class _Side:
    """One side of the scope, ready to be asked about VMs."""

    def __init__(self, selection: Selection, vcenter_names: Mapping[str, Sequence[str]]) -> None:
        self._vcenter_names = vcenter_names
        self.lists = {
            dimension: _Patterns(
                [entry.strip("/") for entry in selection.patterns[dimension]] if dimension == "folders" else selection.patterns[dimension]
            )
            for dimension in DIMENSIONS
            if selection.patterns.get(dimension)
        }
        self.shown = selection.patterns
        self._folders: dict[str, Matches] = {}

    def matches(self, dimension: str, vm: Mapping[str, Any]) -> Matches | None:
        """Positions of the patterns of one list that match a VM; None when the fact they ask for is unknown."""
        patterns = self.lists[dimension]
        if dimension == "vcenters":
            vcenter = vm.get("vcenter")
            return self._any(patterns, (vcenter, *self._vcenter_names.get(vcenter, ()))) if vcenter else None
        if dimension == "clusters":
            cluster = vm.get("cluster")
            return None if cluster is None else patterns.one(cluster)
        if dimension == "folders":
            return self._folder(patterns, vm.get("folder"))
        if dimension == "tags":
            tags = vm.get("tags")
            return None if tags is None else self._any(patterns, [name for tag in tags for name in (tag, tag.partition("/")[2] or tag)])
        names = [vm[key] for key in ("id", "name", "instance_uuid", "bios_uuid") if vm.get(key)]
        return self._any(patterns, names, remember=False)

    def _folder(self, patterns: _Patterns, folder: str | None) -> Matches | None:
        if folder is None:
            return None
        found = self._folders.get(folder)
        if found is None:
            found = self._folders[folder] = self._any(patterns, _ancestors(folder))
        return found

    @staticmethod
    def _any(patterns: _Patterns, values: Iterable[str], *, remember: bool = True) -> Matches:
        found: set[int] = set()
        for value in values:
            found.update(patterns.one(value, remember=remember))
        return tuple(sorted(found))

    def unused(self) -> list[tuple[str, str]]:
        """(list, pattern) of every pattern that matched no VM."""
        return [
            (dimension, self.shown[dimension][position])
            for dimension, patterns in self.lists.items()
            for position in range(len(patterns.patterns))
            if position not in patterns.used
        ]


class Scope:
    """Decides VM by VM, and tells at the end what never matched and what could not be decided.

    `vcenter_names` maps the instance UUID of a vCenter to the names by which it may be called.
    """

    def __init__(self, request: ScopeRequest, vcenter_names: Mapping[str, Sequence[str]]) -> None:
        self._include = _Side(request.include, vcenter_names)
        self._exclude = _Side(request.exclude, vcenter_names)
        self._asked = bool(self._include.lists or self._exclude.lists)
        self._undecided: dict[str, int] = {}
        self._undecided_kind: dict[str, int] = {}

    def reason(self, vm: Mapping[str, Any]) -> str | None:
        """Why a VM is out of scope; None when it is in scope."""
        asked, unknown = self._asked_for(vm) if self._asked else (None, [])
        reason = built_in_reason(vm) or asked
        if reason is None:
            self._note_undecided(unknown)
            if open_facts := undecided(vm):
                key = " and ".join(open_facts)
                self._undecided_kind[key] = self._undecided_kind.get(key, 0) + 1
        return reason

    def asked_reason(self, vm: Mapping[str, Any]) -> str | None:
        """Why the user's own scope leaves a VM out, whatever else is true of it; None when it does not."""
        if not self._asked:
            return None
        asked, unknown = self._asked_for(vm)
        if asked is None:
            self._note_undecided(unknown)
        return asked

    def _note_undecided(self, unknown: Sequence[str]) -> None:
        if unknown:
            key = " and ".join(unknown)
            self._undecided[key] = self._undecided.get(key, 0) + 1

    def _asked_for(self, vm: Mapping[str, Any]) -> tuple[str | None, list[str]]:
        """(reason that the user's scope gives, lists that could not be asked).

        Every list is asked, even when the answer is clear, to learn which patterns match at all.
        """
        excluded = {dimension: self._exclude.matches(dimension, vm) for dimension in self._exclude.lists}
        included = {dimension: self._include.matches(dimension, vm) for dimension in self._include.lists}
        for dimension, found in excluded.items():
            if found:
                return f"excluded by {DIMENSIONS[dimension]} {self._exclude.shown[dimension][found[0]]}", []
        if any(found == () for found in included.values()):
            return "not included by the scope", []
        return None, sorted({dimension for side in (excluded, included) for dimension, found in side.items() if found is None})

    def notices(self) -> list[JsonRecord]:
        """What the user should know: patterns that match no VM, and VMs for which the scope could not be decided."""
        notices = []
        for side, selection in (("exclude", self._exclude), ("include", self._include)):
            for dimension, pattern in selection.unused():
                message = f"scope: {side}.{dimension} {pattern} matches no VM"
                notices.append(_notice("scope_unmatched", f"{side}.{dimension}/{pattern}", message, "check its spelling"))
        if self._undecided:
            total = sum(self._undecided.values())
            causes = ", ".join(f"{lists}: {count}" for lists, count in sorted(self._undecided.items()))
            message = f"{total} VMs stay in scope because what the scope asks for is unknown for them ({causes})"
            remedy = "give a source that shows these facts, or name the VMs themselves"
            notices.append(_notice("scope_undecided", "vms", message, remedy))
        if self._undecided_kind:
            total = sum(self._undecided_kind.values())
            causes = ", ".join(f"{facts}: {count}" for facts, count in sorted(self._undecided_kind.items()))
            vms = "1 VM stays" if total == 1 else f"{total} VMs stay"
            message = f"{vms} in scope, with a provisional verdict, because it is not known whether they are to be assessed ({causes})"
            remedy = "give a source or an account that shows these facts, or exclude the VMs by name"
            notices.append(_notice("scope_undecided", "facts", message, remedy))
        return notices


def _notice(code: str, key: str, message: str, remedy: str) -> JsonRecord:
    return {"kind": "notice", "id": f"{code}/{key}", "code": code, "message": message, "remedy": remedy}


def built_in_reason(vm: Mapping[str, Any]) -> str | None:
    """Why a VM is never assessed, whatever the scope says."""
    if vm.get("template"):
        return "template"
    name = vm.get("name")
    if (name and name.startswith("vCLS") and AGENT_VM.match(name)) or str(vm.get("folder", "")).endswith("/vCLS"):
        return "vCLS agent VM"
    if vm.get("srm_placeholder"):
        return "SRM placeholder"
    state = vm.get("connection_state")
    if state in LOST_STATES:
        return f"inaccessible ({state})"
    return None


def undecided(vm: Mapping[str, Any], facts: Sequence[str] = SCOPE_FACTS) -> tuple[str, ...]:
    """Those of the facts that could put a VM out of scope and are unknown for it alone.

    What a whole source does not show, as exports without a column, is no open question of the VM: it stands in the source's
    record.
    """
    unknown = vm.get("unknown")
    return tuple(fact for fact in facts if fact in unknown and fact not in vm) if unknown else ()


def apply_reason(vm: JsonRecord, reason: str | None) -> JsonRecord:
    """The VM's record with this reason; a reason of a kind that this version does not give is kept."""
    given = vm.get("out_of_scope")
    if given == reason:
        return vm
    if reason is not None:
        return {**vm, "out_of_scope": reason}
    if not str(given).startswith(REASONS):
        return vm
    return {key: value for key, value in vm.items() if key != "out_of_scope"}
