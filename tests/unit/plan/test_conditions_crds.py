# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong objects that the real CRDs take are refused by the preflight."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.plan import model

from tests.unit.plan.conditions_world import World
from tests.unit.plan.test_conditions import CASES

PLURALS = {
    "Provider": "providers",
    "Host": "hosts",
    "Hook": "hooks",
    "NetworkMap": "networkmaps",
    "StorageMap": "storagemaps",
    "Plan": "plans",
    "Migration": "migrations",
}
IN_THE_MANIFESTS = [
    "ProviderTypeNotSupported",
    "UrlNotValid",
    "SecretNotValid.provider",
    "SettingsNotValid",
    "Webhook.sdkEndpoint",
    "RefNotValid",
    "IpNotValid",
    "InvalidPlaybook",
    "SourceProviderNotValid",
    "DestinationProviderNotValid",
    "SourceNetworkNotValid.notFound",
    "DestinationNetworkNotValid.notFound",
    "DestinationNetworkNotValid.ambiguous",
    "SourceStorageNotValid.notSet",
    "DestinationStorageNotValid",
    "own.nad_namespace_missing",
    "own.network_mixed",
    "own.storage_twice",
    "own.storage_mode",
    "NamespaceNotValid",
    "NetworkMapRefNotValid",
    "StorageRefNotValid",
    "MigrationTypeNotValid",
    "HookNotValid",
    "HookStepNotValid",
    "VirtV2vImageNotValid",
    "NotValid.volumeNameTemplate",
    "NotValid.pvcNameTemplate",
    "NotValid.targetName",
    "VMRefNotValid",
    "VMNotFound",
    "DuplicateVM.source",
    "DuplicateVM.targetName",
    "own.unknown_moref",
    "own.vm_in_two_plans",
    "own.plan_empty",
    "own.target_namespace_missing",
    "own.instance_type_missing",
    "own.warm_without_cutover",
    "own.cutover_outside_wave",
    "own.migration_without_plan",
]


@pytest.fixture(scope="module")
def validators(shared: Path) -> dict[str, Any]:
    """A validator for each kind, made of the CRDs."""
    folder = shared / "crds"
    if not folder.is_dir():
        pytest.skip(f"no CRDs at {folder}")
    found = {}
    for kind, plural in PLURALS.items():
        crd = yaml.safe_load((folder / f"forklift.konveyor.io_{plural}.yaml").read_text(encoding="utf-8"))
        schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
        found[kind] = jsonschema.Draft202012Validator(schema)
    return found


def crd_errors(world: World, validators: dict[str, Any]) -> list[str]:
    """What the CRDs say of the objects."""
    return [
        f"{entry.object['kind']} {entry.object['metadata']['name']}: {error.message}"
        for entry in world.objects
        if entry.object["kind"] in validators
        for error in validators[entry.object["kind"]].iter_errors(entry.object)
    ]


def test_crds_take_the_clean_plan(validators: dict[str, Any]) -> None:
    assert crd_errors(World(), validators) == []


def test_crds_refuse_what_is_plainly_wrong(validators: dict[str, Any]) -> None:
    world = World()
    world.plan(type="tepid")
    assert len(crd_errors(world, validators)) == 1


@pytest.mark.parametrize("name", IN_THE_MANIFESTS)
def test_crds_take_the_wrong_object_and_the_preflight_refuses_it(name: str, validators: dict[str, Any]) -> None:
    world = World(model.WARM if CASES[name].warm else model.COLD)
    wrong = CASES[name].wrong
    assert wrong is not None
    wrong(world)
    assert crd_errors(world, validators) == []
    assert world.run().counts[name].failed >= 1
