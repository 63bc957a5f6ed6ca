# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the parts of the platform left becomes one artifact: the last look counts, and what was not reached is named."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import ArtifactReader, ArtifactWriter
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.part_files import platform_part_path
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.merging import finding_of, merge, read_parts, work
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.run_directory import RunDirectory, StageRecord
from ansible_collections.groundwork.readiness.plugins.module_utils.common.artifact import ArtifactHeader, ArtifactInput, JsonRecord
from ansible_collections.groundwork.readiness.plugins.module_utils.common.calls import ModuleCall, Outcome
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ArtifactError
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding, Evidence
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.checks import LAYERS

PARTS = ("prerequisites", "operators", "accelerators", "openshift_ai", "identity", "monitoring", "delivery")


def finding(part: str, result: str = "pass", subject: str = "x", **more: Any) -> JsonRecord:
    """A finding of a part, in the layer that is most its own."""
    layer = {"openshift_ai": "ai_platform"}.get(part, part)
    usual: dict[str, Any] = {"message": "m" if result == "fail" else "", "layer": layer}
    state = "in_step" if result == "pass" else "changed"
    return CheckFinding(f"platform.{part}.ready", part, subject, state, result, **{**usual, **more}).as_record()


def leave(run: RunDirectory, part: str, *records: JsonRecord, mode: str = "apply", state: str = "ran", cluster: str = "c1") -> None:
    """Writes what a part left, and notes it in the run."""
    path = platform_part_path(run.path, part)
    parts = list(PARTS) if part == "preflight" else [part]
    extra: Mapping[str, Any] = {"parts": parts, "catalogue": {"version": "1.0", "sha256": "0" * 64}, "cluster": cluster}
    header = ArtifactHeader("platform", (ArtifactInput("site.yml", "1" * 64),), mode, extra)
    with ArtifactWriter(path, header) as writer:
        for record in sorted(records, key=lambda record: (record["kind"], record["id"])):
            writer.write(record)
        written = writer.finish()
    run.record(StageRecord("platform", f"hub {part}", state, artifacts={path.name: written.sha256}))


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """A run that was opened."""
    directory = RunDirectory(tmp_path / "run")
    directory.open(run_id="run", now="2027-01-04T08:15:00Z", mode="apply", playbook="platform", started_at="x")
    return directory


def merged(run: RunDirectory, **more: Any) -> tuple[Outcome, dict[tuple[str, str], JsonRecord]]:
    """The module's outcome, and the records of the artifact."""
    outcome = work(ModuleCall({"run_dir": str(run.path), "parts": None, **more}))
    return outcome, {(record["kind"], record["id"]): record for record in ArtifactReader(run.path / "platform.jsonl", "platform")}


def test_part_that_ran_replaces_what_the_preflight_found_of_it(run: RunDirectory) -> None:
    leave(run, "preflight", finding("operators", "fail"), finding("operators", "fail", "gone"), finding("accelerators", "fail"))
    leave(run, "operators", finding("operators", "pass"))
    outcome, records = merged(run)
    found = {identity: record["result"] for (kind, identity), record in records.items() if kind == "finding"}
    assert found == {
        "operators/platform.operators.ready/x": "pass",
        "accelerators/platform.accelerators.ready/x": "fail",
    }
    assert outcome.result["failing"] == ["accelerators/platform.accelerators.ready/x"]
    assert outcome.result["parts"] == ["operators"]
    assert outcome.counts["failed"] == 1


def test_parts_that_did_not_run_are_named_and_those_that_were_not_wanted_are_not(run: RunDirectory) -> None:
    leave(run, "preflight")
    leave(run, "prerequisites", finding("prerequisites"))
    outcome, records = merged(run, parts=["prerequisites", "operators"])
    assert outcome.result["lacking"] == ["operators"]
    notices = [record for (kind, _identity), record in records.items() if kind == "notice"]
    assert [record["message"] for record in notices] == ["part operators did not run, after prerequisites had"]


def test_of_the_cluster_the_last_look_counts(run: RunDirectory) -> None:
    reading = {"kind": "reading", "id": "nodes", "state": "read"}
    leave(run, "preflight", {**reading, "count": 1}, {"kind": "cluster", "id": "c1", "openshift_version": "4.20.1"})
    leave(run, "operators", {**reading, "count": 2}, {"kind": "cluster", "id": "c1", "openshift_version": "4.21.0"})
    _outcome, records = merged(run)
    assert records["reading", "nodes"]["count"] == 2
    assert records["cluster", "c1"]["openshift_version"] == "4.21.0"


def test_layers_are_told_by_all_findings_and_there_are_all_of_them(run: RunDirectory) -> None:
    leave(run, "preflight", finding("openshift_ai", "pass", action="create"))
    leave(run, "prerequisites", finding("prerequisites"))
    leave(run, "operators", finding("operators"), finding("operators", "fail", "y"))
    _outcome, records = merged(run)
    layers = {identity: record["state"] for (kind, identity), record in records.items() if kind == "layer"}
    assert layers["prerequisites"] == "ready"
    assert layers["operators"] == "broken"
    # It passed as something that a run would make, and no run has made it.
    assert layers["ai_platform"] == "missing"
    assert set(layers) == set(LAYERS)
    assert records["layer", "operators"]["counts"]["pass"] == 1


def test_layer_that_no_part_of_the_run_looked_at_is_not_told_as_ready(run: RunDirectory) -> None:
    leave(run, "operators", finding("operators"))
    _outcome, records = merged(run)
    assert {identity for kind, identity in records if kind == "layer"} == {"cluster", "operators"}


def test_waived_failure_keeps_its_word_through_the_merge(run: RunDirectory) -> None:
    leave(run, "operators", finding("operators", "waived", "y", message="waived by team-a@example.com until 2027-03-31: r"))
    outcome, records = merged(run)
    assert outcome.counts == {"pass": 0, "fail": 0, "not_applicable": 0, "waived": 1, "not_evaluated": 0, "failed": 0}
    assert records["layer", "operators"]["state"] == "ready"


def test_finding_comes_back_from_its_record_as_it_was() -> None:
    evidence = (Evidence("Node n", "status", "a", "b"),)
    first = CheckFinding("c", "p", "s", "changed", "fail", "warning", "m", "r", evidence, "update", True, "operators", "a.b", ("f",))
    assert finding_of(first.as_record()) == first


def test_part_that_is_from_an_earlier_run_is_passed_over(run: RunDirectory) -> None:
    leave(run, "operators", finding("operators", "fail"))
    run.go_on(now="2027-01-05T08:15:00Z", mode="apply", playbook="platform", anew=["platform"])
    leave(run, "prerequisites", finding("prerequisites"))
    assert [read.part for read in read_parts(run)] == ["prerequisites"]


def test_part_that_was_changed_since_is_refused(run: RunDirectory) -> None:
    leave(run, "operators", finding("operators"))
    recorded = run.read()["stages"][0]["artifacts"]
    leave(run, "operators", finding("operators", "fail"))
    run.record(StageRecord("platform", "hub operators", "ran", artifacts=recorded))
    with pytest.raises(ArtifactError) as caught:
        merged(run)
    assert caught.value.code == "artifact_changed"


def test_part_that_failed_after_it_had_left_its_findings_counts(run: RunDirectory) -> None:
    leave(run, "operators", finding("operators", "fail"), state="failed")
    assert merged(run)[0].result["failing"] == ["operators/platform.operators.ready/x"]


def test_nothing_to_merge_is_said_as_such(run: RunDirectory) -> None:
    with pytest.raises(ArtifactError) as caught:
        merged(run)
    assert caught.value.code == "platform_nothing"


def test_equal_parts_give_equal_bytes_and_are_no_change(run: RunDirectory) -> None:
    records = [finding(part, subject=str(number)) for part in PARTS for number in range(5)]
    random.Random(7).shuffle(records)
    for part in PARTS:
        leave(run, part, *(record for record in records if record["part"] == part))
    first, _records = merged(run)
    again, _records = merged(run)
    assert first.changed and not again.changed
    assert first.result["sha256"] == again.result["sha256"]


def test_verification_by_one_look_is_the_whole_of_its_parts(run: RunDirectory) -> None:
    found = [finding(part, "fail" if part == "operators" else "pass") for part in PARTS]
    leave(run, "preflight", *found, mode="verify")
    outcome, records = merged(run)
    assert outcome.result["lacking"] == []
    assert outcome.result["failing"] == ["operators/platform.operators.ready/x"]
    assert [key for key in records if key[0] == "notice"] == []
    assert records["layer", "accelerators"]["state"] == "ready"


def test_header_has_the_parts_that_ran_the_cluster_and_each_input_once(run: RunDirectory) -> None:
    leave(run, "preflight")
    leave(run, "prerequisites", mode="verify")
    leave(run, "operators", mode="verify")
    header = merge(list(read_parts(run)), PARTS).header
    assert header.extra["parts"] == ["prerequisites", "operators"]
    assert header.extra["cluster"] == "c1"
    assert [entry.name for entry in header.inputs] == ["site.yml"]
    assert header.mode == "verify"
