# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped rules and their cases as promtool takes them, and rules that are wrong in one place each.

A case says what the exporters serve: once so that the alert fires, and once for each condition so that this one alone is just not
met. Where an evaluator enforces the namespace of a rule, the expressions are rewritten as it does, and a second namespace serves
the same series: an alert that fires for it as well fails its case.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path
from typing import Any, Final

import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.monitoring import ENFORCED, OPEN, TEAM
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.shape import Bad, Reading
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.evaluators import (
    MONITORING_NAMESPACE,
    series_of,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.facts import (
    NAMESPACE,
    AlertFacts,
    RecordFacts,
    RuleFacts,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.rules import (
    RuleSettings,
    TenantRules,
    alert_rule,
    condition_values,
    number_text,
    record_rule,
    seconds_of,
)
from ansible_collections.groundwork.readiness.plugins.plugin_utils.platform_files import SHIPPED_FOLDER

from tests.counterparts.prometheus.commands import RulePrograms, enforced

CASES: Final = Path(__file__).parent / "monitoring_cases"
RECORD_CASES: Final = "records"
TENANT, OWNER, STRANGER = "team-a", "team-a-owners", "team-b"
SHIPPED: Final = RuleSettings(tenants={TENANT: TenantRules(OWNER)})
OTHER_COMPARATORS: Final[Mapping[str, tuple[str, ...]]] = {
    ">": (">=", "<"),
    ">=": (">", "<="),
    "<": ("<=", ">"),
    "<=": ("<", ">="),
    "==": ("!=", ">=", "<="),
}
NUMBER: Final = re.compile(r'"[^"]*"|[A-Za-z_:][A-Za-z0-9_:]*|(?P<number>[0-9]+)')
BEYOND, UNMET = "beyond", "unmet"
WINDOW: Final = re.compile(r"\[([0-9]+)([smhd])\]")
QUANTILES: Final = ("0.9", "0.99")
PROCESSES: Final = 2
DENIED: Final = (
    "^kube_secret_labels$",
    "^kube_.+_annotations$",
    "^kube_customresource_.+_annotations_info$",
    "^kube_customresource_.+_labels_info$",
    "^kube_.+_created$",
    "^kube_.+_metadata_resource_version$",
    "^kube_replicaset_metadata_generation$",
    "^kube_replicaset_status_observed_generation$",
    "^kube_pod_restart_policy$",
    "^kube_pod_init_container_status_terminated$",
    "^kube_pod_init_container_status_running$",
    "^kube_pod_container_status_terminated$",
    "^kube_pod_container_status_running$",
    "^kube_pod_completion_time$",
    "^kube_pod_status_scheduled$",
)
"""Series that the kube-state-metrics of OpenShift does not serve: --metric-denylist in openshift/cluster-monitoring-operator,
assets/kube-state-metrics/deployment.yaml (at 3d7ba255759c without anchors and annotations, which came later) and
jsonnet/components/kube-state-metrics.libsonnet (annotations, custom resources)."""

PASSED: Final = re.compile(r'^ tests="[1-9][0-9]*" failures="0" errors="0" ')
"""What follows the name of a file in the report where all of its tests passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is served, and what comes of it."""

    series: Mapping[str, Any]
    """selector to what it has all the time, or to samples as promtool writes them"""
    at: str = "0s"
    """when the conditions begin to hold, or would"""
    labels: Mapping[str, str] = field(default_factory=dict)
    """labels of what it fires for, before the rule puts its own to them; of a scene in which it fires"""
    values: tuple[float | str, ...] = ()
    """what each condition looks at has; `beyond` where it is met, `unmet` where it is not and the number is not round; of a scene in
    which nothing fires"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The scenes of one alert."""

    interval: str
    """between two samples, and between two evaluations; it has to divide how long the conditions hold"""
    firing: Scene
    silent: tuple[Scene, ...]
    also: tuple[Scene, ...] = ()
    """further scenes in which it fires, such as one for each of the series that it reads"""
    steps: Mapping[str, float] = field(default_factory=dict)
    """parameter to a change that the scenes have to notice; else 1, or a tenth of a parameter that is no whole number"""


@dataclass(frozen=True, slots=True)
class Mutant:
    """An alert that is wrong in one place."""

    what: str
    alert: AlertFacts


# ---- facts and cases -------------------------------------------------------------------------------------------------


def shipped_rules() -> RuleFacts:
    """The rules that the collection ships, read as the stage reads them."""
    return RuleFacts(records=_facts("monitoring_records", RecordFacts), alerts=_facts("monitoring_alerts", AlertFacts))


def _facts(name: str, owner: type) -> dict[str, Any]:
    reading = Reading()
    entries = yaml.safe_load((SHIPPED_FOLDER / f"{name}.yml").read_text(encoding="utf-8"))[name]
    try:
        return {key: reading.section(owner, {"name": key, **entry}, (name, key)) for key, entry in entries.items()}
    except Bad:
        raise ValueError([problem.message for _place, problem in reading.problems]) from None


def alert_cases() -> dict[str, Case]:
    """The cases of all alerts, by name."""
    found = {}
    for path in sorted(CASES.glob("*.yml")):
        if path.stem != RECORD_CASES:
            for name, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items():
                silent = tuple(Scene(**{**scene, "values": tuple(scene["values"])}) for scene in entry["silent"])
                also = tuple(Scene(**scene) for scene in entry.get("also", ()))
                scenes = {"firing": Scene(**entry["firing"]), "silent": silent, "also": also}
                found[name] = Case(**{**entry, **scenes})
    return found


def record_cases() -> dict[str, Any]:
    """The cases of all records, by name: `series` that are served, and what the `samples` of the record are."""
    found: dict[str, Any] = yaml.safe_load((CASES / f"{RECORD_CASES}.yml").read_text(encoding="utf-8"))
    return found


def denied_series(expr: str) -> list[str]:
    """Series of an expression that OpenShift does not serve."""
    return sorted(series for series in series_of(expr) if any(re.search(pattern, series) for pattern in DENIED))


# ---- rules -----------------------------------------------------------------------------------------------------------


def records_behind(expr: str, facts: RuleFacts) -> list[RecordFacts]:
    """The records that an expression needs, each before those that read it."""
    names = series_of(expr)
    found = [record for record in facts.records.values() if record.record in names]
    return [record for deeper in found for record in records_behind(deeper.expr, facts)] + found


def evaluated(alert: AlertFacts) -> dict[str, Any]:
    """The rule of an alert before its expression is rewritten; without annotations, which promtool would compare as well."""
    rule = dict(alert_rule(alert, SHIPPED, OWNER if alert.evaluator == ENFORCED else ""))
    del rule["annotations"]
    if alert.evaluator == ENFORCED:
        rule["labels"] = {**rule["labels"], "namespace": TENANT}
    return rule


def rule_files(
    alerts: Sequence[AlertFacts], facts: RuleFacts, programs: RulePrograms, namespace: str | None = None
) -> list[dict[str, Any]]:
    """For each alert a file of rules as its evaluator runs them: the alert, after the records that it needs.

    `namespace` is one that is enforced for all of them instead; empty for none.
    """
    rules = [evaluated(alert) for alert in alerts]
    spaces = [(TENANT if alert.evaluator == ENFORCED else "") if namespace is None else namespace for alert in alerts]
    texts = enforced([(space, rule["expr"]) for space, rule in zip(spaces, rules, strict=True)], programs)
    files = []
    for rule, text in zip(rules, texts, strict=True):
        behind = [record_rule(record) for record in records_behind(rule["expr"], facts)]
        files.append({"groups": [{"name": "rules", "rules": [*behind, {**rule, "expr": text}]}]})
    return files


def mutants_of(alert: AlertFacts, case: Case) -> Iterator[Mutant]:
    """The alert with another comparator, each number a step up and down, other windows and quantiles, its hold a sample longer, shorter."""
    for number, condition in enumerate(alert.conditions):
        for comparator in OTHER_COMPARATORS[condition.comparator]:
            changed = replace(condition, comparator=comparator)
            conditions = (*alert.conditions[:number], changed, *alert.conditions[number + 1 :])
            yield Mutant(f"condition {number + 1} with {comparator}", replace(alert, conditions=conditions))
        for what, value in _other_values(condition.value):
            conditions = (*alert.conditions[:number], replace(condition, value=value), *alert.conditions[number + 1 :])
            yield Mutant(f"condition {number + 1} with {what}", replace(alert, conditions=conditions))
    for name, parameter in sorted(alert.parameters.items()):
        whole = parameter.default == int(parameter.default)
        step = case.steps.get(name, 1 if whole else parameter.default / 10)
        for change in (step, -step):
            changed_to = replace(parameter, default=parameter.default + change)
            yield Mutant(f"{name} {change:+g}", replace(alert, parameters={**alert.parameters, name: changed_to}))
    for change in (seconds_of(case.interval), -seconds_of(case.interval)):
        yield Mutant(f"for {change:+d} s", replace(alert, hold=f"{seconds_of(alert.hold) + change}s"))


def _other_values(value: str) -> Iterator[tuple[str, str]]:
    """What a condition looks at, over windows of twice the length, and with other quantiles."""
    if WINDOW.search(value):
        yield "twice the window", WINDOW.sub(lambda found: f"[{int(found[1]) * 2}{found[2]}]", value)
    if "quantile(0.95, " in value:
        yield from ((f"quantile {other}", value.replace("quantile(0.95, ", f"quantile({other}, ")) for other in QUANTILES)


def record_mutants(facts: RecordFacts) -> Iterator[RecordFacts]:
    """The record with each number of its expression one more and one less; what stands in quotes or is part of a name is none."""
    for found in NUMBER.finditer(facts.expr):
        if found["number"]:
            for change in (1, -1):
                changed = f"{facts.expr[: found.start()]}{int(found['number']) + change}{facts.expr[found.end() :]}"
                yield replace(facts, expr=changed)


# ---- tests of promtool -----------------------------------------------------------------------------------------------


def finds_owner(alert: AlertFacts) -> bool:
    """Whether it is for the owner of a namespace, whom its rule looks up."""
    return alert.owner == NAMESPACE and alert.evaluator == OPEN


def alert_tests(alert: AlertFacts, case: Case, programs: RulePrograms) -> list[dict[str, Any]]:
    """The tests of one alert: fires when its hold is over and not a sample earlier; fires in no silent scene, though there is data.

    One that looks up the owner fires for a namespace that names none as well, and then for the platform's team.
    """
    owners = (OWNER, TEAM) if finds_owner(alert) else (OWNER,)
    firing = [_firing(alert, case, scene, owner) for scene in (case.firing, *case.also) for owner in owners]
    return [*firing, *(_silent(alert, case, scene, programs) for scene in case.silent)]


def fired_labels(alert: AlertFacts, case: Case, owner: str = OWNER) -> dict[str, str]:
    """The labels with which an alert leaves its evaluator in its firing scene; `owner` is that of the namespace that it is about.

    What is for the platform's team stands in its namespace, everything else in the namespace that it is about. This is said here
    once more, for the rules are held against it.
    """
    labels = {**case.firing.labels, "severity": alert.severity}
    about = labels.pop("namespace", "")
    if alert.evaluator == ENFORCED:
        return {**labels, "namespace": TENANT, "owner": owner}
    labels["owner"] = owner if alert.owner == NAMESPACE else TEAM
    labels["namespace"] = MONITORING_NAMESPACE if labels["owner"] == TEAM else about
    return {**labels, **({"workload_namespace": about} if about else {})}


def _firing(alert: AlertFacts, case: Case, scene: Scene, owner: str) -> dict[str, Any]:
    end = seconds_of(scene.at) + seconds_of(alert.hold)
    labels = fired_labels(alert, replace(case, firing=scene), owner)
    before = {"eval_time": f"{end - seconds_of(case.interval)}s", "alertname": alert.name, "exp_alerts": []}
    then = {"eval_time": f"{end}s", "alertname": alert.name, "exp_alerts": [{"exp_labels": labels}]}
    return {**_input(alert, case, scene, end, owner), "alert_rule_test": [before, then]}


def _silent(alert: AlertFacts, case: Case, scene: Scene, programs: RulePrograms) -> dict[str, Any]:
    end = seconds_of(scene.at) + seconds_of(alert.hold)
    space = TENANT if alert.evaluator == ENFORCED else ""
    values = enforced([(space, value) for value in condition_values(alert, SHIPPED)], programs)
    samples = []
    for condition, value, seen in zip(alert.conditions, values, scene.values, strict=True):
        limit = number_text(alert.parameters[condition.threshold].default)
        looked_at = {
            BEYOND: (f"count(({value}) {condition.comparator} {limit})", 1),
            UNMET: (f"count(({value}) {condition.comparator} bool {limit} == 0)", 1),
        }
        expr, sample = looked_at.get(str(seen), (f"{'min' if '<' in condition.comparator else 'max'}({value})", seen))
        samples.append({"expr": expr, "eval_time": f"{end}s", "exp_samples": [{"labels": "{}", "value": sample}]})
    silence = [{"eval_time": f"{end}s", "alertname": alert.name, "exp_alerts": []}]
    return {**_input(alert, case, scene, end, OWNER), "alert_rule_test": silence, "promql_expr_test": samples}


def _input(alert: AlertFacts, case: Case, scene: Scene, end: int, owner: str) -> dict[str, Any]:
    count = end // seconds_of(case.interval) + 1
    given = [{"series": series, "values": _samples(values, count)} for series, values in scene.series.items()]
    if alert.evaluator == ENFORCED:
        own = f'namespace="{TENANT}"'
        given += [{**entry, "series": entry["series"].replace(own, f'namespace="{STRANGER}"')} for entry in given if own in entry["series"]]
    elif alert.owner == NAMESPACE:
        label = "" if owner == TEAM else f',label_readiness_groundwork_io_owner="{owner}"'
        given.append({"series": f'kube_namespace_labels{{namespace="{TENANT}"{label}}}', "values": _samples(1, count)})
    return {"interval": case.interval, "input_series": given}


def _samples(values: object, count: int) -> str:
    return values if isinstance(values, str) else f"{values}x{count}"


def record_test(facts: RecordFacts, case: Mapping[str, Any]) -> dict[str, Any]:
    """The test of one record: what is served, and all that the record has after a minute."""
    given = [{"series": series, "values": _samples(values, 2)} for series, values in case["series"].items()]
    samples = [{"labels": _series_text(facts.record, sample["labels"]), "value": sample["value"]} for sample in case["samples"]]
    asked = {"expr": facts.record, "eval_time": "1m", "exp_samples": samples}
    return {"interval": "1m", "input_series": given, "promql_expr_test": [asked]}


def _series_text(name: str, labels: Mapping[str, str]) -> str:
    inside = ",".join(f"{label}={json.dumps(value)}" for label, value in sorted(labels.items()))
    return f"{name}{{{inside}}}"


def run(files: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], folder: Path, programs: RulePrograms) -> list[str]:
    """Runs promtool over pairs of rules and tests; for each what it said against it, empty where it passed."""
    names = []
    for number, (rules, tests) in enumerate(files):
        # JSON is YAML; it is written and read faster.
        (folder / f"rules-{number}.json").write_text(json.dumps(rules), encoding="utf-8")
        (folder / f"test-{number}.json").write_text(json.dumps({**tests, "rule_files": [f"rules-{number}.json"]}), encoding="utf-8")
        names.append(f"test-{number}.json")
    with ThreadPoolExecutor(PROCESSES) as pool:
        said = dict(entry for found in pool.map(lambda part: _verdicts(part, folder, programs), _parts(names)) for entry in found.items())
    return [said[name] for name in names]


def _parts(names: Sequence[str]) -> list[Sequence[str]]:
    return [part for part in (names[number::PROCESSES] for number in range(PROCESSES)) if part]


def _verdicts(names: Sequence[str], folder: Path, programs: RulePrograms) -> dict[str, str]:
    report = f"report-{names[0]}.xml"
    command = [str(programs.promtool), "test", "rules", f"--junit={report}", *names]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    suites = re.split(r'<testsuite name="([^"]+)"', (folder / report).read_text(encoding="utf-8"))[1:]
    found = dict(zip(suites[::2], suites[1::2], strict=True))
    return {name: "" if PASSED.search(found.get(name, "")) else unescape(found.get(name, done.stderr)) for name in names}
