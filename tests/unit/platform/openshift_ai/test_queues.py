# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kueue by its installed version, flavors of any vendor, cohort, priorities, and what nobody asked for."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import SINGLETON, STAGE_LABEL
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.model import Resolution
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import (
    OperatorsWanted,
    OperatorWanted,
    PriorityWanted,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.openshift_ai.kueue import (
    FRAMEWORKS,
    RELEASES,
    supported_versions,
)

from tests.unit.platform.openshift_ai.builders import (
    CSVS,
    H100,
    RESOLVED,
    choice,
    look,
    named,
    objects,
    of,
    one,
    plan_of,
    queues,
    served,
    wanted,
)

Json = dict[str, Any]
FLAVORS, COHORTS, PRIORITIES = (f"{plural}.kueue.x-k8s.io" for plural in ("resourceflavors", "cohorts", "workloadpriorityclasses"))


def pinned(version: str) -> OperatorsWanted:
    return OperatorsWanted(wanted=(OperatorWanted(name="kueue", version=version), OperatorWanted(name="rhoai")))


def csv(version: str) -> Json:
    owned = [{"name": "kueues.kueue.openshift.io"}]
    return named(f"kueue-operator.v{version}", "openshift-kueue-operator", spec={"customresourcedefinitions": {"owned": owned}})


# ---- the operator ----------------------------------------------------------------------------------------------------------------


def test_kueue_is_the_singleton_of_its_operator_with_each_framework_once() -> None:
    plan = plan_of(wanted(queues=queues()))
    item = next(item for item in plan.objects if item.object["kind"] == "Kueue")
    assert (item.claim, item.object["metadata"]["name"], item.awaits) == (SINGLETON, "cluster", "kueue")
    assert item.object["spec"]["config"]["integrations"]["frameworks"] == ["Pod", "BatchJob"]
    assert [wait.ref.kind for wait in plan.waits] == ["DSCInitialization", "DataScienceCluster", "Kueue"]


def test_without_queues_there_is_neither_kueue_nor_a_flavor() -> None:
    plan = plan_of(wanted(components={"dashboard": "Managed"}))
    assert not of(plan, "kueue.operator")
    assert not objects(plan, "Kueue")
    assert not objects(plan, "ResourceFlavor")


@pytest.mark.parametrize("section", [wanted(queues=queues()), wanted(components={"kueue": "Unmanaged"})])
def test_kueue_without_its_operator_is_refused_and_one_that_is_there_is_enough(section: Any) -> None:
    alone = one(plan_of(section, look(kinds={}), operators=None), "kueue.operator")
    assert (alone.result, alone.refuses) == ("fail", True)
    assert one(plan_of(section, operators=None), "kueue.operator").result == "pass"
    assert one(plan_of(section, look(kinds={})), "kueue.operator").result == "pass"


@pytest.mark.parametrize(("state", "result"), [("Unmanaged", "pass"), ("Removed", "fail")])
def test_openshift_ai_has_to_know_of_the_queues(state: str, result: str) -> None:
    finding = one(plan_of(wanted(queues=queues(), components={"kueue": state})), "kueue.component")
    assert (finding.result, finding.severity) == (result, "warning")


# ---- by version ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "framework", "result"),
    [
        ("1.4.0", "SparkApplication", "pass"),
        ("1.3.9", "SparkApplication", "fail"),
        ("1.2.0", "TrainJob", "pass"),
        ("1.1.0", "TrainJob", "fail"),
        ("1.3.0", "LeaderWorkerSet", "pass"),
        ("1.0.0", "StatefulSet", "pass"),
        ("1.4.0", "Pods", "fail"),
    ],
)
def test_frameworks_are_those_of_the_version_that_is_pinned_or_installed(version: str, framework: str, result: str) -> None:
    section = wanted(queues=queues(frameworks=(framework,)))
    by_pin = one(plan_of(section, operators=pinned(f"kueue-operator.v{version}")), "kueue.framework")
    by_csv = one(plan_of(section, look({CSVS: [csv(version)]}), operators=None), "kueue.framework")
    assert (by_pin.result, by_csv.result) == (result, result)
    assert by_pin.refuses == (result == "fail")


def test_framework_that_an_older_version_takes_and_is_not_supported_with_is_a_warning() -> None:
    finding = one(plan_of(wanted(queues=queues(frameworks=("JobSet",))), operators=pinned("kueue-operator.v1.2.0")), "kueue.framework")
    assert (finding.result, finding.severity, finding.refuses) == ("fail", "warning", False)
    assert "supported from 1.3" in finding.message


def test_pin_beats_what_is_installed_because_it_is_there_when_the_settings_are_written() -> None:
    section = wanted(queues=queues(frameworks=("SparkApplication",)))
    snapshot = look({CSVS: [csv("1.3.0")]})
    assert one(plan_of(section, snapshot, operators=pinned("kueue-operator.v1.4.0")), "kueue.framework").result == "pass"


def test_framework_of_a_version_that_nobody_knows_is_not_evaluated_and_an_old_one_passes() -> None:
    section = wanted(queues=queues(frameworks=("SparkApplication", "BatchJob")))
    findings = {finding.subject: finding.result for finding in of(plan_of(section, operators=None), "kueue.framework")}
    assert findings == {"framework SparkApplication": "not_evaluated", "framework BatchJob": "pass"}


@pytest.mark.parametrize(("frameworks", "says"), [((), "Kueue would manage nothing"), (("Pod", "Pod"), "more than once")])
def test_frameworks_are_named_and_named_once(frameworks: tuple[str, ...], says: str) -> None:
    findings = [finding for finding in of(plan_of(wanted(queues=queues(frameworks=frameworks))), "kueue.framework") if finding.refuses]
    assert len(findings) == 1
    assert says in findings[0].message


@pytest.mark.parametrize(
    ("version", "openshift", "result", "says"),
    [
        ("1.3.1", "4.18.0", "pass", "1.3, which brings Kueue 0.16"),
        ("1.4.1", "4.22.0", "pass", ""),
        ("1.3.1", "4.17.30", "fail", "supports OpenShift 4.18 and later; this is 4.17"),
        ("1.0.0", "4.20.2", "fail", "supports OpenShift 4.18 to 4.19; this is 4.20"),
        ("1.0.0", "4.19.0", "pass", ""),
        ("1.3.1", "", "pass", ""),
        ("1.9.0", "4.21.0", "fail", "the rules of 1.9 are not known; those of 1.4 are taken"),
        ("0.9.0", "4.21.0", "fail", "the rules of 0.9 are not known; known are those of 1.0, 1.1, 1.2, 1.3, 1.4"),
    ],
)
def test_version_of_the_operator_is_held_against_the_table(version: str, openshift: str, result: str, says: str) -> None:
    snapshot = look({CSVS: [csv(version)]}, openshift=openshift)
    finding = one(plan_of(wanted(queues=queues()), snapshot, operators=None), "kueue.version")
    assert finding.result == result
    assert finding.failed == ("supports OpenShift" in says)
    assert says in finding.message


def test_version_is_not_evaluated_where_csvs_may_not_be_listed_or_none_is_there() -> None:
    unseen = one(plan_of(wanted(queues=queues()), look(forbidden=[CSVS]), operators=None), "kueue.version")
    assert (unseen.result, "may not list" in unseen.message) == ("not_evaluated", True)
    assert one(plan_of(wanted(queues=queues()), operators=None), "kueue.version").result == "not_evaluated"


def test_table_of_supported_versions_has_a_row_for_each_release() -> None:
    assert supported_versions()[0] == ("1.0", "0.11", "v1beta1", "4.18 to 4.19")
    assert supported_versions()[-1] == ("1.4", "0.18", "v1beta2", "4.18 and later")
    assert len(supported_versions()) == len(RELEASES)
    assert len(FRAMEWORKS) == 18


@pytest.mark.parametrize(
    ("kinds", "operators", "version"),
    [
        (served(), pinned("kueue-operator.v1.4.0"), "v1beta2"),
        (served(ResourceFlavor=("v1beta1",), Cohort=("v1beta1",), WorkloadPriorityClass=("v1beta1",)), None, "v1beta1"),
        ({}, pinned("kueue-operator.v1.2.0"), "v1beta1"),
        ({}, pinned("kueue-operator.v1.3.0"), "v1beta2"),
    ],
)
def test_queue_objects_are_of_the_version_that_is_served_or_comes(kinds: Any, operators: Any, version: str) -> None:
    plan = plan_of(wanted(queues=queues()), look(kinds=kinds), operators=operators)
    for kind in ("ResourceFlavor", "Cohort", "WorkloadPriorityClass"):
        assert {item["apiVersion"] for item in objects(plan, kind).values()} == {f"kueue.x-k8s.io/{version}"}


# ---- flavors ---------------------------------------------------------------------------------------------------------------------


def test_flavors_are_those_of_all_requests_whatever_the_vendor_and_one_for_cpus() -> None:
    found = objects(plan_of(wanted(queues=queues())), "ResourceFlavor")
    assert set(found) == {"cpu", "nvidia-h100", "amd-mi300x", "nvidia-a100-3g.40gb", "gaudi-3", "intel-max"}
    assert "spec" not in found["cpu"]
    assert found["gaudi-3"]["spec"] == {
        "nodeLabels": {"feature.node.kubernetes.io/gaudi": "true"},
        "tolerations": [{"key": "habana.ai/gaudi", "operator": "Exists", "effect": "NoSchedule"}],
    }
    assert "tolerations" not in found["intel-max"]["spec"]
    assert all(item.keep for item in plan_of(wanted(queues=queues())).objects if item.object["kind"] == "ResourceFlavor")


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        ((choice("example.com/npu", "npu", selector={f"l{number}": "x" for number in range(8)}),), ""),
        ((choice("example.com/npu", "npu", selector={f"l{number}": "x" for number in range(9)}),), "it has 9 labels, and may have 8"),
        ((choice("example.com/npu", "NPU"),), "cannot be the name"),
        ((choice("example.com/npu", "cpu"),), "cannot be the name"),
        ((choice("example.com/npu", "npu"), choice("example.com/npu", "npu", selector={"a": "b"})), "several sets of nodes"),
        ((choice("example.com/npu", "npu"), choice("example.com/npu", "npu", 2)), ""),
    ],
)
def test_flavor_stands_for_one_set_of_nodes_within_the_limits_of_its_kind(choices: Any, says: str) -> None:
    resolved = {f"request-{number}": Resolution(f"request-{number}", (found,)) for number, found in enumerate(choices)}
    finding = one(plan_of(wanted(queues=queues()), resolved=resolved), "kueue.flavor")
    assert finding.refuses == bool(says)
    assert says in finding.message


@pytest.mark.parametrize(
    ("resource", "item", "found"),
    [
        (FLAVORS, named("handmade"), "ResourceFlavor handmade"),
        (COHORTS, named("default"), "Cohort default"),
        (PRIORITIES, named("urgent"), "WorkloadPriorityClass urgent"),
        (FLAVORS, named("nvidia-h100"), ""),
        (COHORTS, named("ai"), ""),
        (FLAVORS, {"metadata": {"name": "old", "labels": {STAGE_LABEL: "platform"}}}, ""),
    ],
)
def test_what_nobody_asked_for_is_found_and_nothing_is_done_about_it(resource: str, item: Json, found: str) -> None:
    findings = of(plan_of(wanted(queues=queues()), look({resource: [item]})), "kueue.extra")
    assert [(finding.subject, finding.state, finding.action, finding.severity) for finding in findings] == (
        [(found, "extra", "none", "warning")] if found else []
    )


def test_extras_that_may_not_be_listed_are_not_evaluated() -> None:
    finding = one(plan_of(wanted(queues=queues()), look(forbidden=[COHORTS])), "kueue.extra")
    assert (finding.result, finding.subject) == ("not_evaluated", "all cohorts")


# ---- cohort and priorities -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "result"), [("ai", "pass"), ("a" * 63, "pass"), ("AI", "fail"), ("a" * 64, "fail"), ("", "fail")])
def test_cohort_has_a_name_that_can_be(name: str, result: str) -> None:
    finding = one(plan_of(wanted(queues=queues(cohort=name))), "kueue.cohort")
    assert (finding.result, finding.refuses) == (result, result == "fail")


@pytest.mark.parametrize(
    ("name", "value", "result"),
    [
        ("production", 2**31 - 1, "pass"),
        ("production", 2**31, "fail"),
        ("production", -(2**31), "pass"),
        ("production", -(2**31) - 1, "fail"),
        ("Production", 1, "fail"),
    ],
)
def test_priority_has_a_name_and_a_value_of_32_bits(name: str, value: int, result: str) -> None:
    section = wanted(queues=queues(priorities=(PriorityWanted(name=name, value=value),)))
    assert one(plan_of(section), "kueue.priority").result == result


def test_priority_that_stands_twice_is_refused_and_written_once() -> None:
    twice = (PriorityWanted(name="production", value=1), PriorityWanted(name="production", value=2))
    plan = plan_of(wanted(queues=queues(priorities=twice)))
    assert one(plan, "kueue.priority", "priority production (repeated)").refuses
    assert len(objects(plan, "WorkloadPriorityClass")) == 1


def test_requests_that_could_not_be_resolved_have_no_flavor() -> None:
    resolved = {name: RESOLVED[name] for name in ("too-large", "doubtful")}
    assert set(objects(plan_of(wanted(queues=queues()), resolved=resolved), "ResourceFlavor")) == {"cpu"}
    assert H100.flavor in objects(plan_of(wanted(queues=queues())), "ResourceFlavor")
