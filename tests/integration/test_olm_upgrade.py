# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Upgrades on the real OLM: along rehearsed hops alone, never past a stored version; removal without a remainder; mirrors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.catalog import rendered_catalog
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.rights import HOME

from tests.counterparts.cluster import crds_available, wait_until
from tests.counterparts.olm import OWN, Bundle, Catalog, Entry, OwnedCrd, Package, chain, package
from tests.counterparts.olm.objects import V1, V1ALPHA1
from tests.integration.olm_platform import CATALOG as SOURCE
from tests.integration.olm_platform import OlmPlatform, checks, olm_platform, told, wanted
from tests.integration.platform_site import WRITER, Json, may

STORED = "stored.example.com"
IMAGE = f"registry.example.com/mirrored@sha256:{'1' * 64}"


def mirror_sets(source: str) -> list[Json]:
    """Mirrors of everything from a source, by digest and by tag."""
    mirrors = [{"source": source, "mirrors": ["mirror.example.com"]}]
    kinds = (("ImageDigestMirrorSet", "imageDigestMirrors"), ("ImageTagMirrorSet", "imageTagMirrors"))
    return [
        {"apiVersion": "config.openshift.io/v1", "kind": kind, "metadata": {"name": "all"}, "spec": {key: mirrors}} for kind, key in kinds
    ]


def vanishing() -> Package:
    """Its second version drops the CRD version in which objects are stored."""
    old = Bundle("vanishing.v1.0.0", "1.0.0", (OWN,), (OwnedCrd("Stored", STORED, ("v1alpha1",)),))
    new = Bundle("vanishing.v2.0.0", "2.0.0", (OWN,), (OwnedCrd("Stored", STORED, ("v1",)),))
    return Package("vanishing", (old, new), {"stable": chain([old.name, new.name])})


def jumping() -> Package:
    """From 1.0.0 there is an edge to 1.1.0, and an earlier one in the channel to its head."""
    bundles = tuple(Bundle(f"jumping.v1.{minor}.0", f"1.{minor}.0", (OWN,)) for minor in range(3))
    entries = (Entry("jumping.v1.0.0"), Entry("jumping.v1.1.0", "jumping.v1.0.0"), Entry("jumping.v1.2.0", "jumping.v1.1.0", (), "<1.2.0"))
    return Package("jumping", bundles, {"stable": entries})


def mirrored() -> Package:
    bundle = Bundle("mirrored.v1.0.0", "1.0.0", (OWN,), related_images=(IMAGE,), max_openshift="4.21")
    return Package("mirrored", (bundle,), {"stable": chain([bundle.name])})


CATALOG = Catalog(
    (
        vanishing(),
        jumping(),
        mirrored(),
        package("hopping", ["1.0.0", "1.1.0", "1.2.0"], modes=(OWN,)),
        package("leaving", modes=(OWN,)),
        package("needed", modes=(OWN,)),
        package("staying", modes=(OWN,)),
        package("storing", modes=(OWN,)),
    )
)


@pytest.fixture(scope="module")
def platform(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OlmPlatform]:
    """A cluster with OLM, whose catalog is also there as `opm render` shows it."""
    if not crds_available():
        pytest.skip(f"no custom resource definitions in {shared}")
    with olm_platform(tmp_path_factory.mktemp("olm"), CATALOG) as found:
        found.rendered = {SOURCE: rendered_catalog(SOURCE, found.olm.catalog(SOURCE).rendered())}
        yield found


def installed(platform: OlmPlatform, name: str, version: str = "1.0.0") -> None:
    """Has the part install a version of a package."""
    found = platform.run(wanted(name, version, scope="own"))
    assert found.failure is None, found.failure.problems


def test_a_pin_behind_several_hops_is_refused_until_they_were_rehearsed_and_then_reached_by_them_alone(platform: OlmPlatform) -> None:
    installed(platform, "hopping")
    refused = platform.run(wanted("hopping", "1.2.0", scope="own"))
    assert "hopping.v1.1.0 → hopping.v1.2.0" in told(refused, "hops")
    assert platform.csv("hopping", "hopping.v1.0.0") == "Succeeded"
    rehearsed = wanted("hopping", "1.2.0", scope="own", upgrade={"rehearsed": ["hopping.v1.1.0"]})
    found = platform.run(rehearsed)
    assert found.failure is None, found.failure.problems
    assert platform.csv("hopping", "hopping.v1.2.0") == "Succeeded"
    brought = sorted(plan["spec"]["clusterServiceVersionNames"] for plan in platform.plans("hopping") if plan["spec"]["approved"])
    assert brought == [[f"hopping.v1.{minor}.0"] for minor in range(3)]
    again = platform.run(rehearsed)
    assert platform.site.last is not None and (platform.site.last.writes, again.failure) == (0, None)


def test_a_pin_that_olm_jumps_over_is_refused_with_the_way_that_olm_takes(platform: OlmPlatform) -> None:
    installed(platform, "jumping")
    found = platform.run(wanted("jumping", "1.1.0", scope="own"))
    assert "jumping.v1.2.0" in told(found, "path")
    assert platform.site.last is not None and platform.site.last.writes == 0


def test_an_upgrade_that_drops_a_stored_version_is_refused_and_olm_itself_would_not_get_through(platform: OlmPlatform) -> None:
    installed(platform, "vanishing")
    item = {"apiVersion": f"{STORED}/v1alpha1", "kind": "Stored", "metadata": {"name": "kept", "namespace": "vanishing"}}
    platform.client.apply([item])
    found = platform.run(wanted("vanishing", "2.0.0", scope="own"))
    said = told(found, "upgrade.stored_version")
    assert f"stored.{STORED}" in said or f"storeds.{STORED}" in said
    assert "v1alpha1" in said
    assert not [
        plan
        for plan in platform.plans("vanishing")
        if "vanishing.v2.0.0" in plan["spec"]["clusterServiceVersionNames"] and plan["spec"]["approved"]
    ]
    assert platform.csv("vanishing", "vanishing.v1.0.0") == "Succeeded"


def left_of(platform: OlmPlatform, name: str) -> list[str]:
    """What is still there of an operator in a namespace of its own name."""
    paths = [
        f"/api/v1/namespaces/{name}",
        f"{V1ALPHA1}/namespaces/{name}/subscriptions/{name}",
        f"{V1ALPHA1}/namespaces/{name}/clusterserviceversions/{name}.v1.0.0",
        f"{V1}/operators/{name}.{name}",
        f"/apis/apps/v1/namespaces/{name}/deployments/{name}",
    ]
    return [path for path in paths if platform.client.request("GET", path).status != 404]


def crds_of(platform: OlmPlatform, name: str) -> list[str]:
    """CRDs that bear the component label of an operator."""
    label = f"operators.coreos.com/{name}.{name}"
    found = platform.client.get(f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions?labelSelector={label}")["items"]
    return [item["metadata"]["name"] for item in found]


def lets_list(platform: OlmPlatform, name: str) -> None:
    """Lets the writer list the objects of an operator that the shipped rights do not know."""
    group, rbac = f"{name}.example.com", "rbac.authorization.k8s.io"
    subjects = [{"kind": "ServiceAccount", "name": WRITER, "namespace": HOME}]
    role = {"apiVersion": f"{rbac}/v1", "kind": "ClusterRole", "metadata": {"name": group}}
    binding = {"apiVersion": f"{rbac}/v1", "kind": "ClusterRoleBinding", "metadata": {"name": group}, "subjects": subjects}
    rules = [{"apiGroups": [group], "resources": ["*"], "verbs": ["list"]}]
    platform.client.apply([{**role, "rules": rules}, {**binding, "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": group}}])
    cluster, token = platform.site.cluster, platform.site.tokens[WRITER]
    wait_until("its objects may be listed", lambda: may(cluster, token, "list", group, f"{name}s"))


def held(platform: OlmPlatform, operator: Json, mode: str) -> tuple[str, str]:
    """Result and message of what holds a removal; nothing may have been written."""
    found = [each for each in platform.run(operator, mode=mode).findings if each.check == "platform.operators.removed.held"]
    assert len(found) == 1
    assert platform.site.last is not None and platform.site.last.writes == 0
    assert len(left_of(platform, str(operator["name"]))) == 5
    return found[0].result, found[0].message


def test_an_operator_is_removed_without_a_remainder_and_the_next_run_writes_nothing(platform: OlmPlatform) -> None:
    installed(platform, "leaving")
    assert len(left_of(platform, "leaving")) == 5
    assert crds_of(platform, "leaving")
    lets_list(platform, "leaving")
    gone: Json = wanted("leaving", state="absent", keep_crds=False)
    checked = platform.run(gone, mode="check")
    assert platform.site.last is not None and platform.site.last.writes == 0
    assert "removed" in checks(checked)
    assert "removed.held" not in checks(checked)
    found = platform.run(gone)
    assert found.failure is None, found.failure.problems
    wait_until("all is gone", lambda: (left_of(platform, "leaving"), crds_of(platform, "leaving")) == ([], []))
    again = platform.run(gone)
    assert again.failure is None, again.failure.problems
    assert platform.site.last.writes == 0


def test_nothing_of_an_operator_is_removed_while_objects_of_its_kinds_are_there_or_nobody_knows(platform: OlmPlatform) -> None:
    installed(platform, "needed")
    for mode in ("verify", "check", "apply"):
        result, message = held(platform, wanted("needed", state="absent"), mode)
        assert result == "not_evaluated"
        assert "neededs.needed.example.com" in message
    lets_list(platform, "needed")
    metadata = {"name": "kept", "namespace": "needed", "finalizers": ["needed.example.com/cleanup"]}
    item = {"apiVersion": "needed.example.com/v1", "kind": "Needed", "metadata": metadata}
    platform.client.apply([item])
    for mode in ("check", "apply"):
        for keep_crds in (True, False):
            result, message = held(platform, wanted("needed", state="absent", keep_crds=keep_crds), mode)
            assert result == "fail"
            assert "1 object of kind Needed (needed/kept) is still there: remove them first" in message


def test_a_namespace_with_data_stays_and_is_named_while_the_operator_goes(platform: OlmPlatform) -> None:
    installed(platform, "storing")
    lets_list(platform, "storing")
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data", "namespace": "storing"}, "spec": spec}
    platform.client.apply([claim])
    found = platform.run(wanted("storing", state="absent"))
    assert "namespace storing stays: it holds 1 object of kind PersistentVolumeClaim (storing/data)" in told(found, "removed.held")
    assert platform.csv("storing", "storing.v1.0.0") == ""
    assert platform.client.request("GET", "/api/v1/namespaces/storing").body["status"]["phase"] == "Active"


def test_an_operator_is_removed_and_its_crds_with_their_objects_are_kept_as_asked(platform: OlmPlatform) -> None:
    installed(platform, "staying")
    item = {"apiVersion": "staying.example.com/v1", "kind": "Staying", "metadata": {"name": "kept", "namespace": "staying"}}
    platform.client.apply([item])
    found = platform.run(wanted("staying", state="absent", keep_crds=True, keep_namespace=True))
    assert found.failure is None, found.failure.problems
    assert platform.csv("staying", "staying.v1.0.0") == ""
    assert platform.client.request("GET", "/api/v1/namespaces/staying").status == 200
    assert platform.client.request("GET", "/apis/staying.example.com/v1/namespaces/staying/stayings/kept").status == 200
    assert crds_of(platform, "staying")


def test_an_image_without_a_mirror_is_named_and_a_mirror_for_it_settles_that(platform: OlmPlatform) -> None:
    platform.client.apply(mirror_sets("registry.example.com/other"))
    mirrors: Json = {"mirrors": {"required": True, "images": []}}
    found = platform.run(wanted("mirrored", scope="own"), mode="verify", section=mirrors)
    assert IMAGE in " ".join(f"{each.subject} {each.message}" for each in found.findings if each.check.endswith(".mirror"))
    assert "mirror" in checks(found)
    platform.client.apply(mirror_sets("registry.example.com"))
    assert "mirror" not in checks(platform.run(wanted("mirrored", scope="own"), mode="verify", section=mirrors))
