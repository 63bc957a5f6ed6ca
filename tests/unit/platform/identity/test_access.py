# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked about who has a persona, in which order and how much of it; and what the answers come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.catalogue import Catalogue
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import (
    ExternalOidcWanted,
    GroupWanted,
    Identity,
    Persona,
    PersonaRule,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import PlatformDesired
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity import access as access_module
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.access import AccessPlan, access_plan
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.access_checks import ACCESS_CHECKS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.access_findings import access_findings
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.directories import DirectoryGroup, merged_groups
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.lockout import BINDINGS, GROUPS, ROLES
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.personas import cluster_role, role_name
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.questions import (
    Answered,
    Answers,
    Question,
    acts_of,
    allowing,
    served_plurals,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.rbac import ROLE_BINDINGS, Act, Grants
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.outside import Outside
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import Context
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import PlatformSnapshot, ServedApi

from tests.unit.platform.identity.rbac_objects import SERVED, account, binding, group, look, people, role, rule, user

Json = dict[str, Any]


def row(groups: str, resources: str, verbs: str, *names: str, why: str = "") -> PersonaRule:
    found = tuple("" if each == "core" else each for each in groups.split())
    return PersonaRule(api_groups=found, resources=tuple(resources.split()), verbs=tuple(verbs.split()), names=names, why=why)


AUDITOR = Persona(
    purpose="looks",
    scope="cluster",
    allow=(row("core", "pods", "get list"),),
    deny=(row("core", "secrets", "get list", why="credentials"), row("config.openshift.io", "*", "patch"), row("core", "nodes", "patch")),
)
SCIENTIST = Persona(purpose="explores", allow=(row("core", "secrets", "get"),), deny=(row("core", "pods/exec", "create"),))
PERSONAS = {"auditor": AUDITOR, "scientist": SCIENTIST}
WANTED = Identity(groups=(GroupWanted(name="auditors", personas=("auditor",)),))
ROLES_OF_PERSONAS = [cluster_role(name, persona) for name, persona in PERSONAS.items()]
SECRETS = role("secrets", rule("core", "secrets", "get"))


def context(snapshot: PlatformSnapshot, wanted: Identity | None = WANTED, **desired: Any) -> Context:
    return Context(
        PlatformDesired(schema_version="1.0", identity=wanted, **desired),
        snapshot,
        Catalogue("1", "0" * 64, personas=PERSONAS),
        "2026-11-22",
    )


def plan(*objects: Json, wanted: Identity | None = WANTED, unknown: Sequence[str] = (), served: Any = SERVED) -> AccessPlan:
    return access_plan(context(look([*ROLES_OF_PERSONAS, *objects], unknown, served), wanted))


def by_rbac(*objects: Json) -> Callable[[Question], Answered]:
    """A server that goes by these bindings and nothing else."""
    grants = Grants(look([*ROLES_OF_PERSONAS, *objects]))
    return lambda question: Answered(bool(allowing(grants.of(question.who), question)))


def found(made: AccessPlan, answer: Callable[[Question], Answered]) -> list[CheckFinding]:
    told = access_findings(made, Answers({question: answer(question) for question in made.questions}))
    assert {finding.check for finding in told} <= {check.id for check in ACCESS_CHECKS}
    assert len({finding.id for finding in told}) == len(told)
    return told


def told(findings: Iterable[CheckFinding]) -> Mapping[tuple[str, str], CheckFinding]:
    return {(finding.check.rpartition(".")[2], finding.subject): finding for finding in findings}


def judged(*objects: Json, **more: Any) -> Mapping[tuple[str, str], CheckFinding]:
    """What is found where the server goes by RBAC."""
    return told(found(plan(*objects, **more), by_rbac(*objects)))


def results(findings: Mapping[tuple[str, str], CheckFinding]) -> dict[tuple[str, str], str]:
    return {key: finding.result for key, finding in findings.items()}


# ---- what is asked ---------------------------------------------------------------------------------------------------


def test_rows_mean_each_verb_on_each_resource_and_what_is_served_stands_for_all() -> None:
    served = served_plurals(look([]))
    assert served["config.openshift.io"] == {"oauths": False, "images": False}
    acts = list(acts_of(row("config.openshift.io", "*", "patch"), served))
    assert [act.resource for act in acts] == ["images", "oauths"]
    assert list(acts_of(row("core", "pods/exec", "get create"), served)) == [
        Act("get", "", "pods", "exec"),
        Act("create", "", "pods", "exec"),
    ]
    named = list(acts_of(row("security.openshift.io", "securitycontextconstraints", "use", "a", "b"), served))
    assert [(act.verb, act.name) for act in named] == [("use", "a"), ("use", "b")]
    assert {act.verb for act in acts_of(row("core", "secrets", "*"), served)} >= {
        "get",
        "list",
        "watch",
        "create",
        "delete",
        "deletecollection",
    }
    assert {act.group for act in acts_of(row("*", "pods", "get"), served)} == {"", "config.openshift.io"}
    assert list(acts_of(row("ray.io", "*", "get"), served)) == [Act("get", "ray.io", "*")]
    assert list(acts_of(row("*", "*/status", "get"), {})) == [Act("get", "*", "*", "status")]


def test_everything_is_asked_for_the_whole_cluster_and_in_namespaces_what_a_binding_there_would_give() -> None:
    made = plan(
        SECRETS, binding("odd", "secrets", group("auditors"), namespace="team"), binding("fine", "secrets", user("ben"), namespace="other")
    )
    (bearer,) = made.bearers
    assert (bearer.subject, bearer.path) == ("group auditors as auditor", "identity.groups[auditors].personas")
    assert [(question.namespace, question.act.verb) for question in made.questions if question.namespace] == [("team", "get")]
    wide = {(question.act.verb, question.act.resource) for question in made.questions if not question.namespace}
    assert wide == {("get", "secrets"), ("list", "secrets"), ("patch", "images"), ("patch", "oauths"), ("patch", "nodes")}
    assert {question.who.groups for question in made.questions} == {("auditors", "system:authenticated", "system:authenticated:oauth")}
    assert {question.who.user for question in made.questions} == {""}


def test_what_has_no_namespace_is_not_asked_in_one() -> None:
    nodes = role("nodes", rule("core", "nodes", "patch"))
    made = plan(nodes, binding("odd", "nodes", group("auditors"), namespace="team"))
    assert not any(question.namespace for question in made.questions)


@pytest.mark.parametrize(
    ("verb", "group_name", "resource", "asked"),
    [
        ("use", "security.openshift.io", "securitycontextconstraints", True),
        ("bind", "rbac.authorization.k8s.io", "clusterroles", True),
        ("escalate", "rbac.authorization.k8s.io", "clusterroles", False),
        ("impersonate", "core", "users", False),
        ("impersonate", "core", "serviceaccounts", True),
        ("patch", "core", "namespaces", True),
        ("patch", "example.com", "unheard", True),
    ],
)
def test_verbs_of_their_own_are_asked_about_where_the_server_asks_for_them(verb: str, group_name: str, resource: str, asked: bool) -> None:
    served = {
        **SERVED,
        ("", "ServiceAccount"): ServedApi(("v1",), "serviceaccounts", True),
        ("", "Namespace"): ServedApi(("v1",), "namespaces", False),
        ("security.openshift.io", "SecurityContextConstraints"): ServedApi(("v1",), "securitycontextconstraints", False),
        ("rbac.authorization.k8s.io", "ClusterRole"): ServedApi(("v1",), "clusterroles", False),
    }
    persona = replace(AUDITOR, deny=(row(group_name, resource, verb),))
    objects = [role("odd", rule(group_name, resource, verb)), binding("odd", "odd", group("auditors"), namespace="team")]
    made = plan(*objects, wanted=replace(WANTED, personas={"auditor": persona}), served=served)
    assert any(question.namespace == "team" for question in made.questions) is asked


def test_who_is_bound_to_a_role_of_a_persona_has_it_whatever_the_document_says() -> None:
    made = plan(
        binding("a", role_name("scientist"), group("team"), user("ben"), namespace="x"),
        binding("b", role_name("scientist"), account("x", "bot"), namespace="x"),
        SECRETS,
        binding("c", "secrets", account("x", "bot")),
    )
    assert [bearer.subject for bearer in made.bearers] == [
        "group auditors as auditor",
        "group team as scientist",
        "service account x/bot as scientist",
        "user ben as scientist",
    ]
    of_account = next(question.who for question in made.questions if question.who.user.startswith("system:serviceaccount"))
    assert (of_account.user, of_account.groups[:2]) == (
        "system:serviceaccount:x:bot",
        ("system:serviceaccounts", "system:serviceaccounts:x"),
    )


def test_those_whom_the_same_bindings_reach_are_asked_for_once() -> None:
    bindings = [
        binding(f"team-{number}", role_name("scientist"), group(f"team-{number}"), namespace=f"team-{number}") for number in range(50)
    ]
    made = plan(*bindings, wanted=Identity())
    assert len(made.bearers) == 50
    assert len(made.questions) == 1
    # One of them that something else reaches is asked for by itself, and so is one for which the server has rules of its own.
    masters = binding("masters", role_name("scientist"), group("system:masters"), namespace="x")
    assert {question.who.groups[0] for question in plan(*bindings, masters, wanted=Identity()).questions} == {"team-0", "system:masters"}
    apart = plan(*bindings, SECRETS, binding("wide", "secrets", group("team-7")), wanted=Identity())
    assert len(apart.questions) == 2


def test_questions_are_bounded_and_those_that_a_binding_allows_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    objects = [role("late", rule("core", "nodes", "patch")), binding("late", "late", group("auditors"))]
    monkeypatch.setattr(access_module, "MOST_QUESTIONS", 2)
    made = plan(*objects)
    assert len(made.questions) == 2
    assert made.questions[0].act == Act("patch", "", "nodes")
    findings = told(found(made, by_rbac(*objects)))
    assert results(findings) == {
        ("denied", "group auditors as auditor: deny[2]"): "fail",
        ("denied", "group auditors as auditor"): "not_evaluated",
        ("members", "personas"): "pass",
    }
    assert findings["denied", "group auditors as auditor"].message == "3 of 5 questions were not asked: one call asks 2 at most"


def test_nothing_is_asked_without_identity_or_without_anybody_who_has_a_persona() -> None:
    assert plan(wanted=None) == AccessPlan()
    nobody = plan(wanted=Identity())
    assert nobody.questions == ()
    assert {finding.result for finding in found(nobody, by_rbac())} == {"not_applicable"}
    hidden = plan(wanted=Identity(), unknown=[ROLE_BINDINGS])
    assert {finding.result for finding in found(hidden, by_rbac())} == {"not_evaluated"}


# ---- what the answers come to ----------------------------------------------------------------------------------------


def test_rows_that_hold_are_one_pass_for_each_bearer() -> None:
    findings = judged(binding("a", role_name("auditor"), group("auditors")))
    assert results(findings) == {("denied", "group auditors as auditor"): "pass", ("members", "personas"): "pass"}
    assert findings["denied", "group auditors as auditor"].message == "5 requests that it must not make are all denied"


def test_row_that_does_not_hold_names_what_is_allowed_where_and_by_which_bindings() -> None:
    objects = [
        SECRETS,
        role("local", rule("core", "secrets", "list"), namespace="team"),
        binding("odd", "secrets", group("auditors"), namespace="team"),
        binding("odder", "secrets", group("system:authenticated"), namespace="other"),
        binding("local", "local", group("auditors"), namespace="team", local=True),
    ]
    findings = judged(*objects)
    finding = findings["denied", "group auditors as auditor: deny[0]"]
    assert finding.message == (
        "it may get secrets in other, and get, list secrets in team: by RoleBinding other/odder (ClusterRole secrets), "
        "RoleBinding team/local (Role team/local) and RoleBinding team/odd (ClusterRole secrets); it must not: credentials"
    )
    assert [(each.object, each.observed) for each in finding.evidence] == [
        ("RoleBinding other/odder", "ClusterRole secrets"),
        ("RoleBinding team/local", "Role team/local"),
        ("RoleBinding team/odd", "ClusterRole secrets"),
    ]
    assert (finding.severity, finding.path, finding.remedy != "") == ("critical", "identity.groups[auditors].personas", True)
    assert ("denied", "group auditors as auditor") not in findings


def test_server_is_believed_and_not_the_lists() -> None:
    made = plan(SECRETS, binding("odd", "secrets", group("auditors")))
    assert {finding.result for finding in found(made, lambda _question: Answered(False))} == {"pass"}
    by_other = Answered(True, "allowed by the webhook")
    findings = told(found(plan(), lambda question: by_other if question.act.resource == "nodes" else Answered(False)))
    assert findings["denied", "group auditors as auditor: deny[2]"].message == (
        "it may patch nodes on the whole cluster: the server says: allowed by the webhook"
    )


def test_answer_that_lacks_is_never_a_pass() -> None:
    made = plan()
    late = told(
        found(made, lambda question: Answered(None, "no answer within 60 s") if question.act.resource == "nodes" else Answered(False))
    )
    assert late["denied", "group auditors as auditor"].result == "not_evaluated"
    assert late["denied", "group auditors as auditor"].message == "1 of 5 questions have no answer: no answer within 60 s"
    refused = access_findings(made, Answers({}, "the account may not create subjectaccessreviews.authorization.k8s.io"))
    assert {(finding.result, finding.subject) for finding in refused} == {("not_evaluated", "personas")}
    assert all("subjectaccessreviews" in finding.message and "subjectaccessreviews" in finding.remedy for finding in refused)


def test_lists_that_are_not_known_leave_bearers_open_and_what_is_wrong_is_told_all_the_same() -> None:
    objects = [SECRETS, binding("odd", "secrets", group("auditors"))]
    made = plan(*objects, unknown=[ROLE_BINDINGS])
    findings = told(found(made, by_rbac(*objects)))
    assert results(findings) == {
        ("denied", "group auditors as auditor: deny[0]"): "fail",
        ("denied", "group auditors as auditor"): "not_evaluated",
        ("members", "personas"): "not_evaluated",
    }
    assert "may not list it" in findings["denied", "group auditors as auditor"].message
    # Without the bindings of the cluster the server's own words are all that is known of the cause.
    words = 'RBAC: allowed by ClusterRoleBinding "odd" of ClusterRole "secrets" to Group "auditors"'
    blind = plan(*objects, unknown=[BINDINGS, ROLES])
    (wrong,) = (each for each in found(blind, lambda one: Answered(one.act.verb == "get", words)) if each.result == "fail")
    assert words in wrong.message


def test_namespaces_of_the_document_are_asked_about_where_bindings_there_are_not_known() -> None:
    from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.delivery import Delivery

    delivery = Delivery(namespaces=("team", "ai-*"))
    snapshot = look([*ROLES_OF_PERSONAS], [ROLE_BINDINGS])
    made = access_plan(context(snapshot, delivery=delivery))
    assert made.namespaces == ("team",)
    asked = {(question.act.verb, question.act.resource) for question in made.questions if question.namespace == "team"}
    assert asked == {("get", "secrets"), ("list", "secrets")}
    (open_one,) = (finding for finding in found(made, by_rbac()) if finding.check.endswith("denied"))
    assert open_one.message.endswith("of namespaces team alone were asked about")


def test_role_of_a_persona_that_somebody_widened_is_found() -> None:
    widened = {**ROLES_OF_PERSONAS[0], "rules": [rule("*", "*", "*")]}
    objects = [widened, ROLES_OF_PERSONAS[1], binding("a", role_name("auditor"), group("auditors"))]
    made = access_plan(context(look(objects)))
    grants = Grants(look(objects))
    findings = told(found(made, lambda question: Answered(bool(allowing(grants.of(question.who), question)))))
    assert {key[1] for key, each in findings.items() if each.result == "fail"} == {
        f"group auditors as auditor: deny[{row}]" for row in range(3)
    }


def test_many_rows_that_do_not_hold_are_one_finding() -> None:
    rows = tuple(row("core", f"thing{number}", "get") for number in range(9))
    objects = [
        role("all", rule("*", "*", "*")),
        binding("all", "all", group("auditors")),
        people("auditors", "anna"),
        people("more", "anna"),
    ]
    wanted = replace(WANTED, personas={"auditor": replace(AUDITOR, deny=rows)})
    findings = told(found(plan(*objects, wanted=wanted), by_rbac(*objects)))
    finding = findings["denied", "group auditors as auditor"]
    assert finding.message == (
        "9 of 9 rows of what it must not do hold no more, deny[0], deny[1], deny[2], deny[3], deny[4] and 4 more: it may get thing0, "
        "get thing1, get thing2, get thing3, get thing4 and 4 more on the whole cluster: by ClusterRoleBinding all (ClusterRole all)"
    )
    assert results(findings) == {("denied", "group auditors as auditor"): "fail", ("members", "personas"): "pass"}


def test_questions_on_members_and_namespaces_are_bounded_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_module, "MOST_QUESTIONS", 8)
    names = [f"user{number}" for number in range(20)]
    objects = [SECRETS, people("auditors", *names), *(binding(name, "secrets", user(name), namespace="team") for name in names)]
    made = plan(*objects)
    assert len(made.questions) == 8
    findings = told(found(made, by_rbac(*objects)))
    assert findings["members", "personas"].message == "12 of 20 questions were not asked: one call asks 8 at most"
    assert sum(finding.result == "fail" for finding in findings.values()) == 8


# ---- several personas, and members -----------------------------------------------------------------------------------


def test_what_a_persona_may_in_a_namespace_is_not_held_against_one_of_the_cluster_and_the_other_way_it_is() -> None:
    both = [binding("a", role_name("scientist"), group("auditors"), namespace="team")]
    assert {finding.result for key, finding in judged(*both).items() if "auditor:" in key[1]} == set()
    # The same rights by another role are no persona's.
    odd = [*both, SECRETS, binding("b", "secrets", group("auditors"), namespace="team")]
    (wrong,) = (finding for finding in judged(*odd).values() if finding.result == "fail")
    assert "by RoleBinding team/b (ClusterRole secrets); it" in wrong.message
    executing = replace(AUDITOR, allow=(row("core", "pods/exec", "create"),))
    wanted = replace(WANTED, personas={"auditor": executing})
    roles = [cluster_role("auditor", executing), ROLES_OF_PERSONAS[1], binding("a", role_name("auditor"), group("auditors")), *both]
    made = access_plan(context(look(roles), wanted))
    grants = Grants(look(roles))
    findings = told(found(made, lambda question: Answered(bool(allowing(grants.of(question.who), question)))))
    assert findings["denied", "group auditors as scientist: deny[0]"].result == "fail"


def test_member_whom_another_binding_or_group_reaches_is_named() -> None:
    objects = [
        SECRETS,
        people("auditors", "anna", "ben", "carl"),
        people("admins", "ben"),
        binding("of-anna", "secrets", user("anna"), namespace="team"),
        binding("of-admins", "secrets", group("admins")),
        binding("of-all", role_name("auditor"), group("auditors")),
    ]
    findings = judged(*objects)
    assert results(findings) == {
        ("denied", "group auditors as auditor"): "pass",
        ("members", "user anna of group auditors as auditor: deny[0]"): "fail",
        ("members", "user ben of group auditors as auditor: deny[0]"): "fail",
    }
    anna = findings["members", "user anna of group auditors as auditor: deny[0]"]
    assert anna.message == "it may get secrets in team: by RoleBinding team/of-anna (ClusterRole secrets); it must not: credentials"
    ben = findings["members", "user ben of group auditors as auditor: deny[0]"]
    assert "get secrets on the whole cluster: by ClusterRoleBinding of-admins" in ben.message
    # Who has nothing of their own is not asked about.
    assert not any(question.who.user == "carl" for question in plan(*objects).questions)


@pytest.mark.parametrize("lacking", [GROUPS, BINDINGS, ROLE_BINDINGS])
def test_members_are_open_where_a_list_is_not_known(lacking: str) -> None:
    findings = told(found(plan(people("auditors", "anna"), unknown=[lacking]), by_rbac()))
    assert findings["members", "personas"].result == "not_evaluated"
    assert "may not list it" in findings["members", "personas"].message


ISSUER = ExternalOidcWanted(name="corp", issuer="https://sso.example.com", audiences=("a",), groups_prefix="sso:", username_prefix="u:")
OF_TOKENS = Identity(
    mode="oidc",
    external_oidc=ISSUER,
    groups=(
        GroupWanted(name="sso:auditors", directory="corp", personas=("auditor",)),
        GroupWanted(name="sso:admins", directory="corp"),
        GroupWanted(name="sso:unread", directory="nowhere"),
    ),
)
READ_GROUPS = {"corp": merged_groups([DirectoryGroup("auditors", ("anna", "ben", "carl")), DirectoryGroup("admins", ("ben",))])}


def of_tokens(wanted: Identity, *objects: Json) -> Mapping[tuple[str, str], CheckFinding]:
    seen = replace(context(look([*ROLES_OF_PERSONAS, *objects]), wanted), outside=Outside(directories=READ_GROUPS))
    return told(found(access_plan(seen), by_rbac(*objects)))


def test_members_that_tokens_bring_are_those_of_the_directories_and_what_else_they_are_in_stays_open() -> None:
    objects = [SECRETS, binding("of-anna", "secrets", user("u:anna"), namespace="team"), binding("admins", "secrets", group("sso:admins"))]
    findings = of_tokens(OF_TOKENS, *objects, binding("plain", "secrets", user("carl"), group("admins")))
    assert results(findings) == {
        ("denied", "group sso:auditors as auditor"): "pass",
        ("members", "user u:anna of group sso:auditors as auditor: deny[0]"): "fail",
        ("members", "user u:ben of group sso:auditors as auditor: deny[0]"): "fail",
        ("members", "personas"): "not_evaluated",
    }
    open_one = findings["members", "personas"]
    assert (open_one.severity, "tokens say who is in which group" in open_one.message) == ("information", True)
    # With no prefix given the API server puts the issuer before each name.
    default = replace(OF_TOKENS, external_oidc=replace(ISSUER, username_prefix=None))
    by_issuer = of_tokens(default, SECRETS, binding("b", "secrets", user("https://sso.example.com#anna")))
    assert by_issuer["members", "user https://sso.example.com#anna of group sso:auditors as auditor: deny[0]"].result == "fail"
    # By another claim nobody knows how users are named.
    by_claim = of_tokens(replace(OF_TOKENS, external_oidc=replace(ISSUER, username_claim="sub")), *objects)
    assert set(by_claim) == {("denied", "group sso:auditors as auditor"), ("members", "personas")}


def test_who_comes_with_a_token_is_in_no_group_of_the_oauth_server() -> None:
    made = access_plan(context(look(ROLES_OF_PERSONAS), OF_TOKENS))
    assert {question.who.groups for question in made.questions} == {("sso:auditors", "system:authenticated")}
