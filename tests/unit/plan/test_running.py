# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Migrations that run hold their plans, and what these need."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.running import held, running_plans

Json = dict[str, Any]


def reference(name: str) -> Json:
    return {"name": name, "namespace": "mtv"}


def item(kind: str, name: str, spec: Json, status: Json | None = None) -> Json:
    metadata = {"name": name, "namespace": "mtv"}
    return {"apiVersion": "forklift.konveyor.io/v1beta1", "kind": kind, "metadata": metadata, "spec": spec, "status": status or {}}


def plan(name: str = "erp", *conditions: str) -> Json:
    spec = {
        "provider": {"source": reference("vc"), "destination": reference("host")},
        "map": {"network": reference("net"), "storage": reference("sto")},
        "vms": [{"id": "vm-1", "hooks": [{"hook": reference("quiesce")}]}, {"id": "vm-2"}],
    }
    return item("Plan", name, spec, {"conditions": [{"type": word, "status": "True"} for word in conditions]})


def migration(name: str = "erp", **status: Any) -> Json:
    return item("Migration", f"{name}-run", {"plan": reference(name)}, status)


HOSTS = [item("Host", "esx-1", {"provider": reference("vc")}), item("Host", "esx-2", {"provider": reference("other")})]


def names(plans: list[Json], migrations: list[Json]) -> set[str]:
    return {f"{key.kind} {key.name}" for key in held(plans, migrations, HOSTS)}


def test_running_migration_holds_its_plan_and_what_that_needs_and_nothing_else() -> None:
    found = names([plan(), plan("crm")], [migration()])
    assert found == {"Plan erp", "Provider vc", "Provider host", "NetworkMap net", "StorageMap sto", "Hook quiesce", "Host esx-1"}


@pytest.mark.parametrize("word", ["Succeeded", "Failed", "Canceled"])
def test_ended_migration_holds_nothing(word: str) -> None:
    assert names([plan()], [migration(conditions=[{"type": word, "status": "True"}])]) == set()
    assert names([plan()], [migration(completed="2026-11-21T08:00:00Z")]) == set()


def test_condition_that_is_not_true_ends_nothing() -> None:
    assert "Plan erp" in names(
        [plan()], [migration(conditions=[{"type": "Succeeded", "status": "False"}, {"type": "Running", "status": "True"}])]
    )


def test_plan_that_says_it_is_executed_is_held_without_a_migration() -> None:
    assert "Plan erp" in names([plan("erp", "Executing")], [])


def test_migration_of_a_plan_that_is_not_there_harms_nothing() -> None:
    assert list(running_plans([], [migration("gone")]).values()) == ["migration gone-run"]
    assert names([plan()], [migration("gone"), item("Migration", "odd", {})]) == {"Plan gone", "Plan "}


def test_reasons_name_the_migration() -> None:
    reasons = {key.kind: reason for key, reason in held([plan()], [migration()], HOSTS).items()}
    assert reasons["Plan"] == "migration erp-run has not ended"
    assert reasons["NetworkMap"] == "plan erp needs it, and migration erp-run has not ended"
