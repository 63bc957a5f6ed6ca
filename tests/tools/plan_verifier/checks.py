# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All checks of one plan."""

from __future__ import annotations

from .evidence import Evidence, Violation
from .mapping import check_mapping
from .room import check_room
from .states import check_states
from .waves import check_waves
from .world import World


def violations_of(evidence: Evidence) -> list[Violation]:
    """Everything that the plan does wrong."""
    world = World(evidence)
    found = [*check_states(world), *check_waves(world), *check_room(world), *check_mapping(world)]
    return sorted(set(found), key=lambda entry: (entry.check, entry.subject, entry.text))
