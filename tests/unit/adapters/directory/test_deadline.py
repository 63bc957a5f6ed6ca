# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An end for work that has none of its own."""

from __future__ import annotations

import threading

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.directory.deadline import within


def test_work_that_ends_gives_what_it_comes_to() -> None:
    assert within(60, lambda: "done", "late") == "done"


def test_work_that_does_not_end_is_left_to_itself() -> None:
    released = threading.Event()
    try:
        assert within(0.05, lambda: str(released.wait(60)), "late") == "late"
    finally:
        released.set()


def test_what_work_raises_is_raised() -> None:
    def work() -> str:
        raise LookupError("nothing there")

    with pytest.raises(LookupError, match="nothing there"):
        within(60, work, "late")
