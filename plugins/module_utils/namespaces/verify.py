# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one verifier of the stage: contracts, what a cluster shows of them, and what was done, as findings and records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..common.artifact import JsonRecord, sort_key
from ..common.findings import CheckFinding, counts, once, waived
from ..common.write_findings import Finding
from ..platform.layers import layer_state
from ..platform.look_records import cluster_records, reading_records
from ..platform.snapshot import PlatformSnapshot
from ..platform.verdicts import unknown
from . import check_list as checks
from .contract.model import Contract
from .contract.reading import Placed
from .grants import Grants
from .judging import Scene, days_left
from .model import CLUSTER
from .object_records import object_record
from .readings import BY_ID
from .schema import ordered
from .terms import OWNERS


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of it."""

    findings: tuple[CheckFinding, ...]
    """waivers applied, sorted by id"""
    records: tuple[JsonRecord, ...]
    """every record of the artifact, sorted by kind and id"""
    counts: Mapping[str, int] = field(default_factory=dict)
    """findings by result"""

    def failed(self) -> tuple[CheckFinding, ...]:
        """The findings that keep namespaces from being as their contracts say."""
        return tuple(finding for finding in self.findings if finding.failed)


def verify(
    placed: Sequence[Placed],
    scene: Scene,
    compared: Sequence[Finding],
    found: Iterable[CheckFinding],
    further: Iterable[JsonRecord] = (),
    *,
    applied: bool = True,
) -> Verified:
    """Joins what was compared, checked and recorded.

    `found` are all findings of checks, `compared` those of the write layer on objects, which are recorded as such, `further`
    records of other kinds. With `applied` False the actions of findings are those that a run would take.
    """
    told = once(found)
    by_part = {each.contract.namespace: each.contract for each in placed}
    findings = tuple(sorted(_waived(told, by_part, scene.today), key=lambda finding: finding.id))
    records = [
        *_contract_records(placed, scene, findings, applied=applied),
        *(record for name, grants in scene.plan.grants.items() for record in grant_records(name, grants)),
        *map(object_record, compared),
        *reading_records(scene.snapshot, BY_ID),
        *cluster_records(scene.snapshot),
        *further,
        *(finding.as_record() for finding in findings),
    ]
    unique = {(record["kind"], record["id"]): record for record in map(ordered, records)}
    return Verified(findings, tuple(sorted(unique.values(), key=sort_key)), counts(findings))


def unread_lists(snapshot: PlatformSnapshot) -> list[CheckFinding]:
    """A finding for each list without which contracts cannot be judged."""
    return [
        replace(unknown(checks.READABLE, name, f"{snapshot.why_not(name)}; unknown for it: {'; '.join(BY_ID[name].costs)}"), part=CLUSTER)
        for name in sorted(BY_ID)
        if not snapshot.known(name)
    ]


def _waived(found: Iterable[CheckFinding], contracts: Mapping[str, Contract], today: str) -> Iterator[CheckFinding]:
    """The findings, with failures of a contract's namespace that a waiver of that contract covers."""
    for finding in found:
        contract = contracts.get(finding.part)
        yield from waived([finding], contract.waivers if contract is not None else (), today)


# ---- records ---------------------------------------------------------------------------------------------------------


def _contract_records(placed: Sequence[Placed], scene: Scene, findings: Iterable[CheckFinding], *, applied: bool) -> Iterator[JsonRecord]:
    by_part: dict[str, list[CheckFinding]] = {}
    for finding in findings:
        by_part.setdefault(finding.part, []).append(finding)
    for each in placed:
        contract = each.contract
        own = by_part.get(contract.namespace, [])
        shared = by_part.get(f"{OWNERS}.{contract.owner.name}", [])
        state, reason = layer_state([*own, *shared], applied=applied)
        record = _contract_record(each, scene)
        yield {**record, "state": state, "reason": reason, "counts": counts(own)}


def _contract_record(placed: Placed, scene: Scene) -> JsonRecord:
    contract = placed.contract
    grants = scene.plan.grants[contract.namespace]
    record: JsonRecord = {
        "kind": "contract",
        "id": contract.namespace,
        "name": contract.display_name or contract.namespace,
        "part": contract.namespace,
        "display_name": contract.display_name,
        "description": contract.description,
        "owner": contract.owner.name,
        "owner_group": contract.owner.group,
        "cost_centre": contract.owner.cost_centre,
        "contact": contract.owner.contact,
        "classification": contract.classification,
        "jurisdiction": contract.jurisdiction.name if contract.jurisdiction else "",
        "expires": contract.expires,
        "days_left": days_left(contract, scene.today),
        "ticket": contract.ticket,
        "source": placed.source.name,
        "personas": [
            f"{each.persona}: {name}" for each in contract.personas for name in _who(each.groups, each.users, each.service_accounts)
        ],
        "cpu": contract.quota.cpu,
        "memory_gib": contract.quota.memory_gib,
        "queue": contract.queue.name,
        "isolation": contract.network.isolation,
        "data_sources": [
            f"{each.name} of {each.owner}, {each.classification}, kept {each.retention_days} days" for each in contract.data_sources
        ],
    }
    if grants.settled:
        record["devices"] = {resource: amount for resource, amount in grants.by_resource().items() if amount}
    if scene.snapshot.known("namespaces"):
        record["exists"] = scene.snapshot.get("namespaces", "", contract.namespace) is not None
    return record


def _who(groups: Iterable[str], users: Iterable[str], accounts: Iterable[str]) -> list[str]:
    return [*(f"group {name}" for name in groups), *(f"user {name}" for name in users), *(f"service account {name}" for name in accounts)]


def grant_records(namespace: str, grants: Grants) -> Iterator[JsonRecord]:
    """One record for each entry of a contract's accelerators."""
    for each in grants.entries:
        choice = each.choice
        yield {
            "kind": "grant",
            "id": f"{namespace}/{each.name}",
            "name": each.name,
            "part": namespace,
            "device_class": each.device_class,
            "devices": each.devices,
            "resource": choice.resource if choice else "",
            "flavor": choice.flavor if choice else "",
            "nodes": list(choice.nodes) if choice else [],
            "refused_reason": each.refused,
            "not_evaluated_reason": each.unknown,
        }
