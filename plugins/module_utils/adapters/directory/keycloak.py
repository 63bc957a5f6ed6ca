# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups and their members from a realm of Keycloak, by its admin REST API.

Groups of the top level with their own members are read, as tokens have them. The account needs the roles query-groups and
view-users of the realm (client realm-management) and nothing more; whatever it has, it is only used to read.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlencode

from ...platform.desired.identity import DirectoryWanted
from ...platform.identity.directories import DirectoryGroup, DirectoryRead, merged_groups, unread
from .._libraries import urllib3
from ..cluster.transport import Answer, Message, PoolTransport, Transport, Trouble
from .access import DirectoryAccess, DirectoryTrouble

PAGE: Final = 500
MOST_GROUP_PAGES: Final = 40
"""pages of groups; of more groups those that are sought are asked for by name"""
MOST_MEMBER_PAGES: Final = 400
MOST_GUESSED: Final = 100
"""other groups whose members are read to tell whether a group that is not there was renamed"""
MASTER: Final = "master"
LOGIN_CLIENT: Final = "admin-cli"
"""Keycloak's own public client, which every realm has."""
_TOTAL: Final = 4
"""times the longest silence that one answer may take"""


def read_directory(wanted: DirectoryWanted, access: DirectoryAccess, groups: Sequence[str]) -> DirectoryRead:
    """The realm's groups, with members of those that are asked for. Never raises for what a server does or lacks."""
    base = wanted.url.rstrip("/")
    where = f"directory {wanted.name} at {base.partition('://')[2].partition('/')[0]}"
    options: dict[str, Any] = {"cert_reqs": "CERT_REQUIRED" if access.validate_certs else "CERT_NONE"}
    if access.ca_path:
        options["ca_certs"] = access.ca_path
    transport = PoolTransport(urllib3.PoolManager(num_pools=1, maxsize=1, **options), base)
    try:
        return KeycloakReader(transport, wanted, access).read(groups)
    except DirectoryTrouble as trouble:
        return unread(f"{where}: {trouble.reason}", forbidden=trouble.forbidden)
    finally:
        transport.close()


class KeycloakReader:
    """Reads one realm over one connection; `requests` counts what was asked."""

    def __init__(self, transport: Transport, wanted: DirectoryWanted, access: DirectoryAccess) -> None:
        self._transport = transport
        self._wanted = wanted
        self._access = access
        self._token = ""
        self._end = time.monotonic() + access.total_seconds
        self.requests = 0

    def read(self, names: Sequence[str]) -> DirectoryRead:
        """See `read_directory`."""
        self._token = self._login()
        found, complete = self._groups()
        by_path = [name for name in names if name.startswith("/")]
        sought = {name.casefold() for name in names}
        lacking = sorted(set(names) - {name for name, _uid in found} - set(by_path))
        if not complete:
            extra = [entry for name in lacking for entry in self._by_name(name)]
            found += extra
            lacking = sorted(set(lacking) - {name for name, _uid in extra})
        if not found:
            reason = f"realm {self._wanted.realm} has no groups, or the account has no right to see any (roles query-groups and view-users)"
            raise DirectoryTrouble(reason, forbidden=True)
        found += [entry for name in by_path for entry in self._by_path(name)]
        asked = {uid for name, uid in found if name.casefold() in sought}
        if lacking and len(found) - len(asked) <= MOST_GUESSED:
            asked = {uid for _name, uid in found}
        return merged_groups([self._group(name, uid, known=uid in asked) for name, uid in dict.fromkeys(found)], complete=complete)

    # ---- what is asked -----------------------------------------------------------------------------------------------------

    def _groups(self) -> tuple[list[tuple[str, str]], bool]:
        """Names and ids of the groups of the top level, and whether those are all."""
        found: list[tuple[str, str]] = []
        for number in range(MOST_GROUP_PAGES):
            page = self._page("/groups", number)
            found += _names_and_ids(page)
            if len(page) < PAGE:
                return found, True
        return found, False

    def _by_name(self, name: str) -> list[tuple[str, str]]:
        answer = self._listed("/groups?" + urlencode({"search": name, "exact": "true", "briefRepresentation": "true"}))
        return [entry for entry in _names_and_ids(answer) if entry[0] == name]

    def _by_path(self, path: str) -> list[tuple[str, str]]:
        """A group in another one, named as tokens with full paths name it."""
        answer = self._got(f"/group-by-path{quote(path)}", may_lack=True)
        return [(path, str(answer["id"]))] if isinstance(answer, dict) and answer.get("id") else []

    def _group(self, name: str, uid: str, *, known: bool) -> DirectoryGroup:
        if not known:
            return DirectoryGroup(name, uid=uid, members_known=False)
        return DirectoryGroup(name, tuple(sorted(set(self._members(uid)))), uid)

    def _members(self, uid: str) -> Iterator[str]:
        for number in range(MOST_MEMBER_PAGES):
            page = self._page(f"/groups/{quote(uid, safe='')}/members", number)
            for user in page:
                if name := str(user.get("username") or ""):
                    yield name
            if len(page) < PAGE:
                return
        raise DirectoryTrouble(f"a group has more than {MOST_MEMBER_PAGES * PAGE} members, which are not read")

    def _page(self, path: str, number: int) -> list[Mapping[str, Any]]:
        return self._listed(f"{path}?" + urlencode({"first": number * PAGE, "max": PAGE, "briefRepresentation": "true"}))

    def _listed(self, path: str) -> list[Mapping[str, Any]]:
        answer = self._got(path)
        if not isinstance(answer, list):
            raise DirectoryTrouble(
                "its answer is none of Keycloak's admin API: see the url, and whether a path such as /auth belongs to it"
            )
        return [entry for entry in answer if isinstance(entry, dict)]

    # ---- how it is asked ---------------------------------------------------------------------------------------------------

    def _got(self, path: str, *, may_lack: bool = False) -> object:
        realm = quote(self._wanted.realm, safe="")
        for again in (True, False):
            message = Message(
                "GET", f"/admin/realms/{realm}{path}", {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
            )
            answer = self._sent(message)
            if answer.status == 401 and again:
                # Tokens of administrators live for a minute unless the realm says otherwise.
                self._token = self._login()
                continue
            break
        if answer.status == 404 and may_lack:
            return None
        if answer.status == 403:
            reason = (
                f"the account has no right to read groups and members of realm {self._wanted.realm} (roles query-groups and view-users)"
            )
            raise DirectoryTrouble(reason, forbidden=True)
        if answer.status == 404:
            raise DirectoryTrouble(f"there is no realm {self._wanted.realm}, or a path such as /auth is missing in the url")
        if answer.status != 200:
            raise DirectoryTrouble(self._unexpected(answer))
        return _decoded(answer)

    def _login(self) -> str:
        access = self._access
        realm = access.login_realm or (MASTER if access.username else self._wanted.realm)
        if access.username:
            form = {
                "grant_type": "password",
                "client_id": access.client_id or LOGIN_CLIENT,
                "username": access.username,
                "password": access.password,
            }
        elif access.client_id and access.client_secret:
            form = {"grant_type": "client_credentials", "client_id": access.client_id}
        else:
            raise DirectoryTrouble("no account is given for it: username and password, or client_id and client_secret")
        if access.client_secret:
            form["client_secret"] = access.client_secret
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        path = f"/realms/{quote(realm, safe='')}/protocol/openid-connect/token"
        answer = self._sent(Message("POST", path, headers, urlencode(form).encode()))
        found = _decoded(answer)
        token = found.get("access_token") if isinstance(found, dict) else None
        if answer.status == 200 and isinstance(token, str) and token.isascii() and token.isprintable():
            return token
        raise DirectoryTrouble(self._why_no_token(answer, found, realm))

    def _why_no_token(self, answer: Answer, found: object, realm: str) -> str:
        word = str(found.get("error") or "") if isinstance(found, dict) else ""
        said = self._access.hidden(str(found.get("error_description") or "")) if isinstance(found, dict) else ""
        if answer.status == 404:
            return f"there is no realm {realm} to log in to, or a path such as /auth is missing in the url"
        if word == "invalid_grant":
            return f"it does not accept the user of realm {realm}, or the password is another{f' ({said})' if said else ''}"
        if word in ("invalid_client", "unauthorized_client"):
            return f"it does not accept the client of realm {realm}, or its secret is another{f' ({said})' if said else ''}"
        return self._unexpected(answer)

    def _unexpected(self, answer: Answer) -> str:
        if 300 <= answer.status < 400:
            return f"it sends elsewhere (HTTP {answer.status}), which is not followed: give the address that it sends to"
        if answer.status == 200:
            return "its answer is none of Keycloak's: see the url, and whether a path such as /auth belongs to it"
        return f"it answers HTTP {answer.status}"

    def _sent(self, message: Message) -> Answer:
        self.requests += 1
        silence, left = float(self._access.timeout_seconds), self._end - time.monotonic()
        if left <= 0:
            raise DirectoryTrouble(f"its groups were not read to the end within {self._access.total_seconds:g} s")
        found = self._transport.send(message, silence, min(_TOTAL * silence, left))
        if isinstance(found, Trouble):
            hint = "; give the authority's certificate as ca_path" if found.code == "cluster_certificate" else ""
            raise DirectoryTrouble(f"{found.reason}{hint}")
        return found


def _decoded(answer: Answer) -> object:
    try:
        return json.loads(answer.body)
    except ValueError:
        return None


def _names_and_ids(page: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [(str(entry["name"]), str(entry["id"])) for entry in page if entry.get("name") and entry.get("id")]
