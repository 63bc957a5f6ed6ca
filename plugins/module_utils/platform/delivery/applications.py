# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications of Argo CD: whether they are in step, healthy and looked after, and whether the namespaces meant are delivered by them.

Argo CD says what it found when it compared last; that this was lately is a check of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from ...common.findings import INFORMATION, WARNING, CheckFinding
from ...common.owned_fields import ApiObject
from ...common.write_findings import FAIL, MISSING, NOT_EVALUATED, listed, tracker
from ...target.objects import at, id_of, is_true, map_at, maps_at, name_of, namespace_of, text_at
from ..checks import Check
from ..desired.delivery import ApplicationWanted, GitOpsWanted
from ..verdicts import failed, not_asked, passed, unknown
from . import check_list as checks
from .readings import APPLICATIONS, NAMESPACES, PROJECTS
from .records import BRANCH, COMMIT, HEAD, NAME, RANGE, TAG
from .scope import (
    ASKED,
    MEANT,
    MEANT_PATH,
    SEEN,
    Look,
    Many,
    Verdict,
    absent,
    fails,
    finding_of,
    holds,
    needless,
    nobody_knows,
    severity_for,
)

LOCAL_SERVERS: Final = ("https://kubernetes.default.svc", "https://kubernetes.default.svc:443")
LOCAL_NAME: Final = "in-cluster"
"""How an Application's destination names the cluster that its Argo CD runs on."""

DEFAULT_AGE_DAYS: Final = 1
_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}|sha256:[0-9a-f]{64}")
_EXACT: Final = re.compile(r"v?[0-9]+\.[0-9]+(\.[0-9]+)?([-+][0-9A-Za-z.+-]+)?")
_RANGE: Final = re.compile(r".*[*^~<>|\s].*|v?[0-9]+(\.[0-9]+)?\.[xX]")
_HEALTH: Final[Mapping[str, str]] = {"Degraded": "it is degraded", "Missing": "parts of it are missing", "Suspended": "it is suspended"}
_WAIT: Final = "see whether the application controller of its Argo CD runs, and run it again"
_PATH: Final = "delivery.gitops"


def application_findings(look: Look) -> list[CheckFinding]:
    """Everything about applications."""
    wanted, snapshot = look.wanted.gitops, look.snapshot
    if not snapshot.known(APPLICATIONS):
        return list(_unknown(wanted, snapshot.why_not(APPLICATIONS)))
    found = snapshot.all(APPLICATIONS)
    return [*_used(look, found), *_asked(look), *_others(look, found), *_tracked(look, found)]


def standing_of(look: Look, application: ApiObject) -> str:
    """Whether the document names it, means a namespace that it deploys into, or neither."""
    place = (namespace_of(application), name_of(application))
    if look.wanted.gitops and any((each.namespace, each.name) == place for each in look.wanted.gitops.applications):
        return ASKED
    return MEANT if any(map(look.means, places_of(application))) else SEEN


def places_of(application: ApiObject) -> set[str]:
    """Namespaces of this cluster that an Application deploys into."""
    if not is_local(application):
        return set()
    found = {text_at(entry, "namespace") for entry in maps_at(application, "status.resources")}
    found |= {
        text_at(entry, "name")
        for entry in maps_at(application, "status.resources")
        if entry.get("kind") == "Namespace" and not entry.get("group")
    }
    return {name for name in (*found, text_at(application, "spec.destination.namespace")) if name}


def is_local(application: ApiObject) -> bool:
    """Whether it deploys to the cluster that it is on."""
    server = text_at(application, "spec.destination.server")
    return server in LOCAL_SERVERS or (not server and text_at(application, "spec.destination.name") == LOCAL_NAME)


# ---- is anything looked after ----------------------------------------------------------------------------------------


def _unknown(wanted: GitOpsWanted | None, reason: str) -> Iterator[CheckFinding]:
    severity = checks.USED.severity if wanted else INFORMATION
    yield finding_of(checks.USED, "Argo CD", nobody_knows(reason), _PATH if wanted else "", severity)
    for number, each in enumerate(wanted.applications if wanted else ()):
        yield unknown(checks.THERE, _subject(each), reason, _path(number))
    if wanted and wanted.tracked:
        yield unknown(checks.TRACKED, "namespaces", reason, f"{_PATH}.tracked")


def _used(look: Look, found: Sequence[ApiObject]) -> Iterator[CheckFinding]:
    wanted = look.wanted.gitops
    if not look.is_served(APPLICATIONS):
        yield (
            absent(checks.USED, "Argo CD", "Applications of Argo CD", _PATH)
            if wanted
            else not_asked(checks.USED, "Argo CD", "the cluster has no Argo CD, and the document asks for none")
        )
        return
    used = [item for item in found if maps_at(item, "status.resources")]
    path, severity = (_PATH, checks.USED.severity) if wanted else ("", INFORMATION)
    if used:
        elsewhere = sum(not is_local(item) for item in found)
        words = f"{len(found)} Applications" + (f", {elsewhere} of them for other clusters" if elsewhere else "")
        yield passed(checks.USED, "Argo CD", path, words)
        return
    words = f"none of its {len(found)} Applications has deployed anything" if found else "there is no Application"
    yield failed(checks.USED, "Argo CD", f"Argo CD is installed and manages nothing: {words}", path, MISSING, severity=severity)


def _asked(look: Look) -> Iterator[CheckFinding]:
    for number, each in enumerate(look.wanted.gitops.applications if look.wanted.gitops else ()):
        subject, path = _subject(each), _path(number)
        item = look.snapshot.get(APPLICATIONS, each.namespace, each.name)
        if item is None:
            yield failed(checks.THERE, subject, f"there is no {subject}", path, MISSING)
            continue
        yield passed(checks.THERE, subject, path)
        for check, verdict, demanded in verdicts(look, item, each.max_age_days):
            if demanded:
                yield finding_of(check, subject, verdict, path)


def _others(look: Look, found: Sequence[ApiObject]) -> Iterator[CheckFinding]:
    """What is not named: of Applications that are meant one finding for each that fails; all others, and practices that nobody asks
    for, in one for each check."""
    many, meant = Many("applications seen"), Many("applications meant", WARNING, MEANT_PATH)
    for item in found:
        standing, subject = standing_of(look, item), f"Application {id_of(item)}"
        for check, verdict, demanded in verdicts(look, item, DEFAULT_AGE_DAYS):
            if standing == MEANT and demanded and verdict.result in (FAIL, NOT_EVALUATED):
                yield finding_of(check, subject, verdict, MEANT_PATH, severity_for(check, standing))
            elif standing == MEANT and demanded:
                meant.add(check, subject, verdict)
            elif not (standing == ASKED and demanded):
                many.add(check, subject, verdict)
    yield from (*meant.findings(), *many.findings())


# ---- one application -------------------------------------------------------------------------------------------------


def verdicts(look: Look, item: ApiObject, max_age_days: int) -> Iterator[tuple[Check, Verdict, bool]]:
    """What each check says of an Application, and whether it is demanded of those named and meant."""
    wanted = look.wanted.gitops or GitOpsWanted()
    told: Mapping[Check, Callable[[ApiObject], Verdict]] = {checks.SYNCED: synced, checks.HEALTHY: healthy, checks.OPERATION: operation}
    for check, judge in told.items():
        yield check, judge(item), True
    yield checks.CURRENT, current(look, item, max_age_days), True
    by_hand = wanted.automated or wanted.prune or wanted.self_heal
    yield checks.AUTOMATED, automated(item, wanted if by_hand else GitOpsWanted(prune=True, self_heal=True)), by_hand
    yield checks.PINNED, pinned(item), wanted.pinned
    yield checks.PROJECT, project(look, item), wanted.bounded_projects


def synced(item: ApiObject) -> Verdict:
    """Whether the cluster is what the source says; an error of Argo CD stands in its own words."""
    errors = [entry for entry in maps_at(item, "status.conditions") if text_at(entry, "type").endswith("Error")]
    if errors:
        kind = text_at(errors[0], "type")
        return fails(f"{kind}: {text_at(errors[0], 'message')}", "status.conditions", kind, "no error")
    status = text_at(item, "status.sync.status")
    if status == "Synced":
        return holds()
    if status == "OutOfSync":
        return fails("the cluster differs from its source", "status.sync.status", status, "Synced")
    return nobody_knows(f"Argo CD says {status}" if status else "Argo CD has not compared it yet", _WAIT)


def healthy(item: ApiObject) -> Verdict:
    """Whether what it deploys is healthy; what is on its way is not known to become so."""
    status = text_at(item, "status.health.status")
    if status == "Healthy":
        return holds()
    if status in _HEALTH:
        words = text_at(item, "status.health.message")
        return fails(f"{_HEALTH[status]}{f': {words}' if words else ''}", "status.health.status", status, "Healthy")
    return nobody_knows(f"Argo CD says {status}" if status else "Argo CD has not judged it yet", _WAIT)


def operation(item: ApiObject) -> Verdict:
    """How the last operation came out; an Application that was in step from the start has none."""
    phase = text_at(item, "status.operationState.phase")
    if phase == "Succeeded":
        return holds()
    if phase in ("Failed", "Error"):
        words = text_at(item, "status.operationState.message")
        return fails(words or f"it ended as {phase}", "status.operationState.phase", phase, "Succeeded")
    return (
        nobody_knows(f"an operation is under way: {phase}", "run it again once the operation is done")
        if phase
        else needless("no operation was run")
    )


def current(look: Look, item: ApiObject, max_age_days: int) -> Verdict:
    """Whether what Argo CD says is of late."""
    when = text_at(item, "status.reconciledAt")
    days = look.days_since(when)
    if days is None:
        return nobody_knows(
            f"status.reconciledAt is {when}, which is no moment of the past" if when else "Argo CD has not compared it yet", _WAIT
        )
    if days > max_age_days:
        return fails(f"Argo CD compared it last on {when[:10]}", "status.reconciledAt", when[:10], f"at most {max_age_days} days ago")
    return holds()


def automated(item: ApiObject, wanted: GitOpsWanted) -> Verdict:
    """Whether it is synced by itself, as far as it is asked."""
    policy = at(item, "spec.syncPolicy.automated")
    if not isinstance(policy, Mapping) or policy.get("enabled") is False:
        return fails("it is synced by hand", "spec.syncPolicy.automated", "none", "automated")
    asked = {"prune": wanted.prune, "selfHeal": wanted.self_heal}
    lacking = [name for name, is_asked in asked.items() if is_asked and not is_true(policy.get(name))]
    if lacking:
        return fails(f"it is synced without {' and '.join(lacking)}", "spec.syncPolicy.automated", f"no {', '.join(lacking)}", "true")
    return holds()


def sources_of(item: ApiObject) -> list[ApiObject]:
    """Where an Application gets its objects from; several sources beat the single one, and what is hydrated comes from a source too."""
    dry = map_at(item, "spec.sourceHydrator.drySource")
    several = maps_at(item, "spec.sources")
    single = map_at(item, "spec.source")
    return [dry] if dry else [*several] if several else [single] if single else []


def revision_kind(source: ApiObject) -> str:
    """What the targetRevision of a source is."""
    revision = text_at(source, "targetRevision")
    if revision in ("", "HEAD"):
        return HEAD
    if revision.startswith("refs/heads/"):
        return BRANCH
    if revision.startswith("refs/tags/"):
        return TAG
    if _COMMIT.fullmatch(revision):
        return COMMIT
    if _EXACT.fullmatch(revision):
        return TAG
    return RANGE if _RANGE.fullmatch(revision) else NAME


_MOVES: Final[Mapping[str, str]] = {
    HEAD: "the head of the default branch",
    BRANCH: "a branch",
    RANGE: "a range",
    NAME: "a name that is no version",
}


def pinned(item: ApiObject) -> Verdict:
    """Whether each source names a tag or a commit."""
    sources = sources_of(item)
    if not sources:
        return nobody_knows("it names no source")
    loose = [source for source in sources if revision_kind(source) in _MOVES]
    if not loose:
        return holds()
    observed = ", ".join(text_at(source, "targetRevision") or "(empty)" for source in loose)
    words = listed(sorted({_MOVES[revision_kind(source)] for source in loose}))
    return fails(f"it follows {words}", "targetRevision", observed, "a tag or a commit")


def project_of(look: Look, item: ApiObject) -> ApiObject | None:
    """The AppProject of an Application: it is where its Argo CD is, or the only one of that name."""
    name = text_at(item, "spec.project") or "default"
    home = text_at(item, "status.controllerNamespace") or namespace_of(item)
    named = [each for each in look.snapshot.all(PROJECTS) if name_of(each) == name]
    near = look.snapshot.get(PROJECTS, home, name)
    return near or (named[0] if len(named) == 1 else None)


def allows_all(found: ApiObject) -> bool:
    """Whether a project lets its applications deploy into every namespace of some cluster."""
    return any(text_at(entry, "namespace") == "*" for entry in maps_at(found, "spec.destinations"))


def project(look: Look, item: ApiObject) -> Verdict:
    """Whether the project is there and bounded."""
    if not look.snapshot.known(PROJECTS):
        return nobody_knows(look.snapshot.why_not(PROJECTS))
    found, name = project_of(look, item), text_at(item, "spec.project") or "default"
    if found is None:
        return fails(f"there is no AppProject {name}", "spec.project", name, "an AppProject of that name", MISSING)
    if allows_all(found):
        return fails(
            f"its project {name} allows every namespace",
            "spec.destinations of its AppProject",
            "namespace *",
            "names or patterns of namespaces",
        )
    return holds()


# ---- the namespaces that are meant -----------------------------------------------------------------------------------


def tracked_places(found: Sequence[ApiObject]) -> set[str]:
    """Namespaces that hold something that an Application of this cluster looks after."""
    return {place for item in found if maps_at(item, "status.resources") and is_local(item) for place in _held(item)}


def _held(item: ApiObject) -> set[str]:
    return places_of({**item, "spec": {**map_at(item, "spec"), "destination": {**map_at(item, "spec.destination"), "namespace": ""}}})


def _tracked(look: Look, found: Sequence[ApiObject]) -> Iterator[CheckFinding]:
    wanted = look.wanted.gitops is not None and look.wanted.gitops.tracked
    path, severity = (f"{_PATH}.tracked", checks.TRACKED.severity) if wanted else ("", INFORMATION)
    if not look.wanted.namespaces or not (wanted or look.is_served(APPLICATIONS)):
        yield not_asked(
            checks.TRACKED, "namespaces", "the document means no namespaces" if not look.wanted.namespaces else "there is no Argo CD"
        )
        return
    if not look.snapshot.known(NAMESPACES):
        yield finding_of(checks.TRACKED, "namespaces", nobody_knows(look.snapshot.why_not(NAMESPACES)), path, severity)
        return
    meant, places = look.namespaces(), tracked_places(found)
    if not meant:
        yield not_asked(checks.TRACKED, "namespaces", "no namespace that is meant is there")
        return
    bare = sorted(name_of(item) for item in meant if name_of(item) not in places and not tracker(item))
    words = f"{len(meant) - len(bare)} of {len(meant)} namespaces hold something that an Application looks after"
    verdict = holds(words)
    if bare:
        verdict = fails(
            f"{words}; none in {listed(bare)}", "status.resources of Applications", ", ".join(bare), "something in each of them"
        )
    yield finding_of(checks.TRACKED, "namespaces", verdict, path, severity)


def state_of(look: Look, item: ApiObject) -> str:
    """broken, not_evaluated or ready: the worst of what Argo CD says of an Application."""
    results = {verdict.result for verdict in (synced(item), healthy(item), operation(item), current(look, item, DEFAULT_AGE_DAYS))}
    return "broken" if FAIL in results else "not_evaluated" if NOT_EVALUATED in results else "ready"


def _subject(wanted: ApplicationWanted) -> str:
    return f"Application {wanted.namespace}/{wanted.name}"


def _path(number: int) -> str:
    return f"{_PATH}.applications[{number}]"
