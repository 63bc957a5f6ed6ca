# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The anonymised export: one saved estate in, one out, record by record.

Ids change, and with them the order of records: they are set aside on disk and written in order at the end, so that no more
than the ids is ever held in memory.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ..common.artifact import ArtifactHeader, ArtifactWritten
from ..common.errors import InputError, ReadinessError
from ..estate.anonymise.rewriting import Anonymiser
from .artifacts import ArtifactReader, ArtifactWriter, differs, encode, replace_if_changed
from .estate_sources import OpenedSource, ReadContext
from .estate_store import EstateStore
from .saved_estates import open_saved_estate
from .working_folder import working_folder

_MODES: Final = ("apply", "verify", "check")


@dataclass(frozen=True, slots=True)
class AnonymiseRequest:
    """What to export, and where to. With `predict` nothing is written beside `dest`, it is only compared."""

    src: Path
    dest: Path
    key: bytes = field(repr=False)
    shift_dates: bool = False
    context: ReadContext = field(default_factory=ReadContext)
    predict: bool = False


@dataclass(frozen=True, slots=True)
class AnonymiseResult:
    """What came of it: `counts` maps kinds to their records."""

    artifact: Path
    sha256: str
    changed: bool
    counts: Mapping[str, int]
    warnings: tuple[str, ...] = ()


def run_anonymise(request: AnonymiseRequest) -> AnonymiseResult:
    """Reads the estate to its end, checks it, and writes the export.

    Raises `ReadinessError` for an estate that cannot be read and a file that cannot be written; nothing is written then.
    """
    if request.dest.is_dir() or request.src.resolve() == request.dest.resolve():
        what = "a folder" if request.dest.is_dir() else "the estate itself"
        raise InputError("export_dest", f"{request.dest.name} is {what}", subject=request.dest.name, hint="Name another file as dest.")
    source = open_saved_estate(request.src, request.context.limit_bytes)
    try:
        if request.predict:
            with tempfile.TemporaryDirectory() as temporary:
                return _made_in(Path(temporary), request, source)
        request.dest.parent.mkdir(parents=True, exist_ok=True)
        with working_folder(request.dest.parent, request.dest.name) as folder:
            return _made_in(folder, request, source)
    except OSError as error:
        message = f"{request.dest.name} cannot be written: {error.strerror or error}"
        hint = "Check the folder's owner and free space."
        raise ReadinessError("export_unwritable", message, subject=request.dest.name, hint=hint) from error


def _made_in(folder: Path, request: AnonymiseRequest, source: OpenedSource) -> AnonymiseResult:
    anonymiser = Anonymiser(request.key, shift_dates=request.shift_dates)
    with EstateStore(folder) as store:
        header = ArtifactReader(request.src, "estate").header
        for record, _line in source.stream:
            made = anonymiser.record(record)
            if made is not None:
                store.put(made["kind"], made["id"], encode(made))
        written = _write(folder / request.dest.name, _header(header, anonymiser), store)
    made_here = Path(written.path)
    if request.predict:
        changed = differs(request.dest, written.sha256, made_here.stat().st_size)
    else:
        changed = replace_if_changed(made_here, request.dest, written.sha256)
    return AnonymiseResult(request.dest, written.sha256, changed, written.counts, tuple(_warnings(request.src, anonymiser)))


def _header(header: Mapping[str, Any], anonymiser: Anonymiser) -> ArtifactHeader:
    mode = header.get("mode")
    return ArtifactHeader("estate", anonymiser.inputs(header.get("inputs", ())), mode if mode in _MODES else "apply")


def _write(dest: Path, header: ArtifactHeader, store: EstateStore) -> ArtifactWritten:
    with ArtifactWriter(dest, header) as writer:
        for kind in store.kinds():
            last = None
            for identity, line in store.lines(kind):
                if identity == last:
                    hint = "Take another key; with that one the two can be told apart."
                    raise ReadinessError("tokens_collide", f"two records of kind {kind} got one id", subject=dest.name, hint=hint)
                writer.write_line(kind, identity, line)
                last = identity
        return writer.finish()


def _warnings(src: Path, anonymiser: Anonymiser) -> list[str]:
    return [
        f"{src.name}: {what} is not known to this version and left out ({count} of them)"
        for what, count in sorted(anonymiser.left_out.items())
    ]
