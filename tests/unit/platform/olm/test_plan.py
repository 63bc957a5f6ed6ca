# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operators part as a whole: objects, steps, refusals before any write, and records."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.catalogue_of_checks import CHECKS_BY_ID
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.catalog import rendered_catalog
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.check_list import CHECKS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.plan import approvals, plan_operators
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import PartPlan
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.schema import FORMS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import ClusterFacts

from .builders import (
    CRD_NAME,
    FACTS,
    NS,
    OURS,
    catalog_source,
    checked,
    context,
    crd,
    csv,
    failing,
    group,
    item,
    manifest,
    plan,
    refusing,
    snapshot,
    subscription,
    wanted,
)

PIN, OLD, LATER = "alpha-operator.v1.0.0", "alpha-operator.v0.9.0", "alpha-operator.v1.1.0"
USUAL = (catalog_source(), manifest())
BETA = (catalog_source(), manifest({"stable": ["beta-operator.v1.0.0"]}, ("OwnNamespace",), "beta-operator", ("betas.example.com",)))


def planned(*objects: Any, operators: tuple[Any, ...] = (), usual: tuple[Any, ...] = USUAL, **more: Any) -> PartPlan:
    """The plan on a cluster with these objects; every finding has to be of a listed check."""
    look = snapshot(*usual, *objects, missing=more.pop("missing", ()), cluster=more.pop("cluster", None))
    result = plan_operators(context(*operators, look=look, **more))
    checked(result.findings)
    return result


def kinds(result: PartPlan) -> list[tuple[str, str, str]]:
    """Kind, name and claim of the objects."""
    return [(each.object["kind"], each.object["metadata"]["name"], each.claim) for each in result.objects]


def record(result: PartPlan, kind: str = "operator") -> dict[str, Any]:
    """The only record of a kind."""
    (found,) = [each for each in result.records if each["kind"] == kind]
    return found


# ---- objects ---------------------------------------------------------------------------------------------------------


def test_an_empty_cluster_gets_namespace_group_and_a_pinned_subscription() -> None:
    result = planned()
    assert kinds(result) == [("Namespace", NS, "own"), ("OperatorGroup", NS, "own"), ("Subscription", "alpha-operator", "own")]
    assert refusing(result) == set()
    assert failing(result.findings) == {"installed"}
    assert [each.rank for each in result.objects] == [10, 30, 40]
    assert result.objects[1].object["spec"] == {}
    assert result.objects[2].object["spec"] == {
        "name": "alpha-operator",
        "channel": "stable",
        "source": "demo",
        "sourceNamespace": "openshift-marketplace",
        "installPlanApproval": "Manual",
        "startingCSV": PIN,
    }
    assert all(each.keep and each.path == "operators.wanted[0]" for each in result.objects)
    installed = checked(result.findings)["installed"]
    assert (installed.state, installed.action) == ("missing", "create")


def test_two_operators_of_the_document_that_own_the_same_crd_are_refused() -> None:
    twin = replace(wanted("twin", "twin-operator.v1.0.0"), package="twin-operator", namespace="twin", source="demo")
    other = manifest({"stable": ["twin-operator.v1.0.0"]}, name="twin-operator")
    result = planned(operators=(wanted(), twin), usual=(*USUAL, other))
    assert refusing(result) == {"shared_api"}
    assert "as alpha does" in checked(result.findings)["shared_api"].message


def test_an_operator_that_floats_is_approved_by_olm() -> None:
    spec = planned(operators=(wanted(version="", floating=True, config={"env": []}),)).objects[-1].object["spec"]
    assert spec["installPlanApproval"] == "Automatic"
    assert "startingCSV" not in spec
    assert spec["config"] == {"env": []}


def test_an_operator_of_its_own_namespace_gets_target_namespaces_and_its_namespace_labels() -> None:
    result = planned(operators=(wanted("beta", "beta-operator.v1.0.0", labels={"c": "d"}, needs=()),), usual=BETA)
    assert result.objects[0].object["metadata"]["labels"] == {"a": "b", "c": "d"}
    assert result.objects[1].object["spec"] == {"targetNamespaces": ["beta"]}


def test_of_a_namespace_that_others_made_only_labels_are_set() -> None:
    there = item("v1", "Namespace", "beta")
    result = planned(there, operators=(wanted("beta", "beta-operator.v1.0.0"),), usual=BETA)
    assert kinds(result)[0] == ("Namespace", "beta", "fields")
    result = planned(item("v1", "Namespace", NS))
    assert [kind for kind, _name, _claim in kinds(result)] == ["OperatorGroup", "Subscription"]


def test_a_group_that_fits_is_used_and_no_second_one_is_made() -> None:
    result = planned(group("global-operators"))
    assert [kind for kind, _name, _claim in kinds(result)] == ["Namespace", "Subscription"]
    assert refusing(result) == set()


def test_our_own_group_is_brought_back_under_its_own_name() -> None:
    result = planned(group("made-earlier", [NS], labels=OURS))
    assert ("OperatorGroup", "made-earlier", "own") in kinds(result)
    assert refusing(result) == set()


def test_two_operators_of_one_namespace_share_namespace_and_group() -> None:
    second = wanted("second", "second.v1.0.0", package="beta-operator", namespace=NS, source="demo", labels={"x": "y"})
    usual = (*USUAL, manifest({"stable": ["second.v1.0.0"]}, name="beta-operator", owned=("seconds.example.com",)))
    result = planned(operators=(wanted(), second), usual=usual)
    assert [kind for kind, _name, _claim in kinds(result)] == ["Namespace", "OperatorGroup", "Subscription", "Subscription"]
    assert result.objects[0].object["metadata"]["labels"] == {"x": "y"}
    assert approvals(context(wanted(), second, look=snapshot(*usual))) == {NS: {PIN, "second.v1.0.0"}}


def test_an_adopted_subscription_keeps_its_name_and_becomes_pinned() -> None:
    result = planned(group(), subscription(PIN, name="theirs", approval="Automatic"), csv(), crd(), operators=(wanted(brownfield="adopt"),))
    assert kinds(result)[-1] == ("Subscription", "theirs", "adopted")
    assert record(result)["stance"] == "adopt"
    assert failing(result.findings) == set()


@pytest.mark.parametrize("brownfield", ["observe", "refuse"])
def test_observed_and_refused_operators_get_no_objects(brownfield: str) -> None:
    result = planned(group(), subscription(PIN), csv(), crd(), operators=(wanted(brownfield=brownfield),))
    assert result.objects == ()
    assert refusing(result) == ({"brownfield.refused"} if brownfield == "refuse" else set())


def test_a_section_that_is_not_given_asks_for_nothing() -> None:
    empty = context(look=snapshot())
    assert plan_operators(replace(empty, desired=replace(empty.desired, operators=None))) == PartPlan()


# ---- refusals before any write ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("objects", "more", "word", "said"),
    [
        ((), {"operators": (wanted(channel="fast"),)}, "channel", "it has stable"),
        ((), {"operators": (wanted(version=LATER),)}, "pin", f"no {LATER}"),
        ((), {"usual": (catalog_source(),)}, "package", "has no package alpha-operator"),
        ((), {"usual": (manifest(),)}, "catalog.absent", "openshift-marketplace/demo does not exist"),
        ((), {"usual": (catalog_source("TRANSIENT_FAILURE"), manifest())}, "catalog.not_ready", "TRANSIENT_FAILURE"),
        ((), {"usual": (catalog_source(None), manifest())}, "catalog.not_ready", "without a connection"),
        ((group("theirs", [NS]),), {}, "group.wrong", "a second group is never made"),
        ((group("one"), group("two")), {}, "group.second", "one, two"),
        ((), {"operators": (wanted(scope="own"),)}, "group.modes", "needs install mode OwnNamespace"),
        ((), {"missing": ("operatorgroups.operators.coreos.com",)}, "readable", "forbidden"),
        ((), {"cluster": ClusterFacts("c1")}, "olm", "does not serve Subscriptions"),
        (
            (),
            {"operators": (wanted(), wanted("copy", package="alpha-operator", namespace="x", source="demo"))},
            "twice",
            "that of alpha too",
        ),
        ((), {"operators": (wanted("nobody"),)}, "known", "package, namespace and source is not given"),
        (
            (),
            {"operators": (wanted(needs=("beta",)), wanted("beta", "beta-operator.v1.0.0"))},
            "order.cycle",
            "alpha needs beta needs alpha",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)
def test_what_cannot_be_done_is_refused_before_any_write(objects: Any, more: dict[str, Any], word: str, said: str) -> None:
    result = planned(*objects, **more)
    assert word in refusing(result)
    assert said in checked(result.findings)[word].message
    assert checked(result.findings)[word].remedy


def test_a_pin_of_another_channel_names_that_channel() -> None:
    usual = (catalog_source(), manifest({"stable": [PIN], "fast": [LATER, PIN]}))
    result = planned(operators=(wanted(version=LATER),), usual=usual)
    assert "channels with alpha-operator.v1.1.0: fast" in checked(result.findings)["pin"].message


RENDERED = [
    {"schema": "olm.package", "name": "alpha-operator", "defaultChannel": "stable"},
    {
        "schema": "olm.channel",
        "package": "alpha-operator",
        "name": "stable",
        "entries": [
            {"name": OLD},
            {"name": PIN, "replaces": OLD},
            {"name": LATER, "replaces": PIN, "skips": ["alpha-operator.v0.8.0"]},
            {"name": "alpha-operator.v0.8.0"},
        ],
    },
    *(
        {
            "schema": "olm.bundle",
            "package": "alpha-operator",
            "name": name,
            "properties": [{"type": "olm.package", "value": {"packageName": "alpha-operator", "version": name.partition(".v")[2]}}],
        }
        for name in (OLD, PIN, LATER, "alpha-operator.v0.8.0")
    ),
]


def upgrading(installed: str, pin: str, *rehearsed: str) -> PartPlan:
    """A plan to upgrade, with the whole graph known."""
    usual = (catalog_source(), manifest({"stable": [LATER, PIN, OLD]}))
    there = (group(labels=OURS), subscription(installed, labels=OURS), csv(installed), crd())
    return planned(
        *there, operators=(wanted(version=pin, rehearsed=rehearsed),), usual=usual, rendered={"demo": rendered_catalog("demo", RENDERED)}
    )


def test_an_upgrade_by_hops_that_nobody_rehearsed_names_them_and_its_record_lists_them() -> None:
    result = upgrading(OLD, LATER)
    assert PIN in checked(result.findings)["hops"].message
    assert record(result, "upgrade")["hops"] == [PIN, LATER]
    assert refusing(result) == set()


def test_with_the_hops_rehearsed_it_goes_on() -> None:
    assert "hops" not in checked(upgrading(OLD, LATER, PIN).findings)


def test_a_pin_that_olm_jumps_over_is_refused_with_the_way_that_olm_takes() -> None:
    result = upgrading("alpha-operator.v0.8.0", PIN)
    assert refusing(result) == {"path"}
    message = checked(result.findings)["path"].message
    assert f"OLM goes {LATER}" in message
    assert f"channels with {PIN}: stable" in message


def test_a_rehearsed_version_that_leads_elsewhere_is_refused_and_one_that_lies_behind_is_not() -> None:
    assert refusing(upgrading(OLD, PIN, LATER)) == {"rehearsed"}
    assert refusing(upgrading(PIN, LATER, OLD)) == set()
    assert refusing(upgrading(LATER, LATER, OLD, PIN)) == set()


def test_a_stored_version_that_would_vanish_is_refused_before_the_subscription_changes() -> None:
    bundle = [
        {"type": "olm.package", "value": {"packageName": "alpha-operator", "version": "1.0.0"}},
        *(_object(each) for each in (csv(PIN), crd(versions=("v1",)))),
    ]
    records = [*RENDERED[:3], {"schema": "olm.bundle", "package": "alpha-operator", "name": PIN, "properties": bundle}, *RENDERED[4:]]
    there = (group(labels=OURS), subscription(OLD, labels=OURS), csv(OLD), crd(versions=("v1alpha1", "v1"), stored=("v1alpha1",)))
    usual = (catalog_source(), manifest({"stable": [LATER, PIN, OLD]}))
    result = planned(*there, usual=usual, rendered={"demo": rendered_catalog("demo", records)})
    assert refusing(result) == {"upgrade.stored_version"}
    assert record(result, "upgrade")["refused"] is True


def _object(each: Any) -> dict[str, Any]:
    import base64

    return {"type": "olm.bundle.object", "value": {"data": base64.b64encode(json.dumps(each).encode()).decode()}}


def test_without_edges_the_way_is_not_evaluated() -> None:
    usual = (catalog_source(), manifest({"stable": [LATER, PIN, OLD]}))
    result = planned(group(labels=OURS), subscription(OLD, labels=OURS), csv(OLD), crd(), usual=usual)
    finding = checked(result.findings)["path.unknown"]
    assert (finding.result, finding.refuses) == ("not_evaluated", False)
    assert "operators.catalogs" in finding.remedy


def test_a_rendered_catalog_that_is_not_served_is_named() -> None:
    result = planned(rendered={"demo": rendered_catalog("demo", RENDERED)})
    assert "catalog.stale" in failing(result.findings)
    assert refusing(result) == set()


def test_a_dead_catalog_does_not_stop_an_operator_that_is_installed_as_asked() -> None:
    there = (group(labels=OURS), subscription(PIN, labels=OURS), csv(), crd())
    result = planned(*there, usual=(catalog_source("TRANSIENT_FAILURE"),))
    assert refusing(result) == set()
    assert failing(result.findings) == {"catalog.not_ready", "package"}
    assert [kind for kind, _name, _claim in kinds(result)] == ["Namespace", "OperatorGroup", "Subscription"]


# ---- what is there ---------------------------------------------------------------------------------------------------


def test_an_operator_that_is_installed_passes_everything() -> None:
    namespace = item("v1", "Namespace", NS, labels=OURS)
    condition = item("operators.coreos.com/v2", "OperatorCondition", PIN, NS, spec={}, status={})
    result = planned(namespace, group(labels=OURS), subscription(PIN, labels=OURS), csv(max_openshift="4.22"), crd(), condition)
    assert failing(result.findings) == set()
    found = record(result)
    assert (found["state"], found["managed_by"], found["stance"]) == ("ready", "this", "install")
    assert (found["max_openshift_version"], found["blocks_minor"], found["install_mode_used"]) == ("4.22", False, "AllNamespaces")
    assert (found["installed_csv"], found["phase"], found["crds"], found["hops"]) == (PIN, "Succeeded", [CRD_NAME], [])


def test_a_plan_that_may_be_approved_is_a_step() -> None:
    result = planned(group(labels=OURS), subscription(current=PIN, plan="install-1", labels=OURS), plan(csv(), crd()))
    (step,) = result.steps
    assert (step.verb, step.order, step.ref.name) == ("approve", 1, "install-1")
    assert record(result)["state"] == "waiting"


def test_a_pin_that_blocks_the_next_minor_is_told_before_it_is_installed() -> None:
    blocking = manifest()
    described = blocking["status"]["channels"][0]["currentCSVDesc"]
    described["annotations"] = {"olm.properties": '[{"type": "olm.maxOpenShiftVersion", "value": "4.21"}]'}
    result = planned(usual=(catalog_source(), blocking))
    (told,) = [finding for finding in result.findings if finding.check == "platform.operators.minor" and finding.failed]
    assert "alpha-operator.v1.0.0 allows OpenShift up to 4.21 and blocks 4.22" in told.message


def test_operators_of_others_that_a_pin_would_stop_from_being_updated_are_named() -> None:
    automatic = subscription("beta-operator.v1.0.0", package="beta-operator", name="beta-operator", approval="Automatic")
    (told,) = [finding for finding in planned(automatic).findings if finding.check == "platform.operators.group.neighbours"]
    assert "beta-operator" in told.message
    assert (told.severity, told.refuses) == ("warning", False)
    manual = subscription("beta-operator.v1.0.0", package="beta-operator", name="beta-operator", approval="Manual")
    assert "group.neighbours" not in failing(planned(manual).findings)


def test_nothing_is_installed_while_nobody_knows_what_olm_v1_has_installed() -> None:
    result = planned(missing=("clusterextensions.olm.operatorframework.io",))
    assert "readable" in refusing(result)
    there = (group(labels=OURS), subscription(PIN, labels=OURS), csv(), crd())
    assert "readable" not in failing(planned(*there, missing=("clusterextensions.olm.operatorframework.io",)).findings)


def test_an_upgrade_while_the_crds_of_the_cluster_are_not_known_is_not_called_harmless() -> None:
    there = (group(labels=OURS), subscription(OLD, labels=OURS), csv(OLD))
    result = planned(*there, missing=("customresourcedefinitions.apiextensions.k8s.io",))
    assert "upgrade.unknown" in failing(result.findings)
    assert "crd_changes" not in record(result, "upgrade")


def test_the_next_minor_of_the_document_beats_that_of_the_cluster() -> None:
    there = (group(labels=OURS), subscription(PIN, labels=OURS), csv(max_openshift="4.22"), crd())
    assert "minor" in failing(planned(*there, next_minor="4.23").findings)
    assert "minor" not in failing(planned(*there).findings)


def test_an_operator_that_objects_to_upgrades_is_a_warning() -> None:
    says = item(
        "operators.coreos.com/v2",
        "OperatorCondition",
        PIN,
        NS,
        spec={"conditions": [{"type": "Upgradeable", "status": "False", "reason": "Busy", "message": "wait"}]},
    )
    result = planned(group(labels=OURS), subscription(PIN, labels=OURS), csv(), crd(), says)
    finding = checked(result.findings)["condition"]
    assert (finding.result, finding.severity, finding.message) == ("fail", "warning", "Busy: wait")


def test_missing_mirrors_are_found_for_the_pin_before_it_is_installed() -> None:
    image = "registry.example.com/a@sha256:1"
    usual = (catalog_source(), manifest(images=(image,)))
    result = planned(usual=usual, mirrors={"required": True})
    assert image in checked(result.findings)["mirror"].message
    assert record(result, "image") == {
        "kind": "image",
        "id": image,
        "name": image,
        "part": "operators",
        "operator": "alpha",
        "mirrored": "no",
        "mirror": "",
    }
    given = planned(usual=usual, mirrors={"required": True, "images": ("registry.example.com/*",)})
    assert "mirror" not in failing(given.findings)


def test_images_of_a_pin_that_the_catalog_tells_nothing_of_are_not_evaluated() -> None:
    usual = (catalog_source(), manifest({"stable": [LATER, PIN]}, images=("x",)))
    result = planned(usual=usual, mirrors={"required": True})
    assert checked(result.findings)["mirror.unknown"].result == "not_evaluated"


def test_what_is_needed_is_looked_for_on_the_cluster() -> None:
    alone = wanted("beta", "beta-operator.v1.0.0")
    assert "order.needs" in failing(planned(operators=(alone,), usual=BETA).findings)
    assert "order.needs" not in failing(planned(csv(), operators=(alone,), usual=BETA).findings)


def test_removals_come_in_the_reversed_order_of_needs() -> None:
    operators = (wanted(state="absent"), wanted("beta", "", state="absent"))
    beta = subscription("beta.v1.0.0", name="beta-operator", namespace="beta", package="beta-operator", labels=OURS)
    result = planned(subscription(PIN, labels=OURS), csv(), beta, operators=operators)
    assert [step.subject for step in result.steps] == [
        "Subscription beta/beta-operator",
        "Subscription alpha/alpha-operator",
        "ClusterServiceVersion alpha/alpha-operator.v1.0.0",
    ]
    assert [step.order for step in result.steps] == [1, 2, 3]
    assert result.objects == ()


# ---- form ------------------------------------------------------------------------------------------------------------


def test_records_have_the_keys_of_the_model() -> None:
    results = [planned(), upgrading(OLD, LATER), planned(mirrors={"required": True}, usual=(catalog_source(), manifest(images=("a:1",))))]
    for each in (record for result in results for record in result.records):
        shapes = FORMS.shapes[FORMS.kinds[each["kind"]]]
        assert set(each) - {"kind"} <= set(shapes), each


def test_the_plan_is_the_same_whatever_the_order_of_the_objects() -> None:
    objects = [
        group("one"),
        group("two"),
        subscription(OLD),
        csv(OLD),
        csv("x.v1.0.0", package="x", namespace="x", owned=(CRD_NAME,)),
        crd(),
    ]
    assert planned(*objects).records == planned(*objects).records
    assert [each.id for each in planned(*objects).findings] == [each.id for each in planned(*objects).findings]


def test_every_check_is_in_the_catalogue_of_checks_once() -> None:
    assert len({each.id for each in CHECKS}) == len(CHECKS)
    assert all(CHECKS_BY_ID[each.id] is each and each.title and each.remedy and each.source for each in CHECKS)
    assert FACTS.operators["alpha"].crds == (CRD_NAME,)
