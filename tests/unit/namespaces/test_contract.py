# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contracts: what is read of them, and each fault at its place."""

from __future__ import annotations

from ipaddress import ip_network
from random import Random

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.reading import (
    contract_schema,
    read_contracts,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.rules import contract_problems
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.parse import SourceText
from jsonschema import Draft202012Validator

from tests.unit.namespaces.builders import EVERYTHING, KNOWN, SMALL, Json


def problems(*documents: Json) -> list[str]:
    """Every problem in words, of contracts that stand in files a.yml, b.yml and so on."""
    sources = [SourceText(f"{chr(97 + number)}.yml", data, {"namespace": 2}) for number, data in enumerate(documents)]
    found = read_contracts(sources)
    return [problem.text() for problem in (*found.problems, *contract_problems(found.placed, KNOWN))]


def test_contracts_of_any_size_are_without_fault() -> None:
    assert problems(SMALL, EVERYTHING) == []


def test_schema_takes_what_is_read_and_refuses_what_is_not_known() -> None:
    validator = Draft202012Validator(contract_schema())
    assert list(validator.iter_errors(SMALL)) == []
    assert list(validator.iter_errors(EVERYTHING)) == []
    assert list(validator.iter_errors({**SMALL, "colour": "blue"}))
    assert list(validator.iter_errors({key: value for key, value in SMALL.items() if key != "expires"}))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"namespace": "openshift-ai-team"}, "namespace is 'openshift-ai-team', a namespace of the system"),
        ({"namespace": "kube-team"}, "a namespace of the system"),
        ({"namespace": "default"}, "a namespace of the system"),
        ({"namespace": "groundwork-readiness"}, "a namespace of the system"),
        ({"expires": "2027-02-30"}, "expires is '2027-02-30', which is no day"),
        ({"expires": "soon"}, "expires is 'soon'"),
        ({"personas": []}, "personas is empty"),
        ({"personas": [{"persona": "scientist", "groups": ["g"]}]}, "personas[0].persona is 'scientist', which is no persona"),
        ({"personas": [{"persona": "platform", "groups": ["g"]}]}, "a persona of the whole cluster"),
        ({"personas": [{"persona": "service"}]}, "personas[0] names nobody"),
        ({"personas": [{"persona": "service", "service_accounts": ["gone"]}]}, "is 'gone', which is no service account"),
        ({"personas": [{"persona": "service", "groups": ["g"]}] * 2}, "personas[1].persona is 'service', as"),
        ({"service_accounts": [{"name": "default"}]}, "which OpenShift puts into every namespace"),
        ({"service_accounts": [{"name": "ci"}] * 2}, "service_accounts[1].name is 'ci', as"),
        ({"accelerators": [{"name": "a", "class": "huge"}]}, "accelerators[0].class is 'huge', which is no class"),
        ({"accelerators": [{"name": "a", "class": "notebook"}] * 2}, "accelerators[1].name is 'a', as"),
        ({"quota": {"cpu": 8, "memory_gib": 8, "cpu_limit": 4}}, "quota.cpu_limit is 4, and quota.cpu is 8"),
        ({"quota": {"cpu": 8, "memory_gib": 8, "memory_limit_gib": 4}}, "quota.memory_limit_gib is 4"),
        ({"containers": {"cpu_request": 2}}, "containers.cpu_limit is 1, and containers.cpu_request is 2"),
        ({"containers": {"memory_most_gib": 1}}, "containers.memory_most_gib is 1"),
        ({"quota": {"cpu": 8, "memory_gib": 8, "cpu_limit": 9}, "containers": {"cpu_most": 10}}, "quota.cpu_limit is 9, and"),
        ({"quota": {"cpu": 8, "memory_gib": 8, "storage_classes": {"fast": 1}}}, "quota.storage_classes.fast is 1"),
        ({"containers": {"volume_most_gib": 1}}, "containers.volume_most_gib is 1, and quota.storage_gib is 0"),
        ({"quota": {"cpu": 8, "memory_gib": 8, "models": 1}}, "quota.models is 1, and no model is served"),
        ({"serving": {}}, "quota.models is 0, and section serving"),
        ({"queue": {"borrow": True}}, "queue.borrow is true without a cohort"),
        ({"network": {"isolation": "own_network"}}, "network.subnets is empty"),
        ({"network": {"subnets": ["10.1.0.0/16"]}}, "network.subnets is given, and isolation is policies"),
        ({"network": {"isolation": "own_network", "subnets": ["10.1.0.0/16", "10.2.0.0/16"]}}, "has two of one family"),
        ({"network": {"isolation": "own_network", "subnets": ["10.1.0.1/16"]}}, "is '10.1.0.1/16', which is no network"),
        (
            {"network": {"isolation": "own_network", "subnets": ["10.1.0.0/16"], "from_namespaces": ["a"]}},
            "network.from_namespaces is given, and isolation is own_network",
        ),
        ({"network": {"egress": [{"name": "a"}]}}, "network.egress[0] leads nowhere"),
        ({"network": {"egress": [{"name": "a", "cidrs": ["10.0.0.0/33"]}]}}, "cidrs[0] is '10.0.0.0/33'"),
        ({"network": {"egress": [{"name": "a", "cidrs": ["::/0"], "ports": ["70000"]}]}}, "ports[0] is '70000'"),
        ({"monitoring": {"pods": [{"name": "a", "labels": {}, "port": "m"}]}}, "monitoring.pods[0].labels is empty"),
        ({"monitoring": {"services": [{"name": "a", "labels": {"a": "b"}, "port": "m", "path": "x"}]}}, "services[0].path is 'x'"),
        ({"images": {"registries": ["nginx"]}}, "images.registries[0] is 'nginx'"),
        ({"schema_version": "2.0"}, "schema_version is '2.0'"),
        ({"classification": "secret"}, "classification is 'secret'"),
        ({"owner": {"name": "retail", "cost_centre": "1"}}, "owner.group is missing"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(changes: Json, says: str) -> None:
    found = problems({**SMALL, **changes})
    assert len(found) == 1, found
    assert says in found[0]
    assert found[0].startswith("a.yml")


def test_data_above_the_namespace_or_with_a_password_in_its_address_is_refused_without_repeating_it() -> None:
    source = EVERYTHING["data_sources"][0]
    loud = {**source, "classification": "restricted", "uri": "s3://reader:hidden@store.example.com/tickets"}
    found = problems({**EVERYTHING, "data_sources": [loud]})
    assert len(found) == 2
    assert "hidden" not in " ".join(found)
    assert any("is restricted, and the namespace is confidential" in each for each in found)


def test_every_fault_of_every_contract_is_told_at_once() -> None:
    found = problems({**SMALL, "expires": "2027-02-30", "serving": {}}, {**SMALL, "owner": {}}, 5, [])
    assert [each[:5] for each in found] == ["b.yml"] * 3 + ["c.yml", "d.yml"] + ["a.yml"] * 2


def test_namespace_of_two_contracts_is_refused_at_the_later_one() -> None:
    (found,) = problems(SMALL, SMALL)
    assert found.startswith("b.yml, row 2")
    assert "as in another contract of a.yml" in found


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"owner": {**SMALL["owner"], "group": "others"}},
            "owner.group is 'others', and 'retail-ai-owners' in the contract of team-forecast",
        ),
        ({"owner": {**SMALL["owner"], "cost_centre": "cc-1"}}, "owner.cost_centre is 'cc-1'"),
        ({"queue": {"cohort": "ai"}}, "queue.cohort is 'ai', and '' in the contract of team-forecast"),
    ],
)
def test_owner_is_the_same_in_each_of_its_contracts(changes: Json, says: str) -> None:
    (found,) = problems(SMALL, {**SMALL, "namespace": "other", **changes})
    assert says in found


def subnets(*cidrs: str) -> Json:
    return {**SMALL, "network": {"isolation": "own_network", "subnets": list(cidrs)}}


def test_subnets_that_overlap_are_named_with_both_namespaces() -> None:
    (found,) = problems(subnets("10.0.0.0/8"), {**subnets("10.5.0.0/16"), "namespace": "inner"})
    assert "network.subnets[0] is 10.5.0.0/16, which overlaps 10.0.0.0/8 of team-forecast" in found


def test_overlaps_of_random_subnets_are_found_where_there_is_one_and_nowhere_else() -> None:
    rng = Random(20261122)
    for _case in range(200):
        nets = [str(ip_network((rng.randrange(16) << 20 | 10 << 24, rng.choice([12, 13, 14, 16])), strict=False)) for _ in range(5)]
        documents = [{**subnets(net), "namespace": f"n{number}"} for number, net in enumerate(nets)]
        networks = [ip_network(net) for net in nets]
        overlapping = any(one.overlaps(other) for place, one in enumerate(networks) for other in networks[:place])
        assert bool(problems(*documents)) == overlapping


def test_list_of_contracts_in_one_file_has_places_within_it() -> None:
    source = SourceText("teams.yml", [SMALL, {**SMALL, "namespace": "b", "expires": "2027-02-30"}], {"[1].expires": 12})
    (found,) = contract_problems(read_contracts([source]).placed, KNOWN)
    assert (found.file, found.row) == ("teams.yml", 12)


def test_nothing_given_is_told_with_what_to_give() -> None:
    (found,) = read_contracts([]).problems
    assert "readiness_contracts is not given" in found.message


def test_newer_minor_is_read_with_a_warning() -> None:
    found = read_contracts([SourceText("a.yml", {**SMALL, "schema_version": "1.7"})])
    assert found.problems == ()
    assert "schema_version is 1.7" in found.warnings[0]
