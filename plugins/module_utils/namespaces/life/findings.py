# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was run as tenants, as findings and records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ...common.artifact import JsonRecord
from ...common.findings import CheckFinding
from ...common.write_findings import EXTRA, FAIL, PASS, listed
from ...platform.verdicts import failed, passed, unknown
from ..model import CLUSTER
from .checks import LEFT, PROOF
from .probe import Probe
from .verdict import Verdict


@dataclass(frozen=True, slots=True)
class Proven:
    """What came of one probe."""

    probe: Probe
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class LifeProof:
    """What is told of it."""

    findings: tuple[CheckFinding, ...]
    records: tuple[JsonRecord, ...]


def life_proof(proven: Sequence[Proven], left: Sequence[str], unproven: Iterable[CheckFinding] = ()) -> LifeProof:
    """Findings and records; `left` is what could not be removed, `unproven` what was never run."""
    found = [*unproven, *(proof_finding(each) for each in proven)]
    if proven:
        found.append(replace(_left(left), part=CLUSTER))
    return LifeProof(tuple(found), tuple(proof_record(each) for each in proven))


def proof_finding(proven: Proven) -> CheckFinding:
    """The finding of one Job: its code, and the words of whoever stopped it."""
    probe, verdict = proven.probe, proven.verdict
    code = verdict.code
    message = f"{code.id}: {code.title}{': ' + verdict.words if verdict.words else ''}"
    if code.result == PASS:
        told = passed(PROOF, probe.subject, probe.path, message)
    elif code.result == FAIL:
        told = failed(PROOF, probe.subject, message, probe.path, remedy=code.remedy)
    else:
        told = unknown(PROOF, probe.subject, message, probe.path, code.remedy)
    return replace(told, part=probe.namespace, evidence=verdict.evidence)


def proof_record(proven: Proven) -> JsonRecord:
    """The record of one Job."""
    probe, verdict = proven.probe, proven.verdict
    record: JsonRecord = {
        "kind": "proof",
        "id": f"{probe.namespace}/{probe.grant}" if probe.grant else probe.namespace,
        "name": probe.grant or probe.namespace,
        "part": probe.namespace,
        "code": verdict.code.id,
        "layer": verdict.code.layer,
        "grant": probe.grant,
        "bearer": probe.bearer,
        "queue": probe.queue,
        "vendor": probe.vendor,
        "resource": probe.resource,
        "devices": probe.devices,
        "words": verdict.words,
        "evidence": [each.as_record() for each in verdict.evidence],
    }
    if verdict.node:
        record["node"] = verdict.node
    if verdict.result is not None:
        record["reach"] = dict(verdict.result.reach)
        if verdict.result.devices_seen is not None:
            record["devices_seen"] = verdict.result.devices_seen
    return record


def _left(left: Sequence[str]) -> CheckFinding:
    if not left:
        return passed(LEFT, "Jobs of the proof")
    return failed(LEFT, "Jobs of the proof", f"not removed: {listed(sorted(left))}", state=EXTRA)
