# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Putting together an estate of several sources: set aside, matched by the keys of their VMs, and merged object by object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from ..common.artifact import JsonRecord
from ..estate.captured import Captures
from ..estate.claims import Claim
from ..estate.combine import combine_objects, member_of, plan_vms
from ..estate.identity import VmKeys
from ..estate.merge import claims_of_conflict, merge_records, rename_references
from ..estate.model import KINDS
from .artifacts import encode
from .estate_sources import OpenedSource
from .estate_store import EstateStore, Finisher, is_of_earlier_run
from .spool import Slip


class Collected:
    """One of several inputs: its VMs and conflicts set aside as they are, with the keys of the VMs."""

    def __init__(self, number: int, store: EstateStore) -> None:
        self.number = number
        self.objects: dict[str, list[JsonRecord]] = {}
        self.others: list[JsonRecord] = []
        self.keys: list[VmKeys] = []
        self.slips: list[Slip] = []
        self._raw = store.raw
        self._conflicts: dict[tuple[str, str], list[Slip]] = {}

    def take(self, source: OpenedSource) -> None:
        """Reads the input to its end."""
        for record, line in source.stream:
            kind = record["kind"]
            if kind == "vm":
                self.keys.append(VmKeys.of(record, self.number))
                self.slips.append(self._raw.put(line or encode(record)))
            elif kind == "conflict":
                about = (record["object_kind"], record["object"])
                self._conflicts.setdefault(about, []).append(self._raw.put(line or encode(record)))
            elif kind in KINDS:
                self.objects.setdefault(kind, []).append(record)
            elif not is_of_earlier_run(record):
                self.others.append(record)

    def has_conflicts(self, kind: str, identity: str) -> bool:
        """True when the input notes conflicts for an object."""
        return (kind, identity) in self._conflicts

    def claims(self, captures: Captures, kind: str, identity: str) -> Mapping[str, Sequence[Claim]]:
        """What was claimed, by fact, in the conflicts that the input notes for an object."""
        slips = self._conflicts.get((kind, identity), ())
        conflicts = [self._raw.record(slip) for slip in slips]
        return {conflict["field"]: claims_of_conflict(conflict, captures) for conflict in conflicts}


def _captures(inputs: Sequence[Collected]) -> Captures:
    """Capture dates of all sources; should two inputs date one source differently, the later date holds."""
    dates: dict[str, str] = {}
    for entry in inputs:
        for record in entry.others:
            if record["kind"] == "source":
                dates[record["id"]] = max(dates.get(record["id"], ""), record.get("captured_at", ""))
    return Captures(dates)


def merge_inputs(inputs: Sequence[Collected], store: EstateStore, finisher: Finisher) -> None:
    """Merges several inputs into the store."""
    captures = _captures(inputs)
    renames: list[dict[str, dict[str, str]]] = [{} for _entry in inputs]
    keys = [key for entry in inputs for key in entry.keys]
    slips = [slip for entry in inputs for slip in entry.slips]
    plan = plan_vms(keys, captures, renames)
    earlier = [partial(entry.claims, captures) for entry in inputs]
    combined = combine_objects([entry.objects for entry in inputs], earlier, captures, renames)
    for records in combined.records.values():
        for record in records.values():
            store.keep(record)
    for record in (record for entry in inputs for record in entry.others):
        store.keep(record)
    for conflict in combined.conflicts:
        store.put("conflict", conflict["id"], encode(conflict))
    for group, named in zip(plan.groups, plan.named, strict=True):
        first = group[0]
        if len(group) == 1 and keys[first].id == named.id and not inputs[keys[first].input].has_conflicts("vm", named.id):
            line = store.raw.line(slips[first])
            record = store.raw.record(slips[first])
            renamed = rename_references(record, renames[keys[first].input])
            finisher.take(renamed, line if renamed is record else None)
            continue
        members = [member_of(store.raw.record(slips[number]), keys[number].input, renames, earlier) for number in group]
        merged = merge_records(members, named.id, named.basis, captures)
        finisher.take(merged.record, None)
        for conflict in merged.conflicts:
            store.put("conflict", conflict["id"], encode(conflict))
