# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drift of namespaces on a real API server, in six classes: each random case is found as what it is, in its contract, and nothing else is.

The namespaces hold what OpenShift puts into every one of them, and half of them were there before their contracts. Cases are drawn by
a seed and inflicted some at a time, on parts that are drawn as well; of all others nothing may be said. The next run repairs them.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.namespaces.result import NamespacesResult
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import ON_REMOVAL, STAGE_LABEL
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces import check_list as checks
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.objects.core import OWN_NETWORK_LABEL
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.readings import BY_ID
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.rights import VERIFY_ROLE
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.served import DECIDING
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.rights import HOME, READER

from tests.counterparts.cluster import Cluster, wait_until
from tests.integration import openshift_made
from tests.integration.drift_contracts import CONTRACTS, SPACES
from tests.integration.mutations import Mutation, Target, other, owned, with_item
from tests.integration.namespaces_site import NamespacesSite, namespaces_site, words
from tests.integration.platform_site import may

Json = dict[str, Any]
SEED, CASES, AT_ONCE = 20261122, 50, 8
"""of each class, and of one run"""
RBAC = "rbac.authorization.k8s.io"
KUEUE = "kueue.x-k8s.io/v1beta2"
VERSIONS: Mapping[str, str] = {
    "ClusterQueue": KUEUE,
    "ClusterResourceQuota": "quota.openshift.io/v1",
    "ConfigMap": "v1",
    "EgressFirewall": "k8s.ovn.org/v1",
    "HardwareProfile": "infrastructure.opendatahub.io/v1",
    "LimitRange": "v1",
    "LocalQueue": KUEUE,
    "Namespace": "v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "PodMonitor": "monitoring.coreos.com/v1",
    "ResourceQuota": "v1",
    "Role": f"{RBAC}/v1",
    "RoleBinding": f"{RBAC}/v1",
    "ServiceAccount": "v1",
    "ServiceMonitor": "monitoring.coreos.com/v1",
    "UserDefinedNetwork": "k8s.ovn.org/v1",
}
KEPT = (STAGE_LABEL, OWN_NETWORK_LABEL, ON_REMOVAL)
"""Fields that are not drawn. By the first the collection knows its own: without it an object is somebody else's, which a test of its own
shows. The second OpenShift lets nobody change (policy user-defined-networks-namespace-label)."""
ENTRIES = checks.PULL_SECRET.id
FOLLOWS = ("namespaces.sovereignty.", ENTRIES)
"""What else may be found in a part that was touched: a policy or label that is gone leaves the namespace open, and Secrets go with their
service account."""


@dataclass
class Bed:
    """The cluster as all contracts say."""

    site: NamespacesSite
    parts: dict[str, str] = field(default_factory=dict)
    """object in words to the part that it belongs to"""
    clean: frozenset[str] = frozenset()
    """ids of what is found although nothing was touched: warnings alone"""

    @property
    def cluster(self) -> Cluster:
        return self.site.cluster

    def verified(self, contracts: Sequence[Json] = CONTRACTS, **further: Any) -> NamespacesResult:
        return self.site.run(contracts, "verify", READER, **{"access_proof": "never", **further})

    def applied(self, contracts: Sequence[Json] = CONTRACTS, **further: Any) -> NamespacesResult:
        done = self.site.run(contracts, access_proof="never", **further)
        assert words(done) == []
        return done

    def news(self, result: NamespacesResult) -> list[CheckFinding]:
        """What is found and was not there before."""
        return [each for each in result.findings if each.failed and each.id not in self.clean]

    def target(self, subject: str) -> Target:
        kind, _space, name = subject.partition(" ")
        place, _slash, bare = name.rpartition("/")
        item = {"apiVersion": VERSIONS[kind], "kind": kind, "metadata": {"name": bare, **({"namespace": place} if place else {})}}
        path = self.cluster.client.path_of(item)
        return Target(path, {**item, **self.cluster.client.get(path)})

    def targets(self, parts: Iterable[str]) -> list[Target]:
        chosen = set(parts)
        return [self.target(subject) for subject, part in self.parts.items() if part in chosen]

    def let_openshift_see_to_accounts(self) -> None:
        """New service accounts get their pull secret."""
        for contract in CONTRACTS:
            for account in contract.get("service_accounts", ()):
                openshift_made.put_into_account(self.cluster, contract["namespace"], account["name"])


def in_words(found: Iterable[CheckFinding]) -> list[str]:
    return [f"{each.id}: {each.state} {each.message}" for each in found]


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    with namespaces_site(tmp_path_factory, name="drift") as site:
        made = Bed(site)
        adopted = [name for name, each in zip(SPACES, CONTRACTS, strict=True) if each.get("adopt")]
        site.cluster.client.create(map(openshift_made.requested, adopted))
        for name in adopted:
            wait_until(f"{name} has its accounts", lambda name=name: _has_account(site.cluster, name))
            openshift_made.put_into(site.cluster, name, SPACES.index(name))
            openshift_made.synced(site.cluster, name)
        made.applied()
        before = made.verified()
        for name in SPACES:
            wait_until(f"{name} has its accounts", lambda name=name: _has_account(site.cluster, name))
            openshift_made.put_into(site.cluster, name, SPACES.index(name))
        made.let_openshift_see_to_accounts()
        seen = made.verified()
        made.parts = {each.subject: each.part for each in seen.findings if each.check == checks.OBJECT.id}
        made.clean = frozenset(each.id for each in before.findings if each.failed)
        assert in_words(made.news(seen)) == []
        yield made


def _has_account(server: Cluster, name: str) -> bool:
    return server.request("GET", f"/api/v1/namespaces/{name}/serviceaccounts/default").status == 200


def test_what_openshift_puts_into_namespaces_is_nobodys_drift(bed: Bed) -> None:
    seen = bed.verified()
    assert [each.id for each in seen.findings if each.failed and each.severity == "critical"] == []
    assert {each.state for each in seen.findings if each.check in (checks.OBJECT.id, checks.EXTRA.id, ENTRIES)} == {"in_step"}
    assert len(adopted_spaces()) == len(CONTRACTS) // 2
    again = bed.applied()
    assert (again.changed, bed.site.written()) == (False, [])


def adopted_spaces() -> list[str]:
    return [name for name, each in zip(SPACES, CONTRACTS, strict=True) if each.get("adopt")]


# ---- fields, elements, deletions -------------------------------------------------------------------------------------

Draw = Callable[[Random, Target], Mutation | None]


def draw_field(rng: Random, target: Target) -> Mutation | None:
    """A field that the contract declares is set, removed or taken by another manager, or one beside it is added."""
    leaves = [leaf for leaf in sorted(_leaves(target), key=lambda leaf: leaf[0]) if not isinstance(leaf[1], list)]
    added = [name for name in ("ingress", "egress") if target.item["kind"] == "NetworkPolicy" and name not in target.item["spec"]]
    if added and rng.random() < 0.2:
        return Mutation("addition", target, ("spec", rng.choice(added)), [{}])
    if not leaves:
        return None
    path, value, _is_shared = rng.choice(leaves)
    if isinstance(value, dict):
        # A selector, which is set as a whole.
        return Mutation("value", target, path, {**value, "matchLabels": {**value.get("matchLabels", {}), "somebody": "else"}})
    makers = (("value", other(value, rng)), ("removal", None), ("foreign", other(value, rng)))
    kind, changed = rng.choice(makers)
    return Mutation(kind, target, path, changed)


def draw_element(rng: Random, target: Target) -> Mutation | None:
    """A list loses an element, gets one more, or has another value in one."""
    leaves = [leaf for leaf in sorted(_leaves(target), key=lambda leaf: leaf[0]) if isinstance(leaf[1], list) and leaf[1]]
    if not leaves:
        return None
    path, value, _is_shared = rng.choice(leaves)
    changed = rng.choice([lambda: value[:-1], lambda: value[1:], lambda: with_item(value, rng), lambda: _with_other(value, rng)])()
    return Mutation("item", target, path, changed)


def draw_deletion(_rng: Random, target: Target) -> Mutation | None:
    """An object goes; a namespace that goes takes everything along, which is another case."""
    return Mutation("deletion", target) if target.item["kind"] != "Namespace" else None


def _leaves(target: Target) -> Iterator[tuple[tuple[str, ...], Any, bool]]:
    return (leaf for leaf in owned(target.item) if leaf[0][-1] not in KEPT)


def _with_other(items: Sequence[Any], rng: Random) -> list[Any]:
    """The list with another value somewhere within one of its elements."""
    found = copy.deepcopy(list(items))
    place: Any = found
    key: Any = rng.randrange(len(found))
    while isinstance(place[key], (dict, list)) and place[key]:
        place = place[key]
        key = rng.randrange(len(place)) if isinstance(place, list) else rng.choice(sorted(place))
    place[key] = other(place[key], rng)
    return found


def inflicted(bed: Bed, rng: Random, draw: Draw, most: int) -> tuple[set[str], list[Mutation]]:
    """Half of the parts, and what was done to objects of theirs, each to another one."""
    parts = set(rng.sample(sorted(set(bed.parts.values())), len(set(bed.parts.values())) // 2))
    free, done = bed.targets(parts), list[Mutation]()
    while free and len(done) < most:
        # There are many policies, and few queues.
        kind = rng.choice(sorted({each.item["kind"] for each in free}))
        target = rng.choice([each for each in free if each.item["kind"] == kind])
        free.remove(target)
        for _attempt in range(6):
            mutation = draw(rng, target)
            if mutation is not None and mutation.inflict(bed.cluster):
                done.append(mutation)
                break
    return parts, done


def is_named(mutation: Mutation, found: CheckFinding) -> bool:
    """Whether a finding names the field, or what of it is otherwise."""
    path = ".".join(mutation.field)
    named = [name.replace("[", ".").replace("]", "") for name in found.fields]
    return any(name.startswith(path) or path.startswith(name) for name in named)


def held_against(bed: Bed, parts: set[str], done: Sequence[Mutation], state: str) -> None:
    """Each case is found as what it is, and of what was not touched nothing is said."""
    news = bed.news(bed.verified())
    found = {each.subject: each for each in news if each.check == checks.OBJECT.id}
    assert {each.target.text for each in done} == found.keys(), ([each.text for each in done], in_words(news))
    for mutation in done:
        told = found[mutation.target.text]
        assert (told.part, told.state, told.result) == (bed.parts[told.subject], state, "fail"), (mutation.text, told)
        assert state == "missing" or is_named(mutation, told), (mutation.text, told)
    assert in_words(each for each in news if each.part not in parts) == []
    assert in_words(each for each in news if each.check != checks.OBJECT.id and not each.check.startswith(FOLLOWS)) == []


def repaired(bed: Bed, **further: Any) -> None:
    """The next run sets everything right, and the one after it has nothing to do."""
    bed.applied(**further)
    bed.let_openshift_see_to_accounts()
    assert in_words(bed.news(bed.verified())) == []


@pytest.mark.parametrize(
    ("draw", "state", "ways", "kinds"),
    [
        (draw_field, "changed", {"value", "removal", "foreign", "addition"}, 9),
        (draw_element, "changed", {"item"}, 6),
        (draw_deletion, "missing", {"deletion"}, 12),
    ],
    ids=["field", "list element", "object deleted"],
)
def test_every_case_is_found_in_its_contract_and_repaired(bed: Bed, draw: Draw, state: str, ways: set[str], kinds: int) -> None:
    rng, cases = Random(f"{SEED} {draw.__name__}"), list[Mutation]()
    while len(cases) < CASES:
        parts, done = inflicted(bed, rng, draw, AT_ONCE)
        assert done, "the server refuses nearly all mutations"
        held_against(bed, parts, done, state)
        repaired(bed)
        cases += done
    assert len(cases) >= CASES
    assert {each.kind for each in cases} == ways
    touched = Counter(each.target.item["kind"] for each in cases)
    print(f"\n{len(cases)} cases of {draw.__name__}: {dict(sorted(touched.items()))}")
    assert len(touched) >= kinds, touched


def test_entries_of_lists_that_others_write_too_are_found_and_put_back_beside_theirs(bed: Bed) -> None:
    rng = Random(f"{SEED} entries")
    accounts = [(each["namespace"], name, secret) for each in CONTRACTS for name, secret in _pull_secrets(each)]
    for _round in range(3):
        chosen = rng.sample(accounts, len(accounts) // 2)
        for space, account, secret in chosen:
            path = f"/api/v1/namespaces/{space}/serviceaccounts/{account}"
            kept = [each for each in bed.site.live(path)["imagePullSecrets"] if each["name"] != secret]
            operation = {"op": "replace", "path": "/imagePullSecrets", "value": kept}
            bed.cluster.request("PATCH", path, [operation], "application/json-patch+json").checked()
        news = bed.news(bed.verified())
        expected = {(space, f"service account {space}/{account}: {secret}", "missing") for space, account, secret in chosen}
        assert {(each.part, each.subject, each.state) for each in news} == expected, in_words(news)
        repaired(bed)
        for space, account, secret in chosen:
            names = [each["name"] for each in bed.site.live(f"/api/v1/namespaces/{space}/serviceaccounts/{account}")["imagePullSecrets"]]
            assert {secret, f"{account}-dockercfg-x7k2p"} <= set(names)


def _pull_secrets(contract: Json) -> Iterator[tuple[str, str]]:
    yield from (("default", secret) for secret in contract.get("images", {}).get("pull_secrets", ()))
    yield from ((each["name"], secret) for each in contract.get("service_accounts", ()) for secret in each.get("pull_secrets", ()))


def test_keys_that_somebody_adds_to_a_quota_of_ours_are_found_and_left_to_people(bed: Bed) -> None:
    additions = (
        ("ResourceQuota hr-letters/readiness-quota", ("spec", "hard", "count/configmaps"), "3", "spec.hard[count/configmaps]"),
        ("ClusterResourceQuota groundwork-readiness-labs", ("spec", "selector", "annotations"), {"a": "b"}, "spec.selector.annotations[a]"),
        ("ClusterResourceQuota groundwork-readiness-hr", ("spec", "quota", "hard", "pods"), "1", "spec.quota.hard[pods]"),
    )
    for subject, path, value, _field in additions:
        assert Mutation("addition", bed.target(subject), path, value).inflict(bed.cluster)
    for found in (bed.verified(), bed.site.run(CONTRACTS, access_proof="never")):
        told = {each.subject: each for each in bed.news(found)}
        assert {subject: (each.state, each.fields[-1]) for subject, each in told.items()} == {
            subject: ("changed", name) for subject, _path, _value, name in additions
        }
    for subject, path, _value, _field in additions:
        assert Mutation("removal", bed.target(subject), path).inflict(bed.cluster)
    assert in_words(bed.news(bed.verified())) == []


def test_object_without_the_collections_label_is_named_and_left_until_it_is_given_back(bed: Bed) -> None:
    target = bed.target("NetworkPolicy labs-vision/readiness-deny")
    assert Mutation("removal", target, ("metadata", "labels", STAGE_LABEL)).inflict(bed.cluster)
    (told,) = bed.news(bed.verified())
    assert (told.part, told.subject, told.state) == ("labs-vision", target.text, "changed")
    assert "is not this collection's" in told.message
    assert bed.site.run(CONTRACTS, access_proof="never").failure is not None
    body = {"metadata": {"labels": {STAGE_LABEL: checks.STAGE}}}
    bed.cluster.request("PATCH", target.path, body, openshift_made.MERGE).checked()
    repaired(bed)


# ---- guarded objects that nobody declared ----------------------------------------------------------------------------


def draw_extra(rng: Random, space: str, name: str) -> Json:
    """An object that says what the namespace may do, take or reach."""
    who = rng.choice([{"kind": "User", "apiGroup": RBAC, "name": "somebody"}, {"kind": "ServiceAccount", "name": "x", "namespace": "ops"}])
    rule = {"apiGroups": [""], "resources": [rng.choice(["pods", "secrets", "*"])], "verbs": [rng.choice(["get", "*"])]}
    to = {"to": [{"ipBlock": {"cidr": rng.choice(["10.1.0.0/16", "10.0.0.0/8", "192.168.0.0/16"])}}]}
    role = {"apiGroup": RBAC, "kind": "ClusterRole", "name": rng.choice(["view", "edit", "admin"])}
    forms: dict[str, Json] = {
        "RoleBinding": {"roleRef": role, "subjects": [who] if rng.random() < 0.8 else []},
        "Role": {"rules": [rule]},
        "ResourceQuota": {"spec": {"hard": {rng.choice(["pods", "requests.cpu", "count/secrets"]): str(rng.randint(900, 999))}}},
        "LimitRange": {"spec": {"limits": [{"type": "Pod", "max": {"cpu": str(rng.randint(1, 64))}}]}},
        "NetworkPolicy": {"spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": [to]}},
        "EgressFirewall": {"spec": {"egress": [{"type": rng.choice(["Allow", "Deny"]), "to": {"cidrSelector": "10.3.0.0/16"}}]}},
        "UserDefinedNetwork": {
            "spec": {"topology": "Layer2", "layer2": {"role": "Secondary", "subnets": [f"10.{rng.randrange(256)}.0.0/16"]}}
        },
        "LocalQueue": {"spec": {"clusterQueue": rng.choice(["everybodys", "groundwork-readiness-labs"])}},
    }
    kind = rng.choice(sorted(forms))
    # An EgressFirewall has one name alone.
    metadata = {"name": "default" if kind == "EgressFirewall" else name, "namespace": space}
    return {"apiVersion": VERSIONS[kind], "kind": kind, "metadata": metadata, **forms[kind]}


def born_with_others(rng: Random, space: str) -> Json:
    """A binding of OpenShift's, by its name, that lets somebody else in as well."""
    item = rng.choice(openshift_made.bindings(space))
    return {**item, "subjects": [*item["subjects"], {"kind": "User", "apiGroup": RBAC, "name": "somebody"}]}


def work_of_tenants(space: str, number: int) -> list[Json]:
    """What tenants make of their own: nobody's drift."""
    metadata = {"name": f"work-{number}", "namespace": space}
    safe = {"runAsNonRoot": True, "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    safe |= {"seccompProfile": {"type": "RuntimeDefault"}}
    pod = {"containers": [{"name": "main", "image": "registry.example.com/app:1", "securityContext": safe}]}
    template = {"metadata": {"labels": {"app": "work"}}, "spec": pod}
    return [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"number": str(number)}},
        {"apiVersion": "v1", "kind": "Secret", "metadata": metadata},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata},
        {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"ports": [{"port": 80}], "selector": {"app": "work"}}},
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata,
            "spec": {"replicas": 0, "selector": {"matchLabels": {"app": "work"}}, "template": template},
        },
    ]


def test_guarded_objects_that_nobody_declared_are_extra_and_go_where_that_is_asked_for(bed: Bed) -> None:
    rng, kinds, rounds = Random(f"{SEED} extra"), Counter[str](), 0
    while sum(kinds.values()) < CASES:
        rounds += 1
        chosen = rng.sample(SPACES, len(SPACES) // 2)
        made = {_text(item): item for space in chosen for item in _extras_of(rng, space, rounds)}
        bed.cluster.apply([*made.values(), *(item for space in SPACES for item in work_of_tenants(space, rounds))])
        news = bed.news(bed.verified())
        found = {each.subject: each for each in news if each.check == checks.EXTRA.id}
        assert made.keys() == found.keys(), in_words(news)
        for subject, item in made.items():
            told = found[subject]
            assert (told.part, told.state, told.result) == (item["metadata"]["namespace"], "extra", "fail"), told
        assert in_words(each for each in news if each.part not in chosen) == []
        assert in_words(each for each in news if each.check != checks.EXTRA.id and not each.check.startswith(FOLLOWS)) == []
        if rounds == 1:
            assert bed.site.run(CONTRACTS, access_proof="never").counts["deleted"] == 0
        gone = bed.applied(remove_extra=True)
        assert gone.counts["deleted"] == len(made)
        assert [subject for subject, item in made.items() if _is_there(bed, item)] == []
        assert all(_is_there(bed, item) for space in SPACES for item in work_of_tenants(space, rounds))
        for space in chosen:
            bed.cluster.apply(openshift_made.bindings(space))
        assert in_words(bed.news(bed.verified())) == []
        kinds.update(item["kind"] for item in made.values())
    assert sum(kinds.values()) >= CASES
    print(f"\n{sum(kinds.values())} extras: {dict(sorted(kinds.items()))}")
    assert len(kinds) == 8, kinds


def _extras_of(rng: Random, space: str, rounds: int) -> Iterator[Json]:
    yield from (draw_extra(rng, space, f"extra-{rounds}-{number}") for number in range(2))
    if rng.random() < 0.3:
        yield born_with_others(rng, space)


def _text(item: Json) -> str:
    return f"{item['kind']} {item['metadata']['namespace']}/{item['metadata']['name']}"


def _is_there(bed: Bed, item: Json) -> bool:
    return bed.cluster.request("GET", bed.cluster.client.path_of(item)).status == 200


# ---- contracts that are taken away -----------------------------------------------------------------------------------


def test_all_that_a_removed_contract_asked_for_is_orphaned_and_goes_with_prune_but_for_the_namespace(bed: Bed) -> None:
    rng, cases = Random(f"{SEED} contracts"), 0
    while cases < CASES:
        removed = rng.sample(SPACES, len(SPACES) - 1)
        left = [each for each in CONTRACTS if each["namespace"] not in removed]
        gone, touched = _without(removed), {_owner(each) for each in CONTRACTS if each["namespace"] in removed}
        seen = bed.verified(left)
        orphans = {each.subject: each.part for each in seen.findings if each.check == checks.OBJECT.id and each.state == "orphaned"}
        assert orphans == {subject: part for subject, part in bed.parts.items() if part in gone}
        entries = {each.subject for each in seen.findings if each.check == ENTRIES and each.state == "orphaned"}
        assert entries == set(_entries(removed))
        parts = {f"owners.{name}" for name in touched} | {each["namespace"] for each in CONTRACTS if _owner(each) in touched}
        news = bed.news(seen)
        assert in_words(each for each in news if each.part not in parts or each.state != "changed") == []
        asked = bed.verified(left, prune=True)
        failed = {each.subject for each in bed.news(asked) if each.state == "orphaned" and each.check == checks.OBJECT.id}
        assert failed == {subject for subject in orphans if not subject.startswith("Namespace ")}
        bed.applied(left, prune=True)
        still = [subject for subject in orphans if bed.cluster.request("GET", _path(bed, subject)).status == 200]
        assert sorted(still) == sorted(f"Namespace {name}" for name in removed)
        after = bed.verified(left, prune=True)
        assert in_words(bed.news(after)) == []
        kept = {each.subject for each in after.findings if each.state == "orphaned"}
        assert kept == {f"Namespace {name}" for name in removed}
        repaired(bed)
        cases += len(removed)
    assert cases >= CASES


def _without(removed: Sequence[str]) -> set[str]:
    """Parts that nobody asks for once these contracts are taken away."""
    left = {_owner(each) for each in CONTRACTS if each["namespace"] not in removed}
    return {*removed, *(f"owners.{_owner(each)}" for each in CONTRACTS if _owner(each) not in left)}


def _entries(removed: Sequence[str]) -> Iterator[str]:
    """Entries in lists of service accounts, in words."""
    for each in CONTRACTS:
        if each["namespace"] in removed:
            yield from (f"service account {each['namespace']}/{account}: {secret}" for account, secret in _pull_secrets(each))


def _owner(contract: Json) -> str:
    return str(contract["owner"]["name"])


def _path(bed: Bed, subject: str) -> str:
    kind, _space, name = subject.partition(" ")
    place, _slash, bare = name.rpartition("/")
    return bed.cluster.client.path_of({"apiVersion": VERSIONS[kind], "kind": kind, "metadata": {"name": bare, "namespace": place}})


# ---- reading that is forbidden ---------------------------------------------------------------------------------------


DECIDES = frozenset(DECIDING)
RECORD = (
    {
        "apiVersion": f"{RBAC}/v1",
        "kind": "Role",
        "metadata": {"name": "record", "namespace": HOME},
        "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}],
    },
    {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "record", "namespace": HOME},
        "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": "record"},
        "subjects": [{"kind": "ServiceAccount", "name": READER, "namespace": HOME}],
    },
)
"""Where an account may not even read what was applied, nothing is looked at, as a test of its own shows."""


def test_without_the_record_of_what_was_applied_nothing_is_said_but_what_is_lacking(bed: Bed) -> None:
    role = bed.site.live(f"/apis/{RBAC}/v1/clusterroles/{VERIFY_ROLE}")
    _put_role(bed, {**role, "rules": _rules_without(role["rules"], ["configmaps"])}, ["configmaps"], allowed=False)
    try:
        with pytest.raises(ReadinessError, match="may not list configmaps"):
            bed.verified()
    finally:
        _put_role(bed, role, ["configmaps"], allowed=True)


def test_what_may_not_be_read_is_not_evaluated_and_neither_missing_nor_in_order(bed: Bed) -> None:
    rng, cases = Random(f"{SEED} forbidden"), Counter[str]()
    bed.cluster.apply(RECORD)
    role = bed.site.live(f"/apis/{RBAC}/v1/clusterroles/{VERIFY_ROLE}")
    whole = bed.verified()
    passing = {each.id for each in whole.findings if each.result == "pass"}
    served = [name for name in sorted(BY_ID) if _is_served(bed, name)]
    while sum(cases.values()) < CASES or len(cases) < len(served):
        fresh = [name for name in served if name not in cases]
        chosen = rng.sample(fresh or served, min(len(fresh or served), rng.randint(1, 4)))
        _put_role(bed, {**role, "rules": _rules_without(role["rules"], chosen)}, chosen, allowed=False)
        try:
            seen = bed.verified()
        finally:
            _put_role(bed, role, chosen, allowed=True)
        news = bed.news(seen)
        assert {each.result for each in news} == {"not_evaluated"}, in_words(news)
        assert {each.subject for each in news if each.check == checks.READABLE.id} == set(chosen)
        assert {each.part for each in news if each.check == checks.READABLE.id} == {"cluster"}
        kinds = {BY_ID[name].kind for name in chosen}
        hidden = {subject: part for subject, part in bed.parts.items() if subject.partition(" ")[0] in kinds}
        objects = {each.subject: (each.part, each.state) for each in news if each.check == checks.OBJECT.id}
        assert objects.items() >= {subject: (part, "not_evaluated") for subject, part in hidden.items()}.items(), chosen
        # Where nobody knows what is wanted, nobody knows whether it is there: of nodes all grants are made.
        assert objects.keys() == hidden.keys() or not DECIDES.isdisjoint(chosen), (chosen, objects.keys() - hidden.keys())
        assert {each.id for each in seen.findings if each.result == "pass"} <= passing, chosen
        assert in_words(bed.news(bed.verified())) == []
        cases.update(chosen)
    assert sum(cases.values()) >= CASES
    assert set(cases) == set(served)


def _is_served(bed: Bed, name: str) -> bool:
    found = BY_ID[name]
    version = f"/apis/{found.group}/{found.versions[0]}" if found.group else "/api/v1"
    return bed.cluster.request("GET", f"{version}/{found.plural}?limit=1").status == 200


def _rules_without(rules: Sequence[Json], names: Sequence[str]) -> list[Json]:
    hidden = {(BY_ID[name].group, BY_ID[name].plural) for name in names}
    return [
        {**rule, "apiGroups": [group], "resources": left}
        for rule in rules
        for group in rule["apiGroups"]
        if (left := [each for each in rule["resources"] if (group, each) not in hidden])
    ]


def _put_role(bed: Bed, role: Json, names: Sequence[str], *, allowed: bool) -> None:
    """Writes the role, and waits until the server goes by it."""
    bare = {key: value for key, value in role["metadata"].items() if key in ("name", "labels", "annotations")}
    bed.cluster.request("PUT", f"/apis/{RBAC}/v1/clusterroles/{VERIFY_ROLE}", {**role, "metadata": bare}).checked()
    for name in names:
        found = BY_ID[name]

        def is_so(group: str = found.group, plural: str = found.plural) -> bool:
            return may(bed.cluster, bed.site.tokens[READER], "list", group, plural) is allowed

        wait_until(f"{name} may be listed: {allowed}", is_so)
