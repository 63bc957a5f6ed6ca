# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps one process, and ends it when nobody holds on to it any more.

Run as `python -m tests.counterparts.identity.keeper FOLDER LOCK FD COMMAND...`. FD is the reading end of the FIFO that its users hold
on to. The keeper's own sudden end is its too, on Linux. The folder goes with it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.counterparts.cluster.keeper import dies_with
from tests.counterparts.meeting import leave_when_asked, watch

LOG = "process.log"


def main(folder: Path, lock: Path, reader: int, command: Sequence[str]) -> int:
    """Keeps the process of that command; 1 when it ended by itself."""
    leave_when_asked()
    with (folder / LOG).open("wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder)},
            preexec_fn=dies_with(os.getpid()) if sys.platform == "linux" else None,
        )
    try:
        print(process.pid, flush=True)
        by_itself = bool(watch(reader, lock, lambda: "" if process.poll() is None else "it ended"))
    finally:
        # Whatever it holds goes with its folder: it need not tidy up.
        process.kill()
        process.wait()
    if not by_itself:
        shutil.rmtree(folder, ignore_errors=True)
    return int(by_itself)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]))
