# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What contracts cannot mean though each of their values may stand: judged from the contracts alone, before a cluster is asked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final, TypeAlias

from ...common.errors import Problem
from ...platform.desired.delivery_rules import is_repository
from ...platform.desired.rules import Fault, fault, is_day, is_of_the_system, leads_nowhere, used_twice
from ...platform.desired.shape import Path
from ...platform.rights import HOME
from .amounts import limit_of_cpu, limit_of_memory_gib, most_cpu, most_memory_gib
from .model import CLASSIFICATIONS, HAND_OVER, OWN_NETWORK, Contract, MonitorWanted
from .reading import Placed

Network: TypeAlias = IPv4Network | IPv6Network

_OF_THE_COLLECTION: Final = re.compile(rf"{HOME}(-.*)?")

BORN: Final = ("builder", "default", "deployer")
"""Service accounts that OpenShift puts into every namespace."""

HIGHEST_PORT: Final = 65535


@dataclass(frozen=True, slots=True)
class Known:
    """Names that contracts may use."""

    personas: Collection[str]
    """personas of a namespace"""
    cluster_personas: Collection[str]
    classes: Collection[str]
    """classes of accelerators"""
    checks: Collection[str]
    """ids of checks that a waiver may name"""


def contract_problems(placed: Sequence[Placed], known: Known) -> list[Problem]:
    """Everything that is wrong, in the order of the contracts; what concerns several of them is told of the later one."""
    found = [each.problem(path, problem) for each in placed for path, problem in _faults(each.contract, known)]
    for faults in (_namespaces_twice(placed), _owners_that_differ(placed), _overlapping(placed)):
        found += [each.problem(path, problem) for each, (path, problem) in faults]
    return found


def expired_waivers(placed: Sequence[Placed], today: str) -> list[Problem]:
    """Waivers that hold no more on that day (YYYY-MM-DD)."""
    return [
        each.problem(path, problem)
        for each in placed
        for number, waiver in enumerate(each.contract.waivers)
        if is_day(waiver.expires) and waiver.expires < today
        for path, problem in [fault(("waivers", number, "expires"), f"is {waiver.expires}: it has expired", "renew it, or leave it out")]
    ]


def _faults(contract: Contract, known: Known) -> Iterator[Fault]:
    yield from _namespace(contract)
    yield from _personas(contract, known)
    yield from _accelerators(contract, known)
    yield from _amounts(contract)
    yield from _network(contract)
    yield from _monitoring(contract)
    yield from _images(contract)
    yield from _data(contract)
    yield from _waivers(contract, known)
    yield from _offboarding(contract)


# ---- one contract ----------------------------------------------------------------------------------------------------


def _namespace(contract: Contract) -> Iterator[Fault]:
    if is_of_the_system(contract.namespace) or _OF_THE_COLLECTION.fullmatch(contract.namespace):
        message = f"is {contract.namespace!r}, a namespace of the system or of this collection"
        yield fault(("namespace",), message, "name one of your own, that does not begin with openshift-, kube- or groundwork-readiness")
    if not is_day(contract.expires):
        yield fault(("expires",), f"is {contract.expires!r}, which is no day", "write it as 2027-03-31")
    if contract.jurisdiction is not None:
        regions = contract.jurisdiction.regions
        if not regions:
            yield fault(("jurisdiction", "regions"), "is empty: nothing could be held against it", "name the regions that belong to it")
        yield from used_twice((("jurisdiction", "regions", number), name) for number, name in enumerate(regions))


def _personas(contract: Contract, known: Known) -> Iterator[Fault]:
    names = [each.name for each in contract.service_accounts]
    yield from used_twice((("service_accounts", number, "name"), name) for number, name in enumerate(names))
    for number, name in enumerate(names):
        if name in BORN:
            yield fault(
                ("service_accounts", number, "name"), f"is {name!r}, which OpenShift puts into every namespace", "choose another name"
            )
    yield from used_twice((("personas", number, "persona"), each.persona) for number, each in enumerate(contract.personas))
    if not contract.personas:
        yield fault(("personas",), "is empty: nobody could work in the namespace", "name who has which persona")
    for number, each in enumerate(contract.personas):
        path: Path = ("personas", number)
        if each.persona in known.cluster_personas:
            message = f"is {each.persona!r}, a persona of the whole cluster"
            yield fault((*path, "persona"), message, "bind it in section identity of the platform's document")
        else:
            yield from leads_nowhere((*path, "persona"), each.persona, known.personas, "persona of a namespace, see docs/personas.md")
        if not (each.groups or each.users or each.service_accounts):
            yield fault(path, "names nobody", "give groups, users or service_accounts, or leave it out")
        for place, account in enumerate(each.service_accounts):
            yield from leads_nowhere((*path, "service_accounts", place), account, names, "service account of this contract")


def _accelerators(contract: Contract, known: Known) -> Iterator[Fault]:
    yield from used_twice((("accelerators", number, "name"), each.name) for number, each in enumerate(contract.accelerators))
    for number, each in enumerate(contract.accelerators):
        yield from leads_nowhere(("accelerators", number, "class"), each.device_class, known.classes, "class of accelerators")


def _amounts(contract: Contract) -> Iterator[Fault]:
    quota, each = contract.quota, contract.containers
    steps: tuple[tuple[Path, float | None, Path, float | None], ...] = (
        (("quota", "cpu_limit"), quota.cpu_limit, ("quota", "cpu"), quota.cpu),
        (("quota", "memory_limit_gib"), quota.memory_limit_gib, ("quota", "memory_gib"), quota.memory_gib),
        (("containers", "cpu_limit"), each.cpu_limit, ("containers", "cpu_request"), each.cpu_request),
        (("containers", "memory_limit_gib"), each.memory_limit_gib, ("containers", "memory_request_gib"), each.memory_request_gib),
        (("containers", "cpu_most"), each.cpu_most, ("containers", "cpu_limit"), each.cpu_limit),
        (("containers", "memory_most_gib"), each.memory_most_gib, ("containers", "memory_limit_gib"), each.memory_limit_gib),
        (("quota", "cpu_limit"), limit_of_cpu(quota), ("containers", "cpu_most"), most_cpu(contract)),
        (("quota", "memory_limit_gib"), limit_of_memory_gib(quota), ("containers", "memory_most_gib"), most_memory_gib(contract)),
        (("quota", "cpu_limit"), limit_of_cpu(quota), ("containers", "cpu_limit"), each.cpu_limit),
        (("quota", "memory_limit_gib"), limit_of_memory_gib(quota), ("containers", "memory_limit_gib"), each.memory_limit_gib),
    )
    for path, more, below, less in steps:
        if more is not None and less is not None and more < less:
            is_given = getattr(quota if path[0] == "quota" else each, str(path[1])) is not None
            words = "is" if is_given else "is not given and comes to"
            yield fault(path, f"{words} {more:g}, and {'.'.join(map(str, below))} is {less:g}", "raise it, or lower the other")
    for name, amount in quota.storage_classes.items():
        if amount > quota.storage_gib:
            message = f"is {amount:g}, and quota.storage_gib is {quota.storage_gib:g}"
            yield fault(("quota", "storage_classes", name), message, "raise the whole, or lower the part")
    if each.volume_most_gib is not None and each.volume_most_gib > quota.storage_gib:
        message = f"is {each.volume_most_gib:g}, and quota.storage_gib is {quota.storage_gib:g}"
        yield fault(("containers", "volume_most_gib"), message, "raise the quota, or lower it")
    if contract.serving is None and quota.models:
        yield fault(("quota", "models"), f"is {quota.models}, and no model is served", "add section serving, or leave it out")
    if contract.serving is not None and not quota.models:
        yield fault(("quota", "models"), "is 0, and section serving says that models are served", "say how many, or leave serving out")
    if contract.queue.borrow and not contract.queue.cohort:
        yield fault(("queue", "borrow"), "is true without a cohort to borrow from", "name queue.cohort")


def network_of(text: str) -> Network | None:
    """The network that a text means; None for none."""
    try:
        return ip_network(text)
    except ValueError:
        return None


def _network(contract: Contract) -> Iterator[Fault]:
    network = contract.network
    if network.isolation == OWN_NETWORK and not network.subnets:
        yield fault(("network", "subnets"), "is empty, and isolation is own_network", "give its subnets")
    if network.isolation != OWN_NETWORK and network.subnets:
        message = f"is given, and isolation is {network.isolation}"
        yield fault(("network", "subnets"), message, "leave it out, or set isolation to own_network")
    if network.isolation == OWN_NETWORK and network.from_namespaces:
        message = "is given, and isolation is own_network: no other namespace reaches it"
        yield fault(("network", "from_namespaces"), message, "leave it out, or set isolation to policies")
    families = [found.version for text in network.subnets if (found := network_of(text)) is not None]
    if len(set(families)) < len(families):
        yield fault(("network", "subnets"), "has two of one family", "give one of IPv4, one of IPv6, or one of each")
    yield from _cidrs(("network", "subnets"), network.subnets)
    yield from used_twice((("network", "egress", number, "name"), each.name) for number, each in enumerate(network.egress))
    for number, each in enumerate(network.egress):
        path: Path = ("network", "egress", number)
        if not (each.cidrs or each.namespaces):
            yield fault(path, "leads nowhere", "give cidrs or namespaces; 0.0.0.0/0 leads everywhere")
        yield from _cidrs((*path, "cidrs"), each.cidrs)
        for place, port in enumerate(each.ports):
            if not 0 < int(port.partition("/")[0]) <= HIGHEST_PORT:
                yield fault((*path, "ports", place), f"is {port!r}", f"ports are from 1 to {HIGHEST_PORT}")


def _cidrs(path: Path, given: Iterable[str]) -> Iterator[Fault]:
    for number, text in enumerate(given):
        if network_of(text) is None:
            yield fault((*path, number), f"is {text!r}, which is no network", "write its first address and length, such as 10.20.0.0/16")


def _monitoring(contract: Contract) -> Iterator[Fault]:
    kinds: tuple[tuple[str, Sequence[MonitorWanted]], ...] = (
        ("pods", contract.monitoring.pods),
        ("services", contract.monitoring.services),
    )
    for kind, monitors in kinds:
        yield from used_twice((("monitoring", kind, number, "name"), each.name) for number, each in enumerate(monitors))
        for number, each in enumerate(monitors):
            path: Path = ("monitoring", kind, number)
            if not each.labels:
                yield fault((*path, "labels"), "is empty, which is everything in the namespace", f"name the labels of the {kind}")
            if not each.path.startswith("/"):
                yield fault((*path, "path"), f"is {each.path!r}", "begin it with /")


def _images(contract: Contract) -> Iterator[Fault]:
    for number, each in enumerate(contract.images.registries):
        if not is_repository(each):
            remedy = "write a host with a dot, or host/repository, without tag: registry.example.com/ai"
            yield fault(("images", "registries", number), f"is {each!r}, which is no registry or repository", remedy)


def _data(contract: Contract) -> Iterator[Fault]:
    yield from used_twice((("data_sources", number, "name"), each.name) for number, each in enumerate(contract.data_sources))
    for number, each in enumerate(contract.data_sources):
        path: Path = ("data_sources", number)
        if "@" in each.uri.partition("://")[2].partition("/")[0]:
            # What stands there may be a password: it is not repeated.
            yield fault((*path, "uri"), "has a user, or a password, in its address", "leave it out: who may read the data is in a Secret")
        if CLASSIFICATIONS.index(each.classification) > CLASSIFICATIONS.index(contract.classification):
            message = f"is {each.classification}, and the namespace is {contract.classification}"
            yield fault((*path, "classification"), message, "raise the namespace's classification, or keep the data out of it")


def _offboarding(contract: Contract) -> Iterator[Fault]:
    end = contract.offboarding
    if end is not None and (end.data == HAND_OVER) != bool(end.to):
        words = "is not given, and data is hand_over" if end.data == HAND_OVER else f"is given, and data is {end.data}"
        yield fault(("offboarding", "to"), words, "name the group that takes the data over, or leave it out with keep and delete")


def _waivers(contract: Contract, known: Known) -> Iterator[Fault]:
    for number, each in enumerate(contract.waivers):
        yield from leads_nowhere(("waivers", number, "check"), each.check, known.checks, "check, see docs/contracts.md")
        if not is_day(each.expires):
            yield fault(("waivers", number, "expires"), f"is {each.expires!r}, which is no day", "write it as 2027-03-31")


# ---- several contracts -----------------------------------------------------------------------------------------------

Found: TypeAlias = Iterator[tuple[Placed, Fault]]


def _namespaces_twice(placed: Sequence[Placed]) -> Found:
    seen: dict[str, Placed] = {}
    for each in placed:
        name = each.contract.namespace
        if name in seen:
            message = f"is {name!r}, as in another contract of {seen[name].source.name}"
            yield each, fault(("namespace",), message, "a namespace has one contract: leave one of them out")
        seen.setdefault(name, each)


def _owners_that_differ(placed: Sequence[Placed]) -> Found:
    """Namespaces of one owner share a quota and a queue: what makes these has to be the same in each contract."""
    first: dict[str, Placed] = {}
    for each in placed:
        owner, other = each.contract.owner, first.setdefault(each.contract.owner.name, each)
        for name in ("group", "cost_centre"):
            mine, theirs = getattr(owner, name), getattr(other.contract.owner, name)
            if mine != theirs:
                message = f"is {mine!r}, and {theirs!r} in the contract of {other.contract.namespace}"
                yield each, fault(("owner", name), message, f"owner {owner.name} is one: give it one {name}, or another name")
        mine, theirs = each.contract.queue.cohort, other.contract.queue.cohort
        if mine != theirs:
            message = f"is {mine!r}, and {theirs!r} in the contract of {other.contract.namespace}"
            yield each, fault(("queue", "cohort"), message, f"owner {owner.name} has one ClusterQueue: give it one cohort")


def _overlapping(placed: Sequence[Placed]) -> Found:
    """Subnets of one's own networks that overlap: sorted by their first address, each is held against the widest before it."""
    found = [
        (network, each, number)
        for each in placed
        for number, text in enumerate(each.contract.network.subnets)
        if (network := network_of(text)) is not None
    ]
    for version in (4, 6):
        widest: tuple[Network, Placed] | None = None
        for network, each, number in sorted(
            (one for one in found if one[0].version == version),
            key=lambda one: (int(one[0].network_address), one[0].prefixlen, one[1].contract.namespace),
        ):
            if widest is not None and int(network.network_address) <= int(widest[0].broadcast_address):
                other = widest[1].contract.namespace
                message = f"is {network}, which overlaps {widest[0]} of {other}"
                yield each, fault(("network", "subnets", number), message, "give each namespace subnets of its own")
            if widest is None or int(network.broadcast_address) > int(widest[0].broadcast_address):
                widest = network, each
