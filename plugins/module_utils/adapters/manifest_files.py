# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manifests of a plan as a folder of YAML files, with kustomizations for GitOps: the whole folder is new, or it is as it was."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from ..common.errors import ReadinessError
from ..plan.manifests.build import kustomizations
from ..plan.model import Manifest
from ..plan.yaml_text import manifest_text
from .working_folder import working_folder

FOLDER: Final = PurePosixPath("manifests/mtv")
"""Where they stand in a run directory."""


@dataclass(frozen=True, slots=True)
class ManifestFiles:
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


def manifest_files(manifests: Iterable[Manifest]) -> dict[str, bytes]:
    """Content by path: a file for each manifest, and the kustomizations.

    Raises `ReadinessError` for two of one path, and for a path that leads out of the folder.
    """
    listed = list(manifests)
    found: dict[str, bytes] = {}
    for path, content in [*((entry.path, entry.object) for entry in listed), *kustomizations(listed).items()]:
        parts = PurePosixPath(path).parts
        if path in found or not parts or path != "/".join(parts) or parts[0] == "/" or ".." in parts:
            raise ReadinessError("manifest_path", f"{path} is no path of a manifest, or that of two", subject=path)
        found[path] = manifest_text(content).encode()
    return found


def write_manifests(run_dir: Path, manifests: Iterable[Manifest], *, write: bool = True) -> ManifestFiles:
    """Makes the folder hold exactly these manifests.

    It is built beside and put in the old one's place when it is complete; where nothing differs, nothing is touched. Who is
    killed between the two leaves no folder, never a mixed one. Links are not followed: one in the old folder is removed as it
    stands, one in the way to it is refused. With `write` False it only says what would change.
    """
    target = run_dir / FOLDER
    if target.parent.is_symlink():
        message = f"{FOLDER.parent} is a link, and what is behind it is nothing to replace"
        raise ReadinessError("manifests_unwritable", message, subject=str(FOLDER), hint="Remove the link.")
    return write_folder(target, manifest_files(manifests), write=write, name=str(FOLDER))


def write_folder(target: Path, files: Mapping[str, bytes], *, write: bool = True, name: str = "") -> ManifestFiles:
    """Makes a folder hold exactly these files, as a whole or not at all: see `write_manifests`. Messages call it by `name`."""
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


def _written(target: Path, files: Mapping[str, bytes], write: bool) -> ManifestFiles:
    before = _standing(target)
    digests = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    written = tuple(path for path in sorted(files) if before.get(path) != digests[path])
    removed = tuple(path for path in sorted(before) if path not in files)
    if write and (written or removed or not target.is_dir() or target.is_symlink()):
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, files)
    lines = "".join(f"{path} {digests[path]}\n" for path in sorted(digests))
    return ManifestFiles(str(target), hashlib.sha256(lines.encode()).hexdigest(), written, removed, len(files))


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
