# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins of an external issuer, a real Keycloak, through the stage on a real API server: the switch, its guard, drift, the way back.

The API server has the rule of OpenShift's own admission about the token reviewer, which its CustomResourceDefinition does not have.
"""

from __future__ import annotations

import copy
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster_arguments import ClusterSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.directory.access import DirectoryAccess
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.request import PlatformResult
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.rollbacks import Rollback, read_rollback
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.catalogue_of_checks import CHECKS_BY_ID
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.parse import SourceText, parse
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.semantics import semantic_problems
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.rights import HOME

from tests.counterparts.cluster import wait_until
from tests.counterparts.cluster.certificates import make_certificates
from tests.counterparts.identity import Keycloak, KeycloakServer, OidcClient, Realm
from tests.integration.identity_site import (
    AUTHENTICATION,
    CONFIG,
    PART,
    RBAC,
    config_map,
    failing,
    identity_site,
    refusals,
    rescuer,
    secret,
    told,
)
from tests.integration.platform_site import CATALOGUE, MERGE, READER, Site
from tests.integration.test_platform_playbook import Playing
from tests.unit.adapters.directory.servers import closed_port

Json = dict[str, Any]
REVIEWER = {"kubeConfig": {"name": "webhook-authentication-integrated-oauth"}}
BEFORE: Json = {"oauthMetadata": {"name": ""}, "serviceAccountIssuer": "", "type": "", "webhookTokenAuthenticator": REVIEWER}
"""The spec of a cluster whose OAuth server logs users in, as its operator leaves it."""

COMPONENTS = [{"componentName": name, "componentNamespace": "openshift-console"} for name in ("console", "cli")]
ADMISSION = "admissionregistration.k8s.io"
RULE = "!has(object.spec.webhookTokenAuthenticator) || !has(object.spec.type) || object.spec.type != 'OIDC'"
POLICY: tuple[Json, ...] = (
    {
        "apiVersion": f"{ADMISSION}/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "authentications"},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {
                "resourceRules": [
                    {
                        "apiGroups": ["config.openshift.io"],
                        "apiVersions": ["v1"],
                        "operations": ["CREATE", "UPDATE"],
                        "resources": ["authentications"],
                    }
                ]
            },
            "validations": [{"expression": RULE, "message": "this field cannot be set with the OIDC .spec.type"}],
        },
    },
    {
        "apiVersion": f"{ADMISSION}/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "authentications"},
        "spec": {"policyName": "authentications", "validationActions": ["Deny"]},
    },
)
"""What OpenShift's API server says of Authentication/cluster (openshift/kubernetes, validate_authentication.go)."""


@dataclass
class Scene:
    """The cluster, the issuer, and the way in that depends on neither."""

    site: Site
    realm: Keycloak
    rescue: ClusterSettings
    account: DirectoryAccess

    def run(self, mode: str = "apply", *, proven: bool = True, **further: Any) -> PlatformResult:
        """One call; with a break-glass access that can be proven, unless that is not wanted."""
        account = {"account": READER} if mode == "verify" else {}
        proof = {"break_glass": self.rescue} if proven else {}
        return self.site.run(PART, mode, directories={"sso": self.account}, **account, **proof, **further)

    @property
    def issuer(self) -> Json:
        """The document's section on the issuer."""
        found: Json = self.site.document["identity"]["external_oidc"]
        return found

    def spec(self) -> Json:
        """How users log in by now."""
        found: Json = self.site.live(AUTHENTICATION)["spec"]
        return found

    def reset(self) -> None:
        """The OAuth server logs users in again, and nobody has written anything."""
        found = self.site.live(AUTHENTICATION)
        metadata = {key: value for key, value in found["metadata"].items() if key not in ("annotations", "managedFields")}
        self.site.cluster.client.request("PUT", AUTHENTICATION, {**found, "metadata": metadata, "spec": BEFORE}).checked()

    @contextmanager
    def changed(self, **issuer: Any) -> Iterator[None]:
        """Keys of the section on the issuer, for as long as the block lasts; None takes one out."""
        before = copy.deepcopy(self.issuer)
        self.issuer.update(issuer)
        for key in [key for key, value in issuer.items() if value is None]:
            del self.issuer[key]
        try:
            yield
        finally:
            self.site.document["identity"]["external_oidc"] = before


def section(realm: Keycloak) -> Json:
    client = {"component": "console", "namespace": "openshift-console", "client_id": "console", "client_secret": "corp-client"}
    issuer = {
        "name": "corp",
        "issuer": realm.issuer,
        "audiences": ["console", "cli"],
        "ca": "sso-ca",
        "username_prefix": "corp:",
        "groups_prefix": "corp:",
        "clients": [client],
    }
    sso = {"name": "sso", "kind": "keycloak", "url": realm.server, "realm": realm.name}
    groups = [{"name": "corp:rhoai-admins", "directory": "sso", "personas": ["platform"]}]
    return {"mode": "oidc", "external_oidc": issuer, "directories": [sso], "groups": groups}


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory, keycloak_server: KeycloakServer) -> Iterator[Scene]:
    with ExitStack() as stack:
        wanted = Realm({"anna": ["rhoai-admins"]}, clients=(OidcClient("console"),))
        realm = stack.enter_context(keycloak_server.realm(wanted))
        pem = realm.ca_path.read_text(encoding="utf-8")
        around = (
            config_map(CONFIG, "sso-ca", **{"ca-bundle.crt": pem}),
            secret(CONFIG, "corp-client", "clientSecret"),
            {"apiVersion": "config.openshift.io/v1", "kind": "Authentication", "metadata": {"name": "cluster"}, "spec": BEFORE},
            *POLICY,
        )
        site = stack.enter_context(identity_site(tmp_path_factory, section(realm), around))
        site.cluster.client.request("PATCH", f"{AUTHENTICATION}/status", {"status": {"oidcClients": COMPONENTS}}, MERGE).checked()
        rescue = rescuer(site, tmp_path_factory.mktemp("rescue"))
        site.document["identity"]["break_glass"] = {
            "kubeconfig": str(rescue.options["kubeconfig"]),
            "users": [f"system:serviceaccount:{HOME}:rescue"],
        }
        account = DirectoryAccess(realm.reader, realm.secret_of(realm.reader), login_realm=realm.name, ca_path=str(realm.ca_path))
        wait_until("the rule is in force", lambda: _is_refused(site))
        yield Scene(site, realm, rescue, account)


def _is_refused(site: Site) -> bool:
    """Whether the API server refuses a switch that leaves the token reviewer where it is."""
    answer = site.cluster.request("PATCH", f"{AUTHENTICATION}?dryRun=All", {"spec": {"type": "OIDC"}}, MERGE)
    return answer.status == 422 and "cannot be set with the OIDC" in answer.message


@pytest.fixture
def scene(everything: Scene) -> Scene:
    """Before the switch."""
    everything.reset()
    return everything


@pytest.fixture
def switched(scene: Scene) -> Scene:
    """After it."""
    assert failing(scene.run()) == []
    return scene


# ---- the switch ------------------------------------------------------------------------------------------------------


def test_switch_is_refused_without_break_glass_and_written_with_it(scene: Scene, tmp_path: Path) -> None:
    (reason,) = refusals(partial(scene.run, proven=False))
    assert "the cluster's logins go to an external issuer" in reason and "break-glass is not proven" in reason
    assert scene.site.written() == []
    # An access that is no way in of its own proves nothing either.
    wrong = ClusterSettings({"kubeconfig": str(scene.site.cluster.write_kubeconfig(tmp_path / "wrong", secrets.token_hex(8)))})
    assert any("break-glass is not proven" in reason for reason in refusals(partial(scene.run, proven=False, break_glass=wrong)))
    assert (scene.site.written(), scene.spec()) == ([], BEFORE)

    done = scene.run(run_dir=tmp_path)
    assert failing(done) == []
    assert scene.spec() == {
        "oauthMetadata": {"name": ""},
        "serviceAccountIssuer": "",
        "type": "OIDC",
        "oidcProviders": [
            {
                "name": "corp",
                "issuer": {
                    "issuerURL": scene.realm.issuer,
                    "audiences": ["console", "cli"],
                    "issuerCertificateAuthority": {"name": "sso-ca"},
                },
                "claimMappings": {
                    "username": {"claim": "preferred_username", "prefixPolicy": "Prefix", "prefix": {"prefixString": "corp:"}},
                    "groups": {"claim": "groups", "prefix": "corp:"},
                },
                "oidcClients": [
                    {
                        "componentName": "console",
                        "componentNamespace": "openshift-console",
                        "clientID": "console",
                        "clientSecret": {"name": "corp-client"},
                    }
                ],
            }
        ],
    }
    entries = {subject: (one.action, one.result) for subject, one in told(done, "external_oidc.provider").items()}
    assert entries == {
        "spec.type": ("update", "pass"),
        "spec.webhookTokenAuthenticator": ("update", "pass"),
        "provider corp": ("create", "pass"),
    }
    (endpoint,) = told(done, "endpoints.oidc").values()
    assert (endpoint.result, endpoint.message) == ("pass", "its discovery answers, and names this issuer")
    # Bindings have the prefixed name, which the issuer's own groups have not.
    binding = scene.site.live(f"{RBAC}/clusterrolebindings/groundwork-readiness-persona-platform")
    assert [subject["name"] for subject in binding["subjects"]] == ["corp:rhoai-admins"]
    assert told(done, "groups.there")["group corp:rhoai-admins"].result == "pass"
    assert told(done, "access.denied")["group corp:rhoai-admins as platform"].result == "pass"


def test_second_run_writes_nothing_and_a_verification_finds_nothing(switched: Scene) -> None:
    again = switched.run()
    assert switched.site.last is not None
    assert (again.changed, failing(again), switched.site.last.writes, switched.site.last.dry_runs) == (False, [], 0, 0)
    seen = switched.run("verify")
    assert (failing(seen), switched.site.last.writes, switched.site.last.dry_runs) == ([], 0, 0)


def test_check_mode_says_what_the_switch_would_do_and_writes_nothing(scene: Scene) -> None:
    foreseen = scene.run("check")
    assert (scene.site.written(), scene.spec(), foreseen.changed) == ([], BEFORE, True)
    states = {subject: (one.state, one.action, one.fields) for subject, one in told(foreseen, "external_oidc.provider").items()}
    done = scene.run()
    assert states == {subject: (one.state, one.action, one.fields) for subject, one in told(done, "external_oidc.provider").items()}


def test_verification_before_the_switch_tells_each_entry_that_lacks(scene: Scene) -> None:
    seen = scene.run("verify")
    assert {subject: one.result for subject, one in told(seen, "external_oidc.provider").items()} == {
        "spec.type": "fail",
        "spec.webhookTokenAuthenticator": "fail",
        "provider corp": "fail",
    }
    assert scene.site.written() == []


# ---- drift -----------------------------------------------------------------------------------------------------------


def _of_issuer(provider: Json) -> None:
    provider["issuer"]["audiences"] = ["console", "somebody"]


def _of_claims(provider: Json) -> None:
    provider["claimMappings"]["username"] = {"claim": "sub"}


def _of_groups(provider: Json) -> None:
    del provider["claimMappings"]["groups"]


def _of_client(provider: Json) -> None:
    provider["oidcClients"][0]["clientSecret"] = {"name": "another"}


def _of_ca(provider: Json) -> None:
    del provider["issuer"]["issuerCertificateAuthority"]


def _gone(provider: Json) -> None:
    provider.clear()


@pytest.mark.parametrize("spoil", [_of_issuer, _of_claims, _of_groups, _of_client, _of_ca, _gone])
def test_what_somebody_changes_is_predicted_found_and_set_right_and_what_they_add_stays(
    switched: Scene, spoil: Callable[[Json], None]
) -> None:
    provider = copy.deepcopy(switched.spec()["oidcProviders"][0])
    theirs = [{"type": "RequiredClaim", "requiredClaim": {"claim": "acr", "requiredValue": "2"}}]
    cli = {"componentName": "cli", "componentNamespace": "openshift-console", "clientID": "cli"}
    provider = {**provider, "claimValidationRules": theirs, "oidcClients": [*provider["oidcClients"], cli]}
    spoil(provider)
    switched.site.cluster.client.request(
        "PATCH", AUTHENTICATION, {"spec": {"oidcProviders": [provider] if provider else []}}, MERGE
    ).checked()
    foreseen, seen, done = switched.run("check"), switched.run("verify"), switched.run()
    assert told(seen, "external_oidc.provider")["provider corp"].result == "fail"
    one, other = (told(result, "external_oidc.provider")["provider corp"] for result in (foreseen, done))
    assert (one.state, one.action, one.fields) == (other.state, other.action, other.fields)
    assert one.action == ("update" if provider else "create")
    after = switched.spec()["oidcProviders"][0]
    if provider:
        assert "somebody changed it since it was written" in other.message
        assert after["claimValidationRules"] == theirs
        assert after["oidcClients"][1:] == [cli]
    assert failing(switched.run("verify")) == []
    assert switched.site.written() == []


def test_another_issuer_or_other_names_of_users_are_guarded_as_the_switch_is(switched: Scene) -> None:
    with switched.changed(username_prefix="sso:"):
        (reason,) = refusals(partial(switched.run, proven=False))
        assert "tokens of the external issuer make other user or group names" in reason
        assert failing(switched.run()) == []
    assert switched.spec()["oidcProviders"][0]["claimMappings"]["username"]["prefix"] == {"prefixString": "sso:"}


# ---- what is refused before anything is written ----------------------------------------------------------------------


def test_document_with_every_fault_is_refused_with_all_of_them(everything: Scene) -> None:
    document = copy.deepcopy(everything.site.document)
    identity = document["identity"]
    client = identity["external_oidc"]["clients"][0]
    identity["external_oidc"] |= {
        "issuer": "http://sso.example.com",
        "audiences": ["a", "a"],
        "groups_prefix": "system:",
        "clients": [client, {**client, "client_id": "other"}],
    }
    identity["sessions"] = {"access_token_max_age_seconds": 3600}
    identity["providers"] = [{"name": "local", "type": "HTPasswd", "htpasswd": {"secret": "corp-users"}}]
    identity["group_syncs"] = [{"name": "s", "directory": "sso", "credentials_secret": "reader"}]
    parsed = parse([SourceText("site.yml", document)])
    assert parsed.desired is not None
    found = "\n".join(problem.text() for problem in semantic_problems(parsed.desired, CATALOGUE, CHECKS_BY_ID, parsed.places))
    for words in (
        "issuer begins with http://, and has to begin with https://",
        "audiences[1] is 'a', as identity.external_oidc.audiences[0] is",
        "a prefix that begins with system:",
        "clients[1] is 'openshift-console/console', as identity.external_oidc.clients[0] is",
        "client_id is 'console', which is not among the audiences",
        "client_id is 'other', which is not among the audiences",
        "providers are given, and mode is oidc",
        "group_syncs are given, and mode is oidc",
        "sessions are given, and mode is oidc",
    ):
        assert words in found, (words, found)


def _lacking(scene: Scene, path: str, key: str) -> Callable[[], None]:
    """Takes a key out of a Secret or ConfigMap; gives what puts it back."""
    found = scene.site.live(f"/api/v1/namespaces/{CONFIG}/{path}")
    where = f"/api/v1/namespaces/{CONFIG}/{path}"
    scene.site.cluster.client.request("PATCH", where, {"data": {key: None, "other": found["data"][key]}}, MERGE).checked()
    return lambda: scene.site.cluster.client.request("PATCH", where, {"data": {key: found["data"][key], "other": None}}, MERGE).checked()


@pytest.mark.parametrize(
    ("path", "key", "words"),
    [
        ("configmaps/sso-ca", "ca-bundle.crt", "ConfigMap openshift-config/sso-ca has no key ca-bundle.crt"),
        ("secrets/corp-client", "clientSecret", "Secret openshift-config/corp-client has no key clientSecret"),
    ],
)
def test_key_that_lacks_is_refused_and_nothing_is_written(scene: Scene, path: str, key: str, words: str) -> None:
    restore = _lacking(scene, path, key)
    try:
        reasons = refusals(scene.run)
        assert any(words in reason for reason in reasons), reasons
        assert (scene.site.written(), scene.spec()) == ([], BEFORE)
    finally:
        restore()


def test_what_the_cluster_cannot_take_is_refused_with_the_reason(scene: Scene, tmp_path: Path) -> None:
    def reasons(**issuer: Any) -> str:
        with scene.changed(**issuer):
            found = refusals(scene.run)
        assert (scene.site.written(), scene.spec()) == ([], BEFORE)
        return "\n".join(found)

    client = scene.issuer["clients"][0]
    assert "there is no ConfigMap openshift-config/nowhere" in reasons(ca="nowhere")
    assert "the cluster knows no component openshift-console/dashboard" in reasons(clients=[{**client, "component": "dashboard"}])
    assert "tokens of corp will name it other:corp:rhoai-admins" in reasons(groups_prefix="other:")
    # The issuer itself, as this host sees it.
    down = f"https://127.0.0.1:{closed_port()}/realms/corp"
    assert "nothing listens there (connection refused)" in reasons(issuer=down)
    assert "it has no discovery: HTTP 404" in reasons(issuer=f"{scene.realm.server}/realms/nowhere")
    assert "it has wrong issuer" in reasons(issuer=f"{scene.realm.issuer}/")
    stranger = make_certificates(tmp_path).ca.read_text(encoding="utf-8")
    scene.site.cluster.apply([config_map(CONFIG, "other-ca", **{"ca-bundle.crt": stranger})])
    assert "it is untrusted" in reasons(ca="other-ca")


def test_issuer_that_is_down_keeps_nothing_from_being_written_that_is_not_about_it(switched: Scene) -> None:
    """A switch that was made long ago: the issuer is told, and personas are written all the same."""
    role = f"{RBAC}/clusterroles/groundwork-readiness-persona-auditor"
    provider = copy.deepcopy(switched.spec()["oidcProviders"][0])
    down = f"https://127.0.0.1:{closed_port()}/realms/corp"
    provider["issuer"]["issuerURL"] = down
    switched.site.cluster.client.request("PATCH", AUTHENTICATION, {"spec": {"oidcProviders": [provider]}}, MERGE).checked()
    with switched.changed(issuer=down):
        switched.site.cluster.request("DELETE", role)
        done = switched.run()
    (endpoint,) = told(done, "endpoints.oidc").values()
    assert (endpoint.result, endpoint.refuses) == ("fail", False)
    assert "nothing listens there" in endpoint.message
    assert switched.site.live(role)["rules"]


def test_issuer_of_somebody_else_is_left_alone(scene: Scene) -> None:
    theirs = {
        "name": "theirs",
        "issuer": {"issuerURL": "https://theirs.example.com", "audiences": ["a"]},
        "claimMappings": {"username": {"claim": "sub"}},
    }
    spec = {"type": "OIDC", "webhookTokenAuthenticator": None, "oidcProviders": [theirs]}
    scene.site.cluster.client.request("PATCH", AUTHENTICATION, {"spec": spec}, MERGE).checked()
    reasons = refusals(scene.run)
    assert any("the cluster has the external issuer theirs, and can have one alone" in reason for reason in reasons), reasons
    assert (scene.site.written(), scene.spec()["oidcProviders"]) == ([], [theirs])


# ---- the way back ----------------------------------------------------------------------------------------------------


def test_rollback_through_the_playbook_restores_the_former_spec_byte_for_byte(
    scene: Scene, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before = scene.site.live(AUTHENTICATION)
    made = scene.run(run_dir=tmp_path)
    (path,) = made.rollbacks
    assert path == str(tmp_path / "identity" / "authentication.rollback.json")
    playing = Playing(scene.site, tmp_path_factory.mktemp("plays"))
    access = {"username": scene.account.username, "password": scene.account.password, "login_realm": scene.realm.name}
    given = {"sso": {**access, "ca_path": scene.account.ca_path}}
    played = playing.play("back", readiness_platform_parts=[PART], readiness_identity_rollback=path, readiness_directories=given)
    assert played.code == 0, played.output[-3000:]
    after = scene.site.live(AUTHENTICATION)
    assert json.dumps(after["spec"], sort_keys=True) == json.dumps(BEFORE, sort_keys=True)
    assert after["metadata"].get("annotations") == before["metadata"].get("annotations")
    # It is the write that is taken back, and so nothing is left of it to be taken back again.
    rollback = read_rollback(Path(path))
    assert isinstance(rollback, Rollback)
    again = scene.run(rollback=rollback)
    assert (again.changed, scene.site.written()) == (False, [])


def test_rollback_is_guarded_and_takes_nothing_back_that_somebody_changed_since(scene: Scene, tmp_path: Path) -> None:
    made = scene.run(run_dir=tmp_path)
    rollback = read_rollback(Path(made.rollbacks[0]))
    assert isinstance(rollback, Rollback)
    (reason,) = refusals(partial(scene.run, proven=False, rollback=rollback))
    assert "come back from an external issuer to the OAuth server" in reason
    provider = copy.deepcopy(scene.spec()["oidcProviders"][0])
    provider["issuer"]["audiences"].append("theirs")
    scene.site.cluster.client.request("PATCH", AUTHENTICATION, {"spec": {"oidcProviders": [provider]}}, MERGE).checked()
    refused = scene.run(rollback=rollback)
    assert any("somebody changed how users log in since" in line for line in failing(refused)), failing(refused)
    assert (scene.site.written(), scene.spec()["oidcProviders"]) == ([], [provider])
