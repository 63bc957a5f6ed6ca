# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several files and variables as one document, and files as they are: every fault with file and row."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.parse import SourceText, parse
from ansible_collections.groundwork.readiness.plugins.plugin_utils.marked_yaml import MarkedFault, read_marked
from ansible_collections.groundwork.readiness.plugins.plugin_utils.platform_files import load

from tests.unit.platform.desired.documents import example, parsed

HEAD = 'schema_version: "1.0"\n'


def written(folder: Path, name: str, text: str) -> Path:
    """A file with that text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read(document: object, folder: Path) -> tuple[list[str], Any]:
    """What is wrong with a document as a user gives it, with its places, and the document."""
    loaded = load(document, folder)
    if loaded["problems"]:
        return [f"{problem.get('file', '')}:{problem.get('row', '')}: {problem['message']}" for problem in loaded["problems"]], None
    found = parse([SourceText(**json.loads(json.dumps(source))) for source in loaded["documents"]])
    return [f"{problem.file}:{problem.row or ''}: {problem.message}" for problem in found.problems], found.desired


def test_fault_names_file_and_row_of_the_value(tmp_path: Path) -> None:
    written(
        tmp_path,
        "site.yml",
        HEAD
        + """operators:
  brownfield: keep
  wanted:
    - name: nfd
      channel: stable
    - {chanel: x}
    - name: kmm
      needs: [nfd,
              7]
""",
    )
    assert read("site.yml", tmp_path)[0] == [
        "site.yml:3: operators.brownfield is 'keep'",
        "site.yml:7: operators.wanted[1].chanel is not known",
        "site.yml:7: operators.wanted[1].name is missing",
        "site.yml:10: operators.wanted[2].needs[1] is 7, not a text",
    ]


def test_later_source_replaces_lists_and_adds_keys_and_faults_name_the_right_file(tmp_path: Path) -> None:
    written(
        tmp_path, "base.yml", HEAD + "operators:\n  brownfield: adopt\n  wanted:\n    - {name: nfd, channel: stable}\n    - {name: 7}\n"
    )
    written(tmp_path, "site.yml", "operators:\n  wanted:\n    - {name: kmm, channel: 8}\n  brownfield: adopt\n")
    problems, _desired = read(["base.yml", "site.yml", {"operators": {"source_namespace": 9}}], tmp_path)
    assert problems == [
        "readiness_platform:: operators.source_namespace is 9, not a text",
        "site.yml:3: operators.wanted[0].channel is 8, not a text",
    ]


def test_sources_become_one_document_with_all_their_checksums(tmp_path: Path) -> None:
    written(tmp_path, "base.yml", HEAD + "operators: {brownfield: adopt, wanted: [{name: nfd}]}\n")
    problems, desired = read(["base.yml", {"operators": {"wanted": [{"name": "kmm"}]}, "prerequisites": {}}], tmp_path)
    assert problems == []
    assert desired.operators.brownfield == "adopt"
    assert [operator.name for operator in desired.operators.wanted] == ["kmm"]
    assert [source.name for source in desired.sources] == ["base.yml", "readiness_platform"]
    assert all(len(source.sha256) == 64 for source in desired.sources)


def test_file_may_hold_the_document_under_the_name_of_the_variable(tmp_path: Path) -> None:
    written(tmp_path, "vars.yml", "readiness_runs_dir: runs\nreadiness_platform:\n  schema_version: 1.0\n")
    assert read("vars.yml", tmp_path)[0] == ["vars.yml:3: schema_version is 1.0, not a text"]
    assert read({"readiness_platform": {"schema_version": "1.0"}}, tmp_path)[0] == []


def test_days_stay_texts_in_files_and_in_variables(tmp_path: Path) -> None:
    waiver = "{check: c, owner: o, reason: r, expires: 2027-03-31}"
    written(tmp_path, "site.yml", HEAD + f"waivers: [{waiver}]\n")
    assert read("site.yml", tmp_path)[1].waivers[0].expires == "2027-03-31"
    given = {"schema_version": "1.0", "waivers": [{"check": "c", "owner": "o", "reason": "r", "expires": date(2027, 3, 31)}]}
    assert read(given, tmp_path)[1].waivers[0].expires == "2027-03-31"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: [1,\n", "site.yml:2: it is not YAML: expected the node content, but found '<stream end>'"),
        ("a: 1\nb: 2\na: 3\n", "site.yml:3: a stands twice, on row 1 as well"),
        ("a: !vault x\n", "site.yml:1: it is not plain YAML: could not determine a constructor for the tag '!vault'"),
        ("? [a]\n: 1\n", "site.yml:1: a key is a list or a mapping"),
        ("a: &a\n  b: *a\n", "site.yml:: it holds too much, or refers to itself"),
        ("- a\n", "site.yml:: the document is a list, not a mapping"),
        ("", "site.yml:: the document is null, not a mapping"),
        ("7: x\nschema_version: '1.0'\n", "site.yml:1: 7 is not known"),
        ("schema_version: '2.0'\nnew: key\n", "site.yml:1: schema_version is '2.0'"),
    ],
)
def test_file_that_is_no_document_is_refused_with_its_row(text: str, fault: str, tmp_path: Path) -> None:
    written(tmp_path, "site.yml", text)
    assert read("site.yml", tmp_path)[0] == [fault]


def test_aliases_that_multiply_are_refused_without_being_followed(tmp_path: Path) -> None:
    layers = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 9))
    written(tmp_path, "site.yml", f"l0: &l0 [x]\n{layers}\n")
    assert read("site.yml", tmp_path)[0] == ["site.yml:: it holds too much, or refers to itself"]


def test_merged_mappings_keep_their_own_keys(tmp_path: Path) -> None:
    marked = read_marked(b"base: &b {x: 1, y: 2}\nown:\n  <<: *b\n  y: 3\n")
    assert marked.data == {"base": {"x": 1, "y": 2}, "own": {"x": 1, "y": 3}}
    with pytest.raises(MarkedFault):
        read_marked(b"own: {<<: 7}\n")


def test_file_that_is_missing_is_named_and_nothing_else_is_guessed(tmp_path: Path) -> None:
    problems, _desired = read(["none.yml", {"operators": 7}], tmp_path)
    assert problems == ["none.yml:: the file cannot be read: no such file or directory"]


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (None, ":: readiness_platform is not given"),
        ("", ":: readiness_platform is not given"),
        ([], ":: readiness_platform is not given"),
        ([7], ":: readiness_platform is a number, or holds one"),
    ],
)
def test_variable_that_is_no_document_is_named(document: object, fault: str, tmp_path: Path) -> None:
    assert read(document, tmp_path)[0] == [fault]


def test_newer_minor_is_read_with_a_warning() -> None:
    found = parsed({"schema_version": "1.7"})
    assert found.desired is not None
    assert found.warnings == ("readiness_platform is of schema version 1.7, and this collection knows 1.0: install a newer one",)


# ---- rendered catalogs -----------------------------------------------------------------------------------------------

RECORDS: list[dict[str, Any]] = [
    {"schema": "olm.package", "name": "nfd", "defaultChannel": "stable"},
    {
        "schema": "olm.channel",
        "package": "nfd",
        "name": "stable",
        "entries": [{"name": "nfd.4.20.0"}, {"name": "nfd.4.21.0", "replaces": "nfd.4.20.0"}],
    },
    {"schema": "olm.bundle", "package": "nfd", "name": "nfd.4.20.0", "image": "registry.example.com/nfd@sha256:0", "properties": []},
    {"schema": "olm.bundle", "package": "nfd", "name": "nfd.4.21.0", "image": "registry.example.com/nfd@sha256:1", "properties": []},
    {"schema": "olm.package", "name": "other", "defaultChannel": "x"},
]


def with_catalog(path: str) -> dict[str, Any]:
    """A document that names a rendered catalog."""
    catalogs = [{"name": "redhat-operators", "path": path}]
    return {"schema_version": "1.0", "operators": {"catalogs": catalogs, "wanted": [{"name": "nfd"}]}}


@pytest.mark.parametrize("form", ["stream", "lines", "yaml", "folder"])
def test_rendered_catalog_is_read_in_each_form_and_holds_the_wanted_packages_alone(form: str, tmp_path: Path) -> None:
    if form == "yaml":
        written(tmp_path, "catalog", "".join(f"---\n{json.dumps(record)}\n" for record in RECORDS))
    elif form == "folder":
        (tmp_path / "catalog" / "nfd").mkdir(parents=True)
        written(tmp_path / "catalog" / "nfd", "catalog.json", "".join(json.dumps(record) for record in RECORDS))
    else:
        indent = 2 if form == "stream" else None
        written(tmp_path, "catalog", "\n".join(json.dumps(record, indent=indent) for record in RECORDS))
    loaded = load(with_catalog("catalog"), tmp_path)
    assert loaded["problems"] == []
    packages = loaded["rendered"]["redhat-operators"]["packages"]
    assert list(packages) == ["nfd"]
    assert [entry["name"] for entry in packages["nfd"]["channels"]["stable"]["entries"]]
    json.dumps(loaded)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "the file cannot be read: no such file or directory"),
        ('{"schema": "olm.package"', "it is no rendered catalog: neither JSON nor YAML"),
        ("a: [\n", "it is no rendered catalog: neither JSON nor YAML"),
        (json.dumps(RECORDS[-1]), "operators.catalogs: redhat-operators has none of the packages that the document wants"),
    ],
)
def test_rendered_catalog_that_cannot_be_used_is_named(text: str | None, message: str, tmp_path: Path) -> None:
    if text is not None:
        written(tmp_path, "catalog", text)
    assert [problem["message"] for problem in load(with_catalog("catalog"), tmp_path)["problems"]] == [message]


def test_empty_folder_is_no_rendered_catalog(tmp_path: Path) -> None:
    (tmp_path / "catalog").mkdir()
    assert [problem["message"] for problem in load(with_catalog("catalog"), tmp_path)["problems"]] == [
        "the folder holds no rendered catalog"
    ]


def test_what_travels_to_the_module_is_plain_data(tmp_path: Path) -> None:
    loaded = load(example("large"), tmp_path)
    assert json.loads(json.dumps(loaded)) == loaded
