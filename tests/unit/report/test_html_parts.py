# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the HTML report: charts, wording, columns, colours."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.model import KINDS
from ansible_collections.groundwork.readiness.plugins.module_utils.report import advice, charts, columns, page, texts, view
from ansible_collections.groundwork.readiness.plugins.plugin_utils.report_files import load_assets

from tests.unit.report import factory

TEXT_PAIRS = (
    ("ink", "bg"),
    ("ink", "surface"),
    ("ink", "raised"),
    ("ink", "notice"),
    ("muted", "bg"),
    ("muted", "surface"),
    ("muted", "raised"),
    ("muted", "notice"),
    ("muted", "track"),
    ("accent", "bg"),
    ("accent", "surface"),
    ("accent", "notice"),
    *((f"{name}-ink", ground) for name in ("ready", "work", "unknown", "blocked", "info") for ground in (f"{name}-soft", "surface")),
)
GRAPHIC_PAIRS = tuple((name, "surface") for name in ("ready", "work", "unknown", "blocked", "info", "focus"))
SOURCE = view.SourceView("dc1@1", "dc1.xlsx", "rvtools", "0" * 64, gaps=("r.devices",))


def svg(markup: charts.Markup) -> ElementTree.Element:
    return ElementTree.fromstring(markup.markup)


def test_stacked_bar_fills_its_width_and_hatches_only_what_is_provisional() -> None:
    segments = (
        charts.Segment("ready", 3, "Ready"),
        charts.Segment("ready", 1, "Ready, provisional", True),
        charts.Segment("blocked", 0, "Blocked"),
    )
    root = svg(charts.stacked_bar("k", "Title", segments))
    rects = [rect for rect in root.iter("rect") if (rect.get("class") or "").startswith("tone-")]
    assert [(rect.get("x"), rect.get("width")) for rect in rects] == [("0.000%", "75.000%"), ("75.000%", "25.000%")]
    assert [rect.get("fill") for rect in root.iter("rect") if rect.get("class") == "hatch"] == ["url(#hatch-ready)"]


def test_chart_has_title_and_description_and_names_them() -> None:
    root = svg(charts.bar_rows("k", "What & why", [charts.BarRow("a<b", "2 VMs", (charts.Segment("blocked", 2, "VMs"),))]))
    assert root.get("aria-labelledby") == "chart-k-title chart-k-desc"
    assert root.findtext("title") == "What & why"
    assert root.findtext("desc") == "a<b: 2 VMs"
    assert root.get("role") == "img"


def test_chart_with_links_is_a_group_of_labelled_links() -> None:
    root = svg(charts.bar_rows("k", "T", [charts.BarRow("a", "1", (), "#cluster=a&vcenter=b")]))
    link = root.find("a")
    assert root.get("role") == "group"
    assert link is not None
    assert link.get("href") == "#cluster=a&vcenter=b"
    assert (link.get("aria-label") or "").startswith("a: 1")


def test_bars_share_one_scale_unless_relative() -> None:
    rows = [charts.BarRow("a", "", (charts.Segment("blocked", 4, "x"),)), charts.BarRow("b", "", (charts.Segment("blocked", 1, "x"),))]

    def widths(relative: bool) -> list[str | None]:
        rects = svg(charts.bar_rows("k", "T", rows, relative=relative)).iter("rect")
        return [rect.get("width") for rect in rects if rect.get("class") == "tone-blocked"]

    assert widths(False) == ["100.000%", "25.000%"]
    assert widths(True) == ["100.000%", "100.000%"]


def test_chart_without_figures_is_still_valid() -> None:
    assert svg(charts.bar_rows("k", "T", [])).findtext("desc") == "No figures."
    assert svg(charts.stacked_bar("k", "T", [])).findtext("desc") == "nothing"


@pytest.mark.parametrize(
    ("value", "total", "expected"),
    [(0, 10, "0%"), (1, 1000, "<1%"), (5, 1000, "1%"), (1, 2, "50%"), (999, 1000, ">99%"), (10, 10, "100%"), (3, 0, "0%"), (0, 0, "0%")],
)
def test_percent_never_rounds_some_to_none_or_most_to_all(value: int, total: int, expected: str) -> None:
    assert texts.percent(value, total) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "0 bytes"), (1023, "1,023 bytes"), (1024, "1 KiB"), (1536, "1.5 KiB"), (150 * 1024**3, "150 GiB"), (2**80, "1,048,576 EiB")],
)
def test_size_uses_the_largest_fitting_unit(value: int, expected: str) -> None:
    assert texts.size(value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-08-30T18:00:00Z", "30 August 2026, 18:00 UTC"),
        ("2026-08-30T01:00:00+02:00", "29 August 2026, 23:00 UTC"),
        ("2026-08-30T18:00:00", "30 August 2026, 18:00 (no time zone given)"),
        ("2026-08-30", "30 August 2026"),
        ("last Tuesday", "last Tuesday"),
        ("Tomorrow", "Tomorrow"),
        ("", ""),
    ],
)
def test_moments_are_worded_in_utc_and_unreadable_ones_stay(text: str, expected: str) -> None:
    assert texts.moment_text(text) == expected


def test_every_kind_of_object_has_a_word() -> None:
    assert set(texts.KIND_LABELS) == set(KINDS)
    assert texts.objects_text({"switch": 2, "license": 1, "drs_group": 3}) == "3 DRS groups, 1 licence, 2 distributed switches"


def test_natural_key_takes_digits_as_numbers_of_any_length() -> None:
    names = ["web-10", "Web-9", "web-009", "a" + "9" * 9000, "", "10", "9"]
    assert sorted(names, key=columns.natural_key) == ["", "9", "10", "a" + "9" * 9000, "Web-9", "web-009", "web-10"]


def test_a_group_links_to_its_vms_only_where_vms_hold_its_value() -> None:
    estate = factory.make_view(20)
    cluster = estate.vms[0].cluster
    counts = ((1, 0, 0, 0), (0, 0, 0, 0))
    groups = (
        view.GroupCount("cluster", cluster, 1, *counts),
        view.GroupCount("cluster", f"{cluster} (vc)", 1, *counts, value=cluster, vcenter="vc"),
        view.GroupCount("cluster", "(no such cluster)", 1, *counts),
    )
    figure = page.build_page(replace(estate, groups=groups)).groups[0]
    links = {link.get("href") for link in svg(figure.chart).iter("a")}
    assert links == {f"#cluster={cluster}", f"#cluster={cluster}&vcenter=vc"}


def _rule(identity: str, *needs: str) -> view.RuleView:
    return view.RuleView(identity, identity, "critical", "", "", "", 1, 20, needs=needs)


def test_ways_to_settle_name_the_missing_tab_where_an_export_could_show_it() -> None:
    lacking = replace(SOURCE, not_seen=(view.NotSeenView("tab vPartition", ("partitions",), "absent"),), vcenters=("vc.example.com",))
    ways = advice.rule_advice(_rule("r", "vm.partitions[].free_bytes"), (lacking,), ())
    assert ways == "Add tab vPartition to dc1.xlsx, or read vCenter vc.example.com live."


def test_ways_to_settle_name_the_vcenter_alone_where_no_export_shows_it() -> None:
    ways = advice.rule_advice(_rule("r.devices", "devices"), (SOURCE,), ())
    assert ways == "Read the vCenter live: an export of this kind does not show it."
    assert "guest tools" in advice.rule_advice(_rule("r.other", "guest_hostname"), (SOURCE,), ())


def test_ways_to_settle_do_not_send_to_a_vcenter_that_was_read() -> None:
    live = replace(SOURCE, type="vcenter")
    assert advice.rule_advice(_rule("r.devices", "devices"), (live,), ()) == "Read the VM again once its facts are complete."
    assert advice.rule_advice(_rule("r.hostname", "guest_hostname"), (live,), ()) == "Read the VM again once VMware Tools run in its guest."


def test_ways_to_settle_begin_with_the_privilege_that_is_missing() -> None:
    cause = view.CauseView(
        "no permission: privilege System.Read is missing", "System.Read", True, ("cluster c1",), ("drs_enabled",), {"r": 4}, (), 5, 3, 2
    )
    ways = advice.rule_advice(_rule("r", "cluster.drs_enabled"), (replace(SOURCE, type="vcenter"),), (cause,))
    assert ways == "Give the reader's account privilege System.Read where it is missing (open for 4 VMs)."


def test_size_of_which_nothing_is_known_is_unknown_and_a_partial_sum_says_so() -> None:
    count = view.VerdictCount("ready", 3, 0, None, 2048, 1 << 40, 3, 2, 0)
    estate = replace(factory.make_view(3), verdicts=(count,))
    card = next(card for card in page.build_page(estate).cards if card.verdict == "ready")
    assert card.holds == ("vCPU unknown", "2 GiB memory (2 unknown)", "1 TiB disk")


def test_counts_of_a_stage_keep_settled_and_provisional_apart() -> None:
    counts = {"ready": 89, "ready_provisional": 47, "provisional": 120, "in_scope": 1219}
    assert texts.stage_counts(counts) == "42 + 47 ready, 120 provisional, 1,219 in scope"


def test_counts_of_checks_are_told_as_checks_and_once() -> None:
    counts = {"created": 2, "deleted": 0, "fail": 28, "failed": 29, "not_evaluated": 1, "pass": 27, "waived": 0}
    assert texts.stage_counts(counts) == "2 created, 28 checks failed, 1 checks not evaluated, 27 checks passed"


def test_source_within_a_saved_estate_is_told_from_the_file_that_was_read() -> None:
    estate = factory.make_view(3)
    assert [row.within for row in page.build_page(estate).sources] == [False, True]
    assert [row.captured for row in page.build_page(estate).inputs] == ["not stated in the file", "30 August 2026, 18:00 UTC"]


def _blocks(css: str) -> list[dict[str, str]]:
    """The colours of the light theme, the dark one of the system and the dark one of the reader's choice."""
    found = re.findall(r":root[^{]*\{([^}]*--bg:[^}]*)\}", css)
    return [dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", block)) for block in found]


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_both_dark_themes_are_the_same() -> None:
    light, dark, chosen = _blocks(load_assets()["report.css"])
    assert dark == chosen
    assert light.keys() >= dark.keys()


@pytest.mark.parametrize("theme", [0, 1])
def test_text_and_graphics_have_the_contrast_of_wcag_aa(theme: int) -> None:
    colours = _blocks(load_assets()["report.css"])[theme]
    poor = [
        (*pair, round(_contrast(colours[pair[0]], colours[pair[1]]), 2))
        for pair in TEXT_PAIRS
        if _contrast(colours[pair[0]], colours[pair[1]]) < 4.5
    ]
    poor += [
        (*pair, round(_contrast(colours[pair[0]], colours[pair[1]]), 2))
        for pair in GRAPHIC_PAIRS
        if _contrast(colours[pair[0]], colours[pair[1]]) < 3
    ]
    assert poor == []
