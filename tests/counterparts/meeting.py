# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counterparts that several processes use together: the first one starts it, and it ends with the last one, even one that is killed.

A keeper of its own process group starts what is kept, and reads a FIFO in its folder that nobody ever writes to: each user has it
open for writing, so that the end of all users is the end of the file.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

CHECKOUT = Path(__file__).resolve().parents[2]
HELD = "held"
KEEPER_LOG = "keeper.log"
LOOK_SECONDS = 0.5
END_SECONDS = 20.0
"""how long a keeper may take to end what it keeps"""

Kept = TypeVar("Kept")


# ---- those who use it ------------------------------------------------------------------------------------------------


@contextmanager
def meet(
    meeting: Path, prefix: str, read: Callable[[Path], Kept], start: Callable[[Path, Path], AbstractContextManager[Kept]]
) -> Iterator[Kept]:
    """What everybody has who meets in that folder.

    `read` gives what runs already, by its folder; `start` starts it in an empty folder, with the lock under which it is decided
    whether it ends, and leaves it to others at the end of its block.
    """
    meeting.mkdir(parents=True, exist_ok=True)
    lock, pointer = meeting / "lock", meeting / "current"
    with ExitStack() as stack:
        with lock.open("a", encoding="utf-8") as deciding:
            fcntl.flock(deciding, fcntl.LOCK_EX)
            running = Path(pointer.read_text(encoding="utf-8")) if pointer.exists() else None
            if running is not None and _joined(running, stack):
                found = read(running)
            else:
                # A folder of its own: the one before may still be about to go.
                folder = Path(tempfile.mkdtemp(dir=meeting, prefix=prefix))
                found = stack.enter_context(start(folder, lock))
                pointer.write_text(str(folder), encoding="utf-8")
        yield found


def _joined(folder: Path, stack: ExitStack) -> bool:
    """Takes hold of what is kept in that folder; False when it has ended."""
    writer = _opened(folder)
    if writer is None:
        return False
    stack.callback(os.close, writer)
    return True


def is_kept(folder: Path) -> bool:
    """Whether a keeper has what is in that folder running."""
    writer = _opened(folder)
    if writer is None:
        return False
    os.close(writer)
    return True


def _opened(folder: Path) -> int | None:
    """The FIFO of that folder, open for writing; None when nobody reads it."""
    try:
        return os.open(folder / HELD, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return None


@contextmanager
def keeper(
    module: str, folder: Path, arguments: Callable[[int], Sequence[str]], *, shared: bool
) -> Iterator[tuple[subprocess.Popen[bytes], bytes]]:
    """Runs the keeper of that module; gives its process, and the line that it prints once it has started what it keeps, empty if it ended.

    `arguments` are made of the file descriptor of the FIFO's reading end. At the end lets go, and waits unless others may hold on.
    """
    fifo = folder / HELD
    os.mkfifo(fifo, 0o600)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(fifo, os.O_WRONLY)
    with (folder / KEEPER_LOG).open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments(reader)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=CHECKOUT,
            pass_fds=(reader,),
            start_new_session=True,
        )
    os.close(reader)
    try:
        yield process, process.stdout.readline() if process.stdout else b""
    finally:
        os.close(writer)
        if process.stdout:
            process.stdout.close()
        if not shared:
            _wait(process)


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


# ---- those who keep it -----------------------------------------------------------------------------------------------


def leave_when_asked() -> None:
    """Has a keeper end in order when it is asked to; what interrupts its users is none of its concern."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)


def _leave(number: int, frame: object) -> None:
    raise SystemExit(0)


def watch(reader: int, lock: Path, ended: Callable[[], str]) -> str:
    """Returns when what is kept shall end, or has ended although nobody asked it to, of which `ended` tells; empty for the former."""
    while True:
        readable, _writable, _failing = select.select([reader], [], [], LOOK_SECONDS)
        if wrong := ended():
            return wrong
        if readable and not _is_held(reader):
            with lock.open("a", encoding="utf-8") as deciding:
                fcntl.flock(deciding, fcntl.LOCK_EX)
                # A user who came in the meantime holds the lock while it takes hold; from here on nobody can.
                if not _is_held(reader):
                    os.close(reader)
                    return ""
        elif readable:
            time.sleep(LOOK_SECONDS)


def _is_held(reader: int) -> bool:
    """Whether anybody has the FIFO open for writing; nobody ever writes."""
    try:
        return bool(os.read(reader, 64))
    except BlockingIOError:
        return True
