# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the VMs fit on the target: a node for each, or why not, what is short by proof, and what would make it fit.

What is free on a node is what it can give to pods less what pods request on it now. `spare_nodes` may fail: as many of the
largest nodes that count take no VM of the plan, and the others keep clear, in sum, what runs on those now. So the VMs of the
plan keep their nodes when the largest ones are gone, and what ran there finds as much room elsewhere as it had. (What one pod
there requests is not known, so that room is a sum, and the pods that every node runs by itself are counted with it.)

VMs of a group fit together or not at all. Which VMs are kept when not all fit is the rule of `arrange`: in the order of
`needs`. The nodes are a witness that the VMs fit, not a forecast: the scheduler spreads VMs as it does.

Not counted: pods that only live while a VM is migrated (importers, conversion), and sidecars.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..target.view import TargetView
from .arrange import Arrangement, Purse, Unit, arrange
from .board import RESERVE, SPARE_SETTING, Board, cores, gib
from .model import Constraint, FitResult, Group, MoreNodes, Need, NodeUse, Shortage
from .more_nodes import more_nodes
from .needs import sizing_of, unread_facts
from .nodes import EligibilityKey, Nodes, eligibility_key, read_nodes, unchecked
from .quota_fit import QUOTA, QuotaFit
from .settings import FitPolicy
from .shortages import amount_text, budget_shortages, no_arrangement, node_shortages
from .storage_fit import STORAGE, StorageFit
from .subjects import SIZING_FACTS


def fit(needs: Sequence[Need], groups: Iterable[Group], target: TargetView, policy: FitPolicy) -> FitResult:
    """Fits the needs, in their order of precedence. Groups tie needs; members without a need are passed over."""
    nodes = read_nodes(target, policy)
    board = Board(nodes, needs)
    limits = _Limits(needs, target, policy, board)
    units = _units(needs, groups)
    alone = _alone(needs, limits, board)
    free_units = [unit for unit in units if not any(need.vm_id in alone for need in unit.needs)]
    arrangement = arrange([limits.unit(unit) for unit in free_units], board.free if nodes.evaluated else (), limits.budgets)
    misfits = _misfits(units, alone, arrangement, limits, board)
    lacking = _lacking_nodes(units, alone, arrangement, limits) if nodes.evaluated else []
    more = more_nodes(lacking, board, policy.spare_nodes)
    shortages = _shortages(needs, alone, arrangement, limits, board, more)
    placed = {vm_id: nodes.usable[index].name for vm_id, index in sorted(arrangement.nodes.items())}
    return FitResult(
        node_of=placed,
        misfits={vm_id: misfits[vm_id] for vm_id in sorted(misfits)},
        shortages=tuple(shortages),
        nodes=_uses(needs, placed, nodes),
        evaluated=nodes.evaluated,
        reason=nodes.reason,
        not_evaluated=(
            *nodes.notes,
            *_assumptions(policy, target),
            *unread_facts(needs),
            *board.unchecked(needs),
            *limits.not_evaluated(),
        ),
        excluded=nodes.excluded,
        reserved=tuple(node.name for node in nodes.reserve),
        more_nodes=more,
        uncertain=_uncertain(needs, placed, nodes),
    )


def used_by(result: FitResult, needs: Mapping[str, Need], planned: Collection[str]) -> FitResult:
    """The fit of the VMs that are in a wave: the others give their nodes back.

    The fit is reckoned before the waves, so that VMs which later find no window have a node as well. `planned` are the ids of
    the VMs in a wave, `needs` those that were fitted, by id. `node_of` and the nodes' use (VMs, CPU, memory) are of planned VMs
    alone then, and `without_wave` has the nodes of those that would fit beside them. Misfits, shortages and the nodes that are asked for
    stay: they are about everything that was to move.
    """
    placed = {vm_id: node for vm_id, node in result.node_of.items() if vm_id in planned}
    held: dict[str, list[Need]] = {}
    for vm_id, node in placed.items():
        held.setdefault(node, []).append(needs[vm_id])
    uses = tuple(
        replace(
            use,
            vm_count=len(held.get(use.node, ())),
            cpu_millicores=sum(need.cpu_millicores for need in held.get(use.node, ())),
            memory_bytes=sum(need.memory_bytes for need in held.get(use.node, ())),
        )
        for use in result.nodes
    )
    others = {vm_id: node for vm_id, node in result.node_of.items() if vm_id not in placed}
    return replace(result, node_of=placed, nodes=uses, without_wave={**result.without_wave, **others})


@dataclass(frozen=True, slots=True)
class _Tied:
    """Needs that go together, and the group that ties them."""

    needs: tuple[Need, ...]
    group: Group | None


class _Limits:
    """Everything that is no node: budgets over all VMs, and limits that a VM breaks by itself."""

    def __init__(self, needs: Sequence[Need], target: TargetView, policy: FitPolicy, board: Board) -> None:
        self._storage = StorageFit(target, policy)
        self._quota = QuotaFit(target)
        self._board = board
        self._space = self._storage.budgets(needs)
        self.budgets: Mapping[str, int] = {**self._space, **self._quota.budgets, **board.budgets()}
        self.demands = {
            need.vm_id: {**self._storage.demand(need, self._space), **self._quota.demand(need), **board.demand(need)} for need in needs
        }

    def misfits(self, need: Need) -> list[Constraint]:
        """What keeps a VM out whatever the others do, apart from nodes."""
        return [*self._storage.misfits(need), *self._quota.misfits(need)]

    def unit(self, tied: _Tied) -> Unit:
        """A unit for the arrangement."""
        budgets: dict[str, int] = {}
        for need in tied.needs:
            for name, amount in self.demands[need.vm_id].items():
                budgets[name] = budgets.get(name, 0) + amount
        items = tuple(self._board.item(need) for need in tied.needs) if self._board.nodes.evaluated else ()
        return Unit(tied.needs[0].vm_id, items, budgets)

    def not_evaluated(self) -> tuple[Constraint, ...]:
        """What could not be checked."""
        return (*self._storage.not_evaluated(), *self._quota.not_evaluated())


def _units(needs: Sequence[Need], groups: Iterable[Group]) -> list[_Tied]:
    """The needs as units, in the order of their first members. Groups that share a member are one unit."""
    by_id = {need.vm_id: need for need in needs}
    unit_of = {vm_id: vm_id for vm_id in by_id}
    members: dict[str, list[str]] = {vm_id: [vm_id] for vm_id in by_id}
    reasons: dict[str, Group] = {}
    for group in sorted(groups, key=lambda group: group.id):
        present = [vm_id for vm_id in group.vm_ids if vm_id in by_id]
        for vm_id in present[1:]:
            first, other = unit_of[present[0]], unit_of[vm_id]
            if first != other:
                for moved in members.pop(other):
                    unit_of[moved] = first
                    members[first].append(moved)
        if len(present) > 1:
            reasons.setdefault(unit_of[present[0]], group)
    places = {need.vm_id: place for place, need in enumerate(needs)}
    ranked = sorted((sorted(ids, key=places.__getitem__) for ids in members.values()), key=lambda ids: places[ids[0]])
    return [_Tied(tuple(by_id[vm_id] for vm_id in ids), reasons.get(unit_of[ids[0]])) for ids in ranked]


def _alone(needs: Iterable[Need], limits: _Limits, board: Board) -> dict[str, tuple[list[Constraint], bool]]:
    """VMs that do not fit whatever the others do: why, and whether it is for their node alone."""
    found: dict[str, tuple[list[Constraint], bool]] = {}
    for need in needs:
        constraints = limits.misfits(need)
        elsewhere = bool(constraints)
        if board.nodes.evaluated and not board.fits_alone(need):
            constraints.append(board.why_nowhere(need))
        if constraints:
            found[need.vm_id] = (constraints, not elsewhere)
    return found


def _lacking_nodes(
    units: Iterable[_Tied], alone: Mapping[str, tuple[list[Constraint], bool]], arrangement: Arrangement, limits: _Limits
) -> list[Need]:
    """VMs that lack room on nodes alone: storage and quotas have enough for them beside the VMs that are kept."""
    purse = Purse({name: amount for name, amount in arrangement.budgets.items() if not name.startswith(RESERVE)})
    found: list[Need] = []
    for unit in units:
        blocked = [alone[need.vm_id] for need in unit.needs if need.vm_id in alone]
        out = bool(blocked) or unit.needs[0].vm_id in arrangement.left
        if not out or not all(for_nodes for _constraints, for_nodes in blocked):
            continue
        demand = limits.unit(unit)
        wanted = Unit(demand.id, (), {name: amount for name, amount in demand.budgets.items() if not name.startswith(RESERVE)})
        if not purse.broken(wanted):
            purse.take(wanted)
            found.extend(unit.needs)
    return found


def _misfits(
    units: Iterable[_Tied],
    alone: Mapping[str, tuple[list[Constraint], bool]],
    arrangement: Arrangement,
    limits: _Limits,
    board: Board,
) -> dict[str, tuple[Constraint, ...]]:
    found: dict[str, tuple[Constraint, ...]] = {}
    rooms = _LeftRoom(board, arrangement)
    for unit in units:
        culprits = [need.vm_id for need in unit.needs if need.vm_id in alone]
        if culprits:
            for need in unit.needs:
                found[need.vm_id] = tuple(alone[need.vm_id][0]) if need.vm_id in alone else (_tied(unit, culprits),)
            continue
        broken = arrangement.left.get(unit.needs[0].vm_id)
        if broken is None:
            continue
        culprits = [need.vm_id for need in unit.needs if any(name in limits.demands[need.vm_id] for name in broken)]
        for need in unit.needs:
            demand = limits.demands[need.vm_id]
            own = tuple(_over_budget(name, demand[name], arrangement.budgets[name], unit, board) for name in broken if name in demand)
            found[need.vm_id] = own or ((_tied(unit, culprits),) if broken else (rooms.constraint(need, unit),))
    return found


def _tied(unit: _Tied, culprits: Sequence[str]) -> Constraint:
    group = unit.group
    name = group.id if group else unit.needs[0].vm_id
    why = ", ".join(f"{reason.kind} {reason.name}".strip() for reason in group.reasons) if group else ""
    text = f"it moves together with {', '.join(culprits)}, which does not fit" + (f" (tied by {why})" if why else "")
    return Constraint("group_member_does_not_fit", name, text, "make the other fit, or untie them")


def _over_budget(name: str, amount: int, left: int, unit: _Tied, board: Board) -> Constraint:
    together = f" (its group of {len(unit.needs)} goes together)" if len(unit.needs) > 1 else ""
    if name.startswith(STORAGE):
        what = name.removeprefix(STORAGE)
        text = f"it needs {gib(amount)} of storage class {what}; {gib(left)} are left for it{together}"
        return Constraint("storage_capacity", what, text, "add space, or map datastores to another class", "plan_storage")
    if name.startswith(QUOTA):
        what = name.removeprefix(QUOTA)
        text = f"it needs {amount_text(name, amount)} of {what}; {amount_text(name, left)} are left for it{together}"
        return Constraint("quota", what, text, "raise the quota, or choose another namespace", "plan_namespaces")
    what = name.removeprefix(RESERVE)
    names = ", ".join(node.name for node in board.nodes.reserve)
    text = (
        f"it requests {amount_text(what, amount)} of {what}; {amount_text(what, left)} are left when the other nodes also take what runs "
        f"on the reserve ({names}){together}"
    )
    return Constraint("failover_capacity", what, text, "add nodes, or lower the number of nodes that may fail", SPARE_SETTING)


class _LeftRoom:
    """What is left on the nodes that a VM may run on."""

    def __init__(self, board: Board, arrangement: Arrangement) -> None:
        self._board = board
        self._free = arrangement.free
        self._exact = arrangement.exact
        self._texts: dict[int, str] = {}

    def constraint(self, need: Need, unit: _Tied) -> Constraint:
        """Why a VM found no node."""
        mask = self._board.item(need).nodes
        if mask not in self._texts:
            self._texts[mask] = self._left(mask)
        text = f"it requests {cores(need.cpu_millicores)} and {gib(need.memory_bytes)}; {self._texts[mask]}"
        if len(unit.needs) > 1:
            text += f"; its group of {len(unit.needs)} goes together"
        if not self._exact:
            text += " (found by first fit)"
        return Constraint(
            "node_capacity",
            "nodes",
            text,
            "add nodes, free some, or let fewer nodes fail",
            SPARE_SETTING if self._board.nodes.reserve else "",
        )

    def _left(self, mask: int) -> str:
        usable = self._board.nodes.usable
        eligible = [(size, usable[index].name) for index, size in enumerate(self._free) if mask >> index & 1]
        memory, where = max(eligible, key=lambda entry: (entry[0][1], entry[0][0], entry[1]))
        cpu, other = max(eligible, key=lambda entry: (entry[0][0], entry[0][1], entry[1]))
        text = f"beside the VMs before it most memory is left on {where} ({cores(memory[0])}, {gib(memory[1])})"
        return text if where == other else f"{text}, most CPU on {other} ({cores(cpu[0])}, {gib(cpu[1])})"


def _shortages(
    needs: Sequence[Need],
    alone: Mapping[str, tuple[list[Constraint], bool]],
    arrangement: Arrangement,
    limits: _Limits,
    board: Board,
    more: Sequence[MoreNodes],
) -> list[Shortage]:
    found: list[Shortage] = []
    wanting = [need for need in needs if alone.get(need.vm_id, ((), True))[1]]
    if board.nodes.evaluated:
        found += node_shortages(wanting, board, more)
        full = [vm_id for vm_id, broken in arrangement.left.items() if not broken]
        if full and not found:
            found.append(no_arrangement(len(wanting), len(wanting) - len(arrangement.nodes), len(board.free), arrangement.exact, more))
    demands = [{name: amount for name, amount in limits.demands[need.vm_id].items() if not name.startswith(RESERVE)} for need in wanting]
    return found + budget_shortages(demands, limits.budgets)


def _uses(needs: Iterable[Need], placed: Mapping[str, str], nodes: Nodes) -> tuple[NodeUse, ...]:
    held: dict[str, list[Need]] = {node.name: [] for node in nodes.everything}
    for need in needs:
        if need.vm_id in placed:
            held[placed[need.vm_id]].append(need)
    return tuple(
        NodeUse(
            node=node.name,
            vm_count=len(held[node.name]),
            cpu_millicores=sum(need.cpu_millicores for need in held[node.name]),
            memory_bytes=sum(need.memory_bytes for need in held[node.name]),
            free_cpu_millicores=node.free_cpu,
            free_memory_bytes=node.free_memory,
        )
        for node in sorted(nodes.everything, key=lambda node: node.name)
    )


def _uncertain(needs: Iterable[Need], placed: Mapping[str, str], nodes: Nodes) -> dict[str, tuple[str, ...]]:
    """What nobody knows of each VM, or of the node that is the witness of its fit. Equal answers are one object."""
    by_name = {node.name: node for node in nodes.usable}
    answers: dict[tuple[tuple[str, ...], str, EligibilityKey], tuple[str, ...]] = {}
    found: dict[str, tuple[str, ...]] = {}
    for need in needs:
        key = (need.unread, placed.get(need.vm_id, ""), eligibility_key(need))
        if key not in answers:
            node = by_name.get(key[1])
            own = tuple(f"its {SIZING_FACTS[fact]}" for fact in need.unread)
            answers[key] = own + (tuple(f"the {what} of {node.name}" for what in unchecked(node, key[2])) if node else ())
        if answers[key]:
            found[need.vm_id] = answers[key]
    return found


def _assumptions(policy: FitPolicy, target: TargetView) -> tuple[Constraint, ...]:
    return tuple(
        Constraint("figure_assumed", "HyperConverged", f"the cluster does not say: {text} assumed", setting="plan_fit")
        for text in sizing_of(policy, target).assumed
    )
