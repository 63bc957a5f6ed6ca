# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault that the simulated vCenter can have: the read survives it with the same bytes, or names exactly what it could not read.

A test is named test_<fault>__<what becomes of the read>; docs/faults.md is made from these names.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import ArtifactReader
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError

from tests.counterparts.vcenter import Simulator, vcenter
from tests.integration.live import Read, read
from tests.tools.compare_estates import NOT_EVALUATED, PASS, Comparison, compare
from tests.tools.faults_page import fault_rows, page

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE_SIZE = 10
"""Small enough for several pages of VMs."""

SHARED_DISK = "vmware.disk.shared.detected"
PARTS_OF_DEVICES = ("disks", "nics", "controllers", "devices", "usb", "removable_media")


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with vcenter(name="vc-north.example.com", vms=60, seed=1) as started:
        yield started


@pytest.fixture(scope="module")
def undisturbed(simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Read:
    return read(simulator, tmp_path_factory.mktemp("undisturbed") / "estate.jsonl", page_size=PAGE_SIZE)


@pytest.fixture(autouse=True)
def calm(simulator: Simulator) -> Iterator[None]:
    yield
    simulator.disarm()


def struck(simulator: Simulator, fault: str) -> int:
    """How often a fault has struck: a test whose fault never came would prove nothing."""
    counters: dict[str, Any] = simulator.counters()
    return int(counters["faults"].get(fault, 0))


def disturbed(simulator: Simulator, dest: Path, fault: str, **options: Any) -> Read:
    """The estate as it is read under a fault, and the check that the fault has struck."""
    settings = {key: options.pop(key) for key in ("page_size", "request_timeout_seconds", "deadline_minutes") if key in options}
    before = struck(simulator, fault)
    simulator.arm(fault, **options)
    found = read(simulator, dest, page_size=settings.pop("page_size", PAGE_SIZE), **settings)
    assert struck(simulator, fault) > before, f"{fault} never struck"
    return found


def refused(simulator: Simulator, dest: Path, **settings: Any) -> ReadinessError:
    """The error of a read that cannot be done; nothing is left of it."""
    with pytest.raises(ReadinessError) as raised:
        read(simulator, dest, page_size=PAGE_SIZE, **settings)
    assert list(dest.parent.iterdir()) == []
    assert simulator.password not in raised.value.text()
    return raised.value


def judged(undisturbed: Read, found: Read) -> Comparison:
    """Both assessments, pair by pair: what differs may be open, and nothing else."""
    made = compare(undisturbed.assessed(), found.assessed())
    assert [difference.text() for difference in made.differences] == []
    return made


def not_evaluated(found: Read) -> set[tuple[str, str]]:
    """The (VM, rule) pairs that are open."""
    return {(vm, rule) for vm, rules in found.assessed().results.items() for rule, result in rules.items() if result == NOT_EVALUATED}


def same_bytes(undisturbed: Read, found: Read) -> bool:
    return found.path.read_bytes() == undisturbed.path.read_bytes()


# ---- the transport: the same bytes, or an error that says what to do ------------------------------------------------


def test_http_503__the_call_is_sent_again_and_the_estate_is_the_same(simulator: Simulator, undisturbed: Read, tmp_path: Path) -> None:
    found = disturbed(simulator, tmp_path / "estate.jsonl", "http_503", after=3, count=2)
    assert same_bytes(undisturbed, found)


def test_dropped_connection__the_page_is_read_again_and_the_estate_is_the_same(
    simulator: Simulator, undisturbed: Read, tmp_path: Path
) -> None:
    found = disturbed(simulator, tmp_path / "estate.jsonl", "dropped_connection", after=4)
    assert same_bytes(undisturbed, found)


def test_truncated_response__the_page_is_read_again_and_the_estate_is_the_same(
    simulator: Simulator, undisturbed: Read, tmp_path: Path
) -> None:
    found = disturbed(simulator, tmp_path / "estate.jsonl", "truncated_response", after=4)
    assert same_bytes(undisturbed, found)


def test_slow_page__it_is_waited_for_and_the_estate_is_the_same(simulator: Simulator, undisturbed: Read, tmp_path: Path) -> None:
    found = disturbed(simulator, tmp_path / "estate.jsonl", "slow_page", after=2, seconds=2)
    assert same_bytes(undisturbed, found)


def test_hung_page__it_is_given_up_after_the_timeout_and_read_again(simulator: Simulator, undisturbed: Read, tmp_path: Path) -> None:
    found = disturbed(simulator, tmp_path / "estate.jsonl", "hung_page", after=2, request_timeout_seconds=2)
    assert same_bytes(undisturbed, found)


def test_session_expiry_mid_page__a_new_login_goes_on_where_the_old_one_stopped(
    simulator: Simulator, undisturbed: Read, tmp_path: Path
) -> None:
    found = disturbed(simulator, tmp_path / "estate.jsonl", "session_expiry_mid_page", after=5)
    assert same_bytes(undisturbed, found)


def test_wrong_password__one_error_that_says_so_and_nothing_is_written(simulator: Simulator, tmp_path: Path) -> None:
    error = refused(simulator, tmp_path / "estate.jsonl", password="canary-that-must-not-sing")
    assert "user name and the password" in error.text()
    assert "canary-that-must-not-sing" not in error.text()


def test_missing_session_cookie__one_error_that_names_proxies(simulator: Simulator, tmp_path: Path) -> None:
    simulator.arm("missing_session_cookie")
    assert "no session" in refused(simulator, tmp_path / "estate.jsonl").text()


def test_bad_certificate__refused_unless_the_user_says_otherwise_and_then_noted(tmp_path: Path) -> None:
    with vcenter(name="vc-bad.example.com", vms=5, seed=3, bad_certificate=True) as stranger:
        error = refused(stranger, tmp_path / "estate.jsonl")
        assert error.problems[0].remedy and "ca_path" in error.text()
        found = read(stranger, tmp_path / "estate.jsonl", validate_certs=False)
    assert "certificate_not_verified" in [notice["code"] for notice in found.source["notices"]]


def test_nobody_listens__one_error_that_names_the_server_and_nothing_is_written(simulator: Simulator, tmp_path: Path) -> None:
    error = refused(simulator, tmp_path / "estate.jsonl", port=1)
    assert "127.0.0.1" in error.text()


# ---- what the server refuses or cannot answer: unknown with the reason, the rest as ever ----------------------------


def test_no_permission_property__the_fact_is_unknown_with_the_reason_and_no_rule_passes_for_it(
    simulator: Simulator, undisturbed: Read, tmp_path: Path
) -> None:
    found = disturbed(simulator, tmp_path / "estate.jsonl", "no_permission_property", paths=["config.hardware.device"])
    for vm in found.vms.values():
        assert not set(PARTS_OF_DEVICES) & vm.keys()
        assert vm["unknown"]["disks"] == "no permission: privilege System.Read is missing"
    made = judged(undisturbed, found)
    assert made.export[NOT_EVALUATED] > made.live[NOT_EVALUATED]


def test_no_permission_objects__those_objects_alone_are_unknown_with_the_reason(
    simulator: Simulator, undisturbed: Read, tmp_path: Path
) -> None:
    chosen = sorted(undisturbed.vms)[:3]
    found = disturbed(simulator, tmp_path / "estate.jsonl", "no_permission_objects", objects=chosen)
    assert found.vms.keys() == undisturbed.vms.keys()
    for moref in chosen:
        assert "System.Read" in " ".join(found.vms[moref]["unknown"].values())
        assert "cpu_count" not in found.vms[moref]
    others = found.vms.keys() - set(chosen)
    assert {moref: found.vms[moref]["cpu_count"] for moref in others} == {moref: undisturbed.vms[moref]["cpu_count"] for moref in others}
    judged(undisturbed, found)


def test_no_read_access_subtree__what_is_left_is_right_and_the_report_says_that_vms_may_be_invisible(
    simulator: Simulator, undisturbed: Read, tmp_path: Path
) -> None:
    cluster = next(record for record in undisturbed.records["cluster"].values() if record["host_count"])
    found = disturbed(simulator, tmp_path / "estate.jsonl", "no_read_access_subtree", objects=[cluster["moref"]])
    assert found.vms.keys() < undisturbed.vms.keys() or found.records["host"].keys() < undisturbed.records["host"].keys()
    assert "vms_may_be_invisible" in [notice["code"] for notice in found.source["notices"]]
    # Nobody knows who shares a disk with a VM that is not seen: nothing that is judged by comparison passes.
    results = found.assessed().results
    assert not [vm for vm, rules in results.items() if found.records["vm"][vm].get("disks") and rules[SHARED_DISK] == PASS]
    assert all("vm_count" not in host for host in found.records["host"].values())
    assert all("host_count" not in network for network in found.records["network"].values())


def test_no_read_access_subtree__a_hidden_datastore_opens_more_rules_and_never_fewer_beside_an_unreadable_vm(
    simulator: Simulator, tmp_path: Path
) -> None:
    blind = {"paths": ["config.hardware.device", "layoutEx.file", "config.files.vmPathName"], "objects": ["vm-117"]}
    alone = disturbed(simulator, tmp_path / "alone.jsonl", "no_permission_property", **blind)
    open_alone = not_evaluated(alone)
    found = disturbed(simulator, tmp_path / "hidden.jsonl", "no_read_access_subtree", objects=["datastore-31"])
    assert any(rule == SHARED_DISK for _vm, rule in open_alone)
    assert open_alone <= not_evaluated(found)
    judged(alone, found)


@pytest.mark.parametrize("path", ["config.template", "config.managedBy", "runtime.connectionState"])
def test_no_permission_property__a_vm_that_may_be_out_of_scope_has_a_provisional_verdict(
    simulator: Simulator, tmp_path: Path, path: str
) -> None:
    found = disturbed(simulator, tmp_path / "estate.jsonl", "no_permission_property", paths=[path])
    found.assessed()
    judgements = [record for record in ArtifactReader(tmp_path / "assessment-of-estate.jsonl", "assessment") if record["kind"] == "vm"]
    assert judgements
    assert all(record["provisional"] or record["verdict"] == "blocked" for record in judgements)
    (notice,) = found.records["notice"].values()
    assert notice["code"] == "scope_undecided"


def test_no_propagation__what_can_be_seen_is_right_and_the_report_says_that_vms_may_be_invisible(
    simulator: Simulator, undisturbed: Read, tmp_path: Path
) -> None:
    shown = next(iter(undisturbed.records["datacenter"].values()))
    found = disturbed(simulator, tmp_path / "estate.jsonl", "no_propagation", objects=[shown["moref"]])
    there = {moref for moref, vm in undisturbed.vms.items() if vm["datacenter"] == shown["name"]}
    assert found.vms.keys() == there < undisturbed.vms.keys()
    assert "vms_may_be_invisible" in [notice["code"] for notice in found.source["notices"]]
    judged(undisturbed, found)


def test_server_fault_property__it_is_narrowed_down_to_the_property_and_named(
    simulator: Simulator, undisturbed: Read, tmp_path: Path
) -> None:
    found = disturbed(simulator, tmp_path / "estate.jsonl", "server_fault_property", paths=["config.extraConfig"])
    assert found.vms.keys() == undisturbed.vms.keys()
    for moref, vm in found.vms.items():
        assert vm["unknown"]["numa_node_affinity"].startswith(("the server answered", "the server fails to answer"))
        assert vm["cpu_count"] == undisturbed.vms[moref]["cpu_count"]
    judged(undisturbed, found)


def test_server_fault_object__it_is_narrowed_down_to_the_object_and_named(simulator: Simulator, undisturbed: Read, tmp_path: Path) -> None:
    chosen = sorted(undisturbed.vms)[7]
    found = disturbed(simulator, tmp_path / "estate.jsonl", "server_fault_object", objects=[chosen])
    assert found.vms.keys() | {chosen} == undisturbed.vms.keys()
    told = str(found.source["notices"]) + str(found.vms.get(chosen, {}).get("unknown", ""))
    assert chosen in told or "the server answered" in told
    for moref in found.vms.keys() - {chosen}:
        assert found.vms[moref]["cpu_count"] == undisturbed.vms[moref]["cpu_count"]


def test_unknown_enum__the_word_is_named_and_the_fact_is_unknown(simulator: Simulator, undisturbed: Read, tmp_path: Path) -> None:
    chosen = sorted(undisturbed.vms)[3]
    found = disturbed(simulator, tmp_path / "estate.jsonl", "unknown_enum", objects=[chosen], value="quiescedByMoon")
    assert found.vms.keys() == undisturbed.vms.keys()
    assert "quiescedByMoon" in str(found.vms[chosen]) + str(found.source["notices"])
    judged(undisturbed, found)


def test_vanishing_vm__it_is_reported_by_its_id_and_the_others_are_the_same(simulator: Simulator, tmp_path: Path) -> None:
    with vcenter(name="vc-short.example.com", vms=12, seed=4) as short:
        before = read(short, tmp_path / "before.jsonl", page_size=5)
        chosen = max(before.vms)
        short.arm("vanishing_vm", objects=[chosen])
        after = read(short, tmp_path / "after.jsonl", page_size=5)
    assert after.vms.keys() == before.vms.keys() - {chosen}
    (notice,) = [notice for notice in after.source["notices"] if notice["code"] == "objects_vanished"]
    assert chosen in notice["message"]


# ---- what is read beside the property collector: left out with the reason -------------------------------------------


def test_session_expiry_rest__a_new_session_is_made_and_the_tags_are_the_same(
    simulator: Simulator, undisturbed: Read, tmp_path: Path
) -> None:
    found = disturbed(simulator, tmp_path / "estate.jsonl", "session_expiry_rest", after=2)
    assert {moref: vm.get("tags") for moref, vm in found.vms.items()} == {moref: vm.get("tags") for moref, vm in undisturbed.vms.items()}


def test_older_rest_only__the_older_form_is_asked_and_the_estate_is_the_same(
    simulator: Simulator, undisturbed: Read, tmp_path: Path
) -> None:
    found = disturbed(simulator, tmp_path / "estate.jsonl", "older_rest_only")
    assert same_bytes(undisturbed, found)


def test_rest_unavailable__tags_are_unknown_with_the_reason_and_all_else_is_read(
    simulator: Simulator, undisturbed: Read, tmp_path: Path
) -> None:
    found = disturbed(simulator, tmp_path / "estate.jsonl", "rest_unavailable")
    assert all("tags" not in vm for vm in found.vms.values())
    assert "tags" in str(found.source["not_seen"])
    judged(undisturbed, found)


def test_performance_unavailable__history_is_unknown_with_the_reason_and_all_else_is_read(
    simulator: Simulator, undisturbed: Read, tmp_path: Path
) -> None:
    simulator.arm("performance_unavailable")
    found = read(simulator, tmp_path / "estate.jsonl", performance_days=30)
    assert struck(simulator, "performance_unavailable")
    assert all("cpu_usage_p95_mhz" not in vm for vm in found.vms.values())
    assert "cpu_usage_p95_mhz" in str(found.source["not_seen"])
    judged(undisturbed, found)


def test_storage_policies_missing__policies_are_unknown_with_the_reason_and_all_else_is_read(
    simulator: Simulator, undisturbed: Read, tmp_path: Path
) -> None:
    found = disturbed(simulator, tmp_path / "estate.jsonl", "storage_policies_missing")
    assert all("storage_policy" not in vm for vm in found.vms.values())
    assert "storage_policy" in str(found.source["not_seen"])
    judged(undisturbed, found)


# ---- the table -------------------------------------------------------------------------------------------------------


def test_every_fault_of_the_simulator_has_a_test(simulator: Simulator) -> None:
    assert simulator.faults().keys() <= {row.fault for row in fault_rows()}


def test_the_page_of_faults_is_made_from_these_names() -> None:
    assert (CHECKOUT / "docs" / "faults.md").read_text(encoding="utf-8") == page()
