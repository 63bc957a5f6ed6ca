# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an operator is taken off a cluster: in an order in which nothing makes again what has just been deleted.

The Subscription first, else OLM installs the CSV anew. With the CSV go its deployments, roles and copies (owner references), with
the Subscription its InstallPlans. OLM makes the Operator object again as long as anything bears its component label
(pkg/controller/operators/operator_controller.go, v0.38.0), CRDs included: it is deleted last, and only where the CRDs go.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ...common.findings import WARNING, CheckFinding, Evidence
from ...common.owned_fields import ApiObject
from ...common.write_findings import (
    CHANGED,
    DELETE,
    EXTRA,
    FAIL,
    IN_STEP,
    NOT_EVALUATED,
    PASS,
    ObjectKey,
    key_of,
    listed,
    tracker,
)
from ...target.objects import id_of, name_of, namespace_of, text_at
from ..parts import DELETE as DELETE_VERB
from ..parts import Step
from ..snapshot import Instances, InstancesOf, Named, PlatformSnapshot
from .brownfield import brought_by_others, is_ours
from .check_list import PART, check
from .model import CRDS, CSVS, EXTENSIONS, GROUPS, NAMESPACES, SUBSCRIPTIONS, Operator, OperatorSeen
from .operands import (
    Trouble,
    claims_in,
    elsewhere_troubles,
    in_words,
    namespace_troubles,
    operand_troubles,
    operands_of,
    own_crds,
    pods_in,
    shared_crds,
    sought_of,
)
from .seen import seen_of

KEPT_NAMESPACES: Final = ("default", "openshift-operators")
"""Namespaces that belong to the cluster, whoever made them."""

_NEEDED: Final = (SUBSCRIPTIONS, CSVS, GROUPS, NAMESPACES, EXTENSIONS)
"""Lists without which nothing is removed."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What has to be deleted, in this order, and what is kept and why."""

    steps: tuple[Step, ...] = ()
    findings: tuple[CheckFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Leaving:
    """What of an operator would go."""

    operator: Operator
    seen: OperatorSeen
    snapshot: PlatformSnapshot
    csvs: tuple[ApiObject, ...]
    crds: frozenset[str]
    """names of the operator's own CRDs, on the cluster or not"""
    shared: dict[str, str]
    """those of them that a CSV owns which stays, to that CSV"""
    namespace_goes: bool
    """whether the namespace would go, whatever it holds"""

    @property
    def is_at_stake(self) -> bool:
        """Whether objects of the operator's kinds would be deleted with it, or could not be deleted any more."""
        return (not self.operator.keep_crds and bool(self.crds)) or (self.namespace_goes and bool(self.csvs))

    @property
    def operands(self) -> list[tuple[str, Instances]]:
        """What there is of the kinds that no other operator looks after."""
        return operands_of(self.crds - self.shared.keys(), self.csvs, self.snapshot)


def remove_steps(operator: Operator, seen: OperatorSeen, snapshot: PlatformSnapshot, made: Collection[ObjectKey] = ()) -> Removal:
    """The steps that take an operator off.

    `snapshot` has to hold what `instances_to_read` asks for: what is not known there is not taken for absent. `made` are the objects
    that the record of what was applied says we made; objects with the stage's label count as made by us as well.
    """
    leaving = _leaving(operator, seen, snapshot, made)
    held = list(_unread(operator, seen)) or [
        *elsewhere_troubles(operator, seen),
        *_beside_olm(seen, leaving.csvs),
        *_not_ours(operator, seen, leaving.csvs, made),
    ]
    if not held and leaving.is_at_stake:
        held = list(operand_troubles(leaving.operands, bool(leaving.csvs)))
    if held:
        return Removal(findings=(_held(operator, held),))
    targets, stays = _targets(leaving, made)
    steps = tuple(_step(order, item, reason) for order, (item, reason) in enumerate(targets, 1))
    # The operator goes: what stays of it is no failure of that.
    kept = (replace(_held(operator, stays), severity=WARNING),) if stays else ()
    return Removal(steps, (*kept, _result(leaving, steps)))


def instances_to_read(operators: Iterable[Operator], snapshot: PlatformSnapshot) -> tuple[InstancesOf, ...]:
    """What has to be known of the cluster beside its lists, so that operators can be removed; nothing where none is there any more."""
    found: set[InstancesOf] = set()
    for operator in operators:
        if operator.absent:
            leaving = _leaving(operator, seen_of(snapshot, operator), snapshot, ())
            if leaving.csvs or leaving.namespace_goes or not operator.keep_crds:
                found.update(filter(None, (sought_of(name, leaving.csvs, snapshot) for name in leaving.crds)))
            if leaving.namespace_goes:
                found |= {claims_in(operator.namespace), pods_in(operator.namespace)}
    return tuple(sorted(found))


def _leaving(operator: Operator, seen: OperatorSeen, snapshot: PlatformSnapshot, made: Collection[ObjectKey]) -> _Leaving:
    csvs = _own_csvs(seen)
    crds = own_crds(operator, csvs, snapshot)
    goes = _namespace_goes(operator, seen, made) and not _others(seen, seen.subscription, csvs)
    return _Leaving(operator, seen, snapshot, csvs, crds, shared_crds(crds, csvs, snapshot), goes)


def _targets(leaving: _Leaving, made: Collection[ObjectKey]) -> tuple[list[tuple[ApiObject, str]], list[Trouble]]:
    """What goes and why, in its order, and what stays although the document does not keep it."""
    operator, seen, csvs = leaving.operator, leaving.seen, leaving.csvs
    targets: list[tuple[ApiObject, str]] = []
    stays: list[Trouble] = []
    if seen.subscription is not None:
        targets.append((seen.subscription, "OLM would install the CSV again"))
    targets += [(csv, "its deployments, roles and copies go with it") for csv in csvs]
    if not operator.keep_crds:
        names = sorted(leaving.crds - leaving.shared.keys())
        going = [crd for crd in (leaving.snapshot.get(CRDS, "", name) for name in names) if crd is not None]
        targets += [(crd, "keep_crds is false, and there is no object of its kind") for crd in going]
        if leaving.shared:
            words = [f"CRD {name} stays: CSV {owner} owns it too" for name, owner in sorted(leaving.shared.items())]
            stays.append(Trouble("; ".join(words)))
    if not _others(seen, seen.subscription, csvs):
        targets += [(group, "nothing else is installed in the namespace") for group in seen.groups if _is_made(group, made)]
    if leaving.namespace_goes and seen.namespace is not None:
        troubles = list(namespace_troubles(operator, csvs, operands_of(leaving.crds, csvs, leaving.snapshot), leaving.snapshot))
        stays += troubles
        targets += [] if troubles else [(seen.namespace, "it was made for the operator and holds nothing else")]
    if seen.operator_object is not None and not operator.keep_crds and not leaving.shared:
        targets.append((seen.operator_object, "nothing bears its component label any more"))
    return targets, stays


def _step(order: int, item: ApiObject, reason: str) -> Step:
    key = key_of(item)
    ref = Named(text_at(item, "apiVersion"), key.kind, key.namespace, key.name)
    return Step(order, PART, DELETE_VERB, key.text, ref, reason, text_at(item, "metadata.uid"))


# ---- what keeps it there ---------------------------------------------------------------------------------------------


def _unread(operator: Operator, seen: OperatorSeen) -> Iterator[Trouble]:
    needed = _NEEDED if operator.keep_crds else (*_NEEDED, CRDS)
    unread = [seen.unknown[resource] for resource in needed if resource in seen.unknown]
    if unread:
        yield Trouble(f"what would be removed is not known: {unread[0]}", known=False)


def _beside_olm(seen: OperatorSeen, csvs: Sequence[ApiObject]) -> Iterator[Trouble]:
    if seen.subscription is None and not csvs and (crds := brought_by_others(seen)):
        yield Trouble(f"{listed([name_of(crd) for crd in crds])} are there, which Helm or Argo CD has brought: remove it there", items=crds)


def _not_ours(operator: Operator, seen: OperatorSeen, csvs: Sequence[ApiObject], made: Collection[ObjectKey]) -> Iterator[Trouble]:
    """What others have installed: a Subscription of theirs, or CSVs that they have taken the Subscription from."""
    subscription = seen.subscription
    if subscription is None:
        places = [each for each in (seen.namespace, *seen.groups) if each is not None]
        if csvs and operator.brownfield != "adopt" and not any(_is_made(each, made) for each in places):
            names = listed([f"CSV {id_of(csv)}" for csv in csvs])
            why = "no Subscription stands for it, and neither its namespace nor its OperatorGroup was made from here"
            yield Trouble(f"{names}: {why}; brownfield: adopt takes it over, so that it can be removed", items=tuple(csvs))
        return
    named = f"Subscription {id_of(subscription)}"
    if owner := tracker(subscription):
        yield Trouble(f"{named} belongs to {owner}: take it out there", items=(subscription,))
    elif not _is_made(subscription, made) and operator.brownfield != "adopt":
        why = "was not made from here; brownfield: adopt takes it over, so that it can be removed"
        yield Trouble(f"{named} {why}", items=(subscription,))


def _is_made(item: ApiObject, made: Collection[ObjectKey]) -> bool:
    return is_ours(item) or key_of(item) in made


def _own_csvs(seen: OperatorSeen) -> tuple[ApiObject, ...]:
    """CSVs of the operator in its namespace: those that the Subscription names, and what a removal that was cut short has left."""
    named = {text_at(seen.subscription, f"status.{key}") for key in ("installedCSV", "currentCSV")} - {""}
    left = {id_of(csv) for csv in seen.package_csvs}
    return tuple(csv for csv in seen.csvs if name_of(csv) in named or id_of(csv) in left)


def _others(seen: OperatorSeen, subscription: ApiObject | None, csvs: Iterable[ApiObject]) -> list[str]:
    """What else OLM has in the namespace."""
    gone = {id_of(csv) for csv in csvs}
    others = [id_of(each) for each in seen.subscriptions if subscription is None or id_of(each) != id_of(subscription)]
    return others + [id_of(csv) for csv in seen.csvs if id_of(csv) not in gone]


def _namespace_goes(operator: Operator, seen: OperatorSeen, made: Collection[ObjectKey]) -> bool:
    """A namespace goes when we made it, all of its groups are ours, and nobody wants it kept."""
    if seen.namespace is None or operator.keep_namespace or operator.namespace in KEPT_NAMESPACES:
        return False
    return _is_made(seen.namespace, made) and all(_is_made(group, made) for group in seen.groups)


# ---- what is said ----------------------------------------------------------------------------------------------------


def _held(operator: Operator, troubles: Sequence[Trouble]) -> CheckFinding:
    """One finding for all that stays; what is certain decides its result."""
    evidence = tuple(
        Evidence(f"{text_at(each, 'kind') or 'object'} {id_of(each)}", "metadata.labels", "not ours", "ours")
        for trouble in troubles
        for each in trouble.items
    )
    message = "; ".join(trouble.message for trouble in troubles)
    known = any(trouble.known for trouble in troubles)
    state, result = (CHANGED, FAIL) if known else (NOT_EVALUATED, NOT_EVALUATED)
    return check("removed.held").finding(operator.subject, state, result, message=message, evidence=evidence, path=operator.path)


def _result(leaving: _Leaving, steps: Sequence[Step]) -> CheckFinding:
    operator = leaving.operator
    if not steps:
        return check("removed").finding(operator.subject, IN_STEP, PASS, message=_gone(leaving), path=operator.path, remedy="")
    message = f"{listed([step.subject for step in steps])} have to go" if len(steps) > 1 else f"{steps[0].subject} has to go"
    if leaving.csvs and not leaving.is_at_stake:
        stay = [in_words(kind, each) for kind, each in leaving.operands if each.known]
        message += f"; {listed(stay)} may stay, and nothing looks after them then" if stay else ""
    return check("removed").finding(operator.subject, EXTRA, FAIL, message=message, action=DELETE, path=operator.path)


def _gone(leaving: _Leaving) -> str:
    kept = list(_kept(leaving.operator, leaving.seen))
    return f"it is not there; kept: {listed(kept)}" if kept else "it is not there"


def _kept(operator: Operator, seen: OperatorSeen) -> Iterator[str]:
    if seen.crds:
        yield f"{len(seen.crds)} CRDs" if operator.keep_crds else f"{len(seen.crds)} CRDs that no CSV of it has brought"
        if seen.operator_object is not None:
            yield f"Operator {name_of(seen.operator_object)}, which OLM keeps for them"
    if seen.namespace is not None:
        yield f"namespace {namespace_of(seen.namespace) or name_of(seen.namespace)}"
