# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Benchmarks: `make bench`, `make bench STAGE=assessment`, or `python -m tests.benchmarks [STAGE …] [--vms N …]`.

Prints one row a figure and writes the rows to build/benchmarks.jsonl. The exit code is 0 whether goals are met or not:
a machine can be busy.
"""

from __future__ import annotations

import argparse
import os
import platform

from tests.tools.link_tree import CHECKOUT

from .figures import HEADING, Figure, line_of, write_figures
from .stages import STAGES, clear_runs

SIZES = (1_000, 10_000, 100_000)
FIGURES = CHECKOUT / "build" / "benchmarks.jsonl"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Measure the stages on generated estates.")
    parser.add_argument("stages", nargs="*", metavar="STAGE", help=f"only these stages: {', '.join(STAGES)}")
    parser.add_argument("--stage", action="append", default=[], choices=STAGES, help="the same as STAGE")
    parser.add_argument("--vms", type=int, nargs="+", default=SIZES, help="sizes of the estates")
    parser.add_argument("--keep", action="store_true", help="leave the run directories in build/benchmark-runs")
    arguments = parser.parse_args()
    chosen = [*arguments.stages, *arguments.stage] or list(STAGES)
    unknown = sorted(set(chosen) - set(STAGES))
    if unknown:
        parser.error(f"there is no stage {', '.join(unknown)}; choose from {', '.join(STAGES)}")
    clear_runs()
    figures: list[Figure] = []
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}", flush=True)
    print(HEADING, flush=True)
    for stage in STAGES:
        if stage in chosen:
            for figure in STAGES[stage](tuple(arguments.vms)):
                figures.append(figure)
                print(line_of(figure), flush=True)
                write_figures(FIGURES, figures)
    if not arguments.keep:
        clear_runs()
    missed = sum(figure.met == "no" for figure in figures)
    print(f"{len(figures)} figures, {missed} of them short of their goal; in {FIGURES.relative_to(CHECKOUT)}", flush=True)


if __name__ == "__main__":
    main()
