# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What rests on labels that operands write once they are ready comes in the same run, and not only in the next one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.platform import LABELS
from tests.counterparts.cluster import crds_available
from tests.integration.platform_site import MERGE, NODES, Site, platform_site

CONFIG = "nvidia.com/device-plugin.config"
FOUND_BY_OPERANDS = ("nvidia.com/gpu.product", "nvidia.com/gpu.memory", "nvidia.com/gpu.count")
SLICED = {
    "schema_version": "1.0",
    "accelerators": {
        "taints": {"nvidia.com/gpu": {"effect": "NoSchedule"}},
        "pools": [
            {
                "name": "h100",
                "nodes": {"nvidia.com/gpu.product": LABELS["nvidia.com/gpu.product"]},
                "vendor": "nvidia",
                "mode": "time_sliced",
                "replicas": 4,
            }
        ],
    },
}


def label_nodes(site: Site, labels: dict[str, str | None]) -> None:
    """Sets labels of all nodes; None takes one away."""
    for item in NODES:
        path = f"/api/v1/nodes/{item['metadata']['name']}"
        site.cluster.request("PATCH", path, {"metadata": {"labels": labels}}, MERGE).checked()


@pytest.fixture
def site(shared: Path, tmp_path: Path) -> Iterator[Site]:
    """A cluster whose nodes have their devices' labels only once the operands run."""
    if not crds_available():
        pytest.skip(f"no custom resource definitions in {shared}")
    with platform_site(tmp_path) as found:
        label_nodes(found, dict.fromkeys(FOUND_BY_OPERANDS))
        found.document = SLICED
        yield found


def configs(site: Site) -> set[str | None]:
    """The device plugin's configuration of each node."""
    return {item["metadata"]["labels"].get(CONFIG) for item in site.live("/api/v1/nodes")["items"]}


def test_nodes_are_configured_in_the_run_in_which_their_operands_become_ready(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    play = site.operands.play

    def played() -> None:
        play()
        label_nodes(site, {name: LABELS[name] for name in FOUND_BY_OPERANDS})

    monkeypatch.setattr(site.operands, "play", played)
    first = site.run("accelerators")
    assert first.failure is None, first.failure.problems
    assert None not in configs(site)
    again = site.run("accelerators")
    assert again.failure is None, again.failure.problems
    assert site.last is not None and site.last.writes == 0
