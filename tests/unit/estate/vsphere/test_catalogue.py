# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue of properties: it names what the vSphere API has, and between them the paths feed every fact of the model."""

from __future__ import annotations

import importlib
from types import ModuleType

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.estate import model
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.records import FACTS, PART_FACTS
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere import catalogue
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.catalogue import OTHER_SOURCES, PROPERTIES, READS

from .machine_reads import machine
from .reads import live_estate

GIVEN = {"vcenter", "moref"}
"""Facts that come with every object, whatever is asked of it."""

FED = {fact for entries in PROPERTIES.values() for entry in entries for fact in entry.facts}
FROM_PEOPLE = {fact.removeprefix("vm.") for fact, source in OTHER_SOURCES.items() if source.startswith("people")}
ALL_PATHS = [(name, entry) for name, entries in PROPERTIES.items() for entry in entries]


@pytest.fixture(scope="module")
def api_types() -> ModuleType:
    """pyVmomi's types; the test is skipped where it is not installed."""
    try:
        # Importing `pyVmomi.vim` itself would put the folder of its type stubs in the place of the types.
        return importlib.import_module("pyVmomi.VmomiSupport")
    except ImportError:
        pytest.skip("pyVmomi is not installed")


@pytest.mark.parametrize("kind", sorted(model.KINDS))
def test_every_fact_of_the_model_is_fed_by_a_path_or_comes_from_elsewhere(kind: str) -> None:
    lacking = [fact for fact in FACTS[kind] if fact not in GIVEN and f"{kind}.{fact}" not in FED | OTHER_SOURCES.keys()]
    assert lacking == []


def test_no_path_feeds_a_fact_that_the_model_does_not_have() -> None:
    parts = {f"vm.{part}.{fact}" for part, facts in PART_FACTS.items() for fact in facts}
    known = {f"{kind}.{fact}" for kind, facts in FACTS.items() for fact in facts} | parts
    assert FED - known == set()
    assert OTHER_SOURCES.keys() - known == set()


def test_records_of_a_vcenter_that_shows_everything_have_every_fact() -> None:
    live = live_estate()
    records = [*live.objects(), live.vm(machine())]
    for kind, facts in FACTS.items():
        shown = {fact for record in records if record["kind"] == kind for fact in record}
        assert set(facts) - shown - (FROM_PEOPLE if kind == "vm" else set()) == set(), kind


def test_parts_of_a_vm_that_shows_everything_have_every_fact() -> None:
    vm = live_estate().vm(machine())
    for part, facts in PART_FACTS.items():
        assert set(facts) - {fact for entry in vm[part] for fact in entry} == set(), part


@pytest.mark.parametrize(("name", "entry"), ALL_PATHS, ids=lambda value: value if isinstance(value, str) else value.path)
def test_path_leads_to_a_property_that_the_api_has_in_that_version(api_types: ModuleType, name: str, entry: catalogue.PropertyRead) -> None:
    owner = api_types.GetWsdlType("urn:vim25", name)
    for part in entry.path.split("."):
        found = owner._GetPropertyInfo(part)
        since = catalogue.version_number(api_types.versionIdMap[found.version])
        assert since <= catalogue.version_number(entry.since or "6.0"), (entry.path, since)
        owner = getattr(found.type, "Item", found.type)


@pytest.mark.parametrize(("name", "entry"), ALL_PATHS, ids=lambda value: value if isinstance(value, str) else value.path)
def test_privilege_is_the_one_that_the_catalogue_of_types_names(api_types: ModuleType, name: str, entry: catalogue.PropertyRead) -> None:
    if entry.privilege == catalogue.LICENSES:
        return
    found = api_types.GetWsdlType("urn:vim25", name)._GetPropertyInfo(entry.path.split(".")[0])
    assert entry.privilege == (getattr(found, "privId", None) or catalogue.READ)


def test_vms_are_read_last_and_leaf_by_leaf() -> None:
    assert list(READS)[-1] == "VirtualMachine"
    assert not {"config", "summary", "runtime", "guest", "layoutEx"} & set(READS["VirtualMachine"])
    assert all(len(set(paths)) == len(paths) for paths in READS.values())


def test_older_api_is_not_asked_for_what_it_does_not_have() -> None:
    assert "summary.config.tpmPresent" in catalogue.reads_for("6.7.3")["VirtualMachine"]
    assert "summary.config.tpmPresent" not in catalogue.reads_for("6.5")["VirtualMachine"]
    assert catalogue.reads_for("6.5")["Datacenter"] == READS["Datacenter"]
    assert catalogue.reads_for("") == READS
