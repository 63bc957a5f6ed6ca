# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects that an operator needs of a cluster: its namespace, its OperatorGroup and its Subscription.

None of them is ever pruned: an operator goes by `state: absent` alone, in the order of `offboard`. Deleting a Subscription by itself
would leave its CSV running with nobody to look after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from ...common.owned_fields import ApiObject
from ...common.write_findings import ADOPTED, FIELDS, OWN
from ...target.objects import name_of
from ..parts import GROUPS, NAMESPACES, SUBSCRIPTIONS, WantedObject
from .brownfield import Stance, approval, is_ours
from .check_list import LAYER, PART
from .model import GROUP, GroupSpec, Operator, OperatorSeen

GROUP_API: Final = f"{GROUP}/v1"
SUBSCRIPTION_API: Final = f"{GROUP}/v1alpha1"


def namespace_object(operator: Operator, seen: OperatorSeen) -> WantedObject | None:
    """The namespace: made where it is not there; of one that others have made only labels are set, where there are any to set."""
    claim = OWN if seen.namespace is None or is_ours(seen.namespace) else FIELDS
    if claim == FIELDS and not operator.labels:
        return None
    metadata: dict[str, Any] = {"name": operator.namespace}
    if operator.labels:
        metadata["labels"] = dict(operator.labels)
    return _wanted({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}, operator, NAMESPACES, claim)


def group_object(operator: Operator, seen: OperatorSeen, spec: GroupSpec) -> WantedObject | None:
    """The OperatorGroup; None where the namespace has one of somebody else's, which is never changed, nor is a second one made."""
    if seen.groups and not (len(seen.groups) == 1 and is_ours(seen.groups[0])):
        return None
    name = name_of(seen.groups[0]) if seen.groups else operator.namespace
    metadata = {"name": name, "namespace": operator.namespace}
    return _wanted({"apiVersion": GROUP_API, "kind": "OperatorGroup", "metadata": metadata, "spec": spec.spec}, operator, GROUPS, OWN)


def subscription_object(operator: Operator, seen: OperatorSeen, stance: Stance) -> WantedObject:
    """The Subscription: pinned ones wait for approval. One that is there keeps its name, because a second one would be a second install."""
    name = name_of(seen.subscription) if seen.subscription is not None else operator.package
    spec: dict[str, Any] = {
        "name": operator.package,
        "channel": operator.channel,
        "source": operator.source,
        "sourceNamespace": operator.source_namespace,
        "installPlanApproval": approval(operator),
    }
    if operator.pin:
        spec["startingCSV"] = operator.pin
    if operator.config:
        spec["config"] = dict(operator.config)
    metadata = {"name": name, "namespace": operator.namespace}
    item = {"apiVersion": SUBSCRIPTION_API, "kind": "Subscription", "metadata": metadata, "spec": spec}
    adopted = seen.subscription is not None and not is_ours(seen.subscription) and stance.writes
    return _wanted(item, operator, SUBSCRIPTIONS, ADOPTED if adopted else OWN)


def _wanted(item: ApiObject, operator: Operator, rank: int, claim: str) -> WantedObject:
    return WantedObject(item, PART, LAYER, operator.path, rank, claim, keep=True)


def once(objects: Iterable[WantedObject]) -> tuple[WantedObject, ...]:
    """Each object once: operators of one namespace share it and its group; its labels are those of all of them."""
    found: dict[tuple[str, str, str], WantedObject] = {}
    for wanted in objects:
        metadata = wanted.object["metadata"]
        key = (str(wanted.object["kind"]), str(metadata.get("namespace", "")), str(metadata["name"]))
        known = found.get(key)
        found[key] = _with_labels(known, metadata.get("labels", {})) if known else wanted
    return tuple(sorted(found.values(), key=_place))


def _with_labels(wanted: WantedObject, labels: Mapping[str, str]) -> WantedObject:
    metadata = wanted.object["metadata"]
    both = {**labels, **metadata.get("labels", {})}
    if not both:
        return wanted
    return replace(wanted, object={**wanted.object, "metadata": {**metadata, "labels": dict(sorted(both.items()))}})


def _place(wanted: WantedObject) -> tuple[int, str, str]:
    metadata = wanted.object["metadata"]
    return wanted.rank, str(metadata.get("namespace", "")), str(metadata["name"])
