# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report views of any size for the tests and benchmarks of the report's formats; a seed gives the same view always."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ansible_collections.groundwork.readiness.plugins.module_utils.report import view
from ansible_collections.groundwork.readiness.plugins.module_utils.report.headline import HeadlineFigures, headline
from ansible_collections.groundwork.readiness.plugins.module_utils.report.tally import Tally

MIB = 1024**2
GIB = 1024**3
WEIGHTS = {"critical": 20, "warning": 5, "information": 1}


@dataclass(frozen=True, slots=True)
class _Rule:
    """What the factory knows of a rule: how often it fails, and whether a workbook can show it."""

    id: str
    category: str
    title: str
    needs: tuple[str, ...]
    rate: float
    evidence: tuple[str, str, str]
    per_disk: bool = False
    in_workbook: bool = True


_RULES = (
    _Rule(
        "vmware.datastore.missing",
        "critical",
        "A disk has no datastore",
        ("disks.datastore",),
        0.004,
        ("datastore", "", "a datastore"),
        True,
    ),
    _Rule(
        "vmware.disk.capacity.invalid",
        "critical",
        "A disk has no valid size",
        ("disks.capacity_bytes",),
        0.003,
        ("capacity_bytes", "0", "> 0"),
        True,
    ),
    _Rule(
        "vmware.guestDisks.freespace",
        "critical",
        "Too little free space for the conversion",
        ("partitions",),
        0.05,
        ("free_bytes", "41943040", ">= 104857600"),
    ),
    _Rule(
        "vmware.passthrough_device.detected",
        "critical",
        "A host device is passed through",
        ("devices",),
        0.02,
        ("devices", "pci 0000:3b:00.0", "none"),
        False,
        False,
    ),
    _Rule(
        "vmware.changed_block_tracking.disabled",
        "warning",
        "Changed block tracking is off",
        ("change_tracking_enabled",),
        0.35,
        ("change_tracking_enabled", "false", "true"),
    ),
    _Rule(
        "vmware.changed_block_tracking.disk.disabled",
        "warning",
        "A disk is not tracked for changes",
        ("disks.change_tracking_enabled",),
        0.3,
        ("change_tracking_enabled", "false", "true"),
        True,
    ),
    _Rule(
        "vmware.consolidation_needed",
        "warning",
        "Disks need consolidation",
        ("consolidation_needed",),
        0.02,
        ("consolidation_needed", "true", "false"),
    ),
    _Rule(
        "vmware.cpu_affinity.detected",
        "warning",
        "Bound to processors of its host",
        ("cpu_affinity",),
        0.01,
        ("cpu_affinity", "0, 1, 2, 3", "none"),
        False,
        False,
    ),
    _Rule(
        "vmware.cpu_memory.hotplug.enabled",
        "warning",
        "CPU or memory hot-add is on",
        ("cpu_hot_add_enabled",),
        0.3,
        ("cpu_hot_add_enabled", "true", "false"),
    ),
    _Rule("vmware.disk.count.exceeds.limit", "warning", "More disks than can be attached", ("disks",), 0.001, ("disks", "170", "<= 165")),
    _Rule(
        "vmware.disk_mode.independent",
        "warning",
        "A disk is independent of snapshots",
        ("disks.mode",),
        0.03,
        ("mode", "independent_persistent", "persistent"),
        True,
    ),
    _Rule(
        "vmware.host_affinity.detected",
        "warning",
        "Tied to hosts by a DRS rule",
        ("drs_rules",),
        0.03,
        ("drs_rules", "licence-hosts", "none"),
        False,
        False,
    ),
    _Rule(
        "vmware.hostname.empty", "warning", "The guest reports no host name", ("guest_hostname",), 0.04, ("guest_hostname", "", "a name")
    ),
    _Rule(
        "vmware.hostname.default",
        "warning",
        "The guest's host name is the default one",
        ("guest_hostname",),
        0.01,
        ("guest_hostname", "localhost.localdomain", "a name of its own"),
    ),
    _Rule(
        "vmware.vm_missing_ip.detected",
        "warning",
        "The guest reports no address",
        ("nics.ip_addresses",),
        0.06,
        ("ip_addresses", "none", "one or more"),
    ),
    _Rule(
        "vmware.vm.name.invalid",
        "warning",
        "The name cannot be used on the target",
        ("name",),
        0.08,
        ("name", "", "letters, digits, hyphen and dot, under 64"),
    ),
    _Rule(
        "vmware.numa_affinity.detected",
        "warning",
        "Bound to a NUMA node",
        ("numa_affinity",),
        0.01,
        ("numa_affinity", "0", "none"),
        False,
        False,
    ),
    _Rule(
        "vmware.disk.rdm.detected",
        "warning",
        "A disk is a raw device mapping",
        ("disks.raw_device",),
        0.04,
        ("raw_device", "true", "false"),
        True,
    ),
    _Rule(
        "vmware.disk.shared.detected",
        "warning",
        "A disk is shared with another VM",
        ("disks.sharing",),
        0.03,
        ("path", "[ds] shared/quorum.vmdk", "used by one VM"),
        True,
    ),
    _Rule(
        "vmware.device.sriov.detected",
        "warning",
        "An SR-IOV network adapter is attached",
        ("devices",),
        0.01,
        ("devices", "VirtualSriovEthernetCard", "none"),
        False,
        False,
    ),
    _Rule(
        "vmware.tpm.detected",
        "warning",
        "A virtual TPM is attached",
        ("tpm_present",),
        0.05,
        ("tpm_present", "true", "false"),
        False,
        False,
    ),
    _Rule(
        "vmware.usb_controller.detected",
        "warning",
        "A USB controller is attached",
        ("controllers",),
        0.2,
        ("controllers", "usbXhci", "none"),
    ),
    _Rule(
        "vmware.os.unsupported",
        "warning",
        "The guest OS is not supported on the target",
        ("guest_os_id",),
        0.3,
        ("guest_os_id", "", "a supported guest OS"),
    ),
    _Rule(
        "vmware.disk_serial.truncated",
        "information",
        "Disk serial numbers get shorter",
        ("disk_enable_uuid",),
        0.2,
        ("disk_enable_uuid", "true", "false"),
    ),
    _Rule(
        "vmware.dpm.enabled",
        "information",
        "The cluster powers hosts down by itself",
        ("cluster.dpm_enabled",),
        0.1,
        ("dpm_enabled", "true", "false"),
    ),
    _Rule(
        "vmware.drs.enabled",
        "information",
        "The cluster balances load by DRS",
        ("cluster.drs_enabled",),
        0.7,
        ("drs_enabled", "true", "false"),
    ),
    _Rule(
        "vmware.fault_tolerance.enabled",
        "information",
        "Fault Tolerance protects it",
        ("fault_tolerance",),
        0.01,
        ("fault_tolerance", "running", "none"),
    ),
    _Rule(
        "vmware.guestDisks.key.not_found",
        "information",
        "A partition cannot be matched to its disk",
        ("partitions.disk_key",),
        0.1,
        ("disk_key", "none", "a key"),
        False,
        False,
    ),
    _Rule("vmware.snapshot.detected", "information", "It has snapshots", ("snapshots",), 0.12, ("snapshots", "before patch", "none")),
)
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
        for rule in _RULES
    )


def _sources(captured: str) -> tuple[view.SourceView, ...]:
    hidden = tuple(rule.id for rule in _RULES if not rule.in_workbook)
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
        view.SourceView(f"dc1.xlsx@{sha[0][:8]}", "dc1.xlsx", "rvtools", sha[0], captured, "4.7.1.4", 0, not_seen, (notice,), hidden),
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
        for rule in _RULES:
            if rule.id in source.gaps or (not known and rule.id in ("vmware.os.unsupported", "vmware.guestDisks.freespace")):
                gaps.append(rule.id)
            elif rule.id == "vmware.guestDisks.key.not_found" and self.random.random() < 0.4:
                not_applicable.append(rule.id)
            elif self.random.random() < 0.01:
                gaps.append(rule.id)
            elif self.random.random() < rule.rate:
                findings.append(view.FindingView(rule.id, "fail", tuple(self._evidence(rule, name, disks))))
        return tuple(findings), tuple(gaps), tuple(not_applicable)

    def _evidence(self, rule: _Rule, name: str, disks: int) -> Iterable[view.EvidenceView]:
        field, observed, expected = rule.evidence
        if not rule.per_disk:
            yield view.EvidenceView(name, field, observed, expected)
            return
        for disk in range(1, self.random.randint(1, disks) + 1):
            yield view.EvidenceView(
                f"Hard disk {disk}, [ds-{self.random.randint(1, 60):02d}] {name}/{name}_{disk}.vmdk", field, observed, expected
            )


def _verdict(findings: Sequence[view.FindingView], gaps: Sequence[str], known: bool) -> tuple[str, bool]:
    category = {rule.id: rule.category for rule in _RULES}
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
    weight = {rule.id: WEIGHTS[rule.category] for rule in _RULES}
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
            view.StageView("assessment", "localhost", "ran", counts={"vms": count, "rules": len(_RULES)}),
        ),
        in_scope=count,
        verdicts=verdicts,
        groups=tally.groups(),
        rules=tally.rules(),
        settle=tally.settle(),
        settle_sources=tally.settle_sources(sources),
        provisional=sum(entry.provisional for entry in verdicts),
        estate_vm_count=count + len(excluded),
        score_mean=sum(vm.score for vm in vms) / len(vms),
        score_best_mean=sum(vm.score_best for vm in vms) / len(vms),
        sources=sources,
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
        verdicts=tuple(view.VerdictCount(verdict) for verdict in view.VERDICTS),
        rules=rules(),
        excluded=excluded,
    )
