# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report views of any size for the tests and benchmarks of the report's formats; a seed gives the same view always."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ansible_collections.groundwork.readiness.plugins.module_utils.report import view
from ansible_collections.groundwork.readiness.plugins.module_utils.report.causes import count_causes
from ansible_collections.groundwork.readiness.plugins.module_utils.report.headline import HeadlineFigures, headline
from ansible_collections.groundwork.readiness.plugins.module_utils.report.tally import Tally

from tests.unit.report.factory_rules import RULES, Rule

MIB = 1024**2
GIB = 1024**3
WEIGHTS = {"critical": 20, "warning": 5, "information": 1}


_SYSTEMS = (
    ("Microsoft Windows Server 2022 (64-bit)", "Windows Server", 16),
    ("Microsoft Windows Server 2019 (64-bit)", "Windows Server", 18),
    ("Microsoft Windows Server 2016 (64-bit)", "Windows Server", 12),
    ("Microsoft Windows Server 2008 R2 (64-bit)", "Windows Server", 6),
    ("Microsoft Windows 10 (64-bit)", "Windows desktop", 5),
    ("Red Hat Enterprise Linux 9 (64-bit)", "RHEL", 14),
    ("Red Hat Enterprise Linux 8 (64-bit)", "RHEL", 12),
    ("Red Hat Enterprise Linux 7 (64-bit)", "RHEL", 7),
    ("SUSE Linux Enterprise 15 (64-bit)", "SLES", 6),
    ("Ubuntu Linux (64-bit)", "Ubuntu", 6),
    ("Oracle Linux 8 (64-bit)", "Oracle Linux", 4),
    ("Other 3.x or later Linux (64-bit)", "Other Linux", 3),
    ("", "", 1),
)
_TEAMS = ("erp", "payments", "web-shop", "data-warehouse", "identity", "network", "logistics", "hr", "plant-control", "research", "")
_ROLES = ("app", "db", "web", "mq", "fs", "dc", "proxy", "build", "mon", "batch", "print", "cache")
_HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "=cmd|'/c calc'!A0",
    "</script><script>alert(2)</script>",
    "Überweisung 東京 01",
    "a\u202eb",
    "VM with a very long name that goes on and on " * 3,
)


def rules() -> tuple[view.RuleView, ...]:
    """The rules of the factory's catalogue, without counts."""
    return tuple(
        view.RuleView(
            id=rule.id,
            title=rule.title,
            category=rule.category,
            rationale=f"{rule.title}: the migration would fail, or the VM would lose this property on the way.",
            remedy="Change the setting in vSphere before the migration, or plan the change for the day of the cut-over.",
            source="Migration Toolkit for Virtualization, documentation of the validation rules",
            version=1,
            weight=WEIGHTS[rule.category],
            needs=rule.needs,
        )
        for rule in RULES
    )


def _sources(captured: str) -> tuple[view.SourceView, ...]:
    hidden = tuple(rule.id for rule in RULES if not rule.in_workbook)
    not_seen = (
        view.NotSeenView("tab vPartition, column Disk Key", ("partitions.disk_key",), "this export has no such column"),
        view.NotSeenView(
            "no RVTools tab shows it", ("devices", "cpu_affinity", "numa_affinity", "tpm_present"), "a workbook cannot show it"
        ),
    )
    notice = view.ProblemView(
        "2 cells are not numbers and stay unknown",
        "dc1.xlsx, tab vDisk, row 88, column Capacity MiB",
        "Correct them in vSphere and export again.",
    )
    sha = [hashlib.sha256(name.encode()).hexdigest() for name in ("dc1.xlsx", "dc2.jsonl.gz")]
    return (
        view.SourceView(
            f"dc1.xlsx@{sha[0][:8]}",
            "dc1.xlsx",
            "rvtools",
            sha[0],
            captured,
            "4.7.1.4",
            0,
            not_seen,
            (notice,),
            hidden,
            vcenters=("vcenter-fra.example.com",),
        ),
        view.SourceView(f"dc2.jsonl.gz@{sha[1][:8]}", "dc2.jsonl.gz", "estate", sha[1], captured, "", 0),
    )


class _Estate:
    """Draws VMs one after the other."""

    def __init__(self, count: int, seed: int) -> None:
        self.random = random.Random(seed)
        self.clusters = [
            f"{site}-{use}-{number:02d}"
            for site in ("fra", "muc")
            for use in ("prod", "db", "test", "dmz")
            for number in range(1, 2 + count // 8000)
        ]
        self.weights = [weight for _name, _family, weight in _SYSTEMS]
        self.sources = _sources("2026-08-30T18:00:00Z")

    def vm(self, number: int) -> view.VmView:
        """The VM with that number."""
        draw = self.random
        cluster = draw.choice(self.clusters)
        source = self.sources[0 if cluster.startswith("fra") else 1]
        system, family, _weight = draw.choices(_SYSTEMS, self.weights)[0]
        name = (
            _HOSTILE[number]
            if number < len(_HOSTILE)
            else f"{cluster[:3]}-{draw.choice(_ROLES)}-{draw.choice(_TEAMS) or 'old'}-{number:05d}"
        )
        disks = draw.choice((1, 1, 2, 2, 3, 4, 6))
        capacity = draw.choice((40, 60, 100, 200, 500, 2000)) * disks * GIB
        findings, gaps, not_applicable = self._rules(name, disks, source, bool(system))
        verdict, provisional = _verdict(findings, gaps, bool(system))
        score, best = _scores(findings, gaps, not_applicable)
        team = draw.choice(_TEAMS)
        return view.VmView(
            id=f"{hashlib.sha256(source.id.encode()).hexdigest()[:8]}-5a1e-4c7b-9d10-33b0c2a4d7e1/vm-{1000 + number}",
            name=name,
            verdict=verdict,
            provisional=provisional,
            score=score,
            score_best=best,
            vcenter="vcenter-fra.example.com" if cluster.startswith("fra") else "vcenter-muc.example.com",
            datacenter=cluster[:3].upper(),
            cluster=cluster,
            host=f"esx-{cluster}-{draw.randint(1, 16):02d}.example.com",
            folder=f"/{cluster[:3].upper()}/vm/{team or 'unsorted'}",
            power_state=draw.choice(("poweredOn", "poweredOn", "poweredOn", "poweredOff")),
            guest_os=system,
            os_family=family,
            cpu_count=draw.choice((1, 2, 2, 4, 4, 8, 16, 32)),
            memory_mib=draw.choice((2, 4, 8, 16, 32, 64, 256)) * 1024,
            disk_bytes=capacity if system else None,
            used_bytes=int(capacity * draw.random()) // MIB * MIB if system else None,
            disk_count=disks,
            nic_count=draw.choice((1, 1, 1, 2, 3)),
            owner=f"team-{team}@example.com" if team else "",
            application=team,
            environment=draw.choice(("production", "production", "test", "development", "")),
            criticality=draw.choice(("high", "medium", "low", "")),
            findings=findings,
            gaps=gaps,
            not_applicable=not_applicable,
            sources=(source.id,),
        )

    def _rules(
        self, name: str, disks: int, source: view.SourceView, known: bool
    ) -> tuple[tuple[view.FindingView, ...], tuple[str, ...], tuple[str, ...]]:
        findings, gaps, not_applicable = [], [], []
        for rule in RULES:
            if rule.id in source.gaps or (not known and rule.id in ("vmware.os.unsupported", "vmware.guestDisks.freespace")):
                gaps.append(rule.id)
            elif rule.id == "vmware.guestDisks.key.not_found" and self.random.random() < 0.4:
                not_applicable.append(rule.id)
            elif self.random.random() < 0.01:
                gaps.append(rule.id)
            elif self.random.random() < rule.rate:
                findings.append(view.FindingView(rule.id, "fail", tuple(self._evidence(rule, name, disks))))
        return tuple(findings), tuple(gaps), tuple(not_applicable)

    def _evidence(self, rule: Rule, name: str, disks: int) -> Iterable[view.EvidenceView]:
        field, observed, expected = rule.evidence
        if not rule.per_disk:
            yield view.EvidenceView(name, field, observed, expected)
            return
        for disk in range(1, self.random.randint(1, disks) + 1):
            yield view.EvidenceView(
                f"Hard disk {disk}, [ds-{self.random.randint(1, 60):02d}] {name}/{name}_{disk}.vmdk", field, observed, expected
            )


def _verdict(findings: Sequence[view.FindingView], gaps: Sequence[str], known: bool) -> tuple[str, bool]:
    category = {rule.id: rule.category for rule in RULES}
    failed = {category[finding.rule] for finding in findings}
    open_categories = {category[rule] for rule in gaps}
    if "critical" in failed:
        verdict = "blocked"
    elif not known:
        verdict = "not_evaluated"
    else:
        verdict = "ready_with_work" if "warning" in failed else "ready"
    return verdict, "critical" in open_categories or (verdict == "ready" and "warning" in open_categories)


def _scores(findings: Sequence[view.FindingView], gaps: Sequence[str], not_applicable: Sequence[str]) -> tuple[float, float]:
    weight = {rule.id: WEIGHTS[rule.category] for rule in RULES}
    applicable = sum(weight.values()) - sum(weight[rule] for rule in not_applicable)
    failed = sum(weight[finding.rule] for finding in findings)
    unknown = sum(weight[rule] for rule in gaps)
    return 100 * (1 - (failed + unknown) / applicable), 100 * (1 - failed / applicable)


def _empty(**overrides: object) -> view.ReportView:
    base = view.ReportView(
        title="vSphere readiness report",
        headline="No VM could be assessed.",
        now="2026-09-01T08:00:00Z",
        mode="apply",
        end_of_support="2027-10-11",
        days_left=405,
        collection_version="0.1.0",
        catalogue_version="1.0",
        catalogue_sha256=hashlib.sha256(b"catalogue").hexdigest(),
        weights=WEIGHTS,
        failed=False,
        stages=(),
    )
    return replace(base, **overrides)  # type-checked by the dataclass itself


def make_view(count: int = 40, seed: int = 1) -> view.ReportView:
    """The report of a run that went well, with `count` VMs in scope; the first six have hostile or odd names."""
    estate = _Estate(count, seed)
    vms = tuple(sorted((estate.vm(number) for number in range(count)), key=lambda vm: vm.id))
    held = Counter(source for vm in vms for source in vm.sources)
    sources = tuple(replace(source, vm_count=held[source.id] + 7, in_scope=held[source.id], age_days=1) for source in estate.sources)
    tally = Tally({rule.id: rule for rule in rules()})
    for vm in vms:
        tally.add(vm)
    verdicts = tally.verdicts()
    causes = count_causes(vms, {rule.id: rule for rule in rules()}, sources)
    by_vcenter, vcenters = tally.settled_by_vcenter(sources)
    excluded = tuple(
        view.ExcludedView(
            f"excluded-{number:04d}",
            f"tmpl-base-{number:04d}",
            ("template", "vCLS agent VM", "SRM placeholder", "inaccessible (orphaned)")[number % 4],
        )
        for number in range(count // 8)
    )
    return _empty(
        headline=headline(HeadlineFigures((), False, verdicts, count, by_vcenter, vcenters)),
        stages=(
            view.StageView("estate", "localhost", "ran", counts={"vms": count, "excluded": len(excluded)}),
            view.StageView("assessment", "localhost", "ran", counts={"vms": count, "rules": len(RULES)}),
        ),
        in_scope=count,
        verdicts=verdicts,
        groups=tally.groups(),
        rules=tally.rules(),
        settle=tally.settle(causes.explained),
        causes=causes.causes,
        settle_sources=tally.settle_sources(sources),
        provisional=sum(entry.provisional for entry in verdicts),
        estate_vm_count=count + len(excluded),
        score_mean=sum(vm.score for vm in vms) / len(vms),
        score_best_mean=sum(vm.score_best for vm in vms) / len(vms),
        sources=sources,
        inputs=(
            view.InputView("annotations.csv", hashlib.sha256(b"annotations.csv").hexdigest()),
            view.InputView("dc1.xlsx", hashlib.sha256(b"dc1.xlsx").hexdigest(), "2026-08-30T18:00:00Z"),
        ),
        conflicts=(
            view.ConflictView(
                "fra-db-erp-00012",
                "memory_mib",
                (("dc1.xlsx", "2026-08-30T18:00:00Z", "65536"), ("dc2.jsonl.gz", "2026-08-31T18:00:00Z", "131072")),
                "newest",
            ),
        ),
        notices=(
            view.ProblemView(
                "3 rows of the annotations match no VM", "annotations.csv, row 12", "Check the names, or add the missing source."
            ),
        ),
        excluded=excluded,
        vms=vms,
    )


def refused_view(count: int = 40) -> view.ReportView:
    """The same report when an account may not read the devices of the VMs of a vCenter, and perhaps cannot see all of them."""
    base = make_view(count)
    live = base.sources[1].id
    reason = view.ReasonView(
        "VM", ("devices", "tpm_present"), "no permission: privilege System.Read is missing", ("vmware.passthrough_device.detected",)
    )
    usage = view.PerformanceView(30, 400, 1830, 5200, 1536, 3072, 6144, None, 900, 20480)
    vms = tuple(
        replace(vm, gaps=tuple(sorted({*vm.gaps, *reason.rules})), provisional=True, reasons=(reason,), performance=usage)
        if vm.sources == (live,) and not any(finding.rule in reason.rules for finding in vm.findings)
        else vm
        for vm in base.vms
    )
    sources = (base.sources[0], replace(base.sources[1], name="vc-north.example.com", type="vcenter", objects={"cluster": 3, "switch": 1}))
    causes = count_causes(vms, {rule.id: rule for rule in rules()}, sources).causes
    caveat = view.ProblemView("VMs may be invisible to the account", "vc-north.example.com", "Give it the role on the root folder.")
    return replace(base, vms=vms, sources=sources, causes=causes, caveats=(caveat,))


def failed_view(with_vms: int = 0) -> view.ReportView:
    """The report after a run in which a source could not be read; with VMs where another source could."""
    problems = (
        view.ProblemView("the column VM is missing", "dc1.xlsx, tab vInfo", "Export the tab vInfo with all its columns."),
        view.ProblemView("'twelve' is not a number", "dc1.xlsx, tab vInfo, row 7, column CPUs", "Correct the cell, or empty it."),
    )
    stages = (
        view.StageView("estate", "localhost", "failed", "dc1.xlsx cannot be read", "Mend the export and run the playbook again.", problems),
        view.StageView("assessment", "localhost", "skipped", "There is no estate to assess."),
    )
    base = make_view(with_vms) if with_vms else _empty(headline="The estate could not be read, so no VM was assessed.")
    return replace(base, failed=True, stages=stages)


def empty_view() -> view.ReportView:
    """The report of a run that went well but found no VM in scope."""
    excluded = (view.ExcludedView("t-1", "tmpl-rhel9", "template"), view.ExcludedView("v-1", "vCLS-1", "vCLS agent VM"))
    return _empty(
        headline="No VM is in scope: all 2 VMs of the estate are excluded.",
        stages=(
            view.StageView("estate", "localhost", "ran", counts={"vms": 0, "excluded": 2}),
            view.StageView("assessment", "localhost", "ran", counts={"vms": 0}),
        ),
        in_scope=0,
        estate_vm_count=2,
        provisional=0,
        verdicts=tuple(view.VerdictCount(verdict) for verdict in view.VERDICTS),
        rules=rules(),
        excluded=excluded,
    )
