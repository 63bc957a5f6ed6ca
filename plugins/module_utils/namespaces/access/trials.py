# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is tried as somebody with a persona: small objects that are made without being kept, and what has to come of it.

A review says what RBAC means; a dry run goes through admission as well, as the tenant. Groups are tried by a user whom nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ...common.findings import WARNING, CheckFinding
from ...common.owned_fields import ApiObject
from ...platform.desired.identity import Persona
from ...platform.identity.facts import RBAC
from ...platform.identity.personas import may, role_name
from ...platform.identity.questions import Question
from ...platform.identity.rbac import ACCOUNT, GROUP, Act
from ...platform.verdicts import failed, passed, unknown
from .causes import Allowed, Wrong, wrongly_allowed, wrongly_denied
from .checks import DRY_RUN
from .matrix import Entry, Matrix

MOST_TRIALS: Final = 2_000
"""of one call"""

TENANT: Final = "groundwork-readiness-tenant"
"""User whom no binding names, in the groups that are tried."""

LET_IMPERSONATE: Final = (
    "let the account impersonate users, groups and serviceaccounts (verb impersonate), best by the names of those in the contracts "
    f"and the user {TENANT}; nothing is kept that is tried"
)
ADMITTED, DENIED, STOPPED, NOT_TRIED = "admitted", "denied", "stopped", "not_tried"
_AGAIN: Final = "see the reason, and run it again"


@dataclass(frozen=True, slots=True)
class Trial:
    """An object that somebody tries to make."""

    user: str
    groups: tuple[str, ...]
    namespace: str
    act: Act
    object: ApiObject
    granted: bool
    """whether it has to be admitted; else it has to be refused for want of the right"""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it."""

    state: str
    """admitted; denied, for want of the right; stopped by what comes after the rights, such as quotas and policies; not_tried"""
    words: str = ""
    """why, in the server's words; empty where it was admitted"""
    lacks: str = ""
    """the right that the account lacks to try it"""


@dataclass(frozen=True, slots=True)
class TrialPlan:
    """What is tried, and for whom."""

    trials: tuple[Trial, ...] = ()
    by_entry: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """id of each bearer to the places of the trials"""
    beyond: tuple[str, ...] = ()
    """ids of bearers for whom there were too many"""


def trial_plan(matrix: Matrix, personas: Mapping[str, Persona]) -> TrialPlan:
    """What is tried for everybody with a persona: once for each namespace, whatever the number of personas there."""
    trials: list[Trial] = []
    by_entry: dict[str, tuple[int, ...]] = {}
    beyond = []
    seen: set[tuple[str, str, str]] = set()
    for entry in matrix.entries:
        holder = entry.holder
        key = (holder.kind, holder.name, holder.namespace)
        if key in seen:
            continue
        seen.add(key)
        mine = list(_trials(entry, personas))
        if len(trials) + len(mine) > MOST_TRIALS:
            beyond.append(holder.id)
            continue
        by_entry[holder.id] = tuple(range(len(trials), len(trials) + len(mine)))
        trials += mine
    return TrialPlan(tuple(trials), by_entry, tuple(beyond))


def _trials(entry: Entry, personas: Mapping[str, Persona]) -> Iterator[Trial]:
    user, groups = _impersonated(entry)
    own = entry.holder.namespace
    places = [(own, make) for make in (_config_map, _role_binding, _resource_quota)]
    places += [(entry.next_door, _config_map)] if entry.next_door else []
    for namespace, make in places:
        act, item = make(namespace, entry.holder.persona)
        entitled = entry.entitled if namespace == own else frozenset[str]()
        granted = any(may(personas[name], act.verb, act.group, act.resource, namespace=namespace) for name in sorted(entitled))
        yield Trial(user, groups, namespace, act, item, granted)


def _impersonated(entry: Entry) -> tuple[str, tuple[str, ...]]:
    """User and groups. The server adds system:authenticated itself, and to a service account its groups."""
    if entry.holder.kind == ACCOUNT:
        return entry.who.user, ()
    groups = (entry.holder.name,) if entry.holder.kind == GROUP else entry.who.groups
    return entry.who.user or TENANT, tuple(name for name in groups if not name.startswith("system:authenticated"))


Made = tuple[Act, ApiObject]
_Make = Callable[[str, str], Made]


def _metadata(namespace: str) -> dict[str, str]:
    return {"generateName": "readiness-tried-", "namespace": namespace}


def _config_map(namespace: str, _persona: str) -> Made:
    item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": _metadata(namespace), "data": {"tried": "as the tenant"}}
    return Act("create", "", "configmaps"), item


def _role_binding(namespace: str, persona: str) -> Made:
    """To a role of which they have all, so that nothing but the right to bind keeps them from it."""
    return Act("create", RBAC, "rolebindings"), {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": _metadata(namespace),
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role_name(persona)},
        "subjects": [{"kind": "ServiceAccount", "name": "readiness-tried", "namespace": namespace}],
    }


def _resource_quota(namespace: str, _persona: str) -> Made:
    item = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": _metadata(namespace), "spec": {"hard": {"count/configmaps": "1000"}}}
    return Act("create", "", "resourcequotas"), item


# ---- what came of it -------------------------------------------------------------------------------------------------


def trial_findings(matrix: Matrix, plan: TrialPlan, tried: Sequence[Tried]) -> list[CheckFinding]:
    """One finding for each bearer and namespace; where nothing could be tried, one for the namespace. `tried` is as `plan.trials`."""
    found: list[CheckFinding] = []
    gaps: dict[str, Tried] = {}
    for entry in matrix.entries:
        holder = entry.holder
        if holder.id in plan.beyond:
            gaps.setdefault(holder.namespace, Tried(NOT_TRIED, f"one call tries {MOST_TRIALS} objects at most"))
        elif holder.id in plan.by_entry:
            outcomes = [(plan.trials[place], tried[place]) for place in plan.by_entry[holder.id]]
            open_ones = [outcome for _trial, outcome in outcomes if outcome.state == NOT_TRIED]
            wrong = [each for trial, outcome in outcomes for each in _wrong(matrix, entry, trial, outcome)]
            if wrong:
                words = "; ".join(each.words for each in wrong if each.words)
                found.append(_of(holder.namespace, failed(DRY_RUN, entry.subject, words, holder.path)))
            elif open_ones:
                gaps.setdefault(holder.namespace, open_ones[0])
            else:
                message = f"{len(outcomes)} objects were tried as theirs, and admitted or refused as the contract says"
                found.append(_of(holder.namespace, passed(DRY_RUN, entry.subject, holder.path, message)))
    return [*found, *(_open(namespace, first) for namespace, first in gaps.items())]


def _of(namespace: str, finding: CheckFinding) -> CheckFinding:
    return replace(finding, part=namespace)


def _open(namespace: str, first: Tried) -> CheckFinding:
    remedy = LET_IMPERSONATE if first.lacks else _AGAIN
    found = unknown(DRY_RUN, f"dry runs as tenants of {namespace}", first.words, remedy=remedy)
    # The right to be somebody else is not given lightly, and the reviews have told what roles allow.
    return _of(namespace, replace(found, severity=WARNING) if first.lacks else found)


def _wrong(matrix: Matrix, entry: Entry, trial: Trial, outcome: Tried) -> Iterable[Wrong]:
    what = f"{trial.object['kind']} in {trial.namespace}"
    question = Question(entry.who, trial.act, trial.namespace)
    if trial.granted and outcome.state == DENIED:
        return [_told(f"a {what} is refused", wrongly_denied(matrix, entry, [question]))]
    if trial.granted and outcome.state == STOPPED:
        return [Wrong(f"a {what} that it may make is not admitted: {outcome.words}", "", "", "")]
    if not trial.granted and outcome.state in (ADMITTED, STOPPED):
        return [_told(f"a {what} is let through", each) for each in wrongly_allowed(entry, [(question, "")], Allowed()) if each.words]
    return []


def _told(what: str, found: Wrong) -> Wrong:
    return replace(found, words=f"{what}: {found.words}")
