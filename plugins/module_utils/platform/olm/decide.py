# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes next for one operator: it is done, OLM works on it, its plan may be approved, or it is stuck and why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from ...common.findings import CRITICAL, CheckFinding, Evidence
from ...common.owned_fields import ApiObject
from ...common.write_findings import CHANGED, FAIL, NOT_EVALUATED
from ...target.objects import at, id_of, name_of, namespace_of, text_at
from ..parts import APPROVE as APPROVE_VERB
from ..parts import Step
from ..snapshot import Named
from .causes import AT_ONCE, SETTLE_SECONDS, sign
from .check_list import PART, check
from .csvs import csv_among, modes_of, plan_crds, plan_csvs, plan_objects, plan_subscriptions
from .explain import causes_of, reached
from .groups import in_words, targets_of, unsupported
from .installed import unavailable
from .model import APPROVE, CRDS, DONE, GROUPS, STUCK, WAITING, Operator, OperatorSeen
from .rehearse import rehearse, upgrade_findings
from .seen import outside

_PENDING = "RequiresApproval"


@dataclass(frozen=True, slots=True)
class Next:
    """What comes next."""

    state: str
    """done, waiting, approve or stuck"""
    words: str = ""
    """where it stands, for people"""
    step: Step | None = None
    """approve: the plan"""
    findings: tuple[CheckFinding, ...] = ()
    """stuck: why, the worst first. waiting: what OLM is in trouble with and tries again"""
    settle_seconds: float = AT_ONCE
    """how long stuck or the trouble has to stand before it is believed"""


def decide(operator: Operator, seen: OperatorSeen, approved: Collection[str]) -> Next:
    """What comes next for an operator that is installed or adopted.

    `approved` are the CSVs that a plan of its namespace may bring (see `seen.approvable`).
    """
    if seen.subscription is None:
        return Next(WAITING, "the Subscription is not there yet")
    if reached(operator, seen) and text_at(seen.installed, "status.phase") == "Succeeded":
        lacking = unavailable(seen)
        return Next(WAITING, f"waiting for {lacking}") if lacking else Next(DONE, f"{name_of(seen.installed or {})} is installed")
    if not reached(operator, seen) and (len(seen.groups) == 1 or GROUPS in seen.unknown):
        plan = seen.plan
        if plan is not None and text_at(plan, "status.phase") == _PENDING and at(plan, "spec.approved") is not True:
            return _pending(operator, seen, plan, approved)
    return _explained(operator, seen)


def _explained(operator: Operator, seen: OperatorSeen) -> Next:
    causes = causes_of(operator, seen)
    terminal = [each for each in causes if each.terminal]
    findings = tuple(each.finding for each in causes)
    if terminal:
        return Next(STUCK, terminal[0].finding.message, None, findings, min(each.settle_seconds for each in terminal))
    if seen.csv is not None:
        words = f"{name_of(seen.csv)}: {text_at(seen.csv, 'status.phase') or 'no phase yet'}"
    elif seen.plan is not None:
        words = f"InstallPlan {name_of(seen.plan)}: {text_at(seen.plan, 'status.phase') or 'no phase yet'}"
    else:
        words = "OLM has made no InstallPlan yet"
    return Next(WAITING, words, None, findings, min((each.settle_seconds for each in causes), default=AT_ONCE))


def _pending(operator: Operator, seen: OperatorSeen, plan: ApiObject, approved: Collection[str]) -> Next:
    """A plan that waits for approval: it brings declared CSVs only, each supports the group, and no stored version vanishes."""
    if twice := _second_subscriptions(seen, plan):
        return Next(WAITING, f"InstallPlan {name_of(plan)} is older than the Subscription to {', '.join(twice)}: OLM plans anew")
    if not_allowed := outside(plan, approved):
        return _stuck(_outside_finding(operator, plan, not_allowed), SETTLE_SECONDS)
    trouble = [*_group_trouble(operator, seen, plan), *_upgrade_trouble(operator, seen, plan)]
    if trouble:
        settle = SETTLE_SECONDS if all(each.result == NOT_EVALUATED for each in trouble) else AT_ONCE
        return Next(STUCK, trouble[0].message, None, tuple(trouble), settle)
    names, version = ", ".join(plan_csvs(plan)), text_at(plan, "metadata.resourceVersion")
    ref = Named(text_at(plan, "apiVersion") or "operators.coreos.com/v1alpha1", "InstallPlan", namespace_of(plan), name_of(plan))
    step = Step(0, PART, APPROVE_VERB, f"InstallPlan {id_of(plan)}", ref, f"it brings {names}", text_at(plan, "metadata.uid"), version)
    return Next(APPROVE, f"InstallPlan {name_of(plan)} brings {names}", step)


def _second_subscriptions(seen: OperatorSeen, plan: ApiObject) -> list[str]:
    """Packages of the namespace that a plan would subscribe to a second time: it was made before their Subscription was there."""
    there = {text_at(each, "spec.name"): name_of(each) for each in seen.subscriptions}
    return [package for name, package in plan_subscriptions(plan) if there.get(package, name) != name]


def _stuck(finding: CheckFinding, settle: float) -> Next:
    return Next(STUCK, finding.message, None, (finding,), settle)


def _outside_finding(operator: Operator, plan: ApiObject, names: tuple[str, ...]) -> CheckFinding:
    everything = ", ".join(plan_csvs(plan))
    message = f"InstallPlan {id_of(plan)} brings {everything}; the document does not allow {', '.join(names)} in {operator.namespace}"
    evidence = sign(plan, "spec.clusterServiceVersionNames", everything, f"without {', '.join(names)}")
    finding = check("plan.outside").finding(operator.subject, CHANGED, FAIL, message=message, evidence=evidence, path=operator.path)
    return replace(finding, refuses=False)


def _group_trouble(operator: Operator, seen: OperatorSeen, plan: ApiObject) -> list[CheckFinding]:
    """The group against the install modes of the very CSVs that the plan brings: another version may support others."""
    found = []
    targets = targets_of(seen.groups[0]) if seen.groups else None
    for name in plan_csvs(plan):
        objects, _complete = plan_objects(plan, seen.unpacked, name)
        csv = csv_among(objects)
        modes = modes_of(at(csv, "spec.installModes")) if csv else None
        subject = f"{operator.subject}, {name}"
        if modes is None or targets is None:
            what = (
                "the OperatorGroups of the namespace cannot be read"
                if targets is None
                else f"the install modes of {name} cannot be read from the plan"
            )
            message = f"{what}, so InstallPlan {id_of(plan)} is not approved"
            remedy = "grant the rights to read OperatorGroups and ConfigMaps with unpacked bundles"
            found.append(
                check("group.plan").finding(subject, NOT_EVALUATED, NOT_EVALUATED, message=message, remedy=remedy, path=operator.path)
            )
        elif why := unsupported(modes, operator.namespace, targets):
            message = f"{name} does not support OperatorGroup {id_of(seen.groups[0])} ({in_words(targets)}): {why}"
            evidence = (
                Evidence(f"ClusterServiceVersion {name}", "spec.installModes", ", ".join(sorted(modes)) or "none", in_words(targets)),
            )
            found.append(check("group.plan").finding(subject, CHANGED, FAIL, message=message, evidence=evidence, path=operator.path))
    return found


def _upgrade_trouble(operator: Operator, seen: OperatorSeen, plan: ApiObject) -> list[CheckFinding]:
    """Stored CRD versions that would vanish. CRDs may also be there without an installed CSV: an earlier install has left them.

    What cannot be judged is not approved.
    """
    if CRDS in seen.unknown and plan_crds(plan):
        message = (
            f"InstallPlan {id_of(plan)} brings CRDs, and those of the cluster are not known, so it is not approved: {seen.unknown[CRDS]}"
        )
        made = check("upgrade.unknown")
        return [made.finding(operator.subject, NOT_EVALUATED, NOT_EVALUATED, message=message, severity=CRITICAL, path=operator.path)]
    found: dict[str, CheckFinding] = {}
    for name in plan_csvs(plan):
        upgrade = rehearse(operator, None, seen.installed or {}, name, plan, seen.crds, seen.unpacked)
        for finding in upgrade_findings(operator, replace(upgrade, hops=(name,))):
            # A CRD that a CSV owns and that the plan, read in full, does not bring stays as it is.
            if finding.result == FAIL or upgrade.crd_changes is None:
                found[finding.id] = replace(finding, refuses=False, severity=CRITICAL)
    return list(found.values())
