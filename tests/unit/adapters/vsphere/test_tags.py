# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags are read in bulk over one REST session, which is ended; whatever goes wrong is a reason, not an error."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.endpoint import Endpoint, Timing
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.rest import SESSION_HEADER, RestSession
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.tags import (
    NOTHING_VISIBLE,
    TAGS_PER_CALL,
    count_tags,
    read_tags,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.transport import Answer, Message, Trouble
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.extras import Tags

CANARY = "canary-password-1"
Reply = Answer | Trouble
VM, HOST, NETWORK = "VirtualMachine", "HostSystem", "Network"


def answer(status: int, value: Any = None) -> Answer:
    """An HTTP answer with JSON in it."""
    return Answer(status, (b"" if value is None else json.dumps(value).encode(),))


class Server:
    """A vCenter's REST API over a `Transport`: categories by id, tags by id, attachments by tag id."""

    def __init__(self, older: bool = False) -> None:
        self.older = older
        self.older_tagging = older
        self.categories = {"c1": "owner", "c2": "backup"}
        self.tags = {"t1": ("team-erp", "c1"), "t2": ("team-web", "c1"), "t3": ("daily", "c2"), "t4": ("unused", "c2")}
        self.attached: dict[str, list[tuple[str, str]]] = {
            "t1": [(VM, "vm-1"), (VM, "vm-2")],
            "t3": [(VM, "vm-1"), (HOST, "host-9"), (NETWORK, "network-3")],
        }
        self.requests: list[tuple[str, str]] = []
        self.sessions: set[str] = set()
        self.disturb: Callable[[Message, int], Reply | None] = lambda _message, _number: None
        self._lock = threading.Lock()

    def send(self, message: Message, silence_seconds: float, total_seconds: float) -> Reply:
        with self._lock:
            self.requests.append((message.method, message.path))
            disturbed = self.disturb(message, len(self.requests))
            return disturbed if disturbed is not None else self._reply(message)

    def abort(self) -> None:
        self.requests.append(("abort", ""))

    def close(self) -> None:
        self.requests.append(("close", ""))

    def _reply(self, message: Message) -> Reply:
        path, _mark, query = message.path.partition("?")
        is_older_path = path.startswith("/rest/com/vmware/")
        resource = path.removeprefix("/rest/com/vmware/cis/") if is_older_path else path.removeprefix("/api/").removeprefix("cis/")
        if resource == "session":
            return answer(404) if is_older_path != self.older else self._session(message, is_older_path)
        if message.headers.get(SESSION_HEADER) not in self.sessions:
            return answer(401)
        if is_older_path != self.older_tagging:
            return answer(404)
        found = self._tagging(resource, query, message.body, is_older_path)
        if found is None:
            return answer(404)
        return answer(200, {"value": found} if is_older_path else found)

    def _session(self, message: Message, older: bool) -> Reply:
        if message.method == "DELETE":
            self.sessions.discard(message.headers[SESSION_HEADER])
            return answer(204)
        name = f"session-{len(self.requests)}"
        self.sessions.add(name)
        return answer(201, {"value": name} if older else name)

    def _tagging(self, resource: str, query: str, body: bytes, older: bool) -> Any:
        kind, _slash, name = resource.removeprefix("tagging/").partition("/")
        if kind == "tag-association":
            assert query == ("~action=" if older else "action=") + "list-attached-objects-on-tags"
            return [self._attachment(tag) for tag in json.loads(body)["tag_ids"]]
        if not name:
            return sorted(self.tags if kind == "tag" else self.categories)
        name = unquote(name.removeprefix("id:")) if older else unquote(name)
        if kind == "category" and name in self.categories:
            return {"id": name, "name": self.categories[name]}
        if kind == "tag" and name in self.tags:
            return {"id": name, "name": self.tags[name][0], "category_id": self.tags[name][1]}
        return None

    def _attachment(self, tag: str) -> Mapping[str, Any]:
        return {"tag_id": tag, "object_ids": [{"type": kind, "id": moref} for kind, moref in self.attached.get(tag, [])]}


def session_with(server: Server, remaining: Callable[[], float] = lambda: 600.0) -> RestSession:
    endpoint = Endpoint("vc.example.com", username="reader@vsphere.local", password=CANARY)
    return RestSession(server, endpoint, Timing(attempts=3), remaining, sleep=lambda _seconds: None)


def tags_of(server: Server) -> Tags:
    return read_tags(session_with(server))


@pytest.mark.parametrize("older", [False, True])
def test_tags_are_category_and_name_of_each_object_in_either_form_of_the_api(older: bool) -> None:
    server = Server(older)
    found = tags_of(server)
    assert found.names == {
        (HOST, "host-9"): ["backup/daily"],
        (VM, "vm-1"): ["backup/daily", "owner/team-erp"],
        (VM, "vm-2"): ["owner/team-erp"],
    }
    assert found.reason == ""


def test_calls_do_not_grow_with_the_objects_and_are_counted() -> None:
    server = Server()
    few = tags_of(server).calls
    server.attached["t1"] = [(VM, f"vm-{number}") for number in range(5000)]
    assert tags_of(server).calls == few == len(server.requests) / 2
    assert few == 8  # session, list, attachments, two tags and two categories in use, end of the session


def test_attachments_are_asked_for_in_batches() -> None:
    server = Server()
    server.tags.update({f"x{number:03}": ("n", "c1") for number in range(2 * TAGS_PER_CALL)})
    tags_of(server)
    assert sum("tag-association" in path for _method, path in server.requests) == 3


def test_session_is_ended_after_success_and_after_failure() -> None:
    for broken in (False, True):
        server = Server()
        if broken:
            server.disturb = lambda message, _number: answer(500) if "tag-association" in message.path else None
        found = tags_of(server)
        assert (found.names is None) is broken
        assert server.sessions == set()
        assert server.requests[-1] == ("DELETE", "/api/session")


def test_no_visible_tag_is_unknown_for_nobody_can_tell_it_from_no_permission() -> None:
    server = Server()
    server.tags = {}
    assert tags_of(server) == Tags(None, NOTHING_VISIBLE, 3)
    assert count_tags(session_with(server)) == (0, NOTHING_VISIBLE)


def test_count_of_visible_tags_needs_no_other_call() -> None:
    server = Server()
    assert count_tags(session_with(server)) == (4, "")
    assert len(server.requests) == 3


def test_release_that_serves_only_sessions_in_the_current_form_is_read_in_the_older_one() -> None:
    server = Server()
    server.older_tagging = True
    assert tags_of(server).names is not None
    assert server.requests[-1] == ("DELETE", "/api/session")


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, "tags could not be read: the server does not accept the account (HTTP 401)"),
        (403, "tags could not be read: no permission (HTTP 403)"),
        (404, "tags could not be read: the server does not offer this (HTTP 404)"),
        (500, "tags could not be read: the server answered HTTP 500"),
    ],
)
def test_refused_login_is_the_reason_and_is_not_repeated(status: int, reason: str) -> None:
    server = Server()
    server.disturb = lambda _message, _number: answer(status)
    found = tags_of(server)
    assert (found.names, found.reason) == (None, reason)
    assert len(server.requests) == (2 if status == 404 else 1)


def test_busy_server_is_asked_again_and_then_given_up() -> None:
    server = Server()
    server.disturb = lambda message, number: answer(503) if number in (2, 3) else None
    assert tags_of(server).names is not None
    server.disturb = lambda message, _number: answer(503) if message.path.endswith("/tag") else None
    assert tags_of(server).reason == "tags could not be read: the server answered HTTP 503"


def test_session_that_ended_is_opened_once_more() -> None:
    server = Server()

    def end(message: Message, number: int) -> Reply | None:
        if number == 3:
            server.sessions.clear()
        return None

    server.disturb = end
    assert tags_of(server).names == tags_of(Server()).names
    assert sum(request == ("POST", "/api/session") for request in server.requests) == 2


def test_tag_that_is_deleted_meanwhile_is_on_no_object() -> None:
    server = Server()
    server.disturb = lambda message, _number: answer(404) if message.path.endswith("/t3") else None
    assert tags_of(server).names == {(VM, "vm-1"): ["owner/team-erp"], (VM, "vm-2"): ["owner/team-erp"]}


def test_tag_that_may_not_be_read_leaves_all_tags_unknown_for_half_of_them_would_pass_as_all() -> None:
    server = Server()
    server.disturb = lambda message, _number: answer(403) if message.path.endswith("/t3") else None
    assert tags_of(server).reason == "tags could not be read: no permission (HTTP 403)"


@pytest.mark.parametrize("value", ["text", {"a": 1}, [1, 2], [{"object_ids": [{"id": "vm-1"}]}], [{"object_ids": {}}]])
def test_answer_of_another_form_is_a_reason(value: Any) -> None:
    for path in ("/tagging/tag", "tag-association"):
        server = Server()
        server.disturb = lambda message, _number, path=path: answer(200, value) if path in message.path else None
        found = tags_of(server)
        assert found.names is None and found.reason.startswith("tags could not be read: ")


def test_answer_that_is_not_json_is_a_reason() -> None:
    server = Server()
    server.disturb = lambda message, _number: Answer(200, (b"<html>login</html>",)) if message.method == "GET" else None
    assert tags_of(server).reason == "tags could not be read: the answer is not JSON"


def test_lost_connection_and_time_that_is_over_are_reasons() -> None:
    server = Server()
    server.disturb = lambda message, _number: Trouble("the connection was lost") if message.method == "GET" else None
    assert tags_of(server).reason == "tags could not be read: the connection was lost"
    assert read_tags(session_with(Server(), lambda: 0.0)).reason == "tags could not be read: the time for reading this server is over"


def test_no_reason_and_no_representation_holds_the_password() -> None:
    server = Server()
    server.disturb = lambda _message, _number: Trouble("refused", False)
    session = session_with(server)
    texts = (repr(read_tags(session)), repr(session), repr(Message("POST", "/api/session", {"Authorization": CANARY})))
    assert not any(CANARY in text for text in texts)
