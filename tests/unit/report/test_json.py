# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as JSON: valid by its schema, complete, without null."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_json import VM_PLAN_FACTS, write_json
from ansible_collections.groundwork.readiness.plugins.module_utils.report import namespaces_view, plan_view, platform_view, view

from tests.unit.report import factory, namespaces_factory, plan_factory, platform_factory

SCHEMA = Path(__file__).resolve().parents[3] / "docs" / "schemas" / "report.schema.json"
DEFINITIONS = {
    "cause": view.CauseView,
    "conflict": view.ConflictView,
    "evidence": view.EvidenceView,
    "excluded": view.ExcludedView,
    "finding": view.FindingView,
    "input": view.InputView,
    "group_count": view.GroupCount,
    "not_seen": view.NotSeenView,
    "performance": view.PerformanceView,
    "problem": view.ProblemView,
    "reason": view.ReasonView,
    "rule": view.RuleView,
    "settle_source": view.SettleSource,
    "settle_step": view.SettleStep,
    "source": view.SourceView,
    "stage": view.StageView,
    "unknown": view.UnknownView,
    "verdict_count": view.VerdictCount,
    "vm": view.VmView,
}
PLAN_DEFINITIONS = {
    "class_use": plan_view.ClassUseView,
    "condition": plan_view.ConditionView,
    "counted": plan_view.CountView,
    "fit": plan_view.FitView,
    "freed_host": plan_view.FreedHostView,
    "kept_out": plan_view.KeptOutView,
    "kept_out_entry": plan_view.KeptOutEntry,
    "manifest": plan_view.ManifestView,
    "method": plan_view.MethodView,
    "move_group": plan_view.MoveGroupView,
    "network_map": plan_view.NetworkMapView,
    "node_use": plan_view.NodeUseView,
    "plan_settle": plan_view.PlanSettleView,
    "rate": plan_view.RateView,
    "release": plan_view.ReleaseView,
    "release_step": plan_view.ReleaseStep,
    "risk": plan_view.RiskView,
    "shortage": plan_view.ShortageView,
    "storage_map": plan_view.StorageMapView,
    "target": plan_view.TargetReportView,
    "target_class": plan_view.TargetClassView,
    "target_node": plan_view.TargetNodeView,
    "tie": plan_view.TieView,
    "unread": plan_view.UnreadView,
    "wave": plan_view.WaveView,
}
"""Of the plan and the target; `plan` is without its findings, and `vm_plan` holds what `VM_PLAN_FACTS` names."""

PLATFORM_DEFINITIONS = {
    "accelerator": platform_view.AcceleratorView,
    "alert": platform_view.AlertView,
    "application": platform_view.ApplicationView,
    "check_finding": platform_view.CheckFindingView,
    "choice": platform_view.ChoiceView,
    "crd_change": platform_view.CrdChangeView,
    "document": platform_view.DocumentView,
    "forecast": platform_view.ForecastView,
    "gate": platform_view.GateView,
    "group": platform_view.GroupView,
    "image": platform_view.ImageView,
    "image_policy": platform_view.ImagePolicyView,
    "layer": platform_view.LayerView,
    "login": platform_view.LoginView,
    "model": platform_view.ModelView,
    "operator": platform_view.OperatorView,
    "persona": platform_view.PersonaView,
    "pipeline": platform_view.PipelineView,
    "platform": platform_view.PlatformView,
    "platform_cluster": platform_view.PlatformClusterView,
    "platform_evidence": platform_view.EvidencePart,
    "platform_object": platform_view.ObjectView,
    "platform_step": platform_view.StepView,
    "request": platform_view.RequestView,
    "upgrade": platform_view.UpgradeView,
    "watch": platform_view.WatchView,
}

NAMESPACES_DEFINITIONS = {
    "namespace_access": namespaces_view.AccessView,
    "namespace_contract": namespaces_view.ContractView,
    "namespace_grant": namespaces_view.GrantView,
    "namespace_headroom": namespaces_view.HeadroomView,
    "namespace_owner": namespaces_view.OwnerView,
    "namespace_proof": namespaces_view.ProofView,
    "namespaces": namespaces_view.NamespacesView,
}


@pytest.fixture(scope="module")
def schema() -> Any:
    """The schema that the collection ships."""
    return json.loads(SCHEMA.read_text(encoding="utf-8"))


def written(report: view.ReportView, folder: Path) -> Any:
    """The report as JSON, read back."""
    write_json(report, folder / "report.json")
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "report",
    [
        factory.make_view(60),
        factory.failed_view(),
        factory.failed_view(5),
        factory.empty_view(),
        plan_factory.planned_view(20),
        platform_factory.platform_view("check"),
        platform_factory.alone_view(),
        namespaces_factory.namespaces_view("check"),
        namespaces_factory.alone_view(),
        namespaces_factory.alone_view("verify", namespaces_factory.saved_records()),
    ],
    ids=[
        "whole",
        "failed",
        "partial",
        "empty",
        "planned",
        "platform",
        "platform alone",
        "namespaces",
        "namespaces alone",
        "namespaces of a saved target",
    ],
)
def test_report_is_valid_by_the_schema(report: view.ReportView, schema: Any, tmp_path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(written(report, tmp_path), schema, jsonschema.Draft202012Validator)


def test_schema_knows_every_field_of_the_view(schema: Any) -> None:
    assert {field.name for field in fields(view.ReportView)} == set(schema["properties"]) - {"schema", "schema_version"}
    defined = {**DEFINITIONS, **PLAN_DEFINITIONS, **PLATFORM_DEFINITIONS, **NAMESPACES_DEFINITIONS}
    assert set(schema["$defs"]) == {*defined, "plan", "vm_plan"}
    for name, kind in defined.items():
        assert {field.name for field in fields(kind)} == set(schema["$defs"][name]["properties"]), name
    plan = {field.name for field in fields(plan_view.PlanView)} - {"findings"}
    assert plan == set(schema["$defs"]["plan"]["properties"])
    assert {"state", "constraints", "settle", *VM_PLAN_FACTS} == set(schema["$defs"]["vm_plan"]["properties"])


def test_vm_is_written_with_its_facts_and_evidence(tmp_path: Path) -> None:
    report = factory.make_view(30)
    vm = next(vm for vm in report.vms if vm.findings)
    record = next(record for record in written(report, tmp_path)["vms"] if record["id"] == vm.id)
    assert (record["verdict"], record["score"], record["cluster"], record["cpu_count"]) == (vm.verdict, vm.score, vm.cluster, vm.cpu_count)
    assert record["findings"][0]["evidence"][0]["observed"] == vm.findings[0].evidence[0].observed


def test_gaps_of_sources_stand_at_the_sources(tmp_path: Path) -> None:
    report = factory.make_view(60)
    content = written(report, tmp_path)
    shared = {source["id"]: set(source["gaps"]) for source in content["sources"]}
    for vm, record in zip(report.vms, content["vms"], strict=True):
        of_sources = set().union(*(shared[source] for source in record["sources"]))
        assert not set(record["gaps"]) & of_sources
        assert set(record["gaps"]) | of_sources == set(vm.gaps)


def test_what_is_unknown_is_absent_and_null_is_never_written(tmp_path: Path) -> None:
    base = factory.make_view(1)
    vm = replace(base.vms[0], cpu_count=None, owner="", nic_count=0)
    write_json(replace(base, vms=(vm,), score_mean=None), tmp_path / "report.json")
    text = (tmp_path / "report.json").read_text(encoding="utf-8")
    content = json.loads(text)
    assert "null" not in text
    assert "score_mean" not in content
    assert not {"cpu_count", "owner"} & set(content["vms"][0])
    assert content["vms"][0]["nic_count"] == 0


def test_figures_of_a_run_without_assessment_and_estate_are_left_out(tmp_path: Path) -> None:
    content = written(factory.failed_view(), tmp_path)
    assert not {"in_scope", "estate_vm_count", "provisional", "score_mean"} & set(content)


def test_sum_of_which_nothing_is_known_is_absent_and_its_vms_are_counted(tmp_path: Path, schema: Any) -> None:
    report = replace(factory.make_view(2), verdicts=(view.VerdictCount("ready", 2, 0, None, 4096, None, 2, 1, 2),))
    content = written(report, tmp_path)
    jsonschema.validate(content, schema, jsonschema.Draft202012Validator)
    (count,) = content["verdicts"]
    assert not {"cpu_count", "disk_bytes"} & set(count)
    assert (count["memory_mib"], count["cpu_unknown"], count["memory_unknown"], count["disk_unknown"]) == (4096, 2, 1, 2)


def test_inputs_are_named_with_sha256_and_capture(tmp_path: Path) -> None:
    content = written(factory.make_view(2), tmp_path)
    assert [sorted(entry) for entry in content["inputs"]] == [["name", "sha256"], ["captured_at", "name", "sha256"]]
