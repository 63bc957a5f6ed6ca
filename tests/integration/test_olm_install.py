# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators installed by the real OLM: pinned, in order, with groups that fit; and what is refused before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.counterparts.cluster import crds_available, wait_until
from tests.counterparts.olm import ALL, MULTI, OWN, SINGLE, Bundle, Catalog, OwnedCrd, Package, chain, package
from tests.counterparts.olm.objects import V1, V1ALPHA1, install, namespace_of, operator_group, subscription
from tests.integration.olm_platform import OlmPlatform, checks, olm_platform, told, wanted
from tests.integration.platform_site import READER, Json
from tests.integration.playbooks import Played
from tests.integration.test_platform_playbook import NAME, Playing
from tests.unit.adapters.cluster.conftest import libraries_missing

BETA, NEEDED = OwnedCrd("Beta", "beta.example.com"), OwnedCrd("Needed", "needed.example.com")


def needing() -> tuple[Package, Package]:
    """A package that needs the kind of another one, and says so to OLM."""
    needed = Bundle("needed.v1.0.0", "1.0.0", (OWN,), (NEEDED,))
    greedy = Bundle("greedy.v1.0.0", "1.0.0", (OWN,), needs_kinds=(NEEDED,))
    return Package("needed", (needed,), {"stable": chain([needed.name])}), Package("greedy", (greedy,), {"stable": chain([greedy.name])})


def beta() -> Package:
    bundles = tuple(Bundle(f"beta-own.v{version}", version, (OWN, SINGLE), (BETA,)) for version in ("1.0.0", "2.0.0"))
    return Package("beta-own", bundles, {"stable": chain([bundle.name for bundle in bundles])})


CATALOG = Catalog(
    (
        package("alpha-all", ["1.0.0", "1.1.0"]),
        beta(),
        package("gamma-multi", ["1.0.0"], modes=(OWN, MULTI)),
        *needing(),
        package("foreign", ["1.0.0", "1.1.0"], modes=(OWN,)),
        package("refused", modes=(OWN,)),
        package("grouped", modes=(OWN,)),
        package("interrupted", modes=(OWN,)),
        package("channelled", modes=(OWN, ALL)),
    )
)
THREE = (
    wanted("alpha-all"),
    wanted("beta-own", scope="own"),
    wanted("gamma-multi", scope=["gamma-multi", "team-a"], needs=["beta-own"]),
)


@pytest.fixture(scope="module")
def platform(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OlmPlatform]:
    """A cluster with OLM and nothing installed."""
    if not crds_available():
        pytest.skip(f"no custom resource definitions in {shared}")
    with olm_platform(tmp_path_factory.mktemp("olm"), CATALOG) as found:
        yield found


def approved(platform: OlmPlatform, namespace: str) -> list[list[str]]:
    """What the approved InstallPlans of a namespace brought."""
    return [plan["spec"]["clusterServiceVersionNames"] for plan in platform.plans(namespace) if plan["spec"]["approved"]]


def groups_of(platform: OlmPlatform, namespace: str) -> list[Json]:
    """Specs of the OperatorGroups of a namespace."""
    return [item["spec"] for item in platform.client.get(f"{V1}/namespaces/{namespace}/operatorgroups")["items"]]


@pytest.fixture
def playing(platform: OlmPlatform, tmp_path: Path) -> Playing:
    """The playbook, on this cluster."""
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    return Playing(platform.site, tmp_path)


def created(played: Played) -> int:
    """Objects that the operators part has created, or would."""
    stages = {(entry["stage"], entry["host"]): entry for entry in played.run_record()["stages"]}
    return int(stages["platform", f"{NAME} operators"]["counts"]["created"])


def test_three_operators_of_different_modes_are_installed_pinned_by_one_playbook_run_and_a_second_one_writes_nothing(
    platform: OlmPlatform, playing: Playing
) -> None:
    document = {"schema_version": "1.0", "operators": {"wanted": list(THREE)}}
    platform.client.apply([namespace_of("team-a")])
    checked = playing.play("check", "--check", "--diff", document=document)
    assert checked.code == 0, checked.output
    assert playing.asked().writes == 0
    first = playing.play("first", document=document, readiness_platform_wait_minutes=5)
    assert first.code == 0, first.output
    assert [platform.csv(name, f"{name}.v1.0.0") for name in ("alpha-all", "beta-own", "gamma-multi")] == ["Succeeded"] * 3
    assert [platform.csv("alpha-all", "alpha-all.v1.1.0"), platform.csv("beta-own", "beta-own.v2.0.0")] == ["", ""]
    assert groups_of(platform, "alpha-all")[0].get("targetNamespaces") is None
    assert groups_of(platform, "beta-own")[0]["targetNamespaces"] == ["beta-own"]
    assert sorted(groups_of(platform, "gamma-multi")[0]["targetNamespaces"]) == ["gamma-multi", "team-a"]
    assert [approved(platform, name) for name in ("alpha-all", "beta-own")] == [[["alpha-all.v1.0.0"]], [["beta-own.v1.0.0"]]]
    assert created(checked) == created(first) == 9
    again = playing.play("again", document=document)
    assert again.code == 0, again.output
    assert (playing.asked().writes, playing.asked().dry_runs) == (0, 0)
    verified = playing.play("nightly", document=document, account=READER, readiness_mode="verify")
    assert verified.code == 0, verified.output
    assert playing.asked().writes == 0


def test_a_run_that_is_killed_on_its_way_is_finished_by_the_next_one(platform: OlmPlatform) -> None:
    # A process of its own, whose end leaves the Lease and the record as they are.
    doomed = get_context("fork").Process(target=platform.run, args=(wanted("interrupted", scope="own"),))
    doomed.start()
    path = f"{V1ALPHA1}/namespaces/interrupted/subscriptions/interrupted"
    wait_until("the Subscription is there", lambda: platform.client.request("GET", path).status == 200)
    doomed.kill()
    doomed.join()
    assert platform.csv("interrupted", "interrupted.v1.0.0") != "Succeeded"
    found = platform.run(wanted("interrupted", scope="own"), lock_wait_minutes=3.0)
    assert found.failure is None, found.failure.problems
    assert platform.csv("interrupted", "interrupted.v1.0.0") == "Succeeded"
    again = platform.run(wanted("interrupted", scope="own"))
    assert platform.site.last is not None
    assert (platform.site.last.writes, again.failure) == (0, None)


@pytest.mark.parametrize(
    ("operator", "word", "words"),
    [
        (wanted("channelled", channel="nowhere"), "channel", "no channel nowhere; it has stable"),
        (wanted("channelled", "7.0.0"), "pin", "channelled.v7.0.0"),
        (wanted("nobody"), "package", "no package nobody"),
        (wanted("channelled", source="elsewhere"), "catalog.absent", "openshift-marketplace/elsewhere does not exist"),
        (wanted("grouped", scope="all"), "group.modes", "AllNamespaces"),
    ],
    ids=["channel", "version", "package", "catalog", "scope"],
)
def test_what_no_catalog_has_is_refused_before_anything_is_written(platform: OlmPlatform, operator: Json, word: str, words: str) -> None:
    found = platform.run(operator, wanted("refused", namespace="never-made"))
    assert words in told(found, word)
    assert found.failure is not None and found.failure.code == "platform_refused"
    assert platform.site.last is not None
    assert (platform.site.last.writes, platform.site.last.dry_runs) == (0, 0)
    assert platform.client.request("GET", "/api/v1/namespaces/never-made").status == 404


@pytest.mark.parametrize(
    ("groups", "word"),
    [([("theirs", ["default"])], "group.wrong"), ([("one", ["grouped-2"]), ("two", ["grouped-2"])], "group.second")],
    ids=["wrong", "second"],
)
def test_a_group_of_others_is_refused_before_anything_is_written(
    platform: OlmPlatform, groups: list[tuple[str, list[str]]], word: str
) -> None:
    namespace = f"grouped-{len(groups)}"
    platform.client.apply([namespace_of(namespace), *(operator_group(namespace, targets, name=name) for name, targets in groups)])
    found = platform.run(wanted("grouped", namespace=namespace))
    assert all(name in told(found, word) for name, _targets in groups)
    assert platform.site.last is not None and platform.site.last.writes == 0
    assert len(groups_of(platform, namespace)) == len(groups)


def test_a_plan_that_brings_what_the_document_does_not_declare_is_not_approved_until_it_does(platform: OlmPlatform) -> None:
    found = platform.run(wanted("greedy", scope="own"), wait_minutes=1.0)
    said = told(found, "plan.outside")
    assert "does not allow needed.v1.0.0" in said
    assert not any(plan["spec"]["approved"] for plan in platform.plans("greedy"))
    both = platform.run(wanted("greedy", scope="own"), wanted("needed", namespace="greedy", scope="own"))
    assert both.failure is None, both.failure.problems
    assert [platform.csv("greedy", f"{name}.v1.0.0") for name in ("greedy", "needed")] == ["Succeeded"] * 2


@pytest.mark.parametrize(
    ("stance", "word"),
    [("observe", "brownfield.foreign"), ("refuse", "brownfield.refused"), ("adopt", "")],
    ids=["observe", "refuse", "adopt"],
)
def test_an_operator_that_is_there_already_is_observed_refused_or_adopted(platform: OlmPlatform, stance: str, word: str) -> None:
    package_name = "foreign"
    path = f"{V1ALPHA1}/namespaces/theirs/subscriptions/{package_name}"
    if platform.client.request("GET", path).status == 404:
        install(platform.client, "theirs", package_name, "foreign.v1.0.0", source="demo", targets=["theirs"])
    pin = "1.0.0" if stance == "adopt" else "1.1.0"
    found = platform.run(wanted(package_name, pin, namespace="theirs", brownfield=stance))
    live = platform.client.get(path)
    if word:
        assert word in checks(found), sorted(checks(found))
        assert platform.site.last is not None and platform.site.last.writes == 0
        assert "readiness.groundwork.io/stage" not in live["metadata"].get("labels", {})
    else:
        assert found.failure is None, found.failure.problems
        assert live["metadata"]["labels"]["readiness.groundwork.io/stage"] == "platform-operators"
        assert len(groups_of(platform, "theirs")) == 1


def test_an_operator_in_another_namespace_is_never_installed_twice(platform: OlmPlatform) -> None:
    platform.client.apply(
        [namespace_of("elsewhere"), operator_group("elsewhere", ["elsewhere"]), subscription("elsewhere", "refused", source="demo")]
    )
    found = platform.run(wanted("refused", brownfield="adopt"))
    assert "elsewhere" in told(found, "brownfield.elsewhere")
    assert platform.client.request("GET", "/api/v1/namespaces/refused").status == 404
