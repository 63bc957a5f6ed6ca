# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is told: routes as Alertmanager takes them, and unknown where labels, times or Alertmanagers are not known."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.monitoring import ENFORCED, OPEN, PLATFORM
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.evaluators import MONITORING_NAMESPACE
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.facts import (
    AlertFacts,
    ConditionFacts,
    ParameterFacts,
    RuleFacts,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.matching import AlertLabels
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.routing import (
    MAIN_ALONE,
    NOBODY_READS,
    WHOSE_UNKNOWN,
    ConfigSeen,
    Ownership,
    Reach,
    Routing,
    Told,
    config_of,
    reach,
    told,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.rules import RuleSettings, TenantRules
from hypothesis import given
from hypothesis import strategies as st

RECEIVERS = [
    {"name": "nobody"},
    {"name": "mail", "emailConfigs": [{}]},
    {"name": "chat", "slackConfigs": [{}], "webhookConfigs": [{}]},
    {"name": "empty", "slackConfigs": []},
]
CRITICAL = {"name": "severity", "matchType": "=", "value": "critical"}


def config(route: dict[str, Any], namespace: str = "team-a", **more: Any) -> dict[str, Any]:
    metadata = {"name": "theirs", "namespace": namespace, **more.pop("metadata", {})}
    return {"metadata": metadata, "spec": {"route": route, "receivers": RECEIVERS}, **more}


def asked(route: dict[str, Any], values: dict[str, str] | None = None, *, others_unknown: bool = False, **more: Any) -> Told:
    labels = {"namespace": "team-a", "severity": "critical", **(values or {})}
    return told(AlertLabels(labels, others_unknown), [config_of(config(route, **more), "x", {})])


def child(receiver: str, **more: Any) -> dict[str, Any]:
    return {"receiver": receiver, "matchers": [CRITICAL], **more}


def test_all_that_a_receiver_has_is_told_and_a_receiver_without_integrations_is_nobody() -> None:
    assert asked({"receiver": "chat"}).receivers == ("x by slack", "x by webhook")
    assert asked({"receiver": "nobody"}) == asked({"receiver": "empty"}) == Told()


def test_an_object_sees_alerts_of_its_own_namespace_alone() -> None:
    assert asked({"receiver": "mail"}, {"namespace": "team-b"}) == Told()


@pytest.mark.parametrize(
    ("routes", "receivers"),
    [
        ([], ("x by email",)),
        ([child("chat")], ("x by slack", "x by webhook")),
        ([child("chat", matchers=[{**CRITICAL, "value": "info"}])], ("x by email",)),
        ([child("nobody"), child("chat")], ()),
        ([child("nobody", **{"continue": True}), child("chat")], ("x by slack", "x by webhook")),
        ([child("")], ("x by email",)),
        ([child("nobody", routes=[child("")])], ()),
        ([child("nobody", routes=[child("chat")])], ("x by slack", "x by webhook")),
    ],
)
def test_the_first_child_that_matches_takes_an_alert_and_further_ones_where_it_goes_on(
    routes: list[dict[str, Any]], receivers: tuple[str, ...]
) -> None:
    assert asked({"receiver": "mail", "routes": routes}) == Told(receivers)


def test_a_route_that_does_not_match_has_no_children_that_do() -> None:
    route = {"receiver": "mail", "matchers": [{**CRITICAL, "value": "info"}], "routes": [child("chat")]}
    assert asked(route) == Told()


def test_a_label_that_only_the_alert_has_leaves_its_receivers_unknown() -> None:
    gpu = {"name": "model", "matchType": "=", "value": "H100"}
    found = asked({"receiver": "mail", "routes": [child("chat", matchers=[gpu])]}, others_unknown=True)
    assert found.receivers == ()
    assert found.perhaps == ("whether x is told depends on labels of the alert, or on a regular expression that is not judged",)
    assert asked({"receiver": "nobody", "matchers": [gpu]}, others_unknown=True) == Told()


def test_a_child_that_perhaps_takes_an_alert_leaves_those_after_it_unknown_but_not_whether_any_takes_it() -> None:
    gpu = {"name": "model", "matchType": "=", "value": "H100"}
    routes = [child("nobody", matchers=[gpu]), child("chat")]
    found = asked({"receiver": "mail", "routes": routes}, others_unknown=True)
    assert (found.receivers, len(found.perhaps)) == ((), 1)
    known = [child("nobody", matchers=[gpu], **{"continue": True}), child("chat")]
    assert asked({"receiver": "mail", "routes": known}, others_unknown=True) == Told(("x by slack", "x by webhook"))


@pytest.mark.parametrize("key", ["muteTimeIntervals", "activeTimeIntervals"])
def test_a_route_that_is_muted_at_times_tells_nobody_for_certain(key: str) -> None:
    found = asked({"receiver": "mail", key: ["nights"]})
    assert (found.receivers, found.perhaps) == ((), ("whether x is told depends on the time: the route is muted at times",))
    assert asked({"receiver": "mail", key: ["nights"], "routes": [child("chat")]}) == Told(("x by slack", "x by webhook"))


@pytest.mark.parametrize(
    ("route", "words"),
    [
        ({"receiver": "gone"}, "it has no receiver gone"),
        ({}, ""),
        ({"matchers": []}, "its route names no receiver"),
        ({"receiver": "mail", "routes": [{"receiver": "gone"}]}, "it has no receiver gone"),
        ({"receiver": "mail", "routes": [child("chat", matchers=[{"name": "a", "matchType": "=="}])]}, "a matcher of its routes is none"),
    ],
)
def test_an_object_that_the_operator_refuses_tells_nobody_and_says_why(route: dict[str, Any], words: str) -> None:
    found = asked(route)
    assert found.receivers == found.perhaps == ()
    assert found.unused == ((f"x is passed over: {words}",) if words else ())


@pytest.mark.parametrize(
    ("namespace_labels", "labels", "is_read"),
    [
        ({}, {}, True),
        ({"openshift.io/cluster-monitoring": "true"}, {}, False),
        ({"openshift.io/cluster-monitoring": "false"}, {}, True),
        ({"openshift.io/user-monitoring": "false"}, {}, False),
        ({"openshift.io/user-monitoring": "true"}, {}, True),
        ({}, {"openshift.io/user-monitoring": "false"}, False),
    ],
)
def test_objects_are_read_unless_labels_take_them_out(namespace_labels: dict[str, str], labels: dict[str, str], is_read: bool) -> None:
    found = config_of(config({"receiver": "mail"}, metadata={"labels": labels}), "", namespace_labels)
    assert bool(found.unused) != is_read
    assert (found.who, found.doubt) == ("AlertmanagerConfig team-a/theirs", "")


def test_an_object_of_a_namespace_whose_labels_are_unknown_tells_nobody_for_certain() -> None:
    found = told(AlertLabels({"namespace": "team-a"}), [config_of(config({"receiver": "mail"}))])
    assert found == Told((), ("the labels of namespace team-a are not known",))


@pytest.mark.parametrize(("generation", "refused"), [(2, True), (1, False)])
def test_what_the_operator_says_against_the_object_as_it_is_now_counts(generation: int, refused: bool) -> None:
    condition = {"type": "Accepted", "status": "False", "message": "no Secret", "observedGeneration": generation}
    status = {"bindings": [{"conditions": [condition]}]}
    found = asked({"receiver": "mail"}, metadata={"generation": 2}, status=status)
    assert found.unused == (("AlertmanagerConfig team-a/theirs is passed over: no Secret",) if refused else ())


_LABELS = ("severity", "owner", "model")
_VALUES = ("a", "b", "")
_MATCHER = st.fixed_dictionaries(
    {"name": st.sampled_from(_LABELS), "matchType": st.sampled_from(["=", "!=", "=~", "!~"]), "value": st.sampled_from([*_VALUES, "a|b"])}
)
_ROUTE = st.recursive(
    st.fixed_dictionaries(
        {
            "receiver": st.sampled_from(["nobody", "mail", "chat"]),
            "matchers": st.lists(_MATCHER, max_size=2),
            "continue": st.booleans(),
        }
    ),
    lambda inner: st.builds(lambda route, routes: {**route, "routes": routes}, inner, st.lists(inner, max_size=3)),
    max_leaves=6,
)


@given(_ROUTE, st.dictionaries(st.sampled_from(_LABELS), st.sampled_from(_VALUES[:2])), st.sets(st.sampled_from(_LABELS)))
def test_what_is_known_of_some_labels_holds_whatever_the_others_are(route: dict[str, Any], values: dict[str, str], kept: set[str]) -> None:
    configs = [config_of(config(route), "x", {})]
    whole = told(AlertLabels({"namespace": "team-a", **values}), configs)
    partly = told(AlertLabels({"namespace": "team-a", **{name: values.get(name, "") for name in kept}}, others_unknown=True), configs)
    assert set(partly.receivers) <= set(whole.receivers)
    assert partly.perhaps or partly.receivers == whole.receivers
    assert whole.perhaps == ()


# ---- all alerts ------------------------------------------------------------------------------------------------------


def alert(name: str, evaluator: str, owner: str, severity: str = "warning") -> AlertFacts:
    return AlertFacts(
        name=name,
        group="g",
        evaluator=evaluator,
        severity=severity,
        owner=owner,
        hold="5m",
        labels=("namespace", "pod"),
        conditions=(ConditionFacts(value="a", comparator=">", threshold="n"),),
        parameters={"n": ParameterFacts(default=1, least=0, most=2, unit="count")},
        summary="s",
        description="d",
        meaning="m",
        look=("l",),
        act=("a",),
        source="s",
    )


FACTS = RuleFacts(
    alerts={
        each.name: each
        for each in (
            alert("Hot", OPEN, "platform", "critical"),
            alert("Idle", OPEN, "namespace"),
            alert("Lost", PLATFORM, "platform"),
            alert("Slow", ENFORCED, "namespace"),
        )
    }
)
SETTINGS = RuleSettings(tenants={"team-a": TenantRules("research")})
OWNERSHIP = Ownership({"team-a": "research", "team-b": "sales"})


def owned(owner: str, namespace: str) -> ConfigSeen:
    route = {"receiver": "nobody", "routes": [{"receiver": "mail", "matchers": [{"name": "owner", "value": owner}]}]}
    return config_of(config(route, namespace), owner, {})


ROUTING = Routing((owned("platform", MONITORING_NAMESPACE), owned("research", "team-a")), "platform")


def places(found: tuple[Reach, ...]) -> dict[tuple[str, str, str], tuple[str, ...]]:
    return {(one.alert, one.owner, one.about): one.told for one in found}


def test_each_alert_goes_to_whom_it_is_for_and_a_namespace_without_owner_to_the_platform() -> None:
    mail, theirs = ("platform by email",), ("research by email",)
    assert places(reach(FACTS, SETTINGS, OWNERSHIP, ROUTING)) == {
        ("Hot", "platform", ""): mail,
        ("Idle", "platform", ""): mail,
        ("Idle", "research", "team-a"): theirs,
        ("Idle", "sales", "team-b"): (),
        ("Lost", "platform", ""): mail,
        ("Slow", "research", "team-a"): theirs,
    }


def test_alerts_of_a_tenant_whose_namespace_has_no_label_go_to_the_platform_but_those_evaluated_in_it() -> None:
    found = places(reach(FACTS, SETTINGS, Ownership({}), ROUTING))
    assert found["Idle", "platform", "team-a"] == ("platform by email",)
    assert found["Slow", "research", "team-a"] == ("research by email",)


def test_alerts_that_are_left_out_reach_nobody_and_are_not_asked_for() -> None:
    settings = RuleSettings(left_out=("Hot", "Idle"), tenants={"team-a": TenantRules("research", left_out=("Slow",))})
    assert [one.alert for one in reach(FACTS, settings, OWNERSHIP, ROUTING)] == ["Lost"]


def test_with_an_alertmanager_of_user_workloads_nobody_knows_who_is_told_of_the_platforms_own_rules() -> None:
    found = reach(FACTS, SETTINGS, OWNERSHIP, Routing(ROUTING.configs, "user_workload"))
    assert {one.alert: one.unknown for one in found if one.unknown} == {"Lost": MAIN_ALONE}
    assert places(found)["Hot", "platform", ""] == ("platform by email",)


@pytest.mark.parametrize(("alertmanager", "reason"), [(None, WHOSE_UNKNOWN), ("", NOBODY_READS)])
def test_nobody_is_known_to_be_told_while_no_alertmanager_is_known_to_read_routes(alertmanager: str | None, reason: str) -> None:
    found = reach(FACTS, SETTINGS, OWNERSHIP, Routing(ROUTING.configs, alertmanager))
    assert {one.unknown for one in found} == {reason}
    assert not any(one.told or one.reaches_nobody for one in found)


def test_owners_that_are_looked_up_are_unknown_while_labels_of_namespaces_are() -> None:
    found = reach(FACTS, SETTINGS, Ownership({}, "namespaces: forbidden"), ROUTING)
    assert [(one.alert, one.about) for one in found if one.unknown] == [("Idle", "team-a")]


def test_nobody_is_unknown_while_objects_of_others_are_not_known() -> None:
    found = reach(FACTS, SETTINGS, OWNERSHIP, Routing(ROUTING.configs, "platform", "forbidden"))
    assert [(one.text, one.unknown) for one in found if one.unknown] == [("Idle of team-b", "forbidden")]


def test_nobody_has_a_reason_where_an_object_is_not_used() -> None:
    unused = config_of(config({"receiver": "gone"}, "team-b"), "", {})
    found = reach(FACTS, SETTINGS, OWNERSHIP, Routing((*ROUTING.configs, unused), "platform"))
    assert [(one.text, one.reason) for one in found if one.reaches_nobody] == [
        ("Idle of team-b", "AlertmanagerConfig team-b/theirs is passed over: it has no receiver gone")
    ]
