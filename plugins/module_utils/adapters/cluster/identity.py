# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which cluster is on the other end of a connection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .client import ApiConnection, ApiFault

_VERSION: Final = "/apis/config.openshift.io/v1/clusterversions/version"
_SYSTEM: Final = "/api/v1/namespaces/kube-system"


def cluster_identity(connection: ApiConnection) -> str:
    """The id of its ClusterVersion, else the UID of its namespace kube-system; empty where the account may see neither."""
    own = _mapping(_read(connection, _VERSION).get("spec")).get("clusterID")
    return str(own or _mapping(_read(connection, _SYSTEM).get("metadata")).get("uid") or "")


def _read(connection: ApiConnection, path: str) -> Mapping[str, Any]:
    try:
        return connection.get(path)
    except ApiFault as fault:
        if fault.code in (403, 404):
            return {}
        raise connection.error(f"it cannot be told which cluster it is: {fault.message}", "cluster_refused", "Run it again.") from fault


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
