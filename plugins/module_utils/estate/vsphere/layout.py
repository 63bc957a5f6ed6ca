# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a VM (layoutEx): how much its disks and snapshots take."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from .objects import ObjectRead, many
from .values import count, reference, whole

PATHS: Final = ("layoutEx.file", "layoutEx.disk", "layoutEx.snapshot")


class Layout:
    """Files by key, and the files of every disk and snapshot.

    `reason` is why nothing is known of them; `datastores` are the names of those that the files lie on, None where that is not known.
    """

    __slots__ = ("_data", "_disks", "_sizes", "_snapshots", "datastores", "reason")

    def __init__(self, read: ObjectRead) -> None:
        self.reason = next((read.missing[path] for path in PATHS if path in read.missing), "")
        self._sizes: dict[str, Any] = {}
        """as the server writes them: most are never asked for"""
        self._disks: dict[int, frozenset[str]] = {}
        self._snapshots: dict[str, frozenset[str]] = {}
        self._data: dict[str, list[str]] = {}
        files = read.values.get("layoutEx.file") or ()
        self.datastores = _datastores(files) if files and "layoutEx.file" not in read.missing else None
        if not files and not self.reason:
            self.reason = "the server does not tell the VM's files"
        if self.reason:
            return
        self._sizes = {entry["key"]: entry.get("size") for entry in files if isinstance(entry, dict) and "key" in entry}
        for disk in read.values.get("layoutEx.disk") or ():
            key = whole(disk.get("key")) if isinstance(disk, dict) else None
            if key is not None:
                self._disks[key] = frozenset(_files(disk))
        for entry in read.values.get("layoutEx.snapshot") or ():
            own = reference(entry.get("key")) if isinstance(entry, dict) else None
            if own is not None:
                self._snapshots[own.moref] = frozenset(key for disk in many(entry, "disk") for key in _files(disk))
                self._data[own.moref] = [
                    key for name in ("dataKey", "memoryKey") if isinstance(key := entry.get(name), str) and not key.startswith("-")
                ]

    def disk_bytes(self, key: int | None) -> int | None:
        """Bytes of the files of a disk, those of its snapshots among them."""
        files = self._disks.get(key) if key is not None else None
        return self._sum(files) if files else None

    def snapshot_bytes(self, own: str, children: Iterable[str], current: bool) -> int | None:
        """Bytes of a snapshot: its state and memory, and what was written to new files until the next snapshots or now."""
        before = self._snapshots.get(own)
        if before is None:
            return None
        after: set[str] = set()
        for child in children:
            files = self._snapshots.get(child)
            if files is None:
                return None
            after |= files
        if current and before and not self._disks:
            return None
        if current:
            after |= {key for files in self._disks.values() for key in files}
        return self._sum([*self._data[own], *sorted(after - before)])

    def _sum(self, files: Iterable[str]) -> int | None:
        total = 0
        for key in files:
            size = count(self._sizes.get(key))
            if size is None:
                return None
            total += size
        return total


def datastore_of(path: Any) -> str | None:
    """The datastore that a path names, as `[san-01] web/web.vmx` does."""
    end = path.find("]") if isinstance(path, str) and path.startswith("[") else -1
    return (path[1:end].strip() or None) if end > 1 else None


def _datastores(files: Iterable[Any]) -> frozenset[str] | None:
    """The datastores of all files; None where one of them does not tell its own."""
    names = [entry.get("name") if isinstance(entry, dict) else None for entry in files]
    # The files of a VM lie on one datastore or two: what stands before their folders is looked at once.
    starts = {name[: name.find("]") + 1] if isinstance(name, str) else "" for name in names}
    found = {datastore_of(start) for start in starts}
    return None if None in found else frozenset(name for name in found if name)


def _files(disk: Any) -> Iterable[str]:
    for unit in many(disk, "chain"):
        yield from (key for key in many(unit, "fileKey") if isinstance(key, str))
