# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every condition that the preflight answers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from .catalogue_objects import OBJECTS
from .catalogue_plans import PLANS, VMS
from .catalogue_silent import SILENT
from .entry import Condition

COMMIT: Final = "d42511bb"
"""The commit of Forklift (21 August 2026) that the sources name."""

CONDITIONS: Final[Mapping[str, Condition]] = MappingProxyType({condition.id: condition for condition in (*OBJECTS, *PLANS, *VMS, *SILENT)})
"""The conditions by id, by subject and in the order of judging."""


def of_scope(scope: str) -> list[Condition]:
    """The conditions that ask about this kind of thing."""
    return [condition for condition in CONDITIONS.values() if scope in condition.scopes]
