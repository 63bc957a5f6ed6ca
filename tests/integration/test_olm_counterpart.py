# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real OLM on the cluster: installs what it shall, and what each fault looks like in the API.

The explanations of the platform stage rest on these signs; a release of OLM that shows others fails here first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.counterparts.cluster import PLATFORM, Client, cluster, condition, crds_available, node, wait_until
from tests.counterparts.olm import (
    ALL,
    MARKETPLACE,
    MULTI,
    OLM_USERS,
    OWN,
    SINGLE,
    UNREACHABLE,
    Bundle,
    Catalog,
    Entry,
    OlmSite,
    OwnedCrd,
    Package,
    chain,
    olm_site,
    package,
)
from tests.counterparts.olm.catalogs import csv_of
from tests.counterparts.olm.objects import (
    V1,
    V1ALPHA1,
    approve,
    csv_in,
    install,
    operator_group,
    phase_of,
    plan_of,
    said_of,
    subscription,
    subscription_in,
    wait_for_csv,
)

MERGE = "application/merge-patch+json"
UNPACK_SECONDS = 10
RETRY_SECONDS = 5
BETA = OwnedCrd("Beta", "beta.example.com")
SHARED_KIND = OwnedCrd("Contested", "contested.example.com")
STORED = "stored.example.com"
OLD_VERSION, NEW_VERSION = OwnedCrd("Stored", STORED, ("v1alpha1",)), OwnedCrd("Stored", STORED, ("v1",))


def single(name: str, **more: Any) -> Package:
    """A package with one bundle, of which the test says what is special.

    It watches its own namespace: what watches all is copied into all, which keeps OLM busy.
    """
    bundle = Bundle(f"{name}.v1.0.0", "1.0.0", **{"modes": (OWN,), **more})
    return Package(name, (bundle,), {"stable": chain([bundle.name])})


def vanishing() -> Package:
    old = Bundle("vanishing.v1.0.0", "1.0.0", (OWN,), (OLD_VERSION,))
    new = Bundle("vanishing.v2.0.0", "2.0.0", (OWN,), (NEW_VERSION,))
    return Package("vanishing", (old, new), {"stable": chain([old.name, new.name])})


def jumping() -> Package:
    """From 1.0.0 there is an edge to 1.1.0, and an earlier one in the channel to its head."""
    bundles = tuple(Bundle(f"jumping.v1.{minor}.0", f"1.{minor}.0", (OWN,)) for minor in range(3))
    entries = (Entry("jumping.v1.0.0"), Entry("jumping.v1.1.0", "jumping.v1.0.0"), Entry("jumping.v1.2.0", "jumping.v1.1.0", (), "<1.2.0"))
    return Package("jumping", bundles, {"stable": entries})


def deprecated() -> Package:
    bundles = tuple(Bundle(f"deprecated.v{major}.0.0", f"{major}.0.0", (OWN,)) for major in (1, 2))
    channels = {"stable": chain(["deprecated.v1.0.0"]), "next": chain(["deprecated.v1.0.0", "deprecated.v2.0.0"])}
    said = {"package": "it is no more", "channel stable": "use next", "bundle deprecated.v1.0.0": "use 2.0.0"}
    return Package("deprecated", bundles, channels, deprecated=said)


CATALOG = Catalog(
    (
        package("alpha-all", ["1.0.0", "1.1.0"]),
        Package(
            "beta-own",
            tuple(Bundle(f"beta-own.v{version}", version, (OWN, SINGLE), (BETA,)) for version in ("1.0.0", "2.0.0")),
            {"stable": chain(["beta-own.v1.0.0", "beta-own.v2.0.0"])},
        ),
        package("gamma-multi", ["0.9.0"], modes=(OWN, MULTI)),
        single("dependent", needs_kinds=(BETA,)),
        single("unsatisfied", needs_packages={"nowhere": ">=1.0.0"}),
        single("unpacked", unpacked_from=f"{UNREACHABLE}/bundles/unpacked@sha256:{'0' * 64}"),
        single("requiring", requires=(OwnedCrd("Absent", "absent.example.com"),)),
        single("unpulled", deployments={"unpulled": f"{UNREACHABLE}/operators/unpulled:1"}, progress_seconds=2),
        single("first-owner", modes=(ALL,), owns=(SHARED_KIND,)),
        single("second-owner", modes=(ALL,), owns=(SHARED_KIND,)),
        single("mirrored", related_images=(f"registry.example.com/mirrored@sha256:{'1' * 64}",), max_openshift="4.21"),
        single("grouped"),
        single("ungrouped"),
        single("unhealthy"),
        package("untargeted", modes=(OWN, SINGLE, MULTI)),
        package("unwatched"),
        single("withdrawn"),
        package("unready", ["1.0.0", "2.0.0"], modes=(OWN,)),
        package("copied"),
        vanishing(),
        jumping(),
        deprecated(),
    )
)


@pytest.fixture(scope="module")
def site(shared: Path) -> Iterator[OlmSite]:
    """A cluster with OLM and the catalog `demo`; each test has a namespace and packages of its own."""
    if not crds_available():
        pytest.skip(f"no custom resource definitions in {shared}")
    with (
        cluster(crds=PLATFORM, nodes=[node("worker-0")], users=OLM_USERS) as running,
        olm_site(running, {"demo": CATALOG}, unpack_timeout_seconds=UNPACK_SECONDS, plan_retry_seconds=RETRY_SECONDS) as olm,
    ):
        yield olm


@pytest.fixture
def client(site: OlmSite) -> Client:
    return site.cluster.client


@pytest.fixture
def namespace(site: OlmSite) -> Iterator[str]:
    """It goes after the test: what failed there would be tried again and again."""
    name = site.cluster.namespace()
    yield name
    site.cluster.delete_namespace(name)


def asked(site: OlmSite, namespace: str, name: str, **more: Any) -> None:
    """Subscribes in a namespace with a group for its own, unless told otherwise."""
    targets = more.pop("targets", [namespace])
    site.cluster.apply([operator_group(namespace, targets), subscription(namespace, name, source=more.pop("source", "demo"), **more)])


def installed(client: Client, namespace: str, name: str) -> None:
    """Has OLM install version 1.0.0 of a package that watches its own namespace."""
    install(client, namespace, name, f"{name}.v1.0.0", source="demo", targets=[namespace])


def wait_for_condition(client: Client, namespace: str, name: str, kind: str, reason: str) -> dict[str, Any]:
    """The condition of a subscription once it is True for that reason."""

    def found() -> dict[str, Any]:
        return said_of(subscription_in(client, namespace, name), kind)

    wait_until(f"{name} says {kind} {reason}", lambda: (found().get("status"), found().get("reason")) == ("True", reason))
    return found()


def wait_for_past(client: Client, namespace: str, name: str, phase: str, reason: str) -> None:
    """Waits until a ClusterServiceVersion has been in that phase for that reason, perhaps passing through."""

    def seen() -> bool:
        history = (csv_in(client, namespace, name).get("status") or {}).get("conditions") or ()
        return any((each["phase"], each.get("reason")) == (phase, reason) for each in history)

    wait_until(f"{name} was {phase} {reason}", seen)


@pytest.mark.parametrize(
    ("name", "version", "others"),
    [("alpha-all", "1.0.0", None), ("beta-own", "1.0.0", ()), ("gamma-multi", "0.9.0", ("default",))],
    ids=["all namespaces", "its own namespace", "several namespaces"],
)
def test_operators_of_each_install_mode_succeed_once_their_plan_is_approved(
    site: OlmSite, client: Client, namespace: str, name: str, version: str, others: tuple[str, ...] | None
) -> None:
    targets = None if others is None else [namespace, *others]
    asked(site, namespace, name, targets=targets, starting_csv=f"{name}.v{version}")
    plan = plan_of(client, namespace, name)
    assert plan["status"]["phase"] == "RequiresApproval"
    assert plan["spec"]["clusterServiceVersionNames"] == [f"{name}.v{version}"]
    assert csv_in(client, namespace, f"{name}.v{version}") == {}
    approve(client, plan)
    wait_for_csv(client, namespace, f"{name}.v{version}")
    wait_until("OLM says so", lambda: "installedCSV" in subscription_in(client, namespace, name)["status"])
    assert subscription_in(client, namespace, name)["status"]["installedCSV"] == f"{name}.v{version}"
    deployment = client.get(f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}")
    assert condition(deployment, "Available") == "True"
    assert deployment["metadata"]["labels"]["olm.owner"] == f"{name}.v{version}"


def test_a_dependency_comes_in_the_same_plan(site: OlmSite, client: Client, namespace: str) -> None:
    asked(site, namespace, "dependent")
    assert sorted(plan_of(client, namespace, "dependent")["spec"]["clusterServiceVersionNames"]) == ["beta-own.v2.0.0", "dependent.v1.0.0"]


def test_of_two_subscriptions_one_manual_one_makes_the_plan_of_both_manual(site: OlmSite, client: Client, namespace: str) -> None:
    asked(site, namespace, "grouped")
    client.apply([subscription(namespace, "ungrouped", source="demo", approval="Automatic")])
    plan = plan_of(client, namespace, "ungrouped")
    assert (plan["spec"]["approval"], plan["spec"]["approved"]) == ("Manual", False)


def test_an_upgrade_takes_the_first_entry_with_an_edge_and_jumps_over_others(site: OlmSite, client: Client, namespace: str) -> None:
    installed(client, namespace, "jumping")
    plan = plan_of(client, namespace, "jumping", beyond=subscription_in(client, namespace, "jumping")["status"]["installPlanRef"]["name"])
    assert plan["spec"]["clusterServiceVersionNames"] == ["jumping.v1.2.0"]
    approve(client, plan)
    wait_for_csv(client, namespace, "jumping.v1.2.0")
    wait_until("the version before is gone", lambda: csv_in(client, namespace, "jumping.v1.0.0") == {})


def test_packages_are_shown_as_the_package_server_shows_them(client: Client) -> None:
    path = f"/apis/packages.operators.coreos.com/v1/namespaces/{MARKETPLACE}/packagemanifests"
    found = client.get(f"{path}?fieldSelector=metadata.name=deprecated&labelSelector=catalog=demo")["items"]
    status = found[0]["status"]
    assert [each["name"] for each in status["channels"]] == ["next", "stable"]
    assert status["defaultChannel"] == "stable"
    assert status["deprecation"] == {"message": "it is no more"}
    assert status["channels"][1]["deprecation"] == {"message": "use next"}
    following = status["channels"][0]
    assert following["currentCSV"] == "deprecated.v2.0.0"
    assert following["entries"][1] == {"name": "deprecated.v1.0.0", "version": "1.0.0", "deprecation": {"message": "use 2.0.0"}}
    assert [mode["type"] for mode in following["currentCSVDesc"]["installModes"] if mode["supported"]] == [OWN]
    mirrored = client.get(f"{path}/mirrored")["status"]["channels"][0]["currentCSVDesc"]
    assert mirrored["relatedImages"] == ["registry.example.com/mirrored:1.0.0", f"registry.example.com/mirrored@sha256:{'1' * 64}"]
    assert mirrored["annotations"] == {"olm.properties": '[{"type": "olm.maxOpenShiftVersion", "value": "4.21"}]'}


def test_a_catalog_that_is_published_again_offers_its_new_versions(site: OlmSite, client: Client, namespace: str) -> None:
    site.publish("moving", Catalog((package("moved", modes=(OWN,)),)))
    install(client, namespace, "moved", "moved.v1.0.0", source="moving", targets=[namespace])
    site.publish("moving", Catalog((package("moved", ["1.0.0", "1.0.1"], modes=(OWN,)),)))
    first = subscription_in(client, namespace, "moved")["status"]["installPlanRef"]["name"]
    assert plan_of(client, namespace, "moved", beyond=first)["spec"]["clusterServiceVersionNames"] == ["moved.v1.0.1"]
    site.withdraw("moving")


@pytest.mark.parametrize("groups", [0, 2])
def test_a_namespace_without_exactly_one_group_is_visible_in_the_groups_alone(
    site: OlmSite, client: Client, namespace: str, groups: int
) -> None:
    client.apply([operator_group(namespace, [namespace], name=f"group-{number}") for number in range(groups)])
    client.apply([subscription(namespace, "alpha-all", source="demo")])
    wait_until("OLM has seen it", lambda: condition(subscription_in(client, namespace, "alpha-all"), "CatalogSourcesUnhealthy") == "False")
    # What is asked later in another namespace has an answer first.
    later = site.cluster.namespace()
    asked(site, later, "alpha-all")
    plan_of(client, later, "alpha-all")
    status = subscription_in(client, namespace, "alpha-all")["status"]
    assert [each["type"] for each in status["conditions"]] == ["CatalogSourcesUnhealthy"]
    assert "installPlanRef" not in status
    assert len(client.get(f"{V1}/namespaces/{namespace}/operatorgroups")["items"]) == groups


def test_a_second_or_no_group_beside_a_running_operator_is_visible_in_the_api(site: OlmSite, client: Client, namespace: str) -> None:
    installed(client, namespace, "grouped")
    client.apply([operator_group(namespace, [namespace], name="second")])
    wait_for_csv(client, namespace, "grouped.v1.0.0", "Failed", "TooManyOperatorGroups")
    for name in ("group", "second"):
        client.request("DELETE", f"{V1}/namespaces/{namespace}/operatorgroups/{name}").checked()
    wait_for_csv(client, namespace, "grouped.v1.0.0", "Failed", "NoOperatorGroup")


def test_an_unsupported_group_is_visible_in_the_api(site: OlmSite, client: Client, namespace: str) -> None:
    asked(site, namespace, "unwatched")
    approve(client, plan_of(client, namespace, "unwatched"))
    found = wait_for_csv(client, namespace, "unwatched.v1.0.0", "Failed", "UnsupportedOperatorGroup")
    assert "OwnNamespace InstallModeType not supported" in found["status"]["message"]


def test_a_group_whose_selector_finds_no_namespace_is_visible_in_the_api(site: OlmSite, client: Client, namespace: str) -> None:
    group = operator_group(namespace) | {"spec": {"selector": {"matchLabels": {"nobody": "has-it"}}}}
    client.apply([group, subscription(namespace, "untargeted", source="demo")])
    plan = plan_of(client, namespace, "untargeted")
    path = f"{V1ALPHA1}/namespaces/{namespace}/installplans/{plan['metadata']['name']}"
    wait_until("the plan says so", lambda: condition(client.get(path), "Installed") == "False")
    assert said_of(client.get(path), "Installed")["message"] == "no operator group found that is managing this namespace"
    assert "status" not in client.get(f"{V1}/namespaces/{namespace}/operatorgroups/group")


@pytest.mark.parametrize(
    ("name", "more", "words"),
    [
        ("alpha-all", {"channel": "nowhere"}, "no operators found in channel nowhere of package alpha-all"),
        ("alpha-all", {"starting_csv": "alpha-all.v7.0.0"}, "alpha-all.v7.0.0"),
        ("nobody", {}, "no operators found in package nobody"),
        ("unsatisfied", {}, "nowhere"),
    ],
    ids=["channel", "pin", "package", "dependency"],
)
def test_constraints_that_cannot_be_satisfied_are_visible_in_the_api(
    site: OlmSite, client: Client, namespace: str, name: str, more: Mapping[str, str], words: str
) -> None:
    asked(site, namespace, name, **more)
    found = wait_for_condition(client, namespace, name, "ResolutionFailed", "ConstraintsNotSatisfiable")
    assert words in found["message"]


def test_a_catalog_that_was_never_there_is_visible_in_the_api(site: OlmSite, client: Client, namespace: str) -> None:
    asked(site, namespace, "grouped", source="nowhere")
    found = wait_for_condition(client, namespace, "grouped", "ResolutionFailed", "ConstraintsNotSatisfiable")
    assert f"no operators found from catalog nowhere in namespace {MARKETPLACE}" in found["message"]
    wait_until("it is unhealthy", lambda: condition(subscription_in(client, namespace, "grouped"), "CatalogSourcesUnhealthy") == "True")
    unhealthy = said_of(subscription_in(client, namespace, "grouped"), "CatalogSourcesUnhealthy")
    assert unhealthy["message"] == f"targeted catalogsource {MARKETPLACE}/nowhere missing"


def test_an_error_that_prevents_resolution_is_visible_in_the_api(site: OlmSite, client: Client, namespace: str) -> None:
    # A catalog of this namespace alone, at whose address nobody is: it keeps every subscription of the namespace from being resolved.
    spec = {"sourceType": "grpc", "address": "127.0.0.1:1"}
    dead = {"apiVersion": "operators.coreos.com/v1alpha1", "kind": "CatalogSource", "metadata": {"name": "dead", "namespace": namespace}}
    client.apply([dead | {"spec": spec}])
    asked(site, namespace, "grouped")
    found = wait_for_condition(client, namespace, "grouped", "ResolutionFailed", "ErrorPreventedResolution")
    assert f"error using catalogsource {namespace}/dead" in found["message"]
    wait_until("it is healthy", lambda: condition(subscription_in(client, namespace, "grouped"), "CatalogSourcesUnhealthy") == "False")


def test_a_killed_catalog_is_visible_in_the_api_by_its_connection_alone(site: OlmSite, client: Client, namespace: str) -> None:
    site.publish("killed", Catalog((package("orphaned", modes=(OWN,)),)))
    asked(site, namespace, "orphaned", source="killed")
    plan_of(client, namespace, "orphaned")
    before = str(site.connection("killed")["lastConnect"])
    site.catalog("killed").kill()
    wait_until("OLM sees it", lambda: site.connection("killed")["lastObservedState"] in {"CONNECTING", "TRANSIENT_FAILURE"})
    assert condition(subscription_in(client, namespace, "orphaned"), "CatalogSourcesUnhealthy") == "False"
    assert said_of(subscription_in(client, namespace, "orphaned"), "ResolutionFailed") == {}
    site.catalog("killed").start()
    site.connected("killed", since=before)
    site.withdraw("killed")


def test_a_catalog_source_that_lacks_something_is_visible_in_its_own_status(site: OlmSite, client: Client, namespace: str) -> None:
    source = {
        "apiVersion": "operators.coreos.com/v1alpha1",
        "kind": "CatalogSource",
        "metadata": {"name": "hollow", "namespace": namespace},
    }
    client.apply([source | {"spec": {"sourceType": "internal", "configMap": "absent"}}])
    asked(site, namespace, "grouped")
    found = wait_for_condition(client, namespace, "grouped", "ResolutionFailed", "ErrorPreventedResolution")
    assert f"no registry client established for catalogsource {namespace}/hollow" in found["message"]
    assert client.get(f"{V1ALPHA1}/namespaces/{namespace}/catalogsources/hollow")["status"]["reason"] == "ConfigMapError"


def test_a_bundle_that_cannot_be_unpacked_is_visible_in_the_api(site: OlmSite, client: Client, namespace: str) -> None:
    asked(site, namespace, "unpacked")
    wait_until("it is unpacked", lambda: condition(subscription_in(client, namespace, "unpacked"), "BundleUnpacking") == "True")
    labelled = "labelSelector=operatorframework.io/bundle-unpack-ref"

    def waiting() -> list[str]:
        pods = client.get(f"/api/v1/namespaces/{MARKETPLACE}/pods?{labelled}")["items"]
        said = [each["state"].get("waiting", {}) for pod in pods for each in pod["status"].get("initContainerStatuses", ())]
        return [each["reason"] for each in said if "message" in each]

    wait_until("its pod cannot pull", lambda: waiting() == ["ImagePullBackOff"])
    found = wait_for_condition(client, namespace, "unpacked", "BundleUnpackFailed", "BundleUnpackFailed")
    assert "DeadlineExceeded" in found["message"]
    jobs = client.get(f"/apis/batch/v1/namespaces/{MARKETPLACE}/jobs?{labelled}")["items"]
    assert [condition(job, "Failed") for job in jobs] == ["True"]


def test_a_plan_that_was_deleted_is_replaced(site: OlmSite, client: Client, namespace: str) -> None:
    asked(site, namespace, "withdrawn")
    first = plan_of(client, namespace, "withdrawn")["metadata"]["name"]
    client.request("DELETE", f"{V1ALPHA1}/namespaces/{namespace}/installplans/{first}").checked()
    again = plan_of(client, namespace, "withdrawn", beyond=first)
    assert again["spec"]["clusterServiceVersionNames"] == ["withdrawn.v1.0.0"]


def test_a_plan_that_drops_a_stored_version_is_visible_in_the_api(site: OlmSite, client: Client, namespace: str) -> None:
    installed(client, namespace, "vanishing")
    first = subscription_in(client, namespace, "vanishing")["status"]["installPlanRef"]["name"]
    plan = plan_of(client, namespace, "vanishing", beyond=first)
    approve(client, plan)
    path = f"{V1ALPHA1}/namespaces/{namespace}/installplans/{plan['metadata']['name']}"
    wait_until("it is tried again", lambda: "retrying execution due to error" in client.get(path)["status"].get("message", ""))
    wait_until("it fails for good", lambda: client.get(path)["status"]["phase"] == "Failed")
    assert "v1alpha1" in client.get(path)["status"]["message"]
    wait_for_condition(client, namespace, "vanishing", "InstallPlanFailed", "InstallComponentFailed")


def test_requirements_that_lack_are_visible_in_the_api_by_name(site: OlmSite, client: Client, namespace: str) -> None:
    asked(site, namespace, "requiring")
    approve(client, plan_of(client, namespace, "requiring"))
    found = wait_for_csv(client, namespace, "requiring.v1.0.0", "Pending", "RequirementsNotMet")
    absent = {(each["kind"], each["name"]) for each in found["status"]["requirementStatus"] if each["status"] == "NotPresent"}
    assert ("CustomResourceDefinition", "absents.absent.example.com") in absent


def test_two_owners_of_a_definition_are_visible_in_the_api(site: OlmSite, client: Client, namespace: str) -> None:
    there = site.cluster.namespace()
    install(client, there, "first-owner", "first-owner.v1.0.0", source="demo")
    asked(site, namespace, "second-owner", targets=None)
    approve(client, plan_of(client, namespace, "second-owner"))
    wait_for_csv(client, namespace, "second-owner.v1.0.0", "Failed", "InterOperatorGroupOwnerConflict")
    # Two in one namespace do not come from OLM's own plans: it resolves a namespace as a whole.
    by_hand = csv_of("third-owner", Bundle("third-owner.v1.0.0", "1.0.0", (ALL,), (SHARED_KIND,)))
    by_hand["spec"]["install"]["spec"] = {"deployments": []}
    client.apply([by_hand | {"metadata": {"name": "third-owner.v1.0.0", "namespace": there}}])
    wait_for_csv(client, there, "third-owner.v1.0.0", "Failed", "OwnerConflict")
    site.cluster.delete_namespace(there)


def test_install_modes_that_contradict_each_other_are_visible_in_the_api(client: Client, namespace: str) -> None:
    by_hand = csv_of("twice", Bundle("twice.v1.0.0", "1.0.0", (OWN,)))
    by_hand["spec"]["installModes"].append({"type": OWN, "supported": False})
    client.apply([operator_group(namespace, [namespace]), by_hand | {"metadata": {"name": "twice.v1.0.0", "namespace": namespace}}])
    wait_for_csv(client, namespace, "twice.v1.0.0", "Failed", "InvalidInstallModes")


def test_a_deployment_that_does_not_come_up_is_visible_in_the_api(site: OlmSite, client: Client, namespace: str) -> None:
    asked(site, namespace, "unpulled")
    approve(client, plan_of(client, namespace, "unpulled"))
    wait_for_past(client, namespace, "unpulled.v1.0.0", "Installing", "InstallWaiting")
    wait_for_past(client, namespace, "unpulled.v1.0.0", "Failed", "InstallCheckFailed")
    pods = client.get(f"/api/v1/namespaces/{namespace}/pods?labelSelector=app=unpulled")["items"]
    assert {each["state"]["waiting"]["reason"] for pod in pods for each in pod["status"]["containerStatuses"]} == {"ImagePullBackOff"}


def test_a_deployment_that_goes_down_is_visible_in_the_api(site: OlmSite, client: Client, namespace: str) -> None:
    installed(client, namespace, "unhealthy")
    pods = client.get(f"/api/v1/namespaces/{namespace}/pods?labelSelector=app=unhealthy")["items"]
    down = [{**each, "status": "False"} for each in pods[0]["status"]["conditions"]]
    path = f"/api/v1/namespaces/{namespace}/pods/{pods[0]['metadata']['name']}/status"
    client.request("PATCH", path, {"status": {"conditions": down}}, MERGE).checked()
    wait_for_past(client, namespace, "unhealthy.v1.0.0", "Failed", "ComponentUnhealthy")


def test_an_operator_that_does_not_want_to_be_upgraded_is_visible_in_the_api(site: OlmSite, client: Client, namespace: str) -> None:
    installed(client, namespace, "unready")
    path = f"/apis/operators.coreos.com/v2/namespaces/{namespace}/operatorconditions/unready.v1.0.0"
    said = {
        "type": "Upgradeable",
        "status": "False",
        "reason": "Busy",
        "message": "a migration is on",
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }
    client.request("PATCH", path, {"spec": {"conditions": [said]}}, MERGE).checked()
    wait_until("OLM has taken it over", lambda: condition(client.get(path), "Upgradeable") == "False")
    first = subscription_in(client, namespace, "unready")["status"]["installPlanRef"]["name"]
    approve(client, plan_of(client, namespace, "unready", beyond=first))
    found = wait_for_csv(client, namespace, "unready.v2.0.0", "Pending", "OperatorConditionNotUpgradeable")
    assert "a migration is on" in found["status"]["message"]


def test_a_copied_version_is_told_by_its_label(site: OlmSite, client: Client, namespace: str) -> None:
    install(client, namespace, "copied", "copied.v1.0.0", source="demo")
    wait_until("default has a copy", lambda: phase_of(csv_in(client, "default", "copied.v1.0.0")) == ("Succeeded", "Copied"))
    originals = client.get(f"{V1ALPHA1}/clusterserviceversions?labelSelector=!olm.copiedFrom")["items"]
    assert [each["metadata"]["namespace"] for each in originals if each["metadata"]["name"] == "copied.v1.0.0"] == [namespace]


def test_what_is_deprecated_is_visible_in_the_api(site: OlmSite, client: Client, namespace: str) -> None:
    asked(site, namespace, "deprecated")
    approve(client, plan_of(client, namespace, "deprecated"))
    wait_for_csv(client, namespace, "deprecated.v1.0.0")
    for kind, words in (("PackageDeprecated", "it is no more"), ("ChannelDeprecated", "use next"), ("BundleDeprecated", "use 2.0.0")):
        wait_until(f"it says {kind}", lambda kind=kind: condition(subscription_in(client, namespace, "deprecated"), kind) == "True")
        assert words in said_of(subscription_in(client, namespace, "deprecated"), kind)["message"]


def test_no_catalog_at_all_is_visible_in_the_api(site: OlmSite, client: Client, namespace: str) -> None:
    for name in list(site.catalogs):
        site.withdraw(name)
    asked(site, namespace, "grouped")
    wait_for_condition(client, namespace, "grouped", "CatalogSourcesUnhealthy", "NoCatalogSourcesFound")
    site.publish("demo", CATALOG)
