# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many requests about many objects, a few at a time; one object's trouble is its own, the server's ends the work for all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

from ...common.errors import ReadinessError
from .client import ApiConnection

AT_A_TIME: Final = 4
LOCAL_TROUBLE: Final = frozenset({"cluster_unreachable", "cluster_protocol"})
"""Errors that may be those of one request alone."""

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(slots=True)
class Crew:
    """Works on items in parallel. `over` says why the work ended before its time; empty while it goes on."""

    connection: ApiConnection
    over: str = ""

    def each(self, items: Iterable[Item], work: Callable[[Item], Result], otherwise: Callable[[Item, str], Result]) -> list[Result]:
        """What `work` makes of each item, in their order; for those that it has no answer for, what `otherwise` makes of the reason."""

        def one(item: Item) -> Result:
            if self.over:
                return otherwise(item, self.over)
            try:
                return work(item)
            except ReadinessError as error:
                return otherwise(item, self._reason(error))

        with ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="cluster") as pool:
            return list(pool.map(one, items))

    def _reason(self, error: ReadinessError) -> str:
        reason = error.message.removeprefix(f"{self.connection.access.place}: ")
        if error.code not in LOCAL_TROUBLE or not self._answers():
            self.over = self.over or reason
        return reason

    def _answers(self) -> bool:
        try:
            return self.connection.reaches_the_server()
        except ReadinessError:
            return False
