# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reader of a source hands over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..common.artifact import ArtifactInput, JsonRecord


@dataclass(frozen=True, slots=True)
class SourceRead:
    """One source as records.

    `source` is its own record, complete. `records` are all others, in any order of kinds except that VMs come last;
    each has its id, `origin` and `sources`. They are made while they are read, so an `InputError` can arise there.
    """

    source: JsonRecord
    records: Iterator[JsonRecord]
    inputs: tuple[ArtifactInput, ...]
