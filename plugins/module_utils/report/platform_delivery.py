# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The delivery as tables in words, for the page and for Markdown; `platform_tables.py` has the workbook's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest
from typing import Final, TypeVar

from ..platform.delivery.records import ADMISSION_POLICY, APPROVAL, COMMIT, SYNC_WINDOW, TAG
from ..platform.model import BROKEN, MISSING, NOT_EVALUATED, READY
from .platform_delivery_texts import STANDING_WORDS
from .platform_entries import EntryRow, EntryTable, answer_text, badge_look, entry_table, names_text, unknown_notes
from .platform_texts import NOT_KNOWN, STATE_WORDS, figure_text, words
from .platform_view import ApplicationView, GateView, ImagePolicyView, PipelineView, PlatformView

OUTCOME_WORDS: Final = {
    "succeeded": "succeeded",
    "failed": "failed",
    "never": "never completed a run",
    "undated": "which run is the last is not told",
}
"""How the last completed run of a pipeline came out, in words."""

GATE_WORDS: Final = {ADMISSION_POLICY: "admission policy", SYNC_WINDOW: "sync window", APPROVAL: "approval"}
"""Gates in words."""

_EFFECTS: Final = {True: (READY, "takes effect"), False: (BROKEN, "takes no effect"), None: (NOT_EVALUATED, NOT_KNOWN)}
_DENIALS: Final = {True: (READY, "denies"), False: (MISSING, "denies nothing"), None: (NOT_EVALUATED, NOT_KNOWN)}
_HOLDS: Final = {**_DENIALS, True: (READY, "holds back"), False: (MISSING, "holds nothing back")}
_Entry = TypeVar("_Entry", ApplicationView, PipelineView, ImagePolicyView, GateView)


def delivery_tables(platform: PlatformView, most: int) -> tuple[EntryTable, ...]:
    """The tables with at most so many rows each; a kind of which there is nothing has none."""
    found = (
        _table("Applications", "Application", APPLICATION_HEADS, platform.applications, _application, most),
        _table("Pipelines", "Pipeline", PIPELINE_HEADS, platform.pipelines, _pipeline, most),
        _table("Image policies", "Policy", POLICY_HEADS, platform.image_policies, _image_policy, most, "Effect"),
        _table("Gates", "Gate", GATE_HEADS, platform.gates, _gate, most, "Effect"),
    )
    return tuple(table for table in found if table.rows)


def _table(
    title: str,
    noun: str,
    heads: tuple[str, ...],
    entries: Sequence[_Entry],
    row: Callable[[_Entry], EntryRow],
    most: int,
    state: str = "State",
) -> EntryTable:
    return entry_table(title, noun, heads, entries, row, most, state=state, standing="To the document")


def standing_text(standing: str) -> str:
    """How it stands to the document."""
    return words(standing, STANDING_WORDS) or NOT_KNOWN


# ---- applications ----------------------------------------------------------------------------------------------------

APPLICATION_HEADS: Final = ("Project", "Deploys into", "Source and revision", "Pinned", "Synced", "Sync", "Health")


def _application(entry: ApplicationView) -> EntryRow:
    cells = (
        _project(entry),
        destination_text(entry),
        "; ".join(source_texts(entry)) or NOT_KNOWN,
        pinned_text(entry),
        automation_text(entry),
        _sync(entry),
        answer_text(entry.health, "not judged yet"),
    )
    return EntryRow(
        entry.name,
        badge_look(entry.state),
        words(entry.state, STATE_WORDS),
        standing_text(entry.standing),
        cells,
        unknown_notes(entry.unknown),
    )


def _project(entry: ApplicationView) -> str:
    project = entry.project or NOT_KNOWN
    return f"{project}, which allows every namespace" if entry.bounded is False else project


def destination_text(entry: ApplicationView) -> str:
    """Where it deploys to."""
    place = answer_text(entry.destination, "where its objects say")
    return f"{place}, on another cluster" if entry.local is False else place


def source_texts(entry: ApplicationView) -> Iterable[str]:
    """Its sources, each with its revision."""
    for source, revision in zip_longest(entry.sources, entry.revisions, fillvalue=""):
        yield f"{source or 'a source without an address'} at {revision or 'the head'}"


def is_pinned(entry: ApplicationView) -> bool | None:
    """Whether each source names a tag or a commit; None where nobody knows."""
    return all(kind in (COMMIT, TAG) for kind in entry.revision_kinds) if entry.revision_kinds else None


def pinned_text(entry: ApplicationView) -> str:
    """The same with what the revisions are: `no: branch`."""
    pinned = is_pinned(entry)
    if pinned is None:
        return NOT_KNOWN
    kinds = sorted({kind for kind in entry.revision_kinds if pinned or kind not in (COMMIT, TAG)})
    return f"{'yes' if pinned else 'no'}: {', '.join(kinds)}"


def automation_text(entry: ApplicationView) -> str:
    """Who syncs it, and what that does beside: `by itself, prunes, no self-healing`."""
    if entry.automated is None:
        return NOT_KNOWN
    if not entry.automated:
        return "by hand"
    prune = {True: "prunes", False: "no pruning", None: "pruning not known"}[entry.prune]
    heal = {True: "self-heals", False: "no self-healing", None: "self-healing not known"}[entry.self_heal]
    return f"by itself, {prune}, {heal}"


def _sync(entry: ApplicationView) -> str:
    sync = answer_text(entry.sync, "not compared yet")
    return f"{sync}; last operation {entry.operation}" if entry.operation not in (None, "", "Succeeded") else sync


# ---- pipelines -------------------------------------------------------------------------------------------------------

PIPELINE_HEADS: Final = ("Last run", "Last success", "Under way", "Approvals")


def _pipeline(entry: PipelineView) -> EntryRow:
    # A success of which nobody says when it was is one all the same.
    no_day = "day not told" if entry.last_outcome == "succeeded" else "none known"
    cells = (_last_run(entry), answer_text(entry.last_success_day, no_day), answer_text(entry.running), names_text(entry.approvals))
    return EntryRow(
        entry.name,
        badge_look(entry.state),
        words(entry.state, STATE_WORDS),
        standing_text(entry.standing),
        cells,
        unknown_notes(entry.unknown),
    )


def _last_run(entry: PipelineView) -> str:
    if not entry.last_outcome:
        return NOT_KNOWN
    told = " on ".join(filter(None, (words(entry.last_outcome, OUTCOME_WORDS), entry.last_day)))
    return f"{told}: {entry.last_run}" if entry.last_run else told


# ---- image policies and gates ----------------------------------------------------------------------------------------

POLICY_HEADS: Final = ("Scopes", "Root of trust", "Names compared", "Images covered")
GATE_HEADS: Final = ("What it is", "Bindings, windows or tasks", "Narrowed by")


def _image_policy(entry: ImagePolicyView) -> EntryRow:
    cells = (
        names_text(entry.scopes),
        entry.policy_type or NOT_KNOWN,
        answer_text(entry.match_policy, "by the default"),
        figure_text(entry.images),
    )
    return EntryRow(entry.name, *_EFFECTS[entry.effective], standing_text(entry.standing), cells, unknown_notes(entry.unknown))


def _gate(entry: GateView) -> EntryRow:
    effects = _DENIALS if entry.gate_type == ADMISSION_POLICY else _HOLDS
    cells = (words(entry.gate_type, GATE_WORDS) or NOT_KNOWN, names_text(entry.bindings), names_text(entry.narrowed_by))
    return EntryRow(entry.name, *effects[entry.denies], standing_text(entry.standing), cells, unknown_notes(entry.unknown))
