# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Provisioning many namespaces, task against task: this collection in one task, kubernetes.core.k8s in one task for each namespace.

Both playbooks run on the same real API server, and both write the same objects, each into namespaces of its own. A task is timed
by two moments that its own playbook notes right before and right after it.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.benchmarks.figures import Figure
from tests.counterparts.cluster import Cluster, ClusterError, cluster, crds_available, node
from tests.tools.link_tree import CHECKOUT, make_link_tree

Json = dict[str, Any]
SPACES, OBJECTS = 100, 20
CREATED_RATIO, UNCHANGED_RATIO = round(1 / 15, 4), round(1 / 40, 4)
NOW = "2026-11-22T08:00:00Z"
CRDS = (
    "kueue.x-k8s.io",
    "clusterresourcequotas.quota.openshift.io",
    "groups.user.openshift.io",
    "podmonitors.monitoring.coreos.com",
    "servicemonitors.monitoring.coreos.com",
)
LABELS = {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3", "nvidia.com/gpu.memory": "81559", "nvidia.com/gpu.present": "true"}
PERSONAS = ("data_scientist", "ml_engineer", "service")
MOMENTS = re.compile(r"(before|after)=([0-9.]+)")
_COUNTS = "{{ (made | default({})).counts | default({}) | to_json }}"
MODULE_UTILS = "ansible_collections.groundwork.readiness.plugins.module_utils"


class PlaybookError(RuntimeError):
    """A playbook that failed, with the end of what it said."""


@dataclass(frozen=True, slots=True)
class Timed:
    """One playbook: how long its one task took, and all of it, in seconds; and what it printed."""

    task: float
    wall: float
    output: str


def namespaces_figures(folder: Path) -> Iterator[Figure]:
    """Making, looking at and mending the namespaces of many teams, and ratios against one task for each of them."""
    name = f"namespaces: {SPACES} of {OBJECTS} objects"
    if not crds_available():
        yield Figure(f"{name}: created", None, "s", note="no custom resource definitions")
        return
    try:
        with cluster(name="namespaces-benchmark", crds=CRDS, nodes=_nodes(), scheduler=False) as site:
            yield from _measured(site, name, folder)
    except (ClusterError, PlaybookError) as error:
        yield Figure(f"{name}: created", None, "s", note=str(error).splitlines()[-1])


def _measured(site: Cluster, name: str, folder: Path) -> Iterator[Figure]:
    folder.mkdir(parents=True, exist_ok=True)
    _furnish(site)
    per_space = sum(1 for item in planned(("team-000",)) if item["metadata"].get("namespace") or item["kind"] == "Namespace")
    yield Figure(f"{name}: objects of a namespace", per_space, "objects", OBJECTS, at_least=True)
    peer = played(site, folder / "peer", peer_tasks(folder))
    yield Figure(f"{name}: kubernetes.core.k8s, a task for each", round(peer.task, 2), "s", note=f"playbook {peer.wall:.1f} s")
    yield Figure(f"{name}: plain requests one after the other", round(_plain(site), 2), "s", note="the same objects, without Ansible")
    made = played(site, folder / "made", own_tasks(site, folder))
    yield Figure(f"{name}: created", round(made.task, 2), "s", note=f"playbook {made.wall:.1f} s")
    yield Figure(f"{name}: created, against a task for each", round(made.task / peer.task, 4), "ratio", CREATED_RATIO)
    same = played(site, folder / "same", own_tasks(site, folder))
    writes = _number(same.output, "created") + _number(same.output, "updated") + _number(same.output, "deleted")
    yield Figure(f"{name}: writes with nothing to change", writes, "writes", 0)
    yield Figure(f"{name}: nothing to change", round(same.task, 2), "s", note=f"playbook {same.wall:.1f} s")
    yield Figure(f"{name}: nothing to change, against a task for each", round(same.task / peer.task, 4), "ratio", UNCHANGED_RATIO)
    proof = played(site, folder / "proof", own_tasks(site, folder, mode="verify", access_proof="always"))
    yield Figure(f"{name}: looked at, access of everybody proven", round(proof.task, 2), "s", note=f"playbook {proof.wall:.1f} s")
    path = "/api/v1/namespaces/team-042/resourcequotas/readiness-quota"
    body = {"spec": {"hard": {"requests.nvidia.com/gpu": "7"}}}
    site.client.request("PATCH", f"{path}?fieldManager=somebody", body, "application/merge-patch+json").checked()
    mended = played(site, folder / "mended", own_tasks(site, folder))
    yield Figure(f"{name}: one field of all was changed: mended", _number(mended.output, "updated"), "objects", 1, at_least=True)


def _number(output: str, word: str) -> int:
    found = re.search(rf'"{word}": ([0-9]+)', output)
    return int(found.group(1)) if found else -1


# ---- what is made ----------------------------------------------------------------------------------------------------


def contract(space: str) -> Json:
    """A contract that comes to twenty objects."""
    number = int(space.rpartition("-")[2])
    return {
        "schema_version": "1.0",
        "namespace": space,
        "owner": {"name": f"owner-{number // 5:02}", "group": f"owners-{number // 5:02}", "cost_centre": f"cc-{number // 5:02}"},
        "classification": "internal",
        "expires": "2027-06-30",
        "personas": [
            {"persona": "data_scientist", "groups": [f"team-{number:03}"]},
            {"persona": "ml_engineer", "groups": [f"team-{number:03}"]},
            {"persona": "service", "service_accounts": ["pipeline", "serving"]},
        ],
        "service_accounts": [{"name": "pipeline"}, {"name": "serving"}],
        "accelerators": [{"name": "all", "class": "large-inference"}],
        "quota": {"cpu": 16, "memory_gib": 64, "storage_gib": 100},
        "network": {
            "from_namespaces": ["redhat-ods-applications"],
            "egress": [{"name": f"way-{place}", "cidrs": [f"10.{place}.0.0/16"], "ports": ["443"]} for place in range(4)],
        },
        "monitoring": {"pods": [{"name": "vllm", "labels": {"app": "vllm"}, "port": "metrics"}]},
        "data_sources": [
            {
                "name": "sales",
                "uri": "s3://sales",
                "owner": "data@example.com",
                "classification": "internal",
                "lineage": "catalogue/sales",
                "consent": "none needed",
                "retention_days": 365,
            }
        ],
    }


def planned(spaces: Sequence[str]) -> list[Json]:
    """What this collection makes of these namespaces, in the order in which it is written."""
    make_link_tree(CHECKOUT / "build" / "collections")
    if str(CHECKOUT / "build" / "collections") not in sys.path:
        sys.path.insert(0, str(CHECKOUT / "build" / "collections"))
    reading, plan, model = (
        importlib.import_module(f"{MODULE_UTILS}.{name}")
        for name in ("namespaces.contract.reading", "namespaces.plan", "platform.accelerators.model")
    )
    source = importlib.import_module(f"{MODULE_UTILS}.platform.desired.parse").SourceText
    contracts = [each.contract for each in reading.read_contracts([source("teams.yml", [contract(name) for name in spaces])]).placed]
    served = plan.Served("v1beta2", cluster_quotas=True, monitors=True)
    # Without a fleet no grant is settled: the quota is written by hand below, as the stage would with one.
    found = [dict(each.object) for each in plan.plan_namespaces(contracts, {}, model.Fleet(), served).objects]
    quotas = [
        {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "readiness-quota", "namespace": name},
            "spec": {"hard": {"requests.cpu": "16", "requests.memory": "64Gi", "requests.nvidia.com/gpu": "1"}},
        }
        for name in spaces
    ]
    return sorted([*found, *quotas], key=lambda item: item["kind"] != "Namespace")


def _spaces(prefix: str) -> tuple[str, ...]:
    return tuple(f"{prefix}-{number:03}" for number in range(SPACES))


def peer_tasks(folder: Path) -> list[Json]:
    """A task of kubernetes.core for each namespace, with all of its objects."""
    for name in _spaces("peer"):
        items = [item for item in planned((name,)) if item["metadata"].get("namespace") or item["kind"] == "Namespace"]
        (folder / f"{name}.json").write_text(json.dumps(items), encoding="utf-8")
    definition = "{{ lookup('ansible.builtin.file', folder ~ '/' ~ item ~ '.json') | from_json }}"
    task = {"definition": definition, "state": "present", "apply": True}
    loop = {"loop": list(_spaces("peer")), "loop_control": {"label": "{{ item }}"}}
    return [{"name": "Make one namespace", "kubernetes.core.k8s": task, **loop}]


def own_tasks(site: Cluster, folder: Path, **more: str) -> list[Json]:
    """The task of this collection, for all namespaces; nothing is proven of access unless `more` says so, as the peer proves nothing."""
    contracts = folder / "contracts.json"
    contracts.write_text(json.dumps([contract(name) for name in _spaces("team")]), encoding="utf-8")
    given = {
        "run_dir": "{{ run.run_dir }}",
        "cluster": {"host": site.url, "api_key": site.admin_token, "ca_cert": str(site.ca_path)},
        "contracts": str(contracts),
        "document": {"schema_version": "1.0"},
        "access_proof": "never",
        **more,
    }
    return [{"name": "Make all namespaces", "groundwork.readiness.namespaces": given, "register": "made"}]


def _furnish(site: Cluster) -> None:
    """People and personas, which contracts lean on."""
    groups = [f"owners-{number:02}" for number in range(SPACES // 5)] + [f"team-{number:03}" for number in range(SPACES)]
    site.apply({"apiVersion": "user.openshift.io/v1", "kind": "Group", "metadata": {"name": name}, "users": ["one"]} for name in groups)
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"}
    names = [f"groundwork-readiness-persona-{name.replace('_', '-')}" for name in PERSONAS]
    site.apply({**role, "metadata": {"name": name}, "rules": []} for name in names)


def _nodes() -> list[Json]:
    return [node(f"gpu-{number:02}", labels=LABELS, capacity={"nvidia.com/gpu": "8"}, cpu="128", memory="1Ti") for number in range(16)]


def _plain(site: Cluster) -> float:
    """Seconds of writing the same objects by nothing but requests, one after the other: what the server itself takes."""
    items = [
        item for name in _spaces("plain") for item in planned((name,)) if item["metadata"].get("namespace") or item["kind"] == "Namespace"
    ]
    begun = perf_counter()
    for item in items:
        site.client.request("POST", site.client.path_of(item, collection=True), item)
    return perf_counter() - begun


# ---- playbooks -------------------------------------------------------------------------------------------------------


def played(site: Cluster, folder: Path, tasks: Sequence[Mapping[str, Any]]) -> Timed:
    """Runs the tasks between two notes of the time."""
    folder.mkdir(parents=True, exist_ok=True)
    moments = [
        {"name": f"Note {word}", "ansible.builtin.command": {"argv": ["date", f"+{word}=%s.%N"]}, "changed_when": False, "register": word}
        for word in ("before", "after")
    ]
    opened = {
        "runs_dir": str(folder / "runs"),
        "run_id": "benchmark",
        "now": NOW,
        "or_new": True,
        "anew": ["namespaces"],
        "playbook": "namespaces",
    }
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}", "folder": str(folder.parent)},
        "module_defaults": {
            "kubernetes.core.k8s": {"host": site.url, "api_key": site.admin_token, "ca_cert": str(site.ca_path)},
        },
        "tasks": [
            {"name": "Begin a run", "groundwork.readiness.run": opened, "register": "run"},
            moments[0],
            *tasks,
            moments[1],
            {"name": "Tell", "ansible.builtin.debug": {"msg": f"{{{{ before.stdout }}}} {{{{ after.stdout }}}} {_COUNTS}"}},
        ],
    }
    (folder / "play.json").write_text(json.dumps([play]), encoding="utf-8")
    settings = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / "build" / "collections"), "ANSIBLE_NOCOLOR": "1"}
    command = [str(Path(sys.executable).with_name("ansible-playbook")), str(folder / "play.json")]
    begun = perf_counter()
    done = subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, check=False)
    wall = perf_counter() - begun
    moments_found = dict(MOMENTS.findall(done.stdout))
    if done.returncode or len(moments_found) < 2:
        raise PlaybookError((done.stdout + done.stderr)[-3000:])
    return Timed(float(moments_found["after"]) - float(moments_found["before"]), wall, done.stdout.replace('\\"', '"'))
