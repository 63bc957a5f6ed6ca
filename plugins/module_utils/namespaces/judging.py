# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contracts held against what a cluster has: devices, namespaces, what runs in them, groups, roles, and the day of the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from ..common.findings import WARNING, CheckFinding
from ..common.owned_fields import ApiObject
from ..common.quantities import exact, text_of
from ..common.write_findings import MISSING, STAGE_LABEL, listed
from ..platform.accelerators.model import Fleet
from ..platform.identity.personas import role_name
from ..platform.snapshot import PlatformSnapshot
from ..platform.verdicts import failed, not_asked, passed, seen, unknown
from ..target.model import ABSENT
from ..target.objects import labels_of, map_at, namespace_of, texts_at
from . import check_list as checks
from .contract.model import OWN_NETWORK, Contract
from .grants import Grants, of_flavors
from .model import CLUSTER
from .objects.core import OWN_NETWORK_LABEL
from .offboarding import Ending, offboarding_findings
from .plan import NamespacesPlan
from .terms import QUOTA

NAMESPACES: Final = "namespaces"
QUOTAS: Final = "resourcequotas"
GROUPS: Final = "groups.user.openshift.io"
ROLES: Final = "clusterroles.rbac.authorization.k8s.io"
SYSTEM_GROUP: Final = "system:"
_AT_THE_ISSUER: Final = "see at the issuer that the group is there and has members: a binding to any name is taken without a word"
WARNED_DAYS: Final = (30, 14, 7)
"""How many days before its end a grant is warned about, again and again."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What contracts are judged by."""

    contracts: Sequence[Contract]
    plan: NamespacesPlan
    fleet: Fleet
    snapshot: PlatformSnapshot
    today: str
    """day of the run, YYYY-MM-DD in UTC"""
    endings: Mapping[str, Ending] = field(default_factory=dict)
    """namespaces that are given up, by name"""

    @property
    def kept(self) -> list[Contract]:
        """The contracts of namespaces that are not given up."""
        return [each for each in self.contracts if each.offboarding is None]


def findings_of(scene: Scene) -> list[CheckFinding]:
    """Everything that is found; what is not known is not evaluated."""
    found = [replace(each, part=CLUSTER) for each in (*_kinds(scene), *_covered(scene))]
    quotas = _wanted_quotas(scene.plan)
    for contract in scene.contracts:
        told = _of_contract(scene, contract, quotas) if contract.offboarding is None else [_foreign(scene, contract)]
        found += [replace(each, part=contract.namespace) for each in told]
    return [*found, *offboarding_findings(list(scene.endings.values()), owners_that_stay(scene.contracts), scene.snapshot)]


def owners_that_stay(contracts: Iterable[Contract]) -> set[str]:
    """Owners that have a namespace that is not given up."""
    return {each.owner.name for each in contracts if each.offboarding is None}


def _of_contract(scene: Scene, contract: Contract, quotas: Mapping[str, Mapping[str, str]]) -> Iterator[CheckFinding]:
    yield from _resolved(scene.plan.grants[contract.namespace])
    yield _foreign(scene, contract)
    yield _isolation(scene, contract)
    yield from _in_use(scene, contract, quotas)
    yield from _people(scene, contract)
    yield from _life(scene, contract)


def days_left(contract: Contract, today: str) -> int:
    """Whole days until the grant ends; 0 on its last day, negative after it."""
    return (date.fromisoformat(contract.expires) - date.fromisoformat(today)).days


# ---- the cluster -----------------------------------------------------------------------------------------------------


def _kinds(scene: Scene) -> Iterator[CheckFinding]:
    for kind, purpose in sorted(scene.plan.left_out.items()):
        yield failed(checks.KINDS, kind, f"the cluster does not serve {kind}: {purpose}", state=MISSING)
    if not scene.plan.left_out:
        yield passed(checks.KINDS, "kinds")


def _covered(scene: Scene) -> Iterator[CheckFinding]:
    """Over all contracts: a cohort lends, and what is lent is somebody's."""
    usable = _usable(scene)
    for (resource, flavor), amount in of_flavors(scene.plan.grants.values()).items():
        subject, there = f"{resource} of {flavor}", usable[resource, flavor]
        if amount <= there:
            yield passed(checks.COVERED, subject, message=f"{amount} of {there} are granted")
        else:
            holders = [name for name, each in sorted(scene.plan.grants.items()) if (resource, flavor) in each.by_flavor()]
            evidence = seen(f"ResourceFlavor {flavor}", f"allocatable {resource}", there, f"{amount} or more")
            yield failed(checks.COVERED, subject, f"{listed(holders)} are granted {amount}, and nodes have {there}", evidence=evidence)


def _usable(scene: Scene) -> dict[tuple[str, str], int]:
    """Devices on the nodes that serve each flavor, by resource and flavor."""
    nodes: dict[tuple[str, str], set[str]] = {}
    for each in scene.plan.grants.values():
        for grant in each.entries:
            if grant.choice is not None:
                nodes.setdefault((grant.choice.resource, grant.choice.flavor), set()).update(grant.choice.nodes)
    devices = {(node.resource, node.name): node.allocatable for group in scene.fleet.groups for node in group.nodes}
    return {key: sum(devices.get((key[0], name), 0) for name in names) for key, names in nodes.items()}


def _resolved(grants: Grants) -> Iterator[CheckFinding]:
    for number, grant in enumerate(grants.entries):
        subject, path = f"grant {grants.namespace}/{grant.name}", f"accelerators[{number}]"
        if grant.refused:
            yield failed(checks.RESOLVED, subject, grant.refused, path)
        elif grant.choice is None:
            yield unknown(checks.RESOLVED, subject, grant.unknown, path)
        else:
            yield passed(checks.RESOLVED, subject, path, f"{grant.devices} of {grant.choice.resource}, flavor {grant.choice.flavor}")


# ---- one namespace ---------------------------------------------------------------------------------------------------


def _there(scene: Scene, contract: Contract) -> ApiObject | None:
    return scene.snapshot.get(NAMESPACES, "", contract.namespace)


def _foreign(scene: Scene, contract: Contract) -> CheckFinding:
    """A namespace that somebody else made is left alone as a whole, unless the contract takes it over."""
    subject, path = f"namespace {contract.namespace}", "namespace"
    if not scene.snapshot.known(NAMESPACES):
        return replace(unknown(checks.FOREIGN, subject, scene.snapshot.why_not(NAMESPACES), path), refuses=True)
    live = _there(scene, contract)
    stage = labels_of(live).get(STAGE_LABEL, "") if live is not None else ""
    if live is None or stage == checks.STAGE or (contract.adopt and not stage):
        return passed(checks.FOREIGN, subject, path)
    whose = f"part of {stage} of this collection" if stage else "not this collection's"
    return failed(checks.FOREIGN, subject, f"{contract.namespace} is there already, and is {whose}: it was left as it is", path)


def _isolation(scene: Scene, contract: Contract) -> CheckFinding:
    subject, path = f"network of {contract.namespace}", "network.isolation"
    if not scene.snapshot.known(NAMESPACES):
        return unknown(checks.ISOLATION, subject, scene.snapshot.why_not(NAMESPACES), path)
    live = _there(scene, contract)
    if live is None:
        return not_asked(checks.ISOLATION, subject, "the namespace is not there yet")
    wanted, has = contract.network.isolation == OWN_NETWORK, OWN_NETWORK_LABEL in labels_of(live)
    if wanted == has:
        return passed(checks.ISOLATION, subject, path)
    words = "was made without a network of its own" if wanted else "was made with a network of its own"
    evidence = seen(f"Namespace {contract.namespace}", f"label {OWN_NETWORK_LABEL}", "there" if has else "none", contract.network.isolation)
    message = f"{contract.namespace} {words}, and its contract says {contract.network.isolation}"
    return failed(checks.ISOLATION, subject, message, path, evidence=evidence)


def _in_use(scene: Scene, contract: Contract, quotas: Mapping[str, Mapping[str, str]]) -> Iterator[CheckFinding]:
    """Of quotas that are there: status.used is what the server itself counts."""
    subject = f"quota of {contract.namespace}"
    if not scene.snapshot.known(QUOTAS):
        yield unknown(checks.IN_USE, subject, scene.snapshot.why_not(QUOTAS), "quota")
        return
    wanted = quotas.get(contract.namespace)
    live = scene.snapshot.get(QUOTAS, contract.namespace, QUOTA)
    used = map_at(live, "status.used") if live is not None else {}
    if wanted is None or not used:
        yield not_asked(checks.IN_USE, subject, "nothing is counted there yet" if wanted is not None else "no quota is written for now")
        return
    short = {}
    for key, text in sorted(used.items()):
        amount, most = exact(text_of(text)), exact(wanted.get(key, ""))
        if amount is not None and most is not None and amount > most:
            short[key] = f"{key} {text_of(text)} of {wanted[key]}"
    if not short:
        yield passed(checks.IN_USE, subject, "quota")
        return
    evidence = seen(f"ResourceQuota {contract.namespace}/{QUOTA}", "status.used", ", ".join(short.values()), "no more than the contract")
    message = f"more is in use than the contract grants: {listed(list(short.values()))}"
    yield failed(checks.IN_USE, subject, message, "quota", evidence=evidence)


def _wanted_quotas(plan: NamespacesPlan) -> dict[str, Mapping[str, str]]:
    """Namespace to what its quota is to say."""
    quotas = [each.object for each in plan.objects if each.object["kind"] == "ResourceQuota"]
    return {namespace_of(item): {key: text_of(value) for key, value in map_at(item, "spec.hard").items()} for item in quotas}


def _people(scene: Scene, contract: Contract) -> Iterator[CheckFinding]:
    groups = [(contract.owner.group, "owner.group")]
    groups += [(name, f"personas[{number}].groups") for number, each in enumerate(contract.personas) for name in each.groups]
    for name, path in dict(reversed(groups)).items():
        yield _group(scene, contract, name, path)
    for number, each in enumerate(contract.personas):
        yield _role(scene, contract, each.persona, f"personas[{number}].persona")


def _group(scene: Scene, contract: Contract, name: str, path: str) -> CheckFinding:
    subject = f"group {name} of {contract.namespace}"
    if name.startswith(SYSTEM_GROUP):
        return not_asked(checks.GROUP_THERE, subject, "the API server itself puts requests into it")
    if not scene.snapshot.known(GROUPS):
        return unknown(checks.GROUP_THERE, subject, scene.snapshot.why_not(GROUPS), path)
    if scene.snapshot.listed[GROUPS].state == ABSENT:
        reason = "the cluster serves no Groups: an external issuer logs users in and brings their groups along"
        # No run on such a cluster could ever find out: it is told, and fails none.
        return replace(unknown(checks.GROUP_THERE, subject, reason, path, _AT_THE_ISSUER), severity=WARNING)
    live = scene.snapshot.get(GROUPS, "", name)
    if live is None:
        return failed(checks.GROUP_THERE, subject, f"there is no Group {name}", path, MISSING)
    if not texts_at(live, "users"):
        evidence = seen(f"Group {name}", "users", "none", "one or more")
        return failed(checks.GROUP_THERE, subject, f"Group {name} has no members", path, evidence=evidence)
    return passed(checks.GROUP_THERE, subject, path, f"{len(texts_at(live, 'users'))} members")


def _role(scene: Scene, contract: Contract, persona: str, path: str) -> CheckFinding:
    subject = f"persona {persona} of {contract.namespace}"
    if not scene.snapshot.known(ROLES):
        return unknown(checks.ROLE_THERE, subject, scene.snapshot.why_not(ROLES), path)
    if scene.snapshot.get(ROLES, "", role_name(persona)) is None:
        message = f"there is no ClusterRole {role_name(persona)}: whoever has the persona may do nothing"
        return failed(checks.ROLE_THERE, subject, message, path, MISSING)
    return passed(checks.ROLE_THERE, subject, path)


def _life(scene: Scene, contract: Contract) -> Iterator[CheckFinding]:
    left, subject, path = days_left(contract, scene.today), f"grant of {contract.namespace}", "expires"
    is_new = scene.snapshot.known(NAMESPACES) and _there(scene, contract) is None
    if left < 0 and is_new:
        yield failed(checks.OVER_BEFORE, subject, f"it ended on {contract.expires}, and the namespace is not there yet", path)
        return
    if left < 0:
        evidence = seen(f"contract of {contract.namespace}", "expires", contract.expires, f"{scene.today} or later")
        message = f"it ended on {contract.expires}, {_days(-left)} ago; {_still_held(scene, contract)}"
        yield failed(checks.EXPIRY, subject, message, path, evidence=evidence)
        return
    yield passed(checks.EXPIRY, subject, path, f"{_days(left)} left")
    steps = [step for step in WARNED_DAYS if left <= step]
    if not steps:
        yield passed(checks.ENDING, subject, path)
    else:
        yield failed(checks.ENDING, subject, f"it ends on {contract.expires}, within {min(steps)} days: {_days(left)} left", path)
    regions = contract.jurisdiction.regions if contract.jurisdiction else ()
    if len(regions) > 1:
        message = f"{listed(list(regions))} are its regions: no selector binds pods to several"
        yield failed(checks.REGIONS, f"regions of {contract.namespace}", message, "jurisdiction.regions")


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _still_held(scene: Scene, contract: Contract) -> str:
    """Who holds accelerators of a grant that has ended. What is in no queue is evicted by none."""
    pods = scene.snapshot.pods
    if pods is None:
        return "which pods hold accelerators still is not known"
    names = [pod.name for pod in pods.device_pods if pod.namespace == contract.namespace]
    return f"these pods hold accelerators still: {listed(names)}" if names else "no pod holds accelerators any more"


def refusing(found: Iterable[CheckFinding]) -> list[CheckFinding]:
    """What keeps everything from being written."""
    return [finding for finding in found if finding.refuses and finding.failed]
