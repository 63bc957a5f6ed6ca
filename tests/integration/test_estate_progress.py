# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""While vCenters are read by several forks, the terminal says how far each of them is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .playbooks import CHECKOUT

HOSTS = ("vc-a.example.com", "vc-b.example.com")
PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - groundwork.readiness.run: {runs_dir: "RUNS", run_id: run-1}
- hosts: vcenters
  gather_facts: false
  tasks:
    - groundwork.readiness.estate:
        run_dir: "RUNS/run-1"
        host: "{{ inventory_hostname }}"
        sources: [{estate: "RUNS/{{ inventory_hostname }}.jsonl"}]
      register: read
      failed_when: read.msg is not defined
"""
INVENTORY = """
[all:vars]
ansible_connection=local
ansible_python_interpreter="{{ ansible_playbook_python }}"
[local]
localhost
[vcenters]
"""


@contextmanager
def playing(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A play whose module waits for its source, a pipe, on each of the hosts."""
    runs = folder / "runs"
    runs.mkdir()
    for host in HOSTS:
        os.mkfifo(runs / f"{host}.jsonl")
    (folder / "play.yml").write_text(PLAY.replace("RUNS", str(runs)))
    (folder / "hosts").write_text(INVENTORY + "\n".join(HOSTS) + "\n")
    settings = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / "build" / "collections"), "ANSIBLE_NOCOLOR": "1"}
    settings |= {"ANSIBLE_LOCAL_TEMP": str(folder / ".ansible"), "PYTHONUNBUFFERED": "1"}
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "hosts", "play.yml", "--forks", "2"]
    process = subprocess.Popen(command, cwd=folder, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    guard = threading.Timer(120, process.kill)
    guard.start()
    try:
        yield process
    finally:
        guard.cancel()
        process.kill()
        process.wait()


def release(pipe: Path) -> None:
    """Lets the module that waits for this pipe go on, with a file in its place that it refuses."""
    holder = os.open(pipe, os.O_WRONLY)
    other = pipe.with_suffix(".new")
    other.write_text("this is no estate\n")
    other.replace(pipe)
    os.close(holder)


def test_each_fork_says_how_far_its_vcenter_is(tmp_path: Path) -> None:
    parts = tmp_path / "runs" / "run-1" / "parts"
    said: list[str] = []
    ended = threading.Event()

    def note() -> None:
        read = 0
        while not ended.wait(0.1):
            read += 10
            if not parts.parent.is_dir() or not (parts.parent / "run.json").is_file():
                continue
            parts.mkdir(exist_ok=True)
            for number, host in enumerate(HOSTS, 1):
                figures = {"read": read, "total": 100_000, "per_second": 100.0 * number, "seconds_left": 70, "secret": "canary"}
                (parts / f".progress-{host}.json").write_text(json.dumps(figures) if read % 30 else "{broken")

    with playing(tmp_path) as process:
        writer = threading.Thread(target=note)
        writer.start()
        try:
            assert process.stdout
            for line in process.stdout:
                said.append(line.strip())
                if all(any(heard.startswith(f"{host}: ") for heard in said) for host in HOSTS):
                    break
        finally:
            ended.set()
            writer.join()
        for host in HOSTS:
            release(parts.parents[1] / f"{host}.jsonl")
        said += [line.strip() for line in process.stdout]
        code = process.wait()
    output = "\n".join(said)
    assert code == 0, output
    assert f"{HOSTS[0]}: " in output
    assert "of 100000 objects, 100/s, about 70 s left" in output
    assert "of 100000 objects, 200/s, about 70 s left" in output
    assert "canary" not in output
    assert "Traceback" not in output


@pytest.fixture(autouse=True)
def _pipes() -> None:
    """Named pipes hold the module back; skipped, and counted, where there are none."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes on this system")
