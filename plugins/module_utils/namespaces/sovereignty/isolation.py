# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Isolation: what reaches pods of a namespace and which others they reach, and whether policies hold for them at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...common.findings import CheckFinding
from ...common.owned_fields import ApiObject
from ...common.write_findings import MISSING, listed
from ...platform.verdicts import failed, passed, seen, unknown
from ...target.objects import labels_of
from ..contract.model import BASELINE, TIGHT, Contract
from ..objects.core import POD_SECURITY
from ..objects.network import DNS_NAMESPACE, MONITORING, ROUTER
from . import checks
from .egress import IN, OUT, Ways, all_ways, beyond, evidence_of, holds_back
from .look import Look

ENFORCE: Final = f"{POD_SECURITY}enforce"
_KEEPS_OFF: Final = (BASELINE, TIGHT)
"""Levels under which no pod uses the network of its node (Pod Security Standards, Host Namespaces)."""

_MOST_NAMED: Final = 5


def isolation_findings(contract: Contract, live: ApiObject, look: Look) -> Iterator[CheckFinding]:
    """All of isolation, whether the contract names a jurisdiction or not."""
    yield from _policies(contract, look)
    yield _pod_security(contract, live)
    yield _host_network(contract, look)


def _policies(contract: Contract, look: Look) -> Iterator[CheckFinding]:
    space = contract.namespace
    subjects = {
        checks.HELD_BACK: f"policies of {space}",
        checks.INGRESS: f"ways into {space}",
        checks.NEIGHBOURS: f"ways from {space} to others",
    }
    if reason := look.why_no_policies():
        for check, subject in subjects.items():
            yield unknown(check, subject, reason, "network")
        return
    policies = look.policies.get(space, [])
    lacking = [direction for direction in (IN, OUT) if not holds_back(policies, direction)]
    if lacking:
        evidence = seen(
            f"Namespace {space}", "NetworkPolicy with an empty podSelector", f"none for {' and '.join(lacking)}", "one for both"
        )
        message = f"no policy of {space} holds back what no rule lets through: {' and '.join(lacking)}"
        yield failed(checks.HELD_BACK, subjects[checks.HELD_BACK], message, "network", MISSING, evidence=evidence)
    else:
        yield passed(checks.HELD_BACK, subjects[checks.HELD_BACK], "network")
    for check, direction, named in ((checks.INGRESS, IN, _may_come(contract, look)), (checks.NEIGHBOURS, OUT, _may_go(contract))):
        found = [_open(each, direction, named, look) for each in all_ways(space, direction, look)]
        leaks = [each for each in found if each is not None]
        yield from leaks
        if not leaks:
            yield passed(check, subjects[check], "network")


def _may_come(contract: Contract, look: Look) -> frozenset[str]:
    """Namespaces whose pods may reach it: those that the contract names, and whoever collects metrics."""
    router = look.namespaces_with({"matchLabels": dict(ROUTER)}) if contract.network.from_router else frozenset()
    return frozenset({contract.namespace, *contract.network.from_namespaces, *MONITORING, *router})


def _may_go(contract: Contract) -> frozenset[str]:
    return frozenset({contract.namespace, DNS_NAMESPACE, *(name for each in contract.network.egress for name in each.namespaces)})


def _open(ways: Ways, direction: str, named: frozenset[str], look: Look) -> CheckFinding | None:
    """What a policy opens that the contract does not. Networks that it leads out to are judged by the jurisdiction."""
    check, verb = (checks.INGRESS, "lets in") if direction == IN else (checks.NEIGHBOURS, "leads to")
    name, expected = ways.policy, listed(sorted(named))
    if direction == IN and (ways.everything or ways.cidrs):
        return failed(check, name, f"{name} {verb} {ways.words}", "network", evidence=evidence_of(ways, direction, ways.words, expected))
    others = sorted(look.namespaces_with({}) - named) if ways.everything else beyond(ways, named, look)
    if not others:
        return None
    evidence = evidence_of(ways, direction, listed(others), expected)
    return failed(check, name, f"{name} {verb} {listed(others)}, which the contract does not name", "network", evidence=evidence)


# ---- whether policies hold at all ------------------------------------------------------------------------------------


def _pod_security(contract: Contract, live: ApiObject) -> CheckFinding:
    subject, level = f"pod security of {contract.namespace}", labels_of(live).get(ENFORCE, "")
    if level in _KEEPS_OFF:
        return passed(checks.POD_SECURITY, subject, "pod_security", level)
    evidence = seen(f"Namespace {contract.namespace}", f"label {ENFORCE}", level or "none", " or ".join(_KEEPS_OFF))
    given = level or "no level of pod security"
    message = f"{contract.namespace} enforces {given}: pods may use the network of their node, where no policy holds"
    return failed(checks.POD_SECURITY, subject, message, "pod_security", evidence=evidence)


def _host_network(contract: Contract, look: Look) -> CheckFinding:
    subject = f"pods of {contract.namespace} on the network of their node"
    if look.load.unknown:
        return unknown(checks.HOST_NETWORK, subject, look.load.unknown, "pod_security")
    pods = look.load.on_host_network.get(contract.namespace, ())
    if not pods:
        return passed(checks.HOST_NETWORK, subject, "pod_security")
    evidence = tuple(
        each for pod in pods[:_MOST_NAMED] for each in seen(f"Pod {contract.namespace}/{pod}", "spec.hostNetwork", "true", "false")
    )
    message = f"no policy holds for {listed(pods)}: they use the network of their node"
    return failed(checks.HOST_NETWORK, subject, message, "pod_security", evidence=evidence)
