# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a merged fact is, where it comes from, and what becomes of a disagreement."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.captured import Captures, parse_captured
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.claims import UNDECIDED, Claim, settle

from .samples import VCENTER, Record, of, read, run, source, vm, write_estate

OLD, NEW = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"
ID = f"{VCENTER}/vm-1"


def merge(
    tmp_path: Path, first: dict[str, Any], second: dict[str, Any], dates: tuple[str, str] = (OLD, NEW)
) -> tuple[Record, dict[str, Record]]:
    """The merged VM and the conflicts by field, of a VM as sources a and b see it."""
    paths = [
        write_estate(tmp_path / f"{name}.jsonl", [source(name, date), vm(name, "vm-1", **facts)])
        for name, facts, date in zip("ab", (first, second), dates, strict=True)
    ]
    run(tmp_path / "forwards.jsonl", *paths)
    run(tmp_path / "backwards.jsonl", *reversed(paths))
    assert (tmp_path / "forwards.jsonl").read_bytes() == (tmp_path / "backwards.jsonl").read_bytes()
    found = read(tmp_path / "forwards.jsonl")
    return found["vm"][ID], {record["field"]: record for record in found.get("conflict", {}).values()}


def test_the_newest_capture_wins_and_the_conflict_is_noted(tmp_path: Path) -> None:
    record, conflicts = merge(tmp_path, {"cpu_count": 2}, {"cpu_count": 4})
    assert record["cpu_count"] == 4
    assert record["origin"] == {"source": "b@00000000"}
    assert "fact_origins" not in record
    assert conflicts == {
        "cpu_count": {
            "kind": "conflict",
            "id": f"vm/{ID}/cpu_count",
            "object_kind": "vm",
            "object": ID,
            "object_name": "vm-vm-1",
            "field": "cpu_count",
            "values": [
                {"source": "a@00000000", "captured_at": OLD, "value": 2},
                {"source": "b@00000000", "captured_at": NEW, "value": 4},
            ],
            "resolution": "newest",
        }
    }


@pytest.mark.parametrize("dates", [("", ""), (OLD, ""), ("", NEW), (OLD, OLD), (OLD, "2026-01-01T09:00:00"), (OLD, "yesterday")])
def test_a_conflict_that_no_date_settles_leaves_the_fact_unknown(tmp_path: Path, dates: tuple[str, str]) -> None:
    record, conflicts = merge(tmp_path, {"cpu_count": 2, "host": "x"}, {"cpu_count": 4, "host": "x"}, dates)
    assert "cpu_count" not in record
    assert record["host"] == "x"
    assert record["unknown"] == {"cpu_count": UNDECIDED}
    assert conflicts["cpu_count"]["resolution"] == "unknown"


def test_a_fact_that_the_newer_source_lacks_is_taken_from_the_older_one(tmp_path: Path) -> None:
    record, conflicts = merge(tmp_path, {"memory_mib": 1024, "cpu_count": 2}, {"cpu_count": 2})
    assert record["memory_mib"] == 1024
    assert record["fact_origins"] == {"memory_mib": {"source": "a@00000000"}}
    assert conflicts == {}


def test_known_empty_is_a_value_and_not_a_lack(tmp_path: Path) -> None:
    record, conflicts = merge(tmp_path, {"guest_hostname": "erp", "snapshots": [{"name": "s"}]}, {"guest_hostname": "", "snapshots": []})
    assert record["guest_hostname"] == ""
    assert record["snapshots"] == []
    assert set(conflicts) == {"guest_hostname", "snapshots"}


def test_a_reason_for_an_unknown_fact_is_kept_until_a_source_knows_the_fact(tmp_path: Path) -> None:
    first = {"unknown": {"cpu_count": "bad cell", "memory_mib": "bad cell"}, "host": "h"}
    record, _conflicts = merge(tmp_path, first, {"cpu_count": 4})
    assert record["cpu_count"] == 4
    assert record["unknown"] == {"memory_mib": "bad cell"}


@pytest.mark.parametrize(
    ("fact", "first", "second"),
    [
        ("guest_ips", ["10.0.0.1", "10.0.0.2"], ["10.0.0.2", "10.0.0.1"]),
        ("custom_attributes", {"Team": "erp", "Room": ""}, {"Team": "erp"}),
        ("provisioned_bytes", 10 << 20, (10 << 20) + 4096),
        ("created_at", "2024-05-01T10:00:00", "2024-05-01T08:00:00Z"),
    ],
)
def test_values_that_mean_the_same_are_no_conflict(tmp_path: Path, fact: str, first: Any, second: Any) -> None:
    record, conflicts = merge(tmp_path, {fact: first}, {fact: second}, ("", ""))
    assert fact in record
    assert conflicts == {}


@pytest.mark.parametrize(
    ("fact", "first", "second"),
    [
        ("provisioned_bytes", 4096, 8192),
        ("provisioned_bytes", 10 << 20, 11 << 20),
        ("created_at", "2024-05-01T10:00:00Z", "2024-05-01T08:00:00Z"),
        ("created_at", "2024-05-01T10:00:00", "2024-05-02T10:00:00Z"),
        ("created_at", "", "2024-05-02T10:00:00Z"),
        ("template", False, True),
        ("guest_ips", ["10.0.0.1"], []),
    ],
)
def test_values_that_differ_are_a_conflict(tmp_path: Path, fact: str, first: Any, second: Any) -> None:
    record, conflicts = merge(tmp_path, {fact: first}, {fact: second}, ("", ""))
    assert fact not in record
    assert list(conflicts) == [fact]


def test_what_moves_by_itself_is_replaced_without_a_conflict_when_dates_tell(tmp_path: Path) -> None:
    record, conflicts = merge(tmp_path, {"cpu_usage_mhz": 100}, {"cpu_usage_mhz": 200})
    assert record["cpu_usage_mhz"] == 200
    assert conflicts == {}


def test_what_moves_by_itself_is_unknown_when_dates_do_not_tell(tmp_path: Path) -> None:
    record, conflicts = merge(tmp_path, {"cpu_usage_mhz": 100}, {"cpu_usage_mhz": 200}, ("", ""))
    assert "cpu_usage_mhz" not in record
    assert list(conflicts) == ["cpu_usage_mhz"]


def test_parts_complete_each_other_and_the_newer_list_says_which_there_are(tmp_path: Path) -> None:
    first = {"disks": [{"key": 2000, "mode": "persistent", "thin": True}, {"key": 2001, "mode": "persistent"}]}
    second = {"disks": [{"key": 2000, "mode": "independent_persistent", "rdm": False}, {"key": 2002}]}
    record, conflicts = merge(tmp_path, first, second)
    assert record["disks"] == [{"key": 2000, "thin": True, "mode": "independent_persistent", "rdm": False}, {"key": 2002}]
    assert record["fact_origins"] == {"disks.thin": {"source": "a@00000000"}}
    assert conflicts["disks"]["values"] == [
        {"source": "a@00000000", "captured_at": OLD, "value": ["2000", "2001"]},
        {"source": "b@00000000", "captured_at": NEW, "value": ["2000", "2002"]},
    ]
    assert conflicts["disks[2000].mode"]["resolution"] == "newest"


def test_a_conflict_on_one_disk_leaves_that_fact_of_that_disk_unknown(tmp_path: Path) -> None:
    first = {"disks": [{"key": 2000, "mode": "persistent", "thin": True}, {"key": 2001, "mode": "persistent"}]}
    second = {"disks": [{"key": 2001, "mode": "persistent"}, {"key": 2000, "mode": "independent_persistent", "thin": True}]}
    record, conflicts = merge(tmp_path, first, second, ("", ""))
    assert record["disks"] == [{"key": 2000, "thin": True}, {"key": 2001, "mode": "persistent"}]
    assert record["unknown"] == {"disks[2000].mode": UNDECIDED}
    assert list(conflicts) == ["disks[2000].mode"]


def test_which_disks_there_are_is_unknown_when_undated_sources_disagree(tmp_path: Path) -> None:
    record, conflicts = merge(tmp_path, {"disks": [{"key": 2000}]}, {"disks": [{"key": 2000}, {"key": 2001}]}, ("", ""))
    assert "disks" not in record
    assert record["unknown"] == {"disks": UNDECIDED}
    assert list(conflicts) == ["disks"]


@pytest.mark.parametrize(
    ("parts", "first", "second", "merged"),
    [
        ("disks", {"uuid": "u", "thin": True}, {"uuid": "u", "key": 2000}, {"key": 2000, "thin": True, "uuid": "u"}),
        ("disks", {"path": "p", "thin": True}, {"path": "p", "key": 2000}, {"key": 2000, "path": "p", "thin": True}),
        ("nics", {"mac": "m", "connected": True}, {"mac": "m", "key": 4000}, {"key": 4000, "mac": "m", "connected": True}),
        (
            "partitions",
            {"path": "C:\\", "free_bytes": 1},
            {"path": "C:\\", "capacity_bytes": 2},
            {"path": "C:\\", "capacity_bytes": 2, "free_bytes": 1},
        ),
        (
            "usb",
            {"label": "x", "kind": "device"},
            {"label": "x", "kind": "device", "connected": True},
            {"label": "x", "kind": "device", "connected": True},
        ),
        ("removable_media", {"label": "x", "kind": "cdrom"}, {"label": "x", "backing": ""}, {"label": "x", "kind": "cdrom", "backing": ""}),
    ],
)
def test_parts_match_on_the_strongest_key_that_both_lists_hold(
    tmp_path: Path, parts: str, first: Record, second: Record, merged: Record
) -> None:
    record, conflicts = merge(tmp_path, {parts: [first]}, {parts: [second]}, ("", ""))
    assert record[parts] == [merged]
    assert conflicts == {}


def test_snapshots_match_on_name_and_time_whatever_clock_the_time_is_of(tmp_path: Path) -> None:
    first = {
        "snapshots": [
            {"name": "s", "created_at": "2026-01-01T10:00:00", "size_bytes": 5},
            {"name": "t", "created_at": "2026-01-01T11:00:00"},
        ]
    }
    second = {"snapshots": [{"name": "s", "created_at": "2026-01-01T08:00:00Z"}, {"name": "t", "created_at": "2026-01-01T09:00:00Z"}]}
    record, conflicts = merge(tmp_path, first, second)
    assert [snapshot["size_bytes"] for snapshot in record["snapshots"] if "size_bytes" in snapshot] == [5]
    assert conflicts == {}


def test_snapshots_of_one_name_are_told_apart_by_their_time(tmp_path: Path) -> None:
    twice = [{"name": "s", "created_at": "2026-01-01T10:00:00Z"}, {"name": "s", "created_at": "2026-01-02T10:00:00Z"}]
    first = {"snapshots": [{**twice[0], "quiesced": True}, {**twice[1], "quiesced": False}]}
    record, conflicts = merge(tmp_path, first, {"snapshots": twice[::-1]})
    assert [snapshot["quiesced"] for snapshot in record["snapshots"]] == [False, True]
    assert conflicts == {}


def test_parts_without_any_key_are_compared_as_a_whole(tmp_path: Path) -> None:
    record, conflicts = merge(tmp_path, {"disks": [{"thin": True}]}, {"disks": [{"thin": True}]}, ("", ""))
    assert record["disks"] == [{"thin": True}]
    assert conflicts == {}
    record, conflicts = merge(tmp_path, {"disks": [{"thin": True}]}, {"disks": [{"thin": False}]})
    assert record["disks"] == [{"thin": False}]


def test_a_disk_that_was_gone_in_between_is_another_disk(tmp_path: Path) -> None:
    lists = [[{"key": 2000, "thin": True}], [], [{"key": 2000, "mode": "persistent"}]]
    dates = ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"]
    paths = [
        write_estate(tmp_path / f"{name}.jsonl", [source(name, date), vm(name, "vm-1", disks=disks)])
        for name, date, disks in zip("abc", dates, lists, strict=True)
    ]
    run(tmp_path / "out.jsonl", *paths)
    assert read(tmp_path / "out.jsonl")["vm"][ID]["disks"] == [{"key": 2000, "mode": "persistent"}]


def test_other_kinds_merge_the_same_way(tmp_path: Path) -> None:
    first = [
        source("a", OLD),
        of("datastore", "a", f"{VCENTER}/ds-1", name="ds", vcenter=VCENTER, moref="ds-1", type="VMFS", capacity_bytes=5 << 30),
    ]
    second = [source("b", NEW), of("datastore", "b", f"{VCENTER}/ds-1", name="ds", vcenter=VCENTER, moref="ds-1", capacity_bytes=6 << 30)]
    run(tmp_path / "out.jsonl", write_estate(tmp_path / "a.jsonl", first), write_estate(tmp_path / "b.jsonl", second))
    found = read(tmp_path / "out.jsonl")
    assert found["datastore"][f"{VCENTER}/ds-1"]["capacity_bytes"] == 6 << 30
    assert found["datastore"][f"{VCENTER}/ds-1"]["type"] == "VMFS"
    assert list(found["conflict"]) == [f"datastore/{VCENTER}/ds-1/capacity_bytes"]


def test_a_later_merge_settles_what_an_earlier_one_left_open_only_if_every_date_is_known(tmp_path: Path) -> None:
    made = {
        name: write_estate(tmp_path / f"{name}.jsonl", [source(name, date), vm(name, "vm-1", cpu_count=count)])
        for name, date, count in [("a", OLD, 1), ("b", OLD, 2), ("c", NEW, 3), ("d", "", 4)]
    }
    run(tmp_path / "ab.jsonl", made["a"], made["b"])
    assert "cpu_count" not in read(tmp_path / "ab.jsonl")["vm"][ID]
    run(tmp_path / "abc.jsonl", tmp_path / "ab.jsonl", made["c"])
    assert read(tmp_path / "abc.jsonl")["vm"][ID]["cpu_count"] == 3
    run(tmp_path / "abcd.jsonl", tmp_path / "abc.jsonl", made["d"])
    assert "cpu_count" not in read(tmp_path / "abcd.jsonl")["vm"][ID]
    run(tmp_path / "at_once.jsonl", *made.values())
    conflicts = [read(tmp_path / name)["conflict"] for name in ("abcd.jsonl", "at_once.jsonl")]
    assert conflicts[0] == conflicts[1]


def test_records_of_a_newer_minor_version_are_kept(tmp_path: Path) -> None:
    new_kind = {"kind": "hologram", "id": "x", "shape": "cube"}
    first = write_estate(tmp_path / "a.jsonl", [source("a"), vm("a", "vm-1", brand_new=1), new_kind])
    second = write_estate(tmp_path / "b.jsonl", [source("b"), vm("b", "vm-1", cpu_count=1), new_kind])
    run(tmp_path / "out.jsonl", first, second)
    found = read(tmp_path / "out.jsonl")
    assert found["hologram"] == {"x": new_kind}
    assert found["vm"][ID]["brand_new"] == 1


@pytest.mark.parametrize(
    ("one", "other", "newer"),
    [
        ("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z", True),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", False),
        ("2026-01-01T02:00:00+02:00", "2026-01-01T00:00:00Z", False),
        ("2026-01-01T03:00:00+02:00", "2026-01-01T00:00:00Z", True),
        ("2026-01-01T13:00:00", "2026-01-01T00:00:00Z", False),
        ("2026-01-01T15:00:00", "2026-01-01T00:00:00Z", True),
        ("2026-01-01T00:00:00Z", "2025-12-31T13:00:00", False),
        ("2026-01-01T00:00:00Z", "2025-12-31T11:00:00", True),
        ("2026-01-01T00:00:01", "2026-01-01T00:00:00", True),
        ("2026-01-01T00:00:00Z", "", False),
        ("", "2026-01-01T00:00:00Z", False),
        ("0001-01-01T00:00:00", "2026-01-01T00:00:00Z", False),
    ],
)
def test_a_capture_is_newer_only_when_that_is_certain(one: str, other: str, newer: bool) -> None:
    assert parse_captured(one).newer_than(parse_captured(other)) is newer


def test_the_claims_of_one_fact_are_settled_whatever_their_order() -> None:
    captures = Captures({"a": OLD, "b": NEW, "c": ""})
    claims = [Claim({"source": name}, captures.of(name), value) for name, value in (("a", 1), ("b", 2), ("c", 2))]
    assert settle("cpu_count", claims[:2]).claim == claims[1]
    assert settle("cpu_count", claims) == settle("cpu_count", claims[::-1])
    assert settle("cpu_count", claims).claim is None
    assert settle("cpu_count", claims[1:]).claim == claims[2]
