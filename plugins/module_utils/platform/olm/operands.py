# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hangs on an operator that is to be removed: objects of its kinds, and what else its namespace holds.

An operator that is gone finishes nothing any more: objects of its kinds with finalizers of its own stay for ever, and a
namespace or a CRD that goes with them never ends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ...common.owned_fields import ApiObject, metadata_of
from ...common.write_findings import listed
from ...target.objects import at, id_of, labels_of, maps_at, name_of, namespace_of, text_at, text_map
from ..snapshot import Instances, InstancesOf, PlatformSnapshot
from .csvs import is_copied, owned_names
from .model import CRDS, CSVS, DEPLOYMENTS, OWNER_LABEL, Operator, OperatorSeen

MOST_PODS = 100
"""How many pods of a namespace are looked at; an operator's own are a few."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why something is not removed; not `known` means that nobody can tell whether it might be."""

    message: str
    known: bool = True
    items: tuple[ApiObject, ...] = ()


# ---- CRDs ------------------------------------------------------------------------------------------------------------


def own_crds(operator: Operator, csvs: Iterable[ApiObject], snapshot: PlatformSnapshot) -> frozenset[str]:
    """Names of the CRDs that are the operator's: a CSV that goes owns them, or OLM has labelled them so.

    What the shipped catalogue or a catalog says of the package proves nothing of this cluster: others may have brought them.
    """
    owned = {name for csv in csvs for name in owned_names(csv)}
    return frozenset(owned | {name_of(each) for each in snapshot.all(CRDS) if operator.component_label in labels_of(each)})


def shared_crds(names: Collection[str], csvs: Iterable[ApiObject], snapshot: PlatformSnapshot) -> dict[str, str]:
    """Those of the CRDs that a CSV owns which stays, to that CSV."""
    gone = {id_of(csv) for csv in csvs}
    others = [csv for csv in snapshot.all(CSVS) if not is_copied(csv) and id_of(csv) not in gone]
    return {name: id_of(csv) for csv in others for name in owned_names(csv) if name in names}


def sought_of(name: str, csvs: Iterable[ApiObject], snapshot: PlatformSnapshot) -> InstancesOf | None:
    """How the objects of a CRD are listed; None where there is no such CRD, or no way to list them."""
    crd = snapshot.get(CRDS, "", name)
    if crd is not None:
        return objects_of(crd)
    if snapshot.known(CRDS):
        return None
    owned = [each for csv in csvs for each in maps_at(csv, "spec.customresourcedefinitions.owned") if each.get("name") == name]
    version = next(filter(None, (text_at(each, "version") for each in owned)), "")
    plural, _dot, group = name.partition(".")
    return InstancesOf(group, version, plural) if version and group else None


def objects_of(crd: ApiObject) -> InstancesOf | None:
    """How the objects of a CRD are listed; None where it is served in no version.

    In the version in which they are stored nothing has to be converted, for which the operator may be needed.
    """
    plural, _dot, group = name_of(crd).partition(".")
    served = [each for each in maps_at(crd, "spec.versions") if each.get("served") is True]
    chosen = next((each for each in served if each.get("storage") is True), served[0] if served else {})
    return InstancesOf(group, text_at(chosen, "name"), plural) if served and group else None


def operands_of(names: Iterable[str], csvs: Sequence[ApiObject], snapshot: PlatformSnapshot) -> list[tuple[str, Instances]]:
    """What there is of the kinds of these CRDs, by the kind's name; kinds without any object are left out."""
    found = []
    for name in sorted(names):
        if snapshot.known(CRDS) and snapshot.get(CRDS, "", name) is None:
            continue
        sought = sought_of(name, csvs, snapshot)
        there = snapshot.instances_of(sought) if sought else Instances(reason=f"{name}: it is served in no version")
        if not there.known or there.items or there.more != 0:
            found.append((_kind(name, csvs, snapshot), there))
    return found


def in_words(kind: str, there: Instances) -> str:
    """`3 objects of kind DeviceConfig (gpu/a and gpu/b, …)`."""
    shown = listed([id_of(each) for each in there.items])
    if there.more is None:
        return f"more than {len(there.items)} objects of kind {kind} ({shown}, …)"
    number = len(there.items) + there.more
    return f"{number} object{'s' if number != 1 else ''} of kind {kind} ({shown}{', …' if there.more else ''})"


def operand_troubles(found: Iterable[tuple[str, Instances]], has_operator: bool) -> Iterator[Trouble]:
    """Why nothing is removed while objects of the operator's kinds are there."""
    entries = list(found)
    there = [in_words(kind, each) for kind, each in entries if each.known]
    if there:
        are = f"{listed(there)} {'is' if _is_one(entries) else 'are'} still there"
        why = ", as long as the operator can finish what they wait for" if has_operator else ""
        yield Trouble(f"{are}: remove them first{why}; with keep_crds: true and keep_namespace: true they stay")
    if unknown := [each.reason for _kind_name, each in entries if not each.known]:
        yield Trouble(f"whether objects of its kinds are still there is not known: {listed(unknown)}", known=False)


def _is_one(entries: Sequence[tuple[str, Instances]]) -> bool:
    return sum(len(each.items) if each.more == 0 else 2 for _kind_name, each in entries if each.known) == 1


def _kind(name: str, csvs: Iterable[ApiObject], snapshot: PlatformSnapshot) -> str:
    owned = [each for csv in csvs for each in maps_at(csv, "spec.customresourcedefinitions.owned") if each.get("name") == name]
    named = (text_at(snapshot.get(CRDS, "", name), "spec.names.kind"), *(text_at(each, "kind") for each in owned))
    return next(filter(None, named), name)


# ---- the namespace ---------------------------------------------------------------------------------------------------


def claims_in(namespace: str) -> InstancesOf:
    """The namespace's PersistentVolumeClaims."""
    return InstancesOf("", "v1", "persistentvolumeclaims", namespace)


def pods_in(namespace: str) -> InstancesOf:
    """The namespace's pods."""
    return InstancesOf("", "v1", "pods", namespace, MOST_PODS)


def namespace_troubles(
    operator: Operator, csvs: Sequence[ApiObject], operands: Iterable[tuple[str, Instances]], snapshot: PlatformSnapshot
) -> Iterator[Trouble]:
    """Why the operator's namespace stays: what it holds that is not the operator's, and what of its kinds is in it."""
    stays = f"namespace {operator.namespace} stays"
    claims, pods = snapshot.instances_of(claims_in(operator.namespace)), snapshot.instances_of(pods_in(operator.namespace))
    holds = [in_words("PersistentVolumeClaim", claims)] if claims.known and claims.items else []
    strangers = tuple(pod for pod in pods.items if not _is_own(pod, operator.namespace, csvs, snapshot))
    if strangers:
        holds.append(in_words("Pod", Instances(strangers, pods.more)))
    holds += [in_words(kind, each) for kind, each in operands if each.known and _may_be_in(operator.namespace, each)]
    if holds:
        yield Trouble(f"{stays}: it holds {listed(holds)}")
    unknown = [each.reason for each in (claims, pods, *(each for _kind_name, each in operands)) if not each.known]
    if pods.known and pods.more != 0 and not strangers:
        unknown.append(f"it has more than {MOST_PODS} pods")
    if unknown:
        yield Trouble(f"{stays}: what it holds is not known: {listed(unknown)}", known=False)


def _may_be_in(namespace: str, there: Instances) -> bool:
    """Whether any of the objects is, or may be, in a namespace."""
    is_namespaced = any(map(namespace_of, there.items)) or not there.items
    return any(namespace_of(each) == namespace for each in there.items) or (there.more != 0 and is_namespaced)


def _is_own(pod: ApiObject, namespace: str, csvs: Iterable[ApiObject], snapshot: PlatformSnapshot) -> bool:
    """Whether a pod is on its way out, or one of a deployment of the CSVs that go."""
    if metadata_of(pod).get("deletionTimestamp"):
        return True
    owners = {name_of(csv) for csv in csvs}
    deployments = [each for each in snapshot.in_namespace(DEPLOYMENTS, namespace) if labels_of(each).get(OWNER_LABEL) in owners]
    selectors = [text_map(at(each, "spec.selector.matchLabels")).items() for each in deployments]
    return any(selector and selector <= labels_of(pod).items() for selector in selectors)


# ---- the operator elsewhere ------------------------------------------------------------------------------------------


def elsewhere_troubles(operator: Operator, seen: OperatorSeen) -> Iterator[Trouble]:
    """What has installed the package beside the Subscription in the operator's own namespace: it is not removed from here."""
    if seen.extensions:
        names = listed([f"ClusterExtension {id_of(each)}" for each in seen.extensions])
        yield Trouble(f"package {operator.package} is installed by OLM v1 ({names}): remove it there", items=seen.extensions)
    if seen.elsewhere:
        names = listed([f"Subscription {id_of(each)}" for each in seen.elsewhere])
        yield Trouble(f"package {operator.package} is subscribed to by {names} too: remove it there", items=seen.elsewhere)
    known = {f"{namespace_of(each)}/{text_at(each, f'status.{key}')}" for each in seen.elsewhere for key in ("installedCSV", "currentCSV")}
    orphans = tuple(csv for csv in seen.package_csvs if namespace_of(csv) != operator.namespace and id_of(csv) not in known)
    if orphans:
        names = listed([f"CSV {id_of(each)}" for each in orphans])
        yield Trouble(f"package {operator.package} is there as {names} too: remove it there", items=orphans)
