# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verifies plans from their artifacts alone.

`python -m tests.tools.verify_plan RUN [--settings FILE] [--previous PLAN]` checks the plan of a run directory; the settings are a YAML
or JSON file with the variables plan_*.

`python -m tests.tools.verify_plan --cases 10000 [--seed 1] [--jobs 2]` plans and checks that many random estates: each is planned from
artifacts and read from artifacts, one of its unplaced VMs has its constraints lifted until it is placed, it is carried out in part
and planned again; and beside it a small schedule and a small fit are compared with all arrangements there are. Ends with 1 where
anything is wrong.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from .plan_verifier.checks import violations_of
from .plan_verifier.evidence import read_evidence
from .plan_verifier.judge import Effort, Tally, judge

LOT = 50
SHOWN = 40


def judge_many(seeds: Iterable[int], effort: Effort) -> Tally:
    """The tally of some seeds."""
    tally = Tally()
    for seed in seeds:
        tally.counts["cases"] += 1
        tally.add(judge(seed, effort))
    return tally


def judge_in_jobs(first: int, cases: int, jobs: int, effort: Effort) -> Tally:
    """The tally of as many cases, by so many processes."""
    seeds = range(first, first + cases)
    if jobs < 2:
        return judge_many(seeds, effort)
    lots = [seeds[start : start + LOT] for start in range(0, cases, LOT)]
    tally = Tally()
    with ProcessPoolExecutor(jobs) as pool:
        for found in pool.map(judge_many, lots, [effort] * len(lots)):
            tally.add(found)
    return tally


def summary(tally: Tally) -> Iterator[str]:
    """The table of a tally."""
    for name in (
        "cases",
        "plans",
        "plans made again",
        "refused for a dependency cycle",
        "refused for limits that no VM can meet",
        "refused since no slot is left",
        "waves",
        "violations",
        "VMs lifted",
        "VMs placed when lifted",
        "high risk at an end",
        "small schedules",
        "small schedules that luckier pilots make better",
        "small fits",
        "small fits that are feasible",
    ):
        yield f"{tally.counts[name]:>9,}  {name}"
    yield f"{sum(tally.states.values()):>9,}  VMs: {_words(tally.states)}"
    yield f"{sum(tally.named.values()):>9,}  constraints named: {_words(tally.named)}"
    yield f"{sum(tally.lifted.values()):>9,}  constraints lifted: {_words(tally.lifted)}"
    yield f"           rounds of lifting: {_words(tally.rounds)}"
    yield f"           makespan by that of the best arrangement: {_words(tally.ratios)}"


def _words(counts: Counter[str] | Counter[int] | Counter[float]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items(), key=lambda entry: (-entry[1], str(entry[0]))))


def _random(arguments: argparse.Namespace) -> int:
    tally = judge_in_jobs(arguments.seed, arguments.cases, arguments.jobs, Effort(files_every=arguments.files_every))
    for line in summary(tally):
        print(line)
    for failure in tally.failures[:SHOWN]:
        print(f"WRONG {failure}")
    if len(tally.failures) > SHOWN:
        print(f"and {len(tally.failures) - SHOWN} more")
    print(f"{len(tally.failures)} wrong")
    return 1 if tally.failures else 0


def _run(arguments: argparse.Namespace) -> int:
    evidence = read_evidence(arguments.run, arguments.settings, arguments.previous)
    found = violations_of(evidence)
    for violation in found:
        print(violation.line())
    states = Counter(str(record["state"]) for record in evidence.plan.kind("vm").values())
    print(f"{sum(states.values())} VMs: {_words(states)}; {len(evidence.plan.kind('wave'))} waves; {len(found)} violations")
    return 1 if found else 0


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Verify plans from their artifacts.")
    parser.add_argument("run", type=Path, nargs="?", help="a run directory")
    parser.add_argument("--settings", type=Path, help="YAML or JSON with the variables plan_*")
    parser.add_argument("--previous", type=Path, help="plan.jsonl that the plan was made after")
    parser.add_argument("--cases", type=int, default=0, help="random estates to plan and check")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--files-every", type=int, default=1, help="so many cases go through files, the others are handed on in memory")
    arguments = parser.parse_args()
    if (arguments.run is None) == (not arguments.cases):
        parser.error("give a run directory, or --cases")
    return _random(arguments) if arguments.cases else _run(arguments)


if __name__ == "__main__":
    sys.exit(main())
