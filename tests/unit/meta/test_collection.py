# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection says of itself is true: versions, action groups, modules, playbooks, schemas."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.unit.meta.project import CHECKOUT, MODULE_UTILS, MODULES, PLAYBOOKS, constant, files, load_yaml, name_of, tree_of

COLLECTION = "groundwork.readiness"
ATTRIBUTES = {"check_mode", "diff_mode", "idempotent"}
SCHEMAS = sorted(CHECKOUT.glob("docs/schemas/*.json"))


def documentation(module: Path) -> dict[str, Any]:
    """A module's DOCUMENTATION."""
    content = yaml.safe_load(constant(module, "DOCUMENTATION"))
    assert isinstance(content, dict)
    return content


def released_versions() -> list[str]:
    """The versions in the changelog, the newest last."""
    releases = load_yaml(CHECKOUT / "changelogs" / "changelog.yaml")["releases"]
    return sorted(releases, key=lambda version: tuple(map(int, version.split("."))))


def test_versions_are_equal_everywhere() -> None:
    version = load_yaml(CHECKOUT / "galaxy.yml")["version"]
    assert constant(MODULE_UTILS / "common" / "version.py", "COLLECTION_VERSION") == version
    assert released_versions()[-1] == version
    assert f"\n## v{version.replace('.', chr(92) + '.')}" in (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_action_group_holds_every_module_and_nothing_else() -> None:
    groups = load_yaml(CHECKOUT / "meta" / "runtime.yml")["action_groups"]
    assert groups["all"] == [module.stem for module in MODULES]


def test_action_plugins_belong_to_modules() -> None:
    actions = {path.stem for path in CHECKOUT.glob("plugins/action/*.py")}
    assert actions <= {module.stem for module in MODULES}


def test_oldest_ansible_core_is_named_alike() -> None:
    oldest = load_yaml(CHECKOUT / "meta" / "runtime.yml")["requires_ansible"]
    assert oldest == ">=2.16.0"
    assert (CHECKOUT / "requirements" / "core-2.16.txt").is_file()


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_module_documents_its_attributes_and_return_values(module: Path) -> None:
    content = documentation(module)
    assert content["module"] == module.stem
    assert set(content["attributes"]) >= ATTRIBUTES
    assert yaml.safe_load(constant(module, "RETURN"))


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_module_returns_nothing_under_a_name_that_decides_how_a_task_ended(module: Path) -> None:
    assert not {"failed", "skipped", "unreachable", "exception", "msg"} & set(yaml.safe_load(constant(module, "RETURN")))


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_module_examples_use_full_names(module: Path) -> None:
    examples = yaml.safe_load(constant(module, "EXAMPLES"))
    tasks = [task for entry in examples for task in entry.get("tasks", [entry])]
    assert any(f"{COLLECTION}.{module.stem}" in task for task in tasks)
    assert [key for task in tasks for key in task if key in {other.stem for other in MODULES}] == []


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_module_declares_check_mode_as_it_documents_it(module: Path) -> None:
    supported = [
        ast.literal_eval(keyword.value)
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "supports_check_mode"
    ]
    assert supported == [documentation(module)["attributes"]["check_mode"]["support"] != "none"]


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_module_is_used_by_a_role_or_playbook_and_by_a_test(module: Path) -> None:
    pattern = re.compile(rf"{re.escape(COLLECTION)}\.{module.stem}\b|modules(?:\.|\s+import\s.*\b){module.stem}\b")
    users = [path for path in files(".yml", "roles", "playbooks") if pattern.search(path.read_text(encoding="utf-8"))]
    playbooks = {
        path.stem for path in PLAYBOOKS if path in users or any(f"{COLLECTION}.{role}" in path.read_text() for role in role_names(users))
    }
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (*files(".py", "tests"), *CHECKOUT.glob("molecule/*/*.yml")))
    assert users
    assert pattern.search(tests) or any(f"{COLLECTION}.{playbook}" in tests for playbook in playbooks)


def role_names(paths: list[Path]) -> set[str]:
    """The roles among those files."""
    return {path.relative_to(CHECKOUT).parts[1] for path in paths if path.relative_to(CHECKOUT).parts[0] == "roles"}


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=name_of)
def test_playbook_can_be_called_by_its_full_name(playbook: Path) -> None:
    # Ansible does not find a playbook of a collection whose name holds a dash.
    assert re.fullmatch(r"[a-z][a-z0-9_]*", playbook.stem)


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=name_of)
def test_playbook_names_only_modules_and_roles_that_exist(playbook: Path) -> None:
    known = {path.stem for folder in ("modules", "lookup", "filter") for path in CHECKOUT.glob(f"plugins/{folder}/*.py")}
    known |= {path.name for path in CHECKOUT.glob("roles/*")} | {path.stem for path in PLAYBOOKS}
    named = set(re.findall(rf"{re.escape(COLLECTION)}\.([a-z_]+)", playbook.read_text(encoding="utf-8")))
    assert named - known == set()


def test_ansible_cfg_names_no_inventory() -> None:
    settings = (CHECKOUT / "ansible.cfg").read_text(encoding="utf-8")
    assert not re.search(r"(?m)^\s*(inventory|hostfile)\s*=", settings)


def test_there_is_a_schema_for_each_artifact() -> None:
    tree = tree_of(MODULE_UTILS / "common" / "artifact.py")
    versions = next(
        node.value for node in tree.body if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "SCHEMA_VERSIONS"
    )
    assert versions
    assert {path.name.split(".")[0] for path in SCHEMAS} >= set(ast.literal_eval(versions))


@pytest.mark.parametrize("path", SCHEMAS, ids=name_of)
def test_schema_is_a_valid_schema(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.validators.validator_for(schema, default=None).check_schema(schema)
