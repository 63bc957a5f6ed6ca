# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The export of a live estate: judged as the estate is, with nothing of it left but what the collection itself says."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.anonymise.rewriting import Anonymiser

from tests.counterparts.vcenter import vcenter
from tests.unit.estate.anonymise.support import KEY, export, judged, kinds, records, searched_parts, survivors

from .live import read

LACKING = ("Global.Licenses", "StorageProfile.View")


@pytest.fixture(scope="module", params=["vcenter", "lacking privileges", "host"])
def estate(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The saved estate of a simulator."""
    dest = tmp_path_factory.mktemp("live") / "estate.jsonl"
    without = LACKING if request.param == "lacking privileges" else ()
    with vcenter(esx=request.param == "host", without=without) as simulator:
        return read(simulator, dest).path


def test_the_export_of_a_live_estate_is_judged_as_the_estate_is(estate: Path, tmp_path: Path) -> None:
    made = export(estate, tmp_path / "export.jsonl")
    assert kinds(made) == kinds(estate)
    assert judged(made, tmp_path) == judged(estate, tmp_path, Anonymiser(KEY))


def test_no_text_of_a_live_estate_survives(estate: Path, tmp_path: Path) -> None:
    assert len(searched_parts(estate)) > 500
    assert survivors(estate, export(estate, tmp_path / "export.jsonl")) == []


def test_reasons_of_a_live_estate_still_name_the_privilege(estate: Path, tmp_path: Path) -> None:
    def named(path: Path) -> list[str]:
        texts = [text for record in records(path) if record["kind"] != "header" for text in record.get("unknown", {}).values()]
        texts += [entry["reason"] for record in records(path) if record["kind"] == "source" for entry in record["not_seen"]]
        return sorted(text for text in texts if text.startswith("no permission"))

    assert named(export(estate, tmp_path / "export.jsonl")) == named(estate)
