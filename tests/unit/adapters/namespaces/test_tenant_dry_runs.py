# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trials over HTTP: the headers of each, and what the server's answers mean."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.namespaces.tenant_dry_runs import try_as_tenants
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.access.trials import (
    ADMITTED,
    DENIED,
    NOT_TRIED,
    STOPPED,
    Trial,
    Tried,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.rbac import Act

from tests.unit.adapters.cluster.conftest import libraries_missing
from tests.unit.adapters.cluster.fake_api import LOST, FakeApi, Reply, refusal, reply, serving
from tests.unit.adapters.cluster.test_access import connection_to

pytestmark = pytest.mark.usefixtures("kubernetes_core")
PATH = "/api/v1/namespaces/team-a/configmaps"
DENIAL = 'configmaps is forbidden: User "x" cannot create resource "configmaps" in API group "" in the namespace "team-a"'
NO_USER = 'users "x" is forbidden: User "asker" cannot impersonate resource "users" in API group "" at the cluster scope'


@pytest.fixture(scope="module")
def kubernetes_core() -> None:
    """Connections are made by kubernetes.core and its library; without these the tests are skipped, and counted."""
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")


def trial(user: str = "x", *groups: str) -> Trial:
    item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "tried-", "namespace": "team-a"}}
    return Trial(user, groups, "team-a", Act("create", "", "configmaps"), item, True)


def came_of(answer: Reply, *trials: Trial) -> list[Tried]:
    api = FakeApi()
    api.always(PATH, answer)
    with serving(api) as url, connection_to(url) as connection:
        return try_as_tenants(connection, trials or (trial(),))


def test_each_trial_goes_as_whoever_is_meant_and_nothing_else_does() -> None:
    api = FakeApi()
    api.always(PATH, reply({"kind": "ConfigMap"}, 201))
    with serving(api) as url, connection_to(url) as connection:
        found = try_as_tenants(connection, [trial("anna", "one", "größe"), trial("ben")])
        connection.get("/version")
    seen = {request.headers.get("Impersonate-User"): request for request in api.seen}
    assert [each.state for each in found] == [ADMITTED, ADMITTED]
    assert set(seen) == {"anna", "ben", None}
    # As bytes these are UTF-8, which a server in Python reads as Latin-1.
    assert seen["anna"].headers.get_all("Impersonate-Group") == ["one", "größe".encode().decode("latin-1")]
    assert seen["ben"].headers.get_all("Impersonate-Group") is None
    assert seen["ben"].query == {"dryRun": "All"}
    assert seen[None].path == "/version"
    assert connection.calls.writes == 0


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (refusal(403, "Forbidden", DENIAL), DENIED),
        (refusal(403, "Forbidden", "exceeded quota: full"), STOPPED),
        (refusal(422, "Invalid", "a webhook refuses it"), STOPPED),
        (refusal(404, "NotFound", "namespaces not found"), NOT_TRIED),
        (refusal(501, "", "not here"), NOT_TRIED),
    ],
)
def test_refusals_mean_what_they_say(answer: Reply, state: str) -> None:
    assert [each.state for each in came_of(answer)] == [state]


def test_what_the_account_may_not_impersonate_is_no_answer_of_the_tenant() -> None:
    (found,) = came_of(refusal(403, "Forbidden", NO_USER))
    assert (found.state, found.words, found.lacks) == (NOT_TRIED, "the account may not impersonate users", "impersonate users")


@pytest.mark.parametrize("name", ["a\nb", " a", "a\x00", ""])
def test_name_that_would_not_arrive_as_it_is_is_not_tried(name: str) -> None:
    (found,) = came_of(reply({"kind": "ConfigMap"}, 201), trial("x", name))
    assert found.state == NOT_TRIED
    assert "cannot stand in a header" in found.words


def test_account_that_is_itself_impersonated_tries_nothing() -> None:
    api = FakeApi()
    with serving(api) as url, connection_to(url, impersonate_user="auditor") as connection:
        (found,) = try_as_tenants(connection, [trial()])
    assert (found.state, api.seen) == (NOT_TRIED, [])


def test_server_that_goes_away_leaves_the_rest_untried() -> None:
    api = FakeApi()
    api.always(PATH, LOST)
    with serving(api) as url, connection_to(url) as connection:
        found = try_as_tenants(connection, [trial()] * 5)
    assert {each.state for each in found} == {NOT_TRIED}
