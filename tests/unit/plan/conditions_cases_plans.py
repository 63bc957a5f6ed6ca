# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases of the conditions of plans and of the VMs in them that the controller has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.plan.conditions.views import SourceVm

from tests.unit.plan.builders import VCENTER, make_nic
from tests.unit.plan.conditions_cases_objects import NADS, NET, STORE, with_class
from tests.unit.plan.conditions_world import DROP, IMAGE, MTV, SOURCE, Case, Spoiler, World, do
from tests.unit.plan.mapping_builders import nad

SHIFT = {"shift.netapp.io/storage-class-type": "shift"}
POD = {"type": "pod"}
DIGEST = f"registry.example.com/v2v@sha256:{'0' * 64}"
OFFLOAD = {"vsphereXcopyConfig": {"secretRef": "array", "storageVendorProduct": "ontap"}}
NAME63 = "a" * 63


def of_map(kind: str, **changes: Any) -> Spoiler:
    """The map is on the target and not among the manifests."""
    name = f"vc-north-{'network' if kind == NET else 'storage'}"
    record = "network_map" if kind == NET else "storage_map"
    sources = ["dvportgroup-100"] if kind == NET else ["datastore-11"]
    facts = {"source_provider": SOURCE, "destination_provider": f"{MTV}/host", "sources": sources, "ready": True, **changes}

    def run(world: World) -> None:
        world.put(objects=[entry for entry in world.objects if entry.object["kind"] != kind])
        world.record(record, f"{MTV}/{name}", **facts)

    return run


def transfer(**facts: Any) -> Spoiler:
    """A transfer network with these facts."""
    record = nad("transfer", 9, **facts)
    return do(
        lambda w: w.records.update({("network_attachment", record["id"]): record}),
        lambda w: w.plan(transferNetwork={"name": "transfer", "namespace": record["namespace"]}),
    )


def nics(*networks: str, ips: tuple[str, ...] | None = ("192.0.2.10",)) -> Spoiler:
    """The first VM has an adapter on each of these port groups."""
    made = tuple(
        make_nic(network=name, network_id=f"{VCENTER}/{name}" if name else "", mac=f"00:50:56:00:01:{number:02x}", ips=ips)
        for number, name in enumerate(networks)
    )
    return lambda w: w.vm(nics=made, guest_networks_known=bool(ips))


def other_vm(**facts: Any) -> Spoiler:
    """The first VM of the plan is out of scope."""

    def run(world: World) -> None:
        vm = world.vms.pop(world.first)
        made = SourceVm(vm.id, vm.vcenter, vm.moref, vm.name, "poweredOff", (), "template", **facts)
        world.others.append(made)

    return run


def by_name(name: str = "app-01") -> Spoiler:
    """The plan names the first VM by its name."""
    return lambda w: w.entry(id=DROP, name=name)


def same_name() -> Spoiler:
    """Both VMs of the estate are called alike."""
    return lambda w: w.put(vms={vm_id: replace(vm, name="app-01") for vm_id, vm in w.vms.items()})


def udn(subnet: str, **switch: Any) -> Spoiler:
    """The target namespace has a primary network, and the VM's adapter leads to it."""
    record = nad("primary", None, namespace="apps", user_defined=True, role="primary", subnets=[subnet])
    return do(
        lambda w: w.records.update({("network_attachment", record["id"]): record}),
        lambda w: w.record("namespace", "apps", primary_network=True),
        lambda w: w.pair(NET, destination=POD),
        lambda w: w.toolkit(features={"controller_static_udn_ip_addresses": "true"}, **switch),
    )


PLAN_CASES: dict[str, Case] = {
    "NamespaceNotValid": Case(lambda w: w.plan(targetNamespace="Apps"), lambda w: w.plan(targetNamespace=NAME63)),
    "NetworkMapRefNotValid": Case(
        lambda w: w.plan(map={**w.object("Plan")["spec"]["map"], "network": {"name": "gone", "namespace": MTV}}),
        of_map(NET),
        do(
            lambda w: w.plan(map={**w.object("Plan")["spec"]["map"], "network": {"name": "gone", "namespace": MTV}}),
            lambda w: w.unread("networkmaps.forklift.konveyor.io"),
        ),
    ),
    "NetworkMapNotReady": Case(of_map(NET, ready=False), of_map(NET), of_map(NET, ready=DROP)),
    "NetMapDestinationNADNotValid": Case(
        lambda w: w.pair(NET, destination={"type": "multus", "namespace": "other", "name": "prod-100"}),
        lambda w: w.pair(NET, destination={"type": "multus", "namespace": "apps", "name": "prod-100"}),
        of_map(NET),
    ),
    "NetMapPreservingIPsOnPodNetwork": Case(
        lambda w: w.pair(NET, destination=POD),
        do(lambda w: w.pair(NET, destination=POD), lambda w: w.record("namespace", "apps", primary_network=True)),
        do(lambda w: w.pair(NET, destination=POD), lambda w: w.record("namespace", "apps", primary_network=DROP)),
    ),
    "StorageRefNotValid": Case(
        lambda w: w.plan(map={**w.object("Plan")["spec"]["map"], "storage": {"name": "vc-north-storage"}}),
        of_map(STORE),
        do(
            lambda w: w.plan(map={**w.object("Plan")["spec"]["map"], "storage": {"name": "gone", "namespace": MTV}}),
            lambda w: w.unread("storagemaps.forklift.konveyor.io"),
        ),
    ),
    "StorageMapNotReady": Case(of_map(STORE, ready=False), of_map(STORE), of_map(STORE, ready=DROP)),
    "UnsupportedUserDefinedNetwork": Case(
        lambda w: w.records.update(
            {("network_attachment", "apps/l3"): nad("l3", None, "apps", user_defined=True, type="ovn-k8s-cni-overlay", topology="layer3")}
        ),
        lambda w: w.records.update(
            {("network_attachment", "apps/l2"): nad("l2", None, "apps", user_defined=True, type="ovn-k8s-cni-overlay", topology="layer2")}
        ),
        lambda w: w.unread(NADS),
    ),
    "MigrationTypeNotValid": Case(
        lambda w: w.plan(type="live"), lambda w: w.plan(type="conversion"), lambda w: w.record("provider", SOURCE, type=DROP)
    ),
    "WarmMigrationNotReady": Case(
        lambda w: w.record("provider", SOURCE, type="ova"),
        lambda w: w.plan(type=DROP, warm=True),
        lambda w: w.record("provider", SOURCE, type=DROP),
        warm=True,
    ),
    "TransferNetworkNotValid": Case(
        transfer(transfer_route="gateway"),
        transfer(transfer_route="none"),
        do(lambda w: w.plan(transferNetwork={"name": "gone", "namespace": "apps"}), lambda w: w.unread(NADS)),
    ),
    "TransferNetworkMissingDefaultRoute": Case(transfer(transfer_route=""), transfer(transfer_route="::1"), transfer()),
    "ServiceAccountNotValid": Case(
        lambda w: w.plan(serviceAccount="Not_Valid"), lambda w: w.plan(serviceAccount="default"), lambda w: w.plan(serviceAccount="mover")
    ),
    "HookNotValid": Case(
        lambda w: w.hook(),
        do(lambda w: w.hook(), lambda w: w.record("hook", f"{MTV}/quiesce", ready=True)),
        do(lambda w: w.hook(), lambda w: w.unread("hooks.forklift.konveyor.io")),
    ),
    "HookNotReady": Case(
        lambda w: w.hook(make={"image": "!"}),
        lambda w: w.hook(make={"aap": {"jobTemplateId": 1}}),
        do(lambda w: w.hook(), lambda w: w.record("hook", f"{MTV}/quiesce")),
    ),
    "HookStepNotValid": Case(lambda w: w.hook("Prehook"), lambda w: w.hook("PostHook")),
    "HookServiceAccountNotValid": Case(
        lambda w: w.hook(make={"image": "quay.io/a/b", "serviceAccount": "-"}),
        lambda w: w.hook(make={"image": "quay.io/a/b", "serviceAccount": "default"}),
        lambda w: w.hook(make={"image": "quay.io/a/b", "serviceAccount": "hooks"}),
    ),
    "VirtV2vImageNotValid": Case(lambda w: w.plan(virtV2vImage="v2v:latest"), lambda w: w.plan(virtV2vImage=DIGEST)),
    "VDDKInvalid": Case(
        lambda w: w.record("migration_plan", f"{MTV}/earlier", conditions={"VDDKInvalid": "Critical"}, ready=False),
        missing=lambda w: w.no_record("migration_plan", f"{MTV}/earlier"),
    ),
    "VDDKInitImageUnavailable": Case(
        lambda w: w.record("provider", SOURCE, vddk_image=""),
        do(lambda w: w.record("provider", SOURCE, vddk_image=""), lambda w: w.toolkit(vddk_image=IMAGE)),
        do(lambda w: w.record("provider", SOURCE, vddk_image=""), lambda w: w.toolkit(vddk_image=DROP)),
        warm=True,
    ),
    "ValidatingVDDK": Case(missing=lambda w: None),
    "VDDKInitImageNotReady": Case(missing=lambda w: None),
    "ConversionResumable": Case(missing=lambda w: None),
    "Webhook.accessReview": Case(missing=lambda w: None),
    "NotValid.volumeNameTemplate": Case(
        lambda w: w.plan(volumeNameTemplate="{{.Volume}}"),
        lambda w: w.plan(volumeNameTemplate="a" * 62 + "{{.VolumeIndex}}"),
        lambda w: w.plan(volumeNameTemplate="{{if .PVCName}}x{{end}}"),
    ),
    "NotValid.networkNameTemplate": Case(
        lambda w: w.entry(networkNameTemplate="{{.NetworkType}}"),
        lambda w: w.entry(networkNameTemplate="{{.NetworkType | lower}}-{{.NetworkIndex}}"),
        lambda w: w.entry(networkNameTemplate='{{printf "%s" .NetworkName}}'),
    ),
    "NotValid.conversionTempStorage": Case(
        do(
            lambda w: w.record("storage_class", "ceph-rbd", largest_volume_bytes=(10 << 30) - 1),
            lambda w: w.plan(conversionTempStorageClass="ceph-rbd", conversionTempStorageSize="10Gi"),
        ),
        do(
            lambda w: w.record("storage_class", "ceph-rbd", largest_volume_bytes=10 << 30),
            lambda w: w.plan(conversionTempStorageClass="ceph-rbd", conversionTempStorageSize="10Gi"),
        ),
        lambda w: w.plan(conversionTempStorageClass="ceph-rbd", conversionTempStorageSize="10Gi"),
    ),
    "RestrictedPodSecurity": Case(
        lambda w: w.toolkit(namespace_enforces="restricted"), lambda w: w.toolkit(namespace_enforces="baseline"), lambda w: w.no_toolkit()
    ),
    "NetAppShiftWarmNotSupported": Case(
        with_class("shift", "ReadWriteMany/Filesystem", annotations=SHIFT),
        missing=lambda w: w.record("storage_class", "ceph-rbd", annotations=DROP),
        warm=True,
    ),
    "SSHNotReady": Case(
        do(
            lambda w: w.pair(STORE, offloadPlugin=OFFLOAD),
            lambda w: w.record("provider", SOURCE, esxi_clone_method="ssh", conditions={"SSHNotReady": "Warn"}),
        ),
        do(lambda w: w.pair(STORE, offloadPlugin=OFFLOAD), lambda w: w.record("provider", SOURCE, esxi_clone_method="ssh")),
        do(lambda w: w.pair(STORE, offloadPlugin=OFFLOAD), lambda w: w.new_provider(settings={"esxiCloneMethod": "ssh"})),
    ),
}

VM_CASES: dict[str, Case] = {
    "VMRefNotValid": Case(lambda w: w.entry(id="", name=""), by_name()),
    "VMNotFound": Case(by_name("gone"), by_name(), do(by_name("gone"), lambda w: w.put(more={"unseen": {VCENTER: "no permission"}}))),
    "DuplicateVM.source": Case(lambda w: w.entry(1, id="vm-app-01", name="app-01", targetName="b"), lambda w: w.entry(name="web-01")),
    "DuplicateVM.ambiguous": Case(do(same_name(), by_name()), by_name(), do(by_name(), lambda w: w.put(vcenter_of={}))),
    "DuplicateVM.targetName": Case(lambda w: w.entry(targetName="web-01"), lambda w: w.entry(targetName="web-02")),
    "VMAlreadyExists": Case(
        lambda w: w.record("virtual_machine", "apps/app-01", macs=[], source_vm=""),
        lambda w: w.record("virtual_machine", "default/app-01", macs=[], source_vm=""),
        lambda w: w.unread("virtualmachines.kubevirt.io"),
    ),
    "VMNetworksNotMapped": Case(nics("dvportgroup-200"), nics(), lambda w: w.vm(nics=None)),
    "VMMultiplePodNetworkMappings": Case(
        do(nics("dvportgroup-100", "dvportgroup-100"), lambda w: w.pair(NET, destination=POD)),
        do(
            nics("dvportgroup-100", "dvportgroup-200"),
            lambda w: w.pair(NET, destination=POD),
            lambda w: w.add_pair(NET, {"id": "dvportgroup-200"}, type="ignored"),
        ),
        do(nics("dvportgroup-100", ""), lambda w: w.pair(NET, destination=POD)),
    ),
    "VMDuplicateNADMappings": Case(
        nics("dvportgroup-100", "dvportgroup-100"),
        do(
            nics("dvportgroup-100", "dvportgroup-100"),
            lambda w: w.add_pair(NET, {"id": "dvportgroup-100"}, type="multus", namespace="default", name="test-200"),
        ),
        lambda w: w.vm(nics=None),
    ),
    "VMStorageNotMapped": Case(
        lambda w: w.disk(datastore="ds-02", datastore_id=f"{VCENTER}/datastore-12"), of_map(STORE), lambda w: w.vm(disks=None)
    ),
    "VMMissingChangedBlockTracking": Case(lambda w: w.vm(change_tracking=False), missing=lambda w: w.vm(change_tracking=None), warm=True),
    "VMHasSnapshots": Case(lambda w: w.vm(snapshot_count=1), missing=lambda w: w.vm(snapshot_count=None), warm=True),
    "GuestToolsIssue": Case(
        lambda w: w.vm(tools_running_status="guestToolsNotRunning"),
        lambda w: w.vm(power_state="poweredOff", tools_status="toolsNotInstalled"),
        lambda w: w.vm(tools_status="", tools_running_status=""),
    ),
    "InvalidDiskSizes": Case(lambda w: w.disk(capacity_bytes=0), lambda w: w.disk(capacity_bytes=1), lambda w: w.disk(capacity_bytes=None)),
    "MacConflicts": Case(
        lambda w: w.record("virtual_machine", "other/vm", macs=["00:50:56:00:00:01"]),
        lambda w: w.record("virtual_machine", "other/vm", macs=["00:50:56:00:00:03"]),
        lambda w: w.nic(mac=""),
    ),
    "VMCriticalConcerns": Case(
        lambda w: w.vm(failed=("vmware.passthrough_device.detected",)),
        lambda w: w.vm(failed=("vmware.usb_controller.detected",)),
        lambda w: w.vm(provisional=True, gaps=("vmware.guestDisks.freespace",)),
    ),
    "VDDKAndOffloadMixedUsage": Case(
        do(
            lambda w: w.toolkit(features={"feature_copy_offload": "true"}),
            lambda w: w.add_pair(STORE, {"name": "ds-02"}, storageClass="ceph-rbd"),
            lambda w: w.pair(STORE, 1, offloadPlugin=OFFLOAD),
        ),
        do(lambda w: w.toolkit(features={"feature_copy_offload": "true"}), lambda w: w.pair(STORE, offloadPlugin=OFFLOAD)),
        do(
            lambda w: w.no_toolkit(),
            lambda w: w.add_pair(STORE, {"name": "ds-02"}, storageClass="ceph-rbd"),
            lambda w: w.pair(STORE, 1, offloadPlugin=OFFLOAD),
        ),
    ),
    "SharedDisks": Case(
        lambda w: w.share(power_state="poweredOn"), lambda w: w.share(), lambda w: w.put(more={"unseen": {VCENTER: "no permission"}})
    ),
    "SharedWarnDisks": Case(
        lambda w: w.share(), do(lambda w: w.share(), lambda w: w.entry(1, migrateSharedDisks=False)), lambda w: w.vm(disks=None)
    ),
    "MissingPvcForOnlyConversion": Case(
        lambda w: w.plan(type="conversion", targetNamespace="gone"),
        do(lambda w: w.plan(type="conversion"), lambda w: w.put(vms={key: replace(vm, disks=()) for key, vm in w.vms.items()})),
        lambda w: w.plan(type="conversion"),
    ),
    "NetAppShiftDatastoreNASMissing": Case(
        do(with_class("shift", "ReadWriteMany/Filesystem", annotations=SHIFT), lambda w: w.datastores[0].update(type="VMFS")),
        with_class("shift", "ReadWriteMany/Filesystem", annotations=SHIFT),
        do(with_class("shift", "ReadWriteMany/Filesystem", annotations=SHIFT), lambda w: w.datastores[0].pop("address")),
    ),
    "NotValid.pvcNameTemplate": Case(
        lambda w: w.plan(pvcNameTemplate="a" * 63 + "{{.DiskIndex}}"),
        lambda w: w.plan(pvcNameTemplate="a" * 62 + "{{.DiskIndex}}"),
        lambda w: w.vm(disks=None),
    ),
    "NotValid.targetName": Case(lambda w: w.entry(targetName="App_01"), lambda w: w.entry(targetName=NAME63)),
    "TargetNameNotValid": Case(
        lambda w: w.entry(targetName=DROP, name="App_01"),
        lambda w: w.entry(targetName=DROP, name="app.example.com"),
        do(lambda w: w.entry(targetName=DROP, name=DROP), lambda w: w.vms.pop(w.first)),
    ),
    "HostNotReady": Case(
        lambda w: w.hosts[0].update(in_maintenance=True), lambda w: w.hosts[1].update(in_maintenance=True), lambda w: w.put(hosts=[])
    ),
    "VMMissingGuestIPs": Case(nics("dvportgroup-100", ips=()), nics(ips=()), nics("dvportgroup-100", ips=None)),
    "VMIpNotMatchingUdnSubnet": Case(
        udn("198.51.100.0/24"), udn("192.0.2.10/32"), do(udn("192.0.2.0/24"), lambda w: w.toolkit(features=DROP))
    ),
    "LuksAndClevisIncompatibility": Case(
        lambda w: w.entry(luks={"name": "keys"}, nbdeClevis=True), lambda w: w.entry(luks={"name": "keys"}, nbdeClevis=False)
    ),
    "VMConsolidationNeeded": Case(lambda w: w.vm(consolidation_needed=True), missing=lambda w: w.vm(consolidation_needed=None), warm=True),
    "RDMDiskWarning": Case(
        lambda w: w.disk(rdm=True), do(lambda w: w.disk(rdm=True), lambda w: w.plan(type="warm")), lambda w: w.disk(rdm=None)
    ),
    "IndependentDiskWarning": Case(
        lambda w: w.disk(independent=True),
        do(lambda w: w.disk(independent=True), lambda w: w.pair(STORE, offloadPlugin=OFFLOAD)),
        lambda w: w.disk(independent=None),
    ),
    "Webhook.luks": Case(
        do(lambda w: w.entry(luks={"name": "keys"}), lambda w: w.record("provider", SOURCE, type="ovirt")),
        do(lambda w: w.entry(luks={"name": "keys"}), lambda w: w.record("provider", SOURCE, type="ova")),
        do(lambda w: w.entry(luks={"name": "keys"}), lambda w: w.record("provider", SOURCE, type=DROP)),
    ),
    "Run.template": Case(other_vm(template=True), other_vm(template=False), other_vm(template=None)),
    "Run.notConnected": Case(lambda w: w.vm(connection_state="disconnected"), missing=lambda w: w.vm(connection_state="")),
    "Run.changeTracking": Case(lambda w: w.disk(change_tracking=False), missing=lambda w: w.disk(change_tracking=None), warm=True),
    "Run.diskWithoutClaim": Case(
        do(lambda w: w.disk(datastore="", datastore_id=""), lambda w: w.vm(failed=("vmware.datastore.missing",))),
        lambda w: w.disk(datastore_id=""),
        lambda w: w.disk(datastore="", datastore_id=""),
    ),
}
CASES = {**PLAN_CASES, **VM_CASES}
