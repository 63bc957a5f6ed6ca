# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A realm of a Keycloak: users, groups and clients, and how a test changes them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.counterparts.identity.web import IdentityError, Reply, post_form

PAGE = 10_000
READER_ROLES = ("view-users", "query-users", "query-groups")
"""of the realm's own client realm-management: enough to list groups and their members, and nothing more"""
# Passwords that live for seconds need no hash that takes one.
POLICY = "hashAlgorithm(pbkdf2-sha256) and hashIterations(1)"


@dataclass(frozen=True, slots=True)
class OidcClient:
    """A client that users log in to, with a secret of its own."""

    name: str
    token_seconds: int = 300
    """how long its tokens are valid"""
    audiences: tuple[str, ...] = ()
    """audiences of its ID tokens besides itself"""
    full_path: bool = False
    """whether its groups claim has /parent/child instead of child"""
    redirects: tuple[str, ...] = ("https://localhost/*",)


@dataclass(frozen=True, slots=True)
class Realm:
    """What kind of realm is asked for."""

    users: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """each with its groups; `parent/child` is a group in a group"""
    groups: Sequence[str] = ()
    """groups besides those, without members"""
    clients: Sequence[OidcClient] = (OidcClient("openshift"),)
    """the first one is that for which tokens are made unless another is named"""
    name: str = ""
    """empty for a name that no other realm has"""


@dataclass(frozen=True)
class Keycloak:
    """A realm that is there; `server` is Keycloak's URL."""

    server: str
    name: str
    ca_path: Path
    wanted: Realm
    _ask: Callable[[str, str, object], Any] = field(repr=False)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    """passwords by user, and secrets by client"""

    @property
    def issuer(self) -> str:
        """The `iss` of its tokens."""
        return f"{self.server}/realms/{self.name}"

    @property
    def client(self) -> str:
        """The first client: the audience of its tokens."""
        return self.wanted.clients[0].name

    @property
    def reader(self) -> str:
        """A user of the realm that may read users and groups; its password is in `secrets`."""
        return "group-reader"

    def secret_of(self, name: str) -> str:
        """The password of a user, or the secret of a client; made when it is first asked for."""
        return self.secrets.setdefault(name, secrets.token_hex(12))

    def admin(self, method: str, path: str, body: object = None) -> Any:
        """The administrator's request to a path below this realm's; the JSON value that was answered."""
        return self._ask(method, f"/realms/{self.name}{path}", body)

    def login(self, user: str, client: str = "", password: str = "") -> Reply:
        """The token endpoint's answer to a user's password."""
        chosen = client or self.client
        grant = {"grant_type": "password", "client_id": chosen, "client_secret": self.secret_of(chosen), "scope": "openid"}
        url = f"{self.issuer}/protocol/openid-connect/token"
        return post_form(self.ca_path, url, **grant, username=user, password=password or self.secret_of(user))

    def token(self, user: str, client: str = "") -> str:
        """A fresh ID token of that user."""
        reply = self.login(user, client)
        if reply.status != 200:
            raise IdentityError(f"Keycloak gave {user} no token: {reply.status}: {reply.body}")
        return str(reply.body["id_token"])

    def add_user(self, name: str, groups: Sequence[str] = (), *, enabled: bool = True) -> None:
        """Makes a user, and the groups that are not there yet."""
        for group in groups:
            self.add_group(group)
        self.admin("POST", "/users", {**_user(self, name, groups), "enabled": enabled})

    def remove_user(self, name: str) -> None:
        """Lets a user go."""
        self.admin("DELETE", f"/users/{self.user_id(name)}")

    def enable(self, user: str, *, enabled: bool = True) -> None:
        """Lets a user in, or not any more."""
        self.admin("PUT", f"/users/{self.user_id(user)}", {"enabled": enabled})

    def join(self, user: str, group: str) -> None:
        """Makes a user a member."""
        self.admin("PUT", f"/users/{self.user_id(user)}/groups/{self.group_id(group)}")

    def leave(self, user: str, group: str) -> None:
        """Ends a user's membership."""
        self.admin("DELETE", f"/users/{self.user_id(user)}/groups/{self.group_id(group)}")

    def add_group(self, path: str) -> str:
        """Sees to it that a group is there, and its parents; its id."""
        parent, separator, name = path.rpartition("/")
        found = self._find_group(path)
        if found:
            return found
        self.admin("POST", f"/groups/{self.add_group(parent)}/children" if separator else "/groups", {"name": name})
        return self.group_id(path)

    def rename_group(self, path: str, name: str) -> None:
        """Gives a group another name; its id and its members stay."""
        self.admin("PUT", f"/groups/{self.group_id(path)}", {"name": name})

    def remove_group(self, path: str) -> None:
        """Lets a group go, and those in it."""
        self.admin("DELETE", f"/groups/{self.group_id(path)}")

    def members(self, path: str) -> list[str]:
        """Names of a group's own members, sorted."""
        found = self.admin("GET", f"/groups/{self.group_id(path)}/members?briefRepresentation=true&max={PAGE}")
        return sorted(str(each["username"]) for each in found)

    def user_id(self, name: str) -> str:
        """Keycloak's id of that user."""
        for each in self.admin("GET", f"/users?exact=true&username={quote(name, safe='')}"):
            return str(each["id"])
        raise IdentityError(f"the realm {self.name} has no user {name}")

    def group_id(self, path: str) -> str:
        """Keycloak's id of that group."""
        found = self._find_group(path)
        if not found:
            raise IdentityError(f"the realm {self.name} has no group {path}")
        return found

    def _find_group(self, path: str) -> str:
        """Level by level: the search by path takes a slash in a name for one between names."""
        names = path.split("/")
        level = f"/groups?max={PAGE}"
        found = ""
        for name in names:
            found = next((str(each["id"]) for each in self.admin("GET", level) if each["name"] == name), "")
            if not found:
                return ""
            level = f"/groups/{found}/children?max={PAGE}"
        return found

    def add_client(self, client: OidcClient) -> None:
        """Makes another client."""
        self.admin("POST", "/clients", _client(self, client))


def representation(realm: Keycloak) -> dict[str, Any]:
    """The realm as one request makes it."""
    wanted = realm.wanted
    reader = {**_user(realm, realm.reader, ()), "clientRoles": {"realm-management": list(READER_ROLES)}}
    paths = {*wanted.groups, *(group for groups in wanted.users.values() for group in groups)}
    return {
        "realm": realm.name,
        "enabled": True,
        "sslRequired": "all",
        "passwordPolicy": POLICY,
        "groups": _tree(sorted(paths)),
        "users": [*(_user(realm, name, groups) for name, groups in wanted.users.items()), reader],
        "clients": [_client(realm, each) for each in wanted.clients],
        "components": {"org.keycloak.keys.KeyProvider": _keys()},
    }


def _keys() -> list[dict[str, Any]]:
    """The realm's keys. Keycloak's own way to an RSA key takes seconds in a virtual machine that compiles little."""
    pem = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signing = {"priority": ["100"], "privateKey": [pem.decode()], "algorithm": ["RS256"]}
    sealing = {"priority": ["100"], "algorithm": ["HS512"]}
    return [
        {"name": "rsa", "providerId": "rsa", "config": signing},
        {"name": "hmac", "providerId": "hmac-generated", "config": sealing},
        {"name": "aes", "providerId": "aes-generated", "config": {"priority": ["100"]}},
    ]


def _tree(paths: Sequence[str]) -> list[dict[str, Any]]:
    """Groups as Keycloak takes them: each with those in it."""
    heads = sorted({path.partition("/")[0] for path in paths})
    rests = {head: [path.partition("/")[2] for path in paths if path.startswith(f"{head}/")] for head in heads}
    return [{"name": head, "subGroups": _tree(rests[head])} for head in heads]


def _user(realm: Keycloak, name: str, groups: Sequence[str]) -> dict[str, Any]:
    return {
        "username": name,
        "enabled": True,
        # Who lacks one of these is asked for it at the first login, which a password grant cannot answer.
        "email": f"{name}@example.com",
        "emailVerified": True,
        "firstName": name,
        "lastName": "Example",
        "groups": [f"/{group}" for group in groups],
        "credentials": [{"type": "password", "value": realm.secret_of(name), "temporary": False}],
    }


def _client(realm: Keycloak, wanted: OidcClient) -> dict[str, Any]:
    groups = {
        "name": "groups",
        "protocol": "openid-connect",
        "protocolMapper": "oidc-group-membership-mapper",
        "config": {"claim.name": "groups", "full.path": _word(wanted.full_path), "id.token.claim": "true", "access.token.claim": "true"},
    }
    audiences = [
        {
            "name": f"audience {each}",
            "protocol": "openid-connect",
            "protocolMapper": "oidc-audience-mapper",
            "config": {"included.custom.audience": each, "id.token.claim": "true", "access.token.claim": "true"},
        }
        for each in wanted.audiences
    ]
    return {
        "clientId": wanted.name,
        "secret": realm.secret_of(wanted.name),
        "publicClient": False,
        "directAccessGrantsEnabled": True,
        "standardFlowEnabled": True,
        "redirectUris": list(wanted.redirects),
        "attributes": {"access.token.lifespan": str(wanted.token_seconds)},
        "protocolMappers": [groups, *audiences],
    }


def _word(yes: bool) -> str:
    return "true" if yes else "false"
