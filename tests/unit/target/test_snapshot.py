# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A snapshot of a cluster: what was read, what was refused, and what never to say of what nobody has seen."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.target.readings import RESOURCES
from ansible_collections.groundwork.readiness.plugins.module_utils.target.records import FORMS
from ansible_collections.groundwork.readiness.plugins.module_utils.target.snapshot import TargetSnapshot
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.generator.demo_target import CLUSTER_ID
from tests.tools.generator.target_objects import named

from .support import BY_ID, NOT_SERVED, demo, demo_without, records_of, snapshot_of

IDS = sorted(demo())
STATES = ("forbidden", "failed")


def reading(states: dict[str, str], resource: str) -> dict[str, Any]:
    return demo_without(states)["reading", resource]


def test_every_resource_has_a_reading_and_every_record_is_of_the_model() -> None:
    found = demo_without({})
    assert {key for kind, key in found if kind == "reading"} == {*BY_ID}
    for record in found.values():
        assert record.keys() - {"kind"} <= FORMS.shapes[FORMS.kinds[record["kind"]]].keys()
        assert None not in record.values()
        assert not record.keys() & record.get("unknown", {}).keys()


def test_records_stand_by_kind_and_id_with_their_keys_in_the_models_order() -> None:
    records = list(snapshot_of(demo()).records())
    assert [(record["kind"], record["id"]) for record in records] == sorted((record["kind"], record["id"]) for record in records)
    assert all(list(record)[:2] == ["kind", "id"] for record in records)
    assert records == list(snapshot_of(demo()).records())


def test_empty_list_is_read_and_a_forbidden_or_absent_one_is_not() -> None:
    assert reading({}, "hooks.forklift.konveyor.io")["state"] == "read"
    assert reading({}, "hooks.forklift.konveyor.io")["count"] == 0
    refused = reading({"hooks.forklift.konveyor.io": "forbidden"}, "hooks.forklift.konveyor.io")
    assert (refused["state"], refused["reason"]) == ("forbidden", "because")
    assert refused["permission"] == "list hooks.forklift.konveyor.io"
    assert refused["costs"] == ["hooks that exist"]
    assert "count" not in refused
    absent = reading({"hooks.forklift.konveyor.io": "absent"}, "hooks.forklift.konveyor.io")
    assert (absent["state"], absent["permission"], absent["costs"]) == ("absent", "", [])


def test_kind_that_is_not_served_costs_only_what_others_take_from_it() -> None:
    assert reading({"storageprofiles.cdi.kubevirt.io": "absent"}, "storageprofiles.cdi.kubevirt.io")["costs"]
    assert reading({}, NOT_SERVED[0])["costs"] == ["how many NUMA nodes the nodes have"]


def test_resource_that_was_not_asked_for_counts_as_failed() -> None:
    found = {record["id"]: record for record in TargetSnapshot().records() if record["kind"] == "reading"}
    assert {record["state"] for record in found.values()} == {"failed"}
    assert found["nodes"]["reason"] == "it was not asked for"
    assert all(record["costs"] for record in found.values())


def test_list_that_breaks_off_leaves_nothing_behind() -> None:
    def broken() -> Iterator[dict[str, Any]]:
        yield from demo()["nodes"][:2]
        raise TimeoutError

    snapshot = snapshot_of(demo())
    with pytest.raises(TimeoutError):
        snapshot.take(BY_ID["nodes"], broken())
    found = {(record["kind"], record["id"]): record for record in snapshot.records()}
    assert found["reading", "nodes"]["state"] == "failed"
    assert not [key for key in found if key[0] == "node"]
    assert snapshot.take(BY_ID["nodes"], demo()["nodes"]) == 9
    assert len([record for record in snapshot.records() if record["kind"] == "node"]) == 9


def test_list_that_is_read_again_replaces_what_there_was() -> None:
    snapshot = snapshot_of(demo())
    snapshot.take(BY_ID["pods"], [])
    assert all(record["requested_pods"] == 0 for record in snapshot.records() if record["kind"] == "node")
    snapshot.note(BY_ID["pods"], "forbidden", permission="list pods in namespace a")
    found = {record["id"]: record for record in snapshot.records() if record["kind"] == "reading"}
    assert found["pods"]["permission"] == "list pods in namespace a"


@pytest.mark.parametrize("state", ["read", "", "denied"])
def test_state_that_is_none_of_an_unread_list_is_refused(state: str) -> None:
    with pytest.raises(ValueError, match="no state"):
        TargetSnapshot().note(BY_ID["nodes"], state)


def test_cluster_is_known_by_its_version_object_else_by_kube_system_else_not_at_all() -> None:
    versions, namespaces = "clusterversions.config.openshift.io", "namespaces"
    system = next(item for item in demo()[namespaces] if item["metadata"]["name"] == "kube-system")
    full = demo_without({})["cluster", CLUSTER_ID]
    assert (full["id_basis"], full["openshift_version"], full["kubernetes_version"]) == ("cluster_version", "4.21.9", "1.34.4")
    assert (full["platform"], full["control_plane_topology"]) == ("BareMetal", "HighlyAvailable")
    hidden = demo_without({versions: "forbidden"})["cluster", system["metadata"]["uid"]]
    assert hidden["id_basis"] == "kube_system"
    assert "openshift_version" not in hidden
    plain = records_of({namespaces: [system]})["cluster", system["metadata"]["uid"]]
    assert (plain["openshift_version"], plain["platform"]) == ("", "")
    nobody = demo_without({versions: "forbidden", namespaces: "failed"})["cluster", "unidentified"]
    assert nobody["unknown"]["id_basis"] == "namespaces could not be read: because"


def test_version_of_an_update_under_way_is_the_one_that_was_reached() -> None:
    history = [{"state": "Partial", "version": "4.22.1"}, {"state": "Completed", "version": "4.21.9"}]
    versions = {"clusterversions.config.openshift.io": [named("version", spec={"clusterID": "x"}, status={"history": history})]}
    assert records_of(versions)["cluster", "x"]["openshift_version"] == "4.21.9"


def test_server_that_says_nothing_of_itself_is_unknown() -> None:
    found = next(record for record in TargetSnapshot().records() if record["kind"] == "cluster")
    assert {"kubernetes_version", "api_groups", "openshift_version", "platform", "id_basis"} <= found["unknown"].keys()


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.sampled_from(IDS), st.sampled_from(STATES), max_size=len(IDS)))
def test_withheld_lists_make_facts_unknown_and_never_other_facts(states: dict[str, str]) -> None:
    full, less = demo_without({}), demo_without(states)
    for key, record in less.items():
        kind = key[0]
        if kind in ("reading", "cluster"):
            continue
        if kind == "virtualization" and "hyperconvergeds.hco.kubevirt.io" in states:
            assert record["name"].startswith("kubevirt-")
            continue
        known = {name: value for name, value in record.items() if name != "unknown"}
        assert {name: full[key].get(name) for name in known} == known
    for kind in {kind for kind, _id in full} - {kind for kind, _id in less}:
        feeding = [resource.id for resource in RESOURCES if kind in resource.facts]
        assert any(less["reading", resource]["state"] != "read" for resource in feeding)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(IDS), st.sampled_from(STATES))
def test_facts_that_the_catalogue_ascribes_to_a_list_alone_are_unknown_without_it(identity: str, state: str) -> None:
    feeding: dict[str, set[str]] = {}
    for resource in RESOURCES:
        for fact in resource.facts:
            feeding.setdefault(fact, set()).add(resource.id)
    less = demo_without({identity: state})
    for fact in BY_ID[identity].facts:
        kind, _dot, name = fact.partition(".")
        if feeding[fact] != {identity}:
            continue
        records = [record for (own, _id), record in less.items() if own == kind]
        if not name:
            assert records == []
        for record in records:
            assert not name or name not in record or record.get(name) == demo_without({})[kind, record["id"]][name]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32))
def test_order_of_lists_and_of_their_objects_does_not_matter(seed: int) -> None:
    chance = Random(seed)
    snapshot = TargetSnapshot()
    snapshot.server("v1.34.4", ["apps"])
    for resource in chance.sample(RESOURCES, len(RESOURCES)):
        if resource.id in NOT_SERVED:
            snapshot.note(resource, "absent")
        else:
            items = demo()[resource.id]
            snapshot.take(resource, chance.sample(items, len(items)))
    assert list(snapshot.records()) == list(demo_without({}).values())


GARBAGE = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["spec", "status", "metadata", "name", "items", "labels"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(BY_ID)), GARBAGE, GARBAGE)
def test_object_of_any_form_is_survived(identity: str, spec: Any, status: Any) -> None:
    item = {"metadata": {"name": "x", "namespace": "y"}, "spec": spec, "status": status}
    assert records_of({identity: [item]})["reading", identity]["count"] == 1
