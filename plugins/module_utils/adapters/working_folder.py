# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder for work in progress beside its target, of which nothing stays: not after success, failure, or a kill."""

from __future__ import annotations

import fcntl
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def working_folder(beside: Path, name: str) -> Iterator[Path]:
    """A new folder in `beside` for making the file `name`.

    It is locked while it is in use. A process that was killed leaves its folder unlocked: the next one removes it.
    """
    _clear(beside, name)
    with tempfile.TemporaryDirectory(prefix=f".{name}.", suffix=".work", dir=beside) as folder:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield Path(folder)
        finally:
            os.close(lock)


def _clear(beside: Path, name: str) -> None:
    """Removes the folders that processes which are gone have left; one that cannot be removed harms nobody."""
    for left in sorted(beside.glob(f".{glob.escape(name)}.*.work")):
        with suppress(OSError):
            lock = os.open(left, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left)
            finally:
                os.close(lock)
