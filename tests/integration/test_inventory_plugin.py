# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin through the real commands, on the assessment of the demo estate."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.estate.samples import vm, write_estate

from .playbooks import CHECKOUT, DEMO_INVENTORY, Played, play

NOW = "2026-11-21T12:00:00Z"
SHIPPED = CHECKOUT / "inventories" / "estate" / "vms.estate.yml"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """One run on the demo estate."""
    played = play(tmp_path_factory.mktemp("demo"), "assess", "-i", str(DEMO_INVENTORY), variables={"readiness_now": NOW})
    assert played.code == 0, played.output
    return played


def command(folder: Path, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs one of Ansible's commands in a folder."""
    settings = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / "build" / "collections"), "ANSIBLE_NOCOLOR": "1"}
    settings |= {"ANSIBLE_LOCAL_TEMP": str(folder / ".ansible"), "PWD": str(folder)}
    program = str(Path(sys.executable).with_name(name))
    done = subprocess.run([program, *arguments], cwd=folder, env=settings, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def records(played: Played, name: str) -> list[dict[str, Any]]:
    """The VMs of an artifact of the run."""
    lines = (json.loads(line) for line in (played.run_dir / name).read_text(encoding="utf-8").splitlines())
    return [record for record in lines if record["kind"] == "vm"]


def expected_verdicts(played: Played) -> Counter[str]:
    """How many VMs there are in each group of a verdict, as the assessment says."""
    return Counter(f"verdict_{vm['verdict']}{'_provisional' if vm['provisional'] else ''}" for vm in records(played, "assessment.jsonl"))


def test_shipped_inventory_lists_every_assessed_vm_in_the_group_of_its_verdict(demo: Played) -> None:
    listed = json.loads(command(demo.run_dir.parents[1], "ansible-inventory", "-i", str(SHIPPED), "--list").stdout)
    hosts = listed["_meta"]["hostvars"]
    verdicts = {name: len(group["hosts"]) for name, group in listed.items() if name.startswith("verdict_")}
    assert verdicts == dict(expected_verdicts(demo))
    assert len(hosts) == sum(verdicts.values()) == len(listed["readiness_vms"]["hosts"])
    in_scope = {vm["id"]: vm for vm in records(demo, "estate.jsonl") if "out_of_scope" not in vm}
    plain = {json.dumps(found["vm_id"]) for found in hosts.values()}
    assert {identity for identity in in_scope if any(identity in text for text in plain)} == set(in_scope)
    assert {name for name in listed if name.startswith("cluster_")} == {
        f"cluster_{vm['cluster'].replace('-', '_')}" for vm in in_scope.values() if vm.get("cluster")
    }


def test_graph_shows_the_groups(demo: Played, tmp_path: Path) -> None:
    (tmp_path / "one.readiness.yml").write_text(
        yaml.safe_dump({"plugin": "groundwork.readiness.estate", "run_dir": str(demo.run_dir), "group_by": ["os_type", "findings"]})
    )
    graph = command(tmp_path, "ansible-inventory", "-i", "one.readiness.yml", "--graph").stdout
    assert "|--@os_type_linux:" in graph
    assert "|--@os_type_windows:" in graph
    assert "|--@finding_vmware_snapshot_detected:" in graph
    assert "|--@verdict_ready:" not in graph


def test_play_over_a_group_meets_the_hosts_of_that_verdict_with_their_facts(demo: Played, tmp_path: Path) -> None:
    (tmp_path / "play.yml").write_text(
        """
- hosts: verdict_blocked:verdict_blocked_provisional
  gather_facts: false
  connection: local
  tasks:
    - ansible.builtin.assert:
        that:
          - vm_verdict == 'blocked'
          - vm_findings | length > 0
          - "'readiness_vms' in group_names"
      register: looked
    - ansible.builtin.debug:
        msg: "looked at {{ inventory_hostname }}"
"""
    )
    (tmp_path / "vms.estate.yml").write_text(
        yaml.safe_dump({"plugin": "groundwork.readiness.estate", "runs_dir": str(demo.run_dir.parent), "strict": True})
    )
    output = command(tmp_path, "ansible-playbook", "-i", "vms.estate.yml", "play.yml").stdout
    blocked = sum(count for name, count in expected_verdicts(demo).items() if name.startswith("verdict_blocked"))
    assert blocked
    assert output.count("looked at ") == blocked
    assert "failed=1" not in output


def test_name_and_notes_that_look_like_templates_stay_as_they_are(tmp_path: Path) -> None:
    evil = "{{ lookup('ansible.builtin.pipe', 'touch pwned') }}"
    estate = write_estate(tmp_path / "saved.jsonl", [vm("a", "vm-1", name=evil, notes=evil, guest_ips=[evil])])
    (tmp_path / "vms.estate.yml").write_text(
        yaml.safe_dump({"plugin": "groundwork.readiness.estate", "estate": str(estate), "facts": ["name", "notes", "guest_ips"]})
    )
    (tmp_path / "play.yml").write_text(
        """
- hosts: all
  gather_facts: false
  connection: local
  tasks:
    - ansible.builtin.copy:
        content: "{{ vm_name }}|{{ vm_notes }}|{{ hostvars[inventory_hostname].vm_guest_ips | first }}|{{ inventory_hostname }}"
        dest: "{{ playbook_dir }}/seen.txt"
        mode: "0600"
      vars:
        ansible_python_interpreter: "{{ ansible_playbook_python }}"
    - ansible.builtin.debug:
        var: hostvars[inventory_hostname]
"""
    )
    command(tmp_path, "ansible-playbook", "-i", "vms.estate.yml", "play.yml")
    seen = (tmp_path / "seen.txt").read_text().split("|")
    assert seen[:3] == [evil] * 3
    assert "{" not in seen[3]
    assert not list(tmp_path.rglob("pwned"))
