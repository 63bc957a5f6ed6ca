# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GroupSyncs: what the document wants of the operator of that name, and how those on the cluster are getting on.

The operator does all the syncing; here it is told what, and judged by what comes of it. Some of what its CRD accepts it
refuses: a directory without CA, a schedule that is none (group-sync-operator, pkg/syncer).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...common.findings import CheckFinding
from ...common.owned_fields import ApiObject
from ...common.write_findings import MISSING
from ...target.model import ABSENT, READ
from ...target.objects import maps_at, moment, name_of, namespace_of, text_at
from ..desired.identity import EXTERNAL_OIDC, DirectoryWanted, GroupSyncWanted, Identity
from ..desired.model import PlatformDesired, SecretRef
from ..openshift_ai.apis import Api, api_version, brought_by, is_served
from ..parts import OPERANDS, Context, PartPlan, Wait, WantedObject
from ..prerequisites.secrets import secret_finding, secret_ref
from ..progress import BEHIND, READY, WAITING, Judges, Progress, condition, is_behind, seen_of
from ..snapshot import Named, PlatformSnapshot
from ..verdicts import failed, passed, seen, unknown
from .directories import LDAP, troubles_with
from .group_checks import (
    LAYER,
    PART,
    SETTINGS,
    SYNC_CA,
    SYNC_CRD,
    SYNC_EXTERNAL,
    SYNC_FOREIGN_SECRET,
    SYNC_FRESH,
    SYNC_PRUNE,
    SYNC_SECRET,
    SYNC_SETTINGS,
    SYNC_WORKS,
)
from .schedules import longest_gap_minutes, trouble_with_schedule
from .times import LATE, UNKNOWN_AGE, age_against

API: Final = Api("redhatcop.redhat.io", "GroupSync", "groupsyncs", ("v1alpha1",), ("group-sync-operator",))
SYNCS: Final = API.resource
MINUTES: Final = 10.0
SECRET_KEYS: Final = ("username", "password")
CA_KEY: Final = "ca.crt"
MASTER: Final = "master"
PAGE: Final = 500
_PATH: Final = "identity.group_syncs"
_LONGEST_LABEL: Final = 63
_FILTER_ESCAPES: Final = {"\\": "\\5c", "*": "\\2a", "(": "\\28", ")": "\\29", "\x00": "\\00"}
_ERROR, _SUCCESS = "ReconcileError", "ReconcileSuccess"


def plan_group_syncs(wanted: Identity, context: Context, now: str = "") -> PartPlan:
    """GroupSyncs of the document as objects, what is waited for, and findings on them and on those that are there.

    `now` is the present of the run, RFC 3339; without it nothing is called stale but what was so when the day began.
    """
    findings = [*_settings_of_directories(wanted), *_foreign_secrets(context.snapshot)]
    if wanted.mode == EXTERNAL_OIDC:
        findings += [_external(sync) for sync in wanted.group_syncs]
        return PartPlan(findings=tuple(findings))
    directories = {directory.name: directory for directory in wanted.directories}
    moment_now = now or f"{context.today}T00:00:00Z"
    objects: list[WantedObject] = []
    waits: list[Wait] = []
    for sync in {each.name: each for each in wanted.group_syncs}.values():
        directory = directories.get(sync.directory)
        findings += sync_findings(sync, directory, context, moment_now, is_day=not now)
        if directory is not None:
            item = WantedObject(
                group_sync(sync, directory, context.snapshot),
                PART,
                LAYER,
                _path(sync),
                OPERANDS,
                awaits=brought_by(API, context.desired, context.catalogue),
            )
            ref = ref_of(sync, context.snapshot)
            objects.append(item)
            waits.append(Wait(ref.text, PART, LAYER, ref, MINUTES, "its first sync succeeds"))
    if wanted.group_syncs:
        findings.append(_crd(context))
    return PartPlan(tuple(objects), tuple(waits), findings=tuple(findings))


def ref_of(sync: GroupSyncWanted, snapshot: PlatformSnapshot) -> Named:
    """The object of a GroupSync."""
    return Named(api_version(API, snapshot), API.kind, sync.namespace, sync.name)


def provider_label(sync: GroupSyncWanted) -> str:
    """What the operator labels the groups with that it makes: the provider is named as its directory."""
    return f"{sync.name}_{sync.directory}"


def named_refs(wanted: Identity | None) -> tuple[Named, ...]:
    """Secrets and ConfigMaps that GroupSyncs name, to be read by name: of Secrets only their keys."""
    if wanted is None or wanted.mode == EXTERNAL_OIDC:
        return ()
    return tuple(sorted({ref for sync in wanted.group_syncs for ref in (secret_ref(_secret(sync)), *_ca_refs(sync))}))


def brings_group_sync(desired: PlatformDesired, context: Context) -> bool:
    """Whether GroupSyncs are served, or come with an operator of the document."""
    return is_served(API, context.snapshot) or bool(brought_by(API, desired, context.catalogue))


def _secret(sync: GroupSyncWanted) -> SecretRef:
    return SecretRef(namespace=sync.namespace, name=sync.credentials_secret)


def _ca_refs(sync: GroupSyncWanted) -> tuple[Named, ...]:
    return (Named("v1", "ConfigMap", sync.namespace, sync.ca),) if sync.ca else ()


def _path(sync: GroupSyncWanted) -> str:
    return f"{_PATH}[{sync.name}]"


# ---- the object ------------------------------------------------------------------------------------------------------------


def group_sync(sync: GroupSyncWanted, directory: DirectoryWanted, snapshot: PlatformSnapshot) -> ApiObject:
    """The GroupSync. What the server or the operator would fill in is written out, or it would look like somebody's change."""
    body = _ldap(sync, directory) if directory.kind == LDAP else _keycloak(sync, directory)
    common: dict[str, Any] = {
        "url": directory.url,
        "insecure": False,
        "prune": sync.prune,
        "credentialsSecret": {"kind": "Secret", "name": sync.credentials_secret, "namespace": sync.namespace},
    }
    if sync.ca:
        common["ca"] = {"kind": "ConfigMap", "name": sync.ca, "namespace": sync.namespace, "key": CA_KEY}
    return {
        "apiVersion": api_version(API, snapshot),
        "kind": API.kind,
        "metadata": {"name": sync.name, "namespace": sync.namespace},
        "spec": {
            "schedule": sync.schedule,
            "excludeInvalidGroupNames": True,
            "providers": [{"name": sync.directory, directory.kind: {**common, **body}}],
        },
    }


def _ldap(sync: GroupSyncWanted, directory: DirectoryWanted) -> dict[str, Any]:
    """Groups are chosen by the filter of their search.

    The operator's `whitelist` takes DNs, and a DN that is gone lets the whole sync fail, so that nothing would be pruned.
    """
    return {
        "rfc2307": {
            "groupMembershipAttributes": [directory.group_members],
            "groupNameAttributes": [directory.group_name],
            "groupUIDAttribute": "dn",
            "groupsQuery": _query(directory.groups_base, filter_of(directory, sync.groups)),
            "tolerateMemberNotFoundErrors": True,
            "tolerateMemberOutOfScopeErrors": True,
            "userNameAttributes": [directory.user_name],
            "userUIDAttribute": "dn",
            "usersQuery": _query(directory.users_base),
        }
    }


def _query(base: str, search_filter: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {"baseDN": base, "derefAliases": "never", "scope": "sub"}
    return {**found, "filter": search_filter, "pageSize": PAGE} if search_filter else found


def filter_of(directory: DirectoryWanted, names: tuple[str, ...] = ()) -> str:
    """The filter of the groups; with names that of these groups alone (RFC 4515)."""
    base = directory.groups_filter
    if not names:
        return base
    either = "".join(f"({directory.group_name}={_escaped(name)})" for name in sorted(set(names)))
    return f"(&{base}(|{either}))"


def _escaped(text: str) -> str:
    return "".join(_FILTER_ESCAPES.get(letter, letter) for letter in text)


def _keycloak(sync: GroupSyncWanted, directory: DirectoryWanted) -> dict[str, Any]:
    """Groups of the top level with their own members, as tokens have them: with `sub` members of subgroups would join them."""
    body: dict[str, Any] = {"realm": directory.realm, "loginRealm": directory.login_realm or MASTER, "scope": "one"}
    return {**body, "groups": sorted(set(sync.groups))} if sync.groups else body


# ---- findings --------------------------------------------------------------------------------------------------------------


def sync_findings(
    sync: GroupSyncWanted, directory: DirectoryWanted | None, context: Context, now: str, *, is_day: bool = False
) -> list[CheckFinding]:
    """What is wrong with a GroupSync of the document, and with what is there of it."""
    snapshot = context.snapshot
    subject = f"GroupSync {sync.namespace}/{sync.name}"
    found = [
        _settings(sync, directory, subject),
        _prune(sync, subject),
        secret_finding(SYNC_SECRET, snapshot, _secret(sync), SECRET_KEYS, _path(sync)),
    ]
    found += [_ca(ref, snapshot, _path(sync)) for ref in _ca_refs(sync)]
    if not snapshot.known(SYNCS):
        reason = snapshot.why_not(SYNCS)
        return [*found, unknown(SYNC_WORKS, subject, reason, _path(sync)), unknown(SYNC_FRESH, subject, reason, _path(sync))]
    live = snapshot.get(SYNCS, sync.namespace, sync.name)
    if live is not None:
        found += [_works(live, subject, _path(sync)), _fresh(live, sync, subject, now, is_day=is_day)]
    return found


def _settings(sync: GroupSyncWanted, directory: DirectoryWanted | None, subject: str) -> CheckFinding:
    troubles = [trouble] if (trouble := trouble_with_schedule(sync.schedule)) else []
    if directory is None:
        troubles.append(f"there is no directory {sync.directory} in identity.directories")
    elif directory.kind == LDAP and not sync.ca:
        troubles.append("ca is not given: the operator syncs from no LDAP server without the CA that signed its certificate")
    if len(provider_label(sync)) > _LONGEST_LABEL:
        troubles.append(f"{provider_label(sync)} is longer than the {_LONGEST_LABEL} characters of a label: groups could not be made")
    if directory is not None and directory.kind == LDAP and any("=" in name for name in sync.groups):
        troubles.append("groups are named by their names, not by DNs")
    if troubles:
        return failed(SYNC_SETTINGS, subject, "; ".join(troubles), _path(sync))
    return passed(SYNC_SETTINGS, subject, _path(sync))


def _settings_of_directories(wanted: Identity) -> list[CheckFinding]:
    found = []
    for directory in {each.name: each for each in wanted.directories}.values():
        subject, path = f"directory {directory.name}", f"identity.directories[{directory.name}]"
        troubles = troubles_with(directory)
        found.append(failed(SETTINGS, subject, "; ".join(troubles), path) if troubles else passed(SETTINGS, subject, path))
    return found


def _prune(sync: GroupSyncWanted, subject: str) -> CheckFinding:
    if sync.prune:
        return passed(SYNC_PRUNE, subject, f"{_path(sync)}.prune")
    message = "prune is off: of a group that is gone from the directory the members keep access"
    return failed(SYNC_PRUNE, subject, message, f"{_path(sync)}.prune")


def _external(sync: GroupSyncWanted) -> CheckFinding:
    message = "with mode oidc the cluster has no Groups that could be synced: tokens of the issuer bring them"
    return failed(SYNC_EXTERNAL, f"GroupSync {sync.namespace}/{sync.name}", message, _path(sync))


def _crd(context: Context) -> CheckFinding:
    subject = f"kind {API.kind}"
    if brings_group_sync(context.desired, context):
        return passed(SYNC_CRD, subject, _PATH)
    message = f"the cluster does not serve {SYNCS}, and no operator of the document brings it"
    return failed(SYNC_CRD, subject, message, _PATH, MISSING)


def _ca(ref: Named, snapshot: PlatformSnapshot, path: str) -> CheckFinding:
    read = snapshot.named(ref)
    if read.state == ABSENT:
        return failed(SYNC_CA, ref.text, f"there is no {ref.text}", path, MISSING)
    if read.state != READ:
        return unknown(SYNC_CA, ref.text, read.reason, path)
    if CA_KEY in read.keys:
        return passed(SYNC_CA, ref.text, path)
    evidence = seen(ref.text, "data", ", ".join(sorted(read.keys)) or "no keys", CA_KEY)
    return failed(SYNC_CA, ref.text, f"{ref.text} lacks {CA_KEY}", path, evidence=evidence)


def _foreign_secrets(snapshot: PlatformSnapshot) -> list[CheckFinding]:
    """GroupSyncs on the cluster, whoever made them, that take a Secret from another namespace."""
    found = []
    for item in snapshot.all(SYNCS):
        for provider in maps_at(item, "spec.providers"):
            for body in (value for value in provider.values() if isinstance(value, dict)):
                namespace = text_at(body, "credentialsSecret.namespace")
                if namespace and namespace != namespace_of(item):
                    subject = f"GroupSync {namespace_of(item)}/{name_of(item)}"
                    where = f"spec.providers[{text_at(provider, 'name')}].credentialsSecret.namespace"
                    evidence = seen(subject, where, namespace, namespace_of(item))
                    message = f"it takes the Secret of provider {text_at(provider, 'name')} from namespace {namespace}"
                    found.append(failed(SYNC_FOREIGN_SECRET, f"{subject} provider {text_at(provider, 'name')}", message, evidence=evidence))
    return found


# ---- how the last sync went ------------------------------------------------------------------------------------------------


def error_of(item: ApiObject) -> Mapping[str, object] | None:
    """The condition that says that the last sync failed; None where it did not, or a later one succeeded.

    The operator keeps the condition of its last error beside that of its last success: the later one holds.
    """
    error, success = condition(item, _ERROR), condition(item, _SUCCESS)
    if error is None or error.get("status") != "True":
        return None
    if success is not None and success.get("status") == "True":
        failed_at, succeeded_at = moment(error.get("lastTransitionTime")), moment(success.get("lastTransitionTime"))
        if failed_at and succeeded_at > failed_at:
            return None
    return error


def group_sync_ready(item: ApiObject, _others: PlatformSnapshot) -> Progress:
    """A GroupSync is ready once a sync of its present form succeeded. An error may pass: it is waited for, and shown."""
    if error := error_of(item):
        return seen_of(error, WAITING)
    success = condition(item, _SUCCESS)
    if success is None:
        return Progress(WAITING, "NoSync", "it has not synced yet", field=f"status.conditions[{_SUCCESS}]")
    if is_behind(item, success):
        return BEHIND
    return seen_of(success, READY if success.get("status") == "True" else WAITING)


JUDGES: Final[Judges] = {(API.group, API.kind): group_sync_ready}
"""For the table of readiness."""


def _works(live: ApiObject, subject: str, path: str) -> CheckFinding:
    error = error_of(live)
    if error is None:
        if condition(live, _SUCCESS) is None:
            return unknown(SYNC_WORKS, subject, "it has not synced yet", path, "wait for its first sync")
        return passed(SYNC_WORKS, subject, path)
    words = str(error.get("message") or error.get("reason") or "")
    evidence = seen(subject, f"status.conditions[{_ERROR}]", str(error.get("reason") or "True"), f"{_SUCCESS} after it")
    return failed(SYNC_WORKS, subject, f"the last sync failed: {words}", path, evidence=evidence)


def _fresh(live: ApiObject, sync: GroupSyncWanted, subject: str, now: str, *, is_day: bool) -> CheckFinding:
    path = f"{_path(sync)}.schedule"
    schedule = text_at(live, "spec.schedule")
    synced = moment(text_at(live, "status.lastSyncSuccessTime"))
    if not synced:
        return unknown(SYNC_FRESH, subject, "no sync has succeeded yet", path, "see what the operator says")
    if not schedule:
        return failed(SYNC_FRESH, subject, "it has no schedule: it syncs only when it is changed or the operator starts", path)
    age = age_against(synced, longest_gap_minutes(schedule), now, is_day=is_day)
    if age.state == UNKNOWN_AGE:
        return unknown(SYNC_FRESH, subject, age.words, path, "see status.lastSyncSuccessTime of the GroupSync")
    if age.state == LATE:
        evidence = seen(subject, "status.lastSyncSuccessTime", synced, f"within two intervals of {schedule}")
        return failed(SYNC_FRESH, subject, age.words, path, evidence=evidence)
    return passed(SYNC_FRESH, subject, path)
