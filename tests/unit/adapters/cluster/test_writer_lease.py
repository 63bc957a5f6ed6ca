# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Lease: taken, renewed, lost, taken over, and given back."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.lease import (
    NAME,
    OBSERVED_SECONDS,
    WAIT_SECONDS,
    WriteLease,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError

from tests.unit.adapters.cluster.fake_api import LOST, Clock, FakeApi, connected, refusal
from tests.unit.adapters.cluster.fake_store import Store, first, stored

PATH = f"/apis/coordination.k8s.io/v1/namespaces/home/leases/{NAME}"
NOW = datetime(2026, 11, 21, 8, tzinfo=timezone.utc)


def lease_on(api: FakeApi, clock: Clock, run: str = "run-1") -> WriteLease:
    """A Lease whose clocks all are that one."""
    connection = connected(api)
    return WriteLease(connection, "home", run, clock=lambda: NOW + timedelta(seconds=clock()), monotonic=clock, sleep=clock.sleep)


def held_by(store: Store, holder: str, seconds_ago: float, **spec: Any) -> None:
    """Somebody has it, and renewed it that long ago."""
    renewed = (NOW - timedelta(seconds=seconds_ago)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    body = {
        "holderIdentity": holder,
        "leaseDurationSeconds": 30,
        "renewTime": renewed,
        "acquireTime": renewed,
        "leaseTransitions": 4,
        **spec,
    }
    store.items[PATH] = {"kind": "Lease", "metadata": {"name": NAME, "uid": "u", "resourceVersion": "1"}, "spec": body}


def test_free_lease_is_taken_and_given_back() -> None:
    api, store = stored()
    with lease_on(api, Clock()) as held:
        spec = store.items[PATH]["spec"]
        assert spec["holderIdentity"].startswith("run-1 (")
        assert spec["renewTime"] == "2026-11-21T08:00:00.000000Z"
        held.check()
    assert store.items[PATH]["spec"]["holderIdentity"] == ""
    with lease_on(api, Clock(), "run-2"):
        assert store.items[PATH]["spec"]["leaseTransitions"] == 1


def test_last_lease_is_removed() -> None:
    api, store = stored()
    with lease_on(api, Clock()) as held:
        held.is_last = True
    assert PATH not in store.items


def test_lease_of_somebody_else_is_respected_and_its_holder_named() -> None:
    api, store = stored()
    held_by(store, "run-north (1a2b)", 12)
    with pytest.raises(ReadinessError) as caught, lease_on(api, Clock()):
        pytest.fail("it was taken")
    assert caught.value.code == "cluster_busy"
    assert "run-north (1a2b), since 2026-11-21T07:59:48" in caught.value.message
    assert "2026-11-21T08:00:18Z" in caught.value.hint
    assert store.writes == []


@pytest.mark.parametrize(("looks", "taken"), [(3, True), (99, False)])
def test_lease_of_somebody_else_is_waited_for_so_long_and_no_longer(looks: int, taken: bool) -> None:
    api, store = stored()
    held_by(store, "run-north", -20, leaseDurationSeconds=3600)
    clock = Clock()

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if len(clock.slept) == looks:
            store.items[PATH]["spec"]["holderIdentity"] = ""

    times: dict[str, Any] = {"clock": lambda: NOW + timedelta(seconds=clock()), "monotonic": clock, "sleep": sleep}
    lease = WriteLease(connected(api), "home", "run-1", wait_seconds=9, **times)
    if taken:
        with lease:
            assert clock.slept == [WAIT_SECONDS] * 3
        return
    with pytest.raises(ReadinessError) as caught:
        lease.__enter__()
    assert caught.value.code == "cluster_busy"
    assert "run-north, since 2026-11-21T08:00:20" in caught.value.message
    assert caught.value.message.endswith("it was waited for 9 s")
    assert sum(clock.slept) == 9
    assert store.writes == []


def test_two_processes_of_one_run_are_two_holders() -> None:
    api, _store = stored()
    with lease_on(api, Clock()), pytest.raises(ReadinessError) as caught, lease_on(api, Clock()):
        pytest.fail("it was taken twice")
    assert caught.value.code == "cluster_busy"


def test_lease_that_has_just_expired_is_watched_before_it_is_taken() -> None:
    api, store = stored()
    held_by(store, "run-north", 31)
    clock = Clock()
    with lease_on(api, clock):
        assert clock.slept == [OBSERVED_SECONDS]
        assert store.items[PATH]["spec"]["holderIdentity"].startswith("run-1")


def test_lease_that_is_renewed_while_it_is_watched_belongs_to_whom_renews_it() -> None:
    api, store = stored()
    held_by(store, "run-north", 31)
    clock = Clock()

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        held_by(store, "run-north", 31 - seconds)

    held = WriteLease(connected(api), "home", "run-1", clock=lambda: NOW + timedelta(seconds=clock()), monotonic=clock, sleep=sleep)
    with pytest.raises(ReadinessError) as caught:
        held.__enter__()
    assert caught.value.code == "cluster_busy"


def test_lease_that_has_long_expired_is_taken_at_once() -> None:
    api, store = stored()
    held_by(store, "run-north", 3600)
    clock = Clock()
    with lease_on(api, clock):
        assert clock.slept == []


def test_lease_without_a_time_that_can_be_read_is_watched() -> None:
    api, store = stored()
    held_by(store, "run-north", 0, renewTime="soon")
    clock = Clock()
    with lease_on(api, clock):
        assert clock.slept == [OBSERVED_SECONDS]


def test_who_cannot_renew_it_must_not_write_any_more() -> None:
    api, _store = stored()
    clock = Clock()
    with lease_on(api, clock) as held:
        clock.now += 24
        held.check()
        clock.now += 2
        with pytest.raises(ReadinessError) as caught:
            held.check()
    assert caught.value.code == "cluster_lease_lost"


def test_renewal_extends_it_and_finds_out_when_it_was_taken_over() -> None:
    api, store = stored()
    clock = Clock()
    with lease_on(api, clock) as held:
        clock.now += 20
        held._renew()
        clock.now += 20
        held.check()
        held_by(store, "run-north", 0, leaseTransitions=5)
        held._renew()
        with pytest.raises(ReadinessError):
            held.check()
    assert store.items[PATH]["spec"]["holderIdentity"] == "run-north"


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_answer_that_is_lost_is_found_out_about(method: str) -> None:
    api, store = stored()
    if method == "PUT":
        held_by(store, "", 0)
    first(api, method, "/leases", LOST, then=True)
    with lease_on(api, Clock()) as held:
        held.check()
        first(api, "PUT", "/leases", LOST, then=True)
        held._renew()
        held.check()
    assert store.items[PATH]["spec"]["holderIdentity"] == ""


def test_somebody_who_is_faster_gets_it() -> None:
    api, store = stored()
    first(api, "POST", "/leases", refusal(409, "AlreadyExists", "it exists"))
    with lease_on(api, Clock()):
        assert len([write for write in store.writes if write.startswith("POST")]) == 1


def test_rights_that_lack_are_named() -> None:
    api, _store = stored()
    words = 'leases is forbidden: User "u" cannot create resource "leases" in API group "coordination.k8s.io" in the namespace "home"'
    first(api, "POST", "/leases", refusal(403, "Forbidden", words))
    with pytest.raises(ReadinessError) as caught, lease_on(api, Clock()):
        pytest.fail("it was taken")
    assert caught.value.code == "cluster_forbidden"
    assert "the account may not create leases.coordination.k8s.io in home" in caught.value.message
