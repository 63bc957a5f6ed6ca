# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The preflight of a whole plan, as the planner makes it."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.groundwork.readiness.plugins.module_utils.plan import model
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.conditions.preflight import preflight_of
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.planner import EstateFacts, Plan, PlanInput, make_plan

from tests.unit.plan.conditions_world import World
from tests.unit.plan.fit_builders import make_node


def planned(world: World, *, with_target: bool = True) -> Plan:
    """The plan of a world's estate."""
    facts = EstateFacts(vcenters=world.vcenters, networks=world.networks, datastores=world.datastores, hosts=world.hosts)
    world.records.update({("node", name): make_node(name) for name in ("node-1", "node-2")})
    target = world.target() if with_target else None
    given = PlanInput(tuple(world.vms.values()), {}, facts, target, world.settings, world.now)
    plan, problems = make_plan(given)
    assert (plan is not None, problems) == (True, [])
    assert plan is not None
    return plan


def test_plan_without_a_target_has_no_preflight() -> None:
    assert preflight_of(planned(World(), with_target=False)) is None


def test_plan_of_the_planner_is_judged_with_its_addresses_and_its_fit() -> None:
    found = preflight_of(planned(World()))
    assert found is not None
    judged = ("GuestToolsIssue", "own.address_unreachable", "own.capacity", "own.group_apart")
    assert [found.counts[name].passed for name in judged] == [2, 2, 2, 2]
    assert {result.condition for result in found.results if result.result == model.FAIL} == set()


def test_vm_that_became_a_template_after_planning_is_refused() -> None:
    world = World()
    plan = planned(world)
    given = replace(plan.given, out_of_scope={world.first: "template"})
    found = preflight_of(replace(plan, given=given))
    assert found is not None
    failed = [result.condition for result in found.results if result.result == model.FAIL]
    assert failed == ["Run.template", "own.vm_out_of_scope"]
