# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collects one export (one workbook, or the CSV files of one folder), tab by tab, in a compact form.

The order is: the tabs about clusters, hosts, datastores and networks, then vInfo, then the tabs whose rows belong to
VMs. Each tab may be thrown away once it was taken in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from ...common.errors import Problem
from .columns import HEADER_ROWS, Plan, Row, Trouble, is_blank, key_of, positions, zone
from .dates import DateOrders, SlashDate
from .join import Attribution, Joiner, VmIndex, key_columns
from .tabs import INFO, Tab
from .values import Value, text

Values = tuple[Value, ...]


@dataclass(slots=True)
class Table:
    """One tab as it is read: its header, and its rows; `first` is the number of the first row after the header."""

    tab: Tab
    header: list[str]
    first: int
    rows: Iterator[Row]


@dataclass(slots=True)
class Held:
    """A tab that was taken in: how its columns were read, and the rows with their numbers in the file."""

    plan: Plan
    rows: list[tuple[int, Values]] = field(default_factory=list)


@dataclass(slots=True)
class Joined:
    """A tab whose rows belong to VMs, taken in."""

    plan: Plan
    result: Attribution
    row_count: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about an export that a person should know, though it was read all the same."""

    code: str
    message: str
    tab: str = ""
    row: int | None = None
    column: str = ""
    remedy: str = ""


def counted(number: int, thing: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def split_header(tab: Tab, rows: Iterator[Row]) -> Table | None:
    """Finds the header among the first rows of a sheet; None for a sheet without one."""
    wanted = {key_of(name) for column in tab.columns for name in column.names}
    best, score, top = -1, 0, []
    for row in rows:
        top.append(row)
        found = len(wanted & positions([text(cell) for cell in row], tab.name, range(0)).keys())
        if found > score:
            best, score = len(top) - 1, found
        if len(top) >= HEADER_ROWS or score > 1:
            break
    if best < 0:
        return None
    header = [text(cell) for cell in top[best]]
    return Table(tab, header, best + 2, chain(top[best + 1 :], rows))


class Export:
    """One export while it is read, and what was kept of it.

    `file` is the base name that messages show. `vms` are the rows of vInfo, `canonical` maps each of them to the
    first row of the same VM, and `unknown` holds, by VM number, why a fact of it is unknown.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.created = ""
        self.orders = DateOrders()
        self.inventory: dict[str, Held] = {}
        self.info: Held | None = None
        self.joined: dict[str, Joined] = {}
        self.without_rows: list[str] = []
        self.unusable: dict[str, str] = {}
        self.attributes: list[tuple[str, int]] = []
        self.attributes_known = False
        self.attribute_values: list[Values] = []
        self.canonical: list[int] = []
        self.unknown: dict[int, dict[str, str]] = {}
        self.notices: list[Notice] = []
        self._index: VmIndex | None = None

    # ---- the tabs about everything else -------------------------------------------------------------------------

    def add_inventory(self, table: Table) -> None:
        """Takes in a tab that is not about VMs."""
        tab = table.tab
        plan = Plan(tab, tab.columns, table.header, range(0), self.orders)
        held = Held(plan)
        for number, row in enumerate(table.rows, table.first):
            if is_blank(row):
                continue
            held.rows.append((number, plan.read(row)))
            if plan.failures:
                plan.take_failures(number)
        self.inventory[tab.name] = held

    # ---- vInfo --------------------------------------------------------------------------------------------------

    def add_info(self, table: Table) -> list[Problem]:
        """Takes in vInfo; returns what makes it unusable."""
        skip = zone(table.header)
        plan = Plan(INFO, INFO.columns, table.header, skip, self.orders)
        if "name" not in plan.facts:
            return [
                Problem(
                    "the column with the VM's name is missing", self.file, "vInfo", column="VM", remedy="Export again with all columns."
                )
            ]
        keys = {key_of(name) for name in table.header}
        self.attributes = [(table.header[index], index) for index in skip if table.header[index]]
        self.attributes_known = {"annotation", "datacenter"} <= keys
        held = self.info = Held(plan)
        self._read_info(held, table)
        if not held.rows:
            return [Problem("the tab has a header but no VM", self.file, "vInfo", remedy="Export again, with VMs in view.")]
        self.canonical = _canonical(plan, held.rows)
        doubles = sum(1 for number, first in enumerate(self.canonical) if number != first)
        if doubles:
            second = next(number for number, first in enumerate(self.canonical) if number != first)
            message = f"{counted(doubles, 'further row')} of VMs that an earlier row shows: merged with it"
            self.notices.append(Notice("duplicate_rows", message, "vInfo", held.rows[second][0]))
        numbers = (number for number, first in enumerate(self.canonical) if number == first)
        self._index = VmIndex(numbers, [values for _row, values in held.rows], plan.facts)
        return []

    def _read_info(self, held: Held, table: Table) -> None:
        plan = held.plan
        identities = [place for fact in ("name", "moref", "instance_uuid") if (place := plan.place(fact)) >= 0]
        attribute_places = [place for _name, place in self.attributes]
        nameless, first_nameless = 0, 0
        for number, row in enumerate(table.rows, table.first):
            values = plan.read(row)
            if not any(values[place] for place in identities):
                plan.failures.clear()
                if not is_blank(row):
                    nameless, first_nameless = nameless + 1, first_nameless or number
                continue
            if plan.failures:
                self.unknown.setdefault(len(held.rows), {}).update(plan.take_failures(number))
            held.rows.append((number, values))
            if attribute_places:
                self.attribute_values.append(tuple([text(row[place]) for place in attribute_places]))
        if nameless:
            message = f"{counted(nameless, 'row')} without a VM: left out"
            self.notices.append(Notice("row_without_vm", message, "vInfo", first_nameless, "VM"))

    # ---- the tabs of VMs ----------------------------------------------------------------------------------------

    def add_vm_tab(self, table: Table) -> None:
        """Takes in a tab whose rows belong to VMs; vInfo has to be there already."""
        index = self._index
        if index is None:
            return
        tab = table.tab
        skip = zone(table.header)
        plan = Plan(tab, tab.columns, table.header, skip, self.orders)
        keys = Plan(tab, key_columns(tab), table.header, skip, DateOrders())
        joiner = Joiner(plan, keys, index)
        if not joiner.joinable:
            self.unusable[tab.name] = "the tab has no column that names the VM"
            return
        rows = 0
        for number, row in enumerate(table.rows, table.first):
            first = row[0]
            if (first == "" or (isinstance(first, str) and first.isspace())) and is_blank(row):
                continue
            rows += 1
            vm = joiner.add(number, row)
            if plan.failures:
                self._note_failures(plan, number, vm)
        result = joiner.finish()
        self.joined[tab.name] = Joined(plan, result, rows)
        if rows == 0:
            self.without_rows.append(tab.name)
        self._note_lost(tab, result)

    def _note_failures(self, plan: Plan, number: int, vm: int) -> None:
        prefix = f"{plan.tab.part}." if plan.tab.part else ""
        taken = plan.take_failures(number)
        if vm >= 0:
            self.unknown.setdefault(vm, {}).update((prefix + fact, reason) for fact, reason in taken)

    def _note_lost(self, tab: Tab, result: Attribution) -> None:
        if result.lost:
            message = f"{counted(result.lost, 'row')} could not be attributed to a VM of vInfo"
            if result.distrusted:
                message += f"; what the tab shows stays unknown for every VM: {result.distrusted}"
            elif result.doubtful:
                message += f"; what the tab shows stays unknown for {counted(len(result.doubtful), 'VM')}"
            remedy = "Export with the columns VM ID and VI SDK UUID, and do not filter or edit tabs one by one."
            self.notices.append(Notice("rows_not_attributed", message, tab.name, result.first_lost, remedy=remedy))

    # ---- what was found -----------------------------------------------------------------------------------------

    def plans(self) -> Iterator[Plan]:
        """The plans of all tabs that were taken in."""
        for held in self.inventory.values():
            yield held.plan
        if self.info is not None:
            yield self.info.plan
        for joined in self.joined.values():
            yield joined.plan

    def troubles(self) -> Iterator[Trouble]:
        """Columns with cells that could not be read."""
        for plan in self.plans():
            yield from (plan.troubles[column] for column in sorted(plan.troubles))

    def resolved(self, value: Value, header: str) -> str | None:
        """A date in ISO 8601; None where the order of day and month is not known."""
        if isinstance(value, SlashDate):
            return value.resolved(self.orders.order(header))
        return None if value is None else str(value)


def _canonical(plan: Plan, rows: Sequence[tuple[int, Values]]) -> list[int]:
    """For each row of vInfo the number of the first row of the same VM.

    Two rows are the same VM when VM ID and vCenter are the same, or, where these are not shown, instance UUID, VM ID
    and name. A name alone never makes two rows one VM.
    """
    vcenter, server, moref, uuid, name = (plan.place(fact) for fact in ("vcenter", "_server", "moref", "instance_uuid", "name"))
    first: dict[tuple[Value, ...], int] = {}
    canonical: list[int] = []
    for number, (_row, values) in enumerate(rows):
        scope = (values[vcenter] if vcenter >= 0 else None) or (values[server] if server >= 0 else None)
        identity = values[moref] if moref >= 0 else None
        key: tuple[Value, ...] = ()
        if scope and identity:
            key = (scope, identity)
        elif uuid >= 0 and values[uuid]:
            key = ("", values[uuid], identity, values[name])
        canonical.append(first.setdefault(key, number) if key else number)
    return canonical
