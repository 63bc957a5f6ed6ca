# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is about something that is not there does not apply, and never passes; what may be there is not evaluated."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan import model
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.conditions.catalogue import CONDITIONS
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.conditions.findings import Preflight

from tests.unit.plan.builders import make_vm
from tests.unit.plan.conditions_world import SOURCE, World

PROVIDERS = "providers.forklift.konveyor.io"
OF_HOOKS = ("HookNotValid", "HookNotReady", "HookStepNotValid", "HookServiceAccountNotValid", "own.hook_twice")
OF_DISKS = (
    *("VMStorageNotMapped", "Run.diskWithoutClaim", "own.datastore_unavailable", "InvalidDiskSizes", "RDMDiskWarning"),
    *("IndependentDiskWarning", "own.claim_name_long"),
)
OF_NICS = (
    *("VMNetworksNotMapped", "VMMultiplePodNetworkMappings", "VMDuplicateNADMappings", "own.address_lost"),
    *("own.address_unreachable", "VMMissingGuestIPs", "MacConflicts", "own.mac_twice"),
)
OF_PAIRS = (
    *("SourceNetworkNotValid.notSet", "SourceNetworkNotValid.ambiguous", "SourceNetworkNotValid.notFound"),
    *("DestinationNetworkNotValid.notFound", "DestinationNetworkNotValid.ambiguous", "own.network_mixed"),
    *("SourceStorageNotValid.notSet", "SourceStorageNotValid.ambiguous", "SourceStorageNotValid.notFound"),
    *("DestinationStorageNotValid", "own.storage_twice", "own.storage_mode", "own.storage_live_migration", "own.storage_static"),
    *("Webhook.staticStorageClass", "NetMapDestinationNADNotValid", "NetMapPreservingIPsOnPodNetwork"),
)


def answered(found: Preflight, names: tuple[str, ...]) -> dict[str, tuple[int, int, int]]:
    """Conditions that are answered otherwise than with not applicable: passed, failed, not evaluated."""
    assert set(names) <= set(CONDITIONS)
    counts = {name: found.counts[name] for name in names}
    return {name: shown for name, one in counts.items() if any(shown := (one.passed, one.failed, one.not_evaluated))}


def test_conditions_of_hooks_do_not_apply_to_a_plan_without_hooks() -> None:
    assert answered(World().run(), OF_HOOKS) == {}


def test_vm_that_sets_neither_luks_nor_clevis_is_no_case_of_both() -> None:
    assert answered(World().run(), ("LuksAndClevisIncompatibility",)) == {}


@pytest.mark.parametrize("method", [model.COLD, model.WARM])
def test_vm_without_disks_and_adapters_passes_nothing_about_them(method: str) -> None:
    world = World(method)
    world.vms = {vm_id: replace(vm, disks=(), nics=(), guest_networks_known=False) for vm_id, vm in world.vms.items()}
    of_warm = ("Run.changeTracking",) if method == model.WARM else ()
    assert answered(world.run(), (*OF_DISKS, *OF_NICS, *of_warm)) == {}


def test_maps_without_pairs_pass_nothing_about_pairs() -> None:
    world = World(vms=(make_vm("bare", nics=(), disks=()),))
    for kind in ("NetworkMap", "StorageMap"):
        world.object(kind)["spec"]["map"] = []
    assert answered(world.run(), OF_PAIRS) == {}


def test_new_provider_that_may_be_there_leaves_the_vddk_image_open() -> None:
    world = World(model.WARM)
    world.new_provider(settings={"sdkEndpoint": "vcenter"})
    known = world.run()
    assert known.counts["VDDKInitImageUnavailable"].failed == 1
    world.unread(PROVIDERS)
    found = world.run()
    assert [result.condition for result in found.results if result.result == model.FAIL] == []
    told = {result.condition: result.observed for result in found.results if result.object.startswith(("Plan", f"Provider {SOURCE}"))}
    for name in ("VDDKInitImageUnavailable", "VDDKInvalid", "SSHNotReady.provider"):
        assert found.counts[name].not_evaluated >= 1
        assert "may not list" in told[name]
