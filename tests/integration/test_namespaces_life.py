# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof of life on a real API server with controllers and scheduler, under the shipped rights: each broken layer has its own code.

Everything is broken between provisioning and the proof, each in a namespace of its own, and all of it is found by one run. Kueue's
controller, kubelets and containers do not run here: `life_stagehand` writes what they would.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.namespaces import life as life_adapter
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.namespaces import stage as stage_adapter
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.gate import Gate, gate_objects
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life import codes
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life.probe import RUN_LABEL, ProbePlan, probes_of

from tests.counterparts.cluster import Fault, node, wait_until
from tests.integration.life_scenes import APART, BY_NAMESPACE, GPU, NOT_HERE, PLAYED, REAL, RESTRICTED, SCENES, UNREACHABLE, spoiled
from tests.integration.life_stagehand import Kueue, stagehand, told
from tests.integration.namespaces_site import LARGE, Json, NamespacesSite, group, namespaces_site, shipped_rights
from tests.integration.platform_site import GPU_TAINT, LABELS, WRITER, may

MI300X = {"amd.com/gpu.product-name": "AMD_Instinct_MI300X", "amd.com/gpu.vram": "192G"}
REGION = {"topology.kubernetes.io/region": "eu-central"}
PEOPLE: Mapping[str, tuple[str, ...]] = {"life-owners": ("life-lead",), "life-scientists": ("life-scientist",)}
FAST = life_adapter.LifeSettings(timeout_seconds=25.0, poll_seconds=0.5, settle_seconds=5.0)
NODES = tuple(
    node(name, labels={**LABELS, **REGION}, capacity={**LARGE, GPU: "8"}, taints=[GPU_TAINT])
    for name in (*(f"gpu-{place}" for place in range(10)), "gpu-full", "gpu-crowded", "gpu-cordoned")
)


@dataclass
class Proved:
    """What one run found in all namespaces."""

    findings: dict[str, CheckFinding]
    records: dict[str, Json]
    left: CheckFinding
    seconds: float


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NamespacesSite]:
    amd = node("amd-0", labels={**MI300X, **REGION}, capacity={**LARGE, "amd.com/gpu": "8"})
    with namespaces_site(tmp_path_factory, "life", nodes=(*NODES, amd), people=PEOPLE, scheduler=True) as found:
        found.cluster.apply([*shipped_rights("life_rights.yml"), group("visitors", ["visitor"])])
        wait_until("the rights are known", lambda: may(found.cluster, found.tokens[WRITER], "delete", "batch", "jobs"))
        yield found


def contract(namespace: str, further: Mapping[str, Any], accelerator: Mapping[str, Any]) -> Json:
    """The contract of one scene, with an owner of its own."""
    groups = further.get("groups", ["life-scientists"])
    changes = {key: value for key, value in further.items() if key not in ("groups", "quota")}
    return {
        "schema_version": "1.0",
        "namespace": namespace,
        "owner": {"name": namespace, "group": "life-owners", "cost_centre": "cc-1"},
        "classification": "internal",
        "expires": "2027-06-30",
        "personas": [{"persona": "data_scientist", "groups": groups}],
        "accelerators": [{"name": "train", "class": "training", "count": 1, **accelerator}],
        "quota": {"cpu": 8, "memory_gib": 32, **further.get("quota", {})},
        **changes,
    }


def is_refused(site: NamespacesSite, namespace: str) -> bool:
    """Whether an admission policy refuses a pod with an accelerator."""
    resources = {"limits": {GPU: "1", "memory": "1Gi"}}
    container = {"name": "main", "image": UNREACHABLE, "resources": resources, "securityContext": RESTRICTED}
    body = {"metadata": {"name": "tried"}, "spec": {"containers": [container]}}
    answer = site.cluster.request("POST", f"/api/v1/namespaces/{namespace}/pods?dryRun=All", body)
    return "ValidatingAdmissionPolicy" in answer.message


@pytest.fixture(scope="module")
def proved(site: NamespacesSite) -> Iterator[Proved]:
    """One run of the stage, with everything broken between what it writes and what it proves."""
    contracts = [contract(scene.namespace, scene.contract, scene.accelerator) for scene in SCENES]
    queues = {scene.namespace: scene.kueue or Kueue() for scene in SCENES}
    containers = {scene.namespace: scene.container for scene in SCENES if scene.container is not None}
    prove = stage_adapter.proof_of_life
    webhook = next(scene.namespace for scene in SCENES if scene.code is codes.WEBHOOK)

    def broken_first(*arguments: Any, **further: Any) -> Any:
        for scene in SCENES:
            if scene.breaks is not None:
                scene.breaks(site.cluster, scene.namespace)
        site.cluster.apply(gate_objects(Gate(action="deny")))
        for scene in SCENES:
            if scene.code in (codes.GATE, codes.POLICY):
                wait_until("the policies are in force", partial(is_refused, site, scene.namespace))
        watching = site.cluster.webhook("not on my watch", namespace=webhook, groups=[""], resources=["pods"], operations=["CREATE"])
        with watching, stagehand(site.cluster, queues, containers, frozenset({"life-run-gone"})):
            return prove(*arguments, **further)

    def spoiled_plan(*arguments: Any) -> ProbePlan:
        plan = probes_of(*arguments)
        return replace(plan, probes=tuple(map(spoiled, plan.probes)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage_adapter, "proof_of_life", broken_first)
        patch.setattr(life_adapter, "probes_of", spoiled_plan)
        patch.setattr(life_adapter, "LifeSettings", lambda: FAST)
        began = life_adapter.Clock().now()
        result = site.run(contracts, access_proof="never", proof_of_life="always", probe_image=UNREACHABLE)
        seconds = life_adapter.Clock().now() - began
    found = {each.part: each for each in result.findings if each.check == "namespaces.life.proof"}
    (left,) = [each for each in result.findings if each.check == "namespaces.life.left"]
    lines = map(json.loads, (site.folder / "namespaces.jsonl").read_text(encoding="utf-8").splitlines())
    records = {each["part"]: each for each in lines if each["kind"] == "proof"}
    yield Proved(found, records, left, seconds)


def test_every_code_is_provoked_played_or_known_not_to_come_about_here() -> None:
    shown = [scene.code.id for scene in SCENES]
    assert sorted([*shown, *APART, *NOT_HERE]) == sorted(code.id for code in codes.CODES)
    by_way = {way: [scene.code.id for scene in SCENES if scene.how == way] for way in (REAL, PLAYED)}
    print("\n".join(f"{way}: {', '.join(names)}" for way, names in by_way.items()))
    print("\n".join(f"{code}: {why}" for code, why in {**APART, **NOT_HERE}.items()))


@pytest.mark.parametrize("namespace", sorted(BY_NAMESPACE))
def test_broken_layer_has_its_own_code(proved: Proved, namespace: str) -> None:
    scene = BY_NAMESPACE[namespace]
    record, finding = proved.records[namespace], proved.findings[namespace]
    assert record["code"] == scene.code.id, (record["words"], record["evidence"])
    assert scene.words in record["words"]
    assert finding.result == scene.code.result
    assert finding.message.startswith(f"{scene.code.id}: {scene.code.title}")
    assert finding.evidence
    assert finding.remedy == scene.code.remedy


def test_nothing_of_it_is_left(site: NamespacesSite, proved: Proved) -> None:
    print(f"{len(proved.records)} proofs, with all that they are proofs of, in {proved.seconds:.1f} s")
    assert proved.left.result == "pass"
    for path in ("/apis/batch/v1/jobs", "/api/v1/pods"):
        assert site.live(f"{path}?labelSelector={RUN_LABEL}")["items"] == []


def test_jobs_are_made_as_the_tenant_and_looked_at_all_together(site: NamespacesSite, proved: Proved) -> None:
    assert proved.records
    assert site.last is not None
    made = [call for call in site.last.calls if call.verb == "create" and "/jobs" in call.uri]
    assert {call.namespace for call in made} <= set(BY_NAMESPACE)
    looks = [call for call in site.last.calls if call.verb == "list" and RUN_LABEL.replace("/", "%2F") in call.uri]
    assert looks
    assert {call.namespace for call in looks} == {""}


# ---- what would break all others -------------------------------------------------------------------------------------


def proofs(site: NamespacesSite, contracts: list[Json], account: str = WRITER, **further: Any) -> list[CheckFinding]:
    """What one run with a proof finds, nothing being broken but what the test breaks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(life_adapter, "LifeSettings", lambda: FAST)
        usual: Json = {"access_proof": "never", "proof_of_life": "always", "probe_image": UNREACHABLE}
        result = site.run(contracts, account=account, **{**usual, **further})
    return [each for each in result.findings if each.check == "namespaces.life.proof"]


def jobs_of(site: NamespacesSite) -> list[Json]:
    """Jobs of proofs that are there."""
    found: list[Json] = site.live(f"/apis/batch/v1/jobs?labelSelector={RUN_LABEL}")["items"]
    return found


QUIET = contract("life-quiet", {"accelerators": []}, {})
"""It is granted no accelerator."""


def test_contract_without_accelerators_is_proven_without_any(site: NamespacesSite) -> None:
    with stagehand(site.cluster, {}, {"life-quiet": told()}):
        (found,) = proofs(site, [QUIET])
    assert (found.subject, found.result) == ("namespace life-quiet", "pass")
    assert "it asks for no devices" in found.message


def test_nothing_is_run_in_check_mode_or_verify_mode(site: NamespacesSite) -> None:
    for mode in ("check", "verify"):
        assert proofs(site, [QUIET], mode=mode) == []
        assert site.last is not None
        assert not [call for call in site.last.calls if call.resource == "jobs"]


def test_queue_that_its_contract_stops_and_grant_that_has_ended_are_not_tried(site: NamespacesSite) -> None:
    assert {each.result for each in proofs(site, [{**QUIET, "queue": {"stop": "hold"}}])} == {"not_applicable"}
    (ended,) = proofs(site, [QUIET], today="2027-07-01")
    assert (ended.result, "ended on 2027-06-30" in ended.message) == ("not_applicable", True)


def test_account_that_may_not_remove_jobs_makes_none(site: NamespacesSite) -> None:
    role = "/apis/rbac.authorization.k8s.io/v1/clusterroles/groundwork-readiness-namespaces-life"
    site.cluster.request("PATCH", role, {"rules": []}, "application/merge-patch+json").checked()
    wait_until("the rights are gone", lambda: not may(site.cluster, site.tokens[WRITER], "delete", "batch", "jobs"))
    try:
        (found,) = proofs(site, [QUIET])
        assert found.message.startswith("tenant.not_tried")
        assert "the account may not delete jobs.batch" in found.message
        assert "life_rights.yml" in found.remedy
        assert site.last is not None
        assert not [call for call in site.last.calls if call.resource == "jobs" and call.verb == "create"]
    finally:
        site.cluster.apply(shipped_rights("life_rights.yml"))
        wait_until("the rights are back", lambda: may(site.cluster, site.tokens[WRITER], "delete", "batch", "jobs"))


def test_what_a_killed_run_left_goes_with_the_next_one(site: NamespacesSite) -> None:
    container = {"name": "proof", "image": UNREACHABLE, "securityContext": RESTRICTED}
    labels = {RUN_LABEL: "an-earlier-run"}
    template = {"metadata": {"labels": labels}, "spec": {"restartPolicy": "Never", "containers": [container]}}
    body = {"metadata": {"name": "left", "labels": labels}, "spec": {"suspend": True, "template": template}}
    site.cluster.client.post("/apis/batch/v1/namespaces/life-quiet/jobs", body)
    with stagehand(site.cluster, {}, {"life-quiet": told()}):
        assert [each.result for each in proofs(site, [QUIET])] == ["pass"]
    assert jobs_of(site) == []


class Interrupted(BaseException):
    """As a signal ends a run."""


def test_run_that_is_interrupted_leaves_nothing(site: NamespacesSite) -> None:
    def sleep(seconds: float) -> None:
        asleep.append(seconds)
        if len(asleep) == 1:
            assert jobs_of(site)
            raise Interrupted

    asleep: list[float] = []
    clock = life_adapter.Clock
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(life_adapter, "Clock", lambda: clock(sleep=sleep))
        with pytest.raises(Interrupted):
            proofs(site, [QUIET])
    assert asleep
    wait_until("the Job is gone", lambda: jobs_of(site) == [])


def test_server_that_fails_in_the_middle_is_not_taken_for_an_answer(site: NamespacesSite) -> None:
    with site.cluster.proxy() as proxy:
        proxy.arm(Fault(status=503, path="/apis/batch/v1/namespaces/", method="POST"))
        behind = replace(site, cluster=replace(site.cluster, port=urlsplit(proxy.url).port))
        (found,) = proofs(behind, [QUIET])
    assert found.message.startswith("admission.server")
    assert found.result == "not_evaluated"


def test_cluster_without_nodes_is_told_as_such(site: NamespacesSite) -> None:
    nodes = [each["metadata"]["name"] for each in site.live("/api/v1/nodes")["items"]]

    def without_nodes(*arguments: Any, **further: Any) -> Any:
        for name in nodes:
            site.cluster.request("DELETE", f"/api/v1/nodes/{name}").checked()
        with stagehand(site.cluster, {}, {}):
            return prove(*arguments, **further)

    prove = stage_adapter.proof_of_life
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage_adapter, "proof_of_life", without_nodes)
        (found,) = proofs(site, [QUIET])
    assert found.message.startswith("scheduling.no_nodes")
    assert "no nodes available" in found.message
