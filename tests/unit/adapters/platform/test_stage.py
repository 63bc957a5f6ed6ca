# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A call of the stage: what is read once, in which order things are written and waited for, the GitOps folder, rights, failures."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.reviews import Ask, lacking
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.seeds import seeds_of
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.gitops_folder import folder_files, into_folder, part_folder
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform import stage as stage_module
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.request import PlatformRequest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.stage import run_platform
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.waiting import Waited
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.writing import Writing, chunks, desired_of
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import InputError, Problem
from ansible_collections.groundwork.readiness.plugins.module_utils.common.merges import Merge, Merged
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import FIELDS, Desired, Finding, ObjectKey, Tally
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.catalogue import Catalogue
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import PlatformDesired
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import PartPlan, Wait, WantedObject
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.progress import Progress
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.readings import BY_KIND
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, Named, PlatformSnapshot

from tests.unit.adapters.cluster.fake_api import FakeApi, Request, connected, refusal, reply

Json = dict[str, Any]
QUEUES = "kueue.x-k8s.io/v1beta2"


def thing(name: str, rank: int, kind: str = "Cohort", **more: Any) -> WantedObject:
    item = {"apiVersion": QUEUES, "kind": kind, "metadata": {"name": name}}
    return WantedObject(item, "openshift_ai", "queues", "openshift_ai.queues", rank, **more)


def wait_for(name: str) -> Wait:
    return Wait(f"Cohort {name}", "openshift_ai", "queues", Named(QUEUES, "Cohort", "", name), 5)


def request(folder: Path, **more: Any) -> PlatformRequest:
    usual: Json = {"run_id": "run-1", "host": "hub", "part": "openshift_ai", "parts": ("openshift_ai",), "mode": "apply"}
    usual |= {"desired": PlatformDesired(schema_version="1.0"), "catalogue": Catalogue("1", "0" * 64), "today": "2026-11-22"}
    return PlatformRequest(run_dir=folder, dest=folder / "part.jsonl", **{**usual, **more})


# ---- order -----------------------------------------------------------------------------------------------------------


def names(plan: PartPlan) -> list[tuple[list[str], list[str]]]:
    return [([one.object["metadata"]["name"] for one in each.objects], [one.ref.name for one in each.waits]) for each in chunks(plan)]


def test_objects_are_divided_where_something_has_to_be_ready_first() -> None:
    plan = PartPlan((thing("c", 70), thing("a", 10), thing("b", 60), thing("d", 70)), (wait_for("b"),))
    assert names(plan) == [(["a", "b"], ["b"]), (["c", "d"], [])]


def test_waits_of_the_last_rank_and_of_objects_that_are_not_the_plans_come_last() -> None:
    plan = PartPlan((thing("a", 10), thing("b", 60)), (wait_for("b"), wait_for("somebodys")))
    assert names(plan) == [(["a", "b"], ["b", "somebodys"])]


def test_plan_without_objects_waits_once() -> None:
    assert names(PartPlan((), (wait_for("b"),))) == [([], ["b"])]
    assert names(PartPlan()) == [([], [])]


class Unchanged:
    """A change that wants nothing."""

    def of(self, live: Json | None) -> Merged:
        return Merged(None)


def merge(name: str, rank: int) -> Merge:
    return Merge(Named(QUEUES, "Cohort", "", name), "openshift_ai", "queues", "openshift_ai.queues", rank, Unchanged())


def test_merges_have_their_turn_after_objects_of_their_rank_and_before_those_of_higher_ones() -> None:
    objects = (thing("rule", 60), thing("namespace", 10), thing("support", 50))
    merges = (merge("late", 90), merge("in-between", 50), merge("rule-too", 60))
    found = [
        ([one.object["metadata"]["name"] for one in each.objects], [one.ref.name for one in each.merges])
        for each in chunks(PartPlan(objects, merges=merges))
    ]
    assert found == [(["namespace", "support"], ["in-between"]), (["rule"], ["late", "rule-too"])]


def test_merges_come_before_all_objects_of_higher_ranks_and_alone_where_there_are_none() -> None:
    first, last = chunks(PartPlan((thing("a", 60),), merges=(merge("m", 50),)))
    assert (first.objects, [one.ref.name for one in first.merges]) == ((), ["m"])
    assert ([one.object["metadata"]["name"] for one in last.objects], last.merges) == (["a"], ())
    (only,) = chunks(PartPlan(merges=(merge("m", 50),)))
    assert (only.objects, [one.ref.name for one in only.merges]) == ((), ["m"])


class Session:
    """Applies whatever it is given, and notes it; from the call on at which it is broken it ends early."""

    def __init__(self, broken_at: int = 99) -> None:
        self.applied: list[tuple[list[str], bool]] = []
        self.order: list[str] = []
        self.broken_at = broken_at
        self.guards: list[Any] = []

    def apply(self, given: Any) -> Tally:
        keys = [desired.key for desired in given.desired]
        self.order += [key.name for key in keys if key.name not in self.order]
        self.guards.append(given.guard)
        if len(self.applied) >= self.broken_at:
            return Tally(interrupted="the server went away")
        before = {name for batch, _partial in self.applied for name in batch}
        self.applied.append(([key.name for key in keys], given.partial))
        done = [
            Finding(key, "p", "in_step", "pass") if key.name in before else Finding(key, "p", "missing", "pass", "create") for key in keys
        ]
        return Tally(tuple(done))


def written(plan: PartPlan, ready: Collection[str], folder: Path, session: Session | None = None) -> tuple[Writing, Session]:
    session = session or Session()
    compared = Tally(tuple(Finding(desired_of(one).key, "p", "missing", "pass", "create") for one in plan.objects))
    writing = Writing(connected(FakeApi()), request(folder), PlatformSnapshot({}), plan, compared)

    def waiter(waits: Sequence[Wait], _changed: Collection[ObjectKey]) -> dict[Wait, Waited]:
        return {one: Waited(Progress("ready" if one.ref.name in ready else "waiting")) for one in waits}

    given: Any = session
    left = writing.write(given, waiter, lambda merges: session.order.extend(one.ref.name for one in merges))
    session.order += [f"not {one.ref.name}" for one in left]
    return writing, session


def test_what_comes_after_is_written_once_what_it_needs_is_ready(tmp_path: Path) -> None:
    plan = PartPlan((thing("a", 60), thing("b", 70)), (wait_for("a"), wait_for("b")))
    writing, session = written(plan, ["a", "b"], tmp_path)
    assert session.applied == [(["a"], True), (["a", "b"], False)]
    assert [(finding.key.name, finding.action) for finding in writing.tally.findings] == [("a", "create"), ("b", "create")]


def test_what_comes_after_something_that_does_not_get_ready_is_not_written_and_says_why(tmp_path: Path) -> None:
    plan = PartPlan((thing("a", 60), thing("b", 70)), (wait_for("a"),))
    writing, session = written(plan, [], tmp_path)
    assert session.applied == [(["a"], True)]
    last = writing.tally.findings[-1]
    assert (last.key.name, last.result, last.action) == ("b", "not_evaluated", "none")
    assert "comes after what is not ready yet: Cohort a" in last.message


def test_merges_are_written_at_their_turn(tmp_path: Path) -> None:
    plan = PartPlan((thing("a", 10), thing("b", 60)), (wait_for("b"),), merges=(merge("m", 50), merge("n", 70)))
    _writing, session = written(plan, ["b"], tmp_path)
    assert session.order == ["a", "m", "b", "n"]


def test_merges_whose_turn_does_not_come_are_named(tmp_path: Path) -> None:
    plan = PartPlan((thing("a", 10), thing("b", 60)), merges=(merge("m", 50), merge("n", 70)))
    assert written(plan, [], tmp_path, Session(broken_at=0))[1].order == ["a", "not m", "not n"]
    assert written(plan, [], tmp_path, Session(broken_at=1))[1].order == ["a", "m", "b", "not n"]
    late = replace(plan, waits=(wait_for("a"),))
    assert written(late, [], tmp_path)[1].order == ["a", "not m", "not n"]


def test_merges_are_written_once_and_by_no_writing_that_follows(tmp_path: Path) -> None:
    writing, _session = written(PartPlan((thing("a", 10),), merges=(merge("m", 50),)), [], tmp_path)
    following = writing.followed_by(PlatformSnapshot({}), PartPlan((thing("b", 10),), merges=(merge("m", 50),)))
    assert (len(following.plan.objects), following.plan.merges) == (1, ())


def test_what_the_plan_holds_stays_unless_it_is_wanted(tmp_path: Path) -> None:
    held = {ObjectKey("kueue.x-k8s.io", "Cohort", "", name): f"{name} is in use" for name in ("a", "gone")}
    _writing, session = written(PartPlan((thing("a", 10),), held=held), [], tmp_path)
    (guard,) = session.guards
    assert dict(guard(None, ()).reasons) == {ObjectKey("kueue.x-k8s.io", "Cohort", "", "gone"): "gone is in use"}


def test_only_whole_lists_of_the_version_that_is_wanted_serve_as_seeds() -> None:
    item = {"apiVersion": QUEUES, "kind": "Cohort", "metadata": {"name": "a"}}
    wanted = [thing("a", 10), thing("f", 10, "ResourceFlavor"), thing("p", 10, "WorkloadPriorityClass")]
    listed = {
        "cohorts.kueue.x-k8s.io": Listed("read", (item,), "v1beta2"),
        "resourceflavors.kueue.x-k8s.io": Listed("read", (), "v1beta1"),
        "workloadpriorityclasses.kueue.x-k8s.io": Listed("forbidden"),
    }
    seeds = seeds_of(PlatformSnapshot(listed), [each.object for each in wanted], BY_KIND)
    assert [(seed.lot.kind, seed.complete, list(seed.objects)) for seed in seeds] == [("Cohort", True, [item])]


# ---- rights ----------------------------------------------------------------------------------------------------------


def test_all_that_lacks_is_named_and_what_nobody_answers_counts_as_allowed() -> None:
    api = FakeApi()
    answers = {"patch": reply({"status": {"allowed": False}}, 201), "create": reply({"status": {"allowed": True}}, 201)}

    def rule(asked: Request) -> object:
        if not asked.path.endswith("/selfsubjectaccessreviews"):
            return None
        verb = yaml.safe_load(asked.body or b"")["spec"]["resourceAttributes"]["verb"]
        return answers.get(verb, refusal(500, "InternalError", "no"))

    api.rules.append(rule)
    asks = [Ask("patch", "nvidia.com", "clusterpolicies"), Ask("create", "", "configmaps", "ns"), Ask("delete", "", "pods")]
    with connected(api) as connection:
        assert [ask.words for ask in lacking(connection, asks)] == ["patch clusterpolicies.nvidia.com"]


def test_ask_names_the_namespace() -> None:
    assert Ask("create", "", "configmaps", "ns").words == "create configmaps in ns"


# ---- the GitOps folder -----------------------------------------------------------------------------------------------


def wanted(*things: WantedObject) -> list[Desired]:
    return [desired_of(one) for one in things]


def test_folder_has_a_file_for_each_object_with_label_and_place_in_the_order(tmp_path: Path) -> None:
    folder = part_folder(tmp_path, "openshift_ai")
    made = into_folder(folder, wanted(thing("ai", 70), thing("x:y", 60, "ResourceFlavor")), "platform-openshift-ai", write=True)
    assert made.changed
    assert sorted(path.name for path in folder.iterdir()) == ["60-resourceflavor-x_y.yaml", "70-cohort-ai.yaml", "kustomization.yaml"]
    item = yaml.safe_load((folder / "70-cohort-ai.yaml").read_text(encoding="utf-8"))
    assert item["metadata"]["labels"] == {"readiness.groundwork.io/stage": "platform-openshift-ai"}
    assert item["metadata"]["annotations"] == {"argocd.argoproj.io/sync-wave": "70"}
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))
    assert kustomization["resources"] == ["60-resourceflavor-x_y.yaml", "70-cohort-ai.yaml"]
    assert not into_folder(folder, wanted(thing("ai", 70), thing("x:y", 60, "ResourceFlavor")), "platform-openshift-ai", write=True).changed


def test_fields_of_others_objects_are_never_to_be_pruned() -> None:
    text = folder_files(wanted(thing("node-1", 80, "Node", claim=FIELDS)), "platform-accelerators")["80-node-node-1.yaml"]
    item = yaml.safe_load(text)
    assert "labels" not in item["metadata"]
    assert item["metadata"]["annotations"]["argocd.argoproj.io/sync-options"] == "ServerSideApply=true,Prune=false,Delete=false"


def test_folder_with_other_files_is_refused_and_stays(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="1 other file"):
        into_folder(tmp_path, wanted(thing("ai", 70)), "platform-openshift-ai", write=True)
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]


def test_check_mode_leaves_the_folder_as_it_is(tmp_path: Path) -> None:
    assert into_folder(tmp_path / "new", wanted(thing("ai", 70)), "platform-openshift-ai", write=False).changed
    assert not (tmp_path / "new").exists()


# ---- failures --------------------------------------------------------------------------------------------------------


def test_problems_of_the_input_are_raised_all_before_anything_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage_module, "connect", lambda _settings: pytest.fail("it was connected"))
    with pytest.raises(InputError) as caught:
        run_platform(request(tmp_path, problems=(Problem("one"), Problem("two"))))
    assert [problem.message for problem in caught.value.problems] == ["one", "two"]
    assert list(tmp_path.iterdir()) == []
