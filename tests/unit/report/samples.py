# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records and run directories for the tests of the report: small ones by hand, larger ones by number."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import ArtifactReader, ArtifactWriter, file_sha256
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.assessment_stage import run_assessment
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.run_directory import RunDirectory, StageRecord
from ansible_collections.groundwork.readiness.plugins.module_utils.common.artifact import ArtifactHeader, ArtifactInput
from ansible_collections.groundwork.readiness.plugins.plugin_utils.rule_files import checked_catalogue

from tests.tools.generate_estate import generate_saved

Record = dict[str, Any]

NOW = "2027-01-04T08:15:00Z"
WORKBOOK = "south.xlsx@aaaaaaaa"
LIVE = "vcenter-north.example.com@bbbbbbbb"
UUIDS = {WORKBOOK: "50000000-0000-4000-8000-000000000001", LIVE: "50000000-0000-4000-8000-000000000002"}
CATALOGUE = {"version": "5.0", "sha256": "c" * 64, "weights": {"critical": 20, "warning": 5, "information": 1}}

RULES: Sequence[tuple[str, str, str, list[str]]] = (
    ("critical.device", "critical", "A device is passed through", ["devices.kind"]),
    ("critical.space", "critical", "Too little free space", ["partitions.free_bytes"]),
    ("warning.cbt", "warning", "Changed block tracking is off", ["change_tracking_enabled"]),
    ("warning.name", "warning", "The name has to change", ["name"]),
    ("information.snapshot", "information", "It has snapshots", ["snapshots"]),
)


def rule(identity: str, category: str, title: str, needs: list[str]) -> Record:
    """A rule of the small catalogue."""
    weight = CATALOGUE["weights"][category]
    texts = {"rationale": "It cannot move as it is.", "remedy": "Change it in vSphere first.", "source": "the sample catalogue"}
    return {"kind": "rule", "id": identity, "category": category, "title": title, **texts, "version": 1, "weight": weight, "needs": needs}


def rules() -> list[Record]:
    """The small catalogue."""
    return [rule(*entry) for entry in RULES]


def finding(rule_id: str, *evidence: tuple[str, str, str, str]) -> Record:
    """A failed rule; each piece of evidence is (object, field, observed, expected)."""
    pieces = evidence or (("VM", "field", "no", "yes"),)
    return {
        "rule": rule_id,
        "result": "fail",
        "evidence": [dict(zip(("object", "field", "observed", "expected"), piece, strict=True)) for piece in pieces],
    }


def assessed(identity: str, verdict: str = "ready", **facts: Any) -> Record:
    """A `vm` record of an assessment."""
    record = {
        "kind": "vm",
        "id": identity,
        "name": f"name of {identity}",
        "verdict": verdict,
        "provisional": False,
        "score": 100.0,
        "score_best": 100.0,
    }
    return {**record, "findings": [], "not_applicable": [], "sources": [LIVE], "gaps": [], **facts}


def known(identity: str, **facts: Any) -> Record:
    """A `vm` record of an estate."""
    return {
        "kind": "vm",
        "id": identity,
        "name": f"name of {identity}",
        "vcenter": UUIDS[LIVE],
        "cluster": "c1",
        "sources": [LIVE],
        **facts,
    }


def estate_source(identity: str, **facts: Any) -> Record:
    """A `source` record of an estate."""
    name = identity.split("@")[0]
    kind = "rvtools" if name.endswith(".xlsx") else "vcenter"
    return {
        "kind": "source",
        "id": identity,
        "name": name,
        "type": kind,
        "sha256": "d" * 64,
        "vm_count": 3,
        "not_seen": [],
        "notices": [],
        **facts,
    }


def assessment_source(identity: str, gaps: Iterable[str] = (), **facts: Any) -> Record:
    """A `source` record of an assessment."""
    record = estate_source(identity)
    return {**{key: record[key] for key in ("kind", "id", "name", "type", "sha256", "vm_count")}, "gaps": sorted(gaps), **facts}


def vcenters() -> list[Record]:
    """Both vCenters, named as people know them."""
    names = {WORKBOOK: "vcenter-south.example.com", LIVE: "vcenter-north.example.com"}
    return [{"kind": "vcenter", "id": UUIDS[key], "vcenter": UUIDS[key], "name": name, "hostname": name} for key, name in names.items()]


def ordered(records: Iterable[Mapping[str, Any]]) -> list[Record]:
    """Records as an artifact holds them."""
    return sorted((dict(record) for record in records), key=lambda record: (record["kind"], record["id"]))


WORKBOOK_GAPS = ("critical.device",)
CASES: Sequence[Mapping[str, Any]] = (
    {"verdict": "ready"},
    {"verdict": "ready_with_work", "failed": ["warning.cbt"]},
    {"verdict": "blocked", "failed": ["critical.space", "warning.cbt", "warning.name"]},
    {"verdict": "ready", "failed": ["information.snapshot"]},
    {"verdict": "ready", "gaps": ["warning.cbt"]},
    {"verdict": "not_evaluated", "gaps": ["critical.space", "warning.cbt"]},
)


def _case(number: int) -> tuple[Record, Record]:
    """Estate and assessment record of one VM of a large estate."""
    case = CASES[number % len(CASES)]
    source = (WORKBOOK, LIVE)[number // len(CASES) % 2]
    identity = f"{UUIDS[source]}/vm-{number:06d}"
    gaps = list(case.get("gaps", ()))
    waits = source == WORKBOOK or "critical.space" in gaps or bool(gaps and case["verdict"] == "ready")
    pieces = [("Hard disk 1", "free_bytes", str(number), ">= 104857600"), ("VM", "change_tracking_enabled", "false", "true")]
    findings = [finding(name, *pieces[: 1 + number % 2]) for name in case.get("failed", ())]
    sources = [source]
    vm = {
        **known(identity),
        "name": f"app-{number:06d}",
        "vcenter": UUIDS[source],
        "datacenter": "DC 1",
        "cluster": f"cluster-{number % 7}",
        "host": f"esx-{number % 40:02d}.example.com",
        "folder": f"/apps/team-{number % 11}",
        "power_state": "poweredOn",
        "guest_os_config_name": "Microsoft Windows Server 2019 (64-bit)" if number % 3 else "Red Hat Enterprise Linux 9 (64-bit)",
        "cpu_count": 4,
        "memory_mib": 16384,
        "used_bytes": 40 << 30,
        "disks": [{"key": 2000 + disk, "label": f"Hard disk {disk + 1}", "capacity_bytes": 60 << 30} for disk in range(2)],
        "nics": [{"key": 4000, "mac": f"00:50:56:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"}],
        "owner": f"team-{number % 11}@example.com",
        "sources": sources,
    }
    judged = assessed(identity, case["verdict"], name=vm["name"], provisional=waits, findings=findings, gaps=gaps, sources=sources)
    judged["score"] = 100 * (1 - (len(findings) + len(gaps)) / 29)
    return vm, judged


def estate_records(count: int) -> Iterator[Record]:
    """An estate of `count` VMs in scope and one template, in the order of an artifact."""
    yield {
        "kind": "notice",
        "id": "notice/1",
        "code": "annotation_unmatched",
        "message": "row matches no VM",
        "file": "owners.csv",
        "row": 12,
        "remedy": "Check it.",
    }
    not_seen = [{"what": "tab vUSB", "facts": ["usb"], "reason": "the export has no such tab"}]
    yield from ordered(
        [
            estate_source(LIVE, captured_at="2027-01-03T08:15:00Z"),
            estate_source(WORKBOOK, captured_at="2026-12-25T00:00:00", not_seen=not_seen),
        ]
    )
    yield from vcenters()
    yield from ordered(
        [*(_case(number)[0] for number in range(count)), {**known("template/1"), "template": True, "out_of_scope": "template"}]
    )


def assessment_records(count: int) -> Iterator[Record]:
    """The assessment of the same estate."""
    yield {"kind": "excluded", "id": "template/1", "name": "name of template/1", "reason": "template", "sources": [LIVE]}
    yield from ordered(rules())
    yield from ordered([assessment_source(LIVE), assessment_source(WORKBOOK, WORKBOOK_GAPS)])
    yield from ordered(_case(number)[1] for number in range(count))


def write_artifact(
    path: Path, schema: str, records: Iterable[Record], *, mode: str = "apply", inputs: tuple[ArtifactInput, ...] = (), **extra: Any
) -> str:
    """Writes an artifact and returns its SHA-256."""
    with ArtifactWriter(path, ArtifactHeader(schema, inputs, mode, extra)) as writer:
        for record in records:
            writer.write(record)
        return writer.finish().sha256


def open_run(run_dir: Path, run_id: str = "run-1") -> RunDirectory:
    """A run without stages."""
    directory = RunDirectory(run_dir)
    directory.open(run_id=run_id, now=NOW, mode="apply", playbook="assess", started_at=NOW)
    return directory


def whole_run(run_dir: Path, count: int = 12, run_id: str = "run-1") -> RunDirectory:
    """A run in which estate and assessment went well."""
    directory = open_run(run_dir, run_id)
    estate = write_artifact(run_dir / "estate.jsonl", "estate", estate_records(count))
    directory.record(StageRecord("estate", "localhost", "ran", 1.5, {"vms": count}, {"south.xlsx": "d" * 64}, {"estate.jsonl": estate}))
    assessment = write_artifact(run_dir / "assessment.jsonl", "assessment", assessment_records(count), catalogue=CATALOGUE)
    inputs, artifacts = {"estate.jsonl": file_sha256(run_dir / "estate.jsonl")}, {"assessment.jsonl": assessment}
    directory.record(StageRecord("assessment", "localhost", "ran", 0.7, {"vms": count}, inputs, artifacts))
    return directory


NO_PERMISSION = "no permission: privilege System.Read is missing"
VANISHED = "it vanished while it was read"
INVISIBLE = {
    "code": "vms_may_be_invisible",
    "message": "VMs may be invisible to the account: the permission does not propagate from the root folder",
    "remedy": "give the account its role on the root folder with propagation to its children",
}
DEVICES = ("devices", "tpm_present", "usb")
"""What the property config.hardware.device shows and rules need, besides disks and adapters."""

HISTORY = {
    "performance_days": 30,
    "cpu_usage_average_mhz": 412,
    "cpu_usage_p95_mhz": 1830,
    "cpu_usage_peak_mhz": 5200,
    "active_memory_average_mib": 1536,
    "active_memory_p95_mib": 3072,
    "active_memory_peak_mib": 6144,
    "disk_write_p95_kib_per_s": 900,
    "disk_write_peak_kib_per_s": 20480,
}


USAGE = ("performance_days", "cpu_usage_", "active_memory_", "disk_write_")
"""Beginnings of the names of facts that are measured."""


def without(record: Mapping[str, Any], reason: str, *facts: str) -> Record:
    """The record with these facts unknown for that reason."""
    known_facts = {key: value for key, value in record.items() if key not in facts}
    return {**known_facts, "unknown": {**record.get("unknown", {}), **dict.fromkeys(sorted(facts), reason)}}


def third_vm_refused(record: Record, number: int) -> Record:
    """Every third VM refuses its devices to an account that lacks System.Read; nothing else is unknown."""
    return without(record, NO_PERMISSION, *DEVICES) if record["kind"] == "vm" and number % 3 == 0 else record


def much_trouble(record: Record, number: int) -> Record:
    """A vCenter as it can be: refusals, a VM that vanished, an unknown word, a history, VMs that may be invisible."""
    record = third_vm_refused(record, number)
    if record["kind"] == "source":
        policies = {
            "what": "storage policies",
            "facts": ["storage_policy"],
            "reason": "no permission: privilege StorageProfile.View is missing",
        }
        return {**record, "not_seen": [policies], "notices": [{"code": "tags_not_read", "message": "tags were not read"}, INVISIBLE]}
    if record["kind"] == "cluster" and record["name"] == "cluster-01":
        return without(record, NO_PERMISSION, "drs_enabled", "dpm_enabled", "ha_enabled")
    if record["kind"] != "vm":
        return record
    record = {fact: value for fact, value in record.items() if not fact.startswith(USAGE)}
    if number == 4:
        return without(record, VANISHED, *(fact for fact in ("disks", "snapshots", "guest_hostname", "firmware") if fact in record))
    if number == 7:
        return without(
            record, "the server says 'frozen', a word that this version does not know", "latency_sensitivity", "fault_tolerance_state"
        )
    return {**record, **HISTORY} if number % 2 else record


def live_run(run_dir: Path, change: Callable[[Record, int], Record], count: int = 60) -> RunDirectory:
    """A run on a vCenter of which everything is known, but for what `change` takes from a record; the rules are the shipped ones.

    `change` is handed each record and its place among those of its kind.
    """
    directory = open_run(run_dir)
    generate_saved(run_dir / "whole.jsonl", count, 1)
    seen: Counter[str] = Counter()
    records = []
    for record in ArtifactReader(run_dir / "whole.jsonl", "estate"):
        records.append(change(record, seen[record["kind"]]))
        seen[record["kind"]] += 1
    (run_dir / "whole.jsonl").unlink()
    estate = write_artifact(run_dir / "estate.jsonl", "estate", records)
    directory.record(StageRecord("estate", "localhost", "ran", 1.5, {"vms": count}, {}, {"estate.jsonl": estate}))
    done = run_assessment(run_dir / "estate.jsonl", checked_catalogue(), run_dir / "assessment.jsonl", "apply")
    inputs, artifacts = {"estate.jsonl": file_sha256(run_dir / "estate.jsonl")}, {"assessment.jsonl": done.sha256}
    directory.record(StageRecord("assessment", "localhost", "ran", 0.7, done.counts(), inputs, artifacts))
    return directory


def tree_sha256(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a folder by name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}
