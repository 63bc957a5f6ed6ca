# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chapter on namespaces in a real Chromium: the first screen, the list of contracts, teams, pictures, phones, print.

Skipped, and counted, where playwright or a browser is absent; READINESS_CHROMIUM names a browser outside of PATH.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.report.view import ReportView

from tests.integration.test_report_browser_platform import CONTRAST
from tests.unit.report import namespaces_factory, plan_factory, platform_factory

ALONE = namespaces_factory.alone_view()
SAVED = namespaces_factory.alone_view("verify", namespaces_factory.saved_records())
CROWD = namespaces_factory.alone_view("verify", namespaces_factory.crowd(100))
BESIDE = namespaces_factory.namespaces_view("check", platform_factory.platform_view("check", plan_factory.planned_view(40)))
Open = Callable[..., Any]

INK_ON_PAGE = """found => found.map(element => {
  const light = colour => { const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3).map(Number).map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  let behind = element;
  while (getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)") behind = behind.parentElement;
  const [one, other] = [light(getComputedStyle(element).color), light(getComputedStyle(behind).backgroundColor)];
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
})"""
"""Contrast of texts against what is behind them, as WCAG 2 reckons it."""


def shown(page: Any) -> list[str]:
    """Namespaces of the list on screen."""
    names: list[str] = page.locator("#contract-table tbody tr:visible th > a").all_inner_texts()
    return names


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("view", [ALONE, SAVED], ids=["verified", "saved target"])
def test_verdict_and_that_nothing_was_written_are_seen_without_scrolling(open_report: Open, width: int, view: ReportView) -> None:
    page = open_report(view, width=width, wait=False)
    note = page.locator(".mode-note")
    assert "nothing was written" in note.inner_text()
    box = note.bounding_box()
    assert box["y"] + box["height"] <= 900


@pytest.mark.parametrize("width", [360, 390, 768, 1100, 1280, 1600])
@pytest.mark.parametrize("view", [ALONE, CROWD, BESIDE], ids=["alone", "100 contracts", "beside everything"])
def test_page_is_no_wider_than_the_screen_with_every_section_open(open_report: Open, width: int, view: ReportView) -> None:
    page = open_report(view, width=width, wait=view is BESIDE)
    page.evaluate("document.querySelectorAll('#namespaces details').forEach(found => { found.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide = page.locator("#namespaces p, #namespaces dd, #namespaces li, .top .tool").evaluate_all(
        "found => found.filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.textContent.slice(0, 60))"
    )
    assert wide == []


def test_list_of_contracts_fits_a_laptop_without_scrolling_sideways(open_report: Open) -> None:
    page = open_report(ALONE, wait=False)
    wrap = page.locator(".table-wrap:has(#contract-table)")
    assert wrap.evaluate("found => found.scrollWidth <= found.clientWidth")


def test_contracts_show_what_calls_for_attention_first_and_filter(open_report: Open) -> None:
    page = open_report(ALONE, wait=False)
    assert shown(page) == ["retail-chat", "risk-fraud", "speech", "risk-labs", "vision-train", "retail-search"]
    page.click(".chip[data-state='missing']")
    assert shown(page) == ["risk-fraud", "speech"]
    assert page.inner_text("#contract-count") == "2 of 6 contracts"
    page.select_option("#contract-owner", "=risk")
    assert shown(page) == ["risk-fraud"]
    page.click(".chip[data-state='missing']")
    assert shown(page) == ["risk-fraud", "risk-labs"]
    page.select_option("#contract-class", "=restricted")
    assert shown(page) == ["risk-fraud"]
    page.fill("#contract-q", "no such contract")
    assert page.is_visible("text=No contract matches these filters.")


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("days", ["risk-labs", "risk-fraud", "vision-train"]),
        ("name", ["retail-chat", "retail-search", "risk-fraud"]),
        ("owner", ["retail-chat", "retail-search", "risk-fraud"]),
        ("-granted", ["vision-train", "risk-fraud", "retail-chat"]),
        ("-idle", ["vision-train", "speech", "retail-chat"]),
        ("order", ["retail-chat", "risk-fraud", "speech"]),
    ],
)
def test_contracts_are_sorted_as_asked(open_report: Open, order: str, first: list[str]) -> None:
    page = open_report(ALONE, wait=False)
    page.select_option("#contract-sort", "name")
    page.select_option("#contract-sort", order)
    assert shown(page)[:3] == first


def test_link_of_the_list_opens_the_section_of_its_namespace_and_can_be_followed_again(open_report: Open) -> None:
    page = open_report(CROWD, wait=False)
    section = page.locator("#namespace-team-000-001")
    assert section.get_attribute("open") is None
    link = page.locator("#contract-table a[href='#namespace-team-000-001']")
    for _time in range(2):
        link.click()
        assert section.get_attribute("open") is not None
        section.evaluate("found => { found.open = false; }")


def test_address_of_a_namespace_opens_its_section(open_report: Open) -> None:
    page = open_report(CROWD, "#namespace-team-033-099", wait=False)
    assert page.locator("#namespace-team-033-099").get_attribute("open") is not None


def test_bar_of_a_team_leads_to_its_section(open_report: Open) -> None:
    page = open_report(CROWD, wait=False)
    page.locator("#figure-showback a.row").first.click()
    assert page.evaluate("location.hash").startswith("#team-")


def test_filters_leave_the_checks_of_the_platform_and_the_vms_alone(open_report: Open) -> None:
    page = open_report(BESIDE)
    before = page.inner_text("#check-count")
    page.fill("#contract-q", "risk")
    assert shown(page) == ["risk-fraud", "risk-labs"]
    assert (page.inner_text("#check-count"), page.inner_text("#vms-count")) == (before, "40 VMs")


def test_without_scripts_every_contract_and_section_can_be_read(open_report: Open) -> None:
    page = open_report(ALONE, wait=False, java_script_enabled=False)
    assert len(shown(page)) == 6
    assert not page.is_visible("#contract-filters")
    assert page.is_visible("text=3 more, then ResourceQuota retail-chat/readiness-quota binds")


def test_namespaces_are_printed_with_their_sections(open_report: Open) -> None:
    page = open_report(CROWD, width=703, wait=False, color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("#namespace-team-000-001 .facts").is_visible()
    assert not page.is_visible("#contract-filters")
    too_wide = page.locator("#namespaces table, #namespaces svg.chart").evaluate_all(
        "found => found.filter(e => e.getBoundingClientRect().right > 704).map(e => e.textContent.slice(0, 60))"
    )
    assert too_wide == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_badges_days_and_texts_have_enough_contrast_in_both_themes(open_report: Open, scheme: str) -> None:
    page = open_report(ALONE, wait=False, color_scheme=scheme)
    assert min(page.locator("#namespaces .badge, #contract-filters .chip").evaluate_all(CONTRAST)) >= 4.5
    texts = page.locator("#namespaces .days, #namespaces .note, #namespaces .remedy, #namespaces .to-do-head strong, #namespaces h5")
    assert min(texts.evaluate_all(INK_ON_PAGE)) >= 4.5


def test_controls_and_pictures_can_be_reached_and_have_names(open_report: Open) -> None:
    page = open_report(ALONE, wait=False)
    snapshot = page.locator("main").aria_snapshot()
    assert not re.search(r"- (button|link|combobox|searchbox|textbox)\s*$", snapshot, re.MULTILINE)
    for name in ("Accelerators by team: used, idle, not known", "Days until grants end"):
        assert f'group "{name} ' in snapshot
    assert 'combobox "Sort by"' in snapshot


def test_states_are_told_apart_by_pattern_and_word(open_report: Open) -> None:
    page = open_report(ALONE, wait=False)
    looks = page.locator(".plates .plate rect:last-child").evaluate_all("found => found.map(rect => rect.getAttribute('fill'))")
    assert len(set(looks)) == 5
    words = page.locator(".legend.plates").inner_text().split("\n")
    assert words == ["1 kept", "1 waiting", "2 incomplete", "1 not kept", "1 not evaluated"]


def test_texts_of_a_hostile_contract_do_nothing(open_report: Open) -> None:
    odd = [namespaces_factory.contract(namespaces_factory.HOSTILE, namespaces_factory.FORMULA, "broken")]
    page = open_report(namespaces_factory.alone_view("verify", odd), wait=False)
    assert page.locator("#namespaces img").count() == 0
    page.locator("#contract-table tbody a").first.click()
    assert page.locator("#namespace--0").get_attribute("open") is not None
