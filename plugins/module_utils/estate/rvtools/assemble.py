# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the exports of one source to its records: ids, merged doubles, the source record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...common.artifact import JsonRecord
from ..identity import source_id, vm_id
from .account import not_seen, notices
from .export import Export, counted
from .inventory import Inventory
from .machines import Machines
from .values import text


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a source: its name within the source, and its SHA-256."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Named:
    """A VM of one export, with the id that it got."""

    machines: Machines
    number: int
    identity: str
    basis: str


def assemble(name: str, sha256: str, files: Sequence[SourceFile], exports: Sequence[Export]) -> tuple[JsonRecord, Iterator[JsonRecord]]:
    """(source record, every other record: the VMs last) of a source called `name`, whose exports were all read."""
    identity = source_id(name, sha256)
    inventories = [Inventory(export, name) for export in exports]
    machines = [Machines(export, inventory) for export, inventory in zip(exports, inventories, strict=True)]
    named = _named(name, machines)
    source: JsonRecord = {"kind": "source", "id": identity, "name": name, "type": "rvtools", "sha256": sha256}
    captured = sorted(_captured(export) for export in exports)
    if captured and captured[0]:
        source["captured_at"] = captured[0]
    versions = sorted({version for export in exports for version in _versions(export)})
    if versions:
        source["tool_version"] = ", ".join(versions)
    if len(files) > 1:
        source["files"] = [_file_record(file, exports) for file in files]
    found = notices(exports)
    if len(set(captured)) > 1:
        message = f"the files were captured at different times ({', '.join(sorted(set(captured) - {''}))}); the first date counts for all"
        found.append({"code": "captures_differ", "message": message, "remedy": "Give each file as a source of its own."})
    doubles = len(named) - len({entry.identity for entry in named})
    if doubles:
        found.append({"code": "duplicate_vms", "message": f"{counted(doubles, 'VM')} found in a further file: merged"})
    source.update({"vm_count": len(named) - doubles, "not_seen": not_seen(exports), "notices": found})
    _add_vapps(named)
    return source, _records(identity, inventories, named, len(exports) > 1)


def _file_record(file: SourceFile, exports: Sequence[Export]) -> JsonRecord:
    """A file as it stands in the source record, with its capture date where all that it holds has one."""
    record: JsonRecord = {"name": file.name, "sha256": file.sha256}
    dates = {_captured(export) for export in exports if export.file == file.name or export.file.startswith(f"{file.name}/")}
    if len(dates) == 1 and (date := next(iter(dates))):
        record["captured_at"] = date
    return record


def _captured(export: Export) -> str:
    """When an export was made: as its tab vMetaData says, else as the file's own properties say; empty when neither does."""
    held = export.inventory.get("vMetaData")
    if held is not None and (place := held.plan.place("_captured")) >= 0:
        header = held.plan.header_of("_captured")
        dates = sorted(date for _row, values in held.rows if (date := export.resolved(values[place], header)))
        if dates:
            return dates[0]
    return export.created


def _versions(export: Export) -> list[str]:
    held = export.inventory.get("vMetaData")
    for fact in ("_version", "_major"):
        if held is not None and (place := held.plan.place(fact)) >= 0:
            return [text(str(values[place])) for _row, values in held.rows if values[place]]
    return []


# ---- ids ------------------------------------------------------------------------------------------------------------


def _named(source: str, machines: Sequence[Machines]) -> list[Named]:
    """Every VM with its id, in the order of files and rows; a VM that stands in several files has one id there."""
    facts = [(entry, number, entry.identity(number)) for entry in machines for number in entry.numbers()]
    shared = _shared_instance_uuids(identity for _entry, _number, identity in facts)
    bios = Counter(identity["bios_uuid"] for _entry, _number, identity in facts if "bios_uuid" in identity)
    taken: Counter[str] = Counter()
    named: list[Named] = []
    for entry, number, identity in facts:
        if identity.get("instance_uuid") in shared:
            identity = {fact: value for fact, value in identity.items() if fact != "instance_uuid"}
        key, basis = vm_id(identity, source, bios_uuid_is_unique=bios[identity.get("bios_uuid", "")] == 1)
        if basis == "path":
            taken[key] += 1
            if taken[key] > 1:
                key = f"{key}#{taken[key]}"
        named.append(Named(entry, number, key, basis))
    return named


def _shared_instance_uuids(facts: Iterator[Mapping[str, Any]]) -> set[str]:
    """Instance UUIDs that VMs with different VM IDs or names have, so that no id can rest on them."""
    holders: dict[str, set[tuple[str, str]]] = {}
    for identity in facts:
        if "instance_uuid" in identity and not (identity.get("vcenter") and identity.get("moref")):
            holders.setdefault(identity["instance_uuid"], set()).add((identity.get("moref", ""), identity.get("name", "")))
    return {uuid for uuid, found in holders.items() if len(found) > 1}


def _add_vapps(named: Sequence[Named]) -> None:
    """Makes the records of the vApps that vInfo names, with the ids of their VMs."""
    for entry in named:
        entry.machines.inventory.add_to_vapp(entry.machines.place(entry.number), entry.identity)


# ---- records --------------------------------------------------------------------------------------------------------


def _records(source: str, inventories: Sequence[Inventory], named: Sequence[Named], several: bool) -> Iterator[JsonRecord]:
    merged: dict[tuple[str, str], JsonRecord] = {}
    for inventory in inventories:
        for key, record in inventory.records.items():
            known = merged.get(key)
            if known is None:
                merged[key] = _signed(record, source, inventory.export.file if several else "")
            else:
                for fact, value in record.items():
                    known.setdefault(fact, value)
    yield from (merged[key] for key in sorted(merged))
    dates = {entry.machines: _captured(entry.machines.export) for entry in named}
    groups: dict[str, list[Named]] = {}
    for entry in named:
        groups.setdefault(entry.identity, []).append(entry)
    for identity, members in groups.items():
        dated = len(members) > 1 and _comparable([dates[entry.machines] for entry in members])
        if dated:
            members.sort(key=lambda entry: dates[entry.machines], reverse=True)
        records = [entry.machines.record(entry.number, identity, entry.basis) for entry in members]
        first = records[0]
        for other in records[1:]:
            _merge(first, other, dated)
        yield _signed(first, source, members[0].machines.export.file if several else "")


def _comparable(dates: Sequence[str]) -> bool:
    """True for capture dates that tell which file is the newer one: all there, all different, all with the same offset or none."""
    return all(dates) and len(set(dates)) == len(dates) and len({date[19:] for date in dates}) == 1


def _signed(record: JsonRecord, source: str, file: str) -> JsonRecord:
    origin = {"source": source, **({"file": file} if file else {}), **record["origin"]}
    return {**record, "origin": origin, "sources": [source]}


def _merge(first: JsonRecord, other: Mapping[str, Any], dated: bool) -> None:
    """Adds what another file shows of the same VM.

    Where the two do not agree, the fact stays as it is when `first` is known to be the newer one, and is unknown otherwise.
    """
    reasons = dict(first.get("unknown", {}))
    for fact, value in other.items():
        if fact in ("kind", "id", "name", "id_basis", "origin", "unknown"):
            continue
        if fact not in first:
            if fact not in reasons:
                first[fact] = value
        elif first[fact] != value and not dated:
            del first[fact]
            reasons[fact] = "two files of the source do not agree"
    if reasons:
        first["unknown"] = {fact: reasons[fact] for fact in sorted(reasons)}
