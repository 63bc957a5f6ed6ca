# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why an install does not come on: each sign that OLM shows, with a right, a wrong and a boundary case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.decide import decide
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.explain import causes_of, explain
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.seen import seen_of

from .builders import (
    MARKET,
    NS,
    catalog_source,
    checked,
    condition,
    csv,
    group,
    item,
    manifest,
    operator,
    plan,
    pod,
    snapshot,
    subscription,
)

PIN = "alpha-operator.v1.0.0"
UNPACK = {"operatorframework.io/bundle-unpack-ref": "abc"}
WORDS = "words of OLM: exactly these"


@dataclass(frozen=True)
class Case:
    """Objects of the cluster, and the causes that they show: check to (settle seconds, terminal)."""

    name: str
    objects: Sequence[Mapping[str, Any]]
    expected: Mapping[str, tuple[float, bool]]
    words: Sequence[str] = ()
    lacks: str = ""
    """kind of object that is left out of the usual ones"""


def job(kind: str = "Failed", reason: str = "DeadlineExceeded") -> dict[str, Any]:
    """A Job that unpacks a bundle."""
    return item("batch/v1", "Job", "abc", MARKET, labels=UNPACK, status={"conditions": [condition(kind, reason, WORDS)]})


def unpack_pod(reason: str) -> dict[str, Any]:
    """The pod of that Job."""
    return pod("abc-1", reason, namespace=MARKET, labels=UNPACK, message=WORDS, image="registry.example.com/bundle:1")


def sub(kind: str = "", reason: str = "", status: str = "True", **more: Any) -> dict[str, Any]:
    """A Subscription without a CSV, with one condition."""
    return subscription(conditions=[condition(kind, reason, WORDS, status)] if kind else [], **more)


def with_csv(phase: str, reason: str, **more: Any) -> list[dict[str, Any]]:
    """A Subscription and its CSV."""
    return [subscription(PIN), csv(PIN, phase, reason, WORDS, **more)]


def requirement(kind: str, status: str, name: str = "needed.example.com") -> dict[str, Any]:
    """One requirement of a CSV."""
    return {"kind": kind, "name": name, "status": status, "message": "as said"}


UNSATISFIABLE, PREVENTED = "ConstraintsNotSatisfiable", "ErrorPreventedResolution"
OTHER_SUB = subscription(name="other", package="other")
DEAD = [{"healthy": False, "catalogSourceRef": {"name": "demo", "namespace": MARKET}}]
FOREIGN_DEAD = [{"healthy": False, "catalogSourceRef": {"name": "broken", "namespace": MARKET}}]
OTHER_UNPACKING = subscription(name="y", namespace="y", package="y", conditions=[condition("BundleUnpacking")])
RUNNING_JOB = item("batch/v1", "Job", "def", MARKET, labels={"operatorframework.io/bundle-unpack-ref": "def"}, status={})
HELD = pod("alpha-1", "ImagePullBackOff", message=WORDS)
CRASHING = pod("alpha-1", "CrashLoopBackOff", message=WORDS)
DEPLOYED = item("apps/v1", "Deployment", "alpha", NS, labels={"olm.owner": PIN}, spec={"selector": {"matchLabels": {"app": "alpha"}}})

CASES = [
    Case("groups, right: none there", [sub()], {"group.none": (0, True)}, ["has no OperatorGroup"], "group"),
    Case("groups, right: two there", [sub(), group("second")], {"group.second": (0, True)}, ["2 OperatorGroups (alpha and second)"]),
    Case("groups, boundary: exactly one", [sub()], {}),
    Case("groups, wrong: another namespace has two", [sub(), group("x", namespace="y"), group("z", namespace="y")], {}),
    Case("CSV fails for two groups", [*with_csv("Failed", "TooManyOperatorGroups"), group("second")], {"group.second": (0, True)}, [WORDS]),
    Case("CSV fails for no group", with_csv("Failed", "NoOperatorGroup"), {"group.none": (0, True)}, [WORDS], "group"),
    Case("CSV, boundary: the group has been made meanwhile", with_csv("Failed", "NoOperatorGroup"), {"group.none": (8, False)}, [WORDS]),
    Case(
        "unsupported group",
        with_csv("Failed", "UnsupportedOperatorGroup", modes=("OwnNamespace",)),
        {"csv.unsupported_group": (0, True)},
        [WORDS],
    ),
    Case(
        "unsupported group, boundary: it fits meanwhile",
        with_csv("Failed", "UnsupportedOperatorGroup"),
        {"csv.unsupported_group": (8, False)},
    ),
    Case("unsupported group, wrong: phase is not Failed", with_csv("Succeeded", "UnsupportedOperatorGroup"), {}),
    Case("resolution, right", [sub("ResolutionFailed", UNSATISFIABLE)], {"resolution": (8, True)}, [WORDS]),
    Case(
        "resolution, right: neighbours are named", [sub("ResolutionFailed", UNSATISFIABLE), OTHER_SUB], {"resolution": (8, True)}, ["other"]
    ),
    Case("resolution, wrong: the condition is False", [sub("ResolutionFailed", UNSATISFIABLE, "False")], {}),
    Case(
        "resolution, boundary: the pin is installed already",
        [subscription(PIN, conditions=[condition("ResolutionFailed", UNSATISFIABLE, WORDS)]), csv(PIN)],
        {},
    ),
    Case(
        "resolution, right: another version is installed",
        [
            subscription("alpha-operator.v0.9.0", conditions=[condition("ResolutionFailed", UNSATISFIABLE, WORDS)]),
            csv("alpha-operator.v0.9.0"),
        ],
        {"resolution": (8, True)},
        [WORDS],
    ),
    Case("resolution error, right", [sub("ResolutionFailed", PREVENTED)], {"resolution.error": (8, False)}, [WORDS]),
    Case("resolution error, boundary: a reason of the future", [sub("ResolutionFailed", "Novel")], {"resolution.error": (8, False)}),
    Case(
        "connection, right",
        [sub(), catalog_source("TRANSIENT_FAILURE")],
        {"catalog.unhealthy": (5, True)},
        ["TRANSIENT_FAILURE"],
        "catalog",
    ),
    Case("connection, right: idle", [sub(), catalog_source("IDLE")], {"catalog.unhealthy": (5, True)}, ["IDLE"], "catalog"),
    Case("connection, boundary: not said yet", [sub(), catalog_source(None)], {}, lacks="catalog"),
    Case("connection, wrong: another catalog", [sub(), catalog_source("TRANSIENT_FAILURE", "other")], {}),
    Case("connection, wrong: the operator is installed", [*with_csv("Succeeded", ""), catalog_source("IDLE")], {}, lacks="catalog"),
    Case("catalog is gone", [sub()], {"catalog.absent": (5, True)}, ["does not exist"], "catalog"),
    Case(
        "unhealthy, right: none found", [sub("CatalogSourcesUnhealthy", "NoCatalogSourcesFound")], {"catalog.unhealthy": (5, True)}, [WORDS]
    ),
    Case(
        "unhealthy, right: our own",
        [sub("CatalogSourcesUnhealthy", "UnhealthyCatalogSourceFound", health=DEAD)],
        {"catalog.unhealthy": (5, True)},
        [WORDS],
    ),
    Case(
        "unhealthy, boundary: somebody else's",
        [sub("CatalogSourcesUnhealthy", "UnhealthyCatalogSourceFound", health=FOREIGN_DEAD)],
        {"catalog.unhealthy": (5, False)},
    ),
    Case("unhealthy, wrong", [sub("CatalogSourcesUnhealthy", "AllCatalogSourcesHealthy", "False")], {}),
    Case(
        "unpack pull, right",
        [sub("BundleUnpacking", "UnpackingInProgress"), unpack_pod("ImagePullBackOff")],
        {"unpack.pull": (8, True)},
        [WORDS, "bundle:1"],
    ),
    Case("unpack pull, right: first try", [sub("BundleUnpacking"), unpack_pod("ErrImagePull")], {"unpack.pull": (8, True)}),
    Case("unpack pull, boundary: it is starting", [sub("BundleUnpacking"), unpack_pod("ContainerCreating")], {}),
    Case("unpack pull, wrong: the Subscription does not unpack", [sub(), unpack_pod("ImagePullBackOff")], {}),
    Case(
        "unpack pull, boundary: another namespace unpacks as well",
        [sub("BundleUnpacking"), OTHER_UNPACKING, unpack_pod("ImagePullBackOff")],
        {"unpack.pull": (8, False)},
    ),
    Case(
        "unpack pull, wrong: the pod is one of a Job that is done",
        [sub("BundleUnpacking"), job("Complete"), unpack_pod("ErrImagePull")],
        {},
    ),
    Case("unpack failed, boundary: another Job runs", [sub("BundleUnpacking"), job(), RUNNING_JOB], {"unpack.failed": (0, False)}),
    Case(
        "catalog and resolution, wrong: a plan is carried out",
        [sub("ResolutionFailed", UNSATISFIABLE, plan="install-1", current=PIN), plan(csv(PIN), phase="Installing"), catalog_source("IDLE")],
        {},
        lacks="catalog",
    ),
    Case("unpack crash", [sub("BundleUnpacking"), unpack_pod("CrashLoopBackOff")], {"unpack.failed": (8, False)}, [WORDS]),
    Case("unpack failed, right", [sub("BundleUnpackFailed", "BundleUnpackFailed")], {"unpack.failed": (0, True)}, [WORDS]),
    Case("unpack failed, right: the Job", [sub("BundleUnpacking"), job()], {"unpack.failed": (0, True)}, ["DeadlineExceeded", WORDS]),
    Case("unpack failed, boundary: the Job is complete", [sub("BundleUnpacking"), job("Complete")], {}),
    Case("unpack failed, wrong: False", [sub("BundleUnpackFailed", "", "False"), job()], {}),
    Case(
        "plan missing, right",
        [sub("InstallPlanMissing", "ReferencedInstallPlanNotFound", plan="gone")],
        {"plan.missing": (8, True)},
        [WORDS],
    ),
    Case("plan missing, boundary: it is there", [sub("InstallPlanMissing", "x", plan="install-1"), plan(csv(PIN), phase="Installing")], {}),
    Case("plan failed, right: condition", [sub("InstallPlanFailed", "InstallComponentFailed")], {"plan.failed": (8, True)}, [WORDS]),
    Case(
        "plan failed, right: phase",
        [
            sub(plan="install-1"),
            plan(csv(PIN), phase="Failed", message=WORDS, conditions=[condition("Installed", "InstallComponentFailed", "m", "False")]),
        ],
        {"plan.failed": (0, True)},
        [WORDS, "InstallComponentFailed: m"],
    ),
    Case("plan failed, wrong: pending", [sub("InstallPlanPending", "RequiresApproval")], {}),
    Case(
        "plan retrying, right",
        [sub(plan="install-1"), plan(csv(PIN), phase="Installing", message=WORDS)],
        {"plan.retrying": (8, False)},
        [WORDS],
    ),
    Case("plan retrying, boundary: no message", [sub(plan="install-1"), plan(csv(PIN), phase="Installing")], {}),
    Case("plan retrying, wrong: complete", [sub(plan="install-1"), plan(csv(PIN), phase="Complete", message=WORDS)], {}),
    Case(
        "requirements, right: a CRD",
        with_csv("Pending", "RequirementsNotMet", requirements=[requirement("CustomResourceDefinition", "NotPresent")]),
        {"csv.requirements": (8, True)},
        [WORDS, "CustomResourceDefinition needed.example.com: NotPresent"],
    ),
    Case(
        "requirements, boundary: an account that OLM makes itself",
        with_csv("Pending", "RequirementsNotMet", requirements=[requirement("ServiceAccount", "NotPresent", "alpha")]),
        {"csv.requirements": (8, False)},
        ["ServiceAccount alpha"],
    ),
    Case(
        "requirements, wrong: met", with_csv("Pending", "AllRequirementsMet", requirements=[requirement("ServiceAccount", "Present")]), {}
    ),
    *(
        Case(f"conflict: {reason}", with_csv("Failed", reason), {"csv.conflict": (0, True)}, [WORDS, reason])
        for reason in ("InterOperatorGroupOwnerConflict", "OwnerConflict", "CannotModifyStaticOperatorGroupProvidedAPIs")
    ),
    *(
        Case(f"hopeless: {reason}", with_csv("Failed", reason), {"csv.failed": (0, True)}, [WORDS, reason])
        for reason in ("InvalidInstallModes", "NoTargetNamespaces", "InvalidWebhookDescription")
    ),
    Case("failed, boundary: a reason of the future", with_csv("Failed", "Novel"), {"csv.failed": (8, True)}, [WORDS]),
    Case("conflict, wrong: the phase moves on", with_csv("Replacing", "OwnerConflict"), {}),
    Case("install, right: OLM's timeout", with_csv("Failed", "InstallCheckFailed"), {"csv.install": (8, False)}, [WORDS]),
    Case("install, right: unhealthy", with_csv("Failed", "ComponentUnhealthy"), {"csv.install": (8, False)}, [WORDS]),
    Case("install, right: again", with_csv("Pending", "NeedsReinstall"), {"csv.install": (8, False)}, [WORDS]),
    Case(
        "install, right: a pod says why",
        [*with_csv("Installing", "InstallSucceeded"), DEPLOYED, HELD],
        {"csv.install": (8, True)},
        ["alpha-1", "ImagePullBackOff"],
    ),
    Case(
        "install, boundary: a pod crashes",
        [*with_csv("Installing", "InstallWaiting"), DEPLOYED, CRASHING],
        {"csv.install": (8, False)},
        ["CrashLoopBackOff"],
    ),
    Case("install, boundary: no pod is in trouble", [*with_csv("Installing", "InstallWaiting"), DEPLOYED], {}),
    Case("install, wrong: another operator's pod", [*with_csv("Installing", "InstallWaiting"), HELD], {}),
    Case("upgrade held up", with_csv("Pending", "OperatorConditionNotUpgradeable"), {"csv.not_upgradeable": (8, False)}, [WORDS]),
    Case("copied", [subscription(PIN), csv(PIN, "Failed", "Copied", WORDS)], {}),
    Case(
        "copied, boundary: by its label",
        [subscription(PIN), csv(PIN, "Failed", "OwnerConflict", WORDS, labels={"olm.copiedFrom": "x"})],
        {},
    ),
    *(
        Case(f"deprecated: {kind}", [sub(kind)], {"deprecated": (0, False)}, [WORDS])
        for kind in ("PackageDeprecated", "ChannelDeprecated", "BundleDeprecated")
    ),
    Case("deprecated, wrong", [sub("PackageDeprecated", "", "False")], {}),
    Case("no Subscription", [], {}, lacks="group"),
]


def looked_at(case: Case) -> Any:
    """The case's objects beside the usual ones: one group, a catalog that is connected, and its package."""
    usual = {"group": group(), "catalog": catalog_source()}
    objects = [*(each for name, each in usual.items() if name != case.lacks), manifest(), *case.objects]
    return seen_of(snapshot(*objects), operator())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_sign_comes_to_its_cause_with_the_words_of_olm(case: Case) -> None:
    causes = causes_of(operator(), looked_at(case))
    found = checked([each.finding for each in causes])
    assert {
        each.finding.check.removeprefix("platform.operators."): (each.settle_seconds, each.terminal) for each in causes
    } == case.expected
    for finding in found.values():
        assert finding.remedy
        assert not finding.refuses
    for words in case.words:
        assert any(words in finding.message for finding in found.values()), words


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_terminal_causes_stop_the_wait_and_the_others_do_not(case: Case) -> None:
    following = decide(operator(), looked_at(case), {PIN})
    terminal = [settle for settle, stops in case.expected.values() if stops]
    assert (following.state == "stuck") == bool(terminal)
    if terminal:
        assert following.settle_seconds == min(terminal)
        assert following.findings


def test_all_causes_are_listed_and_the_one_that_stops_comes_first() -> None:
    conditions = [
        condition("ResolutionFailed", PREVENTED, "one"),
        condition("CatalogSourcesUnhealthy", "NoCatalogSourcesFound", "two"),
        condition("PackageDeprecated", "", "three"),
    ]
    look = snapshot(group(), subscription(conditions=conditions), catalog_source("TRANSIENT_FAILURE"))
    found = explain(operator(), seen_of(look, operator()))
    assert [each.check.removeprefix("platform.operators.") for each in found] == ["catalog.unhealthy", "resolution.error", "deprecated"]
    assert "TRANSIENT_FAILURE" in found[0].message
    assert "two" in found[0].message
    assert len(found[0].evidence) == 2


def test_lists_that_could_not_be_read_are_no_proof_of_absence() -> None:
    look = snapshot(sub(), missing=("operatorgroups.operators.coreos.com", "catalogsources.operators.coreos.com"))
    assert explain(operator(), seen_of(look, operator())) == []
