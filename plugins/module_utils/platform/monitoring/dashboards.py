# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dashboards for the console of OpenShift and for Perses, from the same facts. The same facts give the same bytes.

The console reads ConfigMaps of openshift-config-managed that bear console.openshift.io/dashboard=true, and in the view of a project
those of them that bear console.openshift.io/odc-dashboard=true as well (openshift/console, cmd/bridge; openshift/monitoring-plugin,
web/src/components/dashboards/legacy). Of Grafana's JSON its plugin knows rows with panels of the types graph, singlestat, gauge,
grafana-piechart-panel (drawn as bars) and table, and variables of type query. What it does not know shapes what is written here:

- All values of a variable are `.+`, and a name is replaced wherever it stands behind a $, so that no name may begin with another.
- Labels of variables are `label_values(series, label)` with a comma and one blank, which becomes a count by that label.
- A graph draws no limit: it gets one as a line of its own. It formats bytes and no other unit, so that titles have the unit.
- A table needs styles, shows no label without one, and joins queries by the values of all their labels.
- A stat shows the first result of its first query, and has the color of the last limit that is below it.

Perses takes nothing that its schemas do not have (perses/perses, cue/common; perses/plugins, schemas of each chart). Only what is in
those of 0.52 and in later ones is written: a temperature was no format then. Datasources are left to the default of the project.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ..desired.monitoring import DashboardsWanted
from ..desired.rules import Fault, leads_nowhere, used_twice
from ..parts import OPERANDS, WantedObject
from .check_list import LAYER, PART
from .dashboard_facts import (
    BAR,
    BYTES,
    CELSIUS,
    CODE,
    COUNT,
    GAUGE,
    PERCENT,
    PROBABILITY,
    RATIO,
    REQUESTS_PER_SECOND,
    SECONDS,
    STAT,
    TABLE,
    TIMES,
    TIMESERIES,
    WATTS,
    WHOLE_WIDTH,
    DashboardFacts,
    PanelFacts,
    QueryFacts,
    VariableFacts,
)
from .facts import ABOVE, BELOW
from .objects import PREFIX
from .rules import RuleSettings, filled, number_text

Json = dict[str, Any]

CONSOLE_NAMESPACE: Final = "openshift-config-managed"
CONSOLE_LABEL: Final = "console.openshift.io/dashboard"
PROJECT_LABEL: Final = "console.openshift.io/odc-dashboard"
PERSES_GROUP: Final = "perses.dev"
PERSES_KIND: Final = "PersesDashboard"
V1ALPHA1, V1ALPHA2 = "v1alpha1", "v1alpha2"
PERSES_VERSIONS: Final = (V1ALPHA2, V1ALPHA1)
"""Versions of PersesDashboard, the preferred one first: without a conversion webhook the operator reads that one alone."""

PATH: Final = "monitoring.dashboards"
_SIGNS: Final[Mapping[str, str]] = {
    CELSIUS: "°C",
    PERCENT: "%",
    RATIO: "1 is all",
    REQUESTS_PER_SECOND: "per second",
    SECONDS: "s",
    TIMES: "times",
    WATTS: "W",
}
"""What a title says of a unit that is not formatted."""

_DECIMALS: Final[Mapping[str, int]] = {CODE: 0, COUNT: 0, PROBABILITY: 4, RATIO: 1}
_TABLE_HEIGHT, _CHART_HEIGHT, _STAT_HEIGHT = 8, 8, 4
_GRID: Final = 24
"""Columns of Perses' grid."""

_RED_NAME, _GREEN_NAME = "red", "green"
_RED, _GREEN = "#c9190b", "#3e8635"


def dashboard_objects(
    wanted: DashboardsWanted,
    dashboards: Mapping[str, DashboardFacts],
    settings: RuleSettings | None = None,
    version: str = V1ALPHA2,
) -> tuple[WantedObject, ...]:
    """All objects that hold dashboards, sorted: those of the console, then those of each namespace for Perses.

    `settings` are the document's on alerts: limits are theirs, and an alert that is left out has none. `version` is that of
    PersesDashboard.
    """
    rules = settings or RuleSettings()
    chosen = [settled(facts, rules) for name, facts in sorted(dashboards.items()) if name not in wanted.left_out]
    items = [console_object(facts) for facts in chosen] if wanted.console else []
    items += [perses_object(facts, namespace, version) for namespace in sorted(set(wanted.perses)) for facts in chosen]
    return tuple(WantedObject(item, PART, LAYER, PATH, OPERANDS) for item in items)


def dashboard_faults(wanted: DashboardsWanted, names: Collection[str]) -> Iterator[Fault]:
    """What the section cannot mean: dashboards that nobody knows, names that are given twice."""
    path = ("monitoring", "dashboards")
    for number, name in enumerate(wanted.left_out):
        yield from leads_nowhere((*path, "left_out", number), name, names, "dashboard of the collection")
    for key, given in (("left_out", wanted.left_out), ("perses", wanted.perses)):
        yield from used_twice(((*path, key, number), name) for number, name in enumerate(given))


# ---- numbers of alerts -----------------------------------------------------------------------------------------------


def settled(facts: DashboardFacts, settings: RuleSettings) -> DashboardFacts:
    """The dashboard with its numbers in place of their names."""
    rows = tuple(replace(row, panels=tuple(_settled_panel(panel, settings) for panel in row.panels)) for row in facts.rows)
    return replace(facts, rows=rows)


def _settled_panel(panel: PanelFacts, settings: RuleSettings) -> PanelFacts:
    numbers = numbers_of(panel, settings)
    queries = tuple(replace(query, expr=filled(query.expr, numbers)) for query in panel.queries)
    limit = "" if panel.alert and panel.alert in settings.left_out else panel.limit
    return replace(panel, meaning=filled(panel.meaning, numbers), queries=queries, numbers=numbers, limit=limit)


def numbers_of(panel: PanelFacts, settings: RuleSettings) -> dict[str, float]:
    """The panel's numbers: those that the document sets for its alert before the shipped ones."""
    given = settings.parameters.get(panel.alert, {})
    return {name: given.get(name, number) for name, number in sorted(panel.numbers.items())}


def limit_of(panel: PanelFacts) -> float | None:
    """The number beyond which something is wrong, a whole one as such; None where there is none."""
    if not panel.limit:
        return None
    limit = panel.numbers[panel.limit]
    return int(limit) if float(limit).is_integer() else limit


# ---- console ---------------------------------------------------------------------------------------------------------

_CONSOLE_TYPES: Final[Mapping[str, str]] = {
    TIMESERIES: "graph",
    STAT: "singlestat",
    GAUGE: "gauge",
    BAR: "grafana-piechart-panel",
    TABLE: "table",
}
_CONSOLE_FORMATS: Final[Mapping[str, Mapping[str, str]]] = {
    TIMESERIES: {BYTES: "bytes"},
    STAT: {BYTES: "bytes", RATIO: "percentunit"},
    GAUGE: {BYTES: "bytes", RATIO: "percentunit"},
    BAR: {},
    TABLE: {BYTES: "bytes", RATIO: "percentunit"},
}
"""Units that the console formats, by type of panel."""


def console_object(facts: DashboardFacts) -> Json:
    """The ConfigMap of a dashboard; the console takes the first of its entries, whatever its name."""
    labels = {CONSOLE_LABEL: "true"} | ({PROJECT_LABEL: "true"} if facts.tenants else {})
    metadata = {"name": f"{PREFIX}-{facts.name}", "namespace": CONSOLE_NAMESPACE, "labels": labels}
    text = json.dumps(console_board(facts), indent=1, sort_keys=True, ensure_ascii=False)
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {f"{facts.name}.json": f"{text}\n"}}


def console_board(facts: DashboardFacts) -> Json:
    """A dashboard as the console reads it. Its schema is Grafana's of before panels had places, so that Grafana takes rows as well."""
    rows = [
        {
            "title": row.title,
            "showTitle": True,
            "collapse": False,
            "panels": [_console_panel(panel, 100 * number + place) for place, panel in enumerate(row.panels, start=1)],
        }
        for number, row in enumerate(facts.rows, start=1)
    ]
    variables = [_console_variable(variable) for variable in facts.variables]
    board: Json = {"title": facts.title, "description": facts.meaning, "tags": [PREFIX], "schemaVersion": 14}
    return {**board, "templating": {"list": variables}, "rows": rows}


def _console_variable(variable: VariableFacts) -> Json:
    query = f"label_values({' or '.join(variable.series)}, {variable.label})"
    names: Json = {"name": variable.name, "label": variable.title, "type": "query", "query": query}
    return {**names, "hide": 0, "includeAll": True, "allValue": ".+", "multi": False, "options": [], "refresh": 2}


def _console_panel(panel: PanelFacts, number: int) -> Json:
    formats = _CONSOLE_FORMATS[panel.type]
    signed = panel.title if panel.type == TABLE else _signed(panel.title, panel.unit, formats)
    board: Json = {"id": number, "title": signed, "description": panel.meaning, "type": _CONSOLE_TYPES[panel.type], "span": panel.span}
    board["targets"] = [_console_target(query, place, panel.type) for place, query in enumerate(panel.queries)]
    limit = limit_of(panel)
    if panel.type == TIMESERIES:
        board |= {"stack": False, "legend": {"show": True}}
        board["yaxes"] = [{"format": formats.get(panel.unit, "short")}, {"format": "short"}]
        if limit is not None:
            line = QueryFacts(expr=f"vector({number_text(limit)})", legend="limit")
            board["targets"].append(_console_target(line, len(panel.queries), panel.type))
    elif panel.type == TABLE:
        board |= {"transform": "table", "styles": list(_console_styles(panel))}
    elif panel.type in (STAT, GAUGE):
        board |= {"format": formats.get(panel.unit, "short"), "decimals": _DECIMALS.get(panel.unit, 2)}
        if limit is not None:
            # What is not above 0 is below the first color as well, which no count is.
            colors = [{"value": -1, "color": _GREEN_NAME}, {"value": limit, "color": _RED_NAME}]
            board["options"] = {"fieldOptions": {"thresholds": colors}}
    return board


def _console_target(query: QueryFacts, place: int, kind: str) -> Json:
    target: Json = {"expr": query.expr, "legendFormat": query.legend, "refId": _letter(place)}
    target["format"] = "table" if kind == TABLE else "time_series"
    return target if kind == TIMESERIES else {**target, "instant": True}


def _console_styles(panel: PanelFacts) -> Iterator[Json]:
    yield {"alias": "Time", "pattern": "Time", "type": "hidden"}
    for column in panel.columns:
        yield {"alias": column.title, "pattern": column.label, "type": "string"}
    for place, query in enumerate(panel.queries):
        unit = query.unit or panel.unit
        alias = _signed(query.column, unit, _CONSOLE_FORMATS[TABLE])
        style: Json = {"alias": alias, "pattern": f"Value #{_letter(place)}", "type": "number", "decimals": _DECIMALS.get(unit, 2)}
        yield {**style, "unit": _CONSOLE_FORMATS[TABLE].get(unit, "short")}


def _letter(place: int) -> str:
    return chr(ord("A") + place)


def _signed(title: str, unit: str, formats: Collection[str]) -> str:
    """A title with the sign of its unit, where the unit is not formatted."""
    return f"{title} ({_SIGNS[unit]})" if unit in _SIGNS and unit not in formats else title


# ---- Perses ----------------------------------------------------------------------------------------------------------

_PERSES_TYPES: Final[Mapping[str, str]] = {
    TIMESERIES: "TimeSeriesChart",
    STAT: "StatChart",
    GAUGE: "GaugeChart",
    BAR: "BarChart",
    TABLE: "Table",
}
_PERSES_FORMATS: Final[Mapping[str, Json]] = {
    BYTES: {"unit": "bytes", "shortValues": True},
    PERCENT: {"unit": "percent"},
    RATIO: {"unit": "percent-decimal", "decimalPlaces": 1},
    REQUESTS_PER_SECOND: {"unit": "requests/sec"},
    SECONDS: {"unit": "seconds"},
}
"""Units that Perses formats."""

_LAST: Final = "last-number"
_ALL: Final = "$__all"


def perses_object(facts: DashboardFacts, namespace: str, version: str) -> Json:
    """The PersesDashboard of a dashboard."""
    spec = perses_spec(facts)
    metadata = {"name": f"{PREFIX}-{facts.name}", "namespace": namespace}
    board: Json = {"apiVersion": f"{PERSES_GROUP}/{version}", "kind": PERSES_KIND, "metadata": metadata}
    return {**board, "spec": spec if version == V1ALPHA1 else {"config": spec}}


def perses_spec(facts: DashboardFacts) -> Json:
    """A dashboard as Perses has it."""
    panels = {f"{row}_{place}": panel for row, found in enumerate(facts.rows) for place, panel in enumerate(found.panels)}
    return {
        "display": {"name": facts.title, "description": facts.meaning},
        "duration": "1h",
        "refreshInterval": "1m",
        "variables": [_perses_variable(variable) for variable in facts.variables],
        "panels": {name: _perses_panel(panel) for name, panel in panels.items()},
        "layouts": [_perses_layout(row.title, number, row.panels) for number, row in enumerate(facts.rows)],
    }


def _perses_variable(variable: VariableFacts) -> Json:
    plugin = {"kind": "PrometheusLabelValuesVariable", "spec": {"labelName": variable.label, "matchers": list(variable.series)}}
    spec: Json = {"name": variable.name, "display": {"name": variable.title, "hidden": False}, "sort": "alphabetical-asc"}
    spec |= {"allowAllValue": True, "allowMultiple": False, "customAllValue": ".+", "defaultValue": _ALL}
    return {"kind": "ListVariable", "spec": {**spec, "plugin": plugin}}


def _perses_layout(title: str, row: int, panels: Sequence[PanelFacts]) -> Json:
    items: list[Json] = []
    left = top = height = 0
    for number, panel in enumerate(panels):
        width = panel.span * _GRID // WHOLE_WIDTH
        if left + width > _GRID:
            left, top, height = 0, top + height, 0
        tall = _STAT_HEIGHT if panel.type in (STAT, GAUGE) else _TABLE_HEIGHT if panel.type == TABLE else _CHART_HEIGHT
        content = {"$ref": f"#/spec/panels/{row}_{number}"}
        items.append({"x": left, "y": top, "width": width, "height": tall, "content": content})
        left, height = left + width, max(height, tall)
    return {"kind": "Grid", "spec": {"display": {"title": title, "collapse": {"open": True}}, "items": items}}


def _perses_panel(panel: PanelFacts) -> Json:
    title = panel.title if panel.type == TABLE else _signed(panel.title, panel.unit, _PERSES_FORMATS)
    plugin = {"kind": _PERSES_TYPES[panel.type], "spec": _perses_chart(panel)}
    queries = [_perses_query(query) for query in panel.queries]
    return {"kind": "Panel", "spec": {"display": {"name": title, "description": panel.meaning}, "plugin": plugin, "queries": queries}}


def _perses_query(query: QueryFacts) -> Json:
    spec: Json = {"query": query.expr, "datasource": {"kind": "PrometheusDatasource"}}
    if query.legend:
        spec["seriesNameFormat"] = query.legend
    return {"kind": "TimeSeriesQuery", "spec": {"plugin": {"kind": "PrometheusTimeSeriesQuery", "spec": spec}}}


def _perses_chart(panel: PanelFacts) -> Json:
    """What is said to the chart itself."""
    unit = _perses_format(panel.unit)
    if panel.type == TABLE:
        return _perses_table(panel)
    if panel.type == BAR:
        return {"calculation": _LAST, "format": unit, "mode": "value", "sort": "desc"}
    limits = _perses_limits(panel)
    if panel.type == TIMESERIES:
        return {"legend": {"position": "bottom", "mode": "list"}, "yAxis": {"format": unit}, **limits}
    return {"calculation": _LAST, "format": unit, **limits}


def _perses_limits(panel: PanelFacts) -> Json:
    """Where the color changes: from the limit on, and of what is counted from one more on, as nothing is wrong at the limit itself."""
    limit = limit_of(panel)
    if limit is None:
        return {}
    first = limit + 1 if panel.unit == COUNT and panel.comparator == ABOVE else limit
    return {"thresholds": {"mode": "absolute", "defaultColor": _GREEN, "steps": [{"value": first, "color": _RED}]}}


def _perses_table(panel: PanelFacts) -> Json:
    """The columns: labels in their order, then values; by the first value the rows are sorted, what matters first.

    A single query has its values in the column `value`, several have them in `value #1` and so on, and their labels are merged.
    """
    several = len(panel.queries) > 1
    columns: list[Json] = [{"name": column.label, "header": column.title, "enableSorting": True} for column in panel.columns]
    for place, query in enumerate(panel.queries):
        unit = query.unit or panel.unit
        header = _signed(query.column, unit, _PERSES_FORMATS)
        column: Json = {"name": f"value #{place + 1}" if several else "value", "header": header, "format": _perses_format(unit)}
        column |= {"align": "right", "enableSorting": True}
        columns.append(column if place else {**column, "sort": "asc" if panel.comparator == BELOW else "desc"})
    table: Json = {"density": "compact", "columnSettings": [*columns, {"name": "timestamp", "hide": True}]}
    return {**table, "transforms": [{"kind": "MergeSeries", "spec": {}}]} if several else table


def _perses_format(unit: str) -> Json:
    if unit in _PERSES_FORMATS:
        return dict(_PERSES_FORMATS[unit])
    return {"unit": "decimal", "decimalPlaces": _DECIMALS[unit]} if unit in _DECIMALS else {"unit": "decimal"}
