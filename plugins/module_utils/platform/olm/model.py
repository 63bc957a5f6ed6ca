# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of operators: packages of a catalog, one operator as it is wanted, and all that a cluster shows of it.

Facts on OLM are those of its sources at v0.38.0, of operator-registry v1.61.0, and of the API types at v0.36.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ...common.owned_fields import ApiObject

GROUP: Final = "operators.coreos.com"
SUBSCRIPTIONS: Final = f"subscriptions.{GROUP}"
GROUPS: Final = f"operatorgroups.{GROUP}"
PLANS: Final = f"installplans.{GROUP}"
CSVS: Final = f"clusterserviceversions.{GROUP}"
CATALOG_SOURCES: Final = f"catalogsources.{GROUP}"
CONDITIONS: Final = f"operatorconditions.{GROUP}"
OPERATORS: Final = f"operators.{GROUP}"
EXTENSIONS: Final = "clusterextensions.olm.operatorframework.io"
CRDS: Final = "customresourcedefinitions.apiextensions.k8s.io"
DEPLOYMENTS: Final = "deployments.apps"
JOBS: Final = "jobs.batch"
PODS: Final = "pods"
NAMESPACES: Final = "namespaces"
MIRROR_SETS: Final = (
    "imagedigestmirrorsets.config.openshift.io",
    "imagetagmirrorsets.config.openshift.io",
    "imagecontentsourcepolicies.operator.openshift.io",
)
"""Resources that a snapshot holds, by their ids there. Pods are only those that unpack bundles and those of operators."""

MANIFEST_API: Final = "packages.operators.coreos.com/v1"
"""API of the PackageManifests, which are read one by one."""

ALL_NAMESPACES, OWN_NAMESPACE, SINGLE_NAMESPACE, MULTI_NAMESPACE = "AllNamespaces", "OwnNamespace", "SingleNamespace", "MultiNamespace"
INSTALL_MODES: Final = (ALL_NAMESPACES, OWN_NAMESPACE, SINGLE_NAMESPACE, MULTI_NAMESPACE)

DONE, WAITING, APPROVE, STUCK = "done", "waiting", "approve", "stuck"
NEXT_STATES: Final = (DONE, WAITING, APPROVE, STUCK)

CSV_COPIED_LABEL: Final = "olm.copiedFrom"
OWNER_LABEL: Final = "olm.owner"
UNPACK_LABEL: Final = "operatorframework.io/bundle-unpack-ref"
"""Labels that OLM sets: on copies of a CSV, on what a CSV owns, on Jobs and pods that unpack a bundle."""


# ---- a catalog -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class CrdRef:
    """A kind that a CSV owns or requires."""

    name: str
    """of the CRD, as plural.group"""
    version: str
    kind: str = ""


@dataclass(frozen=True, slots=True, order=True)
class CrdVersions:
    """The versions of one CRD."""

    name: str
    versions: tuple[str, ...]
    exact: bool = True
    """False where only those are known that the CSV tells of: the CRD itself may have more"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a channel: a CSV and the edges of the upgrade graph that lead to it."""

    name: str
    version: str = ""
    """semantic version; empty where it is not known"""
    replaces: str = ""
    skips: tuple[str, ...] = ()
    skip_range: str = ""
    deprecated: str = ""
    """the catalog's own words on why it is deprecated"""


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel of a package."""

    name: str
    head: str
    """CSV that the catalog's server names as the current one; empty where it is not known"""
    entries: tuple[Entry, ...]
    edges_known: bool = True
    """False for the entries of a PackageManifest: names and versions only"""
    deprecated: str = ""

    def entry(self, csv: str) -> Entry | None:
        """The entry of that CSV."""
        return next((entry for entry in self.entries if entry.name == csv), None)


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a catalog tells of one CSV."""

    name: str
    version: str = ""
    modes: frozenset[str] | None = None
    """install modes that it supports; None where nobody says"""
    owned: tuple[CrdRef, ...] = ()
    required: tuple[CrdRef, ...] = ()
    crds: tuple[CrdVersions, ...] = ()
    max_openshift: str = ""
    """last OpenShift minor that it allows; empty where it names none"""
    images: tuple[str, ...] | None = None
    """its related images; None where they are not known"""


@dataclass(frozen=True, slots=True)
class Package:
    """A package of one catalog."""

    name: str
    catalog: str
    default_channel: str
    channels: Mapping[str, Channel] = field(default_factory=dict)
    bundles: Mapping[str, Bundle] = field(default_factory=dict)
    """CSV to what is known of it: of a PackageManifest the heads of the channels"""
    deprecated: str = ""

    def head(self, channel: str) -> Bundle | None:
        """The bundle at the head of a channel; None where nothing is known of it."""
        found = self.channels.get(channel)
        return self.bundles.get(found.head) if found else None

    def channels_with(self, csv: str) -> tuple[str, ...]:
        """Names of the channels that contain a CSV, sorted."""
        return tuple(sorted(name for name, channel in self.channels.items() if channel.entry(csv)))


@dataclass(frozen=True, slots=True)
class RenderedCatalog:
    """What `opm render` told of a catalog: packages with their whole upgrade graphs."""

    name: str
    packages: Mapping[str, Package] = field(default_factory=dict)


# ---- answers ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GroupSpec:
    """The OperatorGroup that an operator needs."""

    mode: str
    """install mode that it comes to"""
    target_namespaces: tuple[str, ...] | None = None
    """None is all namespaces"""

    @property
    def spec(self) -> dict[str, list[str]]:
        """The spec of the object."""
        return {} if self.target_namespaces is None else {"targetNamespaces": list(self.target_namespaces)}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something cannot be done, and what to do instead."""

    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Hops:
    """The CSVs that OLM installs one after the other on the way to a pin, the pin last; none where it is installed."""

    path: tuple[str, ...] = ()
    exact: bool = True
    """False where there may be further ones before the last"""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """OLM never comes to the pin from what is installed."""

    reason: str
    path: tuple[str, ...] = ()
    """where OLM would go instead"""
    channels: tuple[str, ...] = ()
    """channels of the package that contain the pin"""


@dataclass(frozen=True, slots=True)
class Unknowable:
    """Nobody can tell: the upgrade graph is not known."""

    reason: str
    remedy: str = ""


HopsAnswer: TypeAlias = Hops | Unreachable | Unknowable


@dataclass(frozen=True, slots=True)
class CrdChange:
    """What an upgrade does to one CRD: versions that come and go, and those in which objects are stored."""

    crd: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    stored: tuple[str, ...] = ()
    refused: bool = False
    objects: int | None = None
    """how many objects there are of it; None is unknown"""
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Upgrade:
    """The rehearsal of an upgrade."""

    operator: str
    from_csv: str
    to_csv: str
    hops: tuple[str, ...] = ()
    crd_changes: tuple[CrdChange, ...] | None = None
    """None where nobody knows the CRDs of the bundle"""
    images_added: tuple[str, ...] | None = None
    refused: bool = False
    reason: str = ""
    """why it is refused, or why parts of it are not known"""


# ---- one operator ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """An operator of the document with what the shipped catalogue adds to it. Attributes mean what the document's keys mean."""

    name: str
    package: str
    namespace: str
    source: str
    source_namespace: str = "openshift-marketplace"
    channel: str = ""
    pin: str = ""
    """CSV that is pinned; empty where it floats"""
    floating: bool = False
    absent: bool = False
    scope: str | tuple[str, ...] = "auto"
    suggested_scope: str = ""
    needs: tuple[str, ...] = ()
    brownfield: str = "observe"
    config: Mapping[str, object] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    rehearsed: tuple[str, ...] = ()
    keep_crds: bool = True
    keep_namespace: bool = False
    crds: tuple[str, ...] = ()
    """CRDs that the shipped catalogue says it brings"""
    confirmed: bool = True
    path: str = ""
    """place in the document"""

    @property
    def subject(self) -> str:
        """How findings name it."""
        return f"operator {self.name}"

    @property
    def component_label(self) -> str:
        """Label that OLM sets on everything that belongs to the operator; its name is cut to what a label may have."""
        return f"operators.coreos.com/{f'{self.package}.{self.namespace}'[:63].rstrip('._-')}"

    @property
    def approved(self) -> frozenset[str]:
        """CSVs that the document allows for it."""
        return frozenset(filter(None, (self.pin, *self.rehearsed)))


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorSeen:
    """All that a cluster shows of one operator. What is None or empty is not there, unless its resource is in `unknown`."""

    namespace: ApiObject | None = None
    subscription: ApiObject | None = None
    """Subscription of the package in the operator's namespace"""
    subscriptions: tuple[ApiObject, ...] = ()
    """all Subscriptions of that namespace, the operator's own included: OLM resolves them together"""
    elsewhere: tuple[ApiObject, ...] = ()
    """further Subscriptions of the same package, in other namespaces for the most part"""
    neighbours: tuple[ApiObject, ...] = ()
    """all Subscriptions of the cluster: whose CSV is whose"""
    groups: tuple[ApiObject, ...] = ()
    """OperatorGroups of the namespace"""
    plan: ApiObject | None = None
    """InstallPlan that the Subscription names"""
    unpacked: Mapping[str, ApiObject] = field(default_factory=dict)
    """ConfigMaps with unpacked bundles by namespace/name"""
    csv: ApiObject | None = None
    """CSV that OLM is on the way to, or that is installed"""
    installed: ApiObject | None = None
    """CSV that the Subscription names as installed"""
    csvs: tuple[ApiObject, ...] = ()
    """CSVs of the namespace that are no copies"""
    package_csvs: tuple[ApiObject, ...] = ()
    """CSVs of the package anywhere, copies left out"""
    same_api: tuple[ApiObject, ...] = ()
    """CSVs anywhere that own a CRD of this operator and are not its own"""
    catalog: ApiObject | None = None
    manifest: ApiObject | None = None
    """PackageManifest"""
    deployments: tuple[ApiObject, ...] = ()
    pods: tuple[ApiObject, ...] = ()
    """pods of the deployments"""
    condition: ApiObject | None = None
    """OperatorCondition"""
    crds: tuple[ApiObject, ...] = ()
    """CRDs that the operator brings: its CSV owns them, a catalog says so, or OLM has labelled them so"""
    unpack_jobs: tuple[ApiObject, ...] = ()
    unpack_pods: tuple[ApiObject, ...] = ()
    extensions: tuple[ApiObject, ...] = ()
    """ClusterExtensions (OLM v1) of the package"""
    operator_object: ApiObject | None = None
    """the Operator object, which OLM makes for the package and namespace"""
    unknown: Mapping[str, str] = field(default_factory=dict)
    """resource whose list is not known to the reason"""
