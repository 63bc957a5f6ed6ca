# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications, pipelines, image policies and gates in the report: what is counted, what nobody looks at, what stays unknown."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_json import write_json
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_markdown import write_markdown
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_xlsx import write_xlsx
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.check_list import CHECKS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.readings import RESOURCES
from ansible_collections.groundwork.readiness.plugins.module_utils.report import platform_delivery as tables
from ansible_collections.groundwork.readiness.plugins.module_utils.report import platform_texts as texts
from ansible_collections.groundwork.readiness.plugins.module_utils.report.platform_build import platform_report
from ansible_collections.groundwork.readiness.plugins.module_utils.report.platform_delivery_texts import LISTS, delivery_line
from ansible_collections.groundwork.readiness.plugins.module_utils.report.platform_entries import EntryRow
from ansible_collections.groundwork.readiness.plugins.module_utils.report.platform_page import MAX_ROWS

from tests.unit.report import html_reading
from tests.unit.report import platform_factory as make

PLATFORM = make.platform_of(make.records(), "verify")
ALONE = make.alone_view("verify")
COUNTED = (
    "Seen: 4 applications (1 asked for, 1 meant, 2 only seen), 3 pipelines (1 asked for, 1 meant, 1 only seen), "
    "2 image policies (1 asked for, 1 meant) and 3 gates (2 asked for, 1 only seen)"
)


def line(*records: make.Record, brief: bool = False) -> str:
    """The sentence on these records."""
    return delivery_line(make.platform_of(records, "verify"), brief)


def reading(resource: str, state: str) -> make.Record:
    """How a list was read."""
    return {"kind": "reading", "id": resource, "state": state, "costs": []}


def row(name: str) -> EntryRow:
    """The row of that thing."""
    return next(row for table in tables.delivery_tables(PLATFORM, 100) for row in table.rows if row.name == name)


def test_sentence_counts_what_is_asked_for_meant_and_only_seen() -> None:
    assert delivery_line(PLATFORM) == f"{COUNTED}."
    assert delivery_line(PLATFORM, brief=True) == "Seen: 4 applications, 3 pipelines, 2 image policies and 3 gates."


def test_sentence_says_that_nothing_is_there() -> None:
    assert line() == "Seen: no application, no pipeline, no image policy and no gate."


def test_sentence_is_silent_where_the_run_did_not_look() -> None:
    assert delivery_line(platform_report([], make.header(parts=["operators"]))) == ""
    silent = replace(PLATFORM, parts=("operators",), applications=(), pipelines=(), image_policies=(), gates=())
    assert 'id="delivery"' not in html_reading.render(replace(ALONE, platform=silent))


def test_list_that_was_refused_is_no_proof_that_there_is_nothing() -> None:
    refused = [reading(name, "forbidden") for name in ("applications.argoproj.io", "pipelines.tekton.dev")]
    assert line(*refused) == (
        "Seen: applications of which nobody knows, pipelines of which nobody knows, no image policy and gates of which nobody knows."
    )
    assert line(make.pipeline("a"), reading("pipelines.tekton.dev", "failed"), brief=True).startswith(
        "Seen: no application, 1 pipeline (not all are known), no image policy"
    )
    assert line(reading("applications.argoproj.io", "absent")).startswith("Seen: no application,")


def test_sentence_names_namespaces_without_an_application_and_registries_without_a_policy() -> None:
    images = make.finding("delivery.images.running", "images from quay.io", state="missing", layer="delivery", severity="information")
    assert line(make.bare_namespaces("team-a", "team-b"), images, brief=True).endswith(
        "; no application looks after 2 namespaces that are meant: team-a and team-b; no image policy covers all that runs of quay.io."
    )
    assert "no application looks after 1 namespace that is meant: team-a." in line(make.bare_namespaces("team-a"))


def test_cluster_without_image_policies_is_no_registry() -> None:
    found = make.finding("delivery.images.running", "images that run", state="missing", layer="delivery")
    assert line(found).endswith("; no image policy covers what runs: the cluster does not serve any.")


def test_sentence_says_where_nobody_knows_what_is_looked_after() -> None:
    images = make.finding("delivery.images.running", "images that run", "not_evaluated", layer="delivery", severity="information")
    assert line(make.bare_namespaces(result="not_evaluated"), images).endswith(
        "; which namespaces that are meant no application looks after, nobody knows; "
        "which images that run no image policy covers, nobody knows."
    )
    assert line(make.bare_namespaces(result="pass")) == line()


@pytest.mark.parametrize(("state", "words"), [("missing", "; of what is asked for 1 is not there."), ("changed", "and no gate.")])
def test_sentence_counts_what_is_asked_for_and_not_there(state: str, words: str) -> None:
    found = make.finding("delivery.applications.there", "Application openshift-gitops/a", state=state, layer="delivery")
    assert line(found).endswith(words)


def test_sentence_goes_by_checks_and_lists_that_the_stage_has() -> None:
    ids = {check.id for check in CHECKS}
    assert {"platform.delivery.applications.tracked", "platform.delivery.images.running", "platform.delivery.applications.there"} <= ids
    assert {resource for found in LISTS.values() for resource in found} == {each.id for each in RESOURCES}


def test_what_the_document_asks_for_comes_first_and_of_it_what_is_broken() -> None:
    assert [entry.name for entry in PLATFORM.applications][:2] == ["openshift-gitops/serving", "openshift-gitops/queues"]
    found = make.platform_of([make.application("a"), make.application("b", state="broken"), make.application("c", "seen", "broken")])
    assert [entry.name.rpartition("/")[2] for entry in found.applications] == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"revision_kinds": ["commit", "tag"]}, "yes: commit, tag"),
        ({"revision_kinds": ["tag", "branch"]}, "no: branch"),
        ({"revision_kinds": ["name"]}, "no: name"),
        ({"revision_kinds": []}, "not known"),
    ],
)
def test_application_is_pinned_when_each_of_its_sources_is(facts: dict[str, Any], words: str) -> None:
    (entry,) = make.platform_of([make.application("a", **facts)]).applications
    assert tables.pinned_text(entry) == words


def test_application_says_how_it_is_synced_and_what_argo_cd_says() -> None:
    assert row("openshift-gitops/queues").cells[4:] == (
        "by itself, prunes, no self-healing",
        "OutOfSync; last operation Failed",
        "Degraded",
    )
    shop = row(f"openshift-gitops/shop {make.HOSTILE}")
    assert shop.cells[:2] == ("default, which allows every namespace", "where its objects say, on another cluster")
    assert (shop.cells[2], shop.cells[4]) == ("git.example.com/ai/deploy.git at main; charts.example.com/vllm at ~1.2", "by hand")
    assert row("openshift-gitops/new").cells[5:] == ("not compared yet", "not judged yet")


def test_pipeline_says_how_and_when_it_ran_last_and_whose_approval_it_waits_for() -> None:
    assert row("ai-build/train").cells == ("failed on 2026-11-20: train-x9", "2026-11-02", "train-x10", "none")
    assert row("ai-build/release").cells[3] == "approve-release"
    nightly = row("ai-build/nightly")
    assert (nightly.cells[0], nightly.cells[3], nightly.notes) == (
        "never completed a run",
        "not known",
        ("approvals: the account may not list pipelines",),
    )


def test_success_without_a_day_is_not_called_none() -> None:
    (table,) = tables.delivery_tables(make.platform_of([make.pipeline("a", last_day="", last_success_day="")]), 9)
    assert table.rows[0].cells[:2] == ("succeeded: a-x8", "day not told")


def test_policy_and_gate_without_effect_say_so_and_unknown_ones_claim_nothing() -> None:
    assert (row("ImagePolicy ai-models/own").state, row("ImagePolicy ai-models/own").cells[3]) == ("takes no effect", "not known")
    assert (row("AppProject openshift-gitops/ai").state, row("ValidatingAdmissionPolicy digests").state) == ("holds nothing back", "denies")
    bare = make.platform_of([{"kind": kind, "id": "x"} for kind in ("application", "gate", "image_policy", "pipeline")])
    for table in tables.delivery_tables(bare, 9):
        (found,) = table.rows
        assert (found.look, found.standing) == ("not_evaluated", "not known")
        assert set(found.cells) <= {"not known", "none known"}
        assert len(found.cells) == len(table.heads)


def test_page_has_a_table_of_each_kind_and_foreign_text_stays_text() -> None:
    chapter = html_reading.render(ALONE).partition('id="delivery"')[2].partition('id="objects"')[0]
    assert COUNTED in chapter
    for title in ("Applications", "Pipelines", "Image policies", "Gates"):
        assert f"<summary><span>{title}</span>" in chapter
    assert "shop &lt;img src=x onerror=alert(1)&gt;" in chapter
    assert "<img" not in chapter
    assert "approvals: the account may not list pipelines" in chapter


def test_long_table_is_capped_and_names_its_sheet() -> None:
    found = [make.application(f"a{number:04d}", "seen") for number in range(MAX_ROWS + 2)]
    assert "2 more are in report.xlsx, sheet Applications." in html_reading.render(make.alone_view("verify", found))


def test_terminal_tells_the_sums_and_what_nobody_looks_at() -> None:
    lines = texts.chapter_lines(make.platform_of([*make.records(), make.bare_namespaces("team-a")], "verify"))
    assert lines[-1].endswith("and 3 gates; no application looks after 1 namespace that is meant: team-a.")


def test_only_what_the_document_speaks_of_is_part_of_what_is_there() -> None:
    found = {point.subject: point.text for point in texts.there(PLATFORM)}
    assert (found["1 application"], found["1 pipeline"]) == ("is in step and healthy", "succeeded when last run")
    assert texts.platform_data(PLATFORM)["applications"] == {"ready": 2, "broken": 1, "not_evaluated": 1}


def test_workbook_json_and_markdown_keep_unknown_and_formulas_apart(tmp_path: Path) -> None:
    write_xlsx(ALONE, tmp_path / "report.xlsx")
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    head, *body = book["Applications"].iter_rows(values_only=True)
    found = {entry[0]: dict(zip(head, entry, strict=True)) for entry in body}
    assert (found["openshift-gitops/new"]["Pinned"], found["openshift-gitops/new"]["Sync"]) == (None, "not compared yet")
    assert found["openshift-gitops/serving"]["Stands to the document"] == "asked for"
    scopes = book["Image policies"]["D2"]
    assert (scopes.data_type, scopes.value) == ("s", f"{make.FORMULA}, registry.example.com/ai")
    write_json(ALONE, tmp_path / "report.json")
    platform = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["platform"]
    assert [len(platform[name]) for name in ("applications", "pipelines", "image_policies", "gates")] == [4, 3, 2, 3]
    assert "images" not in platform["image_policies"][1]
    write_markdown(ALONE, tmp_path / "report.md")
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert COUNTED in text
    assert "| `Pipeline ai-build/release` | holds back | asked for | approval | approve-release |" in text
