# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What providers refer to in openshift-config: Secrets, of which only the names of their keys are read, and ConfigMaps with a CA.

Where a key lacks, OpenShift passes the provider over, or keeps the whole list as it was, without an error where anybody looks
(config.openshift.io/v1 OAuth: "is not honored"). So it is refused before anything is written.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ...common.findings import CheckFinding
from ...common.write_findings import MISSING
from ...target.model import ABSENT, READ
from ...target.objects import map_at
from ..desired.identity import EXTERNAL_OIDC, Identity, ProviderWanted
from ..desired.keys import ABSENT as GONE
from ..snapshot import Named, PlatformSnapshot
from ..verdicts import failed, not_asked, passed, seen, unknown
from .check_list import SECRETS_CA, SECRETS_KEYS

NAMESPACE: Final = "openshift-config"
CLIENT_SECRET, BIND_PASSWORD, HTPASSWD_KEY = "clientSecret", "bindPassword", "htpasswd"
CA_KEY: Final = "ca.crt"
BUNDLE_KEY: Final = "ca-bundle.crt"
"""Key of the CA of an external issuer (config.openshift.io/v1 Authentication, issuerCertificateAuthority)."""

_CERTIFICATE: Final = re.compile(r"-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)-----END CERTIFICATE-----")
_DER_SEQUENCE: Final = 0x30


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """A key of a Secret or ConfigMap that a provider needs."""

    ref: Named
    key: str
    path: str
    """place in the document that names it"""

    @property
    def is_secret(self) -> bool:
        """Whether what it holds is never looked at."""
        return self.ref.kind == "Secret"


def needs_of(wanted: Identity) -> tuple[Need, ...]:
    """All that the providers of the document refer to, by place."""
    found = [
        need for number, provider in enumerate(wanted.providers) for need in _provider_needs(provider, f"identity.providers[{number}]")
    ]
    issuer = wanted.external_oidc
    if wanted.mode == EXTERNAL_OIDC and issuer is not None:
        found += _config_map(issuer.ca, BUNDLE_KEY, "identity.external_oidc.ca")
        for number, client in enumerate(issuer.clients):
            found += _secret(client.client_secret, CLIENT_SECRET, f"identity.external_oidc.clients[{number}].client_secret")
    return tuple(found)


def _provider_needs(provider: ProviderWanted, path: str) -> Iterator[Need]:
    if provider.state == GONE:
        return
    if provider.openid is not None:
        yield from _secret(provider.openid.client_secret, CLIENT_SECRET, f"{path}.openid.client_secret")
        yield from _config_map(provider.openid.ca, CA_KEY, f"{path}.openid.ca")
    if provider.ldap is not None:
        yield from _secret(provider.ldap.bind_password, BIND_PASSWORD, f"{path}.ldap.bind_password")
        yield from _config_map(provider.ldap.ca, CA_KEY, f"{path}.ldap.ca")
    if provider.htpasswd is not None:
        yield from _secret(provider.htpasswd.secret, HTPASSWD_KEY, f"{path}.htpasswd.secret")


def _secret(name: str, key: str, path: str) -> list[Need]:
    return [Need(Named("v1", "Secret", NAMESPACE, name), key, path)] if name else []


def _config_map(name: str, key: str, path: str) -> list[Need]:
    return [Need(Named("v1", "ConfigMap", NAMESPACE, name), key, path)] if name else []


def named_refs(wanted: Identity) -> tuple[Named, ...]:
    """What has to be read by its name for the providers."""
    return tuple(sorted({need.ref for need in needs_of(wanted)}))


def lacking(wanted: Identity, snapshot: PlatformSnapshot) -> dict[str, str]:
    """Providers of the document that are known not to work, since something that they refer to is not there, each with what it lacks."""
    found: dict[str, str] = {}
    for number, provider in enumerate(wanted.providers):
        for need in _provider_needs(provider, f"identity.providers[{number}]"):
            read = snapshot.named(need.ref)
            if read.state == ABSENT or (read.state == READ and need.key not in read.keys):
                found.setdefault(provider.name, f"{need.ref.text} with {need.key}")
    return found


def secret_findings(wanted: Identity, snapshot: PlatformSnapshot) -> list[CheckFinding]:
    """Whether all that providers refer to is there with its keys; one finding for each object and key."""
    needs = {(need.ref, need.key): need for need in reversed(needs_of(wanted))}
    found = [_finding(need, snapshot) for need in sorted(needs.values())]
    if not any(need.is_secret for need in needs.values()):
        found.append(not_asked(SECRETS_KEYS, "providers", "no provider of the document names a Secret"))
    if all(need.is_secret for need in needs.values()):
        found.append(not_asked(SECRETS_CA, "providers", "no provider of the document names a CA"))
    return found


def _finding(need: Need, snapshot: PlatformSnapshot) -> CheckFinding:
    check, ref, read = SECRETS_KEYS if need.is_secret else SECRETS_CA, need.ref, snapshot.named(need.ref)
    subject = f"{ref.text}: {need.key}"
    if read.state == ABSENT:
        return failed(check, subject, f"there is no {ref.text}", need.path, MISSING, remedy=f"create it with the key {need.key}")
    if read.state != READ:
        remedy = f"let the account get the {ref.kind} {ref.name} in {ref.namespace} by its name"
        return unknown(check, subject, read.reason, need.path, remedy)
    if need.key not in read.keys:
        evidence = seen(ref.text, "data", ", ".join(sorted(read.keys)) or "no keys", need.key)
        return failed(check, subject, f"{ref.text} has no key {need.key}", need.path, evidence=evidence)
    if need.is_secret:
        return passed(check, subject, need.path)
    trouble = trouble_with_pem(str(map_at(dict(read.object or {}), "data").get(need.key, "")))
    if trouble:
        evidence = seen(ref.text, f"data[{need.key}]", trouble, "PEM certificates")
        return failed(check, subject, f"{need.key} of {ref.text} {trouble}", need.path, evidence=evidence)
    return passed(check, subject, need.path)


def trouble_with_pem(text: str) -> str:
    """Why a text is no PEM certificates; empty where it has at least one, and each of them is whole."""
    if "-----BEGIN CERTIFICATE-----" not in text:
        return "holds no PEM certificate"
    blocks = _CERTIFICATE.findall(text)
    if len(blocks) != text.count("-----BEGIN CERTIFICATE-----"):
        return "holds a certificate that is cut off"
    return "" if all(_is_der(block) for block in blocks) else "holds a certificate that is damaged"


def _is_der(block: str) -> bool:
    """Whether the block is base64 of a DER sequence of just its own length (X.690, 8.1.3)."""
    try:
        data = b64decode("".join(block.split()), validate=True)
    except ValueError:
        return False
    if len(data) < 2 or data[0] != _DER_SEQUENCE:
        return False
    if data[1] < 0x80:
        return len(data) == 2 + data[1]
    size = data[1] & 0x7F
    return len(data) == 2 + size + int.from_bytes(data[2 : 2 + size], "big")
