# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The DSCInitialization, the namespace of the applications, and who may use them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from ...common.findings import CheckFinding
from ...common.write_findings import FIELDS, MISSING, OWN, SINGLETON, STAGE_LABEL, listed
from ...target.objects import labels_of, name_of, text_at
from ...target.quantities import whole
from ..checks import Check
from ..desired.model import MANAGED, AiAuth, AiMonitoring, OpenShiftAi
from ..parts import NAMESPACES, OPERANDS, Context, PartPlan, Wait, WantedObject
from ..snapshot import Named, PlatformSnapshot
from ..verdicts import failed, not_asked, passed, seen, unknown
from .apis import AUTH, DSCI, api_version
from .check_list import (
    AI_PLATFORM,
    AUTH_EXISTS,
    AUTH_GROUPS,
    DSCI_MONITORING_NAMESPACE,
    DSCI_NAMESPACE,
    DSCI_SINGLE,
    DSCI_STORAGE,
    PART,
)
from .objects import metadata_of_name, wanted_object

DEFAULT_NAME: Final = "default-dsci"
OPERATORS_OWN: Final = ("redhat-ods-applications", "opendatahub")
"""Namespaces of the applications that the operator makes itself: others have to be there, with a label, before it starts."""

APPLICATIONS_LABEL: Final = "opendatahub.io/application-namespace"
GROUPS: Final = "groups.user.openshift.io"
EVERYBODY: Final = "system:authenticated"
MINUTES: Final = 15.0
_NAMESPACE: Final = "namespaces"
_PATH: Final = "openshift_ai"


def plan_dsci(wanted: OpenShiftAi, context: Context) -> PartPlan:
    """The DSCInitialization with its namespace, and the Auth."""
    findings = [*_singleton(context.snapshot), *_immutable(wanted, context.snapshot), *_storage(wanted.monitoring)]
    objects = [*_namespace(wanted, context), _dsci(wanted, context)]
    if wanted.auth is not None:
        findings += _auth_findings(wanted.auth, context.snapshot)
        objects.append(_auth(wanted.auth, context))
    ref = Named(api_version(DSCI, context.snapshot), DSCI.kind, "", live_name(context.snapshot))
    return PartPlan(tuple(objects), (Wait(ref.text, PART, AI_PLATFORM, ref, MINUTES),), findings=tuple(findings))


def live_name(snapshot: PlatformSnapshot) -> str:
    """Name of the DSCInitialization that is there, so that no second one is made; else the usual name."""
    found = snapshot.all(DSCI.resource)
    return name_of(found[0]) if found else DEFAULT_NAME


# ---- findings ------------------------------------------------------------------------------------------------------------


def _singleton(snapshot: PlatformSnapshot) -> list[CheckFinding]:
    return [single_finding(DSCI_SINGLE, DSCI.kind, DSCI.resource, snapshot)]


def single_finding(check: Check, kind: str, resource: str, snapshot: PlatformSnapshot) -> CheckFinding:
    """Whether there is one object of a kind at most."""
    if not snapshot.known(resource):
        # Another one may be there: what is written under the usual name would be a second one.
        return replace(unknown(check, kind, snapshot.why_not(resource), _PATH), refuses=True)
    names = sorted(name_of(item) for item in snapshot.all(resource))
    if len(names) <= 1:
        return passed(check, kind, _PATH)
    evidence = seen(kind, "metadata.name", ", ".join(names), "one")
    return failed(check, kind, f"there are several: {listed(names)}; which one counts nobody can tell", _PATH, evidence=evidence)


def _immutable(wanted: OpenShiftAi, snapshot: PlatformSnapshot) -> list[CheckFinding]:
    rules = [(DSCI_NAMESPACE, "spec.applicationsNamespace", wanted.applications_namespace, f"{_PATH}.applications_namespace")]
    if wanted.monitoring and wanted.monitoring.state == MANAGED:
        place = f"{_PATH}.monitoring.namespace"
        rules.append((DSCI_MONITORING_NAMESPACE, "spec.monitoring.namespace", wanted.monitoring.namespace, place))
    found = []
    for check, field, value, path in rules:
        for item in snapshot.all(DSCI.resource):
            subject, there = f"{DSCI.kind} {name_of(item)}", text_at(item, field)
            if there and there != value:
                message = f"it is {there} and cannot become {value}"
                found.append(failed(check, subject, message, path, evidence=seen(subject, field, there, value)))
            else:
                found.append(passed(check, subject, path))
    return found


def _storage(monitoring: AiMonitoring | None) -> list[CheckFinding]:
    path, subject = f"{_PATH}.monitoring.storage", "monitoring"
    if monitoring is None:
        return [not_asked(DSCI_STORAGE, subject)]
    size = whole(monitoring.storage) if monitoring.storage else None
    if monitoring.retention and not monitoring.storage:
        return [failed(DSCI_STORAGE, subject, "a retention is given and no storage: nothing would be retained", path)]
    if monitoring.storage and (size is None or size <= 0):
        return [failed(DSCI_STORAGE, subject, f"{monitoring.storage!r} is no size of a volume", path)]
    return [passed(DSCI_STORAGE, subject, path)]


# ---- objects -------------------------------------------------------------------------------------------------------------


def _namespace(wanted: OpenShiftAi, context: Context) -> list[WantedObject]:
    """A namespace of one's own has to be there with its label; one that somebody else made only gets the label."""
    name = wanted.applications_namespace
    if name in OPERATORS_OWN:
        return []
    live = context.snapshot.get(_NAMESPACE, "", name)
    claim = OWN if live is None or labels_of(live).get(STAGE_LABEL) else FIELDS
    item = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata_of_name(name, labels={APPLICATIONS_LABEL: "true"})}
    return [WantedObject(item, PART, AI_PLATFORM, f"{_PATH}.applications_namespace", NAMESPACES, claim, keep=True)]


def _dsci(wanted: OpenShiftAi, context: Context) -> WantedObject:
    spec: dict[str, Any] = {"applicationsNamespace": wanted.applications_namespace}
    if wanted.monitoring is not None:
        spec["monitoring"] = _monitoring(wanted.monitoring)
    if wanted.trusted_ca is not None:
        spec["trustedCABundle"] = {"managementState": wanted.trusted_ca.state}
    metadata = metadata_of_name(live_name(context.snapshot))
    return wanted_object(context, DSCI, metadata, {"spec": spec}, layer=AI_PLATFORM, path=_PATH, rank=OPERANDS, claim=SINGLETON)


def _monitoring(monitoring: AiMonitoring) -> dict[str, Any]:
    """The monitoring section: alerting only with storage, which the CRD demands."""
    if monitoring.state != MANAGED:
        return {"managementState": monitoring.state}
    spec: dict[str, Any] = {"managementState": MANAGED, "namespace": monitoring.namespace}
    if monitoring.storage:
        storage = {"size": monitoring.storage, **({"retention": monitoring.retention} if monitoring.retention else {})}
        spec.update(metrics={"storage": storage}, alerting={})
    return spec


# ---- who may use it --------------------------------------------------------------------------------------------------------


def _auth(auth: AiAuth, context: Context) -> WantedObject:
    spec = {"adminGroups": list(auth.admin_groups), "allowedGroups": list(auth.allowed_groups)}
    path = f"{_PATH}.auth"
    return wanted_object(context, AUTH, {"name": "auth"}, {"spec": spec}, layer=AI_PLATFORM, path=path, rank=OPERANDS + 2, claim=SINGLETON)


def _auth_findings(auth: AiAuth, snapshot: PlatformSnapshot) -> list[CheckFinding]:
    return [_rules_of_groups(auth), *_existing_groups(auth, snapshot)]


def _rules_of_groups(auth: AiAuth) -> CheckFinding:
    path, subject = f"{_PATH}.auth.admin_groups", "Auth auth"
    if not auth.admin_groups:
        return failed(AUTH_GROUPS, subject, "there is no administrators' group", path)
    if EVERYBODY in auth.admin_groups:
        return failed(AUTH_GROUPS, subject, f"{EVERYBODY} would make everybody an administrator", path)
    if not all(group.strip() for group in (*auth.admin_groups, *auth.allowed_groups)):
        return failed(AUTH_GROUPS, subject, "a group has no name", f"{_PATH}.auth")
    return passed(AUTH_GROUPS, subject, path)


def _existing_groups(auth: AiAuth, snapshot: PlatformSnapshot) -> list[CheckFinding]:
    """Groups of the system itself, such as system:authenticated, are no objects."""
    named = [
        group for group in dict.fromkeys((*auth.admin_groups, *auth.allowed_groups)) if group.strip() and not group.startswith("system:")
    ]
    there = {name_of(item) for item in snapshot.all(GROUPS)}
    reason = "" if snapshot.known(GROUPS) else snapshot.why_not(GROUPS)
    has_groups = bool(snapshot.scope("user.openshift.io", "Group"))
    found = []
    for group in named:
        path = f"{_PATH}.auth.{'admin_groups' if group in auth.admin_groups else 'allowed_groups'}"
        subject = f"group {group}"
        if reason:
            found.append(unknown(AUTH_EXISTS, subject, reason, path))
        elif not has_groups:
            found.append(not_asked(AUTH_EXISTS, subject, "the cluster has no groups of its own: they come with the tokens of its users"))
        elif group in there:
            found.append(passed(AUTH_EXISTS, subject, path))
        else:
            found.append(failed(AUTH_EXISTS, subject, f"there is no group {group}", path, MISSING))
    return found
