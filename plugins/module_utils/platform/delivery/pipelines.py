# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pipelines of Tekton: how their last completed run came out, and when they succeeded last.

A run that is under way or was cancelled says nothing of the pipeline. Runs are removed after a while, by whom and when is not
told: no run is no proof that there was none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ...common.findings import INFORMATION, WARNING, CheckFinding
from ...common.owned_fields import ApiObject
from ...common.write_findings import FAIL, MISSING, NOT_EVALUATED, PASS
from ...target.objects import id_of, name_of, namespace_of, text_at
from ..desired.delivery import PipelineWanted
from ..verdicts import failed, not_asked, passed, unknown
from . import check_list as checks
from .readings import CANCELLED, FAILED, PIPELINES, RUNNING, RUNS, SUCCEEDED, condition_of_run, ended, newest_runs, outcome, pipeline_of
from .scope import ASKED, MEANT, MEANT_PATH, SEEN, Look, Many, Verdict, absent, fails, finding_of, holds, nobody_knows, severity_for

NEVER: Final = "never"
UNDATED: Final = "undated"
LAST_OUTCOMES: Final = (SUCCEEDED, FAILED, NEVER, UNDATED)
"""How the last completed run came out; none is there; which one is the last is not known."""


@dataclass(frozen=True, slots=True)
class PipelineSeen:
    """A pipeline, and the newest of its runs by outcome."""

    namespace: str
    name: str
    runs: Mapping[str, ApiObject]
    is_defined: bool = False
    """whether there is a Pipeline of that name"""

    @property
    def subject(self) -> str:
        """For people."""
        return f"Pipeline {self.namespace}/{self.name}"

    def last(self) -> tuple[str, ApiObject | None]:
        """How the last completed run came out, and the run. Of two that ended at the same second the failed one counts."""
        done = [(ended(self.runs[word]), word == FAILED, word) for word in (SUCCEEDED, FAILED) if word in self.runs]
        if not done:
            return NEVER, None
        if len(done) > 1 and not all(when for when, _failed, _word in done):
            return UNDATED, None
        word = max(done)[2]
        return word, self.runs[word]


def pipelines_of(look: Look) -> dict[tuple[str, str], PipelineSeen]:
    """Every pipeline that is defined or was run, by namespace and name."""
    runs: dict[tuple[str, str], dict[str, ApiObject]] = {}
    for run in newest_runs(look.snapshot.all(RUNS)):
        runs.setdefault(pipeline_of(run), {})[outcome(run)] = run
    defined = {(namespace_of(item), name_of(item)) for item in look.snapshot.all(PIPELINES)}
    return {place: PipelineSeen(*place, runs.get(place, {}), place in defined) for place in sorted(defined | set(runs))}


def pipeline_findings(look: Look) -> list[CheckFinding]:
    """Everything about pipelines."""
    if not look.snapshot.known(RUNS):
        return list(_unknown(look, look.snapshot.why_not(RUNS)))
    if not look.is_served(RUNS):
        return list(_absent(look))
    found = pipelines_of(look)
    return [*_asked(look, found), *_others(look, found)]


def standing_of(look: Look, namespace: str, name: str) -> str:
    """Whether the document names it, means its namespace, or neither."""
    if any((each.namespace, each.name) == (namespace, name) for each in look.wanted.pipelines):
        return ASKED
    return MEANT if look.means(namespace) else SEEN


def _unknown(look: Look, reason: str) -> Iterator[CheckFinding]:
    for number, each in enumerate(look.wanted.pipelines):
        yield unknown(checks.LAST_RUN, _subject(each), reason, _path(number))
    if not look.wanted.pipelines:
        yield finding_of(checks.LAST_RUN, "pipelines seen", nobody_knows(reason), "", INFORMATION)


def _absent(look: Look) -> Iterator[CheckFinding]:
    for number, each in enumerate(look.wanted.pipelines):
        yield absent(checks.PIPELINE_THERE, _subject(each), "pipelines of Tekton", _path(number))
    if not look.wanted.pipelines:
        yield not_asked(checks.LAST_RUN, "pipelines seen", "the cluster has no Tekton, and the document asks for no pipeline")


def _asked(look: Look, found: Mapping[tuple[str, str], PipelineSeen]) -> Iterator[CheckFinding]:
    for number, each in enumerate(look.wanted.pipelines):
        subject, path = _subject(each), _path(number)
        seen = found.get((each.namespace, each.name))
        if seen is None and not look.snapshot.known(PIPELINES):
            yield unknown(checks.PIPELINE_THERE, subject, look.snapshot.why_not(PIPELINES), path)
            continue
        if seen is None:
            yield failed(checks.PIPELINE_THERE, subject, f"there is neither {subject} nor a run of it", path, MISSING)
            continue
        yield passed(checks.PIPELINE_THERE, subject, path, "" if seen.is_defined else "its runs bring their tasks along")
        yield finding_of(checks.LAST_RUN, subject, last_run(seen), path)
        if each.success_within_days is not None:
            yield finding_of(checks.FRESH, subject, fresh(look, seen, each.success_within_days), path)


def _others(look: Look, found: Mapping[tuple[str, str], PipelineSeen]) -> Iterator[CheckFinding]:
    many, meant = Many("pipelines seen"), Many("pipelines meant", WARNING, MEANT_PATH)
    for place, seen in found.items():
        standing, verdict = standing_of(look, *place), last_run(seen)
        if standing == MEANT and verdict.result == PASS:
            meant.add(checks.LAST_RUN, seen.subject, verdict)
        elif standing == MEANT and seen.last()[0] != NEVER:
            yield finding_of(checks.LAST_RUN, seen.subject, verdict, MEANT_PATH, severity_for(checks.LAST_RUN, standing))
        elif standing != ASKED:
            many.add(checks.LAST_RUN, seen.subject, verdict)
    if not look.snapshot.known(PIPELINES):
        many.add(checks.LAST_RUN, "pipelines without runs", nobody_knows(look.snapshot.why_not(PIPELINES)))
    yield from (*meant.findings(), *many.findings())


# ---- one pipeline ----------------------------------------------------------------------------------------------------


def last_run(seen: PipelineSeen) -> Verdict:
    """How its last completed run came out, in Tekton's words."""
    word, run = seen.last()
    also = _also(seen)
    if word == UNDATED:
        return nobody_knows(f"which of its runs is the last one is not told{also}")
    if run is None:
        message = f"it has no completed run: it never ran, or its runs were removed{also}"
        return fails(message, "PipelineRuns", "none that is completed", "a run that succeeded", MISSING)
    day = ended(run)[:10]
    told = f"{id_of(run)}{f' of {day}' if day else ''}"
    if word == SUCCEEDED:
        return holds(f"{told} succeeded{also}")
    entry = condition_of_run(run)
    reason, words = text_at(entry, "reason"), text_at(entry, "message")
    message = f"{told} failed{f': {reason}' if reason else ''}{f': {words}' if words else ''}{also}"
    return fails(message, "status.conditions[Succeeded]", reason or "False", "True")


def fresh(look: Look, seen: PipelineSeen, within_days: int) -> Verdict:
    """Whether it succeeded within so many days."""
    run = seen.runs.get(SUCCEEDED)
    if run is None:
        return fails(f"no run that succeeded is there{_also(seen)}", "PipelineRuns", "none", f"within {within_days} days", MISSING)
    days, day = look.days_since(ended(run)), ended(run)[:10]
    if days is None:
        return nobody_knows(f"when {id_of(run)} ended is not told" if not day else f"{id_of(run)} ended on {day}, which lies ahead")
    if days > within_days:
        message = f"it succeeded last on {day}, {days} days ago{_also(seen)}"
        return fails(message, "status.completionTime", day, f"within {within_days} days")
    return holds(f"it succeeded on {day}")


def _also(seen: PipelineSeen) -> str:
    words = ""
    if RUNNING in seen.runs:
        run = seen.runs[RUNNING]
        begun = ended(run)[:10]
        words += f"; {name_of(run)} is under way{f' since {begun}' if begun else ''}"
    if CANCELLED in seen.runs:
        words += f"; {name_of(seen.runs[CANCELLED])} was cancelled"
    return words


def state_of(seen: PipelineSeen) -> str:
    """The state of a pipeline by its last completed run."""
    result = last_run(seen).result
    if result == FAIL:
        return "missing" if seen.last()[0] == NEVER else "broken"
    return "not_evaluated" if result == NOT_EVALUATED else "ready"


def _subject(wanted: PipelineWanted) -> str:
    return f"Pipeline {wanted.namespace}/{wanted.name}"


def _path(number: int) -> str:
    return f"delivery.pipelines[{number}]"
