# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong variables: every fault in one error, in the user's words, and never a password."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.estate_arguments import EstateArguments, secrets
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.estate_request import (
    estate_request,
    part_path,
    progress_path,
    work,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.run_directory import RunDirectory, StageRecord
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vcenter_arguments import ENVIRONMENT
from ansible_collections.groundwork.readiness.plugins.module_utils.common.calls import ModuleCall
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import InputError

from .samples import source, vm, write_estate

CHECKOUT = Path(__file__).resolve().parents[3]
CANARY = "canary-that-must-not-sing"


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables of whoever runs the tests must not count."""
    for name in ENVIRONMENT.values():
        monkeypatch.delenv(name, raising=False)


def call(run_dir: Path, check: bool = False, **params: Any) -> ModuleCall:
    given = {
        "run_dir": str(run_dir),
        "host": "localhost",
        "address": None,
        "base_dir": None,
        "dest": None,
        "max_unpacked_bytes": 1 << 30,
        **params,
    }
    return ModuleCall(
        {"sources": None, "scope": None, "annotations": None, "expected_hosts": [], "left_out_hosts": [], **given}, check, True
    )


def faults(what: str, value: Any, host: str = "localhost") -> list[str]:
    arguments = EstateArguments(Path("/base"), host)
    assert getattr(arguments, what)(value) == []
    assert all(problem.remedy for problem in arguments.problems)
    return [problem.message for problem in arguments.problems]


@pytest.mark.parametrize(
    ("value", "messages"),
    [
        ("x.xlsx", ["readiness_sources is a text, not a list"]),
        ({"rvtools": "x.xlsx"}, ["readiness_sources is a mapping, not a list"]),
        (7, ["readiness_sources is a number, not a list"]),
        (["x.xlsx", None], ["readiness_sources[0] is a text, not a mapping", "readiness_sources[1] is null, not a mapping"]),
        ([{"rvtool": "x.xlsx"}], ["readiness_sources[0].rvtool is not known"]),
        ([{}], ["readiness_sources[0] names nothing to read"]),
        ([{"rvtools": None}], ["readiness_sources[0] names nothing to read"]),
        ([{"rvtools": ""}, {"estate": "  "}], ["readiness_sources[0].rvtools is empty", "readiness_sources[1].estate is empty"]),
        ([{"rvtools": ["x"]}, {"estate": 2026}], ["readiness_sources[0].rvtools is a list", "readiness_sources[1].estate is a number"]),
        ([{"rvtools": "a", "estate": "b"}], ["readiness_sources[0] has rvtools and estate"]),
        ([{"rvtools": "a\x00b"}], ["readiness_sources[0].rvtools holds a character"]),
        ([{"vcenter": "vc"}], ["readiness_sources[0].vcenter is a text, not a mapping"]),
        (
            [{"vcenter": {"host": "vc", "port": "x", "validate_certs": "maybe", "username": 1}}],
            [
                ".host is not known",
                ".port is not a number from 1",
                ".username is not a text",
                ".validate_certs is not",
                ".hostname is missing",
                ".password is missing",
            ],
        ),
    ],
)
def test_every_fault_of_the_sources_is_told_with_its_place(value: Any, messages: list[str]) -> None:
    found = faults("sources", value)
    assert len(found) == len(messages)
    for message, part in zip(found, messages, strict=True):
        assert part in message


def test_a_misspelt_key_of_a_source_names_the_one_that_was_meant() -> None:
    arguments = EstateArguments(Path(), "localhost")
    arguments.sources([{"rvtool": "x.xlsx"}, {"vcenter": {"hostname": "vc", "username": "u", "password": "p", "pasword": "p"}}])
    assert [problem.remedy.split("?")[0] for problem in arguments.problems] == ["did you mean rvtools", "did you mean password"]


@pytest.mark.parametrize(
    ("value", "messages"),
    [
        (
            [1, "", {"a": 1}],
            [f"readiness_annotations[{fault}" for fault in ("0] is a number", "1] is empty", "2] is a mapping")],
        ),
        ({"a.csv": 1}, ["readiness_annotations is a mapping, not a list of paths"]),
    ],
)
def test_every_fault_of_the_annotations_is_told_with_its_place(value: Any, messages: list[str]) -> None:
    found = faults("annotations", value)
    assert [message.startswith(part) for message, part in zip(found, messages, strict=True)] == [True] * len(messages)


def test_one_text_is_one_annotation_file() -> None:
    assert EstateArguments(Path("/base"), "localhost").annotations("owners.csv") == [Path("/base/owners.csv")]


@pytest.mark.parametrize("nothing", [None, "", []])
def test_null_counts_as_not_given(nothing: Any) -> None:
    assert faults("sources", nothing) == faults("annotations", nothing) == []


@pytest.mark.parametrize("nothing", [None, "", {}])
def test_a_host_without_vcenter_names_what_is_missing_and_takes_its_own_name(nothing: Any) -> None:
    place = "readiness_vcenter of host vc-a"
    assert faults("sources", [{"vcenter": nothing}], "vc-a") == [f"{place}.username is missing", f"{place}.password is missing"]
    assert faults("sources", [{"vcenter": {"port": 1, "hostnam": "x"}}], "vc-a")[0] == f"{place}.hostnam is not known"


def test_faults_of_variables_and_of_files_come_in_one_error(tmp_path: Path) -> None:
    params = {"sources": [{"rvtool": "x"}, {"rvtools": "none.xlsx"}], "scope": {"inclde": {}}, "annotations": [1, "none.csv"]}
    with pytest.raises(InputError) as raised:
        work(call(tmp_path, base_dir=str(tmp_path), **params))
    text = raised.value.text()
    for part in ("readiness_sources[0].rvtool", "readiness_scope.inclde", "readiness_annotations[0]", "none.xlsx", "none.csv"):
        assert part in text
    assert len(raised.value.problems) == 5
    assert "there is no source" not in text


def test_check_mode_only_predicts_what_lies_outside_of_the_run_directory(tmp_path: Path) -> None:
    saved = write_estate(tmp_path / "saved.jsonl", [source("a"), vm("a", "vm-1")])
    run_dir, dest = tmp_path / "run", tmp_path / "out" / "estate.jsonl"
    run_dir.mkdir()
    params = {"sources": [{"estate": str(saved)}], "dest": str(dest)}
    predicted = work(call(run_dir, check=True, **params))
    assert predicted.changed
    assert not dest.parent.exists()
    assert list(run_dir.iterdir()) == []
    assert predicted.diff is not None
    assert json.loads(predicted.diff["after"]) == {"source": 1, "vm": 1}
    inside = work(call(run_dir, check=True, sources=params["sources"]))
    dest.parent.mkdir()
    dest.write_bytes((run_dir / "estate.jsonl").read_bytes())
    again = work(call(run_dir, check=True, **params))
    assert (again.changed, again.artifacts) == (False, inside.artifacts)


def test_a_part_counts_once_its_host_has_read_it_in_this_run(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    directory.open(run_id="r", now="2027-01-01T00:00:00Z", mode="apply", playbook="", started_at="")
    for host in ("vc-a", "vc-b", "vc-c"):
        write_estate(tmp_path / "parts" / f"estate-{host}.jsonl", [source(host), vm(host, "vm-1", name=host)])
    directory.record(StageRecord("estate", "vc-a", "ran"))
    directory.record(StageRecord("estate", "vc-b", "failed", error={"code": "x", "message": "x"}))
    outcome = work(call(tmp_path, expected_hosts=["vc-a", "vc-b", "vc-c", "vc-d"]))
    assert outcome.result["missing"] == ["vc-b", "vc-c", "vc-d"]
    assert outcome.counts["sources"] == 1


def test_a_host_of_the_inventory_makes_its_part_where_the_merge_looks_for_it(tmp_path: Path) -> None:
    for host in ("vc-north.example.com", "vc/../c", "a%2Fb", "../../x"):
        dest = estate_request(call(tmp_path, host=host).params, "apply").dest
        assert dest == part_path(tmp_path, host)
        assert dest.resolve().parent == progress_path(tmp_path, host).resolve().parent == (tmp_path / "parts").resolve()
    assert part_path(tmp_path, "vc-north.example.com").name == "estate-vc-north.example.com.jsonl"
    assert part_path(tmp_path, "a/b") != part_path(tmp_path, "a%2Fb")
    assert estate_request(call(tmp_path).params, "apply").dest == tmp_path / "estate.jsonl"


def test_hosts_that_were_left_out_are_named_and_do_not_count_as_missing(tmp_path: Path) -> None:
    given = write_estate(tmp_path / "given.jsonl", [source("a"), vm("a", "vm-1", name="a")])
    owners = tmp_path / "owners.csv"
    owners.write_text("vm,owner\nelsewhere,team-erp@example.com\n", encoding="utf-8")
    params = {"sources": [{"estate": str(given)}], "annotations": [str(owners)], "left_out_hosts": ["vc-b"]}
    outcome = work(call(tmp_path / "run", **params))
    assert outcome.result["missing"] == []
    assert "vc-b was left out by --limit: what runs there is not in this estate" in outcome.warnings


def test_nothing_left_by_a_limit_is_said_to_be_that(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        work(call(tmp_path, left_out_hosts=["vc-b", "vc-a"]))
    assert [problem.message for problem in caught.value.problems] == ["there is no source to read: --limit leaves out vc-a, vc-b"]


def run_module(**params: Any) -> subprocess.CompletedProcess[str]:
    """The module as Ansible runs it, with all its words."""
    arguments = {"ANSIBLE_MODULE_ARGS": {**params, "_ansible_verbosity": 3, "_ansible_diff": True}}
    name = "ansible_collections.groundwork.readiness.plugins.modules.estate"
    return subprocess.run(
        [sys.executable, "-m", name],
        input=json.dumps(arguments),
        capture_output=True,
        text=True,
        check=False,
        cwd=CHECKOUT / "build" / "collections",
    )


LOGIN = {"hostname": "127.0.0.1", "port": 1, "username": "reader", "password": CANARY}


@pytest.mark.parametrize(
    "params",
    [
        {"sources": [{"vcenter": LOGIN}]},
        {"sources": [{"vcenter": {**LOGIN, "port": "x"}, "rvtool": 1}]},
        {"sources": [{"vcenter": {"passwrod": CANARY, "Password": [CANARY]}}]},
        {"sources": {"vcenter": LOGIN}},
        {"sources": json.dumps([{"vcenter": LOGIN}])},
        {"sources": [{"vcenter": LOGIN}], "no_such_option": 1},
        {"sources": [{"vcenter": LOGIN}], "run_dir": None},
    ],
)
def test_a_password_is_never_printed_or_recorded(tmp_path: Path, params: dict[str, Any]) -> None:
    RunDirectory(tmp_path).open(run_id="r", now="2027-01-01T00:00:00Z", mode="apply", playbook="", started_at="")
    done = run_module(**{"run_dir": str(tmp_path), **params})
    assert '"failed": true' in done.stdout
    assert "Traceback" not in done.stderr
    recorded = (tmp_path / "run.json").read_text(encoding="utf-8")
    assert CANARY not in done.stdout + done.stderr + recorded


def test_secrets_are_found_in_any_form_and_paths_are_none() -> None:
    value = {"sources": [{"rvtools": "/srv/passau/tokens.xlsx"}, {"vcenter": {"password": 4711, "api_token": {"a": ["x"]}, "port": 443}}]}
    assert list(secrets(value)) == ["4711", "x"]


def test_a_run_directory_without_a_run_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    saved = write_estate(tmp_path / "saved.jsonl", [source("a"), vm("a", "vm-1")])
    (tmp_path / "empty").mkdir()
    done = run_module(run_dir=str(tmp_path / "empty"), sources=[{"estate": str(saved)}])
    assert "groundwork.readiness.run" in done.stdout
    assert '"failed": true' in done.stdout
    assert list((tmp_path / "empty").iterdir()) == []
