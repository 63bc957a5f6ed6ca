# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of a Kubernetes API as a server lists them, made of few words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from .layout import stable_hex, uuid_of

ApiObject = dict[str, Any]

SEEN_AT = "2026-10-01T06:00:00Z"


def named(name: str, namespace: str = "", **more: Any) -> ApiObject:
    """An object with its metadata; `labels` and `annotations` go there, everything else beside it."""
    metadata: dict[str, Any] = {"name": name, "uid": uuid_of(stable_hex("target", namespace, name, *sorted(more)))}
    if namespace:
        metadata["namespace"] = namespace
    for key in ("labels", "annotations"):
        if more.get(key):
            metadata[key] = dict(more[key])
    return {"metadata": metadata, **{key: value for key, value in more.items() if key not in ("labels", "annotations")}}


def conditions(*kinds: str, category: str = "", **others: str) -> list[dict[str, str]]:
    """Conditions that are True; `others` have another status."""
    found = {**dict.fromkeys(kinds, "True"), **others}
    more = {"category": category} if category else {"reason": "AsExpected", "message": ""}
    return [{"type": kind, "status": status, "lastTransitionTime": SEEN_AT, **more} for kind, status in found.items()]


def required(*kinds: str) -> dict[str, Any]:
    """Status of an object of the migration toolkit whose conditions are met."""
    return {"conditions": conditions(*kinds, category="Required")}


def reference(name: str, namespace: str) -> dict[str, str]:
    """A reference to an object."""
    return {"name": name, "namespace": namespace}


def pod(name: str, namespace: str, node: str, *containers: Mapping[str, str], **spec: Any) -> ApiObject:
    """A running pod; each container is given by its requests."""
    listed = [
        {"name": f"c{number}", "image": "registry.example.com/app:1", "resources": {"requests": dict(requests)} if requests else {}}
        for number, requests in enumerate(containers)
    ]
    return named(name, namespace, spec={"nodeName": node, "containers": listed, **spec}, status={"phase": "Running"})


def attachment(name: str, namespace: str, config: Mapping[str, Any], **annotations: str) -> ApiObject:
    """A NetworkAttachmentDefinition with that CNI configuration."""
    whole = {"cniVersion": "0.4.0", "name": name, **config}
    return named(name, namespace, annotations=annotations, spec={"config": json.dumps(whole)})


def made_by_network(name: str, namespace: str, config: Mapping[str, Any]) -> ApiObject:
    """The NetworkAttachmentDefinition that a user-defined network makes."""
    made = attachment(name, namespace, config)
    return {**made, "metadata": {**made["metadata"], "labels": {"k8s.ovn.org/user-defined-network": ""}}}


def storage_profile(name: str, provisioner: str, sets: Iterable[tuple[str, str]], clone: str, snapshot: str = "") -> ApiObject:
    """A StorageProfile; `sets` are pairs of access mode and volume mode."""
    claim_sets = [{"accessModes": [access], "volumeMode": mode} for access, mode in sets]
    status: dict[str, Any] = {"storageClass": name, "provisioner": provisioner, "claimPropertySets": claim_sets, "cloneStrategy": clone}
    if snapshot:
        status["snapshotClass"] = snapshot
    return named(name, spec={}, status=status)


def capacity(name: str, owner: str, topology: Mapping[str, str], free: str, largest: str) -> ApiObject:
    """A CSIStorageCapacity of one segment."""
    return named(
        name,
        "storage-drivers",
        storageClassName=owner,
        nodeTopology={"matchLabels": dict(topology)},
        capacity=free,
        maximumVolumeSize=largest,
    )


def virtual_machine(name: str, namespace: str, macs: Iterable[str], networks: Iterable[str], **more: Any) -> ApiObject:
    """A running VirtualMachine with an interface for each MAC address."""
    pairs = list(zip(macs, networks, strict=True))
    interfaces = [{"name": f"nic{number}", "macAddress": mac, "bridge": {}} for number, (mac, _network) in enumerate(pairs)]
    attached = [{"name": f"nic{number}", "multus": {"networkName": network}} for number, (_mac, network) in enumerate(pairs)]
    domain = {"devices": {"interfaces": interfaces}, "cpu": {"cores": 2}, "memory": {"guest": "8Gi"}}
    spec = {"runStrategy": "Always", "template": {"spec": {"domain": domain, "networks": attached}}}
    return named(name, namespace, spec=spec, status={"printableStatus": "Running", "ready": True, "created": True}, **more)
