# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inventory file that cannot be used is told: everything at once, and never a traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.plugin_utils import inventory_request
from ansible_collections.groundwork.readiness.plugins.plugin_utils.inventory_request import option_problems

from tests.unit.meta.project import CHECKOUT, constant, load_yaml

from .support import Ansible, Loaded, judged, make_run, named, of_vms, write_assessment, write_estate, write_inventory

PLUGIN = CHECKOUT / "plugins" / "inventory" / "estate.py"


def refused(ansible: Ansible, path: Path) -> str:
    """What Ansible says of an inventory that gives no host."""
    loaded: Loaded = ansible.load(path)
    assert loaded.hosts == {}
    assert "Failed to parse" in loaded.said
    return loaded.said


@pytest.mark.parametrize("name", ["estate.yml", "vms.estate.yaml", "readiness.yml", "north.readiness.yaml"])
def test_file_with_a_known_ending_is_read(ansible: Ansible, tmp_path: Path, name: str) -> None:
    estate = write_estate(tmp_path / "saved.jsonl", [named("vm-1", "a")])
    assert list(ansible.load(write_inventory(tmp_path, name, estate=estate)).hosts) == ["a"]


def test_file_with_another_ending_is_not_taken(ansible: Ansible, tmp_path: Path) -> None:
    estate = write_estate(tmp_path / "saved.jsonl", [named("vm-1", "a")])
    assert ansible.load(write_inventory(tmp_path, "vms.yml", estate=estate)).hosts == {}


def test_every_fault_of_the_options_is_listed_with_its_row(ansible: Ansible, tmp_path: Path) -> None:
    path = tmp_path / "bad.estate.yml"
    path.write_text(
        """plugin: groundwork.readiness.estate
hostname: [name]
hostnames: [nam, 5]
facts: [verdit]
group_by: {a: b}
keyed_groups: [a, {prefix: x}]
scope: {include: {cluster: [a]}}
address_networks: ["192.0.2.1/24"]
hostvars_prefix: ansible_
owner_from: ["tags:x"]
strict: perhaps
filters: a == b
compose: {x: [1]}
estate: one.jsonl
run_dir: two
runs_dir: 5
"""
    )
    said = refused(ansible, path)
    for fault in (
        "row 2: there is no option hostname (did you mean hostnames?)",
        "row 3: hostnames[0] is 'nam', which is not known (did you mean name?)",
        "row 3: hostnames[1] is a number, not a text",
        "row 4: facts[0] is 'verdit', which is not known (did you mean verdict?)",
        "row 5: group_by is a mapping, not a list",
        "row 6: keyed_groups[0] is a text, not a mapping",
        "row 6: keyed_groups[1] has no key",
        "row 7: scope.include.cluster is not known",
        "row 8: address_networks[0] is no network",
        "row 9: hostvars_prefix is 'ansible_', which would set variables that steer Ansible",
        "row 10: owner_from[0] is 'tags:x', which does not say where the owner stands",
        "row 11: strict is a text, not true or false",
        "row 12: filters is a text, not a list",
        "row 13: compose.x is a list, not an expression",
        "row 15: estate and run_dir exclude each other",
        "row 16: runs_dir is a number, not a text",
    ):
        assert f"bad.estate.yml, {fault}" in said


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"hostvars_prefix": ""}, "hostvars_prefix is empty"),
        ({"hostvars_prefix": "vm-"}, "cannot begin the name of a variable"),
        ({"hostnames": []}, "hostnames is empty"),
        ({"group_by": ["clusters"]}, "did you mean cluster?"),
        ({"group_by": ["xyz"]}, "there are application, cluster"),
        ({"ansible_host": ["name"]}, "there are ip, guest_hostname"),
        ({"facts": ["zzz"]}, "docs/schemas/estate.schema.json lists the facts"),
        ({"facts": [""]}, "facts[0] is empty"),
        ({"scope": "prod"}, "scope is a text, not a mapping"),
        ({"nonsense": 1}, "ansible-doc -t inventory"),
        ({"estate": "a", "runs_dir": "b"}, "estate and runs_dir exclude each other"),
        ({"cache_timeout": "soon"}, "cache_timeout is a text, not a whole number"),
        ({"filters": [True]}, "filters[0] is true or false, not a text"),
    ],
)
def test_single_fault_is_named(ansible: Ansible, tmp_path: Path, options: dict[str, Any], expected: str) -> None:
    assert expected in refused(ansible, write_inventory(tmp_path, **options))


@pytest.mark.parametrize("content", ["", "- a\n- b\n", "plugin: groundwork.readiness.other\n", "plugin: [groundwork"])
def test_file_that_is_no_configuration_is_refused_without_a_traceback(ansible: Ansible, tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.estate.yml"
    path.write_text(content)
    assert ansible.load(path).hosts == {}


def test_file_that_is_not_there_is_named(ansible: Ansible, tmp_path: Path) -> None:
    said = refused(ansible, write_inventory(tmp_path, estate=tmp_path / "nowhere.jsonl"))
    assert "nowhere.jsonl" in said
    assert "No such file" in said


def test_folder_in_place_of_a_file_is_named(ansible: Ansible, tmp_path: Path) -> None:
    assert "Is a directory" in refused(ansible, write_inventory(tmp_path, estate=tmp_path))


def test_estate_that_was_cut_off_gives_no_host(ansible: Ansible, tmp_path: Path) -> None:
    path = of_vms(tmp_path, named("vm-1", "a"), named("vm-2", "b"))
    estate = tmp_path / "estate.jsonl"
    estate.write_bytes(b"".join(estate.read_bytes().splitlines(keepends=True)[:-1]))
    assert "the trailer is missing" in refused(ansible, path)


def test_values_of_the_wrong_type_are_all_listed(ansible: Ansible, tmp_path: Path) -> None:
    path = of_vms(tmp_path, named("vm-1", "a", cluster=5), named("vm-2", "b", tags=[1], guest_ips="x"), named("vm-3", "c"))
    said = refused(ansible, path)
    for fault in ("cluster is not a text", "tags is not a list of texts", "guest_ips is not a list of texts"):
        assert fault in said


def test_damaged_verdicts_are_all_listed(ansible: Ansible, tmp_path: Path) -> None:
    estate = write_estate(tmp_path / "estate.jsonl", [named("vm-1", "a"), named("vm-2", "b")])
    wrong = [judged("vm-1", "ready", findings=["x"]), judged("vm-2", "ready", provisional="no")]
    assessment = write_assessment(tmp_path / "assessment.jsonl", estate, *wrong)
    said = refused(ansible, write_inventory(tmp_path, estate=estate, assessment=assessment))
    assert "findings names no rule" in said
    assert "provisional is of the wrong type" in said


def test_assessment_of_another_estate_is_refused(ansible: Ansible, tmp_path: Path) -> None:
    estate = write_estate(tmp_path / "estate.jsonl", [named("vm-1", "a")])
    assessment = write_assessment(tmp_path / "assessment.jsonl", estate, judged("vm-1", "ready"))
    changed = write_estate(tmp_path / "estate.jsonl", [named("vm-1", "a", cluster="new")])
    said = refused(ansible, write_inventory(tmp_path, estate=changed, assessment=assessment))
    assert "assessment.jsonl was not made from estate.jsonl" in said


def test_artifact_of_another_kind_is_refused(ansible: Ansible, tmp_path: Path) -> None:
    estate = write_estate(tmp_path / "estate.jsonl", [named("vm-1", "a")])
    assert "groundwork.readiness/assessment" in refused(ansible, write_inventory(tmp_path, assessment=estate))


def test_folder_without_runs_says_what_to_do(ansible: Ansible, tmp_path: Path) -> None:
    assert "Run groundwork.readiness.assess first" in refused(ansible, write_inventory(tmp_path, runs_dir=tmp_path / "runs"))


def test_run_that_made_no_estate_is_refused(ansible: Ansible, tmp_path: Path) -> None:
    run = make_run(tmp_path / "r1", [named("vm-1", "a")])
    (run / "estate.jsonl").unlink()
    assert "has made no estate" in refused(ansible, write_inventory(tmp_path, run_dir=run))
    assert "holds no run" in refused(ansible, write_inventory(tmp_path, run_dir=tmp_path / "nowhere"))


def test_documentation_names_the_choices_that_the_code_knows() -> None:
    options = yaml.safe_load(constant(PLUGIN, "DOCUMENTATION"))["options"]
    assert options["group_by"]["choices"] == list(inventory_request.GROUPINGS)
    assert options["hostnames"]["choices"] == list(inventory_request.HOSTNAMES)
    assert options["ansible_host"]["choices"] == list(inventory_request.ADDRESSES)
    assert set(options["facts"]["default"]) <= set(inventory_request.KNOWN_FACTS)
    assert {name for name in inventory_request.SOURCES if name in options} == set(inventory_request.SOURCES)


def documented_examples() -> list[str]:
    """The examples; all but the first are comments, because the documentation is one YAML file."""
    first, *others = constant(PLUGIN, "EXAMPLES").split("\n\n")
    return [first, *("\n".join(line.removeprefix("#").removeprefix(" ") for line in other.splitlines()) for other in others)]


def test_examples_of_the_documentation_are_in_order() -> None:
    options = yaml.safe_load(constant(PLUGIN, "DOCUMENTATION"))["options"]
    kinds = {"strict": "bool", "cache": "bool", "compose": "dict", "groups": "dict", "keyed_groups": "list"}
    fragments = {name: {"type": kind} for name, kind in {**kinds, "cache_plugin": "str", "cache_connection": "str"}.items()}
    examples = [yaml.safe_load(example) for example in documented_examples()]
    shipped = CHECKOUT / "inventories" / "estate" / "vms.estate.yml"
    for example in [*examples, load_yaml(shipped)]:
        assert option_problems(example, {**fragments, **options}, "x", {}) == []
    assert len(examples) > 1
