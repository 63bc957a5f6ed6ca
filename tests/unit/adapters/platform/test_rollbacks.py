# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files from which a write to logins can be taken back, and files that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.rollbacks import (
    Rollback,
    read_rollback,
    write_rollbacks,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import Problem
from ansible_collections.groundwork.readiness.plugins.module_utils.common.merges import Merge, MergeOutcome
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import CHANGED, PASS, UPDATE, Finding
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.oauth import OAUTH, ProvidersChange, state_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Named

Json = dict[str, Any]


def oauth(*names: str) -> Json:
    providers = [{"name": name, "type": "HTPasswd", "htpasswd": {"fileData": {"name": name}}} for name in names]
    return {"metadata": {"name": "cluster", "uid": "u1"}, "spec": {"identityProviders": providers}}


def outcome(before: Json, after: Json, action: str = UPDATE) -> MergeOutcome:
    merge = Merge(OAUTH, "identity", "identity", "identity.providers", 50, ProvidersChange())
    return MergeOutcome(merge, Finding(merge.key, merge.path, CHANGED, PASS, action), before=before, after=after)


def test_a_write_leaves_how_it_was_and_how_it_is_then(tmp_path: Path) -> None:
    before, after = oauth("a"), oauth("a", "b")
    (path,) = write_rollbacks(tmp_path, "cluster-1", [outcome(before, after)])
    found = read_rollback(Path(path))
    assert isinstance(found, Rollback)
    assert isinstance(found.change, ProvidersChange)
    assert found.cluster == "cluster-1"
    assert found.change.restore is not None
    assert (found.change.restore.before, found.change.restore.after) == (state_of(before), state_of(after))


def test_a_second_write_of_a_run_keeps_how_it_was_before_the_first(tmp_path: Path) -> None:
    write_rollbacks(tmp_path, "c", [outcome(oauth("a"), oauth("a", "b"))])
    (path,) = write_rollbacks(tmp_path, "c", [outcome(oauth("a", "b"), oauth("a", "b", "c"))])
    content = json.loads(Path(path).read_text(encoding="utf-8"))
    assert (content["before"], content["after"]) == (state_of(oauth("a")), state_of(oauth("a", "b", "c")))


def test_what_somebody_else_wrote_between_two_writes_of_a_run_is_not_taken_back_with_them(tmp_path: Path) -> None:
    (first,) = write_rollbacks(tmp_path, "c", [outcome(oauth("a"), oauth("a", "b"))])
    (second,) = write_rollbacks(tmp_path, "c", [outcome(oauth("a", "b", "theirs"), oauth("a", "b", "theirs", "c"))])
    assert (Path(first).name, Path(second).name) == ("oauth.rollback.json", "oauth-2.rollback.json")
    content = json.loads(Path(second).read_text(encoding="utf-8"))
    assert content["before"] == state_of(oauth("a", "b", "theirs"))


@pytest.mark.parametrize(
    "left", ["{", "[]", json.dumps({"kind": "oauth", "cluster": "other", "before": {"uid": "u"}, "after": {"uid": "u"}})]
)
def test_a_file_that_is_broken_or_of_another_cluster_is_left_as_it_is(left: str, tmp_path: Path) -> None:
    place = tmp_path / "identity" / "oauth.rollback.json"
    place.parent.mkdir()
    place.write_text(left, encoding="utf-8")
    (path,) = write_rollbacks(tmp_path, "c", [outcome(oauth("a"), oauth("a", "b"))])
    assert (Path(path).name, place.read_text(encoding="utf-8")) == ("oauth-2.rollback.json", left)
    assert isinstance(read_rollback(Path(path)), Rollback)


def test_objects_that_are_no_logins_leave_no_file(tmp_path: Path) -> None:
    ref = Named("v1", "ConfigMap", "openshift-monitoring", "cluster-monitoring-config")
    merge = Merge(ref, "monitoring", "monitoring", "monitoring", 50, ProvidersChange())
    of_others = MergeOutcome(merge, Finding(merge.key, merge.path, CHANGED, PASS, UPDATE), before=oauth("a"), after=oauth("b"))
    assert write_rollbacks(tmp_path, "c", [of_others]) == ()
    assert not (tmp_path / "identity").exists()


def test_what_was_not_written_leaves_no_file(tmp_path: Path) -> None:
    assert write_rollbacks(tmp_path, "c", [outcome(oauth("a"), oauth("a"), "none")]) == ()
    assert not (tmp_path / "identity").exists()


STATE = {"uid": "u"}


@pytest.mark.parametrize(
    ("content", "words"),
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
def test_a_file_that_tells_of_no_write_is_a_problem_with_its_name(content: str | None, words: str, tmp_path: Path) -> None:
    path = tmp_path / "oauth.rollback.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    found = read_rollback(path)
    assert isinstance(found, Problem)
    assert words in found.message
    assert found.file == "oauth.rollback.json"
