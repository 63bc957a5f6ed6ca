# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quantities of the Kubernetes API become whole numbers, exactly."""

from __future__ import annotations

from decimal import Decimal
from math import ceil
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.target.objects import base_units
from ansible_collections.groundwork.readiness.plugins.module_utils.target.quantities import LARGEST, millis, whole
from hypothesis import given
from hypothesis import strategies as st

BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("16Gi", 17179869184),
        ("1e3", 1000),
        ("1E3", 1000),
        ("12E", LARGEST),
        ("2E", 2 * 10**18),
        ("1.5Gi", 1610612736),
        ("0.5", 1),
        ("1500m", 2),
        ("128974848000m", 128974848),
        (".5k", 500),
        ("5.", 5),
        ("+3", 3),
        ("-2", -2),
        ("0", 0),
        (12, 12),
        (0.5, 1),
        ("1e-3", 1),
        ("1e999", LARGEST),
    ],
)
def test_quantity_in_base_units_is_rounded_up_as_kubernetes_does(text: Any, expected: int) -> None:
    assert whole(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("1500m", 1500), ("2", 2000), ("0.1", 100), ("100u", 1), (1, 1000), (1.5, 1500), ("12n", 1)]
)
def test_quantity_in_thousandths_is_exact(text: Any, expected: int) -> None:
    assert millis(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "Gi", "1 Gi", "1gi", "1KI", "abc", "1e", "1e1234", "1.2.3", "٣", "1" * 65, None, True, [], {}, "1Gi\n", "0x10", float("nan")],
)
def test_what_is_no_quantity_is_unknown(text: Any) -> None:
    assert whole(text) is None
    assert millis(text) is None


@given(st.integers(0, 10**6), st.sampled_from(sorted(BINARY)))
def test_binary_suffix_is_a_power_of_1024(number: int, suffix: str) -> None:
    assert whole(f"{number}{suffix}") == min(LARGEST, number * 1024 ** BINARY[suffix])


@given(st.decimals(0, 10**6, allow_nan=False, allow_infinity=False, places=4), st.sampled_from(sorted(DECIMAL)))
def test_decimal_suffix_is_a_power_of_ten_and_the_same_as_its_exponent(number: Decimal, suffix: str) -> None:
    expected = number.scaleb(DECIMAL[suffix])
    assert whole(f"{number}{suffix}") == min(LARGEST, ceil(expected))
    assert millis(f"{number}{suffix}") == min(LARGEST, ceil(expected * 1000))
    assert whole(f"{number}e{DECIMAL[suffix]}") == whole(f"{number}{suffix}")


@given(st.integers(0, 2**63 - 1))
def test_whole_number_survives_a_round_trip(number: int) -> None:
    assert whole(str(number)) == whole(number) == number
    assert millis(f"{number}m") == number


@given(st.text(max_size=8))
def test_any_text_is_a_number_or_unknown(text: str) -> None:
    assert whole(text) is None or isinstance(whole(text), int)


@pytest.mark.parametrize(
    ("resource", "expected"),
    [("cpu", 1500), ("requests.cpu", 1500), ("limits.cpu", 1500), ("memory", 2), ("requests.storage", 2), ("count/x.cpu.io", 2)],
)
def test_cpu_is_counted_in_millicores_and_everything_else_in_its_base_unit(resource: str, expected: int) -> None:
    assert base_units(resource, "1500m") == expected
