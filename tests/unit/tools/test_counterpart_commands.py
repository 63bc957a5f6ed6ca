# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands of other projects are built together from their pins: whole or not at all, and once."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.counterparts import build
from tests.counterparts.build import BuildError, GoCommands, go_commands

GO = """#!/bin/sh
echo "$@" >> "{log}"
for last; do :; done
case "$last" in */broken) echo "# $last" >&2; echo "it does not compile" >&2; exit 1;; esac
echo example.com/a >&2
while [ "$1" != -o ]; do shift; done
echo program > "$2"
"""


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a Go was asked that builds nothing but files; with a cache of its own."""
    asked = tmp_path / "asked"
    (tmp_path / "bin").mkdir()
    go = tmp_path / "bin" / "go"
    go.write_text(GO.format(log=asked))
    go.chmod(0o755)
    monkeypatch.setenv("PATH", f"{go.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(build, "SAY_SECONDS", 0)
    return asked


@pytest.fixture
def wanted(tmp_path: Path) -> GoCommands:
    pins = tmp_path / "pins"
    pins.mkdir()
    for name in ("go.mod", "go.sum"):
        (pins / name).write_text(f"{name}\n")
    return GoCommands("toy", pins, {"one": "example.com/cmd/one", "two": "example.com/cmd/two"}, {"example.com/version.text": "v1"})


def test_all_commands_are_built_once_and_found_again(log: Path, wanted: GoCommands) -> None:
    said: list[str] = []
    folder = go_commands(wanted, said.append)
    assert sorted(each.name for each in folder.iterdir()) == ["one", "two"]
    assert [line.split()[0] for line in said] == ["building", "building", "built", "building", "building", "built"]
    asked = log.read_text()
    assert "-X example.com/version.text=v1" in asked
    assert go_commands(wanted) == folder
    assert log.read_text() == asked


def test_a_build_that_fails_leaves_nothing_and_says_what_go_said(log: Path, wanted: GoCommands) -> None:
    broken = replace(wanted, packages={**wanted.packages, "three": "example.com/cmd/broken"})
    with pytest.raises(BuildError, match=r"building three failed:\n# example\.com/cmd/broken\nit does not compile"):
        go_commands(broken)
    assert not (build.cache_dir() / f"toy-{broken.key()}").exists()
    assert go_commands(wanted).name == f"toy-{wanted.key()}"


def test_what_a_killed_build_left_is_cleared_away(log: Path, wanted: GoCommands) -> None:
    left = build.cache_dir() / "toy.unfinished"
    left.mkdir(parents=True)
    (left / "half").write_text("half")
    assert sorted(each.name for each in go_commands(wanted).iterdir()) == ["one", "two"]
    assert not left.exists()


@pytest.mark.parametrize("change", [{"packages": {"one": "example.com/cmd/one"}}, {"variables": {}}])
def test_any_change_of_what_is_built_asks_for_new_programs(wanted: GoCommands, change: dict[str, dict[str, str]]) -> None:
    assert replace(wanted, **change).key() != wanted.key()


def test_any_change_of_a_pin_asks_for_new_programs(wanted: GoCommands) -> None:
    before = wanted.key()
    (wanted.pins / "go.sum").write_text("changed\n")
    assert wanted.key() != before


def test_programs_without_build_tags_keep_the_key_that_they_were_built_under(wanted: GoCommands) -> None:
    # Everybody who has them would build etcd and Kubernetes once more, which takes minutes.
    assert wanted.key() == "54ee9bc703ef76e1"


def test_build_tags_reach_the_compiler_and_ask_for_new_programs(log: Path, wanted: GoCommands) -> None:
    tagged = replace(wanted, tags=("one", "two"))
    assert tagged.key() not in {wanted.key(), replace(wanted, tags=("one",)).key()}
    go_commands(tagged)
    assert [line.count("-tags one,two") for line in log.read_text().splitlines()] == [1, 1]
