# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which VMs are assessed, and what the user is told of the scope."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import InputError
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.scope import Scope, apply_reason, built_in_reason, parse_scope

from .samples import OTHER_VCENTER, VCENTER, Record, of, read, run, source, vm, vms, write_estate

NAMES = {VCENTER: ["vc-north.example.com"], OTHER_VCENTER: ["vc-south.example.com"]}


def scope_of(request: dict[str, Any]) -> Scope:
    parsed, problems = parse_scope(request)
    assert problems == []
    return Scope(parsed, NAMES)


def reason(request: dict[str, Any], **facts: Any) -> str | None:
    return scope_of(request).reason(vm("a", "vm-1", **facts))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, None),
        ({"template": True}, "template"),
        ({"template": False}, None),
        ({"name": "vCLS-4c4c4544-0043-3510-8052-b9c04f4e3732"}, "vCLS agent VM"),
        ({"name": "vCLS (12)"}, "vCLS agent VM"),
        ({"name": "vCLS-1"}, "vCLS agent VM"),
        ({"name": "agent", "folder": "/dc/vm/vCLS"}, "vCLS agent VM"),
        ({"name": "vCLS-docs"}, None),
        ({"name": "vCLSsomething"}, None),
        ({"srm_placeholder": True}, "SRM placeholder"),
        ({"connection_state": "orphaned"}, "inaccessible (orphaned)"),
        ({"connection_state": "inaccessible"}, "inaccessible (inaccessible)"),
        ({"connection_state": "invalid"}, "inaccessible (invalid)"),
        ({"connection_state": "disconnected"}, None),
        ({"template": True, "connection_state": "orphaned"}, "template"),
    ],
)
def test_what_is_never_assessed(facts: dict[str, Any], expected: str | None) -> None:
    assert built_in_reason(vm("a", "vm-1", **facts)) == expected


@pytest.mark.parametrize(
    ("request_", "facts", "expected"),
    [
        ({"include": {"clusters": ["prod*"]}}, {"cluster": "PROD-01"}, None),
        ({"include": {"clusters": ["prod*"]}}, {"cluster": "lab"}, "not included by the scope"),
        ({"include": {"clusters": ["prod*"]}}, {"cluster": ""}, "not included by the scope"),
        ({"include": {"clusters": ["a", "b"]}}, {"cluster": "b"}, None),
        ({"include": {"vcenters": [VCENTER.upper()]}}, {}, None),
        ({"include": {"vcenters": ["vc-north.*"]}}, {}, None),
        ({"include": {"vcenters": ["vc-south.*"]}}, {}, "not included by the scope"),
        ({"include": {"vcenters": ["vc-north.*"], "clusters": ["a"]}}, {"cluster": "b"}, "not included by the scope"),
        ({"include": {"vcenters": ["vc-north.*"], "clusters": ["a"]}}, {"cluster": "a"}, None),
        ({"exclude": {"folders": ["/dc/Lab"]}}, {"folder": "/dc/Lab"}, "excluded by folder /dc/Lab"),
        ({"exclude": {"folders": ["dc/lab/"]}}, {"folder": "/dc/Lab/Team 1/x"}, "excluded by folder dc/lab/"),
        ({"exclude": {"folders": ["/dc/Lab"]}}, {"folder": "/dc/Laboratory"}, None),
        ({"exclude": {"folders": ["*/old"]}}, {"folder": "/dc/x/old/y"}, "excluded by folder */old"),
        ({"exclude": {"tags": ["scope/out"]}}, {"tags": ["scope/out"]}, "excluded by tag scope/out"),
        ({"exclude": {"tags": ["out"]}}, {"tags": ["x/y", "scope/out"]}, "excluded by tag out"),
        ({"exclude": {"tags": ["out"]}}, {"tags": []}, None),
        ({"exclude": {"vms": ["vm-vm-1"]}}, {}, "excluded by vm vm-vm-1"),
        ({"exclude": {"vms": [f"{VCENTER}/vm-1"]}}, {}, f"excluded by vm {VCENTER}/vm-1"),
        ({"exclude": {"vms": ["ABC"]}}, {"instance_uuid": "abc"}, "excluded by vm ABC"),
        ({"exclude": {"vms": ["ABC"]}}, {"bios_uuid": "abc"}, "excluded by vm ABC"),
        ({"exclude": {"vms": ["erp[1]"]}}, {"name": "erp[1]"}, "excluded by vm erp[1]"),
        ({"exclude": {"vms": ["erp?", "*"]}}, {"name": "erp1"}, "excluded by vm erp?"),
        ({"include": {"vms": ["erp*"]}, "exclude": {"vms": ["erp1"]}}, {"name": "erp1"}, "excluded by vm erp1"),
        ({"exclude": {"clusters": ["x"], "vcenters": ["*"]}}, {"cluster": "x"}, "excluded by vcenter *"),
        ({"include": {"vms": ["x"]}}, {"template": True}, "template"),
        ({"include": {}, "exclude": None}, {}, None),
        ({"include": {"vms": []}}, {}, None),
        ({"include": {"vms": "erp1"}}, {"name": "erp1"}, None),
    ],
)
def test_include_and_exclude(request_: dict[str, Any], facts: dict[str, Any], expected: str | None) -> None:
    assert reason(request_, **facts) == expected


@pytest.mark.parametrize(
    "request_",
    [{"include": {"clusters": ["a"]}}, {"exclude": {"clusters": ["*"]}}, {"exclude": {"folders": ["*"]}}, {"exclude": {"tags": ["*"]}}],
)
def test_a_vm_stays_in_scope_when_what_is_asked_for_is_unknown(request_: dict[str, Any]) -> None:
    scope = scope_of(request_)
    assert scope.reason(vm("a", "vm-1")) is None
    assert [notice["code"] for notice in scope.notices() if notice["code"] == "scope_undecided"] == ["scope_undecided"]


def test_one_notice_counts_all_undecided_vms() -> None:
    scope = scope_of({"exclude": {"clusters": ["c*"], "tags": ["t"]}})
    for moref, facts in (("vm-1", {}), ("vm-2", {"cluster": "b"}), ("vm-3", {"cluster": "c1"}), ("vm-4", {"template": True})):
        scope.reason(vm("a", moref, **facts))
    (undecided,) = [notice for notice in scope.notices() if notice["code"] == "scope_undecided"]
    assert undecided["message"].startswith("2 VMs stay in scope")
    assert "clusters and tags: 1" in undecided["message"]
    assert "tags: 1" in undecided["message"]


def test_vms_that_may_be_templates_or_placeholders_are_counted_in_a_notice() -> None:
    scope = scope_of({})
    refused = {"template": "no permission", "srm_placeholder": "no permission", "notes": "no permission"}
    bare = {key: value for key, value in vm("a", "vm-1").items() if key not in refused}
    for facts in ({"unknown": refused}, {"unknown": {"notes": "no permission"}}, {"unknown": refused, "template": True}):
        scope.reason({**bare, **facts})
    (notice,) = scope.notices()
    assert (notice["code"], notice["id"]) == ("scope_undecided", "scope_undecided/facts")
    assert notice["message"].startswith("1 VM stays in scope, with a provisional verdict")
    assert notice["message"].endswith("(srm_placeholder and template: 1)")


def test_an_unknown_fact_does_not_matter_where_another_list_decides() -> None:
    scope = scope_of({"include": {"clusters": ["a"], "vms": ["erp*"]}})
    assert scope.reason(vm("a", "vm-1", name="web")) == "not included by the scope"
    assert scope.notices()[-1]["code"] == "scope_unmatched"


def test_a_pattern_that_matches_no_vm_is_told_even_when_another_list_decides() -> None:
    scope = scope_of({"include": {"clusters": ["a", "nowhere"]}, "exclude": {"vms": ["erp", "gone"], "folders": ["/x"]}})
    scope.reason(vm("a", "vm-1", name="erp", cluster="a", folder="/y"))
    assert [notice["id"] for notice in scope.notices()] == [
        "scope_unmatched/exclude.folders//x",
        "scope_unmatched/exclude.vms/gone",
        "scope_unmatched/include.clusters/nowhere",
    ]


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ([], ["readiness_scope is a list, not a mapping"]),
        ("clusters", ["readiness_scope is a text, not a mapping"]),
        ({"inclde": {}, "excludes": {}}, ["readiness_scope.excludes is not known", "readiness_scope.inclde is not known"]),
        ({"include": []}, ["readiness_scope.include is a list, not a mapping"]),
        (
            {"include": {"hosts": [], "vm": []}, "exclude": {"x": 1}},
            ["readiness_scope.include.hosts", "readiness_scope.include.vm", "readiness_scope.exclude.x"],
        ),
        (
            {"include": {"vms": ["a", 1]}, "exclude": {"tags": {"a": "b"}, "vms": [" "]}},
            ["readiness_scope.include.vms[1] is a number", "exclude.tags is a mapping", "exclude.vms[0] is empty"],
        ),
    ],
)
def test_every_fault_of_a_scope_is_listed(request_: Any, words: list[str]) -> None:
    _parsed, problems = parse_scope(request_)
    assert len(problems) == len(words)
    for word, problem in zip(words, problems, strict=True):
        assert word in problem.message
        assert problem.remedy


def test_a_misspelt_key_of_a_scope_names_the_one_that_was_meant() -> None:
    _parsed, problems = parse_scope({"inclde": {"clusters": ["a"]}, "exclude": {"folder": ["/Lab"]}})
    assert [problem.remedy.partition("?")[0] for problem in problems] == ["did you mean include", "did you mean folders"]


@pytest.mark.parametrize("nothing", [None, "", {}, {"include": None, "exclude": {}}, {"include": {"vms": None}}])
def test_a_scope_of_null_counts_as_not_given(nothing: Any) -> None:
    assert scope_of(nothing).reason(vm("a", "vm-1")) is None


def test_a_reason_of_another_kind_is_kept_and_an_old_one_of_ours_is_not() -> None:
    foreign = vm("a", "vm-1", out_of_scope="decommissioned")
    assert apply_reason(foreign, None) is foreign
    assert apply_reason(foreign, "template")["out_of_scope"] == "template"
    assert "out_of_scope" not in apply_reason(vm("a", "vm-1", out_of_scope="excluded by vm x"), None)
    same = vm("a", "vm-1", out_of_scope="template")
    assert apply_reason(same, "template") is same


def estate(folder: Path) -> Path:
    records: list[Record] = [
        source("a.xlsx"),
        of("vcenter", "a.xlsx", VCENTER, name="vc-north.example.com", vcenter=VCENTER),
        vm("a.xlsx", "vm-1", name="erp", cluster="prod"),
        vm("a.xlsx", "vm-2", name="golden", template=True, cluster="prod"),
        vm("a.xlsx", "vm-3", name="lab", cluster="lab"),
    ]
    return write_estate(folder / "saved.jsonl", records)


def test_vms_out_of_scope_stay_in_the_estate_with_the_reason(tmp_path: Path) -> None:
    result = run(tmp_path / "out.jsonl", estate(tmp_path), scope={"include": {"clusters": ["prod"]}})
    found = vms(tmp_path / "out.jsonl")
    assert {name: record.get("out_of_scope") for name, record in found.items()} == {
        "erp": None,
        "golden": "template",
        "lab": "not included by the scope",
    }
    assert (result.counts["vms"], result.counts["in_scope"], result.counts["out_of_scope"]) == (3, 1, 2)


def test_the_scope_of_an_earlier_run_does_not_stick(tmp_path: Path) -> None:
    run(tmp_path / "first.jsonl", estate(tmp_path), scope={"include": {"clusters": ["prod", "nowhere"]}})
    assert "notice" in read(tmp_path / "first.jsonl")
    run(tmp_path / "second.jsonl", tmp_path / "first.jsonl")
    assert "out_of_scope" not in vms(tmp_path / "second.jsonl")["lab"]
    assert "notice" not in read(tmp_path / "second.jsonl")


def test_vcenters_are_known_by_the_host_names_of_their_records(tmp_path: Path) -> None:
    result = run(tmp_path / "out.jsonl", estate(tmp_path), scope={"exclude": {"vcenters": ["vc-north.example.com"]}})
    assert result.counts["in_scope"] == 0


def test_a_scope_that_matches_nothing_warns(tmp_path: Path) -> None:
    result = run(tmp_path / "out.jsonl", estate(tmp_path), scope={"exclude": {"tags": ["x"], "clusters": ["typo"]}})
    assert any("typo matches no VM" in warning for warning in result.warnings)
    assert any("2 VMs stay in scope" in warning for warning in result.warnings)


def test_a_faulty_scope_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        run(tmp_path / "out.jsonl", estate(tmp_path), scope={"include": {"host": []}, "exclude": {"hosts": []}})
    assert raised.value.code == "scope_unusable"
    assert len(raised.value.problems) == 2
    assert not (tmp_path / "out.jsonl").exists()
