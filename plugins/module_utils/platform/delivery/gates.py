# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gates before a release: admission policies that deny, sync windows of Argo CD, approvals in pipelines.

What objects can show is judged: bindings, selectors, windows, the order of tasks. Conditions in CEL, parameters and who the
approvers are cannot be seen from them; they are named, and nothing is concluded from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any, Final

from ...common.findings import CheckFinding
from ...common.owned_fields import ApiObject
from ...common.write_findings import CREATE as TO_CREATE
from ...common.write_findings import FAIL, MISSING, listed
from ...target.objects import at, is_true, labels_of, map_at, maps_at, name_of, namespace_of, text_at, texts_at
from ..desired.cron import trouble_with_cron
from ..desired.delivery import ALLOW, AdmissionGateWanted, ApprovalWanted, SyncWindowWanted
from ..verdicts import failed, not_asked, unknown
from . import check_list as checks
from .applications import project_of
from .readings import ADMISSION_BINDINGS, ADMISSION_POLICIES, APPLICATIONS, NAMESPACES, PIPELINES, PROJECTS
from .scope import Asked, Look, Verdict, absent, fails, finding_of, finding_on, holds, needless, nobody_knows
from .windows import is_open_beyond, text_of

APPROVAL_KIND: Final = "ApprovalTask"
APPROVAL_GROUP: Final = "openshift-pipelines.org"
"""The custom task of OpenShift Pipelines that waits for people (openshift-pipelines, manual-approval-gate)."""

CREATE, UPDATE = "CREATE", "UPDATE"
"""Operations of the API by which something comes to be as it is."""

_PATH: Final = "delivery.gates"
_SELECTORS: Final = "namespaceSelector"
_DURATION: Final = re.compile(r"([0-9]+(\.[0-9]+)?(h|m|s|ms))+")
_RESULT_OF: Final = re.compile(r"\$\(tasks\.([^.)]+)\.")


def gate_findings(look: Look) -> list[CheckFinding]:
    """Everything about gates."""
    wanted = look.wanted.gates
    found = [finding for number, each in enumerate(wanted.admission) for finding in _admission(look, each, number)]
    found += [_window(look, each, number) for number, each in enumerate(wanted.sync_windows)]
    found += [_approval(look, each, number) for number, each in enumerate(wanted.approvals)]
    for check, asked in ((checks.ADMISSION, wanted.admission), (checks.WINDOW, wanted.sync_windows), (checks.APPROVAL, wanted.approvals)):
        if not asked:
            found.append(not_asked(check, "gates"))
    return found


# ---- admission policies ----------------------------------------------------------------------------------------------


def selects(selector: Any, labels: Mapping[str, str]) -> bool:
    """Whether a LabelSelector of the API takes these labels; one that is empty or not given takes all."""
    if any(labels.get(key) != value for key, value in map_at(selector, "matchLabels").items()):
        return False
    return all(_meets(entry, labels) for entry in maps_at(selector, "matchExpressions"))


def _meets(entry: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    name, operator, values = text_at(entry, "key"), text_at(entry, "operator"), texts_at(entry, "values")
    told = {"In": labels.get(name) in values, "NotIn": labels.get(name) not in values}
    told |= {"Exists": name in labels, "DoesNotExist": name not in labels}
    return told.get(operator, False)


def denying(snapshot_bindings: Iterable[ApiObject], policy: str) -> list[ApiObject]:
    """The bindings of a policy that deny."""
    return [
        item
        for item in snapshot_bindings
        if text_at(item, "spec.policyName") == policy and "Deny" in texts_at(item, "spec.validationActions")
    ]


def narrowing(policy: ApiObject, bindings: Sequence[ApiObject]) -> list[str]:
    """What may leave things out of a policy's reach and cannot be judged from outside."""
    found = ["matchConditions"] if maps_at(policy, "spec.matchConditions") else []
    found += ["type warnings of its expressions"] if maps_at(policy, "status.typeChecking.expressionWarnings") else []
    for owner, place in ((policy, "spec.matchConstraints"), *((item, "spec.matchResources") for item in bindings)):
        words = name_of(owner)
        found += [f"{part} of {words}" for part in ("objectSelector", "excludeResourceRules") if at(owner, f"{place}.{part}")]
        if owner is not policy and at(owner, f"{place}.resourceRules"):
            found.append(f"resourceRules of {words}")
    found += [f"parameters of {name_of(item)}" for item in bindings if map_at(item, "spec.paramRef")]
    return found


def _open_to_lack(binding: ApiObject) -> bool:
    """Whether a binding lets everything through while its parameters are not there; whether they are is not read."""
    return text_at(binding, "spec.paramRef.parameterNotFoundAction") == "Allow"


def reaches(policy: ApiObject, bindings: Sequence[ApiObject], labels: Mapping[str, str]) -> bool:
    """Whether a binding denies in a namespace with these labels."""
    return selects(at(policy, f"spec.matchConstraints.{_SELECTORS}"), labels) and any(
        selects(at(item, f"spec.matchResources.{_SELECTORS}"), labels) for item in bindings
    )


def _admission(look: Look, wanted: AdmissionGateWanted, number: int) -> Iterator[CheckFinding]:
    subject, path = f"ValidatingAdmissionPolicy {wanted.name}", f"{_PATH}.admission[{number}]"
    if not look.snapshot.known(ADMISSION_POLICIES, ADMISSION_BINDINGS):
        yield unknown(checks.ADMISSION, subject, look.snapshot.why_not(ADMISSION_POLICIES, ADMISSION_BINDINGS), path)
        return
    if not look.is_served(ADMISSION_POLICIES):
        yield absent(checks.ADMISSION, subject, "admission policies", path)
        return
    policy = look.snapshot.get(ADMISSION_POLICIES, "", wanted.name)
    if policy is None:
        yield failed(checks.ADMISSION, subject, f"there is no {subject}", path, MISSING)
        return
    bindings = denying(look.snapshot.all(ADMISSION_BINDINGS), wanted.name)
    yield finding_of(checks.ADMISSION, subject, _admission_verdict(look, wanted, policy, bindings), path)
    if found := narrowing(policy, bindings):
        words = f"what it leaves out by {listed(found)} cannot be judged from outside"
        yield finding_of(checks.NARROWED, subject, nobody_knows(words), path)


def _admission_verdict(look: Look, wanted: AdmissionGateWanted, policy: ApiObject, bindings: Sequence[ApiObject]) -> Verdict:
    if not bindings:
        return fails("no binding of it denies", "spec.validationActions of its bindings", "no Deny", "Deny")
    if text_at(policy, "spec.failurePolicy") == "Ignore":
        return fails("it lets through what it cannot evaluate", "spec.failurePolicy", "Ignore", "Fail")
    if not denies(policy):
        return fails("it has no validations: without them it denies nothing", "spec.validations", "none", "expressions")
    if left := _unseen(policy, wanted.resources):
        return fails(f"it does not look at {listed(left)}", "spec.matchConstraints.resourceRules", "other rules", ", ".join(left))
    sure = [item for item in bindings if not _open_to_lack(item)]
    return _reach(look, policy, bindings, sure)


def _reach(look: Look, policy: ApiObject, bindings: Sequence[ApiObject], sure: Sequence[ApiObject]) -> Verdict:
    if not look.wanted.namespaces:
        return holds(f"{listed(sorted(map(name_of, sure)))} denies") if sure else _lacks_parameters(bindings)
    if not look.snapshot.known(NAMESPACES):
        # Without the labels of the namespaces only what selects everything is certain.
        whole = not at(policy, f"spec.matchConstraints.{_SELECTORS}")
        if whole and any(not at(item, f"spec.matchResources.{_SELECTORS}") for item in sure):
            return holds("it denies in every namespace")
        return nobody_knows(look.snapshot.why_not(NAMESPACES))
    meant = {name_of(item): labels_of(item) for item in look.namespaces()}
    if not meant:
        return needless("no namespace that is meant is there")
    bare = sorted(name for name, labels in meant.items() if not reaches(policy, bindings, labels))
    if bare:
        return fails(
            f"it does not deny in {listed(bare)}", f"{_SELECTORS} of policy and bindings", ", ".join(bare), "every namespace meant"
        )
    if not all(reaches(policy, sure, labels) for labels in meant.values()) or not sure:
        return _lacks_parameters(bindings)
    return holds(f"it denies in {listed(sorted(meant))}")


def _lacks_parameters(bindings: Sequence[ApiObject]) -> Verdict:
    names = listed(sorted(map(name_of, bindings)))
    return nobody_knows(f"{names} lets everything through while its parameters are not there, and whether they are is not read")


def denies(policy: ApiObject) -> bool:
    """Whether a policy has something to deny by: with audit annotations alone it only writes to the audit log."""
    return bool(maps_at(policy, "spec.validations"))


def _unseen(policy: ApiObject, resources: Sequence[str]) -> list[str]:
    """What of the resources passes by the policy: creating them, or changing those that are there."""
    if not resources:
        return [] if CREATE in operations_on(policy) else [f"{CREATE} of any resource"]
    return [
        f"{operation} of {name}" for name in resources for operation in (CREATE, UPDATE) if operation not in operations_on(policy, name)
    ]


def operations_on(policy: ApiObject, resource: str = "") -> set[str]:
    """The operations that rules of the policy take on all objects of a resource, given as plural.group; without one, on any."""
    plural, _dot, group = resource.partition(".")
    found: set[str] = set()
    for rule in maps_at(policy, "spec.matchConstraints.resourceRules"):
        groups, resources, operations = (set(texts_at(rule, part)) for part in ("apiGroups", "resources", "operations"))
        is_of = not resource or (groups & {group, "*"} and resources & {plural, "*", "*/*"})
        if is_of and not rule.get("resourceNames"):
            found |= {CREATE, UPDATE} if "*" in operations else operations
    return found


# ---- sync windows ----------------------------------------------------------------------------------------------------


def windows_of(project: ApiObject) -> list[dict[str, Any]]:
    """The sync windows of an AppProject."""
    return maps_at(project, "spec.syncWindows")


def _window(look: Look, wanted: SyncWindowWanted, number: int) -> CheckFinding:
    path = f"{_PATH}.sync_windows[{number}]"
    what = f"window {wanted.text}"
    asked = Asked(checks.WINDOW, PROJECTS, "AppProject", wanted.namespace, wanted.project, path, "projects of Argo CD", what)
    found = finding_on(look, asked, lambda project: window_verdict(look, wanted, project))
    if not (wanted.write and found.result == FAIL):
        return found
    project = look.snapshot.get(PROJECTS, wanted.namespace, wanted.project)
    if project is None or any(text_of(entry) == wanted.text and _is_over_all(entry) for entry in windows_of(project)):
        return found
    # A run that writes brings it about.
    return replace(found, action=TO_CREATE, remedy="apply the document, which writes it")


def window_verdict(look: Look, wanted: SyncWindowWanted, project: ApiObject) -> Verdict:
    """Whether windows of a project hold as they are asked for, each of its applications in one of them."""
    fitting = [entry for entry in windows_of(project) if not _differs(wanted, entry)]
    expected = " ".join(filter(None, (wanted.window, wanted.schedule, wanted.duration))) + ("" if wanted.manual else ", no manual sync")
    if not fitting:
        faults = [_differs(wanted, entry) for entry in windows_of(project)]
        words = f"no window is as it is asked for: {listed(faults)}" if faults else "it has no sync window"
        return fails(words, "spec.syncWindows", "; ".join(faults) or "none", expected, MISSING)
    others = _others_that_allow(wanted, project, fitting)
    if not look.snapshot.known(APPLICATIONS):
        return _unseen_applications(fitting, others, expected, look.snapshot.why_not(APPLICATIONS))
    own = [item for item in look.snapshot.all(APPLICATIONS) if _belongs(look, item, project)]
    bare = sorted(name_of(item) for item in own if not _over(fitting, item))
    if bare:
        return fails(f"no such window is over {listed(bare)}", "spec.syncWindows", ", ".join(bare), "all its applications")
    told = [_let_through(_over(others, item), _over(fitting, item), name_of(item), expected) for item in sorted(own, key=name_of)]
    lax = [verdict for verdict in told if verdict is not None]
    if lax:
        # What is certain comes before what is not.
        return min(lax, key=lambda verdict: verdict.result != FAIL)
    return holds(f"it is over all {len(own)} applications" if own else "the project has no application")


def _unseen_applications(fitting: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]], expected: str, reason: str) -> Verdict:
    """What can be said of windows where the applications are not known: those that are over all of them are."""
    over_all = [entry for entry in fitting if _is_over_all(entry)]
    if not over_all:
        return nobody_knows(reason)
    told = _let_through([entry for entry in others if _is_over_all(entry)], over_all, "all applications", expected)
    if told is None and _let_through(others, over_all, "some applications", expected):
        return nobody_knows(reason)
    return told or holds("it is over all applications")


def _over(windows: Iterable[Mapping[str, Any]], item: ApiObject) -> list[Mapping[str, Any]]:
    return [entry for entry in windows if takes(entry, item)]


def _is_over_all(window: Mapping[str, Any]) -> bool:
    return "*" in texts_at(window, "applications") and not is_true(window.get("andOperator"))


def _others_that_allow(wanted: SyncWindowWanted, project: ApiObject, fitting: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Further windows that let syncs run: one that is open is enough (argo-cd, pkg/apis/application/v1alpha1, SyncWindows.CanSync)."""
    if wanted.window != ALLOW:
        return []
    return [entry for entry in windows_of(project) if text_at(entry, "kind") == ALLOW and entry not in fitting]


def _let_through(others: Sequence[Mapping[str, Any]], asked: Sequence[Mapping[str, Any]], whose: str, expected: str) -> Verdict | None:
    """What is said of windows that let syncs run at other times than those that are asked for; None where none does."""
    found = {_window_text(entry): is_open_beyond(entry, asked) for entry in others}
    if more := sorted(text for text, beyond in found.items() if beyond):
        words = f"{listed(more)} lets {whose} be synced at other times"
        return fails(words, "spec.syncWindows", "; ".join(more), expected)
    if unclear := sorted(text for text, beyond in found.items() if beyond is None):
        return nobody_knows(f"whether {listed(unclear)} lets {whose} be synced at other times is not worked out")
    return None


def _window_text(entry: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (text_at(entry, part) for part in ("kind", "schedule", "duration", "timeZone"))))


def _belongs(look: Look, item: ApiObject, project: ApiObject) -> bool:
    found = project_of(look, item)
    return found is not None and (namespace_of(found), name_of(found)) == (namespace_of(project), name_of(project))


def _differs(wanted: SyncWindowWanted, entry: Mapping[str, Any]) -> str:
    """In what a window is not as it is asked for; empty where it is."""
    schedule, duration = text_at(entry, "schedule"), text_at(entry, "duration")
    if text_at(entry, "kind") != wanted.window:
        return f"one of kind {text_at(entry, 'kind') or '(empty)'}"
    if (trouble := trouble_with_cron(schedule)) or not _DURATION.fullmatch(duration):
        return f"its schedule {schedule!r} {trouble}" if trouble else f"its duration {duration!r} is none"
    if wanted.schedule and wanted.schedule.split() != schedule.split():
        return f"its schedule is {schedule}"
    if wanted.duration and wanted.duration != duration:
        return f"its duration is {duration}"
    return "it lets people sync nevertheless" if is_true(entry.get("manualSync")) and not wanted.manual else ""


def takes(window: Mapping[str, Any], item: ApiObject) -> bool:
    """Whether a window is over an Application: by one of its patterns, or by one of each kind that it has (andOperator)."""
    names = {
        "applications": [name_of(item)],
        "namespaces": [text_at(item, "spec.destination.namespace")],
        "clusters": [text_at(item, "spec.destination.server"), text_at(item, "spec.destination.name")],
    }
    told = [
        any(fnmatchcase(name, pattern) for name in found if name for pattern in texts_at(window, part))
        for part, found in names.items()
        if texts_at(window, part)
    ]
    return bool(told) and (all(told) if is_true(window.get("andOperator")) else any(told))


# ---- approvals -------------------------------------------------------------------------------------------------------


def is_approval(task: Mapping[str, Any]) -> bool:
    """Whether a task of a Pipeline waits for people."""
    for part in ("taskRef", "taskSpec"):
        if text_at(task, f"{part}.kind") == APPROVAL_KIND and text_at(task, f"{part}.apiVersion").startswith(f"{APPROVAL_GROUP}/"):
            return True
    return False


def approvals_needed(task: Mapping[str, Any]) -> int:
    """How many have to approve; one unless the task says otherwise, none where that is no number."""
    for entry in maps_at(task, "params"):
        if entry.get("name") == "numberOfApprovalsRequired":
            value = str(entry.get("value"))
            return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else 0
    return 1


def waits_for(tasks: Sequence[Mapping[str, Any]], name: str) -> set[str]:
    """The tasks that have to be done before one of them: those that it names in runAfter, and whose results it takes, and theirs."""
    by_name = {text_at(task, "name"): task for task in tasks}
    found: set[str] = set()
    waiting = [name]
    while waiting:
        task = by_name.get(waiting.pop(), {})
        before = {*texts_at(task, "runAfter"), *_results_taken(task)} & set(by_name)
        waiting += sorted(before - found)
        found |= before
    return found


def _results_taken(task: Mapping[str, Any]) -> Iterator[str]:
    parts: list[Any] = [task.get("params"), task.get("when"), task.get("matrix")]
    while parts:
        part = parts.pop()
        if isinstance(part, str):
            yield from _RESULT_OF.findall(part)
        elif isinstance(part, Mapping):
            parts += part.values()
        elif isinstance(part, list):
            parts += part


def _approval(look: Look, wanted: ApprovalWanted, number: int) -> CheckFinding:
    path = f"{_PATH}.approvals[{number}]"
    asked = Asked(checks.APPROVAL, PIPELINES, "Pipeline", wanted.namespace, wanted.pipeline, path, "pipelines of Tekton")
    return finding_on(look, asked, lambda pipeline: approval_verdict(wanted, pipeline))


def approval_verdict(wanted: ApprovalWanted, pipeline: ApiObject) -> Verdict:
    """Whether the tasks wait for an approval that stops the run when it is refused."""
    tasks = maps_at(pipeline, "spec.tasks")
    names = {text_at(task, "name") for task in tasks}
    strict = {
        text_at(task, "name")
        for task in tasks
        if is_approval(task)
        and approvals_needed(task) >= wanted.least_approvals
        and task.get("onError") != "continue"
        and not task.get("when")
    }
    gone = [name for name in wanted.before if name not in names]
    if gone:
        return fails(f"it has no task {listed(gone)}", "spec.tasks", ", ".join(sorted(names)), ", ".join(wanted.before), MISSING)
    if not strict:
        weak = [text_at(task, "name") for task in tasks if is_approval(task)]
        words = f"{listed(weak)} asks too few, may be skipped, or lets the run go on when refused" if weak else "it has no ApprovalTask"
        return fails(words, "spec.tasks", ", ".join(weak) or "none", f"an ApprovalTask of {wanted.least_approvals} or more", MISSING)
    early = [name for name in wanted.before if not waits_for(tasks, name) & strict]
    if early:
        return fails(f"{listed(early)} does not wait for {listed(sorted(strict))}", "runAfter", ", ".join(early), ", ".join(sorted(strict)))
    return holds(f"{listed(list(wanted.before))} waits for {listed(sorted(strict))}; who approves is not judged")
