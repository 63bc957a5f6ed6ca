# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan of two VMs with nothing wrong, an estate and a target for it, and the ways to spoil each of them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

from ansible_collections.groundwork.readiness.plugins.module_utils.plan import model
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.addresses import Addresses
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.conditions.context import PreflightInput
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.conditions.findings import Preflight
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.conditions.preflight import preflight
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.conditions.views import SourceVm
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.manifests.build import build_manifests
from ansible_collections.groundwork.readiness.plugins.module_utils.target.readings import RESOURCES
from ansible_collections.groundwork.readiness.plugins.module_utils.target.view import TargetView

from tests.unit.plan.builders import VCENTER, make_disk, make_nic, make_settings, make_vm, utc
from tests.unit.plan.mapping_builders import ALL_TO_APPS, DATASTORE, NETWORKS, VCENTER_RECORD, manifest_input, nad, storage_class

MTV = "openshift-mtv"
SOURCE, HOST = f"{MTV}/vc-north", f"{MTV}/host"
PLAN = f"{MTV}/vc-north-apps-w01-cold"
URL = "https://vc-north.example.com/sdk"
IMAGE = "registry.example.com/vddk:8"
DROP = object()
"""Takes a key away."""

Record = dict[str, Any]
Spoiler = Callable[["World"], object]


def _forklift(kind: str, name: str, **facts: Any) -> Record:
    return {"kind": kind, "id": f"{MTV}/{name}", "name": name, "namespace": MTV, "ready": True, **facts}


def _target_records() -> list[Record]:
    source = {"type": "vsphere", "url": URL, "secret": SOURCE, "conditions": {"Ready": "Required"}, "vddk_image": IMAGE}
    options = {"sdk_endpoint": "vcenter", "esxi_clone_method": ""}
    plain = {"role": "", "transfer_route": ""}
    spaces = {"phase": "Active", "enforce": "", "primary_network": False}
    limits = {"max_vm_inflight": 20, "vddk_image": "", "features": {}, "namespace_enforces": "", "available": True}
    return [
        _forklift("provider", "vc-north", **source, **options),
        _forklift("provider", "host", type="openshift", url="", conditions={"Ready": "Required"}, **options),
        _forklift("migration_plan", "earlier", source_provider=SOURCE, archived=False, conditions={}, vms=[], target_namespace="apps"),
        {"kind": "migration_toolkit", "id": f"{MTV}/forklift", **limits},
        {"kind": "virtualization", "id": "kubevirt-hyperconverged", "available": True},
        nad("prod-100", 100, **plain),
        nad("test-200", 200, **plain),
        storage_class("ceph-rbd", "ReadWriteMany/Block", "ReadWriteOnce/Block", annotations={}, default_virtualization=True),
        *({"kind": "namespace", "id": name, "name": name, **spaces} for name in ("apps", "default", MTV)),
    ]


def _host(moref: str) -> Record:
    name = f"esx-{moref}.example.com"
    facts = {"connection_state": "connected", "in_maintenance": False}
    return {"kind": "host", "id": f"{VCENTER}/{moref}", "vcenter": VCENTER, "moref": moref, "name": name, **facts}


def _vm(name: str, number: int, **changes: Any) -> model.PlanVm:
    nic = make_nic(network="prod", network_id=f"{VCENTER}/dvportgroup-100", mac=f"00:50:56:00:00:{number:02x}")
    return make_vm(name, **{"nics": (nic,), **changes})


@dataclass
class _Made:
    manifests: tuple[model.Manifest, ...]
    waves: tuple[model.Wave, ...]
    vcenter_of: dict[str, str]


def _with_first_copy(wave: model.Wave) -> model.Wave:
    """The wave with first copies of ten hours."""
    start_by = wave.slot.start - timedelta(hours=10)
    return replace(wave, first_copy=model.FirstCopy(1 << 40, 400.0, 600.0, start_by))


class World:
    """Everything that the preflight is given. Methods spoil it; `DROP` as a value takes a key away."""

    def __init__(self, method: str = model.COLD, vms: tuple[model.PlanVm, ...] | None = None, **settings: Any) -> None:
        listed = vms or (_vm("app-01", 1), _vm("web-01", 2))
        self.settings = make_settings(namespaces=ALL_TO_APPS, **settings)
        self.records = {(record["kind"], record["id"]): record for record in _target_records()}
        self.readings = {resource.id: "read" for resource in RESOURCES}
        made = self._manifests(listed, method)
        self.waves = [_with_first_copy(wave) if method == model.WARM else wave for wave in made.waves]
        self.vcenter_of = made.vcenter_of
        self.objects = [replace(entry, object=copy.deepcopy(dict(entry.object))) for entry in made.manifests]
        self.vms = {vm.id: vm for vm in listed}
        self.first = listed[0].id
        self.others: list[SourceVm] = []
        self.hosts: list[Record] = [_host("host-10"), _host("host-11")]
        self.networks: list[Record] = [dict(record) for record in NETWORKS]
        self.datastores: list[Record] = [{**DATASTORE, "accessible": True, "type": "NFS", "address": "nas:/vol"}]
        self.vcenters: list[Record] = [dict(VCENTER_RECORD)]
        self.groups: tuple[model.Group, ...] = tuple(model.Group(f"group-{vm.id}", (vm.id,)) for vm in listed)
        self.fit: model.FitResult | None = model.FitResult({vm.id: "node-1" for vm in listed}, {}, (), (), True)
        self.address_checks: list[Any] | None = [
            check for vm in listed for check in Addresses(self.given.networks, self.given.target).checks(vm, self.given.destinations[vm.id])
        ]
        self.downtimes: dict[str, float] = {}
        self.more: dict[str, Any] = {}
        self.now = utc(2026, 11, 21)

    def _manifests(self, vms: tuple[model.PlanVm, ...], method: str) -> _Made:
        self.given = manifest_input(vms, settings=self.settings, target=self.target(), methods={vm.id: method for vm in vms})
        providers = {f"{provider.namespace}/{provider.name}": vcenter for vcenter, provider in self.given.providers.items()}
        return _Made(build_manifests(self.given).manifests, tuple(self.given.waves), providers)

    def target(self) -> TargetView:
        """The target with its readings."""
        readings = ({"kind": "reading", "id": name, "state": state} for name, state in self.readings.items())
        return TargetView([*self.records.values(), *readings])

    def run(self) -> Preflight:
        """The preflight of it."""
        return preflight(
            PreflightInput(
                manifests=self.objects,
                vms=self.vms,
                target=self.target(),
                settings=self.settings,
                now=self.now,
                vcenter_of=self.vcenter_of,
                others=self.others,
                vcenters=self.vcenters,
                networks=self.networks,
                datastores=self.datastores,
                hosts=self.hosts,
                waves=self.waves,
                groups=self.groups,
                fit=self.fit,
                addresses=self.address_checks,
                downtimes=self.downtimes,
                **self.more,
            )
        )

    # ---- manifests -----------------------------------------------------------------------------------------------

    def object(self, kind: str, number: int = 0) -> Record:
        """An object of a kind, to be changed."""
        found: list[Any] = [entry.object for entry in self.objects if entry.object["kind"] == kind]
        return cast("Record", found[number])

    def plan(self, **changes: Any) -> None:
        """Changes the Plan's spec."""
        _change(self.object("Plan")["spec"], changes)

    def entry(self, number: int = 0, **changes: Any) -> None:
        """Changes a VM of the Plan."""
        _change(self.object("Plan")["spec"]["vms"][number], changes)

    def pair(self, kind: str, number: int = 0, **changes: Any) -> None:
        """Changes a pair of a map: source, destination, offloadPlugin."""
        _change(self.object(kind)["spec"]["map"][number], changes)

    def add_pair(self, kind: str, source: Record, **destination: Any) -> None:
        """A further pair."""
        self.object(kind)["spec"]["map"].append({"source": source, "destination": destination})

    def add(self, kind: str, name: str, spec: Record, *, namespace: str = MTV, **more: Any) -> None:
        """A further manifest."""
        metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
        made = {"apiVersion": "forklift.konveyor.io/v1beta1", "kind": kind, "metadata": metadata, "spec": spec}
        self.objects.append(model.Manifest(f"{kind}-{name}.yaml", made, more.get("wave"), "", more.get("apply", True)))

    def provider(self, **changes: Any) -> None:
        """A manifest of the source provider, for the address that it has on the target."""
        secret = {"name": "vc-north", "namespace": MTV}
        spec = {"type": "vsphere", "url": URL, "secret": secret, "settings": {"sdkEndpoint": "vcenter", "vddkInitImage": IMAGE}}
        _change(spec, changes)
        self.add("Provider", "vc-north", spec)

    def new_provider(self, **changes: Any) -> None:
        """The same, and the target does not have it yet."""
        self.no_record("provider", SOURCE)
        self.provider(**changes)

    def host_manifest(self, **changes: Any) -> None:
        """A Host for the first ESXi host."""
        reference = {"name": "vc-north", "namespace": MTV}
        spec = {"id": "host-10", "ipAddress": "192.0.2.5", "provider": reference, "secret": {"name": "esx", "namespace": MTV}}
        _change(spec, changes)
        self.add("Host", "esx-10", spec)

    def hook(self, step: str = "PreHook", name: str = "quiesce", *, make: Mapping[str, Any] | None = None) -> None:
        """A hook of the first VM; `make` is the spec of its manifest."""
        hooks = self.object("Plan")["spec"]["vms"][0].setdefault("hooks", [])
        hooks.append({"step": step, "hook": {"name": name, "namespace": MTV}})
        if make is not None:
            self.add("Hook", name, dict(make))

    def second_plan(self, name: str = "second", **changes: Any) -> Record:
        """Another Plan in the same wave, with the second VM of the first Plan alone."""
        twin = copy.deepcopy(self.object("Plan"))
        entries = self.object("Plan")["spec"]["vms"]
        twin["spec"]["vms"] = [copy.deepcopy(entries[-1])]
        del entries[-1]
        _change(twin["spec"], changes)
        self.add("Plan", name, twin["spec"], wave=1)
        return cast("Record", self.objects[-1].object)

    # ---- target --------------------------------------------------------------------------------------------------

    def record(self, kind: str, identity: str, **changes: Any) -> None:
        """Changes or makes a record of the target."""
        name = identity.rpartition("/")[2]
        found = self.records.setdefault((kind, identity), {"kind": kind, "id": identity, "name": name})
        if "/" in identity:
            found["namespace"] = identity.partition("/")[0]
        _change(found, changes)

    def no_record(self, kind: str, identity: str) -> None:
        """Takes a record of the target away."""
        self.records.pop((kind, identity), None)

    def unread(self, *lists: str) -> None:
        """Lists that the account may not read: nothing is known of them."""
        self.readings.update(dict.fromkeys(lists, "forbidden"))

    def toolkit(self, **changes: Any) -> None:
        """Changes the settings of the migration toolkit."""
        self.record("migration_toolkit", f"{MTV}/forklift", **changes)

    def no_toolkit(self) -> None:
        """Nobody knows the settings of the toolkit."""
        self.no_record("migration_toolkit", f"{MTV}/forklift")
        self.unread("forkliftcontrollers.forklift.konveyor.io")

    # ---- estate --------------------------------------------------------------------------------------------------

    def vm(self, **changes: Any) -> None:
        """Changes the first VM of the estate."""
        self.vms[self.first] = replace(self.vms[self.first], **changes)

    def disk(self, **changes: Any) -> None:
        """Changes the first VM's disk."""
        self.vm(disks=(make_disk(**{"path": "[ds-01] app-01/app-01.vmdk", **changes}),))

    def nic(self, **changes: Any) -> None:
        """Changes the first VM's adapter."""
        nic = (self.vms[self.first].nics or (make_nic(),))[0]
        self.vm(nics=(replace(nic, **changes),))

    def share(self, **changes: Any) -> None:
        """Both VMs have one disk; both are off unless told otherwise."""
        for vm_id, vm in self.vms.items():
            disks = (*(vm.disks or ()), make_disk("[ds-01] shared/data.vmdk"))
            self.vms[vm_id] = replace(vm, **{"power_state": "poweredOff", "disks": disks, **changes})

    def put(self, **changes: Any) -> None:
        """Sets what is given beside: fit, groups, waves, address_checks, now, others, …"""
        for name, value in changes.items():
            setattr(self, name, value)


def _change(record: Record, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        if value is DROP:
            record.pop(name, None)
        else:
            record[name] = value


def do(*steps: Spoiler) -> Spoiler:
    """Several steps in one."""

    def run(world: World) -> None:
        for step in steps:
            step(world)

    return run


def nothing(_world: World) -> None:
    """The world as it is."""


@dataclass(frozen=True)
class Case:
    """How to make a condition fail, what passes just so, and which fact to take away; None where nothing can be lacking.

    `warm` begins with a warm plan. A condition that nothing can answer
    before the objects exist has `missing` alone.
    """

    wrong: Spoiler | None = None
    boundary: Spoiler = nothing
    missing: Spoiler | None = None
    warm: bool = False
