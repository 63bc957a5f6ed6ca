# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The view of a plan, made in one pass over its records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timezone, tzinfo
from typing import Any, Final, TypeAlias

from ..common.artifact import JsonRecord
from .dates import moment
from .plan_texts import plan_headline
from .plan_view import (
    CONDITION_CATEGORIES,
    DRY_RUNS,
    ClassUseView,
    ConditionView,
    FitView,
    FreedHostView,
    ManifestView,
    MoveGroupView,
    NetworkMapView,
    NodeUseView,
    PlanView,
    PreflightFindingView,
    RateView,
    ReleaseStep,
    ReleaseView,
    ShortageView,
    StorageMapView,
    TargetReportView,
    TieView,
    VmPlanView,
    WaveView,
)
from .plan_vms import PlannedVms, count_views, methods_of, risks_of

ZoneOf: TypeAlias = Callable[[str], "tzinfo | None"]
"""A time zone by its name; None for one that this machine does not know."""

MAX_ASSUMPTIONS: Final = 12


def utc_alone(name: str) -> tzinfo | None:
    """Knows UTC and no other zone."""
    return timezone.utc if name == "UTC" else None


class PlanReading:
    """Takes the records of `plan.jsonl` in any order of kinds; `vms` can be asked once all were taken."""

    def __init__(self, records: Iterable[JsonRecord], vcenter_name: Callable[[str], str], zone_of: ZoneOf) -> None:
        self._records: dict[str, list[JsonRecord]] = {}
        self._vms = PlannedVms()
        self._findings: list[PreflightFindingView] = []
        self._texts: dict[str, str] = {}
        self._vcenter_name = vcenter_name
        for record in records:
            kind = record["kind"]
            if kind == "vm":
                self._vms.take(record)
            elif kind == "finding":
                self._findings.append(self._finding(record))
            else:
                self._records.setdefault(kind, []).append(record)
        self._basis: JsonRecord = self._one("basis")
        self._zone_name = str(self._basis.get("time_zone", "UTC"))
        zone = zone_of(self._zone_name)
        if zone is None:
            self._zone_name = "UTC"
        self._zone = zone or timezone.utc

    @property
    def vms(self) -> Mapping[str, VmPlanView]:
        """VM id to what the plan makes of it."""
        return self._vms.views

    def view(self, target: TargetReportView | None) -> PlanView:
        """The plan as a whole; `target` adds what the nodes and classes of the cluster have."""
        basis, placed = self._basis, self._vms.placed()
        plan = PlanView(
            headline="",
            target=str(basis.get("target_name") or basis.get("target", "")),
            first_day=str(basis.get("first_day", "")),
            time_zone=self._zone_name,
            states=self._vms.states(),
            waves=self._waves(),
            kept_out=self._vms.kept_out(),
            settle=self._vms.settle(),
            methods=methods_of(placed),
            risks=risks_of(placed),
            rates=self._rates(),
            calibration=str(basis.get("calibration", "")),
            currency=str(basis.get("currency", "")),
            accepted=texts(basis.get("accepted")),
            notes=texts(basis.get("notes")),
            assumptions=count_views((text for view in placed for text in view.assumptions), MAX_ASSUMPTIONS),
            groups=self._groups(),
            orders=len(self._all("order")),
            spreads=tuple(str(record.get("name", record["id"])) for record in self._all("spread")),
            networks=self._networks(),
            storage=self._storage(),
            fit=self._fit(target),
            conditions=self._conditions(),
            findings=tuple(self._findings),
            manifests=self._manifests(),
            releases=self._releases(),
            freed_hosts=self._freed_hosts(),
        )
        return replace(plan, headline=plan_headline(plan))

    def _all(self, kind: str) -> list[JsonRecord]:
        return self._records.get(kind, [])

    def _one(self, kind: str) -> JsonRecord:
        return next(iter(self._all(kind)), {})

    def _once(self, text: str) -> str:
        return self._texts.setdefault(text, text)

    def _finding(self, record: JsonRecord) -> PreflightFindingView:
        names = ("condition", "category", "object", "vm_id", "result", "observed", "expected", "remedy")
        return PreflightFindingView(*(self._once(str(record.get(name, ""))) for name in names))

    def _local(self, text: str) -> str:
        """A moment of an artifact in the plan's time zone; one that cannot be read stays as it is."""
        try:
            return moment(text).astimezone(self._zone).isoformat()
        except ValueError:
            return text

    def _waves(self) -> tuple[WaveView, ...]:
        found = (
            WaveView(
                number=int(record.get("number", 0)),
                window=str(record.get("window", "")),
                start=self._local(str(record.get("start", ""))),
                end=self._local(str(record.get("end", ""))),
                finished=bool(record.get("finished")),
                begun=bool(record.get("begun")),
                vm_count=int(record.get("vm_count", 0)),
                warm_count=int(record.get("warm_count", 0)),
                high_risk_count=int(record.get("high_risk_count", 0)),
                copy_bytes=int(record.get("copy_bytes", 0)),
                elapsed_p50_minutes=float(record.get("elapsed_p50_minutes", 0.0)),
                elapsed_p90_minutes=float(record.get("elapsed_p90_minutes", 0.0)),
                planner_minutes=record.get("planner_minutes"),
                bottleneck=str(record.get("bottleneck", "")),
                plans=texts(record.get("plans")),
                first_copy_bytes=int(record.get("first_copy_bytes", 0)),
                first_copy_p90_minutes=float(record.get("first_copy_p90_minutes", 0.0)),
                start_by=self._local(str(record["start_by"])) if record.get("start_by") else "",
            )
            for record in self._all("wave")
        )
        return tuple(sorted(found, key=lambda wave: wave.number))

    def _rates(self) -> tuple[RateView, ...]:
        given, measured = set(texts(self._basis.get("rates_given"))), set(texts(self._basis.get("rates_measured")))
        rates: Mapping[str, Any] = self._basis.get("rates", {})
        return tuple(
            RateView(name, str(value), "measured" if name in measured else "given" if name in given else "assumed")
            for name, value in rates.items()
        )

    def _groups(self) -> tuple[MoveGroupView, ...]:
        found = []
        for record in self._all("group"):
            ids = texts(record.get("vm_ids"))
            waves = {view.wave for view in (self.vms.get(identity) for identity in ids) if view is not None and view.wave is not None}
            ties = tuple(
                TieView(str(tie.get("kind", "")), str(tie.get("name", "")), self._names(texts(tie.get("vm_ids"))))
                for tie in record.get("ties", ())
            )
            found.append(MoveGroupView(record["id"], min(waves, default=None), self._names(ids), ties))
        return tuple(found)

    def _names(self, identities: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(self._vms.name(identity) for identity in identities))

    def _networks(self) -> tuple[NetworkMapView, ...]:
        """The unmapped first, then those that are least certain."""
        found = (
            NetworkMapView(
                name=str(record.get("name", record["id"])),
                vcenter=self._vcenter_name(str(record.get("vcenter", ""))),
                vlan=str(record.get("vlan", "")),
                type=str(record.get("type", "")),
                namespace=str(record.get("namespace", "")),
                destination=str(record.get("destination", "")),
                confidence=record.get("confidence"),
                reason=str(record.get("reason", "")),
                vm_count=int(record.get("vm_count", 0)),
                proposal=str(record.get("proposal", "")),
            )
            for record in self._all("network")
        )
        return tuple(sorted(found, key=lambda entry: (entry.type != "", entry.confidence or 0, -entry.vm_count, entry.name, entry.vcenter)))

    def _storage(self) -> tuple[StorageMapView, ...]:
        found = (
            StorageMapView(
                name=str(record.get("name", record["id"])),
                vcenter=self._vcenter_name(str(record.get("vcenter", ""))),
                storage_class=str(record.get("storage_class", "")),
                access_mode=str(record.get("access_mode", "")),
                volume_mode=str(record.get("volume_mode", "")),
                confidence=record.get("confidence"),
                reason=str(record.get("reason", "")),
                vm_count=int(record.get("vm_count", 0)),
                capacity_bytes=int(record.get("capacity_bytes", 0)),
            )
            for record in self._all("storage")
        )
        return tuple(
            sorted(found, key=lambda entry: (entry.storage_class != "", entry.confidence or 0, -entry.vm_count, entry.name, entry.vcenter))
        )

    def _fit(self, target: TargetReportView | None) -> FitView:
        fit = self._one("fit")
        return FitView(
            evaluated=bool(fit.get("evaluated")),
            reason=str(fit.get("reason", "")),
            policy={str(name): str(value) for name, value in fit.get("policy", {}).items()},
            fitting=int(fit.get("fitting", 0)),
            fitting_without_wave=int(fit.get("fitting_without_wave", 0)),
            misfits=int(fit.get("misfits", 0)),
            not_evaluated=texts(fit.get("not_evaluated")),
            left_out={str(name): str(why) for name, why in fit.get("left_out", {}).items()},
            more_nodes=texts(fit.get("more_nodes")),
            nodes=self._nodes(target, texts(fit.get("reserved"))),
            shortages=tuple(_shortage(record) for record in self._all("shortage")),
            classes=self._classes(target),
        )

    def _nodes(self, target: TargetReportView | None, reserved: Iterable[str]) -> tuple[NodeUseView, ...]:
        """The nodes that the plan may use, those that take most memory first."""
        known = {node.name: node for node in target.nodes} if target else {}
        kept = set(reserved)
        found = []
        for record in self._all("node"):
            cpu, memory = int(record.get("cpu_millicores", 0)), int(record.get("memory_bytes", 0))
            node = known.get(record["id"])
            view = NodeUseView(
                name=record["id"],
                vm_count=int(record.get("vm_count", 0)),
                reserved=record["id"] in kept,
                plan_cpu_millicores=cpu,
                plan_memory_bytes=memory,
                free_cpu_millicores=int(record.get("free_cpu_millicores", 0)) - cpu,
                free_memory_bytes=int(record.get("free_memory_bytes", 0)) - memory,
                requested_cpu_millicores=node.requested_cpu_millicores if node else None,
                requested_memory_bytes=node.requested_memory_bytes if node else None,
            )
            found.append(view)
        return tuple(sorted(found, key=lambda view: (-view.plan_memory_bytes, view.reserved, view.name)))

    def _classes(self, target: TargetReportView | None) -> tuple[ClassUseView, ...]:
        mapped: dict[str, int] = {}
        for record in self._all("storage"):
            if record.get("storage_class"):
                mapped[record["storage_class"]] = mapped.get(record["storage_class"], 0) + int(record.get("capacity_bytes", 0))
        free = {entry.name: entry.free_bytes for entry in target.classes} if target else {}
        names = sorted({*mapped, *free}, key=lambda name: (-mapped.get(name, 0), name))
        return tuple(ClassUseView(name, mapped.get(name, 0), free.get(name)) for name in names)

    def _conditions(self) -> tuple[ConditionView, ...]:
        """The gravest category first, in it what failed most."""
        rank = {category: place for place, category in enumerate(CONDITION_CATEGORIES)}
        found = (
            ConditionView(
                id=record["id"],
                category=str(record.get("category", "")),
                origin=str(record.get("origin", "")),
                title=str(record.get("title", record["id"])),
                passed=int(record.get("passed", 0)),
                failed=int(record.get("failed", 0)),
                not_evaluated=int(record.get("not_evaluated", 0)),
                not_applicable=int(record.get("not_applicable", 0)),
            )
            for record in self._all("condition")
        )
        return tuple(sorted(found, key=lambda entry: (not entry.failed, rank.get(entry.category, len(rank)), -entry.failed, entry.id)))

    def _manifests(self) -> tuple[ManifestView, ...]:
        rank = {state: place for place, state in enumerate(DRY_RUNS)}
        found = (
            ManifestView(
                path=record["id"],
                object_kind=str(record.get("object_kind", "")),
                name=str(record.get("name", "")),
                namespace=str(record.get("namespace", "")),
                wave=record.get("wave"),
                apply=bool(record.get("apply")),
                purpose=str(record.get("purpose", "")),
                dry_run=str(record.get("dry_run", "")),
                dry_run_message=str(record.get("dry_run_message", "")),
            )
            for record in self._all("manifest")
        )
        return tuple(sorted(found, key=lambda entry: (rank.get(entry.dry_run, len(rank)), entry.path)))

    def _releases(self) -> tuple[ReleaseView, ...]:
        by_cluster: dict[str, list[JsonRecord]] = {}
        for record in self._all("release"):
            by_cluster.setdefault(str(record.get("cluster_id", record["id"])), []).append(record)
        found = [_released(sorted(records, key=lambda record: int(record.get("wave", 0)))) for records in by_cluster.values()]
        return tuple(sorted(found, key=lambda view: (-view.steps[-1].hosts, view.cluster)))

    def _freed_hosts(self) -> tuple[FreedHostView, ...]:
        """Hosts in the order in which they come free."""
        clusters = {str(record.get("cluster_id", "")): str(record.get("name", "")) for record in self._all("release")}
        found = (
            FreedHostView(
                name=str(record.get("name", record["id"])),
                cluster=clusters.get(str(record.get("cluster_id", "")), ""),
                wave=record.get("wave"),
                cores=int(record.get("cpu_core_count", 0)),
                memory_mib=int(record.get("memory_mib", 0)),
                cpu_model=str(record.get("cpu_model", "")),
                cpu_baseline=str(record.get("cpu_baseline", "")),
                devices=record.get("devices", {}),
            )
            for record in self._all("freed_host")
        )
        return tuple(sorted(found, key=lambda host: (host.wave or 0, host.cluster, host.name)))


def _shortage(record: JsonRecord) -> ShortageView:
    return ShortageView(
        resource=record["id"],
        needed=int(record.get("needed", 0)),
        available=int(record.get("available", 0)),
        unit=str(record.get("unit", "")),
        proof=str(record.get("proof", "")),
        proven=bool(record.get("proven", True)),
        remedy=str(record.get("remedy", "")),
    )


def _released(records: list[JsonRecord]) -> ReleaseView:
    steps = tuple(
        ReleaseStep(
            wave=int(record.get("wave", 0)),
            vms_left=int(record.get("vms_left", 0)),
            hosts=int(record.get("hosts_released", 0)),
            cores=int(record.get("cores_released", 0)),
            licensed_cores=record.get("licensed_cores_released"),
            memory_mib=int(record.get("memory_mib_released", 0)),
            saved_per_year=record.get("saved_per_year"),
            hosts_now=record.get("hosts_released_with_wave"),
            cores_now=record.get("cores_released_with_wave"),
            licensed_cores_now=record.get("licensed_cores_released_with_wave"),
            memory_mib_now=record.get("memory_mib_released_with_wave"),
            cpus=record.get("cpus_released"),
            cpu_unknown=record.get("hosts_cpu_unknown"),
            devices=record.get("devices_released", {}),
        )
        for record in records
    )
    first = records[0]
    empty = next((int(record.get("wave", 0)) for record in records if record.get("empty")), None)
    return ReleaseView(str(first.get("name", first["id"])), int(first.get("hosts", 0)), empty, steps)


def texts(value: object) -> tuple[str, ...]:
    """A list of an artifact as texts; nothing where it is absent."""
    return tuple(str(entry) for entry in value) if isinstance(value, (list, tuple)) else ()
