# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped facts, from the plain data that travels to the module."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from ..common.artifact import JsonRecord
from ..common.errors import ArtifactError, Problem
from .catalogue import Catalogue, DeviceFacts, ModelFacts, OperatorFacts, RuntimeFacts
from .desired.identity import Persona
from .desired.model import DeviceClass
from .desired.shape import Bad, Path, Reading
from .monitoring.dashboard_facts import DashboardFacts
from .monitoring.facts import AlertFacts, RecordFacts

VERSION: Final = "1.0"
"""Version of the shipped facts."""

NAMED: Final[Mapping[str, type]] = {
    "classes": DeviceClass,
    "models": ModelFacts,
    "monitoring_alerts": AlertFacts,
    "monitoring_dashboards": DashboardFacts,
    "monitoring_records": RecordFacts,
    "operators": OperatorFacts,
    "personas": Persona,
    "runtimes": RuntimeFacts,
}
"""Files of facts by name to what one fact is."""

DEVICES: Final = "devices"
FILES: Final = (*NAMED, DEVICES)


def catalogue_sha256(data: Mapping[str, Any]) -> str:
    """SHA-256 over all facts."""
    facts = {name: data[name] for name in FILES if name in data}
    return hashlib.sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def catalogue_from(data: Mapping[str, Any]) -> Catalogue:
    """The facts; raises ArtifactError with every fault, since they are the collection's own."""
    reading = Reading()
    found: dict[str, Any] = {name: _named(owner, data.get(name), name, reading) for name, owner in NAMED.items()}
    devices = data.get(DEVICES)
    entries = enumerate(devices if isinstance(devices, list) else [])
    found[DEVICES] = tuple(fact for number, entry in entries for fact in _tried(DeviceFacts, entry, (DEVICES, number), reading))
    problems = [Problem(problem.message, file=f"{path[0]}.yml", remedy=problem.remedy) for path, problem in reading.problems]
    problems += [Problem("holds no facts", file=f"{name}.yml") for name in FILES if not data.get(name)]
    if problems:
        raise ArtifactError(
            "facts_damaged", "The facts that the collection ships cannot be used", problems=problems, hint="Install it anew."
        )
    return Catalogue(VERSION, catalogue_sha256(data), **found)


def _named(owner: type, data: object, place: str, reading: Reading) -> dict[str, Any]:
    entries: JsonRecord = dict(data) if isinstance(data, Mapping) else {}
    facts = {}
    for name, entry in sorted(entries.items()):
        given = {"name": name, **entry} if isinstance(entry, Mapping) and owner not in (DeviceClass, Persona) else entry
        for fact in _tried(owner, given, (place, name), reading):
            facts[name] = fact
    return facts


def _tried(owner: type, entry: object, path: Path, reading: Reading) -> tuple[Any, ...]:
    try:
        return (reading.section(owner, entry, path),)
    except Bad:
        return ()
