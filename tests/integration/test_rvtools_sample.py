# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A public export of nine VMs, anonymised tab by tab, whose sheets declare a million rows."""

from __future__ import annotations

import json
from pathlib import Path

from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.rvtools import read_rvtools

SAMPLE = "samples/rvtools-public-small.xlsx"


def test_every_vm_of_the_public_sample_is_read_and_no_tab_is_attributed_wrongly(shared: Path) -> None:
    outcome = read_rvtools(shared / SAMPLE)
    vms = {record["name"]: record for record in outcome.records if record["kind"] == "vm"}
    assert sorted(vms) == [f"vm-{number}" for number in range(1, 10)]
    assert outcome.source["vm_count"] == 9
    # Names were changed apart from one another: only VM IDs join, which vCPU and vPartition do not have.
    assert all("partitions" not in vm and "cores_per_socket" not in vm for vm in vms.values())
    assert {entry["what"] for entry in outcome.source["not_seen"]} >= {"tab vPartition", "tab vCPU", "tab vSnapshot"}
    # vm-1 and the disk called so agree in VM ID; the disk called vm-2 belongs to vm-3.
    assert vms["vm-1"]["disks"][0]["uuid"] == "6000c291-f112-64ea-5152-a433c6b6da2c"
    assert vms["vm-3"]["disks"][0]["uuid"] == "6000c29b-c5e2-c75c-8bf2-956f75998df7"
    assert "disks" not in vms["vm-2"]
    assert vms["vm-1"]["guest_os_id"] == "amazonlinux2_64Guest"


def test_reading_the_public_sample_twice_gives_the_same_bytes(shared: Path) -> None:
    first, second = (read_rvtools(shared / SAMPLE) for _turn in range(2))
    assert json.dumps([first.source, *first.records]) == json.dumps([second.source, *second.records])
