# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is watched and what nobody watches: findings, and the records `watch`.

What the document asks for in `monitoring.watched` fails where it lacks; all else is told as it is. An alert's own state is in
alert_states.
"""

from __future__ import annotations

from typing import Final

from ...common.artifact import JsonRecord
from ...common.findings import CheckFinding
from .check_list import PART
from .watch_look import Area, Watched, WatchLook
from .watch_stack import stack_findings
from .watched_models import models
from .watched_things import accelerators, namespaces, queue_findings, queues

_NOBODY_KNOWS: Final = "nobody knows whether the owner is told"


def areas(look: WatchLook) -> tuple[Area, ...]:
    """Everything that people rely on, type by type."""
    return (accelerators(look), models(look), namespaces(look), queues(look))


def watch_findings(look: WatchLook) -> tuple[CheckFinding, ...]:
    """The state of the stack, and what nobody watches."""
    watched = (finding for area in areas(look) for finding in area.findings())
    return (*stack_findings(look), *watched, *queue_findings(look))


def watch_records(look: WatchLook) -> tuple[JsonRecord, ...]:
    """A record of each thing. What is of a list that is not known has none: its reading says so."""
    return tuple(_record(look, thing) for area in areas(look) for thing in area.things)


def _record(look: WatchLook, thing: Watched) -> JsonRecord:
    unknown: dict[str, str] = {}
    record: JsonRecord = {
        "kind": "watch",
        "id": f"{thing.watch_type} {thing.name}",
        "name": thing.name.rpartition(" ")[2],
        "part": PART,
        "watch_type": thing.watch_type,
        "alerts": thing.alerts,
        "state": thing.state,
        "reason": thing.reason,
    }
    if thing.owner_unknown:
        unknown["owner"] = thing.owner_unknown
    else:
        record["owner"] = thing.owner
    told = False if not thing.owner and not thing.owner_unknown else look.told.get(thing.owner)
    if told is None:
        unknown["told"] = thing.owner_unknown or _NOBODY_KNOWS
    else:
        record["told"] = told
    if thing.sight is not None and thing.sight.unknown:
        unknown["monitors"] = thing.sight.unknown
    else:
        record["monitors"] = list(thing.sight.monitors) if thing.sight is not None else []
    return {**record, **({"unknown": dict(sorted(unknown.items()))} if unknown else {})}
