# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages give the same objects by the fast reader and by the real parser."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.plain_pages import PlainPages
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.scanner import NotPlain
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.soap import Decoder, Refused, SoapError, read_page
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.adapters.vsphere.fake_server import ENVELOPE, missing, result, text_value
from tests.unit.adapters.vsphere.test_scanner import ATTRIBUTES, ELEMENTS, TEXTS, element, escaped

MEMBER = '<VirtualDevice xsi:type="VirtualIDEController"><key>200</key><busNumber>0</busNumber></VirtualDevice>'
VALUES = st.one_of(
    st.builds(element, st.just("val"), ATTRIBUTES, TEXTS.map(escaped)),
    st.builds(element, st.just("val"), ATTRIBUTES, st.lists(ELEMENTS, min_size=1, max_size=3).map("".join)),
    st.builds(element, st.just("val"), st.just(' xsi:type="ArrayOfVirtualDevice"'), st.integers(1, 3).map(lambda count: MEMBER * count)),
)
PROPERTIES = st.builds(
    lambda name, value: f"<propSet><name>{name}</name>{value}</propSet>", st.sampled_from(["name", "config.hardware.device", "x"]), VALUES
)
REFUSALS = st.sampled_from(["", missing("config", "NoPermission", "Denied.", "<privilegeId>System.Read</privilegeId>")])
OBJECTS = st.builds(
    lambda number, properties, refusal: f'<objects><obj type="VirtualMachine">vm-{number}</obj>{"".join(properties)}{refusal}</objects>',
    st.integers(1, 9),
    st.lists(PROPERTIES, max_size=4),
    REFUSALS,
)


def parsed(body: bytes) -> tuple[list[Refused], dict[str, Any]]:
    """What the real parser makes of a page."""
    taken: list[Refused] = []
    decoder = Decoder(taken.append)
    decoder.feed(body)
    return taken, decoder.close()


def page_of(*objects: str) -> bytes:
    declared = 'xmlns="urn:vim25" xmlns:ns="urn:x"'
    return ENVELOPE.format(
        f"<RetrievePropertiesExResponse {declared}><returnval>{''.join(objects)}</returnval></RetrievePropertiesExResponse>"
    ).encode()


@given(st.lists(OBJECTS, max_size=4))
def test_page_is_read_as_the_parser_reads_it(objects: list[str]) -> None:
    body = page_of(*objects)
    try:
        expected = parsed(body)
    except SoapError as error:  # text that no XML may hold
        with pytest.raises(type(error)):
            read_page([body[:200], body[200:]])
    else:
        assert read_page([body[:200], body[200:]]) == expected


def test_usual_page_is_not_left_to_the_parser() -> None:
    device = f'<val xsi:type="ArrayOfVirtualDevice">{MEMBER}{MEMBER}</val>'
    one = (
        '<objects><obj type="VirtualMachine">vm-1</obj>'
        f"<propSet><name>name</name>{text_value('a & b')}</propSet><propSet><name>config.hardware.device</name>{device}</propSet>"
        f"{missing('config.extraConfig', 'NoPermission')}</objects>"
    )
    two = '<objects><obj type="VirtualMachine">vm-2</obj></objects>'
    (first, second) = PlainPages().objects((one + two).encode())
    assert first.values["name"] == "a & b"
    assert [device["key"] for device in first.values["config.hardware.device"]] == ["200", "200"]
    assert second.values == {}
    assert set(second.rest) == {"obj"}


@pytest.mark.parametrize(
    "odd",
    [
        "<objects>",
        "<other><objects></objects></other>",
        "<objects><propSet>text</propSet></objects>",
        "<objects><propSet><val>1</val><name>a</name></propSet></objects>",
        "<objects><propSet><name>a&amp;b</name><val>1</val></propSet></objects>",
        '<objects><propSet><name>a</name><val xsi:type="ArrayOfX"><a>1</a><b>2</b></val></propSet></objects>',
        '<objects><propSet><name>a</name><val xsi:type="ArrayOfX"><a><a>1</a></a></val></propSet></objects>',
        "<objects><propSet><name>a</name><val>1<!-- 2 --></val></propSet></objects>",
        "<objects><propSet><name>a</name><val>\x01</val></propSet></objects>",
        "<objects><propSet><name>a</name><val>1</val></propSet><propSet><name>a</name><val>\x01</val></propSet></objects>",
        "<objects><propSet><name>a</name><val>1</val></propSet><propSet><name>a</name><val>12</wal></propSet></objects>",
        "<objects><propSet><name>a\x01</name><val>1</val></propSet></objects>",
        "<objects><propSet><name>a</name><val x='\x01'>1</val></propSet></objects>",
        "<objects><propSet><name>a</name><val x='ArrayOfX'><a>\r</a></val></propSet></objects>",
        '<objects><propSet><name>a</name><val xsi:type="ArrayOfX"><a><b>\x01</b></a></val></propSet></objects>',
        "<objects><obj>\x01</obj></objects>",
        "<objects></objects>\x0b<objects></objects>",
        "<objects></objects><propSet><name>a</name><val>1</val></propSet><objects></objects>",
    ],
)
def test_what_is_not_usual_is_left_to_the_parser(odd: str) -> None:
    with pytest.raises(NotPlain):
        PlainPages().objects(odd.encode())


def test_object_without_a_reference_is_refused_by_either_reader() -> None:
    body = ENVELOPE.format(result("RetrievePropertiesEx", "<returnval><objects><obj>vm-1</obj></objects></returnval>")).encode()
    with pytest.raises(SoapError, match="an object without a reference"):
        read_page([body])
