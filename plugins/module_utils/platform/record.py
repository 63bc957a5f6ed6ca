# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the records of `platform.jsonl` have in common, whatever part they are of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..estate.fields import book, fact, required
from ..target.model import Text


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a kind."""

    id: str = required("stable id, unique within the kind")
    name: Text = fact("name for people")
    part: Text = fact("part of the stage that it belongs to")
    unknown: Mapping[str, str] | None = book("per fact, why it is unknown")
