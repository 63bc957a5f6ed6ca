# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order in which the keys of an estate's record are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..common.artifact import JsonRecord
from ..common.key_order import key_orders, ordered_by
from . import model

KEY_ORDER: Final[Mapping[str, tuple[str, ...]]] = key_orders(model.KINDS)
"""Kind to the order in which a record's keys are written."""


def ordered(record: Mapping[str, Any]) -> JsonRecord:
    """The record with its keys in the order of the model; keys that the model does not have come last, sorted."""
    return ordered_by(KEY_ORDER, record)
