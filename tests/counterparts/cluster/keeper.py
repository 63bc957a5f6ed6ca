# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the processes of one cluster, and ends them when nobody holds on to it any more.

Run as `python -m tests.counterparts.cluster.keeper PLAN FD`. FD is the reading end of the FIFO that its users hold on to. The
keeper's own sudden end is its processes' too, on Linux.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.counterparts.cluster.client import Client, ClusterError, wait_until
from tests.counterparts.cluster.plan import STOP_SECONDS, Plan, Program
from tests.counterparts.meeting import leave_when_asked, watch

PR_SET_PDEATHSIG = 1
START_SECONDS = 90.0


def dies_with(parent: int) -> Callable[[], None]:
    """Runs in a new process before its program: the kernel shall end it when this one ends."""
    library = ctypes.CDLL(None, use_errno=True)

    def prepare() -> None:
        library.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def _start(program: Program, folder: Path) -> subprocess.Popen[bytes]:
    with (folder / f"{program.name}.log").open("wb") as log:
        return subprocess.Popen(
            program.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), **program.environment},
            preexec_fn=dies_with(os.getpid()) if sys.platform == "linux" else None,
        )


@contextmanager
def running(plan: Plan) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """All processes, by name, for as long as the block lasts."""
    folder = Path(plan.folder)
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for program in (plan.store, plan.server):
            processes[program.name] = _start(program, folder)
        client = Client(plan.url, Path(plan.ca_path), (folder / "admin.token").read_text(encoding="utf-8"))
        wait_until("the API server is ready", lambda: is_ready(client, processes), START_SECONDS)
        for program in plan.others:
            processes[program.name] = _start(program, folder)
        yield processes
    finally:
        _stop(processes, plan.store.name)


def is_ready(client: Client, processes: Mapping[str, subprocess.Popen[bytes]]) -> bool:
    """Whether the server answers, and has made the namespaces that every cluster has."""
    ended = ended_early(processes)
    if ended:
        raise ClusterError(ended)
    try:
        paths = ("/readyz", "/api/v1/namespaces/kube-system", "/api/v1/namespaces/default")
        return all(client.request("GET", path, timeout=5).status == 200 for path in paths)
    except OSError:
        return False


def ended_early(processes: Mapping[str, subprocess.Popen[bytes]]) -> str:
    """Which process ended although nobody asked it to; empty when none did."""
    return next((f"{name} ended with exit code {each.returncode}" for name, each in processes.items() if each.poll() is not None), "")


def _stop(processes: Mapping[str, subprocess.Popen[bytes]], store: str) -> None:
    for name, process in processes.items():
        if name != store:
            process.kill()
    for name, process in processes.items():
        if name != store:
            process.wait()
    if store in processes:
        processes[store].terminate()
        try:
            processes[store].wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            processes[store].kill()
            processes[store].wait()


def main(plan_file: str, reader: str) -> int:
    """Keeps the cluster of that plan."""
    leave_when_asked()
    plan = Plan.read(Path(plan_file))
    folder = Path(plan.folder)
    wrong = ""
    try:
        with running(plan) as processes:
            print(json.dumps({name: process.pid for name, process in processes.items()}), flush=True)
            wrong = watch(int(reader), Path(plan.lock), lambda: ended_early(processes))
    except ClusterError as error:
        wrong = str(error)
    finally:
        if wrong:
            (folder / "ended").write_text(wrong, encoding="utf-8")
        elif not plan.keep:
            shutil.rmtree(folder, ignore_errors=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
