# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of a cluster for its logins: how users log in, and who of them is a cluster-admin."""

from __future__ import annotations

from typing import Final

from ...target.readings import Resource

_RBAC: Final = "rbac.authorization.k8s.io"
_CONFIG: Final = "config.openshift.io"
_USER: Final = "user.openshift.io"

OAUTHS: Final = f"oauths.{_CONFIG}"
AUTHENTICATIONS: Final = f"authentications.{_CONFIG}"
OPERATORS: Final = f"clusteroperators.{_CONFIG}"

LOGIN_RESOURCES: Final = (
    Resource(_CONFIG, ("v1",), "oauths", "OAuth", False, (), ("the identity providers",)),
    Resource(
        _CONFIG, ("v1",), "authentications", "Authentication", False, (), ("whether the OAuth server or an external issuer logs users in",)
    ),
    Resource(_RBAC, ("v1",), "clusterrolebindings", "ClusterRoleBinding", False, (), ("who is a cluster-admin",)),
    Resource(_RBAC, ("v1",), "clusterroles", "ClusterRole", False, (), ("which roles may do everything",)),
    Resource(_USER, ("v1",), "users", "User", False, (), ("through which provider each user logs in",)),
)
"""Beside these, Groups and ClusterOperators are looked at, which other parts list already."""
