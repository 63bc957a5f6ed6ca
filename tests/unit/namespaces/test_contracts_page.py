# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page on contracts is what the tables make, and what it says by itself is so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.model import Contract
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.reading import contract_schema, read_contracts
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.rules import contract_problems
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.parse import SourceText
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.shape import keys_of
from jsonschema import Draft202012Validator

from tests.tools.contracts_page import DECLARED, LAYERS, MINIMAL, OBJECTS, PAGE, checks, lists_of_checks, page, plan_of_examples, planned
from tests.unit.namespaces.builders import Json
from tests.unit.namespaces.examples import EXAMPLES, example, known

OPTIONAL = sorted(key.name for key in keys_of(Contract) if not key.required)


def read(document: Json) -> Contract:
    """The contract of a document without faults of form."""
    found = read_contracts([SourceText("a.yml", document)])
    assert found.problems == ()
    return found.placed[0].contract


def objects_of(document: Json) -> Sequence[Any]:
    """The objects that a contract comes to, each with its claim."""
    return [(each.object, each.claim) for each in planned([read(document)]).objects]


def test_page_is_what_the_tables_make() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.tools.contracts_page"


def test_small_contract_of_the_page_is_without_fault() -> None:
    document = yaml.safe_load(MINIMAL)
    found = read_contracts([SourceText("a.yml", document)])
    assert [problem.text() for problem in (*found.problems, *contract_problems(found.placed, known()))] == []
    assert Draft202012Validator(contract_schema()).is_valid(document)
    assert set(document) == {key.name for key in keys_of(Contract) if key.required}


def test_every_kind_of_object_that_contracts_come_to_is_explained_and_no_other() -> None:
    assert {each.object["kind"] for each in plan_of_examples().objects} == set(OBJECTS)


@pytest.mark.parametrize("name", OPTIONAL)
def test_page_names_the_keys_of_which_no_object_is_made(name: str) -> None:
    """Each example with and without the key."""
    documents = [{"adopt": True, "offboarding": {"data": "keep"}, **example(path.stem)} for path in EXAMPLES]
    using = [document for document in documents if name in document]
    without = [{key: value for key, value in document.items() if key != name} for document in using]
    assert using
    changed = any(objects_of(document) != objects_of(less) for document, less in zip(using, without, strict=True))
    assert changed != (name in DECLARED)


def test_checks_of_all_lists_are_on_the_page_once() -> None:
    found = checks()
    assert [name for name, number in Counter(check.id for check in found).items() if number > 1] == []
    assert {check.id for check in found} == {check.id for check in lists_of_checks()}
    text = PAGE.read_text(encoding="utf-8")
    assert [check.id for check in found if text.count(f"| `{check.id}` |") != 1] == []


def test_every_check_says_what_holds_and_what_to_do() -> None:
    for check in checks():
        assert check.id.startswith("namespaces.")
        assert all((check.title, check.remedy, check.source, check.layer))
        assert not check.title.endswith(".")


def test_headings_of_layers_are_of_layers_that_have_checks() -> None:
    assert set(LAYERS) <= {check.layer for check in checks()}
