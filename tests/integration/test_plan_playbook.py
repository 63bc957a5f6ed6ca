# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan end to end, through the real commands: assess, then plan, offline onto the saved demo target."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import ArtifactReader, ArtifactWriter
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.target_stage import PREDICTED
from ansible_collections.groundwork.readiness.plugins.module_utils.common.artifact import ArtifactHeader

from .playbooks import CHECKOUT, DEMO_INVENTORY, Played, play

NOW = "2026-11-21T12:00:00Z"
DEMO = ("-i", str(DEMO_INVENTORY))
GIVEN = {"readiness_now": NOW}


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The demo estate, assessed."""
    played = play(tmp_path_factory.mktemp("assessed"), "assess", *DEMO, variables=GIVEN)
    assert played.code == 0, played.output
    return played


@pytest.fixture(scope="module")
def planned(assessed: Played, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The demo estate, planned onto the demo target."""
    played = planned_in(tmp_path_factory.mktemp("planned"), assessed)
    assert played.code == 0, played.output
    return played


def planned_in(folder: Path, assessed: Played, *arguments: str, **variables: Any) -> Played:
    """A copy of the assessed run, planned."""
    shutil.copytree(assessed.run_dir.parent, folder / "runs")
    return play(folder, "plan", *DEMO, *arguments, variables={**GIVEN, **variables})


def records(played: Played, kind: str) -> list[dict[str, Any]]:
    """The records of a kind in the plan."""
    lines = (played.run_dir / "plan.jsonl").read_text(encoding="utf-8").splitlines()
    return [record for record in map(json.loads, lines) if record["kind"] == kind]


def file_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder but run.json."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "run.json")
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_demo_plan_leaves_artifact_manifests_and_report(planned: Played) -> None:
    assert planned.stages() == {(stage, "localhost"): "ran" for stage in ("estate", "assessment", "target", "plan", "report")}
    counts = next(entry["counts"] for entry in planned.run_record()["stages"] if entry["stage"] == "plan")
    assert counts["placed"] > 40 and counts["waves"] > 3
    assert counts["vms"] == sum(counts[state] for state in ("placed", "settle_first", "blocked", "unplaced", "moved", "excluded"))
    assert (planned.run_dir / "manifests" / "mtv" / "kustomization.yaml").is_file()
    assert "plan:" in planned.output


def test_every_line_of_the_plan_fits_its_schema(planned: Played) -> None:
    schema = json.loads((CHECKOUT / "docs" / "schemas" / "plan.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    for line in (planned.run_dir / "plan.jsonl").read_text(encoding="utf-8").splitlines():
        validator.validate(json.loads(line))


def test_every_vm_is_in_a_wave_or_says_why_not(planned: Played) -> None:
    numbers = {wave["number"] for wave in records(planned, "wave")}
    for vm in records(planned, "vm"):
        if vm["state"] == "placed":
            assert vm["wave"] in numbers and vm["reasons"] and vm["plan"]
        elif vm["state"] == "unplaced":
            assert vm["blocked_by"] and all(entry["message"] and entry["remedy"] for entry in vm["blocked_by"])
        else:
            assert vm["reason"]


def test_planning_again_changes_nothing(planned: Played) -> None:
    before = file_hashes(planned.run_dir)
    again = play(planned.run_dir.parents[1], "plan", *DEMO, variables=GIVEN)
    assert again.code == 0, again.output
    assert "changed=0" in again.output
    assert file_hashes(planned.run_dir) == before


def test_bytes_depend_on_inputs_alone(assessed: Played, planned: Played, tmp_path: Path) -> None:
    environment = {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8"}
    shutil.copytree(assessed.run_dir.parent, tmp_path / "runs")
    other = play(tmp_path, "plan", *DEMO, variables=GIVEN, environment=environment)
    assert other.code == 0, other.output
    assert file_hashes(other.run_dir) == file_hashes(planned.run_dir)


def test_check_mode_predicts_into_the_run_directory_and_says_so(assessed: Played, tmp_path: Path) -> None:
    played = planned_in(tmp_path, assessed, "--check", "--diff")
    assert played.code == 0, played.output
    assert json.loads((played.run_dir / "plan.jsonl").read_text().splitlines()[0])["mode"] == "check"
    assert {path.name for path in tmp_path.iterdir()} - {".ansible"} == {"runs"}


def test_check_mode_leaves_a_plan_that_was_made_before_and_predicts_the_change(planned: Played, tmp_path: Path) -> None:
    shutil.copytree(planned.run_dir.parent, tmp_path / "runs")
    run_dir = tmp_path / "runs" / "run-1"
    before = _kept(run_dir)
    same = play(tmp_path, "plan", *DEMO, "--check", variables=GIVEN)
    assert same.code == 0, same.output
    assert "stands as it was made before" in " ".join(same.output.split())
    assert _changed(same, "Plan the waves") is False
    assert _stage(same, "target")["artifacts"] == _stage(planned, "target")["artifacts"]
    other = play(tmp_path, "plan", *DEMO, "--check", "--diff", variables={**GIVEN, "readiness_plan_max_vms": 3})
    assert other.code == 0, other.output
    assert _changed(other, "Plan the waves") is True
    assert _kept(run_dir) == before
    for name in ("counts", "inputs", "artifacts"):
        assert _stage(other, "plan")[name] == _stage(planned, "plan")[name]
    assert "Made now: " in other.output
    assert "Waves" in other.page()
    assert {path.name for path in tmp_path.iterdir()} - {".ansible"} == {"runs"}


def test_second_check_of_a_plan_that_stands_changes_nothing(planned: Played, tmp_path: Path) -> None:
    shutil.copytree(planned.run_dir.parent, tmp_path / "runs")
    for _time in range(2):
        played = play(tmp_path, "plan", *DEMO, "--check", variables=GIVEN)
        assert played.code == 0, played.output
    assert "changed=0" in played.output


def test_check_with_another_target_plans_with_it_and_leaves_the_target_of_the_plan(planned: Played, tmp_path: Path) -> None:
    shutil.copytree(planned.run_dir.parent, tmp_path / "runs")
    run_dir, other = tmp_path / "runs" / "run-1", tmp_path / "other.jsonl"
    with ArtifactWriter(other, ArtifactHeader("target", (), "apply")) as writer:
        for record in ArtifactReader(run_dir / "target.jsonl", "target"):
            if record["kind"] != "node":
                writer.write(record)
        writer.finish()
    before = _kept(run_dir)
    played = play(tmp_path, "plan", *DEMO, "--check", variables={**GIVEN, "readiness_target": str(other)})
    assert played.code == 0, played.output
    after = _kept(run_dir)
    assert after.pop(PREDICTED)
    assert after == before
    assert _changed(played, "Plan the waves") is True
    assert _stage(played, "plan")["inputs"] == _stage(planned, "plan")["inputs"]


def _kept(run_dir: Path) -> dict[str, str]:
    """SHA-256 of what check mode has to leave."""
    return {path: sha256 for path, sha256 in file_hashes(run_dir).items() if path.startswith(("target", "plan", "manifests/"))}


def _stage(played: Played, stage: str) -> dict[str, Any]:
    """What run.json has of a stage."""
    return next(entry for entry in played.run_record()["stages"] if entry["stage"] == stage)


def test_check_mode_replaces_what_an_earlier_check_left(assessed: Played, tmp_path: Path) -> None:
    first = planned_in(tmp_path, assessed, "--check")
    before = (first.run_dir / "plan.jsonl").read_bytes()
    again = play(tmp_path, "plan", *DEMO, "--check", variables={**GIVEN, "readiness_plan_max_vms": 3})
    assert again.code == 0, again.output
    assert (again.run_dir / "plan.jsonl").read_bytes() != before


def _changed(played: Played, task: str) -> bool:
    """Whether a task of the role plan reported a change."""
    after = played.output.partition(f"[groundwork.readiness.plan : {task}]")[2]
    lines = (line for line in after.splitlines() if line.startswith(("changed:", "ok:", "fatal:")))
    return next(lines, "").startswith("changed:")


def test_rules_that_mean_nothing_of_the_estate_are_refused_with_place_and_remedy(assessed: Played, tmp_path: Path) -> None:
    wrong = {
        "readiness_plan_networks": [{"source": "*", "type": "ignored"}, {"source": "ap-vlan-110", "type": "ignored"}],
        "readiness_plan_storage": [{"source": "nort-gold-01", "storage_class": "no-such-class"}],
        "readiness_plan_hosts": [{"host": "esx-s-prood-01.example.com", "address": "192.0.2.9", "secret": "esx"}],
    }
    played = planned_in(tmp_path, assessed, **wrong)
    assert played.code != 0
    text = " ".join(played.output.split())
    for place in ("plan_networks[1].source", "plan_storage[0].source", "plan_hosts[0].host"):
        assert f"{place} " in text
    assert "names like it are app-vlan-110" in text and "no-such-class is not on the target" in text
    assert not (played.run_dir / "plan.jsonl").exists()


def test_selector_that_means_no_vm_is_a_warning_and_a_note_of_the_plan(assessed: Played, tmp_path: Path) -> None:
    hooks = [{"match": {"tags": ["no/such"]}, "step": "PreHook", "name": "quiesce"}]
    played = planned_in(tmp_path, assessed, readiness_plan_hooks=hooks)
    assert played.code == 0, played.output
    assert "plan_hooks[0].match means no VM" in " ".join(played.output.split())
    (basis,) = records(played, "basis")
    assert "plan_hooks[0].match means no VM that is in scope" in basis["notes"]


def test_every_problem_of_the_variables_is_listed_and_nothing_is_planned(assessed: Played, tmp_path: Path) -> None:
    wrong = {
        "readiness_plan_windows": [{"name": "a", "start": "6:61", "end": "7:00"}, {"start": "20:00", "end": "20:00"}],
        "readiness_plan_freezes": [{"from": "2027-02-02", "to": "2027-01-01"}],
        "readiness_plan_timezone": "Nowhere/Land",
        "readiness_plan_storage": [{"source": "*", "storage_class": "no-such-class"}],
    }
    played = planned_in(tmp_path, assessed, **wrong)
    assert played.code != 0
    for place in ("plan_windows[0].start", "plan_windows[1].name", "plan_windows[1].end", "plan_freezes[0].to", "plan_timezone"):
        assert place in played.output
    assert "no-such-class is not on the target" in " ".join(played.output.split())
    assert "plan_windows has no window" not in " ".join(played.output.split())
    assert "Traceback" not in played.output
    assert played.stages()["plan", "localhost"] == "failed"
    assert not (played.run_dir / "plan.jsonl").exists()
    assert not (played.run_dir / "manifests").exists()


def test_mapping_to_a_class_that_the_target_lacks_is_refused_with_those_that_it_has(assessed: Played, tmp_path: Path) -> None:
    played = planned_in(tmp_path, assessed, readiness_plan_storage=[{"source": "*", "storage_class": "no-such-class"}])
    assert played.code != 0
    assert "no-such-class is not on the target" in " ".join(played.output.split())


def test_limit_that_no_vm_can_meet_is_refused_with_an_example(assessed: Played, tmp_path: Path) -> None:
    played = planned_in(tmp_path, assessed, readiness_plan_limits={"tib": 0.000001})
    assert played.code != 0
    assert "plan_limits.tib lets no VM into a wave" in " ".join(played.output.split())
    assert not (played.run_dir / "plan.jsonl").exists()


def test_dependency_cycle_is_named_in_full(assessed: Played, tmp_path: Path) -> None:
    owners = tmp_path / "owners.csv"
    owners.write_text("name,depends_on\nerp-app-01,erp-app-02\nerp-app-02,erp-app-03\nerp-app-03,erp-app-01\n", encoding="utf-8")
    assert play(tmp_path, "assess", *DEMO, variables={**GIVEN, "readiness_annotations": [str(owners)]}).code == 0
    played = play(tmp_path, "plan", *DEMO, variables=GIVEN)
    assert played.code != 0
    text = " ".join(played.output.split())
    assert all(name in text for name in ("erp-app-01", "erp-app-02", "erp-app-03", "depends on"))
    assert "Traceback" not in text


def test_freeze_that_leaves_no_day_is_refused(assessed: Played, tmp_path: Path) -> None:
    frozen = {"readiness_plan_freezes": [{"from": "2026-11-01", "to": "2027-12-31"}], "readiness_plan_last_day": "2027-12-01"}
    played = planned_in(tmp_path, assessed, **frozen)
    assert played.code != 0
    assert "plan_freezes" in played.output


def test_saved_target_of_another_cluster_is_refused(assessed: Played, tmp_path: Path) -> None:
    played = planned_in(tmp_path, assessed, readiness_target_cluster="00000000-0000-4000-8000-000000000000")
    assert played.code != 0
    assert played.stages()["target", "localhost"] == "failed"
    assert not (played.run_dir / "target.jsonl").exists()


def test_without_a_target_waves_are_planned_and_fit_is_not_evaluated(assessed: Played, tmp_path: Path) -> None:
    shutil.copytree(assessed.run_dir.parent, tmp_path / "runs")
    played = play(tmp_path, "plan", "-i", "localhost,", variables=GIVEN)
    assert played.code == 0, played.output
    (fit,) = records(played, "fit")
    assert (fit["evaluated"], fit["reason"]) == (False, "no target was read")
    assert records(played, "wave") and not records(played, "manifest")


def test_plan_without_an_assessed_run_says_what_to_run_first(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    played = play(tmp_path, "plan", *DEMO, variables={**GIVEN, "readiness_run_id": ""})
    assert played.code != 0
    assert "groundwork.readiness.assess" in played.output


def test_moved_vms_and_finished_waves_of_an_earlier_plan_stand(planned: Played, tmp_path: Path) -> None:
    earlier = tmp_path / "earlier.jsonl"
    earlier.write_bytes((planned.run_dir / "plan.jsonl").read_bytes())
    again = planned_in(tmp_path, planned, readiness_plan_previous=str(earlier))
    assert again.code == 0, again.output
    kept = {vm["id"]: (vm.get("namespace"), vm.get("target_name")) for vm in records(planned, "vm") if vm["state"] == "placed"}
    now = {vm["id"]: (vm.get("namespace"), vm.get("target_name")) for vm in records(again, "vm") if vm["state"] == "placed"}
    assert kept == now
