# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The target stage: a cluster, or a target that was saved before, in; one `target.jsonl` out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ..common.artifact import ArtifactHeader, ArtifactInput, JsonRecord, newer_minor
from ..common.errors import ArtifactError, InputError, Problem, ReadinessError
from ..target.flaws import flaws, word_flaws
from ..target.model import FAILED, FORBIDDEN, READ, READING_STATES
from .artifacts import ArtifactReader, ArtifactWriter, differs, replace_if_changed, trailer_body
from .cluster_arguments import ClusterSettings
from .working_folder import working_folder

LISTED_FLAWS: Final = 50
"""Problems of one saved target that are listed one by one."""

PREDICTED: Final = "target.predicted.jsonl"
"""What check mode read where the target of the run stands; the plan of the same check is made of it."""

STANDS: Final = "{name} stands, since the plan of this run was made of it: check mode only says whether it would change"

ROLE_FILE: Final = "roles/target/files/cluster_role.yml"
_ROLE_HINT: Final = f"A ClusterRole that suffices comes with the collection: {ROLE_FILE}, with a binding beside it."


@dataclass(frozen=True, slots=True)
class TargetRequest:
    """What to read, and where to.

    `saved` is a target that was saved before; without it the cluster of `settings` is read. `expected_cluster` is the id that
    the cluster has to have; empty for any. `now` dates what is read live, and `problems` were found in the user's variables
    already. With `predict_in` the artifact is made in a temporary folder there and only compared with `dest`. `plan` is given in
    check mode: where that plan was made of `dest`, and not in check mode, `dest` stands, and other records go beside it.
    """

    dest: Path
    settings: ClusterSettings = field(default_factory=ClusterSettings)
    saved: Path | None = None
    expected_cluster: str = ""
    mode: str = "apply"
    now: str = ""
    problems: Sequence[Problem] = ()
    predict_in: Path | None = None
    plan: Path | None = None


@dataclass(slots=True)
class Gist:
    """What is told of a target beside the artifact itself, gathered while its records go by."""

    cluster: JsonRecord = field(default_factory=dict)
    readings: list[JsonRecord] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def seen(self, records: Iterable[JsonRecord]) -> Iterator[JsonRecord]:
        """The records as they are."""
        for record in records:
            if record["kind"] == "cluster":
                self.cluster = record
            elif record["kind"] == "reading":
                self.readings.append(record)
            elif record["kind"] == "notice":
                self.notices.append(str(record.get("message", "")))
            yield record

    def states(self) -> dict[str, int]:
        """How many resources were read, forbidden, absent and failed."""
        found = Counter(str(reading.get("state")) for reading in self.readings)
        return {f"resources_{state}": found[state] for state in READING_STATES}

    def lacking(self) -> list[dict[str, Any]]:
        """The resources that are served and could not be read, with what that costs."""
        return [
            {
                "resource": reading["id"],
                "state": reading["state"],
                "permission": reading.get("permission", ""),
                "reason": reading.get("reason", ""),
                "costs": list(reading.get("costs", ())),
            }
            for reading in self.readings
            if reading.get("state") in (FORBIDDEN, FAILED)
        ]


@dataclass(frozen=True, slots=True)
class Standing:
    """A target that check mode leaves as it is."""

    sha256: str
    gist: Gist
    kinds: Mapping[str, int]
    inputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TargetResult:
    """What came of it: `kinds` maps kinds to their records, `inputs` base names to SHA-256, `calls` counts requests to the cluster."""

    artifact: Path
    sha256: str
    changed: bool
    gist: Gist
    kinds: Mapping[str, int]
    inputs: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    calls: int = 0
    standing: Standing | None = None
    """what is left in the artifact's place; the rest says what was read now"""


def run_target(request: TargetRequest) -> TargetResult:
    """Reads a target and writes it.

    Raises `InputError` with every problem of the variables, or of a saved target, and `ReadinessError` for a cluster that
    cannot be read; nothing is written then.
    """
    if request.problems:
        message = f"The target cannot be read: {_count(request.problems, 'problem')} with the input"
        raise InputError("arguments_invalid", message, subject="target", problems=request.problems)
    try:
        beside = request.predict_in or request.dest.parent
        beside.mkdir(parents=True, exist_ok=True)
        with working_folder(beside, request.dest.name) as folder:
            made = _run_in(replace(request, dest=folder / request.dest.name))
            return _put(request, made)
    except OSError as error:
        message = f"{request.dest.name} cannot be written: {error.strerror or error}"
        hint = "Check the folder's owner and free space."
        raise ReadinessError("target_unwritable", message, subject=request.dest.name, hint=hint) from error


def _put(request: TargetRequest, made: TargetResult) -> TargetResult:
    """Puts what was read into its place, or only compares."""
    if request.predict_in is not None:
        changed = differs(request.dest, made.sha256, made.artifact.stat().st_size)
        return replace(made, artifact=request.dest, changed=changed)
    standing, beside = _standing(request), request.dest.with_name(PREDICTED)
    # The headers differ anyway: a check says so in its own.
    changed = standing is not None and trailer_body(request.dest) != trailer_body(made.artifact)
    if changed:
        replace_if_changed(made.artifact, beside, made.sha256)
    else:
        beside.unlink(missing_ok=True)
    if standing is None:
        return replace(made, artifact=request.dest, changed=replace_if_changed(made.artifact, request.dest, made.sha256))
    warnings = (*made.warnings, STANDS.format(name=request.dest.name))
    return replace(made, artifact=request.dest, changed=changed, warnings=warnings, standing=standing)


def _standing(request: TargetRequest) -> Standing | None:
    """The target that has to be left, whole and undamaged."""
    if request.plan is None:
        return None
    gist = Gist()
    try:
        plan = ArtifactReader(request.plan, "plan").header
        reader = ArtifactReader(request.dest, "target")
        kinds = Counter(record["kind"] for record in gist.seen(reader))
    except ArtifactError:
        return None
    if plan.get("mode") == "check" or reader.sha256 not in {entry.get("sha256") for entry in plan.get("inputs", ())}:
        return None
    return Standing(reader.sha256, gist, kinds, {entry["name"]: entry["sha256"] for entry in reader.header.get("inputs", ())})


def _run_in(request: TargetRequest) -> TargetResult:
    return _from_cluster(request) if request.saved is None else _from_saved(request, request.saved)


# ---- live ------------------------------------------------------------------------------------------------------------


def _from_cluster(request: TargetRequest) -> TargetResult:
    # Only who reads a cluster needs the libraries for it.
    from .cluster.reader import connect, read_target

    gist = Gist()
    with connect(request.settings) as connection:
        records = gist.seen(read_target(connection, request.settings.page_size))
        header = ArtifactHeader("target", (), request.mode, {"captured_at": request.now} if request.now else {})
        with ArtifactWriter(request.dest, header) as writer:
            for record in records:
                writer.write(record)
            _check_rights(gist, connection.access.place)
            _check_identity(gist, request.expected_cluster, connection.access.place)
            written = writer.finish()
        calls = connection.calls.all
    return TargetResult(request.dest, written.sha256, written.changed, gist, written.counts, {}, _warnings(gist), calls)


def _check_rights(gist: Gist, place: str) -> None:
    """Raises ReadinessError where nothing at all could be read."""
    if any(reading.get("state") == READ for reading in gist.readings):
        return
    lacking = gist.lacking()
    forbidden = [lack for lack in lacking if lack["state"] == FORBIDDEN]
    problems = [Problem(_lack_words(lack), remedy=f"without it stays unknown: {'; '.join(lack['costs'])}") for lack in lacking]
    if forbidden:
        message = f"{place}: the account may read nothing that planning needs"
        raise ReadinessError("cluster_forbidden", message, subject=place, hint=_ROLE_HINT, problems=problems)
    raise ReadinessError("cluster_protocol", f"{place}: no list could be read", subject=place, problems=problems)


def _warnings(gist: Gist) -> tuple[str, ...]:
    lacks = [f"{_lack_words(lack)}; unknown for it: {'; '.join(lack['costs'])}" for lack in gist.lacking()]
    return (*gist.notices, *lacks)


def _lack_words(lack: Mapping[str, Any]) -> str:
    if lack["state"] == FORBIDDEN:
        return f"the account may not {lack['permission']}"
    return f"{lack['resource']} could not be read: {lack['reason']}"


# ---- saved -----------------------------------------------------------------------------------------------------------


def _from_saved(request: TargetRequest, saved: Path) -> TargetResult:
    reader = ArtifactReader(saved, "target")
    gist = Gist()
    found = _Flaws(reader)
    # The header names the file by its SHA-256, which is known only when it has been read to the end.
    for row, record in enumerate(gist.seen(reader), 2):
        found.look_at(record, row)
    found.conclude()
    _check_identity(gist, request.expected_cluster, saved.name)
    captured_at = str(reader.header.get("captured_at") or "")
    source = ArtifactInput(saved.name, reader.sha256, captured_at)
    header = ArtifactHeader("target", (source,), request.mode, {"captured_at": captured_at} if captured_at else {})
    again = ArtifactReader(saved, "target")
    with ArtifactWriter(request.dest, header) as writer:
        for record, line in again.lines():
            writer.write_line(record["kind"], record["id"], line.rstrip(b"\n"))
        if again.sha256 != reader.sha256:
            hint = "Run the stage again."
            raise ArtifactError("artifact_changed", f"{saved.name} was changed while it was read", subject=saved.name, hint=hint)
        written = writer.finish()
    warnings = (*reader.warnings, *_warnings(gist))
    inputs = {saved.name: reader.sha256}
    return TargetResult(request.dest, written.sha256, written.changed, gist, written.counts, inputs, warnings)


class _Flaws:
    """What is wrong with the records of a saved target; the first ones are kept word by word, the others counted."""

    def __init__(self, reader: ArtifactReader) -> None:
        major, minor = str(reader.header["schema_version"]).split(".")
        self._is_newer = newer_minor("target", (int(major), int(minor)))
        self._name = reader.path.name
        self._listed: list[Problem] = []
        self._count = 0

    def look_at(self, record: JsonRecord, row: int) -> None:
        """Notes what is wrong with a record."""
        for key, message in (*flaws(record), *(() if self._is_newer else word_flaws(record))):
            self._count += 1
            if self._count <= LISTED_FLAWS:
                what = f"{record['kind']} {record['id']}: {key} {message}"
                self._listed.append(Problem(what, file=self._name, row=row, remedy="write the target again with this collection"))

    def conclude(self) -> None:
        """Raises `ArtifactError` with all faults."""
        if self._count > LISTED_FLAWS:
            self._listed.append(Problem(f"{self._count - LISTED_FLAWS} more values are not what the model says", file=self._name))
        if self._listed:
            message = f"{self._name} holds values that the model does not have"
            raise ArtifactError("artifact_damaged", message, subject=self._name, problems=self._listed)


def _check_identity(gist: Gist, expected: str, place: str) -> None:
    """Raises InputError for another cluster than the one that is expected, or one of which nobody knows which it is."""
    if not expected or gist.cluster.get("id") == expected:
        return
    found = gist.cluster.get("id") or "a cluster whose id is not known"
    problem = Problem(f"{place} is of {found}, not of {expected}", remedy="give the expected cluster, or what was saved of it")
    raise InputError("target_other_cluster", f"{place} is not the expected cluster", subject=place, problems=(problem,))


def _count(things: Sequence[object], word: str) -> str:
    return f"{len(things)} {word}{'' if len(things) == 1 else 's'}"
