# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What personas must not do, asked of a real API server: each binding that breaks a row is found and named, and no other."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.reader import connect
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster_arguments import ClusterSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.access_reviews import ask_access
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.reader import read_snapshot
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import GroupWanted, Identity
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import PlatformDesired
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity import access as access_module
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.access import AccessPlan, access_plan
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.access_findings import access_findings
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.login_readings import LOGIN_RESOURCES
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.personas import cluster_role, role_name
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.provenance import GROUPS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.questions import Question, allowing
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.rbac import RBAC_RESOURCES, Act, Grants, Who
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import Context
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.readings import BY_ID

from tests.counterparts.cluster import Cluster, cluster, crds_available, wait_until
from tests.integration.platform_site import CATALOGUE
from tests.unit.adapters.cluster.conftest import libraries_missing
from tests.unit.platform.identity.rbac_objects import account, binding, group, people, role, rule, user

Json = dict[str, Any]
CRDS = (
    "authentications.config.openshift.io",
    "oauths.config.openshift.io",
    "groups.user.openshift.io",
    "users.user.openshift.io",
    "clusterqueues.kueue.x-k8s.io",
    "securitycontextconstraints.security.openshift.io",
)
ROOT = "/apis/rbac.authorization.k8s.io/v1"
PLURALS = {"ClusterRole": "clusterroles", "ClusterRoleBinding": "clusterrolebindings", "Role": "roles", "RoleBinding": "rolebindings"}
HOME, ASKER = "readiness", "asker"
NAMESPACES = (HOME, "team-a", "team-b")
RESOURCES = (*LOGIN_RESOURCES, BY_ID[GROUPS], *RBAC_RESOURCES)
WANTED = Identity(groups=(GroupWanted(name="auditors", personas=("auditor",)), GroupWanted(name="operators", personas=("platform",))))
LISTS = ["clusterrolebindings", "clusterroles", "rolebindings", "roles"]
LOOK = (
    rule("rbac.authorization.k8s.io", " ".join(LISTS), "list"),
    rule("config.openshift.io", "authentications oauths", "list"),
    rule("user.openshift.io", "groups users", "list"),
)
ASK = rule("authorization.k8s.io", "subjectaccessreviews", "create")
SOUND: tuple[Json, ...] = (
    *(cluster_role(name, persona) for name, persona in CATALOGUE.personas.items()),
    binding("auditors", role_name("auditor"), group("auditors")),
    binding("operators", role_name("platform"), group("operators")),
    binding("scientists", role_name("data_scientist"), group("scientists"), namespace="team-a"),
    binding("engineers", role_name("ml_engineer"), group("engineers"), namespace="team-a"),
    binding("pipeline", role_name("service"), account("team-a", "pipeline"), namespace="team-a"),
    # OpenShift's own for everybody, and a binding that leads nowhere.
    role("everybody", rule("authorization.k8s.io", "selfsubjectaccessreviews", "create"), rule("core", "namespaces", "get")),
    binding("everybody", "everybody", group("system:authenticated")),
    binding("dangling", "nowhere", group("auditors")),
    people("auditors", "anna", "ben"),
    people("operators", "carl"),
    people("scientists", "dora"),
    people("engineers", "emil"),
)
BEARERS = {
    "group auditors as auditor",
    "group operators as platform",
    "group scientists as data_scientist",
    "group engineers as ml_engineer",
    "service account team-a/pipeline as service",
}


@dataclass
class Scene:
    """The cluster, and the account that asks."""

    cluster: Cluster
    token: str = field(repr=False)
    marks: Iterator[int] = field(default_factory=count)

    def connection(self) -> Any:
        return connect(ClusterSettings({"host": self.cluster.url, "api_key": self.token, "ca_cert": str(self.cluster.ca_path)}))

    def plan(self, connection: Any, wanted: Identity = WANTED) -> AccessPlan:
        snapshot = read_snapshot(connection, RESOURCES)
        return access_plan(Context(PlatformDesired(schema_version="1.0", identity=wanted), snapshot, CATALOGUE, "2026-11-22"))

    def findings(self) -> dict[tuple[str, str], CheckFinding]:
        """What is found, by the end of the check's id and the subject."""
        with self.connection() as connection:
            made = self.plan(connection)
            found = access_findings(made, ask_access(connection, made.questions))
        return {(finding.check.rpartition(".")[2], finding.subject): finding for finding in found}

    def wrong(self) -> dict[str, str]:
        """What fails, with the message."""
        return {subject: finding.message for (_check, subject), finding in self.findings().items() if finding.result == "fail"}

    def asked(self, mark: int) -> int:
        """Reviews that the account has asked for since."""
        return self.cluster.audit(mark).by(f"system:serviceaccount:{HOME}:{ASKER}").reviews

    def settle(self) -> None:
        """Waits until the API server goes by all roles and bindings that were written so far: it follows each kind in order."""
        number = next(self.marks)
        name = f"mark-{number}"
        rules = rule("example.com", name, "get")
        self.cluster.apply(
            [
                role(name, rules),
                binding(name, name, user(name)),
                role(name, rules, namespace=HOME),
                binding(name, name, user(f"{name}-local"), namespace=HOME, local=True),
            ]
        )
        wait_until("the wide mark is known", lambda: self.allowed(Question(Who(name, ()), Act("get", "example.com", name))))
        wait_until("the local one is", lambda: self.allowed(Question(Who(f"{name}-local", ()), Act("get", "example.com", name), HOME)))

    def allowed(self, question: Question) -> bool:
        """The server's word to its administrator."""
        act = question.act
        attributes = {
            "verb": act.verb,
            "group": act.group,
            "resource": act.resource,
            "subresource": act.subresource,
            "name": act.name,
            "namespace": question.namespace,
        }
        spec = {"user": question.who.user, "groups": list(question.who.groups), "resourceAttributes": attributes}
        body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
        return bool(self.cluster.client.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", body)["status"]["allowed"])

    @contextmanager
    def having(self, *objects: Json) -> Iterator[None]:
        """These objects beside the others, for as long as the block lasts."""
        self.cluster.apply(objects)
        self.settle()
        try:
            yield
        finally:
            for item in objects:
                self.remove(item)
            self.settle()

    def remove(self, item: Json) -> None:
        metadata = item["metadata"]
        if item["kind"] == "Group":
            self.cluster.request("DELETE", f"/apis/user.openshift.io/v1/groups/{metadata['name']}")
            return
        place = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
        self.cluster.request("DELETE", f"{ROOT}{place}/{PLURALS[item['kind']]}/{metadata['name']}")


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    """A cluster on which every row holds, and an account with the rights that are needed and no others."""
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    if not crds_available():
        pytest.skip("no custom resource definitions")
    with cluster(name="access", crds=CRDS, kwok=False, scheduler=False, controllers=False) as found:
        found.client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in NAMESPACES)
        made = Scene(found, found.service_account(HOME, ASKER))
        found.apply([*SOUND, role("look", *LOOK), role("ask", ASK)])
        found.apply([binding(name, name, account(HOME, ASKER)) for name in ("look", "ask")])
        made.settle()
        yield made


def test_cluster_without_a_binding_too_many_passes_for_everybody_who_has_a_persona(scene: Scene) -> None:
    mark = scene.cluster.mark()
    found = scene.findings()
    assert {key: finding.result for key, finding in found.items()} == {
        **{("denied", subject): "pass" for subject in BEARERS},
        ("members", "personas"): "pass",
    }
    assert 500 < scene.asked(mark) < 3500
    assert scene.cluster.audit(mark).by(f"system:serviceaccount:{HOME}:{ASKER}").writes == 0


READING = role("reading", rule("core", "secrets", "get list"))
SHELL = role("shell", rule("core", "pods/exec", "create"), namespace="team-b")
EVERYTHING = role("everything", rule("*", "*", "*"))
PRIVILEGED = role("privileged", rule("security.openshift.io", "securitycontextconstraints", "use", "privileged"))
QUEUES = role("queues", rule("kueue.x-k8s.io", "*", "*"))
NODES = role("nodes", rule("core", "nodes", "patch"))


@pytest.mark.parametrize(
    ("objects", "subject", "words"),
    [
        (
            [READING, binding("b", "reading", group("auditors"))],
            "group auditors as auditor",
            "it may get, list secrets on the whole cluster: by ClusterRoleBinding b (ClusterRole reading)",
        ),
        (
            [READING, binding("b", "reading", group("operators"), namespace="team-b")],
            "group operators as platform",
            "it may get, list secrets in team-b: by RoleBinding team-b/b (ClusterRole reading)",
        ),
        (
            [SHELL, binding("b", "shell", group("scientists"), namespace="team-b", local=True)],
            "group scientists as data_scientist",
            "it may create pods/exec in team-b: by RoleBinding team-b/b (Role team-b/shell)",
        ),
        (
            [PRIVILEGED, binding("b", "privileged", group("engineers"), namespace="team-a")],
            "group engineers as ml_engineer",
            "it may use securitycontextconstraints privileged of security.openshift.io in team-a: by RoleBinding team-a/b",
        ),
        (
            [QUEUES, binding("b", "queues", account("team-a", "pipeline"))],
            "service account team-a/pipeline as service",
            "clusterqueues of kueue.x-k8s.io",
        ),
    ],
)
def test_binding_that_breaks_a_row_is_found_and_named_and_nobody_else_is(
    scene: Scene, objects: Sequence[Json], subject: str, words: str
) -> None:
    with scene.having(*objects):
        found = scene.wrong()
    assert found
    assert {each.rpartition(": deny[")[0] for each in found} == {subject}
    assert any(words in message for message in found.values()), found


def test_role_that_allows_everything_breaks_every_row_of_everybody_whom_it_reaches(scene: Scene) -> None:
    with scene.having(EVERYTHING, binding("b", "everything", group("system:authenticated"), namespace="team-b")):
        local = scene.wrong()
    with scene.having(EVERYTHING, binding("b", "everything", group("auditors"))):
        wide = scene.wrong()
    assert set(local) == BEARERS
    assert all("in team-b: by RoleBinding team-b/b (ClusterRole everything)" in message for message in local.values())
    rows = len(CATALOGUE.personas["auditor"].deny)
    (message,) = wide.values()
    assert set(wide) == {"group auditors as auditor"}
    assert message.startswith(f"{rows} of {rows} rows of what it must not do hold no more")
    assert message.endswith("on the whole cluster: by ClusterRoleBinding b (ClusterRole everything)")


def test_what_is_allowed_where_it_cannot_be_done_and_what_a_persona_may_is_no_fault(scene: Scene) -> None:
    """A right to nodes in a namespace, and a persona of a namespace for who has one of the cluster."""
    odd = [NODES, binding("b", "nodes", group("scientists"), namespace="team-b")]
    with scene.having(*odd, binding("c", role_name("data_scientist"), group("operators"), namespace="team-b")):
        assert {subject for subject in scene.wrong() if "operators as platform" in subject or "scientists" in subject} == set()


def test_role_of_a_persona_that_somebody_widened_is_found(scene: Scene) -> None:
    name = role_name("auditor")
    sound = cluster_role("auditor", CATALOGUE.personas["auditor"])
    scene.cluster.apply([{**sound, "rules": [*sound["rules"], rule("core", "secrets", "get")]}])
    scene.settle()
    try:
        (message,) = scene.wrong().values()
    finally:
        scene.cluster.apply([sound])
        scene.settle()
    assert f"it may get secrets on the whole cluster: by ClusterRoleBinding auditors (ClusterRole {name})" in message


def test_member_who_may_more_than_the_group_is_named_with_the_binding(scene: Scene) -> None:
    objects = [
        READING,
        SHELL,
        people("rescuers", "ben"),
        binding("of-anna", "reading", user("anna"), namespace="team-b"),
        binding("of-rescuers", "reading", group("rescuers")),
        binding("of-dora", "shell", user("dora"), namespace="team-b", local=True),
    ]
    with scene.having(*objects):
        found = scene.findings()
    wrong = {subject: each.message for (check, subject), each in found.items() if each.result == "fail"}
    assert {subject.rpartition(": deny[")[0] for subject in wrong} == {
        "user anna of group auditors as auditor",
        "user ben of group auditors as auditor",
        "user dora of group scientists as data_scientist",
    }
    assert any("in team-b: by RoleBinding team-b/of-anna (ClusterRole reading)" in message for message in wrong.values())
    assert any("on the whole cluster: by ClusterRoleBinding of-rescuers (ClusterRole reading)" in message for message in wrong.values())
    assert {found["denied", subject].result for subject in BEARERS} == {"pass"}


def test_account_that_may_not_ask_is_told_so_after_one_question(scene: Scene) -> None:
    scene.remove(binding("ask", "ask", account(HOME, ASKER)))
    scene.settle()
    mark = scene.cluster.mark()
    try:
        found = scene.findings()
    finally:
        scene.cluster.apply([binding("ask", "ask", account(HOME, ASKER))])
        scene.settle()
    assert {(finding.result, finding.message) for finding in found.values()} == {
        ("not_evaluated", "the account may not create subjectaccessreviews.authorization.k8s.io")
    }
    assert scene.asked(mark) == 1


def test_account_that_may_not_list_bindings_of_namespaces_leaves_everybody_open_and_finds_the_rest(scene: Scene) -> None:
    blind = role("look", *(rule("rbac.authorization.k8s.io", "clusterrolebindings clusterroles", "list"), *LOOK[1:]))
    scene.cluster.apply([blind])
    scene.settle()
    try:
        with scene.having(READING, binding("b", "reading", group("auditors"))):
            found = scene.findings()
    finally:
        scene.cluster.apply([role("look", *LOOK)])
        scene.settle()
    assert {subject for (_check, subject), each in found.items() if each.result == "pass"} == set()
    assert found["denied", "group auditors as auditor"].result == "not_evaluated"
    assert "list rolebindings.rbac.authorization.k8s.io" in found["denied", "group operators as platform"].message
    (wrong,) = (each for each in found.values() if each.result == "fail")
    assert "by ClusterRoleBinding b (ClusterRole reading)" in wrong.message


def test_questions_beyond_the_limit_are_not_asked_and_told(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_module, "MOST_QUESTIONS", 40)
    mark = scene.cluster.mark()
    with scene.having(READING, binding("b", "reading", group("operators"), namespace="team-b")):
        found = scene.findings()
    assert scene.asked(mark) == 40
    # What a binding is known to allow is asked first.
    (wrong,) = (subject for (_check, subject), each in found.items() if each.result == "fail")
    assert wrong.startswith("group operators as platform: deny[")
    assert all("were not asked: one call asks 40 at most" in found["denied", subject].message for subject in BEARERS)


# ---- the reading of RBAC against the server's ------------------------------------------------------------------------

VERBS = ("get", "list", "create", "use", "impersonate")
PLACES = ("", "team-a", "team-b")
WHATS: Mapping[str, Sequence[str]] = {"": ("pods", "secrets", "nodes"), "kueue.x-k8s.io": ("clusterqueues", "localqueues")}


def _random_rule(draw: random.Random) -> Json:
    groups = draw.choice(["core", "kueue.x-k8s.io", "core kueue.x-k8s.io", "*"])
    resources = draw.choice(["pods", "pods/exec", "*/exec", "secrets", "*", "clusterqueues", "pods secrets", "pods/*"])
    names = draw.choice([(), (), ("one",)])
    return rule(groups, resources, draw.choice(["get", "get list", "*", "create use"]), *names)


def _random_subject(draw: random.Random) -> Json:
    return draw.choice([user("anna"), user("ben"), group("one"), group("two"), account("team-a", "bot"), group("system:authenticated")])


def test_bindings_mean_to_the_collection_what_they_mean_to_the_server(scene: Scene) -> None:
    draw = random.Random(11)
    objects: list[Json] = []
    for number in range(12):
        namespace = draw.choice(PLACES)
        local = bool(namespace) and draw.random() < 0.5
        objects.append(role(f"r{number}", _random_rule(draw), namespace=namespace if local else ""))
        subjects = [_random_subject(draw) for _each in range(draw.randint(1, 2))]
        objects.append(binding(f"r{number}", f"r{number}", *subjects, namespace=namespace, local=local))
    whos = [
        Who("anna", ("one", "system:authenticated")),
        Who("", ("two",)),
        Who("system:serviceaccount:team-a:bot", ("system:serviceaccounts", "system:authenticated")),
        Who("carl", ()),
    ]
    questions = []
    for _each in range(400):
        kind = draw.choice(sorted(WHATS))
        act = Act(draw.choice(VERBS), kind, draw.choice(WHATS[kind]), draw.choice(["", "", "exec"]), draw.choice(["", "", "one", "two"]))
        questions.append(Question(draw.choice(whos), act, draw.choice(PLACES)))
    with scene.having(*objects), scene.connection() as connection:
        grants = Grants(read_snapshot(connection, RESOURCES))
        answers = ask_access(connection, questions).by_question
    ours = {question: bool(allowing(grants.of(question.who), question)) for question in questions}
    assert ours == {question: answer.allowed for question, answer in answers.items()}
    assert 20 < sum(ours.values()) < len(ours) - 20
