# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an operator is taken off: the order that a small cluster with OLM's habits accepts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import ObjectKey, key_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.model import Operator
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.offboard import instances_to_read, remove_steps
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.order import removal_order
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.seen import seen_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Instances, PlatformSnapshot

from .builders import CRD_NAME, NS, OURS, V1, checked, crd, csv, group, item, operator, snapshot, subscription

PIN = "alpha-operator.v1.0.0"
COMPONENT = {f"operators.coreos.com/alpha-operator.{NS}": ""}
Object = Mapping[str, Any]


@dataclass
class FakeCluster:
    """A cluster on which OLM works: it makes again what a Subscription or a component asks for, and sweeps what has lost its owner."""

    objects: dict[ObjectKey, Object] = field(default_factory=dict)
    made_again: list[str] = field(default_factory=list)

    def add(self, *items: Object) -> None:
        """Puts objects there."""
        self.objects |= {key_of(each): each for each in items}

    def all(self, kind: str) -> list[Object]:
        """Objects of a kind."""
        return [each for key, each in self.objects.items() if key.kind == kind]

    def delete(self, key: ObjectKey, uid: str) -> None:
        """Deletes one object, and lets OLM do what it does then."""
        gone = self.objects.pop(key)
        assert gone["metadata"]["uid"] == uid
        if key.kind == "ClusterServiceVersion":
            if any(each["status"].get("installedCSV") == key.name for each in self.all("Subscription")):
                self._again(gone)
            else:
                self.objects = {
                    other: each for other, each in self.objects.items() if other.kind not in ("Deployment", "OperatorCondition")
                }
        if key.kind == "CustomResourceDefinition" and any(key.name in str(each["spec"]) for each in self.all("ClusterServiceVersion")):
            self._again(gone)
        if key.kind == "OperatorGroup":
            assert not [each for each in self.all("ClusterServiceVersion") if each["metadata"]["namespace"] == NS], (
                "a CSV would fail with NoOperatorGroup"
            )
        if key.kind == "Operator" and any(
            COMPONENT.items() <= (each["metadata"].get("labels") or {}).items() for each in self.objects.values()
        ):
            self._again(gone)
        if key.kind == "Namespace":
            self.objects = {other: each for other, each in self.objects.items() if other.namespace != key.name}

    def _again(self, gone: Object) -> None:
        self.objects[key_of(gone)] = gone
        self.made_again.append(key_of(gone).text)


def namespace(labels: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The operator's namespace."""
    return item("v1", "Namespace", NS, labels=labels)


def installed(*more: Object) -> FakeCluster:
    """A cluster on which the operator is installed by an earlier run."""
    return installed_with(OURS, *more)


def installed_with(ours: Mapping[str, str], *more: Object) -> FakeCluster:
    """A cluster on which the operator is installed; `ours` are the labels of what was made for it."""
    cluster = FakeCluster()
    labelled_crd = crd()
    labelled_crd["metadata"]["labels"] = COMPONENT
    cluster.add(
        namespace(ours),
        group(labels=ours),
        subscription(PIN, labels={**COMPONENT, **ours}),
        csv(PIN, labels=COMPONENT),
        labelled_crd,
        item("apps/v1", "Deployment", "alpha", NS, labels={"olm.owner": PIN, **COMPONENT}),
        item(V1, "Operator", f"alpha-operator.{NS}"),
        *more,
    )
    return cluster


def look_at(
    cluster: FakeCluster, wanted: Operator, there: Mapping[str, Instances] | None = None, missing: Sequence[str] = ()
) -> PlatformSnapshot:
    """A look at the cluster with what is asked for beside its lists; `there` is by the plural, of all others there are none."""
    look = snapshot(*cluster.objects.values(), missing=missing)
    return look.with_instances({each: (there or {}).get(each.plural, Instances()) for each in instances_to_read([wanted], look)})


def steps_on(
    cluster: FakeCluster, there: Mapping[str, Instances] | None = None, missing: Sequence[str] = (), **more: Any
) -> tuple[list[str], dict[str, Any]]:
    """Takes the operator off, and returns the subjects of the steps in their order, and the findings."""
    wanted = operator(absent=True, pin="", channel="", **more)
    look = look_at(cluster, wanted, there, missing)
    removal = remove_steps(wanted, seen_of(look, wanted), look)
    for step in removal.steps:
        assert step.verb == "delete"
        cluster.delete(step.ref.key, step.uid)
    return [step.subject for step in removal.steps], checked(removal.findings)


def test_with_crds_and_namespace_nothing_is_left_and_nothing_is_made_again() -> None:
    cluster = installed()
    subjects, found = steps_on(cluster, keep_crds=False)
    assert cluster.objects == {}
    assert cluster.made_again == []
    assert [subject.partition(" ")[0] for subject in subjects] == [
        "Subscription",
        "ClusterServiceVersion",
        "CustomResourceDefinition",
        "OperatorGroup",
        "Namespace",
        "Operator",
    ]
    assert (found["removed"].state, found["removed"].result, found["removed"].action) == ("extra", "fail", "delete")


def test_kept_crds_stay_with_the_operator_object_that_olm_keeps_for_them() -> None:
    cluster = installed()
    steps_on(cluster)
    assert sorted(key.kind for key in cluster.objects) == ["CustomResourceDefinition", "Operator"]
    assert cluster.made_again == []
    subjects, found = steps_on(cluster)
    assert subjects == []
    assert found["removed"].result == "pass"
    assert "1 CRDs" in found["removed"].message


def test_a_removal_that_was_cut_short_goes_on() -> None:
    cluster = installed()
    del cluster.objects[key_of(subscription(PIN))]
    subjects, _found = steps_on(cluster, keep_crds=False)
    assert subjects[0].startswith("ClusterServiceVersion")
    assert cluster.objects == {}


def test_crds_of_a_removal_that_was_cut_short_are_known_by_their_label() -> None:
    cluster = installed()
    for each in (subscription(PIN), csv(PIN)):
        del cluster.objects[key_of(each)]
    subjects, _found = steps_on(cluster, keep_crds=False, crds=())
    assert subjects[0] == f"CustomResourceDefinition {CRD_NAME}"


def test_group_and_namespace_stay_while_another_operator_is_there() -> None:
    other = [
        subscription("other.v1.0.0", name="other", package="other"),
        csv("other.v1.0.0", package="other", owned=("others.example.com",)),
    ]
    subjects, _found = steps_on(installed(*other))
    assert [subject.partition(" ")[0] for subject in subjects] == ["Subscription", "ClusterServiceVersion"]


def test_group_and_namespace_of_others_stay() -> None:
    cluster = installed()
    cluster.add(namespace(), group())
    subjects, _found = steps_on(cluster)
    assert [subject.partition(" ")[0] for subject in subjects] == ["Subscription", "ClusterServiceVersion"]


def test_a_namespace_stays_when_the_document_keeps_it() -> None:
    subjects, _found = steps_on(installed(), keep_namespace=True)
    assert not any(subject.startswith("Namespace") for subject in subjects)


def test_crds_that_another_csv_owns_stay_and_that_is_said() -> None:
    rival = csv("rival.v1.0.0", namespace="rival", package="rival", owned=(CRD_NAME,))
    subjects, found = steps_on(installed(rival), keep_crds=False)
    assert not any(subject.startswith(("CustomResourceDefinition", "Operator ")) for subject in subjects)
    assert "rival/rival.v1.0.0 owns it too" in found["removed.held"].message


@pytest.mark.parametrize("annotations", [{"argocd.argoproj.io/tracking-id": "app:x"}, {}])
def test_what_others_have_made_is_not_removed(annotations: Mapping[str, str]) -> None:
    cluster = installed_with({})
    cluster.add(subscription(PIN, annotations=annotations))
    subjects, found = steps_on(cluster)
    assert subjects == []
    assert set(found) == {"removed.held"}


def test_what_the_document_adopts_may_be_removed_but_not_the_namespace_that_others_made() -> None:
    subjects, _found = steps_on(installed_with({}), brownfield="adopt")
    assert [subject.partition(" ")[0] for subject in subjects] == ["Subscription", "ClusterServiceVersion"]


def test_what_the_record_says_we_made_counts_as_ours() -> None:
    cluster = installed_with({})
    wanted = operator(absent=True, keep_namespace=True)
    look = look_at(cluster, wanted)
    removal = remove_steps(wanted, seen_of(look, wanted), look, set(cluster.objects))
    assert [step.ref.kind for step in removal.steps] == ["Subscription", "ClusterServiceVersion", "OperatorGroup"]


def test_what_others_need_is_removed_last() -> None:
    beta = operator(name="beta", needs=("alpha",))
    assert removal_order([operator(), beta]) == (("beta",), ("alpha",))
