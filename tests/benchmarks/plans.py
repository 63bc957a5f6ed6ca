# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Planning: a large estate onto a cluster that is large enough, manifests and preflight included, against reading its inputs alone."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.tools.generator.collection import module_util
from tests.tools.generator.demo_target import demo_records

from .figures import MEBIBYTE, Figure
from .measure import Measured, measure

SMALL_VMS, LARGE_VMS = 5_000, 50_000
SECONDS, PEAK_MIB = 30, 1024
GROWTH = round(LARGE_VMS / SMALL_VMS * math.log(LARGE_VMS) / math.log(SMALL_VMS), 1)
"""What n log n allows."""
VMS_PER_NODE = 40


def large_target(vms: int, path: Path) -> Path:
    """The demo's cluster with nodes and storage for so many VMs, and without quotas."""
    records = demo_records()
    worker = next(record for record in records if record["kind"] == "node" and record.get("kubevirt_schedulable"))
    kept = [
        record for record in records if record["kind"] != "quota" and not (record["kind"] == "node" and record.get("kubevirt_schedulable"))
    ]
    names = [f"worker-{number:05d}.ocp.example.com" for number in range(max(3, vms // VMS_PER_NODE))]
    kept += [{**worker, "id": name, "name": name} for name in names]
    for record in kept:
        if record["kind"] == "storage_class":
            record["free_bytes"] = vms << 42
    artifact, artifacts = module_util("common.artifact"), module_util("adapters.artifacts")
    with artifacts.ArtifactWriter(path, artifact.ArtifactHeader("target")) as writer:
        for record in sorted(kept, key=lambda record: (record["kind"], record["id"])):
            writer.write(record)
        writer.finish()
    return path


def settings_for(folder: Path) -> dict[str, Any]:
    """Every network and every rule accepted, so that as much as possible is planned."""
    rules = []
    for line in (folder / "assessment.jsonl").open(encoding="utf-8"):
        record = json.loads(line)
        if record["kind"] == "vm":
            break
        if record["kind"] == "rule":
            rules.append(record["id"])
    return {
        "accept_unknown": rules,
        "limits": {"vms": 500},
        "windows": [{"name": "any night", "days": "daily", "start": "20:00", "end": "06:00"}],
        # VMs of several applications share disks here, which have to stay in one namespace.
        "namespaces": [{"namespace": "moved"}],
        "networks": [{"source": "*", "type": "multus", "namespace": "default", "name": "app-vlan-110"}],
        "fit": {"cpu_baseline": "ignore"},
        "rates": {"link_mib_per_s": 5000, "target_mib_per_s": 5000},
    }


def planned(folder: Path, vms: int) -> tuple[Measured, Measured]:
    """(the whole stage, reading its inputs alone) for the assessed run in a folder."""
    target = large_target(vms, folder / "target.jsonl")
    whole = measure("plan_stage", run_dir=folder, target=target, settings=settings_for(folder))
    return whole, measure("plan_inputs", run_dir=folder, target=target)


def plan_figures(folders: dict[int, Path]) -> Iterator[Figure]:
    """Time, memory and growth of planning; `folders` are the assessed runs by their number of VMs."""
    seconds: dict[int, float] = {}
    for vms, folder in sorted(folders.items()):
        whole, inputs = planned(folder, vms)
        seconds[vms] = whole.seconds
        large = vms == LARGE_VMS
        name = f"plan: {vms:,} VMs"
        counts = whole.result["counts"]
        yield Figure(f"{name}: VMs in a wave", counts["placed"], "VMs", note=f"{counts['waves']} waves, {counts['plans']} plans")
        yield Figure(f"{name}: time", round(whole.seconds, 3), "s", SECONDS if large else None, note=f"CPU {whole.cpu_seconds:.2f} s")
        yield Figure(f"{name}: peak memory", round(whole.peak_bytes / MEBIBYTE, 1), "MiB", PEAK_MIB if large else None)
        yield Figure(f"{name}: time against reading the inputs alone", round(whole.seconds / inputs.seconds, 2), "ratio")
    if SMALL_VMS in seconds and LARGE_VMS in seconds:
        growth = round(seconds[LARGE_VMS] / seconds[SMALL_VMS], 2)
        yield Figure(f"plan: growth of time from {SMALL_VMS:,} to {LARGE_VMS:,} VMs", growth, "ratio", GROWTH)
