# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work in progress: nothing of it stays, and nobody's work is taken away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters import working_folder as module
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.working_folder import working_folder

CHECKOUT = Path(__file__).resolve().parents[3]
KILLED = """
import sys, time
from pathlib import Path
sys.path[:0] = [sys.argv[1]]
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.working_folder import working_folder
with working_folder(Path(sys.argv[2]), "estate.jsonl") as folder:
    (folder / "half").write_text("written")
    print("working", flush=True)
    time.sleep(60)
"""


def test_folder_is_gone_after_success_and_after_failure(tmp_path: Path) -> None:
    with working_folder(tmp_path, "estate.jsonl") as folder:
        (folder / "half").write_text("written", encoding="utf-8")
        assert folder.parent == tmp_path
    with pytest.raises(ValueError, match="broken"), working_folder(tmp_path, "estate.jsonl"):
        raise ValueError("broken")
    assert list(tmp_path.iterdir()) == []


def test_folder_of_a_killed_process_is_removed_by_the_next_one_and_that_of_a_living_one_is_not(tmp_path: Path) -> None:
    collections = str(CHECKOUT / "build" / "collections")
    command = [sys.executable, "-c", KILLED, collections, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        with working_folder(tmp_path, "estate.jsonl"):
            assert len(list(tmp_path.iterdir())) == 2
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert [path.suffix for path in tmp_path.iterdir()] == [".work"]
    with working_folder(tmp_path, "estate.jsonl") as folder:
        assert list(tmp_path.iterdir()) == [folder]


def test_folders_of_other_files_stay(tmp_path: Path) -> None:
    other = tmp_path / ".other.jsonl.x.work"
    other.mkdir()
    with working_folder(tmp_path, "estate.jsonl"):
        assert other.is_dir()


def test_leftover_that_cannot_be_removed_does_not_disturb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".estate.jsonl.x.work").mkdir()

    def refuse(_path: Path) -> None:
        raise PermissionError("not yours")

    monkeypatch.setattr(module.shutil, "rmtree", refuse)
    (folder_before,) = tmp_path.iterdir()
    with working_folder(tmp_path, "estate.jsonl") as folder:
        assert {*tmp_path.iterdir()} == {folder_before, folder}
        monkeypatch.undo()
