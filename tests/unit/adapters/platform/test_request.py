# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters of the platform module become a request, and the stage's result becomes the module's."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.request import (
    CHECK,
    VERIFY,
    PlatformRequest,
    PlatformResult,
    platform_request,
    work,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.run_directory import RunDirectory
from ansible_collections.groundwork.readiness.plugins.module_utils.common.artifact import ArtifactWritten
from ansible_collections.groundwork.readiness.plugins.module_utils.common.calls import ModuleCall
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ArtifactError, InputError
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.plugin_utils.platform_files import load

from tests.unit.platform.desired.documents import changed, example

CLUSTER = {"host": "https://api.example.com:6443", "api_key": "t0ken"}
WAIVER = {"check": "platform.cluster.rights", "owner": "team-a@example.com", "reason": "r", "expires": "2027-01-03"}


def parameters(folder: Path, document: object, **more: Any) -> dict[str, Any]:
    """The module's parameters, as the action plugin hands them over."""
    run_dir = folder / "run"
    if not run_dir.exists():
        RunDirectory(run_dir).open(run_id="run", now="2027-01-04T08:15:00Z", mode="apply", playbook="platform", started_at="x")
    loaded = json.loads(json.dumps(load(document, folder)))
    usual: dict[str, Any] = {
        "run_dir": str(run_dir),
        "host": "hub",
        "base_dir": str(folder),
        "cluster": CLUSTER,
        "part": "operators",
        "parts": None,
        "mode": "apply",
        "prune": False,
        "wait_minutes": 30.0,
        "lock_wait_minutes": 0.0,
        "gitops_dir": None,
        "respected_managers": None,
        "loaded": loaded,
        "directories": None,
        "rollback": None,
        "promtool": None,
    }
    return {**usual, **more}


def request_of(folder: Path, document: object, *, check: bool = False, **more: Any) -> PlatformRequest:
    """The request that comes of it."""
    return platform_request(parameters(folder, document, **more), check=check, diff=False)


def test_request_has_the_document_the_facts_and_the_day_of_the_run(tmp_path: Path) -> None:
    request = request_of(tmp_path, example("small"), gitops_dir="gitops", respected_managers=["argocd*"])
    assert request.problems == []
    assert (request.run_id, request.today, request.mode, request.parts) == ("run", "2027-01-04", "apply", ("operators",))
    assert request.desired.operators is not None
    assert len(request.catalogue.operators) == 17
    assert request.dest == tmp_path / "run" / "parts" / "platform-operators.jsonl"
    assert request.gitops_dir == tmp_path / "gitops"
    assert request.respected == ("argocd*",)
    assert [source.name for source in request.inputs] == ["readiness_platform"]


@pytest.mark.parametrize(
    ("chosen", "parts"),
    [
        (None, ("prerequisites", "operators", "accelerators", "openshift_ai", "identity", "monitoring", "delivery")),
        ([], ("prerequisites", "operators", "accelerators", "openshift_ai", "identity", "monitoring", "delivery")),
        (["openshift_ai", "operators"], ("operators", "openshift_ai")),
    ],
)
def test_preflight_looks_at_the_parts_that_are_wanted_in_their_order(
    chosen: list[str] | None, parts: tuple[str, ...], tmp_path: Path
) -> None:
    assert request_of(tmp_path, example("small"), part="preflight", parts=chosen).parts == parts


def test_check_mode_beats_the_mode_that_was_asked_for(tmp_path: Path) -> None:
    assert request_of(tmp_path, example("small"), check=True, mode="verify").mode == CHECK


def test_fault_in_a_part_that_is_not_asked_for_refuses_all_the_same(tmp_path: Path) -> None:
    document = changed(example("small"), ("openshift_ai.components.kueue", "Managed"))
    (problem,) = request_of(tmp_path, document, part="operators").problems
    assert problem.message.startswith("openshift_ai.components.kueue is Managed")


def test_faults_of_document_cluster_and_minutes_are_listed_together(tmp_path: Path) -> None:
    document = changed(example("small"), ("operators.wanted.0.name", 7))
    request = request_of(tmp_path, document, cluster={"hots": "x"}, wait_minutes=0.0)
    assert [problem.message for problem in request.problems] == [
        "operators.wanted[0].name is 7, not a text",
        "host hub: cluster.hots is not known",
        "wait_minutes is 0",
    ]


def test_document_that_is_not_given_is_a_fault_and_no_empty_document(tmp_path: Path) -> None:
    (problem,) = request_of(tmp_path, None).problems
    assert problem.message == "readiness_platform is not given"


def test_file_that_cannot_be_read_is_the_only_fault_that_is_told_of_the_document(tmp_path: Path) -> None:
    (problem,) = request_of(tmp_path, ["none.yml", {"operators": 7}]).problems
    assert (problem.file, problem.message) == ("none.yml", "the file cannot be read: no such file or directory")


def test_expired_waiver_stops_a_run_that_writes_and_is_a_warning_to_one_that_only_looks(tmp_path: Path) -> None:
    document = {"schema_version": "1.0", "waivers": [WAIVER]}
    assert [problem.message for problem in request_of(tmp_path, document).problems] == [
        "waivers[0].expires is 2027-01-03: the waiver has expired"
    ]
    request = request_of(tmp_path, document, mode=VERIFY)
    assert request.problems == []
    assert "the waiver has expired" in request.warnings[0]


def test_shipped_facts_that_are_damaged_are_named(tmp_path: Path) -> None:
    given = parameters(tmp_path, example("small"))
    given["loaded"]["catalogue"]["operators"]["nfd"]["package"] = 7
    given["loaded"]["catalogue"]["classes"] = {}
    with pytest.raises(ArtifactError) as caught:
        platform_request(given, check=False, diff=False)
    assert [problem.text() for problem in caught.value.problems] == [
        "operators.yml: operators.nfd.package is 7, not a text (put it in quotes)",
        "classes.yml: holds no facts",
    ]


def answer(request: PlatformRequest) -> PlatformResult:
    """What the stage may answer."""
    findings = (
        CheckFinding("platform.operators.object", "operators", "Namespace x", "missing", "pass", action="create"),
        CheckFinding("platform.operators.object", "operators", "Namespace y", "in_step", "pass"),
        CheckFinding("platform.operators.pin", "operators", "operator nfd", "missing", "fail", message="m"),
    )
    written = ArtifactWritten(str(request.dest), "0" * 64, True, {})
    diffs = {"Namespace x": ({}, {"kind": "Namespace", "metadata": {"name": "x"}})}
    return PlatformResult(written, findings, True, {"pass": 2, "fail": 1}, "cluster-1", diffs, calls=7, warnings=("w",))


def test_result_lists_what_failed_and_what_was_done_and_shows_the_diff(tmp_path: Path) -> None:
    outcome = work(ModuleCall(parameters(tmp_path, example("small")), False, True), answer)
    assert outcome.changed
    assert [entry["subject"] for entry in outcome.result["findings"]] == ["Namespace x", "operator nfd"]
    assert outcome.artifacts == {"platform-operators.jsonl": "0" * 64}
    assert list(outcome.inputs) == ["readiness_platform"]
    assert outcome.warnings == ("w",)
    assert outcome.diff is not None and outcome.diff["after"].startswith("--- # Namespace x\nkind: Namespace")
    assert outcome.diff["before"] == ""


def test_nothing_is_asked_of_the_stage_while_the_document_is_at_fault(tmp_path: Path) -> None:
    asked = []

    def stage(request: PlatformRequest) -> PlatformResult:
        asked.append(request)
        return answer(request)

    with pytest.raises(InputError) as caught:
        work(ModuleCall(parameters(tmp_path, {"schema_version": 1}), False, False), stage)
    assert asked == []
    assert caught.value.code == "platform_document"
    assert caught.value.problems[0].remedy == "put it in quotes"


def test_request_without_a_run_has_no_day(tmp_path: Path) -> None:
    given = replace(request_of(tmp_path, example("small")), run_id="")
    assert given.run_id == ""
    request = platform_request({**parameters(tmp_path, example("small")), "run_dir": str(tmp_path / "none")}, check=False, diff=False)
    assert request.today == ""
