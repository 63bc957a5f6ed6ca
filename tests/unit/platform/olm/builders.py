# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects as OLM makes them, and operators as documents ask for them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import STAGE_LABEL
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.catalogue import Catalogue, OperatorFacts
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import (
    ClusterWanted,
    MirrorsWanted,
    OperatorsWanted,
    OperatorWanted,
    PlatformDesired,
    UpgradeWanted,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm import model
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.brownfield import STAGE
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.check_list import CHECKS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.model import Operator
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.seen import manifest_ref, operators_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import Context, PartPlan
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import (
    ClusterFacts,
    Listed,
    Named,
    NamedRead,
    PlatformSnapshot,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.target.model import ABSENT, READ

NS, MARKET = "alpha", "openshift-marketplace"
CRD_NAME = "alphas.example.com"
OURS = {STAGE_LABEL: STAGE}
V1ALPHA1, V1 = "operators.coreos.com/v1alpha1", "operators.coreos.com/v1"
RESOURCES = (
    *(model.SUBSCRIPTIONS, model.GROUPS, model.PLANS, model.CSVS, model.CATALOG_SOURCES, model.CONDITIONS, model.OPERATORS),
    *(model.EXTENSIONS, model.CRDS, model.DEPLOYMENTS, model.JOBS, model.PODS, model.NAMESPACES, *model.MIRROR_SETS),
)
_ids = {check.id for check in CHECKS}

FACTS = Catalogue(
    "1",
    "0" * 64,
    {
        "alpha": OperatorFacts("alpha", "alpha-operator", NS, "demo", "all", crds=(CRD_NAME,)),
        "beta": OperatorFacts("beta", "beta-operator", "beta", "demo", "own", needs=("alpha",), namespace_labels={"a": "b"}),
        "gamma": OperatorFacts("gamma", "gamma-operator", "gamma", "demo", "own", needs=("beta",)),
    },
)


def item(api: str, kind: str, name: str, namespace: str = "", /, labels: Mapping[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """An object; `more` stands beside its metadata."""
    metadata: dict[str, Any] = {"name": name, "uid": f"uid-{kind}-{namespace}-{name}"}
    metadata |= {"namespace": namespace} if namespace else {}
    metadata |= {"labels": dict(labels)} if labels else {}
    metadata |= {"annotations": more.pop("annotations")} if "annotations" in more else {}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **more}


def condition(kind: str, reason: str = "", message: str = "", status: str = "True") -> dict[str, str]:
    """A condition."""
    return {"type": kind, "status": status, "reason": reason, "message": message}


def subscription(installed: str = "", current: str = "", *, plan: str = "", conditions: Sequence[Any] = (), **more: Any) -> dict[str, Any]:
    """A Subscription of alpha-operator; `more`: name, namespace, labels, package, channel, source, approval, pin, annotations."""
    given = {
        "name": "alpha-operator",
        "namespace": NS,
        "package": "alpha-operator",
        "channel": "stable",
        "source": "demo",
        "approval": "Manual",
    }
    given |= more
    spec = {"name": given["package"], "channel": given["channel"], "source": given["source"], "sourceNamespace": MARKET}
    spec |= {"installPlanApproval": given["approval"]}
    status: dict[str, Any] = {"conditions": list(conditions)}
    status |= {"installedCSV": installed} if installed else {}
    status |= {"currentCSV": current or installed} if current or installed else {}
    status |= {"installPlanRef": {"name": plan, "namespace": given["namespace"]}} if plan else {}
    status |= {"catalogHealth": given["health"]} if "health" in given else {}
    annotations = {"annotations": given["annotations"]} if "annotations" in given else {}
    labels = given.get("labels")
    return item(V1ALPHA1, "Subscription", given["name"], given["namespace"], labels=labels, spec=spec, status=status, **annotations)


def group(
    name: str = NS, targets: Sequence[str] | None = None, *, namespace: str = NS, labels: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """An OperatorGroup; no targets means all namespaces."""
    spec = {} if targets is None else {"targetNamespaces": list(targets)}
    return item(V1, "OperatorGroup", name, namespace, labels=labels, spec=spec, status={"namespaces": list(targets or [""])})


def csv(name: str = "alpha-operator.v1.0.0", phase: str = "Succeeded", reason: str = "", message: str = "", **more: Any) -> dict[str, Any]:
    """A CSV; `more`: namespace, version, modes, owned, labels, package, max_openshift, images, requirements, deployments."""
    given: dict[str, Any] = {"namespace": NS, "modes": ("AllNamespaces",), "owned": (CRD_NAME,), "package": "alpha-operator", **more}
    version = given.get("version", name.partition(".v")[2])
    properties = [{"type": "olm.package", "value": {"packageName": given["package"], "version": version}}] if given["package"] else []
    if "max_openshift" in given:
        properties.append({"type": "olm.maxOpenShiftVersion", "value": given["max_openshift"]})
    spec = {
        "version": version,
        "installModes": [{"type": mode, "supported": mode in given["modes"]} for mode in model.INSTALL_MODES],
        "customresourcedefinitions": {"owned": [{"name": owned, "version": "v1", "kind": "Alpha"} for owned in given["owned"]]},
        "relatedImages": [{"name": f"i{number}", "image": image} for number, image in enumerate(given.get("images", ()))],
        "install": {"spec": {"deployments": [{"name": each, "spec": {}} for each in given.get("deployments", ())]}},
    }
    status = {"phase": phase, "reason": reason, "message": message, "requirementStatus": given.get("requirements", [])}
    annotations = {"operatorframework.io/properties": json.dumps({"properties": properties})}
    return item(
        V1ALPHA1,
        "ClusterServiceVersion",
        name,
        given["namespace"],
        labels=given.get("labels"),
        spec=spec,
        status=status,
        annotations=annotations,
    )


def crd(
    name: str = CRD_NAME, versions: Sequence[str] = ("v1",), stored: Sequence[str] = ("v1",), established: bool = True
) -> dict[str, Any]:
    """A CustomResourceDefinition of the cluster."""
    conditions = [condition("Established", status="True" if established else "False")]
    spec = {"versions": [{"name": version, "served": True} for version in versions]}
    return item(
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        name,
        spec=spec,
        status={"storedVersions": list(stored), "conditions": conditions},
    )


def step_of(csv_name: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A step of an InstallPlan that holds its manifest."""
    resource = {"kind": manifest["kind"], "name": manifest["metadata"]["name"], "manifest": json.dumps(manifest)}
    return {"resolving": csv_name, "resource": resource, "status": "Unknown"}


def plan(
    *manifests: Mapping[str, Any], name: str = "install-1", phase: str = "RequiresApproval", approved: bool = False, **status: Any
) -> dict[str, Any]:
    """An InstallPlan that brings these CSVs, and with each the CRDs that follow it."""
    steps, names = [], []
    for manifest in manifests:
        if manifest["kind"] == "ClusterServiceVersion":
            names.append(manifest["metadata"]["name"])
        steps.append(step_of(names[-1], manifest))
    spec = {"clusterServiceVersionNames": names, "approved": approved, "approval": "Manual"}
    return item(V1ALPHA1, "InstallPlan", name, NS, spec=spec, status={"phase": phase, "plan": steps, **status})


def catalog_source(state: str | None = "READY", name: str = "demo") -> dict[str, Any]:
    """A CatalogSource; without a state OLM has not connected to it yet."""
    status = {} if state is None else {"connectionState": {"lastObservedState": state}}
    return item(V1ALPHA1, "CatalogSource", name, MARKET, spec={"sourceType": "grpc"}, status=status)


def manifest(
    channels: Mapping[str, Sequence[str]] | None = None,
    modes: Sequence[str] = ("AllNamespaces",),
    name: str = "alpha-operator",
    owned: Sequence[str] = (CRD_NAME,),
    images: Sequence[str] = (),
) -> dict[str, Any]:
    """A PackageManifest: channel to its CSVs, the head first."""
    found = []
    for channel, names in (channels or {"stable": ["alpha-operator.v1.0.0"]}).items():
        described = {
            "version": names[0].partition(".v")[2],
            "installModes": [{"type": mode, "supported": mode in modes} for mode in model.INSTALL_MODES],
            "customresourcedefinitions": {"owned": [{"name": each, "version": "v1", "kind": "Alpha"} for each in owned]},
            "relatedImages": list(images),
        }
        entries = [{"name": each, "version": each.partition(".v")[2]} for each in names]
        found.append({"name": channel, "currentCSV": names[0], "currentCSVDesc": described, "entries": entries})
    status = {"packageName": name, "catalogSource": "demo", "defaultChannel": found[0]["name"], "channels": found}
    return item("packages.operators.coreos.com/v1", "PackageManifest", name, MARKET, status=status)


def deployment(name: str = "alpha", owner: str = "alpha-operator.v1.0.0", available: bool = True) -> dict[str, Any]:
    """A Deployment of a CSV."""
    status = {"conditions": [condition("Available", status="True" if available else "False")]}
    spec = {"selector": {"matchLabels": {"app": name}}}
    return item("apps/v1", "Deployment", name, NS, labels={"olm.owner": owner}, spec=spec, status=status)


def pod(
    name: str, reason: str, *, namespace: str = NS, labels: Mapping[str, str] | None = None, message: str = "", image: str = ""
) -> dict[str, Any]:
    """A pod with a container that waits."""
    status = {"containerStatuses": [{"name": "main", "image": image, "state": {"waiting": {"reason": reason, "message": message}}}]}
    return item(
        "v1",
        "Pod",
        name,
        namespace,
        labels=labels or {"app": "alpha"},
        spec={"containers": [{"name": "main", "image": image}]},
        status=status,
    )


def snapshot(
    *items: Mapping[str, Any], missing: Sequence[str] = (), cluster: ClusterFacts | None = None, catalog: str = "demo"
) -> PlatformSnapshot:
    """A look at a cluster with these objects; lists named in `missing` could not be read."""
    plurals = {
        "Subscription": model.SUBSCRIPTIONS,
        "OperatorGroup": model.GROUPS,
        "InstallPlan": model.PLANS,
        "ClusterServiceVersion": model.CSVS,
        "CatalogSource": model.CATALOG_SOURCES,
        "OperatorCondition": model.CONDITIONS,
        "Operator": model.OPERATORS,
        "ClusterExtension": model.EXTENSIONS,
        "CustomResourceDefinition": model.CRDS,
        "Deployment": model.DEPLOYMENTS,
        "Job": model.JOBS,
        "Pod": model.PODS,
        "Namespace": model.NAMESPACES,
        "ImageDigestMirrorSet": model.MIRROR_SETS[0],
        "ImageTagMirrorSet": model.MIRROR_SETS[1],
        "ImageContentSourcePolicy": model.MIRROR_SETS[2],
    }
    lists: dict[str, list[Mapping[str, Any]]] = {resource: [] for resource in RESOURCES}
    named: dict[Named, NamedRead] = {}
    for each in items:
        if each["kind"] in ("PackageManifest", "ConfigMap"):
            is_manifest = each["kind"] == "PackageManifest"
            metadata = each["metadata"]
            ref = Named(each["apiVersion"], each["kind"], metadata["namespace"], metadata["name"], catalog if is_manifest else "")
            named[ref] = NamedRead(READ, each)
        else:
            lists[plurals[each["kind"]]].append(each)
    listed = {resource: Listed(READ, tuple(found)) for resource, found in lists.items() if resource not in missing}
    listed |= {resource: Listed("forbidden", reason=f"{resource}: forbidden") for resource in missing if resource in lists}
    facts = cluster or ClusterFacts("c1", "1.34", "4.21.3", "4.22", True, False)
    return PlatformSnapshot(listed, _with_absent(named), cluster=facts)


def _with_absent(named: Mapping[Named, NamedRead]) -> dict[Named, NamedRead]:
    found = dict(named)
    for name in ("alpha-operator", "beta-operator", "gamma-operator"):
        ref = Named(model.MANIFEST_API, "PackageManifest", MARKET, name, "demo")
        found.setdefault(ref, NamedRead(ABSENT))
    return found


def wanted(name: str = "alpha", version: str = "alpha-operator.v1.0.0", channel: str = "stable", **more: Any) -> OperatorWanted:
    """An operator of the document."""
    if "rehearsed" in more:
        more["upgrade"] = UpgradeWanted(rehearsed=tuple(more.pop("rehearsed")))
    return OperatorWanted(name=name, version=version, channel=channel, **more)


def operator(**more: Any) -> Operator:
    """The operator alpha; `more` beats what the document and the catalogue say."""
    section = OperatorsWanted(wanted=(wanted(),))
    return replace(operators_of(section, FACTS)[0], **more)


def context(*operators: OperatorWanted, look: PlatformSnapshot, catalogue: Catalogue = FACTS, **more: Any) -> Context:
    """All that the part may look at; `more`: mirrors, brownfield, next_minor, rendered."""
    mirrors = more.get("mirrors")
    section = OperatorsWanted(
        wanted=operators or (wanted(),), mirrors=MirrorsWanted(**mirrors) if mirrors else None, brownfield=more.get("brownfield", "observe")
    )
    cluster = ClusterWanted(next_minor=more.get("next_minor", ""))
    desired = PlatformDesired(schema_version="1.0", cluster=cluster, operators=section)
    return Context(desired, look, catalogue, "2026-11-22", rendered=more.get("rendered", {}))


def checked(findings: Sequence[CheckFinding]) -> dict[str, CheckFinding]:
    """Findings by the words of their checks; each check has to be listed, and each id to be there once."""
    assert {finding.check for finding in findings} <= _ids
    assert len({finding.id for finding in findings}) == len(findings), [finding.id for finding in findings]
    return {finding.check.removeprefix("platform.operators."): finding for finding in findings}


def failing(findings: Sequence[CheckFinding]) -> set[str]:
    """Words of the checks that failed, information left out."""
    checked(findings)
    return {finding.check.removeprefix("platform.operators.") for finding in findings if finding.failed}


def refusing(result: PartPlan) -> set[str]:
    """Words of the checks that keep anything from being written."""
    return {finding.check.removeprefix("platform.operators.") for finding in result.findings if finding.refuses and finding.failed}


def ref_of(given: Operator) -> Named:
    """The PackageManifest of an operator."""
    return manifest_ref(given)
