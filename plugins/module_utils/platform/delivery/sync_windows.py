# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sync windows that are written into AppProjects: ours are brought into the list that has others' too, and out of it again.

The list is atomic (argo-cd, AppProject, spec.syncWindows has no keys to merge by), and windows have no names. Here a window goes by
what it says: kind, schedule and duration. Which are ours is told by the annotation of `merges`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...common.findings import CheckFinding
from ...common.merges import (
    ADOPTED_MARK,
    ALREADY_THERE,
    THERE_BEFORE,
    EntryFinding,
    Merge,
    Merged,
    MergeOutcome,
    differing,
    digest_of,
    marks_of,
    orphan,
    released,
    with_marks,
)
from ...common.owned_fields import ApiObject
from ...common.write_findings import CHANGED, CREATE, DELETE, IN_STEP, MISSING, ORPHANED, PASS, UPDATE, listed
from ...target.objects import map_at, name_of, namespace_of, text_at
from ..desired.delivery import SyncWindowWanted
from ..merge_findings import entry_findings
from ..parts import OPERANDS
from ..snapshot import Named
from .check_list import GATE_ACTION, LAYER, PART, WINDOW_ENTRY
from .readings import PROJECTS
from .scope import Look
from .windows import text_of

WHAT: Final = "sync-windows"
WINDOWS: Final = "syncWindows"
_API_VERSION: Final = "argoproj.io/v1alpha1"
_PROJECT: Final = "AppProject"
_PATH: Final = "delivery.gates.sync_windows"
_UTC: Final = ("", "UTC", "Etc/UTC")

Window = Mapping[str, Any]


def window_merges(look: Look, *, prune: bool) -> tuple[Merge, ...]:
    """One merge for each project that windows are written into, or that has windows of ours from before."""
    by_project: dict[Named, list[SyncWindowWanted]] = {}
    for item in look.snapshot.all(PROJECTS):
        if marks_of(item, WHAT):
            by_project[_ref(namespace_of(item), name_of(item))] = []
    for wanted in look.wanted.gates.sync_windows:
        if wanted.write:
            by_project.setdefault(_ref(wanted.namespace, wanted.project), []).append(wanted)
    asked: dict[Named, set[str]] = {}
    for wanted in look.wanted.gates.sync_windows:
        asked.setdefault(_ref(wanted.namespace, wanted.project), set()).add(wanted.text)
    changes = {ref: WindowsChange(tuple(found), prune, frozenset(asked.get(ref, ()))) for ref, found in by_project.items()}
    return tuple(Merge(ref, PART, LAYER, _PATH, OPERANDS, change) for ref, change in changes.items())


def window_outcomes(outcomes: Sequence[MergeOutcome]) -> Iterable[CheckFinding]:
    """The findings on windows, and on actions of image gates, that were written, or would be."""
    for outcome in outcomes:
        ref = outcome.merge.ref
        if ref.kind == _PROJECT:
            yield from entry_findings(outcome, WINDOW_ENTRY, f"window of {ref.namespace}/{ref.name}: {{}}".format)
        else:
            yield from entry_findings(outcome, GATE_ACTION, f"image gate {ref.name}: {{}}".format)


def _ref(namespace: str, name: str) -> Named:
    return Named(_API_VERSION, _PROJECT, namespace, name)


def window_item(wanted: SyncWindowWanted) -> dict[str, Any]:
    """The window as an item of the list, over all applications of the project."""
    return {
        "kind": wanted.window,
        "schedule": " ".join(wanted.schedule.split()),
        "duration": wanted.duration,
        "applications": ["*"],
        "manualSync": wanted.manual,
    }


def meaning(item: Window) -> dict[str, Any]:
    """What a window says, however it is written: false and UTC are as good as nothing, and its description says nothing."""
    found = {key: value for key, value in item.items() if value is not False and key != "description"}
    found["schedule"] = " ".join(text_at(item, "schedule").split())
    if text_at(item, "timeZone") in _UTC:
        found.pop("timeZone", None)
    return found


@dataclass(frozen=True, slots=True)
class WindowsChange:
    """The list of a project's sync windows."""

    wanted: tuple[SyncWindowWanted, ...] = ()
    prune: bool = False
    """whether windows that we wrote and that are wanted no more go from the list"""
    asked: frozenset[str] = frozenset()
    """windows that have to be there, whoever writes them"""

    def of(self, live: ApiObject | None) -> Merged:
        """What becomes of the AppProject. One that is not there is not made: what may be deployed by it is for others to say."""
        if live is None:
            if not self.wanted:
                return Merged(None)
            words = "the project is not there, and is not made here"
            return Merged(None, refused=words, remedy="create the AppProject, or correct project and namespace in the document")
        return _Plan(self, live).merged()


class _Plan:
    """One application of the change: the list as it becomes, and what is found of each window."""

    def __init__(self, change: WindowsChange, live: ApiObject) -> None:
        self._change = change
        self._live = live
        self._marks = marks_of(live, WHAT)
        self._kept = dict(self._marks)
        found = map_at(live, "spec").get(WINDOWS)
        self._items: list[Any] = list(found) if isinstance(found, list) else []
        self._entries: list[EntryFinding] = []

    def merged(self) -> Merged:
        for wanted in self._change.wanted:
            self._take(wanted.text, window_item(wanted))
        named = {wanted.text for wanted in self._change.wanted}
        for text in sorted(self._marks.keys() - named - self._change.asked):
            self._let_go(text)
        for text in sorted(self._marks.keys() & self._change.asked - named):
            self._kept.pop(text)
            message = "the document asks for it, and has it written no more: it stays"
            self._entries.append(EntryFinding(text, IN_STEP, PASS, UPDATE, message=message))
        bare = {key: value for key, value in self._live.items() if key != "status"}
        spec = dict(map_at(bare, "spec"))
        if self._items or WINDOWS in spec:
            spec[WINDOWS] = self._items
        after = with_marks({**bare, "spec": spec}, WHAT, self._kept)
        return Merged(None if after == bare else after, tuple(self._entries))

    def _take(self, text: str, item: dict[str, Any]) -> None:
        mark, digest = self._marks.get(text, ""), digest_of(meaning(item))
        same = any(not differing(meaning(self._items[place]), meaning(item)) for place in self._places_of(text))
        adopted = ADOPTED_MARK if mark.startswith(ADOPTED_MARK) or (same and not mark) else ""
        if same:
            self._note(text, adopted + digest, EntryFinding(text, IN_STEP, PASS, message="" if mark else ALREADY_THERE))
            return
        ours = self._ours(text)
        if ours is None:
            # Windows of the same times that others have, over some of the applications or changed since, stay as they are.
            message = "it was taken out of the list, or changed, since it was written" if mark else ""
            self._items.append(item)
            self._note(text, digest, EntryFinding(text, MISSING, PASS, CREATE, message=message))
            return
        fields = differing(meaning(self._items[ours]), meaning(item))
        self._items[ours] = item
        self._note(text, adopted + digest, EntryFinding(text, CHANGED, PASS, UPDATE, fields, f"changes {listed(fields)}"))

    def _places_of(self, text: str) -> list[int]:
        """Where windows stand that say these times."""
        return [place for place, found in enumerate(self._items) if isinstance(found, Mapping) and text_of(found) == text]

    def _ours(self, text: str) -> int | None:
        """Where the window stands that is as we wrote it: another one of the same times may be somebody's."""
        written = self._marks.get(text, "").removeprefix(ADOPTED_MARK)
        return next((place for place in self._places_of(text) if digest_of(meaning(self._items[place])) == written), None)

    def _note(self, text: str, mark: str, finding: EntryFinding) -> None:
        self._kept[text] = mark
        self._entries.append(finding)

    def _let_go(self, text: str) -> None:
        """A window of ours that the document does not ask for any more; what is somebody else's by now stays."""
        if not self._places_of(text):
            self._kept.pop(text)
            return
        if not self._change.prune:
            self._entries.append(orphan(text))
            return
        self._kept.pop(text)
        ours = self._ours(text)
        if ours is None:
            self._entries.append(released(text, "somebody changed it since it was written"))
        elif self._marks[text].startswith(ADOPTED_MARK):
            self._entries.append(released(text, THERE_BEFORE))
        else:
            del self._items[ours]
            self._entries.append(EntryFinding(text, ORPHANED, PASS, DELETE))
