# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Providers, lists and looks at a cluster that the tests of logins share."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import (
    HtpasswdWanted,
    LdapWanted,
    OpenIdWanted,
    ProviderWanted,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.lockout import BINDINGS, GROUPS, ROLES, USERS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.oauth import provider_item
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, Named, NamedRead, PlatformSnapshot

Json = dict[str, Any]
OAUTHS = "oauths.config.openshift.io"
AUTHENTICATIONS = "authentications.config.openshift.io"
OPERATORS = "clusteroperators.config.openshift.io"
MARKS = "readiness.groundwork.io/identity-providers"
FOREIGN: Json = {
    "name": "Staff SSO",
    "type": "OpenID",
    "openID": {"issuer": "https://staff.example.com", "clientID": "staff", "clientSecret": {"name": "staff"}, "ca": {"name": ""}},
}


def openid(name: str = "corp-oidc", **more: Any) -> ProviderWanted:
    """A provider of type OpenID; settings of it, and others of the provider itself."""
    of_provider = {key: more.pop(key) for key in ("state", "mapping_method", "adopt", "add_signed_off_by") if key in more}
    settings = OpenIdWanted(issuer="https://sso.example.com/realms/corp", client_id="openshift", client_secret="corp-client")
    return ProviderWanted(name=name, type="OpenID", openid=replace(settings, **more), **of_provider)


def ldap(name: str = "corp-ldap", **more: Any) -> ProviderWanted:
    """A provider of type LDAP."""
    return ProviderWanted(name=name, type="LDAP", ldap=LdapWanted(**{"url": "ldaps://ldap.example.com/ou=u,dc=example?uid", **more}))


def htpasswd(name: str = "local", secret: str = "local-users") -> ProviderWanted:
    """A provider of type HTPasswd."""
    return ProviderWanted(name=name, type="HTPasswd", htpasswd=HtpasswdWanted(secret=secret))


def oauth(*items: Mapping[str, Any], marks: Mapping[str, str] | None = None, **spec: Any) -> Json:
    """OAuth/cluster with these items."""
    metadata: Json = {"name": "cluster", "uid": "uid-1", "resourceVersion": "7"}
    if marks:
        metadata["annotations"] = {MARKS: json.dumps(dict(marks))}
    spec = {"identityProviders": list(items), **spec}
    return {"apiVersion": "config.openshift.io/v1", "kind": "OAuth", "metadata": metadata, "spec": spec, "status": {}}


def item(wanted: ProviderWanted, **more: Any) -> Json:
    """A provider as it stands in the list, with other fields beside."""
    return {**provider_item(wanted), **more}


def user(name: str, *identities: str) -> Json:
    """A User with these identities."""
    return {"metadata": {"name": name}, "identities": list(identities)}


def group(name: str, *users: str) -> Json:
    """A Group."""
    return {"metadata": {"name": name}, "users": list(users)}


def binding(*subjects: tuple[str, str], role: str = "cluster-admin") -> Json:
    """A ClusterRoleBinding of these pairs of kind and name."""
    return {
        "metadata": {"name": f"{role}-{len(subjects)}"},
        "roleRef": {"kind": "ClusterRole", "name": role},
        "subjects": [{"kind": kind, "name": name} for kind, name in subjects],
    }


def look(
    lists: Mapping[str, Sequence[Json]] | None = None, named: Mapping[Named, NamedRead] | None = None, *, unknown: Sequence[str] = ()
) -> PlatformSnapshot:
    """A look in which these lists were read; all others of logins are empty, and those of `unknown` could not be read."""
    usual: dict[str, Sequence[Json]] = dict.fromkeys((OAUTHS, AUTHENTICATIONS, OPERATORS, BINDINGS, ROLES, USERS, GROUPS), ())
    listed = {name: Listed("read", tuple(found)) for name, found in {**usual, **(lists or {})}.items()}
    for name in unknown:
        listed[name] = Listed("forbidden", reason=f"the account may not list {name}")
    return PlatformSnapshot(listed, named or {})
