# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import io
import re
import zipfile

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.archives import Limits
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.rvtools import read_rvtools
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.sheets import beyond, column_number, letters_of
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import InputError

from .exports import csv_text, write_csv, write_xlsx

GOOD = {"vInfo": [["VM", "CPUs"], ["one", 2.0], ["two", 4.0]], "vDisk": [["VM", "Disk"], ["one", "Hard disk 1"]]}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
SHEET = "xl/worksheets/sheet1.xml"


def _refused(path, limits=None):
    with pytest.raises(InputError) as caught:
        list(read_rvtools(path, limits).records)
    assert caught.value.problems
    assert all(problem.file for problem in caught.value.problems)
    return caught.value


def _changed(path, target, change):
    """A copy of a zip with some members changed: `change` maps names to new content, or to None to leave one out."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = change.get(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return target


def _sheet(path, cells):
    head = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return _changed(write_xlsx(path.with_name("good.xlsx"), GOOD), path, {SHEET: head + cells + b"</sheetData></worksheet>"})


def test_a_path_that_does_not_exist(tmp_path):
    assert _refused(tmp_path / "nothing.xlsx").code == "source_missing"


@pytest.mark.parametrize("content", [b"", b"hello, this is no workbook", b"%PDF-1.7 ..."])
def test_a_file_that_is_no_workbook(tmp_path, content):
    (tmp_path / "a.xlsx").write_bytes(content)
    assert _refused(tmp_path / "a.xlsx").code == "not_a_workbook"


def test_a_zip_of_something_else(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert _refused(tmp_path / "a.zip").code == "not_a_workbook"


def test_an_encrypted_workbook_is_called_that(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(OLE + "EncryptedPackage".encode("utf-16-le") + b"\0" * 512)
    error = _refused(tmp_path / "a.xlsx")
    assert error.code == "encrypted_workbook"
    assert "password" in error.problems[0].message


def test_an_old_workbook_is_called_that(tmp_path):
    (tmp_path / "a.xls").write_bytes(OLE + "Workbook".encode("utf-16-le") + b"\0" * 512)
    error = _refused(tmp_path / "a.xls")
    assert error.code == "old_workbook"
    assert ".xlsx" in error.problems[0].remedy


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_a_workbook_that_was_cut_off(tmp_path, kept):
    content = write_xlsx(tmp_path / "good.xlsx", GOOD).read_bytes()
    (tmp_path / "a.xlsx").write_bytes(content[: int(len(content) * kept)])
    assert _refused(tmp_path / "a.xlsx").code == "damaged_zip"


def test_a_workbook_with_damaged_data(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", {**GOOD, "vInfo": [["VM", "CPUs"], *([f"vm-{n}", float(n)] for n in range(500))]})
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(SHEET)
    content = bytearray(path.read_bytes())
    middle = info.header_offset + 30 + len(SHEET) + info.compress_size // 2
    content[middle : middle + 40] = b"\xff" * 40
    path.write_bytes(content)
    assert _refused(path).code in ("damaged_zip", "zip_bomb")


def test_a_workbook_that_unpacks_to_more_than_the_limit(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", GOOD)
    error = _refused(path, Limits(max_unpacked_bytes=1000))
    assert error.code == "zip_bomb"
    assert "1000" in error.problems[0].message


def test_a_bomb_that_lies_about_its_size_is_stopped_while_it_unpacks(tmp_path):
    bomb = b"<worksheet><sheetData>" + b" " * (96 << 20) + b"</sheetData></worksheet>"
    path = _changed(write_xlsx(tmp_path / "good.xlsx", GOOD), tmp_path / "a.xlsx", {SHEET: bomb})
    content = path.read_bytes()
    real, lie = len(bomb).to_bytes(4, "little"), (2000).to_bytes(4, "little")
    assert content.count(real) == 2
    path.write_bytes(content.replace(real, lie))
    assert _refused(path).code == "zip_bomb"


def test_a_member_that_packs_suspiciously_well_is_refused_before_it_is_unpacked(tmp_path):
    bomb = b"<worksheet><sheetData>" + b" " * (96 << 20) + b"</sheetData></worksheet>"
    assert _refused(_changed(write_xlsx(tmp_path / "good.xlsx", GOOD), tmp_path / "a.xlsx", {SHEET: bomb})).code == "zip_bomb"


def test_too_many_members(tmp_path):
    assert _refused(write_xlsx(tmp_path / "a.xlsx", GOOD), Limits(max_members=3)).code == "zip_bomb"


@pytest.mark.parametrize("name", ["../vInfo.csv", "/etc/vInfo.csv", "a/../../vInfo.csv", "..\\vInfo.csv", "C:\\vInfo.csv"])
def test_a_path_that_leads_out_of_the_zip(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("RVTools_tabvInfo.csv", csv_text(GOOD["vInfo"]))
        archive.writestr(name, csv_text(GOOD["vInfo"]))
    error = _refused(tmp_path / "a.zip")
    assert error.code == "zip_escape"
    assert not list(tmp_path.parent.glob("vInfo.csv"))


def test_a_path_that_leads_out_of_a_workbook(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", GOOD)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../evil.xml", "x")
    assert _refused(path).code == "zip_escape"


def test_vinfo_is_missing(tmp_path):
    error = _refused(write_xlsx(tmp_path / "a.xlsx", {"vHost": [["Host"], ["h"]], "Notes": [["x"]]}))
    assert error.code == "vinfo_missing"
    assert error.problems[0].tab == "vInfo"
    assert "vHost" in error.problems[0].message


@pytest.mark.parametrize("rows", [[["VM", "CPUs"]], [["CPUs", "Memory"], [1.0, 2.0]], [["a", "b"], ["c", "d"]], []])
def test_vinfo_without_a_vm_or_without_names(tmp_path, rows):
    error = _refused(write_xlsx(tmp_path / "a.xlsx", {"vInfo": rows}))
    assert error.code == "vinfo_unusable"
    assert error.problems[0].tab == "vInfo"


def test_every_problem_of_every_file_is_listed(tmp_path):
    write_xlsx(tmp_path / "good.xlsx", GOOD)
    write_xlsx(tmp_path / "other.xlsx", {"vHost": [["Host"], ["h"]]})
    (tmp_path / "junk.xlsx").write_bytes(b"junk")
    (tmp_path / "locked.xlsx").write_bytes(OLE + "EncryptedPackage".encode("utf-16-le"))
    error = _refused(tmp_path)
    assert error.code == "source_unusable"
    assert sorted(problem.file for problem in error.problems) == ["junk.xlsx", "locked.xlsx", "other.xlsx"]


def test_an_empty_folder(tmp_path):
    assert _refused(tmp_path).code == "no_export"


def test_a_tab_that_stands_twice_in_a_folder(tmp_path):
    write_csv(tmp_path / "x", GOOD)
    (tmp_path / "x" / "vInfo.csv").write_text(csv_text(GOOD["vInfo"]))
    assert _refused(tmp_path / "x").code == "double_tab"


def test_a_csv_of_another_kind_is_no_export(tmp_path):
    (tmp_path / "cmdb.csv").write_text("a,b\n1,2\n")
    assert _refused(tmp_path / "cmdb.csv").code == "not_a_workbook"


def _row(number, *cells):
    inner = "".join(f'<c r="{letters}{number}" t="inlineStr"><is><t>{text}</t></is></c>' for letters, text in cells)
    return f'<row r="{number}">{inner}</row>'.encode()


FAR_CELLS = {
    "last place": _row(2, ("A", "one")) + _row(1048576, ("XFD", "far")),
    "far down": _row(2, ("A", "one")) + b'<row r="3"><c r="XFD1048576"><v>1</v></c></row>',
    "hidden in the middle": _row(2, ("XFD", "far")) + b'<row r="9"><c r="XFD900000"><v>1</v></c></row>' + _row(10, ("A", "one")),
    "tab before the reference": _row(2, ("A", "one")) + b'<row r="3"><c\tr="XFD1048576"><v>1</v></c></row>',
    "single quotes": _row(2, ("A", "one")) + b"<row r='3'><c r='XFD1048576'><v>1</v></c></row>",
    "reference is not the first attribute": _row(2, ("A", "one")) + b'<row r="3"><c s="0" r="XFD1048576"><v>1</v></c></row>',
}


@pytest.mark.parametrize("cells", FAR_CELLS.values(), ids=FAR_CELLS.keys())
def test_a_far_cell_is_refused_before_room_is_made_for_it(tmp_path, cells):
    path = _sheet(tmp_path / "a.xlsx", _row(1, ("A", "VM"), ("B", "CPUs")) + cells)
    error = _refused(path, Limits(max_cells=1_000_000))
    assert error.code in ("zip_bomb", "damaged_zip")
    assert error.problems[0].tab == "vInfo"


def test_a_far_cell_without_content_does_no_harm(tmp_path):
    path = _sheet(tmp_path / "a.xlsx", _row(1, ("A", "VM")) + _row(2, ("A", "one")) + b'<row r="1048576"><c r="XFD1048576" s="0"/></row>')
    assert read_rvtools(path, Limits(max_cells=1000)).source["vm_count"] == 1


def test_a_sheet_that_only_declares_a_million_rows_is_read(tmp_path):
    cells = b'<dimension ref="A1:XFD1048576"/>'
    good = write_xlsx(tmp_path / "good.xlsx", GOOD)
    with zipfile.ZipFile(good) as archive:
        sheet = archive.read(SHEET).replace(b'<dimension ref="A1:B3"/>', cells)
    assert cells in sheet
    assert read_rvtools(_changed(good, tmp_path / "a.xlsx", {SHEET: sheet})).source["vm_count"] == 2


def test_a_sheet_with_a_document_type_is_refused(tmp_path):
    workbook = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><workbook/>'
    path = _changed(write_xlsx(tmp_path / "good.xlsx", GOOD), tmp_path / "a.xlsx", {"xl/workbook.xml": workbook})
    assert _refused(path).code == "damaged_zip"


@pytest.mark.parametrize("width", [1, 2, 25, 26, 27, 52, 98, 701, 702, 703, 16383])
def test_the_pattern_of_columns_beyond_the_header_is_exact(width):
    pattern = re.compile(beyond(width))
    for number in {1, 26, 27, 702, 703, 16384, width - 1, width, width + 1, width + 27} - {0}:
        letters = letters_of(number)
        assert column_number(letters) == number
        assert bool(pattern.match(f"{letters}7")) == (number > width)


def test_a_zip_inside_is_measured_too(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (80 << 20))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as outer:
        outer.writestr("dc1.xlsx", inner.getvalue())
    error = _refused(tmp_path / "a.zip")
    assert error.code == "zip_bomb"
    assert error.problems[0].file == "a.zip/dc1.xlsx"


def test_members_that_overlap_are_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("RVTools_tabvInfo.csv", b"VM\n" + b"x" * 20000)
    content = bytearray(path.read_bytes())
    place = content.rfind(b"PK\x01\x02") + 20
    content[place : place + 4] = (10 << 20).to_bytes(4, "little")
    path.write_bytes(content)
    assert _refused(path).code == "zip_bomb"


def _csv_problem(tmp_path, text, name="RVTools_tabvInfo.csv"):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "vInfo.csv").write_text("VM,VM ID,Annotation\none,vm-1,x\n")
    if name == "RVTools_tabvInfo.csv":
        (tmp_path / "x" / "vInfo.csv").unlink()
    (tmp_path / "x" / name).write_text(text)
    error = _refused(tmp_path / "x")
    assert error.code == "damaged_csv"
    (problem,) = error.problems
    assert problem.file == name
    assert "quotes" in problem.remedy
    return problem


def test_a_csv_quote_that_is_never_closed_is_refused_with_its_row(tmp_path):
    problem = _csv_problem(tmp_path, 'VM,VM ID,Notes\na,vm-1,x\n"b,vm-2,x\nc,vm-3,x\nd,vm-4,x\n')
    assert (problem.tab, problem.row) == ("vInfo", 3)
    assert "line 3" in problem.message
    assert "never closed" in problem.message


def test_a_csv_quote_in_the_wrong_place_is_refused_with_its_row(tmp_path):
    problem = _csv_problem(tmp_path, 'VM,VM ID,Notes\na,vm-1,"x"\nb,vm-2,"x\nc,vm-3,"y"\nd,vm-4,"z"\n')
    assert problem.row == 3
    assert "do not fit" in problem.message


def test_csv_rows_longer_than_the_header_are_refused_and_listed(tmp_path):
    problem = _csv_problem(tmp_path, "VM,VM ID,Notes\na,vm-1,x\nb,vm-2,one,two\nc,vm-3,x\nd,vm-4,a,b,c\n")
    assert problem.row == 3
    assert problem.message == "rows 3, 5 have more cells than the header"


@pytest.mark.parametrize("row", ['"b\nc",vm-2,x', 'b,"vm-2,x\nc,vm-3",x'])
def test_a_line_feed_in_a_name_or_id_of_a_csv_is_refused(tmp_path, row):
    problem = _csv_problem(tmp_path, f"VM,VM ID,Notes\na,vm-1,x\n{row}\nd,vm-4,x\n")
    assert problem.row == 3
    assert "swallowed" in problem.message


def test_a_line_feed_in_a_key_of_another_csv_tab_is_refused(tmp_path):
    problem = _csv_problem(tmp_path, 'VM,Disk,VM ID\none,a,vm-1\n"one,b,vm-1\none",c,vm-1\n', "RVTools_tabvDisk.csv")
    assert (problem.tab, problem.row) == ("vDisk", 3)


def test_two_stray_csv_quotes_that_swallow_a_row_of_many_columns_are_refused(tmp_path):
    header = ["VM", "VM ID", "Annotation", *(f"c{n}" for n in range(9))]
    rows = [["a", "vm-1", "x"], ["b", "vm-2", '"x'], ["c", "vm-3", "x"], ["d", "vm-4", 'x"'], ["e", "vm-5", "x"]]
    lines = [",".join(header), *(",".join([*row, *["0"] * 9]) for row in rows)]
    problem = _csv_problem(tmp_path, "\n".join(lines) + "\n")
    assert problem.row == 3


def test_the_remedy_for_a_size_names_the_option_and_the_variable(tmp_path):
    problem = _refused(write_xlsx(tmp_path / "a.xlsx", GOOD), Limits(max_unpacked_bytes=1000)).problems[0]
    assert "max_unpacked_bytes" in problem.remedy
    assert "groundwork.readiness.estate" in problem.remedy
    assert "readiness_max_unpacked_bytes" in problem.remedy


def test_the_remedy_for_a_ratio_does_not_speak_of_raising_a_limit(tmp_path):
    bomb = b"<worksheet><sheetData>" + b" " * (96 << 20) + b"</sheetData></worksheet>"
    path = _changed(write_xlsx(tmp_path / "good.xlsx", GOOD), tmp_path / "a.xlsx", {SHEET: bomb})
    (problem,) = _refused(path, Limits(max_unpacked_bytes=1 << 40)).problems
    assert "times its size" in problem.message
    assert "save it again" in problem.remedy
    assert "CSV" in problem.remedy
    assert "raise" not in problem.remedy.lower()


def test_equal_names_in_a_folder_and_in_its_zip_are_told_apart_by_their_paths(tmp_path):
    source = tmp_path / "exports"
    (source / "site-a").mkdir(parents=True)
    (source / "site-a" / "report.xlsx").write_bytes(b"junk")
    other = write_xlsx(tmp_path / "other.xlsx", {"vHost": [["Host"], ["h"]]})
    with zipfile.ZipFile(source / "all.zip", "w") as archive:
        archive.write(other, "site-b/report.xlsx")
        archive.writestr("site-c/report.xlsx", b"junk")
        archive.writestr("site-d/RVTools_tabvInfo.csv", 'VM,CPUs\n"one,2\n')
    error = _refused(source)
    assert sorted(problem.file for problem in error.problems) == [
        "all.zip/site-b/report.xlsx",
        "all.zip/site-c/report.xlsx",
        "site-a/report.xlsx",
    ]
    assert sorted(problem.file for problem in _refused(source / "all.zip").problems) == [
        "all.zip/site-b/report.xlsx",
        "all.zip/site-c/report.xlsx",
    ]
    assert str(tmp_path) not in error.text()


def test_a_damaged_csv_in_a_zip_is_named_with_its_path(tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("site-d/RVTools_tabvInfo.csv", 'VM,CPUs\n"one,2\n')
    (problem,) = _refused(tmp_path / "all.zip").problems
    assert (problem.file, problem.row) == ("all.zip/site-d/RVTools_tabvInfo.csv", 2)


def test_a_missing_file_says_where_it_was_looked_for_and_what_to_do(tmp_path):
    (tmp_path / "exports").mkdir()
    (problem,) = _refused(tmp_path / "exports" / "dc1.xlsx").problems
    assert "in the folder exports" in problem.message
    assert "folder in which the playbook was started" in problem.remedy
    assert str(tmp_path) not in problem.text()
    (problem,) = _refused(tmp_path / "export" / "dc1.xlsx").problems
    assert "which does not exist either" in problem.message


def test_a_folder_with_nothing_but_runs_of_this_collection_says_so(tmp_path):
    run = tmp_path / "runs" / "first"
    run.mkdir(parents=True)
    (run / "run.json").write_text('{\n  "run_id": "first",\n  "schema": "groundwork.readiness/run"\n}\n')
    write_xlsx(run / "report.xlsx", {"Findings": [["VM"], ["one"]]})
    error = _refused(tmp_path)
    assert error.code == "no_export"
    assert "were left out" in error.problems[0].message
