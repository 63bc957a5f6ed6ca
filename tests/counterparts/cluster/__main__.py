# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a cluster to try things on, until Ctrl-C.

`python -m tests.counterparts.cluster [--contracts | --crds GROUP ...] [--nodes N] [--port P] [--folder FOLDER]`
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.counterparts.build import BuildError
from tests.counterparts.cluster import contracts
from tests.counterparts.cluster.client import ClusterError
from tests.counterparts.cluster.crds import VIRTUALIZATION, crds_available, established, shared_folder
from tests.counterparts.cluster.objects import virtualization_nodes
from tests.counterparts.cluster.running import Cluster
from tests.counterparts.cluster.start import cluster
from tests.counterparts.vcenter import write_secret

FOLDER = Path(__file__).resolve().parents[3] / "build" / "cluster"
NODES = 3


def _arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.counterparts.cluster", description="Runs a cluster until Ctrl-C.")
    usual = "those of OpenShift Virtualization and the migration toolkit"
    parser.add_argument("--crds", nargs="*", metavar="GROUP", help=f"API groups to serve, '*' for all; without it {usual}")
    parser.add_argument("--nodes", type=int, default=NODES, metavar="N", help=f"number of nodes; {NODES} without it")
    given_to_contracts = "with all that the example contracts take as given, nodes, groups and rights, in place of other nodes and kinds"
    parser.add_argument("--contracts", action="store_true", help=given_to_contracts)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where kubeconfigs are put; build/cluster without it")
    parser.add_argument("--port", type=int, default=0, metavar="P", help="port of the API server; a free one without it")
    return parser.parse_args(given)


def _groups(given: Sequence[str] | None) -> tuple[str, ...]:
    if given is not None:
        return tuple(given)
    if crds_available():
        return VIRTUALIZATION
    print(f"There are no definitions in {shared_folder()}: the cluster has Kubernetes' own kinds alone.", flush=True)
    return ()


def _wanted(arguments: argparse.Namespace) -> tuple[Sequence[Mapping[str, Any]], Sequence[str]]:
    """Nodes and API groups."""
    if not arguments.contracts:
        return virtualization_nodes(arguments.nodes), _groups(arguments.crds)
    return contracts.NODES, contracts.CRDS


@contextmanager
def _found_in(folder: Path, running: Cluster) -> Iterator[Path]:
    """The administrator's kubeconfig at a place that stays the same, for as long as the cluster runs."""
    folder.mkdir(parents=True, exist_ok=True)
    document = json.loads(running.kubeconfig.read_text(encoding="utf-8"))
    document["clusters"][0]["cluster"]["certificate-authority"] = str(folder / "ca.pem")
    (folder / "ca.pem").write_bytes(running.ca_path.read_bytes())
    path = write_secret(folder / "kubeconfig", json.dumps(document, indent=2) + "\n")
    try:
        yield path
    finally:
        for left in (path, folder / "ca.pem"):
            left.unlink(missing_ok=True)


def _hint(running: Cluster, kubeconfig: Path) -> str:
    nodes = len(running.client.get("/api/v1/nodes")["items"])
    lines = [
        f"A cluster runs on this machine: {running.url}, {nodes} nodes, {len(established(running.client))} custom resource definitions.",
        f"Its administrator's kubeconfig: {kubeconfig}",
        "In another terminal, for kubectl and for every playbook that speaks to a cluster:",
        f"  export KUBECONFIG={kubeconfig} K8S_AUTH_KUBECONFIG={kubeconfig}",
        "In an inventory, for a cluster's host: ansible_connection: local, and the same path as its kubeconfig.",
        f"Users without rights: user-0 to user-9; their kubeconfigs, and all logs, are in {running.folder}",
        "Nothing runs in its pods, and no volume is provisioned. Ctrl-C here ends it.",
    ]
    return "\n".join(lines)


def main(given: Sequence[str]) -> int:
    """Runs it."""
    arguments = _arguments(given)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = arguments.folder.absolute()
    try:
        nodes, crds = _wanted(arguments)
        with cluster(name="try-out", crds=crds, nodes=nodes, port=arguments.port, say=_say) as running, ExitStack() as stack:
            folder.mkdir(parents=True, exist_ok=True)
            if arguments.contracts:
                _say(f"The kubeconfig of the account with the shipped rights: {stack.enter_context(contracts.furnished(running, folder))}")
            # It is what others wait for.
            kubeconfig = stack.enter_context(_found_in(folder, running))
            print(_hint(running, kubeconfig), flush=True)
            while running.is_kept():
                time.sleep(0.5)
            print("The cluster ended by itself.", file=sys.stderr)
            return 1
    except KeyboardInterrupt:
        print("The cluster is stopped.")
        return 0
    except (BuildError, ClusterError) as error:
        print(error, file=sys.stderr)
        return 1


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
