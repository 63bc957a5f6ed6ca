# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of nodes, of what runs, of the cluster around, and contracts that the cluster does not fit."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from tests.counterparts.cluster import Fault, wait_until
from tests.integration.namespaces_faults.stand import (
    GPU_POLICY,
    OAUTH,
    SOMEBODYS,
    SOUND,
    Asked,
    C,
    Json,
    S,
    Stand,
    T,
    contract,
    named,
    pod,
    quota_path,
)

NODES = ("gpu-0", "gpu-1")
REGION = "topology.kubernetes.io/region"
ABROAD = "us-east"
CONFIG = "config.openshift.io/v1"
OAUTH_PATH = f"/apis/{CONFIG}/oauths/cluster"
GPU = "nvidia.com/gpu"


def node_path(name: str) -> str:
    return f"/api/v1/nodes/{name}"


# ---- nodes -----------------------------------------------------------------------------------------------------------


@contextmanager
def all_nodes_cordoned(stand: Stand) -> Iterator[Asked]:
    with cordoned(stand, *NODES):
        yield Asked()


@contextmanager
def one_node_cordoned(stand: Stand) -> Iterator[Asked]:
    with cordoned(stand, NODES[1]):
        yield Asked()


@contextmanager
def cordoned(stand: Stand, *names: str) -> Iterator[None]:
    for name in names:
        stand.patch(node_path(name), {"spec": {"unschedulable": True}})
    try:
        yield
    finally:
        for name in names:
            stand.patch(node_path(name), {"spec": {"unschedulable": None}})


@contextmanager
def all_nodes_tainted(stand: Stand) -> Iterator[Asked]:
    before = {name: stand.site.live(node_path(name))["spec"]["taints"] for name in NODES}
    for name, taints in before.items():
        stand.patch(node_path(name), {"spec": {"taints": [*taints, {"key": "example.com/maintenance", "effect": "NoSchedule"}]}})
    try:
        yield Asked()
    finally:
        for name, taints in before.items():
            stand.patch(node_path(name), {"spec": {"taints": taints}})


@contextmanager
def devices_sick(stand: Stand) -> Iterator[Asked]:
    for name, healthy in zip(NODES, ("4", "1"), strict=True):
        stand.status(node_path(name), {"allocatable": {GPU: healthy}})
    try:
        yield Asked()
    finally:
        for name in NODES:
            stand.status(node_path(name), {"allocatable": {GPU: "8"}})


@contextmanager
def node_in_another_region(stand: Stand) -> Iterator[Asked]:
    with running(stand, pod("work", C, NODES[1])), labelled(stand, NODES[1], ABROAD):
        yield Asked()


@contextmanager
def node_without_region(stand: Stand) -> Iterator[Asked]:
    with running(stand, pod("work", C, NODES[1])), labelled(stand, NODES[1], None):
        yield Asked()


@contextmanager
def labelled(stand: Stand, name: str, region: str | None) -> Iterator[None]:
    back = {"metadata": {"labels": {REGION: "eu-central"}}}
    with stand.changed(node_path(name), {"metadata": {"labels": {REGION: region}}}, back):
        yield


# ---- what runs -------------------------------------------------------------------------------------------------------


@contextmanager
def running(stand: Stand, *pods: Json) -> Iterator[None]:
    """Pods that run for as long as the block lasts."""
    with stand.with_objects(*pods):
        for item in pods:
            wait_until("it runs", partial(is_running, stand, stand.cluster.client.path_of(item)))
        yield


def is_running(stand: Stand, path: str) -> bool:
    return bool(stand.site.live(path)["status"].get("phase") == "Running")


@contextmanager
def image_from_elsewhere(stand: Stand) -> Iterator[Asked]:
    with running(stand, pod("work", C, image="registry.example.net/ai/app:1")):
        yield Asked()


@contextmanager
def volume_abroad(stand: Stand) -> Iterator[Asked]:
    asks = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": "", "volumeName": "abroad"}
    claim = named("v1", "PersistentVolumeClaim", "data", C, spec=asks)
    place = {"nodeSelectorTerms": [{"matchExpressions": [{"key": REGION, "operator": "In", "values": [ABROAD]}]}]}
    has = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/made-up"}}
    reserved = {"claimRef": {"namespace": C, "name": "data"}, "persistentVolumeReclaimPolicy": "Retain"}
    volume = named("v1", "PersistentVolume", "abroad", spec={**has, **reserved, "nodeAffinity": {"required": place}})
    with stand.with_objects(volume), stand.with_objects(claim):
        path = stand.cluster.client.path_of(claim)
        wait_until("it is bound", lambda: stand.site.live(path)["status"].get("phase") == "Bound")
        yield Asked()


# ---- the cluster around ----------------------------------------------------------------------------------------------


@contextmanager
def pods_not_answered(stand: Stand) -> Iterator[Asked]:
    with stand.cluster.proxy() as proxy:
        proxy.arm(Fault(method="GET", path=r"^/api/v1/pods\?", count=-1, status=507, message="the database is full"))
        yield Asked(further={"url": proxy.url})


@contextmanager
def login_abroad(stand: Stand) -> Iterator[Asked]:
    providers = copy.deepcopy(OAUTH["spec"]["identityProviders"])
    providers[0]["openID"]["issuer"] = "https://login.example.net/corp"
    with stand.changed(OAUTH_PATH, {"spec": {"identityProviders": providers}}, {"spec": OAUTH["spec"]}):
        yield Asked()


@contextmanager
def nobody_can_log_in(stand: Stand) -> Iterator[Asked]:
    with stand.changed(OAUTH_PATH, {"spec": {"identityProviders": []}}, {"spec": OAUTH["spec"]}):
        yield Asked()


@contextmanager
def reports_leave(stand: Stand) -> Iterator[Asked]:
    off = {"type": "Disabled", "status": "False", "lastTransitionTime": "2026-11-01T00:00:00Z", "reason": "AsExpected"}
    with stand.with_objects(named(CONFIG, "ClusterOperator", "insights", spec={}, status={"conditions": [off]})):
        yield Asked()


@contextmanager
def proxy_abroad(stand: Stand) -> Iterator[Asked]:
    with stand.with_objects(
        named(CONFIG, "Proxy", "cluster", spec={"httpsProxy": "http://proxy.example.net:3128", "trustedCA": {"name": ""}})
    ):
        yield Asked()


@contextmanager
def operator_not_ready(stand: Stand) -> Iterator[Asked]:
    path = stand.cluster.client.path_of(GPU_POLICY)
    stand.status(path, {"state": "notReady"})
    try:
        yield Asked()
    finally:
        stand.status(path, GPU_POLICY["status"])


# ---- contracts -------------------------------------------------------------------------------------------------------


@contextmanager
def grant_expired(_stand: Stand) -> Iterator[Asked]:
    yield Asked(further={"today": "2027-04-02"})


@contextmanager
def grant_ends_soon(_stand: Stand) -> Iterator[Asked]:
    yield Asked(further={"today": "2027-03-20"})


@contextmanager
def group_that_exists_nowhere(_stand: Stand) -> Iterator[Asked]:
    yield Asked(contract(T, personas=[{"persona": "data_scientist", "groups": ["risk-scientists", "nobody-knows"]}]), "check")


@contextmanager
def class_that_no_node_has(_stand: Stand) -> Iterator[Asked]:
    yield Asked(contract(T, accelerators=[{"name": "work", "class": "training", "count": 9}]), "check")


@contextmanager
def fleet_overcommitted(_stand: Stand) -> Iterator[Asked]:
    yield Asked(contract(T, accelerators=[{"name": "work", "class": "training", "count": 4, "replicas": 3}]), "check")


@contextmanager
def quota_below_use(stand: Stand) -> Iterator[Asked]:
    with running(stand, *(pod(f"work-{number}", T) for number in range(3))):
        wait_until("they are counted", lambda: stand.site.live(quota_path(T))["status"]["used"]["pods"] == "3")
        yield Asked(contract(T, quota={"cpu": 16, "memory_gib": 64, "pods": 2}), "check")


@contextmanager
def namespace_of_somebody_else(_stand: Stand) -> Iterator[Asked]:
    yield Asked((*SOUND, {**SOUND[3], "namespace": SOMEBODYS}), "check")


@contextmanager
def network_changed_later(_stand: Stand) -> Iterator[Asked]:
    yield Asked(contract(S, network={"isolation": "policies"}), "check")
