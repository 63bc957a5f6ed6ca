# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps an operator from being taken off: others that have it, objects of its kinds, and what else its namespace holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import key_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm import model
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.offboard import instances_to_read, remove_steps
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.operands import objects_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.seen import seen_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Instances, InstancesOf

from .builders import CRD_NAME, NS, crd, csv, deployment, group, item, operator, snapshot, subscription
from .test_offboard import COMPONENT, PIN, FakeCluster, installed, installed_with, namespace, steps_on

KEPT = {"keep_crds": True, "keep_namespace": True}
UNKNOWN = Instances(reason="alphas.example.com: the account may not list alphas.example.com")
EXTENSION = item(
    "olm.operatorframework.io/v1", "ClusterExtension", "alpha-by-v1", spec={"source": {"catalog": {"packageName": "alpha-operator"}}}
)


def some(*places: str, more: int | None = 0) -> Instances:
    """Objects by their namespace/name."""
    split = [place.rpartition("/") for place in places]
    return Instances(tuple({"metadata": {"name": name, **({"namespace": where} if where else {})}} for where, _slash, name in split), more)


def kinds(subjects: list[str]) -> list[str]:
    return [subject.partition(" ")[0] for subject in subjects]


def empty(*items: Mapping[str, Any]) -> FakeCluster:
    cluster = FakeCluster()
    cluster.add(*items)
    return cluster


# ---- who else has it -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keep_crds", [True, False])
@pytest.mark.parametrize(
    ("other", "named"),
    [
        (EXTENSION, "ClusterExtension alpha-by-v1"),
        (subscription("alpha-operator.v0.9.0", namespace="theirs"), "Subscription theirs/alpha-operator"),
        (csv("alpha-operator.v0.9.0", namespace="theirs"), "CSV theirs/alpha-operator.v0.9.0"),
    ],
)
def test_an_operator_that_somebody_else_has_installed_is_not_gone(other: Mapping[str, Any], named: str, keep_crds: bool) -> None:
    subjects, found = steps_on(empty(other, crd()), keep_crds=keep_crds)
    assert subjects == []
    assert set(found) == {"removed.held"}
    assert (found["removed.held"].result, named in found["removed.held"].message) == ("fail", True)


def test_what_is_installed_here_stays_too_while_somebody_else_has_the_package() -> None:
    subjects, found = steps_on(installed(EXTENSION))
    assert (subjects, set(found)) == ([], {"removed.held"})


@pytest.mark.parametrize("resource", [model.EXTENSIONS, model.SUBSCRIPTIONS, model.CSVS, model.NAMESPACES])
def test_where_lists_could_not_be_read_nothing_is_removed_and_nothing_passes(resource: str) -> None:
    for cluster in (installed(), empty()):
        subjects, found = steps_on(cluster, missing=[resource])
        assert (subjects, set(found)) == ([], {"removed.held"})
        assert (found["removed.held"].state, found["removed.held"].result) == ("not_evaluated", "not_evaluated")


def test_unknown_crds_matter_only_where_they_would_go() -> None:
    subjects, found = steps_on(installed(), missing=[model.CRDS], keep_crds=False)
    assert (subjects, found["removed.held"].result) == ([], "not_evaluated")
    subjects, _found = steps_on(installed(), missing=[model.CRDS], keep_namespace=True)
    assert kinds(subjects) == ["Subscription", "ClusterServiceVersion", "OperatorGroup"]


# ---- whose CRDs ------------------------------------------------------------------------------------------------------


def test_crds_that_only_the_catalogue_calls_the_operators_are_never_deleted() -> None:
    subjects, found = steps_on(empty(crd()), keep_crds=False)
    assert subjects == []
    assert found["removed"].result == "pass"
    assert "1 CRDs that no CSV of it has brought" in found["removed"].message


# ---- whose CSV -------------------------------------------------------------------------------------------------------


def frozen(ours: Mapping[str, str]) -> FakeCluster:
    """The owner has deleted the Subscription, so that the version stays."""
    cluster = installed_with(ours)
    del cluster.objects[key_of(subscription(PIN))]
    return cluster


def test_a_csv_of_others_without_a_subscription_stays() -> None:
    subjects, found = steps_on(frozen({}))
    assert subjects == []
    assert f"CSV {NS}/{PIN}" in found["removed.held"].message
    assert found["removed.held"].result == "fail"


def test_a_csv_without_a_subscription_goes_where_the_document_adopts_it() -> None:
    subjects, _found = steps_on(frozen({}), brownfield="adopt")
    assert kinds(subjects) == ["ClusterServiceVersion"]


def test_a_csv_without_a_subscription_goes_where_only_the_namespace_is_ours() -> None:
    cluster = frozen({})
    cluster.add(namespace({"readiness.groundwork.io/stage": "platform-operators"}), group())
    subjects, _found = steps_on(cluster)
    assert kinds(subjects) == ["ClusterServiceVersion"]


# ---- objects of its kinds --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [{"keep_crds": False, "keep_namespace": True}, {"keep_crds": True, "keep_namespace": False}, {"keep_crds": False}],
)
def test_nothing_is_deleted_while_objects_of_its_kinds_are_there(more: Mapping[str, bool]) -> None:
    subjects, found = steps_on(installed(), {"alphas": some("x/one", "x/two", more=3)}, **more)
    assert (subjects, set(found)) == ([], {"removed.held"})
    assert found["removed.held"].result == "fail"
    assert "5 objects of kind Alpha (x/one and x/two, …) are still there: remove them first" in found["removed.held"].message


@pytest.mark.parametrize("more", [{"keep_crds": False, "keep_namespace": True}, {"keep_crds": True}])
def test_nothing_is_deleted_while_it_is_not_known_whether_objects_of_its_kinds_are_there(more: Mapping[str, bool]) -> None:
    subjects, found = steps_on(installed(), {"alphas": UNKNOWN}, **more)
    assert (subjects, set(found)) == ([], {"removed.held"})
    assert found["removed.held"].result == "not_evaluated"
    assert "may not list alphas.example.com" in found["removed.held"].message


def test_a_look_that_never_asked_for_objects_holds_the_removal() -> None:
    wanted, cluster = operator(absent=True), installed()
    look = snapshot(*cluster.objects.values())
    removal = remove_steps(wanted, seen_of(look, wanted), look)
    assert (removal.steps, removal.findings[0].result) == ((), "not_evaluated")


@pytest.mark.parametrize("there", [some("x/one"), UNKNOWN])
def test_objects_may_stay_where_crds_and_namespace_do(there: Instances) -> None:
    subjects, found = steps_on(installed(), {"alphas": there}, **KEPT)
    assert kinds(subjects) == ["Subscription", "ClusterServiceVersion", "OperatorGroup"]
    assert set(found) == {"removed"}
    assert ("1 object of kind Alpha (x/one) may stay" in found["removed"].message) == there.known


def test_crds_of_a_removal_that_was_cut_short_stay_while_there_are_objects() -> None:
    cluster = installed()
    for each in (subscription(PIN), csv(PIN)):
        del cluster.objects[key_of(each)]
    subjects, found = steps_on(cluster, {"alphas": some("one")}, keep_crds=False)
    assert subjects == []
    assert "1 object of kind alphas.example.com (one) is still there" in found["removed.held"].message


def test_objects_of_crds_that_another_operator_owns_too_hold_nothing_but_the_namespace() -> None:
    rival = csv("rival.v1.0.0", namespace="rival", package="rival", owned=(CRD_NAME,))
    subjects, found = steps_on(installed(rival), {"alphas": some("rival/one")}, keep_crds=False)
    assert kinds(subjects) == ["Subscription", "ClusterServiceVersion", "OperatorGroup", "Namespace"]
    subjects, found = steps_on(installed(rival), {"alphas": some("rival/one", f"{NS}/two")}, keep_crds=False)
    assert kinds(subjects) == ["Subscription", "ClusterServiceVersion", "OperatorGroup"]
    assert f"namespace {NS} stays" in found["removed.held"].message
    assert "owns it too" in found["removed.held"].message


# ---- the namespace ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "result", "words"),
    [
        ({"persistentvolumeclaims": some(f"{NS}/data")}, "fail", f"it holds 1 object of kind PersistentVolumeClaim ({NS}/data)"),
        ({"pods": some(f"{NS}/app")}, "fail", f"it holds 1 object of kind Pod ({NS}/app)"),
        ({"pods": Instances(reason="pods in alpha: forbidden")}, "not_evaluated", "what it holds is not known: pods in alpha: forbidden"),
        ({"persistentvolumeclaims": Instances(reason="forbidden")}, "not_evaluated", "what it holds is not known: forbidden"),
        ({"pods": Instances((), None)}, "not_evaluated", "more than 100 pods"),
    ],
)
def test_a_namespace_that_holds_more_stays_and_the_rest_goes(there: Mapping[str, Instances], result: str, words: str) -> None:
    subjects, found = steps_on(installed(), there)
    assert kinds(subjects) == ["Subscription", "ClusterServiceVersion", "OperatorGroup"]
    assert found["removed.held"].result == result
    assert f"namespace {NS} stays" in found["removed.held"].message
    assert words in found["removed.held"].message
    assert found["removed"].action == "delete"


def test_pods_of_its_own_deployments_and_pods_on_their_way_out_do_not_keep_the_namespace() -> None:
    own = {"metadata": {"name": "alpha-0", "namespace": NS, "labels": {"app": "alpha", "hash": "1"}}}
    leaving = {"metadata": {"name": "old", "namespace": NS, "deletionTimestamp": "2026-11-22T08:00:00Z"}}
    for cluster in (installed(deployment(owner=PIN)), frozen_with_deployment()):
        subjects, found = steps_on(cluster, {"pods": Instances((own, leaving))})
        assert kinds(subjects)[-1] == "Namespace"
        assert set(found) == {"removed"}


def frozen_with_deployment() -> FakeCluster:
    cluster = installed(deployment(owner=PIN))
    del cluster.objects[key_of(subscription(PIN))]
    return cluster


def test_a_namespace_that_stayed_is_told_again_by_the_next_run() -> None:
    cluster = installed()
    there = {"persistentvolumeclaims": some(f"{NS}/data")}
    steps_on(cluster, there)
    subjects, found = steps_on(cluster, there)
    assert subjects == []
    assert (found["removed"].result, found["removed.held"].result) == ("pass", "fail")


# ---- what is asked for -----------------------------------------------------------------------------------------------


def test_nothing_is_asked_for_unless_an_operator_has_to_go_and_is_there() -> None:
    there = snapshot(*installed().objects.values())
    assert instances_to_read([operator()], there) == ()
    assert instances_to_read([operator(absent=True)], snapshot(crd())) == ()
    claims, pods = (InstancesOf("", "v1", plural, NS, most) for plural, most in (("persistentvolumeclaims", 5), ("pods", 100)))
    assert set(instances_to_read([operator(absent=True)], there)) == {InstancesOf("example.com", "v1", "alphas"), claims, pods}


def test_a_look_keeps_what_was_asked_for() -> None:
    sought = InstancesOf("example.com", "v1", "alphas")
    look = snapshot().with_instances({sought: some("one")}).with_named({}).with_objects(()).with_instances({})
    assert look.instances_of(sought) == some("one")


def test_objects_are_listed_in_the_version_in_which_they_are_stored() -> None:
    found = crd(versions=("v2", "v1"))
    found["spec"]["versions"][1]["storage"] = True
    assert objects_of(found) == InstancesOf("example.com", "v1", "alphas")
    found["spec"]["versions"][1]["served"] = False
    assert objects_of(found) == InstancesOf("example.com", "v2", "alphas")
    found["spec"]["versions"][0]["served"] = False
    assert objects_of(found) is None


def test_a_crd_that_is_served_in_no_version_holds_the_removal() -> None:
    cluster = installed()
    silent = crd()
    silent["spec"]["versions"][0]["served"] = False
    silent["metadata"]["labels"] = COMPONENT
    cluster.add(silent)
    subjects, found = steps_on(cluster, keep_crds=False)
    assert (subjects, found["removed.held"].result) == ([], "not_evaluated")
