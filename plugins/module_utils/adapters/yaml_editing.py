# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML of others, read and edited with PyYAML: entries go in and out, and every other byte stays.

PyYAML tells where in the text each node and token stands. An edit is a few splices at such places; nothing is written out anew.
Whether it did what it should is not reasoned but seen: the text is parsed again, and its data have to be those of before with
the entry. Where they are not, such as with values that an anchor shares, the edit is refused and people are told what to write.

A text that begins with a brace is JSON to Kubernetes' decoder (k8s.io/apimachinery, pkg/util/yaml, NewYAMLOrJSONDecoder), so that
what goes into one is written as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..common.yaml_text import (
    Edited,
    Entry,
    Listed,
    Reading,
    Setting,
    holds,
    in_words,
    parts_of,
    same,
    value_at,
    with_entry,
    without_entry,
)
from ._libraries import yaml
from .yaml_reading import (
    Document,
    RefusedError,
    Spot,
    dashes_of,
    document_of,
    first_column,
    is_blank,
    is_mapping,
    is_null,
    is_sequence,
    kind_of,
    line_of,
    parsed,
    says,
    spot_of,
)

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*|[0-9]+(ms|[smhdwy])")
"""Texts that need no quotes: every version of YAML takes them for texts, but for the words below."""

_WORDS: Final = frozenset({"y", "yes", "n", "no", "true", "false", "on", "off", "null"})


# ---- texts -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Splice:
    """A part of the text, and what comes in its place."""

    start: int
    end: int
    text: str = ""


def _spliced(text: str, *splices: _Splice) -> str:
    for splice in sorted(splices, key=lambda one: one.start, reverse=True):
        text = text[: splice.start] + splice.text + text[splice.end :]
    return text


def _line_start(text: str, index: int) -> int:
    return max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1


def _next_line(text: str, index: int) -> int:
    """Where the line after that place begins; the end of the text where there is none."""
    found = re.compile(r"\r\n|[\r\n]").search(text, index)
    return found.end() if found else len(text)


def _with_lines(document: Document, index: int, lines: Sequence[str]) -> str:
    """The text with these lines before that place, where a line begins or the text ends."""
    before, after, newline = document.text[:index], document.text[index:], document.newline
    if before and not before.endswith(("\n", "\r")):
        return before + newline + newline.join(lines) + after
    return before + "".join(f"{line}{newline}" for line in lines) + after


def _after_block(document: Document, start: int, end: int, column: int) -> int:
    """Where a block can be added to: behind the line of its last token, and comments that are set in deeper than the block."""
    last = document.last_in(start, end).end_mark
    text = document.text
    index = last.index if last.column == 0 and last.index else _next_line(text, last.index)
    ahead = index
    while ahead < len(text):
        following = _next_line(text, ahead)
        line = text[ahead:following]
        if line.lstrip(" ").startswith("#") and len(line) - len(line.lstrip(" ")) > column:
            index = following
        elif line.strip():
            break
        ahead = following
    return index


def _scalar(value: object) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def _flow(value: object) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_scalar(key)}: {_flow(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_flow, value))}]"
    return _scalar(value)


def _block(value: object, column: int, step: int) -> Iterator[str]:
    """The lines of a mapping or a list, neither of them empty."""
    if isinstance(value, list):
        yield from (f"{' ' * column}- {_scalar(item)}" for item in value)
    for key, inner in value.items() if isinstance(value, Mapping) else ():
        if isinstance(inner, (Mapping, list)) and inner:
            yield f"{' ' * column}{_scalar(key)}:"
            yield from _block(inner, column + step, step)
        else:
            yield f"{' ' * column}{_scalar(key)}: {_flow(inner)}"


def _inline(document: Document, value: object) -> str:
    """A value on one line, as JSON where all is."""
    return json.dumps(value, ensure_ascii=False) if document.is_flow else _flow(value)


def _nested(entry: Entry, rest: tuple[str, ...]) -> Any:
    """What has to come below the last key that is there."""
    found: Any = [entry.value] if isinstance(entry, Listed) else entry.value
    for key in reversed(rest):
        found = {key: found}
    return found


# ---- entries come in -------------------------------------------------------------------------------------------------


def _grown(document: Document, entry: Entry) -> Iterator[str]:
    """Texts that may be the document with an entry that it lacks, the best one first."""
    if document.root is None or is_null(document.root):
        yield from _first_entry(document, entry)
        return
    spot = spot_of(document.root, entry.path)
    if spot.value is None:
        yield from _new_key(document, spot.mapping, _nested(entry, spot.rest))
    elif is_null(spot.value):
        yield from _filled(document, spot, _nested(entry, spot.rest))
    elif isinstance(entry, Listed):
        yield from _new_item(document, spot.value, entry)
    else:
        yield _replaced(document, spot.value, entry)


def _first_entry(document: Document, entry: Entry) -> Iterator[str]:
    """A text of comments alone, or none."""
    text = document.text
    starts = [token for token in yaml.scan(text, Loader=yaml.SafeLoader) if isinstance(token, yaml.DocumentStartToken)]
    index = _next_line(text, starts[0].end_mark.index) if starts else len(text)
    yield _with_lines(document, index, list(_block(_nested(entry, entry.path), 0, document.step)))


def _new_key(document: Document, mapping: Any, pairs: Mapping[str, Any]) -> Iterator[str]:
    if mapping.flow_style:
        yield _into_flow(document, mapping, _inline(document, pairs)[1:-1])
        return
    column = first_column(mapping)
    lines = list(_block(pairs, column, document.step))
    yield _with_lines(document, _after_block(document, mapping.start_mark.index, mapping.end_mark.index, column), lines)
    # What ends without a line end, such as a text in lines of its own, would become another one behind a new line.
    yield _with_lines(document, _line_start(document.text, mapping.value[0][0].start_mark.index), lines)


def _new_item(document: Document, sequence: Any, entry: Listed) -> Iterator[str]:
    if not is_sequence(sequence):
        raise RefusedError(f"{line_of(sequence)}: {'.'.join(entry.path)} is {kind_of(sequence)}, and has to be a list")
    if sequence.flow_style:
        yield _into_flow(document, sequence, _inline(document, entry.value))
        return
    start, end = sequence.start_mark.index, sequence.end_mark.index
    column = dashes_of(document, sequence)[0].start_mark.column
    yield _with_lines(document, _after_block(document, start, end, column), list(_block([entry.value], column, document.step)))


def _filled(document: Document, spot: Spot, content: Any) -> Iterator[str]:
    """A key with nothing, or with null, gets a value."""
    value, text = spot.value, document.text
    index = value.start_mark.index
    inline = _inline(document, content)
    if not is_blank(value):
        yield _spliced(text, _Splice(index, value.end_mark.index, inline))
        return
    if isinstance(content, (Mapping, list)) and content and not spot.mapping.flow_style:
        column = first_column(spot.mapping) + document.step
        yield _with_lines(document, _next_line(text, index), list(_block(content, column, document.step)))
    yield _spliced(text, _Splice(index, index, f" {inline}" if text[index - 1 : index] == ":" else f": {inline}"))


def _replaced(document: Document, value: Any, entry: Setting) -> str:
    if not isinstance(value, yaml.ScalarNode):
        raise RefusedError(f"{line_of(value)}: {entry.name} is {kind_of(value)}, and has to be a single value")
    start, end = value.start_mark.index, value.end_mark.index
    closing = ""
    if document.text[start:end].endswith(("\n", "\r")):
        # A text in lines of its own reaches to the beginning of the line after them; behind its mark a comment may stand.
        _mark, sharp, comment = document.text[start : _next_line(document.text, start)].rstrip("\r\n").partition(" #")
        closing = sharp + comment + document.newline
    return _spliced(document.text, _Splice(start, end, _inline(document, entry.value) + closing))


def _into_flow(document: Document, node: Any, item: str) -> str:
    """The text with one more item, or pair, before the closing bracket: on a line of its own where the last one has one."""
    text, closing = document.text, node.end_mark.index - 1
    last = document.last_in(node.start_mark.index, closing)
    if isinstance(last, (yaml.FlowMappingStartToken, yaml.FlowSequenceStartToken)) and not node.value:
        return _spliced(text, _Splice(last.end_mark.index, last.end_mark.index, item))
    comma = "" if isinstance(last, yaml.FlowEntryToken) else ","
    end = last.end_mark.index
    final = node.value[-1][0] if is_mapping(node) else node.value[-1]
    margin = text[_line_start(text, final.start_mark.index) : final.start_mark.index]
    if margin.strip():
        return _spliced(text, _Splice(end, end, f"{comma} {item}"))
    line_end = re.compile(r"(?=[\r\n])").search(text, end, closing)
    index = line_end.start() if line_end else end
    # The comma comes before a comment beside the last item, the line behind it.
    behind = text[end:index]
    return _spliced(text, _Splice(end, index, f"{comma}{behind}{document.newline}{margin}{item}"))


# ---- entries go out --------------------------------------------------------------------------------------------------


def _shrunk(document: Document, entry: Entry) -> str:
    """The text without an entry that its data have."""
    spot = spot_of(document.root, entry.path)
    if spot.rest or spot.value is None:
        raise RefusedError("it comes from a mapping that is merged in")
    return _without_item(document, spot, entry.value) if isinstance(entry, Listed) else _without_pair(document, spot)


def _without_item(document: Document, spot: Spot, text: str) -> str:
    items = spot.value.value
    place = next((number for number, item in enumerate(items) if says(item, text)), None)
    if place is None:
        raise RefusedError(f"{line_of(spot.value)}: the item is written in a way that is not known")
    if spot.value.flow_style:
        return _out_of_flow(document, spot.value, items[place].start_mark.index, _following(items, place))
    dashes = [token.start_mark for token in dashes_of(document, spot.value)]
    end = dashes[place + 1].index if place + 1 < len(dashes) else spot.value.end_mark.index
    lines = _lines_of(document, dashes[place], end)
    return _without_lines(document, lines | _key_lines(document, spot.steps) if len(items) == 1 else lines)


def _without_pair(document: Document, spot: Spot) -> str:
    mapping, place = spot.steps[-1]
    keys = [pair[0] for pair in mapping.value]
    start, following = keys[place].start_mark, _following(keys, place)
    if mapping.flow_style:
        return _out_of_flow(document, mapping, start.index, following)
    lines = _lines_of(document, start, mapping.end_mark.index if following is None else following)
    return _without_lines(document, lines | _key_lines(document, spot.steps[:-1]) if len(keys) == 1 else lines)


def _following(nodes: Sequence[Any], place: int) -> int | None:
    """Where the next of these nodes begins; None behind the last one."""
    return int(nodes[place + 1].start_mark.index) if place + 1 < len(nodes) else None


def _lines_of(document: Document, start: Any, end: int) -> set[int]:
    """Numbers of the lines that an item of a block takes up."""
    before = document.text[start.index - start.column : start.index]
    if before.strip():
        raise RefusedError(f"line {start.line + 1}: it shares its line with something else")
    last = document.last_in(start.index, end).end_mark
    return set(range(start.line, last.line if last.column == 0 else last.line + 1))


def _key_lines(document: Document, steps: Sequence[tuple[Any, int]]) -> set[int]:
    """Lines of the keys that are left with nothing below them, from the innermost on; one with a comment beside it stays."""
    found: set[int] = set()
    lines = document.text.splitlines()
    for mapping, place in reversed(steps):
        mark = mapping.value[place][0].start_mark
        line = lines[mark.line]
        written = [token for token in document.tokens if token.start_mark.line == mark.line]
        if mapping.flow_style or line[: mark.column].strip() or len(written) != 2 or line[written[1].end_mark.column :].strip():
            break
        found.add(mark.line)
        if len(mapping.value) > 1:
            break
    return found


def _without_lines(document: Document, numbers: Iterable[int]) -> str:
    gone = set(numbers)
    lines = document.text.splitlines(keepends=True)
    kept = [line for number, line in enumerate(lines) if number not in gone]
    if len(lines) - 1 in gone and kept and not lines[-1].endswith(("\n", "\r")):
        kept[-1] = kept[-1].rstrip("\r\n")
    return "".join(kept)


def _out_of_flow(document: Document, node: Any, start: int, following: int | None) -> str:
    """The text without the item, or pair, that begins there, and without the comma that goes with it."""
    text, closing = document.text, node.end_mark.index - 1
    last = document.last_in(start, closing if following is None else following)
    before = document.last_in(node.start_mark.index, start)
    end = last.end_mark.index
    comma = before if isinstance(before, yaml.FlowEntryToken) and not isinstance(last, yaml.FlowEntryToken) else None
    line, line_end = _line_start(text, start), _next_line(text, end)
    rest = text[end:line_end].strip()
    if not text[line:start].strip() and (not rest or rest.startswith("#")) and line_end <= closing:
        start, end = line, line_end
    elif comma is not None:
        start -= len(text[:start]) - len(text[:start].rstrip(" \t"))
    else:
        end += len(text[end:]) - len(text[end:].lstrip(" \t"))
    splices = [_Splice(start, end)]
    if comma is not None:
        splices.append(_Splice(comma.start_mark.index, comma.end_mark.index))
    return _spliced(text, *splices)


# ---- what an edit has to come to -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PyYamlText:
    """`YamlText` by means of PyYAML's marks."""

    def read(self, text: str) -> Reading:
        """What the text says; see `YamlText`."""
        try:
            return Reading(parsed(text)[1])
        except RefusedError as refusal:
            return Reading(reason=str(refusal))

    def with_entries(self, text: str, entries: Iterable[Entry]) -> Edited:
        """The text with these entries; see `YamlText`."""
        wanted = tuple(entries)
        parts = [part for entry in wanted for part in parts_of(entry)]
        return _edited(text, parts, _with_entry, f"write these settings by hand: {in_words(wanted)}")

    def without_entries(self, text: str, entries: Iterable[Entry]) -> Edited:
        """The text without these entries; see `YamlText`."""
        unwanted = tuple(entries)
        names = ", ".join(entry.name for entry in unwanted)
        return _edited(text, unwanted, _without_entry, f"take these settings out by hand: {names}")


def _edited(text: str, entries: Iterable[Entry], edit: Callable[[str, Entry], str], remedy: str) -> Edited:
    found = text
    try:
        for entry in entries:
            found = edit(found, entry)
    except RefusedError as refusal:
        return Edited(text, str(refusal), remedy)
    return Edited(found)


def _with_entry(text: str, entry: Entry) -> str:
    if holds(parsed(text)[1], entry):
        return text
    document = document_of(text)
    return _verified(document, entry, _grown(document, entry), with_entry(document.data, entry), lambda data: data)


def _without_entry(text: str, entry: Entry) -> str:
    document = document_of(text)
    # An item may stand in its list several times.
    for _time in range(_times(document.data, entry)):
        wanted = without_entry(document.data, entry)
        text = _verified(document, entry, iter([_shrunk(document, entry)]), wanted, lambda data: without_entry(data, entry))
        document = document_of(text)
    if _times(document.data, entry):
        raise RefusedError(f"{entry.name} is there more than once, or comes from elsewhere in the text")
    return text


def _times(data: Mapping[Any, Any], entry: Entry) -> int:
    """How often data have an entry."""
    if isinstance(entry, Listed):
        found = value_at(data, entry.path)
        return found.count(entry.value) if isinstance(found, list) else 0
    parent = value_at(data, entry.path[:-1])
    return int(isinstance(parent, Mapping) and entry.path[-1] in parent)


def _verified(document: Document, entry: Entry, texts: Iterator[str], wanted: object, seen: Callable[[Any], object]) -> str:
    """The first of these texts that says what is wanted, by what `seen` makes of its data."""
    for text in texts:
        try:
            data = parsed(text)[1]
        except RefusedError:
            continue
        if same(seen(data), wanted) and (_is_json(text) or not _is_json(document.text)):
            return text
    message = f"{entry.name} cannot be edited without changing something else: values that anchors share or merges bring may be in the way"
    raise RefusedError(message)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
