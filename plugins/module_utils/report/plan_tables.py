# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan and the target cluster as tables, for workbook and CSV files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .namespaces_tables import NAMESPACES_TABLES
from .plan_texts import cpus_text, gpus_text, state_word, wave_minutes
from .plan_view import PlanView, VmPlanView
from .platform_tables import PLATFORM_TABLES, UNREAD_COLUMNS, unread_cells
from .tables import TABLES, Column, Row, Table
from .view import ReportView

WAVE_COLUMNS: Final = (
    Column("wave", "Wave", 8, "count"),
    Column("window", "Window", 20),
    Column("start", "Begin", 26),
    Column("end", "End", 26),
    Column("finished", "Finished", 10),
    Column("begun", "Begun", 10),
    Column("vms", "VMs", 8, "count"),
    Column("warm", "Warm", 8, "count"),
    Column("high_risk", "High risk", 9, "count"),
    Column("copy_bytes", "To copy GiB", 12, "bytes"),
    Column("elapsed_p50_minutes", "Minutes, p50", 12, "decimal"),
    Column("elapsed_p90_minutes", "Minutes, p90", 12, "decimal"),
    Column("window_minutes", "Minutes of the window", 12, "decimal"),
    Column("planner_minutes", "Minutes by the serial formula", 14, "decimal"),
    Column("bottleneck", "Bound by", 14),
    Column("first_copy_bytes", "First copies GiB", 12, "bytes"),
    Column("first_copy_p90_minutes", "First copies minutes, p90", 12, "decimal"),
    Column("start_by", "Start warm moves by", 26),
    Column("plans", "Plans", 60, "long"),
)

PLAN_COLUMNS: Final = (
    Column("name", "Name", 28),
    Column("state", "State", 14),
    Column("wave", "Wave", 8, "count"),
    Column("method", "Method", 9),
    Column("risk", "Risk", 9),
    Column("risk_points", "Risk points", 9, "count"),
    Column("namespace", "Namespace", 20),
    Column("target_name", "Name on the cluster", 28),
    Column("plan", "Plan", 34),
    Column("elapsed_p50_minutes", "Elapsed minutes, p50", 12, "decimal"),
    Column("elapsed_p90_minutes", "Elapsed minutes, p90", 12, "decimal"),
    Column("downtime_p50_minutes", "Downtime minutes, p50", 12, "decimal"),
    Column("downtime_p90_minutes", "Downtime minutes, p90", 12, "decimal"),
    Column("wave_downtime_p90_minutes", "Downtime in its wave, minutes, p90", 12, "decimal"),
    Column("downtime_tolerance_minutes", "Tolerated downtime, minutes", 12, "count"),
    Column("within_tolerance", "Within the tolerance", 10),
    Column("bottleneck", "Bound by", 14),
    Column("copy_bytes", "To copy GiB", 12, "bytes"),
    Column("cpu_millicores", "CPU requested, millicores", 12, "count"),
    Column("memory_bytes", "Memory requested GiB", 12, "bytes"),
    Column("storage_bytes", "Volumes GiB", 12, "bytes"),
    Column("node", "Fits on", 30),
    Column("reasons", "Why it stands in its wave", 60, "long"),
    Column("blocked_by", "What keeps it out", 60, "long"),
    Column("settle", "Rules to settle first", 40, "long"),
    Column("accepted", "Open rules that were accepted", 40, "long"),
    Column("method_reasons", "Why this method", 50, "long"),
    Column("risk_reasons", "What makes the risk", 50, "long"),
    Column("assumptions", "Assumed", 40, "long"),
    Column("reason", "Why it is not planned", 50, "long"),
    Column("owner", "Owner", 20),
    Column("id", "Id", 44),
)

PREFLIGHT_COLUMNS: Final = (
    Column("condition", "Condition", 34),
    Column("category", "Category", 10),
    Column("title", "What it asks", 44, "long"),
    Column("result", "Result", 14),
    Column("object", "Object", 44),
    Column("observed", "Observed", 44, "long"),
    Column("expected", "Expected", 44, "long"),
    Column("remedy", "Remedy", 50, "long"),
    Column("vm_id", "VM id", 44),
)


def wave_rows(view: ReportView) -> Iterator[Row]:
    """The waves, in their order."""
    for wave in view.plan.waves if view.plan else ():
        yield (
            wave.number,
            wave.window,
            wave.start,
            wave.end,
            wave.finished,
            wave.begun,
            wave.vm_count,
            wave.warm_count,
            wave.high_risk_count,
            wave.copy_bytes,
            wave.elapsed_p50_minutes,
            wave.elapsed_p90_minutes,
            wave_minutes(wave),
            wave.planner_minutes,
            wave.bottleneck,
            wave.first_copy_bytes if wave.start_by else None,
            wave.first_copy_p90_minutes if wave.start_by else None,
            wave.start_by,
            "; ".join(wave.plans),
        )


def plan_rows(view: ReportView) -> Iterator[Row]:
    """Every VM in scope that the plan knows."""
    for vm in view.vms:
        if vm.plan is not None:
            yield (vm.name, *_planned(vm.plan), vm.owner, vm.id)


def _planned(plan: VmPlanView) -> Row:
    return (
        plan.state,
        plan.wave,
        plan.method,
        plan.risk,
        plan.risk_points,
        plan.namespace,
        plan.target_name,
        plan.plan,
        plan.elapsed_p50_minutes,
        plan.elapsed_p90_minutes,
        plan.downtime_p50_minutes,
        plan.downtime_p90_minutes,
        plan.wave_downtime_p90_minutes,
        plan.downtime_tolerance_minutes,
        plan.within_tolerance,
        plan.bottleneck,
        plan.copy_bytes,
        plan.cpu_millicores,
        plan.memory_bytes,
        plan.storage_bytes,
        plan.node,
        "; ".join(plan.reasons),
        "; ".join(blocker.message for blocker in plan.blocked_by),
        "; ".join(plan.settle),
        "; ".join(plan.accepted),
        "; ".join(plan.method_reasons),
        "; ".join(plan.risk_reasons),
        "; ".join(plan.assumptions),
        plan.reason,
    )


def plan_sheet_rows(view: ReportView) -> Iterator[Row]:
    """The same for people, with the states in words."""
    for name, state, *rest in plan_rows(view):
        yield (name, state_word(str(state)), *rest)


def kept_out_rows(view: ReportView) -> Iterator[Row]:
    """One row per constraint, with the VMs that it keeps out."""
    for kind in view.plan.kept_out if view.plan else ():
        for entry in kind.entries:
            names = ", ".join(name for name, _identity in entry.vms)
            yield (kind.code, len(entry.vms), entry.object, entry.message, entry.remedy, entry.setting, names)


def settle_first_rows(view: ReportView) -> Iterator[Row]:
    """The rules that VMs wait for before they get a wave."""
    titles = {rule.id: rule.title for rule in view.rules}
    for step in view.plan.settle if view.plan else ():
        yield (titles.get(step.rule, step.rule), step.rule, step.vm_count, step.alone)


def mapping_rows(view: ReportView) -> Iterator[Row]:
    """Networks, then datastores; what is not mapped comes first."""
    if view.plan is None:
        return
    for network in view.plan.networks:
        place = "/".join(filter(None, (network.namespace, network.destination))) or network.type
        figures = (network.confidence, network.reason, network.vm_count, None)
        yield ("network", network.name, network.vlan, network.type or "not mapped", place, *figures, network.proposal, network.vcenter)
    for entry in view.plan.storage:
        modes = " ".join(filter(None, (entry.access_mode, entry.volume_mode)))
        disks = (entry.confidence, entry.reason, entry.vm_count, entry.capacity_bytes)
        yield ("datastore", entry.name, "", modes or "not mapped", entry.storage_class, *disks, "", entry.vcenter)


def preflight_rows(view: ReportView) -> Iterator[Row]:
    """What failed or could not be evaluated, an object a row."""
    if view.plan is None:
        return
    titles = {condition.id: condition.title for condition in view.plan.conditions}
    for entry in view.plan.findings:
        answer = (entry.result, entry.object, entry.observed, entry.expected, entry.remedy, entry.vm_id)
        yield (entry.condition, entry.category, titles.get(entry.condition, ""), *answer)


def condition_rows(view: ReportView) -> Iterator[Row]:
    """Every condition of the preflight with what came of it."""
    for entry in view.plan.conditions if view.plan else ():
        figures = (entry.passed, entry.failed, entry.not_evaluated, entry.not_applicable)
        yield (entry.id, entry.category, entry.origin, entry.title, *figures)


def manifest_rows(view: ReportView) -> Iterator[Row]:
    """Every manifest with what the API server said to it."""
    for entry in view.plan.manifests if view.plan else ():
        said = (entry.purpose, entry.apply, entry.dry_run, entry.dry_run_message)
        yield (entry.path, entry.object_kind, entry.namespace, entry.name, entry.wave, *said)


def capacity_rows(view: ReportView) -> Iterator[Row]:
    """The nodes, then the storage classes."""
    if view.plan is None:
        return
    for node in view.plan.fit.nodes:
        cpu = (node.requested_cpu_millicores, node.plan_cpu_millicores, node.free_cpu_millicores)
        memory = (node.requested_memory_bytes, node.plan_memory_bytes, node.free_memory_bytes)
        yield ("node", node.name, node.vm_count, node.reserved, *cpu, *memory, None, None)
    for entry in view.plan.fit.classes:
        yield ("storage class", entry.name, *[None] * 8, entry.mapped_bytes, entry.free_bytes)


def shortage_rows(view: ReportView) -> Iterator[Row]:
    """What does not suffice, then what was not evaluated."""
    if view.plan is None:
        return
    for entry in view.plan.fit.shortages:
        yield (entry.resource, entry.needed, entry.available, entry.unit, entry.proof, entry.proven, entry.remedy)
    for text in view.plan.fit.more_nodes:
        yield ("nodes", None, None, "", "", None, text)
    for text in view.plan.fit.not_evaluated:
        yield ("not evaluated", None, None, "", text, None, "")


def release_rows(view: ReportView) -> Iterator[Row]:
    """What each cluster has set free after each wave that changes it."""
    if view.plan is None:
        return
    for release in view.plan.releases:
        for step in release.steps:
            freed = (step.hosts, step.cores, step.licensed_cores, step.memory_mib, release.empty_after == step.wave, step.saved_per_year)
            with_wave = (step.hosts_now, step.cores_now, step.licensed_cores_now, step.memory_mib_now)
            yield (
                release.cluster,
                step.wave,
                step.vms_left,
                release.hosts,
                *freed,
                view.plan.currency if step.saved_per_year is not None else "",
                *with_wave,
                cpus_text(step),
                gpus_text(step.hosts, step.devices),
            )


def freed_host_rows(view: ReportView) -> Iterator[Row]:
    """Hosts that come free, in that order."""
    for host in view.plan.freed_hosts if view.plan else ():
        cpu = (host.cpu_model or "not known", host.cpu_baseline or "not known")
        gpus = gpus_text(1, host.devices)
        yield (host.name, host.cluster, host.wave, host.cores, host.memory_mib, *cpu, gpus)


def node_rows(view: ReportView) -> Iterator[Row]:
    """The nodes of the target."""
    for node in view.target.nodes if view.target else ():
        state = (node.ready, node.unschedulable, node.runs_vms)
        sizes = (node.cpu_millicores, node.requested_cpu_millicores, node.memory_bytes, node.requested_memory_bytes)
        yield (node.name, ", ".join(node.roles), node.zone, *state, *sizes, node.cpu_model, ", ".join(node.taints))


def unread_rows(view: ReportView) -> Iterator[Row]:
    """What of the target was not read."""
    return unread_cells(view.target.unread if view.target else ())


PLAN_TABLES: Final = (
    Table("Waves", WAVE_COLUMNS, wave_rows),
    Table("Plan", PLAN_COLUMNS, plan_sheet_rows),
    Table(
        "Kept out",
        (
            Column("code", "Constraint", 28),
            Column("vms", "VMs", 8, "count"),
            Column("object", "Object", 34),
            Column("message", "What keeps it out", 60, "long"),
            Column("remedy", "Way out", 50, "long"),
            Column("setting", "Setting that lifts it", 30),
            Column("names", "Names of the VMs", 60),
        ),
        kept_out_rows,
    ),
    Table(
        "Settle first",
        (
            Column("title", "Open rule", 50, "long"),
            Column("rule", "Rule", 40),
            Column("vms", "VMs that wait for it", 14, "count"),
            Column("alone", "VMs that wait for nothing else", 14, "count"),
        ),
        settle_first_rows,
    ),
    Table(
        "Mapping",
        (
            Column("kind", "Kind", 11),
            Column("name", "Name", 28),
            Column("vlan", "VLAN", 10),
            Column("type", "Type", 22),
            Column("destination", "Destination", 34),
            Column("confidence", "Confidence, percent", 11, "count"),
            Column("reason", "Reason", 60, "long"),
            Column("vms", "VMs", 8, "count"),
            Column("capacity_bytes", "Disks GiB", 12, "bytes"),
            Column("proposal", "Proposed", 26),
            Column("vcenter", "vCenter", 30),
        ),
        mapping_rows,
    ),
    Table("Preflight", PREFLIGHT_COLUMNS, preflight_rows),
    Table(
        "Conditions",
        (
            Column("condition", "Condition", 34),
            Column("category", "Category", 10),
            Column("origin", "Judged by", 10),
            Column("title", "What it asks", 60, "long"),
            Column("passed", "Passed", 9, "count"),
            Column("failed", "Failed", 9, "count"),
            Column("not_evaluated", "Not evaluated", 10, "count"),
            Column("not_applicable", "Not applicable", 10, "count"),
        ),
        condition_rows,
    ),
    Table(
        "Manifests",
        (
            Column("file", "File", 50),
            Column("object_kind", "Kind", 16),
            Column("namespace", "Namespace", 20),
            Column("name", "Name", 34),
            Column("wave", "Wave", 8, "count"),
            Column("purpose", "What it is for", 50, "long"),
            Column("apply", "Applied when asked for", 12),
            Column("dry_run", "Dry run", 12),
            Column("message", "What the API server said", 60, "long"),
        ),
        manifest_rows,
    ),
    Table(
        "Capacity",
        (
            Column("what", "What", 14),
            Column("name", "Name", 34),
            Column("vms", "VMs in waves", 10, "count"),
            Column("reserved", "Kept free", 10),
            Column("cpu_before", "CPU requested before, millicores", 14, "count"),
            Column("cpu_plan", "CPU of the VMs in waves, millicores", 14, "count"),
            Column("cpu_free", "CPU free after, millicores", 14, "count"),
            Column("memory_before", "Memory requested before GiB", 14, "bytes"),
            Column("memory_plan", "Memory of the VMs in waves GiB", 14, "bytes"),
            Column("memory_free", "Memory free after GiB", 14, "bytes"),
            Column("storage_mapped", "Disks mapped to it GiB", 14, "bytes"),
            Column("storage_free", "Free now GiB", 14, "bytes"),
        ),
        capacity_rows,
    ),
    Table(
        "Shortages",
        (
            Column("resource", "Resource", 40),
            Column("needed", "Needed", 18, "count"),
            Column("available", "There is", 18, "count"),
            Column("unit", "Unit", 12),
            Column("proof", "Proof", 60, "long"),
            Column("proven", "Proven", 8),
            Column("remedy", "What would make it fit", 60, "long"),
        ),
        shortage_rows,
    ),
    Table(
        "Released",
        (
            Column("cluster", "Cluster", 28),
            Column("wave", "After wave", 8, "count"),
            Column("vms_left", "VMs left", 9, "count"),
            Column("hosts", "Hosts today", 9, "count"),
            Column("hosts_released", "Hosts free", 9, "count"),
            Column("cores_released", "Cores", 9, "count"),
            Column("licensed_cores_released", "Licensed cores", 10, "count"),
            Column("memory_mib_released", "Memory GiB", 12, "mib"),
            Column("empty", "Empty with this wave", 10),
            Column("saved_per_year", "Saved in a year", 14, "decimal"),
            Column("currency", "Currency", 10),
            Column("hosts_with_wave", "Hosts with this wave", 10, "count"),
            Column("cores_with_wave", "Cores with this wave", 10, "count"),
            Column("licensed_cores_with_wave", "Licensed cores with this wave", 12, "count"),
            Column("memory_mib_with_wave", "Memory with this wave GiB", 12, "mib"),
            Column("cpus", "CPUs of the free hosts", 50, "long"),
            Column("accelerators", "GPUs of the free hosts", 30, "long"),
        ),
        release_rows,
    ),
    Table(
        "Free hosts",
        (
            Column("host", "Host", 34),
            Column("cluster", "Cluster", 28),
            Column("wave", "Free after wave", 9, "count"),
            Column("cores", "Cores", 9, "count"),
            Column("memory_mib", "Memory GiB", 12, "mib"),
            Column("cpu_model", "CPU model", 40),
            Column("cpu_baseline", "CPU generation", 22),
            Column("accelerators", "GPUs", 30, "long"),
        ),
        freed_host_rows,
    ),
)
"""What a run with a plan adds, in the order of the workbook's sheets."""

TARGET_TABLES: Final = (
    Table(
        "Target nodes",
        (
            Column("name", "Node", 34),
            Column("roles", "Roles", 20),
            Column("zone", "Zone", 14),
            Column("ready", "Ready", 8),
            Column("unschedulable", "Cordoned", 10),
            Column("runs_vms", "Runs VMs", 10),
            Column("cpu_millicores", "CPU, millicores", 12, "count"),
            Column("requested_cpu_millicores", "CPU requested, millicores", 12, "count"),
            Column("memory_bytes", "Memory GiB", 12, "bytes"),
            Column("requested_memory_bytes", "Memory requested GiB", 12, "bytes"),
            Column("cpu_model", "CPU model", 24),
            Column("taints", "Taints", 40),
        ),
        node_rows,
    ),
    Table("Target not read", UNREAD_COLUMNS, unread_rows),
)
"""What a run with a target adds."""


RUN_TABLES: Final = tuple(table for table in TABLES if table.title in ("Notices", "Stages"))
"""What a report has that is on no VM."""


def all_tables(view: ReportView) -> tuple[Table, ...]:
    """Every table of that report, in the order of the workbook's sheets."""
    own = RUN_TABLES if view.without_vms else TABLES
    further = (
        (PLAN_TABLES, view.plan),
        (TARGET_TABLES, view.target),
        (PLATFORM_TABLES, view.platform),
        (NAMESPACES_TABLES, view.namespaces),
    )
    return (*own, *(table for tables, part in further if part for table in tables))


def plan_facts(plan: PlanView) -> tuple[tuple[str, str], ...]:
    """The plan in a few lines for the workbook's summary."""
    states = ", ".join(f"{state_word(state)} {count:,}" for state, count in plan.states.items())
    return (("Plan", plan.headline), ("VMs by state", states), ("Time zone of the plan", plan.time_zone))
