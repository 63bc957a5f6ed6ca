# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster on which everything of one team is in its jurisdiction, and what can be put on it that is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.model import Contract
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.load import PodLoad
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.objects.core import namespace as namespace_of_contract
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.objects.network import network_objects
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.readings import (
    EGRESS_FIREWALLS,
    NETWORK_POLICIES,
    VOLUMES,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.sovereignty import checks
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.sovereignty.findings import sovereignty_findings
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.readings import ImageUse
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, PlatformSnapshot, ServedApi

from tests.unit.namespaces.builders import EVERYTHING, Json, contract

SPACE = "team-chat"
REGION, ZONE = "topology.kubernetes.io/region", "topology.kubernetes.io/zone"
DIGESTS, TAGS, OLD = (
    "imagedigestmirrorsets.config.openshift.io",
    "imagetagmirrorsets.config.openshift.io",
    "imagecontentsourcepolicies.operator.openshift.io",
)
ADMIN = "adminnetworkpolicies.policy.networking.k8s.io"
MODELS, LLMS = "inferenceservices.serving.kserve.io", "llminferenceservices.serving.kserve.io"
OAUTHS, AUTHENTICATIONS = "oauths.config.openshift.io", "authentications.config.openshift.io"
PROMETHEUSES, OPERATORS = "prometheuses.monitoring.coreos.com", "clusteroperators.config.openshift.io"
PROXIES = "proxies.config.openshift.io"
HOSTS = ["*.eu.example.com", "login.example.com", "198.51.100.0/24"]
NAME = "kubernetes.io/metadata.name"


def team(**changes: Any) -> Contract:
    """A contract that stays within its jurisdiction."""
    wanted = {
        "jurisdiction": {"name": "eu", "regions": ["eu-central"], "hosts": HOSTS},
        "images": {"registries": ["registry.eu.example.com/ai"]},
    }
    return contract(EVERYTHING, **{**wanted, **changes})


def named(kind: str, name: str, space: str = "", **body: Any) -> Json:
    return {"kind": kind, "metadata": {"name": name, **({"namespace": space} if space else {})}, **body}


def node(name: str, region: str, zone: str) -> Json:
    labels = {REGION: region, ZONE: zone, "kubernetes.io/hostname": name}
    addresses = [{"type": "InternalIP", "address": "10.0.0.7"}]
    return {
        "kind": "Node",
        "metadata": {"name": name, "labels": {k: v for k, v in labels.items() if v}},
        "status": {"addresses": addresses},
    }


def space(name: str, **labels: str) -> Json:
    return {"kind": "Namespace", "metadata": {"name": name, "labels": {NAME: name, **labels}}}


def volume(name: str, *terms: Mapping[str, Sequence[str]], phase: str = "Bound", labels: Mapping[str, str] | None = None) -> Json:
    """A volume of the team, bound to places by nodes' labels."""
    made = [
        {"matchExpressions": [{"key": key, "operator": "In", "values": list(values)} for key, values in term.items()]} for term in terms
    ]
    spec: Json = {"claimRef": {"namespace": SPACE, "name": f"data-{name}"}}
    if made:
        spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": made}}
    return {"kind": "PersistentVolume", "metadata": {"name": name, "labels": dict(labels or {})}, "spec": spec, "status": {"phase": phase}}


def mirror(resource: str, source: str, *mirrors: str, never: bool = True) -> tuple[str, Json]:
    key = {DIGESTS: "imageDigestMirrors", TAGS: "imageTagMirrors", OLD: "repositoryDigestMirrors"}[resource]
    entry: Json = {"source": source, "mirrors": list(mirrors)}
    if never:
        entry["mirrorSourcePolicy"] = "NeverContactSource"
    return resource, named("MirrorSet", f"of-{source}", spec={key: [entry]})


def policy(name: str, *, egress: Any = None, ingress: Any = None, pods: Json | None = None) -> tuple[str, Json]:
    rules = {key: value for key, value in (("egress", egress), ("ingress", ingress)) if value is not None}
    types = [{"egress": "Egress", "ingress": "Ingress"}[key] for key in rules]
    return NETWORK_POLICIES, named("NetworkPolicy", name, SPACE, spec={"podSelector": pods or {}, "policyTypes": types, **rules})


def block(cidr: str, *exceptions: str) -> Json:
    return {"ipBlock": {"cidr": cidr, **({"except": list(exceptions)} if exceptions else {})}}


def admin(direction: str, *peers: Json, subject: Json | None = None, action: str = "Allow") -> tuple[str, Json]:
    """A policy of the cluster's administrators."""
    rule = {"action": action, {"egress": "to", "ingress": "from"}[direction]: list(peers)}
    return ADMIN, named("AdminNetworkPolicy", "site", spec={"subject": subject or {"namespaces": {}}, direction: [rule]})


def firewall(*rules: tuple[str, Json]) -> tuple[str, Json]:
    return EGRESS_FIREWALLS, named("EgressFirewall", "default", SPACE, spec={"egress": [{"type": kind, "to": to} for kind, to in rules]})


def provider(name: str, kind: str, **body: Any) -> tuple[str, Json]:
    return OAUTHS, named("OAuth", "cluster", spec={"identityProviders": [{"name": name, "type": kind, **body}]})


def prometheus(where: str, *urls: str) -> tuple[str, Json]:
    return PROMETHEUSES, named("Prometheus", "k8s", where, spec={"remoteWrite": [{"url": url} for url in urls]})


def insights(off: str) -> tuple[str, Json]:
    return OPERATORS, named("ClusterOperator", "insights", status={"conditions": [{"type": "Disabled", "status": off}]})


@dataclass(frozen=True)
class World:
    """A cluster; the one that is made without a word is clean."""

    team: Contract = field(default_factory=team)
    lists: Mapping[str, Sequence[Json]] = field(default_factory=dict)
    images: Mapping[str, int] = field(default_factory=lambda: {"registry.eu.example.com/ai/vllm:1": 2})
    nodes: Mapping[str, int] = field(default_factory=lambda: {"de-1": 2})
    on_host_network: Sequence[str] = ()
    hidden: Sequence[str] = ()
    absent: Sequence[str] = ()
    served: Sequence[str] = ()
    load: PodLoad | None = None
    pods_read: bool = True

    def all_lists(self) -> dict[str, list[Json]]:
        live = dict(namespace_of_contract(self.team))
        clean: dict[str, list[Json]] = {
            "namespaces": [live, space("team-other"), space("openshift-ingress", **{"network.openshift.io/policy-group": "ingress"})],
            "nodes": [node("de-1", "eu-central", "eu-a"), node("de-2", "eu-central", "eu-b"), node("us-1", "us-east", "us-a")],
            NETWORK_POLICIES: [dict(item) for item in network_objects(self.team, ()) if item["kind"] == "NetworkPolicy"],
            EGRESS_FIREWALLS: [],
            VOLUMES: [volume("here", {ZONE: ["eu-a"]}), volume("gone", {REGION: ["us-east"]}, phase="Available")],
            ADMIN: [],
            DIGESTS: [],
            TAGS: [],
            OLD: [],
            MODELS: [],
            LLMS: [],
            OAUTHS: [provider("sso", "OpenID", openID={"issuer": "https://login.example.com/realms/ai"})[1]],
            AUTHENTICATIONS: [named("Authentication", "cluster", spec={})],
            PROMETHEUSES: [prometheus("openshift-monitoring", "https://metrics.eu.example.com/write")[1]],
            OPERATORS: [insights("True")[1]],
            PROXIES: [named("Proxy", "cluster", spec={"httpsProxy": "http://someone@proxy.eu.example.com:3128"}, status={})],
        }
        return {name: list(self.lists.get(name, items)) for name, items in clean.items()}

    def judged(self) -> list[CheckFinding]:
        listed = {name: Listed("read", tuple(items)) for name, items in self.all_lists().items()}
        listed |= {name: Listed("forbidden", reason=f"the account may not list {name}") for name in self.hidden}
        listed |= {name: Listed("absent") for name in self.absent}
        if not self.pods_read:
            listed["pods"] = Listed("forbidden", reason="the account may not list pods")
        served = {("policy.networking.k8s.io", kind): ServedApi(("v1alpha1",), kind.lower(), False) for kind in self.served}
        images = ImageUse({SPACE: self.images}) if self.pods_read else None
        load = self.load or PodLoad(nodes={SPACE: self.nodes}, on_host_network={SPACE: tuple(self.on_host_network)})
        found = sovereignty_findings([self.team], PlatformSnapshot(listed, served=served, images=images), load)
        assert {each.check for each in found} <= {each.id for each in checks.CHECKS}
        assert len({each.id for each in found}) == len(found)
        assert {each.part for each in found} == {self.team.namespace}
        return found

    def with_(self, *items: tuple[str, Json], **changes: Any) -> World:
        """The same with these objects in their lists; a singleton takes the place of the one that is there."""
        lists = self.all_lists()
        for name, item in items:
            same = [each for each in lists[name] if each["metadata"]["name"] != item["metadata"]["name"]]
            lists[name] = [*same, item]
        return replace(self, lists={**lists}, **changes)

    def without(self, name: str, *names: str) -> World:
        lists = self.all_lists()
        lists[name] = [each for each in lists[name] if each["metadata"]["name"] not in names]
        return replace(self, lists=lists)


CLEAN = World()


def with_labels(*, selector: str | None = None, drop: str = "", **labels: str) -> tuple[str, Json]:
    """The team's namespace with another node selector, or other labels."""
    made = namespace_of_contract(team())
    annotations = {key: value for key, value in made["metadata"]["annotations"].items() if key != "openshift.io/node-selector"}
    if selector is not None:
        annotations["openshift.io/node-selector"] = selector
    kept = {key: value for key, value in {**made["metadata"]["labels"], **labels}.items() if key != drop}
    return "namespaces", {**made, "metadata": {"name": SPACE, "labels": kept, "annotations": annotations}}
