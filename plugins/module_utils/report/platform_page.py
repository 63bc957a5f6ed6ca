# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the HTML page's chapter on the platform needs beyond the view: the stack, rows, wording."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..common.write_findings import IN_STEP, PASS
from ..platform.model import LAYER_STATES, NOT_EVALUATED, READY, REFUSED, REMOVE
from ..target.model import ABSENT
from .charts import Figure, Markup
from .plan_view import UnreadView
from .platform_charts import UNWANTED, devices_figure, plate
from .platform_delivery import delivery_tables
from .platform_delivery_texts import delivery_line
from .platform_entries import EntryTable
from .platform_identity import IdentityPage, identity_page
from .platform_monitoring import MonitoringPage, monitoring_page
from .platform_texts import (
    NOT_KNOWN,
    OBJECT_WORDS,
    RESULT_WORDS,
    STATE_WORDS,
    Point,
    SummaryPart,
    action_text,
    counts_against,
    csv_text,
    device_text,
    figure_text,
    finding_action,
    grouped,
    hanging,
    installed_text,
    layer_word,
    managed_text,
    memory_text,
    minor_line,
    minor_text,
    mirror_line,
    mode_note,
    part_word,
    refusal_line,
    restart_line,
    result_counts,
    run_lines,
    shortened,
    shown_result,
    summary_parts,
    taint_text,
    words,
)
from .platform_view import (
    AcceleratorView,
    CheckFindingView,
    ChoiceView,
    ForecastView,
    LayerView,
    ModelView,
    ObjectView,
    OperatorView,
    PlatformView,
    RequestView,
    UpgradeView,
)
from .texts import moment_text, number, plural
from .view import ReportView

MAX_POINTS: Final = {"hanging": 40, "missing": 24}
"""Points that a part of the summary lists."""

MAX_OTHER_POINTS: Final = 12

MAX_FINDINGS: Final = 1000
MAX_ROWS: Final = 300
"""Rows of any other table; report.xlsx has all."""

MAX_NAMES: Final = 8
TOP_POINTS: Final = 2
"""Points on the first screen."""

MAX_SHORT: Final = 200
MAX_REASON: Final = 240
"""Characters of what keeps a layer from being ready, beside its plate; the checks have it whole."""
RESULT_ICONS: Final = {
    "fail": "broken",
    "hint": "information",
    "not_evaluated": "not_evaluated",
    "waived": "waived",
    "pass": "ready",
    "not_applicable": "unwanted",
}


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One brick of the stack."""

    layer: LayerView
    look: str
    """state that its plate shows"""
    name: str
    state: str
    plate: Markup
    reason: str
    worst: str
    """its gravest finding, where the reason does not say it already"""
    outcome: str
    filterable: bool
    """whether the list of findings has some of this layer"""


@dataclass(frozen=True, slots=True)
class PointList:
    """One part of the summary in words, as far as the page lists it."""

    part: SummaryPart
    points: tuple[Point, ...]
    rest: int


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """An operator in words."""

    operator: OperatorView
    state: str
    pinned: str
    installed: str
    channel: str
    group: str
    managed: str
    blocks: str
    notes: tuple[str, ...]
    """why facts are not known, and what the path to the pin is"""


@dataclass(frozen=True, slots=True)
class UpgradeRow:
    """A rehearsal in words."""

    upgrade: UpgradeView
    outcome: str
    path: str
    images: str
    changes: tuple[tuple[str, ...], ...]
    """CRD, versions that come, that go, in which objects are stored, and what that means"""


@dataclass(frozen=True, slots=True)
class AcceleratorRow:
    """A group of accelerators in words."""

    group: AcceleratorView
    device: str
    workload: str
    """what they are for, where it is not containers"""
    figures: tuple[tuple[str, str], ...]
    memory: str
    source: str
    """where the memory's figure comes from, or why there is none"""
    taints: str


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request in words."""

    request: RequestView
    state: str
    asks: str
    choices: tuple[tuple[ChoiceView, tuple[tuple[str, str], ...]], ...]
    """each choice with its facts as (label, value)"""


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding in words."""

    finding: CheckFindingView
    counted: str
    """result as the filter counts it"""
    icon: str
    result: str
    layer: str
    action: str


@dataclass(frozen=True, slots=True)
class PlatformPage:
    """Everything of the page's chapter on the platform."""

    note: str
    gravest: tuple[Point, ...]
    """what hangs or fails, in short"""
    refusal: str
    actions: tuple[str, ...]
    captured: str
    cluster: tuple[tuple[str, str], ...]
    legend: tuple[tuple[str, str, Markup, int], ...]
    """(look, state in words, plate, layers)"""
    ready: int
    wanted: int
    layers: tuple[LayerRow, ...]
    """the top of the stack first"""
    summary: tuple[PointList, ...]
    operators: tuple[OperatorRow, ...]
    minor: str
    upgrades: tuple[UpgradeRow, ...]
    devices: Figure
    accelerators: tuple[AcceleratorRow, ...]
    requests: tuple[RequestRow, ...]
    restart: str
    forecasts: tuple[tuple[str, ...], ...]
    mirrors: str
    images: tuple[tuple[str, ...], ...]
    images_rest: int
    objects: tuple[tuple[str, ...], ...]
    objects_rest: int
    objects_open: bool
    """whether the list of objects calls for attention"""
    object_counts: tuple[tuple[str, int], ...]
    steps: tuple[tuple[str, ...], ...]
    steps_refused: bool
    models: tuple[tuple[str, ...], ...]
    identity: IdentityPage
    monitoring: MonitoringPage
    delivery: str
    """empty where the run did not look at it"""
    deliveries: tuple[EntryTable, ...]
    results: tuple[tuple[str, str, str, int], ...]
    """(result, icon, words, findings)"""
    result_layers: tuple[tuple[str, str, int], ...]
    severities: tuple[tuple[str, int], ...]
    findings: tuple[FindingRow, ...]
    findings_rest: int
    unread: tuple[UnreadView, ...]
    absent: tuple[str, ...]


def build_platform_page(view: ReportView) -> PlatformPage | None:
    """The chapter for that view; None when it has no platform."""
    platform = view.platform
    if platform is None:
        return None
    off = [entry for entry in platform.objects if entry.state != IN_STEP or entry.action != "none" or entry.result != PASS]
    layer_counts = Counter(finding.layer for finding in platform.findings)
    severity_counts = Counter(finding.severity for finding in platform.findings)
    wanted = [layer for layer in platform.layers if layer.wanted]
    return PlatformPage(
        note=mode_note(platform),
        gravest=tuple(Point(point.subject, shortened(point.text, MAX_SHORT)) for point in grouped(hanging(platform))[:TOP_POINTS]),
        refusal=refusal_line(platform),
        actions=tuple(run_lines(platform)),
        captured=moment_text(platform.captured_at) if platform.captured_at else "",
        cluster=_cluster(platform),
        legend=_legend(platform.layers),
        ready=sum(layer.state == "ready" for layer in wanted),
        wanted=len(wanted),
        layers=tuple(_layer(layer, layer_counts[layer.name] > 0) for layer in reversed(platform.layers)),
        summary=_summary(platform),
        operators=tuple(_operator(entry) for entry in platform.operators),
        minor=minor_line(platform),
        upgrades=tuple(_upgrade(entry) for entry in platform.upgrades),
        devices=devices_figure(platform.accelerators),
        accelerators=tuple(_accelerator(entry) for entry in platform.accelerators),
        requests=tuple(_request(entry) for entry in platform.requests),
        restart=restart_line(platform),
        forecasts=_forecasts(platform),
        mirrors=mirror_line(platform),
        images=tuple((image.reference, image.operator, _mirrored(image.mirrored), image.mirror) for image in platform.images[:MAX_ROWS]),
        images_rest=max(0, len(platform.images) - MAX_ROWS),
        objects=tuple(_object(entry, platform.mode) for entry in off[:MAX_ROWS]),
        objects_rest=max(0, len(off) - MAX_ROWS),
        objects_open=platform.mode != "apply" or any(entry.result != PASS for entry in off),
        object_counts=_object_counts(platform.objects),
        steps=tuple((entry.subject, part_word(entry.part), entry.verb, entry.state, entry.reason) for entry in platform.steps),
        steps_refused=any(entry.state == REFUSED for entry in platform.steps),
        models=tuple(_model(entry, platform.findings) for entry in platform.models),
        identity=identity_page(platform, MAX_ROWS),
        monitoring=monitoring_page(platform, MAX_ROWS),
        delivery=delivery_line(platform),
        deliveries=delivery_tables(platform, MAX_ROWS),
        results=tuple(
            (result, RESULT_ICONS.get(result, "unwanted"), RESULT_WORDS[result], count)
            for result, count in result_counts(platform.findings)
        ),
        result_layers=tuple(
            (layer.name, layer_word(layer.name), layer_counts[layer.name]) for layer in platform.layers if layer_counts[layer.name]
        ),
        severities=tuple((name, severity_counts[name]) for name in ("critical", "warning", "information") if severity_counts[name]),
        findings=tuple(finding_row(entry, platform.mode) for entry in platform.findings[:MAX_FINDINGS]),
        findings_rest=max(0, len(platform.findings) - MAX_FINDINGS),
        unread=tuple(entry for entry in platform.unread if entry.state != ABSENT),
        absent=tuple(entry.resource for entry in platform.unread if entry.state == ABSENT),
    )


def _cluster(platform: PlatformView) -> tuple[tuple[str, str], ...]:
    cluster = platform.cluster
    known = {True: "served", False: "not served", None: "not known"}
    version = "not known" if cluster.openshift_version is None else cluster.openshift_version or "none: no OpenShift"
    facts = (
        ("Cluster", cluster.name or cluster.id or "not known"),
        ("OpenShift", version),
        ("Kubernetes", cluster.kubernetes_version or "not known"),
        ("Next minor", cluster.next_minor),
        ("OLM", f"v0 {known[cluster.olm_v0]}, v1 {known[cluster.olm_v1]}"),
        ("Read", moment_text(platform.captured_at) if platform.captured_at else ""),
        ("Parts", ", ".join(part_word(part) for part in platform.parts)),
    )
    return tuple((label, value) for label, value in facts if value)


def _look(layer: LayerView) -> str:
    if not layer.wanted:
        return UNWANTED
    return layer.state if layer.state in LAYER_STATES else NOT_EVALUATED


def _state_word(look: str) -> str:
    return "not asked for" if look == UNWANTED else words(look, STATE_WORDS)


def _legend(layers: Sequence[LayerView]) -> tuple[tuple[str, str, Markup, int], ...]:
    counts = Counter(_look(layer) for layer in layers)
    looks = (*LAYER_STATES, *((UNWANTED,) if counts[UNWANTED] else ()))
    return tuple((look, _state_word(look), plate(look), counts[look]) for look in looks)


def _layer(layer: LayerView, filterable: bool) -> LayerRow:
    look = _look(layer)
    worst = layer.worst
    told = shortened(f"{words(worst.result, RESULT_WORDS)}: {worst.subject}: {worst.message or worst.check}", MAX_REASON) if worst else ""
    outcome = ", ".join(f"{number(layer.counts[result])} {RESULT_WORDS[result]}" for result in RESULT_WORDS if layer.counts.get(result))
    said = bool(worst and worst.message and worst.message in layer.reason)
    return LayerRow(
        layer,
        look,
        layer_word(layer.name),
        _state_word(look),
        plate(look),
        shortened(layer.reason, MAX_REASON),
        "" if said else told,
        outcome,
        filterable,
    )


def _summary(platform: PlatformView) -> tuple[PointList, ...]:
    lists = []
    for part in summary_parts(platform):
        most = MAX_POINTS.get(part.key, MAX_OTHER_POINTS)
        lists.append(PointList(part, tuple(part.points[:most]), max(0, len(part.points) - most)))
    return tuple(lists)


def _operator(entry: OperatorView) -> OperatorRow:
    notes = [f"{fact.replace('_', ' ')}: {reason}" for fact, reason in entry.unknown.items()]
    if entry.hops:
        notes.append(f"way to the pin: {' → '.join(entry.hops)}")
    if entry.phase and entry.phase != "Succeeded":
        notes.append(f"phase {entry.phase}")
    modes = ", ".join(entry.install_modes or ())
    group = csv_text(entry.group)
    return OperatorRow(
        entry,
        words(entry.state, STATE_WORDS),
        "" if entry.stance == REMOVE else csv_text(entry.pinned_csv, "floats"),
        installed_text(entry),
        entry.channel or ("" if entry.stance == REMOVE else "not known"),
        f"{group}, {entry.install_mode_used}" if entry.install_mode_used else f"{group}; supports {modes}" if modes else group,
        managed_text(entry),
        minor_text(entry),
        tuple(notes),
    )


def _upgrade(entry: UpgradeView) -> UpgradeRow:
    outcome = "refused" if entry.refused else "not evaluated" if entry.refused is None else "possible"
    changes = tuple(
        (
            change.crd,
            ", ".join(change.added) or "none",
            ", ".join(change.removed) or "none",
            ", ".join(change.stored) or "none",
            "refused: a stored version would vanish" if change.refused else "possible",
        )
        for change in entry.crd_changes or ()
    )
    path = " → ".join((entry.from_csv or "nothing installed", *(entry.hops or (entry.to_csv,)))) if entry.to_csv or entry.hops else ""
    images = "not known" if entry.related_images_added is None else plural(entry.related_images_added, "image")
    return UpgradeRow(entry, outcome, path, images, changes)


def _accelerator(entry: AcceleratorView) -> AcceleratorRow:
    figures = (("Capacity", entry.capacity), ("Allocatable", entry.allocatable), ("Requested", entry.requested))
    return AcceleratorRow(
        entry,
        device_text(entry),
        {"": "", "container": ""}.get(entry.workload, entry.workload.replace("_", " ")),
        tuple((label, figure_text(value)) for label, value in figures),
        memory_text(entry.memory_gib),
        entry.memory_source or entry.unknown.get("memory_gib", ""),
        ", ".join(taint_text(taint) for taint in entry.taints) or "none",
    )


def _names(names: Sequence[str]) -> str:
    return f"{', '.join(names[:MAX_NAMES])} and {len(names) - MAX_NAMES:,} more" if len(names) > MAX_NAMES else ", ".join(names)


def _counted_names(names: Sequence[str]) -> str:
    return f"{len(names):,}: {_names(names)}" if names else "none"


def _request(entry: RequestView) -> RequestRow:
    count = "devices not known" if entry.count is None else plural(entry.count, "device")
    parts = [f"class {entry.device_class}" if entry.device_class else "", f"{count} for each pod"]
    parts.append("" if entry.replicas is None else plural(entry.replicas, "pod"))
    parts.append("" if entry.memory_gib is None else f"at least {memory_text(entry.memory_gib)} each")
    parts.append({"": "", "none": "unshared", "any": "shared or not"}.get(entry.sharing, entry.sharing))
    return RequestRow(
        entry,
        "refused" if entry.refused_reason else words(entry.state, STATE_WORDS).replace("ready", "resolved"),
        ", ".join(filter(None, parts)),
        tuple((choice, _choice(choice)) for choice in entry.choices),
    )


def _choice(choice: ChoiceView) -> tuple[tuple[str, str], ...]:
    facts = (
        ("Flavor", choice.flavor),
        ("Node labels", ", ".join(f"{key}={value}" for key, value in choice.node_selector.items())),
        ("Tolerations", ", ".join(taint_text(taint) for taint in choice.tolerations)),
        ("Quota keys", ", ".join(f"{key}: {value:,}" for key, value in choice.quota_keys.items())),
        ("Nodes", _counted_names(choice.nodes)),
        ("Pods that would run now", figure_text(choice.fits_now)),
    )
    return tuple((label, value) for label, value in facts if value)


def _forecasts(platform: PlatformView) -> tuple[tuple[str, ...], ...]:
    paused = {True: "yes: nothing restarts until it is resumed", False: "no", None: "not known"}
    return tuple(
        (
            entry.pool,
            _not_known(entry, "nodes")
            if entry.nodes is None
            else f"{len(entry.nodes):,}: {_names(entry.nodes)}"
            if entry.nodes
            else "none",
            ", ".join(entry.reasons),
            paused[entry.paused],
            _not_known(entry, "accelerator_pods") if entry.accelerator_pods is None else _names(entry.accelerator_pods) or "none",
        )
        for entry in platform.forecasts
    )


def _not_known(entry: ForecastView, fact: str) -> str:
    return f"{NOT_KNOWN}: {entry.unknown[fact]}" if fact in entry.unknown else NOT_KNOWN


def _mirrored(word: str) -> str:
    return word.replace("_", " ")


def _model(entry: ModelView, findings: Sequence[CheckFindingView]) -> tuple[str, ...]:
    """A model's row; one that says nothing itself, as it is not there, is told by its first check that did not pass."""
    told = (finding.message for finding in findings if finding.subject == f"model {entry.name}" and counts_against(finding))
    reason = entry.reason or (next(told, "") if entry.state != READY else "")
    return (entry.name, words(entry.state, STATE_WORDS), entry.serving_kind, entry.request or "none: CPU", entry.runtime, reason)


def _object(entry: ObjectView, mode: str) -> tuple[str, ...]:
    notes = [f"planned, not validated: it comes with operator {entry.awaits}"] if entry.awaits else []
    return (
        entry.name,
        words(entry.state, OBJECT_WORDS),
        words(entry.result, RESULT_WORDS),
        action_text(entry.action, mode) or "left alone",
        ", ".join(entry.fields) or "; ".join(notes),
        entry.path,
    )


def _object_counts(objects: Sequence[ObjectView]) -> tuple[tuple[str, int], ...]:
    counts = Counter(entry.state for entry in objects)
    return tuple((OBJECT_WORDS[state], counts[state]) for state in OBJECT_WORDS if counts[state])


def finding_row(entry: CheckFindingView, mode: str) -> FindingRow:
    """The finding in words; `mode` is that of its run."""
    return FindingRow(
        entry,
        shown_result(entry),
        RESULT_ICONS.get(shown_result(entry), "unwanted"),
        words(shown_result(entry), RESULT_WORDS),
        layer_word(entry.layer) if entry.layer else "",
        finding_action(entry, mode),
    )
