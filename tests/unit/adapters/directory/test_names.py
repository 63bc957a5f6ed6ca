# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Distinguished names: two ways to write one are the same, and what is none is said to be none."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.directory.names import first_part, is_below, parsed


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("uid=anna,ou=users,dc=example,dc=com", "UID=Anna, OU=Users , DC=example,dc=COM"),
        ("cn=Doe\\, Jane,dc=com", "cn=Doe\\2C Jane,dc=com"),
        ("cn=J\\C3\\BCrgen,dc=com", "cn=jürgen,dc=com"),
        ("cn=a+uid=b,dc=com", "uid=b+cn=a,dc=com"),
        ('cn="Doe, Jane",dc=com', "cn=Doe\\, Jane,dc=com"),
        ("cn=two  spaces,dc=com", "cn=two spaces,dc=com"),
        ("cn=a\\\\2a,dc=com", "cn=a\\5c2a,dc=com"),
        ("cn=a\\+b,dc=com", "cn=a\\2bb,dc=com"),
    ],
)
def test_two_ways_to_write_a_name_are_the_same(first: str, second: str) -> None:
    assert parsed(first) is not None
    assert parsed(first) == parsed(second)


@pytest.mark.parametrize("text", ["anna", "=anna,dc=com", "uid=anna,,dc=com", "uid=anna,ou"])
def test_what_is_no_name_is_none(text: str) -> None:
    assert parsed(text) is None


def test_names_lie_below_their_bases_part_by_part() -> None:
    users, anna = parsed("ou=users,dc=com"), parsed("uid=a,ou=users,dc=com")
    assert users is not None and anna is not None
    assert is_below(anna, users) and is_below(users, users) and is_below(anna, ()) and not is_below(users, anna)
    other = parsed("uid=a,ou=xusers,dc=com")
    assert other is not None and not is_below(other, users)
    assert first_part(anna) == ("uid", "a") and first_part(()) == ("", "")
