# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that are there already: adopted, observed or refused, and never installed twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.brownfield import STAGE, stance_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.offboard import remove_steps
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.seen import seen_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.planning import part_stage

from .builders import CRD_NAME, NS, OURS, catalog_source, checked, crd, csv, group, item, manifest, operator, snapshot, subscription

PIN, OLD = "alpha-operator.v1.0.0", "alpha-operator.v0.9.0"
ARGO = {"argocd.argoproj.io/tracking-id": "platform:operators.coreos.com/Subscription:alpha/alpha-operator"}
ELSEWHERE = [subscription(PIN, namespace="other"), csv(PIN, namespace="other")]
EXTENSION = item(
    "olm.operatorframework.io/v1",
    "ClusterExtension",
    "alpha",
    spec={"source": {"catalog": {"packageName": "alpha-operator"}}},
    status={"install": {"bundle": {"name": PIN, "version": "1.0.0"}}},
)
HELM_CRD = {
    **crd(),
    "metadata": {
        "name": CRD_NAME,
        "annotations": {"meta.helm.sh/release-name": "alpha"},
        "labels": {"app.kubernetes.io/managed-by": "Helm"},
    },
}
FOREIGN_OWNER = csv("rival.v2.0.0", package="rival", namespace="rival", owned=(CRD_NAME,))

Outcome = tuple[str, str, set[str]]
"""Stance, who manages it, and the checks that it fails."""


CASES: list[tuple[str, Sequence[Mapping[str, Any]], Mapping[str, Outcome]]] = [
    (
        "nothing there",
        [],
        {name: ("install", "nobody", set()) for name in ("adopt", "observe", "refuse")},
    ),
    (
        "made from here",
        [subscription(OLD, labels=OURS), csv(OLD)],
        {name: ("install", "this", set()) for name in ("adopt", "observe", "refuse")},
    ),
    (
        "in its own namespace, as asked for",
        [subscription(PIN), csv(PIN)],
        {"adopt": ("adopt", "olm", set()), "observe": ("observe", "olm", set()), "refuse": ("refuse", "olm", {"brownfield.refused"})},
    ),
    (
        "in its own namespace, another version",
        [subscription(OLD, approval="Automatic"), csv(OLD)],
        {
            "adopt": ("adopt", "olm", set()),
            "observe": ("observe", "olm", {"brownfield.foreign"}),
            "refuse": ("refuse", "olm", {"brownfield.refused"}),
        },
    ),
    (
        "in another namespace",
        ELSEWHERE,
        {
            "adopt": ("refuse", "olm", {"brownfield.elsewhere"}),
            "observe": ("observe", "olm", {"brownfield.foreign"}),
            "refuse": ("refuse", "olm", {"brownfield.refused"}),
        },
    ),
    (
        "by OLM v1",
        [EXTENSION],
        {
            "adopt": ("refuse", "olm_v1", {"brownfield.olm_v1"}),
            "observe": ("observe", "olm_v1", set()),
            "refuse": ("refuse", "olm_v1", {"brownfield.refused"}),
        },
    ),
    (
        "by Helm, without OLM",
        [HELM_CRD],
        {
            "adopt": ("refuse", "nobody", {"brownfield.refused"}),
            "observe": ("observe", "nobody", set()),
            "refuse": ("refuse", "nobody", {"brownfield.refused"}),
        },
    ),
    (
        "by OLM, with annotations of a chart that was there before",
        [{**HELM_CRD, "metadata": {**HELM_CRD["metadata"], "labels": {"operators.coreos.com/alpha-operator.alpha": ""}}}],
        {name: ("install", "nobody", set()) for name in ("adopt", "observe", "refuse")},
    ),
    (
        "by Argo CD, as asked for",
        [subscription(PIN, annotations=ARGO), csv(PIN)],
        {
            "adopt": ("observe", "gitops", set()),
            "observe": ("observe", "gitops", set()),
            "refuse": ("refuse", "gitops", {"brownfield.refused"}),
        },
    ),
    (
        "by Argo CD, another version",
        [subscription(OLD, annotations=ARGO), csv(OLD)],
        {
            "adopt": ("observe", "gitops", {"brownfield.gitops"}),
            "observe": ("observe", "gitops", {"brownfield.gitops"}),
            "refuse": ("refuse", "gitops", {"brownfield.refused"}),
        },
    ),
    (
        "by Argo CD from our own files",
        [subscription(PIN, annotations=ARGO, labels=OURS), csv(PIN)],
        {name: ("install", "gitops", set()) for name in ("adopt", "observe", "refuse")},
    ),
    (
        "CSV without Subscription",
        [csv(PIN)],
        {
            "adopt": ("refuse", "olm", {"brownfield.orphan"}),
            "observe": ("observe", "olm", set()),
            "refuse": ("refuse", "olm", {"brownfield.refused", "brownfield.orphan"}),
        },
    ),
    (
        "CSV without Subscription in another namespace",
        [csv(PIN, namespace="other")],
        {
            "adopt": ("refuse", "olm", {"brownfield.orphan"}),
            "observe": ("observe", "olm", set()),
            "refuse": ("refuse", "olm", {"brownfield.refused", "brownfield.orphan"}),
        },
    ),
    (
        "Subscription without CSV",
        [subscription(conditions=[])],
        {
            "adopt": ("adopt", "olm", {"brownfield.empty"}),
            "observe": ("observe", "olm", {"brownfield.foreign", "brownfield.empty"}),
            "refuse": ("refuse", "olm", {"brownfield.refused"}),
        },
    ),
    (
        "copied CSV",
        [csv(PIN, labels={"olm.copiedFrom": "other"})],
        {name: ("install", "nobody", set()) for name in ("adopt", "observe", "refuse")},
    ),
    (
        "copied CSV, by its reason",
        [csv(PIN, reason="Copied")],
        {name: ("install", "nobody", set()) for name in ("adopt", "observe", "refuse")},
    ),
    (
        "two packages for one API",
        [subscription("rival.v2.0.0", name="rival", namespace="rival", package="rival"), FOREIGN_OWNER],
        {name: ("refuse", "nobody", {"brownfield.same_api"}) for name in ("adopt", "observe", "refuse")},
    ),
    (
        "a rival beside our own install",
        [subscription(PIN, labels=OURS), csv(PIN), FOREIGN_OWNER],
        {name: ("refuse", "this", {"brownfield.same_api"}) for name in ("adopt", "observe", "refuse")},
    ),
]


@pytest.mark.parametrize("brownfield", ["adopt", "observe", "refuse"])
@pytest.mark.parametrize(("objects", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_there_decides_with_the_document(
    objects: Sequence[Mapping[str, Any]], expected: Mapping[str, Outcome], brownfield: str
) -> None:
    wanted = operator(brownfield=brownfield)
    look = snapshot(group(), catalog_source(), manifest(), *objects)
    stance = stance_of(wanted, seen_of(look, wanted))
    found = checked(stance.findings)
    failed = {word for word, finding in found.items() if finding.result == "fail"}
    assert (stance.stance, stance.managed_by, failed) == expected[brownfield]
    assert stance.writes == (stance.stance in ("install", "adopt"))
    if stance.stance == "refuse":
        assert any(finding.refuses for finding in found.values())
    else:
        assert not any(finding.refuses for finding in found.values())


def test_two_packages_for_one_api_are_named_both_with_the_api() -> None:
    wanted = operator()
    look = snapshot(manifest(), FOREIGN_OWNER)
    finding = checked(stance_of(wanted, seen_of(look, wanted)).findings)["brownfield.same_api"]
    for word in ("alpha-operator", "rival/rival.v2.0.0", "package rival"):
        assert word in finding.message


def test_what_differs_of_an_observed_operator_is_evidence() -> None:
    wanted = operator(brownfield="observe")
    look = snapshot(manifest(), subscription(OLD, channel="fast", approval="Automatic"), csv(OLD))
    finding = checked(stance_of(wanted, seen_of(look, wanted)).findings)["brownfield.foreign"]
    assert {(each.field, each.observed, each.expected) for each in finding.evidence} == {
        ("spec.channel", "fast", "stable"),
        ("status.installedCSV", OLD, PIN),
        ("spec.installPlanApproval", "Automatic", "Manual"),
    }


def test_a_second_subscription_of_the_package_in_its_own_namespace_is_an_install_too_many() -> None:
    wanted = operator(brownfield="adopt")
    look = snapshot(manifest(), subscription(PIN), subscription(name="generated"), csv(PIN))
    assert set(checked(stance_of(wanted, seen_of(look, wanted)).findings)) == {"brownfield.elsewhere"}


def test_a_csv_without_subscription_blocks_a_subscription_that_has_just_been_made() -> None:
    wanted = operator()
    look = snapshot(manifest(), subscription(labels=OURS), csv(PIN))
    assert set(checked(stance_of(wanted, seen_of(look, wanted)).findings)) == {"brownfield.orphan"}


def test_the_label_is_that_of_the_part() -> None:
    assert part_stage("operators") == STAGE
    assert operator().namespace == NS


def test_an_operator_that_helm_brought_is_not_called_in_order_and_its_removal_is_held() -> None:
    look = snapshot(catalog_source(), manifest(), HELM_CRD)
    (told,) = stance_of(operator(), seen_of(look, operator())).findings
    assert (told.check, told.result) == ("platform.operators.brownfield.foreign", "not_evaluated")
    assert "were brought by Helm release alpha" in told.message
    gone = remove_steps(operator(absent=True), seen_of(look, operator(absent=True)), look)
    assert gone.steps == ()
    assert [(finding.check, finding.result, finding.severity) for finding in gone.findings] == [
        ("platform.operators.removed.held", "fail", "critical")
    ]
