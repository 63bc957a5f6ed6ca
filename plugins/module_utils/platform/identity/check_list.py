# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of logins: providers, what they refer to, the guard against being locked out, sessions, the external issuer."""

from __future__ import annotations

from typing import Final

from ...common.findings import INFORMATION, OBJECT_CHECK, WARNING
from ..checks import Check

PART: Final = "identity"
LAYER: Final = "identity"
_PREFIX: Final = f"platform.{PART}"
_OAUTH: Final = "OpenShift, config.openshift.io/v1 OAuth"
_AUTHENTICATION: Final = "OpenShift, config.openshift.io/v1 Authentication"
_OPERATOR: Final = (
    "cluster-authentication-operator, pkg/controllers/configobservation/oauth: one provider that fails keeps all as they were"
)

PROVIDERS_ENTRY: Final = Check(
    f"{_PREFIX}.providers.entry",
    PART,
    LAYER,
    "Each identity provider of the document stands in the list of OAuth/cluster as it is wanted, and no other of ours does",
    "apply the document, or see who changes the list",
    f"{_OAUTH}, spec.identityProviders, an atomic list",
)
PROVIDERS_OTHERS: Final = Check(
    f"{_PREFIX}.providers.others",
    PART,
    LAYER,
    "No provider of that name is somebody else's, unless it is as the document has it",
    "give the provider another name, make the document say the same, or say adopt: true",
    "document, identity.providers",
    refuses=True,
)
PROVIDERS_HONORED: Final = Check(
    f"{_PREFIX}.providers.honored",
    PART,
    LAYER,
    "The ClusterOperator authentication is available, not degraded and not progressing",
    "see the conditions of ClusterOperator authentication: while one provider cannot be used, no change of the list takes effect",
    _OPERATOR,
)
PROVIDERS_SYSTEM: Final = Check(
    f"{_PREFIX}.providers.mode",
    PART,
    LAYER,
    "Identity providers are wanted where the OAuth server is who logs users in",
    "leave the providers out, or see Authentication/cluster",
    f"{_AUTHENTICATION}, spec.type",
    refuses=True,
)
PROVIDERS_VALID: Final = Check(
    f"{_PREFIX}.providers.valid",
    PART,
    LAYER,
    "No provider in the list is one that OpenShift would refuse or pass over: type, settings, mapping method, name",
    "have whoever owns the provider correct it: while it is so, no change of the list may be taken",
    "OpenShift's API server, admission of config.openshift.io OAuth; the CRD itself lets these pass",
    WARNING,
)
PROVIDERS_CLEAR: Final = Check(
    f"{_PREFIX}.providers.clear_text",
    PART,
    LAYER,
    "No directory gets passwords over a connection that is not encrypted",
    "leave insecure out, with ldaps:// or with a server that takes StartTLS, or waive the check",
    f"{_OAUTH}, ldap.insecure",
    refuses=True,
)
SECRETS_KEYS: Final = Check(
    f"{_PREFIX}.secrets.keys",
    PART,
    LAYER,
    "Each Secret that a provider names is in openshift-config and has its key",
    "create the Secret in openshift-config with that key",
    f"{_OAUTH}: where the Secret or its key is not found, the identity provider is not honored",
    refuses=True,
)
SECRETS_CA: Final = Check(
    f"{_PREFIX}.secrets.ca",
    PART,
    LAYER,
    "Each ConfigMap with a CA that a provider names is in openshift-config and holds a certificate in its key",
    "create the ConfigMap in openshift-config with the PEM certificates in that key",
    f"{_OAUTH}: where the ConfigMap, its key or its data is not valid, the identity provider is not honored",
    refuses=True,
)
LOCKOUT_GUARD: Final = Check(
    f"{_PREFIX}.lockout.guard",
    PART,
    LAYER,
    "No change of logins could leave the cluster without a working login of a cluster-admin, unless break-glass is proven",
    "give identity.break_glass.kubeconfig, with a client certificate or a service account's token that is a cluster-admin",
    "document, identity.break_glass; the cases are those of platform/identity/lockout.py",
    refuses=True,
)
LOCKOUT_WAYS: Final = Check(
    f"{_PREFIX}.lockout.ways_in",
    PART,
    LAYER,
    "Some cluster-admin has a way in that is known: an identity of a provider, or break-glass that is proven",
    "bind a user or group of a provider to cluster-admin and log in once, or prove break-glass",
    "Users, Groups and ClusterRoleBindings to cluster-admin",
    WARNING,
)
LOCKOUT_BREAK_GLASS: Final = Check(
    f"{_PREFIX}.lockout.break_glass",
    PART,
    LAYER,
    "The break-glass access works, is no login by the OAuth server, and may do everything",
    "see why it was not proven, and correct identity.break_glass.kubeconfig",
    "SelfSubjectReview and SelfSubjectAccessReview by that access, in this run",
)
SESSIONS_AGE: Final = Check(
    f"{_PREFIX}.sessions.token_age",
    PART,
    LAYER,
    "Access tokens of the OAuth server are valid as long as the document says",
    "apply the document, or see who changes spec.tokenConfig of OAuth/cluster",
    f"{_OAUTH}, spec.tokenConfig.accessTokenMaxAgeSeconds; 0 and nothing mean 24 hours",
    WARNING,
)
SESSIONS_INACTIVITY: Final = Check(
    f"{_PREFIX}.sessions.inactivity",
    PART,
    LAYER,
    "Access tokens end without use after the time that the document says",
    "apply the document, or see who changes spec.tokenConfig of OAuth/cluster",
    f"{_OAUTH}, spec.tokenConfig.accessTokenInactivityTimeout; accessTokenInactivityTimeoutSeconds has no effect",
    WARNING,
)
SESSIONS_DEAD_FIELD: Final = Check(
    f"{_PREFIX}.sessions.dead_field",
    PART,
    LAYER,
    "No timeout is set in a field that has no effect",
    "set identity.sessions.inactivity_timeout_seconds, and have the field accessTokenInactivityTimeoutSeconds removed",
    f"{_OAUTH}, spec.tokenConfig.accessTokenInactivityTimeoutSeconds is deprecated and has no effect",
    WARNING,
)
SESSIONS_MFA: Final = Check(
    f"{_PREFIX}.sessions.second_factor",
    PART,
    LAYER,
    "Each way to log in asks for a second factor, as far as the cluster can see",
    "ask whoever runs the provider; for what the cluster cannot see its word is needed",
    "OpenID Connect Core, claims acr and amr; passwords of LDAP and HTPasswd are one factor to the OAuth server",
    INFORMATION,
)
EXTERNAL_MODE: Final = Check(
    f"{_PREFIX}.external_oidc.mode",
    PART,
    LAYER,
    "Who logs users in, the OAuth server or an external issuer, is as the document has it",
    "say mode: oidc with identity.external_oidc, or set spec.type of Authentication/cluster yourself, with break-glass at hand",
    f"{_AUTHENTICATION}, spec.type",
    refuses=True,
)
EXTERNAL_PROVIDER: Final = Check(
    f"{_PREFIX}.external_oidc.provider",
    PART,
    LAYER,
    "The external issuer in Authentication/cluster is as the document has it",
    "apply the document, or see who changes Authentication/cluster",
    f"{_AUTHENTICATION}, spec.oidcProviders",
)
EXTERNAL_OTHERS: Final = Check(
    f"{_PREFIX}.external_oidc.others",
    PART,
    LAYER,
    "The one external issuer that a cluster can have is not somebody else's",
    "name the issuer that is there, or have whoever set it remove it",
    f"{_AUTHENTICATION}, spec.oidcProviders holds at most one",
    refuses=True,
)
EXTERNAL_CLIENTS: Final = Check(
    f"{_PREFIX}.external_oidc.clients",
    PART,
    LAYER,
    "Each component that logs users in is one that the cluster knows",
    "name a component of status.oidcClients of Authentication/cluster, or leave it out",
    f"{_AUTHENTICATION}, its validation rule on oidcClients",
    refuses=True,
)
EXTERNAL_PREFIX: Final = Check(
    f"{_PREFIX}.external_oidc.groups_prefix",
    PART,
    LAYER,
    "Groups of the document bear the prefix that the external issuer's groups get",
    "write the prefixed name in identity.groups, and the plain one in name_there",
    f"{_AUTHENTICATION}, claimMappings.groups.prefix: bindings have to name the prefixed group",
    refuses=True,
)
ENDPOINTS_OIDC: Final = Check(
    f"{_PREFIX}.endpoints.oidc",
    PART,
    LAYER,
    "The discovery of each OpenID issuer answers in time, over a trusted connection, and names that very issuer",
    "mend the issuer, its certificate or the CA; where this host cannot reach it though the cluster can, waive the check",
    "OpenID Connect Discovery, section 4; " + _OPERATOR,
    refuses=True,
)
ENDPOINTS_LDAP: Final = Check(
    f"{_PREFIX}.endpoints.ldap",
    PART,
    LAYER,
    "Each LDAP server answers in time, and over a trusted connection unless the document says insecure",
    "mend the server, its certificate or the CA; where this host cannot reach it though the cluster can, waive the check",
    "RFC 4511 and RFC 4513; the OAuth server asks it at each login",
    refuses=True,
)

OBJECTS: Final = Check(
    f"{_PREFIX}.{OBJECT_CHECK}",
    PART,
    LAYER,
    "Every object of identity is as desired",
    "run the playbook in apply mode",
    "document, identity",
)

CHECKS: Final = (
    OBJECTS,
    PROVIDERS_ENTRY,
    PROVIDERS_OTHERS,
    PROVIDERS_HONORED,
    PROVIDERS_SYSTEM,
    PROVIDERS_VALID,
    PROVIDERS_CLEAR,
    SECRETS_KEYS,
    SECRETS_CA,
    LOCKOUT_GUARD,
    LOCKOUT_WAYS,
    LOCKOUT_BREAK_GLASS,
    SESSIONS_AGE,
    SESSIONS_INACTIVITY,
    SESSIONS_DEAD_FIELD,
    SESSIONS_MFA,
    EXTERNAL_MODE,
    EXTERNAL_PROVIDER,
    EXTERNAL_OTHERS,
    EXTERNAL_CLIENTS,
    EXTERNAL_PREFIX,
    ENDPOINTS_OIDC,
    ENDPOINTS_LDAP,
)
