# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes become one object in each namespace of their owner, with Secrets by reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.monitoring import (
    EmailTo,
    Monitoring,
    PagerDutyTo,
    RouteWanted,
    SecretKey,
    SlackTo,
    TenantWanted,
    WebhookTo,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.shape import path_text
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.routes import (
    NAME,
    route_faults,
    route_objects,
    route_places,
    route_secret_refs,
    route_secrets,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import OPERANDS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import (
    Listed,
    Named,
    PlatformSnapshot,
    ServedApi,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.target.model import FORBIDDEN, READ

OURS = "groundwork-readiness-monitoring"
OWNER_LABEL = "readiness.groundwork.io/owner"
HOOK = WebhookTo(url_secret=SecretKey(name="hook", entry="url"))
PAGER = PagerDutyTo(routing_key=SecretKey(name="pager", entry="integration"))
CHAT = SlackTo(url_secret=SecretKey(name="chat", entry="url"), channel="#ai")
MAIL = EmailTo(
    to="team@example.com",
    sender="alerts@example.com",
    smarthost="mail.example.com:587",
    username="alerts",
    password=SecretKey(name="mail", entry="login"),
)
PLATFORM = RouteWanted(owner="platform", webhook=HOOK)
RESEARCH = RouteWanted(owner="research", email=MAIL)
TENANTS = (TenantWanted(namespace="team-a", owner="research"), TenantWanted(namespace="team-b"))


def snapshot_with(namespaces: Mapping[str, str] | None, versions: tuple[str, ...] = ("v1beta1", "v1alpha1")) -> PlatformSnapshot:
    """A look with namespaces and the owners that their labels name; None for a list that was refused."""
    served = {("monitoring.coreos.com", "AlertmanagerConfig"): ServedApi(versions, "alertmanagerconfigs", True)} if versions else {}
    if namespaces is None:
        return PlatformSnapshot({"namespaces": Listed(FORBIDDEN, reason="namespaces: forbidden")}, served=served)
    items = tuple(
        {"metadata": {"name": name, "labels": {OWNER_LABEL: owner} if owner else {}}} for name, owner in sorted(namespaces.items())
    )
    return PlatformSnapshot({"namespaces": Listed(READ, items)}, served=served)


THERE = snapshot_with({"team-a": "", "team-b": "", "team-c": "research", "team-d": "platform"})


def spec_of(*routes: RouteWanted) -> dict[str, Any]:
    (wanted,) = route_objects(Monitoring(routes=routes), snapshot_with({}))
    return dict(wanted.object["spec"])


def test_an_object_stands_in_each_namespace_of_an_owner_that_has_a_route() -> None:
    wanted = Monitoring(tenants=TENANTS, routes=(RESEARCH, PLATFORM))
    found = route_objects(wanted, THERE)
    assert [(each.object["metadata"]["namespace"], each.object["metadata"]["name"], each.path, each.rank) for each in found] == [
        (OURS, NAME, "monitoring.routes[1]", OPERANDS),
        ("team-a", NAME, "monitoring.routes[0]", OPERANDS),
        ("team-c", NAME, "monitoring.routes[0]", OPERANDS),
    ]


def test_the_platforms_routes_stand_in_a_tenants_namespace_that_it_answers_for_itself() -> None:
    wanted = Monitoring(tenants=(TenantWanted(namespace="team-b", owner="platform"),), routes=(PLATFORM,))
    assert route_places(wanted, THERE) == {"platform": (OURS, "team-b")}


def test_a_namespace_that_is_not_there_gets_no_route_and_one_that_may_be_does() -> None:
    wanted = Monitoring(tenants=TENANTS, routes=(RESEARCH,))
    assert route_places(wanted, snapshot_with({"team-b": ""})) == {"research": ()}
    assert route_places(wanted, snapshot_with(None)) == {"research": ("team-a",)}


def test_our_namespace_is_the_platforms_whatever_its_label_says() -> None:
    assert route_places(Monitoring(routes=(PLATFORM, RESEARCH)), snapshot_with({OURS: "research"})) == {
        "platform": (OURS,),
        "research": (),
    }


@pytest.mark.parametrize(
    ("versions", "version"),
    [(("v1beta1", "v1alpha1"), "v1alpha1"), (("v1alpha1",), "v1alpha1"), (("v1beta1",), "v1beta1"), ((), "v1alpha1")],
)
def test_objects_are_of_a_version_that_is_served_and_stored_without_a_conversion(versions: tuple[str, ...], version: str) -> None:
    (wanted,) = route_objects(Monitoring(routes=(PLATFORM,)), snapshot_with({}, versions))
    assert (wanted.object["apiVersion"], wanted.object["kind"]) == (f"monitoring.coreos.com/{version}", "AlertmanagerConfig")


def test_several_routes_of_an_owner_are_told_side_by_side_below_one_for_the_owner() -> None:
    spec = spec_of(PLATFORM, RouteWanted(owner="platform", severities=("warning", "critical"), pagerduty=PAGER, wait="10s", repeat="1h"))
    root = spec["route"]
    assert (root["receiver"], root["matchers"]) == ("nobody", [{"name": "owner", "matchType": "=", "value": "platform"}])
    grouped = ["alertname", "severity", "workload_namespace"]
    assert root["groupBy"] == grouped
    assert root["routes"] == [
        {
            "receiver": "platform-1",
            "groupBy": grouped,
            "groupWait": "30s",
            "groupInterval": "5m",
            "repeatInterval": "4h",
            "continue": True,
        },
        {
            "receiver": "platform-2",
            "matchers": [{"name": "severity", "matchType": "=~", "value": "critical|warning"}],
            "groupBy": grouped,
            "groupWait": "10s",
            "groupInterval": "5m",
            "repeatInterval": "1h",
            "continue": True,
        },
    ]
    assert [receiver["name"] for receiver in spec["receivers"]] == ["nobody", "platform-1", "platform-2"]
    assert spec["receivers"][0] == {"name": "nobody"}


def test_receivers_name_secrets_and_hold_none() -> None:
    hook = replace(HOOK, bearer_token=SecretKey(name="hook", entry="bearer"))
    spec = spec_of(RouteWanted(owner="platform", webhook=hook, email=MAIL, slack=CHAT, pagerduty=PAGER))
    assert spec["receivers"][1] == {
        "name": "platform-1",
        "webhookConfigs": [
            {
                "urlSecret": {"name": "hook", "key": "url"},
                "sendResolved": True,
                "httpConfig": {"authorization": {"type": "Bearer", "credentials": {"name": "hook", "key": "bearer"}}},
            }
        ],
        "emailConfigs": [
            {
                "to": "team@example.com",
                "from": "alerts@example.com",
                "smarthost": "mail.example.com:587",
                "requireTLS": True,
                "sendResolved": True,
                "authUsername": "alerts",
                "authPassword": {"name": "mail", "key": "login"},
            }
        ],
        "slackConfigs": [{"apiURL": {"name": "chat", "key": "url"}, "channel": "#ai", "sendResolved": True}],
        "pagerdutyConfigs": [{"routingKey": {"name": "pager", "key": "integration"}, "sendResolved": True}],
    }


def test_mail_without_login_names_no_secret() -> None:
    spec = spec_of(RouteWanted(owner="platform", email=replace(MAIL, username="", password=None, require_tls=False)))
    (email,) = spec["receivers"][1]["emailConfigs"]
    assert "authUsername" not in email and "authPassword" not in email
    assert email["requireTLS"] is False


def test_secrets_are_needed_in_every_namespace_of_the_route() -> None:
    wanted = Monitoring(tenants=TENANTS, routes=(replace(RESEARCH, slack=CHAT), replace(PLATFORM, pagerduty=PAGER)))
    found = [(need.ref.namespace, need.ref.name, need.entry, need.path) for need in route_secrets(wanted, THERE)]
    assert found == [
        (OURS, "hook", "url", "monitoring.routes[1].webhook.url_secret"),
        (OURS, "pager", "integration", "monitoring.routes[1].pagerduty.routing_key"),
        ("team-a", "chat", "url", "monitoring.routes[0].slack.url_secret"),
        ("team-a", "mail", "login", "monitoring.routes[0].email.password"),
        ("team-c", "chat", "url", "monitoring.routes[0].slack.url_secret"),
        ("team-c", "mail", "login", "monitoring.routes[0].email.password"),
    ]
    assert route_secret_refs(wanted, THERE)[0] == Named("v1", "Secret", OURS, "hook")
    assert len(route_secret_refs(wanted, THERE)) == 6


# ---- faults ----------------------------------------------------------------------------------------------------------


def faults_of(*routes: RouteWanted) -> list[tuple[str, str]]:
    found = list(route_faults(Monitoring(routes=routes)))
    assert all(problem.message.startswith(path_text(path)) and problem.remedy for path, problem in found)
    return [(path_text(path), problem.message.removeprefix(path_text(path)).strip()) for path, problem in found]


def test_routes_without_fault_pass() -> None:
    several = replace(MAIL, to="a@example.com, b@example.com", smarthost="[2001:db8::1]:25", username="", password=None)
    assert faults_of(PLATFORM, RESEARCH, RouteWanted(owner="sales", severities=("info",), email=several, slack=CHAT)) == []


def test_a_route_that_tells_nobody_is_a_fault() -> None:
    assert faults_of(PLATFORM, RouteWanted(owner="sales")) == [("monitoring.routes[1]", "tells nobody")]


def test_the_same_route_twice_is_a_fault() -> None:
    assert faults_of(PLATFORM, RESEARCH, PLATFORM) == [
        ("monitoring.routes[2]", "is the same as monitoring.routes[0]: everybody would be told twice")
    ]


def test_a_severity_twice_is_a_fault() -> None:
    (found,) = faults_of(replace(PLATFORM, severities=("info", "info")))
    assert found[0] == "monitoring.routes[0].severities[1]"


@pytest.mark.parametrize(
    ("email", "place", "words"),
    [
        (replace(MAIL, to="team"), "to", "is 'team', which is no address of mail"),
        (replace(MAIL, to="a@example.com,"), "to", "is 'a@example.com,', which is no address of mail"),
        (replace(MAIL, sender="a@b@example.com"), "sender", "is 'a@b@example.com', which is no address of mail"),
        (replace(MAIL, smarthost="mail.example.com"), "smarthost", "is 'mail.example.com', which is no host with a port"),
        (replace(MAIL, smarthost="mail.example.com:0"), "smarthost", "is 'mail.example.com:0', which is no host with a port"),
        (replace(MAIL, smarthost="mail.example.com:65536"), "smarthost", "is 'mail.example.com:65536', which is no host with a port"),
        (replace(MAIL, password=None), "password", "is missing, and username is given"),
        (replace(MAIL, username=""), "username", "is missing, and password is given"),
    ],
)
def test_mail_that_cannot_be_sent_is_a_fault(email: EmailTo, place: str, words: str) -> None:
    assert faults_of(replace(RESEARCH, email=email)) == [(f"monitoring.routes[0].email.{place}", words)]


@pytest.mark.parametrize("entry", ["", "a key", "../x"])
def test_what_is_no_key_of_a_secret_is_a_fault(entry: str) -> None:
    (found,) = faults_of(replace(PLATFORM, webhook=WebhookTo(url_secret=SecretKey(name="hook", entry=entry))))
    assert found == ("monitoring.routes[0].webhook.url_secret.entry", f"is {entry!r}, which is no key of a Secret")


def test_a_channel_without_a_name_is_a_fault() -> None:
    assert faults_of(RouteWanted(owner="sales", slack=replace(CHAT, channel=" "))) == [("monitoring.routes[0].slack.channel", "is empty")]
