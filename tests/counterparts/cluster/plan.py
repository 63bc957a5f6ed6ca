# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the keeper of a cluster is told to run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

STOP_SECONDS = 10.0
"""how long etcd may take to end"""


@dataclass(frozen=True, slots=True)
class Program:
    """A process of the cluster."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to start, and where."""

    folder: str
    lock: str
    """held while it is decided whether the cluster ends"""
    url: str
    ca_path: str
    store: Program
    """the data behind the server; the only one that is asked to end, so that its files are complete"""
    server: Program
    others: tuple[Program, ...]
    """started once the server is ready"""
    keep: bool = False
    """leave the folder behind"""

    def write(self, path: Path) -> None:
        """As JSON."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @staticmethod
    def read(path: Path) -> Plan:
        """A plan that was written."""
        found = json.loads(path.read_text(encoding="utf-8"))
        programs = {name: _program(found[name]) for name in ("store", "server")}
        return Plan(**{**found, **programs, "others": tuple(map(_program, found["others"]))})


def _program(found: Mapping[str, object]) -> Program:
    command = found["command"]
    environment = found["environment"]
    if not isinstance(command, Sequence) or not isinstance(environment, Mapping):
        raise TypeError("the plan is not one")
    return Program(str(found["name"]), tuple(command), environment)
