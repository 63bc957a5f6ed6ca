# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Catalogue: conditions of providers, hosts, hooks and maps."""

from __future__ import annotations

from typing import Final

from ..model import ADVISORY, CRITICAL, WARN
from .entry import (
    HOOK,
    HOOK_GO,
    HOST,
    HOST_GO,
    MANIFESTS,
    NETWORK_GO,
    NETWORK_MAP,
    PAIR_GO,
    PLAN,
    PROVIDER,
    PROVIDER_GO,
    READ,
    STORAGE_GO,
    STORAGE_MAP,
    WEBHOOK_GO,
    Condition,
    own,
    toolkit,
)

_MAPS = (NETWORK_MAP, STORAGE_MAP)
_PAIR = (*_MAPS, PLAN)
_THERE = "the provider's conditions on the target; a new provider has none yet"
_PROVIDERS = "the list of providers"
_NO_STATUS = "the estate does not hold the overall status of hosts, and Hosts of the target do not show it"

OBJECTS: Final[tuple[Condition, ...]] = (
    # Providers
    toolkit("ProviderTypeNotSupported", CRITICAL, PROVIDER, "the provider's type is none that the toolkit has", "its type", PROVIDER_GO),
    toolkit("UrlNotValid", CRITICAL, PROVIDER, "the provider has no address, or one that is no URL", "its address", PROVIDER_GO),
    toolkit(
        "SecretNotValid.provider",
        CRITICAL,
        PROVIDER,
        "the provider names no secret, or one that is not there or lacks a key",
        "the reference; secrets are never read, so that a new provider's secret is judged by the cluster alone",
        PROVIDER_GO,
    ),
    toolkit("ConnectionTestFailed.provider", CRITICAL, PROVIDER, "the vCenter cannot be reached or refuses the login", _THERE, PROVIDER_GO),
    toolkit(
        "SettingsNotValid", CRITICAL, PROVIDER, "a setting of the provider has a value that it cannot have", "its settings", PROVIDER_GO
    ),
    toolkit("ConnectionInsecure", WARN, PROVIDER, "the vCenter's certificate is not checked", _THERE, PROVIDER_GO),
    toolkit("InsufficientPrivileges", WARN, PROVIDER, "the provider's account lacks privileges on the root folder", _THERE, PROVIDER_GO),
    toolkit("SSHNotReady.provider", WARN, PROVIDER, "the provider clones by SSH, and an ESXi host does not let it in", _THERE, PROVIDER_GO),
    toolkit("Webhook.sdkEndpoint", CRITICAL, PROVIDER, "sdkEndpoint is neither vcenter nor esxi", "its settings", WEBHOOK_GO),
    toolkit(
        "Webhook.secretConnection",
        CRITICAL,
        PROVIDER,
        "the secret does not open the vCenter when the webhook tries it",
        "the secret, which is never read",
        WEBHOOK_GO,
        "secrets are never read, and the webhook looks at the Secret itself",
    ),
    own("provider_of_other_address", CRITICAL, PROVIDER, "a provider of this name is on the target for another address", _PROVIDERS, READ),
    own(
        "provider_of_other_vcenter",
        CRITICAL,
        PROVIDER,
        "the provider's address is that of another vCenter than the one whose VMs it is to move",
        "the host names of the vCenters",
        READ,
    ),
    own(
        "vcenter_of_two_providers",
        WARN,
        PROVIDER,
        "two providers read one vCenter, so that the limit of transfers per host counts twice",
        _PROVIDERS,
        "pkg/controller/plan/scheduler/vsphere/scheduler.go counts per provider",
    ),
    # Hosts
    toolkit(
        "RefNotValid", CRITICAL, HOST, "the Host names no ESXi host, or one that the vCenter does not have", "the estate's hosts", HOST_GO
    ),
    toolkit("TypeNotValid", CRITICAL, HOST, "the Host's provider is not for vSphere", "the type of its provider", HOST_GO),
    toolkit("IpNotValid", CRITICAL, HOST, "the Host has no address", MANIFESTS, HOST_GO),
    toolkit(
        "SecretNotValid.host",
        CRITICAL,
        HOST,
        "the Host names no secret, or one that is not there or lacks a key",
        "the reference; secrets are never read, so that a new Host's secret is judged by the cluster alone",
        HOST_GO,
    ),
    toolkit(
        "ConnectionTestFailed.host",
        CRITICAL,
        HOST,
        "the ESXi host cannot be reached or refuses the login",
        "its state on the target",
        HOST_GO,
    ),
    toolkit("InMaintenance", CRITICAL, HOST, "the ESXi host is in maintenance mode", "in_maintenance of the host", HOST_GO),
    toolkit(
        "NotHealthy",
        CRITICAL,
        HOST,
        "the ESXi host's status is red",
        "connection_state of the host, or a ready Host on the target",
        HOST_GO,
    ),
    toolkit("HostStatusNotGreen", WARN, HOST, "the ESXi host's status is not green", "overall status of the host", HOST_GO, _NO_STATUS),
    # Hooks
    toolkit("InvalidImage", CRITICAL, HOOK, "the Hook has neither a job template nor a valid image", MANIFESTS, HOOK_GO),
    toolkit("InvalidPlaybook", CRITICAL, HOOK, "the Hook's playbook is not base64", MANIFESTS, HOOK_GO),
    # Pairs of providers
    toolkit("SourceProviderNotValid", CRITICAL, _PAIR, "the source provider is not set or does not exist", _PROVIDERS, PAIR_GO),
    toolkit("SourceProviderNotReady", CRITICAL, _PAIR, "the source provider is not ready", "its state on the target", PAIR_GO),
    toolkit("DestinationProviderNotValid", CRITICAL, _PAIR, "the destination provider is not set or does not exist", _PROVIDERS, PAIR_GO),
    toolkit("DestinationProviderNotReady", CRITICAL, _PAIR, "the destination provider is not ready", "its state on the target", PAIR_GO),
    # Maps
    toolkit("SourceNetworkNotValid.notSet", CRITICAL, NETWORK_MAP, "a pair names no source network", MANIFESTS, NETWORK_GO),
    toolkit(
        "SourceNetworkNotValid.ambiguous",
        CRITICAL,
        NETWORK_MAP,
        "a pair's name is that of several networks",
        "the estate's networks",
        NETWORK_GO,
    ),
    toolkit(
        "SourceNetworkNotValid.notFound", WARN, NETWORK_MAP, "a pair's network is not in the vCenter", "the estate's networks", NETWORK_GO
    ),
    toolkit(
        "DestinationNetworkNotValid.notFound",
        CRITICAL,
        NETWORK_MAP,
        "a pair leads to an attachment that does not exist",
        "the list of attachments",
        NETWORK_GO,
    ),
    toolkit(
        "DestinationNetworkNotValid.ambiguous",
        CRITICAL,
        NETWORK_MAP,
        "a pair leads to an attachment without a namespace",
        MANIFESTS,
        NETWORK_GO,
    ),
    toolkit("SourceStorageNotValid.notSet", CRITICAL, STORAGE_MAP, "a pair names no datastore", MANIFESTS, STORAGE_GO),
    toolkit(
        "SourceStorageNotValid.ambiguous",
        CRITICAL,
        STORAGE_MAP,
        "a pair's name is that of several datastores",
        "the estate's datastores",
        STORAGE_GO,
    ),
    toolkit(
        "SourceStorageNotValid.notFound",
        WARN,
        STORAGE_MAP,
        "a pair's datastore is not in the vCenter",
        "the estate's datastores",
        STORAGE_GO,
    ),
    toolkit(
        "DestinationStorageNotValid",
        CRITICAL,
        STORAGE_MAP,
        "a pair leads to a storage class that does not exist",
        "the list of storage classes",
        STORAGE_GO,
    ),
    toolkit(
        "Webhook.staticStorageClass",
        CRITICAL,
        STORAGE_MAP,
        "a source that is not vSphere leads to a class without a provisioner",
        "the provisioner of the class, the type of the source provider",
        WEBHOOK_GO,
    ),
    own(
        "nad_namespace_missing", CRITICAL, NETWORK_MAP, "a pair leads into a namespace that does not exist", "the list of namespaces", READ
    ),
    own(
        "nad_primary_network",
        CRITICAL,
        NETWORK_MAP,
        "a pair leads to the attachment of a namespace's primary network, which adapters cannot name",
        "role of the attachment",
        READ,
    ),
    own("network_mixed", CRITICAL, NETWORK_MAP, "one network leads to destinations of different types", "the estate's networks", READ),
    own("storage_twice", CRITICAL, STORAGE_MAP, "one datastore leads to two storage classes or modes", "the estate's datastores", READ),
    own("storage_mode", CRITICAL, STORAGE_MAP, "a class does not offer the access and volume mode", "the storage profiles", READ),
    own(
        "storage_live_migration",
        WARN,
        STORAGE_MAP,
        "volumes are not ReadWriteMany, so that the VMs cannot be migrated live",
        "the storage profiles",
        READ,
    ),
    own(
        "storage_static",
        WARN,
        STORAGE_MAP,
        "a class has no provisioner: somebody must make each volume first",
        "provisioner of the class",
        READ,
    ),
    toolkit(
        "ValidatingVDDK",
        ADVISORY,
        PLAN,
        "the VDDK image is being checked",
        "a pod on the cluster",
        "pkg/controller/plan/validation.go",
        "it says how far a pod is that the plan starts",
    ),
    toolkit(
        "VDDKInitImageNotReady",
        ADVISORY,
        PLAN,
        "the VDDK image is being pulled",
        "a pod on the cluster",
        "pkg/controller/plan/validation.go",
        "it says how far a pod is that the plan starts",
    ),
)
