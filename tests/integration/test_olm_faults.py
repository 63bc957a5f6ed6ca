# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs that the real OLM cannot finish: each is named with its cause, long before the deadline. `-s` prints after how long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.stage import Clock

from tests.counterparts.cluster import condition, crds_available, wait_until
from tests.counterparts.olm import MARKETPLACE, OWN, UNREACHABLE, Bundle, Catalog, Package, chain
from tests.counterparts.olm.objects import V1ALPHA1, operator_group
from tests.integration.olm_platform import OlmPlatform, Watch, checks, olm_platform, told, wanted
from tests.integration.platform_site import MERGE, Json

NODE = "/api/v1/nodes/worker-0"
UNPACKING = f"/api/v1/namespaces/{MARKETPLACE}/pods?labelSelector=operatorframework.io/bundle-unpack-ref"
WAIT_MINUTES = 5.0


def single(name: str, **more: Any) -> Package:
    """A package with one bundle for its own namespace."""
    bundle = Bundle(f"{name}.v1.0.0", "1.0.0", **{"modes": (OWN,), **more})
    return Package(name, (bundle,), {"stable": chain([bundle.name])})


CATALOG = Catalog(
    (
        single("unsatisfied", needs_packages={"nowhere": ">=1.0.0"}),
        single("unpacked", unpacked_from=f"{UNREACHABLE}/bundles/unpacked@sha256:{'0' * 64}"),
        single("doubled"),
        single("unpulled", deployments={"unpulled": f"{UNREACHABLE}/operators/unpulled:1"}),
        single("sound"),
        single("later"),
    )
)


@dataclass
class Interfering:
    """Real time; at the first wait something happens."""

    happens: Callable[[], object]
    has_happened: bool = False
    _real: Clock = field(default_factory=Clock)

    def sleep(self, seconds: float) -> None:
        """Waits, after what happens."""
        if not self.has_happened:
            self.has_happened = True
            self.happens()
        self._real.sleep(seconds)

    @property
    def clock(self) -> Clock:
        """The clock that the stage gets."""
        return Clock(self._real.now, self.sleep)


@pytest.fixture(scope="module")
def platform(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OlmPlatform]:
    """A cluster with OLM and a catalog of packages that cannot be installed."""
    if not crds_available():
        pytest.skip(f"no custom resource definitions in {shared}")
    with olm_platform(tmp_path_factory.mktemp("olm"), CATALOG) as found:
        yield found


def subscription_of(platform: OlmPlatform, name: str) -> Json:
    """The Subscription of an operator as it is; empty while there is none."""
    answer = platform.client.request("GET", f"{V1ALPHA1}/namespaces/{name}/subscriptions/{name}")
    return answer.body if answer.status == 200 else {}


def waiting_reasons(platform: OlmPlatform, path: str) -> set[str]:
    """Why containers of pods wait."""
    statuses = [
        status
        for pod in platform.client.get(path)["items"]
        for kind in ("initContainerStatuses", "containerStatuses")
        for status in pod.get("status", {}).get(kind, ())
    ]
    return {status.get("state", {}).get("waiting", {}).get("reason", "") for status in statuses}


def named_after(platform: OlmPlatform, name: str, sign: Callable[[], bool], word: str, **wait: Any) -> str:
    """What is said of an operator that cannot be installed. The time from the sign to the end of the call is printed."""
    with Watch(sign) as watch:
        found = platform.run(wanted(name, scope="own", **wait.pop("operator", {})), wait_minutes=WAIT_MINUTES, **wait)
    print(f"\n{word}: named {watch.seconds_since():.1f} s after its sign was to be seen")
    assert found.failure is not None
    assert "ready" not in checks(found), "the deadline ended it"
    return told(found, word)


def test_a_dependency_that_nothing_satisfies_is_named(platform: OlmPlatform) -> None:
    def failed() -> bool:
        return condition(subscription_of(platform, "unsatisfied"), "ResolutionFailed") == "True"

    assert "nowhere" in named_after(platform, "unsatisfied", failed, "resolution")


def test_a_bundle_whose_image_cannot_be_pulled_is_named_before_olm_gives_up(platform: OlmPlatform) -> None:
    said = named_after(platform, "unpacked", lambda: "ImagePullBackOff" in waiting_reasons(platform, UNPACKING), "unpack.pull")
    assert UNREACHABLE in said
    assert condition(subscription_of(platform, "unpacked"), "BundleUnpackFailed") != "True"


def test_a_bundle_that_olm_gave_up_unpacking_is_named(platform: OlmPlatform) -> None:
    def given_up() -> bool:
        return condition(subscription_of(platform, "unpacked"), "BundleUnpackFailed") == "True"

    wait_until("OLM gives up", given_up)
    assert "DeadlineExceeded" in named_after(platform, "unpacked", given_up, "unpack.failed")


def test_a_second_group_that_somebody_makes_meanwhile_is_named(platform: OlmPlatform) -> None:
    def second() -> bool:
        answer = platform.client.request("GET", "/apis/operators.coreos.com/v1/namespaces/doubled/operatorgroups")
        return len(answer.body.get("items", ())) == 2

    platform.site.cluster.request("PATCH", NODE, {"spec": {"unschedulable": True}}, MERGE).checked()
    before = platform.site.operands
    platform.site.operands = Interfering(lambda: platform.client.apply([operator_group("doubled", ["doubled"], name="second")]))
    try:
        said = named_after(platform, "doubled", second, "group.second")
    finally:
        platform.site.operands = before
        platform.site.cluster.request("PATCH", NODE, {"spec": {"unschedulable": False}}, MERGE).checked()
    assert "second" in said


def test_a_catalog_that_is_killed_while_it_is_waited_for_is_named(platform: OlmPlatform) -> None:
    platform.olm.publish("fragile", Catalog((single("orphaned", unpacked_from=f"{UNREACHABLE}/bundles/orphaned@sha256:{'1' * 64}"),)))

    def gone() -> bool:
        return platform.olm.connection("fragile")["lastObservedState"] != "READY"

    # No node takes the pod that unpacks the bundle, so that it is waited for.
    platform.site.cluster.request("PATCH", NODE, {"spec": {"unschedulable": True}}, MERGE).checked()
    before = platform.site.operands
    platform.site.operands = Interfering(platform.olm.catalog("fragile").kill)
    try:
        said = named_after(platform, "orphaned", gone, "catalog.unhealthy", operator={"source": "fragile"})
    finally:
        platform.site.operands = before
        platform.site.cluster.request("PATCH", NODE, {"spec": {"unschedulable": False}}, MERGE).checked()
        platform.olm.withdraw("fragile")
    assert f"{MARKETPLACE}/fragile" in said


def test_a_catalog_that_is_back_within_seconds_refuses_nothing(platform: OlmPlatform) -> None:
    platform.olm.publish("returning", Catalog((single("returned"),)))
    before = str(platform.olm.connection("returning")["lastConnect"])
    catalog = platform.olm.catalog("returning")
    catalog.kill()
    wait_until("OLM sees it", lambda: platform.olm.connection("returning")["lastObservedState"] != "READY")

    def comes_back() -> None:
        catalog.start()
        platform.olm.connected("returning", since=before)

    real = platform.site.operands
    platform.site.operands = Interfering(comes_back)
    try:
        found = platform.run(wanted("returned", scope="own", source="returning"), mode="check")
    finally:
        platform.site.operands = real
        platform.olm.withdraw("returning")
    assert found.failure is None, found.failure.problems


def test_an_operator_whose_image_cannot_be_pulled_is_named(platform: OlmPlatform) -> None:
    def waits() -> bool:
        return "ImagePullBackOff" in waiting_reasons(platform, "/api/v1/namespaces/unpulled/pods")

    assert UNREACHABLE in named_after(platform, "unpulled", waits, "csv.install")


def test_one_operator_that_is_stuck_does_not_keep_others_from_being_installed(platform: OlmPlatform) -> None:
    stuck, sound = wanted("unsatisfied", scope="own"), wanted("sound", scope="own")
    after = wanted("later", scope="own", needs=["unsatisfied"])
    found = platform.run(stuck, sound, after, wait_minutes=WAIT_MINUTES)
    assert platform.csv("sound", "sound.v1.0.0") == "Succeeded"
    assert "resolution" in checks(found)
    assert any("it needs unsatisfied" in finding.message for finding in found.findings), [finding.message for finding in found.findings]
    assert platform.client.request("GET", "/api/v1/namespaces/later").status == 404
