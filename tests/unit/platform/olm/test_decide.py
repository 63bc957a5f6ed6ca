# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes next for an operator: waiting, approving, done or stuck."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.decide import Next, decide
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.model import CRDS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.seen import approvable, seen_of, unpacked_named
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Named

from .builders import MARKET, catalog_source, checked, crd, csv, deployment, group, item, manifest, operator, plan, snapshot, subscription

PIN, OLD, LATER = "alpha-operator.v1.0.0", "alpha-operator.v0.9.0", "alpha-operator.v1.1.0"
USUAL = (group(), catalog_source(), manifest())


def following(*objects: Any, approved: tuple[str, ...] = (PIN,), usual: tuple[Any, ...] = USUAL, **more: Any) -> Next:
    """What comes next with these objects."""
    found = operator(**more)
    return decide(found, seen_of(snapshot(*usual, *objects), found), frozenset(approved))


def test_without_a_subscription_it_is_waited_for() -> None:
    assert following().state == "waiting"


def test_before_a_plan_is_made_olm_is_waited_for() -> None:
    found = following(subscription())
    assert (found.state, found.findings) == ("waiting", ())
    assert "no InstallPlan yet" in found.words


def test_a_plan_of_the_pin_is_approved_by_its_uid() -> None:
    made = plan(csv(), crd())
    found = following(subscription(current=PIN, plan="install-1"), made)
    assert found.state == "approve"
    assert found.step is not None
    assert (found.step.verb, found.step.ref.name, found.step.uid) == ("approve", "install-1", made["metadata"]["uid"])
    assert PIN in found.step.reason


def test_a_plan_that_is_approved_is_waited_for() -> None:
    found = following(subscription(current=PIN, plan="install-1"), plan(csv(), approved=True))
    assert found.state == "waiting"


def test_a_plan_with_an_operator_that_nobody_declared_is_not_approved_and_both_are_named() -> None:
    other = csv("other.v3.0.0", package="other", owned=())
    found = following(subscription(current=PIN, plan="install-1"), plan(csv(), other))
    assert (found.state, found.settle_seconds) == ("stuck", 8)
    finding = checked(found.findings)["plan.outside"]
    assert PIN in finding.message
    assert "other.v3.0.0" in finding.message


def test_it_is_approved_once_the_other_one_is_declared() -> None:
    other = csv("other.v3.0.0", package="other", owned=())
    found = following(subscription(current=PIN, plan="install-1"), plan(csv(), other), approved=(PIN, "other.v3.0.0"))
    assert found.state == "approve"


def test_a_plan_that_is_older_than_the_subscription_to_a_dependency_is_left_for_a_new_one() -> None:
    other = csv("other.v3.0.0", package="other", owned=())
    generated = subscription(name="other-stable-demo-openshift-marketplace", package="other")
    older = plan(csv(), other, generated)
    own = subscription(current=PIN, plan="install-1")
    allowed = (PIN, "other.v3.0.0")
    assert following(own, older, approved=allowed).state == "approve"
    found = following(own, subscription(name="other", package="other"), older, approved=allowed)
    assert found.state == "waiting"
    assert "other" in found.words


def test_a_plan_that_names_no_csv_is_not_approved() -> None:
    empty = plan()
    assert following(subscription(current=PIN, plan="install-1"), empty).state == "stuck"


def test_a_hop_is_approved_when_it_was_rehearsed_and_not_otherwise() -> None:
    objects = (subscription(OLD, PIN, plan="install-1"), csv(OLD), plan(csv(PIN)))
    assert following(*objects, pin=LATER, approved=(LATER,)).state == "stuck"
    assert following(*objects, pin=LATER, approved=(LATER, PIN)).state == "approve"


def test_the_group_is_judged_again_by_the_csv_that_the_plan_brings() -> None:
    found = following(subscription(current=PIN, plan="install-1"), plan(csv(modes=("OwnNamespace",))))
    assert (found.state, found.settle_seconds) == ("stuck", 0)
    finding = checked(found.findings)["group.plan"]
    assert "need install mode AllNamespaces" in finding.message


def test_a_plan_whose_csv_cannot_be_read_is_not_approved() -> None:
    reference = {"kind": "ConfigMap", "name": "abc", "namespace": MARKET, "catalogSourceName": "demo", "catalogSourceNamespace": MARKET}
    made = plan(csv())
    made["status"]["plan"][0]["resource"]["manifest"] = json.dumps(reference)
    objects = (subscription(current=PIN, plan="install-1"), made)
    found = following(*objects)
    assert (found.state, found.settle_seconds) == ("stuck", 8)
    assert found.findings[0].result == "not_evaluated"
    assert unpacked_named(snapshot(*USUAL, *objects), [operator()]) == (Named("v1", "ConfigMap", MARKET, "abc"),)
    config_map = item("v1", "ConfigMap", "abc", MARKET, data={"csv.json": json.dumps(csv())})
    assert following(*objects, config_map).state == "approve"


def test_a_plan_that_would_take_a_stored_version_away_is_not_approved() -> None:
    objects = [subscription(OLD, PIN, plan="install-1"), csv(OLD), crd(versions=("v1alpha1", "v1"), stored=("v1alpha1", "v1"))]
    found = following(*objects, plan(csv(PIN), crd(versions=("v1",))))
    assert found.state == "stuck"
    finding = checked(found.findings)["upgrade.stored_version"]
    assert "v1alpha1" in finding.message
    assert not finding.refuses
    assert following(*objects, plan(csv(PIN), crd(versions=("v1alpha1", "v1")))).state == "approve"


def test_a_plan_that_brings_crds_is_not_approved_while_those_of_the_cluster_are_not_known() -> None:
    objects = (subscription(OLD, PIN, plan="install-1"), csv(OLD), plan(csv(PIN), crd(versions=("v1",))))
    wanted = operator()
    seen = seen_of(snapshot(*USUAL, *objects, missing=(CRDS,)), wanted)
    found = decide(wanted, seen, frozenset({PIN}))
    assert (found.state, found.settle_seconds) == ("stuck", 8)
    assert checked(found.findings)["upgrade.unknown"].failed


def test_a_plan_of_two_operators_is_not_approved_where_the_other_one_would_lose_a_stored_version() -> None:
    theirs = "betas.example.com"
    other = csv("beta-operator.v2.0.0", package="beta-operator", owned=(theirs,))
    objects = (subscription(OLD, PIN, plan="install-1"), csv(OLD), crd(), crd(theirs, versions=("v1", "v2"), stored=("v1",)))
    both = (PIN, "beta-operator.v2.0.0")
    found = following(*objects, plan(csv(PIN), crd(), other, crd(theirs, versions=("v2",))), approved=both)
    assert theirs in checked(found.findings)["upgrade.stored_version"].message
    assert following(*objects, plan(csv(PIN), crd(), other, crd(theirs, versions=("v1", "v2"))), approved=both).state == "approve"


def test_crds_that_an_earlier_install_has_left_are_judged_as_well() -> None:
    found = following(subscription(current=PIN, plan="install-1"), crd(stored=("v1alpha1",)), plan(csv(PIN), crd(versions=("v1",))))
    assert found.state == "stuck"
    assert found.findings[0].message.startswith("installation of")


def test_installed_as_pinned_it_is_done_though_olm_offers_a_later_one() -> None:
    objects = (subscription(PIN, LATER, plan="install-2"), csv(PIN), crd(), plan(csv(LATER), name="install-2"))
    assert following(*objects).state == "done"


@pytest.mark.parametrize(
    ("objects", "words"),
    [
        ((csv(PIN, "Installing", "InstallWaiting"), crd()), "Installing"),
        ((csv(PIN), crd(established=False)), "CustomResourceDefinition alphas.example.com"),
        ((csv(PIN),), "CustomResourceDefinition alphas.example.com"),
        ((csv(PIN, deployments=("alpha",)), crd(), deployment(available=False)), "Deployment alpha"),
        ((csv(PIN, deployments=("alpha",)), crd()), "Deployment alpha"),
    ],
    ids=["phase", "CRD not established", "CRD not there", "Deployment not available", "Deployment not there"],
)
def test_succeeded_alone_is_not_done(objects: tuple[Any, ...], words: str) -> None:
    found = following(subscription(PIN), *objects)
    assert found.state == "waiting"
    assert words in found.words


def test_all_up_is_done() -> None:
    assert following(subscription(PIN), csv(PIN, deployments=("alpha",)), crd(), deployment()).state == "done"


def test_an_operator_that_floats_is_done_with_what_olm_has_chosen() -> None:
    assert following(subscription(LATER), csv(LATER), crd(), pin="", floating=True, approved=()).state == "done"


def test_a_copied_csv_is_never_taken_for_the_operator() -> None:
    found = following(subscription(PIN), csv(PIN, labels={"olm.copiedFrom": "x"}))
    assert found.state == "waiting"


def test_plans_of_a_namespace_may_bring_what_its_own_operators_declare() -> None:
    here = operator(rehearsed=(OLD,))
    there = operator(name="beta", namespace="beta", pin="beta.v1.0.0")
    floats = operator(name="gamma", pin="", floating=True)
    gone = operator(name="delta", pin="delta.v1.0.0", absent=True)
    channels = {"gamma": ("gamma.v1.0.0", "gamma.v2.0.0"), "alpha": (LATER,)}
    allowed = approvable([here, there, floats, gone], channels, here.namespace)
    assert allowed == {PIN, OLD, "gamma.v1.0.0", "gamma.v2.0.0"}
