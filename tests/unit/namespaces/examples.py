# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example contracts, read as a user gives them, and what they are held against: shipped facts, the demo's saved target."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import ArtifactReader
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.check_list import CHECKS
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.model import Contract
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.reading import Contracts, read_contracts
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.rules import Known
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.fleet import fleet_of_target
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.model import Fleet
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.catalogue import Catalogue
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import DeviceClass
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.parse import SourceText
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.shipped import catalogue_from
from ansible_collections.groundwork.readiness.plugins.module_utils.target.view import TargetView
from ansible_collections.groundwork.readiness.plugins.plugin_utils.contract_files import load_contracts
from ansible_collections.groundwork.readiness.plugins.plugin_utils.platform_files import read_facts

from tests.unit.meta.project import CHECKOUT

FOLDER = CHECKOUT / "docs" / "examples" / "contracts"
EXAMPLES = sorted(FOLDER.glob("*.yml"))
DEMO_TARGET = CHECKOUT / "inventories" / "demo" / "group_vars" / "all" / "files" / "target.jsonl.gz"


def example(name: str) -> dict[str, Any]:
    """One of the examples as plain data."""
    return dict(yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8")))


@cache
def examples() -> Contracts:
    """All of them, as the folder gives them."""
    loaded = load_contracts(str(FOLDER.relative_to(CHECKOUT)), CHECKOUT)
    assert loaded["problems"] == []
    return read_contracts([SourceText(**source) for source in loaded["sources"]])


def contracts() -> tuple[Contract, ...]:
    """All of them, by namespace."""
    return tuple(each.contract for each in examples().placed)


@cache
def shipped() -> Catalogue:
    """The shipped facts, read once."""
    return catalogue_from(read_facts())


def classes() -> Mapping[str, DeviceClass]:
    """The shipped classes of accelerators, which every document has."""
    return shipped().classes


def known() -> Known:
    """What contracts may name where the platform's document adds nothing."""
    personas = shipped().personas
    of_namespace = [name for name, persona in personas.items() if persona.scope == "namespace"]
    return Known(of_namespace, set(personas) - set(of_namespace), tuple(classes()), [check.id for check in CHECKS])


@cache
def demo_fleet() -> Fleet:
    """The fleet of the demo's saved target."""
    return fleet_of_target(TargetView(ArtifactReader(DEMO_TARGET, "target")), shipped())
