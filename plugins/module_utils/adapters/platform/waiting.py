# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits until objects are ready: one small look at a time, only at those that are not ready yet and at what judges need.

What is stuck is told as soon as it has stood so for the settle time, not at the deadline.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ...common.owned_fields import ApiObject, metadata_of
from ...common.write_findings import ObjectKey
from ...platform.parts import Wait
from ...platform.progress import READY, STUCK, Progress
from ...platform.readiness import looked_at, progress_of
from ...platform.readings import BY_ID
from ...platform.snapshot import Named, NamedRead, PlatformSnapshot
from ...target.model import ABSENT, READ
from ..cluster.client import ApiConnection
from ..cluster.resources import Kinds
from .named import read_named
from .reader import read_snapshot

SETTLE_SECONDS: Final = 8.0
POLL_SECONDS: Final = 2.0

Look: TypeAlias = Callable[[Sequence[Named]], PlatformSnapshot]
"""Looks at these objects, and at what their judges need."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in all and for a single sign."""

    minutes: float
    settle_seconds: float = SETTLE_SECONDS
    """how long a sign has to stand before it is believed"""
    poll_seconds: float = POLL_SECONDS


@dataclass(frozen=True, slots=True)
class Waited:
    """What became of one wait. `progress` is None for an object that is not there; `reason` says why nobody knows."""

    progress: Progress | None = None
    reason: str = ""
    in_time: bool = True
    """False where the deadline ended it"""

    @property
    def is_ready(self) -> bool:
        """Whether it is ready."""
        return self.progress is not None and self.progress.state == READY


@dataclass(slots=True)
class _Watch:
    """One wait while it lasts: what was last seen, and since when it has stood."""

    wait: Wait
    until: float
    last: Waited = field(default_factory=Waited)
    since: float = 0.0
    is_over: bool = False


def look_at(connection: ApiConnection) -> Look:
    """Looks by asking the server for each object by its name, and for the lists that judges need."""

    known = Kinds(connection)

    def look(refs: Sequence[Named]) -> PlatformSnapshot:
        nonlocal known
        needed = sorted({name for ref in refs for name in looked_at(ref.api_version.rpartition("/")[0], ref.kind)})
        found = read_snapshot(connection, [BY_ID[name] for name in needed], facts=False) if needed else PlatformSnapshot({})
        reads = read_named(connection, refs, known)
        if any(read.state == ABSENT for read in reads.values()):
            # Its kind may come meanwhile.
            known = Kinds(connection)
        return found.with_named(reads)

    return look


def judged(read: NamedRead, others: PlatformSnapshot) -> Waited:
    """What a look at one object comes to."""
    if read.state == ABSENT:
        return Waited()
    if read.state != READ or read.object is None:
        return Waited(reason=read.reason)
    return Waited(progress_of(read.object, others))


def wait(
    look: Look,
    waits: Iterable[Wait],
    patience: Patience,
    *,
    clock: Callable[[], float],
    sleep: Callable[[float], object],
    changed: Collection[ObjectKey] = (),
) -> dict[Wait, Waited]:
    """Waits for all of these at once, each at most for its own minutes and for those of `patience`.

    `changed` are objects that were written just now: of one that does not say which generation its status is of, readiness is
    believed only when it has stood for the settle time. Raises ReadinessError where the server cannot be read at all.
    """
    begun = clock()
    watches = [_Watch(one, begun + 60 * min(one.minutes or patience.minutes, patience.minutes), since=begun) for one in waits]
    while open_ones := [watch for watch in watches if not watch.is_over]:
        others = look([watch.wait.ref for watch in open_ones])
        now = clock()
        for watch in open_ones:
            _see(watch, others, now, patience.settle_seconds, changed)
        if any(not watch.is_over for watch in open_ones):
            sleep(patience.poll_seconds)
    return {watch.wait: watch.last for watch in watches}


def _see(watch: _Watch, others: PlatformSnapshot, now: float, settle_seconds: float, changed: Collection[ObjectKey]) -> None:
    """Takes what one look shows into account."""
    read = others.named(watch.wait.ref)
    found = judged(read, others)
    if _sign(found) != _sign(watch.last):
        watch.since = now
    watch.last = found
    stood = now - watch.since >= settle_seconds
    at_once = read.object is not None and (_tells_generation(read.object) or watch.wait.ref.key not in changed)
    if (found.is_ready and (at_once or stood)) or (_is_stuck(found) and stood):
        watch.is_over = True
    elif now >= watch.until:
        watch.is_over = True
        watch.last = Waited(found.progress, found.reason, in_time=found.is_ready)


def _sign(found: Waited) -> tuple[str, str]:
    """What has to stand: messages may go on changing meanwhile."""
    return (found.progress.state, found.progress.reason) if found.progress else ("", found.reason)


def _is_stuck(found: Waited) -> bool:
    return found.progress is not None and found.progress.state == STUCK


def _tells_generation(item: ApiObject) -> bool:
    """Whether the status says which generation of the object it is of."""
    status = item.get("status")
    if not isinstance(status, Mapping):
        return False
    conditions = status.get("conditions")
    told = [entry for entry in conditions if isinstance(entry, Mapping)] if isinstance(conditions, list) else []
    known = isinstance(metadata_of(item).get("generation"), int)
    return known and ("observedGeneration" in status or (bool(told) and all("observedGeneration" in entry for entry in told)))
