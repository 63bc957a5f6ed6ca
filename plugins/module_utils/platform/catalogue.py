# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts that the collection ships as data: operators, classes and devices of accelerators, serving runtimes, models, personas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .desired.identity import Persona
from .desired.model import DeviceClass
from .monitoring.dashboard_facts import DashboardFacts
from .monitoring.facts import AlertFacts, RecordFacts


@dataclass(frozen=True, slots=True)
class OperatorFacts:
    """What is known of an operator before a catalog is asked."""

    name: str
    package: str
    namespace: str
    source: str
    suggested_scope: str
    """own or all: which one to take where the operator supports both"""
    needs: tuple[str, ...] = ()
    """operators that have to be ready before, though their bundle does not say so"""
    namespace_labels: Mapping[str, str] = field(default_factory=dict)
    crds: tuple[str, ...] = ()
    """CRDs that it brings, as plural.group"""
    source_of_fact: str = ""
    confirmed: bool = True
    """False where the facts were not read in a public source: the catalog has to confirm them"""


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What is known of an accelerator whose nodes bear these labels."""

    vendor: str
    match: Mapping[str, str]
    product: str
    memory_gib: float
    """memory of one whole device"""
    source: str
    confirmed: bool = True
    """False where the figure was known and not looked up in a public source"""


@dataclass(frozen=True, slots=True)
class RuntimeFacts:
    """A serving runtime as the collection knows it: what its container needs beside the image."""

    name: str
    vendors: tuple[str, ...]
    formats: tuple[str, ...]
    args: tuple[str, ...]
    port: int
    source: str


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """An open model: its licence, and the memory of devices that its weights need."""

    name: str
    parameters_billion: float
    weights_gib: float
    licence: str
    format: str
    source: str
    confirmed: bool = True
    """False where the facts were known and not looked up in a public source"""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All shipped facts, by name."""

    version: str
    sha256: str
    operators: Mapping[str, OperatorFacts] = field(default_factory=dict)
    classes: Mapping[str, DeviceClass] = field(default_factory=dict)
    devices: tuple[DeviceFacts, ...] = ()
    runtimes: Mapping[str, RuntimeFacts] = field(default_factory=dict)
    models: Mapping[str, ModelFacts] = field(default_factory=dict)
    personas: Mapping[str, Persona] = field(default_factory=dict)
    monitoring_alerts: Mapping[str, AlertFacts] = field(default_factory=dict)
    monitoring_records: Mapping[str, RecordFacts] = field(default_factory=dict)
    monitoring_dashboards: Mapping[str, DashboardFacts] = field(default_factory=dict)
