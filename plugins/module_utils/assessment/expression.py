# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three-valued expressions over facts: a tree of nodes, compiled once into closures that work on records.

A predicate gives True, False, or None where the known facts do not decide (strong Kleene logic). It takes the record
that it looks at (the VM, or one of its parts) and the VM.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from ..common.artifact import JsonRecord
from .evidence import Evidence, part_label, value_text
from .facts import Fact
from .operators import OPERATORS, Check, Operand
from .peers import PeerIndex, SharedKey

Predicate: TypeAlias = Callable[[JsonRecord, JsonRecord], bool | None]
Explain: TypeAlias = Callable[[JsonRecord, JsonRecord, str, bool], list[Evidence]]
"""(record, VM, the record's label, value of the expression) to the evidence for that value."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What expressions look at besides the VM: clusters by id, and what VMs share."""

    clusters: Mapping[str, JsonRecord] = field(default_factory=dict)
    peers: Mapping[SharedKey, PeerIndex] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Compiled:
    """An expression that is ready to run."""

    predicate: Predicate
    explain: Explain


class Expression(Protocol):
    """A node of the tree."""

    def compile(self, binding: Binding) -> Compiled:
        """The closures of this node and those below it."""

    def fact_paths(self) -> Iterator[str]:
        """The facts that it reads."""

    def shared_keys(self) -> Iterator[SharedKey]:
        """What it compares between VMs."""


@dataclass(frozen=True, slots=True)
class FactTest:
    """One operator put to one fact. `expected` words what evidence should ask for, when the operator's words do not do."""

    fact: Fact
    operator: str
    operand: Operand
    expected: str = ""

    def fact_paths(self) -> Iterator[str]:
        """The one fact."""
        yield self.fact.path

    def shared_keys(self) -> Iterator[SharedKey]:
        """None."""
        yield from ()

    def compile(self, binding: Binding) -> Compiled:
        """The test as a closure; an absent fact gives None."""
        if self.fact.joined:
            return self._compile_joined(binding.clusters)
        name, check, evidence = self.fact.name, self.check(), self._evidence()

        def predicate(item: JsonRecord, _vm: JsonRecord) -> bool | None:
            value = item.get(name)
            return None if value is None else check(value)

        def explain(item: JsonRecord, _vm: JsonRecord, label: str, holds: bool) -> list[Evidence]:
            return [evidence(label, item[name], holds)]

        return Compiled(predicate, explain)

    def check(self) -> Check:
        """The test of a known value."""
        return OPERATORS[self.operator].check(self.operand)

    def _compile_joined(self, clusters: Mapping[str, JsonRecord]) -> Compiled:
        name, check, evidence = self.fact.name, self.check(), self._evidence()
        nothing: JsonRecord = {}

        def predicate(_item: JsonRecord, vm: JsonRecord) -> bool | None:
            value = clusters.get(vm.get("cluster_id", ""), nothing).get(name)
            return None if value is None else check(value)

        def explain(_item: JsonRecord, vm: JsonRecord, _label: str, holds: bool) -> list[Evidence]:
            cluster = clusters[vm["cluster_id"]]
            return [evidence(f"cluster {cluster.get('name', cluster['id'])}", cluster[name], holds)]

        return Compiled(predicate, explain)

    def _evidence(self) -> Callable[[str, object, bool], Evidence]:
        path = self.fact.path
        expected = (self.expected or self._wording(True), self.expected or self._wording(False))

        def evidence(label: str, value: object, holds: bool) -> Evidence:
            return {"object": label, "field": path, "observed": self._observed(value), "expected": expected[holds]}

        return evidence

    def _observed(self, value: Any) -> str:
        if self.operator.startswith("count_"):
            return str(len(value))
        if self.operator.startswith("length_"):
            return f"{value} ({len(value)} characters)"
        return value_text(self.fact.name, value)

    def _wording(self, holds: bool) -> str:
        """What is true of a value for which the test holds, or does not."""
        operator, operand = OPERATORS[self.operator], self.operand
        if isinstance(operand, bool):
            # "is: true" fails as false and "empty: false" fails as empty: no double negation in evidence.
            words = ("not empty", "empty") if self.operator == "empty" else ("false", "true")
            return words[(holds == operand) != (self.operator == "is_not")]
        text = ", ".join(operand) if isinstance(operand, tuple) else value_text(self.fact.name, operand)
        return (operator.holds if holds else operator.fails).format(text)


@dataclass(frozen=True, slots=True)
class SharedByVms:
    """True when another VM holds the same value of this fact."""

    fact: Fact
    key: SharedKey

    def fact_paths(self) -> Iterator[str]:
        """The one fact."""
        yield self.fact.path

    def shared_keys(self) -> Iterator[SharedKey]:
        """The one key."""
        yield self.key

    def compile(self, binding: Binding) -> Compiled:
        """The look-up as a closure."""
        name, index = self.fact.name, binding.peers[self.key]

        def predicate(item: JsonRecord, _vm: JsonRecord) -> bool | None:
            value = item.get(name)
            return None if value is None else index.shared(value)

        def explain(item: JsonRecord, _vm: JsonRecord, label: str, holds: bool) -> list[Evidence]:
            if not holds:
                return [self._evidence(label, value_text(name, item[name]), "shared with another VM")]
            return [self._evidence(label, f"{value}, also at {names}", "at no other VM") for value, names in index.others(item[name])]

        return Compiled(predicate, explain)

    def _evidence(self, label: str, observed: str, expected: str) -> Evidence:
        return {"object": label, "field": self.fact.path, "observed": observed, "expected": expected}


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; unknown stays unknown."""

    inner: Expression

    def fact_paths(self) -> Iterator[str]:
        """Those of the inner expression."""
        return self.inner.fact_paths()

    def shared_keys(self) -> Iterator[SharedKey]:
        """Those of the inner expression."""
        return self.inner.shared_keys()

    def compile(self, binding: Binding) -> Compiled:
        """The opposite as a closure."""
        inner = self.inner.compile(binding)
        test, why = inner.predicate, inner.explain

        def predicate(item: JsonRecord, vm: JsonRecord) -> bool | None:
            value = test(item, vm)
            return None if value is None else not value

        def explain(item: JsonRecord, vm: JsonRecord, label: str, holds: bool) -> list[Evidence]:
            return why(item, vm, label, not holds)

        return Compiled(predicate, explain)


@dataclass(frozen=True, slots=True)
class Junction:
    """All of several expressions, or any of them: `decisive` is the value of one that settles the whole."""

    members: tuple[Expression, ...]
    decisive: bool

    def fact_paths(self) -> Iterator[str]:
        """Those of all members."""
        for member in self.members:
            yield from member.fact_paths()

    def shared_keys(self) -> Iterator[SharedKey]:
        """Those of all members."""
        for member in self.members:
            yield from member.shared_keys()

    def compile(self, binding: Binding) -> Compiled:
        """The junction as a closure that stops at the first decisive member."""
        members = [member.compile(binding) for member in self.members]
        tests = tuple(member.predicate for member in members)
        decisive = self.decisive

        def predicate(item: JsonRecord, vm: JsonRecord) -> bool | None:
            result: bool | None = not decisive
            for test in tests:
                value = test(item, vm)
                if value is decisive:
                    return decisive
                if value is None:
                    result = None
            return result

        def explain(item: JsonRecord, vm: JsonRecord, label: str, holds: bool) -> list[Evidence]:
            return [entry for member in members if member.predicate(item, vm) is holds for entry in member.explain(item, vm, label, holds)]

        return Compiled(predicate, explain)


@dataclass(frozen=True, slots=True)
class AnyPart:
    """True when one part of a list fulfils `where`, among those for which `only` holds.

    Logically `only` and `where` are joined by "and"; they are apart because evidence speaks of `where` alone.
    """

    part: str
    where: Expression
    only: Expression | None = None

    def fact_paths(self) -> Iterator[str]:
        """Those of both expressions."""
        if self.only is not None:
            yield from self.only.fact_paths()
        yield from self.where.fact_paths()

    def shared_keys(self) -> Iterator[SharedKey]:
        """Those of both expressions."""
        if self.only is not None:
            yield from self.only.shared_keys()
        yield from self.where.shared_keys()

    def compile(self, binding: Binding) -> Compiled:
        """The search as a closure that stops at the first part found."""
        where = self.where.compile(binding)
        only = None if self.only is None else self.only.compile(binding)
        found = where.predicate if only is None else _both(where.predicate, only.predicate)
        name = self.part
        if isinstance(self.where, FactTest):
            predicate = _search_by_fact(name, self.where, None if only is None else only.predicate)
        else:
            predicate = _search(name, found)

        def explain(item: JsonRecord, vm: JsonRecord, label: str, holds: bool) -> list[Evidence]:
            parts = list(enumerate(item[name], 1))
            if not holds:
                return [{"object": label, "field": name, "observed": f"none of {len(parts)} fits", "expected": "one that fits"}]
            hits = [(position, part) for position, part in parts if found(part, vm)]
            return [entry for position, part in hits for entry in where.explain(part, vm, part_label(name, part, position), True)]

        return Compiled(predicate, explain)


def _both(first: Predicate, second: Predicate) -> Predicate:
    def predicate(item: JsonRecord, vm: JsonRecord) -> bool | None:
        value = first(item, vm)
        if value is False:
            return False
        other = second(item, vm)
        return other if value or other is False else None

    return predicate


def _search(name: str, found: Predicate) -> Predicate:
    def predicate(item: JsonRecord, vm: JsonRecord) -> bool | None:
        parts = item.get(name)
        if parts is None:
            return None
        result: bool | None = False
        for part in parts:
            value = found(part, vm)
            if value:
                return True
            if value is None:
                result = None
        return result

    return predicate


def _search_by_fact(name: str, where: FactTest, only: Predicate | None) -> Predicate:
    """As `_search`, for the most frequent kind of rule: two calls less for each part of each VM."""
    fact, check = where.fact.name, where.check()

    def predicate(item: JsonRecord, vm: JsonRecord) -> bool | None:
        parts = item.get(name)
        if parts is None:
            return None
        result: bool | None = False
        for part in parts:
            value = part.get(fact)
            if value is None or check(value):
                fits = True if only is None else only(part, vm)
                if fits and value is not None:
                    return True
                if fits is not False:
                    result = None
        return result

    return predicate
