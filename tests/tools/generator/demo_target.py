# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo target: an OpenShift cluster with OpenShift Virtualization and the migration toolkit, as its API would list it.

Its records are made from the objects by the collection itself. Some of the demo estate's VLANs lead somewhere on it,
others do not; one of the two vCenters is a provider already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .collection import module_util
from .demo_accelerators import with_accelerators
from .demo_nodes import GPU, WORKERS, nodes, pods
from .target_objects import (
    ApiObject,
    attachment,
    capacity,
    conditions,
    made_by_network,
    named,
    reference,
    required,
    storage_profile,
    virtual_machine,
)

TARGET = "target.jsonl.gz"
CAPTURED_AT = "2026-10-01T06:00:00Z"
KUBERNETES, OPENSHIFT, VIRTUALIZATION, TOOLKIT = "v1.34.4", "4.21.9", "4.21.4", "2.11.3"
CLUSTER_ID = "6f1d7c52-0b7e-4f43-9c5a-2f6f0a3f4d11"
CNV, MTV = "openshift-cnv", "openshift-mtv"
WORKER = {"node-role.kubernetes.io/worker": ""}
BLOCK, FILE, LOCAL = "block-gold", "file-silver", "lvms-local"
BLOCK_DRIVER, FILE_DRIVER, LOCAL_DRIVER = "block.csi.example.com", "file.csi.example.com", "topolvm.io"
SUBSCRIPTIONS = {CNV: ("kubevirt-hyperconverged", f"kubevirt-hyperconverged-operator.v{VIRTUALIZATION}"), MTV: ("mtv-operator", "")}
NOT_SERVED = ("noderesourcetopologies.topology.node.k8s.io",)
VDDK = "registry.example.com/mtv/vddk:8.0.3"
MODES = {"b": "Block", "f": "Filesystem", "x": "ReadWriteMany", "o": "ReadWriteOnce"}


def platform() -> dict[str, list[ApiObject]]:
    """The cluster itself and the operators that were installed."""
    history = [
        {"state": state, "version": version, "image": "registry.example.com/ocp", "verified": True, "startedTime": at, "completionTime": at}
        for state, version, at in (("Completed", OPENSHIFT, "2026-08-02T10:00:00Z"), ("Completed", "4.20.12", "2026-02-07T10:00:00Z"))
    ]
    desired = {"version": OPENSHIFT, "image": "registry.example.com/ocp"}
    version = {"desired": desired, "history": history, "availableUpdates": [], "observedGeneration": 4, "versionHash": "x7f0QmLr2Aw="}
    return {
        "clusterversions.config.openshift.io": [named("version", spec={"clusterID": CLUSTER_ID, "channel": "stable-4.21"}, status=version)],
        "infrastructures.config.openshift.io": [
            named(
                "cluster",
                spec={},
                status={"platformStatus": {"type": "BareMetal"}, "platform": "BareMetal", "controlPlaneTopology": "HighlyAvailable"},
            )
        ],
        "subscriptions.operators.coreos.com": [
            named(
                name,
                namespace,
                spec={"name": name, "source": "redhat-operators", "sourceNamespace": "openshift-marketplace", "channel": "stable"},
                status={"installedCSV": installed or f"{name}.v{TOOLKIT}", "lastUpdated": CAPTURED_AT, "state": "AtLatestKnown"},
            )
            for namespace, (name, installed) in SUBSCRIPTIONS.items()
        ],
    }


def virtualization() -> dict[str, list[ApiObject]]:
    """OpenShift Virtualization with its settings and instance types."""
    told: dict[str, Any] = {"global": "0.055", "storageClass": {FILE: "0.08"}}
    overheads = {"global": "0.055", "storageClass": dict.fromkeys((BLOCK, FILE, LOCAL), "0.055") | told["storageClass"]}
    higher = {"memoryOvercommitPercentage": 100}
    migrations = {"parallelMigrationsPerCluster": 5, "parallelOutboundMigrationsPerNode": 2, "network": "live-migration"}
    devices = {"mediatedDevices": [{"mdevNameSelector": "GRID A100-10C", "resourceName": GPU}]}
    developer = {"cpuAllocationRatio": 10, "memoryOvercommit": 100, "featureGates": ["DecentralizedLiveMigration"]}
    configuration = {"developerConfiguration": developer, "migrations": migrations, "permittedHostDevices": devices}
    kubevirt, cdi, deployed = {"configuration": configuration}, {"config": {"filesystemOverhead": told}}, {"phase": "Deployed"}
    gates = {"alignCPUs": False, "decentralizedLiveMigration": True, "downwardMetrics": False}
    return {
        "hyperconvergeds.hco.kubevirt.io": [
            named(
                "kubevirt-hyperconverged",
                CNV,
                spec={
                    "resourceRequirements": {"vmiCPUAllocationRatio": 10},
                    "higherWorkloadDensity": higher,
                    "liveMigrationConfig": migrations,
                    "featureGates": gates,
                    "filesystemOverhead": told,
                    "permittedHostDevices": devices,
                    "workloads": {"nodePlacement": {"nodeSelector": WORKER}},
                },
                status={"versions": [{"name": "operator", "version": VIRTUALIZATION}], "conditions": conditions("Available")},
            )
        ],
        "kubevirts.kubevirt.io": [named("kubevirt-kubevirt-hyperconverged", CNV, spec=kubevirt, status=deployed)],
        "cdis.cdi.kubevirt.io": [named("cdi-kubevirt-hyperconverged", spec=cdi, status=deployed)],
        "cdiconfigs.cdi.kubevirt.io": [named("config", spec={}, status={"filesystemOverhead": overheads})],
        "virtualmachineclusterinstancetypes.instancetype.kubevirt.io": [
            named(f"{series}.{size}", spec={"cpu": {"guest": cpu}, "memory": {"guest": f"{cpu * ratio}Gi"}})
            for series, ratio in (("u1", 4), ("m1", 8))
            for size, cpu in (("medium", 1), ("large", 2), ("xlarge", 4), ("2xlarge", 8), ("4xlarge", 16))
        ],
    }


def storage() -> dict[str, list[ApiObject]]:
    """Three storage classes: block and files for everybody, and disks of the nodes."""
    default = {"storageclass.kubernetes.io/is-default-class": "true", "storageclass.kubevirt.io/is-default-virt-class": "true"}
    plans: tuple[tuple[str, str, str, Mapping[str, str], tuple[str, ...], str], ...] = (
        (BLOCK, BLOCK_DRIVER, "Immediate", default, ("xb", "ob", "of"), "csi-clone"),
        (FILE, FILE_DRIVER, "Immediate", {}, ("xf", "of"), "snapshot"),
        (LOCAL, LOCAL_DRIVER, "WaitForFirstConsumer", {}, ("ob", "of"), "snapshot"),
    )
    segments = [(BLOCK, "all", {"storage.example.com/array": "array-1"}, "180Ti", "256Ti")]
    segments += [(FILE, "all", {"storage.example.com/array": "filer-1"}, "60Ti", "60Ti")]
    segments += [(LOCAL, node.partition(".")[0], {"topology.topolvm.io/node": node}, "3400Gi", "3400Gi") for node in WORKERS]
    return {
        "storageclasses.storage.k8s.io": [
            named(
                name,
                annotations=annotations,
                provisioner=driver,
                reclaimPolicy="Delete",
                volumeBindingMode=binding,
                allowVolumeExpansion=True,
            )
            for name, driver, binding, annotations, _sets, _clone in plans
        ],
        "storageprofiles.cdi.kubevirt.io": [
            storage_profile(
                name, driver, [(MODES[pair[0]], MODES[pair[1]]) for pair in sets], clone, "" if name == LOCAL else f"{name}-snapshots"
            )
            for name, driver, _binding, _annotations, sets, clone in plans
        ],
        "volumesnapshotclasses.snapshot.storage.k8s.io": [
            named(f"{name}-snapshots", driver=driver, deletionPolicy="Delete")
            for name, driver, _binding, _annotations, _sets, _clone in plans
        ],
        "csistoragecapacities.storage.k8s.io": [
            capacity(f"csisc-{owner}-{place}", owner, topology, free, largest) for owner, place, topology, free, largest in segments
        ],
    }


def networks() -> dict[str, list[ApiObject]]:
    """Attachments for some VLANs of the demo estate, and a user-defined network for its databases."""
    bridged = {"app-vlan-110": 110, "web-vlan-120": 120, "mgmt-vlan-10": 10, "n-app-vlan-210": 210, "n-web-vlan-220": 220}
    localnet = {
        "topology": "Localnet",
        "localnet": {
            "role": "Secondary",
            "physicalNetworkName": "vm-trunk",
            "vlan": {"mode": "Access", "access": {"id": 130}},
            "ipam": {"mode": "Disabled"},
        },
    }
    selector = {"matchLabels": {"networks.example.com/databases": "true"}}
    overlay = {"type": "ovn-k8s-cni-overlay", "topology": "localnet", "physicalNetworkName": "vm-trunk", "vlanID": 130}
    primary = {"type": "ovn-k8s-cni-overlay", "topology": "layer2", "role": "primary", "subnets": "10.200.0.0/16"}
    bond = {"name": "bond1", "type": "bond", "state": "up", "link-aggregation": {"mode": "802.3ad", "port": ["ens3f0", "ens3f1"]}}
    bridge = {"name": "br-vm", "type": "linux-bridge", "state": "up", "bridge": {"port": [{"name": "bond1"}]}}
    trunk = {"name": "br-trunk", "type": "ovs-bridge", "state": "up", "bridge": {"port": [{"name": "ens3f2"}]}}
    mapping = {"bridge-mappings": [{"localnet": "vm-trunk", "bridge": "br-trunk", "state": "present"}]}
    states = [{"name": "br-ex", "type": "ovs-bridge"}, bond, bridge, trunk, {"name": "ens3f0", "type": "ethernet"}]
    status = {"conditions": conditions("Available", Degraded="False")}
    return {
        "network-attachment-definitions.k8s.cni.cncf.io": [
            *(
                attachment(name, "default", {"type": "cnv-bridge", "bridge": "br-vm", "vlan": vlan, "macspoofchk": True})
                for name, vlan in bridged.items()
            ),
            attachment("live-migration", CNV, {"type": "cnv-bridge", "bridge": "br-vm", "vlan": 30, "mtu": 9000}),
            made_by_network("databases", "erp", {**overlay, "netAttachDefName": "erp/databases"}),
            made_by_network("shop", "app-platform", {**primary, "netAttachDefName": "app-platform/shop"}),
        ],
        "userdefinednetworks.k8s.ovn.org": [
            named("shop", "app-platform", spec={"topology": "Layer2", "layer2": {"role": "Primary", "subnets": ["10.200.0.0/16"]}})
        ],
        "clusteruserdefinednetworks.k8s.ovn.org": [named("databases", spec={"namespaceSelector": selector, "network": localnet})],
        "nodenetworkconfigurationpolicies.nmstate.io": [
            named("vm-bridge", spec={"nodeSelector": WORKER, "desiredState": {"interfaces": [bond, bridge]}}, status=status),
            named("vm-trunk", spec={"nodeSelector": WORKER, "desiredState": {"interfaces": [trunk], "ovn": mapping}}, status=status),
        ],
        "nodenetworkstates.nmstate.io": [named(node, status={"currentState": {"interfaces": states}}) for node in WORKERS],
    }


def tenants() -> dict[str, list[ApiObject]]:
    """Namespaces with what limits them, and the VMs that are there already."""
    level = "pod-security.kubernetes.io/enforce"
    labels: dict[str, dict[str, str]] = {
        "default": {},
        "kube-system": {level: "privileged"},
        CNV: {level: "privileged"},
        MTV: {level: "privileged"},
        "storage-drivers": {level: "privileged"},
        "app-platform": {level: "restricted", "k8s.ovn.org/primary-user-defined-network": ""},
        "shared-services": {level: "baseline"},
        "erp": {level: "baseline", "networks.example.com/databases": "true"},
        "crm": {level: "baseline"},
        "integration": {},
        **{
            name: {level: "baseline"}
            for name in ("build", "customer-portal", "directory", "file-services", "hr", "monitoring", "operations")
        },
    }
    quota = {"requests.cpu": "40", "requests.memory": "400Gi", "requests.storage": "12Ti", "persistentvolumeclaims": "80"}
    used = {"requests.cpu": "0", "requests.memory": "0", "requests.storage": "0", "persistentvolumeclaims": "0"}
    small = {"requests.memory": "48Gi", "count/virtualmachines.kubevirt.io": "12"}
    claims = [{"type": "PersistentVolumeClaim", "max": {"storage": "4Ti"}, "min": {"storage": "1Gi"}}]
    return {
        "namespaces": [
            named(name, labels={"kubernetes.io/metadata.name": name, **own}, spec={}, status={"phase": "Active"})
            for name, own in labels.items()
        ],
        "resourcequotas": [
            named("compute", "crm", spec={"hard": quota}, status={"hard": quota, "used": used}),
            named("compute", "integration", spec={"hard": small}, status={"hard": small, "used": dict.fromkeys(small, "0")}),
        ],
        "limitranges": [named("volumes", "crm", spec={"limits": claims})],
        "clusterresourcequotas.quota.openshift.io": [],
        "virtualmachines.kubevirt.io": [
            virtual_machine("jump-linux-01", "shared-services", ["02:50:4a:00:00:01"], ["default/mgmt-vlan-10"]),
            virtual_machine("registry-mirror-01", "shared-services", ["02:50:4a:00:00:02"], ["default/app-vlan-110"]),
        ],
        "virtualmachineinstancetypes.instancetype.kubevirt.io": [],
    }


def migration() -> dict[str, list[ApiObject]]:
    """The migration toolkit with the southern vCenter as a provider; no plans yet."""
    settings = {"vddkInitImage": VDDK, "sdkEndpoint": "vcenter"}
    controller = {"controller_max_vm_inflight": 20, "controller_precopy_interval": 60, "controller_filesystem_overhead": 10}
    switches = {"feature_copy_offload": "true", "feature_ui_plugin": "true", "feature_validation": "true"}
    ready = required("Ready", "ConnectionTestSucceeded", "InventoryCreated", "Validated")
    south = {"type": "vsphere", "url": "https://vc-south.example.com/sdk", "settings": settings}
    secrets = {name: reference(f"{name}-credentials", MTV) for name in ("vc-south", "esx-s-prod-01")}
    direct = {"id": "host-100", "ipAddress": "10.10.0.11", "provider": reference("vc-south", MTV), "secret": secrets["esx-s-prod-01"]}
    return {
        "forkliftcontrollers.forklift.konveyor.io": [
            named(
                "forklift-controller",
                MTV,
                spec={**controller, **switches, "vddk_image": ""},
                status={"conditions": conditions("Running", "Successful")},
            )
        ],
        "providers.forklift.konveyor.io": [
            named("host", MTV, spec={"type": "openshift", "url": "", "secret": {}}, status=ready),
            named("vc-south", MTV, spec={**south, "secret": secrets["vc-south"]}, status=ready),
        ],
        "hosts.forklift.konveyor.io": [named("vc-south-host-100", MTV, spec=direct, status=required("Ready", "Validated"))],
        **{f"{plural}.forklift.konveyor.io": [] for plural in ("networkmaps", "storagemaps", "plans", "migrations", "hooks")},
    }


def demo_objects() -> dict[str, list[ApiObject]]:
    """Every object that the cluster lists, by resource."""
    return {"nodes": nodes(), "pods": list(pods()), **tenants(), **storage(), **networks(), **platform(), **virtualization(), **migration()}


def demo_records(objects: Mapping[str, Iterable[ApiObject]] | None = None) -> list[dict[str, Any]]:
    """The records that the collection makes of these objects."""
    readings, snapshots = module_util("target.readings"), module_util("target.snapshot")
    listed = demo_objects() if objects is None else objects
    snapshot = snapshots.TargetSnapshot()
    snapshot.server(KUBERNETES, [resource.group for resource in readings.RESOURCES if resource.id not in NOT_SERVED])
    for resource in readings.RESOURCES:
        if resource.id in NOT_SERVED:
            snapshot.note(resource, "absent")
        else:
            snapshot.take(resource, listed[resource.id])
    return list(snapshot.records())


def write_demo_target(folder: Path) -> None:
    """Writes the demo target."""
    artifact, artifacts = module_util("common.artifact"), module_util("adapters.artifacts")
    header = artifact.ArtifactHeader(schema="target", extra={"captured_at": CAPTURED_AT})
    with artifacts.ArtifactWriter(folder / TARGET, header) as writer:
        for record in demo_records({**demo_objects(), **with_accelerators()}):
            writer.write(record)
        writer.finish()
