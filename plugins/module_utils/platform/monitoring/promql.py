# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What promtool said of rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PromqlSeen:
    """What promtool said of the document's own rules."""

    faults: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """rules, as `namespace/name`, to what is wrong with them; () for nothing"""
    reason: str = ""
    """why it judged none of them though it is at hand; empty where it did"""

    @property
    def judged(self) -> bool:
        """Whether it judged the rules."""
        return not self.reason
