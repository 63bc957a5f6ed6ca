# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of each stage: run.json's records, held against the artifacts that are really there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ..common.errors import Problem, ReadinessError
from .view import ProblemView, StageView

STAGE_ORDER: Final = ("run", "estate", "target", "assessment", "plan", "platform", "namespaces", "portfolio")
RESTS_ON: Final[Mapping[str, tuple[str, ...]]] = {"assessment": ("estate",), "plan": ("estate", "assessment")}
"""Stages without whose artifacts another one has nothing to work on."""

ALWAYS: Final = ("estate", "assessment")
"""Stages that belong to every run but one without VMs; others count once they took part."""

PLATFORM_STAGE: Final = "platform"
NAMESPACES_STAGE: Final = "namespaces"
OF_VMS: Final = ("estate", "assessment", "plan")
"""Stages that are about VMs."""

NOT_READY: Final = "platform_not_ready"
"""Code of the error of a part of the platform that was looked at as a whole, and whose checks failed."""

JUDGED: Final = ((PLATFORM_STAGE, NOT_READY), (NAMESPACES_STAGE, "namespaces_not_kept"))
"""Stages, and codes of errors that say that all was looked at and checks failed."""

LEAVES_ARTIFACT: Final = (NAMESPACES_STAGE,)
"""Stages that write their artifact in one call, and name it in the record of that call also where it failed."""

REPORT_STAGE: Final = "report"
"""Left out of its own report: what it shows must not depend on whether it was made before."""


@dataclass(frozen=True, slots=True)
class ArtifactState:
    """An artifact that the report builds on, as it was found."""

    stage: str
    name: str
    present: bool
    error: ReadinessError | None = None
    """why it cannot be used, although it is there"""
    left_over: bool = False
    """it is there, but from before a failure: this run did not make it, so it does not count as present"""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """All that tells what became of the stages."""

    records: Sequence[Mapping[str, Any]] = ()
    """`stages` of run.json"""
    artifacts: Sequence[ArtifactState] = ()
    """in the order of the stages"""
    stale: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """(stage, host) to the base names of its inputs that are not what it read any more"""
    altered: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """(stage, host) to the base names of its artifacts that are not what it wrote any more"""
    run_error: ReadinessError | None = None
    """why run.json cannot be used"""
    hidden: tuple[str, ...] = ()
    """paths of this machine that are cut from every text"""
    problems: Sequence[Problem] = ()
    """what the report was asked for and cannot do"""
    playbook: str = ""
    """playbook that made the run, as run.json names it"""


def clean(text: str, hidden: Iterable[str] = ()) -> str:
    """The text without the machine's own paths and without characters that cannot be written as UTF-8."""
    for path in sorted(hidden, key=len, reverse=True):
        text = text.replace(f"{path}/", "").replace(path, "the run directory")
    return text.encode("utf-8", "replace").decode("utf-8")


def sentence(text: str) -> str:
    """A remedy as a sentence: with a capital, unless it begins with a name or a value, and with an end."""
    first = text.split(" ", 1)[0]
    if first.isalpha() and first.islower():
        text = text[0].upper() + text[1:]
    return text if not text or text[-1] in ".!?:" else f"{text}."


def left_over(records: Iterable[Mapping[str, Any]], stages: Iterable[str]) -> tuple[str, ...]:
    """Those of the stages, given in their order, whose artifact this run did not make.

    A stage that failed or was skipped has made none, and what later stages made of it rests on it: neither is of this run.
    What the stage did on this machine decides, because there the parts of all hosts are merged.
    """
    states: dict[str, dict[str, str]] = {}
    told = list(records)
    for record in told:
        states.setdefault(str(record.get("stage")), {})[str(record.get("host"))] = str(record.get("state"))
    found: list[str] = []
    for stage in stages:
        own = states.get(stage, {})
        outcome = own.get("localhost", "ran" if not own or "ran" in own.values() else "failed")
        if stage in LEAVES_ARTIFACT and any(_made(record, stage) for record in told):
            outcome = "ran"
        if outcome != "ran" or any(basis in found for basis in RESTS_ON.get(stage, ())):
            found.append(stage)
    return tuple(found)


def _made(record: Mapping[str, Any], stage: str) -> bool:
    return record.get("stage") == stage and f"{stage}.jsonl" in (record.get("artifacts") or {})


def platform_alone(records: Iterable[Mapping[str, Any]], playbook: str) -> bool:
    """Whether the run looked at the platform alone: no stage of it is about VMs, whatever became of the others."""
    return _first_without_vms(records, playbook) == PLATFORM_STAGE


def namespaces_alone(records: Iterable[Mapping[str, Any]], playbook: str) -> bool:
    """Whether the run is first about namespaces: no stage of it is about VMs, and it was not made to look at the platform."""
    return _first_without_vms(records, playbook) == NAMESPACES_STAGE


def _first_without_vms(records: Iterable[Mapping[str, Any]], playbook: str) -> str:
    """What a run without VMs is first about: what its playbook is named after, else the platform. Empty for a run on VMs."""
    recorded = {str(record.get("stage")) for record in records}
    if recorded.intersection(OF_VMS):
        return ""
    named = playbook.rpartition(".")[2]
    if named in (PLATFORM_STAGE, NAMESPACES_STAGE):
        return named
    return next((stage for stage in (PLATFORM_STAGE, NAMESPACES_STAGE) if stage in recorded), "")


def taking_part(records: Sequence[Mapping[str, Any]], playbook: str = "") -> frozenset[str]:
    """The stages that belong to a run: those of every run, and those that it recorded."""
    first = _first_without_vms(records, playbook)
    basis = (first,) if first else ALWAYS
    return frozenset((*basis, *(str(record.get("stage")) for record in records)))


def problem_view(problem: Mapping[str, Any], hidden: Iterable[str] = ()) -> ProblemView:
    """A problem as run.json or an artifact has it: message, file, tab, row, column, remedy."""
    texts = {name: clean(str(problem.get(name, "")), hidden) for name in ("message", "file", "tab", "column", "remedy")}
    row = problem.get("row")
    texts["remedy"] = sentence(texts["remedy"])
    place = Problem("", file=texts["file"], tab=texts["tab"], row=row if isinstance(row, int) else None, column=texts["column"]).place()
    return ProblemView(texts["message"], place, texts["remedy"])


def _failed(stage: str, host: str, error: ReadinessError, hidden: Iterable[str]) -> StageView:
    problems = tuple(problem_view(problem.as_dict(), hidden) for problem in error.problems)
    return StageView(stage, host, "failed", clean(error.message, hidden), clean(error.hint, hidden), problems)


def _recorded(record: Mapping[str, Any], facts: RunFacts) -> StageView:
    """One record of run.json as a view, stale where its inputs or artifacts have changed since."""
    stage, host, state = (clean(str(record.get(name, ""))) for name in ("stage", "host", "state"))
    error: Mapping[str, Any] = record.get("error") or {}
    message = clean(str(error.get("message") or record.get("reason") or ""), facts.hidden)
    view = StageView(
        stage=stage,
        host=host,
        state=state,
        # The place stands before it already.
        message=message.removeprefix(f"{host.partition(' ')[0]}: "),
        hint=clean(str(error.get("hint", "")), facts.hidden),
        problems=tuple(problem_view(problem, facts.hidden) for problem in error.get("problems") or ()),
        counts=dict(sorted((record.get("counts") or {}).items())),
        judged=(stage, error.get("code")) in JUDGED,
    )
    if state != "ran":
        return view
    if names := facts.stale.get((stage, host)):
        message = f"{', '.join(names)} changed after this stage had read it"
        return replace(view, state="stale", message=message, hint=f"Run the {stage} stage again.")
    if names := facts.altered.get((stage, host)):
        message = f"{', '.join(names)} changed after this stage had written it"
        return replace(view, state="stale", message=message, hint=f"Run the {stage} stage again.")
    return view


def _missing(artifact: ArtifactState, views: Sequence[StageView]) -> StageView | None:
    """The view that a stage without its artifact, or without a record, needs on top of those in run.json."""
    own = [view for view in views if view.stage == artifact.stage]
    if artifact.present and not own:
        return StageView(artifact.stage, "localhost", "ran", f"{artifact.name} is here, but run.json does not say how it was made")
    if artifact.left_over and any(view.state in ("ran", "stale") for view in own):
        return StageView(artifact.stage, "localhost", "skipped", _not_run(artifact.stage, views))
    if artifact.present or any(view.state in ("failed", "skipped") for view in own):
        return None
    if own:
        message = f"{artifact.name} is missing, although the stage ran"
        return StageView(artifact.stage, "localhost", "failed", message, f"Run the {artifact.stage} stage again.")
    return StageView(artifact.stage, "localhost", "skipped", _not_run(artifact.stage, views))


def _not_run(stage: str, views: Sequence[StageView]) -> str:
    earlier = sorted({view.stage for view in views if view.state == "failed" and view.stage not in (stage, REPORT_STAGE)}, key=_stage_rank)
    return f"it did not run, because {' and '.join(earlier)} failed" if earlier else "it did not run"


def _stage_rank(stage: str) -> tuple[int, str]:
    return (STAGE_ORDER.index(stage) if stage in STAGE_ORDER else len(STAGE_ORDER), stage)


def stage_views(facts: RunFacts) -> tuple[StageView, ...]:
    """Every stage on every host, in the order of the stages; the report itself is left out."""
    views = [_recorded(record, facts) for record in facts.records if record.get("stage") != REPORT_STAGE]
    if facts.run_error:
        views.append(_failed("run", "localhost", facts.run_error, facts.hidden))
    for artifact in facts.artifacts:
        if artifact.error:
            replaced = {(artifact.stage, "localhost", state) for state in ("ran", "stale")}
            views = [view for view in views if (view.stage, view.host, view.state) not in replaced]
            views.append(_failed(artifact.stage, "localhost", artifact.error, facts.hidden))
        elif extra := _missing(artifact, views):
            views = [view for view in views if (view.stage, view.host) != (extra.stage, extra.host)]
            views.append(extra)
    if facts.problems:
        problems = tuple(problem_view(problem.as_dict(), facts.hidden) for problem in facts.problems)
        message = "The report could not be made as asked, so it was made with the defaults"
        views.append(StageView(REPORT_STAGE, "localhost", "failed", message, problems=problems))
    if any(view.stage == PLATFORM_STAGE and view.state == "skipped" for view in views):
        # Further parts were left out for it, and so nobody knows of them.
        views = [replace(view, judged=view.judged and view.stage != PLATFORM_STAGE) for view in views]
    return tuple(sorted(views, key=lambda view: (_stage_rank(view.stage), view.host, view.state)))


def troubled(views: Iterable[StageView]) -> tuple[StageView, ...]:
    """The stages of which there is more to say than the report's chapters do: they failed, did not run or are out of date."""
    return tuple(view for view in views if view.state != "ran" and not view.judged)


def incomplete(views: Iterable[StageView], artifacts: Iterable[ArtifactState]) -> bool:
    """True when figures may be incomplete: a stage failed or is stale, or an artifact is missing or damaged."""
    return any(view.state in ("failed", "stale") for view in troubled(views)) or any(item.error or not item.present for item in artifacts)


def leftovers(views: Sequence[StageView], artifacts: Iterable[ArtifactState]) -> tuple[ProblemView, ...]:
    """A notice for every artifact that lies in the run directory from before a failure and was not used."""
    states = {view.stage: view.state for view in views if view.host == "localhost"}
    notices = []
    for artifact in artifacts:
        if artifact.left_over:
            became = "failed" if states.get(artifact.stage, "failed") == "failed" else "did not run"
            message = (
                f"An older {artifact.name} is still in the run directory. It was not used, because the {artifact.stage} stage {became}"
            )
            notices.append(ProblemView(message, remedy=f"Mend what stopped the {artifact.stage} stage and run it again."))
    return tuple(notices)
