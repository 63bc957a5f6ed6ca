# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be found in each scenario: the file truth.yml, which nothing that runs has any part in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent / "truth.yml"
REAL, PLAYED, CONTRACT, HEALTHY = "real", "played", "contract", "healthy"
KINDS = (REAL, PLAYED, CONTRACT, HEALTHY)
STAGE = "namespaces."
_LINE = re.compile(r"(?P<part>\S+) (?P<check>\S+) (?P<state>[a-z_]+)(?: x(?P<times>\d+))?")

Found = tuple[str, str, str]
"""Part, check without the stage's name, and state."""


@dataclass(frozen=True, slots=True)
class Truth:
    """One scenario."""

    name: str
    does: str
    kind: str
    expects: Mapping[Found, int]
    """what is found, and how many times"""
    parts: tuple[str, ...]
    """what is done, one after the other; of most scenarios their own name"""


def truths() -> dict[str, Truth]:
    """All scenarios by name, in the order of the file."""
    return {name: _truth(name, entry) for name, entry in yaml.safe_load(FILE.read_text(encoding="utf-8")).items()}


def _truth(name: str, entry: Mapping[str, Any]) -> Truth:
    expects: Counter[Found] = Counter()
    for line in entry["expects"]:
        found = _LINE.fullmatch(line)
        assert found is not None, f"{name}: {line}"
        expects[found["part"], found["check"], found["state"]] += int(found["times"] or 1)
    return Truth(name, entry["does"], entry["kind"], dict(expects), tuple(entry.get("of", (name,))))
