# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why an install does not come on, in OLM's own words, with a remedy: each cause that shows, the worst first.

Nothing is concluded from the text of a message: types, reasons, phases and states decide (OLM v0.38.0, pkg/controller/operators/catalog
and pkg/controller/bundle; operator-framework/api v0.36.0).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...common.findings import CheckFinding, Evidence
from ...common.owned_fields import ApiObject
from ...common.write_findings import listed
from ...target.objects import id_of, labels_of, maps_at, name_of, namespace_of, text_at
from .causes import AT_ONCE, CATALOG_SECONDS, PULL_REASONS, SETTLE_SECONDS, Cause, cause, condition_of, merged, said, sign
from .csvs import is_copied, plan_csvs
from .explain_csv import csv_causes
from .model import CATALOG_SOURCES, GROUPS, UNPACK_LABEL, Operator, OperatorSeen

READY: Final = "READY"
_DEPRECATIONS: Final = ("PackageDeprecated", "ChannelDeprecated", "BundleDeprecated")
_UNPACK_TROUBLE: Final = ("CrashLoopBackOff", "CreateContainerConfigError", "CreateContainerError", "RunContainerError")


def causes_of(operator: Operator, seen: OperatorSeen) -> list[Cause]:
    """Every cause that shows, the worst first."""
    if seen.subscription is None:
        return []
    found = [*_groups(operator, seen), *csv_causes(operator, seen)]
    if not reached(operator, seen):
        found += _plan(operator, seen)
        if not _is_carried_out(operator, seen):
            found += [*_resolution(operator, seen), *_catalog(operator, seen), *_unpacking(operator, seen)]
    found += _deprecations(operator, seen)
    return merged(found)


def reached(operator: Operator, seen: OperatorSeen) -> bool:
    """Whether the CSV is there that is wanted: the pin, or what OLM has chosen for an operator that floats. How it does is not asked."""
    installed = text_at(seen.subscription, "status.installedCSV")
    target = operator.pin or text_at(seen.subscription, "status.currentCSV")
    return bool(installed) and installed == target and seen.installed is not None and not is_copied(seen.installed)


def _is_carried_out(operator: Operator, seen: OperatorSeen) -> bool:
    """Whether OLM carries out a plan that brings what is wanted: it needs neither resolution nor catalog for that any more."""
    target = operator.pin or text_at(seen.subscription, "status.currentCSV")
    return seen.plan is not None and text_at(seen.plan, "status.phase") == "Installing" and target in plan_csvs(seen.plan)


def explain(operator: Operator, seen: OperatorSeen) -> list[CheckFinding]:
    """The findings of every cause that shows, the worst first."""
    return [each.finding for each in causes_of(operator, seen)]


# ---- groups ----------------------------------------------------------------------------------------------------------


def _groups(operator: Operator, seen: OperatorSeen) -> Iterator[Cause]:
    """While a namespace has another number of OperatorGroups than one, OLM sets no condition on its Subscriptions at all."""
    if len(seen.groups) == 1 or GROUPS in seen.unknown:
        return
    names = listed(sorted(map(name_of, seen.groups)))
    found = f"{len(seen.groups)} OperatorGroups ({names})" if names else "no OperatorGroup"
    told = (Evidence(f"namespace {operator.namespace}", "OperatorGroups", str(len(seen.groups)), "1"),)
    word = "group.second" if seen.groups else "group.none"
    yield cause(
        word, operator, f"namespace {operator.namespace} has {found}: OLM does nothing there and sets no condition", told, AT_ONCE, True
    )


# ---- resolution and catalog ------------------------------------------------------------------------------------------


def _resolution(operator: Operator, seen: OperatorSeen) -> Iterator[Cause]:
    found = condition_of(seen.subscription, "ResolutionFailed")
    if not found or seen.subscription is None:
        return
    reason = str(found.get("reason") or "")
    told = sign(seen.subscription, "status.conditions[ResolutionFailed]", reason or "True", "absent")
    words = said(reason, str(found.get("message") or ""))
    others = sorted(name_of(each) for each in seen.subscriptions if name_of(each) != name_of(seen.subscription))
    if others:
        words += f" (OLM resolves it together with the other Subscriptions of {operator.namespace}: {listed(others)})"
    hopeless = reason == "ConstraintsNotSatisfiable"
    yield cause("resolution" if hopeless else "resolution.error", operator, words, told, SETTLE_SECONDS, hopeless)


def connection_state(catalog: ApiObject | None) -> str:
    """How the connection to a catalog stands; empty where OLM has not said so yet."""
    return text_at(catalog, "status.connectionState.lastObservedState")


def _catalog(operator: Operator, seen: OperatorSeen) -> Iterator[Cause]:
    """A catalog with an address counts as healthy for OLM; only the state of its connection shows that it is gone."""
    if seen.catalog is None:
        if CATALOG_SOURCES not in seen.unknown:
            where = f"{operator.source_namespace}/{operator.source}"
            yield cause("catalog.absent", operator, f"CatalogSource {where} does not exist", (), CATALOG_SECONDS, True)
    else:
        state = connection_state(seen.catalog)
        if state not in ("", READY):
            told = sign(seen.catalog, "status.connectionState.lastObservedState", state, READY)
            yield cause(
                "catalog.unhealthy", operator, f"connection to CatalogSource {id_of(seen.catalog)}: {state}", told, CATALOG_SECONDS, True
            )
    found = condition_of(seen.subscription, "CatalogSourcesUnhealthy")
    if found and seen.subscription is not None:
        reason = str(found.get("reason") or "")
        told = sign(seen.subscription, "status.conditions[CatalogSourcesUnhealthy]", reason or "True", "False")
        own = _own_unhealthy(operator, seen.subscription) or reason == "NoCatalogSourcesFound"
        yield cause("catalog.unhealthy", operator, said(reason, str(found.get("message") or "")), told, CATALOG_SECONDS, own)


def _own_unhealthy(operator: Operator, subscription: ApiObject) -> bool:
    """Whether it is the operator's own catalog that OLM calls unhealthy, and not just some other one."""
    return any(
        text_at(each, "catalogSourceRef.name") == operator.source
        and text_at(each, "catalogSourceRef.namespace") == operator.source_namespace
        and each.get("healthy") is False
        for each in maps_at(subscription, "status.catalogHealth")
    )


# ---- unpacking -------------------------------------------------------------------------------------------------------


def _unpacking(operator: Operator, seen: OperatorSeen) -> Iterator[Cause]:
    subscription = seen.subscription
    failed = condition_of(subscription, "BundleUnpackFailed")
    if failed and subscription is not None:
        reason = str(failed.get("reason") or "")
        told = sign(subscription, "status.conditions[BundleUnpackFailed]", reason or "True", "absent")
        yield cause("unpack.failed", operator, said(reason, str(failed.get("message") or "")), told, AT_ONCE, True)
    if not failed and not condition_of(subscription, "BundleUnpacking") and not maps_at(seen.plan, "status.bundleLookups"):
        return
    running = [job for job in seen.unpack_jobs if not condition_of(job, "Failed") and not condition_of(job, "Complete")]
    ours = len(running) <= 1 and len(_unpacking_namespaces(seen)) <= 1
    for job in seen.unpack_jobs:
        if broken := condition_of(job, "Failed"):
            reason = str(broken.get("reason") or "")
            words = f"Job {id_of(job)}: {said(reason, str(broken.get('message') or ''))}"
            told = sign(job, "status.conditions[Failed]", reason or "True", "absent")
            yield cause("unpack.failed", operator, words, told, AT_ONCE, ours and not running)
    refs = {labels_of(job).get(UNPACK_LABEL) for job in running}
    for pod in seen.unpack_pods:
        if not seen.unpack_jobs or labels_of(pod).get(UNPACK_LABEL) in refs:
            yield from _unpack_pod(operator, pod, ours)


def _unpacking_namespaces(seen: OperatorSeen) -> set[str]:
    """Namespaces whose Subscriptions wait for a bundle. Nothing in a Job says for which of them it works."""
    return {namespace_of(each) for each in seen.neighbours if condition_of(each, "BundleUnpacking")}


def _unpack_pod(operator: Operator, pod: ApiObject, ours: bool) -> Iterator[Cause]:
    images = {
        text_at(each, "name"): text_at(each, "image") for key in ("initContainers", "containers") for each in maps_at(pod, f"spec.{key}")
    }
    for path in ("initContainerStatuses", "containerStatuses"):
        for status in maps_at(pod, f"status.{path}"):
            reason, name = text_at(status, "state.waiting.reason"), text_at(status, "name")
            if reason not in (*PULL_REASONS, *_UNPACK_TROUBLE):
                continue
            image = text_at(status, "image") or images.get(name, "")
            words = f"pod {id_of(pod)}, image {image or 'unknown'}: {said(reason, text_at(status, 'state.waiting.message'))}"
            told = sign(pod, f"status.{path}[{name}].state.waiting", reason, "running")
            is_pull = reason in PULL_REASONS
            yield cause("unpack.pull" if is_pull else "unpack.failed", operator, words, told, SETTLE_SECONDS, is_pull and ours)


# ---- plan ------------------------------------------------------------------------------------------------------------


def _plan(operator: Operator, seen: OperatorSeen) -> Iterator[Cause]:
    subscription, plan = seen.subscription, seen.plan
    for kind, word in (("InstallPlanMissing", "plan.missing"), ("InstallPlanFailed", "plan.failed")):
        found = condition_of(subscription, kind)
        if found and subscription is not None and not (kind == "InstallPlanMissing" and plan is not None):
            reason = str(found.get("reason") or "")
            words = said(reason, str(found.get("message") or ""))
            yield cause(
                word, operator, words, sign(subscription, f"status.conditions[{kind}]", reason or "True", "absent"), SETTLE_SECONDS, True
            )
    if plan is None:
        return
    phase, message = text_at(plan, "status.phase"), text_at(plan, "status.message")
    if phase == "Failed":
        reasons = [
            said(text_at(each, "reason"), text_at(each, "message"))
            for each in maps_at(plan, "status.conditions")
            if each.get("status") == "False"
        ]
        words = "; ".join(dict.fromkeys(filter(None, (*reasons, message)))) or phase
        yield cause(
            "plan.failed", operator, f"InstallPlan {id_of(plan)}: {words}", sign(plan, "status.phase", phase, "Complete"), AT_ONCE, True
        )
    elif phase == "Installing" and message:
        told = sign(plan, "status.message", message, "empty")
        yield cause("plan.retrying", operator, f"InstallPlan {id_of(plan)}: {message}", told, SETTLE_SECONDS, False)


# ---- warnings --------------------------------------------------------------------------------------------------------


def _deprecations(operator: Operator, seen: OperatorSeen) -> Iterator[Cause]:
    for kind in _DEPRECATIONS:
        found = condition_of(seen.subscription, kind)
        if found and seen.subscription is not None:
            told = sign(seen.subscription, f"status.conditions[{kind}]", "True", "absent")
            yield cause("deprecated", operator, str(found.get("message") or kind), told, AT_ONCE, False)
