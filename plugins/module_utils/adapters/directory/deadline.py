# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An end for work with servers that answer and never finish.

Timeouts of sockets bound a server's silence. One that sends a byte now and then, or whose name is looked up without an end, is bounded
by nothing but a clock beside the work.
"""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing import TimeoutError as LateError
from multiprocessing.pool import ThreadPool
from typing import TypeVar

Result = TypeVar("Result")


def within(seconds: float, work: Callable[[], Result], late: Result) -> Result:
    """What the work comes to, or `late` where it has not ended after so many seconds. What it raises is raised here.

    Work that is late is left to itself, in a thread that ends with the process: nobody looks at what comes of it.
    """
    pool = ThreadPool(1)
    try:
        return pool.apply_async(work).get(seconds)
    except LateError:
        return late
    finally:
        pool.terminate()
