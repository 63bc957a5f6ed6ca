# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of the source: what no object showed, and what was odd."""

from __future__ import annotations

from typing import Any

from .machine_reads import machine, plain_machine
from .reads import CAPTURED_AT, REFUSED, an_object, changed, inventory, live_estate, without


def source_of(*machines: Any, reads: Any = None) -> dict[str, Any]:
    """The source's record after these VMs."""
    live = live_estate(reads)
    list(live.objects())
    for read in machines:
        live.vm(read)
    return live.source("a" * 64)


def test_source_names_the_server_and_counts_its_vms() -> None:
    source = source_of(machine(), plain_machine())
    assert (source["id"], source["name"], source["type"]) == ("vc-north.example.com@4a0d747a", "vc-north.example.com", "vcenter")
    assert (source["vm_count"], source["captured_at"], source["sha256"]) == (2, CAPTURED_AT, "a" * 64)
    assert source["tool_version"] == "VMware vCenter Server 8.0.3 build-24322831"
    assert (source["not_seen"], source["notices"]) == ([], [])


def test_property_that_every_object_refused_is_not_seen() -> None:
    refused = [without(read, "config.extraConfig", REFUSED) for read in (machine(), plain_machine())]
    (entry,) = source_of(*refused)["not_seen"]
    assert entry["what"] == "VirtualMachine: config.extraConfig"
    assert entry["facts"] == ["advanced_settings", "disk_enable_uuid", "numa_node_affinity"]
    assert entry["reason"] == f"{REFUSED} (2 objects)"


def test_property_that_some_objects_refused_is_noted_with_a_remedy() -> None:
    source = source_of(without(machine(), "snapshot", REFUSED), plain_machine())
    assert source["not_seen"] == []
    (notice,) = source["notices"]
    assert notice["code"] == "property_not_read"
    assert notice["message"] == f"VirtualMachine: snapshot of 1 of 2 objects: {REFUSED}"
    assert "privilege" in notice["remedy"]


def test_word_of_a_later_release_is_noted_once_with_its_count() -> None:
    strange = [changed(read, runtime__connectionState="superposed") for read in (machine(), plain_machine())]
    (notice,) = source_of(*strange)["notices"]
    assert notice["code"] == "word_unknown"
    assert notice["message"] == "vm.connection_state: the server says 'superposed', a word that this version does not know (2 objects)"


def test_facts_that_objects_out_of_sight_hide_from_every_vm_are_not_seen() -> None:
    reads = [read for read in inventory() if read.type != "HostSystem"]
    source = source_of(machine(), plain_machine(), reads=reads)
    facts = {fact for entry in source["not_seen"] for fact in entry["facts"]}
    assert "host" in facts
    assert "cpu_count" not in facts


def test_problems_of_the_reading_stand_before_those_of_the_mapping() -> None:
    live = live_estate()
    live.vm(changed(machine(), runtime__powerState="dreaming"))
    problem = {"code": "object_vanished", "message": "vm-99 was gone when it was read"}
    notices = live.source("a" * 64, [problem])["notices"]
    assert [notice["code"] for notice in notices] == ["object_vanished", "word_unknown"]


def test_same_reads_give_the_same_records_in_any_order() -> None:
    first = [*live_estate().objects()]
    assert [*live_estate(reversed(inventory())).objects()] == first


def test_licences_that_were_refused_are_not_seen_though_there_is_no_record_of_one() -> None:
    refused = "no permission: privilege Global.Licenses is missing"
    reads = [without(read, "licenses", refused) if read.type == "LicenseManager" else read for read in inventory()]
    (entry,) = source_of(machine(), reads=reads)["not_seen"]
    assert entry["what"] == "LicenseManager: licenses"
    assert "license.edition" in entry["facts"]
    assert entry["reason"] == "no permission: privilege Global.Licenses is missing (1 object)"


def test_property_of_a_base_class_that_feeds_nothing_here_is_not_spoken_of() -> None:
    reads = [without(read, "config.cpuAllocation.limit", REFUSED) if read.type == "VirtualApp" else read for read in inventory()]
    source = source_of(machine(), reads=reads)
    assert (source["not_seen"], source["notices"]) == ([], [])


def test_whole_of_a_path_that_was_refused_by_its_first_part_takes_all_facts_below() -> None:
    read = machine()
    for path in [path for path in read.values if path.startswith("guest.")]:
        read = without(read, path)
    live = live_estate()
    vm = live.vm(without(read, "guest", REFUSED))
    assert {vm["unknown"][fact] for fact in ("guest_hostname", "guest_ips", "partitions", "tools_status")} == {REFUSED}


def test_objects_of_a_class_of_a_later_release_are_counted_and_left_out() -> None:
    strange = an_object("QuantumNetwork", "qnet-1", "q", None)
    (notice,) = source_of(machine(), reads=[*inventory(), strange])["notices"]
    assert notice["code"] == "class_unknown"
    assert notice["message"] == "1 object of class QuantumNetwork, which this version does not know, left out"
