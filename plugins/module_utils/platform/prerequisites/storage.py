# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The default StorageClass: claims that name no class wait for ever without one, and get any of several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ...common.findings import CheckFinding
from ...common.owned_fields import ApiObject
from ...common.write_findings import MISSING
from ...target.objects import annotations_of, name_of
from ..desired.model import StorageClassWanted
from ..snapshot import PlatformSnapshot
from ..verdicts import failed, not_asked, passed, seen, unknown
from .check_list import STORAGE_DEFAULT, STORAGE_NAME

CLASSES: Final = "storageclasses.storage.k8s.io"
IS_DEFAULT: Final = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
_PATH: Final = "prerequisites.storage_class"
_CLUSTER: Final = "cluster"


def storage_findings(wanted: StorageClassWanted | None, snapshot: PlatformSnapshot) -> list[CheckFinding]:
    """Whether there is one default StorageClass, and the right one."""
    if wanted is None:
        return [not_asked(STORAGE_DEFAULT), not_asked(STORAGE_NAME)]
    if not snapshot.known(CLASSES):
        reason = snapshot.why_not(CLASSES)
        return [unknown(STORAGE_DEFAULT, _CLUSTER, reason, _PATH), unknown(STORAGE_NAME, _CLUSTER, reason, _PATH)]
    classes = snapshot.all(CLASSES)
    defaults = sorted(name_of(item) for item in classes if _is_default(item))
    return [_one_default(wanted, defaults), _right_name(wanted, sorted(map(name_of, classes)), defaults)]


def _is_default(item: ApiObject) -> bool:
    annotations = annotations_of(item)
    return any(annotations.get(key) == "true" for key in IS_DEFAULT)


def _one_default(wanted: StorageClassWanted, defaults: Sequence[str]) -> CheckFinding:
    if not wanted.default:
        return not_asked(STORAGE_DEFAULT)
    if len(defaults) == 1:
        return passed(STORAGE_DEFAULT, _CLUSTER, _PATH, f"{defaults[0]} is the default")
    evidence = seen("StorageClass", f"metadata.annotations[{IS_DEFAULT[0]}]", ", ".join(defaults) or "none", "exactly one")
    if not defaults:
        message = "no StorageClass is the default: claims that name none stay Pending"
        return failed(STORAGE_DEFAULT, _CLUSTER, message, _PATH, MISSING, evidence=evidence)
    message = f"several StorageClasses are the default: {', '.join(defaults)}; the newest one wins, whichever that is"
    return failed(STORAGE_DEFAULT, _CLUSTER, message, _PATH, evidence=evidence)


def _right_name(wanted: StorageClassWanted, names: Sequence[str], defaults: Sequence[str]) -> CheckFinding:
    if not wanted.name:
        return not_asked(STORAGE_NAME, message="the document names no StorageClass")
    path = f"{_PATH}.name"
    if wanted.name not in names:
        there = ", ".join(names) or "none"
        return failed(
            STORAGE_NAME,
            wanted.name,
            f"there is no StorageClass {wanted.name}",
            path,
            MISSING,
            evidence=seen("StorageClass", "metadata.name", there, wanted.name),
        )
    if wanted.default and wanted.name not in defaults:
        evidence = seen(f"StorageClass {wanted.name}", f"metadata.annotations[{IS_DEFAULT[0]}]", "not true", "true")
        return failed(STORAGE_NAME, wanted.name, f"StorageClass {wanted.name} is not the default", path, evidence=evidence)
    return passed(STORAGE_NAME, wanted.name, path)
