# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked outside the cluster: nothing unless it is about identity, and break-glass by nothing but its own kubeconfig."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster_arguments import ClusterSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.outside import look_outside
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.request import PlatformRequest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.catalogue import Catalogue
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import DirectoryWanted, Identity
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import PlatformDesired
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.outside import Outside
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import PlatformSnapshot

CORP = DirectoryWanted(name="corp", kind="ldap", url="ldaps://ldap.example.com")


def request(folder: Path, *parts: str, kubeconfig: str = "") -> PlatformRequest:
    return PlatformRequest(
        run_dir=folder,
        run_id="run-1",
        host="hub",
        part=parts[0],
        parts=parts,
        dest=folder / "part.jsonl",
        mode="verify",
        desired=PlatformDesired(schema_version="1.0", identity=Identity(directories=(CORP,))),
        catalogue=Catalogue("1", "0" * 64),
        today="2026-11-22",
        break_glass=ClusterSettings({"kubeconfig": kubeconfig}) if kubeconfig else None,
    )


def test_nothing_is_asked_where_it_is_not_about_identity(tmp_path: Path) -> None:
    assert look_outside(request(tmp_path, "operators", kubeconfig="nowhere"), PlatformSnapshot({})) == Outside()


def test_a_directory_without_an_account_is_not_known_and_nobody_tried_break_glass(tmp_path: Path) -> None:
    seen = look_outside(request(tmp_path, "identity"), PlatformSnapshot({}))
    assert seen.logins.proof is None
    assert not seen.directories["corp"].known


def test_break_glass_is_not_proven_by_what_the_environment_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("K8S_AUTH_API_KEY", "somebody's")
    proof = look_outside(request(tmp_path, "identity", kubeconfig=str(tmp_path / "rescue")), PlatformSnapshot({})).logins.proof
    assert proof is not None
    assert not proof.proven
    assert "K8S_AUTH_API_KEY" in proof.reason
    assert "somebody" not in proof.reason


def test_a_kubeconfig_that_leads_nowhere_proves_nothing(tmp_path: Path) -> None:
    proof = look_outside(request(tmp_path, "identity", kubeconfig=str(tmp_path / "rescue")), PlatformSnapshot({})).logins.proof
    assert proof is not None
    assert not proof.proven
    assert proof.reason
