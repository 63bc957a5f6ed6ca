# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform in words: states, headline, what is there, what is missing, what drifted, what hangs and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ..common.findings import INFORMATION, OBJECT_CHECK, WAIVED
from ..common.write_findings import CHANGED, CREATE, DELETE, EXTRA, FAIL, IN_STEP, NOT_APPLICABLE, NOT_EVALUATED, ORPHANED, PASS, UPDATE
from ..common.write_findings import MISSING as NOT_THERE
from ..platform.model import (
    ADOPT,
    BROKEN,
    BY_GITOPS,
    BY_NOBODY,
    BY_OLM,
    BY_OLM_V1,
    BY_THIS,
    DONE,
    INSTALL,
    MISSING,
    OBSERVE,
    READY,
    REFUSE,
    REFUSED,
    REMOVE,
    WAITING,
)
from ..platform.monitoring.records import IN_PLACE
from ..target.model import ABSENT
from .headline import counted, listed
from .platform_delivery_texts import ASKED, MEANT, delivery_line
from .platform_identity_texts import identity_brief
from .platform_monitoring_texts import ALERT_WORDS, WATCH_WORDS, monitoring_brief, reaches, unreached
from .platform_view import (
    AcceleratorView,
    AlertView,
    ApplicationView,
    CheckFindingView,
    GroupView,
    LoginView,
    ObjectView,
    OperatorView,
    PipelineView,
    PlatformView,
    WatchView,
)

STATE_WORDS: Final[Mapping[str, str]] = {
    READY: "ready",
    WAITING: "waiting",
    MISSING: "missing",
    BROKEN: "broken",
    NOT_EVALUATED: "not evaluated",
}
"""States of layers, operators and models in words."""

OBJECT_WORDS: Final[Mapping[str, str]] = {
    IN_STEP: "as desired",
    NOT_THERE: "missing",
    CHANGED: "changed",
    EXTRA: "extra",
    ORPHANED: "orphaned",
    NOT_EVALUATED: "not evaluated",
}
"""States of objects in words."""

HINT: Final = "hint"
"""Result of a check that did not pass and is only good to know: it keeps nothing from being ready."""

RESULT_WORDS: Final[Mapping[str, str]] = {
    FAIL: "failed",
    NOT_EVALUATED: "not evaluated",
    WAIVED: "waived",
    HINT: "good to know",
    PASS: "passed",
    NOT_APPLICABLE: "not applicable",
}
"""Results of checks in words, what calls for attention first."""

LAYER_WORDS: Final[Mapping[str, str]] = {"ai_platform": "AI platform", "queues": "Queues and profiles"}
"""Layers whose words are not their name."""

PART_WORDS: Final[Mapping[str, str]] = {"openshift_ai": "OpenShift AI"}

MANAGED_WORDS: Final[Mapping[str, str]] = {
    BY_THIS: "this collection",
    BY_OLM: "somebody through OLM",
    BY_OLM_V1: "OLM v1",
    BY_GITOPS: "Argo CD",
    BY_NOBODY: "nobody: it is not there",
}
STANCE_WORDS: Final[Mapping[str, str]] = {
    INSTALL: "installed by this collection",
    ADOPT: "adopted",
    OBSERVE: "observed, left alone",
    REFUSE: "refused",
    REMOVE: "to be removed",
}
DRIFTED: Final = (CHANGED, EXTRA, ORPHANED)
"""States of an object that is not as the document has it."""

BESIDE: Final = (EXTRA, ORPHANED)
"""States of what is there beside what the document asks for."""

READY_CHECK: Final = ".ready"
"""End of the checks on what has to become ready."""

INSTALLED_CHECK: Final = ".installed"
"""End of the check that an operator is installed."""

NOT_KNOWN: Final = "not known"
MAX_LINE: Final = 280
"""Characters of a sentence in a terminal."""

MODE_NOTES: Final[Mapping[str, str]] = {
    "verify": "Verified only: nothing was written to the cluster.",
    "check": "Check run: nothing was written to the cluster. What is listed as an action is what an apply run would do now.",
}
_ACTIONS: Final[Mapping[str, tuple[str, str]]] = {
    CREATE: ("created", "would be created"),
    UPDATE: ("put right", "would be put right"),
    DELETE: ("deleted", "would be deleted"),
}


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to say: whom it is about, what it is, and what to do."""

    subject: str
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class SummaryPart:
    """One part of the summary in words."""

    key: str
    title: str
    points: Sequence[Point]
    none: str
    """what to say where there is nothing"""


def words(name: str, known: Mapping[str, str]) -> str:
    """A word of the artifact for people; one that is not known here stands for itself."""
    return known.get(name, name.replace("_", " "))


def layer_word(name: str) -> str:
    """A layer as a title: `Node features`."""
    text = LAYER_WORDS.get(name, name.replace("_", " "))
    return text[:1].upper() + text[1:]


def part_word(name: str) -> str:
    """A part as a title."""
    text = PART_WORDS.get(name, name.replace("_", " "))
    return text[:1].upper() + text[1:]


def mode_note(platform: PlatformView) -> str:
    """That nothing was written, where that is so."""
    return MODE_NOTES.get(platform.mode, "")


def counts_against(finding: CheckFindingView) -> bool:
    """Whether it keeps the platform from being ready: what is only good to know never does."""
    return finding.severity != INFORMATION and finding.result in (FAIL, NOT_EVALUATED)


def shown_result(finding: CheckFindingView) -> str:
    """The result as a report counts it."""
    return HINT if finding.severity == INFORMATION and finding.result in (FAIL, NOT_EVALUATED) else finding.result


def platform_headline(platform: PlatformView) -> str:
    """How many layers are ready, and what the checks came to."""
    return " ".join(f"{sentence}." for sentence in (_layers_sentence(platform), checks_sentence(platform.findings)))


def _layers_sentence(platform: PlatformView) -> str:
    wanted = [layer for layer in platform.layers if layer.wanted]
    if not wanted:
        return "The document asks for nothing of the platform"
    states = Counter(layer.state for layer in wanted)
    if states[READY] == len(wanted):
        return f"All {len(wanted)} layers that were asked for are ready" if len(wanted) > 1 else "The layer that was asked for is ready"
    parts = [f"{states[READY]} of {counted(len(wanted), 'layer')} {'is' if 1 in (states[READY], len(wanted)) else 'are'} ready"]
    troubled = (WAITING, MISSING, BROKEN, NOT_EVALUATED)
    parts += [f"{states[state]} {'is' if states[state] == 1 else 'are'} {STATE_WORDS[state]}" for state in troubled if states[state]]
    return listed(parts)


def checks_sentence(findings: Sequence[CheckFindingView]) -> str:
    """What the checks came to, without a full stop."""
    if not findings:
        return "No check was made"
    counts = dict(result_counts(findings))
    parts = [f"{counted(counts[FAIL], 'check')} failed" if counts[FAIL] else "no check failed"]
    if counts[NOT_EVALUATED]:
        parts.append(f"{counts[NOT_EVALUATED]:,} could not be evaluated")
    if counts[WAIVED]:
        parts.append(f"{counts[WAIVED]:,} {'is' if counts[WAIVED] == 1 else 'are'} waived")
    text = listed([*parts, f"{counts[PASS]:,} passed"])
    return text[:1].upper() + text[1:]


def action_text(action: str, mode: str) -> str:
    """What was done, or would be: `put right`, `would be created`; empty for nothing."""
    done, would = _ACTIONS.get(action, ("", ""))
    return done if mode == "apply" else would


def finding_action(finding: CheckFindingView, mode: str) -> str:
    """The same of a finding; an operator is installed, where an object is created."""
    return action_text(finding.action, mode).replace("created", "installed" if finding.check.endswith(INSTALLED_CHECK) else "created")


def refusal_line(platform: PlatformView) -> str:
    """That checks refuse the document, and what that means; empty where none does."""
    refusing = sum(finding.refuses and finding.result == FAIL for finding in platform.findings)
    if not refusing:
        return ""
    checks = f"{counted(refusing, 'check')} {'refuses' if refusing == 1 else 'refuse'} the document"
    if platform.mode == "apply":
        return f"{checks}: while {'it fails' if refusing == 1 else 'they fail'}, nothing more is written."
    return f"An apply run would write nothing: {checks} as it stands."


def actions_line(platform: PlatformView) -> str:
    """What the run did, or would do; a sentence in any case."""
    applied = platform.mode == "apply"
    acted = Counter(entry.action for entry in platform.objects if entry.action in _ACTIONS)
    parts = [f"{counted(acted[action], 'object')} {action_text(action, platform.mode)}" for action in _ACTIONS if acted[action]]
    steps = sum(step.state == DONE if applied else step.state != REFUSED for step in platform.steps)
    if steps:
        parts.append(f"{counted(steps, 'step')} {'done' if applied else 'would be done'}")
    refused = sum(step.state == REFUSED for step in platform.steps)
    if refused:
        parts.append(f"{counted(refused, 'step')} refused")
    if not parts:
        return "Nothing was changed." if applied else "An apply run would change nothing."
    who = "This run" if applied else "Once they pass" if refusal_line(platform) else "An apply run"
    return f"{who}: {listed(parts)}."


def run_lines(platform: PlatformView) -> list[str]:
    """What keeps a run from writing, then what it did or would do."""
    return list(filter(None, (refusal_line(platform), actions_line(platform))))


def csv_text(value: str | None, none: str = "none") -> str:
    """A CSV for which empty means that there is none."""
    return NOT_KNOWN if value is None else value or none


def installed_text(operator: OperatorView) -> str:
    """What is installed, and what OLM is on the way to."""
    text = csv_text(operator.installed_csv)
    coming = operator.current_csv
    if not coming or coming == operator.installed_csv:
        return text
    # OLM offers it, and the pin keeps the plan for it from being approved.
    held = operator.installed_csv and operator.installed_csv == operator.pinned_csv
    return f"{text}, held there: {coming} is offered" if held else f"{text}, on the way to {coming}"


def managed_text(operator: OperatorView) -> str:
    """Who looks after it, and what is done about it."""
    if not operator.managed_by:
        return NOT_KNOWN
    who = words(operator.managed_by, MANAGED_WORDS)
    if operator.stance in ("", INSTALL):
        return who
    if operator.stance == REMOVE and operator.managed_by == BY_NOBODY:
        return "nobody: it is gone, as asked" if operator.state == READY else who
    return f"{who}; {words(operator.stance, STANCE_WORDS)}"


def minor_text(operator: OperatorView) -> str:
    """Whether it blocks the next minor of OpenShift."""
    if operator.blocks_minor is None:
        return NOT_KNOWN
    if not operator.blocks_minor:
        return "no"
    return f"yes: allows {operator.max_openshift_version} at most" if operator.max_openshift_version else "yes"


def memory_text(memory_gib: float | None) -> str:
    """Memory of one device: `79.6 GiB`."""
    return NOT_KNOWN if memory_gib is None else f"{memory_gib:,.1f}".removesuffix(".0") + " GiB"


def device_text(group: AcceleratorView) -> str:
    """What the devices are: `NVIDIA H100, whole`."""
    return ", ".join(filter(None, (group.product or group.vendor or group.name, group.mode.replace("_", " "))))


def taint_text(taint: str) -> str:
    """A taint or toleration as Kubernetes writes it: without the equals sign where it has no value."""
    return taint.replace("=:", ":", 1)


def figure_text(value: int | None) -> str:
    """A number, or that nobody knows it."""
    return NOT_KNOWN if value is None else f"{value:,}"


def there(platform: PlatformView) -> list[Point]:
    """What is there and works."""
    found = [
        Point(f"operator {entry.name}", "is gone, as asked" if entry.stance == REMOVE else installed_text(entry))
        for entry in platform.operators
        if entry.state == READY
    ]
    found += [
        Point(
            device_text(group),
            f"{counted(group.allocatable, 'device')} of {group.resource}"
            + (f" on {counted(len(group.nodes), 'node')}" if group.nodes is not None else "")
            + (f", {memory_text(group.memory_gib)} each" if group.memory_gib is not None else ", memory not known"),
        )
        for group in platform.accelerators
        if group.allocatable
    ]
    found += [Point(f"model {entry.name}", f"{entry.serving_kind} is ready") for entry in platform.models if entry.state == READY]
    if count := sum(entry.state == READY for entry in platform.groups):
        found.append(
            Point(counted(count, "group"), f"{'is' if count == 1 else 'are'} there and as {'it has' if count == 1 else 'they have'} to be")
        )
    if count := sum(entry.state == IN_PLACE for entry in platform.alerts):
        found.append(Point(counted(count, "alert"), f"{'is' if count == 1 else 'are'} in place"))
    deliveries: Mapping[str, Sequence[ApplicationView | PipelineView]]
    deliveries = {"application": platform.applications, "pipeline": platform.pipelines}
    for noun, entries in deliveries.items():
        # What is only seen is no part of the platform that the document describes.
        if count := sum(entry.state == READY and entry.standing in (ASKED, MEANT) for entry in entries):
            text = "succeeded when last run" if noun == "pipeline" else f"{'is' if count == 1 else 'are'} in step and healthy"
            found.append(Point(counted(count, noun), text))
    in_step = sum(entry.state == IN_STEP and entry.result == PASS for entry in platform.objects)
    if in_step:
        found.append(Point(counted(in_step, "object"), f"{'is' if in_step == 1 else 'are'} as desired"))
    return found


def _stuck(platform: PlatformView) -> dict[str, str]:
    """Subjects that are on their way or do not work, and what to say of them where no check does."""
    found = {}
    for operator in platform.operators:
        if operator.state in (WAITING, BROKEN):
            phase = f", phase {operator.phase}" if operator.phase else ""
            found[f"operator {operator.name}"] = f"{STATE_WORDS[operator.state]}: installed {installed_text(operator)}{phase}"
    for model in platform.models:
        if model.state in (WAITING, BROKEN):
            found[f"model {model.name}"] = f"{STATE_WORDS[model.state]}: {model.reason or 'it does not say why'}"
    return found


def hanging(platform: PlatformView) -> list[Point]:
    """What is on its way or does not work, with the reason in the server's words."""
    stuck = _stuck(platform)
    points = [_point(finding) for finding in platform.findings if _hangs(finding, stuck)]
    named = {point.subject for point in points}
    return [*points, *(Point(subject, text) for subject, text in stuck.items() if subject not in named)]


def _hangs(finding: CheckFindingView, stuck: Mapping[str, str]) -> bool:
    """Whether something that is there does not work, or is on its way; what is not there at all is missing."""
    if finding.result != FAIL or not counts_against(finding) or is_object_check(finding.check) or finding.state in BESIDE:
        return False
    # What is waited for is missing as yet; where it was looked at, it is on its way.
    coming = finding.check.endswith(READY_CHECK) and bool(finding.evidence)
    return finding.state != NOT_THERE or coming or finding.subject in stuck


def _drifts(finding: CheckFindingView) -> bool:
    """Whether an object is not as it was left, or one is there that nobody asked for."""
    return finding.state in (DRIFTED if is_object_check(finding.check) else BESIDE) and finding.result != NOT_APPLICABLE


def _point(finding: CheckFindingView, text: str = "") -> Point:
    return Point(finding.subject, text or finding.message or finding.check, finding.remedy)


def is_object_check(check: str) -> bool:
    """Whether the check is that of one object of the document."""
    return check.rpartition(".")[2] == OBJECT_CHECK


def missing(platform: PlatformView) -> list[Point]:
    """What is asked for and not there."""
    stuck = _stuck(platform)
    refused = {f"request {entry.name}": entry for entry in platform.requests if entry.refused_reason}
    found = [finding for finding in platform.findings if not _hangs(finding, stuck) and _is_missing(finding, platform.mode)]
    absent = {finding.subject for finding in found if is_object_check(finding.check)}
    points = [
        _point(finding, _absent_text(finding, platform.mode))
        for finding in found
        # That an object is not ready either which is not there is no further point.
        if finding.subject not in refused and not (finding.subject in absent and finding.check.endswith(READY_CHECK))
    ]
    named = {point.subject for point in points}
    points += [
        Point(f"operator {entry.name}", f"not installed; pinned to {entry.pinned_csv}" if entry.pinned_csv else "not installed")
        for entry in platform.operators
        if entry.state == MISSING and f"operator {entry.name}" not in named
    ]
    points += [
        Point(entry.name, _object_text(entry, platform.mode))
        for entry in platform.objects
        if entry.state == NOT_THERE and _still_open(entry, platform.mode) and entry.name not in named
    ]
    points += [
        Point(subject, entry.refused_reason, f"What comes nearest: {entry.nearest}" if entry.nearest else "")
        for subject, entry in refused.items()
    ]
    return points


def _is_missing(finding: CheckFindingView, mode: str) -> bool:
    if finding.state != NOT_THERE:
        return False
    return _still_open(finding, mode) if is_object_check(finding.check) else finding.result == FAIL and counts_against(finding)


def _still_open(entry: CheckFindingView | ObjectView, mode: str) -> bool:
    """Whether it is not there now: what an apply run has created is."""
    return entry.result in (FAIL, NOT_EVALUATED) or (mode != "apply" and entry.action != "none")


def _absent_text(finding: CheckFindingView, mode: str) -> str:
    would = finding_action(finding, mode) if mode != "apply" else ""
    return "; ".join(filter(None, (finding.message or ("not there" if is_object_check(finding.check) else finding.check), would)))


def drifted(platform: PlatformView) -> list[Point]:
    """What is not as it was left: changed, not asked for, or left over."""
    points = [
        _point(finding, _drift_text(finding.state, finding.fields, finding.message, action_text(finding.action, platform.mode)))
        for finding in platform.findings
        if _drifts(finding)
    ]
    named = {point.subject for point in points}
    points += [
        Point(entry.name, _object_text(entry, platform.mode))
        for entry in platform.objects
        if entry.state in DRIFTED and entry.name not in named
    ]
    return points


def _object_text(entry: ObjectView, mode: str) -> str:
    message = f"planned, not validated: it comes with operator {entry.awaits}" if entry.awaits else ""
    return _drift_text(entry.state, entry.fields, message, action_text(entry.action, mode))


def _drift_text(state: str, fields: Sequence[str], message: str, action: str) -> str:
    what = words(state, OBJECT_WORDS) + (f" in {some(fields)}" if fields else "")
    # The write layer's own sentence about a singleton names the same fields once more.
    message = "" if fields and message.startswith("changes ") else message
    return "; ".join(filter(None, (what, message, action)))


def some(names: Sequence[str], most: int = 6) -> str:
    """Names in a sentence, of many only the first."""
    return f"{', '.join(names[:most])} and {len(names) - most:,} more" if len(names) > most else ", ".join(names)


def open_points(platform: PlatformView) -> list[Point]:
    """What nobody knows: checks, requests and layers that could not be judged, lists that were refused."""
    points = [
        _point(finding)
        for finding in platform.findings
        if finding.result == NOT_EVALUATED and counts_against(finding) and not _is_missing(finding, platform.mode)
    ]
    named = {point.subject for point in points}
    points += [
        Point(f"request {entry.name}", entry.not_evaluated_reason)
        for entry in platform.requests
        if entry.not_evaluated_reason and f"request {entry.name}" not in named
    ]
    points += [
        Point(f"layer {layer_word(layer.name)}", layer.reason or "not evaluated")
        for layer in platform.layers
        if layer.wanted and layer.state == NOT_EVALUATED
    ]
    if refused := [entry.resource for entry in platform.unread if entry.state != ABSENT]:
        points.append(Point(counted(len(refused), "list"), f"could not be read: {some(refused)}"))
    return points


def waived_points(platform: PlatformView) -> list[Point]:
    """Failures that somebody answers for."""
    return [_point(finding) for finding in platform.findings if finding.result == WAIVED]


def grouped(points: Iterable[Point]) -> list[Point]:
    """The points, those that say the same of several subjects as one, and what else is said of one subject together."""
    subjects: dict[tuple[str, str], dict[str, None]] = {}
    for point in points:
        subjects.setdefault((point.text, point.remedy), {})[point.subject] = None
    found: list[Point] = []
    places: dict[str, int] = {}
    for (text, remedy), names in subjects.items():
        name, *others = names
        if others:
            found.append(Point(some(list(names)), text, remedy))
        elif name in places:
            known = found[places[name]]
            found[places[name]] = Point(name, _joined(known.text, text), _joined(known.remedy, remedy))
        else:
            places[name] = len(found)
            found.append(Point(name, text, remedy))
    return found


def _joined(one: str, other: str) -> str:
    """Two texts as one; none is said twice."""
    return one if other in one.split("; ") else "; ".join(filter(None, (one, other)))


def summary_parts(platform: PlatformView) -> tuple[SummaryPart, ...]:
    """The platform in words: what calls for attention first."""
    return (
        SummaryPart("hanging", "What hangs or fails, and why", grouped(hanging(platform)), "Nothing is known to hang or to fail."),
        SummaryPart("missing", "What is missing", grouped(missing(platform)), "Nothing that is asked for is known to be missing."),
        SummaryPart("drifted", "What drifted", grouped(drifted(platform)), "Nothing is known to differ from the document."),
        SummaryPart("open", "What nobody knows", grouped(open_points(platform)), "Every check was evaluated."),
        SummaryPart("waived", "What is waived", waived_points(platform), "No failure is waived."),
        SummaryPart("there", "What is there", there(platform), "Nothing is known to be there and ready."),
    )


def blocking(platform: PlatformView) -> list[OperatorView]:
    """Operators that block the next minor of OpenShift."""
    return [entry for entry in platform.operators if entry.blocks_minor]


def minor_line(platform: PlatformView) -> str:
    """What stands in the way of the next minor; empty without operators."""
    if not platform.operators:
        return ""
    release = f"OpenShift {platform.cluster.next_minor}" if platform.cluster.next_minor else "the next OpenShift minor"
    found = [entry.name for entry in blocking(platform)]
    unknown = sum(entry.blocks_minor is None for entry in platform.operators)
    text = f"{listed(found)} {'blocks' if len(found) == 1 else 'block'} {release}" if found else f"No operator blocks {release}"
    if not unknown:
        return f"{text}."
    return f"{text if found else f'No operator is known to block {release}'}; of {unknown:,} nobody knows."


def restart_line(platform: PlatformView) -> str:
    """What the changes would restart; empty where there is no forecast."""
    if not platform.forecasts:
        return ""
    nodes = sorted({node for entry in platform.forecasts for node in entry.nodes or ()})
    if not nodes:
        unknown = any(entry.nodes is None for entry in platform.forecasts)
        return "Which nodes would restart is not known." if unknown else "No node would restart."
    pools = sum(bool(entry.nodes) for entry in platform.forecasts)
    pods = sum(len(entry.accelerator_pods or ()) for entry in platform.forecasts)
    open_ones = any(entry.nodes is None or entry.accelerator_pods is None for entry in platform.forecasts)
    text = f"{counted(len(nodes), 'node')} of {counted(pools, 'pool')} would restart, with {counted(pods, 'pod')}"
    return f"{text} that {'holds' if pods == 1 else 'hold'} accelerators{'; not all of it is known' if open_ones else ''}."


def mirror_line(platform: PlatformView) -> str:
    """How complete the mirrors are; empty where no image was looked at."""
    if not platform.images:
        return ""
    counts = Counter(image.mirrored for image in platform.images)
    text = f"{counts['yes']:,} of {counted(len(platform.images), 'image')} {'has' if counts['yes'] == 1 else 'have'} a mirror"
    lacking, unknown = counts["no"], len(platform.images) - counts["yes"] - counts["no"]
    text += f", {lacking:,} {'lacks' if lacking == 1 else 'lack'} one" if lacking else ""
    return f"{text}, of {unknown:,} nobody knows." if unknown else f"{text}."


def verdict_lines(platform: PlatformView) -> list[str]:
    """The platform in a few sentences for a terminal: whether it is ready, what is wrong with it, and what would restart."""
    lines = list(filter(None, (mode_note(platform), platform.headline, refusal_line(platform))))
    for title, found in (("Hangs or fails", hanging(platform)), ("Missing", missing(platform)), ("Drifted", drifted(platform))):
        if points := grouped(found):
            rest = f" (and {len(points) - 1:,} more)" if len(points) > 1 else ""
            lines.append(f"{title}: {points[0].subject}: {shortened(points[0].text)}{rest}")
    return [*lines, *filter(None, (restart_line(platform),))]


def chapter_lines(platform: PlatformView) -> list[str]:
    """Identity, monitoring and delivery in a sentence each, for a terminal."""
    chapters = (identity_brief(platform), monitoring_brief(platform), delivery_line(platform, brief=True))
    return [shortened(line, MAX_LINE) for line in chapters if line]


def shortened(text: str, most: int = 160) -> str:
    """The text on one line, and no longer than that."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def platform_data(platform: PlatformView) -> dict[str, object]:
    """The platform's figures as data for a workflow."""
    return {
        "headline": platform.headline,
        "mode": platform.mode,
        "layers": {layer.name: layer.state for layer in platform.layers if layer.wanted},
        "findings": dict(result_counts(platform.findings)),
        "operators": {entry.name: entry.state for entry in platform.operators},
        "drifted": len(drifted(platform)),
        "restarting_nodes": len({node for entry in platform.forecasts for node in entry.nodes or ()}),
        "logins": _states(platform.logins),
        "groups": _states(platform.groups),
        "alerts": _counted(platform.alerts, ALERT_WORDS),
        "watched": _counted(platform.watched, WATCH_WORDS),
        "unreached_owners": unreached(reaches(platform.alerts)),
        "applications": _states(platform.applications),
        "pipelines": _states(platform.pipelines),
        "missing_mirrors": sum(image.mirrored == "no" for image in platform.images),
    }


def _states(entries: Sequence[ApplicationView | PipelineView | LoginView | GroupView]) -> dict[str, int]:
    return _counted(entries, STATE_WORDS)


def _counted(
    entries: Iterable[ApplicationView | PipelineView | LoginView | GroupView | AlertView | WatchView], states: Iterable[str]
) -> dict[str, int]:
    """How many are in each state, leaving out those in which none is."""
    counts = Counter(entry.state for entry in entries)
    return {state: counts[state] for state in states if counts[state]}


def result_counts(findings: Iterable[CheckFindingView]) -> Iterator[tuple[str, int]]:
    """Every result with how many findings have it."""
    counts = Counter(shown_result(finding) for finding in findings)
    return ((result, counts[result]) for result in RESULT_WORDS)
