# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of what promtool says; tests/integration/test_monitoring_rules.py asks the real one."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.promtool import is_program, judge_rules
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.monitoring import RulesWanted

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


def test_what_it_refuses_is_told_without_the_file(tmp_path: Path) -> None:
    body = 'for last; do :; done; echo "  FAILED:" >&2; echo "$last: 3:5: group g, rule 1: parse error: x" >&2; exit 1'
    seen = judge_rules([RULES], program(tmp_path, body))
    assert seen is not None and seen.faults == {SUBJECT: ("group g, rule 1: parse error: x",)}


def test_keys_that_thanos_alone_knows_are_kept_from_it(tmp_path: Path) -> None:
    seen = judge_rules([RULES], program(tmp_path, 'for last; do :; done; if grep -q partial "$last"; then exit 1; fi'))
    assert seen is not None and seen.faults == {SUBJECT: ()}


def test_nobody_was_asked_where_it_is_not_there_or_fails_without_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert judge_rules([RULES]) is None
    monkeypatch.undo()
    assert judge_rules([RULES], program(tmp_path, "exit 3")) is None
    assert judge_rules([], program(tmp_path, "exit 0")) is None
    assert not is_program(str(tmp_path / "nothing"))
