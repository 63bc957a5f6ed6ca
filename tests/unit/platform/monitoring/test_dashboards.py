# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dashboards are whole, in the units of their series, limited as the alerts are, and of a form that the console and Perses show.

What the console shows is told by a reader of a few lines, made after its plugin (openshift/monitoring-plugin,
web/src/components/dashboards/legacy); what Perses takes of Table and BarChart by their schemas (perses/plugins, schemas).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import FAIL, NOT_APPLICABLE, NOT_EVALUATED, PASS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.monitoring import DashboardsWanted
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.dashboard_checks import (
    DASHBOARD_CHECKS,
    attainable,
    dashboard_findings,
    perses_version,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.dashboard_facts import (
    BAR,
    CONVERSIONS,
    GAUGE,
    PANEL_TYPES,
    STAT,
    TABLE,
    TIMESERIES,
    WHOLE_WIDTH,
    DashboardFacts,
    PanelFacts,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.dashboards import (
    CONSOLE_LABEL,
    CONSOLE_NAMESPACE,
    PROJECT_LABEL,
    V1ALPHA1,
    V1ALPHA2,
    console_board,
    dashboard_faults,
    dashboard_objects,
    perses_spec,
    settled,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.evaluators import known_series
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.facts import ABOVE
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.readings import NAMESPACES, PERSES, VERSION
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.rules import RuleSettings, parameters_in
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import OPERANDS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, PlatformSnapshot, ServedApi
from ansible_collections.groundwork.readiness.plugins.plugin_utils.platform_files import SHIPPED_FOLDER
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.integration.monitoring_dashboards import (
    FOREIGN_UNITS,
    NAME,
    Asked,
    asked_of,
    shipped_dashboards,
    unit_faults,
    unknown_series,
    variable_faults,
    variables_in,
)
from tests.integration.monitoring_rules import shipped_rules
from tests.tools.dashboards_page import PAGE, page

Json = dict[str, Any]

RULES = shipped_rules()
KNOWN = known_series(RULES)
BOARDS = shipped_dashboards()
ASKED = asked_of(BOARDS)
PANELS = [(board, panel) for board in BOARDS.values() for row in board.rows for panel in row.panels]
MOST_PANELS = 12
EVERYWHERE = DashboardsWanted(perses=("team-b", "team-a"))


def panel_name(value: object) -> str:
    return value.title if isinstance(value, PanelFacts) else value.name if isinstance(value, DashboardFacts) else str(value)


def asked_name(asked: Asked) -> str:
    return asked.text


# ---- facts -----------------------------------------------------------------------------------------------------------


def test_file_of_dashboards_holds_them_and_nothing_else() -> None:
    assert list(yaml.safe_load((SHIPPED_FOLDER / f"{NAME}.yml").read_text(encoding="utf-8"))) == [NAME]


@pytest.mark.parametrize("asked", ASKED, ids=asked_name)
def test_query_reads_series_that_rules_know_in_the_unit_that_it_shows(asked: Asked) -> None:
    assert unknown_series(asked.query.expr, KNOWN) == []
    assert list(unit_faults(asked, RULES)) == []


@pytest.mark.parametrize("asked", ASKED, ids=asked_name)
def test_query_takes_variables_by_their_label_as_expressions(asked: Asked) -> None:
    assert list(variable_faults(asked)) == []
    assert parameters_in(asked.query.expr) == frozenset()


@pytest.mark.parametrize("asked", ASKED, ids=asked_name)
def test_query_in_another_unit_is_noticed(asked: Asked) -> None:
    for unit in ("watts" if asked.unit != "watts" else "celsius", "bytes" if asked.unit != "bytes" else "seconds"):
        wrong = replace(asked, query=replace(asked.query, unit=unit))
        assert list(unit_faults(wrong, RULES)), unit
    # Whether something of another unit is counted or chosen by is not seen in the unit.
    alike = {"count", "filter"} if asked.query.converts in ("count", "filter") else {asked.query.converts, "count"}
    for converts in sorted({*CONVERSIONS} - alike):
        wrong = replace(asked, query=replace(asked.query, converts=converts))
        assert list(unit_faults(wrong, RULES)), converts


@pytest.mark.parametrize(
    ("expr", "unit", "said"),
    [
        ("sum(accelerator:memory_used:bytes) / 1048576", "bytes", "converts by '/'"),
        ("accelerator:utilization:ratio * 100", "ratio", "converts by"),
        ("count(accelerator:temperature:celsius)", "celsius", "converts by 'count'"),
        ("rate(accelerator:power:watts[5m])", "watts", "converts by 'rate('"),
        ("accelerator:temperature:celsius + accelerator:power:watts", "watts", "reads celsius, watts"),
        ("no_such_series", "count", "the unit of no_such_series is not known"),
    ],
)
def test_conversion_that_nobody_declares_is_noticed(expr: str, unit: str, said: str) -> None:
    asked = replace(ASKED[0], query=replace(ASKED[0].query, expr=expr, unit=unit, converts=""))
    assert said in " ".join(unit_faults(asked, RULES))


@pytest.mark.parametrize("text", ['node="$node"', 'node!~"$node"', 'pod=~"$node"', 'node=~"$pool"', "node=~$node", 'node=~"a$node"'])
def test_variable_that_is_used_otherwise_is_noticed(text: str) -> None:
    asked = replace(ASKED[0], query=replace(ASKED[0].query, expr=f"accelerator:power:watts{{{text}}}"))
    assert list(variable_faults(asked))


def test_units_are_known_of_no_series_that_nobody_reads() -> None:
    assert set(FOREIGN_UNITS) <= KNOWN


@pytest.mark.parametrize("board", BOARDS.values(), ids=panel_name)
def test_names_of_variables_are_no_beginnings_of_each_other_and_all_are_used(board: DashboardFacts) -> None:
    names = [variable.name for variable in board.variables]
    assert [(one, other) for one in names for other in names if one != other and other.startswith(one)] == []
    used = {name for asked in ASKED if asked.board.name == board.name for name in variables_in(asked.query.expr)}
    assert used == set(names)
    assert all(set(variable.series) <= KNOWN for variable in board.variables)


@pytest.mark.parametrize("board", BOARDS.values(), ids=panel_name)
def test_dashboard_is_short_and_its_rows_are_full(board: DashboardFacts) -> None:
    assert sum(len(row.panels) for row in board.rows) <= MOST_PANELS
    for row in board.rows:
        assert sum(panel.span for panel in row.panels) % WHOLE_WIDTH == 0
        assert len({panel.title for panel in row.panels}) == len(row.panels)
    assert len({other.title for other in BOARDS.values()}) == len(BOARDS)
    assert board.rows[0].panels[0].type != TABLE


@pytest.mark.parametrize(("board", "panel"), PANELS, ids=panel_name)
def test_panel_is_of_the_form_of_its_type(board: DashboardFacts, panel: PanelFacts) -> None:
    assert panel.meaning.endswith(".")
    assert not panel.title.endswith(".")
    if panel.type == TABLE:
        assert panel.columns
        assert all(query.column for query in panel.queries)
        assert len({column.label for column in panel.columns}) == len(panel.columns)
    else:
        assert panel.columns == ()
        assert not any(query.column or query.unit for query in panel.queries)
    if panel.type in (STAT, GAUGE):
        assert (len(panel.queries), panel.comparator) == (1, ABOVE)
    elif panel.type in (BAR, TABLE):
        assert panel.limit == "", "only lines and numbers show a limit"
    if panel.type == BAR:
        (query,) = panel.queries
        # The console takes the first bar for the longest.
        assert query.expr.startswith("topk(")
    if panel.type == TIMESERIES:
        assert all(query.legend for query in panel.queries)


@pytest.mark.parametrize(("board", "panel"), PANELS, ids=panel_name)
def test_numbers_of_a_panel_are_those_of_its_alert(board: DashboardFacts, panel: PanelFacts) -> None:
    used = {panel.limit}.union(*(parameters_in(query.expr) for query in panel.queries), parameters_in(panel.meaning)) - {""}
    assert set(panel.numbers) == used
    if not panel.alert:
        return
    alert = RULES.alerts[panel.alert]
    assert panel.numbers == {name: alert.parameters[name].default for name in panel.numbers}
    if panel.limit:
        assert panel.comparator in {condition.comparator for condition in alert.conditions if condition.threshold == panel.limit}


def test_every_type_of_panel_is_used_and_every_alert_that_is_named_is_one() -> None:
    assert {panel.type for _board, panel in PANELS} == set(PANEL_TYPES)
    assert {panel.alert for _board, panel in PANELS} - {""} <= set(RULES.alerts)


def test_page_is_what_the_dashboards_make() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.tools.dashboards_page"


# ---- objects ---------------------------------------------------------------------------------------------------------


def objects(wanted: DashboardsWanted = EVERYWHERE, **more: Any) -> list[Json]:
    return [dict(each.object) for each in dashboard_objects(wanted, BOARDS, **more)]


def test_console_and_each_namespace_get_every_dashboard_once_in_a_fixed_order() -> None:
    found = [(item["kind"], item["metadata"]["namespace"], item["metadata"]["name"]) for item in objects()]
    names = [f"groundwork-readiness-{name}" for name in sorted(BOARDS)]
    assert found == [
        *(("ConfigMap", CONSOLE_NAMESPACE, name) for name in names),
        *(("PersesDashboard", "team-a", name) for name in names),
        *(("PersesDashboard", "team-b", name) for name in names),
    ]
    assert {(each.part, each.layer, each.rank) for each in dashboard_objects(EVERYWHERE, BOARDS)} == {
        ("monitoring", "monitoring", OPERANDS)
    }


def test_same_facts_give_the_same_bytes_whatever_their_order() -> None:
    turned = {name: BOARDS[name] for name in sorted(BOARDS, reverse=True)}
    first = [each.object for each in dashboard_objects(EVERYWHERE, BOARDS)]
    second = [each.object for each in dashboard_objects(replace(EVERYWHERE, perses=("team-a", "team-b", "team-a")), turned)]
    assert json.dumps(first) == json.dumps(second)


def test_nothing_is_made_where_nothing_is_wanted_and_what_is_left_out_is_not() -> None:
    assert objects(DashboardsWanted(console=False)) == []
    assert objects(DashboardsWanted(left_out=tuple(BOARDS))) == []
    left = objects(DashboardsWanted(left_out=("serving",)))
    assert "groundwork-readiness-serving" not in {item["metadata"]["name"] for item in left}
    assert len(left) == len(BOARDS) - 1


def test_dashboards_for_the_people_of_a_namespace_are_shown_for_projects() -> None:
    labels = {item["metadata"]["name"]: item["metadata"]["labels"] for item in objects(DashboardsWanted())}
    assert {name for name, found in labels.items() if PROJECT_LABEL in found} == {
        f"groundwork-readiness-{board.name}" for board in BOARDS.values() if board.tenants
    }
    assert {found[CONSOLE_LABEL] for found in labels.values()} == {"true"}


def test_versions_of_perses_differ_in_where_the_dashboard_is() -> None:
    wanted = DashboardsWanted(console=False, perses=("team-a",))
    newer, older = objects(wanted), objects(wanted, version=V1ALPHA1)
    assert [item["spec"]["config"] for item in newer] == [item["spec"] for item in older]
    assert {item["apiVersion"] for item in newer + older} == {"perses.dev/v1alpha2", "perses.dev/v1alpha1"}


def panels_of(rules: RuleSettings, board: str) -> dict[str, PanelFacts]:
    return {panel.title: panel for row in settled(BOARDS[board], rules).rows for panel in row.panels}


def test_numbers_of_the_document_hold_in_limits_queries_and_meanings() -> None:
    rules = RuleSettings({"ServingErrorBudgetBurnFast": {"error_budget_percent": 0.1, "burn_rate": 10}})
    burn = panels_of(rules, "serving")["Burn of the last hour"]
    assert burn.queries[0].expr.endswith(" / 0.1")
    assert "0.1 percent" in burn.meaning
    board = console_board(settled(BOARDS["serving"], rules))
    assert board["rows"][0]["panels"][0]["targets"][-1]["expr"] == "vector(10)"
    spec = perses_spec(settled(BOARDS["serving"], rules))
    assert spec["panels"]["0_0"]["spec"]["plugin"]["spec"]["thresholds"]["steps"][0]["value"] == 10


def test_alert_that_is_left_out_limits_nothing() -> None:
    rules = RuleSettings(left_out=("AcceleratorOverTemperature", "AcceleratorAllocatableBelowCapacity"))
    board = settled(BOARDS["accelerator-fleet"], rules)
    assert "vector(85)" not in json.dumps(console_board(board))
    spec = json.dumps(perses_spec(board))
    assert '"value": 85' not in spec
    assert (
        json.dumps(perses_spec(settled(BOARDS["accelerator-fleet"], RuleSettings()))).count('"thresholds"')
        == spec.count('"thresholds"') + 2
    )


def test_names_that_nobody_knows_and_names_given_twice_are_faults() -> None:
    assert list(dashboard_faults(DashboardsWanted(left_out=("serving",), perses=("team-a",)), BOARDS)) == []
    wanted = DashboardsWanted(left_out=("servings", "queues", "queues"), perses=("team-a", "team-a"))
    faults = dict(dashboard_faults(wanted, BOARDS))
    assert list(faults) == [
        ("monitoring", "dashboards", "left_out", 0),
        ("monitoring", "dashboards", "left_out", 2),
        ("monitoring", "dashboards", "perses", 1),
    ]
    assert "did you mean serving?" in faults["monitoring", "dashboards", "left_out", 0].remedy


@settings(max_examples=25)
@given(st.sets(st.sampled_from(sorted(BOARDS))), st.sets(st.sampled_from(("a", "b", "c"))), st.booleans())
def test_what_is_made_is_what_is_wanted_whatever_is_wanted(left_out: set[str], namespaces: set[str], console: bool) -> None:
    wanted = DashboardsWanted(console=console, perses=tuple(namespaces), left_out=tuple(left_out))
    made = objects(wanted)
    assert len(made) == (len(BOARDS) - len(left_out)) * (len(namespaces) + int(console))
    assert list(dashboard_faults(wanted, BOARDS)) == []


# ---- what the console shows ------------------------------------------------------------------------------------------

CONSOLE_TYPES = ("gauge", "grafana-piechart-panel", "graph", "singlestat", "table")
CONSOLE_FORMATS = {"graph": ("bytes", "short"), "table": ("bytes", "percentunit", "short")}
CONSOLE_FORMATS |= dict.fromkeys(("singlestat", "gauge"), ("bytes", "percentunit", "short"))


def boards() -> dict[str, Json]:
    """What the console parses of each ConfigMap: the first of its entries."""
    found = {}
    for item in objects(DashboardsWanted()):
        ((name, text),) = item["data"].items()
        found[name.removesuffix(".json")] = json.loads(text)
    return found


def shown_value(board: Json, expr: str) -> str:
    """A query with all values of the variables, put in as the plugin does it: wherever the name stands behind a $."""
    for variable in board["templating"]["list"]:
        expr = re.sub(rf"\${variable['name']}", ".+", expr)
    return expr


def columns_of(panel: Json) -> list[str]:
    """Headings of a table in the console's order: labels before values; hidden ones, and those without a name, are not shown."""
    styles = [style for style in panel["styles"] if style["type"] != "hidden" and not style["pattern"].startswith("/") and style["alias"]]
    return [style["alias"] for style in sorted(styles, key=lambda style: style["pattern"].startswith("Value"))]


def color_of(panel: Json, value: float) -> str:
    """Color of a number: that of the last limit that is below it."""
    limits = panel.get("options", {}).get("fieldOptions", {}).get("thresholds", [])
    below = [limit["color"] for limit in limits if limit["value"] < value]
    return below[-1] if below else ""


def console_panels() -> Iterator[tuple[Json, Json, PanelFacts]]:
    for name, board in boards().items():
        facts = settled(BOARDS[name], RuleSettings())
        for row, found in zip(board["rows"], facts.rows, strict=True):
            for panel, panel_facts in zip(row["panels"], found.panels, strict=True):
                yield board, panel, panel_facts


def test_console_shows_every_panel_with_its_queries() -> None:
    for board, panel, facts in console_panels():
        assert panel["type"] in CONSOLE_TYPES
        assert 1 <= panel["span"] <= WHOLE_WIDTH
        exprs = [target["expr"] for target in panel["targets"]]
        assert exprs[: len(facts.queries)] == [query.expr for query in facts.queries]
        assert not any("$" in shown_value(board, expr) for expr in exprs)
        references = [target["refId"] for target in panel["targets"]]
        assert len(set(references)) == len(references)
        assert all("datasource" not in place for place in (panel, *panel["targets"]))


def test_console_knows_panels_apart_and_opens_rows_with_their_titles() -> None:
    for board in boards().values():
        numbers = [panel["id"] for row in board["rows"] for panel in row["panels"]]
        assert len(set(numbers)) == len(numbers)
        assert all(row["showTitle"] and row["title"] and not row["collapse"] for row in board["rows"])


def test_console_is_given_formats_that_it_has_and_titles_name_the_other_units() -> None:
    for _board, panel, facts in console_panels():
        if panel["type"] == "graph":
            shown, titled = panel["yaxes"][0]["format"], panel["title"]
        elif panel["type"] == "table":
            shown, titled = panel["styles"][-1]["unit"], panel["styles"][-1]["alias"]
        elif panel["type"] == "grafana-piechart-panel":
            shown, titled = "short", panel["title"]
        else:
            shown, titled = panel["format"], panel["title"]
        assert shown in CONSOLE_FORMATS.get(panel["type"], ("short",))
        unit = facts.queries[-1].unit or facts.unit
        assert (shown != "short" or unit in ("count", "code", "probability")) != titled.endswith(")"), panel["title"]


def test_console_draws_the_limit_of_a_graph_as_a_line() -> None:
    for _board, panel, facts in console_panels():
        lines = [target for target in panel["targets"] if target["expr"].startswith("vector(")]
        if facts.type == TIMESERIES and facts.limit:
            assert [(line["expr"], line["legendFormat"]) for line in lines] == [(f"vector({facts.numbers[facts.limit]:g})", "limit")]
        else:
            assert lines == []


def test_console_colors_a_number_beyond_its_limit_and_none_at_it() -> None:
    for _board, panel, facts in console_panels():
        if facts.type in (STAT, GAUGE) and facts.limit:
            limit = facts.numbers[facts.limit]
            assert (color_of(panel, limit), color_of(panel, limit + 1)) == ("green", "red")
        elif facts.type in (STAT, GAUGE):
            assert color_of(panel, 1000) == ""


def test_console_shows_the_columns_of_a_table_labels_first() -> None:
    tables = {facts.title: columns_of(panel) for _board, panel, facts in console_panels() if facts.type == TABLE}
    assert tables["Accelerators by node"] == ["Node", "Resource", "In node", "Offered", "Held"]
    assert tables["Pods that hold accelerators"] == ["Namespace", "Pod", "Held", "Utilization", "Device memory"]
    assert all(tables.values())


def test_console_asks_for_labels_in_the_form_that_it_rewrites() -> None:
    for board in boards().values():
        for variable in board["templating"]["list"]:
            rewritten = re.sub(r"label_values\((.*), (.*)\)", r"count(\1) by (\2)", variable["query"])
            assert re.fullmatch(r"count\([a-z:_ ]+\) by \([a-z_]+\)", rewritten)
            assert (variable["type"], variable["hide"], variable["includeAll"]) == ("query", 0, True)


# ---- what Perses takes -----------------------------------------------------------------------------------------------

CHART_KEYS = {
    "BarChart": {"calculation", "format", "sort", "mode"},
    "Table": {"density", "defaultColumnWidth", "defaultColumnHeight", "columnSettings", "cellSettings", "transforms"},
}
"""Keys of the charts whose Go types are not to be had: those of 0.8 and 0.9, which later versions have as well."""
COLUMN_KEYS = {"name", "header", "headerDescription", "cellDescription", "format", "align", "enableSorting", "sort", "width", "hide"}
PERSES_UNITS = ("bytes", "decimal", "percent", "percent-decimal", "requests/sec", "seconds")


def specs() -> dict[str, Json]:
    wanted = DashboardsWanted(console=False, perses=("team-a",))
    return {item["metadata"]["name"]: item["spec"]["config"] for item in objects(wanted)}


def units_in(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(value.get("format"), Mapping):
            yield value["format"]["unit"]
        for entry in value.values():
            yield from units_in(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from units_in(entry)


def test_perses_places_every_panel_once_and_none_over_another() -> None:
    for spec in specs().values():
        placed = []
        for layout in spec["layouts"]:
            cells: set[tuple[int, int]] = set()
            for item in layout["spec"]["items"]:
                taken = {(x, y) for x in range(item["x"], item["x"] + item["width"]) for y in range(item["y"], item["y"] + item["height"])}
                assert not cells & taken
                assert max(x for x, _y in taken) < 24
                cells |= taken
                placed.append(item["content"]["$ref"].removeprefix("#/spec/panels/"))
        assert placed == list(spec["panels"])


def test_perses_tables_and_bars_have_keys_of_their_schemas() -> None:
    for spec in specs().values():
        assert set(units_in(spec)) <= set(PERSES_UNITS)
        for panel in spec["panels"].values():
            plugin = panel["spec"]["plugin"]
            assert set(plugin["spec"]) <= CHART_KEYS.get(plugin["kind"], set(plugin["spec"]))
            for column in plugin["spec"].get("columnSettings", []):
                assert set(column) <= COLUMN_KEYS


def test_perses_sorts_tables_by_their_first_value_with_what_matters_first() -> None:
    for name, spec in specs().items():
        board = BOARDS[name.removeprefix("groundwork-readiness-")]
        facts = [panel for row in board.rows for panel in row.panels]
        for panel, panel_facts in zip(spec["panels"].values(), facts, strict=True):
            if panel_facts.type == TABLE:
                columns = panel["spec"]["plugin"]["spec"]["columnSettings"]
                value = "value" if len(panel_facts.queries) == 1 else "value #1"
                order = "desc" if panel_facts.comparator == ABOVE else "asc"
                assert [(column["name"], column["sort"]) for column in columns if "sort" in column] == [(value, order)]
                assert ("transforms" in panel["spec"]["plugin"]["spec"]) == (len(panel_facts.queries) > 1)


def test_perses_leaves_the_datasource_to_its_default() -> None:
    for spec in specs().values():
        queries = [query["spec"]["plugin"]["spec"] for panel in spec["panels"].values() for query in panel["spec"]["queries"]]
        assert {json.dumps(query["datasource"]) for query in queries} == {'{"kind": "PrometheusDatasource"}'}
        assert "datasources" not in spec


# ---- checks ----------------------------------------------------------------------------------------------------------

KIND = ("perses.dev", "PersesDashboard")


def look(
    *namespaces: str, versions: tuple[str, ...] = ("v1alpha2", "v1alpha1"), openshift: str = "read", perses: str = ""
) -> PlatformSnapshot:
    """A look at a cluster with these namespaces."""
    items = tuple({"metadata": {"name": name}} for name in namespaces)
    lists = {
        NAMESPACES: Listed("read", items),
        VERSION: Listed(openshift, reason="the account may not list clusterversions"),
        PERSES: Listed(perses or ("read" if versions else "absent"), reason="the API server did not answer"),
    }
    return PlatformSnapshot(lists, served={KIND: ServedApi(versions, "persesdashboards", namespaced=True)} if versions else {})


def results(wanted: DashboardsWanted, snapshot: PlatformSnapshot) -> dict[tuple[str, str], CheckFinding]:
    return {(found.check.rpartition(".")[2], found.subject): found for found in dashboard_findings(wanted, snapshot)}


def test_everything_passes_where_console_perses_and_namespaces_are_there() -> None:
    found = results(EVERYWHERE, look(CONSOLE_NAMESPACE, "team-a", "team-b"))
    assert {key: each.result for key, each in found.items()} == {
        ("console", "console"): PASS,
        ("served", "perses"): PASS,
        ("namespace", "Namespace team-a"): PASS,
        ("namespace", "Namespace team-b"): PASS,
    }


def test_nothing_applies_where_nothing_is_wanted() -> None:
    found = dashboard_findings(DashboardsWanted(console=False), look())
    assert [each.result for each in found] == [NOT_APPLICABLE, NOT_APPLICABLE]


def test_perses_that_is_not_served_fails_with_where_it_comes_from() -> None:
    snapshot = look(CONSOLE_NAMESPACE, "team-a", "team-b", versions=())
    served = results(EVERYWHERE, snapshot)["served", "perses"]
    assert (served.result, served.severity) == (FAIL, "critical")
    assert "Cluster Observability Operator" in served.remedy
    assert attainable(EVERYWHERE, snapshot) == replace(EVERYWHERE, perses=())


def test_perses_in_a_version_that_is_not_known_fails() -> None:
    served = results(EVERYWHERE, look(CONSOLE_NAMESPACE, "team-a", versions=("v1",)))["served", "perses"]
    assert (served.result, served.message) == (FAIL, "PersesDashboard is served in v1; known are v1alpha2, v1alpha1")


def test_namespace_that_is_not_there_fails_and_gets_nothing() -> None:
    snapshot = look(CONSOLE_NAMESPACE, "team-a")
    found = results(EVERYWHERE, snapshot)
    assert found["namespace", "Namespace team-b"].result == FAIL
    assert found["namespace", "Namespace team-b"].path == "monitoring.dashboards.perses[0]"
    assert found["namespace", "Namespace team-a"].result == PASS
    assert attainable(EVERYWHERE, snapshot).perses == ("team-a",)


@pytest.mark.parametrize(
    ("snapshot", "said"),
    [
        (look(CONSOLE_NAMESPACE, openshift="absent"), "the cluster is none of OpenShift: it serves no ClusterVersion"),
        (look("default"), "the namespace openshift-config-managed, which the console reads, is not there"),
    ],
    ids=["no OpenShift", "no namespace"],
)
def test_console_that_is_none_is_told_and_gets_nothing(snapshot: PlatformSnapshot, said: str) -> None:
    console = results(DashboardsWanted(), snapshot)["console", "console"]
    assert (console.result, console.severity, console.message) == (FAIL, "information", said)
    assert attainable(DashboardsWanted(), snapshot).console is False


def test_what_is_not_known_is_not_evaluated_and_written_all_the_same() -> None:
    snapshot = PlatformSnapshot({})
    found = dashboard_findings(EVERYWHERE, snapshot)
    assert [each.result for each in found] == [NOT_EVALUATED] * 4
    assert all(each.message for each in found)
    assert attainable(EVERYWHERE, snapshot) == EVERYWHERE
    refused = results(DashboardsWanted(), look(CONSOLE_NAMESPACE, openshift="forbidden"))["console", "console"]
    assert (refused.result, refused.message) == (NOT_EVALUATED, "the account may not list clusterversions")
    failed = results(EVERYWHERE, look(CONSOLE_NAMESPACE, versions=(), perses="failed"))["served", "perses"]
    assert (failed.result, failed.message) == (NOT_EVALUATED, "the API server did not answer")


@pytest.mark.parametrize(
    ("versions", "expected"),
    [(("v1alpha1", "v1alpha2"), V1ALPHA2), (("v1alpha1",), V1ALPHA1), ((), V1ALPHA2), (("v1",), V1ALPHA2)],
)
def test_version_that_is_written_is_one_that_is_served(versions: tuple[str, ...], expected: str) -> None:
    assert perses_version(look(versions=versions)) == expected


def test_checks_are_of_the_part_and_all_are_used() -> None:
    used = {found.check for found in dashboard_findings(EVERYWHERE, look())}
    assert used == {check.id for check in DASHBOARD_CHECKS}
    assert {(check.part, check.layer, check.refuses) for check in DASHBOARD_CHECKS} == {("monitoring", "monitoring", False)}
