# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The section `monitoring` of the desired-state document: who is told what when something goes wrong, and what people can look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .keys import ABSENT, LABEL_VALUE, MAY_LACK, NAME, NAMESPACE, PRESENT, key

DURATION: Final = r"[1-9][0-9]{0,4}(s|m|h|d)"
"""A length of time as rules write it."""

"""Value of a label of Kubernetes that is not empty."""

OPEN, ENFORCED, PLATFORM = "user_workload_open", "user_workload_enforced", "platform"
EVALUATORS: Final = (OPEN, ENFORCED, PLATFORM)
"""Who evaluates a rule: user-workload monitoring in our namespace, whose rules see every namespace; user-workload monitoring in a
tenant's namespace, whose rules see only that one; the platform's Prometheus."""

CRITICAL, WARNING, INFO = "critical", "warning", "info"
SEVERITIES: Final = (CRITICAL, WARNING, INFO)

TEAM: Final = "platform"
"""Owner of what no other team answers for: the team that runs the platform."""

BY_PLATFORM, BY_USER_WORKLOAD, AS_IT_IS = "platform", "user_workload", "as_it_is"
ALERTMANAGERS: Final = (BY_PLATFORM, BY_USER_WORKLOAD, AS_IT_IS)
"""Whose Alertmanager reads AlertmanagerConfigs: that of the platform; one of user-workload monitoring's own; whichever does already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserWorkloadWanted:
    """User-workload monitoring, set up in two ConfigMaps whose other settings stay as they are."""

    enabled: bool = key("whether it is switched on; false leaves both ConfigMaps as they are", True)
    alertmanager: str = key("whose Alertmanager reads the routes of namespaces", BY_PLATFORM, allowed=ALERTMANAGERS)
    retention: str = key(
        "how long its Prometheus keeps samples, such as 15d; empty leaves it as it is", "", pattern=MAY_LACK.format(DURATION)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertWanted:
    """One alert of the collection, where it is to be other than shipped."""

    state: str = key("absent leaves it out", PRESENT, allowed=(PRESENT, ABSENT))
    hold: str = key("how long its conditions have to hold, such as 30m; empty takes the shipped one", "", pattern=MAY_LACK.format(DURATION))
    parameters: Mapping[str, float] = key("its numbers, by the names that docs/runbooks.md gives them", {})


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantWanted:
    """A namespace that gets the alerts on serving and drift, evaluated in it."""

    namespace: str = key("its name", pattern=NAMESPACE)
    owner: str = key(
        "team that answers for it; empty takes the namespace's label readiness.groundwork.io/owner",
        "",
        pattern=MAY_LACK.format(LABEL_VALUE),
    )
    alerts: Mapping[str, AlertWanted] = key("alerts that are to be other here than elsewhere, such as another error budget", {})


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesWanted:
    """Further rules, as Prometheus has them."""

    name: str = key("name of the object", pattern=NAME)
    evaluator: str = key("who evaluates them", OPEN, allowed=EVALUATORS)
    namespace: str = key("namespace of the tenant, with evaluator user_workload_enforced", "", pattern=MAY_LACK.format(NAMESPACE))
    groups: tuple[Mapping[str, Any], ...] = key(
        "groups of rules: name, interval, and rules with alert or record, expr, for, labels, annotations"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretKey:
    """A key of a Secret in the namespace of the route."""

    name: str = key("name of the Secret", pattern=NAME)
    entry: str = key("its key that holds the value")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookTo:
    """A URL that gets alerts as Alertmanager's JSON."""

    url_secret: SecretKey = key("Secret that holds the URL")
    bearer_token: SecretKey | None = key("Secret that holds a token for the header Authorization", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailTo:
    """Mail."""

    to: str = key("address that it goes to")
    sender: str = key("address that it comes from")
    smarthost: str = key("mail server as host:port")
    username: str = key("who logs in there; empty for nobody", "")
    password: SecretKey | None = key("Secret that holds the password", None)
    require_tls: bool = key("whether STARTTLS is required", True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackTo:
    """A channel of Slack, or of what takes its webhooks."""

    url_secret: SecretKey = key("Secret that holds the webhook's URL")
    channel: str = key("channel, such as #ai-platform")


@dataclass(frozen=True, slots=True, kw_only=True)
class PagerDutyTo:
    """A service of PagerDuty."""

    routing_key: SecretKey = key("Secret that holds the integration key of Events API v2")


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteWanted:
    """Where the alerts of one owner go."""

    owner: str = key("team whose alerts they are; platform is the team that runs the platform", pattern=LABEL_VALUE)
    severities: tuple[str, ...] = key("severities that are told; empty means all", (), allowed=SEVERITIES)
    webhook: WebhookTo | None = key("a URL", None)
    email: EmailTo | None = key("mail", None)
    slack: SlackTo | None = key("Slack", None)
    pagerduty: PagerDutyTo | None = key("PagerDuty", None)
    wait: str = key("how long to wait for further alerts of a group before it is told", "30s", pattern=DURATION)
    interval: str = key("how long to wait before new alerts of a group are told", "5m", pattern=DURATION)
    repeat: str = key("how long to wait before it is told again", "4h", pattern=DURATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardsWanted:
    """Dashboards on accelerators, queues, serving and ownership."""

    console: bool = key("whether the console of OpenShift shows them", True)
    perses: tuple[str, ...] = key("namespaces that get them as PersesDashboards", (), pattern=NAMESPACE)
    left_out: tuple[str, ...] = key("dashboards that are not wanted, by the names that docs/dashboards.md gives them", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedWanted:
    """What has to be watched: without it, what nobody watches is told and is no failure."""

    accelerators: bool = key("whether the accelerators of every node have to be scraped", True)
    models: bool = key("whether every model that is served has to be scraped", False)
    owners: bool = key("whether every namespace that holds accelerators, or has a quota for them, has to name its owner", False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """The monitoring part."""

    user_workload: UserWorkloadWanted = key("user-workload monitoring", UserWorkloadWanted())
    alerts: Mapping[str, AlertWanted] = key("alerts of the collection that are to be other than shipped, by their names", {})
    tenants: tuple[TenantWanted, ...] = key("namespaces that get the alerts on serving and drift", ())
    rules: tuple[RulesWanted, ...] = key("further rules", ())
    routes: tuple[RouteWanted, ...] = key("where alerts go", ())
    dashboards: DashboardsWanted = key("dashboards", DashboardsWanted())
    watched: WatchedWanted = key("what has to be watched", WatchedWanted())
    runbooks: str = key(
        "page of the runbooks that alerts lead to, an alert's name in lower case being the anchor; a URL becomes their annotation "
        "runbook_url, of which consoles make a link, anything else the annotation runbook",
        "docs/runbooks.md",
        pattern=r"\S+",
    )
