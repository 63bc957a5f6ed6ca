# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting: readiness is believed when it can be, trouble once it has stood, and the deadline ends the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.waiting import Look, Patience, Waited, look_at, wait
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import ObjectKey
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import Wait
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Named, NamedRead, PlatformSnapshot

from tests.unit.adapters.cluster.fake_api import Clock, FakeApi, Request, connected, refusal, reply

CRD = "apiextensions.k8s.io/v1"
PATIENCE = Patience(minutes=5, settle_seconds=8, poll_seconds=2)


def wanted(name: str, minutes: float = 5, kind: str = "Job", api_version: str = "batch/v1") -> Wait:
    return Wait(f"{kind} {name}", "operators", "operators", Named(api_version, kind, "ns", name), minutes)


def job(kind: str = "", status: str = "True", generation: int | None = None) -> dict[str, Any]:
    conditions = [{"type": kind, "status": status, "reason": f"{kind}Reason", "message": "words"}] if kind else []
    metadata = {"name": "one"} | ({} if generation is None else {"generation": generation})
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "status": {"conditions": conditions}}


def scripted(clock: Clock, *looks: tuple[float, dict[str, Any] | None]) -> Look:
    """Shows of every object what it was from that second on; None is not there."""

    def look(refs: Sequence[Named]) -> PlatformSnapshot:
        now = [item for since, item in looks if clock() >= since][-1]
        read = NamedRead("absent") if now is None else NamedRead("read", now)
        return PlatformSnapshot({}, dict.fromkeys(refs, read))

    return look


def waited(*looks: tuple[float, dict[str, Any] | None], minutes: float = 5, changed: Sequence[ObjectKey] = ()) -> tuple[Waited, float]:
    clock, one = Clock(), wanted("one", minutes)
    found = wait(scripted(clock, *looks), [one], PATIENCE, clock=clock, sleep=clock.sleep, changed=changed)
    return found[one], clock()


def test_what_is_ready_ends_the_wait_at_the_first_look() -> None:
    found, seconds = waited((0, job("Complete")))
    assert (found.is_ready, seconds) == (True, 0)


def test_what_becomes_ready_ends_the_wait_then() -> None:
    found, seconds = waited((0, None), (3, job()), (9, job("Complete")))
    assert (found.is_ready, seconds) == (True, 10)


def test_trouble_is_believed_once_it_has_stood_for_the_settle_time_and_long_before_the_deadline() -> None:
    found, seconds = waited((0, job()), (20, job("Failed")))
    assert found.progress is not None
    assert (found.progress.state, found.progress.reason, found.progress.words) == ("stuck", "FailedReason", "words")
    assert (seconds, found.in_time) == (28, True)


def test_trouble_that_passes_is_forgotten() -> None:
    found, seconds = waited((0, job("Failed")), (6, job()), (12, job("Failed")), (18, job("Complete")))
    assert (found.is_ready, seconds) == (True, 18)


def test_the_deadline_ends_what_does_not_move() -> None:
    found, seconds = waited((0, job()), minutes=1)
    assert (found.is_ready, found.in_time, seconds) == (False, False, 60)


def test_the_shorter_of_both_limits_holds() -> None:
    _found, seconds = waited((0, None), minutes=30)
    assert seconds == 300


def test_readiness_of_an_object_just_written_that_tells_no_generation_has_to_stand() -> None:
    key = ObjectKey("batch", "Job", "ns", "one")
    stale, seconds = waited((0, job("Complete")), (4, job()), (10, job("Complete")), changed=[key])
    assert (stale.is_ready, seconds) == (True, 18)


def test_readiness_of_an_object_just_written_is_believed_at_once_where_it_tells_its_generation() -> None:
    item = job("Complete", generation=2)
    item["status"]["observedGeneration"] = 2
    found, seconds = waited((0, item), changed=[ObjectKey("batch", "Job", "ns", "one")])
    assert (found.is_ready, seconds) == (True, 0)


def test_what_cannot_be_read_is_told_with_its_reason() -> None:
    clock, one = Clock(), wanted("one", 0.1)

    def look(refs: Sequence[Named]) -> PlatformSnapshot:
        return PlatformSnapshot({}, dict.fromkeys(refs, NamedRead("forbidden", reason="the account may not get jobs")))

    found = wait(look, [one], PATIENCE, clock=clock, sleep=clock.sleep)[one]
    assert (found.progress, found.reason) == (None, "the account may not get jobs")


def test_nothing_to_wait_for_takes_no_look() -> None:
    clock = Clock()
    assert wait(scripted(clock), [], PATIENCE, clock=clock, sleep=clock.sleep) == {}


def test_a_look_asks_only_for_what_is_not_ready_yet_and_only_once_for_its_kind() -> None:
    api = FakeApi()
    answers = {"slow": [job(), job("Complete")], "fast": [job("Complete")]}

    def rule(request: Request) -> object:
        if request.path == "/apis/batch/v1":
            return reply({"resources": [{"kind": "Job", "name": "jobs", "namespaced": True}]})
        name = request.path.rpartition("/")[2]
        return reply(answers[name].pop(0)) if name in answers else refusal(404, "NotFound", "not found")

    api.rules.append(rule)
    clock = Clock()
    with connected(api) as connection:
        found = wait(look_at(connection), [wanted("slow"), wanted("fast")], PATIENCE, clock=clock, sleep=clock.sleep)
    assert all(one.is_ready for one in found.values())
    assert api.paths().count("/apis/batch/v1") == 1
    assert sorted(path.rpartition("/")[2] for path in api.paths()[1:]) == ["fast", "slow", "slow"]
