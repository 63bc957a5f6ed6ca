# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generates estates: `python -m tests.tools.generate_estate --vms 1000 --seed 1 --form estate --out estate.jsonl.gz`.

The same seed gives the same bytes. Forms: `estate` (a saved estate, gzipped when the name ends in .gz), `xlsx` (an RVTools
workbook), `csv` (RVTools' CSV export: a folder, or a zip when the name ends in .zip). `--profile demo --out FOLDER` writes
the four files of the demo inventory, the saved target among them, whatever the form and the number.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from .generator.bench import bench_sites, bench_vms
from .generator.demo import write_demo
from .generator.infra_tabs import write_infrastructure, write_metadata
from .generator.layout import Record, Site, vm_moref
from .generator.saved import write_saved
from .generator.site_records import site_records
from .generator.vm_tabs import write_vms
from .generator.workbook import CsvExport, Workbook


def generate_saved(path: Path, count: int, seed: int) -> None:
    """A benchmark estate as a saved estate."""
    sites = bench_sites(count, seed)
    others = [record for site, here in sites for record in site_records(site, here)]
    write_saved(path, others, vms_by_id(sites, seed))


def vms_by_id(sites: list[tuple[Site, int]], seed: int) -> Iterator[Record]:
    """All VMs in the order of their ids, made one by one."""
    for site, here in sorted(sites, key=lambda entry: entry[0].uuid):
        yield from bench_vms(site, iter(sorted(range(here), key=vm_moref)), seed)


def generate_export(path: Path, count: int, seed: int, version: str, form: str) -> None:
    """A benchmark estate as an RVTools export."""
    sites = bench_sites(count, seed)
    writer = (Workbook if form == "xlsx" else CsvExport)(path, version, sites[0][0].attributes)
    write_metadata(writer, sites[0][0])
    for site, here in sites:
        write_infrastructure(writer, site)
        write_vms(writer, site, bench_vms(site, range(here), seed))
    writer.finish()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Generate an estate from a seed.")
    parser.add_argument("--vms", type=int, default=1000, help="number of VMs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--form", choices=("estate", "xlsx", "csv"), default="estate")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--profile", choices=("bench", "demo"), default="bench")
    parser.add_argument("--rvtools", default="4.7", help="RVTools version whose columns the workbook has")
    arguments = parser.parse_args()
    if arguments.profile == "demo":
        write_demo(arguments.out, arguments.seed)
    elif arguments.form == "estate":
        generate_saved(arguments.out, arguments.vms, arguments.seed)
    else:
        generate_export(arguments.out, arguments.vms, arguments.seed, arguments.rvtools, arguments.form)


if __name__ == "__main__":
    main()
