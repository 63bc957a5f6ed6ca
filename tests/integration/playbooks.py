# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the collection's playbooks as a user does: the real command, in a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
DEMO_INVENTORY = CHECKOUT / "inventories" / "demo"


@dataclass(frozen=True, slots=True)
class Played:
    """What a playbook run came to."""

    code: int
    output: str
    run_dir: Path

    def run_record(self) -> dict[str, Any]:
        """The content of run.json."""
        content: dict[str, Any] = json.loads((self.run_dir / "run.json").read_text())
        return content

    def stages(self) -> dict[tuple[str, str], str]:
        """(stage, host) to state."""
        return {(entry["stage"], entry["host"]): entry["state"] for entry in self.run_record()["stages"]}

    def page(self) -> str:
        """The HTML report."""
        return (self.run_dir / "report" / "index.html").read_text(encoding="utf-8")


def play(
    folder: Path,
    playbook: str = "assess",
    *arguments: str,
    variables: Mapping[str, Any] | None = None,
    run_id: str = "run-1",
    environment: Mapping[str, str] | None = None,
) -> Played:
    """Runs `groundwork.readiness.<playbook>` with the given variables, from `folder`, into `folder/runs/<run_id>`."""
    extra = {"readiness_run_id": run_id, **(variables or {})}
    return _run(folder, [f"groundwork.readiness.{playbook}", "-e", json.dumps(extra), *arguments], run_id, environment)


def play_tasks(folder: Path, tasks: Sequence[Mapping[str, Any]], *arguments: str, run_id: str = "run-1") -> Played:
    """Runs a playbook of one play on localhost with these tasks, from `folder`; they are to make the run `folder/runs/<run_id>`."""
    variables = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    plays = [{"hosts": "localhost", "connection": "local", "gather_facts": False, "vars": variables, "tasks": list(tasks)}]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "play.yml").write_text(json.dumps(plays), encoding="utf-8")
    return _run(folder, ["play.yml", *arguments], run_id, None)


def _run(folder: Path, arguments: Sequence[str], run_id: str, environment: Mapping[str, str] | None) -> Played:
    folder.mkdir(parents=True, exist_ok=True)
    command = [str(Path(sys.executable).with_name("ansible-playbook")), *arguments]
    settings = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / "build" / "collections"),
        "ANSIBLE_LOCAL_TEMP": str(folder / ".ansible"),
        "ANSIBLE_NOCOLOR": "1",
        "PWD": str(folder),
        **(environment or {}),
    }
    done = subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, check=False, timeout=300)
    return Played(done.returncode, done.stdout + done.stderr, folder / "runs" / run_id)
