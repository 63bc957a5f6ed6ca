# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a namespace is ready to serve models, without starting one.

It is where there is a runtime for each accelerator that its models may use, images of runtimes are pinned, the queue is
active, and an InferenceService would be admitted without a warning. The last one the API server has to be asked for: `probes`
are the objects to create as a dry run, and `judged` says what the answers mean.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ...common.findings import INFORMATION, CheckFinding
from ...common.owned_fields import ApiObject
from ...common.write_findings import MISSING, PASS, listed
from ...target.objects import annotations_of, maps_at, name_of, namespace_of, text_at
from ..checks import Check
from ..desired.model import OpenShiftAi
from ..parts import Context
from ..probes import Probe, Tried
from ..progress import condition
from ..verdicts import failed, passed, seen, unknown
from .apis import CLUSTER_RUNTIME, INFERENCE, LOCAL_QUEUES, RUNTIME, is_served
from .check_list import READY_ADMITTED, READY_IMAGE, READY_QUEUE, READY_RUNTIME, READY_WARNINGS
from .models import Placed, api_of, place_models
from .runtimes import RECOMMENDED, is_pinned
from .templates import model_object

PROBE_NAME: Final = "readiness-probe"
_PATH: Final = "openshift_ai.models"
_CPU: Final = "cpu"


def probes(context: Context) -> tuple[Probe, ...]:
    """One for each namespace, kind of accelerator, runtime and kind of object of the document's models.

    There are none while the cluster does not serve the kind: findings on the objects say so.
    """
    wanted = context.desired.openshift_ai
    if wanted is None:
        return ()
    found: dict[str, Probe] = {}
    for placed in place_models(wanted, context)[1]:
        if not is_served(api_of(placed.model), context.snapshot):
            continue
        resource = placed.choice.resource if placed.choice else _CPU
        what = f"runtime {placed.model.runtime}" if placed.model.kind == INFERENCE.kind else placed.model.kind
        subject = f"namespace {placed.model.namespace}, {resource}, {what}"
        item = model_object(placed.model, placed.choice, placed.runtime, placed.profile, wanted, context, placed.path).object
        found.setdefault(subject, Probe(subject, {**item, "metadata": {**item["metadata"], "name": PROBE_NAME}}, placed.path))
    return tuple(found[subject] for subject in sorted(found))


def judged(asked: Sequence[Probe], answers: Mapping[str, Tried]) -> list[CheckFinding]:
    """What the answers mean; `answers` are by the probe's subject. A probe without an answer is not evaluated."""
    found = []
    for probe in asked:
        answer = answers.get(probe.subject) or Tried(False, reason="the API server was not asked")
        if answer.reason:
            found += [_not_asked(check, probe, answer) for check in (READY_ADMITTED, READY_WARNINGS)]
            continue
        found.append(
            passed(READY_ADMITTED, probe.subject, probe.path)
            if answer.accepted
            else failed(READY_ADMITTED, probe.subject, answer.message or "the API server refused it", probe.path)
        )
        if not answer.accepted:
            found.append(unknown(READY_WARNINGS, probe.subject, "it was not admitted", probe.path, "see why it was not admitted"))
        elif answer.warnings:
            evidence = seen(probe.subject, "Warning", "; ".join(answer.warnings), "none")
            found.append(failed(READY_WARNINGS, probe.subject, "; ".join(answer.warnings), probe.path, evidence=evidence))
        else:
            found.append(passed(READY_WARNINGS, probe.subject, probe.path))
    return found


def _not_asked(check: Check, probe: Probe, answer: Tried) -> CheckFinding:
    remedy = "run it in check mode with an account that may apply" if answer.lacks_right else "see why the server could not be asked"
    finding = unknown(check, probe.subject, answer.reason, probe.path, remedy)
    return replace(finding, severity=INFORMATION) if answer.lacks_right else finding


def serving_findings(wanted: OpenShiftAi, context: Context) -> list[CheckFinding]:
    """What can be said of the namespaces with models by what is there."""
    every = place_models(wanted, context)[1]
    found = []
    for namespace in sorted({placed.model.namespace for placed in every}):
        here = [placed for placed in every if placed.model.namespace == namespace]
        # An LLMInferenceService brings its container itself: it needs no serving runtime.
        by_runtime = [placed for placed in here if placed.model.kind == INFERENCE.kind]
        found += [*_runtimes(namespace, by_runtime, wanted, context), *_images(namespace, by_runtime, context)]
        found += _queues(namespace, here, context)
    return found


# ---- by what is there --------------------------------------------------------------------------------------------------------


def _live_runtimes(namespace: str, context: Context) -> list[ApiObject]:
    """Runtimes that models of a namespace can use."""
    snapshot = context.snapshot
    return [*snapshot.in_namespace(RUNTIME.resource, namespace), *snapshot.all(CLUSTER_RUNTIME.resource)]


def _is_for(item: ApiObject) -> tuple[str, ...]:
    """Accelerators that a runtime says it is made for."""
    try:
        found: Any = json.loads(annotations_of(item).get(RECOMMENDED) or "[]")
    except ValueError:
        return ()
    return tuple(map(str, found)) if isinstance(found, list) else ()


def _runtimes(namespace: str, here: Sequence[Placed], wanted: OpenShiftAi, context: Context) -> list[CheckFinding]:
    """Of each accelerator that requests of the namespace come to. Where another one of a request is served, one without is told only."""
    ours = {resource for runtime in wanted.runtimes for resource in runtime.accelerators}
    theirs = {resource for item in _live_runtimes(namespace, context) for resource in _is_for(item)}
    reason = context.snapshot.why_not(RUNTIME.resource, CLUSTER_RUNTIME.resource)
    found: dict[str, CheckFinding] = {}
    for request in sorted({placed.model.request for placed in here if placed.model.request}):
        allowed = sorted({choice.resource for choice in context.resolved[request].choices})
        is_served_somehow = any(resource in ours | theirs for resource in allowed)
        for resource in allowed:
            subject = f"namespace {namespace}, {resource}"
            finding = _for_resource(subject, resource, ours | theirs, reason)
            if finding.result != PASS and is_served_somehow:
                finding = replace(finding, severity=INFORMATION)
            if subject not in found or finding.failed:
                found[subject] = finding
    return list(found.values())


def _for_resource(subject: str, resource: str, served: Collection[str], reason: str) -> CheckFinding:
    if resource in served:
        return passed(READY_RUNTIME, subject, _PATH)
    if reason:
        return unknown(READY_RUNTIME, subject, reason, _PATH)
    message = f"no runtime is made for {resource}; there are some for {listed(sorted(served)) if served else 'no accelerator'}"
    return failed(READY_RUNTIME, subject, message, _PATH, MISSING)


def _images(namespace: str, here: Sequence[Placed], context: Context) -> list[CheckFinding]:
    """A runtime of the namespace is taken before one of the same name that is for all."""
    named = {placed.model.runtime for placed in here}
    found = []
    for item in _live_runtimes(namespace, context):
        if name_of(item) not in named:
            continue
        whose = "its own" if namespace_of(item) else "everybody's"
        subject = f"namespace {namespace}, {whose} runtime {name_of(item)}"
        loose = [text_at(entry, "image") for entry in maps_at(item, "spec.containers") if not is_pinned(text_at(entry, "image"))]
        if loose:
            evidence = seen(f"{item.get('kind', 'ServingRuntime')} {name_of(item)}", "spec.containers", ", ".join(loose), "name@sha256:...")
            found.append(failed(READY_IMAGE, subject, f"not pinned by a digest: {listed(loose)}", _PATH, evidence=evidence))
        else:
            found.append(passed(READY_IMAGE, subject, _PATH))
    return found


def _queues(namespace: str, here: Sequence[Placed], context: Context) -> list[CheckFinding]:
    found = []
    for queue in sorted({placed.profile.queue for placed in here if placed.profile and placed.profile.queue}):
        subject = f"LocalQueue {namespace}/{queue}"
        if not context.snapshot.known(LOCAL_QUEUES.resource):
            found.append(unknown(READY_QUEUE, subject, context.snapshot.why_not(LOCAL_QUEUES.resource), _PATH))
            continue
        item = context.snapshot.get(LOCAL_QUEUES.resource, namespace, queue)
        entry = condition(item, "Active") if item is not None else None
        if item is None:
            found.append(failed(READY_QUEUE, subject, f"there is no {subject}: workloads that name it wait", _PATH, MISSING))
        elif entry is None:
            found.append(unknown(READY_QUEUE, subject, "it has no condition Active yet", _PATH, "see whether Kueue runs"))
        elif entry.get("status") != "True":
            evidence = seen(subject, "status.conditions[Active]", entry.get("status"), "True")
            words = str(entry.get("message") or entry.get("reason") or "it is not active")
            found.append(failed(READY_QUEUE, subject, words, _PATH, evidence=evidence))
        else:
            found.append(passed(READY_QUEUE, subject, _PATH))
    return found
