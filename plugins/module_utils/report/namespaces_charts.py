# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of namespaces: what owners are granted, use and leave idle, and how long grants last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .charts import BarRow, Figure, Segment, bar_rows
from .namespaces_texts import ENDING_DAYS, days_text, owner_resources
from .namespaces_view import ContractView, OwnerView
from .texts import date_text, number

TOP_SHARES: Final = 24
TOP_ENDS: Final = 24
URGENT_DAYS: Final = 7
"""Days before its end from which on a grant is shown like one that has ended."""


@dataclass(frozen=True, slots=True)
class Share:
    """What an owner has of one resource; None where nobody knows."""

    owner: OwnerView
    resource: str
    granted: int | None
    used: int | None
    idle: int | None

    @property
    def cells(self) -> tuple[str, ...]:
        """Granted, used and idle in words."""
        return tuple("not known" if value is None else number(value) for value in (self.granted, self.used, self.idle))


def shares(owners: Sequence[OwnerView]) -> list[Share]:
    """A share for each owner and resource, by owner; one without a resource where an owner has none at all."""
    return [
        Share(owner, resource, *(_amount(each, resource) for each in (owner.granted, owner.used, owner.idle)))
        for owner in owners
        for resource in owner_resources(owner.granted, owner.used, owner.idle) or [""]
    ]


def _amount(devices: Mapping[str, int] | None, resource: str) -> int | None:
    return None if devices is None else devices.get(resource, 0)


def showback_figure(owners: Sequence[OwnerView], anchors: Mapping[str, str]) -> Figure:
    """What each owner uses of its grants, and what it leaves idle; `anchors` lead to the owners' sections."""
    title = "Accelerators by team: used, idle, not known"
    held = [share for share in shares(owners) if share.resource]
    ranked = sorted(held, key=lambda share: (-max(share.granted or 0, share.used or 0), share.owner.name, share.resource))
    bars = [
        BarRow(f"{share.owner.name} · {share.resource}", _share_words(share), tuple(_segments(share)), f"#{anchors[share.owner.name]}")
        for share in ranked[:TOP_SHARES]
    ]
    rows = tuple((share.owner.name, share.owner.cost_centre, share.resource, *share.cells) for share in ranked)
    note = "From the left: used, then granted and idle; hatched is held beyond the grant, pale is what nobody knows the use of."
    rest = len(ranked) - TOP_SHARES
    note += f" The {TOP_SHARES} largest; {number(rest)} more in the table." if rest > 0 else ""
    columns = ("Owner", "Cost centre", "Resource", "Granted", "Used", "Idle")
    return Figure("showback", title, bar_rows("showback", title, bars), columns, rows, note)


def _segments(share: Share) -> Iterator[Segment]:
    granted = share.granted or 0
    if share.used is None:
        yield Segment("na", granted, "Granted, use not known")
        return
    if share.granted is None:
        yield Segment("before", share.used, "Used, grant not known")
        return
    idle = share.idle if share.idle is not None else max(granted - share.used, 0)
    beyond = max(share.used - max(granted - idle, 0), 0)
    yield Segment("before", share.used - beyond, "Used")
    yield Segment("free", idle, "Idle")
    yield Segment("open", beyond, "Held beyond the grant", True)


def _share_words(share: Share) -> str:
    if share.granted is None:
        return "grant not known" if share.used is None else f"{number(share.used)} used, grant not known"
    if share.used is None:
        return f"{number(share.granted)} granted, use not known"
    idle = "" if share.idle is None else f", {number(share.idle)} idle"
    return f"{number(share.used)} of {number(share.granted)} used{idle}"


def days_figure(contracts: Sequence[ContractView], anchors: Mapping[str, str]) -> Figure:
    """How long each grant still lasts, what ends first on top; `anchors` lead to the namespaces' sections."""
    title = "Days until grants end"
    dated = sorted((entry for entry in contracts if entry.days_left is not None), key=lambda entry: (entry.days_left or 0, entry.namespace))
    bars = [
        BarRow(
            f"{entry.namespace} · {entry.owner}",
            f"{days_text(entry.days_left)}, {entry.expires}",
            (_days(entry.days_left or 0),),
            f"#{anchors[entry.namespace]}",
        )
        for entry in dated[:TOP_ENDS]
    ]
    rows = tuple((entry.namespace, entry.owner, date_text(entry.expires), days_text(entry.days_left)) for entry in dated)
    rest = len(dated) - TOP_ENDS
    note = f"A grant that has ended is hatched by the days since; one that ends within {ENDING_DAYS} days stands out."
    note += f" The {TOP_ENDS} that end first; {number(rest)} more in the table." if rest > 0 else ""
    return Figure("ends", title, bar_rows("ends", title, bars), ("Namespace", "Owner", "Ends on", "Days"), rows, note)


def _days(left: int) -> Segment:
    if left < 0:
        return Segment("blocked", -left, "Days since its end", True)
    return Segment(f"days-{urgency(left)}", left, "Days left")


def urgency(left: int | None) -> str:
    """How soon a grant ends: over, urgent, soon or later; empty where nobody knows."""
    if left is None:
        return ""
    return "over" if left < 0 else "urgent" if left <= URGENT_DAYS else "soon" if left <= ENDING_DAYS else "later"
