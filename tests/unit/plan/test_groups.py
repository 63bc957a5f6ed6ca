# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups, orders and spreads of VMs."""

from __future__ import annotations

import random
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.plan.groups import Grouping, groups_of
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.model import PlanVm

from .builders import make_disk, make_vm

QUORUM = "[ds-01] web/quorum.vmdk"


def vm(name: str, *paths: str, shared: bool = False, **changes: Any) -> PlanVm:
    """A VM with id = name, its own disk and these."""
    disks = (make_disk(f"[ds-01] {name}/{name}.vmdk"), *(make_disk(path, shared=shared) for path in paths))
    return make_vm(name, **{"id": name, "disks": disks, **changes})


def found(*vms: PlanVm, rules: Any = (), vapps: Any = (), dependencies: str = "earlier", anti: str = "spread", **more: Any) -> Grouping:
    return groups_of(vms, rules, vapps, dependencies, anti, **more)


def rule(name: str, *members: str, kind: str = "affinity", **changes: Any) -> dict[str, Any]:
    return {"kind": "drs_rule", "id": name, "name": name, "type": kind, "enabled": True, "vm_ids": list(members), **changes}


def ids(grouping: Grouping) -> list[tuple[str, ...]]:
    return [group.vm_ids for group in grouping.groups]


def test_same_disk_path_in_one_vcenter_ties_and_a_single_keeps_its_own_id():
    result = found(vm("a", QUORUM), vm("b", QUORUM), vm("c"))
    assert ids(result) == [("c",), ("a", "b")]
    assert [group.id for group in result.groups] == ["c", "group-a"]
    assert [(reason.kind, reason.name, reason.vm_ids) for reason in result.groups[1].reasons] == [("shared_disk", QUORUM, ("a", "b"))]


def test_same_disk_path_in_another_vcenter_or_on_another_lone_host_ties_nothing():
    assert ids(found(vm("a", QUORUM), vm("b", QUORUM, vcenter="other"))) == [("a",), ("b",)]
    assert ids(found(vm("a", QUORUM, vcenter="", host="h1"), vm("b", QUORUM, vcenter="", host="h2"))) == [("a",), ("b",)]


def test_disks_marked_shared_tie_across_hosts_where_no_vcenter_is_known():
    assert ids(found(vm("a", QUORUM, vcenter="", host="h1", shared=True), vm("b", QUORUM, vcenter="", host="h2", shared=True))) == [
        ("a", "b")
    ]


def test_empty_paths_and_unknown_disks_tie_nothing():
    assert ids(found(vm("a", ""), vm("b", ""), vm("c", disks=None))) == [("a",), ("b",), ("c",)]


def test_ties_join_across_kinds():
    result = found(
        vm("a", QUORUM), vm("b", QUORUM), vm("c"), vm("d"), rules=[rule("keep", "b", "c")], vapps=[{"id": "v", "vm_ids": ["c", "d"]}]
    )
    assert ids(result) == [("a", "b", "c", "d")]
    assert [reason.kind for reason in result.groups[0].reasons] == ["affinity_rule", "shared_disk", "vapp"]


def test_disabled_rules_tie_nothing_and_unknown_ones_say_so():
    off = rule("off", "a", "b", enabled=False)
    unsure = {key: value for key, value in rule("unsure", "b", "c").items() if key != "enabled"}
    blind = {key: value for key, value in rule("blind").items() if key != "vm_ids"}
    result = found(vm("a"), vm("b"), vm("c"), rules=[off, unsure, blind])
    assert ids(result) == [("a",), ("b", "c")]
    assert result.notes == (
        "DRS rule blind binds nothing here: its VMs are not known",
        "DRS rule unsure is kept: it is not known whether it is enabled",
    )


def test_a_vapp_without_members_in_its_record_ties_by_the_name_at_its_vms():
    assert ids(found(vm("a", vapp="shop"), vm("b", vapp="shop"), vm("c", vapp="shop", cluster_id="other"))) == [("c",), ("a", "b")]


def test_a_sharer_that_is_not_planned_keeps_the_whole_group_out():
    vms = (vm("a", QUORUM), vm("b", QUORUM), vm("c"))
    result = found(*vms, rules=[rule("keep", "a", "c")], candidates={"a", "c"})
    assert result.groups == []
    assert set(result.kept_out) == {"a", "c"}
    constraint = result.kept_out["c"][0]
    assert (constraint.code, constraint.object) == ("group_incomplete", "b")
    assert constraint.message == f"a and b share disk {QUORUM}, and b is not planned"


def test_soft_ties_to_vms_that_are_not_planned_only_warn():
    result = found(vm("a"), vm("b"), rules=[rule("keep", "a", "b")], candidates={"a"})
    assert ids(result) == [("a",)]
    assert result.notes == ("affinity rule keep: b is not planned and stays behind when a move",)


def test_a_sharer_that_has_moved_does_not_keep_the_others_out():
    result = found(vm("a", QUORUM), vm("b", QUORUM), finished={"b"})
    assert ids(result) == [("a",)]
    assert result.kept_out == {}


def test_dependencies_become_orders_also_on_what_is_not_planned_but_not_on_what_has_moved():
    vms = (vm("a"), vm("b"), vm("c"), vm("d", depends_on=("a", "b", "c", "gone")))
    result = found(*vms, candidates={"a", "d"}, finished={"c"})
    assert [(order.before, order.after) for order in result.orders] == [("a", "d"), ("b", "d"), ("gone", "d")]
    assert result.orders[0].reason == "d depends on a"


def test_dependencies_together_make_groups_and_no_orders_among_the_planned():
    result = found(vm("a", depends_on=("b", "x")), vm("b", depends_on=("a",)), dependencies="together")
    assert ids(result) == [("a", "b")]
    assert [(order.before, order.after) for order in result.orders] == [("x", "a")]
    assert result.problems == []


def test_a_dependency_inside_a_group_is_kept_by_moving_together():
    result = found(vm("a", QUORUM, depends_on=("b",)), vm("b", QUORUM))
    assert result.orders == []
    assert result.problems == []
    assert result.notes == ("a depends on b: both move in one wave, since other ties hold them together",)


def test_a_dependency_cycle_is_named_in_full():
    result = found(vm("a", depends_on=("b",)), vm("b", depends_on=("c",)), vm("c", depends_on=("a",)), vm("d", depends_on=("d",)))
    assert [problem.message for problem in result.problems] == [
        "dependency cycle: d → d (→ depends on)",
        "dependency cycle: a → b → c → a (→ depends on)",
    ]


def test_a_cycle_that_arises_between_groups_names_the_ties():
    result = found(vm("a", depends_on=("b",)), vm("b", QUORUM), vm("c", QUORUM, depends_on=("a",)))
    assert [problem.message for problem in result.problems] == [
        f"dependency cycle: a → b = c → a (→ depends on, = moves together with; b and c move together by disk {QUORUM})"
    ]


def test_anti_affinity_spreads_its_planned_members_and_notes_what_it_cannot_bind():
    apart = rule("apart", "a", "b", "x", kind="anti_affinity")
    alone = rule("alone", "a", "x", kind="anti_affinity")
    tied = rule("tied", "c", "d", kind="anti_affinity")
    vms = (vm("a"), vm("b"), vm("c", QUORUM), vm("d", QUORUM))
    result = found(*vms, rules=[apart, alone, tied])
    assert [(spread.name, spread.vm_ids) for spread in result.spreads] == [("apart", ("a", "b"))]
    assert result.notes == (
        "anti-affinity rule alone binds nothing: a alone of its VMs is planned",
        "anti-affinity rule tied cannot be kept: other ties hold c, d together",
    )
    assert found(*vms, rules=[apart], anti="ignore").spreads == []


def test_the_order_of_the_input_does_not_matter():
    rng = random.Random(7)
    vms = [vm(f"v{n:02d}", f"[ds] shared-{n % 7}", depends_on=(f"v{n // 2:02d}",) if n > 20 else ()) for n in range(40)]
    rules = [rule(f"r{n}", f"v{n:02d}", f"v{39 - n:02d}", kind="anti_affinity" if n % 2 else "affinity") for n in range(6)]
    first = found(*vms, rules=rules)
    for _round in range(5):
        rng.shuffle(vms)
        rng.shuffle(rules)
        assert found(*vms, rules=rules) == first
