# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report shows, worked out once: every format renders this and nothing else.

All texts are plain data, never markup. Nothing here depends on the machine, the run id or durations, so that the
same inputs give the same report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from .namespaces_view import NamespacesView
from .plan_view import PlanView, TargetReportView, VmPlanView
from .platform_view import PlatformView

DEFAULT_TITLE: Final = "vSphere to OpenShift Virtualization: readiness"
PLATFORM_TITLE: Final = "OpenShift for AI workloads: readiness of the platform"
"""Title of a report on the platform alone."""

NAMESPACES_TITLE: Final = "AI namespaces: readiness by contract"
"""Title of a report on namespaces alone."""

END_OF_SUPPORT: Final = "2027-10-11"
"""Day on which vSphere 8 leaves general support, YYYY-MM-DD (VMware product lifecycle matrix)."""

FORMATS: Final = ("html", "xlsx", "csv", "markdown", "json", "junit", "openmetrics")
"""Every format of a report."""

CATEGORIES: Final = ("critical", "warning", "information")
"""Categories of rules, gravest first."""

VERDICTS = ("blocked", "not_evaluated", "ready_with_work", "ready")
"""All verdicts, worst first."""

VERDICT_LABELS: Final[Mapping[str, str]] = {
    "blocked": "blocked",
    "not_evaluated": "not evaluated",
    "ready_with_work": "ready with work",
    "ready": "ready",
}
"""Verdicts in words."""


@dataclass(frozen=True, slots=True)
class ProblemView:
    """One listed problem of a failed stage: `place` is a base name with tab, row, column."""

    message: str
    place: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class StageView:
    """What became of one stage on one host."""

    stage: str
    host: str
    state: str
    """ran, failed, skipped or stale"""
    message: str = ""
    hint: str = ""
    problems: tuple[ProblemView, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    judged: bool = False
    """it failed by what its checks found: all of it was looked at, and the report's chapter on it says what it was"""

    @property
    def title(self) -> str:
        """The stage in words, with the part of the platform that its host names as well: `platform part operators`."""
        host, _blank, part = self.host.rpartition(" ")
        if self.stage != "platform" or not host:
            return self.stage
        return f"{self.stage} {part}" if part == "preflight" else f"{self.stage} part {part}"

    @property
    def where(self) -> str:
        """The host; empty for the machine that the playbook runs on."""
        host = self.host.rpartition(" ")[0] or self.host if self.stage == "platform" else self.host
        return "" if host == "localhost" else host

    @property
    def place(self) -> str:
        """Both: `estate on vcenter-b`."""
        return f"{self.title} on {self.where}" if self.where else self.title


@dataclass(frozen=True, slots=True)
class InputView:
    """One input that the estate was made from: exports, saved estates, vCenters, annotations."""

    name: str
    sha256: str
    captured_at: str = ""


@dataclass(frozen=True, slots=True)
class SourceView:
    """One inventory that the estate was made from; a saved estate brings those that it was made from itself."""

    id: str
    name: str
    type: str
    sha256: str
    captured_at: str = ""
    tool_version: str = ""
    vm_count: int = 0
    not_seen: tuple[NotSeenView, ...] = ()
    notices: tuple[ProblemView, ...] = ()
    gaps: tuple[str, ...] = ()
    """ids of the rules that this source leaves open for every VM of it"""
    in_scope: int = 0
    """VMs of it that were assessed; `vm_count` is all that it shows"""
    age_days: int | None = None
    """whole days from its capture to the report; None where the source names no capture date"""
    vcenters: tuple[str, ...] = ()
    """host names of the vCenters that it shows, as far as it names them"""
    objects: Mapping[str, int] = field(default_factory=dict)
    """kind (host, datastore, …) to how many objects of it the source shows; VMs stand in `vm_count`"""
    unknown: tuple[UnknownView, ...] = ()
    """what is not known of single objects of it, beyond what it does not show of any"""


@dataclass(frozen=True, slots=True)
class NotSeenView:
    """What a source lacks as a whole (a tab, a column, a kind of fact), and what stays unknown for it."""

    what: str
    facts: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class UnknownView:
    """Facts that single objects of one kind lack for one reason."""

    kind: str
    count: int
    """objects that lack one of the facts for this reason"""
    facts: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule of the catalogue with what it found."""

    id: str
    title: str
    category: str
    rationale: str
    remedy: str
    source: str
    version: int
    weight: int
    failed: int = 0
    not_evaluated: int = 0
    not_applicable: int = 0
    passed: int = 0
    needs: tuple[str, ...] = ()
    """fact paths it reads: what would settle it"""
    deviation: str = ""
    failed_alone: int = 0
    """VMs whose verdict rests on this rule alone: no other rule of its category failed, and none of a graver one"""


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """Why a rule failed: object, field, observed, expected, all as text."""

    object: str
    field: str
    observed: str
    expected: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """A rule that failed (or was waived) for a VM."""

    rule: str
    result: str
    evidence: tuple[EvidenceView, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ReasonView:
    """Why rules are open for a VM. Equal ones are kept once, so that they are compared by identity."""

    object: str
    """whose facts are not known: `VM` for the VM's own, else the name of a cluster, host or source, or `other VMs`"""
    facts: tuple[str, ...]
    reason: str
    rules: tuple[str, ...]
    """the open rules that need these facts; none where they tell whether the VM is in scope"""
    source: str = ""
    """id of the source that lacks the facts for every object; empty where it is the object alone"""


@dataclass(frozen=True, slots=True)
class PerformanceView:
    """What a VM used over a time; a figure is None where the history does not hold it."""

    days: int
    cpu_usage_average_mhz: int | None = None
    cpu_usage_p95_mhz: int | None = None
    cpu_usage_peak_mhz: int | None = None
    active_memory_average_mib: int | None = None
    active_memory_p95_mib: int | None = None
    active_memory_peak_mib: int | None = None
    disk_write_average_kib_per_s: int | None = None
    disk_write_p95_kib_per_s: int | None = None
    disk_write_peak_kib_per_s: int | None = None


@dataclass(frozen=True, slots=True)
class VmView:
    """One assessed VM."""

    id: str
    name: str
    verdict: str
    provisional: bool
    score: float
    score_best: float
    vcenter: str
    datacenter: str
    cluster: str
    host: str
    folder: str
    power_state: str
    guest_os: str
    os_family: str
    cpu_count: int | None
    memory_mib: int | None
    disk_bytes: int | None
    used_bytes: int | None
    disk_count: int | None
    nic_count: int | None
    owner: str
    application: str
    environment: str
    criticality: str
    findings: tuple[FindingView, ...]
    gaps: tuple[str, ...]
    """ids of the rules that were not evaluated for it, those of its sources included"""
    not_applicable: tuple[str, ...]
    sources: tuple[str, ...]
    reasons: tuple[ReasonView, ...] = ()
    """why rules are open; a rule without an entry is open for a reason that no source records"""
    performance: PerformanceView | None = None
    plan: VmPlanView | None = None
    """what the plan makes of it; None without a plan, or where the plan does not know the VM"""


@dataclass(frozen=True, slots=True)
class ExcludedView:
    """One VM that is out of scope."""

    id: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """How many VMs have a verdict, settled and provisional apart, and what they hold."""

    verdict: str
    settled: int = 0
    provisional: int = 0
    cpu_count: int | None = 0
    """sum over the VMs of which it is known; None when it is known of none of them. So are the two below."""
    memory_mib: int | None = 0
    disk_bytes: int | None = 0
    cpu_unknown: int = 0
    """VMs whose number of CPUs is not known"""
    memory_unknown: int = 0
    disk_unknown: int = 0

    @property
    def total(self) -> int:
        """VMs with this verdict."""
        return self.settled + self.provisional


@dataclass(frozen=True, slots=True)
class GroupCount:
    """Verdicts within one cluster, OS family, owner or vCenter; `verdicts` is in the order of `VERDICTS`."""

    group: str
    name: str
    total: int
    settled: tuple[int, ...]
    provisional: tuple[int, ...]
    value: str | None = None
    """what `VmView` holds for this group, for links into the VM table; None when it is `name`"""
    vcenter: str = ""
    """vCenter of a cluster whose name alone is not unique"""


@dataclass(frozen=True, slots=True)
class SettleStep:
    """One thing that would settle provisional VMs: a rule that is open, and how many VMs wait for it."""

    rule: str
    vms: int
    provisional_vms: int
    """those that are provisional because of it"""
    settled_alone: int
    """those for which it is the only thing missing"""
    needs: tuple[str, ...]
    explained: int = 0
    """those of `provisional_vms` for which one of the report's causes says why"""


@dataclass(frozen=True, slots=True)
class CauseView:
    """One reason for which rules are open, over all VMs; what a source lacks as a whole stands at the source instead."""

    reason: str
    privilege: str
    """the vSphere privilege that the reader's account lacks; empty where it is something else"""
    refused: bool
    """the server refused to answer, whether or not it named a privilege"""
    objects: tuple[str, ...]
    """what the facts are not known of, in words: `12 of 60 VMs of vc-north.example.com`, `cluster Production`"""
    facts: tuple[str, ...]
    rules: Mapping[str, int]
    """open rule to the VMs for which it is open because of this"""
    vcenters: tuple[str, ...]
    """vCenters of the VMs that wait, as far as they are known"""
    vms: int
    """VMs for which a rule is open because of it"""
    provisional_vms: int
    """those whose verdict is provisional because of it"""
    settled: int
    """those of them that wait for nothing else"""


@dataclass(frozen=True, slots=True)
class SettleSource:
    """What one source leaves open for all of its VMs: reading the system behind it would settle them together."""

    source: str
    """id of the source"""
    name: str
    type: str
    provisional_vms: int
    """provisional VMs that this source shows"""
    settled: int
    """those of them that wait for nothing but what this source does not show"""
    rules: tuple[str, ...]
    """the rules that keep them provisional"""
    vcenters: tuple[str, ...] = ()
    """host names of the vCenters to read instead, as far as the source names them"""


@dataclass(frozen=True, slots=True)
class ConflictView:
    """Two sources that disagree on a fact, and what was made of it."""

    object: str
    field: str
    values: tuple[tuple[str, str, str], ...]
    """(source, captured_at, value)"""
    resolution: str


@dataclass(frozen=True, slots=True)
class ReportView:
    """Everything a report shows."""

    title: str
    headline: str
    """the verdict on the estate in one sentence"""
    now: str
    mode: str
    end_of_support: str
    """date on which vSphere 8 leaves general support, YYYY-MM-DD"""
    days_left: int
    collection_version: str
    catalogue_version: str
    catalogue_sha256: str
    weights: Mapping[str, int]
    failed: bool
    """a stage failed or is missing: figures may be incomplete"""
    stages: tuple[StageView, ...]
    in_scope: int | None = None
    """VMs that were assessed; None when there is no assessment"""
    verdicts: tuple[VerdictCount, ...] = ()
    """one per verdict, worst first; empty when there is no assessment"""
    groups: tuple[GroupCount, ...] = ()
    rules: tuple[RuleView, ...] = ()
    settle: tuple[SettleStep, ...] = ()
    sources: tuple[SourceView, ...] = ()
    inputs: tuple[InputView, ...] = ()
    """the files that were read for the estate, by name"""
    conflicts: tuple[ConflictView, ...] = ()
    notices: tuple[ProblemView, ...] = ()
    excluded: tuple[ExcludedView, ...] = ()
    vms: tuple[VmView, ...] = ()
    settle_sources: tuple[SettleSource, ...] = ()
    causes: tuple[CauseView, ...] = ()
    """why rules are open, what the server refused first, then by the number of VMs"""
    caveats: tuple[ProblemView, ...] = ()
    """what may be missing from every figure, such as VMs that the reader's account cannot see"""
    estate_vm_count: int | None = None
    """VMs in the estate, those out of scope included; known even when the assessment is missing, None without an estate"""
    provisional: int | None = None
    """VMs whose verdict is provisional; None when there is no assessment"""
    score_mean: float | None = None
    """mean of `score` over the VMs in scope; None when there is none"""
    score_best_mean: float | None = None
    plan: PlanView | None = None
    """the migration plan; None when the run has none that can be used"""
    target: TargetReportView | None = None
    """the target cluster; None when the run has none that can be used"""
    platform: PlatformView | None = None
    """the platform; None when the run has none that can be used"""
    platform_alone: bool = False
    """the run looked at the platform alone, as a nightly check does: there are no VMs to judge"""
    namespaces: NamespacesView | None = None
    """AI namespaces and their contracts; None when the run has none that can be used"""
    namespaces_alone: bool = False
    """the run held namespaces to their contracts: there are no VMs to judge, and a platform is a chapter beside them"""

    @property
    def without_vms(self) -> bool:
        """Whether the run had nothing to do with VMs."""
        return self.platform_alone or self.namespaces_alone
