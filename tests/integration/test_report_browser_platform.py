# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chapter on the platform in a real Chromium: the first screen, the stack, the checks and their filter, print.

Skipped, and counted, where playwright or a browser is absent; READINESS_CHROMIUM names a browser outside of PATH.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.report.platform_view import LayerView

from tests.unit.report import plan_factory, platform_factory

ALONE = platform_factory.alone_view("verify")
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
