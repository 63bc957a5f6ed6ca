# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps one process, and ends it when nobody holds on to it any more.

Run as `python -m tests.counterparts.identity.keeper FOLDER LOCK FD COMMAND...`. FD is the reading end of a FIFO: whoever uses the
process keeps it open for writing, so that its last user's end, even by SIGKILL, is its end. The keeper's own sudden end is its
too, on Linux. The folder goes with it.
"""

from __future__ import annotations

import fcntl
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.counterparts.cluster.keeper import dies_with

LOG = "process.log"
LOOK_SECONDS = 0.3


def _is_held(reader: int) -> bool:
    """Whether anybody has the FIFO open for writing; nobody ever writes."""
    try:
        return bool(os.read(reader, 64))
    except BlockingIOError:
        return True


def _watch(process: subprocess.Popen[bytes], reader: int, lock: Path) -> None:
    """Returns when the process has ended, or shall end."""
    while process.poll() is None:
        readable, _writable, _failing = select.select([reader], [], [], LOOK_SECONDS)
        if not readable:
            continue
        if _is_held(reader):
            time.sleep(LOOK_SECONDS)
            continue
        with lock.open("a", encoding="utf-8") as deciding:
            fcntl.flock(deciding, fcntl.LOCK_EX)
            # A user who came in the meantime holds the lock while it takes hold; from here on nobody can.
            if not _is_held(reader):
                os.close(reader)
                return


def _leave(number: int, frame: object) -> None:
    raise SystemExit(0)


def main(folder: Path, lock: Path, reader: int, command: Sequence[str]) -> int:
    """Keeps the process of that command; 1 when it ended by itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
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
        _watch(process, reader, lock)
        by_itself = process.poll() is not None
    finally:
        # Whatever it holds goes with its folder: it need not tidy up.
        process.kill()
        process.wait()
    if not by_itself:
        shutil.rmtree(folder, ignore_errors=True)
    return int(by_itself)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]))
