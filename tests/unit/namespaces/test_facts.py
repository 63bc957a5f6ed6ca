# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts of the cluster that contracts lean on: each that is missing or broken is told alone, and what is not known is not passed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.facts import (
    CLUSTER_RUNTIMES,
    KUEUES,
    OPERANDS,
    RUNTIMES,
    fact_findings,
    secrets_to_read,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.judging import Scene
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.plan import plan_namespaces
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, Named, NamedRead, PlatformSnapshot

from tests.unit.namespaces.builders import EVERYTHING, Json, contract
from tests.unit.namespaces.test_judging import ALL, TODAY, namespace
from tests.unit.namespaces.test_plan import FLEET
from tests.unit.platform.accelerators.support import CLASSES

OAUTHS, AUTHENTICATIONS = "oauths.config.openshift.io", "authentications.config.openshift.io"
POLICIES = OPERANDS["nvidia"][0]
STORE = Named("v1", "Secret", "team-chat", "s3")
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_S3_ENDPOINT", "AWS_SECRET_ACCESS_KEY")
WHOLE = NamedRead("read", keys=KEYS)


def policy(state: str) -> Json:
    condition = {"type": "Ready", "status": "True" if state == "ready" else "False", "reason": "Operands", "message": "driver pods crash"}
    return {
        "apiVersion": "nvidia.com/v1",
        "kind": "ClusterPolicy",
        "metadata": {"name": "gpu", "generation": 1},
        "status": {"state": state, "conditions": [condition]},
    }


def oauth(*names: str) -> Json:
    providers = [{"name": name, "type": "OpenID"} for name in names]
    return {
        "apiVersion": "config.openshift.io/v1",
        "kind": "OAuth",
        "metadata": {"name": "cluster"},
        "spec": {"identityProviders": providers},
    }


IN_ORDER: Mapping[str, Sequence[Json]] = {
    "namespaces": [namespace("team-chat")],
    "nodes": [{"kind": "Node", "metadata": {"name": "gpu-0"}, "status": {"allocatable": {"nvidia.com/gpu": "8"}}}],
    POLICIES: [policy("ready")],
    KUEUES: [],
    OAUTHS: [oauth("corp")],
    AUTHENTICATIONS: [],
    RUNTIMES: [{"kind": "ServingRuntime", "metadata": {"name": "vllm-nvidia", "namespace": "team-chat"}}],
    CLUSTER_RUNTIMES: [],
}


def told(
    lists: Mapping[str, Sequence[Json]] = IN_ORDER,
    secret: NamedRead = WHOLE,
    hidden: Sequence[str] = (),
    absent: Sequence[str] = (),
) -> dict[str, tuple[str, str]]:
    """The findings that are no pass, by check."""
    listed = {name: Listed("read", tuple(items)) for name, items in lists.items()}
    listed |= {name: Listed("forbidden", reason=f"the account may not list {name}") for name in hidden}
    listed |= {name: Listed("absent") for name in absent}
    given = [contract(EVERYTHING)]
    plan = plan_namespaces(given, CLASSES, FLEET, ALL)
    snapshot = PlatformSnapshot(listed, {STORE: secret})
    found = fact_findings(Scene(given, plan, FLEET, snapshot, TODAY))
    return {each.check.removeprefix("namespaces."): (each.result, each.message) for each in found if each.failed}


def test_cluster_in_order_gives_no_alarm() -> None:
    assert told() == {}


@pytest.mark.parametrize(
    ("changes", "check", "says"),
    [
        ({POLICIES: [policy("notReady")]}, "cluster.operator", "ClusterPolicy gpu is not ready"),
        ({OAUTHS: [oauth()]}, "people.login", "no identity provider is configured"),
        ({RUNTIMES: []}, "grants.runtime", "neither a ServingRuntime vllm-nvidia"),
    ],
)
def test_each_thing_that_is_wrong_is_found_alone(changes: Mapping[str, Sequence[Json]], check: str, says: str) -> None:
    found = told({**IN_ORDER, **changes})
    assert set(found) == {check}
    assert found[check][0] == "fail"
    assert says in found[check][1]


@pytest.mark.parametrize(
    ("secret", "result", "says"),
    [
        (NamedRead("absent"), "fail", "it is not there"),
        (NamedRead("read", keys=("password",)), "fail", "has none of the keys"),
        (NamedRead("read", keys=KEYS[:2]), "fail", "it lacks AWS_SECRET_ACCESS_KEY"),
        (NamedRead("forbidden", reason="the account may not get secrets"), "not_evaluated", "the account may not get secrets"),
    ],
)
def test_secret_that_is_not_as_needed_or_not_known_is_told(secret: NamedRead, result: str, says: str) -> None:
    found = told(secret=secret)
    assert set(found) == {"people.secret"}
    assert found["people.secret"][0] == result
    assert says in found["people.secret"][1]


@pytest.mark.parametrize(
    ("hidden", "check"),
    [(POLICIES, "cluster.operator"), (KUEUES, "cluster.operator"), (OAUTHS, "people.login"), (RUNTIMES, "grants.runtime")],
)
def test_what_may_not_be_listed_is_not_evaluated(hidden: str, check: str) -> None:
    assert {name: result for name, (result, _words) in told(hidden=[hidden]).items()} == {check: "not_evaluated"}


def test_cluster_without_such_operators_or_logins_of_its_own_is_not_asked() -> None:
    lists = {name: items for name, items in IN_ORDER.items() if name not in (POLICIES, KUEUES, OAUTHS, AUTHENTICATIONS)}
    assert told(lists, absent=[POLICIES, KUEUES, OAUTHS, AUTHENTICATIONS]) == {}


def test_secrets_are_read_only_of_namespaces_that_are_there() -> None:
    listed = {"namespaces": Listed("read", (namespace("team-chat"),))}
    given = [contract(EVERYTHING), contract(EVERYTHING, namespace="team-new")]
    assert secrets_to_read(given, PlatformSnapshot(listed)) == [STORE]
