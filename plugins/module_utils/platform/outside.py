# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was tried and asked outside the cluster before anything is planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .identity.directories import DirectoryRead
from .identity.outside import LoginsSeen
from .monitoring.promql import PromqlSeen


@dataclass(frozen=True, slots=True)
class Outside:
    """All of it; `directories` are by the name that the document gives them."""

    logins: LoginsSeen = field(default_factory=LoginsSeen)
    directories: Mapping[str, DirectoryRead] = field(default_factory=dict)
    promql: PromqlSeen | None = None
    """what promtool said of the document's own rules; None where it was not asked"""
