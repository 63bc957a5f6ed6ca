# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a reading is, in a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.progress import Progress


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def told(path: Path) -> dict[str, float]:
    noted: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))
    return noted


def test_objects_rate_and_time_left_are_noted(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "note.json"
    progress = Progress(path, clock=clock)
    progress.expect(100)
    assert told(path) == {"read": 0, "total": 100, "seconds": 0.0}
    clock.now += 2
    progress.advance(25)
    assert told(path) == {"read": 25, "total": 100, "seconds": 2.0, "per_second": 12.5, "seconds_left": 6.0}


def test_note_is_written_at_most_twice_a_second(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "note.json"
    progress = Progress(path, clock=clock)
    progress.expect(10)
    clock.now += 0.4
    progress.advance(3)
    assert told(path)["read"] == 0
    clock.now += 0.2
    progress.advance(1)
    assert told(path)["read"] == 4


def test_file_is_gone_at_the_end_whatever_happened(tmp_path: Path) -> None:
    path = tmp_path / "note.json"
    with pytest.raises(ValueError, match="mine"), Progress(path) as progress:
        progress.expect(1)
        assert path.exists()
        raise ValueError("mine")
    assert list(tmp_path.iterdir()) == []


def test_reading_goes_on_without_a_path_or_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("", encoding="utf-8")
    for path in (None, tmp_path / "a file" / "note.json"):
        with Progress(path) as progress:
            progress.expect(3)
            progress.advance(2)
            assert (progress.read, progress.total) == (2, 3)
    assert [one.name for one in tmp_path.iterdir()] == ["a file"]


def test_more_read_than_expected_leaves_no_negative_time() -> None:
    clock = Clock()
    progress = Progress(clock=clock)
    clock.now += 1
    progress.advance(5)
    assert progress.figures()["seconds_left"] == 0
