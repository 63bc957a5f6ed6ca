# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Kueue would still admit: nominal quota, what a cohort lends, less what workloads have reserved.

The reckoning is Kueue's own (pkg/cache, resource_node.go): of its quota a member keeps what it does not lend, everything else is in
the cohort's hands, and a limit bounds what it may take of others'. Preemption is left out: what it would bring runs elsewhere now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, TypeAlias

from ..common.owned_fields import ApiObject
from ..common.quantities import exact, text_of
from ..common.write_findings import listed
from ..target.objects import maps_at, name_of, text_at, true_conditions

ZERO: Final = Fraction(0)
STOPPED: Final = ("Hold", "HoldAndDrain")
WITHOUT_FLAVOR: Final = ("cpu", "ephemeral-storage", "memory", "pods")
"""Resources that a flavor of their own may serve: devices are tied to the flavor of their nodes."""

_QUEUE, _COHORT = "ClusterQueue", "Cohort"

Key: TypeAlias = tuple[str, str]
"""Kind and name of a member of the tree."""
Flavored: TypeAlias = tuple[str, str]
"""Flavor and resource."""


class _Unknown(Exception):
    """Somebody's figures are not known; the text says whose and why."""


@dataclass(frozen=True, slots=True)
class _Quota:
    nominal: Fraction
    borrows: Fraction | None
    """the most that may be taken of others'; None is no bound"""
    lends: Fraction | None
    """the most that others may have; None is no bound"""


@dataclass(frozen=True, slots=True)
class _Member:
    """A ClusterQueue or a Cohort."""

    parent: Key | None
    quotas: Mapping[Flavored, _Quota]
    reserved: Mapping[Flavored, Fraction] | None
    """what workloads of a queue hold; None for a cohort"""
    unknown: str = ""
    groups: tuple[tuple[frozenset[str], tuple[str, ...]], ...] = ()
    """resources that are covered together, and the flavors that serve them"""
    stopped: str = ""
    """why it admits nothing"""


@dataclass(slots=True)
class _Seen:
    """What was worked out for one flavor and resource."""

    quotas: dict[Key, Fraction] = field(default_factory=dict)
    usages: dict[Key, Fraction] = field(default_factory=dict)


class QueueRoom:
    """The queues of a cluster with their cohorts."""

    def __init__(self, queues: Iterable[ApiObject], cohorts: Iterable[ApiObject]) -> None:
        members = {(_COHORT, name_of(item)): _cohort(item) for item in cohorts}
        members |= {(_QUEUE, name_of(item)): _queue(item) for item in queues}
        for member in list(members.values()):
            if member.parent is not None:
                # A cohort that nobody wrote down is there as soon as a queue names it.
                members.setdefault(member.parent, _Member(None, {}, None))
        self._members = members
        self._children: dict[Key, list[Key]] = {}
        for key, member in members.items():
            if member.parent is not None:
                self._children.setdefault(member.parent, []).append(key)
        self._seen: dict[Flavored, _Seen] = {}

    def stopped(self, queue: str) -> str:
        """Why a queue admits nothing at all; empty where it does, and where there is no such queue."""
        member = self._members.get((_QUEUE, queue))
        return member.stopped if member else ""

    def covers(self, queue: str, resource: str) -> bool:
        """Whether a queue counts a resource at all."""
        member = self._members.get((_QUEUE, queue))
        return member is not None and any(resource in covered for covered, _flavors in member.groups)

    def left(self, queue: str, resource: str, flavor: str) -> tuple[Fraction, str]:
        """What the queue would still admit of a resource, and why that is not known.

        `flavor` is that of the grant's devices; a resource that other flavors serve takes theirs.
        """
        member = self._members.get((_QUEUE, queue))
        if member is None:
            return ZERO, f"there is no {_QUEUE} {queue} yet"
        serving = next((flavors for covered, flavors in member.groups if resource in covered), ())
        if not serving:
            return ZERO, ""
        if flavor not in serving and len(serving) > 1:
            return ZERO, f"several flavors serve {resource}: {listed(serving)}"
        chosen = flavor if flavor in serving else serving[0]
        if resource not in WITHOUT_FLAVOR and chosen != flavor:
            return ZERO, ""
        try:
            self._refuse_circles((_QUEUE, queue))
            return self._available((_QUEUE, queue), (chosen, resource)), ""
        except _Unknown as reason:
            return ZERO, str(reason)

    def _refuse_circles(self, key: Key) -> None:
        seen: set[Key] = set()
        parent: Key | None = key
        while parent is not None:
            if parent in seen:
                raise _Unknown(f"{_COHORT} {parent[1]} is its own ancestor")
            seen.add(parent)
            parent = self._members[parent].parent

    def _available(self, key: Key, what: Flavored) -> Fraction:
        member, quota, usage = self._members[key], self._quota(key, what), self._usage(key, what)
        if member.parent is None:
            return quota - usage
        kept = self._kept(key, what)
        others = self._available(member.parent, what)
        limit = member.quotas[what].borrows if what in member.quotas else None
        if limit is not None:
            others = min(others, quota - kept - max(ZERO, usage - kept) + limit)
        return max(ZERO, kept - usage) + others

    def _kept(self, key: Key, what: Flavored) -> Fraction:
        """What is not lent to others."""
        found = self._members[key].quotas.get(what)
        return ZERO if found is None or found.lends is None else max(ZERO, self._quota(key, what) - found.lends)

    def _quota(self, key: Key, what: Flavored) -> Fraction:
        """Quota of a member with what its children put into its hands."""
        known = self._seen.setdefault(what, _Seen()).quotas
        if key not in known:
            member = self._members[key]
            if member.unknown:
                raise _Unknown(member.unknown)
            own = member.quotas[what].nominal if what in member.quotas else ZERO
            known[key] = own + sum((self._quota(child, what) - self._kept(child, what) for child in self._of(key)), ZERO)
        return known[key]

    def _usage(self, key: Key, what: Flavored) -> Fraction:
        """What a queue has handed out; of a cohort what its members took beyond what they keep."""
        known = self._seen.setdefault(what, _Seen()).usages
        if key not in known:
            reserved, quotas = self._members[key].reserved, self._members[key].quotas
            if reserved is None:
                over = (max(ZERO, self._usage(child, what) - self._kept(child, what)) for child in self._of(key))
                known[key] = sum(over, ZERO)
            elif what in quotas and what not in reserved:
                raise _Unknown(f"Kueue has not counted {what[1]} of {key[1]} yet")
            else:
                known[key] = reserved.get(what, ZERO)
        return known[key]

    def _of(self, key: Key) -> list[Key]:
        return self._children.get(key, [])


def _queue(item: ApiObject) -> _Member:
    cohort = text_at(item, "spec.cohortName") or text_at(item, "spec.cohort")
    quotas, unknown = _quotas(item, f"{_QUEUE} {name_of(item)}")
    reserved: dict[Flavored, Fraction] = {}
    for flavor in maps_at(item, "status.flavorsReservation"):
        for entry in maps_at(flavor, "resources"):
            total = exact(text_of(entry.get("total")))
            if total is not None:
                reserved[text_at(flavor, "name"), text_at(entry, "name")] = total
    return _Member((_COHORT, cohort) if cohort else None, quotas, reserved, unknown, _groups(item), _why_stopped(item))


def _cohort(item: ApiObject) -> _Member:
    parent = text_at(item, "spec.parentName")
    quotas, unknown = _quotas(item, f"{_COHORT} {name_of(item)}")
    return _Member((_COHORT, parent) if parent else None, quotas, None, unknown)


def _quotas(item: ApiObject, who: str) -> tuple[dict[Flavored, _Quota], str]:
    found: dict[Flavored, _Quota] = {}
    for group in maps_at(item, "spec.resourceGroups"):
        for flavor in maps_at(group, "flavors"):
            for entry in maps_at(flavor, "resources"):
                nominal = exact(text_of(entry.get("nominalQuota")))
                if nominal is None:
                    return {}, f"a quota of {who} is no quantity"
                bounds = [exact(text_of(entry.get(key))) for key in ("borrowingLimit", "lendingLimit")]
                found[text_at(flavor, "name"), text_at(entry, "name")] = _Quota(nominal, *bounds)
    return found, ""


def _groups(item: ApiObject) -> tuple[tuple[frozenset[str], tuple[str, ...]], ...]:
    found = []
    for group in maps_at(item, "spec.resourceGroups"):
        flavors = maps_at(group, "flavors")
        covered = frozenset(text_at(entry, "name") for flavor in flavors for entry in maps_at(flavor, "resources"))
        found.append((covered, tuple(text_at(flavor, "name") for flavor in flavors)))
    return tuple(found)


def _why_stopped(item: ApiObject) -> str:
    policy = text_at(item, "spec.stopPolicy")
    if policy in STOPPED:
        return f"its stopPolicy is {policy}"
    conditions = {text_at(entry, "type"): text_at(entry, "reason") for entry in maps_at(item, "status.conditions")}
    if "Active" in conditions and "Active" not in true_conditions(item):
        return f"it is not active: {conditions['Active'] or 'nobody says why'}"
    return ""
