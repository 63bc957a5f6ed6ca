# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds each desired object against the live one.

The server itself says what an apply would make of it, by a dry run; an account that may only read gets what can be told from
the live object and the ownership of its fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ...common.applied import digest
from ...common.owned_fields import ApiObject, changed_fields, in_step, metadata_of, same_object, shown, without_fields
from ...common.subset import outlook
from ...common.write_findings import (
    CHANGED,
    CREATE,
    FAIL,
    FIELDS,
    IN_STEP,
    MISSING,
    NO_ACTION,
    NOT_EVALUATED,
    PASS,
    UPDATE,
    Contest,
    Desired,
    Finding,
    ObjectKey,
    Policy,
    contest_of,
    left_alone,
    listed,
    owners_in_words,
    refused,
    to_apply,
)
from .client import ApiConnection, ApiFault
from .live import Live, LiveObjects, Lot
from .refusals import RIGHTS, is_of_schema, lacking_permission, missing_namespace, owned_by_others, rights_hint, words
from .resources import APPLY, ServedKind

ELSEWHERE: Final = "default"
"""Namespace of every cluster, where objects are tried whose own one is yet to come."""

LOOKS: Final = 3
"""How often an object is read again that is being written by others while it is compared."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One desired object, what is there, and what is to be done. `sent` is what is applied: without the fields that are left to others."""

    desired: Desired
    finding: Finding
    served: ServedKind | None = None
    live: Live | None = None
    sent: Mapping[str, Any] = field(default_factory=dict)
    predicted: Live | None = None
    """what the object would be"""
    after: Live | None = None
    """what it became, once it was written"""
    premature: bool = False
    """whether it may be otherwise once the objects of lower ranks are there"""

    @property
    def standing(self) -> Live | None:
        """The object as it is now; None where there is none, as far as is known."""
        return self.after if self.after is not None else self.live

    @property
    def writes(self) -> bool:
        """Whether there is anything to write."""
        return self.finding.action != NO_ACTION


@dataclass(frozen=True, slots=True)
class _Forecast:
    """What an apply would make of a live object; nothing where others own fields that would change."""

    object: Live
    same: bool
    values_stay: bool
    """whether nothing but ownership would change"""
    conflicts: tuple[tuple[str, str], ...] = ()
    stale: bool = False
    """whether somebody wrote the object since it was read"""


@dataclass(slots=True)
class Comparer:
    """Compares objects; may be used from several threads."""

    connection: ApiConnection
    objects: LiveObjects
    policy: Policy
    reads_only: bool = False
    """nothing is tried on the server; what differs has failed, since nobody is about to write it"""
    rights: str = RIGHTS
    """file that hints name where the account lacks rights"""
    coming: frozenset[str] = frozenset()
    """namespaces that are among the desired objects"""
    applied: Mapping[ObjectKey, str] = field(default_factory=dict)
    """SHA-256 of what was applied last, as far as is recorded"""
    tries_new: bool = True
    """tries objects that are not there by a dry run; else the write itself tells whether the server takes them"""

    def compare(self, desired: Desired, *, again: bool = False) -> Comparison:
        """How one object stands. With `again` it is its turn: it is read anew, not taken from the lists, and what lacks is an error."""
        key = desired.key
        api_version = str(desired.object["apiVersion"])
        trouble = self.objects.trouble(Lot(api_version, key.kind, key.namespace))
        if trouble:
            return unknown(desired, trouble)
        try:
            served = self.objects.served(api_version, key.kind, again=again)
            if served is None:
                return _not_served(desired, again=again)
            live = self.objects.get(served, key) if again else self.objects.at_hand_or_asked(served, key, api_version)
        except ApiFault as fault:
            return unknown(desired, *_reason(fault, self.rights))
        if live is None and desired.claim == FIELDS:
            return _not_there(desired, again=again)
        sent = to_apply(desired, live, self.policy)
        found = self._judged(Comparison(desired, _pending(desired, live), served, live, sent), again=again)
        return _unwritten(found) if self.reads_only else found

    # ---- one object ----------------------------------------------------------------------------------------------------

    def _judged(self, found: Comparison, *, again: bool) -> Comparison:
        try:
            if found.live is None:
                return self._new(found, again=again) if self.tries_new and not self.reads_only else found
            if left_alone(found.desired, found.live, self.policy, differs=True) is not None:
                return self._left(found, found.live)
            if in_step(found.sent, found.live, self.policy.manager_of(found.desired.claim)):
                return _with(found, IN_STEP, PASS)
            return self._changed(found, found.live)
        except ApiFault as fault:
            return replace(found, finding=refusal(found.finding, fault, self.rights))

    def _new(self, found: Comparison, *, again: bool) -> Comparison:
        """An object that is not there: whether the server would take it, elsewhere where its own namespace is yet to come."""
        try:
            try:
                return replace(found, predicted=self._tried(found, force=False))
            except ApiFault as fault:
                namespace = missing_namespace(fault)
                if namespace and namespace in self.coming:
                    return self._tried_elsewhere(found, namespace)
                if not namespace or again or not found.desired.awaits:
                    raise
                return _planned(found, f"namespace {namespace} comes with {found.desired.awaits}")
        except ApiFault as fault:
            return replace(found, finding=refusal(found.finding, fault, self.rights), premature=True)

    def _tried_elsewhere(self, found: Comparison, namespace: str) -> Comparison:
        said = f"namespace {namespace} is yet to come"
        moved = {**found.sent, "metadata": {**metadata_of(found.sent), "namespace": ELSEWHERE}}
        try:
            predicted = self._tried(found, force=True, sent=moved)
        except ApiFault as fault:
            if not lacking_permission(fault):
                raise
            return _planned(found, said)
        predicted = {**predicted, "metadata": {**metadata_of(predicted), "namespace": namespace}}
        return replace(_with(found, MISSING, PASS, f"{said}; tried in namespace {ELSEWHERE}", action=CREATE), predicted=predicted)

    def _left(self, found: Comparison, live: Live) -> Comparison:
        """An object that is not to be written: whether it is as desired all the same."""
        certain = left_alone(found.desired, live, self.policy, differs=False)
        if certain is not None and certain.result == PASS:
            # Whoever looks after it does not have to put our label on it, and what was applied from here before bears it.
            forms = (found.desired.object, found.sent)
            stays = any(self._forecast(replace(found, sent=form), live, force=True).values_stay for form in forms)
            certain = left_alone(found.desired, live, self.policy, differs=not stays)
        return replace(found, finding=certain or found.finding)

    def _changed(self, found: Comparison, live: Live, looks: int = LOOKS) -> Comparison:
        contest = Contest()
        forecast = self._forecast(found, live, force=False)
        if forecast.conflicts:
            contest = contest_of(forecast.conflicts, self.policy)
            sent, stuck = without_fields(found.sent, contest.left_fields)
            if stuck:
                return _with(found, CHANGED, FAIL, *_left_words(contest), fields=contest.left_fields)
            found = replace(found, sent=sent)
            forecast = self._forecast(found, live, force=True)
        if forecast.stale and looks and found.served is not None and (again := self.objects.get(found.served, found.desired.key)):
            return self._changed(replace(found, live=again, sent=to_apply(found.desired, again, self.policy)), again, looks - 1)
        found = replace(found, predicted=forecast.object)
        if forecast.same:
            if contest.left:
                return _with(found, CHANGED, FAIL, *_left_words(contest), fields=contest.left_fields)
            return _with(found, IN_STEP, PASS)
        fields = tuple(changed_fields(shown(live), shown(forecast.object)))
        done = "to be taken back" if self.reads_only else "taken back"
        words_ = f"{done}: {owners_in_words(contest.taken)}" if contest.taken else ""
        if contest.left:
            left, remedy = _left_words(contest)
            return _with(found, CHANGED, FAIL, "; ".join(filter(None, (left, words_))), remedy, action=UPDATE, fields=fields)
        message = words_ or (f"changes {listed(fields)}" if fields else "takes its fields into this collection's hands")
        result = FAIL if self.reads_only and not forecast.values_stay else PASS
        return _with(found, CHANGED, result, message, action=UPDATE, fields=fields)

    def _forecast(self, found: Comparison, live: Live, *, force: bool) -> _Forecast:
        """What would become of a live object. Raises ApiFault where the server refuses it, but for fields of others."""
        if self.reads_only:
            as_applied = self.applied.get(found.desired.key) == digest(found.sent)
            seen = outlook(found.sent, live, self.policy.manager_of(found.desired.claim), as_applied=as_applied)
            conflicts = () if force else seen.conflicts
            return _Forecast(seen.object, not (seen.moves or seen.differs), not seen.differs, conflicts)
        try:
            predicted = self._tried(found, force=force)
        except ApiFault as fault:
            conflicts = owned_by_others(fault)
            if force or not conflicts:
                raise
            return _Forecast({}, same=False, values_stay=False, conflicts=conflicts)
        stale = version_of(predicted) != version_of(live)
        return _Forecast(predicted, same_object(live, predicted), shown(predicted) == shown(live), stale=stale)

    def _tried(self, found: Comparison, *, force: bool, sent: ApiObject | None = None) -> Live:
        """What the server would make of it."""
        if found.served is None:
            return {}
        body = found.sent if sent is None else sent
        query = {"dryRun": "All", **write_query(self.policy.manager_of(found.desired.claim), force=force)}
        path = found.served.path(str(metadata_of(body).get("namespace") or ""), found.desired.key.name)
        return self.connection.request("PATCH", path, query, body, APPLY)


def write_query(manager: str, *, force: bool) -> dict[str, str]:
    """How objects are applied."""
    return {"fieldManager": manager, "fieldValidation": "Strict", **({"force": "true"} if force else {})}


def unknown(desired: Desired, reason: str, remedy: str = "") -> Comparison:
    """An object of which nobody knows how it stands."""
    return Comparison(desired, Finding(desired.key, desired.path, NOT_EVALUATED, NOT_EVALUATED, message=reason, remedy=remedy))


def _not_served(desired: Desired, *, again: bool) -> Comparison:
    item = desired.object
    message = f"the cluster does not serve {desired.key.kind} of {item['apiVersion']}"
    if desired.awaits and not again:
        message = f"planned, not validated: {desired.awaits} brings its CRD"
        finding = Finding(desired.key, desired.path, MISSING, NOT_EVALUATED, CREATE, message)
        return Comparison(desired, finding, sent=item, premature=True)
    remedy = "install the operator that brings it"
    if desired.awaits:
        message, remedy = f"{message}, though {desired.awaits} was to bring it", f"see how {desired.awaits} stands"
    return Comparison(desired, Finding(desired.key, desired.path, MISSING, FAIL, message=message, remedy=remedy), sent=item)


def _not_there(desired: Desired, *, again: bool) -> Comparison:
    """An object of somebody else's, of which fields were to be ours."""
    if desired.awaits and not again:
        message = f"planned, not validated: it comes with {desired.awaits}"
        finding = Finding(desired.key, desired.path, MISSING, NOT_EVALUATED, UPDATE, message)
        return Comparison(desired, finding, sent=desired.object, premature=True)
    message = "it is not there, and only fields of it are written from here"
    remedy = f"see how {desired.awaits} stands" if desired.awaits else "make it, or install what it belongs to"
    return Comparison(desired, Finding(desired.key, desired.path, MISSING, FAIL, message=message, remedy=remedy))


def _planned(found: Comparison, why: str) -> Comparison:
    return replace(_with(found, MISSING, NOT_EVALUATED, f"planned, not validated: {why}", action=CREATE), premature=True)


def _unwritten(found: Comparison) -> Comparison:
    """A comparison by reading alone: what lacks has failed, since nobody is about to write it."""
    if found.finding.action == CREATE and found.finding.result == PASS:
        return replace(found, finding=replace(found.finding, result=FAIL))
    return found


def _pending(desired: Desired, live: Live | None) -> Finding:
    if live is None:
        return Finding(desired.key, desired.path, MISSING, PASS, CREATE)
    return Finding(desired.key, desired.path, CHANGED, PASS, UPDATE)


def _with(
    found: Comparison,
    state: str,
    result: str,
    message: str = "",
    remedy: str = "",
    *,
    action: str = NO_ACTION,
    fields: tuple[str, ...] = (),
) -> Comparison:
    desired = found.desired
    return replace(found, finding=Finding(desired.key, desired.path, state, result, action, message, remedy, fields))


def _left_words(contest: Contest) -> tuple[str, str]:
    names = sorted({manager for manager, _name in contest.left})
    message = f"left to others: {owners_in_words(contest.left)}"
    return message, f"have {listed(names)} give these fields up, or set them there as the manifest has them"


# ---- refusals --------------------------------------------------------------------------------------------------------


def refusal(finding: Finding, fault: ApiFault, rights: str = RIGHTS) -> Finding:
    """What a refusal means to the object: it is wrong, or nobody knows. `rights` is the file with the rights that may lack."""
    reason, remedy = _reason(fault, rights)
    if lacking_permission(fault) or fault.code == 429 or (fault.code >= 500 and not is_of_schema(fault)):
        return replace(finding, state=NOT_EVALUATED, result=NOT_EVALUATED, action=NO_ACTION, message=reason, remedy=remedy)
    return refused(finding, reason, remedy)


def _reason(fault: ApiFault, rights: str) -> tuple[str, str]:
    """Why, and what to do about it."""
    lacking = lacking_permission(fault)
    if lacking:
        return f"the account may not {lacking}", rights_hint(rights).rstrip(".")
    if namespace := missing_namespace(fault):
        return f"namespace {namespace} does not exist", "make it, or install what it belongs to"
    if "admission webhook" in fault.message:
        return words(fault), "see what the webhook asks for; its configuration is a ValidatingWebhookConfiguration of the cluster"
    if fault.code == 429 or (fault.code >= 500 and not is_of_schema(fault)):
        return f"the server failed: {words(fault)}", "apply again: what is done already is not done twice"
    return words(fault), "correct what the manifest is made of, and plan again"


def version_of(live: Live) -> tuple[str, str]:
    """UID and version: what pins a write to this very object as it is."""
    metadata = metadata_of(live)
    return str(metadata.get("uid", "")), str(metadata.get("resourceVersion", ""))
