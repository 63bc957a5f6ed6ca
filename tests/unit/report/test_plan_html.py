# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chapters on plan and target in the HTML page: what they show, what stays text, what is capped."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.report.plan_page import MAX_ENTRIES, MAX_WAVES, build_plan_page

from tests.unit.report import factory, html_reading
from tests.unit.report import plan_factory as make

PLANNED = make.planned_view(40)
CHAPTERS = ("plan", "fit", "mapping", "preflight", "released", "target")


@pytest.fixture(scope="module")
def page() -> str:
    """The page of a run with a plan and a target."""
    return html_reading.render(PLANNED)


def test_every_chapter_is_there_once_and_leads_from_the_navigation(page: str) -> None:
    reading = html_reading.Reading(page)
    ids = reading.ids()
    assert [ids.count(chapter) for chapter in CHAPTERS] == [1] * len(CHAPTERS)
    assert len(ids) == len(set(ids))
    links = {attributes.get("href") for tag, attributes in reading.elements if tag == "a"}
    assert {"#plan", "#fit", "#preflight", "#target"} <= links


def test_headings_go_down_one_level_at_a_time(page: str) -> None:
    levels = html_reading.Reading(page).headings()
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_run_without_plan_and_target_shows_nothing_of_them() -> None:
    text = html_reading.render(factory.make_view(10))
    assert not [chapter for chapter in CHAPTERS if f'id="{chapter}"' in text]
    assert "planOf" not in text
    assert "--wave" not in text
    table = html_reading.table_of(html_reading.Reading(text))
    assert "wave" not in table["text"]


def test_target_without_a_plan_has_its_chapter_alone() -> None:
    text = html_reading.render(replace(PLANNED, plan=None, vms=factory.make_view(5).vms))
    assert [chapter for chapter in CHAPTERS if f'id="{chapter}"' in text] == ["target"]
    assert "planOf" not in text


def test_plan_of_a_run_without_assessed_vms_is_still_shown() -> None:
    text = html_reading.render(replace(factory.failed_view(), plan=PLANNED.plan))
    assert 'id="plan"' in text
    assert 'id="vms"' not in text


def test_estate_and_cluster_text_stays_text(page: str) -> None:
    assert "<img src=x" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") >= 4


def test_wave_table_shows_window_times_and_the_serial_formula(page: str) -> None:
    assert "Sat 16 Jan 2027, 20:00 to 02:00" in page
    assert 'data-label="p90">3 h</td>' in page
    assert 'data-label="Serial formula">10 h</td>' in page


def test_refused_list_of_the_target_names_permission_and_cost(page: str) -> None:
    assert "list hyperconvergeds.hco.kubevirt.io" in page
    assert "the settings of OpenShift Virtualization" in page
    assert "The cluster does not serve kubevirts.kubevirt.io." in page


def test_vm_table_has_the_columns_of_the_plan_and_their_values() -> None:
    reading = html_reading.Reading(html_reading.render(PLANNED))
    table = html_reading.table_of(reading)
    text = {fact: [column["values"][index] for index in column["index"]] for fact, column in table["text"].items()}
    by_name = dict(zip(table["name"], zip(text["wave"], text["plan_state"], text["namespace"], strict=True), strict=True))
    for vm in PLANNED.vms:
        assert vm.plan is not None
        wave = f"wave {vm.plan.wave}" if vm.plan.wave else ""
        assert by_name[vm.name][::2] == (wave, vm.plan.namespace)
    assert set(text["plan_state"]) == {"in a wave", "kept out", "settle first", "blocked"}


def test_plan_block_holds_figures_reasons_and_constraints_of_each_vm() -> None:
    reading = html_reading.Reading(html_reading.render(PLANNED))
    table = html_reading.table_of(reading)
    block = html_reading.unpack(reading.content("plans-0"))
    plans = {vm.name: vm.plan for vm in PLANNED.vms}
    assert len(block["plans"]) == table["count"]
    for name, (figures, single, lists, blockers) in zip(table["name"], block["plans"], strict=True):
        plan = plans[name]
        assert plan is not None
        assert figures[1] == (-1 if plan.elapsed_p90_minutes is None else round(plan.elapsed_p90_minutes))
        assert block["texts"][single[5]] == plan.reason
        assert [block["texts"][index] for index in lists[0]] == list(plan.reasons)
        assert [block["texts"][parts[1]] for parts in blockers] == [blocker.message for blocker in plan.blocked_by]


def test_lists_of_the_page_are_capped_and_name_where_the_rest_is() -> None:
    findings = [make.finding("big", number) for number in range(MAX_ENTRIES + 7)]
    waves = [make.wave(number) for number in range(1, MAX_WAVES + 6)]
    plan = make.plan_of([make.basis(), make.condition("big", failed=len(findings)), *findings, *waves])
    page = build_plan_page(replace(PLANNED, plan=plan))
    assert page is not None
    assert (len(page.failed[0].findings), page.failed[0].rest) == (MAX_ENTRIES, 7)
    assert (len(page.waves), page.waves_rest) == (MAX_WAVES, 5)
    text = html_reading.render(replace(PLANNED, plan=plan))
    assert "7 more are in preflight.csv and report.xlsx." in text
    assert "5 more are in waves.csv and report.xlsx." in text


def test_fit_that_was_not_evaluated_says_why() -> None:
    fit = {"kind": "fit", "id": "fit", "evaluated": False, "reason": "no target was read"}
    text = html_reading.render(replace(PLANNED, plan=make.plan_of([make.basis(), fit]), target=None))
    assert 'It was not evaluated: <span class="data">no target was read</span>' in text


def test_fit_counts_the_vms_in_waves_and_names_those_that_would_fit_beside_them(page: str) -> None:
    assert "12 VMs in waves fit on the cluster's nodes, 5 more would fit and are in no wave, 2 do not" in page


def test_chapter_of_what_is_set_free_says_what_the_hosts_could_be_used_for(page: str) -> None:
    assert "Installed anew as worker nodes, for AI workloads among others" in page
    assert "Which GPUs they have is not known" in page


def test_savings_are_shown_only_where_prices_were_given() -> None:
    with_prices = build_plan_page(PLANNED)
    records = [{key: value for key, value in record.items() if key != "saved_per_year"} for record in make.release("c", (1, 0, 4))]
    without = build_plan_page(replace(PLANNED, plan=make.plan_of([make.basis(currency=""), *records])))
    assert with_prices is not None
    assert without is not None
    assert (with_prices.saved, without.saved) == ("16,800 EUR", "")
    assert "Saved in a year" in with_prices.released.columns
    assert "Saved in a year" not in without.released.columns
    assert without.empties == ("c is empty after wave 1",)


def test_same_view_gives_the_same_page(page: str) -> None:
    assert html_reading.render(make.planned_view(40)) == page
