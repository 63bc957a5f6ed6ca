# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An export of whole estates: judged as the original is, with nothing of it left, and the same again with the same key."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.estate_stage import EstateRequest, run_estate
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.anonymise.rewriting import Anonymiser
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.records import estate_schema
from jsonschema import Draft202012Validator

from tests.tools.generate_estate import generate_saved
from tests.unit.estate.anonymise.support import KEY, OTHER_KEY, export, judged, kinds, raw, records, searched_parts, survivors
from tests.unit.estate.samples import of, source, vm, write_estate

DEMO = Path(__file__).resolve().parents[4] / "inventories" / "demo" / "group_vars" / "all" / "files"
SCOPE = {"exclude": {"folders": ["Lab"], "tags": ["Environment/dev*"]}, "include": {"clusters": ["*"]}}


@pytest.fixture(scope="module", params=["demo merged", "generated"])
def estate(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved estate."""
    folder = tmp_path_factory.mktemp("estate")
    made = folder / "estate.jsonl.gz"
    if request.param == "generated":
        generate_saved(made, 60, 7)
        return made
    sources = [{"rvtools": str(DEMO / "vc-north.xlsx")}, {"estate": str(DEMO / "vc-south.jsonl.gz")}]
    run_estate(EstateRequest(sources=sources, dest=made, scope=SCOPE, annotations=[DEMO / "owners.csv"]))
    return made


@pytest.fixture(scope="module")
def exported(estate: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its export."""
    return export(estate, tmp_path_factory.mktemp("export") / "export.jsonl")


def reread(path: Path, folder: Path, scope: dict[str, object] | None = None) -> Path:
    """The estate that comes of reading a saved one as a source."""
    dest = folder / f"reread-{path.parent.name}-{path.name.removesuffix('.gz')}"
    run_estate(EstateRequest(sources=[{"estate": str(path)}], dest=dest, scope=scope))
    return dest


def test_an_export_is_judged_as_its_original_is(estate: Path, exported: Path, tmp_path: Path) -> None:
    assert kinds(exported) == kinds(estate)
    assert judged(exported, tmp_path) == judged(estate, tmp_path, Anonymiser(KEY))


def test_an_export_that_is_read_as_a_source_is_judged_as_its_original_is(estate: Path, exported: Path, tmp_path: Path) -> None:
    original, again = reread(estate, tmp_path), reread(exported, tmp_path)
    assert kinds(again) == kinds(original)
    assert judged(again, tmp_path) == judged(original, tmp_path, Anonymiser(KEY))


def test_no_text_of_the_original_survives(estate: Path, exported: Path) -> None:
    assert len(searched_parts(estate)) > 1000
    assert survivors(estate, exported) == []


def test_no_text_survives_when_dates_are_moved(estate: Path, tmp_path: Path) -> None:
    moved = export(estate, tmp_path / "moved.jsonl", shift_dates=True)
    assert survivors(estate, moved) == []
    assert judged(moved, tmp_path) == judged(estate, tmp_path, Anonymiser(KEY))


def test_the_search_finds_what_is_planted(estate: Path, exported: Path, tmp_path: Path) -> None:
    planted = tmp_path / "planted.jsonl"
    name = next(record["name"] for record in records(estate) if record["kind"] == "vm")
    planted.write_bytes(raw(exported) + name.upper().encode())
    assert name.lower() in survivors(estate, planted)


def test_an_export_fits_the_schema(exported: Path) -> None:
    validator = Draft202012Validator(estate_schema())
    assert [error.message for record in records(exported) for error in validator.iter_errors(record)] == []


def test_ids_stay_distinct_and_references_lead_somewhere(exported: Path) -> None:
    lines = records(exported)[1:-1]
    ids = {(record["kind"], record["id"]) for record in lines}
    assert len(ids) == len(lines)
    sources = {record["id"] for record in lines if record["kind"] == "source"}
    for record in lines:
        if record["kind"] == "vm":
            assert set(record["sources"]) <= sources
            assert record["origin"]["source"] in sources
            assert record.get("cluster_id") is None or ("cluster", record["cluster_id"]) in ids
            assert all(("vm", other) in ids for other in record.get("depends_on", ()))
            assert all(("network", nic["network_id"]) in ids for nic in record.get("nics", ()) if nic.get("network_id"))
        elif record["kind"] in ("vapp", "drs_rule"):
            assert all(("vm", other) in ids for other in record["vm_ids"])


def test_the_same_key_gives_the_same_bytes_and_another_key_other_tokens(estate: Path, exported: Path, tmp_path: Path) -> None:
    assert raw(export(estate, tmp_path / "again.jsonl.gz")) == raw(exported)
    other = records(export(estate, tmp_path / "other.jsonl", OTHER_KEY))
    names = {record["name"] for record in records(exported) if record["kind"] == "vm"}
    assert names & {record.get("name") for record in other} <= {"vCLS"}


def test_what_belongs_together_stays_together(exported: Path) -> None:
    vms = [record for record in records(exported) if record["kind"] == "vm"]
    disks = [(vm, disk) for vm in vms for disk in vm.get("disks", ()) if disk.get("datastore")]
    assert disks
    assert [disk["path"] for _vm, disk in disks if not disk["path"].startswith(f"[{disk['datastore']}] ")] == []
    own_folder = sum(disk["path"].split("] ")[1].startswith(f"{vm['name']}/") for vm, disk in disks)
    assert own_folder > len(disks) / 2


def test_a_scope_with_tokens_leaves_out_what_the_scope_with_names_does(tmp_path: Path) -> None:
    estate = DEMO / "vc-south.jsonl.gz"
    name = Anonymiser(KEY).tokens.name
    made = export(estate, tmp_path / "export.jsonl")
    with_names = reread(estate, tmp_path, {"exclude": {"folders": ["Production/ERP"], "tags": ["Environment/test"]}})
    scope = {"exclude": {"folders": [name("Production/ERP")], "tags": [name("Environment/test")]}}
    with_tokens = reread(made, tmp_path, scope)
    reasons = {name(record["id"]): record.get("out_of_scope") for record in records(with_names) if record["kind"] == "vm"}
    found = {record["id"]: record.get("out_of_scope") for record in records(with_tokens) if record["kind"] == "vm"}
    anonymiser = Anonymiser(KEY)
    assert found == {vm: anonymiser.scope_reason(reason) if reason else None for vm, reason in reasons.items()}
    assert sum(str(reason).startswith("excluded by") for reason in found.values()) > 5


def test_exports_of_two_vcenters_under_one_key_merge_as_the_originals_do(tmp_path: Path) -> None:
    facts = {"datacenter": "dc", "folder": "/Lab", "instance_uuid": "0b7c2d4e-1111-4a5b-9c8d-00000000000a"}
    disks = [{"label": "Hard disk 1", "path": "[gold] erp/erp.vmdk", "mode": "persistent"}]
    changed = [{"label": "Hard disk 1", "path": "[gold] erp/erp.vmdk", "mode": "independent_persistent"}]
    one = [source("a.xlsx", "2026-01-01T00:00:00Z"), vm("a.xlsx", "vm-1", **facts, disks=disks, notes="first")]
    two = [source("b.xlsx", "2026-02-01T00:00:00Z"), vm("b.xlsx", "vm-1", **facts, disks=changed, notes="second")]
    paths = [write_estate(tmp_path / f"{number}.jsonl", records_of) for number, records_of in enumerate((one, two))]
    made = [export(path, tmp_path / f"export-{path.name}") for path in paths]
    merged = []
    for number, pair in enumerate((paths, made)):
        dest = tmp_path / f"merged-{number}.jsonl"
        run_estate(EstateRequest(sources=[{"estate": str(path)} for path in pair], dest=dest))
        merged.append(dest)
    assert kinds(merged[0])["conflict"] == 2
    anonymised = export(merged[0], tmp_path / "anonymised.jsonl")
    assert records(anonymised)[1:-1] == records(merged[1])[1:-1]


def test_moved_dates_keep_their_distances(tmp_path: Path) -> None:
    facts = {"created_at": "2026-03-01T10:00:00Z", "snapshots": [{"name": "s", "created_at": "2026-03-11T10:00:00"}], "powered_on_at": ""}
    src = write_estate(tmp_path / "a.jsonl", [source("a.xlsx", "2026-03-31"), vm("a.xlsx", "vm-1", **facts)])
    made = {record["kind"]: record for record in records(export(src, tmp_path / "b.jsonl", shift_dates=True))}
    days = Anonymiser(KEY).tokens.days()
    assert -760 <= days <= -30
    assert made["vm"]["powered_on_at"] == ""
    dates = [made["vm"]["created_at"], made["vm"]["snapshots"][0]["created_at"], made["source"]["captured_at"]]
    assert dates != ["2026-03-01T10:00:00Z", "2026-03-11T10:00:00", "2026-03-31"]
    days_of = [date.fromisoformat(text[:10]).toordinal() for text in dates]
    assert [days_of[1] - days_of[0], days_of[2] - days_of[1]] == [10, 20]
    assert dates[0].endswith("T10:00:00Z")


def test_two_records_of_one_token_are_an_error_and_leave_nothing(tmp_path: Path) -> None:
    src = write_estate(tmp_path / "a.jsonl", [of("host", "a", "FD00::1"), of("host", "a", "fd00::1")])
    dest = tmp_path / "export" / "b.jsonl"
    with pytest.raises(ReadinessError) as raised:
        export(src, dest)
    assert raised.value.code == "tokens_collide"
    assert list(dest.parent.iterdir()) == []


def test_an_estate_cannot_be_exported_onto_itself(tmp_path: Path) -> None:
    src = write_estate(tmp_path / "a.jsonl", [source("a.xlsx")])
    before = src.read_bytes()
    with pytest.raises(ReadinessError) as raised:
        export(src, tmp_path / "." / "a.jsonl")
    assert raised.value.code == "export_dest"
    assert src.read_bytes() == before


def test_a_damaged_estate_leaves_the_earlier_export_as_it_was(tmp_path: Path) -> None:
    src = write_estate(tmp_path / "a.jsonl", [source("a.xlsx"), vm("a.xlsx", "vm-1", notes="secret")])
    dest = export(src, tmp_path / "b.jsonl")
    before = dest.read_bytes()
    src.write_bytes(src.read_bytes().replace(b"secret", b"public"))
    with pytest.raises(ReadinessError) as raised:
        export(src, dest)
    assert raised.value.code == "artifact_damaged"
    assert dest.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "b.jsonl"]
