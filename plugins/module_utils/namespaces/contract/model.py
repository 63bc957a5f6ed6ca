# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract of one AI namespace: who answers for it, who works in it, what it gets and what holds in it.

Of this table the values are read, the JSON Schema is made, and docs/contracts.md is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ...common.findings import Waiver
from ...platform.desired.keys import LABEL_VALUE, MAY_LACK, NAME, NAMESPACE, key
from ...platform.desired.model import DeviceRequest

DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
CIDR: Final = r"[0-9a-fA-F:.]+/[0-9]{1,3}"
PORT: Final = r"[0-9]{1,5}(/(TCP|UDP|SCTP))?"
SECRET: Final = MAY_LACK.format(NAME)

PUBLIC, INTERNAL, CONFIDENTIAL, RESTRICTED = "public", "internal", "confidential", "restricted"
CLASSIFICATIONS: Final = (PUBLIC, INTERNAL, CONFIDENTIAL, RESTRICTED)
"""How far data of the namespace may be seen, the widest first."""

POLICIES, OWN_NETWORK = "policies", "own_network"
ISOLATIONS: Final = (POLICIES, OWN_NETWORK)

RUN, HOLD, DRAIN = "none", "hold", "drain"
STOPS: Final = (RUN, HOLD, DRAIN)

KEEP, HAND_OVER, DELETE = "keep", "hand_over", "delete"
DATA_ENDS: Final = (KEEP, HAND_OVER, DELETE)

BASELINE, TIGHT = "baseline", "restricted"
POD_SECURITY: Final = (BASELINE, TIGHT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who answers for the namespace. Namespaces of one owner share a ClusterResourceQuota and a ClusterQueue."""

    name: str = key("the owner's short name, as it stands in the label readiness.groundwork.io/owner", pattern=NAMESPACE)
    group: str = key("group of people who answer for it; it has to be there and to have members")
    cost_centre: str = key("what its use is charged to", pattern=LABEL_VALUE)
    contact: str = key("address that reaches them, such as retail-ai@example.com", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Jurisdiction:
    """Where the namespace's work may run, and where its data may be."""

    name: str = key("the jurisdiction, such as eu", pattern=LABEL_VALUE)
    regions: tuple[str, ...] = key("regions that belong to it, as nodes bear them in topology.kubernetes.io/region", pattern=LABEL_VALUE)
    hosts: tuple[str, ...] = key(
        "hosts and networks outside the cluster that belong to it, as names, patterns such as *.eu.example.com, addresses or CIDRs", ()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonaWanted:
    """Who has a persona in the namespace."""

    persona: str = key("a persona of a namespace, such as data_scientist; see docs/personas.md")
    groups: tuple[str, ...] = key("groups that have it", ())
    users: tuple[str, ...] = key("users who have it", ())
    service_accounts: tuple[str, ...] = key("service accounts of the namespace that have it", (), pattern=NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccountWanted:
    """A service account of the namespace."""

    name: str = key("its name", pattern=NAME)
    pull_secrets: tuple[str, ...] = key("Secrets of the namespace with which it pulls images", (), pattern=NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaWanted:
    """What all pods, volumes and models of the namespace may take together."""

    cpu: float = key("CPUs that pods may request", above=0)
    memory_gib: float = key("memory in GiB that pods may request", above=0)
    cpu_limit: float | None = key("CPUs that their limits may come to; not given: twice the requests", None, above=0)
    memory_limit_gib: float | None = key("memory in GiB that their limits may come to; not given: one and a half requests", None, above=0)
    ephemeral_gib: float | None = key("storage of nodes in GiB that pods may request; not given: not limited", None, above=0)
    storage_gib: float = key("volumes in GiB", 0.0, least=0)
    volumes: int = key("number of volumes", 20, least=0)
    pods: int = key("number of pods", 100, least=1)
    models: int = key("number of models that are served", 0, least=0)
    load_balancers: int = key("number of Services of type LoadBalancer, which are reached from outside the cluster", 0, least=0)
    node_ports: int = key("number of ports of nodes that Services open", 0, least=0)
    storage_classes: Mapping[str, float] = key("StorageClass to GiB of its volumes; others than those that are named get none", {})


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerWanted:
    """What a container gets that asks for nothing, and the most that one may ask for."""

    cpu_request: float = key("CPUs that it requests", 0.1, above=0)
    cpu_limit: float = key("its limit of CPUs", 1.0, above=0)
    cpu_most: float | None = key("the highest limit of CPUs; not given: the quota's", None, above=0)
    memory_request_gib: float = key("memory in GiB that it requests", 0.25, above=0)
    memory_limit_gib: float = key("its limit of memory in GiB", 2.0, above=0)
    memory_most_gib: float | None = key("the highest limit of memory in GiB; not given: the quota's", None, above=0)
    volume_most_gib: float | None = key("the largest volume in GiB; not given: the quota's", None, above=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueWanted:
    """The queue that accelerated workloads wait in."""

    name: str = key("name of the LocalQueue", "default", pattern=NAMESPACE)
    stop: str = key("none: workloads are admitted; hold: no further ones; drain: those that were are evicted as well", RUN, allowed=STOPS)
    cohort: str = key("cohort that the owner's ClusterQueue belongs to; empty for none", "", pattern=MAY_LACK.format(NAMESPACE))
    borrow: bool = key("whether it may use accelerators that others of the cohort leave idle", False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressWanted:
    """A way out of the namespace."""

    name: str = key("its name", pattern=NAMESPACE)
    cidrs: tuple[str, ...] = key("networks that it leads to", (), pattern=CIDR)
    namespaces: tuple[str, ...] = key("namespaces that it leads to", (), pattern=NAMESPACE)
    ports: tuple[str, ...] = key("ports, such as 443 or 5432/TCP; empty for all", (), pattern=PORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkWanted:
    """What may reach the namespace, and what it may reach. Nothing else gets through; within the namespace everything does."""

    isolation: str = key(
        "policies: NetworkPolicies on the cluster's network; own_network: a primary UserDefinedNetwork, which is chosen for good",
        POLICIES,
        allowed=ISOLATIONS,
    )
    subnets: tuple[str, ...] = key("own_network: its subnets, which overlap no other", (), pattern=CIDR)
    to_api: bool = key("whether pods reach the API server: workbenches, pipelines and operators need it", True)
    from_router: bool = key("whether the cluster's router reaches it: routes of models and workbenches", True)
    from_namespaces: tuple[str, ...] = key("namespaces whose pods reach it", (), pattern=NAMESPACE)
    egress: tuple[EgressWanted, ...] = key("ways out; DNS is always one", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagesWanted:
    """Where images of the namespace may come from."""

    registries: tuple[str, ...] = key("registries, as hosts or host/repository; empty for any", ())
    pull_secrets: tuple[str, ...] = key("Secrets of the namespace with which the default service account pulls", (), pattern=NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorWanted:
    """Pods, or the pods behind services, whose metrics are collected."""

    name: str = key("its name", pattern=NAMESPACE)
    labels: Mapping[str, str] = key("labels of the pods, or of the services")
    port: str = key("name of the port", pattern=NAMESPACE)
    path: str = key("where the metrics are", "/metrics")
    interval_seconds: int = key("how often", 30, least=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringWanted:
    """What is collected of the namespace."""

    pods: tuple[MonitorWanted, ...] = key("PodMonitors", ())
    services: tuple[MonitorWanted, ...] = key("ServiceMonitors", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingWanted:
    """Models are served in the namespace."""

    runtimes: tuple[str, ...] = key("serving runtimes that models may name, shipped or of the platform's document", (), pattern=NAME)
    object_store: str = key("Secret of the namespace that leads to the object store with the weights", "", pattern=SECRET)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSource:
    """Data that the namespace works with, and who said that it may."""

    name: str = key("its name", pattern=NAMESPACE)
    uri: str = key("where it is, without any secret, such as s3://sales-history")
    owner: str = key("who answers for the data")
    classification: str = key("how far it may be seen", allowed=CLASSIFICATIONS)
    lineage: str = key("where it comes from, such as the id of its record in the data catalogue")
    consent: str = key("on what ground it may be used for this: a reference, or none needed")
    retention_days: int = key("how long it may be kept", least=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offboarding:
    """The namespace is given up: its queue is drained, everybody's rights are revoked, and then its objects are taken away."""

    data: str = key(
        "keep: the namespace stays with its volumes, and nobody gets in; hand_over: as keep, and one group gets in with ClusterRole edit; "
        "delete: the namespace goes with all that is in it, what runs there too",
        allowed=DATA_ENDS,
    )
    to: str = key("hand_over: the group that takes the data over", "")
    decision: str = key("reference of the decision", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """All that one AI namespace gets, and all that it owes."""

    schema_version: str = key("version of the contract's schema", pattern=r"[0-9]+\.[0-9]+")
    namespace: str = key("the namespace", pattern=NAMESPACE)
    adopt: bool = key("whether a namespace that somebody else made is taken over", False)
    display_name: str = key("name for people", "")
    description: str = key("what it is for", "")
    owner: Owner = key("who answers for it")
    classification: str = key("how far its data may be seen", allowed=CLASSIFICATIONS)
    jurisdiction: Jurisdiction | None = key("where its work and its data may be; not given: nobody said", None)
    expires: str = key("last day of the grant, such as 2027-03-31", pattern=DAY)
    ticket: str = key("reference of the decision", "")
    personas: tuple[PersonaWanted, ...] = key("who works in it as what")
    service_accounts: tuple[ServiceAccountWanted, ...] = key("service accounts", ())
    accelerators: tuple[DeviceRequest, ...] = key("accelerators that it is granted, by class; all others are none", ())
    quota: QuotaWanted = key("what it may take")
    containers: ContainerWanted = key("defaults and bounds of its containers and volumes", ContainerWanted())
    queue: QueueWanted = key("its queue", QueueWanted())
    network: NetworkWanted = key("its network", NetworkWanted())
    images: ImagesWanted = key("its images", ImagesWanted())
    pod_security: str = key("what pods may not do, as Kubernetes' Pod Security Standards say", TIGHT, allowed=POD_SECURITY)
    monitoring: MonitoringWanted = key("what is collected of it", MonitoringWanted())
    serving: ServingWanted | None = key("models that are served in it; not given: none", None)
    data_sources: tuple[DataSource, ...] = key("data that it works with", ())
    offboarding: Offboarding | None = key("the namespace is given up; not given: it is not", None)
    waivers: tuple[Waiver, ...] = key("failures that somebody answers for", ())
