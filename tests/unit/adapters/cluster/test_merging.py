# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merges on a server in memory: what is sent, what a conflict does, answers that are lost, and what is left alone."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.client import Timing
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.merging import ATTEMPTS, write_merges
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.pinned import PinnedWrites
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError
from ansible_collections.groundwork.readiness.plugins.module_utils.common.merges import EntryFinding, Merge, Merged, MergeOutcome
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Named

from tests.unit.adapters.cluster.fake_api import LOST, Clock, FakeApi, Reply, Request, Trouble, connected, refusal, reply
from tests.unit.adapters.cluster.fake_store import Store, stored
from tests.unit.common.test_merges import patched

Json = dict[str, Any]
PATH = "/apis/example.com/v1/namespaces/shop/widgets/w"


@dataclass(frozen=True)
class Sized:
    """Wants one entry of a list, and leaves all others as they are."""

    size: int = 3

    def of(self, live: Any) -> Merged:
        if live is not None and live["spec"].get("broken"):
            return Merged(None, (EntryFinding("size", "changed", "fail"),), "it is somebody else's", "ask him")
        spec = dict((live or {}).get("spec") or {})
        entry = EntryFinding("size", "in_step")
        if spec.get("size") == self.size:
            return Merged(None, (entry,))
        base = live or {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w", "namespace": "shop"}}
        return Merged({**base, "spec": {**spec, "size": self.size}}, (EntryFinding("size", "changed", "pass", "update"),))


def merge(change: Any = None, name: str = "w", rank: int = 1) -> Merge:
    return Merge(Named("example.com/v1", "Widget", "shop", name), "identity", "identity", "doc.w", rank, change or Sized())


def served(spec: Json | None = None, **metadata: Any) -> tuple[FakeApi, Store]:
    """A server with the object, which takes merge patches as a real one does."""
    api, store = stored()
    if spec is not None:
        found = {"name": "w", "namespace": "shop", "uid": "uid-1", "resourceVersion": "1", **metadata}
        store.items[PATH] = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": found, "spec": spec, "status": {"phase": "ok"}}
    api.rules.insert(0, lambda request: _patched(store, request))
    return api, store


def _patched(store: Store, request: Request) -> Reply | Trouble | None:
    if request.method != "PATCH" or "merge-patch" not in request.headers["Content-Type"]:
        return None
    body, live = json.loads(request.body or b""), store.items[request.path]
    pins = {key: body["metadata"].pop(key) for key in ("uid", "resourceVersion")}
    if any(live["metadata"][key] != value for key, value in pins.items()):
        return refusal(409, "Conflict", "the object has been modified")
    made = patched(live, body)
    made["metadata"]["resourceVersion"] = str(int(live["metadata"]["resourceVersion"]) + 1)
    if "dryRun" not in request.query:
        store.writes.append(f"PATCH {request.path}")
        store.items[request.path] = made
    return reply(made)


def written(api: FakeApi, *merges: Merge, **how: Any) -> tuple[MergeOutcome, ...]:
    with connected(api, timing=Timing(attempts=2)) as connection, PinnedWrites(connection, "run-1", "home") as writes:
        return write_merges(writes, merges or (merge(),), **{"sleep": lambda _seconds: None, **how})


def of_object(store: Store) -> list[str]:
    """Writes of the object, without those of the Lease."""
    return [entry for entry in store.writes if "/widgets/" in entry or entry.endswith("/widgets")]


def meanwhile(api: FakeApi, store: Store, times: int, spec: Json) -> None:
    """Somebody else writes the object just before each of the next patches."""
    left = [spec] * times

    def rule(request: Request) -> Reply | Trouble | None:
        if left and request.method == "PATCH" and request.path == PATH:
            live = store.items[PATH]
            version = str(int(live["metadata"]["resourceVersion"]) + 1)
            metadata = {**live["metadata"], "resourceVersion": version}
            store.items[PATH] = {**live, "metadata": metadata, "spec": {**live["spec"], **left.pop(0)}}
        return None

    api.rules.insert(0, rule)


def test_only_what_is_different_is_sent_pinned_to_the_very_object() -> None:
    api, store = served({"size": 1, "theirs": [{"a": None}]})
    (outcome,) = written(api)
    (sent,) = [json.loads(request.body or b"") for request in api.seen if request.method == "PATCH" and request.path == PATH]
    assert sent == {"spec": {"size": 3}, "metadata": {"uid": "uid-1", "resourceVersion": "1"}}
    assert (outcome.finding.state, outcome.finding.result, outcome.finding.action) == ("changed", "pass", "update")
    assert outcome.after == store.items[PATH]
    assert store.items[PATH]["spec"] == {"size": 3, "theirs": [{"a": None}]}
    (again,) = written(api)
    assert (again.finding.state, again.attempts, of_object(store)) == ("in_step", 0, [f"PATCH {PATH}"])


def test_check_mode_predicts_by_a_dry_run_and_takes_no_lease() -> None:
    api, store = served({"size": 1})
    (outcome,) = written(api, check=True)
    assert (outcome.finding.action, outcome.writes, store.writes) == ("update", True, [])
    assert outcome.after is not None
    assert outcome.after["spec"] == {"size": 3}


def test_verification_only_reads() -> None:
    api, store = served({"size": 1})
    (outcome,) = written(api, verify=True)
    assert (outcome.finding.state, outcome.finding.result, outcome.entries[0].result) == ("changed", "fail", "fail")
    assert {request.method for request in api.seen} == {"GET"}
    assert store.writes == []


def test_conflict_begins_anew_with_what_others_wrote() -> None:
    api, store = served({"size": 1})
    meanwhile(api, store, 3, {"theirs": 7})
    pauses: list[float] = []
    (outcome,) = written(api, sleep=pauses.append)
    assert (outcome.finding.result, outcome.attempts) == ("pass", 4)
    assert store.items[PATH]["spec"] == {"size": 3, "theirs": 7}
    assert pauses == sorted(pauses)
    assert len(set(pauses)) == 3


def test_conflicts_without_end_are_given_up_and_nothing_is_written() -> None:
    api, store = served({"size": 1})
    meanwhile(api, store, 99, {})
    (outcome,) = written(api)
    assert (outcome.finding.result, outcome.finding.action, outcome.attempts) == ("fail", "none", ATTEMPTS)
    assert (outcome.entries[0].result, outcome.entries[0].action) == ("fail", "none")
    assert of_object(store) == []


def test_object_that_was_replaced_is_another_one_and_is_looked_at_anew() -> None:
    api, store = served({"size": 1})
    answers = [refusal(422, "Invalid", "metadata.uid: Invalid value: field is immutable")]
    api.rules.insert(0, lambda request: answers.pop() if answers and request.method == "PATCH" and request.path == PATH else None)
    (outcome,) = written(api)
    assert (outcome.finding.result, outcome.attempts) == ("pass", 2)
    assert store.items[PATH]["spec"] == {"size": 3}


def test_write_whose_answer_was_lost_counts_as_written() -> None:
    api, store = served({"size": 1})
    lost = [LOST]

    def rule(request: Request) -> Reply | Trouble | None:
        if lost and request.method == "PATCH" and request.path == PATH:
            _patched(store, request)
            return lost.pop()
        return None

    api.rules.insert(0, rule)
    (outcome,) = written(api)
    assert (outcome.finding.state, outcome.finding.action, outcome.entries[0].action) == ("changed", "update", "update")
    assert outcome.before is not None
    assert outcome.before["spec"] == {"size": 1}
    assert of_object(store) == [f"PATCH {PATH}"]


def test_object_that_is_not_there_is_made() -> None:
    api, store = served()
    (tried,) = written(api, check=True)
    assert tried.finding.action == "create"
    store.items.clear()
    (outcome,) = written(api)
    assert (outcome.finding.state, outcome.finding.action) == ("missing", "create")
    assert store.items[PATH]["spec"] == {"size": 3}


def test_refusal_of_the_change_and_of_the_server_write_nothing() -> None:
    api, store = served({"broken": True})
    (outcome,) = written(api)
    assert (outcome.finding.message, outcome.finding.remedy, outcome.writes) == ("it is somebody else's", "ask him", False)
    api, store = served({"size": 1})
    message = 'admission webhook "x" denied the request: no'
    api.rules.insert(0, lambda request: refusal(403, "Forbidden", message) if request.method == "PATCH" and request.path == PATH else None)
    (denied,) = written(api)
    assert (denied.finding.result, denied.finding.message, denied.finding.action) == ("fail", message, "none")
    assert denied.entries[0].message == message
    assert of_object(store) == []


def test_what_the_server_does_not_keep_is_told() -> None:
    api, store = served({"size": 1})
    api.rules.insert(0, lambda request: reply(store.items[PATH]) if request.method == "PATCH" and request.path == PATH else None)
    (outcome,) = written(api)
    assert (outcome.finding.result, "keeps something else: size: update" in outcome.finding.message) == ("fail", True)


def test_kind_that_is_not_served_and_object_that_is_being_deleted_fail() -> None:
    api, store = served({"size": 1}, deletionTimestamp="2026-11-22T00:00:00Z")
    (leaving,) = written(api)
    assert (leaving.finding.result, leaving.finding.message) == ("fail", "it is being deleted")
    unknown = Merge(Named("none.example.com/v1", "Nothing", "", "n"), "identity", "identity", "", 1, Sized())
    (outcome,) = written(api, unknown)
    assert "does not serve Nothing" in outcome.finding.message
    assert store.writes == []


def test_merges_go_by_rank_and_what_comes_after_a_server_that_went_away_is_not_known() -> None:
    api, _store = served({"size": 1})
    api.always(PATH.replace("/w", "/v"), LOST)
    api.rules.insert(0, lambda request: LOST if request.path.endswith("/v") else None)
    outcomes = written(api, merge(name="u", rank=9), merge(name="v", rank=5), merge(rank=1))
    assert [outcome.merge.ref.name for outcome in outcomes] == ["w", "v", "u"]
    assert [outcome.finding.result for outcome in outcomes] == ["pass", "not_evaluated", "not_evaluated"]


def test_lease_of_another_run_ends_it_before_anything_is_written() -> None:
    api, store = served({"size": 1})
    held = {
        "metadata": {"name": "apply", "uid": "u", "resourceVersion": "1"},
        "spec": {"holderIdentity": "other", "leaseDurationSeconds": 3600, "renewTime": "2999-01-01T00:00:00.000000Z"},
    }
    api.rules.insert(0, lambda request: reply(copy.deepcopy(held)) if "/leases/" in request.path and request.method == "GET" else None)
    with pytest.raises(ReadinessError) as error:
        written(api)
    assert error.value.code == "cluster_busy"
    assert of_object(store) == []
    assert Clock().now == 0
