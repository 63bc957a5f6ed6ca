# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Assesses the embedded demo estate, plans it onto the embedded demo target, and shows what it came to.

Usage: demo.py [argument for ansible-playbook ...]
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
RUNS = CHECKOUT / "runs"


def newest_run(since: float) -> Path | None:
    """The run directory that was written last, unless that was before the given time."""
    records = [record for record in RUNS.glob("*/run.json") if record.stat().st_mtime >= since]
    return max(records, key=lambda record: record.stat().st_mtime).parent if records else None


def played(name: str, arguments: list[str]) -> int:
    """Runs a playbook of the collection on the demo inventory; its exit code."""
    playbook = Path(sys.executable).with_name("ansible-playbook")
    command = [str(playbook), "-i", "inventories/demo", f"groundwork.readiness.{name}", "-e", f"readiness_runs_dir={RUNS}", *arguments]
    return subprocess.run(command, cwd=CHECKOUT, check=False).returncode


def main(arguments: list[str]) -> int:
    """Assesses, then plans on with the same run; the exit code of the playbook that failed."""
    started, began = time.time(), time.monotonic()
    code = played("assess", arguments)
    run = newest_run(started)
    if run is not None and code == 0:
        code = played("plan", ["-e", f"readiness_run_id={run.name}", *arguments])
    summary = run / "report" / "summary.txt" if run else None
    if run is None or summary is None or not summary.is_file():
        print("demo: the run left no report", file=sys.stderr)
        return code or 1
    print(summary.read_text(encoding="utf-8").rstrip())
    page = run / "report" / "index.html"
    print(f"\nReport: {page.relative_to(CHECKOUT)}  (made in {time.monotonic() - began:.0f} s; open it in a browser)")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
