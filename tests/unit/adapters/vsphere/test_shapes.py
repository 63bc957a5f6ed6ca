# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A shape gives what the scanner gives for every element that it takes, and takes no others."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.scanner import NotPlain, scanned
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.shapes import Shapes, shape_of
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.adapters.vsphere.test_scanner import ATTRIBUTES, ELEMENTS, element

END = "</VirtualDevice>"
DISK = (
    '<VirtualDevice xsi:type="VirtualDisk"><key>{}</key><deviceInfo xsi:type="Description"><label>{}</label></deviceInfo>'
    '<backing xsi:type="Flat"><datastore type="Datastore">{}</datastore><split>false</split></backing><device>{}</device>'
    '<device>2</device><names xsi:type="ArrayOfString"><string>a</string></names>'
)
MEMBERS = st.builds(
    lambda attributes, inner: element("VirtualDevice", attributes, inner).removesuffix(END),
    ATTRIBUTES,
    st.lists(ELEMENTS, min_size=1, max_size=4).map("".join),
)
PLAIN = st.text(alphabet='ab> "\t\n\u00e9\ud55c', max_size=6)


def by_shape(learned: str, text: str) -> Any:
    """What the shape of one element makes of another; None where it takes it not."""
    shape = shape_of(learned, END, {})
    found = shape.match(text)
    return None if found is None else shape.node(found.groups())


def by_scanner(text: str) -> Any:
    return scanned(text + END, {})["VirtualDevice"]


@given(MEMBERS, MEMBERS)
def test_element_that_a_shape_takes_is_read_as_the_scanner_reads_it(learned: str, text: str) -> None:
    try:
        expected = by_scanner(learned)
    except NotPlain:
        return
    if "&" not in learned:
        assert by_shape(learned, learned) == expected
        assert (found := by_shape(learned, text)) is None or found == by_scanner(text)


@given(st.tuples(PLAIN, PLAIN, PLAIN, PLAIN))
def test_elements_with_the_same_tags_have_one_shape(texts: tuple[str, str, str, str]) -> None:
    text = DISK.format(*texts)
    found = by_shape(DISK.format("2000", "Hard disk 1", "datastore-1", "1"), text)
    assert found == (by_scanner(text) if texts[2] else None)


@pytest.mark.parametrize(
    "odd",
    [
        DISK.format("&lt;", "a", "b", "c"),
        DISK.format("\x01", "a", "b", "c"),
        DISK.format("\r", "a", "b", "c"),
        DISK.format("<a>1</a>", "a", "b", "c"),
        DISK.format("1", "a", "", "c"),
        DISK.format("1", "a", "b", "c") + "<more>1</more>",
        DISK.format("1", "a", "b", "c").replace("split", "joined"),
        DISK.format("1", "a", "b", "c").replace("VirtualDisk", "VirtualCdrom"),
        DISK.format("1", "a", "b", "c").replace("Datastore", "Network"),
    ],
)
def test_element_with_other_tags_or_odd_texts_is_left_to_the_scanner(odd: str) -> None:
    assert by_shape(DISK.format("2000", "Hard disk 1", "datastore-1", "1"), odd) is None


def test_shape_is_learned_of_what_comes_often() -> None:
    shapes = Shapes({})
    for number in range(50):
        assert shapes.read(DISK.format(number, "a", "b", "c")) is None
        shapes.missed(DISK.format(number, "a", "b", "c"), END)
    text = DISK.format("51", "d", "e", "f")
    assert shapes.read(text) == (by_scanner(text), False)
    assert shapes.read("<VirtualDevice><key>1</key>") is None


@pytest.mark.parametrize(("text", "is_flat"), [("<VirtualDevice><a>1</a><b></b>", True), ("<VirtualDevice><a>1</a><a>1</a>", False)])
def test_flat_elements_are_told_from_others(text: str, is_flat: bool) -> None:
    shapes = Shapes({})
    for _turn in range(50):
        shapes.missed(text, END)
    assert shapes.read(text) == (by_scanner(text), is_flat)
