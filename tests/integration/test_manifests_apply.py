# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manifests on a real API server: tried, applied, applied again, changed by others, and removed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.dry_run import try_manifests
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import Tally
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.manifests.objects import manifest

from tests.counterparts.cluster import Cluster
from tests.integration.applying import Applier, changed, grant, revoke, small_plan
from tests.unit.adapters.cluster.conftest import libraries_missing

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"


@pytest.fixture
def applier(api_cluster: Cluster, served_crds: tuple[str, ...], namespace: str) -> Iterator[Applier]:
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    found = grant(api_cluster, namespace)
    yield found
    revoke(found)


def figures(tally: Tally) -> dict[str, int]:
    """The counts that are not zero."""
    return {name: count for name, count in tally.counts().items() if count}


def found_on(tally: Tally, name: str) -> Any:
    """What was found of one object, by its kind."""
    return next(finding for finding in tally.findings if finding.key.text.partition(" ")[0] == name)


def plan_path(applier: Applier, manifests: Any) -> str:
    name = next(entry.object["metadata"]["name"] for entry in manifests if entry.object["kind"] == "Plan")
    return applier.path("Plan", name)


# ---- dry run ---------------------------------------------------------------------------------------------------------


def test_dry_run_accepts_all_manifests_of_a_plan_and_writes_nothing(applier: Applier) -> None:
    manifests = [entry for entry in small_plan(applier.namespace) if entry.object["kind"] != "Migration"]
    mark = applier.cluster.mark()
    with applier.connection() as connection:
        tried = try_manifests(connection, manifests)
    assert set(tried.values()) == {("accepted", "")}
    audit = applier.cluster.audit(mark).by(applier.user)
    assert (audit.writes, audit.dry_runs) == (0, len(manifests))
    assert applier.objects() == []


def test_dry_run_says_what_is_refused_what_is_not_tried_and_where_else_it_was_tried(applier: Applier) -> None:
    namespace = applier.namespace
    spec = {"image": "quay.io/example/hook", "playbook": "LQ=="}
    odd = manifest("Hook", "odd", spec, "", namespace=namespace)
    cases = changed(changed(small_plan(namespace), "Plan", type="hot"), "Provider", colour="red")
    cases += [replace(odd, path="odd.yaml", object={**odd.object, "apiVersion": "odd.example.com/v1", "kind": "Odd"})]
    cases += [manifest("Hook", "lost", spec, "", namespace="not-there")]
    with applier.connection() as connection:
        tried = try_manifests(connection, cases)
    assert tried["10-provider-vc-north.yaml"][0] == "refused"
    assert ".spec.colour: field not declared in schema" in tried["10-provider-vc-north.yaml"][1]
    plan = next(outcome for path, outcome in tried.items() if "40-plan" in path)
    assert plan[0] == "refused"
    assert 'spec.type: Unsupported value: "hot"' in plan[1]
    assert tried["odd.yaml"] == ("refused", "the cluster does not serve Odd of odd.example.com/v1")
    # The account has no rights where that namespace would be: that says nothing of the manifest.
    assert tried["20-hook-lost.yaml"] == ("not_tried", "the account may not patch hooks.forklift.konveyor.io in not-there")
    with Applier(applier.cluster, namespace, applier.cluster.admin_token).connection() as connection:
        tried = try_manifests(connection, cases)
    assert tried["20-hook-lost.yaml"] == ("accepted", f"namespace not-there does not exist yet; tried in namespace {namespace}")


# ---- apply -----------------------------------------------------------------------------------------------------------


def test_apply_creates_all_but_migrations_and_a_second_one_sends_nothing_that_could_write(applier: Applier) -> None:
    manifests = small_plan(applier.namespace)
    wanted = sorted(f"{entry.object['kind']} {entry.object['metadata']['name']}" for entry in manifests if entry.apply)
    assert {name.partition(" ")[0] for name in wanted} == {"Provider", "Host", "Hook", "NetworkMap", "StorageMap", "Plan"}
    first = applier.apply(manifests)
    assert figures(first) == {"objects": len(wanted), "created": len(wanted)}
    assert applier.objects() == wanted
    again = applier.apply(manifests)
    assert figures(again) == {"objects": len(wanted), "in_step": len(wanted)}
    assert not again.changed
    assert (applier.last.writes, applier.last.dry_runs) == (0, 0)


def test_check_mode_predicts_what_apply_does_and_writes_nothing(applier: Applier) -> None:
    manifests = changed(small_plan(applier.namespace), "StorageMap", nonsense=1)
    predicted = applier.apply(manifests, check=True, diff=True)
    assert applier.last.writes == 0
    assert applier.objects() == applier.records() == []
    made = applier.apply(manifests)
    assert [finding.as_dict() for finding in predicted.findings] == [finding.as_dict() for finding in made.findings]
    before, after = predicted.diffs[f"NetworkMap {applier.namespace}/vc-north-network"]
    assert before == {}
    assert set(after["metadata"]) == {"name", "namespace", "labels"}


def test_only_what_differs_is_written_and_the_diff_shows_it(applier: Applier) -> None:
    manifests = small_plan(applier.namespace)
    applier.apply(manifests)
    tally = applier.apply(changed(manifests, "Provider", url="https://vc-new.example.com/sdk"), diff=True)
    assert figures(tally) == {"objects": len(tally.findings), "in_step": len(tally.findings) - 1, "updated": 1}
    assert [call.resource for call in applier.last.write_calls] == ["leases", "providers", "configmaps", "leases"]
    ((before, after),) = tally.diffs.values()
    assert (before["spec"]["url"], after["spec"]["url"]) == ("https://vc-north.example.com/sdk", "https://vc-new.example.com/sdk")
    assert found_on(tally, "Provider").fields == ("spec.url",)


def test_a_field_that_somebody_changed_is_taken_back(applier: Applier) -> None:
    manifests = small_plan(applier.namespace)
    applier.apply(manifests)
    applier.cluster.request("PATCH", plan_path(applier, manifests), {"spec": {"type": "live"}}, MERGE).checked()
    tally = applier.apply(manifests)
    assert figures(tally)["updated"] == 1
    assert "taken back: " in found_on(tally, "Plan").message
    assert applier.cluster.client.get(plan_path(applier, manifests))["spec"]["type"] == "cold"


def test_a_field_of_a_respected_manager_is_left_and_named_and_the_rest_is_applied(applier: Applier) -> None:
    manifests = small_plan(applier.namespace)
    applier.apply(manifests)
    path = plan_path(applier, manifests)
    theirs = {"apiVersion": "forklift.konveyor.io/v1beta1", "kind": "Plan", "spec": {"description": "theirs"}}
    applier.cluster.request("PATCH", f"{path}?fieldManager=argocd-controller&force=true", theirs, APPLY).checked()
    tally = applier.apply(changed(manifests, "Plan", targetNamespace="elsewhere"))
    finding = found_on(tally, "Plan")
    assert (finding.state, finding.result, finding.action) == ("changed", "fail", "update")
    assert finding.message == "left to others: argocd-controller has .spec.description"
    spec = applier.cluster.client.get(path)["spec"]
    assert (spec["description"], spec["targetNamespace"]) == ("theirs", "elsewhere")
    again = applier.apply(changed(manifests, "Plan", targetNamespace="elsewhere"))
    assert applier.last.writes == 0
    assert len(again.failed()) == 1


def test_objects_of_others_and_of_argo_cd_are_not_touched(applier: Applier) -> None:
    manifests = small_plan(applier.namespace)
    items = {entry.object["kind"]: entry.object for entry in manifests}
    foreign = {**items["NetworkMap"], "metadata": {**items["NetworkMap"]["metadata"], "labels": {"team": "network"}}}
    tracked = {"argocd.argoproj.io/tracking-id": "migration:forklift.konveyor.io/StorageMap:x/y"}
    argo = {**items["StorageMap"], "metadata": {**items["StorageMap"]["metadata"], "annotations": tracked}}
    other = {**items["Provider"], "metadata": {**items["Provider"]["metadata"], "annotations": tracked}}
    applier.cluster.apply([foreign, argo, {**other, "spec": {**other["spec"], "url": "https://other.example.com/sdk"}}])
    before = {kind: applier.live(kind, items[kind]["metadata"]["name"]) for kind in ("NetworkMap", "StorageMap", "Provider")}
    tally = applier.apply(manifests)
    assert {kind: applier.live(kind, items[kind]["metadata"]["name"]) for kind in before} == before
    assert found_on(tally, "NetworkMap").message.startswith("an object of this name exists and is not this collection's")
    assert (found_on(tally, "StorageMap").result, found_on(tally, "StorageMap").state) == ("pass", "in_step")
    assert "application migration of Argo CD" in found_on(tally, "Provider").message
    assert {finding.key.kind for finding in tally.failed()} == {"NetworkMap", "Provider"}
    applier.remove()
    assert {kind: applier.live(kind, items[kind]["metadata"]["name"]) for kind in before} == before


def test_objects_that_were_made_from_the_files_are_taken_over_by_their_label(applier: Applier) -> None:
    manifests = small_plan(applier.namespace)
    applier.cluster.apply([entry.object for entry in manifests if entry.object["kind"] == "Plan"])
    tally = applier.apply(manifests)
    assert not tally.failed()
    assert applier.apply(manifests).counts()["in_step"] == len(tally.findings)
    applier.remove()
    assert applier.objects() == []


# ---- what is no longer wanted ----------------------------------------------------------------------------------------


def test_what_is_in_no_manifest_any_more_is_reported_and_goes_only_on_request(applier: Applier) -> None:
    applier.apply(small_plan(applier.namespace))
    fewer = small_plan(applier.namespace, waves=1)
    tally = applier.apply(fewer)
    orphaned = [finding for finding in tally.findings if finding.state == "orphaned"]
    assert orphaned
    assert {finding.action for finding in orphaned} == {"none"}
    assert not tally.failed()
    pruned = applier.apply(fewer, prune=True)
    assert pruned.counts()["deleted"] == len(orphaned)
    wanted = sorted(f"{entry.object['kind']} {entry.object['metadata']['name']}" for entry in fewer if entry.apply)
    assert applier.objects() == wanted


def test_removal_leaves_nothing_of_ours_and_everything_else(applier: Applier) -> None:
    manifests = small_plan(applier.namespace)
    migrations = [entry.object for entry in manifests if entry.object["kind"] == "Migration"]
    hook = manifest("Hook", "somebodys", {"image": "quay.io/example/hook"}, "", namespace=applier.namespace).object
    applier.apply(manifests)
    first = migrations[0]
    plan = applier.live("Plan", first["spec"]["plan"]["name"])
    owner = {"apiVersion": plan["apiVersion"], "kind": "Plan", "name": plan["metadata"]["name"], "uid": plan["metadata"]["uid"]}
    ended = {**first, "metadata": {**first["metadata"], "ownerReferences": [owner]}, "status": {"completed": "2026-11-29T04:00:00Z"}}
    applier.cluster.apply([ended, hook])
    predicted = applier.remove(check=True)
    assert applier.last.writes == 0
    tally = applier.remove()
    assert [finding.as_dict() for finding in predicted.findings] == [finding.as_dict() for finding in tally.findings]
    assert not tally.failed()
    assert {call.resource for call in applier.last.write_calls} == {
        *("leases", "configmaps", "hooks", "hosts", "networkmaps", "plans", "providers", "storagemaps"),
    }
    assert "Migration " + first["metadata"]["name"] in applier.objects()
    assert "Hook somebodys" in applier.objects()
    assert applier.records() == []
    assert not applier.remove().changed
    assert applier.last.writes == 0


def test_plan_with_a_running_migration_stays_with_all_that_it_needs(applier: Applier) -> None:
    manifests = small_plan(applier.namespace)
    migration = next(entry.object for entry in manifests if entry.object["kind"] == "Migration")
    applier.apply(manifests)
    before = applier.objects()
    applier.cluster.apply([migration])
    changing = applier.apply(changed(manifests, "NetworkMap", map=[]))
    (held,) = changing.failed()
    assert "has not ended" in held.message
    tally = applier.remove()
    kept = {finding.key.kind for finding in tally.failed()}
    assert kept == {"Provider", "Host", "Hook", "NetworkMap", "StorageMap", "Plan"}
    gone = [name for name in before if name not in applier.objects()]
    assert [name.partition(" ")[0] for name in gone] == ["Plan", "Plan"]
    path = applier.path("Migration", migration["metadata"]["name"])
    applier.cluster.apply([{**migration, "status": {"completed": "2026-11-29T04:00:00Z"}}])
    assert applier.cluster.client.get(path)["status"]["completed"]
    assert not applier.remove().failed()
    assert applier.objects() == [f"Migration {migration['metadata']['name']}"]


def test_an_object_that_was_made_anew_by_somebody_is_not_removed(applier: Applier) -> None:
    manifests = small_plan(applier.namespace)
    applier.apply(manifests)
    hook = next(entry.object for entry in manifests if entry.object["kind"] == "Hook")
    applier.cluster.request("DELETE", applier.path("Hook", hook["metadata"]["name"])).checked()
    applier.cluster.apply([{**hook, "metadata": {"name": hook["metadata"]["name"], "namespace": applier.namespace}}])
    applier.remove()
    assert applier.objects() == [f"Hook {hook['metadata']['name']}"]


def test_without_the_record_removal_finds_what_was_applied_by_label_and_manager(applier: Applier) -> None:
    manifests = small_plan(applier.namespace)
    applier.apply(manifests)
    (record, _lease) = applier.records()
    applier.cluster.request("DELETE", f"/api/v1/namespaces/{applier.namespace}/configmaps/{record}").checked()
    by_hand = next(entry.object for entry in manifests if entry.object["kind"] == "Hook")
    theirs = {**by_hand, "metadata": {**by_hand["metadata"], "name": "by-hand"}}
    applier.cluster.apply([theirs])
    applier.remove()
    # That one bears the label too, but was applied by somebody else.
    assert applier.objects() == ["Hook by-hand"]
