# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SOAP answers, decoded."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.soap import (
    BrokenXml,
    Decoder,
    Fault,
    Refused,
    SoapError,
    SoapFault,
    decode,
    plain,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.objects import TYPE, ObjectRead, Reference, many
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.adapters.vsphere.fake_server import ENVELOPE, fault, missing, result, text_value

NAME = "Größe & <Maß> \U0001f600"
DEVICES = (
    '<val xsi:type="ArrayOfVirtualDevice"><VirtualDevice xsi:type="VirtualDisk"><key>2000</key>'
    "<deviceInfo><label>Hard disk 1</label><summary>20 GB</summary></deviceInfo>"
    '<backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName>[ds] a/a.vmdk</fileName>'
    '<datastore type="Datastore">datastore-1</datastore></backing></VirtualDevice></val>'
)
OBJECT = (
    '<objects><obj type="VirtualMachine">vm-7</obj>'
    f"<propSet><name>name</name>{text_value(NAME)}</propSet>"
    f"<propSet><name>config.hardware.device</name>{DEVICES}</propSet>"
    '<propSet><name>runtime.host</name><val type="HostSystem" xsi:type="ManagedObjectReference">host-1</val></propSet>'
    '<propSet><name>runtime.powerState</name><val xsi:type="VirtualMachinePowerState">poweredOn</val></propSet>'
    '<propSet><name>config.bootOptions</name><val xsi:type="VirtualMachineBootOptions"></val></propSet>'
    '<propSet><name>config.annotation</name><val xsi:type="xsd:string"/></propSet>'
    '<propSet><name>rootSnapshot</name><val xsi:type="ArrayOfManagedObjectReference"/></propSet>'
    + missing("config.extraConfig", "NoPermission", "Denied.", "<privilegeId>System.Read</privilegeId>")
    + "</objects>"
)


def body(content: str) -> bytes:
    return ENVELOPE.format(content).encode()


def objects_in(data: bytes, sizes: tuple[int, ...] = ()) -> tuple[list[Refused], dict[str, Any]]:
    """The objects of an answer that is fed in chunks of those sizes, the rest at once."""
    taken: list[Refused] = []
    decoder = Decoder(taken.append)
    start = 0
    for size in sizes:
        decoder.feed(data[start : start + size])
        start += size
    decoder.feed(data[start:])
    return taken, decoder.close()


PAGE = body(result("RetrievePropertiesEx", f"<returnval><token>t-1</token>{OBJECT}{OBJECT.replace('vm-7', 'vm-8')}</returnval>"))


def test_object_of_a_page_is_read_with_every_kind_of_value() -> None:
    taken, rest = objects_in(PAGE)
    disk = {
        TYPE: "VirtualDisk",
        "key": "2000",
        "deviceInfo": {"label": "Hard disk 1", "summary": "20 GB"},
        "backing": {
            TYPE: "VirtualDiskFlatVer2BackingInfo",
            "fileName": "[ds] a/a.vmdk",
            "datastore": Reference("Datastore", "datastore-1"),
        },
    }
    assert taken[0].read == ObjectRead(
        "VirtualMachine",
        "vm-7",
        {
            "name": NAME,
            "config.hardware.device": [disk],
            "runtime.host": Reference("HostSystem", "host-1"),
            "runtime.powerState": "poweredOn",
            "config.bootOptions": {TYPE: "VirtualMachineBootOptions"},
            "config.annotation": "",
            "rootSnapshot": [],
        },
        {"config.extraConfig": "no permission: privilege System.Read is missing"},
    )
    assert [one.read.moref for one in taken] == ["vm-7", "vm-8"]
    assert rest == {"returnval": {"token": "t-1"}}


@given(st.lists(st.integers(min_value=0, max_value=700), max_size=12))
def test_any_chunking_of_the_bytes_gives_the_same_objects(sizes: list[int]) -> None:
    assert objects_in(PAGE, tuple(sizes)) == objects_in(PAGE)


def test_every_byte_on_its_own_gives_the_same_objects() -> None:
    assert objects_in(PAGE, (1,) * len(PAGE)) == objects_in(PAGE)


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs", "Cc"]), max_size=60))
def test_any_text_comes_out_as_it_went_in(text: str) -> None:
    with_text = OBJECT.replace(DEVICES, text_value(text))
    taken, _rest = objects_in(body(result("RetrievePropertiesEx", f"<returnval>{with_text}</returnval>")))
    assert taken[0].read.values["config.hardware.device"] == text


def test_objects_of_the_first_version_of_the_call_are_read_too() -> None:
    old = OBJECT.replace("<objects>", "<returnval>").replace("</objects>", "</returnval>")
    taken, rest = objects_in(body(result("RetrieveProperties", old)))
    assert [one.read.moref for one in taken] == ["vm-7"]
    assert rest == {}


def test_repeated_child_is_a_list_and_a_single_one_is_not() -> None:
    node = decode([body(result("X", "<returnval><a>1</a><b>2</b><b>3</b><b>4</b></returnval>"))])
    assert node == {"returnval": {"a": "1", "b": ["2", "3", "4"]}}
    assert many(node["returnval"], "a") == ("1",)


def test_array_among_repeated_children_stays_a_list_of_its_own() -> None:
    one, two, three = (f'<v xsi:type="ArrayOfString"><string>{text}</string><string>z</string></v>' for text in "abc")
    node = decode([body(result("X", f"<returnval>{one}</returnval><returnval>{two}{three}</returnval>"))])
    assert node == {"returnval": [{"v": ["a", "z"]}, {"v": [["b", "z"], ["c", "z"]]}]}


def test_array_of_arrays_keeps_its_members() -> None:
    inner = '<ArrayOfString xsi:type="ArrayOfString"><string>{}</string></ArrayOfString>'
    node = decode([body(result("X", f'<returnval xsi:type="ArrayOfAnyType">{inner.format("a")}{inner.format("b")}</returnval>'))])
    assert node == {"returnval": [["a"], ["b"]]}


def test_prefix_of_a_type_and_of_the_type_attribute_does_not_matter() -> None:
    declared = 'xmlns:_s="http://www.w3.org/2001/XMLSchema-instance"'
    weird = f'<returnval {declared} _s:type="vim25:HostConfigInfo"><a _s:type="xsd:int">1</a></returnval>'
    assert decode([body(result("X", weird))]) == {"returnval": {TYPE: "HostConfigInfo", "a": "1"}}


def test_call_without_a_result_gives_an_empty_node() -> None:
    assert decode([body(result("Logout"))]) == {}


def test_fault_is_raised_with_its_class_message_and_fields() -> None:
    fields = '<object type="Folder">group-d1</object><privilegeId>System.View</privilegeId>'
    with pytest.raises(SoapFault) as caught:
        decode([body(fault("NoPermission", "Permission  to perform\nthis was denied.", fields))])
    assert caught.value.fault == Fault(
        "NoPermission",
        "Permission to perform this was denied.",
        {"object": Reference("Folder", "group-d1"), "privilegeId": "System.View"},
    )
    assert caught.value.fault.reason == "no permission: privilege System.View is missing"


def test_fault_without_a_type_is_named_by_its_element() -> None:
    content = fault("RuntimeFault", "Boom.").replace(' xsi:type="RuntimeFault"', "")
    with pytest.raises(SoapFault, match=r"^the server answered RuntimeFault: Boom\.$"):
        decode([body(content)])


def test_fault_without_detail_is_still_a_fault() -> None:
    content = "<soapenv:Fault><faultcode>Server</faultcode><faultstring>Boom.</faultstring></soapenv:Fault>"
    with pytest.raises(SoapFault, match=r"^the server answered a fault without a name: Boom\.$"):
        decode([body(content)])


@pytest.mark.parametrize(
    ("given_fault", "reason"),
    [
        (Fault("NoPermission"), "no permission"),
        (Fault("NoPermission", "ignored", {"privilegeId": "System.Read"}), "no permission: privilege System.Read is missing"),
        (Fault("HostCommunication", "No answer."), "the server answered HostCommunication: No answer."),
        (Fault("HostCommunication"), "the server answered HostCommunication"),
    ],
)
def test_fault_reads_as_a_reason(given_fault: Fault, reason: str) -> None:
    assert given_fault.reason == reason


def test_bomb_of_entities_is_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + body(result("X", "&b;")).partition(b"\n")[2]
    with pytest.raises(SoapError, match="declares a document type"):
        decode([bomb])


def test_file_of_an_entity_is_not_read() -> None:
    declared = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + body(result("X", "&a;")).partition(b"\n")[2]
    with pytest.raises(SoapError, match="declares a document type"):
        decode([declared])


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (b"<!DOCTYPE html><html><head><title>Proxy login</title></head><body>Please log in.</body></html>", "Proxy login Please log in."),
        (b"\xef\xbb\xbf  Gateway timeout at the proxy", "Gateway timeout at the proxy"),
        (b'{"error": "nope"}', '{"error": "nope"}'),
        (b"\x00\x01", "nothing that can be shown"),
    ],
)
def test_page_of_a_proxy_is_named_by_its_first_words(page: bytes, words: str) -> None:
    with pytest.raises(SoapError) as caught:
        decode([page])
    assert str(caught.value) == f"the answer is no XML: {words}"


def test_empty_answer_is_said_to_be_empty() -> None:
    with pytest.raises(SoapError, match=r"^the answer is empty$"):
        decode([])


def test_xml_of_another_kind_is_no_answer_of_the_api() -> None:
    with pytest.raises(SoapError, match="no answer of vSphere's API"):
        decode([b"<feed><entry/></feed>"])


@pytest.mark.parametrize("cut", [30, 400, len(PAGE) - 3])
def test_answer_that_ends_early_is_broken(cut: int) -> None:
    with pytest.raises(BrokenXml):
        objects_in(PAGE[:cut])


def test_character_that_xml_forbids_is_broken() -> None:
    with pytest.raises(BrokenXml, match="not well-formed XML"):
        objects_in(PAGE.replace(b"poweredOn", b"&#x1;"))


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("an object without a reference", ('<obj type="VirtualMachine">vm-7</obj>', "<obj>vm-7</obj>")),
        ("a property without a name or a value", ("<name>name</name>", "")),
        ("a property without a name or a value", ("<propSet><name>name</name>", "<propSet>name</propSet><propSet><name>name</name>")),
    ],
)
def test_object_that_is_no_object_is_refused(wrong: str, right: tuple[str, str]) -> None:
    data = body(result("RetrievePropertiesEx", f"<returnval>{OBJECT.replace(*right)}</returnval>"))
    with pytest.raises(SoapError, match=wrong):
        objects_in(data)


def test_text_of_a_server_is_put_on_one_short_line() -> None:
    assert plain("a\n  b\tc") == "a b c"
    assert plain("x" * 500) == "x" * 300 + " …"
    assert plain(None) == ""
