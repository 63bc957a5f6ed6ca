# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operators part on a cluster: installs what is wanted, takes off what is not, and brings the record up to date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...common.findings import CheckFinding
from ...platform.olm.installed import works
from ...platform.olm.plan import approvals
from ...platform.olm.seen import operators_of, seen_of
from ...platform.parts import Context, Step
from ..cluster.session import WriteSession
from .looking import Looker
from .operators import Work, install
from .removal import take_off
from .waiting import Patience
from .writing import Writing


@dataclass(frozen=True, slots=True)
class Operated:
    """What came of it: why something is not as it has to be, and the steps that were taken."""

    findings: tuple[CheckFinding, ...] = ()
    steps: tuple[Step, ...] = ()


def operate(
    writing: Writing,
    session: WriteSession,
    context: Context,
    patience: Patience,
    clock: Callable[[], float],
    sleep: Callable[[float], object],
) -> Operated:
    """Installs and removes operators. Raises ReadinessError where the cluster cannot be read or written at all."""
    section = context.desired.operators
    if section is None:
        return Operated()
    operators = operators_of(section, context.catalogue)
    subscribed = {wanted.path for wanted in writing.plan.objects if wanted.object.get("kind") == "Subscription"}
    of_others = [operator for operator in operators if not operator.absent and operator.path not in subscribed]
    broken = {operator.name for operator in of_others if not works(seen_of(context.snapshot, operator))}
    work = Work(operators, writing.plan.objects, approvals(context), broken, lambda objects: writing.write_some(session, objects))
    looker = Looker(writing.connection, context.snapshot)
    installed = install(work, session, looker, patience, clock=clock, sleep=sleep)
    removed = take_off(writing.connection, session, writing.plan.steps, patience, clock=clock, sleep=sleep)
    if installed.untouched:
        writing.put_off(installed.late)
    else:
        writing.conclude(session)
    return Operated((*installed.findings, *removed.findings), (*installed.steps, *removed.steps))
