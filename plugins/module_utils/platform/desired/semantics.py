# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a document cannot mean though each of its values may stand: judged from the document alone, before a cluster is asked.

What only the cluster can tell (pools that overlap on a node, a pin that the channel does not have) the parts refuse.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ...common.errors import Problem
from ..catalogue import Catalogue
from ..identity.check_list import LOCKOUT_GUARD
from ..identity.personas import persona_faults
from .accelerator_rules import accelerator_faults
from .ai_rules import ai_faults
from .delivery_rules import delivery_faults
from .identity_rules import identity_faults
from .model import PlatformDesired
from .monitoring_rules import monitoring_faults
from .operator_rules import operator_faults
from .parse import Places
from .rules import Fault, fault, is_day, leads_nowhere


def semantic_problems(desired: PlatformDesired, catalogue: Catalogue, checks: Collection[str], places: Places) -> list[Problem]:
    """Everything that is wrong; `checks` are the ids that waivers may name."""
    return [places.problem(path, problem) for path, problem in _faults(desired, catalogue, checks)]


def expired_waivers(desired: PlatformDesired, today: str, places: Places) -> list[Problem]:
    """Waivers that hold no more on that day (YYYY-MM-DD)."""
    found = []
    for number, waiver in enumerate(desired.waivers):
        if waiver.expires < today:
            path, problem = fault(
                ("waivers", number, "expires"), f"is {waiver.expires}: the waiver has expired", "renew it, or leave it out"
            )
            found.append(places.problem(path, problem))
    return found


def _faults(desired: PlatformDesired, catalogue: Catalogue, checks: Collection[str]) -> Iterator[Fault]:
    yield from _cluster_faults(desired)
    if desired.operators:
        yield from operator_faults(desired.operators, catalogue)
    if desired.accelerators:
        yield from accelerator_faults(desired.accelerators, catalogue)
    if desired.openshift_ai:
        yield from ai_faults(desired, desired.openshift_ai, catalogue)
    if desired.identity:
        yield from identity_faults(desired.identity)
        yield from persona_faults(desired.identity, catalogue.personas)
    if desired.monitoring:
        yield from monitoring_faults(desired.monitoring, catalogue)
    if desired.delivery:
        yield from delivery_faults(desired.delivery)
    for number, waiver in enumerate(desired.waivers):
        yield from leads_nowhere(("waivers", number, "check"), waiver.check, checks, "check, see docs/platform.md")
        if waiver.check == LOCKOUT_GUARD.id:
            yield fault(("waivers", number, "check"), "may leave nobody a way in, and cannot be waived", "prove break-glass")
        if not is_day(waiver.expires):
            yield fault(("waivers", number, "expires"), f"is {waiver.expires!r}, which is no day", "write it as 2027-03-31")


def _cluster_faults(desired: PlatformDesired) -> Iterator[Fault]:
    cluster = desired.cluster
    if cluster.openshift and cluster.next_minor and _minor(cluster.next_minor) <= _minor(cluster.openshift):
        message = f"is {cluster.next_minor}, which does not come after {cluster.openshift}"
        yield fault(("cluster", "next_minor"), message, "name a later minor")


def _minor(version: str) -> int:
    return int(version.partition(".")[2])
