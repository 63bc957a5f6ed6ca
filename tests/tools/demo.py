# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the main job on the embedded demo estate and shows what it came to.

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


def main(arguments: list[str]) -> int:
    """Runs the playbook; its exit code."""
    playbook = Path(sys.executable).with_name("ansible-playbook")
    started, began = time.time(), time.monotonic()
    command = [str(playbook), "-i", "inventories/demo", "groundwork.readiness.assess", "-e", f"readiness_runs_dir={RUNS}", *arguments]
    code = subprocess.run(command, cwd=CHECKOUT, check=False).returncode
    run = newest_run(started)
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
