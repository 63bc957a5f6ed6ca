# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report shows of AI namespaces and their contracts, worked out once: a part of the report's view.

What nobody knows is None. Mappings of devices go from resource to number; an empty one says that there are none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .plan_view import UnreadView
from .platform_view import CheckFindingView, DocumentView, ObjectView, PlatformClusterView


@dataclass(frozen=True, slots=True)
class HeadroomView:
    """How many further pods of a grant would run now."""

    units: int | None = None
    binding: tuple[str, ...] = ()
    """what allows no more than that"""
    allowed: Mapping[str, int] = field(default_factory=dict)
    """further pods that each account allows, of those that limit them at all"""
    asks: Mapping[str, str] = field(default_factory=dict)
    """what one pod requests, by resource"""
    used: int | None = None
    """devices of the resource that pods of the namespace hold"""
    left_out: tuple[str, ...] = ()
    """kinds of account that the cluster does not serve"""
    unknown: Mapping[str, str] = field(default_factory=dict)
    """fact to the reason why it is not known"""


@dataclass(frozen=True, slots=True)
class GrantView:
    """One entry of a contract's accelerators."""

    name: str
    device_class: str = ""
    devices: int | None = None
    resource: str = ""
    """empty where it comes to none"""
    flavor: str = ""
    nodes: tuple[str, ...] = ()
    refused_reason: str = ""
    not_evaluated_reason: str = ""
    headroom: HeadroomView | None = None
    """None where the run did not reckon it"""


@dataclass(frozen=True, slots=True)
class AccessView:
    """What one bearer of a persona may do, as the API server answers."""

    bearer: str
    persona: str
    allowed_rows: int | None = None
    """rows of what they may do there that were asked about"""
    denied_rows: int | None = None
    """rows of what they must not do that were asked about"""
    asked: int | None = None
    """requests in their own name"""
    asked_alike: int | None = None
    """requests in the name of somebody whom bindings of the same roles reach"""
    wrong: tuple[str, ...] | None = None
    """what is not as the contract says, with its cause"""
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProofView:
    """What came of one Job that was run as the tenant."""

    code: str
    """the layer that it came to, and what is wrong there: `scheduling.taint`"""
    grant: str = ""
    """empty where nothing is granted"""
    bearer: str = ""
    """as whom it was made"""
    queue: str = ""
    resource: str = ""
    devices: int | None = None
    """devices that it asks for"""
    devices_seen: int | None = None
    """device files that its container saw"""
    node: str = ""
    words: str = ""
    """why, in the server's or the container's words"""
    reach: Mapping[str, str] = field(default_factory=dict)
    """destination to open, closed or untried"""


@dataclass(frozen=True, slots=True)
class ContractView:
    """One contract, and how its namespace stands."""

    namespace: str
    state: str
    """ready, waiting, missing, broken or not_evaluated"""
    owner: str = ""
    display_name: str = ""
    description: str = ""
    owner_group: str = ""
    cost_centre: str = ""
    contact: str = ""
    classification: str = ""
    jurisdiction: str = ""
    """empty where nobody said"""
    expires: str = ""
    """last day of the grant, YYYY-MM-DD"""
    days_left: int | None = None
    """negative after its end"""
    ticket: str = ""
    source: str = ""
    """file that it comes from"""
    personas: tuple[str, ...] = ()
    """as `persona: who`"""
    cpu: float | None = None
    memory_gib: float | None = None
    queue: str = ""
    isolation: str = ""
    data_sources: tuple[str, ...] = ()
    exists: bool | None = None
    """whether the namespace was there before the run"""
    reason: str = ""
    """what keeps it from being as the contract says"""
    counts: Mapping[str, int] = field(default_factory=dict)
    """findings on it by result; `hint` are those that did not pass and are only good to know"""
    granted: Mapping[str, int] | None = None
    used: Mapping[str, int] | None = None
    idle: Mapping[str, int] | None = None
    grants: tuple[GrantView, ...] = ()
    access: tuple[AccessView, ...] = ()
    proofs: tuple[ProofView, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnerView:
    """A team: what it has over all of its namespaces."""

    name: str
    namespaces: tuple[str, ...] = ()
    cost_centre: str = ""
    """of several all of them"""
    contacts: tuple[str, ...] = ()
    """addresses and groups that its contracts name"""
    granted: Mapping[str, int] | None = None
    used: Mapping[str, int] | None = None
    idle: Mapping[str, int] | None = None
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NamespacesView:
    """All namespaces with a contract."""

    headline: str
    mode: str
    """apply, verify or check: that of the artifact"""
    cluster: PlatformClusterView
    today: str = ""
    """day from which days are counted"""
    saved: bool = False
    """contracts were held against a saved target, which tells of accelerators alone"""
    compared: bool = False
    """objects were compared with what contracts ask for"""
    documents: tuple[DocumentView, ...] = ()
    contracts: tuple[ContractView, ...] = ()
    """what calls for attention first"""
    owners: tuple[OwnerView, ...] = ()
    """by name"""
    findings: tuple[CheckFindingView, ...] = ()
    """the gravest first, those that passed last; `part` is a namespace, `owners.NAME` or cluster"""
    objects: tuple[ObjectView, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    """resources that were read to how many objects there are"""
    unread: tuple[UnreadView, ...] = ()
    notices: tuple[tuple[str, str], ...] = ()
    """(message, remedy)"""
