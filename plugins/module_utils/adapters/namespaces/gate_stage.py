# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The governance gate on a cluster: its policies and bindings written, looked at, or taken away again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ...common.artifact import JsonRecord, sort_key
from ...common.errors import ReadinessError
from ...common.findings import CRITICAL, CheckFinding, counts, from_write
from ...common.merges import Merge, MergeOutcome
from ...common.owned_fields import ApiObject
from ...common.write_findings import CREATE, NO_ACTION, OWN, UPDATE, Desired, Finding, Policy, Tally
from ...namespaces import check_list as checks
from ...namespaces.gate import gate_objects
from ...namespaces.gate_judging import gate_findings, objects_of
from ...namespaces.model import CLUSTER
from ...namespaces.object_records import object_record
from ...namespaces.readings import BY_ID, OWNER_QUOTAS
from ...namespaces.schema import ordered
from ...platform.admission import ActionsChange, binding_ref
from ...platform.delivery.readings import ADMISSION_BINDINGS, ADMISSION_POLICIES
from ...platform.look_records import cluster_records, reading_records
from ...platform.merge_findings import entry_findings
from ...platform.snapshot import PlatformSnapshot
from ...target.objects import name_of
from ..cluster.client import ApiConnection
from ..cluster.merging import write_merges
from ..cluster.pinned import PinnedWrites
from ..cluster.reader import connect, notices
from ..cluster.session import WriteSession
from ..cluster.writer import WriteRequest, apply, remove
from ..gitops_folder import into_folder
from ..platform.reader import check_readable, read_snapshot
from .artifact import header_of, problem_of, write_artifact
from .gate_request import ABSENT, PART, GateRequest
from .result import APPLY, CHECK, VERIFY, NamespacesResult

RIGHTS_FILE: Final = "roles/governance_gate/files/gate_rights.yml"
POLICIES, BINDINGS = 0, 10
"""Ranks: a binding without its policy is refused by no server, and holds nothing."""

_LISTS: Final = (
    "namespaces",
    "pods",
    "resourcequotas",
    "clusterversions.config.openshift.io",
    OWNER_QUOTAS,
    ADMISSION_POLICIES,
    ADMISSION_BINDINGS,
)
_LAYER: Final = "cluster"


def run_gate(request: GateRequest) -> NamespacesResult:
    """Does what is asked. Raises ReadinessError for a cluster that cannot be read; nothing is written then."""
    minutes = request.settings.deadline_minutes + request.lock_wait_minutes
    with connect(replace(request.settings, deadline_minutes=int(minutes + 1))) as connection:
        return _Call(connection, request).run()


@dataclass(slots=True)
class _Call:
    """One call."""

    connection: ApiConnection
    request: GateRequest

    def run(self) -> NamespacesResult:
        """See `run_gate`."""
        request = self.request
        snapshot = read_snapshot(self.connection, [BY_ID[name] for name in _LISTS], request.settings.page_size)
        check_readable(snapshot, self.connection.access.place, RIGHTS_FILE)
        if request.state == ABSENT:
            return self._told(snapshot, self._taken_away(), ())
        if request.gitops_dir is not None and request.mode != VERIFY:
            return self._into_folder(snapshot, request.gitops_dir / PART)
        tally, merged = self._written(snapshot)
        return self._told(snapshot, tally, merged)

    def _written(self, snapshot: PlatformSnapshot) -> tuple[Tally, Sequence[MergeOutcome]]:
        wanted, merges = self._write_request(objects_of(self.request.gate, snapshot)), list(self._merges(snapshot))
        if self.request.mode != APPLY:
            is_check = self.request.mode == CHECK
            writes = PinnedWrites(self.connection, self.request.run_id, rights=RIGHTS_FILE)
            tally = apply(self.connection, replace(wanted, check=is_check, verify=not is_check))
            return tally, write_merges(writes, merges, check=is_check, verify=not is_check)
        with WriteSession(
            self.connection, self.request.run_id, lease_wait_seconds=60 * self.request.lock_wait_minutes, rights=RIGHTS_FILE
        ) as session:
            tally, merged = session.apply(wanted), write_merges(session, merges)
            if any(outcome.writes for outcome in merged):
                # What was merged is applied as well, so that the next step finds it to be ours.
                session.apply(self._write_request(gate_objects(self.request.gate)))
            return tally, merged

    def _merges(self, snapshot: PlatformSnapshot) -> Iterable[Merge]:
        """Actions of bindings that somebody changed: the server would keep them beside ours."""
        for item in gate_objects(self.request.gate):
            if "policyName" in item["spec"]:
                change = ActionsChange(tuple(item["spec"]["validationActions"]))
                if change.is_needed(snapshot.get(ADMISSION_BINDINGS, "", name_of(item))):
                    yield Merge(binding_ref(name_of(item)), CLUSTER, _LAYER, "action", BINDINGS, change)

    def _taken_away(self) -> Tally:
        request = replace(self._write_request(()), check=self.request.mode == CHECK, verify=self.request.mode == VERIFY)
        return remove(self.connection, request)

    def _write_request(self, items: Iterable[ApiObject]) -> WriteRequest:
        request = self.request
        return WriteRequest(
            policy=Policy(PART, tuple(request.respected)),
            run=request.run_id,
            desired=_desired(items),
            prune=True,
            diff=request.diff,
            page_size=request.settings.page_size,
            wide=True,
            rights=RIGHTS_FILE,
            lease_wait_seconds=60 * request.lock_wait_minutes,
        )

    def _into_folder(self, snapshot: PlatformSnapshot, path: Path) -> NamespacesResult:
        folder = into_folder(path, _desired(gate_objects(self.request.gate)), PART, write=self.request.mode == APPLY)
        return replace(self._told(snapshot, Tally(), ()), folder=folder, changed=folder.changed)

    def _told(self, snapshot: PlatformSnapshot, tally: Tally, merged: Sequence[MergeOutcome]) -> NamespacesResult:
        request = self.request
        found = [*(_of_object(each) for each in tally.findings), *_of_entries(merged)]
        if request.state != ABSENT:
            found += gate_findings(request.gate, snapshot)
        found.sort(key=lambda finding: finding.id)
        records: list[JsonRecord] = [
            *map(object_record, tally.findings),
            *reading_records(snapshot, BY_ID),
            *cluster_records(snapshot),
            *(finding.as_record() for finding in found),
        ]
        unique = {(record["kind"], record["id"]): record for record in map(ordered, records)}
        header = header_of(request.mode, request.today, snapshot.cluster.id)
        failing = [finding for finding in found if finding.failed and finding.severity == CRITICAL]
        planned = [finding for finding in failing if request.mode == CHECK and finding.action != NO_ACTION]
        writes = tally.changed or any(outcome.writes for outcome in merged)
        return NamespacesResult(
            artifact=write_artifact(request.dest, header, sorted(unique.values(), key=sort_key)),
            findings=tuple(found),
            changed=writes and request.mode != VERIFY,
            counts={**counts(found), **_counts(tally, merged), "failed": len(failing)},
            cluster=snapshot.cluster.id,
            diffs=tally.diffs if request.diff else {},
            calls=self.connection.calls.all,
            warnings=tuple(str(notice["message"]) for notice in notices(self.connection)),
            failure=self._failure([each for each in failing if each not in planned], tally.interrupted),
        )

    def _failure(self, failing: Sequence[CheckFinding], interrupted: str) -> ReadinessError | None:
        if not (failing or interrupted):
            return None
        place = self.connection.access.place
        message = f"{place}: {len(failing)} critical failed of the governance gate"
        if interrupted:
            message = f"{message}; it ended early: {interrupted}"
        problems = list(map(problem_of, failing))
        return ReadinessError("governance_gate_not_kept", message, subject=self.request.host, problems=problems)


def _desired(items: Iterable[ApiObject]) -> list[Desired]:
    return [Desired(item, "action", BINDINGS if "policyName" in item["spec"] else POLICIES, OWN) for item in items]


def _of_object(found: Finding) -> CheckFinding:
    return replace(from_write(found, "namespaces", "gate", _LAYER), check=checks.OBJECT.id, part=CLUSTER)


def _of_entries(outcomes: Iterable[MergeOutcome]) -> Iterable[CheckFinding]:
    for outcome in outcomes:
        for found in entry_findings(outcome, checks.OBJECT, f"{outcome.merge.key.text}: {{}}".format):
            yield replace(found, part=CLUSTER)


def _counts(tally: Tally, outcomes: Iterable[MergeOutcome]) -> dict[str, int]:
    found = dict(tally.counts())
    found["updated"] += sum(outcome.finding.action in (CREATE, UPDATE) for outcome in outcomes)
    return found
