# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which licence is assigned to which host: one call for all of them. Keys stay where they are."""

from __future__ import annotations

from ...estate.vsphere.licenses import AssignedLicenses
from ...estate.vsphere.objects import Reference, many
from .connection import Connection
from .services import TROUBLES, read_object, reason_of, understood

MANAGER_PATH = "licenseAssignmentManager"


def read_licenses(connection: Connection) -> AssignedLicenses:
    """The names of the assigned licences; never an error: what went wrong is the reason why there are none."""
    manager = connection.content.licenseManager
    if manager is None:
        return AssignedLicenses(None, "the server has no licence manager")
    reason = ""
    try:
        read = read_object(connection, manager, (MANAGER_PATH,))
        assignments = read.values.get(MANAGER_PATH)
        if not isinstance(assignments, Reference):
            return AssignedLicenses(None, read.missing.get(MANAGER_PATH, "the server does not assign licences"))
        answer = connection.invoke(connection.managed(assignments), "QueryAssignedLicenses")
        with understood():
            return AssignedLicenses(
                {str(node["entityId"]): str(node["assignedLicense"].get("name", "")) for node in many(answer, "returnval")}
            )
    except TROUBLES as error:
        reason = reason_of(error)
    return AssignedLicenses(None, f"licences could not be read: {reason}")
