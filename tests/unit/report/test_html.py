# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML report as a file: complete in itself, safe against its data, the same bytes for the same view."""

from __future__ import annotations

import base64
import hashlib
import itertools
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters import report_html
from ansible_collections.groundwork.readiness.plugins.module_utils.report import texts, view
from ansible_collections.groundwork.readiness.plugins.plugin_utils.report_files import load_assets

from tests.unit.report import factory, html_reading

CHECKOUT = Path(__file__).resolve().parents[3]
VIEWS = {
    "whole": factory.make_view(60),
    "one VM": factory.make_view(1),
    "no VM in scope": factory.empty_view(),
    "nothing read": factory.failed_view(),
    "partly read": factory.failed_view(12),
    "nothing at all": replace(factory.failed_view(), stages=(), weights={}, catalogue_version="", catalogue_sha256=""),
}
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "{{ 7 * 7 }}",
    "=cmd|'/c calc'!A0",
    '"><svg onload=alert(3)>',
)


@pytest.fixture(params=sorted(VIEWS))
def page(request: pytest.FixtureRequest) -> html_reading.Reading:
    return html_reading.Reading(html_reading.render(VIEWS[request.param]))


def hostile_view(text: str) -> view.ReportView:
    """A view in which every text that comes from an estate or a source is the given one."""
    base = factory.make_view(3)
    problem = view.ProblemView(text, text, text)
    evidence = view.EvidenceView(text, text, text, text)
    finding = view.FindingView(base.rules[0].id, "fail", (evidence,))
    facts = ("name", "vcenter", "datacenter", "cluster", "host", "folder", "guest_os", "os_family", "owner", "application", "environment")
    vms = tuple(replace(vm, **dict.fromkeys(facts, text), findings=(finding,), sources=(text,)) for vm in base.vms)
    sources = tuple(replace(source, id=text, name=text, tool_version=text, notices=(problem,)) for source in base.sources)
    groups = tuple(replace(entry, name=text, value=text) for entry in base.groups)
    stage = view.StageView("estate", text, "failed", text, text, (problem,))
    return replace(
        base,
        headline=text,
        title=text,
        failed=True,
        stages=(stage,),
        vms=vms,
        sources=sources,
        inputs=(view.InputView(text, "e" * 64, text),),
        groups=groups,
        conflicts=(view.ConflictView(text, text, ((text, text, text),), text),),
        notices=(problem,),
        excluded=(view.ExcludedView(text, text, text),),
        settle_sources=(view.SettleSource(text, text, text, 1, 1, ()),),
    )


def test_page_has_one_h1_and_skips_no_level_of_headings(page: html_reading.Reading) -> None:
    levels = page.headings()
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_page_has_landmarks_a_language_and_unique_ids(page: html_reading.Reading) -> None:
    tags = Counter(tag for tag, _attributes in page.elements)
    assert {tags["main"], tags["header"], tags["footer"], tags["nav"]} == {1}
    assert ("html", {"lang": "en"}) in page.elements
    assert [name for name, count in Counter(page.ids()).items() if count > 1] == []


def test_links_within_the_page_lead_to_an_element_or_set_filters(page: html_reading.Reading) -> None:
    ids = set(page.ids())
    links = [attributes["href"] or "" for tag, attributes in page.elements if tag in ("a", "use")]
    assert [link for link in links if not link.startswith("#")] == []
    assert [link for link in links if "=" not in link and link[1:] not in ids] == []


def test_references_of_labels_and_descriptions_exist(page: html_reading.Reading) -> None:
    ids = set(page.ids())
    names = ("for", "aria-labelledby", "aria-describedby")
    wanted = {word for _tag, attributes in page.elements for name in names for word in (attributes.get(name) or "").split()}
    assert wanted - ids == set()


def test_page_needs_nothing_from_outside(page: html_reading.Reading) -> None:
    assert [
        attributes for _tag, attributes in page.elements if {"src", "srcset", "action", "style", "background"} & attributes.keys()
    ] == []
    assert [attributes["href"] for tag, attributes in page.elements if tag == "link"] == ["data:,"]
    assert [name for _tag, attributes in page.elements for name in attributes if name.startswith("on")] == []


def test_policy_allows_the_inline_style_and_scripts_of_the_page_and_nothing_else(page: html_reading.Reading) -> None:
    policy = next(
        attributes["content"] or "" for tag, attributes in page.elements if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    for kind, directive in (("style", "style-src"), ("script", "script-src")):
        runs = [text for tag, attributes, text in page.raw if tag == kind and "type" not in attributes]
        digests = [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in runs]
        assert f"{directive} {' '.join(digests)};" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_the_estate_stays_text(text: str) -> None:
    harmless = html_reading.Reading(html_reading.render(hostile_view("plain")))
    attacked = html_reading.Reading(html_reading.render(hostile_view(text)))
    assert Counter(tag for tag, _attributes in attacked.elements) == Counter(tag for tag, _attributes in harmless.elements)
    assert any(text in part for part in attacked.text)
    assert html_reading.table_of(attacked)["name"] == [text] * 3


def test_lone_surrogates_and_control_characters_do_not_break_the_page() -> None:
    page = html_reading.Reading(html_reading.render(hostile_view("a\ud800b\x01c\x00d")))
    table = html_reading.table_of(page)
    assert table["name"][0] == "a\ud800b\x01c\x00d"
    assert html_reading.evidence_of(page, table, 0)[0][1] == [["a\ud800b\x01c\x00d"] * 4]


def test_every_vm_and_its_evidence_come_back_from_the_data_blocks() -> None:
    estate = factory.make_view(2300)
    page = html_reading.Reading(html_reading.render(estate))
    table = html_reading.table_of(page)
    by_id = {vm.id: vm for vm in estate.vms}
    ids = [
        table["id"]["prefix"]["values"][index] + rest
        for index, rest in zip(table["id"]["prefix"]["index"], table["id"]["rest"], strict=True)
    ]
    assert sorted(ids) == sorted(by_id)
    for row in range(0, len(ids), 17):
        vm = by_id[ids[row]]
        expected = [
            (finding.rule, [[item.object, item.field, item.observed, item.expected] for item in finding.evidence])
            for finding in vm.findings
        ]
        assert html_reading.evidence_of(page, table, row) == expected
        assert tuple(table["ruleIds"][index] for index in table["gaps"]["values"][table["gaps"]["index"][row]]) == tuple(
            rule.id for rule in estate.rules if rule.id in vm.gaps
        )
        assert table["number"]["disk_bytes"][row] == (-1 if vm.disk_bytes is None else vm.disk_bytes)
        assert table["score"]["values"][table["score"]["index"][row]] == vm.score


def test_vms_come_worst_verdict_first_then_settled_then_by_natural_name() -> None:
    estate = factory.make_view(400)
    table = html_reading.table_of(html_reading.Reading(html_reading.render(estate)))
    ranks = list(zip(table["verdict"], table["provisional"], strict=True))
    assert ranks == sorted(ranks)


def test_a_waived_finding_is_kept_apart_from_failed_ones() -> None:
    base = factory.make_view(1)
    waived = view.FindingView(base.rules[5].id, "waived", (view.EvidenceView("o", "f", "1", "2"),))
    table = html_reading.table_of(html_reading.Reading(html_reading.render(replace(base, vms=(replace(base.vms[0], findings=(waived,)),)))))
    assert table["waived"]["values"] == [[5]]
    assert table["failed"]["values"] == [[]]


def test_a_rule_that_only_a_vm_names_is_still_shown() -> None:
    base = factory.make_view(1)
    odd = replace(base.vms[0], findings=(), gaps=("site.rule.of-their-own",))
    table = html_reading.table_of(html_reading.Reading(html_reading.render(replace(base, vms=(odd,)))))
    assert table["ruleIds"][table["gaps"]["values"][0][0]] == "site.rule.of-their-own"


def test_failed_stages_stand_with_every_problem_and_remedy() -> None:
    text = " ".join(html_reading.Reading(html_reading.render(factory.failed_view())).text)
    for words in (
        "This run is not complete",
        "dc1.xlsx, tab vInfo, row 7, column CPUs",
        "Correct the cell, or empty it.",
        "There is no estate to assess.",
    ):
        assert words in text
    assert "No VM was assessed" in text


def test_everything_but_the_vm_table_is_there_without_scripts() -> None:
    estate = factory.make_view(60)
    page = html_reading.Reading(html_reading.render(estate))
    text = " ".join(page.text)
    assert [rule.title for rule in estate.rules if rule.title not in text] == []
    assert [source.sha256 for source in estate.sources if source.sha256 not in text] == []
    assert [entry.name for entry in estate.excluded if entry.name not in text] == []
    assert estate.headline in text
    assert "vms.csv" in text
    assert any(tag == "noscript" for tag, _attributes in page.elements)


def test_lists_that_are_cut_say_how_much_is_missing() -> None:
    estate = factory.make_view(3)
    problems = tuple(view.ProblemView(f"problem {number}") for number in range(700))
    excluded = tuple(view.ExcludedView(f"e{number}", f"tmpl-{number}", "template") for number in range(900))
    stages = (view.StageView("estate", "localhost", "failed", "bad", problems=problems),)
    text = " ".join(
        html_reading.Reading(html_reading.render(replace(estate, failed=True, excluded=excluded, notices=problems, stages=stages))).text
    )
    assert "400 more are in report.xlsx and report.json" in text
    assert text.count("200 more are in report.json") == 2


def test_provisional_vms_are_never_shown_as_settled() -> None:
    estate = factory.make_view(400)
    words = " ".join(" ".join(html_reading.Reading(html_reading.render(estate)).text).split())
    for count in estate.verdicts:
        assert f"{count.settled:,} settled, {texts.percent(count.settled, 400)}" in words
        assert f"{count.provisional:,} more provisional, {texts.percent(count.provisional, 400)}" in words or not count.provisional


@pytest.mark.parametrize(
    ("days", "words"),
    [(405, "days until"), (1, "day until"), (0, "vSphere 8 leaves general support"), (-1, "day since"), (-30, "days since")],
)
def test_deadline_is_worded_for_any_number_of_days(days: int, words: str) -> None:
    assert words in html_reading.render(replace(factory.make_view(2), days_left=days))


def test_same_view_gives_same_bytes_in_any_process() -> None:
    code = (
        "import hashlib, tests.conftest; from tests.unit.report import factory, html_reading;"
        "print(hashlib.sha256(html_reading.render(factory.make_view(300)).encode()).hexdigest())"
    )
    surroundings = (
        {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "77", "TZ": "Asia/Kolkata", "LC_ALL": "C.UTF-8"},
    )
    results = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **extra, "PYTHONPATH": str(CHECKOUT)},
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for extra, folder in zip(surroundings, (CHECKOUT, "/"), strict=True)
    }
    assert len(results) == 1


def test_order_of_vms_in_the_view_does_not_show() -> None:
    estate = factory.make_view(200)
    assert html_reading.render(estate) == html_reading.render(replace(estate, vms=tuple(reversed(estate.vms))))


def test_assets_hold_what_the_renderer_asks_for() -> None:
    assert [name for name in report_html.ASSETS if name not in load_assets()] == []


def test_scripts_put_no_data_into_markup_and_reach_no_network() -> None:
    scripts = "".join(text for name, text in load_assets().items() if name.endswith(".js"))
    scripts = scripts.replace("http://www.w3.org/2000/svg", "")
    forbidden = (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
        "fetch(",
        "XMLHttpRequest",
        "http:",
        "https:",
        "</script",
    )
    assert [word for word in forbidden if word in scripts] == []


def test_every_file_that_was_read_is_named_with_its_sha256() -> None:
    estate = factory.make_view(3)
    text = html_reading.render(estate)
    table = text.split('id="inputs"', 1)[1].split("</table>", 1)[0]
    for entry in estate.inputs:
        assert entry.name in table
        assert entry.sha256 in table


def test_mean_score_stands_with_its_explanation_and_not_among_the_verdicts() -> None:
    text = html_reading.render(factory.make_view(30))
    verdicts = text.split('class="verdicts"', 1)[1].split("</section>", 1)[0]
    assert "mean score" not in verdicts.lower()
    assert "The verdict decides" in verdicts
    assert "The mean over all VMs in scope is" in text.split('id="sources"', 1)[1]
