# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""User-workload monitoring, set up in the two ConfigMaps that the Cluster Monitoring Operator takes its settings from.

Both hold YAML under config.yaml, which others write too: our settings are merged into it, and which are ours is told by the
annotation of `merges`. What the settings mean (openshift/cluster-monitoring-operator, pkg/manifests: types.go, config.go,
manifests.go; OpenShift documentation, config map reference for the Cluster Monitoring Operator):

- enableUserWorkload, false by default, starts user-workload monitoring; without it the other ConfigMap is not even loaded.
- alertmanagerMain.enableUserAlertmanagerConfig, false by default, has the platform's Alertmanager read AlertmanagerConfigs. It
  only applies while alertmanager.enabled of the other ConfigMap is not true; where both are set the dedicated one wins, and the
  ClusterOperator monitoring says so. alertmanagerMain.enabled, true by default, may switch the platform's Alertmanager off.
- alertmanager.enabled and alertmanager.enableAlertmanagerConfig, false by default, start an Alertmanager for user workloads and
  have it read AlertmanagerConfigs.
- namespacesWithoutLabelEnforcement, since OpenShift 4.18, names namespaces whose PrometheusRules see every namespace: the operator
  makes it excludedFromEnforcement of Prometheus and Thanos Ruler, unless userWorkload.rulesWithoutLabelEnforcementAllowed is
  false. Who may write rules in such a namespace can see the metrics of all.
- prometheus.retention, 24h by default.

What is no YAML, has a key twice or one that is not known stops the operator, and since 4.18 a webhook refuses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ...common.merges import (
    ADOPTED_MARK,
    ALREADY_THERE,
    THERE_BEFORE,
    EntryFinding,
    Merge,
    Merged,
    digest_of,
    marks_of,
    orphan,
    released,
    with_marks,
)
from ...common.owned_fields import ApiObject
from ...common.write_findings import (
    CHANGED,
    CREATE,
    DELETE,
    FAIL,
    IN_STEP,
    MISSING,
    NO_ACTION,
    NOT_APPLICABLE,
    ORPHANED,
    PASS,
    UPDATE,
)
from ...common.yaml_text import Entry, Listed, Reading, Setting, YamlText, holds, in_words, said, value_at
from ...target.model import ABSENT, READ
from ...target.objects import map_at, text_at
from ..desired.monitoring import BY_PLATFORM, BY_USER_WORKLOAD, Monitoring
from ..parts import CLUSTER_WIDE
from ..snapshot import Named, NamedRead
from .check_list import LAYER, PART
from .evaluators import MONITORING_NAMESPACE

CLUSTER_CONFIG: Final = Named("v1", "ConfigMap", "openshift-monitoring", "cluster-monitoring-config")
USER_WORKLOAD_CONFIG: Final = Named("v1", "ConfigMap", "openshift-user-workload-monitoring", "user-workload-monitoring-config")
CONFIG_KEY: Final = "config.yaml"
WHAT: Final = "monitoring-config"
"""Last part of the annotation that names our settings."""

PATH: Final = "monitoring.user_workload"

ENABLED: Final = Setting(("enableUserWorkload",), True)
PLATFORM_READS: Final = Setting(("alertmanagerMain", "enableUserAlertmanagerConfig"), True)
PLATFORM_RUNS: Final = Setting(("alertmanagerMain", "enabled"), True)
OPEN_RULES: Final = Setting(("userWorkload", "rulesWithoutLabelEnforcementAllowed"), True)
OPEN_NAMESPACE: Final = Listed(("namespacesWithoutLabelEnforcement",), MONITORING_NAMESPACE)
OWN_RUNS: Final = Setting(("alertmanager", "enabled"), True)
OWN_READS: Final = Setting(("alertmanager", "enableAlertmanagerConfig"), True)
RETENTION: Final = ("prometheus", "retention")
COLLECTION_PROFILE: Final = "prometheusK8s.collectionProfile"
FULL: Final = "full"

_EVER_OURS: Final[Mapping[str, tuple[Entry, ...]]] = {
    CLUSTER_CONFIG.name: (ENABLED, PLATFORM_READS),
    USER_WORKLOAD_CONFIG.name: (OPEN_NAMESPACE, OWN_RUNS, OWN_READS, Setting(RETENTION, "")),
}
"""By the ConfigMap's name every setting that is ever written into it: no other one is taken out, whatever the annotation says."""


@dataclass(frozen=True, slots=True)
class Hindrance:
    """A setting that is not ours to change, with a value that keeps ours from working."""

    setting: Setting
    """the setting with the value that hinders"""
    message: str
    remedy: str


_NO_OPEN_RULES: Final = Hindrance(
    replace(OPEN_RULES, value=False),
    "it is false: rules see the metrics of their own namespace alone, also those of namespacesWithoutLabelEnforcement",
    "whoever forbade such rules has to allow them: take the setting out, or make it true",
)
_NO_PLATFORM_ALERTMANAGER: Final = Hindrance(
    replace(PLATFORM_RUNS, value=False),
    "it is false: the platform's Alertmanager does not run, so that it reads no AlertmanagerConfigs",
    "take the setting out, or have monitoring.user_workload.alertmanager be user_workload or as_it_is",
)
_DEDICATED_ALERTMANAGER: Final = Hindrance(
    OWN_RUNS,
    "it is true: alerts of user workloads go to an Alertmanager of their own, and the platform's reads no AlertmanagerConfigs",
    "have monitoring.user_workload.alertmanager be user_workload or as_it_is, or make the setting false",
)


# ---- what is wanted --------------------------------------------------------------------------------------------------


def cluster_change(wanted: Monitoring, yaml: YamlText, prune: bool) -> Merge:
    """What becomes of openshift-monitoring/cluster-monitoring-config; with `prune` settings of ours that are not wanted go."""
    section = wanted.user_workload
    entries: tuple[Entry, ...] = ()
    hindrances: tuple[Hindrance, ...] = ()
    if section.enabled:
        entries, hindrances = (ENABLED,), (_NO_OPEN_RULES,)
        if section.alertmanager == BY_PLATFORM:
            entries, hindrances = (*entries, PLATFORM_READS), (*hindrances, _NO_PLATFORM_ALERTMANAGER)
    return _merge(ConfigChange(CLUSTER_CONFIG, entries, yaml, hindrances, prune))


def user_workload_change(wanted: Monitoring, yaml: YamlText, prune: bool) -> Merge:
    """What becomes of openshift-user-workload-monitoring/user-workload-monitoring-config; `prune` as with `cluster_change`."""
    section = wanted.user_workload
    entries: tuple[Entry, ...] = ()
    hindrances: tuple[Hindrance, ...] = ()
    if section.enabled:
        entries = (OPEN_NAMESPACE,)
        if section.alertmanager == BY_USER_WORKLOAD:
            entries = (*entries, OWN_RUNS, OWN_READS)
        if section.alertmanager == BY_PLATFORM:
            hindrances = (_DEDICATED_ALERTMANAGER,)
        if section.retention:
            entries = (*entries, Setting(RETENTION, section.retention))
    return _merge(ConfigChange(USER_WORKLOAD_CONFIG, entries, yaml, hindrances, prune))


def _merge(change: ConfigChange) -> Merge:
    return Merge(change.ref, PART, LAYER, PATH, CLUSTER_WIDE, change)


# ---- the change ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """Settings of ours in the config.yaml of one ConfigMap. Without entries nothing is wanted of it but what `prune` says."""

    ref: Named
    entries: tuple[Entry, ...]
    yaml: YamlText
    hindrances: tuple[Hindrance, ...] = ()
    prune: bool = False
    """whether settings that we added and that are wanted no more go; those that were there before us never do"""

    def of(self, live: ApiObject | None) -> Merged:
        """What becomes of the ConfigMap."""
        marks = marks_of(live, WHAT)
        if not self.entries and not marks:
            return Merged(None)
        if reason := _no_text(live):
            return Merged(None, refused=reason, remedy=f"put what it holds under data, {CONFIG_KEY}")
        reading = self.yaml.read(text_of(live))
        if reading.reason:
            remedy = f"mend it, and then write: {in_words(self.entries)}" if self.entries else "mend it"
            return Merged(None, refused=f"{CONFIG_KEY} cannot be read: {reading.reason}", remedy=remedy)
        return _Plan(self, live, marks, reading.data).merged()


class _Plan:
    """One application of the change: what goes into the text and out of it, and what is found of each setting."""

    def __init__(self, change: ConfigChange, live: ApiObject | None, marks: Mapping[str, str], data: Mapping[Any, Any]) -> None:
        self._change = change
        self._live = live
        self._marks = marks
        self._data = data
        self._kept = dict(marks)
        self._gone: list[Entry] = []
        self._entries: dict[str, EntryFinding] = {}

    def merged(self) -> Merged:
        for entry in self._change.entries:
            self._take(entry)
        self._orphans()
        text = text_of(self._live)
        edited = self._change.yaml.with_entries(text, self._change.entries)
        if not edited.reason and self._gone:
            edited = self._change.yaml.without_entries(edited.text, self._gone)
        if edited.reason:
            return self._refused(f"{CONFIG_KEY}: {edited.reason}", edited.remedy)
        if edited.text != text and self._live is not None and self._live.get("immutable") is True:
            return self._refused("it is immutable, and lacks what is wanted", "replace it by a ConfigMap that is not immutable")
        self._hindered()
        return Merged(self._written(edited.text), tuple(self._entries.values()))

    def _written(self, text: str) -> ApiObject | None:
        """The ConfigMap with that text and our marks; None where nothing is to be written."""
        found = self._live
        if text != text_of(found):
            found = _with_text(found or _new(self._change.ref), text)
        if found is not None and self._kept != self._marks:
            found = with_marks(found, WHAT, self._kept)
        return None if found is self._live else found

    def _take(self, entry: Entry) -> None:
        mark, digest = self._marks.get(entry.name, ""), digest_of(entry.value)
        found = _found(self._data, entry)
        if found is None:
            message = "it was taken out since it was written" if mark else ""
            self._note(entry, digest, EntryFinding(entry.name, MISSING, PASS, CREATE, message=message))
        elif holds(self._data, entry):
            message = "" if mark else ALREADY_THERE
            self._note(entry, _adopted(mark) + digest, EntryFinding(entry.name, IN_STEP, PASS, message=message))
        else:
            by_hand = bool(mark) and mark.removeprefix(ADOPTED_MARK) != _digest_of(found)
            why = "it is looked after from here from now on" if not mark else "somebody changed it since it was written" if by_hand else ""
            message = "; ".join(part for part in (f"it was {said(found)}", why) if part)
            self._note(entry, _adopted(mark) + digest, EntryFinding(entry.name, CHANGED, PASS, UPDATE, message=message))

    def _note(self, entry: Entry, mark: str, finding: EntryFinding) -> None:
        self._kept[entry.name] = mark
        self._entries[entry.name] = finding

    def _orphans(self) -> None:
        """Settings of ours that are not wanted any more."""
        ours = {entry.name: entry for entry in _EVER_OURS[self._change.ref.name]}
        for name in sorted(self._marks.keys() - {entry.name for entry in self._change.entries}):
            entry = ours.get(name)
            if entry is None:
                message = "the annotation names it as ours, but this version never writes it: it stays"
                self._entries[name] = EntryFinding(name, ORPHANED, NOT_APPLICABLE, message=message, remedy="take it out by hand")
            elif (found := _found(self._data, entry)) is None:
                self._kept.pop(name)
            elif not self._change.prune:
                self._entries[name] = orphan(name)
            else:
                self._kept.pop(name)
                self._entries[name] = self._let_go(entry, found)

    def _let_go(self, entry: Entry, found: object) -> EntryFinding:
        mark = self._marks[entry.name]
        if mark.startswith(ADOPTED_MARK):
            return released(entry.name, THERE_BEFORE)
        if mark != _digest_of(found):
            return released(entry.name, f"somebody made it {said(found)} since it was written")
        self._gone.append(entry)
        return EntryFinding(entry.name, ORPHANED, PASS, DELETE)

    def _hindered(self) -> None:
        """Settings that stand, that are not ours to change, and that keep ours from working."""
        for hindrance in self._change.hindrances:
            setting = hindrance.setting
            if not holds(self._data, setting) or setting in self._gone:
                continue
            earlier = self._entries.get(setting.name)
            ours = earlier is not None and earlier.action == NO_ACTION and bool(earlier.remedy)
            remedy = f"{earlier.remedy}; or {hindrance.remedy}" if earlier is not None and ours else hindrance.remedy
            action = earlier.action if earlier is not None else NO_ACTION
            self._entries[setting.name] = EntryFinding(setting.name, CHANGED, FAIL, action, message=hindrance.message, remedy=remedy)

    def _refused(self, reason: str, remedy: str) -> Merged:
        """While one setting cannot be written none is: those that were to be written say so."""
        entries = tuple(
            replace(entry, result=FAIL, action=NO_ACTION, message=reason, remedy=remedy) if entry.action != NO_ACTION else entry
            for entry in self._entries.values()
        )
        return Merged(None, entries, reason, remedy)


def _adopted(mark: str) -> str:
    """How the mark of a setting begins that is there already: one that we added stays ours."""
    return ADOPTED_MARK if not mark or mark.startswith(ADOPTED_MARK) else ""


def _found(data: Mapping[Any, Any], entry: Entry) -> Any:
    """What data have for an entry, whatever its value; None for nothing."""
    if isinstance(entry, Listed):
        return entry.value if holds(data, entry) else None
    return value_at(data, entry.path)


def _digest_of(value: object) -> str:
    """The digest of a value that may be one of ours; none that is in use for any other."""
    return digest_of(value) if isinstance(value, (str, int)) else ""


def _new(ref: Named) -> dict[str, Any]:
    return {"apiVersion": ref.api_version, "kind": ref.kind, "metadata": {"name": ref.name, "namespace": ref.namespace}}


def _with_text(live: ApiObject, text: str) -> dict[str, Any]:
    return {**live, "data": {**map_at(dict(live), "data"), CONFIG_KEY: text}}


def text_of(live: ApiObject | None) -> str:
    """The config.yaml of a ConfigMap; empty where it has none."""
    found = map_at(dict(live or {}), "data").get(CONFIG_KEY)
    return found if isinstance(found, str) else ""


def _no_text(live: ApiObject | None) -> str:
    """Why a ConfigMap has its settings where nobody looks for them; empty where it does not."""
    return f"{CONFIG_KEY} stands under binaryData" if CONFIG_KEY in map_at(dict(live or {}), "binaryData") else ""


# ---- what is seen ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConfigSeen:
    """What the two ConfigMaps say of user-workload monitoring. None is unknown, and `reason` says why."""

    enabled: bool | None = None
    """whether it is switched on"""
    alertmanager: str | None = None
    """whose Alertmanager reads AlertmanagerConfigs: platform or user_workload; empty for nobody's"""
    open_namespaces: frozenset[str] | None = None
    """namespaces whose rules see every namespace; none where the platform forbids such rules"""
    reason: str = ""
    collection_profile: str = ""
    """what the platform's Prometheus collects, such as minimal; empty where nothing is said, which is all"""


def seen_of(cluster: NamedRead, user_workload: NamedRead, yaml: YamlText) -> ConfigSeen:
    """What the ConfigMaps say, read as `CLUSTER_CONFIG` and `USER_WORKLOAD_CONFIG`. One that is not there says what is default.

    The typed ClusterMonitoring of config.openshift.io, a preview that may switch user-workload monitoring on too, is not read.
    """
    platform, own = _read(CLUSTER_CONFIG, cluster, yaml), _read(USER_WORKLOAD_CONFIG, user_workload, yaml)
    enabled = _switch(platform, ENABLED, default=False)
    profile = text_at(platform.data, COLLECTION_PROFILE)
    found = ConfigSeen(enabled, _reader(platform, own, enabled), _open_namespaces(platform, own), collection_profile=profile)
    if None not in (found.enabled, found.alertmanager, found.open_namespaces):
        return found
    reasons = [
        *(reason for reason in (platform.reason, own.reason) if reason),
        *_misread(CLUSTER_CONFIG, platform, (ENABLED, PLATFORM_READS, PLATFORM_RUNS, OPEN_RULES)),
        *_misread(USER_WORKLOAD_CONFIG, own, (OWN_RUNS, OWN_READS)),
    ]
    return replace(found, reason="; ".join(reasons))


def _read(ref: Named, read: NamedRead, yaml: YamlText) -> Reading:
    if read.state == ABSENT:
        return Reading()
    if read.state != READ or read.object is None:
        return Reading(reason=read.reason or f"{ref.text} was not read")
    if reason := _no_text(read.object):
        return Reading(reason=f"{ref.text}: {reason}")
    reading = yaml.read(text_of(read.object))
    return replace(reading, reason=f"{ref.text}: {CONFIG_KEY} cannot be read: {reading.reason}") if reading.reason else reading


def _switch(reading: Reading, setting: Setting, *, default: bool) -> bool | None:
    """What a switch says; None where that is not known, or where it says neither true nor false."""
    if reading.reason:
        return None
    found = value_at(reading.data, setting.path)
    return default if found is None else found if isinstance(found, bool) else None


def _reader(platform: Reading, own: Reading, enabled: bool | None) -> str | None:
    """Whose Alertmanager reads AlertmanagerConfigs."""
    if enabled is None:
        return None
    if enabled:
        runs, reads = _switch(own, OWN_RUNS, default=False), _switch(own, OWN_READS, default=False)
        if runs is None or (runs and reads is None):
            return None
        if runs:
            return BY_USER_WORKLOAD if reads else ""
    runs, reads = _switch(platform, PLATFORM_RUNS, default=True), _switch(platform, PLATFORM_READS, default=False)
    if runs is False or reads is False:
        return ""
    return BY_PLATFORM if runs and reads else None


def _open_namespaces(platform: Reading, own: Reading) -> frozenset[str] | None:
    allowed = _switch(platform, OPEN_RULES, default=True)
    if allowed is False:
        return frozenset()
    if allowed is None or own.reason:
        return None
    found = value_at(own.data, OPEN_NAMESPACE.path)
    if not (found is None or isinstance(found, list)):
        return None
    return frozenset(item for item in found or () if isinstance(item, str))


def _misread(ref: Named, reading: Reading, switches: Iterable[Setting]) -> Iterable[str]:
    """Settings that say what no such setting can."""
    for setting in switches:
        if not reading.reason and _switch(reading, setting, default=True) is None:
            yield f"{ref.text}: {setting.name} is {said(value_at(reading.data, setting.path))}, and has to be true or false"
    found = value_at(reading.data, OPEN_NAMESPACE.path)
    if ref == USER_WORKLOAD_CONFIG and not (found is None or isinstance(found, list)):
        yield f"{ref.text}: {OPEN_NAMESPACE.path[0]} is {said(found)}, and has to be a list"
