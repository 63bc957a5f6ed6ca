# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps of a removal: one after the other, and no CRD while there are objects of its kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.removal import Removed, take_off
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.waiting import Patience
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import Step
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Named

from tests.unit.adapters.cluster.fake_api import Clock, FakeApi, Request, connected, refusal, reply

API = "apiextensions.k8s.io/v1"
PLACE = f"/apis/{API}/customresourcedefinitions"
GADGETS = "/apis/example.com/v1/gadgets"


def crd(name: str, served: bool = True) -> dict[str, Any]:
    versions = [{"name": "v1", "served": served, "storage": True}]
    return {"apiVersion": API, "kind": "CustomResourceDefinition", "metadata": {"name": name, "uid": name}, "spec": {"versions": versions}}


def step(order: int, name: str) -> Step:
    return Step(order, "operators", "delete", f"CRD {name}", Named(API, "CustomResourceDefinition", "", name), uid=name)


class Session:
    """Deletes what it is told to, and notes it."""

    def __init__(self) -> None:
        self.deleted: list[str] = []

    def delete(self, path: str, _uid: str) -> None:
        self.deleted.append(path)


def removed(gadgets: Any, *steps: Step, served: bool = True, afterwards: Sequence[Any] = ()) -> tuple[Removed, list[str]]:
    """Takes these CRDs off a cluster that answers so to the list of gadgets; widgets there are none.

    Once a CRD was deleted, the first answers are `afterwards`, and then it is gone.
    """
    api, session, clock, answers = FakeApi(), Session(), Clock(), iter(afterwards)

    def rule(request: Request) -> object:
        if request.path == f"/apis/{API}":
            return reply({"resources": [{"kind": "CustomResourceDefinition", "name": "customresourcedefinitions", "namespaced": False}]})
        if request.path in session.deleted:
            return next(answers, refusal(404, "NotFound", "gone"))
        if request.path.startswith(f"{PLACE}/"):
            return reply(crd(request.path.rpartition("/")[2], served))
        if request.path == "/apis/example.com/v1/widgets":
            return reply({"kind": "List", "metadata": {}, "items": []})
        return gadgets if request.path == GADGETS else None

    api.rules.append(rule)
    with connected(api) as connection:
        given: Any = session
        found = take_off(
            connection, given, steps, Patience(1), clock=clock, sleep=lambda seconds: setattr(clock, "now", clock.now + seconds)
        )
    return found, [path.rpartition("/")[2] for path in session.deleted]


def test_crds_without_objects_go_in_the_order_of_the_steps() -> None:
    none = reply({"kind": "List", "metadata": {}, "items": []})
    found, deleted = removed(none, step(2, "gadgets.example.com"), step(1, "widgets.example.com"))
    assert (found.findings, deleted) == ((), ["widgets.example.com", "gadgets.example.com"])
    assert [each.order for each in found.steps] == [1, 2]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply({"kind": "List", "metadata": {}, "items": [{"metadata": {"name": "late"}}]}), "(late) came meanwhile: remove them first"),
        (refusal(403, "Forbidden", "no"), "is not known"),
    ],
)
def test_a_crd_stays_and_ends_the_removal_when_objects_have_come_or_cannot_be_listed(answer: Any, words: str) -> None:
    found, deleted = removed(answer, step(1, "gadgets.example.com"), step(2, "widgets.example.com"))
    assert (deleted, found.steps) == ([], ())
    assert [finding.result for finding in found.findings] == ["fail"]
    assert words in found.findings[0].message


def test_a_crd_that_is_served_in_no_version_stays() -> None:
    found, deleted = removed(None, step(1, "gadgets.example.com"), served=False)
    assert deleted == []
    assert "served in no version" in found.findings[0].message


NONE = reply({"kind": "List", "metadata": {}, "items": []})


def test_a_server_that_is_out_of_order_for_a_while_is_asked_again_whether_it_is_gone() -> None:
    found, deleted = removed(NONE, step(1, "gadgets.example.com"), afterwards=[refusal(409, "Conflict", "busy"), refusal(500, "Odd", "no")])
    assert (found.findings, deleted) == ((), ["gadgets.example.com"])


def test_what_was_deleted_and_may_not_be_looked_at_afterwards_ends_the_removal_with_a_finding() -> None:
    steps = (step(1, "gadgets.example.com"), step(2, "widgets.example.com"))
    found, deleted = removed(NONE, *steps, afterwards=[refusal(403, "Forbidden", "you may not")])
    assert (found.steps, deleted) == ((), ["gadgets.example.com"])
    assert "whether it is gone nobody can say: you may not" in found.findings[0].message
