# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of a look at a cluster: how each list came out, and the cluster itself."""

from __future__ import annotations

from collections.abc import Mapping

from ..common.artifact import JsonRecord
from ..target.model import FAILED, FORBIDDEN, READ
from ..target.readings import Resource
from .snapshot import PlatformSnapshot


def reading_records(snapshot: PlatformSnapshot, resources: Mapping[str, Resource]) -> list[JsonRecord]:
    """How each list came out; `resources` by id are what was listed."""
    found = []
    for identity in sorted(snapshot.listed):
        listed, resource = snapshot.listed[identity], resources[identity]
        record: JsonRecord = {"kind": "reading", "id": identity, "name": resource.plural, "kind_name": resource.kind, "state": listed.state}
        if listed.state == READ:
            record["count"] = len(listed.items)
        lost = listed.state in (FORBIDDEN, FAILED)
        record |= {"reason": listed.reason, "permission": listed.permission, "costs": list(resource.costs) if lost else []}
        found.append(record)
    return found


def cluster_records(snapshot: PlatformSnapshot) -> list[JsonRecord]:
    """The cluster itself; none where nobody knows which one it is."""
    facts = snapshot.cluster
    if not facts.id:
        return []
    record: JsonRecord = {"kind": "cluster", "id": facts.id}
    if facts.kubernetes_version:
        record["kubernetes_version"] = facts.kubernetes_version
    if snapshot.known("clusterversions.config.openshift.io"):
        record |= {"openshift_version": facts.openshift_version, "next_minor": facts.next_minor}
    return [{**record, "olm_v0": facts.olm_v0, "olm_v1": facts.olm_v1}]
