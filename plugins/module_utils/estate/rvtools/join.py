# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which VM a row of a tab belongs to: by VM ID within its vCenter, else by VM UUID, else by a name that leaves no doubt.

A wrong attribution is worse than none. So a name counts only where one VM of vInfo has it, within whatever place both
tabs show, and where what both tabs show of the VM (power state, guest OS, host, …) agrees. Exports whose names were
made anonymous tab by tab are told by such disagreement, and then no row of the tab is joined by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ...common.artifact import JsonRecord
from .columns import ColumnReader, Plan, Row
from .parts import BUILDERS, as_it_is
from .tabs import AGREE, JOIN, Column, Tab
from .values import Value, count

Key: TypeAlias = tuple[Value, ...]

PLACES: Final = ("vcenter", "_server", "datacenter", "cluster", "folder")
"""What narrows a name down, as far as both tabs show it."""

CHECKS: Final = ("power_state", "template", "host", "guest_os_config_name", "guest_os_tools_name", "cpu_count", "memory_mib")
"""What has to agree, as far as both tabs show it."""

SIZES: Final[Mapping[str, tuple[Column, ...]]] = {
    "vcpu": (Column("cpu_count", ("CPUs", "# CPUs"), count),),
    "vmemory": (Column("memory_mib", ("Size MiB",), count),),
}
"""Tabs that repeat a size of vInfo."""

NAMES_DIFFER: Final = "what they show of the VMs does not agree with vInfo"

DOUBT: Final = 10
"""One contradiction in this many rows, and a tab's names are not trusted."""


class VmIndex:
    """Finds the VMs of one workbook by their keys.

    A VM's number is the place of its first row in vInfo; `numbers` leaves out the further rows of a VM that has several.
    """

    def __init__(self, numbers: Iterable[int], rows: Sequence[tuple[Value, ...]], facts: Sequence[str]) -> None:
        self.rows = rows
        self.places = {fact: place for place, fact in enumerate(facts)}
        self.numbers = tuple(numbers)
        self._grouped: dict[tuple[str, ...], dict[Key, list[int]]] = {}

    def value(self, number: int, fact: str) -> Value:
        """A fact of a VM; None when vInfo does not show it."""
        place = self.places.get(fact)
        return None if place is None else self.rows[number][place]

    def group(self, facts: tuple[str, ...]) -> dict[Key, list[int]]:
        """Numbers of the VMs that have each combination of values."""
        found = self._grouped.get(facts)
        if found is None:
            found = {}
            places = [self.places[fact] for fact in facts]
            for number in self.numbers:
                row = self.rows[number]
                found.setdefault(tuple([row[place] for place in places]), []).append(number)
            self._grouped[facts] = found
        return found


@dataclass(slots=True)
class Attribution:
    """What came of joining one tab.

    `rows` maps a VM's number to its rows, each with its number in the file and what was made of it. `doubtful` are the
    VMs that may have rows which could not be attributed, with the reason. `distrusted` says why no row at all could be
    joined, or why no list of the tab can be told to be complete. `lost` rows found no VM; `first_lost` is the first of them.
    """

    rows: dict[int, list[tuple[int, JsonRecord]]] = field(default_factory=dict)
    doubtful: dict[int, str] = field(default_factory=dict)
    lost: int = 0
    first_lost: int = 0
    distrusted: str = ""


class Joiner:
    """Attributes the rows of one tab, row by row; `finish` ends it."""

    def __init__(self, plan: Plan, keys: Plan, index: VmIndex) -> None:
        self.plan = plan
        self.keys = keys
        self.index = index
        self.build = BUILDERS.get(plan.tab.name, as_it_is)
        self.result = Attribution()
        self._named: list[tuple[int, int, JsonRecord]] = []
        self._contradicted = 0
        self._nameless = 0
        self._keyed = 0
        both = [fact for fact in keys.facts if fact in index.places]
        self._moref, self._uuid, self._name = (keys.place(fact) for fact in ("moref", "instance_uuid", "name"))
        self._scope = next((fact for fact in ("vcenter", "_server") if fact in both), "")
        self._places = tuple(fact for fact in PLACES if fact in both)
        self._checks = tuple(fact for fact in CHECKS if fact in both)
        self._by_uuid = index.group(("instance_uuid",)) if "instance_uuid" in both else {}
        self._by_name = index.group(("name",)) if "name" in both else {}
        self._unnamed: Sequence[int] = self._by_name.get(("",), ())
        self._by_id: dict[Key, int] = {}
        self._id_steps: list[tuple[ColumnReader, int]] = []
        if "moref" in both:
            facts = (self._scope, "moref") if self._scope else ("moref",)
            self._by_id = {key: found[0] for key, found in index.group(facts).items() if len(found) == 1 and key[-1]}
            self._id_steps = [(keys.readers[keys.place(fact)], keys.readers[keys.place(fact)].index) for fact in facts]

    @property
    def joinable(self) -> bool:
        """False when the tab names no VM at all."""
        return max(self._moref, self._uuid, self._name) >= 0

    def add(self, number: int, row: Row) -> int:
        """Attributes a row; its VM's number, or -1 when it has none (yet)."""
        if self._id_steps:
            found = self._by_id.get(tuple([row[place] for _reader, place in self._id_steps]), -1)
            if found < 0:
                found = self._by_id.get(tuple([reader[row[place]] for reader, place in self._id_steps]), -1)
            if found >= 0:
                self.result.rows.setdefault(found, []).append((number, self.build(self.plan.known(row))))
                return found
        keys = self.keys.read(row)
        self.keys.failures.clear()
        if self._uuid >= 0 and keys[self._uuid]:
            same = self._by_uuid.get((keys[self._uuid],), ())
            if len(same) == 1 and not self._differs(same[0], keys):
                self.result.rows.setdefault(same[0], []).append((number, self.build(self.plan.known(row))))
                return same[0]
        return self._by_its_name(number, row, keys)

    def _differs(self, vm: int, keys: tuple[Value, ...]) -> bool:
        """True when row and VM both hold a stronger key than the name, and not the same one."""
        for fact in ("moref", self._scope, "instance_uuid"):
            place = self.keys.place(fact) if fact else -1
            if place >= 0 and keys[place]:
                known = self.index.value(vm, fact)
                if known and known != keys[place]:
                    return True
        return False

    def _by_its_name(self, number: int, row: Row, keys: tuple[Value, ...]) -> int:
        name = keys[self._name] if self._name >= 0 else ""
        if not name:
            self._without_name(number, keys)
            return -1
        same = [vm for vm in self._by_name.get((name,), ()) if not self._differs(vm, keys)]
        near = [vm for vm in same if all(keys[self.keys.place(fact)] == self.index.value(vm, fact) for fact in self._places)]
        if len(near) == 1 and self._agrees(near[0], keys):
            self._named.append((near[0], number, self.build(self.plan.known(row))))
            return near[0]
        if len(near) > 1:
            self._lose(number, near, "its name fits more than one VM")
        elif same:
            self._contradicted += 1
            self._lose(number, same, "what the row shows of the VM does not agree with vInfo")
        else:
            self._lose(number, [*self._owners(keys), *self._unnamed], "the row cannot be attributed to a VM")
            self._unnamed = ()  # doubtful already
        return -1

    def _without_name(self, number: int, keys: tuple[Value, ...]) -> None:
        """A row that names no VM may be any VM's; one with a VM ID or UUID alone, any VM's of which vInfo does not show that."""
        if not any(keys[place] for place in (self._moref, self._uuid) if place >= 0):
            self._nameless = self._nameless or number
            self._lose(number)
            return
        self._keyed = self._keyed or number
        self._lose(number, self._owners(keys), "the row cannot be attributed to a VM")

    def _owners(self, keys: tuple[Value, ...]) -> list[int]:
        """The VMs that have a row's VM ID or UUID and nothing that speaks against them."""
        found: list[int] = []
        for fact, place in (("moref", self._moref), ("instance_uuid", self._uuid)):
            if place >= 0 and keys[place] and fact in self.index.places:
                found += [vm for vm in self.index.group((fact,)).get((keys[place],), ()) if not self._differs(vm, keys)]
        return found

    def _agrees(self, vm: int, keys: tuple[Value, ...]) -> bool:
        for fact in self._checks:
            here, there = keys[self.keys.place(fact)], self.index.value(vm, fact)
            if here is not None and there is not None and here != there:
                return False
        return True

    def _lose(self, number: int, concerned: Sequence[int] = (), reason: str = "") -> None:
        self.result.lost += 1
        self.result.first_lost = min(self.result.first_lost or number, number)
        for vm in concerned:
            self.result.doubtful.setdefault(vm, f"tab {self.plan.tab.name}, row {number}: {reason}")

    def finish(self) -> Attribution:
        """The outcome; rows that were joined by name count only where the tab's names can be trusted."""
        result = self.result
        if self._contradicted and self._contradicted * DOUBT >= self._contradicted + len(self._named):
            self._distrust_names()
        for vm, number, read in self._named:
            result.rows.setdefault(vm, []).append((number, read))
        if self._keyed:
            self._doubt_unkeyed(f"tab {self.plan.tab.name}, row {self._keyed}: the row cannot be attributed to a VM")
        if self._nameless and not self.plan.tab.one_row:
            # Each list of the tab may lack this row; where a VM has one row at most, those that are there stay complete.
            result.distrusted = f"row {self._nameless} does not name its VM, so it may be any VM's"
        elif result.lost and not (result.rows or result.doubtful or result.distrusted or self._strong_everywhere()):
            result.distrusted = "none of its rows could be attributed to a VM of vInfo"
        if result.distrusted:
            result.rows.clear()
        for vm in result.doubtful:
            result.rows.pop(vm, None)
        return result

    def _distrust_names(self) -> None:
        """Takes back what was joined by name. Who the rows belong to is open then: any VM without a stronger key."""
        result = self.result
        for vm, number, _read in self._named:
            self._lose(number, (vm,), NAMES_DIFFER)
        self._named = []
        if not result.rows:
            result.distrusted = f"its rows can only be joined by VM name, and {NAMES_DIFFER}"
            return
        for vm in self.index.numbers:
            if not any(self.index.value(vm, fact) for fact in self._strong()):
                result.doubtful.setdefault(vm, f"tab {self.plan.tab.name} has rows without VM ID, and {NAMES_DIFFER}")

    def _strong(self) -> list[str]:
        """The keys that the tab shows beside the name."""
        return [fact for fact, place in (("moref", self._moref), ("instance_uuid", self._uuid)) if place >= 0]

    def _doubt_unkeyed(self, reason: str) -> None:
        """Makes the VMs doubtful of which vInfo does not show every key that the tab shows."""
        for vm in self.index.numbers:
            if not all(self.index.value(vm, fact) for fact in self._strong()):
                self.result.doubtful.setdefault(vm, reason)

    def _strong_everywhere(self) -> bool:
        """True when vInfo shows of every VM a key that the tab shows too, so that rows without a match are of other VMs."""
        strong = self._strong()
        return bool(strong) and all(any(self.index.value(vm, fact) for fact in strong) for vm in self.index.numbers)


def key_columns(tab: Tab) -> tuple[Column, ...]:
    """The columns by which a tab's rows are attributed, under the names that vInfo's facts have."""
    renamed = {"_name": "name", "_moref": "moref", "_uuid": "instance_uuid", "_vcenter": "vcenter"}
    joins = []
    for column in JOIN:
        fact = renamed.get(column.fact, column.fact)
        joins.append(Column(fact, column.names, column.convert, None if fact == "vcenter" else column.blank))
    return (*joins, *AGREE, *SIZES.get(tab.name.lower(), ()))
