# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection over HTTP, as kubernetes.core and the Kubernetes client set it up, against a server of our own."""

from __future__ import annotations

import socket
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters import _libraries
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster import access as access_module
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.access import open_access
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.client import ApiConnection, ApiFault, Timing
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.reader import connect, read_target
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster_arguments import ClusterSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError

from tests.unit.adapters.cluster.fake_api import CANARY, LOST, FakeApi, Reply, refusal, reply, serving

pytestmark = pytest.mark.usefixtures("kubernetes_core")
NODES = "/api/v1/nodes"
KUBECONFIG: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "reader",
    "contexts": [{"name": "reader", "context": {"cluster": "target", "user": "reader"}}],
    "users": [{"name": "reader", "user": {"token": CANARY}}],
}


def settings(url: str, **options: Any) -> ClusterSettings:
    return ClusterSettings({"host": url, "api_key": CANARY, **options})


@contextmanager
def connection_to(url: str, timing: Timing | None = None, **options: Any) -> Iterator[ApiConnection]:
    with ApiConnection(open_access(settings(url, **options)), timing or Timing(backoff_seconds=0, attempts=3)) as connection:
        yield connection


def kubeconfig(url: str, **changes: Any) -> dict[str, Any]:
    return {**KUBECONFIG, "clusters": [{"name": "target", "cluster": {"server": url}}], **changes}


def test_a_target_is_read_over_http() -> None:
    api = FakeApi({NODES: [{"metadata": {"name": f"node-{number}", "annotations": {"a": "b" * 999}}} for number in range(1200)]})
    with serving(api) as url, connect(settings(url)) as connection:
        records = list(read_target(connection))
    assert sum(record["kind"] == "node" for record in records) == 1200
    assert connection.calls.all == len(api.seen)
    assert connection.calls.received_bytes < 100_000
    assert {request.headers["Authorization"] for request in api.seen} == {f"Bearer {CANARY}"}
    assert all(request.headers["User-Agent"].startswith("groundwork.readiness/") for request in api.seen)


def _all(headers: Any, name: str) -> list[str]:
    """Every header of that name."""
    return list(headers.get_all(name))


def test_impersonation_names_each_group_of_its_own() -> None:
    api = FakeApi()
    with serving(api) as url, connection_to(url, impersonate_user="auditor", impersonate_groups=["one", "two"]) as connection:
        connection.get("/version")
    headers = api.seen[0].headers
    assert headers["Impersonate-User"] == "auditor"
    assert _all(headers, "Impersonate-Group") == ["one", "two"]


def test_a_kubeconfig_as_a_mapping_and_as_a_file_lead_to_the_cluster(tmp_path: Path) -> None:
    api = FakeApi()
    path = tmp_path / "config"
    with serving(api) as url:
        path.write_text(str(kubeconfig(url)), encoding="utf-8")
        for given in (kubeconfig(url), str(path)):
            with ApiConnection(open_access(ClusterSettings({"kubeconfig": given}))) as connection:
                connection.get("/version")
    assert [request.headers["Authorization"] for request in api.seen] == [f"Bearer {CANARY}"] * 2


def test_the_environment_names_the_cluster_where_nothing_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    api = FakeApi()
    with serving(api) as url:
        monkeypatch.setenv("K8S_AUTH_HOST", url)
        monkeypatch.setenv("K8S_AUTH_API_KEY", CANARY)
        monkeypatch.setenv("K8S_AUTH_VERIFY_SSL", "false")
        access = open_access(ClusterSettings())
        with ApiConnection(access) as connection:
            connection.get("/version")
    assert access.validate_certs is False
    assert api.seen[0].headers["Authorization"] == f"Bearer {CANARY}"


def test_one_connection_leaves_nothing_for_the_next(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.touch()
    open_access(ClusterSettings({"kubeconfig": kubeconfig("https://a.example.com", users=[{"name": "reader", "user": {"token": "x"}}])}))
    access = open_access(settings("https://b.example.com"))
    assert access.authorization() == {"authorization": f"Bearer {CANARY}"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kubeconfig": kubeconfig("https://a.example.com"), "context": "other"}, "has no context other"),
        ({"kubeconfig": {"apiVersion": "v1"}}, "cannot be used"),
        ({"kubeconfig": kubeconfig("https://a.example.com", users=[{"name": "reader", "user": CANARY}])}, "is not the configuration"),
        ({}, "no cluster is named"),
    ],
)
def test_a_configuration_that_leads_nowhere_is_explained(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ReadinessError) as caught:
        open_access(ClusterSettings(given))
    assert caught.value.code == "cluster_configuration"
    assert words in caught.value.message
    assert caught.value.hint
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_a_kubeconfig_that_is_not_yaml_is_named_by_its_line_alone(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(f"users:\n- token: {CANARY}\n  x: [}}\n", encoding="utf-8")
    with pytest.raises(ReadinessError) as caught:
        open_access(ClusterSettings({"kubeconfig": str(path)}))
    assert caught.value.message == "cluster: kubeconfig config is not YAML (line 3)"
    assert CANARY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("missing", ["kubernetes", "kubernetes.core"])
def test_what_is_not_installed_is_named_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    if missing == "kubernetes":
        monkeypatch.setitem(_libraries.LIBRARY_ERRORS, "kubernetes", "ImportError")
    else:
        monkeypatch.setitem(sys.modules, "ansible_collections.kubernetes.core.plugins.module_utils.k8s", None)
    with pytest.raises(ReadinessError) as caught:
        open_access(settings("https://a.example.com"))
    assert caught.value.code == "library_missing"
    assert caught.value.hint == access_module.INSTALL_HINT


def test_nothing_listens_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with connection_to(f"https://127.0.0.1:{port}") as connection, pytest.raises(ReadinessError) as caught:
        connection.get("/version")
    assert (caught.value.code, caught.value.message) == (
        "cluster_unreachable",
        f"127.0.0.1:{port}: nothing listens there (connection refused)",
    )


def test_a_name_that_nobody_knows() -> None:
    with connection_to("https://api.target.invalid:6443") as connection, pytest.raises(ReadinessError) as caught:
        connection.get("/version")
    assert caught.value.code == "cluster_unreachable"
    assert "name cannot be resolved" in caught.value.message


def test_a_server_that_speaks_no_tls() -> None:
    api = FakeApi()
    with serving(api) as url, connection_to(url.replace("http:", "https:")) as connection, pytest.raises(ReadinessError) as caught:
        connection.get("/version")
    assert caught.value.code in ("cluster_protocol", "cluster_unreachable")
    assert api.seen == []


def test_a_server_that_is_silent_is_asked_again_and_given_up() -> None:
    api = FakeApi()
    api.always(NODES, Reply(200, b'{"kind": "NodeList"}', hold_seconds=1.0))
    timing = Timing(request_seconds=0.1, attempts=2, backoff_seconds=0)
    with serving(api) as url, connection_to(url, timing) as connection, pytest.raises(ReadinessError) as caught:
        connection.get(NODES)
    assert caught.value.code == "cluster_unreachable"
    assert "no answer within 0.1 s (in each of 2 attempts)" in caught.value.message
    assert len(api.seen) == 2


def test_a_silent_server_does_not_outlast_the_deadline() -> None:
    api = FakeApi()
    api.always(NODES, Reply(200, b'{"kind": "NodeList"}', hold_seconds=2.0))
    timing = Timing(request_seconds=60, deadline_seconds=0.3)
    with serving(api) as url, connection_to(url, timing) as connection, pytest.raises(ReadinessError) as caught:
        connection.get(NODES)
    assert caught.value.code == "cluster_deadline"


@contextmanager
def raw_server(*answers: bytes) -> Iterator[str]:
    """Answers one connection each with those bytes, whatever is asked, and closes it."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for answer in answers:
                connection, _address = server.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


WHOLE = b'HTTP/1.1 200 OK\r\nContent-Length: 21\r\nConnection: close\r\n\r\n{"gitVersion":"v1.0"}'


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\nConnection: close\r\n\r\nabcd",
    ],
)
def test_an_answer_that_is_cut_off_is_asked_for_again(broken: bytes) -> None:
    with raw_server(broken, WHOLE) as url, connection_to(url) as connection:
        assert connection.get("/version") == {"gitVersion": "v1.0"}
        assert connection.calls.all == 2


def test_what_is_not_http_is_named() -> None:
    with raw_server(b"SSH-2.0-OpenSSH_9.2\r\n\r\n") as url, connection_to(url) as connection, pytest.raises(ReadinessError) as caught:
        connection.get("/version")
    assert caught.value.code == "cluster_protocol"


def test_a_token_is_not_sent_after_a_redirect() -> None:
    api, other = FakeApi(), FakeApi()
    with serving(other) as elsewhere, serving(api) as url, connection_to(url) as connection:
        api.always("/version", Reply(302, b"", {"location": f"{elsewhere}/version"}))
        with pytest.raises(ReadinessError):
            connection.get("/version")
    assert other.seen == []


def test_a_token_that_no_header_can_hold_is_refused_without_being_told() -> None:
    api = FakeApi()
    with serving(api) as url, connection_to(url, api_key=f"{CANARY}\r\nX: y") as connection, pytest.raises(ReadinessError) as caught:
        connection.get("/version")
    assert caught.value.code == "cluster_configuration"
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_a_proxy_that_is_not_there_is_named_as_the_proxy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    proxy = f"http://reader:{CANARY}@127.0.0.1:{port}"
    with connection_to("https://api.example.com:6443", proxy=proxy) as connection, pytest.raises(ReadinessError) as caught:
        connection.get("/version")
    assert caught.value.code == "cluster_unreachable"
    assert "the proxy cannot be used" in caught.value.message
    assert CANARY not in "".join(traceback.format_exception(caught.value)) + repr(connection.access)


def test_a_write_is_sent_with_its_body_and_a_lost_one_is_not_repeated() -> None:
    api = FakeApi()
    api.at(NODES, reply({"kind": "Node"}, 201), LOST, refusal(409, "Conflict", "taken"))
    with serving(api) as url, connection_to(url) as connection:
        assert connection.request("POST", NODES, None, {"kind": "Node"}) == {"kind": "Node"}
        with pytest.raises(ReadinessError) as lost:
            connection.request("POST", NODES, None, {"kind": "Node"})
        with pytest.raises(ApiFault):
            connection.request("POST", NODES, None, {"kind": "Node"})
    assert lost.value.message.endswith("the connection was lost; whether the request was carried out is not known")
    assert [request.body for request in api.seen] == [b'{"kind":"Node"}'] * 3
    assert connection.calls.writes == 3
