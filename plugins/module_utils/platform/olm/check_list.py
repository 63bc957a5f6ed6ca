# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the operators part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ...common.findings import CRITICAL, INFORMATION, OBJECT_CHECK, WARNING
from ..checks import Check, by_id

PART: Final = "operators"
LAYER: Final = "operators"
PREFIX: Final = f"platform.{PART}"

_FACTS = "OLM v0.38.0"
_RESOLVER = f"{_FACTS}, pkg/controller/registry/resolver"
_CSV_STATES = f"{_FACTS}, pkg/controller/operators/olm/operator.go"
_SUBSCRIPTION_STATES = f"{_FACTS}, pkg/controller/operators/catalog"
_API = "operator-framework/api v0.36.0, pkg/operators"


def _check(word: str, title: str, remedy: str, source: str, severity: str = CRITICAL, refuses: bool = False) -> Check:
    return Check(f"{PREFIX}.{word}", PART, LAYER, title, remedy, source, severity, refuses)


_PREFLIGHT: Final = (
    _check(
        "olm", "The cluster serves the API of OLM", "install the Operator Lifecycle Manager, or leave the section out", _API, refuses=True
    ),
    _check("readable", "What has to be looked at can be read", "grant the rights of the verify role", _API, refuses=True),
    _check("known", "Package, namespace and source of every operator are known", "give package, namespace and source", _API, refuses=True),
    _check("twice", "No package is asked for twice", "leave one of them out", _RESOLVER, refuses=True),
    _check(
        "shared_api",
        "No two operators of the document own the same CRDs",
        "leave one of them out: both would reconcile the same objects",
        f"{_FACTS}, InterOperatorGroupOwnerConflict",
        refuses=True,
    ),
    _check("order.cycle", "What operators need makes no circle", "take one of the needs out", "the document", refuses=True),
    _check(
        "order.needs",
        "What an operator needs is asked for or there",
        "add the operator that is needed to operators.wanted, or install it otherwise",
        "the document and the shipped catalogue",
        WARNING,
    ),
    _check("catalog.absent", "The CatalogSource is there", "create it, or name another source", _API, refuses=True),
    _check(
        "catalog.not_ready",
        "The CatalogSource is connected",
        "look at the pod of the CatalogSource and at the network policy of its namespace",
        f"{_SUBSCRIPTION_STATES}/operator.go",
        refuses=True,
    ),
    _check(
        "catalog.stale",
        "The rendered catalog is the one that is served",
        "render the catalog image again (opm render) that the CatalogSource serves",
        "operator-registry v1.61.0, alpha/declcfg",
        WARNING,
    ),
    _check("package", "The catalog has the package", "name a package that the catalog has, or another source", _API, refuses=True),
    _check("channel", "The package has the channel", "choose one of its channels", _API, refuses=True),
    _check(
        "pin",
        "The channel has the pinned version",
        "pin a version of the channel, or choose a channel that has it",
        _RESOLVER,
        refuses=True,
    ),
    _check(
        "path",
        "OLM reaches the pinned version from the installed one",
        "pin a version on OLM's way, or choose a channel with an edge to the pin",
        _RESOLVER,
        refuses=True,
    ),
    _check("path.unknown", "The way to the pinned version is known", "give the rendered catalog in operators.catalogs", _RESOLVER, WARNING),
    _check(
        "hops",
        "Every version between the installed one and the pin was rehearsed",
        "copy the hops of the upgrade's rehearsal into upgrade.rehearsed: only their plans are approved",
        _RESOLVER,
    ),
    _check(
        "rehearsed",
        "Every rehearsed version lies on the way to the pin",
        "copy the hops of the upgrade's rehearsal, and no others",
        _RESOLVER,
        refuses=True,
    ),
)

_GROUPS: Final = (
    _check("group.modes", "The operator supports the scope that is asked for", "choose a scope that it supports", _API, refuses=True),
    _check(
        "group.shared",
        "Operators of one namespace need the same OperatorGroup",
        "give one of them a namespace of its own",
        f"{_FACTS}, one OperatorGroup per namespace",
        refuses=True,
    ),
    _check(
        "group.wrong",
        "The namespace's OperatorGroup fits the operator",
        "choose another namespace or scope, or have the group's owner change it",
        _CSV_STATES,
        refuses=True,
    ),
    _check(
        "group.second",
        "The namespace has one OperatorGroup",
        "remove all but one; while there are several, OLM does nothing in the namespace and says nothing",
        f"{_RESOLVER}/fail_forward.go",
        refuses=True,
    ),
    _check(
        "group.neighbours",
        "No operator of others in the namespace is updated by OLM itself while this one is pinned",
        "give the operator a namespace of its own, or see to the others' plans yourself",
        f"{_FACTS}: OLM resolves a namespace together, and one manual Subscription makes its plans manual",
        WARNING,
    ),
    _check("group.none", "The namespace has an OperatorGroup", "let the operators part make it", f"{_RESOLVER}/fail_forward.go"),
    _check(
        "group.plan",
        "The version that the plan brings supports the namespace's OperatorGroup",
        "leave the plan unapproved and pin a version that supports the scope",
        _API,
    ),
)

_STUCK: Final = (
    _check(
        "resolution",
        "OLM can resolve the namespace's Subscriptions",
        "change what OLM says cannot be satisfied",
        f"{_RESOLVER}/resolver.go",
    ),
    _check(
        "resolution.error",
        "OLM gets as far as resolving",
        "look at the catalogs: OLM tries again by itself",
        f"{_SUBSCRIPTION_STATES}/operator.go",
    ),
    _check(
        "catalog.unhealthy",
        "The catalog can be reached",
        "look at the CatalogSource, its pod and its Service; operators that are installed go on running",
        f"{_SUBSCRIPTION_STATES}/operator.go",
    ),
    _check(
        "unpack.pull",
        "The bundle's image can be pulled",
        "mirror the image or correct the pull secret; then delete the Job so that OLM makes it anew",
        f"{_FACTS}, pkg/controller/bundle/bundle_unpacker.go",
    ),
    _check(
        "unpack.failed",
        "The bundle can be unpacked",
        "remove the cause, then delete the failed Job and its ConfigMap, so that OLM unpacks anew",
        f"{_FACTS}, pkg/controller/bundle/bundle_unpacker.go",
    ),
    _check(
        "plan.missing",
        "The InstallPlan that the Subscription names is there",
        "delete the Subscription and apply again",
        _SUBSCRIPTION_STATES,
    ),
    _check(
        "plan.failed",
        "The InstallPlan succeeds",
        "remove the cause; then delete Subscription and CSV and apply again",
        _SUBSCRIPTION_STATES,
    ),
    _check("plan.retrying", "The InstallPlan runs without errors", "remove the cause: OLM tries again by itself", _SUBSCRIPTION_STATES),
    _check(
        "plan.outside",
        "The InstallPlan brings only what the document declares",
        "declare the other versions (operators.wanted, or upgrade.rehearsed for hops), or take apart what shares the namespace",
        f"{_RESOLVER}/step_resolver.go",
    ),
    _check("csv.requirements", "What the CSV requires is there", "bring what is named as missing", _CSV_STATES),
    _check("csv.unsupported_group", "The CSV supports its OperatorGroup", "change scope or namespace of the operator", _CSV_STATES),
    _check(
        "csv.conflict",
        "No other operator owns the same APIs",
        "keep one of the operators that own the API, or keep their OperatorGroups apart",
        _CSV_STATES,
    ),
    _check("csv.install", "The operator's deployment comes up", "look at its pods", _CSV_STATES),
    _check("csv.failed", "The CSV does not fail", "see what OLM says of the CSV", _CSV_STATES),
    _check("csv.not_upgradeable", "The operator allows to be upgraded", "wait for the operator, or see its own conditions", _CSV_STATES),
    _check("deprecated", "Package, channel and version are not deprecated", "plan the move to what the catalog names", _API, INFORMATION),
    _check(
        "manual",
        "The namespace's Subscriptions agree on how plans are approved",
        "pin or float all of them",
        _SUBSCRIPTION_STATES,
        INFORMATION,
    ),
)

_BROWNFIELD: Final = (
    _check(
        "brownfield.foreign",
        "An operator that is there already is what the document asks for",
        "set brownfield: adopt to have it managed from here, or ask for what is there",
        "the document",
    ),
    _check(
        "brownfield.refused",
        "No operator is there that the document refuses",
        "remove it, or set brownfield to observe or adopt",
        "the document",
        refuses=True,
    ),
    _check(
        "brownfield.elsewhere",
        "The package is not subscribed to in another namespace",
        "set the operator's namespace to the one where it is, or set brownfield: observe",
        f"{_FACTS}: CRDs belong to the whole cluster, so an operator is installed once",
        refuses=True,
    ),
    _check(
        "brownfield.olm_v1",
        "The package is not installed by OLM v1",
        "remove the ClusterExtension, or set brownfield: observe",
        "operator-controller: both would own the same CRDs",
        refuses=True,
    ),
    _check(
        "brownfield.gitops",
        "What Argo CD looks after is as the document asks for",
        "change it where the application takes it from",
        "Argo CD, resource tracking",
    ),
    _check(
        "brownfield.orphan",
        "No CSV of the package is there without a Subscription",
        "delete the CSV (its objects and CRDs stay) and apply again, or set brownfield: observe",
        f"{_RESOLVER}: a CSV without Subscription excludes every bundle with its APIs",
        refuses=True,
    ),
    _check("brownfield.empty", "A Subscription that is there has led to a CSV", "see why OLM does not go on", _API, WARNING),
    _check(
        "brownfield.same_api",
        "No other package owns the operator's CRDs",
        "remove one of the packages; their objects would be reconciled by both",
        f"{_CSV_STATES}, InterOperatorGroupOwnerConflict",
        refuses=True,
    ),
)

_RESULT: Final = (
    _check("installed", "The operator is installed as the document asks for", "apply the operators part", _API),
    _check("crds", "The CRDs of the operator are established", "see the conditions of the CRD", "apiextensions.k8s.io/v1"),
    _check("deployments", "The deployments of the operator are available", "look at their pods", "apps/v1"),
    _check("condition", "The operator does not object to an upgrade", "see the OperatorCondition", _API, WARNING),
    _check(
        "upgrade.stored_version",
        "No CRD version vanishes in which objects are stored",
        "migrate the objects to a version that stays and take the old one out of status.storedVersions",
        f"{_FACTS}, pkg/lib/crd/storage.go",
        refuses=True,
    ),
    _check(
        "upgrade.unknown", "What an upgrade changes is known", "give the rendered catalog in operators.catalogs", "the document", WARNING
    ),
    _check(
        "minor",
        "The operator allows the next OpenShift minor",
        "pin a version with a later olm.maxOpenShiftVersion before the cluster is upgraded",
        f"{_FACTS}, pkg/controller/operators/openshift/helpers.go",
        WARNING,
    ),
    _check(
        "mirror",
        "Every image of the operator has a mirror",
        "mirror the image, or name it in operators.mirrors.images",
        "config.openshift.io/v1",
    ),
    _check(
        "mirror.unknown",
        "The images of the operator are known",
        "give the rendered catalog in operators.catalogs",
        "CSV spec.relatedImages",
    ),
    _check("removed", "An operator that has to be gone is gone", "apply the operators part", _API),
    _check("removed.held", "Nothing of others and no object of its kinds hangs on what is removed", "see what is named", _API),
    _check(OBJECT_CHECK, "Every object of the part is as the document asks for", "apply the operators part", "the document"),
)

CHECKS: Final[tuple[Check, ...]] = (*_PREFLIGHT, *_GROUPS, *_STUCK, *_BROWNFIELD, *_RESULT)
"""All checks of the part."""

_BY_ID: Final[Mapping[str, Check]] = by_id(CHECKS)


def check(word: str) -> Check:
    """The check by the words after `platform.operators.`."""
    return _BY_ID[f"{PREFIX}.{word}"]
