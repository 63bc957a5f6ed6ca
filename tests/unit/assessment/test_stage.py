# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stage as a whole: an estate artifact in, an assessment artifact out, or one clear error and nothing written."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters import assessment_request
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import ArtifactReader, ArtifactWriter
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.assessment_stage import counts_of, run_assessment
from ansible_collections.groundwork.readiness.plugins.module_utils.common.artifact import ArtifactHeader
from ansible_collections.groundwork.readiness.plugins.module_utils.common.calls import ModuleCall
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ArtifactError, InputError, ReadinessError

from .support import Record, catalogue_data, rule_data, vm

RULES = [
    rule_data(id="a.critical", category="critical", fail_when={"fact": "encrypted", "is": True}),
    rule_data(id="b.warning", fail_when={"any_of": "disks", "where": {"shared_by_vms": "path"}}, deviation="Because."),
    rule_data(
        id="c.cluster",
        category="information",
        applies_when={"fact": "cluster", "empty": False},
        fail_when={"fact": "cluster.drs_enabled", "is": True},
    ),
]
CATALOGUE = catalogue_data(*RULES)
SOUND: Record = {"vcenter": "vc", "guest_os_id": "rhel9_64Guest", "disks": [], "encrypted": False, "cluster": ""}
SOURCES = [
    {
        "kind": "source",
        "id": "full@1",
        "name": "full",
        "type": "estate",
        "sha256": "1" * 64,
        "captured_at": "2026-09-01T00:00:00Z",
        "vm_count": 9,
    },
    {"kind": "source", "id": "poor@2", "name": "poor", "type": "rvtools", "sha256": "2" * 64, "vm_count": 9, "not_seen": []},
    {"kind": "source", "id": "unused@3", "name": "unused", "type": "rvtools", "sha256": "3" * 64, "vm_count": 0},
]
POOR = {key: value for key, value in SOUND.items() if key != "encrypted"}
VMS: Sequence[Record] = (
    vm(1, **SOUND, name="one", sources=["full@1"]),
    vm(2, **{**SOUND, "disks": [{"label": "Hard disk 1", "path": "[s] x"}]}, name="two", sources=["full@1", "poor@2"]),
    vm(3, **POOR, name="three", sources=["poor@2"]),
    vm(4, **{**POOR, "cluster": "A"}, name="four", sources=["poor@2"]),
    vm(5, **{**SOUND, "disks": [{"path": "[s] x"}]}, name="five", sources=["full@1"], out_of_scope="template"),
    vm(6, **{**SOUND, "encrypted": True}, sources=["full@1"]),
)


def write_estate(path: Path, vms: Sequence[Record] = VMS) -> Path:
    records = [{"kind": "cluster", "id": "c1", "name": "A", "drs_enabled": True}, *SOURCES, *vms]
    with ArtifactWriter(path, ArtifactHeader("estate")) as writer:
        for record in sorted(records, key=lambda record: (record["kind"], record["id"])):
            writer.write(record)
        writer.finish()
    return path


def assessed(path: Path) -> dict[str, list[Record]]:
    kinds: dict[str, list[Record]] = {}
    for record in ArtifactReader(path, "assessment"):
        kinds.setdefault(record["kind"], []).append(record)
    return kinds


def run(folder: Path, vms: Sequence[Record] = VMS, catalogue: dict[str, Any] = CATALOGUE) -> dict[str, list[Record]]:
    run_assessment(write_estate(folder / "estate.jsonl", vms), catalogue, folder / "assessment.jsonl", "apply")
    return assessed(folder / "assessment.jsonl")


def test_vms_get_verdict_score_findings_and_gaps(tmp_path: Path) -> None:
    vms = {record["id"]: record for record in run(tmp_path)["vm"]}
    assert vms["vm-1"] == {
        "kind": "vm",
        "id": "vm-1",
        "name": "one",
        "verdict": "ready",
        "provisional": False,
        "score": 100.0,
        "score_best": 100.0,
        "findings": [],
        "not_applicable": ["c.cluster"],
        "sources": ["full@1"],
        "gaps": [],
    }
    evidence = {"object": "disk Hard disk 1", "field": "disks.path", "observed": "[s] x, also at five", "expected": "at no other VM"}
    assert vms["vm-2"]["findings"] == [{"rule": "b.warning", "result": "fail", "evidence": [evidence]}]
    assert [vms[f"vm-{number}"]["verdict"] for number in (2, 3, 4, 6)] == ["ready_with_work", "ready", "ready", "blocked"]
    assert [vms[f"vm-{number}"]["provisional"] for number in (2, 3, 4, 6)] == [False, True, True, False]
    assert vms["vm-6"]["name"] == "vm-6"
    assert list(vms["vm-1"])[-2:] == ["sources", "gaps"]


def test_vm_whose_disks_are_not_seen_leaves_sharing_open_for_those_before_and_after_it(tmp_path: Path) -> None:
    disks = {"disks": [{"path": "[s] a"}]}
    unseen = vm(2, vcenter="vc", sources=["full@1"], out_of_scope="template")
    vms = [vm(1, **{**SOUND, **disks}, sources=["full@1"]), unseen, vm(3, **{**SOUND, "disks": [{"path": "[s] b"}]}, sources=["full@1"])]
    kinds = run(tmp_path, vms)
    assert [record["gaps"] for record in kinds["source"]] == [["b.warning"], [], []]
    assert [(record["id"], record["provisional"], record["gaps"]) for record in kinds["vm"]] == [("vm-1", True, []), ("vm-3", True, [])]


def test_gap_of_every_vm_of_a_source_stands_once_in_the_source(tmp_path: Path) -> None:
    kinds = run(tmp_path, [record for record in VMS if record["id"] != "vm-2"])
    sources = {record["id"]: record for record in kinds["source"]}
    vms = {record["id"]: record for record in kinds["vm"]}
    assert {name: (record["vm_count"], record["gaps"]) for name, record in sources.items()} == {
        "full@1": (2, []),
        "poor@2": (2, ["a.critical"]),
        "unused@3": (0, []),
    }
    assert sources["full@1"]["captured_at"] == "2026-09-01T00:00:00Z"
    assert "not_seen" not in sources["poor@2"]
    assert (vms["vm-3"]["gaps"], vms["vm-4"]["gaps"]) == ([], ["c.cluster"])


def test_gap_that_one_vm_of_a_source_does_not_have_stands_in_the_others(tmp_path: Path) -> None:
    kinds = run(tmp_path)
    assert [record["gaps"] for record in kinds["source"]] == [[], [], []]
    assert {record["id"]: record["gaps"] for record in kinds["vm"]}["vm-3"] == ["a.critical"]


def test_vms_out_of_scope_are_listed_and_counted_nowhere_else(tmp_path: Path) -> None:
    result = run_assessment(write_estate(tmp_path / "estate.jsonl"), CATALOGUE, tmp_path / "assessment.jsonl", "apply")
    assert assessed(tmp_path / "assessment.jsonl")["excluded"] == [
        {"kind": "excluded", "id": "vm-5", "name": "five", "reason": "template", "sources": ["full@1"]}
    ]
    assert (result.assessed, result.excluded, result.rules) == (5, 1, 3)
    assert result.verdicts["ready"] == {"settled": 1, "provisional": 2}
    assert result.counts() == counts_of(tmp_path / "assessment.jsonl")
    assert result.counts() == {
        "vms": 5,
        "excluded": 1,
        "rules": 3,
        "provisional": 2,
        "blocked": 1,
        "blocked_provisional": 0,
        "not_evaluated": 0,
        "not_evaluated_provisional": 0,
        "ready_with_work": 1,
        "ready_with_work_provisional": 0,
        "ready": 3,
        "ready_provisional": 2,
    }


def test_rules_carry_what_a_report_needs_and_the_header_names_the_catalogue(tmp_path: Path) -> None:
    rules = run(tmp_path)["rule"]
    assert [rule["id"] for rule in rules] == ["a.critical", "b.warning", "c.cluster"]
    assert rules[1] == {
        "kind": "rule",
        "id": "b.warning",
        "category": "warning",
        "title": "Title",
        "rationale": "Why.",
        "remedy": "How.",
        "source": "Where from.",
        "version": 1,
        "weight": 5,
        "needs": ["disks.path"],
        "deviation": "Because.",
    }
    assert rules[2]["needs"] == ["cluster", "cluster.drs_enabled"]
    header = ArtifactReader(tmp_path / "assessment.jsonl", "assessment").header
    assert header["catalogue"]["weights"] == CATALOGUE["weights"]
    assert [entry["name"] for entry in header["inputs"]] == ["estate.jsonl"]


def test_second_run_changes_nothing(tmp_path: Path) -> None:
    estate, dest = write_estate(tmp_path / "estate.jsonl"), tmp_path / "assessment.jsonl"
    first = run_assessment(estate, CATALOGUE, dest, "apply")
    second = run_assessment(estate, CATALOGUE, dest, "apply")
    assert (first.changed, second.changed, first.sha256) == (True, False, second.sha256)
    assert run_assessment(estate, CATALOGUE, dest, "check").changed
    assert sorted(path.name for path in tmp_path.iterdir()) == ["assessment.jsonl", "estate.jsonl"]


def test_compressed_estate_gives_the_same_records(tmp_path: Path) -> None:
    plain = run(tmp_path)
    write_estate(tmp_path / "estate.jsonl.gz")
    run_assessment(tmp_path / "estate.jsonl.gz", CATALOGUE, tmp_path / "again.jsonl.gz", "apply")
    assert assessed(tmp_path / "again.jsonl.gz") == plain


def test_estate_without_vms_is_assessed(tmp_path: Path) -> None:
    kinds = run(tmp_path, [])
    assert sorted(kinds) == ["rule", "source"]


def damaged(folder: Path, change: Any) -> ArtifactError:
    estate = write_estate(folder / "estate.jsonl")
    estate.write_text(change(estate.read_text()))
    with pytest.raises(ArtifactError) as caught:
        run_assessment(estate, CATALOGUE, folder / "assessment.jsonl", "apply")
    assert [path.name for path in folder.iterdir()] == ["estate.jsonl"]
    return caught.value


def test_estate_of_a_newer_major_is_refused(tmp_path: Path) -> None:
    assert damaged(tmp_path, lambda text: text.replace('"schema_version":"1.1"', '"schema_version":"2.0"')).code == "artifact_too_new"


def test_estate_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    assert damaged(tmp_path, lambda text: text[: text.rindex('{"kind":"trailer"')]).code == "artifact_damaged"


def test_estate_with_a_fact_of_a_wrong_type_is_refused_with_its_record(tmp_path: Path) -> None:
    vms = [vm(1, **{**SOUND, "disks": 3}, sources=["full@1"])]
    estate = write_estate(tmp_path / "estate.jsonl", vms)
    with pytest.raises(ArtifactError) as caught:
        run_assessment(estate, CATALOGUE, tmp_path / "assessment.jsonl", "apply")
    assert "row 6: vm vm-1: disks is not a list of mappings" in caught.value.text()
    assert [path.name for path in tmp_path.iterdir()] == ["estate.jsonl"]


@pytest.mark.parametrize(
    "facts", [{"encrypted": "false"}, {"disks": ""}, {"disks": [None]}, {"disks": [{"path": 1}]}, {"name": 5}, {"guest_os_id": None}]
)
def test_wrong_type_in_what_rules_read_is_never_a_pass(tmp_path: Path, facts: Record) -> None:
    estate = write_estate(tmp_path / "estate.jsonl", [vm(1, **{**SOUND, **facts}, sources=["full@1"])])
    with pytest.raises(ArtifactError) as caught:
        run_assessment(estate, CATALOGUE, tmp_path / "assessment.jsonl", "apply")
    assert caught.value.problems[0].row == 6


def test_every_wrong_type_is_listed_or_counted(tmp_path: Path) -> None:
    vms = [vm(number, **{**SOUND, "encrypted": "no"}, sources=["full@1"]) for number in range(100, 160)]
    with pytest.raises(ArtifactError) as caught:
        run_assessment(write_estate(tmp_path / "estate.jsonl", vms), CATALOGUE, tmp_path / "assessment.jsonl", "apply")
    assert len(caught.value.problems) == 51
    assert "10 more" in caught.value.problems[-1].message


def test_folder_that_cannot_be_written_is_an_error_of_the_stage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ReadinessError) as caught:
        run_assessment(write_estate(tmp_path / "estate.jsonl"), CATALOGUE, tmp_path / "file" / "assessment.jsonl", "apply")
    assert caught.value.code == "assessment_unwritable"


def test_check_mode_only_predicts_what_lies_outside_of_the_run_directory(tmp_path: Path) -> None:
    run_dir, dest = tmp_path / "run", tmp_path / "out" / "assessment.jsonl"
    write_estate(run_dir / "estate.jsonl")
    params = {"run_dir": str(run_dir), "estate": None, "catalogue": CATALOGUE, "dest": str(dest)}
    predicted = assessment_request.work(ModuleCall(params, check_mode=True))
    assert predicted.changed
    assert not dest.parent.exists()
    assert [path.name for path in run_dir.iterdir()] == ["estate.jsonl"]
    inside = assessment_request.work(ModuleCall({**params, "dest": None}, check_mode=True))
    dest.parent.mkdir()
    dest.write_bytes((run_dir / "assessment.jsonl").read_bytes())
    again = assessment_request.work(ModuleCall(params, check_mode=True))
    assert (again.changed, again.artifacts) == (False, inside.artifacts)


def test_estate_that_changes_between_the_passes_is_refused(tmp_path: Path) -> None:
    estate = write_estate(tmp_path / "estate.jsonl")
    reader = ArtifactReader(estate, "estate")
    assert len(list(reader)) == 10
    again = [(number, record["id"]) for number, record in reader.again("vm", lambda number: number % 2 == 1)]
    assert again == [(1, "vm-2"), (3, "vm-4"), (5, "vm-6")]
    write_estate(estate, VMS[:2])
    with pytest.raises(ArtifactError) as caught:
        list(reader.again("vm", bool))
    assert caught.value.code == "artifact_changed"


def test_faulty_catalogue_is_refused_before_the_estate_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        run_assessment(tmp_path / "missing.jsonl", {}, tmp_path / "assessment.jsonl", "apply")


def test_counts_of_no_or_a_broken_assessment_are_none(tmp_path: Path) -> None:
    assert counts_of(tmp_path / "missing.jsonl") == {}
    (tmp_path / "broken.jsonl").write_bytes(gzip.compress(b"x"))
    assert counts_of(tmp_path / "broken.jsonl") == {}


def test_outcome_tells_the_playbook_and_run_json_the_same(tmp_path: Path) -> None:
    result = run_assessment(write_estate(tmp_path / "estate.jsonl"), CATALOGUE, tmp_path / "assessment.jsonl", "apply")
    outcome = assessment_request.outcome(result, {})
    assert outcome.artifacts == {"assessment.jsonl": result.sha256}
    assert outcome.result["verdicts"]["ready"] == {"settled": 1, "provisional": 2}
    assert outcome.diff is not None
    assert json.loads(outcome.diff["before"]) == {}
    assert json.loads(outcome.diff["after"]) == outcome.counts
