# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same run gives the same bytes in processes that differ in hash seed, time zone, locale and working directory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import COLLECTIONS
from tests.unit.report import samples

SCRIPT = """
import sys
from pathlib import Path
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_stage import ReportRequest, run_report

folder = Path(sys.argv[2])
assets = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.is_file()} if folder.is_dir() else {}
result = run_report(ReportRequest(run_dir=Path(sys.argv[1]), assets=assets))
sys.exit(len(result.error.problems) if result.error else 0)
"""
ASSET_FOLDER = COLLECTIONS.parents[1] / "plugins" / "plugin_utils" / "report_assets"


def reported(run_dir: Path, cwd: Path, **environment: str) -> dict[str, str]:
    """SHA-256 of every file of the report that a process of its own made."""
    cwd.mkdir(parents=True)
    command = [sys.executable, "-c", SCRIPT, str(run_dir), str(ASSET_FOLDER)]
    subprocess.run(command, cwd=cwd, env={**os.environ, "PYTHONPATH": str(COLLECTIONS), **environment}, check=True)
    return samples.tree_sha256(run_dir / "report")


def test_every_format_has_the_same_bytes_in_different_processes(tmp_path: Path) -> None:
    samples.whole_run(tmp_path / "a" / "run-1", 40, run_id="run-1")
    samples.whole_run(tmp_path / "b" / "run-2", 40, run_id="run-2")
    first = reported(tmp_path / "a" / "run-1", tmp_path / "cwd-1", PYTHONHASHSEED="1", TZ="Pacific/Kiritimati", LC_ALL="C", LANG="C")
    second = reported(
        tmp_path / "b" / "run-2", tmp_path / "cwd-2" / "deep", PYTHONHASHSEED="4242", TZ="America/St_Johns", LC_ALL="C.UTF-8", LANG="de_DE"
    )
    assert first == second
    assert len(first) == 9
