# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one value that says "nobody knows": it is neither empty, nor zero, nor false."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Unknown(Enum):
    """Type of the single value `UNKNOWN`; an absent key in a record stands for the same."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN
