# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bindings by whom they reach, and what their roles allow there."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.rbac import Act, Grants, Who

from tests.unit.platform.identity.rbac_objects import account, binding, group, look, role, rule, user

SECRETS = role("secrets", rule("core", "secrets", "get list"))
ANNA = Who("anna", ("team", "system:authenticated"))


def words(who: Who, *objects: dict[str, object]) -> list[str]:
    return [grant.words for grant in Grants(look([SECRETS, *objects])).of(who)]


def test_bindings_reach_by_user_group_and_account() -> None:
    found = [
        binding("a", "secrets", user("anna")),
        binding("b", "secrets", group("team"), namespace="one"),
        binding("c", "secrets", group("others"), user("ben")),
        binding("d", "secrets", account("one", "bot"), namespace="two"),
        binding("e", "secrets", user("team"), group("anna")),
    ]
    assert words(ANNA, *found) == ["ClusterRoleBinding a (ClusterRole secrets)", "RoleBinding one/b (ClusterRole secrets)"]
    assert words(Who("system:serviceaccount:one:bot", ()), *found) == ["RoleBinding two/d (ClusterRole secrets)"]
    assert words(Who("", ("team",)), *found) == ["RoleBinding one/b (ClusterRole secrets)"]
    assert words(Who("", ())) == []


def test_binding_that_reaches_somebody_twice_is_one() -> None:
    assert words(ANNA, binding("a", "secrets", user("anna"), group("team"))) == ["ClusterRoleBinding a (ClusterRole secrets)"]


def test_roles_of_a_namespace_are_told_from_those_of_the_cluster_and_of_others() -> None:
    objects = [
        role("one", rule("core", "pods", "get"), namespace="x"),
        role("one", rule("core", "pods", "delete"), namespace="y"),
        role("one", rule("core", "pods", "list")),
        binding("local", "one", user("anna"), namespace="x", local=True),
        binding("wide", "one", user("anna"), namespace="x"),
        binding("dangling", "nowhere", user("anna")),
    ]
    found = {grant.binding: grant for grant in Grants(look(objects)).of(ANNA)}
    allowed = {name: [verb for verb in ("get", "list", "delete") if grant.allows(Act(verb, "", "pods"))] for name, grant in found.items()}
    assert allowed == {"RoleBinding x/local": ["get"], "RoleBinding x/wide": ["list"], "ClusterRoleBinding dangling": []}
    assert found["RoleBinding x/local"].role == "Role x/one"


@pytest.mark.parametrize(
    ("given", "act", "allowed"),
    [
        (rule("core", "pods", "get"), Act("get", "", "pods"), True),
        (rule("core", "pods", "get"), Act("get", "", "pods", "log"), False),
        (rule("core", "pods/log", "get"), Act("get", "", "pods", "log"), True),
        (rule("core", "*", "get"), Act("get", "", "pods", "log"), True),
        (rule("core", "*/log", "get"), Act("get", "", "pods", "log"), True),
        (rule("core", "*/log", "get"), Act("get", "", "pods"), False),
        (rule("*", "*", "*"), Act("use", "security.openshift.io", "securitycontextconstraints", "", "privileged"), True),
        (rule("core", "secrets", "get", "one"), Act("get", "", "secrets"), False),
        (rule("core", "secrets", "get", "one"), Act("get", "", "secrets", "", "one"), True),
        (rule("apps", "pods", "get"), Act("get", "", "pods"), False),
        ({"nonResourceURLs": ["*"], "verbs": ["*"]}, Act("get", "", "pods"), False),
    ],
)
def test_rule_allows_what_the_api_server_would(given: dict[str, object], act: Act, allowed: bool) -> None:
    (grant,) = Grants(look([role("r", given), binding("b", "r", user("anna"))])).of(ANNA)
    assert grant.allows(act) is allowed


def test_requests_are_told_in_words() -> None:
    assert Act("get", "", "pods", "exec").what == "pods/exec"
    assert Act("use", "security.openshift.io", "securitycontextconstraints", name="anyuid").what == (
        "securitycontextconstraints anyuid of security.openshift.io"
    )
