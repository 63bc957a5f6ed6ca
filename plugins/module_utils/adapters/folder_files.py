# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder that holds exactly some files: the whole folder is new, or it is as it was."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..common.errors import ReadinessError
from .working_folder import working_folder


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """The files: their paths within the folder, the SHA-256 over the sorted lines `path sha256`, and what changed."""

    folder: str
    sha256: str
    written: tuple[str, ...]
    """new or with other bytes"""
    removed: tuple[str, ...]
    count: int

    @property
    def changed(self) -> bool:
        """Whether anything in the folder differs from what stood there."""
        return bool(self.written or self.removed)


def write_folder(target: Path, files: Mapping[str, bytes], *, write: bool = True, name: str = "") -> FolderFiles:
    """Makes a folder hold exactly these files, as a whole or not at all: Messages call it by `name`.

    It is built beside and put in the old one's place when it is complete; where nothing differs, nothing is touched. With `write` False
    it only says what would change.
    """
    called = name or target.name
    try:
        return _written(target, files, write)
    except OSError as error:
        raise ReadinessError("manifests_unwritable", f"cannot write {called}: {error.strerror or error}", subject=called) from error


def foreign_files(folder: Path, ours: re.Pattern[str]) -> Iterator[str]:
    """What is in a folder beside files whose paths there match `ours` as a whole: links count, and so does a folder that is none."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        yield folder.name
        return
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or (not path.is_dir() and not ours.fullmatch(name)):
            yield name


def _written(target: Path, files: Mapping[str, bytes], write: bool) -> FolderFiles:
    before = _standing(target)
    digests = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    written = tuple(path for path in sorted(files) if before.get(path) != digests[path])
    removed = tuple(path for path in sorted(before) if path not in files)
    if write and (written or removed or not target.is_dir() or target.is_symlink()):
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, files)
    lines = "".join(f"{path} {digests[path]}\n" for path in sorted(digests))
    return FolderFiles(str(target), hashlib.sha256(lines.encode()).hexdigest(), written, removed, len(files))


def _standing(target: Path) -> dict[str, str]:
    """SHA-256 by path of what is in the folder; whatever is no plain file has none, so that it is replaced."""
    if target.is_symlink():
        return {}
    found: dict[str, str] = {}
    for folder, folders, names in os.walk(target):
        for name in [*names, *(name for name in folders if (Path(folder) / name).is_symlink())]:
            path = Path(folder) / name
            plain = stat.S_ISREG(path.lstat().st_mode)
            found[path.relative_to(target).as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest() if plain else ""
    return found


def _replace(target: Path, files: Mapping[str, bytes]) -> None:
    """Builds the folder beside the target and swaps the two.

    A folder cannot replace one that holds files, so the old one steps aside first and comes back if the new one cannot take its
    place.
    """
    with working_folder(target.parent, target.name) as working:
        new, old = working / "new", working / "old"
        new.mkdir()
        for path in sorted(files):
            place = new / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(files[path])
        there = target.is_symlink() or target.exists()
        if there:
            target.rename(old)
        try:
            new.rename(target)
        except OSError:
            if there:
                old.rename(target)
            raise
        if old.is_symlink() or old.is_file():
            old.unlink()
        else:
            with suppress(FileNotFoundError):
                shutil.rmtree(old)
