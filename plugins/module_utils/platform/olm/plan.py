# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operators part: what the document asks of OLM, held against a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ...common.artifact import JsonRecord
from ...common.findings import CheckFinding
from ...common.findings import once as once_each
from ...common.write_findings import CREATE, FAIL, MISSING, UPDATE
from ...target.objects import name_of, text_at
from ..model import REMOVE
from ..parts import Context, PartPlan, Step, WantedObject
from ..snapshot import PlatformSnapshot
from .brownfield import Stance, stance_of
from .catalog import package_of
from .check_list import check
from .csvs import images_of, is_copied, owned_names, package_name
from .decide import Next, decide
from .explain import causes_of, reached
from .installed import installed_findings
from .minor import blocks_minor, pin_blocks_minor
from .mirrors import ImageMirror, image_records, mirror_findings, mirrors_of
from .model import APPROVE, CRDS, CSVS, MIRROR_SETS, GroupSpec, Operator, OperatorSeen, Package, Refusal, Upgrade
from .objects import group_object, namespace_object, once, subscription_object
from .offboard import Removal, remove_steps
from .order import circle_finding, order_of, unmet_needs
from .preflight import (
    bundle_wanted,
    catalog_findings,
    document_findings,
    group_findings,
    neighbour_findings,
    path_findings,
    shared_api_findings,
    shared_group_findings,
    unreadable,
)
from .records import operator_record
from .rehearse import rehearse, upgrade_findings, upgrade_record
from .seen import approvable, operators_of, owned_in, seen_of


@dataclass(frozen=True, slots=True)
class Judged:
    """One operator, what the cluster shows of it, and what is concluded."""

    operator: Operator
    seen: OperatorSeen
    stance: Stance
    package: Package | None = None
    group: GroupSpec | None = None
    upgrade: Upgrade | None = None
    following: Next | None = None
    """what comes next, where it is installed from here and has a Subscription"""
    images: tuple[str, ...] | None = None
    """images of the version that is wanted; None where they are not known"""
    findings: tuple[CheckFinding, ...] = ()
    removal: Removal | None = None


def plan_operators(context: Context) -> PartPlan:
    """What the operators part wants: objects, plans to approve, steps of removal, findings and records."""
    section = context.desired.operators
    if section is None:
        return PartPlan()
    if not context.snapshot.cluster.olm_v0:
        message = "the cluster does not serve Subscriptions (operators.coreos.com)"
        return PartPlan(findings=(check("olm").finding("cluster", MISSING, FAIL, message=message),))
    operators = operators_of(section, context.catalogue)
    findings = document_findings(operators)
    order = order_of(operators)
    if isinstance(order, Refusal):
        findings.append(circle_finding(order))
    if findings:
        return PartPlan(findings=tuple(findings))
    judged = _with_next([_judged(context, operator) for operator in operators])
    findings += unmet_needs(operators, _there(context, operators))
    findings += shared_group_findings((each.operator, each.group) for each in judged if each.group is not None and each.stance.writes)
    findings += shared_api_findings((each.operator, _owned(each)) for each in judged if each.stance.writes)
    findings += [finding for each in judged for finding in each.findings]
    mirrors = {each.operator.name: _mirrors(context, each) for each in judged if each.stance.stance != REMOVE}
    return PartPlan(
        objects=once(wanted for each in judged for wanted in _objects(each)),
        steps=_steps(judged),
        findings=tuple(once_each(findings)),
        records=(*_records(context, judged), *image_records(mirrors)),
    )


# ---- for whoever installs --------------------------------------------------------------------------------------------


def approvals(context: Context) -> dict[str, frozenset[str]]:
    """Namespace to the CSVs that an InstallPlan there may bring: only operators that are installed or adopted from here count."""
    section = context.desired.operators
    if section is None:
        return {}
    operators = operators_of(section, context.catalogue)
    return _approvals([_stood(context, operator) for operator in operators])


def _stood(context: Context, operator: Operator) -> Judged:
    seen = seen_of(context.snapshot, operator)
    return Judged(operator, seen, stance_of(operator, seen), _package(context, operator, seen))


def _approvals(judged: Sequence[Judged]) -> dict[str, frozenset[str]]:
    writing = [each for each in judged if each.stance.writes]
    floating = {each.operator.name: _channel_csvs(each) for each in writing if each.operator.floating}
    namespaces = sorted({each.operator.namespace for each in writing})
    return {namespace: approvable([each.operator for each in writing], floating, namespace) for namespace in namespaces}


def _channel_csvs(judged: Judged) -> tuple[str, ...]:
    channel = judged.package.channels.get(judged.operator.channel) if judged.package else None
    return tuple(filter(None, (channel.head, *(entry.name for entry in channel.entries)))) if channel else ()


# ---- one operator ----------------------------------------------------------------------------------------------------


def _package(context: Context, operator: Operator, seen: OperatorSeen) -> Package | None:
    return package_of(seen.manifest, context.rendered.get(operator.source)) if seen.manifest is not None else None


def _judged(context: Context, operator: Operator) -> Judged:
    found = _stood(context, operator)
    if found.stance.stance == REMOVE:
        removal = remove_steps(operator, found.seen, context.snapshot)
        return replace(found, removal=removal, findings=removal.findings)
    found = replace(found, images=_images(found))
    findings = list(found.stance.findings)
    if found.stance.writes:
        found, more = _preflight(context, found)
        found = replace(found, images=_with_hops(found))
        findings += more
    findings += _as_found(context, found)
    return replace(found, findings=tuple(findings))


def _owned(found: Judged) -> set[str]:
    """CRDs that an operator brings, as catalogue and catalog know them."""
    return {*found.operator.crds, *owned_in(found.seen.manifest, found.operator.channel)}


def _preflight(context: Context, found: Judged) -> tuple[Judged, list[CheckFinding]]:
    """What is found out before anything is written."""
    operator, seen, package = found.operator, found.seen, found.package
    findings = unreadable(operator, seen)
    findings += catalog_findings(operator, seen, package, context.rendered.get(operator.source))
    if package is not None:
        findings += path_findings(operator, seen, package)
    group, more = group_findings(operator, seen, package)
    more += neighbour_findings(operator, seen)
    upgrade = None
    if seen.installed is not None and operator.pin and name_of(seen.installed) != operator.pin:
        upgrade = rehearse(operator, package, seen.installed, operator.pin, seen.plan, seen.crds, seen.unpacked)
        if CRDS in seen.unknown:
            upgrade = replace(upgrade, crd_changes=None, reason=f"the CRDs of the cluster are not known: {seen.unknown[CRDS]}")
        more += upgrade_findings(operator, upgrade)
    return replace(found, group=group, upgrade=upgrade), [*findings, *more]


def _as_found(context: Context, found: Judged) -> list[CheckFinding]:
    """How the operator does now."""
    operator, seen = found.operator, found.seen
    findings = [_with_action(each, found.stance) for each in installed_findings(operator, seen)] if _is_here(found) else []
    findings += _blocked_minor(context, found)
    if found.stance.writes:
        findings += [each.finding for each in causes_of(operator, seen)]
    section = context.desired.operators
    needed = section is not None and section.mirrors is not None and section.mirrors.required
    return findings + mirror_findings(operator, found.images, _mirrors(context, found), needed)


def _blocked_minor(context: Context, found: Judged) -> list[CheckFinding]:
    """Whether the next minor is blocked by what is installed, and by the pin that is to take its place."""
    operator, csv, minor = found.operator, found.seen.installed, _next_minor(context)
    findings = [blocks_minor(csv, minor, operator.subject, operator.path)] if csv is not None else []
    pinned = bundle_wanted(operator, found.seen, found.package) if found.stance.writes and operator.pin else None
    if pinned is not None and (csv is None or name_of(csv) != pinned.name):
        findings.append(pin_blocks_minor(pinned.name, pinned.max_openshift, minor, operator.subject, operator.path))
    return [finding for finding in findings if finding is not None]


def _is_here(found: Judged) -> bool:
    """Whether the operator is, or will be, in its own namespace through OLM: of others the stance tells what there is to tell."""
    return found.stance.writes or found.seen.subscription is not None


def _with_action(finding: CheckFinding, stance: Stance) -> CheckFinding:
    """What the next run does about it: an operator that is missing is installed, another version is replaced."""
    if finding.result != FAIL or not finding.check.endswith(".installed") or not stance.writes:
        return finding
    return replace(finding, action=CREATE if finding.state == MISSING else UPDATE)


def _next_minor(context: Context) -> str:
    return context.desired.cluster.next_minor or context.snapshot.cluster.next_minor


def _images(found: Judged) -> tuple[str, ...] | None:
    """Images of the version that is wanted: from its CSV where it is there, else from the catalog."""
    if found.seen.installed is not None and (reached(found.operator, found.seen) or not found.stance.writes):
        return images_of(found.seen.installed)
    bundle = bundle_wanted(found.operator, found.seen, found.package)
    known = bundle is not None and (not found.operator.pin or bundle.name == found.operator.pin)
    return bundle.images if bundle is not None and known else None


def _with_hops(found: Judged) -> tuple[str, ...] | None:
    """The images with those of the versions on the way: OLM pulls them too."""
    upgrade = found.upgrade
    if found.images is None or upgrade is None or len(upgrade.hops) <= 1:
        return found.images
    return None if upgrade.images_added is None else tuple(sorted({*found.images, *upgrade.images_added}))


def _mirrors(context: Context, found: Judged) -> tuple[ImageMirror, ...]:
    section = context.desired.operators
    wanted = section.mirrors if section else None
    if wanted is None or not found.images:
        return ()
    snapshot = context.snapshot
    sets = [item for resource in MIRROR_SETS for item in snapshot.all(resource)] if snapshot.known(*MIRROR_SETS) else None
    return mirrors_of(found.images, sets, wanted.images)


# ---- together --------------------------------------------------------------------------------------------------------


def _with_next(judged: Sequence[Judged]) -> list[Judged]:
    """What comes next for each operator that has a Subscription."""
    approved = _approvals(judged)
    return [
        replace(each, following=decide(each.operator, each.seen, approved.get(each.operator.namespace, frozenset())))
        if each.stance.writes and each.seen.subscription is not None
        else each
        for each in judged
    ]


def _objects(found: Judged) -> Iterable[WantedObject]:
    if not found.stance.writes:
        return
    operator, seen = found.operator, found.seen
    namespace = namespace_object(operator, seen)
    if namespace is not None:
        yield namespace
    group = group_object(operator, seen, found.group) if found.group is not None else None
    if group is not None:
        yield group
    yield subscription_object(operator, seen, found.stance)


def _steps(judged: Sequence[Judged]) -> tuple[Step, ...]:
    """Plans that may be approved now, each once, and what a removal deletes; removals in the reversed order of needs."""
    following = [each.following.step for each in judged if each.following and each.following.state == APPROVE]
    by_ref = {step.ref: step for step in following if step}
    steps = [by_ref[ref] for ref in sorted(by_ref)]
    order = order_of([each.operator for each in judged])
    names = [name for level in reversed(order) for name in level] if not isinstance(order, Refusal) else []
    removals = {each.operator.name: each.removal for each in judged if each.removal is not None}
    for name in names:
        removal = removals.get(name)
        steps += removal.steps if removal else ()
    return tuple(replace(step, order=number) for number, step in enumerate(steps, 1))


def _there(context: Context, operators: Sequence[Operator]) -> dict[str, bool | None]:
    """Whether operators that others need, and that the document does not have, are on the cluster."""
    known = context.snapshot.known(CSVS)
    names = {need for operator in operators for need in operator.needs} - {operator.name for operator in operators}
    found: dict[str, bool | None] = {}
    for name in sorted(names):
        facts = context.catalogue.operators.get(name)
        found[name] = _is_there(context.snapshot, facts.crds, facts.package) if facts and known else None
    return found


def _is_there(snapshot: PlatformSnapshot, crds: Iterable[str], package: str) -> bool:
    """Whether an operator works: a CSV of its package, or one that owns what it brings, has succeeded."""
    brings = set(crds)
    return any(
        text_at(csv, "status.phase") == "Succeeded" and (package_name(csv) == package or brings.intersection(owned_names(csv)))
        for csv in snapshot.all(CSVS)
        if not is_copied(csv)
    )


def _records(context: Context, judged: Sequence[Judged]) -> list[JsonRecord]:
    following_minor = _next_minor(context)
    records: list[JsonRecord] = []
    for each in judged:
        records.append(operator_record(each.operator, each.seen, each.stance, each.package, each.following, each.findings, following_minor))
        if each.upgrade is not None:
            records.append(upgrade_record(each.upgrade))
    return records
