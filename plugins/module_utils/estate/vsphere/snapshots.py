# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Snapshots of a VM: a tree on the wire, a list in which each knows its parent in the model."""

from __future__ import annotations

from typing import Any, Final

from ...common.artifact import JsonRecord
from .layout import Layout
from .objects import many
from .values import flag, moment, name, reference, text

NOT_IN_LAYOUT: Final = "the server does not tell the files of every snapshot"


def snapshot_list(info: Any, layout: Layout, unknown: dict[str, str]) -> list[JsonRecord]:
    """The snapshots in the order of the tree, each before those that were taken after it."""
    current = reference(info.get("currentSnapshot")) if isinstance(info, dict) else None
    found: list[JsonRecord] = []
    waiting = [(node, "", "") for node in reversed(many(info, "rootSnapshotList"))]
    while waiting:
        node, parent, parent_id = waiting.pop()
        if not isinstance(node, dict):
            continue
        own = reference(node.get("snapshot"))
        moref = own.moref if own else ""
        children = many(node, "childSnapshotList")
        snapshot = _snapshot(node, parent, parent_id, moref)
        if own is not None:
            snapshot["current"] = own == current
            below = [taken.moref for child in children if isinstance(child, dict) and (taken := reference(child.get("snapshot")))]
            size = layout.snapshot_bytes(moref, below, snapshot["current"])
            if size is not None:
                snapshot["size_bytes"] = size
        found.append(snapshot)
        waiting += [(child, snapshot.get("name", ""), moref) for child in reversed(children)]
    if any("size_bytes" not in snapshot for snapshot in found):
        unknown["snapshots.size_bytes"] = layout.reason or NOT_IN_LAYOUT
    return found


def _snapshot(node: dict[str, Any], parent: str, parent_id: str, moref: str) -> JsonRecord:
    facts = {
        "name": name(node.get("name")),
        "description": text(node.get("description")),
        "created_at": moment(node.get("createTime")),
        "quiesced": flag(node.get("quiesced")),
        "parent": parent,
        "id": moref or None,
        "parent_id": parent_id,
    }
    return {fact: value for fact, value in facts.items() if value is not None}
