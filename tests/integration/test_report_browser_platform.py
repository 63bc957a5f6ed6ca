# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chapter on the platform in a real Chromium: the first screen, the stack, the map of identity, the checks and their filter, print.

Skipped, and counted, where playwright or a browser is absent; READINESS_CHROMIUM names a browser outside of PATH.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.report.platform_view import LayerView

from tests.unit.report import people_factory, plan_factory, platform_factory

ALONE = platform_factory.alone_view("verify")
CROWD = platform_factory.alone_view("verify", [*platform_factory.records(), *people_factory.crowd(500)])
BESIDE = platform_factory.platform_view("check", plan_factory.planned_view(40))
Open = Callable[..., Any]
CONTRAST = """found => found.map(element => {
  const light = colour => { const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3).map(Number).map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const style = getComputedStyle(element);
  const [one, other] = [light(style.color), light(style.backgroundColor)];
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
})"""
"""Contrast of an element's text against its own background, as WCAG 2 reckons it."""

MAP_CONTRAST = """found => found.flatMap(node => {
  const light = colour => { const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3).map(Number).map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const card = light(getComputedStyle(node.querySelector(".map-card")).fill);
  return [...node.querySelectorAll("span")].map(text => light(getComputedStyle(text).color))
    .map(ink => (Math.max(ink, card) + 0.05) / (Math.min(ink, card) + 0.05));
})"""
"""Contrast of the texts of cards against the card."""

CARD_TROUBLES = """found => found.flatMap(node => {
  const card = node.querySelector(".map-card").getBoundingClientRect();
  return [...node.querySelectorAll("span, .icon")].map(piece => piece.getBoundingClientRect())
    .filter(box => box.top < card.top - 0.5 || box.bottom > card.bottom + 0.5 || box.right > card.right + 0.5)
    .map(box => `${node.textContent}: ${box.top - card.top} ${card.bottom - box.bottom} ${card.right - box.right}`);
})"""
"""Texts and icons that stand out of their card."""

PLATE_LOOKS = """found => found.map(plate => [...plate.children].map(rect => {
  const style = getComputedStyle(rect);
  return style.display === "none" ? "" : `${rect.getAttribute("fill")} ${style.fill === "none"} ${style.strokeDasharray}`;
}).join())"""
"""What a plate of the stack shows beside its colours: patterns, whether it is filled, and how its frame is drawn."""


def layers() -> tuple[LayerView, ...]:
    """The layers from the ground up."""
    assert ALONE.platform is not None
    return ALONE.platform.layers


def shown_checks(page: Any) -> list[str]:
    """Subjects of the platform's checks on screen."""
    texts: list[str] = page.locator("#check-table tbody tr:visible th > span").all_inner_texts()
    return texts


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("mode", ["verify", "check"])
def test_platform_that_was_only_looked_at_says_so_without_scrolling(open_report: Open, width: int, mode: str) -> None:
    page = open_report(platform_factory.alone_view(mode), width=width, wait=False)
    note = page.locator(".mode-note")
    assert "nothing was written to the cluster" in note.inner_text()
    box = note.bounding_box()
    assert box["y"] + box["height"] <= 900


def test_stack_stands_on_its_ground_with_a_pattern_for_each_state(open_report: Open) -> None:
    page = open_report(ALONE, wait=False)
    tops = page.locator(".stack .layer").evaluate_all("found => found.map(e => [e.id, e.getBoundingClientRect().top])")
    assert [name for name, _top in sorted(tops, key=lambda entry: entry[1])] == [f"layer-{layer.name}" for layer in reversed(layers())]
    looks = page.locator(".stack .layer .plate").evaluate_all(PLATE_LOOKS)
    by_state = dict(zip([layer.state if layer.wanted else "unwanted" for layer in reversed(layers())], looks, strict=True))
    assert len({by_state[state] for state in ("ready", "waiting", "missing", "broken", "not_evaluated")}) == 5


def test_checks_show_what_calls_for_attention_first_and_filter(open_report: Open) -> None:
    page = open_report(ALONE, wait=False)
    assert page.inner_text("#check-count") == "8 of 15 checks"
    page.click(".chip[data-result='pass']")
    assert page.inner_text("#check-count") == "13 of 15 checks"
    page.fill("#check-q", "subscription nfd")
    assert shown_checks(page) == ["Subscription openshift-nfd/nfd"]
    page.fill("#check-q", "no such check")
    assert page.is_visible("text=No check matches these filters.")
    page.fill("#check-q", "")
    page.select_option("#check-layer", "accelerators")
    page.select_option("#check-severity", "critical")
    assert len(shown_checks(page)) == 3


def test_layer_of_the_stack_shows_its_checks(open_report: Open) -> None:
    page = open_report(ALONE, wait=False)
    page.click("#layer-prerequisites .layer-outcome a")
    assert page.evaluate("document.getElementById('check-layer').value") == "prerequisites"
    assert sorted(shown_checks(page)) == ["CA bundle", "Proxy cluster", "default StorageClass", "internal registry"]


def test_filter_of_the_checks_leaves_the_table_of_vms_alone(open_report: Open) -> None:
    page = open_report(BESIDE)
    page.click("#layer-operators .layer-outcome a")
    assert len(shown_checks(page)) == 7
    assert page.inner_text("#vms-count") == "40 VMs"


def test_without_scripts_every_check_is_shown(open_report: Open) -> None:
    page = open_report(ALONE, wait=False, java_script_enabled=False)
    assert len(shown_checks(page)) == 15
    assert not page.is_visible("#check-filters")


def test_platform_is_printed_with_its_stack_and_its_rehearsals(open_report: Open) -> None:
    page = open_report(ALONE, wait=False)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.is_visible("#platform .stack .plate")
    assert page.is_visible("text=the graph is not known")
    assert not page.is_visible("#check-filters")
    assert len(page.pdf()) > 10_000


def test_controls_of_the_platform_can_be_reached_and_have_names(open_report: Open) -> None:
    page = open_report(ALONE, wait=False)
    snapshot = page.locator("main").aria_snapshot()
    assert not re.search(r"- (button|link|combobox|searchbox|textbox)\s*$", snapshot, re.MULTILINE)
    assert "AI platform" in snapshot


def test_words_on_plates_and_badges_have_enough_contrast_in_both_themes(open_report: Open) -> None:
    for scheme in ("light", "dark"):
        page = open_report(ALONE, wait=False, color_scheme=scheme)
        ratios = page.locator(".stack .badge, .chip[aria-pressed='true']").evaluate_all(CONTRAST)
        assert min(ratios) >= 4.5, scheme


# ---- identity and monitoring -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", [ALONE, CROWD], ids=["few", "500 groups"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_map_is_shown_within_the_page_and_can_be_read_in_both_themes(open_report: Open, width: int, scheme: str, view: Any) -> None:
    page = open_report(view, width=width, wait=False, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    chart = page.locator("#figure-identity svg.chart")
    chart.scroll_into_view_if_needed()
    assert chart.is_visible()
    nodes = chart.locator(".map-node")
    assert nodes.count() >= 20
    assert nodes.evaluate_all(CARD_TROUBLES) == []
    assert min(nodes.evaluate_all(MAP_CONTRAST)) >= 4.5


def test_map_on_a_narrow_page_is_scrolled_by_itself_and_by_keys(open_report: Open) -> None:
    page = open_report(ALONE, width=390, wait=False)
    wrap = page.locator("#figure-identity .map-wrap")
    assert wrap.evaluate("e => e.scrollWidth > e.clientWidth")
    wrap.focus()
    page.keyboard.press("ArrowRight")
    scrolled = "e => new Promise(done => e.scrollLeft > 0 ? done(true) : e.addEventListener('scroll', () => done(true), {once: true}))"
    assert wrap.evaluate(scrolled)


def test_map_on_a_wide_page_needs_no_scrolling_and_its_links_meet_their_cards(open_report: Open) -> None:
    page = open_report(ALONE, wait=False)
    assert page.locator("#figure-identity .map-wrap").evaluate("e => e.scrollWidth <= e.clientWidth")
    ends = page.locator("#figure-identity .map-link").evaluate_all(
        """found => found.map(path => path.getBoundingClientRect()).map(box => [box.left, box.right])"""
    )
    cards = page.locator("#figure-identity .map-card").evaluate_all(
        "found => found.map(card => card.getBoundingClientRect()).map(box => [box.left, box.right])"
    )
    lefts, rights = {round(left) for left, _right in cards}, {round(right) for _left, right in cards}
    for left, right in ends:
        assert min(abs(left - edge) for edge in rights) <= 2
        assert min(abs(right - edge) for edge in lefts) <= 2


def test_map_says_in_words_what_it_shows_and_needs_no_script(open_report: Open) -> None:
    page = open_report(ALONE, wait=False, java_script_enabled=False)
    assert page.is_visible("#figure-identity svg.chart .map-card >> nth=0")
    snapshot = page.locator("#figure-identity").aria_snapshot()
    assert '- img "Who comes in, and what that leads to":' in snapshot
    described = page.locator("#figure-identity svg.chart").get_attribute("aria-describedby")
    assert "corp-ldap: missing; LDAP" in (page.locator(f"#{described}").text_content() or "")
    assert page.is_visible("text=No alert reaches")
    assert page.is_visible("#watched")


def test_unwatched_and_unknown_are_told_apart_by_word_icon_and_pattern(open_report: Open) -> None:
    page = open_report(ALONE, wait=False)
    badges = page.locator("td[data-label='Watched'] .badge").evaluate_all(
        "found => found.map(badge => `${badge.textContent.trim()} ${badge.querySelector('use').getAttribute('href')}`)"
    )
    assert set(badges) == {"watched by nobody #i-unwatched", "nobody knows #i-not_evaluated", "watched #i-watched"}
    looks = page.locator("#figure-watched rect").evaluate_all("found => found.map(rect => rect.getAttribute('fill'))")
    assert {"url(#plate-broken)", "url(#plate-not_evaluated)"} <= set(looks)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_badges_of_alerts_and_of_what_is_watched_have_enough_contrast(open_report: Open, scheme: str) -> None:
    page = open_report(ALONE, wait=False, color_scheme=scheme)
    ratios = page.locator(".reach .badge, .entries .badge").evaluate_all(CONTRAST)
    assert len(ratios) > 20
    assert min(ratios) >= 4.5


def test_map_and_lists_are_printed_whole_on_the_width_of_a_sheet(open_report: Open) -> None:
    page = open_report(ALONE, width=703, wait=False, color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.is_visible("#figure-identity svg.chart .map-card >> nth=0")
    too_wide = page.locator("#figure-identity svg.chart, table.entries, table.reach, #figure-coverage table").evaluate_all(
        "found => found.filter(e => e.getBoundingClientRect().right > 704).map(e => e.textContent.slice(0, 60))"
    )
    assert too_wide == []
    assert page.locator("#figure-identity .map-node").evaluate_all(CARD_TROUBLES) == []
    assert min(page.locator("#figure-identity .map-node").evaluate_all(MAP_CONTRAST)) >= 4.5
    assert page.is_visible("text=AcceleratorIdle")
