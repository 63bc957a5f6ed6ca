# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster that integration tests share, and what keeps them apart on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.counterparts.cluster import VIRTUALIZATION, Cluster, crds_available, shared_cluster, virtualization_nodes


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


@pytest.fixture
def namespace(api_cluster: Cluster) -> Iterator[str]:
    """A namespace of api_cluster for this test alone."""
    name = api_cluster.namespace()
    yield name
    api_cluster.delete_namespace(name)
