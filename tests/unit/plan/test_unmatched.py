# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules that mean nothing of the estate are named with their place, as mistakes or, where the estate may lack it, as warnings."""

from __future__ import annotations

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


def judged(inventory: Inventory = INVENTORY, **rules: Any) -> tuple[list[Problem], list[str]]:
    """What is said of rules."""
    settings = make_settings(**rules)
    providers, _constraints = source_providers([VC], [VCENTER], settings, TargetView(()))
    return unmatched(settings, inventory, providers)


def network(source: str, vcenter: str = "") -> s.NetworkRule:
    """A rule that leaves a network out."""
    return s.NetworkRule(source, "ignored", vcenter=vcenter)


@pytest.mark.parametrize("source", ["app-vlan-110", "APP-*", "dvportgroup-7", f"{VCENTER}/dvportgroup-8", "*"])
@pytest.mark.parametrize("vcenter", ["", VCENTER, "east", "vc-east.example.com"])
def test_rule_that_means_a_network_by_name_pattern_or_id_is_no_problem(source: str, vcenter: str) -> None:
    assert judged(networks=(network(source, vcenter),)) == ([], [])


def test_each_source_that_the_estate_lacks_is_named_with_place_and_remedy() -> None:
    problems, warnings = judged(
        networks=(network("*"), network("ap-vlan-110"), network("*", "vc-west")),
        storage=(s.StorageRule("lead-01", "fast"),),
        providers=(s.ProviderRule("vc-east*", "east"), s.ProviderRule("vc-west.example.com", "west")),
        hosts=(s.HostRule("esx-09.example.com", "192.0.2.9", "esx"), s.HostRule("esx-01.example.com", "192.0.2.1", "esx", "vc-west")),
    )
    told = [(problem.message, problem.remedy) for problem in problems]
    assert told[0] == (
        "plan_networks[1].source ap-vlan-110 means no network of the estate",
        "names like it are app-vlan-110, db-vlan-130",
    )
    assert [message.partition(" ")[0] for message, _remedy in told[1:]] == [
        "plan_networks[2].vcenter",
        "plan_storage[0].source",
        "plan_providers[1].vcenter",
        "plan_hosts[0].host",
        "plan_hosts[1].vcenter",
    ]
    assert all(remedy for _message, remedy in told) and warnings == []


def test_name_that_only_a_vm_shows_is_known() -> None:
    vm = make_vm("vm-2", host="esx-05.example.com")
    (nic,), (disk,) = vm.nics or (), vm.disks or ()
    seen = replace(INVENTORY, others=[replace(vm, nics=(replace(nic, network="lab", network_id=""),))])
    rules = {"networks": (network("lab"),), "storage": (s.StorageRule(disk.datastore, "fast"),)}
    assert judged(seen, **rules, hosts=(s.HostRule("esx-05.example.com", "192.0.2.5", "esx"),)) == ([], [])


@pytest.mark.parametrize("kind", [ALL, NETWORK])
def test_estate_that_may_lack_the_source_makes_it_a_warning(kind: str) -> None:
    unsure = replace(INVENTORY, unsure={kind: "vc-north left no estate"})
    problems, warnings = judged(unsure, networks=(network("lab"),))
    assert problems == []
    assert warnings == ["plan_networks[0].source lab means no network of the estate, which may lack it: vc-north left no estate"]


def test_doubt_about_datastores_excuses_no_rule_for_networks() -> None:
    problems, warnings = judged(replace(INVENTORY, unsure={DATASTORE: "no tab vDatastore"}), networks=(network("lab"),))
    assert [problem.message.partition(" ")[0] for problem in problems] == ["plan_networks[0].source"] and warnings == []


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
    assert [text.partition(" ")[0] for text in warnings] == [
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
