# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The best arrangement of waves that can be found in reasonable time.

Best means, in this order: the most VMs have a wave; VMs of high risk are neither in the first nor in the last wave; the last wave
is as early as can be; there are few waves. Several rankings are tried, then few groups are searched through, and last the groups
are spread evenly over the waves found, low risk first, as long as that costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, TypeAlias

from .exact import SMALL, improve
from .placement import FOREVER, Board, Bounds, Case, Item, construct

Value: TypeAlias = tuple[int, bool, int, int]
"""VMs without a wave, whether the rule for high risk is broken, the last slot, the number of waves: less is better."""

_MEDIUM: Final = 400
_LARGE: Final = 10_000
_LAST_SLOTS_TRIED: Final = 4
_THOROUGH: Final = 500
_NEAR: Final = 1.02


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The board, the items of the pilot wave, and whether VMs of high risk had to be in the first or the last wave."""

    board: Board
    pilots: tuple[int, ...]
    relaxed: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What holds for every attempt: the items to be placed, the pilots and their slot, the slot after which all else begins."""

    case: Case
    placeable: tuple[int, ...]
    pilots: tuple[int, ...]
    pilot_slot: int
    needs: tuple[int, ...]
    """for each item, how many waves it and what shares its narrowest resource take"""

    @property
    def bounds(self) -> Bounds:
        """Pilots in their slot, all others after it."""
        return Bounds(low=self.pilot_slot + 1, pins=dict.fromkeys(self.pilots, self.pilot_slot))

    @property
    def first_is_open(self) -> bool:
        """The first wave of the plan is yet to be filled: it is neither finished nor the pilots'."""
        return not self.case.waves_before and not self.pilots


def solve(case: Case, placeable: tuple[int, ...], pilots: tuple[int, ...], pilot_slot: int) -> Arrangement:
    """Places the placeable items, the pilots in their slot and all others after it."""
    frame = Frame(case, placeable, pilots, pilot_slot, needs(case))
    best = _finished(frame, _first(frame))
    if len(frame.placeable) - len(frame.pilots) <= SMALL:
        best = _finished(frame, _searched(frame, best))
    return Arrangement(best, frame.pilots, value(frame, best)[1])


def _finished(frame: Frame, board: Board) -> Board:
    """The board with the rule for high risk kept, and filled evenly, as far as either works out."""
    ruled = _with_rule(frame, board) if value(frame, board)[1] else None
    if ruled is not None and value(frame, ruled)[2:] <= value(frame, board)[2:]:
        return ruled
    if len(frame.placeable) > _LARGE and not _near_bound(frame, board):
        return ruled or board
    return _balanced(frame, ruled or board)


def value(frame: Frame, board: Board) -> Value:
    """How good a board is."""
    items = frame.case.items
    out = sum(items[number].vms for number in frame.placeable if board.slot_of[number] < 0)
    last = board.opened[-1] if board.opened else -1
    return out, breaks_risk_rule(frame, board.slot_of), last, len(board.opened)


def breaks_risk_rule(frame: Frame, slot_of: Sequence[int]) -> bool:
    """Whether VMs of high risk are in the first or the last wave although others could be there.

    The rule begins with three waves, finished ones among them. The first wave is left to the pilots where there are any, and is
    past where waves are finished; a plan has to have groups without high risk for each of the ends that the rule keeps free.
    """
    case = frame.case
    used = sorted({slot for slot in slot_of if slot >= 0})
    if len(used) + case.waves_before < 3:
        return False
    pilots = set(frame.pilots)
    tame = sum(1 for item in case.items if not item.high and slot_of[item.number] >= 0 and item.number not in pilots)
    ends = []
    if frame.first_is_open and tame >= 1:
        ends.append(used[0])
    if tame >= 1 + frame.first_is_open:
        ends.append(used[-1])
    return any(item.high and slot_of[item.number] in ends and item.number not in pilots for item in case.items)


# ---- rankings --------------------------------------------------------------------------------------------------------


def _first(frame: Frame) -> Board:
    """The best board of all rankings; where large plans leave few items out, every wave is looked at for those."""
    best: Board | None = None
    for ranking, bounds in _attempts(frame):
        board = construct(frame.case, ranking, bounds)
        if best is None or value(frame, board) < value(frame, best):
            best = board
        if len(frame.placeable) > _MEDIUM and (_near_bound(frame, best) or _will_do(frame, best)):
            break
    return _filled(frame, best or Board(frame.case), frame.bounds)


def _filled(frame: Frame, board: Board, bounds: Bounds) -> Board:
    """The board with what it left out, where that is little, looked for a place in every wave."""
    left = [number for number in frame.placeable if board.slot_of[number] < 0]
    if left and len(left) <= _THOROUGH:
        construct(frame.case, left, replace(bounds, pins={}, thorough=True), board)
    return board


def _attempts(frame: Frame) -> Iterator[tuple[list[int], Bounds]]:
    """Rankings to be tried. In large plans the large ones first: they mix high and low risk, so that one attempt may do."""
    ways = [frame.bounds] if frame.case.waves_left is None else [frame.bounds, replace(frame.bounds, sparing=True)]
    rankings = _rankings(frame)
    for ranking in rankings if len(frame.placeable) <= _LARGE else reversed(rankings):
        ranked = ranking()
        yield from ((ranked, bounds) for bounds in ways)


def _rankings(frame: Frame) -> list[Callable[[], list[int]]]:
    """A mixture of sizes, and the large ones first; for few groups some more."""
    need, size = frame.needs, _sizes(frame)
    items = frame.case.items
    keys: list[Callable[[int], tuple[object, ...]]] = [
        lambda number: (-need[number], items[number].profile.plain, -size[number], items[number].id),
        lambda number: (-size[number], -need[number], items[number].id),
        lambda number: (items[number].profile.plain, -items[number].tail, -size[number], items[number].id),
    ]
    used = keys if len(frame.placeable) <= _MEDIUM else keys[:1]
    return [partial(_by_risk, frame), *(partial(sorted, frame.placeable, key=key) for key in used)]


def _will_do(frame: Frame, board: Board) -> bool:
    """Whether a large plan is good enough: all is placed, and the rule for high risk kept."""
    return len(frame.placeable) > _LARGE and value(frame, board)[:2] == (0, False)


def _near_bound(frame: Frame, board: Board) -> bool:
    """Whether all is placed, and hardly fewer waves would do by the limits alone."""
    limits, items = frame.case.limits, [frame.case.items[number] for number in frame.placeable]
    waves = max((need for number, need in enumerate(frame.needs) if board.slot_of[number] >= 0), default=0)
    sums = (
        (sum(item.vms for item in items), limits.vms),
        (sum(item.bytes for item in items), limits.bytes),
        (sum(item.high for item in items), limits.high_risk_vms),
    )
    waves = max([waves, *(-(-total // limit) for total, limit in sums if limit)])
    found = value(frame, board)
    return not found[0] and found[2] <= waves * _NEAR + 1


def needs(case: Case) -> tuple[int, ...]:
    """For each item, how many waves it and what shares its narrowest resource take: its chain, its hosts, datastores, high risk."""
    limits = case.limits
    hosts: dict[str, int] = {}
    stores: dict[str, int] = {}
    high = 0
    for item in case.items:
        high += item.high
        for held, parts in ((hosts, item.hosts), (stores, item.stores)):
            for name, count in parts:
                held[name] = held.get(name, 0) + count
    found = []
    for item in case.items:
        waves = item.tail + 1
        if limits.vms_per_host:
            waves = max([waves, *(-(-hosts[name] // limits.vms_per_host) for name, _count in item.hosts)])
        if limits.vms_per_datastore:
            waves = max([waves, *(-(-stores[name] // limits.vms_per_datastore) for name, _count in item.stores)])
        if item.high and limits.high_risk_vms:
            waves = max(waves, -(-high // limits.high_risk_vms))
        found.append(waves)
    return tuple(found)


def _sizes(frame: Frame) -> list[float]:
    """How large items are: the share of a limit that they take at most."""
    case = frame.case
    limits = case.limits
    longest = max((item.alone for item in case.items), default=1.0) or 1.0
    most = max((item.bytes for item in case.items), default=1) or 1
    return [
        max(len(item.moves) / (limits.vms or FOREVER), item.bytes / (limits.bytes or 4 * most), item.alone / (4 * longest))
        for item in case.items
    ]


# ---- high risk neither first nor last --------------------------------------------------------------------------------


def _with_rule(frame: Frame, best: Board) -> Board | None:
    """A board that keeps VMs of high risk out of the first and the last wave and leaves out no more than the best one does."""
    known = value(frame, best)
    shares = _shares(frame, best)
    ways = ["evenly", "by risk", "largest first"]
    if len(frame.placeable) > _LARGE and not _near_bound(frame, best):
        ways = ways[1:]
    for bounds in _ruled(frame, known[2]):
        for way in ways:
            ranking = _rankings(frame)[-1]() if way == "largest first" else _closing(frame, _by_risk(frame), bounds, shares[0])
            within = replace(bounds, share_vms=shares[0], share_bytes=shares[1]) if way == "evenly" else bounds
            board = _filled(frame, construct(frame.case, ranking, within), bounds)
            if _orders_kept(frame, board) and value(frame, board)[:2] <= (known[0], False):
                return board
    return None


def _closing(frame: Frame, ranking: Sequence[int], bounds: Bounds, share: int) -> list[int]:
    """The ranking with a wave's share of items without high risk at its end, so that they and not those before fill the last wave."""
    items, kept = frame.case.items, set[int]()
    for number in reversed(ranking):
        item = items[number]
        if not item.high and not item.after and number not in bounds.pins and _admits(item, bounds.high):
            kept.add(number)
            share -= item.vms
            if share <= 0:
                break
    return [number for number in ranking if number not in kept] + [number for number in ranking if number in kept]


def _ruled(frame: Frame, last: int) -> Iterator[Bounds]:
    """Bounds that keep the rule: an item without high risk is pinned into the last slot, and one into the first if need be."""
    items = frame.case.items
    tame = [items[number] for number in frame.placeable if not items[number].high and number not in frame.pilots]
    pins = dict.fromkeys(frame.pilots, frame.pilot_slot)
    low = frame.pilot_slot + 1
    if frame.first_is_open:
        opener, low = _opener(tame)
        if opener is None:
            return
        pins[opener.number] = low
        tame = [item for item in tame if item is not opener]
    closers = sorted((item for item in tame if not item.after), key=lambda item: (len(item.before), item.points, item.bytes, item.id))
    # With groups that have nothing to follow them spread over many profiles, the first of each profile will do.
    closers = list({item.profile.key: item for item in reversed(closers)}.values())[::-1]
    for slot in range(last, last + _LAST_SLOTS_TRIED):
        closer = next((item for item in closers if _admits(item, slot) and slot > low + _depth(frame, item)), None)
        if closer is not None:
            ends = {**pins, closer.number: slot}
            yield Bounds(low=frame.pilot_slot + 1, high=slot, risky_low=low + frame.first_is_open, risky_high=slot - 1, pins=ends)
        elif not closers:
            yield Bounds(low=frame.pilot_slot + 1, high=slot, risky_low=low + frame.first_is_open, risky_high=slot - 1, pins=pins)


def _opener(tame: Sequence[Item]) -> tuple[Item | None, int]:
    """The item without high risk that can go first, and its slot."""
    first = [(slot, item) for item in tame if not item.before and (slot := item.first_slot(0)) >= 0]
    found = min(first, key=lambda entry: (entry[0], -entry[1].tail, entry[1].points, entry[1].id), default=None)
    return (None, -1) if found is None else (found[1], found[0])


def _admits(item: Item, slot: int) -> bool:
    return item.first_slot(slot) == slot


def _depth(frame: Frame, item: Item) -> int:
    """Length of the longest chain of items that have to go before an item."""
    items, depth, layer = frame.case.items, 0, {item.number}
    while True:
        layer = {other for number in layer for other in items[number].before}
        if not layer:
            return depth
        depth += 1


def _orders_kept(frame: Frame, board: Board) -> bool:
    """Pinned items may stand where what goes before them found no slot."""
    return all(
        0 <= board.slot_of[other] < board.slot_of[number]
        for number in frame.placeable
        if board.slot_of[number] >= 0
        for other in frame.case.items[number].before
    )


# ---- few groups ------------------------------------------------------------------------------------------------------


def _searched(frame: Frame, best: Board) -> Board:
    """What a search through all arrangements finds better, where that is affordable."""
    slot_of = improve(frame.case, frame.placeable, frame.bounds, list(best.slot_of), lambda slots: breaks_risk_rule(frame, slots))
    if slot_of is None:
        return best
    board = Board(frame.case)
    for number in sorted(frame.placeable, key=lambda number: frame.case.items[number].id):
        if slot_of[number] >= 0:
            board.place(frame.case.items[number], slot_of[number])
    return board


# ---- evenly, low risk first ------------------------------------------------------------------------------------------


def _balanced(frame: Frame, best: Board) -> Board:
    """The same number of waves or less and the same end, with the load spread evenly and low risk first, where that works out."""
    known = value(frame, best)
    shares = _shares(frame, best)
    options = [replace(frame.bounds, high=known[2])]
    if known[3] + frame.case.waves_before >= 3 and any(item.high for item in frame.case.items) and not known[1]:
        options = list(_ruled(frame, known[2]))[:1] or options
    for bounds in options:
        ranking = _by_risk(frame)
        if bounds.risky_high < FOREVER:
            ranking = _closing(frame, ranking, bounds, shares[0])
        board = construct(frame.case, ranking, replace(bounds, share_vms=shares[0], share_bytes=shares[1]))
        if _orders_kept(frame, board) and value(frame, board) <= known:
            return board
    return best


def _shares(frame: Frame, best: Board) -> tuple[int, int]:
    """What a wave holds when all hold the same."""
    rest = [frame.case.items[number] for number in frame.placeable if number not in frame.pilots]
    waves = max(1, len(best.opened) - bool(frame.pilots))
    largest = max((item.vms for item in rest), default=1)
    vms, size = sum(item.vms for item in rest), sum(item.bytes for item in rest)
    return max(largest, -(-vms // waves)), max(1, int(size / waves * 1.1))


def _by_risk(frame: Frame) -> list[int]:
    """Low risk first; but what needs nearly all waves there are comes before."""
    items, need = frame.case.items, frame.needs
    most = max((need[number] for number in frame.placeable), default=0)
    return sorted(
        frame.placeable,
        key=lambda number: (
            -need[number] if need[number] * 2 > most > 1 else 0,
            items[number].points,
            -items[number].bytes,
            items[number].id,
        ),
    )
