# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases of the conditions of providers, Hosts, Hooks and maps."""

from __future__ import annotations

from typing import Any

from tests.unit.plan.builders import VCENTER
from tests.unit.plan.conditions_world import DROP, HOST, MTV, SOURCE, URL, Case, Spoiler, World, do
from tests.unit.plan.mapping_builders import nad, storage_class

NADS = "network-attachment-definitions.k8s.cni.cncf.io"
CLASSES = "storageclasses.storage.k8s.io"
PROVIDERS = "providers.forklift.konveyor.io"
NET, STORE = "NetworkMap", "StorageMap"


def has(condition: str) -> Spoiler:
    """The source provider has this condition on the target."""
    return lambda w: w.record("provider", SOURCE, conditions={condition: "Critical"}, ready=False)


def both(side: str, name: str) -> Spoiler:
    """Plan and map name this provider."""

    def run(world: World) -> None:
        reference = {"name": name, "namespace": MTV}
        for each in ("Plan", NET, STORE):
            world.object(each)["spec"]["provider"][side] = reference

    return run


def unset(side: str) -> Spoiler:
    """Plan and maps name no provider on this side."""

    def run(world: World) -> None:
        for each in ("Plan", NET, STORE):
            world.object(each)["spec"]["provider"][side] = {"name": "x"}

    return run


def twin_records(name: str, first: str, second: str, where: str) -> Spoiler:
    """Two records of the estate with one name, and a pair that names it."""

    def run(world: World) -> None:
        getattr(world, where).extend(
            {"kind": where[:-1], "id": f"{VCENTER}/{moref}", "vcenter": VCENTER, "moref": moref, "name": name} for moref in (first, second)
        )

    return run


def second_nad(**facts: Any) -> Spoiler:
    """The first pair leads to an attachment with these facts."""
    record = nad("other", 5, **facts)
    return do(
        lambda w: w.records.update({("network_attachment", record["id"]): record}),
        lambda w: w.pair(NET, destination={"type": "multus", "namespace": "default", "name": "other"}),
    )


def with_class(name: str, *sets: str, mode: dict[str, str] | None = None, **facts: Any) -> Spoiler:
    """The first datastore leads to a class with these claim sets."""
    record = storage_class(name, *sets, **{"annotations": {}, **facts})
    return do(
        lambda w: w.records.update({("storage_class", name): record}),
        lambda w: w.pair(STORE, destination={"storageClass": name, **(mode or {})}),
    )


CASES: dict[str, Case] = {
    "ProviderTypeNotSupported": Case(
        lambda w: w.provider(type="vcenter"), lambda w: w.provider(type="vsphere"), lambda w: w.record("provider", SOURCE, type=DROP)
    ),
    "UrlNotValid": Case(
        lambda w: w.provider(url="vc-north"), lambda w: w.provider(url="https://v/sdk"), lambda w: w.record("provider", SOURCE, url=DROP)
    ),
    "SecretNotValid.provider": Case(lambda w: w.provider(secret={"name": "vc-north"}), missing=lambda w: w.new_provider()),
    "ConnectionTestFailed.provider": Case(has("ConnectionTestFailed"), missing=lambda w: w.new_provider()),
    "ConnectionInsecure": Case(has("ConnectionInsecure"), missing=lambda w: w.new_provider()),
    "InsufficientPrivileges": Case(has("InsufficientPrivileges"), missing=lambda w: w.record("provider", SOURCE, conditions=DROP)),
    "SSHNotReady.provider": Case(
        do(has("SSHNotReady"), lambda w: w.record("provider", SOURCE, esxi_clone_method="ssh")),
        lambda w: w.record("provider", SOURCE, esxi_clone_method="ssh"),
        lambda w: w.record("provider", SOURCE, esxi_clone_method=DROP),
    ),
    "SettingsNotValid": Case(
        lambda w: w.provider(settings={"esxiCloneMethod": "scp"}),
        lambda w: w.provider(settings={"esxiCloneMethod": "ssh"}),
        lambda w: w.record("provider", SOURCE, conditions=DROP),
    ),
    "Webhook.sdkEndpoint": Case(
        lambda w: w.provider(settings={"sdkEndpoint": "vc"}),
        lambda w: w.provider(settings={"sdkEndpoint": "esxi"}),
        lambda w: w.record("provider", SOURCE, sdk_endpoint=DROP),
    ),
    "Webhook.secretConnection": Case(missing=lambda w: w.new_provider()),
    "own.provider_of_other_address": Case(
        do(lambda w: w.provider(url="https://vc-south.example.com/sdk")),
        lambda w: w.provider(),
        do(lambda w: w.new_provider(), lambda w: w.unread(PROVIDERS)),
    ),
    "own.provider_of_other_vcenter": Case(
        do(
            lambda w: w.record("provider", SOURCE, url="https://vc-south.example.com/sdk"),
            lambda w: w.vcenters.append({"kind": "vcenter", "id": "south", "vcenter": "south", "hostname": "vc-south.example.com"}),
        ),
        lambda w: w.record("provider", SOURCE, url="https://VC-NORTH:443/sdk"),
        lambda w: w.record("provider", SOURCE, url="https://192.0.2.1/sdk"),
    ),
    "own.vcenter_of_two_providers": Case(
        lambda w: w.record("provider", f"{MTV}/twin", type="vsphere", url=URL),
        lambda w: w.record("provider", f"{MTV}/twin", type="vsphere", url="https://vc-south.example.com/sdk"),
        lambda w: w.unread(PROVIDERS),
    ),
    "RefNotValid": Case(
        lambda w: w.host_manifest(id="host-99"),
        lambda w: w.host_manifest(id=DROP, name="esx-host-10.example.com"),
        do(lambda w: w.host_manifest(), lambda w: w.put(hosts=[])),
    ),
    "TypeNotValid": Case(
        lambda w: w.host_manifest(provider={"name": "host", "namespace": MTV}),
        lambda w: w.host_manifest(),
        do(lambda w: w.host_manifest(), lambda w: w.record("provider", SOURCE, type=DROP)),
    ),
    "IpNotValid": Case(lambda w: w.host_manifest(ipAddress=""), lambda w: w.host_manifest(ipAddress="::1")),
    "SecretNotValid.host": Case(
        lambda w: w.host_manifest(secret={}),
        do(lambda w: w.host_manifest(), lambda w: w.record("migration_host", f"{MTV}/esx-10", ready=True, address="192.0.2.5")),
        lambda w: w.host_manifest(),
    ),
    "ConnectionTestFailed.host": Case(
        do(lambda w: w.host_manifest(), lambda w: w.hosts[0].update(connection_state="disconnected")),
        do(lambda w: w.host_manifest(), lambda w: w.record("migration_host", f"{MTV}/esx-10", ready=True, address="192.0.2.5")),
        lambda w: w.host_manifest(),
    ),
    "InMaintenance": Case(
        do(lambda w: w.host_manifest(), lambda w: w.hosts[0].update(in_maintenance=True)),
        do(lambda w: w.host_manifest(), lambda w: w.hosts[1].update(in_maintenance=True)),
        do(lambda w: w.host_manifest(), lambda w: w.hosts[0].pop("in_maintenance")),
    ),
    "NotHealthy": Case(
        do(lambda w: w.host_manifest(), lambda w: w.hosts[0].update(connection_state="notResponding")),
        do(lambda w: w.host_manifest(), lambda w: w.record("migration_host", f"{MTV}/esx-10", ready=True, address="192.0.2.5")),
        lambda w: w.host_manifest(),
    ),
    "HostStatusNotGreen": Case(missing=lambda w: w.host_manifest()),
    "InvalidImage": Case(
        lambda w: w.hook(make={"image": "Quay.io/Hook"}),
        lambda w: w.hook(make={"image": "quay.io/konveyor/hook-runner:latest-1"}),
    ),
    "InvalidPlaybook": Case(
        lambda w: w.hook(make={"image": "quay.io/a/b", "playbook": "- hosts: all"}),
        lambda w: w.hook(make={"image": "quay.io/a/b", "playbook": "LQ=="}),
    ),
    "SourceProviderNotValid": Case(unset("source"), missing=do(both("source", "unknown"), lambda w: w.unread(PROVIDERS))),
    "SourceProviderNotReady": Case(
        lambda w: w.record("provider", SOURCE, ready=False), missing=lambda w: w.record("provider", SOURCE, ready=DROP)
    ),
    "DestinationProviderNotValid": Case(
        both("destination", "unknown"), missing=do(both("destination", "unknown"), lambda w: w.unread(PROVIDERS))
    ),
    "DestinationProviderNotReady": Case(
        lambda w: w.record("provider", HOST, ready=False), missing=lambda w: w.record("provider", HOST, ready=DROP)
    ),
    "SourceNetworkNotValid.notSet": Case(lambda w: w.pair(NET, source={"vlan": "100"}), lambda w: w.pair(NET, source={"name": "prod"})),
    "SourceNetworkNotValid.ambiguous": Case(
        do(twin_records("dmz", "network-1", "network-2", "networks"), lambda w: w.pair(NET, source={"name": "dmz"})),
        do(
            twin_records("dmz", "network-1", "network-2", "networks"),
            lambda w: [record.update(vlan=vlan) for record, vlan in zip(w.networks[-2:], ("7", "8"), strict=True)],
            lambda w: w.pair(NET, source={"name": "dmz", "vlan": "7"}),
        ),
        do(lambda w: w.pair(NET, source={"name": "prod"}), lambda w: w.put(networks=[])),
    ),
    "SourceNetworkNotValid.notFound": Case(
        lambda w: w.pair(NET, source={"id": "dvportgroup-999"}),
        lambda w: w.pair(NET, source={"name": "test"}),
        do(lambda w: w.pair(NET, source={"id": "dvportgroup-999"}), lambda w: w.put(networks=[])),
    ),
    "DestinationNetworkNotValid.notFound": Case(
        lambda w: w.pair(NET, destination={"type": "multus", "namespace": "default", "name": "gone"}),
        lambda w: w.pair(NET, destination={"type": "multus", "namespace": "default", "name": "test-200"}),
        do(lambda w: w.pair(NET, destination={"type": "multus", "namespace": "default", "name": "gone"}), lambda w: w.unread(NADS)),
    ),
    "DestinationNetworkNotValid.ambiguous": Case(
        lambda w: w.pair(NET, destination={"type": "multus", "name": "prod-100"}),
        lambda w: w.pair(NET, destination={"type": "multus", "name": "prod-100", "namespace": "default"}),
    ),
    "SourceStorageNotValid.notSet": Case(lambda w: w.pair(STORE, source={}), lambda w: w.pair(STORE, source={"name": "ds-01"})),
    "SourceStorageNotValid.ambiguous": Case(
        do(twin_records("ds-02", "datastore-1", "datastore-2", "datastores"), lambda w: w.pair(STORE, source={"name": "ds-02"})),
        lambda w: w.pair(STORE, source={"name": "ds-01"}),
        do(lambda w: w.pair(STORE, source={"name": "ds-01"}), lambda w: w.put(datastores=[])),
    ),
    "SourceStorageNotValid.notFound": Case(
        lambda w: w.pair(STORE, source={"id": "datastore-999"}),
        lambda w: w.pair(STORE, source={"name": "ds-01"}),
        lambda w: w.put(vcenter_of={}),
    ),
    "DestinationStorageNotValid": Case(
        lambda w: w.pair(STORE, destination={"storageClass": "gone"}),
        with_class("other", "ReadWriteMany/Block"),
        do(lambda w: w.pair(STORE, destination={"storageClass": "gone"}), lambda w: w.unread(CLASSES)),
    ),
    "Webhook.staticStorageClass": Case(
        do(
            with_class("local", "ReadWriteOnce/Block", provisioner="kubernetes.io/no-provisioner"),
            lambda w: w.record("provider", SOURCE, type="ovirt"),
        ),
        with_class("local", "ReadWriteOnce/Block", provisioner="kubernetes.io/no-provisioner"),
        do(
            with_class("local", "ReadWriteOnce/Block", provisioner="kubernetes.io/no-provisioner"),
            lambda w: w.record("provider", SOURCE, type=DROP),
        ),
    ),
    "own.nad_namespace_missing": Case(
        lambda w: w.pair(NET, destination={"type": "multus", "namespace": "gone", "name": "prod-100"}),
        lambda w: w.pair(NET, destination={"type": "multus", "namespace": "apps", "name": "prod-100"}),
        do(
            lambda w: w.pair(NET, destination={"type": "multus", "namespace": "gone", "name": "prod-100"}),
            lambda w: w.unread("namespaces"),
        ),
    ),
    "own.nad_primary_network": Case(second_nad(role="primary"), second_nad(role="secondary"), second_nad()),
    "own.network_mixed": Case(
        lambda w: w.add_pair(NET, {"id": "dvportgroup-100"}, type="pod"),
        lambda w: w.add_pair(NET, {"id": "dvportgroup-100"}, type="multus", namespace="default", name="test-200"),
        do(lambda w: w.add_pair(NET, {"name": "prod"}, type="pod"), lambda w: w.put(vcenter_of={})),
    ),
    "own.storage_twice": Case(
        lambda w: w.add_pair(STORE, {"name": "ds-01"}, storageClass="other"),
        lambda w: w.add_pair(STORE, {"name": "ds-01"}, **w.object(STORE)["spec"]["map"][0]["destination"]),
        do(lambda w: w.add_pair(STORE, {"name": "ds-01"}, storageClass="other"), lambda w: w.put(vcenter_of={})),
    ),
    "own.storage_mode": Case(
        lambda w: w.pair(STORE, destination={"storageClass": "ceph-rbd", "accessMode": "ReadWriteMany", "volumeMode": "Filesystem"}),
        lambda w: w.pair(STORE, destination={"storageClass": "ceph-rbd", "accessMode": "ReadWriteOnce", "volumeMode": "Block"}),
        lambda w: w.record("storage_class", "ceph-rbd", claim_sets=DROP),
    ),
    "own.storage_live_migration": Case(
        lambda w: w.pair(STORE, destination={"storageClass": "ceph-rbd", "accessMode": "ReadWriteOnce"}),
        with_class("first", "ReadWriteMany/Block", "ReadWriteOnce/Filesystem"),
        lambda w: w.record("storage_class", "ceph-rbd", claim_sets=[]),
    ),
    "own.storage_static": Case(
        with_class("local", "ReadWriteOnce/Block", provisioner="kubernetes.io/no-provisioner"),
        with_class("lvm", "ReadWriteMany/Block", provisioner="kubernetes.io/lvm"),
        lambda w: w.record("storage_class", "ceph-rbd", provisioner=DROP),
    ),
}
