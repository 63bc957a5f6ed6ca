# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sovereignty and isolation: each seeded leak is found alone, none on a clean cluster, and what nobody knows is taken for neither."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.load import PodLoad
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.readings import EGRESS_FIREWALLS, NETWORK_POLICIES, VOLUMES
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.sovereignty import checks

from tests.unit.namespaces.builders import SMALL, contract
from tests.unit.namespaces.sovereign_world import (
    ADMIN,
    AUTHENTICATIONS,
    CLEAN,
    DIGESTS,
    HOSTS,
    LLMS,
    MODELS,
    NAME,
    OAUTHS,
    OLD,
    OPERATORS,
    PROMETHEUSES,
    PROXIES,
    REGION,
    SPACE,
    TAGS,
    ZONE,
    World,
    admin,
    block,
    firewall,
    insights,
    mirror,
    named,
    node,
    policy,
    prometheus,
    provider,
    team,
    volume,
    with_labels,
)

BOUND = f"{REGION}=eu-central"
ENFORCE = "pod-security.kubernetes.io/enforce"
FOREIGN = "quay.io/vllm/server@sha256:" + "0" * 64
WEIGHTS = {"predictor": {"model": {"storageUri": "hf://example/model"}}}
ISSUER = {"name": "far", "issuer": {"issuerURL": "https://login.us.example.com"}}

LEAKS: Mapping[str, tuple[World, dict[str, str]]] = {
    "selector_missing": (
        CLEAN.with_(with_labels()),
        {"selector": "the namespace has no node selector", "nodes.reachable": "us-1 (us-east)"},
    ),
    "selector_of_another_region": (
        CLEAN.with_(with_labels(selector=f"{REGION}=us-east")),
        {"selector": "does not bind pods to eu-central", "nodes.reachable": "us-1 (us-east)"},
    ),
    "selector_of_something_else": (
        CLEAN.with_(with_labels(selector="pool=ai"), ("nodes", node("us-1", "us-east", "us-a"))),
        {"selector": "is pool=ai"},
    ),
    "several_regions_and_a_node_of_none_of_them": (
        CLEAN.with_(with_labels(), team=team(jurisdiction={"name": "eu", "regions": ["eu-central", "eu-west"], "hosts": HOSTS})),
        {"nodes.reachable": "us-1 (us-east)"},
    ),
    "pod_on_a_node_outside": (replace(CLEAN, nodes={"de-1": 1, "us-1": 3}), {"nodes.running": "us-1 (us-east)"}),
    "volume_of_another_region": (CLEAN.with_((VOLUMES, volume("v", {REGION: ["us-east"]}))), {"volumes": "is in us-east"}),
    "volume_of_another_zone": (CLEAN.with_((VOLUMES, volume("v", {ZONE: ["us-a"]}))), {"volumes": "is in us-east"}),
    "volume_of_another_zone_by_a_drivers_key": (
        CLEAN.with_((VOLUMES, volume("v", {"topology.ebs.csi.aws.com/zone": ["us-a"]}))),
        {"volumes": "is in us-east"},
    ),
    "volume_that_two_regions_reach": (
        CLEAN.with_((VOLUMES, volume("v", {REGION: ["eu-central"]}, {REGION: ["us-east"]}))),
        {"volumes": "is in us-east"},
    ),
    "volume_on_the_disk_of_a_node_outside": (
        CLEAN.with_((VOLUMES, volume("v", {"kubernetes.io/hostname": ["us-1"]}))),
        {"volumes": "is in us-east"},
    ),
    "volume_that_was_released_and_keeps_its_data": (
        CLEAN.with_((VOLUMES, volume("v", {REGION: ["us-east"]}, phase="Released"))),
        {"volumes": "claim data-v is in us-east"},
    ),
    "volume_labelled_with_another_region": (CLEAN.with_((VOLUMES, volume("v", labels={REGION: "us-east"}))), {"volumes": "is in us-east"}),
    "image_of_a_registry_outside": (replace(CLEAN, images={"quay.io/vllm/server:1": 1}), {"images.running": "quay.io, outside eu"}),
    "image_of_docker_hub": (replace(CLEAN, images={"docker.io/nginx": 1}), {"images.running": "docker.io, outside eu"}),
    "image_mirrored_whose_source_may_be_asked": (
        CLEAN.with_(mirror(DIGESTS, "quay.io/vllm", "mirror.eu.example.com/vllm", never=False), images={FOREIGN: 1}),
        {"images.running": "quay.io, outside eu"},
    ),
    "image_by_tag_whose_mirror_is_for_digests": (
        CLEAN.with_(mirror(DIGESTS, "quay.io/vllm", "mirror.eu.example.com/vllm"), images={"quay.io/vllm/server:1": 1}),
        {"images.running": "quay.io, outside eu"},
    ),
    "image_mirrored_by_the_older_kind": (
        CLEAN.with_(mirror(OLD, "quay.io/vllm", "mirror.eu.example.com/vllm", never=False), images={FOREIGN: 1}),
        {"images.running": "quay.io, outside eu"},
    ),
    "image_mirrored_outside": (
        CLEAN.with_(mirror(DIGESTS, "quay.io", "mirror.us.example.com/quay"), images={FOREIGN: 1}),
        {"images.running": "mirror.us.example.com, outside eu"},
    ),
    "nearer_source_beats_the_one_that_is_never_asked": (
        CLEAN.with_(
            mirror(DIGESTS, "quay.io", "mirror.eu.example.com/quay"),
            mirror(DIGESTS, "quay.io/vllm", "mirror.eu.example.com/vllm", never=False),
            images={FOREIGN: 1},
        ),
        {"images.running": "quay.io, outside eu"},
    ),
    "own_registry_mirrored_outside": (
        CLEAN.with_(mirror(TAGS, "registry.eu.example.com", "mirror.us.example.com", never=False), images={}),
        {"images.registries": "mirror.us.example.com, outside eu"},
    ),
    "registry_of_the_contract": (
        replace(CLEAN, team=team(images={"registries": ["quay.io/vllm"]})),
        {"images.registries": "quay.io, outside eu"},
    ),
    "any_registry": (replace(CLEAN, team=team(images={})), {"images.any": "may come from any registry"}),
    "weights_of_a_public_hub": (
        CLEAN.with_((MODELS, named("InferenceService", "chat", SPACE, spec=WEIGHTS))),
        {"models": "from huggingface.co, outside eu"},
    ),
    "weights_of_a_registry_outside": (
        CLEAN.with_((LLMS, named("LLMInferenceService", "chat", SPACE, spec={"model": {"uri": "oci://quay.io/models/chat:1"}}))),
        {"models": "from quay.io, outside eu"},
    ),
    "egress_to_everywhere": (CLEAN.with_(policy("open", egress=[{"to": [block("0.0.0.0/0")]}])), {"egress": "lets 0.0.0.0/0 through"}),
    "egress_to_everywhere_but_private": (
        CLEAN.with_(policy("open", egress=[{"to": [block("0.0.0.0/0", "10.0.0.0/8")]}])),
        {"egress": "lets 0.0.0.0/0 through"},
    ),
    "egress_of_some_pods_alone": (
        CLEAN.with_(policy("open", egress=[{"to": [block("203.0.113.0/24")]}], pods={"matchLabels": {"app": "x"}})),
        {"egress": "203.0.113.0 to 203.0.113.255"},
    ),
    "egress_of_ipv6_where_nobody_knows_the_family": (
        CLEAN.with_(
            policy("open", egress=[{"to": [block("2001:db8::/32")]}]),
            *(
                ("nodes", {**node(n, r, z), "status": {}})
                for n, r, z in (("de-1", "eu-central", "eu-a"), ("de-2", "eu-central", "eu-b"), ("us-1", "us-east", "us-a"))
            ),
        ),
        {"egress": "lets 2001:db8::/32 through"},
    ),
    "egress_to_more_than_is_private": (CLEAN.with_(policy("open", egress=[{"to": [block("172.0.0.0/8")]}])), {"egress": "172.0.0.0 to"}),
    "egress_of_the_contract_itself": (
        replace(CLEAN, team=team(network={"egress": [{"name": "far", "cidrs": ["203.0.113.0/24"]}]})),
        {"egress": "readiness-egress-far lets 203.0.113.0/24"},
    ),
    "egress_that_a_firewall_denies_in_part": (
        CLEAN.with_(policy("open", egress=[{}]), firewall(("Deny", {"cidrSelector": "0.0.0.0/1"}))),
        {"egress": "such as 128.0.0.0", "isolation.egress": "leads to"},
    ),
    "egress_that_a_firewall_allows_before_it_denies": (
        CLEAN.with_(
            policy("open", egress=[{"to": [block("0.0.0.0/0")]}]),
            firewall(("Allow", {"cidrSelector": "203.0.113.0/24"}), ("Deny", {"cidrSelector": "0.0.0.0/0"})),
        ),
        {"egress": "such as 203.0.113.0 to 203.0.113.255"},
    ),
    "egress_by_the_name_of_a_host": (
        CLEAN.with_(
            policy("open", egress=[{"to": [block("0.0.0.0/0")]}]),
            firewall(("Allow", {"dnsName": "api.us.example.com"}), ("Deny", {"cidrSelector": "0.0.0.0/0"})),
        ),
        {"egress": "lets api.us.example.com through"},
    ),
    "egress_that_an_administrator_allows": (
        CLEAN.with_(admin("egress", {"networks": ["10.0.0.0/8", "203.0.113.0/24"]})),
        {"egress": "AdminNetworkPolicy site lets 10.0.0.0/8, 203.0.113.0/24 through, such as 203.0.113.0"},
    ),
    "egress_that_an_administrator_allows_by_name": (
        CLEAN.with_(admin("egress", {"domainNames": ["*.us.example.com"]})),
        {"egress": "AdminNetworkPolicy site lets *.us.example.com through"},
    ),
    "ingress_that_an_administrator_allows": (
        CLEAN.with_(admin("ingress", {"pods": {"namespaceSelector": {}, "podSelector": {}}})),
        {"isolation.ingress": "AdminNetworkPolicy site lets in team-other"},
    ),
    "egress_held_back_by_nobody": (
        CLEAN.without(NETWORK_POLICIES, "readiness-deny", "readiness-within", "readiness-dns", "readiness-egress-object-store"),
        {"egress": "no policy holds back", "isolation.default": "no rule lets through: Egress"},
    ),
    "provider_of_logins_outside": (
        CLEAN.with_(provider("far", "OpenID", openID={"issuer": "https://login.us.example.com/x"})),
        {"identity": "login.us.example.com"},
    ),
    "provider_of_logins_with_a_host_of_its_own": (CLEAN.with_(provider("hub", "GitHub", github={})), {"identity": "github.com"}),
    "directory_outside": (
        CLEAN.with_(provider("dir", "LDAP", ldap={"url": "ldaps://dir.us.example.com:636/dc=x?uid"})),
        {"identity": "dir.us.example.com"},
    ),
    "issuer_outside": (
        CLEAN.with_((AUTHENTICATIONS, named("Authentication", "cluster", spec={"type": "OIDC", "oidcProviders": [ISSUER]}))),
        {"identity": "login.us.example.com"},
    ),
    "metrics_written_outside": (
        CLEAN.with_(prometheus("openshift-monitoring", "https://metrics.us.example.com")),
        {"telemetry": "metrics.us.example.com"},
    ),
    "metrics_of_the_team_written_outside": (
        CLEAN.with_(
            (PROMETHEUSES, {**prometheus(SPACE, "https://metrics.us.example.com")[1], "metadata": {"name": "own", "namespace": SPACE}})
        ),
        {"telemetry": "metrics.us.example.com"},
    ),
    "reports_of_insights": (CLEAN.with_(insights("False")), {"telemetry": "console.redhat.com"}),
    "proxy_outside": (
        CLEAN.with_((PROXIES, named("Proxy", "cluster", status={"httpsProxy": "http://proxy.us.example.com:3128"}))),
        {"proxy": "proxy.us.example.com"},
    ),
    "ingress_from_everywhere": (CLEAN.with_(policy("open", ingress=[{}])), {"isolation.ingress": "lets in everything"}),
    "ingress_from_a_network": (
        CLEAN.with_(policy("open", ingress=[{"from": [block("0.0.0.0/0")]}])),
        {"isolation.ingress": "lets in 0.0.0.0/0"},
    ),
    "ingress_from_all_namespaces": (
        CLEAN.with_(policy("open", ingress=[{"from": [{"namespaceSelector": {}}]}])),
        {"isolation.ingress": "team-other, which the contract does not name"},
    ),
    "ingress_from_one_more_namespace": (
        CLEAN.with_(policy("open", ingress=[{"from": [{"namespaceSelector": {"matchLabels": {NAME: "team-other"}}, "podSelector": {}}]}])),
        {"isolation.ingress": "lets in team-other"},
    ),
    "ingress_from_a_router_that_the_contract_does_without": (
        CLEAN.with_(
            policy("open", ingress=[{"from": [{"namespaceSelector": {"matchLabels": {"network.openshift.io/policy-group": "ingress"}}}]}]),
            team=team(network={"from_router": False}),
        ).without(NETWORK_POLICIES, "readiness-router"),
        {"isolation.ingress": "openshift-ingress"},
    ),
    "egress_to_another_namespace": (
        CLEAN.with_(policy("open", egress=[{"to": [{"namespaceSelector": {"matchExpressions": [{"key": NAME, "operator": "Exists"}]}}]}])),
        {"isolation.egress": "leads to openshift-ingress and team-other"},
    ),
    "no_level_of_pod_security": (
        CLEAN.with_(with_labels(selector=BOUND, drop=ENFORCE)),
        {"isolation.pod_security": "no level of pod security"},
    ),
    "privileged_pods": (
        CLEAN.with_(with_labels(selector=BOUND, **{ENFORCE: "privileged"})),
        {"isolation.pod_security": "enforces privileged"},
    ),
    "pod_on_the_network_of_its_node": (replace(CLEAN, on_host_network=("sniffer",)), {"isolation.host_network": "sniffer"}),
}


def alarms(found: Sequence[CheckFinding], result: str = "fail") -> dict[str, str]:
    """Check without stage to message, of what has that result."""
    told = {each.check.removeprefix("namespaces.sovereignty."): each.message for each in found if each.result == result}
    assert len(told) == sum(each.result == result for each in found)
    return told


def test_clean_cluster_gives_no_alarm_and_every_check_an_answer() -> None:
    found = CLEAN.judged()
    assert {each.result for each in found} <= {"pass", "not_applicable"}
    assert {each.check for each in found} == {each.id for each in checks.CHECKS}


@pytest.mark.parametrize("leak", sorted(LEAKS))
def test_each_seeded_leak_is_found_alone_with_evidence(leak: str) -> None:
    world, expected = LEAKS[leak]
    found = world.judged()
    told = alarms(found)
    assert set(told) == set(expected), told
    for check, words in expected.items():
        assert words in told[check], told[check]
    assert alarms(found, "not_evaluated") == {}
    assert all(each.evidence for each in found if each.result == "fail" and not each.check.endswith("images.any"))


HARMLESS: Mapping[str, World] = {
    "egress_to_private_networks": CLEAN.with_(policy("open", egress=[{"to": [block("10.0.0.0/8"), block("fd00::/8")]}])),
    "egress_to_a_network_of_the_contract": CLEAN.with_(policy("open", egress=[{"to": [block("198.51.100.128/25")]}])),
    "egress_less_all_that_is_public": CLEAN.with_(policy("open", egress=[{"to": [block("10.0.0.0/7", "11.0.0.0/8")]}])),
    "egress_by_names_behind_a_firewall": CLEAN.with_(
        policy("open", egress=[{"to": [block("0.0.0.0/0")]}]),
        firewall(
            ("Allow", {"dnsName": "api.eu.example.com"}),
            ("Allow", {"dnsName": "*.eu.example.com."}),
            ("Allow", {"cidrSelector": "10.0.0.0/8"}),
            ("Deny", {"cidrSelector": "0.0.0.0/0"}),
        ),
    ),
    "firewall_that_opens_what_no_policy_does": CLEAN.with_(firewall(("Allow", {"dnsName": "api.us.example.com"}))),
    "what_an_administrator_denies": CLEAN.with_(admin("egress", {"networks": ["0.0.0.0/0"]}, action="Deny")),
    "what_an_administrator_allows_others": CLEAN.with_(
        admin("egress", {"networks": ["0.0.0.0/0"]}, subject={"pods": {"namespaceSelector": {"matchLabels": {NAME: "team-other"}}}})
    ),
    "policy_about_what_comes_in_with_rules_for_what_goes_out": CLEAN.with_(
        (NETWORK_POLICIES, named("NetworkPolicy", "odd", SPACE, spec={"podSelector": {}, "policyTypes": ["Ingress"], "egress": [{}]}))
    ),
    "image_by_digest_whose_source_is_never_asked": CLEAN.with_(
        mirror(DIGESTS, "quay.io/vllm", "mirror.eu.example.com/vllm"), images={FOREIGN: 1}
    ),
    "one_of_two_sets_forbids_the_source": CLEAN.with_(
        mirror(DIGESTS, "quay.io/vllm", "mirror.eu.example.com/vllm"),
        (DIGESTS, {**mirror(DIGESTS, "quay.io/vllm", "second.eu.example.com/vllm", never=False)[1], "metadata": {"name": "second"}}),
        images={FOREIGN: 1},
    ),
    "image_of_the_clusters_own_registry": replace(CLEAN, images={"image-registry.openshift-image-registry.svc:5000/team-chat/app:1": 1}),
    "registry_mirrored_for_digests_and_tags": CLEAN.with_(
        mirror(DIGESTS, "quay.io", "mirror.eu.example.com"),
        mirror(TAGS, "quay.io", "mirror.eu.example.com"),
        team=team(images={"registries": ["quay.io/vllm"]}),
    ),
    "weights_on_a_claim": CLEAN.with_(
        (MODELS, named("InferenceService", "chat", SPACE, spec={"predictor": {"model": {"storageUri": "pvc://models/chat"}}}))
    ),
    "weights_of_a_host_of_the_contract": CLEAN.with_(
        (
            MODELS,
            named("InferenceService", "chat", SPACE, spec={"predictor": {"model": {"storageUri": "https://models.eu.example.com/chat"}}}),
        )
    ),
    "weights_of_another_teams_model": CLEAN.with_((MODELS, named("InferenceService", "chat", "team-other", spec=WEIGHTS))),
    "metrics_of_another_team_written_outside": CLEAN.with_(
        (
            PROMETHEUSES,
            {**prometheus("team-other", "https://metrics.us.example.com")[1], "metadata": {"name": "own", "namespace": "team-other"}},
        )
    ),
    "users_of_a_file": CLEAN.with_(provider("file", "HTPasswd", htpasswd={"fileData": {"name": "x"}})),
    "providers_that_an_external_issuer_puts_out_of_use": CLEAN.with_(
        provider("hub", "GitHub", github={}),
        (
            AUTHENTICATIONS,
            named(
                "Authentication",
                "cluster",
                spec={"type": "OIDC", "oidcProviders": [{"name": "x", "issuer": {"issuerURL": "https://login.example.com"}}]},
            ),
        ),
    ),
    "cluster_without_insights_and_proxy": CLEAN.without(OPERATORS, "insights").without(PROXIES, "cluster"),
    "volume_of_another_team": CLEAN.with_(
        (VOLUMES, {**volume("v", {REGION: ["us-east"]}), "spec": {"claimRef": {"namespace": "team-other", "name": "x"}}})
    ),
    "plain_kubernetes": replace(
        CLEAN, absent=(DIGESTS, TAGS, OLD, MODELS, LLMS, OAUTHS, AUTHENTICATIONS, PROMETHEUSES, OPERATORS, PROXIES, EGRESS_FIREWALLS)
    ),
    "baseline_keeps_pods_off_the_network_of_nodes": CLEAN.with_(with_labels(selector=BOUND, **{ENFORCE: "baseline"})),
}


@pytest.mark.parametrize("name", sorted(HARMLESS))
def test_what_only_looks_like_a_leak_gives_no_alarm(name: str) -> None:
    found = HARMLESS[name].judged()
    assert alarms(found) == {}
    assert alarms(found, "not_evaluated") == {}


OPEN_WORLD = CLEAN.with_(policy("open", egress=[{"to": [block("0.0.0.0/0")]}]))


@pytest.mark.parametrize(
    ("world", "expected"),
    [
        (replace(CLEAN, hidden=("nodes",)), {"nodes.reachable", "nodes.running", "volumes"}),
        (replace(CLEAN, hidden=(VOLUMES,)), {"volumes"}),
        (replace(CLEAN, hidden=(NETWORK_POLICIES,)), {"egress", "isolation.default", "isolation.ingress", "isolation.egress"}),
        (
            replace(CLEAN, hidden=(ADMIN,), served=("AdminNetworkPolicy",)),
            {"egress", "isolation.default", "isolation.ingress", "isolation.egress"},
        ),
        (replace(CLEAN, hidden=(EGRESS_FIREWALLS,)), set()),
        (replace(OPEN_WORLD, hidden=(EGRESS_FIREWALLS,)), {"egress"}),
        (replace(CLEAN, hidden=(DIGESTS,)), {"images.running", "images.registries"}),
        (replace(CLEAN, hidden=(MODELS,)), {"models"}),
        (replace(CLEAN, hidden=(OAUTHS,)), {"identity"}),
        (replace(CLEAN, hidden=(PROMETHEUSES,)), {"telemetry"}),
        (replace(CLEAN, hidden=(PROXIES,)), {"proxy"}),
        (
            replace(CLEAN, load=PodLoad(unknown="pods were not read"), pods_read=False),
            {"nodes.running", "images.running", "isolation.host_network"},
        ),
        (replace(CLEAN, images={"nginx": 1}), {"images.running"}),
        (CLEAN.with_(("nodes", node("de-1", "", "eu-a")), with_labels(selector="pool=x")), {"nodes.running", "volumes"}),
        (CLEAN.with_((VOLUMES, volume("v"))), {"volumes"}),
        (CLEAN.with_((VOLUMES, volume("v", {ZONE: ["nowhere"]}))), {"volumes"}),
        (CLEAN.with_((VOLUMES, volume("v", {"example.com/rack": ["7"]}))), {"volumes"}),
        (
            CLEAN.with_((MODELS, named("InferenceService", "c", SPACE, spec={"predictor": {"model": {"storageUri": "s3://models/c"}}}))),
            {"models"},
        ),
        (CLEAN.with_(provider("new", "Newest")), {"identity"}),
    ],
)
def test_what_nobody_knows_is_not_evaluated(world: World, expected: set[str]) -> None:
    found = world.judged()
    assert set(alarms(found, "not_evaluated")) == expected
    assert set(alarms(found)) - {"selector"} == set()


def test_list_of_namespaces_that_nobody_may_see_leaves_every_check_not_evaluated() -> None:
    found = replace(CLEAN, hidden=("namespaces",)).judged()
    assert {each.check for each in found} == {each.id for each in checks.CHECKS}
    assert {each.result for each in found} == {"not_evaluated"}


def test_namespace_that_is_not_there_yet_is_asked_nothing() -> None:
    found = CLEAN.without("namespaces", SPACE).judged()
    assert {each.result for each in found} == {"not_applicable"}
    assert {each.message for each in found} == {"the namespace is not there yet"}


def test_contract_without_a_jurisdiction_is_judged_by_its_isolation_alone() -> None:
    without = contract(SMALL, namespace=SPACE)
    found = replace(CLEAN, team=without).judged()
    of_jurisdiction = {each.id for each in checks.CHECKS if each.layer == checks.SOVEREIGNTY}
    assert {each.result for each in found if each.check in of_jurisdiction} == {"not_applicable"}
    assert {each.message for each in found if each.check in of_jurisdiction} == {"nobody said where its work and data may be"}
    leaking = replace(CLEAN, team=without).with_(policy("open", ingress=[{}])).judged()
    assert set(alarms(leaking)) == {"isolation.ingress"}


def test_two_leaks_of_one_kind_are_two_findings() -> None:
    world = CLEAN.with_(
        policy("one", egress=[{"to": [block("203.0.113.0/24")]}]),
        policy("two", egress=[{"to": [block("0.0.0.0/0")]}]),
        images={"quay.io/a/b:1": 1, "ghcr.io/c/d:1": 1},
    )
    failures = [each.subject for each in world.judged() if each.result == "fail"]
    assert failures == ["image ghcr.io/c/d:1", "image quay.io/a/b:1", "NetworkPolicy team-chat/one", "NetworkPolicy team-chat/two"]


def test_passwords_in_urls_are_in_no_finding() -> None:
    secret = "s" + "3cret"
    world = CLEAN.with_(
        (PROXIES, named("Proxy", "cluster", spec={"httpsProxy": f"http://user:{secret}@proxy.us.example.com"})),
        prometheus("openshift-monitoring", f"https://user:{secret}@metrics.us.example.com/?key={secret}"),
    )
    found = world.judged()
    assert set(alarms(found)) == {"proxy", "telemetry"}
    assert secret not in repr(found)
