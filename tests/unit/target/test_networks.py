# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks: attachment definitions, user-defined networks and node network policies."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.target.networks import selects

from tests.tools.generator.target_objects import attachment, conditions, named

from .support import Record, only, records_of

NADS = "network-attachment-definitions.k8s.cni.cncf.io"
CLUSTER_NETWORKS = "clusteruserdefinednetworks.k8s.ovn.org"
LOCALNET = {
    "role": "Secondary",
    "physicalNetworkName": "trunk",
    "vlan": {"mode": "Access", "access": {"id": 130}},
    "subnets": ["10.1.0.0/24"],
}


def nad(config: dict[str, Any], **annotations: str) -> Record:
    return only("network_attachment", NADS, attachment("net", "default", config, **annotations))


def test_bridge_with_vlan_is_read() -> None:
    record = nad({"type": "cnv-bridge", "bridge": "br-vm", "vlan": 110, "mtu": 9000})
    assert (record["type"], record["bridge"], record["vlan"], record["mtu"]) == ("cnv-bridge", "br-vm", 110, 9000)
    assert (record["topology"], record["subnets"], record["resource"], record["user_defined"]) == ("", [], "", False)


def test_untagged_bridge_has_vlan_zero_and_no_mtu() -> None:
    record = nad({"type": "bridge", "bridge": "br-vm"})
    assert record["vlan"] == 0
    assert "mtu" not in record


def test_trunk_lists_what_it_passes_on() -> None:
    record = nad({"type": "bridge", "bridge": "br", "vlanTrunk": [{"minID": 500, "maxID": 520}, {"id": 600}]})
    assert (record["vlan"], record["vlan_trunk"]) == (0, ["500-520", "600"])


def test_first_plugin_of_a_list_makes_the_interface() -> None:
    record = nad({"plugins": [{"type": "bridge", "bridge": "br1", "vlan": 5}, {"type": "tuning"}]})
    assert (record["type"], record["bridge"], record["vlan"], record["network"]) == ("bridge", "br1", 5, "net")


def test_localnet_names_its_physical_network_or_is_it_itself() -> None:
    overlay = {"type": "ovn-k8s-cni-overlay", "topology": "localnet", "vlanID": 130}
    assert nad({**overlay, "physicalNetworkName": "trunk"})["physical_network"] == "trunk"
    own = nad({**overlay, "name": "vlan130"})
    assert (own["physical_network"], own["vlan"], own["topology"]) == ("vlan130", 130, "localnet")
    assert nad({"type": "ovn-k8s-cni-overlay", "topology": "layer2"})["physical_network"] == ""


@pytest.mark.parametrize(
    ("config", "subnets"),
    [
        ({"subnets": "10.0.0.0/16/24, fd00::/48/64"}, ["10.0.0.0/16", "fd00::/48"]),
        ({"ipam": {"type": "whereabouts", "range": "10.2.0.0/24"}}, ["10.2.0.0/24"]),
        ({"ipam": {"type": "whereabouts", "ipRanges": [{"range": "10.3.0.0/24"}]}}, ["10.3.0.0/24"]),
        ({"ipam": {"type": "host-local", "ranges": [[{"subnet": "10.4.0.0/24"}]]}}, ["10.4.0.0/24"]),
        ({"ipam": {"type": "static", "addresses": [{"address": "10.5.0.9/24"}]}}, ["10.5.0.9/24"]),
        ({"ipam": {}}, []),
    ],
)
def test_subnets_are_found_whatever_assigns_addresses(config: dict[str, Any], subnets: list[str]) -> None:
    assert nad({"type": "bridge", **config})["subnets"] == subnets


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ("", "in a file on the nodes"),
        ("{not json", "not JSON"),
        ("[1]", "not a mapping"),
        ("[" * 5000, "not JSON"),
        ("null", "not a mapping"),
    ],
)
def test_definition_that_cannot_be_read_leaves_its_facts_unknown(config: str, reason: str) -> None:
    record = only("network_attachment", NADS, named("net", "default", spec={"config": config}))
    for fact in ("type", "bridge", "vlan", "subnets", "topology"):
        assert fact not in record
        assert reason in record["unknown"][fact]
    assert record["transfer_route"] == ""


def test_vlan_that_is_no_number_is_unknown() -> None:
    record = nad({"type": "bridge", "vlan": "blue"})
    assert "vlan" not in record
    assert nad({"type": "sriov", "vlan": "7"})["vlan"] == 7


def test_annotations_name_the_device_resource_and_the_route_of_transfers() -> None:
    annotations = {"k8s.v1.cni.cncf.io/resourceName": "openshift.io/sriov", "forklift.konveyor.io/route": "10.9.0.1"}
    record = nad({"type": "sriov"}, **annotations)
    assert (record["resource"], record["transfer_route"]) == ("openshift.io/sriov", "10.9.0.1")


def test_network_of_a_namespace_is_in_that_namespace() -> None:
    spec = {"topology": "Layer3", "layer3": {"role": "Primary", "subnets": [{"cidr": "10.6.0.0/16", "hostSubnet": 24}]}}
    record = only("user_network", "userdefinednetworks.k8s.ovn.org", named("own", "shop", spec=spec))
    assert (record["id"], record["namespaces"], record["subnets"]) == ("shop/own", ["shop"], ["10.6.0.0/16"])
    assert (record["topology"], record["role"], record["vlan"], record["physical_network"]) == ("Layer3", "Primary", 0, "")


def cluster_network(selector: dict[str, Any]) -> dict[str, Any]:
    return named("vlan130", spec={"namespaceSelector": selector, "network": {"topology": "Localnet", "localnet": LOCALNET}})


def test_network_of_the_cluster_is_in_the_namespaces_that_its_selector_takes() -> None:
    listed = [named("erp", labels={"tier": "db"}, status={}), named("crm", labels={"tier": "web"}, status={})]
    record = only("user_network", CLUSTER_NETWORKS, cluster_network({"matchLabels": {"tier": "db"}}), namespaces=listed)
    assert (record["id"], record["namespaces"], record["vlan"]) == ("vlan130", ["erp"], 130)
    assert (record["physical_network"], record["role"], record["subnets"]) == ("trunk", "Secondary", ["10.1.0.0/24"])
    assert "namespaceSelector" not in record


def test_namespaces_of_a_network_are_unknown_where_they_were_not_read() -> None:
    record = records_of({CLUSTER_NETWORKS: [cluster_network({})]}, {"namespaces": "forbidden"})["user_network", "vlan130"]
    assert "namespaces" not in record
    assert record["unknown"]["namespaces"] == "the account may not list namespaces"


@pytest.mark.parametrize(
    ("operator", "values", "labels", "verdict"),
    [
        ("In", ["a"], {"k": "a"}, True),
        ("In", ["a"], {}, False),
        ("NotIn", ["a"], {"k": "a"}, False),
        ("NotIn", ["a"], {}, True),
        ("Exists", [], {"k": ""}, True),
        ("Exists", [], {}, False),
        ("DoesNotExist", [], {}, True),
        ("DoesNotExist", [], {"k": "a"}, False),
        ("Like", ["a"], {"k": "a"}, None),
    ],
)
def test_selector_takes_what_its_expressions_say(operator: str, values: list[str], labels: dict[str, str], verdict: bool | None) -> None:
    assert selects({"matchExpressions": [{"key": "k", "operator": operator, "values": values}]}, labels) is verdict


def test_selector_without_conditions_takes_everything() -> None:
    assert selects({}, {}) is True


def test_policy_names_the_bridges_that_it_makes_and_none_that_it_removes() -> None:
    interfaces = [
        {"name": "br-vm", "type": "linux-bridge", "state": "up"},
        {"name": "br-old", "type": "linux-bridge", "state": "absent"},
        {"name": "bond0", "type": "bond", "state": "up"},
    ]
    mappings = [{"localnet": "trunk", "bridge": "br-ex", "state": "present"}, {"localnet": "gone", "bridge": "br-ex", "state": "absent"}]
    desired = {"interfaces": interfaces, "ovn": {"bridge-mappings": mappings}}
    spec = {"nodeSelector": {"pool": "vms"}, "desiredState": desired}
    item = named("policy", spec=spec, status={"conditions": conditions(Available="False")})
    record = only("node_network_policy", "nodenetworkconfigurationpolicies.nmstate.io", item)
    assert (record["bridges"], record["bridge_mappings"]) == (["br-vm"], {"trunk": "br-ex"})
    assert (record["node_selector"], record["available"]) == ({"pool": "vms"}, False)
    young = only("node_network_policy", "nodenetworkconfigurationpolicies.nmstate.io", named("policy", spec={}))
    assert "available" not in young
