# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Identity for real: Keycloak, which issues tokens and keeps groups, and an LDAP server with groups of its own.

`with keycloak() as server, server.realm(Realm({"anna": ("team-erp",)})) as realm:` gives a realm whose users get ID tokens;
`with directory(users=("anna",), groups={"team-erp": ("anna",)}) as found:` gives a directory over LDAP and LDAPS. Both listen on
this machine alone, with certificates of an authority of their own and random passwords.
"""

from __future__ import annotations

from tests.counterparts.identity.keycloak import KeycloakServer, keycloak, shared_keycloak
from tests.counterparts.identity.ldap import Directory, directory
from tests.counterparts.identity.realm import Keycloak, OidcClient, Realm
from tests.counterparts.identity.web import IdentityError, frozen

__all__ = [
    "Directory",
    "IdentityError",
    "Keycloak",
    "KeycloakServer",
    "OidcClient",
    "Realm",
    "directory",
    "frozen",
    "keycloak",
    "shared_keycloak",
]
