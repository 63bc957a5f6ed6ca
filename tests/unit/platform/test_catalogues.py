# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks and the shipped facts are what the page says of them, and sound."""

from __future__ import annotations

import copy
from collections import Counter
from pathlib import Path

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import SEVERITIES
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.catalogue_of_checks import ALL_CHECKS, CHECKS_BY_ID
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.checks import LAYERS, PARTS, Check
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.keys import NAMESPACE
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import VENDORS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.rights import OPERANDS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.shipped import FILES, catalogue_from, catalogue_sha256
from ansible_collections.groundwork.readiness.plugins.plugin_utils.platform_files import SHIPPED_FOLDER, read_facts

from tests.tools.platform_page import PAGE, page
from tests.unit.meta.project import CHECKOUT

CATALOGUE = catalogue_from(read_facts())


def test_page_is_what_the_tables_make() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.tools.platform_page"


def test_ids_of_checks_are_unique() -> None:
    assert [name for name, number in Counter(check.id for check in ALL_CHECKS).items() if number > 1] == []


@pytest.mark.parametrize("check", ALL_CHECKS, ids=lambda check: check.id)
def test_check_says_whose_it_is_what_it_means_and_what_to_do(check: Check) -> None:
    assert check.part in (*PARTS, "cluster")
    assert check.id.startswith(f"platform.{check.part}.")
    assert check.layer in LAYERS
    assert check.severity in SEVERITIES
    assert all((check.title, check.remedy, check.source))
    assert not check.title.endswith(".")


def test_each_part_checks_that_its_objects_are_as_desired() -> None:
    writing = [part for part in PARTS if part != "prerequisites"]
    assert [part for part in writing if f"platform.{part}.object" not in CHECKS_BY_ID] == []


def test_facts_have_all_operators_of_the_reference() -> None:
    assert len(CATALOGUE.operators) == 17
    assert len({known.package for known in CATALOGUE.operators.values()}) == 17
    assert {name for name, known in CATALOGUE.operators.items() if not known.confirmed} == {"gaudi", "intel"}


def test_facts_lead_to_one_another_and_name_their_sources() -> None:
    for name, known in CATALOGUE.operators.items():
        assert set(known.needs) <= set(CATALOGUE.operators), name
        assert known.suggested_scope in ("own", "all")
        assert known.source_of_fact
        assert all(crd.count(".") >= 2 for crd in known.crds)
    assert {device.vendor for device in CATALOGUE.devices} <= set(VENDORS)
    assert all(device.match and device.source for device in CATALOGUE.devices)
    matches = Counter(tuple(sorted(device.match.items())) for device in CATALOGUE.devices)
    assert max(matches.values()) == 1
    assert all(runtime.source and set(runtime.vendors) <= set(VENDORS) for runtime in CATALOGUE.runtimes.values())
    assert all(model.licence and model.source and model.weights_gib > model.parameters_billion for model in CATALOGUE.models.values())
    assert NAMESPACE


@pytest.mark.parametrize("name", FILES)
def test_file_of_facts_holds_its_facts_and_nothing_else(name: str) -> None:
    content = yaml.safe_load((SHIPPED_FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    assert list(content) == [name]


def test_checksum_of_facts_changes_with_any_fact() -> None:
    facts = read_facts()
    assert CATALOGUE.sha256 == catalogue_sha256(facts)
    other = copy.deepcopy(facts)
    other["devices"][0]["memory_gib"] += 1
    assert catalogue_sha256(other) != CATALOGUE.sha256


def test_rights_that_hints_name_are_there() -> None:
    named = {word for check in ALL_CHECKS for text in check.remedy.split() if (word := text.strip(",.;")).startswith("roles/")}
    assert [path for path in sorted(named) if not Path(CHECKOUT / path).is_file()] == []


def test_removal_rights_cover_the_kinds_of_every_operator_that_is_known() -> None:
    groups = {crd.partition(".")[2] for facts in CATALOGUE.operators.values() for crd in facts.crds}
    assert groups
    assert groups <= set(OPERANDS)
