# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What objects of a contract are called, and which labels and annotations its namespace bears."""

from __future__ import annotations

from typing import Final

from ..common.write_findings import LABEL_PREFIX
from ..platform.monitoring.facts import OWNER_LABEL

OWNER: Final = OWNER_LABEL
CLASSIFICATION: Final = f"{LABEL_PREFIX}classification"
COST_CENTRE: Final = f"{LABEL_PREFIX}cost-centre"
JURISDICTION: Final = f"{LABEL_PREFIX}jurisdiction"
"""Labels of the namespace."""

EXPIRES: Final = f"{LABEL_PREFIX}expires"
OWNER_GROUP: Final = f"{LABEL_PREFIX}owner-group"
CONTACT: Final = f"{LABEL_PREFIX}contact"
TICKET: Final = f"{LABEL_PREFIX}ticket"
"""Annotations of the namespace: a group, an address or a ticket may hold what a label cannot."""

PREFIX: Final = "readiness-"
"""What names of objects in a namespace begin with that nobody else names."""

QUOTA: Final = f"{PREFIX}quota"
LIMITS: Final = f"{PREFIX}limits"
NETWORK: Final = f"{PREFIX}network"
DATA: Final = f"{PREFIX}data-sources"

OWNERS: Final = "owners"
"""What the place of an object begins with that namespaces of one owner share."""

SHARED_PREFIX: Final = "groundwork-readiness-"
"""What names of objects that owners share begin with: they belong to no namespace."""


def owner_object(owner: str) -> str:
    """Name of an owner's ClusterResourceQuota and ClusterQueue."""
    return f"{SHARED_PREFIX}{owner}"
