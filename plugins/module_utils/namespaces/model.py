# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of `namespaces.jsonl`: what each contract asks for, how its namespace stands, and what was found out about it.

Findings, objects, readings and the cluster are told as in `platform.jsonl`. `part` is the namespace that a record is about,
`owners.NAME` what namespaces of one owner share, and `cluster` what concerns all of them. Records hold no time but days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..estate.fields import fact
from ..platform.model import PARTS as PLATFORM_PARTS
from ..platform.model import Cluster, FindingRecord, Object, PlatformNotice, Reading
from ..platform.record import Record
from ..target.model import Count, CountMap, Flag, Number, Text, Texts
from . import capacity_records
from .access import records as access_records
from .life import records as life_records

CLUSTER: Final = "cluster"
"""`part` of what concerns all namespaces."""

NOT_IN_TARGET: Final = "the saved target does not tell"
"""End of the reason for which nothing is known of a list, where contracts are held against a saved target."""


@dataclass(frozen=True, slots=True)
class ContractRecord(Record):
    """One contract. The id is its namespace."""

    display_name: Text = fact("name for people; empty where none is given")
    description: Text = fact("what it is for")
    owner: Text = fact("who answers for it")
    owner_group: Text = fact("group of people who answer for it")
    cost_centre: Text = fact("what its use is charged to")
    contact: Text = fact("address that reaches them")
    classification: Text = fact("how far its data may be seen")
    jurisdiction: Text = fact("where its work may run; empty where nobody said")
    expires: Text = fact("last day of the grant, YYYY-MM-DD")
    days_left: Count = fact("days until the grant ends, from the day of the run; negative after its end")
    ticket: Text = fact("reference of the decision")
    source: Text = fact("file that it comes from")
    personas: Texts = fact("who works in it as what, such as data_scientist: retail-ai")
    devices: CountMap = fact("accelerators that it is granted, by resource")
    cpu: Number = fact("CPUs that its pods may request")
    memory_gib: Number = fact("memory in GiB that its pods may request")
    queue: Text = fact("its queue")
    isolation: Text = fact("policies, or own_network")
    data_sources: Texts = fact("data that it works with, each with owner, classification and days kept")
    exists: Flag = fact("whether the namespace was there before the run")
    state: Text = fact("ready, waiting, missing, broken or not_evaluated")
    reason: Text = fact("what keeps it from being ready, in one sentence; empty when it is")
    counts: CountMap = fact("findings by result")


@dataclass(frozen=True, slots=True)
class GrantRecord(Record):
    """One entry of a contract's accelerators. The id is `namespace/name`."""

    device_class: Text = fact("class that it names")
    devices: Count = fact("devices in all")
    resource: Text = fact("resource that it comes to; empty where it comes to none")
    flavor: Text = fact("ResourceFlavor")
    nodes: Texts = fact("nodes on which one pod would fit if they were empty")
    refused_reason: Text = fact("why it cannot be served; empty where it can")
    not_evaluated_reason: Text = fact("why nobody knows whether it can; empty where it is known")


KINDS: Mapping[str, type] = {
    "cluster": Cluster,
    "contract": ContractRecord,
    "finding": FindingRecord,
    "grant": GrantRecord,
    "notice": PlatformNotice,
    "object": Object,
    "reading": Reading,
    **access_records.KINDS,
    **capacity_records.KINDS,
    **life_records.KINDS,
}

PARTS: Mapping[str, type] = {"evidence": PLATFORM_PARTS["evidence"], **capacity_records.PARTS}
"""Facts that are lists of parts, and the class of the parts."""
