# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes docs/runbooks.md from the shipped alerts. Usage: python -m tests.tools.runbooks_page [--check]"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from tests.tools.conditions_page import row
from tests.tools.rules_page import CHECKOUT, catalogue_data, kept

PAGE = CHECKOUT / "docs" / "runbooks.md"
FOLDER = CHECKOUT / "plugins" / "plugin_utils" / "platform_catalogue"
MONITORING = "ansible_collections.groundwork.readiness.plugins.module_utils.platform"

SAID = ("alertname", "owner", "severity")
"""Labels that the page tells of every alert anyway."""

INTRODUCTION = """\
# Runbooks

What the {alerts} alerts of the collection mean, how to look and what to do. The annotation `runbook` of each leads here; where the
document names a URL (`monitoring.runbooks`) it is `runbook_url`, of which the console makes a link. This page is made from
`plugins/plugin_utils/platform_catalogue/monitoring_alerts.yml` by `tests/tools/runbooks_page.py`.

- **Numbers** of an alert, and how long its conditions have to hold (`hold`), can be set in the document where the table says so.
- **Owner** is the team of the platform, or whoever the label `{owner_label}` of the namespace names; without the label it is the
  platform's team as well.
- **Evaluator** says who runs the rule, and so what it sees. Rules with `{open}` stand in the namespace `{namespace}`, which is without
  label enforcement, and see all namespaces. Rules with `{enforced}` stand in a tenant's namespace and see that one only. Rules with
  `{platform}` are AlertingRules of the platform's Prometheus.
- **Labels** `namespace` and `workload_namespace`: Alertmanager routes an alert by its label `namespace`, so what is for the platform's team
  stands in `{namespace}` whatever it is about. The namespace that an alert is about is in `workload_namespace`; an alert that is evaluated
  in a tenant's namespace has its `namespace` alone.
- **Series** that begin with `accelerator:`, `workload:` or `namespace:` are recorded by the collection in the unit that their name ends
  with, for all vendors alike: see the list at the end.
"""


def module(name: str) -> Any:
    """A module of the collection, as this checkout has it."""
    catalogue_data()
    return importlib.import_module(f"{MONITORING}.{name}")


def facts(name: str, owner: type) -> Mapping[str, Any]:
    """The shipped facts of a file, by name."""
    entries = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))[name]
    reading = module("desired.shape").Reading()
    return {key: reading.section(owner, {"name": key, **entry}, (name, key)) for key, entry in entries.items()}


def code(text: str) -> str:
    """A text as code in a cell of a table."""
    return f"`{text}`"


def alert_lines(alert: Any, rules: Any) -> Iterator[str]:
    """The section of one alert; its heading is the anchor that the annotation names."""
    settings = rules.RuleSettings()
    numbers = rules.parameters_of(alert, settings)
    yield from (f"### {alert.name}", "", f"**{rules.filled(alert.summary, numbers)}.** {alert.meaning}", "")
    yield from (row("severity", "owner", "hold", "evaluator", "labels"), "|---|---|---|---|---|")
    labels = [label for label in rules.alert_labels(alert) if label not in SAID]
    yield row(alert.severity, alert.owner, alert.hold, code(alert.evaluator), ", ".join(map(code, labels)))
    yield from ("", "It fires when all of this holds:", "")
    for condition in alert.conditions:
        value = rules.filled(condition.value, numbers)
        yield f"- `{value}` {condition.comparator} `{condition.threshold}`"
    yield from ("", row("number", "default", "can be set"), "|---|---|---|")
    for name, parameter in sorted(alert.parameters.items()):
        bounds = f"from {rules.number_text(parameter.least)} to {rules.number_text(parameter.most)}"
        yield row(code(name), f"{rules.number_text(parameter.default)} {parameter.unit}", "no" if parameter.fixed else bounds)
    yield from ("", "How to look:", "", *(f"1. {step}" for step in alert.look))
    yield from ("", "What to do:", "", *(f"1. {step}" for step in alert.act))
    yield from ("", f"Source: {alert.source}{'' if alert.confirmed else ' (known, not looked up in a public source)'}.", "")


def record_lines(records: Mapping[str, Any]) -> Iterator[str]:
    """What is recorded, of which vendors."""
    yield from ("## Recorded series", "", row("series", "vendors", "meaning"), "|---|---|---|")
    by_series: dict[str, list[Any]] = {}
    for record in records.values():
        by_series.setdefault(record.record, []).append(record)
    for series, found in sorted(by_series.items()):
        vendors = ", ".join(sorted(record.vendor for record in found if record.vendor)) or "all"
        yield row(code(series), vendors, "; ".join(dict.fromkeys(record.meaning for record in found)))
    yield ""


def page() -> str:
    """The whole page."""
    known, rules, evaluators = module("monitoring.facts"), module("monitoring.rules"), module("monitoring.evaluators")
    alerts, records = facts("monitoring_alerts", known.AlertFacts), facts("monitoring_records", known.RecordFacts)
    desired = module("desired.monitoring")
    words = {"open": desired.OPEN, "enforced": desired.ENFORCED, "platform": desired.PLATFORM, "owner_label": known.OWNER_LABEL}
    lines = [INTRODUCTION.format(alerts=len(alerts), namespace=evaluators.MONITORING_NAMESPACE, **words)]
    for group in sorted({alert.group for alert in alerts.values()}):
        lines += [f"## {group.replace('-', ' ').capitalize()}", ""]
        for alert in sorted(alerts.values(), key=lambda alert: str(alert.name)):
            if alert.group == group:
                lines += alert_lines(alert, rules)
    lines += record_lines(records)
    return "\n".join(lines).rstrip("\n") + "\n"


def main() -> int:
    """Writes the page, or with --check says whether it is current."""
    return kept(PAGE, page(), sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
