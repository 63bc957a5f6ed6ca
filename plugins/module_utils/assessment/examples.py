# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the examples that every rule carries: they say what it must find, what it must not, and what it cannot know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..common.artifact import JsonRecord
from ..common.errors import Problem
from ..estate import model
from .catalogue import Catalogue, Rule
from .engine import EstateScan
from .facts import CLUSTER_PREFIX, PART_FACTS, VM_FACTS, Fact

_EXAMPLE_KEYS: Final = ("note", "vm", "times", "cluster", "others", "evidence")
_PYTHON_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "text": (str,),
    "flag": (bool,),
    "number": (int, float),
    "texts": (list,),
    "numbers": (list,),
    "map": (dict,),
    "parts": (list,),
}
_CLUSTER_ID: Final = "example-cluster"


def run_examples(catalogue: Catalogue) -> list[Problem]:
    """What is wrong with the rules' examples, or with the rules that they contradict; empty when all agree."""
    problems: list[Problem] = []
    for rule in catalogue.rules:
        for kind, examples in rule.examples.items():
            for number, example in enumerate(examples):
                place = f"rule {rule.id}, example {kind}[{number}]"
                problems += [Problem(f"{place}: {fault}") for fault in _faults(catalogue, rule, kind, example)]
    return problems


def _faults(catalogue: Catalogue, rule: Rule, kind: str, example: Mapping[str, Any]) -> Iterator[str]:
    faults = list(example_faults(example))
    yield from faults
    if faults:
        return
    result, evidence = run_example(catalogue, rule, example)
    if result != kind:
        yield f"gives {result}"
    elif "evidence" in example and evidence != example["evidence"]:
        yield f"gives the evidence {evidence}"


def run_example(catalogue: Catalogue, rule: Rule, example: Mapping[str, Any]) -> tuple[str, list[dict[str, str]]]:
    """The kind of result that one rule gives for one example, and its evidence when it fails."""
    alone = Catalogue(catalogue.version, catalogue.sha256, catalogue.weights, catalogue.minimum_facts, (rule,))
    scan = EstateScan(alone)
    vm = example_vm(example)
    if "cluster" in example:
        scan.add({"kind": "cluster", "id": _CLUSTER_ID, **example["cluster"]})
    scan.add(vm)
    for number, other in enumerate(example.get("others", [])):
        scan.add({"kind": "vm", "id": f"other-{number}", **other})
    evaluator = scan.close()
    evaluator.enter(0, vm)
    bound = evaluator.rules[0]
    result = bound.result(vm)
    return result, bound.evidence(vm) if result == "match" else []


def example_vm(example: Mapping[str, Any]) -> JsonRecord:
    """The VM of an example. One that brings a cluster is in it; `times` repeats a list of its parts."""
    placed = {"cluster": "Example", "cluster_id": _CLUSTER_ID} if "cluster" in example else {}
    repeated = {part: example["vm"][part] * times for part, times in example.get("times", {}).items()}
    return {"kind": "vm", "id": "example", **placed, **example["vm"], **repeated}


def example_faults(example: Mapping[str, Any]) -> Iterator[str]:
    """Facts of an example that the model does not have, or not in that type: a slip that would pass as unknown."""
    for key in example:
        if key not in _EXAMPLE_KEYS:
            yield f"unknown key {key}; known: {', '.join(_EXAMPLE_KEYS)}"
    if not isinstance(example.get("vm"), dict):
        yield "needs a vm"
        return
    cluster_facts = {fact.name: fact for fact in VM_FACTS.values() if fact.joined}
    yield from _record_faults(example.get("cluster", {}), cluster_facts, CLUSTER_PREFIX)
    for vm in (example["vm"], *example.get("others", [])):
        facts = {path: fact for path, fact in VM_FACTS.items() if not fact.joined}
        yield from _record_faults({key: value for key, value in vm.items() if key != "out_of_scope"}, facts, "")
        for part in model.PARTS:
            for item in vm.get(part, []):
                yield from _record_faults(item, PART_FACTS[part], f"{part}.")


def _record_faults(record: Mapping[str, Any], facts: Mapping[str, Fact], prefix: str) -> Iterator[str]:
    for key, value in record.items():
        fact = facts.get(key)
        if fact is None:
            yield f"the model has no fact {prefix}{key}"
        elif not isinstance(value, _PYTHON_TYPES[fact.type]) or (fact.type == "number" and isinstance(value, bool)):
            yield f"{prefix}{key} must be of type {fact.type}"
