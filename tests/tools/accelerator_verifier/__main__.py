# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verifies how requests for accelerators are resolved.

`python -m tests.tools.accelerator_verifier --cases 3000 --seed 1 [--jobs 2]` resolves three requests on each of so many random fleets
and tries every node instead. Ends with 1 where anything is wrong.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.tools.link_tree import make_link_tree

CHECKOUT = Path(__file__).resolve().parents[3]
COLLECTIONS = CHECKOUT / "build" / "collections"
make_link_tree(COLLECTIONS)
sys.path.insert(0, str(COLLECTIONS))

SHOWN = 20
LOT = 100


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Verify how requests for accelerators are resolved.")
    parser.add_argument("--cases", type=int, default=3000, help="random fleets")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    arguments = parser.parse_args()
    seeds = range(arguments.seed, arguments.seed + arguments.cases)
    lots = [seeds[start : start + LOT] for start in range(0, len(seeds), LOT)]
    # Only now can the collection be imported.
    judging = importlib.import_module("tests.tools.accelerator_verifier.judge")
    tally = judging.Tally()
    if arguments.jobs > 1:
        with ProcessPoolExecutor(arguments.jobs) as pool:
            for found in pool.map(judging.judge_many, lots):
                tally.add(found)
    else:
        for lot in lots:
            tally.add(judging.judge_many(lot))
    print(f"{arguments.cases:>9,}  fleets")
    for name, number in sorted(tally.counts.items()):
        print(f"{number:>9,}  {name}")
    for problem in tally.wrong[:SHOWN]:
        print(f"WRONG {problem}")
    print(f"{len(tally.wrong)} wrong")
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
