# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Distinguished names (RFC 4514), taken apart so that two ways to write one are the same."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, TypeAlias

Dn: TypeAlias = tuple[tuple[tuple[str, str], ...], ...]
"""Its parts from the first to the last, each the pairs of attribute and value, in lower case and sorted."""

_SHIELDED: Final = re.compile(r'[\\"]')
_ESCAPED: Final = re.compile(r"((?:\\[0-9a-fA-F]{2})+)|\\(.)", re.DOTALL)
"""Octets of UTF-8 in hex, or one sign."""


def parsed(text: str) -> Dn | None:
    """The parts of a DN; None for what is none. The empty text is the root, which has no part."""
    if not text.strip():
        return ()
    parts = []
    for piece in _split(text, ",;"):
        pairs = [_pair(each) for each in _split(piece, "+")]
        if any(pair is None for pair in pairs):
            return None
        parts.append(tuple(sorted(pair for pair in pairs if pair is not None)))
    return tuple(parts)


def is_below(dn: Dn, base: Dn) -> bool:
    """Whether a DN is the base or lies below it."""
    return len(dn) >= len(base) and dn[len(dn) - len(base) :] == base


def first_part(dn: Dn) -> tuple[str, str]:
    """Attribute and value that the entry itself is named by."""
    return dn[0][0] if dn else ("", "")


def _split(text: str, signs: str) -> list[str]:
    """The text at these signs, but for those that are escaped or in quotes."""
    if not _SHIELDED.search(text):
        return text.replace(signs[-1], signs[0]).split(signs[0])
    pieces, piece, quoted, escaped = [], "", False, False
    for letter in text:
        if not escaped and not quoted and letter in signs:
            pieces.append(piece)
            piece = ""
            continue
        quoted ^= letter == '"' and not escaped
        escaped = letter == "\\" and not escaped
        piece += letter
    return [*pieces, piece]


@lru_cache(maxsize=4096)
def _pair(text: str) -> tuple[str, str] | None:
    kind, equals, value = text.partition("=")
    kind, value = kind.strip().casefold(), _stripped(value)
    if not equals or not kind:
        return None
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    return kind, " ".join((_unescaped(value) if "\\" in value else value).casefold().split())


def _stripped(value: str) -> str:
    """Without the spaces around it; one that is escaped belongs to it."""
    value = value.lstrip()
    bare = value.rstrip()
    return f"{bare} " if bare.endswith("\\") and len(bare) < len(value) else bare


def _unescaped(value: str) -> str:
    def meant(found: re.Match[str]) -> str:
        return bytes.fromhex(found[1].replace("\\", "")).decode("utf-8", "replace") if found[1] else str(found[2])

    return _ESCAPED.sub(meant, value)
