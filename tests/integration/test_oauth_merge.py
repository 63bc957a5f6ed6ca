# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Identity providers merged into the atomic list of a real API server: others write at the same time, and nobody's work is lost."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.access import open_access
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.client import ApiConnection, Timing
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.identity import cluster_identity
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.merging import write_merges
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.pinned import PinnedWrites
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster_arguments import ClusterSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.break_glass import prove
from ansible_collections.groundwork.readiness.plugins.module_utils.common.merges import Change, Merge, MergeOutcome
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import (
    ExternalOidcWanted,
    LdapWanted,
    OidcClientWanted,
    OpenIdWanted,
    ProviderWanted,
    SessionsWanted,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.external_oidc import (
    AUTHENTICATION,
    ExternalOidcChange,
    ModeRestore,
    mode_state,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.oauth import (
    OAUTH,
    ProvidersChange,
    Restore,
    state_of,
)

from tests.counterparts.cluster import Audit, Client, Cluster, wait_until
from tests.unit.adapters.cluster.conftest import libraries_missing

Json = dict[str, Any]
CONFIG = "/apis/config.openshift.io/v1"
RBAC = "rbac.authorization.k8s.io"
PATIENCE = Timing(request_seconds=10, attempts=3, backoff_seconds=0.01)
WRITERS, EDITS = 4, 50
PAUSE_SECONDS = 0.02
"""Between two edits of one writer, so that merges come in between."""
FOREIGN: list[Json] = [
    {
        "name": "Staff SSO",
        "mappingMethod": "claim",
        "type": "OpenID",
        "openID": {
            "claims": {"email": ["email"], "groups": ["groups"], "name": [], "preferredUsername": ["upn", "sub"]},
            "clientID": "staff",
            "clientSecret": {"name": "staff-client"},
            "extraAuthorizeParameters": {"acr_values": "2", "prompt": "login"},
            "issuer": "https://staff.example.com/tenant",
        },
    },
    {"name": "github", "type": "GitHub", "github": {"clientID": "x", "clientSecret": {"name": "github"}, "organizations": ["a", "b"]}},
    {"name": "local", "mappingMethod": "lookup", "type": "HTPasswd", "htpasswd": {"fileData": {"name": "local"}}},
]
OIDC = ProviderWanted(
    name="corp-oidc",
    type="OpenID",
    openid=OpenIdWanted(
        issuer="https://sso.example.com/realms/corp", client_id="openshift", client_secret="corp-oidc-client", ca="corp-ca"
    ),
)
DIRECTORY = ProviderWanted(
    name="corp-ldap", type="LDAP", ldap=LdapWanted(url="ldaps://ldap.example.com/ou=users,dc=example,dc=com?uid", ca="corp-ca")
)
SESSIONS = SessionsWanted(access_token_max_age_seconds=28800, inactivity_timeout_seconds=900)


@dataclass
class Site:
    """Objects of one test alone, and an account that may get and patch them."""

    cluster: Cluster
    namespace: str
    token: str = field(repr=False)

    @property
    def user(self) -> str:
        return f"system:serviceaccount:{self.namespace}:merger"

    def path(self, plural: str = "oauths") -> str:
        return f"{CONFIG}/{plural}/{self.namespace}"

    def read(self, plural: str = "oauths") -> Json:
        return self.cluster.client.get(self.path(plural))

    def settings(self) -> ClusterSettings:
        return ClusterSettings({"host": self.cluster.url, "api_key": self.token, "ca_cert": str(self.cluster.ca_path)})

    @contextmanager
    def session(self) -> Iterator[PinnedWrites]:
        """One connection and one Lease for several merges."""
        with (
            ApiConnection(open_access(self.settings()), PATIENCE) as connection,
            PinnedWrites(connection, "run-1", self.namespace) as writes,
        ):
            yield writes

    def merge_within(self, writes: PinnedWrites, change: Change, *, ref: Any = OAUTH, **how: Any) -> MergeOutcome:
        merge = Merge(replace(ref, name=self.namespace), "identity", "identity", "identity.providers", 50, change)
        (outcome,) = write_merges(writes, [merge], **how)
        return outcome

    def merge(self, change: Change, **how: Any) -> MergeOutcome:
        with self.session() as writes:
            return self.merge_within(writes, change, **how)

    def audit(self, mark: int) -> Audit:
        return self.cluster.audit(mark).by(self.user)


@pytest.fixture
def site(api_cluster: Cluster, served_crds: tuple[str, ...], namespace: str) -> Iterator[Site]:
    """A list of foreign providers, which is not the cluster's own: each test has one by another name."""
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    found = Site(api_cluster, namespace, api_cluster.service_account(namespace, "merger"))
    for plural, kind, spec in (("oauths", "OAuth", {"identityProviders": FOREIGN}), ("authentications", "Authentication", {})):
        api_cluster.client.post(
            f"{CONFIG}/{plural}", {"apiVersion": "config.openshift.io/v1", "kind": kind, "metadata": {"name": namespace}, "spec": spec}
        )
    rights = [
        {"apiGroups": ["config.openshift.io"], "resources": ["oauths", "authentications"], "verbs": ["get", "patch"]},
        {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "update", "delete"]},
        {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]},
    ]
    bind(api_cluster, namespace, "merger", rights)
    wait_until("the rights are known", partial(is_answered, api_cluster.with_token(found.token), found.path()))
    yield found
    for kind in ("clusterroles", "clusterrolebindings"):
        api_cluster.request("DELETE", f"/apis/{RBAC}/v1/{kind}/merger-{namespace}")
    for plural in ("oauths", "authentications"):
        api_cluster.request("DELETE", found.path(plural))


def bind(cluster: Cluster, namespace: str, account: str, rules: list[Json]) -> None:
    """A role of these rules on the whole cluster, bound to a service account."""
    name = f"{account}-{namespace}"
    api = {"apiVersion": f"{RBAC}/v1", "metadata": {"name": name}}
    subjects = [{"kind": "ServiceAccount", "name": account, "namespace": namespace}]
    ref = {"apiGroup": RBAC, "kind": "ClusterRole", "name": name}
    cluster.apply(
        [{**api, "kind": "ClusterRole", "rules": rules}, {**api, "kind": "ClusterRoleBinding", "roleRef": ref, "subjects": subjects}]
    )


def is_answered(client: Client, path: str) -> bool:
    return client.request("GET", path).status == 200


def items(live: Mapping[str, Any]) -> list[str]:
    """The list as the server has it: each item's JSON text."""
    return [json.dumps(item) for item in live["spec"]["identityProviders"]]


def edit(site: Site, change: Callable[[Json], None]) -> None:
    """What somebody else does who writes the whole object, and again where it was written meanwhile."""
    while True:
        live = site.read()
        change(live["spec"])
        if site.cluster.request("PUT", site.path(), live).status != 409:
            return


def test_foreign_providers_survive_byte_for_byte_and_a_second_run_writes_nothing(site: Site) -> None:
    before = site.read()
    change = ProvidersChange((OIDC, DIRECTORY), SESSIONS)
    mark = site.cluster.mark()
    predicted = site.merge(change, check=True)
    assert site.audit(mark).writes == 0
    assert site.read() == before

    written = site.merge(change)
    live = site.read()
    assert predicted.finding == written.finding
    assert predicted.entries == written.entries
    assert predicted.after is not None
    assert predicted.after["spec"] == live["spec"]
    assert items(live)[:3] == items(before)
    assert [item["name"] for item in live["spec"]["identityProviders"][3:]] == ["corp-oidc", "corp-ldap"]
    assert live["spec"]["tokenConfig"] == {"accessTokenMaxAgeSeconds": 28800, "accessTokenInactivityTimeout": "15m0s"}

    mark = site.cluster.mark()
    again = site.merge(change)
    assert (again.finding.state, again.finding.result, again.finding.action) == ("in_step", "pass", "none")
    audit = site.audit(mark)
    assert (audit.writes, audit.dry_runs) == (0, 0)
    assert site.read() == live


def test_200_edits_by_four_others_and_our_merges_at_the_same_time_lose_nothing(site: Site) -> None:
    scopes: dict[int, list[str]] = {number: [] for number in range(WRITERS)}
    over = threading.Event()

    def others(number: int) -> None:
        name = f"team-{number}"

        def added(spec: Json, scope: str) -> None:
            own = next((item for item in spec["identityProviders"] if item["name"] == name), None)
            if own is None:
                openid = {"issuer": f"https://{name}.example.com", "clientID": name, "clientSecret": {"name": name}, "extraScopes": []}
                own = {"name": name, "type": "OpenID", "openID": openid}
                spec["identityProviders"].insert(number % 2, own)
            own["openID"]["extraScopes"].append(scope)

        for count in range(EDITS):
            edit(site, partial(added, scope=f"e{count}"))
            scopes[number].append(f"e{count}")
            time.sleep(PAUSE_SECONDS)

    threads = [threading.Thread(target=others, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    watcher = threading.Thread(target=lambda: ([thread.join() for thread in threads], over.set()))
    watcher.start()
    outcomes = []
    assert OIDC.openid is not None
    with site.session() as writes:
        while not over.is_set():
            # Every other merge wants something else, so that each has to write.
            claims = ("preferred_username", "sub") if len(outcomes) % 2 else ("preferred_username",)
            wanted = replace(OIDC, openid=replace(OIDC.openid, preferred_username=claims))
            outcomes.append(site.merge_within(writes, ProvidersChange((wanted, DIRECTORY))))
    watcher.join()
    last = site.merge(ProvidersChange((OIDC, DIRECTORY), SESSIONS))
    listed = {item["name"]: item for item in site.read()["spec"]["identityProviders"]}
    assert {number: listed[f"team-{number}"]["openID"]["extraScopes"] for number in range(WRITERS)} == scopes
    assert sum(len(found) for found in scopes.values()) == 200
    assert [json.dumps(listed[str(item["name"])], sort_keys=True) for item in FOREIGN] == [
        json.dumps(item, sort_keys=True) for item in FOREIGN
    ]
    assert {outcome.finding.result for outcome in (*outcomes, last)} == {"pass"}
    assert all(outcome.writes for outcome in outcomes)
    assert sum(outcome.attempts for outcome in outcomes) > len(outcomes), "the writers have to have met"
    assert {"corp-oidc", "corp-ldap"} <= listed.keys()
    assert len(listed) == 3 + WRITERS + 2


def test_rollback_restores_the_former_list_exactly_where_nobody_else_changed_it(site: Site) -> None:
    before = site.read()
    written = site.merge(ProvidersChange((OIDC,), SESSIONS))
    restore = Restore(state_of(written.before), state_of(written.after))
    taken_back = site.merge(ProvidersChange(restore=restore))
    assert (taken_back.finding.result, taken_back.finding.action) == ("pass", "update")
    assert site.read()["spec"] == before["spec"]
    assert items(site.read()) == items(before)
    assert "annotations" not in site.read()["metadata"]
    assert site.merge(ProvidersChange(restore=restore)).finding.action == "none"


def test_rollback_keeps_what_others_did_since(site: Site) -> None:
    before = site.read()
    written = site.merge(ProvidersChange((OIDC, DIRECTORY)))
    extra = {"name": "late", "type": "HTPasswd", "htpasswd": {"fileData": {"name": "late"}}}

    def meanwhile(spec: Json) -> None:
        spec["identityProviders"][1]["github"]["organizations"].append("c")
        spec["identityProviders"].insert(0, extra)

    edit(site, meanwhile)
    site.merge(ProvidersChange(restore=Restore(state_of(written.before), state_of(written.after))))
    live = site.read()
    assert [item["name"] for item in live["spec"]["identityProviders"]] == ["late", "Staff SSO", "github", "local"]
    assert live["spec"]["identityProviders"][2]["github"]["organizations"] == ["a", "b", "c"]
    assert [items(live)[1], items(live)[3]] == [items(before)[0], items(before)[2]]


def test_object_that_argo_cd_tracks_is_left_alone(site: Site) -> None:
    body = {"metadata": {"annotations": {"argocd.argoproj.io/tracking-id": "logins:config.openshift.io/OAuth:/cluster"}}}
    site.cluster.request("PATCH", site.path(), body, "application/merge-patch+json").checked()
    before = site.read()
    outcome = site.merge(ProvidersChange((OIDC,)))
    assert (outcome.finding.result, outcome.finding.action) == ("fail", "none")
    assert "application logins of Argo CD" in outcome.finding.message
    assert [(entry.name, entry.result, entry.action) for entry in outcome.entries] == [("corp-oidc", "fail", "none")]
    assert site.read() == before


def test_account_without_the_right_to_patch_is_told_so_and_verification_by_reading_works(site: Site) -> None:
    name = f"/apis/{RBAC}/v1/clusterroles/merger-{site.namespace}"
    rules = [{"apiGroups": ["config.openshift.io"], "resources": ["oauths"], "verbs": ["get"]}]
    site.cluster.request("PATCH", name, {"rules": rules}, "application/merge-patch+json").checked()
    wait_until("the right is gone", lambda: "may not patch" in site.merge(ProvidersChange((OIDC,)), check=True).finding.message)
    tried = site.merge(ProvidersChange((OIDC,)), check=True)
    assert (tried.finding.result, tried.finding.action) == ("not_evaluated", "none")
    seen = site.merge(ProvidersChange((OIDC,)), verify=True)
    assert (seen.finding.state, seen.finding.result) == ("changed", "fail")
    assert [(entry.name, entry.state, entry.result) for entry in seen.entries] == [("corp-oidc", "missing", "fail")]


def test_switch_to_an_external_issuer_passes_the_rules_of_the_crd_and_is_taken_back(site: Site) -> None:
    wanted = ExternalOidcWanted(
        name="corp", issuer="https://sso.example.com/realms/corp/", audiences=("openshift", "console"), ca="corp-ca", groups_prefix="corp:"
    )
    before = site.read("authentications")
    written = site.merge(ExternalOidcChange(wanted), ref=AUTHENTICATION)
    assert (written.finding.result, written.finding.action) == ("pass", "update")
    rules = [{"type": "RequiredClaim", "requiredClaim": {"claim": "acr", "requiredValue": "2"}}]
    live = site.read("authentications")
    live["spec"]["oidcProviders"][0]["claimValidationRules"] = rules
    site.cluster.request("PUT", site.path("authentications"), live).checked()
    assert site.merge(ExternalOidcChange(wanted), ref=AUTHENTICATION).finding.action == "none"
    changed = site.merge(ExternalOidcChange(replace(wanted, username_prefix="")), ref=AUTHENTICATION)
    assert changed.entries[1].fields == ("claimMappings.username.prefixPolicy",)
    assert site.read("authentications")["spec"]["oidcProviders"][0]["claimValidationRules"] == rules
    late = site.merge(ModeRestore(mode_state(written.before), mode_state(written.after)), ref=AUTHENTICATION)
    assert late.finding.message == "somebody changed how users log in since"
    restored = site.merge(ModeRestore(mode_state(written.before), mode_state(changed.after)), ref=AUTHENTICATION)
    assert restored.finding.result == "pass"
    assert site.read("authentications")["spec"] == before["spec"]


def test_component_that_the_cluster_does_not_know_is_refused_by_the_server_and_nothing_is_written(site: Site) -> None:
    client = OidcClientWanted(client_id="console")
    wanted = ExternalOidcWanted(name="corp", issuer="https://sso.example.com", audiences=("console",), clients=(client,))
    before = site.read("authentications")
    for check in (True, False):
        outcome = site.merge(ExternalOidcChange(wanted), ref=AUTHENTICATION, check=check)
        assert (outcome.finding.result, outcome.finding.action) == ("fail", "none")
        assert {entry.action for entry in outcome.entries} == {"none"}
    assert site.read("authentications") == before


def test_break_glass_is_proven_by_a_service_account_that_may_do_everything_and_by_no_other(site: Site) -> None:
    cluster = site.cluster
    identity_of = cluster.client.get("/api/v1/namespaces/kube-system")["metadata"]["uid"]
    token = cluster.service_account(site.namespace, "glass")
    settings = ClusterSettings({"host": cluster.url, "api_key": token, "ca_cert": str(cluster.ca_path)})
    user = f"system:serviceaccount:{site.namespace}:glass"
    weak = prove(settings, identity_of)
    assert (weak.proven, token in repr(weak)) == (False, False)
    bind(cluster, site.namespace, "glass", [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}])
    try:
        wait_until("the rights are known", lambda: "all paths" in prove(settings, identity_of).reason)
        everything = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, {"nonResourceURLs": ["*"], "verbs": ["*"]}]
        bind(cluster, site.namespace, "glass", everything)
        wait_until("it is proven", lambda: prove(settings, identity_of).proven)
        with ApiConnection(open_access(settings), PATIENCE) as connection:
            assert cluster_identity(connection)
        assert prove(settings, identity_of, [user]).how == f"{user} by the token of a service account"
        assert "none of the users" in prove(settings, identity_of, ["system:admin"]).reason
        assert "another cluster" in prove(settings, "other-cluster").reason
    finally:
        for kind in ("clusterroles", "clusterrolebindings"):
            cluster.request("DELETE", f"/apis/{RBAC}/v1/{kind}/glass-{site.namespace}")
    admin = ClusterSettings({"host": cluster.url, "api_key": cluster.admin_token, "ca_cert": str(cluster.ca_path)})
    assert "neither by a client certificate nor by the token of a service account" in prove(admin, identity_of).reason
