# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All checks of the platform stage: those of each part, and those of the cluster as a whole. docs/platform.md shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .accelerators.check_list import CHECKS as ACCELERATORS
from .checks import Check, by_id
from .cluster_checks import CHECKS as CLUSTER
from .delivery.check_list import CHECKS as DELIVERY
from .identity.access_checks import ACCESS_CHECKS
from .identity.check_list import CHECKS as LOGINS
from .identity.group_checks import GROUP_CHECKS
from .monitoring.check_list import CHECKS as MONITORING
from .monitoring.dashboard_checks import DASHBOARD_CHECKS
from .monitoring.route_checks import ROUTE_CHECKS
from .monitoring.watch_checks import WATCH_CHECKS
from .olm.check_list import CHECKS as OPERATORS
from .openshift_ai.check_list import CHECKS as OPENSHIFT_AI
from .prerequisites.check_list import CHECKS as PREREQUISITES

ALL_CHECKS: Final[tuple[Check, ...]] = (
    *CLUSTER,
    *PREREQUISITES,
    *OPERATORS,
    *ACCELERATORS,
    *OPENSHIFT_AI,
    *LOGINS,
    *GROUP_CHECKS,
    *ACCESS_CHECKS,
    *MONITORING,
    *ROUTE_CHECKS,
    *WATCH_CHECKS,
    *DASHBOARD_CHECKS,
    *DELIVERY,
)

CHECKS_BY_ID: Final[Mapping[str, Check]] = by_id(ALL_CHECKS)
