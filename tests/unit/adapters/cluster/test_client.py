# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to an API server: what is sent again, what is refused, what ends it, and that no secret is told."""

from __future__ import annotations

import traceback

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.client import ApiFault, Timing
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.transport import Trouble
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError

from tests.unit.adapters.cluster.fake_api import CANARY, LOST, Clock, FakeApi, Reply, connected, refusal, reply

NODES = "/api/v1/nodes"
PAGE = Reply(200, b"<html><title>Sign in</title></html>", {"content-type": "text/html"})


def raised(api: FakeApi, clock: Clock | None = None, timing: Timing | None = None) -> ReadinessError:
    with connected(api, clock, timing) as connection, pytest.raises(ReadinessError) as caught:
        connection.get(NODES)
    return caught.value


@pytest.mark.parametrize("hurdle", [refusal(503), refusal(500), refusal(429, retry_after="3"), refusal(504), LOST, Trouble("no answer")])
def test_what_may_pass_is_asked_again(hurdle: Reply | Trouble) -> None:
    api, clock = FakeApi(), Clock()
    api.at(NODES, hurdle, hurdle)
    with connected(api, clock) as connection:
        assert connection.get(NODES)["kind"] == "NodeList"
        assert connection.calls.all == 3
    assert clock.slept == ([3, 3] if isinstance(hurdle, Reply) and hurdle.status == 429 else [1, 2])


def test_what_stays_refused_is_the_servers_word_in_the_end() -> None:
    api = FakeApi()
    api.always(NODES, refusal(503, "ServiceUnavailable", "etcd has no leader"))
    with connected(api) as connection, pytest.raises(ApiFault) as caught:
        connection.get(NODES)
    assert (caught.value.code, caught.value.reason, caught.value.message) == (503, "ServiceUnavailable", "etcd has no leader")
    assert len(api.seen) == 5


@pytest.mark.parametrize("code", [400, 403, 404, 409, 410, 422])
def test_a_refusal_is_not_asked_again(code: int) -> None:
    api = FakeApi()
    api.always(NODES, refusal(code, "Reason", "words"))
    with connected(api) as connection, pytest.raises(ApiFault) as caught:
        connection.get(NODES)
    assert caught.value.code == code
    assert len(api.seen) == 1


def test_a_conflict_keeps_its_details() -> None:
    api = FakeApi()
    causes = [{"reason": "FieldManagerConflict", "field": ".spec.vms", "message": 'conflict with "argocd"'}]
    api.always(NODES, reply({"kind": "Status", "reason": "Conflict", "message": "no", "details": {"causes": causes}}, 409))
    with connected(api) as connection, pytest.raises(ApiFault) as caught:
        connection.request("PATCH", NODES, {"fieldManager": "x"}, {"spec": {}}, "application/apply-patch+yaml")
    assert caught.value.details["causes"] == causes
    assert api.seen[0].headers["Content-Type"] == "application/apply-patch+yaml"
    assert api.seen[0].body == b'{"spec":{}}'


@pytest.mark.parametrize(
    ("method", "query", "hurdle", "attempts"),
    [
        ("POST", None, LOST, 1),
        ("POST", None, refusal(500), 1),
        ("POST", None, refusal(429), 5),
        ("POST", {"dryRun": "All"}, LOST, 5),
        ("PATCH", None, LOST, 5),
    ],
)
def test_a_creation_that_may_have_happened_is_not_sent_again(
    method: str, query: dict[str, str] | None, hurdle: Reply | Trouble, attempts: int
) -> None:
    api = FakeApi()
    api.always(NODES, hurdle)
    with connected(api) as connection, pytest.raises((ApiFault, ReadinessError)):
        connection.request(method, NODES, query, {"kind": "Node"})
    assert len(api.seen) == attempts
    assert connection.calls.writes == (0 if query else attempts)


def test_a_server_that_is_not_there_is_given_up_at_once() -> None:
    api = FakeApi()
    api.always(NODES, Trouble("nothing listens there (connection refused)", before_contact=True))
    error = raised(api)
    assert (error.code, len(api.seen)) == ("cluster_unreachable", 1)
    assert error.message == "api.target.example.com:6443: nothing listens there (connection refused)"
    assert error.hint


def test_a_server_that_goes_away_is_waited_for() -> None:
    api = FakeApi()
    api.at(NODES, Trouble("nothing listens there (connection refused)", before_contact=True))
    with connected(api) as connection:
        connection.get("/version")
        assert connection.get(NODES)["kind"] == "NodeList"


def test_a_login_that_is_not_accepted_is_not_tried_again() -> None:
    api = FakeApi()
    api.always(NODES, refusal(401, "Unauthorized", "Unauthorized"))
    error = raised(api)
    assert (error.code, len(api.seen)) == ("cluster_login", 1)
    assert "oc login" in error.hint


@pytest.mark.parametrize("answer", [PAGE, Reply(200, b'{"kind": "NodeL'), Reply(200, b"[1]"), Reply(200, b"")])
def test_an_answer_that_is_no_object_is_named(answer: Reply) -> None:
    api = FakeApi()
    api.always(NODES, answer)
    error = raised(api)
    assert error.code == "cluster_protocol"
    assert "no JSON object" in error.message


def test_a_page_of_a_proxy_in_place_of_a_refusal_is_told_without_its_content() -> None:
    api = FakeApi()
    api.always(NODES, Reply(403, b"<html>blocked by policy 7</html>", {"content-type": "text/html; charset=utf-8"}))
    with connected(api) as connection, pytest.raises(ApiFault) as caught:
        connection.get(NODES)
    assert caught.value.message == "HTTP 403: an answer of text/html"


def test_a_redirect_is_not_followed() -> None:
    api = FakeApi()
    api.always(NODES, Reply(302, b"", {"location": "https://login.example.com/"}))
    error = raised(api)
    assert (error.code, len(api.seen)) == ("cluster_protocol", 1)
    assert "login.example.com" not in error.text()


def test_the_deadline_ends_the_attempts() -> None:
    api, clock = FakeApi(), Clock()
    api.always(NODES, LOST)
    error = raised(api, clock, Timing(deadline_seconds=4, attempts=50))
    assert error.code == "cluster_deadline"
    assert clock.now == 4
    assert "deadline_minutes" in error.hint


def test_a_wait_that_the_server_asks_for_beyond_the_deadline_is_not_begun() -> None:
    api, clock = FakeApi(), Clock()
    api.always(NODES, refusal(429, retry_after="7200"))
    error = raised(api, clock)
    assert error.code == "cluster_deadline"
    assert clock.slept == []
    assert "7200 s" in error.message


def test_a_connection_that_was_stopped_sends_nothing_more() -> None:
    api = FakeApi()
    with connected(api) as connection:
        connection.stop()
        with pytest.raises(ReadinessError):
            connection.get(NODES)
    assert api.seen == []


@pytest.mark.parametrize(
    "answer",
    [
        refusal(401, "Unauthorized", f"token {CANARY} has expired"),
        refusal(403, "Forbidden", f"no rights for {CANARY}"),
        Reply(400, f"bad token {CANARY}".encode(), {"content-type": "text/plain"}),
        Trouble(f"the proxy says {CANARY}", again=False),
    ],
)
def test_no_error_tells_the_token(answer: Reply | Trouble) -> None:
    api = FakeApi()
    api.always(NODES, answer)
    with connected(api) as connection, pytest.raises((ApiFault, ReadinessError)) as caught:
        connection.get(NODES)
    assert api.seen[0].headers["authorization"] == f"Bearer {CANARY}"
    shown = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value)) + repr(connection.access) + repr(connection.calls)
    assert CANARY not in shown


def test_a_token_that_was_renewed_is_hidden_as_well() -> None:
    api = FakeApi()
    tokens = ["first-token", "second-token"]
    api.always(NODES, refusal(403, "Forbidden", "second-token may not"))
    with connected(api, authorization=lambda: {"authorization": f"Bearer {tokens.pop(0)}"}) as connection:
        connection.get("/version")
        with pytest.raises(ApiFault) as caught:
            connection.get(NODES)
    assert caught.value.message == "*** may not"
