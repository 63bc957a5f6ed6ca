# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fact of the model has a policy, and no text comes through that no policy lets through."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.estate import model
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.anonymise import policies, words
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.anonymise.rewriting import Anonymiser
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.flaws import flaws, word_flaws
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.records import BOOKKEEPING, FACTS, PART_FACTS, SHAPES
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vocabulary import WORDS

from tests.unit.estate.anonymise.support import KEY, export, raw
from tests.unit.estate.samples import of, source, write_estate

OWNERS = {**FACTS, **PART_FACTS}
CLASSES = {**model.KINDS, **model.PARTS}
FACT_LIST = [(owner, fact) for owner, facts in OWNERS.items() for fact in facts]
FITTING = {
    "count": {policies.KEEP},
    "number": {policies.KEEP},
    "flag": {policies.KEEP},
    "counts": {policies.KEEP},
    "parts": {policies.PARTS},
    "text_map": {policies.LABELLED, policies.SETTINGS},
}
"""Shape of a fact to the policies that it can have; texts can have any other one."""
CANARY = "qzcanary"


def canary(*place: str) -> str:
    """A text that no vocabulary has, and that tells where it stood."""
    return f"{CANARY} {' '.join(place)}"


def value_of(owner: str, fact: str) -> Any:
    """A value of the fact's shape: canaries where it is text, a word where the vocabulary is closed."""
    shape = SHAPES[CLASSES[owner]][fact]
    if fact in WORDS.get(owner, {}):
        return min(WORDS[owner][fact])
    if shape == "parts":
        return [{name: value_of(fact, name) for name in PART_FACTS[fact]}]
    text = canary(owner, fact)
    texts = {"text": text, "texts": [text, f"[{text}] {text}/{text}.vmdk"], "text_map": {f"{text} key": text, "numa.nodeAffinity": text}}
    return texts.get(shape, {"flag": True, "counts": [1, 2], "number": 1.5}.get(shape, 7))


def everywhere(kind: str) -> dict[str, Any]:
    """A record of which every text is a canary."""
    name = canary("source")
    record = of(kind, name, canary(kind, "id"), **{fact: value_of(kind, fact) for fact in FACTS[kind]})
    record["origin"] |= {"tab": canary("tab"), "row": 7, "file": canary("file"), "object": canary("object")}
    record["unknown"] = {canary("path"): canary("reason"), f"disks[{canary('disk')}].mode": f"no permission: {canary('privilege')}"}
    record["fact_origins"] = {f"partitions[/{canary('mount')}].path": {"source": canary("other"), "tab": "vPartition", "row": 3}}
    return {**record, **({"id_basis": "path", "out_of_scope": f"excluded by folder {canary('scope')}"} if kind == "vm" else {})}


def finding(**more: Any) -> dict[str, Any]:
    """A notice of which every text is a canary."""
    texts = {key: canary(key) for key in ("file", "tab", "column", "remedy")}
    return {"code": "cell_unreadable", "message": canary("message"), "row": 7, **texts, **more}


def all_of_canaries() -> list[dict[str, Any]]:
    """An estate with a record of every kind."""
    unseen = [{"what": f"tab vInfo, column {canary('column')}", "facts": ["cpu_count", canary("fact")], "reason": canary("reason")}]
    files = [{"name": canary("file"), "sha256": "ab" * 32, "captured_at": canary("date")}]
    claims = [{"source": f"{canary('claim')}{number}", "captured_at": canary("date"), "value": canary("value")} for number in (1, 2)]
    conflict = {"kind": "conflict", "object_kind": "vm", "object": canary("vm", "id"), "object_name": canary("vm"), "values": claims}
    return [
        *(everywhere(kind) for kind in FACTS),
        source(canary("source"), canary("date"), tool_version=canary("tool"), files=files, not_seen=unseen, notices=[finding()]),
        {**conflict, "id": canary("conflict"), "field": "notes", "resolution": "newest"},
        {**conflict, "id": canary("conflict", "part"), "field": f"disks[{canary('label')}].path", "resolution": "unknown"},
        {"kind": "notice", "id": f"cell_unreadable/{canary('notice')}", **finding()},
        {"kind": "notice", "id": canary("other"), **finding(code=canary("code"))},
    ]


@pytest.mark.parametrize(("owner", "fact"), FACT_LIST, ids=lambda value: value)
def test_fact_has_a_policy_that_fits_its_shape(owner: str, fact: str) -> None:
    policy = policies.POLICIES[owner].get(fact)
    assert policy is not None, "add it to estate/anonymise/policies.py"
    shape = SHAPES[CLASSES[owner]][fact]
    others = set().union(*FITTING.values())
    assert policy in FITTING[shape] if shape in FITTING else policy not in others
    assert (policy == policies.CLOSED) == (fact in WORDS.get(owner, {}))
    assert (policy == policies.OPEN) == ((owner, fact) in words.OPEN_WORDS)


def test_there_is_no_policy_for_what_the_model_does_not_have() -> None:
    assert {owner: set(facts) for owner, facts in policies.POLICIES.items()} == {owner: set(facts) for owner, facts in OWNERS.items()}


def test_bookkeeping_is_what_the_export_rewrites_beside_the_facts() -> None:
    assert {"kind", "id", "id_basis", "origin", "fact_origins", "sources", "unknown", "out_of_scope"} == BOOKKEEPING


def test_no_text_of_any_fact_survives(tmp_path: Path) -> None:
    src = write_estate(tmp_path / "canaries.jsonl", all_of_canaries())
    assert raw(src).decode().lower().count(CANARY) > 200
    made = export(src, tmp_path / "export.jsonl")
    assert CANARY not in raw(made).decode().lower()


@pytest.mark.parametrize("kind", FACTS)
def test_every_fact_that_was_known_stays_known(kind: str) -> None:
    record = everywhere(kind)
    made = Anonymiser(KEY).record(record)
    assert made is not None
    assert list(made) == list(dict.fromkeys(key for key in made))
    assert set(made) == set(record)
    for part in PART_FACTS:
        if part in record:
            assert set(made[part][0]) == set(record[part][0])
    assert [*flaws(made), *word_flaws(made)] == []


def test_numbers_and_flags_stay_as_they_are() -> None:
    record = everywhere("vm")
    made = Anonymiser(KEY).record(record) or {}
    kept = [fact for fact in FACTS["vm"] if policies.POLICIES["vm"][fact] == policies.KEEP]
    assert {fact: made[fact] for fact in kept} == {fact: record[fact] for fact in kept}


def test_a_word_that_this_version_does_not_know_leaves_its_fact_unknown() -> None:
    made = Anonymiser(KEY).record(of("vm", "a", "vm-1", power_state="dreaming", disks=[{"key": 2000, "mode": "dreaming"}])) or {}
    assert "power_state" not in made
    assert made["disks"] == [{"key": 2000}]
    assert made["unknown"] == {"power_state": "a word that this version does not know"}


def test_kinds_and_keys_that_this_version_does_not_know_are_left_out_and_counted() -> None:
    anonymiser = Anonymiser(KEY)
    made = anonymiser.record(of("vm", "a", "vm-1", plan="erp", disks=[{"key": 2000, "colour": "red"}]))
    assert anonymiser.record({"kind": "wave", "id": "1", "name": "erp"}) is None
    assert "red" not in json.dumps(made)
    assert anonymiser.left_out == {"vm.plan": 1, "disks.colour": 1, "wave": 1}


@pytest.mark.parametrize(
    ("address", "shape"),
    [
        ("nas.example.com:/exports/erp", "{nas.example.com}:/{exports}/{erp}"),
        ("naa.6000c508, naa.6000c509", "{naa.6000c508}, {naa.6000c509}"),
        ("10.1.2.3:/erp", "{10.1.2.3}:/{erp}"),
        ("fd00::1", "{fd00::1}"),
        ("", ""),
    ],
)
def test_what_stands_behind_a_datastore_is_replaced_part_by_part(address: str, shape: str) -> None:
    anonymiser = Anonymiser(KEY)
    made = anonymiser.record(of("datastore", "a", "vc/datastore-1", address=address)) or {}
    assert made["address"] == re.sub(r"{([^}]+)}", lambda found: anonymiser.tokens.name(found[1]), shape)


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/", "/"),
        ("/boot", "/boot"),
        ("C:\\", "C:\\"),
        ("c:", "c:"),
        ("E:/", "E:/"),
        ("/var/log", "/var/log"),
        ("/srv/erp/data", "/srv/{erp}/data"),
        ("D:\\erp\\data", "D:\\{erp}\\data"),
        ("erp", "{erp}"),
    ],
)
def test_mount_points_keep_what_is_usual(path: str, shape: str) -> None:
    anonymiser = Anonymiser(KEY)
    made = anonymiser.record(of("vm", "a", "vc/vm-1", partitions=[{"path": path}])) or {}
    assert made["partitions"] == [{"path": re.sub(r"{([^}]+)}", lambda found: anonymiser.tokens.name(found[1]), shape)}]


def test_advanced_settings_keep_known_keys_and_plain_values() -> None:
    anonymiser = Anonymiser(KEY)
    settings = {"scsi0:0.ctkEnabled": "TRUE", "numa.nodeAffinity": "0,1", "guestinfo.erp": "erp", "sched.cpu.latencySensitivity": "high"}
    made = anonymiser.record(of("vm", "a", "vc/vm-1", advanced_settings=settings)) or {}
    kept = dict(made["advanced_settings"])
    assert {key: kept.pop(key) for key in ("scsi0:0.ctkEnabled", "numa.nodeAffinity", "sched.cpu.latencySensitivity")} == {
        key: value for key, value in settings.items() if key != "guestinfo.erp"
    }
    ((key, value),) = kept.items()
    assert "erp" not in key
    assert value == anonymiser.tokens.name("erp")


def test_parts_are_named_in_paths_of_facts_as_in_the_record() -> None:
    anonymiser = Anonymiser(KEY)
    name = anonymiser.tokens.name
    paths = {
        "disks[2000].mode": "disks[2000].mode",
        "disks[[gold] erp/erp.vmdk].mode": f"disks[{name('[gold] erp/erp.vmdk')}].mode",
        "disks[Hard disk 1#2].mode": "disks[Hard disk 1#2].mode",
        "nics[00:50:56:00:00:0a].ips": f"nics[{name('00:50:56:00:00:0a')}].ips",
        "snapshots[before erp 2026-03-01T10:00:00Z].quiesced": f"snapshots[{name('before erp')} 2026-03-01T10:00:00Z].quiesced",
        "partitions[/srv/erp].free_bytes": f"partitions[/srv/{name('erp')}].free_bytes",
        "devices[VirtualTPM Virtual TPM].connected": "devices[VirtualTPM Virtual TPM].connected",
        "usb[device USB 1].connected": "usb[device USB 1].connected",
        "disks.thin": "disks.thin",
        "cpu_count": "cpu_count",
    }
    assert {path: anonymiser.fact_path("vm", path) for path in paths} == paths
    assert anonymiser.fact_path("vm", "erp") == name("erp")
