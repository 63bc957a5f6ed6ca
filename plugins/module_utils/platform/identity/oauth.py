# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The identity providers of OAuth/cluster: ours are brought into the list that has others' too, and out of it again.

The list is atomic: whoever applies it replaces it (config.openshift.io/v1, x-kubernetes-list-type). So it is merged here, by
names: what others have stays as it is and where it is, ours stay in their places, and new ones come last. Which are ours is
told by the annotation of `merges`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ...common.artifact import JsonRecord
from ...common.merges import (
    ADOPTED_MARK,
    ALREADY_THERE,
    THERE_BEFORE,
    EntryFinding,
    Merged,
    annotation_for,
    bare,
    differing,
    digest_of,
    marks_of,
    released,
    with_marks,
)
from ...common.owned_fields import ApiObject, annotations_of, metadata_of
from ...common.write_findings import (
    CHANGED,
    CREATE,
    DELETE,
    FAIL,
    IN_STEP,
    MISSING,
    NO_ACTION,
    NOT_APPLICABLE,
    ORPHANED,
    PASS,
    UPDATE,
    listed,
)
from ...target.objects import map_at, maps_at
from ..desired.identity import CLAIM, HtpasswdWanted, LdapWanted, OpenIdWanted, ProviderWanted, SessionsWanted
from ..desired.keys import ABSENT
from ..snapshot import Named

OAUTH: Final = Named("config.openshift.io/v1", "OAuth", "", "cluster")
WHAT: Final = "identity-providers"
PROVIDERS: Final = "identityProviders"
TOKENS: Final = "tokenConfig"
SESSIONS_ENTRY: Final = "spec.tokenConfig"
MAX_AGE: Final = "accessTokenMaxAgeSeconds"
INACTIVITY: Final = "accessTokenInactivityTimeout"
_SETTINGS: Final = ("openID", "ldap", "htpasswd", "basicAuth", "github", "gitlab", "google", "keystone", "requestHeader")
_UNITS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_DURATION: Final = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")

Item = Mapping[str, Any]


# ---- how a provider is written ---------------------------------------------------------------------------------------


def provider_item(wanted: ProviderWanted) -> dict[str, Any]:
    """The provider as an item of the list; Secrets and ConfigMaps are named, and nothing of what they hold is in it."""
    item: dict[str, Any] = {"name": wanted.name, "mappingMethod": wanted.mapping_method, "type": wanted.type}
    if wanted.openid is not None:
        item["openID"] = _openid(wanted.openid)
    if wanted.ldap is not None:
        item["ldap"] = _ldap(wanted.ldap)
    if wanted.htpasswd is not None:
        item["htpasswd"] = _htpasswd(wanted.htpasswd)
    return item


def _openid(wanted: OpenIdWanted) -> dict[str, Any]:
    claims = {
        "preferredUsername": list(wanted.preferred_username),
        "name": list(wanted.name),
        "email": list(wanted.email),
        "groups": list(wanted.groups),
    }
    return {
        "issuer": wanted.issuer,
        "clientID": wanted.client_id,
        "clientSecret": {"name": wanted.client_secret},
        **({"ca": {"name": wanted.ca}} if wanted.ca else {}),
        **({"extraScopes": list(wanted.extra_scopes)} if wanted.extra_scopes else {}),
        "claims": {name: texts for name, texts in claims.items() if texts},
    }


def _ldap(wanted: LdapWanted) -> dict[str, Any]:
    attributes = {
        "id": list(wanted.id),
        "preferredUsername": list(wanted.preferred_username),
        "name": list(wanted.name),
        "email": list(wanted.email),
    }
    return {
        "url": wanted.url,
        "insecure": wanted.insecure,
        **({"bindDN": wanted.bind_dn, "bindPassword": {"name": wanted.bind_password}} if wanted.bind_dn else {}),
        **({"ca": {"name": wanted.ca}} if wanted.ca else {}),
        "attributes": {name: texts for name, texts in attributes.items() if texts},
    }


def _htpasswd(wanted: HtpasswdWanted) -> dict[str, Any]:
    return {"fileData": {"name": wanted.secret}}


def meaning(item: Item) -> dict[str, Any]:
    """What an item says, however it is written: the defaults of OpenShift are put in, and what is empty is left away."""
    found = {"mappingMethod": CLAIM, **bare(item)}
    if isinstance(found.get("ldap"), dict):
        found["ldap"] = {"insecure": False, **found["ldap"]}
    return found


def differences(one: Item, other: Item) -> tuple[str, ...]:
    """Paths at which two items mean something else, such as `openID.issuer`."""
    return differing(meaning(one), meaning(other))


# ---- how long logins last --------------------------------------------------------------------------------------------


def duration_text(seconds: int) -> str:
    """Seconds as Go writes a duration: 900 is `15m0s`."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours}h{minutes}m{left}s"
    return f"{minutes}m{left}s" if minutes else f"{left}s"


def duration_seconds(text: object) -> float | None:
    """Seconds of a Go duration such as `1.5h` or `2h45m`; None for what is none. `0` and `0s` are none at all: zero seconds."""
    if not isinstance(text, str):
        return None
    if text in ("0", "+0", "-0"):
        return 0.0
    parts = _DURATION.findall(text.lstrip("+-"))
    if not parts or "".join(number + unit for number, unit in parts) != text.lstrip("+-"):
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts) * (-1 if text.startswith("-") else 1)


def with_sessions(tokens: Item, wanted: SessionsWanted) -> dict[str, Any]:
    """tokenConfig with the settings that are given; others stay, and so does a setting that says the same in other words."""
    found = dict(tokens)
    if wanted.access_token_max_age_seconds is not None:
        found[MAX_AGE] = wanted.access_token_max_age_seconds
    timeout = wanted.inactivity_timeout_seconds
    if timeout is not None and duration_seconds(found.get(INACTIVITY)) != timeout:
        found[INACTIVITY] = duration_text(timeout)
    return found


# ---- the change ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Restore:
    """What a rollback needs: how the providers were before a write of ours, and how that write left them; see `state_of`."""

    before: JsonRecord
    after: JsonRecord


@dataclass(frozen=True, slots=True)
class ProvidersChange:
    """The list of identity providers, and how long logins last. With `restore` a former write is taken back instead."""

    wanted: tuple[ProviderWanted, ...] = ()
    sessions: SessionsWanted = field(default_factory=SessionsWanted)
    restore: Restore | None = None
    prune: bool = False
    """whether providers that we wrote and that are wanted no more go from the list"""

    def of(self, live: ApiObject | None) -> Merged:
        """What becomes of OAuth/cluster."""
        if self.restore is not None:
            return rollback(self.restore.before, self.restore.after, live)
        return _Plan(self, live or _new()).merged(is_there=live is not None)


class _Plan:
    """One application of the change: the list as it becomes, and what is found of each entry."""

    def __init__(self, change: ProvidersChange, live: ApiObject) -> None:
        self._change = change
        self._live = live
        self._marks = marks_of(live, WHAT)
        self._items: list[Any] = list(_items(live))
        self._count = Counter(_name(item) for item in self._items)
        self._kept = dict(self._marks)
        self._entries: list[EntryFinding] = []
        self._refusals: list[tuple[str, str]] = []

    def merged(self, *, is_there: bool) -> Merged:
        for wanted in self._change.wanted:
            self._take(wanted)
        self._orphans()
        tokens = map_at(self._live, f"spec.{TOKENS}")
        later = with_sessions(tokens, self._change.sessions)
        self._session_entry(tokens, later)
        if self._refusals:
            reasons = "; ".join(reason for reason, _remedy in self._refusals)
            remedies = dict.fromkeys(remedy for _reason, remedy in self._refusals)
            return Merged(None, tuple(self._unwritten()), reasons, "; ".join(remedies))
        after = _with_spec(self._live, self._items, later)
        after = with_marks(after, WHAT, self._kept)
        same = is_there and after == _without_status(self._live)
        return Merged(None if same else after, tuple(self._entries))

    def _take(self, wanted: ProviderWanted) -> None:
        count, mark = self._count[wanted.name], self._marks.get(wanted.name, "")
        if count > 1:
            self._refuse(wanted.name, f"the list has {count} providers of the name {wanted.name!r}", "give each a name of its own")
        elif wanted.state == ABSENT:
            self._remove(wanted, count, mark)
        elif count == 0:
            self._add(wanted, mark)
        else:
            self._keep(wanted, mark)

    def _add(self, wanted: ProviderWanted, mark: str) -> None:
        item = provider_item(wanted)
        self._items.append(item)
        self._kept[wanted.name] = digest_of(meaning(item))
        message = "it was taken out of the list since it was written" if mark else ""
        self._entries.append(EntryFinding(wanted.name, MISSING, PASS, CREATE, message=message))

    def _keep(self, wanted: ProviderWanted, mark: str) -> None:
        """A provider of that name is there: ours, or somebody else's."""
        item, place = provider_item(wanted), self._place(wanted.name)
        fields = differences(self._items[place], item)
        digest = digest_of(meaning(item))
        if not mark:
            self._kept[wanted.name] = ADOPTED_MARK + digest
            if fields and not wanted.adopt:
                message = f"a provider {wanted.name!r} is there that is not this collection's, and differs in {listed(fields)}"
                remedy = "give ours another name, make the document say the same, or say adopt: true"
                self._refuse(wanted.name, message, remedy, fields)
                return
        elif mark.removeprefix(ADOPTED_MARK) != digest:
            self._kept[wanted.name] = (ADOPTED_MARK if mark.startswith(ADOPTED_MARK) else "") + digest
        if not fields:
            message = "" if mark else ALREADY_THERE
            self._entries.append(EntryFinding(wanted.name, IN_STEP, PASS, message=message))
            return
        by_hand = bool(mark) and mark.removeprefix(ADOPTED_MARK) != digest_of(meaning(self._items[place]))
        why = "somebody changed it since it was written" if by_hand else "taken over" if not mark else ""
        message = f"{why}: {listed(fields)}" if why else f"changes {listed(fields)}"
        self._items[place] = item
        self._entries.append(EntryFinding(wanted.name, CHANGED, PASS, UPDATE, fields, message))

    def _remove(self, wanted: ProviderWanted, count: int, mark: str) -> None:
        if not count:
            self._kept.pop(wanted.name, None)
            self._entries.append(EntryFinding(wanted.name, IN_STEP, PASS, message="it is not there, as is wanted"))
            return
        if not mark and not wanted.adopt:
            message = f"the provider {wanted.name!r} is not this collection's, and is not removed"
            self._refuse(wanted.name, message, "remove it by hand, or say adopt: true")
            return
        if not wanted.adopt and self._is_changed(wanted.name, mark):
            message = f"somebody changed or replaced the provider {wanted.name!r} since it was written, and it is not removed"
            self._refuse(wanted.name, message, "see whose it is by now; remove it by hand, or say adopt: true")
            return
        del self._items[self._place(wanted.name)]
        self._kept.pop(wanted.name, None)
        self._entries.append(EntryFinding(wanted.name, ORPHANED, PASS, DELETE, message="the document wants it gone"))

    def _orphans(self) -> None:
        """Entries of ours that the document does not name any more."""
        named = {wanted.name for wanted in self._change.wanted}
        for name in sorted(self._marks.keys() - named):
            if not self._count[name]:
                self._kept.pop(name)
                continue
            if not self._change.prune:
                message = "it was written earlier and is in the document no more"
                remedy = "have it removed with prune, or name it with state: absent"
                self._entries.append(EntryFinding(name, ORPHANED, NOT_APPLICABLE, message=message, remedy=remedy))
                continue
            self._kept.pop(name)
            self._entries.append(self._let_go(name))

    def _let_go(self, name: str) -> EntryFinding:
        """An entry of ours that is to go; what is somebody else's by now stays."""
        mark = self._marks[name]
        if mark.startswith(ADOPTED_MARK):
            return released(name, THERE_BEFORE)
        if self._is_changed(name, mark):
            return released(name, "somebody changed or replaced it since it was written")
        self._items = [item for item in self._items if _name(item) != name]
        return EntryFinding(name, ORPHANED, PASS, DELETE)

    def _is_changed(self, name: str, mark: str) -> bool:
        """Whether what bears that name is not as our mark says that we wrote it."""
        written = mark.removeprefix(ADOPTED_MARK)
        return any(written != digest_of(meaning(item)) for item in self._items if _name(item) == name)

    def _session_entry(self, tokens: Item, later: Item) -> None:
        if self._change.sessions == SessionsWanted():
            return
        fields = tuple(sorted(key for key in later if tokens.get(key) != later[key]))
        if not fields:
            self._entries.append(EntryFinding(SESSIONS_ENTRY, IN_STEP))
            return
        state = CHANGED if any(key in tokens for key in fields) else MISSING
        self._entries.append(EntryFinding(SESSIONS_ENTRY, state, PASS, UPDATE, fields, f"changes {listed(fields)}"))

    def _place(self, name: str) -> int:
        return [_name(item) for item in self._items].index(name)

    def _refuse(self, name: str, message: str, remedy: str, fields: tuple[str, ...] = ()) -> None:
        self._refusals.append((message, remedy))
        self._entries.append(EntryFinding(name, CHANGED, FAIL, NO_ACTION, fields, message, remedy))

    def _unwritten(self) -> Iterable[EntryFinding]:
        """While one entry is refused none is written: the others say so."""
        message = "it was not written, since another entry is refused"
        for entry in self._entries:
            waits = entry.action != NO_ACTION
            yield EntryFinding(entry.name, entry.state, FAIL, NO_ACTION, entry.fields, message) if waits else entry


def _new() -> ApiObject:
    return {"apiVersion": OAUTH.api_version, "kind": OAUTH.kind, "metadata": {"name": OAUTH.name}, "spec": {}}


def _items(live: ApiObject) -> list[Any]:
    found = map_at(dict(live), "spec").get(PROVIDERS)
    return found if isinstance(found, list) else []


def providers_of(live: ApiObject | None) -> list[dict[str, Any]]:
    """The items of the list that are mappings, in its order."""
    return maps_at(dict(live or {}), f"spec.{PROVIDERS}")


def _name(item: object) -> str:
    return str(item.get("name") or "") if isinstance(item, Mapping) else ""


def _without_status(live: ApiObject) -> dict[str, Any]:
    return {key: value for key, value in live.items() if key != "status"}


def _with_spec(live: ApiObject, items: Sequence[Any], tokens: Item) -> dict[str, Any]:
    """The object with this list and these token settings; what is empty and was not there does not come."""
    spec = dict(map_at(dict(live), "spec"))
    if items or PROVIDERS in spec:
        spec[PROVIDERS] = list(items)
    if tokens or TOKENS in spec:
        spec[TOKENS] = dict(tokens)
    return {**_without_status(live), "spec": spec}


# ---- the way back ----------------------------------------------------------------------------------------------------


def state_of(live: ApiObject | None) -> JsonRecord:
    """What a rollback file keeps of OAuth/cluster. No secret is in it: providers name Secrets, and no more."""
    item = dict(live or {})
    spec = map_at(item, "spec")
    # A copy: the file has to say what was, whatever becomes of the object.
    state: JsonRecord = json.loads(json.dumps({key: spec[key] for key in (PROVIDERS, TOKENS) if key in spec}))
    state["uid"] = str(metadata_of(item).get("uid") or "")
    if mark := annotations_of(item).get(annotation_for(WHAT)):
        state["ours"] = str(mark)
    return state


def rollback(before: JsonRecord, after: JsonRecord, live: ApiObject | None) -> Merged:
    """Takes a write of ours back.

    Where nobody else changed the list since, it becomes just what it was. Else the entries that our write touched become what
    they were, and whatever others did to their own stays.
    """
    if live is None:
        return Merged(None, refused="OAuth cluster is not there any more", remedy="see who removed it")
    if not (metadata_of(live).get("uid") == after["uid"] and before["uid"] in ("", after["uid"])):
        return Merged(None, refused="OAuth cluster is another object by now", remedy="restore it by hand from the file")
    now = state_of(live)
    entries = tuple(_way_back(before, after, now))
    untouched = now.get(PROVIDERS) == after.get(PROVIDERS)
    items = list(before.get(PROVIDERS, ())) if untouched else _three_way(before, after, now)
    tokens = _tokens_back(before.get(TOKENS, {}), after.get(TOKENS, {}), now.get(TOKENS, {}))
    restored = _with_spec(live, items, tokens)
    spec = restored["spec"]
    if PROVIDERS not in before and not items:
        spec = {key: value for key, value in spec.items() if key != PROVIDERS}
    if not tokens and TOKENS not in before:
        spec = {key: value for key, value in spec.items() if key != TOKENS}
    marks = _marks_in(before)
    names = {_name(item) for item in items}
    found = with_marks({**restored, "spec": spec}, WHAT, {name: mark for name, mark in marks.items() if name in names})
    return Merged(None if found == _without_status(live) else found, entries)


def _marks_in(state: JsonRecord) -> dict[str, str]:
    return marks_of({"metadata": {"annotations": {annotation_for(WHAT): state.get("ours", "")}}}, WHAT)


def _keyed(items: Sequence[Any]) -> dict[tuple[str, int], Any]:
    """Items by name, and by which of several of that name they are."""
    seen: Counter[str] = Counter()
    found = {}
    for item in items:
        name = _name(item)
        found[name, seen[name]] = item
        seen[name] += 1
    return found


def _touched(before: JsonRecord, after: JsonRecord) -> list[tuple[str, int]]:
    """Entries that our write added, changed or removed."""
    old, new = _keyed(before.get(PROVIDERS, ())), _keyed(after.get(PROVIDERS, ()))
    return [key for key in dict.fromkeys((*old, *new)) if old.get(key) != new.get(key)]


def _three_way(before: JsonRecord, after: JsonRecord, now: JsonRecord) -> list[Any]:
    touched, old = set(_touched(before, after)), _keyed(before.get(PROVIDERS, ()))
    now_items = _keyed(now.get(PROVIDERS, ())).items()
    found = {key: old[key] if key in touched else item for key, item in now_items if key not in touched or key in old}
    order, keys = list(found), list(old)
    for place, key in enumerate(keys):
        if key in touched and key not in found:
            found[key] = old[key]
            ahead = [earlier for earlier in keys[:place] if earlier in order]
            order.insert(order.index(ahead[-1]) + 1 if ahead else 0, key)
    return [found[key] for key in order]


def _tokens_back(before: Item, after: Item, now: Item) -> dict[str, Any]:
    found = dict(now)
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) == after.get(key):
            continue
        if key in before:
            found[key] = before[key]
        else:
            found.pop(key, None)
    return found


def _way_back(before: JsonRecord, after: JsonRecord, now: JsonRecord) -> Iterable[EntryFinding]:
    """What the rollback does to each entry that our write touched."""
    old, new, live = _keyed(before.get(PROVIDERS, ())), _keyed(after.get(PROVIDERS, ())), _keyed(now.get(PROVIDERS, ()))
    for key in _touched(before, after):
        name, was, stands = key[0], old.get(key), live.get(key)
        if was == stands:
            yield EntryFinding(name, IN_STEP, PASS, message="it is as it was before")
            continue
        message = "" if stands == new.get(key) else "somebody changed it since, which is lost"
        if was is None:
            yield EntryFinding(name, ORPHANED, PASS, DELETE, message=message)
        elif stands is None:
            yield EntryFinding(name, MISSING, PASS, CREATE, message=message)
        else:
            yield EntryFinding(name, CHANGED, PASS, UPDATE, differences(stands, was), message)
    lasting, was_lasting = _tokens_back(before.get(TOKENS, {}), after.get(TOKENS, {}), now.get(TOKENS, {})), now.get(TOKENS, {})
    if lasting != was_lasting:
        fields = tuple(sorted(key for key in {*lasting, *was_lasting} if lasting.get(key) != was_lasting.get(key)))
        yield EntryFinding(SESSIONS_ENTRY, CHANGED, PASS, UPDATE, fields)
