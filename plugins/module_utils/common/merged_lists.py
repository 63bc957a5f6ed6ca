# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists that a server merges item by item, as the ownership of their fields shows them.

In fieldsV1 an item with keys stands as `k:{"name":"a"}`, an item of a set as `v:"a"`; the item itself is the field `.`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

ITSELF: Final = "."
_ITEMS: Final = ("k:", "v:")


def is_item(name: str) -> bool:
    """Whether a name of fieldsV1 means an item of a list."""
    return name.startswith(_ITEMS)


def item_names(fields: Iterable[str]) -> list[str]:
    """The names that mean items of a list; none for a list that is set as a whole."""
    return [name for name in fields if is_item(name)]


def is_meant(item: object, name: str, *, exactly: bool = True) -> bool:
    """Whether the item is the one of that name. Unless `exactly`, a key that it lacks may have any value: the server has a default."""
    wanted = _read(name)
    if name.startswith("v:"):
        return bool(item == wanted)
    return isinstance(item, Mapping) and all(item[key] == value if key in item else not exactly for key, value in wanted.items())


def name_of(item: object, names: Sequence[str]) -> str:
    """Which of the names means the item, one that does so in full before others; empty where none does."""
    found = (name for exactly in (True, False) for name in names if is_meant(item, name, exactly=exactly))
    return next(found, "")


def place_of(items: Sequence[object], name: str) -> int:
    """Where the item of that name stands; -1 where it does not."""
    return next((place for place, item in enumerate(items) if is_meant(item, name)), -1)


def keys_of(name: str) -> list[str]:
    """The keys by which items are told apart; none in a set."""
    return sorted(_read(name)) if name.startswith("k:") else []


def shown_name(name: str) -> str:
    """The name as the server writes it in paths: `[name="a",port=80]`."""
    wanted = _read(name)
    if name.startswith("v:"):
        return f"[={json.dumps(wanted)}]"
    return f"[{','.join(f'{key}={json.dumps(wanted[key])}' for key in sorted(wanted))}]"


@lru_cache(maxsize=4096)
def _read(name: str) -> Any:
    return json.loads(name[2:])
