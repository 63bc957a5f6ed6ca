# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authentication/cluster of type OIDC: the API server takes tokens of an external issuer, and OpenShift's own login ends.

It is merged and not applied: fields that an apply gives back once they are wanted no more would switch the logins of the
whole cluster. What others have set on the issuer, such as validation rules, stays. From here the switch goes one way only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...common.artifact import JsonRecord
from ...common.findings import CheckFinding
from ...common.merges import EntryFinding, Merged, differing, digest_of, marks_of, with_marks
from ...common.owned_fields import ApiObject, metadata_of
from ...common.write_findings import CHANGED, CREATE, FAIL, IN_STEP, MISSING, NO_ACTION, PASS, UPDATE, listed
from ...target.objects import map_at, maps_at, text_at
from ..desired.identity import EXTERNAL_OIDC, ExternalOidcWanted, GroupWanted, Identity, OidcClientWanted
from ..snapshot import Named, PlatformSnapshot
from ..verdicts import failed, not_asked, passed, seen, unknown
from .check_list import EXTERNAL_CLIENTS, EXTERNAL_MODE, EXTERNAL_OTHERS, EXTERNAL_PREFIX
from .login_readings import AUTHENTICATIONS

AUTHENTICATION: Final = Named("config.openshift.io/v1", "Authentication", "", "cluster")
WHAT: Final = "oidc-providers"
OIDC: Final = "OIDC"
PROVIDERS: Final = "oidcProviders"
WEBHOOK: Final = "webhookTokenAuthenticator"
"""Where the operator of the OAuth server has its own token reviewer. With type OIDC the API server refuses it, and the operator puts it
back while the type is another one: it has to go in the same write (openshift/kubernetes, validate_authentication.go)."""

MODE_ENTRY: Final = "spec.type"
WEBHOOK_ENTRY: Final = f"spec.{WEBHOOK}"
_STATE: Final = ("type", PROVIDERS, WEBHOOK)
"""What a switch writes of the spec, and a rollback brings back."""

_PATH: Final = "identity.external_oidc"
_MODE_PATH: Final = "identity.mode"

Item = Mapping[str, Any]


def is_external(live: ApiObject | None) -> bool:
    """Whether an external issuer logs users in."""
    return text_at(dict(live or {}), "spec.type") == OIDC


def provider_item(wanted: ExternalOidcWanted, there: Item) -> dict[str, Any]:
    """The issuer as an item of the list: `there` is the item as it is, of which all that is not wanted otherwise stays."""
    issuer = dict(map_at(dict(there), "issuer"))
    issuer |= {"issuerURL": wanted.issuer, "audiences": _as_set(issuer.get("audiences"), wanted.audiences)}
    issuer.pop("issuerCertificateAuthority", None)
    if wanted.ca:
        issuer["issuerCertificateAuthority"] = {"name": wanted.ca}
    mappings = dict(map_at(dict(there), "claimMappings"))
    mappings["username"] = _username(wanted)
    mappings.pop("groups", None)
    if wanted.groups_claim:
        mappings["groups"] = {"claim": wanted.groups_claim, **({"prefix": wanted.groups_prefix} if wanted.groups_prefix else {})}
    item = {**there, "name": wanted.name, "issuer": issuer, "claimMappings": mappings}
    clients = _clients(maps_at(dict(there), "oidcClients"), wanted.clients)
    return {**item, "oidcClients": clients} if clients or "oidcClients" in there else item


def _as_set(there: object, wanted: Sequence[str]) -> list[str]:
    """A list whose order means nothing stays as it is where it has the same members."""
    same = isinstance(there, list) and sorted(map(str, there)) == sorted(wanted)
    return list(there) if same and isinstance(there, list) else list(wanted)


def _username(wanted: ExternalOidcWanted) -> dict[str, Any]:
    """With no prefix given the cluster decides; an empty one means none (prefixPolicy of the API)."""
    found: dict[str, Any] = {"claim": wanted.username_claim}
    if wanted.username_prefix is None:
        return found
    if not wanted.username_prefix:
        return {**found, "prefixPolicy": "NoPrefix"}
    return {**found, "prefixPolicy": "Prefix", "prefix": {"prefixString": wanted.username_prefix}}


def _clients(there: Sequence[Item], wanted: Sequence[OidcClientWanted]) -> list[dict[str, Any]]:
    """Clients by component: those of components that the document does not name stay."""
    named = {(client.namespace, client.component): client for client in wanted}
    found = []
    for client in there:
        place = text_at(dict(client), "componentNamespace"), text_at(dict(client), "componentName")
        found.append(_client(named.pop(place), client) if place in named else dict(client))
    return [*found, *(_client(client, {}) for client in named.values())]


def _client(wanted: OidcClientWanted, there: Item) -> dict[str, Any]:
    item: dict[str, Any] = {"componentName": wanted.component, "componentNamespace": wanted.namespace, "clientID": wanted.client_id}
    if wanted.client_secret:
        item["clientSecret"] = {"name": wanted.client_secret}
    if wanted.extra_scopes:
        item["extraScopes"] = _as_set(there.get("extraScopes"), wanted.extra_scopes)
    return item


# ---- the change ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ExternalOidcChange:
    """Makes an external issuer the one that logs users in, or brings its settings up to date; never the way back."""

    wanted: ExternalOidcWanted

    def of(self, live: ApiObject | None) -> Merged:
        """What becomes of Authentication/cluster."""
        if live is None:
            return Merged(None, refused="Authentication cluster is not there", remedy="this is no cluster whose logins can be switched")
        spec = dict(map_at(dict(live), "spec"))
        there = maps_at(spec, PROVIDERS)
        others = [name for item in there if (name := text_at(item, "name")) != self.wanted.name]
        if others:
            message = f"the cluster has the external issuer {listed(others)}, and can have one alone"
            entry = EntryFinding(self.wanted.name, MISSING, FAIL, message=message)
            return Merged(None, (entry,), message, EXTERNAL_OTHERS.remedy)
        before = there[0] if there else {}
        item = provider_item(self.wanted, before)
        # Of the item as the document has it alone: what others put into it is not ours to remember.
        digest = digest_of(provider_item(self.wanted, {}))
        is_as_written = marks_of(live, WHAT).get(self.wanted.name) == digest
        entries = (self._mode(spec), *self._webhook(spec), self._entry(before, item, by_hand=is_as_written))
        after = {key: value for key, value in live.items() if key != "status"}
        if any(entry.action != NO_ACTION for entry in entries):
            after["spec"] = {**{key: value for key, value in spec.items() if key != WEBHOOK}, "type": OIDC, PROVIDERS: [item]}
        after = with_marks(after, WHAT, {self.wanted.name: digest})
        same = after == {key: value for key, value in live.items() if key != "status"}
        return Merged(None if same else after, entries)

    @staticmethod
    def _mode(spec: Item) -> EntryFinding:
        was = text_at(dict(spec), "type")
        if was == OIDC:
            return EntryFinding(MODE_ENTRY, IN_STEP)
        message = f"logins go from {was or 'IntegratedOAuth'} to {OIDC}: Users, Groups and OAuth's tokens count no more then"
        return EntryFinding(MODE_ENTRY, CHANGED, PASS, UPDATE, ("type",), message)

    @staticmethod
    def _webhook(spec: Item) -> list[EntryFinding]:
        """The token reviewer that has to go; nothing where there is none."""
        if WEBHOOK not in spec:
            return []
        name = text_at(dict(spec), f"{WEBHOOK}.kubeConfig.name") or "no Secret"
        message = f"the token reviewer of {name} is taken out: with type {OIDC} the API server refuses it"
        return [EntryFinding(WEBHOOK_ENTRY, CHANGED, PASS, UPDATE, (WEBHOOK,), message)]

    def _entry(self, before: Item, item: Item, *, by_hand: bool) -> EntryFinding:
        """How the issuer stands; `by_hand` where the document is as it was when it was written."""
        if not before:
            return EntryFinding(self.wanted.name, MISSING, PASS, CREATE)
        fields = differing(before, item)
        if not fields:
            return EntryFinding(self.wanted.name, IN_STEP)
        why = "somebody changed it since it was written: " if by_hand else "changes "
        return EntryFinding(self.wanted.name, CHANGED, PASS, UPDATE, fields, f"{why}{listed(fields)}")


@dataclass(frozen=True, slots=True)
class ModeRestore:
    """The way back of a switch: the logins as they were before it, exactly, and only where nobody touched them since."""

    before: JsonRecord
    after: JsonRecord

    def of(self, live: ApiObject | None) -> Merged:
        """What becomes of Authentication/cluster."""
        if live is None or metadata_of(live).get("uid") != self.after["uid"]:
            return Merged(None, refused="Authentication cluster is another object by now", remedy="restore it by hand from the file")
        if mode_state(live) == self.before:
            return Merged(None, (EntryFinding(MODE_ENTRY, IN_STEP),))
        if mode_state(live) != self.after:
            return Merged(None, refused="somebody changed how users log in since", remedy="see what it is now, and restore it by hand")
        spec = {key: value for key, value in map_at(dict(live), "spec").items() if key not in _STATE}
        spec |= {key: self.before[key] for key in _STATE if key in self.before}
        after = {**{key: value for key, value in live.items() if key != "status"}, "spec": spec}
        return Merged(with_marks(after, WHAT, self.before.get("ours", {})), (EntryFinding(MODE_ENTRY, CHANGED, PASS, UPDATE, ("type",)),))


def mode_state(live: ApiObject | None) -> JsonRecord:
    """What a rollback file keeps of Authentication/cluster."""
    item = dict(live or {})
    state: JsonRecord = {"uid": str(metadata_of(item).get("uid") or "")}
    state |= {key: map_at(item, "spec")[key] for key in _STATE if key in map_at(item, "spec")}
    return {**state, **({"ours": marks} if (marks := marks_of(item, WHAT)) else {})}


# ---- what is checked before ------------------------------------------------------------------------------------------


def external_findings(wanted: Identity, snapshot: PlatformSnapshot) -> list[CheckFinding]:
    """Whether the mode of login is the document's, and whether the external issuer could be set at all."""
    if not snapshot.known(AUTHENTICATIONS):
        reason = snapshot.why_not(AUTHENTICATIONS)
        return [unknown(check, AUTHENTICATION.text, reason, _MODE_PATH) for check in (EXTERNAL_MODE, EXTERNAL_OTHERS, EXTERNAL_CLIENTS)]
    live = snapshot.get(AUTHENTICATIONS, "", AUTHENTICATION.name)
    issuer = wanted.external_oidc if wanted.mode == EXTERNAL_OIDC else None
    found = [_mode_finding(wanted, live)]
    if issuer is None:
        return [*found, *(not_asked(check, AUTHENTICATION.text) for check in (EXTERNAL_OTHERS, EXTERNAL_CLIENTS, EXTERNAL_PREFIX))]
    return [*found, _others(issuer, live), *_clients_known(issuer, live), *prefix_findings(issuer, wanted.groups)]


def _mode_finding(wanted: Identity, live: ApiObject | None) -> CheckFinding:
    """The way into the external issuer is ours to write, under the guard; the way back is not."""
    external = is_external(live)
    if wanted.mode == EXTERNAL_OIDC:
        if live is None:
            return failed(EXTERNAL_MODE, AUTHENTICATION.text, "the cluster has no Authentication/cluster", _MODE_PATH, MISSING)
        words = "an external issuer logs users in" if external else "logins are about to go to the external issuer"
        return passed(EXTERNAL_MODE, AUTHENTICATION.text, _MODE_PATH, words)
    if external:
        evidence = seen(AUTHENTICATION.text, "spec.type", OIDC, "IntegratedOAuth")
        message = "an external issuer logs users in, and the document means the OAuth server; the way back is not taken from here"
        return failed(EXTERNAL_MODE, AUTHENTICATION.text, message, _MODE_PATH, evidence=evidence)
    return passed(EXTERNAL_MODE, AUTHENTICATION.text, _MODE_PATH, "the OAuth server logs users in")


def _others(issuer: ExternalOidcWanted, live: ApiObject | None) -> CheckFinding:
    merged = ExternalOidcChange(issuer).of(live)
    if merged.refused:
        return failed(EXTERNAL_OTHERS, AUTHENTICATION.text, merged.refused, _PATH, remedy=merged.remedy)
    return passed(EXTERNAL_OTHERS, AUTHENTICATION.text, _PATH)


def _clients_known(issuer: ExternalOidcWanted, live: ApiObject | None) -> list[CheckFinding]:
    """The CRD's own rule: a component has to be in the status, or in this provider already."""
    item = dict(live or {})
    known = {_place(client) for client in maps_at(item, "status.oidcClients")}
    for provider in maps_at(item, f"spec.{PROVIDERS}"):
        if text_at(provider, "name") == issuer.name:
            known |= {_place(client) for client in maps_at(provider, "oidcClients")}
    found = []
    for number, client in enumerate(issuer.clients):
        place, path = f"{client.namespace}/{client.component}", f"{_PATH}.clients[{number}]"
        if place in known:
            found.append(passed(EXTERNAL_CLIENTS, f"component {place}", path))
        else:
            there = ", ".join(sorted(known)) or "none"
            evidence = seen(AUTHENTICATION.text, "status.oidcClients", there, place)
            found.append(failed(EXTERNAL_CLIENTS, f"component {place}", f"the cluster knows no component {place}", path, evidence=evidence))
    return found or [not_asked(EXTERNAL_CLIENTS, AUTHENTICATION.text, "the document names no component")]


def _place(client: dict[str, Any]) -> str:
    return f"{text_at(client, 'componentNamespace')}/{text_at(client, 'componentName')}"


def prefix_findings(issuer: ExternalOidcWanted, groups: Sequence[GroupWanted]) -> list[CheckFinding]:
    """Whether the document's groups are named as the API server will name them; the system's own groups have no prefix."""
    prefix = issuer.groups_prefix
    wrong = [group for group in groups if prefix and not group.name.startswith((prefix, "system:"))]
    if not wrong:
        return [passed(EXTERNAL_PREFIX, f"groups of {issuer.name}", _PATH)]
    return [
        failed(
            EXTERNAL_PREFIX,
            f"group {group.name}",
            f"tokens of {issuer.name} will name it {prefix}{group.name}: a binding of {group.name} would bind nobody",
            "identity.groups",
            evidence=seen(f"group {group.name}", "name", group.name, f"{prefix}{group.name}"),
        )
        for group in wrong
    ]
