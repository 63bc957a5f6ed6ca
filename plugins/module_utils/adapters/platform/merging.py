# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts together what the parts of the platform left: one `platform.jsonl`.

What a part found itself counts, and before that what the preflight found of it. Of the cluster the last look counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ...common.artifact import ArtifactHeader, ArtifactInput, JsonRecord
from ...common.calls import ModuleCall, Outcome
from ...common.errors import ArtifactError
from ...common.findings import CheckFinding, Evidence, counts
from ...platform.checks import PARTS, PARTS_OF_LAYERS
from ...platform.layers import layer_records
from ...platform.model import BROKEN, MISSING, NOT_EVALUATED, READY, WAITING
from ...platform.schema import ordered
from ..artifacts import ArtifactReader, ArtifactWriter, file_sha256
from ..part_files import platform_part_path
from ..run_directory import ARTIFACTS, RunDirectory
from .modes import APPLY, PREFLIGHT, VERIFY

STAGE: Final = "platform"
_WORST_FIRST: Final = (BROKEN, MISSING, WAITING, NOT_EVALUATED, READY)
_OF_THE_LOOK: Final = ("cluster", "layer", "notice", "reading")
"""Kinds of records that belong to no part."""


@dataclass(frozen=True, slots=True)
class PartRead:
    """What one part, or the preflight, left."""

    part: str
    header: JsonRecord
    records: tuple[JsonRecord, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """All parts as one."""

    header: ArtifactHeader
    records: tuple[JsonRecord, ...]
    findings: tuple[CheckFinding, ...] = ()
    lacking: tuple[str, ...] = field(default=())
    """parts that were wanted and left nothing"""


def work(call: ModuleCall) -> Outcome:
    """Merges what the run's parts left. Raises ArtifactError where none of them left anything."""
    run_dir = Path(call.params["run_dir"])
    wanted = tuple(part for part in PARTS if part in (call.params["parts"] or PARTS))
    reads = list(read_parts(RunDirectory(run_dir)))
    if not reads:
        hint = "What the run says of the parts tells why; run the playbook groundwork.readiness.platform again."
        raise ArtifactError("platform_nothing", "No part of the platform left anything to report", subject=ARTIFACTS[STAGE], hint=hint)
    merged = merge(reads, wanted)
    with ArtifactWriter(run_dir / ARTIFACTS[STAGE], merged.header) as writer:
        for record in merged.records:
            writer.write(record)
        written = writer.finish()
    results = counts(merged.findings)
    failed = [finding for finding in merged.findings if finding.failed]
    return Outcome(
        changed=written.changed,
        result={
            "artifact": written.path,
            "sha256": written.sha256,
            "parts": list(merged.header.extra["parts"]),
            "lacking": list(merged.lacking),
            "failing": [finding.id for finding in failed],
        },
        counts={**results, "failed": len(failed)},
        inputs={platform_part_path(run_dir, read.part).name: file_sha256(platform_part_path(run_dir, read.part)) for read in reads},
        artifacts={ARTIFACTS[STAGE]: written.sha256},
    )


def read_parts(directory: RunDirectory) -> Iterator[PartRead]:
    """What the parts left in this run, the preflight first. A file that no record of the run names is from before, and passed over."""
    made = {
        name: sha256
        for entry in directory.read()["stages"]
        if entry["stage"] == STAGE
        for name, sha256 in (entry.get("artifacts") or {}).items()
    }
    for part in (PREFLIGHT, *PARTS):
        path = platform_part_path(directory.path, part)
        if path.name not in made or not path.is_file():
            continue
        reader = ArtifactReader(path, STAGE)
        records = tuple(reader)
        if reader.sha256 != made[path.name]:
            raise ArtifactError(
                "artifact_changed", f"{path.name} is not what this run wrote", subject=path.name, hint="Run the part again."
            )
        yield PartRead(part, reader.header, records)


def merge(reads: Sequence[PartRead], wanted: Sequence[str]) -> Merged:
    """The parts as one, in the order in which they ran."""
    own = [read.part for read in reads if read.part != PREFLIGHT]
    # In mode verify the preflight judges its parts in full, with one look at the cluster.
    at_once = [part for read in reads if read.part == PREFLIGHT and read.header["mode"] == VERIFY for part in read.header["parts"]]
    ran = [part for part in PARTS if part in own or part in at_once]
    kept: dict[tuple[str, str], JsonRecord] = {}
    before: list[JsonRecord] = []
    for read in reads:
        for record in read.records:
            if read.part == PREFLIGHT and record.get("part") in own:
                continue
            if read.part == PREFLIGHT and record["kind"] == "finding":
                before.append(record)
            kept[record["kind"], record["id"]] = record
    lacking = tuple(part for part in wanted if part not in ran)
    kept = {key: record for key, record in kept.items() if key[0] != "layer"}
    of_preflight = {record["id"] for record in before if kept["finding", record["id"]] is record}
    found = [record for (kind, _identity), record in kept.items() if kind == "finding"]
    findings = tuple(sorted(map(finding_of, found), key=lambda finding: finding.id))
    header = _header(reads, ran)
    looked_at = {"", *ran, *(part for read in reads for part in read.header["parts"])}
    layers = [
        record
        for record in _layers(findings, of_preflight, applied=header.mode == APPLY)
        # A layer that nobody looked at has no record: it is not known.
        if record["wanted"] or PARTS_OF_LAYERS[record["id"]] in looked_at
    ]
    records = sorted((*kept.values(), *layers, *_notices(lacking, ran)), key=lambda record: (record["kind"], record["id"]))
    return Merged(header, tuple(map(ordered, records)), findings, lacking)


def finding_of(record: Mapping[str, Any]) -> CheckFinding:
    """A finding from its record."""
    texts = {name: record.get(name, "") for name in ("severity", "message", "remedy", "action", "layer", "path")}
    evidence = tuple(Evidence(**entry) for entry in record.get("evidence", ()))
    fields = tuple(record.get("fields", ()))
    subject = (record["check"], record["part"], record["subject"], record["state"], record["result"])
    return CheckFinding(*subject, **texts, evidence=evidence, refuses=bool(record.get("refuses")), fields=fields)


def _layers(findings: Iterable[CheckFinding], of_preflight: set[str], *, applied: bool) -> list[JsonRecord]:
    """The layers as all findings tell them; what only the preflight saw was not brought about."""
    sides: dict[bool, list[CheckFinding]] = {True: [], False: []}
    for finding in findings:
        sides[applied and finding.id not in of_preflight].append(finding)
    done = {record["id"]: record for record in layer_records(sides[True], applied=True)}
    return [_worse(done[record["id"]], record) for record in layer_records(sides[False], applied=False)]


def _worse(one: JsonRecord, other: JsonRecord) -> JsonRecord:
    """Two records of one layer as one: the worse state counts."""
    asked = [record for record in (one, other) if record["wanted"]] or [one]
    worst = min(asked, key=lambda record: _WORST_FIRST.index(record["state"]))
    numbers = {result: one["counts"][result] + other["counts"][result] for result in one["counts"]}
    return {**worst, "counts": numbers, "holds": sorted({*one["holds"], *other["holds"]})}


def _notices(lacking: Sequence[str], ran: Sequence[str]) -> Iterator[JsonRecord]:
    for part in lacking:
        message = f"part {part} did not run" if not ran else f"part {part} did not run, after {', '.join(ran)} had"
        remedy = "see what became of the parts in this run, and run the playbook again: it goes on where it stopped"
        yield {"kind": "notice", "id": f"part_missing {part}", "code": "part_missing", "message": message, "remedy": remedy}


def _header(reads: Sequence[PartRead], ran: Sequence[str]) -> ArtifactHeader:
    inputs = {(entry["name"], entry["sha256"]): ArtifactInput(**entry) for read in reads for entry in read.header["inputs"]}
    extra: dict[str, Any] = {"parts": list(ran), "catalogue": reads[-1].header["catalogue"]}
    for name in ("cluster", "captured_at"):
        known = [read.header[name] for read in reads if name in read.header]
        if known:
            extra[name] = known[-1]
    return ArtifactHeader(STAGE, tuple(inputs[key] for key in sorted(inputs)), reads[-1].header["mode"], extra)
