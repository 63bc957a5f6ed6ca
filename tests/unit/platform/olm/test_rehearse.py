# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rehearsal of an upgrade: what changes, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.model import (
    Bundle,
    Channel,
    CrdVersions,
    Entry,
    Package,
    Upgrade,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.rehearse import rehearse, upgrade_findings, upgrade_record

from .builders import CRD_NAME, checked, crd, csv, operator, plan

A, B, C = (f"alpha-operator.v{number}.0.0" for number in (1, 2, 3))


def package(*bundles: Bundle) -> Package:
    """A package with the chain A, B, C."""
    entries = (Entry(A, "1.0.0"), Entry(B, "2.0.0", A), Entry(C, "3.0.0", B))
    return Package("alpha-operator", "demo", "stable", {"stable": Channel("stable", C, entries)}, {each.name: each for each in bundles})


def bundle(name: str, *versions: str, images: tuple[str, ...] | None = (), exact: bool = True) -> Bundle:
    """A bundle that brings versions of the CRD."""
    return Bundle(name, crds=(CrdVersions(CRD_NAME, versions, exact),), images=images)


def rehearsed(*bundles: Bundle, stored: tuple[str, ...] = ("v1alpha1",), **more: Any) -> Upgrade:
    """A rehearsal from A to C on a cluster with CRD versions v1alpha1 and v1."""
    live = crd(versions=("v1alpha1", "v1"), stored=stored)
    return rehearse(operator(), package(*bundles), csv(A, images=("old",)), more.pop("target", C), crds=[live], **more)


def test_added_and_removed_versions_images_and_hops_are_listed() -> None:
    found = rehearsed(bundle(B, "v1alpha1", "v1", images=("old", "x")), bundle(C, "v1", "v2", images=("y",)), stored=("v1",))
    assert found.hops == (B, C)
    assert found.crd_changes is not None
    (change,) = found.crd_changes
    assert (change.added, change.removed, change.stored, change.refused) == (("v2",), ("v1alpha1",), ("v1",), False)
    assert found.images_added == ("x", "y")
    assert not found.refused
    assert upgrade_findings(operator(), found) == []


def test_a_stored_version_that_vanishes_is_refused_with_the_number_of_objects() -> None:
    found = rehearsed(bundle(B, "v1alpha1", "v1"), bundle(C, "v1"), objects={CRD_NAME: 7})
    assert found.refused
    finding = checked(upgrade_findings(operator(), found))["upgrade.stored_version"]
    assert finding.refuses
    for word in ("v1alpha1", CRD_NAME, "7 objects"):
        assert word in finding.message


def test_a_version_that_only_a_hop_on_the_way_takes_away_is_refused_too() -> None:
    found = rehearsed(bundle(B, "v1"), bundle(C, "v1alpha1", "v1"))
    assert found.refused


@pytest.mark.parametrize(("stored", "refused"), [(("v1",), False), (("v1alpha1", "v1"), True), ((), False)])
def test_only_stored_versions_count(stored: tuple[str, ...], refused: bool) -> None:
    assert rehearsed(bundle(B, "v1"), bundle(C, "v1"), stored=stored).refused is refused


def test_versions_that_only_the_csv_tells_of_are_not_taken_for_gone() -> None:
    found = rehearsed(bundle(B, "v1", exact=False), bundle(C, "v1", exact=False))
    assert not found.refused
    finding = checked(upgrade_findings(operator(), found))["upgrade.unknown"]
    assert finding.result == "not_evaluated"
    assert "InstallPlan" in finding.message


def test_what_the_plan_brings_beats_the_catalog() -> None:
    found = rehearsed(bundle(B, "v1alpha1", "v1"), target=B, plan=plan(csv(B), crd(versions=("v1",))))
    assert found.refused
    assert found.hops == (B,)


def test_unknown_bundles_are_not_evaluated() -> None:
    found = rehearsed()
    assert (found.crd_changes, found.images_added) == (None, None)
    finding = checked(upgrade_findings(operator(), found))["upgrade.unknown"]
    assert B in finding.message
    assert "crd_changes" not in upgrade_record(found)


def test_a_pin_out_of_reach_is_refused_with_its_reason() -> None:
    found = rehearse(operator(), package(bundle(A, "v1")), csv(C), A, crds=[crd()])
    assert found.refused
    assert "cannot be reached" in found.reason


def test_the_record_has_what_changes() -> None:
    record = upgrade_record(rehearsed(bundle(B, "v1"), bundle(C, "v1", images=("x",))))
    assert record["crd_changes"] == [{"crd": CRD_NAME, "added": [], "removed": ["v1alpha1"], "stored": ["v1alpha1"], "refused": True}]
    assert (record["from_csv"], record["to_csv"], record["related_images_added"], record["refused"]) == (A, C, 1, True)
