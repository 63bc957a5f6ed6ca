# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The comparison of two assessments: what it pairs, what it counts, and what it does not let pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import ArtifactWriter
from ansible_collections.groundwork.readiness.plugins.module_utils.common.artifact import ArtifactHeader

from tests.tools.compare_estates import FAIL, NOT_APPLICABLE, NOT_EVALUATED, PASS, Assessed, compare, read_assessment


def side(**results: dict[str, str]) -> Assessed:
    """An assessment with these results by VM."""
    return Assessed(results=dict(results), names={identity: identity.upper() for identity in results})


def vm(identity: str, **facts: Any) -> dict[str, Any]:
    """A VM's record of an assessment."""
    lists = {"findings": [], "gaps": [], "not_applicable": [], "sources": ["source"]}
    return {"kind": "vm", "id": identity, "name": identity.upper(), **lists, **facts}


def test_equal_results_are_counted_and_nothing_is_wrong() -> None:
    both = {"a": {"rule": PASS}, "b": {"rule": FAIL}}
    made = compare(side(**both), side(**both))
    assert (made.pairs, made.vms, made.both_outcomes, made.troubles(1)) == (2, 2, ["rule"], [])


@pytest.mark.parametrize("live", [PASS, FAIL, NOT_APPLICABLE])
def test_export_that_does_not_evaluate_a_rule_is_no_difference(live: str) -> None:
    made = compare(side(a={"rule": live}), side(a={"rule": NOT_EVALUATED}))
    assert made.troubles(0) == []
    assert made.export[NOT_EVALUATED] == 1


@pytest.mark.parametrize(("live", "export"), [(PASS, FAIL), (FAIL, PASS), (FAIL, NOT_APPLICABLE), (NOT_EVALUATED, PASS)])
def test_other_results_of_the_export_are_differences(live: str, export: str) -> None:
    made = compare(side(a={"rule": live}), side(a={"rule": export}))
    assert [(entry.vm, entry.rule, entry.live, entry.export) for entry in made.differences] == [("a", "rule", live, export)]
    assert len(made.live_gaps) == (live == NOT_EVALUATED)
    assert made.troubles(0) == [f"A (a): rule is {live} live, {export} in the export"]


def test_rule_with_one_outcome_does_not_count_towards_those_wanted() -> None:
    both = {"a": {"rule": PASS, "other": PASS}, "b": {"rule": PASS, "other": FAIL}}
    made = compare(side(**both), side(**both))
    assert made.both_outcomes == ["other"]
    assert made.troubles(2) == ["1 rules have both outcomes, 2 are wanted"]


def test_rule_that_fails_live_alone_has_not_both_outcomes() -> None:
    live = side(a={"rule": PASS}, b={"rule": FAIL})
    export = side(a={"rule": PASS}, b={"rule": NOT_EVALUATED})
    assert compare(live, export).both_outcomes == []


def test_vm_in_one_assessment_alone_is_named() -> None:
    made = compare(side(a={"rule": PASS}), side(b={"rule": PASS}))
    assert made.pairs == 0
    assert made.troubles(0) == ["A (a) is assessed live alone", "B (b) is assessed in the export alone"]


def test_results_are_read_from_findings_gaps_and_the_gaps_of_sources(tmp_path: Path) -> None:
    path = tmp_path / "assessment.jsonl"
    finding = {"rule": "r1", "result": "fail", "evidence": [{"object": "VM", "field": "f", "observed": "true", "expected": "false"}]}
    with ArtifactWriter(path, ArtifactHeader(schema="assessment", inputs=())) as writer:
        writer.write({"kind": "excluded", "id": "t", "name": "T", "reason": "template", "sources": ["source"]})
        for number in range(1, 6):
            writer.write({"kind": "rule", "id": f"r{number}"})
        writer.write({"kind": "source", "id": "source", "gaps": ["r4"]})
        writer.write(vm("a", findings=[finding], gaps=["r2"], not_applicable=["r3"]))
        writer.finish()
    read = read_assessment(path)
    assert read.results == {"a": {"r1": FAIL, "r2": NOT_EVALUATED, "r3": NOT_APPLICABLE, "r4": NOT_EVALUATED, "r5": PASS}}
    assert read.excluded == {"t": "T"}
    assert read.evidence == {("a", "r1"): "VM: f is true"}
