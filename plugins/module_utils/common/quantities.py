# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quantities of the Kubernetes API, exact.

A quantity is a number with a binary suffix (`16Gi`), a decimal one (`1500m`, `12E`) or an exponent (`1e3`); in JSON it may
also stand as a plain number.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any, Final

_FORM: Final = re.compile(
    r"(?P<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))(?:(?P<suffix>[KMGTPE]i|[numkMGTPE])|[eE](?P<exponent>[+-]?[0-9]{1,3}))?"
)
_LONGEST: Final = 64
_POWERS: Final = {"n": -3, "u": -2, "m": -1, "": 0, "k": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}
_FACTORS: Final = {
    **{suffix: Fraction(1000) ** power for suffix, power in _POWERS.items()},
    **{f"{letter}i": Fraction(1024) ** power for power, letter in enumerate("KMGTPE", 1)},
}


def exact(text: str) -> Fraction | None:
    """What a quantity comes to in its base unit; None for a text that is none."""
    if len(text) > _LONGEST or not (found := _FORM.fullmatch(text)):
        return None
    value = Fraction(found["number"].rstrip(".")) * _FACTORS[found["suffix"] or ""]
    return value * Fraction(10) ** int(found["exponent"]) if found["exponent"] else value


def text_of(quantity: Any) -> str:
    """The quantity as it stands in text; empty for what can be none."""
    if quantity.__class__ is str:
        return str(quantity)
    return repr(quantity) if quantity.__class__ in (int, float) else ""


def cpu_text(value: float) -> int | str:
    """CPUs as a whole number, or in thousandths."""
    return int(value) if float(value).is_integer() else f"{round(value * 1000)}m"


def memory_text(gib: float) -> str:
    """Memory in GiB, or in MiB where it is no whole number of them."""
    return f"{int(gib)}Gi" if float(gib).is_integer() else f"{round(gib * 1024)}Mi"
