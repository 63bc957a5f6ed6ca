# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What watching is judged by, and what was found of one thing that people rely on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...common.findings import CheckFinding
from ...common.write_findings import FAIL, NOT_EVALUATED
from ...target.objects import map_at, maps_at, namespace_of, text_at
from ..checks import Check
from ..delivery.scope import Many, Verdict, fails, finding_of, holds, nobody_knows
from ..desired.monitoring import Monitoring
from ..parts import WantedObject
from ..snapshot import PlatformSnapshot
from ..verdicts import not_asked
from .facts import AlertFacts, RuleFacts
from .monitors import left_out
from .owners import owners_of
from .readings import NAMESPACES
from .records import UNWATCHED, WATCHED
from .scraping import Scraping, Sight, scraping_of


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchLook:
    """Everything that watching is judged by; `look_of` makes it."""

    wanted: Monitoring
    snapshot: PlatformSnapshot
    facts: RuleFacts
    rules: tuple[WantedObject, ...]
    """the wanted objects with rules, those of the collection and the document's own"""
    told: Mapping[str, bool | None]
    """owner to whether alerts reach it; None, or no entry, is unknown"""
    owners: Mapping[str, str]
    scraping: Scraping

    def alerts_in(self, namespace: str) -> tuple[AlertFacts, ...]:
        """The collection's alerts that are wanted in a namespace."""
        names = {
            text_at(rule, "alert")
            for wanted in self.rules
            if namespace_of(wanted.object) == namespace
            for group in maps_at(wanted.object, "spec.groups")
            for rule in maps_at(group, "rules")
        }
        return tuple(facts for name, facts in sorted(self.facts.alerts.items()) if name in names)

    def owner_unknown(self, namespace: str) -> str:
        """Why nobody knows whether a namespace has an owner; empty where it is known."""
        return "" if namespace in self.owners else self.snapshot.why_not(NAMESPACES)

    def labels_of(self, namespace: str) -> Mapping[str, str] | None:
        """Labels of a namespace; None where nobody knows it."""
        item = self.snapshot.get(NAMESPACES, "", namespace)
        return None if item is None else {str(key): str(value) for key, value in map_at(item, "metadata.labels").items()}


def look_of(
    wanted: Monitoring,
    snapshot: PlatformSnapshot,
    facts: RuleFacts,
    rules: tuple[WantedObject, ...],
    told: Mapping[str, bool | None],
) -> WatchLook:
    """One look at what is watched."""
    owners, scraping = owners_of(wanted, snapshot), scraping_of(snapshot)
    return WatchLook(wanted=wanted, snapshot=snapshot, facts=facts, rules=rules, told=told, owners=owners, scraping=scraping)


# ---- one thing -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Something that people rely on, and what was found of it."""

    watch_type: str
    name: str
    """unique among those of its type"""
    subject: str
    """what findings call it"""
    owner: str
    """team that answers for it; empty where none is named"""
    alerts: int
    """alerts of the collection that are wanted for it"""
    verdicts: tuple[tuple[Check, Verdict], ...]
    sight: Sight | None = None
    """who scrapes it; None for what is not scraped itself"""
    owner_unknown: str = ""
    """why nobody knows whether an owner is named"""

    @property
    def state(self) -> str:
        """Whether anybody watches it: a single lack is enough for nobody to."""
        results = {verdict.result for _check, verdict in self.verdicts}
        return UNWATCHED if FAIL in results else NOT_EVALUATED if NOT_EVALUATED in results else WATCHED

    @property
    def reason(self) -> str:
        """What lacks, or why nobody knows; empty where it is watched."""
        told = {UNWATCHED: FAIL, NOT_EVALUATED: NOT_EVALUATED}.get(self.state, "")
        return "; ".join(verdict.message for _check, verdict in self.verdicts if verdict.result == told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """All things of one type."""

    subject: str
    """what they are together: `models seen`"""
    checks: tuple[Check, ...]
    things: tuple[Watched, ...]
    asked: str = ""
    """place in the document that asks for them to be watched; empty where none does"""
    unknown: str = ""
    """why there may be more of them; empty where there are not"""
    nothing: str
    """what there is none of, in words"""

    def findings(self) -> list[CheckFinding]:
        """What is asked for is told thing by thing; of all else how many lack what, which is no alarm."""
        many = Many(self.subject)
        if self.unknown and not self.asked:
            for check in self.checks:
                many.add(check, self.subject, nobody_knows(self.unknown))
        for thing in () if self.asked else self.things:
            for check, verdict in thing.verdicts:
                many.add(check, thing.subject, verdict)
        return [*self._asked(), *many.findings(), *self._needless()]

    def _asked(self) -> list[CheckFinding]:
        if not self.asked:
            return []
        told = [finding_of(check, thing.subject, verdict, self.asked) for thing in self.things for check, verdict in thing.verdicts]
        if self.unknown:
            told += [finding_of(check, self.subject, nobody_knows(self.unknown), self.asked) for check in self.checks]
        return told

    def _needless(self) -> list[CheckFinding]:
        return [] if self.things or self.unknown else [not_asked(check, self.subject, self.nothing) for check in self.checks]


# ---- verdicts that several types share -------------------------------------------------------------------------------


def scraped(sight: Sight) -> Verdict:
    """Whether somebody scrapes it."""
    if sight.unknown:
        return nobody_knows(sight.unknown)
    return fails(sight.reason, "ServiceMonitors and PodMonitors", "none", "one that is read") if sight.reason else holds()


def alerted(count: int, lack: str) -> Verdict:
    """Whether alerts are wanted for it."""
    return holds() if count else fails(lack, "alerts of the collection", "none", "at least one")


def included(look: WatchLook, namespace: str) -> Verdict:
    """Whether user-workload monitoring reads a namespace."""
    labels = look.labels_of(namespace)
    if labels is None:
        return nobody_knows(look.snapshot.why_not(NAMESPACES) or f"namespace {namespace} is not in the list of namespaces")
    why = left_out(labels)
    return fails(why, f"metadata.labels of namespace {namespace}", why, "neither label") if why else holds()
