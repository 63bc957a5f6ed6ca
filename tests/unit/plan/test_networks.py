# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the networks of the estate lead."""

from __future__ import annotations

import json

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.model import IGNORED, MULTUS, POD
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.network_proposal import needed_policies
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.networks import map_networks, network_use, rule_problems
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings import NetworkRule
from ansible_collections.groundwork.readiness.plugins.module_utils.target.view import TargetView

from tests.unit.plan.builders import VCENTER, make_nic, make_vm
from tests.unit.plan.mapping_builders import LISTS, choice_of, nad, namespace, port_group, target_of

ID = f"{VCENTER}/dvportgroup-1"
VMS = (make_vm("a", nics=(make_nic(network="", network_id=ID, cidrs=()),)),)
POLICY = {"kind": "node_network_policy", "id": "p", "name": "p"}


def user_network(name: str, **facts: object) -> dict[str, object]:
    base = {"kind": "user_network", "id": name, "name": name, "topology": "Localnet", "role": "Secondary", "subnets": []}
    return {**base, "namespaces": ["apps", "db"], **facts}


def test_same_vlan_and_like_name_leads_there_with_high_confidence() -> None:
    choice = choice_of(VMS, [port_group("prod-100", vlan="100")], target_of(nad("vlan100-prod", 100), nad("prod-101", 101)))
    assert (choice.type, choice.namespace, choice.name) == (MULTUS, "default", "vlan100-prod")
    assert choice.confidence >= 85
    assert "VLAN 100 on both sides" in choice.reason
    assert (choice.source_id, choice.record_id, choice.vm_count) == ("dvportgroup-1", ID, 1)


def test_same_vlan_alone_leads_there_with_less_confidence() -> None:
    by_number = choice_of(VMS, [port_group("finance", vlan="100")], target_of(nad("prod", 100)))
    by_both = choice_of(VMS, [port_group("prod", vlan="100")], target_of(nad("prod", 100)))
    assert 30 < by_number.confidence < by_both.confidence < 100


def test_other_vlan_rules_out_the_same_name() -> None:
    assert choice_of(VMS, [port_group("prod", vlan="100")], target_of(nad("prod", 200))).type == ""


@pytest.mark.parametrize("vlan", ["1-20,100", "pvlan:100", "0-4094"])
def test_trunk_or_private_vlan_never_matches_by_number(vlan: str) -> None:
    target = target_of(nad("n100", 100), nad("vlan-100", 0))
    choice = choice_of(VMS, [port_group("trunk 100", vlan=vlan)], target)
    assert (choice.type, choice.confidence, choice.proposal) == ("", 0, None)


def test_trunk_matches_by_name_with_low_confidence_and_says_so() -> None:
    choice = choice_of(VMS, [port_group("backbone", vlan="1-20")], target_of(nad("backbone")))
    assert choice.name == "backbone"
    assert choice.confidence < 60
    assert "several VLANs (1-20)" in choice.reason


@pytest.mark.parametrize(
    ("source", "name", "confidence"),
    [
        ("backbone", "backbone", 60),
        ("Backbone Network", "backbone", 50),
        ("dc1-backbone-a", "backbone-a", 35),
        ("alpha", "beta", 0),
        ("VM Network", "network", 0),
    ],
)
def test_unknown_vlan_leaves_the_name_to_decide(source: str, name: str, confidence: int) -> None:
    assert choice_of(VMS, [port_group(source)], target_of(nad(name))).confidence == confidence


def test_number_in_a_longer_number_is_no_likeness() -> None:
    assert choice_of(VMS, [port_group("vlan-1000")], target_of(nad("vlan-100"))).type == ""


def test_two_that_suit_equally_leave_it_unmapped_and_are_both_named() -> None:
    choice = choice_of(VMS, [port_group("x", vlan="100")], target_of(nad("left", 100), nad("right", 100), {**POLICY, "bridges": ["br-vm"]}))
    assert (choice.type, choice.proposal) == ("", None)
    assert "left in default" in choice.reason and "right in default" in choice.reason


def test_same_attachment_in_several_namespaces_is_one_network() -> None:
    choice = choice_of(VMS, [port_group("x", vlan="100")], target_of(nad("n", 100, "apps"), nad("n", 100, "db")))
    assert (choice.name, choice.namespaces) == ("n", ("apps", "db"))


def test_localnet_user_network_gives_its_attachments_vlan_and_physical_network() -> None:
    made = [nad("vlan-77", None, space, bridge="", topology="localnet", user_defined=True) for space in ("apps", "db")]
    target = target_of(
        *made, user_network("vlan-77", vlan=77, physical_network="vm-net"), {**POLICY, "bridge_mappings": {"vm-net": "br-ex"}}
    )
    choice = choice_of(VMS, [port_group("x", vlan="77")], target)
    assert (choice.name, choice.namespaces) == ("vlan-77", ("apps", "db"))


def test_physical_network_that_no_policy_maps_lowers_the_confidence() -> None:
    made = nad("n", 77, bridge="", topology="localnet", network="vm-net")
    mapped = choice_of(VMS, [port_group("x", vlan="77")], target_of(made, {**POLICY, "bridge_mappings": {"vm-net": "br-ex"}}))
    lost = choice_of(VMS, [port_group("x", vlan="77")], target_of(made))
    assert lost.confidence < mapped.confidence
    assert "no node policy maps vm-net" in lost.reason


@pytest.mark.parametrize("facts", [{"topology": "Layer3"}, {"role": "Primary", "topology": "Layer2"}])
def test_primary_and_layer_3_user_networks_are_no_destination(facts: dict[str, str]) -> None:
    target = target_of(nad("prod", None, "apps", bridge="", user_defined=True), user_network("prod", **facts))
    assert choice_of(VMS, [port_group("prod")], target).type == ""


def test_addresses_inside_the_subnets_of_a_network_lead_there() -> None:
    vms = (make_vm("a", nics=(make_nic(network_id=ID, cidrs=("192.0.2.10/24", "fe80::1/64")),)),)
    target = target_of(nad("left", subnets=["192.0.2.0/23"]), nad("right", subnets=["198.51.100.0/24"]))
    choice = choice_of(vms, [port_group("x")], target)
    assert (choice.name, choice.confidence) == ("left", 60)


def test_addresses_outside_the_subnets_lower_the_confidence() -> None:
    vms = (make_vm("a", nics=(make_nic(network_id=ID, cidrs=("192.0.2.10/24",)),)),)
    choice = choice_of(vms, [port_group("x", vlan="9")], target_of(nad("n", 9, subnets=["198.51.100.0/24"])))
    assert choice.confidence < 60
    assert "do not hold" in choice.reason


def test_attachments_that_were_not_read_leave_it_open_and_unproposed() -> None:
    target = TargetView([{"kind": "reading", "id": "network-attachment-definitions.k8s.cni.cncf.io", "state": "forbidden"}])
    choice = choice_of(VMS, [port_group("x", vlan="9")], target)
    assert (choice.type, choice.proposal) == ("", None)
    assert choice.reason.startswith("not evaluated: ")


def test_rule_of_the_user_comes_before_everything() -> None:
    target = target_of(nad("prod", 100), nad("other", 7, "apps"))
    rules = (NetworkRule("*", MULTUS, "apps", "other", vcenter="elsewhere"), NetworkRule("PR*", MULTUS, "apps", "other"))
    choice = choice_of(VMS, [port_group("prod", vlan="100")], target, networks=rules)
    assert (choice.namespace, choice.name, choice.confidence, choice.reason) == ("apps", "other", 100, "your rule plan_networks[1]")


@pytest.mark.parametrize("kind", [POD, IGNORED])
@pytest.mark.parametrize("source", ["dvportgroup-1", ID, "prod"])
def test_rule_finds_a_network_by_id_or_name(kind: str, source: str) -> None:
    choice = choice_of(VMS, [port_group("prod", vlan="100")], target_of(nad("prod", 100)), networks=(NetworkRule(source, kind),))
    assert (choice.type, choice.namespace, choice.name) == (kind, "", "")


def test_network_without_a_record_is_mapped_by_its_name() -> None:
    vms = (make_vm("a", nics=(make_nic(network="prod", network_id="", cidrs=()),)),)
    choice = choice_of(vms, [], target_of(nad("prod")))
    assert (choice.source_id, choice.record_id, choice.name) == ("prod", f"{VCENTER}/prod", "prod")


def test_choices_do_not_depend_on_the_order_of_records() -> None:
    vms = [make_vm(str(number), nics=(make_nic(network_id=f"{VCENTER}/dvportgroup-{number}"),)) for number in range(6)]
    groups = [port_group(f"net-{number}", f"dvportgroup-{number}", str(number + 10)) for number in range(6)]
    records = [nad(f"net-{number}", number + 10) for number in range(6)]
    one = map_networks(groups, network_use(vms), target_of(*records), ())
    other = map_networks(groups[::-1], network_use(vms[::-1]), target_of(*records[::-1]), ())
    assert one == other and len(one) == 6


def test_missing_network_gets_a_localnet_proposal_where_a_policy_maps_a_physical_network() -> None:
    target = target_of(nad("other", 7), {**POLICY, "bridge_mappings": {"vm-net": "br-ex"}})
    choice = choice_of(VMS, [port_group("Finance DMZ", vlan="300")], target)
    assert choice.type == "" and choice.proposal is not None
    assert choice.proposal["metadata"]["name"] == "finance-dmz-vlan300"
    config = json.loads(choice.proposal["spec"]["config"])
    assert (config["topology"], config["physicalNetworkName"], config["vlanID"]) == ("localnet", "vm-net", 300)
    assert needed_policies([choice], target) == []


def test_missing_network_gets_a_bridge_proposal_where_a_policy_makes_a_bridge() -> None:
    choice = choice_of(VMS, [port_group("x", vlan="300")], target_of({**POLICY, "bridges": ["br1"]}))
    assert choice.proposal is not None
    config = json.loads(choice.proposal["spec"]["config"])
    assert (config["type"], config["bridge"], config["vlan"]) == ("bridge", "br1", 300)


def test_missing_policy_is_proposed_as_well_where_every_worker_has_the_outside_bridge() -> None:
    nodes = [{"kind": "node", "id": f"n{number}", "roles": ["worker"], "bridges": ["br-ex"]} for number in range(2)]
    target = target_of(*nodes)
    choice = choice_of(VMS, [port_group("x", vlan="300")], target)
    assert choice.proposal is not None
    (policy,) = needed_policies([choice], target)
    (mapping,) = policy["spec"]["desiredState"]["ovn"]["bridge-mappings"]
    assert mapping["localnet"] == json.loads(choice.proposal["spec"]["config"])["physicalNetworkName"]


def test_several_carriers_leave_it_without_a_proposal_unless_the_switch_tells() -> None:
    vms = [*VMS, make_vm("b", nics=(make_nic(network_id=f"{VCENTER}/dvportgroup-2", cidrs=()),))]
    groups = [port_group("x", vlan="300"), port_group("y", "dvportgroup-2", "7")]
    policy = {**POLICY, "bridges": ["br1", "br2"]}
    known = map_networks(groups, network_use(vms), target_of(nad("y", 7, bridge="br2"), policy), ())
    lost = map_networks(groups, network_use(vms), target_of(nad("y", 7, bridge="br3"), policy), ())
    assert json.loads((known[0].proposal or {})["spec"]["config"])["bridge"] == "br2"
    assert lost[0].proposal is None and "several carry VLANs" in lost[0].reason


@pytest.mark.parametrize("vlan", [None, "", "1-20", "pvlan:5"])
def test_no_proposal_without_one_vlan(vlan: str | None) -> None:
    assert choice_of(VMS, [port_group("x", vlan=vlan)], target_of({**POLICY, "bridges": ["br1"]})).proposal is None


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (NetworkRule("x", MULTUS, "apps", "gone"), "apps/gone is not on the target"),
        (NetworkRule("x", MULTUS, "", "gone"), "gone is not on the target"),
        (NetworkRule("x", MULTUS, "nowhere", "prod"), "plan_networks[1].namespace nowhere"),
    ],
)
def test_rule_that_leads_to_nothing_is_a_problem_only_where_the_lists_were_read(rule: NetworkRule, words: str) -> None:
    rules = (NetworkRule("y", POD), rule)
    records = (nad("prod", 100), namespace("apps"), namespace("default"))
    (problem,) = rule_problems(rules, target_of(*records))
    assert words in problem.message
    assert (
        rule_problems(rules, target_of(*records, read=[name for name in LISTS if "namespaces" not in name and "attachment" not in name]))
        == []
    )


def test_rule_that_leads_to_an_attachment_is_no_problem() -> None:
    rules = (NetworkRule("y", MULTUS, "default", "prod"), NetworkRule("x", MULTUS, "", "prod"))
    assert rule_problems(rules, target_of(nad("prod", 100), namespace("default"))) == []
