# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of headroom."""

from __future__ import annotations

from typing import Final

from ..common.findings import WARNING
from ..platform.checks import Check

HEADROOM: Final = Check(
    "namespaces.grants.headroom",
    "namespaces",
    "grants",
    "A grant of which nothing is used would run at least one pod now",
    "see what binds: raise that quota or queue, free nodes of the class, or give the grant back",
    "status of quotas and queues; allocatable of the nodes; what pods on them request",
    WARNING,
)

CHECKS: Final[tuple[Check, ...]] = (HEADROOM,)
