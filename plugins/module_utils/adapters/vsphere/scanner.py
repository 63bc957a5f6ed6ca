# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reader for the plain elements that vSphere's servers write: answers of many megabytes in about half of expat's time.

It knows elements, attributes and text. Whatever else XML may hold, and most of what is not well-formed, it leaves to a
real parser by raising `NotPlain`. For a well-formed text it gives what `soap.Decoder` gives, or nothing.
"""

from __future__ import annotations

import re
from typing import Any, Final, TypeAlias

from ...estate.vsphere.objects import TYPE, Reference

ARRAY: Final = "ArrayOf"

_NAME: Final = re.compile(r"[A-Za-z_][\w.:-]*")
_ATTRIBUTES: Final = re.compile(r"""(?:\s*[\w.:-]+\s*=\s*(?:"[^"<&]*"|'[^'<&]*'))*\s*""")
_ATTRIBUTE: Final = re.compile(r"""([\w.:-]+)\s*=\s*["']([^"']*)["']""")
_ENTITY: Final = re.compile("&([^;]*;?)")
_ENTITIES: Final = {"lt;": "<", "gt;": ">", "amp;": "&", "quot;": '"', "apos;": "'"}
_FORBIDDEN: Final = re.compile("[\0-\x08\x0b-\x1f]")

Meaning: TypeAlias = tuple[str, str]
"""What an element's attributes say: of which class the reference is that it holds, and of which class it is; empty for none."""


Tag: TypeAlias = tuple[str, str, Meaning | None]
"""A start tag: its name, the end tag that it needs, and what its attributes say, None where it has none."""

Tags: TypeAlias = dict[str, Tag]
"""Start tags that were met, by what stands between their brackets."""


class NotPlain(Exception):
    """The text holds something that this reader does not know."""


class Repeated(list[Any]):
    """The children of one name; a class of its own, so that an array among them is no such list."""

    __slots__ = ()


def plain_text(body: bytes) -> str:
    """A piece of an answer as text, which `check` has still to see. Raises NotPlain where it is none that XML allows."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise NotPlain from None
    if not text.isascii() and ("\ufffe" in text or "\uffff" in text):
        raise NotPlain
    return text


def check(text: str) -> None:
    """Raises NotPlain for carriage returns and the control characters that XML forbids.

    It takes longer than most else: whoever reads a piece for the first time asks it, and not for a piece that is remembered.
    """
    if not text.isprintable() and _FORBIDDEN.search(text):
        raise NotPlain


def meaning_of(attributes: str) -> Meaning:
    """What attributes say, as they stand in a tag. Raises NotPlain for what are no attributes, or hold an entity."""
    check(attributes)
    if not _ATTRIBUTES.fullmatch(attributes):
        raise NotPlain
    held = own = ""
    for name, value in _ATTRIBUTE.findall(attributes):
        if name == "type":
            held = value
        elif name.endswith(":type"):
            own = value.rpartition(":")[2]
    return held, own


def leaf_value(text: str, meaning: Meaning) -> Any:
    """The value of an element without children."""
    held, own = meaning
    if held:
        return Reference(held, text)
    # Types of XML Schema begin with a small letter, classes of the API with a capital one.
    if text or not own[:1].isupper():
        return text
    return [] if own.startswith(ARRAY) else {TYPE: own}


def parent_value(children: dict[str, Any], meaning: Meaning) -> Any:
    """The value of an element with children."""
    own = meaning[1]
    if own.startswith(ARRAY):
        return [member for child in children.values() for member in (child if child.__class__ is Repeated else (child,))]
    if own:
        children[TYPE] = own
    return children


def unescaped(text: str) -> str:
    """Text with its entities replaced. Raises NotPlain for one that XML does not know or forbids."""
    return _ENTITY.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    name = match[1]
    if name in _ENTITIES:
        return _ENTITIES[name]
    try:
        code = int(name[2:-1], 16) if name[:2] == "#x" else int(name[1:-1])
        letter = chr(code)
    except (ValueError, OverflowError):
        raise NotPlain from None
    if name[:1] != "#" or not name.endswith(";") or not (letter in "\t\n\r" or " " <= letter < "\ud800" or letter >= "\ue000"):
        raise NotPlain
    return letter


def scanned(text: str, tags: Tags) -> dict[str, Any]:
    """The elements of a text, by name: what `soap.Decoder` makes of an element that holds them. Raises NotPlain.

    The text is taken apart at each `<`. A page holds hundreds of thousands of tags, and a few hundred different ones: what
    a tag says is looked at once and kept in `tags`, and every statement of the loop is there for its speed.
    """
    check(text)
    pieces = text.split("<")
    if pieces.pop(0).strip():
        raise NotPlain
    above: list[tuple[dict[str, Any], Tag]] = []
    node: dict[str, Any] = {}
    parent: Tag = ("", "", None)
    parent_end = name = end = ""
    meaning: Meaning | None = None
    value: Any = None
    content: str | None = None
    for piece in pieces:
        if content is not None and piece == end:
            value = unescaped(content) if "&" in content else content
            if meaning is not None:
                value = leaf_value(value, meaning)
            content = None
        elif content is None and piece == parent_end:
            name, end, meaning = parent
            value = node if meaning is None else parent_value(node, meaning)
            node, parent = above.pop()
            parent_end = parent[1]
        else:
            if content is not None:
                above.append((node, parent))
                node, parent, parent_end = {}, (name, end, meaning), end
            head, closed, content = piece.partition(">")
            tag = tags.get(head)
            if tag is None:
                tag = tags[head] = _tag_of(head, closed)
            name, end, meaning = tag
            continue
        if name not in node:
            node[name] = value
        elif (present := node[name]).__class__ is Repeated:
            present.append(value)
        else:
            node[name] = Repeated((present, value))
    if above or content is not None:
        raise NotPlain
    return node


def _tag_of(head: str, closed: str) -> Tag:
    name, _space, attributes = head.partition(" ")
    if not closed or not _NAME.fullmatch(name):
        raise NotPlain
    return name, f"/{name}>", meaning_of(attributes) if attributes else None
