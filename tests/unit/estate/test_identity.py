# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which records are one object, and which id it keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.identity import (
    distinct,
    object_id,
    path_id,
    source_id,
    source_name,
    vm_id,
)

from .samples import OTHER_VCENTER, VCENTER, Record, of, read, run, source, vm, write_estate

PLACE = {"datacenter": "dc", "folder": "/erp", "name": "erp-01"}


def merged(tmp_path: Path, *inputs: list[Record], kind: str = "vm") -> dict[str, Record]:
    """Records of one kind after merging; each input becomes a saved estate of its own."""
    paths = [write_estate(tmp_path / f"{number}.jsonl", records) for number, records in enumerate(inputs)]
    forwards, backwards = tmp_path / "forwards.jsonl", tmp_path / "backwards.jsonl"
    run(forwards, *paths)
    run(backwards, *reversed(paths))
    assert forwards.read_bytes() == backwards.read_bytes()
    return read(forwards).get(kind, {})


def known_by(read_from: str, basis: str, identity: str, **facts: Any) -> Record:
    return of("vm", read_from, identity, id_basis=basis, **{**PLACE, **facts})


def test_the_id_rests_on_the_strongest_key() -> None:
    facts = {"vcenter": "u", "moref": "vm-1", "instance_uuid": "i", "bios_uuid": "b", **PLACE}
    assert vm_id(facts, "a.xlsx", bios_uuid_is_unique=True) == ("u/vm-1", "moref")
    del facts["moref"]
    assert vm_id(facts, "a.xlsx", bios_uuid_is_unique=True) == ("i", "instance_uuid")
    del facts["instance_uuid"]
    assert vm_id(facts, "a.xlsx", bios_uuid_is_unique=True) == ("b", "bios_uuid")
    assert vm_id(facts, "a.xlsx", bios_uuid_is_unique=False) == ("a.xlsx/dc//erp/erp-01", "path")


def test_ids_of_other_objects_and_sources() -> None:
    assert object_id("cluster", "u", "domain-c8", "dc/c1") == "u/domain-c8"
    assert object_id("cluster", "u", "", "dc/c1") == "u/cluster/dc/c1"
    assert source_id("a@b.xlsx", "0123456789abcdef") == "a@b.xlsx@01234567"
    assert source_name("a@b.xlsx@01234567") == "a@b.xlsx"
    assert path_id("a.xlsx", "dc", "f", "n") == "a.xlsx/dc/f/n"


def test_equal_ids_are_told_apart_by_the_tie_breaker_alone() -> None:
    wanted = [("x", ("b",)), ("x", ("a",)), ("x#2", ("c",)), ("y", ("d",))]
    given = dict(zip((tie for _identity, tie in wanted), distinct(wanted), strict=True))
    assert given == {("a",): "x", ("b",): "x#3", ("c",): "x#2", ("d",): "y"}
    assert distinct(wanted[::-1]) == [given[tie] for _identity, tie in wanted[::-1]]


def test_vms_of_one_vcenter_match_on_the_moref(tmp_path: Path) -> None:
    found = merged(tmp_path, [source("a"), vm("a", "vm-1", name="old")], [source("b"), vm("b", "vm-1", cpu_count=2)])
    assert list(found) == [f"{VCENTER}/vm-1"]
    assert found[f"{VCENTER}/vm-1"]["sources"] == ["a@00000000", "b@00000000"]


def test_equal_morefs_of_two_vcenters_are_two_vms(tmp_path: Path) -> None:
    found = merged(tmp_path, [source("a"), vm("a", "vm-1")], [source("b"), vm("b", "vm-1", OTHER_VCENTER)])
    assert list(found) == [f"{VCENTER}/vm-1", f"{OTHER_VCENTER}/vm-1"]


def test_a_vm_that_was_registered_anew_is_found_by_its_instance_uuid_and_keeps_the_newer_id(tmp_path: Path) -> None:
    old = [source("a", "2026-01-01T00:00:00Z"), vm("a", "vm-1", instance_uuid="i")]
    new = [source("b", "2026-02-01T00:00:00Z"), vm("b", "vm-2", instance_uuid="i")]
    assert list(merged(tmp_path, old, new)) == [f"{VCENTER}/vm-2"]


def test_one_instance_uuid_in_two_vcenters_is_two_vms(tmp_path: Path) -> None:
    found = merged(tmp_path, [vm("a", "vm-1", instance_uuid="i")], [vm("b", "vm-1", OTHER_VCENTER, instance_uuid="i")])
    assert len(found) == 2


def test_a_vm_without_moref_matches_on_the_instance_uuid_and_takes_the_stronger_id(tmp_path: Path) -> None:
    found = merged(tmp_path, [vm("a", "vm-1", instance_uuid="i")], [known_by("b", "instance_uuid", "i", instance_uuid="i")])
    assert list(found) == [f"{VCENTER}/vm-1"]
    assert found[f"{VCENTER}/vm-1"]["id_basis"] == "moref"


def test_a_bios_uuid_matches_where_no_input_has_it_twice(tmp_path: Path) -> None:
    found = merged(tmp_path, [vm("a", "vm-1", bios_uuid="b")], [known_by("b", "bios_uuid", "b", bios_uuid="b")])
    assert list(found) == [f"{VCENTER}/vm-1"]


def test_a_copied_bios_uuid_matches_nothing_and_no_id_rests_on_it(tmp_path: Path) -> None:
    found = merged(
        tmp_path,
        [source("a"), vm("a", "vm-1", bios_uuid="b"), vm("a", "vm-2", bios_uuid="b")],
        [source("b.xlsx"), known_by("b.xlsx", "bios_uuid", "b", bios_uuid="b")],
    )
    assert sorted(found) == sorted([f"{VCENTER}/vm-1", f"{VCENTER}/vm-2", "b.xlsx/dc//erp/erp-01"])
    assert found["b.xlsx/dc//erp/erp-01"]["id_basis"] == "path"


def test_a_bios_uuid_does_not_join_vms_that_differ_in_a_stronger_key(tmp_path: Path) -> None:
    found = merged(tmp_path, [vm("a", "vm-1", bios_uuid="b")], [vm("b", "vm-2", bios_uuid="b")])
    assert len(found) == 2


def test_the_path_joins_vms_that_share_no_stronger_key(tmp_path: Path) -> None:
    first = known_by("a.xlsx", "path", "a.xlsx/dc//erp/erp-01")
    second = known_by("b.xlsx", "bios_uuid", "b", bios_uuid="b")
    assert list(merged(tmp_path, [first], [second])) == ["b"]


def test_an_unknown_folder_is_no_key(tmp_path: Path) -> None:
    first = known_by("a.xlsx", "path", "a.xlsx/dc//erp-01")
    second = known_by("b.xlsx", "path", "b.xlsx/dc//erp-01")
    del first["folder"]
    del second["folder"]
    assert len(merged(tmp_path, [first], [second])) == 2


def test_two_exports_of_one_name_keep_their_vms_apart_when_their_paths_leave_doubt(tmp_path: Path) -> None:
    first = known_by("a.xlsx", "path", "a.xlsx/dc//erp/erp-01", bios_uuid="b", vcenter=VCENTER)
    second = known_by("a.xlsx", "path", "a.xlsx/dc//erp/erp-01", bios_uuid="c", vcenter=OTHER_VCENTER)
    second["origin"] = {"source": "a.xlsx@11111111"}
    assert sorted(merged(tmp_path, [first], [second])) == ["a.xlsx/dc//erp/erp-01", "a.xlsx/dc//erp/erp-01#2"]


def test_a_cluster_without_object_id_is_the_one_with_it_and_references_follow(tmp_path: Path) -> None:
    by_name, by_moref = f"{VCENTER}/cluster/dc/c1", f"{VCENTER}/domain-c8"
    first = [
        of("cluster", "a", by_name, name="c1", datacenter="dc", vcenter=VCENTER),
        of("host", "a", f"{VCENTER}/host/dc/esx", name="esx", datacenter="dc", vcenter=VCENTER, cluster_id=by_name),
        of("drs_rule", "a", f"{VCENTER}/drs_rule/r", name="r", cluster_id=by_name, vm_ids=["i"]),
        of("network", "a", f"{VCENTER}/network/dc/n", name="n", datacenter="dc", vcenter=VCENTER),
        known_by(
            "a", "instance_uuid", "i", instance_uuid="i", cluster_id=by_name, nics=[{"key": 4000, "network_id": f"{VCENTER}/network/dc/n"}]
        ),
        known_by("a", "instance_uuid", "j", instance_uuid="j", name="web", depends_on=["i"], cluster_id=by_name),
        of("vapp", "a", "v", name="v", vm_ids=["j", "i"], datacenter="dc", vcenter=VCENTER),
    ]
    second = [
        of("cluster", "b", by_moref, name="c1", datacenter="dc", vcenter=VCENTER, moref="domain-c8"),
        of("drs_rule", "b", f"{VCENTER}/drs_rule/r", name="r", cluster_id=by_moref, vm_ids=[f"{VCENTER}/vm-1"]),
        of("network", "b", f"{VCENTER}/network-7", name="n", datacenter="dc", vcenter=VCENTER, moref="network-7"),
        vm("b", "vm-1", instance_uuid="i", cluster_id=by_moref, name="erp-01", nics=[{"key": 4000, "network_id": f"{VCENTER}/network-7"}]),
    ]
    found = {
        kind: merged(tmp_path, first, second, kind=kind) for kind in ("cluster", "host", "drs_rule", "vm", "vapp", "network", "conflict")
    }
    assert list(found["cluster"]) == [by_moref]
    assert found["host"][f"{VCENTER}/host/dc/esx"]["cluster_id"] == by_moref
    assert len(found["drs_rule"]) == 1
    assert found["drs_rule"][f"{VCENTER}/drs_rule/r"]["vm_ids"] == [f"{VCENTER}/vm-1"]
    assert found["vm"][f"{VCENTER}/vm-1"]["nics"] == [{"key": 4000, "network_id": f"{VCENTER}/network-7"}]
    assert found["vm"]["j"]["depends_on"] == [f"{VCENTER}/vm-1"]
    assert found["vm"]["j"]["cluster_id"] == by_moref
    assert found["vapp"]["v"]["vm_ids"] == ["j", f"{VCENTER}/vm-1"]
    assert found["conflict"] == {}


@pytest.mark.parametrize("kind", ["datastore", "host", "network", "vapp", "cluster"])
def test_objects_of_one_name_in_two_vcenters_or_datacenters_stay_apart(tmp_path: Path, kind: str) -> None:
    first = [of(kind, "a", f"{VCENTER}/{kind}/dc/x", name="x", datacenter="dc", vcenter=VCENTER)]
    second = [
        of(kind, "b", f"{OTHER_VCENTER}/{kind}/dc/x", name="x", datacenter="dc", vcenter=OTHER_VCENTER),
        of(kind, "b", f"{VCENTER}/{kind}/dc2/x", name="x", datacenter="dc2", vcenter=VCENTER),
    ]
    assert len(merged(tmp_path, first, second, kind=kind)) == 3


def test_objects_match_by_name_where_one_source_does_not_name_the_vcenter(tmp_path: Path) -> None:
    first = [of("cluster", "a.xlsx", "a.xlsx/cluster/dc/c1", name="c1", datacenter="dc")]
    second = [of("cluster", "b", f"{VCENTER}/domain-c8", name="c1", datacenter="dc", vcenter=VCENTER, moref="domain-c8")]
    assert list(merged(tmp_path, first, second, kind="cluster")) == [f"{VCENTER}/domain-c8"]


def test_vcenters_match_on_the_instance_uuid_else_on_the_host_name(tmp_path: Path) -> None:
    first = [of("vcenter", "a", VCENTER, name="vc-north", vcenter=VCENTER, hostname="vc-north.example.com")]
    second = [of("vcenter", "b", "VC-North.example.com", name="VC-North.example.com", hostname="VC-North.example.com", version="8.0.3")]
    third = [of("vcenter", "c", OTHER_VCENTER, name="vc-south", vcenter=OTHER_VCENTER)]
    found = merged(tmp_path, first, second, third, kind="vcenter")
    assert len(found) == 2
    assert any(record.get("version") == "8.0.3" and record.get("vcenter") == VCENTER for record in found.values())
