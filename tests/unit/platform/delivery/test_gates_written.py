# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gates that are written: where an image gate holds and what it would refuse, and sync windows among those of others."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.merges import Merged, marks_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.image_gates import passes, policy_object
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.plan import plan_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.readings import (
    ADMISSION_BINDINGS,
    ADMISSION_POLICIES,
    NAMESPACES,
    PODS,
    PROJECTS,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.sync_windows import (
    WHAT,
    WindowsChange,
    window_item,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.delivery import (
    Delivery,
    GatesWanted,
    ImageGateWanted,
    SyncWindowWanted,
)

from tests.unit.platform.delivery.builders import Json, binding, findings, look, namespace, project

DIGEST = "@sha256:" + "0a" * 32
GATE = ImageGateWanted(name="images", rule="digest", namespaces_labelled={"tier": "prod"}, action="deny")
SCOPE, RUNS = ("gates.image_gate.scope", "image gate images"), ("gates.image_gate.runs", "image gate images")
SPACES = [namespace("ai-models", {"tier": "prod"}), namespace("ai-train", {"tier": "dev"})]


def seen(spaces: list[Json], images: dict[str, dict[str, int]] | None, **further: Any) -> dict[tuple[str, str], str]:
    found = findings(look(Delivery(gates=GatesWanted(image_gates=(GATE,))), {NAMESPACES: spaces}, images=images, **further))
    return {key: f"{found[key].result}: {found[key].message}" for key in (SCOPE, RUNS) if key in found}


def test_gate_is_judged_by_what_runs_where_it_holds_and_by_nothing_else() -> None:
    images = {"ai-models": {f"a.example.com/x{DIGEST}": 1, "a.example.com/y:1": 3}, "ai-train": {"a.example.com/z:1": 1}}
    found = seen(SPACES, images)
    assert found[SCOPE] == "pass: it holds in ai-models"
    assert found[RUNS] == "fail: 1 images would not pass in ai-models: a.example.com/y:1"
    assert seen(SPACES, {"ai-models": {f"a.example.com/x{DIGEST}": 1}})[RUNS] == "pass: all 1 images pass"


@pytest.mark.parametrize(
    ("spaces", "further", "scope", "runs"),
    [
        (SPACES[1:], {}, "fail: no namespace bears tier=prod", "not_applicable: it holds in no namespace"),
        (SPACES, {"forbidden": (PODS,)}, "pass: it holds in ai-models", "not_evaluated: the account may not list pods"),
        (SPACES, {"forbidden": (NAMESPACES,)}, "not_evaluated: the account may not list namespaces", ""),
        (SPACES, {"absent": (ADMISSION_POLICIES,)}, "fail: the cluster does not serve admission policies", ""),
    ],
)
def test_what_is_not_known_of_a_gate_is_never_a_pass(spaces: list[Json], further: Any, scope: str, runs: str) -> None:
    found = seen(spaces, None, **further)
    assert (found[SCOPE], found.get(RUNS, "")) == (scope, runs)


def test_gate_over_a_namespace_of_the_platform_refuses_the_run() -> None:
    wanted = Delivery(gates=GatesWanted(image_gates=(GATE,)))
    found = findings(look(wanted, {NAMESPACES: [*SPACES, namespace("openshift-etcd", {"tier": "prod"})]}, images={}))
    assert (found[SCOPE].result, found[SCOPE].refuses) == ("fail", True)
    assert "openshift-etcd bears tier=prod" in found[SCOPE].message


def test_gate_that_would_be_written_blind_refuses_the_run() -> None:
    wanted = Delivery(gates=GatesWanted(image_gates=(GATE,)))
    found = findings(look(wanted, forbidden=(NAMESPACES,)))
    assert (found[SCOPE].result, found[SCOPE].refuses) == ("not_evaluated", True)


@pytest.mark.parametrize(
    "name", ["openshift-image-registry", "openshift-cnv", "openshift-openstack-infra", "kube-public", "default", "openshift-gitops"]
)
def test_every_namespace_of_the_system_is_one(name: str) -> None:
    wanted = Delivery(gates=GatesWanted(image_gates=(GATE,)))
    found = findings(look(wanted, {NAMESPACES: [namespace(name, {"tier": "prod"})]}, images={}))
    assert (found[SCOPE].result, found[SCOPE].refuses) == ("fail", True)


@pytest.mark.parametrize(("actions", "merges"), [(["Deny"], 0), (["Warn"], 1), (["Audit", "Deny"], 1)])
def test_actions_of_a_binding_are_set_as_a_whole(actions: list[str], merges: int) -> None:
    wanted = Delivery(gates=GatesWanted(image_gates=(GATE,)))
    plan = plan_of(look(wanted, {ADMISSION_BINDINGS: [binding("images", "images", *actions)]}))
    assert len(plan.merges) == merges
    assert plan.objects[1].object["spec"]["validationActions"] == (["Deny"] if "Deny" in actions else actions)
    for merge in plan.merges:
        made = merge.change.of(binding("images", "images", *actions)).object
        assert made is not None and made["spec"]["validationActions"] == ["Deny"]


def test_gate_is_written_as_policy_and_binding_unless_the_cluster_has_no_such_kinds() -> None:
    wanted = Delivery(gates=GatesWanted(image_gates=(GATE,)))
    kinds = [item.object["kind"] for item in plan_of(look(wanted)).objects]
    assert kinds == ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"]
    assert plan_of(look(wanted, absent=(ADMISSION_POLICIES,))).objects == ()
    bound = plan_of(look(wanted)).objects[1].object
    assert bound["spec"]["validationActions"] == ["Deny"]
    assert policy_object(GATE)["spec"]["failurePolicy"] == "Fail"


@pytest.mark.parametrize(
    ("image", "fine"),
    [
        ("registry.example.com/ai/vllm:1", True),
        ("registry.example.com/ai:1", True),
        ("registry.example.com/ai", True),
        (f"registry.example.com/ai{DIGEST}", True),
        ("registry.example.com/airy:1", False),
        ("registry.example.com.evil.example.net/ai/x", False),
        ("quay.example.com/x", True),
        ("quay.example.com:5000/x", False),
        ("nginx", False),
    ],
)
def test_registry_ends_where_its_name_ends(image: str, fine: bool) -> None:
    registries = ("registry.example.com/ai", "quay.example.com")
    gate = ImageGateWanted(name="images", rule="registries", registries=registries, namespaces_labelled={"a": "b"}, action="deny")
    assert passes(gate, image) is fine


# ---- sync windows ----------------------------------------------------------------------------------------------------

THEIRS: Json = {"kind": "deny", "schedule": "0 8 * * *", "duration": "1h", "applications": ["web-*"]}


def window(schedule: str = "0 8 * * *", **further: Any) -> SyncWindowWanted:
    return SyncWindowWanted(project="ai", schedule=schedule, duration="1h", write=True, **further)


def with_windows(*windows: Json, live: Json | None = None) -> Json:
    item = live or project("ai")
    return {**item, "spec": {**item["spec"], "syncWindows": list(windows)}}


def merged(live: Json, *wanted: SyncWindowWanted, prune: bool = False) -> Merged:
    return WindowsChange(wanted, prune).of(live)


def written(live: Json, *wanted: SyncWindowWanted, prune: bool = False) -> Json:
    found = merged(live, *wanted, prune=prune)
    return live if found.object is None else dict(found.object)


def told(found: Merged) -> dict[str, tuple[str, str]]:
    return {entry.name: (entry.state, entry.action) for entry in found.entries}


NAME = "deny 0 8 * * * 1h"


def test_window_comes_beside_that_of_others_at_the_same_times_and_a_second_write_changes_nothing() -> None:
    live = written(with_windows(THEIRS), window())
    assert live["spec"]["syncWindows"] == [THEIRS, window_item(window())]
    assert merged(live, window()).object is None
    assert told(merged(live, window())) == {NAME: ("in_step", "none")}


def test_window_that_is_there_as_it_is_wanted_is_adopted_and_stays_for_good() -> None:
    same = {"kind": "deny", "schedule": "0  8 * * *", "duration": "1h", "applications": ["*"], "timeZone": "UTC"}
    live = written(with_windows(same), window())
    assert live["spec"]["syncWindows"] == [same]
    assert written(live, prune=True)["spec"]["syncWindows"] == [same]
    assert marks_of(written(live, prune=True), WHAT) == {}


def test_window_of_the_same_times_that_is_not_as_it_was_written_is_somebodys_and_ours_comes_anew() -> None:
    live = written(with_windows(THEIRS), window())
    for others in ([THEIRS], [{**THEIRS, "timeZone": "Asia/Tokyo"}], [THEIRS, {**window_item(window()), "manualSync": True}]):
        changed = with_windows(*others, live=live)
        assert told(merged(changed, window())) == {NAME: ("missing", "create")}
        assert written(changed, window())["spec"]["syncWindows"] == [*others, window_item(window())]


def test_window_that_is_there_with_a_description_is_taken_for_what_it_says() -> None:
    told_in_words = {**window_item(window()), "description": "end of the year"}
    live = written(with_windows(told_in_words), window())
    assert live["spec"]["syncWindows"] == [told_in_words]


def test_window_that_the_document_still_asks_for_stays_though_it_is_written_no_more() -> None:
    live = written(with_windows(THEIRS), window())
    change = WindowsChange((), prune=True, asked=frozenset({NAME}))
    found = change.of(live)
    assert found.object is not None
    assert found.object["spec"]["syncWindows"] == live["spec"]["syncWindows"]
    assert marks_of(dict(found.object), WHAT) == {}


def test_changed_wish_changes_our_window_in_its_place() -> None:
    live = written(with_windows(), window(), window("0 9 * * *"))
    again = written(live, window(manual=True), window("0 9 * * *"))
    assert [entry["manualSync"] for entry in again["spec"]["syncWindows"]] == [True, False]


def test_window_that_is_wanted_no_more_goes_with_prune_unless_somebody_changed_it() -> None:
    live = written(with_windows(THEIRS), window())
    assert told(merged(live)) == {NAME: ("orphaned", "none")}
    pruned = written(live, prune=True)
    assert pruned["spec"]["syncWindows"] == [THEIRS]
    assert marks_of(pruned, WHAT) == {}
    changed = with_windows({**window_item(window()), "manualSync": True}, live=live)
    assert written(changed, prune=True)["spec"]["syncWindows"] == changed["spec"]["syncWindows"]
    assert marks_of(written(changed, prune=True), WHAT) == {}


def test_project_with_windows_of_ours_is_looked_at_though_the_document_names_none_in_it() -> None:
    live = written(with_windows(THEIRS), window())
    plan = plan_of(look(Delivery(), {PROJECTS: [live, project("other")]}))
    assert [merge.ref.name for merge in plan.merges] == ["ai"]
    assert merged(with_windows()).object is None


def test_random_lists_keep_every_window_of_others_in_its_order_and_settle_at_once() -> None:
    rng = Random(20261122)
    for _case in range(500):
        others = [
            {"kind": rng.choice(["allow", "deny"]), "schedule": f"0 {rng.randrange(3)} * * *", "duration": "1h", "applications": [f"a{n}"]}
            for n in range(rng.randrange(4))
        ]
        live = with_windows(*others)
        for _turn in range(4):
            asked = [window(f"0 {hour} * * *", manual=rng.random() < 0.5) for hour in range(3) if rng.random() < 0.6]
            prune = rng.random() < 0.5
            live = written(live, *asked, prune=prune)
            assert merged(live, *asked, prune=prune).object is None
            assert [entry for entry in live["spec"]["syncWindows"] if entry["applications"] != ["*"]] == others
            for each in asked:
                assert window_item(each) in live["spec"]["syncWindows"]
        live = written(live, prune=True)
        assert live["spec"]["syncWindows"] == others
