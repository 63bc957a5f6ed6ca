# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report's figures in OpenMetrics text format.

Gauges only, so that collectors which know nothing but the older Prometheus format read the file as well. What is not
known has no sample: zero would be a claim.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..report.dates import moment
from ..report.namespaces_texts import CONTRACT_WORDS, proof_result
from ..report.namespaces_view import NamespacesView
from ..report.plan_texts import local_time
from ..report.plan_view import DRY_RUNS, PlanView, TargetReportView
from ..report.plan_view import STATES as STATES_OF_VMS
from ..report.platform_texts import OBJECT_WORDS, RESULT_WORDS
from ..report.platform_texts import STATE_WORDS as STATES_OF_LAYERS
from ..report.platform_view import PlatformView
from ..report.view import VERDICTS, GroupCount, ReportView, VerdictCount

PREFIX: Final = "readiness_"
STATES: Final = ("ran", "failed", "skipped", "stale")
MIB: Final = 1024**2

Sample = tuple[Mapping[str, str], float]


@dataclass(frozen=True, slots=True)
class _Gauge:
    """A family of samples; a unit, where there is one, is the end of the name."""

    name: str
    help: str
    samples: tuple[Sample, ...]
    unit: str = ""


def write_openmetrics(view: ReportView, path: Path) -> None:
    """Writes all figures, and `# EOF` as the last line."""
    lines = [line for gauge in _gauges(view) for line in _lines(gauge)]
    path.write_text("\n".join([*lines, "# EOF", ""]), encoding="utf-8", errors="replace", newline="")


def _lines(gauge: _Gauge) -> Iterator[str]:
    """One family: its type, unit and help, then its samples; a family without samples is left out."""
    if not gauge.samples:
        return
    name = PREFIX + gauge.name
    yield f"# TYPE {name} gauge"
    if gauge.unit:
        yield f"# UNIT {name} {gauge.unit}"
    yield f"# HELP {name} {_escaped(gauge.help)}"
    for labels, value in gauge.samples:
        inner = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"{name}{{{inner}}} {_number(value)}" if inner else f"{name} {_number(value)}"


def _escaped(text: str) -> str:
    """Label values and help texts: backslash, quote and line feed are escaped."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", " ")


def _number(value: float) -> str:
    return repr(float(value)) if isinstance(value, float) else str(value)


def _gauges(view: ReportView) -> Iterator[_Gauge]:
    yield from _run_gauges(view)
    yield from _vm_gauges(view)
    yield from _rule_gauges(view)
    yield from _privilege_gauges(view)
    yield from _source_gauges(view)
    if view.plan is not None:
        yield from _plan_gauges(view.plan)
        yield from _fit_gauges(view.plan)
    if view.target is not None:
        yield from _target_gauges(view.target)
    if view.platform is not None:
        yield from _platform_gauges(view.platform)
        yield from _device_gauges(view.platform)
        yield from _people_gauges(view.platform)
        yield from _delivery_gauges(view.platform)
    if view.namespaces is not None:
        yield from _namespace_gauges(view.namespaces)
        yield from _showback_gauges(view.namespaces)


def _run_gauges(view: ReportView) -> Iterator[_Gauge]:
    versions = {"collection_version": view.collection_version, "catalogue_version": view.catalogue_version, "mode": view.mode}
    yield _Gauge("report", "Always 1; its labels name the versions that made the report.", ((versions, 1),))
    yield _Gauge(
        "report_timestamp_seconds",
        "The moment that the report takes for the present, as Unix time.",
        (({}, int(moment(view.now).timestamp())),),
        "seconds",
    )
    yield _Gauge("complete", "1 when every stage ran and nothing has changed since, else 0.", (({}, int(not view.failed)),))
    left: tuple[Sample, ...] = () if view.without_vms else (({}, view.days_left),)
    yield _Gauge("support_left_days", "Days until vSphere 8 leaves general support; negative afterwards.", left, "days")
    states: dict[tuple[str, str], set[str]] = {}
    for stage in view.stages:
        states.setdefault((stage.stage, stage.host), set()).add(stage.state)
    samples = tuple(
        ({"stage": stage, "host": host, "state": state}, int(state in found))
        for (stage, host), found in sorted(states.items())
        for state in STATES
    )
    yield _Gauge("stage_state", "1 for the state that a stage on a host is in, 0 for the others.", samples)


def _vm_gauges(view: ReportView) -> Iterator[_Gauge]:
    counts = view.verdicts
    settled: tuple[Sample, ...] = tuple(
        ({"verdict": count.verdict, "settled": flag}, figure)
        for count in counts
        for flag, figure in (("true", count.settled), ("false", count.provisional))
    )
    yield _Gauge("vms", "VMs in scope by verdict; settled is false where the verdict is provisional.", settled)
    yield _Gauge("excluded_vms", "VMs that are out of scope.", (({}, len(view.excluded)),) if counts or view.excluded else ())
    yield from _size_gauges(counts)
    scores: list[Sample] = []
    if view.score_mean is not None and view.score_best_mean is not None:
        scores = [({"unknown": "failed"}, view.score_mean), ({"unknown": "passed"}, view.score_best_mean)]
    yield _Gauge(
        "score_mean", "Mean score of the VMs in scope from 0 to 100, with what is unknown counted as failed and as passed.", tuple(scores)
    )
    for group in ("vcenter", "cluster"):
        chosen = [entry for entry in view.groups if entry.group == group]
        yield _Gauge(
            f"{group}_vms",
            f"VMs in scope of a {'vCenter' if group == 'vcenter' else group} by verdict.",
            tuple(_group_samples(group, chosen)),
        )


def _size_gauges(counts: Sequence[VerdictCount]) -> Iterator[_Gauge]:
    """What the VMs hold; a sum of which nothing is known has no sample, and how many VMs a sum leaves out is said beside it."""
    cpus = tuple(({"verdict": count.verdict}, count.cpu_count) for count in counts if count.cpu_count is not None)
    yield _Gauge("cpus", "Virtual CPUs of the VMs in scope by verdict, as far as they are known.", cpus)
    memory = tuple(({"verdict": count.verdict}, count.memory_mib * MIB) for count in counts if count.memory_mib is not None)
    yield _Gauge("memory_bytes", "Configured memory of the VMs in scope by verdict, as far as it is known.", memory, "bytes")
    disks = tuple(({"verdict": count.verdict}, count.disk_bytes) for count in counts if count.disk_bytes is not None)
    yield _Gauge(
        "disk_capacity_bytes", "Capacity of the virtual disks of the VMs in scope by verdict, as far as it is known.", disks, "bytes"
    )
    unknown: tuple[Sample, ...] = tuple(
        ({"verdict": count.verdict, "fact": fact}, figure)
        for count in counts
        for fact, figure in (("cpus", count.cpu_unknown), ("memory", count.memory_unknown), ("disk_capacity", count.disk_unknown))
    )
    yield _Gauge("unknown_size_vms", "VMs in scope whose size is not known and so missing from the sum of that fact.", unknown)


def _group_samples(label: str, groups: Iterable[GroupCount]) -> Iterator[Sample]:
    for group in groups:
        for verdict, settled, provisional in zip(VERDICTS, group.settled, group.provisional, strict=True):
            yield {label: group.name, "verdict": verdict, "settled": "true"}, settled
            yield {label: group.name, "verdict": verdict, "settled": "false"}, provisional


def _rule_gauges(view: ReportView) -> Iterator[_Gauge]:
    rules = sorted(view.rules, key=lambda rule: rule.id)
    for name, attribute, meaning in (
        ("rule_failed", "failed", "VMs that fail a rule."),
        ("rule_not_evaluated", "not_evaluated", "VMs for which a rule could not be evaluated."),
    ):
        yield _Gauge(name, meaning, tuple(({"rule": rule.id, "category": rule.category}, getattr(rule, attribute)) for rule in rules))


def _privilege_gauges(view: ReportView) -> Iterator[_Gauge]:
    waiting = tuple(({"privilege": cause.privilege}, cause.provisional_vms) for cause in view.causes if cause.privilege)
    yield _Gauge("missing_privilege_vms", "Provisional VMs that wait for a privilege which the reader's account lacks.", waiting)


def _source_gauges(view: ReportView) -> Iterator[_Gauge]:
    inputs = []
    for entry in view.inputs:
        captured = {"captured_at": entry.captured_at} if entry.captured_at else {}
        inputs.append(({"name": entry.name, "sha256": entry.sha256, **captured}, 1))
    yield _Gauge("input_info", "Always 1; its labels name an input that the estate was made from.", tuple(inputs))
    now = moment(view.now)
    dated = [source for source in view.sources if source.age_days is not None]
    ages = [
        ({"source": source.id, "type": source.type}, max(int((now - moment(source.captured_at)).total_seconds()), 0)) for source in dated
    ]
    yield _Gauge("source_capture_age_seconds", "Time from the capture of a source to the report.", tuple(ages), "seconds")
    yield _Gauge(
        "source_vms",
        "VMs that a source shows.",
        tuple(({"source": source.id, "type": source.type}, source.vm_count) for source in view.sources),
    )


def _plan_gauges(plan: PlanView) -> Iterator[_Gauge]:
    yield _Gauge(
        "plan_vms",
        "VMs in scope by what the plan makes of them.",
        tuple(({"state": state}, plan.states.get(state, 0)) for state in STATES_OF_VMS),
    )
    waves = (
        ({"state": "finished"}, sum(wave.finished for wave in plan.waves)),
        ({"state": "ahead"}, sum(not wave.finished for wave in plan.waves)),
    )
    yield _Gauge("plan_waves", "Waves of the plan.", waves)
    ends = [moment(wave.end) for wave in plan.waves if local_time(wave.end)]
    yield _Gauge(
        "plan_end_timestamp_seconds",
        "End of the plan's last window, as Unix time.",
        (({}, int(max(ends).timestamp())),) if ends else (),
        "seconds",
    )
    yield _Gauge("plan_copy_bytes", "Bytes that the waves copy.", (({}, sum(wave.copy_bytes for wave in plan.waves)),), "bytes")
    yield _Gauge(
        "plan_kept_out_vms",
        "VMs that a kind of constraint keeps out.",
        tuple(({"constraint": entry.code}, entry.vm_count) for entry in plan.kept_out),
    )
    yield _Gauge("plan_risk_vms", "VMs in waves by risk.", tuple(({"risk": entry.level}, entry.vm_count) for entry in plan.risks))
    yield _Gauge("plan_method_vms", "VMs in waves by method.", tuple(({"method": entry.method}, entry.vm_count) for entry in plan.methods))
    unmapped = (
        ({"kind": "network"}, sum(not entry.type for entry in plan.networks)),
        ({"kind": "datastore"}, sum(not entry.storage_class for entry in plan.storage)),
    )
    yield _Gauge("plan_unmapped", "Networks and datastores that lead nowhere.", unmapped if plan.target else ())


def _fit_gauges(plan: PlanView) -> Iterator[_Gauge]:
    lacking = tuple(({"resource": entry.resource, "unit": entry.unit}, entry.needed - entry.available) for entry in plan.fit.shortages)
    yield _Gauge("plan_shortage", "What lacks of a resource at least, in its unit.", lacking)
    counts = {"fail": 0, "not_evaluated": 0, "pass": 0}
    for condition in plan.conditions:
        counts["fail" if condition.failed else "not_evaluated" if condition.not_evaluated else "pass"] += 1
    yield _Gauge(
        "preflight_conditions",
        "Conditions of the preflight by result.",
        tuple(({"result": name}, count) for name, count in counts.items()) if plan.conditions else (),
    )
    states = dict.fromkeys(DRY_RUNS, 0)
    for manifest in plan.manifests:
        states[manifest.dry_run] = states.get(manifest.dry_run, 0) + 1
    yield _Gauge(
        "plan_manifests",
        "Manifests by what the API server said to a dry run.",
        tuple(({"dry_run": name}, count) for name, count in states.items()),
    )
    last = [(release.cluster, release.steps[-1]) for release in plan.releases]
    yield _Gauge(
        "plan_released_hosts", "Hosts of a cluster that the plan sets free.", tuple(({"cluster": name}, step.hosts) for name, step in last)
    )
    yield _Gauge("plan_released_cores", "Cores of these hosts.", tuple(({"cluster": name}, step.cores) for name, step in last))


def _target_gauges(target: TargetReportView) -> Iterator[_Gauge]:
    versions = {"kubernetes_version": target.kubernetes_version, "openshift_version": target.openshift_version}
    yield _Gauge("target_info", "Always 1; its labels name the target cluster.", (({"id": target.id, **versions}, 1),))
    states = ("forbidden", "absent", "failed")
    yield _Gauge(
        "target_unread_resources",
        "Resources of the target that were not read.",
        tuple(({"state": state}, sum(entry.state == state for entry in target.unread)) for state in states),
    )


def _platform_gauges(platform: PlatformView) -> Iterator[_Gauge]:
    cluster = platform.cluster
    labels = {"id": cluster.id, "mode": platform.mode, "catalogue_version": platform.catalogue_version}
    versions = {"kubernetes_version": cluster.kubernetes_version, "openshift_version": cluster.openshift_version or ""}
    yield _Gauge("platform_info", "Always 1; its labels name the cluster and how it was looked at.", (({**labels, **versions}, 1),))
    yield _Gauge(
        "platform_layer_state",
        "1 for the state that a layer of the stack is in, 0 for the others; layers that nobody asked for are left out.",
        tuple(
            ({"layer": layer.name, "state": state}, int(layer.state == state))
            for layer in platform.layers
            if layer.wanted
            for state in STATES_OF_LAYERS
        ),
    )
    severities = sorted({finding.severity for finding in platform.findings})
    findings = Counter((finding.result, finding.severity) for finding in platform.findings)
    yield _Gauge(
        "platform_findings",
        "Checks of the platform by result and severity.",
        tuple(
            ({"result": result, "severity": severity}, findings[(result, severity)]) for result in RESULT_WORDS for severity in severities
        ),
    )
    yield _Gauge(
        "platform_operator_state",
        "1 for the state that an operator is in, 0 for the others.",
        tuple(
            ({"operator": entry.name, "state": state}, int(entry.state == state))
            for entry in platform.operators
            for state in STATES_OF_LAYERS
        ),
    )
    yield _Gauge(
        "platform_operator_blocks_minor",
        "1 for an operator that blocks the next OpenShift minor, 0 for one that does not.",
        tuple(({"operator": entry.name}, int(entry.blocks_minor)) for entry in platform.operators if entry.blocks_minor is not None),
    )
    objects = Counter(entry.state for entry in platform.objects)
    yield _Gauge(
        "platform_objects",
        "Objects that the document asks for, by how they stood.",
        tuple(({"state": state}, objects[state]) for state in OBJECT_WORDS) if platform.objects else (),
    )
    yield _Gauge(
        "platform_unread_resources",
        "Resources of the platform that were not read.",
        tuple(({"state": state}, sum(entry.state == state for entry in platform.unread)) for state in ("forbidden", "absent", "failed")),
    )


def _device_gauges(platform: PlatformView) -> Iterator[_Gauge]:
    groups = platform.accelerators
    for name, attribute, meaning in (
        ("capacity", "capacity", "Accelerators that the nodes of a group have."),
        ("allocatable", "allocatable", "Accelerators that pods can get; fewer than the capacity are not healthy."),
        ("requested", "requested", "Accelerators that pods hold."),
    ):
        known = ((group, getattr(group, attribute)) for group in groups)
        samples = tuple(({"group": group.name, "resource": group.resource}, value) for group, value in known if value is not None)
        yield _Gauge(f"platform_devices_{name}", meaning, samples)
    requests = Counter("refused" if entry.refused_reason else entry.state for entry in platform.requests)
    yield _Gauge(
        "platform_requests",
        "Requests for accelerators by what became of them.",
        tuple(({"state": state}, count) for state, count in sorted(requests.items())),
    )
    restarts = tuple(({"pool": entry.pool}, len(entry.nodes)) for entry in platform.forecasts if entry.nodes is not None)
    yield _Gauge("platform_restarting_nodes", "Nodes of a pool that the changes would restart.", restarts)
    images = Counter(image.mirrored for image in platform.images)
    yield _Gauge(
        "platform_images",
        "Images of the operators by whether a mirror holds them.",
        tuple(({"mirrored": word}, images[word]) for word in ("yes", "no", "not_evaluated")) if platform.images else (),
    )


def _people_gauges(platform: PlatformView) -> Iterator[_Gauge]:
    """Sums of identity and monitoring: names of groups and alerts stand in the report."""
    logins = Counter((entry.whose, entry.state) for entry in platform.logins)
    yield _Gauge(
        "platform_logins",
        "Ways to log in by whose they are and their state.",
        tuple(({"whose": whose, "state": state}, count) for (whose, state), count in sorted(logins.items())),
    )
    groups = Counter(entry.state for entry in platform.groups)
    yield _Gauge(
        "platform_groups", "Groups of the document by their state.", tuple(({"state": state}, groups[state]) for state in sorted(groups))
    )
    alerts = Counter((entry.severity, entry.state) for entry in platform.alerts)
    yield _Gauge(
        "platform_alerts",
        "Alerts by severity and whether they are in place.",
        tuple(({"severity": severity, "state": state}, count) for (severity, state), count in sorted(alerts.items())),
    )
    watched = Counter((entry.watch_type, entry.state) for entry in platform.watched)
    yield _Gauge(
        "platform_watched",
        "What people rely on by its type and whether anybody watches it.",
        tuple(({"type": kind, "state": state}, count) for (kind, state), count in sorted(watched.items())),
    )


def _delivery_gauges(platform: PlatformView) -> Iterator[_Gauge]:
    """Sums: names of applications and pipelines would make a series each of what comes and goes."""
    for name, entries, meaning in (
        ("applications", platform.applications, "Applications of Argo CD by how they stand to the document and their state."),
        (
            "pipelines",
            platform.pipelines,
            "Pipelines of Tekton by how they stand to the document and by their last completed run.",
        ),
    ):
        counts = Counter((entry.standing, entry.state) for entry in entries)
        samples = tuple(({"standing": standing, "state": state}, count) for (standing, state), count in sorted(counts.items()))
        yield _Gauge(f"platform_{name}", meaning, samples)


def _namespace_gauges(found: NamespacesView) -> Iterator[_Gauge]:
    labels = {"id": found.cluster.id, "mode": found.mode}
    yield _Gauge("namespaces_info", "Always 1; its labels name the cluster and how it was looked at.", ((labels, 1),))
    yield _Gauge(
        "namespace_contract_state",
        "1 for the state that a namespace's contract is in, 0 for the others; ready says that it is kept.",
        tuple(
            ({"namespace": entry.namespace, "owner": entry.owner, "state": state}, int(entry.state == state))
            for entry in found.contracts
            for state in CONTRACT_WORDS
        ),
    )
    days = ((entry, entry.days_left) for entry in found.contracts)
    yield _Gauge(
        "namespace_grant_left_days",
        "Days until the grant of a namespace ends; negative afterwards.",
        tuple(({"namespace": entry.namespace, "owner": entry.owner}, left) for entry, left in days if left is not None),
        "days",
    )
    severities = sorted({finding.severity for finding in found.findings})
    findings = Counter((finding.result, finding.severity) for finding in found.findings)
    yield _Gauge(
        "namespaces_findings",
        "Checks of namespaces by result and severity.",
        tuple(
            ({"result": result, "severity": severity}, findings[(result, severity)]) for result in RESULT_WORDS for severity in severities
        ),
    )
    yield _Gauge(
        "namespaces_unread_resources",
        "Resources that contracts are held against and that were not read.",
        tuple(({"state": state}, sum(entry.state == state for entry in found.unread)) for state in ("forbidden", "absent", "failed")),
    )


def _showback_gauges(found: NamespacesView) -> Iterator[_Gauge]:
    """By namespace: what an owner has in all is their sum."""
    for fact, meaning in (
        ("granted", "Accelerators that a namespace's contract grants."),
        ("used", "Accelerators that pods of a namespace hold."),
        ("idle", "Accelerators that are granted to a namespace and held by none of its pods."),
    ):
        samples = tuple(
            ({"namespace": entry.namespace, "owner": entry.owner, "cost_centre": entry.cost_centre, "resource": resource}, amount)
            for entry in found.contracts
            for resource, amount in (getattr(entry, fact) or {}).items()
        )
        yield _Gauge(f"namespace_devices_{fact}", meaning, samples)
    yield _Gauge(
        "namespace_headroom_pods",
        "Further pods of a grant that would run now.",
        tuple(
            ({"namespace": entry.namespace, "owner": entry.owner, "grant": grant.name, "resource": grant.resource}, grant.headroom.units)
            for entry in found.contracts
            for grant in entry.grants
            if grant.headroom is not None and grant.headroom.units is not None
        ),
    )
    proofs = tuple(
        ({"namespace": entry.namespace, "owner": entry.owner, "grant": proof.grant, "code": proof.code}, int(proof_result(proof) == "pass"))
        for entry in found.contracts
        for proof in entry.proofs
        if proof_result(proof) != "not_evaluated"
    )
    yield _Gauge("namespace_proof_of_life", "1 for a Job that ran as the tenant and saw what it should, 0 for one that did not.", proofs)
    wrong = tuple(
        ({"namespace": entry.namespace, "owner": entry.owner}, sum(len(row.wrong or ()) for row in entry.access))
        for entry in found.contracts
        if entry.access and all(row.wrong is not None for row in entry.access)
    )
    yield _Gauge("namespace_wrong_access", "Things that bearers of personas may do, or may not, otherwise than the contract says.", wrong)
