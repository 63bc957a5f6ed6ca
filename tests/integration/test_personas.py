# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users of a real Keycloak at a real API server: over everything that is served, what it lets each persona do is what the table says.

The table is evaluated by the collection's own reading of RBAC, the answer is the server's to the user's own token.
"""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import (
    GroupWanted,
    Identity,
    Persona,
    PersonaRule,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.facts import CHANGE, RBAC, READ, SPECIAL
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.personas import (
    cluster_role,
    everybody_may,
    may,
    must_not,
    role_name,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.roles import (
    persona_objects,
    role_binding,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.rights import persona_rights

from tests.counterparts.cluster import Client, Cluster, cluster, crds_available, wait_until
from tests.counterparts.cluster.commands import Oidc
from tests.counterparts.identity import Keycloak, KeycloakServer, OidcClient, Realm
from tests.tools.personas_page import shipped

Json = dict[str, Any]
REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
ROLES = f"/apis/{RBAC}/v1/clusterroles"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
APPLY = "application/apply-patch+yaml"
GROUPS = (
    "argoproj.io",
    "authorization.openshift.io",
    "components.platform.opendatahub.io",
    "config.openshift.io",
    "datasciencecluster.opendatahub.io",
    "dscinitialization.opendatahub.io",
    "gateway.networking.k8s.io",
    "inference.networking.k8s.io",
    "infrastructure.opendatahub.io",
    "k8s.ovn.org",
    "kueue.openshift.io",
    "kueue.x-k8s.io",
    "machineconfiguration.openshift.io",
    "modelregistry.opendatahub.io",
    "monitoring.coreos.com",
    "monitoring.openshift.io",
    "nfd.openshift.io",
    "nvidia.com",
    "operators.coreos.com",
    "perses.dev",
    "policy.networking.k8s.io",
    "quota.openshift.io",
    "redhatcop.redhat.io",
    "route.openshift.io",
    "security.openshift.io",
    "services.platform.opendatahub.io",
    "serving.kserve.io",
    "snapshot.storage.k8s.io",
    "tekton.dev",
    "trustyai.opendatahub.io",
    "user.openshift.io",
)
"""What a cluster with OpenShift AI serves, as far as there are definitions of it."""
PERSONAS: Mapping[str, Persona] = shipped()
CONNECTIONS, AHEAD = 4, 32


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that is asked about; `namespace` is empty for what has none and for all at once."""

    verb: str
    group: str
    resource: str
    subresource: str = ""
    namespace: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Served:
    """A resource that the server has."""

    group: str
    resource: str
    subresource: str
    namespaced: bool
    verbs: tuple[str, ...]


@dataclass(frozen=True)
class Site:
    """The cluster with all personas bound, and a user of each."""

    cluster: Cluster
    realm: Keycloak
    own: Mapping[str, str]
    """persona to the namespace in which it is bound"""
    served: Sequence[Served]

    def client(self, persona: str) -> Client:
        """Who has that persona, logged in just now."""
        return self.cluster.with_token(self.realm.token(user_of(persona)))

    def places(self, persona: str) -> tuple[str, ...]:
        """Its own namespace and two that are not its own: that of another persona, and one of the cluster's."""
        other = next(namespace for name, namespace in sorted(self.own.items()) if name != persona)
        return (self.own[persona], other, "kube-system")


def user_of(persona: str) -> str:
    """The user who has that persona, by the group of the same name alone."""
    return f"user-{persona.replace('_', '-')}"


def group_of(persona: str) -> str:
    """The group that is bound."""
    return f"ai-{persona.replace('_', '-')}"


@pytest.fixture(scope="module")
def site(keycloak_server: KeycloakServer) -> Iterator[Site]:
    wanted = Realm(users={user_of(name): (group_of(name),) for name in PERSONAS}, clients=(OidcClient("openshift", 900),))
    crds = GROUPS if crds_available() else ()
    with keycloak_server.realm(wanted) as realm:
        oidc = Oidc(realm.issuer, realm.ca_path, realm.client)
        with cluster(name="personas", crds=crds, kwok=False, scheduler=False, controllers=False, oidc=oidc) as found:
            own = {name: found.namespace(f"team-{group_of(name)}") for name in PERSONAS}
            _bind(found, own)
            yield Site(found, realm, own, discovered(found.client))


def _bind(found: Cluster, own: Mapping[str, str]) -> None:
    """As the collection binds them: those of the cluster by its own objects, those of a namespace as a contract does."""
    everywhere = [name for name, persona in PERSONAS.items() if persona.scope == "cluster"]
    identity = Identity(groups=tuple(GroupWanted(name=group_of(name), personas=(name,)) for name in everywhere))
    objects = sorted(persona_objects(identity, PERSONAS), key=lambda wanted: wanted.rank)
    found.apply(wanted.object for wanted in objects)
    found.apply(role_binding(name, own[name], [group_of(name)]) for name in PERSONAS if name not in everywhere)


# ---- what there is to ask --------------------------------------------------------------------------------------------


def discovered(client: Client) -> tuple[Served, ...]:
    """Every resource and subresource of every version that is served, with the verbs that discovery names."""
    roots = [f"/api/{version}" for version in client.get("/api")["versions"]]
    roots += [f"/apis/{version['groupVersion']}" for group in client.get("/apis")["groups"] for version in group["versions"]]
    found: dict[tuple[str, str, str], Served] = {}
    for root in roots:
        group = root.split("/")[2] if root.startswith("/apis/") else ""
        for entry in client.get(root)["resources"]:
            resource, _slash, subresource = entry["name"].partition("/")
            key = (group, resource, subresource)
            before = found[key].verbs if key in found else ()
            verbs = tuple(sorted({*before, *entry["verbs"]}))
            found[key] = Served(group, resource, subresource, bool(entry["namespaced"]), verbs)
    return tuple(found[key] for key in sorted(found))


def asks_of(served: Sequence[Served], places: Sequence[str], persona: Persona) -> list[Ask]:
    """Everything that discovery serves and everything that the persona's table names, in each place where it can be asked."""
    found: set[Ask] = set()
    for entry in served:
        verbs = entry.verbs if entry.subresource else {*entry.verbs, *SPECIAL, "deletecollection"}
        where = (*places, "") if entry.namespaced else ("",)
        found |= {Ask(verb, entry.group, entry.resource, entry.subresource, place) for verb in verbs for place in where}
    found |= {Ask(verb, "", "namespaces", "", place, place) for verb in (*READ, *CHANGE) for place in places}
    for rule in (*persona.allow, *persona.deny):
        found |= {replaced for ask in asked_by(rule) for place in (*places, "") for replaced in [placed(ask, place)]}
    return sorted(found, key=lambda ask: tuple(asdict(ask).values()))


def asked_by(rule: PersonaRule) -> Iterator[Ask]:
    """The requests that a rule is about, `*` as an example, with each of its names and with none."""
    for verb in rule.verbs:
        for group in rule.api_groups:
            for combined in rule.resources:
                resource, _slash, subresource = combined.replace("*", "anything").partition("/")
                for name in ("", *rule.names):
                    yield Ask("get" if verb == "*" else verb, group, resource, subresource, "", name)


def placed(ask: Ask, namespace: str) -> Ask:
    """The same in a namespace."""
    return Ask(ask.verb, ask.group, ask.resource, ask.subresource, namespace, ask.name)


# ---- who answers -----------------------------------------------------------------------------------------------------


def by_server(client: Client, asks: Sequence[Ask]) -> list[bool]:
    """What the server says to the user's own questions."""
    parts = [asks[start::CONNECTIONS] for start in range(CONNECTIONS)]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        answered = list(pool.map(partial(_reviews, client), parts))
    return [answered[number % CONNECTIONS][number // CONNECTIONS] for number in range(len(asks))]


def _reviews(client: Client, asks: Sequence[Ask]) -> list[bool]:
    """One connection, on which the next questions do not wait for the answers before: there are tens of thousands."""
    where, found = urlsplit(client.url), []
    context = ssl.create_default_context(cafile=str(client.ca_path))
    plain = socket.create_connection((where.hostname or "", where.port or 443), 60)
    with context.wrap_socket(plain, server_hostname=where.hostname) as connection, connection.makefile("rb") as answers:
        for start in range(0, len(asks), AHEAD):
            some = asks[start : start + AHEAD]
            connection.sendall(b"".join(_request(client, ask) for ask in some))
            found += [_answer(answers) for _ask in some]
    return found


def _request(client: Client, ask: Ask) -> bytes:
    given = {key: value for key, value in asdict(ask).items() if value}
    body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": given}}
    content = json.dumps(body).encode()
    head = f"POST {REVIEWS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {client.token}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


def _answer(answers: BinaryIO) -> bool:
    status = answers.readline()
    assert b" 201 " in status, status
    headers = dict(line.lower().split(b": ", 1) for line in iter(answers.readline, b"\r\n"))
    told = json.loads(answers.read(int(headers[b"content-length"])))["status"]
    assert "evaluationError" not in told, told
    return bool(told["allowed"])


def by_table(persona: Persona, own: str, ask: Ask) -> bool:
    """What the persona's table says, and what everybody may."""
    where = {"subresource": ask.subresource, "name": ask.name}
    return may(persona, ask.verb, ask.group, ask.resource, namespace=ask.namespace, bound_in=(own,), **where) or everybody_may(
        ask.verb, ask.group, ask.resource, **where
    )


def differences(client: Client, persona: Persona, own: str, asks: Sequence[Ask]) -> list[Ask]:
    """Where the server and the table do not agree."""
    answers = by_server(client, asks)
    return [ask for ask, allowed in zip(asks, answers, strict=True) if allowed is not by_table(persona, own, ask)]


# ---- the table and the server ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(PERSONAS))
def test_what_the_server_allows_a_keycloak_user_is_what_the_table_says(site: Site, name: str, record_property: Any) -> None:
    asks = asks_of(site.served, site.places(name), PERSONAS[name])
    began = time.monotonic()
    found = differences(site.client(name), PERSONAS[name], site.own[name], asks)
    seconds = time.monotonic() - began
    allowed = sum(by_table(PERSONAS[name], site.own[name], ask) for ask in asks)
    record_property("tuples", len(asks))
    print(f"{name}: {len(asks)} reviews, {allowed} allowed, {len(found)} differences, {seconds:.1f} s")
    assert found == []
    assert allowed > 20


def test_user_of_the_issuer_is_who_the_token_says_and_has_the_group(site: Site) -> None:
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    for name in PERSONAS:
        told = site.client(name).post("/apis/authentication.k8s.io/v1/selfsubjectreviews", review)["status"]["userInfo"]
        assert told["username"] == user_of(name)
        assert set(told["groups"]) == {group_of(name), "system:authenticated"}


@pytest.mark.parametrize("name", sorted(PERSONAS))
def test_nothing_that_a_persona_must_not_do_is_allowed_anywhere(site: Site, name: str) -> None:
    persona = PERSONAS[name]
    asks = [placed(ask, place) for rule in persona.deny for ask in asked_by(rule) for place in (*site.places(name), "")]
    denied = [ask for ask in asks if must_not(persona, ask.verb, ask.group, ask.resource, subresource=ask.subresource, name=ask.name)]
    assert len(denied) > 100
    answers = by_server(site.client(name), denied)
    assert [ask for ask, allowed in zip(denied, answers, strict=True) if allowed] == []


def test_rules_of_namespace_personas_are_about_what_has_a_namespace(site: Site) -> None:
    namespaced = {(entry.group, entry.resource): entry.namespaced for entry in site.served}
    dead = [
        (name, group, resource)
        for name, persona in PERSONAS.items()
        if persona.scope == "namespace"
        for rule in persona.allow
        for group in rule.api_groups
        for resource in rule.resources
        if not namespaced.get((group, resource.partition("/")[0]), True) and resource != "namespaces"
    ]
    assert dead == []


def test_resources_of_the_table_are_spelt_as_the_server_has_them(site: Site) -> None:
    """In the groups of Kubernetes itself, of which all is served but what its version holds back."""
    custom = {each["spec"]["group"] for each in site.cluster.client.get(DEFINITIONS)["items"]}
    whole = {entry.group for entry in site.served} - custom - {"admissionregistration.k8s.io"}
    served = {(entry.group, entry.resource) for entry in site.served}
    named = {
        (rule.api_groups, resource.partition("/")[0])
        for persona in PERSONAS.values()
        for rule in (*persona.allow, *persona.deny)
        for resource in rule.resources
        if set(rule.api_groups) <= whole and resource != "*" and set(rule.verbs).isdisjoint(SPECIAL)
    }
    assert len(named) > 50
    # A rule over several groups names resources of each.
    assert [(groups, resource) for groups, resource in named if not any((group, resource) in served for group in groups)] == []


# ---- the test can fail -----------------------------------------------------------------------------------------------


def allows(client: Client, ask: Ask) -> bool:
    """What the server says by now."""
    return by_server(client, [ask])[0]


def test_binding_that_should_not_be_there_is_found(site: Site) -> None:
    name, (_own, foreign, _system) = "data_scientist", site.places("data_scientist")
    binding = role_binding(name, foreign, [group_of(name)])
    # The role edit adds up from others, for which a controller would have to run.
    role = {**binding["roleRef"], "name": "system:aggregate-to-edit"}
    binding = {**binding, "metadata": {**binding["metadata"], "name": "left-behind"}, "roleRef": role}
    client = site.client(name)
    asks = asks_of(site.served, site.places(name), PERSONAS[name])
    asks = [ask for ask in asks if ask.group in ("", "apps", "batch")]
    try:
        site.cluster.apply([binding])
        wait_until("the binding is known", lambda: allows(client, Ask("list", "", "secrets", "", foreign)))
        found = differences(client, PERSONAS[name], site.own[name], asks)
    finally:
        site.cluster.request("DELETE", f"/apis/{RBAC}/v1/namespaces/{foreign}/rolebindings/left-behind").checked()
        wait_until("it is gone", lambda: not allows(client, Ask("list", "", "secrets", "", foreign)))
    assert {ask.namespace for ask in found} == {foreign}
    assert {Ask("get", "", "secrets", "", foreign), Ask("create", "", "pods", "exec", foreign)} <= set(found)
    against = [ask for ask in found if must_not(PERSONAS[name], ask.verb, ask.group, ask.resource, subresource=ask.subresource)]
    assert Ask("impersonate", "", "serviceaccounts", "", foreign) in against


@pytest.mark.parametrize(("name", "number"), [("data_scientist", 0), ("ml_engineer", 0), ("service", 3), ("platform", 2), ("auditor", 8)])
def test_rule_that_is_missing_from_a_role_is_found(site: Site, name: str, number: int) -> None:
    persona, role = PERSONAS[name], cluster_role(name, PERSONAS[name])
    gone = persona.allow[number]
    less = {**role, "rules": [rule for place, rule in enumerate(role["rules"]) if place != number]}
    asks = sorted({placed(ask, site.own[name]) for ask in asked_by(gone)}, key=lambda ask: tuple(asdict(ask).values()))
    client = site.client(name)
    try:
        site.cluster.apply([less])
        wait_until("it is known", lambda: not allows(client, asks[0]))
        found = differences(client, persona, site.own[name], asks)
    finally:
        site.cluster.apply([role])
        wait_until("it is back", lambda: allows(client, asks[0]))
    assert found == asks


# ---- facts that the table rests on -----------------------------------------------------------------------------------


@pytest.fixture
def holder(site: Site) -> Iterator[Any]:
    """Gives an account of its own these verbs on Secrets of a namespace."""
    made: list[str] = []

    def make(*verbs: str) -> tuple[Client, str]:
        namespace = site.cluster.namespace("secrets")
        made.append(namespace)
        client = site.cluster.with_token(site.cluster.service_account(namespace))
        rules = [{"apiGroups": [""], "resources": ["secrets"], "verbs": list(verbs)}]
        meta = {"name": "holder", "namespace": namespace}
        subject = {"kind": "ServiceAccount", "name": "reader", "namespace": namespace}
        site.cluster.apply(
            [
                {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": meta, "rules": rules},
                {
                    "apiVersion": f"{RBAC}/v1",
                    "kind": "RoleBinding",
                    "metadata": meta,
                    "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": "holder"},
                    "subjects": [subject],
                },
                {"apiVersion": "v1", "kind": "Secret", "metadata": {**meta, "name": "key"}, "stringData": {"value": "content"}},
            ]
        )
        wait_until("it may", lambda: allows(client, Ask(verbs[0], "", "secrets", "", namespace)))
        return client, f"/api/v1/namespaces/{namespace}/secrets"

    yield make
    for namespace in made:
        site.cluster.delete_namespace(namespace)


@pytest.mark.parametrize(
    ("verb", "method", "suffix", "body"),
    [
        ("delete", "DELETE", "/key?dryRun=All", {"propagationPolicy": "Foreground", "dryRun": ["All"]}),
        ("deletecollection", "DELETE", "?dryRun=All", {"dryRun": ["All"]}),
        ("patch", "PATCH", "/key?dryRun=All", {}),
    ],
)
def test_verbs_that_change_secrets_return_their_content_without_changing_anything(
    site: Site, holder: Any, verb: str, method: str, suffix: str, body: Json
) -> None:
    client, path = holder(verb)
    assert client.request("GET", f"{path}/key").status == 403
    answer = client.request(method, path + suffix, body, "application/merge-patch+json" if method == "PATCH" else "application/json")
    told = answer.checked().items[0] if "items" in answer.body else answer.body
    assert told.get("data") == {"value": "Y29udGVudA=="}
    assert site.cluster.request("GET", f"{path}/key").status == 200


def test_secret_can_be_made_by_who_may_only_create_and_not_be_read_again(site: Site) -> None:
    name = "data_scientist"
    client, path = site.client(name), f"/api/v1/namespaces/{site.own['data_scientist']}/secrets"
    secret = {"metadata": {"name": "connection"}, "stringData": {"value": "content"}}
    assert client.request("POST", path, secret).status == 201
    refused = [client.request(method, f"{path}/connection", {}).status for method in ("GET", "PUT", "DELETE")]
    assert refused == [403, 403, 403]
    again = client.request("POST", path, secret)
    assert again.status == 409
    assert "data" not in again.body


def test_data_scientist_cannot_give_rights_raise_limits_or_open_walls(site: Site) -> None:
    own = site.own["data_scientist"]
    client = site.client("data_scientist")
    quota = {"metadata": {"name": "more"}, "spec": {"hard": {"pods": "1000"}}}
    wall = {"metadata": {"name": "open"}, "spec": {"podSelector": {}, "ingress": [{}]}}
    binding = role_binding("ml_engineer", own, [group_of("data_scientist")])
    for path, body in [
        (f"/api/v1/namespaces/{own}/resourcequotas", quota),
        (f"/apis/networking.k8s.io/v1/namespaces/{own}/networkpolicies", wall),
        (f"/apis/{RBAC}/v1/namespaces/{own}/rolebindings", binding),
        (f"/api/v1/namespaces/{own}/serviceaccounts/default/token", {"spec": {}}),
        ("/api/v1/namespaces", {"metadata": {"name": "another"}}),
    ]:
        assert client.request("POST", path, body).status == 403, path


# ---- who writes the roles --------------------------------------------------------------------------------------------


def applied_by(client: Client, objects: Collection[Json]) -> list[int]:
    """What the server answers to an apply of each."""
    return [
        client.request("PATCH", f"{client.path_of(item)}?fieldManager=groundwork-readiness&force=true", item, APPLY).status
        for item in objects
    ]


def test_shipped_rights_suffice_for_the_roles_and_give_no_other(site: Site) -> None:
    namespace = site.cluster.namespace("writer")
    client = site.cluster.with_token(site.cluster.service_account(namespace, "writer"))
    role = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "persona-writer"},
        "rules": [right.as_rule() for right in persona_rights([*PERSONAS, "reviewer"])],
    }
    binding = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "persona-writer"},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "persona-writer"},
        "subjects": [{"kind": "ServiceAccount", "name": "writer", "namespace": namespace}],
    }
    reviewer = Persona(purpose="Reads", scope="cluster", allow=(PersonaRule(api_groups=("",), resources=("pods",), verbs=("get",)),))
    stranger = {**cluster_role("reviewer", reviewer), "metadata": {"name": "stranger"}}
    identity = Identity(personas={"reviewer": reviewer}, groups=(GroupWanted(name="reviewers", personas=("reviewer",)),))
    wanted = [found.object for found in sorted(persona_objects(identity, PERSONAS), key=lambda each: each.rank)]
    admin = {**binding, "metadata": {"name": "admin"}, "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "cluster-admin"}}
    try:
        site.cluster.apply([role, binding])
        wait_until("it may", lambda: allows(client, Ask("patch", RBAC, "clusterroles")))
        assert applied_by(client, wanted) == [201 if item["metadata"]["name"] == role_name("reviewer") else 200 for item in wanted]
        assert applied_by(client, [stranger, admin]) == [403, 403]
    finally:
        for path in (f"{ROLES}/{role_name('reviewer')}", f"{ROLES}/persona-writer"):
            site.cluster.request("DELETE", path)
            site.cluster.request("DELETE", path.replace("clusterroles", "clusterrolebindings"))
        site.cluster.delete_namespace(namespace)
