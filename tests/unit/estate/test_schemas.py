# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped JSON Schemas: made from the model where they can be, and true of what is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.run_directory import RunDirectory, StageRecord
from ansible_collections.groundwork.readiness.plugins.module_utils.common.schemas import header_schema, trailer_schema
from ansible_collections.groundwork.readiness.plugins.module_utils.estate import model
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.records import estate_schema, to_record
from jsonschema import Draft202012Validator

from .samples import full_vm, of, run, source, vm, write_estate

SCHEMAS = Path(__file__).resolve().parents[3] / "docs" / "schemas"
ESTATE = Draft202012Validator(estate_schema())


def shipped(name: str) -> Any:
    return json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))


def faults(validator: Draft202012Validator, record: Any) -> list[str]:
    return [error.json_path for error in validator.iter_errors(record)]


def test_the_shipped_estate_schema_is_the_generated_one() -> None:
    """Mend it with `python -m tests.tools.write_schemas`."""
    text = json.dumps(estate_schema(), indent=2, ensure_ascii=False) + "\n"
    assert (SCHEMAS / "estate.schema.json").read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", ["estate", "assessment", "run"])
def test_a_shipped_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(shipped(name))


@pytest.mark.parametrize("name", ["estate", "assessment"])
def test_header_and_trailer_of_shipped_schemas_are_those_of_the_code(name: str) -> None:
    definitions = shipped(name)["$defs"]
    extra = {"catalogue": definitions["header"]["properties"]["catalogue"]} if name == "assessment" else {}
    assert definitions["header"] == header_schema(name, extra)
    assert definitions["trailer"] == trailer_schema()


def test_every_kind_and_part_of_the_model_is_described_with_its_meaning() -> None:
    definitions = estate_schema()["$defs"]
    for name, owner in [*model.KINDS.items(), *((part.__name__, part) for part in model.PARTS.values())]:
        properties = definitions[name]["properties"]
        for entry, field in owner.__dataclass_fields__.items():
            assert properties[entry]["description"] == field.metadata["meaning"]


def test_a_vm_with_every_fact_is_valid() -> None:
    record = {**to_record(full_vm()), "id_basis": "moref"}
    assert faults(ESTATE, record) == []


@pytest.mark.parametrize(
    "change",
    [
        {"cpu_count": None},
        {"cpu_count": "2"},
        {"brand_new": 1},
        {"disks": [{"kind": 1}]},
        {"id_basis": "guess"},
        {"unknown": {"cpu_count": 1}},
    ],
)
def test_a_vm_that_breaks_the_model_is_invalid(change: dict[str, Any]) -> None:
    assert faults(ESTATE, vm("a", "vm-1")) == []
    assert faults(ESTATE, {**vm("a", "vm-1"), **change})


def test_every_line_of_a_merged_estate_is_valid(tmp_path: Path) -> None:
    first = [
        source("a.xlsx"),
        vm("a.xlsx", "vm-1", cpu_count=1, disks=[{"key": 2000, "mode": "persistent"}]),
        of("host", "a.xlsx", "h", name="esx"),
    ]
    second = [source("b.xlsx"), vm("b.xlsx", "vm-1", cpu_count=2, disks=[{"key": 2000, "mode": "independent_persistent", "thin": True}])]
    owners = tmp_path / "owners.csv"
    owners.write_text("vm,owner,downtime tolerance\nvm-vm-1,team-erp@example.com,4h\n", encoding="utf-8")
    paths = [write_estate(tmp_path / f"{number}.jsonl", records) for number, records in enumerate([first, second])]
    scope = {"exclude": {"clusters": ["lab"], "tags": ["none"]}}
    run(tmp_path / "estate.jsonl", *paths, scope=scope, annotations=[owners], parts_missing=["vc-b"])
    lines = [json.loads(line) for line in (tmp_path / "estate.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {line["kind"] for line in lines} == {"header", "conflict", "host", "notice", "source", "vm", "trailer"}
    for line in lines:
        assert faults(ESTATE, line) == []


def test_a_run_is_valid(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path / "run")
    directory.open(
        run_id="20270104T081500Z-7f3a", now="2027-01-04T08:15:00Z", mode="check", playbook="assess", started_at="2027-01-04T08:15:00Z"
    )
    problem = {"message": "no", "file": "a.xlsx", "tab": "vInfo", "row": 7, "column": "CPUs", "remedy": "mend it"}
    error = {"code": "input_unusable", "message": "no", "subject": "estate", "hint": "mend it", "problems": [problem]}
    directory.record(StageRecord("estate", "vc-a", "failed", 0.1, error=error))
    directory.record(StageRecord("estate", "localhost", "ran", 1.5, {"vms": 3}, {"a.xlsx": "0" * 64}, {"estate.jsonl": "1" * 64}))
    directory.record(StageRecord("report", "localhost", "skipped", reason="nothing to tell"))
    assert faults(Draft202012Validator(shipped("run")), directory.read()) == []


def test_a_failed_stage_without_an_error_is_invalid(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path / "run")
    directory.open(run_id="a", now="2027-01-04T08:15:00Z", mode="apply", playbook="assess", started_at="2027-01-04T08:15:00Z")
    directory.record(StageRecord("estate", "localhost", "failed"))
    assert faults(Draft202012Validator(shipped("run")), directory.read())


ASSESSED = {
    "kind": "vm",
    "id": "a",
    "name": "a",
    "verdict": "blocked",
    "provisional": True,
    "score": 12.5,
    "score_best": 80,
    "findings": [{"rule": "r", "result": "fail", "evidence": [{"object": "a", "field": "f", "observed": "1", "expected": "2"}]}],
    "not_applicable": [],
    "sources": ["a@1"],
    "gaps": ["s"],
}


@pytest.mark.parametrize(
    ("change", "valid"),
    [({}, True), ({"verdict": "fine"}, False), ({"score": 101}, False), ({"gaps": None}, False), ({"complexity": 1}, False)],
)
def test_an_assessed_vm_is_valid_as_the_contract_says(change: dict[str, Any], valid: bool) -> None:
    assert (faults(Draft202012Validator(shipped("assessment")), {**ASSESSED, **change}) == []) is valid
