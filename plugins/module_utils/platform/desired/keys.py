# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A key of the desired-state document: its meaning and what is allowed, beside the field of the dataclass; patterns of many keys."""

from __future__ import annotations

from dataclasses import field as dataclass_field
from typing import Any, Final

NAME: Final = r"[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?"
"""Name of most objects."""
NAMESPACE: Final = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
"""Name of a namespace, and of what else is a label of DNS."""
LABEL_VALUE: Final = r"[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?"
"""Value of a label that is not empty, and name of a label without its prefix."""
NAME_LABEL: Final = "kubernetes.io/metadata.name"
"""Label that each namespace bears with its own name."""
MAY_LACK: Final = r"({})?"
"""Form of a pattern that an empty text fits as well."""

PRESENT, ABSENT = "present", "absent"

_NOT_GIVEN: Final = object()


def key(
    meaning: str,
    default: Any = _NOT_GIVEN,
    *,
    allowed: tuple[str, ...] = (),
    least: float | None = None,
    above: float | None = None,
    pattern: str = "",
) -> Any:
    """A key of the document: without a default it is required. `pattern` is a regular expression that the whole text matches."""
    metadata = {"meaning": meaning, "allowed": allowed, "least": least, "above": above, "pattern": pattern}
    if default is _NOT_GIVEN:
        return dataclass_field(metadata=metadata)
    if default in ({}, ()) and not isinstance(default, str):
        return dataclass_field(default_factory=type(default), metadata=metadata)
    return dataclass_field(default=default, metadata=metadata)
