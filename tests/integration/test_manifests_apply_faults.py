# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applying while the API server has faults, while another run writes, and after a run was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.lease import WriteLease
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.ownership import ensure_home
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError

from tests.counterparts.cluster import Cluster, Fault, FaultProxy, cluster, wait_until
from tests.integration.applying import Applier, changed, desired, grant, revoke, small_plan
from tests.unit.adapters.cluster.conftest import libraries_missing

CHECKOUT = Path(__file__).resolve().parents[2]
KILLED = """
import sys
sys.path.insert(0, {checkout!r})
import tests.conftest
from tests.integration.applying import Applier, small_plan
from tests.counterparts.cluster import Cluster
from pathlib import Path
applier = Applier(Cluster.read(Path({folder!r})), {namespace!r}, {token!r}, {url!r})
applier.apply(small_plan({namespace!r}))
"""


@pytest.fixture
def applier(api_cluster: Cluster, served_crds: tuple[str, ...], namespace: str) -> Iterator[Applier]:
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    found = grant(api_cluster, namespace)
    yield found
    revoke(found)


@pytest.fixture
def proxy(applier: Applier) -> Iterator[FaultProxy]:
    """A way to the server for the applier, on which faults can be put."""
    with applier.cluster.proxy() as running:
        applier.url = running.url
        yield running


def wanted(applier: Applier) -> list[str]:
    return sorted(f"{each.object['kind']} {each.object['metadata']['name']}" for each in desired(small_plan(applier.namespace)))


def assert_converges(applier: Applier) -> None:
    """A further apply comes to the same state, whatever happened before, and the one after that writes nothing."""
    applier.url = ""
    tally = applier.apply(small_plan(applier.namespace))
    assert not tally.failed()
    assert applier.objects() == wanted(applier)
    assert not applier.apply(small_plan(applier.namespace)).changed
    assert applier.last.writes == 0
    applier.remove()
    assert applier.objects() == applier.records() == []


WRITES = r"/(plans|providers|networkmaps)/[^?]*\?fieldManager"
RECORD = "/configmaps/"
LEASE = "/leases"
PASSING = [
    Fault(status=429, retry_after=0, method="PATCH", path=WRITES),
    Fault(status=500, method="PATCH", path=WRITES),
    Fault(status=409, method="PATCH", path=WRITES),
    Fault("drop", method="PATCH", path=WRITES),
    Fault("lose", method="PATCH", path=WRITES),
    Fault("cut", method="PATCH", path=WRITES),
    Fault("lose", method="PATCH", path="dryRun"),
    Fault(status=500, method="PATCH", path=RECORD),
    Fault("lose", method="PATCH", path=RECORD),
    Fault(status=500, method="POST", path=LEASE),
    Fault("lose", method="POST", path=LEASE),
    Fault("lose", method="PUT", path=LEASE),
    Fault(status=410, method="GET", path="configmaps.*labelSelector"),
    Fault(status=410, method="GET", path="plans.*labelSelector"),
]


@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: f"{fault.kind}-{fault.status}-{fault.method}-{fault.path}")
def test_a_fault_that_passes_is_survived(applier: Applier, proxy: FaultProxy, fault: Fault) -> None:
    proxy.arm(fault)
    tally = applier.apply(small_plan(applier.namespace))
    assert len(proxy.spoiled) == 1
    assert not tally.failed()
    assert tally.counts()["created"] == len(wanted(applier))
    assert applier.objects() == wanted(applier)
    assert_converges(applier)


STAYING = [
    (Fault(status=429, retry_after=0, method="PATCH", path=r"/plans/[^?]*\?fieldManager", count=-1), "this answer is a test's fault"),
    (Fault(status=500, method="PATCH", path=r"/plans/[^?]*\?fieldManager", count=-1, message="no leader"), "no leader"),
    (Fault(status=409, method="PATCH", path=r"/plans/[^?]*\?fieldManager", count=-1), "others change it all the time"),
    (Fault("hang", method="PATCH", path=r"/plans/[^?]*\?fieldManager", count=-1, seconds=30), "no answer within"),
    (Fault("drop", method="PATCH", path=r"/plans/[^?]*\?fieldManager", count=-1), "the connection was lost"),
]


@pytest.mark.parametrize(("fault", "words"), STAYING, ids=lambda value: f"{value.kind}-{value.status}" if isinstance(value, Fault) else "")
def test_a_fault_that_stays_is_named_for_each_object_and_the_others_are_written(
    applier: Applier, proxy: FaultProxy, fault: Fault, words: str
) -> None:
    proxy.arm(fault)
    if fault.kind == "hang":
        applier.timing = type(applier.timing)(request_seconds=0.5, attempts=2, backoff_seconds=0.01)
    tally = applier.apply(small_plan(applier.namespace))
    proxy.disarm()
    plans = [name for name in wanted(applier) if name.startswith("Plan ")]
    assert [finding.key.kind for finding in tally.failed()] == ["Plan"] * len(plans)
    assert all(words in finding.message and finding.remedy for finding in tally.failed())
    assert applier.objects() == [name for name in wanted(applier) if name not in plans]
    assert_converges(applier)


def test_a_server_that_goes_away_ends_it_and_what_was_not_done_is_listed(applier: Applier, proxy: FaultProxy) -> None:
    # From the first plan on; the Lease was looked for and what is coming was recorded before.
    proxy.arm(Fault("drop", path=r"/plans/[^?]*\?fieldManager|/version|/leases/|/configmaps/", after=2, count=-1))
    tally = applier.apply(small_plan(applier.namespace))
    assert tally.interrupted.startswith("the connection was lost")
    assert {(finding.key.kind, finding.state) for finding in tally.failed()} == {("Plan", "not_evaluated")}
    let_lease_expire(applier)
    assert_converges(applier)


def test_a_webhook_that_denies_is_named_in_check_mode_and_when_applying(applier: Applier) -> None:
    manifests = small_plan(applier.namespace)
    with applier.cluster.webhook("no plans on Saturdays", namespace=applier.namespace, resources=["plans"]):
        wait_until("the webhook is in force", lambda: bool(applier.apply(manifests, check=True).failed()))
        for check in (True, False):
            tally = applier.apply(manifests, check=check)
            assert {finding.key.kind for finding in tally.failed()} == {"Plan"}
            assert all("no plans on Saturdays" in finding.message for finding in tally.failed())
            assert all("webhook" in finding.remedy for finding in tally.failed())
    assert_converges(applier)


def test_manifests_that_the_schema_refuses_are_listed_with_their_fields(applier: Applier) -> None:
    manifests = changed(small_plan(applier.namespace), "Plan", type="hot")
    tally = applier.apply(changed(manifests, "Provider", colour="red"))
    refused = {finding.key.kind: finding.message for finding in tally.failed()}
    assert 'spec.type: Unsupported value: "hot"' in refused["Plan"]
    assert ".spec.colour: field not declared in schema" in refused["Provider"]
    assert tally.counts()["created"] == len(wanted(applier)) - 2
    assert_converges(applier)


def test_rights_that_lack_are_named_with_what_they_keep_from_being_done(applier: Applier) -> None:
    nobody = Applier(applier.cluster, applier.namespace, applier.cluster.token_for("user-2"))
    with pytest.raises(ReadinessError) as caught:
        nobody.apply(small_plan(applier.namespace))
    assert caught.value.code == "cluster_forbidden"
    assert f"may not list configmaps in {applier.namespace}" in caught.value.message
    rbac = f"/apis/rbac.authorization.k8s.io/v1/clusterroles/groundwork-readiness-apply-{applier.namespace}"
    role = applier.cluster.client.get(rbac)
    role["rules"][0]["resources"].remove("plans")
    applier.cluster.request("PUT", rbac, role).checked()
    client = applier.cluster.with_token(applier.token)
    wait_until("the right is gone", lambda: client.request("GET", applier.path("Plan")).status == 403)
    tally = applier.apply(small_plan(applier.namespace))
    assert {finding.key.kind for finding in tally.failed()} == {"Plan"}
    permission = f"the account may not list plans.forklift.konveyor.io in {applier.namespace}"
    assert {finding.message for finding in tally.failed()} == {permission}
    assert tally.counts()["created"] == len([name for name in wanted(applier) if not name.startswith("Plan ")])


def test_a_namespace_that_may_not_be_made_is_named(applier: Applier) -> None:
    rbac = f"/apis/rbac.authorization.k8s.io/v1/clusterroles/groundwork-readiness-identity-{applier.namespace}"
    role = applier.cluster.client.get(rbac)
    role["rules"] = [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]}]
    applier.cluster.request("PUT", rbac, role).checked()
    client = applier.cluster.with_token(applier.token)
    wait_until("the right is there", lambda: client.request("GET", "/api/v1/namespaces/not-there").status == 404)
    with applier.connection() as connection, pytest.raises(ReadinessError) as caught:
        ensure_home(connection, "not-there")
    assert caught.value.code == "cluster_forbidden"
    assert "namespace not-there" in caught.value.message
    assert "the account may not patch namespaces" in caught.value.message


# ---- two runs --------------------------------------------------------------------------------------------------------


def let_lease_expire(applier: Applier) -> None:
    """What time does after a run was killed."""
    answer = applier.cluster.request("GET", applier.lease())
    if answer.status == 200:
        spec = {**answer.body["spec"], "renewTime": "2026-01-01T00:00:00.000000Z"}
        applier.cluster.request("PUT", applier.lease(), {**answer.body, "spec": spec}).checked()


def test_a_second_run_is_kept_out_and_told_by_whom(applier: Applier) -> None:
    manifests = small_plan(applier.namespace)
    with applier.connection() as connection, WriteLease(connection, applier.namespace, "run-north"):
        with pytest.raises(ReadinessError) as caught:
            applier.apply(manifests)
        assert applier.last.write_calls == ()
        # Who has nothing to write is kept out by nobody.
        assert applier.apply([], check=True).counts()["objects"] == 0
    assert caught.value.code == "cluster_busy"
    assert "run-north" in caught.value.message
    assert applier.objects() == []
    assert_converges(applier)


def test_of_two_runs_at_once_one_writes_and_both_come_to_the_same_state(applier: Applier) -> None:
    codes: list[str] = []

    def one() -> None:
        try:
            applier.apply(small_plan(applier.namespace))
            codes.append("done")
        except ReadinessError as error:
            codes.append(error.code)

    threads = [threading.Thread(target=one) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) in (["cluster_busy", "done"], ["done", "done"])
    assert applier.objects() == wanted(applier)
    assert_converges(applier)


# ---- a run that was killed -------------------------------------------------------------------------------------------


def kill_in_the_middle(applier: Applier, proxy: FaultProxy, writes: int) -> None:
    """Applies in a process of its own, and kills it when that many writes are done and it is at the next one."""
    proxy.arm(Fault("hang", method="PATCH", path=r"\?fieldManager", after=writes, count=-1, seconds=60))
    values = {"checkout": str(CHECKOUT), "folder": str(applier.cluster.folder), "namespace": applier.namespace}
    script = KILLED.format(**values, token=applier.token, url=proxy.url)
    process = subprocess.Popen([sys.executable, "-c", script], cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        wait_until("it is at that write", lambda: bool(proxy.spoiled) or process.poll() is not None)
        assert process.poll() is None, process.communicate()[1].decode()
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    proxy.disarm()
    let_lease_expire(applier)


POINTS = [0, 1, 4, 9]
"""Before the record names what comes, before the first object, between objects, before the record says what came of it."""


@pytest.mark.parametrize("writes", POINTS)
def test_after_a_run_was_killed_the_next_one_completes_it(applier: Applier, proxy: FaultProxy, writes: int) -> None:
    kill_in_the_middle(applier, proxy, writes)
    assert len(applier.objects()) <= writes
    assert_converges(applier)


@pytest.mark.parametrize("writes", POINTS[1:3])
def test_after_a_run_was_killed_removal_leaves_nothing_of_it(applier: Applier, proxy: FaultProxy, writes: int) -> None:
    kill_in_the_middle(applier, proxy, writes)
    applier.url = ""
    assert not applier.remove().failed()
    assert applier.objects() == applier.records() == []


# ---- what the cluster lacks ------------------------------------------------------------------------------------------


def test_a_kind_that_the_cluster_lacks_is_named_and_the_others_are_applied(served_crds: tuple[str, ...]) -> None:
    """On a cluster of its own, whose toolkit is not whole."""
    some = tuple(f"{plural}.forklift.konveyor.io" for plural in ("providers", "networkmaps", "storagemaps", "hooks", "hosts"))
    with cluster(crds=some, kwok=False, scheduler=False, controllers=False) as running:
        namespace = running.namespace()
        admin = Applier(running, namespace, running.admin_token)
        tally = admin.apply(small_plan(namespace))
        assert {finding.message for finding in tally.failed()} == {"the cluster does not serve Plan of forklift.konveyor.io/v1beta1"}
        assert tally.counts()["created"] == len(tally.findings) - len(tally.failed())
        tally = admin.apply(small_plan(namespace))
        assert tally.counts()["in_step"] == len(tally.findings) - len(tally.failed())
        assert admin.remove().counts()["deleted"] == tally.counts()["in_step"]


def test_the_collections_namespace_is_made_where_it_is_missing_and_stays(
    api_cluster: Cluster, served_crds: tuple[str, ...], namespace: str
) -> None:
    admin = Applier(api_cluster, namespace, api_cluster.admin_token)
    home = f"{namespace}-home"
    try:
        assert not admin.apply(small_plan(namespace), home=home).failed()
        assert not admin.remove(home=home).failed()
        assert admin.objects() == []
        assert api_cluster.client.get(f"/api/v1/namespaces/{home}")["metadata"]["labels"]["readiness.groundwork.io/purpose"] == "record"
    finally:
        api_cluster.delete_namespace(home)
