# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A target read from a real API server, with the rights of the shipped ClusterRole and with less, well and with faults."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.access import open_access
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.client import ApiConnection, ApiFault, Timing
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.reader import connect, read_target
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster_arguments import ClusterSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.target_stage import TargetRequest, run_target
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError
from ansible_collections.groundwork.readiness.plugins.module_utils.target.readings import BY_ID, RESOURCES, Resource

from tests.counterparts.cluster import Cluster, Fault, FaultProxy, wait_until
from tests.integration.playbooks import play_tasks
from tests.unit.adapters.cluster.conftest import libraries_missing

CHECKOUT = Path(__file__).resolve().parents[2]
SHIPPED = CHECKOUT / "roles" / "target" / "files"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
Json = dict[str, Any]


@pytest.fixture(scope="module", autouse=True)
def kubernetes_core() -> None:
    """Skipped, and counted, where kubernetes.core or its library is not installed."""
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")


@dataclass(frozen=True)
class Reader:
    """An account that reads the cluster, and the role that it has."""

    cluster: Cluster
    name: str
    token: str
    role: Json

    @property
    def settings(self) -> ClusterSettings:
        return self.at(self.cluster.url)

    def at(self, url: str, **further: Any) -> ClusterSettings:
        """How it reaches the server by that address."""
        return ClusterSettings({"host": url, "api_key": self.token, "ca_cert": str(self.cluster.ca_path)}, **further)

    def give(self, rules: list[Json]) -> None:
        """Changes what it may do."""
        self.cluster.request("PUT", f"{RBAC}/clusterroles/{self.name}", {**self.role, "rules": rules}).checked()

    def wait_for(self, resource: Resource, allowed: bool) -> None:
        """Waits until the server has heard of it."""
        client = self.cluster.with_token(self.token)
        attributes = {"verb": "list", "group": resource.group, "resource": resource.plural}
        review = {"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "spec": {"resourceAttributes": attributes}}
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        wait_until(f"list {resource.id}: {allowed}", lambda: client.post(path, review)["status"]["allowed"] is allowed)


def shipped(name: str) -> Json:
    found: Json = yaml.safe_load((SHIPPED / name).read_text(encoding="utf-8"))
    return found


@pytest.fixture
def reader(api_cluster: Cluster, namespace: str) -> Iterator[Reader]:
    """A service account with the shipped role and binding, under names that only this test uses."""
    role, binding = shipped("cluster_role.yml"), shipped("cluster_role_binding.yml")
    role["metadata"]["name"] = binding["metadata"]["name"] = binding["roleRef"]["name"] = namespace
    binding["subjects"][0]["namespace"] = namespace
    token = api_cluster.service_account(namespace, binding["subjects"][0]["name"])
    api_cluster.apply([role, binding])
    account = Reader(api_cluster, namespace, token, role)
    account.wait_for(BY_ID["nodes"], True)
    yield account
    api_cluster.request("DELETE", f"{RBAC}/clusterrolebindings/{namespace}")
    api_cluster.request("DELETE", f"{RBAC}/clusterroles/{namespace}")


@pytest.fixture
def proxy(api_cluster: Cluster) -> Iterator[FaultProxy]:
    with api_cluster.proxy() as running:
        yield running


def read(settings: ClusterSettings) -> dict[tuple[str, str], Json]:
    with connect(settings) as connection:
        return {(record["kind"], record["id"]): record for record in read_target(connection, settings.page_size)}


def hurried(settings: ClusterSettings, timing: Timing) -> ApiConnection:
    """A connection with less patience than usual."""
    return ApiConnection(open_access(settings), timing)


def states(records: dict[tuple[str, str], Json]) -> dict[str, str]:
    return {identity: record["state"] for (kind, identity), record in records.items() if kind == "reading"}


def steady(records: dict[tuple[str, str], Json]) -> list[Json]:
    """What does not change while other tests come and go: how the lists came out, and the nodes."""
    nodes = [record for (kind, _identity), record in records.items() if kind == "node"]
    bare = [{key: value for key, value in node.items() if not key.startswith("requested")} for node in nodes]
    return [states(records), *bare]


def served(api_cluster: Cluster) -> set[str]:
    """The resources of the catalogue that the server has, as its administrator sees it."""
    found = set()
    for resource in RESOURCES:
        path = f"/apis/{resource.group}" if resource.group else "/api"
        answers = [api_cluster.request("GET", f"{path}/{version}") for version in resource.versions]
        if any(resource.plural == each["name"] for answer in answers for each in answer.body.get("resources", ())):
            found.add(resource.id)
    return found


def test_the_shipped_role_reads_everything_that_is_served(reader: Reader) -> None:
    there = served(reader.cluster)
    found = states(read(reader.settings))
    assert found == {resource.id: "read" if resource.id in there else "absent" for resource in RESOURCES}
    assert {"nodes", "pods", "csistoragecapacities.storage.k8s.io"} <= there


def test_nothing_is_written_and_each_kind_is_listed_once(reader: Reader, tmp_path: Path) -> None:
    mark = reader.cluster.mark()
    result = run_target(TargetRequest(dest=tmp_path / "target.jsonl", settings=reader.settings))
    audit = reader.cluster.audit(mark).by(f"system:serviceaccount:{reader.name}:reader")
    assert (audit.writes, audit.dry_runs) == (0, 0)
    assert set(audit.verbs) == {("list", resource) for resource in served(reader.cluster)}
    assert set(audit.verbs.values()) == {1}
    assert result.calls <= len(RESOURCES) + 2


def test_objects_of_the_cluster_become_records(reader: Reader) -> None:
    name = reader.name
    claim = {"hard": {"requests.cpu": "4", "requests.storage": "1Ti"}}
    reader.cluster.apply(
        [
            {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "all", "namespace": name}, "spec": claim},
            {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "StorageClass",
                "metadata": {"name": name, "annotations": {"storageclass.kubevirt.io/is-default-virt-class": "true"}},
                "provisioner": "csi.example.com",
                "volumeBindingMode": "WaitForFirstConsumer",
            },
        ]
    )
    try:
        records = read(reader.settings)
    finally:
        reader.cluster.request("DELETE", f"/apis/storage.k8s.io/v1/storageclasses/{name}")
    assert records["storage_class", name]["binding_mode"] == "WaitForFirstConsumer"
    assert records["storage_class", name]["default_virtualization"] is True
    assert records["quota", f"{name}/all"]["hard"] == {"requests.cpu": 4000, "requests.storage": 1 << 40}
    assert records["node", "worker-2"]["allocatable_devices"]["nvidia.com/gpu"] == 4
    system = reader.cluster.client.get("/api/v1/namespaces/kube-system")["metadata"]["uid"]
    assert [key for key in records if key[0] == "cluster"] == [("cluster", system)]


def test_custom_resources_are_read_by_their_real_definitions(reader: Reader, served_crds: tuple[str, ...]) -> None:
    name = reader.name
    configuration = {"cniVersion": "0.3.1", "name": "vlan-20", "type": "bridge", "bridge": "br1", "vlan": 20}
    reader.cluster.apply(
        [
            {
                "apiVersion": "k8s.cni.cncf.io/v1",
                "kind": "NetworkAttachmentDefinition",
                "metadata": {"name": "vlan-20", "namespace": name},
                "spec": {"config": json.dumps(configuration)},
            },
            {
                "apiVersion": "forklift.konveyor.io/v1beta1",
                "kind": "Provider",
                "metadata": {"name": "north", "namespace": name},
                "spec": {"type": "vsphere", "url": "https://vc.example.com/sdk", "secret": {"name": "north", "namespace": name}},
            },
        ]
    )
    records = read(reader.settings)
    assert records["network_attachment", f"{name}/vlan-20"]["vlan"] == 20
    assert records["provider", f"{name}/north"]["secret"] == f"{name}/north"


def test_without_one_permission_that_kind_alone_is_forbidden(reader: Reader) -> None:
    wrong = {}
    for resource in (BY_ID[identity] for identity in sorted(served(reader.cluster))):
        rules = copy.deepcopy(reader.role["rules"])
        for rule in rules:
            if resource.group in rule.get("apiGroups", ()):
                rule["resources"] = [plural for plural in rule["resources"] if plural != resource.plural]
        reader.give([rule for rule in rules if rule.get("resources") != []])
        reader.wait_for(resource, False)
        records = read(reader.settings)
        reading = records["reading", resource.id]
        forbidden = [identity for identity, state in states(records).items() if state == "forbidden"]
        if forbidden != [resource.id] or reading["permission"] != f"list {resource.id}" or "cannot list resource" not in reading["reason"]:
            wrong[resource.id] = (forbidden, reading)
        reader.give(reader.role["rules"])
        reader.wait_for(resource, True)
    assert wrong == {}


def test_an_account_without_rights_is_told_all_that_it_lacks(api_cluster: Cluster, tmp_path: Path) -> None:
    settings = ClusterSettings({"kubeconfig": str(api_cluster.kubeconfig_for("user-1"))})
    with pytest.raises(ReadinessError) as caught:
        run_target(TargetRequest(dest=tmp_path / "target.jsonl", settings=settings))
    assert caught.value.code == "cluster_forbidden"
    assert len(caught.value.problems) == len(served(api_cluster))
    assert list(tmp_path.iterdir()) == []


def test_impersonation_reads_with_the_rights_of_whom_it_names(api_cluster: Cluster) -> None:
    options = {"kubeconfig": str(api_cluster.kubeconfig), "impersonate_user": "nobody", "impersonate_groups": ["one", "system:masters"]}
    with connect(ClusterSettings(options)) as connection:
        assert connection.get("/api/v1/nodes")["kind"] == "NodeList"
    with connect(ClusterSettings({**options, "impersonate_groups": ["one", "two"]})) as connection, pytest.raises(ApiFault) as caught:
        connection.get("/api/v1/nodes")
    assert 'User "nobody" cannot list resource "nodes"' in caught.value.message


def test_pages_of_a_real_list_make_the_whole(reader: Reader) -> None:
    mark = reader.cluster.mark()
    assert steady(read(reader.at(reader.cluster.url, page_size=1))) == steady(read(reader.settings))
    lists = reader.cluster.audit(mark).by(f"system:serviceaccount:{reader.name}:reader").verbs
    assert lists["list", "nodes"] == 3 + 1


@pytest.mark.parametrize(
    ("fault", "spoiled"),
    [
        (Fault(status=429, retry_after=1, path="/nodes"), 1),
        (Fault(status=500, path="/pods"), 1),
        (Fault(status=503, path="/apis\\?|/apis$"), 1),
        (Fault("drop", path="/storageclasses"), 1),
        (Fault("lose", path="/namespaces"), 1),
        (Fault("cut", path="/nodes"), 1),
        (Fault(status=410, path="/nodes.*continue="), 1),
    ],
)
def test_a_fault_that_passes_changes_nothing(reader: Reader, proxy: FaultProxy, fault: Fault, spoiled: int) -> None:
    plain = read(reader.settings)
    proxy.arm(fault)
    assert steady(read(reader.at(proxy.url, page_size=2))) == steady(plain)
    assert len(proxy.spoiled) == spoiled


def test_a_list_that_stays_broken_is_named_and_the_others_are_read(reader: Reader, proxy: FaultProxy) -> None:
    proxy.arm(Fault(status=500, path="/storageclasses", count=-1, message="no leader"))
    with hurried(reader.at(proxy.url), Timing(attempts=2, backoff_seconds=0.01)) as connection:
        records = {(record["kind"], record["id"]): record for record in read_target(connection)}
    assert records["reading", "storageclasses.storage.k8s.io"]["state"] == "failed"
    assert records["reading", "storageclasses.storage.k8s.io"]["reason"] == "no leader"
    assert records["reading", "nodes"]["state"] == "read"


def test_a_server_that_hangs_ends_with_the_deadline(reader: Reader, proxy: FaultProxy) -> None:
    proxy.arm(Fault("hang", path="/nodes", count=-1, seconds=30))
    with hurried(reader.at(proxy.url), Timing(deadline_seconds=2)) as connection, pytest.raises(ReadinessError) as caught:
        list(read_target(connection))
    proxy.disarm()
    assert caught.value.code == "cluster_deadline"


def test_a_token_that_nobody_gave_is_refused(api_cluster: Cluster) -> None:
    settings = ClusterSettings({"host": api_cluster.url, "api_key": "n0t-a-t0ken", "ca_cert": str(api_cluster.ca_path)})
    with pytest.raises(ReadinessError) as caught:
        read(settings)
    assert caught.value.code == "cluster_login"
    assert "n0t-a-t0ken" not in caught.value.text()


def test_a_certificate_of_an_unknown_authority_is_refused_unless_that_is_asked_for(reader: Reader) -> None:
    options = {"host": reader.cluster.url, "api_key": reader.token}
    with pytest.raises(ReadinessError) as caught:
        read(ClusterSettings(options))
    assert caught.value.code == "cluster_certificate"
    records = read(ClusterSettings({**options, "validate_certs": False}))
    assert ("notice", "certificate_not_checked") in records


# ---- the role, as a playbook runs it ---------------------------------------------------------------------------------


def tasks(cluster: Json, **variables: Any) -> list[Json]:
    return [
        {"groundwork.readiness.run": {"runs_dir": "runs", "run_id": "run-1", "now": "2026-11-21T08:00:00Z"}, "register": "run"},
        {
            "ansible.builtin.include_role": {"name": "groundwork.readiness.target"},
            "vars": {"target_run_dir": "{{ run.run_dir }}", "target_cluster": cluster, **variables},
        },
    ]


def test_the_role_reads_the_cluster_and_tells_no_token(reader: Reader, tmp_path: Path) -> None:
    cluster = {"host": reader.cluster.url, "api_key": reader.token, "ca_cert": str(reader.cluster.ca_path)}
    first = play_tasks(tmp_path, tasks(cluster), "-vvv", "--diff")
    assert first.code == 0, first.output
    assert first.stages()[("target", "localhost")] == "ran"
    assert "0 forbidden" in first.output
    again = play_tasks(tmp_path, tasks({"kubeconfig": str(reader.cluster.write_kubeconfig(tmp_path / "kube", reader.token))}), "-vvv")
    assert again.code == 0, again.output
    for place in (first.output, again.output, *(path.read_text("utf-8") for path in first.run_dir.rglob("*") if path.is_file())):
        assert reader.token not in place


def test_the_role_fails_with_words_and_without_the_token(reader: Reader, tmp_path: Path) -> None:
    cluster = {"host": reader.cluster.url, "api_key": reader.token, "page_size": "many"}
    failed = play_tasks(tmp_path, tasks(cluster), "-vvv")
    assert failed.code != 0
    assert "cluster.page_size is not a number from 1 to 5000" in failed.output
    assert reader.token not in failed.output + json.dumps(failed.run_record())
    assert not (failed.run_dir / "target.jsonl").exists()
