# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where work and data of a namespace are: nodes that its pods could run on and do run on, and volumes, by region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...common.findings import CheckFinding, Evidence
from ...common.owned_fields import ApiObject
from ...common.write_findings import MISSING, listed
from ...platform.checks import Check
from ...platform.verdicts import failed, not_asked, passed, seen, unknown
from ...target.objects import annotations_of, labels_of, maps_at, name_of, text_at, texts_at
from ..capacity import labels_wanted
from ..contract.model import Contract
from ..objects.core import NODE_SELECTOR, REGION
from ..readings import VOLUMES
from . import checks
from .hosts import Bounds
from .look import HOSTNAME, NODES, REGIONS, ZONES, Look, first_of

_PATH: Final = "jurisdiction.regions"
_HOLDS_DATA: Final = ("Bound", "Released", "Failed")
_MOST_EVIDENCE: Final = 10


def selector_findings(contract: Contract, live: ApiObject, bounds: Bounds) -> Iterator[CheckFinding]:
    """Whether the node selector binds pods to the one region that the contract names."""
    subject = f"node selector of {contract.namespace}"
    if len(bounds.regions) > 1:
        yield not_asked(checks.SELECTOR, subject, "a selector cannot name several regions")
        return
    text = annotations_of(live).get(NODE_SELECTOR, "")
    wanted = f"{REGION}={bounds.regions[0]}"
    given = labels_wanted(text)
    if given is not None and given.get(REGION) == bounds.regions[0]:
        yield passed(checks.SELECTOR, subject, _PATH)
        return
    evidence = seen(f"Namespace {contract.namespace}", f"annotation {NODE_SELECTOR}", text or "none", wanted)
    if not text:
        message = f"nothing binds pods of {contract.namespace} to {bounds.name}: the namespace has no node selector"
        yield failed(checks.SELECTOR, subject, message, _PATH, MISSING, evidence=evidence)
        return
    message = f"the node selector of {contract.namespace} is {text}, which does not bind pods to {bounds.regions[0]}"
    yield failed(checks.SELECTOR, subject, message, _PATH, evidence=evidence)


# ---- nodes -----------------------------------------------------------------------------------------------------------


def node_findings(contract: Contract, live: ApiObject, bounds: Bounds, look: Look) -> Iterator[CheckFinding]:
    """Nodes that pods could run on, and nodes that they do run on."""
    could, do = f"nodes that pods of {contract.namespace} could run on", f"nodes that pods of {contract.namespace} run on"
    if not look.snapshot.known(NODES):
        reason = look.snapshot.why_not(NODES)
        yield unknown(checks.REACHABLE, could, reason, _PATH)
        yield unknown(checks.RUNNING, do, reason, _PATH)
        return
    labels = labels_wanted(annotations_of(live).get(NODE_SELECTOR, ""))
    if labels is None:
        yield unknown(checks.REACHABLE, could, "the node selector of the namespace cannot be read", _PATH)
    else:
        # Taints keep no pod away that says it tolerates them.
        yield _held_against(checks.REACHABLE, could, dict.fromkeys(look.nodes_with(labels), ""), bounds, look)
    if look.load.unknown:
        yield unknown(checks.RUNNING, do, look.load.unknown, _PATH)
        return
    running = {node: f", {count} pods" for node, count in sorted(look.load.nodes.get(contract.namespace, {}).items())}
    yield _held_against(checks.RUNNING, do, running, bounds, look)


def _held_against(check: Check, subject: str, nodes: Mapping[str, str], bounds: Bounds, look: Look) -> CheckFinding:
    expected = " or ".join(bounds.regions)
    regions = {node: look.regions.get(node, "") for node in nodes}
    outside = [node for node, region in regions.items() if region and region not in bounds.regions]
    nobody = [node for node, region in regions.items() if not region]
    if outside:
        evidence = tuple(
            Evidence(f"Node {node}", f"label {REGION}", f"{regions[node]}{nodes[node]}", expected) for node in outside[:_MOST_EVIDENCE]
        )
        message = f"outside {bounds.name}: {listed([f'{node} ({regions[node]})' for node in outside])}"
        return failed(check, subject, message, _PATH, evidence=evidence)
    if nobody:
        return unknown(
            check, subject, f"no label says in which region these nodes are: {listed(nobody)}", _PATH, f"label them with {REGION}"
        )
    return passed(check, subject, _PATH, f"{len(nodes)} nodes")


# ---- volumes ---------------------------------------------------------------------------------------------------------


def volume_findings(contract: Contract, bounds: Bounds, look: Look) -> Iterator[CheckFinding]:
    """Volumes that hold data of the namespace, or did: one that is released holds it still."""
    subject = f"volumes of {contract.namespace}"
    if not look.snapshot.known(VOLUMES):
        yield unknown(checks.VOLUMES, subject, look.snapshot.why_not(VOLUMES), _PATH)
        return
    found = [item for item in look.volumes.get(contract.namespace, ()) if text_at(item, "status.phase") in _HOLDS_DATA]
    nodes_known = look.snapshot.known(NODES)
    inside = 0
    for item in sorted(found, key=name_of):
        regions = regions_of_volume(item, look)
        name, claim = f"PersistentVolume {name_of(item)}", text_at(item, "spec.claimRef.name")
        outside = sorted(region for region in regions if region and region not in bounds.regions)
        if outside:
            evidence = seen(name, "spec.nodeAffinity", ", ".join(outside), " or ".join(bounds.regions))
            message = f"volume {name_of(item)} of claim {claim} is in {listed(outside)}, outside {bounds.name}"
            yield failed(checks.VOLUMES, name, message, _PATH, evidence=evidence)
        elif not regions or "" in regions:
            reason = "nothing in it says in which region it is" if nodes_known else look.snapshot.why_not(NODES)
            yield unknown(
                checks.VOLUMES, name, f"volume {name_of(item)} of claim {claim}: {reason}", _PATH, "ask whoever keeps the storage"
            )
        else:
            inside += 1
    if inside == len(found):
        yield passed(checks.VOLUMES, subject, _PATH, f"{inside} volumes")


def regions_of_volume(item: ApiObject, look: Look) -> set[str]:
    """Regions from which a volume can be reached; an empty text among them is a place of which nobody knows the region."""
    terms = maps_at(item, "spec.nodeAffinity.required.nodeSelectorTerms")
    if not terms:
        labels = labels_of(item)
        region, zone = first_of(labels, REGIONS), first_of(labels, ZONES)
        return {region} if region else _of_zones(zone.split("__"), look) if zone else set()
    return {region for term in terms for region in _of_term(term, look)}


def _of_term(term: Mapping[str, Any], look: Look) -> set[str]:
    """Regions of one term, whose expressions all hold: the first that tells is enough."""
    told = {
        text_at(entry, "key"): texts_at(entry, "values") for entry in maps_at(term, "matchExpressions") if entry.get("operator") == "In"
    }
    for key in REGIONS:
        if told.get(key):
            return set(told[key])
    for key, values in told.items():
        # Drivers have keys of their own, such as topology.ebs.csi.aws.com/zone.
        if key in ZONES or key.endswith("/zone"):
            return _of_zones(values, look)
        if key.endswith("/region"):
            return set(values)
    if told.get(HOSTNAME):
        return {look.hostnames.get(name, "") for name in told[HOSTNAME]}
    return {""}


def _of_zones(zones: list[str], look: Look) -> set[str]:
    return {region for zone in zones for region in look.zones.get(zone, {""})}
