# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps an operator from being installed as asked, found out before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from ...common.findings import WARNING, CheckFinding, Evidence
from ...common.owned_fields import ApiObject
from ...common.write_findings import CHANGED, FAIL, IN_STEP, MISSING, NOT_EVALUATED, PASS, listed
from ...target.objects import id_of, name_of, text_at
from .brownfield import is_ours
from .catalog import is_stale
from .check_list import check
from .csvs import bundle_of
from .explain import READY, connection_state, reached
from .graph import hops
from .groups import group_of, judged_groups
from .model import (
    CATALOG_SOURCES,
    EXTENSIONS,
    GROUPS,
    Bundle,
    GroupSpec,
    Operator,
    OperatorSeen,
    Package,
    Refusal,
    RenderedCatalog,
    Unknowable,
    Unreachable,
)
from .rehearse import way_to
from .seen import NEEDED

MANIFESTS: Final = "packagemanifests"


def document_findings(operators: Sequence[Operator]) -> list[CheckFinding]:
    """Operators of which too little is known, and packages that are asked for twice."""
    found = []
    first: dict[str, Operator] = {}
    for operator in operators:
        needed = ("package", "namespace") if operator.absent else ("package", "namespace", "source")
        lacking = [name for name in needed if not getattr(operator, name)]
        if lacking:
            message = f"{operator.name} is not in the shipped catalogue, and its {listed(lacking)} is not given"
            found.append(check("known").finding(operator.subject, NOT_EVALUATED, FAIL, message=message, path=operator.path))
        elif first.setdefault(operator.package, operator) is not operator:
            message = f"package {operator.package} is that of {first[operator.package].name} too"
            found.append(check("twice").finding(operator.subject, NOT_EVALUATED, FAIL, message=message, path=operator.path))
    return found


def unreadable(operator: Operator, seen: OperatorSeen) -> list[CheckFinding]:
    """Lists without which nothing may be written for an operator."""
    # Whether OLM v1 has installed it matters only as long as OLM v0 has not.
    needed = (*NEEDED, MANIFESTS, *(() if seen.subscription else (EXTENSIONS,)))
    resources = [resource for resource in needed if resource in seen.unknown]
    if not resources or (resources == [MANIFESTS] and reached(operator, seen)):
        return []
    message = "; ".join(seen.unknown[resource] for resource in resources)
    return [check("readable").finding(operator.subject, NOT_EVALUATED, NOT_EVALUATED, message=message, path=operator.path)]


def catalog_findings(
    operator: Operator, seen: OperatorSeen, package: Package | None, rendered: RenderedCatalog | None
) -> list[CheckFinding]:
    """Catalog, package and channel. While the operator is installed as asked, a catalog that is gone is a warning only."""
    found = [*_catalog(operator, seen), *_package(operator, seen, package, rendered)]
    if not reached(operator, seen):
        return found
    return [replace(each, severity=WARNING, refuses=False) if each.result == FAIL else each for each in found]


def _catalog(operator: Operator, seen: OperatorSeen) -> Iterator[CheckFinding]:
    where = f"{operator.source_namespace}/{operator.source}"
    if CATALOG_SOURCES in seen.unknown:
        return
    if seen.catalog is None:
        message = f"CatalogSource {where} does not exist"
        yield check("catalog.absent").finding(operator.subject, MISSING, FAIL, message=message, path=operator.path)
        return
    state = connection_state(seen.catalog)
    evidence = (Evidence(f"CatalogSource {where}", "status.connectionState.lastObservedState", state or "none", READY),)
    if state != READY:
        message = f"CatalogSource {where} is {state or 'without a connection'}"
        yield check("catalog.not_ready").finding(operator.subject, CHANGED, FAIL, message=message, evidence=evidence, path=operator.path)
    else:
        yield check("catalog.not_ready").finding(operator.subject, IN_STEP, PASS, path=operator.path, remedy="", refuses=False)


def _package(operator: Operator, seen: OperatorSeen, package: Package | None, rendered: RenderedCatalog | None) -> Iterator[CheckFinding]:
    if MANIFESTS in seen.unknown:
        return
    if package is None:
        message = f"catalog {operator.source} has no package {operator.package}"
        if not operator.confirmed:
            message += " (the shipped catalogue has this name from no public source: look it up)"
        yield check("package").finding(operator.subject, MISSING, FAIL, message=message, path=operator.path)
        return
    if operator.channel not in package.channels:
        channels = ", ".join(sorted(package.channels)) or "none"
        message = f"package {operator.package} has no channel {operator.channel or '(none is given)'}; it has {channels}"
        told = (Evidence(f"PackageManifest {operator.package}", "status.channels", channels, operator.channel),)
        yield check("channel").finding(operator.subject, MISSING, FAIL, message=message, evidence=told, path=f"{operator.path}.channel")
        return
    if rendered is not None and seen.manifest is not None and is_stale(seen.manifest, rendered, operator.channel):
        message = f"the rendered catalog of {operator.source} is not the one that is served: channel {operator.channel} has another head"
        yield check("catalog.stale").finding(operator.subject, CHANGED, FAIL, message=message, path="operators.catalogs")


def shared_api_findings(owned: Iterable[tuple[Operator, Collection[str]]]) -> list[CheckFinding]:
    """Operators of the document that own the same CRDs: both would reconcile the same objects."""
    found = []
    first: dict[str, Operator] = {}
    for operator, names in owned:
        shared = [name for name in sorted(names) if first.setdefault(name, operator) is not operator]
        if shared:
            others = listed(sorted({first[name].name for name in shared}))
            message = f"it owns {listed(shared)}, as {others} does"
            found.append(check("shared_api").finding(operator.subject, NOT_EVALUATED, FAIL, message=message, path=operator.path))
    return found


# ---- the way to the pin ----------------------------------------------------------------------------------------------


def path_findings(operator: Operator, seen: OperatorSeen, package: Package) -> list[CheckFinding]:
    """Whether OLM comes to the pin from what is installed, and whether all that lies between was rehearsed."""
    if not operator.pin or operator.channel not in package.channels:
        return []
    answer = way_to(operator, package, seen.installed, operator.pin)
    if isinstance(answer, Unreachable):
        return [_unreachable(operator, seen, package, answer)]
    found = list(_rehearsed(operator, package))
    if isinstance(answer, Unknowable):
        made = check("path.unknown")
        return [
            *found,
            made.finding(operator.subject, NOT_EVALUATED, NOT_EVALUATED, message=answer.reason, remedy=answer.remedy, path=operator.path),
        ]
    open_hops = [csv for csv in answer.path if csv not in operator.approved]
    if open_hops and seen.installed is not None:
        message = f"OLM goes by {' → '.join(answer.path)}; not rehearsed: {listed(open_hops)}"
        found.append(check("hops").finding(operator.subject, CHANGED, FAIL, message=message, path=f"{operator.path}.upgrade.rehearsed"))
    return found


def _unreachable(operator: Operator, seen: OperatorSeen, package: Package, answer: Unreachable) -> CheckFinding:
    elsewhere = f"; channels with {operator.pin}: {', '.join(answer.channels)}" if answer.channels else ""
    if operator.channel not in answer.channels:
        entries = package.channels[operator.channel].entries
        names = listed([entry.name for entry in entries])
        message = f"{answer.reason}{elsewhere or '; no channel of the package has it'}; the channel has {names or 'no entry that is known'}"
        return check("pin").finding(operator.subject, MISSING, FAIL, message=message, path=f"{operator.path}.version")
    way = f"; from {name_of(seen.installed or {})} OLM goes {' → '.join(answer.path)}" if answer.path else ""
    message = f"{answer.reason}{way}{elsewhere}"
    evidence = (Evidence(f"channel {operator.channel}", "upgrade path", " → ".join(answer.path) or "none", operator.pin),)
    return check("path").finding(operator.subject, CHANGED, FAIL, message=message, evidence=evidence, path=f"{operator.path}.version")


def _rehearsed(operator: Operator, package: Package) -> Iterator[CheckFinding]:
    """A hop may lie behind already; what leads nowhere near the pin is a mistake."""
    wrong = [hop for hop in operator.rehearsed if isinstance(hops(package, operator.channel, hop, operator.pin), Unreachable)]
    if wrong:
        message = f"{listed(wrong)} {'is' if len(wrong) == 1 else 'are'} not on the way to {operator.pin}"
        yield check("rehearsed").finding(operator.subject, CHANGED, FAIL, message=message, path=f"{operator.path}.upgrade.rehearsed")


# ---- the group -------------------------------------------------------------------------------------------------------


def bundle_wanted(operator: Operator, seen: OperatorSeen, package: Package | None) -> Bundle | None:
    """What is known of the version that is wanted: its CSV where it is installed, else what the catalog tells; of a pin that the
    catalog tells nothing of, the head of the channel."""
    if seen.installed is not None and reached(operator, seen):
        return bundle_of(seen.installed)
    if package is None:
        return None
    head = package.head(operator.channel)
    pinned = package.bundles.get(operator.pin) or head
    return replace(pinned, modes=head.modes) if pinned is not None and pinned.modes is None and head is not None else pinned


def group_findings(operator: Operator, seen: OperatorSeen, package: Package | None) -> tuple[GroupSpec | None, list[CheckFinding]]:
    """The OperatorGroup that the operator needs, and what stands in its way."""
    if GROUPS in seen.unknown:
        return None, []
    bundle = bundle_wanted(operator, seen, package)
    if bundle is None:
        return None, []
    spec = group_of(bundle.modes, operator, _foreign(seen.groups))
    if isinstance(spec, Refusal):
        message = f"{bundle.name}: {spec.message}"
        path = f"{operator.path}.scope"
        return None, [check("group.modes").finding(operator.subject, CHANGED, FAIL, message=message, remedy=spec.remedy, path=path)]
    ours = len(seen.groups) == 1 and is_ours(seen.groups[0])
    return spec, judged_groups(seen.groups, spec, operator, ours)


def neighbour_findings(operator: Operator, seen: OperatorSeen) -> list[CheckFinding]:
    """Operators of others in the namespace that OLM updates by itself: beside one Subscription with manual approval it does so no more."""
    if operator.floating:
        return []
    others = [each for each in seen.subscriptions if each is not seen.subscription and not is_ours(each)]
    updated = [each for each in others if text_at(each, "spec.installPlanApproval") != "Manual"]
    if not updated:
        return []
    names = listed([id_of(each) for each in updated])
    message = f"{names} are updated by OLM itself; beside a pinned operator their plans wait for somebody to approve them"
    evidence = tuple(Evidence(f"Subscription {id_of(each)}", "spec.installPlanApproval", "Automatic", "Manual") for each in updated)
    return [check("group.neighbours").finding(operator.subject, CHANGED, FAIL, message=message, evidence=evidence, path=operator.path)]


def _foreign(groups: Sequence[ApiObject]) -> list[ApiObject]:
    return [group for group in groups if not is_ours(group)]


def shared_group_findings(specs: Iterable[tuple[Operator, GroupSpec]]) -> list[CheckFinding]:
    """Operators of one namespace whose groups would differ."""
    found = []
    first: dict[str, tuple[Operator, GroupSpec]] = {}
    for operator, spec in specs:
        other, known = first.setdefault(operator.namespace, (operator, spec))
        if known != spec:
            message = f"{operator.name} needs install mode {spec.mode} in namespace {operator.namespace}, {other.name} needs {known.mode}"
            found.append(check("group.shared").finding(operator.subject, CHANGED, FAIL, message=message, path=operator.path))
    return found
