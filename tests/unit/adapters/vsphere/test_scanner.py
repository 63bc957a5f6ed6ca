# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fast reader gives what the real parser gives, or leaves the text to it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.scanner import NotPlain, plain_text, scanned
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.soap import BrokenXml, Decoder, read_page
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.objects import TYPE, Reference
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.adapters.vsphere.fake_server import ENVELOPE, result, text_value

LETTERS = st.characters(blacklist_categories=["Cs"], blacklist_characters="\x7f")
TEXTS = st.text(alphabet=st.one_of(st.sampled_from("ab<>&\"' \t\n\r;#"), LETTERS), max_size=12)
NAMES = st.sampled_from(["a", "b", "key", "value", "VirtualDisk", "objects", "ns:c", "d.e-f_1"])
ATTRIBUTES = st.sampled_from(
    [
        "",
        ' xsi:type="xsd:string"',
        ' xsi:type="VirtualDisk"',
        ' xsi:type="vim25:VirtualDisk"',
        ' xsi:type="ArrayOfThing"',
        ' type="Folder"',
        ' type="Folder" xsi:type="ManagedObjectReference"',
        ' xmlns:w="http://www.w3.org/2001/XMLSchema-instance" w:type="VirtualNic"',
        " xsi:type='Single'",
        ' versionId="8.0"',
    ]
)


def escaped(text: str) -> str:
    """The text as a server writes it; what XML cannot hold as it is, as a reference."""
    named = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;", "'": "&apos;", "\r": "&#13;", "\n": "&#xA;"}
    return "".join(named.get(letter, letter) for letter in text if letter in "\t\n\r" or letter >= " ")


def element(name: str, attributes: str, inner: str) -> str:
    return f"<{name}{attributes}>{inner}</{name}>"


ELEMENTS: st.SearchStrategy[str] = st.recursive(
    st.builds(element, NAMES, ATTRIBUTES, TEXTS.map(escaped)),
    lambda inner: st.builds(element, NAMES, ATTRIBUTES, st.lists(inner, min_size=1, max_size=5).map("".join)),
    max_leaves=25,
)


def parsed(inner: str) -> Any:
    """What the real parser makes of the elements."""
    decoder = Decoder()
    decoder.feed(ENVELOPE.format(f'<XResponse xmlns:ns="urn:x">{inner}</XResponse>').encode())
    return decoder.close()


@given(st.lists(ELEMENTS, min_size=1, max_size=4).map("".join))
def test_plain_elements_are_read_as_the_parser_reads_them(inner: str) -> None:
    try:
        found = scanned(plain_text(inner.encode()), {})
    except NotPlain:
        # Characters at the end of Unicode's first plane alone are left to the parser without being looked at.
        assert "\xef\xbf".encode("latin-1") in inner.encode()
        return
    assert found == parsed(inner)


def test_every_kind_of_value_is_read() -> None:
    inner = (
        '<obj type="VirtualMachine">vm-1</obj><a>1</a><a>2</a><empty></empty><e xsi:type="xsd:string"></e><o xsi:type="BootOptions"></o>'
        '<l xsi:type="ArrayOfString"><string>x</string><string>y</string></l><n xsi:type="ArrayOfString"></n>'
        "<d><b>&lt;&#x41;&#66;&amp;</b></d>"
    )
    assert scanned(plain_text(inner.encode()), {}) == {
        "obj": Reference("VirtualMachine", "vm-1"),
        "a": ["1", "2"],
        "empty": "",
        "e": "",
        "o": {TYPE: "BootOptions"},
        "l": ["x", "y"],
        "n": [],
        "d": {"b": "<AB&"},
    }


@pytest.mark.parametrize(
    "text",
    [
        "<a>1",
        "<a>1</b>",
        "<a><b>1</a></b>",
        "</a>",
        "<a>1</a></a>",
        "text",
        "text<a>1</a>",
        "<a",
        "<>1</>",
        "<1>x</1>",
        "<a/>",
        '<a x="1"/>',
        "<a >1</a>",
        "<a>1</a >",
        "<a\nx='1'>1</a>",
        "<a x>1</a>",
        "<a x=1>1</a>",
        '<a x="1>1</a>',
        '<a x="a>b">1</a>',
        '<a x="&amp;">1</a>',
        "<a><!-- b --></a>",
        "<a><![CDATA[b]]></a>",
        "<!DOCTYPE a><a>1</a>",
        "<a><?b c?></a>",
        "<a>&b;</a>",
        "<a>&</a>",
        "<a>& b;</a>",
        "<a>&#;</a>",
        "<a>&#x;</a>",
        "<a>&#x1;</a>",
        "<a>&#xD800;</a>",
        "<a>&#99999999999;</a>",
        "<a>&amp</a>",
        "<a>b\x01</a>",
        "<a>b\r\n</a>",
        "<a>\ufffe</a>",
    ],
)
def test_what_is_not_plain_is_left_to_the_parser(text: str) -> None:
    try:
        found = scanned(plain_text(text.encode()), {})
    except NotPlain:
        return
    assert found == parsed(text)


def test_bytes_that_are_no_text_are_left_to_the_parser() -> None:
    with pytest.raises(NotPlain):
        plain_text(b"<a>\xff</a>")


def page_of(*names: str) -> str:
    objects = "".join(
        f'<objects><obj type="VirtualMachine">vm-{number}</obj><propSet><name>name</name>{name}</propSet></objects>'
        for number, name in enumerate(names)
    )
    return ENVELOPE.format(result("RetrievePropertiesEx", f"<returnval><token>t</token>{objects}</returnval>"))


@pytest.mark.parametrize(
    "odd",
    [text_value("plain"), '<val xsi:type="xsd:string"/>', "<val><![CDATA[b]]></val>", "<val>a\r\nb</val>", "<val><!-- x -->1</val>"],
)
def test_page_is_the_same_by_either_reader(odd: str) -> None:
    body = page_of(text_value("a"), odd).encode()
    taken: list[Any] = []
    decoder = Decoder(taken.append)
    decoder.feed(body)
    assert read_page([body[:100], body[100:]]) == (taken, decoder.close())
    assert len(taken) == 2


def test_page_that_is_not_well_formed_is_said_to_be_broken() -> None:
    with pytest.raises(BrokenXml):
        read_page([page_of("<val>&#x1;</val>").encode()])
    with pytest.raises(BrokenXml):
        read_page([page_of("<val>1</wal>").encode()])
    with pytest.raises(BrokenXml):
        read_page([page_of(text_value("a")).replace("</token>", "</tokem>").encode()])
