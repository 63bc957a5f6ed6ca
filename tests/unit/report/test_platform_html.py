# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chapter on the platform in the HTML page: the stack, the first screen, what stays text, what is capped."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.checks import LAYERS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.model import LAYER_STATES
from ansible_collections.groundwork.readiness.plugins.module_utils.report.platform_charts import UNWANTED, devices_figure, plate
from ansible_collections.groundwork.readiness.plugins.module_utils.report.platform_page import (
    MAX_FINDINGS,
    MAX_ROWS,
    build_platform_page,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.report.view import StageView

from tests.unit.report import factory, html_reading
from tests.unit.report import platform_factory as make

ALONE = make.alone_view("verify")


@pytest.fixture(scope="module")
def page() -> str:
    """The page of a run that only verified the platform."""
    return html_reading.render(ALONE)


def first_screen(page: str) -> str:
    """The page's first section."""
    return page.partition('<section id="summary"')[2].partition("</section>")[0]


def test_chapter_and_its_parts_are_there_once_and_lead_from_the_navigation(page: str) -> None:
    reading = html_reading.Reading(page)
    ids = reading.ids()
    assert len(ids) == len(set(ids))
    links = {attributes.get("href") for tag, attributes in reading.elements if tag == "a"}
    for chapter in ("platform", "operators", "accelerators", "identity", "monitoring", "delivery", "platform-findings"):
        assert chapter in ids
        assert f"#{chapter}" in links


def test_headings_go_down_one_level_at_a_time(page: str) -> None:
    for text in (page, html_reading.render(make.platform_view("check"))):
        assert all(after - before <= 1 for before, after in pairwise(html_reading.Reading(text).headings()))


def test_run_without_a_platform_shows_nothing_of_it() -> None:
    text = html_reading.render(factory.make_view(10))
    for part in ('id="platform"', "CheckList", "mini-stack", 'id="plate-'):
        assert part not in text


@pytest.mark.parametrize(
    ("mode", "words"), [("verify", "Verified only: nothing was written to the cluster."), ("check", "Check run: nothing was written")]
)
def test_verify_and_check_runs_say_so_on_the_first_screen(mode: str, words: str) -> None:
    for view in (make.alone_view(mode), make.platform_view(mode)):
        assert words in first_screen(html_reading.render(view))


def test_run_that_applied_does_not_claim_that_nothing_was_written() -> None:
    text = html_reading.render(make.alone_view("apply"))
    assert "nothing was written" not in first_screen(text)
    assert "This run: 1 object created, 1 object put right and 1 object deleted." in text


def test_first_screen_names_what_hangs_in_the_servers_words(page: str) -> None:
    assert "constraints not satisfiable" in first_screen(page)


def test_stack_has_its_ground_at_the_bottom_and_says_each_state_in_words(page: str) -> None:
    stack = page.partition('<ol class="stack"')[2].partition("</ol>")[0]
    names = re.findall(r"<h4>([^<]+)</h4>", stack)
    assert (names[0], names[-1], len(names)) == ("Delivery", "Cluster", len(LAYERS))
    words = re.findall(r"</svg>([a-z ]+)</span>", stack)
    known = ["ready", "ready", "broken", "ready", "waiting", "not evaluated", "missing"]
    above = ["not evaluated" if name == "models" else "not asked for" for name in LAYERS[len(known) :]]
    assert words == [*known, *above][::-1]


def test_states_are_told_apart_by_pattern_and_icon_as_well_as_by_colour(page: str) -> None:
    plates = [str(plate(state)) for state in (*LAYER_STATES, UNWANTED)]
    assert len(set(plates)) == len(plates)
    ids = html_reading.Reading(page).ids()
    for state in ("waiting", "broken", "not_evaluated"):
        assert f"plate-{state}" in ids
    for state in (*LAYER_STATES, UNWANTED):
        assert f"i-{state}" in ids


def test_state_that_nobody_knows_looks_like_not_evaluated() -> None:
    assert plate("exploded") == plate("not_evaluated")


def test_page_of_a_platform_alone_has_no_word_of_vms(page: str) -> None:
    reading = html_reading.Reading(page)
    text = " ".join(reading.text)
    for words in ("No VM was assessed", "vSphere 8 leaves", "Out of scope", "This run is not complete", "Rule catalogue"):
        assert words not in text
    assert "vms" not in reading.ids()


def test_platform_beside_an_estate_is_a_chapter_and_a_line_on_the_first_screen() -> None:
    text = html_reading.render(make.platform_view("check"))
    assert "Platform: 3 of 8 layers are ready" in first_screen(text)
    assert "vSphere 8 leaves general support" in first_screen(text)
    assert 'id="vms"' in text


def test_failed_run_of_the_platform_alone_says_that_nothing_was_judged() -> None:
    stages = (StageView("target", "ocp-ai", "failed", "it cannot be reached"), StageView("platform", "localhost", "skipped"))
    text = html_reading.render(replace(ALONE, platform=None, failed=True, stages=stages, headline="Nothing is known of the platform."))
    assert "There are no figures, because the platform was not judged." in text
    assert "No VM was assessed" not in text


def test_text_of_the_cluster_stays_text(page: str) -> None:
    assert "<img src=x" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") >= 3


def test_operators_show_pin_owner_group_and_what_is_not_known(page: str) -> None:
    rows = page.partition('id="operators"')[2].partition("</table>")[0]
    for words in (
        "none, on the way to amd.v1.2.0",
        "way to the pin: amd.v1.2.0",
        "installed csv: the account may not list clusterserviceversions",
        "Argo CD; observed, left alone",
        "yes: allows 4.21 at most",
        "kueue-group; supports OwnNamespace, SingleNamespace",
    ):
        assert words in rows


def test_refused_rehearsal_is_open_and_names_the_stored_version(page: str) -> None:
    assert "refused: a stored version would vanish" in page
    assert "rhods-operator.3.5.0 → rhods-operator.3.6.0 → rhods-operator.3.6.1" in page
    assert "Which CRDs change is not known." in page


def test_requests_show_choices_with_quota_keys_and_refusals_with_the_nearest(page: str) -> None:
    requests = page.partition('id="requests"')[2].partition('id="restarts"')[0]
    assert "requests.amd.com/gpu: 0, requests.habana.ai/gaudi: 0, requests.nvidia.com/gpu: 4" in requests
    assert "no node has 16 devices of one resource: the most is 8" in requests
    assert "h100 lacks 8 devices" in requests
    assert "nvidia.com/gpu:NoSchedule" in requests


def test_devices_figure_keeps_what_is_held_free_unhealthy_and_unknown_apart() -> None:
    figure = devices_figure(make.platform_of(make.accelerators()).accelerators)
    chart = str(figure.chart)
    assert "1 of 6 free, 2 not healthy" in chart
    assert "Allocatable, use not known: 16" in chart
    assert ("Gaudi 3, whole", "habana.ai/gaudi", "1", "16", "16", "not known", "not known") in figure.rows


def test_every_check_is_a_row_with_result_layer_and_severity(page: str) -> None:
    reading = html_reading.Reading(page)
    rows = [attributes for tag, attributes in reading.elements if tag == "tr" and "data-result" in attributes]
    assert ALONE.platform is not None
    assert len(rows) == len(ALONE.platform.findings)
    assert rows[0]["data-layer"] == "ai_platform"
    assert [row["data-result"] for row in rows].count("hint") == 1


def test_long_lists_are_capped_and_name_where_the_rest_is() -> None:
    findings = [make.finding("operators.object", f"Role {number:05d}") for number in range(MAX_FINDINGS + 4)]
    base = {"kind": "object", "part": "operators", "state": "missing", "result": "fail", "action": "none"}
    objects = [{**base, "id": f"Role {number:05d}"} for number in range(MAX_ROWS + 3)]
    view = make.alone_view("verify", [*findings, *objects])
    page = build_platform_page(view)
    assert page is not None
    assert (page.findings_rest, page.objects_rest) == (4, 3)
    text = html_reading.render(view)
    assert "4 more, which call for less attention, are in platform.csv and report.xlsx." in text
    assert "3 more are in report.xlsx, sheet Platform objects." in text


def test_same_records_give_the_same_page(page: str) -> None:
    assert html_reading.render(make.alone_view("verify")) == page
