# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts a snapshot of a cluster together from its lists: pods are added up as they come, objects lose what nobody asks for.

An object of which the collection has applied fields is kept as it came: it is what the next apply is compared with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from ..common.owned_fields import ApiObject, is_applied_here
from ..common.write_findings import INSTANCE_LABEL
from ..target.model import FORBIDDEN, READ
from ..target.nodes import ENDED, is_device, pod_requests
from ..target.objects import at, labels_of, map_at, maps_at, name_of, namespace_of, text_at
from ..target.readings import Resource, why_not
from .delivery.readings import APPLICATIONS, PIPELINES, RUNS, ImageFold, ImageUse, newest_runs, slim_application, slim_pipeline
from .monitoring.readings import SLIMS as MONITORING_SLIMS
from .readings import UNPACK_LABEL
from .snapshot import ClusterFacts, DevicePod, Listed, PodUse

PODS: Final = "pods"
MODPROBE_FOLDER: Final = "/etc/modprobe.d/"
MODPROBE_KEY: Final = "modprobe"
"""Key of a MachineConfig's slim form, under spec.config: names of its files in that folder."""

_ON_THE_WAY: Final = ("", "ContainerCreating", "PodInitializing")
"""Reasons for which a container waits while its pod starts as it should."""

_POD_STATUS: Final = ("phase", "reason", "message", "conditions", "containerStatuses", "initContainerStatuses")
_POD_METADATA: Final = ("name", "namespace", "uid", "labels", "ownerReferences")
_CONTAINERS: Final = ("containers", "initContainers")


class PodTaker(Protocol):
    """Who takes the pods as well while their list is read. A list that has to be read anew begins anew."""

    def begin(self) -> None:
        """Forgets everything that was taken."""

    def add(self, pod: ApiObject) -> None:
        """Takes a pod."""

    def finish(self) -> None:
        """Hears that the list was read in full."""


class PodFold:
    """Sums of what pods hold of devices, and the pods whose containers cannot start; all others are forgotten at once."""

    def __init__(self) -> None:
        self._requested: dict[str, dict[str, int]] = {}
        self._holders: list[DevicePod] = []
        self._unreadable = False
        self.kept: list[ApiObject] = []
        """pods with containers that wait for other reasons than that they are starting, and pods that unpack bundles"""

    def add(self, pod: ApiObject) -> None:
        """Takes a pod."""
        if _asks_for_devices(pod):
            self._hold(pod)
        if UNPACK_LABEL in labels_of(pod) or any(map(_is_held_up, _statuses(pod))):
            self.kept.append(_slim_pod(pod))

    def use(self) -> PodUse | None:
        """What pods hold; None where a request could not be read."""
        return None if self._unreadable else PodUse(self._requested, tuple(self._holders))

    def _hold(self, pod: ApiObject) -> None:
        where = text_at(pod, "spec.nodeName")
        if not where or text_at(pod, "status.phase") in ENDED:
            return
        wanted = pod_requests(pod)
        if wanted is None:
            self._unreadable = True
            return
        devices = {name: amount for name, amount in sorted(wanted.items()) if is_device(name) and amount}
        sums = self._requested.setdefault(where, {})
        for name, amount in devices.items():
            sums[name] = sums.get(name, 0) + amount
        if devices:
            self._holders.append(DevicePod(namespace_of(pod), name_of(pod), where, devices))


def _asks_for_devices(pod: ApiObject) -> bool:
    spec = pod.get("spec") or {}
    for part in _CONTAINERS:
        for container in spec.get(part) or ():
            if any(map(is_device, (container.get("resources") or {}).get("requests") or ())):
                return True
    return False


def _statuses(pod: ApiObject) -> Iterable[Mapping[str, Any]]:
    status = pod.get("status") or {}
    return (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ()))


def _is_held_up(status: Mapping[str, Any]) -> bool:
    state = status.get("state") or {}
    return "waiting" in state and text_at(state, "waiting.reason") not in _ON_THE_WAY


def _slim_pod(pod: ApiObject) -> ApiObject:
    spec = {"nodeName": text_at(pod, "spec.nodeName")}
    images = {
        part: [{"name": text_at(one, "name"), "image": text_at(one, "image")} for one in maps_at(pod, f"spec.{part}")]
        for part in _CONTAINERS
    }
    metadata, status = map_at(pod, "metadata"), map_at(pod, "status")
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {key: metadata[key] for key in _POD_METADATA if key in metadata},
        "spec": {**spec, **images},
        "status": {key: status[key] for key in _POD_STATUS if key in status},
    }


# ---- what objects lose -----------------------------------------------------------------------------------------------


def _slim_node(item: ApiObject) -> ApiObject:
    return {**item, "status": {key: value for key, value in map_at(item, "status").items() if key not in ("images", "volumesAttached")}}


def _slim_crd(item: ApiObject) -> ApiObject:
    spec = {key: value for key, value in map_at(item, "spec").items() if key != "versions"}
    kept = ("name", "served", "storage", "deprecated")
    versions = [{key: version[key] for key in kept if key in version} for version in maps_at(item, "spec.versions")]
    return {**item, "spec": {**spec, "versions": versions}}


def _slim_csv(item: ApiObject) -> ApiObject:
    spec = {key: value for key, value in map_at(item, "spec").items() if key not in ("icon", "description")}
    return {**item, "spec": spec}


def _slim_machine_config(item: ApiObject) -> ApiObject:
    """Files of a MachineConfig may hold secrets, and are large: their number stays, and names of those with settings of modules."""
    files = at(item, "spec.config.storage.files")
    paths = sorted(text_at(file, "path") for file in maps_at(item, "spec.config.storage.files"))
    modprobe = [path.removeprefix(MODPROBE_FOLDER) for path in paths if path.startswith(MODPROBE_FOLDER)]
    spec = {key: value for key, value in map_at(item, "spec").items() if key != "config"}
    config = {"files": len(files) if isinstance(files, list) else 0, **({MODPROBE_KEY: modprobe} if modprobe else {})}
    return {**item, "spec": {**spec, "config": config}}


SLIMS: Final[Mapping[str, Callable[[ApiObject], ApiObject]]] = {
    "nodes": _slim_node,
    "customresourcedefinitions.apiextensions.k8s.io": _slim_crd,
    "clusterserviceversions.operators.coreos.com": _slim_csv,
    "machineconfigs.machineconfiguration.openshift.io": _slim_machine_config,
    APPLICATIONS: slim_application,
    PIPELINES: slim_pipeline,
    **MONITORING_SLIMS,
}
"""What objects of these resources lose: it is large, and nobody asks for it."""


def kept(resource: Resource, item: ApiObject, api_version: str) -> ApiObject:
    """An object of a list as the snapshot keeps it: with version and kind, which lists leave out."""
    found: ApiObject = {"apiVersion": api_version, "kind": resource.kind, **item}
    if is_applied_here(item):
        return found
    slim = SLIMS.get(resource.id)
    found = slim(found) if slim else found
    if INSTANCE_LABEL in labels_of(item):
        # Whether Argo CD looks after it is told by who has written to it.
        return found
    return {**found, "metadata": {key: value for key, value in map_at(found, "metadata").items() if key != "managedFields"}}


# ---- all together ----------------------------------------------------------------------------------------------------


class PlatformLists:
    """The lists of one look at a cluster while they are read. `versions` says in which version each resource is listed.

    `takers` take the pods as well.
    """

    def __init__(self, versions: Mapping[str, str], takers: Sequence[PodTaker] = ()) -> None:
        self._versions = versions
        self._takers = takers
        self.listed: dict[str, Listed] = {}
        self.pods: PodUse | None = None
        self.images: ImageUse | None = None

    def take(self, resource: Resource, items: Iterable[ApiObject]) -> int:
        """Takes a list in full and returns the number of its objects; what `items` raises goes through, and nothing is kept then."""
        version = self._versions.get(resource.id, resource.versions[0])
        if resource.id == PODS:
            return self._take_pods(resource, items)
        api_version = f"{resource.group}/{version}" if resource.group else version
        # Runs of pipelines may be thousands, of which nobody asks for more than the newest.
        wanted = newest_runs(items) if resource.id == RUNS else items
        found = sorted((kept(resource, item, api_version) for item in wanted), key=_place)
        self.listed[resource.id] = Listed(READ, tuple(found), version)
        return len(found)

    def note(self, resource: Resource, state: str, reason: str = "") -> None:
        """Says that a list could not be read, and why in the server's words."""
        words = why_not(resource.id, state, reason)
        self.listed[resource.id] = Listed(state, reason=words, permission=resource.permission if state == FORBIDDEN else "")

    def _take_pods(self, resource: Resource, items: Iterable[ApiObject]) -> int:
        fold, images, count = PodFold(), ImageFold(), 0
        for taker in self._takers:
            taker.begin()
        for pod in items:
            count += 1
            fold.add(pod)
            images.add(pod)
            for taker in self._takers:
                taker.add(pod)
        for taker in self._takers:
            taker.finish()
        self.listed[resource.id] = Listed(READ, tuple(sorted(fold.kept, key=_place)), resource.versions[0])
        self.pods = fold.use()
        self.images = images.use()
        return count

    # ---- the cluster -------------------------------------------------------------------------------------------------

    def cluster(self, git_version: str, olm_v0: bool, olm_v1: bool) -> ClusterFacts:
        """The cluster as a whole; `git_version` is what its API server calls itself."""
        version = self._first("clusterversions.config.openshift.io", "version")
        system = self._first("namespaces", "kube-system")
        reached = [text_at(entry, "version") for entry in maps_at(version, "status.history") if entry.get("state") == "Completed"]
        openshift = reached[0] if reached else text_at(version, "status.desired.version")
        identity = text_at(version, "spec.clusterID") or text_at(system, "metadata.uid")
        return ClusterFacts(identity, git_version.removeprefix("v"), openshift, _next_minor(openshift), olm_v0, olm_v1)

    def _first(self, resource: str, name: str) -> ApiObject:
        found = self.listed.get(resource)
        return next((item for item in found.items if name_of(item) == name), {}) if found else {}


def _place(item: ApiObject) -> tuple[str, str]:
    return namespace_of(item), name_of(item)


def _next_minor(version: str) -> str:
    """4.22 after 4.21.3; empty where there is no such number."""
    major, _dot, rest = version.partition(".")
    minor = rest.partition(".")[0]
    return f"{major}.{int(minor) + 1}" if major.isdigit() and minor.isdigit() else ""
