# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long logins last, and with how many factors users log in, reported as seen: a cluster cannot see what its issuer asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...common.findings import CheckFinding
from ...common.owned_fields import ApiObject
from ...common.write_findings import NO_ACTION
from ...target.objects import at, map_at, maps_at, text_at
from ..desired.identity import SessionsWanted
from ..verdicts import failed, not_asked, passed, seen, unknown
from .check_list import SESSIONS_AGE, SESSIONS_DEAD_FIELD, SESSIONS_INACTIVITY, SESSIONS_MFA
from .external_oidc import is_external
from .oauth import INACTIVITY, MAX_AGE, OAUTH, TOKENS, duration_seconds, providers_of

DEFAULT_AGE_SECONDS: Final = 86400
"""What the OAuth server takes where nothing is set (cluster-authentication-operator, observe_tokenconfig.go)."""

DEAD_FIELD: Final = "accessTokenInactivityTimeoutSeconds"
_PATH: Final = "identity.sessions"
_ONE_FACTOR: Final = ("HTPasswd", "LDAP", "BasicAuth", "Keystone")
"""Types where the OAuth server takes a password and nothing else."""

_CLAIMS: Final = ("acr", "amr")
_MEANS_TWO: Final[Mapping[str, frozenset[str]]] = {
    "acr": frozenset({"https://refeds.org/profile/mfa", "http://schemas.openid.net/pape/policies/2007/06/multi-factor"}),
    "amr": frozenset({"mfa"}),
}
"""Values that mean several factors whoever the issuer is: REFEDS MFA Profile, OpenID PAPE 1.0, and RFC 8176 for amr. What any other value
means, such as acr=2, is the issuer's own affair; acr=0 does not even reach level 1 of ISO/IEC 29115 (OpenID Connect Core, 2)."""

_EQUAL: Final = re.compile(r"claims\.(acr)\s*==\s*(?P<quote>['\"])([^'\"\\]*)(?P=quote)")
_MEMBER: Final = re.compile(r"(?P<quote>['\"])([^'\"\\]*)(?P=quote)\s+in\s+claims\.(amr)")
"""CEL that asks for one value and for nothing else: of any other expression nobody knows here what satisfies it."""
_ASKED: Final = ("acr_values", "claims")
"""Parameters of the authorization request by which a second factor is asked for (OpenID Connect Core, 3.1.2.1 and 5.5)."""


def session_findings(wanted: SessionsWanted, oauth: ApiObject | None, *, will_be_written: bool) -> Iterator[CheckFinding]:
    """How long logins last. What is about to be written is no failure."""
    tokens = map_at(dict(oauth or {}), f"spec.{TOKENS}")
    age = _number(tokens.get(MAX_AGE)) or DEFAULT_AGE_SECONDS
    default = "" if _number(tokens.get(MAX_AGE)) else ", by default"
    yield _against(
        SESSIONS_AGE, wanted.access_token_max_age_seconds, age, f"tokens are valid for {age} s{default}", MAX_AGE, will_be_written
    )
    timeout = duration_seconds(tokens.get(INACTIVITY))
    words = f"tokens end after {timeout:g} s without use" if timeout else "tokens do not end for want of use"
    yield _against(SESSIONS_INACTIVITY, wanted.inactivity_timeout_seconds, timeout or None, words, INACTIVITY, will_be_written)
    yield _dead_field(tokens)


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _against(check: Any, wanted: int | None, got: float | None, words: str, field: str, will_be_written: bool) -> CheckFinding:
    if wanted is None:
        return not_asked(check, OAUTH.text, words)
    if got == wanted:
        return passed(check, OAUTH.text, _PATH, words)
    if will_be_written:
        return passed(check, OAUTH.text, _PATH, f"{words}; {wanted} s is about to be written")
    evidence = seen(OAUTH.text, f"spec.{TOKENS}.{field}", "(none)" if got is None else f"{got:g} s", f"{wanted} s")
    return failed(check, OAUTH.text, words, _PATH, evidence=evidence, action=NO_ACTION)


def _dead_field(tokens: Mapping[str, Any]) -> CheckFinding:
    value = _number(tokens.get(DEAD_FIELD))
    if not value or tokens.get(INACTIVITY):
        return passed(SESSIONS_DEAD_FIELD, OAUTH.text, _PATH)
    evidence = seen(OAUTH.text, f"spec.{TOKENS}.{DEAD_FIELD}", value, "(none)")
    message = f"{DEAD_FIELD} is {value}, which has no effect, and {INACTIVITY} is not set"
    return failed(SESSIONS_DEAD_FIELD, OAUTH.text, message, _PATH, evidence=evidence)


def factor_findings(oauth: ApiObject | None, authentication: ApiObject | None) -> list[CheckFinding]:
    """For each way to log in, whether the cluster can see a second factor."""
    if is_external(authentication):
        return [_of_issuer(item) for item in maps_at(dict(authentication or {}), "spec.oidcProviders")]
    # A name that the list has twice is told once: that it is there twice is the finding of another check.
    items = {text_at(item, "name"): item for item in reversed(providers_of(oauth))}
    return [_of_provider(items[name]) for name in sorted(items)] or [not_asked(SESSIONS_MFA, "logins", "OAuth/cluster has no provider")]


def _of_issuer(item: dict[str, Any]) -> CheckFinding:
    """An external issuer's tokens are refused by the API server itself where a rule wants a value of acr or amr and they lack it."""
    subject = f"issuer {text_at(item, 'name')}"
    told = ""
    for rule in maps_at(item, "claimValidationRules"):
        claim, value = _asked_for(rule)
        expression = text_at(rule, "cel.expression")
        if value in _MEANS_TWO.get(claim, ()):
            return passed(SESSIONS_MFA, subject, message=f"the API server takes tokens with {claim}={value} alone")
        if claim in _CLAIMS:
            told = told or f"the API server takes tokens with {claim}={value} alone; whether that means a second factor the issuer knows"
        elif any(f"claims.{each}" in expression for each in _CLAIMS):
            told = (
                told or f"the API server takes tokens alone that satisfy: {expression}; whether that means a second factor is not seen here"
            )
    if told:
        return unknown(SESSIONS_MFA, subject, told)
    return unknown(
        SESSIONS_MFA, subject, "no rule of the cluster asks for acr or amr: what the issuer asks for is not seen here", remedy=""
    )


def _asked_for(rule: dict[str, Any]) -> tuple[str, str]:
    """The claim and the value that a rule asks for; empty where it is more than that, or something else."""
    if claim := text_at(rule, "requiredClaim.claim"):
        return claim, text_at(rule, "requiredClaim.requiredValue")
    expression = text_at(rule, "cel.expression").strip()
    if found := _EQUAL.fullmatch(expression):
        return found[1], found[3]
    if found := _MEMBER.fullmatch(expression):
        return found[3], found[2]
    return "", ""


def _of_provider(item: dict[str, Any]) -> CheckFinding:
    subject, kind = f"provider {text_at(item, 'name')}", text_at(item, "type")
    if kind in _ONE_FACTOR:
        evidence = seen(OAUTH.text, f"spec.identityProviders[{text_at(item, 'name')}].type", kind, "a type with a second factor")
        return failed(SESSIONS_MFA, subject, f"{kind} takes a password alone, as far as the cluster can see", evidence=evidence)
    parameters = at(item, "openID.extraAuthorizeParameters")
    asked = [key for key in _ASKED if isinstance(parameters, dict) and parameters.get(key)]
    if asked:
        words = ", ".join(f"{key}={parameters[key]}" for key in asked)
        return unknown(SESSIONS_MFA, subject, f"the login asks the issuer for {words}; whether the issuer keeps to it is not seen here")
    return unknown(SESSIONS_MFA, subject, f"whether a {kind} provider asks for a second factor cannot be seen from the cluster", remedy="")
