# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The assessment stage: streams an estate into `assessment.jsonl`, never holding more than one VM.

Each VM is judged as it comes by. Those that may share something with another VM are read and judged once more when all
are known. VMs are spooled to an unnamed temporary file beside the artifact, because the records of sources come before them and
say which gaps a source has for all of its VMs: those are known only after the last VM.
"""

from __future__ import annotations

import tempfile
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from ..assessment.catalogue import Catalogue, Rule, load_catalogue
from ..assessment.engine import EstateScan, Evaluator, Judgement
from ..assessment.verdict import VERDICTS
from ..common.artifact import ArtifactHeader, ArtifactInput, ArtifactWritten, JsonRecord
from ..common.errors import ArtifactError, Problem, ReadinessError
from ..estate.flaws import FactTypes, type_flaws
from .artifacts import CHUNK_BYTES, ArtifactReader, ArtifactWriter, differs, encode

LISTED_FLAWS = 50
"""Problems of one estate that are listed one by one."""

_NO_GROUP = (1 << 32) - 1
_SOURCE_KEYS = ("name", "type", "sha256", "captured_at", "tool_version")


@dataclass(frozen=True, slots=True)
class AssessmentResult:
    """What came of an assessment.

    `verdicts` maps each verdict to how many VMs have it, `settled` and `provisional` apart; `inputs` and `artifacts` map
    base names to SHA-256.
    """

    path: str
    sha256: str
    changed: bool
    assessed: int
    excluded: int
    verdicts: Mapping[str, Mapping[str, int]]
    rules: int
    catalogue_version: str
    catalogue_sha256: str
    inputs: Mapping[str, str]
    warnings: tuple[str, ...] = ()

    def counts(self) -> dict[str, int]:
        """All figures on one level."""
        tally = Counter({(name, state == "provisional"): n for name, states in self.verdicts.items() for state, n in states.items()})
        return flat_counts(self.assessed, self.excluded, self.rules, tally)


def flat_counts(vms: int, excluded: int, rules: int, tally: Counter[tuple[str, bool]]) -> dict[str, int]:
    """Figures for people and run.json; `ready` counts all VMs of that verdict, `ready_provisional` those of them that are not settled."""
    counts = {"vms": vms, "excluded": excluded, "rules": rules, "provisional": sum(n for (_name, open_), n in tally.items() if open_)}
    for name in VERDICTS:
        counts[name] = tally[name, False] + tally[name, True]
        counts[f"{name}_provisional"] = tally[name, True]
    return counts


def counts_of(path: Path) -> dict[str, int]:
    """The figures of an assessment that is there already; none when there is no readable one."""
    tally: Counter[tuple[str, bool]] = Counter()
    kinds: Counter[str] = Counter()
    try:
        for record in ArtifactReader(path, "assessment"):
            kinds[record["kind"]] += 1
            if record["kind"] == "vm":
                tally[str(record.get("verdict")), bool(record.get("provisional"))] += 1
    except ArtifactError:
        return {}
    return flat_counts(kinds["vm"], kinds["excluded"], kinds["rule"], tally)


@dataclass(slots=True)
class _Tally:
    """What is kept of the VMs while they are spooled.

    VMs with the same sources and the same gaps are one group; `groups` maps (sources, gap mask) to its number.
    `group_of` holds each VM's group and `verdict_of` the number of its verdict and state, by the VM's number.
    """

    groups: dict[tuple[tuple[str, ...], int], int] = field(default_factory=dict)
    group_of: array[int] = field(default_factory=lambda: array("I"))
    verdict_of: array[int] = field(default_factory=lambda: array("B"))
    excluded: int = 0

    def add(self, vm: JsonRecord, judgement: Judgement | None) -> None:
        """Notes the next VM; without a judgement it is out of scope, or judged later."""
        self.group_of.append(_NO_GROUP)
        self.verdict_of.append(0)
        if judgement is not None:
            self.judged(len(self.group_of) - 1, vm, judgement)
        elif "out_of_scope" in vm:
            self.excluded += 1

    def judged(self, number: int, vm: JsonRecord, judgement: Judgement) -> None:
        """Notes what came of a VM, in place of what was noted before."""
        self.group_of[number] = self.groups.setdefault((tuple(vm.get("sources", ())), judgement.gap_mask), len(self.groups))
        self.verdict_of[number] = 2 * VERDICTS.index(judgement.verdict) + judgement.provisional

    def assessed(self) -> int:
        """How many VMs were judged."""
        return len(self.group_of) - self.excluded

    def verdicts(self) -> dict[str, dict[str, int]]:
        """How many VMs have each verdict, settled and provisional."""
        found = Counter(state for state, group in zip(self.verdict_of, self.group_of, strict=True) if group != _NO_GROUP)
        return {name: {"settled": found[2 * place], "provisional": found[2 * place + 1]} for place, name in enumerate(VERDICTS)}

    def by_source(self) -> dict[str, tuple[int, int]]:
        """For each source, how many VMs it has and the mask of the gaps that all of them have."""
        sizes = Counter(self.group_of)
        found: dict[str, tuple[int, int]] = {}
        for (sources, gaps), group in self.groups.items():
            if sizes[group]:
                for source in sources:
                    count, common = found.get(source, (0, gaps))
                    found[source] = (count + sizes[group], common & gaps)
        return found


class _Spool:
    """Unnamed temporary files for encoded records; they vanish whatever happens.

    `first` has a line for each VM in scope as it came by, empty when it was left for later; `second` one for each VM that
    was judged once more.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = ExitStack()

    def __enter__(self) -> _Spool:
        self.first: IO[bytes] = self._new_file()
        self.second: IO[bytes] = self._new_file()
        self.excluded: IO[bytes] = self._new_file()
        return self

    def _new_file(self) -> IO[bytes]:
        return self._files.enter_context(tempfile.TemporaryFile(dir=self._folder, buffering=CHUNK_BYTES))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._files.close()


def run_assessment(estate: Path, catalogue: Mapping[str, Any], dest: Path, mode: str, predict_in: Path | None = None) -> AssessmentResult:
    """Assesses every VM of an estate that is in scope.

    `catalogue` is what the lookup `rule_catalogue` gives. With `predict_in` the artifact is made in a temporary folder there and
    only compared with `dest`. Raises `InputError` for a catalogue that cannot be used, `ArtifactError` for an estate that
    cannot, and `ReadinessError` for a folder that cannot be written; then nothing is written.
    """
    rules = load_catalogue(catalogue)
    reader = ArtifactReader(estate, "estate")
    try:
        if predict_in is None:
            return _assess(reader, rules, dest, mode)
        with tempfile.TemporaryDirectory(prefix=f".{dest.name}.", dir=predict_in) as folder:
            beside = Path(folder) / dest.name
            made = _assess(reader, rules, beside, mode)
            return replace(made, path=str(dest), changed=differs(dest, made.sha256, beside.stat().st_size))
    except OSError as error:
        message = f"{dest.name} cannot be written: {error.strerror or error}"
        hint = "Check the folder's owner and free space."
        raise ReadinessError("assessment_unwritable", message, subject=dest.name, hint=hint) from error


def _assess(reader: ArtifactReader, rules: Catalogue, dest: Path, mode: str) -> AssessmentResult:
    sources: dict[str, JsonRecord] = {}
    estate = reader.path.name
    dest.parent.mkdir(parents=True, exist_ok=True)
    with _Spool(dest.parent) as spool:
        tally = _Tally()
        evaluator = _judge_all(reader, rules, spool, tally, sources)
        _judge_again(reader, evaluator, spool, tally)
        about = {"version": rules.version, "sha256": rules.sha256, "weights": dict(rules.weights)}
        header = ArtifactHeader("assessment", (ArtifactInput(estate, reader.sha256),), mode, {"catalogue": about})
        with ArtifactWriter(dest, header) as writer:
            written = _write(writer, rules, evaluator, spool, tally, sources)
    return AssessmentResult(
        path=written.path,
        sha256=written.sha256,
        changed=written.changed,
        assessed=tally.assessed(),
        excluded=tally.excluded,
        verdicts=tally.verdicts(),
        rules=len(rules.rules),
        catalogue_version=rules.version,
        catalogue_sha256=rules.sha256,
        inputs={estate: reader.sha256},
        warnings=tuple(reader.warnings),
    )


class _WrongTypes:
    """Values whose type is not the model's, in what the rules read; the first ones are kept word by word, the others counted."""

    def __init__(self, reader: ArtifactReader, rules: Catalogue) -> None:
        minimum = (fact for needed in rules.minimum_facts for fact in needed.one_of)
        self._read = FactTypes({*minimum, *(path for rule in rules.rules for path in rule.needs())})
        self._name = reader.path.name
        self._listed: list[Problem] = []
        self._count = 0

    def found(self, record: JsonRecord, row: int) -> bool:
        """True when the record cannot be judged."""
        if record["kind"] == "vm" and self._read.sound(record):
            return False
        before = self._count
        for key, message in type_flaws(record):
            self._count += 1
            if self._count <= LISTED_FLAWS:
                what = f"{record['kind']} {record['id']}: {key} {message}"
                self._listed.append(Problem(what, file=self._name, row=row, remedy="write the estate again with this collection"))
        return self._count > before

    def conclude(self) -> None:
        """Raises `ArtifactError` with all that was found."""
        if self._count > LISTED_FLAWS:
            self._listed.append(Problem(f"{self._count - LISTED_FLAWS} more values are of the wrong type", file=self._name))
        if self._listed:
            message = f"{self._name} holds values of the wrong type"
            raise ArtifactError("artifact_damaged", message, subject=self._name, problems=self._listed)


def _malformed(reader: ArtifactReader, record: JsonRecord, error: Exception) -> ArtifactError:
    problem = Problem(f"record {record.get('kind')} {record.get('id')} has facts of a wrong type: {error}", file=reader.path.name)
    return ArtifactError("artifact_damaged", f"{reader.path.name} cannot be read", subject=reader.path.name, problems=(problem,))


def _judge_all(reader: ArtifactReader, rules: Catalogue, spool: _Spool, tally: _Tally, sources: dict[str, JsonRecord]) -> Evaluator:
    """The pass over the whole estate, in which the reader checks it; `sources` is filled with its source records."""
    scan = EstateScan(rules)
    faults = _WrongTypes(reader, rules)
    record: JsonRecord = {}
    try:
        for row, record in enumerate(reader, 2):
            if faults.found(record, row):
                continue
            scan.add(record)
            if record["kind"] == "vm":
                _judge_early(record, scan.evaluator, spool, tally)
            elif record["kind"] == "source":
                sources[record["id"]] = record
    except (TypeError, AttributeError) as error:
        raise _malformed(reader, record, error) from error
    faults.conclude()
    return scan.close()


def _judge_early(vm: JsonRecord, evaluator: Evaluator, spool: _Spool, tally: _Tally) -> None:
    if "out_of_scope" in vm:
        tally.add(vm, None)
        spool.excluded.write(encode(_excluded_record(vm)) + b"\n")
    elif evaluator.needs_every_vm:
        tally.add(vm, None)
        spool.first.write(b"\n")
    else:
        judgement = evaluator.judge_alone(vm)
        tally.add(vm, judgement)
        spool.first.write(_open_vm_record(vm, judgement))


def _judge_again(reader: ArtifactReader, evaluator: Evaluator, spool: _Spool, tally: _Tally) -> None:
    """The second look at VMs that may share something."""
    if not any(map(evaluator.needs_others, range(len(tally.group_of)))):
        return
    vm: JsonRecord = {}
    try:
        for number, vm in reader.again("vm", evaluator.needs_others):
            if "out_of_scope" not in vm:
                judgement = evaluator.judge(number, vm)
                tally.judged(number, vm, judgement)
                spool.second.write(_open_vm_record(vm, judgement))
    except (TypeError, AttributeError) as error:
        raise _malformed(reader, vm, error) from error


def _excluded_record(vm: JsonRecord) -> JsonRecord:
    return {
        "kind": "excluded",
        "id": vm["id"],
        "name": vm.get("name", vm["id"]),
        "reason": vm["out_of_scope"],
        "sources": vm.get("sources", []),
    }


def _open_vm_record(vm: JsonRecord, judgement: Judgement) -> bytes:
    """A VM's record as a line without its last key, `gaps`, and without the closing brace."""
    record = {
        "kind": "vm",
        "id": vm["id"],
        "name": vm.get("name", vm["id"]),
        "verdict": judgement.verdict,
        "provisional": judgement.provisional,
        "score": judgement.score,
        "score_best": judgement.score_best,
        "findings": judgement.findings,
        "not_applicable": judgement.not_applicable,
        "sources": vm.get("sources", []),
    }
    return encode(record)[:-1] + b"\n"


def _write(
    writer: ArtifactWriter, rules: Catalogue, evaluator: Evaluator, spool: _Spool, tally: _Tally, sources: Mapping[str, JsonRecord]
) -> ArtifactWritten:
    spool.excluded.seek(0)
    writer.write_sorted_lines("excluded", spool.excluded)
    for rule in rules.rules:
        writer.write(_rule_record(rule, rules.weights[rule.category]))
    by_source = tally.by_source()
    source_gaps: dict[str, int] = {}
    for identity in sorted(sources):
        count, source_gaps[identity] = by_source.get(identity, (0, 0))
        writer.write(_source_record(sources[identity], count, evaluator.rules_in(source_gaps[identity])))
    writer.write_sorted_lines("vm", _closed_vm_lines(evaluator, spool, tally, source_gaps))
    return writer.finish()


def _closed_vm_lines(evaluator: Evaluator, spool: _Spool, tally: _Tally, source_gaps: Mapping[str, int]) -> Iterator[bytes]:
    """The spooled VM records, each with the gaps that are not already those of one of its sources."""
    ends: list[bytes] = []
    for sources, gaps in tally.groups:
        for source in sources:
            gaps &= ~source_gaps.get(source, 0)
        ends.append(b',"gaps":' + encode(list(evaluator.rules_in(gaps))) + b"}\n")
    spool.first.seek(0)
    spool.second.seek(0)
    for number, group in enumerate(tally.group_of):
        if group != _NO_GROUP:
            line = spool.first.readline()
            if evaluator.needs_others(number):
                line = spool.second.readline()
            yield line[:-1] + ends[group]


def _rule_record(rule: Rule, weight: int) -> JsonRecord:
    record: JsonRecord = {
        "kind": "rule",
        "id": rule.id,
        "category": rule.category,
        "title": rule.title,
        "rationale": rule.rationale,
        "remedy": rule.remedy,
        "source": rule.source,
        "version": rule.version,
        "weight": weight,
        "needs": rule.needs(),
    }
    if rule.deviation:
        record["deviation"] = rule.deviation
    return record


def _source_record(source: JsonRecord, vm_count: int, gaps: Iterator[str]) -> JsonRecord:
    known = {key: source[key] for key in _SOURCE_KEYS if key in source}
    return {"kind": "source", "id": source["id"], **known, "vm_count": vm_count, "gaps": list(gaps)}
