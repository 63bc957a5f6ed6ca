# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The document's routes as AlertmanagerConfigs: one object for each namespace in which alerts of an owner are routed.

Alertmanager shows an object the alerts of its own namespace alone. So the routes of an owner stand in every namespace that is theirs,
and those of the platform in the namespace of monitoring, where the rules put what is for the platform. Alerts that are evaluated in a
tenant's namespace stay there: where the platform answers for that one itself, its routes stand there too.

All that an owner is to be told stands in one object, as routes with `continue` below one for the owner. Nothing inhibits anything: that
a critical alert says what a warning says depends on the two alerts, and is nowhere so for all of a group. Secrets are named, and the
operator reads them from the namespace of the object (monitoring.coreos.com/v1alpha1 and v1beta1, type SecretKeySelector).

Both API versions have every field that is written here. The one that is stored is preferred: v1beta1 goes through the operator's
conversion, which fails for mail without threading (prometheus-operator v0.92 to v0.94, pkg/apis/monitoring/v1beta1/conversion_to.go:
convertEmailThreadingConfigTo takes what a nil pointer points to).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...common.owned_fields import ApiObject
from ..desired.monitoring import TEAM, EmailTo, Monitoring, RouteWanted, SecretKey, WebhookTo
from ..desired.rules import Fault, fault, used_twice
from ..desired.shape import Path
from ..parts import OPERANDS, WantedObject
from ..snapshot import Named, PlatformSnapshot
from .check_list import LAYER, PART
from .evaluators import MONITORING_NAMESPACE
from .matching import EQUAL, FITS
from .objects import PREFIX
from .owners import owners_of
from .readings import NAMESPACES
from .rules import OWNER, WORKLOAD_NAMESPACE

GROUP, KIND = "monitoring.coreos.com", "AlertmanagerConfig"
VERSIONS: Final = ("v1alpha1", "v1beta1")
"""Versions of the API that are written, the preferred one first; OpenShift serves both, a plain Prometheus operator the older one."""

NAME: Final = f"{PREFIX}-routes"
"""Name of the objects; there is one in a namespace at most."""

NOBODY: Final = "nobody"
"""Receiver of what no route of an owner tells: without integrations nobody is told."""

GROUPED_BY: Final = ("alertname", "severity", WORKLOAD_NAMESPACE)
"""Alerts that are told together."""

_SECRET_ENTRY: Final = re.compile(r"[-._a-zA-Z0-9]{1,253}")
_ADDRESS: Final = re.compile(r"[^\s,@]+@[^\s,@]+")
_HOST_PORT: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+):([0-9]{1,5})")
_MOST_PORT: Final = 65535


# ---- where -----------------------------------------------------------------------------------------------------------


def route_places(wanted: Monitoring, snapshot: PlatformSnapshot) -> dict[str, tuple[str, ...]]:
    """Owner of a route to the namespaces that get it, sorted. Namespaces that are known not to be there get none.

    Ask `known(NAMESPACES)` before you conclude from a lack: owners may be known by the labels of namespaces alone.
    """
    owners = owners_of(wanted, snapshot)
    tenants = {tenant.namespace for tenant in wanted.tenants}
    # Where the platform answers for a namespace, all but what is evaluated in it is routed in the namespace of monitoring.
    of_owner = {name: owner for name, owner in owners.items() if owner != TEAM or name in tenants}
    there = {name: owner for name, owner in of_owner.items() if _may_be_there(name, snapshot)}
    return {
        owner: tuple(sorted([*([MONITORING_NAMESPACE] if owner == TEAM else []), *(name for name in there if there[name] == owner)]))
        for owner in sorted({route.owner for route in wanted.routes})
    }


def _may_be_there(namespace: str, snapshot: PlatformSnapshot) -> bool:
    if namespace == MONITORING_NAMESPACE:
        return False
    return not snapshot.known(NAMESPACES) or snapshot.get(NAMESPACES, "", namespace) is not None


# ---- objects ---------------------------------------------------------------------------------------------------------


def route_objects(wanted: Monitoring, snapshot: PlatformSnapshot) -> tuple[WantedObject, ...]:
    """The AlertmanagerConfigs, sorted by namespace. Routes without anybody to tell are faults of the document (`route_faults`)."""
    version = snapshot.version_of(GROUP, KIND, *VERSIONS) or VERSIONS[0]
    owner_of = {namespace: owner for owner, namespaces in route_places(wanted, snapshot).items() for namespace in namespaces}
    found = []
    for namespace, owner in sorted(owner_of.items()):
        routes = [(number, route) for number, route in enumerate(wanted.routes) if route.owner == owner]
        metadata = {"name": NAME, "namespace": namespace}
        item = {
            "apiVersion": f"{GROUP}/{version}",
            "kind": KIND,
            "metadata": metadata,
            "spec": _spec(owner, [route for _n, route in routes]),
        }
        found.append(WantedObject(item, PART, LAYER, f"monitoring.routes[{routes[0][0]}]", OPERANDS))
    return tuple(found)


def _spec(owner: str, routes: Sequence[RouteWanted]) -> ApiObject:
    names = [f"{owner}-{number}" for number in range(1, len(routes) + 1)]
    root = {
        "receiver": NOBODY,
        "matchers": [_matcher(OWNER, EQUAL, owner)],
        "groupBy": list(GROUPED_BY),
        "routes": [_route(route, name) for route, name in zip(routes, names, strict=True)],
    }
    receivers = [{"name": name, **_integrations(route)} for route, name in zip(routes, names, strict=True)]
    return {"route": root, "receivers": [{"name": NOBODY}, *receivers]}


def _route(route: RouteWanted, receiver: str) -> ApiObject:
    found: dict[str, Any] = {
        "receiver": receiver,
        "groupBy": list(GROUPED_BY),
        "groupWait": route.wait,
        "groupInterval": route.interval,
        "repeatInterval": route.repeat,
        "continue": True,
    }
    if route.severities:
        found["matchers"] = [_matcher("severity", FITS, "|".join(sorted(route.severities)))]
    return found


def _matcher(label: str, operator: str, value: str) -> ApiObject:
    return {"name": label, "matchType": operator, "value": value}


def _integrations(route: RouteWanted) -> ApiObject:
    found: dict[str, Any] = {}
    if route.webhook:
        found["webhookConfigs"] = [_webhook(route.webhook)]
    if route.email:
        found["emailConfigs"] = [_email(route.email)]
    if route.slack:
        slack = {"apiURL": _secret(route.slack.url_secret), "channel": route.slack.channel, "sendResolved": True}
        found["slackConfigs"] = [slack]
    if route.pagerduty:
        found["pagerdutyConfigs"] = [{"routingKey": _secret(route.pagerduty.routing_key), "sendResolved": True}]
    return found


def _webhook(webhook: WebhookTo) -> ApiObject:
    found: dict[str, Any] = {"urlSecret": _secret(webhook.url_secret), "sendResolved": True}
    if webhook.bearer_token:
        found["httpConfig"] = {"authorization": {"type": "Bearer", "credentials": _secret(webhook.bearer_token)}}
    return found


def _email(email: EmailTo) -> ApiObject:
    found: dict[str, Any] = {
        "to": email.to,
        "from": email.sender,
        "smarthost": email.smarthost,
        "requireTLS": email.require_tls,
        "sendResolved": True,
    }
    if email.username:
        found["authUsername"] = email.username
    if email.password:
        found["authPassword"] = _secret(email.password)
    return found


def _secret(wanted: SecretKey) -> ApiObject:
    return {"name": wanted.name, "key": wanted.entry}


# ---- Secrets ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class SecretNeed:
    """A key of a Secret that a route needs in one of its namespaces."""

    ref: Named
    entry: str
    path: str
    """place in the document that names it"""


def route_secrets(wanted: Monitoring, snapshot: PlatformSnapshot) -> tuple[SecretNeed, ...]:
    """All keys that the routes need, each in every namespace that gets the route, sorted."""
    places = route_places(wanted, snapshot)
    found = {
        SecretNeed(Named("v1", "Secret", namespace, secret.name), secret.entry, f"monitoring.routes[{number}].{place}")
        for number, route in enumerate(wanted.routes)
        for place, secret in secrets_of(route).items()
        for namespace in places[route.owner]
    }
    return tuple(sorted(found))


def route_secret_refs(wanted: Monitoring, snapshot: PlatformSnapshot) -> tuple[Named, ...]:
    """The Secrets of which the names of the keys have to be read, sorted; `snapshot` is a look with the list of namespaces."""
    return tuple(sorted({need.ref for need in route_secrets(wanted, snapshot)}))


def secrets_of(route: RouteWanted) -> dict[str, SecretKey]:
    """The Secrets of one route, by their places in it."""
    found = {
        "webhook.url_secret": route.webhook.url_secret if route.webhook else None,
        "webhook.bearer_token": route.webhook.bearer_token if route.webhook else None,
        "email.password": route.email.password if route.email else None,
        "slack.url_secret": route.slack.url_secret if route.slack else None,
        "pagerduty.routing_key": route.pagerduty.routing_key if route.pagerduty else None,
    }
    return {place: secret for place, secret in found.items() if secret is not None}


# ---- faults ----------------------------------------------------------------------------------------------------------


def route_faults(section: Monitoring) -> Iterator[Fault]:
    """What the routes cannot mean: nobody to tell, the same twice, addresses that are none."""
    seen: dict[str, int] = {}
    for number, route in enumerate(section.routes):
        path: Path = ("monitoring", "routes", number)
        yield from used_twice(((*path, "severities", position), severity) for position, severity in enumerate(route.severities))
        if not (route.webhook or route.email or route.slack or route.pagerduty):
            yield fault(path, "tells nobody", "give webhook, email, slack or pagerduty")
        if repr(route) in seen:
            yield fault(
                path, f"is the same as monitoring.routes[{seen[repr(route)]}]: everybody would be told twice", "leave one of them out"
            )
        seen.setdefault(repr(route), number)
        for place, secret in secrets_of(route).items():
            if not _SECRET_ENTRY.fullmatch(secret.entry):
                remedy = "name the key as the Secret has it: letters, digits, -, _ and ."
                yield fault((*path, *place.split("."), "entry"), f"is {secret.entry!r}, which is no key of a Secret", remedy)
        if route.slack and not route.slack.channel.strip():
            yield fault((*path, "slack", "channel"), "is empty", "name the channel, such as #ai-platform")
        if route.email:
            yield from _email_faults((*path, "email"), route.email)


def _email_faults(path: Path, email: EmailTo) -> Iterator[Fault]:
    addresses: Mapping[str, Sequence[str]] = {"to": email.to.split(","), "sender": [email.sender]}
    for name, given in addresses.items():
        if not all(_ADDRESS.fullmatch(address.strip()) for address in given):
            yield fault((*path, name), f"is {','.join(given)!r}, which is no address of mail", "write it as team@example.com")
    found = _HOST_PORT.fullmatch(email.smarthost)
    if not found or not 0 < int(found[2]) <= _MOST_PORT:
        yield fault((*path, "smarthost"), f"is {email.smarthost!r}, which is no host with a port", "write it as mail.example.com:587")
    if bool(email.username) != (email.password is not None):
        words = ("password", "username") if email.username else ("username", "password")
        yield fault((*path, words[0]), f"is missing, and {words[1]} is given", "give both, or none where the server asks nobody to log in")
