# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenShift Virtualization, its VMs and instance types; namespaces and their limits."""

from __future__ import annotations

from typing import Any

from tests.tools.generator.target_objects import named

from .samples import CLUSTER_QUOTA, HYPERCONVERGED_V1, KUBEVIRT, MIGRATED_VM
from .support import Record, demo, only, records_of

HCO, KV, CDI_CONFIG = "hyperconvergeds.hco.kubevirt.io", "kubevirts.kubevirt.io", "cdiconfigs.cdi.kubevirt.io"
GIB = 1 << 30


def installed(**lists: Any) -> Record | None:
    known = {"hco": HCO, "kubevirt": KV, "cdi_config": CDI_CONFIG, "cdi": "cdis.cdi.kubevirt.io"}
    found = records_of({known[name]: items for name, items in lists.items()})
    return next((record for (kind, _id), record in found.items() if kind == "virtualization"), None)


def test_settings_of_the_older_version_are_read() -> None:
    record = installed(hco=demo()[HCO])
    assert record is not None
    assert (record["version"], record["available"], record["id"]) == ("4.21.4", True, "openshift-cnv/kubevirt-hyperconverged")
    assert (record["cpu_allocation_ratio"], record["memory_overcommit_percent"]) == (10, 100)
    assert (record["parallel_migrations_per_cluster"], record["parallel_migrations_per_node"]) == (5, 2)
    assert (record["live_migration_network"], record["default_cpu_model"]) == ("live-migration", "")
    assert record["feature_gates"] == ["decentralizedLiveMigration"]
    assert record["workload_node_selector"] == {"node-role.kubernetes.io/worker": ""}


def test_settings_of_the_newer_version_are_read() -> None:
    record = installed(hco=[HYPERCONVERGED_V1])
    assert record is not None
    assert (record["version"], record["available"]) == ("1.18.0", False)
    assert (record["cpu_allocation_ratio"], record["memory_overcommit_percent"]) == (4, 150)
    assert (record["parallel_migrations_per_cluster"], record["parallel_migrations_per_node"]) == (8, 1)
    assert (record["live_migration_network"], record["default_cpu_model"]) == ("migration", "Icelake-Server")
    assert (record["feature_gates"], record["workload_node_selector"]) == (["downwardMetrics"], {"pool": "vms"})
    assert record["permitted_host_devices"] == ["nvidia.com/GA100_A100_PCIE_80GB"]
    assert (record["filesystem_overhead"], record["filesystem_overheads"]) == (0.06, {"files": "0.1"})


def test_object_that_sets_nothing_has_the_documented_defaults() -> None:
    record = installed(hco=[named("hco", "cnv", spec={})])
    assert record is not None
    assert (record["cpu_allocation_ratio"], record["memory_overcommit_percent"]) == (10, 100)
    assert (record["parallel_migrations_per_cluster"], record["parallel_migrations_per_node"]) == (5, 2)
    assert (record["filesystem_overhead"], record["filesystem_overheads"]) == (0.055, {})
    assert {"version", "available"} == record["unknown"].keys()


def test_setting_of_the_wrong_type_is_unknown_and_not_the_default() -> None:
    record = installed(hco=[named("hco", "cnv", spec={"resourceRequirements": {"vmiCPUAllocationRatio": "ten"}})])
    assert record is not None
    assert "cpu_allocation_ratio" not in record
    assert record["unknown"]["cpu_allocation_ratio"].startswith("spec.resourceRequirements.vmiCPUAllocationRatio is not")


def test_kubevirt_tells_what_hyperconverged_does_not() -> None:
    record = installed(hco=[named("hco", "cnv", spec={"liveMigrationConfig": {"parallelMigrationsPerCluster": 9}})], kubevirt=[KUBEVIRT])
    assert record is not None
    assert (record["parallel_migrations_per_cluster"], record["cpu_allocation_ratio"]) == (9, 6)


def test_kubevirt_without_hyperconverged_is_an_installation_too() -> None:
    record = installed(kubevirt=[KUBEVIRT])
    assert record is not None
    assert (record["id"], record["cpu_allocation_ratio"], record["memory_overcommit_percent"]) == ("kubevirt/kubevirt", 6, 120)
    assert (record["default_cpu_model"], record["feature_gates"]) == ("Haswell", ["CPUManager", "HostDevices"])
    assert record["workload_node_selector"] == {"pool": "vms"}
    assert "version" not in record
    assert "does not serve cdiconfigs" in record["unknown"]["filesystem_overhead"]


def test_nothing_installed_makes_no_record() -> None:
    assert installed() is None
    assert installed(hco=[], kubevirt=[]) is None


def test_overhead_is_cdis_own_word_before_what_it_was_told() -> None:
    told, own = {"global": "0.055"}, {"global": "0.1", "storageClass": {"a": "0.1", "b": "0.2", "c": "x"}}
    record = installed(
        hco=[named("hco", "cnv", spec={"filesystemOverhead": told})], cdi_config=[named("config", status={"filesystemOverhead": own})]
    )
    assert record is not None
    assert (record["filesystem_overhead"], record["filesystem_overheads"]) == (0.1, {"b": "0.2"})
    by_cdi = installed(kubevirt=[KUBEVIRT], cdi=[named("cdi", spec={"config": {"filesystemOverhead": {"global": "0.2"}}})])
    assert by_cdi is not None
    assert by_cdi["filesystem_overhead"] == 0.2


def test_vm_shows_its_macs_and_where_it_came_from() -> None:
    record = only("virtual_machine", "virtualmachines.kubevirt.io", MIGRATED_VM)
    assert (record["id"], record["run_state"], record["macs"]) == ("web/shop-web-01", "Running", ["00:50:56:ab:cd:ef"])
    assert (record["source_vm"], record["owner_plan"]) == ("vm-101", "2f6f0a3f-4d11-4f43-9c5a-0b7e6f1d7c52")
    assert "app" not in record["labels"]


def test_vm_that_was_made_here_comes_from_nowhere() -> None:
    record = only("virtual_machine", "virtualmachines.kubevirt.io", named("new", "web", spec={}))
    assert (record["macs"], record["source_vm"], record["owner_plan"]) == ([], "", "")
    assert "run_state" not in record


def test_instance_types_of_namespace_and_cluster_are_told_apart() -> None:
    spec = {"cpu": {"guest": 4}, "memory": {"guest": "16Gi"}}
    lists = {
        "virtualmachineinstancetypes.instancetype.kubevirt.io": [named("big", "erp", spec=spec)],
        "virtualmachineclusterinstancetypes.instancetype.kubevirt.io": [named("big", spec=spec)],
    }
    found = {key: record for (kind, key), record in records_of(lists).items() if kind == "instance_type"}
    assert {key: record["cluster_wide"] for key, record in found.items()} == {"big": True, "erp/big": False}
    assert all((record["cpu_count"], record["memory_bytes"]) == (4, 16 * GIB) for record in found.values())


def test_quota_is_counted_in_base_units() -> None:
    hard = {"requests.cpu": "1500m", "requests.memory": "1Gi", "gold.storageclass.storage.k8s.io/requests.storage": "1Ti", "pods": "10"}
    terms = [{"scopeName": "PriorityClass", "operator": "In", "values": ["high", "low"]}]
    spec = {"hard": hard, "scopes": ["Terminating"], "scopeSelector": {"matchExpressions": terms}}
    record = only("quota", "resourcequotas", named("q", "erp", spec=spec, status={"used": {"pods": "3"}}))
    assert (record["id"], record["namespaces"], record["cluster_wide"]) == ("erp/q", ["erp"], False)
    expected = {"requests.cpu": 1500, "requests.memory": GIB, "gold.storageclass.storage.k8s.io/requests.storage": 1024 * GIB, "pods": 10}
    assert record["hard"] == expected
    assert (record["used"], record["scopes"]) == ({"pods": 3}, ["Terminating", "PriorityClass In (high, low)"])


def test_quota_that_nothing_has_counted_yet_has_an_unknown_use() -> None:
    record = only("quota", "resourcequotas", named("q", "erp", spec={"hard": {"pods": "many"}}))
    assert record["unknown"] == {"hard": "spec.hard: pods is no quantity", "used": "the object has no status.used yet"}


def test_quota_of_several_namespaces_names_them() -> None:
    record = only("quota", "clusterresourcequotas.quota.openshift.io", CLUSTER_QUOTA)
    assert (record["namespaces"], record["cluster_wide"], record["scopes"]) == (["erp-db", "erp-prod"], True, ["NotTerminating"])
    assert (record["hard"]["requests.memory"], record["used"]) == (1024 * GIB, {"requests.cpu": 500, "requests.memory": 10**9})
    young = only("quota", "clusterresourcequotas.quota.openshift.io", named("new", spec=CLUSTER_QUOTA["spec"]))
    assert "namespaces" not in young


def test_narrowest_limit_of_a_range_counts() -> None:
    limits = [
        {"type": "Container", "max": {"memory": "4Gi", "cpu": "2"}},
        {"type": "Container", "max": {"memory": "2Gi"}},
        {"type": "Pod", "max": {"cpu": "1500m"}},
        {"type": "PersistentVolumeClaim", "max": {"storage": "2Ti"}, "min": {"storage": "1Gi"}},
        {"type": "PersistentVolumeClaim", "max": {"storage": "1Ti"}},
    ]
    record = only("limit_range", "limitranges", named("l", "erp", spec={"limits": limits}))
    assert (record["container_max"], record["pod_max"]) == ({"cpu": 2000, "memory": 2 * GIB}, {"cpu": 1500})
    assert (record["claim_max_bytes"], record["claim_min_bytes"]) == (1024 * GIB, GIB)


def test_range_without_claims_limits_none_and_a_bad_one_is_unknown() -> None:
    bare = only("limit_range", "limitranges", named("l", "erp", spec={"limits": []}))
    assert "claim_max_bytes" not in bare
    assert "unknown" not in bare
    limits = [{"type": "PersistentVolumeClaim", "max": {"storage": "big"}}, {"type": "Pod", "max": {"cpu": "x"}}]
    wrong = only("limit_range", "limitranges", named("l", "erp", spec={"limits": limits}))
    assert {"claim_max_bytes", "pod_max"} == wrong["unknown"].keys()


def test_namespace_shows_its_pod_security_and_its_primary_network() -> None:
    labels = {"pod-security.kubernetes.io/enforce": "restricted", "k8s.ovn.org/primary-user-defined-network": "", "team": "erp"}
    record = only("namespace", "namespaces", named("erp", labels=labels, status={"phase": "Terminating"}))
    assert (record["enforce"], record["primary_network"], record["phase"]) == ("restricted", True, "Terminating")
    assert record["labels"]["team"] == "erp"
    assert only("namespace", "namespaces", named("erp", status={"phase": "Active"}))["enforce"] == ""
