# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Monitoring in a few sentences: which alerts are in place, whom they reach, what is watched, what is not, and what nobody knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from ..common.write_findings import listed as named
from ..platform.desired.monitoring import SEVERITIES, TEAM
from ..platform.monitoring import watch_checks as checks
from ..platform.monitoring.check_list import LAYER, PART
from ..platform.monitoring.facts import NAMESPACE as OF_NAMESPACES
from ..platform.monitoring.records import (
    ACCELERATORS,
    ALERT_STATES,
    IN_PLACE,
    LEFT_OUT,
    MISSING,
    MODEL,
    NAMESPACE,
    NOT_EVALUATED,
    QUEUE,
    UNWATCHED,
    WATCHED,
)
from ..platform.verdicts import UNKNOWN_REMEDY
from .headline import counted, listed
from .platform_view import AlertView, PlatformView, WatchView

ALERT_WORDS: Final = {IN_PLACE: "in place", MISSING: "missing", LEFT_OUT: "left out", NOT_EVALUATED: "not evaluated"}
WATCH_WORDS: Final = {WATCHED: "watched", UNWATCHED: "watched by nobody", NOT_EVALUATED: "nobody knows"}
TYPE_WORDS: Final = {ACCELERATORS: "accelerators", MODEL: "model", NAMESPACE: "namespace", QUEUE: "queue"}
OWNERS_OF_NAMESPACES: Final = "owners of namespaces"
NO_OWNER: Final = "nobody is named"
"""Of what no team answers for."""

TOLD, UNTOLD, LACKING, OPEN = "told", "untold", "missing", "not_evaluated"
REACH_WORDS: Final = {TOLD: "told", UNTOLD: "not told", LACKING: "not in place", OPEN: "not known"}
"""What becomes of an alert for an owner, in words."""

NOT_ASKED: Final = "The document asks for nothing of monitoring: nobody looked at alerts, at who is told, or at what is watched."
NOT_LOOKED_AT: Final = "Nothing is known of monitoring: this run did not come to look at it."

_SCRAPED: Final = {ACCELERATORS: checks.EXPORTER, MODEL: checks.MODEL, QUEUE: checks.QUEUE}
"""What lacks where nothing scrapes a thing of that type; namespaces are not scraped themselves."""


@dataclass(slots=True)
class Reach:
    """What becomes of the alerts for one owner, by severity."""

    owner: str
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    ways: set[str] = field(default_factory=set)
    """by which the owner is told"""

    def total(self, outcome: str) -> int:
        """Alerts of all severities of which that became."""
        return sum(count[outcome] for count in self.counts.values())

    @property
    def by_nobody(self) -> bool:
        """Whether it is known that no alert in place reaches the owner, though some are for it."""
        return self.total(UNTOLD) > 0 and not self.total(TOLD) and not self.total(OPEN)


def is_looked_at(platform: PlatformView) -> bool:
    """Whether the run was to look at monitoring."""
    return PART in platform.parts or bool(platform.alerts or platform.watched)


def monitoring_note(platform: PlatformView) -> str:
    """Why there is nothing to say of monitoring; empty where there is."""
    if platform.alerts or platform.watched:
        return ""
    wanted = any(layer.name == LAYER and layer.wanted for layer in platform.layers)
    return NOT_LOOKED_AT if wanted else NOT_ASKED


# ---- alerts ----------------------------------------------------------------------------------------------------------


def reaches(alerts: Iterable[AlertView]) -> tuple[Reach, ...]:
    """Whom the alerts reach that are wanted: whom none reaches first, then the platform's team, whose name nobody knows last."""
    found: dict[str, Reach] = {}
    for alert in alerts:
        if alert.state == LEFT_OUT:
            continue
        for owner, outcome in _outcomes(alert).items():
            reach = found.setdefault(owner, Reach(owner))
            reach.counts.setdefault(alert.severity, Counter())[outcome] += 1
        for receiver in alert.receivers or ():
            owner, _by, way = receiver.rpartition(" by ")
            if owner in found:
                found[owner].ways.add(way)
    return tuple(sorted(found.values(), key=_reach_rank))


def _reach_rank(reach: Reach) -> tuple[bool, bool, bool, str]:
    return not reach.by_nobody, reach.owner != TEAM, reach.owner == OWNERS_OF_NAMESPACES, reach.owner


def _outcomes(alert: AlertView) -> dict[str, str]:
    """Owners whom an alert is for, as far as they are known, with what becomes of it."""
    itself = OWNERS_OF_NAMESPACES if alert.owner == OF_NAMESPACES else alert.owner or OWNERS_OF_NAMESPACES
    if alert.receivers is None or alert.untold is None:
        return {itself: LACKING if alert.state == MISSING else OPEN}
    told = {receiver.rpartition(" by ")[0]: TOLD for receiver in alert.receivers}
    # Where nobody is named whom it could be for, it reaches nobody.
    found = {**told, **dict.fromkeys(alert.untold, UNTOLD)} or {itself: UNTOLD}
    if alert.state == IN_PLACE:
        return found
    return dict.fromkeys(found, LACKING if alert.state == MISSING else OPEN)


def severities_of(found: Iterable[Reach]) -> list[str]:
    """The severities of a matrix, the gravest first; one that is not known comes last."""
    seen = {severity for reach in found for severity in reach.counts}
    return [*(severity for severity in SEVERITIES if severity in seen), *sorted(seen.difference(SEVERITIES))]


def unreached(found: Iterable[Reach]) -> list[str]:
    """Owners of whom it is known that no alert reaches them."""
    return [reach.owner for reach in found if reach.by_nobody]


def alerts_line(platform: PlatformView) -> str:
    """How many alerts are in place, and whom they reach; empty where the run was not to look."""
    return " ".join(alerts_sentences(platform))


def alerts_sentences(platform: PlatformView) -> tuple[str, ...]:
    """The same sentence by sentence."""
    if not is_looked_at(platform):
        return ()
    found = platform.alerts
    if not found:
        return (monitoring_note(platform) or "No alert is asked for.",)
    counts = Counter(alert.state for alert in found)
    parts = [f"{counts[state]:,} {ALERT_WORDS[state]}" for state in ALERT_STATES if counts[state]]
    sentences = [f"{counted(len(found), 'alert')}, counted in each place where they stand: {listed(parts)}"]
    return tuple(f"{sentence}." for sentence in (*sentences, *_reached(found)))


def _reached(alerts: Sequence[AlertView]) -> list[str]:
    wanted = [alert for alert in alerts if alert.state != LEFT_OUT]
    if not wanted:
        return ["The document leaves out every one of them: nobody is told of anything"]
    found = reaches(wanted)
    lost = sum(bool(alert.untold) or alert.receivers == () for alert in wanted)
    unknown = sum(alert.receivers is None or alert.untold is None for alert in wanted)
    nobody = unreached(found)
    sentences = [f"No alert reaches {named(nobody)}"] if nobody else []
    if lost:
        sentences.append(f"{lost:,} {'does' if lost == 1 else 'do'} not reach everybody whom {'it is' if lost == 1 else 'they are'} for")
    if unknown:
        sentences.append(f"Of {unknown:,} nobody knows whom {'it reaches' if unknown == 1 else 'they reach'}")
    return sentences or ["Each of them has somebody who is told"]


# ---- what is watched -------------------------------------------------------------------------------------------------


def watch_line(platform: PlatformView) -> str:
    """How much of what people rely on is watched."""
    if not is_looked_at(platform):
        return ""
    found = platform.watched
    if not found:
        return monitoring_note(platform) or "Nothing is seen that people would rely on: no accelerators, models, quotas for them or queues."
    counts = Counter(entry.state for entry in found)
    watched, unwatched = counts[WATCHED], counts[UNWATCHED]
    open_ones = len(found) - watched - unwatched
    parts = [f"{unwatched:,} {'is' if unwatched == 1 else 'are'} watched by nobody"] if unwatched else []
    parts += [f"of {open_ones:,} nobody knows whether {'it is' if open_ones == 1 else 'they are'} watched"] if open_ones else []
    if not parts:
        which = "The one thing that people rely on is" if len(found) == 1 else f"All {len(found):,} things that people rely on are"
        return f"{which} watched."
    told = [*parts, *([f"{watched:,} {_be(watched)} watched"] if watched else [])]
    text = f"Of {counted(len(found), 'thing')} that people rely on, {listed(told)}"
    ownerless = sum(entry.state == UNWATCHED and entry.owner == "" for entry in found)
    more = f"; of those that nobody watches {ownerless:,} {'has' if ownerless == 1 else 'have'} no owner either" if ownerless else ""
    return f"{text}{more}."


def _be(count: int) -> str:
    return "is" if count == 1 else "are"


def monitoring_brief(platform: PlatformView) -> str:
    """Alerts and what is watched in one short line."""
    if not platform.alerts and not platform.watched:
        return ""
    alerts, watched = (Counter(entry.state for entry in entries) for entries in (platform.alerts, platform.watched))
    parts = []
    if platform.alerts:
        states = [f"{alerts[state]:,} {ALERT_WORDS[state]}" for state in ALERT_STATES if alerts[state]]
        nobody = unreached(reaches(platform.alerts))
        parts.append(f"alerts {', '.join(states)}" + (f"; none reaches {named(nobody)}" if nobody else ""))
    if platform.watched:
        states = [f"{watched[state]:,} {text}" for state, text in _BRIEF_WATCH.items() if watched[state]]
        parts.append(f"of what people rely on {', '.join(states)}")
    return f"Monitoring: {'; '.join(parts)}."


_BRIEF_WATCH: Final = {UNWATCHED: "watched by nobody", NOT_EVALUATED: "not known", WATCHED: "watched"}


def watch_remedy(watch: WatchView) -> str:
    """What to do so that somebody watches it: what the checks advise on what lacks; empty where somebody does."""
    if watch.state == WATCHED:
        return ""
    if watch.state != UNWATCHED:
        return UNKNOWN_REMEDY
    is_namespace = watch.watch_type == NAMESPACE
    lacks = [
        (watch.monitors == () and watch.watch_type in _SCRAPED, _SCRAPED.get(watch.watch_type, checks.MODEL)),
        (is_namespace and watch.owner == "", checks.OWNER),
        (is_namespace and bool(watch.owner) and watch.told is False, checks.TOLD),
        (watch.alerts == 0, checks.ALERTS),
    ]
    remedies = [check.remedy for lacking, check in lacks if lacking] or [checks.EXCLUDED.remedy]
    return "; ".join(remedies)
