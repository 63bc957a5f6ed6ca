# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Foreign text and tables in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

MAX_ROWS: Final = 10
"""Rows of a table whose length depends on the estate; the workbook and the page hold the rest."""

SPECIAL: Final = re.compile(r"([\\`*_\[\]~#$])")
CONTROL: Final = re.compile("[\x00-\x1f\x7f\ud800-\udfff]+")
ZERO_WIDTH_SPACE: Final = "&#8203;"


def prose(text: str) -> str:
    """Foreign text within a sentence or cell: no markup, no HTML, no links, no mentions."""
    text = CONTROL.sub(" ", text).strip()
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = SPECIAL.sub(r"\\\1", text).replace("|", "&#124;")
    text = text.replace("://", f":{ZERO_WIDTH_SPACE}//").replace("www.", f"www{ZERO_WIDTH_SPACE}.")
    return text.replace("@", f"@{ZERO_WIDTH_SPACE}")


def code(text: str) -> str:
    """A name from the estate as a code span, in which nothing is interpreted; one with a pipe, which would end a cell, as prose."""
    text = CONTROL.sub(" ", text)
    if not text.strip() or "|" in text:
        return prose(text)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if text.startswith("`") or text.endswith("`") or (text.startswith(" ") and text.endswith(" ")) else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int] = ()) -> Iterator[str]:
    """A table; the columns in `numbers` are aligned to the right."""
    yield f"| {' | '.join(heads)} |"
    yield f"| {' | '.join('---:' if index in numbers else '---' for index in range(len(heads)))} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"
