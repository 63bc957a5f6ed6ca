# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of people and of what they may do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.rights import APPLY_ROLE, TENANTS_ROLE, VERIFY_ROLE
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.personas import role_name
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.rights import HOME, WRITER

from tests.counterparts.cluster import wait_until
from tests.integration.namespaces_faults.of_objects import mended
from tests.integration.namespaces_faults.stand import (
    ALL_RIGHTS,
    RBAC,
    TWO,
    Asked,
    F,
    Stand,
    T,
    binding,
    named,
    whom,
)
from tests.integration.namespaces_site import PEOPLE, group

BOTH = Asked(TWO, access=True)
OF_FRAUD, OF_TICKETS = (Asked((each,), access=True) for each in TWO)
TEAM = "risk-scientists"
ROLE = role_name("data_scientist")
ACCOUNT = f"system:serviceaccount:{HOME}:{WRITER}"


def group_path(name: str) -> str:
    return f"/apis/user.openshift.io/v1/groups/{name}"


@contextmanager
def group_emptied(stand: Stand) -> Iterator[Asked]:
    with stand.changed(group_path(TEAM), {"users": []}, {"users": list(PEOPLE[TEAM])}):
        yield Asked()


@contextmanager
def owner_group_deleted(stand: Stand) -> Iterator[Asked]:
    with stand.without(group("retail-ai-owners", PEOPLE["retail-ai-owners"])):
        yield Asked()


@contextmanager
def role_of_persona_deleted(stand: Stand) -> Iterator[Asked]:
    live = stand.site.live(f"/apis/{RBAC}/v1/clusterroles/{ROLE}")
    with stand.without({**live, "metadata": {"name": ROLE}}):
        stand.until_may(False, "", [TEAM], "create", "pods", F)
        yield BOTH
    stand.until_may(True, "", [TEAM], "create", "pods", F)


@contextmanager
def binding_of_persona_deleted(stand: Stand) -> Iterator[Asked]:
    with mended(stand):
        stand.delete(f"/apis/{RBAC}/v1/namespaces/{F}/rolebindings/{ROLE}")
        stand.until_may(False, "", [TEAM], "create", "pods", F)
        yield OF_FRAUD
    stand.until_may(True, "", [TEAM], "create", "pods", F)


@contextmanager
def wildcard_binding_left_over(stand: Stand) -> Iterator[Asked]:
    with stand.with_objects(ALL_RIGHTS, binding("left-over", "everything", whom("Group", TEAM), F)):
        stand.until_may(True, "", [TEAM], "get", "secrets", F)
        yield OF_FRAUD
    stand.until_may(False, "", [TEAM], "get", "secrets", F)


@contextmanager
def wildcard_on_cluster(stand: Stand) -> Iterator[Asked]:
    with stand.with_objects(ALL_RIGHTS, binding("left-over", "everything", whom("Group", TEAM))):
        stand.until_may(True, "", [TEAM], "get", "secrets", "kube-system")
        yield BOTH
    stand.until_may(False, "", [TEAM], "get", "secrets", "kube-system")


@contextmanager
def stranger_let_in(stand: Stand) -> Iterator[Asked]:
    with stand.with_objects(binding("guest", "edit", whom("User", "visitor"), T)):
        stand.until_may(True, "visitor", [], "create", "pods", T)
        yield OF_TICKETS
    stand.until_may(False, "visitor", [], "create", "pods", T)


@contextmanager
def member_with_binding(stand: Stand) -> Iterator[Asked]:
    member = PEOPLE[TEAM][0]
    with stand.with_objects(ALL_RIGHTS, binding("own", "everything", whom("User", member), F)):
        stand.until_may(True, member, [], "get", "secrets", F)
        yield OF_FRAUD
    stand.until_may(False, member, [], "get", "secrets", F)


@contextmanager
def webhook_refuses_tenants(stand: Stand) -> Iterator[Asked]:
    tried = named("v1", "ConfigMap", "tried", F)
    with stand.cluster.webhook("no ConfigMaps today", namespace=F, resources=["configmaps"], operations=["CREATE"]):
        wait_until("it is in force", lambda: stand.refuses(tried))
        yield OF_FRAUD
    wait_until("it is no more", lambda: not stand.refuses(tried))


@contextmanager
def quota_used_up(stand: Stand) -> Iterator[Asked]:
    second = named("v1", "ResourceQuota", "second", F, spec={"hard": {"count/configmaps": "1"}})
    tried = named("v1", "ConfigMap", "tried", F)
    with stand.with_objects(second):
        wait_until("it is used up", lambda: stand.refuses(tried))
        yield OF_FRAUD
    wait_until("it is no more", lambda: not stand.refuses(tried))


@contextmanager
def reviews_forbidden(stand: Stand) -> Iterator[Asked]:
    group_of = "authorization.k8s.io"
    with role_without(stand, VERIFY_ROLE, "subjectaccessreviews"):
        stand.until_may(False, ACCOUNT, [], "create", "subjectaccessreviews", "", group_of)
        yield OF_FRAUD
    stand.until_may(True, ACCOUNT, [], "create", "subjectaccessreviews", "", group_of)


@contextmanager
def nobody_may_be_tried(stand: Stand) -> Iterator[Asked]:
    live = stand.site.live(f"/apis/{RBAC}/v1/clusterrolebindings/{TENANTS_ROLE}")
    with stand.without({**live, "metadata": {"name": TENANTS_ROLE}}):
        stand.until_may(False, ACCOUNT, [], "impersonate", "groups", "", "", TEAM)
        yield OF_FRAUD
    stand.until_may(True, ACCOUNT, [], "impersonate", "groups", "", "", TEAM)


@contextmanager
def list_forbidden(stand: Stand) -> Iterator[Asked]:
    # The writer lists what it applies by another role.
    with role_without(stand, VERIFY_ROLE, "limitranges"), role_without(stand, APPLY_ROLE, "limitranges"):
        stand.until_may(False, ACCOUNT, [], "list", "limitranges")
        yield Asked()
    stand.until_may(True, ACCOUNT, [], "list", "limitranges")


@contextmanager
def role_without(stand: Stand, name: str, resource: str) -> Iterator[None]:
    """A ClusterRole that gives nothing of one resource for as long as the block lasts."""
    path = f"/apis/{RBAC}/v1/clusterroles/{name}"
    live = stand.site.live(path)
    bare = {**live, "metadata": {"name": name}}
    rules = [{**rule, "resources": [each for each in rule["resources"] if each != resource]} for rule in live["rules"]]
    stand.cluster.request("PUT", path, {**bare, "rules": [rule for rule in rules if rule["resources"]]}).checked()
    try:
        yield
    finally:
        stand.cluster.request("PUT", path, bare).checked()
