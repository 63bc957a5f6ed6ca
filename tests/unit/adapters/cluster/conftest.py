# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the cluster's connection share."""

from __future__ import annotations

import importlib.util

import pytest


def libraries_missing() -> list[str]:
    """What is needed to read a cluster and cannot be imported."""
    return [name for name in ("kubernetes", "ansible_collections.kubernetes.core.plugins.module_utils.k8s.client") if not _is_there(name)]


def _is_there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


@pytest.fixture(autouse=True)
def _no_cluster_in_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """No test reaches the cluster of whoever runs it."""
    for name in ("HOST", "API_KEY", "KUBECONFIG", "CONTEXT", "USERNAME", "PASSWORD", "VERIFY_SSL", "VALIDATE_CERTS", "PROXY"):
        monkeypatch.delenv(f"K8S_AUTH_{name}", raising=False)
    for name in ("KUBERNETES_SERVICE_HOST", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path}/none")


@pytest.fixture(scope="session")
def kubernetes_core() -> None:
    """For tests of what kubernetes.core and its library do; they are skipped, and counted, where these are not installed."""
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
