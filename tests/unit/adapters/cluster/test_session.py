# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several writes under one Lease, what is judged once more when its turn comes, and what is read before, on a server in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.live import Lot, Seed
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.session import WriteSession
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.writer import WriteRequest, apply
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import ADOPTED, Desired, Policy, Tally

from tests.unit.adapters.cluster import fake_store
from tests.unit.adapters.cluster.fake_api import FakeApi, Reply, Request, Trouble, connected, refusal
from tests.unit.adapters.cluster.fake_store import Store, first, stored
from tests.unit.adapters.cluster.test_writer import HOME, RECORD, ROOT, item

Json = dict[str, Any]
LEASES = "/apis/coordination.k8s.io/v1/namespaces/home/leases"
LATER = "/apis/later.example.com/v1"
OPERAND = {**item("Later", "o"), "apiVersion": "later.example.com/v1"}


def asked(*desired: Desired, **further: Any) -> WriteRequest:
    return WriteRequest(Policy("plan"), "run-1", desired, home="home", **further)


def applied(api: FakeApi, *desired: Desired, **further: Any) -> Tally:
    with connected(api) as connection:
        return apply(connection, asked(*desired, **further))


def words(tally: Tally) -> dict[str, tuple[str, str, str]]:
    return {finding.key.name: (finding.state, finding.action, finding.result) for finding in tally.findings}


def comes_with(api: FakeApi, store: Store, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Serves the kind Later once an object is there whose path has that part."""
    monkeypatch.setitem(fake_store.KINDS, LATER, {"Later": "laters"})

    def rule(request: Request) -> Reply | Trouble | None:
        is_early = not any(part in path for path in store.items)
        return refusal(404, "NotFound", "no such group") if is_early and request.path.startswith(LATER) else None

    api.rules.insert(0, rule)


OPERATOR, WAITING = Desired(item(), "w.yaml", 1), Desired(OPERAND, "o.yaml", 2, awaits="operator w")


def test_kind_that_came_with_an_object_of_a_lower_rank_is_written_when_its_turn_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    api, store = stored()
    comes_with(api, store, "/widgets/", monkeypatch)
    planned = applied(api, WAITING, OPERATOR, check=True)
    assert words(planned) == {"o": ("missing", "create", "not_evaluated"), "w": ("missing", "create", "pass")}
    tally = applied(api, WAITING, OPERATOR)
    assert words(tally) == dict.fromkeys("ow", ("missing", "create", "pass"))
    assert [write for write in store.writes if "/namespaces/shop/" in write] == [
        f"PATCH {ROOT}/widgets/w",
        f"PATCH {LATER}/namespaces/shop/laters/o",
    ]
    assert not applied(api, WAITING, OPERATOR).changed


def test_kind_that_did_not_come_is_an_error_and_does_not_take_the_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    api, store = stored()
    comes_with(api, store, "/gadgets/", monkeypatch)
    assert words(applied(api, WAITING, OPERATOR))["o"] == ("missing", "none", "fail")
    before = len(store.writes)
    assert words(applied(api, WAITING, OPERATOR))["o"] == ("missing", "none", "fail")
    assert len(store.writes) == before


def test_object_that_was_refused_is_tried_again_once_those_before_it_are_there() -> None:
    api, store = stored()

    def webhook(request: Request) -> Reply | Trouble | None:
        is_early = not any("/widgets/" in path for path in store.items)
        return (
            refusal(403, "Forbidden", 'admission webhook "w" denied the request: first a Widget')
            if is_early and (request.method == "PATCH" and "/gadgets/" in request.path)
            else None
        )

    api.rules.insert(0, webhook)
    gadget = Desired(item("Gadget", "g"), "g.yaml", 2)
    assert words(applied(api, gadget, OPERATOR, check=True))["g"] == ("missing", "none", "fail")
    assert words(applied(api, gadget, OPERATOR)) == dict.fromkeys("gw", ("missing", "create", "pass"))


def test_adoption_is_recorded_before_it_is_done() -> None:
    api, store = stored()
    there = item("Gadget", "g", size=7)
    store.items[f"{ROOT}/gadgets/g"] = {
        **there,
        "metadata": {"name": "g", "namespace": "shop", "uid": "u", "resourceVersion": "1", "managedFields": []},
    }
    texts: list[str] = []

    def watch(request: Request) -> Reply | Trouble | None:
        if request.method == "PATCH" and "/gadgets/" in request.path and "dryRun" not in request.query:
            texts.append(store.items[f"{HOME}/configmaps/applied-plan-000"]["data"]["objects"])
        return None

    api.rules.insert(0, watch)
    assert words(applied(api, Desired(item("Gadget", "g"), "g.yaml", claim=ADOPTED))) == {"g": ("changed", "update", "pass")}
    assert '"onRemoval": "release"' in texts[0]
    assert '"uid": ""' in texts[0]
    record = store.items[f"{HOME}/configmaps/applied-plan-000"]["data"]["objects"]
    assert '"onRemoval": "release"' in record
    assert '"uid": "u"' in record


def test_object_that_is_desired_twice_is_written_once_and_named_where_the_wishes_differ() -> None:
    api, store = stored()
    same, other = replace(OPERATOR, path="x.yaml"), Desired(item(size=2), "z.yaml", 1)
    tally = applied(api, OPERATOR, same, other)
    assert [(finding.path, finding.action, finding.result) for finding in tally.findings] == [
        ("w.yaml", "create", "pass"),
        ("z.yaml", "none", "fail"),
    ]
    assert "otherwise at w.yaml" in tally.failed()[0].message
    assert store.items[f"{ROOT}/widgets/w"]["spec"]["size"] == 1
    count = len(store.writes)
    applied(api, OPERATOR, same, other)
    assert len(store.writes) == count


def test_request_for_some_objects_judges_no_others() -> None:
    api, store = stored()
    gadget = Desired(item("Gadget", "g"), "g.yaml", 2)
    applied(api, OPERATOR, gadget)
    assert list(words(applied(api, gadget, partial=True, prune=True))) == ["g"]
    assert f"{ROOT}/widgets/w" in store.items
    assert words(applied(api, gadget, prune=True))["w"] == ("orphaned", "delete", "pass")


def test_record_itself_is_never_left_over() -> None:
    api, store = stored()
    applied(api, OPERATOR)
    tally = applied(api, OPERATOR, lots=(Lot("v1", "ConfigMap", "home"),), prune=True)
    assert list(words(tally)) == ["w"]
    assert f"{HOME}/configmaps/applied-plan-000" in store.items


def test_one_list_serves_all_namespaces_and_none_is_needed_where_all_was_read_before() -> None:
    api, store = stored()
    there = {**item(), "metadata": {**item()["metadata"], "namespace": "other"}}
    desired = [OPERATOR, Desired(there, "x.yaml", 1)]
    applied(api, *desired)
    api.seen.clear()
    applied(api, *desired, wide=True)
    assert [request.path for request in api.seen if request.path.endswith("/widgets")] == ["/apis/example.com/v1/widgets"]
    api.seen.clear()
    seed = Seed(Lot("example.com/v1", "Widget", ""), [store.items[f"{ROOT}/widgets/w"]], plural="widgets")
    tally = applied(api, *desired, seeds=[seed], verify=True)
    assert [finding.state for finding in tally.findings] == ["in_step", "missing"]
    assert [request.path for request in api.seen] == [f"{HOME}/configmaps"]
    # A list in another version tells what exists, not how it stands.
    api.seen.clear()
    older = Seed(Lot("example.com/v1beta1", "Widget", ""), [{**store.items[f"{ROOT}/widgets/w"], "apiVersion": "example.com/v1beta1"}])
    assert applied(api, OPERATOR, seeds=[older], verify=True, partial=True).counts()["in_step"] == 1


def test_session_holds_the_lease_over_several_requests_and_writes_none_for_nothing() -> None:
    api, store = stored()
    for _again in range(2):
        with connected(api) as connection, WriteSession(connection, "run-1", "home") as session:
            session.apply(asked(OPERATOR, partial=True))
            session.apply(asked(Desired(item("Gadget", "g"), "g.yaml", 2), partial=True))
    assert [write for write in store.writes if "/leases" in write or write == f"PATCH {HOME}"] == [
        f"PATCH {HOME}",
        f"POST {LEASES}",
        f"PUT {LEASES}/groundwork-readiness",
    ]
    assert store.writes.count(RECORD) == 4


def test_session_whose_lease_was_lost_writes_nothing_more() -> None:
    api, store = stored()
    with connected(api) as connection, WriteSession(connection, "run-1", "home") as session:
        session.hold()
        assert session.holds
        store.items[f"{LEASES}/groundwork-readiness"]["spec"]["holderIdentity"] = "run-north"
        lease = session._lease
        assert lease is not None
        first(api, "PUT", "/leases", refusal(409, "Conflict", "the object has been modified"))
        lease._renew()
        with pytest.raises(ReadinessError) as caught:
            session.delete(f"{ROOT}/widgets/w", "u")
        assert caught.value.code == "cluster_lease_lost"
    assert not [write for write in store.writes if "/widgets/" in write]
