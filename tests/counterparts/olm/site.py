# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the Operator Lifecycle Manager on a cluster, and takes it down again."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.counterparts.build import Say, quiet
from tests.counterparts.cluster import Cluster, ClusterError, wait_until
from tests.counterparts.cluster.client import Json
from tests.counterparts.cluster.commands import HOST, free_ports
from tests.counterparts.cluster.keeper import dies_with
from tests.counterparts.olm.catalogs import Catalog, write_catalog
from tests.counterparts.olm.manifests import MARKETPLACE, manifests_of, render
from tests.counterparts.olm.programs import OlmPrograms, olm_programs

OLM_USERS: Mapping[str, Sequence[str]] = {"olm": ("system:masters",), "catalog": ("system:masters",)}
"""The users that a cluster needs for it, so that the audit log tells the two programs apart."""
NAMESPACES = ("olm", MARKETPLACE, "openshift-operators")
GROUP_PATH = "/apis/operators.coreos.com/v1/namespaces/openshift-operators/operatorgroups/global-operators"
CATALOGS_PATH = f"/apis/operators.coreos.com/v1alpha1/namespaces/{MARKETPLACE}/catalogsources"
PACKAGES_PATH = f"/apis/packages.operators.coreos.com/v1/namespaces/{MARKETPLACE}/packagemanifests"
OWN_PORT = 8080
START_SECONDS = 90.0
LINES = 12


@dataclass(slots=True)
class Running:
    """A program that runs until it is stopped."""

    name: str
    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it; it ends with this process, whatever ends that."""
        # Nothing of the caller's environment but the path: with CI set OLM panics, and a proxy would be asked for the catalogs.
        environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.folder), **self.environment}
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=environment,
                preexec_fn=dies_with(os.getpid()) if sys.platform == "linux" else None,
            )

    def kill(self) -> None:
        """Ends it at once."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def check(self) -> None:
        """An error when it ended although nobody asked it to."""
        if self.process and self.process.poll() is not None:
            said = "\n".join(self.log().splitlines()[-LINES:])
            raise ClusterError(f"{self.name} ended with exit code {self.process.returncode}:\n{said}")

    def log(self) -> str:
        """Everything that it said."""
        return (self.folder / f"{self.name}.log").read_text(encoding="utf-8", errors="replace")


@dataclass(slots=True)
class RunningCatalog:
    """A catalog source of the cluster, and the server behind it."""

    name: str
    opm: Path
    folder: Path
    port: int
    served: Path = Path()
    """the file-based catalog that is served"""
    editions: int = 0
    server: Running | None = None

    @property
    def address(self) -> str:
        """What the catalog source says of it."""
        return f"{HOST}:{self.port}"

    def start(self) -> None:
        """Serves the catalog, and waits until it is served."""
        if not self.server:
            work = self.folder / f"work-{self.editions}"
            command = [str(self.opm), "serve", str(self.served), f"--port={self.port}", "--pprof-addr="]
            command += [f"--termination-log={self.folder / 'termination.log'}", f"--cache-dir={work}", "--cache-enforce-integrity=false"]
            self.server = Running(f"catalog-{self.name}", command, self.folder)
            self.server.start()
            wait_until(f"opm serves {self.name}", self._is_served, START_SECONDS)

    def kill(self) -> None:
        """Ends the server at once: nobody listens on the catalog source's address any more."""
        if self.server:
            self.server.kill()
            self.server = None

    def write(self, catalog: Catalog) -> None:
        """What is to be served from the next start on."""
        self.editions += 1
        self.served = write_catalog(catalog, self.folder / f"edition-{self.editions}")

    def rendered(self) -> list[Json]:
        """The catalog as `opm render` tells it: the form in which users have catalogs, upgrade edges included."""
        return render(self.opm, self.served)

    def _is_served(self) -> bool:
        if self.server:
            self.server.check()
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0


@dataclass(slots=True)
class OlmSite:
    """OLM as it runs on a cluster: its two operators and the catalogs."""

    cluster: Cluster
    folder: Path
    programs: OlmPrograms
    operators: tuple[Running, ...] = ()
    catalogs: dict[str, RunningCatalog] = field(default_factory=dict)

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by name: `olm`, `catalog`, and `catalog-<name>` for every catalog that is served."""
        servers = [each.server for each in self.catalogs.values() if each.server]
        return {each.name: each.process.pid for each in (*self.operators, *servers) if each.process}

    def catalog(self, name: str) -> RunningCatalog:
        """The catalog of that name."""
        return self.catalogs[name]

    def logs(self, name: str) -> str:
        """What `olm`, `catalog` or a `catalog-<name>` said."""
        return (next(self.folder.rglob(f"{name}.log"))).read_text(encoding="utf-8", errors="replace")

    def publish(self, name: str, catalog: Catalog) -> None:
        """Serves the catalog under that name, in place of what was served, and waits until OLM is connected to it."""
        found = self.catalogs.get(name)
        if not found:
            folder = self.folder / name
            folder.mkdir()
            found = self.catalogs[name] = RunningCatalog(name, self.programs.opm, folder, free_ports(1)[0])
        before = self.connection(name).get("lastConnect", "")
        found.kill()
        found.write(catalog)
        found.start()
        self.cluster.apply([catalog_source(name, found.address)])
        self._show_packages(name, found.rendered())
        self.connected(name, since=str(before))

    def withdraw(self, name: str) -> None:
        """Takes a catalog away: its source, its server and its packages."""
        self.cluster.request("DELETE", f"{CATALOGS_PATH}/{name}").checked()
        self._show_packages(name, ())
        gone = self.catalogs.pop(name)
        gone.kill()
        shutil.rmtree(gone.folder)

    def connection(self, name: str) -> Json:
        """What OLM says of its connection to a catalog; empty when it has said nothing yet."""
        answer = self.cluster.request("GET", f"{CATALOGS_PATH}/{name}")
        return dict((answer.body.get("status") or {}).get("connectionState") or {}) if answer.status == 200 else {}

    def connected(self, name: str, since: str = "") -> None:
        """Waits until OLM is connected to the catalog; with `since` anew since that time."""

        def ready() -> bool:
            self.check()
            state = self.connection(name)
            return state.get("lastObservedState") == "READY" and state.get("lastConnect") != since

        wait_until(f"OLM is connected to {name}", ready, START_SECONDS)

    def check(self) -> None:
        """An error when one of OLM's operators ended although nobody asked it to."""
        for each in self.operators:
            each.check()

    def _show_packages(self, name: str, rendered: Sequence[Json]) -> None:
        client = self.cluster.client
        wanted = manifests_of(name, rendered)
        shown = {each["metadata"]["name"]: each["metadata"]["labels"]["catalog"] for each in client.get(PACKAGES_PATH)["items"]}
        twice = sorted(each["metadata"]["name"] for each in wanted if shown.get(each["metadata"]["name"], name) != name)
        if twice:
            raise ClusterError(
                f"another catalog has {', '.join(twice)} already, and the stand-in of the package server has one of each name"
            )
        for gone in {package for package, catalog in shown.items() if catalog == name} - {each["metadata"]["name"] for each in wanted}:
            self.cluster.request("DELETE", f"{PACKAGES_PATH}/{gone}").checked()
        client.apply(wanted)

    def stop(self) -> None:
        """Ends every program."""
        for each in self.catalogs.values():
            each.kill()
        for operator in self.operators:
            operator.kill()


def catalog_source(name: str, address: str) -> Json:
    """A catalog source whose server is somewhere, and not a pod of the cluster."""
    return {
        "apiVersion": "operators.coreos.com/v1alpha1",
        "kind": "CatalogSource",
        "metadata": {"name": name, "namespace": MARKETPLACE},
        "spec": {"sourceType": "grpc", "address": address, "displayName": name},
    }


@contextmanager
def olm_site(
    cluster: Cluster,
    catalogs: Mapping[str, Catalog],
    *,
    unpack_timeout_seconds: int = 20,
    plan_retry_seconds: int = 60,
    say: Say = quiet,
) -> Iterator[OlmSite]:
    """Runs OLM on that cluster for as long as the block lasts.

    The cluster has to have controllers, a node, the definitions of PLATFORM and the users OLM_USERS. What OLM did stays on it.
    Unpacking a bundle fails after the first time, an install plan that meets errors after the second.
    """
    programs = olm_programs(say)
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="olm-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        site = OlmSite(cluster, folder, programs)
        stack.callback(site.stop)
        cluster.apply(_ground())
        with _own_port_taken():
            waits = (f"--bundle-unpack-timeout={unpack_timeout_seconds}s", f"--install-plan-retry-timeout={plan_retry_seconds}s")
            _start_operators(site, waits)
            _wait_for_operators(site)
        for name, catalog in catalogs.items():
            site.publish(name, catalog)
        yield site


def _ground() -> list[Json]:
    """What every OpenShift has of it: the namespaces, and the group of the operators that watch everything."""
    namespaces: list[Json] = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in NAMESPACES]
    metadata = {"name": "global-operators", "namespace": "openshift-operators"}
    return [*namespaces, {"apiVersion": "operators.coreos.com/v1", "kind": "OperatorGroup", "metadata": metadata, "spec": {}}]


def _start_operators(site: OlmSite, waits: Sequence[str]) -> None:
    programs, cluster = site.programs, site.cluster
    absent = [user for user in OLM_USERS if not cluster.kubeconfig_for(user).exists()]
    if absent:
        raise ClusterError(f"the cluster has no user {', '.join(absent)}: start it with users=OLM_USERS")
    catalog = [str(programs.catalog), f"--namespace={MARKETPLACE}", f"--kubeconfig={cluster.kubeconfig_for('catalog')}"]
    catalog += ["--writeStatusName=", *waits]
    olm = [str(programs.olm), "--namespace=olm", "--writeStatusName="]
    about = {"KUBECONFIG": str(cluster.kubeconfig_for("olm")), "OPERATOR_NAMESPACE": "olm", "OPERATOR_NAME": "olm-operator"}
    site.operators = (Running("catalog", catalog, site.folder), Running("olm", olm, site.folder, about))
    for each in site.operators:
        each.start()


def _wait_for_operators(site: OlmSite) -> None:
    def grouped() -> bool:
        site.check()
        found = site.cluster.client.get(GROUP_PATH)
        return "namespaces" in (found.get("status") or {})

    wait_until("OLM looks after operator groups", grouped, START_SECONDS)


@contextmanager
def _own_port_taken() -> Iterator[None]:
    """Keeps OLM's metrics from being served on every address of the machine: it goes on without them where the port is taken."""
    with socket.socket() as holder:
        # It is taken as well when somebody else has it.
        with suppress(OSError):
            holder.bind((HOST, OWN_PORT))
            holder.listen(1)
        yield
