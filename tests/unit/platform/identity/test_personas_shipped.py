# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The personas that are shipped: what none of them may, and that the page says what they are."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import Identity, Persona, PersonaRule
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.facts import (
    ALL,
    CHANGE,
    ESCALATIONS,
    READ,
    SHIPPED,
    SPECIAL,
    VERBS,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.personas import (
    conflicts,
    escalations_of,
    may,
    must_not,
    overlap,
    persona_faults,
)

from tests.tools.personas_page import FACTS, PAGE, page, shipped

PERSONAS: Mapping[str, Persona] = shipped()
OF_NAMESPACES = ("data_scientist", "ml_engineer", "service")
OF_THE_CLUSTER = ("auditor", "platform")


def test_page_is_what_the_personas_make() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.tools.personas_page"


def test_file_holds_the_personas_and_nothing_else() -> None:
    assert list(yaml.safe_load(FACTS.read_text(encoding="utf-8"))) == ["personas"]
    assert tuple(sorted(PERSONAS)) == SHIPPED == tuple(sorted((*OF_NAMESPACES, *OF_THE_CLUSTER)))
    assert {name for name, persona in PERSONAS.items() if persona.scope == "cluster"} == set(OF_THE_CLUSTER)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_rule_says_why_and_none_holds_a_word_twice(name: str) -> None:
    for rule in (*PERSONAS[name].allow, *PERSONAS[name].deny):
        assert rule.why, rule
        assert not rule.why.endswith(".")
        for words in (rule.api_groups, rule.resources, rule.verbs, rule.names):
            assert len(set(words)) == len(words), rule


@pytest.mark.parametrize("name", SHIPPED)
def test_persona_of_the_document_with_the_same_rules_is_without_fault(name: str) -> None:
    assert list(persona_faults(Identity(personas={name: PERSONAS[name]}), PERSONAS)) == []


@pytest.mark.parametrize("name", SHIPPED)
def test_no_persona_has_a_known_way_to_further_rights(name: str) -> None:
    persona = PERSONAS[name]
    assert persona.escalation_signed_off_by == ""
    assert [(rule, way.gives) for rule in persona.allow for way in escalations_of(persona, rule)] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_nobody_may_what_the_persona_must_not(name: str) -> None:
    persona = PERSONAS[name]
    assert [(rule, row) for rule, row in itertools.product(persona.allow, persona.deny) if overlap(rule, row)] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_verbs_are_named_one_by_one_and_never_special(name: str) -> None:
    verbs = {verb for rule in PERSONAS[name].allow for verb in rule.verbs}
    assert verbs <= set(VERBS) - {*SPECIAL, "deletecollection"}


@pytest.mark.parametrize("name", OF_NAMESPACES)
def test_personas_of_namespaces_have_no_wildcard_at_all(name: str) -> None:
    assert [
        rule for rule in PERSONAS[name].allow if ALL in (*rule.api_groups, *rule.verbs) or any(ALL in each for each in rule.resources)
    ] == []


@pytest.mark.parametrize("name", OF_THE_CLUSTER)
def test_wildcards_of_cluster_personas_only_read_groups_that_hold_no_credentials(name: str) -> None:
    wild = [rule for rule in PERSONAS[name].allow if any(ALL in each for each in rule.resources)]
    assert all(set(rule.verbs) == set(READ) for rule in wild)
    assert all(ALL not in rule.api_groups and not {"", "rbac.authorization.k8s.io"} & set(rule.api_groups) for rule in wild)


def test_auditor_has_no_verb_that_changes() -> None:
    assert {verb for rule in PERSONAS["auditor"].allow for verb in rule.verbs} == set(READ)


def test_nobody_reads_secrets_and_data_is_put_there_by_people_alone() -> None:
    found = {
        (name, verb)
        for name in SHIPPED
        for verb in (*READ, *CHANGE)
        if may(PERSONAS[name], verb, "", "secrets", namespace="team", name="key")
    }
    assert found == {("data_scientist", "create"), ("ml_engineer", "create")}


CONNECTIONS = ("attach", "exec", "portforward", "proxy", "ephemeralcontainers")


@pytest.mark.parametrize(("name", "subresource"), list(itertools.product(SHIPPED, CONNECTIONS)))
def test_nobody_reaches_into_pods(name: str, subresource: str) -> None:
    verbs = ("update", "patch") if subresource == "ephemeralcontainers" else ("get", "create")
    for verb in verbs:
        assert not may(PERSONAS[name], verb, "", "pods", subresource=subresource, namespace="team")
        if name != "auditor" or verb == "get":
            assert must_not(PERSONAS[name], verb, "", "pods", subresource=subresource)


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize(
    ("verb", "group", "resource", "subresource"),
    [
        ("get", "", "secrets", ""),
        ("list", "", "secrets", ""),
        ("create", "", "serviceaccounts", "token"),
        ("impersonate", "", "users", ""),
        ("impersonate", "", "serviceaccounts", ""),
        ("impersonate", "authentication.k8s.io", "userextras", ""),
        ("create", "rbac.authorization.k8s.io", "rolebindings", ""),
        ("bind", "rbac.authorization.k8s.io", "clusterroles", ""),
        ("escalate", "rbac.authorization.k8s.io", "roles", ""),
        ("create", "authorization.openshift.io", "rolebindings", ""),
        ("get", "", "nodes", "proxy"),
        ("create", "", "persistentvolumes", ""),
        ("create", "authentication.k8s.io", "tokenreviews", ""),
        ("create", "authorization.k8s.io", "subjectaccessreviews", ""),
        ("create", "admissionregistration.k8s.io", "mutatingwebhookconfigurations", ""),
        ("update", "certificates.k8s.io", "certificatesigningrequests", "approval"),
        ("approve", "certificates.k8s.io", "signers", ""),
        ("create", "operators.coreos.com", "subscriptions", ""),
        ("patch", "machineconfiguration.openshift.io", "machineconfigs", ""),
        ("patch", "config.openshift.io", "oauths", ""),
        ("patch", "nvidia.com", "clusterpolicies", ""),
        ("update", "user.openshift.io", "groups", ""),
        ("list", "oauth.openshift.io", "oauthaccesstokens", ""),
        ("patch", "services.platform.opendatahub.io", "auths", ""),
        ("patch", "", "namespaces", ""),
    ],
)
def test_every_persona_must_not_take_the_known_ways(name: str, verb: str, group: str, resource: str, subresource: str) -> None:
    assert must_not(PERSONAS[name], verb, group, resource, subresource=subresource)


@pytest.mark.parametrize("name", OF_NAMESPACES)
@pytest.mark.parametrize("verb", CHANGE)
@pytest.mark.parametrize(
    ("group", "resource"),
    [
        ("", "resourcequotas"),
        ("", "limitranges"),
        ("networking.k8s.io", "networkpolicies"),
        ("kueue.x-k8s.io", "localqueues"),
        ("kueue.x-k8s.io", "workloads"),
        ("infrastructure.opendatahub.io", "hardwareprofiles"),
    ],
)
def test_contract_of_a_namespace_is_not_for_its_people(name: str, verb: str, group: str, resource: str) -> None:
    assert not may(PERSONAS[name], verb, group, resource, namespace="team")
    assert must_not(PERSONAS[name], verb, group, resource)


def test_privileged_constraints_are_excluded_by_name_and_the_common_one_is_not() -> None:
    for persona in PERSONAS.values():
        assert must_not(persona, "use", "security.openshift.io", "securitycontextconstraints", name="privileged")
        assert not must_not(persona, "use", "security.openshift.io", "securitycontextconstraints", name="restricted-v2")


@pytest.mark.parametrize(
    ("name", "verb", "group", "resource"),
    [
        ("data_scientist", "create", "kubeflow.org", "notebooks"),
        ("data_scientist", "list", "kueue.x-k8s.io", "localqueues"),
        ("data_scientist", "get", "serving.kserve.io", "inferenceservices"),
        ("ml_engineer", "create", "serving.kserve.io", "inferenceservices"),
        ("ml_engineer", "create", "monitoring.coreos.com", "prometheusrules"),
        ("service", "patch", "serving.kserve.io", "inferenceservices"),
        ("service", "create", "tekton.dev", "pipelineruns"),
        ("platform", "patch", "kueue.x-k8s.io", "clusterqueues"),
        ("platform", "update", "", "resourcequotas"),
        ("auditor", "list", "rbac.authorization.k8s.io", "rolebindings"),
        ("auditor", "get", "metrics.k8s.io", "nodes"),
    ],
)
def test_persona_may_do_its_work(name: str, verb: str, group: str, resource: str) -> None:
    assert may(PERSONAS[name], verb, group, resource, namespace="team")


def test_data_scientist_deploys_no_models_and_ml_engineer_makes_no_notebooks() -> None:
    assert not may(PERSONAS["data_scientist"], "create", "serving.kserve.io", "inferenceservices", namespace="team")
    assert not may(PERSONAS["ml_engineer"], "create", "kubeflow.org", "notebooks", namespace="team")


def test_who_operates_the_platform_is_neither_of_a_team_nor_its_auditor() -> None:
    assert {(found.persona, found.excludes) for found in conflicts(PERSONAS)} == {
        ("platform", name) for name in (*OF_NAMESPACES, "auditor")
    }


def test_ways_to_further_rights_name_no_other_words_than_verbs() -> None:
    rules: list[PersonaRule] = [known.rule for known in ESCALATIONS]
    assert {verb for rule in rules for verb in rule.verbs} <= set(VERBS)
    assert all(known.gives and known.rule.api_groups and known.rule.resources for known in ESCALATIONS)
