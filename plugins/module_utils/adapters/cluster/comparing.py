# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds each desired object against the live one. The server itself says what an apply would make of it, by a dry run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ...common.owned_fields import changed_fields, in_step, metadata_of, same_object, shown, without_fields
from ...common.write_findings import (
    CHANGED,
    CREATE,
    FAIL,
    IN_STEP,
    MISSING,
    NO_ACTION,
    NOT_EVALUATED,
    PASS,
    UPDATE,
    Contest,
    Desired,
    Finding,
    Policy,
    contest_of,
    left_alone,
    listed,
    owners_in_words,
    refused,
)
from .client import ApiConnection, ApiFault
from .live import Live, LiveObjects, Lot
from .refusals import RIGHTS_HINT, is_of_schema, lacking_permission, missing_namespace, owned_by_others, words
from .resources import APPLY, ServedKind


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

    @property
    def standing(self) -> Live | None:
        """The object as it is now; None where there is none, as far as is known."""
        return self.after if self.after is not None else self.live

    @property
    def writes(self) -> bool:
        """Whether there is anything to write."""
        return self.finding.action != NO_ACTION


@dataclass(slots=True)
class Comparer:
    """Compares objects; may be used from several threads."""

    connection: ApiConnection
    objects: LiveObjects
    policy: Policy

    def compare(self, desired: Desired, *, again: bool = False) -> Comparison:
        """How one object stands. With `again` it is read anew, not taken from the lists."""
        key = desired.key
        item = desired.object
        trouble = self.objects.troubles.get(Lot(str(item["apiVersion"]), key.kind, key.namespace), "")
        if trouble:
            return unknown(desired, trouble)
        try:
            served = self.objects.served(str(item["apiVersion"]), key.kind)
            if served is None:
                message = f"the cluster does not serve {key.kind} of {item['apiVersion']}"
                remedy = "install the operator that brings it"
                return Comparison(desired, Finding(key, desired.path, MISSING, FAIL, message=message, remedy=remedy))
            live = self.objects.get(served, key) if again else self.objects.at_hand_or_asked(served, key)
        except ApiFault as fault:
            return unknown(desired, *_reason(fault))
        return self._judged(Comparison(desired, _pending(desired, live), served, live, item))

    # ---- one object ----------------------------------------------------------------------------------------------------

    def _judged(self, found: Comparison) -> Comparison:
        try:
            if found.live is None:
                return replace(found, predicted=self._tried(found, force=False))
            if left_alone(found.desired, found.live, self.policy, differs=True) is not None:
                return self._left(found, found.live)
            if in_step(found.sent, found.live, self.policy.manager):
                return _with(found, IN_STEP, PASS)
            return self._changed(found, found.live)
        except ApiFault as fault:
            return _with_refusal(found, fault)

    def _left(self, found: Comparison, live: Live) -> Comparison:
        """An object that is not to be written: whether it is as desired all the same."""
        certain = left_alone(found.desired, live, self.policy, differs=False)
        if certain is not None and certain.result == PASS:
            predicted = self._tried(found, force=True)
            certain = left_alone(found.desired, live, self.policy, differs=shown(predicted) != shown(live))
        return replace(found, finding=certain or found.finding)

    def _changed(self, found: Comparison, live: Live) -> Comparison:
        contest = Contest()
        try:
            predicted = self._tried(found, force=False)
        except ApiFault as fault:
            conflicts = owned_by_others(fault)
            if not conflicts:
                raise
            contest = contest_of(conflicts, self.policy)
            sent, stuck = without_fields(found.sent, contest.left_fields)
            if stuck:
                return _with(found, CHANGED, FAIL, *_left_words(contest), fields=contest.left_fields)
            found = replace(found, sent=sent)
            predicted = self._tried(found, force=True)
        found = replace(found, predicted=predicted)
        if same_object(live, predicted):
            if contest.left:
                return _with(found, CHANGED, FAIL, *_left_words(contest), fields=contest.left_fields)
            return _with(found, IN_STEP, PASS)
        fields = tuple(changed_fields(shown(live), shown(predicted)))
        words_ = f"taken back: {owners_in_words(contest.taken)}" if contest.taken else ""
        if contest.left:
            left, remedy = _left_words(contest)
            return _with(found, CHANGED, FAIL, "; ".join(filter(None, (left, words_))), remedy, action=UPDATE, fields=fields)
        message = words_ or (f"changes {listed(fields)}" if fields else "takes its fields into this collection's hands")
        return _with(found, CHANGED, PASS, message, action=UPDATE, fields=fields)

    def _tried(self, found: Comparison, *, force: bool) -> Live:
        """What the server would make of it."""
        if found.served is None:
            return {}
        key = found.desired.key
        query = {"dryRun": "All", **write_query(self.policy, force=force)}
        return self.connection.request("PATCH", found.served.path(key.namespace, key.name), query, found.sent, APPLY)


def write_query(policy: Policy, *, force: bool) -> dict[str, str]:
    """How objects are applied."""
    return {"fieldManager": policy.manager, "fieldValidation": "Strict", **({"force": "true"} if force else {})}


def unknown(desired: Desired, reason: str, remedy: str = "") -> Comparison:
    """An object of which nobody knows how it stands."""
    return Comparison(desired, Finding(desired.key, desired.path, NOT_EVALUATED, NOT_EVALUATED, message=reason, remedy=remedy))


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


def _with_refusal(found: Comparison, fault: ApiFault) -> Comparison:
    return replace(found, finding=refusal(found.finding, fault))


def refusal(finding: Finding, fault: ApiFault) -> Finding:
    """What a refusal means to the object: it is wrong, or nobody knows."""
    reason, remedy = _reason(fault)
    if lacking_permission(fault) or fault.code == 429 or (fault.code >= 500 and not is_of_schema(fault)):
        return replace(finding, state=NOT_EVALUATED, result=NOT_EVALUATED, action=NO_ACTION, message=reason, remedy=remedy)
    return refused(finding, reason, remedy)


def _reason(fault: ApiFault) -> tuple[str, str]:
    """Why, and what to do about it."""
    lacking = lacking_permission(fault)
    if lacking:
        return f"the account may not {lacking}", RIGHTS_HINT.rstrip(".")
    if namespace := missing_namespace(fault):
        return f"namespace {namespace} does not exist", "make it, or install what it belongs to"
    if "admission webhook" in fault.message:
        return words(fault), "see what the webhook asks for; its configuration is a ValidatingWebhookConfiguration of the cluster"
    if fault.code == 429 or (fault.code >= 500 and not is_of_schema(fault)):
        return f"the server failed: {words(fault)}", "apply again: what is done already is not done twice"
    return words(fault), "correct what the manifest is made of, and plan again"


def version_of(live: Live) -> dict[str, str]:
    """What pins a write to this very version of the object."""
    return {name: str(metadata_of(live).get(name, "")) for name in ("uid", "resourceVersion")}
