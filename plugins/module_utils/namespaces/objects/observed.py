# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is collected of the namespace, and the data that it works with: PodMonitors, ServiceMonitors, a ConfigMap of data sources."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from ...common.owned_fields import ApiObject
from ..contract.model import Contract, MonitorWanted
from ..terms import DATA

MONITORING: Final = "monitoring.coreos.com/v1"


def monitors(contract: Contract) -> Iterator[ApiObject]:
    """One object for each monitor of the contract."""
    for each in contract.monitoring.pods:
        yield _monitor(contract.namespace, "PodMonitor", "podMetricsEndpoints", each)
    for each in contract.monitoring.services:
        yield _monitor(contract.namespace, "ServiceMonitor", "endpoints", each)


def _monitor(namespace: str, kind: str, endpoints: str, wanted: MonitorWanted) -> ApiObject:
    endpoint = {"port": wanted.port, "path": wanted.path, "interval": f"{wanted.interval_seconds}s"}
    return {
        "apiVersion": MONITORING,
        "kind": kind,
        "metadata": {"name": wanted.name, "namespace": namespace},
        "spec": {"selector": {"matchLabels": dict(wanted.labels)}, endpoints: [endpoint]},
    }


def data_sources(contract: Contract) -> Iterator[ApiObject]:
    """A ConfigMap with one entry for each data source, for whoever works in the namespace to read."""
    if not contract.data_sources:
        return
    data: dict[str, Any] = {f"{each.name}.json": json.dumps(asdict(each), sort_keys=True, indent=2) for each in contract.data_sources}
    yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": DATA, "namespace": contract.namespace}, "data": data}
