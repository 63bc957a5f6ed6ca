# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The monitoring part: what is merged into its ConfigMaps, rules, routes and dashboards, who is told, and what nobody watches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ...common.findings import CheckFinding
from ...common.merges import Merge, Merged, MergeOutcome
from ...common.write_findings import ADOPTED, FAIL
from ...common.yaml_text import YamlText
from ...target.model import ABSENT, READ
from ..desired.model import PlatformDesired
from ..desired.monitoring import AS_IT_IS, Monitoring
from ..merge_findings import entry_findings
from ..olm.versions import minor_of
from ..parts import NAMESPACES, Context, PartPlan, Wait, WantedObject
from ..snapshot import Named, NamedRead, PlatformSnapshot
from ..verdicts import failed, not_asked, passed, unknown
from .alert_states import alert_records
from .check_list import CONFIG_ENTRY, CONFIG_PROFILE, CONFIG_READABLE, CONFIG_VERSION, LAYER, PART, USER_WORKLOAD
from .config_maps import CLUSTER_CONFIG, FULL, USER_WORKLOAD_CONFIG, ConfigSeen, cluster_change, seen_of, user_workload_change
from .dashboard_checks import attainable, dashboard_findings, perses_version
from .dashboards import dashboard_objects
from .evaluators import MONITORING_NAMESPACE
from .facts import RuleFacts
from .objects import rule_objects
from .own_rules import own_findings, own_objects
from .readings import VERSION
from .route_checks import findings_of, routes_seen
from .routes import route_objects, route_secret_refs
from .routing import Reach
from .settings import rule_settings, tenants_seen
from .watch_checks import RUNNING
from .watch_look import look_of
from .watch_stack import stack_waits
from .watching import watch_findings, watch_records

_PATH: Final = "monitoring.user_workload"
_CONFIGS: Final = (CLUSTER_CONFIG, USER_WORKLOAD_CONFIG)
_OPEN_NAMESPACES_SINCE: Final = (4, 18)


def plan_monitoring(context: Context) -> PartPlan:
    """What the monitoring part wants of the cluster, and what is seen of it."""
    wanted, snapshot = context.desired.monitoring or Monitoring(), context.snapshot
    facts = RuleFacts(context.catalogue.monitoring_records, context.catalogue.monitoring_alerts)
    tenants = tenants_seen(wanted, snapshot)
    settings = rule_settings(wanted, tenants)
    rules = (*rule_objects(facts, settings, "monitoring"), *own_objects(wanted))
    config = _config_seen(context.yaml, snapshot)
    merges = _merges(wanted, context.yaml, prune=context.prune)
    previews = tuple(_preview(merge, snapshot) for merge in merges)
    routes = routes_seen(wanted, snapshot, facts, settings, _alertmanager(wanted, config, previews))
    look = look_of(wanted, snapshot, facts, rules, owners_told(routes.reached))
    shown = attainable(wanted.dashboards, snapshot)
    dashboards = dashboard_objects(shown, context.catalogue.monitoring_dashboards, settings, perses_version(snapshot))
    waits = stack_waits(wanted.user_workload, snapshot)
    findings = (
        *_config_findings(wanted, config, previews, snapshot),
        *tenants.findings,
        *own_findings(wanted, context.outside.promql),
        *findings_of(routes),
        *dashboard_findings(wanted.dashboards, snapshot),
        *(finding for finding in watch_findings(look) if not _is_waited_for(finding, waits)),
    )
    records = (*alert_records(look, alerts_told(routes.reached)), *watch_records(look))
    objects = (_namespace(), *rules, *route_objects(wanted, snapshot), *dashboards)
    return PartPlan(objects, waits, findings=findings, records=records, merges=merges, incomplete=tenants.incomplete)


def _is_waited_for(finding: CheckFinding, waits: Sequence[Wait]) -> bool:
    """Whether what becomes of a wait says the same."""
    return finding.check == RUNNING.id and finding.subject in {wait.subject for wait in waits}


def named_refs(desired: PlatformDesired, snapshot: PlatformSnapshot) -> tuple[Named, ...]:
    """What has to be read by its name: the ConfigMaps of monitoring, and the Secrets of routes, of which the names of their keys."""
    if desired.monitoring is None:
        return ()
    return tuple(sorted({*_CONFIGS, *route_secret_refs(desired.monitoring, snapshot)}))


def config_outcomes(outcomes: Sequence[MergeOutcome]) -> Iterator[CheckFinding]:
    """The findings on settings of the ConfigMaps that were merged, or would be."""
    for outcome in outcomes:
        yield from entry_findings(outcome, CONFIG_ENTRY, f"setting {outcome.merge.ref.name}: {{}}".format)


def _namespace() -> WantedObject:
    item = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": MONITORING_NAMESPACE}}
    # Whoever made it before us, to put Secrets of routes there, has it back when it is wanted no more.
    return WantedObject(item, PART, LAYER, "monitoring", NAMESPACES, ADOPTED, keep=True)


# ---- ConfigMaps ------------------------------------------------------------------------------------------------------


def _config_seen(yaml: YamlText | None, snapshot: PlatformSnapshot) -> ConfigSeen:
    if yaml is None:
        return ConfigSeen(reason="nothing that reads YAML is at hand")
    cluster, own = (snapshot.named(ref) for ref in _CONFIGS)
    return seen_of(cluster, own, yaml)


def _merges(wanted: Monitoring, yaml: YamlText | None, *, prune: bool) -> tuple[Merge, ...]:
    if yaml is None:
        return ()
    return (cluster_change(wanted, yaml, prune), user_workload_change(wanted, yaml, prune))


@dataclass(frozen=True, slots=True)
class _Preview:
    """What a merge makes of its ConfigMap as that was read."""

    ref: Named
    read: NamedRead
    merged: Merged

    @property
    def is_hindered(self) -> bool:
        """Whether settings of others are in its way."""
        return bool(self.merged.refused) or any(entry.result == FAIL for entry in self.merged.entries)


def _preview(merge: Merge, snapshot: PlatformSnapshot) -> _Preview:
    ref = Named(merge.ref.api_version, merge.ref.kind, merge.ref.namespace, merge.ref.name)
    read = snapshot.named(ref)
    return _Preview(ref, read, merge.change.of(read.object))


def _alertmanager(wanted: Monitoring, config: ConfigSeen, previews: Sequence[_Preview]) -> str | None:
    """Whose Alertmanager will read AlertmanagerConfigs: as the document has it; else, or where others' settings hinder it, as now."""
    section = wanted.user_workload
    if not section.enabled or section.alertmanager == AS_IT_IS or any(preview.is_hindered for preview in previews):
        return config.alertmanager
    return section.alertmanager


def _config_findings(
    wanted: Monitoring, config: ConfigSeen, previews: Sequence[_Preview], snapshot: PlatformSnapshot
) -> Iterator[CheckFinding]:
    subject = "user-workload monitoring"
    yield from _refusals(previews)
    yield _version_finding(wanted, snapshot)
    yield _profile_finding(config)
    if wanted.user_workload.enabled:
        # Whether the settings are there, the findings on them say.
        yield not_asked(USER_WORKLOAD, subject, "the document sets it itself")
    elif config.enabled is None or config.open_namespaces is None:
        yield unknown(USER_WORKLOAD, subject, config.reason, _PATH)
    elif not config.enabled:
        yield failed(USER_WORKLOAD, subject, "it is switched off: nobody evaluates its rules", _PATH)
    elif MONITORING_NAMESPACE not in config.open_namespaces:
        message = f"{MONITORING_NAMESPACE} is none of namespacesWithoutLabelEnforcement: its rules see no other namespace"
        yield failed(USER_WORKLOAD, subject, message, _PATH)
    else:
        yield passed(USER_WORKLOAD, subject, _PATH)


def _version_finding(wanted: Monitoring, snapshot: PlatformSnapshot) -> CheckFinding:
    """Whether the operator knows our settings: one that it does not know stops it, and with it all of monitoring."""
    version = snapshot.cluster.openshift_version
    minor = minor_of(version)
    listed = snapshot.listed.get(VERSION)
    if not wanted.user_workload.enabled:
        return not_asked(CONFIG_VERSION, "OpenShift", "the document leaves both ConfigMaps as they are")
    if minor is None and listed is not None and listed.state == ABSENT:
        return not_asked(CONFIG_VERSION, "OpenShift", "the cluster is none of OpenShift: it serves no ClusterVersion")
    if minor is None:
        return unknown(CONFIG_VERSION, "OpenShift", snapshot.why_not(VERSION) or "its version is not known", _PATH)
    if minor < _OPEN_NAMESPACES_SINCE:
        return failed(CONFIG_VERSION, "OpenShift", f"it is {version}, and knows no namespacesWithoutLabelEnforcement", _PATH)
    return passed(CONFIG_VERSION, "OpenShift", _PATH, version)


def _profile_finding(config: ConfigSeen) -> CheckFinding:
    """Whether metrics of the platform are left out on purpose."""
    subject = CLUSTER_CONFIG.text
    if config.enabled is None:
        return unknown(CONFIG_PROFILE, subject, config.reason, _PATH)
    if config.collection_profile not in ("", FULL):
        message = f"the platform's Prometheus collects the profile {config.collection_profile}, and leaves metrics out"
        return failed(CONFIG_PROFILE, subject, message, _PATH)
    return passed(CONFIG_PROFILE, subject, _PATH)


def _refusals(previews: Sequence[_Preview]) -> Iterator[CheckFinding]:
    """What cannot be merged into keeps everything from being written."""
    for preview in previews:
        subject, merged = preview.ref.text, preview.merged
        if preview.read.state not in (READ, ABSENT):
            yield unknown(CONFIG_READABLE, subject, preview.read.reason, _PATH)
        elif merged.refused:
            yield failed(CONFIG_READABLE, subject, merged.refused, _PATH, remedy=merged.remedy)
        else:
            yield passed(CONFIG_READABLE, subject, _PATH)


# ---- who is told -----------------------------------------------------------------------------------------------------


def owners_told(reached: Sequence[Reach]) -> dict[str, bool | None]:
    """Owner to whether every alert for them reaches somebody; None where nobody knows of one and all others do."""
    found: dict[str, bool | None] = {}
    for one in reached:
        is_told = True if one.told else None if one.unknown else False
        before = found.get(one.owner, True)
        found[one.owner] = False if False in (before, is_told) else None if None in (before, is_told) else True
    return found


def alerts_told(reached: Sequence[Reach]) -> dict[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]]:
    """Namespace and alert to who is told, and the owners who are not; what nobody knows has no entry."""
    grouped: dict[tuple[str, str], list[Reach]] = {}
    for one in reached:
        grouped.setdefault((one.place, one.alert), []).append(one)
    return {
        key: (
            tuple(sorted({words for one in each for words in one.told})),
            tuple(sorted({one.owner for one in each if one.reaches_nobody})),
        )
        for key, each in sorted(grouped.items())
        if not any(one.unknown for one in each)
    }
