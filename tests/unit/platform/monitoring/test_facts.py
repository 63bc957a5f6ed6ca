# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped rules are whole: each has its cases, its numbers, its page and words that fit."""

from __future__ import annotations

import re

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.monitoring import ENFORCED, OPEN
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.evaluators import known_series, series_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.facts import (
    COMMON_LABELS,
    EXPORTERS,
    NAMESPACE,
    AlertFacts,
    RecordFacts,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.rules import (
    RUNBOOKS,
    RuleSettings,
    parameters_in,
    runbook,
    seconds_of,
)
from ansible_collections.groundwork.readiness.plugins.plugin_utils.platform_files import SHIPPED_FOLDER

from tests.integration.monitoring_dashboards import asked_of, shipped_dashboards
from tests.integration.monitoring_rules import BEYOND, DENIED, alert_cases, denied_series, record_cases, shipped_rules
from tests.tools.runbooks_page import PAGE, page

FACTS = shipped_rules()
ALERTS = list(FACTS.alerts.values())
RECORDS = list(FACTS.records.values())
CASES = alert_cases()
UNITS = {"bytes", "celsius", "code", "count", "info", "ratio", "seconds", "watts"}
XIDS = (48, 63, 64, 74, 79, 94, 95)


def name_of(facts: AlertFacts | RecordFacts) -> str:
    return facts.name


def test_every_alert_has_a_case_and_every_case_its_alert() -> None:
    assert sorted(CASES) == sorted(FACTS.alerts)


def test_every_record_has_a_case_and_every_case_its_record() -> None:
    assert sorted(record_cases()) == sorted(FACTS.records)


@pytest.mark.parametrize("alert", ALERTS, ids=name_of)
def test_case_has_a_silent_scene_in_which_each_condition_alone_is_not_met(alert: AlertFacts) -> None:
    scenes = [scene.values for scene in CASES[alert.name].silent]
    for number in range(len(alert.conditions)):
        others = [values[:number] + values[number + 1 :] for values in scenes if values[number] != BEYOND]
        assert (BEYOND,) * (len(alert.conditions) - 1) in others
    assert all(scene.series for scene in CASES[alert.name].silent)


@pytest.mark.parametrize("alert", ALERTS, ids=name_of)
def test_case_takes_samples_so_that_the_end_of_the_hold_is_one_of_them(alert: AlertFacts) -> None:
    case = CASES[alert.name]
    held = seconds_of(alert.hold)
    assert held % seconds_of(case.interval) == 0
    assert held >= 2 * seconds_of(case.interval)
    assert set(case.steps) <= set(alert.parameters)


@pytest.mark.parametrize("alert", ALERTS, ids=name_of)
def test_alert_uses_its_numbers_and_no_others(alert: AlertFacts) -> None:
    texts = [alert.summary, alert.description, *(condition.value for condition in alert.conditions)]
    used = {condition.threshold for condition in alert.conditions}.union(*map(parameters_in, texts))
    assert used == set(alert.parameters)
    assert all(parameter.least <= parameter.default <= parameter.most for parameter in alert.parameters.values())


@pytest.mark.parametrize("alert", ALERTS, ids=name_of)
def test_alert_speaks_of_labels_that_it_has(alert: AlertFacts) -> None:
    labels = set(re.findall(r"\$labels\.([a-z_]+)", f"{alert.summary} {alert.description}"))
    assert labels <= set(alert.labels)
    assert list(alert.labels) == sorted(alert.labels)
    if alert.owner == NAMESPACE:
        assert "namespace" in alert.labels
    assert set(CASES[alert.name].firing.labels) <= set(alert.labels)


@pytest.mark.parametrize("alert", ALERTS, ids=name_of)
def test_alert_says_what_it_means_and_what_to_do(alert: AlertFacts) -> None:
    assert all((alert.meaning, alert.look, alert.act, alert.source))
    assert not alert.summary.endswith(".")
    assert alert.description.endswith(".")


@pytest.mark.parametrize("alert", ALERTS, ids=name_of)
def test_alert_leads_to_its_section_of_the_runbooks(alert: AlertFacts) -> None:
    place, anchor = runbook(alert, RuleSettings()).split("#")
    headings = re.findall(r"^### (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert place == RUNBOOKS
    assert [heading for heading in headings if heading.lower() == anchor] == [alert.name]


def test_runbooks_are_what_the_alerts_make() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.tools.runbooks_page"


def test_availability_is_measured_from_requests_and_never_from_absence() -> None:
    burning = [alert for alert in ALERTS if alert.name.startswith("ServingErrorBudgetBurn")]
    assert sorted(alert.parameters["burn_rate"].default for alert in burning) == [3, 6, 14.4]
    for alert in burning:
        assert {series for condition in alert.conditions for series in series_of(condition.value)} == {"http_requests_total"}
        assert len({re.search(r"\[(\w+)\]", condition.value)[1] for condition in alert.conditions}) == 2
    assert [alert.name for alert in ALERTS for condition in alert.conditions if "absent" in condition.value] == []


def test_each_error_code_of_the_list_has_its_alert() -> None:
    codes = {parameter.default for alert in ALERTS for name, parameter in alert.parameters.items() if name == "code"}
    assert codes == set(XIDS)


@pytest.mark.parametrize("record", RECORDS, ids=name_of)
def test_record_is_named_after_its_unit(record: RecordFacts) -> None:
    _level, _what, unit = record.record.split(":")
    assert unit == record.unit
    assert unit in UNITS
    assert record.vendor in ("", *EXPORTERS)
    assert record.meaning
    assert record.source


def test_measurements_are_recorded_for_each_vendor() -> None:
    for measurement in ("utilization:ratio", "memory_used:bytes", "power:watts", "temperature:celsius"):
        assert {record.vendor for record in RECORDS if record.record == f"accelerator:{measurement}"} == set(EXPORTERS)


def test_no_record_alert_or_dashboard_reads_a_series_that_openshift_denies() -> None:
    exprs = {f"record {record.name}": record.expr for record in RECORDS}
    exprs |= {f"alert {alert.name}": " or ".join(condition.value for condition in alert.conditions) for alert in ALERTS}
    exprs |= {f"panel {asked.text}": asked.query.expr for asked in asked_of(shipped_dashboards())}
    assert {place: denied_series(expr) for place, expr in exprs.items() if denied_series(expr)} == {}


@pytest.mark.parametrize(
    "series", ["kube_pod_created", "kube_pod_status_scheduled", "kube_node_annotations", "kube_customresource_x_labels_info"]
)
def test_series_that_openshift_denies_is_noticed(series: str) -> None:
    assert denied_series(f'time() - max by (pod) ({series}{{namespace="a"}}) and on () kube_pod_info') == [series]
    assert len(set(DENIED)) == len(DENIED)


def test_every_series_of_drift_fires_and_is_silent_in_a_scene_of_its_own() -> None:
    for name in ("ModelDataDrift", "ModelDataDriftFourier"):
        (condition,) = FACTS.alerts[name].conditions
        read = len(series_of(condition.value))
        assert (len({tuple(scene.series.items()) for scene in (CASES[name].firing, *CASES[name].also)}), len(CASES[name].silent)) == (
            read,
            read,
        )


def test_alerts_read_series_of_exporters_through_records_only() -> None:
    raw = {series for record in RECORDS if record.vendor for series in series_of(record.expr)}
    read = {
        series for alert in ALERTS if alert.evaluator == OPEN for condition in alert.conditions for series in series_of(condition.value)
    }
    assert read & raw == set()
    assert {label for exporter in EXPORTERS.values() for label in exporter.labels} <= set(COMMON_LABELS)


def test_known_series_are_what_is_recorded_and_what_is_read() -> None:
    known = known_series(FACTS)
    assert {"accelerator:power:watts", "DCGM_FI_DEV_FB_FREE", "vllm:num_requests_waiting", "kube_pod_info"} <= known
    assert not known & {"by", "namespace", "bool", "sum"}


@pytest.mark.parametrize("name", ["monitoring_records", "monitoring_alerts"])
def test_file_of_rules_holds_them_and_nothing_else(name: str) -> None:
    assert list(yaml.safe_load((SHIPPED_FOLDER / f"{name}.yml").read_text(encoding="utf-8"))) == [name]


def test_tenants_alerts_are_for_the_owner_of_the_namespace() -> None:
    assert {alert.owner for alert in ALERTS if alert.evaluator == ENFORCED} == {NAMESPACE}
