# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How VMs are grouped: by what is known of them, by conditions, by keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .support import LINUX, WINDOWS, Ansible, add_plan, judged, make_run, named, of_vms, write_inventory


def test_verdicts_make_groups_and_provisional_ones_stand_apart(ansible: Ansible, tmp_path: Path) -> None:
    names = {"vm-1": ("ready", False), "vm-2": ("ready", True), "vm-3": ("blocked", True), "vm-4": ("not_evaluated", False)}
    verdicts = [judged(moref, verdict, provisional=provisional) for moref, (verdict, provisional) in names.items()]
    run = make_run(tmp_path / "r", [named(moref, moref) for moref in names], verdicts)
    loaded = ansible.load(write_inventory(tmp_path, run_dir=run))
    assert loaded.group("verdict_ready") == ["vm-1"]
    assert loaded.group("verdict_ready_provisional") == ["vm-2"]
    assert loaded.group("verdict_blocked_provisional") == ["vm-3"]
    assert loaded.group("verdict_not_evaluated") == ["vm-4"]
    assert loaded.group("verdict_blocked") == []
    assert loaded.group("readiness_vms") == ["vm-1", "vm-2", "vm-3", "vm-4"]


def test_default_groups_are_those_of_verdict_wave_cluster_os_owner_and_power(ansible: Ansible, tmp_path: Path) -> None:
    vm = named("vm-1", "a", cluster="prod-01", power_state="poweredOn", owner="team-erp@example.com", environment="test", **WINDOWS)
    run = make_run(tmp_path / "r", [vm], [judged("vm-1", "ready")])
    add_plan(run, {"vm-1": 2})
    expected = {
        "readiness_vms",
        "verdict_ready",
        "wave_2",
        "cluster_prod_01",
        "os_Windows_Server_2022",
        "owner_team_erp_example_com",
        "power_poweredOn",
    }
    loaded = ansible.load(write_inventory(tmp_path, run_dir=run))
    assert loaded.made() == expected
    assert loaded.hosts["a"]["vm_wave"] == 2


@pytest.mark.parametrize(
    ("group_by", "expected"),
    [
        ([], set()),
        (["cluster"], {"cluster_c1"}),
        (["datastores"], {"datastore_gold", "datastore_silver"}),
        (["networks"], {"network_app_110"}),
        (["tags"], {"tag_Tier_gold", "tag_plain"}),
        (["os_type"], {"os_type_linux"}),
        (["vcenter"], {"vcenter_vc_north_example_com"}),
        (["environment", "criticality", "application"], {"environment_test", "application_ERP"}),
        (["folder", "vapp", "host"], {"folder_Production_ERP"}),
    ],
)
def test_each_grouping_can_be_asked_for(ansible: Ansible, tmp_path: Path, group_by: list[str], expected: set[str]) -> None:
    facts = {
        "cluster": "c1",
        "datastores": ["gold", "silver"],
        "nics": [{"key": 4000, "network": "app-110"}, {"key": 4001, "network": "app-110"}, {"key": 4002}],
        "tags": ["Tier/gold", "plain"],
        "environment": "test",
        "application": "ERP",
        "criticality": "",
        "folder": "Production/ERP",
        "vapp": "",
    }
    loaded = ansible.load(of_vms(tmp_path, named("vm-1", "a", **facts, **LINUX), group_by=group_by, vms_group=""))
    assert loaded.made() == expected


def test_failed_rules_make_groups_on_request(ansible: Ansible, tmp_path: Path) -> None:
    finding = {"rule": "vmware.cbt.disabled", "result": "fail", "evidence": []}
    run = make_run(
        tmp_path / "r", [named("vm-1", "a"), named("vm-2", "b")], [judged("vm-1", "ready", findings=[finding]), judged("vm-2", "ready")]
    )
    loaded = ansible.load(write_inventory(tmp_path, run_dir=run, group_by=["findings"], facts=["name"]))
    assert loaded.group("finding_vmware_cbt_disabled") == ["a"]


def test_values_that_make_the_same_group_are_named(ansible: Ansible, tmp_path: Path) -> None:
    loaded = ansible.load(of_vms(tmp_path, named("vm-1", "a", cluster="prod-1"), named("vm-2", "b", cluster="prod 1")))
    assert loaded.group("cluster_prod_1") == ["a", "b"]
    assert "cluster_prod_1 (cluster 'prod 1', cluster 'prod-1')" in loaded.said


@pytest.mark.parametrize(
    ("facts", "options", "owner"),
    [
        ({"owner": "erp", "tags": ["Owner/web"]}, {}, "erp"),
        ({"owner": "", "tags": ["Owner/web"]}, {}, "web"),
        ({"tags": ["owner/web", "owner/db", "Tier/gold"]}, {}, "db, web"),
        ({"custom_attributes": {"Owner": "ops"}}, {}, "ops"),
        ({"owner": "erp", "custom_attributes": {"Contact": "ops"}}, {"owner_from": ["attribute:contact", "annotation"]}, "ops"),
        ({"owner": "erp"}, {"owner_from": ["tag:Owner"]}, None),
        ({}, {}, None),
    ],
)
def test_owner_comes_from_the_first_place_that_names_one(
    ansible: Ansible, tmp_path: Path, facts: dict[str, Any], options: dict[str, Any], owner: str | None
) -> None:
    loaded = ansible.load(of_vms(tmp_path, named("vm-1", "a", **facts), **options))
    assert loaded.hosts["a"].get("vm_owner") == owner
    assert {name for name in loaded.groups if name.startswith("owner_")} == {f"owner_{name}" for name in (owner or "").split(", ") if name}


def test_conditions_keys_and_expressions_work_as_in_every_inventory_plugin(ansible: Ansible, tmp_path: Path) -> None:
    vms = [
        named("vm-1", "a", memory_mib=131072, environment="test", **WINDOWS),
        named("vm-2", "b", memory_mib=4096, environment="production", **LINUX),
        named("vm-3", "c"),
    ]
    loaded = ansible.load(
        of_vms(
            tmp_path,
            *vms,
            compose={"ansible_user": "'Administrator' if vm_os_type == 'windows' else 'ansible'", "twice": "vm_memory_mib * 2"},
            groups={
                "large": "vm_memory_mib >= 65536",
                "without-environment": "vm_environment is not defined",
                "doubled": "twice | int > 10000",
            },
            keyed_groups=[{"key": "vm_environment", "prefix": "env"}, {"key": "ansible_user", "parent_group": "users"}],
            leading_separator=False,
        )
    )
    assert loaded.hosts["a"]["ansible_user"] == "Administrator"
    assert str(loaded.hosts["b"]["twice"]) == "8192"  # older versions of Ansible make a text of it
    assert "ansible_user" not in loaded.hosts["c"]
    assert loaded.group("large") == loaded.group("doubled") == ["a"]
    assert loaded.group("without_environment") == ["c"]
    assert loaded.group("env_test") == ["a"]
    assert loaded.group("users") == ["a", "b"]
    assert loaded.group("Administrator") == ["a"]


def test_expression_is_worked_out_for_each_vm_that_differs_in_what_it_names(ansible: Ansible, tmp_path: Path) -> None:
    vms = [named(f"vm-{number}", f"n{number}", cpu_count=number % 3, memory_mib=number) for number in range(12)]
    loaded = ansible.load(
        of_vms(
            tmp_path, *vms, compose={"double": "vm_cpu_count * 2", "truth": "vm_cpu_count == 1"}, groups={"even": "vm_memory_mib % 2 == 0"}
        )
    )
    assert {name: int(found["double"]) for name, found in loaded.hosts.items()} == {f"n{number}": number % 3 * 2 for number in range(12)}
    assert {name for name, found in loaded.hosts.items() if str(found["truth"]) == "True"} == {"n1", "n10", "n4", "n7"}
    assert loaded.group("even") == sorted(f"n{number}" for number in range(0, 12, 2))


def test_filters_leave_what_meets_all_of_them(ansible: Ansible, tmp_path: Path) -> None:
    vms = [
        named("vm-1", "a", power_state="poweredOn", cpu_count=4),
        named("vm-2", "b", power_state="poweredOff", cpu_count=4),
        named("vm-3", "c", power_state="poweredOn", cpu_count=1),
        named("vm-4", "d", power_state="poweredOn"),
    ]
    loaded = ansible.load(of_vms(tmp_path, *vms, filters=["vm_power_state == 'poweredOn'", "vm_cpu_count > 1"]))
    assert sorted(loaded.hosts) == ["a"]
    assert "1 VM is not offered because a filter cannot be evaluated, d (vm_cpu_count > 1) for one" in loaded.said


@pytest.mark.parametrize(
    "options",
    [
        {"filters": ["vm_cpu_count > 1"]},
        {"compose": {"x": "vm_cpu_count * 2"}},
        {"groups": {"x": "vm_cpu_count > 1"}},
        {"keyed_groups": [{"key": "vm_cpu_count"}]},
    ],
)
def test_strict_makes_an_expression_that_fails_an_error(ansible: Ansible, tmp_path: Path, options: dict[str, Any]) -> None:
    loaded = ansible.load(of_vms(tmp_path, named("vm-1", "a"), strict=True, **options))
    assert "Failed to parse" in loaded.said
    assert "host a" in loaded.said
