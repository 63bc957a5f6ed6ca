# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three teams provisioned by the playbook from nothing; then users of a real Keycloak may do what contracts give, and nothing else.

What contracts give is read from their files, and from the personas as they are shipped; the answer is the server's to the user's own token.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import Persona
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.personas import everybody_may, may

from tests.counterparts.cluster import Client, wait_until
from tests.counterparts.cluster.commands import Oidc
from tests.counterparts.cluster.contracts import NODES, PEOPLE
from tests.counterparts.identity import Keycloak, KeycloakServer, OidcClient, Realm
from tests.integration.namespaces_plays import RESTRICTED, SPACES, Plays, example, records, stage_of
from tests.integration.namespaces_site import failures, namespaces_site, words
from tests.integration.playbooks import Played
from tests.integration.test_personas import GROUPS, PERSONAS, Ask, Served, asks_of, by_server, discovered

Json = dict[str, Any]
STRANGER = "stranger"
ACCOUNT = "delivery"
"""The service account that a contract gives a persona; its token is not Keycloak's."""

USERS = tuple(sorted(chain(*PEOPLE.values())))
PLACES = (*SPACES, "kube-system")
CONTRACTS: Mapping[str, Json] = {name: example(name) for name in SPACES}


def personas_by_contract(user: str) -> dict[str, tuple[str, ...]]:
    """Namespace to the personas that its contract gives somebody, by a group or as the service account."""
    mine = {group for group, members in PEOPLE.items() if user in members}
    found: dict[str, tuple[str, ...]] = {}
    for name, contract in CONTRACTS.items():
        given = [
            each["persona"]
            for each in contract["personas"]
            if mine & set(each.get("groups", ())) or (user == ACCOUNT and ACCOUNT in each.get("service_accounts", ()))
        ]
        found |= {name: tuple(given)} if given else {}
    return found


WORKING = tuple((user, name) for user in USERS for name in personas_by_contract(user))
"""Everybody of Keycloak who works somewhere, with the namespace."""

EVERYBODY = (*dict.fromkeys(user for user, _space in WORKING), "retail-lead", STRANGER, ACCOUNT)
"""Who works somewhere, who owns without working, who has nothing to do with it, and the service account."""


@dataclass(frozen=True)
class Teams:
    """The cluster after one run of the playbook."""

    plays: Plays
    realm: Keycloak
    played: Played
    served: tuple[Served, ...]

    def client(self, user: str) -> Client:
        """Who has that name, logged in just now."""
        cluster = self.plays.site.cluster
        if user == ACCOUNT:
            path = f"/api/v1/namespaces/retail-assistant/serviceaccounts/{ACCOUNT}/token"
            return cluster.with_token(str(cluster.client.post(path, {"spec": {}})["status"]["token"]))
        return cluster.with_token(self.realm.token(user))


@pytest.fixture(scope="module")
def teams(keycloak_server: KeycloakServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teams]:
    mine = {user: tuple(group for group, members in PEOPLE.items() if user in members) for user in USERS}
    wanted = Realm(users={**mine, STRANGER: ("visitors",)}, clients=(OidcClient("openshift", 900),))
    with keycloak_server.realm(wanted) as realm:
        oidc = Oidc(realm.issuer, realm.ca_path, realm.client)
        with namespaces_site(tmp_path_factory, "teams", GROUPS, nodes=NODES, people=PEOPLE, oidc=oidc) as site:
            site.cluster.log_in(realm.token(STRANGER)).close()
            plays = Plays(site, tmp_path_factory.mktemp("plays"))
            played = plays.play("first")
            yield Teams(plays, realm, played, discovered(site.cluster.client))


# ---- one run ---------------------------------------------------------------------------------------------------------


def test_three_teams_are_provisioned_from_nothing_in_one_run(teams: Teams) -> None:
    assert teams.played.code == 0, teams.played.output[-3000:]
    assert stage_of(teams.played)["state"] == "ran"
    found = records(teams.played)
    assert {found["contract", name]["state"] for name in SPACES} == {"ready"}
    assert [
        key for key, record in found.items() if key[0] == "finding" and record["result"] == "fail" and record["severity"] == "critical"
    ] == []
    assert (teams.played.run_dir / "report" / "index.html").is_file()
    for name in SPACES:
        labels = teams.plays.site.live(f"/api/v1/namespaces/{name}")["metadata"]["labels"]
        assert labels["readiness.groundwork.io/owner"] == CONTRACTS[name]["owner"]["name"]


# ---- what they may do ------------------------------------------------------------------------------------------------


def by_contract(given: Mapping[str, tuple[str, ...]], ask: Ask) -> bool:
    """What the tables of somebody's personas say where contracts give them, and what everybody may."""
    where = {"subresource": ask.subresource, "name": ask.name}
    return everybody_may(ask.verb, ask.group, ask.resource, **where) or any(
        may(PERSONAS[name], ask.verb, ask.group, ask.resource, namespace=ask.namespace, bound_in=(space,), **where)
        for space, names in given.items()
        for name in names
    )


def asks(served: tuple[Served, ...], names: tuple[str, ...]) -> list[Ask]:
    """Everything that is served, and all that tables of these personas name, in each namespace and over all of them."""
    personas = [PERSONAS[name] for name in names] or [Persona(purpose="none", allow=())]
    return list(dict.fromkeys(chain(*(asks_of(served, PLACES, persona) for persona in personas))))


@pytest.mark.parametrize("user", EVERYBODY)
def test_tenant_may_do_what_contracts_give_and_nothing_else(teams: Teams, user: str, record_property: Any) -> None:
    given = personas_by_contract(user)
    asked = asks(teams.served, tuple(sorted({name for names in given.values() for name in names})))
    answers = by_server(teams.client(user), asked)
    wrong = [ask for ask, allowed in zip(asked, answers, strict=True) if allowed is not by_contract(given, ask)]
    record_property("reviews", len(asked))
    print(f"{user}, {given or 'nothing'}: {len(asked)} reviews, {sum(answers)} allowed, {len(wrong)} differences")
    assert wrong == []
    in_spaces = sum(allowed for ask, allowed in zip(asked, answers, strict=True) if ask.namespace)
    assert (in_spaces > 20) is bool(given)


def test_everybody_of_keycloak_is_who_the_token_says_with_the_groups_of_the_contracts(teams: Teams) -> None:
    for user in USERS:
        told = teams.plays.site.cluster.whoami(teams.client(user))
        assert told["username"] == user
        assert set(told["groups"]) == {group for group, members in PEOPLE.items() if user in members} | {"system:authenticated"}


# ---- what they do ----------------------------------------------------------------------------------------------------


def pod_spec(*, devices: Mapping[str, int] | None = None, memory_gib: int = 1, **container: Any) -> Json:
    """What a pod is to be that the standard restricted lets in, unless the container says otherwise."""
    amounts = {"memory": f"{memory_gib}Gi", **{resource: str(amount) for resource, amount in (devices or {}).items()}}
    resources = {"requests": amounts, "limits": amounts}
    main = {
        "name": "main",
        "image": "registry.eu.example.com/ai/tool:1",
        "resources": resources,
        "securityContext": RESTRICTED,
        **container,
    }
    return {"containers": [main], "restartPolicy": "Never"}


def made_as_pod(client: Client, space: str, spec: Json) -> str:
    """Why the server does not let a pod in; empty when it does."""
    answer = client.request("POST", f"/api/v1/namespaces/{space}/pods", {"metadata": {"generateName": "works-"}, "spec": spec})
    assert answer.status in (201, 403), answer.message
    return answer.message if answer.status == 403 else ""


def made_as_job(client: Client, space: str, spec: Json) -> str:
    """Why the pod of a Job is not let in, as its owner sees it in the events; empty when it is."""
    jobs, root = f"/apis/batch/v1/namespaces/{space}/jobs", f"/api/v1/namespaces/{space}"
    body = {"metadata": {"generateName": "trains-"}, "spec": {"template": {"spec": spec}}}
    name = client.post(jobs, body)["metadata"]["name"]
    told: list[str] = []

    def known() -> bool:
        events = client.get(f"{root}/events?fieldSelector=involvedObject.name={name}")["items"]
        told.extend(each["message"] for each in events if each["reason"] == "FailedCreate")
        return bool(told or client.get(f"{root}/pods?labelSelector=batch.kubernetes.io/job-name={name}")["items"])

    wait_until("the job has a pod, or an event that says why not", known)
    if told:
        client.request("DELETE", f"{jobs}/{name}", {"propagationPolicy": "Background"}).checked()
    return told[0] if told else ""


WAYS: Mapping[str, Callable[[Client, str, Json], str]] = {"pod": made_as_pod, "job": made_as_job}
WORK = tuple(
    (user, space, way)
    for user, space in WORKING
    for way in WAYS
    # Who deploys makes no pods of its own.
    if way == "job" or "data_scientist" in personas_by_contract(user)[space]
)


def granted(teams: Teams, space: str) -> dict[str, int]:
    """What the quota of a namespace allows of each accelerator that it names."""
    hard = teams.plays.site.live(f"/api/v1/namespaces/{space}/resourcequotas/readiness-quota")["spec"]["hard"]
    prefix = "requests."
    return {key.removeprefix(prefix): int(text) for key, text in hard.items() if key.startswith(prefix) and "/" in key}


@pytest.mark.parametrize(("user", "space", "way"), WORK)
def test_work_is_let_in_as_far_as_the_quota_goes_and_with_no_accelerator_that_is_not_granted(
    teams: Teams, user: str, space: str, way: str
) -> None:
    client, make, devices = teams.client(user), WAYS[way], granted(teams, space)
    ((resource, most),) = ((name, amount) for name, amount in devices.items() if amount)
    assert make(client, space, pod_spec(devices={resource: 1})) == ""
    told = make(client, space, pod_spec(devices={resource: most + 1}))
    assert "exceeded quota: readiness-quota" in told
    assert f"limited: requests.{resource}={most}" in told
    others = ("amd.com/gpu", "habana.ai/gaudi", *({"nvidia.com/gpu", "nvidia.com/gpu.shared"} - {resource}))
    for other in others:
        assert devices[other] == 0
        assert f"limited: requests.{other}=0" in make(client, space, pod_spec(devices={other: 1}))
    told = make(client, space, pod_spec(memory_gib=CONTRACTS[space]["quota"]["memory_gib"] + 1))
    assert "exceeded quota: readiness-quota" in told or "maximum memory usage per Container" in told


@pytest.mark.parametrize(("user", "space", "way"), WORK)
def test_pod_that_the_standard_of_the_contract_excludes_is_refused(teams: Teams, user: str, space: str, way: str) -> None:
    client, make = teams.client(user), WAYS[way]
    standard = CONTRACTS[space].get("pod_security", "restricted")
    assert f'violates PodSecurity "{standard}:latest": privileged' in make(client, space, pod_spec(securityContext={"privileged": True}))
    as_root = make(client, space, pod_spec(securityContext={"runAsUser": 0}))
    assert bool(as_root) is (standard == "restricted"), as_root


@pytest.mark.parametrize(("user", "space"), WORKING)
def test_nobody_widens_rights_quota_queue_or_network_of_a_namespace(teams: Teams, user: str, space: str) -> None:
    client, root = teams.client(user), f"/api/v1/namespaces/{space}"
    rbac, queues = "/apis/rbac.authorization.k8s.io/v1", "/apis/kueue.x-k8s.io/v1beta2"
    owner, queue = CONTRACTS[space]["owner"]["name"], CONTRACTS[space]["queue"].get("name", "default")
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "admin"}
    subject = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}
    more = {"spec": {"hard": {"requests.nvidia.com/gpu": "64"}}}
    tries: list[tuple[str, str, Json]] = [
        ("POST", f"{rbac}/namespaces/{space}/rolebindings", {"metadata": {"name": "more"}, "roleRef": role, "subjects": [subject]}),
        ("POST", f"{rbac}/clusterrolebindings", {"metadata": {"name": f"more-{user}"}, "roleRef": role, "subjects": [subject]}),
        ("PATCH", f"{root}/resourcequotas/readiness-quota", more),
        ("DELETE", f"{root}/resourcequotas/readiness-quota", {}),
        ("POST", f"{root}/resourcequotas", {"metadata": {"name": "more"}, **more}),
        ("PATCH", f"{queues}/namespaces/{space}/localqueues/{queue}", {"spec": {"stopPolicy": "None"}}),
        ("PATCH", f"{queues}/clusterqueues/groundwork-readiness-{owner}", {"spec": {"cohortName": "all"}}),
        ("PATCH", f"/apis/quota.openshift.io/v1/clusterresourcequotas/groundwork-readiness-{owner}", {"spec": {"quota": more["spec"]}}),
        ("PATCH", root, {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "privileged"}}}),
        (
            "POST",
            f"/apis/networking.k8s.io/v1/namespaces/{space}/networkpolicies",
            {"metadata": {"name": "open"}, "spec": {"podSelector": {}}},
        ),
        ("POST", f"{root}/serviceaccounts/default/token", {"spec": {}}),
        ("POST", "/api/v1/namespaces", {"metadata": {"name": f"more-{user}"}}),
    ]
    kinds = {"PATCH": "application/merge-patch+json"}
    statuses = {
        (method, path): client.request(method, path, body, kinds.get(method, "application/json")).status for method, path, body in tries
    }
    assert {key: status for key, status in statuses.items() if status != 403} == {}


@pytest.mark.parametrize(("user", "space"), WORKING)
def test_what_is_in_namespaces_of_others_is_out_of_reach(teams: Teams, user: str, space: str) -> None:
    cluster, client = teams.plays.site.cluster, teams.client(user)
    own = personas_by_contract(user)
    for other in SPACES:
        place = f"/api/v1/namespaces/{other}"
        secret = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "weights", "namespace": other},
            "stringData": {"key": "content"},
        }
        cluster.apply([secret])
        assert client.request("GET", f"{place}/secrets/weights").status == 403, "secrets are read by nobody, in no namespace"
        statuses = [client.request("GET", f"{place}/{plural}").status for plural in ("pods", "configmaps", "persistentvolumeclaims")]
        assert statuses == ([200] * 3 if other in own else [403] * 3)
        if other not in own:
            assert client.request("POST", f"{place}/pods", {"metadata": {"name": "guest"}, "spec": pod_spec()}).status == 403
    assert client.request("GET", "/api/v1/pods").status == 403


def test_contracts_are_still_kept_after_all_that_tenants_tried(teams: Teams) -> None:
    verified = teams.plays.site.run(list(CONTRACTS.values()), mode="verify", account="reader")
    assert words(verified) == []
    assert failures(verified) == []
