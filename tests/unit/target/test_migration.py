# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The migration toolkit and its providers, maps, plans and migrations."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.target.objects import moment, seconds_between

from tests.tools.generator.target_objects import conditions, named, reference

from .samples import HOOK, MIGRATION, MTV, NETWORK_MAP, OLD_PLAN, PLAN, STORAGE_MAP
from .support import Record, demo, only, records_of

GROUP = "forklift.konveyor.io"
CONTROLLERS = f"forkliftcontrollers.{GROUP}"


def toolkit(spec: dict[str, Any], status: dict[str, Any] | None = None, **others: Any) -> Record:
    item = named("forklift-controller", MTV, spec=spec, status=status or {})
    return only("migration_toolkit", CONTROLLERS, item, **others)


def subscription(package: str, installed: str) -> dict[str, Any]:
    return named(package, MTV, spec={"name": package}, status={"installedCSV": installed} if installed else {})


def test_toolkit_that_sets_nothing_has_the_documented_defaults() -> None:
    record = toolkit({})
    assert (record["max_vm_inflight"], record["precopy_interval_minutes"]) == (20, 60)
    assert (record["snapshot_removal_timeout_minutes"], record["filesystem_overhead_percent"]) == (120, 10)
    assert (record["vddk_image"], record["features"]) == ("", {})


def test_toolkit_shows_its_limits_and_switches_as_numbers_or_texts() -> None:
    spec = {"controller_max_vm_inflight": 5, "controller_precopy_interval": "30", "controller_filesystem_overhead": "x"}
    switches = {
        "feature_copy_offload": "true",
        "feature_validation": False,
        "controller_static_udn_ip_addresses": "false",
        "k8s_cluster": "true",
    }
    record = toolkit({**spec, **switches})
    assert (record["max_vm_inflight"], record["precopy_interval_minutes"]) == (5, 30)
    assert record["unknown"]["filesystem_overhead_percent"] == "spec.controller_filesystem_overhead is not a whole number"
    expected = {"controller_static_udn_ip_addresses": "false", "feature_copy_offload": "true", "feature_validation": "false"}
    assert record["features"] == expected


@pytest.mark.parametrize(
    ("kinds", "available"),
    [(conditions("Running"), True), (conditions("Successful", Failure="False"), True), (conditions("Running", "Failure"), False)],
)
def test_toolkit_is_available_when_its_controller_runs(kinds: list[dict[str, str]], available: bool) -> None:
    assert toolkit({}, {"conditions": kinds})["available"] is available
    assert "available" not in toolkit({})


def test_version_of_the_toolkit_comes_from_the_subscription_to_its_operator() -> None:
    listed = [
        subscription("kubevirt-hyperconverged", "kubevirt-hyperconverged-operator.v4.21.4"),
        subscription("mtv-operator", "mtv-operator.v2.11.3"),
    ]
    assert toolkit({}, subscriptions=listed)["version"] == "2.11.3"
    pending = toolkit({}, subscriptions=[subscription("mtv-operator", "")])
    assert pending["unknown"]["version"] == "no Subscription to its operator names a version"
    assert "does not serve" in toolkit({})["unknown"]["version"]


def test_pod_security_of_its_namespace_is_known_where_namespaces_are() -> None:
    own = named(MTV, labels={"pod-security.kubernetes.io/enforce": "restricted"}, status={})
    assert toolkit({}, namespaces=[own])["namespace_enforces"] == "restricted"
    assert toolkit({}, namespaces=[named(MTV, status={})])["namespace_enforces"] == ""
    assert "namespace_enforces" not in toolkit({})


def test_provider_shows_its_settings_and_conditions_and_names_its_secret() -> None:
    found = records_of(demo())
    record = found["provider", f"{MTV}/vc-south"]
    assert (record["type"], record["url"]) == ("vsphere", "https://vc-south.example.com/sdk")
    assert (record["secret"], record["ready"]) == (f"{MTV}/vc-south-credentials", True)
    assert (record["sdk_endpoint"], record["esxi_clone_method"]) == ("vcenter", "")
    assert record["conditions"]["ConnectionTestSucceeded"] == "Required"
    assert found["provider", f"{MTV}/host"]["secret"] == ""


def test_provider_that_nobody_looked_at_yet_is_neither_ready_nor_not() -> None:
    record = only("provider", f"providers.{GROUP}", named("new", MTV, spec={"type": "vsphere", "secret": {"name": "s"}}))
    assert {"ready", "conditions"} == record["unknown"].keys()
    assert record["secret"] == f"{MTV}/s"


def test_host_names_its_esxi_host_or_does_not_know_it() -> None:
    spec = {"id": "host-12", "ipAddress": "10.0.0.5", "provider": reference("vc", MTV), "secret": reference("s", MTV)}
    record = only("migration_host", f"hosts.{GROUP}", named("h", MTV, spec=spec, status={"conditions": conditions(Ready="false")}))
    assert (record["host"], record["address"], record["provider"], record["ready"]) == ("host-12", "10.0.0.5", f"{MTV}/vc", False)
    assert "host" not in only("migration_host", f"hosts.{GROUP}", named("h", MTV, spec={**spec, "id": None}))


def test_maps_list_the_ids_of_their_sources_or_their_names() -> None:
    network, storage = only("network_map", f"networkmaps.{GROUP}", NETWORK_MAP), only("storage_map", f"storagemaps.{GROUP}", STORAGE_MAP)
    assert network["sources"] == ["dvportgroup-100", "/dc/network/VM Network"]
    assert (network["ready"], network["source_provider"], network["destination_provider"]) == (True, f"{MTV}/vc", f"{MTV}/host")
    assert (storage["sources"], storage["ready"]) == (["datastore-15"], False)
    assert only("hook", f"hooks.{GROUP}", HOOK)["ready"] is True


def test_plan_shows_what_came_of_each_vm() -> None:
    record = only("migration_plan", f"plans.{GROUP}", PLAN)
    assert (record["type"], record["archived"], record["target_namespace"], record["ready"]) == ("warm", False, "web", True)
    assert (record["network_map"], record["storage_map"]) == (f"{MTV}/vc-networks", f"{MTV}/vc-storage")
    assert record["conditions"] == {"Ready": "Required", "TargetNameNotValid": "Warn"}
    assert record["labels"] == {"readiness.groundwork.io/wave": "1"}
    done, broken, stopped, waiting = record["vms"]
    assert (done["moref"], done["target_name"], done["phase"]) == ("vm-101", "shop-web-01", "Completed")
    assert (done["succeeded"], done["failed"], done["canceled"]) == (True, False, False)
    assert (done["started_at"], done["completed_at"]) == ("2026-09-05T20:00:00Z", "2026-09-05T21:00:00Z")
    assert (done["transferred_bytes"], done["transfer_seconds"], done["conversion_seconds"]) == (61440 << 20, 1800.0, 450.0)
    assert (broken["failed"], broken["transferred_bytes"]) == (True, 512 << 20)
    assert "transfer_seconds" not in broken
    assert (stopped["canceled"], stopped["name"]) == (True, "web-03")
    assert (waiting["phase"], waiting["succeeded"], waiting["failed"]) == ("", False, False)
    assert "started_at" not in waiting


def test_older_plan_is_warm_by_its_flag_and_names_its_vm() -> None:
    record = only("migration_plan", f"plans.{GROUP}", OLD_PLAN)
    assert (record["type"], record["archived"]) == ("warm", True)
    assert record["vms"] == [{"name": "web-05", "target_name": "", "phase": "", "succeeded": False, "failed": False, "canceled": False}]
    plain = named("p", MTV, spec={"vms": []})
    assert only("migration_plan", f"plans.{GROUP}", plain)["type"] == "cold"


def test_vm_that_was_taken_from_a_plan_after_its_migration_is_kept() -> None:
    item = {**PLAN, "spec": {**PLAN["spec"], "vms": []}}
    assert [vm["moref"] for vm in only("migration_plan", f"plans.{GROUP}", item)["vms"]] == ["vm-101", "vm-102", "vm-103"]


def test_transfer_in_a_unit_that_nobody_knows_has_no_bytes() -> None:
    steps = [{"name": "DiskTransferV2v", "progress": {"completed": 3, "total": 3}, "annotations": {"unit": "chunks"}}]
    state = {"id": "vm-1", "phase": "x", "pipeline": steps}
    item = named("p", MTV, spec={"vms": [{"id": "vm-1"}]}, status={"migration": {"vms": [state]}})
    assert "transferred_bytes" not in only("migration_plan", f"plans.{GROUP}", item)["vms"][0]


def test_migration_runs_from_its_beginning_to_its_end() -> None:
    record = only("migration", f"migrations.{GROUP}", MIGRATION)
    assert (record["plan"], record["running"], record["completed_at"]) == (f"{MTV}/pilot", True, "")
    assert record["cutover_at"] == "2026-09-05T21:00:00Z"
    ended = {**MIGRATION, "status": {"started": "2026-09-05T20:00:00Z", "completed": "2026-09-05T22:00:00Z"}}
    assert only("migration", f"migrations.{GROUP}", ended)["running"] is False
    waiting = only("migration", f"migrations.{GROUP}", {**MIGRATION, "status": {}})
    assert (waiting["started_at"], waiting["running"]) == ("", False)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", None, 5, "Z"])
def test_what_is_no_moment_is_empty(text: Any) -> None:
    assert moment(text) == ""


def test_time_between_moments_needs_both_in_their_order() -> None:
    assert seconds_between("2026-01-01T00:00:00Z", "2026-01-01T01:00:30+01:00") == 30.0
    assert seconds_between("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z") is None
    assert seconds_between("", "2026-01-01T00:00:00Z") is None
