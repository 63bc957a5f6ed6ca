# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The OpenMetrics file: read by a strict parser, true to the view, and silent about what is not known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_openmetrics import write_openmetrics
from ansible_collections.groundwork.readiness.plugins.module_utils.report import view
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.parser import text_string_to_metric_families as older_format

from tests.unit.report import factory


def families(report: view.ReportView, folder: Path) -> dict[str, Any]:
    """Every family by name, as the strict parser of the Prometheus client reads it."""
    write_openmetrics(report, folder / "metrics.prom")
    return {family.name: family for family in text_string_to_metric_families((folder / "metrics.prom").read_text(encoding="utf-8"))}


def value(family: Any, **labels: str) -> float:
    """The one sample with these labels."""
    (sample,) = [sample for sample in family.samples if labels.items() <= sample.labels.items()]
    return float(sample.value)


@pytest.mark.parametrize(
    "report",
    [factory.make_view(60), factory.failed_view(), factory.failed_view(5), factory.empty_view()],
    ids=["whole", "failed", "partial", "empty"],
)
def test_file_is_openmetrics_and_ends_with_eof(report: view.ReportView, tmp_path: Path) -> None:
    read = families(report, tmp_path)
    text = (tmp_path / "metrics.prom").read_text(encoding="utf-8")
    assert text.endswith("\n# EOF\n")
    assert text.count("# EOF") == 1
    for family in read.values():
        assert family.documentation
        assert not family.unit or family.name.endswith(f"_{family.unit}")


def test_file_is_read_by_parsers_of_the_older_format_too(tmp_path: Path) -> None:
    write_openmetrics(factory.make_view(20), tmp_path / "metrics.prom")
    names = {family.name for family in older_format((tmp_path / "metrics.prom").read_text(encoding="utf-8"))}
    assert {"readiness_vms", "readiness_rule_failed", "readiness_support_left_days"} <= names


def test_figures_are_those_of_the_view(tmp_path: Path) -> None:
    report = factory.make_view(80)
    read = families(report, tmp_path)
    for count in report.verdicts:
        assert value(read["readiness_vms"], verdict=count.verdict, settled="true") == count.settled
        assert value(read["readiness_vms"], verdict=count.verdict, settled="false") == count.provisional
        assert value(read["readiness_memory_bytes"], verdict=count.verdict) == count.memory_mib * 1024**2
    for rule in report.rules:
        assert value(read["readiness_rule_failed"], rule=rule.id, category=rule.category) == rule.failed
    assert value(read["readiness_score_mean"], unknown="failed") == report.score_mean
    assert value(read["readiness_support_left_days"]) == report.days_left
    assert value(read["readiness_report_timestamp_seconds"]) == 1788249600
    assert value(read["readiness_complete"]) == 1


def test_age_of_a_source_is_counted_from_its_capture(tmp_path: Path) -> None:
    base = factory.make_view(5)
    dated = replace(base.sources[0], captured_at="2026-08-31T08:00:00Z", age_days=1)
    undated = replace(base.sources[1], captured_at="", age_days=None)
    family = families(replace(base, sources=(dated, undated)), tmp_path)["readiness_source_capture_age_seconds"]
    assert [(sample.labels["source"], sample.value) for sample in family.samples] == [(dated.id, 86400)]


def test_state_of_every_stage_is_one_of_four(tmp_path: Path) -> None:
    read = families(factory.failed_view(), tmp_path)
    assert value(read["readiness_stage_state"], stage="estate", state="failed") == 1
    assert value(read["readiness_stage_state"], stage="assessment", state="skipped") == 1
    assert sum(sample.value for sample in read["readiness_stage_state"].samples) == 2
    assert value(read["readiness_complete"]) == 0


def test_what_is_not_known_has_no_sample(tmp_path: Path) -> None:
    read = families(factory.failed_view(), tmp_path)
    assert not {"readiness_vms", "readiness_score_mean", "readiness_excluded_vms", "readiness_rule_failed"} & set(read)


@pytest.mark.parametrize("name", ['quote " backslash \\ end', "line\nbreak", "comma,{brace}", "ü 東京"])
def test_label_values_survive_escaping(name: str, tmp_path: Path) -> None:
    groups = (view.GroupCount("cluster", name, 1, (0, 0, 0, 1), (0, 0, 0, 0)),)
    family = families(replace(factory.make_view(2), groups=groups), tmp_path)["readiness_cluster_vms"]
    assert {sample.labels["cluster"] for sample in family.samples} == {name}


def test_no_series_appears_twice(tmp_path: Path) -> None:
    twice = (view.StageView("estate", "localhost", "failed", "no"), view.StageView("estate", "localhost", "stale", "old"))
    read: Iterable[Any] = families(replace(factory.make_view(40), stages=twice), tmp_path).values()
    for family in read:
        series = [(sample.name, tuple(sorted(sample.labels.items()))) for sample in family.samples]
        assert len(series) == len(set(series))
