# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order in which the keys of a record are written: that of its model's fields.

It stands apart from `forms.py`, which is more than the reading of a vCenter needs and takes long to import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, Final

from .artifact import JsonRecord

_FIRST: Final = ("kind", "id", "name")


def key_orders(kinds: Mapping[str, type]) -> Mapping[str, tuple[str, ...]]:
    """Kind to the order in which a record's keys are written, for the dataclasses of a model."""
    return MappingProxyType({kind: (*_FIRST, *_others(owner)) for kind, owner in kinds.items()})


def _others(owner: Any) -> list[str]:
    return [entry.name for entry in fields(owner) if entry.name not in _FIRST]


def ordered_by(orders: Mapping[str, tuple[str, ...]], record: Mapping[str, Any]) -> JsonRecord:
    """The record with its keys in the order of the model; keys that the model does not have come last, sorted."""
    order = orders.get(record["kind"], _FIRST)
    known = {key: record[key] for key in order if key in record}
    if len(known) == len(record):
        return known
    return known | {key: record[key] for key in sorted(record.keys() - known.keys())}
