# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quantities of the Kubernetes API as whole numbers: what is no whole number is rounded up, as Kubernetes does."""

from __future__ import annotations

from functools import lru_cache
from math import ceil
from typing import Any, Final

from ..common.quantities import exact, text_of

MILLI: Final = 1000
LARGEST: Final = 2**63 - 1
"""Kubernetes holds larger ones at this value."""


def whole(quantity: Any) -> int | None:
    """The quantity in its base unit (bytes, objects), rounded up; None for what is none."""
    return _scaled(text_of(quantity), 1)


def millis(quantity: Any) -> int | None:
    """The quantity in thousandths of its base unit (millicores), rounded up; None for what is none."""
    return _scaled(text_of(quantity), MILLI)


@lru_cache(maxsize=16384)
def _scaled(text: str, factor: int) -> int | None:
    value = exact(text)
    return None if value is None else max(-LARGEST, min(LARGEST, ceil(value * factor)))
