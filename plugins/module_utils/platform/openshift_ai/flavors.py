# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ResourceFlavors: one for each set of nodes that a request resolves to, and one for what asks for no accelerator.

Nothing here knows a vendor: names, labels and tolerations come from the resolved requests. A flavor is never pruned: a request
that cannot be served for a while would take it from under the queues that use it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...common.findings import CheckFinding
from ...common.write_findings import EXTRA as EXTRA_STATE
from ...common.write_findings import STAGE_LABEL
from ...target.objects import labels_of, name_of
from ..accelerators.model import Choice
from ..desired.model import OpenShiftAi
from ..parts import QUEUES, Context, PartPlan
from ..verdicts import failed, passed, unknown
from .apis import COHORTS, FLAVORS, PRIORITIES
from .check_list import EXTRA, FLAVOR
from .check_list import QUEUES as LAYER
from .kueue import queues_version
from .objects import is_name, metadata_of_name, wanted_object

CPU_FLAVOR: Final = "cpu"
"""Flavor of cpu and memory; it is tied to no nodes."""

_MOST: Final = 8
_PATH: Final = "accelerators.requests"


def plan_flavors(wanted: OpenShiftAi, context: Context) -> PartPlan:
    """The flavors of all requests that could be resolved; only where queues are wanted."""
    if wanted.queues is None:
        return PartPlan()
    chosen = choices_by_flavor(context)
    findings = [finding for name, choices in chosen.items() for finding in _judged(name, choices)]
    specs: dict[str, Mapping[str, Any]] = {CPU_FLAVOR: {}, **{name: {"spec": _spec(choices[0])} for name, choices in chosen.items()}}
    version = queues_version(context)
    objects = tuple(
        wanted_object(
            context,
            FLAVORS,
            metadata_of_name(name),
            body,
            layer=LAYER,
            path="openshift_ai.queues" if name == CPU_FLAVOR else _PATH,
            rank=QUEUES,
            keep=True,
            version=version,
        )
        for name, body in sorted(specs.items())
    )
    return PartPlan(objects, findings=(*findings, *extras(wanted, context, specs)))


def choices_by_flavor(context: Context) -> dict[str, list[Choice]]:
    """All choices of all requests, by flavor, sorted by its name."""
    found: dict[str, list[Choice]] = {}
    for name in sorted(context.resolved):
        for choice in context.resolved[name].choices:
            found.setdefault(choice.flavor, []).append(choice)
    return dict(sorted(found.items()))


def _spec(choice: Choice) -> dict[str, Any]:
    spec: dict[str, Any] = {}
    if choice.node_selector:
        spec["nodeLabels"] = dict(sorted(choice.node_selector.items()))
    if choice.tolerations:
        spec["tolerations"] = [dict(entry) for entry in choice.tolerations]
    return spec


def _judged(name: str, choices: list[Choice]) -> list[CheckFinding]:
    subject, first = f"flavor {name}", choices[0]
    if name == CPU_FLAVOR or not is_name(name):
        return [failed(FLAVOR, subject, f"{name!r} cannot be the name of a flavor of accelerators", _PATH)]
    if any(_spec(choice) != _spec(first) for choice in choices[1:]):
        return [failed(FLAVOR, subject, f"{name} would stand for several sets of nodes", _PATH)]
    for what, count in (("labels", len(first.node_selector)), ("tolerations", len(first.tolerations))):
        if count > _MOST:
            return [failed(FLAVOR, subject, f"it has {count} {what}, and may have {_MOST}", _PATH)]
    return [passed(FLAVOR, subject, _PATH)]


def extras(wanted: OpenShiftAi, context: Context, flavors: Mapping[str, object]) -> list[CheckFinding]:
    """Flavors, cohorts and priorities that nobody asked for. Those of this collection's own are the write layer's affair."""
    queues = wanted.queues
    if queues is None:
        return []
    kinds = (
        (FLAVORS, set(flavors)),
        (COHORTS, {queues.cohort}),
        (PRIORITIES, {priority.name for priority in queues.priorities}),
    )
    found = []
    for api, names in kinds:
        if not context.snapshot.known(api.resource):
            found.append(unknown(EXTRA, f"all {api.plural}", context.snapshot.why_not(api.resource), "openshift_ai.queues"))
            continue
        for item in context.snapshot.all(api.resource):
            if name_of(item) not in names and STAGE_LABEL not in labels_of(item):
                message = f"the document does not know of {api.kind} {name_of(item)}"
                found.append(failed(EXTRA, f"{api.kind} {name_of(item)}", message, "openshift_ai.queues", EXTRA_STATE))
    return found
