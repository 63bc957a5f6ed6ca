# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operators part on the real OLM, with the shipped rights: documents by one line, and when a fault was first to be seen."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.request import PlatformResult
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.stage import Clock
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.rights import HOME

from tests.counterparts.cluster import PLATFORM, cluster, node, wait_until
from tests.counterparts.olm import OLM_USERS, Catalog, OlmSite, olm_site
from tests.integration.platform_site import READER, WRITER, Json, Site, files, may

CATALOG = "demo"
UNPACK_SECONDS = 20


@dataclass
class RealTime:
    """Waits as long as it takes."""

    @property
    def clock(self) -> Clock:
        """The clock that the stage gets."""
        return Clock()


@dataclass
class OlmPlatform:
    """A cluster with OLM, and the stage's accounts on it."""

    site: Site
    olm: OlmSite
    rendered: dict[str, Any] = field(default_factory=dict)

    @property
    def client(self) -> Any:
        """The administrator."""
        return self.site.cluster.client

    def run(
        self, *wanted: Json, mode: str = "apply", part: str = "operators", section: Json | None = None, **further: Any
    ) -> PlatformResult:
        """One call of the stage with these operators."""
        self.site.document = {"schema_version": "1.0", "operators": {"wanted": list(wanted), **(section or {})}}
        return self.site.run(part, mode, rendered=self.rendered, **further)

    def csv(self, namespace: str, name: str) -> str:
        """Phase of a CSV; empty where there is none."""
        path = f"/apis/operators.coreos.com/v1alpha1/namespaces/{namespace}/clusterserviceversions/{name}"
        answer = self.client.request("GET", path)
        return str((answer.body.get("status") or {}).get("phase", "")) if answer.status == 200 else ""

    def plans(self, namespace: str) -> list[Json]:
        """InstallPlans of a namespace."""
        found: list[Json] = self.client.get(f"/apis/operators.coreos.com/v1alpha1/namespaces/{namespace}/installplans")["items"]
        return found


def wanted(package: str, version: str = "1.0.0", *, namespace: str = "", **more: Any) -> Json:
    """An operator of the document, in a namespace that is called as its package unless it is given."""
    usual = {"name": package, "package": package, "namespace": namespace or package, "source": CATALOG, "channel": "stable"}
    return {**usual, "version": f"{package}.v{version}", **more}


def checks(result: PlatformResult) -> set[str]:
    """Checks that did not pass, without the stage's prefix."""
    return {finding.check.removeprefix("platform.operators.") for finding in result.findings if finding.failed}


def told(result: PlatformResult, word: str) -> str:
    """What a check that failed says."""
    found = [finding.message for finding in result.findings if finding.failed and finding.check == f"platform.operators.{word}"]
    assert found, (word, sorted(checks(result)))
    return " | ".join(found)


@contextmanager
def olm_platform(folder: Path, catalog: Catalog) -> Iterator[OlmPlatform]:
    """A cluster with OLM and a catalog `demo`; its accounts have the shipped rights, the writer those of removal too."""
    with (
        cluster(crds=PLATFORM, nodes=[node("worker-0")], users=OLM_USERS) as found,
        olm_site(found, {CATALOG: catalog}, unpack_timeout_seconds=UNPACK_SECONDS, plan_retry_seconds=5) as olm,
    ):
        found.client.create([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}}])
        tokens = {name: found.service_account(HOME, name) for name in (WRITER, READER)}
        found.apply(files("verify_role.yml", "apply_rights.yml", "removal_rights.yml"))
        wait_until("the rights are known", lambda: may(found, tokens[WRITER], "patch", "operators.coreos.com", "subscriptions"))
        wait_until("the rights are known", lambda: may(found, tokens[READER], "list", "", "nodes"))
        yield OlmPlatform(Site(found, tokens, folder, RealTime()), olm)


class Watch:
    """Looks five times a second whether a sign is to be seen, and keeps when it first was. For figures that are printed."""

    def __init__(self, sign: Callable[[], bool]) -> None:
        self._sign = sign
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.seen_at: float | None = None

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.2):
            if self._sign():
                self.seen_at = time.monotonic()
                return

    def seconds_since(self) -> float:
        """Time since the sign was first seen; it has to have been."""
        assert self.seen_at is not None, "the sign was never seen"
        return time.monotonic() - self.seen_at
