# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is judged: the objects to be created, and those of the target that they refer to, as the conditions see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ...common.artifact import JsonRecord
from ..model import WARM, Manifest, PlanVm

Spec: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SourceVm:
    """A VM of the estate that nobody plans, for it is out of scope. None, or an empty text, is what nobody knows."""

    id: str
    vcenter: str
    moref: str
    name: str
    power_state: str
    disk_paths: tuple[str, ...] | None
    reason: str
    """why it is out of scope"""
    template: bool | None = None


@dataclass(frozen=True, slots=True)
class ObjectView:
    """A manifest with the name of what it makes."""

    kind: str
    key: str
    """namespace/name, or the name alone"""
    manifest: Manifest

    @property
    def label(self) -> str:
        """Kind and name."""
        return f"{self.kind} {self.key}"

    @property
    def metadata(self) -> Spec:
        """Its metadata."""
        return mapping(self.manifest.object.get("metadata"))

    @property
    def spec(self) -> Spec:
        """Its spec; empty when it has none."""
        return mapping(self.manifest.object.get("spec"))


@dataclass(frozen=True, slots=True)
class ProviderView:
    """A provider: the one to be made (`spec`), the one on the target (`record`), or both. Neither: it is only referred to."""

    key: str
    spec: Spec | None
    record: JsonRecord | None
    vcenter: str | None
    """instance UUID of its vCenter; None where nobody knows"""

    @property
    def label(self) -> str:
        """Kind and name."""
        return f"Provider {self.key}"

    @property
    def type(self) -> str:
        """vsphere, openshift, …; empty where nobody knows."""
        if self.spec is not None:
            return text(self.spec.get("type"))
        return text((self.record or {}).get("type"))

    @property
    def settings(self) -> Spec:
        """The settings of the provider to be made."""
        return mapping((self.spec or {}).get("settings"))

    @property
    def shown(self) -> JsonRecord | None:
        """The record, where it tells of the provider as it will be: the manifest does not give it another address."""
        if self.record is None or self.spec is None or text(self.spec.get("url")) == self.record.get("url"):
            return self.record
        return None


@dataclass(frozen=True, slots=True)
class MapEntry:
    """One pair of a map. `ids` are the sources of the estate that are meant, as VMs' disks and adapters call them."""

    source: Spec
    destination: Spec
    raw: Spec
    ids: tuple[str, ...]

    @property
    def named(self) -> str:
        """How messages call its source."""
        return text(self.source.get("name")) or text(self.source.get("id")) or "a source without id and name"


@dataclass(frozen=True, slots=True)
class MapView:
    """A network or storage map: to be made (`spec`), or on the target alone (`record`)."""

    kind: str
    key: str
    spec: Spec | None
    record: JsonRecord | None
    source: ProviderView | None
    destination: ProviderView | None
    entries: tuple[MapEntry, ...]
    mapped: frozenset[str]
    """the sources of the estate that it maps"""
    unclear: str = ""
    """why nobody knows what it maps"""
    by_source: Mapping[str, tuple[Spec, ...]] = field(default_factory=dict)
    """source to its destinations; empty for a map of the target, which the snapshot shows without them"""
    offloads: bool = False
    """whether an array copies the disks of a pair; told once, since several conditions ask for each VM"""

    @property
    def label(self) -> str:
        """Kind and name."""
        return f"{self.kind} {self.key}"


@dataclass(slots=True)
class PlanView:
    """A Plan to be made."""

    key: str
    name: str
    namespace: str
    spec: Spec
    wave: int | None
    source: ProviderView | None
    destination: ProviderView | None
    network_map: MapView | None
    storage_map: MapView | None
    existing: JsonRecord | None
    """the plan of this name on the target"""
    entries: list[VmEntry] = field(default_factory=list)
    migrations: list[MigrationView] = field(default_factory=list)

    @property
    def label(self) -> str:
        """Kind and name."""
        return f"Plan {self.key}"

    @property
    def target_namespace(self) -> str:
        """Namespace of its VMs."""
        return text(self.spec.get("targetNamespace"))

    @property
    def type(self) -> str:
        """cold, warm, …; as the controller takes it, which still knows the older `warm`."""
        return text(self.spec.get("type")) or (WARM if self.spec.get("warm") is True else "")

    @property
    def warm(self) -> bool:
        """Whether it is warm."""
        return self.type == WARM

    @property
    def conversion(self) -> bool:
        """Whether it converts volumes that are there."""
        return self.type == "conversion"

    @property
    def keeps_addresses(self) -> bool:
        """preserveStaticIPs, which is on unless told otherwise."""
        return self.spec.get("preserveStaticIPs") is not False


@dataclass(slots=True)
class VmEntry:
    """A VM of a plan."""

    plan: PlanView
    number: int
    raw: Spec
    vm: PlanVm | None
    """None where the estate has no such VM in scope"""
    other: SourceVm | None
    """a VM of the estate that is out of scope"""
    matches: int
    """VMs of the provider's vCenter that are meant; 0 is unknown, more than 1 ambiguous"""
    name: str
    target_name: str
    warm: bool
    """of its plan, once for all conditions"""
    claims: tuple[str, ...] | None = None
    """names of its claims, once they were made"""

    @property
    def label(self) -> str:
        """The plan and the VM."""
        return f"{self.plan.label}, VM {self.name}"

    @property
    def identity(self) -> str:
        """What tells it from other VMs: its id in the estate, else what the plan calls it."""
        if self.vm is not None:
            return self.vm.id
        return self.other.id if self.other is not None else f"{self.plan.key} {text(self.raw.get('id')) or text(self.raw.get('name'))}"

    @property
    def migrates_shared(self) -> bool:
        """migrateSharedDisks: the VM's own word, else the plan's, which is on unless told otherwise."""
        own = self.raw.get("migrateSharedDisks")
        return own if isinstance(own, bool) else self.plan.spec.get("migrateSharedDisks") is not False


@dataclass(frozen=True, slots=True)
class HostView:
    """A Host to be made."""

    key: str
    spec: Spec
    provider: ProviderView | None
    host: JsonRecord | None
    """the host of the estate"""
    matches: int
    existing: JsonRecord | None

    @property
    def label(self) -> str:
        """Kind and name."""
        return f"Host {self.key}"


@dataclass(frozen=True, slots=True)
class MigrationView:
    """A Migration to be started."""

    key: str
    spec: Spec
    plan_key: str
    plan: PlanView | None

    @property
    def label(self) -> str:
        """Kind and name."""
        return f"Migration {self.key}"


def text(value: object) -> str:
    """A text as it stands; everything else is empty."""
    return value if isinstance(value, str) else ""


def mapping(value: object) -> Spec:
    """A mapping as it stands; everything else is empty."""
    return value if isinstance(value, Mapping) else {}


def mappings(value: object) -> list[Spec]:
    """The mappings of a list."""
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list | tuple) else []


def key_of(reference: object) -> str:
    """namespace/name of a reference; empty unless both are set, as the controller wants them."""
    found = mapping(reference)
    name, namespace = text(found.get("name")), text(found.get("namespace"))
    return f"{namespace}/{name}" if name and namespace else ""
