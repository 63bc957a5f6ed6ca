# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The OperatorGroup that an operator needs, and what the groups of its namespace come to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from ...common.findings import CheckFinding, Evidence
from ...common.owned_fields import ApiObject
from ...common.write_findings import CHANGED, FAIL, IN_STEP, MISSING, NOT_APPLICABLE, PASS
from ...target.objects import at, id_of, name_of, texts_at
from .check_list import check
from .model import (
    ALL_NAMESPACES,
    INSTALL_MODES,
    MULTI_NAMESPACE,
    OWN_NAMESPACE,
    SINGLE_NAMESPACE,
    GroupSpec,
    Operator,
    Refusal,
)

EVERYWHERE: Final = ("",)
"""How the status of an OperatorGroup says all namespaces."""


def group_for(modes: Collection[str] | None, scope: str | tuple[str, ...], namespace: str, suggested: str = "") -> GroupSpec | Refusal:
    """The OperatorGroup for an operator with these install modes.

    `scope` is auto, own, all or namespaces. auto takes the only one of AllNamespaces and OwnNamespace that is supported, of both
    the suggestion (`own`; everything else means all namespaces).
    """
    if modes is None:
        return Refusal("its install modes are not known", "let the catalog serve the package, or give the rendered catalog")
    supported = " and ".join(mode for mode in INSTALL_MODES if mode in modes) or "none"
    if isinstance(scope, tuple):
        targets = tuple(sorted(set(scope)))
        if why := unsupported(modes, namespace, targets):
            return Refusal(f"{why}; it supports {supported}", "choose a scope that it supports")
        return GroupSpec(mode_of(namespace, targets), targets)
    own, everywhere = OWN_NAMESPACE in modes, ALL_NAMESPACES in modes
    if scope == "auto":
        scope = "own" if own and (suggested == "own" or not everywhere) else "all" if everywhere else ""
    if scope == "own" and own:
        return GroupSpec(OWN_NAMESPACE, (namespace,))
    if scope == "all" and everywhere:
        return GroupSpec(ALL_NAMESPACES)
    if scope:
        wanted = OWN_NAMESPACE if scope == "own" else ALL_NAMESPACES
        return Refusal(f"scope {scope} needs install mode {wanted}; it supports {supported}", "choose a scope that it supports")
    if SINGLE_NAMESPACE in modes or MULTI_NAMESPACE in modes:
        return Refusal(f"it supports {supported}: which namespaces it watches has to be said", "give scope as a list of namespaces")
    return Refusal(
        f"it supports no install mode that an OperatorGroup could come to ({supported})", "choose another version of the operator"
    )


def mode_of(namespace: str, targets: Collection[str]) -> str:
    """The install mode that target namespaces come to for an operator in `namespace`."""
    if tuple(targets) == EVERYWHERE:
        return ALL_NAMESPACES
    if len(targets) > 1:
        return MULTI_NAMESPACE
    return OWN_NAMESPACE if namespace in targets else SINGLE_NAMESPACE


def unsupported(modes: Collection[str], namespace: str, targets: Collection[str]) -> str:
    """Why an operator with these modes cannot run with these target namespaces; empty where it can.

    As OLM judges it (InstallModeSet.Supports): several namespaces need MultiNamespace, and OwnNamespace where its own is one of them.
    """
    if not targets:
        return "no namespace is targeted"
    needed = [mode_of(namespace, targets)]
    if needed == [MULTI_NAMESPACE] and namespace in targets:
        needed.append(OWN_NAMESPACE)
    lacking = [mode for mode in needed if mode not in modes]
    return f"the target namespaces need install mode {' and '.join(lacking)}" if lacking else ""


def targets_of(group: ApiObject) -> tuple[str, ...]:
    """The namespaces that an OperatorGroup targets, ('',) for all. Of a selector OLM's status tells what it selects."""
    named = texts_at(group, "spec.targetNamespaces")
    if named:
        return tuple(sorted(set(named)))
    if at(group, "spec.selector"):
        return tuple(sorted(set(texts_at(group, "status.namespaces"))))
    return EVERYWHERE


def wanted_targets(wanted: GroupSpec) -> tuple[str, ...]:
    """The namespaces that a wanted group targets, in the form of `targets_of`."""
    return EVERYWHERE if wanted.target_namespaces is None else wanted.target_namespaces


def in_words(targets: Collection[str]) -> str:
    """Target namespaces for people."""
    return "all namespaces" if tuple(targets) == EVERYWHERE else ", ".join(sorted(targets)) or "no namespace"


def group_of(modes: Collection[str] | None, operator: Operator, existing: Sequence[ApiObject]) -> GroupSpec | Refusal:
    """The OperatorGroup for an operator beside those that its namespace has: scope auto takes the only one where it can."""
    if operator.scope == "auto" and len(existing) == 1 and modes is not None:
        targets = targets_of(existing[0])
        if not unsupported(modes, operator.namespace, targets):
            return GroupSpec(mode_of(operator.namespace, targets), None if targets == EVERYWHERE else targets)
    return group_for(modes, operator.scope, operator.namespace, operator.suggested_scope)


def judged_groups(existing: Sequence[ApiObject], wanted: GroupSpec, operator: Operator, ours: bool = False) -> list[CheckFinding]:
    """What the groups of the namespace mean for the operator. `ours`: the only one is the collection's own and may be changed."""
    namespace = operator.namespace
    expected = in_words(wanted_targets(wanted))
    if not existing:
        message = f"namespace {namespace} has no OperatorGroup; one for {expected} is made"
        return [check("group.none").finding(operator.subject, MISSING, NOT_APPLICABLE, message=message, path=operator.path)]
    evidence = tuple(
        Evidence(f"OperatorGroup {id_of(group)}", "spec.targetNamespaces", in_words(targets_of(group)), expected) for group in existing
    )
    if len(existing) > 1:
        names = ", ".join(sorted(map(name_of, existing)))
        message = f"namespace {namespace} has {len(existing)} OperatorGroups ({names}); OLM installs nothing there and sets no condition"
        return [check("group.second").finding(operator.subject, CHANGED, FAIL, message=message, evidence=evidence, path=operator.path)]
    group = existing[0]
    if targets_of(group) == wanted_targets(wanted):
        message = f"OperatorGroup {id_of(group)} targets {expected}"
        return [
            check("group.wrong").finding(operator.subject, IN_STEP, PASS, message=message, path=operator.path, remedy="", refuses=False)
        ]
    if ours:
        return []
    targets = in_words(targets_of(group))
    message = f"OperatorGroup {id_of(group)} targets {targets}, the operator needs {expected}, and a second group is never made"
    return [check("group.wrong").finding(operator.subject, CHANGED, FAIL, message=message, evidence=evidence, path=operator.path)]
