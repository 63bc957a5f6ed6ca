# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drift, three-way: what contracts declare, what is live, and what was applied last, in the words of the contract.

Of kinds that guard a namespace, such as bindings and quotas, what nobody declared is drift as well; tenants' own work never is, and
neither is what OpenShift puts into every namespace.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..common.applied import digest
from ..common.findings import CheckFinding, Evidence
from ..common.owned_fields import ApiObject, shown
from ..common.write_findings import (
    CHANGED,
    EXTRA,
    FAIL,
    IN_STEP,
    MISSING,
    NOT_EVALUATED,
    Desired,
    Finding,
    ObjectKey,
    Policy,
    key_of,
    listed,
    to_apply,
    was_applied,
)
from ..platform.identity.facts import RBAC
from ..platform.rights import HOME
from ..platform.snapshot import PlatformSnapshot
from ..platform.verdicts import failed, passed, remedy_of, unknown
from ..target.objects import map_at, maps_at, name_of, namespace_of, text_at, texts_at
from . import check_list as checks
from .contract.model import Contract
from .objects.queues import GROUP as KUEUE
from .plan import NamespacesPlan
from .readings import BY_KIND, EGRESS_FIREWALLS, LIMIT_RANGES, NETWORK_POLICIES, OWN_NETWORKS
from .vocabulary import differences, key_for, layer_of, part_of, path_of

GUARDED: Final = (
    f"rolebindings.{RBAC}",
    f"roles.{RBAC}",
    "resourcequotas",
    LIMIT_RANGES,
    NETWORK_POLICIES,
    EGRESS_FIREWALLS,
    OWN_NETWORKS,
    f"localqueues.{KUEUE}",
)
"""Lists of kinds that say what a namespace may do, take and reach."""

_BORN: Final[Mapping[str, tuple[str, str, str]]] = {
    "system:deployers": ("system:deployer", "ServiceAccount", "deployer"),
    "system:image-builders": ("system:image-builder", "ServiceAccount", "builder"),
    "system:image-pullers": ("system:image-puller", "Group", "system:serviceaccounts:{}"),
}
"""RoleBindings that OpenShift puts into every namespace (openshift-controller-manager, pkg/authorization/defaultrolebindings): name
to role and the one subject."""

_CLOSED: Final[Mapping[str, tuple[str, ...]]] = {
    "ClusterResourceQuota": ("spec.selector.annotations", "spec.quota.hard"),
    "ResourceQuota": ("spec.hard",),
}
"""Kind to mappings of it in which every key counts: one that nobody declared changes what is bound, or for whom."""

_SECRETS_ROLE: Final = f"{HOME}-secrets"
_MOST_EVIDENCE: Final = 8


@dataclass(frozen=True, slots=True)
class Applied:
    """What was applied last, as the record in the cluster has it."""

    digests: Mapping[ObjectKey, str]
    unknown: str = ""
    """why it is not known; empty where it is"""


def object_findings(
    found: Iterable[Finding], plan: NamespacesPlan, snapshot: PlatformSnapshot, applied: Applied, policy: Policy
) -> list[CheckFinding]:
    """The write layer's findings on objects as those of the stage."""
    wanted = {each.key: each for each in plan.objects}
    return [_object_finding(each, wanted.get(each.key), snapshot, applied, policy) for each in found]


def _object_finding(found: Finding, wanted: Desired | None, snapshot: PlatformSnapshot, applied: Applied, policy: Policy) -> CheckFinding:
    path = path_of(found.key)
    told = CheckFinding(
        checks.OBJECT.id,
        part_of(found.key),
        found.key.text,
        found.state,
        found.result,
        checks.OBJECT.severity,
        found.message,
        found.remedy or _remedy_of(found),
        action=found.action,
        layer=layer_of(found.key.kind),
        path=path,
        fields=found.fields,
    )
    if found.state == MISSING and found.result == FAIL and not found.message:
        return replace(told, message="not there")
    live = _live(snapshot, found.key)
    if wanted is None or live is None or found.state not in (IN_STEP, CHANGED):
        return told
    seen = _with_differences(told, found, wanted, live, applied, policy) if found.state == CHANGED else told
    return _with_additions(seen, wanted.object, live)


def _remedy_of(found: Finding) -> str:
    if found.result == NOT_EVALUATED:
        return remedy_of(found.message)
    return checks.OBJECT.remedy if found.result == FAIL else ""


def _live(snapshot: PlatformSnapshot, key: ObjectKey) -> ApiObject | None:
    resource = BY_KIND.get((key.group, key.kind))
    return snapshot.get(resource.id, key.namespace, key.name) if resource is not None else None


def _with_differences(
    told: CheckFinding, found: Finding, wanted: Desired, live: ApiObject, applied: Applied, policy: Policy
) -> CheckFinding:
    """The finding with what is otherwise than declared, in the words of the contract."""
    key = found.key
    seen = list(differences(shown(wanted.object), shown(live)))
    if not seen:
        return told
    names = dict.fromkeys(key_for(key.kind, told.path, each.keys) for each in seen)
    words = f"{listed(list(names))}: {listed([f'{each.field} is {each.live}, declared {each.declared}' for each in seen])}"
    others = found.message if found.result == FAIL or "taken back" in found.message else ""
    message = "; ".join(filter(None, (words, _since(wanted, live, applied, policy), others)))
    evidence = tuple(Evidence(key.text, each.field, each.live, each.declared) for each in seen[:_MOST_EVIDENCE])
    return replace(told, message=message, fields=tuple(each.field for each in seen), evidence=evidence)


def _with_additions(told: CheckFinding, wanted: ApiObject, live: ApiObject) -> CheckFinding:
    """The finding with what somebody has added to a quota of ours: it bounds more, or fewer namespaces, and no apply takes that back."""
    added = [
        f"{path}[{key}]"
        for path in _CLOSED.get(told.subject.partition(" ")[0], ())
        for key in sorted(map_at(live, path).keys() - map_at(wanted, path).keys())
    ]
    if not added:
        return told
    words = f"beside what is declared there is {listed(added)}, which no run takes back"
    message = f"{told.message}; {words}" if told.message else words
    remedy = f"have {listed(added)} taken out of {told.subject}"
    return replace(told, state=CHANGED, result=FAIL, message=message, remedy=remedy, fields=(*told.fields, *added))


def _since(wanted: Desired, live: ApiObject, applied: Applied, policy: Policy) -> str:
    """Which of the three sides moved."""
    if applied.unknown:
        return f"whether the contract or the cluster changed is not known: {applied.unknown}"
    before = applied.digests.get(wanted.key)
    if before is None:
        return "it was not applied from here before"
    if before == digest(to_apply(wanted, live, policy)):
        return "somebody changed it since it was applied"
    return "the contract changed since it was applied"


# ---- what nobody declared --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Extra:
    """A guarded object that no contract declares."""

    key: ObjectKey
    api_version: str
    uid: str
    finding: CheckFinding


def extras(contracts: Sequence[Contract], plan: NamespacesPlan, snapshot: PlatformSnapshot, policy: Policy) -> list[Extra]:
    """Guarded objects in the namespaces of contracts that no contract declares, as far as lists are known."""
    declared = {each.key for each in plan.objects}
    spaces = {each.namespace for each in contracts}
    return [
        _extra(item)
        for resource in GUARDED
        for item in snapshot.all(resource)
        if namespace_of(item) in spaces and key_of(item) not in declared and not _is_known(item, snapshot, policy)
    ]


def _is_known(item: ApiObject, snapshot: PlatformSnapshot, policy: Policy) -> bool:
    """Whether it is nobody's drift: OpenShift's, ours, or what lets us read the Secrets that contracts name."""
    return was_applied(item, policy) or _is_born(item) or _reads_secrets(item) or _lets_us_read_secrets(item, snapshot)


def extra_findings(contracts: Sequence[Contract], found: Sequence[Extra], snapshot: PlatformSnapshot) -> list[CheckFinding]:
    """The findings on these, and on each namespace whether that is all."""
    unread = [name for name in GUARDED if not snapshot.known(name)]
    touched = {each.key.namespace for each in found}
    whole: list[CheckFinding] = []
    for name in (each.namespace for each in contracts):
        subject = f"guarded objects of {name}"
        if unread:
            whole.append(replace(unknown(checks.EXTRA, subject, listed([snapshot.why_not(one) for one in unread])), part=name))
        elif name not in touched:
            whole.append(replace(passed(checks.EXTRA, subject), part=name))
    return [*(each.finding for each in found), *whole]


def _extra(item: ApiObject) -> Extra:
    key = key_of(item)
    makers = [f"{text_at(each, 'kind')} {text_at(each, 'name')}" for each in maps_at(item, "metadata.ownerReferences")]
    made_by = f", made by {listed(makers)}" if makers else ""
    message = f"no contract declares {key.text}{made_by}{_what_it_gives(item)}"
    found = failed(checks.EXTRA, key.text, message, path_of(key).partition("[")[0], EXTRA)
    told = replace(found, part=key.namespace, layer=layer_of(key.kind))
    return Extra(key, text_at(item, "apiVersion"), text_at(item, "metadata.uid"), told)


def _what_it_gives(item: ApiObject) -> str:
    if text_at(item, "kind") != "RoleBinding":
        return ""
    who = [f"{text_at(each, 'kind')} {text_at(each, 'name')}" for each in maps_at(item, "subjects")]
    return f": {text_at(item, 'roleRef.kind')} {text_at(item, 'roleRef.name')} for {listed(who) or 'nobody'}"


def _is_born(item: ApiObject) -> bool:
    """Whether OpenShift puts it into every namespace: by what it says, for a name proves nothing."""
    expected = _BORN.get(name_of(item))
    if expected is None or text_at(item, "kind") != "RoleBinding":
        return False
    role, kind, name = expected
    subjects = [(text_at(each, "kind"), text_at(each, "name")) for each in maps_at(item, "subjects")]
    homes = {text_at(each, "namespace") for each in maps_at(item, "subjects") if text_at(each, "kind") == "ServiceAccount"}
    is_role = (text_at(item, "roleRef.kind"), text_at(item, "roleRef.name")) == ("ClusterRole", role)
    return is_role and subjects == [(kind, name.format(namespace_of(item)))] and homes <= {namespace_of(item)}


def _reads_secrets(item: ApiObject) -> bool:
    """Whether it is a Role as roles/operators/files/secret_rights.yml has it: it gives single Secrets, to be read by name."""
    rules = maps_at(item, "rules") if text_at(item, "kind") == "Role" and name_of(item).startswith(_SECRETS_ROLE) else []
    return bool(rules) and all(
        (texts_at(rule, "apiGroups"), texts_at(rule, "resources"), texts_at(rule, "verbs")) == ([""], ["secrets"], ["get"])
        and bool(texts_at(rule, "resourceNames"))
        for rule in rules
    )


def _lets_us_read_secrets(item: ApiObject, snapshot: PlatformSnapshot) -> bool:
    """Whether it binds nobody but accounts of the collection's own namespace to such a Role."""
    if text_at(item, "kind") != "RoleBinding" or text_at(item, "roleRef.kind") != "Role":
        return False
    subjects = maps_at(item, "subjects")
    ours = all((text_at(each, "kind"), text_at(each, "namespace")) == ("ServiceAccount", HOME) for each in subjects)
    role = snapshot.get(f"roles.{RBAC}", namespace_of(item), text_at(item, "roleRef.name"))
    return ours and role is not None and _reads_secrets(role)
