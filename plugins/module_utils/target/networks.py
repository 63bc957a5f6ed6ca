# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks of a target: attachment definitions, user-defined networks, and the policies that configure the nodes for them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from ..common.artifact import JsonRecord
from .objects import ApiObject, Draft, annotations_of, at, labels_of, map_at, maps_at, text_at, text_map, texts_at

RESOURCE_NAME: Final = "k8s.v1.cni.cncf.io/resourceName"
ROUTE: Final = "forklift.konveyor.io/route"
USER_DEFINED: Final = "k8s.ovn.org/user-defined-network"
SELECTOR: Final = "namespaceSelector"
"""Key under which a network of the whole cluster keeps its selector until the namespaces are known; no fact of its record."""

BRIDGES: Final = ("linux-bridge", "ovs-bridge")
LOCALNET: Final = "localnet"
_CONFIGURED: Final = (
    "type",
    "network",
    "bridge",
    "vlan",
    "vlan_trunk",
    "topology",
    "role",
    "physical_network",
    "subnets",
    "mtu",
)
_BEYOND_TEXT: Final = "which stands in a file on the nodes"


def network_attachment(item: ApiObject) -> JsonRecord:
    """The record of a NetworkAttachmentDefinition."""
    draft = Draft("network_attachment", item, labels_of(item))
    _put_configuration(draft, text_at(item, "spec.config"))
    annotations = annotations_of(item)
    draft.put("resource", annotations.get(RESOURCE_NAME, ""))
    draft.put("user_defined", USER_DEFINED in labels_of(item))
    draft.put("transfer_route", annotations.get(ROUTE, ""))
    return draft.record()


def _put_configuration(draft: Draft, text: str) -> None:
    """What the CNI configuration inside the definition says; of a list of plugins the first one makes the interface."""
    reason = "" if text.strip() else f"the definition has no configuration of its own, {_BEYOND_TEXT}"
    outer: Any = {}
    if not reason:
        try:
            outer = json.loads(text)
        except (ValueError, RecursionError):
            reason = "spec.config is not JSON"
        if not reason and outer.__class__ is not dict:
            reason = "spec.config is not a mapping"
    if reason:
        for fact in _CONFIGURED:
            draft.unknown(fact, reason)
        return
    config = {"name": outer.get("name"), **next(iter(maps_at(outer, "plugins")), outer)}
    network, topology = text_at(config, "name") or text_at(outer, "name"), text_at(config, "topology")
    draft.put("type", text_at(config, "type"))
    draft.put("network", network)
    draft.put("bridge", text_at(config, "bridge"))
    _put_vlan(draft, config)
    draft.put("topology", topology)
    draft.put("role", text_at(config, "role"))
    draft.put("physical_network", (text_at(config, "physicalNetworkName") or network) if topology == LOCALNET else "")
    draft.put("subnets", _subnets(config))
    if config.get("mtu").__class__ is int:
        draft.put("mtu", config["mtu"])


def _put_vlan(draft: Draft, config: Mapping[str, Any]) -> None:
    tags = [config[key] for key in ("vlan", "vlanID") if config.get(key) is not None]
    number = next((int(tag) for tag in tags if tag.__class__ is int or (tag.__class__ is str and tag.isascii() and tag.isdigit())), None)
    if not tags or number is not None:
        draft.put("vlan", number or 0)
    else:
        draft.unknown("vlan", "the VLAN in spec.config is not a number")
    trunk = []
    for entry in maps_at(config, "vlanTrunk"):
        if entry.get("id").__class__ is int:
            trunk.append(str(entry["id"]))
        elif entry.get("minID").__class__ is int and entry.get("maxID").__class__ is int:
            trunk.append(f"{entry['minID']}-{entry['maxID']}")
    draft.put("vlan_trunk", trunk)


def _subnets(config: Mapping[str, Any]) -> list[str]:
    """Subnets from which a configuration assigns addresses, whatever plugin does it."""
    found = [part.strip() for part in text_at(config, "subnets").split(",")]
    ipam = map_at(config, "ipam")
    found += [text_at(ipam, key) for key in ("subnet", "range")]
    found += [text_at(entry, "range") for entry in maps_at(ipam, "ipRanges")]
    found += [text_at(entry, "address") for entry in maps_at(ipam, "addresses")]
    ranges = at(ipam, "ranges")
    for group in ranges if ranges.__class__ is list else []:
        found += [text_at(entry, "subnet") for entry in maps_at({"group": group}, "group")]
    # OVN-Kubernetes writes a host prefix behind the subnet of layer 3 networks: 10.0.0.0/16/24.
    return list(dict.fromkeys("/".join(part.split("/")[:2]) for part in found if part))


def user_network(item: ApiObject) -> JsonRecord:
    """The record of a UserDefinedNetwork, or of a ClusterUserDefinedNetwork without the namespaces that it selects."""
    draft = Draft("user_network", item, labels_of(item))
    spec = map_at(item, "spec.network") or map_at(item, "spec")
    topology = text_at(spec, "topology")
    if not topology:
        draft.unknown("topology", "the object has no topology")
    else:
        draft.put("topology", topology)
    details = map_at(spec, topology.lower()) if topology else {}
    role = text_at(details, "role")
    if role:
        draft.put("role", role)
    else:
        draft.unknown("role", "the object has no role")
    subnets = texts_at(details, "subnets") + [text_at(entry, "cidr") for entry in maps_at(details, "subnets")]
    draft.put("subnets", [subnet for subnet in subnets if subnet])
    access = at(details, "vlan.access.id")
    draft.put("vlan", access if access.__class__ is int else 0)
    draft.put("physical_network", text_at(details, "physicalNetworkName"))
    if draft.namespace:
        draft.put("namespaces", [draft.namespace])
    else:
        draft.put(SELECTOR, map_at(item, "spec.namespaceSelector"))
    return draft.record()


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool | None:
    """Whether a label selector takes something with these labels; None for an operator that nobody knows."""
    verdict = all(labels.get(key) == value for key, value in map_at(selector, "matchLabels").items())
    for entry in maps_at(selector, "matchExpressions"):
        key, operator, values = text_at(entry, "key"), entry.get("operator"), texts_at(entry, "values")
        if operator in ("In", "NotIn"):
            verdict &= (labels.get(key) in values) is (operator == "In")
        elif operator in ("Exists", "DoesNotExist"):
            verdict &= (key in labels) is (operator == "Exists")
        else:
            return None
    return verdict


def node_network_policy(item: ApiObject) -> JsonRecord:
    """The record of a NodeNetworkConfigurationPolicy."""
    draft = Draft("node_network_policy", item, labels_of(item))
    interfaces = maps_at(item, "spec.desiredState.interfaces")
    bridges = {text_at(entry, "name") for entry in interfaces if entry.get("type") in BRIDGES and entry.get("state") != "absent"}
    draft.put("bridges", sorted(bridges - {""}))
    mappings = [entry for entry in maps_at(item, "spec.desiredState.ovn.bridge-mappings") if entry.get("state") != "absent"]
    draft.put("bridge_mappings", dict(sorted((text_at(entry, LOCALNET), text_at(entry, "bridge")) for entry in mappings)))
    draft.put("node_selector", text_map(at(item, "spec.nodeSelector")))
    draft.condition("available", "Available")
    return draft.record()
