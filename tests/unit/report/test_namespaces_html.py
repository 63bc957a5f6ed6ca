# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chapter on namespaces in the HTML page: the first screen, teams, what stays text, what is capped."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.report.namespaces_page import (
    MAX_CONTRACTS,
    MAX_FINDINGS,
    MAX_MINI,
    anchor,
    build_namespaces_page,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.report.namespaces_texts import SAVED_NOTE
from ansible_collections.groundwork.readiness.plugins.module_utils.report.view import ReportView, StageView

from tests.unit.report import factory, html_reading, plan_factory, platform_factory
from tests.unit.report import namespaces_factory as make

ALONE = make.alone_view()


@pytest.fixture(scope="module")
def page() -> str:
    """The page of a run that only verified namespaces."""
    return html_reading.render(ALONE)


def first_screen(page: str) -> str:
    """The page's first section."""
    return page.partition('<section id="summary"')[2].partition("</section>")[0]


def section(page: str, name: str) -> str:
    """One namespace's section."""
    return re.split('<details class="rule namespace"|<section class="team"', page.partition(f'id="namespace-{name}"')[2])[0]


def with_platform() -> ReportView:
    """A run of the playbook namespaces that goes on with one of the platform."""
    return replace(ALONE, platform=platform_factory.platform_of(platform_factory.records(), "verify"))


def test_chapter_and_its_parts_are_there_once_and_lead_from_the_navigation(page: str) -> None:
    reading = html_reading.Reading(page)
    ids = reading.ids()
    assert len(ids) == len(set(ids))
    links = {attributes.get("href") for tag, attributes in reading.elements if tag == "a"}
    for chapter in ("namespaces", "contracts", "showback", "teams"):
        assert chapter in ids
        assert f"#{chapter}" in links
    assert [link for link in links if link and link.startswith("#") and link[1:] not in (*ids, "main")] == []


def test_headings_go_down_one_level_at_a_time(page: str) -> None:
    for text in (page, html_reading.render(make.namespaces_view("check"))):
        assert all(after - before <= 1 for before, after in pairwise(html_reading.Reading(text).headings()))


def test_run_without_namespaces_shows_nothing_of_them() -> None:
    text = html_reading.render(factory.make_view(10))
    for part in ('id="namespaces"', "ContractList", "contract-checks", 'id="plate-', "to-do"):
        assert part not in text


def test_first_screen_says_mode_verdict_refusal_what_to_do_first_and_how_teams_stand(page: str) -> None:
    screen = first_screen(page)
    for part in (
        "1 of 6 namespaces keeps its contract",
        "Verified only: nothing was written to the cluster.",
        "An apply run would write nothing for any contract: 1 check keeps the contracts from being applied.",
        "Create or sync the group.",
        "<strong>1</strong> of 6 contracts kept",
        'href="#team-retail"',
        "1 of 2 kept",
    ):
        assert part in screen
    assert "vSphere" not in screen


def test_contracts_held_against_a_saved_target_say_so_and_never_look_kept() -> None:
    text = html_reading.render(make.alone_view("verify", make.saved_records()))
    assert SAVED_NOTE in first_screen(text)
    assert "A saved target tells of accelerators alone: 2 lists that contracts are held against could not be read." in text
    assert "badge state-ready" not in text
    assert "badge state-not_evaluated" in section(text, "retail-chat")


def test_run_that_applied_does_not_claim_that_nothing_was_written() -> None:
    text = html_reading.render(make.alone_view("apply", make.kept_records()))
    assert "nothing was written" not in first_screen(text)
    assert "All 2 namespaces keep their contracts." in first_screen(text)
    assert "What to do first" not in text


def test_beside_an_estate_the_verdict_on_the_vms_stays_first() -> None:
    text = html_reading.render(make.namespaces_view("check"))
    screen = first_screen(text)
    assert screen.index("<h1") < screen.index("Namespaces: 1 of 6 namespaces keeps its contract")
    assert 'class="deadline"' in screen
    assert "gravest" not in screen


def test_namespaces_come_before_the_platform_of_the_same_run_and_its_note_is_said_once() -> None:
    text = html_reading.render(with_platform())
    assert text.index('<section id="namespaces"') < text.index('<section id="platform"')
    assert first_screen(text).count("Verified only: nothing was written to the cluster.") == 1
    assert "Platform: 3 of 8 layers are ready" in first_screen(text)


def test_ids_of_the_chapter_are_those_of_no_other() -> None:
    others = platform_factory.platform_view("check", plan_factory.planned_view(10))
    taken = html_reading.Reading(html_reading.render(others)).ids()
    ids = html_reading.Reading(html_reading.render(make.namespaces_view("check", others))).ids()
    own = [identity for identity in ids if identity not in taken]
    assert len(own) == len(set(own)) == len(ids) - len(taken)


def test_team_finds_who_answers_what_it_is_granted_headroom_access_and_data(page: str) -> None:
    own = section(page, "retail-chat")
    for part in (
        "retail, group retail-owners, retail-ai@example.com",
        "cc-4711",
        "confidential",
        "30 June 2027, 177 days left",
        "group retail-engineers as ml engineer; service account delivery as service",
        "4 nvidia.com/gpu, flavor h100",
        "3 more, then ResourceQuota retail-chat/readiness-quota binds",
        "orders of data@example.com, kept 90 days",
        "no contract declares RoleBinding retail-chat/help",
        "12 allowed and 9 denied rows, 90 requests, 40 more answered alike",
        "2 wrong",
        "as declared",
        "It ran as the tenant, saw its devices, and reached what it should and nothing else",
        "1 of 1 nvidia.com/gpu; 10.20.0.0/16 open",
    ):
        assert part in own
    assert "network policies" in own
    assert "a network of its own" in section(page, "retail-search")


def test_waived_and_unknown_are_shown_as_such(page: str) -> None:
    assert "waived by vision@example.com until 2027-03-31: until the nodes are there" in section(page, "vision-train")
    assert "state-waived" in section(page, "vision-train")
    labs = section(page, "risk-labs")
    assert "not evaluated: nodes could not be read" in labs
    assert "not known: 4 of 90 questions have no answer: timed out" in labs
    assert "state-ready" not in labs


def test_what_is_of_no_contract_is_not_lost(page: str) -> None:
    shared = page.partition('id="namespaces-shared"')[2]
    assert "Namespace gone" in shared
    assert "the account may not list pods" in shared
    assert "ClusterQueue groundwork-readiness-retail" in page.partition('id="team-retail"')[2].partition('<section class="team"')[0]


def test_texts_of_contracts_and_of_the_cluster_stay_text(page: str) -> None:
    reading = html_reading.Reading(page)
    assert [tag for tag, attributes in reading.elements if tag == "img" or "onerror" in attributes] == []
    assert make.HOSTILE in "".join(reading.text)


def test_namespace_whose_name_cannot_stand_in_an_address_has_one_all_the_same() -> None:
    assert (anchor("namespace", "retail-chat", 3), anchor("namespace", make.HOSTILE, 3)) == ("namespace-retail-chat", "namespace--3")
    odd = [make.contract(make.HOSTILE, make.FORMULA), make.contract('x" onclick="y', make.HOSTILE, "broken")]
    reading = html_reading.Reading(html_reading.render(make.alone_view("verify", odd)))
    ids = reading.ids()
    assert {"namespace--0", "namespace--1", "team--0", "team--1"} <= set(ids)
    assert len(ids) == len(set(ids))
    assert [attributes for _tag, attributes in reading.elements if "onclick" in attributes] == []


def test_every_picture_has_a_title_and_a_description(page: str) -> None:
    for key in ("showback", "ends"):
        assert f'aria-labelledby="chart-{key}-title chart-{key}-desc"' in page
        assert f'id="chart-{key}-desc"' in page


def test_failed_stage_says_that_no_contract_was_judged() -> None:
    failed = StageView("namespaces", "ocp-ai", "failed", "it cannot be reached")
    text = html_reading.render(replace(ALONE, namespaces=None, failed=True, stages=(failed,)))
    assert "because no contract was judged" in text
    assert "No VM was assessed" not in text


def test_page_of_a_thousand_namespaces_is_capped_and_says_so() -> None:
    found = make.namespaces_of(make.crowd(3))
    many = tuple(replace(found.contracts[0], namespace=f"n-{number}", owner=f"o-{number}") for number in range(MAX_CONTRACTS + 5))
    owners = tuple(replace(found.owners[0], name=f"o-{number}") for number in range(MAX_CONTRACTS + 5))
    chapter = build_namespaces_page(replace(ALONE, namespaces=replace(found, contracts=many, owners=owners)))
    assert chapter is not None
    assert (len(chapter.contracts), chapter.contracts_rest, len(chapter.mini)) == (MAX_CONTRACTS, 5, MAX_MINI)
    assert not any(row.is_open for row in chapter.contracts)


def test_checks_of_one_namespace_are_capped_and_the_rest_is_counted() -> None:
    found = [make.contract("one", state="broken")]
    found += [make.finding("one", "objects.object", f"Thing one/{number}", message="differs") for number in range(MAX_FINDINGS + 7)]
    text = html_reading.render(make.alone_view("verify", found))
    assert "7 more are in namespace_checks.csv and report.xlsx." in text


def test_contract_rows_carry_what_the_list_sorts_and_filters_by(page: str) -> None:
    row = re.search(r'<tr data-state="missing"[^>]*data-name="risk-fraud"[^>]*>', page)
    assert row is not None
    for part in ('data-order="1"', 'data-days="5"', 'data-granted="6"', 'data-idle="-1"', 'data-owner="risk"', 'data-class="restricted"'):
        assert part in row[0]
