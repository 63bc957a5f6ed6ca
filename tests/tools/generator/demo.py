# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: one vCenter as an RVTools workbook, one as a saved estate, what people say about their VMs as CSV, and a saved target."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from random import Random

from .demo_north import NORTH_ROSTER
from .demo_roster import Member, Roster, members, site_of
from .demo_south import SOUTH_ROSTER
from .demo_target import write_demo_target
from .infra_tabs import write_infrastructure, write_metadata
from .layout import Record, Site
from .saved import write_saved
from .site_records import site_records
from .vm_tabs import write_vms
from .vms import vm_record
from .workbook import Workbook

SEED = 1
WORKBOOK, SAVED, ANNOTATIONS = "vc-north.xlsx", "vc-south.jsonl.gz", "owners.csv"
RVTOOLS = "4.7"
WINDOWS = {"high": "Sun 02:00-06:00", "medium": "Sat 20:00-24:00", "low": "any night"}
TOLERANCE = {"high": 15, "medium": 240, "low": 1440}
OUTSIDE = frozenset({"template", "srm", "inaccessible", "fault_tolerant"})
COLUMNS = ("name", "owner", "application", "environment", "criticality", "downtime_tolerance_minutes", "depends_on", "change_window")


def demo_site(roster: Roster, first_number: int, seed: int) -> tuple[Site, list[Member]]:
    """A vCenter of the demo with its VMs."""
    found = members(roster, seed)
    return site_of(roster, found, first_number), found


def demo_vms(site: Site, found: list[Member], seed: int) -> list[Record]:
    """The records of the VMs, sorted by id."""
    records = [vm_record(member.sketch, site, Random(f"{seed}/{site.hostname}/{member.sketch.number}")) for member in found]
    return sorted(records, key=lambda record: str(record["id"]))


def write_demo(folder: Path, seed: int = SEED) -> None:
    """Writes the four files of the demo inventory; the target is the same whatever the seed."""
    folder.mkdir(parents=True, exist_ok=True)
    north, northern = demo_site(NORTH_ROSTER, 0, seed)
    south, southern = demo_site(SOUTH_ROSTER, 1000, seed)
    writer = Workbook(folder / WORKBOOK, RVTOOLS, north.attributes, level=9)
    write_infrastructure(writer, north)
    write_metadata(writer, north)
    write_vms(writer, north, demo_vms(north, northern, seed))
    writer.finish()
    write_saved(folder / SAVED, site_records(south, len(southern)), demo_vms(south, southern, seed))
    (folder / ANNOTATIONS).write_text(annotations_csv([*northern, *southern]), encoding="utf-8", newline="")
    write_demo_target(folder)


def annotations_csv(found: list[Member]) -> str:
    """A row per VM whose owner is known and whose name says which VM is meant."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for member in sorted(found, key=lambda entry: entry.sketch.name):
        group = member.group
        if group.owner == "-" or group.application == "vCLS" or member.sketch.traits & OUTSIDE:
            continue
        owner = group.owner or f"team-{group.application.lower().replace(' ', '-')}@example.com"
        tolerance = TOLERANCE[group.criticality]
        window = WINDOWS[group.criticality]
        writer.writerow(
            [member.sketch.name, owner, group.application, group.environment, group.criticality, tolerance, group.depends_on, window]
        )
    return text.getvalue()
