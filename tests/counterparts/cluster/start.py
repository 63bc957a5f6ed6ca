# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts a cluster, and takes hold of one that runs already."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.counterparts.build import Say, quiet
from tests.counterparts.cluster import commands
from tests.counterparts.cluster.certificates import make_certificates
from tests.counterparts.cluster.client import ClusterError, condition, wait_until
from tests.counterparts.cluster.commands import Oidc, Setting
from tests.counterparts.cluster.crds import are_served, crd_files, load_crds
from tests.counterparts.cluster.plan import Plan, Program
from tests.counterparts.cluster.programs import Programs, programs
from tests.counterparts.cluster.running import ADMIN, Cluster
from tests.counterparts.cluster.snapshots import forget_namespaces, save_snapshot, snapshot_lock, snapshot_path, take_snapshot
from tests.counterparts.meeting import keeper, meet
from tests.counterparts.vcenter import write_secret

USERS: Mapping[str, Sequence[str]] = {f"user-{number}": (f"group-{number}",) for number in range(10)}
"""Users without any right of their own."""
COMPONENTS: Mapping[str, tuple[str, Sequence[str]]] = {
    # Their names tell them apart in the audit log.
    "controller-manager": ("system:kube-controller-manager", ("system:masters",)),
    "scheduler": ("system:kube-scheduler", ()),
    "kwok": ("system:kwok", ("system:masters",)),
}
ATTEMPTS = 3
NODE_SECONDS = 60.0
SERVE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What kind of cluster is asked for."""

    name: str = "cluster"
    nodes: tuple[Mapping[str, Any], ...] = ()
    crds: tuple[str, ...] = ()
    """API groups or single definitions, as crd_files takes them"""
    kwok: bool = True
    scheduler: bool = True
    controllers: bool = True
    users: Mapping[str, Sequence[str]] | None = None
    """users besides USERS, each with its groups"""
    port: int = 0
    """the API server's; 0 takes a free one"""
    oidc: Oidc | None = None
    """whose tokens log in besides"""


@contextmanager
def cluster(
    *,
    name: str = "cluster",
    nodes: Sequence[Mapping[str, Any]] = (),
    crds: Sequence[str] = (),
    kwok: bool = True,
    scheduler: bool = True,
    controllers: bool = True,
    users: Mapping[str, Sequence[str]] | None = None,
    port: int = 0,
    oidc: Oidc | None = None,
    say: Say = quiet,
) -> Iterator[Cluster]:
    """Runs a cluster for as long as the block lasts.

    `crds` names API groups whose definitions are to be served, `*` for all. Every start of the same set but the first takes
    them from a snapshot. With `nodes`, kwok brings them up before the block begins. With `oidc`, users of that issuer log in with
    their ID tokens, as Cluster.with_token takes them.
    """
    wanted = Wanted(name, tuple(nodes), tuple(crds), kwok, scheduler, controllers, users, port, oidc)
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="cluster-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield stack.enter_context(_kept(wanted, folder, folder / "lock", say))


@contextmanager
def shared_cluster(meeting: Path, **wanted: Any) -> Iterator[Cluster]:
    """The cluster of everybody who meets in that folder: the first one starts it, and it ends with the last one.

    Those who meet have to want the same.
    """

    def start(folder: Path, lock: Path) -> AbstractContextManager[Cluster]:
        return _kept(Wanted(**wanted), folder, lock, quiet, shared=True)

    with meet(meeting, "cluster-", Cluster.read, start) as found:
        yield found


@contextmanager
def _kept(wanted: Wanted, folder: Path, lock: Path, say: Say, *, shared: bool = False) -> Iterator[Cluster]:
    built = programs(say)
    files = crd_files(wanted.crds) if wanted.crds else ()
    snapshot = _snapshot(built, files, say) if files else None
    with ExitStack() as stack:
        setting, pids = _start(wanted, built, folder, lock, snapshot, stack, shared=shared)
        say("the API server is ready")
        running = Cluster(wanted.name, folder, setting.port, pids, wanted.controllers)
        stack.callback(running.close)
        if files:
            wait_until(f"{len(files)} definitions are served", lambda: are_served(running.client, len(files)), SERVE_SECONDS)
        _bring_up(running, wanted)
        running.write()
        yield running


def _start(
    wanted: Wanted, built: Programs, folder: Path, lock: Path, snapshot: Path | None, stack: ExitStack, *, shared: bool
) -> tuple[Setting, dict[str, int]]:
    """Starts the processes; another time when somebody else took one of the ports in between."""
    for attempt in range(1, ATTEMPTS + 1):
        for entry in folder.iterdir():
            if entry != lock:
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        port, etcd_port, peer_port = commands.free_ports(3)
        setting = Setting(folder, built, make_certificates(folder), wanted.port or port, etcd_port, peer_port, wanted.oidc)
        plan = _plan(wanted, setting, lock)
        if snapshot:
            take_snapshot(snapshot, setting.data)
        try:
            return setting, stack.enter_context(_keeper(plan, shared=shared))
        except ClusterError as error:
            if attempt == ATTEMPTS or "address already in use" not in str(error):
                raise
    raise ClusterError("no attempt was made")


def _plan(wanted: Wanted, setting: Setting, lock: Path) -> Plan:
    rows: list[tuple[str, str, tuple[str, ...]]] = [(ADMIN, ADMIN, ("system:masters",))]
    rows += [(user, user, tuple(groups)) for user, groups in {**USERS, **(wanted.users or {})}.items()]
    rows += [(file, user, tuple(groups)) for file, (user, groups) in COMPONENTS.items()]
    lines = []
    for file, user, groups in rows:
        token = secrets.token_urlsafe(24)
        write_secret(setting.folder / f"{file}.token", token)
        commands.write_kubeconfig(setting.folder, file, token, setting.url, setting.certificates.ca, wanted.name)
        quoted = ",".join(groups)
        lines.append(f'{token},{user},{user},"{quoted}"\n')
    write_secret(setting.folder / "tokens.csv", "".join(lines))
    chosen: list[Program] = []
    chosen += [commands.controller_manager(setting)] if wanted.controllers else []
    chosen += [commands.scheduler(setting)] if wanted.scheduler else []
    chosen += [commands.kwok(setting)] if wanted.kwok else []
    return Plan(
        folder=str(setting.folder),
        lock=str(lock),
        url=setting.url,
        ca_path=str(setting.certificates.ca),
        store=commands.etcd(setting),
        server=commands.apiserver(setting),
        others=tuple(chosen),
    )


@contextmanager
def _keeper(plan: Plan, *, shared: bool = False) -> Iterator[dict[str, int]]:
    """Lets the keeper run; gives the process ids by name. At the end lets go, and waits unless others may hold on."""
    folder, file = Path(plan.folder), Path(plan.folder) / "plan.json"
    plan.write(file)
    with keeper("tests.counterparts.cluster.keeper", folder, lambda reader: [str(file), str(reader)], shared=shared) as (process, line):
        if not line:
            process.wait()
            raise ClusterError(_what_happened(folder))
        yield {"keeper": process.pid, **json.loads(line)}


def _what_happened(folder: Path) -> str:
    """Why there is no cluster, with the last lines of the processes' logs."""
    said = [(folder / "ended").read_text(encoding="utf-8")] if (folder / "ended").exists() else ["the cluster's keeper ended"]
    for log in sorted(folder.glob("*.log")):
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.name != "audit.log" else []
        said += [f"{log.name}: {line[:600]}" for line in lines[-8:]]
    return "\n".join(said)


def _bring_up(running: Cluster, wanted: Wanted) -> None:
    """Makes the nodes, and waits until pods could run on them."""
    running.client.create(wanted.nodes)
    if not (wanted.nodes and wanted.kwok):
        return

    def ready() -> bool:
        nodes = running.client.get("/api/v1/nodes")["items"]
        tainted = any(taint["key"].startswith("node.kubernetes.io/not-ready") for each in nodes for taint in each["spec"].get("taints", ()))
        return all(condition(each, "Ready") == "True" for each in nodes) and not (tainted and wanted.controllers)

    wait_until("the nodes are ready", ready, NODE_SECONDS)


def _snapshot(built: Programs, files: Sequence[Path], say: Say) -> Path:
    """The snapshot with these definitions, made when there is none yet."""
    path = snapshot_path(built.key, files)
    if path.exists():
        return path
    with snapshot_lock(path):
        if not path.exists():
            say(f"loading {len(files)} definitions into a snapshot (once; it is kept in {path.parent})")
            _make_snapshot(built, files, path)
    return path


def _make_snapshot(built: Programs, files: Sequence[Path], path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="cluster-snapshot-") as work, ExitStack() as stack:
        folder = Path(work)
        port, etcd_port, peer_port = commands.free_ports(3)
        setting = Setting(folder, built, make_certificates(folder), port, etcd_port, peer_port)
        plan = replace(_plan(Wanted(), setting, folder / "lock"), others=(), keep=True)
        with _keeper(plan) as pids:
            running = Cluster("snapshot", folder, setting.port, pids, controllers=False)
            stack.callback(running.close)
            load_crds(running.client, files)
            # It is not to notice, and to make them anew, before it ends for good.
            os.kill(pids["kube-apiserver"], signal.SIGSTOP)
            forget_namespaces(setting.etcd_url)
        save_snapshot(setting.data, path)
