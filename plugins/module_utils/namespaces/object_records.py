# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of objects that were compared."""

from __future__ import annotations

from ..common.artifact import JsonRecord
from ..common.write_findings import NOT_EVALUATED, Finding
from .vocabulary import part_of, path_of


def object_record(found: Finding) -> JsonRecord:
    """The record of an object that was compared."""
    return {
        "kind": "object",
        "id": found.key.text,
        "name": found.key.name,
        "part": part_of(found.key),
        "state": found.state,
        "result": found.result,
        "action": found.action,
        "fields": list(found.fields),
        "path": path_of(found.key),
        "awaits": "",
        "validated": found.result != NOT_EVALUATED,
    }
