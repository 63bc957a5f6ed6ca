# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quantities of the Kubernetes API, exact, as whole numbers: what is no whole number is rounded up, as Kubernetes does.

A quantity is a number with a binary suffix (`16Gi`), a decimal one (`1500m`, `12E`) or an exponent (`1e3`); in JSON it may
also stand as a plain number.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from math import ceil
from typing import Any, Final

MILLI: Final = 1000
LARGEST: Final = 2**63 - 1
"""Kubernetes holds larger ones at this value."""

_FORM: Final = re.compile(
    r"(?P<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))(?:(?P<suffix>[KMGTPE]i|[numkMGTPE])|[eE](?P<exponent>[+-]?[0-9]{1,3}))?"
)
_LONGEST: Final = 64
_POWERS: Final = {"n": -3, "u": -2, "m": -1, "": 0, "k": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}
_FACTORS: Final = {
    **{suffix: Fraction(1000) ** power for suffix, power in _POWERS.items()},
    **{f"{letter}i": Fraction(1024) ** power for power, letter in enumerate("KMGTPE", 1)},
}


def whole(quantity: Any) -> int | None:
    """The quantity in its base unit (bytes, objects), rounded up; None for what is none."""
    return _scaled(_text_of(quantity), 1)


def millis(quantity: Any) -> int | None:
    """The quantity in thousandths of its base unit (millicores), rounded up; None for what is none."""
    return _scaled(_text_of(quantity), MILLI)


def _text_of(quantity: Any) -> str:
    if quantity.__class__ is str:
        return str(quantity)
    return repr(quantity) if quantity.__class__ in (int, float) else ""


@lru_cache(maxsize=16384)
def _scaled(text: str, factor: int) -> int | None:
    if len(text) > _LONGEST or not (found := _FORM.fullmatch(text)):
        return None
    value = Fraction(found["number"].rstrip(".")) * _FACTORS[found["suffix"] or ""]
    if found["exponent"]:
        value *= Fraction(10) ** int(found["exponent"])
    return max(-LARGEST, min(LARGEST, ceil(value * factor)))
