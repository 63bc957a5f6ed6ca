# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan is made of, and where the estate may lack something."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import ArtifactWriter
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.plan_inputs import PlanInputs, read_inputs
from ansible_collections.groundwork.readiness.plugins.module_utils.common.artifact import ArtifactHeader, ArtifactInput
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.unmatched import ALL, DATASTORE, HOST, NETWORK


def read(folder: Path, *records: dict[str, Any]) -> PlanInputs:
    """The inputs of an estate with these records."""
    with ArtifactWriter(folder / "estate.jsonl", ArtifactHeader("estate", (), "apply")) as writer:
        for record in sorted(records, key=lambda one: (one["kind"], one["id"])):
            writer.write(record)
        sha256 = writer.finish().sha256
    with ArtifactWriter(
        folder / "assessment.jsonl", ArtifactHeader("assessment", (ArtifactInput("estate.jsonl", sha256),), "apply")
    ) as writer:
        writer.finish()
    return read_inputs(folder / "estate.jsonl", folder / "assessment.jsonl")


def source(*not_seen: tuple[str, list[str]], notices: tuple[str, ...] = ()) -> dict[str, Any]:
    """A source that did not see this."""
    gaps = [{"what": what, "facts": facts, "reason": "the export does not have it"} for what, facts in not_seen]
    told = [{"code": code, "message": f"message of {code}"} for code in notices]
    return {"kind": "source", "id": "a.xlsx@00000000", "name": "a.xlsx", "not_seen": gaps, "notices": told}


@pytest.mark.parametrize(
    ("gap", "kinds"),
    [
        (("tab vNetwork", ["nics"]), [NETWORK]),
        (("tab dvPort", ["network.vlan"]), [NETWORK]),
        (("tab dvPort, column VLAN", ["network.vlan"]), []),
        (("config.network of 9 networks", ["network.vlan"]), []),
        (("tab vDatastore", ["datastore.capacity_bytes"]), [DATASTORE]),
        (("the disks of 4 VMs", ["vm.disks"]), [DATASTORE]),
        (("tab vHost", ["host.cpu_model"]), [HOST]),
        (("RVTools", ["tags", "disks.used_bytes"]), []),
    ],
)
def test_gap_of_a_source_makes_unsure_of_what_it_would_have_listed(tmp_path: Path, gap: tuple[str, list[str]], kinds: list[str]) -> None:
    assert sorted(read(tmp_path, source(gap)).unsure) == kinds


@pytest.mark.parametrize("code", ["vms_may_be_invisible", "privileges_not_known"])
def test_account_that_may_not_see_everything_makes_unsure_of_all(tmp_path: Path, code: str) -> None:
    assert read(tmp_path, source(notices=(code, "cell_unreadable"))).unsure == {ALL: f"message of {code}"}


@pytest.mark.parametrize("code", ["source_missing", "source_left_out"])
def test_source_that_is_not_there_makes_unsure_of_all(tmp_path: Path, code: str) -> None:
    notice = {"kind": "notice", "id": f"{code}/vc-east", "code": code, "message": "vc-east left no estate"}
    assert read(tmp_path, notice, source()).unsure == {ALL: "vc-east left no estate"}


def test_whole_estate_is_sure_of_everything(tmp_path: Path) -> None:
    found = read(tmp_path, source(notices=("cell_unreadable",)))
    assert found.unsure == {}
    assert [entry.name for entry in found.own] == ["estate.jsonl", "assessment.jsonl"]
