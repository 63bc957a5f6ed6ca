# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook platform, through the real command: refused documents, verify with an account that may only read, check mode, apply."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.counterparts.cluster import Audit, crds_available
from tests.integration.platform_site import HOME, MERGE, READER, WRITER, Site, platform_site
from tests.integration.playbooks import CHECKOUT, Played, play
from tests.unit.adapters.cluster.conftest import libraries_missing

Json = dict[str, Any]
NAME = "hub.example.com"
NOW = "2027-01-04T08:15:00Z"
WRITING = ["accelerators", "openshift_ai"]
POLICY = "/apis/nvidia.com/v1/clusterpolicies"


@dataclass
class Playing:
    """A site, and how the playbook is run on it."""

    site: Site
    folder: Path
    audit: Audit | None = None

    def play(self, name: str, *arguments: str, account: str = WRITER, document: Any = None, **variables: Any) -> Played:
        """Runs the playbook in a folder of its own with the document as a file; `audit` has what the account asked of the cluster."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        site = self.site
        access = {"host": site.cluster.url, "api_key": site.tokens[account], "ca_cert": str(site.cluster.ca_path)}
        hosts = {"readiness_clusters": {"hosts": {NAME: {"readiness_cluster": access}}}}
        (folder / "hosts.yml").write_text(json.dumps(hosts), encoding="utf-8")
        given = self.site.document if document is None else document
        text = given if isinstance(given, str) else yaml.safe_dump(given, sort_keys=False)
        (folder / "site.yml").write_text(text, encoding="utf-8")
        usual = {"readiness_now": NOW, "readiness_platform": "site.yml", "readiness_platform_wait_minutes": 1}
        mark = site.cluster.mark()
        played = play(folder, "platform", "-i", "hosts.yml", "-i", "localhost,", *arguments, variables={**usual, **variables})
        self.audit = site.cluster.audit(mark).by(f"system:serviceaccount:{HOME}:{account}")
        return played

    def asked(self) -> Audit:
        """What the account asked during the last run."""
        assert self.audit is not None
        return self.audit


@pytest.fixture(scope="module")
def playing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playing]:
    """A cluster on which everything was applied once, and its operands are ready."""
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    if not crds_available():
        pytest.skip("no custom resource definitions")
    with platform_site(tmp_path_factory.mktemp("platform")) as site:
        site.apply_all()
        yield Playing(site, tmp_path_factory.mktemp("plays"))


def records(played: Played) -> dict[tuple[str, str], Json]:
    """The records of platform.jsonl."""
    lines = (played.run_dir / "platform.jsonl").read_text(encoding="utf-8").splitlines()
    return {(record["kind"], record.get("id", "")): record for record in map(json.loads, lines)}


def error_of(played: Played, place: str) -> Mapping[str, Any]:
    """The error that the run's record has for a part."""
    (entry,) = (entry for entry in played.run_record()["stages"] if entry["host"] == f"{NAME} {place}")
    error: Mapping[str, Any] = entry["error"]
    return error


BROKEN = """\
schema_version: "1.0"
operators:
  wanted:
    - {name: nfd, chanel: stable}
accelerators:
  pools:
    - name: a
      vendor: nvdia
      nodes: {a: b}
openshift_ai:
  components: {kserve: On}
"""


def test_document_that_is_broken_is_refused_with_every_fault_and_the_cluster_is_not_asked_at_all(playing: Playing) -> None:
    played = playing.play("broken", document=BROKEN)
    assert played.code != 0
    faults = [(problem["file"], problem["row"], problem["message"]) for problem in error_of(played, "preflight")["problems"]]
    assert faults == [
        ("site.yml", 4, "operators.wanted[0].chanel is not known"),
        ("site.yml", 8, "accelerators.pools[0].vendor is 'nvdia'"),
        ("site.yml", 11, "openshift_ai.components.kserve is True, not a text"),
    ]
    assert all(problem["remedy"] for problem in error_of(played, "preflight")["problems"])
    assert playing.asked().reads + playing.asked().writes + playing.asked().dry_runs == 0
    stages = played.stages()
    assert {stages["platform", f"{NAME} {part}"] for part in ("prerequisites", "operators", *WRITING)} == {"skipped"}
    assert "did you mean channel?" in played.output.lower()
    assert (played.run_dir / "report" / "index.html").is_file()


def test_meaning_that_is_impossible_in_one_part_stops_all_parts_before_the_first_write(playing: Playing) -> None:
    document = json.loads(json.dumps(playing.site.document))
    document["openshift_ai"]["components"]["kueue"] = "Managed"
    played = playing.play("meaning", document=document, readiness_platform_parts=["accelerators"])
    assert played.code != 0
    (problem,) = error_of(played, "preflight")["problems"]
    assert "denies" in problem["message"]
    assert playing.asked().writes + playing.asked().dry_runs == 0


def test_what_the_cluster_refuses_of_the_last_part_stops_the_first_one_too(playing: Playing) -> None:
    document = {**playing.site.document, "cluster": {"id": "00000000-0000-4000-8000-000000000000"}}
    played = playing.play("other", document=document)
    assert played.code != 0
    assert error_of(played, "preflight")["code"] == "platform_refused"
    assert playing.asked().writes + playing.asked().dry_runs == 0
    assert played.stages()["platform", f"{NAME} openshift_ai"] == "skipped"
    assert records(played)["finding", "cluster/platform.cluster.identity/cluster"]["result"] == "fail"


def test_verify_with_an_account_that_may_only_read_leaves_findings_and_a_report(playing: Playing) -> None:
    played = playing.play("verify", account=READER, readiness_mode="verify", readiness_platform_parts=WRITING)
    assert played.code == 0, played.output[-3000:]
    assert playing.asked().writes == 0
    found = records(played)
    assert [key for key, record in found.items() if key[0] == "finding" and record["result"] == "fail"] == []
    assert found["header", ""]["mode"] == "verify"
    assert found["header", ""]["parts"] == WRITING
    assert {found["layer", name]["state"] for name in ("accelerators", "queues")} == {"ready"}
    assert played.stages()["platform", "localhost"] == "ran"


def test_second_run_through_the_playbook_writes_nothing(playing: Playing) -> None:
    played = playing.play("second", readiness_platform_parts=WRITING)
    assert played.code == 0, played.output[-3000:]
    assert playing.asked().writes == 0


def test_check_mode_predicts_what_the_next_run_sets_right_and_verify_names_it(playing: Playing) -> None:
    name = playing.site.live(POLICY)["items"][0]["metadata"]["name"]
    playing.site.cluster.client.request("PATCH", f"{POLICY}/{name}", {"spec": {"devicePlugin": {"enabled": False}}}, MERGE).checked()
    seen = playing.play("drift-verify", account=READER, readiness_mode="verify", readiness_platform_parts=WRITING)
    assert seen.code != 0
    finding = records(seen)["finding", f"accelerators/platform.accelerators.object/ClusterPolicy {name}"]
    assert (finding["state"], finding["result"], finding["action"]) == ("changed", "fail", "update")
    # The parts that rest on it were looked at all the same.
    assert any(kind == "finding" and identity.startswith("openshift_ai/") for kind, identity in records(seen))

    checked = playing.play("drift-check", "--check", "--diff", readiness_platform_parts=WRITING)
    assert playing.asked().writes == 0
    predicted = records(checked)["object", f"ClusterPolicy {name}"]
    assert (predicted["action"], predicted["fields"]) == ("update", ["spec.devicePlugin.enabled"])
    assert "-    enabled: false" in checked.output

    applied = playing.play("drift-apply", readiness_platform_parts=WRITING)
    assert applied.code == 0, applied.output[-3000:]
    done = records(applied)["object", f"ClusterPolicy {name}"]
    assert (done["action"], done["fields"]) == ("update", ["spec.devicePlugin.enabled"])
    assert playing.site.live(f"{POLICY}/{name}")["spec"]["devicePlugin"]["enabled"] is True


def test_several_clusters_are_refused_with_the_way_to_choose_one(playing: Playing, tmp_path: Path) -> None:
    hosts = {"readiness_clusters": {"hosts": {"a.example.com": {}, "b.example.com": {}}}}
    (tmp_path / "hosts.yml").write_text(json.dumps(hosts), encoding="utf-8")
    played = play(tmp_path, "platform", "-i", "hosts.yml", "-i", "localhost,", variables={"readiness_platform": {"schema_version": "1.0"}})
    assert played.code != 0
    assert "--limit a.example.com,localhost" in played.output


@pytest.mark.parametrize("name", ["large"])
def test_examples_pass_the_document_checks_of_the_real_playbook(playing: Playing, name: str) -> None:
    text = (CHECKOUT / "docs" / "examples" / "platform" / f"{name}.yml").read_text(encoding="utf-8")
    played = playing.play(f"example-{name}", account=READER, document=text, readiness_mode="verify", readiness_platform_parts=[])
    error = next((entry.get("error") for entry in played.run_record()["stages"] if entry["host"] == f"{NAME} preflight"), None)
    assert error is None or error["code"] != "platform_document", error
