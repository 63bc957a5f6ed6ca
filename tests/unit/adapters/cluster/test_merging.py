# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merges on a server in memory: what is sent, what a conflict does, answers that are lost, and what is left alone."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
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


# ---- what is noted before it is sent ---------------------------------------------------------------------------------


@dataclass
class Notes:
    """A journal that keeps what it is told."""

    store: Store
    told: list[tuple[str, Any]] = field(default_factory=list)
    full: bool = False

    def intended(self, merge: Merge, before: Any, after: Any) -> None:
        if self.full:
            raise ReadinessError("platform_unwritable", "no space left")
        assert before is None or self.store.items[PATH]["spec"] == before["spec"], "it is noted after it was sent"
        self.told.append(("intended", (before and before["spec"], after["spec"])))

    def written(self, merge: Merge, after: Any) -> None:
        self.told.append(("written", after and after["spec"]))

    def undone(self, merge: Merge) -> None:
        self.told.append(("undone", None))


def test_a_write_is_noted_before_it_is_sent_and_then_what_came_of_it() -> None:
    api, store = served({"size": 1})
    notes = Notes(store)
    written(api, journal=notes)
    assert notes.told == [("intended", ({"size": 1}, {"size": 3})), ("written", {"size": 3})]
    written(api, journal=notes)
    assert len(notes.told) == 2
    store.items[PATH]["spec"] = {"size": 2}
    written(api, journal=notes, check=True)
    written(api, journal=notes, verify=True)
    assert len(notes.told) == 2


def test_an_attempt_that_met_a_conflict_is_known_to_be_undone_once_the_object_is_read_anew() -> None:
    api, store = served({"size": 1})
    meanwhile(api, store, 1, {"size": 2})
    notes = Notes(store)
    written(api, journal=notes)
    assert [what for what, _spec in notes.told] == ["intended", "undone", "intended", "written"]
    assert notes.told[2] == ("intended", ({"size": 2}, {"size": 3}))


def test_what_others_add_after_a_write_whose_answer_was_lost_is_not_told_as_ours() -> None:
    api, store = served({"size": 1})
    lost = [LOST]

    def rule(request: Request) -> Reply | Trouble | None:
        if lost and request.method == "PATCH" and request.path == PATH:
            _patched(store, request)
            metadata = {**store.items[PATH]["metadata"], "resourceVersion": "9"}
            store.items[PATH] = {**store.items[PATH], "metadata": metadata, "spec": {"size": 3, "theirs": 7}}
            return lost.pop()
        return None

    api.rules.insert(0, rule)
    notes = Notes(store)
    (outcome,) = written(api, journal=notes)
    assert notes.told == [("intended", ({"size": 1}, {"size": 3})), ("written", None)]
    assert outcome.before is not None
    assert outcome.after is not None
    assert (outcome.before["spec"], outcome.after["spec"], outcome.finding.action) == ({"size": 1}, {"size": 3}, "update")


def test_a_write_of_which_nobody_knows_whether_it_was_done_stays_noted() -> None:
    api, store = served({"size": 1})
    api.rules.insert(0, lambda request: LOST if request.method == "PATCH" and request.path == PATH else None)
    notes = Notes(store)
    (outcome,) = written(api, journal=notes)
    assert (outcome.finding.result, [what for what, _spec in notes.told]) == ("not_evaluated", ["intended"])


@pytest.mark.parametrize(("code", "reason", "told"), [(403, "Forbidden", ["intended", "undone"]), (504, "Timeout", ["intended"])])
def test_a_write_that_the_server_refused_is_noted_as_undone_and_one_that_it_failed_at_is_not(
    code: int, reason: str, told: list[str]
) -> None:
    api, store = served({"size": 1})
    api.rules.insert(0, lambda request: refusal(code, reason, "no") if request.method == "PATCH" and request.path == PATH else None)
    notes = Notes(store)
    (outcome,) = written(api, journal=notes)
    assert (outcome.writes, [what for what, _spec in notes.told]) == (False, told)


def test_what_cannot_be_noted_is_not_sent() -> None:
    api, store = served({"size": 1})
    with pytest.raises(ReadinessError, match="no space left"):
        written(api, journal=Notes(store, full=True))
    assert of_object(store) == []


def test_while_another_run_holds_the_lease_nothing_is_noted() -> None:
    api, store = served({"size": 1})
    spec = {"holderIdentity": "other", "leaseDurationSeconds": 3600, "renewTime": "2999-01-01T00:00:00.000000Z"}
    held = {"metadata": {"name": "apply", "uid": "u", "resourceVersion": "1"}, "spec": spec}
    api.rules.insert(0, lambda request: reply(copy.deepcopy(held)) if "/leases/" in request.path and request.method == "GET" else None)
    notes = Notes(store)
    with pytest.raises(ReadinessError):
        written(api, journal=notes)
    assert notes.told == []
