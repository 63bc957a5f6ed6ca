# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dry run on a server in memory: what its answers say of a manifest, and what they do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.client import ApiFault
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.dry_run import Tried, try_manifests
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.refusals import lacking_permission, owned_by_others
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.manifests.objects import manifest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.model import Manifest

from tests.unit.adapters.cluster.fake_api import LOST, FakeApi, Reply, Request, Trouble, connected, refusal, reply
from tests.unit.adapters.cluster.fake_store import stored

FORBIDDEN = 'plans is forbidden: User "u" cannot create resource "plans" in API group "forklift.konveyor.io" in the namespace "mtv"'


def plan(name: str = "erp", namespace: str = "mtv") -> Manifest:
    return manifest("Plan", name, {"type": "cold"}, "", namespace=namespace)


def tried(api: FakeApi, *manifests: Manifest) -> list[Tried]:
    with connected(api) as connection:
        return list(try_manifests(connection, manifests).values())


def answering(*answers: Reply | Trouble, missing: Sequence[str] = ()) -> FakeApi:
    """A server that gives these answers to writes; some of its namespaces are missing."""
    api, _store = stored()
    left = list(answers)

    def rule(request: Request) -> Reply | Trouble | None:
        gone = next((name for name in missing if f"/namespaces/{name}/" in request.path), None)
        if request.method != "PATCH":
            return None
        if gone is not None:
            status = {"kind": "Status", "reason": "NotFound", "code": 404, "details": {"kind": "namespaces", "name": gone}}
            return reply({**status, "message": f'namespaces "{gone}" not found'}, 404)
        return left.pop(0) if left else None

    api.rules.insert(0, rule)
    return api


def test_every_request_is_a_dry_run_with_strict_validation() -> None:
    api = answering()
    assert tried(api, plan()) == [("accepted", "")]
    (request,) = (request for request in api.seen if request.method == "PATCH")
    assert request.query == {"dryRun": "All", "fieldManager": "groundwork-readiness", "fieldValidation": "Strict", "force": "true"}
    assert request.headers["Content-Type"] == "application/apply-patch+yaml"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refusal(422, "Invalid", "spec.type: no"), ("refused", "spec.type: no")),
        (refusal(500, "", "failed to create typed patch object (a): .spec.b: field not declared"), ("refused", None)),
        (refusal(403, "Forbidden", FORBIDDEN), ("not_tried", "the account may not create plans.forklift.konveyor.io in mtv")),
        (refusal(403, "Forbidden", 'admission webhook "w" denied the request: no'), ("refused", None)),
        (refusal(403, "Forbidden", "exceeded quota: count"), ("refused", "exceeded quota: count")),
        (refusal(409, "Conflict", "the object is being deleted"), ("refused", None)),
    ],
)
def test_refusal_of_the_object_is_told_from_lack_of_rights(answer: Reply, expected: tuple[str, str | None]) -> None:
    api = answering(answer)
    ((state, message),) = tried(api, plan())
    assert state == expected[0]
    assert message == (expected[1] or message)
    assert len([request for request in api.seen if request.method == "PATCH"]) == 1


def test_server_that_fails_says_nothing_of_the_manifest() -> None:
    assert tried(answering(*[refusal(503, "", "no leader")] * 9), plan()) == [("not_tried", "the server failed: no leader")]
    assert tried(answering(refusal(429), refusal(500), LOST), plan()) == [("accepted", "")]
    ((state, message),) = tried(answering(*[LOST] * 9), plan())
    assert state == "not_tried"
    assert "the connection was lost" in message


def test_server_that_is_gone_leaves_the_rest_untried_at_once() -> None:
    api, _store = stored()
    api.rules.insert(0, lambda request: None if request.path.startswith("/apis/forklift") and request.method == "GET" else LOST)
    outcomes = tried(api, *(plan(f"p-{number}") for number in range(50)))
    assert {state for state, _message in outcomes} == {"not_tried"}
    assert len(api.seen) < 50


def test_object_of_a_missing_namespace_is_tried_where_most_others_are_else_in_default() -> None:
    others = [plan(f"p-{number}") for number in range(3)]
    assert tried(answering(missing=["new"]), *others, plan("x", "new"))[-1] == (
        "accepted",
        "namespace new does not exist yet; tried in namespace mtv",
    )
    lost = tried(answering(missing=["new", "mtv"]), *others, plan("x", "new"))
    assert {message.rpartition(" ")[2] for _state, message in lost} == {"default"}
    (nowhere,) = tried(answering(missing=["mtv", "default"]), plan())
    assert nowhere == ("not_tried", "namespace mtv does not exist, and no other can be used for trying")


def test_kind_that_is_not_served_is_refused() -> None:
    odd = replace(plan(), object={**plan().object, "kind": "Odd"})
    assert tried(answering(), odd) == [("refused", "the cluster does not serve Odd of forklift.konveyor.io/v1beta1")]


def fault(code: int, message: str = "", **details: Any) -> ApiFault:
    return ApiFault(code, "", message, details)


def test_permissions_are_read_from_the_servers_words() -> None:
    user = 'User "u" cannot'
    assert lacking_permission(fault(403, f'{user} get resource "secrets" in API group "" in the namespace "n"')) == "get secrets in n"
    assert lacking_permission(fault(403, f'{user} list resource "nodes" in API group "" at the cluster scope')) == "list nodes"
    assert lacking_permission(fault(403, f'{user} patch resource "namespaces" in API group "" in the namespace "n"')) == "patch namespaces"
    assert lacking_permission(fault(403, "denied")) == lacking_permission(fault(409, user)) == ""


def test_owners_of_fields_are_read_from_a_conflict() -> None:
    cause = {"reason": "FieldManagerConflict", "message": 'conflict with "kubectl" using example.com/v1', "field": ".spec.type"}
    assert owned_by_others(fault(409, causes=[cause, {"reason": "Other"}, "odd"])) == (("kubectl", ".spec.type"),)
    assert owned_by_others(fault(409, causes=None)) == owned_by_others(fault(422, causes=[cause])) == ()
