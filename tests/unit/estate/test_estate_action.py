# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin beside the estate module: it says how far a reading is, and changes nothing else."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.action import estate
from ansible_collections.groundwork.readiness.plugins.plugin_utils import progress_watch
from ansible_collections.groundwork.readiness.plugins.plugin_utils.progress_watch import ProgressWatch, progress_line

FIGURES = {"read": 2500, "total": 6000, "per_second": 820.4, "seconds_left": 4.3, "seconds": 3.1}


# ---- the line -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        (FIGURES, "vc-north: 2500 of 6000 objects, 820/s, about 4 s left"),
        ({**FIGURES, "seconds_left": 300}, "vc-north: 2500 of 6000 objects, 820/s, about 5 min left"),
        ({**FIGURES, "per_second": 0.4}, "vc-north: 2500 of 6000 objects, 0.4/s, about 4 s left"),
        ({**FIGURES, "read": 6000, "seconds_left": 0}, "vc-north: 6000 of 6000 objects, 820/s"),
        ({"read": 12, "total": 0}, "vc-north: 12 objects"),
        ({"read": 0, "total": 60}, "vc-north: 0 of 60 objects"),
        ({**FIGURES, "password": "canary", "phase": "canary"}, "vc-north: 2500 of 6000 objects, 820/s, about 4 s left"),
        ({"read": "canary"}, ""),
        ({"read": True}, ""),
        ({"read": -1}, ""),
        ({"read": float("nan")}, ""),
        ({}, ""),
    ],
)
def test_line_has_the_figures_and_nothing_else(figures: dict[str, Any], expected: str) -> None:
    assert progress_line("vc-north", figures) == expected


def test_line_names_a_host_without_control_characters() -> None:
    assert progress_line("a\n\x1b[31mb{{ c }}", {"read": 1}) == "a___31mb__ c __: 1 objects"


# ---- the watch ------------------------------------------------------------------------------------------------------


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def watched(path: Path) -> tuple[ProgressWatch, Clock, list[str]]:
    """A watch whose thread is not running."""
    clock, said = Clock(), list[str]()
    return ProgressWatch(path, "vc", said.append, clock), clock, said


def test_reading_that_takes_under_two_seconds_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    watch, clock, said = watched(path)
    path.write_text(json.dumps(FIGURES))
    clock.now += progress_watch.SILENT_SECONDS - 0.1
    watch.look()
    assert said == []


def test_line_is_said_every_few_seconds_when_something_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    watch, clock, said = watched(path)
    for read in (10, 20, 30, 40):
        path.write_text(json.dumps({"read": read}))
        clock.now += progress_watch.BETWEEN_LINES_SECONDS / 2 + 0.1
        watch.look()
    assert said == ["vc: 20 objects", "vc: 40 objects"]
    clock.now += 100
    watch.look()
    assert len(said) == 2


def test_file_of_an_earlier_run_is_not_taken_for_this_one(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text(json.dumps(FIGURES))
    os.utime(path, (1, 1))
    watch, clock, said = watched(path)
    clock.now += 10
    watch.look()
    assert said == []
    path.write_text(json.dumps({"read": 5}))
    watch.look()
    assert said == ["vc: 5 objects"]


class Counting(ProgressWatch):
    """Counts how often it has looked."""

    looks = 0

    def look(self) -> None:
        self.looks += 1
        super().look()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1, 2]", b"null", b"\xff\xfe", b'{"read": null}', b"9" * 5000, b"[" * 4000, b'{"read": 1' + b" " * 9000 + b"}"],
    ids=["empty", "cut", "list", "null", "no text", "null inside", "long number", "deep", "too long"],
)
def test_broken_progress_file_disturbs_nothing(tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_watch, "SILENT_SECONDS", 0.0)
    monkeypatch.setattr(progress_watch, "LOOK_SECONDS", 0.001)
    path, said = tmp_path / "p.json", list[str]()
    path.write_bytes(b"old")
    watch = Counting(path, "vc", said.append)
    path.with_suffix(".new").write_bytes(content)
    path.with_suffix(".new").replace(path)
    with watch:
        while watch.looks < 3:
            continue
    assert said == []


def test_terminal_that_is_gone_disturbs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_watch, "SILENT_SECONDS", 0.0)
    monkeypatch.setattr(progress_watch, "LOOK_SECONDS", 0.001)
    path, tried = tmp_path / "p.json", list[str]()

    def gone(line: str) -> None:
        tried.append(line)
        raise BrokenPipeError

    with ProgressWatch(path, "vc", gone):
        path.write_text(json.dumps(FIGURES))
        while not tried:
            continue
    assert tried


# ---- the action -----------------------------------------------------------------------------------------------------


def plugin(transport: str = "local", no_log: bool = False, async_val: int = 0, **arguments: Any) -> estate.ActionModule:
    task = SimpleNamespace(
        args=arguments, async_val=async_val, check_mode=False, diff=False, action=estate.MODULE, delegate_to=None, no_log=no_log
    )
    shell = SimpleNamespace(tmpdir="unused")
    connection = SimpleNamespace(_shell=shell, always_pipeline_modules=False, transport=transport, has_native_async=False)
    loader = SimpleNamespace(get_basedir=lambda: "/playbook")
    return estate.ActionModule(task, connection, SimpleNamespace(check_mode=False, diff=False), loader, None, None)


def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, str]]:
    """What is watched from now on."""
    found: list[tuple[Path, str]] = []

    def watch(path: Path, label: str, _say: Callable[[str], object]) -> AbstractContextManager[object]:
        found.append((path, label))
        return nullcontext()

    monkeypatch.setattr(estate, "ProgressWatch", watch)
    return found


def test_module_gets_the_task_as_it_is_and_its_result_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    called: dict[str, Any] = {}

    def execute(self: estate.ActionModule, **given: Any) -> dict[str, Any]:
        called.update(given)
        return {"changed": True, "counts": {"vms": 1}, "diff": {"before": "", "after": ""}}

    monkeypatch.setattr(estate.ActionModule, "_execute_module", execute)
    watches = seen(monkeypatch)
    result = plugin(run_dir="/runs/a", host="vc-north", sources=[]).run(task_vars={"inventory_hostname": "vc-north"})
    assert called == {
        "module_name": "groundwork.readiness.estate",
        "module_args": {"run_dir": "/runs/a", "host": "vc-north", "sources": []},
        "task_vars": {"inventory_hostname": "vc-north"},
        "wrap_async": False,
    }
    assert result == {"changed": True, "counts": {"vms": 1}, "diff": {"before": "", "after": ""}}
    assert watches == [(Path("/runs/a/parts/.progress-vc-north.json"), "vc-north")]


def test_relative_run_directory_is_that_of_the_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estate.ActionModule, "_execute_module", lambda self, **given: {})
    watches = seen(monkeypatch)
    plugin(run_dir="runs/a").run(task_vars={})
    assert watches == [(Path("/playbook/runs/a/parts/.progress-localhost.json"), "localhost")]


@pytest.mark.parametrize(
    "more", [{"transport": "ssh"}, {"no_log": True}, {"async_val": 600}, {"run_dir": None}, {"run_dir": 5}, {"host": ["a"]}]
)
def test_nothing_is_watched_where_there_is_nothing_to_show(monkeypatch: pytest.MonkeyPatch, more: dict[str, Any]) -> None:
    called: list[Any] = []
    monkeypatch.setattr(estate.ActionModule, "_execute_module", lambda self, **given: called.append(given["wrap_async"]) or {})
    watches = seen(monkeypatch)
    plugin(**{"run_dir": "/runs/a", **more}).run(task_vars={})
    assert watches == []
    assert called == [bool(more.get("async_val"))]
