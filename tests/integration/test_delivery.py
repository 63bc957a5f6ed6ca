# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Delivery on a real API server: seeded defects are found, a clean cluster gives no alarm, what cannot be read is not evaluated.

What the server itself does is asked too: which scopes it takes, and in which namespaces an admission policy denies.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import ArtifactReader
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.writer import WriteRequest, apply
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.request import PlatformResult
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import Desired, Policy
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery import readings
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.gates import denying, reaches
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.image_gates import passes
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.delivery import Delivery
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.delivery_rules import delivery_faults
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import PlatformDesired
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.shape import Reading

from tests.counterparts.cluster import wait_until
from tests.integration.delivery_site import (
    BROKEN_DOCUMENT,
    CLEAN_DOCUMENT,
    DIGEST,
    HOME,
    SEEDED,
    Site,
    account,
    alarms,
    delivery_site,
    encoded,
    objects_of,
    on_server,
    parsed,
    pem,
    pod,
    stage,
    told,
)
from tests.integration.mutations import Target, draw
from tests.unit.platform.delivery.builders import Json, admission, binding, image_policy, project, run


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with delivery_site() as found:
        yield found


def test_clean_part_of_the_cluster_gives_no_alarm_though_everything_is_asked_and_defects_are_beside_it(site: Site) -> None:
    assert {key: finding.message for key, finding in alarms(site.plan(CLEAN_DOCUMENT)).items()} == {}


def test_document_that_asks_for_nothing_gets_everything_as_information(site: Site) -> None:
    plan = site.plan({})
    assert alarms(plan) == {}
    seen = told(plan)
    assert seen["applications.healthy", "applications seen"].result == "fail"
    assert seen["pipelines.last_run", "pipelines seen"].result == "fail"
    kinds = {record["kind"] for record in plan.records}
    assert kinds == {"application", "gate", "image_policy", "pipeline"}


def test_each_seeded_defect_is_found_with_its_cause_and_nothing_else(site: Site) -> None:
    found = alarms(site.plan(BROKEN_DOCUMENT))
    assert set(found) == set(SEEDED)
    for key, words in SEEDED.items():
        assert found[key].result == "fail"
        assert words in found[key].message, found[key].message


def test_healed_defect_is_gone_at_the_next_look(site: Site) -> None:
    key = ("pipelines.fresh", "Pipeline ci-broken/stale")
    assert key in alarms(site.plan(BROKEN_DOCUMENT))
    fresh = run("stale-2", "stale", "ci-broken")
    site.cluster.apply([fresh])
    try:
        assert key not in alarms(site.plan(BROKEN_DOCUMENT))
    finally:
        site.cluster.request("DELETE", site.cluster.client.path_of(fresh))


@pytest.mark.parametrize(
    ("hidden", "areas"),
    [
        (readings.APPLICATIONS, {"applications.used", "applications.there", "applications.tracked"}),
        (readings.PROJECTS, {"applications.project", "gates.sync_window"}),
        (readings.RUNS, {"pipelines.last_run"}),
        (readings.PIPELINES, {"gates.approval"}),
        (readings.CLUSTER_POLICIES, {"images.signed", "images.running"}),
        (readings.POLICIES, {"images.running"}),
        (readings.ADMISSION_POLICIES, {"gates.admission"}),
        (readings.ADMISSION_BINDINGS, {"gates.admission"}),
        (readings.NAMESPACES, {"scope.namespaces", "applications.tracked", "gates.admission"}),
        (readings.PODS, {"images.running", "images.digest"}),
    ],
)
def test_list_that_the_account_may_not_read_is_not_evaluated_and_the_rest_stands(site: Site, hidden: str, areas: set[str]) -> None:
    token = account(site.cluster, f"without-{hidden.partition('.')[0]}", without=hidden)
    found = alarms(site.plan(CLEAN_DOCUMENT, token))
    assert {check for check, _subject in found} == areas
    assert {finding.result for finding in found.values()} == {"not_evaluated"}
    assert all(hidden.partition(".")[0] in finding.message for finding in found.values())


def test_of_the_runs_only_the_newest_of_each_outcome_are_kept(site: Site) -> None:
    kept = [item["metadata"]["name"] for item in site.look(CLEAN_DOCUMENT).snapshot.all(readings.RUNS)]
    assert kept == ["failing-1", "failing-2", "stale-1", "build-1", "build-2", "build-3", "release-1"]


# ---- policies that are written ---------------------------------------------------------------------------------------


def test_image_policies_are_accepted_by_the_server_written_once_and_close_the_gap(site: Site) -> None:
    key = pem()
    site.cluster.apply(
        [
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "cosign", "namespace": "openshift-config"},
                "data": {"cosign.pub": key},
            }
        ]
    )
    policies = [
        {
            "name": "elsewhere",
            "scopes": ["quay.io/elsewhere", "*.models.example.com"],
            "public_key": encoded(pem()),
            "rekor_key": encoded(pem()),
        },
        {
            "name": "team",
            "namespace": "ai-broken",
            "scopes": ["registry.example.org/team/app:1"],
            "public_key_from": {"namespace": "openshift-config", "name": "cosign"},
            "match": "RemapIdentity",
            "prefix": "registry.example.org/team",
            "signed_prefix": "signed.example.org:5000/team",
        },
        {
            "name": "exact",
            "scopes": ["localhost:5000"],
            "public_key": encoded(pem()),
            "match": "ExactRepository",
            "repository": "registry.example.org/exact",
        },
    ]
    document = {**BROKEN_DOCUMENT, "images": {**BROKEN_DOCUMENT["images"], "policies": policies}}
    plan = site.plan(document)
    assert len(plan.objects) == 3
    desired = tuple(Desired(wanted.object, wanted.path, wanted.rank, wanted.claim) for wanted in plan.objects)
    request = WriteRequest(Policy("platform-delivery"), "run-1", desired, home=HOME)
    with site.connection(site.cluster.admin_token) as connection:
        first, second = apply(connection, request), apply(connection, request)
    assert [finding.message for finding in first.failed()] == []
    assert (first.writes, second.writes) == (3, 0)
    found = alarms(site.plan(document))
    assert ("images.signed", "images of quay.io/elsewhere") not in found
    assert ("images.running", "images from quay.io") not in found
    stored = site.cluster.client.get("/apis/config.openshift.io/v1/namespaces/ai-broken/imagepolicies/team")
    assert base64.b64decode(stored["spec"]["policy"]["rootOfTrust"]["publicKey"]["keyData"]).decode() == key


SCOPES = (
    "registry.example.com",
    "registry.example.com:5000",
    "registry.example.com/a/b-c__d.e",
    "registry.example.com/a/b:v1.2",
    f"registry.example.com/a/b@{DIGEST}",
    "localhost",
    "localhost:5000/x",
    "*.example.com",
    "nginx",
    "nginx:1",
    "example*.com",
    "*.example.com/path",
    "registry.example.com/A",
    "https://registry.example.com",
    "registry.example.com/",
    "registry.example.com//a",
    "-a.example.com",
    "registry.example.com/a..b",
    "registry.example.com/a.-b",
    "registry.example.com/a___b",
    "registry.example.com/a--b/c__d",
    "registry.example.com/a-",
    f"registry.example.com/a:1@{DIGEST}",
    f"registry.example.com@{DIGEST}",
    "registry.example.com:5000:1",
    "Registry.Example.com/a",
    "127.0.0.1:5000/a",
    "localhost:1",
    "*.a-.example.com",
    "registry.example.com/a:b:c",
    "*",
    "*.",
    "*.com",
    "registry.example.com/a@sha256:12",
)


STRICTER = (f"registry.example.com@{DIGEST}", "registry.example.com:5000:1")
"""Taken by the server, and no image is called so: a registry with a digest or a tag."""


def test_scopes_that_the_rules_let_through_are_those_that_the_server_takes(site: Site) -> None:
    for scope in SCOPES:
        section = Reading().section(Delivery, {"images": {"signed": [scope]}}, ("delivery",))
        body = on_server(image_policy("tried", scope))
        answer = site.cluster.request("POST", "/apis/config.openshift.io/v1/clusterimagepolicies?dryRun=All", body)
        assert answer.status in (201, 422), (scope, answer.message)
        assert bool(list(delivery_faults(section))) == (answer.status == 422 or scope in STRICTER), (scope, answer.message)


def policies_of(*names: str) -> PlatformDesired:
    """A document with these image policies, which asks for all that the clean part of the cluster has."""
    policies = [{"name": name, "scopes": ["registry.example.net"], "public_key": encoded(pem())} for name in names]
    return parsed({**CLEAN_DOCUMENT, "images": {"policies": policies, "running_signed": True}})


def test_stage_writes_the_policies_once_verifies_them_and_names_the_defects(site: Site, tmp_path: Path) -> None:
    desired = policies_of("staged")
    first, second, third = (stage(site, tmp_path, mode, desired) for mode in ("apply", "apply", "verify"))
    assert first.failure is None, first.failure.problems
    assert (first.changed, second.changed, third.changed) == (True, False, False)
    records = list(ArtifactReader(Path(third.artifact.path), "platform"))
    assert {record["kind"] for record in records} >= {
        "application",
        "finding",
        "gate",
        "image_policy",
        "layer",
        "object",
        "pipeline",
        "reading",
    }
    layer = next(record for record in records if record["kind"] == "layer" and record["id"] == "delivery")
    assert (layer["state"], layer["reason"]) == ("ready", "")
    failed = stage(site, tmp_path, "verify", parsed(BROKEN_DOCUMENT))
    assert failed.failure is not None
    assert {(each.check.removeprefix("platform.delivery."), each.subject) for each in failed.findings if each.result == "fail"} >= {
        ("applications.healthy", "Application openshift-gitops/broken"),
        ("pipelines.fresh", "Pipeline ci-broken/stale"),
    }


def test_random_changes_of_image_policies_are_predicted_found_and_set_right(site: Site, tmp_path: Path) -> None:
    rng, names, left = Random(20261122), [f"drift-{number}" for number in range(6)], 10
    desired = policies_of(*names)
    assert stage(site, tmp_path, "apply", desired).failure is None
    while left:
        free = [policy_target(site, name) for name in names]
        done = [mutation for mutation in map(partial(draw, rng), ([target] for target in free)) if mutation.inflict(site.cluster)]
        foreseen, seen, applied = (objects_of(stage(site, tmp_path, mode, desired)) for mode in ("check", "verify", "apply"))
        for mutation in done:
            subject = mutation.target.text
            assert seen[subject].result == "fail", mutation.text
            one, other = foreseen[subject], applied[subject]
            assert (one.state, one.action, one.fields) == (other.state, other.action, other.fields), mutation.text
        # Fields that another manager has taken by force are told and left; here they are made anew, and count for nothing.
        kept = [mutation.target.path for mutation in done if applied[mutation.target.text].action == "none"]
        for path in kept:
            site.cluster.request("DELETE", path)
        left = max(0, left - len(done) + len(kept))
        stage(site, tmp_path, "apply", desired)
        assert not stage(site, tmp_path, "apply", desired).changed


def policy_target(site: Site, name: str) -> Target:
    """A policy that was written, as the server has it."""
    path = f"/apis/config.openshift.io/v1/clusterimagepolicies/{name}"
    return Target(path, {"apiVersion": "config.openshift.io/v1", "kind": "ClusterImagePolicy", **site.cluster.client.get(path)})


# ---- image gates and sync windows ------------------------------------------------------------------------------------

ADMISSION = "/apis/admissionregistration.k8s.io/v1"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
PROJECT = "/apis/argoproj.io/v1alpha1/namespaces/openshift-gitops/appprojects/guarded"
THEIRS: tuple[Json, ...] = (
    {
        "kind": "allow",
        "schedule": "0 1 * * 6",
        "duration": "2h",
        "applications": ["web-*"],
        "timeZone": "Europe/Berlin",
        "manualSync": True,
    },
    {"kind": "deny", "schedule": "0 8 * * *", "duration": "10h", "clusters": ["in-*"], "namespaces": []},
)
IMAGES = (
    f"registry.example.com/ai/vllm@{DIGEST}",
    f"registry.example.com/ai/vllm:1@{DIGEST}",
    "registry.example.com/ai/vllm:1",
    "registry.example.com/ai",
    "registry.example.com/ai:1",
    f"registry.example.com/ai@{DIGEST}",
    "registry.example.com/airy/vllm:1",
    "registry.example.com:5000/ai/vllm:1",
    "registry.example.com.evil.example.net/ai/vllm:1",
    f"quay.io/elsewhere/tool@{DIGEST[:-1]}",
    f"quay.io/elsewhere/tool@{DIGEST}",
    f"quay.io/elsewhere/tool@{DIGEST}0",
    f"quay.io/elsewhere/tool@{DIGEST.upper()}",
    "nginx",
)


def gates(**further: Json | list[Json]) -> Json:
    return {**CLEAN_DOCUMENT, "gates": {**CLEAN_DOCUMENT["gates"], **further}}


def gated_namespace(site: Site, name: str) -> None:
    """A namespace with the label of the gate of that name, in which pods can be made."""
    site.cluster.client.create([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {name: "yes"}}}])
    site.cluster.request("POST", f"/api/v1/namespaces/{name}/serviceaccounts", {"metadata": {"name": "default"}})


def image_gate(name: str, rule: str = "digest", action: str = "deny", **further: object) -> Json:
    return {"name": name, "rule": rule, "action": action, "namespaces_labelled": {name: "yes"}, **further}


@pytest.mark.parametrize(
    ("name", "rule", "registries"),
    [
        ("by-digest", "digest", []),
        ("from-here", "registries", ["registry.example.com/ai", "quay.io"]),
        ("from-host", "registries", ["registry.example.com"]),
    ],
)
def test_image_gate_that_is_written_refuses_just_the_images_that_it_is_said_to(
    site: Site, tmp_path: Path, name: str, rule: str, registries: list[str]
) -> None:
    asked = image_gate(name, rule, **({"registries": registries} if registries else {}))
    gated_namespace(site, name)
    old = pod(name, "old", "nginx:old")
    site.cluster.apply([{**old, "metadata": {**old["metadata"], "finalizers": ["example.com/held"]}}])
    desired = parsed(gates(image_gates=[asked]))
    first, second = (stage(site, tmp_path, "apply", desired, token=site.writer) for _turn in range(2))
    assert (first.changed, second.changed) == (True, False)
    said = told(second)
    assert f"1 images would not pass in {name}: nginx:old" in said["gates.image_gate.runs", f"image gate {name}"].message
    (wanted,) = Reading().section(Delivery, gates(image_gates=[asked]), ("delivery",)).gates.image_gates

    def status(image: str) -> int:
        return site.cluster.request("POST", f"/api/v1/namespaces/{name}/pods?dryRun=All", pod(name, "tried", image)).status

    wait_until("the policy is in force", lambda: status("nginx") == 403, 30)
    assert {image: status(image) for image in IMAGES} == {image: 201 if passes(wanted, image) else 403 for image in IMAGES}
    assert {passes(wanted, image) for image in IMAGES} == {True, False}
    refusal = site.cluster.request("POST", f"/api/v1/namespaces/{name}/pods?dryRun=All", pod(name, "tried", "nginx:9"))
    assert "images have to " in refusal.message
    assert "nginx:9" in refusal.message
    # A pod that was there before can be ended all the same, and gets no further image that breaks the rule.
    path = f"/api/v1/namespaces/{name}/pods/old"
    site.cluster.request("PATCH", path, {"metadata": {"finalizers": None, "labels": {"seen": "yes"}}}, MERGE).checked()
    debug = {"spec": {"ephemeralContainers": [{"name": "debug", "image": "nginx:debug"}]}}
    refused = site.cluster.request("PATCH", f"{path}/ephemeralcontainers", debug, STRATEGIC)
    assert (refused.status, "nginx:debug" in refused.message) == (403, True)


def test_gate_that_warns_lets_pods_be_made_and_says_what_it_would_refuse(site: Site, tmp_path: Path) -> None:
    gated_namespace(site, "warned")
    assert stage(site, tmp_path, "apply", parsed(gates(image_gates=[image_gate("warned", action="warn")]))).failure is None

    def warning() -> str:
        answer = site.cluster.request("POST", "/api/v1/namespaces/warned/pods?dryRun=All", pod("warned", "tried", "nginx"))
        assert answer.status == 201, answer.message
        return answer.headers.get("warning", "")

    wait_until("the policy is in force", lambda: "images have to be named by digest: nginx" in warning(), 30)


@pytest.mark.parametrize("actions", [["Deny", "Audit"], ["Audit"], ["Warn"]])
def test_actions_that_somebody_changed_are_predicted_found_and_set_right(site: Site, tmp_path: Path, actions: list[str]) -> None:
    desired = parsed(gates(image_gates=[image_gate("acting")]))
    stage(site, tmp_path, "apply", desired, token=site.writer)
    path = f"{ADMISSION}/validatingadmissionpolicybindings/acting"
    site.cluster.request("PATCH", path, {"spec": {"validationActions": actions}}, MERGE).checked()
    foreseen, seen, applied = (stage(site, tmp_path, mode, desired, token=site.writer) for mode in ("check", "verify", "apply"))
    key = ("gates.image_gate.action", "image gate acting: action deny")
    assert (told(foreseen)[key].action, told(applied)[key].action) == ("update", "update")
    assert told(seen)[key].result == "fail"
    assert site.cluster.client.get(path)["spec"]["validationActions"] == ["Deny"]
    assert not stage(site, tmp_path, "apply", desired, token=site.writer).changed


def test_gate_over_a_namespace_of_the_platform_is_refused_and_nothing_is_written(site: Site, tmp_path: Path) -> None:
    site.cluster.request("PATCH", "/api/v1/namespaces/openshift-config", {"metadata": {"labels": {"wide": "yes"}}}, MERGE).checked()
    found = stage(site, tmp_path, "apply", parsed(gates(image_gates=[image_gate("wide")])))
    assert not found.changed
    assert "openshift-config bears wide=yes" in told(found)["gates.image_gate.scope", "image gate wide"].message
    assert site.cluster.request("GET", live_path("wide")).status == 404


def test_sync_windows_are_merged_among_those_of_others_and_go_with_prune(site: Site, tmp_path: Path) -> None:
    guarded = project("guarded", windows=THEIRS)
    site.cluster.apply([guarded])
    frozen = {"project": "guarded", "schedule": "0 0 24 12 *", "duration": "72h", "write": True}
    nights = {"project": "guarded", "window": "allow", "schedule": "0 22 * * *", "duration": "6h", "write": True, "manual": True}
    both, one = parsed(gates(sync_windows=[frozen, nights])), parsed(gates(sync_windows=[nights]))
    foreseen = stage(site, tmp_path, "check", both, token=site.writer)
    first, second = (stage(site, tmp_path, "apply", both, token=site.writer) for _turn in range(2))
    assert (first.changed, second.changed) == (True, False)
    assert entries(foreseen) == entries(first) == {"deny 0 0 24 12 * 72h": "create", "allow 0 22 * * * 6h": "create"}
    assert windows(site)[:2] == list(THEIRS)
    assert [(entry["kind"], entry["applications"], entry["manualSync"]) for entry in windows(site)[2:]] == [
        ("deny", ["*"], False),
        ("allow", ["*"], True),
    ]
    assert entries(stage(site, tmp_path, "apply", one, token=site.writer)) == {
        "allow 0 22 * * * 6h": "none",
        "deny 0 0 24 12 * 72h": "none",
    }
    assert len(windows(site)) == 4
    assert stage(site, tmp_path, "apply", one, token=site.writer, prune=True).changed
    assert windows(site) == [*THEIRS, windows(site)[-1]]
    assert windows(site)[-1]["schedule"] == "0 22 * * *"
    stage(site, tmp_path, "apply", parsed(CLEAN_DOCUMENT), token=site.writer, prune=True)
    assert windows(site) == list(THEIRS)
    assert "annotations" not in site.cluster.client.get(PROJECT)["metadata"]


def test_windows_are_foreseen_shown_in_the_diff_counted_and_named_where_a_folder_cannot_hold_them(site: Site, tmp_path: Path) -> None:
    site.cluster.apply([project("guarded", windows=THEIRS)])
    asked = parsed(gates(sync_windows=[{"project": "guarded", "schedule": "0 3 * * *", "duration": "1h", "write": True}]))
    folder = stage(site, tmp_path, "apply", asked, gitops_dir=tmp_path / "gitops")
    named = [finding for finding in folder.findings if finding.check == "platform.delivery.gitops"]
    assert [(finding.subject, finding.severity) for finding in named] == [("AppProject openshift-gitops/guarded", "warning")]
    assert "no file can do that: deny 0 3 * * * 1h: create" in named[0].message
    assert windows(site) == list(THEIRS)
    foreseen = stage(site, tmp_path, "check", asked, diff=True)
    assert foreseen.failure is None
    assert foreseen.diffs["entries of AppProject openshift-gitops/guarded"] == (
        {"deny 0 3 * * * 1h": "missing"},
        {"deny 0 3 * * * 1h": "create"},
    )
    applied = stage(site, tmp_path, "apply", asked, diff=True)
    assert applied.failure is None
    assert applied.counts["updated"] == foreseen.counts["updated"] == 1
    assert set(applied.diffs) == set(foreseen.diffs)
    stage(site, tmp_path, "apply", parsed(CLEAN_DOCUMENT), prune=True)


def test_random_changes_of_sync_windows_are_predicted_found_and_set_right(site: Site, tmp_path: Path) -> None:
    rng = Random(20261123)
    site.cluster.apply([project("guarded", windows=THEIRS)])
    asked = [{"project": "guarded", "schedule": f"0 {hour} * * *", "duration": "1h", "write": True} for hour in (1, 5, 9)]
    desired = parsed(gates(sync_windows=asked))
    stage(site, tmp_path, "apply", desired)
    for _turn in range(12):
        before = windows(site)
        ours = [place for place, entry in enumerate(before) if entry not in THEIRS]
        place, changed = rng.choice(ours), [dict(entry) for entry in before]
        key, value = rng.choice(
            [("manualSync", True), ("duration", "3h"), ("kind", "allow"), ("applications", ["web-*"]), ("timeZone", "Asia/Tokyo")]
        )
        if rng.random() < 0.3:
            del changed[place]
        else:
            changed[place][key] = value
        site.cluster.request("PATCH", PROJECT, {"spec": {"syncWindows": changed}}, MERGE).checked()
        foreseen, seen, applied = (stage(site, tmp_path, mode, desired) for mode in ("check", "verify", "apply"))
        assert seen.failure is not None
        assert any(finding.failed for finding in seen.findings if finding.check.endswith("sync_window.entry"))
        assert entries(foreseen) == entries(applied)
        assert set(entries(applied).values()) - {"none"}
        assert [entry for entry in windows(site) if entry in THEIRS] == list(THEIRS)
        assert not stage(site, tmp_path, "apply", desired).changed
        # What has another schedule or kind by now is somebody's window: it stays, and is taken out by hand here.
        site.cluster.request(
            "PATCH", PROJECT, {"spec": {"syncWindows": [entry for entry in windows(site) if is_known(entry, asked)]}}, MERGE
        ).checked()
    stage(site, tmp_path, "apply", parsed(CLEAN_DOCUMENT), prune=True)
    assert windows(site) == list(THEIRS)


def test_project_that_is_not_there_or_comes_from_git_is_not_written(site: Site, tmp_path: Path) -> None:
    item = project("tracked")
    tracking = {"argocd.argoproj.io/tracking-id": "root:argoproj.io/AppProject:openshift-gitops/tracked"}
    site.cluster.apply([{**item, "metadata": {**item["metadata"], "annotations": tracking}}])
    asked = [{"project": name, "schedule": "0 8 * * *", "duration": "1h", "write": True} for name in ("tracked", "gone")]
    found = stage(site, tmp_path, "apply", parsed(gates(sync_windows=asked)), token=site.writer)
    assert not found.changed
    said = [finding for finding in found.findings if finding.check.endswith("sync_window.entry") and finding.failed]
    messages = " ".join(f"{finding.message} {finding.remedy}" for finding in said)
    assert "it belongs to application root of Argo CD and is not written from here" in messages
    assert "the project is not there, and is not made here" in messages
    assert site.cluster.client.get(f"{PROJECT.rpartition('/')[0]}/tracked")["spec"].get("syncWindows") is None


def windows(site: Site) -> list[Json]:
    found: list[Json] = site.cluster.client.get(PROJECT)["spec"].get("syncWindows", [])
    return found


def is_known(entry: Json, asked: list[Json]) -> bool:
    """Whether a window is one of others, or just as it is written."""
    usual = {"kind": "deny", "applications": ["*"], "manualSync": False}
    return entry in THEIRS or entry in [{**usual, "schedule": each["schedule"], "duration": each["duration"]} for each in asked]


def entries(result: PlatformResult) -> dict[str, str]:
    """What is done about each window, by what it says."""
    found = [finding for finding in result.findings if finding.check.endswith("sync_window.entry")]
    return {finding.subject.partition(": ")[2]: finding.action for finding in found}


def live_path(name: str) -> str:
    return f"{ADMISSION}/validatingadmissionpolicies/{name}"


# ---- what admission really does ----------------------------------------------------------------------------------------

SELECTORS: tuple[Json, ...] = (
    {},
    {"matchLabels": {"tier": "prod"}},
    {"matchExpressions": [{"key": "tier", "operator": "In", "values": ["dev", "test"]}]},
    {"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["prod"]}]},
    {"matchExpressions": [{"key": "tier", "operator": "Exists"}]},
    {"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]},
    {"matchLabels": {"tier": "dev"}, "matchExpressions": [{"key": "tier", "operator": "Exists"}]},
)


@pytest.mark.parametrize("number", range(len(SELECTORS)))
def test_namespaces_that_a_policy_is_said_to_reach_are_those_in_which_the_server_denies(site: Site, number: int) -> None:
    name, key = f"tried-{number}", f"tried-{number}"
    rules = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}]
    constraints: Json = {"resourceRules": rules}
    only = [{"name": "own", "expression": f"object.metadata.name == '{key}'"}]
    policy = admission(name, matchConstraints=constraints, matchConditions=only, validations=[{"expression": "false", "message": "denied"}])
    bound = binding(name, name, matchResources={"namespaceSelector": SELECTORS[number]})
    site.cluster.apply([policy, bound])
    spaces = {item["metadata"]["name"]: item["metadata"]["labels"] for item in site.cluster.client.get("/api/v1/namespaces")["items"]}

    def denied() -> set[str]:
        body = {"metadata": {"name": key}}
        answers = {
            space: site.cluster.request("POST", f"/api/v1/namespaces/{space}/configmaps?dryRun=All", body).status for space in spaces
        }
        return {space for space, status in answers.items() if status == 422}

    listed = site.look({}).snapshot
    live = listed.get(readings.ADMISSION_POLICIES, "", name)
    assert live is not None
    bindings = denying(listed.all(readings.ADMISSION_BINDINGS), name)
    expected = {space for space, labels in spaces.items() if reaches(live, bindings, labels)}
    assert expected
    wait_until("the policy is in force", lambda: denied() == expected, 30)
