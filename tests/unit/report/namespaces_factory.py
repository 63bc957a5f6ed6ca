# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Namespaces for the tests of the report: records by hand, valid by the stage's schema, and views made of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.model import NOT_IN_TARGET
from ansible_collections.groundwork.readiness.plugins.module_utils.report import view
from ansible_collections.groundwork.readiness.plugins.module_utils.report.namespaces_build import namespaces_report
from ansible_collections.groundwork.readiness.plugins.module_utils.report.namespaces_view import NamespacesView

from tests.unit.report import factory, people_factory

Record = dict[str, Any]

HOSTILE = people_factory.HOSTILE
FORMULA = people_factory.FORMULA
CLUSTER = "0b3f6a52-6a0e-4a8e-9a44-5b3a3f1c7d11"
TODAY = "2027-01-04"
GPU = "nvidia.com/gpu"
SLICE = "nvidia.com/mig-3g.40gb"
NO_PODS = "what pods hold could not be read"
DRIFT = (
    "accelerators: spec.hard[requests.nvidia.com/gpu] is 32, declared 6; somebody changed it since it was applied; "
    "to be taken back: kubectl-edit has .spec.hard"
)
CONTACTS = {"retail": "retail-ai@example.com", "risk": "", "vision": "vision@example.com", "speech": HOSTILE}
CENTRES = {"retail": "cc-4711", "risk": "cc-2040", "vision": "cc-0815", "speech": "cc-0816"}


def header(mode: str = "verify", **facts: Any) -> Record:
    """First line of the artifact, as far as a report looks at it."""
    inputs = [{"name": "retail-chat.yml", "sha256": "ab" * 32}, {"name": "site.yml", "sha256": "cd" * 32}]
    return {"mode": mode, "cluster": CLUSTER, "today": TODAY, "inputs": inputs, **facts}


def contract(namespace: str, owner: str = "retail", state: str = "ready", days: int = 177, **facts: Any) -> Record:
    """A contract of which nearly everything is given."""
    record = {
        "kind": "contract",
        "id": namespace,
        "name": namespace,
        "part": namespace,
        "display_name": f"{namespace.replace('-', ' ').capitalize()}",
        "description": "",
        "owner": owner,
        "owner_group": f"{owner}-owners",
        "cost_centre": CENTRES.get(owner, "cc-1"),
        "contact": CONTACTS.get(owner, ""),
        "classification": "confidential",
        "jurisdiction": "eu",
        "expires": "2027-06-30",
        "days_left": days,
        "ticket": "CHG-1",
        "source": f"{namespace}.yml",
        "personas": [f"ml_engineer: group {owner}-engineers", "service: service account delivery"],
        "devices": {GPU: 4},
        "cpu": 32.0,
        "memory_gib": 256.0,
        "queue": "default",
        "isolation": "policies",
        "data_sources": [],
        "exists": True,
        "state": state,
        "reason": "" if state == "ready" else f"{namespace}: something is the matter",
        "counts": {"pass": 1, "fail": 0, "not_applicable": 0, "waived": 0, "not_evaluated": 0},
    }
    return {**record, **facts}


def finding(namespace: str, check: str, subject: str, result: str = "fail", state: str = "changed", **facts: Any) -> Record:
    """What a check found; `check` is its id without the stage."""
    whole = f"namespaces.{check}"
    record = {"kind": "finding", "id": f"{namespace}/{whole}/{subject}", "check": whole, "part": namespace, "subject": subject}
    told = {"state": "in_step" if result == "pass" else state, "result": result, "severity": "critical", "action": "none"}
    return {**record, **told, "layer": "bounds", **facts}


def grant(namespace: str, name: str, **facts: Any) -> Record:
    """A grant of four devices."""
    record = {"kind": "grant", "id": f"{namespace}/{name}", "name": name, "part": namespace, "device_class": "large", "devices": 4}
    served = {"resource": GPU, "flavor": "h100", "nodes": ["gpu-0", "gpu-1"], "refused_reason": "", "not_evaluated_reason": ""}
    return {**record, **served, **facts}


def headroom(namespace: str, name: str, units: int | None, **facts: Any) -> Record:
    """How many more pods of a grant would run; None where nobody knows."""
    record = {"kind": "headroom", "id": f"{namespace}/{name}", "name": name, "part": namespace, "device_class": "large", "granted": 4}
    if units is None:
        unknown = dict.fromkeys(("units", "binding", "used"), "nodes (pods could not be read)")
        return {**record, "allowed": {}, "left_out": [], "unknown": unknown, **facts}
    quota = f"ResourceQuota {namespace}/readiness-quota"
    known = {"resource": GPU, "flavor": "h100", "asks": {"cpu": "8", GPU: "1"}, "used": 3, "units": units}
    return {**record, **known, "binding": [quota], "allowed": {quota: units, "nodes": 9}, "left_out": [], **facts}


def access(namespace: str, bearer: str, persona: str, wrong: list[str] | None, **facts: Any) -> Record:
    """What a bearer of a persona may do there."""
    record = {"kind": "access", "id": f"{namespace}/{persona}/{bearer.replace(' ', '/')}", "name": bearer, "part": namespace}
    asked = {"bearer": bearer, "persona": persona, "namespace": namespace, "allowed_rows": 12, "denied_rows": 9, "asked": 90}
    told = {"unknown": {"wrong": "4 of 90 questions have no answer: timed out"}} if wrong is None else {"wrong": wrong}
    return {**record, **asked, "asked_alike": 40, **told, **facts}


def proof(namespace: str, grant: str, code: str, **facts: Any) -> Record:
    """What came of a Job that was run as the tenant."""
    record = {"kind": "proof", "id": f"{namespace}/{grant}", "name": grant, "part": namespace, "grant": grant, "code": code}
    asked = {"layer": code.partition(".")[0], "bearer": "group engineers", "queue": "default", "vendor": "nvidia", "resource": GPU}
    return {**record, **asked, "devices": 1, "words": "", "evidence": [], **facts}


def share(namespace: str, granted: dict[str, int], used: dict[str, int] | None) -> Record:
    """What a namespace has of its grant."""
    record: Record = {"namespace": namespace, "granted": granted}
    if used is None:
        return record
    return {**record, "used": used, "idle": {name: max(0, amount - used.get(name, 0)) for name, amount in granted.items()}}


def owner(name: str, *shares: Record) -> Record:
    """An owner of these namespaces, summed up."""
    record: Record = {"kind": "owner", "id": name, "name": name, "cost_centre": CENTRES.get(name, "cc-1")}
    record |= {"namespaces": [each["namespace"] for each in shares], "shares": list(shares)}
    unknown = {}
    for fact in ("granted", "used", "idle"):
        if all(fact in each for each in shares):
            names = sorted({resource for each in shares for resource in each[fact]})
            record[fact] = {resource: sum(each[fact].get(resource, 0) for each in shares) for resource in names}
        else:
            unknown[fact] = NO_PODS
    return {**record, "unknown": unknown} if unknown else record


def owned_object(identity: str, part: str, **facts: Any) -> Record:
    """An object as it was compared."""
    record = {"kind": "object", "id": identity, "name": identity.rpartition("/")[2], "part": part, "state": "in_step", "result": "pass"}
    return {**record, "action": "none", "fields": [], "path": "quota", "awaits": "", "validated": True, **facts}


def reading(resource: str, state: str = "read", **facts: Any) -> Record:
    """A list that was read, or was not."""
    known = {"count": 12} if state == "read" else {"reason": f"the account may not list {resource}", "costs": ["where data is"]}
    return {"kind": "reading", "id": resource, "name": resource, "part": "", "kind_name": "Thing", "state": state, **known, **facts}


def contracts() -> list[Record]:
    """Contracts in every state, of four owners, some of which end."""
    return [
        contract(
            "retail-chat", state="broken", description=f"Answers {HOSTILE}", data_sources=["orders of data@example.com, kept 90 days"]
        ),
        contract("retail-search", devices={}, classification="internal", jurisdiction="", isolation="own_network", personas=[]),
        contract("risk-fraud", "risk", "missing", 5, expires="2027-01-09", devices={GPU: 6}, classification="restricted"),
        contract("risk-labs", "risk", "not_evaluated", -3, expires="2027-01-01", reason="pods: the account may not list them"),
        contract("vision-train", "vision", "waiting", 23, expires="2027-01-27", devices={GPU: 2, SLICE: 8}),
        contract("speech", "speech", "missing", 177, exists=False, display_name=HOSTILE, reason=HOSTILE),
    ]


def findings() -> list[Record]:
    """Findings of every result and severity."""
    quota = "ResourceQuota risk-fraud/readiness-quota"
    evidence = [{"object": quota, "field": "spec.hard[requests.nvidia.com/gpu]", "observed": "32", "expected": "6"}]
    rights = "give the account the right to read it, or see why it could not be read"
    return [
        finding("cluster", "grants.covered", "nvidia.com/gpu of h100", "pass", message="16 of 16 are granted", layer="grants"),
        finding(
            "cluster", "cluster.reading", "pods", "not_evaluated", "not_evaluated", message="the account may not list pods", remedy=rights
        ),
        finding("owners.retail", "objects.object", "ClusterQueue groundwork-readiness-retail", "pass"),
        finding(
            "retail-chat",
            "objects.extra",
            "RoleBinding retail-chat/help",
            state="extra",
            message="no contract declares RoleBinding retail-chat/help: ClusterRole admin for Group system:authenticated",
            remedy="have it declared in the contract, or delete it",
            path="personas",
        ),
        finding("retail-chat", "people.group", "group retail-owners of retail-chat", "pass", layer="people", message="3 members"),
        finding("retail-chat", "objects.foreign", "namespace retail-chat", "pass"),
        finding("retail-search", "objects.object", "Namespace retail-search", "pass"),
        finding(
            "retail-search", "bounds.in_use", "quota of retail-search", "not_applicable", "in_step", message="nothing is counted there yet"
        ),
        finding(
            "risk-fraud",
            "people.group",
            "group risk-scientists of risk-fraud",
            state="missing",
            message="there is no Group risk-scientists",
            remedy="create or sync the group",
            refuses=True,
            layer="people",
            path="personas[0].groups",
        ),
        finding(
            "risk-fraud", "objects.object", quota, action="update", message=DRIFT, fields=["spec.hard"], evidence=evidence, path="quota"
        ),
        finding(
            "risk-fraud", "life.ending", "grant of risk-fraud", severity="warning", message="5 days are left", remedy="renew it in time"
        ),
        finding(
            "risk-labs", "life.expiry", "grant of risk-labs", message="it ended on 2027-01-01, 3 days ago", remedy="renew the contract"
        ),
        finding(
            "risk-labs",
            "bounds.in_use",
            "quota of risk-labs",
            "not_evaluated",
            "not_evaluated",
            message="resourcequotas: forbidden",
            remedy=rights,
        ),
        finding(
            "vision-train",
            "life.regions",
            "regions of vision-train",
            "waived",
            severity="information",
            message="eu-central and eu-west; waived by vision@example.com until 2027-03-31: until the nodes are there",
        ),
        finding("vision-train", "people.hint", "persona trainer", severity="information", message="nobody has it"),
        finding("speech", "objects.object", "Namespace speech", state="missing", action="create", message=HOSTILE, remedy=f"see {HOSTILE}"),
        finding("gone", "objects.object", "Namespace gone", state="orphaned", message=FORMULA, remedy=FORMULA),
    ]


def records() -> list[Record]:
    """One of everything, in the order of an artifact."""
    wrong = [f"pods/exec may be created: RoleBinding retail-chat/help {HOSTILE}", FORMULA]
    found = [
        {"kind": "cluster", "id": CLUSTER, "name": "ocp-ai", "kubernetes_version": "1.34.4", "openshift_version": "4.21.9", "part": ""},
        *contracts(),
        *findings(),
        grant("retail-chat", "serving"),
        grant("risk-fraud", "training", devices=6, resource="", flavor="", nodes=[], refused_reason="no node has 6 devices"),
        grant("risk-labs", "lab", resource="", flavor="", nodes=[], not_evaluated_reason="nodes could not be read"),
        grant("vision-train", "batch", resource=SLICE, devices=8),
        headroom("retail-chat", "serving", 3),
        headroom("risk-labs", "lab", None),
        headroom("vision-train", "batch", 0, left_out=["queue"]),
        access("retail-chat", "group retail-engineers", "ml_engineer", wrong),
        access("retail-chat", "service account delivery", "service", []),
        access("risk-labs", "group risk-engineers", "ml_engineer", None),
        proof("retail-chat", "serving", "run.succeeded", devices_seen=1, node="gpu-0", reach={"10.20.0.0/16": "open"}),
        proof("risk-fraud", "training", "scheduling.taint", words=f"untolerated taint {HOSTILE}"),
        proof("vision-train", "batch", "run.of_a_newer_version"),
        owner("retail", share("retail-chat", {GPU: 4}, {GPU: 3}), share("retail-search", {}, {})),
        owner("risk", share("risk-fraud", {GPU: 6}, None), share("risk-labs", {GPU: 4}, None)),
        owner("vision", share("vision-train", {GPU: 2, SLICE: 8}, {GPU: 5, SLICE: 0})),
        owner("speech", share("speech", {GPU: 4}, {})),
        owned_object("Namespace retail-search", "retail-search"),
        owned_object("ResourceQuota risk-fraud/readiness-quota", "risk-fraud", state="changed", result="fail", action="update"),
        owned_object("Namespace speech", "speech", state="missing", result="fail", action="create", path="namespace"),
        reading("namespaces"),
        reading("pods", "forbidden", permission="list pods"),
        reading("egressfirewalls.k8s.ovn.org", "absent"),
        {
            "kind": "notice",
            "id": "1",
            "name": "1",
            "code": "slow",
            "message": f"the server was slow {HOSTILE}",
            "remedy": "wait",
        },
    ]
    return sorted(found, key=lambda record: (record["kind"], record["id"]))


def saved_records() -> list[Record]:
    """What a saved target tells: of accelerators alone."""
    unread = [reading(name, "failed", reason=f"{name}: {NOT_IN_TARGET}") for name in ("namespaces", "resourcequotas")]
    reason = f"quota of retail-chat: resourcequotas: {NOT_IN_TARGET}"
    found = [
        contract("retail-chat", state="not_evaluated", reason=reason),
        finding("retail-chat", "grants.resolved", "grant retail-chat/serving", "pass", layer="grants", message="4 of nvidia.com/gpu"),
        finding(
            "retail-chat",
            "bounds.in_use",
            "quota of retail-chat",
            "not_evaluated",
            "not_evaluated",
            message=f"resourcequotas: {NOT_IN_TARGET}",
        ),
        grant("retail-chat", "serving"),
        *unread,
    ]
    del found[0]["exists"]
    return sorted(found, key=lambda record: (record["kind"], record["id"]))


def kept_records() -> list[Record]:
    """Two namespaces that are as their contracts say."""
    names = ("retail-chat", "retail-search")
    found = [
        *(contract(name) for name in names),
        *(finding(name, "objects.object", f"Namespace {name}", "pass") for name in names),
        *(owned_object(f"Namespace {name}", name) for name in names),
        owner("retail", *(share(name, {GPU: 4}, {GPU: 4}) for name in names)),
        reading("namespaces"),
    ]
    return sorted(found, key=lambda record: (record["kind"], record["id"]))


def crowd(count: int) -> list[Record]:
    """So many namespaces of a third as many owners; every seventh is not kept."""
    found: list[Record] = []
    shares: dict[str, list[Record]] = {}
    for number in range(count):
        name, team, off = f"team-{number // 3:03d}-{number:03d}", f"team-{number // 3:03d}", number % 7 == 0
        found.append(contract(name, team, "broken" if off else "ready", (number * 37) % 400 - 10))
        found.append(grant(name, "serving"))
        found.append(headroom(name, "serving", number % 5))
        found.append(access(name, f"group {team}-engineers", "ml_engineer", ["pods/exec may be created"] if off else []))
        shares.setdefault(team, []).append(share(name, {GPU: 4}, {GPU: number % 6}))
        for place in range(20):
            identity = f"NetworkPolicy {name}/readiness-{place}"
            result = "fail" if off and place < 4 else "pass"
            found.append(finding(name, "objects.object", identity, result, message="" if result == "pass" else DRIFT, remedy="run it"))
            found.append(owned_object(identity, name))
    found += [owner(team, *each) for team, each in shares.items()]
    return sorted(found, key=lambda record: (record["kind"], record["id"]))


def namespaces_of(found: Iterable[Record], mode: str = "verify") -> NamespacesView:
    """The view of namespaces of these records."""
    return namespaces_report(found, header(mode))


def namespaces_view(mode: str = "verify", base: view.ReportView | None = None) -> view.ReportView:
    """The report of a run that has namespaces beside an estate."""
    return replace(base or factory.make_view(40), namespaces=namespaces_of(records(), mode))


def alone_view(mode: str = "verify", found: Iterable[Record] | None = None) -> view.ReportView:
    """The report of a run that is about namespaces alone."""
    namespaces = namespaces_of(records() if found is None else found, mode)
    return replace(
        factory.empty_view(),
        title=view.NAMESPACES_TITLE,
        headline=namespaces.headline,
        mode=mode,
        failed=False,
        stages=(view.StageView("namespaces", "ocp-ai", "ran"),),
        in_scope=None,
        verdicts=(),
        rules=(),
        sources=(),
        inputs=(),
        excluded=(),
        estate_vm_count=None,
        provisional=None,
        namespaces=namespaces,
        namespaces_alone=True,
    )
