# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 in the middle of a live reading: no artifact in part, nothing left over, and the next run comes to the same."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.run_directory import RunDirectory

from tests.counterparts.vcenter import Simulator, vcenter
from tests.integration.live import NOW, load, login

CHECKOUT = Path(__file__).resolve().parents[2]
MOMENTS = 20
MODULE = "ansible_collections.groundwork.readiness.plugins.modules.estate"


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with vcenter(name="vc-north.example.com", vms=60, seed=1) as started:
        yield started


def run_dir(folder: Path) -> Path:
    """An opened run."""
    folder.mkdir(parents=True, exist_ok=True)
    RunDirectory(folder).open(run_id="r", now=NOW, mode="apply", playbook="", started_at="")
    return folder


def reading(simulator: Simulator, folder: Path) -> subprocess.Popen[bytes]:
    """The module as Ansible runs it, in a process of its own."""
    part = folder / "parts" / "estate-vc.jsonl"
    vcenter_settings = login(simulator, page_size=5)
    arguments = {"run_dir": str(folder), "host": "vc", "sources": [{"vcenter": vcenter_settings}], "dest": str(part)}
    process = subprocess.Popen(
        [sys.executable, "-m", MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=CHECKOUT / "build" / "collections",
        start_new_session=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())
    process.stdin.close()
    return process


def test_killed_at_20_random_moments_no_part_is_half_and_the_next_run_converges(simulator: Simulator, tmp_path: Path) -> None:
    started = time.monotonic()
    whole = run_dir(tmp_path / "whole")
    assert reading(simulator, whole).wait() == 0
    duration = time.monotonic() - started
    expected = (whole / "parts" / "estate-vc.jsonl").read_bytes()
    folder = run_dir(tmp_path / "killed")
    part = folder / "parts" / "estate-vc.jsonl"
    draw = random.Random(4)
    unfinished = 0
    for _moment in range(MOMENTS):
        part.unlink(missing_ok=True)
        process = reading(simulator, folder)
        time.sleep(draw.uniform(0.1, duration))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        if part.exists():
            assert part.read_bytes() == expected
            load(part)
        else:
            unfinished += 1
    assert unfinished, "the reading was never caught in the middle"
    part.unlink(missing_ok=True)
    assert reading(simulator, folder).wait() == 0
    assert part.read_bytes() == expected
    assert [path.name for path in part.parent.iterdir()] == [part.name]
    print(f"{MOMENTS} kills, {unfinished} of them before the part was written")
