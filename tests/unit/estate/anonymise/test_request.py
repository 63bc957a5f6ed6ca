# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module estate_anonymise: where its key comes from, what it writes and what it only predicts."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters import anonymise_request
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import file_sha256
from ansible_collections.groundwork.readiness.plugins.module_utils.common.calls import ModuleCall, Outcome
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError

from tests.unit.estate.samples import source, vm, write_estate

LASTING = "sixteen or more characters"


@pytest.fixture
def src(tmp_path: Path) -> Path:
    """A small saved estate."""
    return write_estate(tmp_path / "estate.jsonl", [source("a.xlsx"), vm("a.xlsx", "vm-1"), vm("a.xlsx", "vm-2")])


def called(src: Path, *, check_mode: bool = False, **params: Any) -> Outcome:
    """Does the module's work; the export is named relative to the estate's folder."""
    defaults = {"src": src.name, "dest": "out/export.jsonl", "base_dir": str(src.parent), "key": None, "key_file": None}
    more = {"shift_dates": False, "max_unpacked_bytes": 1 << 30}
    return anonymise_request.work(ModuleCall({**defaults, **more, **params}, check_mode, diff_mode=True))


def test_a_key_that_was_given_makes_the_export_repeatable(src: Path) -> None:
    first, second = called(src, key=LASTING), called(src, key=LASTING)
    dest = src.parent / "out" / "export.jsonl"
    assert (first.changed, second.changed) == (True, False)
    assert first.result == {"artifact": str(dest), "sha256": file_sha256(dest), "key_origin": "given"}
    assert first.counts == {"source": 1, "vm": 2}
    assert first.diff is not None
    assert (first.diff["before"], second.diff) == ("{}\n", {**first.diff, "before": first.diff["after"]})
    assert [path.name for path in dest.parent.iterdir()] == ["export.jsonl"]


def test_without_a_key_every_export_has_tokens_of_its_own(src: Path) -> None:
    first, second = called(src), called(src)
    assert first.result["key_origin"] == "once"
    assert first.changed
    assert second.changed
    assert first.result["sha256"] != second.result["sha256"]


def test_a_key_file_is_made_for_its_owner_alone_and_used_again(src: Path) -> None:
    file = src.parent / "private" / "export.key"
    first = called(src, key_file="private/export.key")
    assert first.result["key_origin"] == "new_file"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    second = called(src, key_file="private/export.key")
    assert (second.result["key_origin"], second.changed, second.warnings) == ("file", False, ())
    assert called(src, key=file.read_text().strip()).changed is False


def test_a_key_file_that_others_can_read_is_named(src: Path) -> None:
    file = src.parent / "export.key"
    file.write_text(LASTING, encoding="utf-8")
    file.chmod(0o644)
    assert called(src, key_file="export.key").warnings == ("export.key can be read by others: set its mode to 0600",)


@pytest.mark.parametrize(("content", "code"), [(b"short\n", "export_key_weak"), (b"\xff" * 40, "export_key_file")])
def test_a_key_file_that_holds_no_key_is_refused_and_nothing_is_written(src: Path, content: bytes, code: str) -> None:
    (src.parent / "export.key").write_bytes(content)
    with pytest.raises(ReadinessError) as raised:
        called(src, key_file="export.key")
    assert raised.value.code == code
    assert not (src.parent / "out").exists()


def test_a_key_that_is_too_short_is_refused_without_being_repeated(src: Path) -> None:
    with pytest.raises(ReadinessError) as raised:
        called(src, key="hunter22hunter2")
    assert raised.value.code == "export_key_weak"
    assert "hunter22" not in raised.value.text()


def test_check_mode_predicts_and_writes_nothing(src: Path) -> None:
    before = sorted(src.parent.iterdir())
    assert called(src, check_mode=True, key=LASTING).changed
    assert called(src, check_mode=True, key_file="private/export.key").result["key_origin"] == "new_file"
    assert sorted(src.parent.iterdir()) == before
    called(src, key=LASTING)
    assert called(src, check_mode=True, key=LASTING).changed is False
    assert called(src, check_mode=True, key=LASTING, shift_dates=True).changed is False
    assert called(src, check_mode=True, key=f"another, {LASTING}").changed


def test_what_holds_the_key_never_shows_it(src: Path) -> None:
    key = anonymise_request.export_key(LASTING, None, check_mode=False)
    request = anonymise_request.AnonymiseRequest(src, src, LASTING.encode())
    assert LASTING not in repr(key) + repr(request)


def test_an_estate_that_is_not_there_is_named(src: Path) -> None:
    with pytest.raises(ReadinessError) as raised:
        called(src.with_name("elsewhere.jsonl"))
    assert raised.value.subject == "elsewhere.jsonl"
    assert not (src.parent / "out").exists()
