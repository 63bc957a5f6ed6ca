# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example contracts: without a fault, valid by the schema, and granted in full by the demo's saved target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import FAIL
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.model import Contract
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.rules import contract_problems
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.judging import Scene, findings_of
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.plan import NamespacesPlan, Served, plan_namespaces
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.classes import classes_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.shape import keys_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import PlatformSnapshot

from tests.unit.namespaces.examples import classes, contracts, demo_fleet, example, examples, known, shipped
from tests.unit.platform.accelerators.test_examples import SIZES
from tests.unit.platform.accelerators.test_examples import example as platform_example

TODAY = "2026-11-23"
ALL = Served("v1beta2", cluster_quotas=True, monitors=True, profiles="v1")
NAMES = ("docs-search", "fraud-training", "retail-assistant")


def planned() -> NamespacesPlan:
    """The plan for all of them on the demo's target."""
    return plan_namespaces(contracts(), classes(), demo_fleet(), ALL)


def object_of(kind: str, name: str) -> Mapping[str, Any]:
    """The one object of that kind and name that is planned."""
    (found,) = [each.object for each in planned().objects if each.object["kind"] == kind and each.object["metadata"]["name"] == name]
    return found


def test_examples_are_without_fault_for_shipped_classes_and_personas() -> None:
    found = examples()
    assert (found.problems, found.warnings) == ((), ())
    assert [problem.text() for problem in contract_problems(found.placed, known())] == []
    assert tuple(each.contract.namespace for each in found.placed) == NAMES


@pytest.mark.parametrize("size", SIZES)
def test_classes_of_the_examples_are_those_of_every_platform_example(size: str) -> None:
    wanted = {each.device_class for contract in contracts() for each in contract.accelerators}
    assert wanted <= set(classes_of(platform_example(size), shipped()))


@pytest.mark.parametrize("name", NAMES)
def test_file_is_called_after_its_namespace(name: str) -> None:
    assert example(name)["namespace"] == name


def test_every_key_of_a_contract_stands_in_an_example_but_taking_over_a_namespace() -> None:
    shown = {key for name in NAMES for key in example(name)}
    assert {key.name for key in keys_of(Contract)} - shown == {"adopt", "offboarding"}


def test_every_grant_comes_to_devices_of_the_demo_target() -> None:
    plan = planned()
    assert plan.unsettled == ()
    resolved = {
        (name, each.name): (each.choice and each.choice.resource, each.devices) for name in NAMES for each in plan.grants[name].entries
    }
    assert resolved == {
        ("docs-search", "embedding"): ("nvidia.com/gpu.shared", 4),
        ("fraud-training", "notebooks"): ("nvidia.com/gpu", 2),
        ("fraud-training", "training"): ("nvidia.com/gpu", 4),
        ("retail-assistant", "assistant"): ("nvidia.com/gpu", 4),
    }


def test_grants_are_no_more_than_the_demo_target_has() -> None:
    plan = planned()
    found = findings_of(Scene(contracts(), plan, demo_fleet(), PlatformSnapshot({}), TODAY))
    failures = Counter(finding.check for finding in found if finding.result == FAIL)
    assert failures == {"namespaces.life.regions": 1}, "two regions, which the example waives"


def test_owner_of_two_namespaces_has_one_quota_and_one_queue_for_both() -> None:
    assert Counter(each.owner.name for each in contracts()) == {"retail": 2, "risk": 1}
    hard = object_of("ClusterResourceQuota", "groundwork-readiness-retail")["spec"]["quota"]["hard"]
    assert (hard["requests.nvidia.com/gpu"], hard["requests.nvidia.com/gpu.shared"]) == ("4", "4")
    granted = {name: dict(planned().grants[name].by_resource()) for name in NAMES}
    assert granted["docs-search"]["nvidia.com/gpu"] == 0


def test_training_borrows_what_the_other_owner_leaves_idle_and_lends_in_return() -> None:
    entries = {
        owner: entry
        for owner in ("retail", "risk")
        for group in object_of("ClusterQueue", f"groundwork-readiness-{owner}")["spec"]["resourceGroups"]
        for flavor in group["flavors"]
        for entry in flavor["resources"]
        if entry["name"] == "nvidia.com/gpu"
    }
    assert entries["risk"] == {"name": "nvidia.com/gpu", "nominalQuota": "6", "borrowingLimit": "4"}
    assert entries["retail"] == {"name": "nvidia.com/gpu", "nominalQuota": "4"}
