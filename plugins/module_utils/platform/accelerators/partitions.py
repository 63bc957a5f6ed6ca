# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the devices of a node are partitioned as its label asks: the vendor's manager says so in a second label, the resources prove it.

A card that does not have a profile, or a manager that failed, leaves the devices as they were, and every object of the vendor is ready
all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ...common.findings import CheckFinding, Evidence
from ...common.owned_fields import ApiObject
from ...common.write_findings import CHANGED, FAIL, IN_STEP, PASS, listed
from ...target.objects import labels_of, map_at, name_of
from ...target.quantities import whole
from ..desired.model import MIG_MIXED, MIG_SINGLE, PARTITION, PoolWanted
from ..progress import READY, STUCK, WAITING, Progress
from ..snapshot import PlatformSnapshot
from .check_list import check
from .nvidia import ALL_DISABLED, PROFILES
from .resources import AMD_GPU, AMD_PARTITION, AMD_PROFILE, AMD_PROFILE_STATE, MIG_CONFIG, MIG_STATE, NVIDIA_GPU, NVIDIA_MIG, PRODUCT
from .site import Site

MIG_STRATEGY: Final = "nvidia.com/mig.strategy"
_STRATEGIES: Final = {MIG_MIXED: "mixed", MIG_SINGLE: "single"}
_DONE: Final = "success"
_FAILED: Final = ("failed", "failure")
"""NVIDIA's MIG manager says failed, AMD's device config manager failure."""

_ALL_ALIKE: Final = re.compile(r"all-(?P<slice>[0-9]+g\.[0-9]+gb.*)")
_SLICED, _SHARED = "-MIG-", "SHARED"
_NO_SLICE: Final = "INVALID"
"""What the feature discovery calls slices of several sizes under the strategy single."""


def partition_progress(node: ApiObject, strategy: str = "") -> Progress:
    """How far a node has come with the profile that its label names; `strategy` is single or mixed, by default that of its label."""
    labels = labels_of(node)
    if profile := labels.get(MIG_CONFIG):
        return _mig(node, profile, strategy or labels.get(MIG_STRATEGY, ""))
    if profile := labels.get(AMD_PROFILE):
        return _amd(node, profile)
    return Progress(WAITING, "NoProfile", "the node has no label that names a profile yet", field="metadata.labels")


def node_progress(item: ApiObject, _others: PlatformSnapshot) -> Progress:
    """The judge of nodes: nodes are waited for because of their partitions alone."""
    return partition_progress(item)


def _by_state(state: str, field: str, profile: str, where: str) -> Progress | None:
    """What the label of the vendor's manager says; None where its word is that all is done, or where it says nothing."""
    if state in _FAILED:
        remedy = f"name a profile instead of {profile} that {where} has and that fits the devices, and see the log of the vendor's manager"
        return Progress(STUCK, state, f"profile {profile} was not set up", remedy, field)
    if state not in ("", _DONE):
        return Progress(WAITING, state, f"profile {profile} is being set up", field=field)
    return None


def _mig(node: ApiObject, profile: str, strategy: str) -> Progress:
    state, field = labels_of(node).get(MIG_STATE, ""), f"metadata.labels[{MIG_STATE}]"
    if found := _by_state(state, field, profile, f"ConfigMap {PROFILES}"):
        return found
    if not state and profile != ALL_DISABLED:
        return Progress(WAITING, "NoState", f"the MIG manager has not said yet what became of profile {profile}", field=field)
    if _has_slices(node, profile, strategy):
        return Progress(READY, state or "Whole", field=field)
    words = f"the devices that the node gives are not those of profile {profile}"
    return Progress(WAITING, "OtherDevices", words, "see the pods of the device plugin on the node", "status.capacity")


def _has_slices(node: ApiObject, profile: str, strategy: str) -> bool:
    """Whether the node gives what a profile makes, as far as its name tells which slices these are."""
    amounts = _amounts(node)
    slices = [name.removesuffix(".shared").removeprefix(NVIDIA_MIG) for name in amounts if name.startswith(NVIDIA_MIG)]
    product = labels_of(node).get(PRODUCT, "").removesuffix(f"-{_SHARED}").partition(_SLICED)[2]
    if profile == ALL_DISABLED:
        return not slices and not product
    single = [product] if product and product != _NO_SLICE and any(name.startswith(NVIDIA_GPU) for name in amounts) else []
    there = {"mixed": slices, "single": single}.get(strategy, [*slices, *single])
    alike = _ALL_ALIKE.fullmatch(profile)
    return alike["slice"].replace("+", ".") in there if alike else bool(there)


def _amd(node: ApiObject, profile: str) -> Progress:
    labels = labels_of(node)
    state, field = labels.get(AMD_PROFILE_STATE, ""), f"metadata.labels[{AMD_PROFILE_STATE}]"
    if found := _by_state(state, field, profile, "the ConfigMap of the pool"):
        return found
    amounts = _amounts(node)
    if f"amd.com/{profile}" in amounts or (AMD_GPU in amounts and labels.get(AMD_PARTITION) == profile):
        return Progress(READY, state or "Partitioned", field=field)
    words = f"the node gives no devices of profile {profile}"
    return Progress(WAITING, "OtherDevices", words, "see the pods of the device config manager on the node", "status.capacity")


def _amounts(node: ApiObject) -> set[str]:
    """Resources of which the node has any."""
    return {name for name, amount in map_at(node, "status.capacity").items() if whole(amount)}


# ---- findings --------------------------------------------------------------------------------------------------------


def partition_findings(site: Site) -> Iterator[CheckFinding]:
    """For each pool with partitions whether its nodes have them. Of those that are on their way the wait for the node speaks."""
    for pool in site.accelerators.pools:
        if profile := _profile(pool):
            yield from _of_pool(site, pool, *profile)


def _profile(pool: PoolWanted) -> tuple[str, str, str] | None:
    """Label, profile and key of the document; None for a pool without partitions."""
    if pool.mode in _STRATEGIES:
        return MIG_CONFIG, pool.mig_profile, "mig_profile"
    return (AMD_PROFILE, pool.partition_profile, "partition_profile") if pool.mode == PARTITION else None


def _of_pool(site: Site, pool: PoolWanted, label: str, profile: str, key: str) -> Iterator[CheckFinding]:
    members = site.members[pool.name]
    found = {
        name_of(node): partition_progress(node, _STRATEGIES.get(pool.mode, "")) for node in members if labels_of(node).get(label) == profile
    }
    one, subject, path = check("pool.partitioned"), f"pool {pool.name}", site.path(pool, key)
    failed = {name: found[name] for name in sorted(found) if found[name].state == STUCK}
    if failed:
        evidence = tuple(Evidence(f"Node {name}", progress.field, progress.reason, _DONE) for name, progress in failed.items())
        message = f"profile {profile} was not set up on {listed(list(failed))}"
        remedy = failed[min(failed)].remedy
        yield one.finding(subject, CHANGED, FAIL, message=message, evidence=evidence, remedy=remedy, path=path)
    elif members and len(found) == len(members) and all(progress.state == READY for progress in found.values()):
        yield one.finding(subject, IN_STEP, PASS, path=path)
