# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Identity as tables in words, for the page and for Markdown; `platform_identity_map.py` draws how they hang together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .charts import Figure
from .platform_entries import EntryRow, EntryTable, answer_text, badge_look, entry_table, names_text, unknown_notes
from .platform_identity_map import identity_map
from .platform_identity_texts import FACTOR_NOT_SEEN, FACTOR_WORDS, SOURCE_WORDS, TYPE_WORDS, WHOSE_WORDS, identity_sentences
from .platform_texts import NOT_KNOWN, STATE_WORDS, figure_text, words
from .platform_view import GroupView, LoginView, PersonaView, PlatformView

LOGIN_HEADS: Final = ("Kind", "Server", "Second factor", "Cluster-admins who have it", "How identities become users", "What keeps it")
GROUP_HEADS: Final = ("Lives in", "Synced by", "Members", "In the directory", "Personas", "What differs")
PERSONA_HEADS: Final = ("ClusterRole", "Shipped", "Rows that allow", "Rows that deny", "Who has it")
MAX_SUBJECTS: Final = 12


@dataclass(frozen=True, slots=True)
class IdentityPage:
    """The page's chapter on identity."""

    lines: tuple[str, ...]
    """empty where the run was not to look at it"""
    map: Figure | None
    """who comes in and what that leads to; None where nothing is known"""
    tables: tuple[EntryTable, ...]


def identity_page(platform: PlatformView, most: int) -> IdentityPage:
    """The chapter with at most so many rows a table."""
    lines = identity_sentences(platform)
    return IdentityPage(lines, identity_map(platform, most) if lines else None, identity_tables(platform, most))


def identity_tables(platform: PlatformView, most: int) -> tuple[EntryTable, ...]:
    """The tables with at most so many rows each; a kind of which there is nothing has none."""
    found = (
        entry_table("Ways to log in", "Login", LOGIN_HEADS, platform.logins, _login, most, sheet="Logins", standing="Whose"),
        entry_table("Groups", "Group", GROUP_HEADS, platform.groups, _group, most, sheet="Identity groups"),
        entry_table("Personas", "Persona", PERSONA_HEADS, platform.personas, _persona, most, state="Role"),
    )
    return tuple(table for table in found if table.rows)


def _login(entry: LoginView) -> EntryRow:
    cells = (
        words(entry.login_type, TYPE_WORDS) or NOT_KNOWN,
        answer_text(entry.place),
        words(entry.second_factor, FACTOR_WORDS) if entry.second_factor in FACTOR_WORDS else FACTOR_NOT_SEEN,
        names_text(entry.cluster_admins),
        answer_text(entry.mapping_method, "by its tokens"),
        entry.reason,
    )
    whose = words(entry.whose, WHOSE_WORDS) or NOT_KNOWN
    return EntryRow(entry.name, badge_look(entry.state), words(entry.state, STATE_WORDS), whose, cells, unknown_notes(entry.unknown))


def home_text(entry: GroupView) -> str:
    """Where a group lives: `directory corp, LDAP`."""
    source = words(entry.source, SOURCE_WORDS) or NOT_KNOWN
    return f"directory {entry.directory}, {source}" if entry.directory else source


def _group(entry: GroupView) -> EntryRow:
    cells = (
        home_text(entry),
        answer_text(entry.synced_by, "nobody"),
        figure_text(entry.members),
        figure_text(entry.members_of_source),
        names_text(entry.personas, MAX_SUBJECTS),
        entry.reason,
    )
    return EntryRow(entry.name, badge_look(entry.state), words(entry.state, STATE_WORDS), "", cells, unknown_notes(entry.unknown))


def _persona(entry: PersonaView) -> EntryRow:
    cells = (
        entry.role or NOT_KNOWN,
        {True: "yes", False: "the document's own", None: NOT_KNOWN}[entry.shipped],
        figure_text(entry.allows),
        figure_text(entry.denies),
        names_text(entry.subjects, MAX_SUBJECTS, "nobody"),
    )
    return EntryRow(entry.name, badge_look(entry.state), words(entry.state, STATE_WORDS), "", cells, unknown_notes(entry.unknown))
