# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The estate stage as a whole: what it returns, what it refuses, and that it leaves nothing half-written."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters import rvtools
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import file_sha256
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.estate_sources import ReadContext
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.estate_stage import EstateRequest, run_estate
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.source_read import SourceRead
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vcenter_arguments import VcenterSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.common.artifact import ArtifactInput
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import InputError, Problem, ReadinessError

from .samples import OTHER_VCENTER, VCENTER, Record, of, read, run, source, vm, vms, write_estate

CHECKOUT = Path(__file__).resolve().parents[3]


def small(name: str = "a.xlsx", vcenter: str = VCENTER) -> list[Record]:
    return [
        source(name),
        of("cluster", name, f"{vcenter}/domain-c8", name="c1", vcenter=vcenter, moref="domain-c8"),
        of("host", name, f"{vcenter}/host-1", name="esx", vcenter=vcenter, moref="host-1"),
        vm(name, "vm-2", vcenter, disks=[{"key": 2000}, {"key": 2001}], nics=[{"key": 4000}], snapshots=[]),
        vm(name, "vm-1", vcenter, template=True, snapshots=[{"name": "s"}]),
    ]


def refusal(dest: Path, **request: Any) -> InputError:
    """The error; nothing must be left in the folder of the artifact."""
    with pytest.raises(InputError) as raised:
        run_estate(EstateRequest(dest=dest, **request))
    assert not dest.parent.exists() or list(dest.parent.iterdir()) == []
    return raised.value


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "run" / "estate.jsonl"


def test_the_result_names_artifact_counts_and_inputs(tmp_path: Path, out: Path) -> None:
    saved = write_estate(tmp_path / "saved.jsonl", small())
    result = run(out, saved)
    assert result.artifact == out
    assert result.sha256 == file_sha256(out)
    assert result.changed
    assert result.inputs == {"saved.jsonl": file_sha256(saved)}
    assert result.counts == {
        "vms": 2,
        "in_scope": 1,
        "out_of_scope": 1,
        "disks": 2,
        "nics": 1,
        "snapshots": 1,
        "hosts": 1,
        "clusters": 1,
        "datastores": 0,
        "networks": 0,
        "sources": 1,
        "conflicts": 0,
    }
    assert list(out.parent.iterdir()) == [out]
    header = json.loads(out.read_text(encoding="utf-8").splitlines()[0])
    assert header["inputs"] == [{"name": "saved.jsonl", "sha256": file_sha256(saved)}]


def test_a_second_run_changes_nothing_and_check_mode_says_so(tmp_path: Path, out: Path) -> None:
    saved = write_estate(tmp_path / "saved.jsonl", small())
    run(out, saved)
    assert not run(out, saved).changed
    assert run(out, saved, mode="check").changed
    assert json.loads(out.read_text(encoding="utf-8").splitlines()[0])["mode"] == "check"


def test_a_saved_estate_comes_out_as_it_went_in(tmp_path: Path, out: Path) -> None:
    run(out, write_estate(tmp_path / "saved.jsonl", small()))
    run(tmp_path / "again.jsonl", out)
    assert (tmp_path / "again.jsonl").read_bytes().splitlines()[1:] == out.read_bytes().splitlines()[1:]


def test_a_gzipped_estate_is_read_and_written(tmp_path: Path) -> None:
    plain = write_estate(tmp_path / "saved.jsonl", small())
    packed = write_estate(tmp_path / "saved.jsonl.gz", small())
    run(tmp_path / "from_plain.jsonl", plain)
    result = run(tmp_path / "from_packed.jsonl.gz", packed)
    assert result.inputs == {"saved.jsonl.gz": file_sha256(packed)}
    unpacked = gzip.decompress((tmp_path / "from_packed.jsonl.gz").read_bytes())
    assert unpacked.splitlines()[1:] == (tmp_path / "from_plain.jsonl").read_bytes().splitlines()[1:]


def test_parts_are_read_like_sources_and_missing_ones_are_named(tmp_path: Path, out: Path) -> None:
    first = write_estate(tmp_path / "saved.jsonl", small())
    part = write_estate(tmp_path / "estate-vc-b.jsonl", small("vc-b", OTHER_VCENTER))
    result = run(out, first, parts=[part], parts_missing=["vc-d", "vc-c", "vc-d"])
    assert result.counts["vms"] == 4
    assert result.missing == ("vc-c", "vc-d")
    assert list(read(out)["notice"]) == ["source_missing/vc-c", "source_missing/vc-d"]
    assert any("vc-c left no estate" in warning for warning in result.warnings)


def test_a_source_that_is_named_twice_is_read_once(tmp_path: Path, out: Path) -> None:
    saved = write_estate(tmp_path / "saved.jsonl", small())
    once = run(out, saved)
    again = run(out, saved, saved, parts=[saved])
    assert not again.changed
    assert again.inputs == once.inputs


def test_inputs_of_one_name_are_told_apart(tmp_path: Path, out: Path) -> None:
    for folder, vcenter in (("x", VCENTER), ("y", OTHER_VCENTER)):
        (tmp_path / folder).mkdir()
        write_estate(tmp_path / folder / "saved.jsonl", small("a.xlsx", vcenter))
    inputs = run(out, tmp_path / "x" / "saved.jsonl", tmp_path / "y" / "saved.jsonl").inputs
    assert len(inputs) == 2
    assert all(name == f"saved.jsonl@{sha256[:8]}" for name, sha256 in inputs.items())


def test_no_source_at_all_is_an_error_with_a_remedy(out: Path) -> None:
    error = refusal(out, sources=[])
    assert error.code == "no_sources"
    assert "readiness_sources" in error.problems[0].remedy


def test_no_source_left_is_an_error_that_names_the_hosts(out: Path) -> None:
    error = refusal(out, sources=[], parts_missing=["vc-b", "vc-a"])
    assert error.code == "sources_missing"
    assert "vc-a, vc-b" in error.problems[0].message


@pytest.mark.parametrize("entry", [{}, {"rvtools": None}, {"rvtools": "a", "estate": "b"}, {"excel": "a"}])
def test_a_source_of_no_or_two_types_is_an_error(out: Path, entry: dict[str, Any]) -> None:
    error = refusal(out, sources=[entry])
    assert error.code == "source_unusable"
    assert "estate, rvtools, vcenter" in error.problems[0].remedy


DOWN = VcenterSettings(hostname="127.0.0.1", port=1, username="reader", password="not-shown")
"""A vCenter that is not there: nobody listens on that port."""


def test_a_vcenter_that_cannot_be_reached_is_one_problem_that_names_it_and_no_password(out: Path) -> None:
    error = refusal(out, sources=[{"vcenter": DOWN}])
    assert error.code == "vcenter_unreachable"
    assert "127.0.0.1" in error.problems[0].file
    assert error.problems[0].remedy
    assert "not-shown" not in error.text() + repr(DOWN)


def test_all_problems_of_all_inputs_come_in_one_error(tmp_path: Path, out: Path) -> None:
    good = write_estate(tmp_path / "good.jsonl", small())
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(good.read_bytes()[:-40])
    worse = tmp_path / "worse.jsonl"
    worse.write_text("nothing\n", encoding="utf-8")
    owners = tmp_path / "owners.csv"
    owners.write_text("owner\na\n", encoding="utf-8")
    sources: list[dict[str, Any]] = [
        {"estate": str(bad)},
        {"estate": str(good)},
        {"vcenter": DOWN},
        {"estate": str(worse)},
        {"estate": str(tmp_path / "none.jsonl")},
        {"rvtools": str(tmp_path / "none.xlsx")},
    ]
    error = refusal(out, sources=sources, annotations=[owners], scope={"only": {}})
    assert error.code == "input_unusable"
    files = [problem.file for problem in error.problems]
    assert set(files) == {"", "owners.csv", "bad.jsonl", "127.0.0.1", "worse.jsonl", "none.jsonl", "none.xlsx"}
    assert str(tmp_path) not in error.text()


def tampered(path: Path, old: bytes, new: bytes) -> Path:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))
    return path


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        (b'"schema_version":"1.1"', b'"schema_version":"2.0"', "artifact_too_new", "newer than 1.1"),
        (b'"schema_version":"1.1"', b'"schema_version":"one"', "artifact_schema", "MAJOR.MINOR"),
        (b"readiness/estate", b"readiness/assessment", "artifact_schema", "expected an artifact"),
        (b'"name":"esx"', b'"name":"esy"', "artifact_damaged", "SHA-256"),
        (b'"vm":2', b'"vm":3', "artifact_damaged", "counts"),
        (b'{"kind":"host"', b'{"kind":"host', "artifact_damaged", "not JSON"),
    ],
)
def test_a_saved_estate_that_is_not_whole_is_refused(tmp_path: Path, out: Path, old: bytes, new: bytes, code: str, words: str) -> None:
    saved = tampered(write_estate(tmp_path / "saved.jsonl", small()), old, new)
    error = refusal(out, sources=[{"estate": str(saved)}])
    assert error.code == code
    assert words in error.text()
    assert all(problem.file == "saved.jsonl" for problem in error.problems)


@pytest.mark.parametrize("keep", [0, 1, 20, -1, -20, -200])
@pytest.mark.parametrize("name", ["saved.jsonl", "saved.jsonl.gz"])
def test_a_truncated_estate_is_refused(tmp_path: Path, out: Path, name: str, keep: int) -> None:
    saved = write_estate(tmp_path / name, small())
    saved.write_bytes(saved.read_bytes()[:keep])
    error = refusal(out, sources=[{"estate": str(saved)}])
    assert error.code.startswith("artifact_")
    assert error.problems[0].file == name


def test_an_estate_that_unpacks_to_too_much_is_refused(tmp_path: Path, out: Path) -> None:
    saved = write_estate(tmp_path / "saved.jsonl.gz", [source("a"), *(vm("a", f"vm-{number}", notes="x" * 1000) for number in range(100))])
    error = refusal(out, sources=[{"estate": str(saved)}], context=ReadContext(limit_bytes=50_000))
    assert error.code == "input_too_large"


def test_values_of_wrong_types_are_listed_with_their_rows(tmp_path: Path, out: Path) -> None:
    records = [
        source("a"),
        *(vm("a", f"vm-{number:03}", cpu_count="two") for number in range(60)),
        vm("a", "vm-x", disks=[{"key": "2000"}]),
    ]
    error = refusal(out, sources=[{"estate": str(write_estate(tmp_path / "saved.jsonl", records))}])
    assert error.problems[0].row == 3
    assert "cpu_count is not a whole number" in error.problems[0].message
    assert error.problems[-1].message == "11 more values are not what the model says"


def test_a_newer_minor_version_is_read_with_a_warning(tmp_path: Path, out: Path) -> None:
    saved = tampered(write_estate(tmp_path / "saved.jsonl", small()), b'"schema_version":"1.1"', b'"schema_version":"1.7"')
    assert any("1.7" in warning for warning in run(out, saved).warnings)


def test_a_word_of_a_newer_minor_version_is_kept_with_a_warning_and_of_this_one_refused(tmp_path: Path, out: Path) -> None:
    saved = write_estate(tmp_path / "saved.jsonl", [source("a"), vm("a", "vm-1", name="erp", power_state="hibernated")])
    error = refusal(out, sources=[{"estate": str(saved)}])
    assert "power_state is 'hibernated', which is none of poweredOff, poweredOn, suspended" in error.text()
    result = run(out, tampered(saved, b'"schema_version":"1.1"', b'"schema_version":"1.7"'))
    assert vms(out)["erp"]["power_state"] == "hibernated"
    assert any("hibernated" in warning for warning in result.warnings)


def test_a_negative_number_is_refused_with_its_row(tmp_path: Path, out: Path) -> None:
    saved = write_estate(tmp_path / "saved.jsonl", [source("a"), vm("a", "vm-1", memory_mib=-1)])
    (problem,) = refusal(out, sources=[{"estate": str(saved)}]).problems
    assert (problem.row, "memory_mib is -1" in problem.message) == (3, True)


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"])
def test_a_workbook_as_saved_estate_names_rvtools(tmp_path: Path, out: Path, start: bytes) -> None:
    (tmp_path / "x.xlsx").write_bytes(start + b"...")
    error = refusal(out, sources=[{"estate": str(tmp_path / "x.xlsx")}])
    assert "rvtools" in error.text()


def test_an_earlier_artifact_stays_when_a_run_fails(tmp_path: Path, out: Path) -> None:
    run(out, write_estate(tmp_path / "saved.jsonl", small()))
    before = out.read_bytes()
    with pytest.raises(InputError):
        run_estate(EstateRequest(sources=[{"vcenter": DOWN}], dest=out))
    assert out.read_bytes() == before
    assert list(out.parent.iterdir()) == [out]


def test_a_folder_that_cannot_be_written_is_an_error_and_no_traceback(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(ReadinessError) as raised:
        run(blocked / "estate.jsonl", write_estate(tmp_path / "saved.jsonl", small()))
    assert raised.value.code == "estate_unwritable"


def test_a_folder_in_place_of_an_estate_is_an_error(tmp_path: Path, out: Path) -> None:
    assert "folder" in refusal(out, sources=[{"estate": str(tmp_path)}]).text()


def reader_of(*records: Record, error: InputError | None = None) -> Any:
    """A reader in the place of the one for RVTools."""

    def stream() -> Iterator[Record]:
        yield from (record for record in records if record["kind"] != "source")
        if error is not None:
            raise error

    def read_rvtools(path: Path, _limits: Any) -> SourceRead:
        return SourceRead(records[0], stream(), (ArtifactInput(path.name, "0" * 64),))

    return read_rvtools


def test_records_of_a_reader_are_sorted_and_its_source_kept(monkeypatch: pytest.MonkeyPatch, out: Path) -> None:
    monkeypatch.setattr(rvtools, "read_rvtools", reader_of(*small()))
    result = run_estate(EstateRequest(sources=[{"rvtools": "/somewhere/a.xlsx"}], dest=out))
    assert list(read(out)["vm"]) == [f"{VCENTER}/vm-1", f"{VCENTER}/vm-2"]
    assert list(read(out)["source"]) == ["a.xlsx@00000000"]
    assert result.inputs == {"a.xlsx": "0" * 64}


def test_an_error_in_the_middle_of_a_source_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, out: Path) -> None:
    problem = Problem("bad cell", file="a.xlsx", tab="vInfo", row=9, column="CPUs", remedy="mend it")
    error = InputError("rvtools_unusable", "a.xlsx cannot be read", problems=[problem])
    monkeypatch.setattr(rvtools, "read_rvtools", reader_of(*small(), error=error))
    found = refusal(out, sources=[{"rvtools": "a.xlsx"}])
    assert (found.code, found.problems) == ("rvtools_unusable", (problem,))
    saved = write_estate(tmp_path / "saved.jsonl", small())
    found = refusal(out, sources=[{"rvtools": "a.xlsx"}, {"estate": str(saved)}, {"vcenter": DOWN}])
    assert {entry.file for entry in found.problems} == {"127.0.0.1", "a.xlsx"}


def test_an_export_and_a_saved_estate_merge(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, out: Path) -> None:
    monkeypatch.setattr(rvtools, "read_rvtools", reader_of(source("a.xlsx"), vm("a.xlsx", "vm-1", cpu_count=2)))
    saved = write_estate(tmp_path / "saved.jsonl", [source("vc"), vm("vc", "vm-1", devices=[])])
    run_estate(EstateRequest(sources=[{"rvtools": "a.xlsx"}, {"estate": str(saved)}], dest=out))
    (machine,) = vms(out).values()
    assert (machine["cpu_count"], machine["devices"]) == (2, [])
    assert machine["sources"] == ["a.xlsx@00000000", "vc@00000000"]


PROCESS = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[1]]
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.estate_stage import EstateRequest, run_estate
sources = [{"estate": path} for path in sys.argv[4:]]
scope = {"exclude": {"tags": ["x"], "clusters": ["y"]}}
print(run_estate(EstateRequest(sources=sources, dest=Path(sys.argv[2]), scope=scope, annotations=[Path(sys.argv[3])])).sha256)
"""


def test_separate_processes_write_the_same_bytes_whatever_their_environment(tmp_path: Path) -> None:
    names = [("a", "2026-01-01T00:00:00Z"), ("b", ""), ("c", "2026-01-01T05:00:00")]
    paths = []
    for number, (name, date) in enumerate(names):
        disks = [{"key": 2000 + number, "thin": True}, {"key": 2010, "label": f"label-{name}"}]
        paths.append(
            write_estate(tmp_path / f"{name}.jsonl", [source(name, date), vm(name, "vm-1", name="erp", cpu_count=number, disks=disks)])
        )
    owners = tmp_path / "owners.csv"
    owners.write_text("vm,owner\nerp,team-erp\n", encoding="utf-8")
    results = set()
    for number, (seed, zone, order) in enumerate(
        [("0", "UTC", paths), ("1", "Asia/Tokyo", paths[::-1]), ("2", "America/Lima", paths[1:] + paths[:1])]
    ):
        folder = tmp_path / f"cwd-{number}"
        folder.mkdir()
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"}
        arguments = [str(CHECKOUT / "build" / "collections"), str(folder / "estate.jsonl"), str(owners), *map(str, order)]
        done = subprocess.run(
            [sys.executable, "-c", PROCESS, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=True
        )
        results.add(done.stdout)
    assert len(results) == 1
