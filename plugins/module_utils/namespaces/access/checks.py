# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of who may do what in the namespaces of contracts, as the API server itself answers."""

from __future__ import annotations

from typing import Final

from ...platform.checks import Check
from ..check_list import PEOPLE, STAGE

_REVIEWS: Final = "Kubernetes, authorization.k8s.io/v1 SubjectAccessReview: the API server's own word; rows of the persona"


def _check(name: str, title: str, remedy: str, source: str) -> Check:
    return Check(f"{STAGE}.access.{name}", STAGE, PEOPLE, title, remedy, source)


ROWS: Final = _check(
    "rows",
    "Who has a persona by contract can do what it says in its namespace, and nothing that it excludes, there or elsewhere",
    "take away the binding that is named, or the rule from its role; what is missing comes back with the next run",
    _REVIEWS,
)
MEMBERS: Final = _check(
    "members",
    "Nobody in a group of the contract reaches further than the group, by a binding or a group of their own",
    "take the binding away, or let them leave one of the groups",
    _REVIEWS,
)
STRANGERS: Final = _check(
    "strangers",
    "No binding lets anybody into the namespace who has no persona there by contract",
    "take the binding away, or name in the contract whom it reaches",
    _REVIEWS,
)
DRY_RUN: Final = _check(
    "dry_run",
    "What somebody with a persona may make is admitted as theirs, and what they may not make is refused",
    "see which admission policy, webhook or quota refuses it, or take away the binding that lets it through",
    "Kubernetes, creation with dryRun=All as the tenant (Impersonate-User, Impersonate-Group)",
)

CHECKS: Final[tuple[Check, ...]] = (ROWS, MEMBERS, STRANGERS, DRY_RUN)
