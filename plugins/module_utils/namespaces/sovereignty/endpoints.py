# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts outside the cluster that know of people and work in every namespace: who logs people in, where metrics go, the proxy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ...common.findings import CheckFinding
from ...common.owned_fields import ApiObject
from ...platform.checks import Check
from ...platform.monitoring.readings import CLUSTER_OPERATORS, PROMETHEUSES
from ...platform.prerequisites.proxy import PROXIES
from ...platform.snapshot import PlatformSnapshot
from ...platform.verdicts import failed, passed, seen, unknown
from ...target.objects import id_of, map_at, maps_at, namespace_of, text_at
from . import checks
from .hosts import Bounds, host_of

OAUTHS: Final = "oauths.config.openshift.io"
AUTHENTICATIONS: Final = "authentications.config.openshift.io"
INSIGHTS: Final = "insights"
INSIGHTS_HOST: Final = "console.redhat.com"
"""Where the Insights operator sends its reports unless a Secret says otherwise."""

_OF_THE_PLATFORM: Final = "openshift-"
_PROVIDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "BasicAuth": ("basicAuth.url",),
    "GitHub": ("github.hostname",),
    "GitLab": ("gitlab.url",),
    "Google": (),
    "HTPasswd": (),
    "Keystone": ("keystone.url",),
    "LDAP": ("ldap.url",),
    "OpenID": ("openID.issuer",),
    "RequestHeader": ("requestHeader.loginURL", "requestHeader.challengeURL"),
}
"""Type of an identity provider to the fields that name its hosts (config.openshift.io/v1 OAuth)."""

_USUAL: Final[Mapping[str, str]] = {"GitHub": "github.com", "Google": "accounts.google.com"}
"""Types whose host is this one unless a field says otherwise."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host, and what names it."""

    check: Check
    subject: str
    host: str
    """empty where nobody knows"""
    object: str
    field: str
    namespace: str = ""
    """the one namespace that it is about; empty where it is about all"""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """All endpoints of a cluster, and for each check that could not be looked at in full the reason."""

    found: tuple[Endpoint, ...]
    unknown: Mapping[str, str]


def endpoints_of(snapshot: PlatformSnapshot) -> Endpoints:
    """The endpoints of a cluster, worked out once for all namespaces."""
    unknown_of: dict[str, str] = {}
    for check, needed in (
        (checks.IDENTITY, (OAUTHS, AUTHENTICATIONS)),
        (checks.TELEMETRY, (PROMETHEUSES, CLUSTER_OPERATORS)),
        (checks.PROXY, (PROXIES,)),
    ):
        if not snapshot.known(*needed):
            unknown_of[check.id] = snapshot.why_not(*needed)
    found = (*_identity(snapshot), *_telemetry(snapshot), *_proxy(snapshot))
    return Endpoints(found, unknown_of)


def _identity(snapshot: PlatformSnapshot) -> Iterator[Endpoint]:
    live = snapshot.get(AUTHENTICATIONS, "", "cluster") or {}
    if text_at(live, "spec.type") == "OIDC":
        for entry in maps_at(live, "spec.oidcProviders"):
            host, subject = host_of(text_at(entry, "issuer.issuerURL")), f"issuer {text_at(entry, 'name')}"
            yield Endpoint(checks.IDENTITY, subject, host, "Authentication cluster", "spec.oidcProviders issuerURL")
        return
    for entry in maps_at(snapshot.get(OAUTHS, "", "cluster"), "spec.identityProviders"):
        kind, subject = text_at(entry, "type"), f"identity provider {text_at(entry, 'name')}"
        fields = [path for path in _PROVIDERS.get(kind, ()) if text_at(entry, path)]
        for path in fields:
            which = subject if len(fields) == 1 else f"{subject}, {path.rpartition('.')[2]}"
            yield Endpoint(checks.IDENTITY, which, host_of(text_at(entry, path)), "OAuth cluster", f"spec.identityProviders {path}")
        if kind in _USUAL and not fields:
            yield Endpoint(checks.IDENTITY, subject, _USUAL[kind], "OAuth cluster", f"spec.identityProviders type {kind}")
        if kind not in _PROVIDERS:
            yield Endpoint(checks.IDENTITY, subject, "", "OAuth cluster", f"spec.identityProviders type {kind}")


def _telemetry(snapshot: PlatformSnapshot) -> Iterator[Endpoint]:
    for item in snapshot.all(PROMETHEUSES):
        # Others than the platform's are asked what they collect of their own namespace.
        space = "" if namespace_of(item).startswith(_OF_THE_PLATFORM) else namespace_of(item)
        for number, entry in enumerate(maps_at(item, "spec.remoteWrite")):
            subject = f"remote write {number} of Prometheus {id_of(item)}"
            host = host_of(text_at(entry, "url"))
            yield Endpoint(checks.TELEMETRY, subject, host, f"Prometheus {id_of(item)}", f"spec.remoteWrite[{number}].url", space)
    insights = snapshot.get(CLUSTER_OPERATORS, "", INSIGHTS)
    if insights is not None and not _is_off(insights):
        yield Endpoint(
            checks.TELEMETRY, "reports of the Insights operator", INSIGHTS_HOST, "ClusterOperator insights", "condition Disabled"
        )


def _is_off(insights: ApiObject) -> bool:
    return any(text_at(entry, "type") == "Disabled" and entry.get("status") == "True" for entry in maps_at(insights, "status.conditions"))


def _proxy(snapshot: PlatformSnapshot) -> Iterator[Endpoint]:
    live = snapshot.get(PROXIES, "", "cluster")
    for field in ("httpProxy", "httpsProxy"):
        part = "status" if text_at(map_at(live, "status"), field) else "spec"
        if url := text_at(map_at(live, part), field):
            yield Endpoint(checks.PROXY, f"proxy of {field}", host_of(url), "Proxy cluster", f"{part}.{field}")


# ---- held against one contract ---------------------------------------------------------------------------------------


def endpoint_findings(space: str, bounds: Bounds, endpoints: Endpoints) -> Iterator[CheckFinding]:
    """Every endpoint outside the jurisdiction in a finding, and one for each check without any."""
    for check, subject in ((checks.IDENTITY, "logins"), (checks.TELEMETRY, "telemetry"), (checks.PROXY, "proxy")):
        if check.id in endpoints.unknown:
            yield unknown(check, subject, endpoints.unknown[check.id])
        mine = [each for each in endpoints.found if each.check is check and each.namespace in ("", space)]
        found = [each for endpoint in mine if (each := _held_against(endpoint, bounds)) is not None]
        yield from found
        if not found and check.id not in endpoints.unknown:
            yield passed(check, subject, message=_hosts(mine))


def _held_against(endpoint: Endpoint, bounds: Bounds) -> CheckFinding | None:
    if not endpoint.host:
        reason = f"{endpoint.object}, {endpoint.field}, does not say which host it is"
        return unknown(endpoint.check, endpoint.subject, reason, remedy=endpoint.check.remedy)
    if bounds.holds(endpoint.host):
        return None
    evidence = seen(endpoint.object, endpoint.field, endpoint.host, bounds.hosts_in_words)
    message = f"{endpoint.subject} is at {endpoint.host}, outside {bounds.name}"
    return failed(endpoint.check, endpoint.subject, message, evidence=evidence)


def _hosts(endpoints: Sequence[Endpoint]) -> str:
    return ", ".join(sorted({each.host for each in endpoints})) or "none leads out of the cluster"
