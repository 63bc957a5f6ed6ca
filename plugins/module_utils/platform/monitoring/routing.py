# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is told of which alert: AlertmanagerConfigs as the Prometheus operator and Alertmanager take them.

What is modelled, with where it is from:

- The operator puts the route of each AlertmanagerConfig before the Alertmanager's own, with a matcher for the object's namespace and
  with `continue` (prometheus-operator, pkg/alertmanager/amcfg.go: AddAlertmanagerConfigs, namespaceEnforcer, continueToNextRoute). So
  no object takes an alert away from another one, and none sees those of another namespace.
- In a route the first child that matches takes the alert, and further ones where it has `continue`; the route itself takes what no
  child takes. A child without a receiver has that of its parent (alertmanager, dispatch/route.go).
- An object is passed over as a whole where a route names a receiver that it does not have, where a matcher is none, or where its root
  names no receiver (pkg/alertmanager/validation). So it is where the operator says so itself, in status.bindings.
- OpenShift's Alertmanagers read the objects of all namespaces but those with openshift.io/cluster-monitoring=true, and pass over
  objects and namespaces with openshift.io/user-monitoring=false (cluster-monitoring-operator, pkg/manifests/manifests.go:
  AlertmanagerMain, AlertmanagerUserWorkload).
- With an Alertmanager of user workloads the platform's Prometheus still tells alertmanager-main, which then reads no objects.

What nobody knows stays unknown: a matcher on a label that only the real alert has, a route that is muted at times, whatever an
Alertmanager has in its own Secret. Not looked at are inhibit rules and silences, for they depend on other alerts and on people, and
whether the Secrets of somebody else's object are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ...common.owned_fields import ApiObject
from ...target.objects import at, id_of, labels_of, map_at, maps_at, namespace_of, text_at, texts_at
from ..desired.monitoring import BY_PLATFORM, BY_USER_WORKLOAD, ENFORCED, OPEN, PLATFORM, TEAM
from .evaluators import MONITORING_NAMESPACE, PLACES
from .facts import NAMESPACE, AlertFacts, RuleFacts
from .matching import AlertLabels, Matcher, Truth, all_of, any_of, matcher_of, matches, opposite
from .rules import OWNER, WORKLOAD_NAMESPACE, RuleSettings, settings_in

CLUSTER_MONITORING: Final = "openshift.io/cluster-monitoring"
USER_MONITORING: Final = "openshift.io/user-monitoring"
_INTEGRATIONS: Final = "Configs"
"""How the names of the lists end in which a receiver says how people are told, such as webhookConfigs."""

NOBODY_READS: Final = "no Alertmanager reads AlertmanagerConfigs; what the Secret of the Alertmanager itself says is never read"
MAIN_ALONE: Final = "it goes to alertmanager-main, which reads no AlertmanagerConfigs; what its Secret says is never read"
WHOSE_UNKNOWN: Final = "which Alertmanager reads AlertmanagerConfigs is not known"


# ---- objects ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Route:
    """A route of an AlertmanagerConfig."""

    matchers: tuple[Matcher, ...]
    receiver: str
    goes_on: bool = False
    """whether routes after it are looked at although it matched"""
    at_times: bool = False
    """whether it is muted at times"""
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True, slots=True)
class ConfigSeen:
    """An AlertmanagerConfig, on the cluster or to be."""

    namespace: str
    who: str
    """who is told by it: the owner of its route, or the object itself where it is somebody else's"""
    route: Route | None
    receivers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """receiver to how it tells: webhook, email; () tells nobody"""
    unused: str = ""
    """why nothing comes of it; empty where it is read"""
    doubt: str = ""
    """why it is not known whether it is read; empty where it is"""


class _PassedOver(Exception):
    """The operator refuses the object; the text says why."""


def config_of(item: ApiObject, who: str = "", namespace_labels: Mapping[str, str] | None = None) -> ConfigSeen:
    """An object of v1alpha1 or v1beta1; `namespace_labels` are those of its namespace, None where nobody knows them."""
    namespace, said = namespace_of(item), who or f"AlertmanagerConfig {id_of(item)}"
    doubt = "" if namespace_labels is not None else f"the labels of namespace {namespace} are not known"
    unused = _left_out(item, namespace_labels or {}) or _refused(item)
    receivers = {text_at(entry, "name"): tuple(_kinds(entry)) for entry in maps_at(item, "spec.receivers")}
    spec = map_at(item, "spec.route")
    try:
        route = _route(spec, "", receivers) if spec else None
    except _PassedOver as refused:
        return ConfigSeen(namespace, said, None, receivers, unused or f"{said} is passed over: {refused}", doubt)
    return ConfigSeen(namespace, said, route, receivers, unused, doubt)


def _left_out(item: ApiObject, namespace_labels: Mapping[str, str]) -> str:
    """Why OpenShift's Alertmanagers do not select the object; empty where they do."""
    if namespace_labels.get(CLUSTER_MONITORING) == "true":
        return f"namespace {namespace_of(item)} has the label {CLUSTER_MONITORING}=true: its AlertmanagerConfigs are not read"
    if namespace_labels.get(USER_MONITORING) == "false":
        return f"namespace {namespace_of(item)} has the label {USER_MONITORING}=false: its AlertmanagerConfigs are not read"
    if labels_of(item).get(USER_MONITORING) == "false":
        return f"AlertmanagerConfig {id_of(item)} has the label {USER_MONITORING}=false: it is not read"
    return ""


def _refused(item: ApiObject) -> str:
    """What the operator itself says against the object as it is now; empty for nothing."""
    for binding in maps_at(item, "status.bindings"):
        for condition in maps_at(binding, "conditions"):
            current = condition.get("observedGeneration") == at(item, "metadata.generation")
            if text_at(condition, "type") == "Accepted" and text_at(condition, "status") == "False" and current:
                return f"AlertmanagerConfig {id_of(item)} is passed over: {text_at(condition, 'message') or 'not accepted'}"
    return ""


def _kinds(receiver: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(receiver):
        if key.endswith(_INTEGRATIONS) and maps_at(receiver, key):
            yield key.removesuffix(_INTEGRATIONS)


def _route(spec: Mapping[str, Any], above: str, receivers: Mapping[str, Sequence[str]]) -> Route:
    named = text_at(spec, "receiver")
    if not named and not above:
        raise _PassedOver("its route names no receiver")
    if named and named not in receivers:
        raise _PassedOver(f"it has no receiver {named}")
    matchers = [matcher_of(entry) for entry in maps_at(spec, "matchers")]
    known = tuple(matcher for matcher in matchers if matcher is not None)
    if len(known) < len(matchers):
        raise _PassedOver("a matcher of its routes is none")
    children = tuple(_route(child, named or above, receivers) for child in maps_at(spec, "routes"))
    at_times = bool(texts_at(spec, "muteTimeIntervals") or texts_at(spec, "activeTimeIntervals"))
    return Route(known, named or above, spec.get("continue") is True, at_times, children)


# ---- one alert -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told of an alert."""

    receivers: tuple[str, ...] = ()
    """who is told for certain, in words: `platform by webhook`"""
    perhaps: tuple[str, ...] = ()
    """why nobody knows whether more are told"""
    unused: tuple[str, ...] = ()
    """why objects of the alert's namespace tell nobody"""


def told(labels: AlertLabels, configs: Iterable[ConfigSeen]) -> Told:
    """Who is told of an alert with these labels by the objects that an Alertmanager reads. Its label namespace has to be known."""
    certain: list[str] = []
    perhaps: list[str] = []
    unused: list[str] = []
    for config in configs:
        if config.namespace != labels.values.get(NAMESPACE):
            continue
        if config.unused:
            unused.append(config.unused)
        for taken in _taken(config.route, labels, True) if config.route and not config.unused else ():
            words = [f"{config.who} by {kind}" for kind in config.receivers.get(taken.receiver, ())]
            if taken.holds and not config.doubt:
                certain += words
            elif words:
                perhaps.append(config.doubt or f"whether {config.who} is told depends on {taken.on}")
    return Told(*(tuple(sorted(set(found))) for found in (certain, perhaps, unused)))


@dataclass(frozen=True, slots=True)
class _Taken:
    """A receiver that takes an alert, for certain or perhaps."""

    receiver: str
    holds: bool
    on: str = ""
    """what it depends on"""


_ON_LABELS: Final = "labels of the alert, or on a regular expression that is not judged"
_ON_TIMES: Final = "the time: the route is muted at times"


def _taken(route: Route, labels: AlertLabels, reached: Truth) -> list[_Taken]:
    """The receivers that take an alert in a route, for certain or perhaps; `reached` is whether the route is asked."""
    takes = all_of([reached, _fits(route, labels)])
    if takes is False:
        return []
    found: list[_Taken] = []
    by_children: list[Truth] = []
    asked: Truth = takes
    for child in route.routes:
        found += _taken(child, labels, asked)
        by_children.append(_fits(child, labels))
        if not child.goes_on:
            # Where a child perhaps takes it, the next one is perhaps not asked.
            asked = all_of([asked, opposite(by_children[-1])])
        if asked is False:
            break
    by_child = any_of(by_children)
    if by_child is not True:
        certain = takes is True and by_child is False and not route.at_times
        found.append(_Taken(route.receiver, certain, _ON_TIMES if route.at_times else _ON_LABELS))
    return found


def _fits(route: Route, labels: AlertLabels) -> Truth:
    return all_of([matches(matcher, labels) for matcher in route.matchers])


# ---- all alerts ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who answers for namespaces by their label, which is what rules that look up the owner go by."""

    labelled: Mapping[str, str]
    """namespace to owner"""
    unknown: str = ""
    """why labels of namespaces are not known; empty where they are"""


@dataclass(frozen=True, slots=True)
class Reach:
    """An alert of the collection, for one owner in one place, and who is told of it."""

    alert: str
    severity: str
    place: str
    """namespace of the object with its rule"""
    owner: str
    about: str = ""
    """namespace that it is about; empty where that is none, any one, or any one that names no owner"""
    told: tuple[str, ...] = ()
    """who is told, such as `platform by webhook`"""
    unknown: str = ""
    """why nobody knows whether anybody is told; empty where somebody or nobody is"""
    reason: str = ""
    """why nobody is told, where that has a reason other than that no route matches"""

    @property
    def reaches_nobody(self) -> bool:
        """Whether it is known that no AlertmanagerConfig tells anybody."""
        return not self.told and not self.unknown

    @property
    def text(self) -> str:
        """For people: `QueueInactive`, `ServingSaturated of team-a`."""
        return f"{self.alert} of {self.about}" if self.about else self.alert


@dataclass(frozen=True, slots=True)
class Routing:
    """What alerts meet on their way."""

    configs: tuple[ConfigSeen, ...]
    alertmanager: str | None
    """whose Alertmanager reads AlertmanagerConfigs: platform or user_workload; empty for none, None where nobody knows"""
    others_unknown: str = ""
    """why it is not known which AlertmanagerConfigs of others there are; empty where it is"""


def reach(facts: RuleFacts, settings: RuleSettings, ownership: Ownership, routing: Routing) -> tuple[Reach, ...]:
    """Who is told of each alert that is wanted, sorted by alert, place and what it is about.

    An Alertmanager that reads no AlertmanagerConfigs, or whose alert none of them takes, may still tell somebody by its own Secret:
    that is never read and never counts.
    """
    by_namespace: dict[str, list[ConfigSeen]] = {}
    for config in routing.configs:
        by_namespace.setdefault(config.namespace, []).append(config)
    found = [
        _reached(one, ownership, routing, by_namespace.get(one.routed, ()))
        for alert in facts.alerts.values()
        for one in _instances(alert, settings, ownership.labelled)
    ]
    return tuple(sorted(found, key=lambda one: (one.alert, one.place, one.about, one.owner)))


@dataclass(frozen=True, slots=True)
class _Instance:
    """An alert as it leaves its evaluator."""

    alert: AlertFacts
    place: str
    routed: str
    """its label namespace"""
    owner: str
    about: str = ""
    looked_up: bool = False
    """whether the owner is that of the namespace's label"""


def _instances(alert: AlertFacts, settings: RuleSettings, labelled: Mapping[str, str]) -> Iterator[_Instance]:
    if alert.evaluator == ENFORCED:
        for namespace, tenant in sorted(settings.tenants.items()):
            if alert.name not in settings_in(namespace, settings).left_out:
                yield _Instance(alert, namespace, namespace, tenant.owner, namespace)
        return
    if alert.name in settings.left_out:
        return
    place = PLACES[alert.evaluator]
    yield _Instance(alert, place, MONITORING_NAMESPACE, TEAM)
    if alert.owner == NAMESPACE:
        for namespace in sorted({*settings.tenants, *labelled}):
            owner = labelled.get(namespace, TEAM)
            yield _Instance(alert, place, MONITORING_NAMESPACE if owner == TEAM else namespace, owner, namespace, True)


def labels_of_alert(alert: AlertFacts, routed: str, owner: str, about: str = "") -> AlertLabels:
    """What is known of the labels of an alert before it fires: those of its rule. Series and Prometheus put more to them."""
    values = {"alertname": alert.name, "severity": alert.severity, OWNER: owner, NAMESPACE: routed}
    if about and alert.evaluator == OPEN:
        values[WORKLOAD_NAMESPACE] = about
    return AlertLabels(values, others_unknown=True)


def _reached(one: _Instance, ownership: Ownership, routing: Routing, configs: Sequence[ConfigSeen]) -> Reach:
    unknown = _not_routed(one.alert, routing.alertmanager) or (ownership.unknown if one.looked_up else "")
    labels = labels_of_alert(one.alert, one.routed, one.owner, one.about)
    found = Told(perhaps=(unknown,)) if unknown else told(labels, configs)
    doubts = (*found.perhaps, *([routing.others_unknown] if routing.others_unknown else ()))
    return Reach(
        one.alert.name,
        one.alert.severity,
        one.place,
        one.owner,
        one.about,
        found.receivers,
        unknown="" if found.receivers else "; ".join(doubts),
        reason="" if found.receivers or doubts else "; ".join(found.unused),
    )


def _not_routed(alert: AlertFacts, alertmanager: str | None) -> str:
    """Why nobody knows who is told, whatever AlertmanagerConfigs there are."""
    if alertmanager is None:
        return WHOSE_UNKNOWN
    if alertmanager == BY_USER_WORKLOAD:
        return MAIN_ALONE if alert.evaluator == PLATFORM else ""
    return "" if alertmanager == BY_PLATFORM else NOBODY_READS
