# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contracts as the variable holds them: mappings, files and folders, with every one that is at fault by its name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.reading import Contracts, read_contracts
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.rules import contract_problems
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.parse import SourceText
from ansible_collections.groundwork.readiness.plugins.plugin_utils.contract_files import load_contracts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.namespaces.builders import KNOWN, SMALL, Json


def written(path: Path, *contracts: Json, text: str = "") -> Path:
    """A file of JSON, which is YAML as well, with one contract or several; or with that text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text or json.dumps(contracts[0] if len(contracts) == 1 else contracts), encoding="utf-8")
    return path


def named(namespace: str, **changes: Any) -> Json:
    return {**SMALL, "namespace": namespace, **changes}


def loaded(contracts: object, folder: Path) -> tuple[list[str], Contracts]:
    """What cannot be read, as `file:row: message`, and what came of the rest, as the module gets it."""
    found = json.loads(json.dumps(load_contracts(contracts, folder)))
    problems = [f"{problem.get('file', '')}:{problem.get('row', '')}: {problem['message']}" for problem in found["problems"]]
    return problems, read_contracts([SourceText(**source) for source in found["sources"]])


def namespaces(found: Contracts) -> list[str]:
    assert found.problems == ()
    return [each.contract.namespace for each in found.placed]


def files(found: Contracts) -> list[str]:
    return [each.source.name for each in found.placed]


# ---- what is read ----------------------------------------------------------------------------------------------------


def test_mappings_files_and_folders_are_read_in_the_order_in_which_they_are_given(tmp_path: Path) -> None:
    written(tmp_path / "one.yml", named("b"))
    written(tmp_path / "teams" / "z.json", named("d"))
    written(tmp_path / "teams" / "a.yaml", named("c"))
    problems, found = loaded([named("a"), "one.yml", "teams", tmp_path / "one.yml"], tmp_path)
    assert problems == []
    assert namespaces(found) == ["a", "b", "c", "d", "b"]
    assert files(found) == ["readiness_contracts[0]", "one.yml", "a.yaml", "z.json", "one.yml"]
    assert all(len(each.source.sha256) == 64 for each in found.placed)


@pytest.mark.parametrize("form", ["mapping", "file", "folder"])
def test_what_stands_alone_needs_no_list(form: str, tmp_path: Path) -> None:
    path = written(tmp_path / "teams" / "a.yml", named("a"))
    problems, found = loaded({"mapping": named("a"), "file": str(path), "folder": "teams"}[form], tmp_path)
    assert problems == []
    assert namespaces(found) == ["a"]
    assert files(found) == [{"mapping": "readiness_contracts", "file": "a.yml", "folder": "a.yml"}[form]]


def test_folder_gives_its_own_files_of_yaml_and_json_by_name_and_nothing_hidden(tmp_path: Path) -> None:
    for name in ("b.yml", "a.json", "c.yaml", ".hidden.yml", "notes.md", "a.yml~", "further/d.yml", "folder.yml/e.txt"):
        written(tmp_path / "teams" / name, named(name[0] if name[0].isalpha() else "hidden"))
    problems, found = loaded("teams", tmp_path)
    assert problems == []
    assert files(found) == ["a.json", "b.yml", "c.yaml"]


def test_file_may_hold_a_list_of_contracts_with_their_rows(tmp_path: Path) -> None:
    text = "".join(f"- {json.dumps(named(name, expires=day))}\n" for name, day in (("a", "2027-06-30"), ("b", "soon")))
    written(tmp_path / "teams.yml", text=text)
    problems, found = loaded("teams.yml", tmp_path)
    assert problems == []
    assert [(problem.file, problem.row) for problem in found.problems] == [("teams.yml", 2)]
    assert [each.contract.namespace for each in found.placed] == ["a"]


@pytest.mark.parametrize("several", [False, True])
def test_file_of_variables_has_contracts_under_the_name_of_the_variable(several: bool, tmp_path: Path) -> None:
    contracts = [named("a"), named("b", expires=7)] if several else named("b", expires=7)
    text = f"readiness_runs_dir: runs\nreadiness_contracts:\n  {json.dumps(contracts)}\n"
    problems, found = loaded(written(tmp_path / "vars.yml", text=text), tmp_path)
    assert problems == []
    (problem,) = found.problems
    assert (problem.file, problem.row) == ("vars.yml", 3)
    assert problem.message.endswith("expires is 7, not a text")
    in_variable, same = loaded({"readiness_contracts": contracts}, tmp_path)
    assert in_variable == []
    assert [problem.file for problem in same.problems] == ["readiness_contracts"]


def test_fault_of_meaning_has_the_row_of_its_value(tmp_path: Path) -> None:
    lines = [f"{key}: {json.dumps(value)}" for key, value in named("a", expires="2027-02-30").items()]
    _problems, found = loaded(written(tmp_path / "a.yml", text="\n".join(lines)), tmp_path)
    (problem,) = contract_problems(found.placed, KNOWN)
    assert (problem.file, problem.row) == ("a.yml", 1 + list(SMALL).index("expires"))


def test_day_without_quotes_stays_a_text_in_files_and_in_variables(tmp_path: Path) -> None:
    text = "".join(f"{key}: {value if key == 'expires' else json.dumps(value)}\n" for key, value in SMALL.items())
    assert "expires: 2027-06-30\n" in text
    for given_as in (written(tmp_path / "a.yml", text=text), named("a", expires=date(2027, 6, 30))):
        problems, found = loaded(given_as, tmp_path)
        assert (problems, found.problems) == ([], ())
        assert found.placed[0].contract.expires == "2027-06-30"


# ---- names -----------------------------------------------------------------------------------------------------------


def test_files_of_one_name_in_several_folders_are_told_apart_by_their_paths(tmp_path: Path) -> None:
    for folder in ("retail", "fraud"):
        written(tmp_path / "site" / folder / "contract.yml", named(folder, expires=7))
    written(tmp_path / "site" / "retail" / "other.yml", named("other"))
    problems, found = loaded(["retail", "fraud", "../site/fraud/contract.yml"], tmp_path / "site")
    assert problems == []
    assert [problem.file for problem in found.problems] == ["retail/contract.yml", "fraud/contract.yml", "fraud/contract.yml"]
    assert files(found) == ["other.yml"]


def test_file_outside_of_the_folder_of_the_run_is_told_without_an_absolute_path(tmp_path: Path) -> None:
    for folder in ("run", "elsewhere"):
        written(tmp_path / folder / "contract.yml", text="a: [")
    problems, _found = loaded(["contract.yml", str(tmp_path / "elsewhere" / "contract.yml")], tmp_path / "run")
    assert [problem.partition(":")[0] for problem in problems] == ["contract.yml", "../elsewhere/contract.yml"]


def test_contract_of_a_list_in_the_variable_is_told_by_its_place(tmp_path: Path) -> None:
    problems, found = loaded([named("a"), named("b", expires="2027-02-30"), 7], tmp_path)
    assert problems == [":: readiness_contracts[2] is a number"]
    assert [problem.file for problem in contract_problems(found.placed, KNOWN)] == ["readiness_contracts[1]"]


# ---- what cannot be read ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: [1,\n", "a.yml:2: it is not YAML: expected the node content, but found '<stream end>'"),
        ("a: 1\n---\nb: 2\n", "a.yml:3: it holds several documents, one after the other"),
        ("a: 1\nb: 2\na: 3\n", "a.yml:3: a stands twice, on row 1 as well"),
        ("a: !vault x\n", "a.yml:1: it is not plain YAML: could not determine a constructor for the tag '!vault'"),
        ("a: &a\n  b: *a\n", "a.yml:: it holds too much, or refers to itself"),
    ],
)
def test_file_that_is_no_yaml_is_told_with_its_row(text: str, fault: str, tmp_path: Path) -> None:
    problems, found = loaded(written(tmp_path / "a.yml", text=text), tmp_path)
    assert problems == [fault]
    assert found.placed == ()


@pytest.mark.parametrize(("text", "says"), [("# nothing\n", "null"), ("team.yml\n", "a text"), ("[]\n", "holds no contract")])
def test_file_that_holds_something_else_is_told_when_it_is_read(text: str, says: str, tmp_path: Path) -> None:
    problems, found = loaded(written(tmp_path / "a.yml", text=text), tmp_path)
    assert problems == []
    assert [(problem.file, says in problem.message) for problem in found.problems] == [("a.yml", True)]


def test_every_file_at_fault_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    written(tmp_path / "teams" / "a.yml", named("a"))
    written(tmp_path / "teams" / "b.yml", text="a: 1\na: 2\nb: 1\nb: 2\n")
    (tmp_path / "teams" / "c.yml").symlink_to("nowhere.yml")
    written(tmp_path / "teams" / "d.yml", named("d"))
    (tmp_path / "empty").mkdir()
    problems, found = loaded(["none.yml", "teams", "empty"], tmp_path)
    assert problems == [
        "empty:: the folder holds no contract",
        "none.yml:: the file cannot be read: no such file or directory",
        "b.yml:2: a stands twice, on row 1 as well",
        "b.yml:4: b stands twice, on row 3 as well",
        "c.yml:: the file cannot be read: no such file or directory",
    ]
    assert namespaces(found) == ["a", "d"]


def test_file_beyond_any_contract_is_not_taken_in(tmp_path: Path) -> None:
    with (tmp_path / "a.yml").open("wb") as stream:
        stream.truncate(10 * 1024 * 1024 + 1)
    assert loaded("a.yml", tmp_path)[0] == ["a.yml:: the file is larger than 10 MiB"]


@pytest.mark.parametrize("nothing", [None, "", []])
def test_nothing_given_is_left_to_whoever_reads_contracts(nothing: object, tmp_path: Path) -> None:
    problems, found = loaded(nothing, tmp_path)
    assert problems == []
    assert [problem.message for problem in found.problems] == ["readiness_contracts is not given"]


@pytest.mark.parametrize(
    ("entry", "says"),
    [(7, "a number"), (None, "null"), (["a.yml"], "a list"), ("", "a text, and no path"), ("a: 1\nb: 2", "a text, and no path")],
)
def test_entry_that_is_neither_contract_nor_path_is_told_by_its_place(entry: object, says: str, tmp_path: Path) -> None:
    problems, _found = loaded([named("a"), entry], tmp_path)
    assert problems == [f":: readiness_contracts[1] is {says}"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["x.yml", "y.json"])), unique=True, min_size=1))
def test_names_of_files_are_as_many_as_the_files(tmp_path: Path, places: Sequence[tuple[str, str]]) -> None:
    paths = [written(tmp_path / folder / name, SMALL).relative_to(tmp_path) for folder, name in places]
    _problems, found = loaded([str(path) for path in paths], tmp_path)
    names = files(found)
    assert len(set(names)) == len(paths)
    assert all(str(path).endswith(name) for path, name in zip(paths, names, strict=True))
