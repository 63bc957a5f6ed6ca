# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares the assessments of one estate read in two ways: live from its vCenter, and from an RVTools export of it.

An export shows less than a vCenter, so a rule may be not evaluated in it. Where it is evaluated, its result has to be
the live one. Usage: `python -m tests.tools.compare_estates LIVE EXPORT`, each an assessment.jsonl or a run directory.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from tests.tools.link_tree import CHECKOUT, make_link_tree

Results: TypeAlias = dict[str, dict[str, str]]

PASS: Final = "pass"
FAIL: Final = "fail"
NOT_APPLICABLE: Final = "not applicable"
NOT_EVALUATED: Final = "not evaluated"

RULES_WANTED: Final = 15
SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Difference:
    """A rule that the two assessments do not answer alike for one VM; `evidence` is that of the side that failed it."""

    vm: str
    name: str
    rule: str
    live: str
    export: str
    evidence: str = ""

    def text(self) -> str:
        """One line about it."""
        return f"{self.name} ({self.vm}): {self.rule} is {self.live} live, {self.export} in the export{self.evidence}"


@dataclass(slots=True)
class Assessed:
    """One assessment: the result of each rule for each VM, and what shows why."""

    results: Results = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    excluded: dict[str, str] = field(default_factory=dict)
    evidence: dict[tuple[str, str], str] = field(default_factory=dict)
    catalogue: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Comparison:
    """What came of it; `pairs` are the (VM, rule) pairs that both assessments hold."""

    pairs: int = 0
    vms: int = 0
    live: Counter[str] = field(default_factory=Counter)
    export: Counter[str] = field(default_factory=Counter)
    both_outcomes: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    live_gaps: list[Difference] = field(default_factory=list)
    unpaired: list[str] = field(default_factory=list)

    def troubles(self, rules_wanted: int = RULES_WANTED) -> list[str]:
        """Why the comparison failed, a line each; empty when it did not."""
        found = [difference.text() for difference in self.differences] + self.unpaired
        if len(self.both_outcomes) < rules_wanted:
            found.append(f"{len(self.both_outcomes)} rules have both outcomes, {rules_wanted} are wanted")
        return found

    def lines(self) -> Iterator[str]:
        """The comparison in words."""
        yield f"{self.pairs} (VM, rule) pairs compared: {self.vms} VMs, {len(self.rules)} rules"
        for side, tally in (("live", self.live), ("export", self.export)):
            yield f"  {side}: " + ", ".join(f"{tally[result]} {result}" for result in (PASS, FAIL, NOT_APPLICABLE, NOT_EVALUATED))
        yield f"{len(self.both_outcomes)} rules evaluated by both have both outcomes: {', '.join(self.both_outcomes)}"
        yield f"{self.export[NOT_EVALUATED]} pairs are not evaluated in the export"
        yield f"{len(self.differences)} results of the export differ from the live ones"
        if self.live_gaps:
            yield f"{len(self.live_gaps)} pairs are evaluated in the export, and not live:"
            yield from (f"  {gap.text()}" for gap in self.live_gaps[:SHOWN])


def read_assessment(path: Path) -> Assessed:
    """The results of an assessment; what is neither failed, not applicable nor a gap of the VM or its sources has passed."""
    artifacts = importlib.import_module("ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts")
    reader = artifacts.ArtifactReader(path, "assessment")
    read = Assessed(catalogue=reader.header.get("catalogue", {}))
    rules: list[str] = []
    gaps: dict[str, list[str]] = {}
    for record in reader:
        if record["kind"] == "rule":
            rules.append(record["id"])
        elif record["kind"] == "source":
            gaps[record["id"]] = record["gaps"]
        elif record["kind"] == "excluded":
            read.excluded[record["id"]] = record["name"]
        elif record["kind"] == "vm":
            _add_vm(read, record, rules, gaps)
    return read


def _add_vm(read: Assessed, record: Mapping[str, Any], rules: list[str], gaps: Mapping[str, list[str]]) -> None:
    identity = record["id"]
    results = dict.fromkeys(rules, PASS)
    for source in record["sources"]:
        results.update(dict.fromkeys(gaps.get(source, ()), NOT_EVALUATED))
    results.update(dict.fromkeys(record["gaps"], NOT_EVALUATED))
    results.update(dict.fromkeys(record["not_applicable"], NOT_APPLICABLE))
    for finding in record["findings"]:
        results[finding["rule"]] = FAIL
        shown = (f"{entry['object']}: {entry['field']} is {entry['observed']}" for entry in finding["evidence"])
        read.evidence[identity, finding["rule"]] = "; ".join(shown)
    read.results[identity] = results
    read.names[identity] = record["name"]


def compare(live: Assessed, export: Assessed) -> Comparison:
    """Compares every result of the export with the live one of the same VM."""
    made = Comparison(unpaired=list(_unpaired(live, export)))
    outcomes: dict[str, set[str]] = {}
    for identity in sorted(live.results.keys() & export.results.keys()):
        made.vms += 1
        ours, theirs = live.results[identity], export.results[identity]
        for rule in sorted(ours.keys() & theirs.keys()):
            made.pairs += 1
            made.live[ours[rule]] += 1
            made.export[theirs[rule]] += 1
            seen = outcomes.setdefault(rule, set())
            if theirs[rule] == ours[rule]:
                seen.add(ours[rule])
            elif theirs[rule] != NOT_EVALUATED:
                shown = live.evidence.get((identity, rule), "") or export.evidence.get((identity, rule), "")
                found = Difference(identity, live.names[identity], rule, ours[rule], theirs[rule], f" [{shown}]" if shown else "")
                made.differences.append(found)
                if ours[rule] == NOT_EVALUATED:
                    made.live_gaps.append(found)
    made.rules = sorted(outcomes)
    made.both_outcomes = [rule for rule in made.rules if {PASS, FAIL} <= outcomes[rule]]
    return made


def _unpaired(live: Assessed, export: Assessed) -> Iterator[str]:
    """What one assessment holds and the other one does not."""
    for what, ours, theirs in (
        ("assessed", live.names, export.names),
        ("excluded", live.excluded, export.excluded),
    ):
        for side, here, there in (("live", ours, theirs), ("in the export", theirs, ours)):
            for identity in sorted(here.keys() - there.keys()):
                yield f"{here[identity]} ({identity}) is {what} {side} alone"
    if live.catalogue != export.catalogue:
        yield "the two assessments were made with different rule catalogues"


def assessment_of(path: Path) -> Path:
    """The assessment itself, where a run directory was named."""
    return path / "assessment.jsonl" if path.is_dir() else path


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Compare the assessment of a live estate with that of its RVTools export.")
    parser.add_argument("live", type=Path, help="assessment.jsonl of the live estate, or its run directory")
    parser.add_argument("export", type=Path, help="assessment.jsonl of the export, or its run directory")
    parser.add_argument("--rules", type=int, default=RULES_WANTED, help="rules that must have both outcomes")
    arguments = parser.parse_args()
    collections = CHECKOUT / "build" / "collections"
    make_link_tree(collections)
    sys.path.insert(0, str(collections))
    made = compare(*(read_assessment(assessment_of(path)) for path in (arguments.live, arguments.export)))
    for line in made.lines():
        print(line)
    troubles = made.troubles(arguments.rules)
    for line in troubles[:SHOWN]:
        print(f"FAILED: {line}")
    if len(troubles) > SHOWN:
        print(f"FAILED: and {len(troubles) - SHOWN} more")
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
