# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of an operator in platform.jsonl."""

from __future__ import annotations

from collections.abc import Iterable

from ...common.artifact import JsonRecord
from ...common.findings import CheckFinding
from ...common.write_findings import FAIL, listed
from ...common.write_findings import NOT_EVALUATED as RESULT_NOT_EVALUATED
from ...target.objects import at, name_of, text_at
from ..model import BROKEN, MISSING, NOT_EVALUATED, READY, REFUSE, REMOVE, WAITING
from .brownfield import Stance
from .check_list import PART
from .csvs import max_openshift, modes_of, owned_names
from .decide import Next
from .groups import mode_of, targets_of
from .minor import blocks
from .model import CSVS, DONE, GROUPS, INSTALL_MODES, STUCK, SUBSCRIPTIONS, Hops, Operator, OperatorSeen, Package
from .rehearse import way_to


def operator_record(
    operator: Operator,
    seen: OperatorSeen,
    stance: Stance,
    package: Package | None,
    following: Next | None,
    findings: Iterable[CheckFinding],
    next_minor: str,
) -> JsonRecord:
    """The record of one operator; what is not known is left out."""
    record: JsonRecord = {"kind": "operator", "id": operator.name, "name": operator.name, "part": PART}
    record |= {"package": operator.package, "namespace": operator.namespace, "source": operator.source, "channel": operator.channel}
    record |= {"pinned_csv": operator.pin, "managed_by": stance.managed_by, "stance": stance.stance}
    if SUBSCRIPTIONS not in seen.unknown and CSVS not in seen.unknown:
        record |= _installed(seen, next_minor)
    if GROUPS not in seen.unknown:
        record |= _group(operator, seen)
    modes = _modes(operator, seen, package)
    if modes is not None:
        record["install_modes"] = [mode for mode in INSTALL_MODES if mode in modes]
    crds = owned_names(seen.csv) if seen.csv else _described(operator, package)
    if crds is not None:
        record["crds"] = list(crds)
    way = way_to(operator, package, seen.installed, operator.pin) if operator.pin and not operator.absent else Hops()
    if isinstance(way, Hops) and way.exact:
        record["hops"] = list(way.path)
    record["state"] = _state(operator, seen, stance, following, list(findings))
    return record


def _installed(seen: OperatorSeen, next_minor: str) -> JsonRecord:
    csv = seen.csv
    record: JsonRecord = {
        "installed_csv": text_at(seen.subscription, "status.installedCSV") or (name_of(seen.package_csvs[0]) if _orphaned(seen) else ""),
        "current_csv": text_at(seen.subscription, "status.currentCSV"),
        "phase": text_at(csv, "status.phase") if csv else "",
    }
    if seen.installed is not None:
        allowed = max_openshift(seen.installed)
        blocked = blocks(allowed, next_minor)
        record["max_openshift_version"] = allowed
        record |= {} if blocked is None else {"blocks_minor": blocked}
    return record


def _orphaned(seen: OperatorSeen) -> bool:
    return seen.subscription is None and bool(seen.package_csvs)


def _group(operator: Operator, seen: OperatorSeen) -> JsonRecord:
    """Of several groups none is the operator's."""
    if len(seen.groups) != 1:
        return {"group": listed(sorted(map(name_of, seen.groups))), "install_mode_used": ""}
    return {"group": name_of(seen.groups[0]), "install_mode_used": mode_of(operator.namespace, targets_of(seen.groups[0]))}


def _modes(operator: Operator, seen: OperatorSeen, package: Package | None) -> frozenset[str] | None:
    if seen.csv is not None:
        return modes_of(at(seen.csv, "spec.installModes"))
    bundle = (package.bundles.get(operator.pin) or package.head(operator.channel)) if package else None
    return bundle.modes if bundle else None


def _described(operator: Operator, package: Package | None) -> tuple[str, ...] | None:
    bundle = (package.bundles.get(operator.pin) or package.head(operator.channel)) if package else None
    if bundle is None:
        return operator.crds or None
    return tuple(sorted({crd.name for crd in bundle.owned}))


def _state(operator: Operator, seen: OperatorSeen, stance: Stance, following: Next | None, findings: list[CheckFinding]) -> str:
    """State of the operator as a layer has one."""
    if stance.stance == REMOVE:
        return READY if not any(each.failed for each in findings) else WAITING
    if SUBSCRIPTIONS in seen.unknown or CSVS in seen.unknown:
        return NOT_EVALUATED
    if stance.stance == REFUSE or (following is not None and following.state == STUCK):
        return BROKEN
    if following is not None and following.state != DONE:
        return WAITING
    results = {each.result for each in findings if each.failed and each.check.rpartition(".")[2] in ("installed", "crds", "deployments")}
    if _nothing_there(seen):
        return MISSING
    return BROKEN if FAIL in results else NOT_EVALUATED if RESULT_NOT_EVALUATED in results else READY


def _nothing_there(seen: OperatorSeen) -> bool:
    return seen.subscription is None and not (seen.elsewhere or seen.package_csvs or seen.extensions)
