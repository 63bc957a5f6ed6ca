# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which id an object gets, and which records of different inputs are the same object.

Ids are made once, by the reader of a source. When inputs are merged, records are matched rung by rung on a ladder
of keys, strongest first; a key counts only where it leaves no doubt. The id that survives is one that a member
already has, so that references need no more than a renaming.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from sys import intern
from typing import Any, Final, TypeAlias

from .captured import Captures

Key: TypeAlias = tuple[str, ...] | None
Groups: TypeAlias = list[list[int]]

NO_ORIGIN: Final[Mapping[str, str]] = {}

BASES: Final = ("moref", "instance_uuid", "bios_uuid", "path")
"""What a VM's id can rest on, strongest first."""


def source_id(name: str, sha256: str) -> str:
    """Id of a source: its base name and the first eight digits of its SHA-256."""
    return f"{name}@{sha256[:8]}"


def source_name(source: str) -> str:
    """Base name in a source's id."""
    return source.rpartition("@")[0] or source


def path_id(source: str, datacenter: str, folder: str, name: str) -> str:
    """Id of a VM that has no other key; `source` is the base name of the source."""
    return f"{source}/{datacenter}/{folder}/{name}"


def vm_id(facts: Mapping[str, Any], source: str, *, bios_uuid_is_unique: bool) -> tuple[str, str]:
    """(id, basis) of a VM from what its source shows; `source` is the source's base name."""
    vcenter, moref = facts.get("vcenter"), facts.get("moref")
    if vcenter and moref:
        return f"{vcenter}/{moref}", "moref"
    if facts.get("instance_uuid"):
        return str(facts["instance_uuid"]), "instance_uuid"
    if facts.get("bios_uuid") and bios_uuid_is_unique:
        return str(facts["bios_uuid"]), "bios_uuid"
    return path_id(source, facts.get("datacenter", ""), facts.get("folder", ""), facts.get("name", "")), "path"


def object_id(kind: str, vcenter: str, moref: str, path: str) -> str:
    """Id of any other object: `vcenter` is the instance UUID, else the server's host name, else the source's base name."""
    return f"{vcenter}/{moref}" if moref else f"{vcenter}/{kind}/{path}"


def _single(key: str) -> Key:
    return (key,) if key else None


@dataclass(frozen=True, slots=True)
class VmKeys:
    """The keys of one VM record of one input; a key that it does not hold is empty.

    `place` is datacenter, folder and name, and counts as a key only when it is `placed`: all three are known.
    """

    input: int
    id: str
    id_basis: str
    source: str
    vcenter: str
    moref: str
    instance_uuid: str
    bios_uuid: str
    place: tuple[str, str, str]
    placed: bool

    @classmethod
    def of(cls, record: Mapping[str, Any], number: int) -> VmKeys:
        """The keys of a record; `number` is that of its input."""
        return cls(
            number,
            record["id"],
            intern(record.get("id_basis", "")),
            intern((record.get("origin") or NO_ORIGIN).get("source", "")),
            intern(record.get("vcenter", "")),
            record.get("moref", ""),
            record.get("instance_uuid", ""),
            record.get("bios_uuid", ""),
            (intern(record.get("datacenter", "")), intern(record.get("folder", "")), record.get("name", "")),
            "datacenter" in record and "folder" in record and bool(record.get("name")),
        )

    @property
    def moref_key(self) -> Key:
        """Key within one vCenter."""
        return (self.vcenter, self.moref) if self.vcenter and self.moref else None

    @property
    def place_key(self) -> Key:
        """Key that needs no vCenter at all."""
        return (self.place[0], self.place[1].strip("/"), self.place[2]) if self.placed else None


def _folder_place(record: Mapping[str, Any]) -> str | None:
    """Datacenter, type and path of a folder: folders of different types can have one path. None where one is unknown."""
    known = [record.get(fact) for fact in ("datacenter", "type", "path")]
    return None if None in known else "/".join(str(part) for part in known)


@dataclass(frozen=True, slots=True)
class ObjectKeys:
    """The keys of one record of another kind: `place` is what makes its name unique within a vCenter."""

    input: int
    id: str
    source: str
    vcenter: str
    moref: str
    place: str
    name: str

    @classmethod
    def of(cls, record: Mapping[str, Any], number: int) -> ObjectKeys:
        """The keys of a record; `number` is that of its input."""
        kind = record["kind"]
        place, name = record.get("datacenter"), record.get("name", "")
        if kind in ("drs_group", "drs_rule"):
            place = record.get("cluster_id")
        elif kind == "folder":
            place = _folder_place(record)
        elif kind == "resource_pool":
            place = record.get("path")
        elif kind in ("datacenter", "license", "vcenter"):
            place = ""
        if kind == "vcenter":
            name = str(record.get("hostname") or name).lower()
        source = (record.get("origin") or NO_ORIGIN).get("source", "")
        name = name if place is not None else ""
        return cls(number, record["id"], source, record.get("vcenter", ""), record.get("moref", ""), place or "", name)

    @property
    def moref_key(self) -> Key:
        """Key within one vCenter."""
        return (self.vcenter, self.moref) if self.vcenter and self.moref else None


class _Ladder:
    """Joins records, rung by rung; a rung joins all records with one key, or none of them when that leaves doubt."""

    def __init__(self, inputs: Sequence[int], vcenters: Sequence[str]) -> None:
        self._inputs = inputs
        self._vcenters = vcenters
        self._group_of = list(range(len(inputs)))
        self._members: dict[int, list[int]] = {}

    def members(self, group: int) -> list[int]:
        """The records of a group."""
        return self._members.get(group) or [group]

    def climb(self, keys: Iterable[Key], lone: Sequence[Callable[[int], bool]] = ()) -> None:
        """Joins on one key a record; of each property in `lone`, at most one of the groups to be joined may have it.

        That is how "the strongest key that both hold" is kept: two groups that both hold a stronger key, and were
        not joined by it, are different objects.
        """
        buckets: dict[tuple[str, ...], list[int]] = {}
        first: dict[tuple[str, ...], int] = {}
        for number, key in enumerate(keys):
            if key is None:
                continue
            if key not in first:
                first[key] = number
            else:
                buckets.setdefault(key, [first[key]]).append(number)
        for key in sorted(buckets):
            self._join(buckets[key], lone)

    def _join(self, bucket: list[int], lone: Sequence[Callable[[int], bool]]) -> None:
        groups = sorted({self._group_of[number] for number in bucket})
        if len(groups) < 2:
            return
        members = [number for group in groups for number in self.members(group)]
        if len({self._inputs[number] for number in members}) < len(members):
            return
        if len({self._vcenters[number] for number in members} - {""}) > 1:
            return
        for holds in lone:
            if sum(any(holds(number) for number in self.members(group)) for group in groups) > 1:
                return
        for group in groups:
            self._members.pop(group, None)
        self._members[groups[0]] = sorted(members)
        for number in members:
            self._group_of[number] = groups[0]

    def groups(self) -> Groups:
        """All records, those of one object together."""
        return [self.members(group) for group in sorted(set(self._group_of))]


def match_vms(keys: Sequence[VmKeys]) -> Groups:
    """Groups the VM records (by their position) that are one VM.

    The ladder: equal ids; moref within one vCenter; instance UUID within one vCenter (so that a VM that was
    registered anew is found again); BIOS UUID, where no input has it twice; datacenter, folder and name. No group
    ever holds two records of one input, or of two vCenters.
    """
    repeated = {key for key, count in Counter((entry.input, entry.bios_uuid) for entry in keys if entry.bios_uuid).items() if count > 1}
    copied = {bios_uuid for _input, bios_uuid in repeated}

    def has_moref(number: int) -> bool:
        return keys[number].moref_key is not None

    def has_instance_uuid(number: int) -> bool:
        return bool(keys[number].instance_uuid)

    def has_own_bios_uuid(number: int) -> bool:
        return bool(keys[number].bios_uuid) and keys[number].bios_uuid not in copied

    ladder = _Ladder([entry.input for entry in keys], [entry.vcenter for entry in keys])
    ladder.climb(entry.moref_key for entry in keys)
    ladder.climb(_single(entry.instance_uuid) for entry in keys)
    ladder.climb((_single(entry.id) for entry in keys), (has_moref, has_instance_uuid))
    ladder.climb((_single(entry.bios_uuid) for entry in keys), (has_moref, has_instance_uuid))
    ladder.climb((entry.place_key for entry in keys), (has_moref, has_instance_uuid, has_own_bios_uuid))
    return ladder.groups()


def match_objects(keys: Sequence[ObjectKeys]) -> Groups:
    """Groups the records of one other kind that are one object: by moref, else by name within its vCenter."""

    def has_moref(number: int) -> bool:
        return keys[number].moref_key is not None

    ladder = _Ladder([entry.input for entry in keys], [entry.vcenter for entry in keys])
    ladder.climb(entry.moref_key for entry in keys)
    ladder.climb((_single(entry.id) for entry in keys), (has_moref,))
    ladder.climb(((entry.vcenter, entry.place, entry.name) if entry.name and entry.vcenter else None for entry in keys), (has_moref,))
    ladder.climb(((entry.place, entry.name) if entry.name else None for entry in keys), (has_moref,))
    return ladder.groups()


def match_vcenters(keys: Sequence[ObjectKeys]) -> Groups:
    """Groups the records of kind vcenter: by instance UUID, else by host name."""
    ladder = _Ladder([entry.input for entry in keys], [entry.vcenter for entry in keys])
    ladder.climb(_single(entry.vcenter) for entry in keys)
    ladder.climb(_single(entry.id) for entry in keys)
    ladder.climb(_single(entry.name) for entry in keys)
    return ladder.groups()


@dataclass(frozen=True, slots=True)
class Named:
    """The id that a group of records gets, and what it rests on (for VMs)."""

    id: str
    basis: str = ""


def _strength(entry: VmKeys | ObjectKeys) -> int:
    if isinstance(entry, VmKeys) and entry.id_basis in BASES:
        return BASES.index(entry.id_basis)
    return 0 if entry.moref_key else len(BASES)


def _survivor(members: Sequence[VmKeys | ObjectKeys], captures: Captures) -> VmKeys | ObjectKeys:
    """The member whose id survives: strongest key, then newest capture, then least id."""
    strongest = min(_strength(entry) for entry in members)
    fitting = sorted((entry for entry in members if _strength(entry) == strongest), key=lambda entry: (entry.id, entry.source))
    return max(fitting, key=lambda entry: captures.of(entry.source).order())


def name_groups(keys: Sequence[VmKeys] | Sequence[ObjectKeys], groups: Groups, captures: Captures) -> list[Named]:
    """The id of every group, in the order of the groups; no two are equal."""
    survivors = [keys[group[0]] if len(group) == 1 else _survivor([keys[number] for number in group], captures) for group in groups]
    copies = Counter(entry.bios_uuid for entry in survivors if isinstance(entry, VmKeys) and entry.bios_uuid)
    wanted: list[tuple[str, tuple[str, ...]]] = []
    bases: list[str] = []
    for entry in survivors:
        identity, basis = entry.id, ""
        if isinstance(entry, VmKeys):
            basis = entry.id_basis
            if basis == "bios_uuid" and copies[entry.bios_uuid] > 1:
                identity, basis = path_id(source_name(entry.source), *entry.place), "path"
        wanted.append((identity, (entry.source, entry.id)))
        bases.append(basis)
    return [Named(identity, basis) for identity, basis in zip(distinct(wanted), bases, strict=True)]


def distinct(wanted: Sequence[tuple[str, tuple[str, ...]]]) -> list[str]:
    """Ids made distinct: of those that are wanted more than once, all but the first get #2, #3, …

    Each comes with a tie-breaker, which alone decides who is first, so that the order of inputs never matters.
    """
    given = list(range(len(wanted)))
    given.sort(key=lambda position: wanted[position])
    ids = [""] * len(wanted)
    taken = {identity for identity, _tie in wanted}
    previous, number = "", 1
    for position in given:
        identity = wanted[position][0]
        number = number + 1 if identity == previous else 1
        previous = identity
        candidate = identity
        while number > 1:
            candidate = f"{identity}#{number}"
            if candidate not in taken:
                break
            number += 1
        taken.add(candidate)
        ids[position] = candidate
    return ids
