# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict on the estate in one sentence that claims no more than was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .view import CauseView, StageView, VerdictCount


@dataclass(frozen=True, slots=True)
class HeadlineFigures:
    """What the sentence is made of. `verdicts` is empty when nothing was assessed."""

    stages: Sequence[StageView] = ()
    failed: bool = False
    verdicts: Sequence[VerdictCount] = ()
    estate_vm_count: int | None = None
    """VMs in the estate, out of scope ones included; None when there is no estate"""
    by_vcenter: int = 0
    """provisional VMs that would be settled by reading their vCenter live instead of an export of it"""
    vcenters: Sequence[str] = ("",)
    """vCenters that these VMs are in; one whose host name is not known is an empty text"""
    cause: CauseView | None = None
    """what the server refused, where verdicts wait for that"""
    invisible: Sequence[str] = ()
    """vCenters of which VMs may be invisible to the reader's account"""
    subject: str = ""
    """what a run without VMs is about, such as the platform; empty for a run on VMs"""
    known: str = ""
    """what is known of that; empty where nothing is"""


def counted(count: int, singular: str, plural: str = "") -> str:
    """A count with its noun: `1 VM`, `2,300 VMs`."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def listed(parts: Sequence[str]) -> str:
    """Parts as a list in a sentence: `a, b and c`."""
    return ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1] if parts else ""


def headline(figures: HeadlineFigures) -> str:
    """One sentence for the top of the report."""
    if figures.subject:
        return _without_vms(figures)
    if not figures.verdicts:
        return _without_verdicts(figures)
    total = sum(count.total for count in figures.verdicts)
    sentence = _verdict_sentence(figures, total) if total else _empty_sentence(figures)
    caveat = _caveat(figures)
    return f"{caveat}: {sentence}." if caveat else f"{sentence}."


def _trouble(figures: HeadlineFigures) -> str:
    """Which stages failed, in words; empty when none did."""
    failed = [view for view in figures.stages if view.state == "failed" and view.stage != "report" and not view.judged]
    places = list(dict.fromkeys(view.place for view in failed))
    if len(places) > 3:
        places = [*places[:2], f"{len(places) - 2} more"]
    return f"{listed(places)} failed" if places else ""


def _caveat(figures: HeadlineFigures) -> str:
    """What the reader must know before any figure; empty when the run is whole and every VM can be seen."""
    caveats = [caveat] if (caveat := _trouble_caveat(figures)) else []
    if figures.invisible:
        caveats.append(f"VMs of {listed(list(figures.invisible))} may be invisible to the reader's account")
    return "; ".join(caveats)


def _trouble_caveat(figures: HeadlineFigures) -> str:
    if trouble := _trouble(figures):
        return f"Incomplete, because {trouble}"
    if stale := list(dict.fromkeys(view.stage for view in figures.stages if view.state == "stale")):
        return f"Out of date, because the input of {listed(stale)} has changed since"
    return "Incomplete, because a stage did not run" if figures.failed else ""


def _without_vms(figures: HeadlineFigures) -> str:
    caveat = _caveat(figures)
    if not figures.known:
        nothing = f"Nothing is known of {figures.subject}"
        return f"{nothing}: {caveat[0].lower()}{caveat[1:]}." if caveat else f"{nothing}."
    return f"{caveat}. {figures.known}" if caveat else figures.known


def _without_verdicts(figures: HeadlineFigures) -> str:
    trouble = _trouble(figures)
    reason = f" because {trouble}" if trouble else ""
    if figures.estate_vm_count is None:
        return f"There is no verdict,{reason}." if reason else "There is no verdict: no estate was read and nothing was assessed."
    read = f"{counted(figures.estate_vm_count, 'VM was', 'VMs were')} read"
    return f"There is no verdict: {read}, but not assessed{',' if reason else ''}{reason}."


def _empty_sentence(figures: HeadlineFigures) -> str:
    if figures.estate_vm_count is None:
        return "no VM was assessed" if _caveat(figures) else "No VM was assessed"
    if not figures.estate_vm_count:
        return "the estate holds no VM" if _caveat(figures) else "The estate holds no VM"
    if figures.estate_vm_count == 1:
        sentence = "the only VM of the estate is out of scope, so there is nothing to judge"
    else:
        sentence = f"all {figures.estate_vm_count:,} VMs of the estate are out of scope, so there is nothing to judge"
    return sentence if _caveat(figures) else sentence[0].upper() + sentence[1:]


def _verdict_sentence(figures: HeadlineFigures, total: int) -> str:
    """Settled ready VMs first; what only looks ready is never counted among them."""
    by_verdict = {count.verdict: count for count in figures.verdicts}
    amounts = {name: count.total for name, count in by_verdict.items()}
    work, blocked, open_ones = (amounts.get(name, 0) for name in ("ready_with_work", "blocked", "not_evaluated"))
    ready = by_verdict.get("ready", VerdictCount("ready"))
    provisional = sum(count.provisional for count in figures.verdicts)
    parts = [f"{ready.settled:,} of {counted(total, 'VM')} {'is' if ready.settled == 1 else 'are'} ready"]
    if ready.provisional:
        parts.append(f"{ready.provisional:,} more {'looks' if ready.provisional == 1 else 'look'} ready so far")
    if work:
        parts.append(f"{work:,} {'needs' if work == 1 else 'need'} work first")
    if blocked:
        parts.append(f"{blocked:,} {'is' if blocked == 1 else 'are'} blocked")
    if open_ones:
        parts.append(f"{open_ones:,} {'lacks' if open_ones == 1 else 'lack'} the facts for a verdict")
    sentence = listed(parts)
    return f"{sentence}; {_provisional_clause(figures, provisional)}" if provisional else sentence


def _provisional_clause(figures: HeadlineFigures, provisional: int) -> str:
    """How many verdicts are provisional, and what most of them wait for."""
    verdicts = f"{counted(provisional, 'verdict')} {'is' if provisional == 1 else 'are'} provisional"
    refused = figures.cause.provisional_vms if figures.cause else 0
    if figures.cause and refused > figures.by_vcenter and 2 * refused >= provisional:
        why = _refusal(figures.cause)
        return f"{verdicts} {why}" if refused >= provisional else f"{verdicts}, {refused:,} of them {why}"
    if figures.by_vcenter >= provisional:
        return f"{verdicts} until {_live(figures, provisional)}"
    if figures.by_vcenter:
        return f"{verdicts}, {figures.by_vcenter:,} of them until {_live(figures, provisional)}"
    return f"{verdicts} until the facts that are missing are known"


def _refusal(cause: CauseView) -> str:
    if cause.privilege:
        return f"because privilege {cause.privilege} is missing"
    return "because the reader's account may not read what they rest on"


def _live(figures: HeadlineFigures, provisional: int) -> str:
    """That the vCenters are read live; a single one is named where its host name is known."""
    if len(figures.vcenters) > 1:
        return f"their {len(figures.vcenters):,} vCenters are read live"
    name = next(iter(figures.vcenters), "")
    whose = f"vCenter {name}" if name else "their vCenter" if provisional > 1 else "its vCenter"
    return f"{whose} is read live"
