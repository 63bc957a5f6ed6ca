# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to move together, what has to move before, and what must not move all at once.

VMs that share a disk move together: the file is copied once, and nobody may write to it meanwhile. So do members of an enabled
affinity rule and of a vApp, and dependencies where the user wants them together. A shared disk is a hard tie: where one of its VMs
cannot move, the others cannot either. The other ties bind those that are planned, and say who stays behind.

The id of a group is the id of its VM where it has one alone, else `group-` and the smallest of its VMs' ids.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ..common.artifact import JsonRecord
from ..common.errors import Problem
from .model import Constraint, Group, GroupReason, Order, PlanVm, Spread
from .ordering import Edge, cycles, path
from .shared_disks import repeated_paths

SHARED_DISK, AFFINITY_RULE, VAPP, DEPENDENCY = "shared_disk", "affinity_rule", "vapp", "dependency"
KIND_WORDS: Final = {SHARED_DISK: "disk", AFFINITY_RULE: "affinity rule", VAPP: "vApp", DEPENDENCY: "dependency"}
GROUP_INCOMPLETE: Final = "group_incomplete"
TOGETHER: Final = "together"
_IGNORE: Final = "ignore"
_NAMES_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Grouping:
    """What groups_of found. `kept_out` says of VMs why they cannot move for now; no group holds them. `notes` are for the report."""

    groups: list[Group]
    orders: list[Order]
    spreads: list[Spread]
    problems: list[Problem]
    kept_out: Mapping[str, tuple[Constraint, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Tie:
    kind: str
    name: str
    vm_ids: tuple[str, ...]


def groups_of(
    vms: Sequence[PlanVm],
    rules: Iterable[JsonRecord],
    vapps: Iterable[JsonRecord],
    dependencies: str,
    anti_affinity: str,
    *,
    candidates: Collection[str] | None = None,
    finished: Collection[str] = (),
    standing: Collection[str] = (),
) -> Grouping:
    """Groups of the candidates, orders and spreads among them.

    `vms` are all VMs that may hold a disk or a place in a rule, planned or not; `candidates` the ids of those to be planned (None
    is all), `finished` of those that moved already, `standing` of those whose wave has begun: they are in no group, and their
    orders count. `rules` are drs_rule records, `vapps` vapp records.
    """
    return _Maker(vms, candidates, finished, standing).make(list(rules), list(vapps), dependencies, anti_affinity)


class _Maker:
    """Gathers ties, joins what they tie, and says what comes of it."""

    def __init__(
        self, vms: Sequence[PlanVm], candidates: Collection[str] | None, finished: Collection[str], standing: Collection[str]
    ) -> None:
        self._vms = sorted(vms, key=lambda vm: vm.id)
        self._names = {vm.id: vm.name or vm.id for vm in self._vms}
        self._finished, self._standing = frozenset(finished), frozenset(standing)
        wanted = self._names.keys() if candidates is None else frozenset(candidates)
        self._planned = {vm.id for vm in self._vms if vm.id in wanted} - self._finished - self._standing
        self._parent = {vm.id: vm.id for vm in self._vms if vm.id in self._planned}
        self._ties: list[_Tie] = []
        self._notes: list[str] = []
        self._missing: list[tuple[_Tie, str]] = []

    def make(self, rules: Sequence[JsonRecord], vapps: Sequence[JsonRecord], dependencies: str, anti_affinity: str) -> Grouping:
        """Everything in order: ties, groups, orders, spreads."""
        together = dependencies == TOGETHER
        for tie in (*_disk_ties(self._vms), *self._rule_ties(rules), *self._vapp_ties(vapps), *self._dependency_ties(together)):
            self._join(tie)
        members = self._members()
        kept_out = self._incomplete(members)
        groups = [group for group in self._groups(members) if group.vm_ids[0] not in kept_out]
        home = {vm_id: group.id for group in groups for vm_id in group.vm_ids}
        orders = list(self._orders(together))
        problems = self._cycles(orders, together)
        inside = {order for order in orders if home.get(order.before, order.before) == home.get(order.after, order.after)}
        self._notes += [f"{order.reason}: both move in one wave, since other ties hold them together" for order in inside]
        orders = [order for order in orders if order not in inside and (order.after in home or self._binds(order, home))]
        spreads = [] if anti_affinity == _IGNORE else list(self._spreads(rules, home))
        return Grouping(groups, orders, spreads, problems, kept_out, tuple(sorted(set(self._notes))))

    # ---- ties --------------------------------------------------------------------------------------------------------

    def _rule_ties(self, rules: Sequence[JsonRecord]) -> Iterator[_Tie]:
        for rule in sorted(rules, key=lambda record: str(record["id"])):
            if rule.get("type") == "affinity" and self._in_force(rule):
                yield _Tie(AFFINITY_RULE, str(rule.get("name", rule["id"])), tuple(sorted(set(rule.get("vm_ids", ())))))

    def _in_force(self, rule: JsonRecord) -> bool:
        """Whether a rule binds; one of which nobody knows counts as enabled, and one without known members binds nobody."""
        name = rule.get("name", rule["id"])
        if rule.get("enabled") is False:
            return False
        if "vm_ids" not in rule:
            self._notes.append(f"DRS rule {name} binds nothing here: its VMs are not known")
            return False
        if "enabled" not in rule:
            self._notes.append(f"DRS rule {name} is kept: it is not known whether it is enabled")
        return True

    def _vapp_ties(self, vapps: Sequence[JsonRecord]) -> Iterator[_Tie]:
        placed: set[str] = set()
        for vapp in sorted(vapps, key=lambda record: str(record["id"])):
            members = tuple(sorted(set(vapp.get("vm_ids", ()))))
            placed.update(members)
            yield _Tie(VAPP, str(vapp.get("name", vapp["id"])), members)
        # Sources that do not list a vApp's VMs still name it at each VM.
        by_name: dict[tuple[str, str, str], list[str]] = {}
        for vm in self._vms:
            if vm.vapp and vm.id not in placed:
                by_name.setdefault((_scope(vm), vm.cluster_id, vm.vapp), []).append(vm.id)
        for (_where, _cluster, name), members_named in sorted(by_name.items()):
            yield _Tie(VAPP, name, tuple(members_named))

    def _dependency_ties(self, together: bool) -> Iterator[_Tie]:
        if not together:
            return
        for vm in self._vms:
            for before in sorted(set(vm.depends_on)):
                if before != vm.id and before in self._planned and vm.id in self._planned:
                    yield _Tie(DEPENDENCY, self._says(vm.id, before), tuple(sorted((before, vm.id))))

    def _says(self, after: str, before: str) -> str:
        return f"{self._name(after)} depends on {self._name(before)}"

    def _name(self, vm_id: str) -> str:
        return self._names.get(vm_id, vm_id)

    # ---- groups ------------------------------------------------------------------------------------------------------

    def _join(self, tie: _Tie) -> None:
        planned = [vm_id for vm_id in tie.vm_ids if vm_id in self._planned]
        if not planned or len(tie.vm_ids) < 2:
            return
        root = self._root(planned[0])
        for vm_id in planned[1:]:
            self._parent[self._root(vm_id)] = root
        if len(planned) > 1:
            self._ties.append(_Tie(tie.kind, tie.name, tuple(planned)))
        for vm_id in tie.vm_ids:
            if vm_id not in self._planned:
                self._left_behind(tie, vm_id, planned)

    def _left_behind(self, tie: _Tie, vm_id: str, planned: Sequence[str]) -> None:
        what = f"{KIND_WORDS[tie.kind]} {tie.name}"
        if vm_id in self._finished:
            self._notes.append(f"{what}: {self._name(vm_id)} has moved already, {self._list(planned)} follow")
        elif vm_id in self._standing:
            self._notes.append(f"{what}: the wave of {self._name(vm_id)} has begun, {self._list(planned)} move in another one")
        elif tie.kind == SHARED_DISK:
            self._missing.append((_Tie(tie.kind, tie.name, tuple(planned)), vm_id))
        else:
            self._notes.append(f"{what}: {self._name(vm_id)} is not planned and stays behind when {self._list(planned)} move")

    def _list(self, vm_ids: Sequence[str]) -> str:
        shown = ", ".join(self._name(vm_id) for vm_id in vm_ids[:_NAMES_SHOWN])
        return shown if len(vm_ids) <= _NAMES_SHOWN else f"{shown} and {len(vm_ids) - _NAMES_SHOWN} more"

    def _root(self, vm_id: str) -> str:
        parent = self._parent
        root = vm_id
        while parent[root] != root:
            root = parent[root]
        while parent[vm_id] != root:
            parent[vm_id], vm_id = root, parent[vm_id]
        return root

    def _members(self) -> dict[str, list[str]]:
        members: dict[str, list[str]] = {}
        for vm_id in self._parent:
            members.setdefault(self._root(vm_id), []).append(vm_id)
        return members

    def _groups(self, members: Mapping[str, list[str]]) -> list[Group]:
        reasons: dict[str, list[GroupReason]] = {}
        for tie in self._ties:
            reasons.setdefault(self._root(tie.vm_ids[0]), []).append(GroupReason(tie.kind, tie.name, tie.vm_ids))
        found = []
        for root, vm_ids in members.items():
            group_id = vm_ids[0] if len(vm_ids) == 1 else f"group-{vm_ids[0]}"
            ties = sorted(reasons.get(root, ()), key=lambda reason: (reason.kind, reason.name, reason.vm_ids))
            found.append(Group(group_id, tuple(vm_ids), tuple(ties)))
        return sorted(found, key=lambda group: group.id)

    def _incomplete(self, members: Mapping[str, list[str]]) -> dict[str, tuple[Constraint, ...]]:
        """Constraints of all VMs of groups that share a disk with a VM that does not move."""
        found: dict[str, list[Constraint]] = {}
        for tie, stays in self._missing:
            sharers = ", ".join(self._name(vm_id) for vm_id in tie.vm_ids)
            constraint = Constraint(
                GROUP_INCOMPLETE,
                stays,
                f"{sharers} and {self._name(stays)} share disk {tie.name}, and {self._name(stays)} is not planned",
                f"settle what keeps {self._name(stays)} out of the plan, or detach the disk from it",
            )
            for vm_id in members[self._root(tie.vm_ids[0])]:
                found.setdefault(vm_id, []).append(constraint)
        return {vm_id: tuple(sorted(set(entries), key=lambda entry: (entry.object, entry.message))) for vm_id, entries in found.items()}

    # ---- orders and spreads ------------------------------------------------------------------------------------------

    def _orders(self, together: bool) -> Iterator[Order]:
        """An order for each dependency, those on VMs that are not planned among them: they keep the dependent out."""
        for vm in self._vms:
            if vm.id in self._finished:
                continue
            for before in sorted(set(vm.depends_on)):
                if before in self._finished or (together and before in self._planned):
                    continue
                yield Order(before, vm.id, self._says(vm.id, before))

    def _binds(self, order: Order, home: Mapping[str, str]) -> bool:
        """Whether a VM has to move before one whose wave has begun."""
        return order.after in self._standing and order.before in home

    def _cycles(self, orders: Sequence[Order], together: bool) -> list[Problem]:
        if together:
            return []
        home = {vm_id: self._root(vm_id) for vm_id in self._parent}
        links: dict[str, list[tuple[str, str]]] = {}
        found = cycles([(order.before, order.after) for order in orders], home)
        if found:
            for tie in self._ties:
                for one, other in zip(tie.vm_ids, tie.vm_ids[1:], strict=False):
                    links.setdefault(one, []).append((other, f"{KIND_WORDS[tie.kind]} {tie.name}"))
                    links.setdefault(other, []).append((one, f"{KIND_WORDS[tie.kind]} {tie.name}"))
        return [self._cycle(edges, links) for edges in found]

    def _cycle(self, edges: Sequence[Edge], links: Mapping[str, Sequence[tuple[str, str]]]) -> Problem:
        """A cycle in words, read from each dependent to what it depends on."""
        backwards = edges[::-1]
        text, ties = self._name(backwards[0][1]), []
        for number, (before, _after) in enumerate(backwards):
            text += f" → {self._name(before)}"
            follows = backwards[(number + 1) % len(backwards)][1]
            for one, tie, other in path(links, before, follows):
                text += f" = {self._name(other)}"
                ties.append(f"{self._name(one)} and {self._name(other)} move together by {tie}")
        legend = "→ depends on, = moves together with" if ties else "→ depends on"
        return Problem(
            f"dependency cycle: {text} ({'; '.join([legend, *ties])})",
            remedy="take one of these dependencies out of the annotations, or set plan_dependencies to together",
        )

    def _spreads(self, rules: Sequence[JsonRecord], home: Mapping[str, str]) -> Iterator[Spread]:
        for rule in sorted(rules, key=lambda record: str(record["id"])):
            if rule.get("type") != "anti_affinity" or not self._in_force(rule):
                continue
            name = str(rule.get("name", rule["id"]))
            planned = tuple(vm_id for vm_id in sorted(set(rule["vm_ids"])) if vm_id in home)
            if len(planned) < 2:
                if planned:
                    self._notes.append(f"anti-affinity rule {name} binds nothing: {self._name(planned[0])} alone of its VMs is planned")
            elif len({home[vm_id] for vm_id in planned}) == 1:
                self._notes.append(f"anti-affinity rule {name} cannot be kept: other ties hold {self._list(planned)} together")
            else:
                yield Spread(name, planned)


def _scope(vm: PlanVm) -> str:
    """Where a path has its meaning: in a vCenter, or on a host that stands alone."""
    return vm.vcenter or f"host {vm.host}"


def _disk_ties(vms: Sequence[PlanVm]) -> list[_Tie]:
    """VMs that have the same file as a disk.

    Without a vCenter a path counts within its host, and beyond it where the disks are marked as shared.
    """
    repeated = repeated_paths(vms)
    holders: dict[tuple[str, str], list[str]] = {}
    for vm in vms:
        for disk in vm.disks or ():
            if disk.path not in repeated:
                continue
            scopes = [_scope(vm)]
            if disk.shared and not vm.vcenter:
                scopes.append("")
            for scope in scopes:
                held = holders.setdefault((scope, disk.path), [])
                if not held or held[-1] != vm.id:
                    held.append(vm.id)
    found = [_Tie(SHARED_DISK, path_name, tuple(vm_ids)) for (_where, path_name), vm_ids in sorted(holders.items()) if len(vm_ids) > 1]
    return list(dict.fromkeys(found))
