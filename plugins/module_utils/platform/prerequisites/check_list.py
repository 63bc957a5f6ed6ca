# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the prerequisites part."""

from __future__ import annotations

from typing import Final

from ...common.findings import WARNING
from ..checks import Check

PART: Final = "prerequisites"
LAYER: Final = "prerequisites"
_PREFIX: Final = f"platform.{PART}"

STORAGE_DEFAULT: Final = Check(
    f"{_PREFIX}.storage_class.default",
    PART,
    LAYER,
    "Exactly one StorageClass is the default",
    "mark one StorageClass with the annotation storageclass.kubernetes.io/is-default-class=true, and no other",
    "Kubernetes, storage.k8s.io/v1 StorageClass; claims of OpenShift AI name no class",
)
STORAGE_NAME: Final = Check(
    f"{_PREFIX}.storage_class.name",
    PART,
    LAYER,
    "The StorageClass that is asked for is there, and is the default where a default is asked for",
    "make that class the default, or name another one in prerequisites.storage_class.name",
    "document, prerequisites.storage_class",
)
REGISTRY_MANAGED: Final = Check(
    f"{_PREFIX}.registry.managed",
    PART,
    LAYER,
    "The internal image registry is managed",
    "set spec.managementState of Config/cluster (imageregistry.operator.openshift.io) to Managed",
    "OpenShift, imageregistry.operator.openshift.io/v1 Config; driver images are built into it",
)
REGISTRY_STORAGE: Final = Check(
    f"{_PREFIX}.registry.storage",
    PART,
    LAYER,
    "The internal image registry has storage that outlives its pods",
    "give spec.storage of Config/cluster an object store or a volume claim",
    "OpenShift, imageregistry.operator.openshift.io/v1 Config, spec.storage",
)
REGISTRY_AVAILABLE: Final = Check(
    f"{_PREFIX}.registry.available",
    PART,
    LAYER,
    "The internal image registry is available and not degraded",
    "see the conditions of Config/cluster (imageregistry.operator.openshift.io) and the pods in openshift-image-registry",
    "OpenShift, imageregistry.operator.openshift.io/v1 Config, status.conditions",
)
PROXY_HTTPS: Final = Check(
    f"{_PREFIX}.proxy.https",
    PART,
    LAYER,
    "The cluster-wide proxy is the one that is expected",
    "correct spec.httpsProxy of Proxy/cluster, or prerequisites.proxy.https",
    "OpenShift, config.openshift.io/v1 Proxy",
)
PROXY_NO_PROXY: Final = Check(
    f"{_PREFIX}.proxy.no_proxy",
    PART,
    LAYER,
    "NoProxy has the entries that are expected",
    "add them to spec.noProxy of Proxy/cluster, or correct prerequisites.proxy.no_proxy_contains",
    "OpenShift, config.openshift.io/v1 Proxy, status.noProxy",
)
CA_NAMED: Final = Check(
    f"{_PREFIX}.ca_bundle.named",
    PART,
    LAYER,
    "Proxy/cluster names the ConfigMap with the additional trusted CA",
    "set spec.trustedCA.name of Proxy/cluster",
    "OpenShift, config.openshift.io/v1 Proxy, spec.trustedCA",
)
CA_CONTENT: Final = Check(
    f"{_PREFIX}.ca_bundle.content",
    PART,
    LAYER,
    "That ConfigMap is in openshift-config and holds certificates in ca-bundle.crt",
    "put the PEM certificates into the key ca-bundle.crt",
    "OpenShift, config.openshift.io/v1 Proxy, spec.trustedCA",
)
STORE_ENDPOINT: Final = Check(
    f"{_PREFIX}.object_store.endpoint",
    PART,
    LAYER,
    "The endpoint of the object store is a URL with a scheme and a host, and without user or password",
    "write it as https://host[:port]; what is secret belongs into the Secret",
    "document, prerequisites.object_store.endpoint",
    refuses=True,
)
STORE_SECRET: Final = Check(
    f"{_PREFIX}.object_store.secret",
    PART,
    LAYER,
    "The Secret with the access to the object store is there and has its keys",
    "create the Secret with these keys",
    "document, prerequisites.object_store.secret; the values are never looked at",
)
DATABASE_HOST: Final = Check(
    f"{_PREFIX}.database.host",
    PART,
    LAYER,
    "The database of the model registry has a host name and a port that can be",
    "write the host alone, without scheme and port, and a port from 1 to 65535",
    "document, prerequisites.model_registry_database",
    refuses=True,
)
DATABASE_SECRET: Final = Check(
    f"{_PREFIX}.database.secret",
    PART,
    LAYER,
    "The Secret with the password of the model registry's database is there and has its keys",
    "create the Secret with these keys",
    "document, prerequisites.model_registry_database.secret; the values are never looked at",
)
CLEARTEXT: Final = Check(
    f"{_PREFIX}.object_store.encrypted",
    PART,
    LAYER,
    "The object store is reached by TLS",
    "use an endpoint that begins with https://",
    "document, prerequisites.object_store.endpoint",
    severity=WARNING,
)

CHECKS: Final[tuple[Check, ...]] = (
    STORAGE_DEFAULT,
    STORAGE_NAME,
    REGISTRY_MANAGED,
    REGISTRY_STORAGE,
    REGISTRY_AVAILABLE,
    PROXY_HTTPS,
    PROXY_NO_PROXY,
    CA_NAMED,
    CA_CONTENT,
    STORE_ENDPOINT,
    CLEARTEXT,
    STORE_SECRET,
    DATABASE_HOST,
    DATABASE_SECRET,
)
