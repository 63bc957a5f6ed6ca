# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The view of the namespaces stage, made in one pass over its records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ..common.artifact import JsonRecord
from ..namespaces.model import NOT_IN_TARGET
from ..platform.model import NOT_EVALUATED, READY
from ..target.model import READ
from .cluster_records import cluster_view, finding_view, known_texts, object_view, text_of, unknown_facts, unread_view
from .namespaces_texts import NOT_COMPARED, namespaces_headline
from .namespaces_view import AccessView, ContractView, GrantView, HeadroomView, NamespacesView, OwnerView, ProofView
from .plan_build import texts
from .platform_build import STATE_RANK, finding_rank
from .platform_texts import shown_result
from .platform_view import CheckFindingView, DocumentView, PlatformClusterView

NOT_LOOKED_AT: Final = "this run did not look at what pods hold"
FIGURES: Final = ("granted", "used", "idle")

ByKind = dict[str, list[JsonRecord]]


def namespaces_report(records: Iterable[JsonRecord], header: Mapping[str, Any]) -> NamespacesView:
    """The namespaces as a report shows them; `header` is the artifact's first line."""
    by_kind: ByKind = {}
    for record in records:
        by_kind.setdefault(record["kind"], []).append(record)
    findings = tuple(sorted(map(finding_view, by_kind.get("finding", ())), key=finding_rank))
    readings = by_kind.get("reading", [])
    objects = tuple(map(object_view, by_kind.get("object", ())))
    contracts = _contracts(by_kind, findings, is_compared=bool(objects))
    view = NamespacesView(
        headline="",
        mode=str(header.get("mode", "apply")),
        cluster=next(iter(map(cluster_view, by_kind.get("cluster", ()))), PlatformClusterView(id=str(header.get("cluster", "")))),
        today=str(header.get("today", "")),
        saved=bool(readings) and all(text_of(record, "reason").endswith(NOT_IN_TARGET) for record in readings),
        compared=bool(objects),
        documents=tuple(DocumentView(str(entry.get("name", "")), str(entry.get("sha256", ""))) for entry in header.get("inputs", ())),
        contracts=contracts,
        owners=_owners(by_kind.get("owner", ()), contracts),
        findings=findings,
        objects=objects,
        counts={record["id"]: int(record.get("count", 0)) for record in readings if record.get("state") == READ},
        unread=tuple(unread_view(record) for record in readings if record.get("state") != READ),
        notices=tuple((text_of(record, "message"), text_of(record, "remedy")) for record in by_kind.get("notice", ())),
    )
    return replace(view, headline=namespaces_headline(view))


def contract_rank(contract: ContractView) -> tuple[int, int, str]:
    """What calls for attention first, of these what ends first."""
    days = contract.days_left if contract.days_left is not None else 0
    return STATE_RANK.get(contract.state, len(STATE_RANK)), days, contract.namespace


# ---- contracts -------------------------------------------------------------------------------------------------------


def _contracts(by_kind: ByKind, findings: Iterable[CheckFindingView], *, is_compared: bool) -> tuple[ContractView, ...]:
    counts: dict[str, Counter[str]] = {}
    for finding in findings:
        counts.setdefault(finding.part, Counter())[shown_result(finding)] += 1
    headroom = {record["id"]: _headroom(record) for record in by_kind.get("headroom", ())}
    grants: dict[str, list[GrantView]] = {}
    for record in by_kind.get("grant", ()):
        grants.setdefault(text_of(record, "part"), []).append(_grant(record, headroom.get(record["id"])))
    access: dict[str, list[AccessView]] = {}
    for record in by_kind.get("access", ()):
        access.setdefault(text_of(record, "namespace"), []).append(_access(record))
    proofs: dict[str, list[ProofView]] = {}
    for record in by_kind.get("proof", ()):
        proofs.setdefault(text_of(record, "part"), []).append(_proof(record))
    shares = {share["namespace"]: share for record in by_kind.get("owner", ()) for share in record.get("shares", ())}
    found = []
    for record in by_kind.get("contract", ()):
        name = record["id"]
        view = _contract(record, shares.get(name, {}), is_compared=is_compared)
        own = replace(view, grants=tuple(grants.get(name, ())), access=tuple(access.get(name, ())), proofs=tuple(proofs.get(name, ())))
        found.append(replace(own, counts=dict(counts.get(name, {}) or record.get("counts", {}))))
    return tuple(sorted(found, key=contract_rank))


def _contract(record: JsonRecord, share: Mapping[str, Any], *, is_compared: bool) -> ContractView:
    state, reason = str(record.get("state", NOT_EVALUATED)), text_of(record, "reason")
    if state == READY and not is_compared:
        # What was not looked at is no reason to call it kept.
        state, reason = NOT_EVALUATED, NOT_COMPARED
    granted = _devices(share if "granted" in share else {"granted": record["devices"]} if "devices" in record else {}, "granted")
    return ContractView(
        namespace=record["id"],
        state=state,
        reason=reason,
        owner=text_of(record, "owner"),
        display_name=text_of(record, "display_name"),
        description=text_of(record, "description"),
        owner_group=text_of(record, "owner_group"),
        cost_centre=text_of(record, "cost_centre"),
        contact=text_of(record, "contact"),
        classification=text_of(record, "classification"),
        jurisdiction=text_of(record, "jurisdiction"),
        expires=text_of(record, "expires"),
        days_left=record.get("days_left"),
        ticket=text_of(record, "ticket"),
        source=text_of(record, "source"),
        personas=texts(record.get("personas")),
        cpu=record.get("cpu"),
        memory_gib=record.get("memory_gib"),
        queue=text_of(record, "queue"),
        isolation=text_of(record, "isolation"),
        data_sources=texts(record.get("data_sources")),
        exists=record.get("exists"),
        granted=granted,
        used=_devices(share, "used"),
        idle=_devices(share, "idle"),
    )


def _devices(record: Mapping[str, Any], fact: str) -> dict[str, int] | None:
    """Resource to devices; None where nobody knows."""
    found = record.get(fact)
    return None if found is None else {str(resource): int(amount) for resource, amount in sorted(found.items())}


def _grant(record: JsonRecord, headroom: HeadroomView | None) -> GrantView:
    return GrantView(
        name=text_of(record, "name") or record["id"],
        device_class=text_of(record, "device_class"),
        devices=record.get("devices"),
        resource=text_of(record, "resource"),
        flavor=text_of(record, "flavor"),
        nodes=texts(record.get("nodes")),
        refused_reason=text_of(record, "refused_reason"),
        not_evaluated_reason=text_of(record, "not_evaluated_reason"),
        headroom=headroom,
    )


def _headroom(record: JsonRecord) -> HeadroomView:
    return HeadroomView(
        units=record.get("units"),
        binding=texts(record.get("binding")),
        allowed={str(name): int(most) for name, most in sorted(record.get("allowed", {}).items())},
        asks={str(name): str(amount) for name, amount in sorted(record.get("asks", {}).items())},
        used=record.get("used"),
        left_out=texts(record.get("left_out")),
        unknown=unknown_facts(record),
    )


def _access(record: JsonRecord) -> AccessView:
    return AccessView(
        bearer=text_of(record, "bearer"),
        persona=text_of(record, "persona"),
        allowed_rows=record.get("allowed_rows"),
        denied_rows=record.get("denied_rows"),
        asked=record.get("asked"),
        asked_alike=record.get("asked_alike"),
        wrong=known_texts(record, "wrong"),
        unknown=unknown_facts(record),
    )


def _proof(record: JsonRecord) -> ProofView:
    return ProofView(
        code=text_of(record, "code"),
        grant=text_of(record, "grant"),
        bearer=text_of(record, "bearer"),
        queue=text_of(record, "queue"),
        resource=text_of(record, "resource"),
        devices=record.get("devices"),
        devices_seen=record.get("devices_seen"),
        node=text_of(record, "node"),
        words=text_of(record, "words"),
        reach={str(place): str(state) for place, state in sorted(record.get("reach", {}).items())},
    )


# ---- owners ----------------------------------------------------------------------------------------------------------


def _owners(records: Iterable[JsonRecord], contracts: Sequence[ContractView]) -> tuple[OwnerView, ...]:
    """The owners of all contracts; one of which the artifact has no record is added up from its contracts."""
    by_owner: dict[str, list[ContractView]] = {}
    for contract in contracts:
        by_owner.setdefault(contract.owner, []).append(contract)
    told = {record["id"]: record for record in records}
    return tuple(_owner(name, by_owner.get(name, ()), told.get(name)) for name in sorted({*by_owner, *told}))


def _owner(name: str, contracts: Sequence[ContractView], record: JsonRecord | None) -> OwnerView:
    contacts = dict.fromkeys(filter(None, (each.contact for each in contracts)))
    groups = dict.fromkeys(f"group {each.owner_group}" for each in contracts if each.owner_group)
    view = OwnerView(
        name=name,
        namespaces=tuple(sorted(each.namespace for each in contracts)),
        cost_centre=", ".join(sorted({each.cost_centre for each in contracts if each.cost_centre})),
        contacts=(*contacts, *groups),
    )
    if record is None:
        return replace(view, granted=_together([each.granted for each in contracts]), unknown=dict.fromkeys(FIGURES[1:], NOT_LOOKED_AT))
    granted, used, idle = (_devices(record, fact) for fact in FIGURES)
    return replace(view, granted=granted, used=used, idle=idle, unknown=unknown_facts(record))


def _together(amounts: Iterable[Mapping[str, int] | None]) -> dict[str, int] | None:
    """The sum by resource; None where a part of it is not known."""
    found: Counter[str] = Counter()
    for each in amounts:
        if each is None:
            return None
        found.update(each)
    return dict(sorted(found.items()))
