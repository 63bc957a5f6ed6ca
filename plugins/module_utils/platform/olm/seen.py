# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators of the document with what the shipped catalogue adds, and what a look at a cluster shows of each of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from ...common.owned_fields import ApiObject
from ...target.model import ABSENT, READ
from ...target.objects import at, id_of, labels_of, maps_at, name_of, namespace_of, text_at, text_map
from ..catalogue import Catalogue
from ..desired.keys import ABSENT as NOT_WANTED
from ..desired.model import OperatorsWanted, OperatorWanted
from ..snapshot import Named, PlatformSnapshot
from .csvs import is_copied, owned_names, package_name, plan_crds, plan_csvs, unpacked_refs
from .model import (
    CATALOG_SOURCES,
    CONDITIONS,
    CRDS,
    CSVS,
    DEPLOYMENTS,
    EXTENSIONS,
    GROUPS,
    JOBS,
    MANIFEST_API,
    NAMESPACES,
    OPERATORS,
    OWNER_LABEL,
    PLANS,
    PODS,
    SUBSCRIPTIONS,
    UNPACK_LABEL,
    Operator,
    OperatorSeen,
)

NEEDED = (SUBSCRIPTIONS, GROUPS, PLANS, CSVS, CATALOG_SOURCES, NAMESPACES)
"""Resources without which nothing can be said of an operator."""

HELPFUL = (CONDITIONS, CRDS, DEPLOYMENTS, EXTENSIONS, JOBS, OPERATORS, PODS)
"""Resources that tell more."""


# ---- what is wanted --------------------------------------------------------------------------------------------------


def operators_of(section: OperatorsWanted, catalogue: Catalogue) -> tuple[Operator, ...]:
    """The operators of the document, in its order."""
    return tuple(operator_of(wanted, section, catalogue, f"operators.wanted[{place}]") for place, wanted in enumerate(section.wanted))


def operator_of(wanted: OperatorWanted, section: OperatorsWanted, catalogue: Catalogue, path: str = "") -> Operator:
    """One operator: what the document says beats what the shipped catalogue knows."""
    facts = catalogue.operators.get(wanted.name)
    labels = {**(facts.namespace_labels if facts else {}), **wanted.labels}
    return Operator(
        name=wanted.name,
        package=wanted.package or (facts.package if facts else ""),
        namespace=wanted.namespace or (facts.namespace if facts else ""),
        source=wanted.source or (facts.source if facts else ""),
        source_namespace=section.source_namespace,
        channel=wanted.channel,
        pin="" if wanted.floating else wanted.version,
        floating=wanted.floating,
        absent=wanted.state == NOT_WANTED,
        scope=wanted.scope,
        suggested_scope=facts.suggested_scope if facts else "",
        needs=tuple(dict.fromkeys((*(facts.needs if facts else ()), *wanted.needs))),
        brownfield=wanted.brownfield or section.brownfield,
        config=wanted.config,
        labels=dict(sorted(labels.items())),
        rehearsed=wanted.upgrade.rehearsed,
        keep_crds=wanted.keep_crds,
        keep_namespace=wanted.keep_namespace,
        crds=facts.crds if facts else (),
        confirmed=facts.confirmed if facts else True,
        path=path,
    )


def manifest_ref(operator: Operator) -> Named:
    """The PackageManifest of an operator: of its own catalog, because several may have the package."""
    return Named(MANIFEST_API, "PackageManifest", operator.source_namespace, operator.package, operator.source)


def unpacked_named(snapshot: PlatformSnapshot, operators: Iterable[Operator]) -> tuple[Named, ...]:
    """The ConfigMaps with unpacked bundles that the operators' InstallPlans point to, sorted: what they bring stands only there."""
    plans = (_plan_of(snapshot, _own(_of_package(snapshot, operator), operator)) for operator in operators)
    refs = {ref for plan in plans if plan for ref in unpacked_refs(plan)}
    return tuple(sorted(Named("v1", "ConfigMap", namespace, name) for namespace, name in refs))


# ---- what is seen ----------------------------------------------------------------------------------------------------


def seen_of(snapshot: PlatformSnapshot, operator: Operator) -> OperatorSeen:
    """What a look at a cluster shows of an operator."""
    namespace = operator.namespace
    of_package = _of_package(snapshot, operator)
    subscription = _own(of_package, operator)
    plan = _plan_of(snapshot, subscription)
    csvs = tuple(csv for csv in snapshot.in_namespace(CSVS, namespace) if not is_copied(csv))
    installed = _named(csvs, text_at(subscription, "status.installedCSV"))
    csv = _named(csvs, text_at(subscription, "status.currentCSV")) or installed
    manifest = snapshot.named(manifest_ref(operator))
    deployments = _deployments(snapshot, csv)
    crd_names = {*operator.crds, *owned_in(manifest.object, operator.channel), *(owned_names(csv) if csv else ())}
    labelled = {name_of(each) for each in snapshot.all(CRDS) if operator.component_label in labels_of(each)}
    # A plan of the namespace may bring CRDs of its other operators too: whoever approves it answers for them as well.
    brought = set(plan_crds(plan)) if plan else set[str]()
    package_csvs = _package_csvs(snapshot, operator, of_package, manifest.object)
    unknown = {resource: snapshot.why_not(resource) for resource in (*NEEDED, *HELPFUL) if not snapshot.known(resource)}
    if manifest.state not in (READ, ABSENT):
        unknown["packagemanifests"] = manifest.reason
    return OperatorSeen(
        namespace=snapshot.get(NAMESPACES, "", namespace),
        subscription=subscription,
        subscriptions=tuple(snapshot.in_namespace(SUBSCRIPTIONS, namespace)),
        elsewhere=tuple(each for each in of_package if each is not subscription),
        neighbours=tuple(snapshot.all(SUBSCRIPTIONS)),
        groups=tuple(snapshot.in_namespace(GROUPS, namespace)),
        plan=plan,
        unpacked=_unpacked(snapshot, plan),
        csv=csv,
        installed=installed,
        csvs=csvs,
        package_csvs=package_csvs,
        same_api=tuple(each for each in _csvs(snapshot) if each not in package_csvs and crd_names & set(owned_names(each))),
        catalog=snapshot.get(CATALOG_SOURCES, operator.source_namespace, operator.source),
        manifest=manifest.object if manifest.state == READ else None,
        deployments=deployments,
        pods=_pods_of(snapshot, namespace, deployments),
        condition=snapshot.get(CONDITIONS, namespace, name_of(csv)) if csv else None,
        crds=tuple(filter(None, (snapshot.get(CRDS, "", name) for name in sorted(crd_names | labelled | brought)))),
        unpack_jobs=_unpacking(snapshot, JOBS, operator),
        unpack_pods=_unpacking(snapshot, PODS, operator),
        extensions=tuple(each for each in snapshot.all(EXTENSIONS) if text_at(each, "spec.source.catalog.packageName") == operator.package),
        operator_object=snapshot.get(OPERATORS, "", f"{operator.package}.{namespace}"),
        unknown=unknown,
    )


def owned_in(manifest: ApiObject | None, channel: str) -> tuple[str, ...]:
    """CRDs that the head of a channel owns, as a PackageManifest tells; without the channel those of all heads."""
    found = maps_at(manifest, "status.channels")
    heads = [each for each in found if each.get("name") == channel] or found
    owned = {text_at(crd, "name") for each in heads for crd in maps_at(each, "currentCSVDesc.customresourcedefinitions.owned")}
    return tuple(sorted(owned - {""}))


def _csvs(snapshot: PlatformSnapshot) -> list[ApiObject]:
    return [csv for csv in snapshot.all(CSVS) if not is_copied(csv)]


def _of_package(snapshot: PlatformSnapshot, operator: Operator) -> list[ApiObject]:
    """Subscriptions of the package, wherever they are and from whichever catalog."""
    return [each for each in snapshot.all(SUBSCRIPTIONS) if operator.package and text_at(each, "spec.name") == operator.package]


def _own(subscriptions: Sequence[ApiObject], operator: Operator) -> ApiObject | None:
    """The Subscription in the operator's namespace: of several the one that has our name, otherwise the first."""
    here = [each for each in subscriptions if namespace_of(each) == operator.namespace]
    return next((each for each in here if name_of(each) == operator.package), here[0] if here else None)


def _plan_of(snapshot: PlatformSnapshot, subscription: ApiObject | None) -> ApiObject | None:
    name = text_at(subscription, "status.installPlanRef.name")
    return snapshot.get(PLANS, namespace_of(subscription), name) if subscription and name else None


def _unpacked(snapshot: PlatformSnapshot, plan: ApiObject | None) -> dict[str, ApiObject]:
    found = {}
    for namespace, name in unpacked_refs(plan) if plan else ():
        read = snapshot.named(Named("v1", "ConfigMap", namespace, name))
        if read.object is not None:
            found[f"{namespace}/{name}"] = read.object
    return found


def _named(items: Iterable[ApiObject], name: str) -> ApiObject | None:
    return next((item for item in items if name and name_of(item) == name), None)


def _package_csvs(
    snapshot: PlatformSnapshot, operator: Operator, subscriptions: Iterable[ApiObject], manifest: ApiObject | None
) -> tuple[ApiObject, ...]:
    """CSVs of the package: OLM wrote so, a Subscription of the package names them, or the package has one of that name."""
    named = {(namespace_of(each), text_at(each, f"status.{key}")) for each in subscriptions for key in ("installedCSV", "currentCSV")}
    entries = {text_at(entry, "name") for channel in maps_at(manifest, "status.channels") for entry in maps_at(channel, "entries")}
    entries |= {text_at(channel, "currentCSV") for channel in maps_at(manifest, "status.channels")} | {operator.pin}
    found = []
    for csv in _csvs(snapshot):
        package = package_name(csv)
        by_name = (namespace_of(csv), name_of(csv)) in named or name_of(csv) in entries
        if package == operator.package if package else by_name:
            found.append(csv)
    return tuple(found)


def _deployments(snapshot: PlatformSnapshot, csv: ApiObject | None) -> tuple[ApiObject, ...]:
    if csv is None:
        return ()
    name, namespace = name_of(csv), namespace_of(csv)
    return tuple(each for each in snapshot.in_namespace(DEPLOYMENTS, namespace) if labels_of(each).get(OWNER_LABEL) == name)


def _pods_of(snapshot: PlatformSnapshot, namespace: str, deployments: Iterable[ApiObject]) -> tuple[ApiObject, ...]:
    selectors = [text_map(at(each, "spec.selector.matchLabels")).items() for each in deployments]
    pods = snapshot.in_namespace(PODS, namespace)
    return tuple(pod for pod in pods if any(selector and selector <= labels_of(pod).items() for selector in selectors))


def _unpacking(snapshot: PlatformSnapshot, resource: str, operator: Operator) -> tuple[ApiObject, ...]:
    """Jobs or pods that unpack bundles of the catalogs in the operator's source namespace."""
    return tuple(each for each in snapshot.in_namespace(resource, operator.source_namespace) if UNPACK_LABEL in labels_of(each))


# ---- several operators -----------------------------------------------------------------------------------------------


def approvable(operators: Iterable[Operator], channels: Mapping[str, Collection[str]], namespace: str) -> frozenset[str]:
    """CSVs that an InstallPlan of a namespace may bring: pins and rehearsed hops of its operators, of one that floats its whole channel.

    OLM resolves all Subscriptions of a namespace together, so that one plan may bring several operators. `channels` has the CSVs of
    the channel of each operator that floats, by its name.
    """
    allowed: set[str] = set()
    for operator in operators:
        if operator.namespace == namespace and not operator.absent:
            allowed |= operator.approved
            allowed.update(channels.get(operator.name, ()) if operator.floating else ())
    return frozenset(allowed)


def outside(plan: ApiObject, approved: Collection[str]) -> tuple[str, ...]:
    """CSVs that a plan brings beyond those that may be approved, sorted; a plan without any CSV has its own name there."""
    return tuple(csv for csv in plan_csvs(plan) if csv not in approved) if plan_csvs(plan) else (f"InstallPlan {id_of(plan)}",)
