# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rule of the user means a source: a network or a datastore, by its name or id, in one vCenter or in all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from ..common.artifact import JsonRecord
from .patterns import fits


class SourceRule(Protocol):
    """What rules for networks and datastores have in common."""

    @property
    def source(self) -> str:
        """Pattern of a name, or an id."""

    @property
    def vcenter(self) -> str:
        """Instance UUID, host name or name of the vCenter; empty for all."""


Rule = TypeVar("Rule", bound=SourceRule)


class Rules(Generic[Rule]):
    """The rules of one setting (`plan_networks`); the first one that means a source decides."""

    def __init__(self, setting: str, rules: Sequence[Rule], vcenter_names: Mapping[str, Sequence[str]] | None = None) -> None:
        """`vcenter_names` has what vCenters are called beside their UUID, by that."""
        self._setting = setting
        self._rules = rules
        self._called = vcenter_names or {}

    def find(self, vcenter: str, name: str, *ids: str) -> tuple[Rule, str] | None:
        """The rule, and what it is called in messages."""
        called = (vcenter, *self._called.get(vcenter, ()))
        for number, rule in enumerate(self._rules):
            if means(rule, called, name, ids):
                return rule, f"{self._setting}[{number}]"
        return None


def means(rule: SourceRule, vcenter: Iterable[str], name: str, ids: Sequence[str]) -> bool:
    """Whether a rule means a source, of whose vCenter these are the UUID and the names."""
    if rule.vcenter and not is_called(rule.vcenter, vcenter):
        return False
    return rule.source in ids or fits(rule.source, name)


def is_called(wanted: str, names: Iterable[str]) -> bool:
    """Whether one of the names of a vCenter is the one that is wanted, without regard to case."""
    return wanted.casefold() in {name.casefold() for name in names}


def vcenter_names(record: JsonRecord) -> tuple[str, ...]:
    """What a vCenter may be called: instance UUID, host name and name, as far as they are known; the last one is for people."""
    return tuple(dict.fromkeys(str(record[fact]) for fact in ("vcenter", "hostname", "name") if record.get(fact)))


def names_by_vcenter(records: Iterable[JsonRecord]) -> dict[str, tuple[str, ...]]:
    """Instance UUID to all names, of the vCenters that have one."""
    return {record["vcenter"]: vcenter_names(record) for record in records if record.get("vcenter")}
