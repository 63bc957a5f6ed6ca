# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan against a real API server: the demo's target is there for real, is read live, and the server takes every manifest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.target.readings import BY_ID

from tests.counterparts.cluster import VIRTUALIZATION, Cluster, cluster
from tests.integration.playbooks import DEMO_INVENTORY, Played, play
from tests.tools.generator.demo_target import demo_objects
from tests.unit.adapters.cluster.conftest import libraries_missing

NOW = "2026-11-21T12:00:00Z"
LEFT_OUT = ("pods",)
"""Pods need controllers, which would take the nodes' own status from them."""

FIRST = ("namespaces",)
MERGE = "application/merge-patch+json"


def real_objects() -> list[dict[str, Any]]:
    """The objects of the demo target as an API server takes them, namespaces first."""
    found = []
    listed = demo_objects()
    for identity in (*FIRST, *(name for name in listed if name not in (*FIRST, *LEFT_OUT))):
        resource = BY_ID[identity]
        version = f"{resource.group}/{resource.versions[0]}" if resource.group else resource.versions[0]
        for item in listed[identity]:
            metadata = {key: value for key, value in item["metadata"].items() if key != "uid"}
            found.append({"apiVersion": version, "kind": resource.kind, **item, "metadata": metadata})
    return found


@pytest.fixture(scope="module")
def target(served_crds: tuple[str, ...]) -> Iterator[Cluster]:
    """A cluster of its own that holds what the demo's saved target was made from."""
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    with cluster(name="plan", crds=VIRTUALIZATION, kwok=False, scheduler=False, controllers=False) as running:
        objects = real_objects()
        running.apply(objects)
        for item in objects:
            if item["kind"] == "Node":
                # The server taints every new node as not ready until a controller takes that back.
                taints = {"spec": {"taints": item.get("spec", {}).get("taints")}}
                running.request("PATCH", f"/api/v1/nodes/{item['metadata']['name']}", taints, MERGE).checked()
        yield running


@pytest.fixture(scope="module")
def planned(target: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The demo estate, assessed, and planned onto the running cluster."""
    folder = tmp_path_factory.mktemp("planned")
    inventory = folder / "clusters.yml"
    login = {"host": target.url, "api_key": target.admin_token, "ca_cert": str(target.ca_path)}
    host = {"ocp.example.com": {"readiness_cluster": login}}
    inventory.write_text(json.dumps({"all": {"children": {"readiness_clusters": {"hosts": host}}}}), encoding="utf-8")
    demo = ("-i", str(DEMO_INVENTORY))
    assessed = play(folder, "assess", *demo, variables={"readiness_now": NOW})
    assert assessed.code == 0, assessed.output
    mark = target.mark()
    # The demo's variables are those of the user here; its saved target is not.
    settings = ("-e", f"@{DEMO_INVENTORY / 'group_vars' / 'all' / 'plan.yml'}")
    made = play(folder, "plan", "-i", str(inventory), "-i", "localhost,", *settings, variables={"readiness_now": NOW})
    assert target.audit(mark).writes == 0
    return made


def records(played: Played, kind: str, artifact: str = "plan.jsonl") -> list[dict[str, Any]]:
    """The records of a kind in an artifact of the run."""
    lines = (played.run_dir / artifact).read_text(encoding="utf-8").splitlines()
    return [record for record in map(json.loads, lines) if record["kind"] == kind]


def test_live_target_and_plan_are_made_and_nothing_is_written(planned: Played) -> None:
    assert planned.code == 0, planned.output
    assert planned.stages()["target", "ocp.example.com"] == "ran"
    assert planned.stages()["plan", "localhost"] == "ran"


def test_server_accepts_every_manifest_with_the_real_definitions(planned: Played) -> None:
    manifests = records(planned, "manifest")
    assert len(manifests) > 20
    refused = [(entry["id"], entry["dry_run"], entry["dry_run_message"]) for entry in manifests if entry["dry_run"] != "accepted"]
    assert refused == []


def test_manifest_of_a_namespace_that_is_not_there_says_where_it_was_tried(planned: Played) -> None:
    there = {namespace["id"] for namespace in records(planned, "namespace", "target.jsonl")}
    elsewhere = [entry for entry in records(planned, "manifest") if entry["namespace"] and entry["namespace"] not in there]
    assert all("namespace" in entry["dry_run_message"] for entry in elsewhere)
    assert {entry["object_kind"] for entry in records(planned, "manifest")} >= {"NetworkMap", "StorageMap", "Plan", "Migration"}


def test_live_plan_agrees_with_the_plan_onto_the_saved_target(planned: Played, tmp_path: Path) -> None:
    demo = ("-i", str(DEMO_INVENTORY))
    assert play(tmp_path, "assess", *demo, variables={"readiness_now": NOW}).code == 0
    saved = play(tmp_path, "plan", *demo, variables={"readiness_now": NOW})
    assert saved.code == 0, saved.output

    def placed(played: Played) -> dict[str, tuple[Any, ...]]:
        return {vm["id"]: (vm["state"], vm.get("wave"), vm.get("namespace"), vm.get("target_name")) for vm in records(played, "vm")}

    assert placed(planned) == placed(saved)


def vm_status(vm: dict[str, Any], condition: str) -> dict[str, Any]:
    """What a Plan says of a VM whose migration ended like this."""
    ended = {"type": condition, "status": "True", "category": "Advisory", "lastTransitionTime": "2027-01-12T05:00:00Z"}
    moved = {"name": "DiskTransfer", "progress": {"completed": 4096, "total": 4096}, "annotations": {"unit": "MB"}, "phase": "Completed"}
    moved.update(started="2027-01-12T04:00:00Z", completed="2027-01-12T04:00:40Z")
    times = {"started": "2027-01-12T04:00:00Z", "completed": "2027-01-12T05:00:00Z"}
    return {"id": vm["id"], "name": vm["name"], "phase": "Completed", "pipeline": [moved], "conditions": [ended], **times}


def test_wave_cancelled_half_way_and_planned_again_loses_nothing_and_repeats_nothing(
    target: Cluster, planned: Played, tmp_path: Path
) -> None:
    folder = planned.run_dir / "manifests" / "mtv"
    files = [path for path in sorted(folder.rglob("*.yaml")) if path.name != "kustomization.yaml"]
    objects = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in files]
    target.apply(sorted((item for item in objects if item["kind"] != "Migration"), key=lambda item: item["kind"] != "Namespace"))
    plan = max((item for item in objects if item["kind"] == "Plan"), key=lambda item: (len(item["spec"]["vms"]), item["metadata"]["name"]))
    vms = plan["spec"]["vms"]
    half = len(vms) // 2
    assert half
    states = [vm_status(vm, "Succeeded" if number < half else "Canceled") for number, vm in enumerate(vms)]
    target.apply([{**plan, "status": {"migration": {"started": "2027-01-12T04:00:00Z", "vms": states}}}])

    demo, settings = ("-i", str(DEMO_INVENTORY)), ("-e", f"@{DEMO_INVENTORY / 'group_vars' / 'all' / 'plan.yml'}")
    assert play(tmp_path, "assess", *demo, variables={"readiness_now": NOW}).code == 0
    given = {"readiness_now": NOW, "readiness_plan_previous": str(planned.run_dir / "plan.jsonl")}
    inventory = planned.run_dir.parents[1] / "clusters.yml"
    again = play(tmp_path, "plan", "-i", str(inventory), "-i", "localhost,", *settings, variables=given)
    assert again.code == 0, again.output

    # Managed object ids are those of one vCenter: the demo has two, whose ids overlap.
    before = {vm["id"]: vm for vm in records(planned, "vm") if vm["state"] == "placed"}
    after = {vm["id"]: vm for vm in records(again, "vm")}
    members = {vm["moref"]: identity for identity, vm in before.items() if vm["plan"] == plan["metadata"]["name"]}
    finished, cancelled = {members[vm["id"]] for vm in vms[:half]}, {members[vm["id"]] for vm in vms[half:]}
    assert {identity for identity, vm in after.items() if vm["state"] == "moved"} == finished
    assert all(after[identity]["state"] == "placed" for identity in before.keys() - finished)
    number = before[min(finished)]["wave"]
    (over,) = [wave for wave in records(again, "wave") if wave["finished"]]
    assert (over["number"], over["vm_count"]) == (number, half)
    assert all(after[identity]["wave"] > number for identity in cancelled)
    planned_again = planned_vms(again)
    assert len(planned_again) == len(set(planned_again))
    assert not {(after[identity]["vcenter"], after[identity]["moref"]) for identity in finished} & set(planned_again)
    assert {(after[identity]["vcenter"], after[identity]["moref"]) for identity in cancelled} <= set(planned_again)
    assert all(after[identity]["target_name"] == vm["target_name"] for identity, vm in before.items() if identity not in finished)


def test_wave_of_which_a_migration_runs_stands_when_it_is_planned_again(target: Cluster, planned: Played, tmp_path: Path) -> None:
    files = [path for path in sorted((planned.run_dir / "manifests").rglob("*.yaml")) if path.name != "kustomization.yaml"]
    objects = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in files]
    target.apply(sorted((item for item in objects if item["kind"] != "Migration"), key=lambda item: item["kind"] != "Namespace"))
    warm = [item for item in objects if item["kind"] == "Plan" and item["spec"]["type"] == "warm"]
    plan = min(warm, key=lambda item: (len(item["spec"]["vms"]), item["metadata"]["name"]))
    name, begun = plan["metadata"]["name"], "2026-11-21T10:00:00Z"
    (migration,) = (item for item in objects if item["kind"] == "Migration" and item["metadata"]["name"] == name)
    states = [{"id": vm["id"], "name": vm["name"], "phase": "CopyDisks", "pipeline": [], "started": begun} for vm in plan["spec"]["vms"]]
    target.apply([{**plan, "status": {"migration": {"started": begun, "vms": states}}}, {**migration, "status": {"started": begun}}])

    demo, settings = ("-i", str(DEMO_INVENTORY)), ("-e", f"@{DEMO_INVENTORY / 'group_vars' / 'all' / 'plan.yml'}")
    assert play(tmp_path, "assess", *demo, variables={"readiness_now": NOW}).code == 0
    given = {"readiness_now": NOW, "readiness_plan_previous": str(planned.run_dir / "plan.jsonl")}
    again = play(tmp_path, "plan", "-i", str(planned.run_dir.parents[1] / "clusters.yml"), "-i", "localhost,", *settings, variables=given)
    assert again.code == 0, again.output

    before, after = ({vm["id"]: vm for vm in records(one, "vm")} for one in (planned, again))
    number = next(vm["wave"] for vm in before.values() if vm.get("plan") == name)
    kept = {identity for identity, vm in before.items() if vm.get("wave") == number and after[identity]["state"] != "moved"}
    facts = ("state", "wave", "plan", "method", "namespace", "target_name")
    changed = [(identity, fact) for identity in kept for fact in facts if after[identity].get(fact) != before[identity].get(fact)]
    assert changed == []
    assert {identity for identity, vm in after.items() if vm.get("wave") == number and vm["state"] == "placed"} == kept
    (stands,) = [wave for wave in records(again, "wave") if wave["begun"]]
    (was,) = [wave for wave in records(planned, "wave") if wave["number"] == number]
    assert [stands[fact] for fact in ("number", "window", "start", "end")] == [was[fact] for fact in ("number", "window", "start", "end")]
    assert name in stands["plans"]
    assert name not in {entry["name"] for entry in records(again, "manifest") if entry["object_kind"] in ("Plan", "Migration")}


def planned_vms(played: Played) -> list[tuple[str, str]]:
    """(vCenter, managed object id) of each VM in a Plan manifest; the provider names the vCenter."""
    vcenters = {vm["plan"]: vm["vcenter"] for vm in records(played, "vm") if "plan" in vm}
    plans = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in (played.run_dir / "manifests" / "mtv").rglob("40-plan-*.yaml")]
    return [(vcenters[plan["metadata"]["name"]], vm["id"]) for plan in plans for vm in plan["spec"]["vms"]]
