# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rule of the user means a source: a network or a datastore, by its name or id, in one vCenter or in all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Generic, Protocol, TypeVar


class SourceRule(Protocol):
    """What rules for networks and datastores have in common."""

    @property
    def source(self) -> str:
        """Pattern of a name, or an id."""

    @property
    def vcenter(self) -> str:
        """Instance UUID or name of the vCenter; empty for all."""


Rule = TypeVar("Rule", bound=SourceRule)


class Rules(Generic[Rule]):
    """The rules of one setting (`plan_networks`); the first one that means a source decides."""

    def __init__(self, setting: str, rules: Sequence[Rule], vcenter_names: Mapping[str, str] | None = None) -> None:
        self._setting = setting
        self._rules = rules
        self._vcenter_names = vcenter_names or {}

    def find(self, vcenter: str, name: str, *ids: str) -> tuple[Rule, str] | None:
        """The rule, and what it is called in messages."""
        called = (vcenter, self._vcenter_names.get(vcenter, vcenter))
        for number, rule in enumerate(self._rules):
            if means(rule, called, name, ids):
                return rule, f"{self._setting}[{number}]"
        return None


def means(rule: SourceRule, vcenter: Sequence[str], name: str, ids: Sequence[str]) -> bool:
    """Whether a rule means a source, of whose vCenter these are the UUID and the names."""
    if rule.vcenter and rule.vcenter not in vcenter:
        return False
    return rule.source in ids or bool(name and fnmatchcase(name.lower(), rule.source.lower()))
