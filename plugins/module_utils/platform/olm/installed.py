# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an operator that is there works: its CSV, its CRDs, its deployments and what it says of upgrades."""

from __future__ import annotations

from collections.abc import Iterator

from ...common.findings import CheckFinding, Evidence
from ...common.owned_fields import ApiObject
from ...common.write_findings import CHANGED, FAIL, IN_STEP, MISSING, NOT_EVALUATED, PASS, listed
from ...target.objects import at, id_of, maps_at, name_of, text_at
from .causes import said
from .check_list import check
from .csvs import is_copied, owned_names
from .model import CONDITIONS, CRDS, CSVS, DEPLOYMENTS, SUBSCRIPTIONS, Operator, OperatorSeen


def unavailable(seen: OperatorSeen) -> str:
    """CRDs and deployments of a CSV that are not there or not ready, in words; empty where nothing is known to be missing."""
    lacking = [*_missing_crds(seen), *_down(seen)]
    return listed(lacking)


def works(seen: OperatorSeen) -> bool:
    """Whether the package works somewhere on the cluster, whoever looks after it: a CSV that has succeeded, or OLM v1 says so."""
    if seen.installed is not None and not is_copied(seen.installed):
        return text_at(seen.installed, "status.phase") == "Succeeded" and not unavailable(seen)
    told = [each for extension in seen.extensions for each in maps_at(extension, "status.conditions")]
    return any(text_at(csv, "status.phase") == "Succeeded" for csv in seen.package_csvs) or any(
        each.get("type") == "Installed" and each.get("status") == "True" for each in told
    )


def _missing_crds(seen: OperatorSeen) -> list[str]:
    if CRDS in seen.unknown or seen.csv is None:
        return []
    there = {name_of(crd): crd for crd in seen.crds}
    return [f"CustomResourceDefinition {name}" for name in owned_names(seen.csv) if not _established(there.get(name))]


def _established(crd: ApiObject | None) -> bool:
    return any(each.get("type") == "Established" and each.get("status") == "True" for each in maps_at(crd, "status.conditions"))


def _down(seen: OperatorSeen) -> list[str]:
    if DEPLOYMENTS in seen.unknown or seen.csv is None:
        return []
    there = {name_of(each): each for each in seen.deployments}
    names = [text_at(each, "name") for each in maps_at(seen.csv, "spec.install.spec.deployments")]
    return [f"Deployment {name}" for name in names if not _available(there.get(name))]


def _available(deployment: ApiObject | None) -> bool:
    if deployment is None:
        return False
    generation, observed = at(deployment, "metadata.generation"), at(deployment, "status.observedGeneration")
    if isinstance(generation, int) and isinstance(observed, int) and observed < generation:
        return False
    return any(each.get("type") == "Available" and each.get("status") == "True" for each in maps_at(deployment, "status.conditions"))


def installed_findings(operator: Operator, seen: OperatorSeen) -> list[CheckFinding]:
    """What the cluster has of an operator that is wanted, check by check."""
    found = [_installed(operator, seen)]
    if seen.installed is not None and not is_copied(seen.installed):
        found += [_crds(operator, seen), _deployments(operator, seen), *_condition(operator, seen)]
    return found


def _installed(operator: Operator, seen: OperatorSeen) -> CheckFinding:
    made = check("installed")
    unread = [seen.unknown[resource] for resource in (SUBSCRIPTIONS, CSVS) if resource in seen.unknown]
    if unread:
        return made.finding(
            operator.subject,
            NOT_EVALUATED,
            NOT_EVALUATED,
            message=unread[0],
            path=operator.path,
            remedy="grant the rights of the verify role",
        )
    wanted = operator.pin or f"the head of channel {operator.channel}"
    csv = seen.installed
    if csv is None or is_copied(csv):
        message = f"{wanted} is not installed"
        return made.finding(operator.subject, MISSING, FAIL, message=message, path=operator.path)
    phase, name = text_at(csv, "status.phase"), name_of(csv)
    told = (Evidence(f"ClusterServiceVersion {id_of(csv)}", "status.phase", phase or "none", "Succeeded"),)
    if operator.pin and name != operator.pin:
        where = Evidence(f"Subscription {id_of(seen.subscription or {})}", "status.installedCSV", name, operator.pin)
        message = f"{name} is installed, {operator.pin} is pinned"
        return made.finding(operator.subject, CHANGED, FAIL, message=message, evidence=(where, *told), path=operator.path)
    if phase != "Succeeded":
        words = said(text_at(csv, "status.reason"), text_at(csv, "status.message"))
        message = f"{name} is {phase or 'without a phase'}: {words}" if words else f"{name} is {phase or 'without a phase'}"
        return made.finding(operator.subject, CHANGED, FAIL, message=message, evidence=told, path=operator.path)
    return made.finding(operator.subject, IN_STEP, PASS, message=f"{name} is installed", path=operator.path, remedy="")


def _crds(operator: Operator, seen: OperatorSeen) -> CheckFinding:
    return _judged("crds", CRDS, operator, seen, _missing_crds(seen), "not established")


def _deployments(operator: Operator, seen: OperatorSeen) -> CheckFinding:
    return _judged("deployments", DEPLOYMENTS, operator, seen, _down(seen), "not available")


def _judged(word: str, resource: str, operator: Operator, seen: OperatorSeen, lacking: list[str], how: str) -> CheckFinding:
    if resource in seen.unknown:
        return check(word).finding(operator.subject, NOT_EVALUATED, NOT_EVALUATED, message=seen.unknown[resource], path=operator.path)
    if lacking:
        evidence = tuple(Evidence(name, "status.conditions", how, "True") for name in lacking)
        return check(word).finding(
            operator.subject, CHANGED, FAIL, message=f"{listed(lacking)}: {how}", evidence=evidence, path=operator.path
        )
    return check(word).finding(operator.subject, IN_STEP, PASS, path=operator.path, remedy="")


def _condition(operator: Operator, seen: OperatorSeen) -> Iterator[CheckFinding]:
    """An operator says by its OperatorCondition whether it may be upgraded now; without the condition it does not mind."""
    made = check("condition")
    if CONDITIONS in seen.unknown:
        yield made.finding(operator.subject, NOT_EVALUATED, NOT_EVALUATED, message=seen.unknown[CONDITIONS], path=operator.path)
        return
    says = [each for path in ("spec.overrides", "spec.conditions", "status.conditions") for each in maps_at(seen.condition, path)]
    against = next((each for each in says if each.get("type") == "Upgradeable"), {})
    if against.get("status") == "False":
        words = said(text_at(against, "reason"), text_at(against, "message"))
        told = (Evidence(f"OperatorCondition {id_of(seen.condition or {})}", "Upgradeable", "False", "True"),)
        yield made.finding(operator.subject, CHANGED, FAIL, message=words or "Upgradeable is False", evidence=told, path=operator.path)
    else:
        yield made.finding(operator.subject, IN_STEP, PASS, path=operator.path, remedy="")
