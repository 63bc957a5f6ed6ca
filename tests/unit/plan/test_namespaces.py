# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The target namespace and name of each VM."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.namespaces import destinations, namespace_of, rule_problems
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings import NamespaceRule, Selector

from tests.unit.plan.builders import make_vm
from tests.unit.plan.mapping_builders import target_of

EVERYTHING = Selector()


def rules_of(*templates: str) -> tuple[NamespaceRule, ...]:
    return tuple(NamespaceRule(EVERYTHING, template) for template in templates)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("apps", "apps"),
        ("{owner}", "team-web-example-com"),
        ("{application}-{environment}", "erp-production"),
        ("{folder}", "production-erp"),
        ("vm-{cluster}", "vm-cluster-01"),
        ("{tag:Zone}", "dmz-1"),
    ],
)
def test_template_is_filled_with_facts_of_the_vm(template: str, expected: str) -> None:
    vm = make_vm(application="ERP", environment="Production", folder="Production/ERP", tags=("zone/DMZ 1", "other/x"))
    assert namespace_of(vm, rules_of(template))[0] == expected


def test_folder_is_taken_without_its_datacenter() -> None:
    assert namespace_of(make_vm(folder="/dc-01/vm/Prod/ERP"), rules_of("{folder}"))[0] == "prod-erp"


def test_first_rule_that_means_the_vm_decides() -> None:
    rules = (NamespaceRule(Selector(vms=("db-*",)), "databases"), NamespaceRule(Selector(vms=("web-*",)), "web"), *rules_of("rest"))
    found = {name: namespace_of(make_vm(name), rules) for name in ("db-1", "web-1", "x")}
    assert [found[name][0] for name in ("db-1", "web-1", "x")] == ["databases", "web", "rest"]
    assert found["web-1"][1] == "plan_namespaces[1]: web"


def test_rule_whose_fact_is_lacking_is_passed_over_and_named() -> None:
    namespace, reason = namespace_of(make_vm(), rules_of("{application}", "rest"))
    assert namespace == "rest"
    assert "plan_namespaces[0], which needs its application" in reason


def test_several_tags_of_the_category_are_not_guessed_between() -> None:
    namespace, reason = namespace_of(make_vm(tags=("zone/a", "zone/b")), rules_of("{tag:zone}"))
    assert namespace == ""
    assert "it has a, b" in reason


def test_braces_in_a_fact_are_text() -> None:
    assert namespace_of(make_vm(owner="{cluster}"), rules_of("x-{owner}"))[0] == "x-cluster"


def test_long_value_is_cut_and_stays_apart_from_its_like() -> None:
    found = [namespace_of(make_vm(owner="o" * 80 + end), rules_of("{owner}"))[0] for end in "ab"]
    assert len(set(found)) == 2
    assert all(len(name) == 63 for name in found)


def test_vm_that_no_rule_means_has_a_constraint_and_no_destination() -> None:
    found = destinations([make_vm()], (NamespaceRule(Selector(vms=("other",)), "apps"),), target_of())
    assert not found.of
    (constraint,) = found.constraints.values()
    assert (constraint.code, constraint.setting) == ("namespace_unmapped", "plan_namespaces")


@pytest.mark.parametrize("owner", ["openshift-monitoring", "kube-system", "openshift"])
def test_namespace_of_the_platform_is_refused(owner: str) -> None:
    found = destinations([make_vm(owner=owner)], rules_of("{owner}"), target_of())
    assert [constraint.code for constraint in found.constraints.values()] == ["namespace_reserved"]


def test_destination_says_when_the_name_differs() -> None:
    found = destinations([make_vm("web"), make_vm("DB_1")], rules_of("apps"), target_of()).of
    assert {entry.target_name: entry.renamed for entry in found.values()} == {"web": False, "db-1": True}


def test_name_in_a_plan_that_waits_on_the_cluster_is_taken() -> None:
    waiting = {"kind": "migration_plan", "id": "m/p", "target_namespace": "apps", "vms": [{"moref": "vm-9", "target_name": "web"}]}
    vm = make_vm("web")
    assert destinations([vm], rules_of("apps"), target_of(waiting)).of[vm.id].target_name.startswith("web-")
    assert destinations([vm], rules_of("apps"), target_of({**waiting, "archived": True})).of[vm.id].target_name == "web"


FIRST, SECOND = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
PROVIDERS = {"m/first": FIRST, "m/second": SECOND}
MIGRATED = {"kind": "virtual_machine", "id": "apps/web", "namespace": "apps", "name": "web", "source_vm": "vm-12", "owner_plan": "uid-1"}


def plan_of(provider: str, **facts: Any) -> dict[str, Any]:
    """A plan of the target for the vm-12 of a provider's vCenter."""
    entry = {"moref": "vm-12", "name": "web", **facts}
    return {"kind": "migration_plan", "id": "m/p", "uid": "uid-1", "source_provider": provider, "target_namespace": "apps", "vms": [entry]}


@pytest.mark.parametrize(("provider", "own"), [("m/first", True), ("m/second", False), ("m/of-no-vcenter-here", False)])
@pytest.mark.parametrize("migrated", [True, False])
def test_name_of_a_vm_with_the_same_id_in_another_vcenter_is_taken(provider: str, own: bool, migrated: bool) -> None:
    vm = make_vm("web", moref="vm-12", vcenter=FIRST)
    target = target_of(*([MIGRATED] if migrated else []), plan_of(provider, succeeded=migrated))
    found = destinations([vm], rules_of("apps"), target, vcenters=PROVIDERS)
    assert (found.of[vm.id].target_name == "web") is own


def test_where_no_plan_tells_the_vcenter_the_id_decides_if_only_one_vm_has_it_with_that_name() -> None:
    vm, twin = (make_vm("web", id=f"{vcenter}/vm-12", moref="vm-12", vcenter=vcenter) for vcenter in (FIRST, SECOND))
    other, target = replace(twin, name="db"), target_of(MIGRATED)
    alone = destinations([vm], rules_of("apps"), target, None, PROVIDERS, [vm, other])
    beside = destinations([vm], rules_of("apps"), target, None, PROVIDERS, [vm, twin])
    assert alone.of[vm.id].target_name == "web" and beside.of[vm.id].target_name.startswith("web-")


def test_earlier_name_is_kept_only_in_the_same_namespace() -> None:
    vm = make_vm("web")
    kept = destinations([vm], rules_of("apps"), target_of(), {vm.id: ("apps", "web-old")})
    moved = destinations([vm], rules_of("apps"), target_of(), {vm.id: ("other", "web-old")})
    assert (kept.of[vm.id].target_name, moved.of[vm.id].target_name) == ("web-old", "web")


@pytest.mark.parametrize(
    ("template", "words"),
    [("{nobody}", "no fact of a VM"), ("{tag:}", "no fact of a VM"), ("a}{b", "brace"), ("***", "no letter"), ("openshift-x", "platform")],
)
def test_template_that_cannot_work_is_a_problem(template: str, words: str) -> None:
    problems = rule_problems(rules_of("apps", template))
    assert len(problems) == 1
    assert "plan_namespaces[1].namespace" in problems[0].message and words in problems[0].message


def test_templates_of_facts_are_no_problem() -> None:
    assert rule_problems(rules_of("apps", "{owner}", "{tag:Cost centre}-{environment}")) == []
