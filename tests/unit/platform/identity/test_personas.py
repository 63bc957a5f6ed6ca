# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How rules of personas are read, which personas exclude each other, and what becomes of them on the cluster."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import OWN
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import (
    GroupWanted,
    Identity,
    Persona,
    PersonaRule,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.facts import ALL, RBAC
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.personas import (
    Conflict,
    cluster_role,
    conflicts,
    everybody_may,
    matches,
    may,
    must_not,
    overlap,
    personas_of,
    role_name,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.roles import (
    cluster_binding,
    persona_objects,
    role_binding,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.rights import persona_rights
from hypothesis import given
from hypothesis import strategies as st


def rule(groups: str, resources: str, verbs: str, *names: str, why: str = "") -> PersonaRule:
    """A rule from words; `core` is the group without a name."""
    found = tuple("" if group == "core" else group for group in groups.split())
    return PersonaRule(api_groups=found, resources=tuple(resources.split()), verbs=tuple(verbs.split()), names=names, why=why)


def persona(*allow: PersonaRule, deny: tuple[PersonaRule, ...] = (), scope: str = "namespace", signed: str = "") -> Persona:
    """A persona of these rules."""
    return Persona(purpose="Tries things", scope=scope, allow=allow, deny=deny, escalation_signed_off_by=signed)


PODS = rule("core", "pods", "get list")


@pytest.mark.parametrize(
    ("resources", "resource", "subresource", "expected"),
    [
        ("pods", "pods", "", True),
        ("pods", "pods", "log", False),
        ("pods/log", "pods", "log", True),
        ("pods/log", "pods", "", False),
        ("*", "pods", "", True),
        ("*", "pods", "exec", True),
        ("*/log", "pods", "log", True),
        ("*/log", "pods", "", False),
        ("*/log", "pods", "exec", False),
        ("pods/*", "pods", "log", False),
        ("pods/*", "pods", "", False),
        ("pod", "pods", "", False),
        ("*/*", "pods", "log", False),
    ],
)
def test_resource_is_matched_as_the_server_does(resources: str, resource: str, subresource: str, expected: bool) -> None:
    assert matches(rule("core", resources, "get"), "get", "", resource, subresource) is expected


@pytest.mark.parametrize(
    ("names", "name", "expected"), [((), "", True), ((), "a", True), (("a",), "a", True), (("a",), "b", False), (("a",), "", False)]
)
def test_rule_with_names_matches_no_request_without_one(names: tuple[str, ...], name: str, expected: bool) -> None:
    for verb in ("get", "list", "create", "deletecollection"):
        assert matches(rule("core", "pods", "*", *names), verb, "", "pods", "", name) is expected


@pytest.mark.parametrize(("verb", "group"), [("watch", ""), ("GET", ""), ("get", "apps")])
def test_verb_and_group_are_compared_as_they_stand(verb: str, group: str) -> None:
    assert not matches(PODS, verb, group, "pods")
    assert matches(rule("*", "pods", "*"), verb, group, "pods")


def test_persona_of_a_namespace_reaches_nothing_that_has_none_and_no_other_namespace() -> None:
    found = persona(PODS, rule("core", "nodes", "get"))
    assert may(found, "get", "", "pods", namespace="team-a")
    assert not may(found, "list", "", "pods")
    assert not may(found, "get", "", "nodes")
    assert may(found, "get", "", "pods", namespace="team-a", bound_in=("team-a",))
    assert not may(found, "get", "", "pods", namespace="team-b", bound_in=("team-a",))


def test_persona_of_the_cluster_reaches_every_namespace_and_all_at_once() -> None:
    found = persona(PODS, scope="cluster")
    assert may(found, "list", "", "pods")
    assert may(found, "list", "", "pods", namespace="kube-system", bound_in=())
    assert not may(found, "delete", "", "pods")


def test_what_everybody_may_is_in_no_persona() -> None:
    assert everybody_may("create", "authorization.k8s.io", "selfsubjectaccessreviews")
    assert not everybody_may("create", "authorization.k8s.io", "subjectaccessreviews")
    assert not may(persona(PODS), "create", "authorization.k8s.io", "selfsubjectaccessreviews", namespace="team-a")


def test_what_must_not_be_is_told_with_its_row() -> None:
    row = rule("core", "*", "delete")
    assert must_not(persona(PODS, deny=(PODS, row)), "delete", "", "pods", subresource="log") == row
    assert must_not(persona(PODS, deny=(row,)), "get", "", "pods") is None


GROUPS, RESOURCES, VERBS, NAMES = ("", "apps"), ("pods", "jobs"), ("get", "list"), ("a", "b")
SUBRESOURCES = ("", "log", "exec")
PATTERNS = (*RESOURCES, "pods/log", "pods/exec", "jobs/log", "*/log", "*/exec", "pods/*", ALL)
RULES = st.builds(
    lambda groups, resources, verbs, names: PersonaRule(
        api_groups=tuple(groups), resources=tuple(resources), verbs=tuple(verbs), names=tuple(names)
    ),
    st.sets(st.sampled_from((*GROUPS, ALL)), max_size=2),
    st.sets(st.sampled_from(PATTERNS), max_size=3),
    st.sets(st.sampled_from((*VERBS, ALL)), max_size=2),
    st.sets(st.sampled_from(NAMES), max_size=2),
)


@given(RULES, RULES)
def test_rules_overlap_where_a_request_is_matched_by_both(left: PersonaRule, right: PersonaRule) -> None:
    # Anything else than what the rules name is matched by the same wildcards, so one more of each kind stands for it. A subresource
    # of a resource is no wildcard in a rule: `pods/*` is that very text.
    requests = itertools.product((*VERBS, "x"), (*GROUPS, "x"), (*RESOURCES, "x"), (*SUBRESOURCES, "x", ALL), (*NAMES, ""))
    literal = any(
        matches(left, verb, group, resource, subresource, name) and matches(right, verb, group, resource, subresource, name)
        for verb, group, resource, subresource, name in requests
    )
    assert overlap(left, right) is literal
    assert overlap(left, right) is overlap(right, left)


# ---- which personas there are ----------------------------------------------------------------------------------------


def test_persona_of_the_document_replaces_the_shipped_one_and_keeps_what_it_must_not_do() -> None:
    shipped = {"b": persona(PODS, deny=(rule("core", "secrets", "*"),)), "a": persona(PODS)}
    widened = persona(PODS, rule("batch", "jobs", "create"))
    found = personas_of({"b": widened, "c": persona(PODS)}, shipped)
    assert list(found) == ["a", "b", "c"]
    assert found["b"].allow == widened.allow
    assert found["b"].deny == shipped["b"].deny


def test_deny_of_the_document_replaces_the_shipped_one() -> None:
    own = (rule("core", "secrets", "list"),)
    assert personas_of({"b": persona(PODS, deny=own)}, {"b": persona(PODS, deny=(rule("core", "secrets", "*"),))})["b"].deny == own


def test_personas_conflict_where_one_may_what_the_other_must_not() -> None:
    row = rule("core", "pods", "list delete")
    found = conflicts({"viewer": persona(PODS), "blind": persona(rule("batch", "jobs", "get"), deny=(row,))})
    assert found == (Conflict("viewer", "blind", PODS, row),)


def test_rights_in_one_namespace_are_not_held_against_what_must_not_be_everywhere() -> None:
    row = rule("core", "pods", "list")
    everywhere = persona(rule("core", "nodes", "get"), deny=(row,), scope="cluster")
    assert conflicts({"team": persona(PODS), "all": everywhere}) == ()
    assert len(conflicts({"wide": persona(PODS, scope="cluster"), "all": everywhere})) == 1


# ---- objects ---------------------------------------------------------------------------------------------------------


def test_role_says_what_the_persona_may_and_no_more() -> None:
    found = cluster_role("data_scientist", persona(rule("core apps", "pods jobs pods", "list get"), rule("batch", "jobs", "get", "b", "a")))
    assert found == {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "groundwork-readiness-persona-data-scientist", "annotations": {"openshift.io/description": "Tries things"}},
        "rules": [
            {"apiGroups": ["", "apps"], "resources": ["jobs", "pods"], "verbs": ["get", "list"]},
            {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["get"], "resourceNames": ["a", "b"]},
        ],
    }


def test_core_group_stays_in_the_role_when_it_is_the_only_one() -> None:
    assert cluster_role("viewer", persona(PODS))["rules"] == [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}]


def test_every_persona_gets_a_role_and_groups_of_a_cluster_persona_one_binding() -> None:
    identity = Identity(
        personas={"own": persona(PODS)},
        groups=(
            GroupWanted(name="z-team", personas=("all",)),
            GroupWanted(name="a-team", personas=("all",)),
            GroupWanted(name="others"),
            GroupWanted(name="wrong", personas=("own",)),
        ),
    )
    found = persona_objects(identity, {"all": persona(PODS, scope="cluster"), "unused": persona(PODS, scope="cluster")})
    assert [(item.object["kind"], item.object["metadata"]["name"]) for item in found] == [
        ("ClusterRole", role_name("all")),
        ("ClusterRole", role_name("own")),
        ("ClusterRole", role_name("unused")),
        ("ClusterRoleBinding", role_name("all")),
    ]
    assert {item.claim for item in found} == {OWN}
    assert found[-1].rank > found[0].rank
    assert found[-1].path == "identity.personas.all"
    assert found[-1].object["roleRef"] == {"apiGroup": RBAC, "kind": "ClusterRole", "name": role_name("all")}
    assert [subject["name"] for subject in found[-1].object["subjects"]] == ["a-team", "z-team"]
    assert {subject["kind"] for subject in found[-1].object["subjects"]} == {"Group"}


def test_binding_in_a_namespace_names_the_same_role() -> None:
    found = role_binding("ml_engineer", "team-a", ["b", "a", "b"])
    assert found["metadata"] == {"name": role_name("ml_engineer"), "namespace": "team-a"}
    assert {key: found[key] for key in ("roleRef", "subjects")} == {
        key: cluster_binding("ml_engineer", ["a", "b"])[key] for key in ("roleRef", "subjects")
    }


def test_rights_to_escalate_and_bind_are_for_the_roles_of_personas_alone() -> None:
    rights = [right.as_rule() for right in persona_rights(["auditor", "data_scientist"])]
    risky = [right for right in rights if {"bind", "escalate"} & set(right["verbs"])]
    assert [right["resourceNames"] for right in risky] == [[role_name("auditor"), role_name("data_scientist")]]
