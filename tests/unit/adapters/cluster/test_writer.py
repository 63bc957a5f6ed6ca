# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The write layer on a server in memory: what is sent, in which order, and what is made of what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.holding import Holds
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.live import Lot
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.writer import WriteRequest, apply, remove
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import Desired, Policy, Tally, key_of

from tests.unit.adapters.cluster.fake_api import LOST, FakeApi, connected, refusal
from tests.unit.adapters.cluster.fake_store import Store, first, stored

ROOT = "/apis/example.com/v1/namespaces/shop"
HOME = "/api/v1/namespaces/home"
RECORD = f"PATCH {HOME}/configmaps/applied-plan-000"
Json = dict[str, Any]


def item(kind: str = "Widget", name: str = "w", **spec: Any) -> Json:
    metadata = {"name": name, "namespace": "shop", "labels": {"readiness.groundwork.io/stage": "plan"}}
    return {"apiVersion": "example.com/v1", "kind": kind, "metadata": metadata, "spec": {"size": 1, **spec}}


def wanted(*items: Json) -> list[Desired]:
    return [Desired(each, f"{each['metadata']['name']}.yaml", 2 if each["kind"] == "Gadget" else 1) for each in items]


BOTH = wanted(item("Gadget", "g"), item())


def asked(desired: Sequence[Desired], **further: Any) -> WriteRequest:
    return WriteRequest(Policy("plan"), "run-1", desired, lots=(Lot("example.com/v1", "Widget", "shop"),), home="home", **further)


def applied(api: FakeApi, desired: Sequence[Desired] = BOTH, **further: Any) -> Tally:
    with connected(api) as connection:
        return apply(connection, asked(desired, **further))


def removed(api: FakeApi, **further: Any) -> Tally:
    with connected(api) as connection:
        return remove(connection, asked((), **further))


def objects(store: Store) -> list[str]:
    return sorted(path.removeprefix(f"{ROOT}/") for path in store.items if path.startswith(ROOT))


def words(tally: Tally) -> dict[str, tuple[str, str, str]]:
    return {finding.key.name: (finding.state, finding.action, finding.result) for finding in tally.findings}


def test_namespace_lease_and_record_come_first_and_then_objects_by_rank() -> None:
    api, store = stored()
    tally = applied(api)
    lease = "/apis/coordination.k8s.io/v1/namespaces/home/leases"
    assert store.writes == [
        f"PATCH {HOME}",
        f"POST {lease}",
        RECORD,
        f"PATCH {ROOT}/widgets/w",
        f"PATCH {ROOT}/gadgets/g",
        RECORD,
        f"PUT {lease}/groundwork-readiness",
    ]
    assert words(tally) == {"g": ("missing", "create", "pass"), "w": ("missing", "create", "pass")}


def test_second_apply_only_reads() -> None:
    api, store = stored()
    applied(api)
    before = len(store.writes)
    api.seen.clear()
    assert not applied(api).changed
    assert len(store.writes) == before
    assert {request.method for request in api.seen} == {"GET"}


def test_check_mode_writes_nothing() -> None:
    api, store = stored()
    tally = applied(api, check=True, diff=True)
    assert (store.writes, store.items) == ([], {})
    assert tally.counts()["created"] == 2
    assert tally.diffs["Widget shop/w"][1]["spec"] == {"size": 1}
    applied(api)
    count = len(store.writes)
    assert removed(api, check=True).counts()["deleted"] == 2
    assert len(store.writes) == count


def test_object_that_changed_between_comparing_and_writing_is_compared_again() -> None:
    api, store = stored()
    applied(api)
    bigger = wanted(item("Gadget", "g"), item(size=2))
    first(api, "PATCH", "/widgets/", refusal(409, "Conflict", "the object has been modified"))
    assert applied(api, bigger).counts()["updated"] == 1
    assert store.items[f"{ROOT}/widgets/w"]["spec"]["size"] == 2


def test_object_that_changes_all_the_time_is_given_up_and_the_others_are_written() -> None:
    api, store = stored()
    first(api, "PATCH", "/widgets/", *[refusal(409, "Conflict", "the object has been modified")] * 9)
    tally = applied(api)
    assert words(tally)["w"] == ("missing", "none", "fail")
    assert objects(store) == ["gadgets/g"]


def test_answer_that_is_lost_counts_as_written() -> None:
    api, _store = stored()
    applied(api)
    first(api, "PATCH", "/widgets/", LOST, then=True)
    tally = applied(api, wanted(item("Gadget", "g"), item(size=2)))
    assert tally.counts()["updated"] == 1
    assert not tally.failed()


def test_refusal_is_a_finding_of_its_object_alone() -> None:
    api, store = stored()
    first(api, "PATCH", "/widgets/", refusal(422, "Invalid", "spec.size: must be odd"))
    tally = applied(api)
    assert words(tally) == {"g": ("missing", "create", "pass"), "w": ("missing", "none", "fail")}
    assert next(finding for finding in tally.failed()).message == "spec.size: must be odd"
    assert "Widget" not in store.items[f"{HOME}/configmaps/applied-plan-000"]["data"]["objects"]
    assert not applied(api).failed()


def test_what_must_stay_is_neither_changed_nor_removed() -> None:
    api, store = stored()
    applied(api)
    held = Holds({key_of(item()): "it runs"})
    further = {"guard": lambda _objects, _namespaces: held}
    tally = applied(api, wanted(item("Gadget", "g", size=3), item(size=2)), **further)
    assert words(tally) == {"g": ("changed", "update", "pass"), "w": ("changed", "none", "fail")}
    assert store.items[f"{ROOT}/widgets/w"]["spec"]["size"] == 1
    tally = removed(api, **further)
    assert words(tally) == {"g": ("orphaned", "delete", "pass"), "w": ("orphaned", "none", "fail")}
    assert objects(store) == ["widgets/w"]
    assert removed(api).counts()["deleted"] == 1
    assert not [path for path in store.items if path != HOME]


def test_guard_is_not_asked_where_nothing_that_is_there_changes() -> None:
    def guard(_objects: object, namespaces: Any) -> Holds:
        raise AssertionError(namespaces)

    api, _store = stored()
    applied(api, guard=guard)
    applied(api, guard=guard)


def test_kind_that_is_not_served_and_record_that_is_damaged_are_named() -> None:
    api, store = stored()
    odd = [replace(BOTH[0], object={**BOTH[0].object, "kind": "Odd"}), BOTH[1]]
    tally = applied(api, odd)
    assert [finding.message for finding in tally.failed()] == ["the cluster does not serve Odd of example.com/v1"]
    store.items[f"{HOME}/configmaps/applied-plan-000"]["data"]["objects"] = "nonsense"
    with pytest.raises(ReadinessError) as caught:
        applied(api)
    assert caught.value.code == "applied_record_damaged"


def test_object_of_a_rank_that_others_refer_to_is_removed_after_them() -> None:
    api, store = stored()
    applied(api)
    store.writes.clear()
    removed(api)
    assert [write for write in store.writes if ROOT in write] == [f"DELETE {ROOT}/gadgets/g", f"DELETE {ROOT}/widgets/w"]


def test_orphan_is_dropped_from_the_record_once_somebody_removed_it() -> None:
    api, store = stored()
    applied(api)
    assert words(applied(api, BOTH[1:]))["g"] == ("orphaned", "none", "not_applicable")
    del store.items[f"{ROOT}/gadgets/g"]
    tally = applied(api, BOTH[1:])
    assert tally.record_differs
    assert "Gadget" not in store.items[f"{HOME}/configmaps/applied-plan-000"]["data"]["objects"]
    assert not applied(api, BOTH[1:]).changed
