# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts and networks of a jurisdiction: what is taken away is away, nothing else is, and a name is never taken for a longer one."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.model import Jurisdiction
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.sovereignty.hosts import (
    address,
    bounds_of,
    host_of,
    joined,
    ranges_of,
    without,
)
from hypothesis import given
from hypothesis import strategies as st

EU = bounds_of(
    Jurisdiction(name="eu", regions=("eu-central",), hosts=("*.EU.example.com", "login.example.com.", "198.51.100.0/24", "2001:db8::/32"))
)
SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 15)).map(lambda one: (one[0], one[0] + one[1])), max_size=6)


def numbers(ranges: list[tuple[int, int]]) -> set[int]:
    return {number for first, last in ranges for number in range(first, last + 1)}


@given(SPANS, SPANS)
def test_what_is_left_is_the_difference_of_the_addresses(ranges: list[tuple[int, int]], taken: list[tuple[int, int]]) -> None:
    left = without(ranges, taken)
    assert numbers(left) == numbers(ranges) - numbers(taken)
    assert left == sorted(left)
    assert numbers(joined(ranges)) == numbers(ranges)


@pytest.mark.parametrize(
    ("host", "inside"),
    [
        ("api.eu.example.com", True),
        ("eu.example.com", False),
        ("noteu.example.com", False),
        ("api.eu.example.com.example.com", False),
        ("login.example.com", True),
        ("a.login.example.com", False),
        ("198.51.100.7", True),
        ("198.51.101.7", False),
        ("2001:db8::7", True),
        ("10.0.0.1", False),
        ("metrics.openshift-monitoring.svc", True),
        ("metrics.openshift-monitoring.svc.cluster.local", True),
        ("example.svc.com", False),
        ("", False),
    ],
)
def test_host_belongs_to_a_jurisdiction_by_its_whole_name(host: str, inside: bool) -> None:
    assert EU.holds(host) is inside


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://user:word@Login.example.com:8443/realms/x?y=1", "login.example.com"),
        ("registry.example.com:5000/ai/app", "registry.example.com"),
        ("ldaps://[2001:db8::1]:636/dc=x", "2001:db8::1"),
        ("login.example.com.", "login.example.com"),
        ("http://[broken", ""),
        ("", ""),
    ],
)
def test_host_of_what_may_be_a_url(text: str, host: str) -> None:
    assert host_of(text) == host


def test_networks_of_both_families_stay_apart() -> None:
    (four,), (six,) = ranges_of("0.0.0.0/0"), ranges_of("::/0")
    assert joined([four, six]) == [four, six]
    assert (address(four[1]), address(six[0])) == ("255.255.255.255", "::")
    assert ranges_of("nonsense") == []
