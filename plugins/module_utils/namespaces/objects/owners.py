# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an owner gets over all of its namespaces: a ClusterResourceQuota for accelerators, which no further namespace widens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ...common.owned_fields import ApiObject
from ..grants import quota_keys
from ..terms import OWNER, owner_object

API_VERSION: Final = "quota.openshift.io/v1"


def cluster_resource_quota(owner: str, devices: Mapping[str, int]) -> ApiObject:
    """The quota over all namespaces with the owner's label; devices by resource, each that is known."""
    return {
        "apiVersion": API_VERSION,
        "kind": "ClusterResourceQuota",
        "metadata": {"name": owner_object(owner)},
        "spec": {"selector": {"labels": {"matchLabels": {OWNER: owner}}}, "quota": {"hard": quota_keys(devices)}},
    }
