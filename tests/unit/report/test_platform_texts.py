# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform in words: what is there, what is missing, what drifted, what hangs and why."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.checks import LAYERS
from ansible_collections.groundwork.readiness.plugins.module_utils.report import platform_texts as texts

from tests.unit.report import platform_factory as make

PLATFORM = make.platform_of(make.records(), "verify")


def layers(*states: str) -> list[dict[str, Any]]:
    """All layers from the ground up; those beyond the given states are not asked for."""
    known = [make.layer(number, name, state) for number, (name, state) in enumerate(zip(LAYERS, states, strict=False), 1)]
    return [*known, *(make.layer(number, name, "ready", wanted=False) for number, name in enumerate(LAYERS, 1) if number > len(states))]


@pytest.mark.parametrize(
    ("states", "sentence"),
    [
        (["ready"] * len(LAYERS), f"All {len(LAYERS)} layers that were asked for are ready."),
        (["ready"], "The layer that was asked for is ready."),
        ([], "The document asks for nothing of the platform."),
        (["ready", "waiting"], "1 of 2 layers is ready and 1 is waiting."),
        (["broken", "broken", "missing"], "0 of 3 layers are ready, 1 is missing and 2 are broken."),
        (["not_evaluated"], "0 of 1 layer is ready and 1 is not evaluated."),
    ],
)
def test_headline_counts_the_layers_that_were_asked_for(states: list[str], sentence: str) -> None:
    assert make.platform_of(layers(*states)).headline.startswith(sentence)


def test_headline_counts_checks_and_leaves_out_what_is_only_good_to_know() -> None:
    assert PLATFORM.headline.endswith("5 checks failed, 2 could not be evaluated, 1 is waived and 5 passed.")


def test_what_hangs_comes_with_the_servers_own_words() -> None:
    found = {point.subject: (point.text, point.remedy) for point in texts.hanging(PLATFORM)}
    assert found["operator kueue"] == (make.RESOLUTION, "Name a channel that the package has.")
    assert found["operator amd"][0] == make.UNPACK
    assert "Insufficient nvidia.com/gpu" in found["model ai-models/granite-8b"][0]


def test_operator_that_waits_without_a_finding_is_not_left_out() -> None:
    found = texts.hanging(make.platform_of([make.operator("amd", "waiting", installed_csv="", phase="Pending")]))
    assert [(point.subject, point.text) for point in found] == [
        ("operator amd", "waiting: installed none, on the way to amd.v1.2.0, phase Pending")
    ]


def test_what_is_missing_names_objects_operators_and_refused_requests_once() -> None:
    found = [point.subject for point in texts.missing(PLATFORM)]
    assert found == ["DataScienceCluster default-dsc", "DeviceConfig openshift-amd-gpu/mi300", "operator lws", "request huge"]
    assert texts.missing(PLATFORM)[1].text == "planned, not validated: it comes with operator amd; would be created"
    assert texts.missing(PLATFORM)[3].remedy == "What comes nearest: h100 lacks 8 devices"


@pytest.mark.parametrize(("mode", "expected"), [("apply", []), ("check", ["Namespace a"]), ("verify", ["Namespace a"])])
def test_object_that_this_run_created_is_missing_no_more(mode: str, expected: list[str]) -> None:
    record = {"kind": "object", "id": "Namespace a", "state": "missing", "result": "pass", "action": "create"}
    assert [point.subject for point in texts.missing(make.platform_of([record], mode))] == expected


def test_object_that_is_not_there_is_one_point_and_no_second_one_for_not_being_ready() -> None:
    found = [
        make.finding("accelerators.object", "ClusterPolicy p", state="missing", action="create", message="not there"),
        make.finding("accelerators.ready", "ClusterPolicy p", state="missing", message="not there"),
        make.finding("operators.installed", "operator nfd", state="missing", action="create", message="nfd.v1.2.0 is not installed"),
    ]
    points = [(point.subject, point.text) for point in texts.missing(make.platform_of(found, "verify"))]
    assert points == [
        ("ClusterPolicy p", "not there; would be created"),
        ("operator nfd", "nfd.v1.2.0 is not installed; would be installed"),
    ]


def test_drift_names_the_fields_of_a_singleton_once() -> None:
    fields = ["spec.monitoring"]
    drift = make.finding("openshift_ai.object", "DSCInitialization d", state="changed", fields=fields, message="changes spec.monitoring")
    assert [point.text for point in texts.drifted(make.platform_of([drift], "verify"))] == ["changed in spec.monitoring"]


def test_operator_that_is_held_at_its_pin_is_not_on_the_way_to_what_is_offered() -> None:
    (held,) = make.platform_of([make.operator("nfd", current_csv="nfd.v1.3.0")]).operators
    assert texts.installed_text(held) == "nfd.v1.2.0, held there: nfd.v1.3.0 is offered"
    (coming,) = make.platform_of([make.operator("nfd", current_csv="nfd.v1.3.0", pinned_csv="nfd.v1.3.0")]).operators
    assert texts.installed_text(coming) == "nfd.v1.2.0, on the way to nfd.v1.3.0"


@pytest.mark.parametrize(("mode", "words"), [("apply", "put right"), ("check", "would be put right"), ("verify", "would be put right")])
def test_drift_says_which_fields_differ_and_what_becomes_of_it(mode: str, words: str) -> None:
    found = {point.subject: point.text for point in texts.drifted(make.platform_of(make.records(), mode))}
    assert found["ClusterPolicy gpu-cluster-policy"] == f"changed in spec.mig.strategy, spec.dcgmExporter.enabled; {words}"
    assert found["namespace openshift-kueue"] == "extra; a second OperatorGroup: kueue-old"
    assert len(found) == 4


def test_what_nobody_knows_has_checks_requests_layers_and_lists() -> None:
    found = {point.subject: point.text for point in texts.open_points(PLATFORM)}
    assert list(found) == ["pool gaudi", "request odd", "layer Queues and profiles", "layer Models", "1 list"]
    assert found["1 list"] == "could not be read: clusterserviceversions.operators.coreos.com"


def test_what_is_there_never_claims_what_is_not_known() -> None:
    found = {point.subject: point.text for point in texts.there(PLATFORM)}
    assert "operator gaudi" not in found
    assert found["Gaudi 3, whole"] == "16 devices of habana.ai/gaudi on 1 node, memory not known"
    assert found["3 objects"] == "are as desired"


@pytest.mark.parametrize(
    ("mode", "line"),
    [
        ("apply", "This run: 1 object created, 1 object put right and 1 object deleted."),
        (
            "check",
            "Once they pass: 1 object would be created, 1 object would be put right, 1 object would be deleted and 1 step would be done.",
        ),
    ],
)
def test_actions_of_a_check_are_told_as_what_would_be_done(mode: str, line: str) -> None:
    assert texts.actions_line(make.platform_of(make.records(), mode)) == line


def test_run_without_actions_says_that_nothing_changed() -> None:
    assert texts.actions_line(make.platform_of(make.ready_records())) == "Nothing was changed."
    assert texts.actions_line(make.platform_of(make.ready_records(), "verify")) == "An apply run would change nothing."


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ({"blocks_minor": True}, "nfd blocks the next OpenShift minor."),
        ({"blocks_minor": False}, "No operator blocks the next OpenShift minor."),
    ],
)
def test_minor_line_names_what_blocks(facts: dict[str, Any], line: str) -> None:
    assert texts.minor_line(make.platform_of([make.operator("nfd", **facts)])) == line


def test_minor_line_counts_operators_of_which_nobody_knows() -> None:
    found = make.platform_of([make.without(make.operator("nfd"), "blocks_minor")])
    assert texts.minor_line(found) == "No operator is known to block the next OpenShift minor; of 1 nobody knows."
    assert texts.minor_text(found.operators[0]) == "not known"


def test_restarts_and_mirrors_are_counted() -> None:
    assert texts.restart_line(PLATFORM) == "2 nodes of 1 pool would restart, with 6 pods that hold accelerators."
    assert texts.mirror_line(PLATFORM) == "1 of 3 images has a mirror, 1 lacks one, of 1 nobody knows."
    assert texts.restart_line(make.platform_of([])) == ""
    unknown = {"kind": "forecast", "id": "worker", "reasons": ["KubeletConfig a"]}
    assert texts.restart_line(make.platform_of([unknown])) == "Which nodes would restart is not known."
    assert texts.restart_line(make.platform_of([{**unknown, "nodes": []}])) == "No node would restart."
    assert texts.restart_line(make.platform_of([*make.others(), unknown])).endswith("; not all of it is known.")


@pytest.mark.parametrize(
    ("mode", "line"),
    [
        ("check", "An apply run would write nothing: 1 check refuses the document as it stands."),
        ("verify", "An apply run would write nothing: 1 check refuses the document as it stands."),
        ("apply", "1 check refuses the document: while it fails, nothing more is written."),
    ],
)
def test_refusal_says_that_nothing_is_written(mode: str, line: str) -> None:
    assert texts.refusal_line(make.platform_of(make.records(), mode)) == line
    assert texts.refusal_line(make.platform_of(make.ready_records(), mode)) == ""


def test_same_words_about_several_subjects_are_said_once_and_of_one_subject_together() -> None:
    given = [
        texts.Point("operator a", "there is no catalog", "make one"),
        texts.Point("operator a", "it is not installed"),
        texts.Point("operator b", "there is no catalog", "make one"),
        texts.Point("operator b", "it is not installed here", "wait"),
        texts.Point("operator b", "its pod is pending", "wait"),
    ]
    assert texts.grouped(given) == [
        texts.Point("operator a, operator b", "there is no catalog", "make one"),
        texts.Point("operator a", "it is not installed"),
        texts.Point("operator b", "it is not installed here; its pod is pending", "wait"),
    ]


def test_operator_that_is_gone_as_asked_is_not_called_missing_or_installed() -> None:
    gone = make.operator("old", stance="remove", managed_by="nobody", pinned_csv="", installed_csv="", current_csv="", phase="")
    found = make.platform_of([gone])
    assert [(point.subject, point.text) for point in texts.there(found)] == [("operator old", "is gone, as asked")]
    assert texts.managed_text(found.operators[0]) == "nobody: it is gone, as asked"
    assert texts.missing(found) == []


def test_data_for_a_workflow_has_states_and_counts() -> None:
    data = texts.platform_data(PLATFORM)
    assert data["findings"] == {"fail": 5, "not_evaluated": 2, "waived": 1, "hint": 1, "pass": 5, "not_applicable": 1}
    assert (data["mode"], data["restarting_nodes"], data["missing_mirrors"], data["drifted"]) == ("verify", 2, 1, 4)
    assert isinstance(data["layers"], dict)
    assert "serving" not in data["layers"]
