# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects as clusters really show them, beside those of the demo target; a test holds them against the CRDs."""

from __future__ import annotations

from typing import Any

from tests.tools.generator.target_objects import conditions, named, reference

MTV = "openshift-mtv"

HYPERCONVERGED_V1 = named(
    "kubevirt-hyperconverged",
    "openshift-cnv",
    spec={
        "virtualization": {
            "vmiCPUAllocationRatio": 4,
            "higherWorkloadDensity": {"memoryOvercommitPercentage": 150},
            "liveMigrationConfig": {"parallelMigrationsPerCluster": 8, "parallelOutboundMigrationsPerNode": 1, "network": "migration"},
            "virtualMachineOptions": {"defaultCPUModel": "Icelake-Server"},
            "permittedHostDevices": {
                "pciHostDevices": [
                    {"pciDeviceSelector": "10DE:20B5", "resourceName": "nvidia.com/GA100_A100_PCIE_80GB"},
                    {"pciDeviceSelector": "8086:6F54", "resourceName": "intel.com/qat", "disabled": True},
                ]
            },
        },
        "featureGates": [{"name": "downwardMetrics"}, {"name": "alignCPUs", "state": "Disabled"}],
        "deployment": {"nodePlacements": {"workload": {"nodeSelector": {"pool": "vms"}}}},
        "storage": {"filesystemOverhead": {"global": "0.06", "storageClass": {"files": "0.1"}}},
    },
    status={"versions": [{"name": "operator", "version": "1.18.0"}], "conditions": conditions(Available="False")},
)

KUBEVIRT = named(
    "kubevirt",
    "kubevirt",
    spec={
        "configuration": {
            "developerConfiguration": {"cpuAllocationRatio": 6, "memoryOvercommit": 120, "featureGates": ["HostDevices", "CPUManager"]},
            "migrations": {"parallelMigrationsPerCluster": 3},
            "cpuModel": "Haswell",
        },
        "workloads": {"nodePlacement": {"nodeSelector": {"pool": "vms"}}},
    },
    status={"phase": "Deployed", "observedKubeVirtVersion": "v1.8.1", "conditions": conditions("Available", "Created")},
)


def step(name: str, started: str, completed: str, done: int = 0, total: int = 0, unit: str = "") -> dict[str, Any]:
    """A step of a VM's migration."""
    found: dict[str, Any] = {"name": name, "started": started, "progress": {"completed": done, "total": total}, "phase": "Completed"}
    if completed:
        found["completed"] = completed
    if unit:
        found["annotations"] = {"unit": unit}
    return found


FINISHED = {
    "id": "vm-101",
    "name": "web-01",
    "newName": "web-01",
    "phase": "Completed",
    "started": "2026-09-05T20:00:00Z",
    "completed": "2026-09-05T21:00:00Z",
    "conditions": conditions("Succeeded", category="Advisory"),
    "pipeline": [
        step("Initialize", "2026-09-05T20:00:00Z", "2026-09-05T20:01:00Z", 1, 1),
        step("DiskTransfer", "2026-09-05T20:01:00Z", "2026-09-05T20:31:00Z", 61440, 61440, "MB"),
        step("ImageConversion", "2026-09-05T20:31:00Z", "2026-09-05T20:38:30Z", 1, 1),
        step("VirtualMachineCreation", "2026-09-05T20:38:30Z", "2026-09-05T20:39:00Z", 1, 1),
    ],
}
BROKEN = {
    "id": "vm-102",
    "name": "web-02",
    "phase": "Completed",
    "started": "2026-09-05T20:00:00Z",
    "completed": "2026-09-05T20:20:00Z",
    "conditions": conditions("Failed", category="Advisory"),
    "error": {"phase": "DiskTransfer", "reasons": ["no space left"]},
    "pipeline": [step("DiskTransfer", "2026-09-05T20:01:00Z", "", 512, 20480, "MB")],
}
STOPPED = {"id": "vm-103", "phase": "Completed", "conditions": conditions("Canceled", category="Advisory"), "pipeline": []}

PLAN = named(
    "pilot",
    MTV,
    labels={"readiness.groundwork.io/wave": "1"},
    spec={
        "provider": {"source": reference("vc", MTV), "destination": reference("host", MTV)},
        "map": {"network": reference("vc-networks", MTV), "storage": reference("vc-storage", MTV)},
        "targetNamespace": "web",
        "type": "warm",
        "vms": [{"id": "vm-101", "targetName": "shop-web-01"}, {"id": "vm-102"}, {"id": "vm-103", "name": "web-03"}, {"id": "vm-104"}],
    },
    status={
        "conditions": [*conditions("Ready", category="Required"), *conditions("TargetNameNotValid", category="Warn")],
        "migration": {"started": "2026-09-05T20:00:00Z", "completed": "2026-09-05T21:00:00Z", "vms": [FINISHED, BROKEN, STOPPED]},
    },
)
OLD_PLAN = named(
    "older",
    MTV,
    spec={
        "provider": {"source": reference("vc", MTV), "destination": reference("host", MTV)},
        "map": {"network": reference("vc-networks", MTV), "storage": reference("vc-storage", MTV)},
        "targetNamespace": "web",
        "warm": True,
        "archived": True,
        "vms": [{"name": "web-05"}],
    },
)

MIGRATION = named(
    "pilot-1",
    MTV,
    spec={"plan": reference("pilot", MTV), "cutover": "2026-09-05T23:00:00+02:00"},
    status={"started": "2026-09-05T20:00:00Z", "conditions": conditions("Running", category="Advisory")},
)
NETWORK_MAP = named(
    "vc-networks",
    MTV,
    spec={
        "provider": {"source": reference("vc", MTV), "destination": reference("host", MTV)},
        "map": [
            {"source": {"id": "dvportgroup-100"}, "destination": {"type": "multus", "namespace": "default", "name": "vlan-110"}},
            {"source": {"name": "/dc/network/VM Network"}, "destination": {"type": "pod"}},
        ],
    },
    status={"conditions": conditions("Ready", category="Required"), "references": [{"id": "dvportgroup-100"}]},
)
STORAGE_MAP = named(
    "vc-storage",
    MTV,
    spec={
        "provider": {"source": reference("vc", MTV), "destination": reference("host", MTV)},
        "map": [{"source": {"id": "datastore-15"}, "destination": {"storageClass": "block", "volumeMode": "Block"}}],
    },
    status={"conditions": conditions(Ready="False", category="Critical")},
)
HOOK = named(
    "stop-app", MTV, spec={"aap": {"jobTemplateId": 42}, "deadline": 900}, status={"conditions": conditions("Ready", category="Required")}
)

CLUSTER_QUOTA = named(
    "team-erp",
    spec={
        "selector": {"labels": {"matchLabels": {"team": "erp"}}},
        "quota": {"hard": {"requests.memory": "1Ti", "requests.cpu": "200"}, "scopes": ["NotTerminating"]},
    },
    status={
        "total": {"hard": {"requests.memory": "1Ti", "requests.cpu": "200"}, "used": {"requests.memory": "1000M", "requests.cpu": "500m"}},
        "namespaces": [{"namespace": name, "status": {"used": {"requests.cpu": "250m"}}} for name in ("erp-prod", "erp-db")],
    },
)
MIGRATED_VM = named(
    "shop-web-01",
    "web",
    labels={"plan": "2f6f0a3f-4d11-4f43-9c5a-0b7e6f1d7c52", "vmID": "vm-101", "migration": "x", "app": "shop"},
    spec={
        "runStrategy": "Always",
        "template": {
            "spec": {
                "domain": {
                    "devices": {
                        "interfaces": [
                            {"name": "net-0", "macAddress": "00-50-56-AB-CD-EF", "bridge": {}},
                            {"name": "net-1", "masquerade": {}},
                        ]
                    }
                }
            }
        },
    },
    status={"printableStatus": "Running"},
)

BY_RESOURCE: dict[str, list[dict[str, Any]]] = {
    "hyperconvergeds.hco.kubevirt.io": [HYPERCONVERGED_V1],
    "kubevirts.kubevirt.io": [KUBEVIRT],
    "plans.forklift.konveyor.io": [PLAN, OLD_PLAN],
    "migrations.forklift.konveyor.io": [MIGRATION],
    "networkmaps.forklift.konveyor.io": [NETWORK_MAP],
    "storagemaps.forklift.konveyor.io": [STORAGE_MAP],
    "hooks.forklift.konveyor.io": [HOOK],
    "clusterresourcequotas.quota.openshift.io": [CLUSTER_QUOTA],
    "virtualmachines.kubevirt.io": [MIGRATED_VM],
}
VERSIONS = {"hyperconvergeds.hco.kubevirt.io": "v1"}
"""Version of an object where it is not the preferred one of its resource."""
