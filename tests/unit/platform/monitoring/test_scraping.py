# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who scrapes what, against a judge of its own that walks every monitor, Service and pod and shares no code with the part."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring import readings
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.monitors import PLATFORM, USER_WORKLOAD, scraper_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.scraping import (
    Mark,
    PodsLabelled,
    PodsMarked,
    Sight,
    scraping_of,
    sight_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.platform.monitoring.watching_builders import (
    STACK,
    Json,
    Site,
    by_labels,
    namespace,
    pod_monitor,
    service,
    service_monitor,
    stack,
)

SPACES = ("a", "b", "c")
PODS = {"app": "m", "tier": "gpu"}
TARGET = PodsLabelled("the pods of m", "a", (PODS,))
MARKED = PodsMarked("the exporter", (Mark({"app": "m"}),))
TOKEN = {"bearerTokenFile": "/var/run/secrets/kubernetes.io/serviceaccount/token"}
BOTH = (
    (readings.PROMETHEUSES, stack("Prometheus", "openshift-monitoring", "k8s")),
    (readings.PROMETHEUSES, stack("Prometheus", STACK, "user-workload")),
)


def site_of(*objects: tuple[str, Json], running: tuple[tuple[str, Json], ...] = BOTH) -> Site:
    return Site((*running, *objects))


def seen(site: Site, target: PodsLabelled | PodsMarked = TARGET) -> Sight:
    return sight_of(target, scraping_of(site.snapshot()))


# ---- random clusters against another judge ---------------------------------------------------------------------------

TERM = st.fixed_dictionaries(
    {
        "key": st.sampled_from(["app", "tier", "other"]),
        "operator": st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist"]),
        "values": st.lists(st.sampled_from(["m", "gpu", "x"]), min_size=1, max_size=2, unique=True),
    }
).map(lambda term: term if term["operator"] in ("In", "NotIn") else {key: term[key] for key in ("key", "operator")})
LABELS = st.dictionaries(st.sampled_from(["app", "tier", "other"]), st.sampled_from(["m", "gpu", "x"]), max_size=2)
SELECTOR = st.fixed_dictionaries({}, optional={"matchLabels": LABELS, "matchExpressions": st.lists(TERM, max_size=2)})
REACH = st.one_of(
    st.none(),
    st.just({"any": True}),
    st.lists(st.sampled_from(SPACES), min_size=1, max_size=2, unique=True).map(lambda names: {"matchNames": names}),
)
MONITOR = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["ServiceMonitor", "PodMonitor"]),
        "home": st.sampled_from(SPACES),
        "selector": SELECTOR,
        "reach": REACH,
        "opted": st.sampled_from([{}, {}, {"openshift.io/user-monitoring": "false"}, {"openshift.io/user-monitoring": "true"}]),
        "files": st.sampled_from([{}, {}, TOKEN, {"tlsConfig": {"caFile": "/etc/ca.crt"}}]),
        "port": st.sampled_from(["", "metrics", "web"]),
    }
)
SERVICE = st.fixed_dictionaries(
    {
        "home": st.sampled_from(SPACES),
        "labels": LABELS,
        "selector": st.sampled_from([PODS, {"app": "m"}, {"app": "x"}, {}]),
        "port": st.sampled_from(["metrics", "web"]),
    }
)
SPACE = st.fixed_dictionaries(
    {},
    optional={
        "openshift.io/cluster-monitoring": st.sampled_from(["true", "false"]),
        "openshift.io/user-monitoring": st.sampled_from(["true", "false"]),
    },
)
CLUSTER = st.fixed_dictionaries(
    {
        "spaces": st.tuples(SPACE, SPACE, SPACE),
        "monitors": st.lists(MONITOR, max_size=4),
        "services": st.lists(SERVICE, max_size=3),
        "platform": st.booleans(),
        "user": st.booleans(),
    }
)


def takes(selector: Json, labels: Json) -> bool:
    """A LabelSelector as the API's documentation has it."""
    for key, value in selector.get("matchLabels", {}).items():
        if key not in labels or labels[key] != value:
            return False
    for term in selector.get("matchExpressions", []):
        is_there = term["key"] in labels
        outcome = {
            "Exists": is_there,
            "DoesNotExist": not is_there,
            "In": is_there and labels[term["key"]] in term.get("values", ()),
            "NotIn": not is_there or labels[term["key"]] not in term.get("values", ()),
        }
        if not outcome[term["operator"]]:
            return False
    return True


def reads(cluster: Json, monitor: Json, prometheus: str) -> bool:
    """Whether a Prometheus reads a monitor at all."""
    labels = cluster["spaces"][SPACES.index(monitor["home"])]
    if not cluster[prometheus]:
        return False
    if prometheus == "platform":
        return labels.get("openshift.io/cluster-monitoring") == "true"
    wanted = labels.get("openshift.io/cluster-monitoring") != "true" and labels.get("openshift.io/user-monitoring") != "false"
    refused = monitor["kind"] == "ServiceMonitor" and monitor["files"]
    return wanted and monitor["opted"].get("openshift.io/user-monitoring") != "false" and not refused


def scraped_by(cluster: Json) -> set[int]:
    """Numbers of the monitors by which the pods are scraped."""
    found = set()
    for number, monitor in enumerate(cluster["monitors"]):
        for prometheus in ("platform", "user"):
            own = prometheus == "user" or monitor["reach"] is None
            spaces = [monitor["home"]] if own else SPACES if monitor["reach"].get("any") else monitor["reach"]["matchNames"]
            if not reads(cluster, monitor, prometheus) or "a" not in spaces:
                continue
            if monitor["kind"] == "PodMonitor" and takes(monitor["selector"], PODS):
                found.add(number)
            for each in cluster["services"] if monitor["kind"] == "ServiceMonitor" else ():
                leads = each["home"] == "a" and each["selector"] and takes({"matchLabels": each["selector"]}, PODS)
                if leads and takes(monitor["selector"], each["labels"]) and monitor["port"] in ("", each["port"]):
                    found.add(number)
    return found


def built(cluster: Json) -> Site:
    objects: list[tuple[str, Json]] = []
    for name, labels in zip(SPACES, cluster["spaces"], strict=True):
        item = namespace(name)
        objects.append((readings.NAMESPACES, {**item, "metadata": {**item["metadata"], "labels": labels}}))
    for number, monitor in enumerate(cluster["monitors"]):
        reach: dict[str, Any] = {"namespaceSelector": monitor["reach"]} if monitor["reach"] is not None else {}
        name, home, labels = f"m{number}", monitor["home"], monitor["opted"]
        if monitor["kind"] == "PodMonitor":
            objects.append((readings.POD_MONITORS, pod_monitor(name, home, monitor["selector"], labels=labels, **reach)))
        else:
            item = service_monitor(name, home, monitor["selector"], monitor["port"], labels=labels, endpoint=monitor["files"], **reach)
            objects.append((readings.SERVICE_MONITORS, item))
    for number, each in enumerate(cluster["services"]):
        objects.append((readings.SERVICES, service(f"s{number}", each["home"], each["labels"], each["selector"], each["port"])))
    running = [found for found, key in zip(BOTH, ("platform", "user"), strict=True) if cluster[key]]
    return site_of(*objects, running=tuple(running))


@given(CLUSTER)
@settings(max_examples=400)
def test_monitors_that_scrape_are_those_that_another_judge_finds(cluster: Json) -> None:
    sight = seen(built(cluster))
    expected = {f"{cluster['monitors'][number]['kind']} {cluster['monitors'][number]['home']}/m{number}" for number in scraped_by(cluster)}
    assert set(sight.monitors) == expected
    assert bool(sight.reason) == (not expected)
    assert sight.unknown == ""


@given(CLUSTER, st.randoms())
def test_order_in_which_objects_are_listed_changes_nothing(cluster: Json, chance: Any) -> None:
    site = built(cluster)
    shuffled = list(site.objects)
    chance.shuffle(shuffled)
    assert seen(Site(tuple(shuffled))) == seen(site)


@given(SPACE)
def test_namespace_is_read_by_one_prometheus_at_most(labels: Json) -> None:
    is_cluster = labels.get("openshift.io/cluster-monitoring") == "true"
    expected = PLATFORM if is_cluster else None if labels.get("openshift.io/user-monitoring") == "false" else USER_WORKLOAD
    assert scraper_of(labels) is expected


# ---- why nobody scrapes it -------------------------------------------------------------------------------------------

HOME = (readings.NAMESPACES, namespace("a"))
LEADS = (readings.SERVICES, service("m", "a", {"svc": "m"}, {"app": "m"}, "metrics"))


def test_service_without_a_monitor_is_named() -> None:
    reason = seen(site_of(HOME, LEADS)).reason
    assert reason == "nobody scrapes the pods of m: no ServiceMonitor selects the Service a/m, and no PodMonitor its pods"


def test_pods_that_no_service_leads_to_and_no_pod_monitor_selects() -> None:
    assert seen(site_of(HOME)).reason == "nobody scrapes the pods of m: no PodMonitor selects its pods, and no Service leads to them"


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ({"user_monitoring": "false"}, "namespace a is left out: its label openshift.io/user-monitoring=false takes it out"),
        ({"cluster_monitoring": "true"}, ""),
        ({"cluster_monitoring": "true", "user_monitoring": "false"}, ""),
        ({}, ""),
    ],
)
def test_labels_of_the_namespace_decide_who_reads_its_monitors(labels: dict[str, str], words: str) -> None:
    sight = seen(
        site_of((readings.NAMESPACES, namespace("a", **labels)), (readings.POD_MONITORS, pod_monitor("p", "a", by_labels(app="m"))))
    )
    assert bool(sight.monitors) == (words == "")
    assert words in sight.reason


def test_monitor_that_is_labelled_away_is_told() -> None:
    away = pod_monitor("p", "a", by_labels(app="m"), labels={"openshift.io/user-monitoring": "false"})
    assert "PodMonitor a/p: its label openshift.io/user-monitoring=false" in seen(site_of(HOME, (readings.POD_MONITORS, away))).reason


@pytest.mark.parametrize("files", [TOKEN, {"tlsConfig": {"certFile": "/etc/tls.crt", "insecureSkipVerify": True}}])
def test_user_workload_monitoring_refuses_files_and_the_platform_does_not(files: Json) -> None:
    monitor = (readings.SERVICE_MONITORS, service_monitor("m", "a", by_labels(svc="m"), "metrics", endpoint=files))
    assert "names files of Prometheus, which user-workload monitoring refuses" in seen(site_of(HOME, LEADS, monitor)).reason
    labelled = (readings.NAMESPACES, namespace("a", cluster_monitoring="true"))
    assert seen(site_of(labelled, LEADS, monitor)).monitors == ("ServiceMonitor a/m",)


@pytest.mark.parametrize("reach", [{"any": True}, {"matchNames": ["a"]}])
def test_monitor_of_another_namespace_scrapes_only_for_the_platform(reach: Json) -> None:
    monitor = (readings.SERVICE_MONITORS, service_monitor("m", "b", by_labels(svc="m"), "metrics", namespaceSelector=reach))
    other = (readings.NAMESPACES, namespace("b"))
    assert (
        "user-workload monitoring looks into b only, whatever the namespaceSelector says"
        in seen(site_of(HOME, other, LEADS, monitor)).reason
    )
    labelled = (readings.NAMESPACES, namespace("b", cluster_monitoring="true"))
    assert seen(site_of(HOME, labelled, LEADS, monitor)).monitors == ("ServiceMonitor b/m",)


def test_port_that_the_service_does_not_have_is_told() -> None:
    monitor = (readings.SERVICE_MONITORS, service_monitor("m", "a", by_labels(svc="m"), "web"))
    assert "ServiceMonitor a/m: it names no port that the Service has" in seen(site_of(HOME, LEADS, monitor)).reason


def test_monitor_without_an_endpoint_scrapes_nothing() -> None:
    bare = pod_monitor("p", "a", by_labels(app="m"), podMetricsEndpoints=[])
    assert "PodMonitor a/p: it has no endpoint" in seen(site_of(HOME, (readings.POD_MONITORS, bare))).reason


@pytest.mark.parametrize(
    ("labels", "running", "words"),
    [
        ({}, BOTH[:1], "user-workload monitoring does not run: there is no Prometheus openshift-user-workload-monitoring/user-workload"),
        (
            {"cluster_monitoring": "true"},
            BOTH[1:],
            "the platform's Prometheus does not run: there is no Prometheus openshift-monitoring/k8s",
        ),
    ],
)
def test_prometheus_that_does_not_run_is_told(labels: dict[str, str], running: tuple[tuple[str, Json], ...], words: str) -> None:
    monitor = (readings.POD_MONITORS, pod_monitor("p", "a", by_labels(app="m")))
    sight = seen(site_of((readings.NAMESPACES, namespace("a", **labels)), monitor, running=running))
    assert words in sight.reason


@pytest.mark.parametrize(
    "hidden", [readings.SERVICE_MONITORS, readings.POD_MONITORS, readings.SERVICES, readings.NAMESPACES, readings.PROMETHEUSES]
)
def test_list_that_is_not_known_leaves_it_open(hidden: str) -> None:
    monitor = (readings.POD_MONITORS, pod_monitor("p", "a", by_labels(app="m")))
    site = Site((*BOTH, HOME, monitor), hidden=(hidden,))
    assert seen(site) == Sight(unknown=f"the account may not list {hidden}")


def test_cluster_that_serves_no_prometheus_leaves_it_open() -> None:
    assert seen(Site((HOME,), absent=(readings.PROMETHEUSES,))).unknown == f"the cluster does not serve {readings.PROMETHEUSES}"


# ---- what is known by its marks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("selector", "is_asked"),
    [
        (by_labels(app="m"), True),
        (by_labels(app="m", tier="any"), True),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["m"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["m", "x"]}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, False),
        (by_labels(app="x"), False),
        ({}, False),
    ],
)
def test_pod_monitor_of_marked_pods_has_to_ask_for_a_mark(selector: Json, is_asked: bool) -> None:
    site = site_of((readings.NAMESPACES, namespace("b")), (readings.POD_MONITORS, pod_monitor("p", "b", selector)))
    assert bool(seen(site, MARKED).monitors) == is_asked


@pytest.mark.parametrize(
    ("labels", "selector", "name", "is_theirs"),
    [
        ({"app": "m", "svc": "m"}, {"run": "it"}, "m", True),
        ({"svc": "m"}, {"app": "m", "more": "yes"}, "m", True),
        ({"svc": "m"}, {"run": "it"}, "m", False),
        ({"app": "m", "svc": "m"}, {}, "webhook", False),
    ],
)
def test_service_of_marked_pods_is_known_by_labels_or_selector_and_by_its_name(
    labels: Json, selector: Json, name: str, is_theirs: bool
) -> None:
    target = PodsMarked("it", (Mark({"app": "m"}, "m.*"),))
    objects = (
        (readings.SERVICES, service(name, "b", labels, selector, "metrics")),
        (readings.SERVICE_MONITORS, service_monitor("s", "b", by_labels(svc="m"))),
        (readings.NAMESPACES, namespace("b")),
    )
    assert bool(seen(site_of(*objects), target).monitors) == is_theirs


def test_service_without_a_selector_leads_to_no_pods() -> None:
    nowhere = (readings.SERVICES, service("m", "a", {"svc": "m"}, {}, "metrics"))
    monitor = (readings.SERVICE_MONITORS, service_monitor("m", "a", by_labels(svc="m"), "metrics"))
    assert "no Service leads to them" in seen(site_of(HOME, nowhere, monitor)).reason
