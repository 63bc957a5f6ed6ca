# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every shipped alert reaches its owner: by Alertmanager's own routing of what the Prometheus operator makes of our objects.

The labels are those with which promtool saw the alert fire. The operator's code turns AlertmanagerConfigs into the Alertmanager's
configuration, and amtool says who is told; the model of who is told has to say the same, and both what is written down here.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.monitoring import (
    ENFORCED,
    TEAM,
    EmailTo,
    Monitoring,
    PagerDutyTo,
    RouteWanted,
    SecretKey,
    SlackTo,
    TenantWanted,
    WebhookTo,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.evaluators import MONITORING_NAMESPACE
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.facts import NAMESPACE, OWNER_LABEL
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.matching import AlertLabels
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.readings import ALERTMANAGER_CONFIGS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.route_checks import (
    ROUTES_OWNERS,
    ROUTES_TOLD,
    configs_seen,
    findings_of,
    routes_seen,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.routes import NAME, route_objects, route_secrets
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.routing import ConfigSeen, config_of, told
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.rules import RuleSettings, TenantRules
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import (
    Listed,
    NamedRead,
    PlatformSnapshot,
    ServedApi,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.target.model import READ
from ansible_collections.groundwork.readiness.plugins.module_utils.target.objects import name_of, namespace_of

from tests.counterparts.prometheus.commands import (
    NOBODY,
    OperatorsConfiguration,
    operator_program,
    operators_configuration,
    receivers,
    route_program,
)
from tests.integration.monitoring_rules import TENANT, alert_cases, fired_labels, shipped_rules

FACTS, CASES = shipped_rules(), alert_cases()
OTHER, NOBODYS = "team-b", "team-c"
OWNERS: Final = {TENANT: "team-a-owners", OTHER: "team-b-owners"}
SETTINGS: Final = RuleSettings(tenants={namespace: TenantRules(owner) for namespace, owner in OWNERS.items()})
HOOK: Final = WebhookTo(url_secret=SecretKey(name="hook", entry="url"))
DOCUMENT: Final = Monitoring(
    tenants=tuple(TenantWanted(namespace=namespace, owner=owner) for namespace, owner in OWNERS.items()),
    routes=(
        RouteWanted(owner=TEAM, webhook=HOOK),
        RouteWanted(owner=TEAM, severities=("critical",), pagerduty=PagerDutyTo(routing_key=SecretKey(name="pager", entry="integration"))),
        RouteWanted(
            owner="team-a-owners",
            severities=("critical", "warning"),
            email=EmailTo(
                to="a@example.com",
                sender="alerts@example.com",
                smarthost="mail.example.com:587",
                username="alerts",
                password=SecretKey(name="mail", entry="login"),
            ),
        ),
        RouteWanted(
            owner="team-a-owners",
            severities=("critical",),
            slack=SlackTo(url_secret=SecretKey(name="chat", entry="url"), channel="#team-a"),
        ),
        RouteWanted(owner="team-b-owners", webhook=replace(HOOK, bearer_token=SecretKey(name="hook", entry="bearer"))),
    ),
)
TOLD: Final[Mapping[tuple[str, str], set[str]]] = {
    (TEAM, "critical"): {"platform by webhook", "platform by pagerduty"},
    (TEAM, "warning"): {"platform by webhook"},
    (TEAM, "info"): {"platform by webhook"},
    ("team-a-owners", "critical"): {"team-a-owners by email", "team-a-owners by slack"},
    ("team-a-owners", "warning"): {"team-a-owners by email"},
    ("team-a-owners", "info"): set(),
    ("team-b-owners", "critical"): {"team-b-owners by webhook"},
    ("team-b-owners", "warning"): {"team-b-owners by webhook"},
    ("team-b-owners", "info"): {"team-b-owners by webhook"},
}
THEIRS: Final[Mapping[str, Any]] = {
    "apiVersion": "monitoring.coreos.com/v1alpha1",
    "kind": "AlertmanagerConfig",
    "metadata": {"name": "theirs", "namespace": OTHER},
    "spec": {
        "route": {
            "receiver": "silence",
            "routes": [{"receiver": "chat", "matchers": [{"name": "severity", "value": "crit.*|warn.+", "regex": True}]}],
        },
        "receivers": [{"name": "silence"}, {"name": "chat", "slackConfigs": [{"apiURL": {"name": "chat", "key": "url"}, "channel": "#b"}]}],
    },
}
BY_THEIRS: Final = "AlertmanagerConfig team-b/theirs by slack"
URL: Final = "https://hooks.example.com/services/1"


@dataclass(frozen=True, slots=True)
class Programs:
    """The operator's builder, and amtool."""

    operator: Path
    amtool: Path


@dataclass(frozen=True, slots=True)
class Fired:
    """An alert with the labels that it fires with."""

    alert: str
    severity: str
    owner: str
    about: str
    """namespace of an owner that it is about; empty where it is the platform's"""
    labels: Mapping[str, str]


@pytest.fixture(scope="session")
def programs() -> Programs:
    return Programs(operator_program(print), route_program(print))


# ---- alerts and routes -----------------------------------------------------------------------------------------------


def fired() -> Iterator[Fired]:
    """Every shipped alert, for each owner whom it may be for."""
    for name, alert in sorted(FACTS.alerts.items()):
        spaces = OWNERS if alert.evaluator == ENFORCED else {**OWNERS, NOBODYS: TEAM} if alert.owner == NAMESPACE else {TENANT: TEAM}
        for namespace, owner in spaces.items():
            labels = {label: namespace if value == TENANT else value for label, value in fired_labels(alert, CASES[name], owner).items()}
            yield Fired(name, alert.severity, owner, "" if owner == TEAM else namespace, {**labels, "alertname": name})


ALERTS: Final = tuple(fired())
ONE_OF_EACH: Final = tuple({(one.owner, one.severity): one for one in ALERTS}.values())


def look(wanted: Monitoring = DOCUMENT, others: Sequence[Mapping[str, Any]] = (), versions: str = "v1beta1 v1alpha1") -> PlatformSnapshot:
    """A look at a cluster with the namespaces, these AlertmanagerConfigs of others, and all Secrets of the document."""
    labels: dict[str, dict[str, str]] = {namespace: {OWNER_LABEL: owner} for namespace, owner in OWNERS.items()}
    namespaces = tuple({"metadata": {"name": name, "labels": found}} for name, found in {**labels, NOBODYS: {}}.items())
    listed = {"namespaces": Listed(READ, namespaces), ALERTMANAGER_CONFIGS: Listed(READ, tuple(others))}
    served = {("monitoring.coreos.com", "AlertmanagerConfig"): ServedApi(tuple(versions.split()), "alertmanagerconfigs", True)}
    found = PlatformSnapshot(listed, served=served)
    needs = route_secrets(wanted, found)
    keys = {need.ref: tuple(other.entry for other in needs if other.ref == need.ref) for need in needs}
    return found.with_named({ref: NamedRead(READ, keys=entries) for ref, entries in keys.items()})


def secrets_of(wanted: Monitoring) -> dict[str, dict[str, dict[str, str]]]:
    """The Secrets that the routes name, and one of somebody else's."""
    found: dict[str, dict[str, dict[str, str]]] = {OTHER: {"chat": {"url": URL}}}
    for need in route_secrets(wanted, look(wanted)):
        found.setdefault(need.ref.namespace, {}).setdefault(need.ref.name, {})[need.entry] = URL if need.entry == "url" else "value"
    return found


def objects_of(wanted: Monitoring) -> list[dict[str, Any]]:
    """The AlertmanagerConfigs that are wanted, to be changed at will."""
    return [deepcopy(dict(each.object)) for each in route_objects(wanted, look(wanted))]


def words_of(item: Mapping[str, Any]) -> dict[str, set[str]]:
    """Receivers of an object as the operator names them, to who is told by them in words."""
    namespace = namespace_of(item)
    who = OWNERS.get(namespace, TEAM) if name_of(item) == NAME else f"AlertmanagerConfig {namespace}/{name_of(item)}"
    return {
        f"{namespace}/{name_of(item)}/{receiver['name']}": {f"{who} by {key.removesuffix('Configs')}" for key in receiver if key != "name"}
        for receiver in item["spec"]["receivers"]
    }


def by_amtool(items: Sequence[Mapping[str, Any]], asked: Sequence[Mapping[str, str]], programs: Programs, folder: Path) -> list[set[str]]:
    """Who is told of alerts with these labels, by amtool on what the operator makes of the objects; none of them may be refused."""
    made = operators_configuration(items, secrets_of(DOCUMENT), programs.operator)
    assert made.rejected == {}
    return _routed(made.config, items, asked, programs, folder)


def _routed(
    config: str, items: Sequence[Mapping[str, Any]], asked: Sequence[Mapping[str, str]], programs: Programs, folder: Path
) -> list[set[str]]:
    path = folder / "alertmanager.yml"
    path.write_text(config, encoding="utf-8")
    words: dict[str, set[str]] = {NOBODY: set()}
    for item in items:
        words.update(words_of(item))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda labels: receivers(path, labels, programs.amtool), asked))
    return [{word for name in names for word in words[name]} for names in found]


def by_model(configs: Sequence[ConfigSeen], asked: Sequence[Mapping[str, str]]) -> list[set[str]]:
    """Who is told of them by the model, which has to be sure where all labels are known."""
    found = [told(AlertLabels(labels), configs) for labels in asked]
    assert [one.perhaps for one in found if one.perhaps] == []
    return [set(one.receivers) for one in found]


# ---- all alerts ------------------------------------------------------------------------------------------------------


def test_every_alert_reaches_its_owner_and_nobody_else(programs: Programs, tmp_path: Path) -> None:
    asked = [one.labels for one in ALERTS]
    expected = [TOLD[one.owner, one.severity] for one in ALERTS]
    snapshot = look()
    assert by_amtool(objects_of(DOCUMENT), asked, programs, tmp_path) == expected
    assert by_model(tuple(configs_seen(DOCUMENT, snapshot)), asked) == expected
    reached = {
        (one.alert, one.owner, one.about): set(one.told)
        for one in routes_seen(DOCUMENT, snapshot, FACTS, SETTINGS, "platform").reached
        if not one.unknown
    }
    assert reached == {(one.alert, one.owner, one.about): words for one, words in zip(ALERTS, expected, strict=True)}
    assert {one.alert for one in ALERTS} == set(FACTS.alerts)


def test_checks_pass_for_the_document_and_fail_where_the_route_of_an_owner_is_removed(programs: Programs, tmp_path: Path) -> None:
    told_checks = (ROUTES_OWNERS.id, ROUTES_TOLD.id)
    findings = findings_of(routes_seen(DOCUMENT, look(), FACTS, SETTINGS, "platform"))
    assert [finding.words for finding in findings if finding.failed] == []
    for owner in (TEAM, *OWNERS.values()):
        less = replace(DOCUMENT, routes=tuple(route for route in DOCUMENT.routes if route.owner != owner))
        found = findings_of(routes_seen(less, look(less), FACTS, SETTINGS, "platform"))
        failing = {(finding.check, finding.subject) for finding in found if finding.check in told_checks and finding.failed}
        subjects = [(ROUTES_TOLD.id, f"{severity} alerts for {owner}") for severity in ("critical", "warning")]
        assert failing == {(ROUTES_OWNERS.id, f"routes of {owner}"), *subjects}
        expected = [set() if one.owner == owner else TOLD[one.owner, one.severity] for one in ONE_OF_EACH]
        assert by_amtool(objects_of(less), [one.labels for one in ONE_OF_EACH], programs, tmp_path) == expected


def test_an_object_of_somebody_else_is_told_as_well_and_counts(programs: Programs, tmp_path: Path) -> None:
    asked = [one.labels for one in ALERTS]
    beside = [{BY_THEIRS} if one.owner == OWNERS[OTHER] and one.severity != "info" else set() for one in ALERTS]
    expected = [TOLD[one.owner, one.severity] | more for one, more in zip(ALERTS, beside, strict=True)]
    snapshot = look(others=[THEIRS])
    assert by_amtool([*objects_of(DOCUMENT), THEIRS], asked, programs, tmp_path) == expected
    assert by_model(tuple(configs_seen(DOCUMENT, snapshot)), asked) == expected
    less = replace(DOCUMENT, routes=tuple(route for route in DOCUMENT.routes if route.owner != OWNERS[OTHER]))
    findings = findings_of(routes_seen(less, look(less, [THEIRS]), FACTS, SETTINGS, "platform"))
    assert [finding.words for finding in findings if finding.failed] == []


def made_in(version: str, wanted: Monitoring, programs: Programs) -> OperatorsConfiguration:
    """What the operator makes of the objects in one version of the API."""
    items = [each.object for each in route_objects(wanted, look(wanted, versions=version))]
    return operators_configuration(items, secrets_of(wanted), programs.operator)


def test_both_versions_of_the_api_make_the_same_configuration(programs: Programs) -> None:
    no_mail = replace(DOCUMENT, routes=tuple(route for route in DOCUMENT.routes if not route.email))
    made = made_in("v1alpha1", no_mail, programs)
    assert made == made_in("v1beta1", no_mail, programs)
    assert made.rejected == {}
    for text in (
        "repeat_interval: 4h",
        "group_wait: 30s",
        "credentials: value",
        "routing_key: value",
        f"api_url: {URL}",
        "channel: '#team-a'",
    ):
        assert text in made.config


def test_mail_needs_the_version_that_is_stored_for_the_operators_conversion_fails_for_it(programs: Programs) -> None:
    made = made_in("v1alpha1", DOCUMENT, programs)
    assert made.rejected == {}
    for text in ("smarthost: mail.example.com:587", "auth_username: alerts", "auth_password: value", "require_tls: true"):
        assert text in made.config
    (words,) = made_in("v1beta1", DOCUMENT, programs).rejected.values()
    assert words.startswith("its conversion to v1alpha1 failed: ")


def test_an_object_whose_secret_lacks_is_passed_over_as_a_whole_by_the_operator_and_by_the_model(
    programs: Programs, tmp_path: Path
) -> None:
    items, kept = objects_of(DOCUMENT), secrets_of(DOCUMENT)
    del kept[TENANT]["chat"]
    made = operators_configuration(items, kept, programs.operator)
    assert list(made.rejected) == [f"{TENANT}/{NAME}"]
    asked = [one.labels for one in ONE_OF_EACH]
    expected = [set() if one.owner == OWNERS[TENANT] else TOLD[one.owner, one.severity] for one in ONE_OF_EACH]
    assert _routed(made.config, items, asked, programs, tmp_path) == expected
    (lost,) = (need.ref for need in route_secrets(DOCUMENT, look()) if need.ref.name == "chat")
    configs = tuple(configs_seen(DOCUMENT, look().with_named({lost: NamedRead("absent")})))
    assert by_model(configs, asked) == expected


# ---- what is wrong is noticed ----------------------------------------------------------------------------------------


def missed(items: Sequence[Mapping[str, Any]], alerts: Sequence[Fired], programs: Programs, folder: Path) -> set[str]:
    """Alerts that do not reach just those whom they should."""
    found = by_amtool(items, [one.labels for one in alerts], programs, folder)
    return {one.alert for one, words in zip(alerts, found, strict=True) if words != TOLD[one.owner, one.severity]}


def test_every_alert_of_the_platform_is_missed_without_the_namespace_that_its_rule_gives_it(programs: Programs, tmp_path: Path) -> None:
    of_platform = [one for one in ALERTS if one.labels["namespace"] == MONITORING_NAMESPACE]
    plain = [
        replace(one, labels={**one.labels, "namespace": one.labels.get("workload_namespace", "openshift-monitoring")})
        for one in of_platform
    ]
    assert missed(objects_of(DOCUMENT), plain, programs, tmp_path) == {one.alert for one in of_platform}


@pytest.mark.parametrize("what", ["owner", "severity", "continue", "namespace"])
def test_a_route_that_is_wrong_in_one_place_is_noticed(what: str, programs: Programs, tmp_path: Path) -> None:
    for position, item in enumerate(objects_of(DOCUMENT)):
        root = item["spec"]["route"]
        if what == "owner":
            root["matchers"][0]["value"] = "somebody-else"
        elif what == "severity":
            root["routes"][0]["matchers"] = [{"name": "severity", "matchType": "=", "value": "none"}]
        elif what == "namespace":
            item["metadata"]["namespace"] = NOBODYS
        elif len(root["routes"]) > 1:
            del root["routes"][0]["continue"]
        else:
            continue
        items = objects_of(DOCUMENT)
        items[position] = item
        made = operators_configuration(items, {**secrets_of(DOCUMENT), NOBODYS: everything()}, programs.operator)
        assert made.rejected == {}
        found = _routed(made.config, items, [one.labels for one in ONE_OF_EACH], programs, tmp_path)
        assert any(words != TOLD[one.owner, one.severity] for one, words in zip(ONE_OF_EACH, found, strict=True)), (what, position)


def everything() -> dict[str, dict[str, str]]:
    """The Secrets of all namespaces in one."""
    found: dict[str, dict[str, str]] = {}
    for secrets in secrets_of(DOCUMENT).values():
        for name, keys in secrets.items():
            found.setdefault(name, {}).update(keys)
    return found


# ---- routes of others ------------------------------------------------------------------------------------------------

LABELS: Final = ("owner", "severity", "model")
VALUES: Final = ("", "a", "b", "abc", "12", "a.c")
PATTERNS: Final = ("a|b", "a.*", "[a-c]+", ".+", "", "(a|b)c?", r"\d+", r"a\.c", "[^a]*", "^a", "a+?(bc)*", "b|")
RECEIVERS: Final = (
    {"name": "silence"},
    {"name": "hook", "webhookConfigs": [{"url": URL}]},
    {"name": "chat", "slackConfigs": [{"apiURL": {"name": "chat", "key": "url"}, "channel": "#x"}]},
)


def random_matcher(chance: random.Random, *, older: bool) -> dict[str, Any]:
    """A matcher in the spelling of one version of the API."""
    operator = chance.choice(["=", "!=", "=~", "!~"])
    value = chance.choice(PATTERNS if "~" in operator else VALUES)
    if older and operator in ("=", "=~") and chance.random() < 0.5:
        return {"name": chance.choice(LABELS), "value": value, "regex": operator == "=~"}
    return {"name": chance.choice(LABELS), "value": value, "matchType": operator}


def random_route(chance: random.Random, depth: int, *, older: bool) -> dict[str, Any]:
    """A route with up to three children."""
    receiver = chance.choice(["silence", "hook", "chat", "" if depth else "hook", "gone" if chance.random() < 0.1 else "chat"])
    found: dict[str, Any] = {"receiver": receiver, "continue": chance.random() < 0.4}
    found["matchers"] = [
        random_matcher(chance, older=older) for _number in range(chance.choice([0, 0, 1, 1, 2] if depth else [0, 0, 0, 1]))
    ]
    if depth < 3:
        found["routes"] = [random_route(chance, depth + 1, older=older) for _number in range(chance.choice([0, 1, 2, 3]))]
    return found


def test_routes_of_others_are_taken_as_the_operator_and_alertmanager_take_them(programs: Programs, tmp_path: Path) -> None:
    chance = random.Random(7)
    items = []
    for number in range(60):
        older = number % 2 == 0
        version = "v1alpha1" if older else "v1beta1"
        spec = {"route": random_route(chance, 0, older=older), "receivers": list(RECEIVERS)}
        metadata = {"name": "theirs", "namespace": f"n-{number}"}
        items.append({"apiVersion": f"monitoring.coreos.com/{version}", "kind": "AlertmanagerConfig", "metadata": metadata, "spec": spec})
    made = operators_configuration(items, {f"n-{number}": {"chat": {"url": URL}} for number in range(60)}, programs.operator)
    configs = [config_of(item, "", {}) for item in items]
    assert {f"{config.namespace}/theirs" for config in configs if config.unused} == set(made.rejected)
    assert 0 < len(made.rejected) < 30
    asked = [
        {"namespace": f"n-{number}", **{label: value for label in LABELS if (value := chance.choice(VALUES))}}
        for number in range(60)
        for _turn in range(3)
    ]
    found = by_model(configs, asked)
    assert found == _routed(made.config, items, asked, programs, tmp_path)
    assert len([words for words in found if words]) > 60 < len([words for words in found if not words])
