# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The estate stage: sources in, one `estate.jsonl` out, with scope and annotations.

Nothing is held whole but keys: records are set aside on disk, beside the artifact, and written in order at the end.
One source is passed through once; several are matched by their keys and merged object by object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from ..common.artifact import ArtifactHeader, ArtifactInput, ArtifactWritten, JsonRecord
from ..common.errors import InputError, Problem, ReadinessError
from ..estate.scope import parse_scope
from .artifacts import ArtifactWriter, decode, differs, encode, replace_if_changed
from .estate_sources import READERS, OpenedSource, ReadContext, problems_of
from .estate_store import EstateStore, Finisher, pass_through
from .working_folder import working_folder

# What takes annotations, and what merges several sources, is imported where there are any: Python compiles a module anew for
# each task that imports it, and with all that these need that is a fifth of a second.
if TYPE_CHECKING:
    from ..estate.annotations import AnnotationRow, Annotations
    from .annotations import AnnotationFile

P = ParamSpec("P")
T = TypeVar("T")

LENIENT: Final = ("annotation_unmatched", "annotation_ambiguous")
"""Findings on annotations that are no error while a host left no estate: what they name may be in it."""
UNMATCHED: Final = ("annotation_unmatched",)
"""Findings on annotations that are not reported while a source could not be read, which is an error of its own."""


@dataclass(frozen=True, slots=True)
class EstateRequest:
    """What to read, and where to.

    `sources` are mappings with exactly one of `rvtools`, `estate` (paths) or `vcenter`; `parts` are saved estates that
    hosts of the inventory left, `parts_missing` the names of hosts that left none, and `parts_left_out` of those that were
    not asked for one, since the user left them out of the run. `scope` is as `parse_scope` takes it.
    `problems` were found in the user's variables already, and `sources_refused` says that sources are left out for them.
    With `predict_in` the artifact is made in a temporary folder there and only compared with `dest`.
    """

    sources: Sequence[Mapping[str, Any]]
    dest: Path
    parts: Sequence[Path] = ()
    parts_missing: Sequence[str] = ()
    parts_left_out: Sequence[str] = ()
    scope: Mapping[str, Any] | None = None
    annotations: Sequence[Path] = ()
    mode: str = "apply"
    context: ReadContext = field(default_factory=ReadContext)
    problems: Sequence[Problem] = ()
    sources_refused: bool = False
    predict_in: Path | None = None

    @property
    def sources_missing(self) -> bool:
        """True when something of the whole estate was not read."""
        return bool(self.parts_missing or self.parts_left_out)


@dataclass(frozen=True, slots=True)
class EstateResult:
    """What came of it: `inputs` maps base names to SHA-256, `kinds` kinds to their records, `missing` names the hosts without a part."""

    artifact: Path
    sha256: str
    changed: bool
    counts: Mapping[str, int]
    inputs: Mapping[str, str]
    warnings: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    kinds: Mapping[str, int] = field(default_factory=dict)


def run_estate(request: EstateRequest) -> EstateResult:
    """Reads, merges and writes the estate.

    Raises `InputError` with every problem of every source, of the scope and of the annotations; nothing is written then.
    """
    try:
        beside = request.predict_in or request.dest.parent
        beside.mkdir(parents=True, exist_ok=True)
        with working_folder(beside, request.dest.name) as folder:
            made = _run_in(replace(request, dest=folder / request.dest.name), folder)
            if request.predict_in is None:
                changed = replace_if_changed(made.artifact, request.dest, made.sha256)
            else:
                changed = differs(request.dest, made.sha256, made.artifact.stat().st_size)
            return replace(made, artifact=request.dest, changed=changed)
    except OSError as error:
        message = f"{request.dest.name} cannot be written: {error.strerror or error}"
        raise ReadinessError(
            "estate_unwritable", message, subject=request.dest.name, hint="Check the folder's owner and free space."
        ) from error


def _run_in(request: EstateRequest, folder: Path) -> EstateResult:
    problems = _Problems()
    problems.add("arguments_unusable", request.problems)
    scope, scope_problems = parse_scope(request.scope)
    problems.add("scope_unusable", scope_problems)
    with EstateStore(folder) as store:
        finisher = Finisher(store, scope, indexed=bool(request.annotations))
        before = len(problems)
        opened = _opened(request, problems)
        _read(opened, store, finisher, problems)
        whole = len(problems) == before and not request.sources_refused
        notices = [*finisher.notices(), *_missing_notices(request.parts_missing), *_left_out_notices(request.parts_left_out)]
        files = _annotation_files(request, problems)
        annotations = _placed(files, finisher, request, problems, whole)
        problems.stop()
        notices += _annotation_notices(annotations)
        for notice in notices:
            store.keep(notice)
        inputs = _inputs(opened, files)
        written = _write(request, inputs, store, annotations)
    warnings = [warning for source in opened for warning in source.warnings] + [warning for file in files for warning in file.warnings]
    return EstateResult(
        artifact=request.dest,
        sha256=written.sha256,
        changed=written.changed,
        counts=finisher.counts | _kind_counts(written.counts),
        inputs=_by_name(inputs),
        warnings=tuple(sorted({*warnings, *(notice["message"] for notice in notices)})),
        missing=tuple(sorted(set(request.parts_missing))),
        kinds=written.counts,
    )


class _Problems:
    """All that is wrong with the input, gathered before anything is given up."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._codes: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._problems)

    def add(self, code: str, problems: Iterable[Problem]) -> None:
        """Notes problems."""
        for problem in problems:
            self._codes[code] = None
            self._problems.append(problem)

    def catch(self, work: Callable[P, T], *arguments: P.args, **keywords: P.kwargs) -> T | None:
        """Does the work; what it raises is noted, and None comes back."""
        try:
            return work(*arguments, **keywords)
        except ReadinessError as error:
            self.add(error.code, problems_of(error))
            return None

    def stop(self) -> None:
        """Raises what was noted, if anything."""
        if self._problems:
            code = next(iter(self._codes)) if len(self._codes) == 1 else "input_unusable"
            message = f"The estate cannot be read: {len(self._problems)} problem{'s' if len(self._problems) > 1 else ''} with the input"
            raise InputError(code, message, subject="estate", problems=self._problems)


def _unique(paths: Iterable[Path]) -> list[Path]:
    """The paths, each file once."""
    return list({path.absolute(): path for path in paths}.values())


def _opened(request: EstateRequest, problems: _Problems) -> list[OpenedSource]:
    """Every source, opened; what cannot be is noted."""
    wanted: dict[tuple[str, str], tuple[str, Any]] = {}
    for number, source in enumerate(request.sources, 1):
        given = {key: value for key, value in source.items() if value is not None}
        if len(given) != 1 or not READERS.keys() >= given.keys():
            message = f"source {number} has the keys {', '.join(sorted(given)) or 'none'}"
            problems.add("source_unusable", [Problem(message, remedy=f"give each source exactly one of {', '.join(sorted(READERS))}")])
            continue
        ((kind, value),) = given.items()
        wanted[kind, str(Path(value).absolute()) if isinstance(value, (str, Path)) else f"{number}"] = (kind, value)
    for part in request.parts:
        wanted["estate", str(part.absolute())] = ("estate", part)
    if not request.sources and not request.parts and not request.sources_refused:
        problems.add(*_nothing_to_read(request.parts_missing, request.parts_left_out))
    opened = [problems.catch(READERS[kind], value, request.context) for kind, value in wanted.values()]
    return [source for source in opened if source is not None]


def _nothing_to_read(missing: Sequence[str], left_out: Sequence[str]) -> tuple[str, list[Problem]]:
    if missing:
        remedy = "see what each host reported, or add a source that can be read"
        return "sources_missing", [Problem(f"no source is left: nothing came from {', '.join(sorted(missing))}", remedy=remedy)]
    if left_out:
        remedy = "name one of them in --limit, beside localhost, or leave --limit away"
        return "no_sources", [Problem(f"there is no source to read: --limit leaves out {', '.join(sorted(left_out))}", remedy=remedy)]
    remedy = "name at least one in readiness_sources, or put a vCenter into the inventory group readiness_vcenters"
    return "no_sources", [Problem("there is no source to read", remedy=remedy)]


def _read(opened: Sequence[OpenedSource], store: EstateStore, finisher: Finisher, problems: _Problems) -> None:
    """Reads every source to its end, so that all problems are known, and fills the store with what could be read whole."""
    if len(opened) == 1:
        problems.catch(pass_through, opened[0], store, finisher)
        return
    from .estate_merging import Collected, merge_inputs

    collected: list[Collected] = []
    for source in opened:
        into = Collected(len(collected), store)
        before = len(problems)
        problems.catch(into.take, source)
        if len(problems) == before:
            collected.append(into)
    if len(collected) == len(opened) or finisher.indexed:
        merge_inputs(collected, store, finisher)


def _annotation_files(request: EstateRequest, problems: _Problems) -> list[AnnotationFile]:
    """Every annotation file that can be opened; what is wrong with any is noted."""
    if not request.annotations:
        return []
    from .annotations import read_annotations

    read = [problems.catch(read_annotations, path, request.context.limit_bytes) for path in _unique(request.annotations)]
    files = [file for file in read if file is not None]
    for file in files:
        problems.add("annotation_unreadable", file.problems)
    return files


def _missing_notices(missing: Sequence[str]) -> list[JsonRecord]:
    return [
        {
            "kind": "notice",
            "id": f"source_missing/{host}",
            "code": "source_missing",
            "message": f"{host} left no estate: what runs there is not in this one",
            "remedy": "see what the host reported, and run again",
        }
        for host in sorted(set(missing))
    ]


def _left_out_notices(hosts: Sequence[str]) -> list[JsonRecord]:
    return [
        {
            "kind": "notice",
            "id": f"source_left_out/{host}",
            "code": "source_left_out",
            "message": f"{host} was left out by --limit: what runs there is not in this estate",
            "remedy": "run without --limit to see all of it",
        }
        for host in sorted(set(hosts))
    ]


def _placed(
    files: Sequence[AnnotationFile], finisher: Finisher, request: EstateRequest, problems: _Problems, whole: bool
) -> Annotations | None:
    """The annotations by VM, None where there are none to place; notes rows that cannot be placed, unless what they name may be
    in a source that was not read.

    `whole` says that every source was read to its end.
    """
    if finisher.index is None:
        return None
    from ..estate.annotations import place_rows

    rows: list[AnnotationRow] = [row for file in files for row in file.rows]
    annotations = place_rows(rows, finisher.index)
    forgiven = {*(LENIENT if request.sources_missing else ()), *(() if whole else UNMATCHED)}
    for code, problem in annotations.findings:
        if code not in forgiven:
            problems.add(code, [problem])
    return annotations


def _annotation_notices(annotations: Annotations | None) -> list[JsonRecord]:
    notices = []
    for code, problem in annotations.findings if annotations else ():
        identity = f"{code}/{problem.place()}: {problem.message}"
        notices.append({"kind": "notice", "id": identity, "code": code, **problem.as_dict()})
    return notices


def _inputs(opened: Sequence[OpenedSource], files: Sequence[AnnotationFile]) -> list[ArtifactInput]:
    """Every file that was read, once, in an order of their own."""
    inputs = set(chain((file.input for file in files), *(source.inputs for source in opened)))
    return sorted(inputs, key=lambda entry: (entry.name, entry.sha256, entry.captured_at))


def _by_name(inputs: Sequence[ArtifactInput]) -> dict[str, str]:
    """Base name to SHA-256; files of one name are told apart by the first digits of it."""
    names = [entry.name for entry in inputs]
    return {entry.name if names.count(entry.name) == 1 else f"{entry.name}@{entry.sha256[:8]}": entry.sha256 for entry in inputs}


def _write(request: EstateRequest, inputs: Sequence[ArtifactInput], store: EstateStore, annotations: Annotations | None) -> ArtifactWritten:
    """Writes everything in the order of kind and id, with what the annotations say."""
    with ArtifactWriter(request.dest, ArtifactHeader("estate", tuple(inputs), request.mode)) as writer:
        for kind in store.kinds():
            lines = store.lines(kind)
            for identity, line in lines if annotations is None else _annotated(kind, lines, annotations):
                writer.write_line(kind, identity, line)
        return writer.finish()


def _annotated(kind: str, lines: Iterator[tuple[str, bytes]], annotations: Annotations) -> Iterator[tuple[str, bytes]]:
    """The lines of a kind: VMs with what the annotations say, conflicts without those that an annotation settles."""
    from ..estate.annotations import annotate

    if kind == "vm":
        annotated = annotations.facts.keys() | annotations.unknown.keys()
        for identity, line in lines:
            yield identity, encode(annotate(decode(line), annotations)) if identity in annotated else line
    elif kind == "conflict":
        settled = {f"vm/{vm}/{fact}" for vm, facts in annotations.facts.items() for fact in facts}
        yield from (entry for entry in lines if entry[0] not in settled)
    else:
        yield from lines


def _kind_counts(written: Mapping[str, int]) -> dict[str, int]:
    kinds = ("host", "cluster", "datastore", "network", "source", "conflict")
    return {f"{kind}s": written.get(kind, 0) for kind in kinds}
