# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts of a record that come from other lists than its own: each is known only where that list was read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ..common.artifact import JsonRecord
from . import lists, networks, nodes, storage, virtualization
from .lists import Lists
from .readings import BY_ID

CLUSTER_VERSION, KUBE_SYSTEM = "cluster_version", "kube_system"
UNIDENTIFIED: Final = "unidentified"
"""Id of a cluster that shows neither ClusterVersion nor its namespaces."""

_OPENSHIFT_FACTS: Final = {
    "openshift_version": lists.CLUSTER_VERSIONS,
    "platform": lists.INFRASTRUCTURES,
    "control_plane_topology": lists.INFRASTRUCTURES,
}


def finished(record: JsonRecord, unknown: Mapping[str, str]) -> JsonRecord:
    """The record with the reasons for what is unknown, where there are any."""
    return {**record, "unknown": dict(sorted(unknown.items()))} if unknown else record


def _opened(record: JsonRecord) -> tuple[JsonRecord, dict[str, str]]:
    """A copy of the record without its reasons, and the reasons."""
    return {key: value for key, value in record.items() if key != "unknown"}, dict(record.get("unknown", {}))


def complete_node(record: JsonRecord, read: Lists) -> JsonRecord:
    """Adds what pods request on a node, its bridges and its NUMA nodes."""
    record, unknown = _opened(record)
    if read.read(lists.PODS):
        facts, reasons = read.kept(lists.PODS).facts(record["name"])
        record |= facts
        unknown |= reasons
    else:
        unknown |= dict.fromkeys(nodes.REQUESTED, read.why_not(lists.PODS))
    for fact, source in (("bridges", lists.NODE_STATES), ("numa_node_count", lists.TOPOLOGIES)):
        value = read.kept(source, {}).get(record["name"])
        if value is None:
            unknown[fact] = read.why_not(source) or f"there is no {BY_ID[source].kind} for the node that shows it"
        else:
            record[fact] = value
    return finished(record, unknown)


def complete_storage_class(record: JsonRecord, read: Lists) -> JsonRecord:
    """Adds what CDI takes a storage class to be able to do, its snapshots and its free space."""
    record, unknown = _opened(record)
    profile = read.kept(lists.PROFILES, {}).get(record["name"])
    if profile is None:
        reason = read.why_not(lists.PROFILES) or "there is no StorageProfile for it"
        unknown |= {"claim_sets": reason, "clone_strategy": reason}
    else:
        record["claim_sets"] = list(profile.claim_sets)
        record["clone_strategy"] = profile.clone_strategy
    by_driver = read.kept(lists.SNAPSHOT_CLASSES, {}).get(record.get("provisioner"), "")
    if profile is not None and profile.snapshot_class:
        record["snapshot_class"] = profile.snapshot_class
    elif not (read.read(lists.SNAPSHOT_CLASSES) or read.none_there(lists.SNAPSHOT_CLASSES)):
        unknown["snapshot_class"] = read.why_not(lists.SNAPSHOT_CLASSES)
    elif by_driver and not (read.read(lists.PROFILES) or read.none_there(lists.PROFILES)):
        # A profile that cannot be seen may name another one of the driver.
        unknown["snapshot_class"] = read.why_not(lists.PROFILES)
    else:
        record["snapshot_class"] = by_driver
    if read.read(lists.CAPACITIES):
        facts, reasons = read.kept(lists.CAPACITIES).facts(record["name"])
        record |= facts
        unknown |= reasons
    else:
        unknown |= dict.fromkeys(storage.FREE_FACTS, read.why_not(lists.CAPACITIES))
    return finished(record, unknown)


def complete_user_network(record: JsonRecord, read: Lists) -> JsonRecord:
    """Adds the namespaces that the selector of a network takes; a network of one namespace is in that one."""
    record, unknown = _opened(record)
    selector = record.pop(networks.SELECTOR, None)
    if selector is None:
        return finished(record, unknown)
    if not read.read(lists.NAMESPACES):
        unknown["namespaces"] = read.why_not(lists.NAMESPACES)
        return finished(record, unknown)
    known = read.kept(lists.NAMESPACES)
    taken = {name: networks.selects(selector, known[name]["labels"]) for name in sorted(known)}
    if None in taken.values():
        unknown["namespaces"] = "its selector has an operator that this version does not know"
    else:
        record["namespaces"] = [name for name, verdict in taken.items() if verdict]
    return finished(record, unknown)


def complete_toolkit(record: JsonRecord, read: Lists) -> JsonRecord:
    """Adds the version of the migration toolkit, and the pod security level of its namespace."""
    record, unknown = _opened(record)
    version = read.kept(lists.SUBSCRIPTIONS, "")
    if version:
        record["version"] = version
    else:
        unknown["version"] = read.why_not(lists.SUBSCRIPTIONS) or "no Subscription to its operator names a version"
    own = read.kept(lists.NAMESPACES, {}).get(record.get("namespace"))
    if own is None:
        unknown["namespace_enforces"] = read.why_not(lists.NAMESPACES) or "its namespace is not in the list of namespaces"
    else:
        record["namespace_enforces"] = own["enforce"]
    return finished(record, unknown)


COMPLETIONS: Final[Mapping[str, Callable[[JsonRecord, Lists], JsonRecord]]] = {
    "node": complete_node,
    "storage_class": complete_storage_class,
    "user_network": complete_user_network,
    "migration_toolkit": complete_toolkit,
}
"""Kind to what adds to its records the facts from other lists."""


def virtualization_record(read: Lists) -> JsonRecord | None:
    """The record of OpenShift Virtualization; None where it is not installed, or nobody knows.

    CDI's configuration says what CDI keeps free of a volume; where it does not show, HyperConverged or CDI say what it was told.
    """
    hyperconverged = read.kept(lists.HYPERCONVERGEDS)
    made = virtualization.virtualization(hyperconverged, read.kept(lists.KUBEVIRTS))
    if made is None:
        return None
    record, unknown = _opened(made)
    overhead = read.kept(lists.CDI_CONFIGS)
    if overhead is None and hyperconverged is not None:
        overhead = storage.overhead(hyperconverged, *virtualization.OVERHEAD_PATHS)
    overhead = read.kept(lists.CDIS) if overhead is None else overhead
    if overhead is None:
        reason = read.why_not(lists.CDI_CONFIGS) or "there is no CDIConfig"
        unknown |= {"filesystem_overhead": reason, "filesystem_overheads": reason}
    else:
        record["filesystem_overhead"] = overhead.general
        record["filesystem_overheads"] = dict(overhead.classes)
    return finished(record, unknown)


def cluster_record(read: Lists, git_version: str, api_groups: list[str] | None) -> JsonRecord:
    """The record of the cluster itself. A cluster that does not serve ClusterVersion is no OpenShift."""
    facts: JsonRecord = {}
    unknown: dict[str, str] = {}
    own = read.kept(lists.CLUSTER_VERSIONS, {}).get("id", "")
    identity = own or read.kept(lists.NAMESPACES, {}).get("kube-system", {}).get("uid", "")
    if identity:
        facts["id_basis"] = CLUSTER_VERSION if own else KUBE_SYSTEM
    else:
        unknown["id_basis"] = read.why_not(lists.NAMESPACES) or "there is no namespace kube-system"
    if git_version:
        facts["kubernetes_version"] = git_version.removeprefix("v")
    else:
        unknown["kubernetes_version"] = "the server did not say its version"
    for fact, source in _OPENSHIFT_FACTS.items():
        if read.read(source) or read.none_there(source):
            facts[fact] = read.kept(source, {}).get(fact, "")
        else:
            unknown[fact] = read.why_not(source)
    if api_groups is None:
        unknown["api_groups"] = "the server did not say which API groups it serves"
    else:
        facts["api_groups"] = api_groups
    return finished({"kind": "cluster", "id": identity or UNIDENTIFIED, **facts}, unknown)
