# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`groundwork.readiness.assess` against running vCenters: one merged report, and the truth about those that cannot be read."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.counterparts.vcenter import Simulator, vcenter
from tests.integration.live import NOW, load, login
from tests.integration.playbooks import Played, play

COUNTED = {
    "vms": "vm",
    "hosts": "host",
    "datastores": "datastore",
    "networks": "network",
    "clusters": "cluster",
    "datacenters": "datacenter",
    "folders": "folder",
    "resource_pools": "resource_pool",
    "vapps": "vapp",
    "switches": "switch",
    "drs_rules": "drs_rule",
    "drs_groups": "drs_group",
}
"""What the simulator counts, and the kind of record that it is here."""
PARTS = {"disks": "disks", "nics": "nics", "snapshots": "snapshots"}


@pytest.fixture(scope="module")
def simulators() -> Iterator[dict[str, Simulator]]:
    with vcenter(name="vc-north.example.com", vms=60, seed=1) as north, vcenter(name="vc-south.example.com", vms=40, seed=2) as south:
        yield {"vc-north": north, "vc-south": south}


def inventory_of(folder: Path, hosts: dict[str, dict[str, Any]]) -> str:
    """An inventory whose group readiness_vcenters has these hosts."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "hosts.yml"
    path.write_text(json.dumps({"readiness_vcenters": {"hosts": {name: {"readiness_vcenter": given} for name, given in hosts.items()}}}))
    return str(path)


@pytest.fixture(scope="module")
def both(simulators: dict[str, Simulator], tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("both")
    inventory = inventory_of(folder, {name: login(simulator) for name, simulator in simulators.items()})
    return play(folder, "assess", "-i", inventory, "-vvv", variables={"readiness_now": NOW})


def everything(played: Played) -> str:
    """What the run printed and left behind, as text."""
    return played.output + "".join(path.read_text(errors="replace") for path in played.run_dir.rglob("*") if path.is_file())


def test_two_vcenters_in_one_run_end_in_one_merged_report(both: Played) -> None:
    assert both.code == 0, both.output
    assert {("estate", "vc-north"), ("estate", "vc-south"), ("estate", "localhost")} <= both.stages().keys()
    assert set(both.stages().values()) == {"ran"}
    assert "vc-north" in both.page()
    assert "vc-south" in both.page()


def test_every_kind_is_counted_per_vcenter_as_the_simulator_counts_it(both: Played, simulators: dict[str, Simulator]) -> None:
    estate = load(both.run_dir / "estate.jsonl")
    for simulator in simulators.values():
        uuid = simulator.instance_uuid
        found: dict[str, int] = {
            name: sum(record["vcenter"] == uuid for record in estate.records.get(kind, {}).values()) for name, kind in COUNTED.items()
        }
        vms = [vm for vm in estate.records["vm"].values() if vm["vcenter"] == uuid]
        found |= {name: sum(len(vm.get(part, ())) for vm in vms) for name, part in PARTS.items()}
        assert found == {name: simulator.counts[name] for name in found}


def test_no_password_is_printed_or_left_behind_at_any_verbosity(both: Played, simulators: dict[str, Simulator]) -> None:
    text = everything(both)
    assert [name for name, simulator in simulators.items() if simulator.password in text] == []


def test_one_vcenter_that_is_down_is_named_and_the_other_one_is_reported(simulators: dict[str, Simulator], tmp_path: Path) -> None:
    north = login(simulators["vc-north"])
    inventory = inventory_of(tmp_path, {"vc-north": north, "vc-down": {**north, "port": 1}})
    played = play(tmp_path, "assess", "-i", inventory, variables={"readiness_now": NOW})
    assert played.code != 0
    stages = played.stages()
    assert (stages["estate", "vc-down"], stages["estate", "vc-north"], stages["assessment", "localhost"]) == ("failed", "ran", "ran")
    assert "vc-down" in played.page()
    assert "Traceback" not in played.output
    assert len(load(played.run_dir / "estate.jsonl").records["vm"]) == simulators["vc-north"].counts["vms"]


def test_limit_reads_one_vcenter_and_the_report_names_what_was_left_out(simulators: dict[str, Simulator], tmp_path: Path) -> None:
    inventory = inventory_of(tmp_path, {name: login(simulator) for name, simulator in simulators.items()})
    played = play(tmp_path, "assess", "-i", inventory, "--limit", "vc-north,localhost", variables={"readiness_now": NOW})
    assert played.code == 0, played.output
    assert ("estate", "vc-south") not in played.stages()
    estate = load(played.run_dir / "estate.jsonl")
    assert len(estate.records["vm"]) == simulators["vc-north"].counts["vms"]
    assert list(estate.records["notice"]) == ["source_left_out/vc-south"]
    assert "vc-south was left out by --limit: what runs there is not in this estate" in played.page()


def test_limit_that_leaves_out_localhost_is_one_clear_error(simulators: dict[str, Simulator], tmp_path: Path) -> None:
    inventory = inventory_of(tmp_path, {name: login(simulator) for name, simulator in simulators.items()})
    played = play(tmp_path, "assess", "-i", inventory, "--limit", "vc-north", variables={"readiness_now": NOW})
    assert played.code != 0
    assert "localhost is left out by --limit, and opens the run: use --limit vc-north,localhost" in played.output
    assert "HostVars" not in played.output
    assert played.output.count("fatal:") == 1


def test_names_that_lead_elsewhere_stay_in_the_folder_of_parts(simulators: dict[str, Simulator], tmp_path: Path) -> None:
    inventory = inventory_of(tmp_path, {"vc/../../north": login(simulators["vc-north"])})
    played = play(tmp_path, "assess", "-i", inventory, variables={"readiness_now": NOW})
    assert played.code == 0, played.output
    assert [path.name for path in (played.run_dir / "parts").iterdir()] == ["estate-vc%2F..%2F..%2Fnorth.jsonl"]


def test_vcenters_at_one_address_are_told_apart_by_their_names(both: Played) -> None:
    rows = list(csv.DictReader((both.run_dir / "report" / "vms.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert {row["vcenter"] for row in rows} == {"vc-north", "vc-south"}


def test_wrong_password_is_one_clear_error_and_stands_nowhere(simulators: dict[str, Simulator], tmp_path: Path) -> None:
    canary = "canary-that-must-not-sing"
    inventory = inventory_of(tmp_path, {"vc-north": login(simulators["vc-north"], password=canary)})
    played = play(tmp_path, "assess", "-i", inventory, "-vvv", variables={"readiness_now": NOW})
    assert played.code != 0
    assert "does not accept" in played.output
    assert canary not in everything(played)


def test_login_comes_from_the_environment_and_the_name_from_the_inventory(simulators: dict[str, Simulator], tmp_path: Path) -> None:
    north = simulators["vc-north"]
    path = tmp_path / "hosts.yml"
    given = {"ansible_host": north.host, "readiness_vcenter": {"port": north.port, "ca_path": str(north.ca_path)}}
    path.write_text(json.dumps({"readiness_vcenters": {"hosts": {"vc-north": given}}}))
    environment = {"VMWARE_USER": north.username, "VMWARE_PASSWORD": north.password}
    played = play(tmp_path, "assess", "-i", str(path), "-vvv", variables={"readiness_now": NOW}, environment=environment)
    assert played.code == 0, played.output
    assert north.password not in everything(played)


def test_vcenter_as_a_source_beside_an_export_is_merged_with_it(simulators: dict[str, Simulator], tmp_path: Path) -> None:
    north = simulators["vc-north"]
    export = tmp_path / "export"
    north.export(export)
    sources = [{"vcenter": login(north)}, {"rvtools": str(export)}]
    played = play(tmp_path, "assess", variables={"readiness_now": NOW, "readiness_sources": sources})
    assert played.code == 0, played.output
    estate = load(played.run_dir / "estate.jsonl")
    assert len(estate.records["vm"]) == north.counts["vms"]
    assert all(len(vm["sources"]) == 2 for vm in estate.records["vm"].values())


def test_check_mode_writes_nothing_but_its_run_directory_and_says_so(simulators: dict[str, Simulator], tmp_path: Path) -> None:
    inventory = inventory_of(tmp_path, {"vc-north": login(simulators["vc-north"])})
    played = play(tmp_path, "assess", "-i", inventory, "--check", variables={"readiness_now": NOW})
    assert played.code == 0, played.output
    assert {path.name for path in tmp_path.iterdir()} <= {"hosts.yml", "runs", ".ansible"}
    header = json.loads((played.run_dir / "estate.jsonl").read_text(encoding="utf-8").partition("\n")[0])
    assert header["mode"] == "check"


def test_the_same_vcenters_give_the_same_bytes(simulators: dict[str, Simulator], both: Played, tmp_path: Path) -> None:
    hosts = {name: login(simulator) for name, simulator in sorted(simulators.items(), reverse=True)}
    again = play(tmp_path, "assess", "-i", inventory_of(tmp_path, hosts), variables={"readiness_now": NOW}, run_id="again")
    for name in ("estate.jsonl", "assessment.jsonl", "report/index.html", "report/report.json"):
        assert (again.run_dir / name).read_bytes() == (both.run_dir / name).read_bytes(), name


def test_standalone_host_is_read_as_one(tmp_path: Path) -> None:
    with vcenter(name="esx-01.example.com", vms=6, seed=5, esx=True) as host:
        inventory = inventory_of(tmp_path, {"esx-01": login(host)})
        played = play(tmp_path, "assess", "-i", inventory, variables={"readiness_now": NOW})
        assert played.code == 0, played.output
        estate = load(played.run_dir / "estate.jsonl")
        assert len(estate.records["vm"]) == host.counts["vms"]
        assert [record["api_type"] for record in estate.records["vcenter"].values()] == ["HostAgent"]
