# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An artifact is whole and vouches for itself, or it is refused with its fault named."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import ArtifactReader, ArtifactWriter
from ansible_collections.groundwork.readiness.plugins.module_utils.common.artifact import ArtifactHeader, ArtifactInput, ArtifactWritten
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ArtifactError

RECORDS = [{"kind": "host", "id": "h1", "name": "esx-01"}, {"kind": "vm", "id": "v1", "name": "ä"}, {"kind": "vm", "id": "v2"}]


def write(path: Path, inputs: tuple[ArtifactInput, ...] = ()) -> ArtifactWritten:
    with ArtifactWriter(path, ArtifactHeader("estate", inputs)) as writer:
        for record in RECORDS:
            writer.write(dict(record))
        return writer.finish()


def fault(path: Path) -> str:
    with pytest.raises(ArtifactError) as caught:
        list(ArtifactReader(path, "estate"))
    assert path.name in caught.value.text()
    return caught.value.text()


@pytest.mark.parametrize("name", ["estate.jsonl", "estate.jsonl.gz"])
def test_what_was_written_is_read_back(tmp_path: Path, name: str) -> None:
    written = write(tmp_path / name)
    reader = ArtifactReader(tmp_path / name, "estate")
    assert list(reader) == RECORDS
    assert written.counts == {"host": 1, "vm": 2}
    assert reader.warnings == []


@pytest.mark.parametrize("name", ["estate.jsonl", "estate.jsonl.gz"])
def test_same_records_give_same_bytes_and_no_change(tmp_path: Path, name: str) -> None:
    first = write(tmp_path / name)
    before = (tmp_path / name).read_bytes()
    second = write(tmp_path / name)
    assert first.changed and not second.changed
    assert first.sha256 == second.sha256
    assert (tmp_path / name).read_bytes() == before


def test_order_of_inputs_never_shows_in_the_header(tmp_path: Path) -> None:
    inputs = (ArtifactInput("b.xlsx", "2" * 64), ArtifactInput("a.xlsx", "1" * 64, "2026-01-01T00:00:00Z"))
    write(tmp_path / "one.jsonl", inputs)
    write(tmp_path / "two.jsonl", inputs[::-1])
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()


def test_writer_that_is_left_early_leaves_nothing(tmp_path: Path) -> None:
    write(tmp_path / "estate.jsonl")
    before = (tmp_path / "estate.jsonl").read_bytes()
    with pytest.raises(RuntimeError), ArtifactWriter(tmp_path / "estate.jsonl", ArtifactHeader("estate")) as writer:
        writer.write({"kind": "vm", "id": "other"})
        raise RuntimeError
    assert [path.name for path in tmp_path.iterdir()] == ["estate.jsonl"]
    assert (tmp_path / "estate.jsonl").read_bytes() == before


def test_writer_refuses_records_out_of_order(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError), ArtifactWriter(tmp_path / "estate.jsonl", ArtifactHeader("estate")) as writer:
        writer.write({"kind": "vm", "id": "b"})
        writer.write({"kind": "vm", "id": "a"})


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_file_that_was_cut_off_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "estate.jsonl"
    write(path)
    path.write_bytes(path.read_bytes()[:-cut])
    fault(path)


def test_compressed_file_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "estate.jsonl.gz"
    write(path)
    path.write_bytes(path.read_bytes()[:-12])
    assert "compressed" in fault(path)


def test_compressed_file_with_a_flipped_byte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "estate.jsonl.gz"
    write(path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))
    fault(path)


def test_missing_trailer_is_named(tmp_path: Path) -> None:
    path = tmp_path / "estate.jsonl"
    write(path)
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    assert "trailer" in fault(path)


def test_changed_record_is_found_by_the_trailer(tmp_path: Path) -> None:
    path = tmp_path / "estate.jsonl"
    write(path)
    path.write_text(path.read_text().replace("esx-01", "esx-02"))
    assert "SHA-256" in fault(path)


def test_removed_record_is_found_by_the_trailer(tmp_path: Path) -> None:
    path = tmp_path / "estate.jsonl"
    write(path)
    lines = path.read_text().splitlines()
    del lines[2]
    path.write_text("\n".join(lines) + "\n")
    assert "counts" in fault(path)


def test_newer_major_is_refused_and_newer_minor_is_read_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "estate.jsonl"
    write(path)
    text = path.read_text()
    path.write_text(text.replace('"schema_version":"1.1"', '"schema_version":"2.0"'))
    assert "2.0 is newer" in fault(path)
    path.write_text(text.replace('"schema_version":"1.1"', '"schema_version":"1.7"'))
    reader = ArtifactReader(path, "estate")
    assert list(reader) == RECORDS
    assert len(reader.warnings) == 1


@pytest.mark.parametrize("content", ["", "{}\n", "no json\n", '{"kind":"header","schema":"something/else"}\n', "[1]\n", "\x00\x01\n"])
def test_file_that_is_no_artifact_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "estate.jsonl"
    path.write_text(content)
    fault(path)


def test_artifact_of_another_schema_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "estate.jsonl")
    with pytest.raises(ArtifactError, match=r"estate\.jsonl"):
        ArtifactReader(tmp_path / "estate.jsonl", "assessment")


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    fault(tmp_path / "nothing.jsonl")


def test_line_that_is_not_json_is_named_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "estate.jsonl"
    write(path)
    lines = path.read_text().splitlines()
    lines[2] = lines[2][:-3]
    path.write_text("\n".join(lines) + "\n")
    assert "row 3" in fault(path)


def test_header_names_schema_version_mode_and_collection(tmp_path: Path) -> None:
    write(tmp_path / "estate.jsonl.gz")
    header = json.loads(gzip.decompress((tmp_path / "estate.jsonl.gz").read_bytes()).splitlines()[0])
    assert header["schema"] == "groundwork.readiness/estate"
    assert header["mode"] == "apply"
    assert set(header) == {"kind", "schema", "schema_version", "collection_version", "mode", "inputs"}
