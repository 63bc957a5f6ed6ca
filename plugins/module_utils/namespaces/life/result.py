# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the container of a proof says of itself: one JSON object of the same form for every vendor, in its termination message.

The message comes out of a namespace that is somebody else's: nothing of it is believed that is not of the form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from ...common.artifact import JsonRecord
from ...platform.accelerators.resources import AMD, GAUDI, INTEL, NVIDIA

SCHEMA: Final = "readiness.proof/1"
LONGEST: Final = 4096
"""Letters of a termination message (kubelet, MaxContainerTerminationMessageLength)."""

OPEN, CLOSED, UNTRIED = "open", "closed", "untried"
STATES: Final = (OPEN, CLOSED, UNTRIED)
"""Of a destination: a connection came about, or none did, or nothing in the image could try."""

RESOLVED, UNRESOLVED = "resolved", "unresolved"
NAMES: Final = (RESOLVED, UNRESOLVED, UNTRIED)
VENDORS: Final = (AMD, GAUDI, INTEL, NVIDIA, "")
"""Empty where no accelerator is asked for, or one of which nobody knows how containers see it."""

MOST_DEVICES: Final = 4096
MOST_DESTINATIONS: Final = 12
LONGEST_NAME: Final = 80


@dataclass(frozen=True, slots=True)
class ProofResult:
    """What the container saw."""

    vendor: str
    devices_asked: int
    devices_seen: int | None
    """device files; None where nobody knows how they look"""
    tool_exit: int | None
    """how the vendor's own tool ended; None where the image has none"""
    dns: str
    reach: Mapping[str, str] = field(default_factory=dict)
    """destination to open, closed or untried"""


Parsed: TypeAlias = ProofResult | str
"""A result, or why the message is none."""


def proof_schema() -> JsonRecord:
    """JSON Schema (2020-12) of the result, the same for every vendor."""
    count = {"type": "integer", "minimum": 0, "maximum": MOST_DEVICES}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Result of a proof of life, as its container leaves it in the termination message",
        "type": "object",
        "additionalProperties": False,
        "required": ["schema", "vendor", "devices_asked", "devices_seen", "tool_exit", "dns", "reach"],
        "properties": {
            "schema": {"const": SCHEMA},
            "vendor": {"enum": list(VENDORS), "description": "vendor of the accelerators; empty where none are asked for"},
            "devices_asked": {**count, "description": "devices that the pod requests"},
            "devices_seen": {**count, "type": ["integer", "null"], "description": "device files of that vendor in the container"},
            "tool_exit": {
                "type": ["integer", "null"],
                "minimum": 0,
                "maximum": 255,
                "description": "exit code of the vendor's tool that lists devices; null where the image has none",
            },
            "dns": {"enum": list(NAMES), "description": "whether the cluster's own name was resolved"},
            "reach": {
                "type": "object",
                "maxProperties": MOST_DESTINATIONS,
                "propertyNames": {"maxLength": LONGEST_NAME},
                "additionalProperties": {"enum": list(STATES)},
                "description": "destination to what came of a connection",
            },
        },
    }


def parsed(message: str) -> Parsed:
    """The result that a termination message holds; in words why it holds none."""
    if not message:
        return "the container left no message"
    if len(message) > LONGEST:
        return f"the message is longer than {LONGEST} letters"
    try:
        found = json.loads(message, object_pairs_hook=_object, parse_constant=_constant)
    except (ValueError, RecursionError):
        return "the message is no JSON object with each key once"
    if found.__class__ is not dict:
        return "the message is no JSON object"
    return _result(found)


def _result(found: Mapping[str, Any]) -> Parsed:
    wanted = proof_schema()["required"]
    if sorted(found) != sorted(wanted):
        return "the message does not have the keys of a result"
    if found["schema"] != SCHEMA:
        return f"the message is of no schema {SCHEMA}"
    numbers = {
        "devices_asked": _is_number(found["devices_asked"], MOST_DEVICES),
        "devices_seen": found["devices_seen"] is None or _is_number(found["devices_seen"], MOST_DEVICES),
        "tool_exit": found["tool_exit"] is None or _is_number(found["tool_exit"], 255),
    }
    words = {"vendor": _is_of(found["vendor"], VENDORS), "dns": _is_of(found["dns"], NAMES), "reach": _is_reach(found["reach"])}
    wrong = sorted(name for name, holds in {**numbers, **words}.items() if not holds)
    if wrong:
        return f"the message says nothing that can be of {', '.join(wrong)}"
    return ProofResult(
        found["vendor"],
        found["devices_asked"],
        found["devices_seen"],
        found["tool_exit"],
        found["dns"],
        dict(sorted(found["reach"].items())),
    )


def _is_number(value: Any, most: int) -> bool:
    return value.__class__ is int and 0 <= value <= most


def _is_of(value: Any, words: tuple[str, ...]) -> bool:
    return value.__class__ is str and value in words


def _is_reach(value: Any) -> bool:
    if value.__class__ is not dict or len(value) > MOST_DESTINATIONS:
        return False
    return all(len(name) <= LONGEST_NAME and _is_of(state, STATES) for name, state in value.items())


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
