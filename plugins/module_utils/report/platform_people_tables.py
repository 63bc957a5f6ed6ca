# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Identity and monitoring as tables, for the workbook. An empty cell means that nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .platform_entries import joined_cell, known_cell, reasons_cell
from .platform_identity_texts import FACTOR_NOT_SEEN, FACTOR_WORDS, SOURCE_WORDS, TYPE_WORDS, WHOSE_WORDS
from .platform_monitoring import EVALUATOR_WORDS, owner_text
from .platform_monitoring_texts import ALERT_WORDS, NO_OWNER, WATCH_WORDS
from .platform_monitoring_texts import TYPE_WORDS as WATCH_TYPES
from .platform_texts import STATE_WORDS, words
from .tables import Column, Row, Table
from .view import ReportView

_UNKNOWN: Final = Column("unknown", "Why facts are not known", 40, "long")


def login_rows(view: ReportView) -> Iterator[Row]:
    """The ways to log in."""
    for entry in view.platform.logins if view.platform else ():
        yield (
            entry.name,
            words(entry.state, STATE_WORDS),
            words(entry.whose, WHOSE_WORDS),
            words(entry.login_type, TYPE_WORDS),
            known_cell(entry.place),
            FACTOR_WORDS.get(entry.second_factor, FACTOR_NOT_SEEN),
            joined_cell(entry.cluster_admins),
            known_cell(entry.mapping_method, "by its tokens"),
            entry.reason,
            reasons_cell(entry.unknown),
        )


def group_rows(view: ReportView) -> Iterator[Row]:
    """The groups that the document names."""
    for entry in view.platform.groups if view.platform else ():
        own = (entry.name, words(entry.state, STATE_WORDS), words(entry.source, SOURCE_WORDS), known_cell(entry.directory))
        counts = (known_cell(entry.synced_by, "nobody"), entry.members, entry.members_of_source)
        yield (*own, *counts, joined_cell(entry.personas), entry.reason, reasons_cell(entry.unknown))


def persona_rows(view: ReportView) -> Iterator[Row]:
    """The personas and who has them."""
    for entry in view.platform.personas if view.platform else ():
        own = (entry.name, words(entry.state, STATE_WORDS), entry.role, entry.shipped, entry.allows, entry.denies)
        yield (*own, joined_cell(entry.subjects), reasons_cell(entry.unknown))


def alert_rows(view: ReportView) -> Iterator[Row]:
    """The alerts, each in the place where it stands."""
    for entry in view.platform.alerts if view.platform else ():
        own = (entry.name, words(entry.state, ALERT_WORDS), entry.group, entry.severity, owner_text(entry.owner))
        told = (joined_cell(entry.receivers), joined_cell(entry.untold), words(entry.evaluator, EVALUATOR_WORDS), entry.namespace)
        yield (*own, *told, reasons_cell(entry.unknown))


def watch_rows(view: ReportView) -> Iterator[Row]:
    """What people rely on: what nobody watches first."""
    for entry in view.platform.watched if view.platform else ():
        yield (
            entry.name,
            words(entry.state, WATCH_WORDS),
            words(entry.watch_type, WATCH_TYPES),
            known_cell(entry.owner, NO_OWNER),
            joined_cell(entry.monitors),
            entry.alerts,
            entry.told,
            entry.reason,
            entry.remedy,
            reasons_cell(entry.unknown),
        )


IDENTITY_TABLES: Final = (
    Table(
        "Logins",
        (
            Column("login", "Login", 24),
            Column("state", "State", 14),
            Column("whose", "Whose", 16),
            Column("login_type", "Kind", 16),
            Column("place", "Server", 30),
            Column("second_factor", "Second factor", 30),
            Column("cluster_admins", "Cluster-admins who have an identity of it", 40, "long"),
            Column("mapping_method", "How identities become users", 16),
            Column("reason", "What keeps it from being ready", 50, "long"),
            _UNKNOWN,
        ),
        login_rows,
    ),
    Table(
        "Identity groups",
        (
            Column("group", "Group", 30),
            Column("state", "State", 14),
            Column("source", "Lives in", 16),
            Column("directory", "Directory", 18),
            Column("synced_by", "Synced by", 18),
            Column("members", "Members on the cluster", 10, "count"),
            Column("members_of_source", "Members in its directory", 10, "count"),
            Column("personas", "Personas", 50, "long"),
            Column("reason", "What differs", 60, "long"),
            _UNKNOWN,
        ),
        group_rows,
    ),
    Table(
        "Personas",
        (
            Column("persona", "Persona", 20),
            Column("state", "State of its role", 14),
            Column("role", "ClusterRole", 44),
            Column("shipped", "Shipped", 9),
            Column("allows", "Rows that allow", 9, "count"),
            Column("denies", "Rows that deny", 9, "count"),
            Column("subjects", "Who has it", 60, "long"),
            _UNKNOWN,
        ),
        persona_rows,
    ),
)
MONITORING_TABLES: Final = (
    Table(
        "Alerts",
        (
            Column("alert", "Alert", 50),
            Column("state", "State", 14),
            Column("group", "Group", 18),
            Column("severity", "Severity", 10),
            Column("owner", "For", 20),
            Column("receivers", "Who is told", 40, "long"),
            Column("untold", "Whom it does not reach", 40, "long"),
            Column("evaluator", "Evaluated by", 40),
            Column("namespace", "Namespace", 30),
            _UNKNOWN,
        ),
        alert_rows,
    ),
    Table(
        "Watched",
        (
            Column("name", "What", 40),
            Column("state", "Watched", 18),
            Column("watch_type", "What it is", 14),
            Column("owner", "Who answers for it", 18),
            Column("monitors", "Scraped by", 50, "long"),
            Column("alerts", "Alerts that are wanted for it", 10, "count"),
            Column("told", "Owner is told", 9),
            Column("reason", "What lacks, or why nobody knows", 60, "long"),
            Column("remedy", "What to do", 60, "long"),
            _UNKNOWN,
        ),
        watch_rows,
    ),
)
"""In the order of the workbook's sheets."""
