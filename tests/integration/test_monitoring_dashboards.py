# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped dashboards before the parser of Prometheus, promtool, the types of Perses and a real API server."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.monitoring import DashboardsWanted
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.dashboards import (
    CONSOLE_NAMESPACE,
    PERSES_VERSIONS,
    V1ALPHA1,
    V1ALPHA2,
    dashboard_objects,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.evaluators import known_series, series_of

from tests.counterparts.cluster import Cluster, cluster, crds_available
from tests.counterparts.prometheus.commands import BadExpression, RulePrograms, enforced, rule_programs
from tests.integration.monitoring_dashboards import (
    MINUTES,
    Asked,
    Place,
    all_records,
    asked_of,
    asked_test,
    chosen,
    more_than_zero,
    perses_faults,
    perses_program,
    shipped_dashboards,
    unknown_series,
    variables_in,
    without_data,
    worlds,
)
from tests.integration.monitoring_rules import TENANT, run, shipped_rules

Json = dict[str, Any]

FACTS = shipped_rules()
KNOWN = known_series(FACTS)
BOARDS = shipped_dashboards()
ASKED = asked_of(BOARDS)
WORLDS = worlds()
PERSES_NAMESPACE = "ai-dashboards"
EVERYWHERE = DashboardsWanted(perses=(PERSES_NAMESPACE,))
CHOICE = {"node": "gpu-1", "vendor": "nvidia", "namespace": TENANT, "owner": "research", "queue": "research"}
MODELS = {"serving": "llama", "model-drift": "credit"}
STRANGER = "no-such-value"
CALM = ("gauge", "stat")
"""Types of panels that show something also where nothing is wrong."""


@pytest.fixture(scope="session")
def programs() -> RulePrograms:
    return rule_programs(print)


@pytest.fixture(scope="session")
def program() -> Path:
    return perses_program(print)


@pytest.fixture(scope="module")
def site(shared: Path) -> Iterator[Cluster]:
    """A cluster that serves PersesDashboards, with the namespaces that get dashboards."""
    if not crds_available():
        pytest.skip(f"no custom resource definitions in {shared}")
    with cluster(name="dashboards", crds=("perses.dev",), kwok=False, scheduler=False, controllers=False) as running:
        names = (CONSOLE_NAMESPACE, PERSES_NAMESPACE)
        running.client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in names)
        yield running


def choices(asked: Asked) -> dict[str, str]:
    """A value for each variable of a dashboard."""
    return {**CHOICE, "model": MODELS.get(asked.board.name, "")}


@pytest.fixture
def place(programs: RulePrograms, tmp_path: Path) -> Place:
    return Place(programs, tmp_path)


def without_data_anywhere(exprs: dict[str, str], place: Place) -> list[str]:
    """Which of the expressions have no sample in any world; each is tried until there is one."""
    left = dict(exprs)
    for series in WORLDS.values():
        if left:
            left = {text: exprs[text] for text in without_data(left, series, FACTS, place)}
    return sorted(left)


def numbered(asked: list[Asked]) -> list[tuple[str, Asked]]:
    return [(f"{number}: {each.text}", each) for number, each in enumerate(asked)]


# ---- queries ---------------------------------------------------------------------------------------------------------


def test_every_query_is_one_that_prometheus_takes_of_series_that_rules_know(programs: RulePrograms) -> None:
    for values in ({}, CHOICE, dict.fromkeys(CHOICE, STRANGER)):
        enforced([("", chosen(asked.query.expr, values)) for asked in ASKED], programs)
    enforced([("", asked.query.expr) for asked in ASKED], programs)
    assert [asked.text for asked in ASKED if unknown_series(asked.query.expr, KNOWN)] == []


def test_query_of_an_unknown_series_or_with_a_fault_is_noticed(programs: RulePrograms) -> None:
    for asked in ASKED:
        for series in series_of(asked.query.expr):
            changed = re.sub(rf"(?<![\w:]){series}(?![\w:])", f"{series}_gone", asked.query.expr)
            assert unknown_series(changed, KNOWN) == [f"{series}_gone"], asked.text
        with pytest.raises(BadExpression):
            enforced([("", f"{asked.query.expr})")], programs)


def test_variables_of_the_console_become_queries_that_have_data(place: Place) -> None:
    exprs = {
        f"{board.name}: {variable.name}": f"count({' or '.join(variable.series)}) by ({variable.label})"
        for board in BOARDS.values()
        for variable in board.variables
    }
    assert without_data(exprs, WORLDS["firing"], FACTS, place) == []


def test_every_query_has_data_for_all_values_and_for_a_chosen_one(place: Place) -> None:
    exprs = {f"all: {text}": chosen(asked.query.expr, {}) for text, asked in numbered(ASKED)}
    exprs |= {f"one: {text}": chosen(asked.query.expr, choices(asked)) for text, asked in numbered(ASKED)}
    assert without_data_anywhere(exprs, place) == []


def test_query_without_data_is_noticed(place: Place) -> None:
    exprs = {"some": "accelerator:power:watts", "none": 'accelerator:power:watts{node="none"}', "broken": "sum by (a"}
    assert without_data(exprs, WORLDS["firing"], FACTS, place) == ["broken", "none"]
    with pytest.raises(ValueError, match="parse error"):
        without_data(exprs, [{"series": "a{", "values": "1"}], FACTS, place)
    exprs = {"none": 'accelerator:power:watts{node="none"}', "some": "accelerator:power:watts", "zero": "0 * accelerator:power:watts"}
    assert more_than_zero(exprs, WORLDS["firing"], FACTS, place) == ["some"]


def test_numbers_are_shown_where_nothing_is_wrong_as_well(place: Place) -> None:
    exprs = {text: chosen(asked.query.expr, {}) for text, asked in numbered(ASKED) if asked.panel.type in CALM}
    assert {world: without_data(exprs, WORLDS[world], FACTS, place) for world in ("firing", "silent")} == {"firing": [], "silent": []}


def test_each_variable_of_a_query_leaves_out_what_was_not_chosen(place: Place) -> None:
    tried = [(text, asked, name) for text, asked in numbered(ASKED) for name in sorted(set(variables_in(asked.query.expr)))]
    exprs = {f"{text}: ${name}": chosen(asked.query.expr, {name: STRANGER}) for text, asked, name in tried}
    assert more_than_zero(exprs, WORLDS["firing"], FACTS, place) == []
    assert {(asked.board.name, name) for _text, asked, name in tried} == {
        (board.name, variable.name) for board in BOARDS.values() for variable in board.variables
    }


def test_dashboards_for_the_people_of_a_namespace_have_data_under_enforcement(place: Place) -> None:
    asked = {text: each for text, each in numbered(ASKED) if each.board.tenants}
    own = enforced([(TENANT, chosen(each.query.expr, {"namespace": TENANT})) for each in asked.values()], place.programs)
    assert without_data_anywhere(dict(zip(asked, own, strict=True)), place) == []
    assert {each.board.name for each in asked.values()} == {"accelerator-use", "serving", "model-drift"}


def test_numbers_of_the_owners_are_right(place: Place) -> None:
    pods = {"busy": ("team-a", 0.5, 2), "idle": ("team-a", 0.01, 4), "lost": ("team-b", 0.04, 1), "blind": ("team-b", None, 3)}
    series = [
        {"series": 'kube_namespace_labels{namespace="team-a",label_readiness_groundwork_io_owner="research"}', "values": f"1x{MINUTES}"},
        {"series": 'kube_namespace_labels{namespace="team-b"}', "values": f"1x{MINUTES}"},
        {"series": 'kube_node_status_allocatable{node="gpu-1",resource="nvidia_com_gpu"}', "values": f"16x{MINUTES}"},
        {"series": 'kube_pod_info{namespace="nvidia",pod="nvidia-dcgm-exporter-a",node="gpu-1"}', "values": f"1x{MINUTES}"},
    ]
    for pod, (namespace, utilization, held) in pods.items():
        labels = f'namespace="{namespace}",pod="{pod}"'
        request = f'kube_pod_container_resource_requests{{{labels},node="gpu-1",container="main",resource="nvidia_com_gpu"}}'
        series += [{"series": request, "values": f"{held}x{MINUTES}"}]
        series += [{"series": f'kube_pod_status_phase{{{labels},phase="Running"}}', "values": f"1x{MINUTES}"}]
        if utilization is not None:
            device = f'UUID="GPU-{pod}",exported_namespace="{namespace}",exported_pod="{pod}"'
            exporter = 'namespace="nvidia",pod="nvidia-dcgm-exporter-a"'
            series += [{"series": f"DCGM_FI_DEV_GPU_UTIL{{{device},{exporter}}}", "values": f"{100 * utilization}x{MINUTES}"}]
    wanted = {
        ("stat", "Held and idle"): [("{}", 5)],
        ("stat", "Held by nobody"): [("{}", 6)],
        ("stat", "Held without an owner"): [("{}", 4)],
        ("bar", "Accelerators held"): [('{owner="research"}', 6), ('{owner="platform"}', 4)],
        ("bar", "Accelerators held and idle"): [('{owner="research"}', 4), ('{owner="platform"}', 1)],
    }
    asked = {(each.panel.type, each.panel.title): each for each in ASKED if each.board.name == "accelerator-owners"}
    exprs = [
        (chosen(asked[which].query.expr, {}), [{"labels": labels, "value": value} for labels, value in samples])
        for which, samples in wanted.items()
    ]
    (said,) = run([(all_records(FACTS), asked_test(exprs, series))], place.folder, place.programs)
    assert said == ""


def test_model_without_a_single_failure_burns_nothing_and_is_shown(place: Place) -> None:
    request = 'http_requests_total{namespace="team-a",job="llm",pod="llm-0",handler="/v1/chat/completions",method="POST",status="2xx"}'
    burns = [each.query.expr for each in ASKED if each.panel.title.startswith("Burn of")]
    asked = [(chosen(expr, {}), [{"labels": '{job="llm",namespace="team-a"}', "value": 0}]) for expr in burns]
    (said,) = run([(all_records(FACTS), asked_test(asked, [{"series": request, "values": "0+60x20"}]))], place.folder, place.programs)
    assert (said, len(asked)) == ("", 3)


# ---- Perses ----------------------------------------------------------------------------------------------------------


def perses_specs() -> list[Json]:
    wanted = DashboardsWanted(console=False, perses=(PERSES_NAMESPACE,))
    return [dict(each.object["spec"]["config"]) for each in dashboard_objects(wanted, BOARDS)]


def test_types_of_perses_and_its_plugins_take_every_dashboard(program: Path) -> None:
    specs = perses_specs()
    assert perses_faults(specs, program) == [[] for _spec in BOARDS]
    assert len(specs) == len(BOARDS)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("layouts", 0, "spec", "items", 0, "content", "$ref"), "#/spec/panels/gone", "gone"),
        (("layouts", 0, "spec", "items", 0, "colour"), 1, "colour"),
        (("panels", "0_0", "spec", "plugin", "kind"), "PieSlice", "PieSlice"),
        (("panels", "0_0", "spec", "plugin", "spec", "format", "unit"), "celsius", "unknown format"),
        (("panels", "0_0", "spec", "plugin", "spec", "legends"), {}, "legends"),
        (("panels", "0_0", "spec", "queries", 0, "spec", "plugin", "spec", "expr"), "up", "expr"),
        (("panels", "0_0", "spec", "display", "name"), "", "display.name"),
        (("variables", 0, "spec", "name"), "a node", "a node"),
        (("variables", 0, "spec", "sort"), "by-heart", "by-heart"),
        (("variables", 0, "spec", "plugin", "spec", "label"), "node", "label"),
        (("colour",), "blue", "colour"),
    ],
)
def test_types_of_perses_notice_what_is_wrong(path: tuple[str | int, ...], value: object, said: str, program: Path) -> None:
    spec = copy.deepcopy(perses_specs()[0])
    place: Any = spec
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    ((fault, *_more),) = perses_faults([spec], program)
    assert said in fault


def refusal(item: Json, site: Cluster) -> str:
    """What the API server says against an object that has to fit its schema to the letter; empty for nothing. Nothing is made."""
    path = f"{site.client.path_of(item, collection=True)}?fieldValidation=Strict&dryRun=All"
    answer = site.client.request("POST", path, item)
    return "" if answer.status == 201 else f"{answer.status}: {answer.message}"


def test_api_server_takes_every_object_in_each_version_and_keeps_it_as_it_is(site: Cluster) -> None:
    for version in PERSES_VERSIONS:
        made = [dict(each.object) for each in dashboard_objects(EVERYWHERE, BOARDS, None, version)]
        assert len(made) == 2 * len(BOARDS)
        assert {item["metadata"]["name"]: refusal(item, site) for item in made if refusal(item, site)} == {}
        wrong = copy.deepcopy(made[-1])
        (wrong["spec"] if version == V1ALPHA1 else wrong["spec"]["config"])["panel"] = {}
        assert re.match("400: .*panel", refusal(wrong, site))
    for wanted in dashboard_objects(EVERYWHERE, BOARDS, None, V1ALPHA2):
        item = dict(wanted.object)
        site.client.apply([item])
        stored = site.client.get(site.client.path_of(item))
        assert {part: stored.get(part) for part in ("spec", "data")} == {part: item.get(part) for part in ("spec", "data")}
        if item["kind"] == "ConfigMap":
            ((name, text),) = stored["data"].items()
            assert json.loads(text)["title"] == BOARDS[name.removesuffix(".json")].title
