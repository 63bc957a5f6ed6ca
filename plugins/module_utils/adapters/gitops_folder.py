# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of a stage as a folder of a GitOps repository, instead of on a cluster: one file each, ordered by sync waves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from ..common.errors import InputError, Problem
from ..common.owned_fields import ApiObject, annotations_of, metadata_of
from ..common.write_findings import DELETED, FIELDS, KEPT, Desired, marked
from ..plan.yaml_text import manifest_text
from .folder_files import FolderFiles, foreign_files, write_folder

WAVE: Final = "argocd.argoproj.io/sync-wave"
OPTIONS: Final = "argocd.argoproj.io/sync-options"
KUSTOMIZATION: Final = "kustomization.yaml"
_SHARED: Final = "ServerSideApply=true,Prune=false,Delete=false"
"""For objects of others of which some fields are ours: they are never to be taken away."""

_OURS: Final = re.compile(r"\d\d-[a-z]+-[^/]+\.yaml|kustomization\.yaml")
_UNSAFE: Final = re.compile(r"[^a-z0-9.-]+")
_HINT: Final = "Name an empty folder, or the one that was written before: it is kept as a whole, and nothing else can be in it."


def part_folder(gitops_dir: Path, part: str) -> Path:
    """Where the objects of a part are, beside those of the others."""
    return gitops_dir / part.replace("_", "-")


def into_folder(folder: Path, wanted: Iterable[Desired], stage: str, *, write: bool) -> FolderFiles:
    """Makes the folder hold these objects. Raises InputError where it holds anything that was not written from here."""
    foreign = sorted(foreign_files(folder, _OURS))
    if foreign:
        problems = [Problem("it was not written from here", file=name) for name in foreign[:50]]
        message = f"{folder.name} holds {len(foreign)} other file(s), which replacing it would remove"
        raise InputError("gitops_dir_in_use", message, subject=folder.name, problems=problems, hint=_HINT)
    return write_folder(folder, folder_files(wanted, stage), write=write)


def folder_files(wanted: Iterable[Desired], stage: str) -> dict[str, bytes]:
    """Content by path: a file for each object, and the kustomization."""
    files = {_path(one): manifest_text(_plain(_shared_out(one, stage))).encode() for one in wanted}
    kustomization = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": sorted(files)}
    return {**files, KUSTOMIZATION: manifest_text(kustomization).encode()}


def _shared_out(one: Desired, stage: str) -> ApiObject:
    """The object with its place in the order, the stage's label, and what Argo CD has to know of it."""
    item = one.object if one.claim == FIELDS else marked(one.object, stage, KEPT if one.keep else DELETED)
    notes = {**annotations_of(item), WAVE: str(one.rank)}
    if one.claim == FIELDS or one.keep:
        notes[OPTIONS] = _SHARED
    return {**item, "metadata": {**metadata_of(item), "annotations": notes}}


def _path(one: Desired) -> str:
    key = one.key
    name = "-".join(filter(None, (key.namespace, key.name)))
    return f"{one.rank:02d}-{key.kind.lower()}-{_UNSAFE.sub('_', name.lower())}.yaml"


def _plain(value: Any) -> Any:
    """The same data made of plain mappings and lists."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value
