# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers that logins depend on: which they are, and what was seen of them from the host that runs the collection."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ...common.findings import CheckFinding
from ...target.model import READ
from ...target.objects import map_at
from ..checks import Check
from ..desired.identity import EXTERNAL_OIDC, Identity
from ..desired.keys import ABSENT
from ..snapshot import Named, PlatformSnapshot
from ..verdicts import failed, not_asked, passed, seen, unknown
from .check_list import ENDPOINTS_LDAP, ENDPOINTS_OIDC
from .secrets_wanted import BUNDLE_KEY, CA_KEY, NAMESPACE

OK, DOWN, SLOW, UNTRUSTED = "ok", "down", "slow", "untrusted"
WRONG_ISSUER, NO_DISCOVERY, NO_TLS = "wrong issuer", "no discovery", "no TLS"
STATES: Final = (OK, DOWN, SLOW, UNTRUSTED, WRONG_ISSUER, NO_DISCOVERY, NO_TLS)
"""It answers as it has to; nobody answers; it answers too late; its certificate is not trusted; its discovery names another
issuer; what answers is no discovery; it has no TLS where it has to."""

OIDC_KIND, LDAP_KIND = "oidc", "ldap"


@dataclass(frozen=True, slots=True, order=True)
class Endpoint:
    """A server that logins depend on."""

    kind: str
    """oidc or ldap"""
    url: str
    ca: str = ""
    """ConfigMap in openshift-config; empty for the trusted CAs of the host"""
    ca_key: str = CA_KEY
    insecure: bool = False

    @property
    def ca_ref(self) -> Named | None:
        """The ConfigMap with the CA; None where there is none."""
        return Named("v1", "ConfigMap", NAMESPACE, self.ca) if self.ca else None


@dataclass(frozen=True, slots=True)
class EndpointSeen:
    """What was seen of a server: one of `STATES`, and why in words; a secret is never in them."""

    state: str
    reason: str = ""


def endpoints_of(wanted: Identity) -> dict[Endpoint, tuple[str, str]]:
    """The servers of the document, each with who needs it and the place in the document."""
    found: dict[Endpoint, tuple[str, str]] = {}
    for number, provider in enumerate(wanted.providers):
        if provider.state == ABSENT:
            continue
        path = f"identity.providers[{number}]"
        if provider.openid is not None:
            found.setdefault(Endpoint(OIDC_KIND, provider.openid.issuer, provider.openid.ca), (provider.name, f"{path}.openid.issuer"))
        if provider.ldap is not None:
            insecure = provider.ldap.insecure
            endpoint = Endpoint(LDAP_KIND, provider.ldap.url, provider.ldap.ca, insecure=insecure)
            found.setdefault(endpoint, (provider.name, f"{path}.ldap.url"))
    issuer = wanted.external_oidc
    if wanted.mode == EXTERNAL_OIDC and issuer is not None:
        found.setdefault(Endpoint(OIDC_KIND, issuer.issuer, issuer.ca, BUNDLE_KEY), (issuer.name, "identity.external_oidc.issuer"))
    return found


def ca_text(endpoint: Endpoint, snapshot: PlatformSnapshot) -> str | None:
    """The PEM text of the endpoint's CA; empty where the host's trusted ones count, None where it is not known."""
    ref = endpoint.ca_ref
    if ref is None:
        return ""
    read = snapshot.named(ref)
    text = map_at(dict(read.object or {}), "data").get(endpoint.ca_key) if read.state == READ else None
    return text if isinstance(text, str) else None


def endpoint_findings(
    wanted: Identity, probed: Mapping[Endpoint, EndpointSeen], changing: Collection[str], *, prefer_unknown: str = ""
) -> Iterator[CheckFinding]:
    """What was seen of each server. One that fails keeps the document from being written only where its provider is about to change.

    `changing` names these providers, `prefer_unknown` says why none was asked where that was left out.
    """
    found = endpoints_of(wanted)
    for check, kind in ((ENDPOINTS_OIDC, OIDC_KIND), (ENDPOINTS_LDAP, LDAP_KIND)):
        if not any(endpoint.kind == kind for endpoint in found):
            yield not_asked(check, "providers", f"no provider of the document has a server of {kind}")
    for endpoint, (name, path) in sorted(found.items()):
        check = ENDPOINTS_OIDC if endpoint.kind == OIDC_KIND else ENDPOINTS_LDAP
        yield _finding(check, endpoint, name, path, probed.get(endpoint), name in changing, prefer_unknown)


def _finding(
    check: Check, endpoint: Endpoint, name: str, path: str, got: EndpointSeen | None, is_changing: bool, left_out: str
) -> CheckFinding:
    subject = f"provider {name}: {shown_url(endpoint.url)}"
    if got is None:
        reason = left_out or ("its CA is not known" if endpoint.ca else "it was not asked")
        return unknown(check, subject, reason, path, "see the finding on its CA, or let this host reach it")
    if got.state == OK:
        return passed(check, subject, path, got.reason)
    evidence = seen(shown_url(endpoint.url), "answer", got.state, OK)
    message = f"seen from the host that runs this, it is {got.state}" if got.state in (DOWN, SLOW, UNTRUSTED) else f"it has {got.state}"
    return failed(check, subject, f"{message}: {got.reason}" if got.reason else message, path, evidence=evidence, refuses=is_changing)


def shown_url(url: str) -> str:
    """A URL without user and password, should it have them, and of LDAP without the search."""
    scheme, mark, rest = url.partition("://")
    head, slash, tail = rest.partition("/")
    shown = f"{scheme}{mark}{head.rpartition('@')[2]}"
    return shown if scheme.startswith("ldap") else f"{shown}{slash}{tail}"
