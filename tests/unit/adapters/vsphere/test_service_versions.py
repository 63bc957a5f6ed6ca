# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The version of the API that a session speaks."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.service_versions import (
    best_version,
    managed_class,
    served_versions,
)


def document(newest: str, *prior: str, name: str = "urn:vim25") -> bytes:
    older = "".join(f"<version>{version}</version>" for version in prior)
    return (
        '<?xml version="1.0"?>\n<namespaces version="1.0">\n<namespace><name>urn:pbm</name><version>99.0</version></namespace>\n'
        f" <namespace>\n  <name>{name}</name>\n  <version>{newest}</version>\n  <priorVersions>{older}</priorVersions>\n"
        " </namespace>\n</namespaces>"
    ).encode()


@pytest.mark.parametrize(
    ("served", "spoken"),
    [
        (document("8.0.2.0", "8.0.1.0", "7.0"), "vim.version.v8_0_2_0"),
        (document("99.1.0.0", "99.0.0.0", "8.0.3.0", "6.5"), "vim.version.v8_0_3_0"),
        (document("99.1.0.0", "99.0.0.0"), "newest"),
        (document("8.0.2.7"), "vim.version.v8_0_2_0"),
        (document("1.0"), "vim.version.version11"),
        (b"<html>proxy</html>", "vim.version.version11"),
        (document("8.0.2.0", name="urn:other"), "vim.version.version11"),
        (document("not.a.version"), "vim.version.version11"),
        (b"", "vim.version.version11"),
    ],
    ids=[
        "both know",
        "server newer",
        "server much newer",
        "in between",
        "server too old",
        "a page",
        "other service",
        "no number",
        "nothing",
    ],
)
def test_version_spoken_is_one_that_both_sides_know(served: bytes, spoken: str) -> None:
    best = best_version(served)
    if spoken == "newest":
        assert best == best_version(document(best.removeprefix("vim.version.v").replace("_", ".")))
        assert best > "vim.version.v8"
    else:
        assert best == spoken


def test_versions_of_other_services_do_not_count() -> None:
    assert served_versions(document("8.0.2.0", "7.0")) == ["8.0.2.0", "7.0"]


def test_class_that_is_not_known_is_a_key_error() -> None:
    assert managed_class("DistributedVirtualPortgroup")._wsdlName == "DistributedVirtualPortgroup"
    with pytest.raises(KeyError):
        managed_class("Frobnicator")
