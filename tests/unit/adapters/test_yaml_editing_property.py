# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML as people may write it, edited: the data are those of before with the entries, and the lines are those of before."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.yaml_editing import PyYamlText
from ansible_collections.groundwork.readiness.plugins.module_utils.common.yaml_text import (
    Entry,
    Listed,
    Setting,
    holds,
    same,
    value_at,
    with_entry,
    without_entry,
)
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

TEXT = PyYamlText()
EDITS = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
KEYS = ("a", "b", "c", "x.y", "list")
PATHS = (("a",), ("b",), ("a", "b"), ("b", "a", "c"), ("c", "a"))
LISTS = (("list",), ("a", "list"), ("b", "c", "list"))
ENTRIES = st.one_of(
    st.builds(Setting, st.sampled_from(PATHS), st.sampled_from([True, False, "15d", "yes", 3, {"a": "x", "b": 1}])),
    st.builds(Listed, st.sampled_from(LISTS), st.sampled_from(["team-a", "team-b", "no"])),
)
WISHES = st.lists(ENTRIES, min_size=1, max_size=3)
SCALARS = (
    "1",
    "true",
    "text",
    "two words",
    "'single'",
    '"double # no comment"',
    "~",
    "null",
    "",
    "team-a",
    "it's",
    "2026-01-02",
    "http://x:1",
)
IN_LINES = ("some text", "# text", "")
COMMENTED = re.compile(r"# c\d+")


class Writer:
    """Writes documents by choices that are drawn; each comment has a number of its own."""

    def __init__(self, draw: Any) -> None:
        self._draw = draw
        self._comments = 0

    def chosen(self, *of: Any) -> Any:
        return self._draw(st.sampled_from(of))

    def comment(self) -> str:
        self._comments += 1
        return f"# c{self._comments}"

    def tail(self) -> str:
        """What stands behind a value."""
        return f" {self.comment()}" if self.chosen(False, False, True) else ""

    def between(self, column: int, before: list[str]) -> list[str]:
        """Lines between two entries. Behind a text in lines of its own a comment that is set in would belong to the text."""
        kind = self.chosen("", "", "", "comment", "deep", "blank")
        if kind == "deep" and before and before[-1].strip() in IN_LINES:
            return []
        if kind == "comment":
            return [" " * column + self.comment()]
        return [" " * (column + 3) + self.comment()] if kind == "deep" else [""] if kind == "blank" else []

    def names(self, most: int = 4) -> list[str]:
        return self._draw(st.lists(st.sampled_from(KEYS), unique=True, min_size=1, max_size=most))

    def mapping(self, column: int, depth: int) -> list[str]:
        lines: list[str] = []
        for key in self.names():
            lines += self.between(column, lines)
            lines += self.pair(" " * column + self.chosen(key, key, f'"{key}"'), column, depth)
        return lines

    def pair(self, start: str, column: int, depth: int) -> list[str]:
        kinds = ["scalar", "scalar", "flow", "lines"]
        if depth:
            kinds += ["mapping", "mapping", "list", "lines of flow"]
        kind = self.chosen(*kinds)
        step = self.chosen(2, 2, 4)
        if kind == "mapping":
            return [f"{start}:{self.tail()}", *self.mapping(column + step, depth - 1)]
        if kind == "list":
            inner = column + self.chosen(0, step)
            return [f"{start}:{self.tail()}", *(line for _item in range(self.chosen(1, 2)) for line in self.item(inner, depth))]
        if kind == "lines":
            style = self.chosen("|", "|-", "|+", ">")
            return [
                f"{start}: {style}{self.tail()}",
                " " * (column + 2) + "some text",
                *self.chosen([], [" " * (column + 2) + "# text"], [""]),
            ]
        if kind == "lines of flow":
            return self.flow_lines(start, column)
        value = self.flow(2) if kind == "flow" else self.chosen(*SCALARS)
        return [f"{start}: {value}".rstrip() + self.tail()]

    def item(self, column: int, depth: int) -> list[str]:
        dash = " " * column + "- "
        if depth and self.chosen(False, True):
            inner = self.mapping(column + 2, 0)
            while not inner[0].strip() or inner[0].lstrip().startswith("#"):
                del inner[0]
            return [dash + inner[0][column + 2 :], *inner[1:]]
        return [f"{dash}{self.chosen('team-a', '1', 'x y', '', '[1, 2]')}".rstrip() + self.tail()]

    def flow(self, depth: int) -> str:
        if not depth or self.chosen(False, True):
            return self.chosen("1", "x", "'q'", '"d"', "[]", "{}", "team-a")
        if self.chosen(True, False):
            return "[" + ", ".join(self.flow(depth - 1) for _item in range(self.chosen(1, 2))) + self.chosen("]", " ]")
        return "{" + ", ".join(f"{key}: {self.flow(depth - 1)}" for key in self.names(2)) + self.chosen("}", " }")

    def flow_lines(self, start: str, column: int) -> list[str]:
        pad = " " * (column + 2)
        last = self.chosen("", ",")
        if self.chosen(True, False):
            inner = [f"{key}: {self.flow(1)}" for key in self.names(3)]
            marks = "{}"
        else:
            inner = [self.flow(1) for _item in range(self.chosen(1, 2))]
            marks = "[]"
        lines = [f"{pad}{text}{last if number == len(inner) - 1 else ','}{self.tail()}" for number, text in enumerate(inner)]
        return [f"{start}: {marks[0]}{self.tail()}", *lines, f"{pad}{marks[1]}{self.tail()}"]


@st.composite
def documents(draw: Any) -> str:
    """A text, with its comments in an order of their own."""
    writer = Writer(draw)
    kind = draw(st.sampled_from(["block", "block", "block", "block", "json", "flow", "none"]))
    if kind == "json":
        inner = st.recursive(st.sampled_from([1, True, "x", None]), lambda part: st.lists(part, max_size=2) | mappings(part), max_leaves=6)
        return json.dumps(draw(mappings(inner)), indent=draw(st.sampled_from([None, 2])))
    if kind == "flow":
        return "{" + ", ".join(f"{key}: {writer.flow(2)}" for key in writer.names()) + "}\n"
    lines = [writer.comment() for _line in range(draw(st.integers(0, 2)))]
    lines = [*lines, *draw(st.sampled_from([[], [], ["---"]]))]
    if kind == "block":
        lines += writer.mapping(draw(st.sampled_from([0, 0, 2])), 3)
        lines += writer.between(0, lines)
    newline = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    return newline.join(lines) + draw(st.sampled_from([newline, newline, ""]))


def mappings(part: Any) -> Any:
    return st.dictionaries(st.sampled_from(KEYS), part, max_size=3)


def parts(entry: Entry) -> list[Entry]:
    return [Setting((*entry.path, key), value) for key, value in entry.value.items()] if isinstance(entry.value, dict) else [entry]


def in_the_way(data: object, entry: Entry) -> bool:
    """Whether something stands where the entry cannot come."""
    for key in entry.path[:-1]:
        data = data.get(key) if isinstance(data, dict) else data
        if not (data is None or isinstance(data, dict)):
            return True
    found = data.get(entry.path[-1]) if isinstance(data, dict) else None
    return not (found is None or isinstance(found, list)) if isinstance(entry, Listed) else isinstance(found, (dict, list))


def lost(before: str, after: str) -> int:
    """Lines of before that are not there after, in their order; a text in lines of its own counts once."""
    earlier = [line for line in before.splitlines() if line.strip() not in IN_LINES]
    kept = [0] * (len(earlier) + 1)
    for line in after.splitlines():
        # The longest common sequence, row by row.
        row = [0]
        for number, other in enumerate(earlier):
            row.append(kept[number] + 1 if line == other else max(kept[number + 1], row[number]))
        kept = row
    return len(earlier) - kept[-1]


@EDITS
@given(documents(), WISHES)
def test_entries_come_in_and_nothing_else_changes(text: str, wishes: list[Entry]) -> None:
    data: Any = yaml.safe_load(text) or {}
    expected, changes = data, 0
    for entry in (part for wish in wishes for part in parts(wish)):
        # What one entry made a single value is in the way of the next one.
        if in_the_way(expected, entry):
            found = TEXT.with_entries(text, wishes)
            assert found.reason
            assert found.text == text
            return
        if not holds(expected, entry):
            expected, changes = with_entry(expected, entry), changes + 1
    found = TEXT.with_entries(text, wishes)
    assert found.reason == "", text
    assert same(yaml.safe_load(found.text), expected)
    assert TEXT.read(found.text).data == expected
    assert lost(text, found.text) <= changes
    assert COMMENTED.findall(found.text) == COMMENTED.findall(text)
    assert ("\r" in found.text) == ("\r" in text)
    if all(holds(expected, entry) for entry in wishes):
        assert TEXT.with_entries(found.text, wishes).text == found.text
    if not changes:
        assert found.text == text


@EDITS
@given(documents(), ENTRIES)
def test_entry_that_came_in_goes_out_again(text: str, wish: Entry) -> None:
    data: Any = yaml.safe_load(text) or {}
    added = [entry for entry in parts(wish) if isinstance(entry, Listed) or value_at(data, entry.path) is None]
    assume(added and not any(in_the_way(data, entry) or holds(data, entry) for entry in added))
    grown = TEXT.with_entries(text, added)
    assert grown.reason == ""
    found = TEXT.without_entries(grown.text, added)
    assert found.reason == "", grown.text
    before, after = data, yaml.safe_load(found.text) or {}
    for entry in added:
        assert not holds(after, entry)
        before, after = without_entry(before, entry), without_entry(after, entry)
    assert same(after, before)
    # The lines of keys that had no value go with their comments; brackets that held nothing stay with nothing in them.
    assert lost(text, found.text) <= sum(len(entry.path) for entry in added)
    if not re.search(r"[{\[]|: *(~|null|#|$)", text, re.MULTILINE):
        assert found.text == text


@EDITS
@given(documents(), ENTRIES)
def test_entry_of_others_goes_with_its_lines_alone(text: str, entry: Entry) -> None:
    data: Any = yaml.safe_load(text) or {}
    there = value_at(data, entry.path)
    found = TEXT.without_entries(text, [entry])
    assert found.reason == "", text
    after = yaml.safe_load(found.text) or {}
    assert same(without_entry(after, entry), without_entry(data, entry))
    if isinstance(entry, Listed):
        assert not holds(after, entry)
    else:
        assert value_at(after, entry.path) is None
    if there is None or (isinstance(entry, Listed) and not holds(data, entry)):
        assert found.text == text or isinstance(entry, Setting)
    earlier = text.splitlines()
    assert len([line for line in found.text.splitlines() if line not in earlier]) <= 2


@settings(max_examples=120, deadline=None)
@given(st.text("ab:-# \n{}[],&*|>'\"?!~\t\r%.<x\u2028", max_size=30) | documents(), ENTRIES, st.data())
def test_whatever_the_text_is_it_is_edited_as_it_should_be_or_refused(text: str, entry: Entry, data: Any) -> None:
    if text:
        place = data.draw(st.integers(0, len(text) - 1))
        text = (
            text[:place]
            + data.draw(st.sampled_from(["", "&a ", "*a", "\n", "  ", "- ", "? ", "{", "<<: ", "!t ", "|", "a: "]))
            + text[place:]
        )
    read, grown, shrunk = TEXT.read(text), TEXT.with_entries(text, [entry]), TEXT.without_entries(text, [entry])
    if read.reason:
        assert grown.reason == shrunk.reason == read.reason
    for found in (grown, shrunk):
        assert found.text == text or not found.reason
        assert bool(found.reason) == bool(found.remedy)
    if not grown.reason:
        expected: Any = read.data
        for part in parts(entry):
            expected = expected if holds(expected, part) else with_entry(expected, part)
        assert same(yaml.safe_load(grown.text), expected)
    if not shrunk.reason:
        assert same(without_entry(yaml.safe_load(shrunk.text) or {}, entry), without_entry(read.data, entry))
