# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an estate is put together: VMs and conflicts on disk, everything else (which is little) in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final

from ..common.artifact import JsonRecord
from ..estate.annotations import VmIndex
from ..estate.captured import Captures
from ..estate.claims import Claim
from ..estate.combine import combine_objects, member_of, plan_vms
from ..estate.identity import VmKeys
from ..estate.merge import claims_of_conflict, merge_records, rename_references
from ..estate.model import KINDS
from ..estate.scope import Scope, ScopeRequest, apply_reason
from .artifacts import encode
from .estate_sources import OpenedSource
from .spool import Slip, Spool

RUN_NOTICES: Final = ("scope_", "annotation_")
"""How the codes of notices begin that belong to one run and are found anew by the next."""


class EstateStore:
    """The estate to be written: `lines` gives it back kind by kind, sorted by id."""

    def __init__(self, folder: Path) -> None:
        self.final = Spool(folder / "final")
        self.raw = Spool(folder / "raw")
        self._slips: dict[str, list[tuple[str, Slip]]] = {}
        self._records: dict[str, dict[str, JsonRecord]] = {}

    def __enter__(self) -> EstateStore:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.final.close()
        self.raw.close()

    def put(self, kind: str, identity: str, line: bytes) -> None:
        """Adds a record of a kind of which there may be many."""
        self._slips.setdefault(kind, []).append((identity, self.final.put(line)))

    def keep(self, record: JsonRecord) -> None:
        """Adds a record of a kind of which there are few; of two with one id, the fuller is kept."""
        records = self._records.setdefault(record["kind"], {})
        other = records.get(record["id"])
        if other is not None and other != record:
            record = max(record, other, key=lambda entry: (len(encode(entry)), encode(entry)))
        records[record["id"]] = record

    def of_kind(self, kind: str) -> Sequence[JsonRecord]:
        """All records of a kind of which there are few."""
        return list(self._records.get(kind, {}).values())

    def kinds(self) -> list[str]:
        """Every kind that has records."""
        return sorted({*self._slips, *self._records})

    def lines(self, kind: str) -> Iterator[tuple[str, bytes]]:
        """(id, line) of every record of a kind, in the order of ids."""
        if kind in self._records:
            for identity in sorted(self._records[kind]):
                yield identity, encode(self._records[kind][identity])
            return
        slips = self._slips[kind]
        slips.sort()
        for identity, slip in slips:
            yield identity, self.final.line(slip)


def vcenter_names(records: Sequence[JsonRecord]) -> dict[str, list[str]]:
    """Instance UUID of every vCenter to the names it goes by."""
    names: dict[str, list[str]] = {}
    for record in records:
        if record.get("vcenter"):
            known = {str(record.get(key) or "") for key in ("hostname", "name")} - {""}
            names.setdefault(record["vcenter"], []).extend(sorted(known))
    return names


class Finisher:
    """What is done with every VM once it is whole: scope, counting, indexing for annotations, setting aside."""

    def __init__(self, store: EstateStore, request: ScopeRequest, *, indexed: bool) -> None:
        self._store = store
        self._request = request
        self._scope = Scope(request, {})
        self.indexed = indexed
        self.index: VmIndex | None = None
        self._started = False
        self.counts = {"vms": 0, "in_scope": 0, "out_of_scope": 0, "disks": 0, "nics": 0, "snapshots": 0}

    def start(self) -> None:
        """Takes note of the vCenters, which the store has to hold by now."""
        names = vcenter_names(self._store.of_kind("vcenter"))
        self._scope = Scope(self._request, names)
        self.index = VmIndex(names) if self.indexed else None
        self._started = True

    def take(self, vm: JsonRecord, line: bytes | None) -> None:
        """Finishes one VM; `line` is its record as it stands, where there is one."""
        if not self._started:
            self.start()
        finished = apply_reason(vm, self._scope.reason(vm))
        if line is None or finished is not vm:
            line = encode(finished)
        counts = self.counts
        counts["vms"] += 1
        counts["out_of_scope" if "out_of_scope" in finished else "in_scope"] += 1
        for parts in ("disks", "nics", "snapshots"):
            counts[parts] += len(finished.get(parts, ()))
        if self.index is not None:
            self.index.add(finished)
        self._store.put("vm", finished["id"], line)

    def notices(self) -> list[JsonRecord]:
        """What is to be told once all VMs are finished."""
        if not self._started:
            self.start()
        return self._scope.notices()


def _is_of_earlier_run(record: JsonRecord) -> bool:
    return record["kind"] == "notice" and str(record.get("code", "")).startswith(RUN_NOTICES)


def pass_through(source: OpenedSource, store: EstateStore, finisher: Finisher) -> None:
    """Puts the only source of an estate into the store."""
    for record, line in source.stream:
        kind = record["kind"]
        if kind == "vm":
            finisher.take(record, line)
        elif kind == "conflict":
            store.put(kind, record["id"], line or encode(record))
        elif not _is_of_earlier_run(record):
            store.keep(record)


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
            elif not _is_of_earlier_run(record):
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
