# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook namespaces, through the real command: what is refused and how it is told, check mode, apply, GitOps, a saved target.

Where the playbook adds nothing, the stage is called itself. Tests stand in the order of the cluster's life: empty, provisioned, changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.access import open_access
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.client import ApiConnection, Timing
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster_arguments import ClusterSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.namespaces import stage
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.namespaces.request import namespaces_request
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.rights import HOME, READER
from ansible_collections.groundwork.readiness.plugins.modules.namespaces import DOCUMENTATION
from ansible_collections.groundwork.readiness.plugins.plugin_utils.contract_files import load_contracts
from ansible_collections.groundwork.readiness.plugins.plugin_utils.platform_files import read_facts

from tests.counterparts.cluster import Fault, wait_until
from tests.counterparts.cluster.contracts import NODES, PEOPLE
from tests.integration.namespaces_plays import (
    EXAMPLES,
    NAME,
    RESTRICTED,
    SPACES,
    Plays,
    example,
    problems_of,
    records,
    stage_of,
)
from tests.integration.namespaces_site import namespaces_site, words
from tests.integration.playbooks import CHECKOUT, Played, play

Json = dict[str, Any]
UNPROVEN = {"readiness_namespaces_access_proof": "never"}
"""What tenants may do is asked elsewhere: here it would take most of the time."""

RBAC = "/apis/rbac.authorization.k8s.io/v1"
DEMO_TARGET = CHECKOUT / "inventories" / "demo" / "group_vars" / "all" / "files" / "target.jsonl.gz"
OWNER = {"name": "retail", "group": "retail-ai-owners", "cost_centre": "cc-4711"}
SMALL: Json = {
    "schema_version": "1.0",
    "namespace": "team-small",
    "owner": OWNER,
    "classification": "internal",
    "expires": "2027-06-30",
    "personas": [{"persona": "ml_engineer", "groups": ["retail-ai-engineers"]}],
    "quota": {"cpu": 4, "memory_gib": 16},
    "queue": {"cohort": "ai"},
}
"""A contract without accelerators."""

NOWHERE = {"host": "https://127.0.0.1:1", "api_key": "none"}


def small(namespace: str, **changes: Any) -> Json:
    return {**SMALL, "namespace": namespace, **changes}


def lines(contract: Json) -> str:
    """A file of YAML with one row for each key."""
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in contract.items())


def report_is_there(played: Played) -> bool:
    return (played.run_dir / "report" / "index.html").is_file()


@pytest.fixture(scope="module")
def plays(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plays]:
    """A cluster without any namespace of a contract."""
    with namespaces_site(tmp_path_factory, "plays", nodes=NODES, people=PEOPLE) as site:
        yield Plays(site, tmp_path_factory.mktemp("plays"))


# ---- contracts that cannot be kept -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Faulty:
    """A file with a contract that has one fault, and how that is told."""

    file: str
    contract: Json
    key: str
    """the key in whose row it stands"""
    says: str
    remedy: str

    @property
    def place(self) -> tuple[str, int]:
        return self.file, 1 + list(self.contract).index(self.key)


FAULTY = (
    Faulty("twice.yml", small("docs-search"), "namespace", "as in another contract of docs-search.yml", "leave one of them out"),
    Faulty(
        "class.yml",
        small("team-class", accelerators=[{"name": "chat", "class": "large-inferense"}]),
        "accelerators",
        "accelerators[0].class is 'large-inferense'",
        "did you mean large-inference?",
    ),
    Faulty(
        "persona.yml",
        small("team-persona", personas=[{"persona": "ml_enginer", "groups": ["retail-ai-engineers"]}]),
        "personas",
        "personas[0].persona is 'ml_enginer'",
        "did you mean ml_engineer?",
    ),
    Faulty("day.yml", small("team-day", expires="2027-02-30"), "expires", "expires is '2027-02-30', which is no day", "write it as"),
    Faulty(
        "cidr.yml",
        small("team-cidr", network={"isolation": "own_network", "subnets": ["10.210.128.0/17"]}),
        "network",
        "network.subnets[0] is 10.210.128.0/17, which overlaps 10.210.0.0/16 of docs-search",
        "give each namespace subnets of its own",
    ),
    Faulty(
        "openshift.yml",
        small("openshift-ai"),
        "namespace",
        "namespace is 'openshift-ai', a namespace of the system",
        "name one of your own",
    ),
    Faulty("kube.yml", small("kube-team"), "namespace", "namespace is 'kube-team', a namespace of the system", "name one of your own"),
)
FORM = Faulty("form.yml", small("team-form", expires="soon"), "expires", "expires is 'soon'", "")
"""A fault of form: what is not a contract cannot be judged beside the others."""


def folder_with(folder: Path, faulty: Sequence[Faulty]) -> Path:
    """A folder with the examples, and with files that are at fault."""
    folder.mkdir(parents=True)
    for path in EXAMPLES.glob("*.yml"):
        (folder / path.name).write_bytes(path.read_bytes())
    for each in faulty:
        (folder / each.file).write_text(lines(each.contract), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def refused(plays: Plays) -> Played:
    """A run with every one of these contracts beside the examples."""
    folder_with(plays.folder / "refused" / "teams", (*FAULTY, FORM))
    return plays.play("refused", contracts="teams")


def test_every_fault_of_every_file_is_told_at_once_and_the_cluster_is_not_asked(plays: Plays, refused: Played) -> None:
    assert refused.code != 0
    assert plays.audit is not None
    assert plays.audit.calls == ()
    assert stage_of(refused)["error"]["code"] == "namespaces_contracts"
    told = {(problem["file"], problem["row"]): problem for problem in problems_of(refused)}
    assert set(told) == {each.place for each in (*FAULTY, FORM)}
    for each in (*FAULTY, FORM):
        assert each.says in told[each.place]["message"]
        assert told[each.place]["remedy"]
        assert f"{each.file}, row {each.place[1]}: " in refused.output
    assert "Traceback" not in refused.output
    assert report_is_there(refused)


@pytest.mark.parametrize("faulty", (*FAULTY, FORM), ids=lambda faulty: faulty.file.removesuffix(".yml"))
def test_fault_alone_is_told_with_file_row_and_remedy(refused: Played, faulty: Faulty, tmp_path: Path) -> None:
    loaded = {**load_contracts(str(folder_with(tmp_path / "teams", [faulty])), tmp_path), "catalogue": read_facts()}
    defaults = {name: option.get("default") for name, option in yaml.safe_load(DOCUMENTATION)["options"].items()}
    params = {**defaults, "run_dir": str(refused.run_dir), "base_dir": str(tmp_path), "cluster": NOWHERE, "loaded": loaded}
    (problem,) = namespaces_request(params, check=False, diff=False).problems
    assert (problem.file, problem.row) == faulty.place
    assert faulty.says in problem.message
    assert faulty.remedy in problem.remedy


# ---- what keeps a run from writing -----------------------------------------------------------------------------------


def test_account_that_may_only_read_is_told_which_rights_lack_before_the_first_write(plays: Plays) -> None:
    found = plays.site.run([example("docs-search")], account=READER, access_proof="never")
    assert found.failure is not None
    told = words(found)
    assert any("the account may not create namespaces" in line for line in told)
    assert any("the account may not patch localqueues.kueue.x-k8s.io in docs-search" in line for line in told)
    assert all("roles/namespaces/files/apply_rights.yml" in line for line in told)
    assert plays.site.written() == []
    assert (plays.site.folder / "namespaces.jsonl").is_file()


def lease(holder: str) -> Json:
    """The Lease of somebody who is writing."""
    now = "2099-01-01T00:00:00.000000Z"
    spec = {"holderIdentity": holder, "leaseDurationSeconds": 60, "acquireTime": now, "renewTime": now}
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": "groundwork-readiness", "namespace": HOME},
        "spec": spec,
    }


def test_run_that_holds_the_lease_is_named_and_nothing_is_written(plays: Plays) -> None:
    plays.site.cluster.apply([lease("20270104T081500Z-7f3a (0b3f1d1f)")])
    try:
        found = plays.site.run([example("docs-search")], access_proof="never")
    finally:
        plays.site.cluster.request("DELETE", f"/apis/coordination.k8s.io/v1/namespaces/{HOME}/leases/groundwork-readiness").checked()
    assert found.failure is not None
    assert "another run is writing to this cluster: 20270104T081500Z-7f3a" in found.failure.message
    assert plays.site.written() == []


# ---- check mode, the run, and what comes after ------------------------------------------------------------------------


def objects(played: Played) -> dict[str, str]:
    """Every object that a run would write, or wrote, with what it would do, or did."""
    return {
        record["id"]: record["action"] for (kind, _id), record in records(played).items() if kind == "object" and record["action"] != "none"
    }


@pytest.fixture(scope="module")
def foreseen(plays: Plays) -> tuple[Played, Sequence[str]]:
    """A run in check mode on a cluster without namespaces of contracts, and what it wrote."""
    return plays.play("check", "--check", "--diff"), plays.written()


@pytest.fixture(scope="module")
def applied(plays: Plays, foreseen: tuple[Played, Sequence[str]]) -> tuple[Played, Sequence[str]]:
    """The run after it, and what that wrote."""
    return plays.play("apply", **UNPROVEN), plays.written()


def test_check_mode_foretells_what_the_run_writes_and_writes_nothing(
    foreseen: tuple[Played, Sequence[str]], applied: tuple[Played, Sequence[str]]
) -> None:
    (checked, nothing), (done, written) = foreseen, applied
    assert (checked.code, done.code) == (0, 0), checked.output[-3000:] + done.output[-3000:]
    assert nothing == []
    assert objects(checked) == objects(done)
    assert set(objects(done).values()) == {"create"}
    creations = {line.partition("?")[0] for line in written if line.startswith("patch ") and "serviceaccounts/" not in line}
    accounts = {line for line in written if "serviceaccounts/" in line}
    assert len(creations) + sum(name.startswith("ServiceAccount ") for name in objects(done)) == len(objects(done))
    assert len(accounts) >= 2, "pull secrets are merged into the accounts that are there"
    for name in SPACES:
        assert f"+  name: {name}" in checked.output
    assert report_is_there(checked)
    assert report_is_there(done)


def test_second_run_writes_nothing_and_says_that_nothing_changed(plays: Plays, applied: tuple[Played, Sequence[str]]) -> None:
    again = plays.play("again")
    assert again.code == 0, again.output[-3000:]
    assert plays.written() == []
    (recap,) = (line for line in again.output.splitlines() if line.startswith(NAME) and "changed=" in line)
    assert "changed=0" in recap
    assert objects(again) == {}
    assert report_is_there(again)


def test_verify_needs_no_more_than_reading(plays: Plays, applied: tuple[Played, Sequence[str]]) -> None:
    verified = plays.play("verify", account=READER, readiness_mode="verify", **UNPROVEN)
    assert verified.code == 0, verified.output[-3000:]
    assert plays.audit is not None
    assert (plays.audit.writes, plays.audit.dry_runs) == (0, 0)
    found = records(verified)
    assert found["header", ""]["mode"] == "verify"
    assert {found["contract", name]["state"] for name in SPACES} == {"ready"}
    assert report_is_there(verified)


# ---- what only the cluster can tell ----------------------------------------------------------------------------------

SMALLER = example("docs-search") | {"quota": {"cpu": 1, "memory_gib": 32, "storage_gib": 100, "pods": 20}}
OTHER_NETWORK = example("retail-assistant") | {"network": {"isolation": "own_network", "subnets": ["10.220.0.0/16"]}}
AGAINST = (
    Faulty(
        "over.yml",
        small("team-over", expires="2026-11-21"),
        "expires",
        "it ended on 2026-11-21, and the namespace is not there yet",
        "give a day to come",
    ),
    Faulty(
        "foreign.yml", small("team-foreign"), "namespace", "team-foreign is there already, and is not this collection's", "set adopt: true"
    ),
    Faulty(
        "group.yml",
        small("team-group", personas=[{"persona": "ml_engineer", "groups": ["nobody-knows"]}]),
        "personas",
        "personas[0].groups: group nobody-knows of team-group: there is no Group nobody-knows",
        "create or sync the group",
    ),
    Faulty(
        "empty.yml",
        small("team-empty", personas=[{"persona": "ml_engineer", "groups": ["nobody-in-it"]}]),
        "personas",
        "Group nobody-in-it has no members",
        "create or sync the group",
    ),
    Faulty("docs-search.yml", SMALLER, "quota", "more is in use than the contract grants: requests.cpu 2 of 1", "raise the quota"),
    Faulty(
        "retail-assistant.yml",
        OTHER_NETWORK,
        "network",
        "retail-assistant was made without a network of its own",
        "make the namespace anew",
    ),
)


@pytest.fixture(scope="module")
def furnished(plays: Plays, applied: tuple[Played, Sequence[str]]) -> Plays:
    """The cluster with what contracts can be against: a namespace of somebody else, an empty group, a pod that holds CPUs."""
    cluster = plays.site.cluster
    cluster.apply(
        [
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team-foreign"}},
            {"apiVersion": "user.openshift.io/v1", "kind": "Group", "metadata": {"name": "nobody-in-it"}, "users": []},
        ]
    )
    amounts = {"cpu": "2", "memory": "1Gi"}
    main = {
        "name": "main",
        "image": "registry.eu.example.com/ai/tool:1",
        "resources": {"requests": amounts, "limits": amounts},
        "securityContext": RESTRICTED,
    }
    pod = {"metadata": {"name": "works"}, "spec": {"containers": [main]}}
    cluster.client.post("/api/v1/namespaces/docs-search/pods", pod)
    quota = "/api/v1/namespaces/docs-search/resourcequotas/readiness-quota"
    wait_until("the quota counts it", lambda: cluster.client.get(quota)["status"]["used"]["requests.cpu"] == "2")
    return plays


def test_everything_that_the_cluster_has_against_contracts_is_told_at_once_and_nothing_is_written(furnished: Plays) -> None:
    folder_with(furnished.folder / "against" / "teams", AGAINST)
    played = furnished.play("against", contracts="teams")
    assert played.code != 0
    assert furnished.audit is not None
    assert furnished.audit.writes == 0
    assert stage_of(played)["error"]["code"] == "namespaces_refused"
    told = {(problem["file"], problem["row"]): problem for problem in problems_of(played)}
    assert set(told) == {each.place for each in AGAINST}
    for each in AGAINST:
        assert each.says in told[each.place]["message"]
        assert each.remedy in told[each.place]["remedy"]
        assert f"{each.file}, row {each.place[1]}: " in played.output
    assert "Traceback" not in played.output
    assert records(played)["contract", "team-over"]["state"] != "ready"
    assert report_is_there(played)


@pytest.mark.parametrize("against", AGAINST, ids=lambda against: against.file.removesuffix(".yml"))
def test_what_the_cluster_has_against_one_contract_keeps_all_from_being_written(furnished: Plays, against: Faulty) -> None:
    others = [example(name) for name in SPACES if name != against.contract["namespace"]]
    found = furnished.site.run([against.contract, *others])
    assert found.failure is not None
    (problem,) = found.failure.problems
    assert problem.file == f"{against.contract['namespace']}.yml"
    assert against.says in problem.message
    assert against.remedy in problem.remedy
    assert furnished.site.last is not None
    assert furnished.site.last.writes == 0


# ---- files in place of the cluster -----------------------------------------------------------------------------------


def test_gitops_folder_gets_the_objects_the_cluster_nothing_and_a_second_run_changes_no_file(
    plays: Plays, applied: tuple[Played, Sequence[str]]
) -> None:
    further = small("team-files")
    played = plays.play("gitops", contracts=["contracts", further], readiness_namespaces_gitops_dir="repository")
    assert played.code == 0, played.output[-3000:]
    assert plays.audit is not None
    assert (plays.audit.writes, plays.audit.dry_runs) == (0, 0)
    folder = plays.folder / "gitops" / "repository" / "namespaces"
    texts = {path.relative_to(folder): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.y*ml"))}
    found = [item for text in texts.values() for item in yaml.safe_load_all(text)]
    made = {(item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"]) for item in found if "metadata" in item}
    assert {("Namespace", "", name) for name in (*SPACES, "team-files")} <= made
    assert ("ResourceQuota", "team-files", "readiness-quota") in made
    assert "Secret" not in {kind for kind, _namespace, _name in made}
    assert report_is_there(played)
    contracts = [*map(example, SPACES), further]
    again = plays.site.run(contracts, gitops_dir=plays.folder / "gitops" / "repository")
    assert (again.changed, words(again), plays.site.written()) == (False, [], [])
    assert texts == {path.relative_to(folder): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.y*ml"))}


# ---- what no contract asks for ---------------------------------------------------------------------------------------


def test_what_nobody_declared_goes_when_that_is_asked_for_and_namespaces_stay(plays: Plays, applied: tuple[Played, Sequence[str]]) -> None:
    cluster = plays.site.cluster
    bindings = f"{RBAC}/namespaces/retail-assistant/rolebindings"
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "admin"}
    subject = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "somebody"}
    cluster.client.post(bindings, {"metadata": {"name": "left-over"}, "roleRef": role, "subjects": [subject]})
    kept = [str(EXAMPLES / f"{name}.yml") for name in ("fraud-training", "retail-assistant")]
    told = plays.site.run([example("fraud-training"), example("retail-assistant")], mode="verify", account=READER)
    states = {finding.subject: finding.state for finding in told.findings}
    assert states["RoleBinding retail-assistant/left-over"] == "extra"
    assert states["ResourceQuota docs-search/readiness-quota"] == "orphaned"

    played = plays.play("prune", contracts=kept, readiness_namespaces_prune=True, readiness_namespaces_remove_extra=True, **UNPROVEN)
    assert played.code == 0, played.output[-3000:]
    assert cluster.request("GET", f"{bindings}/left-over").status == 404
    assert cluster.request("GET", "/api/v1/namespaces/docs-search/resourcequotas/readiness-quota").status == 404
    assert cluster.request("GET", f"{RBAC}/namespaces/docs-search/rolebindings/groundwork-readiness-persona-ml-engineer").status == 404
    assert cluster.request("GET", "/api/v1/namespaces/docs-search").status == 200
    assert cluster.request("GET", f"{bindings}/groundwork-readiness-persona-ml-engineer").status == 200
    assert stage_of(played)["counts"]["deleted"] > 5
    assert report_is_there(played)


# ---- without a cluster, and with too many ----------------------------------------------------------------------------


def test_several_clusters_are_refused_with_the_way_to_choose_one(tmp_path: Path) -> None:
    hosts: Json = {"readiness_clusters": {"hosts": {"a.example.com": {}, "b.example.com": {}}}}
    (tmp_path / "hosts.yml").write_text(json.dumps(hosts), encoding="utf-8")
    played = play(tmp_path, "namespaces", "-i", "hosts.yml", "-i", "localhost,", variables={"readiness_contracts": SMALL})
    assert played.code != 0
    assert "--limit a.example.com,localhost" in played.output
    assert "--limit a.example.com,localhost" in stage_of(played, "a.example.com")["error"]["message"]
    assert report_is_there(played)


def test_neither_cluster_nor_target_is_a_failure_that_says_what_to_give(tmp_path: Path) -> None:
    played = play(tmp_path, "namespaces", "-i", "localhost,", variables={"readiness_contracts": SMALL})
    assert played.code != 0
    assert "the inventory has no host in group readiness_clusters, and readiness_target names no saved target" in played.output
    assert report_is_there(played)


def test_saved_target_tells_of_accelerators_and_leaves_the_rest_open(tmp_path: Path) -> None:
    given = {"readiness_contracts": str(EXAMPLES), "readiness_target": str(DEMO_TARGET), "readiness_now": "2027-01-04T08:15:00Z"}
    played = play(tmp_path, "namespaces", "-i", "localhost,", variables=given)
    assert played.code == 0, played.output[-3000:]
    found = records(played)
    assert found["grant", "retail-assistant/assistant"]["devices"] == 4
    results = {record["check"]: record["result"] for (kind, _id), record in found.items() if kind == "finding"}
    assert results["namespaces.grants.covered"] == "pass"
    assert results["namespaces.people.group"] == "not_evaluated"
    assert report_is_there(played)


# ---- a server that goes away -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outage(Fault):
    """Everything is dropped from some write on."""

    writes: list[str] = field(default_factory=list)

    def matches(self, method: str, path: str) -> bool:
        """Whether so many objects were applied by now."""
        self.writes.extend([path] if method == "PATCH" and "dryRun" not in path else [])
        return len(self.writes) > APPLIED_BEFORE


APPLIED_BEFORE = 8


def hurried(settings: ClusterSettings) -> ApiConnection:
    """A connection that gives up soon."""
    return ApiConnection(open_access(settings), Timing(10, 60, 2, backoff_seconds=0.01))


def test_api_server_that_goes_away_leaves_an_artifact_and_the_next_run_goes_on(plays: Plays, monkeypatch: pytest.MonkeyPatch) -> None:
    contracts = [example("fraud-training"), example("retail-assistant"), small("team-away")]
    with plays.site.cluster.proxy() as proxy, monkeypatch.context() as patched:
        patched.setattr(stage, "connect", hurried)
        proxy.arm(Outage("drop", count=-1))
        found = plays.site.run(contracts, url=proxy.url)
    done = plays.site.written()
    assert found.failure is not None
    assert found.failure.code == "namespaces_interrupted" or "connection" in found.failure.message
    assert found.failure.hint
    assert (plays.site.folder / "namespaces.jsonl").is_file()
    # It could not give its Lease back, which would have to expire first.
    plays.site.cluster.request("DELETE", f"/apis/coordination.k8s.io/v1/namespaces/{HOME}/leases/groundwork-readiness").checked()
    again = plays.site.run(contracts)
    assert words(again) == []
    rest = plays.site.written()
    assert done
    assert rest
    assert set(done).isdisjoint(rest)
