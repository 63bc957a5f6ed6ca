# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may reach the namespace and what it may reach: NetworkPolicies, or a primary UserDefinedNetwork beside them.

Pods ask for names at port 5353 of openshift-dns: the service's port 53 is gone by the time a policy looks at the packet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ...common.owned_fields import ApiObject
from ...platform.desired.keys import NAME_LABEL
from ..contract.model import OWN_NETWORK, Contract, EgressWanted
from ..terms import NETWORK, PREFIX

DNS_NAMESPACE: Final = "openshift-dns"
DNS_PORT: Final = 5353
MONITORING: Final = ("openshift-monitoring", "openshift-user-workload-monitoring")
ROUTER: Final[Mapping[str, str]] = {"network.openshift.io/policy-group": "ingress"}
INGRESS, EGRESS = "Ingress", "Egress"
_ALL_PODS: Final[Mapping[str, Any]] = {}


def network_objects(contract: Contract, api_servers: Sequence[tuple[str, int]]) -> Iterator[ApiObject]:
    """All policies of the namespace, and its network; `api_servers` are the addresses and ports of the cluster's own."""
    network, name = contract.network, contract.namespace
    if network.isolation == OWN_NETWORK:
        yield own_network(contract)
    yield _policy(name, "deny", {"policyTypes": [INGRESS, EGRESS]})
    within = [{"podSelector": dict(_ALL_PODS)}]
    yield _policy(name, "within", {"policyTypes": [INGRESS, EGRESS], "ingress": [{"from": within}], "egress": [{"to": within}]})
    dns = {"to": [_namespaces(DNS_NAMESPACE)], "ports": [{"protocol": each, "port": DNS_PORT} for each in ("TCP", "UDP")]}
    yield _policy(name, "dns", {"policyTypes": [EGRESS], "egress": [dns]})
    if network.to_api and api_servers:
        yield _policy(name, "api", {"policyTypes": [EGRESS], "egress": _to_api(api_servers)})
    if contract.monitoring.pods or contract.monitoring.services:
        yield _policy(name, "monitoring", {"policyTypes": [INGRESS], "ingress": [{"from": [_namespaces(*MONITORING)]}]})
    if network.from_router:
        router = {"namespaceSelector": {"matchLabels": dict(ROUTER)}}
        yield _policy(name, "router", {"policyTypes": [INGRESS], "ingress": [{"from": [router]}]})
    if network.from_namespaces:
        yield _policy(name, "from", {"policyTypes": [INGRESS], "ingress": [{"from": [_namespaces(*network.from_namespaces)]}]})
    for each in network.egress:
        yield _policy(name, f"egress-{each.name}", {"policyTypes": [EGRESS], "egress": [_way_out(each)]})


def _to_api(servers: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    """Ways to the API servers: they are on the network of their nodes, where no selector of namespaces finds them."""
    by_port: dict[int, list[str]] = {}
    for address, port in sorted(servers):
        by_port.setdefault(port, []).append(f"{address}/{128 if ':' in address else 32}")
    return [
        {"to": [{"ipBlock": {"cidr": cidr}} for cidr in cidrs], "ports": [{"protocol": "TCP", "port": port}]}
        for port, cidrs in by_port.items()
    ]


def own_network(contract: Contract) -> ApiObject:
    """The primary network of the namespace; the server lets nobody change it."""
    layer = {"role": "Primary", "subnets": list(contract.network.subnets), "ipam": {"lifecycle": "Persistent"}}
    return {
        "apiVersion": "k8s.ovn.org/v1",
        "kind": "UserDefinedNetwork",
        "metadata": {"name": NETWORK, "namespace": contract.namespace},
        "spec": {"topology": "Layer2", "layer2": layer},
    }


def _policy(namespace: str, name: str, spec: Mapping[str, Any]) -> ApiObject:
    # A direction without rules says so: rules that somebody adds there would be theirs, and no run would take them back.
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": f"{PREFIX}{name}", "namespace": namespace},
        "spec": {"podSelector": dict(_ALL_PODS), "ingress": [], "egress": [], **spec},
    }


def _namespaces(*names: str) -> dict[str, Any]:
    """The namespaces of these names, sorted: lists of selectors are kept as they are."""
    if len(names) == 1:
        return {"namespaceSelector": {"matchLabels": {NAME_LABEL: names[0]}}}
    return {"namespaceSelector": {"matchExpressions": [{"key": NAME_LABEL, "operator": "In", "values": sorted(set(names))}]}}


def _way_out(wanted: EgressWanted) -> dict[str, Any]:
    to: list[dict[str, Any]] = [{"ipBlock": {"cidr": each}} for each in sorted(set(wanted.cidrs))]
    if wanted.namespaces:
        to.append(_namespaces(*wanted.namespaces))
    return {"to": to, **({"ports": ports_of(wanted.ports)} if wanted.ports else {})}


def ports_of(texts: Sequence[str]) -> list[dict[str, Any]]:
    """Ports such as 443 or 53/UDP as a policy writes them; TCP where nothing is said."""
    found = [(text.partition("/")[2] or "TCP", int(text.partition("/")[0])) for text in texts]
    return [{"protocol": protocol, "port": port} for protocol, port in sorted(set(found))]
