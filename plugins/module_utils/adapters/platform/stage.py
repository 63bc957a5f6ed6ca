# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform stage: one part of the document held against a cluster, and brought about there.

Everything is looked at and planned before anything is written. A call that could not finish leaves its artifact all the same,
with what is known.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from ...common.artifact import ArtifactHeader, ArtifactWritten, JsonRecord
from ...common.errors import InputError, Problem, ReadinessError
from ...common.findings import CRITICAL, WARNING, CheckFinding, waived
from ...common.merges import Merge, MergeOutcome, in_words
from ...common.write_findings import CREATE, IN_STEP, MISSING, NO_ACTION, NOT_EVALUATED, UPDATE, ObjectKey, Tally
from ...platform.checks import LAYERS
from ...platform.cluster_checks import GITOPS, RIGHTS
from ...platform.identity.access import access_plan
from ...platform.identity.access_findings import access_findings
from ...platform.monitoring.own_rules import judged as judged_rules
from ...platform.monitoring.own_rules import rule_probes
from ...platform.names import names_to_read
from ...platform.olm.causes import CATALOG_SECONDS
from ...platform.olm.offboard import instances_to_read
from ...platform.olm.seen import operators_of
from ...platform.openshift_ai.serving import judged as judged_probes
from ...platform.openshift_ai.serving import probes
from ...platform.outside import Outside
from ...platform.parts import Context, PartPlan, Step, Wait, joined
from ...platform.planning import merge_outcomes, part_stage, plan_platform, with_fleet
from ...platform.progress import Progress
from ...platform.readings import BY_KIND, PART_RESOURCES
from ...platform.snapshot import Named, NamedRead, PlatformSnapshot
from ...platform.verdicts import failed
from ...platform.verify import Verified, cluster_findings, object_named, unseen, verify
from ...target.model import ABSENT, READ
from ..artifacts import ArtifactWriter, replace_if_changed
from ..cluster.client import ApiConnection, ApiFault
from ..cluster.merging import write_merges
from ..cluster.pinned import PinnedWrites
from ..cluster.reader import connect, notices
from ..cluster.resources import Kinds
from ..cluster.reviews import Ask, lacking
from ..cluster.seeds import plural_of
from ..cluster.session import WriteSession
from ..folder_files import FolderFiles
from ..gitops_folder import into_folder, part_folder
from ..working_folder import working_folder
from ..yaml_editing import PyYamlText
from .access_reviews import ask_access
from .instances import read_instances
from .modes import APPLY, CHECK, PREFLIGHT, VERIFY
from .named import read_named
from .operating import operate
from .outside import look_outside
from .probing import try_probes
from .reader import check_readable, read_snapshot
from .request import PlatformRequest, PlatformResult
from .rollbacks import RollbackFiles
from .waiting import Patience, Waited, judged, look_at, wait
from .writing import RIGHTS as RIGHTS_FILE
from .writing import Writing, desired_of

VERIFY_FILE: Final = "roles/operators/files/verify_role.yml"
OPERATORS, OPENSHIFT_AI, IDENTITY, MONITORING = "operators", "openshift_ai", "identity", "monitoring"
HELD_CHECK: Final = "platform.operators.removed.held"
CATALOG_CHECK: Final = "platform.operators.catalog.not_ready"
FURTHER_TURNS: Final = 2
"""How often what is wanted is worked out anew after something was written and has become ready."""

_NOTHING_WRITTEN: Final = "nothing was written"
_HINT: Final = "What was done stands. Mend the causes and run it again: it goes on where it stopped."
_HINTS: Final[Mapping[str, str]] = {
    VERIFY: "Mode verify writes nothing. Mode apply brings about what is missing or differs; the rest is for you to mend.",
    CHECK: "Check mode writes nothing. What a run would bring about by itself is not listed; mend the rest first.",
}


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as the stage sees it: seconds that only grow, and waiting."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep


def run_platform(request: PlatformRequest, clock: Clock = Clock()) -> PlatformResult:
    """Does what is asked. The preflight writes nothing; in mode verify it judges all of its parts with one look at the cluster.

    Raises `InputError` with every problem of the parameters, and `ReadinessError` for a cluster that cannot be read; nothing is
    written then. What keeps the part from being as the document has it is the result's `failure`, and so is what ended the call
    while it wrote, such as a Lease that another run holds.
    """
    if request.problems:
        message = f"The platform cannot be looked at: {len(request.problems)} problem(s) with the input"
        raise InputError("platform_input", message, subject="platform", problems=request.problems)
    minutes = request.settings.deadline_minutes + request.lock_wait_minutes + request.wait_minutes * _longest_way(request)
    with connect(replace(request.settings, deadline_minutes=int(minutes + 1))) as connection:
        return _Call(connection, request, clock).run()


def _longest_way(request: PlatformRequest) -> int:
    """How many waits may follow one another: levels of operators, ranks of objects."""
    operators = request.desired.operators
    return 8 + (len(operators.wanted) if operators else 0)


@dataclass(slots=True)
class _Call:
    """One call, and what it has found out so far."""

    connection: ApiConnection
    request: PlatformRequest
    clock: Clock
    writings: list[Writing] = field(default_factory=list)
    """one for each part that is compared; of several parts those whose section the document has"""
    further: list[CheckFinding] = field(default_factory=list)
    done: list[Step] = field(default_factory=list)
    folder: FolderFiles | None = None
    outside: Outside | None = None
    """what was seen of servers beside the cluster, looked at once"""
    tried_rules: tuple[CheckFinding, ...] | None = None
    """what the server said of the document's own rules; None before it was asked"""
    merged: tuple[MergeOutcome, ...] = ()
    """what came of entries of objects that no server merges, or would"""
    rollbacks: tuple[str, ...] = ()
    """files from which what was written to logins can be taken back"""
    wrote: bool = False
    """whether the Lease was taken, and so anything written to the cluster"""
    ended: ReadinessError | None = None
    """what ended the call before its time"""

    def run(self) -> PlatformResult:
        """See `run_platform`."""
        context, plans, refusing = self._judge()
        if refusing and all(finding.check == CATALOG_CHECK for finding in refusing):
            # A catalog that is being connected to, as after its pod was renewed, is ready within seconds.
            self.clock.sleep(CATALOG_SECONDS)
            context, plans, refusing = self._judge()
        plan = joined(*plans.values())
        if self._only_refuses or (self.request.mode != VERIFY and refusing):
            return self._told(context, plan, {}, refusing)
        for part, its in plans.items():
            is_asked = getattr(self.request.desired, part) is not None
            if self.request.part == PREFLIGHT and not is_asked:
                # A section that is not there asks for nothing, and nothing of it is checked.
                continue
            # A document without the section says nothing of the part: another one may.
            prune = self.request.prune and is_asked
            self.writings.append(Writing(self.connection, replace(self.request, part=part, prune=prune), context.snapshot, its))
            self.writings[-1].compare()
        self._compare_merges(plan)
        if self.request.gitops_dir is not None and self.request.mode != VERIFY:
            self._into_folder(plan)
        if self.request.mode != APPLY or self.request.gitops_dir is not None:
            return self._told(context, plan, self._standing(context, plan), refusing)
        return self._apply(context, plan, self.writings[0])

    @property
    def _only_refuses(self) -> bool:
        """Whether it is a preflight before anything is written: it finds what refuses, and holds no object against the cluster."""
        return self.request.part == PREFLIGHT and self.request.mode != VERIFY

    # ---- looking -----------------------------------------------------------------------------------------------------

    def _judge(self) -> tuple[Context, dict[str, PartPlan], list[CheckFinding]]:
        """A look at the cluster, what each part wants of it, and what keeps anything from being written."""
        snapshot = self._look()
        check_readable(snapshot, self.connection.access.place, VERIFY_FILE)
        self._check_rollback(snapshot)
        context = self._context(snapshot)
        plans = {part: plan_platform(context, (part,)) for part in self.request.parts}
        self.further = [*cluster_findings(context, self._needed()), *self._rule_findings(context)]
        findings = (finding for plan in plans.values() for finding in plan.findings)
        return context, plans, self._refusing([*self.further, *findings], context)

    def _rule_findings(self, context: Context) -> Sequence[CheckFinding]:
        """What the server says of the document's own rules, by dry runs, where promtool could not be asked; it is asked once."""
        if self.tried_rules is None:
            seen = context.outside.promql
            asked = rule_probes(context.desired.monitoring, seen, context.snapshot) if MONITORING in self.request.parts else ()
            self.tried_rules = tuple(judged_rules(asked, try_probes(self.connection, asked), seen)) if asked else ()
        return self.tried_rules

    def _look(self) -> PlatformSnapshot:
        request = self.request
        first = read_snapshot(self.connection, page_size=request.settings.page_size)
        look = first.with_named(read_named(self.connection, names_to_read(request.desired, request.catalogue, first)))
        section = request.desired.operators
        if section is None or OPERATORS not in request.parts:
            return look
        return look.with_instances(read_instances(self.connection, instances_to_read(operators_of(section, request.catalogue), look)))

    def _context(self, snapshot: PlatformSnapshot) -> Context:
        request = self.request
        if self.outside is None:
            self.outside = look_outside(request, snapshot)
        taken_back = request.rollback.change if request.rollback else None
        context = Context(
            request.desired,
            snapshot,
            request.catalogue,
            request.today,
            rendered=request.rendered,
            now=request.now,
            prune=request.prune,
            outside=self.outside,
            yaml=PyYamlText(),
            taken_back=taken_back,
        )
        return with_fleet(context)

    def _check_rollback(self, snapshot: PlatformSnapshot) -> None:
        """A former write is taken back on the cluster that it was made on."""
        rollback, cluster = self.request.rollback, snapshot.cluster.id
        if rollback is not None and (not cluster or rollback.cluster != cluster):
            message = f"{self.connection.access.place}: the write to take back was made on cluster {rollback.cluster or 'not known'}"
            raise InputError("platform_other_cluster", message, subject=self.request.host, hint=f"This is {cluster or 'not known'}.")

    def _compare_merges(self, plan: PartPlan) -> None:
        """Finds out how entries stand that no server merges: by dry runs; in mode verify and for a GitOps folder by reading alone."""
        by_reading = self.request.mode == VERIFY or self.request.gitops_dir is not None
        writes = PinnedWrites(self.connection, self.request.run_id, rights=RIGHTS_FILE)
        self.merged = write_merges(writes, plan.merges, check=not by_reading, verify=by_reading)

    def _unsettled(self) -> list[MergeOutcome]:
        """What came of the merges whose entries are not as they are wanted, or are not known to be."""
        return [outcome for outcome in self.merged if outcome.finding.state != IN_STEP]

    def _merge_asks(self) -> list[Ask]:
        """What the account has to be allowed for entries that are to be written; a dry run that was refused says so as well."""
        kinds = Kinds(self.connection)
        found = []
        for outcome in self._unsettled():
            key, ref = outcome.merge.key, outcome.merge.ref
            if plural := plural_of(kinds, ref.api_version, key, BY_KIND):
                found.append(Ask("create" if outcome.finding.state == MISSING else "patch", key.group, plural, key.namespace))
        return found

    def _needed(self) -> list[str]:
        """Lists without which the parts of this call cannot be judged."""
        return [identity for part in self.request.parts if getattr(self.request.desired, part) for identity in PART_RESOURCES[part]]

    def _refusing(self, findings: Iterable[CheckFinding], context: Context) -> list[CheckFinding]:
        told = waived(findings, context.desired.waivers, context.today)
        return [finding for finding in told if finding.refuses and finding.failed]

    # ---- writing -----------------------------------------------------------------------------------------------------

    def _apply(self, context: Context, plan: PartPlan, writing: Writing) -> PlatformResult:
        merges = self._merge_asks()
        asks = [*writing.asks(), *merges] if writing.has_work or writing.is_uncertain or merges else []
        if asks and (lacks := lacking(self.connection, asks)):
            self.further += [failed(RIGHTS, ask.words, f"the account may not {ask.words}") for ask in lacks]
            return self._told(context, plan, self._standing(context, plan), self._refusing(self.further, context))
        try:
            self._write(context, plan, writing)
            if self.wrote:
                context, plan, writing = self._renewed(context, writing)
            else:
                standing = self._standing(context, plan)
                # What was waited for in vain is not waited for again.
                late = [one for one, waited in standing.items() if not waited.is_ready and one not in writing.waited]
                writing.waited = {**standing, **self._wait(late, ())}
        except ReadinessError as error:
            # What is known so far is kept all the same.
            self.ended = error
        except ApiFault as fault:
            self.ended = self.connection.error(fault.message)
        return self._told(context, plan, writing.waited, ())

    def _renewed(self, context: Context, writing: Writing) -> tuple[Context, PartPlan, Writing]:
        """The plan of a further look, and what it wants beyond the one before: operands label nodes, and on labels rest further objects."""
        for turn in range(FURTHER_TURNS + 1):
            context = self._context(self._look())
            plan = plan_platform(context, self.request.parts)
            plan = replace(plan, steps=tuple(dict.fromkeys((*self.done, *plan.steps))))
            if self.request.part == OPERATORS or not writing.is_through or self._refusing(plan.findings, context):
                break
            following = writing.followed_by(context.snapshot, plan)
            following.compare()
            self.writings[self.writings.index(writing)] = writing = following
            if not writing.compared.writes:
                break
            lacks = lacking(self.connection, writing.asks())
            if lacks or turn == FURTHER_TURNS:
                self.further += [failed(RIGHTS, ask.words, f"the account may not {ask.words}") for ask in lacks]
                writing.leave_undone()
                break
            self._write(context, plan, writing)
        return context, plan, writing

    def _write(self, context: Context, plan: PartPlan, writing: Writing) -> None:
        request = self.request
        session = WriteSession(self.connection, request.run_id, lease_wait_seconds=60 * request.lock_wait_minutes, rights=RIGHTS_FILE)
        with session:
            try:
                if request.part == OPERATORS:
                    patience = Patience(request.wait_minutes)
                    operated = operate(writing, session, context, patience, self.clock.now, self.clock.sleep)
                    self.further += operated.findings
                    self.done += operated.steps
                    writing.waited = dict(self._wait(plan.waits, ()))
                elif writing.has_work or (writing.plan.merges and self._unsettled()):
                    left = writing.write(session, self._wait, partial(self._merge, session, context.snapshot.cluster.id))
                    self.merged = tuple(_without_turn(outcome) if outcome.merge in left else outcome for outcome in self.merged)
            finally:
                self.wrote = self.wrote or session.holds

    def _merge(self, session: WriteSession, cluster: str, merges: Sequence[Merge]) -> None:
        """Writes entries of objects of others, and keeps what came of it and from which files it can be taken back."""
        files = RollbackFiles(self.request.run_dir, cluster)
        try:
            outcomes = write_merges(session, merges, journal=files)
        finally:
            # What was sent before the server went away may have been done.
            self.rollbacks = tuple(dict.fromkeys((*self.rollbacks, *files.paths)))
        self.merged = (*(outcome for outcome in self.merged if outcome.merge not in merges), *outcomes)

    def _wait(self, waits: Sequence[Wait], changed: Collection[ObjectKey]) -> Mapping[Wait, Waited]:
        patience = Patience(self.request.wait_minutes)
        return wait(look_at(self.connection), waits, patience, clock=self.clock.now, sleep=self.clock.sleep, changed=changed)

    def _into_folder(self, plan: PartPlan) -> None:
        """Writes the folder instead of the cluster; what is no object is left to people."""
        request = self.request
        if request.gitops_dir is None:
            return
        folder = part_folder(request.gitops_dir, request.part)
        # kustomize refuses a kustomization that names nothing: where a part has never had an object there is no folder.
        if plan.objects or folder.is_dir():
            self.folder = into_folder(folder, map(desired_of, plan.objects), part_stage(request.part), write=request.mode == APPLY)
        for step in plan.steps:
            self.further.append(failed(GITOPS[step.part], step.subject, f"{step.verb} {step.ref.text} is no object: {step.reason}"))
        for outcome in self._unsettled():
            told = in_words(outcome.entries) or outcome.finding.message or "not as the document has it"
            message = f"its entries are merged among those of others, and no file can do that: {told}"
            self.further.append(failed(GITOPS[outcome.merge.part], outcome.merge.key.text, message, outcome.merge.path, severity=WARNING))

    def _probe(self, context: Context) -> None:
        """Asks the server whether what people will want to create would be admitted, by dry runs."""
        if OPENSHIFT_AI in self.request.parts and (asked := probes(context)):
            self.further += judged_probes(asked, try_probes(self.connection, asked))
        if IDENTITY in self.request.parts and context.desired.identity is not None:
            access = access_plan(context)
            self.further += access_findings(access, ask_access(self.connection, access.questions))

    # ---- what came of it ---------------------------------------------------------------------------------------------

    def _standing(self, context: Context, plan: PartPlan) -> dict[Wait, Waited]:
        """How far what is waited for has come, without waiting. Of what is yet to be written nothing is said."""
        compared = [finding for writing in self.writings for finding in writing.compared.findings]
        coming = {finding.key for finding in compared if finding.action in (CREATE, UPDATE) and self.request.mode == CHECK}
        asked = [one for one in plan.waits if one.ref.key not in coming]
        unread = [one.ref for one in asked if object_named(one.ref, context.snapshot)[0] not in (READ, ABSENT)]
        snapshot = context.snapshot.with_named(read_named(self.connection, unread)) if unread else context.snapshot
        return {one: judged(_read(one.ref, snapshot), snapshot) for one in asked}

    def _told(self, context: Context, plan: PartPlan, waited: Mapping[Wait, Waited], refusing: Sequence[CheckFinding]) -> PlatformResult:
        """Writes the artifact, and says what came of the call."""
        if self.writings and self.ended is None and (not refusing or self.request.mode == VERIFY):
            self._probe(context)
        compared = {writing.request.part: writing.tally.findings for writing in self.writings}
        tally = _joined([writing.tally for writing in self.writings])
        known: dict[Wait, Progress | None] = {one: found.progress for one, found in waited.items() if not found.reason}
        unknown = [unseen(one, found.reason) for one, found in waited.items() if found.reason]
        applied = self.request.mode == APPLY and self.request.gitops_dir is None and self.ended is None
        entries = merge_outcomes(self.merged)
        verified = verify(context, plan, compared, known, [*self.further, *unknown, *entries], self.done, applied=applied)
        written = self._write_artifact(context, verified)
        is_check = self.request.mode == CHECK and self.request.gitops_dir is None
        foreseen = is_check and (any(writing.has_work for writing in self.writings) or any(outcome.writes for outcome in self.merged))
        return PlatformResult(
            artifact=written,
            findings=verified.findings,
            changed=self.wrote or foreseen or (self.folder is not None and self.folder.changed),
            counts={**verified.counts, **(self._written_counts(tally) if self.writings else {}), "failed": len(verified.failed())},
            cluster=context.snapshot.cluster.id,
            rollbacks=self.rollbacks,
            diffs={**tally.diffs, **_entry_diffs(self.merged)} if self.request.diff else {},
            folder=self.folder,
            calls=self.connection.calls.all,
            warnings=(*self.request.warnings, *(str(notice["message"]) for notice in notices(self.connection))),
            failure=self.ended or self._failure(verified, refusing, tally.interrupted),
        )

    def _written_counts(self, tally: Tally) -> dict[str, int]:
        """Objects by what is done about them, those among whose entries something is done included."""
        found = dict(tally.counts())
        for outcome in self.merged:
            word = {CREATE: "created", UPDATE: "updated"}.get(outcome.finding.action, "")
            if word:
                found[word] = found.get(word, 0) + 1
        return found

    def _write_artifact(self, context: Context, verified: Verified) -> ArtifactWritten:
        request = self.request
        catalogue = {"version": request.catalogue.version, "sha256": request.catalogue.sha256}
        extra: dict[str, object] = {"parts": list(request.parts), "catalogue": catalogue}
        if context.snapshot.cluster.id:
            extra["cluster"] = context.snapshot.cluster.id
        header = ArtifactHeader("platform", request.inputs, request.mode, extra)
        try:
            request.dest.parent.mkdir(parents=True, exist_ok=True)
            with working_folder(request.dest.parent, request.dest.name) as folder:
                with ArtifactWriter(folder / request.dest.name, header) as writer:
                    for record in verified.records:
                        writer.write(record)
                    made = writer.finish()
                changed = replace_if_changed(folder / request.dest.name, request.dest, made.sha256)
        except OSError as error:
            message = f"{request.dest.name} cannot be written: {error.strerror or error}"
            hint = "Check the folder's owner and free space."
            raise ReadinessError("platform_unwritable", message, subject=request.dest.name, hint=hint) from error
        return ArtifactWritten(str(request.dest), made.sha256, changed, made.counts)

    def _failure(self, verified: Verified, refusing: Sequence[CheckFinding], interrupted: str) -> ReadinessError | None:
        place = self.connection.access.place
        if refusing and self.request.mode != VERIFY:
            message = f"{place}: {len(refusing)} thing(s) keep the document from being applied; {_NOTHING_WRITTEN}"
            return InputError("platform_refused", message, subject=self.request.host or place, problems=list(map(_problem, refusing)))
        told = [finding for finding in verified.failed() if finding.severity == CRITICAL and not self._is_planned(finding)]
        if self._only_refuses or not (told or interrupted):
            return None
        message = f"{place}: {_numbers(told)}, of {len(verified.findings)} checks of {', '.join(self.request.parts)}"
        if interrupted:
            message = f"{message}; it ended early: {interrupted}"
        hint = _HINTS.get(self.request.mode, _HINT)
        problems = list(map(_problem, _from_the_ground_up(told)))
        # What holds a removal may be what later parts remove.
        held = "platform_held" if all(finding.check == HELD_CHECK for finding in told) else "platform_not_ready"
        code = "platform_interrupted" if interrupted else held
        return ReadinessError(code, message, subject=self.request.host or place, problems=problems, hint=hint)

    def _is_planned(self, finding: CheckFinding) -> bool:
        """Whether it is only still to be done: by the run that is checked, or by whoever applies the GitOps folder."""
        return finding.action != NO_ACTION and (self.request.gitops_dir is not None or self.request.mode == CHECK)


def _joined(tallies: Sequence[Tally]) -> Tally:
    """What was found of several parts."""
    diffs = {name: diff for tally in tallies for name, diff in tally.diffs.items()}
    interrupted = "; ".join(dict.fromkeys(tally.interrupted for tally in tallies if tally.interrupted))
    return Tally(tuple(finding for tally in tallies for finding in tally.findings), diffs, interrupted)


def _entry_diffs(outcomes: Iterable[MergeOutcome]) -> dict[str, tuple[JsonRecord, JsonRecord]]:
    """Entries that are written, by object; of what others have in it, which may be anything, nothing is shown."""
    return {
        f"entries of {outcome.merge.key.text}": (
            {entry.name: entry.state for entry in outcome.entries if entry.action != NO_ACTION},
            {entry.name: "; ".join(filter(None, (entry.action, entry.message))) for entry in outcome.entries if entry.action != NO_ACTION},
        )
        for outcome in outcomes
        if outcome.writes
    }


def _without_turn(outcome: MergeOutcome) -> MergeOutcome:
    """What is said of entries that were to be written when the writing ended before."""
    if not outcome.writes:
        return outcome
    message = "they were not written: the writing ended before their turn came"
    finding = replace(outcome.finding, state=NOT_EVALUATED, result=NOT_EVALUATED, action=NO_ACTION, message=message, remedy="run it again")
    return replace(outcome, finding=finding, entries=(), after=None)


def _read(ref: Named, snapshot: PlatformSnapshot) -> NamedRead:
    state, item = object_named(ref, snapshot)
    return NamedRead(state, item, reason=snapshot.named(ref).reason)


def _numbers(told: Sequence[CheckFinding]) -> str:
    """How many critical checks failed, and how many could not be made."""
    unknown = sum(finding.result == NOT_EVALUATED for finding in told)
    words = [f"{len(told) - unknown} critical failed"] if unknown < len(told) or not told else []
    return " and ".join([*words, *([f"{unknown} critical could not be evaluated"] if unknown else [])])


def _from_the_ground_up(told: Iterable[CheckFinding]) -> list[CheckFinding]:
    """Causes before what rests on them. That an object does not work either which is not there at all needs no saying."""
    found = list(told)
    absent = {finding.subject for finding in found if finding.action == CREATE}
    kept = (finding for finding in found if finding.action != NO_ACTION or not (finding.subject in absent and finding.state == MISSING))
    return sorted(kept, key=lambda finding: (LAYERS.index(finding.layer) if finding.layer in LAYERS else -1, finding.id))


def _problem(finding: CheckFinding) -> Problem:
    words = finding.words if finding.message else f"{finding.subject}: {finding.check} failed"
    return Problem(words, file=finding.path, remedy=finding.remedy)
