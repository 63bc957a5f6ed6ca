# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one verifier: what a cluster shows, held against the document, before a run, after it and alone.

Everything that was compared, waited for and checked becomes findings of one form; the layers of the stack are told by them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ..common.artifact import JsonRecord, sort_key
from ..common.findings import CheckFinding, Evidence, counts, from_write, once, waived
from ..common.owned_fields import ApiObject
from ..common.write_findings import (
    FAIL,
    MISSING,
    Finding,
    key_of,
)
from ..common.write_findings import NOT_EVALUATED as NOT_EVALUATED_RESULT
from ..target.model import ABSENT, READ
from . import cluster_checks
from .layers import layer_records
from .look_records import cluster_records, reading_records
from .model import DONE, PLANNED
from .parts import Context, PartPlan, Step, Wait, WantedObject
from .progress import READY as IS_READY
from .progress import STUCK, Progress
from .readings import BY_ID, BY_KIND
from .schema import ordered
from .snapshot import Named, PlatformSnapshot
from .verdicts import failed, passed, unknown

STAGE: Final = "platform"


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of it."""

    findings: tuple[CheckFinding, ...]
    """waivers applied, sorted by id"""
    records: tuple[JsonRecord, ...]
    """every record of the artifact, sorted by kind and id"""
    layers: Mapping[str, str] = field(default_factory=dict)
    """layer to its state"""
    counts: Mapping[str, int] = field(default_factory=dict)
    """findings by result"""

    def failed(self) -> tuple[CheckFinding, ...]:
        """The findings that keep the cluster from being ready."""
        return tuple(finding for finding in self.findings if finding.failed)


def verify(
    context: Context,
    plan: PartPlan,
    compared: Mapping[str, Sequence[Finding]],
    awaited: Mapping[Wait, Progress | None],
    further: Sequence[CheckFinding] = (),
    done: Collection[Step] = (),
    *,
    applied: bool = True,
) -> Verified:
    """Joins what was planned, compared and waited for.

    `compared` are the write layer's findings on the objects of each part, `awaited` how far each wait has come (None for an object
    that is not there), `further` findings on the cluster and of parts that act, `done` the steps that were taken.
    With `applied` False the actions of the findings are those that a run would take.
    """
    by_key = {key_of(wanted.object): wanted for wanted in plan.objects}
    told = [(part, finding) for part, findings in compared.items() for finding in findings]
    found = [
        *further,
        *plan.findings,
        *(_object_finding(finding, by_key.get(finding.key), part) for part, finding in told),
        *(ready_finding(wait, progress) for wait, progress in awaited.items()),
    ]
    findings = tuple(sorted(waived(once(found), context.desired.waivers, context.today), key=lambda finding: finding.id))
    layers = layer_records(findings, applied=applied)
    records = [
        *plan.records,
        *reading_records(context.snapshot, BY_ID),
        *cluster_records(context.snapshot),
        *(object_record(finding, by_key.get(finding.key), part) for part, finding in told),
        *(step_record(step, done) for step in plan.steps),
        *layers,
        *(finding.as_record() for finding in findings),
    ]
    states = {record["id"]: record["state"] for record in layers}
    unique = {(record["kind"], record["id"]): record for record in map(ordered, records)}
    return Verified(findings, tuple(sorted(unique.values(), key=sort_key)), states, counts(findings))


# ---- objects ---------------------------------------------------------------------------------------------------------


def _object_finding(finding: Finding, wanted: WantedObject | None, part: str) -> CheckFinding:
    """The finding of the part; what is desired no more belongs to the part's own layer."""
    found = from_write(finding, STAGE, part, wanted.layer if wanted else cluster_checks.LAYER_OF[part])
    if found.result == FAIL and found.state == MISSING and not found.message:
        return replace(found, message="not there", remedy=found.remedy or "apply the document")
    return found


def object_record(finding: Finding, wanted: WantedObject | None, part: str) -> JsonRecord:
    """The record of an object that was compared."""
    record: JsonRecord = {"kind": "object", "id": finding.key.text, "name": finding.key.name, "part": part}
    record |= {"state": finding.state, "result": finding.result, "action": finding.action, "fields": list(finding.fields)}
    record |= {"path": finding.path, "awaits": wanted.awaits if wanted and finding.result == NOT_EVALUATED_RESULT else ""}
    record["validated"] = finding.result != NOT_EVALUATED_RESULT
    return record


def step_record(step: Step, done: Collection[Step]) -> JsonRecord:
    """The record of an action that is no object."""
    identity = f"{step.order:03d} {step.part} {step.verb} {step.subject}"
    state = DONE if step in done else PLANNED
    return {
        "kind": "step",
        "id": identity,
        "part": step.part,
        "verb": step.verb,
        "subject": step.subject,
        "state": state,
        "reason": step.reason,
    }


# ---- what is waited for ----------------------------------------------------------------------------------------------


def object_named(ref: Named, snapshot: PlatformSnapshot) -> tuple[str, ApiObject | None]:
    """How the look at an object came out, and the object where it is there: from the lists, else from what was read by name."""
    resource = BY_KIND.get((ref.key.group, ref.kind))
    if resource is not None and resource.id in snapshot.listed and not resource.label_selector:
        listed = snapshot.listed[resource.id]
        item = snapshot.get(resource.id, ref.namespace, ref.name)
        return (READ, item) if item is not None else (ABSENT if listed.state == READ else listed.state, None)
    read = snapshot.named(ref)
    return read.state, read.object


def ready_finding(wait: Wait, progress: Progress | None) -> CheckFinding:
    """What became of something that has to be ready. None stands for an object that is not there."""
    check = cluster_checks.ready_check(wait.part, wait.layer)
    if progress is None:
        words = "not there" if wait.subject == wait.ref.text else f"there is no {wait.ref.text}"
        return failed(check, wait.subject, words, state=MISSING, remedy="apply the document, or see why it was not made")
    if progress.state == IS_READY:
        return passed(check, wait.subject)
    expected = wait.expects or IS_READY
    evidence = (Evidence(wait.ref.text, progress.field, progress.reason, expected),)
    words = f": {progress.words}" if progress.words else ""
    # What is on its way is missing as yet; what is stuck is wrong.
    more = {"remedy": progress.remedy} if progress.remedy else {}
    if progress.state == STUCK:
        return failed(check, wait.subject, f"{progress.reason}{words}", evidence=evidence, **more)
    return failed(check, wait.subject, f"{progress.reason}{words}", state=MISSING, evidence=evidence, **more)


def unseen(wait: Wait, reason: str) -> CheckFinding:
    """Something that has to be ready, and nobody may look at it."""
    return unknown(cluster_checks.ready_check(wait.part, wait.layer), wait.subject, reason)


# ---- the cluster -----------------------------------------------------------------------------------------------------


def cluster_findings(context: Context, needed: Iterable[str] = ()) -> list[CheckFinding]:
    """Whether it is the cluster that the document is for, and whether all lists of `needed` could be read."""
    facts, wanted = context.snapshot.cluster, context.desired.cluster
    found = []
    if wanted.id and not facts.id:
        words = "nobody knows which cluster it is: the account may see neither ClusterVersion nor namespace kube-system"
        found.append(replace(unknown(cluster_checks.IDENTITY, "cluster", words, "cluster.id"), refuses=True))
    elif wanted.id and wanted.id != facts.id:
        message = f"the document is for {wanted.id}, and this is {facts.id}"
        found.append(failed(cluster_checks.IDENTITY, "cluster", message, "cluster.id"))
    if wanted.openshift and not f"{facts.openshift_version}.".startswith(f"{wanted.openshift}."):
        message = f"the document is for OpenShift {wanted.openshift}, and this is {facts.openshift_version or 'none that is known'}"
        found.append(failed(cluster_checks.OPENSHIFT, "cluster", message, "cluster.openshift"))
    for identity in sorted(set(needed)):
        if not context.snapshot.known(identity):
            reason = context.snapshot.why_not(identity)
            costs = "; ".join(BY_ID[identity].costs)
            found.append(
                unknown(cluster_checks.READINGS, identity, f"{reason}; unknown for it: {costs}", remedy=cluster_checks.READINGS.remedy)
            )
    return found


# ---- layers ----------------------------------------------------------------------------------------------------------
