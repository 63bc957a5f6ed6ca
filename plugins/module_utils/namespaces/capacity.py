# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Headroom on a cluster: how many further pods of each grant would run now, what keeps it from being more, and who uses what.

A pod of a grant asks for the grant's devices, and for what the LimitRange gives a container that asks for nothing else. It can get to
the nodes that its class was resolved to, and of these to those that the namespace's node selector leaves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from ..common.artifact import JsonRecord
from ..common.findings import CheckFinding, Evidence
from ..common.owned_fields import ApiObject
from ..common.quantities import cpu_text, exact, memory_text
from ..platform.accelerators.pools import has_labels
from ..platform.snapshot import PlatformSnapshot
from ..platform.verdicts import failed, not_asked, passed, unknown
from ..target.objects import annotations_of, base_units, labels_of, map_at, name_of
from .capacity_checks import HEADROOM
from .contract.model import Contract
from .grants import Grant
from .headroom import ZERO, Headroom, NodeLeft, Shape, headroom
from .ledgers import NAMESPACES, Ledgers
from .load import PODS, PodLoad
from .objects.core import NODE_SELECTOR, node_selector
from .plan import NamespacesPlan

NODES: Final = "nodes"
_MILLI: Final = 1000


@dataclass(frozen=True, slots=True)
class NamespaceHeadroom:
    """The headroom of one grant."""

    namespace: str
    number: int
    """place of the grant in its contract"""
    grant: Grant
    found: Headroom
    asks: Mapping[str, str]
    """what one pod requests, by resource; empty where the grant comes to nothing"""
    used: int | None = None
    """devices of the grant's resource that pods of the namespace hold; None where nobody knows"""
    left_out: tuple[str, ...] = ()
    """kinds of account that the cluster does not serve"""

    @property
    def subject(self) -> str:
        """For people."""
        return f"headroom of {self.namespace}/{self.grant.name}"

    @property
    def words(self) -> str:
        """The answer in a sentence."""
        without = f"; without {' and '.join(self.left_out)}, which the cluster does not serve" if self.left_out else ""
        return f"{self.found.words}{without}"


def headrooms(contracts: Sequence[Contract], plan: NamespacesPlan, snapshot: PlatformSnapshot, load: PodLoad) -> list[NamespaceHeadroom]:
    """The headroom of every grant; `load` is what pods ask of the nodes, of the same look as `snapshot`."""
    ledgers, rooms, used = Ledgers(contracts, plan, snapshot), NodeRooms(snapshot, load), devices_used(snapshot)
    found = []
    for contract in contracts:
        for number, grant in enumerate(plan.grants[contract.namespace].entries):
            held = None if used is None or grant.choice is None else used.get(contract.namespace, Counter())[grant.choice.resource]
            found.append(_of_grant(contract, number, grant, held, ledgers, rooms))
    return found


def _of_grant(contract: Contract, number: int, grant: Grant, used: int | None, ledgers: Ledgers, rooms: NodeRooms) -> NamespaceHeadroom:
    if grant.choice is None:
        nobody = Headroom(None, unknown=(grant.unknown or grant.refused,))
        return NamespaceHeadroom(contract.namespace, number, grant, nobody, {})
    asks = requested(contract, grant.choice.resource, grant.choice.count)
    shape = Shape({**_amounts(asks), PODS: Fraction(1)}, _amounts(_limits(contract)))
    accounts = ledgers.of(contract, shape, grant.choice.flavor)
    nodes, why_not = rooms.of(grant.choice.nodes, contract)
    found = headroom(shape, accounts.ledgers, nodes, why_not)
    return NamespaceHeadroom(contract.namespace, number, grant, found, asks, used, accounts.left_out)


# ---- what one pod asks for -------------------------------------------------------------------------------------------


def requested(contract: Contract, resource: str, devices: int) -> dict[str, str]:
    """What a pod with one container requests that names nothing but its devices."""
    each = contract.containers
    return {"cpu": str(cpu_text(each.cpu_request)), "memory": memory_text(each.memory_request_gib), resource: str(devices)}


def _limits(contract: Contract) -> dict[str, str]:
    each = contract.containers
    return {"cpu": str(cpu_text(each.cpu_limit)), "memory": memory_text(each.memory_limit_gib)}


def _amounts(texts: Mapping[str, str]) -> dict[str, Fraction]:
    return {name: exact(text) or ZERO for name, text in texts.items()}


# ---- nodes -----------------------------------------------------------------------------------------------------------


class NodeRooms:
    """What is left on nodes: what they allocate, less what the pods on them request."""

    def __init__(self, snapshot: PlatformSnapshot, load: PodLoad) -> None:
        self._snapshot = snapshot
        self._load = load
        self._left: dict[str, tuple[NodeLeft | None, str]] = {}

    def of(self, names: Iterable[str], contract: Contract) -> tuple[list[NodeLeft] | None, str]:
        """What is left on those of these nodes that pods of the namespace get to; None and why where nobody knows."""
        if self._load.unknown:
            return None, self._load.unknown
        selector = self._selector(contract)
        if selector is None:
            return None, f"the node selector of {contract.namespace} cannot be read"
        found = []
        for name in names:
            item = self._snapshot.get(NODES, "", name)
            if item is None:
                return None, f"node {name} is not in the list of nodes"
            if not has_labels(labels_of(item), selector):
                continue
            left, why_not = self._left_on(item)
            if left is None:
                return None, why_not
            found.append(left)
        return found, ""

    def _selector(self, contract: Contract) -> dict[str, str] | None:
        """Labels of the nodes that pods of the namespace are bound to; None where what is written there is no such list."""
        live = self._snapshot.get(NAMESPACES, "", contract.namespace)
        return labels_wanted(node_selector(contract) if live is None else annotations_of(live).get(NODE_SELECTOR, ""))

    def _left_on(self, item: ApiObject) -> tuple[NodeLeft | None, str]:
        name = name_of(item)
        if name not in self._left:
            self._left[name] = self._reckon(name, map_at(item, "status.allocatable"))
        return self._left[name]

    def _reckon(self, name: str, allocatable: Mapping[str, object]) -> tuple[NodeLeft | None, str]:
        if name in self._load.unreadable:
            return None, f"node {name}: {self._load.unreadable[name]}"
        taken = self._load.requested.get(name, {})
        left = {}
        for resource, quantity in allocatable.items():
            amount = base_units(resource, quantity)
            if amount is None:
                return None, f"node {name}: its allocatable {resource} is no quantity"
            left[resource] = Fraction(amount - taken.get(resource, 0), _MILLI if resource == "cpu" else 1)
        return NodeLeft(name, left), ""


def labels_wanted(text: str) -> dict[str, str] | None:
    """The labels of a node selector as a namespace's annotation has it, `a=b,c=d`; None for what is none."""
    found = {}
    for term in filter(None, (part.strip() for part in text.split(","))):
        key, equals, value = term.replace("==", "=").partition("=")
        if not equals or not key.strip() or "!" in term or " " in term:
            return None
        found[key.strip()] = value.strip()
    return found


# ---- what is used ----------------------------------------------------------------------------------------------------


def devices_used(snapshot: PlatformSnapshot) -> dict[str, Counter[str]] | None:
    """Namespace to devices that its pods hold, by resource; None where nobody knows."""
    if snapshot.pods is None:
        return None
    found: dict[str, Counter[str]] = {}
    for pod in snapshot.pods.device_pods:
        found.setdefault(pod.namespace, Counter()).update(pod.devices)
    return found


# ---- findings --------------------------------------------------------------------------------------------------------


def headroom_findings(found: Iterable[NamespaceHeadroom]) -> list[CheckFinding]:
    """A finding for each grant, whose part is the namespace."""
    return [replace(_finding(each), part=each.namespace) for each in found]


def _finding(each: NamespaceHeadroom) -> CheckFinding:
    path = f"accelerators[{each.number}]"
    if each.grant.refused:
        return not_asked(HEADROOM, each.subject, f"it comes to nothing on this cluster: {each.grant.refused}")
    if each.found.units is None:
        return unknown(HEADROOM, each.subject, each.words, path)
    if each.found.units == 0 and each.used == 0:
        evidence = tuple(Evidence(name, "further pods", str(most), "1 or more") for name, most in _binding(each.found))
        message = f"nothing of the grant is used, and no pod of it would run: {each.words}"
        return failed(HEADROOM, each.subject, message, path, evidence=evidence)
    if each.found.units == 0 and each.used is None:
        return unknown(HEADROOM, each.subject, f"no further pod would run, and whether any does is not known; {each.words}", path)
    return passed(HEADROOM, each.subject, path, each.words)


def _binding(found: Headroom) -> Iterator[tuple[str, int]]:
    return ((name, found.allowed[name]) for name in found.binding)


# ---- records ---------------------------------------------------------------------------------------------------------


def headroom_records(found: Iterable[NamespaceHeadroom]) -> list[JsonRecord]:
    """A record for each grant."""
    return [_record(each) for each in found]


def _record(each: NamespaceHeadroom) -> JsonRecord:
    grant, choice = each.grant, each.grant.choice
    record: JsonRecord = {
        "kind": "headroom",
        "id": f"{each.namespace}/{grant.name}",
        "name": grant.name,
        "part": each.namespace,
        "device_class": grant.device_class,
        "granted": grant.devices,
        "allowed": dict(sorted(each.found.allowed.items())),
        "left_out": list(each.left_out),
    }
    lacking: dict[str, str] = {}
    if choice is None:
        lacking |= dict.fromkeys(("resource", "flavor", "asks", "used"), grant.unknown or grant.refused)
    else:
        record |= {"resource": choice.resource, "flavor": choice.flavor, "asks": dict(each.asks)}
    if each.found.units is None:
        lacking |= dict.fromkeys(("units", "binding"), "; ".join(each.found.unknown))
    else:
        record |= {"units": each.found.units, "binding": list(each.found.binding)}
    if each.used is not None:
        record["used"] = each.used
    else:
        lacking.setdefault("used", "what pods hold could not be read")
    return {**record, "unknown": lacking} if lacking else record
