# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report tells of namespaces in tables: contracts, who has which accelerators, grants, access, checks, objects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from .namespaces_texts import (
    CONTRACT_WORDS,
    contract_word,
    evidence_text,
    headroom_text,
    namespaces_note,
    owner_of,
    owner_resources,
    proof_result,
    proof_text,
    written_line,
)
from .namespaces_view import NamespacesView, OwnerView
from .platform_entries import joined_cell, reasons_cell
from .platform_tables import UNREAD_COLUMNS, unread_cells
from .platform_texts import OBJECT_WORDS, RESULT_WORDS, words
from .tables import Cell, Column, Row, Table
from .view import ReportView

CONTRACT_COLUMNS: Final = (
    Column("namespace", "Namespace", 26),
    Column("owner", "Owner", 18),
    Column("state", "State", 14),
    Column("state_words", "In words", 16),
    Column("reason", "What keeps it from being kept", 60, "long"),
    Column("classification", "Classification", 14),
    Column("jurisdiction", "Jurisdiction", 14),
    Column("expires", "Ends on", 12),
    Column("days_left", "Days left", 9, "count"),
    Column("granted", "Granted", 26),
    Column("used", "Used", 26),
    Column("idle", "Idle", 26),
    *(Column(result, label.capitalize(), 10, "count") for result, label in RESULT_WORDS.items()),
    Column("display_name", "Name", 28),
    Column("description", "What it is for", 40, "long"),
    Column("owner_group", "Group that answers", 24),
    Column("contact", "Contact", 26),
    Column("cost_centre", "Cost centre", 14),
    Column("personas", "Who works in it as what", 50, "long"),
    Column("cpu", "CPUs", 8, "decimal"),
    Column("memory_gib", "Memory, GiB", 10, "decimal"),
    Column("queue", "Queue", 16),
    Column("isolation", "Kept apart by", 16),
    Column("data_sources", "Data sources", 60, "long"),
    Column("exists", "Was there before the run", 10),
    Column("ticket", "Ticket", 14),
    Column("source", "File", 26),
)

SHOWBACK_COLUMNS: Final = (
    Column("owner", "Owner", 20),
    Column("cost_centre", "Cost centre", 16),
    Column("namespace", "Namespace", 28),
    Column("resource", "Resource", 28),
    Column("granted", "Granted", 10, "count"),
    Column("used", "Used", 10, "count"),
    Column("idle", "Idle", 10, "count"),
)

NAMESPACE_CHECK_COLUMNS: Final = (
    Column("result", "Result", 14),
    Column("severity", "Severity", 12),
    Column("namespace", "Namespace", 26),
    Column("owner", "Owner", 18),
    Column("subject", "Subject", 44),
    Column("state", "State", 13),
    Column("message", "What was found", 70, "long"),
    Column("remedy", "Remedy", 60, "long"),
    Column("action", "Action", 10),
    Column("refuses", "Nothing is written while it fails", 12),
    Column("fields", "Fields that differ", 40, "long"),
    Column("evidence", "Evidence", 60, "long"),
    Column("path", "Place in the contract", 30),
    Column("layer", "About", 12),
    Column("check", "Check", 34),
)


def contract_rows(view: ReportView) -> Iterator[Row]:
    """The contracts, what calls for attention first."""
    for entry in view.namespaces.contracts if view.namespaces else ():
        counts = (entry.counts.get(result, 0) for result in RESULT_WORDS)
        devices = (devices_cell(each) for each in (entry.granted, entry.used, entry.idle))
        own = (entry.namespace, entry.owner, entry.state, contract_word(entry), entry.reason, entry.classification, entry.jurisdiction)
        people = (entry.owner_group, entry.contact, entry.cost_centre, "; ".join(entry.personas))
        work = (entry.cpu, entry.memory_gib, entry.queue, entry.isolation, "; ".join(entry.data_sources), entry.exists)
        told = (entry.display_name, entry.description)
        yield (*own, entry.expires, entry.days_left, *devices, *counts, *told, *people, *work, entry.ticket, entry.source)


def devices_cell(devices: Mapping[str, int] | None) -> Cell:
    """Devices by resource for a cell; `none` where there are none, and nothing where nobody knows."""
    return None if devices is None else joined_cell(f"{resource}: {amount}" for resource, amount in devices.items())


def showback_rows(view: ReportView) -> Iterator[Row]:
    """What owners are granted, use and leave idle, a namespace and resource a row."""
    for entry in sorted(view.namespaces.contracts if view.namespaces else (), key=lambda one: (one.owner, one.namespace)):
        for resource in owner_resources(entry.granted, entry.used, entry.idle) or [""]:
            amounts = (_amount(each, resource) for each in (entry.granted, entry.used, entry.idle))
            yield (entry.owner, entry.cost_centre, entry.namespace, resource, *amounts)


def _amount(devices: Mapping[str, int] | None, resource: str) -> int | None:
    return None if devices is None else devices.get(resource, 0)


def owner_rows(view: ReportView) -> Iterator[Row]:
    """The same of each owner in all, a resource a row."""
    found = view.namespaces
    if found is None:
        return
    states = _states(found)
    for entry in found.owners:
        counts = tuple(states.get(entry.name, Counter())[state] for state in CONTRACT_WORDS)
        for resource in owner_resources(entry.granted, entry.used, entry.idle) or [""]:
            amounts = tuple(_amount(each, resource) for each in (entry.granted, entry.used, entry.idle))
            yield (entry.name, entry.cost_centre, "; ".join(entry.contacts), resource, *amounts, *counts, *_of_owner(entry))


def _of_owner(entry: OwnerView) -> tuple[str, str]:
    return ", ".join(entry.namespaces), reasons_cell(entry.unknown)


def _states(found: NamespacesView) -> dict[str, Counter[str]]:
    states: dict[str, Counter[str]] = {}
    for entry in found.contracts:
        states.setdefault(entry.owner, Counter())[entry.state] += 1
    return states


def grant_rows(view: ReportView) -> Iterator[Row]:
    """What contracts grant, and how many more pods of it would run."""
    for entry in view.namespaces.contracts if view.namespaces else ():
        for grant in entry.grants:
            room = grant.headroom
            own = (entry.namespace, entry.owner, grant.name, grant.device_class, grant.devices, grant.resource, grant.flavor)
            why = (grant.refused_reason, grant.not_evaluated_reason)
            if room is None:
                yield (*own, *why, None, headroom_text(room), "", "", "", None, "", ", ".join(grant.nodes))
                continue
            allowed = "; ".join(f"{name}: {most}" for name, most in room.allowed.items())
            asks = ", ".join(f"{name}: {amount}" for name, amount in room.asks.items())
            told = (room.units, headroom_text(room), ", ".join(room.binding), allowed, asks, room.used, ", ".join(room.left_out))
            yield (*own, *why, *told, ", ".join(grant.nodes))


def access_rows(view: ReportView) -> Iterator[Row]:
    """Who has which persona where, and what is not as the contract says."""
    for entry in view.namespaces.contracts if view.namespaces else ():
        for row in entry.access:
            numbers = (row.allowed_rows, row.denied_rows, row.asked, row.asked_alike)
            wrong = None if row.wrong is None else "; ".join(row.wrong) or "nothing"
            yield (entry.namespace, entry.owner, row.bearer, row.persona, *numbers, wrong, reasons_cell(row.unknown))


def proof_rows(view: ReportView) -> Iterator[Row]:
    """What came of the Jobs that were run as tenants."""
    for entry in view.namespaces.contracts if view.namespaces else ():
        for row in entry.proofs:
            reach = ", ".join(f"{place}: {state}" for place, state in row.reach.items())
            own = (entry.namespace, entry.owner, row.grant, row.bearer, words(proof_result(row), RESULT_WORDS), row.code, proof_text(row))
            yield (*own, row.queue, row.resource, row.devices, row.devices_seen, row.node, reach)


def namespace_check_rows(view: ReportView) -> Iterator[Row]:
    """Every finding, what calls for attention first."""
    found = view.namespaces
    if found is None:
        return
    of_namespace = {entry.namespace: entry.owner for entry in found.contracts}
    for entry in found.findings:
        about = entry.part if entry.part in of_namespace else ""
        told = (entry.subject, entry.state, entry.message, entry.remedy, entry.action, entry.refuses)
        own = (entry.result, entry.severity, about, owner_of(entry.part, of_namespace))
        yield (*own, *told, ", ".join(entry.fields), evidence_text(entry), entry.path, entry.layer, entry.check)


def namespace_object_rows(view: ReportView) -> Iterator[Row]:
    """Every object that contracts ask for."""
    for entry in view.namespaces.objects if view.namespaces else ():
        own = (entry.name, entry.part, words(entry.state, OBJECT_WORDS), words(entry.result, RESULT_WORDS), entry.action)
        yield (*own, ", ".join(entry.fields), entry.validated, entry.path)


def namespaces_unread_rows(view: ReportView) -> Iterator[Row]:
    """What of the cluster was not read."""
    return unread_cells(view.namespaces.unread if view.namespaces else ())


NAMESPACES_TABLES: Final = (
    Table("Namespaces", CONTRACT_COLUMNS, contract_rows),
    Table(
        "Owners",
        (
            Column("owner", "Owner", 20),
            Column("cost_centre", "Cost centre", 16),
            Column("contacts", "Whom to talk to", 44, "long"),
            Column("resource", "Resource", 28),
            Column("granted", "Granted", 10, "count"),
            Column("used", "Used", 10, "count"),
            Column("idle", "Idle", 10, "count"),
            *(Column(state, label.capitalize(), 12, "count") for state, label in CONTRACT_WORDS.items()),
            Column("namespaces", "Namespaces", 50, "long"),
            Column("unknown", "Why figures are not known", 50, "long"),
        ),
        owner_rows,
    ),
    Table("Showback", SHOWBACK_COLUMNS, showback_rows),
    Table(
        "Grants",
        (
            Column("namespace", "Namespace", 26),
            Column("owner", "Owner", 18),
            Column("grant", "Grant", 20),
            Column("device_class", "Class", 20),
            Column("devices", "Devices", 9, "count"),
            Column("resource", "Resource", 28),
            Column("flavor", "Flavor", 26),
            Column("refused_reason", "Why it is refused", 50, "long"),
            Column("not_evaluated_reason", "Why nobody knows", 50, "long"),
            Column("units", "Further pods that would run", 12, "count"),
            Column("headroom", "Headroom in words", 60, "long"),
            Column("binding", "What binds", 40, "long"),
            Column("allowed", "What each account allows", 50, "long"),
            Column("asks", "What one pod requests", 44, "long"),
            Column("used", "Devices in use", 9, "count"),
            Column("left_out", "Accounts that are not served", 24),
            Column("nodes", "Nodes", 40, "long"),
        ),
        grant_rows,
    ),
    Table(
        "Access",
        (
            Column("namespace", "Namespace", 26),
            Column("owner", "Owner", 18),
            Column("bearer", "Who", 34),
            Column("persona", "As what", 20),
            Column("allowed_rows", "Rows that allow", 10, "count"),
            Column("denied_rows", "Rows that deny", 10, "count"),
            Column("asked", "Requests asked about", 10, "count"),
            Column("asked_alike", "Answered alike", 10, "count"),
            Column("wrong", "What is not as the contract says", 70, "long"),
            Column("unknown", "Why that is not known", 50, "long"),
        ),
        access_rows,
    ),
    Table(
        "Proofs of life",
        (
            Column("namespace", "Namespace", 26),
            Column("owner", "Owner", 18),
            Column("grant", "Grant", 20),
            Column("bearer", "As whom", 34),
            Column("result", "Result", 14),
            Column("code", "Code", 28),
            Column("told", "What came of it", 70, "long"),
            Column("queue", "Queue", 18),
            Column("resource", "Resource", 28),
            Column("devices", "Devices asked for", 9, "count"),
            Column("devices_seen", "Devices seen", 9, "count"),
            Column("node", "Node", 26),
            Column("reach", "What it reached", 50, "long"),
        ),
        proof_rows,
    ),
    Table("Namespace checks", NAMESPACE_CHECK_COLUMNS, namespace_check_rows),
    Table(
        "Namespace objects",
        (
            Column("object", "Object", 56),
            Column("part", "Of", 26),
            Column("state", "Stood", 14),
            Column("result", "Result", 14),
            Column("action", "Action", 10),
            Column("fields", "Fields that differ", 60, "long"),
            Column("validated", "Judged by the API server", 12),
            Column("path", "Place in the contract", 34),
        ),
        namespace_object_rows,
    ),
    Table("Namespaces not read", UNREAD_COLUMNS, namespaces_unread_rows),
)
"""What a run with namespaces adds, in the order of the workbook's sheets."""


def namespaces_facts(found: NamespacesView) -> tuple[tuple[str, str], ...]:
    """The namespaces in a few lines for the workbook's summary."""
    states = Counter(map(contract_word, found.contracts))
    told = ", ".join(f"{word} {count:,}" for word, count in sorted(states.items()))
    note = (("What this run did to the cluster", namespaces_note(found)),) if namespaces_note(found) else ()
    return (("Namespaces", found.headline), *note, ("What was written", written_line(found)), ("Contracts by state", told))
