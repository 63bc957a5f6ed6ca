# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What logins of a document cannot mean: what no single value breaks, and what the CRD accepts and OpenShift's admission refuses.

The rules on providers are those by which OpenShift's API server admits an OAuth object (its admission plugin for
config.openshift.io OAuth) and by which the OAuth server reads the URL of a directory; the CRD checks none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from ..identity.schedules import trouble_with_schedule
from .identity import (
    ADD,
    EXTERNAL_OIDC,
    HTPASSWD,
    LDAP,
    OPENID,
    ExternalOidcWanted,
    Identity,
    LdapWanted,
    OpenIdWanted,
    ProviderWanted,
)
from .keys import PRESENT
from .rules import Fault, fault, leads_nowhere, used_twice
from .shape import Path

_PROVIDERS: Path = ("identity", "providers")
_EXTERNAL: Path = ("identity", "external_oidc")
_SETTINGS: Final = {OPENID: "openid", LDAP: "ldap", HTPASSWD: "htpasswd"}
_SCOPE: Final = re.compile(r"[!#-\[\]-~]+")
"""Characters of a scope (RFC 6749, section 3.3)."""

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_BEHIND_HOST: Final = re.compile(r"[/?#]")

_LDAP_SCOPES: Final = ("", "base", "one", "sub")
_MOST_AUDIENCES: Final = 10
_LONGEST_ISSUER: Final = 512
_LONGEST_CLAIM: Final = 256


def identity_faults(section: Identity) -> Iterator[Fault]:
    """Every fault of logins, and of what refers to directories."""
    yield from _modes(section)
    yield from _names(section.providers)
    for number, provider in enumerate(section.providers):
        yield from _provider(provider, (*_PROVIDERS, number))
    if section.external_oidc is not None and section.mode == EXTERNAL_OIDC:
        yield from _external(section.external_oidc)
    yield from _sessions(section)
    yield from _directories(section)


# ---- modes -----------------------------------------------------------------------------------------------------------


def _modes(section: Identity) -> Iterator[Fault]:
    if section.mode != EXTERNAL_OIDC:
        if section.external_oidc is not None:
            yield fault(_EXTERNAL, "is given, and mode is not oidc", "say mode: oidc, or leave it out")
        return
    if section.external_oidc is None:
        yield fault(("identity", "mode"), "is oidc, and external_oidc is not given", "give external_oidc")
    if section.providers:
        remedy = "leave providers out: with an external issuer there is no OAuth server that would ask them"
        yield fault(_PROVIDERS, "are given, and mode is oidc", remedy)
    if section.group_syncs:
        remedy = "leave group_syncs out: groups come in the issuer's tokens then, and the cluster has no Groups"
        yield fault(("identity", "group_syncs"), "are given, and mode is oidc", remedy)
    sessions = section.sessions
    if sessions.access_token_max_age_seconds is not None or sessions.inactivity_timeout_seconds is not None:
        yield fault(
            ("identity", "sessions"), "are given, and mode is oidc", "leave sessions out: the issuer decides how long its tokens last"
        )


# ---- providers -------------------------------------------------------------------------------------------------------


def _names(providers: Sequence[ProviderWanted]) -> Iterator[Fault]:
    names = [((*_PROVIDERS, number, "name"), provider.name) for number, provider in enumerate(providers)]
    yield from used_twice(names)
    seen: dict[str, str] = {}
    for path, name in names:
        first = seen.setdefault(name.casefold(), name)
        if first != name:
            yield fault(path, f"is {name!r}, which is {first!r} but for the case", "give them names that people can tell apart")


def _provider(provider: ProviderWanted, path: Path) -> Iterator[Fault]:
    if trouble := trouble_with_name(provider.name):
        yield fault(
            (*path, "name"), f"is {provider.name!r}, which {trouble}", "it is part of each user's identity: use letters, digits, - and ."
        )
    given = [name for name in _SETTINGS.values() if getattr(provider, name) is not None]
    wanted = _SETTINGS[provider.type]
    for name in given:
        if name != wanted:
            yield fault(
                (*path, name), f"is given, and type is {provider.type}", f"a provider has the settings of its own type alone: {wanted}"
            )
    if provider.state == PRESENT and wanted not in given:
        yield fault((*path, wanted), "is missing", f"type {provider.type} needs it: OpenShift passes over a provider without its settings")
    if provider.mapping_method == ADD and not provider.add_signed_off_by.strip():
        remedy = "name who answers for it in add_signed_off_by, or take claim"
        yield fault((*path, "mapping_method"), "is add, by which who has a user's name at one provider becomes that user", remedy)
    if provider.openid is not None:
        yield from _openid(provider.openid, (*path, "openid"))
    if provider.ldap is not None:
        yield from _ldap(provider.ldap, (*path, "ldap"))


def _openid(wanted: OpenIdWanted, path: Path) -> Iterator[Fault]:
    if trouble := trouble_with_issuer(wanted.issuer, slash=False):
        yield fault(
            (*path, "issuer"), trouble, "give it as the issuer itself has it in its discovery, such as https://sso.example.com/realms/corp"
        )
    if not wanted.client_id.strip():
        yield fault((*path, "client_id"), "is empty", "give the id of the client at the issuer")
    if not wanted.preferred_username:
        remedy = "name a claim: without one users are called by their subject, which no binding names"
        yield fault((*path, "preferred_username"), "is empty", remedy)
    for key in ("preferred_username", "name", "email", "groups"):
        yield from _no_empty(getattr(wanted, key), (*path, key))
    for number, scope in enumerate(wanted.extra_scopes):
        if not _SCOPE.fullmatch(scope):
            yield fault(
                (*path, "extra_scopes", number), f"is {scope!r}, which is no scope", "a scope has no spaces, quotes and backslashes"
            )


def _ldap(wanted: LdapWanted, path: Path) -> Iterator[Fault]:
    if trouble := trouble_with_ldap_url(wanted.url):
        yield fault((*path, "url"), trouble, "write it as ldaps://host:port/baseDN?attribute?scope?filter")
    elif wanted.insecure and wanted.url.lower().startswith("ldaps:"):
        yield fault((*path, "insecure"), "is true, and url begins with ldaps", "leave insecure out, or write ldap:// with a waiver")
    if wanted.insecure and wanted.ca:
        yield fault((*path, "ca"), "is given, and insecure is true", "leave one of them out: without TLS no certificate is looked at")
    if bool(wanted.bind_dn) != bool(wanted.bind_password):
        given, lacking = ("bind_dn", "bind_password") if wanted.bind_dn else ("bind_password", "bind_dn")
        yield fault((*path, given), f"is given without {lacking}", "give both, or neither for an anonymous search")
    if not wanted.id:
        yield fault((*path, "id"), "is empty", "name an attribute, dn as a rule: a user's identity is made of it")
    if not wanted.preferred_username:
        yield fault((*path, "preferred_username"), "is empty", "name an attribute, such as uid: without one users are called by their id")
    for key in ("id", "preferred_username", "name", "email"):
        yield from _no_empty(getattr(wanted, key), (*path, key))


def _no_empty(texts: Sequence[str], path: Path) -> Iterator[Fault]:
    for number, text in enumerate(texts):
        if not text.strip():
            yield fault((*path, number), "is empty", "leave it out, or give a name")


def _sessions(section: Identity) -> Iterator[Fault]:
    age, timeout = section.sessions.access_token_max_age_seconds, section.sessions.inactivity_timeout_seconds
    if age is not None and timeout is not None and timeout >= age:
        message = f"is {timeout}, no less than access_token_max_age_seconds: {age}"
        yield fault(
            ("identity", "sessions", "inactivity_timeout_seconds"),
            message,
            "a token that is over at that age never times out: make it less",
        )


# ---- what a name and a URL may be ------------------------------------------------------------------------------------


def trouble_with_name(name: str) -> str:
    """Why OpenShift, or a reader, cannot take it for a provider's name; empty where they can."""
    if not name:
        return "is empty"
    if name in (".", ".."):
        return "is no segment of a path"
    bad = [mark for mark in "/%:" if mark in name]
    if bad:
        return f"has {' and '.join(bad)} in it"
    if any(character.isspace() or not character.isprintable() for character in name):
        return "has spaces or characters in it that cannot be seen"
    return ""


def trouble_with_issuer(url: str, *, slash: bool) -> str:
    """Why it can be no issuer; empty where it can. With `slash` it may end with one: the OAuth server refuses that, tokens may have it."""
    parts = _split(url)
    if parts is None or not parts.hostname:
        return f"is {shown_start(url)!r}, which is no URL with a host"
    if parts.scheme != "https":
        return f"begins with {parts.scheme}://, and has to begin with https://"
    if "@" in url:
        return "holds a user, which an issuer's URL must not"
    if "?" in url or "#" in url:
        return "has a query or a fragment, which an issuer's URL must not"
    if not slash and url.endswith("/"):
        return "ends with a slash, which OpenShift refuses"
    return f"is longer than {_LONGEST_ISSUER} characters" if len(url) > _LONGEST_ISSUER else ""


def trouble_with_ldap_url(url: str) -> str:
    """Why the OAuth server could not use it (RFC 2255); empty where it could. Of several attributes it takes the first alone."""
    parts = _split(url)
    if parts is None or parts.scheme not in ("ldap", "ldaps"):
        return f"is {shown_start(url)!r}, and has to begin with ldaps:// or ldap://"
    if not parts.hostname:
        return "names no host"
    if "@" in parts.netloc:
        return "holds a user or password, which belong into bind_dn and the Secret"
    if "#" in url:
        return "has a fragment, which such a URL has not"
    attribute, scope, search, extensions, *more = [*parts.query.split("?"), "", "", "", ""][:5] + parts.query.split("?")[4:]
    if any(more):
        return "has more than attribute, scope, filter and extensions behind its DN"
    if "," in attribute:
        return f"names several attributes, {attribute}, of which the first alone is used"
    if scope not in _LDAP_SCOPES:
        return f"has the scope {scope!r}, which is none of base, one and sub"
    if any(part.startswith("!") for part in extensions.split(",")):
        return "has a critical extension, which OpenShift does not know"
    return _trouble_with_filter(unquote(search))


def shown_start(url: str) -> str:
    """A URL's scheme and host, without what may be secret: no host where an @ tells of a user, whose password may hold any mark."""
    scheme, mark, rest = url.partition("://") if "://" in url else ("", "", url)
    host = "" if "@" in url else _BEHIND_HOST.split(rest)[0]
    return f"{scheme if _SCHEME.fullmatch(scheme) else ''}{mark}{host}"


def _trouble_with_filter(text: str) -> str:
    if not text:
        return ""
    if not text.startswith("("):
        return f"has the filter {text!r}, which is not in parentheses"
    depth = 0
    for place, mark in enumerate(text):
        depth += (mark == "(") - (mark == ")")
        if depth < 0 or (depth == 0 and place < len(text) - 1):
            return f"has the filter {text!r}, whose parentheses do not belong together"
    return f"has the filter {text!r}, whose parentheses do not belong together" if depth else ""


def _split(url: str) -> SplitResult | None:
    if any(character.isspace() for character in url):
        return None
    try:
        parts = urlsplit(url)
        return parts if parts.port is None or parts.port > 0 else None
    except ValueError:
        return None


# ---- the external issuer ---------------------------------------------------------------------------------------------


def _external(wanted: ExternalOidcWanted) -> Iterator[Fault]:
    if trouble := trouble_with_issuer(wanted.issuer, slash=True):
        yield fault((*_EXTERNAL, "issuer"), trouble, "give it just as tokens have it in their claim iss")
    if not 1 <= len(wanted.audiences) <= _MOST_AUDIENCES:
        yield fault((*_EXTERNAL, "audiences"), f"has {len(wanted.audiences)} entries", f"give from 1 to {_MOST_AUDIENCES}")
    yield from used_twice(((*_EXTERNAL, "audiences", number), audience) for number, audience in enumerate(wanted.audiences))
    yield from _no_empty(wanted.audiences, (*_EXTERNAL, "audiences"))
    for key in ("username_claim", "groups_claim"):
        if len(getattr(wanted, key)) > _LONGEST_CLAIM:
            yield fault((*_EXTERNAL, key), f"is longer than {_LONGEST_CLAIM} characters", "name a claim")
    if not wanted.username_claim:
        yield fault((*_EXTERNAL, "username_claim"), "is empty", "name the claim with the user's name")
    if wanted.groups_prefix.startswith("system:") or (wanted.username_prefix or "").startswith("system:"):
        yield fault(
            _EXTERNAL, "has a prefix that begins with system:, by which the issuer could name the system's own", "choose another prefix"
        )
    components = [
        ((*_EXTERNAL, "clients", number), f"{client.namespace}/{client.component}") for number, client in enumerate(wanted.clients)
    ]
    yield from used_twice(components)
    for number, client in enumerate(wanted.clients):
        path = (*_EXTERNAL, "clients", number, "client_id")
        if not client.client_id:
            yield fault(path, "is empty", "give the id of the client at the issuer")
        elif client.client_id not in wanted.audiences:
            # OpenID Connect Core, section 2: the audience of an ID token has the client's id.
            remedy = "add it to audiences: an ID token names its client as audience, and the API server would refuse it"
            yield fault(path, f"is {client.client_id!r}, which is not among the audiences", remedy)


# ---- directories and schedules ---------------------------------------------------------------------------------------


def _directories(section: Identity) -> Iterator[Fault]:
    known = [directory.name for directory in section.directories]
    yield from used_twice((("identity", "directories", number, "name"), name) for number, name in enumerate(known))
    for number, group in enumerate(section.groups):
        yield from leads_nowhere(("identity", "groups", number, "directory"), group.directory, known, "directory of the document")
    for number, sync in enumerate(section.group_syncs):
        path: Path = ("identity", "group_syncs", number)
        yield from leads_nowhere((*path, "directory"), sync.directory, known, "directory of the document")
        if trouble := trouble_with_schedule(sync.schedule):
            yield fault(
                (*path, "schedule"),
                f"is no schedule: {trouble}",
                "write five fields: minute, hour, day of the month, month, day of the week",
            )
