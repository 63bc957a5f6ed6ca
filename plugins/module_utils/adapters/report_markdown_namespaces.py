# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chapter on namespaces in the report's Markdown. Texts of contracts and of the cluster are data: no markup of theirs is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from ..common.findings import WAIVED
from ..common.write_findings import FAIL
from ..report import namespaces_texts as say
from ..report.headline import counted
from ..report.namespaces_charts import shares
from ..report.namespaces_view import ContractView, NamespacesView
from ..report.platform_texts import RESULT_WORDS, counts_against, mode_note, words
from ..report.platform_view import CheckFindingView
from ..report.view import ReportView
from .markdown_text import MAX_ROWS, code, prose, table

MAX_LISTED: Final = 3 * MAX_ROWS
"""Rows of what calls for attention, and contracts that are told of one by one."""

MAX_OF_ONE: Final = 5
"""Checks of one namespace that are told of."""


def notes(view: ReportView) -> Iterator[str]:
    """That nothing was written to the cluster, where that is so; each once."""
    told = (mode_note(view.platform) if view.platform else "", say.namespaces_note(view.namespaces) if view.namespaces else "")
    return (prose(note) for note in dict.fromkeys(told) if note)


def _more(count: int, shown: int, what: str) -> Iterator[str]:
    if count > shown:
        yield ""
        yield f"And {counted(count - shown, f'more {what}')}."


def _verdict(view: ReportView) -> Iterator[str]:
    found = view.namespaces
    if found is None:
        return
    yield "## Namespaces"
    yield ""
    if not view.namespaces_alone:
        yield prose(found.headline)
        yield ""
    yield prose(" ".join(say.namespaces_lines(found)))


def _steps(view: ReportView) -> Iterator[str]:
    found = say.steps(view.namespaces) if view.namespaces else []
    if not found:
        return
    yield "### What to do first"
    yield ""
    for step in found[:MAX_ROWS]:
        kind = "" if step.result == FAIL else "to know more: "
        where = f" in {say.some_names(step.namespaces, 6)}" if step.namespaces else ""
        told = f"{counted(step.count, 'check')}{where}; ask {say.some_names(step.owners, 4)}"
        yield f"- **{kind}{prose(step.text)}** ({prose(told)})"
        yield from (f"  - {prose(point.subject)}: {prose(point.text)}" for point in step.points)
        if step.count > len(step.points):
            yield f"  - and {step.count - len(step.points):,} more"
    yield from _more(len(found), MAX_ROWS, "step")


def _ending(view: ReportView) -> Iterator[str]:
    found = say.ending(view.namespaces.contracts) if view.namespaces else []
    if not found:
        return
    yield "### Grants that end"
    yield ""
    rows = (
        (
            code(entry.namespace),
            prose(entry.owner),
            prose(entry.contact or entry.owner_group),
            prose(entry.expires),
            say.days_text(entry.days_left),
        )
        for entry in found[:MAX_LISTED]
    )
    yield from table(("Namespace", "Owner", "Whom to talk to", "Ends on", "Days"), rows)
    yield from _more(len(found), MAX_LISTED, "grant")


def _contracts(view: ReportView) -> Iterator[str]:
    if view.namespaces is None or not view.namespaces.contracts:
        return
    yield "### Contracts"
    yield ""
    heads = ("Namespace", "Owner", "Classification", "State", "Days", "Granted", "Used", "Idle", "Checks")
    rows = (
        (
            code(entry.namespace),
            prose(entry.owner),
            prose(entry.classification),
            prose(say.contract_word(entry)),
            say.days_text(entry.days_left),
            *(prose(say.devices_text(each)) for each in (entry.granted, entry.used, entry.idle)),
            _counts(entry),
        )
        for entry in view.namespaces.contracts[:MAX_LISTED]
    )
    yield from table(heads, rows)
    yield from _more(len(view.namespaces.contracts), MAX_LISTED, "contract")


def _counts(entry: ContractView) -> str:
    return ", ".join(f"{entry.counts[result]:,} {RESULT_WORDS[result]}" for result in RESULT_WORDS if entry.counts.get(result))


def _showback(view: ReportView) -> Iterator[str]:
    found = shares(view.namespaces.owners) if view.namespaces else []
    if not found:
        return
    yield "### Accelerators by owner and cost centre"
    yield ""
    rows = (
        (prose(each.owner.name), prose(each.owner.cost_centre), code(each.resource) if each.resource else "none", *each.cells)
        for each in found[:MAX_LISTED]
    )
    yield from table(("Owner", "Cost centre", "Resource", "Granted", "Used", "Idle"), rows, (3, 4, 5))
    yield from _more(len(found), MAX_LISTED, "row")


def _teams(view: ReportView) -> Iterator[str]:
    """Each team's namespaces, as far as there are not too many of them."""
    found = view.namespaces
    if found is None:
        return
    shown: dict[str, list[ContractView]] = {}
    for entry in found.contracts[:MAX_LISTED]:
        shown.setdefault(entry.owner, []).append(entry)
    by_part: dict[str, list[CheckFindingView]] = {}
    for finding in found.findings:
        if counts_against(finding) or finding.result == WAIVED:
            by_part.setdefault(finding.part, []).append(finding)
    for place, owner in enumerate(owner for owner in found.owners if owner.name in shown):
        yield from [""] if place else []
        yield f"### Team {prose(owner.name)}"
        yield ""
        yield prose(f"Cost centre {owner.cost_centre or 'not named'}; to talk to: {', '.join(owner.contacts) or 'nobody is named'}.")
        yield ""
        for entry in shown[owner.name]:
            yield from _namespace(entry, by_part)
        yield from _findings(by_part.get(f"{say.OWNER_PART}{owner.name}", []), "")


def _namespace(entry: ContractView, by_part: dict[str, list[CheckFindingView]]) -> Iterator[str]:
    reason = f": {prose(entry.reason)}" if entry.reason else ""
    yield f"- **{prose(entry.namespace)}** ({prose(entry.classification)}), {prose(say.contract_word(entry))}{reason}"
    people = "; ".join(entry.personas) or "nobody"
    yield f"  - {say.days_text(entry.days_left)}, until {prose(entry.expires)}; who works in it: {prose(people)}"
    for grant in entry.grants:
        yield f"  - grant {prose(grant.name)}: {prose(say.grant_text(grant))}; headroom: {prose(say.headroom_text(grant.headroom))}"
    for row in entry.access:
        if row.wrong or row.wrong is None:
            yield f"  - access of {prose(row.bearer)} as {prose(row.persona)}: {prose(say.wrong_text(row))}"
    for proof in entry.proofs:
        told = words(say.proof_result(proof), RESULT_WORDS)
        what = f" of {prose(proof.grant)}" if proof.grant else ""
        yield f"  - proof of life{what}, {told}: {prose(say.proof_text(proof))}"
    yield from _findings(by_part.get(entry.namespace, []), "  ")


def _findings(found: list[CheckFindingView], indent: str) -> Iterator[str]:
    for finding in found[:MAX_OF_ONE]:
        told = words(finding.result, RESULT_WORDS)
        remedy = f" ({prose(finding.remedy)})" if finding.remedy else ""
        yield f"{indent}- {told}: {prose(finding.subject)}: {prose(finding.message or finding.check)}{remedy}"
    if len(found) > MAX_OF_ONE:
        yield f"{indent}- and {len(found) - MAX_OF_ONE:,} more"


def _not_read(view: ReportView) -> Iterator[str]:
    refused = [entry for entry in view.namespaces.unread if entry.state != "absent"] if view.namespaces else []
    if not refused:
        return
    yield "### What contracts are held against and was not read"
    yield ""
    rows = (
        (code(entry.resource), prose(entry.reason), code(entry.permission), prose("; ".join(entry.costs))) for entry in refused[:MAX_LISTED]
    )
    yield from table(("Not read", "Why", "What the account lacks", "What stays unknown"), rows)
    yield from _more(len(refused), MAX_LISTED, "resource")


def _documents(view: ReportView) -> Iterator[str]:
    if view.namespaces is not None:
        yield _rests_on(view.namespaces)


def _rests_on(found: NamespacesView) -> str:
    """What the chapter rests on."""
    parts = [f"{code(entry.name)} ({code(entry.sha256[:12])})" for entry in found.documents[:MAX_LISTED]]
    cluster = code(found.cluster.name or found.cluster.id or "not known")
    more = f" and {len(found.documents) - MAX_LISTED:,} more" if len(found.documents) > MAX_LISTED else ""
    return f"Cluster {cluster}" + (f", contracts and documents {', '.join(parts)}{more}." if parts else ".")


Section = Callable[[ReportView], Iterator[str]]
NAMESPACES_SECTIONS: Final[tuple[Section, ...]] = (_verdict, _steps, _ending, _contracts, _showback, _teams, _not_read, _documents)
"""In the order of the page; each says nothing where the run has nothing of it."""
