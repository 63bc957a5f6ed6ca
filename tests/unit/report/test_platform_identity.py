# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins, groups and personas in the report: what is said, what is drawn, what stays unknown, and that a map never says too much."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_csv import write_checks_csv
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_markdown import write_markdown
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_xlsx import write_xlsx
from ansible_collections.groundwork.readiness.plugins.module_utils.report import platform_identity_graph as graphs
from ansible_collections.groundwork.readiness.plugins.module_utils.report import platform_identity_texts as texts
from ansible_collections.groundwork.readiness.plugins.module_utils.report.platform_build import platform_report
from ansible_collections.groundwork.readiness.plugins.module_utils.report.platform_entries import EntryRow
from ansible_collections.groundwork.readiness.plugins.module_utils.report.platform_identity import identity_page, identity_tables
from ansible_collections.groundwork.readiness.plugins.module_utils.report.platform_identity_map import identity_map
from ansible_collections.groundwork.readiness.plugins.module_utils.report.platform_page import MAX_ROWS
from ansible_collections.groundwork.readiness.plugins.module_utils.report.platform_view import PlatformView
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.report import html_reading
from tests.unit.report import people_factory as people
from tests.unit.report import platform_factory as make

PLATFORM = make.platform_of(make.records(), "verify")
ALONE = make.alone_view("verify")


def platform(*records: make.Record) -> PlatformView:
    """A platform of which nothing but these is known."""
    return make.platform_of(records, "verify")


def row(name: str) -> EntryRow:
    """The row of that thing."""
    return next(row for table in identity_tables(PLATFORM, 100) for row in table.rows if row.name == name)


def chapter(view: Any) -> str:
    """The chapter of the page."""
    return html_reading.render(view).partition('id="identity"')[2].partition('id="monitoring"')[0]


# ---- what is said ----------------------------------------------------------------------------------------------------


def test_sentences_tell_ways_in_factors_admins_groups_and_personas() -> None:
    assert texts.identity_sentences(PLATFORM) == (
        "4 ways to log in: 2 of the document and 2 of others; 1 missing.",
        "Second factor: 1 asks for one, 2 take a password alone and of 1 the cluster cannot see it.",
        f"3 cluster-admins have an identity of corp-sso and Staff {people.HOSTILE}; of partners nobody knows.",
        "6 groups that the document names: 3 are ready, 1 waiting, 1 missing and 1 broken.",
        "6 personas: 5 have bearers and of 1 nobody knows who has it; of their roles 1 missing and 1 broken.",
    )
    assert texts.identity_brief(PLATFORM) == (
        "Identity: 4 ways to log in (1 missing), 6 groups (1 waiting, 1 missing, 1 broken) and 6 personas (1 missing, 1 broken)."
    )


def test_nothing_asked_for_is_said_and_not_hidden() -> None:
    nothing = platform(make.layer(10, "identity", "ready", wanted=False))
    assert texts.identity_line(nothing) == texts.NOT_ASKED
    assert texts.identity_line(platform(make.layer(10, "identity", "not_evaluated"))) == texts.NOT_LOOKED_AT
    assert texts.identity_brief(nothing) == ""
    page = identity_page(nothing, 10)
    assert (page.map, page.tables) == (None, ())
    assert texts.NOT_ASKED in html_reading.render(make.alone_view("verify", [make.layer(10, "identity", "ready", wanted=False)]))


def test_run_that_was_not_to_look_is_silent() -> None:
    silent = platform_report([], make.header(parts=["operators"]))
    assert texts.identity_sentences(silent) == ()
    assert identity_page(silent, 10).lines == ()


@pytest.mark.parametrize(
    ("records", "sentence"),
    [
        ([people.persona("own")], "No way to log in is seen, and the document names none."),
        ([people.persona("own", "Group a on the cluster")], "1 persona: 1 has bearers."),
        ([people.persona("own")], "1 persona: 1 has none."),
        ([people.persona("own", unknown={"subjects": "x"})], "1 persona: who has them, nobody knows."),
        ([people.login("a")], "The document names no group."),
        ([people.login("a")], "No cluster-admin is known to have an identity of any of them."),
        ([people.login("a", {"cluster_admins": "x"})], "Whether a cluster-admin comes in by a, nobody knows."),
        ([people.group("a")], "1 group that the document names: 1 is ready."),
    ],
)
def test_what_there_is_none_of_differs_from_what_nobody_knows(records: list[make.Record], sentence: str) -> None:
    assert sentence in texts.identity_sentences(platform(*records))


def test_list_that_was_refused_is_no_proof_that_nobody_logs_in() -> None:
    refused = {"kind": "reading", "id": "oauths.config.openshift.io", "state": "forbidden", "costs": []}
    absent = {**refused, "state": "absent"}
    assert texts.identity_sentences(platform(people.persona("a"), refused))[0] == "Which ways to log in there are, nobody knows."
    assert texts.identity_sentences(platform(people.login("a"), refused))[0].endswith("; whether there are others, nobody knows.")
    assert texts.identity_sentences(platform(people.persona("a"), absent))[0].startswith("No way to log in is seen")


# ---- tables ----------------------------------------------------------------------------------------------------------


def test_tables_tell_whose_a_login_is_and_keep_unknown_from_none() -> None:
    assert (row("corp-ldap").standing, row("partners").standing) == ("the document's", "somebody else's")
    assert row("corp-sso").cells[2:4] == ("cannot be seen from the cluster", "anna, ben")
    assert (row("corp-ldap").cells[3], row("partners").cells[3]) == ("none", "not known")
    assert row("partners").notes == ("cluster admins: the account may not list users.user.openshift.io",)
    assert row("ml-speech").cells[2:5] == ("0", "0", "none")
    assert row(f"odd {people.FORMULA}").cells[2:5] == ("12", "not known", "not known")
    assert (row("ai-platform").cells[:2], row("own_one").cells[1]) == (("the cluster itself", "nobody"), "the document's own")


def test_bare_records_claim_nothing() -> None:
    bare = platform(*({"kind": kind, "id": "x"} for kind in ("login", "group", "persona")))
    for table in identity_tables(bare, 9):
        (found,) = table.rows
        assert (found.look, len(found.cells)) == ("not_evaluated", len(table.heads))
        assert set(found.cells) <= {"not known", "cannot be seen from the cluster", ""}
    assert {node.title for node in graphs.identity_graph(bare).columns[2]} == {"x", "Not known"}


def test_login_of_the_document_and_group_that_is_broken_come_first() -> None:
    assert [entry.name for entry in PLATFORM.logins][:2] == ["corp-ldap", "corp-sso"]
    assert [entry.state for entry in PLATFORM.groups] == ["broken", "missing", "waiting", "ready", "ready", "ready"]


# ---- the map ---------------------------------------------------------------------------------------------------------


def ways(graph: graphs.Graph) -> set[tuple[str, ...]]:
    """All ways through the graph from left to right, by the keys of cards; those that end before the last column are left out."""
    ends: dict[graphs.Key, list[graphs.Key]] = {}
    for link in graph.links:
        ends.setdefault(link.start, []).append(link.end)
    return {
        (holder.key[0], holder.key[1], persona[1], place[1])
        for holder in graph.columns[1]
        for persona in ends.get(holder.key, ())
        for place in ends.get(persona, ())
    }


def test_map_leads_from_admins_to_the_whole_cluster_and_from_groups_to_their_namespaces() -> None:
    assert ways(graphs.identity_graph(PLATFORM)) == {
        ("people", "corp-sso", "cluster-admin", ""),
        ("people", f"Staff {people.HOSTILE}", "cluster-admin", ""),
        ("Group", "ai-platform", "platform", ""),
        ("Group", "audit", "auditor", ""),
        ("Group", "ml-vision", "data_scientist", "team-vision"),
        ("Group", "ml-vision", "ml_engineer", "team-vision"),
        ("Group", "ml-vision", "ml_engineer", "team-shared"),
        ("User", f"eve {people.HOSTILE}", "data_scientist", "team-vision"),
        ("ServiceAccount", "build/runner", "service", "team-vision"),
    }


def test_group_of_which_nobody_knows_the_personas_leads_to_what_is_not_known_and_one_without_any_leads_nowhere() -> None:
    graph = graphs.identity_graph(PLATFORM)
    (link,) = [link for link in graph.links if not link.is_known]
    assert (link.start, link.end) == (("Group", f"odd {people.FORMULA}"), ("unknown",))
    assert not [link for link in graph.links if link.start == ("Group", "ml-speech")]
    notes = {node.key: node.notes for column in graph.columns for node in column}
    assert notes["Group", "ml-speech"][1] == "no persona"
    assert notes["persona", "own_one"][0] == "missing; who has it: not known"
    assert notes["Group", "audit"][0] == "broken; 3 of 5 members"


@pytest.mark.parametrize(
    ("facts", "note"),
    [({"synced_by": "a"}, "by GroupSync a"), ({"synced_by": ""}, "no GroupSync brings any"), ({}, "who syncs is not known")],
)
def test_directory_says_who_syncs_from_it(facts: dict[str, Any], note: str) -> None:
    unknown = {} if facts else {"synced_by": "the account may not list groups"}
    graph = graphs.identity_graph(platform(people.group("team", unknown=unknown, **facts)))
    assert graph.columns[0][0].notes == ("directory, LDAP", note)


NAMES = st.sampled_from(["a", "b in c", "d on the cluster", "e"])
PLACES = st.sampled_from(["", "n1", "n2"])
HOLDINGS = st.sets(st.tuples(st.sampled_from(["Group", "User"]), NAMES, st.sampled_from(["p", "q_r"]), PLACES), max_size=12)


def records_of(held: set[tuple[str, str, str, str]], groups: set[str]) -> list[make.Record]:
    """Groups of the document and personas, bound like that."""

    def where(namespace: str) -> str:
        return f"in {namespace}" if namespace else "on the cluster"

    of_groups = [
        people.group(
            name, *sorted(f"{persona} {where(place)}" for kind, holder, persona, place in held if (kind, holder) == ("Group", name))
        )
        for name in sorted(groups)
    ]
    of_personas = [
        people.persona(name, *sorted(f"{kind} {holder} {where(place)}" for kind, holder, persona, place in held if persona == name))
        for name in ("p", "q_r")
    ]
    return [*of_groups, *of_personas]


@settings(deadline=None)
@given(HOLDINGS, st.sets(NAMES))
def test_whoever_follows_the_links_reads_what_is_so_and_nothing_else(held: set[tuple[str, str, str, str]], groups: set[str]) -> None:
    graph = graphs.identity_graph(platform(*records_of(held, groups)))
    assert ways(graph) == held


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 60), st.integers(1, 7), st.integers(0, 20))
def test_map_is_bounded_whatever_there_is_and_every_link_has_two_ends(groups: int, spread: int, logins: int) -> None:
    held = {("Group", f"g{number}", "p", f"n{number // spread}") for number in range(groups)}
    found = platform(
        *records_of(held, {f"g{number}" for number in range(groups)}),
        *(people.login(f"l{number}", cluster_admins=[f"admin-{number}"]) for number in range(logins)),
    )
    graph = graphs.identity_graph(found)
    places = {node.key: column for column, nodes in enumerate(graph.columns) for node in nodes}
    assert max(len(column) for column in graph.columns) <= graphs.MAX_NODES
    assert len(places) == sum(len(column) for column in graph.columns)
    assert all(places[link.end] == places[link.start] + 1 for link in graph.links)
    assert len(graph.columns[1]) + max(graph.left_out[1] - 1, 0) == groups + logins
    assert len(set(graph.links)) == len(graph.links)


def test_rest_of_a_column_says_how_many_and_shows_the_worst_of_them() -> None:
    many = [people.group(f"g{number:03d}", state="missing" if number < 20 else "ready") for number in range(500)]
    column = graphs.identity_graph(platform(*many)).columns[1]
    assert (len(column), column[-1].title, column[-1].notes, column[-1].look) == (
        graphs.MAX_NODES,
        "489 more",
        ("groups and people", "9 of them not ready"),
        "missing",
    )


def test_map_has_its_text_and_a_table_that_is_capped() -> None:
    figure = identity_map(PLATFORM, 5)
    assert figure is not None
    chart = str(figure.chart)
    assert 'role="img"' in chart
    assert "ml-vision: 12 members, by corp-groups, leads to data_scientist, ml_engineer" in chart
    assert "Not known: which personas these, groups have" in chart
    assert (len(figure.rows), figure.note.endswith("The table shows 5 ways of 14; report.xlsx has all groups and personas.")) == (5, True)
    whole = identity_map(PLATFORM, 100)
    assert whole is not None
    assert ("corp", "corp-groups", "ml-vision", "ml_engineer", "team-shared") in whole.rows
    assert ("partners", "", "not known", "", "") in whole.rows
    assert ("hr", "corp-groups", f"odd {people.FORMULA}", "not known", "") in whole.rows


def test_states_of_cards_have_pattern_icon_and_words() -> None:
    figure = identity_map(PLATFORM, 5)
    assert figure is not None
    chart = str(figure.chart)
    for state in ("waiting", "broken", "not_evaluated"):
        assert f'fill="url(#plate-{state})"' in chart
    for state, word in (("missing", "missing; "), ("broken", "broken; "), ("waiting", "waiting; ")):
        assert f'href="#i-{state}"' in chart
        assert word in chart


# ---- the page and other formats --------------------------------------------------------------------------------------


def test_page_has_sentences_map_and_tables_and_foreign_text_stays_text() -> None:
    found = chapter(ALONE)
    for title in ("Ways to log in", "Groups", "Personas"):
        assert f"<summary><span>{title}</span>" in found
    assert "Staff &lt;img src=x onerror=alert(1)&gt;" in found
    assert "<img" not in found
    assert found.count('class="map-card"') == sum(len(column) for column in graphs.identity_graph(PLATFORM).columns)


def test_headings_of_the_chapter_go_down_one_level_at_a_time() -> None:
    levels = html_reading.Reading(html_reading.render(ALONE)).headings()
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_markup_of_the_map_has_no_style_that_the_policy_forbids() -> None:
    assert not re.search(r"\sstyle=", chapter(ALONE))


def test_long_tables_are_capped_and_name_their_sheet() -> None:
    text = html_reading.render(make.alone_view("verify", [people.group(f"g{number:04d}") for number in range(MAX_ROWS + 2)]))
    assert "2 more are in report.xlsx, sheet Identity groups." in text


def test_workbook_keeps_unknown_empty_and_formulas_text(tmp_path: Path) -> None:
    write_xlsx(ALONE, tmp_path / "report.xlsx")
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    head, *body = book["Identity groups"].iter_rows()
    titles = [cell.value for cell in head]
    found = {line[0].value: dict(zip(titles, line, strict=True)) for line in body}
    cell = found[people.FORMULA]["Group"]
    assert (cell.data_type, cell.value) == ("s", people.FORMULA)
    assert found[f"odd {people.FORMULA}"]["Personas"].value is None
    assert (found["ml-speech"]["Personas"].value, found["ml-speech"]["Members on the cluster"].value) == ("none", 0)
    logins = {line[0]: line for line in book["Logins"].iter_rows(min_row=2, values_only=True)}
    assert (logins["corp-ldap"][6], logins["partners"][6]) == ("none", None)
    summary = [str(value) for line in book["Summary"].iter_rows(values_only=True) for value in line if value]
    assert texts.identity_line(PLATFORM) in summary


def test_subject_of_a_cluster_that_looks_like_a_formula_is_harmless_in_csv(tmp_path: Path) -> None:
    found = make.finding("identity.groups.there", people.FORMULA, layer="identity", message=people.FORMULA)
    write_checks_csv(make.alone_view("verify", [found]), tmp_path / "platform.csv")
    text = (tmp_path / "platform.csv").read_text(encoding="utf-8")
    assert text.count(f"'{people.FORMULA}") == text.count(people.FORMULA) == 2


def test_markdown_has_the_tables_with_foreign_text_as_text(tmp_path: Path) -> None:
    write_markdown(ALONE, tmp_path / "report.md")
    text = (tmp_path / "report.md").read_text(encoding="utf-8").partition("### Identity")[2].partition("### Monitoring")[0]
    assert "| Login | State | Whose |" in text
    assert "| `corp-ldap` | missing | the document's | LDAP |" in text
    assert "| `audit` | broken | directory corp, LDAP | corp-groups | 3 | 5 |" in text
    assert "<img" not in re.sub(r"`[^`]*`", "", text)
