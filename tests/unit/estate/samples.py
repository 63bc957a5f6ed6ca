# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small estates for the tests of the estate stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import ArtifactReader, ArtifactWriter
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.estate_stage import EstateRequest, EstateResult, run_estate
from ansible_collections.groundwork.readiness.plugins.module_utils.common.artifact import ArtifactHeader, sort_key
from ansible_collections.groundwork.readiness.plugins.module_utils.estate import model
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.records import from_record

Record = dict[str, Any]

VCENTER = "0b7c2d4e-1111-4a5b-9c8d-000000000001"
OTHER_VCENTER = "0b7c2d4e-2222-4a5b-9c8d-000000000002"

VALUES: dict[str, Any] = {
    "text": "text",
    "count": 7,
    "flag": True,
    "texts": ["one", "two"],
    "counts": [1, 2],
    "text_map": {"Cost centre": "4711"},
    "object": {"source": "a@1"},
}


def source(name: str, captured_at: str = "", **more: Any) -> Record:
    """A source record; its id is `<name>@00000000`."""
    record = {"kind": "source", "id": f"{name}@00000000", "name": name, "type": "rvtools", "sha256": "0" * 64}
    if captured_at:
        record["captured_at"] = captured_at
    return {**record, "vm_count": 0, "not_seen": [], "notices": [], **more}


def of(kind: str, read_from: str, identity: str, **facts: Any) -> Record:
    """A record of any kind, read from source `read_from`."""
    origin = f"{read_from}@00000000"
    return {"kind": kind, "id": identity, **facts, "origin": {"source": origin}, "sources": [origin]}


def vm(read_from: str, moref: str, vcenter: str = VCENTER, **facts: Any) -> Record:
    """A VM known by its moref, read from source `read_from`."""
    known = {"name": f"vm-{moref}", "vcenter": vcenter, "moref": moref, "id_basis": "moref", **facts}
    return of("vm", read_from, f"{vcenter}/{moref}", **known)


def write_estate(path: Path, records: Iterable[Mapping[str, Any]]) -> Path:
    """Writes records as a saved estate."""
    with ArtifactWriter(path, ArtifactHeader("estate")) as writer:
        for record in sorted(records, key=sort_key):
            writer.write(dict(record))
        writer.finish()
    return path


def run(dest: Path, *estates: Path, **more: Any) -> EstateResult:
    """Runs the stage on saved estates."""
    return run_estate(EstateRequest(sources=[{"estate": str(path)} for path in estates], dest=dest, **more))


def read(path: Path) -> dict[str, dict[str, Record]]:
    """An estate's records by kind and id; the reader checks the whole artifact on the way."""
    found: dict[str, dict[str, Record]] = {}
    for record in ArtifactReader(path, "estate"):
        found.setdefault(record["kind"], {})[record["id"]] = record
    return found


def vms(path: Path) -> dict[str, Record]:
    """An estate's VMs by name."""
    return {record["name"]: record for record in read(path).get("vm", {}).values()}


def full_vm() -> model.Vm:
    """A VM with every fact and every fact of every part known."""
    from ansible_collections.groundwork.readiness.plugins.module_utils.estate.records import SHAPES

    record: Record = {"kind": "vm"}
    for name, shape in SHAPES[model.Vm].items():
        if shape == "parts":
            part = {fact: VALUES[part_shape] for fact, part_shape in SHAPES[model.PARTS[name]].items()}
            record[name] = [part, part]
        elif name not in ("fact_origins", "out_of_scope"):
            record[name] = VALUES[shape]
    entity = from_record(record)
    assert isinstance(entity, model.Vm)
    return entity
