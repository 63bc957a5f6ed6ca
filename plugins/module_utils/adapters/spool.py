# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records set aside on disk while an estate is put together: an estate is never held in memory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeAlias

from ..common.artifact import JsonRecord
from .artifacts import CHUNK_BYTES, decode

Slip: TypeAlias = tuple[int, int]
"""Where a record was put: (offset, length)."""


class Spool:
    """A file of lines that are written one after the other and read back in any order."""

    def __init__(self, path: Path) -> None:
        self._stream = path.open("w+b", buffering=CHUNK_BYTES)
        self._end = 0
        self._flushed = True

    def close(self) -> None:
        """Closes the file."""
        self._stream.close()

    def put(self, line: bytes) -> Slip:
        """Sets a line aside; `line` has no line feed."""
        self._stream.write(line)
        self._flushed = False
        slip = (self._end, len(line))
        self._end += len(line)
        return slip

    def line(self, slip: Slip) -> bytes:
        """The line again."""
        if not self._flushed:
            self._stream.flush()
            self._flushed = True
        return os.pread(self._stream.fileno(), slip[1], slip[0])

    def record(self, slip: Slip) -> JsonRecord:
        """The line again, as a record."""
        return decode(self.line(slip))
