# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files from which a write to logins can be taken back, and files that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform import rollbacks
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.rollbacks import (
    Rollback,
    RollbackFiles,
    read_rollback,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import Problem, ReadinessError
from ansible_collections.groundwork.readiness.plugins.module_utils.common.merges import Merge
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.oauth import OAUTH, ProvidersChange, state_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Named

Json = dict[str, Any]


def oauth(*names: str) -> Json:
    providers = [{"name": name, "type": "HTPasswd", "htpasswd": {"fileData": {"name": name}}} for name in names]
    return {"metadata": {"name": "cluster", "uid": "u1"}, "spec": {"identityProviders": providers}}


MERGE = Merge(OAUTH, "identity", "identity", "identity.providers", 50, ProvidersChange())


def left(run_dir: Path, cluster: str, before: Json, after: Json) -> tuple[str, ...]:
    """The files of a run that writes once."""
    files = RollbackFiles(run_dir, cluster)
    files.intended(MERGE, before, after)
    files.written(MERGE, after)
    return files.paths


def content(path: str | Path) -> Json:
    return dict(json.loads(Path(path).read_text(encoding="utf-8")))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "identity").iterdir())


def test_a_write_leaves_how_it_was_and_how_it_is_then(tmp_path: Path) -> None:
    before, after = oauth("a"), oauth("a", "b")
    (path,) = left(tmp_path, "cluster-1", before, after)
    found = read_rollback(Path(path))
    assert isinstance(found, Rollback)
    assert isinstance(found.change, ProvidersChange)
    assert found.cluster == "cluster-1"
    assert found.change.restore is not None
    assert (found.change.restore.before, found.change.restore.after) == (state_of(before), state_of(after))


def test_a_second_write_of_a_run_keeps_how_it_was_before_the_first(tmp_path: Path) -> None:
    left(tmp_path, "c", oauth("a"), oauth("a", "b"))
    (path,) = left(tmp_path, "c", oauth("a", "b"), oauth("a", "b", "c"))
    found = content(path)
    assert (found["before"], found["after"], found["done"]) == (state_of(oauth("a")), state_of(oauth("a", "b", "c")), True)
    assert names(tmp_path) == ["oauth.rollback.json"]


def test_what_somebody_else_wrote_between_two_writes_of_a_run_is_not_taken_back_with_them(tmp_path: Path) -> None:
    (first,) = left(tmp_path, "c", oauth("a"), oauth("a", "b"))
    (second,) = left(tmp_path, "c", oauth("a", "b", "theirs"), oauth("a", "b", "theirs", "c"))
    assert (Path(first).name, Path(second).name) == ("oauth.rollback.json", "oauth-2.rollback.json")
    assert content(second)["before"] == state_of(oauth("a", "b", "theirs"))


@pytest.mark.parametrize(
    "there", ["{", "[]", json.dumps({"kind": "oauth", "cluster": "other", "before": {"uid": "u"}, "after": {"uid": "u"}})]
)
def test_a_file_that_is_broken_or_of_another_cluster_is_left_as_it_is(there: str, tmp_path: Path) -> None:
    place = tmp_path / "identity" / "oauth.rollback.json"
    place.parent.mkdir()
    place.write_text(there, encoding="utf-8")
    (path,) = left(tmp_path, "c", oauth("a"), oauth("a", "b"))
    assert (Path(path).name, place.read_text(encoding="utf-8")) == ("oauth-2.rollback.json", there)
    assert isinstance(read_rollback(Path(path)), Rollback)


def test_objects_that_are_no_logins_leave_no_file(tmp_path: Path) -> None:
    ref = Named("v1", "ConfigMap", "openshift-monitoring", "cluster-monitoring-config")
    merge = Merge(ref, "monitoring", "monitoring", "monitoring", 50, ProvidersChange())
    files = RollbackFiles(tmp_path, "c")
    files.intended(merge, oauth("a"), oauth("b"))
    files.written(merge, oauth("b"))
    files.undone(merge)
    assert files.paths == ()
    assert not (tmp_path / "identity").exists()


def test_what_is_about_to_be_written_is_in_a_file_before_it_is_and_stays_while_nobody_knows(tmp_path: Path) -> None:
    files = RollbackFiles(tmp_path, "c")
    files.intended(MERGE, oauth("a"), oauth("a", "b"))
    (path,) = files.paths
    found = content(path)
    assert (found["before"], found["after"], found["done"]) == (state_of(oauth("a")), state_of(oauth("a", "b")), False)
    former = read_rollback(Path(path))
    assert isinstance(former, Rollback)
    assert former.change.of(oauth("a")).object is None
    back = former.change.of(oauth("a", "b", "theirs")).object
    assert back is not None
    assert back["spec"] == oauth("a", "theirs")["spec"]


def test_what_was_not_written_leaves_no_file(tmp_path: Path) -> None:
    files = RollbackFiles(tmp_path, "c")
    files.intended(MERGE, oauth("a"), oauth("a", "b"))
    files.undone(MERGE)
    files.undone(MERGE)
    assert files.paths == ()
    assert names(tmp_path) == []


def test_a_further_attempt_takes_the_place_of_one_that_was_in_vain(tmp_path: Path) -> None:
    files = RollbackFiles(tmp_path, "c")
    files.intended(MERGE, oauth("a"), oauth("a", "b"))
    files.intended(MERGE, oauth("a", "theirs"), oauth("a", "theirs", "b"))
    files.written(MERGE, None)
    (path,) = files.paths
    assert (content(path)["before"], names(tmp_path)) == (state_of(oauth("a", "theirs")), ["oauth.rollback.json"])


def test_a_run_after_one_that_ended_in_the_middle_goes_on_from_what_became_of_it(tmp_path: Path) -> None:
    RollbackFiles(tmp_path, "c").intended(MERGE, oauth("a"), oauth("a", "b"))
    in_vain = tmp_path / "vain"
    RollbackFiles(in_vain, "c").intended(MERGE, oauth("a"), oauth("a", "x"))
    left(tmp_path, "c", oauth("a", "b"), oauth("a", "b", "c"))
    left(in_vain, "c", oauth("a"), oauth("a", "b"))
    assert names(tmp_path) == ["oauth.rollback.json"] == names(in_vain)
    assert content(tmp_path / "identity" / "oauth.rollback.json")["before"] == state_of(oauth("a"))
    assert content(in_vain / "identity" / "oauth.rollback.json")["after"] == state_of(oauth("a", "b"))


def test_a_file_that_cannot_be_written_keeps_the_write_from_being_sent(tmp_path: Path) -> None:
    (tmp_path / "identity").write_text("in the way", encoding="utf-8")
    with pytest.raises(ReadinessError) as error:
        RollbackFiles(tmp_path, "c").intended(MERGE, oauth("a"), oauth("a", "b"))
    assert (error.value.code, "could not be taken back" in error.value.message) == ("platform_unwritable", True)


def test_a_file_that_cannot_be_completed_stands_as_it_was_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = RollbackFiles(tmp_path, "c")
    files.intended(MERGE, oauth("a"), oauth("a", "b"))

    def full(_path: Path, _content: bytes) -> bool:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(rollbacks, "write_file", full)
    files.written(MERGE, oauth("a", "b"))
    (path,) = files.paths
    assert (content(path)["after"], content(path)["done"]) == (state_of(oauth("a", "b")), False)


STATE = {"uid": "u"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot be read"),
        ("nothing", "is no JSON"),
        ("[]", "holds no states"),
        (json.dumps({"kind": "oauth", "cluster": "c", "before": STATE}), "holds no states"),
        (json.dumps({"kind": "oauth", "cluster": "c", "before": STATE, "after": []}), "holds no states"),
        (json.dumps({"kind": "plan", "cluster": "c", "before": STATE, "after": STATE}), "of which object"),
        (json.dumps({"kind": "oauth", "before": STATE, "after": STATE}), "of which object"),
    ],
)
def test_a_file_that_tells_of_no_write_is_a_problem_with_its_name(text: str | None, words: str, tmp_path: Path) -> None:
    path = tmp_path / "oauth.rollback.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    found = read_rollback(path)
    assert isinstance(found, Problem)
    assert words in found.message
    assert found.file == "oauth.rollback.json"
