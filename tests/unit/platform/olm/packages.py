# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The 17 operators of the platform, and the install modes of their bundles.

Modes of those marked `read` were read in a public source (the reference of the row); the others follow from the group that their
sources install them with, and the catalog has the last word on them.
"""

from __future__ import annotations

from dataclasses import dataclass

ALL = ("AllNamespaces",)
OWN = ("OwnNamespace", "SingleNamespace")
BOTH = ("AllNamespaces", "OwnNamespace", "SingleNamespace")


@dataclass(frozen=True, slots=True)
class Row:
    """One operator: its modes, and the group that has to come of them. `own` is the target namespaces: None is all."""

    name: str
    package: str
    namespace: str
    modes: tuple[str, ...]
    own: bool
    read: bool = False


ROWS = (
    Row("nfd", "nfd", "openshift-nfd", OWN, True),
    Row("kmm", "kernel-module-management", "openshift-kmm", ALL, False),
    Row("nvidia", "gpu-operator-certified", "nvidia-gpu-operator", OWN, True, read=True),
    Row("amd", "amd-gpu-operator", "openshift-amd-gpu", ALL, False, read=True),
    Row("rhoai", "rhods-operator", "redhat-ods-operator", ALL, False, read=True),
    Row("odh", "opendatahub-operator", "openshift-operators", ALL, False, read=True),
    Row("kueue", "kueue-operator", "openshift-kueue-operator", ALL, False),
    Row("cert-manager", "openshift-cert-manager-operator", "cert-manager-operator", ALL, False),
    Row("lws", "leader-worker-set", "openshift-lws-operator", BOTH, True),
    Row("jobset", "job-set", "openshift-jobset-operator", OWN, True),
    Row("observability", "cluster-observability-operator", "openshift-cluster-observability-operator", ALL, False),
    Row("opentelemetry", "opentelemetry-product", "openshift-opentelemetry-operator", ALL, False),
    Row("tempo", "tempo-product", "openshift-tempo-operator", ALL, False),
    Row("connectivity-link", "rhcl-operator", "kuadrant-system", ALL, False),
    Row("group-sync", "group-sync-operator", "group-sync-operator", ALL, False, read=True),
    Row("gaudi", "intel-gaudi-base-operator", "habana-ai-operator", BOTH, True),
    Row("intel", "intel-device-plugins-operator", "openshift-operators", ALL, False),
)
