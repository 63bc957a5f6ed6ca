# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of manifests: complete or as it was, and nothing of before in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters import manifest_files
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.manifest_files import write_manifests
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.model import Manifest


def entry(path: str, **spec: Any) -> Manifest:
    return Manifest(path, {"apiVersion": "v1", "kind": "Thing", "metadata": {"name": "x"}, "spec": spec}, None, "", True)


FIRST = (entry("10-a.yaml", n=1), entry("wave-01/40-b.yaml", n=2))


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def tree(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*")) if path.is_file()}


def test_folder_holds_one_document_a_file_and_the_kustomizations(tmp_path: Path) -> None:
    written = write_manifests(tmp_path, FIRST)
    files = tree(tmp_path / "manifests/mtv")
    assert list(files) == ["10-a.yaml", "kustomization.yaml", "wave-01/40-b.yaml", "wave-01/kustomization.yaml"]
    assert yaml.safe_load(files["wave-01/40-b.yaml"])["spec"] == {"n": 2}
    assert (written.changed, written.count, written.written) == (True, 4, tuple(files))
    assert names_in(tmp_path / "manifests") == ["mtv"]


def test_second_run_touches_nothing(tmp_path: Path) -> None:
    first = write_manifests(tmp_path, FIRST)
    before = (tmp_path / "manifests/mtv").stat().st_ino
    second = write_manifests(tmp_path, reversed(FIRST))
    assert (second.changed, second.sha256) == (False, first.sha256)
    assert (tmp_path / "manifests/mtv").stat().st_ino == before


def test_file_that_is_no_longer_made_is_removed(tmp_path: Path) -> None:
    write_manifests(tmp_path, FIRST)
    second = write_manifests(tmp_path, FIRST[:1])
    assert second.removed == ("wave-01/40-b.yaml", "wave-01/kustomization.yaml")
    assert second.written == ("kustomization.yaml",)
    assert list(tree(tmp_path / "manifests/mtv")) == ["10-a.yaml", "kustomization.yaml"]


def test_check_says_what_would_change_and_writes_nothing(tmp_path: Path) -> None:
    assert write_manifests(tmp_path, FIRST, write=False).changed
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("place", ["10-a.yaml", "wave-01"])
def test_link_in_the_folder_is_replaced_and_what_is_behind_it_stays(tmp_path: Path, place: str) -> None:
    write_manifests(tmp_path, FIRST)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "40-b.yaml").write_text("kept", encoding="utf-8")
    link = tmp_path / "manifests/mtv" / place
    for path in sorted([link, *link.rglob("*")], reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    link.symlink_to(outside if place == "wave-01" else outside / "40-b.yaml")
    assert write_manifests(tmp_path, FIRST).changed
    assert not link.is_symlink()
    assert tree(outside) == {"40-b.yaml": "kept"}


def test_link_in_the_folder_s_own_place_is_replaced(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests/mtv").symlink_to(outside)
    write_manifests(tmp_path, FIRST)
    assert not (tmp_path / "manifests/mtv").is_symlink()
    assert names_in(outside) == []


def test_link_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "manifests").symlink_to(tmp_path / "outside")
    with pytest.raises(ReadinessError, match="is a link"):
        write_manifests(tmp_path, FIRST)
    assert names_in(tmp_path / "outside") == []


def test_failure_leaves_the_old_folder_and_nothing_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_manifests(tmp_path, FIRST)
    before = tree(tmp_path / "manifests/mtv")
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(manifest_files.Path, "rename", failing)
    with pytest.raises(ReadinessError, match="No space left"):
        write_manifests(tmp_path, FIRST[:1])
    assert tree(tmp_path / "manifests/mtv") == before
    assert names_in(tmp_path / "manifests") == ["mtv"]


@pytest.mark.parametrize("path", ["../x.yaml", "/x.yaml", "a//b.yaml", "", "10-a.yaml"])
def test_path_that_leads_out_or_stands_twice_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(ReadinessError, match="no path of a manifest"):
        write_manifests(tmp_path, [*FIRST, entry(path)])
    assert names_in(tmp_path) == []


def test_file_in_the_folder_s_place_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests/mtv").write_text("x", encoding="utf-8")
    write_manifests(tmp_path, FIRST)
    assert "10-a.yaml" in tree(tmp_path / "manifests/mtv")
