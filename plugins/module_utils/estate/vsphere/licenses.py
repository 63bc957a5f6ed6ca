# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which licences hosts and the vCenter run under, where it was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...common.artifact import JsonRecord


@dataclass(frozen=True, slots=True)
class AssignedLicenses:
    """Names of the licences that are assigned (LicenseAssignmentManager.QueryAssignedLicenses), by what they are assigned to.

    `names` maps the managed object id of a host, or the instance UUID of the vCenter, to the name of its licence, never to
    its key; what is not in it has none. None is not read, with the reason.
    """

    names: Mapping[str, str] | None
    reason: str = ""

    def note(self, record: JsonRecord, entity: str) -> None:
        """Adds the licence of an object to its record."""
        if self.names is not None:
            record["license"] = self.names.get(entity, "")
