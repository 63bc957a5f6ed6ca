# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drift of a real API server's objects, under the shipped rights: check mode says what apply does, verify finds it, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.lease import WriteLease
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform import stage
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.reader import read_snapshot
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.request import PlatformResult
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.common.owned_fields import changed_fields, shown
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.checks import LAYERS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.rights import HOME
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, PlatformSnapshot

from tests.integration.mutations import Mutation, Target, draw
from tests.integration.platform_site import MERGE, READER, WRITING_PARTS, Site, tried_site

Json = dict[str, Any]
SEED, MUTATIONS, AT_ONCE = 20261122, 50, 12
KUEUE = "/apis/kueue.x-k8s.io/v1beta2"
USE = "site.example.com/use"
SHARED: Json = {
    "name": "shared",
    "nodes": {USE: "shared"},
    "vendor": "nvidia",
    "mode": "time_sliced",
    "replicas": 4,
}
"""A pool whose node gets a label from us: a field of an object that is not ours."""
EXTRAS = {
    f"{KUEUE}/resourceflavors": {"apiVersion": "kueue.x-k8s.io/v1beta2", "kind": "ResourceFlavor", "metadata": {"name": "somebodys"}},
    f"{KUEUE}/cohorts": {"apiVersion": "kueue.x-k8s.io/v1beta2", "kind": "Cohort", "metadata": {"name": "somebodys"}},
    f"{KUEUE}/workloadpriorityclasses": {
        "apiVersion": "kueue.x-k8s.io/v1beta2",
        "kind": "WorkloadPriorityClass",
        "metadata": {"name": "somebodys"},
        "value": 1,
    },
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The cluster, with everything applied once."""
    with tried_site(tmp_path_factory) as found:
        pools = found.document["accelerators"]["pools"]
        pools[0]["nodes"] |= {USE: "whole"}
        pools.append(SHARED)
        for name, use in (("gpu-0", "whole"), ("gpu-1", "shared")):
            found.cluster.client.request("PATCH", f"/api/v1/nodes/{name}", {"metadata": {"labels": {USE: use}}}, MERGE).checked()
        found.apply_all()
        yield found


def objects(result: PlatformResult) -> dict[str, CheckFinding]:
    """The findings on objects, by the object."""
    return {finding.subject: finding for finding in result.findings if finding.check.endswith(".object")}


def failing(result: PlatformResult) -> list[str]:
    return [f"{finding.id}: {finding.message}" for finding in result.findings if finding.failed]


def targets(site: Site) -> dict[str, Target]:
    """Every live object that a part has applied, by its name in findings."""
    subjects = [subject for part in WRITING_PARTS for subject in objects(site.run(part, "verify", READER))]
    return {subject: _found(site, subject) for subject in subjects}


def _found(site: Site, subject: str) -> Target:
    kind, _space, name = subject.partition(" ")
    paths = {
        "Node": "/api/v1/nodes/{name}",
        "ConfigMap": "/api/v1/namespaces/{space}/configmaps/{name}",
        "NodeFeatureDiscovery": "/apis/nfd.openshift.io/v1/namespaces/{space}/nodefeaturediscoveries/{name}",
        "ClusterPolicy": "/apis/nvidia.com/v1/clusterpolicies/{name}",
        "DSCInitialization": "/apis/dscinitialization.opendatahub.io/v2/dscinitializations/{name}",
        "DataScienceCluster": "/apis/datasciencecluster.opendatahub.io/v2/datascienceclusters/{name}",
        "Auth": "/apis/services.platform.opendatahub.io/v1alpha1/auths/{name}",
        "Kueue": "/apis/kueue.openshift.io/v1/kueues/{name}",
        "ResourceFlavor": f"{KUEUE}/resourceflavors/{{name}}",
        "Cohort": f"{KUEUE}/cohorts/{{name}}",
        "WorkloadPriorityClass": f"{KUEUE}/workloadpriorityclasses/{{name}}",
        "HardwareProfile": "/apis/infrastructure.opendatahub.io/v1/namespaces/{space}/hardwareprofiles/{name}",
        "ClusterServingRuntime": "/apis/serving.kserve.io/v1alpha1/clusterservingruntimes/{name}",
        "ServingRuntime": "/apis/serving.kserve.io/v1alpha1/namespaces/{space}/servingruntimes/{name}",
        "InferenceService": "/apis/serving.kserve.io/v1beta1/namespaces/{space}/inferenceservices/{name}",
    }
    space, _slash, bare = name.rpartition("/")
    path = paths[kind].format(space=space, name=bare)
    version = "v1" if path.startswith("/api/") else "/".join(path.split("/")[2:4])
    return Target(path, {"apiVersion": version, "kind": kind, **site.live(path)})


def test_a_second_run_writes_nothing_and_a_verification_finds_nothing(site: Site) -> None:
    for part in WRITING_PARTS:
        again = site.run(part)
        assert site.last is not None
        assert site.last.writes == 0, site.last.write_calls
        assert _patches(site) == 0
        assert (again.changed, failing(again)) == (False, [])
        seen = site.run(part, "verify", READER)
        assert (seen.changed, failing(seen), site.last.writes, _patches(site)) == (False, [], 0, 0)
        assert {finding.result for finding in seen.findings if finding.severity != "information"} <= {"pass", "not_applicable"}


def _patches(site: Site) -> int:
    """Patches of any kind, dry runs included: what is in step is not even tried."""
    return sum(call.verb == "patch" for call in site.last.calls) if site.last else 0


def test_two_runs_leave_the_same_bytes(site: Site) -> None:
    for part in WRITING_PARTS:
        first = site.run(part, "verify", READER).artifact
        again = site.run(part, "verify", READER).artifact
        assert (first.sha256, again.changed) == (again.sha256, False)


def outcome(result: PlatformResult, subject: str) -> tuple[str, str, tuple[str, ...]]:
    """What is said of an object: state, action and the fields that change. An object that is not named is gone from the plan."""
    finding = objects(result).get(subject)
    return (finding.state, finding.action, tuple(sorted(finding.fields))) if finding else ("", "", ())


def test_check_mode_says_exactly_what_the_next_run_changes_and_verify_finds_each_of_fifty_mutations(site: Site) -> None:
    rng, left, rounds, kinds = Random(SEED), MUTATIONS, 0, set()
    live = targets(site)
    while left:
        rounds += 1
        assert rounds < 40, "the server refuses nearly all mutations"
        done = _inflicted(site, rng, list(live.values()), min(AT_ONCE, left))
        left -= len(done)
        kinds |= {mutation.kind for mutation in done}
        before = {mutation.target.text: site.cluster.request("GET", mutation.target.path) for mutation in done}
        parts = [part for part in WRITING_PARTS if any(_part_of(mutation) == part for mutation in done)]
        foreseen = {part: site.run(part, "check") for part in parts}
        assert site.written() == []
        seen = {part: site.run(part, "verify", READER) for part in parts}
        applied = {part: site.run(part) for part in parts}
        for mutation in done:
            part = _part_of(mutation)
            _judge(site, mutation, before[mutation.target.text], foreseen[part], seen[part], applied[part])
        touched = {mutation.target.text for mutation in done}
        changing = {name for part in parts for name, finding in objects(foreseen[part]).items() if finding.action != "none"}
        assert changing <= touched, [mutation.text for mutation in done]
        for part in parts:
            _restored(site, part, done)
        live |= {mutation.target.text: _found(site, mutation.target.text) for mutation in done}
    assert kinds == {"value", "removal", "deletion", "item", "foreign"}


def _part_of(mutation: Mutation) -> str:
    return WRITING_PARTS[mutation.target.item["kind"] not in ("NodeFeatureDiscovery", "ClusterPolicy", "Node", "ConfigMap")]


def _inflicted(site: Site, rng: Random, free: list[Target], count: int) -> list[Mutation]:
    """So many mutations, each of another object."""
    done: list[Mutation] = []
    for _attempt in range(60):
        mutation = draw(rng, free)
        # A node is not ours to be made again.
        if (mutation.kind, mutation.target.item["kind"]) != ("deletion", "Node") and mutation.inflict(site.cluster):
            done.append(mutation)
            free = [target for target in free if target.path != mutation.target.path]
        if len(done) == count:
            break
    return done


def _judge(site: Site, mutation: Mutation, before: Any, foreseen: PlatformResult, seen: PlatformResult, applied: PlatformResult) -> None:
    subject, words = mutation.target.text, mutation.text
    found = objects(seen).get(subject)
    assert found is not None, words
    assert found.result == "fail", (words, found)
    assert outcome(foreseen, subject) == outcome(applied, subject), words
    after = site.cluster.request("GET", mutation.target.path)
    state, action, fields = outcome(foreseen, subject)
    if action == "none":
        assert after.body == before.body, words
    elif action == "create":
        assert (before.status, after.status) == (404, 200), words
    else:
        assert state == "changed"
        assert sorted(changed_fields(shown(before.body), shown(after.body))) == list(fields), words


def _restored(site: Site, part: str, done: list[Mutation]) -> None:
    """Nothing is found any more, once what was left to somebody else, or is no longer ours, is made anew."""
    left = {name for name, finding in objects(site.run(part, "verify", READER)).items() if finding.result == "fail"}
    for mutation in done:
        if mutation.target.text in left:
            site.cluster.request("DELETE", mutation.target.path)
    if left:
        site.run(part)
        assert failing(site.run(part, "verify", READER)) == [], [mutation.text for mutation in done]


def test_guarded_extras_are_found_and_never_removed(site: Site) -> None:
    for path, item in EXTRAS.items():
        site.cluster.client.post(path, item)
    try:
        seen = site.run("openshift_ai", "verify", READER)
        extra = {finding.subject for finding in seen.findings if finding.state == "extra" and finding.result == "fail"}
        assert {f"{item['kind']} somebodys" for item in EXTRAS.values()} <= extra
        assert not any(finding.action != "none" for finding in site.run("openshift_ai", "check", prune=True).findings)
        site.run("openshift_ai", prune=True)
        assert site.last is not None
        assert site.last.writes == 0
        assert all(site.cluster.request("GET", f"{path}/somebodys").status == 200 for path in EXTRAS)
    finally:
        for path in EXTRAS:
            site.cluster.request("DELETE", f"{path}/somebodys")
    assert failing(site.run("openshift_ai", "verify", READER)) == []


def test_what_is_wanted_no_more_is_named_and_goes_with_prune_alone(site: Site) -> None:
    priorities = site.document["openshift_ai"]["queues"]["priorities"]
    gone = priorities.pop()
    subject = f"WorkloadPriorityClass {gone['name']}"
    try:
        kept = site.run("openshift_ai")
        assert (objects(kept)[subject].state, objects(kept)[subject].action) == ("orphaned", "none")
        assert site.written() == []
        assert objects(site.run("openshift_ai", "check", prune=True))[subject].action == "delete"
        pruned = site.run("openshift_ai", prune=True)
        assert [finding.subject for finding in pruned.findings if finding.action != "none"] == [subject]
        assert site.cluster.request("GET", f"{KUEUE}/workloadpriorityclasses/{gone['name']}").status == 404
    finally:
        priorities.append(gone)
    assert site.run("openshift_ai").counts["created"] == 1


@pytest.mark.parametrize("part", WRITING_PARTS)
def test_a_part_without_a_section_in_the_document_keeps_everything_even_with_prune(site: Site, part: str) -> None:
    whole = site.document
    site.document = {name: section for name, section in whole.items() if name not in WRITING_PARTS}
    try:
        kept = site.run(part, prune=True)
    finally:
        site.document = whole
    assert site.written() == []
    assert [finding.subject for finding in kept.findings if finding.action != "none"] == []
    assert failing(site.run(part, "verify", READER)) == []


def test_while_a_list_is_not_known_nothing_is_removed_and_nothing_is_called_wanted_no_more(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    priorities = site.document["openshift_ai"]["queues"]["priorities"]
    gone = priorities.pop()

    def without_queues(*given: Any, **more: Any) -> PlatformSnapshot:
        look = read_snapshot(*given, **more)
        failed = Listed("failed", reason="clusterqueues: the server did not answer in time")
        listed = {**look.listed, "clusterqueues.kueue.x-k8s.io": failed}
        return PlatformSnapshot(listed, look.named_reads, look.served, look.cluster, look.pods, look.instances)

    monkeypatch.setattr(stage, "read_snapshot", without_queues)
    try:
        kept = site.run("openshift_ai", prune=True)
        assert site.written() == []
        orphan = objects(kept)[f"WorkloadPriorityClass {gone['name']}"]
        assert (orphan.result, orphan.action) == ("not_evaluated", "none")
        assert "whether it is wanted still is not known: clusterqueues: the server did not answer in time" in orphan.message
    finally:
        priorities.append(gone)
        monkeypatch.undo()
    assert failing(site.run("openshift_ai", "verify", READER)) == []


def test_with_a_gitops_folder_nothing_is_written_to_the_cluster(site: Site, tmp_path: Path) -> None:
    site.cluster.request("DELETE", f"{KUEUE}/cohorts/ai")
    result = site.run("openshift_ai", account=READER, gitops_dir=tmp_path / "repo")
    assert site.last is not None
    assert site.last.writes == 0
    assert (result.changed, result.failure) == (True, None)
    assert (tmp_path / "repo" / "openshift-ai" / "70-cohort-ai.yaml").is_file()
    assert objects(result)["Cohort ai"].state == "missing"
    assert not site.run("openshift_ai", account=READER, gitops_dir=tmp_path / "repo").changed
    assert site.run("openshift_ai").counts["created"] == 1


def test_what_does_not_get_ready_is_named_and_what_comes_after_it_is_not_written(site: Site) -> None:
    for path in ("/apis/dscinitialization.opendatahub.io/v2/dscinitializations/default-dsci", f"{KUEUE}/cohorts/ai"):
        site.cluster.request("DELETE", path)
    site.operands.is_idle = True
    try:
        result = site.run("openshift_ai")
    finally:
        site.operands.is_idle = False
    assert result.failure is not None
    late = objects(result)["Cohort ai"]
    assert (late.result, late.action) == ("not_evaluated", "none")
    assert "DSCInitialization" in late.message
    assert site.cluster.request("GET", f"{KUEUE}/cohorts/ai").status == 404
    assert site.run("openshift_ai").failure is None


def test_of_two_runs_at_once_one_leaves_with_the_holders_name(site: Site) -> None:
    site.cluster.request("DELETE", f"{KUEUE}/cohorts/ai")
    with site.connection() as connection, WriteLease(connection, HOME, "run-other"):
        result = site.run("openshift_ai")
    assert result.failure is not None
    assert result.failure.code == "cluster_busy"
    assert "another run is writing to this cluster: run-other" in result.failure.message
    assert (result.changed, result.artifact.counts["layer"]) == (False, len(LAYERS))
    assert site.run("openshift_ai").counts["created"] == 1


def test_of_two_runs_at_once_one_waits_where_it_may(site: Site) -> None:
    site.cluster.request("DELETE", f"{KUEUE}/cohorts/ai")
    with site.connection() as connection:
        lease = WriteLease(connection, HOME, "run-other")
        lease.__enter__()
        threading.Timer(2, lambda: lease.__exit__(None, None, None)).start()
        assert site.run("openshift_ai", lock_wait_minutes=1.0).counts["created"] == 1
