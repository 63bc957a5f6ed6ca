# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped dashboards, what their queries may be, and the series that they are tried with.

A query is taken as the console takes it: each variable is put in where it stands behind a $, all of its values as `.+`. The series
are those of the cases of alerts and records, so that a query is tried with what the rules are tried with.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.shape import Bad, Reading
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.dashboard_facts import (
    DashboardFacts,
    PanelFacts,
    QueryFacts,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.dashboards import settled
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.evaluators import series_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.facts import RuleFacts
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.rules import RuleSettings, record_groups
from ansible_collections.groundwork.readiness.plugins.plugin_utils.platform_files import SHIPPED_FOLDER

from tests.counterparts.build import GoCommands, Say, go_commands, quiet
from tests.counterparts.prometheus.commands import PINS, RulePrograms
from tests.integration.monitoring_rules import Scene, alert_cases, record_cases, run

NAME: Final = "monitoring_dashboards"
ALL: Final = ".+"
PERSES: Final = GoCommands(name="perses", pins=PINS / "perses", packages={"perses": "."})
MINUTES: Final = 10
"""How long the series were served when a query is asked."""

COUNT, RATIO, SECONDS = "count", "ratio", "seconds"
FOREIGN_UNITS: Final[Mapping[str, str]] = {
    # kueue, pkg/metrics/metrics.go; a reservation and a quota are in the resource's own unit, the same for both.
    "kueue_admission_wait_time_seconds_bucket": SECONDS,
    "kueue_cluster_queue_nominal_quota": "amount",
    "kueue_cluster_queue_resource_reservation": "amount",
    "kueue_cluster_queue_status": COUNT,
    "kueue_pending_workloads": COUNT,
    # prometheus-fastapi-instrumentator
    "http_requests_total": COUNT,
    # vLLM documentation, Production Metrics; 1 is a full cache, whatever the name says.
    "vllm:gpu_cache_usage_perc": RATIO,
    "vllm:inter_token_latency_seconds_bucket": SECONDS,
    "vllm:kv_cache_usage_perc": RATIO,
    "vllm:num_requests_waiting": COUNT,
    "vllm:time_per_output_token_seconds_bucket": SECONDS,
    "vllm:time_to_first_token_seconds_bucket": SECONDS,
    # TrustyAI
    "trustyai_approxkstest": "probability",
    "trustyai_dir": RATIO,
    "trustyai_fouriermmd": "probability",
    "trustyai_kstest": "probability",
    "trustyai_meanshift": "probability",
    "trustyai_spd": RATIO,
}
"""Units of series whose name does not end with one."""

INFO: Final = "info"
"""Unit of series that are 1 and tell something by their labels: a product with them keeps its unit."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query of a dashboard, with the numbers of its panel."""

    board: DashboardFacts
    panel: PanelFacts
    query: QueryFacts

    @property
    def text(self) -> str:
        """For people."""
        return f"{self.board.name}: {self.panel.title}: {self.query.column or self.query.legend or self.query.expr[:40]}"

    @property
    def unit(self) -> str:
        """Unit of what it shows."""
        return self.query.unit or self.panel.unit


@dataclass(frozen=True, slots=True)
class Place:
    """Where promtool is, and a folder for its files."""

    programs: RulePrograms
    folder: Path


def shipped_dashboards() -> dict[str, DashboardFacts]:
    """The dashboards that the collection ships, read as the stage reads them."""
    reading = Reading()
    entries = yaml.safe_load((SHIPPED_FOLDER / f"{NAME}.yml").read_text(encoding="utf-8"))[NAME]
    try:
        return {name: reading.section(DashboardFacts, {"name": name, **entry}, (NAME, name)) for name, entry in sorted(entries.items())}
    except Bad:
        raise ValueError([problem.message for _place, problem in reading.problems]) from None


def asked_of(boards: Mapping[str, DashboardFacts]) -> list[Asked]:
    """All queries of dashboards with their numbers in place."""
    shown = [settled(board, RuleSettings()) for board in boards.values()]
    return [Asked(board, panel, query) for board in shown for row in board.rows for panel in row.panels for query in panel.queries]


def variables_in(expr: str) -> list[str]:
    """Names of the variables of an expression, in their order."""
    return re.findall(r"\$(\w+)", expr)


def chosen(expr: str, values: Mapping[str, str]) -> str:
    """An expression with a value for each variable; all values of those that are not named."""
    return re.sub(r"\$(\w+)", lambda found: values.get(found[1], ALL), expr)


# ---- what queries may be ---------------------------------------------------------------------------------------------


def unknown_series(expr: str, known: Set[str]) -> list[str]:
    """Series of an expression that are none of the known ones."""
    return sorted(series_of(expr) - known)


def unit_of(series: str, facts: RuleFacts) -> str:
    """Unit of a series: that of the record that makes it, else the one that is known of it; empty for none."""
    recorded = {record.record: record.unit for record in facts.records.values()}
    return recorded.get(series) or FOREIGN_UNITS.get(series, "")


_FORMS: Final[Mapping[str, tuple[str, str]]] = {
    "count": (COUNT, r"\bcount\b|\bbool\b"),
    "percent": ("percent", r"\b100 \* "),
    "rate": ("requests_per_second", r"\brate\("),
    "share": (RATIO, r" / "),
    "times": ("times", r"100 \* .* / .* / [0-9.]+$"),
}
"""Conversion to the unit that it leads to, and what an expression has that makes it."""

_CONVERTING: Final = re.compile(r"\bcount(_values)?\b| / |\b[0-9.]+ \* | \* [0-9.]|\b(rate|irate|increase|deriv)\(")


def unit_faults(asked: Asked, facts: RuleFacts) -> Iterator[str]:
    """Why a query does not show the unit that it says.

    A query that converts nothing reads series of its unit alone. A quotient is one of like units, and a conversion leads to its
    unit and is one that the expression really makes.
    """
    units = {series: unit_of(series, facts) for series in series_of(asked.query.expr)}
    yield from (f"the unit of {series} is not known" for series, unit in sorted(units.items()) if not unit)
    read = {unit for unit in units.values() if unit != INFO}
    converts = asked.query.converts
    expr = _bare(asked.query.expr, units)
    if converts in ("", "filter"):
        if asked.unit not in read if converts else read != {asked.unit}:
            yield f"shows {asked.unit} and reads {', '.join(sorted(read))}"
        if found := _CONVERTING.search(expr):
            yield f"converts by {found[0].strip()!r} and does not say so"
        if converts and len(read) == 1:
            yield "says that it filters by series of another unit, and reads none"
    else:
        unit, form = _FORMS[converts]
        if asked.unit != unit:
            yield f"{converts} leads to {unit}, not to {asked.unit}"
        if not re.search(form, expr, re.DOTALL):
            yield f"says that it converts by {converts}, and does not"
        if converts in ("share", "rate", "percent", "times") and len(read) != 1:
            yield f"takes {', '.join(sorted(read))} together"


def _bare(expr: str, series: Iterable[str]) -> str:
    """An expression without names of series and labels, and without what changes no unit: zeros, and rates that a quantile is taken of."""
    for name in sorted(series, key=len, reverse=True):
        expr = re.sub(rf"(?<![\w:]){re.escape(name)}(?![\w:])", "series", expr)
    expr = re.sub(r"histogram_quantile\([0-9.]+, (.*)\)", lambda found: found[1].replace("rate(", "("), expr)
    return re.sub(r"\b0 \* ", "", re.sub(r"{[^}]*}", "", expr))


def variable_faults(asked: Asked) -> Iterator[str]:
    """Why a query does not take variables as label=~"$name", each of its own dashboard and for its own label."""
    known = {variable.name: variable.label for variable in asked.board.variables}
    for found in re.finditer(r"(\w+)?(=~|!~|!=|=)?(\")?\$(\w+)(\")?", asked.query.expr):
        label, operator, opened, name, closed = found.groups()
        if name not in known:
            yield f"${name} is no variable of the dashboard"
        elif (label, operator, opened, closed) != (known[name], "=~", '"', '"'):
            yield f'{found[0]} is not {known[name]}=~"${name}"'


# ---- series that they are tried with ---------------------------------------------------------------------------------


def served(scenes: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Series as promtool takes them; of the same series in several scenes the last one's samples."""
    merged: dict[str, Any] = {}
    for series in scenes:
        merged |= series
    return [{"series": name, "values": value if isinstance(value, str) else f"{value}x{MINUTES}"} for name, value in merged.items()]


def worlds() -> dict[str, list[dict[str, str]]]:
    """What is served: where every alert fires, where none does, and for each alert the first with its own series put to it."""
    cases, records = alert_cases(), [case["series"] for case in record_cases().values()]
    firing = [*records, *(case.firing.series for case in cases.values())]
    quiet_ones: list[Scene] = [case.silent[0] for case in cases.values()]
    found = {"firing": served(firing), "silent": served([*records, *(scene.series for scene in quiet_ones)])}
    return found | {name: served([*firing, case.firing.series]) for name, case in cases.items()}


def asked_test(asked: Iterable[tuple[str, Sequence[Mapping[str, Any]]]], series: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """A test of promtool: after ten minutes each expression has exactly its samples."""
    exprs = [{"expr": expr, "eval_time": f"{MINUTES}m", "exp_samples": list(samples)} for expr, samples in asked]
    return {"evaluation_interval": "1m", "tests": [{"interval": "1m", "input_series": list(series), "promql_expr_test": exprs}]}


def without_data(exprs: Mapping[str, str], series: Sequence[Mapping[str, str]], facts: RuleFacts, place: Place) -> list[str]:
    """Which of the expressions have no sample."""
    asked = [(_marked(f"count({expr}) > bool 0", number), [_sample(number)]) for number, expr in enumerate(exprs.values())]
    return _failing(list(exprs), asked_test(asked, series), facts, place)


def more_than_zero(exprs: Mapping[str, str], series: Sequence[Mapping[str, str]], facts: RuleFacts, place: Place) -> list[str]:
    """Which of the expressions have a sample that is not 0."""
    asked = [(_marked(f"({expr}) != 0", number), []) for number, expr in enumerate(exprs.values())]
    return _failing(list(exprs), asked_test(asked, series), facts, place)


def _marked(expr: str, number: int) -> str:
    return f'label_replace({expr}, "asked", "{number}", "", "")'


def _sample(number: int) -> dict[str, Any]:
    return {"labels": f'{{asked="{number}"}}', "value": 1}


def _failing(names: Sequence[str], tests: Mapping[str, Any], facts: RuleFacts, place: Place) -> list[str]:
    """What promtool says something against, by the mark that is in each expression. Raises ValueError where it refuses the whole test."""
    (said,) = run([(all_records(facts), tests)], place.folder, place.programs)
    found = sorted({names[int(number)] for number in re.findall(r"asked\W+([0-9]+)", said)})
    if said and not found:
        raise ValueError(said)
    return found


def all_records(facts: RuleFacts) -> dict[str, Any]:
    """All recording rules as a file of promtool."""
    return {"groups": list(record_groups(facts.records.values()))}


# ---- Perses ----------------------------------------------------------------------------------------------------------


def perses_program(say: Say = quiet) -> Path:
    """What judges dashboards by the types of Perses, built when it was not built from its pins yet (about two minutes)."""
    return go_commands(PERSES, say) / "perses"


def perses_faults(specs: Sequence[Mapping[str, Any]], program: Path) -> list[list[str]]:
    """What Perses and its plugins say against each specification of a dashboard; [] for nothing."""
    done = subprocess.run([str(program)], input=json.dumps(list(specs)), capture_output=True, text=True, check=True, timeout=60)
    answers: list[list[str]] = json.loads(done.stdout)
    return answers
