# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is listed for the identity part. Secrets are in no list: they are read by name."""

from __future__ import annotations

from typing import Final

from ...target.readings import Resource
from .login_readings import LOGIN_RESOURCES, OPERATORS
from .rbac import RBAC_RESOURCES

SYNC_RESOURCES: Final = (
    Resource(
        "redhatcop.redhat.io", ("v1alpha1",), "groupsyncs", "GroupSync", True, (), ("from where groups are synced, and how that goes",)
    ),
)
RESOURCES: Final[tuple[Resource, ...]] = (*LOGIN_RESOURCES, *RBAC_RESOURCES, *SYNC_RESOURCES)
"""Lists of this part alone."""

SHARED: Final = ("groups.user.openshift.io", OPERATORS)
"""Lists of other parts that this one is judged by as well."""
