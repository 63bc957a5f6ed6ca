# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the whole document asks of a cluster: the plans of its parts, in their order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from ..common.findings import CheckFinding
from ..common.merges import MergeOutcome
from .accelerators.fleet import fleet_of
from .accelerators.plan import plan_accelerators
from .accelerators.requests import resolved_requests
from .accelerators.site import site_of
from .checks import PARTS
from .delivery.plan import plan_delivery
from .delivery.sync_windows import window_outcomes
from .identity.plan import login_outcomes, plan_identity
from .monitoring.plan import config_outcomes, plan_monitoring
from .olm.plan import plan_operators
from .openshift_ai.plan import plan_openshift_ai
from .parts import Context, PartPlan, joined
from .prerequisites.plan import plan_prerequisites

PLANNERS: Final[Mapping[str, Callable[[Context], PartPlan]]] = {
    "prerequisites": plan_prerequisites,
    "operators": plan_operators,
    "accelerators": plan_accelerators,
    "openshift_ai": plan_openshift_ai,
    "identity": plan_identity,
    "monitoring": plan_monitoring,
    "delivery": plan_delivery,
}
"""Part to what it asks of the cluster."""

_TOLD: Final[Mapping[str, Callable[[Sequence[MergeOutcome]], Iterable[CheckFinding]]]] = {
    "identity": login_outcomes,
    "monitoring": config_outcomes,
    "delivery": window_outcomes,
}
"""Part to what it says of entries of objects of others."""


def plan_platform(context: Context, parts: Collection[str]) -> PartPlan:
    """What these parts want, in the order of the parts. A section that the document does not have asks for nothing."""
    return joined(*(PLANNERS[part](context) for part in PARTS if part in parts and _is_asked(context, part)))


def _is_asked(context: Context, part: str) -> bool:
    return getattr(context.desired, part) is not None or (part == "identity" and context.taken_back is not None)


def with_fleet(context: Context) -> Context:
    """The context with the accelerators of the cluster, and what becomes of each request."""
    wanted = context.desired.accelerators
    if wanted is None:
        return context
    fleet = fleet_of(context.snapshot, context.desired, context.catalogue)
    seen = replace(context, fleet=fleet)
    site = site_of(seen)
    return seen if site is None else replace(seen, resolved=resolved_requests(site, fleet))


def merge_outcomes(outcomes: Sequence[MergeOutcome]) -> list[CheckFinding]:
    """The findings on entries of objects of others, as the part that wanted them tells them."""
    return [finding for part, words in _TOLD.items() for finding in words([one for one in outcomes if one.merge.part == part])]


def part_stage(part: str) -> str:
    """Value of the label that marks the objects of a part."""
    return f"platform-{part.replace('_', '-')}"
