# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML report in a real Chromium: what a reader does with it, by mouse and by keyboard.

Skipped, and counted, where playwright or a browser is absent; READINESS_CHROMIUM names a browser outside of PATH.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.report.view import ReportView

from tests.integration.conftest import WHOLE_ESTATE as ESTATE
from tests.unit.report import factory, html_reading, plan_factory, platform_factory

PLANNED = plan_factory.planned_view(240)
BESIDE = platform_factory.platform_view("check", plan_factory.planned_view(40))
ALONE = platform_factory.alone_view("verify")
HOSTILE = "<img src=x onerror=alert(1)>"
FORMULA = "=cmd|'/c calc'!A0"
Open = Callable[..., Any]


def count_text(page: Any) -> str:
    text: str = page.inner_text("#vms-count")
    return text


def names(page: Any) -> list[str]:
    texts: list[str] = page.locator(".vm-row .vm-name").all_inner_texts()
    return texts


def settled_names(page: Any, expected: int) -> list[str]:
    """The names on screen once the counter shows so many VMs."""
    page.wait_for_selector(f"#vm-table[aria-rowcount='{expected + 1}']")
    return names(page)


def address_has(page: Any, part: str) -> None:
    """Waits until the address holds the part: the page writes it after an event that the browser hands out later."""
    page.wait_for_function("part => location.hash.includes(part)", arg=part)


def address_lacks(page: Any, part: str) -> None:
    """Waits until the address no longer holds the part."""
    page.wait_for_function("part => !location.href.includes(part)", arg=part)


def test_all_vms_are_counted_and_only_those_in_view_exist(open_report: Open) -> None:
    page = open_report()
    assert count_text(page) == "240 VMs"
    assert page.get_attribute("#vm-table", "aria-rowcount") == "241"
    assert page.locator(".vm-row").count() < 60
    assert page.locator(".vm-row").first.get_attribute("aria-rowindex") == "2"


def test_scrolling_to_the_end_shows_the_last_vm(open_report: Open) -> None:
    page = open_report()
    page.evaluate("document.getElementById('vm-scroll').scrollTop = 1e9")
    page.wait_for_selector(".vm-row[aria-rowindex='241']")
    assert page.locator(".vm-row[aria-rowindex='2']").count() == 0


def test_search_narrows_the_table_and_the_address_keeps_it(open_report: Open) -> None:
    page = open_report()
    page.fill("#filter-q", "payments windows")
    wanted = [vm for vm in ESTATE.vms if "payments" in f"{vm.name} {vm.owner} {vm.cluster}" and "windows" in vm.guest_os.lower()]
    settled_names(page, len(wanted))
    assert count_text(page) == f"{len(wanted)} of 240 VMs"
    address_has(page, "q=payments+windows")


def test_search_finds_vms_by_a_rule_that_failed(open_report: Open) -> None:
    page = open_report()
    page.fill("#filter-q", "rdm.detected")
    settled_names(page, sum(any(finding.rule == "vmware.disk.rdm.detected" for finding in vm.findings) for vm in ESTATE.vms))


def test_search_without_a_match_says_so_and_filters_can_be_cleared(open_report: Open) -> None:
    page = open_report()
    page.fill("#filter-q", "no such machine")
    page.wait_for_selector("text=No VM matches these filters.")
    assert count_text(page) == "0 of 240 VMs"
    page.click("#clear-filters")
    settled_names(page, 240)
    address_lacks(page, "#")


def test_verdict_buttons_filter_and_count_live(open_report: Open) -> None:
    page = open_report()
    page.click(".chip[data-verdict='blocked']")
    blocked = [vm for vm in ESTATE.vms if vm.verdict == "blocked"]
    settled_names(page, len(blocked))
    assert page.get_attribute(".chip[data-verdict='blocked']", "aria-pressed") == "true"
    provisional = sum(vm.provisional for vm in blocked)
    assert page.inner_text(".chip[data-provisional='1'] .chip-count") == str(provisional)
    page.click(".chip[data-provisional='1']")
    settled_names(page, provisional)


def test_verdict_buttons_count_settled_and_provisional_apart(open_report: Open) -> None:
    page = open_report()
    ready = [vm for vm in ESTATE.vms if vm.verdict == "ready"]
    provisional = sum(vm.provisional for vm in ready)
    assert page.inner_text(".chip[data-verdict='ready'] .chip-count") == f"{len(ready) - provisional} + {provisional}"


def test_operating_systems_and_owners_are_not_cut_at_1280_pixels(open_report: Open) -> None:
    page = open_report()
    for cells in (".vm-row .col-os_family", ".vm-row .two-lines", ".top nav ul"):
        assert page.eval_on_selector_all(cells, "found => found.filter(e => e.scrollWidth > e.clientWidth).length") == 0
    last = page.locator(".top nav a").last.bounding_box()
    assert last["x"] + last["width"] < page.locator(".tools").bounding_box()["x"]


@pytest.mark.parametrize("width", [1280, 1100])
@pytest.mark.parametrize("view", [ESTATE, PLANNED], ids=["whole", "planned"])
def test_chapters_stand_on_one_line_beside_the_title(open_report: Open, width: int, view: ReportView) -> None:
    page = open_report(view, width=width)
    links = page.locator(".top nav a")
    tops = {round(links.nth(number).bounding_box()["y"]) for number in range(links.count())}
    assert len(tops) == 1
    assert page.locator(".brand").bounding_box()["y"] < max(tops) + 20


def test_title_is_whole_on_a_phone(open_report: Open) -> None:
    page = open_report(width=390)
    assert page.evaluate("(e => e.scrollWidth <= e.clientWidth && e.scrollHeight <= e.clientHeight + 1)(document.querySelector('.brand'))")


def test_open_vm_says_what_its_score_is(open_report: Open) -> None:
    page = open_report()
    page.click(".vm-name >> nth=0")
    page.wait_for_selector("#vm-dialog[open]")
    assert "share of the weighted checks passed. The verdict decides, not the score" in page.inner_text("#vm-dialog")


@pytest.mark.parametrize("fact", ["cluster", "os_family", "owner", "vcenter"])
def test_each_list_filters_by_its_fact(open_report: Open, fact: str) -> None:
    page = open_report()
    value = max(getattr(vm, fact) for vm in ESTATE.vms)
    page.select_option(f"#filter-{fact}", f"={value}")
    settled_names(page, sum(getattr(vm, fact) == value for vm in ESTATE.vms))


def test_rule_list_filters_by_failed_open_and_category(open_report: Open) -> None:
    page = open_report()
    page.select_option("#filter-rule", "rule=vmware.snapshot.detected")
    settled_names(page, sum(any(finding.rule == "vmware.snapshot.detected" for finding in vm.findings) for vm in ESTATE.vms))
    page.select_option("#filter-rule", "open=vmware.tpm.detected")
    settled_names(page, sum("vmware.tpm.detected" in vm.gaps for vm in ESTATE.vms))
    page.select_option("#filter-rule", "category=critical")
    settled_names(page, sum(vm.verdict == "blocked" for vm in ESTATE.vms))


def test_every_column_sorts_both_ways(open_report: Open) -> None:
    page = open_report(width=1920)
    for column in page.locator("#vm-head th").all():
        column.locator("button").click()
        first = column.get_attribute("aria-sort")
        upper = names(page)[0]
        column.locator("button").click()
        assert {first, column.get_attribute("aria-sort")} == {"ascending", "descending"}
        assert names(page)[0] != upper or column.inner_text().startswith(("vCenter", "Cluster"))


def test_sorting_by_score_puts_the_lowest_first(open_report: Open) -> None:
    page = open_report()
    page.click("th.col-score button")
    scores = [float(text) for text in page.locator(".vm-row .col-score").all_inner_texts()]
    assert scores == sorted(scores)
    assert scores[0] == pytest.approx(min(vm.score for vm in ESTATE.vms), abs=0.06)
    address_has(page, "sort=score")


def test_unknown_sizes_come_last_whichever_way_they_are_sorted(open_report: Open) -> None:
    page = open_report(width=1920)
    for _time in range(2):
        page.click("th.col-disk_bytes button")
        assert page.locator(".vm-row .col-disk_bytes").first.inner_text() != "unknown"


def test_opened_vm_shows_evidence_remedy_gaps_and_facts(open_report: Open) -> None:
    vm = next(vm for vm in ESTATE.vms if vm.verdict == "blocked" and vm.gaps and len(vm.findings) > 2)
    page = open_report()
    page.fill("#filter-q", vm.name)
    settled_names(page, 1)
    page.click(".vm-name")
    page.wait_for_selector("#vm-dialog[open]")
    text = page.inner_text("#vm-dialog")
    for finding in vm.findings:
        rule = next(rule for rule in ESTATE.rules if rule.id == finding.rule)
        assert rule.title in text
        assert rule.remedy in text
        assert all(item.object in text and item.field in text for item in finding.evidence)
    for words in (vm.name, vm.host, vm.id, "Open rules, why, and what would settle them", "ead vCenter vcenter-fra"):
        assert words in text
    address_has(page, f"vm={vm.id.replace('/', '%2F')}")


def test_opened_vm_says_why_rules_are_open_and_what_it_used(open_report: Open) -> None:
    estate = factory.refused_view(60)
    vm = next(vm for vm in estate.vms if vm.reasons and len(vm.gaps) > 1)
    page = open_report(estate)
    page.fill("#filter-q", vm.name)
    settled_names(page, 1)
    page.click(".vm-name")
    page.wait_for_selector("#vm-dialog[open]")
    reason = page.inner_text(".open-reason")
    for words in (
        "No permission: privilege System.Read is missing",
        "Give the reader's account privilege System.Read on this VM.",
        "devices, tpm_present",
        "A host device is passed through",
    ):
        assert words in reason
    assert page.locator(".open-rule").count() == len(vm.gaps)
    usage = page.inner_text("#vm-dialog section:has(h3:text('Usage over 30 days'))")
    assert "1,830 MHz 95th percentile, 5,200 MHz peak, 400 MHz average" in usage
    assert "3 GiB 95th percentile, 6 GiB peak, 1.5 GiB average" in usage
    assert "900 KiB/s 95th percentile, 20 MiB/s peak\n" in f"{usage}\n"


@pytest.mark.parametrize("width", [1280, 390])
def test_vms_that_may_be_invisible_are_said_before_any_figure(open_report: Open, width: int) -> None:
    page = open_report(factory.refused_view(60), width=width)
    caveat = page.locator(".caveats li")
    assert caveat.inner_text().startswith("vc-north.example.com: VMs may be invisible to the account.")
    assert caveat.bounding_box()["y"] < page.locator(".verdicts").bounding_box()["y"]
    step = page.locator("#provisional .steps li").first
    assert step.inner_text().startswith("Give the reader's account privilege System.Read on all")
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_escape_closes_the_vm_and_gives_the_focus_back(open_report: Open) -> None:
    page = open_report()
    page.click(".vm-row[aria-rowindex='5'] .vm-name")
    page.wait_for_selector("#vm-dialog[open]")
    name = page.inner_text("#vm-dialog-title")
    page.keyboard.press("Escape")
    page.wait_for_selector("#vm-dialog:not([open])", state="attached")
    assert page.evaluate("document.activeElement.textContent") == name
    address_lacks(page, "vm=")


def test_buttons_in_an_open_vm_step_through_the_filtered_rows(open_report: Open) -> None:
    page = open_report(state="#verdict=blocked&sort=name")
    shown = settled_names(page, sum(vm.verdict == "blocked" for vm in ESTATE.vms))
    page.click(".vm-row[aria-rowindex='2'] .vm-name")
    page.wait_for_selector("#vm-dialog[open]")
    assert page.is_disabled("[aria-label='Previous VM']")
    page.click("[aria-label='Next VM']")
    page.locator("#vm-dialog-title").get_by_text(shown[1], exact=True).wait_for()


def test_table_can_be_used_with_the_keyboard_alone(open_report: Open) -> None:
    page = open_report()
    page.locator(".vm-row .vm-name").first.focus()
    for key, expected in (("ArrowDown", "3"), ("ArrowDown", "4"), ("ArrowUp", "3"), ("End", "241"), ("ArrowDown", "241"), ("Home", "2")):
        page.keyboard.press(key)
        page.wait_for_timeout(50)
        assert page.evaluate("document.activeElement.closest('tr').getAttribute('aria-rowindex')") == expected
    page.keyboard.press("PageDown")
    assert int(page.evaluate("document.activeElement.closest('tr').getAttribute('aria-rowindex')")) > 5
    page.keyboard.press("Enter")
    page.wait_for_selector("#vm-dialog[open]")
    assert page.evaluate("document.activeElement.closest('dialog') !== null")


def test_exactly_one_row_is_in_the_order_of_tabs(open_report: Open) -> None:
    page = open_report()
    assert page.locator(".vm-row button[tabindex='0']").count() == 1
    page.evaluate("document.getElementById('vm-scroll').scrollTop = 4000")
    page.wait_for_timeout(100)
    assert page.locator(".vm-row button[tabindex='0']").count() == 1


def test_address_brings_filters_order_and_vm_back(open_report: Open) -> None:
    vm = next(vm for vm in ESTATE.vms if vm.verdict == "ready_with_work" and vm.provisional)
    page = open_report(state=f"#verdict=ready_with_work&provisional=1&sort=-score&vm={vm.id.replace('/', '%2F')}")
    page.wait_for_selector("#vm-dialog[open]")
    assert page.inner_text("#vm-dialog-title") == vm.name
    assert count_text(page) == f"{sum(vm.verdict == 'ready_with_work' and vm.provisional for vm in ESTATE.vms)} of 240 VMs"
    assert page.get_attribute("th.col-score", "aria-sort") == "descending"


def test_unknown_words_in_the_address_do_no_harm(open_report: Open) -> None:
    page = open_report(state="#verdict=nonsense,blocked&provisional=9&sort=toString&vm=nobody&rule=%3Cb%3E&x=y", wait=False)
    page.wait_for_selector("text=No VM matches these filters.")
    assert page.locator("#vm-dialog[open]").count() == 0


def test_a_bar_of_a_chart_leads_to_its_vms(open_report: Open) -> None:
    page = open_report()
    page.locator("#figure-blockers a.row").first.click()
    worst = max((rule for rule in ESTATE.rules if rule.category == "critical"), key=lambda rule: rule.failed)
    settled_names(page, worst.failed)
    assert page.evaluate("document.activeElement.id") == "vms-title"


def test_rule_link_in_a_vm_opens_the_rule(open_report: Open) -> None:
    page = open_report(state="#verdict=blocked")
    page.click(".vm-row[aria-rowindex='2'] .vm-name")
    page.wait_for_selector("#vm-dialog[open]")
    link = page.locator("#vm-dialog .finding a").first
    target = (link.get_attribute("href") or "").removeprefix("#")
    link.click()
    page.wait_for_selector("#vm-dialog:not([open])", state="attached")
    assert page.evaluate("id => document.getElementById(id).open", target)


def test_exported_csv_holds_the_filtered_rows_with_formulas_made_harmless(open_report: Open) -> None:
    page = open_report(state="#sort=name")
    page.fill("#filter-q", "calc")
    settled_names(page, 1)
    with page.expect_download() as download:
        page.click("#export-csv")
    content = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert download.value.suggested_filename == "readiness-vms.csv"
    assert [row["name"] for row in rows] == ["'" + FORMULA]
    vm = next(vm for vm in ESTATE.vms if vm.name == FORMULA)
    assert rows[0]["verdict"] == vm.verdict
    assert float(rows[0]["score"]) == vm.score
    assert rows[0]["failed_rules"].split() == [rule.id for rule in ESTATE.rules if any(finding.rule == rule.id for finding in vm.findings)]


def test_markup_in_a_name_is_shown_as_text(open_report: Open) -> None:
    page = open_report()
    page.fill("#filter-q", "onerror")
    assert settled_names(page, 1) == [HOSTILE]
    page.click(".vm-name")
    page.wait_for_selector("#vm-dialog[open]")
    assert page.inner_text("#vm-dialog-title") == HOSTILE
    assert page.locator("img").count() == 0


@pytest.mark.parametrize("width", [390, 768, 1280, 1920])
@pytest.mark.parametrize("view", ["whole", "failed", "empty", "planned", "beside", "alone"])
def test_no_page_scrolls_sideways(open_report: Open, width: int, view: str) -> None:
    others = {"planned": PLANNED, "beside": BESIDE, "alone": ALONE}
    estate = {"whole": ESTATE, "failed": factory.failed_view(), "empty": factory.empty_view(), **others}[view]
    page = open_report(estate, width=width, wait=bool(estate.vms))
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_phone_shows_cards_that_open(open_report: Open) -> None:
    page = open_report(width=390)
    row = page.locator(".vm-row").first
    assert row.evaluate("element => getComputedStyle(element).display") == "grid"
    box = row.bounding_box()
    assert box["width"] <= 390
    page.select_option("#sort-select", "-score")
    row.click()
    page.wait_for_selector("#vm-dialog[open]")
    assert page.evaluate("document.getElementById('vm-dialog').scrollWidth") <= 390


def test_theme_follows_the_system_until_the_reader_chooses(open_report: Open) -> None:
    page = open_report(color_scheme="dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert page.get_attribute("#theme-button", "aria-pressed") == "true"
    page.click("#theme-button")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "light"


def test_printing_shows_rules_and_the_filtered_rows_and_restores_the_page(open_report: Open) -> None:
    page = open_report(state="#verdict=ready_with_work")
    wanted = sum(vm.verdict == "ready_with_work" for vm in ESTATE.vms)
    before = page.locator(".vm-row").count()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator(".vm-row").count() == wanted
    assert f"{wanted} VMs (of 240 in scope); filtered: ready with work" in page.inner_text("#print-note")
    assert page.locator("details.rule:not([open])").count() == 0
    assert not page.is_visible("#filters")
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.wait_for_timeout(100)
    assert page.locator(".vm-row").count() == before
    assert page.locator("details.rule[open]").count() == 0
    assert len(page.pdf()) > 10_000


def test_printing_a_large_table_stops_at_the_stated_number(open_report: Open) -> None:
    page = open_report(factory.make_view(700))
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".vm-row").count() == 500
    assert "The first 500 of 700 VMs" in page.text_content("#print-note")


def test_without_scripts_the_page_says_where_the_vms_are(open_report: Open) -> None:
    page = open_report(wait=False, java_script_enabled=False)
    assert page.is_visible("noscript p")
    assert not page.is_visible("#vms-app")
    assert page.is_visible("#rules-title")


def test_a_browser_that_cannot_unpack_says_so(browser: Any, open_report: Open, tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    path.write_text(html_reading.render(ESTATE), encoding="utf-8")
    page = browser.new_page()
    page.add_init_script("delete window.DecompressionStream")
    page.goto(path.as_uri())
    assert page.is_visible("#vms-unsupported")
    assert not page.is_visible("#vms-app")
    page.close()


@pytest.mark.parametrize("estate", [factory.failed_view(), factory.empty_view(), factory.failed_view(12)], ids=["failed", "empty", "part"])
def test_reports_without_a_whole_run_open_without_trouble(open_report: Open, estate: ReportView) -> None:
    page = open_report(estate, wait=bool(estate.vms))
    assert page.inner_text("h1") == estate.headline
    assert page.is_visible("text=This run is not complete") == estate.failed
    assert page.is_visible("text=No VM was assessed") == (not estate.vms)


def test_every_control_can_be_reached_and_has_a_name(open_report: Open) -> None:
    page = open_report()
    snapshot = page.locator("main").aria_snapshot()
    assert not re.search(r"- (button|link|combobox|searchbox|textbox)\s*$", snapshot, re.MULTILINE)
    controls = page.locator("main :is(a, button, input, select, summary):not(.vm-row *)")
    assert controls.count() > 50
    assert controls.evaluate_all("found => found.filter(element => element.tabIndex < 0).length") == 0


def test_wave_of_the_timeline_shows_its_vms(open_report: Open) -> None:
    page = open_report(PLANNED)
    page.click("#figure-timeline a.row >> nth=1")
    wanted = [vm for vm in PLANNED.vms if vm.plan and vm.plan.wave == 2]
    settled_names(page, len(wanted))
    address_has(page, "wave=wave")
    assert set(page.locator(".vm-row .col-wave").all_inner_texts()) == {"2"}


def test_plan_list_filters_by_what_becomes_of_a_vm_and_can_be_linked(open_report: Open) -> None:
    page = open_report(PLANNED, state="#plan_state=kept%20out")
    wanted = sum(vm.plan is not None and vm.plan.state == "unplaced" for vm in PLANNED.vms)
    settled_names(page, wanted)
    page.select_option("#filter-plan_state", "=settle first")
    settled_names(page, sum(vm.plan is not None and vm.plan.state == "settle_first" for vm in PLANNED.vms))


def test_waves_and_states_sort_in_their_own_order(open_report: Open) -> None:
    page = open_report(PLANNED, width=1920)
    page.click("th.col-wave button")
    assert page.locator(".vm-row .col-wave").first.inner_text() == "1"
    page.click("th.col-plan_state button")
    assert page.locator(".vm-row .col-plan_state").first.inner_text() == "in a wave"
    page.click("th.col-plan_state button")
    assert page.locator(".vm-row .col-plan_state").first.inner_text() == "blocked"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (
            "placed",
            ("Plan: wave", "pilot: among the least risky", "1 h 19 min at p50, 1 h 58 min at p90", "worker-0", "2 rules failed (+2)"),
        ),
        ("unplaced", ("Plan: kept out", "network dmz leads nowhere", "Way out: add a rule for dmz", "plan_networks")),
        ("settle_first", ("Plan: settle first", "it is settle_first", "To settle first:")),
    ],
)
def test_opened_vm_says_why_it_stands_in_its_wave_or_in_none(open_report: Open, state: str, words: tuple[str, ...]) -> None:
    vm = next(vm for vm in PLANNED.vms if vm.plan and vm.plan.state == state)
    page = open_report(PLANNED, state=f"#vm={vm.id}")
    page.wait_for_selector("#vm-dialog[open]")
    text = page.inner_text("#vm-dialog")
    for part in words:
        assert part in text


def test_exported_csv_of_a_plan_has_its_columns(open_report: Open) -> None:
    page = open_report(PLANNED, state="#wave=wave%201")
    with page.expect_download() as download:
        page.click("#export-csv")
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))
    assert {(row["wave"], row["plan_state"], row["namespace"]) for row in rows} == {("wave 1", "in a wave", "erp")}


def test_operating_systems_are_not_cut_beside_the_plans_columns_at_1280_pixels(open_report: Open) -> None:
    page = open_report(PLANNED)
    assert page.eval_on_selector_all(".vm-row .col-os_family", "found => found.filter(e => e.scrollWidth > e.clientWidth).length") == 0


def test_printed_plan_shows_the_constraints_and_findings(open_report: Open) -> None:
    page = open_report(PLANNED)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.is_visible("#plan .constraint .problems li")
    assert page.is_visible("#preflight .rule-body li")
    assert len(page.pdf()) > 10_000


def test_labels_and_dates_of_waves_do_not_meet_on_a_phone(open_report: Open) -> None:
    page = open_report(PLANNED, width=390)
    for row in page.locator("#figure-timeline .row").all():
        label = row.locator(".row-label").evaluate(
            "e => { const r = document.createRange(); r.selectNodeContents(e); return r.getBoundingClientRect().right; }"
        )
        assert label < row.locator("text.narrow").bounding_box()["x"]
