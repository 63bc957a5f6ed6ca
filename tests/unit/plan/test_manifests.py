# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manifests of a plan: which there are, what stands in them, and that the real CRDs take them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.plan import model
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.manifests.build import (
    ManifestInput,
    ManifestSet,
    build_manifests,
    kustomizations,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.manifests.plans import packed
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.manifests.providers import provider_manifests, source_providers
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings import (
    HookRule,
    HostRule,
    NamespaceRule,
    NetworkRule,
    ProviderRule,
    Selector,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.shared_disks import shared_disks, sharing_constraints
from ansible_collections.groundwork.readiness.plugins.module_utils.target.view import TargetView
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from tests.unit.plan.builders import VCENTER, make_disk, make_nic, make_settings, make_vm
from tests.unit.plan.mapping_builders import (
    ALL_TO_APPS,
    TARGET,
    VCENTER_RECORD,
    manifest_input,
    nad,
    namespace,
    port_group,
    storage_class,
    target_of,
    wave_of,
)

Spec = Mapping[str, Any]


def nic(number: int = 100) -> model.PlanNic:
    return make_nic(network_id=f"{VCENTER}/dvportgroup-{number}", network="")


def vm(name: str, **changes: Any) -> model.PlanVm:
    return make_vm(name, **{"nics": (nic(),), **changes})


def built(*vms: model.PlanVm, **changes: Any) -> ManifestSet:
    return build_manifests(manifest_input(vms, **changes))


def specs(found: ManifestSet, kind: str) -> dict[str, Spec]:
    return {entry.object["metadata"]["name"]: entry.object.get("spec", {}) for entry in found.manifests if entry.object["kind"] == kind}


def only(found: ManifestSet, kind: str) -> Spec:
    (spec,) = specs(found, kind).values()
    return spec


def test_one_vm_takes_a_provider_two_maps_a_plan_and_a_migration() -> None:
    found = built(vm("web"))
    assert [entry.path for entry in found.manifests] == [
        "10-provider-vc-north.yaml",
        "30-networkmap-vc-north-network.yaml",
        "35-storagemap-vc-north-storage.yaml",
        "wave-01/40-plan-vc-north-apps-w01-cold.yaml",
        "wave-01/50-migration-vc-north-apps-w01-cold.yaml",
    ]
    assert [entry.apply for entry in found.manifests] == [True, True, True, True, False]
    assert {entry.object["metadata"]["namespace"] for entry in found.manifests} == {"openshift-mtv"}


def test_plan_states_what_its_defaults_would_decide() -> None:
    plan = only(built(vm("Web_01")), "Plan")
    explicit = ("type", "deleteVmOnFailMigration", "targetPowerState", "migrateSharedDisks", "preserveStaticIPs", "targetNamespace")
    assert [plan[key] for key in explicit] == ["cold", False, "auto", True, True, "apps"]
    assert "warm" not in plan
    assert plan["vms"] == [{"id": "vm-Web_01", "name": "Web_01", "targetName": "web-01"}]
    assert plan["provider"]["destination"] == {"name": "host", "namespace": "openshift-mtv"}
    assert plan["map"]["network"] == {"name": "vc-north-network", "namespace": "openshift-mtv"}


def test_maps_lead_by_id_to_what_was_chosen() -> None:
    found = built(
        vm("web", nics=(nic(100), nic(200))), settings=make_settings(namespaces=ALL_TO_APPS, networks=(NetworkRule("test", "pod"),))
    )
    assert only(found, "NetworkMap")["map"] == [
        {"source": {"id": "dvportgroup-100"}, "destination": {"type": "multus", "namespace": "default", "name": "prod-100"}},
        {"source": {"id": "dvportgroup-200"}, "destination": {"type": "pod"}},
    ]
    assert only(found, "StorageMap")["map"] == [
        {
            "source": {"id": "datastore-11"},
            "destination": {"storageClass": "ceph-rbd", "accessMode": "ReadWriteMany", "volumeMode": "Block"},
        }
    ]


def test_sources_without_ids_are_named_and_told_apart_by_vlan() -> None:
    groups = [{**port_group("prod", f"x-{vlan}", vlan), "moref": ""} for vlan in ("100", "200")]
    web = vm("web", moref="", id="web", nics=tuple(make_nic(network_id=group["id"]) for group in groups))
    found = built(web, networks=groups)
    assert [entry["source"] for entry in only(found, "NetworkMap")["map"]] == [
        {"name": "prod", "vlan": "100"},
        {"name": "prod", "vlan": "200"},
    ]
    assert only(found, "Plan")["vms"] == [{"name": "web", "targetName": "web"}]


def test_warm_plan_has_a_migration_with_its_cutover_that_is_never_applied() -> None:
    web = vm("web")
    found = built(web, methods={web.id: model.WARM}, waves=[wave_of(3, web.id)])
    assert only(found, "Plan")["type"] == "warm"
    assert only(found, "Migration") == {
        "plan": {"name": "vc-north-apps-w03-warm", "namespace": "openshift-mtv"},
        "cutover": "2026-12-12T22:00:00Z",
    }
    assert [entry.apply for entry in found.manifests if entry.object["kind"] == "Migration"] == [False]


def test_one_plan_per_namespace_and_method_in_a_wave() -> None:
    vms = [vm("a", owner="x"), vm("b", owner="y"), vm("c", owner="x")]
    rules = (NamespaceRule(Selector(), "{owner}"),)
    found = built(*vms, settings=make_settings(namespaces=rules), methods={vms[2].id: model.WARM}, waves=[wave_of(1, *(v.id for v in vms))])
    assert sorted(specs(found, "Plan")) == ["vc-north-x-w01-cold", "vc-north-x-w01-warm", "vc-north-y-w01-cold"]


def test_plans_are_split_at_the_limit_and_groups_stay_together() -> None:
    vms = [vm(f"v{number}") for number in range(7)]
    together = model.Group("g", (vms[1].id, vms[3].id, vms[5].id))
    found = built(*vms, settings=make_settings(namespaces=ALL_TO_APPS, max_vms=3), groups=[together])
    plans = specs(found, "Plan")
    assert sorted(plans) == ["vc-north-apps-w01-cold", "vc-north-apps-w01-cold-2", "vc-north-apps-w01-cold-3"]
    listed = [{entry["name"] for entry in plan["vms"]} for plan in plans.values()]
    assert {"v1", "v3", "v5"} in listed
    assert sorted(len(names) for names in listed) == [1, 3, 3]


@given(st.lists(st.integers(1, 9), max_size=30), st.integers(1, 5))
def test_packing_loses_nothing_and_splits_only_what_is_too_large(sizes: list[int], limit: int) -> None:
    units = [[f"{unit}-{number}" for number in range(size)] for unit, size in enumerate(sizes)]
    found = packed(units, limit)
    assert sorted(name for names in found for name in names) == sorted(name for unit in units for name in unit)
    assert all(0 < len(names) <= limit for names in found)
    assert all(sum(bool(set(unit) & set(names)) for names in found) == 1 for unit in units if len(unit) <= limit)


@pytest.mark.parametrize("grouped", [True, False])
def test_one_vm_brings_a_shared_disk_and_comes_first_in_its_plan(grouped: bool) -> None:
    shared = make_disk("[ds-01] shared/q.vmdk", shared=True)
    own = [make_disk(f"[ds-01] {name}/{name}.vmdk") for name in "abc"]
    vms = [vm("a", disks=(own[0],)), vm("b", disks=(own[1], shared)), vm("c", disks=(own[2], shared, make_disk("[ds-01] c/d.vmdk")))]
    group = model.Group("g", tuple(v.id for v in vms))
    found = built(*vms, groups=[group] if grouped else [], waves=[wave_of(1, *(v.id for v in reversed(vms)))])
    first, *others = [(entry["name"], entry.get("migrateSharedDisks")) for entry in only(found, "Plan")["vms"]]
    assert first == ("b", True)
    assert sorted(others) == [("a", None), ("c", False)]
    assert found.shared.skipped == {vms[2].id: {(VCENTER, "[ds-01] shared/q.vmdk")}}


def test_vm_that_was_moved_has_brought_its_shared_disks_already() -> None:
    shared = make_disk("[ds-01] shared/q.vmdk")
    vms = [vm(name, disks=(shared,)) for name in "ab"]
    found = shared_disks(vms, rank=lambda vm_id: -1 if vm_id == vms[1].id else 1)
    assert (found.creators, found.consumers) == ({vms[1].id}, {vms[0].id})


def test_vm_between_two_shared_disks_that_others_bring_is_told() -> None:
    one, two, three = (make_disk(f"[ds-01] s/{number}.vmdk") for number in range(3))
    vms = [vm("a", disks=(one, two)), vm("b", disks=(two, three)), vm("c", disks=(three,))]
    found = shared_disks(vms, rank=lambda vm_id: 2 if vm_id == vms[1].id else 1)
    assert found.both == () and found.consumers == {vms[1].id}
    vms[0] = vm("a", disks=(one,))
    vms.append(vm("d", disks=(two,)))
    assert shared_disks(vms, rank=lambda vm_id: 3 if vm_id == vms[3].id else 2 if vm_id == vms[1].id else 1).both == (vms[1].id,)


def test_vms_that_share_a_disk_must_go_to_one_namespace_and_cold() -> None:
    shared = make_disk("[ds-01] q.vmdk")
    vms = [vm(name, disks=(shared,)) for name in "ab"] + [vm("c")]
    ids = [entry.id for entry in vms]
    apart = sharing_constraints(vms, {ids[0]: "x", ids[1]: "y", ids[2]: "z"}, dict.fromkeys(ids, model.COLD))
    assert {vm_id: [entry.code for entry in found] for vm_id, found in apart.items()} == {
        ids[0]: ["shared_disk_namespaces"],
        ids[1]: ["shared_disk_namespaces"],
    }
    warm = sharing_constraints(vms, dict.fromkeys(ids, "x"), {ids[0]: model.WARM, ids[1]: model.COLD, ids[2]: model.WARM})
    assert [(vm_id, entry.code) for vm_id, found in warm.items() for entry in found] == [(ids[0], "shared_disk_warm")]
    assert sharing_constraints(vms, dict.fromkeys(ids, "x"), dict.fromkeys(ids, model.COLD)) == {}


def test_finished_waves_and_moved_vms_have_no_manifests() -> None:
    vms = [vm("a"), vm("b"), vm("c")]
    moved = {vms[1].id: wave_of(1).slot.start}
    waves = [wave_of(1, vms[0].id, finished=True), wave_of(2, vms[1].id, vms[2].id)]
    found = built(*vms, waves=waves, settings=make_settings(namespaces=ALL_TO_APPS, finished=moved))
    assert [entry["name"] for entry in only(found, "Plan")["vms"]] == ["c"]


def test_name_with_dots_gets_a_volume_name_without() -> None:
    (entry,) = only(built(vm("Web.Example.com")), "Plan")["vms"]
    assert (entry["targetName"], entry["pvcNameTemplate"]) == ("web.example.com", "web-example-com-disk-{{.DiskIndex}}")


def test_volume_names_leave_room_for_what_the_controller_derives() -> None:
    template = only(built(vm("web")), "Plan")["pvcNameTemplate"]
    assert template == "{{trunc 28 .TargetVmName}}-disk-{{.DiskIndex}}"
    assert len("x" * 28 + "-disk-164") <= 40


def test_pod_network_alone_asks_for_no_static_addresses() -> None:
    rules = (NetworkRule("*", "pod"),)
    assert only(built(vm("web"), settings=make_settings(namespaces=ALL_TO_APPS, networks=rules)), "Plan")["preserveStaticIPs"] is False


def test_attachments_of_a_namespace_give_its_plans_a_map_of_their_own() -> None:
    target = target_of(nad("prod", 100, "x"), nad("prod", 100, "y"), nad("test", 200), storage_class("c", "ReadWriteMany/Block"))
    vms = [vm("a", owner="x", nics=(nic(100), nic(200))), vm("b", owner="y"), vm("c", owner="z", nics=(nic(200),))]
    found = built(*vms, target=target, settings=make_settings(namespaces=(NamespaceRule(Selector(), "{owner}"),)))
    places = {name: [entry["destination"]["namespace"] for entry in spec["map"]] for name, spec in specs(found, "NetworkMap").items()}
    assert places == {"vc-north-x-network": ["x", "default"], "vc-north-y-network": ["y"], "vc-north-network": ["default"]}
    taken = {name: spec["map"]["network"]["name"] for name, spec in specs(found, "Plan").items()}
    assert taken["vc-north-x-w01-cold"] == "vc-north-x-network" and taken["vc-north-z-w01-cold"] == "vc-north-network"


def test_first_hook_of_each_step_is_taken_and_one_with_a_job_template_is_written() -> None:
    hooks = (
        HookRule(Selector(vms=("web",)), "PreHook", "quiesce", job_template=42, deadline_seconds=900),
        HookRule(Selector(), "PreHook", "other"),
        HookRule(Selector(), "PostHook", "check", "ops"),
    )
    found = built(vm("web"), settings=make_settings(namespaces=ALL_TO_APPS, hooks=hooks))
    assert only(found, "Plan")["vms"][0]["hooks"] == [
        {"step": "PreHook", "hook": {"name": "quiesce", "namespace": "openshift-mtv"}},
        {"step": "PostHook", "hook": {"name": "check", "namespace": "ops"}},
    ]
    assert specs(found, "Hook") == {"quiesce": {"aap": {"jobTemplateId": 42}, "deadline": 900}}


def test_host_is_written_for_hosts_that_planned_vms_run_on() -> None:
    rules = (HostRule("esx-01.example.com", "192.0.2.5", "esx-login"), HostRule("esx-99.example.com", "192.0.2.6", "esx-login"))
    spec = only(built(vm("web"), settings=make_settings(namespaces=ALL_TO_APPS, hosts=rules)), "Host")
    assert (spec["id"], spec["ipAddress"], spec["secret"]["name"]) == ("host-10", "192.0.2.5", "esx-login")


def test_missing_namespace_and_network_are_proposals_that_are_never_applied() -> None:
    policy = {"kind": "node_network_policy", "id": "p", "bridge_mappings": {"vm-net": "br-ex"}}
    target = target_of(policy, nad("prod-100", 100), storage_class("c", "ReadWriteMany/Block"), namespace("default"))
    vms = [vm("a"), vm("b", nics=(nic(200),))]
    found = build_manifests(manifest_input(vms, [wave_of(1, vms[0].id)], target=target))
    proposals = [entry for entry in found.manifests if entry.path.startswith("proposals/")]
    assert [entry.path for entry in proposals] == [
        "proposals/00-namespace-apps.yaml",
        "proposals/05-networkattachmentdefinition-test-vlan200.yaml",
    ]
    assert not any(entry.apply for entry in proposals)
    assert [entry["source"]["id"] for entry in only(found, "NetworkMap")["map"]] == ["dvportgroup-100"]


def test_kustomizations_hold_what_is_applied_and_nothing_else() -> None:
    web = vm("web")
    found = kustomizations(built(web, waves=[wave_of(2, web.id)]).manifests)
    assert found["kustomization.yaml"]["resources"] == [
        "10-provider-vc-north.yaml",
        "30-networkmap-vc-north-network.yaml",
        "35-storagemap-vc-north-storage.yaml",
        "wave-02",
    ]
    assert found["wave-02/kustomization.yaml"]["resources"] == ["40-plan-vc-north-apps-w02-cold.yaml"]


def test_no_manifest_holds_a_secret() -> None:
    found = built(vm("web"), settings=make_settings(namespaces=ALL_TO_APPS, providers=(ProviderRule(VCENTER, "vc1", secret="vc1-login"),)))
    assert "Secret" not in {entry.object["kind"] for entry in found.manifests}
    assert only(found, "Provider")["secret"] == {"name": "vc1-login", "namespace": "openshift-mtv"}


def test_manifests_do_not_depend_on_the_order_of_what_they_are_made_of() -> None:
    vms = [vm(f"v{number}", owner=f"o{number % 3}", nics=(nic(100 + 100 * (number % 2)),)) for number in range(12)]
    rules = make_settings(namespaces=(NamespaceRule(Selector(), "{owner}"),))
    waves = [wave_of(1, *(v.id for v in vms))]
    shuffled = vms[:]
    Random(7).shuffle(shuffled)
    assert built(*vms, settings=rules, waves=waves) == built(*shuffled, settings=rules, waves=waves)


def test_later_wave_of_a_new_plan_leaves_the_other_manifests_as_they_were() -> None:
    vms = [vm(name) for name in "abc"]
    first = built(*vms, waves=[wave_of(1, vms[0].id), wave_of(2, vms[1].id)])
    second = built(*vms, waves=[wave_of(1, vms[0].id), wave_of(2, vms[1].id), wave_of(3, vms[2].id)])
    assert {entry.path for entry in first.manifests} < {entry.path for entry in second.manifests}
    assert all(entry in second.manifests for entry in first.manifests)


def provider_of(*records: Mapping[str, Any], rules: tuple[ProviderRule, ...] = (), vcenter: Mapping[str, Any] | None = None) -> Any:
    found, constraints = source_providers([dict(vcenter or VCENTER_RECORD)], [VCENTER], make_settings(providers=rules), target_of(*records))
    return found.get(VCENTER) or constraints[VCENTER].code


def provider_record(name: str, **facts: Any) -> dict[str, Any]:
    base = {"kind": "provider", "id": f"openshift-mtv/{name}", "name": name, "namespace": "openshift-mtv", "type": "vsphere"}
    return {**base, "url": "https://vc-north.example.com/sdk", "secret": f"openshift-mtv/{name}-login", **facts}


def test_provider_of_the_target_for_the_same_address_is_taken_and_not_written() -> None:
    found = provider_of(provider_record("existing"))
    assert (found.name, found.secret, found.write) == ("existing", "existing-login", False)


def test_provider_that_an_earlier_plan_made_is_written_again() -> None:
    assert provider_of(provider_record("vc-north", labels={"readiness.groundwork.io/stage": "plan"})).write is True


@pytest.mark.parametrize("named", [VCENTER, "vc-north.example.com", "VC-NORTH*"])
def test_rule_names_the_provider_of_a_vcenter(named: str) -> None:
    found = provider_of(rules=(ProviderRule(named, "vc1", vddk_image="registry.example.com/vddk:8"),))
    assert (found.name, found.url, found.secret, found.vddk_image) == (
        "vc1",
        "https://vc-north.example.com/sdk",
        "vc1",
        "registry.example.com/vddk:8",
    )


def unread_providers(*rules: ProviderRule) -> tuple[Any, Any]:
    """The provider, and the constraint, where the account may not list providers."""
    target = TargetView([{"kind": "reading", "id": "providers.forklift.konveyor.io", "state": "forbidden", "resource": "providers"}])
    found, constraints = source_providers([dict(VCENTER_RECORD)], [VCENTER], make_settings(providers=rules), target)
    return found.get(VCENTER), constraints.get(VCENTER)


def test_no_new_provider_is_proposed_where_nobody_knows_which_are_there() -> None:
    provider, constraint = unread_providers()
    assert (provider.name, provider.write) == ("vc-north", False)
    assert (constraint.code, constraint.setting) == ("provider_unmapped", "plan_providers")
    assert "nobody knows whether the target has a provider" in constraint.message and "may not list" in constraint.message
    assert "let the account list providers" in constraint.remedy


def test_provider_that_the_user_names_is_proposed_all_the_same_and_says_that_it_may_be_there() -> None:
    provider, constraint = unread_providers(ProviderRule(VCENTER, "vc1"))
    assert constraint is None and (provider.name, provider.write) == ("vc1", True)
    (made,) = provider_manifests([provider])
    assert "it may be there already" in made.purpose and "may not list" in made.purpose


def test_cluster_that_serves_no_providers_gets_a_new_one() -> None:
    target = TargetView([{"kind": "reading", "id": "providers.forklift.konveyor.io", "state": "absent"}])
    found, constraints = source_providers([dict(VCENTER_RECORD)], [VCENTER], make_settings(), target)
    assert found[VCENTER].write is True and constraints == {}


def test_two_providers_for_one_address_or_an_unknown_address_are_constraints() -> None:
    assert provider_of(provider_record("a"), provider_record("b")) == "provider_ambiguous"
    assert provider_of(vcenter={"kind": "vcenter", "id": VCENTER, "vcenter": VCENTER}) == "provider_unmapped"


def test_one_provider_for_two_vcenters_is_a_constraint() -> None:
    records = [{**VCENTER_RECORD, "vcenter": f"vc-{number}", "hostname": f"vc{number}.example.com"} for number in range(2)]
    found, constraints = source_providers(records, ["vc-0", "vc-1"], make_settings(providers=(ProviderRule("*", "vc"),)), TARGET)
    assert list(found) == ["vc-0"] and constraints["vc-1"].code == "provider_ambiguous"


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema; fields that the API server would drop are refused."""
    found = {key: value for key, value in schema.items() if key != "format"}
    if schema.get("x-kubernetes-int-or-string"):
        found.pop("type", None)
    if "properties" in schema:
        found["properties"] = {key: strict(value) for key, value in schema["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            found["additionalProperties"] = False
    if isinstance(schema.get("items"), dict):
        found["items"] = strict(schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        found["additionalProperties"] = strict(schema["additionalProperties"])
    return found


@cache
def schemas_of(folder: Path, group: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The strict schema of each kind and version of an API group."""
    found = {}
    for path in sorted(folder.glob(f"{group}_*.yaml")):
        definition = yaml.load(path.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))["spec"]
        for served in definition["versions"]:
            whole = strict(served["schema"]["openAPIV3Schema"])
            whole["properties"].update({"metadata": {"type": "object"}, "apiVersion": {}, "kind": {}})
            found[definition["names"]["kind"], served["name"]] = whole
    return found


def everything() -> ManifestInput:
    """Manifests of every kind."""
    nodes = {"kind": "node", "id": "n", "roles": ["worker"], "bridges": ["br-ex"]}
    target = target_of(nodes, nad("prod-100", 100), storage_class("c", "ReadWriteMany/Block"), namespace("default"))
    settings = make_settings(
        namespaces=ALL_TO_APPS,
        hooks=(HookRule(Selector(), "PreHook", "quiesce", job_template=42, deadline_seconds=900),),
        hosts=(HostRule("host-10", "192.0.2.5", "esx-login"),),
        providers=(ProviderRule("*", "vc1", vddk_image="registry.example.com/vddk:8"),),
    )
    shared = make_disk("[ds-01] q.vmdk")
    vms = [vm("a", disks=(shared,)), vm("B.c", disks=(shared,)), vm("w"), vm("n", nics=(nic(200),))]
    waves = [wave_of(1, vms[0].id, vms[1].id), wave_of(2, vms[2].id)]
    return manifest_input(vms, waves, settings=settings, target=target, methods={vms[2].id: model.WARM})


def test_real_crds_take_every_kind_of_manifest(shared: Path) -> None:
    found = build_manifests(everything())
    kinds = {entry.object["kind"] for entry in found.manifests}
    assert kinds == {
        *("Namespace", "NodeNetworkConfigurationPolicy", "NetworkAttachmentDefinition", "Provider", "Host", "Hook"),
        *("NetworkMap", "StorageMap", "Plan", "Migration"),
    }
    for entry in found.manifests:
        if entry.object["kind"] != "Namespace":
            group, _slash, version = entry.object["apiVersion"].partition("/")
            schema = schemas_of(shared / "crds", group)[entry.object["kind"], version]
            faults = Draft4Validator(schema).iter_errors(entry.object)
            assert [f"{entry.path}: {fault.message}" for fault in faults] == []


def test_windows_of_a_wave_do_not_change_its_plans() -> None:
    web = vm("web")
    wave = wave_of(1, web.id)
    later = model.Wave(1, model.Slot("x", wave.slot.start + timedelta(days=7), wave.slot.end), wave.group_ids, wave.vm_ids, 0, 0, 0, "")
    assert specs(built(web, waves=[wave]), "Plan") == specs(built(web, waves=[later]), "Plan")
