# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs of the cluster: which they are, what pins them, and how they are built."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.counterparts.build import GoCommands, Say, go_commands, quiet

PINS = Path(__file__).parent / "programs"
KUBERNETES = "k8s.io/kubernetes"


def _kubernetes_version() -> str:
    found = re.search(
        rf"^\s*{re.escape(KUBERNETES)} (v\d+\.\d+\.\d+)", (PINS / "kubernetes" / "go.mod").read_text(encoding="utf-8"), re.MULTILINE
    )
    if not found:
        raise ValueError(f"{PINS}/kubernetes/go.mod pins no {KUBERNETES}")
    return found[1]


def _kubernetes() -> GoCommands:
    version = _kubernetes_version()
    major, minor, _patch = version[1:].split(".")
    stamp = "k8s.io/component-base/version"
    return GoCommands(
        name="cluster-kubernetes",
        pins=PINS / "kubernetes",
        packages={name: f"{KUBERNETES}/cmd/{name}" for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler")},
        # Without them the server says v0.0.0, and clients that ask for its version go wrong.
        variables={
            f"{stamp}.gitVersion": version,
            f"{stamp}.gitMajor": major,
            f"{stamp}.gitMinor": minor,
            f"{stamp}.gitTreeState": "clean",
        },
    )


ETCD = GoCommands(name="cluster-etcd", pins=PINS / "etcd", packages={"etcd": "go.etcd.io/etcd/server/v3"})
KWOK = GoCommands(name="cluster-kwok", pins=PINS / "kwok", packages={"kwok": "sigs.k8s.io/kwok/cmd/kwok"})


@dataclass(frozen=True, slots=True)
class Programs:
    """Where the built programs are."""

    etcd: Path
    apiserver: Path
    controller_manager: Path
    scheduler: Path
    kwok: Path

    @property
    def key(self) -> str:
        """Names the pins of those that leave data behind, etcd and the API server."""
        return f"{self.etcd.parent.name}-{self.apiserver.parent.name}"


def programs(say: Say = quiet) -> Programs:
    """All of them, built where they were not built yet."""
    etcd = go_commands(ETCD, say)
    kubernetes = go_commands(_kubernetes(), say)
    kwok = go_commands(KWOK, say)
    return Programs(
        etcd=etcd / "etcd",
        apiserver=kubernetes / "kube-apiserver",
        controller_manager=kubernetes / "kube-controller-manager",
        scheduler=kubernetes / "kube-scheduler",
        kwok=kwok / "kwok",
    )
