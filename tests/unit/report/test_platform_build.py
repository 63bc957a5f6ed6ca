# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The view of the platform: every record is taken, unknown stays unknown, the gravest comes first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.checks import LAYERS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.model import KINDS
from ansible_collections.groundwork.readiness.plugins.module_utils.report.platform_build import NOT_LOOKED_AT

from tests.unit.report import platform_factory as make

SCHEMA = Path(__file__).resolve().parents[3] / "docs" / "schemas" / "platform.schema.json"
PLATFORM = make.platform_of(make.records())


def test_records_of_the_factory_are_valid_and_of_every_kind() -> None:
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    for record in [*make.records(), *make.ready_records()]:
        validator.validate(record)
    assert {record["kind"] for record in make.records()} == set(KINDS)


def test_every_record_has_its_place_in_the_view() -> None:
    counts: dict[str, int] = {}
    for record in make.records():
        counts[record["kind"]] = counts.get(record["kind"], 0) + 1
    found = {
        "operator": PLATFORM.operators,
        "upgrade": PLATFORM.upgrades,
        "object": PLATFORM.objects,
        "step": PLATFORM.steps,
        "accelerator_group": PLATFORM.accelerators,
        "request": PLATFORM.requests,
        "forecast": PLATFORM.forecasts,
        "image": PLATFORM.images,
        "model": PLATFORM.models,
        "login": PLATFORM.logins,
        "group": PLATFORM.groups,
        "persona": PLATFORM.personas,
        "alert": PLATFORM.alerts,
        "watch": PLATFORM.watched,
        "application": PLATFORM.applications,
        "pipeline": PLATFORM.pipelines,
        "image_policy": PLATFORM.image_policies,
        "gate": PLATFORM.gates,
        "finding": PLATFORM.findings,
        "notice": PLATFORM.notices,
    }
    assert {kind: len(views) for kind, views in found.items()} == {kind: counts[kind] for kind in found}
    assert len(PLATFORM.counts) + len(PLATFORM.unread) == counts["reading"]
    assert (PLATFORM.cluster.name, PLATFORM.cluster.next_minor) == ("ocp-ai", "4.22")


def test_layers_come_from_the_ground_up_and_one_without_a_record_is_not_evaluated() -> None:
    assert [layer.name for layer in PLATFORM.layers] == list(LAYERS)
    models = next(layer for layer in PLATFORM.layers if layer.name == "models")
    assert (models.state, models.reason, models.wanted) == ("not_evaluated", NOT_LOOKED_AT, True)


def test_layer_of_a_later_version_is_kept_at_its_place() -> None:
    records = [*make.layers(), make.layer(3, "identity", "ready", "OAuth cluster")]
    names = [layer.name for layer in make.platform_of(records).layers]
    assert names[:4] == ["cluster", "prerequisites", "identity", "operators"]
    assert set(names) == {*LAYERS, "identity"}


def test_layer_names_its_gravest_finding_and_never_one_that_is_only_good_to_know() -> None:
    worst = {layer.name: layer.worst.subject if layer.worst else "" for layer in PLATFORM.layers}
    assert worst["operators"] == "namespace openshift-kueue"
    assert worst["prerequisites"] == "internal registry"
    assert worst["node_features"] == ""
    hint = [make.finding("prerequisites.hint", "CA bundle", severity="information", layer="prerequisites")]
    assert make.platform_of([*make.layers(), *hint]).layers[1].worst is None


def test_findings_are_ordered_by_result_then_what_refuses_then_severity_and_layer() -> None:
    order = [(finding.result, finding.severity) for finding in PLATFORM.findings]
    failed = [severity for result, severity in order if result == "fail"]
    assert failed == ["critical"] * 4 + ["warning", "information"]
    assert [result for result, _severity in order][-2:] == ["pass", "not_applicable"]
    hint = order.index(("fail", "information"))
    assert order[hint - 1][0] == "waived"
    assert PLATFORM.findings[0].refuses is True
    assert [finding.layer for finding in PLATFORM.findings[1:4]] == ["operators"] * 3


@pytest.mark.parametrize(
    ("name", "unknown", "known"),
    [
        ("gaudi", {"installed_csv": "the account may not list clusterserviceversions"}, (None, None)),
        ("kueue", {}, ("", False)),
    ],
)
def test_unknown_facts_of_an_operator_differ_from_empty_ones(name: str, unknown: dict[str, str], known: tuple[Any, Any]) -> None:
    found = next(entry for entry in PLATFORM.operators if entry.name == name)
    assert found.unknown == unknown
    assert (found.installed_csv, found.blocks_minor) == known


def test_record_with_nothing_but_its_id_is_not_evaluated_and_claims_nothing() -> None:
    kinds = [
        {"kind": kind, "id": f"{kind}-1"} for kind in sorted(KINDS) if kind not in ("layer", "finding", "reading", "cluster", "notice")
    ]
    found = make.platform_of(kinds)
    states = {
        entry.state
        for entry in (
            *(*found.operators, *found.objects, *found.requests, *found.models, *found.applications, *found.pipelines),
            *(*found.logins, *found.groups, *found.personas, *found.alerts, *found.watched),
        )
    }
    assert states == {"not_evaluated"}
    assert found.images[0].mirrored == "not_evaluated"
    assert (found.accelerators[0].capacity, found.upgrades[0].refused, found.forecasts[0].nodes) == (None, None, None)


def test_images_without_a_mirror_come_first() -> None:
    assert [image.mirrored for image in PLATFORM.images] == ["no", "not_evaluated", "yes"]


def test_header_names_mode_documents_and_catalogue() -> None:
    found = make.platform_of([], "check")
    assert (found.mode, found.cluster.id, found.catalogue_version) == ("check", make.CLUSTER, "2026.11")
    assert [document.name for document in found.documents] == ["platform.yml", "site.yml"]


def test_artifact_without_records_claims_nothing() -> None:
    found = make.platform_of([])
    assert {layer.state for layer in found.layers} == {"not_evaluated"}
    assert found.headline == f"0 of {len(LAYERS)} layers are ready and {len(LAYERS)} are not evaluated. No check was made."


def test_order_of_the_kinds_never_shows() -> None:
    assert make.platform_of(sorted(make.records(), key=lambda record: str(record["kind"]), reverse=True)) == PLATFORM
