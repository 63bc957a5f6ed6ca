# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a rule's expression as data (what YAML gives) to its tree; every fault is noted, none ends the reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from ..estate import model
from .expression import AnyPart, Expression, FactTest, Junction, Not, SharedByVms
from .facts import Fact, facts_in
from .operators import OPERATORS, operand_problem
from .peers import WITHIN, SharedKey

Parameters: TypeAlias = Mapping[str, Any]
Report: TypeAlias = Callable[[str, str], None]
"""(place, message) of a fault."""

SHAPES: Final = ("fact", "all", "any", "not", "any_of", "shared_by_vms")
"""The keys that tell what an expression is; each expression has exactly one."""


@dataclass(frozen=True, slots=True)
class ExpressionReader:
    """Reads expressions; `parameters` maps a parameter's name to its value, `report` takes the faults."""

    parameters: Parameters
    report: Report

    def read(self, data: object, place: str, part: str = "") -> Expression | None:
        """The tree of an expression on the VM, or on the parts of one list; None when it has a fault."""
        if not isinstance(data, Mapping):
            self.report(place, "an expression must be a mapping")
            return None
        shapes = [shape for shape in SHAPES if shape in data]
        if len(shapes) != 1:
            found = ", ".join(str(key) for key in data) or "nothing"
            self.report(place, f"an expression has exactly one of {', '.join(SHAPES)}; found {found}")
            return None
        readers: dict[str, Callable[[Mapping[str, Any], str, str], Expression | None]] = {
            "fact": self._fact,
            "all": self._all,
            "any": self._any,
            "not": self._not,
            "any_of": self._any_of,
            "shared_by_vms": self._shared,
        }
        return readers[shapes[0]](data, place, part)

    def _unknown_keys(self, data: Mapping[str, Any], place: str, *known: str) -> bool:
        extra = sorted(str(key) for key in data if key not in known)
        if extra:
            self.report(place, f"unknown {'key' if len(extra) == 1 else 'keys'} {', '.join(extra)}; known here: {', '.join(known)}")
        return bool(extra)

    def _find_fact(self, path: object, place: str, part: str) -> Fact | None:
        fact = facts_in(part).get(path) if isinstance(path, str) else None
        if fact is None:
            self.report(place, f"{f'a part of {part}' if part else 'a VM'} has no fact {path!r}")
        return fact

    def _fact(self, data: Mapping[str, Any], place: str, part: str) -> Expression | None:
        fact = self._find_fact(data["fact"], place, part)
        names = [key for key in data if key not in ("fact", "expected")]
        unknown = sorted(str(name) for name in names if name not in OPERATORS)
        if unknown:
            self.report(place, f"unknown operator {', '.join(unknown)}; known: {', '.join(OPERATORS)}")
        elif len(names) != 1:
            self.report(place, f"needs exactly one operator, found {', '.join(names) or 'none'}")
        expected = data.get("expected", "")
        if not isinstance(expected, str):
            self.report(f"{place}.expected", "needs a text")
        if fact is None or unknown or len(names) != 1 or not isinstance(expected, str):
            return None
        return self._operator(fact, names[0], data[names[0]], expected, place)

    def _operator(self, fact: Fact, name: str, given: object, expected: str, place: str) -> Expression | None:
        operator = OPERATORS[name]
        if fact.type not in operator.types:
            self.report(place, f"operator {name} does not fit {fact.path}, which is of type {fact.type}")
            return None
        operand = self._resolve(given, place)
        if operand is None:
            return None
        problem = operand_problem(operator, fact.type, operand)
        if problem:
            self.report(f"{place}.{name}", problem)
            return None
        return FactTest(fact, name, tuple(operand) if isinstance(operand, list) else operand, expected)

    def _resolve(self, given: object, place: str) -> Any:
        if not isinstance(given, Mapping):
            return given
        name = given.get("parameter")
        if not isinstance(name, str) or set(given) != {"parameter"} or name not in self.parameters:
            self.report(place, f"there is no parameter {name!r}" if "parameter" in given else "an operand is a value or names a parameter")
            return None
        return self.parameters[name]

    def _members(self, data: Mapping[str, Any], key: str, place: str, part: str) -> tuple[Expression, ...] | None:
        bad = self._unknown_keys(data, place, key)
        members = data[key]
        if not isinstance(members, list) or not members:
            self.report(f"{place}.{key}", "needs a list of expressions")
            return None
        found = [self.read(member, f"{place}.{key}[{number}]", part) for number, member in enumerate(members)]
        read = tuple(member for member in found if member is not None)
        return None if bad or len(read) != len(found) else read

    def _all(self, data: Mapping[str, Any], place: str, part: str) -> Expression | None:
        members = self._members(data, "all", place, part)
        return None if members is None else Junction(members, decisive=False)

    def _any(self, data: Mapping[str, Any], place: str, part: str) -> Expression | None:
        members = self._members(data, "any", place, part)
        return None if members is None else Junction(members, decisive=True)

    def _not(self, data: Mapping[str, Any], place: str, part: str) -> Expression | None:
        bad = self._unknown_keys(data, place, "not")
        inner = self.read(data["not"], f"{place}.not", part)
        return None if bad or inner is None else Not(inner)

    def _any_of(self, data: Mapping[str, Any], place: str, part: str) -> Expression | None:
        bad = self._unknown_keys(data, place, "any_of", "only", "where")
        name = data["any_of"]
        if part:
            self.report(place, "any_of cannot stand inside another any_of")
        if name not in model.PARTS:
            self.report(place, f"a VM has no list of parts {name!r}; known: {', '.join(model.PARTS)}")
        if "where" not in data:
            self.report(place, "any_of needs where")
        if bad or part or name not in model.PARTS or "where" not in data:
            return None
        where = self.read(data["where"], f"{place}.where", name)
        only = self.read(data["only"], f"{place}.only", name) if "only" in data else None
        return None if where is None or (only is None and "only" in data) else AnyPart(name, where, only)

    def _shared(self, data: Mapping[str, Any], place: str, part: str) -> Expression | None:
        bad = self._unknown_keys(data, place, "shared_by_vms", "within")
        fact = self._find_fact(data["shared_by_vms"], place, part)
        within = data.get("within", WITHIN[0])
        if within not in WITHIN:
            self.report(place, f"within is one of {', '.join(WITHIN)}, not {within!r}")
        if fact is not None and (fact.joined or fact.type not in ("text", "texts")):
            self.report(place, f"shared_by_vms compares texts of VMs, {fact.path} is of type {fact.type}")
            return None
        return None if bad or fact is None or within not in WITHIN else SharedByVms(fact, SharedKey(part, fact.name, within))
