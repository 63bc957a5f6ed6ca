# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import io
import zipfile

import pytest
import xlsxwriter

from .exports import OTHER_VCENTER, csv_text, part_row, read, table, vm_row, vms, write_csv, write_xlsx

TABS = {
    "vInfo": table(
        [vm_row("one", "vm-1", CPUs="2", Memory="16,384", Host="höst"), vm_row("two", "vm-2", CPUs="4", Memory="4,096", Host="h")]
    ),
    "vDisk": table([part_row("one", "vm-1", Disk="Hard disk 1", Path="[ds] a, b;c.vmdk", **{"Capacity MB": "102.400"})]),
}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_csv_files_in_any_usual_encoding_and_separator(tmp_path, separator, encoding):
    found = vms(write_csv(tmp_path / "x", TABS, separator, encoding))
    assert (found["one"]["cpu_count"], found["one"]["memory_mib"], found["one"]["host"]) == (2, 16384, "höst")
    assert found["one"]["disks"] == [
        {"label": "Hard disk 1", "path": "[ds] a, b;c.vmdk", "datastore": "ds", "capacity_bytes": 102400 << 20}
    ]


def test_plain_names_and_a_separator_line_of_excel(tmp_path):
    (tmp_path / "vInfo.csv").write_text("sep=;\nVM;CPUs\none;2\n")
    assert vms(tmp_path)["one"]["origin"]["row"] == 3
    assert vms(tmp_path / "vInfo.csv")["one"]["cpu_count"] == 2


def test_short_rows_of_csv_and_notes_of_several_lines_are_read(tmp_path):
    (tmp_path / "vInfo.csv").write_text('VM,CPUs,Annotation\none\n"two",4,"a ""b""\nc"\n')
    found = vms(tmp_path)
    assert "cpu_count" not in found["one"]
    assert (found["two"]["cpu_count"], found["two"]["notes"]) == (4, 'a "b"\nc')


def test_a_zip_of_csv_files_reads_as_the_folder_does(tmp_path):
    folder = write_csv(tmp_path / "x", TABS)
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, f"export/{file.name}")
    from_folder, from_zip = vms(folder), vms(tmp_path / "x.zip")
    assert from_zip.keys() == from_folder.keys()
    assert from_zip["one"]["disks"] == from_folder["one"]["disks"]


def test_a_zip_with_workbooks_and_a_folder_with_workbooks(tmp_path):
    other = {**vm_row("three", "vm-1"), "VI SDK UUID": OTHER_VCENTER, "VI SDK Server": "vc2.example.com"}
    folder = tmp_path / "exports"
    folder.mkdir()
    write_xlsx(folder / "a.xlsx", TABS)
    write_xlsx(folder / "b.xlsx", {"vInfo": table([other])})
    (folder / "~$a.xlsx").write_bytes(b"lock")
    (folder / "readme.txt").write_text("hello")
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        for file in ("a.xlsx", "b.xlsx"):
            archive.write(folder / file, file)
    source, kinds = read(folder)
    assert [record["name"] for record in kinds["vm"]] == ["one", "two", "three"]
    assert [file["name"] for file in source["files"]] == ["a.xlsx", "b.xlsx"]
    lines = "".join(f"{name} {hashlib.sha256((folder / name).read_bytes()).hexdigest()}\n" for name in ("a.xlsx", "b.xlsx"))
    assert source["sha256"] == hashlib.sha256(lines.encode()).hexdigest()
    assert source["id"] == f"exports@{source['sha256'][:8]}"
    assert set(vms(tmp_path / "z.zip")) == {"one", "two", "three"}


def test_a_vm_of_two_files_is_merged_and_contradictions_are_unknown(tmp_path):
    write_csv(tmp_path / "a", {"vInfo": table([vm_row("one", "vm-1", CPUs=2, Memory=4)])})
    write_csv(tmp_path / "b", {"vInfo": table([vm_row("one", "vm-1", CPUs=4, Memory=4)])})
    source, kinds = read(tmp_path)
    (vm,) = kinds["vm"]
    assert source["vm_count"] == 1
    assert vm["memory_mib"] == 4
    assert vm["unknown"]["cpu_count"] == "two files of the source do not agree"
    assert any(notice["code"] == "duplicate_vms" for notice in source["notices"])


def test_of_two_dated_files_the_newer_one_is_believed(tmp_path):
    for name, date, cpus in (("a", "2026-02-01 00:00:00", 2.0), ("b", "2026-03-01 00:00:00", 4.0)):
        meta = [["RVTools version", "xlsx creation datetime"], ["4.7.1.4", date]]
        write_xlsx(tmp_path / f"{name}.xlsx", {"vInfo": table([vm_row("one", "vm-1", CPUs=cpus)]), "vMetaData": meta})
    source, kinds = read(tmp_path)
    assert kinds["vm"][0]["cpu_count"] == 4
    assert source["captured_at"] == "2026-02-01T00:00:00"
    assert [file["captured_at"] for file in source["files"]] == ["2026-02-01T00:00:00", "2026-03-01T00:00:00"]
    assert any(notice["code"] == "captures_differ" for notice in source["notices"])


def test_typed_cells_of_a_workbook(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("vInfo")
        sheet.write_row(0, 0, ["VM", "Template", "PowerOn", "Creation date", "Annotation"])
        sheet.write_row(1, 0, [7.0, True])
        sheet.write_number(1, 2, 45325.5, book.add_format({"num_format": "dd/mm/yyyy hh:mm"}))
        sheet.write_number(1, 3, 45325.25)
        sheet.write_formula(1, 4, "=1/0", None, "#DIV/0!")
    vm = vms(path)["7"]
    assert (vm["template"], vm["powered_on_at"], vm["created_at"]) == (True, "2024-02-03T12:00:00", "2024-02-03T06:00:00")


def test_the_created_property_dates_a_workbook_without_vmetadata(tmp_path):
    source, _kinds = read(write_xlsx(tmp_path / "a.xlsx", TABS))
    assert source["captured_at"].endswith("Z")


def test_csv_alone_has_no_capture_date(tmp_path):
    source, _kinds = read(write_csv(tmp_path / "x", TABS))
    assert "captured_at" not in source


def test_the_same_workbook_under_other_orders_of_rows_gives_the_same_vms(tmp_path):
    rows = TABS["vInfo"]
    one = vms(write_xlsx(tmp_path / "a.xlsx", TABS))
    two = vms(write_xlsx(tmp_path / "b.xlsx", {**TABS, "vInfo": [rows[0], *reversed(rows[1:])]}))
    for name in one:
        for record in (one[name], two[name]):
            del record["origin"], record["sources"]
        assert one[name] == two[name]


def test_a_csv_with_a_byte_that_no_encoding_has_is_still_read(tmp_path):
    (tmp_path / "vInfo.csv").write_bytes(csv_text([["VM", "Host"], ["one", "x"]]).encode() + b"two,\x81\n")
    assert set(vms(tmp_path)) == {"one", "two"}


def test_reading_does_not_leave_members_on_disk(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("RVTools_tabvInfo.csv", csv_text(TABS["vInfo"]))
    (tmp_path / "x.zip").write_bytes(buffer.getvalue())
    read(tmp_path / "x.zip")
    assert [file.name for file in tmp_path.iterdir()] == ["x.zip"]


def test_folders_of_runs_and_their_report_workbooks_are_left_out(tmp_path):
    write_xlsx(tmp_path / "dc1.xlsx", TABS)
    run = tmp_path / "runs" / "first"
    (run / "reports").mkdir(parents=True)
    (run / "run.json").write_text('{"schema":"groundwork.readiness/run"}')
    write_xlsx(run / "reports" / "report.xlsx", {"Findings": [["VM"], ["one"]]})
    assert set(vms(tmp_path)) == {"one", "two"}


def test_a_run_json_of_something_else_hides_nothing(tmp_path):
    write_xlsx(tmp_path / "dc1.xlsx", TABS)
    (tmp_path / "run.json").write_text('{"schema":"other/run"}')
    assert set(vms(tmp_path)) == {"one", "two"}


def test_two_zips_with_csv_files_of_one_name_are_two_exports(tmp_path):
    for name, vm in (("a", "one"), ("b", "two")):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            archive.writestr("RVTools_tabvInfo.csv", csv_text([["VM"], [vm]]))
    source, kinds = read(tmp_path)
    assert [(record["name"], record["origin"]["file"]) for record in kinds["vm"]] == [("one", "a.zip"), ("two", "b.zip")]
    assert source["vm_count"] == 2
