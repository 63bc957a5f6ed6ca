# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three teams with contracts on a real API server, and an account that asks who may do what there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.reader import connect
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster_arguments import ClusterSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.namespaces.tenant_dry_runs import try_as_tenants
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.access_reviews import ask_access
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.reader import read_snapshot
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.access.findings import access_findings
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.access.matrix import Matrix, access_matrix
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.access.trials import trial_findings, trial_plan
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.model import Contract
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.plan import Served, plan_namespaces
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.readings import BY_ID
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import Persona
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.personas import cluster_role, role_name
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.questions import Question
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.rbac import Act, Who
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import PlatformSnapshot

from tests.counterparts.cluster import Cluster, wait_until
from tests.unit.namespaces.access_scene import row
from tests.unit.namespaces.builders import contract
from tests.unit.namespaces.test_plan import FLEET
from tests.unit.platform.accelerators.support import CLASSES
from tests.unit.platform.identity.rbac_objects import binding, group, people, role, rule, user

Json = dict[str, Any]
CRDS = (
    "authentications.config.openshift.io",
    "clusterresourcequotas.quota.openshift.io",
    "groups.user.openshift.io",
    "clusterqueues.kueue.x-k8s.io",
    "localqueues.kueue.x-k8s.io",
    "securitycontextconstraints.security.openshift.io",
)
RBAC = "rbac.authorization.k8s.io"
PLURALS = {"ClusterRole": "clusterroles", "ClusterRoleBinding": "clusterrolebindings", "Role": "roles", "RoleBinding": "rolebindings"}
HOME, ASKER = "readiness", "asker"
READ = (
    "namespaces",
    "groups.user.openshift.io",
    "authentications.config.openshift.io",
    *(f"{plural}.{RBAC}" for plural in PLURALS.values()),
)
SERVED = Served("v1beta2", cluster_quotas=True)
LOOK = (
    rule(RBAC, " ".join(PLURALS.values()), "list"),
    rule("config.openshift.io", "authentications", "list"),
    rule("user.openshift.io", "groups", "list"),
    rule("core", "namespaces", "list"),
    rule("authorization.k8s.io", "subjectaccessreviews", "create"),
)
IMPERSONATE = (rule("core", "users groups serviceaccounts", "impersonate"),)
PERSONAS: Mapping[str, Persona] = {
    "auditor": Persona(purpose="Looks", scope="cluster", allow=(row("core", "pods configmaps", "get list"),)),
    "data_scientist": Persona(
        purpose="Explores",
        allow=(
            row("core", "configmaps pods", "create get list delete"),
            row("batch", "jobs", "create list"),
            row("core", "pods/log", "get"),
        ),
        deny=(
            row("core", "secrets", "get list"),
            row("core", "serviceaccounts", "impersonate"),
            row("core", "pods/exec pods/attach", "create get"),
            row("core", "nodes", "patch"),
            row(RBAC, "rolebindings roles", "create bind escalate"),
            row("core", "resourcequotas limitranges", "create update delete"),
            row("kueue.x-k8s.io", "localqueues clusterqueues", "create patch"),
            row("security.openshift.io", "securitycontextconstraints", "use"),
        ),
    ),
    "ml_engineer": Persona(
        purpose="Deploys",
        allow=(row("core", "configmaps pods services", "create get list"), row("apps", "deployments", "create list")),
        deny=(row("core", "secrets", "get list"), row("core", "pods/exec", "create get"), row("core", "serviceaccounts/token", "create")),
    ),
    "service": Persona(
        purpose="Runs",
        allow=(row("core", "pods configmaps", "create list"),),
        deny=(row("core", "secrets", "list"), row(RBAC, "rolebindings", "create")),
    ),
}
DATA_SCIENTIST = role_name("data_scientist")


def team(namespace: str, owner: str, personas: Sequence[Json], **more: Any) -> Contract:
    owns = {"name": owner, "group": f"{owner}-owners", "cost_centre": "cc-1"}
    return contract(namespace=namespace, owner=owns, personas=list(personas), **more)


TEAMS = (
    team("team-a", "retail", [{"persona": "data_scientist", "groups": ["a-people"]}]),
    team(
        "team-b",
        "retail",
        [{"persona": "data_scientist", "groups": ["b-people"]}, {"persona": "ml_engineer", "groups": ["b-engineers"]}],
    ),
    team(
        "team-c",
        "chat",
        [{"persona": "ml_engineer", "users": ["carl"]}, {"persona": "service", "service_accounts": ["runner"]}],
        service_accounts=[{"name": "runner"}],
    ),
)
MEMBERS = (
    people("a-people", "anna", "ben"),
    people("b-people", "dora"),
    people("b-engineers", "emil"),
    people("retail-owners", "olga"),
    people("chat-owners", "otto"),
)
A, B = "group a-people as data_scientist in team-a", "group b-people as data_scientist in team-b"
E, C = "group b-engineers as ml_engineer in team-b", "user carl as ml_engineer in team-c"
R = "service account team-c/runner as service in team-c"
EVERYBODY = (A, B, E, C, R)
IN = ("system:authenticated",)
ANNAS, BENS = Who("anna", ("a-people", *IN)), Who("", ("a-people", *IN))
OF_B, OF_E, CARL = Who("", ("b-people", *IN)), Who("", ("b-engineers", *IN)), Who("carl", IN)
RUNNER = Who("system:serviceaccount:team-c:runner", ("system:serviceaccounts", "system:serviceaccounts:team-c", *IN))


@dataclass
class Site:
    """The cluster, and the account that asks."""

    cluster: Cluster
    token: str = field(repr=False)
    marks: Iterator[int] = field(default_factory=count)

    def connection(self) -> Any:
        return connect(ClusterSettings({"host": self.cluster.url, "api_key": self.token, "ca_cert": str(self.cluster.ca_path)}))

    def look(self, connection: Any) -> PlatformSnapshot:
        return read_snapshot(connection, [BY_ID[name] for name in READ])

    def matrix(self, connection: Any, teams: Sequence[Contract] = TEAMS, personas: Mapping[str, Persona] = PERSONAS) -> Matrix:
        return access_matrix(teams, personas, self.look(connection))

    def findings(self, teams: Sequence[Contract] = TEAMS, personas: Mapping[str, Persona] = PERSONAS) -> list[CheckFinding]:
        with self.connection() as connection:
            made = self.matrix(connection, teams, personas)
            return access_findings(made, ask_access(connection, made.questions))

    def tried(self, teams: Sequence[Contract] = TEAMS, personas: Mapping[str, Persona] = PERSONAS) -> list[CheckFinding]:
        with self.connection() as connection:
            made = self.matrix(connection, teams, personas)
            plan = trial_plan(made, personas)
            return trial_findings(made, plan, try_as_tenants(connection, plan.trials))

    def settle(self) -> None:
        """Waits until the API server goes by all roles and bindings that were written so far: it follows each kind in order."""
        name = f"mark-{next(self.marks)}"
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

    def remove(self, kind: str, namespace: str, name: str) -> None:
        if kind == "Group":
            path = f"/apis/user.openshift.io/v1/groups/{name}"
        else:
            place = f"/namespaces/{namespace}" if namespace else ""
            path = f"/apis/{RBAC}/v1{place}/{PLURALS[kind]}/{name}"
        self.cluster.request("DELETE", path)

    def write(self, teams: Sequence[Contract], personas: Mapping[str, Persona]) -> None:
        """What contracts and personas come to, and what OpenShift has in a namespace beside."""
        self.cluster.apply(cluster_role(name, persona) for name, persona in personas.items())
        self.cluster.apply(each.object for each in plan_namespaces(teams, CLASSES, FLEET, SERVED).objects)
        for each in teams:
            pullers = group(f"system:serviceaccounts:{each.namespace}")
            self.cluster.apply([binding("system:image-pullers", "system:image-puller", pullers, namespace=each.namespace)])


def place_of(item: Json) -> tuple[str, str, str]:
    return item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"]
