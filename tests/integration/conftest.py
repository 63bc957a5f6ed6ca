# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster that integration tests share, what keeps them apart on it, and the browser that shows reports."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.report.view import ReportView

from tests.counterparts.cluster import VIRTUALIZATION, Cluster, crds_available, shared_cluster, virtualization_nodes
from tests.counterparts.identity import KeycloakServer, shared_keycloak
from tests.unit.report import factory, html_reading

WHOLE_ESTATE = factory.make_view(240)


@pytest.fixture(scope="session")
def served_crds(shared: Path) -> tuple[str, ...]:
    """The API groups that api_cluster serves from the shared test data; tests that need them are skipped where it is absent."""
    if not crds_available():
        pytest.skip(f"no custom resource definitions in {shared}")
    return VIRTUALIZATION


@pytest.fixture(scope="session")
def api_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One cluster for the whole run, whichever worker a test runs in.

    Three workers; without the shared test data it has Kubernetes' own kinds alone. What a test makes belongs into its own
    namespace, and what has none takes the namespace's name into its own and goes again; a test that needs the cluster for itself
    starts one.
    """
    base = tmp_path_factory.getbasetemp()
    # Each worker has a folder of its own below that of the run.
    meeting = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    groups = VIRTUALIZATION if crds_available() else ()
    with shared_cluster(meeting / "api-cluster", name="shared", crds=groups, nodes=tuple(virtualization_nodes(3, gpus=4))) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def keycloak_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeycloakServer]:
    """One Keycloak for the whole run, whichever worker a test runs in; each test module has realms of its own."""
    base = tmp_path_factory.getbasetemp()
    with shared_keycloak((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "keycloak") as running:
        yield running


@pytest.fixture
def namespace(api_cluster: Cluster) -> Iterator[str]:
    """A namespace of api_cluster for this test alone."""
    name = api_cluster.namespace()
    yield name
    api_cluster.delete_namespace(name)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A running Chromium."""
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    from playwright.sync_api import sync_playwright

    from tests.benchmarks.browser_first_row import FLAGS
    from tests.tools.browser import find_browser

    path = find_browser()
    if path is None:
        pytest.skip("no Chromium in PATH, and READINESS_CHROMIUM is not set")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture
def open_report(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens a view's report, that of a whole estate by default.

    At the end no page may have written to the console, failed, asked for a file or shown a dialog.
    """
    trouble: list[str] = []
    pages = []

    def open_page(estate: ReportView = WHOLE_ESTATE, state: str = "", width: int = 1280, *, wait: bool = True, **options: Any) -> Any:
        path = tmp_path / "index.html"
        path.write_text(html_reading.render(estate), encoding="utf-8")
        page = browser.new_page(viewport={"width": width, "height": 900}, **options)
        pages.append(page)
        page.on("console", lambda message: trouble.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.on("dialog", lambda dialog: trouble.append(f"dialog: {dialog.message}"))
        page.on(
            "request",
            lambda request: None if request.url.startswith(("file:", "data:", "blob:")) else trouble.append(f"request: {request.url}"),
        )
        page.goto(path.as_uri() + state)
        if wait:
            page.wait_for_selector(".vm-row")
        return page

    yield open_page
    for page in pages:
        page.close()
    assert trouble == []
