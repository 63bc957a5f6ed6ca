# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others may do is asked one by one: what the server does not say is never a denial."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.client import ApiConnection, ApiFault
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.access_reviews import ask_access
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.questions import Answered, Question
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.rbac import Act, Who

Json = dict[str, Any]
ANNA = Who("anna", ("team",))
FORBIDDEN = ApiFault(
    403,
    "Forbidden",
    'subjectaccessreviews.authorization.k8s.io is forbidden: User "reader" cannot create resource "subjectaccessreviews" in API group '
    '"authorization.k8s.io" at the cluster scope',
)


class Server:
    """Stands for the connection; each question is answered by its resource."""

    def __init__(self, answer: Callable[[str], Mapping[str, Any]]) -> None:
        self.asked: list[Json] = []
        self._answer = answer

    def request(self, method: str, path: str, body: Json) -> Mapping[str, Any]:
        assert (method, path) == ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews")
        self.asked.append(body["spec"])
        return self._answer(body["spec"]["resourceAttributes"]["resource"])


def question(resource: str, **more: Any) -> Question:
    return Question(more.pop("who", ANNA), Act("get", more.pop("group", ""), resource, **more))


def answers(server: Server, *resources: str) -> dict[str, Answered]:
    questions = [question(resource) for resource in resources]
    found = ask_access(cast(ApiConnection, server), questions)
    assert not found.refused
    return {one.act.resource: answered for one, answered in found.by_question.items()}


def test_answers_are_those_of_the_server_and_what_is_none_is_open() -> None:
    said: Mapping[str, Mapping[str, Any]] = {
        "a": {"status": {"allowed": True, "reason": "RBAC: allowed"}},
        "b": {"status": {"allowed": False, "reason": 'RBAC: clusterrole "x" not found'}},
        "c": {"status": {"allowed": False, "evaluationError": "webhook: no answer"}},
        "d": {"status": {}},
        "e": {},
    }
    assert answers(Server(lambda resource: said[resource]), *said) == {
        "a": Answered(True, "RBAC: allowed"),
        "b": Answered(False),
        "c": Answered(None, "the server could not tell: webhook: no answer"),
        "d": Answered(None, "it gave no answer"),
        "e": Answered(None, "it gave no answer"),
    }


def test_attributes_go_as_they_are_and_what_is_empty_is_left_out() -> None:
    server = Server(lambda _resource: {"status": {"allowed": False}})
    whole = Question(ANNA, Act("use", "security.openshift.io", "securitycontextconstraints", "x", "privileged"), "team")
    ask_access(cast(ApiConnection, server), [whole, question("pods", who=Who("", ("team",)))])
    assert server.asked == [
        {
            "user": "anna",
            "groups": ["team"],
            "resourceAttributes": {
                "verb": "use",
                "group": "security.openshift.io",
                "resource": "securitycontextconstraints",
                "subresource": "x",
                "name": "privileged",
                "namespace": "team",
            },
        },
        {"groups": ["team"], "resourceAttributes": {"verb": "get", "resource": "pods"}},
    ]


def test_account_that_may_not_ask_asks_once() -> None:
    def refuse(_resource: str) -> Mapping[str, Any]:
        raise FORBIDDEN

    server = Server(refuse)
    found = ask_access(cast(ApiConnection, server), [question("a"), question("b"), question("c")])
    assert (len(server.asked), dict(found.by_question)) == (1, {})
    assert found.refused == "the account may not create subjectaccessreviews.authorization.k8s.io"
    assert ask_access(cast(ApiConnection, server), []).refused == ""


def test_request_that_is_lost_is_asked_once_more() -> None:
    lost = ["b", "c", "c"]

    def answer(resource: str) -> Mapping[str, Any]:
        if resource in lost:
            lost.remove(resource)
            raise ApiFault(503, "ServiceUnavailable", "try again")
        return {"status": {"allowed": False}}

    found = answers(Server(answer), "a", "b", "c")
    assert (found["a"], found["b"]) == (Answered(False), Answered(False))
    assert found["c"].allowed is None and "try again" in found["c"].reason
