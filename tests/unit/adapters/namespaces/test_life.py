# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is told to end does so as by an error, so that what it made is removed; afterwards signals are as they were."""

from __future__ import annotations

import os
import signal
import threading

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.namespaces.life import ended_by_signals


def test_termination_ends_the_block_as_an_error_does() -> None:
    before = signal.getsignal(signal.SIGTERM)
    removed = []
    with pytest.raises(SystemExit) as told, ended_by_signals():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            signal.pause()
        finally:
            removed.append("everything")
    assert told.value.code == 128 + signal.SIGTERM
    assert removed == ["everything"]
    assert signal.getsignal(signal.SIGTERM) is before


def test_handler_of_somebody_else_and_other_threads_are_left_alone() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with ended_by_signals():
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)
    seen = []

    def elsewhere() -> None:
        with ended_by_signals():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [before]
