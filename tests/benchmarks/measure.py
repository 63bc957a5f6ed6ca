# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one piece of work in a process of its own: how long it takes, and the most memory that it holds."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from tests.tools.link_tree import CHECKOUT


class WorkError(RuntimeError):
    """The work failed; the text is the last line that it wrote, but for indented ones."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Wall time and CPU time of the work itself, peak resident memory of the whole process, and what the work returned."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    result: dict[str, Any]


def measure(work: str, **arguments: Any) -> Measured:
    """Does `tests.benchmarks.workloads.<work>(**arguments)` in a fresh interpreter."""
    command = [sys.executable, "-m", "tests.benchmarks.workloads", work, json.dumps(arguments, default=str)]
    done = subprocess.run(command, cwd=CHECKOUT, check=False, capture_output=True, text=True)
    if done.returncode:
        sys.stderr.write(done.stderr)
        said = [line for line in done.stderr.splitlines() if line[:1].strip()]
        raise WorkError(said[-1] if said else f"{work} ended with code {done.returncode}")
    answer = json.loads(done.stdout.splitlines()[-1])
    return Measured(answer["seconds"], answer["cpu_seconds"], answer["peak_bytes"], answer["result"])


def measure_median(times: int, work: str, **arguments: Any) -> Measured:
    """The run of median duration among several, for work that is over too soon to be measured once."""
    runs = sorted((measure(work, **arguments) for _number in range(times)), key=lambda run: run.seconds)
    middle = runs[len(runs) // 2]
    return Measured(middle.seconds, middle.cpu_seconds, max(run.peak_bytes for run in runs), middle.result)


def times_for(vms: int) -> int:
    """How often work on so many VMs is measured."""
    return 3 if vms <= 10_000 else 1
