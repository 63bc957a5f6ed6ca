# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook namespaces with the example contracts: how it is run, and what it leaves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.rights import HOME, WRITER

from tests.counterparts.cluster import Audit
from tests.integration.namespaces_site import DOCUMENT, NamespacesSite
from tests.integration.playbooks import CHECKOUT, Played, play

Json = dict[str, Any]
EXAMPLES = CHECKOUT / "docs" / "examples" / "contracts"
NOW = "2026-11-22T06:00:00Z"
NAME = "hub.example.com"
SPACES = ("docs-search", "fraud-training", "retail-assistant")
"""Namespaces of the example contracts."""

RESTRICTED: Json = {
    "runAsNonRoot": True,
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
"""What a container has to say under the Pod Security Standard restricted."""


def example(name: str) -> Json:
    """One of the example contracts as plain data."""
    return dict(yaml.safe_load((EXAMPLES / f"{name}.yml").read_text(encoding="utf-8")))


@dataclass
class Plays:
    """A cluster, and how the playbook is run on it."""

    site: NamespacesSite
    folder: Path
    audit: Audit | None = None

    def play(
        self, name: str, *arguments: str, account: str = WRITER, contracts: object = "contracts", url: str = "", **variables: Any
    ) -> Played:
        """Runs the playbook in a folder of its own; `audit` has what the account asked of the cluster.

        `contracts` is the variable; in the run's folder, `contracts` leads to the examples.
        """
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        cluster = self.site.cluster
        access = {"host": url or cluster.url, "api_key": self.site.tokens[account], "ca_cert": str(cluster.ca_path)}
        hosts = {"readiness_clusters": {"hosts": {NAME: {"readiness_cluster": access}}}}
        (folder / "hosts.yml").write_text(json.dumps(hosts), encoding="utf-8")
        (folder / "platform.yml").write_text(json.dumps(DOCUMENT), encoding="utf-8")
        if not (folder / "contracts").exists():
            (folder / "contracts").symlink_to(EXAMPLES)
        usual = {"readiness_now": NOW, "readiness_platform": "platform.yml", "readiness_contracts": contracts}
        mark = cluster.mark()
        played = play(folder, "namespaces", "-i", "hosts.yml", "-i", "localhost,", *arguments, variables={**usual, **variables})
        self.audit = cluster.audit(mark).by(f"system:serviceaccount:{HOME}:{account}")
        return played

    def written(self) -> list[str]:
        """What the account wrote in the last run that is neither Lease, record nor dry run."""
        assert self.audit is not None
        return [f"{call.verb} {call.uri}" for call in self.audit.write_calls if call.namespace != HOME]


def records(played: Played) -> dict[tuple[str, str], Json]:
    """The records of namespaces.jsonl."""
    lines = (played.run_dir / "namespaces.jsonl").read_text(encoding="utf-8").splitlines()
    return {(record["kind"], record.get("id", "")): record for record in map(json.loads, lines)}


def stage_of(played: Played, host: str = NAME) -> Json:
    """What the run's record has of the stage."""
    (entry,) = (entry for entry in played.run_record()["stages"] if (entry["stage"], entry["host"]) == ("namespaces", host))
    return dict(entry)


def problems_of(played: Played, host: str = NAME) -> list[Json]:
    """The problems of the stage's error."""
    return list(stage_of(played, host).get("error", {}).get("problems", ()))
