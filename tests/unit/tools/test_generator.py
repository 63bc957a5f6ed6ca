# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The generator of estates: the same seed gives the same bytes, every form says the same, and nothing is left unknown."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import zipfile
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import ArtifactReader
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.assessment_stage import run_assessment
from ansible_collections.groundwork.readiness.plugins.module_utils.estate import model
from ansible_collections.groundwork.readiness.plugins.plugin_utils.rule_files import checked_catalogue

from tests.tools.generate_estate import generate_export, generate_saved
from tests.tools.generator.bench import bench_sites
from tests.tools.generator.columns import TABS, full_columns
from tests.tools.generator.workbook import Moment, column_letters

from .exports import rows_by_name, saved_records, vms_of, workbook_tabs

COUNT = 120
BOOKKEEPING = {"fact_origins", "unknown", "out_of_scope"}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    path = tmp_path_factory.mktemp("saved") / "estate.jsonl"
    generate_saved(path, COUNT, 1)
    return saved_records(path)


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[Any]]]:
    path = tmp_path_factory.mktemp("workbook") / "export.xlsx"
    generate_export(path, COUNT, 1, "4.7", "xlsx")
    return workbook_tabs(path)


def test_saved_estate_is_a_whole_artifact_with_every_kind(tmp_path: Path) -> None:
    path = tmp_path / "estate.jsonl.gz"
    generate_saved(path, COUNT, 1)
    kinds = {record["kind"] for record in ArtifactReader(path, "estate")}
    assert kinds == {*model.KINDS, "source"}


def test_every_fact_of_every_record_is_known_and_every_key_is_a_fact(saved: list[dict[str, Any]]) -> None:
    for record in saved[1:-1]:
        if record["kind"] == "source":
            continue
        names = {field.name for field in dataclasses.fields(model.KINDS[record["kind"]])}
        assert names - BOOKKEEPING == set(record) - {"kind"}, record["id"]


def test_every_fact_of_every_part_is_known_and_every_key_is_a_fact(saved: list[dict[str, Any]]) -> None:
    for vm in vms_of(saved):
        for fact, part_class in model.PARTS.items():
            names = {field.name for field in dataclasses.fields(part_class)}
            assert all(set(part) == names for part in vm[fact]), (vm["name"], fact)


def test_keys_of_disks_are_unique_and_partitions_lie_on_disks_that_exist(saved: list[dict[str, Any]]) -> None:
    for vm in vms_of(saved):
        keys = [disk["key"] for disk in vm["disks"]]
        assert len(set(keys)) == len(keys), vm["name"]
        assert {key for partition in vm["partitions"] for key in partition["disk_keys"]} <= set(keys), vm["name"]


def test_references_between_records_lead_to_records(saved: list[dict[str, Any]]) -> None:
    ids = {(record["kind"], record["id"]) for record in saved if "id" in record}
    for vm in vms_of(saved):
        assert ("cluster", vm["cluster_id"]) in ids
        assert all(("network", nic["network_id"]) in ids for nic in vm["nics"])
    for rule in (record for record in saved if record["kind"] in ("drs_group", "drs_rule", "vapp")):
        assert all(("vm", vm) in ids for vm in rule["vm_ids"])
    for network in (record for record in saved if record["kind"] == "network"):
        assert network["switch_id"] == "" or ("switch", network["switch_id"]) in ids


def test_every_vm_lies_in_a_folder_that_has_a_record(saved: list[dict[str, Any]]) -> None:
    folders = {(record["datacenter"], record["path"]) for record in saved if record["kind"] == "folder" and record["type"] == "vm"}
    assert {(vm["datacenter"], vm["folder"]) for vm in vms_of(saved)} <= folders


def test_groups_of_a_rule_have_records_with_the_same_members(saved: list[dict[str, Any]]) -> None:
    groups = {(record["cluster_id"], record["name"]): record for record in saved if record["kind"] == "drs_group"}
    rules = [record for record in saved if record["kind"] == "drs_rule" and record["vm_group"]]
    assert rules
    for rule in rules:
        assert groups[rule["cluster_id"], rule["vm_group"]]["vm_ids"] == rule["vm_ids"]
        assert groups[rule["cluster_id"], rule["host_group"]]["hosts"] == sorted(rule["hosts"])


def test_rules_that_bind_a_vm_are_those_that_name_it(saved: list[dict[str, Any]]) -> None:
    rules = [record for record in saved if record["kind"] == "drs_rule"]
    for vm in vms_of(saved):
        binding = [rule for rule in rules if vm["id"] in rule["vm_ids"]]
        assert vm["cluster_rules"] == sorted(rule["name"] for rule in binding)
        assert vm["host_affinity_rules"] == sorted(rule["name"] for rule in binding if rule["type"] == "vm_host" and rule["enabled"])


def test_vapp_of_a_vm_is_the_one_that_names_it(saved: list[dict[str, Any]]) -> None:
    inside = {vm: record["name"] for record in saved if record["kind"] == "vapp" for vm in record["vm_ids"]}
    assert inside
    assert {vm["id"]: vm["vapp"] for vm in vms_of(saved) if vm["vapp"]} == inside


def test_shared_disks_are_shared_by_two_vms(saved: list[dict[str, Any]]) -> None:
    users: dict[str, set[str]] = {}
    for vm in vms_of(saved):
        for disk in vm["disks"]:
            if disk["sharing"] == "sharingMultiWriter":
                users.setdefault(disk["path"], set()).add(vm["id"])
    assert users
    assert all(len(ids) == 2 for ids in users.values())


@pytest.mark.parametrize("name", ["estate.jsonl.gz", "export.xlsx", "export.zip"])
def test_same_seed_gives_same_bytes_whatever_hash_seed_and_zone(tmp_path: Path, name: str) -> None:
    form = {".gz": "estate", ".xlsx": "xlsx", ".zip": "csv"}[Path(name).suffix]
    contents = []
    for number, zone in enumerate(("UTC", "Pacific/Kiritimati")):
        path = tmp_path / f"{number}-{name}"
        environment = {**os.environ, "PYTHONHASHSEED": str(number + 7), "TZ": zone}
        command = [sys.executable, "-m", "tests.tools.generate_estate", "--vms", "60", "--seed", "5", "--form", form, "--out", str(path)]
        subprocess.run(command, env=environment, cwd=Path(__file__).parents[3], check=True)
        contents.append(path.read_bytes())
    assert contents[0] == contents[1]


def test_other_seed_gives_other_vms(tmp_path: Path, saved: list[dict[str, Any]]) -> None:
    path = tmp_path / "estate.jsonl"
    generate_saved(path, COUNT, 2)
    assert {vm["bios_uuid"] for vm in vms_of(saved_records(path))}.isdisjoint({vm["bios_uuid"] for vm in vms_of(saved)})


def test_estates_beyond_one_vcenter_spread_over_several_with_addresses_of_their_own() -> None:
    sites = bench_sites(60000, 1)
    assert [count for _site, count in sites] == [25000, 25000, 10000]
    assert len({site.uuid for site, _count in sites}) == 3
    assert [site.first_number for site, _count in sites] == [0, 25000, 50000]


def test_workbook_has_every_tab_of_an_export_with_its_columns(workbook: dict[str, list[list[Any]]]) -> None:
    attributes = bench_sites(COUNT, 1)[0][0].attributes
    assert list(workbook) == list(TABS)
    for tab, rows in workbook.items():
        assert rows[0] == full_columns(tab, attributes), tab
        assert len(rows) > 1, tab


def test_workbook_says_of_each_vm_what_the_saved_estate_says(workbook: dict[str, list[list[Any]]], saved: list[dict[str, Any]]) -> None:
    disks: dict[str, list[dict[str, Any]]] = {}
    for row in rows_by_name(workbook["vDisk"]):
        disks.setdefault(row["VM UUID"], []).append(row)
    rows = {row["VM UUID"]: row for row in rows_by_name(workbook["vInfo"])}
    for vm in vms_of(saved):
        row = rows[vm["instance_uuid"]]
        assert (row["VM"], row["VM ID"], row["SMBIOS UUID"]) == (vm["name"], vm["moref"], vm["bios_uuid"])
        assert (row["CPUs"], row["Memory"], row["HW version"]) == (vm["cpu_count"], vm["memory_mib"], vm["hardware_version"])
        assert (row["CBT"], row["Consolidation Needed"]) == (str(vm["change_tracking_enabled"]), str(vm["consolidation_needed"]))
        assert row["Creation date"] == datetime.fromisoformat(vm["created_at"].rstrip("Z"))
        assert [entry["Capacity MiB"] for entry in disks[vm["instance_uuid"]]] == [disk["capacity_bytes"] >> 20 for disk in vm["disks"]]


def test_version_3_writes_its_own_tabs_and_units(tmp_path: Path) -> None:
    path = tmp_path / "old.xlsx"
    generate_export(path, 20, 1, "3.11", "xlsx")
    tabs = workbook_tabs(path)
    assert "tabvInfo" in tabs
    assert "tabvSource" not in tabs
    header = tabs["tabvInfo"][0]
    assert {"Provisioned MB", "In Use MB", "Unshared MB", "VM UUID"} <= set(header)
    assert not {"CBT", "SMBIOS UUID", "Provisioned MiB", "Creation date"} & set(header)
    assert {"Capacity MB", "Path", "Raw"} <= set(tabs["tabvDisk"][0])


def test_csv_export_is_the_same_in_a_folder_and_in_a_zip(tmp_path: Path) -> None:
    generate_export(tmp_path / "folder", 20, 1, "4.7", "csv")
    generate_export(tmp_path / "export.zip", 20, 1, "4.7", "csv")
    with zipfile.ZipFile(tmp_path / "export.zip") as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    assert inside == {path.name: path.read_bytes() for path in (tmp_path / "folder").iterdir()}
    assert "RVTools_tabvInfo.csv" in inside
    assert b'"16,384"' in inside["RVTools_tabvMemory.csv"]


@pytest.mark.parametrize(
    ("text", "serial"),
    [("1970-01-01T00:00:00Z", 25569.0), ("2000-02-29T12:00:00Z", 36585.5), ("2026-09-14T06:00:00Z", 46279.25)],
)
def test_dates_become_the_serial_numbers_of_workbooks(text: str, serial: float) -> None:
    assert Moment(text).serial == serial


@pytest.mark.parametrize(("number", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")])
def test_columns_have_the_letters_of_workbooks(number: int, letters: str) -> None:
    assert column_letters(number) == letters


def test_every_rule_of_the_catalogue_finds_vms_on_both_of_its_sides(tmp_path: Path) -> None:
    estate, dest = tmp_path / "estate.jsonl", tmp_path / "assessment.jsonl"
    generate_saved(estate, 1000, 1)
    catalogue = checked_catalogue()
    run_assessment(estate, catalogue, dest, "apply")
    records = list(ArtifactReader(dest, "assessment"))
    vms = [record for record in records if record["kind"] == "vm"]
    failed = Counter(finding["rule"] for vm in vms for finding in vm["findings"])
    assert set(failed) == {rule["id"] for rule in catalogue["rules"]}
    assert max(failed.values()) < len(vms)
    assert not any(vm["gaps"] or vm["provisional"] for vm in vms)
    assert {vm["verdict"] for vm in vms} == {"blocked", "ready_with_work", "ready"}
