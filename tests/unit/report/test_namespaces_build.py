# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The view of namespaces: every record is taken, unknown stays unknown, what was not compared is not kept."""

from __future__ import annotations

import jsonschema
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.model import KINDS
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.schema import namespaces_schema
from ansible_collections.groundwork.readiness.plugins.module_utils.report.namespaces_build import NOT_LOOKED_AT
from ansible_collections.groundwork.readiness.plugins.module_utils.report.namespaces_texts import NOT_COMPARED

from tests.unit.report import namespaces_factory as make

FOUND = make.namespaces_of(make.records())
BY_NAME = {entry.namespace: entry for entry in FOUND.contracts}
OWNERS = {entry.name: entry for entry in FOUND.owners}


def test_records_of_the_factory_are_valid_and_of_every_kind() -> None:
    validator = jsonschema.Draft202012Validator(namespaces_schema())
    for record in [*make.records(), *make.saved_records(), *make.kept_records(), *make.crowd(4)]:
        validator.validate(record)
    assert {record["kind"] for record in make.records()} == set(KINDS)


def test_every_record_has_its_place_in_the_view() -> None:
    counts: dict[str, int] = {}
    for record in make.records():
        counts[record["kind"]] = counts.get(record["kind"], 0) + 1
    grants = [grant for entry in FOUND.contracts for grant in entry.grants]
    found = {
        "contract": len(FOUND.contracts),
        "finding": len(FOUND.findings),
        "grant": len(grants),
        "headroom": sum(grant.headroom is not None for grant in grants),
        "access": sum(len(entry.access) for entry in FOUND.contracts),
        "proof": sum(len(entry.proofs) for entry in FOUND.contracts),
        "owner": len(FOUND.owners),
        "object": len(FOUND.objects),
        "notice": len(FOUND.notices),
        "reading": len(FOUND.counts) + len(FOUND.unread),
    }
    assert found == {kind: counts[kind] for kind in found}
    assert (FOUND.cluster.name, FOUND.today, FOUND.mode) == ("ocp-ai", make.TODAY, "verify")
    assert [document.name for document in FOUND.documents] == ["retail-chat.yml", "site.yml"]


def test_contracts_come_with_what_calls_for_attention_first() -> None:
    assert [entry.namespace for entry in FOUND.contracts] == [
        "retail-chat",
        "risk-fraud",
        "speech",
        "risk-labs",
        "vision-train",
        "retail-search",
    ]


def test_devices_of_a_contract_are_those_of_its_share_and_unknown_is_not_zero() -> None:
    assert (BY_NAME["retail-chat"].granted, BY_NAME["retail-chat"].used, BY_NAME["retail-chat"].idle) == (
        {make.GPU: 4},
        {make.GPU: 3},
        {make.GPU: 1},
    )
    assert (BY_NAME["risk-fraud"].granted, BY_NAME["risk-fraud"].used, BY_NAME["risk-fraud"].idle) == ({make.GPU: 6}, None, None)
    assert (BY_NAME["retail-search"].granted, BY_NAME["speech"].used) == ({}, {})
    assert (OWNERS["risk"].granted, OWNERS["risk"].used, OWNERS["risk"].unknown["used"]) == ({make.GPU: 10}, None, make.NO_PODS)


def test_findings_are_counted_at_their_namespace_and_good_to_know_apart() -> None:
    assert BY_NAME["vision-train"].counts == {"waived": 1, "hint": 1}
    assert BY_NAME["risk-fraud"].counts == {"fail": 3}


def test_owner_without_a_record_is_added_up_and_its_use_is_unknown() -> None:
    found = make.namespaces_of([record for record in make.records() if record["kind"] != "owner"])
    risk = next(entry for entry in found.owners if entry.name == "risk")
    assert (risk.granted, risk.used, risk.idle) == ({make.GPU: 10}, None, None)
    assert risk.unknown == {"used": NOT_LOOKED_AT, "idle": NOT_LOOKED_AT}
    assert risk.namespaces == ("risk-fraud", "risk-labs")


def test_owner_whose_contract_comes_to_nothing_known_has_no_sum() -> None:
    records = [make.contract("one"), make.contract("two")]
    del records[1]["devices"]
    assert make.namespaces_of(records).owners[0].granted is None


def test_people_to_talk_to_are_addresses_then_groups() -> None:
    assert OWNERS["retail"].contacts == ("retail-ai@example.com", "group retail-owners")
    assert OWNERS["risk"].contacts == ("group risk-owners",)


def test_contract_whose_objects_were_not_compared_is_not_evaluated() -> None:
    found = make.namespaces_of([record for record in make.kept_records() if record["kind"] != "object"], "apply")
    assert {(entry.state, entry.reason) for entry in found.contracts} == {("not_evaluated", NOT_COMPARED)}
    assert not found.compared
    assert "All" not in found.headline


def test_saved_target_is_told_by_its_readings() -> None:
    assert make.namespaces_of(make.saved_records()).saved
    assert not FOUND.saved
    assert not make.namespaces_of([]).saved


def test_headroom_that_nobody_knows_has_its_reason() -> None:
    (lab,) = BY_NAME["risk-labs"].grants
    assert lab.headroom is not None
    assert (lab.headroom.units, lab.headroom.unknown["units"]) == (None, "nodes (pods could not be read)")
    (training,) = BY_NAME["risk-fraud"].grants
    assert training.headroom is None
