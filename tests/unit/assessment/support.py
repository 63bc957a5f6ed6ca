# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the assessment share: the shipped catalogue, small catalogues, and judging a list of records."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.assessment.catalogue import Catalogue, load_catalogue
from ansible_collections.groundwork.readiness.plugins.module_utils.assessment.engine import EstateScan, Evaluator, Judgement
from ansible_collections.groundwork.readiness.plugins.plugin_utils.rule_files import read_catalogue

Record = dict[str, Any]


@cache
def shipped_data() -> dict[str, Any]:
    """The shipped catalogue as data, examples included. Not to be changed."""
    return read_catalogue()


@cache
def shipped() -> Catalogue:
    """The shipped catalogue."""
    return load_catalogue(shipped_data(), examples=True)


def rule_data(**changes: Any) -> Record:
    """A sound rule as data."""
    rule = {
        "id": "test.rule",
        "title": "Title",
        "category": "warning",
        "version": 1,
        "rationale": "Why.",
        "remedy": "How.",
        "source": "Where from.",
        "fail_when": {"fact": "template", "is": True},
    }
    return {**rule, **changes}


def catalogue_data(*rules: Record, **changes: Any) -> Record:
    """A sound catalogue of these rules as data."""
    head = {
        "version": "1",
        "weights": {"critical": 20, "warning": 5, "information": 1},
        "minimum_facts": [{"what": "guest OS", "one_of": ["guest_os_id"]}, {"what": "disks", "one_of": ["disks"]}],
        "parameters": {},
        "rules": list(rules),
    }
    return {**head, **changes}


def catalogue_of(*rules: Record, **changes: Any) -> Catalogue:
    """The catalogue of these rules."""
    return load_catalogue(catalogue_data(*rules, **changes))


def vm(number: int | str, **facts: Any) -> Record:
    """The record of a VM."""
    return {"kind": "vm", "id": f"vm-{number}", **facts}


def scanned(catalogue: Catalogue, records: Sequence[Record]) -> Evaluator:
    """The evaluator after the first pass."""
    scan = EstateScan(catalogue)
    for record in records:
        scan.add(record)
    return scan.close()


def judge(catalogue: Catalogue, records: Sequence[Record]) -> dict[str, Judgement]:
    """The judgement of each VM in scope, by id."""
    evaluator = scanned(catalogue, records)
    vms = [record for record in records if record["kind"] == "vm"]
    return {vm["id"]: evaluator.judge(number, vm) for number, vm in enumerate(vms) if "out_of_scope" not in vm}


def outcomes(fail_when: Record, *records: Record) -> list[str]:
    """What one expression gives for each VM: fail, pass or gap."""
    results = judge(catalogue_of(rule_data(fail_when=fail_when)), records).values()
    return ["fail" if result.findings else "gap" if result.gap_mask else "pass" for result in results]
