# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins: what is merged into OAuth/cluster or Authentication/cluster, and what has to hold before that is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ...common.findings import CheckFinding, Evidence
from ...common.merges import Merge, Merged, MergeOutcome, marks_of
from ...common.owned_fields import ApiObject
from ...common.write_findings import FAIL, NO_ACTION, NOT_EVALUATED
from ...target.model import ABSENT, READ
from ...target.objects import text_at
from ..desired.identity import EXTERNAL_OIDC, Identity, SessionsWanted
from ..desired.keys import ABSENT as GONE
from ..desired.model import PlatformDesired
from ..merge_findings import entry_findings
from ..parts import OPERANDS, Context, PartPlan, joined
from ..progress import condition
from ..snapshot import Named, PlatformSnapshot
from ..verdicts import failed, not_asked, passed, seen, unknown
from .check_list import (
    EXTERNAL_PROVIDER,
    LAYER,
    LOCKOUT_BREAK_GLASS,
    LOCKOUT_WAYS,
    PART,
    PROVIDERS_CLEAR,
    PROVIDERS_ENTRY,
    PROVIDERS_HONORED,
    PROVIDERS_OTHERS,
    PROVIDERS_SYSTEM,
    PROVIDERS_VALID,
)
from .endpoints import endpoint_findings
from .external_oidc import AUTHENTICATION, ExternalOidcChange, ModeRestore, external_findings, is_external
from .group_sync import named_refs as sync_refs
from .group_sync import plan_group_syncs
from .groups import group_findings
from .guarded import Guarded, Judgement, dangers_of
from .lockout import (
    CASES,
    KUBEADMIN,
    UNKNOWN_CASE,
    AdminLogins,
    BreakGlass,
    Danger,
    admin_logins,
    guard,
    steady_ways,
)
from .login_readings import AUTHENTICATIONS, OAUTHS, OPERATORS
from .oauth import OAUTH, SESSIONS_ENTRY, WHAT, ProvidersChange, providers_of
from .outside import LoginsSeen
from .recording import identity_records
from .roles import persona_objects
from .secrets_wanted import lacking, secret_findings
from .secrets_wanted import named_refs as login_names
from .sessions import factor_findings, session_findings
from .sync_lockout import TouchedSync, groups_of, sync_dangers, touched_syncs
from .validity import list_troubles

_PATH: Final = "identity.providers"
_NOTHING_SEEN: Final = LoginsSeen()
_HONORED: Final = (("Available", "True"), ("Degraded", "False"), ("Progressing", "False"))


@dataclass(frozen=True, slots=True)
class LoginsPlan:
    """What logins want of the cluster."""

    merges: tuple[Merge, ...] = ()
    findings: tuple[CheckFinding, ...] = ()


def plan_identity(context: Context) -> PartPlan:
    """What the identity part wants: personas, GroupSyncs, logins, and whether groups are as their directories have them.

    Where a former write to logins is taken back, that stands for what the document wants of them.
    """
    wanted, seen_outside = context.desired.identity, context.outside.logins
    if context.taken_back is not None:
        logins = plan_rollback(context.taken_back, context.snapshot, seen_outside.proof, wanted, prune=context.prune)
    else:
        logins = plan_logins(wanted or Identity(), context.snapshot, seen_outside, prune=context.prune)
    if wanted is None:
        return PartPlan(findings=logins.findings, merges=logins.merges)
    moment = context.now or f"{context.today}T00:00:00Z"
    groups = group_findings(wanted, context.snapshot, context.outside.directories, moment, is_day=not context.now)
    personas = persona_objects(wanted, context.catalogue.personas)
    findings = (*logins.findings, *groups)
    return joined(
        PartPlan(objects=personas, findings=findings, merges=logins.merges, records=identity_records(context, findings)),
        plan_group_syncs(wanted, context, context.now),
    )


def named_refs(desired: PlatformDesired) -> tuple[Named, ...]:
    """What has to be read by its name: Secrets (their keys alone) and ConfigMaps that the section names."""
    if desired.identity is None:
        return ()
    return tuple(sorted({*login_refs(desired.identity), *sync_refs(desired.identity)}))


def login_refs(wanted: Identity) -> tuple[Named, ...]:
    """What has to be read by its name for logins: of Secrets the names of their keys, never a value."""
    return tuple(sorted({KUBEADMIN, *login_names(wanted)}))


def plan_logins(wanted: Identity, snapshot: PlatformSnapshot, around: LoginsSeen = _NOTHING_SEEN, *, prune: bool = False) -> LoginsPlan:
    """What logins want, and whether it may be written: while a finding that refuses fails, nothing of the document is."""
    oauth, authentication = snapshot.get(OAUTHS, "", OAUTH.name), snapshot.get(AUTHENTICATIONS, "", AUTHENTICATION.name)
    merge, live = _merge_of(wanted, oauth, authentication, prune=prune)
    known = snapshot.known(OAUTHS if merge is not None and merge.ref == OAUTH else AUTHENTICATIONS)
    merged = merge.change.of(live) if merge is not None and known else Merged(None)
    external = wanted.mode == EXTERNAL_OIDC
    changing = _changing(wanted, merged)
    proof = around.proof or BreakGlass()
    touched = touched_syncs(wanted, snapshot, prune=prune)
    broken = _broken(wanted, snapshot)
    logins = _without_broken(admin_logins(snapshot, groups_of(touched)), broken)
    judged, dangers = _judged(merge, live, merged, logins, snapshot, proof, touched)
    findings = (
        *external_findings(wanted, snapshot),
        *_list_findings(wanted, snapshot, oauth, merged if not external else Merged(None)),
        *secret_findings(wanted, snapshot),
        *guard(dangers, proof, _PATH if not external else "identity.mode"),
        _ways_in(logins, oauth, around.proof, snapshot, broken, external=is_external(authentication)),
        _break_glass(wanted, around.proof),
        *_sessions(wanted, snapshot, oauth, will_be_written=SESSIONS_ENTRY in changing),
        *factor_findings(oauth, authentication),
        *endpoint_findings(wanted, around.probed, changing, prefer_unknown=around.left_out),
    )
    return LoginsPlan((judged,) if judged is not None else (), findings)


def _changing(wanted: Identity, merged: Merged) -> set[str]:
    """Entries that a write would change. An external issuer is among them where the mode alone changes, which puts it to work."""
    changing = {entry.name for entry in merged.entries if entry.action != NO_ACTION}
    issuer = wanted.external_oidc if wanted.mode == EXTERNAL_OIDC else None
    return {*changing, issuer.name} if issuer is not None and changing else changing


def plan_rollback(
    change: ProvidersChange | ModeRestore,
    snapshot: PlatformSnapshot,
    proof: BreakGlass | None = None,
    wanted: Identity | None = None,
    *,
    prune: bool = False,
) -> LoginsPlan:
    """Takes a former write back, of the list of providers or of the mode of login; the guard looks at that change as at any other.

    `wanted` is the document, whose GroupSyncs are written all the same.
    """
    ref, resource = (AUTHENTICATION, AUTHENTICATIONS) if isinstance(change, ModeRestore) else (OAUTH, OAUTHS)
    merge = Merge(ref, PART, LAYER, "rollback", OPERANDS, change)
    live = snapshot.get(resource, "", ref.name)
    merged = change.of(live) if snapshot.known(resource) else Merged(None)
    touched = touched_syncs(wanted, snapshot, prune=prune) if wanted is not None else ()
    broken = _broken(wanted or Identity(), snapshot)
    logins, proof = _without_broken(admin_logins(snapshot, groups_of(touched)), broken), proof or BreakGlass()
    judged, dangers = _judged(merge, live, merged, logins, snapshot, proof, touched)
    return LoginsPlan((judged,) if judged is not None else (), tuple(guard(dangers, proof, "rollback")))


def _merge_of(
    wanted: Identity, oauth: ApiObject | None, authentication: ApiObject | None, *, prune: bool
) -> tuple[Merge | None, ApiObject | None]:
    """What is merged, and the object as it is; None where nothing is wanted of either. The way back from an issuer is not taken."""
    if wanted.mode == EXTERNAL_OIDC:
        if wanted.external_oidc is None:
            return None, None
        change = ExternalOidcChange(wanted.external_oidc)
        return Merge(AUTHENTICATION, PART, LAYER, "identity.external_oidc", OPERANDS, change), authentication
    is_asked = bool(wanted.providers) or wanted.sessions != SessionsWanted() or bool(marks_of(oauth, WHAT))
    if not is_asked or is_external(authentication):
        return None, None
    return Merge(OAUTH, PART, LAYER, _PATH, OPERANDS, ProvidersChange(wanted.providers, wanted.sessions, prune=prune)), oauth


def _judged(
    merge: Merge | None,
    live: ApiObject | None,
    merged: Merged,
    logins: AdminLogins,
    snapshot: PlatformSnapshot,
    proof: BreakGlass,
    touched: Sequence[TouchedSync],
) -> tuple[Merge | None, tuple[Danger, ...]]:
    """The merge, which judges itself again whenever it is made anew, and what it and GroupSyncs of the document could do."""
    oauth = snapshot.get(OAUTHS, "", OAUTH.name)
    before = after = providers_of(oauth)
    if merge is not None and merge.ref == OAUTH and merged.object is not None:
        after = providers_of(merged.object)
    of_syncs = sync_dangers(touched, logins, steady_ways(before, after, logins), snapshot)
    if merge is None:
        return None, of_syncs
    resource = OAUTHS if merge.ref == OAUTH else AUTHENTICATIONS
    if snapshot.known(resource):
        dangers = dangers_of(merge.ref, live, merged, logins)
    else:
        dangers = (Danger(UNKNOWN_CASE, merge.key.text, f"{CASES[UNKNOWN_CASE]}: {snapshot.why_not(resource)}"),)
    judgement = Judgement(logins, tuple(before), frozenset((one.subject, one.case) for one in dangers), proven=proof.proven)
    return replace(merge, change=Guarded(merge.ref, merge.change, judgement)), (*dangers, *of_syncs)


def _broken(wanted: Identity, snapshot: PlatformSnapshot) -> dict[str, str]:
    """Providers of the list that are known not to work, and why. Of most it is not known, and they are taken to work."""
    operator = snapshot.get(OPERATORS, "", "authentication")
    for kind, bad in (("Available", "False"), ("Degraded", "True")):
        if operator is not None and (condition(operator, kind) or {}).get("status") == bad:
            names = (text_at(item, "name") for item in providers_of(snapshot.get(OAUTHS, "", OAUTH.name)))
            return dict.fromkeys(names, f"ClusterOperator authentication has {kind}={bad}")
    return {name: f"it lacks {what}" for name, what in lacking(wanted, snapshot).items()}


def _without_broken(logins: AdminLogins, broken: Mapping[str, str]) -> AdminLogins:
    return replace(logins, shaken=logins.shaken | (logins.certain.keys() & broken.keys()))


# ---- the list --------------------------------------------------------------------------------------------------------


def _list_findings(wanted: Identity, snapshot: PlatformSnapshot, oauth: ApiObject | None, merged: Merged) -> Iterator[CheckFinding]:
    if not snapshot.known(OAUTHS):
        reason = snapshot.why_not(OAUTHS)
        yield from (unknown(check, OAUTH.text, reason, _PATH) for check in (PROVIDERS_SYSTEM, PROVIDERS_OTHERS, PROVIDERS_VALID))
    elif not wanted.providers:
        yield from (not_asked(check, OAUTH.text) for check in (PROVIDERS_SYSTEM, PROVIDERS_OTHERS))
        yield from _valid(oauth)
    else:
        yield _system(oauth)
        yield from _others(merged)
        yield from _valid(oauth)
    yield from _clear_text(wanted)
    yield _honored(wanted, snapshot)


def _clear_text(wanted: Identity) -> Iterator[CheckFinding]:
    found = [(number, provider) for number, provider in enumerate(wanted.providers) if provider.ldap is not None and provider.state != GONE]
    for number, provider in found:
        subject, path = f"provider {provider.name}", f"{_PATH}[{number}].ldap.insecure"
        if provider.ldap is None or not provider.ldap.insecure:
            yield passed(PROVIDERS_CLEAR, subject, path)
        else:
            evidence = seen(subject, "ldap.insecure", "true", "false")
            yield failed(PROVIDERS_CLEAR, subject, "it sends users' passwords in the clear", path, evidence=evidence)
    if not found:
        yield not_asked(PROVIDERS_CLEAR, "providers", "no provider of the document is a directory")


def _system(oauth: ApiObject | None) -> CheckFinding:
    if oauth is None:
        message = "the cluster has no OAuth/cluster: it is no OpenShift, or its logins are somebody else's"
        return failed(PROVIDERS_SYSTEM, OAUTH.text, message, _PATH, evidence=seen(OAUTH.text, "metadata.name", "(none)", OAUTH.name))
    return passed(PROVIDERS_SYSTEM, OAUTH.text, _PATH)


def _others(merged: Merged) -> Iterator[CheckFinding]:
    refused = [entry for entry in merged.entries if entry.result == FAIL and entry.remedy]
    for entry in refused:
        evidence = tuple(
            Evidence(OAUTH.text, f"spec.identityProviders[{entry.name}].{path}", "another one", "as the document has it")
            for path in entry.fields
        )
        more: dict[str, Any] = {"remedy": entry.remedy, "fields": entry.fields, "evidence": evidence}
        yield failed(PROVIDERS_OTHERS, f"provider {entry.name}", entry.message, _PATH, **more)
    if not refused:
        yield passed(PROVIDERS_OTHERS, OAUTH.text, _PATH)


def _valid(oauth: ApiObject | None) -> Iterator[CheckFinding]:
    troubles = list(list_troubles(providers_of(oauth)))
    grouped: dict[str, list[str]] = {}
    for name, trouble in troubles:
        grouped.setdefault(name, []).append(trouble)
    for name, reasons in sorted(grouped.items()):
        evidence = seen(OAUTH.text, f"spec.identityProviders[{name}]", "; ".join(reasons), "one that OpenShift admits")
        yield failed(PROVIDERS_VALID, f"provider {name}", "; ".join(reasons), _PATH, evidence=evidence)
    if not grouped:
        yield passed(PROVIDERS_VALID, OAUTH.text, _PATH)


def _honored(wanted: Identity, snapshot: PlatformSnapshot) -> CheckFinding:
    subject = "ClusterOperator authentication"
    if not wanted.providers and wanted.external_oidc is None:
        return not_asked(PROVIDERS_HONORED, subject)
    if not snapshot.known(OPERATORS):
        return unknown(PROVIDERS_HONORED, subject, snapshot.why_not(OPERATORS), _PATH)
    operator = snapshot.get(OPERATORS, "", "authentication")
    if operator is None:
        return unknown(PROVIDERS_HONORED, subject, "the cluster has no ClusterOperator authentication", _PATH)
    for kind, expected in _HONORED:
        entry = condition(operator, kind)
        if entry is None:
            return unknown(PROVIDERS_HONORED, subject, f"it has no condition {kind} yet", _PATH, "look again in a few minutes")
        status = str(entry.get("status"))
        if status != expected:
            words = str(entry.get("message") or entry.get("reason") or f"{kind} is {status}")
            return failed(PROVIDERS_HONORED, subject, words, _PATH, evidence=seen(subject, f"status.conditions[{kind}]", status, expected))
    return passed(PROVIDERS_HONORED, subject, _PATH)


def _sessions(wanted: Identity, snapshot: PlatformSnapshot, oauth: ApiObject | None, *, will_be_written: bool) -> list[CheckFinding]:
    found = list(session_findings(wanted.sessions, oauth, will_be_written=will_be_written))
    if snapshot.known(OAUTHS):
        return found
    why = snapshot.why_not(OAUTHS)
    return [
        replace(one, state=NOT_EVALUATED, result=NOT_EVALUATED, message=why, evidence=()) if one.result == FAIL else one for one in found
    ]


# ---- ways in ---------------------------------------------------------------------------------------------------------


def _ways_in(
    logins: AdminLogins,
    oauth: ApiObject | None,
    proof: BreakGlass | None,
    snapshot: PlatformSnapshot,
    broken: Mapping[str, str],
    *,
    external: bool,
) -> CheckFinding:
    """Whether any way in is known, whatever is changed."""
    proven = (f"break-glass: {proof.how}",) if proof is not None and proof.proven else ()
    if external:
        reason = "an external issuer logs users in: who of them comes in is not seen from the cluster"
        return (
            passed(LOCKOUT_WAYS, "cluster-admins", _PATH, proven[0]) if proven else unknown(LOCKOUT_WAYS, "cluster-admins", reason, _PATH)
        )
    if not proven and (logins.unknown or not snapshot.known(OAUTHS)):
        return unknown(LOCKOUT_WAYS, "cluster-admins", logins.unknown or snapshot.why_not(OAUTHS), _PATH)
    there = {str(item.get("name")) for item in providers_of(oauth)}
    first = {READ: "; kubeadmin is there, and whether anybody has its password is not known", ABSENT: "; kubeadmin is gone"}
    ways = [f"{', '.join(admins)} by {name}" for name, admins in logins.certain.items() if name in there and name not in broken]
    if ways or proven:
        return passed(LOCKOUT_WAYS, "cluster-admins", _PATH, "; ".join((*ways, *proven)))
    vain = "".join(f"; {name} does not work: {broken[name]}" for name in sorted(there & logins.certain.keys() & broken.keys()))
    works, kubeadmin = " that works" if vain else "", first.get(snapshot.named(KUBEADMIN).state, "")
    maybe = f"; it may be that {', '.join(logins.possible)} can come in" if logins.possible else ""
    return failed(
        LOCKOUT_WAYS,
        "cluster-admins",
        f"no cluster-admin has an identity of a provider{works}{vain}{maybe}{kubeadmin}",
        _PATH,
    )


def _break_glass(wanted: Identity, proof: BreakGlass | None) -> CheckFinding:
    path, subject = "identity.break_glass", "break-glass"
    if not wanted.break_glass.kubeconfig:
        return not_asked(LOCKOUT_BREAK_GLASS, subject)
    if proof is None:
        return unknown(LOCKOUT_BREAK_GLASS, subject, "it was not tried in this run", path, "run it where the kubeconfig is")
    if not proof.evaluated:
        return unknown(LOCKOUT_BREAK_GLASS, subject, proof.reason, path)
    if not proof.proven:
        return failed(LOCKOUT_BREAK_GLASS, subject, proof.reason, path)
    return passed(LOCKOUT_BREAK_GLASS, subject, path, proof.how)


# ---- what came of it -------------------------------------------------------------------------------------------------


def login_outcomes(outcomes: Sequence[MergeOutcome]) -> list[CheckFinding]:
    """The findings on entries of what was merged, or would be: one for each provider, and one for tokenConfig."""
    return [
        finding
        for outcome in outcomes
        for finding in entry_findings(outcome, PROVIDERS_ENTRY if outcome.merge.ref == OAUTH else EXTERNAL_PROVIDER, _subject_of)
    ]


def _subject_of(entry: str) -> str:
    return entry if entry.startswith("spec.") else f"provider {entry}"
