# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a live vCenter: against the same answers thrown away, against pyVmomi's own decoding, and against other collections."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.counterparts.vcenter import Simulator, vcenter
from tests.tools.link_tree import CHECKOUT, make_link_tree

from .figures import MEBIBYTE, Figure
from .measure import Measured, measure
from .peers import PeersError, peers_environment

SMALL_VMS, LARGE_VMS, PEER_VMS = 600, 6_000, 500
PAGE_SIZE = 400
CALLS, RATIO, GROWTH, PEER_SHARE = 40, 1.5, 11, 0.1
TURNS = 3
PEER_TURNS = 2
OURS = "groundwork.readiness.estate"
PEERS = ("community.vmware.vmware_vm_info", "vmware.vmware.guest_info")
PLAYBOOK = CHECKOUT / "tests" / "benchmarks" / "peers.yml"


def login(simulator: Simulator) -> dict[str, Any]:
    """How to reach a simulator, as users write it."""
    return {
        "hostname": simulator.host,
        "port": simulator.port,
        "username": simulator.username,
        "password": simulator.password,
        "ca_path": str(simulator.ca_path),
    }


@dataclass(frozen=True, slots=True)
class Turns:
    """The best of several turns, so that all of them met the same machine."""

    read: Measured
    thrown_away: Measured
    pyvmomi: Measured


def in_turns(simulator: Simulator, folder: Path) -> Turns:
    """Reads, throws away and lets pyVmomi decode the same answers, one after the other, several times."""
    settings = {**login(simulator), "tags": False, "storage_policies": False}
    turns = []
    for turn in range(TURNS):
        read = measure("live_estate", settings=settings, dest=folder / f"live-{turn}.jsonl")
        thrown_away = measure("live_thrown_away", settings=settings)
        turns.append((read, thrown_away, measure("live_pyvmomi", settings=settings)))
    return Turns(*(min(runs, key=lambda run: run.seconds) for runs in zip(*turns, strict=True)))


def live_figures(folder: Path) -> Iterator[Figure]:
    """All figures of the live reading."""
    with vcenter(name="vc-small.example.com", vms=SMALL_VMS, seed=1) as simulator:
        small = in_turns(simulator, folder)
    with vcenter(name="vc-large.example.com", vms=LARGE_VMS, seed=1) as simulator:
        before = simulator.counters()["soap_calls"]
        complete = measure("live_estate", settings=login(simulator), dest=folder / "live.jsonl")
        calls = simulator.counters()["soap_calls"] - before
        large = in_turns(simulator, folder)
        simulator.reset_counters()
        history = measure("live_estate", settings={**login(simulator), "performance_days": 30}, dest=folder / "history.jsonl")
        history_calls = simulator.counters()["soap"].get("QueryPerf", 0)
    yield from large_figures(complete, calls, large)
    yield Figure(f"live: {LARGE_VMS:,} VMs: calls for 30 days of history, counted apart", history_calls, "calls")
    yield Figure(f"live: {LARGE_VMS:,} VMs: time with 30 days of history", round(history.seconds, 3), "s")
    growth = round(large.read.seconds / small.read.seconds, 2)
    yield Figure(f"live: growth of time from {SMALL_VMS} to {LARGE_VMS:,} VMs", growth, "ratio", GROWTH)
    per_vm = (large.read.peak_bytes - small.read.peak_bytes) / (LARGE_VMS - SMALL_VMS) / 1024
    yield Figure("live: memory that each further VM takes", round(per_vm, 2), "KiB")
    yield from peer_figures()


def large_figures(complete: Measured, calls: int, large: Turns) -> Iterator[Figure]:
    """Calls, time and memory of the large estate."""
    name = f"live: {LARGE_VMS:,} VMs"
    away = large.thrown_away
    yield Figure(f"{name}: SOAP calls, login to logout, all types", calls, "calls", CALLS)
    yield Figure(f"{name}: time with tags and policies", round(complete.seconds, 3), "s", note=f"CPU {complete.cpu_seconds:.2f} s")
    yield Figure(f"{name}: time", round(large.read.seconds, 3), "s", note=f"CPU {large.read.cpu_seconds:.2f} s")
    yield Figure(f"{name}: the same answers thrown away", round(away.seconds, 3), "s", note=f"CPU {away.cpu_seconds:.2f} s")
    yield Figure(f"{name}: size of the answers", round(away.result["bytes"] / MEBIBYTE, 1), "MiB")
    yield Figure(f"{name}: time against throwing away", round(large.read.seconds / away.seconds, 3), "ratio", RATIO)
    yield Figure(f"{name}: decoding by pyVmomi against throwing away", round(large.pyvmomi.seconds / away.seconds, 3), "ratio")
    yield Figure(f"{name}: peak memory", round(large.read.peak_bytes / MEBIBYTE, 1), "MiB")


def peer_figures() -> Iterator[Figure]:
    """One task each, one playbook after the other against one vCenter: this collection, and the two that users have today."""
    name = f"live: {PEER_VMS} VMs"
    try:
        environment = peers_environment()
    except PeersError as error:
        yield Figure(f"{name}: task against the faster peer", None, "ratio", PEER_SHARE, note=str(error))
        return
    with vcenter(name="vc-peers.example.com", vms=PEER_VMS, seed=1, plain=True) as simulator:
        tasks = played(environment, simulator)
    for task, found in tasks.items():
        yield Figure(f"{name}: task {task}", None if found.failure else found.seconds, "s", note=found.note)
        yield Figure(f"{name}: playbook with {task}", round(found.playbook_seconds, 3), "s")
    whole = [task.seconds for task in tasks.values() if not task.failure]
    ratio = round(tasks[OURS].seconds / min(tasks[task].seconds for task in PEERS), 4) if len(whole) == len(tasks) else None
    yield Figure(f"{name}: task against the faster peer", ratio, "ratio", PEER_SHARE, note="" if ratio else "not every task ran to its end")


@dataclass(frozen=True, slots=True)
class Task:
    """What became of a task."""

    seconds: float
    playbook_seconds: float
    failure: str
    calls: int

    @property
    def note(self) -> str:
        """Why it failed, or how many SOAP calls it made."""
        return self.failure or f"{self.calls} SOAP calls"


def played(environment: Path, simulator: Simulator) -> dict[str, Task]:
    """Task to what became of it, the better of two runs. Raises RuntimeError when the playbook cannot be run at all."""
    make_link_tree(CHECKOUT / "build" / "collections")
    turns = [{task: task_run(environment, simulator, task) for task in (OURS, *PEERS)} for _turn in range(PEER_TURNS)]
    return {task: min((turn[task] for turn in turns), key=lambda run: (bool(run.failure), run.seconds)) for task in (OURS, *PEERS)}


def task_run(environment: Path, simulator: Simulator, task: str) -> Task:
    """A playbook with the task alone; the seconds of the task are those that Ansible counts."""
    runs = CHECKOUT / "build" / "benchmark-runs"
    settings = {
        **os.environ,
        "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
        "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / "build" / "collections"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        # pyVmomi and requests take the authority of the simulator from here; nobody goes without verification.
        "SSL_CERT_FILE": str(simulator.ca_path),
        "REQUESTS_CA_BUNDLE": str(simulator.ca_path),
    }
    variables = {"login": login(simulator), "page_size": PAGE_SIZE, "runs_dir": str(runs)}
    command = [str(environment / "bin" / "ansible-playbook"), str(PLAYBOOK), "--tags", task.rpartition(".")[2], "-e", json.dumps(variables)]
    before, started = simulator.counters()["soap_calls"], perf_counter()
    done = subprocess.run(command, env=settings, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    playbook_seconds = perf_counter() - started
    if "{" not in done.stdout:
        raise RuntimeError(done.stdout + done.stderr)
    seconds, failure = measured_task(json.loads(done.stdout[done.stdout.index("{") :]), task)
    return Task(seconds, playbook_seconds, failure, simulator.counters()["soap_calls"] - before)


def measured_task(report: Mapping[str, Any], task: str) -> tuple[float, str]:
    """(seconds, failure) of a task by name in the report of a playbook run."""
    for entry in (entry for play in report["plays"] for entry in play["tasks"]):
        if entry["task"]["name"] == f"Run {task}":
            duration = entry["task"]["duration"]
            start, end = (datetime.fromisoformat(duration[key].replace("Z", "+00:00")) for key in ("start", "end"))
            result = entry["hosts"]["localhost"]
            failure = str(result.get("msg", "it failed")).partition("\n")[0] if result.get("failed") else ""
            return round((end - start).total_seconds(), 3), failure
    return 0.0, "it was not run"
