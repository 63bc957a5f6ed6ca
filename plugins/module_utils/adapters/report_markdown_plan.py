# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chapters on the plan and the target cluster in the Markdown report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from ..report.headline import counted
from ..report.plan_texts import amount, minutes, moment_text, preflight_line, released_lines, reuse_line, window_text
from ..report.plan_view import PlanView
from ..report.texts import size
from ..report.timeline import deadline_note
from ..report.view import ReportView
from .markdown_text import MAX_ROWS, code, prose, table


def _more(count: int, what: str) -> Iterator[str]:
    if count > MAX_ROWS:
        yield ""
        yield f"And {counted(count - MAX_ROWS, f'more {what}')}."


def _plan(view: ReportView) -> Iterator[str]:
    plan = view.plan
    if plan is None:
        return
    yield "## Plan"
    yield ""
    yield prose(plan.headline)
    if plan.waves:
        yield ""
        yield prose(deadline_note(plan, view.end_of_support))
        yield ""
        yield from table(
            ("Wave", "Window", "VMs", "Warm", "High risk", "To copy", "p50", "p90", "Serial formula", "Bound by", "Start warm moves by"),
            _waves(plan),
            (0, 2, 3, 4),
        )
        yield from _more(len(plan.waves), "wave")
        yield ""
        yield f"Times on the clock of {prose(plan.time_zone)}."


def _waves(plan: PlanView) -> Iterator[tuple[str, ...]]:
    for wave in plan.waves[:MAX_ROWS]:
        figures = (f"{wave.vm_count:,}", f"{wave.warm_count:,}", f"{wave.high_risk_count:,}", size(wave.copy_bytes))
        times = (minutes(wave.elapsed_p50_minutes), minutes(wave.elapsed_p90_minutes), minutes(wave.planner_minutes))
        yield (f"{wave.number}", prose(window_text(wave)), *figures, *times, prose(wave.bottleneck), moment_text(wave.start_by))


def _kept_out(view: ReportView) -> Iterator[str]:
    if view.plan is None or not view.plan.kept_out:
        return
    yield "## What keeps VMs out of the plan"
    yield ""
    rows = (
        (
            f"{entry.vm_count:,}",
            code(entry.code),
            prose(entry.entries[0].message),
            prose(entry.entries[0].remedy),
            code(entry.entries[0].setting),
        )
        for entry in view.plan.kept_out[:MAX_ROWS]
        if entry.entries
    )
    yield from table(("VMs", "Constraint", "For one", "Way out", "Setting"), rows, (0,))
    yield from _more(len(view.plan.kept_out), "constraint")


def _fit(view: ReportView) -> Iterator[str]:
    if view.plan is None:
        return
    fit = view.plan.fit
    yield "## Where it fits"
    yield ""
    if not fit.evaluated:
        yield f"Not evaluated: {prose(fit.reason) or 'the nodes of the target are not known'}."
        return
    does, be = "does" if fit.misfits == 1 else "do", "is" if fit.fitting_without_wave == 1 else "are"
    more = f", {fit.fitting_without_wave:,} more would fit and {be} in no wave" if fit.fitting_without_wave else ""
    yield f"{counted(fit.fitting, 'VM in a wave fits', 'VMs in waves fit')} on the nodes of the target{more}, {fit.misfits:,} {does} not."
    if fit.shortages:
        yield ""
        rows = (
            (
                code(entry.resource),
                amount(entry.needed, entry.unit),
                amount(entry.available, entry.unit),
                prose(entry.proof),
                prose(entry.remedy),
            )
            for entry in fit.shortages[:MAX_ROWS]
        )
        yield from table(("Resource", "Needed", "There is", "Proof", "What would make it fit"), rows)
        yield from _more(len(fit.shortages), "shortage")
    for text in fit.more_nodes[:MAX_ROWS]:
        yield ""
        yield f"{prose(text)}."


def _unmapped(view: ReportView) -> Iterator[str]:
    if view.plan is None:
        return
    networks = [("network", entry.name, entry.reason, entry.vm_count) for entry in view.plan.networks if not entry.type]
    stores = [("datastore", entry.name, entry.reason, entry.vm_count) for entry in view.plan.storage if not entry.storage_class]
    found = [*networks, *stores]
    if not found:
        return
    yield "## Not mapped"
    yield ""
    rows = ((kind, code(name), f"{vms:,}", prose(reason)) for kind, name, reason, vms in found[:MAX_ROWS])
    yield from table(("Kind", "Name", "VMs", "Why"), rows, (2,))
    yield from _more(len(found), "source")


def _preflight(view: ReportView) -> Iterator[str]:
    if view.plan is None or not view.plan.conditions:
        return
    yield "## Preflight"
    yield ""
    yield prose(preflight_line(view.plan))
    failed = [entry for entry in view.plan.conditions if entry.failed]
    if failed:
        yield ""
        rows = (
            (entry.category, f"{prose(entry.title)} ({code(entry.id)})", f"{entry.failed:,}", f"{entry.passed:,}")
            for entry in failed[:MAX_ROWS]
        )
        yield from table(("Category", "Condition", "Failed", "Passed"), rows, (2, 3))
        yield from _more(len(failed), "condition")
    refused = [entry for entry in view.plan.manifests if entry.dry_run == "refused"]
    if refused:
        yield ""
    for entry in refused[:MAX_ROWS]:
        yield f"- refused: {code(entry.path)}: {prose(entry.dry_run_message)}"
    if len(refused) > MAX_ROWS:
        yield f"- and {counted(len(refused) - MAX_ROWS, 'more manifest')}"


def _released(view: ReportView) -> Iterator[str]:
    plan = view.plan
    if plan is None or not plan.releases:
        return
    yield "## What is set free"
    yield ""
    yield f"After the last wave: {', '.join(released_lines(plan))}. {prose(reuse_line(plan))}"
    yield ""
    heads = ("Cluster", "Hosts free", "of", "Cores", "Memory", "VMs left", "Empty after wave")
    rows = []
    for release in plan.releases[:MAX_ROWS]:
        end = release.steps[-1]
        empty = "" if release.empty_after is None else f"{release.empty_after}"
        freed = (f"{end.hosts:,}", f"{release.hosts:,}", f"{end.cores:,}", size(end.memory_mib << 20))
        rows.append((code(release.cluster), *freed, f"{end.vms_left:,}", empty))
    yield from table(heads, rows, range(1, len(heads)))
    yield from _more(len(plan.releases), "cluster")


def _target(view: ReportView) -> Iterator[str]:
    target = view.target
    if target is None:
        return
    yield "## Target cluster"
    yield ""
    facts = (
        ("Cluster", code(target.name or target.id)),
        ("OpenShift", prose(target.openshift_version) or "not known, or none"),
        ("Kubernetes", prose(target.kubernetes_version) or "not known"),
        ("OpenShift Virtualization", prose(target.virtualization.get("Version", "") or target.why_no_virtualization)),
        ("Migration toolkit", prose(target.migration_toolkit.get("Version", "") or target.why_no_toolkit)),
        ("Nodes", f"{len(target.nodes):,}" if target.nodes or "nodes" in target.counts else "not known"),
    )
    yield from table(("What", "Value"), facts)
    refused = [entry for entry in target.unread if entry.state != "absent"]
    if refused:
        yield ""
        yield from table(
            ("Not read", "Why", "What the account lacks", "What stays unknown"),
            (
                (code(entry.resource), prose(entry.reason), code(entry.permission), prose("; ".join(entry.costs)))
                for entry in refused[:MAX_ROWS]
            ),
        )
        yield from _more(len(refused), "resource")


Section = Callable[[ReportView], Iterator[str]]
PLAN_SECTIONS: Final[tuple[Section, ...]] = (_plan, _kept_out, _fit, _unmapped, _preflight, _released, _target)
"""In the order of the page; each says nothing where the run has no plan, or no target."""
