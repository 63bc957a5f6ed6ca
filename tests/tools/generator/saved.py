# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A generated estate as a saved estate."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from .collection import module_util
from .layout import Record


def write_saved(path: Path, others: Iterable[Record], vms: Iterable[Record]) -> None:
    """Writes estate.jsonl or estate.jsonl.gz; `vms` come sorted by id, the others in any order."""
    artifact = module_util("common.artifact")
    artifacts = module_util("adapters.artifacts")
    header = artifact.ArtifactHeader(schema="estate", inputs=())
    rest = sorted(others, key=artifact.sort_key)
    with artifacts.ArtifactWriter(path, header) as writer:
        for record in rest:
            writer.write(record)
        for record in vms:
            writer.write(record)
        writer.finish()
