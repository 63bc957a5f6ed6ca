# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows, figures and sentences of the page's chapter on namespaces; its template only places them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ..common.findings import WAIVED
from ..common.write_findings import FAIL, NOT_EVALUATED, PASS
from ..platform.model import LAYER_STATES, READY
from ..target.model import ABSENT
from .charts import Figure, Markup
from .namespaces_charts import days_figure, shares, showback_figure, urgency
from .namespaces_texts import (
    CONTRACT_WORDS,
    OWNER_PART,
    Step,
    acted,
    asked_text,
    contract_word,
    days_text,
    devices_text,
    ending,
    grant_text,
    headroom_text,
    namespaces_lines,
    namespaces_note,
    network_text,
    owner_resources,
    part_text,
    proof_result,
    proof_text,
    refusal_text,
    seen_text,
    shares_text,
    some_names,
    steps,
    wrong_text,
)
from .namespaces_view import AccessView, ContractView, NamespacesView, OwnerView, ProofView
from .plan_view import UnreadView
from .platform_charts import plate
from .platform_page import RESULT_ICONS, FindingRow, finding_row
from .platform_texts import OBJECT_WORDS, RESULT_WORDS, Point, action_text, shortened, words
from .platform_view import CheckFindingView, ObjectView
from .texts import date_text, number, plural
from .view import ReportView

MAX_CONTRACTS: Final = 300
MAX_FINDINGS: Final = 40
"""Checks of one namespace that the page shows; the workbook has all."""

MAX_OPEN: Final = 8
"""Contracts up to which those that are not kept are shown at once."""

MAX_STEPS: Final = 12
MAX_ENDING: Final = 24
MAX_ROWS: Final = 300
MAX_MINI: Final = 8
"""Owners on the first screen."""

MAX_SHORT: Final = 240
TOP_POINTS: Final = 2
NOT_COMPARED_HERE: Final = "In this run the objects that contracts ask for were not compared with those of the cluster."
LABEL: Final = re.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?")
"""A name that can stand in an address as it is."""


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step in words."""

    step: Step
    look: str
    effect: str
    """how much it would mend, and where"""
    ask: str
    points: tuple[Point, ...]
    rest: int


@dataclass(frozen=True, slots=True)
class AccessRow:
    """What a bearer of a persona may do, in words."""

    access: AccessView
    look: str
    outcome: str
    asked: str
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProofRow:
    """A Job that was run as the tenant, in words."""

    proof: ProofView
    look: str
    outcome: str
    told: str
    seen: str


@dataclass(frozen=True, slots=True)
class Checks:
    """Checks of one namespace or owner: those that call for attention in full, the others by name."""

    shown: tuple[FindingRow, ...]
    rest: int
    passed: tuple[tuple[str, int, str], ...]
    """check, how many passed, and of what"""
    passed_count: int


@dataclass(frozen=True, slots=True)
class ContractRow:
    """A contract in words."""

    contract: ContractView
    anchor: str
    team: str
    """anchor of its owner's section"""
    look: str
    state: str
    days: str
    urgency: str
    devices: tuple[tuple[str, str], ...]
    """each resource with what is granted, used and idle of it"""
    outcome: str
    order: int
    """place by what calls for attention first"""
    granted_count: int
    idle_count: int
    """devices in all, for sorting; -1 where nobody knows"""
    is_open: bool
    facts: tuple[tuple[str, str], ...]
    grants: tuple[tuple[str, ...], ...]
    access: tuple[AccessRow, ...]
    proofs: tuple[ProofRow, ...]
    checks: Checks


@dataclass(frozen=True, slots=True)
class TeamRow:
    """An owner with all that is its own."""

    owner: OwnerView
    anchor: str
    look: str
    """state of the namespace that most calls for attention"""
    plate: Markup
    standing: str
    """`1 of 2 kept`"""
    contacts: str
    shares: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    """why figures are not known"""
    contracts: tuple[ContractRow, ...]
    checks: Checks


@dataclass(frozen=True, slots=True)
class NamespacesPage:
    """Everything of the page's chapter on namespaces."""

    note: str
    refusal: str
    gravest: tuple[Point, ...]
    """what to do first, in short"""
    lines: tuple[str, ...]
    kept: int
    total: int
    legend: tuple[tuple[str, str, Markup, int], ...]
    """(look, state in words, plate, contracts)"""
    gap: str
    """what was not looked at in this run as a whole"""
    steps: tuple[StepRow, ...]
    steps_rest: int
    ending: tuple[tuple[ContractRow, str], ...]
    """(contract, whom to talk to)"""
    ending_rest: int
    showback: Figure
    ends: Figure
    shares: tuple[tuple[str, ...], ...]
    contracts: tuple[ContractRow, ...]
    contracts_rest: int
    owner_counts: tuple[tuple[str, int], ...]
    classifications: tuple[tuple[str, int], ...]
    teams: tuple[TeamRow, ...]
    mini: tuple[TeamRow, ...]
    mini_rest: int
    others: Checks
    """what concerns all namespaces, or none that has a contract"""
    written: tuple[tuple[str, ...], ...]
    written_rest: int
    cluster: tuple[tuple[str, str], ...]
    unread: tuple[UnreadView, ...]
    absent: tuple[str, ...]


def build_namespaces_page(view: ReportView) -> NamespacesPage | None:
    """The chapter for that view; None when it has no namespaces."""
    found = view.namespaces
    return None if found is None else _page(found)


def _page(found: NamespacesView) -> NamespacesPage:
    anchors = {entry.namespace: anchor("namespace", entry.namespace, place) for place, entry in enumerate(found.contracts)}
    team_anchors = {entry.name: anchor("team", entry.name, place) for place, entry in enumerate(found.owners)}
    by_part = _by_part(found)
    contracts = [
        _contract(entry, anchors[entry.namespace], team_anchors.get(entry.owner, ""), order, by_part, found)
        for order, entry in enumerate(found.contracts[:MAX_CONTRACTS])
    ]
    to_do, ends, done = steps(found), ending(found.contracts), acted(found)
    teams = _teams(found, contracts, team_anchors, by_part)
    shown = {row.contract.namespace: row for row in contracts}
    contacts = {owner.name: owner.contacts for owner in found.owners}
    owner_counts = Counter(entry.owner for entry in found.contracts)
    classes = Counter(entry.classification for entry in found.contracts if entry.classification)
    troubled = [team for team in sorted(teams, key=_team_rank) if team.contracts]
    unread = [entry for entry in found.unread if entry.state != ABSENT]
    return NamespacesPage(
        note=namespaces_note(found),
        refusal=refusal_text(found),
        gravest=tuple(Point(_where(step), shortened(step.text, MAX_SHORT)) for step in to_do[:TOP_POINTS]),
        lines=tuple(namespaces_lines(found)),
        kept=sum(entry.state == READY for entry in found.contracts),
        total=len(found.contracts),
        legend=_legend(found.contracts),
        gap=_gap(found, len(unread)),
        steps=tuple(_step(step) for step in to_do[:MAX_STEPS]),
        steps_rest=max(0, len(to_do) - MAX_STEPS),
        ending=tuple((shown[entry.namespace], _ask(entry, contacts)) for entry in ends[:MAX_ENDING] if entry.namespace in shown),
        ending_rest=max(0, len(ends) - MAX_ENDING),
        showback=showback_figure(found.owners, team_anchors),
        ends=days_figure(found.contracts, anchors),
        shares=tuple(
            (share.owner.name, share.owner.cost_centre or "none named", share.resource or "no accelerators", *share.cells)
            for share in shares(found.owners)[:MAX_ROWS]
        ),
        contracts=tuple(contracts),
        contracts_rest=max(0, len(found.contracts) - MAX_CONTRACTS),
        owner_counts=tuple(sorted(owner_counts.items())),
        classifications=tuple(sorted(classes.items())),
        teams=tuple(teams),
        mini=tuple(troubled[:MAX_MINI]),
        mini_rest=max(0, len(troubled) - MAX_MINI),
        others=_checks(_others(found, by_part, team_anchors), found.mode),
        written=tuple(_written(entry, found.mode) for entry in done[:MAX_ROWS]),
        written_rest=max(0, len(done) - MAX_ROWS),
        cluster=_cluster(found),
        unread=tuple(unread),
        absent=tuple(entry.resource for entry in found.unread if entry.state == ABSENT),
    )


def anchor(prefix: str, name: str, place: int) -> str:
    """Id of a section: by the name where it can stand in an address, else by its place, which no name can be."""
    return f"{prefix}-{name}" if LABEL.fullmatch(name) else f"{prefix}--{place}"


def _by_part(found: NamespacesView) -> dict[str, list[CheckFindingView]]:
    by_part: dict[str, list[CheckFindingView]] = {}
    for finding in found.findings:
        by_part.setdefault(finding.part, []).append(finding)
    return by_part


def _others(found: NamespacesView, by_part: Mapping[str, Sequence[CheckFindingView]], owners: Iterable[str]) -> list[CheckFindingView]:
    """Findings of no namespace with a contract, and of no owner of one."""
    told = {entry.namespace for entry in found.contracts} | {f"{OWNER_PART}{name}" for name in owners}
    return [finding for part, findings in by_part.items() if part not in told for finding in findings]


def _gap(found: NamespacesView, unread: int) -> str:
    if found.saved:
        return f"A saved target tells of accelerators alone: {plural(unread, 'list')} that contracts are held against could not be read."
    return "" if found.compared or not found.contracts else NOT_COMPARED_HERE


def _legend(contracts: Sequence[ContractView]) -> tuple[tuple[str, str, Markup, int], ...]:
    counts = Counter(_look(entry.state) for entry in contracts)
    return tuple((look, words(look, CONTRACT_WORDS), plate(look), counts[look]) for look in LAYER_STATES)


def _look(state: str) -> str:
    return state if state in LAYER_STATES else NOT_EVALUATED


# ---- what to do ------------------------------------------------------------------------------------------------------


def _where(step: Step) -> str:
    return some_names(step.namespaces, 3) if step.namespaces else some_names(step.owners, 2)


def _step(step: Step) -> StepRow:
    where = f" in {some_names(step.namespaces, 6)}" if step.namespaces else ""
    verb = "Mends" if step.result == FAIL else "Tells of"
    return StepRow(
        step,
        "not_evaluated" if step.result != FAIL else "critical" if step.severity == "critical" else "warning",
        f"{verb} {plural(step.count, 'check')}{where}",
        some_names(step.owners, 4),
        tuple(Point(point.subject, shortened(point.text, MAX_SHORT)) for point in step.points),
        step.count - len(step.points),
    )


def _ask(contract: ContractView, contacts: Mapping[str, Sequence[str]]) -> str:
    told = [contract.contact] if contract.contact else list(contacts.get(contract.owner, ()))[:1]
    return ", ".join([contract.owner, *told])


# ---- contracts -------------------------------------------------------------------------------------------------------


def _contract(
    entry: ContractView, name: str, team: str, order: int, by_part: Mapping[str, Sequence[CheckFindingView]], found: NamespacesView
) -> ContractRow:
    return ContractRow(
        contract=entry,
        anchor=name,
        team=team,
        look=_look(entry.state),
        state=contract_word(entry),
        days=days_text(entry.days_left),
        urgency=urgency(entry.days_left),
        devices=tuple((resource, shares_text(entry, resource)) for resource in owner_resources(entry.granted, entry.used, entry.idle)),
        outcome=", ".join(f"{number(entry.counts[result])} {RESULT_WORDS[result]}" for result in RESULT_WORDS if entry.counts.get(result)),
        order=order,
        granted_count=_sum(entry.granted),
        idle_count=_sum(entry.idle),
        is_open=entry.state != READY and len(found.contracts) <= MAX_OPEN,
        facts=_facts(entry),
        grants=tuple(
            (
                grant.name,
                grant.device_class,
                grant_text(grant),
                "not known" if grant.headroom is None or grant.headroom.used is None else number(grant.headroom.used),
                headroom_text(grant.headroom),
            )
            for grant in entry.grants
        ),
        access=tuple(_access(row) for row in entry.access),
        proofs=tuple(_proof(row) for row in entry.proofs),
        checks=_checks(by_part.get(entry.namespace, ()), found.mode),
    )


def _sum(devices: Mapping[str, int] | None) -> int:
    return -1 if devices is None else sum(devices.values())


def _facts(entry: ContractView) -> tuple[tuple[str, str], ...]:
    limits = [f"{entry.cpu:g} CPUs" if entry.cpu is not None else "", f"{entry.memory_gib:g} GiB" if entry.memory_gib is not None else ""]
    ends = f"{date_text(entry.expires)}, {days_text(entry.days_left)}" if entry.expires else ""
    facts = (
        ("What it is for", entry.description),
        ("Who answers", ", ".join(filter(None, (entry.owner, f"group {entry.owner_group}" if entry.owner_group else "", entry.contact)))),
        ("Cost centre", entry.cost_centre),
        ("Classification", entry.classification),
        ("Jurisdiction", entry.jurisdiction or "nobody said"),
        ("Ends on", ends),
        ("Who works in it", "; ".join(_person(text) for text in entry.personas) or "nobody"),
        ("Accelerators", f"granted: {devices_text(entry.granted)}; used: {devices_text(entry.used)}; idle: {devices_text(entry.idle)}"),
        ("Pods may request", ", ".join(filter(None, limits))),
        ("Queue", entry.queue),
        ("Kept apart by", network_text(entry) if entry.isolation else ""),
        ("Data sources", "; ".join(entry.data_sources) or "none"),
        ("Ticket", entry.ticket),
        ("Contract", entry.source),
    )
    return tuple((label, value) for label, value in facts if value)


def _person(text: str) -> str:
    """`ml_engineer: group x` as `group x as ml engineer`."""
    persona, colon, who = text.partition(": ")
    return f"{who} as {persona.replace('_', ' ')}" if colon else text


def _access(row: AccessView) -> AccessRow:
    if row.wrong is None:
        return AccessRow(row, NOT_EVALUATED, "not evaluated", asked_text(row), (wrong_text(row),))
    if row.wrong:
        return AccessRow(row, "broken", f"{number(len(row.wrong))} wrong", asked_text(row), row.wrong)
    return AccessRow(row, READY, "as declared", asked_text(row), ())


def _proof(row: ProofView) -> ProofRow:
    result = proof_result(row)
    look = RESULT_ICONS.get(result, NOT_EVALUATED)
    return ProofRow(row, look, words(result, RESULT_WORDS), proof_text(row), seen_text(row))


def _checks(findings: Iterable[CheckFindingView], mode: str) -> Checks:
    told: list[CheckFindingView] = []
    passed: list[CheckFindingView] = []
    for finding in findings:
        is_quiet = finding.result not in (FAIL, NOT_EVALUATED, WAIVED) and finding.action == "none"
        (passed if is_quiet else told).append(finding)
    groups: dict[tuple[str, str], list[str]] = {}
    for finding in passed:
        groups.setdefault((finding.check, finding.result), []).append(finding.subject)
    listed = tuple(
        (check if result == PASS else f"{check}, {words(result, RESULT_WORDS)}", len(subjects), ", ".join(subjects))
        for (check, result), subjects in sorted(groups.items())
    )
    shown = tuple(finding_row(finding, mode) for finding in told[:MAX_FINDINGS])
    return Checks(shown, max(0, len(told) - MAX_FINDINGS), listed, len(passed))


# ---- teams -----------------------------------------------------------------------------------------------------------


def _teams(
    found: NamespacesView,
    contracts: Iterable[ContractRow],
    anchors: Mapping[str, str],
    by_part: Mapping[str, Sequence[CheckFindingView]],
) -> list[TeamRow]:
    rows: dict[str, list[ContractRow]] = {}
    for row in contracts:
        rows.setdefault(row.contract.owner, []).append(row)
    states: dict[str, list[str]] = {}
    for entry in found.contracts:
        states.setdefault(entry.owner, []).append(entry.state)
    return [
        _team(owner, anchors[owner.name], rows.get(owner.name, []), states.get(owner.name, []), by_part, found.mode)
        for owner in found.owners
    ]


def _team(
    owner: OwnerView,
    name: str,
    contracts: Sequence[ContractRow],
    states: Sequence[str],
    by_part: Mapping[str, Sequence[CheckFindingView]],
    mode: str,
) -> TeamRow:
    # Contracts come with what calls for attention first.
    look = contracts[0].look if contracts else NOT_EVALUATED
    kept = sum(state == READY for state in states)
    return TeamRow(
        owner=owner,
        anchor=name,
        look=look,
        plate=plate(look),
        standing=f"{number(kept)} of {number(len(states))} kept",
        contacts=", ".join(owner.contacts) or "nobody is named",
        shares=tuple((share.resource or "none", *share.cells) for share in shares([owner])),
        notes=tuple(dict.fromkeys(owner.unknown.values())),
        contracts=tuple(contracts),
        checks=_checks(by_part.get(f"{OWNER_PART}{owner.name}", ()), mode),
    )


def _team_rank(team: TeamRow) -> tuple[int, str]:
    return (team.contracts[0].order if team.contracts else 0, team.owner.name)


# ---- what was written, and what it rests on --------------------------------------------------------------------------


def _written(entry: ObjectView | CheckFindingView, mode: str) -> tuple[str, ...]:
    name = entry.name if isinstance(entry, ObjectView) else entry.subject
    return (
        name,
        part_text(entry.part),
        words(entry.state, OBJECT_WORDS),
        action_text(entry.action, mode) or entry.action,
        ", ".join(entry.fields),
        entry.path,
    )


def _cluster(found: NamespacesView) -> tuple[tuple[str, str], ...]:
    cluster = found.cluster
    version = "not known" if cluster.openshift_version is None else cluster.openshift_version or "none: no OpenShift"
    facts = (
        ("Cluster", cluster.name or cluster.id or "not known"),
        ("OpenShift", version),
        ("Kubernetes", cluster.kubernetes_version or "not known"),
        ("Days are counted from", date_text(found.today) if found.today else ""),
    )
    return tuple((label, value) for label, value in facts if value)
