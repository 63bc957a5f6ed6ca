# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to give way for a group without a wave to get one.

It is tried, not guessed: what is known to keep the group out is lifted, and the group is looked for a place in the finished plan, in
a wave or in a slot that no wave uses. As long as there is none, what keeps it out then is added.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from itertools import accumulate
from typing import Final

from .drafts import Draft
from .explain import Explainer
from .hindrances import (
    CHANGE_WINDOW_UNREADABLE,
    FIRST_COPY_TOO_LONG,
    FROZEN,
    LAST_DAY,
    NO_WINDOW,
    OWNER_WINDOW_CLOSED,
    OWNER_WINDOW_TOO_SHORT,
    OWNER_WINDOWS_APART,
    SLOTS_TAKEN,
    WAVES,
    WINDOW_TOO_SHORT,
    WindowCheck,
)
from .lead_account import Ask
from .model import Constraint, Slot
from .openings import Key, Profile, Profiles
from .placement import FOREVER, TIME, Board, Bounds

_LOOKS: Final = 20_000
"""How often a group that something keeps out is tried in a wave; those that come later are taken to find one."""
_SHARED: Final = 2000
"""Groups that were crowded out and are looked for a place beside one another."""
_EARLIEST: Final = datetime.min.replace(tzinfo=timezone.utc)
_CALENDAR: Final = frozenset({"last_day", "freezes", "windows"})
"""What is lifted of the calendar itself."""
_LIFTS: Final = {
    CHANGE_WINDOW_UNREADABLE: "owner",
    OWNER_WINDOWS_APART: "owner",
    OWNER_WINDOW_CLOSED: "owner",
    OWNER_WINDOW_TOO_SHORT: "owner",
    NO_WINDOW: "windows",
    WINDOW_TOO_SHORT: "windows",
    SLOTS_TAKEN: "windows",
    FIRST_COPY_TOO_LONG: "windows",
    FROZEN: "freezes",
    LAST_DAY: "last_day",
    WAVES: "waves",
}
"""Code of a constraint to what is lifted with it."""


@dataclass(frozen=True, slots=True)
class _World:
    """The calendar with some of its settings lifted."""

    profiles: Profiles
    check: WindowCheck


class Diagnosis:
    """Looks for places under lifted settings."""

    def __init__(
        self, board: Board, profiles: Profiles, drafts: Sequence[Draft], first_slot: int, explainer: Explainer, begun: Sequence[Slot]
    ) -> None:
        """`begun` are the slots of waves that have begun."""
        self._board = board
        self._profiles = profiles
        self._drafts = drafts
        self._first_slot = first_slot
        self._explainer = explainer
        self._worlds: dict[frozenset[str], _World] = {}
        self._fresh_known: dict[tuple[frozenset[str], Key, datetime, float, Sequence[Ask]], tuple[float, float]] = {}
        self._left = _LOOKS
        self._shared_left = _SHARED
        self._ghosts: dict[frozenset[str], tuple[Board, int]] = {}
        slots = [opening.slot for number in board.opened if (opening := board.case.openings.at(number)) is not None]
        self._pilots_end = max((self._end(slot) for slot in board.opened if slot < first_slot), default=_EARLIEST)
        self._starts = [slot.start for slot in slots]
        busy = sorted((slot.start, slot.end) for slot in (*slots, *begun, *self._closed()))
        self._busy_from, self._busy_to = [start for start, _end in busy], list(accumulate((end for _start, end in busy), max))
        """where no new wave can be"""

    def _closed(self) -> Iterator[Slot]:
        """Slots of the plan that waves which have begun leave to nobody."""
        bits, openings = self._board.case.closed, self._board.case.openings
        for number in range(bits.bit_length()):
            if bits >> number & 1 and (opening := openings.at(number)) is not None:
                yield opening.slot

    def complete(self, number: int, crowded_out: bool) -> None:
        """Adds to a draft's hindrances until lifting them all gives it a place. `crowded_out`: nothing keeps it out by itself."""
        draft = self._drafts[number]
        look = not crowded_out or bool(draft.hindrances)
        if look and self._left <= 0:
            return
        for _round in range(len(_LIFTS)):
            lifts = frozenset(_LIFTS[constraint.code] for _vm, constraint in draft.hindrances if constraint.code in _LIFTS)
            found, last = self._next(number, lifts, look)
            draft.hindrances += [("", constraint) for constraint in found]
            if last:
                return
            draft.waived |= {TIME} if any(constraint.code in (WINDOW_TOO_SHORT, OWNER_WINDOW_TOO_SHORT) for constraint in found) else set()

    def _next(self, number: int, lifts: frozenset[str], look: bool) -> tuple[list[Constraint], bool]:
        """What keeps a draft out with all this lifted, and whether that is the last of it."""
        draft, world = self._drafts[number], self._world(lifts)
        mate = draft if world.profiles is self._profiles and "owner" not in lifts else _as_in(draft, world.profiles, "owner" in lifts)
        found = [constraint for constraint in world.check.no_slot(mate) if _LIFTS[constraint.code] not in lifts]
        if found:
            return found, False
        if look and self._joins(number, self._key(mate.profile, lifts)):
            return [], True
        if self._fresh(number, mate.profile, lifts) and self._shares(number, mate.profile, lifts):
            return [], True
        for way in self._ways(lifts):
            wider = lifts | set(way)
            profile = self._world(wider).profiles.by_key(mate.profile.key)
            if self._fresh(number, profile, wider) and self._shares(number, profile, wider):
                return self._constraints(number, way), True
        return ([], True) if "windows" in lifts else (self._constraints(number, ("windows",)), False)

    def _ways(self, lifts: frozenset[str]) -> list[tuple[str, ...]]:
        given = (("waves", self._board.case.limits.waves is not None), ("last_day", self._profiles.settings.last_day is not None))
        single = [(name,) for name, is_set in given if is_set and name not in lifts]
        return [*single, ("waves", "last_day")] if len(single) == 2 else [*single]

    def _world(self, lifts: frozenset[str]) -> _World:
        lifts = lifts & _CALENDAR
        if lifts not in self._worlds:
            profiles = self._profiles.without(*sorted(lifts)) if lifts else self._profiles
            self._worlds[lifts] = _World(profiles, WindowCheck(profiles))
        return self._worlds[lifts]

    def _key(self, profile: Profile, lifts: frozenset[str]) -> Key:
        rules, windows, freezes = profile.key
        return rules, windows, frozenset() if "freezes" in lifts else freezes

    def _after(self, number: int) -> datetime:
        """When the waves end that a group has to follow, the pilots' among them."""
        draft = self._drafts[number]
        before = [self._board.slot_of[other] for other in draft.before]
        return max([self._pilots_end, draft.not_before or _EARLIEST, *(self._end(slot) for slot in before if slot >= 0)])

    def _end(self, slot: int) -> datetime:
        opening = self._board.case.openings.at(slot)
        return _EARLIEST if opening is None else opening.slot.end

    def _joins(self, number: int, key: Key) -> bool:
        """Whether a wave has room for a group, its own limits waived."""
        after, waived = self._after(number), frozenset(self._drafts[number].waived)
        item = replace(self._board.case.items[number], profile=self._profiles.by_key(key))
        self._left -= len(self._starts)
        for slot, start in zip(self._board.opened, self._starts, strict=True):
            if start >= after and item.profile.span(slot) is not None and self._board.refusal(item, slot, waived) is None:
                return True
        return False

    def _fresh(self, number: int, profile: Profile, lifts: frozenset[str]) -> bool:
        """Whether there is a slot that no wave uses."""
        case, draft = self._board.case, self._drafts[number]
        if "waves" not in lifts and case.waves_left is not None and len(self._board.opened) >= case.waves_left:
            return False
        wanted = 0.0 if TIME in draft.waived else draft.alone
        after = self._after(number)
        asks = case.items[number].asks
        known = (lifts & _CALENDAR, profile.key, after, draft.lead, asks)
        enough, too_much = self._fresh_known.get(known, (-1.0, float("inf")))
        if not enough < wanted < too_much:
            return wanted <= enough
        slot = profile.next_for(wanted, 0, draft.lead)
        while slot >= 0 and not (self._is_free(profile, slot, after) and self._copied_in_time(profile, slot, asks)):
            slot = profile.next_for(wanted, slot + 1, draft.lead)
        self._fresh_known[known] = (wanted, too_much) if slot >= 0 else (enough, wanted)
        return slot >= 0

    def _copied_in_time(self, profile: Profile, slot: int, asks: Sequence[Ask]) -> bool:
        """Whether a new wave in a slot leaves the time for all first copies. The slot may be of another calendar than the plan's."""
        span = profile.span(slot)
        if not asks or span is None:
            return True
        return self._board.account.allows_before(asks, self._board.case.openings.first_from(span[0]), profile.lead(slot))

    def _shares(self, number: int, profile: Profile, lifts: frozenset[str]) -> bool:
        """Whether there is a place beside the others that get one in the same way."""
        if self._shared_left <= 0 or not lifts:
            return True
        self._shared_left -= 1
        board, closed = self._ghost(lifts, profile)
        item = replace(self._board.case.items[number], profile=profile)
        after, low = self._after(number), 0
        while (opening := profile.openings.at(low)) is not None and opening.slot.start < after:
            low += 1
        slot = board.first_fit(item, Bounds(closed=closed), low, FOREVER)
        if slot >= 0:
            board.place(item, slot)
        return slot >= 0

    def _ghost(self, lifts: frozenset[str], profile: Profile) -> tuple[Board, int]:
        """An empty plan in the slots that the real one leaves, and the bits of those that it uses."""
        if lifts not in self._ghosts:
            case, openings = self._board.case, profile.openings
            left = None if "waves" in lifts or case.waves_left is None else case.waves_left - len(self._board.opened)
            bits, starts, end = 0, list[datetime](), max(self._busy_to, default=_EARLIEST)
            while (opening := openings.at(len(starts))) is not None and opening.slot.start < end:
                bits |= 0 if self._is_free(profile, len(starts), _EARLIEST) else 1 << len(starts)
                starts.append(opening.slot.start)
            board = Board(replace(case, openings=openings, waves_left=left, closed=0, begun=()))
            for slot in self._board.opened:
                load = self._board.loads[slot]
                for entry in load.items:
                    _haunt(board, starts, load.lead, case.items[entry].asks)
            for _slot, lead, asks in case.begun:
                _haunt(board, starts, lead, asks)
            self._ghosts[lifts] = board, bits
        return self._ghosts[lifts]

    def _is_free(self, profile: Profile, number: int, after: datetime) -> bool:
        opening = profile.openings.at(number)
        if opening is None or opening.slot.start < after:
            return False
        place = bisect_left(self._busy_from, opening.slot.end)
        return place == 0 or self._busy_to[place - 1] <= opening.slot.start

    # ---- in words ----------------------------------------------------------------------------------------------------

    def _constraints(self, number: int, lifts: tuple[str, ...]) -> list[Constraint]:
        draft, case = self._drafts[number], self._board.case
        full = self._explainer.why_full(case.items[number], self._first_slot)
        who = draft.words()
        found = []
        if "waves" in lifts:
            text = f"{who}: plan_limits.waves allows {case.limits.waves} waves, and none has room{full}"
            found.append(Constraint(WAVES, draft.id, text, "set plan_limits.waves to a higher number", "plan_limits.waves"))
        if "last_day" in lifts:
            day = self._profiles.settings.last_day
            text = f"{who}: no slot that it may use until plan_last_day {day} has room{full}"
            found.append(Constraint(LAST_DAY, draft.id, text, "set plan_last_day to a later day", "plan_last_day"))
        if "windows" in lifts:
            text = f"{who}: the slots that it may use are taken{full}"
            found.append(Constraint(SLOTS_TAKEN, draft.id, text, "add a window that admits it, or let one come again", "plan_windows"))
        return found


def _haunt(board: Board, starts: Sequence[datetime], lead: float, asks: Sequence[Ask]) -> None:
    """Lets a board know what a wave of another one asks of the path; `starts` are those of the board's own slots."""
    begin = board.case.openings.begins + timedelta(minutes=lead)
    board.account.take(asks, max(0, bisect_right(starts, begin) - 1), lead)


def _as_in(draft: Draft, profiles: Profiles, ownerless: bool) -> Draft:
    """The draft with the calendar of another world."""
    vms = tuple(replace(vm, change_window="") for vm in draft.vms) if ownerless else draft.vms
    admissions = tuple(profiles.admission(vm) for vm in vms)
    return replace(draft, vms=vms, admissions=admissions, profile=profiles.of(admissions))
