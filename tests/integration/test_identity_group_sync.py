# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GroupSyncs through the stage on a real API server with the operator's own definition: written, waited for, judged by what it writes.

The operator itself does not run: its statuses, and the Groups with their provenance, are written as its sources have them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.request import PlatformResult
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding

from tests.integration.identity_site import (
    BASE,
    GROUPS,
    PART,
    SYNC_NAMESPACE,
    SYNCED,
    SYNCS,
    condition,
    config_map,
    failing,
    group,
    identity_site,
    remove_groups,
    secret,
    told,
    write_status,
)
from tests.integration.mutations import Target, draw
from tests.integration.platform_site import MERGE, READER, Site

Json = dict[str, Any]
NOW = "2026-11-22T10:10:00Z"
SEED, ROUNDS = 20261123, 7
USUAL: Json = {"namespace": SYNC_NAMESPACE, "credentials_secret": "reader", "ca": "directory-ca"}
SECTION: Json = {
    "directories": [
        {
            "name": "corp",
            "kind": "ldap",
            "url": "ldaps://ldap.example.com",
            "groups_base": "ou=groups,dc=example,dc=com",
            "users_base": "ou=users,dc=example,dc=com",
        },
        {"name": "sso", "kind": "keycloak", "url": "https://sso.example.com", "realm": "corp", "login_realm": "corp"},
    ],
    "group_syncs": [
        {"name": "corp-sync", "directory": "corp", "groups": ["team-a", "team-b"], **USUAL},
        {"name": "sso-sync", "directory": "sso", "schedule": "0 * * * *", "groups": ["team-c"], **USUAL},
        {"name": "all-sync", "directory": "sso", "schedule": "15 3 * * *", **USUAL},
    ],
    "groups": [{"name": "team-a", "directory": "corp"}, {"name": "team-c", "directory": "sso"}],
}
NAMES = ("all-sync", "corp-sync", "sso-sync")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with identity_site(tmp_path_factory, SECTION) as site:
        yield site


@pytest.fixture
def site(everything: Site) -> Site:
    """Everything is applied and has synced."""
    remove_groups(everything.cluster)
    everything.cluster.apply([group("team-a", ["anna"], "corp-sync_corp", "cn=team-a"), group("team-c", ["carl"], "sso-sync_sso", "u-1")])
    applied(everything)
    everything.operands.play()
    return everything


def applied(site: Site) -> PlatformResult:
    return site.run(PART, now=NOW)


def verified(site: Site, now: str = NOW) -> PlatformResult:
    return site.run(PART, "verify", READER, now=now)


def of_syncs(result: PlatformResult) -> list[str]:
    """What does not pass of GroupSyncs and of how groups are synced: the directories are nobody's here."""
    checks = ("sync.", "object", "ready", "groups.fresh", "groups.provenance")
    return [line for line in failing(result) if line.partition("/")[2].removeprefix(f"platform.{PART}.").startswith(checks)]


def one(result: PlatformResult, check: str, subject: str) -> CheckFinding:
    return told(result, check)[subject]


def sync(name: str) -> str:
    return f"GroupSync {SYNC_NAMESPACE}/{name}"


# ---- written and waited for ------------------------------------------------------------------------------------------


def test_syncs_are_written_in_full_waited_for_and_not_written_again(site: Site) -> None:
    spec = site.live(f"{SYNCS}/corp-sync")["spec"]
    (provider,) = spec["providers"]
    assert (spec["schedule"], spec["excludeInvalidGroupNames"], provider["name"]) == ("*/30 * * * *", True, "corp")
    assert (provider["ldap"]["prune"], provider["ldap"]["insecure"]) == (True, False)
    assert provider["ldap"]["rfc2307"]["groupsQuery"]["filter"] == "(&(objectClass=groupOfNames)(|(cn=team-a)(cn=team-b)))"
    again = applied(site)
    assert site.last is not None
    assert (again.changed, of_syncs(again), site.last.writes, site.last.dry_runs) == (False, [], 0, 0)
    seen = verified(site)
    assert of_syncs(seen) == []
    for name in NAMES:
        assert {one(seen, check, sync(name)).result for check in ("sync.works", "ready", "object")} == {"pass"}
    assert (site.written(), one(seen, "sync.fresh", sync("corp-sync")).result) == ([], "pass")


def test_first_sync_that_does_not_come_is_told_and_so_is_what_the_operator_says_of_it(site: Site) -> None:
    site.cluster.request("DELETE", f"{SYNCS}/corp-sync")
    with idle(site):
        done = applied(site)
        assert done.failure is not None and done.failure.code == "platform_not_ready"
        ready = one(done, "ready", sync("corp-sync"))
        assert (ready.result, "it has not synced yet" in ready.message) == ("fail", True)
        assert one(done, "sync.works", sync("corp-sync")).result == "not_evaluated"
        write_status(site.cluster, "corp-sync", [condition("ReconcileError", SYNCED, 'LDAP Result Code 49 "Invalid Credentials"')], "")
        done = applied(site)
        assert site.written() == []
        for check in ("ready", "sync.works"):
            assert "LDAP Result Code 49" in one(done, check, sync("corp-sync")).message
        assert one(done, "sync.fresh", sync("corp-sync")).message == "no sync has succeeded yet"


@contextmanager
def idle(site: Site) -> Iterator[None]:
    """The operator does nothing for as long as the block lasts."""
    site.operands.is_idle = True
    try:
        yield
    finally:
        site.operands.is_idle = False


# ---- what the operator writes ----------------------------------------------------------------------------------------


def test_sync_that_fails_after_one_that_worked_is_told_with_the_operators_words(site: Site) -> None:
    words = "dial tcp 192.0.2.1:636: connect: no route to host"
    write_status(
        site.cluster, "corp-sync", [condition("ReconcileSuccess", SYNCED), condition("ReconcileError", "2026-11-22T10:05:00Z", words)]
    )
    seen = verified(site)
    works = one(seen, "sync.works", sync("corp-sync"))
    assert (works.result, works.message) == ("fail", f"the last sync failed: {words}")
    assert [(each.field, each.observed) for each in works.evidence] == [("status.conditions[ReconcileError]", "LastReconcileCycleFailed")]
    assert one(seen, "ready", sync("corp-sync")).result == "fail"
    assert one(seen, "sync.works", sync("sso-sync")).result == "pass"
    # An error that is over stays in the status, beside the success that came after it.
    error = condition("ReconcileError", "2026-11-22T09:30:00Z", words)
    generation = int(site.live(f"{SYNCS}/corp-sync")["metadata"]["generation"])
    write_status(site.cluster, "corp-sync", [error, condition("ReconcileSuccess", SYNCED, generation=generation)])
    assert of_syncs(verified(site)) == []


@pytest.mark.parametrize(
    ("now", "late"),
    [
        ("2026-11-22T11:00:00Z", set()),
        ("2026-11-22T11:00:01Z", {"corp-sync"}),
        ("2026-11-22T12:00:01Z", {"corp-sync", "sso-sync"}),
        ("2026-11-24T10:00:01Z", {"all-sync", "corp-sync", "sso-sync"}),
    ],
)
def test_sync_is_stale_after_two_intervals_of_its_own_schedule_and_so_are_its_groups(site: Site, now: str, late: set[str]) -> None:
    seen = verified(site, now)
    found = {name for name in NAMES if one(seen, "sync.fresh", sync(name)).result == "fail"}
    assert found == late
    groups = {"team-a": "corp-sync", "team-c": "sso-sync"}
    for name, its in groups.items():
        fresh = one(seen, "groups.fresh", f"group {name}")
        assert (fresh.result == "fail") == (its in late), (name, fresh)
        assert not fresh.message or "it was last synced at 2026-11-22T10:00:00Z" in fresh.message


def test_group_that_the_operator_passed_over_in_its_last_sync_is_stale_though_the_sync_is_not(site: Site) -> None:
    site.cluster.apply([group("team-a", ["anna"], "corp-sync_corp", "cn=team-a", when="2026-11-22T08:59:00+0000")])
    seen = verified(site)
    assert one(seen, "sync.fresh", sync("corp-sync")).result == "pass"
    assert one(seen, "groups.fresh", "group team-a").message.startswith("it was last synced at 2026-11-22T08:59:00Z")


def test_whoever_fills_a_group_instead_of_its_sync_is_named(site: Site) -> None:
    def why(metadata: Json) -> str:
        site.cluster.request("DELETE", f"{GROUPS}/team-a")
        item = {**group("team-a", ["anna"]), "metadata": {"name": "team-a", **metadata}}
        site.cluster.client.create([item])
        return one(verified(site), "groups.provenance", "group team-a").message

    assert why({}).startswith("nobody syncs it")
    assert why({"labels": {f"{BASE}/sync-provider": "sso-sync_sso"}}) == "it is synced by sso-sync_sso, and not by corp-sync_corp"
    assert why({"annotations": {"oauth.openshift.io/idp.corp": "synced"}}) == "it is filled by logins, and not by corp-sync_corp"
    assert why({"annotations": {"openshift.io/ldap.uid": "cn=team-a"}}) == "it is filled by oc adm groups sync, and not by corp-sync_corp"
    # Older releases of the operator left an annotation alone.
    assert why({"annotations": {f"{BASE}/sync-provider": "corp-sync_corp"}}) == "synced by corp-sync_corp"


# ---- what a sync needs -----------------------------------------------------------------------------------------------


def test_what_a_sync_needs_and_lacks_is_told_and_secrets_of_other_namespaces_are(site: Site) -> None:
    where = f"/api/v1/namespaces/{SYNC_NAMESPACE}"
    site.cluster.client.request("PATCH", f"{where}/secrets/reader", {"data": {"password": None}}, MERGE).checked()
    site.cluster.request("DELETE", f"{where}/configmaps/directory-ca")
    theirs = {
        "apiVersion": "redhatcop.redhat.io/v1alpha1",
        "kind": "GroupSync",
        "metadata": {"name": "theirs", "namespace": SYNC_NAMESPACE},
        "spec": {"providers": [{"name": "x", "keycloak": _provider("elsewhere")}, {"name": "y", "keycloak": _provider(SYNC_NAMESPACE)}]},
    }
    site.cluster.apply([theirs])
    try:
        seen = verified(site)
        lacks = one(seen, "sync.secret", f"Secret {SYNC_NAMESPACE}/reader")
        assert (lacks.result, "password" in lacks.message) == ("fail", True)
        assert one(seen, "sync.ca", f"ConfigMap {SYNC_NAMESPACE}/directory-ca").state == "missing"
        foreign = told(seen, "sync.foreign_secret")
        assert {subject: each.message for subject, each in foreign.items()} == {
            f"GroupSync {SYNC_NAMESPACE}/theirs provider x": "it takes the Secret of provider x from namespace elsewhere"
        }
    finally:
        site.cluster.request("DELETE", f"{SYNCS}/theirs")
        site.cluster.apply([secret(SYNC_NAMESPACE, "reader", "username", "password")])
        site.cluster.apply([config_map(SYNC_NAMESPACE, "directory-ca", **{"ca.crt": "-"})])


def _provider(namespace: str) -> Json:
    return {"url": "https://sso.example.com", "realm": "x", "prune": True, "credentialsSecret": {"name": "x", "namespace": namespace}}


# ---- drift -----------------------------------------------------------------------------------------------------------


def test_check_mode_says_what_the_next_run_sets_right_and_verify_finds_each_mutation(site: Site) -> None:
    rng, inflicted = Random(SEED), 0
    for _round in range(ROUNDS):
        done = []
        for name in NAMES:
            target = Target(f"{SYNCS}/{name}", site.live(f"{SYNCS}/{name}"))
            mutation = draw(rng, [target])
            if mutation.inflict(site.cluster):
                done.append(mutation)
        inflicted += len(done)
        foreseen = site.run(PART, "check", now=NOW)
        assert site.written() == []
        seen, after = verified(site), applied(site)
        for mutation in done:
            subject = mutation.target.text
            assert one(seen, "object", subject).result == "fail", (mutation.text, one(seen, "object", subject))
            before, then = one(foreseen, "object", subject), one(after, "object", subject)
            assert (before.state, before.action, before.fields) == (then.state, then.action, then.fields), mutation.text
            if then.action == "none":
                # Fields that another manager has taken by force are told and left; here they are made anew.
                site.cluster.request("DELETE", mutation.target.path)
        applied(site)
        assert of_syncs(verified(site)) == []
    assert inflicted > ROUNDS
