# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was tried and asked outside the cluster before logins are planned: break-glass, and servers that log users in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .endpoints import Endpoint, EndpointSeen
from .lockout import BreakGlass


@dataclass(frozen=True, slots=True)
class LoginsSeen:
    """What was tried and asked outside the cluster before logins are planned."""

    proof: BreakGlass | None = None
    """break-glass as it was tried in this run; None where it was not"""
    probed: Mapping[Endpoint, EndpointSeen] = field(default_factory=dict)
    left_out: str = ""
    """why no server was asked; empty where they were"""
