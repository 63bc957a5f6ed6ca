# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is run as a tenant: one Job for each grant of a contract, or for a contract without any, as its own workloads would be.

It goes through the contract's queue, asks for the devices of one pod of the grant, and keeps to Pod Security `restricted`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network
from typing import Any, Final
from urllib.parse import urlsplit

from ...common.findings import CheckFinding
from ...common.owned_fields import ApiObject
from ...common.quantities import cpu_text, memory_text
from ...common.write_findings import LABEL_PREFIX
from ...platform.accelerators.resources import vendor_of
from ...platform.desired.identity import Persona
from ...platform.identity.personas import may
from ...platform.identity.rbac import ACCOUNT, GROUP, USER
from ...platform.snapshot import PlatformSnapshot
from ...platform.verdicts import not_asked, unknown
from ...target.objects import name_of, namespace_of, text_at
from ..access.people import Holder, Tenants
from ..access.trials import TENANT
from ..contract.model import RUN, Contract
from ..grants import Grant
from ..judging import Scene, days_left
from ..objects.queues import GROUP as KUEUE
from .checks import PROOF
from .result import CLOSED, MOST_DESTINATIONS, OPEN
from .script import API, OBJECT_STORE, script

RUN_LABEL: Final = f"{LABEL_PREFIX}proof"
"""On Jobs and pods of a proof: the run that made them."""

GRANT_LABEL: Final = f"{LABEL_PREFIX}proof-of"
"""On the same: the grant; empty for a contract without any."""

QUEUE_LABEL: Final = f"{KUEUE}/queue-name"
CONTAINER: Final = "proof"
NAME_PREFIX: Final = "readiness-proof-"
KEPT_SECONDS: Final = 300
"""How long Kubernetes keeps a Job that ended, should nobody remove it."""

METADATA: Final = "169.254.169.254"
"""Where clouds hand out credentials of the node."""

MONITORING, MONITORING_HOST, MONITORING_PORT = "openshift-monitoring", "prometheus-k8s.openshift-monitoring.svc", 9091
MODELS: Final = "inferenceservices.serving.kserve.io"
_KINDS: Final = (GROUP, USER, ACCOUNT)
_SCRATCH_GIB: Final = 0.0625


@dataclass(frozen=True, slots=True)
class Destination:
    """Something that is tried to be reached."""

    name: str
    host: str
    port: int
    expected: str
    """open or closed"""


@dataclass(frozen=True, slots=True)
class Probe:
    """One Job, and as whom it is made."""

    namespace: str
    grant: str
    """empty for a contract without grants"""
    bearer: str
    """in words"""
    user: str
    groups: tuple[str, ...]
    job: ApiObject
    resource: str
    """empty where it asks for no accelerator"""
    devices: int
    vendor: str
    queue: str
    """empty where the cluster has none"""
    destinations: tuple[Destination, ...]
    path: str

    @property
    def subject(self) -> str:
        """As findings name it."""
        return f"grant {self.namespace}/{self.grant}" if self.grant else f"namespace {self.namespace}"


@dataclass(frozen=True, slots=True)
class ProbePlan:
    """What is run, and why the rest is not."""

    probes: tuple[Probe, ...]
    findings: tuple[CheckFinding, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller decides of a proof."""

    image: str
    token: str
    """value of the label that marks the Jobs of this run"""
    seconds: int
    """how long one may take once it runs"""


def probes_of(scene: Scene, personas: Mapping[str, Persona], asked: Asked) -> ProbePlan:
    """What is run for the contracts that are kept; one whose queue stands still by its own word is not tried."""
    tenants = Tenants(scene.kept, personas, scene.snapshot)
    makers: dict[str, Holder] = {}
    for holder in sorted(tenants.holders, key=lambda each: (each.namespace, _KINDS.index(each.kind), each.name)):
        if may(personas[holder.persona], "create", "batch", "jobs", namespace=holder.namespace):
            makers.setdefault(holder.namespace, holder)
    probes: list[Probe] = []
    found: list[CheckFinding] = []
    for contract in scene.kept:
        why_not = _why_not(contract, scene, makers)
        if why_not:
            told = not_asked(PROOF, f"namespace {contract.namespace}", why_not)
            found.append(replace(told, part=contract.namespace))
            continue
        making = _Making(contract, scene, tenants, makers[contract.namespace], asked)
        probes += making.probes()
        found += making.unproven()
    return ProbePlan(tuple(probes), tuple(found))


def _why_not(contract: Contract, scene: Scene, makers: Mapping[str, Holder]) -> str:
    if days_left(contract, scene.today) < 0:
        return f"its grant ended on {contract.expires}, and its queue is drained"
    if contract.queue.stop != RUN:
        return f"its contract stops the queue: {contract.queue.stop}"
    return "" if contract.namespace in makers else "nobody in its contract has a persona that makes Jobs"


# ---- one contract ----------------------------------------------------------------------------------------------------


class _Making:
    """Makes the Jobs of one contract."""

    def __init__(self, contract: Contract, scene: Scene, tenants: Tenants, maker: Holder, asked: Asked) -> None:
        self._contract = contract
        self._scene = scene
        self._maker = maker
        self._asked = asked
        self._as = _impersonated(maker, tenants)
        self._grants = scene.plan.grants[contract.namespace].entries
        self._destinations = destinations(contract, scene.kept, scene.snapshot)
        self._queue = contract.queue.name if (KUEUE, "LocalQueue") in scene.snapshot.served else ""

    def probes(self) -> Iterator[Probe]:
        """One for each grant that comes to something; one without devices where nothing is granted."""
        if not self._grants:
            yield self._probe(None, "")
        for number, grant in enumerate(self._grants):
            if grant.choice is not None:
                yield self._probe(grant, f"accelerators[{number}]")

    def unproven(self) -> Iterator[CheckFinding]:
        """Grants that come to nothing on this cluster."""
        for number, grant in enumerate(self._grants):
            if grant.choice is None:
                subject = f"grant {self._contract.namespace}/{grant.name}"
                told = unknown(PROOF, subject, f"nothing could be run: {grant.refused or grant.unknown}", f"accelerators[{number}]", "")
                yield replace(told, part=self._contract.namespace)

    def _probe(self, grant: Grant | None, path: str) -> Probe:
        choice = grant.choice if grant is not None else None
        resource, devices = (choice.resource, choice.count) if choice is not None else ("", 0)
        vendor = vendor_of(resource)
        spec = self._pod_spec(resource, devices, vendor)
        if choice is not None and not self._queue:
            spec["nodeSelector"] = dict(choice.node_selector)
            spec["tolerations"] = [dict(each) for each in choice.tolerations]
        user, groups = self._as
        return Probe(
            self._contract.namespace,
            grant.name if grant is not None else "",
            self._maker.bearer,
            user,
            groups,
            self._job(spec, grant.name if grant is not None else ""),
            resource,
            devices,
            vendor,
            self._queue,
            self._destinations,
            path,
        )

    def _job(self, pod: Mapping[str, Any], grant: str) -> ApiObject:
        labels = {RUN_LABEL: self._asked.token, GRANT_LABEL: grant}
        return {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {
                "generateName": NAME_PREFIX,
                "namespace": self._contract.namespace,
                "labels": {**labels, **({QUEUE_LABEL: self._queue} if self._queue else {})},
            },
            "spec": {
                # Whatever Kueue does not let go never runs around it.
                "suspend": bool(self._queue),
                "backoffLimit": 0,
                "completions": 1,
                "parallelism": 1,
                "activeDeadlineSeconds": self._asked.seconds,
                "ttlSecondsAfterFinished": KEPT_SECONDS,
                "template": {"metadata": {"labels": labels}, "spec": pod},
            },
        }

    def _pod_spec(self, resource: str, devices: int, vendor: str) -> dict[str, Any]:
        contract = self._contract
        wanted = contract.containers
        requests = {"cpu": str(cpu_text(wanted.cpu_request)), "memory": memory_text(wanted.memory_request_gib)}
        limits = {"cpu": str(cpu_text(wanted.cpu_limit)), "memory": memory_text(wanted.memory_limit_gib)}
        if contract.quota.ephemeral_gib is not None:
            requests["ephemeral-storage"] = memory_text(min(_SCRATCH_GIB, contract.quota.ephemeral_gib))
        if resource:
            requests[resource] = limits[resource] = str(devices)
        return {
            "restartPolicy": "Never",
            "serviceAccountName": "default",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 5,
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [
                {
                    "name": CONTAINER,
                    "image": self._asked.image,
                    "command": ["sh", "-c", script()],
                    "env": self._environment(devices, vendor),
                    "resources": {"requests": requests, "limits": limits},
                    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                    "terminationMessagePolicy": "File",
                }
            ],
        }

    def _environment(self, devices: int, vendor: str) -> list[dict[str, Any]]:
        tried = " ".join(f"{each.name} {each.host} {each.port}" for each in self._destinations)
        plain = {"PROBE_VENDOR": vendor, "PROBE_DEVICES": str(devices), "PROBE_DESTINATIONS": tried}
        found: list[dict[str, Any]] = [{"name": name, "value": value} for name, value in plain.items()]
        serving = self._contract.serving
        if serving is not None and serving.object_store:
            # Of the Secret nothing but the address, which the tenant mounts as well.
            source = {"secretKeyRef": {"name": serving.object_store, "key": "AWS_S3_ENDPOINT", "optional": True}}
            found.append({"name": "PROBE_OBJECT_STORE", "valueFrom": source})
        return found


def _impersonated(holder: Holder, tenants: Tenants) -> tuple[str, tuple[str, ...]]:
    """User and groups as headers name them. The server adds system:authenticated itself, and to a service account its groups."""
    who = tenants.who((holder.kind, holder.name))
    if holder.kind == ACCOUNT:
        return who.user, ()
    groups = (holder.name,) if holder.kind == GROUP else who.groups
    return who.user or TENANT, tuple(name for name in groups if not name.startswith("system:authenticated"))


# ---- where to --------------------------------------------------------------------------------------------------------


def destinations(contract: Contract, contracts: Sequence[Contract], snapshot: PlatformSnapshot) -> tuple[Destination, ...]:
    """What its pods have to reach by the contract, and some of what they must not."""
    network, serving = contract.network, contract.serving
    found = [Destination("api-server", API, 443, OPEN if network.to_api else CLOSED)]
    if serving is not None and serving.object_store:
        found.append(Destination("object-store", OBJECT_STORE, 443, OPEN))
    if not _leads_to(contract, METADATA):
        found.append(Destination("node-metadata", METADATA, 80, CLOSED))
    everything = any(ip_network(cidr, strict=False).prefixlen == 0 for each in network.egress for cidr in each.cidrs)
    if not everything and not any(MONITORING in each.namespaces for each in network.egress):
        found.append(Destination("monitoring", MONITORING_HOST, MONITORING_PORT, CLOSED))
    if not everything:
        found += _next_door(contract, contracts, snapshot)
    return tuple([*found, *_ways_out(contract)][:MOST_DESTINATIONS])


def _leads_to(contract: Contract, address: str) -> bool:
    """Whether a way out leads to an address."""
    place = ip_address(address)
    networks = [ip_network(cidr, strict=False) for each in contract.network.egress for cidr in each.cidrs]
    return any(place in network for network in networks)


def _ways_out(contract: Contract) -> Iterator[Destination]:
    """Single addresses with single ports: of a whole network nobody knows who is there."""
    for each in contract.network.egress:
        for cidr in each.cidrs:
            network = ip_network(cidr, strict=False)
            for text in each.ports if network.num_addresses == 1 else ():
                port, _slash, protocol = text.partition("/")
                if protocol in ("", "TCP"):
                    yield Destination(f"{each.name}-{network.network_address}-{port}", str(network.network_address), int(port), OPEN)


def _next_door(contract: Contract, contracts: Sequence[Contract], snapshot: PlatformSnapshot) -> list[Destination]:
    """The first model of another contract that lets nobody from here in."""
    closed = {
        each.namespace
        for each in contracts
        if each.namespace != contract.namespace
        and contract.namespace not in each.network.from_namespaces
        and not any(each.namespace in way.namespaces for way in contract.network.egress)
    }
    for item in sorted(snapshot.all(MODELS), key=lambda each: (namespace_of(each), name_of(each))):
        if namespace_of(item) in closed and (found := _address(text_at(item, "status.address.url"))):
            return [Destination("next-door", *found, CLOSED)]
    return []


def _address(url: str) -> tuple[str, int] | None:
    """Host and port of a model's address within the cluster; None for a text that is none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    is_plain = bool(host) and all(letter.isascii() and (letter.isalnum() or letter in ".-") for letter in host)
    return (host, port or (443 if parts.scheme == "https" else 80)) if is_plain else None
