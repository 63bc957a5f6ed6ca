# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a reading is, in a small file that others may look at while it goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

SECONDS_BETWEEN_NOTES: Final = 0.5


class Progress:
    """Counts objects and notes them as JSON: `read`, `total`, `per_second`, `seconds_left`, `seconds`.

    The file is replaced as a whole, at most twice a second, and removed at the end. Without a path nothing is written.
    That it cannot be written is no reason to stop reading.
    """

    def __init__(self, path: Path | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.read = 0
        self.total = 0
        self._path = path
        self._clock = clock
        self._started = clock()
        self._due = self._started

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_error: object) -> None:
        self.end()

    def expect(self, count: int) -> None:
        """So many more objects are to be read."""
        self.total += count
        self._note(True)

    def advance(self, count: int = 1) -> None:
        """So many more objects were read."""
        self.read += count
        self._note(False)

    def end(self) -> None:
        """Removes the file."""
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    def figures(self) -> dict[str, Any]:
        """What is noted. Rate and time left stand there once something was read."""
        seconds = self._clock() - self._started
        figures: dict[str, Any] = {"read": self.read, "total": self.total, "seconds": round(seconds, 1)}
        if self.read and seconds > 0:
            rate = self.read / seconds
            figures["per_second"] = round(rate, 1)
            figures["seconds_left"] = round(max(0, self.total - self.read) / rate, 1)
        return figures

    def _note(self, at_once: bool) -> None:
        if self._path is None:
            return
        now = self._clock()
        if now < self._due and not at_once:
            return
        self._due = now + SECONDS_BETWEEN_NOTES
        beside = self._path.with_name(f"{self._path.name}.new")
        with suppress(OSError):
            self._path.parent.mkdir(exist_ok=True)
            beside.write_text(json.dumps(self.figures()), encoding="utf-8")
            beside.replace(self._path)
