# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped rights on a real API server: what lacks is named all at once before the first write, and so is a cluster without OLM."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import InputError, ReadinessError
from ansible_collections.groundwork.readiness.plugins.module_utils.platform import rights

from tests.counterparts.cluster import wait_until
from tests.integration.platform_site import READER, WRITER, Site, files, may, tried_site

Json = dict[str, Any]
RBAC = "/apis/rbac.authorization.k8s.io/v1"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with tried_site(tmp_path_factory) as found:
        yield found


def test_reader_may_look_at_everything_and_change_nothing(site: Site) -> None:
    result = site.run("accelerators", "verify", READER)
    assert not [finding for finding in result.findings if finding.check == "platform.cluster.reading"]
    for verb, group, resource in [
        ("patch", "nvidia.com", "clusterpolicies"),
        ("create", "", "namespaces"),
        ("patch", "", "nodes"),
        ("list", "", "secrets"),
        ("get", "", "secrets"),
        ("patch", "operators.coreos.com", "installplans"),
    ]:
        assert not may(site.cluster, site.tokens[READER], verb, group, resource), (verb, resource)


def test_writer_may_not_do_what_belongs_to_removal(site: Site) -> None:
    for verb, group, resource in [
        ("delete", "operators.coreos.com", "clusterserviceversions"),
        ("delete", "apiextensions.k8s.io", "customresourcedefinitions"),
        ("delete", "", "namespaces"),
        ("delete", "operators.coreos.com", "installplans"),
        ("create", "operators.coreos.com", "installplans"),
        ("list", "", "secrets"),
        ("create", "rbac.authorization.k8s.io", "clusterroles"),
    ]:
        assert not may(site.cluster, site.tokens[WRITER], verb, group, resource), (verb, resource)


def test_all_lacking_permissions_are_named_at_once_and_nothing_is_written(site: Site) -> None:
    role = site.live(f"{RBAC}/clusterroles/{rights.NODES_ROLE}")
    binding = site.live(f"{RBAC}/clusterroles/{rights.RECORD_ROLE}")
    without = [rule for rule in role["rules"] if rule["apiGroups"] != ["nvidia.com"]]
    patching = [{**rule, "verbs": ["get", "list", "patch"]} for rule in role["rules"] if rule["apiGroups"] == ["nvidia.com"]]
    leases = [{**rule, "verbs": ["get"]} if "leases" in rule["resources"] else rule for rule in binding["rules"]]
    try:
        site.cluster.request("PUT", f"{RBAC}/clusterroles/{rights.NODES_ROLE}", {**role, "rules": [*without, *patching]}).checked()
        site.cluster.request("PUT", f"{RBAC}/clusterroles/{rights.RECORD_ROLE}", {**binding, "rules": leases}).checked()
        token = site.tokens[WRITER]
        wait_until("it is known", lambda: not may(site.cluster, token, "create", "nvidia.com", "clusterpolicies"))
        wait_until("it is known", lambda: not may(site.cluster, token, "update", "coordination.k8s.io", "leases", rights.HOME))
        result = site.run("accelerators")
    finally:
        site.cluster.apply(files("apply_rights.yml", "nodes_rights.yml"))
        wait_until("it is known", lambda: may(site.cluster, site.tokens[WRITER], "create", "nvidia.com", "clusterpolicies"))
    assert site.last is not None
    assert site.last.writes == 0
    named = {finding.subject for finding in result.findings if finding.check == "platform.cluster.rights"}
    assert named == {
        "create clusterpolicies.nvidia.com",
        f"create leases.coordination.k8s.io in {rights.HOME}",
        f"update leases.coordination.k8s.io in {rights.HOME}",
    }
    assert isinstance(result.failure, ReadinessError)
    assert len(result.failure.problems) == 3


def test_account_without_any_right_is_told_so_with_the_file_that_helps(site: Site) -> None:
    site.tokens = {**site.tokens, "nobody": site.cluster.service_account(rights.HOME, "nobody")}
    with pytest.raises(ReadinessError, match="the account may read nothing that is looked at") as caught:
        site.run("accelerators", "verify", "nobody")
    assert "roles/operators/files/verify_role.yml" in caught.value.hint
    assert any("may not list nodes" in problem.message for problem in caught.value.problems)


def test_list_that_the_account_may_not_read_is_named_with_what_it_costs(site: Site) -> None:
    role = site.live(f"{RBAC}/clusterroles/{rights.VERIFY_ROLE}")
    less = [{**rule, "resources": [name for name in rule["resources"] if name != "nodes"]} for rule in role["rules"]]
    try:
        site.cluster.request("PUT", f"{RBAC}/clusterroles/{rights.VERIFY_ROLE}", {**role, "rules": less}).checked()
        wait_until("it is known", lambda: not may(site.cluster, site.tokens[READER], "list", "", "nodes"))
        result = site.run("accelerators", "verify", READER)
    finally:
        site.cluster.apply(files("verify_role.yml"))
        wait_until("it is known", lambda: may(site.cluster, site.tokens[READER], "list", "", "nodes"))
    told = [finding for finding in result.findings if finding.check == "platform.cluster.reading"]
    assert [(finding.subject, finding.result) for finding in told] == [("nodes", "not_evaluated")]
    assert "may not list nodes; unknown for it: the nodes and their accelerators" in told[0].message


def test_document_for_another_cluster_is_refused_before_anything_is_compared(site: Site) -> None:
    site.document["cluster"] = {"id": "another"}
    try:
        result = site.run("accelerators")
    finally:
        del site.document["cluster"]
    assert isinstance(result.failure, InputError)
    assert "the document is for another, and this is" in result.failure.problems[0].message
    assert site.last is not None
    assert (site.last.writes, site.last.dry_runs) == (0, 0)


def test_cluster_without_olm_is_named_as_that(tmp_path_factory: pytest.TempPathFactory) -> None:
    with tried_site(tmp_path_factory, crds=()) as bare:
        bare.document = {
            "schema_version": "1.0",
            "operators": {"wanted": [{"name": "nfd", "channel": "stable", "version": "nfd.4.21.0"}]},
        }
        result = bare.run("operators")
        assert isinstance(result.failure, InputError)
        assert [problem.message for problem in result.failure.problems] == [
            "the cluster does not serve Subscriptions (operators.coreos.com)"
        ]
        assert bare.last is not None
        assert (bare.last.writes, bare.last.dry_runs, bare.last.reviews) == (0, 0, 0)
