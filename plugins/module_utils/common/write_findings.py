# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is found when desired objects are held against those of a cluster, and what is done about it.

Pure: objects in, findings out; the adapters of the cluster act on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Final

from .owned_fields import FIELD_MANAGER, RESPECTED_MANAGERS, ApiObject, annotations_of, applied_fields, labels_of, metadata_of

LABEL_PREFIX: Final = "readiness.groundwork.io/"
STAGE_LABEL: Final = f"{LABEL_PREFIX}stage"

IN_STEP, MISSING, CHANGED, EXTRA, ORPHANED, NOT_EVALUATED = "in_step", "missing", "changed", "extra", "orphaned", "not_evaluated"
STATES: Final = (IN_STEP, MISSING, CHANGED, EXTRA, ORPHANED, NOT_EVALUATED)
NO_ACTION, CREATE, UPDATE, DELETE = "none", "create", "update", "delete"
PASS, FAIL, NOT_APPLICABLE = "pass", "fail", "not_applicable"

OWN, ADOPTED, SINGLETON, FIELDS = "own", "adopted", "singleton", "fields"
CLAIMS: Final = (OWN, ADOPTED, SINGLETON, FIELDS)
"""What a desired object is to us: ours alone; ours from now on though it was there before; the only one of its kind, whoever
made it; somebody else's object of which some fields are ours."""

ON_REMOVAL: Final = f"{LABEL_PREFIX}on-removal"
"""Annotation that says what becomes of an object once it is wanted no more, should the record of it be lost."""

DELETED, RELEASED, KEPT, GIVEN_BACK = "", "release", "keep", "fields"
"""What becomes of it: it is deleted; it stays, without our label and ownership; it stays as it is; it loses the fields that are ours."""

_ARGO_TRACKING: Final = "argocd.argoproj.io/tracking-id"
_ARGO_LABEL: Final = "argocd.argoproj.io/instance"
INSTANCE_LABEL: Final = "app.kubernetes.io/instance"
"""Argo CD tracks by it unless told otherwise; charts and samples of operators bear it too, so that alone it says nothing."""

_ARGO_MANAGERS: Final = "argocd*"
_NAMED_FIELDS: Final = 8


@dataclass(frozen=True, slots=True, order=True)
class ObjectKey:
    """Which object: two versions of an API group mean the same one."""

    group: str
    kind: str
    namespace: str
    name: str

    @property
    def text(self) -> str:
        """For people: `Plan openshift-mtv/erp-w01-warm`."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


def key_of(item: ApiObject) -> ObjectKey:
    """The key of an object."""
    metadata = metadata_of(item)
    group, slash, _version = str(item.get("apiVersion", "")).partition("/")
    return ObjectKey(group if slash else "", str(item.get("kind", "")), str(metadata.get("namespace") or ""), str(metadata.get("name", "")))


@dataclass(frozen=True, slots=True)
class Desired:
    """An object that has to be there. `path` is the file that it comes from; those of a lower `rank` are written first."""

    object: ApiObject
    path: str = ""
    rank: int = 0
    claim: str = OWN
    awaits: str = ""
    """what brings the kind of object, or of a FIELDS claim the object, where it is not there yet; such as `operator nfd`"""
    keep: bool = False
    """never removed: data hangs on it"""

    @property
    def key(self) -> ObjectKey:
        """Which object it is."""
        return key_of(self.object)


@dataclass(frozen=True, slots=True)
class Policy:
    """Whose objects they are, and what is left to others."""

    stage: str
    """value of the label that marks the stage's objects"""
    respected: Sequence[str] = RESPECTED_MANAGERS
    """patterns of field managers whose fields are not taken back"""
    manager: str = FIELD_MANAGER

    def manager_of(self, claim: str) -> str:
        """Under which name objects of that claim are applied.

        Fields of somebody else's object go by the stage's own name: another stage of ours may hold the object or other fields of
        it, and what one name applies replaces what it applied before.
        """
        return f"{self.manager}-{self.stage}" if claim == FIELDS else self.manager


@dataclass(frozen=True, slots=True)
class Finding:
    """One object: how it stood, what was done (what would be done, in check mode), and whether it is as desired then."""

    key: ObjectKey
    path: str
    state: str
    result: str
    action: str = NO_ACTION
    message: str = ""
    remedy: str = ""
    fields: tuple[str, ...] = ()
    """paths that change, or that are left to others"""

    def as_dict(self) -> dict[str, Any]:
        """The finding as plain data; what is empty is left out."""
        data: dict[str, Any] = {"object": self.key.text, "state": self.state, "result": self.result, "action": self.action}
        for name in ("path", "message", "remedy"):
            if value := getattr(self, name):
                data[name] = value
        if self.fields:
            data["fields"] = list(self.fields)
        return data


def refused(finding: Finding, message: str, remedy: str = "") -> Finding:
    """The finding, once the server has refused what was to be done."""
    return replace(finding, result=FAIL, action=NO_ACTION, message=message, remedy=remedy or finding.remedy)


# ---- whose object it is ----------------------------------------------------------------------------------------------


def is_ours(live: ApiObject, policy: Policy) -> bool:
    """Whether the object bears the stage's label."""
    return bool(labels_of(live).get(STAGE_LABEL) == policy.stage)


def was_applied(live: ApiObject, policy: Policy) -> bool:
    """Whether the object bears the stage's label and was applied by the collection, and not from its files by somebody else."""
    return is_ours(live, policy) and applied_fields(live, policy.manager) is not None


def marked(item: ApiObject, stage: str, on_removal: str = DELETED) -> dict[str, Any]:
    """The object with the stage's label, and with what becomes of it where that is not deletion."""
    metadata = {**metadata_of(item), "labels": {**labels_of(item), STAGE_LABEL: stage}}
    if on_removal != DELETED:
        metadata["annotations"] = {**annotations_of(item), ON_REMOVAL: on_removal}
    return {**item, "metadata": metadata}


def removal_of(item: ApiObject) -> str:
    """What becomes of an object by its own annotation. A word that is not known means that it is kept."""
    found = str(annotations_of(item).get(ON_REMOVAL) or DELETED)
    return found if found in (DELETED, RELEASED) else KEPT


def to_apply(desired: Desired, live: ApiObject | None, policy: Policy) -> ApiObject:
    """What is applied for a desired object: what was there before us says so from then on."""
    if desired.claim == FIELDS:
        return desired.object
    if desired.keep:
        return marked(desired.object, policy.stage, KEPT)
    found_there = live is not None and desired.claim in (ADOPTED, SINGLETON) and not was_applied(live, policy)
    is_released = live is not None and is_ours(live, policy) and removal_of(live) == RELEASED
    return marked(desired.object, policy.stage, RELEASED if found_there or is_released else DELETED)


def tracker(live: ApiObject) -> str:
    """Who else looks after the object as a whole, in words; empty for nobody."""
    tracking = str(annotations_of(live).get(_ARGO_TRACKING) or "")
    if tracking:
        return f"application {tracking.partition(':')[0]} of Argo CD"
    if value := labels_of(live).get(_ARGO_LABEL):
        return f"application {value} (label {_ARGO_LABEL})"
    value = labels_of(live).get(INSTANCE_LABEL)
    managers = (str(entry.get("manager", "")) for entry in metadata_of(live).get("managedFields") or ())
    if value and any(fnmatchcase(manager, _ARGO_MANAGERS) for manager in managers):
        return f"application {value} (label {INSTANCE_LABEL})"
    return ""


def left_alone(desired: Desired, live: ApiObject, policy: Policy, *, differs: bool) -> Finding | None:
    """The finding on an object that is there and may not be written; None where it may be."""
    key = desired.key
    stage = labels_of(live).get(STAGE_LABEL)
    if desired.claim in (ADOPTED, SINGLETON) and stage not in (None, policy.stage):
        message = f"it is looked after by this collection as part of {stage}; it was left as it is"
        return Finding(key, desired.path, CHANGED, FAIL, message=message, remedy="have one part alone ask for it")
    if desired.claim == OWN and not is_ours(live, policy):
        message = "an object of this name exists and is not this collection's; it was left as it is"
        remedy = f"rename or delete it, or hand it over with the label {STAGE_LABEL}={policy.stage}"
        return Finding(key, desired.path, CHANGED, FAIL, message=message, remedy=remedy)
    if owner := tracker(live):
        message = f"it belongs to {owner} and is not written from here"
        if not differs:
            return Finding(key, desired.path, IN_STEP, PASS, message=message)
        remedy = "commit the manifests where the application takes them from, or take the object out of the application"
        return Finding(key, desired.path, CHANGED, FAIL, message=f"{message}; it differs from the manifest", remedy=remedy)
    if metadata_of(live).get("deletionTimestamp"):
        waits = metadata_of(live).get("finalizers") or ()
        for_whom = f", which waits for {', '.join(map(str, waits))}" if waits else ""
        return Finding(key, desired.path, CHANGED, FAIL, message=f"it is being deleted{for_whom}", remedy="apply again once it is gone")
    return None


# ---- whose fields they are -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Contest:
    """Fields that others have applied: those that are taken back, and those that are left to them. Pairs of manager and field."""

    taken: tuple[tuple[str, str], ...] = ()
    left: tuple[tuple[str, str], ...] = ()

    @property
    def left_fields(self) -> tuple[str, ...]:
        """The fields that are left to others."""
        return tuple(dict.fromkeys(name for _manager, name in self.left))


def contest_of(conflicts: Iterable[tuple[str, str]], policy: Policy) -> Contest:
    """Who keeps which field. A field that several have applied is left as soon as one of them is respected."""
    pairs = tuple(conflicts)
    others = [(manager, name) for manager, name in pairs if not manager.startswith(policy.manager)]
    kept = {name for manager, name in others if any(fnmatchcase(manager, pattern) for pattern in policy.respected)}
    return Contest(tuple(pair for pair in pairs if pair[1] not in kept), tuple(pair for pair in pairs if pair[1] in kept))


def owners_in_words(pairs: Iterable[tuple[str, str]]) -> str:
    """`argocd-controller has .spec.type and .spec.description`."""
    fields: dict[str, list[str]] = {}
    for manager, name in pairs:
        fields.setdefault(manager or "a manager without a name", []).append(name)
    return "; ".join(f"{manager} has {listed(names)}" for manager, names in sorted(fields.items()))


def listed(names: Sequence[str]) -> str:
    """Names in a row; of many the first ones and how many more there are."""
    first = list(names[:_NAMED_FIELDS])
    more = len(names) - len(first)
    if more:
        return f"{', '.join(first)} and {more} more"
    return " and ".join(filter(None, (", ".join(first[:-1]), *first[-1:])))


# ---- all together ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tally:
    """All findings of one call, sorted by path and object."""

    findings: tuple[Finding, ...] = ()
    diffs: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = field(default_factory=dict)
    """object in words to (before, after), of those that change"""
    interrupted: str = ""
    """why not all was done"""
    record_differs: bool = False
    """whether the record of what was applied was brought up to date, or would be"""

    @property
    def changed(self) -> bool:
        """Whether anything was written, or would be."""
        return self.writes > 0 or self.record_differs

    @property
    def writes(self) -> int:
        """Objects that were written, or would be."""
        return sum(finding.action != NO_ACTION for finding in self.findings)

    def failed(self) -> tuple[Finding, ...]:
        """The findings that keep the cluster from being as desired."""
        return tuple(finding for finding in self.findings if finding.result in (FAIL, NOT_EVALUATED))

    def counts(self) -> dict[str, int]:
        """Figures for the run's record."""
        words = {"created": CREATE, "updated": UPDATE, "deleted": DELETE}
        return {
            "objects": len(self.findings),
            "in_step": sum(finding.state == IN_STEP for finding in self.findings),
            **{word: sum(finding.action == action for finding in self.findings) for word, action in words.items()},
            "orphaned": sum(finding.state == ORPHANED and finding.action == NO_ACTION for finding in self.findings),
            "failed": len(self.failed()),
        }
