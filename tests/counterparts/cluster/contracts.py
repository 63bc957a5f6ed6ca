# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the example contracts of AI namespaces take as given: nodes with accelerators, groups with people, roles of personas, rights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.personas import NAMESPACE, cluster_role
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.rights import HOME, WRITER
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.shipped import catalogue_from
from ansible_collections.groundwork.readiness.plugins.plugin_utils.platform_files import read_facts

from tests.counterparts.cluster.client import Json, wait_until
from tests.counterparts.cluster.commands import write_kubeconfig
from tests.counterparts.cluster.objects import node
from tests.counterparts.cluster.running import Cluster

RIGHTS = Path(__file__).resolve().parents[3] / "roles" / "namespaces" / "files"
REVIEWS: Final = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
CRDS: Final = (
    "kueue.x-k8s.io",
    "clusterresourcequotas.quota.openshift.io",
    "groups.user.openshift.io",
    "hardwareprofiles.infrastructure.opendatahub.io",
    "userdefinednetworks.k8s.ovn.org",
    "egressfirewalls.k8s.ovn.org",
    "podmonitors.monitoring.coreos.com",
    "servicemonitors.monitoring.coreos.com",
)
"""The kinds that contracts come to, beside those of Kubernetes."""

PEOPLE: Final[Mapping[str, Sequence[str]]] = {
    "retail-ai-owners": ("retail-lead",),
    "retail-ai-engineers": ("retail-engineer",),
    "risk-ai-owners": ("risk-lead",),
    "fraud-ai-engineers": ("fraud-engineer",),
    "fraud-data-scientists": ("fraud-scientist",),
}
"""Groups of the example contracts, each with its members."""

_LARGE: Final = {"cpu": "128", "memory": "1Ti", "ephemeral-storage": "1Ti"}
_USUAL: Final = {"topology.kubernetes.io/region": "eu-central", "nvidia.com/gpu.present": "true"}
_WHOLE: Final = {**_USUAL, "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3", "nvidia.com/gpu.memory": "81559"}
_SHARED: Final = {
    **_USUAL,
    "nvidia.com/gpu.product": "NVIDIA-L40S",
    "nvidia.com/gpu.memory": "46068",
    "nvidia.com/gpu.replicas": "4",
    "nvidia.com/gpu.sharing-strategy": "time-slicing",
}
NODES: Final = (
    *(node(f"gpu-{number}", labels=_WHOLE, capacity={**_LARGE, "nvidia.com/gpu": "8"}) for number in range(2)),
    node("gpu-2", labels=_SHARED, capacity={**_LARGE, "nvidia.com/gpu.shared": "16"}),
)
"""Whole devices for two of the examples, shared ones for the third."""


def group(name: str, users: Sequence[str]) -> Json:
    """A Group of OpenShift."""
    return {"apiVersion": "user.openshift.io/v1", "kind": "Group", "metadata": {"name": name}, "users": list(users)}


def persona_roles() -> Iterator[Json]:
    """The roles of the shipped personas of a namespace, which the playbook platform writes with section identity."""
    for name, persona in catalogue_from(read_facts()).personas.items():
        if persona.scope == NAMESPACE:
            yield dict(cluster_role(name, persona))


def shipped_rights(*files: str) -> Iterator[Json]:
    """The objects of shipped files of rights."""
    for file in files:
        yield from yaml.safe_load((RIGHTS / file).read_text(encoding="utf-8"))["items"]


@contextmanager
def furnished(running: Cluster, folder: Path) -> Iterator[Path]:
    """Puts all of it on a cluster; gives the kubeconfig of an account with the shipped rights, which is gone after the block."""
    running.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}}])
    client = running.with_token(running.service_account(HOME, WRITER))
    running.apply(shipped_rights("verify_role.yml", "apply_rights.yml", "tenant_rights.yml"))
    running.apply(persona_roles())
    running.apply(group(name, users) for name, users in PEOPLE.items())
    attributes = {"verb": "patch", "group": "kueue.x-k8s.io", "resource": "clusterqueues"}
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": attributes}}
    wait_until("the rights are known", lambda: bool(client.post(REVIEWS, review)["status"]["allowed"]))
    client.close()
    path = write_kubeconfig(folder, WRITER, client.token, running.url, running.ca_path, running.name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
