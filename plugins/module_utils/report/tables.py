# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as tables, one per question: what workbook and CSV files are written from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Final, TypeAlias

from .advice import cause_advice, sentence_case, settle_lines
from .open_rules import OpenRules
from .texts import kind_text, objects_text, stage_counts
from .view import VERDICT_LABELS, VERDICTS, PerformanceView, ReportView, VmView

Cell: TypeAlias = str | int | float | bool | None
"""One value; None is not known."""

Row: TypeAlias = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `name` with its unit for programs, `title` for people.

    `kind` is text, long (text that wraps), verdict, count, decimal, share, or mib and bytes, which a workbook shows in GiB.
    """

    name: str
    title: str
    width: int = 12
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """One question with its answer; rows come as often as they are asked for."""

    title: str
    columns: tuple[Column, ...]
    rows: Callable[[ReportView], Iterator[Row]]


VM_COLUMNS: Final = (
    Column("name", "Name", 28),
    Column("verdict", "Verdict", 16, "verdict"),
    Column("provisional", "Provisional", 11),
    Column("score", "Score", 8, "decimal"),
    Column("score_best", "Score at best", 8, "decimal"),
    Column("failed_critical", "Blocked by", 34),
    Column("failed_warning", "Needs work for", 34),
    Column("failed_information", "Good to know", 24),
    Column("unsettled_by", "Provisional because of", 34),
    Column("unsettled_reason", "Why that is not known", 40),
    Column("vcenter", "vCenter", 22),
    Column("datacenter", "Datacenter", 14),
    Column("cluster", "Cluster", 18),
    Column("host", "Host", 22),
    Column("folder", "Folder", 22),
    Column("power_state", "Power state", 12),
    Column("guest_os", "Guest OS", 34),
    Column("os_family", "OS family", 20),
    Column("cpu_count", "vCPUs", 8, "count"),
    Column("memory_mib", "Memory GiB", 10, "mib"),
    Column("disk_bytes", "Disks GiB", 10, "bytes"),
    Column("used_bytes", "Used GiB", 10, "bytes"),
    Column("disk_count", "Disks", 8, "count"),
    Column("nic_count", "Network adapters", 9, "count"),
    Column("owner", "Owner", 20),
    Column("application", "Application", 18),
    Column("environment", "Environment", 14),
    Column("criticality", "Criticality", 12),
    Column("not_evaluated_count", "Rules not evaluated", 10, "count"),
    Column("sources", "Sources", 26),
    Column("id", "Id", 44),
)

FINDING_COLUMNS: Final = (
    Column("vm", "VM", 28),
    Column("cluster", "Cluster", 18),
    Column("owner", "Owner", 20),
    Column("category", "Category", 12),
    Column("title", "Finding", 40),
    Column("rule", "Rule", 34),
    Column("result", "Result", 8),
    Column("object", "Object", 26),
    Column("field", "Field", 24),
    Column("observed", "Observed", 30),
    Column("expected", "Expected", 30),
    Column("reason", "Why it is open", 44),
    Column("vm_id", "VM id", 44),
)


class _Failed:
    """Ids of failed rules as one text a category; a large estate has few combinations."""

    def __init__(self, view: ReportView) -> None:
        self.categories = {rule.id: rule.category for rule in view.rules}
        self._failed: dict[tuple[str, ...], tuple[str, str, str]] = {}

    def of(self, vm: VmView) -> tuple[str, str, str]:
        """The failed critical rules, warnings and informations of a VM."""
        rules = tuple(finding.rule for finding in vm.findings if finding.result == "fail")
        found = self._failed.get(rules)
        if found is None:
            critical, warning, information = (
                "; ".join(rule for rule in dict.fromkeys(rules) if self.categories.get(rule) == category)
                for category in ("critical", "warning", "information")
            )
            found = self._failed[rules] = (critical, warning, information)
        return found


def vm_rows(view: ReportView) -> Iterator[Row]:
    """Every VM in scope."""
    failed, open_rules = _Failed(view), OpenRules(view)
    for vm in view.vms:
        yield (
            vm.name,
            vm.verdict,
            vm.provisional,
            vm.score,
            vm.score_best,
            *failed.of(vm),
            *open_rules.unsettled(vm),
            vm.vcenter,
            vm.datacenter,
            vm.cluster,
            vm.host,
            vm.folder,
            vm.power_state,
            vm.guest_os,
            vm.os_family,
            vm.cpu_count,
            vm.memory_mib,
            vm.disk_bytes,
            vm.used_bytes,
            vm.disk_count,
            vm.nic_count,
            vm.owner,
            vm.application,
            vm.environment,
            vm.criticality,
            len(vm.gaps),
            "; ".join(vm.sources),
            vm.id,
        )


def finding_rows(view: ReportView) -> Iterator[Row]:
    """One row per VM, failed rule and piece of evidence; then one per open rule and reason, unless a source leaves it open for all."""
    rules = {rule.id: (rule.category, rule.title, rule.id) for rule in view.rules}
    open_rules = OpenRules(view)
    for vm in view.vms:
        place = (vm.name, vm.cluster, vm.owner)
        for finding in vm.findings:
            rule = rules.get(finding.rule, ("", "", finding.rule))
            if not finding.evidence:
                yield (*place, *rule, finding.result, "", "", "", "", "", vm.id)
            for piece in finding.evidence:
                yield (*place, *rule, finding.result, piece.object, piece.field, piece.observed, piece.expected, "", vm.id)
        if vm.reasons:
            for name, object_name, facts, why in open_rules.own_rows(vm):
                rule = rules.get(name, ("", "", name))
                yield (*place, *rule, "not_evaluated", object_name, facts, "", "", why, vm.id)


def verdict_rows(view: ReportView) -> Iterator[Row]:
    """The verdicts, best first."""
    by_verdict = {count.verdict: count for count in view.verdicts}
    for verdict in reversed(VERDICTS):
        if verdict in by_verdict:
            count = by_verdict[verdict]
            sizes = (count.cpu_count, count.memory_mib, count.disk_bytes)
            unknown = (count.cpu_unknown, count.memory_unknown, count.disk_unknown)
            yield (verdict, count.settled, count.provisional, count.total, *sizes, *unknown)


def group_rows(view: ReportView) -> Iterator[Row]:
    """Verdicts within each vCenter, cluster, OS family and owner: settled and provisional ones of each verdict."""
    labels = {"vcenter": "vCenter", "cluster": "cluster", "os_family": "OS family", "owner": "owner"}
    for group in view.groups:
        figures = [figure for pair in zip(reversed(group.settled), reversed(group.provisional), strict=True) for figure in pair]
        yield (labels.get(group.group, group.group), group.name, group.total, *figures)


def reason_rows(view: ReportView) -> Iterator[Row]:
    """The rules that block VMs or mean work first, by the number of VMs."""
    effects = {"critical": "blocks", "warning": "means work"}
    for rule in view.rules:
        if rule.failed and rule.category in effects:
            share = rule.failed / view.in_scope if view.in_scope else None
            yield (effects[rule.category], rule.failed, rule.failed_alone, share, rule.title, rule.id, rule.rationale, rule.remedy)


def settle_rows(view: ReportView) -> Iterator[Row]:
    """What would settle provisional verdicts: first by privilege, source and cause, then by rule."""
    steps = sum(bool(cause.provisional_vms) for cause in view.causes) + sum(bool(step.settled) for step in view.settle_sources)
    for count, what in settle_lines(view, steps):
        yield (sentence_case(what), count, None, None, "", "")
    titles = {rule.id: rule.title for rule in view.rules}
    for step in view.settle:
        yield (
            f"Evaluate: {titles.get(step.rule, step.rule)}",
            step.provisional_vms,
            step.settled_alone,
            step.vms,
            step.rule,
            ", ".join(step.needs),
        )


def cause_rows(view: ReportView) -> Iterator[Row]:
    """Why rules are open, over all VMs."""
    for cause in view.causes:
        yield (
            cause.reason,
            cause.privilege,
            cause.provisional_vms,
            cause.settled,
            cause.vms,
            ", ".join(cause.objects),
            ", ".join(cause.facts),
            "; ".join(cause.rules),
            sentence_case(cause_advice(cause)),
        )


def usage_rows(view: ReportView) -> Iterator[Row]:
    """What VMs used, for those of which a history was read."""
    for vm in view.vms:
        if vm.performance:
            yield (vm.name, vm.cpu_count, vm.memory_mib, *(getattr(vm.performance, name) for name in USAGE), vm.id)


def rule_rows(view: ReportView) -> Iterator[Row]:
    """The rule catalogue with what each rule found."""
    for rule in view.rules:
        yield (
            rule.category,
            rule.title,
            rule.id,
            rule.failed,
            rule.passed,
            rule.not_applicable,
            rule.not_evaluated,
            rule.weight,
            rule.rationale,
            rule.remedy,
            ", ".join(rule.needs),
            rule.source,
            rule.deviation,
            rule.version,
        )


def excluded_rows(view: ReportView) -> Iterator[Row]:
    """The VMs that are out of scope."""
    for vm in view.excluded:
        yield (vm.name, vm.reason, vm.id)


def not_seen_rows(view: ReportView) -> Iterator[Row]:
    """What each source does not show, of any object and of single ones."""
    for source in view.sources:
        for entry in source.not_seen:
            yield (source.name, entry.what, ", ".join(entry.facts), entry.reason)
        for unknown in source.unknown:
            yield (source.name, kind_text(unknown.kind, unknown.count), ", ".join(unknown.facts), unknown.reason)


def notice_rows(view: ReportView) -> Iterator[Row]:
    """What was noticed while reading."""
    for notice in view.notices:
        yield ("", notice.place, notice.message, notice.remedy)
    for source in view.sources:
        for notice in source.notices:
            yield (source.name, notice.place, notice.message, notice.remedy)


def conflict_rows(view: ReportView) -> Iterator[Row]:
    """What sources disagree on, a claim a row."""
    made = {"newest": "the newest capture counts", "unknown": "taken as unknown"}
    for conflict in view.conflicts:
        for source, captured_at, value in conflict.values:
            yield (conflict.object, conflict.field, source, captured_at, value, made.get(conflict.resolution, conflict.resolution))


def input_rows(view: ReportView) -> Iterator[Row]:
    """The files that were read."""
    for entry in view.inputs:
        yield (entry.name, entry.captured_at, entry.sha256)


def source_rows(view: ReportView) -> Iterator[Row]:
    """The inventories that the files hold."""
    for source in view.sources:
        gaps = "; ".join(source.gaps)
        yield (
            source.name,
            source.type,
            source.captured_at,
            source.age_days,
            source.tool_version,
            source.vm_count,
            source.in_scope,
            objects_text(source.objects),
            gaps,
            source.sha256,
        )


def stage_rows(view: ReportView) -> Iterator[Row]:
    """What ran, what did not and why, a problem a row."""
    states = {"skipped": "did not run", "stale": "out of date"}
    for stage in view.stages:
        counts = stage_counts(stage.counts)
        own = (stage.stage, stage.host, states.get(stage.state, stage.state), stage.message, stage.hint)
        if not stage.problems:
            yield (*own, "", "", "", counts)
        for problem in stage.problems:
            yield (*own, problem.place, problem.message, problem.remedy, counts)


VERDICT_COLUMNS: Final = (
    Column("verdict", "Verdict", 24, "verdict"),
    Column("settled", "Settled", 12, "count"),
    Column("provisional", "Provisional", 12, "count"),
    Column("total", "Total", 12, "count"),
    Column("cpu_count", "vCPUs", 12, "count"),
    Column("memory_mib", "Memory GiB", 12, "mib"),
    Column("disk_bytes", "Disks GiB", 12, "bytes"),
    Column("cpu_unknown", "VMs of unknown vCPUs", 12, "count"),
    Column("memory_unknown", "VMs of unknown memory", 12, "count"),
    Column("disk_unknown", "VMs of unknown disks", 12, "count"),
)

USAGE: Final = tuple(entry.name for entry in fields(PerformanceView))

TABLES: Final = (
    Table("VMs", VM_COLUMNS, vm_rows),
    Table("Findings", FINDING_COLUMNS, finding_rows),
    Table(
        "What blocks",
        (
            Column("effect", "Effect", 12),
            Column("vms", "VMs", 8, "count"),
            Column("alone", "VMs with no other such reason", 14, "count"),
            Column("share", "Share of VMs in scope", 12, "share"),
            Column("title", "Finding", 40, "long"),
            Column("rule", "Rule", 36),
            Column("rationale", "Why it matters", 60, "long"),
            Column("remedy", "Remedy", 60, "long"),
        ),
        reason_rows,
    ),
    Table(
        "What to settle",
        (
            Column("what", "What would settle it", 70, "long"),
            Column("provisional_vms", "Provisional VMs that wait for it", 16, "count"),
            Column("alone", "VMs that wait for nothing else", 16, "count"),
            Column("open", "VMs it is open for", 14, "count"),
            Column("rule", "Rule", 36),
            Column("needs", "Facts it reads", 50, "long"),
        ),
        settle_rows,
    ),
    Table(
        "Why open",
        (
            Column("reason", "Reason", 50, "long"),
            Column("privilege", "Missing privilege", 24),
            Column("provisional_vms", "Provisional VMs that wait for it", 16, "count"),
            Column("settled", "VMs that wait for nothing else", 16, "count"),
            Column("vms", "VMs with a rule that is open for it", 16, "count"),
            Column("objects", "Not known of", 40, "long"),
            Column("facts", "Not known", 50, "long"),
            Column("rules", "Open rules", 50, "long"),
            Column("advice", "What would settle it", 60, "long"),
        ),
        cause_rows,
    ),
    Table(
        "Groups",
        (
            Column("group", "Group", 12),
            Column("name", "Name", 34),
            Column("total", "VMs", 8, "count"),
            *(
                Column(f"{verdict}_{state}", f"{VERDICT_LABELS[verdict].capitalize()}, {state}", 14, "count")
                for verdict in reversed(VERDICTS)
                for state in ("settled", "provisional")
            ),
        ),
        group_rows,
    ),
    Table(
        "Rules",
        (
            Column("category", "Category", 12),
            Column("title", "Finding", 40, "long"),
            Column("rule", "Rule", 36),
            Column("failed", "Failed", 9, "count"),
            Column("passed", "Passed", 9, "count"),
            Column("not_applicable", "Not applicable", 11, "count"),
            Column("not_evaluated", "Not evaluated", 11, "count"),
            Column("weight", "Weight", 8, "count"),
            Column("rationale", "Why it matters", 50, "long"),
            Column("remedy", "Remedy", 50, "long"),
            Column("needs", "Facts it reads", 40, "long"),
            Column("source", "Source", 40, "long"),
            Column("deviation", "Differs from the source in", 40, "long"),
            Column("version", "Version", 8, "count"),
        ),
        rule_rows,
    ),
    Table(
        "Usage",
        (
            Column("name", "Name", 28),
            Column("cpu_count", "vCPUs", 8, "count"),
            Column("memory_mib", "Memory GiB", 10, "mib"),
            Column("days", "Days of history", 10, "count"),
            Column("cpu_usage_average_mhz", "CPU MHz, average", 12, "count"),
            Column("cpu_usage_p95_mhz", "CPU MHz, 95th percentile", 12, "count"),
            Column("cpu_usage_peak_mhz", "CPU MHz, peak", 12, "count"),
            Column("active_memory_average_mib", "Active memory GiB, average", 12, "mib"),
            Column("active_memory_p95_mib", "Active memory GiB, 95th percentile", 12, "mib"),
            Column("active_memory_peak_mib", "Active memory GiB, peak", 12, "mib"),
            Column("disk_write_average_kib_per_s", "Disk writes KiB/s, average", 12, "count"),
            Column("disk_write_p95_kib_per_s", "Disk writes KiB/s, 95th percentile", 12, "count"),
            Column("disk_write_peak_kib_per_s", "Disk writes KiB/s, peak", 12, "count"),
            Column("id", "Id", 44),
        ),
        usage_rows,
    ),
    Table("Excluded", (Column("name", "Name", 34), Column("reason", "Why it is out of scope", 50), Column("id", "Id", 44)), excluded_rows),
    Table(
        "Not seen",
        (
            Column("source", "Source", 30),
            Column("what", "Not seen", 40, "long"),
            Column("facts", "Unknown for it", 50, "long"),
            Column("reason", "Why", 50, "long"),
        ),
        not_seen_rows,
    ),
    Table(
        "Notices",
        (
            Column("source", "Source", 30),
            Column("place", "Place", 40, "long"),
            Column("message", "Notice", 70, "long"),
            Column("remedy", "Remedy", 50, "long"),
        ),
        notice_rows,
    ),
    Table(
        "Conflicts",
        (
            Column("object", "Object", 34),
            Column("field", "Fact", 24),
            Column("source", "Source", 34),
            Column("captured_at", "Captured", 22),
            Column("value", "Value", 40, "long"),
            Column("resolution", "What was made of it", 26),
        ),
        conflict_rows,
    ),
    Table(
        "Inputs",
        (Column("name", "Input", 44), Column("captured_at", "Captured", 22), Column("sha256", "SHA-256", 66)),
        input_rows,
    ),
    Table(
        "Sources",
        (
            Column("name", "Source", 34),
            Column("type", "Type", 10),
            Column("captured_at", "Captured", 22),
            Column("age_days", "Age in days", 10, "count"),
            Column("tool_version", "Version of the tool", 12),
            Column("vm_count", "VMs", 8, "count"),
            Column("in_scope", "VMs in scope", 8, "count"),
            Column("objects", "Other objects", 40, "long"),
            Column("gaps", "Rules it leaves open for all its VMs", 60, "long"),
            Column("sha256", "SHA-256", 66),
        ),
        source_rows,
    ),
    Table(
        "Stages",
        (
            Column("stage", "Stage", 14),
            Column("host", "Host", 22),
            Column("state", "State", 12),
            Column("message", "Message", 50, "long"),
            Column("hint", "What helps", 40, "long"),
            Column("place", "Place of the problem", 40, "long"),
            Column("problem", "Problem", 50, "long"),
            Column("remedy", "Remedy", 40, "long"),
            Column("counts", "Counts", 40, "long"),
        ),
        stage_rows,
    ),
)
"""Every table of the report, in the order of the workbook's sheets."""
