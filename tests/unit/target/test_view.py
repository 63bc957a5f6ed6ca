# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The view of a target that the later stages have, the check of a saved one, its schema, and the catalogue behind it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import ArtifactReader
from ansible_collections.groundwork.readiness.plugins.module_utils.target import model
from ansible_collections.groundwork.readiness.plugins.module_utils.target.flaws import flaws, word_flaws
from ansible_collections.groundwork.readiness.plugins.module_utils.target.readings import RESOURCES, cluster_role
from ansible_collections.groundwork.readiness.plugins.module_utils.target.records import FORMS, target_schema
from ansible_collections.groundwork.readiness.plugins.module_utils.target.view import TargetView
from jsonschema import Draft202012Validator

from tests.tools.generator.demo_accelerators import PLANS as ACCELERATED
from tests.tools.generator.demo_target import TARGET, write_demo_target

from .samples import PLAN
from .support import demo, demo_without, records_of

CHECKOUT = Path(__file__).resolve().parents[3]
SCHEMA = Draft202012Validator(target_schema())
CLASSES, PROFILES = "storageclasses.storage.k8s.io", "storageprofiles.cdi.kubevirt.io"


def view(states: dict[str, str] | None = None) -> TargetView:
    return TargetView(demo_without(states or {}).values())


def test_view_gives_records_by_kind_and_id() -> None:
    target = view()
    assert [record["id"] for record in target.all("storage_class")] == ["block-gold", "file-silver", "lvms-local"]
    assert (target.get("storage_class", "block-gold") or {})["provisioner"] == "block.csi.example.com"
    assert target.get("storage_class", "none") is None
    assert target.all("nothing") == ()
    assert (target.one("virtualization") or {})["version"] == "4.21.4"
    assert target.one("nothing") is None
    assert (target.cluster or {})["openshift_version"] == "4.21.9"


def test_view_of_records_in_any_order_is_the_same() -> None:
    backwards = TargetView(reversed(list(demo_without({}).values())))
    assert list(backwards.all("node")) == list(view().all("node"))


def test_lists_are_known_only_when_all_of_them_were_read() -> None:
    assert view().known("nodes", CLASSES)
    assert view().known()
    hidden = view({"pods": "forbidden", PROFILES: "absent", CLASSES: "failed"})
    assert not hidden.known("nodes", "pods")
    assert hidden.why_not("nodes", "pods") == "the account may not list pods"
    assert hidden.why_not(PROFILES) == f"the cluster does not serve {PROFILES}"
    assert hidden.why_not(CLASSES) == f"{CLASSES} could not be read: because"
    assert hidden.why_not("nodes") == ""
    assert hidden.none_there(PROFILES)
    assert not hidden.none_there(PROFILES, "pods")


def test_view_of_nothing_knows_nothing() -> None:
    target = TargetView([])
    assert target.cluster is None
    assert not target.known("nodes")
    assert target.why_not("nodes") == "the target does not say whether nodes was read"


# ---- a saved target --------------------------------------------------------------------------------------------------


def test_records_that_the_collection_makes_have_no_flaws_and_fit_the_schema() -> None:
    records = [*demo_without({}).values(), *demo_without({"pods": "forbidden", "nodes": "failed"}).values()]
    records += records_of({"plans.forklift.konveyor.io": [PLAN]}).values()
    for record in records:
        assert [*flaws(record), *word_flaws(record)] == []
        assert [error.message for error in SCHEMA.iter_errors(record)] == []


def node(**change: Any) -> dict[str, Any]:
    return {"kind": "node", "id": "n", **change}


@pytest.mark.parametrize(
    ("record", "key"),
    [
        (node(ready="yes"), "ready"),
        (node(allocatable_cpu_millicores=1.5), "allocatable_cpu_millicores"),
        (node(allocatable_cpu_millicores=True), "allocatable_cpu_millicores"),
        (node(allocatable_cpu_millicores=-1), "allocatable_cpu_millicores"),
        (node(roles="worker"), "roles"),
        (node(roles=["worker", 1]), "roles"),
        (node(labels={"a": 1}), "labels"),
        (node(allocatable_devices={"x": "1"}), "allocatable_devices"),
        (node(allocatable_devices={"x": -1}), "allocatable_devices"),
        (node(zone=None), "zone"),
        ({"kind": "migration_plan", "id": "p", "vms": ["vm-1"]}, "vms"),
        ({"kind": "migration_plan", "id": "p", "vms": [{"succeeded": 1}]}, "vms[0].succeeded"),
        ({"kind": "virtualization", "id": "v", "filesystem_overhead": "0.05"}, "filesystem_overhead"),
    ],
)
def test_value_that_the_model_does_not_have_is_a_flaw(record: dict[str, Any], key: str) -> None:
    assert [found for found, _what in flaws(record)] == [key]


def test_unknown_keys_and_kinds_pass_and_a_new_word_is_a_flaw_of_its_own() -> None:
    assert [*flaws(node(brand_new=None)), *flaws({"kind": "brand_new", "id": "x", "a": None})] == []
    assert [*flaws({"kind": "virtualization", "id": "v", "filesystem_overhead": 0})] == []
    odd = {"kind": "reading", "id": "nodes", "state": "perhaps"}
    assert [*flaws(odd)] == []
    assert [key for key, _what in word_flaws(odd)] == ["state"]


def test_the_shipped_schema_is_the_generated_one_and_tells_every_meaning() -> None:
    """Mend it with `python -m tests.tools.write_schemas`."""
    text = json.dumps(target_schema(), indent=2, ensure_ascii=False) + "\n"
    assert (CHECKOUT / "docs" / "schemas" / "target.schema.json").read_text(encoding="utf-8") == text
    Draft202012Validator.check_schema(target_schema())
    for name, owner in [*model.KINDS.items(), *((part.__name__, part) for part in model.PARTS.values())]:
        properties = target_schema()["$defs"][name]["properties"]
        assert {entry: properties[entry]["description"] for entry in FORMS.shapes[owner]} == {
            entry: field.metadata["meaning"] for entry, field in owner.__dataclass_fields__.items()
        }


@pytest.mark.parametrize(
    "record",
    [
        node(ready=None),
        node(brand_new=1),
        {"kind": "reading", "id": "nodes", "state": "perhaps", "costs": []},
        {"kind": "other", "id": "x"},
    ],
)
def test_record_that_breaks_the_model_is_invalid(record: dict[str, Any]) -> None:
    assert [*SCHEMA.iter_errors(record)]


def test_every_line_of_the_demo_target_is_valid(tmp_path: Path) -> None:
    write_demo_target(tmp_path)
    reader = ArtifactReader(tmp_path / TARGET, "target")
    assert len(list(reader)) == len(demo_without({})) + len(ACCELERATED)
    for line in [reader.header, {"kind": "notice", "id": "a", "code": "a", "message": "b"}]:
        assert [error.message for error in SCHEMA.iter_errors(line)] == []


# ---- the catalogue ---------------------------------------------------------------------------------------------------


def test_facts_of_the_catalogue_are_facts_of_the_model_and_every_kind_is_fed() -> None:
    for resource in RESOURCES:
        assert resource.costs
        for fact in resource.facts:
            kind, _dot, name = fact.partition(".")
            assert not name or name in FORMS.shapes[model.KINDS[kind]]
    fed = {fact.partition(".")[0] for resource in RESOURCES for fact in resource.facts}
    assert fed == model.KINDS.keys() - {"notice", "reading"}
    assert len({resource.id for resource in RESOURCES}) == len(RESOURCES)


def test_role_permits_to_read_what_is_read_and_nothing_else() -> None:
    rules = cluster_role()["rules"]
    granted = {(group, plural) for rule in rules for group in rule.get("apiGroups", ()) for plural in rule["resources"]}
    assert granted == {(resource.group, resource.plural) for resource in RESOURCES}
    assert {verb for rule in rules for verb in rule["verbs"]} == {"get", "list"}
    assert "secrets" not in {plural for _group, plural in granted}
    assert {*cluster_role()["metadata"]} == {"name"}


def test_demo_cluster_suits_its_story() -> None:
    target = TargetView(records_of(demo()).values())
    workers = [record for record in target.all("node") if record["kubevirt_schedulable"]]
    assert (len(target.all("node")), len(workers), {record["zone"] for record in workers}) == (9, 6, {"zone-a", "zone-b"})
    assert len({record["cpu_host_model"] for record in workers}) == 2
    assert all(0 < record["requested_memory_bytes"] < record["allocatable_memory_bytes"] // 10 for record in workers)
    vlans = {record["vlan"] for record in target.all("network_attachment")}
    assert {10, 110, 120, 130, 210, 220} <= vlans
    assert not {300, 400, 600} & vlans
    assert [record["name"] for record in target.all("provider") if record["type"] == "vsphere"] == ["vc-south"]
