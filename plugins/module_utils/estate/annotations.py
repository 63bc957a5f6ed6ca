# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people say of their VMs: owner, application, criticality, dependencies, … (annotations).

Rows come from files that people keep by hand. Every row has to name one VM, and no two rows may contradict each
other: what cannot be placed is an error, not something to pass over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ..common.artifact import JsonRecord
from ..common.errors import Problem

KEYS: Final = ("id", "uuid", "name")
"""Columns that name a VM, strongest first."""

PLACES: Final = ("vcenter", "datacenter", "cluster")
"""Columns that tell VMs of one name apart."""

FACTS: Final[Mapping[str, str]] = {
    "owner": "owner",
    "application": "application",
    "environment": "environment",
    "criticality": "criticality",
    "downtime_tolerance": "downtime_tolerance_minutes",
    "depends_on": "depends_on",
    "window": "change_window",
}
"""Columns that say something, and the fact of the VM that they fill."""

_ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "readiness id"),
    "uuid": ("uuid", "vm uuid", "instance uuid", "vm instance uuid", "bios uuid", "smbios uuid"),
    "name": ("vm", "name", "vm name", "virtual machine"),
    "vcenter": ("vcenter", "vcenter uuid", "vi sdk uuid", "vi sdk server"),
    "datacenter": ("datacenter", "data center"),
    "cluster": ("cluster",),
    "owner": ("owner", "owner group", "responsible"),
    "application": ("application", "app", "service"),
    "environment": ("environment", "env", "stage"),
    "criticality": ("criticality", "business criticality"),
    "downtime_tolerance": ("downtime tolerance", "downtime tolerance minutes", "tolerated downtime", "max downtime"),
    "depends_on": ("depends on", "dependencies", "dependency"),
    "window": ("window", "change window", "maintenance window"),
}
COLUMNS: Final[Mapping[str, str]] = {alias: column for column, aliases in _ALIASES.items() for alias in aliases}
"""Header in lower case, with single spaces, to the column it stands for."""

_MINUTES: Final = {
    "m": 1,
    "min": 1,
    "mins": 1,
    "minute": 1,
    "minutes": 1,
    "h": 60,
    "hour": 60,
    "hours": 60,
    "d": 1440,
    "day": 1440,
    "days": 1440,
}
_SPAN: Final = re.compile(r"\s*([0-9]+(?:[.,][0-9]+)?)\s*([a-z]*)\s*")
_UUID: Final = re.compile(r"[{}\s]")


@dataclass(frozen=True, slots=True)
class AnnotationRow:
    """One row that says something: where it stands (file, tab, row), how it names its VM, and what it says.

    `says` has facts by column, `headers` the header of each column as the file has it.
    """

    source: str
    file: str
    tab: str
    row: int
    names: Mapping[str, str]
    says: Mapping[str, Any]
    headers: Mapping[str, str]

    def problem(self, message: str, remedy: str, column: str = "") -> Problem:
        """A problem at this row."""
        return Problem(message, file=self.file, tab=self.tab, row=self.row, column=self.headers.get(column, ""), remedy=remedy)


def column_of(header: str) -> str:
    """The column that a header stands for; empty when it is none of ours."""
    return COLUMNS.get(" ".join(re.split(r"[\s_-]+", header.strip().lower())), "")


def parse_minutes(text: str) -> int | None:
    """Minutes of `90`, `30m`, `4h`, `1d 12h`; None when it is no span of whole minutes."""
    lowered = text.strip().lower()
    position, total = 0, 0.0
    spans = 0
    while position < len(lowered):
        found = _SPAN.match(lowered, position)
        if found is None or (found[2] not in _MINUTES and (found[2] or spans or found.end() < len(lowered))):
            return None
        total += float(found[1].replace(",", ".")) * _MINUTES.get(found[2], 1)
        position = found.end()
        spans += 1
    return int(total) if spans and total.is_integer() else None


def parse_row(
    file: str, tab: str, row: int, source: str, cells: Mapping[str, str], headers: Mapping[str, str]
) -> tuple[AnnotationRow | None, list[Problem]]:
    """A row from its cells by column (texts, already trimmed); None when it says nothing or cannot be read.

    An empty cell says nothing.
    """
    names = {column: cells[column] for column in (*KEYS, *PLACES) if cells.get(column)}
    says: dict[str, Any] = {}
    problems: list[Problem] = []
    for column in FACTS:
        text = cells.get(column)
        if not text:
            continue
        says[column] = text
        if column == "downtime_tolerance":
            says[column] = parse_minutes(text)
            if says[column] is None:
                problems.append(Problem(f"{text!r} is no span of time", file, tab, row, headers[column], "write minutes, or 30m, 4h, 2d"))
        elif column == "depends_on":
            says[column] = [entry.strip() for entry in text.split(";") if entry.strip()]
    if not any(column in names for column in KEYS):
        if says or names:
            problems.append(Problem("the row names no VM", file=file, tab=tab, row=row, remedy="fill the column id, uuid or vm"))
        return None, problems
    if problems or not says:
        return None, problems
    return AnnotationRow(source, file, tab, row, names, says, headers), problems


class VmIndex:
    """Finds VMs by id, UUID or name; fed with every VM of the estate."""

    def __init__(self, vcenter_names: Mapping[str, Sequence[str]]) -> None:
        self._vcenter_names = vcenter_names
        self._vms: list[tuple[str, str | None, str | None, str | None]] = []
        self._by: dict[str, dict[str, list[int]]] = {"id": {}, "uuid": {}, "name": {}, "folded": {}}

    def add(self, vm: Mapping[str, Any]) -> None:
        """Makes a VM known."""
        number = len(self._vms)
        self._vms.append((vm["id"], vm.get("vcenter") or None, vm.get("datacenter"), vm.get("cluster")))
        self._by["id"][vm["id"]] = [number]
        for uuid in {str(vm.get(key) or "") for key in ("instance_uuid", "bios_uuid")} - {""}:
            self._by["uuid"].setdefault(uuid, []).append(number)
        name = vm.get("name")
        if name:
            self._by["name"].setdefault(name, []).append(number)
            self._by["folded"].setdefault(name.lower(), []).append(number)

    def find(self, names: Mapping[str, str]) -> list[str]:
        """Ids of all VMs that fit: by the strongest key given that fits any, narrowed by vCenter, datacenter and cluster."""
        found: list[int] = []
        for column in KEYS:
            if column in names:
                found = self._look_up(column, names[column])
            if found:
                break
        return sorted(self._vms[number][0] for number in found if self._placed(number, names))

    def find_reference(self, text: str) -> list[str]:
        """Ids of all VMs that a dependency may mean, which is an id, a UUID or a name."""
        return self.find(dict.fromkeys(KEYS, text))

    def _look_up(self, column: str, text: str) -> list[int]:
        if column == "uuid":
            return self._by["uuid"].get(_UUID.sub("", text).lower(), [])
        if column == "id":
            return self._by["id"].get(text, [])
        return self._by["name"].get(text) or self._by["folded"].get(text.lower(), [])

    def _placed(self, number: int, names: Mapping[str, str]) -> bool:
        """False when a VM is known to be elsewhere."""
        _id, vcenter, datacenter, cluster = self._vms[number]
        wanted = names.get("vcenter", "").lower()
        if wanted and vcenter and wanted not in {name.lower() for name in (vcenter, *self._vcenter_names.get(vcenter, ()))}:
            return False
        for column, value in (("datacenter", datacenter), ("cluster", cluster)):
            given = names.get(column)
            if given and value is not None and value.lower() != given.lower():
                return False
        return True


@dataclass(slots=True)
class Annotations:
    """What all rows say, by VM: the facts, and where each was read. `findings` are problems by code."""

    facts: dict[str, JsonRecord] = field(default_factory=dict)
    origins: dict[str, dict[str, JsonRecord]] = field(default_factory=dict)
    unknown: dict[str, dict[str, str]] = field(default_factory=dict)
    findings: list[tuple[str, Problem]] = field(default_factory=list)


def place_rows(rows: Iterable[AnnotationRow], index: VmIndex) -> Annotations:
    """Finds the VM of every row and puts together what is said of it.

    Findings have the codes annotation_unmatched, annotation_ambiguous and annotation_conflict; the caller decides
    whether they are errors.
    """
    placed = Annotations()
    tellers: dict[tuple[str, str], AnnotationRow] = {}
    for row in sorted(rows, key=lambda entry: (entry.file, entry.source, entry.tab, entry.row)):
        vm = _only(index.find(row.names), row, _described(row), "", placed)
        if vm is None:
            continue
        for column, said in row.says.items():
            fact = FACTS[column]
            value = _dependencies(row, vm, index, placed) if column == "depends_on" else said
            if value is None:
                continue
            teller = tellers.setdefault((vm, fact), row)
            known = placed.facts.setdefault(vm, {})
            if known.setdefault(fact, value) != value:
                message = f"{_described(row)} has another {column} in {_place_of(teller)}"
                placed.findings.append(("annotation_conflict", row.problem(message, "keep one of the two", column)))
                continue
            placed.origins.setdefault(vm, {}).setdefault(fact, _origin(row))
    return placed


def _origin(row: AnnotationRow) -> JsonRecord:
    origin: JsonRecord = {"source": row.source, "row": row.row}
    return {"source": row.source, "tab": row.tab, "row": row.row} if row.tab else origin


def _place_of(row: AnnotationRow) -> str:
    return Problem("", file=row.file, tab=row.tab, row=row.row).place()


def _described(row: AnnotationRow) -> str:
    return ", ".join(f"{column} {row.names[column]}" for column in (*KEYS, *PLACES) if column in row.names)


def _only(found: Sequence[str], row: AnnotationRow, what: str, column: str, placed: Annotations) -> str | None:
    """The one VM that was found; notes a finding when there is none or more than one."""
    if len(found) == 1:
        return found[0]
    if found:
        shown = ", ".join(found[:5]) + (", …" if len(found) > 5 else "")
        problem = row.problem(
            f"{what} fits {len(found)} VMs: {shown}", "name the VM by id or uuid, or add vcenter, datacenter or cluster", column
        )
        placed.findings.append(("annotation_ambiguous", problem))
    else:
        placed.findings.append(("annotation_unmatched", row.problem(f"{what} fits no VM", "correct the row or take it out", column)))
    return None


def _dependencies(row: AnnotationRow, vm: str, index: VmIndex, placed: Annotations) -> list[str] | None:
    """Ids of the VMs that a row's dependencies name; None, with findings, when any of them cannot be placed."""
    ids: set[str] = set()
    whole = True
    for text in row.says["depends_on"]:
        found = _only(index.find_reference(text), row, f"dependency {text}", "depends_on", placed)
        if found is None:
            whole = False
        else:
            ids.add(found)
    if not whole:
        placed.unknown.setdefault(vm, {})["depends_on"] = "a dependency could not be found in the sources that were read"
        return None
    return sorted(ids)


def annotate(vm: JsonRecord, annotations: Annotations) -> JsonRecord:
    """A VM's record with what is said of it; an annotation stands above what a source says."""
    facts = annotations.facts.get(vm["id"], {})
    reasons = annotations.unknown.get(vm["id"], {})
    annotated = {key: value for key, value in vm.items() if key not in reasons} | facts
    origins = {**vm.get("fact_origins", {}), **annotations.origins.get(vm["id"], {})}
    unknown = {fact: reason for fact, reason in {**vm.get("unknown", {}), **reasons}.items() if fact not in facts}
    for key, value in (
        ("fact_origins", {fact: origins[fact] for fact in sorted(origins) if fact not in reasons}),
        ("unknown", dict(sorted(unknown.items()))),
    ):
        annotated.pop(key, None)
        if value:
            annotated[key] = value
    return annotated
