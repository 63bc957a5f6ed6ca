# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens what RVTools exports: workbooks and CSV files, single, in a folder, or in a zip; yields their tabs row by row.

Nothing is ever unpacked to disk. Each file is checked before a library sees it, and every problem of every file is
listed in one `InputError`.
"""

from __future__ import annotations

import codecs
import io
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final, Protocol
from xml.parsers import expat

from ..common.errors import InputError, Problem
from ..estate.rvtools.columns import Row
from ..estate.rvtools.tabs import tab_called
from ._libraries import python_calamine, require
from .archives import CHUNK_BYTES, DAMAGED, TOO_LARGE, Archive, BadArchive, Findings, Limits
from .artifacts import file_sha256
from .csv_files import CsvRows
from .sheets import check_extent

OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
ENCRYPTED_STREAM: Final = "EncryptedPackage".encode("utf-16-le")
OLD_STREAMS: Final = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))
OLD_MAGIC: Final = (b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")
SHEETS: Final = "xl/worksheets/"
RUN_FILE: Final = "run.json"
RUN_MARK: Final = b'"groundwork.readiness/run"'
RUN_HEAD_BYTES: Final = 1 << 16
NO_WORKBOOK: Final = "Give an .xlsx workbook or the CSV files that RVTools exports, as a file, a folder or a zip."


class ExportSource(Protocol):
    """One export: a workbook, or the CSV files of one folder."""

    @property
    def file(self) -> str:
        """Path inside the source (`exports.zip/site-b/report.xlsx`), or the folder of CSV files, for messages."""

    @property
    def tabs(self) -> Mapping[str, str]:
        """RVTools' tab names to the names in the file."""

    def created(self) -> str:
        """When the file was made, by its own properties (ISO 8601); empty when it does not say."""

    def check(self, tab: str) -> None:
        """Raises `BadArchive` when a tab must not be loaded."""

    def load(self, tab: str) -> Any:
        """The tab's content in memory, for `rows`; safe to call in another thread."""

    def rows(self, tab: str, content: Any) -> Iterator[Row]:
        """The rows of a loaded tab, from the first row of the sheet on."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What stands at a path: its exports, in the order of their names, and the files that they are made of with their SHA-256."""

    name: str
    exports: tuple[ExportSource, ...]
    files: tuple[tuple[str, str], ...]


# ---- workbooks ------------------------------------------------------------------------------------------------------


class WorkbookExport:
    """An .xlsx workbook."""

    def __init__(self, file: str, content: Path | bytes, limits: Limits) -> None:
        self.file = file
        self._limits = limits
        size = content.stat().st_size if isinstance(content, Path) else len(content)
        self._archive = Archive(content if isinstance(content, Path) else io.BytesIO(content), size, limits)
        escaping = self._archive.escaping()
        if escaping:
            raise BadArchive("zip_escape", f"a path in it leads out of the file: {escaping[0]!r}")
        members = self._archive.members
        if "xl/workbook.xml" not in members:
            kind = "an .xlsb workbook" if "xl/workbook.bin" in members else "no workbook"
            raise BadArchive("not_a_workbook", f"it is {kind}", "Save it as .xlsx.")
        self._small: dict[str, bytes] = {}
        self._paths = self._sheet_paths()
        # What the library reads as soon as it opens the file: unpacked here first, to see how large it really is.
        for name in sorted(members):
            if name.startswith("xl/") and not name.startswith((SHEETS, "xl/media/", "xl/drawings/")) and name not in self._small:
                for _chunk in self._archive.chunks(name):
                    pass
        self._created = self._created_text()
        self._book = _calamine(content)
        self.tabs: Mapping[str, str] = {tab.name: name for name in reversed(self._book.sheet_names) if (tab := tab_called(name))}
        self._lock = threading.Lock()

    def _member(self, name: str) -> bytes:
        if name not in self._small:
            self._small[name] = self._archive.content(name)
        return self._small[name]

    def _sheet_paths(self) -> dict[str, str]:
        """Name of each sheet to its member of the zip."""
        targets = (
            {
                attributes.get("Id", ""): attributes.get("Target", "")
                for tag, attributes in _elements(self._member("xl/_rels/workbook.xml.rels"))
                if tag == "Relationship"
            }
            if "xl/_rels/workbook.xml.rels" in self._archive.members
            else {}
        )
        paths: dict[str, str] = {}
        for tag, attributes in _elements(self._member("xl/workbook.xml")):
            if tag == "sheet":
                identity = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
                target = targets.get(identity, "").lstrip("/")
                paths[attributes.get("name", "")] = target if target.startswith("xl/") else f"xl/{target}"
        return paths

    def _created_text(self) -> str:
        if "docProps/core.xml" not in self._archive.members:
            return ""
        return _text_of(self._member("docProps/core.xml"), "created")

    def created(self) -> str:
        """When the workbook was made."""
        return self._created

    def check(self, tab: str) -> None:
        """Unpacks the sheet once, counting: its real size, and how far its cells reach."""
        path = self._paths.get(self.tabs[tab], "")
        names = [path] if path in self._archive.members else [name for name in sorted(self._archive.members) if name.startswith(SHEETS)]
        for name in names:
            budget = self._archive.budget

            def chunks(name: str = name, budget: int = budget) -> Iterator[bytes]:
                self._archive.budget = budget
                return self._archive.chunks(name)

            check_extent(chunks, self._archive.members[name].file_size, self._limits.max_cells)

    def load(self, tab: str) -> Any:
        """The sheet in memory; calamine lets other threads run meanwhile."""
        with self._lock:
            try:
                return self._book.get_sheet_by_name(self.tabs[tab])
            except (python_calamine.CalamineError, ValueError, OSError) as error:
                raise BadArchive("damaged_zip", f"the sheet cannot be read: {error}", DAMAGED) from error

    def rows(self, tab: str, content: Any) -> Iterator[Row]:
        """The rows of the sheet."""
        rows: Iterator[Row] = content.iter_rows()
        return rows


def _calamine(content: Path | bytes) -> Any:
    require("python_calamine", "read workbooks")
    try:
        if isinstance(content, Path):
            return python_calamine.CalamineWorkbook.from_path(str(content))
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except python_calamine.PasswordError as error:
        raise BadArchive("encrypted_workbook", "it is protected with a password", "Save it without a password.") from error
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise BadArchive("not_a_workbook", f"it is no workbook that can be read: {error}", DAMAGED) from error


def _elements(content: bytes) -> list[tuple[str, dict[str, str]]]:
    """(tag without its prefix, attributes) of every element of a small XML file."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: found.append((name.rpartition(":")[2], attributes))
    _parse(parser, content)
    return found


def _text_of(content: bytes, wanted: str) -> str:
    """Text of the first element of that name."""
    inside = [False]
    pieces: list[str] = []
    parser = expat.ParserCreate()

    def start(name: str, _attributes: Mapping[str, str]) -> None:
        inside[0] = name.rpartition(":")[2] == wanted and not pieces

    def data(piece: str) -> None:
        if inside[0]:
            pieces.append(piece)

    def end(_name: str) -> None:
        inside[0] = False

    parser.StartElementHandler, parser.CharacterDataHandler, parser.EndElementHandler = start, data, end
    _parse(parser, content)
    return "".join(pieces).strip()


def _parse(parser: Any, content: bytes) -> None:
    def refuse(*_declaration: object) -> None:
        raise ValueError("document types are not allowed")

    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError) as error:
        raise BadArchive("damaged_zip", f"its XML is damaged: {error}", DAMAGED) from error


# ---- CSV ------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class CsvFile:
    """One CSV file, on disk or a member of a zip; `name` is its path inside the source."""

    name: str
    path: Path | None = None
    archive: Archive | None = None
    member: str = ""

    def content(self) -> bytes:
        """All of it."""
        if self.archive is not None:
            return self.archive.content(self.member)
        return self.path.read_bytes() if self.path is not None else b""


@dataclass(slots=True)
class CsvExport:
    """The CSV files of one folder; `files` maps RVTools' tab names to them."""

    file: str
    limits: Limits
    files: dict[str, CsvFile] = field(default_factory=dict)

    @property
    def tabs(self) -> Mapping[str, str]:
        """Tab names to file names."""
        return {tab: entry.name for tab, entry in self.files.items()}

    def created(self) -> str:
        """CSV files do not say when they were made."""
        return ""

    def check(self, tab: str) -> None:
        """A file that is read from disk is no larger than it is; members of a zip are counted while they are read."""
        entry = self.files[tab]
        if entry.path is not None and entry.path.stat().st_size > self.limits.max_unpacked_bytes:
            raise BadArchive("file_too_large", f"it has more than the limit of {self.limits.max_unpacked_bytes} bytes", TOO_LARGE)

    def load(self, tab: str) -> Any:
        """The file's text."""
        return decoded(self.files[tab].content())

    def rows(self, tab: str, content: Any) -> Iterator[Row]:
        """The rows of the file, each as wide as it is."""
        return CsvRows(content)


def decoded(content: bytes) -> str:
    """Text of a CSV file: by its byte order mark, else UTF-8, else UTF-16 where every second byte is zero, else Windows-1252."""
    if content.startswith(codecs.BOM_UTF8):
        return content[3:].decode("utf-8", "replace")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    if content[1:200:2].count(0) > len(content[1:200:2]) // 2:
        return content.decode("utf-16-le", "replace")
    if content[:200:2].count(0) > len(content[:200:2]) // 2:
        return content.decode("utf-16-be", "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


# ---- what stands at a path ------------------------------------------------------------------------------------------


def open_exports(path: Path, limits: Limits) -> Opened:
    """Opens a file, folder or zip; raises `InputError` with every problem of every file in it."""
    name = path.name or path.resolve().name
    if not path.exists():
        raise _missing(path, name)
    findings = Findings()
    finder = _Finder(name, limits, findings)
    try:
        if path.is_dir():
            finder.folder(path)
        else:
            finder.file(path, path.name)
    except OSError as error:
        findings.add("source_unreadable", f"it cannot be read: {error.strerror}", name)
    finder.check_tabs()
    findings.raise_if_any(name)
    exports = tuple(sorted(finder.exports, key=lambda export: export.file))
    return Opened(name, exports, tuple(sorted(finder.used)))


class _Finder:
    """Looks for exports, and notes what is wrong on the way."""

    def __init__(self, name: str, limits: Limits, findings: Findings) -> None:
        self.name = name
        self.limits = limits
        self.findings = findings
        self.exports: list[ExportSource] = []
        self.used: list[tuple[str, str]] = []
        self._folders: dict[str, CsvExport] = {}

    def folder(self, path: Path) -> None:
        """All workbooks, zips and CSV exports of a folder and those below it.

        Hidden files, Office's lock files and the folders of runs of this collection, with their reports, are left out.
        """
        entries = sorted(entry for entry in path.rglob("*") if entry.is_file() and not _hidden(entry.relative_to(path).parts))
        runs = {entry.parent for entry in entries if entry.name == RUN_FILE and _is_run(entry)}
        found = [entry for entry in entries if not runs.intersection(entry.parents)]
        wanted = [entry for entry in found if entry.suffix.lower() in (".xlsx", ".xlsm", ".zip", ".xls", ".xlsb") or _csv_tab(entry.name)]
        if len(wanted) > self.limits.max_files:
            self.findings.add("too_many_files", f"it has {len(wanted)} files, more than the limit of {self.limits.max_files}", self.name)
            return
        if not wanted:
            beside = "; folders of runs of this collection in it were left out" if runs else ""
            self.findings.add("no_export", f"it holds no RVTools export{beside}", self.name, remedy=NO_WORKBOOK)
        for entry in wanted:
            self.file(entry, entry.relative_to(path).as_posix())

    def file(self, path: Path, name: str) -> None:
        """One file of any kind."""
        try:
            with path.open("rb") as stream:
                head = stream.read(8)
            if not head:
                raise BadArchive("not_a_workbook", "it is empty", DAMAGED)
            if head.startswith(ZIP_MAGIC):
                self._zip(path, name)
            elif head.startswith(OLE_MAGIC):
                _refuse_ole(path)
            elif _csv_tab(path.name):
                self._csv(CsvFile(name, path))
            else:
                raise _no_workbook(head)
            self.used.append((name, file_sha256(path)))
        except BadArchive as error:
            self.findings.add(error.code, error.message, name, remedy=error.remedy)

    def _csv(self, entry: CsvFile) -> None:
        folder = PurePosixPath(entry.name).parent.as_posix()
        tab = _csv_tab(PurePosixPath(entry.name).name)
        label = self.name if folder == "." else folder
        export = self._folders.get(label)
        if export is None:
            export = self._folders[label] = CsvExport(label, self.limits)
            self.exports.append(export)
        if tab in export.files:
            raise BadArchive("double_tab", f"tab {tab} stands in two files: {export.files[tab].name} and {entry.name}", "Keep one of them.")
        export.files[tab] = entry

    def _zip(self, path: Path, name: str) -> None:
        """A workbook, or a zip with workbooks or CSV files in it."""
        archive = Archive(path, path.stat().st_size, self.limits)
        if "[Content_Types].xml" in archive.members or "xl/workbook.xml" in archive.members:
            archive.zip.close()
            self.exports.append(WorkbookExport(name, path, self.limits))
            return
        escaping = archive.escaping()
        for member in escaping:
            self.findings.add("zip_escape", f"a path in it leads out of the zip: {member!r}", name, remedy="Make the zip again.")
        if escaping:
            return
        wanted = [
            member
            for member in sorted(archive.members)
            if not _hidden(PurePosixPath(member).parts)
            and (member.lower().endswith((".xlsx", ".xlsm")) or _csv_tab(PurePosixPath(member).name))
        ]
        if not wanted:
            raise BadArchive("not_a_workbook", "it is neither a workbook nor a zip with an RVTools export in it", NO_WORKBOOK)
        for member in wanted:
            self._member(archive, member, f"{name}/{member}")

    def _member(self, archive: Archive, member: str, name: str) -> None:
        try:
            if _csv_tab(PurePosixPath(member).name):
                self._csv(CsvFile(name, archive=archive, member=member))
                return
            content = archive.content(member)
            if content.startswith(OLE_MAGIC):
                raise _ole_problem(content)
            if not content.startswith(ZIP_MAGIC):
                raise _no_workbook(content)
            self.exports.append(WorkbookExport(name, content, self.limits))
        except BadArchive as error:
            self.findings.add(error.code, error.message, name, remedy=error.remedy)

    def check_tabs(self) -> None:
        """Every export needs vInfo."""
        for export in self.exports:
            if "vInfo" not in export.tabs:
                shown = ", ".join(export.tabs[tab] for tab in sorted(export.tabs)) or "none of RVTools' tabs"
                message = f"tab vInfo is missing; it has {shown}"
                self.findings.add("vinfo_missing", message, export.file, "vInfo", "Export again with all tabs; vInfo lists the VMs.")


def _missing(path: Path, name: str) -> InputError:
    """Nothing stands at the path. Only the name of the folder that was searched is told, not where that folder is."""
    folder = path.absolute().parent
    searched = f"in the folder {folder.name}" if folder.name else "in the topmost folder"
    beside = "" if folder.is_dir() else ", which does not exist either"
    remedy = "Check the path; relative paths are taken from the folder in which the playbook was started."
    problem = Problem(f"there is no such file or folder; it was looked for {searched}{beside}", name, remedy=remedy)
    return InputError("source_missing", f"{name} does not exist", subject=name, problems=(problem,))


def _is_run(path: Path) -> bool:
    """True for the run.json of a run of this collection."""
    with path.open("rb") as stream:
        return RUN_MARK in stream.read(RUN_HEAD_BYTES)


def _hidden(parts: Sequence[str]) -> bool:
    return any(part.startswith((".", "~$", "__MACOSX")) for part in parts)


def _csv_tab(name: str) -> str:
    """RVTools' tab that a CSV file holds, by its name; empty when none."""
    stem, dot, suffix = name.rpartition(".")
    tab = tab_called(stem) if dot and suffix.lower() in ("csv", "txt", "tsv") else None
    return tab.name if tab else ""


def _no_workbook(head: bytes) -> BadArchive:
    if head.startswith(OLD_MAGIC):
        return BadArchive("old_workbook", "it is a workbook of Excel 95 or older", "Save it as .xlsx.")
    return BadArchive("not_a_workbook", "it is no workbook", NO_WORKBOOK)


def _refuse_ole(path: Path) -> None:
    with path.open("rb") as stream:
        raise _ole_problem(_scanned(stream))


def _scanned(stream: IO[bytes]) -> bytes:
    """The file's names of streams, wherever its directory lies: enough of it to tell what it is."""
    kept = b""
    tail = b""
    while chunk := stream.read(CHUNK_BYTES):
        data = tail + chunk
        for name in (ENCRYPTED_STREAM, *OLD_STREAMS):
            if name in data and name not in kept:
                kept += name
        tail = data[-64:]
    return kept


def _ole_problem(content: bytes) -> BadArchive:
    if ENCRYPTED_STREAM in content:
        return BadArchive("encrypted_workbook", "it is protected with a password", "Save it without a password.")
    if any(stream in content for stream in OLD_STREAMS):
        return BadArchive("old_workbook", "it is a workbook in the old .xls format", "Save it as .xlsx.")
    return BadArchive("not_a_workbook", "it is a document of another kind", NO_WORKBOOK)
