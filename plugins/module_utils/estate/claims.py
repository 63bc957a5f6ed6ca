# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One fact, several sources: what they claim, whether they agree, and whose word counts.

The outcome is a function of the set of claims alone, never of their order. Claims that agree are kept as one, and
a conflict keeps one claim of each value; so merging in steps comes to the same as merging at once, wherever the
captures have dates.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timezone
from typing import Any, Final

from ..common.artifact import JsonRecord
from .captured import Captured, parse_moment

AGREEING_BYTES: Final = 1 << 20
"""Byte counts closer than this agree when one of them is in whole MiB: workbooks show sizes rounded."""

AGREEING_SECONDS: Final = 14 * 3600
"""Moments closer than this agree when one of them names no offset from UTC: it is some zone's wall clock."""

MEASURED: Final = frozenset(
    {
        "cpu_usage_mhz",
        "active_memory_mib",
        "consumed_memory_mib",
        "performance_days",
        "cpu_usage_average_mhz",
        "cpu_usage_p95_mhz",
        "cpu_usage_peak_mhz",
        "active_memory_average_mib",
        "active_memory_p95_mib",
        "active_memory_peak_mib",
        "disk_write_average_kib_per_s",
        "disk_write_p95_kib_per_s",
        "disk_write_peak_kib_per_s",
        "memory_usage_mib",
        "used_count",
        "ballooned_memory_mib",
        "size_bytes",
        "used_bytes",
        "free_bytes",
        "provisioned_bytes",
        "vm_count",
    }
)
"""Facts that move by themselves: a newer value of them replaces an older one without a conflict."""

_UTC: Final = timezone.utc

UNDECIDED: Final = "sources disagree, and their capture dates do not tell which is newer"
"""Why a fact is unknown after a conflict."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What one source says: `origin` is where it was read (at least `source`)."""

    origin: JsonRecord
    captured: Captured
    value: Any

    @property
    def source(self) -> str:
        """Id of the source."""
        return str(self.origin["source"])

    def rank(self) -> tuple[bool, float, str]:
        """Order in which the speaker for agreeing claims is chosen, least first, as far as captures and sources tell.

        A claim without date comes first, because it alone keeps a later conflict undecided; then the newest.
        """
        dated = self.captured.dated
        return (dated, -self.captured.seconds if dated else 0.0, self.source)

    def order(self) -> tuple[Any, ...]:
        """`rank`, made a total order."""
        return (*self.rank(), _text(self.origin), _text(self.value))

    def as_record(self) -> JsonRecord:
        """The claim as a conflict lists it."""
        record: JsonRecord = {"source": self.source}
        if self.captured.text:
            record["captured_at"] = self.captured.text
        record["value"] = self.value
        return record


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the claims on one fact: the claim that counts, or None when that is open.

    `values` holds one claim of each value, when there is more than one.
    """

    claim: Claim | None
    values: tuple[Claim, ...] = ()


def in_order(claims: Sequence[Claim]) -> list[int]:
    """Positions of the claims in the order in which they speak; it depends on what they say, not on where they stand."""
    ranks: list[tuple[Any, ...]] = [claim.rank() for claim in claims]
    if len({*ranks}) < len(ranks):
        ranks = [claim.order() for claim in claims]
    return sorted(range(len(claims)), key=ranks.__getitem__)


def speaker_of(claims: Sequence[Claim]) -> Claim:
    """The one of agreeing claims that stands for all."""
    if len(claims) == 1:
        return claims[0]
    ranks = [claim.rank() for claim in claims]
    least = min(ranks)
    if ranks.count(least) == 1:
        return claims[ranks.index(least)]
    return min((claim for claim, rank in zip(claims, ranks, strict=True) if rank == least), key=Claim.order)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def comparable(value: Any) -> str:
    """A text that is the same for values that mean the same.

    Order and repetition in lists are ignored, and empty entries of maps.
    """
    if isinstance(value, str):
        return f'"{value}'
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return _text(sorted({_text(entry) for entry in value}))
    if isinstance(value, dict):
        return _text({key: entry for key, entry in value.items() if entry not in ("", None)})
    return _text(value)


def _in_classes(field: str, claims: Iterable[Claim]) -> list[list[Claim]]:
    """The claims, those that agree together."""
    classes: dict[str, list[Claim]] = {}
    for claim in claims:
        classes.setdefault(comparable(claim.value), []).append(claim)
    if len(classes) < 2:
        return list(classes.values())
    name = field.rpartition(".")[2]
    if name.endswith("_bytes"):
        return _chained(classes, [_size(group[0].value) for group in classes.values()], AGREEING_BYTES)
    if name.endswith("_at"):
        return _chained(classes, [_moment(group[0].value) for group in classes.values()], AGREEING_SECONDS)
    return list(classes.values())


def _size(value: Any) -> tuple[float | None, bool]:
    """(bytes, looks rounded) of a size."""
    return (value, value > 0 and value % AGREEING_BYTES == 0) if isinstance(value, int) else (None, False)


def _moment(value: Any) -> tuple[float | None, bool]:
    """(seconds, without offset) of a moment."""
    moment = parse_moment(value) if isinstance(value, str) else None
    if moment is None:
        return None, False
    naive = moment.tzinfo is None
    try:
        return (moment.replace(tzinfo=_UTC) if naive else moment).timestamp(), naive
    except OverflowError:
        return None, False


def _chained(classes: Mapping[str, list[Claim]], places: Sequence[tuple[float | None, bool]], distance: float) -> list[list[Claim]]:
    """Joins classes whose places on a line are closer than `distance`, where one of them at least is inexact."""
    ordered = sorted(
        zip(places, classes.values(), strict=True), key=lambda entry: (entry[0][0] is None, entry[0][0] or 0.0, not entry[0][1])
    )
    joined: list[list[Claim]] = []
    previous: tuple[float | None, bool] = (None, False)
    for place, group in ordered:
        near = place[0] is not None and previous[0] is not None and place[0] - previous[0] < distance
        if near and (place[1] or previous[1]):
            joined[-1] = [*joined[-1], *group]
        else:
            joined.append(group)
        previous = place
    return joined


def _is_newest(claim: Claim, others: Iterable[Claim]) -> bool:
    return all(claim.captured.newer_than(other.captured) for other in others)


def settle(field: str, claims: Sequence[Claim]) -> Outcome:
    """Decides one fact. The newest capture wins; captures without a date leave a conflict open.

    `field` is the name of the fact; a path such as `disks[2000].mode` stands for its last word.
    """
    value = claims[0].value
    if all(claim.value == value for claim in claims):
        return Outcome(speaker_of(claims))
    classes = _in_classes(field, claims)
    speakers = [speaker_of(group) for group in classes]
    if len(classes) == 1:
        return Outcome(speakers[0])
    values = tuple(sorted(speakers, key=lambda claim: (_text(claim.value), claim.order())))
    if not all(claim.captured.dated for claim in claims):
        return Outcome(None, values)
    for number, group in enumerate(classes):
        others = [claim for position, other in enumerate(classes) if position != number for claim in other]
        winners = [claim for claim in group if _is_newest(claim, others)]
        if winners:
            return Outcome(speaker_of(winners), values)
    return Outcome(None, values)
