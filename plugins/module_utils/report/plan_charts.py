# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of a plan but the timeline: capacity of nodes and storage, methods, risks, and what is set free."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import Final, TypeAlias

from .charts import BarRow, Figure, Segment, bar_rows, frame, share
from .plan_texts import cores, cpus_text, gpus_text
from .plan_view import CountView, NodeUseView, PlanView, ReleaseView
from .texts import number, percent, plural, size

TOP_NODES: Final = 24
"""Nodes in a picture; its table has up to `MAX_NODES`."""

MAX_NODES: Final = 300
TOP_CLUSTERS: Final = 24
MIB: Final = 1 << 20
STEP_ROW: Final = 56
STEP_TOP: Final = 24
STEP_HEIGHT: Final = 24

RISK_TONES: Final = {"low": "ready", "medium": "ready_with_work", "high": "blocked"}
METHOD_TONES: Final = {"cold": "cold", "warm": "warm"}


def capacity_figures(plan: PlanView) -> tuple[Figure, ...]:
    """Memory and CPU of the nodes, then the storage classes; those without figures are left out."""
    nodes = plan.fit.nodes
    figures = []
    if nodes:
        figures.append(_nodes("memory", "Memory by node", nodes, size, _memory))
        figures.append(_nodes("cpu", "CPU by node", nodes, cores, _cpu))
    if plan.fit.classes:
        figures.append(_classes(plan))
    return tuple(figures)


Use: TypeAlias = "tuple[int | None, int, int]"
"""Requested before the plan, by the plan, and free after it."""


def _memory(node: NodeUseView) -> Use:
    return (node.requested_memory_bytes, node.plan_memory_bytes, node.free_memory_bytes)


def _cpu(node: NodeUseView) -> Use:
    return (node.requested_cpu_millicores, node.plan_cpu_millicores, node.free_cpu_millicores)


def _nodes(key: str, title: str, nodes: Sequence[NodeUseView], words: Callable[[int], str], use: Callable[[NodeUseView], Use]) -> Figure:
    bars, rows = [], []
    for node in nodes[:MAX_NODES]:
        before, planned, free = use(node)
        kept = ", kept free for a failing node" if node.reserved else ""
        segments = (
            Segment("before", before or 0, "Requested before", words=words(before or 0)),
            Segment("wave", planned, "VMs in waves", words=words(planned)),
            Segment("reserve" if node.reserved else "free", max(free, 0), f"Free{kept}", node.reserved, words(max(free, 0))),
        )
        told = "kept free" if node.reserved else f"{words(max(free, 0))} left"
        bars.append(BarRow(f"{node.name} · {plural(node.vm_count, 'VM')}" if node.vm_count else node.name, told, segments))
        rows.append(
            (
                node.name,
                number(node.vm_count),
                "not known" if before is None else words(before),
                words(planned),
                words(max(free, 0)),
                "yes" if node.reserved else "",
            )
        )
    columns = ("Node", "VMs", "Requested before", "VMs in waves", "Free after", "Kept free")
    rest = len(nodes) - TOP_NODES
    note = f"The {TOP_NODES} nodes that take most; {number(rest)} more in the table." if rest > 0 else ""
    chart = bar_rows(f"fit-{key}", title, bars[:TOP_NODES])
    return Figure(f"fit-{key}", title, chart, columns, tuple(rows), note)


def _classes(plan: PlanView) -> Figure:
    bars, rows = [], []
    for entry in plan.fit.classes:
        within = entry.mapped_bytes if entry.free_bytes is None else min(entry.mapped_bytes, entry.free_bytes)
        beyond = entry.mapped_bytes - within
        left = max((entry.free_bytes or 0) - entry.mapped_bytes, 0)
        segments = (
            Segment("wave", within, "Disks mapped to it", words=size(within)),
            Segment("open", beyond, "More disks than is free", True, size(beyond)),
            Segment("free", left, "Free beside them", words=size(left)),
        )
        free = "free: unknown" if entry.free_bytes is None else f"of {size(entry.free_bytes)} free"
        bars.append(BarRow(entry.name, f"{size(entry.mapped_bytes) if entry.mapped_bytes else 'none'} {free}", segments))
        rows.append((entry.name, size(entry.mapped_bytes), "not known" if entry.free_bytes is None else size(entry.free_bytes)))
    columns = ("Storage class", "Disks that are mapped to it", "Free now")
    note = "Disks of all VMs in scope whose datastore is mapped to the class, in a wave or not: more than is free is no shortage by itself."
    return Figure("fit-storage", "Storage classes", bar_rows("fit-storage", "Storage classes", bars), columns, tuple(rows), note)


def _reasons(reasons: Sequence[CountView]) -> str:
    return "; ".join(f"{entry.text} ({number(entry.count)})" for entry in reasons)


def method_figure(plan: PlanView) -> Figure:
    """Cold and warm moves."""
    total = sum(entry.vm_count for entry in plan.methods)
    bars, rows = [], []
    for entry in plan.methods:
        segments = (Segment(METHOD_TONES.get(entry.method, "na"), entry.vm_count, "VMs"),)
        bars.append(BarRow(entry.method or "not known", f"{plural(entry.vm_count, 'VM')}, {percent(entry.vm_count, total)}", segments))
        rows.append((entry.method, number(entry.vm_count), size(entry.copy_bytes), number(entry.late), _reasons(entry.reasons)))
    columns = ("Method", "VMs in waves", "To copy", "Above the owner's tolerance", "Why")
    late = sum(entry.late for entry in plan.methods)
    note = f"{plural(late, 'VM stands', 'VMs stand')} still for longer than the owner accepts (p90)." if late else ""
    return Figure("methods", "Cold or warm", bar_rows("methods", "Cold or warm", bars), columns, tuple(rows), note)


def risk_figure(plan: PlanView) -> Figure:
    """VMs in waves by level of risk."""
    total = sum(entry.vm_count for entry in plan.risks)
    bars = [
        BarRow(
            entry.level or "not known",
            f"{plural(entry.vm_count, 'VM')}, {percent(entry.vm_count, total)}",
            (Segment(RISK_TONES.get(entry.level, "na"), entry.vm_count, "VMs"),),
        )
        for entry in plan.risks
    ]
    rows = tuple((entry.level, number(entry.vm_count), _reasons(entry.reasons)) for entry in plan.risks)
    return Figure("risks", "Risk of the moves", bar_rows("risks", "Risk of the moves", bars), ("Risk", "VMs in waves", "Made by"), rows)


def released_figure(plan: PlanView) -> Figure:
    """Hosts that each cluster sets free, wave after wave."""
    title = "Hosts that are set free, wave by wave"
    last = max((wave.number for wave in plan.waves), default=1)
    shown = plan.releases[:TOP_CLUSTERS]
    body = [piece for index, release in enumerate(shown) for piece in _steps(release, last, STEP_ROW * index)]
    description = "; ".join(f"{release.cluster}: {_outcome(release)}" for release in shown) or "No figures."
    chart = frame("released", "img", title, description, STEP_ROW * max(len(shown), 1), body)
    rows = []
    for release in plan.releases:
        for step in release.steps:
            licensed = "not known" if step.licensed_cores is None else number(step.licensed_cores)
            figures = (
                number(step.wave),
                number(step.vms_left),
                number(step.hosts),
                number(step.cores),
                licensed,
                size(step.memory_mib * MIB),
                "not known" if step.hosts_now is None else number(step.hosts_now),
                cpus_text(step),
                gpus_text(step.hosts, step.devices),
            )
            money = () if not plan.currency else ("" if step.saved_per_year is None else f"{step.saved_per_year:,.0f} {plan.currency}",)
            rows.append((release.cluster, *figures, *money))
    columns = ("Cluster", "After wave", "VMs left", "Hosts free", "Cores", "Licensed cores", "Memory", "With this wave", "CPUs", "GPUs")
    rest = len(plan.releases) - len(shown)
    note = f"From wave 1 on the left to wave {last} on the right; a full bar is every host of the cluster."
    note += f" The {TOP_CLUSTERS} clusters that set most free; {number(rest)} more in the table." if rest > 0 else ""
    return Figure("released", title, chart, (*columns, "Saved in a year") if plan.currency else columns, tuple(rows), note)


def _outcome(release: ReleaseView) -> str:
    end = release.steps[-1]
    text = f"{number(end.hosts)} of {plural(release.hosts, 'host')} free"
    return (
        f"{text}, empty after wave {release.empty_after}"
        if release.empty_after is not None
        else f"{text}, {plural(end.vms_left, 'VM')} left"
    )


def _steps(release: ReleaseView, last: int, top: int) -> Iterator[str]:
    """One cluster: a step for each wave, as high as the share of its hosts that is free."""
    label = f'<div class="row-label">{escape(release.cluster)}</div>'
    yield f'<g class="row"><title>{escape(f"{release.cluster}: {_outcome(release)}")}</title>'
    yield f'<foreignObject x="0" y="{top}" width="55%" height="21">{label}</foreignObject>'
    yield f'<text class="row-value" x="100%" y="{top + 15}" text-anchor="end">{escape(_outcome(release))}</text>'
    yield f'<rect class="track" x="0" y="{top + STEP_TOP}" width="100%" height="{STEP_HEIGHT}"/>'
    ends = [step.wave for step in release.steps[1:]] + [last + 1]
    for step, end in zip(release.steps, ends, strict=True):
        if not step.hosts or not release.hosts:
            continue
        height = STEP_HEIGHT * step.hosts / release.hosts
        place = f'x="{share(step.wave - 1, last)}" width="{share(end - step.wave, last)}" y="{top + STEP_TOP + STEP_HEIGHT - height:.2f}"'
        told = f"after wave {step.wave}: {plural(step.hosts, 'host')}"
        yield f'<rect class="tone-ready" {place} height="{height:.2f}"><title>{escape(told)}</title></rect>'
    yield "</g>"
