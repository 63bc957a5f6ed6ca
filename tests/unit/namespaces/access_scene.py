# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contracts of three teams, the roles and bindings that come of them, and a server that answers by what RBAC says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.access.checks import CHECKS
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.access.findings import access_findings
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.access.matrix import NAMESPACES, Matrix, access_matrix
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.model import Contract
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.objects.access import role_bindings
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import Persona, PersonaRule
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.personas import cluster_role
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.questions import Answered, Answers, Question, allowing
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.rbac import Grants
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, PlatformSnapshot, ServedApi

from tests.unit.namespaces.builders import Json, contract
from tests.unit.platform.identity.rbac_objects import binding, group, look, people, role, rule

SERVED: Mapping[tuple[str, str], ServedApi] = {
    ("", "ConfigMap"): ServedApi(("v1",), "configmaps", True),
    ("", "Node"): ServedApi(("v1",), "nodes", False),
    ("", "Pod"): ServedApi(("v1",), "pods", True),
    ("", "ResourceQuota"): ServedApi(("v1",), "resourcequotas", True),
    ("", "Secret"): ServedApi(("v1",), "secrets", True),
    ("", "ServiceAccount"): ServedApi(("v1",), "serviceaccounts", True),
    ("batch", "Job"): ServedApi(("v1",), "jobs", True),
    ("kueue.x-k8s.io", "LocalQueue"): ServedApi(("v1beta2",), "localqueues", True),
    ("networking.k8s.io", "NetworkPolicy"): ServedApi(("v1",), "networkpolicies", True),
    ("rbac.authorization.k8s.io", "RoleBinding"): ServedApi(("v1",), "rolebindings", True),
}


def row(groups: str, resources: str, verbs: str) -> PersonaRule:
    found = tuple("" if each == "core" else each for each in groups.split())
    return PersonaRule(api_groups=found, resources=tuple(resources.split()), verbs=tuple(verbs.split()))


PERSONAS: Mapping[str, Persona] = {
    "auditor": Persona(purpose="looks", scope="cluster", allow=(row("core", "pods configmaps", "get list"),)),
    "data_scientist": Persona(
        purpose="explores",
        allow=(row("core", "configmaps pods", "create get list"), row("batch", "jobs", "create list"), row("ray.io", "rayjobs", "create")),
        deny=(row("core", "secrets", "get list"), row("core", "pods/exec", "create"), row("core", "nodes", "patch")),
    ),
    "ml_engineer": Persona(
        purpose="deploys",
        allow=(row("core", "configmaps pods", "get list"), row("core", "pods/exec", "create")),
        deny=(row("core", "secrets", "get list"), row("core", "resourcequotas", "create update")),
    ),
    "service": Persona(purpose="runs", allow=(row("core", "pods", "create list"),), deny=(row("core", "secrets", "list"),)),
}

TEAMS: tuple[Contract, ...] = (
    contract(namespace="team-a", personas=[{"persona": "data_scientist", "groups": ["a-people"]}]),
    contract(
        namespace="team-b",
        personas=[{"persona": "data_scientist", "groups": ["b-people"]}, {"persona": "ml_engineer", "groups": ["b-engineers"]}],
    ),
    contract(
        namespace="team-c",
        personas=[{"persona": "ml_engineer", "users": ["carl"]}, {"persona": "service", "service_accounts": ["runner"]}],
        service_accounts=[{"name": "runner"}],
    ),
)
SUBJECTS = {
    "group a-people as data_scientist in team-a",
    "group b-people as data_scientist in team-b",
    "group b-engineers as ml_engineer in team-b",
    "user carl as ml_engineer in team-c",
    "service account team-c/runner as service in team-c",
}


def objects_of(teams: Iterable[Contract], personas: Mapping[str, Persona] = PERSONAS) -> list[Json]:
    """What contracts and personas come to on a cluster, and what OpenShift has in each namespace beside."""
    found = [cluster_role(name, persona) for name, persona in personas.items()]
    found += [role("system:image-puller", rule("image.openshift.io", "imagestreams/layers", "get"))]
    found += [role("everybody", rule("authorization.k8s.io", "selfsubjectaccessreviews", "create"), rule("core", "namespaces", "get"))]
    found += [binding("everybody", "everybody", group("system:authenticated"))]
    for each in teams:
        found += [dict(item) for item in role_bindings(each)]
        pullers = group(f"system:serviceaccounts:{each.namespace}")
        found.append(binding("system:image-pullers", "system:image-puller", pullers, namespace=each.namespace))
    return found


PEOPLE = (people("a-people", "anna", "ben"), people("b-people", "dora"), people("b-engineers", "emil"))


def scene(
    *extra: Json,
    teams: Sequence[Contract] = TEAMS,
    without: Sequence[Json] = (),
    unknown: Sequence[str] = (),
    there: Sequence[str] | None = None,
    members: Sequence[Json] = PEOPLE,
    personas: Mapping[str, Persona] = PERSONAS,
) -> PlatformSnapshot:
    """A look at a cluster with the contracts' objects, further ones, and without some; later objects replace those of their name."""
    found: dict[tuple[str, str, str], Json] = {_place(item): item for item in (*objects_of(teams, personas), *members, *extra)}
    for item in without:
        del found[_place(item)]
    seen = look(found.values(), unknown, SERVED)
    names = [each.namespace for each in teams] if there is None else there
    spaces = tuple({"metadata": {"name": name}} for name in names)
    return PlatformSnapshot({**seen.listed, NAMESPACES: Listed("read", spaces)}, served=SERVED)


def _place(item: Json) -> tuple[str, str, str]:
    return item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"]


def answered(snapshot: PlatformSnapshot, questions: Iterable[Question]) -> Answers:
    """What a server answers that has these roles and bindings."""
    grants = Grants(snapshot)
    return Answers({each: Answered(bool(allowing(grants.of(each.who), each)), "by RBAC") for each in questions})


def matrix_of(snapshot: PlatformSnapshot, teams: Sequence[Contract] = TEAMS, personas: Mapping[str, Persona] = PERSONAS) -> Matrix:
    return access_matrix(teams, personas, snapshot)


def judged(
    snapshot: PlatformSnapshot, teams: Sequence[Contract] = TEAMS, answers: Answers | None = None, **more: Any
) -> list[CheckFinding]:
    """What is found; every finding is of a check that is listed, and told once."""
    matrix = matrix_of(snapshot, teams, **more)
    found = access_findings(matrix, answers or answered(snapshot, matrix.questions))
    assert {finding.check for finding in found} <= {check.id for check in CHECKS}
    assert len({finding.id for finding in found}) == len(found)
    return found


def results(found: Iterable[CheckFinding]) -> dict[str, str]:
    """Subject to result, of the rows."""
    return {each.subject: each.result for each in found if each.check.endswith(".rows")}


def wrong(found: Iterable[CheckFinding]) -> dict[str, str]:
    """Subject to message, of all that fails."""
    return {each.subject: each.message for each in found if each.result == "fail"}
