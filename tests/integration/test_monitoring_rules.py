# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped rules are judged by promtool, with the labels that their evaluator enforces."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.monitoring import ENFORCED, OPEN
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.evaluators import MONITORING_NAMESPACE
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.objects import rule_objects
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.rules import record_groups, record_rule

from tests.counterparts.prometheus.commands import BadExpression, RulePrograms, enforced, receivers, route_program, rule_programs
from tests.integration.monitoring_rules import (
    SHIPPED,
    TENANT,
    Mutant,
    alert_cases,
    alert_tests,
    fired_labels,
    mutants_of,
    record_cases,
    record_mutants,
    record_test,
    rule_files,
    run,
    shipped_rules,
)

FACTS = shipped_rules()
CASES = alert_cases()


@pytest.fixture(scope="session")
def programs() -> RulePrograms:
    return rule_programs(print)


def promtool_tests(name: str, programs: RulePrograms) -> dict[str, Any]:
    return {"evaluation_interval": CASES[name].interval, "tests": alert_tests(FACTS.alerts[name], CASES[name], programs)}


def test_every_alert_fires_when_it_should_and_is_silent_at_its_limit(programs: RulePrograms, tmp_path: Path) -> None:
    names = sorted(CASES)
    rules = rule_files([FACTS.alerts[name] for name in names], FACTS, programs)
    said = run([(file, promtool_tests(name, programs)) for name, file in zip(names, rules, strict=True)], tmp_path, programs)
    assert {name: text for name, text in zip(names, said, strict=True) if text} == {}


def test_cases_notice_another_comparator_another_threshold_and_another_hold(programs: RulePrograms, tmp_path: Path) -> None:
    mutants: list[tuple[str, Mutant]] = [(name, mutant) for name in sorted(CASES) for mutant in mutants_of(FACTS.alerts[name], CASES[name])]
    tests = {name: promtool_tests(name, programs) for name in CASES}
    rules = rule_files([mutant.alert for _name, mutant in mutants], FACTS, programs)
    said = run([(file, tests[name]) for (name, _mutant), file in zip(mutants, rules, strict=True)], tmp_path, programs)
    assert [f"{name}: {mutant.what}" for (name, mutant), text in zip(mutants, said, strict=True) if not text] == []
    assert Counter("exp:" in text for text in said) == {True: len(mutants)}, "a mutant was refused, not noticed"


def test_cases_notice_every_label_of_a_rule_that_lacks(programs: RulePrograms, tmp_path: Path) -> None:
    files: list[tuple[dict[str, Any], dict[str, Any]]] = []
    what = []
    names = sorted(CASES)
    for name, file in zip(names, rule_files([FACTS.alerts[name] for name in names], FACTS, programs), strict=True):
        *behind, rule = file["groups"][0]["rules"]
        # A device that nobody uses is about no namespace, and the label namespace of an enforced rule is that of its series too.
        same = {"namespace"} if FACTS.alerts[name].evaluator == ENFORCED else set()
        for label in (set(rule["labels"]) & set(fired_labels(FACTS.alerts[name], CASES[name]))) - same:
            kept = {other: value for other, value in rule["labels"].items() if other != label}
            changed = {"groups": [{"name": "rules", "rules": [*behind, {**rule, "labels": kept}]}]}
            files.append((changed, promtool_tests(name, programs)))
            what.append(f"{name} without {label}")
    said = run(files, tmp_path, programs)
    assert [name for name, text in zip(what, said, strict=True) if not text] == []
    assert len(what) > 2 * len(names)


def test_every_record_makes_its_unit_and_the_common_labels_of_what_exporters_serve(programs: RulePrograms, tmp_path: Path) -> None:
    cases = record_cases()
    rules = {"groups": list(record_groups(FACTS.records.values()))}
    files = [(rules, {"evaluation_interval": "1m", "tests": [record_test(FACTS.records[name], case)]}) for name, case in cases.items()]
    said = run(files, tmp_path, programs)
    assert {name: text for name, text in zip(cases, said, strict=True) if text} == {}


def test_records_notice_every_number_that_is_one_off(programs: RulePrograms, tmp_path: Path) -> None:
    cases = record_cases()
    mutants = [mutant for name in sorted(cases) for mutant in record_mutants(FACTS.records[name])]
    files = [
        (
            {"groups": [{"name": "rules", "rules": [record_rule(mutant)]}]},
            {"evaluation_interval": "1m", "tests": [record_test(mutant, cases[mutant.name])]},
        )
        for mutant in mutants
    ]
    said = run(files, tmp_path, programs)
    assert [f"{mutant.name}: {mutant.expr}" for mutant, text in zip(mutants, said, strict=True) if not text] == []
    assert len(mutants) > len([record for record in FACTS.records.values() if record.vendor])


def test_objects_hold_rules_that_promtool_takes(programs: RulePrograms, tmp_path: Path) -> None:
    files = []
    for number, wanted in enumerate(rule_objects(FACTS, SHIPPED, "monitoring.rules")):
        path = tmp_path / f"object-{number}.json"
        path.write_text(json.dumps(wanted.object["spec"]), encoding="utf-8")
        files.append(str(path))
    done = subprocess.run(
        [str(programs.promtool), "check", "rules", "--lint-fatal", *files], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "0 rules" not in done.stdout


def test_enforcement_puts_the_namespace_into_every_selector_in_place_of_another(programs: RulePrograms) -> None:
    (text,) = enforced([(TENANT, 'sum(rate(a{namespace=~".+"}[5m])) / on () group_left () max_over_time(b[1h:1m])')], programs)
    assert text == f'sum(rate(a{{namespace="{TENANT}"}}[5m])) / on () group_left () max_over_time(b{{namespace="{TENANT}"}}[1h:1m])'


@pytest.mark.parametrize(("evaluator", "space"), [(ENFORCED, ""), (OPEN, MONITORING_NAMESPACE)])
def test_cases_notice_rules_that_run_under_the_other_enforcement(
    evaluator: str, space: str, programs: RulePrograms, tmp_path: Path
) -> None:
    alerts = [alert for alert in FACTS.alerts.values() if alert.evaluator == evaluator]
    rules = rule_files(alerts, FACTS, programs, space)
    said = run([(file, promtool_tests(alert.name, programs)) for alert, file in zip(alerts, rules, strict=True)], tmp_path, programs)
    assert [alert.name for alert, text in zip(alerts, said, strict=True) if not text] == []


def test_broken_expression_is_refused_with_what_the_parser_says(programs: RulePrograms) -> None:
    with pytest.raises(BadExpression, match="unexpected"):
        enforced([("", "sum by (a (b)")], programs)


def test_route_of_an_alert_is_found_and_a_broken_configuration_refused(tmp_path: Path) -> None:
    program, config = route_program(print), tmp_path / "alertmanager.json"
    routes = {"receiver": "platform", "routes": [{"matchers": ['owner="research"'], "receiver": "research"}]}
    config.write_text(json.dumps({"route": routes, "receivers": [{"name": "platform"}, {"name": "research"}]}), encoding="utf-8")
    assert receivers(config, {"owner": "research", "severity": "info"}, program) == ["research"]
    assert receivers(config, {"owner": "somebody"}, program) == ["platform"]
    config.write_text(json.dumps({"route": {"receiver": "nobody"}, "receivers": []}), encoding="utf-8")
    with pytest.raises(subprocess.CalledProcessError):
        receivers(config, {"owner": "research"}, program)
