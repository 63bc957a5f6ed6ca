# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Break-glass: who comes in by what, and that nothing but an access of its own to this very cluster proves it."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster_arguments import ClusterSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform import break_glass
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.lockout import BreakGlass

from tests.unit.adapters.cluster.fake_api import KUBE_SYSTEM_UID, FakeApi, Reply, Request, Trouble, connected, refusal, reply

TOKEN = secrets.token_hex(24)
ACCOUNT = "system:serviceaccount:ops:glass"
WITH_CERTIFICATE = SimpleNamespace(connection_pool_kw={"cert_file": "/c.pem"}, clear=lambda: None)


def proven(
    monkeypatch: pytest.MonkeyPatch,
    user: str = ACCOUNT,
    *,
    groups: tuple[str, ...] = ("system:authenticated",),
    token: str = TOKEN,
    allowed: tuple[bool, bool] = (True, True),
    rule: Any = None,
    cluster: str = KUBE_SYSTEM_UID,
    users: tuple[str, ...] = (),
    last_until: float = 0.0,
    **access: Any,
) -> BreakGlass:
    """What is made of an access; the server says who it is and what he may do."""
    api = FakeApi()

    def answer(request: Request) -> Reply | Trouble | None:
        if request.path == "/api/v1/namespaces/kube-system":
            return reply({"metadata": {"uid": KUBE_SYSTEM_UID}})
        if request.path.endswith("/selfsubjectreviews"):
            return reply({"status": {"userInfo": {"username": user, "groups": list(groups)}}}, 201)
        if request.path.endswith("/selfsubjectaccessreviews"):
            spec = json.loads(request.body or b"")["spec"]
            return reply({"status": {"allowed": allowed["nonResourceAttributes" in spec]}}, 201)
        return None

    api.rules += [rule, answer] if rule else [answer]
    header = {"authorization": f"Bearer {token}"} if token else {}
    settings: dict[str, Any] = {"authorization": lambda: header, "secrets": (token,), "pool": SimpleNamespace(), **access}
    monkeypatch.setattr(break_glass, "connect", lambda _settings: connected(api, **settings))
    found = break_glass.prove(ClusterSettings(), cluster, users, last_until)
    assert {request.method for request in api.seen} <= {"GET", "POST"}
    if token:
        assert token not in repr(found)
    return found


def test_service_account_and_client_certificate_prove_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert proven(monkeypatch) == BreakGlass(True, f"{ACCOUNT} by the token of a service account", "")
    certificate = proven(monkeypatch, "system:admin", token="", pool=WITH_CERTIFICATE)
    assert certificate == BreakGlass(True, "system:admin by a client certificate", "")
    assert proven(monkeypatch, users=(ACCOUNT, "system:admin")).proven


CASES: list[tuple[dict[str, Any], str]] = [
    ({"user": "alice", "token": f"sha256~{TOKEN}"}, "a token of the OAuth server (alice)"),
    ({"user": "kube:admin", "groups": ("system:authenticated:oauth",)}, "a token of the OAuth server"),
    ({"groups": ("system:authenticated:oauth",), "token": "", "pool": WITH_CERTIFICATE}, "a token of the OAuth server"),
    ({"user": "https://sso.example.com#alice"}, "neither by a client certificate nor by the token of a service account"),
    ({"user": "alice", "token": ""}, "neither by a client certificate"),
    ({"user": "alice", "pool": WITH_CERTIFICATE}, "neither by a client certificate"),
    ({"user": "system:anonymous", "token": ""}, "takes it for nobody"),
    ({"headers": (("Impersonate-User", "system:admin"),)}, "impersonates"),
    ({"allowed": (False, True)}, "may not do everything on all resources"),
    ({"allowed": (True, False)}, "may not do everything on all paths"),
    ({"cluster": "another"}, "another cluster"),
    ({"users": ("system:admin",)}, "none of the users that break-glass is to be"),
    ({"rule": lambda request: refusal(403, "Forbidden", "no") if request.method == "POST" else None}, "no"),
    ({"rule": lambda request: refusal(401, "Unauthorized", "Unauthorized")}, "does not accept the login"),
    ({"rule": lambda _request: Trouble("nothing listens there", again=False)}, "nothing listens there"),
]


@pytest.mark.parametrize(("how", "words"), CASES)
def test_anything_else_does_not_and_says_why(monkeypatch: pytest.MonkeyPatch, how: dict[str, Any], words: str) -> None:
    found = proven(monkeypatch, **how)
    assert (found.proven, found.how) == (False, "")
    assert words in found.reason


def test_settings_that_lead_nowhere_are_a_reason_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(_settings: ClusterSettings) -> Any:
        raise ReadinessError("cluster_configuration", "kubeconfig glass.yml cannot be read")

    monkeypatch.setattr(break_glass, "connect", connect)
    assert break_glass.prove(ClusterSettings(), KUBE_SYSTEM_UID) == BreakGlass(False, "", "kubeconfig glass.yml cannot be read")


def test_for_a_cluster_whose_id_is_not_known_nothing_is_proven_and_nothing_is_held_against_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found = proven(monkeypatch, cluster="")
    assert (found.proven, found.evaluated) == (False, False)
    assert "id of the cluster is not known" in found.reason


def jwt(claims: str) -> str:
    body = urlsafe_b64encode(claims.encode()).decode().rstrip("=")
    return f"{secrets.token_hex(4)}.{body}.{secrets.token_hex(4)}"


def test_a_token_that_ends_before_the_run_may_end_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    soon = jwt(json.dumps({"exp": 1000}))
    found = proven(monkeypatch, token=soon, last_until=1001.0)
    assert (found.proven, "1970-01-01T00:16:40Z" in found.reason) == (False, True)
    assert proven(monkeypatch, token=soon, last_until=1000.0).proven


@pytest.mark.parametrize("claims", ["{}", "[]", "no JSON", '{"exp": "soon"}', '{"exp": 1e400}', '{"exp": NaN}', '{"exp": true}', "ÿ"])
def test_a_token_that_does_not_say_when_it_ends_counts(monkeypatch: pytest.MonkeyPatch, claims: str) -> None:
    assert proven(monkeypatch, token=jwt(claims), last_until=1001.0).proven
