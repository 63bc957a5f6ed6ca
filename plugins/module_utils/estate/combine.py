# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several inputs become one estate: which records belong together, under which ids, and their merging.

VMs take part by their keys alone here, since there may be a hundred thousand of them; whoever holds their records
merges them one by one with what is planned here. All other kinds are few and merged at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ..common.artifact import JsonRecord
from . import model
from .captured import Captures
from .claims import Claim
from .identity import Groups, Named, ObjectKeys, VmKeys, match_objects, match_vcenters, match_vms, name_groups
from .merge import Member, merge_records, rename_references

BOUND: Final = ("drs_group", "drs_rule")
"""Kinds that are told apart by their cluster, whose id has to be settled before."""
CLUSTER_FIRST: Final = ("cluster", *(kind for kind in sorted(model.KINDS) if kind not in ("cluster", "vm", *BOUND)), *BOUND)
"""Order in which kinds are matched: a DRS rule is known by its cluster."""

Renames = dict[str, dict[str, str]]
Earlier = Callable[[str, str], Mapping[str, Sequence[Claim]]]
"""(kind, id) to what was claimed, by fact, in conflicts that an input notes for that object already."""


@dataclass(frozen=True, slots=True)
class VmPlan:
    """Which VM records make one VM: positions in the list of keys, and the id of each group."""

    groups: Groups
    named: Sequence[Named]


@dataclass(slots=True)
class Combined:
    """The merged records by kind, and the conflicts that were met on the way."""

    records: dict[str, dict[str, JsonRecord]] = field(default_factory=dict)
    conflicts: list[JsonRecord] = field(default_factory=list)


def _note_renames(
    renames: Sequence[Renames], kind: str, keys: Sequence[VmKeys] | Sequence[ObjectKeys], groups: Groups, named: Sequence[Named]
) -> None:
    for group, name in zip(groups, named, strict=True):
        for number in group:
            entry = keys[number]
            if entry.id != name.id:
                renames[entry.input].setdefault(kind, {})[entry.id] = name.id


def plan_vms(keys: Sequence[VmKeys], captures: Captures, renames: Sequence[Renames]) -> VmPlan:
    """Matches the VMs of all inputs; `renames`, one mapping an input, takes up the ids that do not survive."""
    groups = match_vms(keys)
    named = name_groups(keys, groups, captures)
    _note_renames(renames, "vm", keys, groups, named)
    return VmPlan(groups, named)


def combine_objects(
    inputs: Sequence[Mapping[str, Sequence[JsonRecord]]], earlier: Sequence[Earlier], captures: Captures, renames: Sequence[Renames]
) -> Combined:
    """Merges all kinds but VMs. `inputs` has the records of each input by kind; the VMs' renames are known already."""
    combined = Combined()
    planned: list[tuple[str, list[JsonRecord], list[ObjectKeys], Groups, list[Named]]] = []
    for kind in CLUSTER_FIRST:
        records: list[JsonRecord] = []
        keys: list[ObjectKeys] = []
        for number, objects in enumerate(inputs):
            for record in objects.get(kind, ()):
                known = rename_references(record, renames[number]) if kind in BOUND else record
                records.append(record)
                keys.append(ObjectKeys.of(known, number))
        groups = match_vcenters(keys) if kind == "vcenter" else match_objects(keys)
        named = name_groups(keys, groups, captures)
        _note_renames(renames, kind, keys, groups, named)
        planned.append((kind, records, keys, groups, named))
    for kind, records, keys, groups, named in planned:
        merged_kind = combined.records.setdefault(kind, {})
        for group, name in zip(groups, named, strict=True):
            members = [member_of(records[number], keys[number].input, renames, earlier) for number in group]
            merged = merge_records(members, name.id, name.basis, captures)
            merged_kind[name.id] = merged.record
            combined.conflicts += merged.conflicts
    return combined


def member_of(record: JsonRecord, number: int, renames: Sequence[Renames], earlier: Sequence[Earlier]) -> Member:
    """One input's record, its references renamed, with the conflicts that the input notes for it."""
    return Member(rename_references(record, renames[number]), earlier[number](record["kind"], record["id"]))
