# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watches how far the reading of a vCenter is, while its module runs on this machine, and says so in the terminal."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final

SILENT_SECONDS: Final = 2.0
"""A reading that takes no longer is not worth a line."""

BETWEEN_LINES_SECONDS: Final = 3.0
LOOK_SECONDS: Final = 0.5
LIMIT_BYTES: Final = 4096
MINUTES_FROM_SECONDS: Final = 100

_UNPRINTABLE: Final = re.compile(r"[^\w.:@ -]")


def progress_line(label: str, figures: Mapping[str, Any]) -> str:
    """How far a reading is: `vc-north: 2500 of 6000 objects, 820/s, about 4 s left`; empty when the figures do not tell.

    Only numbers are taken from the figures, so that nothing else of a file can get into a log.
    """
    read, total, rate, left = (_number(figures.get(name)) for name in ("read", "total", "per_second", "seconds_left"))
    if read is None:
        return ""
    parts = [f"{read:.0f} of {total:.0f} objects" if total and total >= read else f"{read:.0f} objects"]
    if rate:
        parts.append(f"{rate:.0f}/s" if rate >= 10 else f"{rate:.1f}/s")
    if left is not None and total and total > read:
        parts.append(f"about {left:.0f} s left" if left < MINUTES_FROM_SECONDS else f"about {left / 60:.0f} min left")
    return f"{_UNPRINTABLE.sub('_', label)}: {', '.join(parts)}"


def _number(value: Any) -> float | None:
    usable = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e15
    return float(value) if usable else None


class ProgressWatch:
    """While its block lasts, a thread looks at the progress file and says a line every few seconds, when something has changed.

    Nothing that is wrong with the file, or with saying it, has any effect on the block.
    """

    def __init__(self, path: Path, label: str, say: Callable[[str], object], clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._label = label
        self._say = say
        self._clock = clock
        self._due = clock() + SILENT_SECONDS
        self._said = ""
        self._old = self._version()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"progress of {label}", daemon=True)

    def __enter__(self) -> ProgressWatch:
        with suppress(RuntimeError):  # no thread can be had
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        with suppress(RuntimeError):
            self._thread.join(LOOK_SECONDS)

    def _watch(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            with suppress(OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError):
                self.look()

    def look(self) -> None:
        """Looks once, and says a line when one is due."""
        now = self._clock()
        if now < self._due or self._version() in (None, self._old):
            return
        with self._path.open("rb") as stream:
            figures = json.loads(stream.read(LIMIT_BYTES))
        line = progress_line(self._label, figures) if isinstance(figures, dict) else ""
        if line and line != self._said and not self._ended.is_set():
            self._due = now + BETWEEN_LINES_SECONDS
            self._said = line
            self._say(line)

    def _version(self) -> tuple[int, int] | None:
        """What tells one writing of the file from another; None while there is none. What an earlier run left behind is not this one's."""
        try:
            state = self._path.stat()
        except (OSError, ValueError):
            return None
        return (state.st_mtime_ns, state.st_ino)
