# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people write of their VMs reaches the right VM, or is an error with its place."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.estate_sources import ReadContext
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import InputError, Problem
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.annotations import column_of, parse_minutes

from .samples import OTHER_VCENTER, VCENTER, Record, of, read, run, source, vm, vms, write_estate


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    records: list[Record] = [
        source("a.xlsx"),
        of("vcenter", "a.xlsx", OTHER_VCENTER, name="vc-south", vcenter=OTHER_VCENTER, hostname="vc-south.example.com"),
        vm("a.xlsx", "vm-1", name="erp", instance_uuid="50000000-0000-0000-0000-000000000001", cluster="prod", datacenter="dc"),
        vm("a.xlsx", "vm-2", name="db", bios_uuid="42000000-0000-0000-0000-000000000002", cluster="prod", datacenter="dc"),
        vm("a.xlsx", "vm-3", name="twin", cluster="prod", datacenter="dc"),
        vm("a.xlsx", "vm-4", name="twin", cluster="lab", datacenter="dc"),
        vm("a.xlsx", "vm-5", OTHER_VCENTER, name="twin", datacenter="dc"),
    ]
    return write_estate(tmp_path / "saved.jsonl", records)


def annotated(estate: Path, *texts: str, **more: Any) -> dict[str, Record]:
    """The VMs by name, annotated by CSV files with these texts."""
    files = []
    for number, text in enumerate(texts):
        files.append(estate.parent / f"owners-{number}.csv")
        files[-1].write_bytes(text.encode("utf-8"))
    run(estate.parent / "out.jsonl", estate, annotations=files, **more)
    return vms(estate.parent / "out.jsonl")


def problems(estate: Path, *texts: str) -> tuple[str, list[Problem]]:
    with pytest.raises(InputError) as raised:
        annotated(estate, *texts)
    assert not (estate.parent / "out.jsonl").exists()
    return raised.value.code, list(raised.value.problems)


def test_every_column_fills_its_fact(estate: Path) -> None:
    text = (
        "vm,owner,application,environment,criticality,downtime_tolerance,depends_on,window\n"
        'erp,team-erp@example.com,ERP,production,high,4h,"db; 42000000-0000-0000-0000-000000000002",Sat 22:00\n'
    )
    erp = annotated(estate, text)["erp"]
    assert {key: erp[key] for key in ("owner", "application", "environment", "criticality", "change_window")} == {
        "owner": "team-erp@example.com",
        "application": "ERP",
        "environment": "production",
        "criticality": "high",
        "change_window": "Sat 22:00",
    }
    assert erp["downtime_tolerance_minutes"] == 240
    assert erp["depends_on"] == [f"{VCENTER}/vm-2"]
    assert erp["fact_origins"]["owner"]["row"] == 2
    assert erp["fact_origins"]["owner"]["source"].startswith("owners-0.csv@")


@pytest.mark.parametrize(
    "key",
    [
        f"id\n{VCENTER}/vm-1",
        "uuid\n50000000-0000-0000-0000-000000000001",
        "VM UUID\n{50000000-0000-0000-0000-000000000001}",
        "uuid\n50000000-0000-0000-0000-000000000001 ",
        "VM\nerp",
        "Name\nERP",
        "Virtual Machine\n erp ",
    ],
)
def test_a_vm_is_found_by_id_uuid_or_name(estate: Path, key: str) -> None:
    header, value = key.split("\n")
    assert annotated(estate, f"{header},Owner\n{value},team-erp\n")["erp"]["owner"] == "team-erp"


@pytest.mark.parametrize(
    ("places", "values", "moref"),
    [
        ("cluster", "lab", "vm-4"),
        ("Cluster,Datacenter", "PROD,dc", "vm-3"),
        ("vcenter", "VC-South.example.com", "vm-5"),
        ("VI SDK UUID", OTHER_VCENTER, "vm-5"),
    ],
)
def test_places_tell_vms_of_one_name_apart(estate: Path, places: str, values: str, moref: str) -> None:
    text = f"vm,{places},owner\ntwin,{values},team-x\n"
    if "luster" in places:
        text = f"vm,vcenter,{places},owner\ntwin,{VCENTER},{values},team-x\n"
    annotated(estate, text)
    owners = {record["moref"]: record.get("owner") for record in read(estate.parent / "out.jsonl")["vm"].values()}
    assert {key: owner for key, owner in owners.items() if owner} == {moref: "team-x"}


def test_a_row_that_fits_no_vm_is_an_error_with_its_place(estate: Path) -> None:
    code, found = problems(estate, "vm,owner\nerp,a\n\ngone,b\n")
    assert code == "annotation_unmatched"
    assert [problem.place() for problem in found] == ["owners-0.csv, row 4"]
    assert "vm" not in found[0].message.split()[0]
    assert "gone" in found[0].message


def test_a_row_that_fits_two_vms_is_an_error_that_names_them(estate: Path) -> None:
    code, found = problems(estate, "vm,owner\ntwin,a\n")
    assert code == "annotation_ambiguous"
    assert f"{VCENTER}/vm-3" in found[0].message
    assert "cluster" in found[0].remedy


def test_a_row_whose_vm_is_known_to_be_elsewhere_fits_none(estate: Path) -> None:
    assert problems(estate, "vm,cluster,owner\nerp,lab,a\n")[0] == "annotation_unmatched"


def test_rows_that_contradict_each_other_are_an_error_across_files(estate: Path) -> None:
    code, found = problems(estate, "vm,owner\nerp,a\n", f"id,owner\n{VCENTER}/vm-1,b\n")
    assert code == "annotation_conflict"
    assert found[0].place() == "owners-1.csv, row 2, column owner"
    assert "owners-0.csv, row 2" in found[0].message


def test_rows_that_add_to_each_other_or_say_the_same_are_fine(estate: Path) -> None:
    erp = annotated(estate, "vm,owner,app\nerp,a,\nerp,,ERP\n", "vm,owner\nerp,a\n")["erp"]
    assert (erp["owner"], erp["application"]) == ("a", "ERP")


def test_all_faults_of_all_rows_are_listed_at_once(estate: Path) -> None:
    code, found = problems(estate, "vm,owner,depends on\ngone,a,\ntwin,b,\nerp,c,nobody\nerp,d,\n")
    assert code == "input_unusable"
    assert [problem.row for problem in found] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("vm,downtime tolerance\nerp,soon\n", "owners-0.csv, row 2, column downtime tolerance"),
        ("vm,downtime tolerance\nerp,1.5m\n", "owners-0.csv, row 2, column downtime tolerance"),
        ("vm,downtime tolerance\nerp,-5\n", "owners-0.csv, row 2, column downtime tolerance"),
        ("vm,owner\n,a\n", "owners-0.csv, row 2"),
        ("owner\na\n", "owners-0.csv, row 1"),
        ("vm,color\nerp,red\n", "owners-0.csv, row 1"),
        ("vm,owner,Owner Group\nerp,a,b\n", "owners-0.csv, row 1, column Owner Group"),
        ("", "owners-0.csv"),
        ("\n\n", "owners-0.csv"),
        ("vm\x00,owner\n", "owners-0.csv"),
    ],
)
def test_a_file_that_cannot_be_used_is_an_error_with_its_place(estate: Path, text: str, place: str) -> None:
    code, found = problems(estate, text)
    assert code == "annotation_unreadable"
    assert place in [problem.place() for problem in found]
    assert all(problem.remedy for problem in found)


def test_while_a_source_is_missing_rows_without_a_vm_are_only_listed(estate: Path) -> None:
    text = "vm,owner,depends_on\nerp,a,elsewhere\ngone,b,\ntwin,c,\n"
    erp = annotated(estate, text, parts_missing=["vc-b"])["erp"]
    notices = read(estate.parent / "out.jsonl")["notice"].values()
    assert sorted(notice["code"] for notice in notices) == [
        "annotation_ambiguous",
        "annotation_unmatched",
        "annotation_unmatched",
        "source_missing",
    ]
    assert erp["owner"] == "a"
    assert "depends_on" not in erp
    assert "depends_on" in erp["unknown"]


def test_contradictions_are_an_error_even_while_a_source_is_missing(estate: Path) -> None:
    with pytest.raises(InputError) as raised:
        annotated(estate, "vm,owner\nerp,a\nerp,b\n", parts_missing=["vc-b"])
    assert raised.value.code == "annotation_conflict"


def test_problems_of_all_annotation_files_come_in_one_error(estate: Path) -> None:
    texts = ("vm,owner\nerp,a\nnobody,b\ntwin,c\n", "vm,downtime_tolerance\ndb,soon\ngone,4h\n", "owner\na\n")
    _code, found = problems(estate, *texts)
    assert [(problem.file, problem.row) for problem in found] == [
        ("owners-1.csv", 2),
        ("owners-2.csv", 1),
        ("owners-0.csv", 3),
        ("owners-0.csv", 4),
        ("owners-1.csv", 3),
    ]


@pytest.mark.parametrize("good", [0, 1, 2])
def test_while_a_source_cannot_be_read_only_rows_without_a_vm_are_left_out(estate: Path, good: int) -> None:
    owners = estate.parent / "owners.csv"
    owners.write_text("vm,owner,downtime tolerance\nnobody,b,1h\ntwin,c,1h\nerp,a,soon\n", encoding="utf-8")
    other = write_estate(estate.parent / "other.jsonl", [source("b.xlsx"), vm("b.xlsx", "vm-9", name="web")])
    cut = estate.parent / "cut.jsonl"
    cut.write_bytes(estate.read_bytes()[:-40])
    with pytest.raises(InputError) as raised:
        run(estate.parent / "out.jsonl", cut, *[estate, other][:good], annotations=[owners])
    rows = [(problem.file, problem.row) for problem in raised.value.problems]
    assert ("owners.csv", 2) not in rows
    assert ("owners.csv", 4) in rows
    assert ("owners.csv", 3) in rows
    assert "cut.jsonl" in {file for file, _row in rows}


def test_an_old_workbook_as_annotations_says_how_to_save_it(estate: Path) -> None:
    path = estate.parent / "owners.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600)
    with pytest.raises(InputError) as raised:
        run(estate.parent / "out.jsonl", estate, annotations=[path])
    (problem,) = raised.value.problems
    assert ".xls" in problem.message
    assert "XLSX" in problem.remedy


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_of_any_usual_encoding_and_delimiter(estate: Path, encoding: str, delimiter: str) -> None:
    path = estate.parent / "owners.csv"
    path.write_bytes(delimiter.join(["vm", "owner\r\nerp", "Geschäft\r\n"]).encode(encoding))
    run(estate.parent / "out.jsonl", estate, annotations=[path])
    assert vms(estate.parent / "out.jsonl")["erp"]["owner"] == "Geschäft"


def test_a_workbook_is_read_from_its_first_tab_with_rows(estate: Path) -> None:
    path = estate.parent / "owners.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("Empty")
        sheet = book.add_worksheet("VMs")
        rows = [["VM", "Owner", "Downtime tolerance", "Criticality"], ["twin"], ["erp", "a", 90, 1], ["db", "b"]]
        for row, cells in enumerate(rows):
            sheet.write_row(row, 0, cells)
        sheet.write_datetime(3, 2, timedelta(hours=2), book.add_format({"num_format": "[hh]:mm"}))
    run(estate.parent / "out.jsonl", estate, annotations=[path])
    found = vms(estate.parent / "out.jsonl")
    assert (found["erp"]["downtime_tolerance_minutes"], found["erp"]["criticality"]) == (90, "1")
    assert found["db"]["downtime_tolerance_minutes"] == 120
    assert found["erp"]["fact_origins"]["owner"]["tab"] == "VMs"
    assert found["erp"]["fact_origins"]["owner"]["row"] == 3


@pytest.mark.parametrize("content", [b"PK\x03\x04 nothing", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600])
def test_a_broken_or_encrypted_workbook_is_an_error(estate: Path, content: bytes) -> None:
    path = estate.parent / "owners.xlsx"
    path.write_bytes(content)
    with pytest.raises(InputError) as raised:
        run(estate.parent / "out.jsonl", estate, annotations=[path])
    assert raised.value.code == "annotation_unreadable"
    assert raised.value.problems[0].file == "owners.xlsx"


def test_a_workbook_that_unpacks_to_too_much_is_an_error(estate: Path) -> None:
    path = estate.parent / "owners.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("VMs")
        for row in range(3000):
            sheet.write_row(row, 0, ["erp"] * 20)
    with pytest.raises(InputError) as raised:
        run(estate.parent / "out.jsonl", estate, annotations=[path], context=ReadContext(limit_bytes=100_000))
    assert "limit" in raised.value.problems[0].message


def test_a_missing_file_is_an_error(estate: Path) -> None:
    with pytest.raises(InputError) as raised:
        run(estate.parent / "out.jsonl", estate, annotations=[estate.parent / "none.csv"])
    assert raised.value.problems[0].file == "none.csv"


def test_an_annotation_stands_above_a_saved_one_and_settles_a_conflict(tmp_path: Path) -> None:
    paths = [
        write_estate(tmp_path / f"{name}.jsonl", [source(name), vm(name, "vm-1", name="erp", owner=name, application="ERP")])
        for name in ("a", "b")
    ]
    owners = tmp_path / "owners.csv"
    owners.write_text("vm;owner\nerp;team-erp\n", encoding="utf-8")
    run(tmp_path / "open.jsonl", *paths)
    assert "owner" not in vms(tmp_path / "open.jsonl")["erp"]
    result = run(tmp_path / "out.jsonl", *paths, annotations=[owners])
    erp = vms(tmp_path / "out.jsonl")["erp"]
    assert (erp["owner"], erp["application"]) == ("team-erp", "ERP")
    assert "unknown" not in erp
    assert result.counts["conflicts"] == 0
    assert set(result.inputs) == {"a.jsonl", "b.jsonl", "owners.csv"}


def test_columns_that_are_not_used_are_told(estate: Path) -> None:
    path = estate.parent / "owners.csv"
    path.write_text("vm,owner,Colour\nerp,a,red\n", encoding="utf-8")
    result = run(estate.parent / "out.jsonl", estate, annotations=[path])
    assert result.warnings == ("owners.csv: columns that are not used: Colour",)


def test_the_order_of_annotation_files_does_not_matter(estate: Path) -> None:
    paths = [estate.parent / name for name in ("x.csv", "y.csv")]
    paths[0].write_text("vm,owner,app\nerp,a,ERP\n", encoding="utf-8")
    paths[1].write_text("vm,owner,window\nerp,a,Sat\n", encoding="utf-8")
    results = {run(estate.parent / "out.jsonl", estate, annotations=order).sha256 for order in (paths, paths[::-1])}
    assert len(results) == 1


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("0", 0),
        ("90", 90),
        ("30m", 30),
        ("4h", 240),
        ("2d", 2880),
        ("1d 12h", 2160),
        ("1.5h", 90),
        ("1,5 hours", 90),
        ("15 Min", 15),
        ("", None),
        ("h", None),
        ("4x", None),
        ("4h soon", None),
        ("1 2", None),
        ("1h 30", None),
        ("0.5m", None),
    ],
)
def test_spans_of_time(text: str, minutes: int | None) -> None:
    assert parse_minutes(text) == minutes


@pytest.mark.parametrize(
    ("header", "column"),
    [("VM", "name"), ("  Depends_On ", "depends_on"), ("change-window", "window"), ("VI SDK UUID", "vcenter"), ("VM ID", ""), ("", "")],
)
def test_headers_are_known_by_their_aliases(header: str, column: str) -> None:
    assert column_of(header) == column
