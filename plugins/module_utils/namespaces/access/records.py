# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records of who may do what: one for each that has a persona in a namespace by contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ...estate.fields import fact
from ...platform.record import Record
from ...target.model import Count, Text, Texts


@dataclass(frozen=True, slots=True)
class AccessRow(Record):
    """What one bearer of a persona may do, as the API server answers. The id is `namespace/persona/kind/name`."""

    bearer: Text = fact("who has the persona, such as group retail-ai")
    persona: Text = fact("what they have it as")
    namespace: Text = fact("namespace of the contract that gives it")
    allowed_rows: Count = fact("rows of what they may do there that were asked about")
    denied_rows: Count = fact("rows of what they must not do, there or elsewhere, that were asked about")
    asked: Count = fact("requests that were asked about in their own name")
    asked_alike: Count = fact("requests that were asked about in the name of somebody whom bindings of the same roles reach")
    wrong: Texts = fact("what is not as the contract says, with the binding that is the cause; empty where all of it is")


KINDS: Final[Mapping[str, type]] = {"access": AccessRow}
