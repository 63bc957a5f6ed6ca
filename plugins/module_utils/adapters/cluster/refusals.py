# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an API server means when it refuses a write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from .client import UNTYPED, ApiFault

RIGHTS: Final = "roles/plan/files/apply_rights.yml"
"""File of the collection with the rights that the plan stage needs."""

_RIGHTS: Final = re.compile(
    r'cannot (?P<verb>\w+) resource "(?P<resource>[^"]*)" in API group "(?P<group>[^"]*)"(?: in the namespace "(?P<namespace>[^"]*)")?'
)
_MANAGER: Final = re.compile(r'conflict with "(?P<manager>[^"]*)"')


def lacking_permission(fault: ApiFault) -> str:
    """The permission that the account lacks, `create plans.forklift.konveyor.io in openshift-mtv`.

    Empty where that is not the reason: webhooks and quotas refuse with 403 as well.
    """
    found = _RIGHTS.search(fault.message) if fault.code == 403 else None
    if found is None:
        return ""
    resource = f"{found['resource']}.{found['group']}" if found["group"] else found["resource"]
    # To the server a namespace is within itself.
    return f"{found['verb']} {resource}" + (f" in {found['namespace']}" if found["namespace"] and resource != "namespaces" else "")


def rights_hint(rights: str) -> str:
    """Where the rights are that an account lacks."""
    return f"The rights that are needed come with the collection: {rights}."


def missing_namespace(fault: ApiFault) -> str:
    """The namespace that does not exist, where the object was refused for that."""
    is_it = fault.code == 404 and fault.details.get("kind") == "namespaces"
    return str(fault.details.get("name") or "") if is_it else ""


def owned_by_others(fault: ApiFault) -> tuple[tuple[str, str], ...]:
    """(field manager, field) of each field that somebody else has applied; empty for a conflict of another kind."""
    if fault.code != 409:
        return ()
    return tuple((_manager(cause), str(cause.get("field"))) for cause in _causes(fault) if cause.get("reason") == "FieldManagerConflict")


def is_of_schema(fault: ApiFault) -> bool:
    """Whether the object has fields that its kind does not, or of another type: the server says so with a 500."""
    return fault.code == 500 and UNTYPED in fault.message


def words(fault: ApiFault) -> str:
    """The refusal on one line, with the fields at fault."""
    return " ".join(fault.message.split()) or f"HTTP {fault.code}"


def _manager(cause: Mapping[str, Any]) -> str:
    found = _MANAGER.search(str(cause.get("message")))
    return found["manager"] if found else ""


def _causes(fault: ApiFault) -> Iterator[Mapping[str, Any]]:
    found = fault.details.get("causes")
    for cause in found if isinstance(found, list) else ():
        if isinstance(cause, dict):
            yield cause
