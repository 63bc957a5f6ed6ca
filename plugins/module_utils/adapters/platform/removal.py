# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deletes what a plan says has to go, one after the other: each is gone before the next one is touched."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from ...common.findings import CheckFinding, Evidence
from ...common.owned_fields import ApiObject, metadata_of
from ...common.write_findings import DELETE, EXTRA, FAIL, listed
from ...platform.olm.check_list import check
from ...platform.olm.operands import in_words, objects_of
from ...platform.parts import DELETE as DELETE_VERB
from ...platform.parts import Step
from ..cluster.client import ApiConnection, ApiFault
from ..cluster.pinned import PinnedWrites
from ..cluster.resources import Kinds
from .instances import read_instances
from .waiting import Patience

CRD: Final = "CustomResourceDefinition"


@dataclass(frozen=True, slots=True)
class Removed:
    """What came of it."""

    findings: tuple[CheckFinding, ...] = ()
    """why something is still there"""
    steps: tuple[Step, ...] = ()
    """what is gone"""


@dataclass(slots=True)
class _Removing:
    connection: ApiConnection
    session: PinnedWrites
    patience: Patience
    clock: Callable[[], float]
    sleep: Callable[[float], object]
    kinds: Kinds

    def remove(self, step: Step) -> CheckFinding | None:
        """Deletes one object and waits until it is gone; the finding where it is not."""
        try:
            served = self.kinds.find(step.ref.api_version, step.ref.kind)
            if served is None:
                return None
            path = served.path(step.ref.namespace, step.ref.name)
            if step.ref.kind == CRD and (why := self._holds(path, step.uid)):
                return _left(step, why)
        except ApiFault as fault:
            return _left(step, f"nothing was deleted, since it cannot be looked at: {fault.message}")
        try:
            self.session.delete(path, step.uid)
        except ApiFault as fault:
            return _left(step, f"the server refuses to delete it: {fault.message}")
        return self._gone(step, path)

    def _gone(self, step: Step, path: str) -> CheckFinding | None:
        """Waits until the object is gone; the finding where it is not, or where nobody can say."""
        until = self.clock() + 60 * self.patience.minutes
        while True:
            try:
                item = self._there(path, step.uid)
                if item is None:
                    return None
                late = f"it is still there after {self.patience.minutes:g} minutes{_why(item)}"
            except ApiFault as fault:
                # Deleted it was; a server that is busy may tell so later.
                item, late = None, f"it was deleted, and whether it is gone nobody can say: {fault.message}"
                if fault.code in (401, 403):
                    return _left(step, late)
            if self.clock() >= until:
                return _left(step, late, item)
            self.sleep(self.patience.poll_seconds)

    def _holds(self, path: str, uid: str) -> str:
        """Why a CRD stays: objects of its kind may have come since it was planned that it goes. Empty where there are none."""
        crd = self._there(path, uid)
        if crd is None:
            return ""
        sought = objects_of(crd)
        if sought is None:
            return "whether there are objects of its kind is not known: it is served in no version"
        found = read_instances(self.connection, [sought])[sought]
        if not found.known:
            return f"whether there are objects of its kind is not known: {found.reason}"
        return f"{in_words(sought.plural, found)} came meanwhile: remove them first" if found.items or found.more != 0 else ""

    def _there(self, path: str, uid: str) -> ApiObject | None:
        """The object, as long as it is the one that is meant."""
        try:
            item = self.connection.get(path)
        except ApiFault as fault:
            if fault.code == 404:
                return None
            raise
        return item if metadata_of(item).get("uid") == uid else None


def take_off(
    connection: ApiConnection,
    session: PinnedWrites,
    steps: Iterable[Step],
    patience: Patience,
    *,
    clock: Callable[[], float],
    sleep: Callable[[float], object],
) -> Removed:
    """Deletes what the steps name, in their order, and ends at the first object that does not go.

    Raises ReadinessError where the cluster cannot be read or written at all, and where the Lease was lost.
    """
    removing = _Removing(connection, session, patience, clock, sleep, Kinds(connection))
    done: list[Step] = []
    for step in sorted((step for step in steps if step.verb == DELETE_VERB), key=lambda each: each.order):
        if trouble := removing.remove(step):
            return Removed((trouble,), tuple(done))
        done.append(step)
    return Removed((), tuple(done))


def _left(step: Step, message: str, item: ApiObject | None = None) -> CheckFinding:
    evidence = (Evidence(step.ref.text, "metadata.finalizers", listed(_finalizers(item)) or "none", "none"),) if item else ()
    remedy = "see to what is named; then run it again: it goes on with the next step"
    return check("removed").finding(step.subject, EXTRA, FAIL, message=message, evidence=evidence, action=DELETE, remedy=remedy)


def _why(item: ApiObject) -> str:
    waits = _finalizers(item)
    return f"; it waits for {listed(waits)}" if waits else ""


def _finalizers(item: ApiObject) -> list[str]:
    found = metadata_of(item).get("finalizers")
    return sorted(map(str, found)) if isinstance(found, list) else []
