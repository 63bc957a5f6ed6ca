# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is tried and asked outside the cluster: break-glass, servers that log users in, directories, and promtool."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from ...common.write_findings import listed
from ...platform.identity.endpoints import endpoints_of
from ...platform.identity.lockout import BreakGlass
from ...platform.identity.outside import LoginsSeen
from ...platform.monitoring.promql import PromqlSeen
from ...platform.outside import Outside
from ...platform.snapshot import PlatformSnapshot
from ..cluster_arguments import ClusterSettings, environment_value
from ..directory.reading import read_directories
from .break_glass import prove
from .endpoints import probe_endpoints
from .promtool import judge_rules
from .request import PlatformRequest

IDENTITY, MONITORING = "identity", "monitoring"
_BESIDE: Final = (
    "host",
    "api_key",
    "username",
    "password",
    "context",
    "client_cert",
    "client_key",
    "impersonate_user",
    "impersonate_groups",
)


def look_outside(request: PlatformRequest, snapshot: PlatformSnapshot) -> Outside:
    """What was seen; of a part that the call is not about nothing is asked. What a server does or lacks is in the answer."""
    promql = _promql(request)
    if IDENTITY not in request.parts:
        return Outside(promql=promql)
    wanted = request.desired.identity
    users = wanted.break_glass.users if wanted else ()
    last_until = time.time() + 60 * (request.wait_minutes + request.lock_wait_minutes)
    proof = _proof(request.break_glass, snapshot.cluster.id, users, last_until) if request.break_glass is not None else None
    if wanted is None:
        return Outside(LoginsSeen(proof), promql=promql)
    probed = probe_endpoints(endpoints_of(wanted), snapshot)
    return Outside(LoginsSeen(proof, probed), read_directories(wanted, request.directories), promql)


def _promql(request: PlatformRequest) -> PromqlSeen | None:
    wanted = request.desired.monitoring
    return judge_rules(wanted.rules, request.promtool) if MONITORING in request.parts and wanted is not None else None


def _proof(settings: ClusterSettings, cluster: str, users: Sequence[str], last_until: float) -> BreakGlass:
    """Whether the kubeconfig by itself is a way in: what the environment would put in its place proves nothing."""
    if given := [name for name in _BESIDE if environment_value(name)]:
        names = listed([f"K8S_AUTH_{name.upper()}" for name in given])
        return BreakGlass(False, "", f"the environment has {names}, which would be used in place of the kubeconfig's own: run it without")
    return prove(settings, cluster, users, last_until)
