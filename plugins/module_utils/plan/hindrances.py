# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps a group out of every wave by itself, each with its figures, the setting, and the way out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final

from .drafts import Draft
from .groups import GROUP_INCOMPLETE
from .method import against_warm
from .model import COLD, TIB, Constraint, Order
from .openings import EPSILON, Profile, Profiles
from .placement import BYTES, DATASTORE, HIGH_RISK, HOST, TIME, VMS
from .settings import WaveLimits
from .windows import HOW_TO_WRITE

DEPENDENCY_NOT_PLACED: Final = "dependency_not_placed"
DEPENDENCY_CYCLE: Final = "dependency_cycle"
CHANGE_WINDOW_UNREADABLE: Final = "change_window_unreadable"
OWNER_WINDOWS_APART: Final = "owner_windows_apart"
OWNER_WINDOW_CLOSED: Final = "owner_window_closed"
OWNER_WINDOW_TOO_SHORT: Final = "owner_window_too_short"
NO_WINDOW: Final = "no_window"
WINDOW_TOO_SHORT: Final = "window_too_short"
FIRST_COPY_TOO_LONG: Final = "first_copy_too_long"
FROZEN: Final = "frozen"
LAST_DAY: Final = "last_day"
WAVE_BEGUN: Final = "wave_begun"
WAVES: Final = "waves"
SLOTS_TAKEN: Final = "slots_taken"
WAVE_VMS: Final = "wave_vms"
WAVE_BYTES: Final = "wave_bytes"
WAVE_HIGH_RISK_VMS: Final = "wave_high_risk_vms"
WAVE_VMS_PER_HOST: Final = "wave_vms_per_host"
WAVE_VMS_PER_DATASTORE: Final = "wave_vms_per_datastore"

_OWNER: Final = "the annotation window"


def duration_words(minutes: float) -> str:
    """Minutes as people say them: `95 min`, `10 h`, `9 h 35 min`, rounded up."""
    whole = int(minutes) + (minutes - int(minutes) > EPSILON)
    hours, rest = divmod(whole, 60)
    if whole < 120:
        return f"{whole} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def tib_words(size: int) -> str:
    """Bytes in TiB with two places."""
    return f"{size / TIB:.2f} TiB"


# ---- limits ----------------------------------------------------------------------------------------------------------


def over_limits(draft: Draft, limits: WaveLimits) -> Iterator[tuple[str, Constraint]]:
    """The limits of a wave that a group breaks alone, each with the word that waives it."""
    who = draft.words()
    count = len(draft.vms)
    if limits.vms is not None and count > limits.vms:
        text = f"{who}: {count} VMs move together, and plan_limits.vms allows {limits.vms} in a wave"
        yield VMS, _limit(draft, WAVE_VMS, text, "vms", str(count))
    if limits.bytes is not None and draft.bytes > limits.bytes:
        text = f"{who}: {tib_words(draft.bytes)} to copy, and plan_limits.tib allows {tib_words(limits.bytes)} in a wave"
        yield BYTES, _limit(draft, WAVE_BYTES, text, "tib", f"{draft.bytes / TIB:.2f}")
    if limits.high_risk_vms is not None and draft.high > limits.high_risk_vms:
        text = f"{who}: {draft.high} VMs of high risk move together, and plan_limits.high_risk_vms allows {limits.high_risk_vms} in a wave"
        yield HIGH_RISK, _limit(draft, WAVE_HIGH_RISK_VMS, text, "high_risk_vms", str(draft.high))
    yield from _crowded(draft, HOST, limits.vms_per_host)
    yield from _crowded(draft, DATASTORE, limits.vms_per_datastore)


def _crowded(draft: Draft, what: str, limit: int | None) -> Iterator[tuple[str, Constraint]]:
    if limit is None:
        return
    found, code, place = (
        (draft.hosts(), WAVE_VMS_PER_HOST, "host") if what == HOST else (draft.stores(), WAVE_VMS_PER_DATASTORE, "datastore")
    )
    most = max(found.values(), default=0)
    if most > limit:
        name = min(name for name, count in found.items() if count == most)
        shown = name.rpartition("/")[2] or f"a {place} that is not known"
        text = f"{draft.words()}: {most} VMs of {place} {shown} move together, and plan_limits.{what} allows {limit} in a wave"
        yield what, _limit(draft, code, text, what, str(most))


def _limit(draft: Draft, code: str, text: str, setting: str, needed: str) -> Constraint:
    return Constraint(
        code, draft.id, text, f"set plan_limits.{setting} to {needed} or more, or undo what ties the VMs", f"plan_limits.{setting}"
    )


# ---- windows ---------------------------------------------------------------------------------------------------------


class WindowCheck:
    """Finds out whether a group has a slot at all, and if not, which setting takes it away."""

    def __init__(self, profiles: Profiles) -> None:
        self._profiles = profiles
        self._variants: dict[tuple[str, ...], Profiles] = {}
        self._known: dict[object, tuple[str, ...] | None] = {}

    def unreadable(self, draft: Draft) -> Iterator[tuple[str, Constraint]]:
        """Change windows that cannot be read, each with its VM."""
        for vm, admission in zip(draft.vms, draft.admissions, strict=True):
            if not admission.readable:
                text = f"change window {vm.change_window.strip()!r} of {vm.name or vm.id} is neither a window of plan_windows nor a time"
                yield vm.id, Constraint(CHANGE_WINDOW_UNREADABLE, vm.id, text, HOW_TO_WRITE)

    def no_slot(self, draft: Draft) -> list[Constraint]:
        """Why a group has no slot; nothing where it has one that is long enough for it alone."""
        profile = draft.profile
        if profile.next(0) < 0:
            return self._none(draft)
        longest = profile.longest(draft.alone)
        if draft.alone > longest + EPSILON:
            return self._too_short(draft, longest)
        return self._too_early(draft) if draft.lead and profile.next_for(draft.alone, 0, draft.lead) < 0 else []

    def _too_early(self, draft: Draft) -> list[Constraint]:
        """Why a group has no slot that is far enough away for its first copies."""
        settings = self._profiles.settings
        text = f"{draft.words()}: the first copies of its warm moves take {duration_words(draft.lead)} (p90) from {settings.start} on"
        if settings.last_day is not None:
            text = f"{text}, and no slot that it may use lies between their end and plan_last_day {settings.last_day}"
            return [
                Constraint(LAST_DAY, draft.id, text, "set plan_last_day to a later day, or plan_start to an earlier one", "plan_last_day")
            ]
        text = f"{text}, and no slot that it may use comes after their end"
        return [Constraint(FIRST_COPY_TOO_LONG, draft.id, text, "add a later window, or let one come again", "plan_windows")]

    def _too_short(self, draft: Draft, longest: float) -> list[Constraint]:
        needs = f"{draft.words()}: the move takes {duration_words(draft.alone)} (p90)"
        found = []
        owners = _owners(draft)
        general = self._profiles.by_key((_general_rules(draft), (), draft.profile.key[2]))
        of_plan = general.longest(draft.alone) if owners else longest
        warm = ", or a warm migration" if _could_be_warm(draft) else ""
        if owners:
            text = f"{needs}, and its owner's window {owners} leaves {duration_words(longest)} at most"
            remedy = f"a longer window in {_OWNER}{warm}"
            found.append(Constraint(OWNER_WINDOW_TOO_SHORT, draft.id, text, remedy))
        if draft.alone > of_plan + EPSILON:
            text = f"{needs}, and the longest slot that it may use has {duration_words(of_plan)}"
            faster = "faster rates (plan_rates) where they were measured"
            remedy = f"a longer window, {faster}{warm}" if warm else f"a longer window, or {faster}"
            found.append(Constraint(WINDOW_TOO_SHORT, draft.id, text, remedy, "plan_windows"))
        return found

    def _none(self, draft: Draft) -> list[Constraint]:
        rules, _windows, freezes = draft.profile.key
        if rules is not None and not rules:
            return [self._no_rule(draft)]
        lifts = self._lifts(draft.profile)
        texts = {
            "last_day": _last_day(self._profiles, draft),
            "freezes": Constraint(
                FROZEN,
                draft.id,
                f"{draft.words()}: {_freeze_names(self._profiles, freezes)} leave no slot that it may use",
                "shorten the freeze or let its selector mean fewer VMs",
                "plan_freezes",
            ),
            "windows": Constraint(
                OWNER_WINDOW_CLOSED,
                draft.id,
                f"{draft.words()}: owner's window {_owners(draft)} never meets a window of plan_windows",
                f"another time in {_OWNER}, or a window of plan_windows at that time",
            ),
        }
        if lifts is None:
            text = f"{draft.words()}: no window that admits it opens again"
            return [Constraint(NO_WINDOW, draft.id, text, "add a window to plan_windows", "plan_windows")]
        return [texts[lift] for lift in lifts]

    def _lifts(self, profile: Profile) -> tuple[str, ...] | None:
        """The fewest settings that have to be lifted for a slot to exist; None where that does not help."""
        if profile.key not in self._known:
            rules, windows, freezes = profile.key
            names = [name for name, given in self._given(windows) if given]
            found = None
            for lifts in (lifts for count in range(1, len(names) + 1) for lifts in combinations(names, count)):
                variant = self._variant(tuple(lift for lift in lifts if lift != "windows"))
                if variant.by_key((rules, () if "windows" in lifts else windows, freezes)).next(0) >= 0:
                    found = lifts
                    break
            self._known[profile.key] = found
        return self._known[profile.key]

    def _given(self, windows: Sequence[object]) -> tuple[tuple[str, bool], ...]:
        settings = self._profiles.settings
        return (("last_day", settings.last_day is not None), ("freezes", bool(settings.freezes)), ("windows", bool(windows)))

    def _variant(self, lifts: tuple[str, ...]) -> Profiles:
        if not lifts:
            return self._profiles
        if lifts not in self._variants:
            self._variants[lifts] = self._profiles.without(*lifts)
        return self._variants[lifts]

    def _no_rule(self, draft: Draft) -> Constraint:
        named = sorted({admission.window.rule for admission in draft.admissions if admission.window and admission.window.rule})
        if len(named) > 1:
            text = f"{draft.words()} move together, but their owners' windows are {_listed(named)}"
            return Constraint(OWNER_WINDOWS_APART, draft.id, text, f"one window for all of them in {_OWNER}")
        what = f"its owner's window {named[0]} does not admit it" if named else "no window of plan_windows admits it"
        remedy = "let the selector of a window mean it, or add a window"
        return Constraint(NO_WINDOW, draft.id, f"{draft.words()}: {what}", remedy, "plan_windows")


def _could_be_warm(draft: Draft) -> bool:
    """Whether a VM of the group moves cold that could move warm."""
    return any(method == COLD and not any(against_warm(vm)) for vm, method in draft.moves)


def _general_rules(draft: Draft) -> frozenset[str] | None:
    """Windows that would admit the group if its owners said nothing."""
    named = {admission.window.rule for admission in draft.admissions if admission.window and admission.window.rule}
    return draft.profile.key[0] if not named else None


def _owners(draft: Draft) -> str:
    return _listed(sorted({admission.window.text for admission in draft.admissions if admission.window is not None}))


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"


def _freeze_names(profiles: Profiles, freezes: frozenset[int]) -> str:
    named = [
        f"{freeze.name} ({freeze.first} to {freeze.last})"
        for number, freeze in enumerate(profiles.settings.freezes)
        if freeze.selector.empty or number in freezes
    ]
    return f"plan_freezes {', '.join(named)}" if named else ""


def _last_day(profiles: Profiles, draft: Draft) -> Constraint:
    day = profiles.settings.last_day
    frozen = _freeze_names(profiles, draft.profile.key[2])
    beside = f"; {frozen} take days away" if frozen else ""
    text = f"{draft.words()}: no slot that it may use lies between {profiles.settings.start} and plan_last_day {day}{beside}"
    return Constraint(LAST_DAY, draft.id, text, "set plan_last_day to a later day", "plan_last_day")


# ---- dependencies and mates ------------------------------------------------------------------------------------------


def not_placed(order: Order, names: Mapping[str, str], planned: bool) -> Constraint:
    """A dependency on a VM that has no wave."""
    before, after = names.get(order.before, order.before), names.get(order.after, order.after)
    state = "has no wave" if planned else "is not planned"
    return Constraint(
        DEPENDENCY_NOT_PLACED,
        order.before,
        f"{after} has to move after {before} ({order.reason}), and {before} {state}",
        f"settle what keeps {before} out of the plan, or take the dependency out of the annotations",
    )


def too_late(draft: Draft, order: Order, wave: int, names: Mapping[str, str]) -> Constraint:
    """A dependency of a VM whose wave has begun: no slot is left before it."""
    after = names.get(order.after, order.after)
    return Constraint(
        WAVE_BEGUN,
        order.after,
        f"{draft.words()} has to move before {after} ({order.reason}), whose wave {wave} has begun, and no slot before it is left",
        f"cancel the migration of {after} and plan again, or take the dependency out of the annotations",
    )


def in_cycle(draft: Draft) -> Constraint:
    """A group in a cycle of orders, or after one."""
    text = f"{draft.words()}: what has to move before it waits for it in turn"
    return Constraint(DEPENDENCY_CYCLE, draft.id, text, "take one of the dependencies out of the annotations")


def for_each_vm(draft: Draft, names: Mapping[str, str]) -> dict[str, tuple[Constraint, ...]]:
    """The constraints of each VM of a group: its own, and those of the VMs that it moves with."""
    shared = [constraint for vm_id, constraint in draft.hindrances if not vm_id]
    concerned = sorted({vm_id for vm_id, _constraint in draft.hindrances if vm_id})
    found = {}
    for vm in draft.vms:
        own = [constraint for vm_id, constraint in draft.hindrances if vm_id == vm.id]
        mates = [_mate(vm.id, vm_id, names) for vm_id in concerned if vm_id != vm.id]
        found[vm.id] = tuple(dict.fromkeys([*own, *shared, *mates]))
    return found


def _mate(vm_id: str, other: str, names: Mapping[str, str]) -> Constraint:
    name = names.get(other, other)
    text = f"{names.get(vm_id, vm_id)} moves together with {name}, which has no wave"
    return Constraint(GROUP_INCOMPLETE, other, text, f"settle what keeps {name} out of the plan, or undo what ties them")


def waived_by(constraint: Constraint) -> frozenset[str]:
    """The words that pass over the limit of a constraint."""
    return frozenset({TIME}) if constraint.code in (WINDOW_TOO_SHORT, OWNER_WINDOW_TOO_SHORT) else frozenset()
