# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of the demo inventory are what the generator makes, and show what a real estate shows."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.tools.generator.demo import ANNOTATIONS, SAVED, WORKBOOK, write_demo
from tests.tools.generator.demo_target import TARGET

from .exports import rows_by_name, saved_records, vms_of, workbook_tabs

INVENTORY = Path(__file__).resolve().parents[3] / "inventories" / "demo"
FILES = INVENTORY / "group_vars" / "all" / "files"


@pytest.fixture(scope="module")
def southern() -> list[Mapping[str, Any]]:
    return vms_of(saved_records(FILES / SAVED))


@pytest.fixture(scope="module")
def northern() -> dict[str, list[dict[str, Any]]]:
    return {tab: rows_by_name(rows) for tab, rows in workbook_tabs(FILES / WORKBOOK).items()}


def test_files_of_the_inventory_are_those_that_the_generator_makes(tmp_path: Path) -> None:
    write_demo(tmp_path)
    assert {path.name for path in FILES.iterdir()} == {path.name for path in tmp_path.iterdir()}
    assert workbook_tabs(FILES / WORKBOOK) == workbook_tabs(tmp_path / WORKBOOK)
    assert saved_records(FILES / SAVED) == saved_records(tmp_path / SAVED)
    assert saved_records(FILES / TARGET) == saved_records(tmp_path / TARGET)
    assert (FILES / ANNOTATIONS).read_bytes() == (tmp_path / ANNOTATIONS).read_bytes()


def test_inventory_names_the_files_and_ansible_takes_none_of_them_for_an_inventory(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("ansible-inventory")), "-i", str(INVENTORY), "--host", "localhost"]
    settings = {**os.environ, "ANSIBLE_LOCAL_TEMP": str(tmp_path / "ansible"), "ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg")}
    (tmp_path / "ansible.cfg").touch()
    done = subprocess.run(command, cwd=tmp_path, env=settings, capture_output=True, text=True, check=True)
    variables = json.loads(done.stdout)
    named = [path for source in variables["readiness_sources"] for path in source.values()]
    named += [*variables["readiness_annotations"], variables["readiness_target"]]
    assert "WARNING" not in done.stderr
    assert {path.replace("{{ inventory_dir }}", str(INVENTORY)) for path in named} == {str(path) for path in FILES.iterdir()}


def test_files_are_small(northern: dict[str, list[dict[str, Any]]], southern: list[Mapping[str, Any]]) -> None:
    assert sum(path.stat().st_size for path in FILES.iterdir()) < 400_000
    assert 200 <= len(northern["vInfo"]) + len(southern) <= 280


def test_saved_vcenter_has_what_a_workbook_cannot_show(southern: list[Mapping[str, Any]]) -> None:
    kinds = {device["kind"] for vm in southern for device in vm["devices"]}
    assert {"VirtualPCIPassthrough", "VirtualSriovEthernetCard", "VirtualTPM"} <= kinds
    assert any(vm["cpu_affinity"] for vm in southern)
    assert any(vm["numa_node_affinity"] for vm in southern)
    assert any(vm["host_affinity_rules"] for vm in southern)


def test_saved_vcenter_has_fault_tolerance_snapshots_shared_and_huge_disks_and_missing_tools(southern: list[Mapping[str, Any]]) -> None:
    disks = [disk for vm in southern for disk in vm["disks"]]
    assert sum(vm["fault_tolerance_state"] == "running" for vm in southern) == 2
    assert any(snapshot["created_at"] < "2025" for vm in southern for snapshot in vm["snapshots"])
    assert any(snapshot["size_bytes"] > 200 << 30 for vm in southern for snapshot in vm["snapshots"])
    assert any(disk["capacity_bytes"] >= 8 << 40 for disk in disks)
    assert {disk["rdm_compatibility"] for disk in disks if disk["rdm"]} == {"physicalMode"}
    assert max(Counter(disk["path"] for disk in disks).values()) == 2
    assert any(vm["tools_status"] == "toolsNotInstalled" and not vm["name"].startswith("vCLS") for vm in southern)


def test_both_vcenters_have_what_is_out_of_scope(northern: dict[str, list[dict[str, Any]]], southern: list[Mapping[str, Any]]) -> None:
    info = northern["vInfo"]
    assert sum(row["Template"] == "True" for row in info) == 3
    assert sum(row["SRM Placeholder"] == "True" for row in info) == 4
    assert sum(row["Connection state"] == "inaccessible" for row in info) == 1
    assert sum(row["VM"].startswith("vCLS-") for row in info) == 3
    assert sum(vm["template"] for vm in southern) == 4
    assert sum(vm["name"].startswith("vCLS-") for vm in southern) == 4
    assert sum(vm["connection_state"] == "inaccessible" for vm in southern) == 1


def test_names_put_every_format_to_the_test(northern: dict[str, list[dict[str, Any]]], southern: list[Mapping[str, Any]]) -> None:
    names = [row["VM"] for row in northern["vInfo"]] + [vm["name"] for vm in southern]
    assert any(name.startswith("=") for name in names)
    assert any("<script>" in name for name in names)
    assert any("ü" in name for name in names)
    assert any(name.isupper() for name in names)
    assert max(len(name) for name in names) > 63
    assert any(" " in name for name in names)


def test_annotations_name_vms_that_exist_once_and_their_dependencies(
    northern: dict[str, list[dict[str, Any]]], southern: list[Mapping[str, Any]]
) -> None:
    names = Counter([row["VM"] for row in northern["vInfo"]] + [vm["name"] for vm in southern])
    with (FILES / ANNOTATIONS).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert all(names[row["name"]] == 1 for row in rows)
    assert all(names[other] == 1 for row in rows for other in row["depends_on"].split(";") if other)
    assert all(row["owner"].endswith("@example.com") for row in rows)
    assert len(rows) < sum(names.values())


def test_every_host_name_lies_in_an_example_domain(northern: dict[str, list[dict[str, Any]]], southern: list[Mapping[str, Any]]) -> None:
    hosts = [row["Host"] for row in northern["vHost"]] + [vm["host"] for vm in southern]
    guests = [row["DNS Name"] for row in northern["vInfo"]] + [vm["guest_hostname"] for vm in southern]
    assert all(name.endswith(".example.com") for name in hosts)
    assert all(name.endswith(".example.com") for name in guests if name not in ("", "localhost.localdomain"))
