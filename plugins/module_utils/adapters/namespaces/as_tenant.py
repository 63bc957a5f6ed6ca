# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests in the name of a tenant: the headers that say so, and what the server says of an account that may not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ..cluster.client import ApiConnection, ApiFault

IMPERSONATED: Final = "the account is itself impersonated, and cannot be somebody else as well"
NO_HEADER: Final = "the name cannot stand in a header"
_USER, _GROUP = "Impersonate-User", "Impersonate-Group"
_CANNOT: Final = re.compile(r'cannot impersonate[\w:-]* resource "(?P<resource>[^"]*)"')
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")


def is_impersonated(connection: ApiConnection) -> bool:
    """Whether the account already acts in somebody else's name."""
    return any(name.lower().startswith("impersonate-") for name, _value in connection.access.headers)


def headers_of(user: str, groups: Sequence[str]) -> tuple[tuple[str, str], ...] | None:
    """The headers, names in UTF-8; None where a name would not arrive as it is."""
    pairs = [(_USER, user), *((_GROUP, name) for name in groups)]
    if any(not name or name != name.strip() or _CONTROLS.search(name) for _header, name in pairs):
        return None
    # http.client writes headers as Latin-1, which leaves bytes as they are.
    return tuple((header, name.encode("utf-8", "surrogatepass").decode("latin-1")) for header, name in pairs)


def may_not_be(fault: ApiFault) -> tuple[str, str] | None:
    """Resource and name as which the account may not act; None where the refusal is another one."""
    found = _CANNOT.search(fault.message) if fault.code == 403 else None
    return (found["resource"], str(fault.details.get("name") or "")) if found is not None else None


def right_to_be(lacks: tuple[str, str]) -> str:
    """The right that is lacking, in words: impersonate groups retail-ai."""
    return f"impersonate {' '.join(part for part in lacks if part)}"
