# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One seeded estate, read live from its vCenter and by an RVTools export of it, assessed both times with the real playbook.

The export is written by the simulator from its own memory: it owes nothing to the live reader.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import ArtifactReader
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.rvtools import read_rvtools

from tests.counterparts.vcenter import vcenter
from tests.tools.compare_estates import NOT_EVALUATED, RULES_WANTED, Comparison, compare, read_assessment

from .live import login
from .playbooks import Played, play

NOW = "2026-11-21T12:00:00Z"
SHOWN = 30

PARTS = ("disks", "nics", "snapshots", "partitions", "usb", "removable_media")
SHOWN_BY_BOTH = ("host", "datastore", "cluster", "resource_pool")


@dataclass(frozen=True, slots=True)
class Estate:
    """One estate, assessed in both ways, with what the simulator counts of its own inventory."""

    counts: Mapping[str, int]
    folder: Path
    live: Played
    export: Played


@pytest.fixture(scope="module", params=((56, 1), (146, 2)), ids=lambda size: f"{size[0]} VMs")
def estate(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """A seeded estate, read and assessed in both ways.

    The larger one has a disk on no datastore: the blank path in its export leaves open who shares that disk.
    """
    vms, seed = request.param
    root = tmp_path_factory.mktemp("compared")
    with vcenter(vms=vms, seed=seed) as simulator:
        simulator.export(root / "rvtools")
        counts = simulator.counts
        live = assessed(root / "live", {"vcenter": login(simulator)})
    yield Estate(counts, root / "rvtools", live, assessed(root / "export", {"rvtools": str(root / "rvtools")}))


def assessed(folder: Path, source: Mapping[str, Any]) -> Played:
    """A run of the playbook on one source."""
    played = play(folder, variables={"readiness_now": NOW, "readiness_sources": [source]})
    assert played.code == 0, played.output
    return played


@pytest.fixture(scope="module")
def comparison(estate: Estate) -> Comparison:
    """Every result of the export against the live one."""
    return compare(*(read_assessment(played.run_dir / "assessment.jsonl") for played in (estate.live, estate.export)))


def of_estate(played: Played) -> dict[str, dict[str, dict[str, Any]]]:
    """Kind and id to the record of the estate."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for record in ArtifactReader(played.run_dir / "estate.jsonl", "estate"):
        found.setdefault(record["kind"], {})[record["id"]] = record
    return found


def test_both_assessments_hold_the_same_vms_and_exclude_the_same_ones(estate: Estate, comparison: Comparison) -> None:
    assert comparison.unpaired == []
    excluded = read_assessment(estate.live.run_dir / "assessment.jsonl").excluded
    assert comparison.vms == estate.counts["vms"] - len(excluded)
    assert comparison.pairs == comparison.vms * len(comparison.rules)


def test_no_result_of_the_export_differs_from_the_live_one_unless_it_is_not_evaluated(
    comparison: Comparison, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print("", *comparison.lines(), sep="\n")
    assert [difference.text() for difference in comparison.differences[:SHOWN]] == []


def test_at_least_fifteen_rules_have_both_outcomes_in_both_assessments(comparison: Comparison) -> None:
    assert len(comparison.both_outcomes) >= RULES_WANTED, comparison.both_outcomes


def test_export_leaves_rules_open_that_the_live_estate_decides(comparison: Comparison) -> None:
    assert comparison.export[NOT_EVALUATED] > comparison.live[NOT_EVALUATED]


def test_live_estate_has_as_many_of_each_as_the_simulator_counts(estate: Estate) -> None:
    records = of_estate(estate.live)
    vms = records["vm"].values()
    shown = {
        "vms": len(records["vm"]),
        "templates": sum(1 for vm in vms if vm.get("template")),
        "disks": sum(len(vm.get("disks", ())) for vm in vms),
        "nics": sum(len(vm.get("nics", ())) for vm in vms),
        "snapshots": sum(len(vm.get("snapshots", ())) for vm in vms),
        "usb": sum(len(vm.get("usb", ())) for vm in vms),
        "removable_media": sum(len(vm.get("removable_media", ())) for vm in vms),
        "hosts": len(records["host"]),
        "datastores": len(records["datastore"]),
        "networks": len(records["network"]),
        "clusters": len(records["cluster"]),
        "folders": len(records["folder"]),
        "datacenters": len(records["datacenter"]),
        "resource_pools": len(records["resource_pool"]),
        "vapps": len(records["vapp"]),
        "switches": len(records["switch"]),
        "drs_rules": len(records["drs_rule"]),
        "drs_groups": len(records["drs_group"]),
    }
    assert shown == {what: estate.counts[what] for what in shown}


def test_export_has_as_many_of_each_as_the_simulator_counts(estate: Estate) -> None:
    read = read_rvtools(estate.folder)
    tally: Counter[str] = Counter()
    for record in read.records:
        tally[record["kind"]] += 1
        for part in PARTS:
            tally[part] += len(record.get(part, ()))
    shown = {"vms": tally["vm"], **{part: tally[part] for part in PARTS}, **{f"{kind}s": tally[kind] for kind in SHOWN_BY_BOTH}}
    assert shown == {what: estate.counts[what] for what in shown}
    assert read.source["notices"] == []


def test_facts_that_both_show_are_the_same(estate: Estate) -> None:
    live, export = of_estate(estate.live), of_estate(estate.export)
    differing: Counter[str] = Counter()
    example: dict[str, str] = {}
    for kind in ("vm", *SHOWN_BY_BOTH):
        assert live[kind].keys() == export[kind].keys()
        for identity, theirs in export[kind].items():
            for path, here, there in different(kind, live[kind][identity], theirs):
                if path != "vm.folder" or not theirs["vapp"]:  # RVTools shows no folder for the VMs of a vApp
                    differing[path] += 1
                    example.setdefault(path, f"{identity}: {here!r} live, {there!r} in the export")
    assert dict(differing) == {}, example


def different(path: str, ours: Any, theirs: Any) -> Iterator[tuple[str, Any, Any]]:
    """Path and both values of the facts that both know and that are not the same; parts are compared in their order."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for fact in sorted(ours.keys() & theirs.keys()):
            if f"{path}.{fact}" not in SHOWN_OTHERWISE and fact not in BOOKKEEPING:
                yield from different(f"{path}.{fact}", ours[fact], theirs[fact])
    elif path.rpartition(".")[2] in PARTS and len(ours) == len(theirs):
        for here, there in zip(ours, theirs, strict=True):
            yield from different(path, here, there)
    elif (ours.strip() if isinstance(ours, str) else ours) != theirs:
        yield path, ours, theirs


BOOKKEEPING = {"origin", "sources", "unknown", "fact_origins"}
SHOWN_OTHERWISE: Mapping[str, str] = {
    "vm.created_at": "without a zone",
    "vm.powered_on_at": "without a zone",
    "vm.cluster_rules": "those in force alone",
    "vm.nics.network_id": "without the ids of standard port groups",
    "vm.provisioned_bytes": "in whole MiB",
    "vm.used_bytes": "in whole MiB",
    "vm.partitions.capacity_bytes": "in whole MiB",
    "vm.partitions.free_bytes": "in whole MiB",
    "vm.snapshots.created_at": "without a zone",
    "vm.snapshots.size_bytes": "in MiB with two decimals",
    "vm.removable_media.backing": "as the client sums the device up",
    "datastore.capacity_bytes": "in whole MiB",
    "datastore.free_bytes": "in whole MiB",
    "datastore.provisioned_bytes": "in whole MiB",
}
"""Facts that an export shows in another way than the API."""
