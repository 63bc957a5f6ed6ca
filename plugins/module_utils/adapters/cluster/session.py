# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several writes of one run under one Lease, such as objects level by level with waits between."""

from __future__ import annotations

from dataclasses import replace

from ...common.write_findings import Tally
from .pinned import PinnedWrites
from .writer import Write, WriteRequest


class WriteSession(PinnedWrites):
    """Applies and removes under one Lease, which is taken at the first write and kept until the end of the block.

    Of each request the run, the home, the rights and the wait for the Lease are those of the session. Not for several threads
    at once, but for `patch`, `delete` and `check`.
    """

    def __enter__(self) -> WriteSession:
        return self

    def apply(self, request: WriteRequest) -> Tally:
        """Makes the cluster hold the desired objects; see `writer.apply`."""
        return Write(self.connection, self._own(request), self).apply()

    def remove(self, request: WriteRequest) -> Tally:
        """Removes what was applied; see `writer.remove`."""
        return Write(self.connection, self._own(request), self).remove()

    def _own(self, request: WriteRequest) -> WriteRequest:
        return replace(request, run=self.run, home=self.home, rights=self.rights)
