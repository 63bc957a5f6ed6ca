# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All directories of a document: each is read with its own account, and none that cannot be read ends the run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters import _libraries
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.directory import access as access_module
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.directory import reading
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.directory.access import DirectoryAccess
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import DirectoryWanted, GroupWanted, Identity

from tests.counterparts.cluster.certificates import make_certificates
from tests.unit.adapters.directory.servers import closed_port, dripping_server

LDAP = DirectoryWanted(name="corp", kind="ldap", url="ldaps://127.0.0.1:1", groups_base="ou=groups", users_base="ou=users")
SSO = DirectoryWanted(name="sso", kind="keycloak", url="https://127.0.0.1:1", realm="corp")
GROUPS = (GroupWanted(name="team-a", directory="corp"), GroupWanted(name="team-b", directory="sso"))


def test_each_directory_has_its_own_answer() -> None:
    wanted = Identity(
        directories=(replace(LDAP, url=f"ldaps://127.0.0.1:{closed_port()}"), SSO, replace(SSO, name="bare", realm="")), groups=GROUPS
    )
    access = DirectoryAccess(timeout_seconds=1)
    found = reading.read_directories(wanted, {"corp": access, "bare": access})
    assert "nothing listens there" in found["corp"].reason
    assert "no account for it" in found["sso"].reason
    assert "realm is needed" in found["bare"].reason
    assert {each.state for each in found.values()} == {"failed"}


@pytest.mark.parametrize(
    "url", ["ldaps://corp:port", "ldaps://corp:99999", "ldaps://corp:0", "ldaps://", "ldaps://[::1", "ldaps://a b:636"]
)
def test_url_that_leads_nowhere_is_told_and_ends_no_run(url: str) -> None:
    for directory in (replace(LDAP, url=url), replace(SSO, url=url.replace("ldaps", "https"))):
        found = reading.read_directories(Identity(directories=(directory,)), {directory.name: DirectoryAccess(timeout_seconds=1)})
        assert found[directory.name].reason == f"directory {directory.name}: url has no host and port that can be"


def test_library_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_libraries.LIBRARY_ERRORS, "ldap3", "it is not there")
    found = reading.read_directories(Identity(directories=(LDAP,)), {"corp": DirectoryAccess()})
    assert "pip install ldap3" in found["corp"].reason


def test_server_that_never_ends_its_answer_ends_no_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("cryptography", reason="cryptography is not installed")
    monkeypatch.setattr(access_module, "DEADLINES", 1)
    monkeypatch.setattr(reading, "_GRACE_SECONDS", 0.1)
    certificates = make_certificates(tmp_path)
    with dripping_server(certificates) as port:
        access = DirectoryAccess(username="reader", password="x" * 8, ca_path=str(certificates.ca), timeout_seconds=1)
        sso, corp = replace(SSO, url=f"https://127.0.0.1:{port}"), replace(LDAP, url=f"ldaps://127.0.0.1:{port}")
        found = reading.read_directories(Identity(directories=(sso, corp), groups=GROUPS), {"sso": access, "corp": access})
    assert found["sso"].reason == "directory sso: it was not read to the end within 1 s"
    assert {each.state for each in found.values()} == {"failed"}
    assert found["corp"].reason
