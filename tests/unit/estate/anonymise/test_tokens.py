# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens: the same text has the same token everywhere, and a token keeps the traits that rules look at and nothing else."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from itertools import product

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.anonymise import words
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.anonymise.tokens import LONGEST, TOKEN_LENGTH, Tokens, made_key
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.guest_os import os_family
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.scope import AGENT_VM
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.assessment.support import shipped_data
from tests.unit.estate.anonymise.support import KEY, OTHER_KEY

TOKENS = Tokens(KEY)
DNS_NAME = re.compile(r"[a-z0-9]+(-+[a-z0-9]+)*(\.[a-z0-9]+(-+[a-z0-9]+)*)*")
LENGTH_LIMIT = 63

name = TOKENS.name
texts = st.text(st.one_of(st.sampled_from("aZ09-._ @:/[]\\%äé\n"), st.characters(codec="utf-8")), max_size=90)
labels = st.text(st.sampled_from("ab1-."), max_size=70)


@given(st.one_of(texts, labels))
def test_a_token_is_a_dns_name_exactly_where_its_text_is_one(text: str) -> None:
    assert bool(DNS_NAME.fullmatch(name(text))) == bool(DNS_NAME.fullmatch(text))


@given(st.one_of(texts, labels).filter(lambda text: "/" not in text and "[" not in text))
def test_a_token_is_on_the_same_side_of_the_length_limit_as_its_text(text: str) -> None:
    assert (len(name(text)) > LENGTH_LIMIT) == (len(text) > LENGTH_LIMIT)


@given(st.one_of(texts, labels))
def test_only_what_is_empty_has_an_empty_token(text: str) -> None:
    assert bool(name(text)) == bool(text)
    assert bool(TOKENS.note(text)) == bool(text)


@given(texts, texts)
def test_different_texts_have_different_tokens(one: str, other: str) -> None:
    assert (name(one) == name(other)) == (one == other)


@pytest.mark.parametrize(
    ("text", "offence"),
    [
        ("ERP-DB", r"[A-Z]"),
        ("erp_db", "_"),
        ("erp db", " "),
        ("erp\tdb", " "),
        ("-erp", r"^-"),
        ("erp-", r"-$"),
        (".erp", r"^\."),
        ("erp.", r"\.$"),
        ("erp..db", r"\.\."),
        ("erp-.db", r"-\."),
        ("erp.-db", r"\.-"),
        ("größe", "_"),
    ],
)
def test_a_name_that_is_no_dns_name_stays_invalid_for_the_same_reason(text: str, offence: str) -> None:
    token = name(text)
    assert re.search(offence, token)
    assert DNS_NAME.fullmatch(re.sub(offence, "", token).lower())


def test_a_composed_text_is_composed_of_the_tokens_of_its_parts() -> None:
    uuid = "0b7c2d4e-1111-4a5b-9c8d-000000000001"
    assert name("[gold-01] erp/erp_1.vmdk") == f"[{name('gold-01')}] {name('erp')}/{name('erp_1')}.vmdk"
    assert name("/Production/ERP") == f"/{name('Production')}/{name('ERP')}"
    assert name("Cost centre/4711") == f"{name('Cost centre')}/{name('4711')}"
    assert name(f"{uuid}/vm-42") == f"{name(uuid)}/{name('vm-42')}"
    assert name("vc-north.xlsx@84fba407") == f"{name('vc-north')}.xlsx@{TOKENS.sha256('84fba407')[:8]}"
    assert TOKENS.sha256("84fba407" + "a" * 56)[:8] == TOKENS.sha256("84fba407")[:8]
    assert name("10.1.2.3/24") == f"{name('10.1.2.3')}/24"
    assert name("naa.60002ac0") == f"naa.{name('60002ac0')}"


def test_forms_are_kept() -> None:
    assert re.fullmatch(r"[0-9]{8}(-[0-9]{4}){3}-[0-9]{12}", name("0b7c2d4e-1111-4a5b-9c8d-000000000001"))
    assert re.fullmatch(r"02(:[0-9a-f]{2}){5}", name("00:50:56:Aa:bb:cc"))
    assert name("00:50:56:AA:bb:cc") == name("00:50:56:aa:BB:cc")
    assert ip_address(name("10.1.2.3")) in ip_network("240.0.0.0/4")
    assert ip_address(name("fd00::1")) in ip_network("2001:db8::/32")
    assert name("fd00::1") == name("FD00:0::1")
    assert ip_address(name("fe80::250:56ff:fe00:3fc")) in ip_network("fe80::/64")
    assert name("vm-42").startswith("vm-")
    assert AGENT_VM.match(name("vCLS-4c4c4544-0059-4b10-8052-b7c04f4d3331"))


@pytest.mark.parametrize("text", ["", "vCLS", "vCLS (4)", "localhost.localdomain", "127.0.0.1", "::1", "Resources"])
def test_what_vsphere_names_by_itself_stays(text: str) -> None:
    assert name(text) == text


def test_tokens_alternate_letters_and_digits_so_that_no_word_stands_in_them_by_chance() -> None:
    assert re.fullmatch(rf"([b-df-hj-np-tv-xz][0-9]){{{TOKEN_LENGTH // 2}}}", name("erp"))
    assert re.fullmatch(rf"([b-df-hj-np-tv-xz][0-9]){{{LONGEST // 2}}}", name("a" * 300))


def test_names_close_to_each_other_do_not_collide() -> None:
    made = {name(f"{stem}{number:04}") for stem, number in product(("erp", "vm-", "10.0.0."), range(20_000))}
    assert len(made) == 60_000


def test_another_key_gives_other_tokens() -> None:
    other = Tokens(OTHER_KEY)
    for text in ("erp", "vm-42", "10.1.2.3", "00:50:56:aa:bb:cc", "0b7c2d4e-1111-4a5b-9c8d-000000000001", "notes of ERP"):
        assert name(text) != other.name(text)
    assert made_key("a" * 16) != made_key("a" * 17)


def test_texts_that_are_not_valid_unicode_have_tokens_too() -> None:
    assert name("erp\udcff") != name("erp\udcfe")


# ---- texts of makers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Red Hat Enterprise Linux 9 (64-bit)",
        "Red Hat Enterprise Linux release 8.9 (Ootpa)",
        "Microsoft Windows Server 2019 Datacenter (64-bit)",
        "Ubuntu 22.04.3 LTS",
        "Debian GNU/Linux 12 (bookworm)",
        "Linux 5.14.0-362.el9.x86_64",
    ],
)
def test_names_of_known_guest_systems_stay(text: str) -> None:
    assert words.guest_os_name(TOKENS, text) == text


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Acme Hospital Linux 9", "hospital"),
        ("Red Hat Enterprise Linux 9 Acme spin", "acme"),
        ("acmewindows", "acme"),
        ("Rocky Linux Acme 9", "acme"),
        ("acmeRed Hat Enterprise Linux 8", "acme"),
        ("CentOS-Acme 7", "acme"),
    ],
)
def test_of_other_guest_systems_names_rules_and_families_see_the_same_as_before(text: str, secret: str) -> None:
    made = words.guest_os_name(TOKENS, text)
    assert secret not in made.lower()
    assert [needle in made.lower() for needle in words.NEEDLES] == [needle in text.lower() for needle in words.NEEDLES]
    if not text.startswith("acme"):
        assert os_family("", made, "") == os_family("", text, "")


def test_what_the_rules_look_for_in_guest_systems_is_known() -> None:
    parameters = shipped_data()["parameters"]
    assert {text.lower() for text in parameters["supported_guest_names"]["value"]} <= set(words.NEEDLES)
    for identifier in parameters["supported_guest_ids"]["value"]:
        assert words.guest_os_id(TOKENS, identifier) == identifier


def test_an_unknown_guest_id_is_none_of_the_known_ones_and_stays_one_of_windows() -> None:
    assert words.guest_os_id(TOKENS, "windows2031srv_64Guest") == "windows2031srv_64Guest"
    assert "acme" not in words.guest_os_id(TOKENS, "acme_64Guest").lower()
    assert "windows" in words.guest_os_id(TOKENS, "acmeWindowsGuest").lower()
    assert words.guest_os_id(TOKENS, "") == ""


def test_unknown_words_of_makers_texts_are_replaced() -> None:
    cpu = "Intel(R) Xeon(R) Gold 6430 CPU @ 2.10GHz"
    assert words.phrase(TOKENS, cpu, words.MAKERS_WORDS) == cpu
    made = words.phrase(TOKENS, "Hard disk 1 of Acme", words.LABEL_WORDS)
    assert made.startswith("Hard disk 1 ")
    assert "Acme" not in made
    assert "4711471" not in words.phrase(TOKENS, "Server 4711471", words.MAKERS_WORDS)
