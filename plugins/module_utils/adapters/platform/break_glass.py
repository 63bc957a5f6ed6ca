# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves a way in that depends on no identity provider: with its own kubeconfig, at the same cluster, in the same run.

Who it is, the API server says (SelfSubjectReview), and what he may do as well (SelfSubjectAccessReview); neither leaves
anything behind. What the kubeconfig holds is in no text that comes from here.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Collection, Mapping
from datetime import datetime, timezone
from typing import Any, Final

from ...common.errors import ReadinessError
from ...platform.identity.lockout import BreakGlass
from ...target.objects import map_at, text_at, texts_at
from ..cluster.client import ApiConnection, ApiFault
from ..cluster.identity import cluster_identity
from ..cluster.live import reason_of
from ..cluster.reader import connect
from ..cluster_arguments import ClusterSettings

OF_OAUTH: Final = "sha256~"
"""How tokens of OpenShift's OAuth server begin."""

OAUTH_GROUP: Final = "system:authenticated:oauth"
"""Group of everybody who came in by the OAuth server."""

SERVICE_ACCOUNT: Final = "system:serviceaccount:"
_YEAR_9999: Final = 253_370_764_800
_REVIEW: Final = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
_ACCESS: Final = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_EVERYTHING: Final[Mapping[str, Mapping[str, str]]] = {
    "resourceAttributes": {"verb": "*", "group": "*", "resource": "*"},
    "nonResourceAttributes": {"verb": "*", "path": "*"},
}


def prove(settings: ClusterSettings, cluster: str, users: Collection[str] = (), last_until: float = 0.0) -> BreakGlass:
    """Whether that access works, is no login by a provider, and may do everything.

    `cluster` is the identity of the cluster that is meant (`cluster_identity`): while it is not known nothing is proven, since the
    access may be to another one. `users` are those of whom it has to be one; empty where any will do. Never raises for what is wrong
    with the access: that is the reason why it is not proven. A token that says that it ends before `last_until` (seconds since 1970)
    proves nothing: it could not mend what the run does.
    """
    if not cluster:
        return BreakGlass(False, "", "the id of the cluster is not known: it may be an access to another one", evaluated=False)
    try:
        with connect(settings) as connection:
            return _proven(connection, cluster, users, last_until)
    except ReadinessError as error:
        return _not(error.message)
    except ApiFault as fault:
        return _not(reason_of(fault))


def _proven(connection: ApiConnection, cluster: str, users: Collection[str], last_until: float) -> BreakGlass:
    user, groups, trouble = _who(connection)
    if trouble:
        return _not(trouble)
    kind, trouble = _kind_of(connection, user, groups)
    if trouble:
        return _not(trouble)
    if users and user not in users:
        return _not(f"it is {user}, who is none of the users that break-glass is to be")
    if (ends := _end_of(connection)) is not None and ends < last_until:
        when = datetime.fromtimestamp(ends, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        return _not(f"its token ends at {when}, which is before this run may end: give it one that lasts")
    there = cluster_identity(connection)
    if there != cluster:
        return _not("it is an access to another cluster" if there else "it cannot be told which cluster it is an access to")
    for attributes, asked in _EVERYTHING.items():
        answer = connection.request("POST", _ACCESS, body=_review("SelfSubjectAccessReview", "authorization", {attributes: asked}))
        if map_at(answer, "status").get("allowed") is not True:
            what = "on all resources" if attributes == "resourceAttributes" else "on all paths"
            return _not(f"{user} may not do everything {what}")
    return BreakGlass(True, f"{user} by {kind}", "")


def _who(connection: ApiConnection) -> tuple[str, list[str], str]:
    """Name and groups, or why they are not known."""
    answer = connection.request("POST", _REVIEW, body=_review("SelfSubjectReview", "authentication"))
    user = text_at(answer, "status.userInfo.username")
    if not user or user == "system:anonymous":
        return "", [], "the server takes it for nobody: the kubeconfig has no account that it knows"
    return user, texts_at(answer, "status.userInfo.groups"), ""


def _kind_of(connection: ApiConnection, user: str, groups: Collection[str]) -> tuple[str, str]:
    """By what it logs in, or why that is no break-glass. Anything that is not known to be independent of a provider is none."""
    header = connection.access.authorization().get("authorization", "")
    scheme, _space, token = header.partition(" ")
    if connection.access.headers:
        return "", "it impersonates somebody else, which needs an account of its own to come in"
    if token.startswith(OF_OAUTH) or OAUTH_GROUP in groups:
        return "", f"it is a token of the OAuth server ({user}), which is what may fail"
    if not header and _has_certificate(connection.access.pool):
        return "a client certificate", ""
    if scheme.lower() == "bearer" and user.startswith(SERVICE_ACCOUNT):
        return "the token of a service account", ""
    return "", f"{user} comes in neither by a client certificate nor by the token of a service account"


def _end_of(connection: ApiConnection) -> float | None:
    """When its token ends (RFC 7519, exp), in seconds since 1970, as the token itself says; None where it says nothing."""
    _scheme, _space, token = connection.access.authorization().get("authorization", "").partition(" ")
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        ends = claims.get("exp") if isinstance(claims, dict) else None
        return float(ends) if isinstance(ends, (int, float)) and not isinstance(ends, bool) and 0 < ends < _YEAR_9999 else None
    except ValueError:
        return None


def _has_certificate(pool: Any) -> bool:
    found = getattr(pool, "connection_pool_kw", {})
    return bool(found.get("cert_file"))


def _review(kind: str, group: str, spec: Mapping[str, Any] | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {"apiVersion": f"{group}.k8s.io/v1", "kind": kind}
    return body if spec is None else {**body, "spec": dict(spec)}


def _not(reason: str) -> BreakGlass:
    return BreakGlass(False, "", reason)
