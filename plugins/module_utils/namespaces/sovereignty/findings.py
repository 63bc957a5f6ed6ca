# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sovereignty and isolation of namespaces: what contracts declare held against where things are and what leads where.

Every leak is a finding of its own, with what was seen. What nobody knows is not evaluated; where a contract names no jurisdiction,
nobody said where its work may be, and isolation alone is judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from ...common.findings import CheckFinding
from ...common.owned_fields import ApiObject
from ...platform.checks import Check
from ...platform.snapshot import PlatformSnapshot
from ...platform.verdicts import not_asked, unknown
from ..contract.model import Contract
from ..load import PodLoad
from . import checks
from .egress import egress_findings
from .endpoints import Endpoints, endpoint_findings, endpoints_of
from .hosts import Bounds, bounds_of
from .images import Mirrors, image_findings, mirrors_of, model_findings, registry_findings
from .isolation import isolation_findings
from .look import NAMESPACES, Look
from .places import node_findings, selector_findings, volume_findings

OF_JURISDICTION: Final[tuple[Check, ...]] = tuple(each for each in checks.CHECKS if each.layer == checks.SOVEREIGNTY)
OF_ISOLATION: Final[tuple[Check, ...]] = tuple(each for each in checks.CHECKS if each.layer == checks.ISOLATION)


def sovereignty_findings(contracts: Sequence[Contract], snapshot: PlatformSnapshot, load: PodLoad) -> list[CheckFinding]:
    """All findings of all contracts, each of whose part is its namespace; `load` is of the same look as `snapshot`."""
    look = Look(snapshot, load)
    mirrors, endpoints = mirrors_of(look), endpoints_of(snapshot)
    return [replace(found, part=contract.namespace) for contract in contracts for found in _of_contract(contract, look, mirrors, endpoints)]


def _of_contract(contract: Contract, look: Look, mirrors: Mirrors, endpoints: Endpoints) -> Iterator[CheckFinding]:
    space = contract.namespace
    if not look.snapshot.known(NAMESPACES):
        yield from (unknown(each, space, look.snapshot.why_not(NAMESPACES)) for each in checks.CHECKS)
        return
    live = look.namespace(space)
    if live is None:
        yield from (not_asked(each, space, "the namespace is not there yet") for each in checks.CHECKS)
        return
    yield from isolation_findings(contract, live, look)
    if contract.jurisdiction is None:
        yield from (not_asked(each, space, "nobody said where its work and data may be") for each in OF_JURISDICTION)
        return
    yield from _of_jurisdiction(contract, live, bounds_of(contract.jurisdiction), look, mirrors, endpoints)


def _of_jurisdiction(
    contract: Contract, live: ApiObject, bounds: Bounds, look: Look, mirrors: Mirrors, endpoints: Endpoints
) -> Iterator[CheckFinding]:
    yield from selector_findings(contract, live, bounds)
    yield from node_findings(contract, live, bounds, look)
    yield from volume_findings(contract, bounds, look)
    yield from image_findings(contract, bounds, look, mirrors)
    yield from registry_findings(contract, bounds, mirrors)
    yield from model_findings(contract, bounds, look)
    yield from egress_findings(contract, bounds, look)
    yield from endpoint_findings(contract.namespace, bounds, endpoints)
