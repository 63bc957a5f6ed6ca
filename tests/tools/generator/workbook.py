# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writers for an RVTools export: a workbook with a shared string table, or one CSV file per tab.

Both take rows tab by tab in any order and hold little of them: a tab of a workbook is compressed while it grows, and
the parts are put together at the end.
"""

from __future__ import annotations

import csv
import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, TypeAlias
from xml.sax.saxutils import escape

from .columns import columns_of, sheet_title, tabs_of

FLUSH_CHARACTERS = 1 << 18
LONG_AGO = (1980, 1, 1, 0, 0, 0)
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
STYLES = (
    f'{XML_HEAD}<styleSheet xmlns="{NAMESPACE}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy/mm/dd hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="9"/><name val="Verdana"/></font><font><b/><sz val="9"/><name val="Verdana"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs></styleSheet>'
)


class Moment:
    """A date and time in a cell; `text` is ISO 8601, whose offset RVTools does not keep."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    @property
    def serial(self) -> float:
        """Days since the last day but one of 1899, as workbooks count."""
        text = self.text
        year, month, day = int(text[:4]), int(text[5:7]), int(text[8:10])
        seconds = int(text[11:13]) * 3600 + int(text[14:16]) * 60 + int(text[17:19])
        return _days(year, month, day) + round(seconds / 86400, 10)


def _days(year: int, month: int, day: int) -> int:
    shifted = year - (month <= 2)
    leaps = shifted // 4 - shifted // 100 + shifted // 400
    return 365 * shifted + leaps + (153 * ((month + 9) % 12) + 2) // 5 + day - 1 - 693899


Value: TypeAlias = str | int | float | bool | Moment | None
Cell: TypeAlias = str


class ExportWriter(Protocol):
    """What the tabs are written to."""

    version: str

    def cells(self, values: Sequence[Value]) -> list[Cell]:
        """Values in the writer's own form; a list of cells can be used in many rows."""

    def add(self, tab: str, cells: Sequence[Cell]) -> None:
        """Adds a row; the cells stand in the order of version 4.x."""


def column_letters(number: int) -> str:
    """A, B, …, Z, AA, … for 0, 1, …"""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


class ZipPart:
    """One part of a zip that grows independently of the others: what is held of it is compressed."""

    def __init__(self, name: str, level: int) -> None:
        self.name = name
        self.size = 0
        self.compressed = 0
        self.crc = 0
        self._deflate = zlib.compressobj(level, zlib.DEFLATED, -15)
        self.data = io.BytesIO()

    def write(self, text: str) -> None:
        """Adds text."""
        data = text.encode()
        self.size += len(data)
        self.crc = zlib.crc32(data, self.crc)
        self._keep(self._deflate.compress(data))

    def _keep(self, data: bytes) -> None:
        self.compressed += len(data)
        self.data.write(data)

    def finish(self) -> None:
        """Ends the compressed stream."""
        self._keep(self._deflate.flush())


def write_zip(path: Path, parts: Sequence[ZipPart]) -> None:
    """Puts finished parts into one zip file (each below 4 GiB); the date of every part is the same."""
    central = io.BytesIO()
    day, time = (LONG_AGO[0] - 1980) << 9 | LONG_AGO[1] << 5 | LONG_AGO[2], 0
    with path.open("wb") as out:
        for part in parts:
            name = part.name.encode()
            common = struct.pack(
                "<HHHHHIIIHH", 20, 0x800, zipfile.ZIP_DEFLATED, time, day, part.crc, part.compressed, part.size, len(name), 0
            )
            offset = out.tell()
            out.write(b"PK\x03\x04" + common + name)
            out.write(part.data.getbuffer())
            central.write(b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, offset) + name)
        start = out.tell()
        out.write(central.getvalue())
        out.write(b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, len(parts), len(parts), out.tell() - start, start, 0))


class Sheet:
    """A worksheet under construction."""

    def __init__(self, number: int, columns: Sequence[tuple[str, int]], level: int) -> None:
        self.part = ZipPart(f"xl/worksheets/sheet{number}.xml", level)
        self.places: list[int] | None = None
        self.prefixes = [f'<c r="{column_letters(column)}' for column in range(len(columns))]
        self.row = 0
        self._waiting: list[str] = []
        self._length = 0
        self.part.write(f'{XML_HEAD}<worksheet xmlns="{NAMESPACE}"><sheetData>')

    def add(self, cells: Sequence[Cell]) -> None:
        """Adds a row of cells, empty ones left out."""
        self.row += 1
        number = str(self.row)
        if self.places is not None:
            cells = [cells[place] for place in self.places]
        row = "".join([prefix + number + cell for prefix, cell in zip(self.prefixes, cells, strict=True) if cell])
        self._waiting.append(f'<row r="{number}">{row}</row>')
        self._length += len(row)
        if self._length > FLUSH_CHARACTERS:
            self._flush()

    def _flush(self) -> None:
        self.part.write("".join(self._waiting))
        self._waiting.clear()
        self._length = 0

    def finish(self) -> ZipPart:
        """Ends the sheet."""
        self._flush()
        self.part.write("</sheetData></worksheet>")
        self.part.finish()
        return self.part


class Workbook:
    """Writes a workbook as RVTools does: strings in a shared table, booleans as `True` and `False`, dates as serial numbers."""

    def __init__(self, path: Path, version: str, attributes: tuple[str, ...], level: int = 1) -> None:
        self.path = path
        self.version = version
        self._level = level
        self._strings: dict[str, int] = {}
        self._sheets: dict[str, Sheet] = {}
        whole = not version.startswith("3.")
        for number, tab in enumerate(tabs_of(version), 1):
            columns = columns_of(tab, version, attributes)
            sheet = self._sheets[tab] = Sheet(number, columns, level)
            sheet.add([f'" s="2" t="s"><v>{self._index(column)}</v></c>' for column, _place in columns])
            sheet.places = None if whole else [place for _column, place in columns]

    def _index(self, text: str) -> int:
        index = self._strings.get(text)
        if index is None:
            index = self._strings[text] = len(self._strings)
        return index

    def cells(self, values: Sequence[Value]) -> list[Cell]:
        """Values as what follows the cell's address."""
        strings = self._strings
        cells: list[Cell] = []
        for value in values:
            if value is None or value == "":
                cells.append("")
            elif isinstance(value, str):
                index = strings.get(value)
                if index is None:
                    index = strings[value] = len(strings)
                cells.append(f'" t="s"><v>{index}</v></c>')
            elif isinstance(value, bool):
                cells.append(f'" t="s"><v>{self._index(str(value))}</v></c>')
            elif isinstance(value, Moment):
                cells.append(f'" s="1"><v>{value.serial}</v></c>')
            else:
                cells.append(f'"><v>{value}</v></c>')
        return cells

    def add(self, tab: str, cells: Sequence[Cell]) -> None:
        """Adds a row to a tab that this version has."""
        sheet = self._sheets.get(tab)
        if sheet is not None:
            sheet.add(cells)

    def rows(self) -> dict[str, int]:
        """Rows of each tab, the header not counted."""
        return {tab: sheet.row - 1 for tab, sheet in self._sheets.items()}

    def finish(self) -> None:
        """Writes the file."""
        titles = [sheet_title(tab, self.version) for tab in self._sheets]
        parts = [_part(name, text, self._level) for name, text in package_parts(titles)]
        parts += [sheet.finish() for sheet in self._sheets.values()]
        parts.append(self._string_table())
        write_zip(self.path, parts)

    def _string_table(self) -> ZipPart:
        part = ZipPart("xl/sharedStrings.xml", self._level)
        part.write(f'{XML_HEAD}<sst xmlns="{NAMESPACE}" uniqueCount="{len(self._strings)}">')
        waiting: list[str] = []
        for text in self._strings:
            keep = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
            waiting.append(f"<si><t{keep}>{escape(text)}</t></si>")
            if len(waiting) == 5000:
                part.write("".join(waiting))
                waiting.clear()
        part.write("".join(waiting) + "</sst>")
        part.finish()
        return part


def _part(name: str, text: str, level: int) -> ZipPart:
    part = ZipPart(name, level)
    part.write(text)
    part.finish()
    return part


def package_parts(titles: Sequence[str]) -> list[tuple[str, str]]:
    """The parts of a workbook that hold no cells."""
    numbers = range(1, len(titles) + 1)
    parts = [("xl/workbook.xml", "sheet.main"), ("xl/styles.xml", "styles"), ("xl/sharedStrings.xml", "sharedStrings")]
    parts += [(f"xl/worksheets/sheet{number}.xml", "worksheet") for number in numbers]
    overrides = "".join(f'<Override PartName="/{name}" ContentType="{SHEET_TYPE}.{kind}+xml"/>' for name, kind in parts)
    defaults = f'<Default Extension="rels" ContentType="{RELATIONS_TYPE}"/><Default Extension="xml" ContentType="application/xml"/>'
    types = f'{XML_HEAD}<Types xmlns="{CONTENT_TYPES}">{defaults}{overrides}</Types>'
    sheets = "".join(
        f'<sheet name="{escape(title)}" sheetId="{number}" r:id="rId{number}"/>' for number, title in zip(numbers, titles, strict=True)
    )
    relations = [(f"rId{number}", "worksheet", f"worksheets/sheet{number}.xml") for number in numbers]
    relations += [("rIdStyles", "styles", "styles.xml"), ("rIdStrings", "sharedStrings", "sharedStrings.xml")]
    return [
        ("[Content_Types].xml", types),
        ("_rels/.rels", _relations([("rId1", "officeDocument", "xl/workbook.xml")])),
        ("xl/workbook.xml", f'{XML_HEAD}<workbook xmlns="{NAMESPACE}" xmlns:r="{RELATIONS}"><sheets>{sheets}</sheets></workbook>'),
        ("xl/_rels/workbook.xml.rels", _relations(relations)),
        ("xl/styles.xml", STYLES),
    ]


def _relations(entries: Sequence[tuple[str, str, str]]) -> str:
    inner = "".join(f'<Relationship Id="{name}" Type="{RELATIONS}/{kind}" Target="{target}"/>' for name, kind, target in entries)
    return f'{XML_HEAD}<Relationships xmlns="{PACKAGE_RELATIONS}">{inner}</Relationships>'


class CsvExport:
    """Writes RVTools' CSV export: `RVTools_tabvInfo.csv` and so on, in a folder or a zip."""

    def __init__(self, path: Path, version: str, attributes: tuple[str, ...]) -> None:
        self.path = path
        self.version = version
        self._columns = {tab: columns_of(tab, version, attributes) for tab in tabs_of(version)}
        self._files = {tab: io.StringIO(newline="") for tab in self._columns}
        self._writers = {tab: csv.writer(stream) for tab, stream in self._files.items()}
        for tab, columns in self._columns.items():
            self._writers[tab].writerow([column for column, _place in columns])

    def cells(self, values: Sequence[Value]) -> list[Cell]:
        """Values as text."""
        return [csv_text(value) for value in values]

    def add(self, tab: str, cells: Sequence[Cell]) -> None:
        """Adds a row to a tab that this version has."""
        if tab in self._columns:
            self._writers[tab].writerow([cells[place] for _column, place in self._columns[tab]])

    def finish(self) -> None:
        """Writes the files."""
        if self.path.suffix == ".zip":
            with zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED) as archive:
                for tab, stream in self._files.items():
                    entry = zipfile.ZipInfo(f"RVTools_tab{tab}.csv", LONG_AGO)
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(entry, stream.getvalue().encode("utf-8-sig"))
            return
        self.path.mkdir(parents=True, exist_ok=True)
        for tab, stream in self._files.items():
            (self.path / f"RVTools_tab{tab}.csv").write_bytes(stream.getvalue().encode("utf-8-sig"))


def csv_text(value: Value) -> str:
    """A value as RVTools prints it: dates with slashes, numbers with a comma for thousands."""
    if value is None:
        return ""
    if isinstance(value, Moment):
        return value.text[:19].replace("-", "/").replace("T", " ")
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)
