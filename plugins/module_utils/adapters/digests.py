# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SHA-256 beside the work: large pieces are hashed by a second thread, for hashing lets other threads run."""

from __future__ import annotations

import hashlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

PIECE_BYTES: Final = 1 << 20
WAITING_PIECES: Final = 8
"""So many pieces at most wait in memory."""


class BackgroundDigest:
    """Takes bytes in any portions; `hexdigest` ends it and gives the SHA-256 of them all."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._portions: list[bytes] = []
        self._size = 0
        self._thread = ThreadPoolExecutor(1, "digest")
        self._waiting: deque[Future[None]] = deque()

    def update(self, portion: bytes) -> None:
        """Adds bytes."""
        self._portions.append(portion)
        self._size += len(portion)
        if self._size >= PIECE_BYTES:
            self._hand_over()

    def _hand_over(self) -> None:
        self._waiting.append(self._thread.submit(self._digest.update, b"".join(self._portions)))
        self._portions = []
        self._size = 0
        if len(self._waiting) > WAITING_PIECES:
            self._waiting.popleft().result()

    def hexdigest(self) -> str:
        """The SHA-256 of everything that was added."""
        if self._portions:
            self._hand_over()
        self._thread.shutdown(wait=True)
        return self._digest.hexdigest()
