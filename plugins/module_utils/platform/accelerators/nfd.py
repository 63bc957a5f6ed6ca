# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Node Feature Discovery: one instance for all vendors, the vendors' rules beside it, and the proof of what it found.

The shared instance labels devices by their vendor alone (`pci-10de.present`): NVIDIA's operator knows a node by these labels, and
with another form of them it sees none. What only one vendor needs stands in rules of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ...common.findings import CheckFinding, Evidence
from ...common.owned_fields import ApiObject
from ...common.write_findings import ADOPTED, CHANGED, FAIL, IN_STEP, MISSING, NOT_EVALUATED, OWN, PASS, Policy, is_ours, listed
from ...target.objects import at, labels_of, name_of, namespace_of, text_at
from ..parts import SUPPORT, PartPlan, WantedObject
from .check_list import FEATURES, PART, check
from .pools import pools_of
from .resources import AMD, GAUDI, INTEL, NVIDIA, vendor_of
from .site import PATH, Site, names_of, wait_for, wanted
from .tolerations import operand_tolerations

OPENSHIFT, UPSTREAM = "nfd.openshift.io", "nfd.kubernetes.io"
KIND: Final = "NodeFeatureDiscovery"
RULE_GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    OPENSHIFT: ("nfd.openshift.io", "nfd.k8s-sigs.io"),
    UPSTREAM: ("nfd.k8s-sigs.io", "nfd.openshift.io"),
}
"""API group of the instance to those of its rules, the likelier one first."""
CLASSES: Final = ("0200", "03", "0b40", "12")
"""PCI classes that are labelled: network, display, co-processor (NVIDIA's union), and processing accelerator (MI300, Gaudi)."""
LABEL_FIELDS: Final = ("vendor",)
PCI_VENDOR: Final[Mapping[str, str]] = {NVIDIA: "10de", AMD: "1002", INTEL: "8086", GAUDI: "1da3"}
"""PCI vendor ids; [K] for Gaudi (Habana Labs)."""

_FEATURE: Final = "feature.node.kubernetes.io/"
AMD_LABEL, GAUDI_LABEL = f"{_FEATURE}amd-gpu", f"{_FEATURE}gaudi"
INTEL_LABEL: Final = "intel.feature.node.kubernetes.io/gpu"
"""[K] the label that Intel's own rules write."""
PROOFS: Final[Mapping[str, tuple[str, ...]]] = {
    NVIDIA: tuple(f"{_FEATURE}pci-{device}.present" for device in ("10de", "0302_10de", "0300_10de")),
    AMD: (AMD_LABEL, f"{_FEATURE}amd-vgpu", f"{_FEATURE}pci-1002.present"),
    INTEL: (INTEL_LABEL,),
    GAUDI: (GAUDI_LABEL, f"{_FEATURE}pci-1da3.present"),
}
"""Vendor to the labels of which one proves its accelerators. Network cards bear Intel's vendor id too, so that it proves nothing there."""

_RULES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    AMD: (AMD_LABEL, ("0300", "0302", "0380", "1200")),
    INTEL: (INTEL_LABEL, ("0300", "0380")),
    GAUDI: (GAUDI_LABEL, ("1200",)),
}
"""Vendor to the label of its rule and the PCI classes of its accelerators."""

_DEVICE_LABELS: Final = "{{ range .pci.device }}pci-{{ .class }}_{{ .vendor }}_{{ .device }}.present=true\n{{ end }}"
"""Template of labels that name the device: nothing else tells one generation of Gaudi from the next."""

_CONFIG: Final = """core:
  sleepInterval: 60s
sources:
  pci:
    deviceClassWhitelist: ["0200", "03", "0b40", "12"]
    deviceLabelFields: ["vendor"]
"""


def plan_nfd(site: Site) -> PartPlan:
    """The instance, the rules of the vendors whose pools there are, and what speaks against it."""
    group = group_of(site)
    awaits, _namespace = site.brings(f"nodefeaturediscoveries.{group}", "nfd")
    instance = instance_of(site, group)
    objects = [wanted(instance, f"{PATH}.nfd", awaits, claim=ADOPTED, layer=FEATURES), *_rules(site, group, awaits)]
    findings = (*_single(site, group), *_settings(site, group), *inventory(site))
    return PartPlan(tuple(objects), (wait_for(instance, FEATURES),), findings=findings)


def group_of(site: Site) -> str:
    """The API group of the instance: the one that is served, Red Hat's where both or none are."""
    served = [group for group in (OPENSHIFT, UPSTREAM) if site.snapshot.version_of(group, KIND)]
    return served[0] if served else OPENSHIFT


def instance_of(site: Site, group: str) -> ApiObject:
    """The NodeFeatureDiscovery."""
    where = site.accelerators.nfd
    spec: dict[str, object] = {
        # Labels that nobody looks after any more would still draw pods to the nodes.
        "prunerOnDelete": True,
        "workerConfig": {"configData": _CONFIG},
        "operand": {"servicePort": 12000},
    }
    if tolerations := operand_tolerations(site.accelerators):
        spec["operand"] = {"servicePort": 12000, "workerTolerations": tolerations}
    metadata = {"name": where.name, "namespace": where.namespace}
    return {"apiVersion": f"{group}/v1", "kind": KIND, "metadata": metadata, "spec": spec}


def _rules(site: Site, group: str, awaits: str) -> Iterator[WantedObject]:
    """One NodeFeatureRule for each vendor that needs a label of its own."""
    snapshot = site.snapshot
    candidates = RULE_GROUPS[group]
    rules = next((each for each in candidates if snapshot.version_of(each, "NodeFeatureRule")), candidates[0])
    namespaced = snapshot.scope(rules, "NodeFeatureRule") != "Cluster"
    for vendor, (label, classes) in sorted(_RULES.items()):
        if not site.pools(vendor):
            continue
        expressions = {"vendor": {"op": "In", "value": [PCI_VENDOR[vendor]]}, "class": {"op": "In", "value": list(classes)}}
        matches = [{"feature": "pci.device", "matchExpressions": expressions}]
        rule: dict[str, object] = {"name": vendor, "labels": {label: "true"}, "matchFeatures": matches}
        if vendor == GAUDI:
            rule["labelsTemplate"] = _DEVICE_LABELS
        metadata = {"name": f"accelerators-{vendor}"}
        if namespaced:
            metadata["namespace"] = site.accelerators.nfd.namespace
        item = {"apiVersion": f"{rules}/v1alpha1", "kind": "NodeFeatureRule", "metadata": metadata, "spec": {"rules": [rule]}}
        yield wanted(item, f"{PATH}.pools", awaits, rank=SUPPORT, claim=OWN, layer=FEATURES)


def _single(site: Site, group: str) -> Iterator[CheckFinding]:
    """Whether another instance is there: its workers would write other labels onto the same nodes."""
    where = site.accelerators.nfd
    one = check("nfd.single")
    subject = f"{KIND} {where.namespace}/{where.name}"
    resources = [f"nodefeaturediscoveries.{each}" for each in (OPENSHIFT, UPSTREAM)]
    if not site.snapshot.known(*resources):
        yield one.finding(subject, NOT_EVALUATED, NOT_EVALUATED, message=site.snapshot.why_not(*resources), path=f"{PATH}.nfd")
        return
    others = [
        item
        for each in (OPENSHIFT, UPSTREAM)
        for item in site.snapshot.all(f"nodefeaturediscoveries.{each}")
        if (each, namespace_of(item), name_of(item)) != (group, where.namespace, where.name)
    ]
    if not others:
        yield one.finding(subject, IN_STEP, PASS, path=f"{PATH}.nfd")
        return
    names = listed([f"{namespace_of(item)}/{name_of(item)}" for item in others])
    evidence = tuple(_label_fields(item) for item in others)
    message = f"{names} is there as well: two instances write different labels onto the same nodes"
    yield one.finding(subject, CHANGED, FAIL, message=message, evidence=evidence, path=f"{PATH}.nfd")


def _settings(site: Site, group: str) -> Iterator[CheckFinding]:
    """Settings that others gave the instance: they are one text, which is replaced as a whole."""
    where = site.accelerators.nfd
    live = site.snapshot.get(f"nodefeaturediscoveries.{group}", where.namespace, where.name)
    given = text_at(live, "spec.workerConfig.configData")
    if live is None or is_ours(live, Policy(f"platform-{PART}")) or given in ("", _CONFIG):
        return
    lines = [line for line in given.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    name = f"{KIND} {where.namespace}/{where.name}"
    message = f"its {len(lines)} lines of settings, which others wrote, are replaced by what all vendors need"
    ours = "; ".join(line.strip() for line in _CONFIG.splitlines())
    theirs = Evidence(name, "spec.workerConfig.configData", "; ".join(line.strip() for line in lines), ours)
    yield check("nfd.settings").finding(name, CHANGED, FAIL, message=message, evidence=(theirs,), path=f"{PATH}.nfd")


def _label_fields(item: ApiObject) -> Evidence:
    config = text_at(item, "spec.workerConfig.configData")
    line = next((line.strip() for line in config.splitlines() if "deviceLabelFields" in line), "")
    name = f"{KIND} {namespace_of(item)}/{name_of(item)}"
    return Evidence(name, "spec.workerConfig.configData", line or "not set", f"deviceLabelFields: {list(LABEL_FIELDS)}")


# ---- the proof -------------------------------------------------------------------------------------------------------


def is_proven(vendor: str, labels: Mapping[str, str]) -> bool:
    """Whether a label says that the node has accelerators of the vendor."""
    return any(labels.get(key) == "true" for key in PROOFS[vendor])


def inventory(site: Site) -> Iterator[CheckFinding]:
    """The proof in both directions: nodes of pools have the label, nodes with the label or with devices are in pools."""
    if not site.snapshot.known("nodes"):
        reason = site.snapshot.why_not("nodes")
        yield check("nfd.labelled").finding("nodes", NOT_EVALUATED, NOT_EVALUATED, message=reason)
        return
    for pool in site.accelerators.pools:
        nodes = site.members[pool.name]
        bare = names_of([node for node in nodes if not is_proven(pool.vendor, labels_of(node))])
        subject, path = f"pool {pool.name}", site.path(pool)
        if bare:
            message = f"{listed(bare)} without any of {listed(PROOFS[pool.vendor])}"
            yield check("nfd.labelled").finding(subject, MISSING, FAIL, message=message, path=path)
        elif nodes:
            yield check("nfd.labelled").finding(subject, IN_STEP, PASS, path=path)
    yield from _undeclared(site)


def _undeclared(site: Site) -> Iterator[CheckFinding]:
    found: dict[str, list[str]] = {}
    for node in site.snapshot.all("nodes"):
        labels = labels_of(node)
        if pools_of(site.accelerators, labels):
            continue
        for vendor in sorted({*(each for each in PROOFS if is_proven(each, labels)), *vendors_on(node)}):
            found.setdefault(vendor, []).append(name_of(node))
    for vendor, names in sorted(found.items()):
        message = f"{listed(sorted(names))} with accelerators of {vendor} in no pool"
        yield check("nfd.declared").finding(f"nodes with {vendor}", CHANGED, FAIL, message=message, path=f"{PATH}.pools")
    if not found:
        yield check("nfd.declared").finding("nodes", IN_STEP, PASS, path=f"{PATH}.pools")


def vendors_on(node: ApiObject) -> set[str]:
    """Vendors of whose accelerators the node has any, told by its resources."""
    capacity = at(node, "status.capacity")
    found = {vendor_of(str(name)) for name, amount in capacity.items() if str(amount) != "0"} if isinstance(capacity, dict) else set()
    return found - {""}
