# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes an HTML report apart for the tests: elements, headings, inline scripts, and the data blocks decoded again."""

from __future__ import annotations

import base64
import itertools
import json
import re
import zlib
from html.parser import HTMLParser
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_html import render_html
from ansible_collections.groundwork.readiness.plugins.module_utils.report.view import ReportView
from ansible_collections.groundwork.readiness.plugins.plugin_utils.report_files import load_assets


class Reading(HTMLParser):
    """Every element with its attributes, the text outside of scripts and styles, and the content of these."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.raw: list[tuple[str, dict[str, str | None], str]] = []
        self._within: tuple[str, dict[str, str | None]] | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self._within = (tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if self._within and tag == self._within[0]:
            self._within = None

    def handle_data(self, data: str) -> None:
        if self._within:
            self.raw.append((*self._within, data))
        else:
            self.text.append(data)

    def ids(self) -> list[str]:
        """The id of every element that has one."""
        return [attributes["id"] or "" for _tag, attributes in self.elements if "id" in attributes]

    def headings(self) -> list[int]:
        """The levels of all headings in order."""
        return [int(tag[1]) for tag, _attributes in self.elements if re.fullmatch("h[1-6]", tag)]

    def content(self, element_id: str) -> str:
        """The content of the script element with that id."""
        return next(text for _tag, attributes, text in self.raw if attributes.get("id") == element_id)


def render(view: ReportView) -> str:
    """The page of a view, with the shipped assets."""
    return render_html(view, load_assets()).decode()


def unpack(text: str) -> Any:
    """A data block as the page's script sees it."""
    return json.loads(zlib.decompress(base64.b64decode(text)))


def table_of(reading: Reading) -> dict[str, Any]:
    """The decoded table block."""
    table: dict[str, Any] = unpack(reading.content("table-data"))
    return table


def resolved(block: dict[str, Any]) -> dict[str, Any]:
    """An evidence block with its references, of which 0 stands for the next new text or evidence, made plain numbers."""
    text, item = itertools.count(), itertools.count()
    evidence = [next(text) if reference == 0 else reference - 1 for reference in block["evidence"]]
    findings = [
        [[rule, waived, *(next(item) if reference == 0 else reference - 1 for reference in items)] for rule, waived, *items in of_vm]
        for of_vm in block["findings"]
    ]
    return {"texts": block["texts"], "evidence": evidence, "findings": findings}


def evidence_of(reading: Reading, table: dict[str, Any], row: int) -> list[tuple[str, list[list[str]]]]:
    """The findings of one row as (rule id, evidence), decoded as the page's script does."""
    block = resolved(unpack(reading.content(f"evidence-{row // table['chunk']}")))
    name = table["name"][row]

    def text(index: int) -> str:
        return re.sub("\x01([01])", lambda match: name if match[1] == "1" else "\x01", block["texts"][index])

    return [
        (table["ruleIds"][rule], [[text(index) for index in block["evidence"][4 * item : 4 * item + 4]] for item in items])
        for rule, _waived, *items in block["findings"][row % table["chunk"]]
    ]
