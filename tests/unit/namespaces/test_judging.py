# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contracts against a cluster: each thing that is wrong alone, each that is not known, and nothing on one in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.check_list import CHECKS
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.model import Contract
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.judging import (
    GROUPS,
    NAMESPACES,
    QUOTAS,
    ROLES,
    Scene,
    findings_of,
    refusing,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.plan import Served, plan_namespaces
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.model import Fleet
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, PlatformSnapshot

from tests.unit.namespaces.builders import SMALL, Json, contract
from tests.unit.namespaces.test_plan import FLEET
from tests.unit.platform.accelerators.support import CLASSES

TODAY = "2026-11-22"
ALL = Served("v1beta2", cluster_quotas=True, monitors=True, profiles="v1")
IDS = {check.id for check in CHECKS}
ROLE = "groundwork-readiness-persona-data-scientist"


def group(name: str, *users: str) -> Json:
    return {"kind": "Group", "metadata": {"name": name}, "users": list(users)}


def namespace(name: str, **labels: str) -> Json:
    return {"kind": "Namespace", "metadata": {"name": name, "labels": {"readiness.groundwork.io/stage": "namespaces", **labels}}}


def role(name: str) -> Json:
    return {"kind": "ClusterRole", "metadata": {"name": name}}


def quota(used: Mapping[str, str]) -> Json:
    return {"kind": "ResourceQuota", "metadata": {"name": "readiness-quota", "namespace": "team-forecast"}, "status": {"used": dict(used)}}


IN_ORDER: Mapping[str, Sequence[Json]] = {
    NAMESPACES: [namespace("team-forecast")],
    QUOTAS: [quota({"requests.cpu": "2", "pods": "3"})],
    GROUPS: [group("retail-ai-owners", "a"), group("team-forecast", "b", "c")],
    ROLES: [role(ROLE)],
}


def judged(
    *contracts: Contract,
    lists: Mapping[str, Sequence[Json]] = IN_ORDER,
    hidden: Sequence[str] = (),
    absent: Sequence[str] = (),
    fleet: Fleet = FLEET,
    served: Served = ALL,
) -> list[CheckFinding]:
    given = contracts or (contract(),)
    listed = {name: Listed("read", tuple(items)) for name, items in lists.items()}
    listed |= {name: Listed("forbidden", reason=f"the account may not list {name}") for name in hidden}
    listed |= {name: Listed("absent") for name in absent}
    plan = plan_namespaces(given, CLASSES, fleet, served)
    found = findings_of(Scene(given, plan, fleet, PlatformSnapshot(listed), TODAY))
    assert {finding.check for finding in found} <= IDS
    assert len({finding.id for finding in found}) == len(found)
    return found


def alarms(found: Sequence[CheckFinding]) -> dict[str, tuple[str, str]]:
    """Check without its first word to result and message, of what keeps the contracts from being held."""
    return {finding.check.partition(".")[2]: (finding.result, finding.message) for finding in found if finding.failed}


def test_cluster_in_order_gives_no_alarm() -> None:
    assert alarms(judged()) == {}


def changed(name: str, *items: Json) -> Mapping[str, Sequence[Json]]:
    return {**IN_ORDER, name: items}


GRANT = {"accelerators": [{"name": "chat", "class": "large-inference", "count": 8, "replicas": 9}]}


@pytest.mark.parametrize(
    ("changes", "lists", "check", "says", "refuses"),
    [
        ({}, changed(GROUPS, group("team-forecast", "b")), "people.group", "there is no Group retail-ai-owners", True),
        ({}, changed(GROUPS, group("team-forecast"), group("retail-ai-owners", "a")), "people.group", "has no members", True),
        ({}, changed(ROLES), "people.role", f"there is no ClusterRole {ROLE}", False),
        ({}, changed(QUOTAS, quota({"requests.cpu": "17", "pods": "3"})), "bounds.in_use", "requests.cpu 17 of 16", True),
        ({}, changed(QUOTAS, quota({"requests.cpu": "16001m"})), "bounds.in_use", "requests.cpu 16001m of 16", True),
        ({}, changed(QUOTAS, quota({"requests.memory": "65Gi"})), "bounds.in_use", "requests.memory 65Gi of 64Gi", True),
        (
            {"network": {"isolation": "own_network", "subnets": ["10.1.0.0/16"]}},
            IN_ORDER,
            "bounds.isolation",
            "was made without a network of its own",
            True,
        ),
        (
            {},
            changed(NAMESPACES, namespace("team-forecast", **{"k8s.ovn.org/primary-user-defined-network": ""})),
            "bounds.isolation",
            "was made with a network of its own, and its contract says policies",
            True,
        ),
        ({"expires": "2026-11-21"}, IN_ORDER, "life.expiry", "it ended on 2026-11-21, 1 day ago", False),
        ({"expires": "2026-11-21"}, changed(NAMESPACES), "life.over_before", "the namespace is not there yet", True),
        ({"expires": "2026-12-22"}, IN_ORDER, "life.ending", "within 30 days: 30 days left", False),
        ({"expires": "2026-11-22"}, IN_ORDER, "life.ending", "within 7 days: 0 days left", False),
        (GRANT, IN_ORDER, "grants.covered", "team-forecast are granted 72, and nodes have", True),
        ({"accelerators": [{"name": "a", "class": "large-inference", "count": 64}]}, IN_ORDER, "grants.resolved", "64 devices", True),
    ],
)
def test_each_thing_that_is_wrong_is_found_alone(changes: Json, lists: Any, check: str, says: str, refuses: bool) -> None:
    found = judged(contract(SMALL, **changes), lists=lists)
    told = alarms(found)
    assert set(told) == {check}, told
    assert told[check][0] == "fail"
    assert says in told[check][1], told[check]
    assert bool(refusing(found)) is refuses


def test_grant_that_ends_after_thirty_one_days_is_no_warning_yet() -> None:
    assert alarms(judged(contract(SMALL, expires="2026-12-23"))) == {}


@pytest.mark.parametrize(
    ("hidden", "checks"),
    [
        (GROUPS, {"people.group"}),
        (ROLES, {"people.role"}),
        (QUOTAS, {"bounds.in_use"}),
        (NAMESPACES, {"bounds.isolation", "objects.foreign"}),
    ],
)
def test_what_the_account_may_not_list_is_not_evaluated(hidden: str, checks: set[str]) -> None:
    told = alarms(judged(hidden=[hidden]))
    assert set(told) == checks
    assert {result for result, _message in told.values()} == {"not_evaluated"}


def test_groups_of_an_external_issuer_are_not_evaluated_and_those_of_the_server_need_none() -> None:
    (told,) = {(each.result, each.severity) for each in judged(absent=[GROUPS]) if each.check == "namespaces.people.group"}
    assert told == ("not_evaluated", "warning"), "no run could ever find out, and none fails for it"
    system = contract(SMALL, personas=[{"persona": "data_scientist", "groups": ["system:authenticated"]}])
    assert alarms(judged(system)) == {}


def test_fleet_that_nobody_knows_leaves_grants_not_evaluated() -> None:
    granted = contract(SMALL, accelerators=[{"name": "chat", "class": "large-inference"}])
    told = alarms(judged(granted, fleet=Fleet(unknown="nodes could not be read")))
    assert told == {"grants.resolved": ("not_evaluated", "nodes could not be read")}


def test_grants_of_all_contracts_together_are_held_against_the_nodes() -> None:
    asked = {"accelerators": [{"name": "chat", "class": "large-inference", "count": 8, "prefer": ["nvidia"]}]}
    two = [contract(SMALL, namespace=f"team-{name}", **asked) for name in "ab"]
    lists = {**IN_ORDER, NAMESPACES: [], QUOTAS: []}
    assert "grants.covered" not in alarms(judged(*two, lists=lists))
    told = alarms(judged(*two, contract(SMALL, namespace="team-c", **asked), lists=lists))
    assert "team-a, team-b and team-c are granted 24, and nodes have 16" in told["grants.covered"][1]


def test_kinds_that_the_cluster_does_not_serve_are_named_once() -> None:
    found = [finding for finding in judged(served=Served()) if finding.check == "namespaces.cluster.kinds"]
    assert [finding.subject for finding in found] == ["ClusterResourceQuota", "LocalQueue"]
