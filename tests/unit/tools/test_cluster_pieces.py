# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the cluster counterpart that need no cluster."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.counterparts.cluster import AuditLog, ClusterError, Fault, crd_files, crds_available, node
from tests.counterparts.cluster.snapshots import copy_sparse, snapshot_path


def event(key: str, verb: str, uri: str = "/api/v1/pods", stage: str = "RequestReceived", **more: Any) -> dict[str, Any]:
    return {
        "auditID": key,
        "stage": stage,
        "verb": verb,
        "requestURI": uri,
        "user": {"username": "admin"},
        "objectRef": {"resource": "pods"},
    } | more


def log_of(path: Path, *events: dict[str, Any]) -> AuditLog:
    path.write_text("".join(json.dumps(each) + "\n" for each in events), encoding="utf-8")
    return AuditLog(path)


def answered(received: dict[str, Any], code: int = 200, **more: Any) -> dict[str, Any]:
    return received | {"stage": "ResponseComplete", "responseStatus": {"code": code}} | more


@pytest.mark.parametrize(
    ("verb", "more", "counts"),
    [
        ("get", {}, (1, 0, 0, 0)),
        ("watch", {}, (1, 0, 0, 0)),
        ("get", {"objectRef": None}, (0, 0, 0, 0)),
        ("patch", {}, (0, 1, 0, 0)),
        ("deletecollection", {}, (0, 1, 0, 0)),
        ("create", {"uri": "/api/v1/pods?fieldManager=x&dryRun=All"}, (0, 0, 1, 0)),
        ("create", {"objectRef": {"resource": "selfsubjectaccessreviews", "apiGroup": "authorization.k8s.io"}}, (0, 0, 0, 1)),
        ("create", {"user": {"username": "system:kube-scheduler"}}, (0, 0, 0, 0)),
        ("create", {"user": {"username": "system:serviceaccount:kube-system:job-controller"}}, (0, 0, 0, 0)),
        ("create", {"user": {"username": "system:serviceaccount:team:reader"}}, (0, 1, 0, 0)),
        ("create", {"user": {"username": "system:kwok"}, "impersonatedUser": {"username": "ops"}}, (0, 1, 0, 0)),
    ],
)
def test_a_call_counts_as_what_it_is(tmp_path: Path, verb: str, more: dict[str, Any], counts: tuple[int, ...]) -> None:
    received = event("1", verb, **more)
    audit = log_of(tmp_path / "log", received, answered(received)).since()
    assert (audit.reads, audit.writes, audit.dry_runs, audit.reviews) == counts


def test_a_dry_run_may_stand_in_the_body_of_a_deletion(tmp_path: Path) -> None:
    received = event("1", "delete")
    audit = log_of(tmp_path / "log", received, answered(received, requestObject={"dryRun": ["All"]})).since()
    assert (audit.writes, audit.dry_runs) == (0, 1)


def test_an_answer_that_comes_after_the_mark_counts_to_its_request(tmp_path: Path) -> None:
    before, after = event("1", "patch"), event("2", "patch")
    log = log_of(tmp_path / "log", before)
    mark = log.mark()
    with log.path.open("a", encoding="utf-8") as stream:
        stream.writelines(json.dumps(each) + "\n" for each in (answered(before), after, answered(after, 409)))
        stream.write('{"auditID": "3", "unfini')
    assert [call.status for call in log.since(mark).write_calls] == [409]


def test_a_request_without_an_answer_counts_all_the_same(tmp_path: Path) -> None:
    (call,) = log_of(tmp_path / "log", event("1", "create")).since(seconds=0).write_calls
    assert call.status == 0


@pytest.mark.parametrize(
    ("fault", "method", "path", "expected"),
    [
        (Fault(), "GET", "/api", True),
        (Fault(method="P(OST|UT)"), "PUT", "/api", True),
        (Fault(method="P(OST|UT)"), "PATCH", "/api", False),
        (Fault(path=r"/plans/wave-1\b"), "GET", "/apis/x/plans/wave-1?a=b", True),
        (Fault(path=r"/plans$"), "GET", "/apis/x/plans/wave-1", False),
    ],
)
def test_a_fault_concerns_the_requests_that_it_describes(fault: Fault, method: str, path: str, expected: bool) -> None:
    assert fault.matches(method, path) is expected


@pytest.fixture
def definitions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("crds/a.io_ones.yaml", "crds/a.io_twos.yaml", "crds/b.io_ones.yaml", "crds-standins/c.io_ones.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    monkeypatch.setenv("READINESS_SHARED", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        (("*",), ["a.io_ones", "a.io_twos", "b.io_ones", "c.io_ones"]),
        (("c.io", "a.io", "ones.a.io"), ["a.io_ones", "a.io_twos", "c.io_ones"]),
        (("ones.b.io",), ["b.io_ones"]),
    ],
)
def test_definitions_are_chosen_by_group_or_name(definitions: Path, groups: tuple[str, ...], expected: list[str]) -> None:
    assert crds_available()
    assert sorted(path.stem for path in crd_files(groups)) == expected


def test_a_group_without_definitions_is_an_error(definitions: Path) -> None:
    with pytest.raises(ClusterError, match=r"x\.io"):
        crd_files(("a.io", "x.io"))


def test_each_set_of_definitions_has_a_snapshot_of_its_own(definitions: Path) -> None:
    one, all_of_them = crd_files(("a.io",)), crd_files()
    first = snapshot_path("pins", one)
    assert first == snapshot_path("pins", one)
    assert len({first, snapshot_path("pins", all_of_them), snapshot_path("other pins", one)}) == 3
    one[0].write_text("changed")
    assert snapshot_path("pins", one) != first


def test_without_the_folder_there_are_no_definitions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READINESS_SHARED", str(tmp_path / "nowhere"))
    assert not crds_available()


def test_a_sparse_copy_is_the_same_and_takes_less(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "member").mkdir(parents=True)
    content = b"log" + bytes(4 << 20) + b"end" + bytes(1 << 20)
    (source / "member" / "wal").write_bytes(content)
    copy_sparse(source, tmp_path / "copy")
    copied = tmp_path / "copy" / "member" / "wal"
    assert copied.read_bytes() == content
    assert copied.stat().st_blocks * 512 < len(content) / 4


def test_a_node_adds_to_its_capacity_and_takes_from_what_can_be_allocated() -> None:
    made = node("gpu-0", cpu="64", capacity={"nvidia.com/gpu": "8"}, allocatable={"cpu": "63"}, labels={"zone": "a"})
    assert made["status"]["capacity"] == {"cpu": "64", "memory": "128Gi", "pods": "250", "nvidia.com/gpu": "8"}
    assert made["status"]["allocatable"] == {"cpu": "63", "memory": "128Gi", "pods": "250", "nvidia.com/gpu": "8"}
    assert made["metadata"]["labels"]["zone"] == "a"
