# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster serves of what contracts need, as a look at it tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..platform.snapshot import PlatformSnapshot
from ..target.objects import maps_at, name_of, namespace_of, texts_at
from .objects.owners import API_VERSION as OWNER_QUOTA_VERSION
from .objects.profiles import GROUP as PROFILES
from .objects.profiles import VERSIONS as PROFILE_VERSIONS
from .objects.queues import GROUP as KUEUE
from .plan import Served
from .readings import ENDPOINTS, OWNER_QUOTAS

KUEUE_VERSIONS: Final = ("v1beta2", "v1beta1")
STORAGE_CLASSES: Final = "storageclasses.storage.k8s.io"
DECIDING: Final = (
    "namespaces",
    "nodes",
    f"localqueues.{KUEUE}",
    OWNER_QUOTAS,
    "podmonitors.monitoring.coreos.com",
    f"hardwareprofiles.{PROFILES}",
    ENDPOINTS,
    STORAGE_CLASSES,
)
"""Lists without which nobody can say what is wanted, and so not what is wanted no more."""


def served_of(snapshot: PlatformSnapshot) -> Served:
    """What there is for contracts; of lists that are not known nothing."""
    return Served(
        snapshot.version_of(KUEUE, "LocalQueue", *KUEUE_VERSIONS),
        (OWNER_QUOTA_VERSION.partition("/")[0], "ClusterResourceQuota") in snapshot.served,
        ("monitoring.coreos.com", "PodMonitor") in snapshot.served,
        snapshot.version_of(PROFILES, "HardwareProfile", *PROFILE_VERSIONS),
        tuple(sorted(_api_servers(snapshot))),
        tuple(sorted(map(name_of, snapshot.all(STORAGE_CLASSES)))),
    )


def _api_servers(snapshot: PlatformSnapshot) -> Iterator[tuple[str, int]]:
    for item in snapshot.all(ENDPOINTS):
        if namespace_of(item) == "default":
            addresses = [address for entry in maps_at(item, "endpoints") for address in texts_at(entry, "addresses")]
            ports = [entry["port"] for entry in maps_at(item, "ports") if isinstance(entry.get("port"), int)]
            yield from ((address, port) for address in addresses for port in ports)
