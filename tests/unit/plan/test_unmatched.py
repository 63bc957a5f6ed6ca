# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules that mean nothing of the estate are named with their place: likely typing errors as mistakes, others as warnings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import time
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import Problem
from ansible_collections.groundwork.readiness.plugins.module_utils.plan import settings as s
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.manifests.providers import source_providers
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.unmatched import ALL, DATASTORE, NETWORK, Inventory, unmatched
from ansible_collections.groundwork.readiness.plugins.module_utils.target.view import TargetView

from tests.unit.plan.builders import VCENTER, make_settings, make_vm

VC = {"kind": "vcenter", "id": VCENTER, "vcenter": VCENTER, "name": "east", "hostname": "vc-east.example.com"}
NETWORKS = [
    {"kind": "network", "id": f"{VCENTER}/dvportgroup-7", "vcenter": VCENTER, "moref": "dvportgroup-7", "name": "app-vlan-110"},
    {"kind": "network", "id": f"{VCENTER}/dvportgroup-8", "vcenter": VCENTER, "moref": "dvportgroup-8", "name": "db-vlan-130"},
]
DATASTORES = [{"kind": "datastore", "id": f"{VCENTER}/datastore-1", "vcenter": VCENTER, "moref": "datastore-1", "name": "gold-01"}]
HOSTS = [{"kind": "host", "id": f"{VCENTER}/host-1", "vcenter": VCENTER, "moref": "host-1", "name": "esx-01.example.com"}]
INVENTORY = Inventory([make_vm("vm-1", nics=(), disks=(), host="")], [VC], NETWORKS, DATASTORES, HOSTS)


def judged(inventory: Inventory = INVENTORY, *, going_on: bool = False, **rules: Any) -> tuple[list[Problem], list[str]]:
    """What is said of rules."""
    settings = make_settings(**rules)
    providers, _constraints = source_providers([VC], [VCENTER], settings, TargetView(()))
    return unmatched(settings, inventory, providers, going_on=going_on)


def network(source: str, vcenter: str = "") -> s.NetworkRule:
    """A rule that leaves a network out."""
    return s.NetworkRule(source, "ignored", vcenter=vcenter)


@pytest.mark.parametrize("source", ["app-vlan-110", "APP-*", "dvportgroup-7", f"{VCENTER}/dvportgroup-8", "*"])
@pytest.mark.parametrize("vcenter", ["", VCENTER, "east", "EAST", "vc-east.example.com"])
def test_rule_that_means_a_network_by_name_pattern_or_id_is_no_problem(source: str, vcenter: str) -> None:
    assert judged(networks=(network(source, vcenter),)) == ([], [])


def places(texts: Iterable[str]) -> list[str]:
    """What messages are about."""
    return [text.partition(" ")[0] for text in texts]


TYPING_ERRORS: dict[str, Any] = {
    "networks": (network("*"), network("ap-vlan-110")),
    "storage": (s.StorageRule("gold01", "fast"),),
    "hosts": (s.HostRule("esx01.example.com", "192.0.2.1", "esx", "east"),),
}


def test_each_source_with_a_name_like_one_of_the_estate_is_a_problem_with_place_and_remedy() -> None:
    problems, warnings = judged(**TYPING_ERRORS)
    assert [(problem.message, problem.remedy) for problem in problems] == [
        ("plan_networks[1].source ap-vlan-110 means no network of the estate", "names like it are app-vlan-110, db-vlan-130"),
        ("plan_storage[0].source gold01 means no datastore of the estate", "names like it are gold-01"),
        ("plan_hosts[0].host esx01.example.com is no host of the estate in vCenter east", "names like it are esx-01.example.com"),
    ]
    assert warnings == []


def test_nothing_is_a_problem_when_the_plan_goes_on_from_an_earlier_one() -> None:
    problems, warnings = judged(going_on=True, **TYPING_ERRORS)
    assert problems == [] and places(warnings) == ["plan_networks[1].source", "plan_storage[0].source", "plan_hosts[0].host"]
    assert warnings[1] == "plan_storage[0].source gold01 means no datastore of the estate; names like it are gold-01"


def test_source_with_a_name_like_no_other_is_a_warning() -> None:
    problems, warnings = judged(networks=(network("lab"),), hosts=(s.HostRule("node17", "192.0.2.9", "esx"),))
    assert problems == []
    assert warnings == [
        "plan_networks[0].source lab means no network of the estate; correct or remove it; the estate has app-vlan-110, db-vlan-130",
        "plan_hosts[0].host node17 is no host of the estate; correct or remove it; the estate has esx-01.example.com",
    ]


@pytest.mark.parametrize(("wanted", "mistake"), [("gold-04", False), ("GOLD-4", False), ("gold-004", False), ("gild-01", True)])
def test_name_that_differs_in_its_digits_alone_is_another_of_its_row_and_no_typing_error(wanted: str, mistake: bool) -> None:
    stock = [{**DATASTORES[0], "id": name, "name": name} for name in ("gold-01", "gold-02", "gold-test-04")]
    problems, warnings = judged(replace(INVENTORY, datastores=stock), storage=(s.StorageRule(wanted, "fast"),))
    assert (len(problems), len(warnings)) == ((1, 0) if mistake else (0, 1))
    assert "names like it are gold-0" in (problems[0].remedy if mistake else warnings[0])


@pytest.mark.parametrize(("wanted", "mistake"), [("esx-02.example.com", False), ("esx-01.exmaple.com", True)])
def test_host_of_a_row_is_a_warning_and_a_misspelt_one_a_mistake(wanted: str, mistake: bool) -> None:
    problems, warnings = judged(hosts=(s.HostRule(wanted, "192.0.2.2", "esx"),))
    assert (bool(problems), bool(warnings)) == (mistake, not mistake)


def test_rules_for_vcenters_that_are_not_in_the_estate_are_taken_to_be_for_another_run() -> None:
    problems, warnings = judged(
        networks=(network("app-vlan-110", "vc-eats.example.com"), network("app-vlan-11", "south")),
        storage=(s.StorageRule("gold01", "fast", vcenter="south"),),
        providers=(s.ProviderRule("vc-east*", "east"), s.ProviderRule("south*", "south")),
        hosts=(s.HostRule("esx01.example.com", "192.0.2.1", "esx", "south"),),
    )
    assert problems == []
    another = "is no vCenter of the estate, so that the rule is taken to be for another run"
    assert warnings[0] == f"plan_networks[0].vcenter vc-eats.example.com {another}; names like it are vc-east.example.com"
    assert warnings[1] == f"plan_networks[1].vcenter south {another}; the estate has east"
    assert places(warnings[2:]) == ["plan_storage[0].vcenter", "plan_providers[1].vcenter", "plan_hosts[0].vcenter"]


def test_name_that_only_another_vcenter_has_is_no_typing_error() -> None:
    west = {"kind": "vcenter", "id": "west-uuid", "vcenter": "west-uuid", "name": "west"}
    problems, warnings = judged(replace(INVENTORY, vcenters=[VC, west]), networks=(network("app-vlan-110", "west"),))
    assert problems == [] and places(warnings) == ["plan_networks[0].source"]


def test_name_that_only_a_vm_shows_is_known() -> None:
    vm = make_vm("vm-2", host="esx-05.example.com")
    (nic,), (disk,) = vm.nics or (), vm.disks or ()
    seen = replace(INVENTORY, others=[replace(vm, nics=(replace(nic, network="lab", network_id=""),))])
    rules: dict[str, Any] = {"networks": (network("lab"),), "storage": (s.StorageRule(disk.datastore, "fast"),)}
    assert judged(seen, **rules, hosts=(s.HostRule("esx-05.example.com", "192.0.2.5", "esx"),)) == ([], [])


@pytest.mark.parametrize("kind", [ALL, NETWORK])
def test_estate_that_may_lack_the_source_makes_it_a_warning(kind: str) -> None:
    unsure = replace(INVENTORY, unsure={kind: "vc-north left no estate"})
    problems, warnings = judged(unsure, networks=(network("db-vlan-13"),))
    assert problems == []
    assert warnings == ["plan_networks[0].source db-vlan-13 means no network of the estate, which may lack it: vc-north left no estate"]


def test_doubt_about_datastores_excuses_no_rule_for_networks() -> None:
    problems, warnings = judged(replace(INVENTORY, unsure={DATASTORE: "no tab vDatastore"}), networks=(network("db-vlam-130"),))
    assert places(problem.message for problem in problems) == ["plan_networks[0].source"] and warnings == []


def test_host_may_name_its_vcenter_by_the_name_of_its_provider() -> None:
    rule = s.HostRule("host-1", "192.0.2.1", "esx", "mtv-east")
    assert judged(providers=(s.ProviderRule(VCENTER, "mtv-east"),), hosts=(rule,)) == ([], [])


def test_selectors_that_mean_no_vm_are_warnings_with_their_place() -> None:
    nobody, all_of_them = s.Selector(owners=("nobody@example.com",)), s.Selector(vms=("*",))
    night = s.WindowRule("night", time(20), time(6), selector=nobody)
    problems, warnings = judged(
        windows=(s.WindowRule("all", time(8), time(9)), night, s.WindowRule("theirs", time(10), time(11), own=True)),
        freezes=(s.Freeze("end of year", make_settings().start, make_settings().start, nobody),),
        namespaces=(s.NamespaceRule(all_of_them, "apps"), s.NamespaceRule(nobody, "other")),
        hooks=(s.HookRule(nobody, "PreHook", "stop"),),
        method=s.MethodPolicy(overrides=((nobody, "warm"),)),
        pilots=s.Pilots(1, nobody),
    )
    assert problems == []
    assert places(warnings) == [
        "plan_windows[1].match",
        "plan_freezes[0].match",
        "plan_method.overrides[0].match",
        "plan_namespaces[1].match",
        "plan_hooks[0].match",
        "plan_pilots.match",
        "plan_windows[2]",
    ]


def test_selector_that_means_only_vms_out_of_scope_is_a_warning() -> None:
    outside = replace(INVENTORY, others=[make_vm("vm-3", owner="team-erp@example.com")])
    _problems, warnings = judged(outside, hooks=(s.HookRule(s.Selector(owners=("team-erp*",)), "PreHook", "stop"),))
    assert warnings == ["plan_hooks[0].match means no VM that is in scope"]


def test_window_that_an_annotation_names_is_used() -> None:
    named = replace(INVENTORY, vms=[make_vm("vm-1", change_window="THEIRS")])
    window = s.WindowRule("theirs", time(10), time(11), own=True)
    assert judged(replace(named, networks=NETWORKS), windows=(window,)) == ([], [])
