# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of what promtool says; tests/integration/test_monitoring_rules.py asks the real one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform import promtool
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.promtool import is_program, judge_rules
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.monitoring import RulesWanted
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.promql import PromqlSeen

RULES = RulesWanted(name="site", groups=({"name": "g", "partial_response_strategy": "warn", "rules": [{"record": "a:b", "expr": "up"}]},))
SUBJECT = "groundwork-readiness-monitoring/site"


def program(folder: Path, body: str) -> str:
    path = folder / "promtool"
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_rules_that_it_takes_are_without_faults(tmp_path: Path) -> None:
    seen = judge_rules([RULES], program(tmp_path, "exit 0"))
    assert seen is not None and seen.faults == {SUBJECT: ()}


def test_caller_may_have_an_event_loop_that_runs(tmp_path: Path) -> None:
    async def calls() -> object:
        return judge_rules([RULES], program(tmp_path, "exit 0"))

    seen = asyncio.run(calls())
    assert isinstance(seen, PromqlSeen) and seen.faults == {SUBJECT: ()}


def test_what_it_refuses_is_told_without_the_file(tmp_path: Path) -> None:
    body = 'for last; do :; done; echo "  FAILED:" >&2; echo "$last: 3:5: group g, rule 1: parse error: x" >&2; exit 1'
    seen = judge_rules([RULES], program(tmp_path, body))
    assert seen is not None and seen.faults == {SUBJECT: ("group g, rule 1: parse error: x",)}


def test_keys_that_thanos_alone_knows_are_kept_from_it(tmp_path: Path) -> None:
    seen = judge_rules([RULES], program(tmp_path, 'for last; do :; done; if grep -q partial "$last"; then exit 1; fi'))
    assert seen is not None and seen.faults == {SUBJECT: ()}


def test_nobody_was_asked_where_it_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert judge_rules([RULES]) is None
    monkeypatch.undo()
    assert judge_rules([], program(tmp_path, "exit 0")) is None
    assert not is_program(str(tmp_path / "nothing"))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("echo \"promtool: error: unknown long flag '--lint', try --help\" >&2; exit 1", "unknown long flag '--lint', try --help"),
        ('echo "promtool-2.5: error: unknown long flag" >&2; exit 1', "unknown long flag"),
        ("exit 3", "it ended with 3 and said nothing"),
    ],
)
def test_trouble_with_its_own_use_is_no_fault_of_the_rules(tmp_path: Path, body: str, reason: str) -> None:
    name = "promtool-2.5" if "2.5" in body else "promtool"
    path = Path(program(tmp_path, body)).rename(tmp_path / name)
    seen = judge_rules([RULES, RULES], str(path))
    assert seen is not None and (seen.judged, seen.reason, seen.faults) == (False, reason, {})


def test_program_that_cannot_be_run_judges_nothing(tmp_path: Path) -> None:
    path = tmp_path / "promtool"
    path.write_bytes(b"\x7fELF no program")
    path.chmod(0o755)
    seen = judge_rules([RULES], str(path))
    assert seen is not None and seen.reason.startswith("it cannot be run: ")


def test_program_that_does_not_end_is_ended_and_judges_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promtool, "_SECONDS", 0.3)
    seen = judge_rules([RULES], program(tmp_path, f"echo $$ > {tmp_path / 'pid'}; exec sleep 600"))
    assert seen is not None and (seen.judged, seen.reason) == (False, "it did not end within 0.3 seconds")
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text(encoding='utf-8').strip()}").exists()
