# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is listed for the delivery part, and what of it is kept: runs of pipelines and pods may be thousands.

Of the runs of a pipeline the newest of each outcome are kept, of pods the images that they name, of Applications what is
judged and nothing that may hold secrets, such as values of Helm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ...common.owned_fields import ApiObject
from ...target.objects import annotations_of, labels_of, map_at, maps_at, moment, name_of, namespace_of, text_at
from ..listing import of_cluster, of_namespaces

APPLICATIONS: Final = "applications.argoproj.io"
PROJECTS: Final = "appprojects.argoproj.io"
PIPELINES: Final = "pipelines.tekton.dev"
RUNS: Final = "pipelineruns.tekton.dev"
CLUSTER_POLICIES: Final = "clusterimagepolicies.config.openshift.io"
POLICIES: Final = "imagepolicies.config.openshift.io"
ADMISSION_POLICIES: Final = "validatingadmissionpolicies.admissionregistration.k8s.io"
ADMISSION_BINDINGS: Final = "validatingadmissionpolicybindings.admissionregistration.k8s.io"
NAMESPACES: Final = "namespaces"
PODS: Final = "pods"
MIRROR_SETS: Final = (
    "imagedigestmirrorsets.config.openshift.io",
    "imagetagmirrorsets.config.openshift.io",
    "imagecontentsourcepolicies.operator.openshift.io",
)


RESOURCES: Final = (
    of_namespaces(APPLICATIONS, "Application", "v1alpha1", "what Argo CD deploys, and whether it is in step and healthy"),
    of_namespaces(PROJECTS, "AppProject", "v1alpha1", "where applications may deploy to, and sync windows"),
    of_namespaces(PIPELINES, "Pipeline", "v1 v1beta1", "which pipelines there are, and approvals in them"),
    of_namespaces(RUNS, "PipelineRun", "v1 v1beta1", "whether pipelines ran and succeeded"),
    of_cluster(CLUSTER_POLICIES, "ClusterImagePolicy", "v1", "which images have to be signed"),
    of_namespaces(POLICIES, "ImagePolicy", "v1", "which images of a namespace have to be signed"),
    of_cluster(ADMISSION_POLICIES, "ValidatingAdmissionPolicy", "v1 v1beta1", "which admission policies there are"),
    of_cluster(ADMISSION_BINDINGS, "ValidatingAdmissionPolicyBinding", "v1 v1beta1", "which admission policies deny"),
)
"""Lists of this part alone."""

SHARED: Final = (NAMESPACES, PODS, *MIRROR_SETS)
"""Lists that other parts are judged by as well."""


# ---- runs of pipelines -----------------------------------------------------------------------------------------------

SUCCEEDED, FAILED, CANCELLED, RUNNING = "succeeded", "failed", "cancelled", "running"
OUTCOMES: Final = (SUCCEEDED, FAILED, CANCELLED, RUNNING)
_CANCELLED_REASONS: Final = ("Cancelled", "PipelineRunCancelled")
_PIPELINE_LABEL: Final = "tekton.dev/pipeline"
_REPOSITORY_LABEL: Final = "pipelinesascode.tekton.dev/original-prname"
_KEPT_LABELS: Final = (_PIPELINE_LABEL, _REPOSITORY_LABEL)
_KEPT_METADATA: Final = ("name", "namespace", "uid", "creationTimestamp")


def condition_of_run(run: ApiObject) -> Mapping[str, Any]:
    """The condition that says how a run came out; empty while nobody has looked at it."""
    return next((entry for entry in maps_at(run, "status.conditions") if entry.get("type") == "Succeeded"), {})


def outcome(run: ApiObject) -> str:
    """How a run came out. Who cancels a run says nothing of the pipeline (Tekton, reasons of the condition Succeeded)."""
    entry = condition_of_run(run)
    if entry.get("status") == "True":
        return SUCCEEDED
    if entry.get("status") != "False":
        return RUNNING
    return CANCELLED if entry.get("reason") in _CANCELLED_REASONS else FAILED


def ended(run: ApiObject) -> str:
    """When a run ended, of one that has not when it began; a moment in UTC, empty where nobody says."""
    if outcome(run) == RUNNING:
        return moment(text_at(run, "status.startTime")) or moment(text_at(run, "metadata.creationTimestamp"))
    return moment(text_at(run, "status.completionTime")) or moment(condition_of_run(run).get("lastTransitionTime"))


def pipeline_of(run: ApiObject) -> tuple[str, str]:
    """Namespace and name of the pipeline that was run; no name where the run brings its tasks itself.

    Pipelines as Code puts the tasks into each run: its label names the definition in the repository. A cluster resolver names a
    Pipeline of any namespace; of what other resolvers fetched the controller's label bears the name.
    """
    namespace, labels = namespace_of(run), labels_of(run)
    if name := text_at(run, "spec.pipelineRef.name"):
        return namespace, name
    if name := labels.get(_REPOSITORY_LABEL, ""):
        return namespace, name
    if not map_at(run, "spec.pipelineRef"):
        return namespace, ""
    params = {text_at(entry, "name"): text_at(entry, "value") for entry in maps_at(run, "spec.pipelineRef.params")}
    if text_at(run, "spec.pipelineRef.resolver") == "cluster" and params.get("name"):
        return params.get("namespace") or namespace, params["name"]
    return namespace, labels.get(_PIPELINE_LABEL, "")


def newest_runs(runs: Iterable[ApiObject]) -> list[ApiObject]:
    """The newest run of each pipeline and outcome, without what nobody asks for. What is kept of what was kept is the same."""
    newest: dict[tuple[str, str, str], tuple[tuple[str, str, str], ApiObject]] = {}
    for run in runs:
        namespace, name = pipeline_of(run)
        if not name:
            continue
        key, age = (namespace, name, outcome(run)), (ended(run), namespace_of(run), name_of(run))
        if key not in newest or age > newest[key][0]:
            newest[key] = (age, run)
    return [_slim_run(newest[key][1]) for key in sorted(newest)]


def _slim_run(run: ApiObject) -> ApiObject:
    metadata, status, entry = map_at(run, "metadata"), map_at(run, "status"), condition_of_run(run)
    labels = {key: value for key, value in labels_of(run).items() if key in _KEPT_LABELS}
    times = {key: status[key] for key in ("startTime", "completionTime") if key in status}
    return {
        **{key: run[key] for key in ("apiVersion", "kind") if key in run},
        "metadata": {**{key: metadata[key] for key in _KEPT_METADATA if key in metadata}, "labels": labels},
        "spec": {"pipelineRef": map_at(run, "spec.pipelineRef")} if map_at(run, "spec.pipelineRef") else {},
        "status": {**times, "conditions": [dict(entry)] if entry else []},
    }


# ---- images of pods --------------------------------------------------------------------------------------------------

_CONTAINERS: Final = ("containers", "initContainers", "ephemeralContainers")


@dataclass(frozen=True, slots=True)
class ImageUse:
    """The images that pods name, by namespace: image to number of pods. Pods that are done are not among them."""

    pods: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class ImageFold:
    """Counts the pods of each image as they come; no pod is kept."""

    def __init__(self) -> None:
        self._pods: dict[str, dict[str, int]] = {}

    def add(self, pod: ApiObject) -> None:
        """Takes a pod: an image that it names twice counts once."""
        spec = pod.get("spec") or {}
        images = {container.get("image") for part in _CONTAINERS for container in spec.get(part) or ()}
        images |= {(volume.get("image") or {}).get("reference") for volume in spec.get("volumes") or () if "image" in volume}
        sums = self._pods.setdefault(namespace_of(pod), {})
        for image in images:
            if isinstance(image, str) and image:
                sums[image] = sums.get(image, 0) + 1

    def use(self) -> ImageUse:
        """What was counted, sorted."""
        return ImageUse({name: dict(sorted(found.items())) for name, found in sorted(self._pods.items()) if found})


# ---- what objects lose -----------------------------------------------------------------------------------------------

_STATUS_KEYS: Final = ("health", "reconciledAt", "conditions", "controllerNamespace")
_CLIENT_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
_SOURCE_KEYS: Final = ("repoURL", "chart", "path", "ref", "targetRevision", "name")


def slim_application(item: ApiObject) -> ApiObject:
    """An Application with what is judged of it: of sources no values, of its resources in which namespaces they are."""
    spec = {key: value for key, value in map_at(item, "spec").items() if key in ("project", "destination", "syncPolicy")}
    if source := map_at(item, "spec.source"):
        spec["source"] = _slim_source(source)
    if sources := maps_at(item, "spec.sources"):
        spec["sources"] = list(map(_slim_source, sources))
    if dry := map_at(item, "spec.sourceHydrator.drySource"):
        spec["sourceHydrator"] = {"drySource": _slim_source(dry)}
    status = {key: value for key, value in map_at(item, "status").items() if key in _STATUS_KEYS}
    if sync := map_at(item, "status.sync"):
        status["sync"] = {key: sync[key] for key in ("status", "revision") if key in sync}
    if operation := map_at(item, "status.operationState"):
        status["operationState"] = {key: operation[key] for key in ("phase", "message", "finishedAt", "startedAt") if key in operation}
    if found := maps_at(item, "status.resources"):
        status["resources"] = [{"namespace": place} for place in sorted(set(map(_place_of, found)))]
    metadata = dict(map_at(item, "metadata"))
    if annotations := annotations_of(item):
        metadata["annotations"] = {key: value for key, value in annotations.items() if key != _CLIENT_APPLIED}
    return {**{key: item[key] for key in ("apiVersion", "kind") if key in item}, "metadata": metadata, "spec": spec, "status": status}


def _slim_source(source: ApiObject) -> dict[str, Any]:
    return {key: source[key] for key in _SOURCE_KEYS if key in source}


def _place_of(resource: ApiObject) -> str:
    """The namespace that a resource of an Application is in, or is itself; empty for what belongs to none."""
    is_namespace = resource.get("kind") == "Namespace" and not resource.get("group")
    return text_at(resource, "name") if is_namespace else text_at(resource, "namespace")


def slim_pipeline(item: ApiObject) -> ApiObject:
    """A Pipeline without the steps of tasks that it brings itself."""
    spec = dict(map_at(item, "spec"))
    for part in ("tasks", "finally"):
        if part in spec:
            spec[part] = list(map(_slim_task, maps_at(item, f"spec.{part}")))
    return {**item, "spec": spec}


def _slim_task(task: ApiObject) -> ApiObject:
    if "taskSpec" not in task:
        return task
    return {**task, "taskSpec": {key: value for key, value in map_at(task, "taskSpec").items() if key in ("apiVersion", "kind")}}
