# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters: their settings, their DRS rules and groups, and what of it holds for a single VM."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ...common.artifact import JsonRecord
from ..vocabulary import DRS_BEHAVIORS
from . import values
from .leaves import NO_VALUE, doubt
from .ledger import unknown_word
from .objects import TYPE, ObjectRead, Reference, many
from .places import Answer
from .records import Draft, Server
from .values import Converter, count, flag, mib, reference, repeated, text

RULE_TYPES: Final[Mapping[str, str]] = {
    "ClusterAffinityRuleSpec": "affinity",
    "ClusterAntiAffinityRuleSpec": "anti_affinity",
    "ClusterDependencyRuleInfo": "dependency",
    "ClusterVmHostRuleInfo": "vm_host",
}
GROUP_TYPES: Final[Mapping[str, str]] = {"ClusterHostGroup": "host", "ClusterVmGroup": "vm"}
CLUSTERS_OWN: Final = "clusterRestartPriority"
"""Restart priority of a VM for which the cluster's holds."""

SUMMARY: Final[Sequence[tuple[str, str, Converter]]] = (
    ("numHosts", "host_count", count),
    ("numCpuCores", "cpu_core_count", count),
    ("numCpuThreads", "cpu_thread_count", count),
    ("totalMemory", "memory_mib", mib),
)
SETTINGS: Final[Sequence[tuple[str, str, Converter]]] = (
    ("drsConfig.enabled", "drs_enabled", flag),
    ("drsConfig.defaultVmBehavior", "drs_behavior", values.word(DRS_BEHAVIORS)),
    ("dpmConfigInfo.enabled", "dpm_enabled", flag),
    ("dpmConfigInfo.defaultDpmBehavior", "dpm_behavior", repeated),
    ("dasConfig.enabled", "ha_enabled", flag),
    ("dasConfig.admissionControlEnabled", "ha_admission_control_enabled", flag),
    ("dasConfig.hostMonitoring", "ha_host_monitoring", repeated),
    ("dasConfig.vmMonitoring", "ha_vm_monitoring", repeated),
    ("dasConfig.defaultVmSettings.restartPriority", "ha_restart_priority", repeated),
)


@dataclass(slots=True)
class ForVms:
    """What a cluster's configuration says of its VMs. `reason` is why nothing of it is known, `rules_reason` why the rules are not.

    `rules` maps the id of a VM to (names of all rules, names of the enabled VM-host rules) that bind it.
    """

    reason: str = ""
    rules_reason: str = ""
    restart_priority: Answer = (None, NO_VALUE)
    rules: dict[str, tuple[list[str], list[str]]] = field(default_factory=dict)
    priorities: dict[str, str] = field(default_factory=dict)
    behaviors: dict[str, Answer] = field(default_factory=dict)


@dataclass(slots=True)
class _Group:
    """A group of VMs or hosts: `members` in the order of the server."""

    type: str
    members: list[Reference]


class Clusters:
    """All clusters of a server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._reads = list(server.places.of("ClusterComputeResource"))
        self._groups: dict[str, dict[str, _Group]] = {}
        self._for_vms = {read.moref: self._of_vms(read) for read in self._reads}

    def for_vms(self, moref: str) -> ForVms | None:
        """What a cluster says of its VMs; None for a cluster that was not read."""
        return self._for_vms.get(moref)

    def records(self) -> Iterator[JsonRecord]:
        """The records of clusters, DRS rules and DRS groups."""
        for read in self._reads:
            yield self._cluster(Draft(self._server, "cluster", read))
            if "configurationEx" in read.values:
                yield from self._rule_records(read)
                yield from self._group_records(read)

    # ---- the cluster itself -------------------------------------------------------------------------------------

    def _cluster(self, draft: Draft) -> JsonRecord:
        draft.put("datacenter", self._server.places.datacenter_of(draft.self_reference))
        summary = draft.read.values.get("summary")
        if summary is not None:
            for path, fact, convert in SUMMARY:
                draft.put(fact, self._converted(fact, _within(summary, path), convert))
            draft.record["evc_mode"] = repeated(_within(summary, "currentEVCModeKey")) or ""
        elif "summary" not in draft.read.missing:
            draft.unknown.update(dict.fromkeys([*(fact for _path, fact, _convert in SUMMARY), "evc_mode"], NO_VALUE))
        settings = draft.read.values.get("configurationEx")
        if settings is not None:
            for path, fact, convert in SETTINGS:
                draft.put(fact, self._converted(fact, _within(settings, path), convert))
            if not many(settings, "dpmConfigInfo"):
                # A cluster whose power management was never set has no such part.
                draft.record["dpm_enabled"] = False
        elif "configurationEx" not in draft.read.missing:
            draft.unknown.update(dict.fromkeys((fact for _path, fact, _convert in SETTINGS), NO_VALUE))
        return draft.finish()

    def _converted(self, fact: str, node: Any, convert: Converter) -> tuple[Any, str]:
        if node is None:
            return None, NO_VALUE
        value = convert(node)
        return (value, "") if value is not None else (None, doubt("cluster", fact, node, fact == "drs_behavior", self._server.ledger))

    # ---- for VMs ------------------------------------------------------------------------------------------------

    def _of_vms(self, read: ObjectRead) -> ForVms:
        settings = read.values.get("configurationEx")
        if settings is None:
            return ForVms(reason=f"the settings of its cluster: {read.missing.get('configurationEx', NO_VALUE)}")
        found = ForVms(restart_priority=self._converted("", _within(settings, "dasConfig.defaultVmSettings.restartPriority"), repeated))
        groups = self._groups[read.moref] = _groups(settings)
        for rule in many(settings, "rule"):
            self._bind(rule, groups, found)
        for entry in many(settings, "dasVmConfig"):
            self._note_priority(entry, found)
        for entry in many(settings, "drsVmConfig"):
            self._note_behavior(entry, found)
        return found

    def _bind(self, rule: Any, groups: Mapping[str, _Group], found: ForVms) -> None:
        name, kind = values.name(_within(rule, "name")), RULE_TYPES.get(_class_of(rule))
        if kind is None or name is None:
            found.rules_reason = f"a rule of its cluster: {unknown_word(_class_of(rule)) if kind is None else 'its name is not told'}"
            return
        enabled = flag(_within(rule, "enabled"))
        if kind == "vm_host" and enabled is None:
            found.rules_reason = f"the server does not tell whether rule {name:.60} is enabled"
            return
        for member in _bound(rule, kind, groups):
            everything, of_hosts = found.rules.setdefault(member.moref, ([], []))
            everything.append(name)
            if kind == "vm_host" and enabled:
                of_hosts.append(name)

    def _note_priority(self, entry: Any, found: ForVms) -> None:
        vm = reference(_within(entry, "key"))
        priority = repeated(_within(entry, "dasSettings.restartPriority")) or repeated(_within(entry, "restartPriority"))
        if vm is not None and priority and priority != CLUSTERS_OWN:
            found.priorities[vm.moref] = priority

    def _note_behavior(self, entry: Any, found: ForVms) -> None:
        vm = reference(_within(entry, "key"))
        if vm is None:
            return
        behavior = repeated(_within(entry, "behavior"))
        if flag(_within(entry, "enabled")) is False:
            found.behaviors[vm.moref] = ("disabled", "")
        elif behavior is not None and behavior not in DRS_BEHAVIORS:
            found.behaviors[vm.moref] = (None, doubt("vm", "drs_behavior", behavior, True, self._server.ledger))
        elif behavior is not None:
            found.behaviors[vm.moref] = (behavior, "")

    # ---- rules and groups ---------------------------------------------------------------------------------------

    def _rule_records(self, read: ObjectRead) -> Iterator[JsonRecord]:
        groups = self._groups[read.moref]
        for rule in many(read.values["configurationEx"], "rule"):
            name = values.name(_within(rule, "name"))
            own = text(_within(rule, "key")) or name or ""
            yield self._rule(rule, groups, self._framed("drs_rule", read, f"rule-{own}", name))

    def _rule(self, rule: Any, groups: Mapping[str, _Group], record: JsonRecord) -> JsonRecord:
        unknown: dict[str, str] = {} if "name" in record else {"name": NO_VALUE}
        kind = RULE_TYPES.get(_class_of(rule))
        if kind is None:
            unknown["type"] = doubt("drs_rule", "type", _class_of(rule), True, self._server.ledger)
            unknown.update(dict.fromkeys(("vm_ids", "hosts", "vm_group", "host_group", "affine", "depends_on_group"), unknown["type"]))
        else:
            record["type"] = kind
            record["vm_ids"] = [self._server.vm_id(member.moref) for member in _bound(rule, kind, groups)]
            self._rule_groups(rule, kind, groups, record, unknown)
        enabled = flag(_within(rule, "enabled"))
        if enabled is None:
            unknown["enabled"] = NO_VALUE
        else:
            record["enabled"] = enabled
        record["mandatory"] = flag(_within(rule, "mandatory")) or False
        return self._server.finish(record, unknown, record["moref"])

    def _rule_groups(self, rule: Any, kind: str, groups: Mapping[str, _Group], record: JsonRecord, unknown: dict[str, str]) -> None:
        affine = text(_within(rule, "affineHostGroupName"))
        hosts = affine or text(_within(rule, "antiAffineHostGroupName")) or ""
        record["vm_group"] = values.name(_within(rule, _GROUP_OF_VMS.get(kind, ""))) or ""
        record["host_group"] = values.name(hosts) or ""
        record["depends_on_group"] = values.name(_within(rule, "dependsOnVmGroup")) or ""
        group = groups.get(record["host_group"])
        names, reason = self._server.places.names(group.members if group else ())
        if names is None:
            unknown["hosts"] = reason
        else:
            record["hosts"] = names
        record["affine"] = bool(affine)

    def _group_records(self, read: ObjectRead) -> Iterator[JsonRecord]:
        for entry in many(read.values["configurationEx"], "group"):
            name = values.name(_within(entry, "name"))
            record = self._framed("drs_group", read, f"group-{name or ''}", name)
            unknown: dict[str, str] = {} if name is not None else {"name": NO_VALUE}
            kind = GROUP_TYPES.get(_class_of(entry))
            if kind is None:
                unknown["type"] = doubt("drs_group", "type", _class_of(entry), True, self._server.ledger)
                unknown["vm_ids"] = unknown["hosts"] = unknown["type"]
            else:
                record["type"] = kind
                record["vm_ids"] = [self._server.vm_id(member.moref) for member in _references(entry, "vm")]
                names, reason = self._server.places.names(_references(entry, "host"))
                if names is None:
                    unknown["hosts"] = reason
                else:
                    record["hosts"] = names
            yield self._server.finish(record, unknown, record["moref"])

    def _framed(self, kind: str, read: ObjectRead, own: str, name: str | None) -> JsonRecord:
        """The frame of a rule's or group's record, whose key is unique in its cluster alone."""
        record = self._server.record(kind, f"{read.moref}/{own}", name)
        record["cluster_id"] = self._server.places.id_of("cluster", read.moref)
        return record


_GROUP_OF_VMS: Final[Mapping[str, str]] = {"vm_host": "vmGroupName", "dependency": "vmGroup"}
"""Type of a rule to the element that names its group of VMs."""


def _groups(settings: Any) -> dict[str, _Group]:
    groups: dict[str, _Group] = {}
    for entry in many(settings, "group"):
        name, kind = values.name(_within(entry, "name")), GROUP_TYPES.get(_class_of(entry))
        if name is not None and kind is not None:
            groups[name] = _Group(kind, _references(entry, kind))
    return groups


def _bound(rule: Any, kind: str, groups: Mapping[str, _Group]) -> list[Reference]:
    """The VMs that a rule binds; a rule whose group is gone binds none."""
    if kind not in _GROUP_OF_VMS:
        return _references(rule, "vm")
    group = groups.get(values.name(_within(rule, _GROUP_OF_VMS[kind])) or "")
    return group.members if group is not None and group.type == "vm" else []


def _references(node: Any, name: str) -> list[Reference]:
    return [entry for entry in many(node, name) if isinstance(entry, Reference)]


def _class_of(node: Any) -> str:
    return str(node.get(TYPE, "")) if isinstance(node, dict) else ""


def _within(node: Any, path: str) -> Any:
    """What stands at a path within a data object; None where the path ends early."""
    for part in path.split("."):
        node = node.get(part) if isinstance(node, dict) else None
    return node
