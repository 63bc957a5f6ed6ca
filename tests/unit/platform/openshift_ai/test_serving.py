# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a namespace is ready to serve: by what is there, and by what the API server says to a dry run."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.openshift_ai.apis import (
    DSC,
    DSCI,
    FLAVORS,
    LOCAL_QUEUES,
    RUNTIME,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.openshift_ai.runtimes import RECOMMENDED
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.openshift_ai.serving import PROBE_NAME, judged, probes
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.probes import Tried

from tests.unit.platform.openshift_ai.builders import (
    DIGEST,
    IDS,
    context_of,
    everything,
    look,
    model,
    named,
    of,
    one,
    plan_of,
    profile,
    runtime,
    served,
    wanted,
)

Json = dict[str, Any]
QUEUED = (profile("slice", request="chat", queue="default"),)


def section(**changes: Any) -> Any:
    return wanted(**{"runtimes": (runtime(), runtime("vllm-amd", "amd.com/gpu")), "models": (model(),), **changes})


def theirs(name: str, image: str, recommended: str = "[]") -> Json:
    item = named(name, "ai-models", spec={"containers": [{"name": "kserve-container", "image": image}]})
    item["metadata"]["annotations"] = {RECOMMENDED: recommended}
    return item


def test_each_accelerator_that_a_namespace_may_use_needs_a_runtime() -> None:
    both = {finding.subject: finding.result for finding in of(plan_of(section()), "serving.runtime")}
    assert both == {"namespace ai-models, amd.com/gpu": "pass", "namespace ai-models, nvidia.com/gpu": "pass"}
    lone = {finding.subject: finding for finding in of(plan_of(section(runtimes=(runtime(),))), "serving.runtime")}
    assert lone["namespace ai-models, amd.com/gpu"].result == "fail"
    assert "there are some for nvidia.com/gpu" in lone["namespace ai-models, amd.com/gpu"].message
    assert not lone["namespace ai-models, amd.com/gpu"].failed


def test_runtime_of_a_model_that_the_document_refuses_leaves_its_namespace_out() -> None:
    assert not of(plan_of(section(runtimes=())), "serving.runtime")


@pytest.mark.parametrize(
    ("recommended", "result"),
    [('["amd.com/gpu"]', "pass"), ('["example.com/npu"]', "fail"), ("not json", "fail"), ('"amd.com/gpu"', "fail")],
)
def test_runtimes_of_the_cluster_count_by_what_they_say_they_are_made_for(recommended: str, result: str) -> None:
    live = look({RUNTIME.resource: [theirs("amd", f"x@{DIGEST}", recommended)]})
    plan = plan_of(section(runtimes=(runtime(),)), live)
    assert one(plan, "serving.runtime", "namespace ai-models, amd.com/gpu").result == result


def test_runtimes_that_may_not_be_listed_are_not_evaluated() -> None:
    plan = plan_of(section(runtimes=(runtime(),)), look(forbidden=[RUNTIME.resource]))
    assert one(plan, "serving.runtime", "namespace ai-models, amd.com/gpu").result == "not_evaluated"


@pytest.mark.parametrize(("image", "result"), [(f"x@{DIGEST}", "pass"), ("x:latest", "fail")])
def test_runtime_of_a_namespace_that_hides_the_one_for_all_has_to_be_pinned(image: str, result: str) -> None:
    live = look({RUNTIME.resource: [theirs("vllm-nvidia", image), theirs("other", "x:latest")]})
    finding = one(plan_of(section(), live), "serving.image")
    assert (finding.result, finding.severity) == (result, "warning")
    assert finding.subject == "namespace ai-models, its own runtime vllm-nvidia"
    assert not of(plan_of(section()), "serving.image")


@pytest.mark.parametrize(
    ("status", "result", "says"),
    [
        ([{"type": "Active", "status": "True"}], "pass", ""),
        (
            [{"type": "Active", "status": "False", "reason": "ClusterQueueDoesNotExist", "message": "no ClusterQueue"}],
            "fail",
            "no ClusterQueue",
        ),
        ([], "not_evaluated", "no condition Active yet"),
    ],
)
def test_queue_has_to_be_active(status: list[Json], result: str, says: str) -> None:
    live = look({LOCAL_QUEUES.resource: [named("default", "ai-models", status={"conditions": status})]})
    finding = one(plan_of(section(hardware_profiles=QUEUED), live), "serving.queue")
    assert finding.result == result
    assert says in finding.message


def test_queue_that_is_not_there_fails_and_one_that_may_not_be_read_is_not_evaluated() -> None:
    assert one(plan_of(section(hardware_profiles=QUEUED)), "serving.queue").state == "missing"
    unseen = plan_of(section(hardware_profiles=QUEUED), look(forbidden=[LOCAL_QUEUES.resource]))
    assert one(unseen, "serving.queue").result == "not_evaluated"
    assert not of(plan_of(section()), "serving.queue")


# ---- asked of the API server -----------------------------------------------------------------------------------------------------


def test_probes_are_one_for_each_namespace_accelerator_and_runtime_under_a_name_of_their_own() -> None:
    found = probes(context_of(everything()))
    assert [probe.subject for probe in found] == [
        "namespace ai-models, amd.com/gpu, runtime vllm-amd",
        "namespace ai-models, cpu, runtime vllm-cpu",
        "namespace ai-models, nvidia.com/gpu, LLMInferenceService",
        "namespace ai-models, nvidia.com/gpu, runtime vllm-nvidia",
        "namespace ai-models, nvidia.com/mig-3g.40gb, LLMInferenceService",
        "namespace ai-models, nvidia.com/mig-3g.40gb, runtime vllm-mig",
    ]
    assert {probe.object["metadata"]["name"] for probe in found} == {PROBE_NAME}
    assert [probe.object["kind"] for probe in found].count("LLMInferenceService") == 2
    assert found[3].object["metadata"]["annotations"]["opendatahub.io/hardware-profile-name"] == "chat-4"
    assert probes(context_of(None)) == ()
    assert probes(context_of(everything(), look(kinds={}))) == ()


@pytest.mark.parametrize(
    ("tried", "admitted", "warnings"),
    [
        (Tried(True), "pass", "pass"),
        (Tried(True, warnings=("hardware profile skipped",)), "pass", "fail"),
        (Tried(False, "admission webhook denied the request"), "fail", "not_evaluated"),
        (Tried(False, reason="the account may not create inferenceservices"), "not_evaluated", "not_evaluated"),
        (None, "not_evaluated", "not_evaluated"),
    ],
)
def test_answers_of_the_server_are_judged_and_told_word_for_word(tried: Tried | None, admitted: str, warnings: str) -> None:
    asked = probes(context_of(section()))
    first, second = judged(asked, {asked[0].subject: tried} if tried else {})
    assert {first.check, second.check} <= IDS
    assert (first.result, second.result) == (admitted, warnings)
    assert second.failed == (warnings != "pass")
    for words in (tried.message, *tried.warnings, tried.reason) if tried else ():
        assert words in f"{first.message} {second.message}"


def test_account_that_may_not_create_is_no_fault_of_the_cluster() -> None:
    asked = probes(context_of(section()))
    found = judged(asked, {asked[0].subject: Tried(False, reason="the account may not create inferenceservices", lacks_right=True)})
    assert {(finding.result, finding.failed) for finding in found} == {("not_evaluated", False)}


def test_every_check_of_the_list_is_made_by_the_plan_or_by_the_dry_run() -> None:
    """But for the one on objects, which the write layer makes."""
    live = look(
        {
            DSC.resource: [named("default-dsc", spec={"components": {"kueue": {"autoCreateQueues": False}}})],
            DSCI.resource: [named("default-dsci", spec={})],
            RUNTIME.resource: [theirs("vllm-amd", "x:latest")],
            FLAVORS.resource: [named("handmade")],
        },
        kinds=served(Auth=()),
    )
    models = (*everything().models, model("two", uri="s3://bucket/x", storage_secret="s3"))
    document = everything(models=models)
    made = {finding.check for finding in plan_of(document, live, operators=None).findings}
    made |= {finding.check for finding in judged(probes(context_of(document, live)), {})}
    assert IDS - made == {"platform.openshift_ai.object"}
