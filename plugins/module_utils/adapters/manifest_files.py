# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manifests of a plan as a folder of YAML files, with kustomizations for GitOps: the whole folder is new, or it is as it was."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Final

from ..common.errors import ReadinessError
from ..plan.manifests.build import kustomizations
from ..plan.model import Manifest
from ..plan.yaml_text import manifest_text
from .folder_files import FolderFiles, write_folder

FOLDER: Final = PurePosixPath("manifests/mtv")
"""Where they stand in a run directory."""


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


def write_manifests(run_dir: Path, manifests: Iterable[Manifest], *, write: bool = True) -> FolderFiles:
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
