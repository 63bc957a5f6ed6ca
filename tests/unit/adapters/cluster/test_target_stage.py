# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The target stage: from a cluster, or from what was saved of one, to target.jsonl."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import ArtifactReader, ArtifactWriter, file_sha256
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster import reader as cluster_reader
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.run_directory import RunDirectory
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.target_request import target_request, work
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.target_stage import (
    PREDICTED,
    TargetRequest,
    TargetResult,
    run_target,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.common.artifact import (
    SCHEMA_VERSIONS,
    ArtifactHeader,
    ArtifactInput,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.common.calls import ModuleCall
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ArtifactError, InputError, ReadinessError
from ansible_collections.groundwork.readiness.plugins.module_utils.target.readings import RESOURCES, cluster_role
from jsonschema import Draft202012Validator

from tests.tools.target_role import CHECKOUT, ROLE, role_text
from tests.unit.adapters.cluster.fake_api import KUBE_SYSTEM_UID, FakeApi, connected, path_of, refusal

NODES = "/api/v1/nodes"
NOW = "2026-11-21T08:00:00Z"
CURRENT = ".".join(map(str, SCHEMA_VERSIONS["target"]))


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> FakeApi:
    """A cluster that every connection leads to."""
    found = FakeApi({NODES: [{"metadata": {"name": f"node-{number}", "uid": f"u{number}"}, "status": {}} for number in range(3)]})
    monkeypatch.setattr(cluster_reader, "connect", lambda settings: connected(found))
    return found


def read(folder: Path, **changes: Any) -> TargetResult:
    return run_target(TargetRequest(**{"dest": folder / "target.jsonl", "now": NOW, **changes}))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_cluster_becomes_an_artifact(api: FakeApi, tmp_path: Path) -> None:
    result = read(tmp_path)
    header, *_records = found = lines(tmp_path / "target.jsonl")
    assert (header["schema"], header["mode"], header["inputs"], header["captured_at"]) == ("groundwork.readiness/target", "apply", [], NOW)
    assert result.changed
    assert (result.calls, result.kinds["node"]) == (len(RESOURCES) + 2, 3)
    assert result.gist.cluster["id"] == KUBE_SYSTEM_UID
    assert left_in(tmp_path) == ["target.jsonl"]
    schema = json.loads((CHECKOUT / "docs" / "schemas" / "target.schema.json").read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema)
    assert [error.message for line in found for error in validator.iter_errors(line)] == []


def test_a_second_reading_changes_nothing(api: FakeApi, tmp_path: Path) -> None:
    first = read(tmp_path)
    second = read(tmp_path)
    assert not second.changed
    assert second.sha256 == first.sha256


def test_a_saved_target_is_copied_and_named(api: FakeApi, tmp_path: Path) -> None:
    live = read(tmp_path)
    saved = tmp_path / "lab.jsonl.gz"
    saved.write_bytes(gzip.compress((tmp_path / "target.jsonl").read_bytes()))
    result = read(tmp_path / "run", saved=saved, now="2027-01-01T00:00:00Z")
    header, *records = lines(tmp_path / "run" / "target.jsonl")
    assert header["inputs"] == [{"name": "lab.jsonl.gz", "sha256": file_sha256(saved), "captured_at": NOW}]
    assert header["captured_at"] == NOW
    assert records == lines(tmp_path / "target.jsonl")[1:]
    assert (result.inputs, result.kinds, result.calls) == ({"lab.jsonl.gz": file_sha256(saved)}, live.kinds, 0)


def test_all_flaws_of_a_saved_target_are_listed_with_their_row(api: FakeApi, tmp_path: Path) -> None:
    records = [
        {"kind": "node", "id": "a", "allocatable_pods": "many", "ready": 1},
        {"kind": "node", "id": "b", "capacity_memory_bytes": -1},
        {"kind": "reading", "id": "nodes", "state": "perhaps"},
        {"kind": "thing_of_later", "id": "x", "any": None},
    ]
    saved = written(tmp_path / "lab.jsonl", records)
    with pytest.raises(ArtifactError) as caught:
        read(tmp_path / "run", saved=saved)
    assert [(problem.row, problem.message.partition(" is")[0]) for problem in caught.value.problems] == [
        (2, "node a: ready"),
        (2, "node a: allocatable_pods"),
        (3, "node b: capacity_memory_bytes"),
        (4, "reading nodes: state"),
    ]
    assert left_in(tmp_path / "run") == []


def written(path: Path, records: list[dict[str, Any]], schema_version: str = CURRENT) -> Path:
    """A saved target with these records."""
    with ArtifactWriter(path, ArtifactHeader("target")) as writer:
        for record in records:
            writer.write(record)
        writer.finish()
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f'"schema_version":"{CURRENT}"', f'"schema_version":"{schema_version}"'), encoding="utf-8")
    return path


def test_a_newer_minor_version_is_read_with_a_warning(tmp_path: Path) -> None:
    saved = written(tmp_path / "lab.jsonl", [{"kind": "reading", "id": "nodes", "state": "postponed"}], "1.9")
    assert any("1.9" in warning for warning in read(tmp_path / "run", saved=saved).warnings)


@pytest.mark.parametrize(
    ("name", "content", "code"), [("none.jsonl", None, "artifact_unreadable"), ("cut.jsonl", b'{"kind"', "artifact_damaged")]
)
def test_a_saved_target_that_cannot_be_used_is_refused(tmp_path: Path, name: str, content: bytes | None, code: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ArtifactError) as caught:
        read(tmp_path / "run", saved=tmp_path / name)
    assert caught.value.code == code


@pytest.mark.parametrize("is_saved", [True, False])
def test_a_target_of_another_cluster_is_refused(api: FakeApi, tmp_path: Path, is_saved: bool) -> None:
    read(tmp_path)
    changes = {"saved": tmp_path / "target.jsonl"} if is_saved else {}
    assert read(tmp_path / "run", expected_cluster=KUBE_SYSTEM_UID, **changes).kinds["node"] == 3
    with pytest.raises(InputError) as caught:
        read(tmp_path / "other", expected_cluster="someone-else", **changes)
    assert caught.value.code == "target_other_cluster"
    place = "target.jsonl" if is_saved else "api.target.example.com:6443"
    assert caught.value.problems[0].message == f"{place} is of {KUBE_SYSTEM_UID}, not of someone-else"
    assert left_in(tmp_path / "other") == []


def test_a_target_of_which_nobody_knows_the_cluster_is_not_the_expected_one(tmp_path: Path) -> None:
    saved = written(tmp_path / "lab.jsonl", [{"kind": "node", "id": "a"}])
    with pytest.raises(InputError):
        read(tmp_path / "run", saved=saved, expected_cluster="someone-else")


def test_what_the_account_lacks_is_warned_of_with_its_cost(api: FakeApi, tmp_path: Path) -> None:
    api.always(path_of("storageclasses.storage.k8s.io"), refusal(403, "Forbidden", "no"))
    result = read(tmp_path)
    assert result.warnings == ("the account may not list storageclasses.storage.k8s.io; unknown for it: the storage classes",)
    assert result.gist.states() == {
        "resources_read": len(RESOURCES) - 1,
        "resources_forbidden": 1,
        "resources_absent": 0,
        "resources_failed": 0,
    }


def test_an_account_that_may_read_nothing_gets_every_permission_that_it_lacks(api: FakeApi, tmp_path: Path) -> None:
    api.rules.append(lambda request: refusal(403, "Forbidden", "no") if "limit" in request.query else None)
    with pytest.raises(ReadinessError) as caught:
        read(tmp_path / "run")
    assert caught.value.code == "cluster_forbidden"
    assert "the account may not list nodes" in [problem.message for problem in caught.value.problems]
    assert len(caught.value.problems) == len(RESOURCES)
    assert "cluster_role.yml" in caught.value.hint
    assert left_in(tmp_path / "run") == []


def test_a_folder_that_cannot_be_written_is_named(api: FakeApi, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ReadinessError) as caught:
        read(tmp_path / "file" / "below")
    assert caught.value.code == "target_unwritable"


# ---- module parameters ----------------------------------------------------------------------------------------------


PARAMS: dict[str, Any] = {"host": "localhost", "base_dir": "", "cluster": None, "saved": None, "expected_cluster": None, "dest": None}


@pytest.fixture
def run_dir(tmp_path: Path) -> Iterator[Path]:
    directory = RunDirectory(tmp_path / "run")
    directory.open(run_id="r", now=NOW, mode="apply", playbook="plan", started_at=NOW)
    yield directory.path


def params(run_dir: Path, **changes: Any) -> dict[str, Any]:
    return {**PARAMS, "run_dir": str(run_dir), **changes}


def test_every_problem_with_the_parameters_is_listed(run_dir: Path) -> None:
    with pytest.raises(InputError) as caught:
        work(ModuleCall(params(run_dir, cluster={"host": "x", "page_size": "y"})))
    assert len(caught.value.problems) == 3
    with pytest.raises(InputError) as both:
        work(ModuleCall(params(run_dir, cluster={"context": "x"}, saved="y")))
    assert [problem.message for problem in both.value.problems] == ["both a cluster and a saved target are given"]
    assert not (run_dir / "target.jsonl").exists()


def test_the_outcome_names_cluster_counts_and_artifact(api: FakeApi, run_dir: Path) -> None:
    outcome = work(ModuleCall(params(run_dir), diff_mode=True))
    assert outcome.changed
    assert outcome.result["cluster"] == {"id": KUBE_SYSTEM_UID, "kubernetes_version": "1.34.4", "openshift_version": ""}
    assert (outcome.counts["nodes"], outcome.counts["storage_classes"], outcome.counts["resources_failed"]) == (3, 0, 0)
    assert outcome.artifacts == {"target.jsonl": file_sha256(run_dir / "target.jsonl")}
    assert outcome.diff is not None
    assert json.loads(outcome.diff["before"]) == {}
    assert json.loads(outcome.diff["after"])["node"] == 3


def test_a_figure_that_is_not_known_is_left_out(api: FakeApi, run_dir: Path) -> None:
    api.always(NODES, refusal(403, "Forbidden", "no"))
    counts = work(ModuleCall(params(run_dir))).counts
    assert "nodes" not in counts
    assert counts["namespaces"] == 1


def test_check_mode_writes_the_run_directory_alone(api: FakeApi, run_dir: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "target.jsonl"
    assert work(ModuleCall(params(run_dir, dest=str(elsewhere)), check_mode=True)).changed
    assert not elsewhere.parent.exists()
    work(ModuleCall(params(run_dir), check_mode=True))
    assert ArtifactReader(run_dir / "target.jsonl", "target").header["mode"] == "check"
    assert left_in(run_dir) == ["run.json", "target.jsonl"]


def planned_of(run_dir: Path, mode: str = "apply") -> bytes:
    """Reads the target and makes an empty plan of it; gives back the target's bytes."""
    work(ModuleCall(params(run_dir)))
    target = run_dir / "target.jsonl"
    with ArtifactWriter(run_dir / "plan.jsonl", ArtifactHeader("plan", (ArtifactInput(target.name, file_sha256(target)),), mode)) as writer:
        writer.finish()
    return target.read_bytes()


def test_check_mode_leaves_the_target_that_a_plan_was_made_of(api: FakeApi, run_dir: Path) -> None:
    before = planned_of(run_dir)
    outcome = work(ModuleCall(params(run_dir), check_mode=True))
    assert not outcome.changed
    assert (run_dir / "target.jsonl").read_bytes() == before
    assert outcome.artifacts == {"target.jsonl": file_sha256(run_dir / "target.jsonl")}
    assert outcome.result["predicted"]["counts"] == outcome.counts
    assert left_in(run_dir) == ["plan.jsonl", "run.json", "target.jsonl"]


def test_check_mode_puts_other_records_beside_the_target_that_stands(api: FakeApi, run_dir: Path) -> None:
    before = planned_of(run_dir)
    api.always(NODES, refusal(403, "Forbidden", "no"))
    outcome = work(ModuleCall(params(run_dir), check_mode=True))
    assert outcome.changed
    assert (run_dir / "target.jsonl").read_bytes() == before
    assert set(outcome.artifacts) == {"target.jsonl", PREDICTED}
    assert (outcome.counts["nodes"], "nodes" in outcome.result["predicted"]["counts"]) == (3, False)
    assert any("stands" in warning for warning in outcome.warnings)
    work(ModuleCall(params(run_dir)))
    assert left_in(run_dir) == ["plan.jsonl", "run.json", "target.jsonl"]


def test_check_mode_replaces_the_target_of_a_plan_that_a_check_made(api: FakeApi, run_dir: Path) -> None:
    planned_of(run_dir, "check")
    assert work(ModuleCall(params(run_dir), check_mode=True)).changed
    assert ArtifactReader(run_dir / "target.jsonl", "target").header["mode"] == "check"


def test_relative_paths_are_taken_from_the_base_folder(run_dir: Path, tmp_path: Path) -> None:
    request = target_request(params(run_dir, saved="lab.jsonl", base_dir=str(tmp_path)), "apply")
    assert request.saved == tmp_path / "lab.jsonl"
    assert request.now == NOW


# ---- the shipped role -----------------------------------------------------------------------------------------------


def test_the_shipped_role_is_the_catalogues() -> None:
    assert ROLE.read_text(encoding="utf-8") == role_text(cluster_role()), "run python -m tests.tools.target_role"


def test_the_shipped_binding_gives_the_shipped_role() -> None:
    binding = yaml.safe_load((ROLE.parent / "cluster_role_binding.yml").read_text(encoding="utf-8"))
    assert binding["roleRef"]["name"] == cluster_role()["metadata"]["name"]


def test_the_shipped_role_neither_writes_nor_reads_secrets() -> None:
    rules = yaml.safe_load(ROLE.read_text(encoding="utf-8"))["rules"]
    assert {verb for rule in rules for verb in rule["verbs"]} == {"get", "list"}
    assert not {"secrets", "configmaps", "*"} & {resource for rule in rules for resource in rule.get("resources", ())}
