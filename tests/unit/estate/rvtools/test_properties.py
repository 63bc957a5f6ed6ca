# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever an export lacks, no VM is lost and nothing is made up."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.rvtools import read_rvtools
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .exports import OTHER_VCENTER, VCENTER, csv_text, table

NAMES = st.sampled_from(["web", "db", "db", "app 1", "<b>", "=1+1", "名前"])
COLUMNS = (
    *("VM", "Powerstate", "CPUs", "Memory", "Datacenter", "Cluster", "Host", "Folder", "VM ID", "VM UUID", "SMBIOS UUID"),
    *("VI SDK Server", "VI SDK UUID", "OS according to the configuration file", "Annotation"),
)


@st.composite
def estates(draw):
    """(rows of vInfo, rows of vDisk) of distinct VMs in two vCenters whose VM IDs, names and BIOS UUIDs collide."""
    rows, disks = [], []
    for number in range(draw(st.integers(1, 8))):
        second = draw(st.booleans())
        row = {
            "VM": draw(NAMES),
            "Powerstate": draw(st.sampled_from(["poweredOn", "poweredOff", ""])),
            "CPUs": draw(st.sampled_from(["2", "4", "many", ""])),
            "Memory": draw(st.sampled_from(["4.096", "8,192", "-", ""])),
            "Datacenter": draw(st.sampled_from(["A", "B", ""])),
            "Cluster": draw(st.sampled_from(["C", ""])),
            "Host": "h",
            "Folder": draw(st.sampled_from(["/f", ""])),
            "VM ID": f"vm-{number if not second else number % 3}",
            "VM UUID": f"50{number:04}",
            "SMBIOS UUID": draw(st.sampled_from(["42aa", f"42{number:04}", ""])),
            "VI SDK Server": "vc2" if second else "vc1",
            "VI SDK UUID": OTHER_VCENTER if second else VCENTER,
            "OS according to the configuration file": "Ubuntu Linux (64-bit)",
            "Annotation": "",
        }
        if any((row["VI SDK UUID"], row["VM ID"]) == (other["VI SDK UUID"], other["VM ID"]) for other in rows):
            continue
        rows.append(row)
        disks += [{**row, "Disk": f"disk of {number}"} for _disk in range(draw(st.integers(0, 2)))]
    return rows, disks


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(estates(), st.sets(st.sampled_from(COLUMNS[1:])), st.sets(st.sampled_from(COLUMNS)), st.randoms(use_true_random=False))
def test_whatever_columns_are_missing_no_vm_is_lost_and_no_disk_goes_to_another(estate, lost, lost_of_disks, random):
    rows, disks = estate
    random.shuffle(disks)
    kept = [{name: value for name, value in row.items() if name not in lost} for row in rows]
    parts = [{name: value for name, value in disk.items() if name not in lost_of_disks} for disk in disks]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "vInfo.csv").write_text(csv_text(table(kept)), encoding="utf-8")
        (Path(folder) / "vDisk.csv").write_text(csv_text(table(parts or [{"VM": "", "Disk": ""}])), encoding="utf-8")
        outcome = read_rvtools(Path(folder))
        records = [record for record in outcome.records if record["kind"] == "vm"]
    assert len(records) == len(rows) == outcome.source["vm_count"]
    assert len({record["id"] for record in records}) == len(rows)
    assert sorted(record["name"] for record in records) == sorted(row["VM"] for row in rows)
    owners = {f"disk of {row['VM UUID'][2:].lstrip('0') or '0'}": number for number, row in enumerate(rows, 2)}
    for record in records:
        for disk in record.get("disks", ()):
            assert owners[disk["label"]] == record["origin"]["row"]
