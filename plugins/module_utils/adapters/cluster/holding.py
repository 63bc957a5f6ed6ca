# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must stay as it is for the time being, because something that runs needs it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from ...common.write_findings import Finding, ObjectKey, refused
from .client import ApiFault
from .comparing import refusal
from .live import LiveObjects, reason_of
from .refusals import RIGHTS


@dataclass(frozen=True, slots=True)
class Holds:
    """What must stay as it is, and why; and the UIDs of objects that others belong to, which are to outlive them."""

    reasons: Mapping[ObjectKey, str] = field(default_factory=dict)
    owners: frozenset[str] = frozenset()


Guard = Callable[[LiveObjects, Collection[str]], Holds]
"""Finds out what is held in these namespaces. Raises ApiFault and ReadinessError."""


def nothing_held(_objects: LiveObjects, _namespaces: Collection[str]) -> Holds:
    """A guard for stages whose objects may be changed at any time."""
    return Holds()


class Holding:
    """Asks a guard once, when its answer is first needed; may be used from several threads."""

    def __init__(self, guard: Guard, objects: LiveObjects, rights: str = RIGHTS) -> None:
        self._guard = guard
        self._objects = objects
        self._rights = rights
        self._holds: Holds | None = None
        self.namespaces: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    def holds(self) -> Holds:
        """What is held. Raises ApiFault and ReadinessError where it cannot be found out."""
        with self._lock:
            if self._holds is None:
                self._holds = self._guard(self._objects, self.namespaces)
            return self._holds

    def checked(self, finding: Finding, what: str) -> Finding:
        """The finding, without its action where that must not be; `what` is changed or removed."""
        try:
            reason = self.holds().reasons.get(finding.key, "")
        except ApiFault as fault:
            message = f"it was not {what}, since nobody knows whether something that runs needs it: {reason_of(fault)}"
            return replace(refusal(finding, fault, self._rights), message=message)
        if not reason:
            return finding
        return refused(finding, f"it was not {what}: {reason}", "wait until that has ended, or cancel it, and do it again")
