# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped catalogue: complete, reviewed, and in agreement with its own examples; a faulty one is refused as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible_collections.groundwork.readiness.plugins.lookup import rule_catalogue
from ansible_collections.groundwork.readiness.plugins.module_utils.assessment.catalogue import load_catalogue
from ansible_collections.groundwork.readiness.plugins.module_utils.assessment.examples import run_examples
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import InputError
from ansible_collections.groundwork.readiness.plugins.plugin_utils import rule_files

from .support import catalogue_data, rule_data, shipped, shipped_data

FORKLIFT_CATEGORIES = {
    "vmware.changed_block_tracking.disabled": "warning",
    "vmware.changed_block_tracking.disk.disabled": "warning",
    "vmware.consolidation_needed": "warning",
    "vmware.cpu_affinity.detected": "warning",
    "vmware.cpu_memory.hotplug.enabled": "warning",
    "vmware.datastore.missing": "critical",
    "vmware.device.sriov.detected": "warning",
    "vmware.disk.capacity.invalid": "critical",
    "vmware.disk.count.exceeds.limit": "warning",
    "vmware.disk.rdm.detected": "warning",
    "vmware.disk.shared.detected": "warning",
    "vmware.disk_mode.independent": "warning",
    "vmware.disk_serial.truncated": "information",
    "vmware.dpm.enabled": "information",
    "vmware.drs.enabled": "information",
    "vmware.fault_tolerance.enabled": "information",
    "vmware.guestDisks.freespace": "critical",
    "vmware.guestDisks.key.not_found": "information",
    "vmware.host_affinity.detected": "warning",
    "vmware.hostname.default": "warning",
    "vmware.hostname.empty": "warning",
    "vmware.numa_affinity.detected": "warning",
    "vmware.os.unsupported": "warning",
    "vmware.passthrough_device.detected": "critical",
    "vmware.snapshot.detected": "information",
    "vmware.tpm.detected": "warning",
    "vmware.usb_controller.detected": "warning",
    "vmware.vm.name.invalid": "warning",
    "vmware.vm_missing_ip.detected": "warning",
}
"""Forklift's concern ids with its own categories, as reviewed."""


def test_shipped_catalogue_has_every_concern_of_forklift_in_its_category() -> None:
    assert {rule.id: rule.category for rule in shipped().rules} == FORKLIFT_CATEGORIES


def test_shipped_rules_agree_with_their_examples() -> None:
    assert [problem.text() for problem in run_examples(shipped())] == []


def test_every_shipped_rule_shows_its_evidence_once_at_least() -> None:
    assert [rule.id for rule in shipped().rules if not any("evidence" in example for example in rule.examples["match"])] == []


def test_every_shipped_parameter_is_used() -> None:
    text = repr(shipped_data()["rules"])
    assert [name for name in shipped_data()["parameters"] if f"{{'parameter': '{name}'}}" not in text] == []


def test_rules_that_differ_from_forklift_say_so() -> None:
    said = {rule.id for rule in shipped().rules if rule.deviation}
    assert said == {
        "vmware.datastore.missing",
        "vmware.device.sriov.detected",
        "vmware.disk.capacity.invalid",
        "vmware.disk.shared.detected",
        "vmware.dpm.enabled",
        "vmware.drs.enabled",
        "vmware.fault_tolerance.enabled",
        "vmware.guestDisks.freespace",
        "vmware.guestDisks.key.not_found",
        "vmware.host_affinity.detected",
        "vmware.os.unsupported",
        "vmware.passthrough_device.detected",
        "vmware.usb_controller.detected",
        "vmware.vm.name.invalid",
    }


def test_lookup_returns_one_checked_catalogue_without_examples() -> None:
    (data,) = rule_catalogue.LookupModule().run([])
    assert [rule["id"] for rule in data["rules"]] == sorted(FORKLIFT_CATEGORIES)
    assert not any(key in rule for rule in data["rules"] for key in ("examples", "file", "row"))
    assert data["sha256"] == shipped().sha256 == load_catalogue(data).sha256


def test_lookup_ends_the_task_with_every_problem_of_a_faulty_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "catalogue.yml").write_text("version: 1\n")
    monkeypatch.setattr(rule_catalogue, "checked_catalogue", lambda: rule_files.checked_catalogue(tmp_path))
    with pytest.raises(AnsibleError, match=r"weights: needs[\s\S]*rules: needs"):
        rule_catalogue.LookupModule().run([])


def test_sha256_changes_with_a_rule_but_not_with_examples_or_the_order_of_rules() -> None:
    one, two = rule_data(id="a"), rule_data(id="b")
    plain = load_catalogue(catalogue_data(one, two)).sha256
    assert load_catalogue(catalogue_data(two, {**one, "examples": {}, "file": "x.yml", "row": 3})).sha256 == plain
    assert load_catalogue(catalogue_data(one, {**two, "version": 2})).sha256 != plain


def faults(*rules: Any, examples: bool = False, **changes: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        load_catalogue(catalogue_data(*rules, **changes), examples=examples)
    return [problem.text() for problem in caught.value.problems]


def test_all_faults_of_a_catalogue_are_listed_at_once_with_file_and_line() -> None:
    rules = (
        rule_data(id="a", fail_when={"fact": "cpu_cuont", "gt": 1}, file="own.yml", row=4),
        rule_data(id="b", fail_when={"fact": "cpu_count", "above": 1}, file="own.yml", row=9),
        rule_data(id="b", category="severe"),
    )
    assert faults(*rules, weights={"critical": 1}) == [
        "weights: needs a whole number above 0 for each of critical, warning, information",
        "own.yml, row 4: rule a, fail_when: a VM has no fact 'cpu_cuont'",
        *[text for text in faults(rules[1]) if "unknown operator above" in text],
        "rule b: the id is used twice",
        "rule b: category is one of critical, warning, information, not 'severe'",
    ]


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("text", "must be a mapping"),
        ({}, "exactly one of"),
        ({"fact": "template", "any": []}, "exactly one of"),
        ({"fact": "template"}, "exactly one operator"),
        ({"fact": "template", "is": True, "is_not": True}, "exactly one operator"),
        ({"fact": "template", "is": "yes"}, "needs true or false"),
        ({"fact": "template", "matches": "x"}, "does not fit template"),
        ({"fact": "cpu_count", "gt": "4"}, "needs a number"),
        ({"fact": "cpu_count", "gt": True}, "needs a number"),
        ({"fact": "cpu_count", "gt": {"parameter": "missing"}}, "no parameter 'missing'"),
        ({"fact": "cpu_count", "gt": {"value": 3}}, "names a parameter"),
        ({"fact": "name", "is": 3}, "needs a text"),
        ({"fact": "name", "in": "a"}, "needs a list of texts"),
        ({"fact": "name", "in": []}, "needs a list of texts"),
        ({"fact": "name", "matches": "("}, "regular expression"),
        ({"fact": "name", "matches": "a", "expected": 3}, "needs a text"),
        ({"fact": "disks", "count_gt": "3"}, "needs a number"),
        ({"fact": "mode", "is": "x"}, "no fact 'mode'"),
        ({"all": []}, "list of expressions"),
        ({"any": [{"fact": "template", "is": True}], "where": 1}, "unknown key where"),
        ({"not": {"fact": "nothing", "is": True}}, "no fact 'nothing'"),
        ({"any_of": "discs", "where": {"fact": "mode", "is": "x"}}, "no list of parts 'discs'"),
        ({"any_of": "disks"}, "needs where"),
        ({"any_of": "disks", "where": {"fact": "template", "is": True}}, "a part of disks has no fact 'template'"),
        ({"any_of": "disks", "where": {"any_of": "nics", "where": {}}}, "inside another any_of"),
        ({"shared_by_vms": "cpu_count"}, "compares texts"),
        ({"shared_by_vms": "cluster.name"}, "compares texts"),
        ({"shared_by_vms": "name", "within": "galaxy"}, "within is one of"),
    ],
)
def test_faulty_expression_is_refused_with_its_place(expression: Any, fault: str) -> None:
    found = faults(rule_data(fail_when=expression))
    assert any(fault in text for text in found), found
    assert all(text.startswith("rule test.rule, fail_when") for text in found)


def test_rule_without_examples_is_refused_where_examples_are_asked_for() -> None:
    found = faults(rule_data(applies_when={"fact": "template", "is": True}, examples={"match": [], "other": []}), examples=True)
    assert [text for text in found if "needs" not in text and "need a list" not in text] == [
        "rule test.rule: unknown kind of example other; known: match, no_match, unknown, not_applicable"
    ]
    assert len(found) == 5


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"version": ""}, "version: needs a text"),
        ({"rules": []}, "rules: needs a list of rules"),
        ({"rules": ["x"]}, "rules[0]: a rule must be a mapping"),
        ({"parameters": {"limit": 3}}, "parameters.limit: needs value and meaning"),
        ({"parameters": []}, "parameters: needs a mapping"),
        ({"minimum_facts": [{"what": "x", "one_of": ["nothing"]}]}, "minimum_facts[0]: a VM has no fact 'nothing'"),
        ({"colour": "red"}, "unknown key colour"),
        ({"weights": {"critical": 1, "warning": 0, "information": 1}}, "weights: needs"),
    ],
)
def test_faulty_head_of_a_catalogue_is_refused(changes: dict[str, Any], fault: str) -> None:
    assert any(fault in text for text in faults(rule_data(), **changes))


def test_rule_with_faulty_keys_is_refused() -> None:
    found = faults(rule_data(title=" ", version="1", colour="red", deviation=3))
    assert [text.split("; known")[0] for text in found] == [
        "rule test.rule: title needs a text",
        "rule test.rule: deviation needs a text",
        "rule test.rule: version needs a whole number from 1",
        "rule test.rule: unknown key colour",
    ]


def test_files_that_are_no_catalogue_are_listed_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "catalogue.yml").write_text("version: [\n")
    (tmp_path / "list.yml").write_text("- 1\n")
    (tmp_path / "other.yml").write_text("rules: {}\n")
    with pytest.raises(InputError) as caught:
        rule_files.read_catalogue(tmp_path)
    assert [problem.text() for problem in caught.value.problems] == [
        "catalogue.yml, row 2: is not YAML: expected the node content, but found '<stream end>'",
        "list.yml: needs a mapping at the top",
        "other.yml: needs one key, rules, with a list",
    ]


def test_folder_without_a_catalogue_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        rule_files.read_catalogue(tmp_path)


def test_rules_know_their_file_and_line() -> None:
    first = shipped_data()["rules"][0]
    line = (rule_files.SHIPPED_FOLDER / first["file"]).read_text().splitlines()[first["row"] - 1]
    assert line == f"  - id: {first['id']}"


@pytest.mark.parametrize(
    ("example", "fault"),
    [
        ({"vm": {"templat": True}}, "the model has no fact templat"),
        ({"vm": {"template": "yes"}}, "template must be of type flag"),
        ({"vm": {"cpu_count": True}}, "cpu_count must be of type number"),
        ({"vm": {"disks": [{"modus": "x"}]}}, "the model has no fact disks.modus"),
        ({"vm": {}, "cluster": {"drs": True}}, "the model has no fact cluster.drs"),
        ({"vm": {}, "others": [{"nme": ""}]}, "the model has no fact nme"),
        ({"vm": {}, "why": ""}, "unknown key why"),
        ({}, "needs a vm"),
        ({"vm": {"template": False}}, "gives no_match"),
        ({"vm": {"template": True}, "evidence": []}, "gives the evidence"),
    ],
)
def test_example_with_a_slip_is_found(example: dict[str, Any], fault: str) -> None:
    rule = rule_data(examples={"match": [example]})
    (problem,) = run_examples(load_catalogue(catalogue_data(rule)))
    assert problem.text().startswith("rule test.rule, example match[0]: ")
    assert fault in problem.text()
