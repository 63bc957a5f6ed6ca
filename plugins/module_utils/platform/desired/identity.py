# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The section `identity` of the desired-state document: who logs in how, where groups come from, and what personas may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .keys import ABSENT, MAY_LACK, NAME, NAMESPACE, PRESENT, key

OPENID, LDAP, HTPASSWD = "OpenID", "LDAP", "HTPasswd"
PROVIDER_TYPES: Final = (OPENID, LDAP, HTPASSWD)
CLAIM, LOOKUP, ADD = "claim", "lookup", "add"
MAPPING_METHODS: Final = (CLAIM, LOOKUP, ADD)
INTEGRATED, EXTERNAL_OIDC = "integrated", "oidc"
SOURCES: Final = ("cluster", "ldap", "keycloak")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIdWanted:
    """An OpenID Connect provider of the OAuth server."""

    issuer: str = key("URL of the issuer; it begins with https://")
    client_id: str = key("id of the client")
    client_secret: str = key("Secret in openshift-config with the key clientSecret", pattern=NAME)
    ca: str = key(
        "ConfigMap in openshift-config with the key ca.crt; empty takes the trusted CAs of the host", "", pattern=MAY_LACK.format(NAME)
    )
    extra_scopes: tuple[str, ...] = key("scopes beside openid", ())
    preferred_username: tuple[str, ...] = key("claims of which the first that is there is the user's name", ("preferred_username",))
    name: tuple[str, ...] = key("claims for the name that is shown", ("name",))
    email: tuple[str, ...] = key("claims for the address", ("email",))
    groups: tuple[str, ...] = key("claims whose groups the user is put into at each login; empty for none", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class LdapWanted:
    """A directory of the OAuth server."""

    url: str = key("ldaps://host:port/baseDN?attribute?scope?filter, as RFC 2255 has it")
    insecure: bool = key("whether no TLS is used: passwords are sent in the clear then, which has to be waived", False)
    bind_dn: str = key("who searches; empty for an anonymous search", "")
    bind_password: str = key("Secret in openshift-config with the key bindPassword", "", pattern=MAY_LACK.format(NAME))
    ca: str = key(
        "ConfigMap in openshift-config with the key ca.crt; empty takes the trusted CAs of the host", "", pattern=MAY_LACK.format(NAME)
    )
    id: tuple[str, ...] = key("attributes of the identity", ("dn",))
    preferred_username: tuple[str, ...] = key("attributes for the user's name", ("uid",))
    name: tuple[str, ...] = key("attributes for the name that is shown", ("cn",))
    email: tuple[str, ...] = key("attributes for the address", ("mail",))


@dataclass(frozen=True, slots=True, kw_only=True)
class HtpasswdWanted:
    """Users with hashed passwords in a Secret."""

    secret: str = key("Secret in openshift-config with the key htpasswd", pattern=NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderWanted:
    """One identity provider of OAuth/cluster. All others in its list are left as they are."""

    name: str = key("its name, which is part of each user's identity: renaming it cuts users off")
    type: str = key("kind of provider", allowed=PROVIDER_TYPES)
    state: str = key("whether it has to be there", PRESENT, allowed=(PRESENT, ABSENT))
    mapping_method: str = key(
        "claim: a name that is taken is refused; lookup: users are made beforehand; add: joins them, which needs `add_signed_off_by`",
        CLAIM,
        allowed=MAPPING_METHODS,
    )
    add_signed_off_by: str = key("add: who answers for users of two providers being one", "")
    adopt: bool = key("whether a provider of that name that is somebody else's, and differs, is taken over or removed all the same", False)
    openid: OpenIdWanted | None = key("settings of type OpenID", None)
    ldap: LdapWanted | None = key("settings of type LDAP", None)
    htpasswd: HtpasswdWanted | None = key("settings of type HTPasswd", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsWanted:
    """How long logins last. What is not given stays as it is."""

    access_token_max_age_seconds: int | None = key("how long a token of the OAuth server is valid", None, least=300)
    inactivity_timeout_seconds: int | None = key("after how long without use it ends; the API allows no less than 300", None, least=300)


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcClientWanted:
    """A component that logs users in itself, such as the console."""

    component: str = key("name of the component", "console")
    namespace: str = key("its namespace", "openshift-console", pattern=NAMESPACE)
    client_id: str = key("id of the client")
    client_secret: str = key(
        "Secret in openshift-config with the key clientSecret; empty for a public client", "", pattern=MAY_LACK.format(NAME)
    )
    extra_scopes: tuple[str, ...] = key("scopes beside openid", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalOidcWanted:
    """Authentication/cluster of type OIDC: the API server takes tokens of that issuer; there are no Users and Groups any more."""

    name: str = key("name of the provider", pattern=NAME)
    issuer: str = key("URL of the issuer; it begins with https://")
    audiences: tuple[str, ...] = key("audiences of which a token has to have one")
    ca: str = key(
        "ConfigMap in openshift-config with the key ca-bundle.crt; empty takes the trusted CAs of the host",
        "",
        pattern=MAY_LACK.format(NAME),
    )
    username_claim: str = key("claim with the user's name", "preferred_username")
    username_prefix: str | None = key(
        "what is put before it; nothing given takes the cluster's rule: the issuer's URL unless the claim is email; empty means none",
        None,
        pattern=MAY_LACK.format(r"\S.*"),
    )
    groups_claim: str = key("claim with the groups", "groups")
    groups_prefix: str = key("what is put before each: bindings have to name the prefixed group", "")
    clients: tuple[OidcClientWanted, ...] = key("components that log users in", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryWanted:
    """Where groups live. Who reads it, and with which password, is the parameter `readiness_directories`, by this name."""

    name: str = key("its name", pattern=NAME)
    kind: str = key("ldap or keycloak", allowed=("ldap", "keycloak"))
    url: str = key("ldaps://host:port, or the base URL of Keycloak, https://host[:port][/path]")
    realm: str = key("keycloak: the realm", "")
    login_realm: str = key("keycloak: realm of the account that GroupSync logs in with; empty for master", "")
    groups_base: str = key("ldap: DN below which the groups are", "")
    groups_filter: str = key("ldap: filter of the groups", "(objectClass=groupOfNames)")
    group_name: str = key("ldap: attribute with a group's name", "cn")
    group_members: str = key("ldap: attribute with the members' DNs", "member")
    users_base: str = key("ldap: DN below which the users are", "")
    user_name: str = key("ldap: attribute with a user's name as the cluster knows it", "uid")


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSyncWanted:
    """A GroupSync of the operator of that name, which does the syncing."""

    name: str = key("its name", pattern=NAME)
    namespace: str = key("namespace of the operator", "group-sync-operator", pattern=NAMESPACE)
    directory: str = key("name of the directory that it syncs from")
    schedule: str = key("when, as five fields of cron", "*/30 * * * *")
    prune: bool = key("whether groups that are gone from the directory go from the cluster; without, leavers keep access", True)
    credentials_secret: str = key("Secret in its namespace with username and password", pattern=NAME)
    ca: str = key("ConfigMap in its namespace with the key ca.crt", "", pattern=MAY_LACK.format(NAME))
    groups: tuple[str, ...] = key("groups to sync; empty for all", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupWanted:
    """A group that has to exist and to have members: an owner, or the bearer of a persona."""

    name: str = key("its name as bindings have it, with the prefix of an external issuer")
    directory: str = key("directory that it has to equal, by name; empty where the cluster itself is its source", "")
    name_there: str = key("its name in the directory; empty for the same", "")
    least_members: int = key("how many members it has at least", 1, least=0)
    personas: tuple[str, ...] = key("personas that it has on the whole cluster; those of namespaces are in their contracts", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonaRule:
    """Some verbs on some resources. `*` stands for all."""

    api_groups: tuple[str, ...] = key("API groups; the core group is an empty text", pattern=MAY_LACK.format(rf"\*|{NAME}"))
    resources: tuple[str, ...] = key("plurals, with /subresource where one is meant")
    verbs: tuple[str, ...] = key("verbs of the API")
    names: tuple[str, ...] = key("names of objects; empty for all", ())
    why: str = key("what it is for, or what it would lead to", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """What people or services of one kind may do, and what they must not, whoever else binds them."""

    purpose: str = key("who it is, in one sentence")
    scope: str = key("where it is meant to be bound", "namespace", allowed=("namespace", "cluster"))
    allow: tuple[PersonaRule, ...] = key("what it may do: everything else is denied")
    deny: tuple[PersonaRule, ...] = key(
        "what it must never be able to do, by whatever binding: what is checked beside what is merely not allowed", ()
    )
    escalation_signed_off_by: str = key("who answers for rights that lead to further rights; without, they are refused", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakGlassWanted:
    """A way in that depends on no identity provider: proven in the same run before logins are changed."""

    users: tuple[str, ...] = key("users or service accounts (system:serviceaccount:ns:name) that are cluster-admins without a provider", ())
    kubeconfig: str = key(
        "file on the controller with a client certificate or token of one of them; its path is data, its content is never shown", ""
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The identity part."""

    mode: str = key("integrated: the OAuth server; oidc: an external issuer", INTEGRATED, allowed=(INTEGRATED, EXTERNAL_OIDC))
    providers: tuple[ProviderWanted, ...] = key("identity providers of OAuth/cluster; others in its list are left alone", ())
    sessions: SessionsWanted = key("how long logins last", SessionsWanted())
    external_oidc: ExternalOidcWanted | None = key("the external issuer of mode oidc", None)
    directories: tuple[DirectoryWanted, ...] = key("directories in which groups live", ())
    group_syncs: tuple[GroupSyncWanted, ...] = key("GroupSyncs", ())
    groups: tuple[GroupWanted, ...] = key("groups that have to be there", ())
    personas: Mapping[str, Persona] = key("personas beside the shipped ones; equal names replace them", {})
    break_glass: BreakGlassWanted = key("the way in that depends on no provider", BreakGlassWanted())
