# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which VMs of vSphere the VMs of the target came from. Managed object ids are unique within one vCenter alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..common.artifact import JsonRecord
from ..target.view import TargetView


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a VM of the target came from, or will come from."""

    moref: str
    """empty where no migration made it"""
    vcenters: frozenset[str | None] | None = None
    """vCenters of the providers that it came through (None for a provider of none in this estate); None where nobody knows"""

    def is_vm(self, vcenter: str, moref: str) -> bool:
        """Whether it is this VM. Where nobody knows the vCenter, the id decides."""
        return bool(self.moref) and self.moref == moref and (self.vcenters is None or self.vcenters == {vcenter})


class Origins:
    """The origins of a target's VMs, as its plans tell them."""

    def __init__(self, target: TargetView, vcenters: Mapping[str, str] | None) -> None:
        """`vcenters` says which vCenter each source provider reads (namespace/name to instance UUID); None where nobody knows."""
        self._vcenters = vcenters
        self._by_uid: dict[str, set[str]] = {}
        self._by_entry: dict[tuple[str, str, str], set[str]] = {}
        for plan in target.all("migration_plan"):
            provider = plan.get("source_provider", "")
            if not provider:
                continue
            if plan.get("uid"):
                self._by_uid.setdefault(plan["uid"], set()).add(provider)
            for vm in plan.get("vms", ()):
                place = (plan.get("target_namespace", ""), vm.get("target_name") or vm.get("name", ""), vm.get("moref", ""))
                self._by_entry.setdefault(place, set()).add(provider)

    def of_machine(self, record: JsonRecord) -> Origin:
        """The origin of a `virtual_machine`."""
        moref = record.get("source_vm", "")
        place = (record.get("namespace", ""), record.get("name", ""), moref)
        return self._origin(moref, self._by_uid.get(record.get("owner_plan", "")) or self._by_entry.get(place) or set())

    def of_planned(self, plan: JsonRecord, moref: str) -> Origin:
        """The origin of what a `migration_plan` will make of a VM."""
        return self._origin(moref, set(filter(None, [plan.get("source_provider", "")])))

    def _origin(self, moref: str, providers: set[str]) -> Origin:
        if not moref or not providers or self._vcenters is None:
            return Origin(moref)
        return Origin(moref, frozenset(self._vcenters.get(name) for name in providers))
