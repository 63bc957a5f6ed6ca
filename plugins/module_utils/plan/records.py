# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records of `plan.jsonl`, kind by kind, in the order in which an artifact has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, Final

from ..common.artifact import JsonRecord
from ..target.view import TargetView
from .conditions.catalogue import CONDITIONS
from .conditions.findings import Preflight
from .duration import planner_minutes
from .fit import used_by
from .model import GIB, HIGH, PLACED, UNPLACED, WARM, Constraint, Manifest, MoreNodes, NetworkChoice, PlanVm, StorageChoice, Wave
from .needs import sizing_of
from .parsing import RATES
from .planner import Plan
from .release import ACCELERATORS_KNOWN, FreedHost, Release, cpus_of, devices_of, licensed_of
from .settings_shown import calendar_basis, wave_basis

DIGITS: Final = 3
"""Decimal places of minutes."""


def moment_text(moment: datetime) -> str:
    """A moment as artifacts write it."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def wave_id(number: int) -> str:
    """The id of a wave; numbers sort as texts."""
    return f"wave-{number:04d}"


class PlanRecords:
    """Makes the records of one plan. `tried` maps the path of a manifest to (state, message) of its dry run."""

    def __init__(
        self,
        plan: Plan,
        preflight: Preflight | None,
        releases: Sequence[Release],
        tried: Mapping[str, tuple[str, str]],
        manifest_folder: str,
    ) -> None:
        self._plan = plan
        self._preflight = preflight
        self._releases = releases
        self._tried = tried
        self._folder = manifest_folder
        self._wave_of = {vm_id: wave.number for wave in plan.schedule.waves for vm_id in wave.vm_ids}
        self._fitted = used_by(plan.fit, plan.needs, self._wave_of) if plan.fit is not None else None
        self._group_of = {vm_id: group.id for group in plan.grouping.groups if len(group.vm_ids) > 1 for vm_id in group.vm_ids}
        batches = plan.manifests.batches if plan.manifests else ()
        self._plan_of = {vm_id: batch.name for batch in batches for vm_id in batch.vm_ids}
        self._plans_of_wave: dict[int, list[str]] = {}
        for batch in batches:
            self._plans_of_wave.setdefault(batch.wave, []).append(batch.name)

    def all(self) -> Iterator[JsonRecord]:
        """Every record, sorted by kind and id."""
        for records in (
            [self._basis()],
            self._conditions(),
            self._findings(),
            self._fit(),
            self._freed_hosts(),
            self._groups(),
            self._manifests(),
            self._networks(),
            self._nodes(),
            self._orders(),
            self._release_records(),
            self._shortages(),
            self._spreads(),
            self._storage(),
            self._vms(),
            self._waves(),
        ):
            yield from sorted(records, key=lambda record: record["id"])

    def states(self) -> dict[str, str]:
        """VM id to its state."""
        return {vm.id: self._state(vm.id) for vm in self._plan.given.vms}

    def _state(self, vm_id: str) -> str:
        other = self._plan.candidates.others.get(vm_id)
        if other is not None:
            return other.state
        return PLACED if vm_id in self._wave_of else UNPLACED

    # ---- what the plan rests on ------------------------------------------------------------------------------------

    def _basis(self) -> JsonRecord:
        given, moves = self._plan.given, self._plan.moves
        cluster = given.target.cluster if given.target is not None else None
        rates = moves.calibration.rates
        record: JsonRecord = {"kind": "basis", "id": "basis"}
        if cluster is not None:
            record["target"] = cluster["id"]
            if "name" in cluster:
                record["target_name"] = cluster["name"]
        return {
            **record,
            **calendar_basis(given.settings),
            **wave_basis(given.settings),
            "rates": {name: f"{getattr(rates, name):g}" for name in RATES},
            "rates_given": sorted(rates.given),
            "rates_measured": list(moves.calibration.measured),
            "calibration": moves.calibration.note,
            "currency": given.settings.prices.currency,
            "accepted": sorted(given.settings.accept_unknown),
            "notes": list(self._plan.notes),
        }

    # ---- preflight and manifests -----------------------------------------------------------------------------------

    def _conditions(self) -> Iterator[JsonRecord]:
        counts = self._preflight.counts if self._preflight is not None else {}
        for condition in CONDITIONS.values() if self._preflight is not None else ():
            found = counts[condition.id]
            yield {
                "kind": "condition",
                "id": condition.id,
                "category": condition.category,
                "origin": condition.origin,
                "title": condition.title,
                "passed": found.passed,
                "failed": found.failed,
                "not_evaluated": found.not_evaluated,
                "not_applicable": found.not_applicable,
            }

    def _findings(self) -> Iterator[JsonRecord]:
        results = self._preflight.results if self._preflight is not None else ()
        seen: dict[str, int] = {}
        for result in results:
            identity = "/".join(filter(None, (result.condition, result.object, result.vm_id)))
            seen[identity] = seen.get(identity, 0) + 1
            yield {
                "kind": "finding",
                "id": identity if seen[identity] == 1 else f"{identity}#{seen[identity]}",
                "condition": result.condition,
                "category": result.category,
                "object": result.object,
                "vm_id": result.vm_id,
                "result": result.result,
                "observed": result.observed,
                "expected": result.expected,
                "remedy": result.remedy,
            }

    def _manifests(self) -> Iterator[JsonRecord]:
        for manifest in self._plan.manifests.manifests if self._plan.manifests else ():
            yield self._manifest(manifest)

    def _manifest(self, manifest: Manifest) -> JsonRecord:
        metadata: Mapping[str, Any] = manifest.object.get("metadata", {})
        state, message = self._tried.get(manifest.path, ("not_tried", "no cluster was given for a dry run"))
        record: JsonRecord = {
            "kind": "manifest",
            "id": f"{self._folder}/{manifest.path}",
            "name": metadata.get("name", ""),
            "api_version": manifest.object.get("apiVersion", ""),
            "object_kind": manifest.object.get("kind", ""),
            "namespace": metadata.get("namespace", ""),
        }
        if manifest.wave is not None:
            record["wave"] = manifest.wave
        return {**record, "apply": manifest.apply, "purpose": manifest.purpose, "dry_run": state, "dry_run_message": message}

    # ---- fit -------------------------------------------------------------------------------------------------------

    def _fit(self) -> Iterator[JsonRecord]:
        fitted = self._fitted
        if fitted is None:
            yield {"kind": "fit", "id": "fit", "evaluated": False, "reason": "no target was read"}
            return
        policy = self._plan.given.settings.fit
        sizing = sizing_of(policy, self._plan.given.target or TargetView(()))
        shown = {
            "cpu_overcommit": f"{sizing.vcpus_per_cpu:g}",
            "memory_overcommit": f"{sizing.memory_percent / 100:g}",
            "basis": policy.basis,
            "spare_nodes": str(policy.spare_nodes),
            "storage_headroom_percent": f"{policy.storage_headroom_percent:g}",
            "live_migration": "yes" if policy.live_migration else "no",
            "cpu_baseline": policy.cpu_baseline,
        }
        yield {
            "kind": "fit",
            "id": "fit",
            "evaluated": fitted.evaluated,
            "reason": fitted.reason,
            "policy": shown,
            "fitting": len(fitted.node_of) if fitted.evaluated else 0,
            "fitting_without_wave": len(fitted.without_wave) if fitted.evaluated else 0,
            "misfits": len(fitted.misfits),
            "not_evaluated": [f"{entry.object}: {entry.message}" if entry.object else entry.message for entry in fitted.not_evaluated],
            "reserved": list(fitted.reserved),
            "left_out": dict(sorted(fitted.excluded.items())),
            "more_nodes": [_more_nodes(entry) for entry in fitted.more_nodes],
        }

    def _nodes(self) -> Iterator[JsonRecord]:
        for use in self._fitted.nodes if self._fitted else ():
            yield {
                "kind": "node",
                "id": use.node,
                "vm_count": use.vm_count,
                "cpu_millicores": use.cpu_millicores,
                "memory_bytes": use.memory_bytes,
                "free_cpu_millicores": use.free_cpu_millicores,
                "free_memory_bytes": use.free_memory_bytes,
            }

    def _shortages(self) -> Iterator[JsonRecord]:
        for shortage in self._plan.fit.shortages if self._plan.fit else ():
            yield {
                "kind": "shortage",
                "id": shortage.resource,
                "needed": shortage.needed,
                "available": shortage.available,
                "unit": shortage.unit,
                "proof": shortage.proof,
                "proven": shortage.proven,
                "remedy": shortage.remedy,
            }

    # ---- groups, mapping -------------------------------------------------------------------------------------------

    def _groups(self) -> Iterator[JsonRecord]:
        for group in self._plan.grouping.groups:
            if len(group.vm_ids) > 1:
                ties = [{"kind": tie.kind, "name": tie.name, "vm_ids": list(tie.vm_ids)} for tie in group.reasons]
                yield {"kind": "group", "id": group.id, "vm_ids": list(group.vm_ids), "ties": ties}

    def _orders(self) -> Iterator[JsonRecord]:
        for order in self._plan.grouping.orders:
            identity = f"{order.before} before {order.after}"
            yield {"kind": "order", "id": identity, "before": order.before, "after": order.after, "reason": order.reason}

    def _spreads(self) -> Iterator[JsonRecord]:
        for number, spread in enumerate(self._plan.grouping.spreads, 1):
            yield {"kind": "spread", "id": f"{spread.name} ({number})", "name": spread.name, "vm_ids": list(spread.vm_ids)}

    def _networks(self) -> Iterator[JsonRecord]:
        for choice in self._plan.places.networks:
            yield self._network(choice)

    def _network(self, choice: NetworkChoice) -> JsonRecord:
        record: JsonRecord = {"kind": "network", "id": choice.record_id, "name": choice.source_name}
        record.update(source=choice.source_id, vcenter=choice.vcenter, vlan=choice.vlan)
        if choice.type:
            record.update(type=choice.type, namespace=choice.namespace, destination=choice.name)
        record.update(confidence=choice.confidence, reason=choice.reason, vm_count=choice.vm_count)
        if choice.proposal is not None:
            record["proposal"] = str(choice.proposal.get("metadata", {}).get("name", ""))
        return record

    def _storage(self) -> Iterator[JsonRecord]:
        for choice in self._plan.places.storage:
            yield self._store(choice)

    def _store(self, choice: StorageChoice) -> JsonRecord:
        record: JsonRecord = {"kind": "storage", "id": choice.record_id, "name": choice.source_name}
        record.update(source=choice.source_id, vcenter=choice.vcenter)
        if choice.storage_class:
            record.update(storage_class=choice.storage_class, access_mode=choice.access_mode, volume_mode=choice.volume_mode)
        record.update(confidence=choice.confidence, reason=choice.reason, vm_count=choice.vm_count, capacity_bytes=choice.bytes)
        return record

    # ---- waves and VMs ---------------------------------------------------------------------------------------------

    def _waves(self) -> Iterator[JsonRecord]:
        vms = {vm.id: vm for vm in self._plan.given.vms}
        for wave in self._plan.schedule.waves:
            yield self._wave(wave, [vms[vm_id] for vm_id in wave.vm_ids if vm_id in vms])

    def _wave(self, wave: Wave, vms: Sequence[PlanVm]) -> JsonRecord:
        moves = self._plan.moves
        return {
            "kind": "wave",
            "id": wave_id(wave.number),
            "number": wave.number,
            "window": wave.slot.window,
            "start": moment_text(wave.slot.start),
            "end": moment_text(wave.slot.end),
            "finished": wave.finished,
            "begun": wave.begun,
            "vm_count": len(wave.vm_ids),
            "warm_count": sum(vm.id in moves.methods and moves.methods[vm.id].method == WARM for vm in vms),
            "high_risk_count": sum(vm.id in moves.risks and moves.risks[vm.id].level == HIGH for vm in vms),
            "copy_bytes": wave.bytes,
            **_first_copy(wave),
            "elapsed_p50_minutes": round(wave.elapsed_p50_minutes, DIGITS),
            "elapsed_p90_minutes": round(wave.elapsed_p90_minutes, DIGITS),
            "planner_minutes": round(planner_minutes(vms), DIGITS),
            "bottleneck": wave.bottleneck,
            "plans": sorted(self._plans_of_wave.get(wave.number, ())),
        }

    def _vms(self) -> Iterator[JsonRecord]:
        for vm in self._plan.given.vms:
            yield self._vm(vm)

    def _vm(self, vm: PlanVm) -> JsonRecord:
        plan, state = self._plan, self._state(vm.id)
        record: JsonRecord = {"kind": "vm", "id": vm.id, "name": vm.name, "state": state, "moref": vm.moref, "vcenter": vm.vcenter}
        if vm.owner:
            record["owner"] = vm.owner
        if vm.id in self._wave_of:
            record["wave"] = self._wave_of[vm.id]
        other = plan.candidates.others.get(vm.id)
        if vm.id not in plan.given.out_of_scope:
            record.update(verdict=vm.verdict, provisional=vm.provisional)
        if other is not None:
            record["reason"] = other.reason
            if other.settle:
                record["settle"] = list(other.settle)
            return record
        if vm.id in self._group_of:
            record["group"] = self._group_of[vm.id]
        record.update(self._how(vm), **self._where(vm))
        if vm.id in plan.candidates.accepted:
            record["accepted"] = list(plan.candidates.accepted[vm.id])
        if state == PLACED:
            record["reasons"] = list(plan.schedule.reasons.get(vm.id, ()))
        else:
            record["blocked_by"] = [_blocker(entry) for entry in plan.blockers.get(vm.id, ())]
        return record

    def _how(self, vm: PlanVm) -> JsonRecord:
        moves = self._plan.moves
        method, risk, duration = moves.methods[vm.id], moves.risks[vm.id], moves.durations[vm.id]
        record: JsonRecord = {
            "method": method.method,
            "method_reasons": list(method.reasons),
            "risk": risk.level,
            "risk_points": risk.points,
            "risk_reasons": list(risk.reasons),
            "copy_bytes": duration.copy_bytes,
            "elapsed_p50_minutes": round(duration.elapsed_p50_minutes, DIGITS),
            "elapsed_p90_minutes": round(duration.elapsed_p90_minutes, DIGITS),
            "downtime_p50_minutes": round(duration.downtime_p50_minutes, DIGITS),
            "downtime_p90_minutes": round(duration.downtime_p90_minutes, DIGITS),
            "bottleneck": duration.bottleneck,
            "assumptions": list(duration.assumptions),
        }
        downtime = self._plan.downtimes.get(vm.id)
        if downtime is not None:
            record["wave_downtime_p90_minutes"] = round(downtime, DIGITS)
        tolerance = self._plan.given.settings.method.tolerance(vm)
        if tolerance is not None:
            minutes = duration.downtime_p90_minutes if downtime is None else downtime
            record["downtime_tolerance_minutes"] = tolerance
            record["within_tolerance"] = minutes <= tolerance
        return record

    def _where(self, vm: PlanVm) -> JsonRecord:
        plan = self._plan
        record: JsonRecord = {}
        destination, need = plan.places.destinations.get(vm.id), plan.needs.get(vm.id)
        if destination is not None:
            record.update(
                namespace=destination.namespace, namespace_reason=destination.namespace_reason, target_name=destination.target_name
            )
        if need is not None:
            record.update(
                cpu_millicores=need.cpu_millicores,
                memory_bytes=need.memory_bytes,
                storage_bytes=sum(volume.bytes for volume in need.volumes),
            )
        fitted = self._fitted
        node = fitted.node_of.get(vm.id) or fitted.without_wave.get(vm.id) if fitted else None
        if node:
            record["node"] = node
        if vm.id in self._plan_of:
            record["plan"] = self._plan_of[vm.id]
        return record

    def _release_records(self) -> Iterator[JsonRecord]:
        for release in self._releases:
            yield _release(release)

    def _freed_hosts(self) -> Iterator[JsonRecord]:
        """Each host once: with the first wave after which it is free."""
        seen: set[str] = set()
        for release in self._releases:
            for place, host in enumerate(release.freed):
                if host.id not in seen:
                    seen.add(host.id)
                    yield _freed_host(host, release.cluster_id, release.wave if place >= release.freed_before else None)


def _first_copy(wave: Wave) -> JsonRecord:
    record: JsonRecord = {}
    if wave.first_copy is not None:
        record.update(
            first_copy_bytes=wave.first_copy.bytes,
            first_copy_p50_minutes=round(wave.first_copy.p50_minutes, DIGITS),
            first_copy_p90_minutes=round(wave.first_copy.p90_minutes, DIGITS),
            start_by=moment_text(wave.first_copy.start_by),
        )
    if wave.shared_minutes:
        record["shared_minutes"] = round(wave.shared_minutes, DIGITS)
    return record


def _blocker(entry: Constraint) -> JsonRecord:
    return {"code": entry.code, "object": entry.object, "message": entry.message, "remedy": entry.remedy, "setting": entry.setting}


def _more_nodes(more: MoreNodes) -> str:
    """Nodes that would help, in words."""
    size = f"{more.cpu_millicores / 1000:.1f} CPU and {more.memory_bytes / GIB:.0f} GiB free each"
    like = f" like {more.like}" if more.like else ""
    devices = "".join(f", {amount} {name}" for name, amount in sorted(more.devices.items()))
    return f"{more.count} more node{'s' if more.count > 1 else ''}{like} ({size}{devices}) would take {len(more.vm_ids)} VMs"


def _release(release: Release) -> JsonRecord:
    record: JsonRecord = {
        "kind": "release",
        "id": f"{release.cluster_id}/{wave_id(release.wave)}",
        "name": release.cluster,
        "wave": release.wave,
        "cluster_id": release.cluster_id,
        "vms_left": release.vms_left,
        "hosts": release.hosts,
        "hosts_released": release.hosts_released,
        "cores_released": release.cores_released,
        "memory_mib_released": release.memory_mib_released,
        "hosts_released_with_wave": len(release.freed_now),
        "cores_released_with_wave": sum(host.cores for host in release.freed_now),
        "memory_mib_released_with_wave": sum(host.memory_mib for host in release.freed_now),
        "cpus_released": cpus_of(release.freed),
        "hosts_cpu_unknown": sum(not host.cpu_model for host in release.freed),
        "devices_released": devices_of(release.freed),
        "accelerators_known": ACCELERATORS_KNOWN,
        "empty": release.empty,
    }
    licensed = licensed_of(release.freed_now)
    if licensed is not None:
        record["licensed_cores_released_with_wave"] = licensed
    if release.licensed_cores_released is not None:
        record["licensed_cores_released"] = release.licensed_cores_released
    if release.saved_per_year is not None:
        record["saved_per_year"] = round(release.saved_per_year, 2)
    return record


def _freed_host(host: FreedHost, cluster_id: str, wave: int | None) -> JsonRecord:
    record: JsonRecord = {"kind": "freed_host", "id": host.id, "name": host.name, "cluster_id": cluster_id}
    if wave is not None:
        record["wave"] = wave
    record.update(cpu_core_count=host.cores, memory_mib=host.memory_mib)
    if host.cpu_model:
        record["cpu_model"] = host.cpu_model
    if host.cpu_baseline:
        record["cpu_baseline"] = host.cpu_baseline
    return {**record, "devices": dict(host.devices), "accelerators_known": ACCELERATORS_KNOWN}


def counts_of(states: Iterable[str], waves: int, plans: int, failed: int) -> dict[str, int]:
    """The figures of a plan on one level."""
    found = list(states)
    counts = {"vms": len(found), "waves": waves, "plans": plans, "failed_conditions": failed}
    for state in ("placed", "settle_first", "blocked", "unplaced", "moved", "excluded"):
        counts[state] = found.count(state)
    return counts
