# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook apply_plan, through the real commands: the demo's plan onto a real cluster, again, verified, and away."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.counterparts.cluster import VIRTUALIZATION, Cluster, cluster
from tests.integration.applying import FORKLIFT, PLURALS, RIGHTS
from tests.integration.playbooks import DEMO_INVENTORY, Played, play
from tests.integration.test_plan_cluster import MERGE, real_objects
from tests.unit.adapters.cluster.conftest import libraries_missing

NOW = {"readiness_now": "2026-11-21T12:00:00Z"}
MTV = "openshift-mtv"
NAME = "ocp.example.com"


@dataclass(frozen=True)
class Site:
    """A cluster, and a folder with the run that has planned for it."""

    cluster: Cluster
    folder: Path
    user: str
    token: str

    def play(self, playbook: str, *arguments: str, **variables: Any) -> Played:
        inventory = ("-i", str(self.folder / "clusters.yml"), "-i", "localhost,")
        return play(self.folder, playbook, *inventory, *arguments, variables={**NOW, **variables})

    def objects(self) -> list[str]:
        """Every object of the toolkit that the collection has applied, `Kind name`."""
        label = "?labelSelector=readiness.groundwork.io/stage=plan"
        listed = ((kind, f"{FORKLIFT}/namespaces/{MTV}/{plural}{label}") for kind, plural in PLURALS.items())
        return sorted(f"{kind} {item['metadata']['name']}" for kind, path in listed for item in self.cluster.client.get(path)["items"])

    def planned(self) -> list[str]:
        """What the plan says is applied."""
        lines = (self.folder / "runs" / "run-1" / "plan.jsonl").read_text(encoding="utf-8").splitlines()
        records = [record for record in map(json.loads, lines) if record["kind"] == "manifest" and record["apply"]]
        return sorted(f"{record['object_kind']} {record['name']}" for record in records)


@pytest.fixture(scope="module")
def site(served_crds: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A cluster with the demo's target on it, read and planned for with the administrator's rights; the shipped rights are there."""
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    folder = tmp_path_factory.mktemp("site")
    with cluster(name="apply", crds=VIRTUALIZATION, kwok=False, scheduler=False, controllers=False) as running:
        running.apply([*real_objects(), *yaml.safe_load(RIGHTS.read_text(encoding="utf-8"))["items"]])
        for node in running.client.get("/api/v1/nodes")["items"]:
            running.request("PATCH", f"/api/v1/nodes/{node['metadata']['name']}", {"spec": {"taints": None}}, MERGE).checked()
        token = running.service_account("groundwork-readiness", "writer")
        found = Site(running, folder, "system:serviceaccount:groundwork-readiness:writer", token)
        write_inventory(found, running.admin_token)
        assert play(folder, "assess", "-i", str(DEMO_INVENTORY), variables=NOW).code == 0
        settings = ("-e", f"@{DEMO_INVENTORY / 'group_vars' / 'all' / 'plan.yml'}")
        made = found.play("plan", *settings)
        assert made.code == 0, made.output
        write_inventory(found, token)
        yield found


def write_inventory(site: Site, token: str) -> None:
    """The cluster as a host of the inventory, with that account."""
    login = {"host": site.cluster.url, "api_key": token, "ca_cert": str(site.cluster.ca_path)}
    hosts = {NAME: {"readiness_cluster": login}}
    inventory = {"all": {"children": {"readiness_clusters": {"hosts": hosts}}}}
    (site.folder / "clusters.yml").write_text(json.dumps(inventory), encoding="utf-8")


def counts(played: Played) -> dict[str, int]:
    """Figures of the apply, from the run's record."""
    stages = {(entry["stage"], entry["host"]): entry for entry in played.run_record()["stages"]}
    found: dict[str, int] = stages["plan", NAME]["counts"]
    return found


def test_demo_plan_is_applied_with_the_shipped_rights_and_a_second_time_nothing_is_written(site: Site) -> None:
    checked = site.play("apply_plan", "--check", "--diff")
    assert checked.code == 0, checked.output
    assert site.objects() == []
    assert "+kind: Plan" in checked.output
    first = site.play("apply_plan")
    assert first.code == 0, first.output
    assert site.objects() == site.planned()
    assert counts(first)["created"] == len(site.planned()) == counts(checked)["created"]
    assert first.stages()["plan", "localhost"] == first.stages()["plan", NAME] == "ran"
    mark = site.cluster.mark()
    again = site.play("apply_plan")
    assert again.code == 0, again.output
    audit = site.cluster.audit(mark).by(site.user)
    assert (audit.writes, audit.dry_runs) == (0, 0)
    assert audit.reads < 20
    assert counts(again)["in_step"] == len(site.planned())
    assert site.token not in first.output + again.output + first.page()


def test_drift_is_verified_without_a_write_then_mended_and_what_is_refused_fails_the_run(site: Site) -> None:
    site.play("apply_plan")
    name = next(each.partition(" ")[2] for each in site.planned() if each.startswith("Plan "))
    path = f"{FORKLIFT}/namespaces/{MTV}/plans/{name}"
    site.cluster.request("PATCH", path, {"spec": {"description": "changed by hand"}}, MERGE).checked()
    mark = site.cluster.mark()
    verified = site.play("apply_plan", readiness_mode="verify")
    assert verified.code == 0, verified.output
    assert site.cluster.audit(mark).by(site.user).writes == 0
    assert f"Plan {MTV}/{name} is changed" in " ".join(verified.output.split())
    mended = site.play("apply_plan")
    assert counts(mended)["updated"] == 1
    labels = {"metadata": {"labels": {"readiness.groundwork.io/stage": None}}}
    site.cluster.request("PATCH", path, labels, MERGE).checked()
    refused = site.play("apply_plan")
    assert refused.code != 0
    assert f"Plan {MTV}/{name}: an object of this name exists" in " ".join(refused.output.split())
    assert refused.stages()["plan", NAME] == "failed"
    assert refused.stages()["plan", "localhost"] == "ran"
    assert name in refused.page()
    site.cluster.request("PATCH", path, {"metadata": {"labels": {"readiness.groundwork.io/stage": "plan"}}}, MERGE).checked()


def test_plan_is_taken_away_again_and_the_record_with_it(site: Site) -> None:
    site.play("apply_plan")
    gone = site.play("apply_plan", readiness_apply_state="absent")
    assert gone.code == 0, gone.output
    assert site.objects() == []
    assert counts(gone)["deleted"] == len(site.planned())
    home = "/api/v1/namespaces/groundwork-readiness/configmaps"
    assert [item for item in site.cluster.client.get(home)["items"] if item["metadata"]["name"] != "kube-root-ca.crt"] == []


def test_gitops_folder_is_written_and_no_cluster_is_asked(site: Site, tmp_path: Path) -> None:
    mark = site.cluster.mark()
    played = site.play("apply_plan", readiness_apply_gitops_dir=str(tmp_path / "repo"))
    assert played.code == 0, played.output
    assert (tmp_path / "repo" / "kustomization.yaml").is_file()
    written = [path for path in (tmp_path / "repo").rglob("*.yaml") if path.name != "kustomization.yaml"]
    assert len(written) == len(site.planned())
    assert site.cluster.audit(mark).by(site.user).calls == ()


def test_run_without_a_plan_and_inventory_without_a_cluster_are_told(site: Site, tmp_path: Path) -> None:
    shutil.copytree(site.folder / "runs", tmp_path / "runs")
    nowhere = play(tmp_path, "apply_plan", "-i", "localhost,", variables=NOW)
    assert nowhere.code != 0
    assert "no host in group readiness_clusters" in nowhere.output
    (tmp_path / "runs" / "run-1" / "plan.jsonl").unlink()
    variables = {"readiness_runs_dir": str(tmp_path / "runs"), "readiness_run_id": ""}
    nothing = play(tmp_path, "apply_plan", "-i", "localhost,", variables=variables)
    assert nothing.code != 0
    assert "holds estate and assessment and plan" in nothing.output
