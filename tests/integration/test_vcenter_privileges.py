# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One privilege is missing at a time: the facts behind it become unknown, the verdicts provisional, and the report names it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.model import PARTS
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.records import FACTS
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.privileges import PRIVILEGES, facts_behind

from tests.counterparts.vcenter import Simulator, vcenter
from tests.integration.live import NOW, Read, load, login, read
from tests.integration.playbooks import Played, play
from tests.tools.compare_estates import NOT_EVALUATED, compare

VIEW = "System.View"
"""Without it nothing is listed, so that there is nothing to judge."""
OPTIONAL_OR_READ = [entry.id for entry in PRIVILEGES if entry.id not in ("System.Anonymous", VIEW)]
"""System.Anonymous is what every session has, one that has not logged in included."""
STILL_KNOWN = {
    "vapp.datacenter": "from the names of its pools and folders, which System.View shows",
    "vm.datastores": "from the list of datastores of the VM, which System.View shows",
    "vm.tags": "from the Automation API, which the simulator guards in another way",
}


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with vcenter(name="vc-north.example.com", vms=60, seed=1) as started:
        yield started


@pytest.fixture(autouse=True)
def every_privilege(simulator: Simulator) -> Iterator[None]:
    yield
    simulator.without()


@pytest.fixture(scope="module")
def complete(simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Read:
    return read(simulator, tmp_path_factory.mktemp("complete") / "estate.jsonl")


def known(estate: Read, fact: str) -> int:
    """How many records show a fact, `kind.fact` or `vm.part.fact`."""
    kind, _dot, name = fact.partition(".")
    part, _dot, inner = name.partition(".")
    records = estate.records.get(kind, {}).values()
    if inner:
        return sum(inner in entry for record in records for entry in record.get(part, ()))
    return sum(name in record for record in records)


def unexplained(complete: Read, found: Read, privilege: str) -> Iterator[str]:
    """Facts that got lost without the privilege being named, and facts that changed instead of getting lost."""
    for kind, records in complete.records.items():
        for identity, record in records.items():
            left = found.records.get(kind, {}).get(identity, {})
            for fact in (name for name in FACTS.get(kind, ()) if name in record):
                if fact in left:
                    if left[fact] != record[fact] and fact not in PARTS:
                        yield f"{identity}: {fact} is {left[fact]!r} instead of {record[fact]!r}"
                elif left and privilege not in left.get("unknown", {}).get(fact, "") and not told(found, kind, fact, privilege):
                    yield f"{identity}: {fact} is unknown: {left.get('unknown', {}).get(fact, 'for no reason')}"


def told(found: Read, kind: str, fact: str, privilege: str) -> bool:
    """True when the source says of a fact that the privilege is missing."""
    path = fact if kind == "vm" else f"{kind}.{fact}"
    return any(path in entry["facts"] and privilege in entry["reason"] for entry in found.source["not_seen"])


def assessed_without(simulator: Simulator, folder: Path, privilege: str) -> Played:
    """A whole run without one privilege."""
    simulator.without(privilege)
    variables = {"readiness_now": NOW, "readiness_sources": [{"vcenter": login(simulator)}]}
    return play(folder, "assess", variables=variables)


@pytest.mark.parametrize("privilege", OPTIONAL_OR_READ)
def test_without_one_privilege_its_facts_are_unknown_and_the_report_names_it(
    simulator: Simulator, complete: Read, tmp_path: Path, privilege: str
) -> None:
    played = assessed_without(simulator, tmp_path, privilege)
    assert played.code == 0, played.output
    found = load(played.run_dir / "estate.jsonl")
    lost = [fact for fact in facts_behind(privilege) if known(complete, fact) and fact not in STILL_KNOWN]
    assert lost
    assert [fact for fact in lost if known(found, fact) >= known(complete, fact)] == []
    assert list(unexplained(complete, found, privilege)) == []
    assert privilege in played.page()
    assert privilege in (played.run_dir / "report" / "report.md").read_text(encoding="utf-8")
    made = compare(complete.assessed(), found.assessed())
    assert [difference.text() for difference in made.differences] == []
    print(f"{privilege}: {len(lost)} facts unknown, {made.export[NOT_EVALUATED] - made.live[NOT_EVALUATED]} more (VM, rule) pairs open")


def test_without_system_read_no_verdict_is_settled(simulator: Simulator, tmp_path: Path) -> None:
    played = assessed_without(simulator, tmp_path, "System.Read")
    assert played.code == 0, played.output
    report = (played.run_dir / "report" / "summary.txt").read_text(encoding="utf-8")
    assert "System.Read" in report


def test_without_system_view_there_is_one_error_that_names_it_and_no_verdict(simulator: Simulator, tmp_path: Path) -> None:
    played = assessed_without(simulator, tmp_path, VIEW)
    assert played.code != 0
    assert "Traceback" not in played.output
    assert VIEW in played.output
    assert not (played.run_dir / "assessment.jsonl").exists()
