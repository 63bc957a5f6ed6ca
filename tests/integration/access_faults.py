# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of who may do what: each with who fails for it, what is the cause, and what the server answers otherwise without that."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.personas import cluster_role
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.questions import Question
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.rbac import Act, Who

from tests.integration.access_site import (
    ANNAS,
    BENS,
    CARL,
    DATA_SCIENTIST,
    IN,
    OF_B,
    OF_E,
    PERSONAS,
    RBAC,
    RUNNER,
    A,
    B,
    C,
    E,
    Json,
    R,
)
from tests.unit.platform.identity.rbac_objects import account, binding, group, people, role, rule, user


@dataclass(frozen=True)
class Fault:
    """Something that is not as contracts say."""

    name: str
    objects: tuple[Json, ...]
    subjects: frozenset[str]
    """who fails for it"""
    named: str
    """what evidence names as the cause"""
    question: Question
    """what the server answers otherwise once the cause is gone"""
    takes: tuple[Json, ...] = ()
    """objects that are taken away for it"""


def secrets_in(namespace: str, who: Who = BENS) -> Question:
    return Question(who, Act("get", "", "secrets"), namespace)


def pods_in(namespace: str, who: Who = BENS) -> Question:
    return Question(who, Act("create", "", "pods"), namespace)


def bound_to(name: str, whom: Json, namespace: str = "", *rules: Json) -> tuple[Json, ...]:
    """A ClusterRole of these rules and a binding of the same name."""
    return (role(name, *rules), binding(name, name, whom, namespace=namespace))


READING = rule("core", "secrets", "get list")
AGGREGATED: Json = {
    "apiVersion": f"{RBAC}/v1",
    "kind": "ClusterRole",
    "metadata": {"name": "sum"},
    "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"example.com/part-of": "sum"}}]},
}
PART = role("part", READING)
PART["metadata"]["labels"] = {"example.com/part-of": "sum"}
WIDENED = cluster_role("data_scientist", PERSONAS["data_scientist"])
OWN = binding(DATA_SCIENTIST, DATA_SCIENTIST, group("a-people"), namespace="team-a")

FAULTS = (
    Fault(
        "wildcard role in the namespace",
        bound_to("f", group("a-people"), "team-a", rule("*", "*", "*")),
        frozenset({A}),
        "RoleBinding team-a/f",
        secrets_in("team-a"),
    ),
    Fault(
        "wildcard role on the cluster",
        bound_to("f", group("b-people"), "", rule("*", "*", "*")),
        frozenset({B}),
        "ClusterRoleBinding f",
        secrets_in("kube-system", OF_B),
    ),
    Fault(
        "left-over binding in the namespace of another team",
        (binding("f", DATA_SCIENTIST, group("a-people"), namespace="team-b"),),
        frozenset({A, "group a-people in team-b"}),
        "RoleBinding team-b/f",
        pods_in("team-b"),
    ),
    Fault(
        "aggregated role",
        (PART, AGGREGATED, binding("f", "sum", group("a-people"), namespace="team-a")),
        frozenset({A}),
        "RoleBinding team-a/f",
        secrets_in("team-a"),
    ),
    Fault(
        "role of the persona widened",
        ({**WIDENED, "rules": [*WIDENED["rules"], READING]},),
        frozenset({A, B}),
        f"RoleBinding team-a/{DATA_SCIENTIST}",
        secrets_in("team-a"),
    ),
    Fault(
        "role of the persona lacks a rule",
        ({**WIDENED, "rules": WIDENED["rules"][1:]},),
        frozenset({A, B}),
        f"ClusterRole {DATA_SCIENTIST}",
        pods_in("team-a"),
    ),
    Fault(
        "role of the persona gone",
        (),
        frozenset({A, B}),
        f"ClusterRole {DATA_SCIENTIST}",
        pods_in("team-a"),
        takes=(WIDENED,),
    ),
    Fault("binding of the persona gone", (), frozenset({A}), f"RoleBinding team-a/{DATA_SCIENTIST}", pods_in("team-a"), takes=(OWN,)),
    Fault(
        "binding of the persona without the group",
        ({**OWN, "subjects": [group("others")]},),
        frozenset({A, "group others in team-a"}),
        f"RoleBinding team-a/{DATA_SCIENTIST}",
        pods_in("team-a"),
    ),
    Fault(
        "binding of the persona leads to another role",
        (role("small", rule("core", "configmaps", "list")), binding(DATA_SCIENTIST, "small", group("a-people"), namespace="team-a")),
        frozenset({A}),
        f"RoleBinding team-a/{DATA_SCIENTIST}",
        pods_in("team-a"),
        takes=(OWN,),
    ),
    Fault(
        "role of the namespace with a shell",
        (
            role("f", rule("core", "pods/exec", "create"), namespace="team-b"),
            binding("f", "f", group("b-engineers"), namespace="team-b", local=True),
        ),
        frozenset({E}),
        "RoleBinding team-b/f",
        Question(OF_E, Act("create", "", "pods", "exec"), "team-b"),
    ),
    Fault(
        "subresource of everything",
        bound_to("f", group("b-people"), "team-b", rule("core", "*/exec", "get")),
        frozenset({B}),
        "RoleBinding team-b/f",
        Question(OF_B, Act("get", "", "pods", "exec"), "team-b"),
    ),
    Fault(
        "all API groups",
        bound_to("f", user("carl"), "team-c", rule("*", "secrets", "list")),
        frozenset({C}),
        "RoleBinding team-c/f",
        Question(CARL, Act("list", "", "secrets"), "team-c"),
    ),
    Fault(
        "everybody who has logged in",
        bound_to("f", group("system:authenticated"), "team-a", rule("core", "pods", "create")),
        frozenset({B, E, C, R, "group system:authenticated in team-a"}),
        "RoleBinding team-a/f",
        pods_in("team-a", CARL),
    ),
    Fault(
        "all service accounts of the namespace",
        bound_to("f", group("system:serviceaccounts:team-c"), "team-c", rule("core", "secrets", "list")),
        frozenset({R}),
        "RoleBinding team-c/f",
        Question(RUNNER, Act("list", "", "secrets"), "team-c"),
    ),
    Fault(
        "service account of another team",
        bound_to("f", account("team-c", "default"), "team-b", READING),
        frozenset({"service account team-c/default in team-b"}),
        "RoleBinding team-b/f",
        secrets_in("team-b", Who("system:serviceaccount:team-c:default", IN)),
    ),
    Fault(
        "strangers",
        bound_to("f", group("visitors"), "team-c", rule("core", "pods/log", "get")),
        frozenset({"group visitors in team-c"}),
        "RoleBinding team-c/f",
        Question(Who("", ("visitors", *IN)), Act("get", "", "pods", "log"), "team-c"),
    ),
    Fault(
        "member with a binding of their own",
        bound_to("f", user("anna"), "team-a", READING),
        frozenset({f"user anna of {A}"}),
        "RoleBinding team-a/f",
        secrets_in("team-a", ANNAS),
    ),
    Fault(
        "member in a group that may more",
        (people("rescuers", "dora"), *bound_to("f", group("rescuers"), "", READING)),
        frozenset({f"user dora of {B}"}),
        "ClusterRoleBinding f",
        secrets_in("team-b", Who("dora", ("b-people", "rescuers", *IN))),
    ),
    Fault(
        "being a service account",
        bound_to("f", group("a-people"), "team-a", rule("core", "serviceaccounts", "impersonate")),
        frozenset({A}),
        "RoleBinding team-a/f",
        Question(BENS, Act("impersonate", "", "serviceaccounts"), "team-a"),
    ),
    Fault(
        "nodes of the cluster",
        bound_to("f", group("a-people"), "", rule("core", "nodes", "patch")),
        frozenset({A}),
        "ClusterRoleBinding f",
        Question(BENS, Act("patch", "", "nodes")),
    ),
    Fault(
        "queues of the namespace",
        bound_to("f", group("b-people"), "team-b", rule("kueue.x-k8s.io", "localqueues", "patch")),
        frozenset({B}),
        "RoleBinding team-b/f",
        Question(OF_B, Act("patch", "kueue.x-k8s.io", "localqueues"), "team-b"),
    ),
    Fault(
        "quotas of another team",
        bound_to("f", user("carl"), "team-a", rule("core", "resourcequotas", "update")),
        frozenset({C, "user carl in team-a"}),
        "RoleBinding team-a/f",
        Question(CARL, Act("update", "", "resourcequotas"), "team-a"),
    ),
    Fault(
        "binding to any role",
        bound_to("f", group("a-people"), "team-a", rule(RBAC, "roles", "bind escalate")),
        frozenset({A}),
        "RoleBinding team-a/f",
        Question(BENS, Act("bind", RBAC, "roles"), "team-a"),
    ),
    Fault(
        "containers that may everything",
        bound_to("f", group("a-people"), "team-a", rule("security.openshift.io", "securitycontextconstraints", "use")),
        frozenset({A}),
        "RoleBinding team-a/f",
        Question(BENS, Act("use", "security.openshift.io", "securitycontextconstraints"), "team-a"),
    ),
    Fault(
        "looking into everything",
        bound_to("f", user("carl"), "", rule("core", "configmaps", "get list")),
        frozenset({C}),
        "ClusterRoleBinding f",
        Question(CARL, Act("get", "", "configmaps"), "kube-system"),
    ),
)
