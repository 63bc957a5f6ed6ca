# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What vendors need of a cluster beside their own objects: it is found lacking, never taken for granted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import DriverWanted, HostDeviceWanted, PoolWanted
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.folding import kept
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.readings import BY_ID
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, PlatformSnapshot

from .support import Node, desired, failed, h100, looked_at, mi300, planned

REGISTRY = "configs.imageregistry.operator.openshift.io"
POOLS, CONFIGS = "machineconfigpools.machineconfiguration.openshift.io", "machineconfigs.machineconfiguration.openshift.io"
ROLE = "machineconfiguration.openshift.io/role"
AMD = PoolWanted(name="mi300", nodes={"feature.node.kubernetes.io/amd-gpu": "true"}, vendor="amd")
VM = PoolWanted(
    name="vdi",
    nodes={"node-role.kubernetes.io/worker": ""},
    vendor="nvidia",
    workload="vm_passthrough",
    host_devices=(HostDeviceWanted(selector="10DE:26B9", resource="nvidia.com/L40"),),
)
WORKERS = {
    "metadata": {"name": "worker"},
    "spec": {
        "machineConfigSelector": {"matchLabels": {ROLE: "worker"}},
        "nodeSelector": {"matchLabels": {"node-role.kubernetes.io/worker": ""}},
    },
}
GOOD = {"managementState": "Managed", "storage": {"pvc": {"claim": "x"}, "managementState": "Unmanaged"}}


def settings(role: str = "worker", path: str = "", arguments: Sequence[str] = ()) -> dict[str, Any]:
    files = [{"path": path, "contents": {"source": "data:,x"}}] if path else []
    spec = {"config": {"storage": {"files": files}}, "kernelArguments": list(arguments)}
    return {"metadata": {"name": f"50-{role}", "labels": {ROLE: role}}, "spec": spec}


def site(
    *nodes: Node, registry: Mapping[str, Any] | None = None, configs: Sequence[Mapping[str, Any]] = (), pools: Any = (WORKERS,)
) -> PlatformSnapshot:
    found = looked_at(nodes, {POOLS: pools, CONFIGS: configs})
    items = () if registry is None else ({"metadata": {"name": "cluster"}, "spec": registry},)
    found.listed = {**found.listed, REGISTRY: Listed("read", items)}
    return found


def verdicts(pool: PoolWanted, look: PlatformSnapshot, word: str) -> list[str]:
    return [found.result for found in planned(desired(pool), look).findings if found.check == f"platform.accelerators.{word}"]


# ---- AMD: registry ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("registry", "says"),
    [
        ({**GOOD, "managementState": "Removed"}, "it is Removed"),
        ({"managementState": "Managed", "storage": {"managementState": "Managed"}}, "it has no storage"),
        ({}, "it is (empty)"),
        (None, "no image registry of its own"),
    ],
)
def test_driver_of_amd_without_a_registry_to_build_it_into_fails(registry: Mapping[str, Any] | None, says: str) -> None:
    (found,) = failed(planned(desired(AMD), site(mi300(), registry=registry)), "amd.registry")
    assert says in found.message
    assert (found.severity, found.refuses) == ("critical", False)


def test_registry_that_works_passes_and_one_that_nobody_could_read_does_not() -> None:
    assert verdicts(AMD, site(mi300(), registry=GOOD), "amd.registry") == ["pass"]
    assert verdicts(AMD, looked_at([mi300()]), "amd.registry") == ["not_evaluated"]


@pytest.mark.parametrize("pool", [replace(AMD, driver=DriverWanted(managed=False)), replace(AMD, workload="vm_passthrough"), VM])
def test_pool_whose_driver_is_not_built_needs_no_registry_and_no_blacklist(pool: PoolWanted) -> None:
    look = site(mi300(), h100())
    assert verdicts(pool, look, "amd.registry") == verdicts(pool, look, "amd.blacklist") == []


# ---- AMD: the kernel's own driver ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("configs", "expected"),
    [
        ([], "fail"),
        ([settings(path="/etc/modprobe.d/nouveau.conf")], "fail"),
        ([settings(path="/etc/amdgpu.conf")], "fail"),
        ([settings("master", "/etc/modprobe.d/amdgpu-blacklist.conf")], "fail"),
        ([settings(arguments=["modprobe.blacklist=nouveau"])], "fail"),
        ([settings(path="/etc/modprobe.d/amdgpu-blacklist.conf")], "pass"),
        ([settings(arguments=["quiet modprobe.blacklist=nouveau,amdgpu"])], "pass"),
    ],
)
def test_kernels_own_driver_has_to_be_kept_out_by_a_machine_config_of_the_pool(configs: Sequence[Mapping[str, Any]], expected: str) -> None:
    assert verdicts(AMD, site(mi300(), configs=configs), "amd.blacklist") == [expected]


def test_blacklist_that_the_document_asks_for_is_enough_for_all_pools_of_the_role() -> None:
    other = replace(AMD, name="other", nodes={"gpu": "b"}, driver=DriverWanted(blacklist=True))
    look = site(mi300(), mi300("b", labels={"gpu": "b", "feature.node.kubernetes.io/amd-gpu": "false"}))
    plan = planned(desired(AMD, other), look)
    assert not failed(plan, "amd.blacklist")
    assert failed(planned(desired(AMD), look), "amd.blacklist")[0].severity == "warning"


def test_settings_of_nodes_that_are_not_known_are_not_evaluated() -> None:
    look = site(mi300(), h100(), pools=())
    assert verdicts(AMD, look, "amd.blacklist") == verdicts(VM, look, "vm.iommu") == ["not_evaluated"]
    unread = site(mi300())
    unread.listed = {**unread.listed, CONFIGS: Listed("forbidden", reason="no right")}
    assert verdicts(AMD, unread, "amd.blacklist") == ["not_evaluated"]


def test_names_of_files_with_settings_of_modules_stay_and_never_what_is_in_them() -> None:
    item = settings(path="/etc/modprobe.d/amdgpu-blacklist.conf", arguments=["intel_iommu=on"])
    item["metadata"]["managedFields"] = [{"manager": "somebody"}]
    slim = kept(BY_ID[CONFIGS], item, "machineconfiguration.openshift.io/v1")
    assert slim["spec"] == {"config": {"files": 1, "modprobe": ["amdgpu-blacklist.conf"]}, "kernelArguments": ["intel_iommu=on"]}
    assert verdicts(AMD, site(mi300(), configs=[slim]), "amd.blacklist") == ["pass"]


# ---- VMs -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("configs", "expected"),
    [
        ([], "fail"),
        ([settings(arguments=["intel_iommu=off"])], "fail"),
        ([settings("master", arguments=["intel_iommu=on"])], "fail"),
        ([settings(arguments=["intel_iommu=on"])], "pass"),
        ([settings(arguments=["amd_iommu=on iommu=pt"])], "pass"),
    ],
)
def test_passthrough_without_the_argument_for_the_iommu_is_a_warning(configs: Sequence[Mapping[str, Any]], expected: str) -> None:
    look = site(h100(), configs=configs)
    assert verdicts(VM, look, "vm.iommu") == [expected]
    for found in failed(planned(desired(VM), look), "vm.iommu"):
        assert found.severity == "warning"
        assert "not made from here" in found.message
