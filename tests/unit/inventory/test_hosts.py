# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which VMs an inventory offers, under which names, with which addresses and variables."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from .support import LINUX, WINDOWS, Ansible, judged, make_run, named, of_vms, vcenter, write_assessment, write_estate, write_inventory

TEMPLATED = "{{ lookup('ansible.builtin.pipe', 'touch pwned') }}"


def test_vm_becomes_a_host_with_its_known_facts_as_variables(ansible: Ansible, tmp_path: Path) -> None:
    vm = named("vm-1", "erp-01", cluster="prod", memory_mib=4096, guest_ips=["192.0.2.7"], tags=["Tier/gold"], **LINUX)
    found = ansible.load(of_vms(tmp_path, vm)).hosts["erp-01"]
    assert found["vm_name"] == "erp-01"
    assert found["vm_id"] == vm["id"]
    assert found["vm_memory_mib"] == 4096
    assert found["vm_tags"] == ["Tier/gold"]
    assert (found["vm_os_family"], found["vm_os_type"]) == ("RHEL 9", "linux")
    assert found["vm_vcenter_name"] == "vc-north.example.com"
    assert found["ansible_host"] == "192.0.2.7"


def test_unknown_fact_makes_no_variable_and_known_empty_one_does(ansible: Ansible, tmp_path: Path) -> None:
    found = ansible.load(of_vms(tmp_path, named("vm-1", "a", cluster=""))).hosts["a"]
    assert found["vm_cluster"] == ""
    assert not {"vm_power_state", "vm_owner", "vm_os_family", "vm_verdict", "vm_wave", "ansible_host"} & set(found)


def test_verdict_is_joined_from_the_assessment(ansible: Ansible, tmp_path: Path) -> None:
    estate = write_estate(tmp_path / "estate.jsonl", [vcenter(), named("vm-1", "a"), named("vm-2", "b")])
    finding = {"rule": "vmware.cbt.disabled", "result": "fail", "evidence": []}
    assessment = write_assessment(
        tmp_path / "assessment.jsonl",
        estate,
        judged("vm-1", "ready_with_work", findings=[finding], score=90.5),
        judged("vm-2", "ready"),
    )
    loaded = ansible.load(write_inventory(tmp_path, estate=estate, assessment=assessment))
    assert loaded.hosts["a"]["vm_verdict"] == "ready_with_work"
    assert loaded.hosts["a"]["vm_findings"] == ["vmware.cbt.disabled"]
    assert loaded.hosts["a"]["vm_score"] == 90.5
    assert loaded.hosts["b"]["vm_findings"] == []


def test_gaps_of_a_source_are_gaps_of_its_vms(ansible: Ansible, tmp_path: Path) -> None:
    estate = write_estate(tmp_path / "estate.jsonl", [named("vm-1", "a")])
    source = {"kind": "source", "id": "s@1", "name": "s", "type": "rvtools", "sha256": "0" * 64, "vm_count": 1, "gaps": ["x.usb"]}
    verdict = judged("vm-1", "ready", sources=["s@1"], gaps=["x.cbt"])
    assessment = write_assessment(tmp_path / "assessment.jsonl", estate, source, verdict)
    loaded = ansible.load(write_inventory(tmp_path, estate=estate, assessment=assessment, facts=["gaps"]))
    assert loaded.hosts["a"]["vm_gaps"] == ["x.cbt", "x.usb"]


def test_assessment_alone_offers_names_and_verdicts_but_no_excluded_vm(ansible: Ansible, tmp_path: Path) -> None:
    estate = write_estate(tmp_path / "estate.jsonl", [named("vm-1", "a")])
    excluded = {"kind": "excluded", "id": "x/1", "name": "tmpl", "reason": "template", "sources": []}
    assessment = write_assessment(tmp_path / "assessment.jsonl", estate, judged("vm-1", "ready", name="a"), excluded)
    loaded = ansible.load(write_inventory(tmp_path, assessment=assessment))
    assert list(loaded.hosts) == ["a"]
    assert loaded.group("verdict_ready") == ["a"]
    assert sorted(ansible.load(write_inventory(tmp_path, assessment=assessment, templates=True)).hosts) == ["a", "tmpl"]


def test_compressed_estate_is_read(ansible: Ansible, tmp_path: Path) -> None:
    plain = write_estate(tmp_path / "estate.jsonl", [named("vm-1", "a")])
    packed = tmp_path / "saved.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert list(ansible.load(write_inventory(tmp_path, estate=packed)).hosts) == ["a"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["plain"]),
        ({"templates": True}, ["plain", "tmpl"]),
        ({"out_of_scope": True}, ["lab", "plain"]),
        ({"out_of_scope": True, "templates": True}, ["lab", "plain", "tmpl"]),
    ],
)
def test_templates_and_vms_out_of_scope_are_offered_on_request(
    ansible: Ansible, tmp_path: Path, options: dict[str, Any], expected: list[str]
) -> None:
    vms = [
        named("vm-1", "plain", template=False),
        named("vm-2", "tmpl", template=True, out_of_scope="template"),
        named("vm-3", "lab", out_of_scope="excluded by folder /Lab"),
    ]
    loaded = ansible.load(of_vms(tmp_path, *vms, **options))
    assert sorted(loaded.hosts) == expected
    assert loaded.hosts.get("lab", {}).get("vm_out_of_scope") == ("excluded by folder /Lab" if "lab" in expected else None)


def test_scope_narrows_and_says_what_it_could_not_decide(ansible: Ansible, tmp_path: Path) -> None:
    vms = [
        named("vm-1", "a", cluster="prod-1"),
        named("vm-2", "b", cluster="lab"),
        named("vm-3", "c"),
        named("vm-4", "d", cluster="prod-2"),
    ]
    scope = {"include": {"clusters": ["prod-*"], "vcenters": ["vc-north.example.com"]}, "exclude": {"vms": ["d", "nobody"]}}
    loaded = ansible.load(of_vms(tmp_path, *vms, scope=scope))
    assert sorted(loaded.hosts) == ["a", "c"]
    assert "1 VMs stay in scope because" in loaded.said
    assert "exclude.vms nobody matches no VM" in loaded.said


def test_vcenter_is_called_by_its_name_and_the_scope_takes_name_or_address(ansible: Ansible, tmp_path: Path) -> None:
    server = {**vcenter("vc-north"), "hostname": "127.0.0.1"}
    for wanted, hosts in (("vc-north", ["a"]), ("127.0.0.1", ["a"]), ("vc-south", [])):
        estate = write_estate(tmp_path / f"{wanted}.jsonl", [server, named("vm-1", "a")])
        loaded = ansible.load(write_inventory(tmp_path, estate=str(estate), scope={"include": {"vcenters": [wanted]}}))
        assert sorted(loaded.hosts) == hosts
        assert [host["vm_vcenter_name"] for host in loaded.hosts.values()] == ["vc-north" for _host in hosts]


# ---- names ----------------------------------------------------------------------------------------------------------


def test_vms_of_one_name_all_get_a_suffix_from_their_id_and_a_warning(ansible: Ansible, tmp_path: Path) -> None:
    loaded = ansible.load(of_vms(tmp_path, named("vm-1", "twin"), named("vm-2", "twin"), named("vm-3", "single")))
    twins = {loaded.hosts[name]["vm_id"]: name for name in loaded.hosts if name.startswith("twin-")}
    assert len(twins) == 2
    assert all(len(name) == len("twin-01234567") for name in twins.values())
    assert "single" in loaded.hosts
    assert "twin is the name of more than one VM" in loaded.said
    fewer = ansible.load(of_vms(tmp_path, named("vm-2", "twin"), named("vm-4", "twin")))
    assert twins[named("vm-2", "twin")["id"]] in fewer.hosts


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "all", "ungrouped"])
def test_name_that_means_something_to_ansible_gets_a_suffix(ansible: Ansible, tmp_path: Path, name: str) -> None:
    loaded = ansible.load(of_vms(tmp_path, named("vm-1", name)))
    (host,) = loaded.hosts
    assert host.startswith(f"{name}-")
    assert loaded.hosts[host]["vm_name"] == name
    assert f"{name} means something else to Ansible" in loaded.said


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("web 01", "web 01"),
        ("Büro-Server", "Büro-Server"),
        ("web01 [old]", "web01 _old_"),
        ("web:all,db", "web_all_db"),
        ("-oProxyCommand=x", "_oProxyCommand=x"),
        ("../../etc/x", "_._.._etc_x"),
        ("a\nb\x1b[31m", "a_b__31m"),
        ("!web*", "_web_"),
        ("a\u202egpj.exe", "a_gpj.exe"),
        (TEMPLATED, "__ lookup__ansible.builtin.pipe__ _touch pwned__ __"),
    ],
)
def test_name_of_a_host_holds_nothing_that_acts(ansible: Ansible, tmp_path: Path, name: str, expected: str) -> None:
    loaded = ansible.load(of_vms(tmp_path, named("vm-1", name)))
    (host,) = loaded.hosts
    assert host == expected.replace("_._.._etc_x", host) if ".." in name else host == expected
    assert "/" not in host
    assert not host.startswith((".", "-"))
    assert loaded.hosts[host]["vm_name"] == name


@pytest.mark.parametrize(
    ("preference", "expected"),
    [
        (["name"], ["a", "b", "c"]),
        (["guest_hostname", "name"], ["a.example.com", "b", "c"]),
        (["ip", "guest_hostname", "name"], ["192.0.2.1", "2001:db8::2", "c"]),
    ],
)
def test_hosts_are_named_by_the_first_that_is_known(ansible: Ansible, tmp_path: Path, preference: list[str], expected: list[str]) -> None:
    vms = [
        named("vm-1", "a", guest_hostname="a.example.com", guest_ips=["192.0.2.1"]),
        named("vm-2", "b", guest_hostname="", guest_ips=["fe80::1", "2001:db8::2"]),
        named("vm-3", "c"),
    ]
    assert sorted(ansible.load(of_vms(tmp_path, *vms, hostnames=preference)).hosts) == expected


def test_vm_without_a_name_is_named_by_its_id(ansible: Ansible, tmp_path: Path) -> None:
    vm = named("vm-1", "")
    assert list(ansible.load(of_vms(tmp_path, vm)).hosts) == [vm["id"].replace("/", "_")]


# ---- addresses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ips", "options", "expected"),
    [
        (["fe80::1", "127.0.0.1", "169.254.3.4", "192.0.2.9", "198.51.100.9"], {}, "192.0.2.9"),
        (["2001:db8::9"], {}, "2001:db8::9"),
        (["192.0.2.9", "198.51.100.9"], {"address_networks": ["203.0.113.0/24", "198.51.100.0/24"]}, "198.51.100.9"),
        (["192.0.2.9"], {"address_networks": ["198.51.100.0/24"]}, None),
        (["-oProxyCommand=touch pwned", "not an address"], {}, None),
        (["192.0.2.9"], {"ansible_host": []}, None),
        (["192.0.2.9"], {"ansible_host": ["guest_hostname", "ip"]}, "a.example.com"),
        ([], {"ansible_host": ["ip", "guest_hostname"]}, "a.example.com"),
    ],
)
def test_address_is_one_by_which_the_guest_can_be_reached(
    ansible: Ansible, tmp_path: Path, ips: list[str], options: dict[str, Any], expected: str | None
) -> None:
    vm = named("vm-1", "a", guest_ips=ips, guest_hostname="a.example.com")
    assert ansible.load(of_vms(tmp_path, vm, **options)).hosts["a"].get("ansible_host") == expected


def test_guest_name_that_is_no_host_name_is_no_address(ansible: Ansible, tmp_path: Path) -> None:
    vm = named("vm-1", "a", guest_hostname="-oProxyCommand=touch")
    assert "ansible_host" not in ansible.load(of_vms(tmp_path, vm, ansible_host=["guest_hostname"])).hosts["a"]


def test_addresses_of_adapters_stand_in_for_those_of_the_guest(ansible: Ansible, tmp_path: Path) -> None:
    vm = named("vm-1", "a", nics=[{"key": 4000, "ips": ["192.0.2.5"]}])
    assert ansible.load(of_vms(tmp_path, vm)).hosts["a"]["ansible_host"] == "192.0.2.5"


# ---- variables are data ---------------------------------------------------------------------------------------------


def test_text_of_an_estate_is_never_a_template(ansible: Ansible, tmp_path: Path) -> None:
    vm = named(
        "vm-1",
        "a",
        notes=TEMPLATED,
        tags=[f"Note/{TEMPLATED}"],
        custom_attributes={TEMPLATED: TEMPLATED},
        guest_hostname=TEMPLATED,
        owner=TEMPLATED,
        cluster="{% raw %}",
    )
    facts = ["notes", "tags", "custom_attributes", "guest_hostname", "owner", "cluster"]
    options = {
        "facts": facts,
        "strict": True,
        "hostnames": ["guest_hostname"],
        "compose": {"copied": "vm_notes", "joined": "'<' ~ vm_notes ~ '>'"},
        "keyed_groups": [{"key": "vm_notes", "prefix": "note"}],
        "groups": {"noted": "vm_notes is defined"},
    }
    path = of_vms(tmp_path, vm, **options)
    (host,) = ansible.load(path).hosts
    expression = "{{ vm_notes }}|{{ vm_tags[0] }}|{{ vm_owner }}|{{ vm_cluster }}|{{ copied }}|{{ joined }}|{{ inventory_hostname }}"
    before = set(Path.cwd().iterdir())
    loaded = ansible.load(path, render={host: expression})
    expected = [TEMPLATED, f"Note/{TEMPLATED}", TEMPLATED, "{% raw %}", TEMPLATED, f"<{TEMPLATED}>", host]
    assert loaded.rendered[host] == "|".join(expected)
    assert loaded.hosts[host]["vm_custom_attributes"] == {TEMPLATED: TEMPLATED}
    assert set(Path.cwd().iterdir()) == before
    assert all(name.isidentifier() for name in loaded.groups)


def test_all_facts_are_offered_on_request(ansible: Ansible, tmp_path: Path) -> None:
    vm = named("vm-1", "a", disks=[{"key": 2000, "capacity_bytes": 1 << 30}], snapshots=[], notes="hello")
    found = ansible.load(of_vms(tmp_path, vm, facts=["all"], hostvars_prefix="readiness_vm_")).hosts["a"]
    assert found["readiness_vm_disks"] == [{"key": 2000, "capacity_bytes": 1 << 30}]
    assert found["readiness_vm_snapshots"] == []
    assert found["readiness_vm_notes"] == "hello"
    assert "readiness_vm_origin" not in found


def test_windows_guest_is_told_from_linux(ansible: Ansible, tmp_path: Path) -> None:
    found = ansible.load(of_vms(tmp_path, named("vm-1", "a", **WINDOWS), named("vm-2", "b", guest_os_id="freebsd14_64Guest"))).hosts
    assert [found[name]["vm_os_type"] for name in ("a", "b")] == ["windows", "other"]


# ---- runs -----------------------------------------------------------------------------------------------------------


def test_run_directory_gives_estate_and_verdicts(ansible: Ansible, tmp_path: Path) -> None:
    run = make_run(tmp_path / "runs" / "r1", [named("vm-1", "a")], [judged("vm-1", "blocked")])
    assert ansible.load(write_inventory(tmp_path, run_dir=run)).group("verdict_blocked") == ["a"]


def test_assessment_that_the_run_did_not_make_is_not_used(ansible: Ansible, tmp_path: Path) -> None:
    run = make_run(tmp_path / "r1", [named("vm-1", "a")], [judged("vm-1", "ready")], state="failed")
    loaded = ansible.load(write_inventory(tmp_path, run_dir=run))
    assert "vm_verdict" not in loaded.hosts["a"]
    assert "run r1 has no assessment" in loaded.said


def test_newest_run_with_an_assessment_is_read_and_a_newer_one_without_is_named(ansible: Ansible, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    make_run(runs / "old", [named("vm-1", "old")], [judged("vm-1", "ready")], "2027-01-01T00:00:00Z")
    make_run(runs / "new", [named("vm-1", "new")], [judged("vm-1", "ready")], "2027-01-02T00:00:00Z")
    make_run(runs / "newest", [named("vm-1", "newest")], None, "2027-01-03T00:00:00Z")
    loaded = ansible.load(write_inventory(tmp_path, runs_dir=runs))
    assert list(loaded.hosts) == ["new"]
    assert "run newest is newer but without an assessment: the VMs are those of run new" in loaded.said


def test_newest_run_is_read_when_none_has_an_assessment(ansible: Ansible, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    make_run(runs / "a", [named("vm-1", "old")], None, "2027-01-01T00:00:00Z")
    make_run(runs / "b", [named("vm-1", "new")], None, "2027-01-02T00:00:00Z")
    assert list(ansible.load(write_inventory(tmp_path, runs_dir=runs)).hosts) == ["new"]


# ---- cache ----------------------------------------------------------------------------------------------------------


def test_cached_inventory_is_the_same_until_its_file_changes(ansible: Ansible, tmp_path: Path) -> None:
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": tmp_path / "cache"}
    vms = [named("vm-1", "twin", notes=TEMPLATED, guest_ips=["192.0.2.1"]), named("vm-2", "twin", cluster="prod")]
    path = of_vms(tmp_path, *vms, facts=["name", "notes", "cluster"], **cache)
    first, second = ansible.load(path), ansible.load(path)
    assert len(list((tmp_path / "cache").iterdir())) == 1
    assert first == second
    noted = next(name for name, variables in second.hosts.items() if "vm_notes" in variables)
    assert ansible.load(path, render={noted: "{{ vm_notes }}"}).rendered[noted] == TEMPLATED
    of_vms(tmp_path, named("vm-1", "another"), facts=["name"], **cache)
    assert list(ansible.load(path).hosts) == ["another"]


def test_cached_inventory_is_really_used(ansible: Ansible, tmp_path: Path) -> None:
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": tmp_path / "cache"}
    path = of_vms(tmp_path, named("vm-1", "first-name"), **cache)
    ansible.load(path)
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_text(kept.read_text().replace("first-name", "other-name"))
    assert list(ansible.load(path).hosts) == ["other-name"]
    assert list(ansible.load(path, cache=False).hosts) == ["first-name"]


@pytest.mark.parametrize("content", ["[]", '{"signature": 1}', '"text"'])
def test_cache_that_holds_something_else_is_made_anew(ansible: Ansible, tmp_path: Path, content: str) -> None:
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": tmp_path / "cache"}
    path = of_vms(tmp_path, named("vm-1", "a"), **cache)
    ansible.load(path)
    (kept,) = (tmp_path / "cache").iterdir()
    plain = json.loads(kept.read_text())
    if "__payload__" in plain:
        plain["__payload__"] = json.dumps(json.loads(content))
    kept.write_text(json.dumps(plain) if "__payload__" in plain else content)
    assert list(ansible.load(path).hosts) == ["a"]
