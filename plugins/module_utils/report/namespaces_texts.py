# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Namespaces in words: the verdict in a few sentences, what to do first, which grants end, what was written or would be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ..common.findings import SEVERITIES
from ..common.write_findings import CREATE, DELETE, FAIL, NOT_EVALUATED, UPDATE
from ..namespaces.life.codes import BY_ID
from ..namespaces.model import CLUSTER, NOT_IN_TARGET
from ..platform.model import BROKEN, MISSING, READY, WAITING
from .headline import counted, listed
from .namespaces_view import AccessView, ContractView, GrantView, HeadroomView, NamespacesView, ProofView
from .platform_texts import (
    MODE_NOTES,
    NOT_KNOWN,
    Point,
    action_text,
    checks_sentence,
    counts_against,
    is_object_check,
    result_counts,
    shortened,
    words,
)
from .platform_view import CheckFindingView, ObjectView
from .stages import sentence

CONTRACT_WORDS: Final[Mapping[str, str]] = {
    READY: "kept",
    WAITING: "waiting",
    MISSING: "incomplete",
    BROKEN: "not kept",
    NOT_EVALUATED: "not evaluated",
}
"""How contracts stand, in words."""

ISOLATION_WORDS: Final[Mapping[str, str]] = {"policies": "network policies", "own_network": "a network of its own"}
NOT_COMPARED: Final = "the objects that it asks for were not compared with those of the cluster"
SAVED_NOTE: Final = "Held against a saved target: no cluster was read and nothing was written."
AGAINST_CLUSTER: Final = "hold the contracts against the cluster itself: a saved target tells of accelerators alone"
"""What helps where a saved target does not tell."""

RUN_IT: Final = "run the playbook namespaces, which brings it about"
"""What helps where an object is only to be written."""

OWNER_PART: Final = "owners."
"""Beginning of the part of what the namespaces of one owner share."""

PLATFORM_TEAM: Final = "the platform team"
"""Who is to talk to about what is no owner's."""

ENDING_DAYS: Final = 30
"""Days before its end from which on a grant is shown to end."""

NODES: Final = "nodes"
"""What binds where no account does."""

TOP_STEPS: Final = 2
MAX_POINTS: Final = 4
"""Findings that a step tells of; the checks have all."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, with all that it would mend."""

    text: str
    severity: str
    result: str
    """fail, or not_evaluated where it would only tell"""
    refuses: bool
    """nothing is written until it is done"""
    count: int
    """findings that it would mend"""
    namespaces: tuple[str, ...]
    owners: tuple[str, ...]
    """whom to talk to, as `owner (contact)`"""
    points: tuple[Point, ...]
    """the first of the findings"""


# ---- the verdict -----------------------------------------------------------------------------------------------------


def contract_word(contract: ContractView) -> str:
    """How a contract stands: `kept`."""
    return "not there yet" if contract.state == MISSING and contract.exists is False else words(contract.state, CONTRACT_WORDS)


def namespaces_headline(found: NamespacesView) -> str:
    """How many namespaces keep their contracts, what the checks came to, and which grants end."""
    sentences = (kept_sentence(found.contracts), checks_sentence(found.findings), _ends_sentence(found.contracts))
    return " ".join(f"{text}." for text in sentences if text)


def kept_sentence(contracts: Sequence[ContractView]) -> str:
    """How many namespaces keep their contracts, without a full stop."""
    total, states = len(contracts), Counter(contract.state for contract in contracts)
    kept, unknown = states[READY], states[NOT_EVALUATED]
    if not total:
        return "No contract was looked at"
    if total == 1:
        return _only(contracts[0])
    if kept == total:
        return f"All {total:,} namespaces keep their contracts"
    if unknown == total:
        return f"Nobody knows yet whether the {total:,} namespaces keep their contracts"
    off = total - kept - unknown
    if off == total:
        return f"None of {total:,} namespaces keeps its contract"
    parts = [f"{kept:,} of {total:,} namespaces {'keeps its contract' if kept == 1 else 'keep their contracts'}"] if kept else []
    parts += [f"{off:,} {'does' if off == 1 else 'do'} not" if kept else f"{off:,} of {total:,} namespaces {_do_not(off)}"] if off else []
    return listed([*parts, *([f"of {unknown:,} nobody knows"] if unknown else [])])


def _do_not(count: int) -> str:
    return "does not keep its contract" if count == 1 else "do not keep their contracts"


def _only(contract: ContractView) -> str:
    name = f"Namespace {contract.namespace}"
    if contract.state == NOT_EVALUATED:
        return f"Nobody knows yet whether {name.lower()} keeps its contract"
    return f"{name} keeps its contract" if contract.state == READY else f"{name} does not keep its contract"


def _ends_sentence(contracts: Iterable[ContractView]) -> str:
    days = [contract.days_left for contract in contracts if contract.days_left is not None]
    ended, soon = sum(left < 0 for left in days), sum(0 <= left <= ENDING_DAYS for left in days)
    parts = [f"{counted(ended, 'grant')} {'has' if ended == 1 else 'have'} ended"] if ended else []
    if soon:
        parts.append(f"{counted(soon, 'grant')} {'ends' if soon == 1 else 'end'} within {ENDING_DAYS} days")
    return listed(parts)


def namespaces_note(found: NamespacesView) -> str:
    """That nothing was written, where that is so."""
    return SAVED_NOTE if found.saved else MODE_NOTES.get(found.mode, "")


def refusal_text(found: NamespacesView) -> str:
    """That checks keep every contract from being applied; empty where none does."""
    refusing = sum(finding.refuses and finding.result == FAIL for finding in found.findings)
    if not refusing:
        return ""
    checks = f"{counted(refusing, 'check')} {'keeps' if refusing == 1 else 'keep'} the contracts from being applied"
    if found.mode == "apply":
        return f"{checks}: while {'it fails' if refusing == 1 else 'they fail'}, nothing is written for any contract."
    return f"An apply run would write nothing for any contract: {checks}."


def acted(found: NamespacesView) -> list[ObjectView | CheckFindingView]:
    """What was written, or would be: objects, and what was done beside them."""
    beside = [finding for finding in found.findings if finding.action != "none" and not is_object_check(finding.check)]
    return [*(entry for entry in found.objects if entry.action != "none"), *beside]


def written_line(found: NamespacesView) -> str:
    """What the run wrote, or an apply run would; a sentence in any case."""
    if not found.compared:
        reason = "a saved target does not tell of objects" if found.saved else "objects were not compared"
        return f"What a run would write is not known: {reason}."
    numbers = Counter(entry.action for entry in acted(found))
    parts = [
        f"{counted(numbers[action], 'object')} {action_text(action, found.mode)}" for action in (CREATE, UPDATE, DELETE) if numbers[action]
    ]
    if not parts:
        return "Nothing was changed." if found.mode == "apply" else "An apply run would change nothing."
    who = "This run" if found.mode == "apply" else "Once that is mended" if refusal_text(found) else "An apply run"
    return f"{who}: {listed(parts)}."


def namespaces_lines(found: NamespacesView) -> list[str]:
    """What keeps the run from writing, then what it did or would do."""
    return list(filter(None, (refusal_text(found), written_line(found))))


# ---- what to do first ------------------------------------------------------------------------------------------------


def steps(found: NamespacesView) -> list[Step]:
    """What to do, the gravest first: what several findings have for a remedy is one step."""
    together: dict[tuple[str, str], list[CheckFindingView]] = {}
    for finding in found.findings:
        if counts_against(finding):
            together.setdefault((finding.result, _remedy(finding)), []).append(finding)
    owners = {owner.name: owner.contacts for owner in found.owners}
    of_namespace = {contract.namespace: contract.owner for contract in found.contracts}
    made = [_step(text, findings, owners, of_namespace) for (_result, text), findings in together.items()]
    return sorted(made, key=_step_rank)


def _step_rank(step: Step) -> tuple[bool, bool, int]:
    return step.result != FAIL, not step.refuses, severity_place(step.severity)


def severity_place(severity: str) -> int:
    """The gravest first; a word that is not known comes last."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def _remedy(finding: CheckFindingView) -> str:
    if finding.message.endswith(NOT_IN_TARGET):
        return AGAINST_CLUSTER
    if not finding.remedy and finding.action != "none":
        return RUN_IT
    return finding.remedy or finding.message or finding.check


def _step(text: str, findings: Sequence[CheckFindingView], owners: Mapping[str, Sequence[str]], of_namespace: Mapping[str, str]) -> Step:
    parts = dict.fromkeys(finding.part for finding in findings)
    names = dict.fromkeys(owner_of(part, of_namespace) for part in parts)
    return Step(
        text=sentence(text),
        severity=min((finding.severity for finding in findings), key=severity_place),
        result=findings[0].result,
        refuses=any(finding.refuses and finding.result == FAIL for finding in findings),
        count=len(findings),
        namespaces=tuple(part for part in parts if part in of_namespace),
        owners=tuple(_to_talk_to(name, owners) for name in names),
        points=tuple(Point(finding.subject, finding.message or finding.check) for finding in _spread(findings)[:MAX_POINTS]),
    )


def _spread(findings: Sequence[CheckFindingView]) -> list[CheckFindingView]:
    """The findings, the first of each namespace before further ones of any."""
    seen: Counter[str] = Counter()
    rounds: list[tuple[int, CheckFindingView]] = []
    for finding in findings:
        rounds.append((seen[finding.part], finding))
        seen[finding.part] += 1
    return [finding for _round, finding in sorted(rounds, key=lambda entry: entry[0])]


def owner_of(part: str, of_namespace: Mapping[str, str]) -> str:
    """The owner of what a finding is about; empty for what is no owner's."""
    return of_namespace[part] if part in of_namespace else part.removeprefix(OWNER_PART) if part.startswith(OWNER_PART) else ""


def _to_talk_to(name: str, owners: Mapping[str, Sequence[str]]) -> str:
    first = next(iter(owners.get(name, ())), "")
    return f"{name} ({first})" if first else name or PLATFORM_TEAM


def ending(contracts: Iterable[ContractView]) -> list[ContractView]:
    """Contracts whose grant has ended or ends soon, the first first."""
    found = [contract for contract in contracts if contract.days_left is not None and contract.days_left <= ENDING_DAYS]
    return sorted(found, key=lambda contract: (contract.days_left or 0, contract.namespace))


def part_text(part: str) -> str:
    """What a finding is about, for people."""
    if part == CLUSTER:
        return "all namespaces"
    return f"all of {part.removeprefix(OWNER_PART)}" if part.startswith(OWNER_PART) else part


# ---- one namespace ---------------------------------------------------------------------------------------------------


def days_text(days: int | None) -> str:
    """How long a grant still lasts: `23 days left`."""
    if days is None:
        return NOT_KNOWN
    if days < 0:
        return f"ended {counted(-days, 'day')} ago"
    return "ends today" if days == 0 else f"{counted(days, 'day')} left"


def devices_text(devices: Mapping[str, int] | None) -> str:
    """Devices by resource: `4 nvidia.com/gpu, 2 amd.com/gpu`."""
    return NOT_KNOWN if devices is None else ", ".join(f"{amount:,} {resource}" for resource, amount in devices.items()) or "none"


def owner_resources(*figures: Mapping[str, int] | None) -> list[str]:
    """Resources of which any of the figures tells, sorted."""
    return sorted({resource for each in figures for resource in each or ()})


def shares_text(contract: ContractView, resource: str) -> str:
    """What is granted, used and idle of one resource: `4 granted, 3 used, 1 idle`."""
    if contract.used is None:
        return f"{amount_text(contract.granted, resource)} granted, use not known"
    figures = (("granted", contract.granted), ("used", contract.used), ("idle", contract.idle))
    return ", ".join(f"{amount_text(devices, resource)} {word}" for word, devices in figures)


def amount_text(devices: Mapping[str, int] | None, resource: str) -> str:
    """Devices of one resource; of a resource that is not named there are none."""
    return NOT_KNOWN if devices is None else f"{devices.get(resource, 0):,}"


def headroom_text(headroom: HeadroomView | None) -> str:
    """How many further pods would run, and what binds: `3 more, then quota binds`."""
    if headroom is None:
        return "not reckoned"
    if headroom.units is None:
        return f"{NOT_KNOWN}: {headroom.unknown['units']}" if headroom.unknown.get("units") else NOT_KNOWN
    binding = _binding_text(headroom.binding)
    if not headroom.units:
        return f"none more: {binding}" if binding else "none more"
    return f"{headroom.units:,} more, then {binding}" if binding else f"{headroom.units:,} more"


def _binding_text(binding: Sequence[str]) -> str:
    if not binding:
        return ""
    are_several = len(binding) > 1 or NODES in binding
    return f"{listed(binding)} {'bind' if are_several else 'binds'}"


def grant_text(grant: GrantView) -> str:
    """What a grant comes to: `4 nvidia.com/gpu of flavor h100`, or why it comes to nothing."""
    if grant.refused_reason:
        return f"refused: {grant.refused_reason}"
    if not grant.resource:
        return f"not evaluated: {grant.not_evaluated_reason}" if grant.not_evaluated_reason else NOT_KNOWN
    amount = NOT_KNOWN if grant.devices is None else f"{grant.devices:,} {grant.resource}"
    return f"{amount}, flavor {grant.flavor}" if grant.flavor else amount


def wrong_text(access: AccessView) -> str:
    """What somebody may otherwise than the contract says."""
    if access.wrong is None:
        return f"{NOT_KNOWN}: {access.unknown['wrong']}" if access.unknown.get("wrong") else NOT_KNOWN
    return "; ".join(access.wrong) or "nothing"


def asked_text(access: AccessView) -> str:
    """What was asked about: `12 allowed and 30 denied rows, 96 requests, 40 more answered alike`."""
    rows = [f"{count:,} {word}" for count, word in ((access.allowed_rows, "allowed"), (access.denied_rows, "denied")) if count is not None]
    told = [f"{listed(rows)} rows"] if rows else []
    told += [counted(access.asked, "request")] if access.asked is not None else []
    told += [f"{access.asked_alike:,} more answered alike"] if access.asked_alike else []
    return ", ".join(told) or NOT_KNOWN


def proof_result(proof: ProofView) -> str:
    """Whether the Job proved that a tenant can run something; a code that is not known here proves nothing."""
    return BY_ID[proof.code].result if proof.code in BY_ID else NOT_EVALUATED


def proof_text(proof: ProofView) -> str:
    """What came of it, in a sentence, with the words of whoever stopped it."""
    title = BY_ID[proof.code].title if proof.code in BY_ID else proof.code
    return f"{title}: {proof.words}" if proof.words else title


def seen_text(proof: ProofView) -> str:
    """What the container saw: `1 of 1 nvidia.com/gpu; 10.20.0.0/16 open`."""
    devices = ""
    if proof.resource:
        seen = NOT_KNOWN if proof.devices_seen is None else f"{proof.devices_seen:,}"
        devices = f"{seen} of {NOT_KNOWN if proof.devices is None else f'{proof.devices:,}'} {proof.resource}"
    return "; ".join([*filter(None, (devices,)), *(f"{place} {state}" for place, state in proof.reach.items())]) or NOT_KNOWN


def network_text(contract: ContractView) -> str:
    """How it is kept apart."""
    return words(contract.isolation, ISOLATION_WORDS)


def evidence_text(finding: CheckFindingView) -> str:
    """What was seen, in one text."""
    return "; ".join(
        f"{piece.object}: {piece.field} is {piece.observed or 'empty'}, expected {piece.expected}" for piece in finding.evidence
    )


# ---- for a terminal, and for a workflow ------------------------------------------------------------------------------


def verdict_texts(found: NamespacesView, *, most: int = TOP_STEPS) -> Iterator[str]:
    """The namespaces in a few sentences for a terminal."""
    yield from filter(None, (namespaces_note(found), found.headline, *namespaces_lines(found)))
    for step in steps(found)[:most]:
        where = f" in {some_names(step.namespaces, 3)}" if step.namespaces else ""
        told = f"{counted(step.count, 'finding')}{where}; ask {some_names(step.owners, 3)}"
        yield shortened(f"{step.text.rstrip('.')} ({told})", 280)
    for contract in ending(found.contracts)[:1]:
        rest = len(ending(found.contracts)) - 1
        more = f" (and {rest:,} more)" if rest else ""
        yield f"Ends: {contract.namespace} of {contract.owner}, {days_text(contract.days_left)}, {contract.expires}{more}"


def some_names(names: Sequence[str], most: int) -> str:
    """Names in a sentence, of many only the first."""
    return f"{', '.join(names[:most])} and {len(names) - most:,} more" if len(names) > most else listed(list(names))


def namespaces_data(found: NamespacesView) -> dict[str, object]:
    """The figures as data for a workflow; what is not known is left out."""
    states = Counter(contract.state for contract in found.contracts)
    data: dict[str, object] = {
        "headline": found.headline,
        "mode": found.mode,
        "states": {state: states[state] for state in CONTRACT_WORDS if states[state]},
        "findings": dict(result_counts(found.findings)),
        "ended": [contract.namespace for contract in found.contracts if contract.days_left is not None and contract.days_left < 0],
        "ending": [contract.namespace for contract in ending(found.contracts) if (contract.days_left or 0) >= 0],
    }
    for fact in ("granted", "used", "idle"):
        known = {owner.name: dict(devices) for owner in found.owners if (devices := getattr(owner, fact)) is not None}
        if known:
            data[fact] = known
    return data
