# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a ClusterServiceVersion and the pods of its deployments say about an install that does not come on.

Reasons are those of OLM's state machine for CSVs (pkg/controller/operators/olm/operator.go, v0.38.0).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ...common.findings import Evidence
from ...common.owned_fields import ApiObject
from ...target.objects import at, id_of, maps_at, name_of, text_at
from .causes import AT_ONCE, PULL_REASONS, SETTLE_SECONDS, Cause, cause, said, sign
from .csvs import is_copied, modes_of
from .groups import targets_of, unsupported
from .model import Operator, OperatorSeen

_GROUP_REASONS: Final[Mapping[str, str]] = {"NoOperatorGroup": "group.none", "TooManyOperatorGroups": "group.second"}
_CONFLICTS: Final = ("OwnerConflict", "InterOperatorGroupOwnerConflict", "CannotModifyStaticOperatorGroupProvidedAPIs")
_HOPELESS: Final = (
    "InvalidInstallModes",
    "NoTargetNamespaces",
    "InvalidInstallStrategy",
    "InvalidWebhookDescription",
    "InstallComponentFailedNoRetry",
)
_INSTALL: Final = ("InstallCheckFailed", "ComponentUnhealthy", "NeedsReinstall", "InstallWaiting")
_REQUIREMENTS: Final = "RequirementsNotMet"
_MET: Final = ("Present", "Satisfied", "Created")
_APIS: Final = ("CustomResourceDefinition", "APIService")
"""Requirements that only another operator or a person brings; accounts and permissions OLM makes itself."""

_HELD_UP: Final = (*PULL_REASONS, "CrashLoopBackOff", "CreateContainerConfigError", "CreateContainerError", "RunContainerError")


def csv_causes(operator: Operator, seen: OperatorSeen) -> Iterator[Cause]:
    """What the CSV shows. A copied CSV says nothing."""
    csv = seen.csv
    if csv is None or is_copied(csv):
        return
    phase, reason, message = (text_at(csv, f"status.{key}") for key in ("phase", "reason", "message"))
    told = sign(csv, "status", said(phase, reason), "Succeeded")
    words = said(reason, message)
    if phase == "Failed" and reason in _GROUP_REASONS:
        settled = len(seen.groups) == 1
        yield cause(_GROUP_REASONS[reason], operator, words, told, SETTLE_SECONDS if settled else AT_ONCE, not settled)
    elif phase == "Failed" and reason == "UnsupportedOperatorGroup":
        yield _unsupported_group(operator, seen, csv, words, told)
    elif reason == _REQUIREMENTS and phase in ("Pending", "Failed"):
        yield _requirements(operator, csv, words, told)
    elif phase == "Failed" and reason in _CONFLICTS:
        yield cause("csv.conflict", operator, words, told, AT_ONCE, True)
    elif phase in ("Failed", "Pending", "Installing", "InstallReady") and (reason in _INSTALL or phase == "Installing"):
        yield from _install(operator, seen, phase, words, told)
    elif phase == "Pending" and reason == "OperatorConditionNotUpgradeable":
        yield cause("csv.not_upgradeable", operator, words, told, SETTLE_SECONDS, False)
    elif phase == "Failed":
        yield cause("csv.failed", operator, words, told, AT_ONCE if reason in _HOPELESS else SETTLE_SECONDS, True)


def _unsupported_group(operator: Operator, seen: OperatorSeen, csv: ApiObject, words: str, told: tuple[Evidence, ...]) -> Cause:
    """Where the only group has been changed to one that the CSV supports, OLM has yet to see it."""
    fits = len(seen.groups) == 1 and not unsupported(
        modes_of(at(csv, "spec.installModes")) or (), operator.namespace, targets_of(seen.groups[0])
    )
    return cause("csv.unsupported_group", operator, words, told, SETTLE_SECONDS if fits else AT_ONCE, not fits)


def _requirements(operator: Operator, csv: ApiObject, words: str, told: tuple[Evidence, ...]) -> Cause:
    """Names each requirement that is not met, and what it depends on."""
    lacking: list[tuple[str, str, str]] = []
    for each in maps_at(csv, "status.requirementStatus"):
        if text_at(each, "status") not in _MET:
            lacking.append((text_at(each, "kind"), text_at(each, "name"), said(text_at(each, "status"), text_at(each, "message"))))
            lacking += [
                (
                    f"{text_at(each, 'kind')} {text_at(each, 'name')}, {text_at(need, 'kind')}",
                    "",
                    said(text_at(need, "status"), text_at(need, "message")),
                )
                for need in maps_at(each, "dependents")
                if text_at(need, "status") not in _MET
            ]
    named = "; ".join(f"{kind} {name}: {state}" if name else f"{kind}: {state}" for kind, name, state in lacking)
    terminal = any(kind in _APIS for kind, _name, _state in lacking)
    evidence = tuple(
        Evidence(f"ClusterServiceVersion {id_of(csv)}", f"status.requirementStatus[{kind} {name}]", state, "Present")
        for kind, name, state in lacking
    )
    return cause("csv.requirements", operator, f"{words} ({named})" if named else words, (*told, *evidence), SETTLE_SECONDS, terminal)


def _install(operator: Operator, seen: OperatorSeen, phase: str, words: str, told: tuple[Evidence, ...]) -> Iterator[Cause]:
    """Deployments do not come up: the containers that cannot start tell why, long before OLM's own timeout."""
    held = [entry for pod in seen.pods for entry in _held_up(pod)]
    if not held and phase in ("Installing", "InstallReady"):
        return
    named = "; ".join(f"pod {pod}, container {container}: {said(reason, message)}" for pod, container, reason, message in held)
    evidence = tuple(
        Evidence(f"Pod {operator.namespace}/{pod}", f"status.containerStatuses[{name}].state.waiting", reason, "running")
        for pod, name, reason, _message in held
    )
    hopeless = any(reason in PULL_REASONS for _pod, _container, reason, _message in held)
    yield cause("csv.install", operator, f"{words} ({named})" if named else words, (*told, *evidence), SETTLE_SECONDS, hopeless)


def _held_up(pod: ApiObject) -> Iterator[tuple[str, str, str, str]]:
    for path in ("status.initContainerStatuses", "status.containerStatuses"):
        for status in maps_at(pod, path):
            reason = text_at(status, "state.waiting.reason")
            if reason in _HELD_UP:
                yield name_of(pod), text_at(status, "name"), reason, text_at(status, "state.waiting.message")
