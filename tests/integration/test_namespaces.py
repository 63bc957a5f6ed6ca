# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stage on a real API server, under the shipped rights: three teams provisioned, held, changed and let go."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.namespaces_site import NamespacesSite, failures, namespaces_site, words


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NamespacesSite]:
    with namespaces_site(tmp_path_factory) as found:
        yield found


def test_three_teams_are_provisioned_in_one_run_and_a_second_run_writes_nothing(site: NamespacesSite) -> None:
    foreseen = site.run(mode="check")
    assert words(foreseen) == []
    assert site.written() == []
    done = site.run()
    assert words(done) == []
    assert done.changed
    assert (done.counts["created"], done.counts["updated"]) == (foreseen.counts["created"], foreseen.counts["updated"])
    again = site.run()
    assert words(again) == []
    assert (again.changed, site.written()) == (False, [])
    assert failures(again) == []
    verified = site.run(mode="verify", account="reader")
    assert (words(verified), site.written()) == ([], [])


def test_what_was_made_is_what_the_contracts_say(site: NamespacesSite) -> None:
    space = site.live("/api/v1/namespaces/retail-chat")["metadata"]
    assert space["labels"]["readiness.groundwork.io/owner"] == "retail"
    assert space["annotations"]["openshift.io/node-selector"] == "topology.kubernetes.io/region=eu-central"
    hard = site.live("/api/v1/namespaces/retail-chat/resourcequotas/readiness-quota")["spec"]["hard"]
    assert (hard["requests.nvidia.com/gpu"], hard["requests.amd.com/gpu"]) == ("2", "0")
    queue = site.live("/apis/kueue.x-k8s.io/v1beta2/clusterqueues/groundwork-readiness-retail")
    assert queue["spec"]["cohortName"] == "ai"
    shared = site.live("/apis/quota.openshift.io/v1/clusterresourcequotas/groundwork-readiness-retail")
    assert shared["spec"]["quota"]["hard"]["requests.nvidia.com/gpu"] == "2"
    for name in ("default", "delivery"):
        account = site.live(f"/api/v1/namespaces/retail-chat/serviceaccounts/{name}")
        assert account["imagePullSecrets"] == [{"name": "registry-pull"}]
    binding = site.live("/apis/rbac.authorization.k8s.io/v1/namespaces/retail-chat/rolebindings/groundwork-readiness-persona-ml-engineer")
    assert binding["subjects"] == [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "retail-ai-engineers"}]


def test_mutated_field_is_told_in_the_words_of_the_contract_and_taken_back(site: NamespacesSite) -> None:
    path = "/api/v1/namespaces/risk-fraud/resourcequotas/readiness-quota"
    body = {"spec": {"hard": {"requests.nvidia.com/gpu": "32"}}}
    site.cluster.client.request("PATCH", f"{path}?fieldManager=somebody", body, "application/merge-patch+json").checked()
    (told,) = failures(site.run(mode="verify", account="reader"))
    assert (told.part, told.state, told.path) == ("risk-fraud", "changed", "quota")
    assert "accelerators: spec.hard[requests.nvidia.com/gpu] is 32, declared 6" in told.message
    assert told.fields == ("spec.hard[requests.nvidia.com/gpu]",)
    assert "somebody changed it since it was applied" in told.message
    assert words(site.run()) == []
    assert site.live(path)["spec"]["hard"]["requests.nvidia.com/gpu"] == "6"
