# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far an object has come, told by its conditions: type, status and the generation that they were seen at.

What a message says is shown, and nothing is concluded from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from ..common.owned_fields import ApiObject, metadata_of
from ..target.objects import at, maps_at, text_at
from .snapshot import PlatformSnapshot

READY, WAITING, STUCK = "ready", "waiting", "stuck"
STATES: Final = (READY, WAITING, STUCK)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an object stands: ready, on its way, or in trouble that does not pass by itself."""

    state: str
    reason: str = ""
    """a word of the API: the reason of a condition, a phase"""
    words: str = ""
    """what the API says, word for word"""
    remedy: str = ""
    field: str = ""
    """path of the field that told it, such as status.conditions[Available]"""


BEHIND: Final = Progress(
    WAITING, "ObservedGeneration", "its controller has not seen its present form yet", field="status.observedGeneration"
)
"""Where the status is of an older form of the object."""

Judge: TypeAlias = Callable[[ApiObject, PlatformSnapshot], Progress]
"""Judges objects of one kind; the snapshot has what else has to be looked at, and may lack it: ask `known` first."""

Judges: TypeAlias = Mapping[tuple[str, str], Judge]
"""Judges by API group and kind."""


def condition(item: ApiObject, kind: str, path: str = "status.conditions") -> Mapping[str, object] | None:
    """The condition of that type; None where the object has none."""
    return next((entry for entry in maps_at(item, path) if entry.get("type") == kind), None)


def is_behind(item: ApiObject, entry: Mapping[str, object] | None = None) -> bool:
    """Whether the status is that of an older generation of the object: it says nothing of what is desired now then."""
    generation = metadata_of(item).get("generation")
    seen = entry.get("observedGeneration") if entry is not None and "observedGeneration" in entry else at(item, "status.observedGeneration")
    return isinstance(generation, int) and isinstance(seen, int) and not isinstance(seen, bool) and seen < generation


def seen_of(entry: Mapping[str, object], state: str, path: str = "status.conditions", remedy: str = "") -> Progress:
    """Progress in the words of a condition."""
    kind = str(entry.get("type") or "")
    return Progress(state, str(entry.get("reason") or kind), str(entry.get("message") or ""), remedy, f"{path}[{kind}]")


def by_conditions(*ready: str, stuck: Iterable[str] = (), unless: Iterable[str] = ()) -> Judge:
    """A judge by conditions alone.

    `ready` have all to be True; one of `stuck` that is True is trouble; of `unless` none may be True (Degraded, Progressing).
    """
    troubles, hindrances = tuple(stuck), tuple(unless)

    def judge(item: ApiObject, _others: PlatformSnapshot) -> Progress:
        found = {str(entry.get("type")): entry for entry in maps_at(item, "status.conditions")}
        if is_behind(item):
            return BEHIND
        for kind in (*troubles, *hindrances):
            entry = found.get(kind, {})
            if entry.get("status") == "True" and not is_behind(item, entry):
                return seen_of(entry, STUCK if kind in troubles else WAITING)
        for kind in ready:
            entry = found.get(kind, {})
            if not entry:
                return Progress(WAITING, kind, f"it has no condition {kind} yet", field=f"status.conditions[{kind}]")
            if entry.get("status") != "True" or is_behind(item, entry):
                return seen_of(entry, WAITING)
        return Progress(READY, ready[0] if ready else "")

    return judge


def by_phase(path: str, *ready: str, stuck: Iterable[str] = ()) -> Judge:
    """A judge by one word of the status."""
    troubles = tuple(stuck)

    def judge(item: ApiObject, _others: PlatformSnapshot) -> Progress:
        phase = text_at(item, path)
        if phase in troubles:
            return Progress(STUCK, phase, text_at(item, "status.message"), field=path)
        if phase in ready and not is_behind(item):
            return Progress(READY, phase, field=path)
        return Progress(WAITING, phase or "NoStatus", text_at(item, "status.message"), field=path)

    return judge
