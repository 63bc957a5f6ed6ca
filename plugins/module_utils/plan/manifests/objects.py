# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the manifests have in common: where they stand, how they are labelled, how they refer to each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..model import Manifest

FORKLIFT: Final = "forklift.konveyor.io/v1beta1"
LABEL_PREFIX: Final = "readiness.groundwork.io/"
STAGE_LABEL: Final = f"{LABEL_PREFIX}stage"
WAVE_LABEL: Final = f"{LABEL_PREFIX}wave"
PLAN_LABEL: Final = f"{LABEL_PREFIX}plan"
START_BY: Final = f"{LABEL_PREFIX}start-by"
"""Annotation of a Migration: when it has to be created at the latest."""

STAGE: Final = "plan"
PROPOSALS: Final = "proposals"
"""Folder of what people have to review before it is made."""

ORDER: Final = {
    "Namespace": 0,
    "NodeNetworkConfigurationPolicy": 2,
    "NetworkAttachmentDefinition": 5,
    "Provider": 10,
    "Host": 15,
    "Hook": 20,
    "NetworkMap": 30,
    "StorageMap": 35,
    "Plan": 40,
    "Migration": 50,
}
"""Number that a kind's files begin with: what others refer to comes first."""


def manifest(
    kind: str,
    name: str,
    spec: Mapping[str, Any] | None,
    purpose: str,
    *,
    api_version: str = FORKLIFT,
    namespace: str = "",
    wave: int | None = None,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    apply: bool = True,
    proposal: bool = False,
) -> Manifest:
    """A manifest with its labels and path. A proposal is never applied and stands in a folder of its own."""
    metadata: dict[str, Any] = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    metadata["labels"] = {STAGE_LABEL: STAGE, **({WAVE_LABEL: str(wave)} if wave is not None else {}), **(labels or {})}
    if annotations:
        metadata["annotations"] = dict(annotations)
    found: dict[str, Any] = {"apiVersion": api_version, "kind": kind, "metadata": metadata}
    if spec is not None:
        found["spec"] = spec
    folder = f"{PROPOSALS}/" if proposal else f"{wave_folder(wave)}/" if wave is not None else ""
    path = f"{folder}{ORDER[kind]:02d}-{kind.lower()}-{name}.yaml"
    return Manifest(path, found, wave, purpose, apply and not proposal)


def wave_folder(wave: int) -> str:
    """The folder of a wave's manifests."""
    return f"wave-{wave:02d}"


def reference(name: str, namespace: str) -> dict[str, str]:
    """A reference to an object of the migration toolkit."""
    return {"name": name, "namespace": namespace}


def is_ours(record: Mapping[str, Any]) -> bool:
    """Whether an object of the target was made from a manifest of this stage."""
    return bool(record.get("labels", {}).get(STAGE_LABEL) == STAGE)
