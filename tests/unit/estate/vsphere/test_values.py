# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From texts on the wire to values."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere import values
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.objects import Reference
from hypothesis import given
from hypothesis import strategies as st

CONVERTERS = [
    values.text,
    values.name,
    values.repeated,
    values.lower,
    values.flag,
    values.setting_flag,
    values.whole,
    values.count,
    values.limit,
    values.mib,
    values.moment,
    values.hardware_version,
    values.numbers,
    values.reference,
    values.references,
]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-05-17T02:10:00Z", "2026-05-17T02:10:00Z"),
        ("2026-05-17T02:10:00.999999Z", "2026-05-17T02:10:00Z"),
        ("2026-05-17T02:10:00+02:00", "2026-05-17T00:10:00Z"),
        ("2026-01-01T00:30:00.5+01:00", "2025-12-31T23:30:00Z"),
        ("2026-05-17T02:10:00", "2026-05-17T02:10:00Z"),
        ("1970-01-01T00:00:00Z", None),
        ("2026-13-45T99:99:99+00:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_moment_is_in_utc_without_fractions(written: str, read: str | None) -> None:
    assert values.moment(written) == read


@pytest.mark.parametrize(("written", "read"), [("a%2fb", "a/b"), ("50%25", "50%"), ("x%5Cy", "x\\y"), ("a%20b", "a%20b"), ("", "")])
def test_name_is_unescaped_as_vsphere_escapes_it(written: str, read: str) -> None:
    assert values.name(written) == read


@pytest.mark.parametrize(("written", "read"), [("true", True), ("false", False), ("1", True), ("0", False), ("yes", None), ("", None)])
def test_flag_is_a_boolean_of_xml(written: str, read: bool | None) -> None:
    assert values.flag(written) is read


@pytest.mark.parametrize(("written", "read"), [("TRUE", True), ("yes", True), ("FALSE", False), ("", False), ("perhaps", None)])
def test_advanced_setting_is_a_boolean_in_any_spelling(written: str, read: bool | None) -> None:
    assert values.setting_flag(written) is read


def test_numbers_know_what_cannot_be_negative() -> None:
    assert values.whole("-5") == -5
    assert values.count("-5") is None
    assert (values.limit("-1"), values.limit("-2"), values.limit("8")) == (-1, None, 8)
    assert values.mib(str((3 << 20) + 1)) == 3
    assert values.numbers(["0", "7"]) == [0, 7]
    assert values.numbers(["0", "x"]) is None
    assert values.hardware_version("vmx-21") == 21


@given(node=st.one_of(st.none(), st.text(), st.lists(st.text()), st.dictionaries(st.text(), st.text()), st.just(Reference("A", "b"))))
def test_no_converter_stumbles_over_any_node(node: Any) -> None:
    for convert in CONVERTERS:
        convert(node)


@given(number=st.integers())
def test_whole_number_comes_back(number: int) -> None:
    assert values.whole(str(number)) == number
