# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merging of records that are one object.

Per fact the newest capture wins; a fact that one source alone knows is taken from it; a conflict that no capture
date settles leaves the fact unknown. Every disagreement becomes a `conflict` record, from which a later merge takes
up again what was said, so that merging in steps and merging at once come to the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ..common.artifact import JsonRecord
from . import model
from .captured import Captured, Captures, parse_captured
from .claims import MEASURED, UNDECIDED, Claim, Outcome, in_order, settle
from .key_order import ordered
from .parts import PartList, merge_parts
from .records import BOOKKEEPING

REFERENCES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "host": (("cluster_id", "cluster"),),
    "vapp": (("vm_ids", "vm"),),
    "drs_group": (("cluster_id", "cluster"), ("vm_ids", "vm")),
    "drs_rule": (("cluster_id", "cluster"), ("vm_ids", "vm")),
    "network": (("switch_id", "switch"),),
    "vm": (("cluster_id", "cluster"), ("depends_on", "vm")),
}
"""Kind to its facts that hold ids, and the kind that the ids belong to (besides `network_id` of a VM's adapters)."""

Renames = Mapping[str, Mapping[str, str]]
"""Kind to old id to the id that survives, for the records of one input."""


@dataclass(frozen=True, slots=True)
class Member:
    """One input's record of an object, and by fact what was claimed in conflicts that were noted for it earlier."""

    record: JsonRecord
    conflicts: Mapping[str, Sequence[Claim]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Merged:
    """The one record of an object, and the conflicts that were met."""

    record: JsonRecord
    conflicts: tuple[JsonRecord, ...]


def rename_references(record: JsonRecord, renames: Renames) -> JsonRecord:
    """The record with every id in it replaced by the one that survives; the same object when there is nothing to replace."""
    changed: JsonRecord = {}
    for fact, kind in REFERENCES.get(record["kind"], ()):
        names = renames.get(kind)
        value = record.get(fact)
        if not names or not value:
            continue
        if isinstance(value, list):
            changed[fact] = [names.get(entry, entry) for entry in value]
        else:
            changed[fact] = names.get(value, value)
    networks = renames.get("network")
    if networks and record.get("nics"):
        changed["nics"] = [
            {**nic, "network_id": networks[nic["network_id"]]} if nic.get("network_id") in networks else nic for nic in record["nics"]
        ]
    return {**record, **changed} if changed else record


def claims_of_conflict(conflict: Mapping[str, Any], captures: Captures) -> list[Claim]:
    """The claims that a conflict record lists."""
    claims = []
    for value in conflict["values"]:
        captured = captures.of(value["source"])
        if not captured.dated and value.get("captured_at"):
            captured = parse_captured(value["captured_at"])
        claims.append(Claim({"source": value["source"]}, captured, value["value"]))
    return claims


def _source_of(record: Mapping[str, Any]) -> str:
    return str(record.get("origin", {}).get("source", ""))


def merge_records(members: Sequence[Member], identity: str, basis: str, captures: Captures) -> Merged:
    """One record of all members, under the id that survives; the order of members does not matter.

    References in the members name surviving ids already. `basis` is what a VM's id rests on, and empty for other kinds.
    """
    return _Merge(members, identity, basis, captures).result()


class _Merge:
    """One merge; facts are settled one by one into `facts`."""

    def __init__(self, members: Sequence[Member], identity: str, basis: str, captures: Captures) -> None:
        self._captures = captures
        self._identity = identity
        self._basis = basis
        self._members = self._in_order(members)
        self._lead = self._members[0].record
        self._kind = str(self._lead["kind"])
        self._simple = not any(member.conflicts or member.record.get("fact_origins") for member in self._members)
        self._captured = [captures.of(_source_of(member.record)) for member in self._members]
        self._earlier: dict[str, list[Claim]] = {}
        for member in self._members:
            for path, claims in member.conflicts.items():
                self._earlier.setdefault(path, []).extend(claims)
        self._facts: JsonRecord = {}
        self._origins: dict[str, JsonRecord] = {}
        self._unknown: dict[str, str] = {}
        self._outcomes: dict[str, Outcome] = {}
        self._known_paths: set[str] = set()

    def _in_order(self, members: Sequence[Member]) -> list[Member]:
        """The members in an order of their own, the one that speaks for all first."""
        claims = [Claim(_origin_of(member.record), self._captures.of(_source_of(member.record)), member.record) for member in members]
        return [members[position] for position in in_order(claims)]

    def result(self) -> Merged:
        """The merged record and the conflicts."""
        if all(member == self._members[0] for member in self._members[1:]):
            self._outcomes = {path: settle(path, claims) for path, claims in self._members[0].conflicts.items()}
            self._facts = self._lead
            return Merged(self._renamed_lead(), self._conflicts())
        names: dict[str, None] = {}
        for member in self._members:
            names.update(dict.fromkeys(name for name in member.record if name not in BOOKKEEPING))
        names.update(dict.fromkeys(path for path in self._earlier if "[" not in path))
        for name in names:
            if not (self._simple and self._agree(name)):
                self._settle(name)
        return Merged(self._record(), self._conflicts())

    def _renamed_lead(self) -> JsonRecord:
        if self._lead["id"] == self._identity:
            return self._lead
        basis = {"id_basis": self._basis} if self._kind == "vm" else {}
        return {**self._lead, "id": self._identity, **basis}

    def _agree(self, name: str) -> bool:
        """Takes a fact on which all members that know it agree to the letter."""
        first: int | None = None
        value: Any = None
        for number, member in enumerate(self._members):
            if name not in member.record:
                continue
            if first is None:
                first, value = number, member.record[name]
            elif member.record[name] != value:
                return False
        if first is None:
            return False
        self._facts[name] = value
        if first and _source_of(self._members[first].record) != _source_of(self._lead):
            self._origins[name] = {"source": _source_of(self._members[first].record)}
        return True

    def _told(self, number: int, name: str) -> tuple[JsonRecord, Captured]:
        """Who told a member's fact."""
        record = self._members[number].record
        origin = (record.get("fact_origins") or {}).get(name)
        if origin is None:
            return {"source": _source_of(record)}, self._captured[number]
        return origin, self._captures.of(origin["source"])

    def _settle(self, name: str) -> None:
        if self._kind == "vm" and name in model.PARTS and any(name in member.record for member in self._members):
            self._settle_parts(name)
            return
        claims = list(self._earlier.get(name, ()))
        for number, member in enumerate(self._members):
            if name in member.record:
                origin, captured = self._told(number, name)
                claims.append(Claim(origin, captured, member.record[name]))
        outcome = settle(name, claims)
        if outcome.values and (outcome.claim is None or name not in MEASURED):
            self._outcomes[name] = outcome
        if outcome.claim is None:
            self._unknown[name] = UNDECIDED
        else:
            self._take(name, outcome.claim, outcome.claim.value)

    def _take(self, name: str, claim: Claim, value: Any) -> None:
        self._facts[name] = value
        if claim.source != _source_of(self._lead):
            self._origins[name] = claim.origin

    def _settle_parts(self, name: str) -> None:
        lists = []
        for number, member in enumerate(self._members):
            if name in member.record:
                origin, captured = self._told(number, name)
                lists.append(PartList(Claim(origin, captured, member.record[name]), self._part_origins(number, name)))
        order = in_order([entry.claim for entry in lists])
        merged = merge_parts(name, [lists[position] for position in order], self._earlier)
        self._outcomes.update(merged.conflicts)
        self._unknown.update(merged.unknown)
        self._known_paths |= merged.known
        if merged.value is not None and merged.claim is not None:
            self._take(name, merged.claim, merged.value)
            self._origins.update({path: claim.origin for path, claim in merged.origins.items()})

    def _part_origins(self, number: int, name: str) -> dict[str, tuple[JsonRecord, Captured]]:
        origins = self._members[number].record.get("fact_origins") or {}
        starts = (f"{name}[", f"{name}.")
        return {path: (origin, self._captures.of(origin["source"])) for path, origin in origins.items() if path.startswith(starts)}

    def _reasons(self) -> dict[str, str]:
        """Why facts are unknown: conflicts first, else the reasons of the members as long as nobody knows the fact."""
        reasons = dict(self._unknown)
        for member in self._members:
            for path, reason in (member.record.get("unknown") or {}).items():
                if reason != UNDECIDED and path not in self._facts and path not in self._known_paths:
                    reasons.setdefault(path, reason)
        return dict(sorted(reasons.items()))

    def _record(self) -> JsonRecord:
        record: JsonRecord = {"kind": self._kind, "id": self._identity, **self._facts}
        if "origin" in self._lead:
            record["origin"] = self._lead["origin"]
        if self._kind == "vm":
            record["id_basis"] = self._basis
        if self._origins:
            record["fact_origins"] = dict(sorted(self._origins.items()))
        record["sources"] = sorted({source for member in self._members for source in member.record.get("sources", ())})
        reasons = self._reasons()
        if reasons:
            record["unknown"] = reasons
        kept = sorted({member.record["out_of_scope"] for member in self._members if "out_of_scope" in member.record})
        if kept:
            record["out_of_scope"] = kept[0]
        return ordered(record)

    def _conflicts(self) -> tuple[JsonRecord, ...]:
        disputed = [str(claim.value) for claim in self._outcomes["name"].values] if "name" in self._outcomes else []
        name = str(self._facts.get("name") or min(disputed, default=""))
        return tuple(conflict_record(self._kind, self._identity, name, path, self._outcomes[path]) for path in sorted(self._outcomes))


def _origin_of(record: Mapping[str, Any]) -> JsonRecord:
    return record.get("origin") or {"source": ""}


def conflict_record(kind: str, identity: str, name: str, path: str, outcome: Outcome) -> JsonRecord:
    """The record of one conflict."""
    values = sorted((claim.as_record() for claim in outcome.values), key=lambda value: (value["source"], json.dumps(value, sort_keys=True)))
    return {
        "kind": "conflict",
        "id": f"{kind}/{identity}/{path}",
        "object_kind": kind,
        "object": identity,
        "object_name": name,
        "field": path,
        "values": values,
        "resolution": "unknown" if outcome.claim is None else "newest",
    }
