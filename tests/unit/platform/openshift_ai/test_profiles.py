# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HardwareProfiles: made of a request, with bounds in order, for whatever vendor the request resolves to."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.model import Fleet, Resolution
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import Bounds
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.openshift_ai.profiles import cpu_text, memory_text

from tests.unit.platform.openshift_ai.builders import look, named, objects, of, one, plan_of, profile, queues, wanted

PRIORITIES = "workloadpriorityclasses.kueue.x-k8s.io"


def test_each_way_to_serve_the_request_has_a_profile_and_the_preferred_one_the_plain_name() -> None:
    found = objects(plan_of(wanted(hardware_profiles=(profile(),))), "HardwareProfile")
    assert set(found) == {"chat-4", "chat-4-amd-mi300x"}
    resources = [found[name]["spec"]["identifiers"][2]["identifier"] for name in sorted(found)]
    assert resources == ["nvidia.com/gpu", "amd.com/gpu"]
    assert {item["metadata"]["namespace"] for item in found.values()} == {"redhat-ods-applications"}


def test_profile_places_by_nodes_or_by_a_queue_and_never_by_both() -> None:
    node = objects(plan_of(wanted(hardware_profiles=(profile(request="small"),))), "HardwareProfile")["chat-4"]["spec"]["scheduling"]
    assert node["type"] == "Node"
    assert node["node"]["nodeSelector"] == {"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB"}
    section = wanted(queues=queues(), hardware_profiles=(profile(request="small", queue="default", priority="production"),))
    queued = objects(plan_of(section), "HardwareProfile")["chat-4"]["spec"]["scheduling"]
    assert queued == {"type": "Queue", "kueue": {"localQueueName": "default", "priorityClass": "production"}}
    cpu = objects(plan_of(wanted(hardware_profiles=(profile(request=""),))), "HardwareProfile")["chat-4"]["spec"]
    assert "scheduling" not in cpu
    assert len(cpu["identifiers"]) == 2


def test_amounts_are_whole_or_in_smaller_units() -> None:
    assert (cpu_text(2), cpu_text(0.5), cpu_text(1.25)) == (2, "500m", "1250m")
    assert (memory_text(32), memory_text(0.5)) == ("32Gi", "512Mi")


@pytest.mark.parametrize(
    ("bounds", "result"),
    [
        (Bounds(min=2, default=4, max=8), "pass"),
        (Bounds(min=4, default=4, max=4), "pass"),
        (Bounds(min=5, default=4, max=8), "fail"),
        (Bounds(min=2, default=9, max=8), "fail"),
        (Bounds(min=4, default=1, max=2), "fail"),
        (Bounds(min=0, default=1, max=2), "fail"),
    ],
)
@pytest.mark.parametrize("what", ["cpu", "memory_gib"])
def test_bounds_that_no_workload_could_meet_are_refused_with_the_figures(what: str, bounds: Bounds, result: str) -> None:
    finding = one(plan_of(wanted(hardware_profiles=(profile(**{what: bounds}),))), "profile.bounds", f"profile chat-4 {what}")
    assert (finding.result, finding.refuses) == (result, result == "fail")
    if result == "fail":
        assert f"min {bounds.min:g}, default {bounds.default:g}, max {bounds.max:g}" in finding.message


@pytest.mark.parametrize(
    ("request_name", "result", "refuses", "says"),
    [
        ("chat", "pass", False, ""),
        ("chatt", "fail", True, "did you mean chat?"),
        ("too-large", "fail", False, "no node has 64 devices; nearest: nvidia-h100"),
        ("doubtful", "not_evaluated", False, "the memory of gaudi-3 is not known"),
    ],
)
def test_profile_is_written_only_where_its_request_can_be_served(request_name: str, result: str, refuses: bool, says: str) -> None:
    plan = plan_of(wanted(hardware_profiles=(profile(request=request_name),)))
    finding = one(plan, "profile.request")
    assert (finding.result, finding.refuses) == (result, refuses)
    assert says in finding.message
    assert bool(objects(plan, "HardwareProfile")) == (result == "pass")


def test_request_of_a_fleet_that_nobody_knows_is_not_evaluated() -> None:
    plan = plan_of(
        wanted(hardware_profiles=(profile(),)), resolved={"chat": Resolution("chat")}, fleet=Fleet(unknown="the account may not list nodes")
    )
    assert "may not list nodes" in one(plan, "profile.request").message


@pytest.mark.parametrize(
    ("changes", "result", "says"),
    [
        ({}, "pass", ""),
        ({"queue": "default"}, "pass", ""),
        ({"queue": "default", "priority": "production"}, "pass", ""),
        ({"queue": "default", "priority": "live"}, "pass", ""),
        ({"queue": "default", "priority": "prodution"}, "fail", "did you mean production?"),
        ({"priority": "production"}, "fail", "no queue that would heed it"),
    ],
)
def test_priority_needs_a_queue_and_has_to_exist(changes: dict[str, str], result: str, says: str) -> None:
    section = wanted(queues=queues(), hardware_profiles=(profile(**changes),))
    finding = one(plan_of(section, look({PRIORITIES: [named("live")]})), "profile.scheduling")
    assert finding.result == result
    assert says in finding.message


def test_priority_of_a_cluster_whose_priorities_may_not_be_listed_is_not_evaluated() -> None:
    section = wanted(hardware_profiles=(profile(queue="default", priority="live"),))
    assert one(plan_of(section, look(forbidden=[PRIORITIES])), "profile.scheduling").result == "not_evaluated"


def test_names_have_to_be_names_and_stand_once() -> None:
    plan = plan_of(wanted(hardware_profiles=(profile("Chat 4"),)))
    assert one(plan, "profile.name").refuses
    twice = plan_of(wanted(hardware_profiles=(profile("two", request="small"), profile("one"), profile("three"))))
    assert {finding.result for finding in of(twice, "profile.name")} == {"pass"}
