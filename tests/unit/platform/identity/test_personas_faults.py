# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Personas of a document that cannot be meant: each fault with its place, and what is to be done."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import Problem
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import (
    GroupWanted,
    Identity,
    Persona,
    PersonaRule,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.personas import persona_faults

from tests.tools.personas_page import shipped
from tests.unit.platform.identity.test_personas import PODS, persona, rule

PERSONAS = shipped()


def faults(*groups: GroupWanted, **personas: Persona) -> list[Problem]:
    """What is wrong with these."""
    return [problem for _path, problem in persona_faults(Identity(personas=personas, groups=groups), PERSONAS)]


def only(found: list[Problem]) -> Problem:
    """The one that there is."""
    (problem,) = found
    return problem


def test_small_persona_of_its_own_is_fine() -> None:
    assert faults(GroupWanted(name="readers", personas=("reader",)), reader=persona(PODS, scope="cluster")) == []


@pytest.mark.parametrize("name", ["Reader", "data-scientist", "1st", "a b", "x" * 64, "reader_"])
def test_name_that_makes_no_role_is_refused(name: str) -> None:
    assert only(faults(**{name: persona(PODS)})).message == f"identity.personas.{name} is no name of a persona"


@pytest.mark.parametrize("part", ["api_groups", "resources", "verbs"])
def test_rule_without_a_part_is_refused_before_the_server_does(part: str) -> None:
    given = {"api_groups": ("",), "resources": ("pods",), "verbs": ("get",), part: ()}
    assert only(faults(reader=persona(PersonaRule(**given)))).message == f"identity.personas.reader.allow[0].{part} is empty"


def test_persona_without_rules_is_refused() -> None:
    assert only(faults(reader=persona())).message == "identity.personas.reader.allow is empty"


@pytest.mark.parametrize(
    ("groups", "resources", "verbs", "place", "remedy"),
    [
        ("core", "pods", "lst", "verbs[0]", "did you mean list?"),
        ("core", "pods", "Get", "verbs[0]", "did you mean get?"),
        ("core", "pods", "read", "verbs[0]", "verbs are get"),
        ("core", "pods", "get write", "verbs[1]", "verbs are get"),
        ("core", "pods/*", "get", "resources[0]", "each subresource"),
        ("core", "Pods", "get", "resources[0]", "lower case"),
        ("apps/v1", "deployments", "get", "api_groups[0]", "without a version"),
    ],
)
def test_word_that_matches_nothing_is_refused(groups: str, resources: str, verbs: str, place: str, remedy: str) -> None:
    found = only(faults(reader=persona(rule(groups, resources, verbs))))
    assert found.message.startswith(f"identity.personas.reader.allow[0].{place} is ")
    assert remedy in found.remedy


def test_core_group_by_its_nickname_is_refused() -> None:
    found = only(faults(reader=persona(PersonaRule(api_groups=("core",), resources=("pods",), verbs=("get",)))))
    assert found.remedy.endswith('the core group is ""')


def test_verbs_of_an_operator_are_let_be() -> None:
    assert faults(reader=persona(rule("pipelines.kubeflow.org", "runs", "archive readArtifact terminate"))) == []


def test_names_with_verbs_that_name_nothing_are_refused_but_for_subresources() -> None:
    found = only(faults(reader=persona(rule("batch", "jobs", "get create deletecollection", "a"))))
    assert found.message.startswith("identity.personas.reader.allow[0] has names and create and deletecollection")
    assert faults(reader=persona(rule("apps", "deployments/rollback", "create", "a"))) == []


def test_what_a_persona_may_and_must_not_is_refused_with_the_row() -> None:
    row = rule("core", "*", "list", why="it is private")
    found = only(faults(reader=persona(PODS, deny=(rule("apps", "*", "*"), row))))
    assert found.message == (
        "identity.personas.reader.allow[0] allows what identity.personas.reader.deny[1] excludes: list * (it is private)"
    )


def test_shipped_deny_holds_for_a_persona_that_replaces_and_says_nothing_of_it() -> None:
    shell = rule("core", "pods/exec", "create")
    found = faults(data_scientist=persona(shell, signed="security"))
    assert "allows what the shipped deny excludes: get, create" in only(found).message
    assert "a deny of its own" in only(found).remedy
    assert faults(data_scientist=persona(shell, signed="security", deny=(rule("core", "secrets", "list"),))) == []


@pytest.mark.parametrize(
    ("allowed", "gives"),
    [
        (rule("*", "*", "*"), "being somebody else"),
        (rule("core", "secrets", "get", "one"), "credentials of others"),
        (rule("core", "serviceaccounts/token", "create"), "a token"),
        (rule("rbac.authorization.k8s.io", "rolebindings", "create"), "giving rights"),
        (rule("authorization.openshift.io", "rolebindings", "create"), "giving rights"),
        (rule("core", "*/exec", "get"), "reaching into pods"),
        (rule("core", "nodes/proxy", "get"), "every pod of a node"),
        (rule("security.openshift.io", "securitycontextconstraints", "use", "privileged"), "containers with rights"),
        (rule("operators.coreos.com", "subscriptions", "create"), "the rights of an operator"),
    ],
)
def test_rights_that_lead_further_need_somebody_who_answers_for_them(allowed: PersonaRule, gives: str) -> None:
    found = only(faults(reader=persona(allowed)))
    assert gives in found.message
    assert "escalation_signed_off_by" in found.remedy
    assert faults(reader=persona(allowed, signed="security@example.com")) == []


def test_pods_in_every_namespace_lead_further_and_in_one_they_do_not() -> None:
    pods = rule("core", "pods", "create")
    assert faults(maker=persona(pods)) == []
    assert "controllers" in only(faults(maker=persona(pods, scope="cluster"))).message


def test_data_scientist_made_a_persona_of_the_cluster_is_refused() -> None:
    wide = Persona(purpose="Everywhere", scope="cluster", allow=PERSONAS["data_scientist"].allow)
    messages = [problem.message for problem in faults(data_scientist=wide)]
    assert any("the accounts of the cluster's own controllers" in message for message in messages)


def test_group_with_a_persona_of_a_namespace_or_an_unknown_one_is_refused() -> None:
    first, second = faults(GroupWanted(name="team", personas=("ml_engineer", "auditer")))
    assert first.message.startswith("identity.groups[0].personas[0] is 'ml_engineer', a persona of a namespace")
    assert second.message == "identity.groups[0].personas[1] is 'auditer', which is no persona"
    assert "did you mean auditor?" in second.remedy


def test_group_with_personas_that_exclude_each_other_is_refused() -> None:
    found = only(faults(GroupWanted(name="team", personas=("auditor", "platform"))))
    assert found.message.startswith("identity.groups[0].personas gives platform and auditor to one group, but auditor must not")
