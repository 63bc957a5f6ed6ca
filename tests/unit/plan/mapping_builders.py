# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of a target and of an estate for the tests of mapping and manifests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.plan import model
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.addresses import choices_by_network
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.manifests.build import ManifestInput
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.manifests.providers import source_providers
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.namespaces import destinations
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.networks import map_networks, network_use
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings import NamespaceRule, PlanSettings, Selector
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.storage_mapping import map_storage, storage_use
from ansible_collections.groundwork.readiness.plugins.module_utils.target.view import TargetView

from tests.unit.plan.builders import VCENTER, make_settings, utc

LISTS = (
    "namespaces",
    "network-attachment-definitions.k8s.cni.cncf.io",
    "nodenetworkconfigurationpolicies.nmstate.io",
    "providers.forklift.konveyor.io",
    "storageclasses.storage.k8s.io",
    "storageprofiles.cdi.kubevirt.io",
)
ALL_TO_APPS = (NamespaceRule(Selector(), "apps"),)

Record = dict[str, Any]


def target_of(*records: Mapping[str, Any], read: Iterable[str] = LISTS) -> TargetView:
    """A target with these records, of which these lists were read in full."""
    return TargetView([*records, *({"kind": "reading", "id": name, "state": "read"} for name in read)])


def nad(name: str, vlan: int | None = None, namespace: str = "default", **facts: Any) -> Record:
    """An attachment to bridge br-vm."""
    known = {} if vlan is None else {"vlan": vlan}
    record = {"kind": "network_attachment", "id": f"{namespace}/{name}", "name": name, "namespace": namespace}
    return {**record, "type": "bridge", "bridge": "br-vm", "topology": "", "subnets": [], "user_defined": False, **known, **facts}


def storage_class(name: str, *claim_sets: str, **facts: Any) -> Record:
    """A storage class with these claim sets."""
    return {"kind": "storage_class", "id": name, "name": name, "provisioner": "csi.example.com", "claim_sets": list(claim_sets), **facts}


def namespace(name: str) -> Record:
    """A namespace of the target."""
    return {"kind": "namespace", "id": name, "name": name}


def port_group(name: str, moref: str = "dvportgroup-1", vlan: str | None = None, **facts: Any) -> Record:
    """A port group of the estate."""
    known = {} if vlan is None else {"vlan": vlan}
    record = {"kind": "network", "id": f"{VCENTER}/{moref}", "name": name, "vcenter": VCENTER, "moref": moref, "switch": "dvs-01"}
    return {**record, **known, **facts}


VCENTER_RECORD: Record = {
    "kind": "vcenter",
    "id": VCENTER,
    "name": "vc-north.example.com",
    "vcenter": VCENTER,
    "hostname": "vc-north.example.com",
    "api_type": "VirtualCenter",
}
TARGET = target_of(
    nad("prod-100", 100),
    nad("test-200", 200),
    storage_class("ceph-rbd", "ReadWriteMany/Block", "ReadWriteOnce/Block", default_virtualization=True),
    namespace("apps"),
    namespace("default"),
)
NETWORKS = (port_group("prod", "dvportgroup-100", "100"), port_group("test", "dvportgroup-200", "200"))
DATASTORE: Record = {"kind": "datastore", "id": f"{VCENTER}/datastore-11", "name": "ds-01", "vcenter": VCENTER, "moref": "datastore-11"}


def wave_of(number: int, *vm_ids: str, finished: bool = False) -> model.Wave:
    """A wave on the evening of a Saturday, one a week from 28 November 2026."""
    start: datetime = utc(2026, 11, 28, 22) + timedelta(weeks=number - 1)
    slot = model.Slot("weekend", start, start + timedelta(hours=8))
    return model.Wave(number, slot, tuple(f"group-{vm_id}" for vm_id in vm_ids), vm_ids, 0, 0.0, 0.0, "link", finished)


def manifest_input(
    vms: Iterable[model.PlanVm],
    waves: Iterable[model.Wave] = (),
    *,
    settings: PlanSettings | None = None,
    target: TargetView = TARGET,
    networks: Iterable[Mapping[str, Any]] = NETWORKS,
    datastores: Iterable[Mapping[str, Any]] = (DATASTORE,),
    groups: Iterable[model.Group] = (),
    methods: Mapping[str, str] | None = None,
) -> ManifestInput:
    """Everything that manifests are made of, mapped as a plan maps it; all VMs in wave 1 and cold unless told otherwise."""
    listed = list(vms)
    chosen = settings or make_settings(namespaces=ALL_TO_APPS)
    providers, _constraints = source_providers([VCENTER_RECORD], {vm.vcenter for vm in listed}, chosen, target)
    return ManifestInput(
        settings=chosen,
        target=target,
        vms={vm.id: vm for vm in listed},
        waves=tuple(waves) or (wave_of(1, *sorted(vm.id for vm in listed)),),
        groups=tuple(groups),
        methods={vm.id: (methods or {}).get(vm.id, model.COLD) for vm in listed},
        destinations=destinations(listed, chosen.namespaces, target).of,
        providers=providers,
        networks=map_networks([dict(record) for record in networks], network_use(listed), target, chosen.networks),
        storage=map_storage([dict(record) for record in datastores], storage_use(listed), target, chosen.storage),
    )


def choice_of(
    vms: Iterable[model.PlanVm], records: Iterable[Mapping[str, Any]], target: TargetView, **settings: Any
) -> model.NetworkChoice:
    """The one choice for the VMs' one network."""
    found = map_networks([dict(record) for record in records], network_use(vms), target, make_settings(**settings).networks)
    assert len(found) == 1
    return choices_by_network(found)[found[0].record_id]
