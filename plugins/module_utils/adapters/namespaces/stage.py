# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The namespaces stage: contracts held against a cluster, and brought about there, all of a run in one call.

Everything is looked at and compared before anything is written, and looked at again after. A call that could not finish leaves its
artifact all the same, with what is known.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

from ...common.artifact import JsonRecord
from ...common.errors import InputError, ReadinessError
from ...common.findings import CRITICAL, CheckFinding, waived
from ...common.merges import Merge, MergeOutcome, in_words, standing
from ...common.write_findings import (
    CREATE,
    DELETE,
    IN_STEP,
    MISSING,
    NO_ACTION,
    NOT_EVALUATED,
    ORPHANED,
    UPDATE,
    Finding,
    Policy,
    Tally,
)
from ...namespaces import check_list as checks
from ...namespaces.access.findings import Proof
from ...namespaces.contract.model import Contract
from ...namespaces.drift import Applied, Extra, extra_findings, extras, object_findings
from ...namespaces.evidence import evidence
from ...namespaces.facts import secrets_to_read
from ...namespaces.gate_judging import gate_standing
from ...namespaces.judging import Scene, findings_of, owners_that_stay, refusing
from ...namespaces.life.findings import LifeProof
from ...namespaces.load import LoadFold, PodLoad
from ...namespaces.model import CLUSTER
from ...namespaces.objects.pull_secrets import pull_secret_merges
from ...namespaces.offboarding import endings, goes
from ...namespaces.plan import plan_namespaces
from ...namespaces.readings import BY_KIND, RESOURCES
from ...namespaces.served import DECIDING, served_of
from ...namespaces.verify import Verified, unread_lists, verify
from ...platform.accelerators.classes import classes_of
from ...platform.accelerators.fleet import fleet_of
from ...platform.merge_findings import entry_findings
from ...platform.snapshot import PlatformSnapshot
from ...platform.verdicts import failed, unknown
from ..cluster.client import ApiConnection, ApiFault
from ..cluster.merging import write_merges
from ..cluster.ownership import AppliedRecord
from ..cluster.pinned import PinnedWrites
from ..cluster.reader import connect, notices
from ..cluster.resources import Kinds
from ..cluster.reviews import Ask, lacking
from ..cluster.seeds import RECORD_ASKS, doubted, plural_of, seeds_of
from ..cluster.session import WriteSession
from ..cluster.writer import WriteRequest, apply
from ..folder_files import FolderFiles
from ..gitops_folder import into_folder
from ..platform.named import read_named
from ..platform.reader import check_readable, read_snapshot
from .access import prove_access
from .artifact import header_of, problems_of, write_artifact
from .ending import delete_namespaces, doomed, try_deletion
from .extras import remove_extras, try_removal
from .life import MOST_MINUTES, proof_of_life
from .request import AUTO, NEVER, NamespacesRequest
from .result import APPLY, CHECK, STAGE, VERIFY, NamespacesResult
from .saved_target import verify_saved

VERIFY_FILE: Final = "roles/namespaces/files/verify_role.yml"
RIGHTS_FILE: Final = "roles/namespaces/files/apply_rights.yml"
_VERBS: Final = {CREATE: ("create", "patch"), UPDATE: ("patch",), DELETE: ("delete",)}
_HINT: Final = "What was done stands. Mend the causes and run it again: it goes on where it stopped."
_HINTS: Final[Mapping[str, str]] = {
    VERIFY: "Mode verify writes nothing. Mode apply brings about what is missing or differs; the rest is for you to mend.",
    CHECK: "Check mode writes nothing. What a run would bring about by itself is not listed; mend the rest first.",
}


def run_namespaces(request: NamespacesRequest) -> NamespacesResult:
    """Does what is asked.

    Raises `InputError` with every problem of the parameters, and `ReadinessError` for a cluster that cannot be read; nothing is
    written then. What keeps namespaces from being as their contracts say is the result's `failure`, and so is what ended the call
    while it wrote, such as a Lease that another run holds.
    """
    if request.problems:
        message = f"The contracts cannot be looked at: {len(request.problems)} problem(s) with the input"
        raise InputError("namespaces_input", message, subject=STAGE, problems=request.problems)
    if request.target is not None:
        return verify_saved(request, request.target)
    minutes = request.settings.deadline_minutes + request.lock_wait_minutes
    minutes += MOST_MINUTES if request.proof_of_life != NEVER else 0
    with connect(replace(request.settings, deadline_minutes=int(minutes + 1))) as connection:
        return _Call(connection, request).run()


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at the cluster, and what comes of it."""

    scene: Scene
    load: PodLoad
    """what pods ask of nodes, and where they are"""
    judged: tuple[CheckFinding, ...]
    """what does not depend on the objects of the contracts"""

    @property
    def snapshot(self) -> PlatformSnapshot:
        return self.scene.snapshot


@dataclass(slots=True)
class _Call:
    """One call, and what it has found out so far."""

    connection: ApiConnection
    request: NamespacesRequest
    policy: Policy = field(init=False)
    tally: Tally = field(default_factory=Tally)
    """objects as they stood, and what was done about them"""
    merged: tuple[MergeOutcome, ...] = ()
    removed: Sequence[CheckFinding] = ()
    """guarded objects that nobody declared, and that were removed, or would be"""
    ended_spaces: Sequence[CheckFinding] = ()
    """namespaces that went with all that was in them, or would"""
    further: list[CheckFinding] = field(default_factory=list)
    folder: FolderFiles | None = None
    wrote: bool = False
    ended: ReadinessError | None = None

    def __post_init__(self) -> None:
        self.policy = Policy(STAGE, tuple(self.request.respected))

    def run(self) -> NamespacesResult:
        """See `run_namespaces`."""
        look = self._look()
        check_readable(look.snapshot, self.connection.access.place, VERIFY_FILE)
        refused = refusing(self._waived(look.judged))
        if refused and self.request.mode != VERIFY:
            return self._told(look, refused)
        self._compare(look)
        if self.request.gitops_dir is not None and self.request.mode != VERIFY:
            self._into_folder(look, self.request.gitops_dir / STAGE)
        if self.request.mode == APPLY and self.request.gitops_dir is None:
            return self._apply(look)
        return self._told(look, ())

    # ---- looking -----------------------------------------------------------------------------------------------------

    def _look(self) -> _Look:
        request = self.request
        fold = LoadFold()
        snapshot = read_snapshot(self.connection, RESOURCES, request.settings.page_size, takers=(fold,))
        snapshot = snapshot.with_named(read_named(self.connection, secrets_to_read(self._contracts, snapshot)))
        fleet = fleet_of(snapshot, request.platform, request.catalogue)
        contracts = self._contracts
        classes = classes_of(request.platform, request.catalogue)
        ends = endings(contracts, snapshot)
        plan = plan_namespaces(contracts, classes, fleet, served_of(snapshot), request.today, ends)
        scene = Scene(contracts, plan, fleet, snapshot, request.today, ends)
        return _Look(scene, fold.load, (*unread_lists(snapshot), gate_standing(snapshot), *findings_of(scene)))

    @property
    def _contracts(self) -> list[Contract]:
        return [each.contract for each in self.request.placed]

    def _doubt(self, look: _Look) -> str:
        """Why nobody can say what is wanted no more; empty where one can."""
        owners = look.scene.plan.unsettled
        return look.snapshot.why_not(*DECIDING) or (f"nobody knows what owner {', '.join(owners)} is granted" if owners else "")

    def _compare(self, look: _Look) -> None:
        """Finds out how everything stands: in check mode by dry runs, else by reading alone."""
        by_reading = self.request.mode != CHECK or self.request.gitops_dir is not None
        request = replace(self._request(look), check=not by_reading, verify=by_reading)
        self.tally = doubted(apply(self.connection, request), self._doubt(look))
        writes = PinnedWrites(self.connection, self.request.run_id, rights=RIGHTS_FILE)
        merges = pull_secret_merges(look.scene.kept, look.snapshot, prune=self.request.prune)
        coming = [merge for merge in merges if not by_reading and not _has_namespace(merge, look.snapshot)]
        tried = write_merges(writes, [merge for merge in merges if merge not in coming], check=not by_reading, verify=by_reading)
        self.merged = (*tried, *map(_foreseen, coming))
        if self.request.remove_extra and not by_reading:
            self.removed = try_removal(writes, self._extras(look))
        if not by_reading:
            self.ended_spaces = try_deletion(self.connection, doomed(look.scene), RIGHTS_FILE)

    def _request(self, look: _Look) -> WriteRequest:
        request = self.request
        objects = look.scene.plan.objects
        return WriteRequest(
            policy=self.policy,
            run=request.run_id,
            desired=objects,
            prune=request.prune and not self._doubt(look),
            leaving=partial(goes, ends=list(look.scene.endings.values()), owners=owners_that_stay(self._contracts)),
            diff=request.diff,
            page_size=request.settings.page_size,
            wide=True,
            rights=RIGHTS_FILE,
            lease_wait_seconds=60 * request.lock_wait_minutes,
            seeds=seeds_of(look.snapshot, (each.object for each in objects), BY_KIND),
            # Of a new namespace nothing can be tried before it is there, and trying would take longer than writing.
            tries_new=False,
        )

    def _extras(self, look: _Look) -> list[Extra]:
        return extras(self._contracts, look.scene.plan, look.snapshot, self.policy)

    # ---- writing -----------------------------------------------------------------------------------------------------

    def _apply(self, look: _Look) -> NamespacesResult:
        beside = self._extras(look) if self.request.remove_extra else []
        asks = self._asks(look, beside)
        if not asks:
            return self._told(look, ())
        if lacks := lacking(self.connection, _narrowed(self.connection, asks)):
            found = (failed(checks.RIGHTS, ask.words, f"the account may not {ask.words}") for ask in lacks)
            self.further += [replace(each, part=CLUSTER) for each in found]
            return self._told(look, self.further)
        try:
            self._write(look, beside)
            look = self._look()
        except ReadinessError as error:
            # What is known so far is kept all the same.
            self.ended = error
        except ApiFault as fault:
            self.ended = self.connection.error(fault.message)
        return self._told(look, ())

    def _asks(self, look: _Look, beside: Iterable[Extra]) -> list[Ask]:
        """What the account has to be allowed for all that is to be done; none where nothing is."""
        kinds = Kinds(self.connection)
        versions = {each.key: str(each.object["apiVersion"]) for each in look.scene.plan.objects}
        asks = []
        for finding in self.tally.findings:
            verbs = _VERBS[CREATE] if finding.result == NOT_EVALUATED else _VERBS.get(finding.action, ())
            plural = plural_of(kinds, versions.get(finding.key, ""), finding.key, BY_KIND) if verbs else ""
            asks += [Ask(verb, finding.key.group, plural, finding.key.namespace) for verb in verbs if plural]
        for outcome in self._unsettled():
            verb = "create" if outcome.finding.state == MISSING else "patch"
            asks.append(Ask(verb, "", "serviceaccounts", outcome.merge.ref.namespace))
        for each in beside:
            plural = plural_of(kinds, each.api_version, each.key, BY_KIND)
            asks.append(Ask("delete", each.key.group, plural, each.key.namespace))
        asks += [Ask("delete", "", "namespaces") for _each in doomed(look.scene)]
        return [*asks, *RECORD_ASKS] if asks or self.tally.changed else []

    def _unsettled(self) -> list[MergeOutcome]:
        return [outcome for outcome in self.merged if outcome.finding.state != IN_STEP]

    def _write(self, look: _Look, beside: Sequence[Extra]) -> None:
        request = self.request
        session = WriteSession(self.connection, request.run_id, lease_wait_seconds=60 * request.lock_wait_minutes, rights=RIGHTS_FILE)
        with session:
            try:
                self.tally = doubted(session.apply(self._request(look)), self._doubt(look))
                merges = [outcome.merge for outcome in self._unsettled()]
                if merges and not self.tally.interrupted:
                    self.merged = write_merges(session, merges)
                if beside and not self.tally.interrupted:
                    self.removed = remove_extras(session, beside)
                if (going := doomed(look.scene)) and not self.tally.interrupted:
                    self.ended_spaces = delete_namespaces(session, going, time.sleep, int(60 * request.wait_minutes))
            finally:
                self.wrote = self.wrote or session.holds

    def _into_folder(self, look: _Look, folder_path: Path) -> None:
        """Writes the folder instead of the cluster; what files cannot say is told."""
        objects = look.scene.plan.objects
        if objects or folder_path.is_dir():
            self.folder = into_folder(folder_path, objects, STAGE, write=self.request.mode == APPLY)
        for outcome in self._unsettled():
            told = in_words(outcome.entries) or outcome.finding.message
            message = f"names of pull secrets are merged among those of others, and no file can do that: {told}"
            found = failed(checks.GITOPS, outcome.merge.key.text, message, outcome.merge.path)
            self.further.append(replace(found, part=outcome.merge.part))

    # ---- what came of it ---------------------------------------------------------------------------------------------

    def _waived(self, found: Iterable[CheckFinding]) -> list[CheckFinding]:
        """The findings with waivers of the contracts that they are about."""
        waivers = {each.namespace: each.waivers for each in self._contracts}
        return [told for each in found for told in waived([each], waivers.get(each.part, ()), self.request.today)]

    def _applied(self) -> Applied:
        """What was applied last, as the cluster's own record has it."""
        try:
            entries = AppliedRecord(self.connection, STAGE, rights=RIGHTS_FILE).read()
        except ReadinessError as error:
            return Applied({}, error.message)
        return Applied({key: entry.sha256 for key, entry in entries.items()})

    def _told(self, look: _Look, refused: Sequence[CheckFinding]) -> NamespacesResult:
        """Writes the artifact, and says what came of the call."""
        compared = self.tally.findings
        found = [*look.judged, *self.further]
        records: list[JsonRecord] = []
        if not refused or self.request.mode == VERIFY:
            gone = {each.subject for each in self.ended_spaces}
            compared = tuple(each for each in compared if each.key.text not in gone)
            found += self.ended_spaces
            found += object_findings(compared, look.scene.plan, look.snapshot, self._before(compared), self.policy)
            found += _entry_findings(self.merged)
            tried = {each.subject for each in self.removed}
            left = [each for each in self._extras(look) if each.finding.subject not in tried]
            found += [*self.removed, *extra_findings(self._contracts, left, look.snapshot)]
            for shown in (evidence(look.scene, look.load), self._access(look), self._life(look)):
                found, records = [*found, *shown.findings], [*records, *shown.records]
        else:
            found += _not_compared(self._contracts, len(refused))
        applied = self.request.mode == APPLY and self.request.gitops_dir is None and self.ended is None
        verified = verify(self.request.placed, look.scene, compared, found, records, applied=applied)
        header = header_of(self.request.mode, self.request.today, look.snapshot.cluster.id, self.request.inputs)
        written = write_artifact(self.request.dest, header, verified.records)
        return NamespacesResult(
            artifact=written,
            findings=verified.findings,
            changed=self.wrote or self._foresees() or (self.folder is not None and self.folder.changed),
            counts={**verified.counts, **self._written_counts(), "failed": len(verified.failed())},
            cluster=look.snapshot.cluster.id,
            diffs=self.tally.diffs if self.request.diff else {},
            folder=self.folder,
            calls=self.connection.calls.all,
            warnings=(*self.request.warnings, *(str(notice["message"]) for notice in notices(self.connection))),
            failure=self.ended or self._failure(verified, refused),
        )

    def _access(self, look: _Look) -> Proof:
        """What tenants may do, by the API server's own word; nothing where that is not asked for."""
        wanted = self.request.access_proof
        if wanted == NEVER or (wanted == AUTO and not (self.wrote or self.request.mode == VERIFY)) or self.ended is not None:
            return Proof((), ())
        closed = [replace(each, personas=()) if each.offboarding is not None else each for each in self._contracts]
        return prove_access(self.connection, closed, self.request.personas, look.snapshot)

    def _life(self, look: _Look) -> LifeProof:
        """What came of Jobs that were run as tenants; nothing where that is not asked for, or nothing may be written."""
        request = self.request
        if request.proof_of_life == NEVER or request.mode != APPLY or request.gitops_dir is not None or self.ended is not None:
            return LifeProof((), ())
        wait_seconds = 60 * request.lock_wait_minutes
        return proof_of_life(
            self.connection, look.scene, request.personas, request.probe_image, request.run_id, lease_wait_seconds=wait_seconds
        )

    def _before(self, compared: Iterable[Finding]) -> Applied:
        """The record, where anything differs that it could tell something about."""
        differs = any(finding.action == UPDATE or finding.state not in (IN_STEP, ORPHANED) for finding in compared)
        return self._applied() if differs else Applied({})

    def _foresees(self) -> bool:
        is_check = self.request.mode == CHECK and self.request.gitops_dir is None
        return is_check and (
            self.tally.changed or bool(self.removed or self.ended_spaces) or any(outcome.writes for outcome in self.merged)
        )

    def _written_counts(self) -> dict[str, int]:
        found = dict(self.tally.counts())
        for outcome in self.merged:
            word = {CREATE: "created", UPDATE: "updated"}.get(outcome.finding.action, "")
            if word:
                found[word] = found.get(word, 0) + 1
        found["deleted"] = found.get("deleted", 0) + sum(each.action == DELETE for each in (*self.removed, *self.ended_spaces))
        return found

    def _failure(self, verified: Verified, refused: Sequence[CheckFinding]) -> ReadinessError | None:
        place, subject = self.connection.access.place, self.request.host
        if refused and self.request.mode != VERIFY:
            message = f"{place}: {len(refused)} thing(s) keep the contracts from being applied; nothing was written"
            return InputError("namespaces_refused", message, subject=subject, problems=problems_of(refused, self.request.placed))
        told = [finding for finding in verified.failed() if finding.severity == CRITICAL and not self._is_planned(finding)]
        interrupted = self.tally.interrupted
        if not (told or interrupted):
            return None
        unknown = sum(finding.result == NOT_EVALUATED for finding in told)
        numbers = f"{len(told) - unknown} critical failed and {unknown} could not be evaluated"
        message = f"{place}: {numbers}, of {len(verified.findings)} checks of {len(self.request.placed)} contracts"
        if interrupted:
            message = f"{message}; it ended early: {interrupted}"
        code = "namespaces_interrupted" if interrupted else "namespaces_not_kept"
        hint = _HINTS.get(self.request.mode, _HINT)
        return ReadinessError(code, message, subject=subject, problems=problems_of(told, self.request.placed), hint=hint)

    def _is_planned(self, finding: CheckFinding) -> bool:
        """Whether it is only still to be done: by the run that is checked, or by whoever applies the GitOps folder."""
        return finding.action != NO_ACTION and (self.request.gitops_dir is not None or self.request.mode == CHECK)


def _not_compared(contracts: Iterable[Contract], number: int) -> Iterator[CheckFinding]:
    """What is said of the objects of each contract where nothing was held against the cluster: nobody knows how they stand."""
    reason = f"they were not compared: {number} thing(s) keep the contracts from being applied"
    for each in contracts:
        found = unknown(checks.OBJECT, f"objects of {each.namespace}", reason, remedy="mend what keeps the contracts from being applied")
        yield replace(found, part=each.namespace)


def _has_namespace(merge: Merge, snapshot: PlatformSnapshot) -> bool:
    return snapshot.get("namespaces", "", merge.ref.namespace) is not None


def _foreseen(merge: Merge) -> MergeOutcome:
    """What a merge will come to in a namespace that is yet to be made, where nothing can be tried: its service account is there by then."""
    ref = merge.ref
    bare = {"apiVersion": ref.api_version, "kind": ref.kind, "metadata": {"name": ref.name, "namespace": ref.namespace}}
    merged = merge.change.of(bare)
    return MergeOutcome(merge, standing(merge, bare, merged), merged.entries, bare, merged.object)


def _narrowed(connection: ApiConnection, asks: Sequence[Ask]) -> list[Ask]:
    """What has to be asked for each namespace: only what the account may not do in all of them."""
    wide = {ask: replace(ask, namespace="") for ask in asks}
    lacks = set(lacking(connection, wide.values()))
    return [ask for ask, everywhere in wide.items() if everywhere in lacks]


def _entry_findings(outcomes: Iterable[MergeOutcome]) -> Iterator[CheckFinding]:
    for outcome in outcomes:
        account = f"service account {outcome.merge.ref.namespace}/{outcome.merge.ref.name}"
        for found in entry_findings(outcome, checks.PULL_SECRET, f"{account}: {{}}".format):
            yield replace(found, part=outcome.merge.part)
