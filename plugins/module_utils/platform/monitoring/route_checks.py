# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether every alert reaches its owner: the checks, and what they find for the routes that are wanted and those of others.

Judged are the document's routes as they will be, together with the AlertmanagerConfigs of others on the cluster. Whether ours are
on the cluster as wanted is told by the objects' own comparison.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ...common.findings import CRITICAL, WARNING, CheckFinding
from ...common.write_findings import MISSING
from ...target.model import ABSENT, READ
from ...target.objects import labels_of, name_of, namespace_of
from ..checks import Check
from ..desired.monitoring import CRITICAL as CRITICAL_ALERT
from ..desired.monitoring import TEAM, Monitoring
from ..desired.monitoring import WARNING as WARNING_ALERT
from ..snapshot import NamedRead, PlatformSnapshot
from ..verdicts import failed, not_asked, passed, seen, unknown
from .check_list import LAYER, PART
from .evaluators import MONITORING_NAMESPACE
from .facts import OWNER_LABEL, RuleFacts
from .owners import owners_of
from .readings import ALERTMANAGER_CONFIGS, NAMESPACES
from .routes import NAME, SecretNeed, route_objects, route_places, route_secrets
from .routing import NOBODY_READS, WHOSE_UNKNOWN, ConfigSeen, Ownership, Reach, Routing, config_of, reach
from .rules import RuleSettings

_PATH: Final = "monitoring.routes"
_DOCUMENT: Final = f"document, {_PATH}"
_OPERATOR: Final = "Prometheus operator, monitoring.coreos.com AlertmanagerConfig"
_ELSEWHERE: Final = "where alertmanager-main's own configuration tells them, which is in a Secret that is not read, waive this"
_MOST_NAMED: Final = 8
"""So many alerts are named in one message."""

TOLD_SEVERITIES: Final = (CRITICAL_ALERT, WARNING_ALERT)
"""Severities of which somebody has to be told."""


def _check(name: str, title: str, remedy: str, source: str, severity: str = CRITICAL) -> Check:
    return Check(f"platform.{PART}.routes.{name}", PART, LAYER, title, remedy, source, severity)


ROUTES_READ: Final = _check(
    "read",
    "An Alertmanager reads AlertmanagerConfigs, which the document's routes are",
    "set monitoring.user_workload.alertmanager to platform or user_workload",
    "Cluster Monitoring Operator, enableUserAlertmanagerConfig and enableAlertmanagerConfig",
)
ROUTES_OWNERS: Final = _check(
    "owners",
    "The team of the platform and the owner of each tenant have a route",
    f"give the owner a route in monitoring.routes; {_ELSEWHERE}",
    f"{_DOCUMENT}; {_OPERATOR}",
)
ROUTES_TOLD: Final = _check(
    "told",
    "Somebody is told of every critical alert and every warning for the owner, as far as AlertmanagerConfigs tell",
    f"give the owner a route with that severity, and correct what is said of its AlertmanagerConfig; {_ELSEWHERE}",
    f"{_OPERATOR}; Alertmanager, routing",
)
ROUTES_NEEDED: Final = _check(
    "needed",
    "The owner that a route is for answers for a namespace",
    f"correct the owner of the route, or label the owner's namespaces {OWNER_LABEL}",
    f"{_DOCUMENT}; label {OWNER_LABEL} of namespaces",
    WARNING,
)
ROUTES_LABELS: Final = _check(
    "labels",
    "The label of a tenant's namespace names the owner that the document names: alerts on pods and quotas go by the label",
    f"label the namespace {OWNER_LABEL}, or correct the owner in monitoring.tenants",
    f"series namespace:owner:info; label {OWNER_LABEL} of namespaces",
    WARNING,
)
ROUTES_SECRETS: Final = _check(
    "secrets",
    "Each Secret that a route names is in the namespace of the route and has its key",
    "create the Secret in that namespace with that key",
    f"{_OPERATOR}: where a Secret or its key lacks, the whole object is passed over",
)

ROUTE_CHECKS: Final[tuple[Check, ...]] = (ROUTES_READ, ROUTES_OWNERS, ROUTES_TOLD, ROUTES_NEEDED, ROUTES_LABELS, ROUTES_SECRETS)


# ---- what is known ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Routes:
    """The routes of a document on a cluster, and whom they reach."""

    wanted: Monitoring
    snapshot: PlatformSnapshot
    owners: Mapping[str, str]
    """namespace to who answers for it"""
    ownership: Ownership
    routing: Routing
    reached: tuple[Reach, ...]


def routes_seen(
    wanted: Monitoring, snapshot: PlatformSnapshot, facts: RuleFacts, settings: RuleSettings, alertmanager: str | None
) -> Routes:
    """Everything that is judged; `alertmanager` is whose Alertmanager reads AlertmanagerConfigs, as Routing has it."""
    ownership = Ownership(owners_of(Monitoring(), snapshot), snapshot.why_not(NAMESPACES))
    routing = Routing(tuple(configs_seen(wanted, snapshot)), alertmanager, snapshot.why_not(ALERTMANAGER_CONFIGS))
    return Routes(wanted, snapshot, owners_of(wanted, snapshot), ownership, routing, reach(facts, settings, ownership, routing))


def configs_seen(wanted: Monitoring, snapshot: PlatformSnapshot) -> Iterator[ConfigSeen]:
    """The document's AlertmanagerConfigs, and those of others on the cluster.

    Objects of our name that the document does not want are none of them, for they go. An object of ours whose Secrets lack tells
    nobody, and one whose Secrets could not be read perhaps.
    """
    owner_of = {namespace: owner for owner, namespaces in route_places(wanted, snapshot).items() for namespace in namespaces}
    lacking: dict[str, str] = {}
    unread: dict[str, str] = {}
    for need in route_secrets(wanted, snapshot):
        read = snapshot.named(need.ref)
        if lack := _lack(need, read):
            lacking.setdefault(need.ref.namespace, lack)
        elif read.state != READ:
            unread.setdefault(need.ref.namespace, read.reason)
    for item in (each.object for each in route_objects(wanted, snapshot)):
        namespace = namespace_of(item)
        found = config_of(item, owner_of[namespace], _labels_of(namespace, snapshot))
        unused, doubt = found.unused or lacking.get(namespace, ""), found.doubt or unread.get(namespace, "")
        yield replace(found, unused=unused, doubt=doubt)
    for item in snapshot.all(ALERTMANAGER_CONFIGS):
        if name_of(item) != NAME:
            yield config_of(item, "", _labels_of(namespace_of(item), snapshot))


def _labels_of(namespace: str, snapshot: PlatformSnapshot) -> Mapping[str, str] | None:
    found = snapshot.get(NAMESPACES, "", namespace)
    if found is not None:
        return labels_of(found)
    # Our own namespace comes with the run, without labels that would take it out.
    return {} if namespace == MONITORING_NAMESPACE and snapshot.known(NAMESPACES) else None


def _lack(need: SecretNeed, read: NamedRead) -> str:
    """What lacks of a Secret; empty where nothing does, or nobody knows."""
    if read.state == ABSENT:
        return f"there is no {need.ref.text}"
    if read.state == READ and need.entry not in read.keys:
        return f"{need.ref.text} has no key {need.entry}"
    return ""


# ---- findings --------------------------------------------------------------------------------------------------------


def route_findings(
    wanted: Monitoring, snapshot: PlatformSnapshot, facts: RuleFacts, settings: RuleSettings, alertmanager: str | None
) -> tuple[CheckFinding, ...]:
    """Every finding on routes; `settings` have to be without faults."""
    return findings_of(routes_seen(wanted, snapshot, facts, settings, alertmanager))


def findings_of(routes: Routes) -> tuple[CheckFinding, ...]:
    """Every finding on routes that were looked at."""
    return (
        _read(routes),
        *_owners(routes),
        *_told(routes),
        *_needed(routes),
        *_label_findings(routes),
        *_secrets(routes),
    )


def _read(routes: Routes) -> CheckFinding:
    subject, path = "AlertmanagerConfigs", "monitoring.user_workload.alertmanager"
    alertmanager = routes.routing.alertmanager
    if not routes.wanted.routes:
        return not_asked(ROUTES_READ, subject, "the document has no routes")
    if alertmanager is None:
        return unknown(ROUTES_READ, subject, WHOSE_UNKNOWN, path)
    if not alertmanager:
        return failed(ROUTES_READ, subject, NOBODY_READS, path, MISSING)
    return passed(ROUTES_READ, subject, path, f"that of the {alertmanager.replace('_', ' ')} does")


def _owners(routes: Routes) -> Iterator[CheckFinding]:
    tenants = {tenant.namespace for tenant in routes.wanted.tenants}
    of_tenants = {owner for namespace, owner in routes.owners.items() if namespace in tenants}
    with_route = {route.owner for route in routes.wanted.routes}
    for owner in sorted({TEAM, *of_tenants}):
        subject = f"routes of {owner}"
        if owner in with_route:
            yield passed(ROUTES_OWNERS, subject, _PATH)
            continue
        theirs = [one for one in routes.reached if one.owner == owner and one.severity in TOLD_SEVERITIES]
        others = sorted({words for one in theirs for words in one.told})
        if theirs and all(one.told for one in theirs):
            yield passed(ROUTES_OWNERS, subject, _PATH, f"none of the document; told are {', '.join(others)}")
        elif routes.routing.others_unknown:
            yield unknown(ROUTES_OWNERS, subject, f"the document has none, and {routes.routing.others_unknown}", _PATH)
        else:
            yield failed(ROUTES_OWNERS, subject, f"the document has no route for {owner}", _PATH, MISSING)


def _told(routes: Routes) -> Iterator[CheckFinding]:
    tenants = {tenant.namespace for tenant in routes.wanted.tenants}
    named = {TEAM, *(route.owner for route in routes.wanted.routes)}
    named |= {owner for namespace, owner in routes.owners.items() if namespace in tenants}
    theirs: dict[tuple[str, str], list[Reach]] = {}
    for one in routes.reached:
        theirs.setdefault((one.owner, one.severity), []).append(one)
    for owner in sorted({TEAM, *routes.owners.values(), *(owner for owner, _severity in theirs)}):
        for severity in TOLD_SEVERITIES:
            subject, weight = f"{severity} alerts for {owner}", CRITICAL if owner in named else WARNING
            yield _told_of(subject, theirs.get((owner, severity), ()), weight)
    if routes.ownership.unknown:
        yield unknown(ROUTES_TOLD, "alerts for owners whom labels of namespaces name", routes.ownership.unknown, _PATH)


def _told_of(subject: str, alerts: Sequence[Reach], severity: str) -> CheckFinding:
    if not alerts:
        return not_asked(ROUTES_TOLD, subject, "there are none")
    nobody = [one for one in alerts if one.reaches_nobody]
    doubtful = [one for one in alerts if one.unknown]
    if nobody:
        reasons = _different(one.reason for one in nobody)
        message = f"{len(nobody)} of {len(alerts)} reach nobody: {_named(nobody)}{f' ({reasons})' if reasons else ''}"
        return failed(ROUTES_TOLD, subject, message, _PATH, severity=severity)
    if doubtful:
        reasons = _different(one.unknown for one in doubtful)
        return unknown(ROUTES_TOLD, subject, f"of {len(doubtful)} of {len(alerts)} it is not known: {_named(doubtful)}; {reasons}", _PATH)
    receivers = sorted({words for one in alerts for words in one.told})
    return passed(ROUTES_TOLD, subject, _PATH, f"{len(alerts)} alerts; told are {', '.join(receivers)}")


def _named(alerts: Sequence[Reach]) -> str:
    texts = [one.text for one in alerts[:_MOST_NAMED]]
    more = len(alerts) - len(texts)
    return ", ".join([*texts, *([f"{more} more"] if more else [])])


def _different(reasons: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(reason for reason in reasons if reason))


def _needed(routes: Routes) -> Iterator[CheckFinding]:
    first = {route.owner: number for number, route in reversed(list(enumerate(routes.wanted.routes)))}
    for owner, namespaces in route_places(routes.wanted, routes.snapshot).items():
        path, subject = f"{_PATH}[{first[owner]}]", f"routes of {owner}"
        if namespaces:
            yield passed(ROUTES_NEEDED, subject, path, ", ".join(namespaces))
        elif routes.ownership.unknown:
            yield unknown(ROUTES_NEEDED, subject, routes.ownership.unknown, path)
        else:
            yield failed(ROUTES_NEEDED, subject, f"{owner} answers for no namespace: the route stands nowhere", path)
    if not routes.wanted.routes:
        yield not_asked(ROUTES_NEEDED, "routes", "the document has no routes")


def _label_findings(routes: Routes) -> Iterator[CheckFinding]:
    asked = [(number, tenant) for number, tenant in enumerate(routes.wanted.tenants) if tenant.owner]
    for number, tenant in asked:
        path, subject = f"monitoring.tenants[{number}].owner", f"namespace {tenant.namespace}"
        found = routes.ownership.labelled.get(tenant.namespace, "")
        if routes.ownership.unknown:
            yield unknown(ROUTES_LABELS, subject, routes.ownership.unknown, path)
        elif routes.snapshot.get(NAMESPACES, "", tenant.namespace) is None:
            yield not_asked(ROUTES_LABELS, subject, "the namespace is not there")
        elif (found or TEAM) == tenant.owner:
            yield passed(ROUTES_LABELS, subject, path)
        else:
            message = f"alerts on its pods and quotas are for {found or TEAM}"
            evidence = seen(subject, f"metadata.labels[{OWNER_LABEL}]", found or "(none)", tenant.owner)
            yield failed(ROUTES_LABELS, subject, message, path, evidence=evidence)
    if not asked:
        yield not_asked(ROUTES_LABELS, "tenants", "the document names no owner of a tenant")


def _secrets(routes: Routes) -> Iterator[CheckFinding]:
    needs = {(need.ref, need.entry): need for need in reversed(route_secrets(routes.wanted, routes.snapshot))}
    for _key, need in sorted(needs.items()):
        read, subject = routes.snapshot.named(need.ref), f"{need.ref.text}: {need.entry}"
        lack = _lack(need, read)
        if lack:
            state = {"state": MISSING} if read.state == ABSENT else {}
            evidence = () if read.state == ABSENT else seen(need.ref.text, "data", ", ".join(sorted(read.keys)) or "no keys", need.entry)
            yield failed(ROUTES_SECRETS, subject, lack, need.path, evidence=evidence, **state)
        elif read.state != READ:
            remedy = f"let the account get the Secret {need.ref.name} in {need.ref.namespace} by its name"
            yield unknown(ROUTES_SECRETS, subject, read.reason, need.path, remedy)
        else:
            yield passed(ROUTES_SECRETS, subject, need.path)
    if not needs:
        yield not_asked(ROUTES_SECRETS, "routes", "no route of the document names a Secret")
