# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diff of a module that writes objects: all of them as YAML, before and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from ._libraries import yaml
from .folder_files import FolderFiles

Pair: TypeAlias = tuple[Mapping[str, Any], Mapping[str, Any]]
"""An object before and after; empty where it is not there."""


def object_diff(header: str, diffs: Mapping[str, Pair], folder: FolderFiles | None) -> dict[str, str]:
    """Objects in words to what they were and will be, or the files of a folder, as Ansible shows a diff."""
    if folder is not None:
        before, after = "".join(f"{name}\n" for name in folder.removed), "".join(f"{name}\n" for name in folder.written)
    else:
        pairs = sorted(diffs.items())
        before, after = (_documents((name, pair[side]) for name, pair in pairs) for side in (0, 1))
    return {"before": before, "after": after, "before_header": header, "after_header": header}


def _documents(objects: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    """Objects as YAML, each under its name; those that are not there are left out."""
    texts = []
    for name, item in objects:
        if item:
            texts.append(f"--- # {name}\n{yaml.safe_dump(dict(item), default_flow_style=False, sort_keys=True)}")
    return "".join(texts)
