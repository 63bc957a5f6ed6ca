# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan is made of, read from the artifacts of the run: estate and assessment side by side in one pass, then the target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ..assessment.sight import UNSEEN_VMS
from ..common.artifact import ArtifactInput, JsonRecord
from ..common.errors import ArtifactError, Problem
from ..plan.model import PlanVm
from ..plan.planner import OUT_OF_SCOPE, EstateFacts
from ..plan.release import Releases
from ..plan.subjects import Places, Rulings, plan_vm, with_shared_disks
from ..plan.unmatched import ALL, DATASTORE, HOST, NETWORK
from ..target.view import TargetView
from .artifacts import ArtifactReader

AGAIN: Final = "Run the assessment of this estate again."
_KEPT: Final[Mapping[str, str]] = {
    "datastore": "datastores",
    "drs_rule": "rules",
    "host": "hosts",
    "network": "networks",
    "vapp": "vapps",
    "vcenter": "vcenters",
}
"""Kind of the estate's records that are kept whole, and the list that has them."""

SOURCES_LACKING: Final = ("source_missing", "source_left_out")
"""Codes of notices by which something of the whole estate was not read."""

_TOLD_BY: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    NETWORK: (("nics", "nics.network", "network.name"), "network."),
    DATASTORE: (("disks", "disks.path", "datastore.name"), "datastore."),
    HOST: (("host", "host.name"), "host."),
}
"""Kind of a source to the facts that name some, and what the facts of a whole tab about them begin with."""


@dataclass(slots=True)
class PlanInputs:
    """Everything that was read."""

    vms: list[PlanVm] = field(default_factory=list)
    out_of_scope: dict[str, str] = field(default_factory=dict)
    facts: EstateFacts = field(default_factory=EstateFacts)
    rules: frozenset[str] = frozenset()
    releases: Releases = field(default_factory=Releases)
    inputs: list[ArtifactInput] = field(default_factory=list)
    own: tuple[ArtifactInput, ...] = ()
    """those of them that a run has alone: its estate and its assessment"""
    unsure: dict[str, str] = field(default_factory=dict)
    """kind of a source (`ALL`: everything) to why the estate may have more of them than are known"""
    warnings: list[str] = field(default_factory=list)


def read_inputs(estate: Path, assessment: Path) -> PlanInputs:
    """Estate and assessment. Raises `ArtifactError` for one that is damaged, and for an assessment of another estate."""
    estates, assessed = ArtifactReader(estate, "estate"), ArtifactReader(assessment, "assessment")
    found = PlanInputs()
    kept: dict[str, list[JsonRecord]] = {name: [] for name in _KEPT.values()}
    rulings, places = Rulings(), Places()
    rules, judged = _rules(assessed, rulings)
    blind: dict[str, str] = {}
    for record in estates:
        kind = record["kind"]
        if kind == "vm":
            _take_vm(record, judged, found, rulings, places)
            continue
        if kind in ("notice", "source"):
            _note_unsure(record, found.unsure, blind)
        if kind in _KEPT:
            kept[_KEPT[kind]].append(record)
        places.take(record)
        if kind == "host":
            found.releases.take_host(record)
    for _rest in judged.rest():
        continue
    found.vms = with_shared_disks(found.vms)
    found.facts = EstateFacts(**kept, unseen=_unseen(kept["vcenters"], blind))
    found.rules = rules
    _check_pair(estates, assessed)
    for reader in (estates, assessed):
        found.inputs.append(ArtifactInput(reader.path.name, reader.sha256))
        found.warnings += reader.warnings
    found.own = tuple(found.inputs)
    return found


def _unseen(vcenters: Sequence[JsonRecord], blind: Mapping[str, str]) -> dict[str, str]:
    """vCenters of which a source says that VMs may be missing, and what it says."""
    return {
        record["vcenter"]: blind[source]
        for record in vcenters
        for source in record.get("sources", ())
        if record.get("vcenter") and source in blind
    }


def _note_unsure(record: JsonRecord, unsure: dict[str, str], blind: dict[str, str]) -> None:
    """Notes what a source or a run-level notice says of what is not in the estate; in `blind`, by source, why VMs of it may be missing."""
    if record["kind"] == "notice":
        if record.get("code") in SOURCES_LACKING:
            unsure.setdefault(ALL, str(record.get("message", "")))
        return
    for notice in record.get("notices", ()):
        if notice.get("code") in UNSEEN_VMS:
            blind[record["id"]] = str(notice.get("message", ""))
            unsure.setdefault(ALL, blind[record["id"]])
    for entry in record.get("not_seen", ()):
        what = str(entry.get("what", ""))
        whole_tab = what.startswith("tab ") and ", column " not in what
        told = [str(fact).removeprefix("vm.") for fact in entry.get("facts", ())]
        for kind, (facts, prefix) in _TOLD_BY.items():
            if any(fact in facts or (whole_tab and fact.startswith(prefix)) for fact in told):
                unsure.setdefault(kind, f"{what} of {record.get('name', '')} was not read ({entry.get('reason', '')})")


def read_target(path: Path | None, found: PlanInputs) -> TargetView | None:
    """The target; None where there is none."""
    if path is None:
        return None
    reader = ArtifactReader(path, "target")
    view = TargetView(reader)
    found.inputs.append(ArtifactInput(reader.path.name, reader.sha256))
    found.warnings += reader.warnings
    return view


class _Judged:
    """The VMs of the assessment, in the order of their ids, asked for one by one."""

    def __init__(self, first: JsonRecord | None, records: Iterator[JsonRecord], name: str) -> None:
        self._next = first
        self._records = records
        self._name = name

    def of(self, vm_id: str) -> JsonRecord:
        """The record of a VM. Raises ArtifactError where the assessment does not have it."""
        while self._next is not None and self._next["id"] < vm_id:
            self._next = next(self._records, None)
        if self._next is None or self._next["id"] != vm_id:
            problem = Problem(f"VM {vm_id} of the estate is not in it", file=self._name)
            raise ArtifactError(
                "assessment_other", "The assessment is not of this estate", subject=self._name, hint=AGAIN, problems=(problem,)
            )
        return self._next

    def rest(self) -> Iterator[JsonRecord]:
        """What is left, so that the artifact is read to its end and checked."""
        yield from self._records


def _rules(assessed: ArtifactReader, rulings: Rulings) -> tuple[frozenset[str], _Judged]:
    """The ids of the rules, and the VMs, which come last."""
    records = iter(assessed)
    rules: set[str] = set()
    first = None
    for record in records:
        if record["kind"] == "vm":
            first = record
            break
        rulings.take(record)
        if record["kind"] == "rule":
            rules.add(record["id"])
    return frozenset(rules), _Judged(first, records, assessed.path.name)


def _take_vm(record: JsonRecord, judged: _Judged, found: PlanInputs, rulings: Rulings, places: Places) -> None:
    found.releases.take_vm(record)
    reason = record.get("out_of_scope")
    verdict: Mapping[str, Any] = {"verdict": OUT_OF_SCOPE} if reason is not None else judged.of(record["id"])
    if reason is not None:
        found.out_of_scope[record["id"]] = reason
    found.vms.append(plan_vm(record, dict(verdict), rulings, places))


def _check_pair(estate: ArtifactReader, assessed: ArtifactReader) -> None:
    """An assessment names the estate that it was made of; one of another estate may still have the same VMs."""
    named = {entry.get("sha256") for entry in assessed.header.get("inputs", ())}
    if estate.sha256 not in named:
        problem = Problem(f"it was made of another {estate.path.name}", file=assessed.path.name)
        raise ArtifactError(
            "assessment_other", "The assessment is not of this estate", subject=assessed.path.name, hint=AGAIN, problems=(problem,)
        )
