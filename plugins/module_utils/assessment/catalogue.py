# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule catalogue: rules, weights, parameters and minimum facts, checked as a whole before anything uses them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ..common.errors import InputError, Problem
from .expression import Expression
from .facts import VM_FACTS
from .parsing import ExpressionReader

CATEGORIES: Final = ("critical", "warning", "information")
"""Worst first."""

EXAMPLE_KINDS: Final = ("match", "no_match", "unknown", "not_applicable")

_RULE_TEXTS: Final = ("id", "title", "category", "rationale", "remedy", "source")
_RULE_KEYS: Final = (*_RULE_TEXTS, "version", "applies_when", "fail_when", "deviation", "examples", "file", "row")
_CATALOGUE_KEYS: Final = ("version", "weights", "minimum_facts", "parameters", "rules", "sha256")


def is_count(value: object) -> bool:
    """True for a whole number above zero; a boolean is none, though Python would take it for one."""
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. It fails a VM for which `fail_when` is true; where `applies_when` is false it does not apply.

    `deviation` says what differs from the rule that `source` names, and why. `examples` maps a kind of example to its
    list; it is empty in a catalogue that was handed to a module.
    """

    id: str
    title: str
    category: str
    rationale: str
    remedy: str
    source: str
    version: int
    fail_when: Expression
    applies_when: Expression | None = None
    deviation: str = ""
    examples: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    def expressions(self) -> tuple[Expression, ...]:
        """Both expressions, as far as there are two."""
        return (self.fail_when,) if self.applies_when is None else (self.applies_when, self.fail_when)

    def needs(self) -> list[str]:
        """The paths of the facts that it reads."""
        return sorted({path for expression in self.expressions() for path in expression.fact_paths()})


@dataclass(frozen=True, slots=True)
class MinimumFact:
    """Something that must be known of a VM before it is judged: at least one of the facts `one_of`, texts not empty."""

    what: str
    one_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A checked catalogue; `rules` are sorted by id, `weights` has an entry for each category."""

    version: str
    sha256: str
    weights: Mapping[str, int]
    minimum_facts: tuple[MinimumFact, ...]
    rules: tuple[Rule, ...]


def catalogue_sha256(data: Mapping[str, Any]) -> str:
    """SHA-256 over all that decides a verdict or shows in a report: the data without examples and file places."""
    plain = {key: value for key, value in data.items() if key != "sha256"}
    plain["rules"] = sorted((without_examples(rule) for rule in data["rules"]), key=lambda rule: str(rule["id"]))
    return hashlib.sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def without_examples(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule's data as an assessment needs it."""
    return {key: value for key, value in rule.items() if key not in ("examples", "file", "row")}


def load_catalogue(data: Mapping[str, Any], *, examples: bool = False) -> Catalogue:
    """Checks a catalogue and compiles nothing yet.

    `data` is what the catalogue's files hold together: version, weights, minimum_facts, parameters and rules; a rule may
    say in `file` and `row` where it stands. With `examples` every rule has to bring its examples. Raises one
    `InputError` that lists everything that is wrong.
    """
    loader = _Loader()
    parameters = loader.parameters(data)
    weights = loader.weights(data.get("weights"))
    minimum = loader.minimum_facts(data.get("minimum_facts"))
    loader.top_level(data)
    rules = loader.rules(data.get("rules"), parameters, examples)
    if loader.problems:
        raise InputError("catalogue_invalid", "the rule catalogue cannot be used", subject="rule catalogue", problems=loader.problems)
    return Catalogue(str(data["version"]), catalogue_sha256(data), weights, minimum, tuple(sorted(rules, key=lambda rule: rule.id)))


class _Loader:
    """Collects problems while it reads."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def report(self, message: str, rule: Mapping[str, Any] | None = None) -> None:
        place = rule or {}
        file, row = place.get("file", ""), place.get("row")
        self.problems.append(Problem(message, file=str(file), row=row if isinstance(row, int) else None))

    def top_level(self, data: Mapping[str, Any]) -> None:
        if not isinstance(data.get("version"), str) or not data["version"]:
            self.report("version: needs a text")
        for key in sorted(set(data) - set(_CATALOGUE_KEYS)):
            self.report(f"unknown key {key}; known: {', '.join(_CATALOGUE_KEYS)}")

    def weights(self, data: object) -> dict[str, int]:
        given = data if isinstance(data, Mapping) else {}
        if set(given) != set(CATEGORIES) or not all(is_count(value) for value in given.values()):
            self.report(f"weights: needs a whole number above 0 for each of {', '.join(CATEGORIES)}")
            return {}
        return {category: given[category] for category in CATEGORIES}

    def parameters(self, data: Mapping[str, Any]) -> dict[str, Any]:
        given = data.get("parameters", {})
        if not isinstance(given, Mapping):
            self.report("parameters: needs a mapping")
            return {}
        for name, entry in given.items():
            if not isinstance(entry, Mapping) or set(entry) != {"value", "meaning"}:
                self.report(f"parameters.{name}: needs value and meaning")
        return {name: entry["value"] for name, entry in given.items() if isinstance(entry, Mapping) and "value" in entry}

    def minimum_facts(self, data: object) -> tuple[MinimumFact, ...]:
        found: list[MinimumFact] = []
        for number, entry in enumerate(data if isinstance(data, list) else [None]):
            place = f"minimum_facts[{number}]"
            if not isinstance(entry, Mapping) or set(entry) != {"what", "one_of"} or not isinstance(entry["one_of"], list):
                self.report(f"{place}: needs what and one_of, a list of facts")
                continue
            for path in entry["one_of"]:
                if path not in VM_FACTS or VM_FACTS[path].joined:
                    self.report(f"{place}: a VM has no fact {path!r}")
            found.append(MinimumFact(str(entry["what"]), tuple(str(path) for path in entry["one_of"])))
        return tuple(found)

    def rules(self, data: object, parameters: Mapping[str, Any], examples: bool) -> list[Rule]:
        if not isinstance(data, list) or not data:
            self.report("rules: needs a list of rules")
            return []
        seen: set[str] = set()
        found = []
        for number, entry in enumerate(data):
            if not isinstance(entry, Mapping):
                self.report(f"rules[{number}]: a rule must be a mapping")
                continue
            identity = str(entry.get("id", f"rules[{number}]"))
            if identity in seen:
                self.report(f"rule {identity}: the id is used twice", entry)
            seen.add(identity)
            rule = self._rule(entry, identity, parameters, examples)
            if rule is not None:
                found.append(rule)
        return found

    def _rule(self, data: Mapping[str, Any], identity: str, parameters: Mapping[str, Any], examples: bool) -> Rule | None:
        before = len(self.problems)
        reader = ExpressionReader(parameters, lambda place, message: self.report(f"rule {identity}, {place}: {message}", data))
        self._rule_keys(data, identity)
        fail_when = reader.read(data.get("fail_when"), "fail_when")
        applies_when = reader.read(data["applies_when"], "applies_when") if "applies_when" in data else None
        if examples:
            self._examples(data.get("examples"), identity, data)
        if len(self.problems) > before or fail_when is None:
            return None
        texts = {name: data[name].strip() for name in (*_RULE_TEXTS, "deviation") if name in data}
        return Rule(**texts, version=data["version"], fail_when=fail_when, applies_when=applies_when, examples=data.get("examples", {}))

    def _rule_keys(self, data: Mapping[str, Any], identity: str) -> None:
        for name in _RULE_TEXTS:
            if not isinstance(data.get(name), str) or not data[name].strip():
                self.report(f"rule {identity}: {name} needs a text", data)
        if not isinstance(data.get("deviation", ""), str):
            self.report(f"rule {identity}: deviation needs a text", data)
        if isinstance(data.get("category"), str) and data["category"] not in CATEGORIES:
            self.report(f"rule {identity}: category is one of {', '.join(CATEGORIES)}, not {data['category']!r}", data)
        version = data.get("version")
        if not is_count(version):
            self.report(f"rule {identity}: version needs a whole number from 1", data)
        unknown = sorted(str(key) for key in data if key not in _RULE_KEYS)
        if unknown:
            self.report(f"rule {identity}: unknown key {', '.join(unknown)}; known: {', '.join(_RULE_KEYS[:-2])}", data)

    def _examples(self, data: object, identity: str, rule: Mapping[str, Any]) -> None:
        given = data if isinstance(data, Mapping) else {}
        wanted: Iterable[str] = EXAMPLE_KINDS if "applies_when" in rule else EXAMPLE_KINDS[:-1]
        for kind in wanted:
            entries = given.get(kind)
            if not isinstance(entries, list) or not entries or not all(isinstance(entry, Mapping) for entry in entries):
                self.report(f"rule {identity}: examples need a list {kind} with at least one example", rule)
        for kind in sorted(str(kind) for kind in given if kind not in EXAMPLE_KINDS):
            self.report(f"rule {identity}: unknown kind of example {kind}; known: {', '.join(EXAMPLE_KINDS)}", rule)
