# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules mean sources by name, pattern or id, in vCenters that may be called by each of their names."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.patterns import fits
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings import NetworkRule, Selector
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.source_rules import Rules, names_by_vcenter, vcenter_names

from tests.unit.plan.builders import make_vm

RECORD = {"kind": "vcenter", "id": "uuid-1", "vcenter": "uuid-1", "name": "East", "hostname": "vc-east.example.com"}


def rule(source: str, vcenter: str = "") -> NetworkRule:
    """A rule that leaves a network out."""
    return NetworkRule(source, "ignored", vcenter=vcenter)


@pytest.mark.parametrize("vcenter", ["", "uuid-1", "UUID-1", "East", "east", "vc-east.example.com", "VC-East.example.com"])
def test_vcenter_may_be_called_by_each_of_its_names_whatever_the_case(vcenter: str) -> None:
    rules = Rules("plan_networks", (rule("lan", vcenter),), names_by_vcenter([RECORD]))
    assert rules.find("uuid-1", "lan") == (rule("lan", vcenter), "plan_networks[0]")


def test_rule_for_one_vcenter_means_nothing_of_another() -> None:
    rules = Rules("plan_networks", (rule("lan", "East"),), names_by_vcenter([RECORD]))
    assert rules.find("uuid-2", "lan") is None


def test_one_name_per_vcenter_is_enough() -> None:
    rules = Rules("plan_networks", (rule("lan", "East"),), {"uuid-1": ("East",)})
    assert rules.find("uuid-1", "lan") is not None


def test_names_of_a_vcenter_are_those_that_are_known_each_once() -> None:
    assert vcenter_names(RECORD) == ("uuid-1", "vc-east.example.com", "East")
    assert vcenter_names({"vcenter": "uuid-1", "hostname": "vc", "name": "vc"}) == ("uuid-1", "vc")
    assert vcenter_names({"name": "East", "hostname": ""}) == ("East",)
    assert names_by_vcenter([{"name": "East"}]) == {}


@pytest.mark.parametrize(
    ("pattern", "name", "meant"),
    [
        ("VLAN [prod] 12", "VLAN [prod] 12", True),
        ("vlan [PROD] 12", "VLAN [prod] 12", True),
        ("VLAN [prod] 12", "VLAN p 12", False),
        ("VLAN [prod] *", "VLAN [prod] 12", True),
        ("*[?]*", "VLAN [p] 12", True),
        ("*[?]*", "VLAN [prod] 12", False),
        ("VLAN [!a-z]", "VLAN 1", False),
        ("VLAN ]?[", "VLAN ]1[", True),
        ("STRASSE-*", "stra\u00dfe-1", True),
        ("lan", "lan-2", False),
        ("*", "", False),
        ("", "", False),
    ],
)
def test_name_is_meant_as_it_is_written_or_by_the_pattern(pattern: str, name: str, meant: bool) -> None:
    assert fits(pattern, name) is meant


@pytest.mark.parametrize(
    ("pattern", "meant"), [("web[1]", ["web[1]"]), ("WEB[?]", ["web[1]", "web[2]"]), ("web[*", ["web[1]", "web[2]"]), ("web1", ["web1"])]
)
def test_brackets_in_a_selector_mean_themselves(pattern: str, meant: list[str]) -> None:
    selector = Selector(vms=(pattern,))
    assert [vm.name for vm in map(make_vm, ("web[1]", "web[2]", "web1")) if selector.matches(vm)] == meant


def test_network_with_brackets_in_its_name_is_found() -> None:
    rules = Rules("plan_networks", (rule("VLAN [prod] 12"),))
    assert rules.find("uuid-1", "VLAN [prod] 12", "dvportgroup-1") is not None
