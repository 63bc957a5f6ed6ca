# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records of what was run as tenants: one for each Job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ...common.unknown import Unknown
from ...estate.fields import fact
from ...platform.model import EvidencePart
from ...platform.record import Record
from ...target.model import Count, Text, TextMap


@dataclass(frozen=True, slots=True)
class ProofRecord(Record):
    """What came of one Job. The id is `namespace/grant`, or the namespace where nothing is granted."""

    code: Text = fact("what came of it; docs/contracts.md lists the codes")
    layer: Text = fact("layer at which it ended: tenant, admission, queue, scheduling, start or run")
    grant: Text = fact("entry of the contract's accelerators; empty where nothing is granted")
    bearer: Text = fact("as whom it was made, such as group retail-ai")
    queue: Text = fact("its LocalQueue; empty where the cluster has none")
    vendor: Text = fact("vendor of the accelerators; empty where it asks for none")
    resource: Text = fact("resource that it asks for")
    devices: Count = fact("devices that it asks for")
    devices_seen: Count = fact("device files that its container saw")
    node: Text = fact("node that it ran on")
    words: Text = fact("why, in the server's or the container's words")
    reach: TextMap = fact("destination to open, closed or untried")
    evidence: tuple[EvidencePart, ...] | Unknown = fact("what it was concluded from")


KINDS: Final[Mapping[str, type]] = {"proof": ProofRecord}
