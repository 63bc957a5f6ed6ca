# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manifests of a run, onto a cluster and into a GitOps folder, as the module's parameters ask for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import ArtifactWriter
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.manifest_files import write_manifests
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.manifests_request import work
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.run_directory import RunDirectory, StageRecord
from ansible_collections.groundwork.readiness.plugins.module_utils.common.artifact import ArtifactHeader
from ansible_collections.groundwork.readiness.plugins.module_utils.common.calls import ModuleCall, Outcome
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ArtifactError, InputError
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.manifests.objects import manifest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.model import Manifest

from tests.unit.adapters.cluster.conftest import libraries_missing
from tests.unit.adapters.cluster.fake_api import FakeApi, serving
from tests.unit.adapters.cluster.fake_store import Store, stored

CLUSTER = "0b3f1d1f-6c2a-4f5e-8d7c-6b5a49382716"
ROOT = "/apis/forklift.konveyor.io/v1beta1/namespaces/mtv"
MANIFESTS = [
    manifest("Provider", "vc", {"type": "vsphere"}, "", namespace="mtv"),
    manifest("Plan", "erp", {"type": "cold"}, "", namespace="mtv", wave=1),
    manifest("Migration", "erp", {}, "", namespace="mtv", wave=1, apply=False),
    manifest("Namespace", "erp", None, "", api_version="v1", proposal=True),
]
DEFAULTS: dict[str, Any] = {
    "host": "ocp.example.com",
    "base_dir": None,
    "cluster": None,
    "state": "present",
    "prune": False,
    "mode": "apply",
    "toolkit_namespace": "mtv",
    "respected_managers": None,
    "gitops_dir": None,
}


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    """A run that has planned."""
    folder = tmp_path / "runs" / "run-1"
    directory = RunDirectory(folder)
    directory.open(run_id="run-1", now="2026-11-21T08:00:00Z", mode="apply", playbook="plan", started_at="2026-11-21T08:00:00Z")
    planned(folder, MANIFESTS)
    directory.record(StageRecord("plan", "localhost", "ran"))
    return folder


def planned(folder: Path, manifests: list[Manifest]) -> None:
    """Writes the plan and its manifests."""
    records = [{"kind": "basis", "id": "basis", "target": CLUSTER}]
    records += [{"kind": "manifest", "id": f"manifests/mtv/{entry.path}", "apply": entry.apply} for entry in manifests]
    with ArtifactWriter(folder / "plan.jsonl", ArtifactHeader("plan")) as writer:
        for record in sorted(records, key=lambda each: (each["kind"], each["id"])):
            writer.write(record)
        writer.finish()
    write_manifests(folder, manifests)


@pytest.fixture
def server() -> Iterator[tuple[FakeApi, Store, dict[str, str]]]:
    """A server with a store, and how to reach it."""
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    api, store = stored()
    store.items["/api/v1/namespaces/kube-system"] = {"metadata": {"name": "kube-system", "uid": CLUSTER}}
    with serving(api) as url:
        yield api, store, {"host": url, "api_key": "not-a-real-one"}


def done(run_dir: Path, *, check: bool = False, diff: bool = False, **params: Any) -> Outcome:
    return work(ModuleCall({**DEFAULTS, "run_dir": str(run_dir), **params}, check, diff))


def test_manifests_that_are_applied_go_onto_the_cluster_and_no_others(run_dir: Path, server: Any) -> None:
    _api, store, cluster = server
    outcome = done(run_dir, cluster=cluster)
    assert outcome.changed
    assert sorted(path for path in store.items if path.startswith(ROOT)) == [f"{ROOT}/plans/erp", f"{ROOT}/providers/vc"]
    assert [entry["path"] for entry in outcome.result["objects"]] == ["10-provider-vc.yaml", "wave-01/40-plan-erp.yaml"]
    assert outcome.result["cluster_id"] == CLUSTER
    assert set(outcome.inputs) == {"plan.jsonl"}
    assert outcome.counts["created"] == 2
    assert "not encrypted" in outcome.warnings[0]
    again = done(run_dir, cluster=cluster)
    assert (again.changed, again.counts["in_step"]) == (False, 2)
    gone = done(run_dir, cluster=cluster, state="absent")
    assert (gone.changed, gone.counts["deleted"]) == (True, 2)


def test_check_and_diff_show_what_would_change_and_verify_warns_of_it(run_dir: Path, server: Any) -> None:
    _api, store, cluster = server
    outcome = done(run_dir, cluster=cluster, check=True, diff=True)
    assert outcome.changed
    assert outcome.diff is not None
    assert outcome.diff["before"] == ""
    assert "--- # Plan mtv/erp\napiVersion: forklift.konveyor.io/v1beta1\n" in outcome.diff["after"]
    verified = done(run_dir, cluster=cluster, mode="verify")
    assert not verified.changed
    assert verified.failure is None
    assert [warning for warning in verified.warnings if "Plan mtv/erp is missing" in warning]
    assert store.writes == []


def test_another_cluster_than_the_one_that_was_planned_for_is_refused(run_dir: Path, server: Any) -> None:
    _api, store, cluster = server
    store.items["/api/v1/namespaces/kube-system"]["metadata"]["uid"] = "another"
    with pytest.raises(InputError) as caught:
        done(run_dir, cluster=cluster)
    assert caught.value.code == "target_other_cluster"
    assert store.writes == []
    del store.items["/api/v1/namespaces/kube-system"]
    assert any("nobody knows whether it is" in warning for warning in done(run_dir, cluster=cluster, check=True).warnings)


def test_objects_that_are_refused_make_it_fail_and_are_listed_with_their_files(run_dir: Path, server: Any) -> None:
    _api, store, cluster = server
    store.items[f"{ROOT}/providers/vc"] = {
        "apiVersion": "x",
        "kind": "Provider",
        "metadata": {"name": "vc", "namespace": "mtv", "uid": "u"},
    }
    outcome = done(run_dir, cluster=cluster)
    assert outcome.failure is not None
    assert outcome.failure.code == "manifests_not_applied"
    (problem,) = outcome.failure.problems
    assert problem.file == "10-provider-vc.yaml"
    assert problem.message.startswith("Provider mtv/vc: an object of this name exists")
    assert problem.remedy
    assert outcome.counts["created"] == 1


def test_all_that_is_wrong_with_the_parameters_is_told_at_once(run_dir: Path) -> None:
    with pytest.raises(InputError) as caught:
        done(run_dir, host="localhost", cluster={"host": "nowhere"}, state="absent", prune=True)
    text = caught.value.text()
    assert all(words in text for words in ("host is localhost", "host localhost: cluster.host", "prune is given with state absent"))
    with pytest.raises(InputError) as caught:
        done(run_dir, gitops_dir="repo", cluster={"host": "https://x.example.com"}, state="absent")
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("kind: [", "it is not YAML"),
        ("- 1", "it is no object of Kubernetes: apiVersion, kind or metadata.name lacks"),
        ("kind: Plan\nmetadata: {name: erp}", "it is no object of Kubernetes: apiVersion, kind or metadata.name lacks"),
        ("apiVersion: v1\nkind: Secret\nmetadata: {name: erp}", "it is a Secret, which is not applied from here"),
        ("apiVersion: v1\nkind: Plan\nmetadata: {name: erp}", "it lacks the label readiness.groundwork.io/stage: plan"),
        (None, "it cannot be read: no such file or directory"),
    ],
)
def test_manifest_that_is_none_is_named_and_nothing_is_sent(run_dir: Path, content: str | None, words: str) -> None:
    path = run_dir / "manifests" / "mtv" / "wave-01" / "40-plan-erp.yaml"
    if content is None:
        path.unlink()
    else:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        done(run_dir, cluster={"host": "https://127.0.0.1:1", "api_key": "none"})
    (problem,) = caught.value.problems
    assert (problem.file, problem.message) == ("wave-01/40-plan-erp.yaml", words)


def test_run_without_a_plan_of_its_own_is_refused(run_dir: Path, tmp_path: Path) -> None:
    RunDirectory(run_dir).record(StageRecord("plan", "localhost", "failed", error={"code": "x", "message": "y"}))
    with pytest.raises(ArtifactError) as caught:
        done(run_dir)
    assert caught.value.code == "artifact_left_over"
    (run_dir / "plan.jsonl").unlink()
    with pytest.raises(ArtifactError) as caught:
        done(run_dir)
    assert caught.value.code == "artifact_missing"


def test_plan_that_was_made_in_check_mode_is_refused(run_dir: Path) -> None:
    with ArtifactWriter(run_dir / "plan.jsonl", ArtifactHeader("plan", (), "check")) as writer:
        writer.write({"kind": "basis", "id": "basis", "target": CLUSTER})
        writer.finish()
    with pytest.raises(ArtifactError) as caught:
        done(run_dir)
    assert (caught.value.code, "Without --check" in caught.value.hint) == ("plan_predicted", True)


def test_plan_that_names_files_elsewhere_is_refused(run_dir: Path) -> None:
    record = {"kind": "manifest", "id": "manifests/mtv/../../secret.yaml", "apply": True}
    with ArtifactWriter(run_dir / "plan.jsonl", ArtifactHeader("plan")) as writer:
        writer.write(record)
        writer.finish()
    with pytest.raises(ArtifactError) as caught:
        done(run_dir)
    assert caught.value.code == "artifact_damaged"


# ---- GitOps ----------------------------------------------------------------------------------------------------------


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_gitops_folder_gets_what_is_applied_with_kustomizations_and_stays_as_it_is_then(run_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "repo" / "migration"
    assert done(run_dir, gitops_dir=str(folder), check=True, diff=True).changed
    assert not folder.exists()
    outcome = done(run_dir, gitops_dir=str(folder), diff=True)
    assert files(folder) == ["10-provider-vc.yaml", "kustomization.yaml", "wave-01/40-plan-erp.yaml", "wave-01/kustomization.yaml"]
    assert outcome.result["gitops"]["count"] == 4
    assert outcome.diff is not None
    assert "wave-01/40-plan-erp.yaml\n" in outcome.diff["after"]
    assert (folder / "10-provider-vc.yaml").read_bytes() == (run_dir / "manifests" / "mtv" / "10-provider-vc.yaml").read_bytes()
    before = folder.stat().st_ino
    assert not done(run_dir, gitops_dir=str(folder)).changed
    assert folder.stat().st_ino == before
    planned(run_dir, MANIFESTS[:1])
    assert done(run_dir, gitops_dir=str(folder)).changed
    assert files(folder) == ["10-provider-vc.yaml", "kustomization.yaml"]


def test_gitops_folder_with_other_files_is_refused_and_stays(run_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "repo"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    (folder / "README.md").write_text("# ours\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        done(run_dir, gitops_dir=str(folder))
    assert caught.value.code == "gitops_dir_in_use"
    assert [problem.file for problem in caught.value.problems] == [".git/HEAD", "README.md"]
    assert files(folder) == [".git/HEAD", "README.md"]
    link = tmp_path / "link"
    link.symlink_to(folder)
    with pytest.raises(InputError):
        done(run_dir, gitops_dir=str(link))


def test_result_is_plain_data(run_dir: Path, tmp_path: Path) -> None:
    outcome = done(run_dir, gitops_dir=str(tmp_path / "out"))
    assert json.loads(json.dumps(outcome.result)) == outcome.result
