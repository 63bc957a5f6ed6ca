# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The target namespace and name of each VM, by the user's rules alone: a VM that no rule means has no namespace."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ..common.errors import Problem
from ..target.view import TargetView
from .model import Constraint, Destination, PlanVm
from .names import LABEL_LIMIT, NameWish, changed_vm_name, digest_of, label_of, target_names, with_suffix
from .origins import Origin, Origins
from .settings import NamespaceRule

FIELDS: Final = ("owner", "application", "environment", "folder", "cluster")
TAG: Final = "tag:"
RESERVED: Final = ("openshift", "kube")
"""Namespaces of the platform: `openshift`, `openshift-*`, `kube-*`."""

SETTING: Final = "plan_namespaces"
_PART: Final = re.compile(r"\{([^{}]*)\}")
_ROOT: Final = re.compile(r"^/?[^/]+/vm(?=/|$)")

Earlier = Mapping[str, tuple[str, str]]
"""VM id to the namespace and name that an earlier plan gave it."""


@dataclass(frozen=True, slots=True)
class Destinations:
    """Where the VMs go; `constraints` has those that have no place."""

    of: Mapping[str, Destination]
    constraints: Mapping[str, Constraint]


def destinations(
    vms: Iterable[PlanVm],
    rules: Sequence[NamespaceRule],
    target: TargetView,
    earlier: Earlier | None = None,
    vcenters: Mapping[str, str] | None = None,
    estate: Iterable[PlanVm] | None = None,
) -> Destinations:
    """A namespace and a name for every VM. Names are unique in their namespace and kept from an earlier plan.

    `vcenters` and `estate` tell what of the target came from the VM itself, as for `names_on`; the VMs are the estate unless told.
    """
    before = earlier or {}
    listed = list(vms)
    places: dict[str, tuple[str, str]] = {}
    constraints: dict[str, Constraint] = {}
    names: dict[str, str] = {}
    wishes = []
    for vm in listed:
        namespace, reason = namespace_of(vm, rules)
        if not namespace:
            constraints[vm.id] = _unmapped(vm, reason)
        elif _reserved(namespace):
            constraints[vm.id] = _platform(vm, namespace, reason)
        else:
            places[vm.id] = namespace, reason
            names[vm.id] = vm.name
            old_namespace, old_name = before.get(vm.id, ("", ""))
            wishes.append(NameWish(vm.id, vm.moref, vm.name, namespace, old_name if old_namespace == namespace else "", vm.vcenter))
    found = target_names(wishes, names_on(target, vcenters, listed if estate is None else estate))
    return Destinations(
        {
            vm_id: Destination(namespace, found[vm_id], reason, found[vm_id] != names[vm_id])
            for vm_id, (namespace, reason) in places.items()
        },
        constraints,
    )


def namespace_of(vm: PlanVm, rules: Sequence[NamespaceRule]) -> tuple[str, str]:
    """The namespace and why; an empty namespace with the reason where no rule gives one."""
    skipped: list[str] = []
    for number, rule in enumerate(rules):
        if not rule.selector.matches(vm):
            continue
        namespace, lacking = _filled(rule.namespace, vm)
        if namespace:
            others = f", after {', '.join(skipped)}" if skipped else ""
            return namespace, f"{SETTING}[{number}]: {rule.namespace}{others}"
        skipped.append(f"{SETTING}[{number}], which needs {lacking}")
    return "", ", ".join(skipped)


def rule_problems(rules: Sequence[NamespaceRule]) -> list[Problem]:
    """Templates that cannot be filled."""
    problems = []
    for number, rule in enumerate(rules):
        place = f"{SETTING}[{number}].namespace"
        parts = _PART.findall(rule.namespace)
        problems += [
            Problem(f"{place} has {{{part}}}, which is no fact of a VM", remedy=f"use {_allowed()}") for part in parts if not _is_fact(part)
        ]
        literal = _PART.sub("", rule.namespace)
        if "{" in literal or "}" in literal:
            problems.append(Problem(f"{place} has a brace without its pair: {rule.namespace}"))
        elif not parts and not label_of(rule.namespace):
            problems.append(Problem(f"{place} {rule.namespace!r} holds no letter or digit", remedy="give a namespace"))
        elif not parts and _reserved(label_of(rule.namespace)):
            problems.append(Problem(f"{place} {rule.namespace} is a namespace of the platform", remedy="give one of your own"))
    return problems


def names_on(
    target: TargetView, vcenters: Mapping[str, str] | None = None, estate: Iterable[PlanVm] = ()
) -> dict[tuple[str, str], tuple[Origin, ...]]:
    """(namespace, name) of the VMs that are on the cluster, or in a plan of it, to where they came from.

    `vcenters` says which one each source provider reads (namespace/name to instance UUID). Where no plan of the target tells
    through which provider a VM came, its id decides, unless `estate` (all VMs) has that id with that name in more than one
    place: then it is taken to be none of them.
    """
    origins = Origins(target, vcenters)
    found: dict[tuple[str, str], list[Origin]] = {}
    for record in target.all("virtual_machine"):
        found.setdefault((record.get("namespace", ""), record.get("name", "")), []).append(origins.of_machine(record))
    for plan in target.all("migration_plan"):
        if plan.get("archived"):
            continue
        for vm in plan.get("vms", ()):
            moref, name = vm.get("moref", ""), vm.get("target_name") or vm.get("name", "")
            if name and not vm.get("succeeded"):
                place = (plan.get("target_namespace", ""), changed_vm_name(name, moref))
                found.setdefault(place, []).append(origins.of_planned(plan, moref))
    unsure = {origin.moref for ones in found.values() for origin in ones if origin.vcenters is None and origin.moref}
    alike = Counter((vm.moref, changed_vm_name(vm.name, vm.id)) for vm in estate if vm.moref in unsure)
    return {
        (namespace, name): tuple(Origin("") if one.vcenters is None and alike[one.moref, name] > 1 else one for one in ones)
        for (namespace, name), ones in found.items()
    }


def _filled(template: str, vm: PlanVm) -> tuple[str, str]:
    """The template with the VM's facts, as a label; or nothing and the fact that it lacks."""
    values = {}
    for part in _PART.findall(template):
        value, lacking = _value(part, vm)
        if not label_of(value):
            return "", lacking
        values[part] = value
    return _label(_PART.sub(lambda found: values[found[1]], template)), "a letter or digit"


@lru_cache(maxsize=4096)
def _label(text: str) -> str:
    whole = label_of(text, len(text))
    return whole if len(whole) <= LABEL_LIMIT else with_suffix(whole, digest_of(text, 8))


def _value(part: str, vm: PlanVm) -> tuple[str, str]:
    if part.startswith(TAG):
        category = part[len(TAG) :]
        names = sorted({name for tag in vm.tags for own, _slash, name in [tag.partition("/")] if own.lower() == category.lower()})
        if len(names) > 1:
            return "", f"one tag of category {category}: it has {', '.join(names)}"
        return "".join(names), f"a tag of category {category}"
    if part == "folder":
        return _ROOT.sub("", vm.folder), "a folder"
    return (str(getattr(vm, part)) if part in FIELDS else ""), f"its {part}"


def _is_fact(part: str) -> bool:
    return part in FIELDS or (part.startswith(TAG) and len(part) > len(TAG))


def _allowed() -> str:
    return ", ".join(f"{{{field}}}" for field in FIELDS) + " or {tag:CATEGORY}"


def _reserved(namespace: str) -> bool:
    return namespace in RESERVED or namespace.startswith(tuple(f"{word}-" for word in RESERVED))


def _unmapped(vm: PlanVm, reason: str) -> Constraint:
    why = f"no rule gives it a target namespace ({reason})" if reason else "no rule of plan_namespaces means it"
    remedy = "add a rule that means it, or annotate what the rule needs"
    return Constraint("namespace_unmapped", vm.name, f"{vm.name}: {why}", remedy, SETTING)


def _platform(vm: PlanVm, namespace: str, reason: str) -> Constraint:
    message = f"{vm.name}: {namespace} is a namespace of the platform ({reason})"
    return Constraint("namespace_reserved", vm.name, message, "give it another one", SETTING)
