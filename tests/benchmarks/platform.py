# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verifying the platform of a large cluster: a real API server with many nodes, namespaces and pods, and nothing that moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.benchmarks.figures import MEBIBYTE, Figure
from tests.benchmarks.measure import Measured, WorkError, measure
from tests.counterparts.cluster import PLATFORM, Cluster, ClusterError, cluster, crds_available, node
from tests.counterparts.cluster.running import ADMIN

Json = dict[str, Any]
NODES, NAMESPACES, PODS = 500, 200, 20_000
FEW_NAMESPACES = 20
SECONDS = 20
WRITERS = 4
DEVICES = 8
LABELS = {
    "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3",
    "nvidia.com/gpu.memory": "81559",
    "nvidia.com/gpu.count": str(DEVICES),
    "nvidia.com/gpu.present": "true",
    "feature.node.kubernetes.io/pci-10de.present": "true",
}
DOCUMENT: Json = {
    "schema_version": "1.0",
    "operators": {"wanted": [{"name": "nfd", "channel": "stable", "version": "nfd.4.21.0"}]},
    "prerequisites": {"storage_class": {"default": True}},
    "accelerators": {
        "pools": [{"name": "h100", "nodes": {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"}, "vendor": "nvidia"}],
        "requests": [{"name": "chat", "class": "large-inference", "count": 4}],
    },
    "openshift_ai": {"components": {"dashboard": "Managed", "kserve": "Managed"}},
}


def platform_figures(folder: Path) -> Iterator[Figure]:
    """Time, memory and requests of one verification of all parts, and whether requests grow with the number of namespaces."""
    name = f"platform: {NODES} nodes, {NAMESPACES} namespaces, {PODS:,} pods"
    if not crds_available():
        yield Figure(f"{name}: verify", None, "s", SECONDS, note="no custom resource definitions")
        return
    try:
        with cluster(name="benchmark", crds=PLATFORM, kwok=False, scheduler=False, controllers=False) as site:
            yield from _measured(site, name, folder)
    except (ClusterError, WorkError) as error:
        yield Figure(f"{name}: verify", None, "s", SECONDS, note=str(error).splitlines()[0])


def _measured(site: Cluster, name: str, folder: Path) -> Iterator[Figure]:
    begun = perf_counter()
    fill(site, NODES, FEW_NAMESPACES, 0)
    # A server that has just begun asks to try again; only what it answers once it is warm is counted.
    _verified(site, folder)
    few = _verified(site, folder)[1]
    fill(site, 0, NAMESPACES, PODS, begin=FEW_NAMESPACES)
    yield Figure(f"{name}: filling the API server", round(perf_counter() - begun, 1), "s")
    _verified(site, folder)
    run, lists = _verified(site, folder)
    yield Figure(f"{name}: verify of all parts", round(run.seconds, 2), "s", SECONDS, note=f"CPU {run.cpu_seconds:.2f} s")
    yield Figure(f"{name}: peak memory", round(run.peak_bytes / MEBIBYTE, 1), "MiB")
    yield Figure(f"{name}: requests", run.result["calls"], "requests", note=_in_words(lists))
    more = sum(lists.values()) - sum(few.values()) - _further_pages(PODS)
    yield Figure(f"platform: lists more with {NAMESPACES} namespaces than with {FEW_NAMESPACES}", more, "requests", 0)


def _further_pages(items: int, page_size: int = 500) -> int:
    return max(0, -(-items // page_size) - 1)


def _in_words(lists: Mapping[str, int]) -> str:
    several = [f"{kind} {number}" for kind, number in sorted(lists.items()) if number > 1]
    return f"lists of {len(lists)} kinds: one request each, but for {', '.join(several) or 'none'}"


def _verified(site: Cluster, folder: Path) -> tuple[Measured, Mapping[str, int]]:
    """One verification, and the pages of lists that it asked for by kind."""
    options = {"host": site.url, "api_key": site.admin_token, "ca_cert": str(site.ca_path)}
    mark = site.mark()
    run = measure("platform_verify", options=options, document=DOCUMENT, folder=folder)
    verbs = site.audit(mark).by(ADMIN).verbs
    return run, {kind: number for (verb, kind), number in verbs.items() if verb == "list"}


# ---- the cluster -----------------------------------------------------------------------------------------------------


def fill(site: Cluster, nodes: int, namespaces: int, pods: int, *, begin: int = 0) -> None:
    """Makes nodes with accelerators, namespaces with their accounts from the one of that number on, and pods that are bound already."""
    _create(site, "/api/v1/nodes", (_node(number) for number in range(nodes)))
    names = [f"team-{number:03}" for number in range(begin, namespaces)]
    _create(site, "/api/v1/namespaces", ({"metadata": {"name": name}} for name in names))
    accounts = [(f"/api/v1/namespaces/{name}/serviceaccounts", {"metadata": {"name": "default"}}) for name in names]
    _each(site, accounts)
    _each(site, [(f"/api/v1/namespaces/{names[number % len(names)]}/pods", _pod(number)) for number in range(pods)])


def _create(site: Cluster, path: str, items: Iterable[Json]) -> None:
    _each(site, [(path, item) for item in items])


def _each(site: Cluster, wanted: list[tuple[str, Json]]) -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        for answer in pool.map(lambda one: site.client.request("POST", one[0], one[1]), wanted):
            answer.checked()


def _node(number: int) -> Json:
    return node(f"node-{number:04}", labels=LABELS if number % 5 == 0 else {}, capacity=_devices(number), cpu="128", memory="1Ti")


def _devices(number: int) -> dict[str, str]:
    return {"nvidia.com/gpu": str(DEVICES)} if number % 5 == 0 else {}


def _pod(number: int) -> Json:
    where = number % NODES
    requests = {"cpu": "100m", "memory": "256Mi", **({"nvidia.com/gpu": "1"} if where % 5 == 0 and number < 4 * NODES else {})}
    container = {
        "name": "main",
        "image": "registry.example.com/team/service:1.0",
        "env": [{"name": f"SETTING_{place}", "value": "some value of usual length"} for place in range(8)],
        "resources": {"requests": requests, "limits": {name: requests[name] for name in requests if "/" in name}},
    }
    metadata = {"name": f"pod-{number:05}", "labels": {"app.kubernetes.io/name": "service", "pod-template-hash": f"{number:010x}"}}
    return {
        "metadata": metadata,
        "spec": {"nodeName": f"node-{where:04}", "automountServiceAccountToken": False, "containers": [container]},
    }
