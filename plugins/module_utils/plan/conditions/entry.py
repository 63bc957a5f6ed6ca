# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of a catalogue entry, and the words that the entries share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

TOOLKIT: Final = "toolkit"
OWN: Final = "own"
ORIGINS: Final = (TOOLKIT, OWN)
"""toolkit: the migration controller or its webhooks judge it. own: they pass it over, or it comes out when the migration runs."""

PROVIDER, HOST, HOOK, NETWORK_MAP, STORAGE_MAP = "Provider", "Host", "Hook", "NetworkMap", "StorageMap"
PLAN, VM, MIGRATION, OBJECT = "Plan", "VM", "Migration", "object"
SCOPES: Final = (PROVIDER, HOST, HOOK, NETWORK_MAP, STORAGE_MAP, PLAN, VM, MIGRATION, OBJECT)
"""What a condition asks about, in the order of judging: what others refer to comes first. `object` is every manifest."""

MANIFESTS: Final = "the manifests alone"
"""The need of a condition that nothing can be lacking for."""

PLAN_GO: Final = "pkg/controller/plan/validation.go"
VSPHERE_GO: Final = "pkg/controller/plan/adapter/vsphere/validator.go"
BUILDER_GO: Final = "pkg/controller/plan/adapter/vsphere/builder.go"
PAIR_GO: Final = "pkg/controller/validation/provider.go"
PROVIDER_GO: Final = "pkg/controller/provider/validation.go"
HOST_GO: Final = "pkg/controller/host/validation.go"
HOOK_GO: Final = "pkg/controller/hook/validation.go"
NETWORK_GO: Final = "pkg/controller/map/network/validation.go"
STORAGE_GO: Final = "pkg/controller/map/storage/validation.go"
WEBHOOK_GO: Final = "pkg/forklift-api/webhooks/validating-webhook/admitters/"
OBSERVED: Final = "seen with the real controller: it says nothing"
READ: Final = "read in the controller's code: it does not look"
API: Final = "Kubernetes API: object names and labels"


@dataclass(frozen=True, slots=True)
class Condition:
    """One question that the preflight answers."""

    id: str
    """the controller's own type name where it has one"""
    category: str
    origin: str
    scopes: tuple[str, ...]
    title: str
    """what it asks, as the fault that it looks for"""
    needs: str
    """the facts that it rests on, in words"""
    source: str
    never_evaluated: str = ""
    """why nothing can tell before the objects exist; empty for all others"""

    @property
    def self_contained(self) -> bool:
        """Whether the manifests say everything, so that it is never left open."""
        return self.needs == MANIFESTS


def toolkit(
    name: str, category: str, scopes: str | tuple[str, ...], title: str, needs: str, source: str, never_evaluated: str = ""
) -> Condition:
    """A condition of the migration toolkit."""
    return Condition(name, category, TOOLKIT, (scopes,) if isinstance(scopes, str) else scopes, title, needs, source, never_evaluated)


def own(name: str, category: str, scopes: str | tuple[str, ...], title: str, needs: str, source: str) -> Condition:
    """A condition of this collection."""
    return Condition(f"own.{name}", category, OWN, (scopes,) if isinstance(scopes, str) else scopes, title, needs, source)
