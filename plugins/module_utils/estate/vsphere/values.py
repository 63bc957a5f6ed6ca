# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what stands on the wire to a value of the model.

A converter takes a node and returns the value, or None for a node that is none of what it should be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from sys import intern
from typing import Any, Final, TypeAlias

from .objects import Reference

Converter: TypeAlias = Callable[[Any], Any]

MIB: Final = 1 << 20
KIB: Final = 1 << 10

_FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}
_SETTING_FLAGS: Final = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False, "": False}
_ESCAPED: Final = re.compile("%(2f|5c|25)", re.IGNORECASE)
_ESCAPES: Final = {"2f": "/", "5c": "\\", "25": "%"}
_UTC_MOMENT: Final = re.compile(r"[12]\d{3}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(?:\.\d+)?Z")
_OFFSET: Final = re.compile(r"(.{19})(?:\.\d+)?([+-]\d{2}:\d{2})?")
_FIRST_YEAR: Final = "1971"
"""Earlier moments are what systems write for never."""


def text(node: Any) -> str | None:
    """A text as it is."""
    return node if node.__class__ is str else None


def name(node: Any) -> str | None:
    """The name of an entity: vSphere writes its slash, backslash and percent sign as %2f, %5c and %25."""
    if node.__class__ is not str:
        return None
    return _ESCAPED.sub(lambda found: _ESCAPES[found[1].lower()], node) if "%" in node else node


def repeated(node: Any) -> str | None:
    """A text that many objects share, kept once."""
    return intern(node) if node.__class__ is str else None


def label(device: Any) -> str | None:
    """The label of a device; vSphere puts a blank behind some of them."""
    info = device.get("deviceInfo") if device.__class__ is dict else None
    shown = info.get("label") if info.__class__ is dict else None
    return intern(shown.strip()) if shown.__class__ is str else None


def lower(node: Any) -> str | None:
    """A text in lower case, as UUIDs and MAC addresses are kept."""
    return node.lower() if node.__class__ is str else None


def flag(node: Any) -> bool | None:
    """True or false."""
    return _FLAGS.get(node) if node.__class__ is str else None


def setting_flag(node: Any) -> bool | None:
    """True or false as an advanced setting writes it: TRUE, true, 1, yes."""
    return _SETTING_FLAGS.get(node.strip().lower()) if node.__class__ is str else None


def whole(node: Any) -> int | None:
    """A whole number, negative ones too."""
    try:
        return int(node) if node.__class__ is str else None
    except ValueError:
        return None


def count(node: Any) -> int | None:
    """A whole number that cannot be negative."""
    value = whole(node)
    return value if value is not None and value >= 0 else None


def limit(node: Any) -> int | None:
    """A limit: a number, or -1 for none."""
    value = whole(node)
    return value if value is not None and value >= -1 else None


def mib(node: Any) -> int | None:
    """Whole MiB, from bytes."""
    value = count(node)
    return None if value is None else value // MIB


def moment(node: Any) -> str | None:
    """A moment in ISO 8601, in UTC with Z and without fractions; None for one before 1971, which stands for never."""
    if node.__class__ is not str:
        return None
    if _UTC_MOMENT.fullmatch(node):
        written = f"{node[:19]}Z"
    else:
        found = _OFFSET.fullmatch(node)
        try:
            shown = datetime.fromisoformat(f"{found[1]}{found[2] or '+00:00'}") if found else None
        except ValueError:
            return None
        if shown is None:
            return None
        written = f"{shown.astimezone(timezone.utc).replace(tzinfo=None).isoformat()}Z"
    return written if written >= _FIRST_YEAR else None


def hardware_version(node: Any) -> int | None:
    """Virtual hardware version: 21 for vmx-21."""
    return count(node.removeprefix("vmx-")) if node.__class__ is str else None


def numbers(node: Any) -> list[int] | None:
    """Whole numbers that cannot be negative."""
    if not isinstance(node, list):
        return None
    found = [count(entry) for entry in node]
    known = [entry for entry in found if entry is not None]
    return known if len(known) == len(found) else None


def word(known: Iterable[str]) -> Converter:
    """One of the words of a closed vocabulary, each kept once."""
    return {entry: entry for entry in known}.get


def reference(node: Any) -> Reference | None:
    """A reference to a managed object."""
    return node if isinstance(node, Reference) else None


def references(node: Any) -> list[Reference]:
    """References to managed objects; none for a node that holds none."""
    return [entry for entry in node if isinstance(entry, Reference)] if isinstance(node, list) else []


def shown(node: Any) -> str:
    """A node in a message: short, and never more than a word of it."""
    return f"{node:.60}" if isinstance(node, str) else node.__class__.__name__
