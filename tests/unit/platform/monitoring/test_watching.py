# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What nobody watches is found with its cause; what is watched gives no alarm; what cannot be seen is never watched."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import FAIL, NOT_APPLICABLE, NOT_EVALUATED, PASS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.monitoring import (
    AS_IT_IS,
    BY_USER_WORKLOAD,
    Monitoring,
    UserWorkloadWanted,
    WatchedWanted,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring import readings
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.evaluators import EVALUATOR, MONITORING_NAMESPACE
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.records import KINDS, WORDS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.rules import RuleSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import DevicePod, PodUse

from tests.unit.platform.monitoring.watching_builders import (
    ASKED,
    COREOS,
    EXPORTERS,
    FACTS,
    KUEUE_HOME,
    LEFT_OPEN,
    LISTS,
    NVIDIA_HOME,
    OWNER,
    PLATFORM_TEAM,
    STACK,
    TENANT,
    Json,
    Site,
    by_labels,
    clean_site,
    cluster_operator,
    engine_monitor,
    kueue,
    llm,
    model,
    model_metrics,
    namespace,
    node,
    pod_monitor,
    quota,
    service,
    stack,
    thing,
)

CLEAN = clean_site()
NOTHING_ASKED = Monitoring(tenants=ASKED.tenants, watched=WatchedWanted(accelerators=False))
USER_PROMETHEUS = f"Prometheus {STACK}/user-workload"
CHAT, LARGE = f"InferenceService {TENANT}/chat", f"LLMInferenceService {TENANT}/large"
MONITORS = {
    "nvidia": "nvidia-dcgm-exporter",
    "amd": "mi300-metrics-exporter",
    "intel": "intel-xpumanager",
    "gaudi": "metric-exporter",
}


def rules_of_others(kind: str, name: str, home: str, alert: str, **metadata: object) -> Json:
    item = thing(COREOS, kind, name, home, spec={"groups": [{"name": "g", "rules": [{"alert": alert, "expr": "up == 0"}]}]})
    return {**item, "metadata": {**item["metadata"], **metadata}}


def left_out(name: str) -> tuple[str, Json]:
    return readings.NAMESPACES, namespace(name, user_monitoring="false")


# ---- a cluster on which everything is watched ------------------------------------------------------------------------


def test_clean_cluster_gives_no_alarm_though_everything_is_asked() -> None:
    assert CLEAN.alarms() == {}
    assert {finding.result for finding in CLEAN.findings().values()} == {PASS}


def test_everything_of_a_clean_cluster_is_watched_by_a_named_monitor() -> None:
    records = CLEAN.records()
    assert {record["state"] for record in records.values()} == {"watched"}
    assert {record["reason"] for record in records.values()} == {""}
    vendors = {f"accelerators {vendor}" for vendor in EXPORTERS}
    assert set(records) == {*vendors, f"model {CHAT}", f"model {LARGE}", f"namespace {TENANT}", "queue research", "queue production"}
    assert records[f"model {CHAT}"]["monitors"] == [f"ServiceMonitor {TENANT}/chat-metrics"]
    assert records[f"model {LARGE}"]["monitors"] == [f"PodMonitor {TENANT}/kserve-llm-isvc-vllm-engine-default"]
    assert records["queue research"]["monitors"] == [f"ServiceMonitor {KUEUE_HOME}/kueue-metrics"]
    assert records[f"namespace {TENANT}"]["owner"] == OWNER


@pytest.mark.parametrize(
    "site", [CLEAN, replace(CLEAN, hidden=(readings.NAMESPACES,)), replace(CLEAN, told={})], ids=["clean", "hidden", "untold"]
)
def test_records_have_the_facts_of_their_kind_and_its_words(site: Site) -> None:
    known = {each.name for each in fields(KINDS["watch"])} | {"kind"}
    records = site.records()
    assert records
    for record in records.values():
        assert set(record) | set(record.get("unknown", {})) >= known - {"unknown"}
        assert set(record) <= known
        assert all(record[fact] in words for (kind, fact), words in WORDS.items() if kind == "watch")


def test_alerts_are_counted_for_what_they_tell_of() -> None:
    counts = {key: record["alerts"] for key, record in CLEAN.records().items()}
    assert counts["accelerators nvidia"] > counts["accelerators amd"] > counts["accelerators gaudi"] > counts["accelerators intel"] > 0
    assert counts["queue research"] == sum(facts.group == "queues" for facts in FACTS.alerts.values())
    assert counts[f"model {CHAT}"] == sum(facts.evaluator == "user_workload_enforced" for facts in FACTS.alerts.values())
    assert counts[f"namespace {TENANT}"] == sum(facts.group == "accelerator-use" for facts in FACTS.alerts.values())


def test_alert_that_reads_what_another_vendor_alone_gives_tells_nothing_of_this_one() -> None:
    alert = FACTS.alerts["AcceleratorOverTemperature"]
    (hot,) = alert.conditions
    for conditions in (
        (hot, replace(hot, value="accelerator:error:code")),
        (replace(hot, value='accelerator:temperature:celsius{vendor="nvidia"}'),),
    ):
        site = replace(CLEAN, facts=replace(FACTS, alerts={alert.name: replace(alert, conditions=conditions)}))
        counts = {key: record["alerts"] for key, record in site.records().items() if key.startswith("accelerators")}
        assert counts == {"accelerators nvidia": 1, "accelerators amd": 0, "accelerators gaudi": 0, "accelerators intel": 0}


# ---- defects, each alone ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vendor", sorted(MONITORS))
def test_exporter_without_its_monitor_is_found(vendor: str) -> None:
    site = CLEAN.without(readings.SERVICE_MONITORS, MONITORS[vendor])
    subject = f"accelerators of {vendor}"
    alarms = site.alarms()
    assert set(alarms) == {("watched.accelerators", subject)}
    assert alarms["watched.accelerators", subject].startswith(
        f"nobody scrapes the exporter of {vendor}: no ServiceMonitor selects the Service"
    )
    record = site.records()[f"accelerators {vendor}"]
    assert (record["state"], record["monitors"]) == ("unwatched", [])
    assert record["reason"] == alarms["watched.accelerators", subject]


def test_exporter_that_is_not_there_at_all_is_found() -> None:
    site = CLEAN.without(readings.SERVICE_MONITORS, MONITORS["amd"]).without(readings.SERVICES, MONITORS["amd"])
    assert "no Service leads to them" in site.alarms()["watched.accelerators", "accelerators of amd"]


def test_vendor_that_no_node_has_needs_no_monitor() -> None:
    site = CLEAN.without(readings.NODES, "gpu-2").without(readings.SERVICE_MONITORS, MONITORS["amd"])
    assert site.alarms() == {}
    assert "accelerators amd" not in site.records()


def test_node_whose_devices_are_gone_counts_no_vendor() -> None:
    assert "accelerators intel" not in CLEAN.with_objects((readings.NODES, node("gpu-2", intel=0))).records()


DEFECTS: dict[str, tuple[Site, dict[tuple[str, str], str]]] = {
    "namespace of an exporter lost its label and user workloads pass over it": (
        CLEAN.with_objects(left_out(NVIDIA_HOME)),
        {("watched.accelerators", "accelerators of nvidia"): f"namespace {NVIDIA_HOME} is left out"},
    ),
    "model has no monitor": (
        CLEAN.without(readings.SERVICE_MONITORS, "chat-metrics"),
        {("watched.models", CHAT): f"no ServiceMonitor selects the Service {TENANT}/chat-metrics, and no PodMonitor its pods"},
    ),
    "monitor of a model selects another one": (
        CLEAN.with_objects((readings.LLM_SERVICES, llm("other", home="web"))),
        {
            ("watched.models", "LLMInferenceService web/other"): "no PodMonitor selects its pods, and no Service leads to them",
            ("watched.alerts", "LLMInferenceService web/other"): "namespace web is no tenant with alerts on serving",
        },
    ),
    "model spans nodes and the monitor selects single ones": (
        CLEAN.with_objects(
            (readings.LLM_SERVICES, llm("large", worker={"containers": []}, template={"containers": []})),
            (
                readings.POD_MONITORS,
                {
                    **engine_monitor(),
                    "spec": {
                        **engine_monitor()["spec"],
                        "selector": by_labels(**{"app.kubernetes.io/component": "llminferenceservice-workload"}),
                    },
                },
            ),
        ),
        {("watched.models", LARGE): "no PodMonitor selects its pods"},
    ),
    "namespace of the tenant is left out": (
        CLEAN.with_objects(left_out(TENANT)),
        {
            ("rules.read", f"namespace {TENANT}"): "openshift.io/user-monitoring=false",
            ("watched.models", CHAT): f"namespace {TENANT} is left out",
            ("watched.models", LARGE): f"namespace {TENANT} is left out",
            ("watched.namespace", CHAT): "openshift.io/user-monitoring=false takes it out",
            ("watched.namespace", LARGE): "openshift.io/user-monitoring=false takes it out",
            ("watched.namespace", f"namespace {TENANT}"): "openshift.io/user-monitoring=false takes it out",
        },
    ),
    "namespace of the tenant is given to the platform": (
        CLEAN.with_objects((readings.NAMESPACES, namespace(TENANT, cluster_monitoring="true"))),
        {
            ("rules.read", f"namespace {TENANT}"): "openshift.io/cluster-monitoring=true",
            ("watched.namespace", CHAT): "openshift.io/cluster-monitoring=true takes it out",
            ("watched.namespace", LARGE): "openshift.io/cluster-monitoring=true takes it out",
            ("watched.namespace", f"namespace {TENANT}"): "openshift.io/cluster-monitoring=true takes it out",
        },
    ),
    "our own namespace is left out": (
        CLEAN.with_objects(left_out(MONITORING_NAMESPACE)),
        {("rules.read", f"namespace {MONITORING_NAMESPACE}"): "openshift.io/user-monitoring=false"},
    ),
    "quota without an owner": (
        CLEAN.with_objects((readings.QUOTAS, quota("devices", "web", amd="2"))),
        {("watched.owner", "namespace web"): "nobody is named who answers for it"},
    ),
    "quota for device classes without an owner": (
        CLEAN.with_objects(
            (
                readings.QUOTAS,
                thing("v1", "ResourceQuota", "dra", "web", spec={"hard": {"gpu.nvidia.com.deviceclass.resource.k8s.io/devices": "1"}}),
            )
        ),
        {("watched.owner", "namespace web"): "nobody is named who answers for it"},
    ),
    "pods with accelerators without an owner": (
        replace(CLEAN, pods=PodUse(device_pods=(DevicePod("web", "notebook-0", "gpu-2", {"amd.com/gpu": 1}),))),
        {("watched.owner", "namespace web"): "nobody is named who answers for it"},
    ),
    "owner whom no route tells": (
        replace(CLEAN, told={OWNER: False, PLATFORM_TEAM: True}),
        {("watched.told", f"namespace {TENANT}"): f"no route leads to {OWNER}"},
    ),
    "monitoring operator is degraded": (
        CLEAN.with_objects((readings.CLUSTER_OPERATORS, cluster_operator(degraded="True"))),
        {("stack.operator", "ClusterOperator monitoring"): "Degraded is True: UpdatingPrometheus failed"},
    ),
    "monitoring operator is not available": (
        CLEAN.with_objects((readings.CLUSTER_OPERATORS, cluster_operator(available="False"))),
        {("stack.operator", "ClusterOperator monitoring"): "Available is False: it says so"},
    ),
    "monitoring operator is gone": (
        CLEAN.without(readings.CLUSTER_OPERATORS, "monitoring"),
        {("stack.operator", "ClusterOperator monitoring"): "there is no ClusterOperator monitoring"},
    ),
    "Prometheus of user workloads is down": (
        CLEAN.with_objects((readings.PROMETHEUSES, stack("Prometheus", STACK, "user-workload", "False"))),
        {("stack.running", USER_PROMETHEUS): "Available is False: shard 0: pod is not ready"},
    ),
    "Prometheus of user workloads is short of a pod": (
        CLEAN.with_objects((readings.PROMETHEUSES, stack("Prometheus", STACK, "user-workload", "Degraded"))),
        {("stack.running", USER_PROMETHEUS): "Available is Degraded"},
    ),
    "rules of user workloads are not evaluated": (
        CLEAN.without(readings.THANOS_RULERS, "user-workload"),
        {("stack.running", f"ThanosRuler {STACK}/user-workload"): "it is not there"},
    ),
    "nothing sends alerts": (
        CLEAN.without(readings.ALERTMANAGERS, "main"),
        {("stack.running", "Alertmanager openshift-monitoring/main"): "it is not there"},
    ),
    "rule of others with a name of ours": (
        CLEAN.with_objects((readings.RULES, rules_of_others("PrometheusRule", "theirs", "web", "QueueInactive"))),
        {("rules.conflict", "PrometheusRule web/theirs"): "it has alerts of the same name: QueueInactive"},
    ),
    "alerting rule of others with a name of ours": (
        CLEAN.with_objects(
            (readings.ALERTING_RULES, rules_of_others("AlertingRule", "theirs", "openshift-monitoring", "AcceleratorUnhealthy"))
        ),
        {("rules.conflict", "AlertingRule openshift-monitoring/theirs"): "AcceleratorUnhealthy"},
    ),
    "rules with our annotation in a wrong place": (
        CLEAN.with_objects(
            (readings.RULES, rules_of_others("PrometheusRule", "copy", "web", "Mine", annotations={EVALUATOR: "user_workload_open"}))
        ),
        {("rules.placed", "PrometheusRule web/copy"): f"rules that see every namespace stand in {MONITORING_NAMESPACE}"},
    ),
    "rules with an evaluator that nobody knows": (
        CLEAN.with_objects((readings.RULES, rules_of_others("PrometheusRule", "odd", "web", "Mine", annotations={EVALUATOR: "mars"}))),
        {("rules.placed", "PrometheusRule web/odd"): "mars evaluator"},
    ),
}


@pytest.mark.parametrize("what", sorted(DEFECTS))
def test_defect_alone_is_found_with_its_cause_and_nothing_else(what: str) -> None:
    site, expected = DEFECTS[what]
    alarms = site.alarms()
    assert set(alarms) == set(expected)
    assert all(words in alarms[key] for key, words in expected.items()), alarms
    assert {finding.result for finding in site.findings().values() if finding.failed} == {FAIL}


def test_user_workload_monitoring_that_does_not_run_leaves_everything_of_teams_unwatched() -> None:
    site = CLEAN.without(readings.PROMETHEUSES, "user-workload")
    alarms = site.alarms()
    assert alarms["stack.running", USER_PROMETHEUS] == "it is not there"
    assert all(
        "user-workload monitoring does not run" in message for (check, _subject), message in alarms.items() if check.startswith("watched")
    )
    states = {key: record["state"] for key, record in site.records().items()}
    assert {key for key, state in states.items() if state == "watched"} == {
        "accelerators nvidia",
        "accelerators amd",
        "queue research",
        "queue production",
        f"namespace {TENANT}",
    }


# ---- what nobody asked for -------------------------------------------------------------------------------------------


def test_lack_that_nobody_asked_about_is_told_and_is_no_failure() -> None:
    site = replace(CLEAN, wanted=NOTHING_ASKED)
    for resource, name in (
        (readings.SERVICE_MONITORS, MONITORS["nvidia"]),
        (readings.SERVICE_MONITORS, "chat-metrics"),
        (readings.SERVICE_MONITORS, "kueue-metrics"),
    ):
        site = site.without(resource, name)
    site = replace(site, told={})
    assert site.alarms() == {}
    states = {key: record["state"] for key, record in site.records().items()}
    assert states["accelerators nvidia"] == states[f"model {CHAT}"] == states["queue research"] == "unwatched"
    assert states[f"model {LARGE}"] == "watched"
    assert states[f"namespace {TENANT}"] == "not_evaluated"
    told = site.findings()
    assert told["watched.accelerators", "accelerators seen"].result == FAIL
    assert told["watched.accelerators", "accelerators seen"].message.startswith("1 of 4 do not: accelerators of nvidia")
    assert told["watched.models", "models seen"].message.startswith(f"1 of 2 do not: {CHAT}")
    assert told["watched.queues", "queues seen"].severity == "information"
    assert told["watched.told", "namespaces with accelerators"].result == NOT_EVALUATED


def test_default_document_asks_for_accelerators_alone() -> None:
    site = replace(CLEAN, wanted=Monitoring(), settings=RuleSettings())
    assert {check for (check, _subject), finding in site.findings().items() if finding.path.startswith("monitoring.watched")} == {
        "watched.accelerators",
        "watched.alerts",
    }
    assert site.without(readings.SERVICE_MONITORS, "chat-metrics").alarms() == {}


def test_cluster_with_nothing_to_watch_gives_no_alarm_and_no_records() -> None:
    site = Site(
        (*((resource, item) for resource, item in CLEAN.objects if resource in (readings.NAMESPACES, *STACK_LISTS)),),
        settings=RuleSettings(),
    )
    assert site.alarms() == {}
    assert site.records() == {}
    watched = {
        result for (check, _subject), finding in site.findings().items() if check.startswith("watched") for result in [finding.result]
    }
    assert watched == {NOT_APPLICABLE}


STACK_LISTS = (readings.PROMETHEUSES, readings.THANOS_RULERS, readings.ALERTMANAGERS, readings.CLUSTER_OPERATORS)


@pytest.mark.parametrize(
    ("wanted", "subjects"),
    [
        (UserWorkloadWanted(enabled=False), {"user-workload monitoring"}),
        (UserWorkloadWanted(alertmanager=AS_IT_IS), {USER_PROMETHEUS, f"ThanosRuler {STACK}/user-workload"}),
        (
            UserWorkloadWanted(alertmanager=BY_USER_WORKLOAD),
            {USER_PROMETHEUS, f"ThanosRuler {STACK}/user-workload", f"Alertmanager {STACK}/user-workload"},
        ),
    ],
)
def test_parts_of_the_stack_are_those_that_the_document_relies_on(wanted: UserWorkloadWanted, subjects: set[str]) -> None:
    found = replace(CLEAN, wanted=replace(ASKED, user_workload=wanted)).findings()
    assert {subject for check, subject in found if check == "stack.running"} == subjects


@pytest.mark.parametrize(
    ("hidden", "key"),
    [
        (readings.NODES, ("watched.accelerators", "accelerators seen")),
        (readings.INFERENCE_SERVICES, ("watched.models", "models seen")),
        (readings.QUOTAS, ("watched.owner", "namespaces with accelerators")),
        (readings.CLUSTER_QUEUES, ("watched.queues", "queues seen")),
    ],
)
def test_what_is_not_known_is_told_as_that_though_nobody_asked_about_it(hidden: str, key: tuple[str, str]) -> None:
    site = replace(CLEAN, wanted=NOTHING_ASKED, hidden=(hidden,))
    finding = site.findings()[key]
    assert (finding.result, finding.severity) == (NOT_EVALUATED, "information")
    assert f"the account may not list {hidden}" in finding.message


# ---- what cannot be seen ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hidden", sorted(LISTS))
def test_list_that_the_account_may_not_read_is_not_evaluated_and_the_rest_stands(hidden: str) -> None:
    site = replace(CLEAN, hidden=(hidden,))
    alarms = site.alarms()
    assert {check for check, _subject in alarms} == LEFT_OPEN.get(hidden, frozenset())
    assert {finding.result for finding in site.findings().values() if finding.failed} <= {NOT_EVALUATED}
    assert all(f"the account may not list {hidden}" in message for message in alarms.values())


@pytest.mark.parametrize(
    "hidden", [readings.SERVICE_MONITORS, readings.POD_MONITORS, readings.SERVICES, readings.NAMESPACES, readings.PROMETHEUSES]
)
def test_nothing_that_is_scraped_is_called_watched_while_a_list_is_hidden(hidden: str) -> None:
    scraped = [record for record in replace(CLEAN, hidden=(hidden,)).records().values() if record["watch_type"] != "namespace"]
    assert len(scraped) == 8
    for record in scraped:
        assert record["state"] == "not_evaluated"
        assert record["unknown"]["monitors"] == f"the account may not list {hidden}"
        assert hidden in record["reason"]


def test_list_that_hides_what_there_is_gives_no_records_of_it() -> None:
    types = {record["watch_type"] for record in replace(CLEAN, hidden=(readings.NODES, readings.CLUSTER_QUEUES)).records().values()}
    assert types == {"model", "namespace"}


def test_pods_that_could_not_be_added_up_leave_it_open_which_namespaces_hold_accelerators() -> None:
    alarms = replace(CLEAN, pods=None).alarms()
    assert alarms["watched.owner", "namespaces with accelerators"] == "what a pod asks for could not be read"


def test_owner_is_unknown_while_the_namespaces_are_hidden_unless_the_document_names_it() -> None:
    site = replace(CLEAN, hidden=(readings.NAMESPACES,)).with_objects((readings.QUOTAS, quota("devices", "web", nvidia="1")))
    records = site.records()
    assert records[f"namespace {TENANT}"]["owner"] == OWNER
    assert records["namespace web"]["unknown"]["owner"] == f"the account may not list {readings.NAMESPACES}"
    assert site.findings()["watched.owner", "namespace web"].result == NOT_EVALUATED


@pytest.mark.parametrize("told", [{}, {OWNER: None}])
def test_owner_of_whom_nobody_knows_whether_they_are_told_is_not_evaluated(told: dict[str, bool | None]) -> None:
    site = replace(CLEAN, told=told)
    assert site.alarms() == {("watched.told", f"namespace {TENANT}"): f"nobody knows whether {OWNER} is told"}
    assert "told" not in site.records()[f"namespace {TENANT}"]


def test_conditions_of_an_older_generation_say_nothing() -> None:
    item = stack("Prometheus", STACK, "user-workload")
    entry = {**item["status"]["conditions"][0], "observedGeneration": 1}
    behind = {**item, "metadata": {**item["metadata"], "generation": 2}, "status": {"conditions": [entry]}}
    found = CLEAN.with_objects((readings.PROMETHEUSES, behind)).findings()["stack.running", USER_PROMETHEUS]
    assert (found.result, found.message) == (NOT_EVALUATED, "its operator has not said yet whether it is available")


@pytest.mark.parametrize("resource", [readings.PROMETHEUSES, readings.THANOS_RULERS, readings.ALERTMANAGERS, readings.CLUSTER_OPERATORS])
def test_kind_that_the_cluster_does_not_serve_is_not_evaluated(resource: str) -> None:
    objects = tuple(entry for entry in CLEAN.objects if entry[0] != resource)
    alarms = replace(CLEAN, objects=objects, absent=(resource,)).findings()
    failing = [finding for finding in alarms.values() if finding.failed]
    assert failing
    assert {finding.result for finding in failing} == {NOT_EVALUATED}
    assert {finding.message for finding in failing} == {f"the cluster does not serve {resource}"}


# ---- single rules ----------------------------------------------------------------------------------------------------


def test_namespace_of_rules_that_is_not_there_yet_is_no_matter_of_labels() -> None:
    found = CLEAN.without(readings.NAMESPACES, MONITORING_NAMESPACE).findings()["rules.read", f"namespace {MONITORING_NAMESPACE}"]
    assert (found.result, found.message) == (NOT_APPLICABLE, "it is not there yet")


def test_rule_that_the_operator_made_of_an_alerting_rule_is_no_conflict() -> None:
    owner = {
        "kind": "AlertingRule",
        "apiVersion": "monitoring.openshift.io/v1",
        "name": "groundwork-readiness-accelerator-capacity",
        "uid": "u",
    }
    made = rules_of_others(
        "PrometheusRule", "made-1a2b3c", "openshift-monitoring", "AcceleratorAllocatableBelowCapacity", ownerReferences=[owner]
    )
    assert CLEAN.with_objects((readings.RULES, made)).alarms() == {}


def test_alert_of_others_of_a_name_that_the_document_leaves_out_is_no_conflict() -> None:
    site = CLEAN.with_objects((readings.RULES, rules_of_others("PrometheusRule", "theirs", "web", "QueueInactive")))
    assert replace(site, settings=replace(site.settings, left_out=("QueueInactive",))).alarms() == {}


def test_tenant_without_alerts_on_serving_is_told() -> None:
    site = replace(CLEAN, settings=RuleSettings())
    assert site.alarms()["watched.alerts", CHAT] == f"namespace {TENANT} is no tenant with alerts on serving"


def test_accelerators_of_which_no_alert_tells_are_unwatched_though_they_are_scraped() -> None:
    without = tuple(name for name, facts in FACTS.alerts.items() if facts.group.startswith("accelerator"))
    site = replace(CLEAN, settings=replace(CLEAN.settings, left_out=without))
    record = site.records()["accelerators amd"]
    assert (record["state"], record["alerts"]) == ("unwatched", 0)
    assert record["monitors"]


def test_namespace_of_nobody_has_an_empty_owner_who_is_not_told() -> None:
    record = CLEAN.with_objects((readings.QUOTAS, quota("devices", "web", amd="2"))).records()["namespace web"]
    assert (record["owner"], record["told"], record["state"]) == ("", False, "unwatched")


def test_namespaces_of_the_system_are_nobodys_to_name() -> None:
    site = CLEAN.with_objects((readings.QUOTAS, quota("devices", "openshift-amd-gpu", amd="8")))
    assert site.alarms() == {}
    assert "namespace openshift-amd-gpu" not in site.records()


def test_devices_that_are_no_accelerators_ask_for_no_owner() -> None:
    site = replace(CLEAN, pods=PodUse(device_pods=(DevicePod("web", "nic-0", "gpu-1", {"openshift.io/sriov": 1}),)))
    assert site.alarms() == {}


def test_label_of_a_namespace_names_its_owner() -> None:
    item = namespace("web")
    labelled = {**item, "metadata": {**item["metadata"], "labels": {"readiness.groundwork.io/owner": "web-team"}}}
    site = CLEAN.with_objects((readings.QUOTAS, quota("devices", "web", amd="2")), (readings.NAMESPACES, labelled))
    assert site.alarms() == {("watched.told", "namespace web"): "nobody knows whether web-team is told"}
    assert replace(site, told={**CLEAN.told, "web-team": True}).alarms() == {}


@pytest.mark.parametrize(
    ("selector", "labels"),
    [
        ({"serving.kserve.io/inferenceservice": "chat"}, {}),
        ({"app": "isvc.chat-predictor", "component": "predictor"}, {}),
        ({"model": "granite"}, {"model": "granite"}),
    ],
)
def test_pod_monitor_by_labels_of_kserve_or_of_the_predictor_watches_a_model(selector: dict[str, str], labels: dict[str, str]) -> None:
    site = CLEAN.without(readings.SERVICE_MONITORS, "chat-metrics").with_objects(
        (readings.INFERENCE_SERVICES, model("chat", labels=labels)),
        (readings.POD_MONITORS, pod_monitor("by-hand", TENANT, by_labels(**selector))),
    )
    assert site.records()[f"model {CHAT}"]["monitors"] == [f"PodMonitor {TENANT}/by-hand"]


def test_labels_of_an_inference_service_are_those_of_its_pods() -> None:
    item = model("chat")
    labelled = {**item, "metadata": {**item["metadata"], "labels": {"team": "search", "app": "of nobody"}}}
    site = CLEAN.without(readings.SERVICE_MONITORS, "chat-metrics").with_objects((readings.INFERENCE_SERVICES, labelled))
    for selector, is_watched in ((by_labels(team="search"), True), (by_labels(app="of nobody"), False)):
        watched = site.with_objects((readings.POD_MONITORS, pod_monitor("by-hand", TENANT, selector)))
        assert (watched.records()[f"model {CHAT}"]["state"] == "watched") == is_watched


@pytest.mark.parametrize(
    ("spec", "labels"),
    [
        ({}, {"app.kubernetes.io/component": "llminferenceservice-workload", "llm-d.ai/role": "both"}),
        ({"prefill": {"replicas": 1}}, {"app.kubernetes.io/component": "llminferenceservice-workload", "llm-d.ai/role": "decode"}),
        (
            {"worker": {"containers": []}, "template": {"containers": []}},
            {"app.kubernetes.io/component": "llminferenceservice-workload-leader"},
        ),
        ({"worker": {"containers": []}}, {"app.kubernetes.io/component": "llminferenceservice-workload-worker"}),
        ({"labels": {"team": "search"}}, {"team": "search"}),
        ({}, {"app.kubernetes.io/name": "large", "kserve.io/component": "workload"}),
    ],
)
def test_pods_that_serve_a_large_model_are_known_by_what_it_is_made_of(spec: Json, labels: dict[str, str]) -> None:
    site = CLEAN.without(readings.POD_MONITORS, "kserve-llm-isvc-vllm-engine-default").with_objects(
        (readings.LLM_SERVICES, llm("large", **spec)), (readings.POD_MONITORS, pod_monitor("by-hand", TENANT, by_labels(**labels)))
    )
    assert site.records()[f"model {LARGE}"]["monitors"] == [f"PodMonitor {TENANT}/by-hand"]


def test_monitor_of_one_model_watches_no_other() -> None:
    site = CLEAN.with_objects((readings.INFERENCE_SERVICES, model("second")), *model_metrics("third"))
    assert site.records()[f"model InferenceService {TENANT}/second"]["state"] == "unwatched"


def test_monitor_of_the_scheduler_watches_no_model() -> None:
    part = {"app.kubernetes.io/part-of": "llminferenceservice", "app.kubernetes.io/component": "llminferenceservice-router-scheduler"}
    site = CLEAN.without(readings.POD_MONITORS, "kserve-llm-isvc-vllm-engine-default").with_objects(
        (readings.SERVICES, service("large-epp-service", TENANT, part, {**part, "app.kubernetes.io/name": "large"}, "metrics"))
    )
    assert site.records()[f"model {LARGE}"]["state"] == "unwatched"


@pytest.mark.parametrize(
    ("found", "result", "words"),
    [
        (kueue(), PASS, "the Kueue operator sets metrics.enableClusterQueueResources"),
        (kueue("Unmanaged"), NOT_EVALUATED, "no Kueue object is Managed, and Kueue's own configuration is not read"),
    ],
)
def test_use_of_quotas_is_told_as_far_as_kueues_object_shows_it(found: Json, result: str, words: str) -> None:
    finding = CLEAN.with_objects((readings.KUEUES, found)).findings()["watched.queue_resources", "queues seen"]
    assert (finding.result, finding.message, finding.severity) == (result, words, "information")


def test_kueue_without_its_operator_leaves_the_use_of_quotas_open() -> None:
    site = replace(CLEAN.without(readings.KUEUES, "cluster"), absent=(readings.KUEUES,))
    finding = site.findings()["watched.queue_resources", "queues seen"]
    assert finding.message == "the cluster has no Kueue operator, and Kueue's own configuration is not read"


def test_kueue_whose_namespace_is_not_the_platforms_is_refused_for_its_token_file() -> None:
    site = CLEAN.with_objects((readings.NAMESPACES, namespace(KUEUE_HOME)))
    record = site.records()["queue research"]
    assert record["state"] == "unwatched"
    assert "names files of Prometheus, which user-workload monitoring refuses" in record["reason"]
    assert site.alarms() == {}
