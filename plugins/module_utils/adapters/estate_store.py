# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an estate is put together: VMs and conflicts on disk, everything else (which is little) in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

from ..common.artifact import JsonRecord
from ..estate.scope import Scope, ScopeRequest, apply_reason
from .artifacts import encode
from .estate_sources import OpenedSource
from .spool import Slip, Spool

if TYPE_CHECKING:
    # Imported where there are annotations.
    from ..estate.annotations import VmIndex

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
        if self.indexed:
            from ..estate.annotations import VmIndex

            self.index = VmIndex(names)
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


def is_of_earlier_run(record: JsonRecord) -> bool:
    """True for a notice that every run finds anew."""
    return record["kind"] == "notice" and str(record.get("code", "")).startswith(RUN_NOTICES)


def pass_through(source: OpenedSource, store: EstateStore, finisher: Finisher) -> None:
    """Puts the only source of an estate into the store."""
    for record, line in source.stream:
        kind = record["kind"]
        if kind == "vm":
            finisher.take(record, line)
        elif kind == "conflict":
            store.put(kind, record["id"], line or encode(record))
        elif not is_of_earlier_run(record):
            store.keep(record)
