# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts that a rule may name: their paths and types, taken from the estate model.

A path is the name of a VM's fact (`cpu_count`), of a part's fact inside `any_of` (`mode` of `disks`), or of a fact of
the VM's cluster (`cluster.drs_enabled`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, get_type_hints

from ..estate import model

_TYPES: Final[tuple[tuple[Any, str], ...]] = (
    (model.Text, "text"),
    (model.Count, "number"),
    (model.Number, "number"),
    (model.Flag, "flag"),
    (model.Texts, "texts"),
    (model.Counts, "numbers"),
    (model.TextMap, "map"),
    (str, "text"),
)

LISTS: Final = ("texts", "numbers", "map", "parts")
"""Types that have a count."""

CLUSTER_PREFIX: Final = "cluster."


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: `path` as evidence shows it, `name` as its key in the record that holds it.

    `type` is text, number, flag, texts, numbers, map or parts.
    """

    path: str
    name: str
    type: str

    @property
    def joined(self) -> bool:
        """True for a fact of the VM's cluster."""
        return self.path.startswith(CLUSTER_PREFIX)


def _type_of(hint: Any) -> str:
    return next((name for known, name in _TYPES if known == hint), "parts")


def _facts_of(owner: type, prefix: str) -> dict[str, Fact]:
    hints = get_type_hints(owner)
    return {
        entry.name: Fact(path=prefix + entry.name, name=entry.name, type=_type_of(hints[entry.name]))
        for entry in fields(owner)
        if not entry.metadata.get("bookkeeping") and entry.name != "id"
    }


PART_FACTS: Final[Mapping[str, Mapping[str, Fact]]] = {name: _facts_of(owner, f"{name}.") for name, owner in model.PARTS.items()}
"""List of parts to (name to fact), for expressions inside `any_of`."""

VM_FACTS: Final[Mapping[str, Fact]] = {
    **_facts_of(model.Vm, ""),
    **{fact.path: fact for fact in _facts_of(model.Cluster, CLUSTER_PREFIX).values()},
}
"""Path to fact, for expressions on the VM."""


def facts_in(part: str) -> Mapping[str, Fact]:
    """The facts that an expression may name: inside `any_of` over that list of parts, or on the VM when it is empty."""
    return PART_FACTS[part] if part else VM_FACTS
