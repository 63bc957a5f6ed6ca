# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the document sets of the collection's alerts, and the namespaces that get those of tenants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...common.findings import CheckFinding
from ...common.write_findings import MISSING
from ..desired.keys import ABSENT
from ..desired.monitoring import AlertWanted, Monitoring, TenantWanted
from ..snapshot import PlatformSnapshot
from ..verdicts import failed, not_asked, passed, unknown
from .check_list import TENANT_OWNER, TENANT_THERE
from .owners import owners_of
from .readings import NAMESPACES
from .rules import RuleSettings, TenantRules


@dataclass(frozen=True, slots=True)
class TenantsSeen:
    """The tenants whose namespaces are there, with their owners; and what was found of all of them."""

    rules: Mapping[str, TenantRules]
    findings: tuple[CheckFinding, ...]
    incomplete: str
    """why alerts of tenants are not wanted though the document names them; empty where all are"""


def rule_settings(wanted: Monitoring, tenants: TenantsSeen) -> RuleSettings:
    """The settings of the rules."""
    return RuleSettings(
        parameters=_parameters(wanted.alerts),
        holds=_holds(wanted.alerts),
        left_out=_left_out(wanted.alerts),
        tenants=tenants.rules,
        runbooks=wanted.runbooks,
    )


def tenants_seen(wanted: Monitoring, snapshot: PlatformSnapshot) -> TenantsSeen:
    """Which tenants can get their alerts: the namespace has to be there, and somebody has to answer for it."""
    owners = owners_of(wanted, snapshot)
    findings: list[CheckFinding] = []
    rules: dict[str, TenantRules] = {}
    lacking: list[str] = []
    for number, tenant in enumerate(wanted.tenants):
        found = tuple(_tenant_findings(tenant, f"monitoring.tenants[{number}]", snapshot, owners))
        findings += found
        if any(finding.failed for finding in found):
            lacking.append(f"tenant {tenant.namespace}")
        else:
            rules[tenant.namespace] = _rules_of(tenant, owners[tenant.namespace])
    if not wanted.tenants:
        findings += [not_asked(check, "tenants") for check in (TENANT_THERE, TENANT_OWNER)]
    return TenantsSeen(rules, tuple(findings), f"alerts are not worked out of {', '.join(lacking)}" if lacking else "")


def _tenant_findings(tenant: TenantWanted, path: str, snapshot: PlatformSnapshot, owners: Mapping[str, str]) -> Iterator[CheckFinding]:
    subject = f"namespace {tenant.namespace}"
    if not snapshot.known(NAMESPACES):
        yield unknown(TENANT_THERE, subject, snapshot.why_not(NAMESPACES), path)
    elif snapshot.get(NAMESPACES, "", tenant.namespace) is None:
        yield failed(TENANT_THERE, subject, "not there", path, MISSING)
    else:
        yield passed(TENANT_THERE, subject, path)
    if tenant.namespace in owners:
        yield passed(TENANT_OWNER, subject, path, owners[tenant.namespace])
    elif snapshot.known(NAMESPACES):
        yield failed(TENANT_OWNER, subject, "neither the document nor the namespace's label names an owner", path)
    else:
        yield unknown(TENANT_OWNER, subject, snapshot.why_not(NAMESPACES), path)


def _rules_of(tenant: TenantWanted, owner: str) -> TenantRules:
    return TenantRules(owner, _parameters(tenant.alerts), _holds(tenant.alerts), _left_out(tenant.alerts))


def _parameters(alerts: Mapping[str, AlertWanted]) -> dict[str, Mapping[str, float]]:
    return {name: alert.parameters for name, alert in sorted(alerts.items()) if alert.parameters}


def _holds(alerts: Mapping[str, AlertWanted]) -> dict[str, str]:
    return {name: alert.hold for name, alert in sorted(alerts.items()) if alert.hold}


def _left_out(alerts: Mapping[str, AlertWanted]) -> tuple[str, ...]:
    return tuple(name for name, alert in sorted(alerts.items()) if alert.state == ABSENT)
