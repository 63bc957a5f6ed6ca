# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes docs/dashboards.md from the shipped dashboards. Usage: python -m tests.tools.dashboards_page [--check]"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

from tests.tools.conditions_page import row
from tests.tools.rules_page import CHECKOUT, kept
from tests.tools.runbooks_page import code, facts, module

PAGE = CHECKOUT / "docs" / "dashboards.md"

INTRODUCTION = """\
# Dashboards

What the {dashboards} dashboards of the collection show, panel by panel. The console of OpenShift and Perses get the same ones, made from
`plugins/plugin_utils/platform_catalogue/monitoring_dashboards.yml`; this page is made from it by `tests/tools/dashboards_page.py`.

- **Which ones there are** is set in the section `monitoring.dashboards` of the document: `console` puts them into the console, `perses`
  names the namespaces that get them as PersesDashboards, `left_out` leaves some out by the names that stand below their titles.
- **In the console** they are under Observe, Dashboards. Those that are also for the people of a namespace are shown for a project as
  well, and show that project alone.
- **Perses** comes with the Cluster Observability Operator. The dashboards ask the default Prometheus datasource of their namespace, or
  the global one: that has to be there, and to know the series of the platform and of user workloads, as Thanos Querier does.
- **Limits** are those of the alerts: where the document sets another number for an alert, its panel has that one. A graph of the console
  draws the limit as a line of its own. A panel whose alert is left out has no limit.
- **Series** are described in [runbooks.md](runbooks.md), with what to do when an alert fires.
- **Nothing shown** means that no series came: an exporter that is not scraped, or nothing of the kind on the cluster. Counts of what is
  wrong say 0 where nothing is.
"""

TYPES = {
    "timeseries": "lines over time",
    "stat": "one number",
    "gauge": "one number",
    "bar": "bars, the longest first",
    "table": "table",
}
UNITS = {
    "bytes": "bytes",
    "celsius": "degrees Celsius",
    "code": "code",
    "count": "number",
    "percent": "percent",
    "probability": "probability, from 0 to 1",
    "ratio": "share; 1 is all",
    "requests_per_second": "requests per second",
    "seconds": "seconds",
    "times": "times as much as is allowed",
    "watts": "watts",
}
SIDES = {">": "above", "<": "below"}


def dashboards() -> dict[str, Any]:
    """The shipped dashboards by name, as they are shown where the document sets nothing."""
    made, rules = module("monitoring.dashboards"), module("monitoring.rules")
    found = facts("monitoring_dashboards", module("monitoring.dashboard_facts").DashboardFacts)
    return {name: made.settled(board, rules.RuleSettings()) for name, board in sorted(found.items())}


def limit_text(panel: Any, number_text: Any) -> str:
    """The limit in words; empty where there is none."""
    if not panel.limit:
        return ""
    words = f"{SIDES[panel.comparator]} {number_text(panel.numbers[panel.limit])}"
    return f"{words}, as {panel.alert}" if panel.alert else words


def query_lines(panel: Any) -> Iterator[str]:
    """The expressions of a panel, each with what it is called and its own unit where it has one."""
    for query in panel.queries:
        labels = re.findall(r"{{([a-z_]+)}}", query.legend)
        name = query.column or (f"each {', '.join(labels)}" if labels else query.legend)
        unit = f" ({UNITS[query.unit]})" if query.unit else ""
        yield f"- {f'{name}{unit}: ' if name else ''}`{query.expr}`"


def board_lines(board: Any, number_text: Any) -> Iterator[str]:
    """The section of one dashboard."""
    yield from (f"## {board.title}", "", f"`{board.name}`. {board.meaning}", "")
    yield from ("What can be chosen, or left at all of it:", "")
    for variable in board.variables:
        yield f"- **{variable.title}**: label `{variable.label}` of {', '.join(map(code, variable.series))}"
    for group in board.rows:
        yield from ("", f"### {group.title}", "", row("panel", "shows", "as", "unit", "limit"), "|---|---|---|---|---|")
        for panel in group.panels:
            yield row(panel.title, panel.meaning, TYPES[panel.type], UNITS[panel.unit], limit_text(panel, number_text))
        for panel in group.panels:
            yield from ("", f"{panel.title}:", "", *query_lines(panel))
    yield ""


def page() -> str:
    """The whole page."""
    found, number_text = dashboards(), module("monitoring.rules").number_text
    lines = [INTRODUCTION.format(dashboards=len(found))]
    for board in found.values():
        lines += board_lines(board, number_text)
    return "\n".join(lines).rstrip("\n") + "\n"


def main() -> int:
    """Writes the page, or with --check says whether it is current."""
    return kept(PAGE, page(), sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
