# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole calls of the stage on a server in memory: merges beside objects and further turns, and which parts are held against it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform import stage as stage_module
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.request import PlatformRequest, PlatformResult
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.stage import Clock, run_platform
from ansible_collections.groundwork.readiness.plugins.module_utils.common.merges import Merge
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.catalogue import Catalogue
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.checks import PARTS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.delivery import Delivery
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import ClusterWanted, PlatformDesired
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.oauth import OAUTH, ProvidersChange
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import Context, PartPlan, Wait, WantedObject
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.readings import BY_ID, RESOURCES
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Named

from tests.unit.adapters.cluster import fake_api
from tests.unit.adapters.cluster.fake_api import LOST, FakeApi, Reply, Request, connected, reply
from tests.unit.adapters.cluster.fake_store import Store
from tests.unit.adapters.cluster.test_merging import served
from tests.unit.platform.identity.logins import FOREIGN, openid

Json = dict[str, Any]
PART = "identity"
WIDGETS = "/apis/example.com/v1/namespaces/shop/widgets"
LOGINS = "/apis/config.openshift.io/v1/oauths/cluster"
MERGE = Merge(OAUTH, PART, "identity", "identity.providers", 50, ProvidersChange((openid(),)))


def widget(name: str, rank: int) -> WantedObject:
    item = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": name, "namespace": "shop"}, "spec": {"size": 1}}
    return WantedObject(item, PART, "identity", "identity.x", rank)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> tuple[FakeApi, Store]:
    """A server with logins of others, whose connections are all to it."""
    api, store = served()
    api.catalogue, api.served = BY_ID, {resource.id for resource in RESOURCES}
    metadata = {"name": "cluster", "uid": "uid-logins", "resourceVersion": "1"}
    spec = {"identityProviders": [FOREIGN]}
    store.items[LOGINS] = {"apiVersion": "config.openshift.io/v1", "kind": "OAuth", "metadata": metadata, "spec": spec}

    def rule(request: Request) -> Reply | None:
        if request.path == LOGINS.rpartition("/oauths")[0]:
            return reply({"kind": "APIResourceList", "resources": [{"name": "oauths", "kind": "OAuth", "namespaced": False}]})
        return reply(store.items[LOGINS]) if (request.method, request.path) == ("GET", LOGINS) else None

    # Merge patches are the first rule's.
    api.rules.insert(1, rule)
    monkeypatch.setattr(stage_module, "connect", lambda _settings: connected(api))
    return api, store


def run(folder: Path, part: str = PART, mode: str = "apply", **more: Any) -> PlatformResult:
    """One call of the stage, in which no time passes."""
    clock = fake_api.Clock()
    usual: Json = {"run_id": "run-1", "host": "hub", "part": part, "parts": PARTS if part == "preflight" else (part,), "mode": mode}
    usual |= {"desired": PlatformDesired(schema_version="1.0"), "catalogue": Catalogue("1", "0" * 64), "today": "2026-11-22"}
    request = PlatformRequest(run_dir=folder, dest=folder / "part.jsonl", wait_minutes=1.0, **{**usual, **more})
    return run_platform(request, Clock(clock, clock.sleep))


def planning(monkeypatch: pytest.MonkeyPatch, store: Store, turns: Mapping[str, PartPlan]) -> None:
    """Has the stage want what stands beside the last widget that is there."""

    def plan(_context: Context, _parts: object) -> PartPlan:
        there = [name for name in turns if not name or f"{WIDGETS}/{name}" in store.items]
        return turns[there[-1]]

    monkeypatch.setattr(stage_module, "plan_platform", plan)


def entries(result: PlatformResult) -> list[tuple[str, str, str]]:
    """What came of the entries of OAuth/cluster."""
    told = [finding for finding in result.findings if finding.check.endswith("providers.entry")]
    return [(finding.subject, finding.result, finding.action) for finding in told]


def writes(store: Store) -> list[str]:
    """What was written in order, but for the Lease and the record."""
    return [each for each in store.writes if "/namespaces/shop/" in each or each.endswith(LOGINS)]


def test_merges_are_written_once_and_keep_their_outcome_and_their_way_back_over_further_turns(
    site: tuple[FakeApi, Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _api, store = site
    first, second = widget("first", 10), widget("second", 60)
    turns = {"": PartPlan((first,), merges=(MERGE,)), "first": PartPlan((first, second), merges=(MERGE,))}
    planning(monkeypatch, store, turns)
    result = run(tmp_path)
    assert result.failure is None, result.failure
    assert writes(store) == [f"PATCH {WIDGETS}/first", f"PATCH {LOGINS}", f"PATCH {WIDGETS}/second"]
    assert [each["name"] for each in store.items[LOGINS]["spec"]["identityProviders"]] == ["Staff SSO", "corp-oidc"]
    assert entries(result) == [("provider corp-oidc", "pass", "create")]
    assert result.rollbacks == (str(tmp_path / "identity" / "oauth.rollback.json"),)
    again = run(tmp_path)
    assert (again.changed, again.rollbacks, entries(again)) == (False, (), [("provider corp-oidc", "pass", "none")])


def test_merges_come_between_the_ranks_of_objects_also_where_nothing_else_is_to_be_written(
    site: tuple[FakeApi, Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _api, store = site
    plan = PartPlan((widget("rules", 60), widget("namespace", 10)), merges=(MERGE,))
    planning(monkeypatch, store, {"": plan})
    assert run(tmp_path).failure is None
    assert writes(store) == [f"PATCH {WIDGETS}/namespace", f"PATCH {LOGINS}", f"PATCH {WIDGETS}/rules"]
    store.items[LOGINS]["spec"] = {"identityProviders": [FOREIGN]}
    store.writes.clear()
    changed = run(tmp_path)
    assert (changed.changed, writes(store)) == (True, [f"PATCH {LOGINS}"])
    assert entries(changed) == [("provider corp-oidc", "pass", "create")]


def test_logins_are_not_written_while_the_way_back_cannot_be_kept(
    site: tuple[FakeApi, Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _api, store = site
    planning(monkeypatch, store, {"": PartPlan(merges=(MERGE,))})
    (tmp_path / "identity").write_text("in the way", encoding="utf-8")
    result = run(tmp_path)
    assert result.failure is not None
    assert (result.failure.code, writes(store), result.rollbacks) == ("platform_unwritable", [], ())


def test_logins_that_were_written_as_the_server_went_away_can_be_taken_back(
    site: tuple[FakeApi, Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, store = site
    planning(monkeypatch, store, {"": PartPlan(merges=(MERGE,))})
    api.rules.insert(
        0, lambda request: LOST if request.method == "PATCH" and request.path == LOGINS and "dryRun" not in request.query else None
    )
    result = run(tmp_path)
    path = tmp_path / "identity" / "oauth.rollback.json"
    assert (result.rollbacks, '"done": false' in path.read_text(encoding="utf-8")) == ((str(path),), True)


def test_merges_whose_turn_does_not_come_are_not_said_to_be_written(
    site: tuple[FakeApi, Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _api, store = site
    late = Wait("Widget first", PART, "identity", Named("example.com/v1", "Widget", "shop", "elsewhere"), 1)
    first = Wait("Widget first", PART, "identity", Named("example.com/v1", "Widget", "shop", "first"), 1)
    plan = PartPlan((widget("first", 10), widget("second", 60)), (first, late), merges=(MERGE,))
    planning(monkeypatch, store, {"": plan})
    monkeypatch.setattr(stage_module, "wait", lambda _look, waits, *_more, **_named: {one: stage_module.Waited() for one in waits})
    result = run(tmp_path)
    assert writes(store) == [f"PATCH {WIDGETS}/first"]
    assert entries(result) == [("OAuth cluster", "not_evaluated", "none")]
    assert result.rollbacks == ()
    assert result.failure is not None


def test_verification_of_all_parts_holds_those_against_the_cluster_that_the_document_has(
    site: tuple[FakeApi, Store], tmp_path: Path
) -> None:
    api, _store = site
    run(tmp_path, "preflight", "verify", desired=PlatformDesired(schema_version="1.0", delivery=Delivery()))
    (record,) = [request for request in api.seen if request.path.endswith("/configmaps") and "labelSelector" in request.query]
    assert "platform-delivery" in record.query["labelSelector"]


def test_verification_fails_on_the_wrong_cluster_though_the_document_has_no_section(site: tuple[FakeApi, Store], tmp_path: Path) -> None:
    _api, store = site
    store.items["/api/v1/namespaces/kube-system"] = {"metadata": {"name": "kube-system", "uid": "uid-this"}}
    desired = PlatformDesired(schema_version="1.0", cluster=ClusterWanted(id="another"))
    found = run(tmp_path, "preflight", "verify", desired=desired)
    assert found.failure is not None
    assert "1 critical failed" in found.failure.message
