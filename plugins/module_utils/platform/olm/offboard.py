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
from dataclasses import dataclass
from typing import Final

from ...common.findings import CheckFinding, Evidence
from ...common.owned_fields import ApiObject
from ...common.write_findings import CHANGED, DELETE, EXTRA, FAIL, IN_STEP, PASS, ObjectKey, key_of, listed, tracker
from ...target.objects import id_of, labels_of, name_of, namespace_of, text_at
from ..parts import DELETE as DELETE_VERB
from ..parts import Step
from ..snapshot import Named
from .brownfield import is_ours
from .check_list import PART, check
from .csvs import owned_names
from .model import CSVS, GROUPS, SUBSCRIPTIONS, Operator, OperatorSeen

KEPT_NAMESPACES: Final = ("default", "openshift-operators")
"""Namespaces that belong to the cluster, whoever made them."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What has to be deleted, in this order, and what is kept and why."""

    steps: tuple[Step, ...] = ()
    findings: tuple[CheckFinding, ...] = ()


def remove_steps(operator: Operator, seen: OperatorSeen, all_csvs: Sequence[ApiObject] = (), made: Collection[ObjectKey] = ()) -> Removal:
    """The steps that take an operator off.

    `all_csvs` are the CSVs of the cluster that are no copies: CRDs that another one owns stay. `made` are the objects that the record
    of what was applied says we made; objects with the stage's label count as made by us as well.
    """
    subscription = seen.subscription
    unread = [seen.unknown[resource] for resource in (SUBSCRIPTIONS, CSVS, GROUPS) if resource in seen.unknown]
    if unread:
        return Removal(findings=(_held(operator, f"what would be removed is not known: {unread[0]}"),))
    if subscription is not None and (why := _not_ours(operator, subscription, made)):
        return Removal(findings=(_held(operator, why, (subscription,)),))
    csvs = _own_csvs(seen)
    targets: list[tuple[ApiObject, str]] = []
    if subscription is not None:
        targets.append((subscription, "OLM would install the CSV again"))
    targets += [(csv, "its deployments, roles and copies go with it") for csv in csvs]
    kept: list[CheckFinding] = []
    if not operator.keep_crds:
        going, kept = _crds(operator, seen, csvs, all_csvs)
        targets += [(crd, "keep_crds is false: every object of its kind goes with it") for crd in going]
    alone = not _others(seen, subscription, csvs)
    if alone:
        targets += [(group, "nothing else is installed in the namespace") for group in seen.groups if _is_made(group, made)]
    if alone and _namespace_goes(operator, seen, made):
        targets += [(seen.namespace, "it was made for the operator and holds no other one")] if seen.namespace else []
    if seen.operator_object is not None and not operator.keep_crds and not kept:
        targets.append((seen.operator_object, "nothing bears its component label any more"))
    steps = tuple(_step(order, item, reason) for order, (item, reason) in enumerate(targets, 1))
    return Removal(steps, (*kept, _result(operator, steps, seen)))


def _step(order: int, item: ApiObject, reason: str) -> Step:
    key = key_of(item)
    ref = Named(text_at(item, "apiVersion"), key.kind, key.namespace, key.name)
    return Step(order, PART, DELETE_VERB, key.text, ref, reason, text_at(item, "metadata.uid"))


def _not_ours(operator: Operator, subscription: ApiObject, made: Collection[ObjectKey]) -> str:
    if owner := tracker(subscription):
        return f"Subscription {id_of(subscription)} belongs to {owner}: take it out there"
    if not _is_made(subscription, made) and operator.brownfield != "adopt":
        return f"Subscription {id_of(subscription)} was not made from here; brownfield: adopt takes it over, so that it can be removed"
    return ""


def _is_made(item: ApiObject, made: Collection[ObjectKey]) -> bool:
    return is_ours(item) or key_of(item) in made


def _own_csvs(seen: OperatorSeen) -> tuple[ApiObject, ...]:
    """CSVs of the operator in its namespace: those that the Subscription names, and what a removal that was cut short has left."""
    named = {text_at(seen.subscription, f"status.{key}") for key in ("installedCSV", "currentCSV")} - {""}
    left = {id_of(csv) for csv in seen.package_csvs} if not seen.elsewhere else set[str]()
    return tuple(csv for csv in seen.csvs if name_of(csv) in named or id_of(csv) in left)


def _others(seen: OperatorSeen, subscription: ApiObject | None, csvs: Iterable[ApiObject]) -> list[str]:
    """What else OLM has in the namespace."""
    gone = {id_of(csv) for csv in csvs}
    others = [id_of(each) for each in seen.subscriptions if subscription is None or id_of(each) != id_of(subscription)]
    return others + [id_of(csv) for csv in seen.csvs if id_of(csv) not in gone]


def _crds(
    operator: Operator, seen: OperatorSeen, csvs: Sequence[ApiObject], all_csvs: Iterable[ApiObject]
) -> tuple[list[ApiObject], list[CheckFinding]]:
    """CRDs that go: those that the CSV owns, or that are known to be the package's, and that no other CSV owns."""
    own = {name for csv in csvs for name in owned_names(csv)} | set(operator.crds)
    own |= {name_of(crd) for crd in seen.crds if operator.component_label in labels_of(crd)}
    gone = {id_of(csv) for csv in csvs}
    shared = {name: id_of(csv) for csv in all_csvs if id_of(csv) not in gone for name in owned_names(csv) if name in own}
    going = [crd for crd in seen.crds if name_of(crd) in own and name_of(crd) not in shared]
    stays = [f"CRD {name} stays: CSV {owner} owns it too" for name, owner in sorted(shared.items())]
    return going, [_held(operator, "; ".join(stays))] if stays else []


def _namespace_goes(operator: Operator, seen: OperatorSeen, made: Collection[ObjectKey]) -> bool:
    """A namespace goes when we made it, all of its groups are ours, and nobody wants it kept."""
    if seen.namespace is None or operator.keep_namespace or operator.namespace in KEPT_NAMESPACES:
        return False
    return _is_made(seen.namespace, made) and all(_is_made(group, made) for group in seen.groups)


def _held(operator: Operator, message: str, items: tuple[ApiObject, ...] = ()) -> CheckFinding:
    evidence = tuple(
        Evidence(f"{text_at(each, 'kind') or 'object'} {id_of(each)}", "metadata.labels", "not ours", "ours") for each in items
    )
    return check("removed.held").finding(operator.subject, CHANGED, FAIL, message=message, evidence=evidence, path=operator.path)


def _result(operator: Operator, steps: Sequence[Step], seen: OperatorSeen) -> CheckFinding:
    if not steps:
        return check("removed").finding(operator.subject, IN_STEP, PASS, message=_gone(operator, seen), path=operator.path, remedy="")
    message = f"{listed([step.subject for step in steps])} have to go" if len(steps) > 1 else f"{steps[0].subject} has to go"
    return check("removed").finding(operator.subject, EXTRA, FAIL, message=message, action=DELETE, path=operator.path)


def _gone(operator: Operator, seen: OperatorSeen) -> str:
    kept = list(_kept(operator, seen))
    return f"it is not there; kept: {listed(kept)}" if kept else "it is not there"


def _kept(operator: Operator, seen: OperatorSeen) -> Iterator[str]:
    if operator.keep_crds and seen.crds:
        yield f"{len(seen.crds)} CRDs"
        if seen.operator_object is not None:
            yield f"Operator {name_of(seen.operator_object)}, which OLM keeps for them"
    if seen.namespace is not None:
        yield f"namespace {namespace_of(seen.namespace) or name_of(seen.namespace)}"
