# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags of a vCenter through its Automation API: no call per object, one per tag in use and per category of those.

The API names attachments by tag in bulk, yet gives the names of tags and categories one at a time; these few calls run
side by side, on connections that are kept open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from ...estate.vsphere.extras import ObjectKey, Tags
from .rest import RestError, RestSession

TYPES: Final = ("VirtualMachine", "HostSystem", "ClusterComputeResource", "Datastore")
"""Managed objects whose tags are kept."""

TAGS_PER_CALL: Final = 100
CONNECTIONS: Final = 4
NOTHING_VISIBLE: Final = (
    "no tag is visible: there is none, or the account may read none (tags need a global permission, one on the root folder is not enough)"
)

Attachments = dict[str, list[ObjectKey]]
"""Tag id to the objects that have it."""


def read_tags(session: RestSession, types: Iterable[str] = TYPES) -> Tags:
    """The tags of the server's objects; never an error: what went wrong is the reason why there are none."""
    try:
        with session:
            names, reason = _read(session, frozenset(types))
    except RestError as error:
        return Tags(None, f"tags could not be read: {error.reason}", session.calls)
    return Tags(names, reason, session.calls)


def count_tags(session: RestSession) -> tuple[int | None, str]:
    """How many tags the account may read; None with the reason where that cannot be told."""
    try:
        with session:
            count = len(texts(session.get("/cis/tagging/tag")))
    except RestError as error:
        return None, f"tags could not be listed: {error.reason}"
    return count, "" if count else NOTHING_VISIBLE


def _read(session: RestSession, types: frozenset[str]) -> tuple[Mapping[ObjectKey, Sequence[str]] | None, str]:
    ids = sorted(texts(session.get("/cis/tagging/tag")))
    if not ids:
        return None, NOTHING_VISIBLE
    attachments: Attachments = {}
    for start in range(0, len(ids), TAGS_PER_CALL):
        body = {"tag_ids": ids[start : start + TAGS_PER_CALL]}
        answer = session.post("/cis/tagging/tag-association", "list-attached-objects-on-tags", body)
        attachments.update(attached(answer, types))
    tags = _each(session, "/cis/tagging/tag", sorted(attachments))
    categories = _each(session, "/cis/tagging/category", sorted({text(tag, "category_id") for tag in tags.values()}))
    return named(attachments, tags, categories), ""


def _each(session: RestSession, path: str, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """What the server says of each id; one that vanished meanwhile is left out."""
    if not ids:
        return {}
    with ThreadPoolExecutor(min(CONNECTIONS, len(ids))) as pool:
        found = pool.map(_one(session, path), ids)
        return {one: answer for one, answer in zip(ids, found, strict=True) if answer}


def _one(session: RestSession, path: str) -> Callable[[str], Mapping[str, Any]]:
    def ask(name: str) -> Mapping[str, Any]:
        try:
            return mapping(session.get(path, name))
        except RestError as error:
            if error.status == 404:
                return {}
            raise

    return ask


def attached(answer: Any, types: frozenset[str]) -> Attachments:
    """The objects of those types that each tag is attached to; a tag that no such object has is left out.

    Raises RestError for an answer of another form, for half of the attachments must not pass as all of them.
    """
    found: Attachments = {}
    for entry in listing(answer):
        objects = [(text(one, "type"), text(one, "id")) for one in listing(mapping(entry).get("object_ids"))]
        kept = [key for key in objects if key[0] in types]
        if kept:
            found.setdefault(text(entry, "tag_id"), []).extend(kept)
    return found


def named(
    attachments: Mapping[str, Sequence[ObjectKey]], tags: Mapping[str, Mapping[str, Any]], categories: Mapping[str, Mapping[str, Any]]
) -> dict[ObjectKey, Sequence[str]]:
    """Object to its tags as category/name, sorted. A tag that was deleted while reading is on no object any more."""
    names: dict[ObjectKey, set[str]] = {}
    for tag_id, objects in attachments.items():
        tag = tags.get(tag_id)
        category = categories.get(text(tag, "category_id")) if tag else None
        if tag is None or category is None:
            continue
        name = f"{text(category, 'name')}/{text(tag, 'name')}"
        for key in objects:
            names.setdefault(key, set()).add(name)
    return {key: sorted(found) for key, found in sorted(names.items())}


def listing(value: Any) -> Sequence[Any]:
    """A list of the answer; absent is empty."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise RestError("the server's answer is not the list that it should be")
    return value


def mapping(value: Any) -> Mapping[str, Any]:
    """An object of the answer."""
    if not isinstance(value, dict):
        raise RestError("the server's answer is not the object that it should be")
    return value


def text(value: Any, name: str) -> str:
    """A text of an object of the answer."""
    found = mapping(value).get(name)
    if not isinstance(found, str) or not found:
        raise RestError(f"the server's answer has no {name}")
    return found


def texts(value: Any) -> list[str]:
    """A list of texts of the answer."""
    found = listing(value)
    if not all(isinstance(entry, str) for entry in found):
        raise RestError("the server's answer is not the list of texts that it should be")
    return list(found)
