# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the property collector says of one object, decoded but not yet understood.

Values keep the shape of the SOAP answer, whatever client library is installed:

- a leaf is its text as it stands on the wire (`"true"`, `"4096"`, `"poweredOn"`);
- a reference to a managed object is a `Reference`;
- a data object is a dict of its children by element name, with its `xsi:type` (without prefix) under `TYPE`;
- a child that is repeated is a list, one that stands alone is not: `many` reads both;
- the value of an `ArrayOf…` property is always a list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

TYPE: Final = "xsi:type"
"""Key of a data object under which its class stands, such as VirtualDisk; absent where the answer names none."""


class Reference(NamedTuple):
    """A reference to a managed object: its class, such as VirtualMachine, and its id, such as vm-42."""

    type: str
    moref: str


@dataclass(frozen=True, slots=True)
class ObjectRead:
    """One object as read.

    `values` holds the properties that were answered, by path. `missing` holds those that the server refused or failed
    to give, with the reason in words ("no permission: privilege System.Read is missing"). A path in neither is one
    that the server has no value for. Objects may share values, so nobody changes them.
    """

    type: str
    moref: str
    values: Mapping[str, Any]
    missing: Mapping[str, str]


def many(node: Any, name: str) -> Sequence[Any]:
    """The children of a data object with one element name, none, one or many of them; empty for a node that is absent."""
    value = node.get(name) if isinstance(node, dict) else None
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)
