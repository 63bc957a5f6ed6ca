# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutation of the catalogue: every small change of a rule is noticed by the rule's own examples."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.assessment.catalogue import CATEGORIES, Catalogue, Rule, load_catalogue
from ansible_collections.groundwork.readiness.plugins.module_utils.assessment.examples import run_example
from ansible_collections.groundwork.readiness.plugins.module_utils.assessment.expression import (
    AnyPart,
    Binding,
    Compiled,
    Expression,
    FactTest,
    Junction,
    Not,
    SharedByVms,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.assessment.facts import facts_in
from ansible_collections.groundwork.readiness.plugins.module_utils.assessment.operators import OPERATORS

from .support import Record, shipped, shipped_data
from .test_catalogue import FORKLIFT_CATEGORIES

SWAPPED: Final = {
    f"{prefix}{one}": f"{prefix}{other}"
    for prefix in ("", "count_", "length_")
    for one, other in (("lt", "le"), ("le", "lt"), ("gt", "ge"), ("ge", "gt"))
} | {"is": "is_not", "is_not": "is"}
WHEN: Final = ("fail_when", "applies_when")


class Mutant(NamedTuple):
    """A changed rule and what was changed."""

    what: str
    rule: Rule


def compiled_rule(data: Record) -> Rule:
    return load_catalogue({**shipped_data(), "rules": [data]}).rules[0]


def nodes(data: Any, path: tuple[Any, ...] = (), part: str = "") -> Iterator[tuple[tuple[Any, ...], Record, str]]:
    """Every expression below one, with its path and the list of parts that it looks at."""
    yield path, data, part
    for key in ("all", "any"):
        for number, member in enumerate(data.get(key, [])):
            yield from nodes(member, (*path, key, number), part)
    if "not" in data:
        yield from nodes(data["not"], (*path, "not"), part)
    for key in ("only", "where"):
        if key in data:
            yield from nodes(data[key], (*path, key), data["any_of"])


def replaced(rule: Record, path: tuple[Any, ...], value: Any) -> Record:
    changed = copy.deepcopy(rule)
    holder: Any = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return changed


def operand_of(node: Record) -> tuple[str, Any]:
    name = next(key for key in node if key in OPERATORS)
    operand = node[name]
    if isinstance(operand, Mapping):
        operand = shipped_data()["parameters"][operand["parameter"]]["value"]
    return name, operand


def fact_mutations(node: Record, part: str) -> Iterator[tuple[str, Record]]:
    name, operand = operand_of(node)
    if name in SWAPPED:
        yield f"{name} becomes {SWAPPED[name]}", {**{key: value for key, value in node.items() if key != name}, SWAPPED[name]: node[name]}
    if isinstance(operand, bool):
        yield f"{name} {operand} is turned", {**node, name: not operand}
    elif isinstance(operand, int):
        for shifted in (operand - 1, operand + 1):
            yield f"{operand} becomes {shifted}", {**node, name: shifted}
    elif isinstance(operand, list) and len(operand) > 1:
        for dropped in operand:
            yield f"operand {dropped} is dropped", {**node, name: [entry for entry in operand if entry != dropped]}
    fact = facts_in(part)[node["fact"]]
    for other, candidate in facts_in(part).items():
        if candidate.type == fact.type and candidate.joined == fact.joined and other != node["fact"]:
            yield f"{node['fact']} becomes {other}", {**node, "fact": other}


def node_mutations(node: Record, part: str) -> Iterator[tuple[str, Record]]:
    yield "is negated", {"not": node}
    if "fact" in node:
        yield from fact_mutations(node, part)
    for key, other in (("all", "any"), ("any", "all")):
        if key in node:
            yield f"{key} becomes {other}", {other: node[key]}
            for number in range(len(node[key])):
                yield f"{key}[{number}] is dropped", {key: [*node[key][:number], *node[key][number + 1 :]]}
    if "only" in node:
        yield "only is dropped", {key: value for key, value in node.items() if key != "only"}
    if "shared_by_vms" in node:
        yield "within is turned", {**node, "within": "estate"}
        for other, candidate in facts_in(part).items():
            if candidate.type == "text" and other != node["shared_by_vms"]:
                yield f"{node['shared_by_vms']} becomes {other}", {**node, "shared_by_vms": other}


def changed_rules(data: Record) -> Iterator[Mutant]:
    """Mutants that can be written down as a rule."""
    for when in WHEN:
        if when not in data:
            continue
        for path, node, part in nodes(data[when], (when,)):
            place = ".".join(str(key) for key in path)
            for what, changed in node_mutations(node, part):
                yield Mutant(f"{place}: {what}", compiled_rule(replaced(data, path, changed)))
    if "applies_when" in data:
        yield Mutant("applies_when is dropped", compiled_rule({key: value for key, value in data.items() if key != "applies_when"}))
    for category in CATEGORIES:
        if category != data["category"]:
            yield Mutant(f"category becomes {category}", compiled_rule({**data, "category": category}))


@dataclasses.dataclass(frozen=True)
class Assumed:
    """An expression that takes what it does not know for the value that lets the rule pass."""

    inner: Expression
    value: bool

    def fact_paths(self) -> Iterator[str]:
        return self.inner.fact_paths()

    def shared_keys(self) -> Any:
        return self.inner.shared_keys()

    def compile(self, binding: Binding) -> Compiled:
        inner = self.inner.compile(binding)

        def predicate(item: Record, vm: Record) -> bool | None:
            found = inner.predicate(item, vm)
            return self.value if found is None else found

        return Compiled(predicate, inner.explain)


def assuming(expression: Expression, what: str, passing: bool = False) -> Expression:
    """The expression with one fact, list, or (for "everything") the whole, taken for a pass where it is not known."""
    if what == "everything":
        return Assumed(expression, passing)
    if isinstance(expression, (FactTest, SharedByVms)):
        return Assumed(expression, passing) if expression.fact.path == what else expression
    if isinstance(expression, Not):
        return Not(assuming(expression.inner, what, not passing))
    if isinstance(expression, Junction):
        return dataclasses.replace(expression, members=tuple(assuming(member, what, passing) for member in expression.members))
    if isinstance(expression, AnyPart):
        only = None if expression.only is None else assuming(expression.only, what, passing)
        inner = dataclasses.replace(expression, where=assuming(expression.where, what, passing), only=only)
        return AbsentListAssumed(inner, passing) if expression.part == what else inner
    raise TypeError(expression)


class AbsentListAssumed(Assumed):
    """A search that takes an unknown list, and only that, for a pass."""

    def compile(self, binding: Binding) -> Compiled:
        inner = self.inner.compile(binding)
        if not isinstance(self.inner, AnyPart):
            raise TypeError(self.inner)
        part = self.inner.part

        def predicate(item: Record, vm: Record) -> bool | None:
            return inner.predicate(item, vm) if part in item else self.value

        return Compiled(predicate, inner.explain)


def parts_of(expression: Expression) -> set[str]:
    if isinstance(expression, AnyPart):
        return {expression.part}
    if isinstance(expression, Not):
        return parts_of(expression.inner)
    return {part for member in expression.members for part in parts_of(member)} if isinstance(expression, Junction) else set()


def assumptions(rule: Rule) -> Iterator[Mutant]:
    """Mutants that turn unknown into pass."""
    for when in WHEN:
        expression = getattr(rule, when)
        if expression is not None:
            for what in sorted({*expression.fact_paths(), *parts_of(expression), "everything"}):
                yield Mutant(f"{when}: unknown {what} passes", dataclasses.replace(rule, **{when: assuming(expression, what)}))


def survives(mutant: Mutant, rule: Rule) -> bool:
    """True when no example of the rule, and no reviewed category, notices the change."""
    if mutant.rule.category != FORKLIFT_CATEGORIES[rule.id]:
        return False
    data = shipped()
    alone = Catalogue(data.version, data.sha256, data.weights, data.minimum_facts, (mutant.rule,))
    cases = [(kind, example) for kind, examples in rule.examples.items() for example in examples]
    return all(run_example(alone, mutant.rule, example)[0] == kind for kind, example in cases)


def mutants_of(rule: Rule) -> list[Mutant]:
    data = next(entry for entry in shipped_data()["rules"] if entry["id"] == rule.id)
    return [*changed_rules(data), *assumptions(rule)]


def test_rule_that_was_not_changed_survives() -> None:
    assert [rule.id for rule in shipped().rules if not survives(Mutant("nothing", rule), rule)] == []


COUNTS: dict[str, tuple[int, int]] = {}


@pytest.mark.parametrize("rule", shipped().rules, ids=lambda rule: rule.id)
def test_every_mutant_of_a_rule_dies(rule: Rule) -> None:
    mutants = mutants_of(rule)
    survivors = [mutant.what for mutant in mutants if survives(mutant, rule)]
    COUNTS[rule.id] = (len(mutants), len(mutants) - len(survivors))
    assert survivors == []


def test_count_of_mutants_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    for rule in shipped().rules:
        if rule.id not in COUNTS:
            mutants = mutants_of(rule)
            COUNTS[rule.id] = (len(mutants), sum(not survives(mutant, rule) for mutant in mutants))
    total, killed = (sum(counts[place] for counts in COUNTS.values()) for place in (0, 1))
    with capsys.disabled():
        print(f"\nmutants: {total}, killed: {killed}")
    assert total == killed
    assert all(counts[0] > 5 for counts in COUNTS.values())
