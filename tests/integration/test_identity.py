# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The identity part on a real API server, under the shipped rights: providers merged, personas written, drift found, writes taken back."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster_arguments import ClusterSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.request import PlatformResult
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.rollbacks import Rollback, read_rollback
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import InputError
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.rights import HOME

from tests.counterparts.cluster import PLATFORM
from tests.integration.mutations import Target, draw
from tests.integration.platform_site import MERGE, READER, WRITER, Site, files, may, secret_rights_of, tried_site

Json = dict[str, Any]
PART = "identity"
SEED, MUTATIONS, AT_ONCE = 20261122, 50, 8
CRDS = (
    *PLATFORM,
    "oauths.config.openshift.io",
    "authentications.config.openshift.io",
    "users.user.openshift.io",
    "groupsyncs.redhatcop.redhat.io",
)
OAUTH = "/apis/config.openshift.io/v1/oauths/cluster"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
FOREIGN: list[Json] = [
    {
        "name": "Staff SSO",
        "mappingMethod": "claim",
        "type": "OpenID",
        "openID": {
            "claims": {"email": ["email"], "name": [], "preferredUsername": ["upn", "sub"]},
            "clientID": "staff",
            "clientSecret": {"name": "staff-client"},
            "issuer": "https://staff.example.com/tenant",
        },
    },
    {"name": "local", "mappingMethod": "lookup", "type": "HTPasswd", "htpasswd": {"fileData": {"name": "local"}}},
]
DOCUMENT: Json = {
    "schema_version": "1.0",
    "identity": {
        "providers": [{"name": "corp-users", "type": "HTPasswd", "htpasswd": {"secret": "corp-users"}}],
        "sessions": {"access_token_max_age_seconds": 28800},
        "groups": [{"name": "rhoai-admins", "personas": ["platform"], "least_members": 0}],
    },
}


def _user(name: str, identity: str) -> Json:
    return {"apiVersion": "user.openshift.io/v1", "kind": "User", "metadata": {"name": name}, "identities": [identity], "groups": []}


def _admin(user: str) -> Json:
    group = "rbac.authorization.k8s.io"
    return {
        "apiVersion": f"{group}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": f"admin-{user}"},
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"apiGroup": group, "kind": "User", "name": user}],
    }


AROUND: tuple[Json, ...] = (
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "openshift-config"}},
    {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "corp-users", "namespace": "openshift-config"}, "data": {"htpasswd": ""}},
    {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "other-users", "namespace": "openshift-config"}, "data": {"htpasswd": ""}},
    {"apiVersion": "config.openshift.io/v1", "kind": "Authentication", "metadata": {"name": "cluster"}, "spec": {}},
    {"apiVersion": "config.openshift.io/v1", "kind": "OAuth", "metadata": {"name": "cluster"}, "spec": {"identityProviders": FOREIGN}},
    {
        "apiVersion": "config.openshift.io/v1",
        "kind": "ClusterOperator",
        "metadata": {"name": "authentication"},
        "spec": {},
        "status": {
            "conditions": [
                {"type": kind, "status": status, "lastTransitionTime": "2026-11-22T00:00:00Z"}
                for kind, status in (("Available", "True"), ("Degraded", "False"), ("Progressing", "False"))
            ]
        },
    },
    _user("anna", "local:anna"),
    _admin("anna"),
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A cluster with providers of others, and a cluster-admin who comes in by one of them."""
    with tried_site(tmp_path_factory, CRDS) as found:
        found.cluster.apply(AROUND)
        found.cluster.apply(files("identity_rights.yml"))
        for account in (WRITER, READER):
            found.cluster.apply(secret_rights_of(account, "openshift-config", ["corp-users", "other-users"]))
        found.document = copy.deepcopy(DOCUMENT)
        assert found.run(PART).failure is None
        yield found


def listed(site: Site) -> list[Json]:
    """The providers that the cluster has."""
    return list(site.live(OAUTH)["spec"]["identityProviders"])


def failing(result: PlatformResult) -> list[str]:
    return [f"{finding.id}: {finding.message}" for finding in result.findings if finding.failed]


def told(result: PlatformResult) -> dict[str, CheckFinding]:
    """Findings on objects and on entries of the list, by their subject."""
    return {finding.subject: finding for finding in result.findings if finding.check.endswith((".object", ".providers.entry"))}


def test_ours_stands_after_those_of_others_which_stay_byte_for_byte(site: Site) -> None:
    found = listed(site)
    assert json.dumps(found[:2], sort_keys=True) == json.dumps(FOREIGN, sort_keys=True)
    assert [each["name"] for each in found] == ["Staff SSO", "local", "corp-users"]
    assert site.live(OAUTH)["spec"]["tokenConfig"] == {"accessTokenMaxAgeSeconds": 28800}
    roles = {item["metadata"]["name"] for item in site.live(f"{RBAC}/clusterroles")["items"]}
    assert {"groundwork-readiness-persona-auditor", "groundwork-readiness-persona-data-scientist"} <= roles


def test_a_second_run_writes_nothing_and_a_verification_finds_nothing(site: Site) -> None:
    again = site.run(PART)
    assert site.last is not None
    assert (again.changed, failing(again), site.last.writes, site.last.dry_runs) == (False, [], 0, 0)
    seen = site.run(PART, "verify", READER)
    assert (failing(seen), site.last.writes) == ([], 0)


# ---- drift -----------------------------------------------------------------------------------------------------------


def _persona_targets(site: Site) -> list[Target]:
    found = []
    for plural, kind in (("clusterroles", "ClusterRole"), ("clusterrolebindings", "ClusterRoleBinding")):
        for item in site.live(f"{RBAC}/{plural}")["items"]:
            if item["metadata"]["name"].startswith("groundwork-readiness-persona-"):
                path = f"{RBAC}/{plural}/{item['metadata']['name']}"
                found.append(Target(path, {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, **site.live(path)}))
    return found


def _spoil_the_list(site: Site, rng: Random) -> str:
    """Somebody changes what is ours in OAuth/cluster; the subject that it is told by."""
    items, way = listed(site), rng.randrange(4)
    spec: Json = {"identityProviders": items}
    if way == 0:
        spec["identityProviders"] = [each for each in items if each["name"] != "corp-users"]
    elif way == 1:
        items[-1]["htpasswd"] = {"fileData": {"name": rng.choice(["other", "third"])}}
    elif way == 2:
        items[-1]["mappingMethod"] = "add"
    else:
        spec = {"tokenConfig": {"accessTokenMaxAgeSeconds": rng.randrange(300, 900)}}
    site.cluster.client.request("PATCH", f"{OAUTH}?fieldManager=somebody", {"spec": spec}, MERGE).checked()
    return "spec.tokenConfig" if way == 3 else "provider corp-users"


def test_check_mode_says_what_the_next_run_changes_and_verify_finds_each_of_fifty_mutations(site: Site) -> None:
    rng, left, subjects = Random(SEED), MUTATIONS, set()
    while left:
        done = [_spoil_the_list(site, rng)]
        free = _persona_targets(site)
        while free and len(done) < AT_ONCE:
            mutation = draw(rng, free)
            if mutation.inflict(site.cluster):
                done.append(mutation.target.text)
                free = [target for target in free if target.path != mutation.target.path]
        subjects |= set(done)
        foreseen = site.run(PART, "check")
        assert site.written() == []
        seen = site.run(PART, "verify", READER)
        applied = site.run(PART)
        for subject in done:
            assert told(seen)[subject].result == "fail", (subject, told(seen)[subject])
            one, other = told(foreseen)[subject], told(applied)[subject]
            assert (one.state, one.action, one.fields) == (other.state, other.action, other.fields), subject
        changing = {subject for subject, finding in told(foreseen).items() if finding.action != "none"}
        assert changing <= set(done)
        left_alone = [subject for subject in done if told(applied)[subject].action == "none"]
        for target in _persona_targets(site):
            if target.text in left_alone:
                # Fields that another manager has taken by force are told and left; here they are made anew, and count for nothing.
                site.cluster.request("DELETE", target.path)
        left = max(0, left - len(done) + len(left_alone))
        if left_alone:
            site.run(PART)
        assert failing(site.run(PART, "verify", READER)) == []
        assert json.dumps(listed(site)[:2], sort_keys=True) == json.dumps(FOREIGN, sort_keys=True)
    assert {"spec.tokenConfig", "provider corp-users"} <= subjects


def test_a_provider_that_others_add_is_theirs(site: Site) -> None:
    theirs = {"name": "new", "mappingMethod": "claim", "type": "HTPasswd", "htpasswd": {"fileData": {"name": "new"}}}
    before = listed(site)
    site.cluster.client.request("PATCH", OAUTH, {"spec": {"identityProviders": [theirs, *before]}}, MERGE).checked()
    try:
        assert not site.run(PART).changed
        assert listed(site) == [theirs, *before]
        assert "provider new" not in told(site.run(PART, "verify", READER))
    finally:
        site.cluster.client.request("PATCH", OAUTH, {"spec": {"identityProviders": before}}, MERGE).checked()


# ---- the way back, and the guard -------------------------------------------------------------------------------------


def test_a_write_to_logins_is_taken_back_on_its_own_cluster_alone(site: Site, tmp_path: Path) -> None:
    before = listed(site)
    second = {"name": "second", "type": "HTPasswd", "htpasswd": {"secret": "other-users"}}
    site.document["identity"]["providers"].append(second)
    try:
        made = site.run(PART, run_dir=tmp_path)
        assert [each["name"] for each in listed(site)][-1] == "second"
        (path,) = made.rollbacks
        assert path == str(tmp_path / "identity" / "oauth.rollback.json")
        rollback = read_rollback(Path(path))
        assert isinstance(rollback, Rollback)
        with pytest.raises(InputError, match="was made on cluster elsewhere"):
            site.run(PART, rollback=Rollback("elsewhere", rollback.change))
        back = site.run(PART, rollback=rollback)
        assert back.changed
        assert listed(site) == before
    finally:
        site.document["identity"]["providers"].pop()
    assert failing(site.run(PART, "verify", READER)) == []


def test_a_change_that_may_lock_everybody_out_is_refused_until_break_glass_is_proven(site: Site, tmp_path: Path) -> None:
    provider = site.document["identity"]["providers"][0]
    bindings = f"{RBAC}/clusterrolebindings"
    site.cluster.request("DELETE", f"{bindings}/admin-anna")
    site.cluster.apply([_user("bert", "corp-users:bert"), _admin("bert")])
    provider["htpasswd"] = {"secret": "other-users"}
    try:
        refused = site.run(PART)
        assert refused.failure is not None
        assert refused.failure.code == "platform_refused"
        assert any("corp-users" in problem.message for problem in refused.failure.problems)
        assert site.written() == []
        token = site.cluster.service_account(HOME, "rescue")
        site.cluster.apply([_of_account("rescue")])
        kubeconfig = _kubeconfig(site, token, tmp_path)
        site.document["identity"]["break_glass"] = {"kubeconfig": str(kubeconfig), "users": [f"system:serviceaccount:{HOME}:rescue"]}
        proven = site.run(PART, break_glass=ClusterSettings({"kubeconfig": str(kubeconfig)}))
        assert failing(proven) == []
        assert listed(site)[-1]["htpasswd"] == {"fileData": {"name": "other-users"}}
    finally:
        provider["htpasswd"] = {"secret": "corp-users"}
        site.document["identity"].pop("break_glass", None)
        site.cluster.apply([_admin("anna")])
        site.cluster.request("DELETE", f"{bindings}/admin-bert")
    assert site.run(PART).failure is None


def _of_account(name: str) -> Json:
    binding = _admin(name)
    binding["subjects"] = [{"kind": "ServiceAccount", "name": name, "namespace": HOME}]
    return binding


def _kubeconfig(site: Site, token: str, folder: Path) -> Path:
    cluster = {"server": site.cluster.url, "certificate-authority": str(site.cluster.ca_path)}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": {"token": token}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    path = folder / "rescue.kubeconfig"
    path.write_text(json.dumps(config), encoding="utf-8")
    return path


def test_the_account_without_the_identity_rights_is_told_what_it_lacks(site: Site) -> None:
    assert not may(site.cluster, site.tokens[READER], "patch", "config.openshift.io", "oauths")
    site.document["identity"]["sessions"]["access_token_max_age_seconds"] = 3600
    try:
        refused = site.run(PART, account=READER)
        assert refused.failure is not None
        told_of = [problem.message for problem in refused.failure.problems]
        assert any("patch oauths.config.openshift.io" in message for message in told_of), told_of
        assert site.written() == []
    finally:
        site.document["identity"]["sessions"]["access_token_max_age_seconds"] = 28800
