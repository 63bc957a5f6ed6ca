# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameter directories: all faults at once, and no value in any of them."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.directory.access import (
    DirectoryAccess,
    DirectoryArguments,
    directory_secrets,
)

PLACE = "readiness_directories"
WORD = secrets.token_hex(8)


def test_account_ca_and_limits_are_taken(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("-", encoding="utf-8")
    arguments = DirectoryArguments(PLACE, tmp_path)
    given = {
        "corp": {"bind_dn": "cn=reader", "password": WORD, "ca_path": "ca.pem", "validate_certs": "no", "timeout_seconds": "5"},
        "open": None,
    }
    found = arguments.settings(given, ["corp", "open"])
    assert not arguments.problems
    assert found["corp"] == DirectoryAccess("cn=reader", WORD, ca_path=str(tmp_path / "ca.pem"), validate_certs=False, timeout_seconds=5)
    assert found["open"] == DirectoryAccess()
    assert WORD not in repr(found) and "cn=reader" not in repr(found)
    assert list(directory_secrets(given)) == [WORD]


def test_text_under_a_key_that_is_misspelled_is_taken_for_a_secret_unless_it_is_short() -> None:
    given = {"corp": {"username": "cn=reader,dc=example", "bindpw": WORD, "realm": "corp", "retries": 12345678}, "text": "a"}
    assert list(directory_secrets(given)) == [WORD]
    assert list(directory_secrets(["corp"])) == list(directory_secrets(None)) == []


def test_nothing_given_is_no_directory_and_no_problem(tmp_path: Path) -> None:
    arguments = DirectoryArguments(PLACE, tmp_path)
    assert arguments.settings(None) == arguments.settings("") == {} and not arguments.problems


def test_every_fault_is_told_at_once_and_none_repeats_a_value(tmp_path: Path) -> None:
    arguments = DirectoryArguments(PLACE, tmp_path)
    given = {
        "a": {"username": "anna", "bind_dn": "cn=anna", "passwort": WORD},
        "b": {"username": "ben"},
        "c": {"password": WORD, "timeout_seconds": 0, "validate_certs": "perhaps"},
        "d": {"username": ["x"], "password": f"{WORD}\n", "ca_path": f"{WORD}.pem"},
        "e": [WORD],
        "f": {"client_secret": WORD, "timeout_seconds": True},
    }
    assert arguments.settings(given, ["a", "b", "c", "d", "e"]) == {}
    texts = [problem.message for problem in arguments.problems]
    for part in (
        f"{PLACE}.f is not known",
        "a.passwort is not known",
        "a.bind_dn is another name of username",
        "b.username is given without password",
        "c.password is given without username",
        "c.timeout_seconds is not a number from 1 to 600",
        "c.validate_certs is not true or false",
        "d.username is not a text of one line",
        "d.password is not a text of one line",
        "e is a list, not a mapping",
        "f.client_secret is given without client_id",
        "f.timeout_seconds is not a number",
    ):
        assert any(part in text for text in texts), (part, texts)
    shown = [text for text in texts if ".ca_path" not in text]
    assert WORD not in " ".join(shown) and all(problem.remedy for problem in arguments.problems)


@pytest.mark.parametrize("value", ["text", ["list"], 3])
def test_what_is_no_mapping_is_told(value: object, tmp_path: Path) -> None:
    arguments = DirectoryArguments(PLACE, tmp_path)
    assert arguments.settings(value) == {}
    assert "not a mapping" in arguments.problems[0].message


def test_directory_that_no_document_names_is_told(tmp_path: Path) -> None:
    arguments = DirectoryArguments(PLACE, tmp_path)
    arguments.settings({"corp": {}}, [])
    assert "is no directory of the document" in arguments.problems[0].message


def test_words_of_a_server_are_shown_without_our_secrets_and_in_bounds() -> None:
    access = DirectoryAccess(username="anna", password=WORD, client_secret=WORD[:6])
    assert access.hidden(f"no  {WORD}\nhere") == "no *** here"
    assert len(access.hidden("x" * 999)) == 201
